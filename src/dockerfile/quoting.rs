//! Quotes, escapes and variables, as `BuildKit`'s word expansion reads them.
//!
//! The expansion itself is not done here: a word is taken apart into plain text and variables, so
//! that it can be spelled again in another place with other rules.

use super::invalid::WordError;

/// The character that escapes others and joins lines: `\`, or what a `# escape=` line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Escape {
    /// `\`, the default.
    #[default]
    Backslash,
    /// A backtick, for files that write Windows paths.
    Backtick,
}

impl Escape {
    /// The character itself.
    pub fn character(self) -> char {
        match self {
            Self::Backslash => '\\',
            Self::Backtick => '`',
        }
    }
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Characters that arrive as they stand here.
    Text(String),
    /// `$NAME` or `${NAME...}`, spelled with the escape character that was asked for.
    Variable(String),
}

/// How deep variables may stand within variables.
const MAX_DEPTH: usize = 64;

/// The mark that some editors put first in a file; the expansion drops it at the start of a word.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Takes a word apart. `spelled` is the escape character of `raw`, `wanted` that of the result.
pub(super) fn pieces(raw: &str, spelled: Escape, wanted: Escape) -> Result<Vec<Piece>, WordError> {
    Ok(read(raw, spelled, wanted)?.0)
}

/// The names of the variables in a word, in the order in which they stand; each may come again.
pub(super) fn variables(raw: &str, spelled: Escape) -> Vec<String> {
    read(raw, spelled, spelled)
        .map(|read| read.1)
        .unwrap_or_default()
}

fn read(
    raw: &str,
    spelled: Escape,
    wanted: Escape,
) -> Result<(Vec<Piece>, Vec<String>), WordError> {
    let mut reader = Reader {
        text: raw.strip_prefix(BYTE_ORDER_MARK).unwrap_or(raw),
        at: 0,
        depth: 0,
        spelled,
        wanted,
        names: Vec::new(),
    };
    let pieces = reader.until(None, false)?;
    Ok((pieces, reader.names))
}

/// Puts pieces together without quotes: escapes stand where they must and nowhere else.
pub(super) fn spell(pieces: &[Piece], escape: Escape) -> String {
    spell_until(pieces, escape, None)
}

fn spell_until(pieces: &[Piece], escape: Escape, stop: Option<char>) -> String {
    let mut raw = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                for character in text.chars() {
                    let leading_mark =
                        character == BYTE_ORDER_MARK && raw.is_empty() && stop.is_none();
                    if is_special(character, escape) || Some(character) == stop || leading_mark {
                        raw.push(escape.character());
                    }
                    raw.push(character);
                }
            }
            Piece::Variable(variable) => raw.push_str(&separate(variable, pieces.get(index + 1))),
        }
    }
    raw
}

/// `$NAME` as it must be spelled before what follows: `${NAME}` where the name would grow.
pub(super) fn separate(variable: &str, next: Option<&Piece>) -> String {
    let grows = match next {
        Some(Piece::Text(text)) => text.chars().next().is_some_and(is_name_character),
        _ => false,
    };
    match variable.strip_prefix('$') {
        Some(name) if grows && !name.starts_with('{') => format!("${{{name}}}"),
        _ => variable.to_owned(),
    }
}

/// Whether a character means something in a word unless it is escaped.
pub(super) fn is_special(character: char, escape: Escape) -> bool {
    matches!(character, '\'' | '"' | '$') || character == escape.character()
}

fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The shell's special parameters, which `BuildKit` takes for names of one character.
fn is_special_parameter(character: char) -> bool {
    matches!(character, '@' | '*' | '#' | '?' | '-' | '$' | '!' | '0')
}

