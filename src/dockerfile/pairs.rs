//! `ARG`, `ENV` and `LABEL`: names and what they are set to.

use super::{invalid::Invalid, words::Word};

/// The name of a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvName(Word);

impl EnvName {
    /// A name of letters, digits and `_` that does not start with a digit.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        let is_rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || name.starts_with(|c: char| c.is_ascii_digit())
            || !name.chars().all(is_rest)
        {
            return Err(Invalid::Name {
                of: "the name of a variable",
                text: name.to_owned(),
            });
        }
        Word::literal(name).map(Self)
    }

    /// What a file has: anything without `=`, variables too.
    pub(super) fn read(word: Word) -> Self {
        Self(word)
    }

    /// The name, with the escapes and variables that a file may have put in it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The word in it.
    pub fn word(&self) -> &Word {
        &self.0
    }
}

/// The name of a label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelName(Word);

impl LabelName {
    /// A name that arrives exactly as given. It has no `=`.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        if name.is_empty() {
            return Err(Invalid::Empty("the name of a label"));
        }
        if name.contains('=') {
            return Err(Invalid::Character {
                of: "the name of a label",
                text: name.to_owned(),
                character: '=',
            });
        }
        Word::literal(name).map(Self)
    }

    /// What a file has: anything without `=`, variables too.
    pub(super) fn read(word: Word) -> Self {
        Self(word)
    }

    /// The name, with the escapes and variables that a file may have put in it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The word in it.
    pub fn word(&self) -> &Word {
        &self.0
    }
}

/// A type around a list that is never empty.
macro_rules! never_empty {
    ($(#[$comment:meta])* $name:ident, $item:ty, $what:literal) => {
        $(#[$comment])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Vec<$item>);

        impl $name {
            /// All of them, in their order; at least one.
            pub fn new(list: Vec<$item>) -> Result<Self, Invalid> {
                if list.is_empty() {
                    return Err(Invalid::Empty($what));
                }
                Ok(Self(list))
            }

            /// All of them, in their order.
            pub fn as_slice(&self) -> &[$item] {
                &self.0
            }
        }
    };
}

never_empty!(
    /// `ARG name[=value] ...`.
    Arg,
    (EnvName, Option<Word>),
    "`ARG`"
);
never_empty!(
    /// `ENV name=value ...`; the form without `=` is read as one pair.
    Env,
    (EnvName, Word),
    "`ENV`"
);
never_empty!(
    /// `LABEL name=value ...`; the form without `=` is read as one pair.
    Label,
    (LabelName, Word),
    "`LABEL`"
);
