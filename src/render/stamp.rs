//! The stamp in each generated file: what it was made from, and whether it was touched since.
//!
//! docs/decisions/0002-the-stamp-is-in-the-file.md says why it stands there and what it holds.

use crate::plan::{Marks, digest};

/// How the line with the stamp begins, behind the `# ` of a comment.
const LINE: &str = "dockwright: ";

/// The version of dockwright that is running.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a stamp says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The version of dockwright that wrote the file.
    pub version: String,
    /// The digest of what the spec said.
    pub spec: String,
    /// The digest of what the presets said.
    pub presets: String,
    /// The digest of the file's text without the stamp.
    pub file: String,
}

impl Stamp {
    /// The stamp in a file, if it has one.
    pub fn read(text: &str) -> Option<Self> {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("# ")?.strip_prefix(LINE))?;
        let field = |name: &str| {
            line.split_whitespace()
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
                .map(ToOwned::to_owned)
        };
        Some(Self {
            version: field("version")?,
            spec: field("spec")?,
            presets: field("presets")?,
            file: field("file")?,
        })
    }

    /// Whether a file is as it was written. Line endings do not count: version control may change them all.
    pub fn fits(&self, text: &str) -> bool {
        self.file == digest_of_file(text)
    }
}

/// The comment at the top of a generated file. Its last line is a stamp that [`seal`] fills in.
pub(super) fn header(marks: &Marks) -> [String; 2] {
    [
        format!(
            "Written by dockwright: change {} and run `dockwright generate`.",
            marks.spec_name
        ),
        LINE.trim_end().to_owned(),
    ]
}

/// Fills in the stamp of a file that is otherwise complete.
pub(super) fn seal(text: &str, spec: &str, marks: &Marks) -> String {
    let file = digest_of_file(text);
    let stamp = format!(
        "# {LINE}version={VERSION} spec={spec} presets={} file={file}",
        marks.presets
    );
    let mut sealed = String::with_capacity(text.len() + stamp.len());
    for line in text.lines() {
        sealed.push_str(if is_stamp(line) { &stamp } else { line });
        sealed.push('\n');
    }
    sealed
}

fn digest_of_file(text: &str) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut stamped = false;
    for line in text.split_inclusive('\n') {
        if !stamped && is_stamp(line.trim_end()) {
            stamped = true;
            continue;
        }
        // A carriage return at the end of a line belongs to the line's ending.
        match line.strip_suffix("\r\n") {
            Some(line) => {
                rest.push_str(line);
                rest.push('\n');
            }
            None => rest.push_str(line),
        }
    }
    digest(&rest)
}

fn is_stamp(line: &str) -> bool {
    line.strip_prefix("# ")
        .is_some_and(|line| line.starts_with(LINE.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::{Stamp, seal};
    use crate::plan::Marks;

    #[test]
    fn a_sealed_file_fits_until_it_is_touched() {
        let marks = Marks {
            spec_name: "dockwright.toml".to_owned(),
            build: "b".to_owned(),
            whole: "w".to_owned(),
            presets: "p".to_owned(),
        };
        let sealed = seal("# one\n# dockwright:\nFROM scratch\n", "s", &marks);
        let stamp = Stamp::read(&sealed).unwrap();
        assert_eq!((stamp.spec.as_str(), stamp.presets.as_str()), ("s", "p"));
        assert!(stamp.fits(&sealed));
        assert!(stamp.fits(&sealed.replace('\n', "\r\n")));
        assert!(!stamp.fits(&sealed.replace("scratch", "Scratch")));
        assert!(!stamp.fits(&format!("{sealed}\n")));
        assert!(!stamp.fits(sealed.trim_end()));
        assert_eq!(Stamp::read("FROM scratch\n"), None);
    }
}
