//! What `check` found out about one file: the same for every format.

use std::path::{Path, PathBuf};

use crate::compare::{Change, Severity};
use crate::drift::{Origin, State, Verdict};

/// The name that a spec has unless another one is said.
const SPEC: &str = "dockwright.toml";

/// One file, and everything that is known of it.
pub(super) struct FileReport {
    pub(super) path: PathBuf,
    /// The spec that describes it, or did.
    pub(super) spec: PathBuf,
    pub(super) verdict: Verdict,
    pub(super) severity: Severity,
    pub(super) findings: Vec<Finding>,
    /// A patch that makes the file what the spec describes; empty where there can be none.
    pub(super) diff: String,
    /// What is to be written in its place.
    pub(super) anew: Option<String>,
    /// Whether it was written anew.
    pub(super) fixed: bool,
}

/// One difference, and what to change if it was meant.
pub(super) struct Finding {
    pub(super) change: Change,
    pub(super) origin: Option<Origin>,
    pub(super) cause: Cause,
}

/// Who makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Somebody, by hand.
    Edit,
    /// What the file is made from; the next `generate` brings it.
    ToCome,
    /// One of the two; nobody can tell.
    Unknown,
}

impl Cause {
    /// The word for it in the format for programs.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::ToCome => "to-come",
            Self::Unknown => "unknown",
        }
    }

    /// Every one.
    pub(super) const ALL: [Self; 3] = [Self::Edit, Self::ToCome, Self::Unknown];

    /// What the differences are, for people.
    pub(super) fn sense(self) -> &'static str {
        match self {
            Self::Edit => "changed by hand",
            Self::ToCome => "to come with `dockwright generate`",
            Self::Unknown => "differs from the spec",
        }
    }
}

impl FileReport {
    pub(super) fn new(path: PathBuf, spec: &Path, verdict: Verdict) -> Self {
        let missing = verdict.states.contains(&State::Missing);
        let severity = match (verdict.in_sync(), missing) {
            (true, _) => Severity::Note,
            (false, true) => Severity::Error,
            (false, false) => Severity::Warning,
        };
        Self {
            path,
            spec: spec.to_owned(),
            verdict,
            severity,
            findings: Vec::new(),
            diff: String::new(),
            anew: None,
            fixed: false,
        }
    }

    /// Adds what differs. The severity of a file is that of its gravest difference.
    pub(super) fn add(&mut self, findings: Vec<Finding>) {
        if let Some(gravest) = findings.iter().map(|finding| finding.change.severity).max() {
            self.severity = gravest;
        }
        self.findings = findings;
    }

    /// Whether the file is what the spec describes, now.
    pub(super) fn in_sync(&self) -> bool {
        self.fixed || self.verdict.in_sync()
    }

    /// The path as every format writes it.
    pub(super) fn shown(&self) -> String {
        shown(&self.path)
    }

    /// The path of the spec, likewise.
    pub(super) fn spec(&self) -> String {
        shown(&self.spec)
    }

    /// The file to point at: what is not there is pointed at where it is described.
    pub(super) fn annotated(&self) -> String {
        if self.verdict.states.contains(&State::Missing) {
            self.spec()
        } else {
            self.shown()
        }
    }

    /// Why the file is not in sync, in one line.
    pub(super) fn reason(&self) -> String {
        if self.verdict.unknown {
            return "it differs, and its stamp is gone or was touched: what changed cannot be told from what was made".to_owned();
        }
        let reasons: Vec<&str> = self
            .verdict
            .states
            .iter()
            .map(|state| state.reason())
            .collect();
        reasons.join("; ")
    }

    /// The command that brings the file back to what the spec describes; none for a file that is in sync, or that the
    /// spec does not describe.
    pub(super) fn command(&self) -> Option<String> {
        if self.in_sync() || self.verdict.states.contains(&State::Orphan) {
            return None;
        }
        let mut command = "dockwright generate".to_owned();
        if self.verdict.is_by_hand() {
            command.push_str(" --force");
        }
        let folder = self.spec.parent().filter(|_| self.spec.ends_with(SPEC));
        let place = folder.unwrap_or(&self.spec);
        if !place.as_os_str().is_empty() {
            command.extend([" ", &word(&shown(place))]);
        }
        Some(command)
    }

    /// The command that takes an edit into the spec.
    fn adopts(&self) -> String {
        let mut command = "dockwright adopt".to_owned();
        if let Some(folder) = self
            .spec
            .parent()
            .filter(|path| !path.as_os_str().is_empty())
        {
            command.extend([" -C ", &word(&shown(folder))]);
        }
        if let Some(name) = self.spec.file_name().filter(|name| *name != SPEC) {
            command.extend([" --spec ", &word(&name.to_string_lossy())]);
        }
        command
    }

    /// What to do about it.
    pub(super) fn hints(&self) -> Vec<String> {
        let has = |state| self.verdict.states.contains(&state);
        let command = self.command().unwrap_or_default();
        if has(State::Unmanaged) {
            vec![format!("`{command}` replaces it; nothing else touches it")]
        } else if has(State::Orphan) {
            vec!["delete it, or name it in [outputs]".to_owned()]
        } else if has(State::Edited) {
            vec![
                format!(
                    "if the edit was meant: `{}`, or change what the places above say",
                    self.adopts()
                ),
                format!("if it was not: `{command}`"),
            ]
        } else {
            vec![format!("`{command}` writes it anew")]
        }
    }
}

impl Finding {
    /// What to change, in a few words.
    pub(super) fn home(&self) -> Option<String> {
        let origin = self.origin.as_ref()?;
        let verb = if origin.said { "said" } else { "to be said" };
        Some(format!("{verb} in {}, `{}`", origin.place, origin.key))
    }
}

/// A path with `/` between its parts.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// A text as one word of a command line.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@+=:,".contains(c);
    if text.chars().all(plain) && !text.starts_with('-') {
        text.to_owned()
    } else {
        let quoted = text.replace('\'', r"'\''");
        let here = if text.starts_with('-') { "./" } else { "" };
        format!("'{here}{quoted}'")
    }
}
