//! Why a text cannot be put into an instruction.

use std::fmt;

/// Why a text was refused: it could not arrive in the image as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// A line break, which would end the instruction.
    Newline,
    /// A NUL byte, which no argument and no path can hold.
    Nul,
    /// Nothing, where something must stand.
    Empty(&'static str),
    /// Blanks, where the line is split at blanks and nothing keeps them together.
    Blank(String),
    /// Characters outside ASCII in a flag, which `BuildKit` reads byte by byte.
    NotAscii(String),
    /// A character that this kind of text cannot hold.
    Character {
        /// What was to be built.
        of: &'static str,
        /// The text that was given.
        text: String,
        /// The first character that does not fit.
        character: char,
    },
    /// A name of another form than the one asked for.
    Name {
        /// What was to be named.
        of: &'static str,
        /// The text that was given.
        text: String,
    },
    /// Quotes, escapes or a `$` that do not come out even.
    Word(WordError),
    /// A variable in a form that cannot be written in every place where a word may stand.
    Unspellable(String),
    /// Blanks at the start or the end of a text that loses them there.
    Edges(String),
    /// A command in shell form that would be read as a list in JSON.
    ReadsAsJson(String),
    /// A line that ends in `\` and would so go on in the next one.
    Continues(String),
    /// A line longer than the 65,535 bytes that `BuildKit` reads.
    LongLine(usize),
    /// A `<<` word, which would start a here-document.
    Heredoc(String),
    /// A here-document whose text holds the word that ends it.
    Terminator(String),
    /// An option that this type of mount does not have.
    MountOption {
        /// The type of the mount.
        kind: &'static str,
        /// The option that it does not have.
        option: &'static str,
    },
    /// A value that an option or a flag does not take.
    Value {
        /// The option or flag.
        of: &'static str,
        /// The value that was given.
        value: String,
    },
    /// An instruction that cannot stand behind `ONBUILD`.
    Trigger(&'static str),
}

/// What is wrong with the quotes, escapes and variables of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordError {
    /// A `'` without its partner.
    SingleQuote,
    /// A `"` without its partner.
    DoubleQuote,
    /// A `${` without `}`, or without the `/` that `${NAME/` needs.
    Brace,
    /// `${}`, `${{` or `${:`.
    Substitution,
    /// Something behind the name that is none of `BuildKit`'s modifiers.
    Modifier(String),
    /// A pattern in which `\` stands before an ordinary character.
    Pattern(String),
    /// Variables within variables, deeper than anyone writes them.
    Depth,
    /// A pattern that has no spelling with the other escape character.
    Untranslatable(String),
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newline => write!(out, "a line break cannot stand here"),
            Self::Nul => write!(out, "a NUL byte cannot stand here"),
            Self::Empty(of) => write!(out, "{of} cannot be empty"),
            Self::Blank(text) => write!(
                out,
                "`{text}` has blanks, and they cannot be kept together here"
            ),
            Self::NotAscii(text) => write!(
                out,
                "`{text}` is not ASCII, and flags do not keep other characters"
            ),
            Self::Character {
                of,
                text,
                character,
            } => {
                write!(out, "`{character}` cannot stand in {of} (`{text}`)")
            }
            Self::Name { of, text } => write!(out, "`{text}` cannot be {of}"),
            Self::Word(error) => error.fmt(out),
            Self::Unspellable(text) => write!(out, "`{text}` cannot be written as one word"),
            Self::Edges(text) => write!(out, "`{text}` would lose the blanks at its ends"),
            Self::ReadsAsJson(text) => write!(out, "`{text}` would be read as a list in JSON"),
            Self::Continues(text) => write!(
                out,
                "`{text}` ends in `\\` and would go on in the next line"
            ),
            Self::LongLine(length) => {
                write!(
                    out,
                    "a line of {length} bytes is longer than the 65535 that a builder reads"
                )
            }
            Self::Heredoc(word) => write!(out, "`{word}` would start a here-document"),
            Self::Terminator(name) => {
                write!(out, "the text holds the line `{name}` that would end it")
            }
            Self::MountOption { kind, option } => {
                write!(out, "a mount of type `{kind}` has no `{option}`")
            }
            Self::Value { of, value } => write!(out, "`{value}` is no value for `{of}`"),
            Self::Trigger(keyword) => write!(out, "`{keyword}` cannot stand behind `ONBUILD`"),
        }
    }
}

impl fmt::Display for WordError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SingleQuote => write!(out, "`'` is never closed"),
            Self::DoubleQuote => write!(out, "`\"` is never closed"),
            Self::Brace => write!(out, "`${{` is never closed"),
            Self::Substitution => write!(out, "`${{` wants the name of a variable"),
            Self::Modifier(found) => write!(out, "`{found}` is no modifier of a variable"),
            Self::Pattern(pattern) => write!(
                out,
                "`{pattern}` escapes a character that needs none in a pattern"
            ),
            Self::Depth => write!(out, "variables stand too deep within each other"),
            Self::Untranslatable(text) => {
                write!(
                    out,
                    "`{text}` can only be written with this escape character"
                )
            }
        }
    }
}

impl std::error::Error for Invalid {}
impl std::error::Error for WordError {}

impl From<WordError> for Invalid {
    fn from(error: WordError) -> Self {
        Self::Word(error)
    }
}
