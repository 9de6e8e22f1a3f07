//! What reading an instruction needs: its parts, and a list of what is wrong with them.

use std::ops::Range;

use super::{
    flags::{self, Flag, FlagTable, Set},
    heredoc::Heredoc,
    instruction::KEYWORDS,
    invalid::{Invalid, WordError},
    json::{self, Reading},
    lex::Slice,
    mistake::MistakeKind,
    quoting::Escape,
    words::{FlagWord, Word},
};

/// A mistake at a place in the joined line.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) kind: MistakeKind,
    pub(super) refused: bool,
}

/// Nothing could be read, and the list of mistakes says why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told;

/// What could be read.
pub(super) type Read<T> = Result<T, Told>;

/// A line taken apart into its keyword, its flags and the rest.
pub(super) struct Command<'a> {
    pub(super) keyword: Slice<'a>,
    pub(super) flags: Vec<Flag>,
    pub(super) rest: Slice<'a>,
}

impl<'a> Command<'a> {
    pub(super) fn split(line: Slice<'a>, escape: Escape) -> Self {
        let line = line.trim();
        let (keyword, behind) = line.split_at_blanks();
        let (flags, rest) = flags::take(behind, escape);
        Self {
            keyword,
            flags,
            rest: rest.trim(),
        }
    }

    /// The keyword in capitals, if it is one.
    pub(super) fn known(&self) -> Option<&'static str> {
        KEYWORDS
            .into_iter()
            .find(|keyword| keyword.eq_ignore_ascii_case(self.keyword.text))
    }

    /// Whether `<<` words in the line start here-documents.
    pub(super) fn takes_heredocs(&self, escape: Escape) -> bool {
        match self.known() {
            Some("RUN" | "COPY" | "ADD") => {
                !matches!(json::strings(self.rest.text), Reading::Strings(_))
            }
            Some("ONBUILD") => {
                let trigger = Command::split(self.rest, escape);
                trigger.known() != Some("ONBUILD") && trigger.takes_heredocs(escape)
            }
            _ => false,
        }
    }
}

/// Reads the instruction of one joined line.
pub(super) struct Reader<'a> {
    pub(super) escape: Escape,
    pub(super) heredocs: &'a [Heredoc],
    pub(super) found: Vec<Found>,
    /// Whether the instruction stands behind `ONBUILD`, where builders look at little.
    pub(super) in_trigger: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(escape: Escape, heredocs: &'a [Heredoc]) -> Self {
        Self {
            escape,
            heredocs,
            found: Vec::new(),
            in_trigger: false,
        }
    }

    /// A mistake for which builders refuse an instruction, but not one behind `ONBUILD`.
    pub(super) fn mistake(&mut self, range: Range<usize>, kind: MistakeKind) -> Told {
        let refused = !self.in_trigger;
        self.tell(range, kind, refused)
    }

    /// A mistake for which builders refuse a line, behind `ONBUILD` too.
    pub(super) fn grammar(&mut self, range: Range<usize>, kind: MistakeKind) -> Told {
        self.tell(range, kind, true)
    }

    /// Something that builders let pass.
    pub(super) fn notice(&mut self, range: Range<usize>, kind: MistakeKind) -> Told {
        self.tell(range, kind, false)
    }

    fn tell(&mut self, range: Range<usize>, kind: MistakeKind, refused: bool) -> Told {
        self.found.push(Found {
            range,
            kind,
            refused,
        });
        Told
    }

    /// A text that was refused as a part of an instruction.
    pub(super) fn accept<T>(&mut self, range: Range<usize>, result: Result<T, Invalid>) -> Read<T> {
        result.map_err(|invalid| match invalid {
            Invalid::Word(error @ (WordError::Depth | WordError::Untranslatable(_))) => {
                self.notice(range, MistakeKind::Word(error))
            }
            Invalid::Word(error) => self.mistake(range, MistakeKind::Word(error)),
            other => self.notice(range, MistakeKind::Invalid(other)),
        })
    }

    pub(super) fn word(&mut self, slice: Slice) -> Read<Word> {
        self.word_of(slice.text, slice.range())
    }

    pub(super) fn word_of(&mut self, raw: &str, range: Range<usize>) -> Read<Word> {
        let word = Word::read(raw, self.escape);
        self.accept(range, word)
    }

    /// A value of a fixed kind. Where a variable has a part in it, nothing is known yet.
    pub(super) fn value(
        &mut self,
        of: &str,
        range: Range<usize>,
        word: &Word,
        fits: impl Fn(&str) -> bool,
    ) -> Read<()> {
        match word.text() {
            Some(value) if !fits(&value) => {
                let of = of.to_owned();
                let known = Vec::new();
                Err(self.mistake(range, MistakeKind::Value { of, value, known }))
            }
            _ => Ok(()),
        }
    }

    /// The flags of an instruction, by its table.
    pub(super) fn flags(&mut self, table: &FlagTable, command: &Command) -> Read<Vec<Set>> {
        flags::sort(&command.flags, table, |flag, kind| {
            self.mistake(flag.range.clone(), kind);
        })
    }

    /// No flags, for an instruction that has none.
    pub(super) fn no_flags(&mut self, keyword: &'static str, command: &Command) -> Read<()> {
        self.flags(&flags::none(keyword), command).map(drop)
    }

    /// Flags that builders neither use nor refuse.
    pub(super) fn ignored_flags(&mut self, keyword: &'static str, command: &Command) {
        for flag in &command.flags {
            let kind = MistakeKind::FlagIgnored {
                keyword,
                flag: flag.text.clone(),
            };
            self.notice(flag.range.clone(), kind);
        }
    }

    /// A flag that is a word; one that is set to nothing is as good as not set.
    pub(super) fn word_flag(&mut self, sets: &[Set], name: &str) -> Read<Option<FlagWord>> {
        match set(sets, name) {
            None => Ok(None),
            Some(set) => {
                let word = self.word_of(&set.value, set.range.clone())?;
                Ok(Some(word)
                    .filter(|word| !word.as_str().is_empty())
                    .map(FlagWord::from_word))
            }
        }
    }
}

/// A flag that is set to something.
pub(super) fn set<'a>(sets: &'a [Set], name: &str) -> Option<&'a Set> {
    sets.iter()
        .find(|set| set.name == name && !set.value.is_empty())
}
