//! How `BuildKit` splits the rest of a line into words, before any variable is expanded.

use std::ops::Range;

use super::quoting::Escape;

/// A word of a line: where it stands, and its spelling without an escape at the very end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Whether a character splits the arguments of most instructions: the blanks of ASCII, and no others.
pub(super) fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// Words at blanks alone; quotes mean nothing. An empty line has none.
pub(super) fn at_blanks(rest: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = 0;
    while !rest.is_empty() && at <= rest.len() {
        let end = rest[at..]
            .find(is_blank)
            .map_or(rest.len(), |found| at + found);
        parts.push(Part {
            range: at..end,
            text: rest[at..end].to_owned(),
        });
        if end == rest.len() {
            break;
        }
        let next = rest[end..].find(|character| !is_blank(character));
        at = next.map_or(rest.len(), |found| end + found);
    }
    parts
}

/// Words of `ENV`, `LABEL` and `ARG`: quotes keep blanks together and stay in the word.
pub(super) fn quoted(rest: &str, escape: Escape) -> Vec<Part> {
    let escape = escape.character();
    let mut parts = Vec::new();
    let mut quote: Option<char> = None;
    let mut start: Option<usize> = None;
    let mut text = String::new();
    let mut was_quoted = false;
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            if let Some(start) = start.take()
                && (was_quoted || !text.is_empty())
            {
                parts.push(Part {
                    range: start..at,
                    text: std::mem::take(&mut text),
                });
            }
            was_quoted = false;
            continue;
        }
        start.get_or_insert(at);
        match quote {
            None if matches!(character, '\'' | '"') => {
                quote = Some(character);
                was_quoted = true;
            }
            Some(open) if open == character => quote = None,
            _ => {}
        }
        // Nothing can be escaped between single quotes.
        if character == escape && quote != Some('\'') {
            let Some((_, escaped)) = characters.next() else {
                continue;
            };
            text.push(character);
            text.push(escaped);
        } else {
            text.push(character);
        }
    }
    if let Some(start) = start
        && (was_quoted || !text.is_empty())
    {
        parts.push(Part {
            range: start..rest.len(),
            text,
        });
    }
    parts
}

/// Whether a text stays one word, as it is, where quotes keep blanks together.
pub(super) fn is_one_word(text: &str) -> bool {
    matches!(quoted(text, Escape::Backslash).as_slice(), [part] if part.text == text)
}

/// Whether a text stays one word when another follows it: its quotes are closed.
pub(super) fn stands_alone(text: &str, escape: Escape) -> bool {
    let followed = format!("{text} x");
    matches!(quoted(&followed, escape).as_slice(), [part, _] if part.text == text)
}
