//! Patterns within `${...}`: `*` is any text, `?` any character, everything else stands for itself.

use super::super::regexp::{Node, Place, Regexp, runes};

/// The text without what matches at its start; as much of it as possible, or as little. `None` when the pattern
/// is wrong.
pub(super) fn trim_start(text: &str, pattern: &str, longest: bool) -> Option<String> {
    let mut nodes = read(pattern, longest)?;
    nodes.insert(0, Node::Place(Place::Start));
    let regexp = Regexp::new(&Node::Sequence(nodes))?;
    let found = regexp.find(&runes(text.as_bytes()), 0);
    let (_, end) = found.unwrap_or_default();
    Some(text.chars().skip(end).collect())
}

/// The text without what matches at its end. Text and pattern are turned around for it, since the shortest match
/// at an end is nothing that can be searched for.
pub(super) fn trim_end(text: &str, pattern: &str, longest: bool) -> Option<String> {
    let mut turned: Vec<char> = Vec::new();
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        turned.push(sign);
        if sign == '\\'
            && let Some(escaped) = signs.next()
        {
            let backslash = turned.len() - 1;
            turned.insert(backslash, escaped);
        }
    }
    let pattern: String = turned.into_iter().rev().collect();
    let text: String = text.chars().rev().collect();
    let trimmed = trim_start(&text, &pattern, longest)?;
    Some(trimmed.chars().rev().collect())
}

/// The text with a word in place of the first match, or of all. The longest match counts. Not much more is
/// put together than a caller would take.
pub(super) fn replace(text: &str, pattern: &str, word: &str, all: bool) -> Option<String> {
    let regexp = Regexp::new(&Node::Sequence(read(pattern, true)?))?;
    let text = runes(text.as_bytes());
    let text_of = |range: std::ops::Range<usize>| -> String {
        text[range]
            .iter()
            .filter_map(|rune| char::from_u32(*rune))
            .collect()
    };
    if !all {
        let Some((start, end)) = regexp.find(&text, 0) else {
            return Some(text_of(0..text.len()));
        };
        return Some(text_of(0..start) + word + &text_of(end..text.len()));
    }
    let mut replaced = String::new();
    let mut done = 0;
    let mut from = 0;
    while let Some((start, end)) = regexp.find(&text, from) {
        replaced.push_str(&text_of(done..start));
        // Nothing is put in for an empty match right behind another one.
        if end > done || start == 0 {
            replaced.push_str(&filled(word, &text_of(start..end)));
        }
        done = end;
        from = end.max(from + 1);
        if from > text.len() || replaced.len() > super::LONGEST_TEXT {
            break;
        }
    }
    replaced.push_str(&text_of(done..text.len()));
    Some(replaced)
}

/// Fills `$0` in a word with what was found, and any other `$name` with nothing: Go does so when it replaces all.
fn filled(word: &str, found: &str) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            text.push('$');
            rest = after;
            continue;
        }
        let braced = rest.strip_prefix('{');
        let inner = braced.unwrap_or(rest);
        let length = inner
            .find(|sign: char| !sign.is_alphanumeric() && sign != '_')
            .unwrap_or(inner.len());
        let (name, after) = inner.split_at(length);
        let after = match braced {
            Some(_) => after.strip_prefix('}'),
            None => Some(after),
        };
        match after {
            Some(after) if !name.is_empty() => {
                if name == "0" {
                    text.push_str(found);
                }
                rest = after;
            }
            _ => text.push('$'),
        }
    }
    text + rest
}

/// Takes a pattern apart. A backslash stands before `*`, `?` and itself; before `}` and `/` it is left from the word
/// around and means nothing; elsewhere it is a mistake.
fn read(pattern: &str, longest: bool) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    // The scanner of Go that reads the pattern drops a byte order mark.
    let pattern = pattern.strip_prefix('\u{feff}').unwrap_or(pattern);
    let mut signs = pattern.chars().peekable();
    while let Some(sign) = signs.next() {
        nodes.push(match sign {
            '*' => Node::Repeat(Box::new(Node::Dot), 0, None, longest),
            '?' => Node::Dot,
            '\\' if matches!(signs.peek(), Some('}' | '/')) => continue,
            '\\' => match signs.next() {
                Some(escaped @ ('*' | '?' | '\\')) => Node::Rune(escaped.into()),
                _ => return None,
            },
            _ => Node::Rune(sign.into()),
        });
    }
    Some(nodes)
}
