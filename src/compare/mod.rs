//! What differs between two versions of a file, in the file's own terms: "`USER` became root", and not "line 12".
//!
//! Nothing here supposes that dockwright wrote either side: `check` compares what should be there with what is
//! there, `migrate` an old file with a new one. This room touches no disk and prints nothing.
//!
//! The texts are equal exactly when there is nothing to tell; that all lines of one end in `\r\n` is no difference. What
//! cannot be said in the file's terms is told as `layout-changed`. One difference is told once: a fact of the image (its
//! user, its healthcheck) stands for the instruction that sets it.
//!
//! | severity | what | kinds |
//! | --- | --- | --- |
//! | note | it means the same | `comments-changed`, `blank-lines-changed`, `layout-changed`, `spelling-changed`, `order-changed` |
//! | warning | what a stage is built on | `base-tag-changed`, `base-digest-changed`, `base-digest-lost`, `base-digest-added`, `base-image-changed` to or from a stage, `platform-changed` |
//! | warning | the stages, and how the file is read | `stage-added`, `stage-removed`, `stage-renamed`, `final-stage-changed`, `directive-added`, `directive-removed`, `directive-changed` |
//! | warning | what the image says of itself | `user-changed`, `workdir-changed`, `entrypoint-changed`, `command-changed`, `stop-signal-changed`, `healthcheck-added`, `healthcheck-changed`, `env-added`, `env-removed`, `env-changed`, `label-added`, `label-removed`, `label-changed`, `port-added`, `port-removed`, `volume-added`, `volume-removed` |
//! | warning | what its steps do | `package-added`, `package-removed`, `package-changed`, `cache-mount-lost`, `mount-added`, `mount-removed`, `mount-changed`, `network-changed`, `failures-unnoticed`, `step-added`, `step-removed`, `step-changed`, `step-moved`, `copy-added`, `copy-removed`, `copy-changed`, `arg-added`, `arg-removed`, `arg-changed`, `shell-changed` |
//! | warning | what the build sees of the project | `pattern-added`, `pattern-removed`, `pattern-moved`, `files-left-out` |
//! | warning | what Compose runs | `service-added`, `service-removed`, `key-added`, `key-removed`, `key-changed`, `tag-changed`, `image-tag-changed`, `image-digest-changed`, `image-digest-lost`, `image-digest-added`, `port-changed`, and those of the image that it says too |
//! | error | security is lost | `user-became-root`, `base-image-changed` to another repository, `secret-in-env`, `secret-in-arg`, `checksum-lost`, `insecure-step`, `secrets-let-in` |
//! | error | security is lost in Compose | `user-became-root`, `secret-in-env`, `image-changed` to another repository, `became-privileged`, `capability-added`, `hardening-lost`, `host-namespace`, `docker-socket-mounted`, `port-exposed` |
//! | error | health is lost | `healthcheck-lost` |
//! | warning | what cannot be read here, and a builder may read | `not-understood` |
//! | error | the file does not work as it stands | `not-readable`, `not-text` |

mod compose;
mod dockerfile;
mod ignore;
mod images;
mod layout;
mod words;

use crate::stamp;

/// How much a difference matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing but comments, blank lines, spelling, or an order that means nothing.
    Note,
    /// It may do something else, and somebody should look.
    Warning,
    /// Security or health is lost, or the file does not work.
    Error,
}

impl Severity {
    /// Every one, the least first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind of difference it is: a name that stays the same from version to version.
    pub kind: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it means. Literals are in backticks; there is no full stop.
    pub message: String,
    /// The line of the actual text where it shows, from 1; for something that is gone, where it would stand.
    pub line: Option<usize>,
    /// The line of the expected text that it is about, from 1.
    pub expected_line: Option<usize>,
}

impl Change {
    fn new(kind: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            kind,
            severity,
            message: message.into(),
            line: None,
            expected_line: None,
        }
    }

    fn note(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(kind, Severity::Note, message)
    }

    fn warning(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(kind, Severity::Warning, message)
    }

    fn error(kind: &'static str, message: impl Into<String>) -> Self {
        Self::new(kind, Severity::Error, message)
    }

    /// A file that is not UTF-8, first on this line.
    pub fn not_text(line: usize) -> Self {
        let message = "it is not UTF-8, so there is no patch of it";
        Self::error("not-text", message).at(None, Some(line))
    }

    /// Says where it stands in the expected and in the actual text.
    fn at(mut self, expected: Option<usize>, actual: Option<usize>) -> Self {
        self.expected_line = expected;
        self.line = actual;
        self
    }
}

/// What differs between two Dockerfiles.
pub fn dockerfile(expected: &str, actual: &str) -> Vec<Change> {
    told(expected, actual, dockerfile::compare)
}

/// What differs between two `.dockerignore` files.
pub fn dockerignore(expected: &str, actual: &str) -> Vec<Change> {
    told(expected, actual, ignore::compare)
}

/// What differs between two compose files.
pub fn compose(expected: &str, actual: &str) -> Vec<Change> {
    told(expected, actual, compose::compare)
}

/// Compares two texts, and sees to it that they are told to differ exactly when they do.
fn told(
    expected: &str,
    actual: &str,
    compare: impl FnOnce(&str, &str) -> Vec<Change>,
) -> Vec<Change> {
    let (expected, actual) = (stamp::unix(expected), stamp::unix(actual));
    if expected == actual {
        return Vec::new();
    }
    let mut changes = compare(&expected, &actual);
    if changes.is_empty() {
        changes.push(layout::otherwise(&expected, &actual));
    }
    let place = |change: &Change| {
        let line = change.line.or(change.expected_line);
        (line.unwrap_or(usize::MAX), change.expected_line)
    };
    changes.sort_by_key(place);
    changes.dedup();
    changes
}

/// Changes as the tables of the tests have them: kind, severity and line, one after the other.
#[cfg(test)]
fn in_short(changes: &[Change]) -> Vec<String> {
    let short = |change: &Change| {
        let documented = include_str!("mod.rs").contains(&format!("`{}`", change.kind));
        assert!(documented, "{} is not in the table", change.kind);
        let line = change
            .line
            .map_or_else(|| "-".to_owned(), |line| line.to_string());
        format!("{} {} {line}", change.kind, change.severity.word())
    };
    changes.iter().map(short).collect()
}

#[cfg(test)]
mod tests {
    use super::{Severity, words};

    #[test]
    fn severities_are_in_order() {
        assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Error);
    }

    #[test]
    fn knows_the_names_of_secrets() {
        for name in [
            "API_KEY",
            "token",
            "PGPASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "DB_AUTH",
        ] {
            assert!(words::names_secret(name), "{name}");
        }
        for name in [
            "PATH",
            "PUBLIC_KEY",
            "TOKEN_FILE",
            "KEYRING",
            "AUTHOR",
            "SECRET_DIR",
        ] {
            assert!(!words::names_secret(name), "{name}");
        }
    }
}
