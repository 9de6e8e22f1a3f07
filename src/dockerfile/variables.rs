//! What becomes of the variables, quotes and escapes in a word.
//!
//! [`Lexer`] expands a word as the word lexer of `BuildKit` does, with all the forms of `${NAME...}` that it knows, and says
//! which names the word uses on the way. [`Scope`] knows which value a name has at a place in a Dockerfile.

mod pattern;
mod reader;
mod scope;

use std::fmt;
use std::ops::Range;

use indexmap::IndexMap;

use super::invalid::WordError;
use super::quoting::Escape;

use reader::Reader;

pub use scope::{Lookup, Origin, PLATFORM_ARGS, PROXY_ARGS, Scope, Stage};

/// How much text the variables of one word may come to: more cannot be handed to any command on Linux. `BuildKit` has no
/// limit, and a few lines that each repeat the one before would fill any memory.
const LONGEST_TEXT: usize = 128 * 1024;

/// The values of variables.
pub trait Values {
    /// The value of a name, if it has one. An empty value is one.
    fn value(&self, name: &str) -> Option<&str>;
}

/// Nothing has a value.
impl Values for () {
    fn value(&self, _: &str) -> Option<&str> {
        None
    }
}

impl Values for IndexMap<String, String> {
    fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(String::as_str)
    }
}

/// The rules by which words are expanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lexer {
    /// The character that takes the meaning from the next one.
    escape: Escape,
    /// Quotes mean nothing.
    plain_quotes: bool,
}

/// A word as it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// The text.
    pub text: String,
    /// The text split at blanks that are not quoted, as `EXPOSE` splits it.
    pub words: Vec<String>,
    /// The variables that it uses, in their order.
    pub uses: Vec<Use>,
}

/// A variable in a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its name: letters, digits and `_`; all digits; or one of the shell's signs, such as `@`.
    pub name: String,
    /// Where it stands in the word, from `$` to the end.
    pub range: Range<usize>,
    /// What is done with its value.
    pub form: Form,
    /// Whether it had a value.
    pub set: bool,
}

/// What a word does with the value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// `$NAME`, `${NAME}`: takes it.
    Plain,
    /// `${NAME-word}`: takes the word where there is none.
    Default {
        /// The word, expanded.
        word: String,
        /// With a colon, an empty value is none.
        colon: bool,
    },
    /// `${NAME+word}`: takes the word where there is one, else nothing.
    Alternate {
        /// The word, expanded.
        word: String,
        /// With a colon, an empty value is none.
        colon: bool,
    },
    /// `${NAME?word}`: fails where there is none.
    Required {
        /// The word, expanded, which says why.
        word: String,
        /// With a colon, an empty value is none.
        colon: bool,
    },
    /// `${NAME#pattern}`, `##`, `%`, `%%`: takes it without what matches at its start or end.
    Trim,
    /// `${NAME/pattern/word}`, `//`: takes it with something else for what matches.
    Replace,
}

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandError {
    /// Its quotes, escapes or variables are wrong.
    Word(WordError),
    /// `${NAME?word}` without a value.
    Unset {
        /// The name.
        name: String,
        /// What the word says about it, possibly nothing.
        message: String,
    },
    /// `${NAME:?word}` with an empty value.
    Empty {
        /// The name.
        name: String,
        /// What the word says about it, possibly nothing.
        message: String,
    },
    /// The values come to more than a command could take.
    Long,
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, message, usual) = match self {
            Self::Word(error) => return error.fmt(f),
            Self::Long => return write!(f, "the values come to more than {LONGEST_TEXT} bytes"),
            Self::Unset { name, message } => (name, message, "is not allowed to be unset"),
            Self::Empty { name, message } => (name, message, "is not allowed to be empty"),
        };
        match &**message {
            "" => write!(f, "`{name}` {usual}"),
            message => write!(f, "`{name}`: {message}"),
        }
    }
}

impl std::error::Error for ExpandError {}

impl From<WordError> for ExpandError {
    fn from(error: WordError) -> Self {
        Self::Word(error)
    }
}

impl Lexer {
    /// The rules for the arguments of instructions.
    pub fn new(escape: Escape) -> Self {
        Self {
            escape,
            plain_quotes: false,
        }
    }

    /// The rules for the text of a here-document, in which quotes are text. Its escape is always a backslash.
    pub fn heredoc() -> Self {
        Self {
            escape: Escape::Backslash,
            plain_quotes: true,
        }
    }

    /// Expands a word (`ProcessWord` of `BuildKit`'s `shell.Lex`).
    pub fn expand(self, word: &str, values: &dyn Values) -> Result<Expansion, ExpandError> {
        self.run(word, values, false)
    }

