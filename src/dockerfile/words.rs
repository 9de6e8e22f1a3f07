//! Words: the arguments in which `BuildKit` expands variables.
//!
//! A word is kept in one spelling, whatever quotes it was read with: no quotes, and an escape (`\`)
//! before `\`, `'`, `"` and each `$` that is no variable. Blanks stand as they are. This is what
//! `BuildKit`'s word expansion takes; the printer adds the quotes that each place needs.

use super::{
    invalid::Invalid,
    quoting::{self, Escape, Piece},
    split,
};

/// One argument of an instruction, with the variables in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(String);

impl Word {
    /// A word that arrives exactly as given: a `$` in it is a dollar sign.
    pub fn literal(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        let pieces = [Piece::Text(text.to_owned())];
        Ok(Self(quoting::spell(&pieces, Escape::Backslash)))
    }

    /// A word in which `$NAME` and `${NAME...}` are variables, `\$` is a dollar sign, and everything
    /// else arrives as given, quotes and backslashes too.
    pub fn template(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        let mut raw = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            let (before, from_dollar) = rest.split_at(dollar);
            if let Some(before) = before.strip_suffix('\\') {
                raw.push_str(&escaped(before));
                raw.push_str("\\$");
                rest = &from_dollar[1..];
                continue;
            }
            raw.push_str(&escaped(before));
            let starts_name =
                |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if let Some(braced) = from_dollar.strip_prefix("${") {
                if !starts_name(braced) {
                    return Err(super::invalid::WordError::Substitution.into());
                }
                let length = variable_length(from_dollar)?;
                raw.push_str(&from_dollar[..length]);
                rest = &from_dollar[length..];
            } else if starts_name(&from_dollar[1..]) {
                let length = 1 + quoting::name_length(&from_dollar[1..]);
                raw.push_str(&from_dollar[..length]);
                rest = &from_dollar[length..];
            } else {
                raw.push_str("\\$");
                rest = &from_dollar[1..];
            }
        }
        raw.push_str(&escaped(rest));
        Self::raw(&raw)
    }

    /// A word with the quotes, escapes and variables of a Dockerfile in it.
    pub fn raw(text: &str) -> Result<Self, Invalid> {
        Self::read(text, Escape::Backslash)
    }

    /// A word as it stands in a file with this escape character.
    pub(super) fn read(raw: &str, escape: Escape) -> Result<Self, Invalid> {
        check_line(raw)?;
        let pieces = quoting::pieces(raw, escape, Escape::Backslash)?;
        for piece in &pieces {
            if let Piece::Variable(variable) = piece
                && !split::is_one_word(variable)
                && !split::is_one_word(&format!("\"{variable}\""))
            {
                return Err(Invalid::Unspellable(variable.clone()));
            }
        }
        Ok(Self(quoting::spell(&pieces, Escape::Backslash)))
    }

    /// The word in its one spelling: no quotes, escapes where they must be.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names of the variables in it, in the order in which they stand.
    pub fn variables(&self) -> Vec<String> {
        quoting::variables(&self.0, Escape::Backslash)
    }

    /// The text that arrives, if no variable has a part in it.
    pub fn text(&self) -> Option<String> {
        match self.pieces(Escape::Backslash).as_slice() {
            [] => Some(String::new()),
            [Piece::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn pieces(&self, escape: Escape) -> Vec<Piece> {
        quoting::pieces(&self.0, Escape::Backslash, escape).unwrap_or_else(|_| {
            // A pattern that the other escape character cannot spell; it stays as it is.
            quoting::pieces(&self.0, Escape::Backslash, Escape::Backslash).unwrap_or_default()
        })
    }
}

/// The length of the `${...}` at the start of a text.
fn variable_length(text: &str) -> Result<usize, Invalid> {
    for (index, _) in text.match_indices('}') {
        if let Ok(pieces) = quoting::pieces(&text[..=index], Escape::Backslash, Escape::Backslash)
            && matches!(pieces.as_slice(), [Piece::Variable(_)])
        {
            return Ok(index + 1);
        }
    }
    match quoting::pieces(text, Escape::Backslash, Escape::Backslash) {
        Err(error) => Err(error.into()),
        Ok(_) => Err(super::invalid::WordError::Brace.into()),
    }
}

fn escaped(text: &str) -> String {
    quoting::spell(&[Piece::Text(text.to_owned())], Escape::Backslash)
}

/// Refuses what would end the line or the argument.
pub(super) fn check_line(text: &str) -> Result<(), Invalid> {
    if text.contains('\n') {
        return Err(Invalid::Newline);
    }
    if text.contains('\0') {
        return Err(Invalid::Nul);
    }
    Ok(())
}

/// A word where the line is split at blanks before anything else: an image, a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(Word);

impl Token {
    /// A word without blanks that arrives exactly as given.
    pub fn literal(text: &str) -> Result<Self, Invalid> {
        Self::from_word(Word::literal(text)?)
    }

    /// A word without blanks in which `$NAME` and `${NAME...}` are variables.
    pub fn template(text: &str) -> Result<Self, Invalid> {
        Self::from_word(Word::template(text)?)
    }

    /// A word without blanks, with the quotes and escapes of a Dockerfile.
    pub fn raw(text: &str) -> Result<Self, Invalid> {
        Self::from_word(Word::raw(text)?)
    }

    pub(super) fn from_word(word: Word) -> Result<Self, Invalid> {
        if word.as_str().is_empty() {
            return Err(Invalid::Empty("a word"));
        }
        if word.as_str().contains(char::is_whitespace) {
            return Err(Invalid::Blank(word.0));
        }
        Ok(Self(word))
    }

    /// The word in it.
    pub fn word(&self) -> &Word {
        &self.0
    }

    /// The word in its one spelling: no quotes, escapes where they must be.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A word in a flag. `BuildKit` reads flags byte by byte, so that only ASCII arrives intact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlagWord(Word);

impl FlagWord {
    /// A flag's value that arrives exactly as given.
    pub fn literal(text: &str) -> Result<Self, Invalid> {
        Self::checked(Word::literal(text)?)
    }

    /// A flag's value in which `$NAME` and `${NAME...}` are variables.
    pub fn template(text: &str) -> Result<Self, Invalid> {
        Self::checked(Word::template(text)?)
    }

    /// A flag's value with the quotes and escapes of a Dockerfile.
    pub fn raw(text: &str) -> Result<Self, Invalid> {
        Self::checked(Word::raw(text)?)
    }

    fn checked(word: Word) -> Result<Self, Invalid> {
        if word.as_str().is_empty() {
            return Err(Invalid::Empty("a flag's value"));
        }
        if !word.as_str().is_ascii() {
            return Err(Invalid::NotAscii(word.0));
        }
        Ok(Self(word))
    }

    /// What a file has, ASCII or not; the parser says so beside it.
    pub(super) fn from_word(word: Word) -> Self {
        Self(word)
    }

    /// The word in it.
    pub fn word(&self) -> &Word {
        &self.0
    }

    /// The word in its one spelling: no quotes, escapes where they must be.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Text in a flag in which nothing is expanded: a stage's name behind `--from`, a pattern behind
/// `--exclude`, a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlagText(String);

impl FlagText {
    /// Text that arrives exactly as given.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        if text.is_empty() {
            return Err(Invalid::Empty("a flag's value"));
        }
        if !text.is_ascii() {
            return Err(Invalid::NotAscii(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// What a file has, ASCII or not; the parser says so beside it.
    pub(super) fn read(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
