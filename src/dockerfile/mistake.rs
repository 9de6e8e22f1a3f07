//! What is wrong in a file, and the words for it.

use std::{fmt, ops::Range};

use super::{
    instruction::KEYWORDS,
    invalid::{Invalid, WordError},
    mount::{MountKind, Sharing},
    reference::ReferenceError,
};
use crate::diag::{self, Diagnostic, SourceId, Span};

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The place, in bytes of the file.
    pub range: Range<usize>,
    /// What is wrong.
    pub kind: MistakeKind,
    /// Whether a builder refuses the file for it. It lets pass what fails only later: an `ONBUILD`
    /// that no image can run, or text that it reads otherwise than it stands there.
    pub refused: bool,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MistakeKind {
    /// No instruction at all.
    NoInstruction,
    /// No `FROM`.
    NoStage,
    /// A directive for the second time.
    DirectiveTwice(&'static str),
    /// An escape character that is none.
    EscapeValue(String),
    /// An option that the `check` directive does not have.
    CheckOption(String),
    /// A line longer than builders read.
    LongLine(usize),
    /// An escape at the end of the file with nothing before or behind it.
    LoneEscape,
    /// A first word that is no keyword.
    UnknownInstruction(String),
    /// An instruction other than `ARG` before the first `FROM`.
    BeforeFrom(&'static str),
    /// A flag that the instruction does not have.
    UnknownFlag {
        /// The instruction.
        keyword: &'static str,
        /// The flag, with its `--`.
        flag: String,
        /// The flags that it has, without `--`.
        known: &'static [&'static str],
    },
    /// A flag for the second time.
    FlagTwice(String),
    /// A flag without the value that it needs.
    FlagWithoutValue(String),
    /// A flag that is neither on nor off.
    FlagNotBoolean {
        /// The flag, with its `--`.
        flag: String,
        /// What it was set to.
        value: String,
    },
    /// Characters outside ASCII in a flag.
    FlagNotAscii(String),
    /// A flag that is read over.
    FlagIgnored {
        /// The instruction.
        keyword: &'static str,
        /// The flag, with its `--`.
        flag: String,
    },
    /// A value that a flag or an option does not take.
    Value {
        /// The flag or option.
        of: String,
        /// The value.
        value: String,
        /// The values that it takes, where they can be listed.
        known: Vec<&'static str>,
    },
    /// No argument where there must be one.
    MissingArgument(&'static str),
    /// Neither `image` nor `image AS name`.
    FromArguments,
    /// What `FROM` names is neither a stage above nor an image.
    Image(ReferenceError),
    /// A name that no stage can have.
    StageName(String),
    /// `COPY` or `ADD` with one argument.
    MissingDestination(&'static str),
    /// A pair without `=` where others have it.
    PairWithoutEquals {
        /// The instruction.
        keyword: &'static str,
        /// The word.
        word: String,
    },
    /// A name without a value.
    PairWithoutValue(&'static str),
    /// A value without a name.
    BlankName(&'static str),
    /// A list in JSON that holds something else than strings.
    JsonNotStrings,
    /// `SHELL` without a list in JSON.
    ShellNotJson,
    /// A health check that is neither `NONE` nor `CMD`.
    HealthcheckType(String),
    /// `HEALTHCHECK NONE` with something behind it.
    HealthcheckNone,
    /// `HEALTHCHECK CMD` with nothing behind it.
    HealthcheckCommand,
    /// An instruction that cannot stand behind `ONBUILD`.
    Trigger(String),
    /// A here-document that goes on to the end of the file.
    HeredocOpen(String),
    /// A here-document where the destination should be.
    HeredocDestination(&'static str),
    /// A here-document that no source of `COPY` or `ADD` takes up.
    HeredocUnused(String),
    /// A `--mount` or `--device` that is no list of options.
    OptionList(String),
    /// An option that no mount has.
    MountKey(String),
    /// An option that mounts of this type do not have.
    MountOption {
        /// The type.
        kind: &'static str,
        /// The option.
        option: String,
    },
    /// A mount over everything.
    MountRoot,
    /// An option without `=`.
    MountField(String),
    /// A secret with neither id nor target.
    SecretWithoutName,
    /// A secret with both id and source.
    SecretWithTwoNames,
    /// A variable where a stage must be named.
    FromVariable(String),
    /// A device with two names.
    DeviceName(String),
    /// A volume without a path.
    EmptyVolume,
    /// A checksum for something else than one download.
    Checksum,
    /// Quotes, escapes or variables that do not come out even.
    Word(WordError),
    /// Something that a builder reads, and that has no canonical spelling.
    Invalid(Invalid),
}

impl fmt::Display for MistakeKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInstruction => write!(out, "there is no instruction in this file"),
            Self::NoStage => write!(out, "there is no `FROM` in this file"),
            Self::DirectiveTwice(name) => write!(out, "the directive `{name}` is already set"),
            Self::EscapeValue(value) => write!(out, "`{value}` cannot be the escape character"),
            Self::CheckOption(option) => {
                write!(out, "`{option}` is no option of the directive `check`")
            }
            Self::LongLine(length) => {
                write!(
                    out,
                    "a line of {length} bytes is longer than the 65535 that a builder reads"
                )
            }
            Self::LoneEscape => write!(out, "the file ends where an instruction should go on"),
            Self::UnknownInstruction(found) => write!(out, "`{found}` is no instruction"),
            Self::BeforeFrom(keyword) => write!(out, "`{keyword}` stands before the first `FROM`"),
            Self::UnknownFlag { keyword, flag, .. } => {
                write!(out, "`{keyword}` has no flag `{flag}`")
            }
            Self::FlagTwice(flag) => write!(out, "the flag `{flag}` is already set"),
            Self::FlagWithoutValue(flag) => write!(out, "the flag `{flag}` needs a value"),
            Self::FlagNotBoolean { flag, value } => {
                write!(
                    out,
                    "the flag `{flag}` is either `true` or `false`, not `{value}`"
                )
            }
            Self::FlagNotAscii(flag) => {
                write!(
                    out,
                    "`{flag}` is not ASCII, and builders garble other characters in flags"
                )
            }
            Self::FlagIgnored { keyword, flag } => {
                write!(out, "`{keyword}` reads over the flag `{flag}`")
            }
            Self::Value { of, value, .. } => write!(out, "`{value}` is no value for `{of}`"),
            Self::MissingArgument(keyword) => write!(out, "`{keyword}` needs an argument"),
            Self::FromArguments => {
                write!(out, "`FROM` takes an image, or an image, `AS` and a name")
            }
            Self::Image(error) => error.fmt(out),
            Self::StageName(name) => write!(out, "`{name}` cannot be the name of a stage"),
            Self::MissingDestination(keyword) => {
                write!(out, "`{keyword}` needs a source and a destination")
            }
            Self::PairWithoutEquals { keyword, word } => {
                write!(
                    out,
                    "`{word}` has no `=`, as every pair of this `{keyword}` must"
                )
            }
            Self::PairWithoutValue(keyword) => {
                write!(out, "`{keyword}` needs a value behind the name")
            }
            Self::BlankName(keyword) => write!(out, "`{keyword}` needs a name before the `=`"),
            Self::JsonNotStrings => write!(out, "a list in JSON must hold strings alone here"),
            Self::ShellNotJson => write!(out, "`SHELL` needs a list in JSON"),
            Self::HealthcheckType(found) => {
                write!(
                    out,
                    "a health check is either `CMD` or `NONE`, not `{found}`"
                )
            }
            Self::HealthcheckNone => write!(out, "`HEALTHCHECK NONE` takes no arguments"),
            Self::HealthcheckCommand => write!(out, "`HEALTHCHECK CMD` needs a command"),
            Self::Trigger(keyword) => write!(out, "`{keyword}` cannot stand behind `ONBUILD`"),
            Self::HeredocOpen(name) => write!(out, "the here-document `{name}` is never ended"),
            Self::HeredocDestination(keyword) => {
                write!(
                    out,
                    "the destination of `{keyword}` cannot be a here-document"
                )
            }
            Self::HeredocUnused(name) => {
                write!(out, "the here-document `{name}` is read, but is no source")
            }
            Self::OptionList(text) => write!(out, "`{text}` is no list of options"),
            Self::MountKey(key) => write!(out, "a mount has no option `{key}`"),
            Self::MountOption { kind, option } => {
                write!(out, "a mount of type `{kind}` has no `{option}`")
            }
            Self::MountRoot => write!(out, "nothing can be mounted at `/`"),
            Self::MountField(field) => write!(out, "the option `{field}` needs a value"),
            Self::SecretWithoutName => write!(out, "a secret needs an `id` or a `target`"),
            Self::SecretWithTwoNames => write!(out, "a secret has an `id` or a `source`, not both"),
            Self::FromVariable(from) => {
                write!(
                    out,
                    "`{from}` cannot be expanded here: only a stage's `FROM` takes variables"
                )
            }
            Self::DeviceName(name) => write!(out, "the device is already named `{name}`"),
            Self::EmptyVolume => write!(out, "a volume needs a path"),
            Self::Checksum => write!(
                out,
                "a checksum needs exactly one source, from a server or a repository"
            ),
            Self::Word(error) => error.fmt(out),
            Self::Invalid(invalid) => invalid.fmt(out),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(out)
    }
}

/// The options of mounts that this parser knows under their documented names.
const MOUNT_KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

impl Mistake {
    /// The mistake as a report on a source.
    pub fn diagnostic(&self, source: SourceId) -> Diagnostic {
        let diagnostic = Diagnostic::at(Span::new(source, self.range.clone()), self.to_string());
        match self.nearest() {
            Some(word) => diagnostic.help(format!("did you mean `{word}`?")),
            None => diagnostic,
        }
    }

    /// What was probably meant, where something was misspelt.
    pub fn nearest(&self) -> Option<String> {
        match &self.kind {
            MistakeKind::UnknownInstruction(found) => {
                diag::closest(&found.to_ascii_uppercase(), KEYWORDS).map(str::to_owned)
            }
            MistakeKind::UnknownFlag { flag, known, .. } => {
                let found = flag.trim_start_matches('-');
                diag::closest(found, known.iter().copied()).map(|name| format!("--{name}"))
            }
            MistakeKind::MountKey(key) => diag::closest(key, MOUNT_KEYS).map(str::to_owned),
            MistakeKind::Value { value, known, .. } => {
                diag::closest(value, known.iter().copied()).map(str::to_owned)
            }
            _ => None,
        }
    }
}

/// The words for the types of mounts.
pub(super) fn mount_kinds() -> Vec<&'static str> {
    MountKind::ALL.map(MountKind::word).to_vec()
}

/// The words for the ways to share a cache.
pub(super) fn sharings() -> Vec<&'static str> {
    Sharing::ALL.map(Sharing::word).to_vec()
}