    /// The variables that a word uses, whatever their values are, with the words that stand in for them. Variables
    /// within those words are empty there, and in the list themselves.
    pub fn uses(self, word: &str) -> Result<Vec<Use>, ExpandError> {
        Ok(self.run(word, &(), true)?.uses)
    }

    fn run(self, word: &str, values: &dyn Values, lenient: bool) -> Result<Expansion, ExpandError> {
        let mut reader = Reader::new(self, word, values, lenient);
        let (text, words) = reader.whole()?;
        let mut uses = reader.uses;
        uses.sort_by_key(|used| used.range.start);
        Ok(Expansion { text, words, uses })
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use proptest::prelude::{any, proptest};

    use super::super::quoting::Escape;
    use super::{Form, Lexer};

    /// The values that the tables below use; `u` has none.
    fn values() -> IndexMap<String, String> {
        let pairs = [
            ("x", "abc"),
            ("e", ""),
            ("p", "foo/bar/baz.txt"),
            ("s", "a  b"),
            ("star", "*"),
            ("A_1", "v"),
            ("é", "acute"),
            ("1", "one"),
            ("12", "twelve"),
            ("@", "at"),
            ("n", "a\nb"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        pairs.into_iter().map(owned).collect()
    }

    fn expanded(lexer: Lexer, word: &str) -> String {
        match lexer.expand(word, &values()) {
            Ok(expansion) => expansion.text,
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn expands_as_the_engine_does() {
        for (word, text) in [
            ("", ""),
            ("a b", "a b"),
            // Names.
            ("$x", "abc"),
            ("${x}", "abc"),
            ("$x.$x", "abc.abc"),
            ("$xy", ""),
            ("${x}y", "abcy"),
            ("$u", ""),
            ("$A_1-", "v-"),
            ("$é!", "acute!"),
            ("$1a", "onea"),
            ("$12", "twelve"),
            ("$@x", "atx"),
            ("${@}", "at"),
            ("$", "$"),
            ("$ x", "$ x"),
            ("$.", "$."),
            ("$$x", "x"),
            ("$(x)", "$(x)"),
            // Quotes and escapes.
            ("'$x'", "$x"),
            ("'\\'a", "\\a"),
            ("\"$x\"", "abc"),
            ("\"'$x'\"", "'abc'"),
            ("\"\\$x \\\" \\\\ \\a\"", "$x \" \\ \\a"),
            ("a\"b\"'c'", "abc"),
            ("\\$x", "$x"),
            ("\\a\\'\\\\", "a'\\"),
            ("a\\", "a"),
            ("\u{feff}a\u{feff}", "a\u{feff}"),
            // Words that stand in.
            ("${u:-d}", "d"),
            ("${u-d}", "d"),
            ("${e:-d}", "d"),
            ("${e-d}", ""),
            ("${x:-d}", "abc"),
            ("${x:+d}", "d"),
            ("${e:+d}", ""),
            ("${e+d}", "d"),
            ("${u+d}", ""),
            ("${u:-$x}", "abc"),
            ("${u:-${u:-'}'}}", "}"),
            ("${u:-\"}\"\\}}", "}}"),
            ("${u:-a b}", "a b"),
            ("${x:?no}", "abc"),
            ("${e?no}", ""),
            ("${u?}", "error: `u` is not allowed to be unset"),
            ("${u:?set $x}", "error: `u`: set abc"),
            ("${e:?}", "error: `e` is not allowed to be empty"),
            // Patterns.
            ("${p#*/}", "bar/baz.txt"),
            ("${p##*/}", "baz.txt"),
            ("${p%/*}", "foo/bar"),
            ("${p%%/*}", "foo"),
            ("${p#foo}", "/bar/baz.txt"),
            ("${p#oo}", "foo/bar/baz.txt"),
            ("${p%.???}", "foo/bar/baz"),
            ("${p%.tx}", "foo/bar/baz.txt"),
            ("${p#\\*}", "foo/bar/baz.txt"),
            ("${star#\\*}", ""),
            ("${p#$star/}", "bar/baz.txt"),
            ("${x#[ab]}", "abc"),
            ("${x#?}", "bc"),
            ("${x%%*}", ""),
            ("${x%*}", "abc"),
            ("${n##*}", "\nb"),
            ("${u#*}", ""),
            ("${p/bar/x}", "foo/x/baz.txt"),
            ("${p//\\//-}", "foo-bar-baz.txt"),
            ("${p/\\//-}", "foo-bar/baz.txt"),
            ("${p/o*a/x}", "fxz.txt"),
            ("${p//?/x}", "xxxxxxxxxxxxxxx"),
            ("${x//b/}", "ac"),
            ("${x//b/\"}\"}", "a}c"),
            ("${x///-}", "-a-b-c-"),
            ("${x//b*/-}", "a-"),
            ("${x//b/'[$0]'}", "a[b]c"),
            ("${x//b/'$$$1'}", "a$c"),
            ("${x/b/'$0'}", "a$0c"),
            (
                "${x#\\a}",
                "error: `\\a` escapes a character that needs none in a pattern",
            ),
            // Mistakes.
            ("'a", "error: `'` is never closed"),
            ("\"a", "error: `\"` is never closed"),
            ("${x", "error: `${` is never closed"),
            ("${", "error: `${` is never closed"),
            ("${x:-a", "error: `${` is never closed"),
            ("${x:-'}", "error: `${` is never closed"),
            ("${x/a}", "error: `${` is never closed"),
            ("${}", "error: `${` wants the name of a variable"),
            ("${{x}}", "error: `${` wants the name of a variable"),
            ("${:x}", "error: `${` wants the name of a variable"),
            ("${x=a}", "error: `=` is no modifier of a variable"),
            ("${x:=a}", "error: `:=` is no modifier of a variable"),
            ("${x:#a}", "error: `:#` is no modifier of a variable"),
            ("${x^}", "error: `^` is no modifier of a variable"),
            ("${#x}", "error: `x` is no modifier of a variable"),
            ("${1a}", "error: `a` is no modifier of a variable"),
        ] {
            assert_eq!(
                expanded(Lexer::new(Escape::Backslash), word),
                text,
                "{word}"
            );
        }
    }

    #[test]
    fn has_other_rules_for_other_places() {
        for (word, text) in [("`$x\\", "$x\\"), ("\"`\"\"", "\""), ("C:\\$x", "C:\\abc")] {
            assert_eq!(expanded(Lexer::new(Escape::Backtick), word), text, "{word}");
        }
        for (word, text) in [("'$x' \"\\$x\"", "'abc' \"$x\""), ("`$x`", "`abc`")] {
            assert_eq!(expanded(Lexer::heredoc(), word), text, "{word}");
        }
    }

    #[test]
    fn splits_words_as_the_engine_does() {
        for (word, words) in [
            ("80 81/tcp", &["80", "81/tcp"][..]),
            (" $s ", &["a", "b"]),
            ("\"$s\"", &["a  b"]),
            ("a\\ b", &["a b"]),
            ("'' a", &["a"]),
            ("a<< b", &["a<< b"]),
            ("", &[]),
            // The engine loses what stands before a nested word.
            ("a${u:-b}", &["b"]),
        ] {
            let expansion = Lexer::default().expand(word, &values()).unwrap();
            assert_eq!(expansion.words, words, "{word}");
        }
    }

    #[test]
    fn says_what_a_word_uses() {
        let word = "a$x-${y:-b$z}${v?}'$no'\\$no";
        let uses = Lexer::default().uses(word).unwrap();
        let found: Vec<(&str, &str)> = uses
            .iter()
            .map(|used| (&*used.name, &word[used.range.clone()]))
            .collect();
        let wanted = [("x", "$x"), ("y", "${y:-b$z}"), ("z", "$z"), ("v", "${v?}")];
        assert_eq!(found, wanted);
        let (word, colon) = ("b".to_owned(), true);
        assert_eq!(uses[1].form, Form::Default { word, colon });
        assert!(Lexer::default().uses("${x#\\a}").is_ok());
    }

    #[test]
    fn stops_before_it_fills_the_memory() {
        let deep = |depth: usize| "${u:-".repeat(depth) + "a" + &"}".repeat(depth);
        assert_eq!(expanded(Lexer::default(), &deep(64)), "a");
        let error = "error: variables stand too deep within each other";
        assert_eq!(expanded(Lexer::default(), &deep(65)), error);
        assert_eq!(expanded(Lexer::default(), &deep(100_000)), error);
        let error = "error: the values come to more than 131072 bytes";
        assert_eq!(expanded(Lexer::default(), &"$p".repeat(10_000)), error);
        let word = format!("${{p//?/{}}}", "x".repeat(10_000));
        assert_eq!(expanded(Lexer::default(), &word), error);
    }

    proptest! {
        #[test]
        fn survives_any_word(word: String, tick in any::<bool>()) {
            let escape = if tick { Escape::Backtick } else { Escape::Backslash };
            let _ = Lexer::new(escape).expand(&word, &values());
            let _ = Lexer::heredoc().expand(&word, &values());
        }

        #[test]
        fn survives_any_signs(word in "([$]|[$][{]|[}'\"`/#%*?:+-]|\\\\|[xepu]| |<){0,24}") {
            let lexer = Lexer::default();
            if let Ok(expansion) = lexer.expand(&word, &values()) {
                let names = |uses: &[super::Use]| -> Vec<String> {
                    uses.iter().map(|used| used.name.clone()).collect()
                };
                assert_eq!(names(&expansion.uses), names(&lexer.uses(&word).unwrap()));
            }
        }
    }
}
