//! Drift: whether a generated file is what its spec describes, and if not, why not.
//!
//! The stamp in the file tells the causes apart. This room compares texts; it reads no disk and prints nothing.

mod apart;
mod origin;

use std::borrow::Cow;

use crate::files;
use crate::stamp::{self, Stamp};

pub use apart::{Apart, apart};
pub use origin::{Compiled, Origin, Origins};

/// What can be true of a file; several can be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It is what the spec describes.
    InSync,
    /// It is not there.
    Missing,
    /// Somebody changed it by hand since it was generated.
    Edited,
    /// The spec changed since it was generated.
    Stale,
    /// A preset, a built-in template or dockwright itself changed since it was generated.
    Outdated,
    /// dockwright did not write it.
    Unmanaged,
    /// dockwright wrote it, and the spec does not describe it any more.
    Orphan,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::InSync,
        Self::Missing,
        Self::Edited,
        Self::Stale,
        Self::Outdated,
        Self::Unmanaged,
        Self::Orphan,
    ];

    /// The word for it in every format.
    pub fn word(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::Missing => "missing",
            Self::Edited => "edited",
            Self::Stale => "stale",
            Self::Outdated => "outdated",
            Self::Unmanaged => "unmanaged",
            Self::Orphan => "orphan",
        }
    }

    /// Why, in a few words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::InSync => "it is what the spec describes",
            Self::Missing => "it is not there",
            Self::Edited => "it was changed by hand since it was generated",
            Self::Stale => "the spec changed since it was generated",
            Self::Outdated => "a preset or dockwright changed since it was generated",
            Self::Unmanaged => "dockwright did not write it",
            Self::Orphan => "the spec does not describe it any more",
        }
    }
}

/// What is true of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Everything that is true of it; at least one.
    pub states: Vec<State>,
    /// Whether the stamp is gone or was touched itself, so that nothing but the text could be compared.
    pub unknown: bool,
}

impl Verdict {
    /// One thing is true of it.
    pub fn of(state: State) -> Self {
        Self {
            states: vec![state],
            unknown: false,
        }
    }

    /// Whether the file is what the spec describes.
    pub fn in_sync(&self) -> bool {
        self.states == [State::InSync]
    }

    /// Whether a person's work would be lost if the file were written anew.
    pub fn is_by_hand(&self) -> bool {
        self.states
            .iter()
            .any(|state| matches!(state, State::Edited | State::Unmanaged))
    }

    /// Whether the file would be another one today, edit or not.
    pub fn is_old(&self) -> bool {
        self.states
            .iter()
            .any(|state| matches!(state, State::Stale | State::Outdated))
    }

    /// The words for its states: `edited+stale`.
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.states.iter().map(|state| state.word()).collect();
        words.join("+")
    }
}

/// Compares what is on disk with what was generated from the spec just now.
pub fn judge(expected: &str, actual: Option<&str>) -> Verdict {
    let Some(actual) = actual else {
        return Verdict::of(State::Missing);
    };
    let actual = stamp::unix(actual);
    if actual == expected {
        return Verdict::of(State::InSync);
    }
    if !stamp::is_ours(&actual) {
        return Verdict::of(State::Unmanaged);
    }
    let (Some(then), Some(now)) = (Stamp::read(&actual), Stamp::read(expected)) else {
        return Verdict {
            states: vec![State::Edited],
            unknown: true,
        };
    };
    let edited = !then.fits(&actual);
    let mut states = Vec::new();
    if edited {
        states.push(State::Edited);
    }
    // The file would be another one today: either what it was made from changed, or who made it.
    if then.file != now.file {
        if then.spec != now.spec {
            states.push(State::Stale);
        }
        if then.presets != now.presets || then.version != now.version || states.is_empty() {
            states.push(State::Outdated);
        }
    }
    if states.is_empty() {
        // Only the stamp differs: what changed since makes no difference to this file.
        states.push(State::InSync);
    }
    Verdict {
        states,
        unknown: false,
    }
}

/// The difference between what is on disk and what the spec describes, as a patch that makes the first the second. A
/// file with the line endings of Windows keeps them.
pub fn diff(path: &str, expected: &str, actual: Option<&str>) -> String {
    let expected = match actual.map(stamp::unix) {
        Some(Cow::Owned(_)) => Cow::Owned(expected.replace('\n', "\r\n")),
        _ => Cow::Borrowed(expected),
    };
    files::diff(path, actual, &expected)
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::stamp::{Marks, header, seal};

    fn file(spec: &str, presets: &str, body: &str) -> String {
        let marks = Marks {
            spec_name: "dockwright.toml".to_owned(),
            build: spec.to_owned(),
            whole: spec.to_owned(),
            presets: presets.to_owned(),
        };
        let lines: String = header(&marks).map(|line| format!("# {line}\n")).concat();
        seal(&format!("{lines}{body}\n"), spec, &marks)
    }

    fn words(expected: &str, actual: &str) -> String {
        judge(expected, Some(actual)).words()
    }

    #[test]
    fn tells_the_causes_apart() {
        let now = file("s", "p", "FROM a");
        assert_eq!(judge(&now, None).words(), "missing");
        assert_eq!(words(&now, &now), "in-sync");
        assert_eq!(words(&now, &now.replace('\n', "\r\n")), "in-sync");
        assert_eq!(words(&now, "FROM a\n"), "unmanaged");
        assert_eq!(words(&now, &now.replace("FROM a", "FROM b")), "edited");
        assert_eq!(words(&now, &file("t", "p", "FROM b")), "stale");
        assert_eq!(words(&now, &file("s", "q", "FROM b")), "outdated");
        assert_eq!(words(&now, &file("t", "q", "FROM b")), "stale+outdated");
        let edited = |text: String| text.replace("FROM b", "FROM c");
        assert_eq!(
            words(&now, &edited(file("t", "p", "FROM b"))),
            "edited+stale"
        );
        assert_eq!(
            words(&now, &edited(file("t", "q", "FROM b"))),
            "edited+stale+outdated"
        );
    }

    #[test]
    fn a_spec_that_changed_without_changing_the_file_is_in_sync() {
        let now = file("s", "p", "FROM a");
        assert_eq!(words(&now, &file("t", "q", "FROM a")), "in-sync");
        assert_eq!(
            words(&now, &file("t", "q", "FROM a").replace("FROM a", "FROM b")),
            "edited"
        );
    }

    #[test]
    fn any_single_byte_that_changes_reads_edited() {
        let now = file("s", "p", "FROM a\nRUN b");
        for index in 0..now.len() {
            let mut bytes = now.clone().into_bytes();
            bytes[index] ^= 1;
            let touched = String::from_utf8(bytes).unwrap();
            assert_eq!(words(&now, &touched), "edited", "{touched}");
            let inserted = format!("{}\r{}", &now[..index], &now[index..]);
            assert_eq!(words(&now, &inserted), "edited", "{inserted:?}");
            let removed = format!("{}{}", &now[..index], &now[index + 1..]);
            assert_eq!(words(&now, &removed), "edited", "{removed:?}");
        }
    }

    #[test]
    fn without_its_stamp_the_cause_cannot_be_told() {
        let now = file("s", "p", "FROM a");
        let rest: Vec<&str> = now
            .lines()
            .filter(|line| !line.starts_with("# dockwright:"))
            .collect();
        let lines = format!("{}\n", rest.join("\n"));
        let verdict = judge(&now, Some(&lines));
        assert_eq!(
            (verdict.words().as_str(), verdict.unknown),
            ("edited", true)
        );
    }
}