/// Reads the name of a variable from the start of a text and returns its length in bytes.
pub(super) fn name_length(text: &str) -> usize {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if first.is_numeric() => text
            .find(|character: char| !character.is_numeric())
            .unwrap_or(text.len()),
        Some(first) if is_special_parameter(first) => first.len_utf8(),
        _ => text
            .find(|character: char| !is_name_character(character))
            .unwrap_or(text.len()),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    spelled: Escape,
    wanted: Escape,
    names: Vec<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Reads up to a character that ends this part, or to the end. Patterns keep their escapes.
    fn until(&mut self, stop: Option<char>, pattern: bool) -> Result<Vec<Piece>, WordError> {
        let mut pieces = Vec::new();
        while let Some(character) = self.peek() {
            if Some(character) == stop {
                self.next();
                return Ok(pieces);
            }
            match character {
                '\'' => self.single_quoted(&mut pieces)?,
                '"' => self.double_quoted(&mut pieces, pattern)?,
                '$' => {
                    let piece = self.dollar()?;
                    push(&mut pieces, piece);
                }
                _ => {
                    self.next();
                    if character == self.spelled.character() {
                        if pattern {
                            push_text(&mut pieces, character);
                        }
                        let Some(escaped) = self.next() else { break };
                        push_text(&mut pieces, escaped);
                    } else {
                        push_text(&mut pieces, character);
                    }
                }
            }
        }
        match stop {
            Some(_) => Err(WordError::Brace),
            None => Ok(pieces),
        }
    }

    fn single_quoted(&mut self, pieces: &mut Vec<Piece>) -> Result<(), WordError> {
        self.next();
        loop {
            match self.next() {
                None => return Err(WordError::SingleQuote),
                Some('\'') => return Ok(()),
                Some(character) => push_text(pieces, character),
            }
        }
    }

    fn double_quoted(&mut self, pieces: &mut Vec<Piece>, pattern: bool) -> Result<(), WordError> {
        self.next();
        let escape = self.spelled.character();
        loop {
            match self.peek() {
                None => return Err(WordError::DoubleQuote),
                Some('"') => {
                    self.next();
                    return Ok(());
                }
                Some('$') => {
                    let piece = self.dollar()?;
                    push(pieces, piece);
                }
                Some(mut character) => {
                    self.next();
                    if character == escape {
                        if pattern {
                            push_text(pieces, character);
                        }
                        match self.peek() {
                            None => return Err(WordError::DoubleQuote),
                            Some(escaped) if matches!(escaped, '"' | '$') || escaped == escape => {
                                self.next();
                                character = escaped;
                            }
                            Some(_) => {}
                        }
                    }
                    push_text(pieces, character);
                }
            }
        }
    }

    fn dollar(&mut self) -> Result<Piece, WordError> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            return Ok(match self.name() {
                "" => Piece::Text("$".to_owned()),
                _ => Piece::Variable(self.text[start..self.at].to_owned()),
            });
        }
        self.next();
        match self.peek() {
            None => return Err(WordError::Brace),
            Some('{' | '}' | ':') => return Err(WordError::Substitution),
            Some(_) => {}
        }
        self.name();
        let head = start..self.at;
        match self.next() {
            None => Err(WordError::Brace),
            Some('}') => Ok(Piece::Variable(self.text[start..self.at].to_owned())),
            Some(':') => match self.next() {
                None => Err(WordError::Brace),
                Some(modifier @ ('+' | '-' | '?')) => {
                    self.alternative(head, &format!(":{modifier}"))
                }
                Some(other) => Err(WordError::Modifier(format!(":{other}"))),
            },
            Some(modifier @ ('+' | '-' | '?')) => self.alternative(head, &modifier.to_string()),
            Some('#' | '%') => self.patterns(start, &['}']),
            Some('/') => {
                if self.peek() == Some('/') {
                    self.next();
                }
                self.patterns(start, &['/', '}'])
            }
            Some(other) => Err(WordError::Modifier(other.to_string())),
        }
    }

    fn name(&mut self) -> &str {
        let start = self.at;
        self.at += name_length(&self.text[start..]);
        let name = &self.text[start..self.at];
        if !name.is_empty() {
            self.names.push(name.to_owned());
        }
        name
    }

    /// `${NAME:-word}` and its kin: the word within is spelled anew.
    fn alternative(
        &mut self,
        head: std::ops::Range<usize>,
        modifier: &str,
    ) -> Result<Piece, WordError> {
        let word = self.deeper(|reader| reader.until(Some('}'), false))?;
        let head = &self.text[head];
        let word = spell_until(&word, self.wanted, Some('}'));
        Ok(Piece::Variable(format!("{head}{modifier}{word}}}")))
    }

    /// `${NAME#pattern}` and its kin: patterns have escapes of their own and stay as they stand.
    fn patterns(&mut self, start: usize, stops: &[char]) -> Result<Piece, WordError> {
        for (index, stop) in stops.iter().enumerate() {
            let pattern = self.deeper(|reader| reader.until(Some(*stop), true))?;
            if index == 0 {
                check_pattern(&pattern)?;
            }
        }
        let whole = &self.text[start..self.at];
        if self.spelled != self.wanted && whole.contains(['\\', '`', '\'', '"']) {
            return Err(WordError::Untranslatable(whole.to_owned()));
        }
        Ok(Piece::Variable(whole.to_owned()))
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, WordError>,
    ) -> Result<T, WordError> {
        if self.depth == MAX_DEPTH {
            return Err(WordError::Depth);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

/// In a pattern, `\` may stand before `*`, `?`, `\`, `}` and `/` alone.
fn check_pattern(pattern: &[Piece]) -> Result<(), WordError> {
    for (index, piece) in pattern.iter().enumerate() {
        let Piece::Text(text) = piece else { continue };
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            if character != '\\' {
                continue;
            }
            let fine = match characters.next() {
                Some(escaped) => matches!(escaped, '*' | '?' | '\\' | '}' | '/'),
                // What a variable puts here is not known.
                None => index + 1 < pattern.len(),
            };
            if !fine {
                return Err(WordError::Pattern(text.clone()));
            }
        }
    }
    Ok(())
}

fn push_text(pieces: &mut Vec<Piece>, character: char) {
    if let Some(Piece::Text(text)) = pieces.last_mut() {
        text.push(character);
    } else {
        pieces.push(Piece::Text(character.to_string()));
    }
}

fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match piece {
        Piece::Text(text) => text
            .chars()
            .for_each(|character| push_text(pieces, character)),
        variable @ Piece::Variable(_) => pieces.push(variable),
    }
}
