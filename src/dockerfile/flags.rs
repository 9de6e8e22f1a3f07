//! The `--name=value` flags between a keyword and its arguments.

use std::ops::Range;

use super::{lex::Slice, mistake::MistakeKind, quoting::Escape, reader::Told};

/// One flag as it was written, without the quotes and escapes around its characters.
#[derive(Clone, Debug)]
pub(super) struct Flag {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// What kind of value a flag has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlagKind {
    /// On, off, or named alone, which is on.
    Switch,
    /// One value.
    Once,
    /// One value each time, as often as one likes.
    Often,
}

/// The flags of one instruction.
pub(super) struct FlagTable {
    pub(super) keyword: &'static str,
    pub(super) names: &'static [&'static str],
    pub(super) kinds: &'static [FlagKind],
}

/// A flag that the instruction has, with its value.
#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) range: Range<usize>,
}

/// Takes the flags off the start of a line and returns them with the rest. A `--` alone ends them.
pub(super) fn take(line: Slice, escape: Escape) -> (Vec<Flag>, Slice) {
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        let blanks = line.text[at..].find(|character| !is_blank(character));
        let Some(start) = blanks.map(|blanks| at + blanks) else {
            return (flags, line.from(line.text.len()));
        };
        if !line.text[start..].starts_with("--") {
            return (flags, line.from(start));
        }
        let (end, text) = read(line.text, start, escape);
        if text == "--" {
            return (flags, line.from(end));
        }
        flags.push(Flag {
            range: line.at + start..line.at + end,
            text,
        });
        at = end;
    }
}

fn is_blank(character: char) -> bool {
    character.is_ascii() && character.is_whitespace()
}

/// Reads one flag: quotes and escapes keep blanks together and are taken away.
fn read(line: &str, start: usize, escape: Escape) -> (usize, String) {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = line[start..].char_indices();
    while let Some((at, character)) = characters.next() {
        match quote {
            None if is_blank(character) => return (start + at, text),
            None if matches!(character, '\'' | '"') => quote = Some(character),
            Some(open) if open == character => quote = None,
            _ if character == escape.character() => {
                text.extend(characters.next().map(|(_, escaped)| escaped));
            }
            _ => text.push(character),
        }
    }
    (line.len(), text)
}

/// Sorts flags by the table of an instruction; what it does not have is a mistake.
pub(super) fn sort(
    flags: &[Flag],
    table: &FlagTable,
    mut mistake: impl FnMut(&Flag, MistakeKind),
) -> Result<Vec<Set>, Told> {
    let mut sets: Vec<Set> = Vec::new();
    let mut failed = None;
    for flag in flags {
        let (name, value) = match flag.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag.text.as_str(), None),
        };
        let kind = match check(name, value, table, &sets) {
            Ok((name, value)) => {
                sets.push(Set {
                    name,
                    value,
                    range: flag.range.clone(),
                });
                continue;
            }
            Err(kind) => kind,
        };
        mistake(flag, kind);
        failed = Some(Told);
    }
    failed.map_or(Ok(sets), Err)
}

fn check(
    flag: &str,
    value: Option<&str>,
    table: &FlagTable,
    sets: &[Set],
) -> Result<(&'static str, String), MistakeKind> {
    let found = table
        .names
        .iter()
        .zip(table.kinds)
        .find(|(name, _)| flag[2..] == ***name);
    let Some((name, kind)) = found else {
        return Err(MistakeKind::UnknownFlag {
            keyword: table.keyword,
            flag: flag.to_owned(),
            known: table.names,
        });
    };
    if *kind != FlagKind::Often && sets.iter().any(|set| set.name == *name) {
        return Err(MistakeKind::FlagTwice(flag.to_owned()));
    }
    match (kind, value) {
        (FlagKind::Switch, None) => Ok((name, "true".to_owned())),
        (FlagKind::Switch, Some("")) | (_, None) => {
            Err(MistakeKind::FlagWithoutValue(flag.to_owned()))
        }
        (FlagKind::Switch, Some(value)) => match value.to_ascii_lowercase().as_str() {
            lower @ ("true" | "false") => Ok((name, lower.to_owned())),
            _ => Err(MistakeKind::FlagNotBoolean {
                flag: flag.to_owned(),
                value: value.to_owned(),
            }),
        },
        (_, Some(value)) => Ok((name, value.to_owned())),
    }
}

use FlagKind::{Often, Once, Switch};

/// An instruction without flags.
pub(super) const fn none(keyword: &'static str) -> FlagTable {
    FlagTable {
        keyword,
        names: &[],
        kinds: &[],
    }
}

pub(super) const FROM: FlagTable = FlagTable {
    keyword: "FROM",
    names: &["platform"],
    kinds: &[Once],
};

pub(super) const RUN: FlagTable = FlagTable {
    keyword: "RUN",
    names: &["mount", "network", "security", "device"],
    kinds: &[Often, Once, Once, Often],
};

pub(super) const COPY: FlagTable = FlagTable {
    keyword: "COPY",
    names: &["from", "chown", "chmod", "link", "parents", "exclude"],
    kinds: &[Once, Once, Once, Switch, Switch, Often],
};

pub(super) const ADD: FlagTable = FlagTable {
    keyword: "ADD",
    names: &[
        "chown",
        "chmod",
        "link",
        "checksum",
        "keep-git-dir",
        "unpack",
        "exclude",
    ],
    kinds: &[Once, Once, Switch, Once, Switch, Switch, Often],
};

pub(super) const HEALTHCHECK: FlagTable = FlagTable {
    keyword: "HEALTHCHECK",
    names: &[
        "interval",
        "timeout",
        "start-period",
        "start-interval",
        "retries",
    ],
    kinds: &[Once, Once, Once, Once, Once],
};
