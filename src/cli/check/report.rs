//! What `check` found out about one file: the same for every format.

use std::path::PathBuf;

use crate::compare::{Change, Severity};
use crate::drift::{Origin, State, Verdict};

/// One file, and everything that is known of it.
pub(super) struct FileReport {
    pub(super) path: PathBuf,
    pub(super) verdict: Verdict,
    pub(super) severity: Severity,
    pub(super) findings: Vec<Finding>,
    /// A patch that makes the file what the spec describes.
    pub(super) diff: String,
    /// Whether it was written anew.
    pub(super) fixed: bool,
}

/// One difference, and what to change if it was meant.
pub(super) struct Finding {
    pub(super) change: Change,
    pub(super) origin: Option<Origin>,
}

impl FileReport {
    pub(super) fn new(path: PathBuf, verdict: Verdict) -> Self {
        let missing = verdict.states.contains(&State::Missing);
        let severity = match (verdict.in_sync(), missing) {
            (true, _) => Severity::Note,
            (false, true) => Severity::Error,
            (false, false) => Severity::Warning,
        };
        Self {
            path,
            verdict,
            severity,
            findings: Vec::new(),
            diff: String::new(),
            fixed: false,
        }
    }

    /// Adds what differs. The severity of a file is that of its gravest difference.
    pub(super) fn with(mut self, findings: Vec<Finding>, diff: String) -> Self {
        if let Some(gravest) = findings.iter().map(|finding| finding.change.severity).max() {
            self.severity = gravest;
        }
        self.findings = findings;
        self.diff = diff;
        self
    }

    /// Whether the file is what the spec describes, now.
    pub(super) fn in_sync(&self) -> bool {
        self.fixed || self.verdict.in_sync()
    }

    /// The path as every format writes it.
    pub(super) fn shown(&self) -> String {
        self.path.to_string_lossy().replace('\\', "/")
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

    /// What its differences are: what somebody changed, or what generating it anew will change. Where both are true,
    /// nobody can tell one from the other.
    pub(super) fn sense(&self) -> &'static str {
        if self.verdict.states == [State::Edited] && !self.verdict.unknown {
            "changed by hand"
        } else if self.verdict.is_by_hand() {
            "differs from the spec"
        } else {
            "to come with `dockwright generate`"
        }
    }

    /// What to do about it.
    pub(super) fn hints(&self) -> Vec<&'static str> {
        let has = |state| self.verdict.states.contains(&state);
        if has(State::Unmanaged) {
            vec!["`dockwright generate --force` replaces it; nothing else touches it"]
        } else if has(State::Orphan) {
            vec!["delete it, or name it in [outputs]"]
        } else if has(State::Edited) {
            vec![
                "if the edit was meant: `dockwright adopt`, or change what the places above say",
                "if it was not: `dockwright generate --force`",
            ]
        } else {
            vec!["`dockwright generate` writes it anew"]
        }
    }
}
