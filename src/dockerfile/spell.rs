//! How the words of an instruction are spelled in each kind of place, and how long lines are broken.

use super::{
    MAX_LINE,
    quoting::{self, Escape, Piece},
    split,
    words::Word,
};

/// A flag's value, so that its characters stay together and mean nothing to the reading of the line as
/// shell words, which finds here-documents and knows no other escape than a backslash.
pub(super) fn spell_flag(value: &str, escape: Escape, escapes_dollars: bool) -> String {
    let mut flag = String::new();
    let mut is_escaped = escapes_dollars;
    for character in value.chars() {
        let is_dollar = character == '$' && is_escaped;
        is_escaped = escapes_dollars || character == escape.character();
        let is_special = matches!(character, '\'' | '"' | '\\') || character == escape.character();
        if !is_special && !is_dollar && !character.is_whitespace() {
            flag.push(character);
        } else if escape == Escape::Backslash || character == escape.character() {
            flag.push(escape.character());
            flag.push(character);
        } else {
            let quote = if matches!(character, '$' | '\\' | '"') {
                '\''
            } else {
                '"'
            };
            flag.extend([quote, character, quote]);
        }
    }
    flag
}

pub(super) fn needs_json(argument: &str) -> bool {
    argument.is_empty() || argument.contains(char::is_whitespace)
}

/// Fields of one record, quoted where they hold a comma or a quote.
pub(super) fn comma_separated(fields: &[String]) -> String {
    let quoted = fields.iter().map(|field| {
        if field.contains([',', '"']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(",")
}

/// A word where quotes keep blanks together: as it is if it is plain, else in double quotes.
pub(super) fn quoted(word: &Word, escape: Escape) -> String {
    let pieces = word.pieces(escape);
    let is_plain = |piece: &Piece| match piece {
        Piece::Text(text) => text.chars().all(is_plain_character),
        Piece::Variable(variable) => variable
            .chars()
            .all(|c| is_plain_character(c) || "${}?".contains(c)),
    };
    let bare = quoting::spell(&pieces, escape);
    if pieces.iter().all(is_plain) && !bare.is_empty() && !bare.starts_with("--") {
        return bare;
    }
    let mut text = "\"".to_owned();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(plain) => {
                for character in plain.chars() {
                    if matches!(character, '"' | '$') || character == escape.character() {
                        text.push(escape.character());
                    }
                    text.push(character);
                }
            }
            Piece::Variable(variable) if split::is_one_word(&format!("\"{variable}\"")) => {
                text.push_str(&quoting::separate(variable, pieces.get(index + 1)));
            }
            // A pattern with quotes of its own: outside of ours.
            Piece::Variable(variable) => {
                text.push('"');
                text.push_str(variable);
                text.push('"');
            }
        }
    }
    text.push('"');
    text
}

fn is_plain_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-./:@%+,=".contains(character)
}

/// Breaks lines that are longer than a builder reads.
pub(super) fn wrap(text: &str, escape: Escape) -> String {
    let mut wrapped = String::new();
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            wrapped.push('\n');
        }
        let mut rest = line;
        while rest.len() > MAX_LINE {
            let Some(at) = break_place(rest, escape) else {
                break;
            };
            wrapped.push_str(&rest[..at]);
            wrapped.push(escape.character());
            wrapped.push('\n');
            rest = &rest[at..];
        }
        wrapped.push_str(rest);
    }
    wrapped
}

/// The last place in the first part of a line where it can go on in the next one: not behind an
/// escape, and not before a blank or a `#`.
fn break_place(line: &str, escape: Escape) -> Option<usize> {
    let limit = line.floor_char_boundary(MAX_LINE - 1);
    line[..limit]
        .char_indices()
        .rev()
        .map(|(at, _)| at)
        .find(|&at| {
            let before = line[..at].chars().next_back();
            let after = line[at..].chars().next();
            before != Some(escape.character())
                && after.is_some_and(|c| c != '#' && !c.is_whitespace())
                && at > 0
        })
}
