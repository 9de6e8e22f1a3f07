//! The stamp in each generated file: what it was made from, and whether it was touched since.
//!
//! This room knows texts and digests. It does not know what a spec, a preset or a Dockerfile is.
//!
//! docs/decisions/0002-the-stamp-is-in-the-file.md says why it stands there and what it holds.

mod marks;

use std::borrow::Cow;

pub use marks::{Marks, digest};

/// How the line with the stamp begins.
const LINE: &str = "# dockwright:";

/// How the first line of the comment at the top begins, without `# `.
const WRITTEN: &str = "Written by dockwright:";

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
    /// The stamp in a file; nothing if there is none, or if the stamp itself was touched.
    pub fn read(text: &str) -> Option<Self> {
        let text = unix(text);
        let line = text.split('\n').find(|line| is_stamp(line))?;
        let mut words = line.strip_prefix(LINE)?.split_whitespace();
        let mut field = |name: &str| {
            let value = words.next()?.strip_prefix(name)?.strip_prefix('=')?;
            Some(value.to_owned())
        };
        let stamp = Self {
            version: field("version")?,
            spec: field("spec")?,
            presets: field("presets")?,
            file: field("file")?,
        };
        (stamp.line() == line).then_some(stamp)
    }

    /// Whether a file is as it was written. That all line endings were changed alike does not count: version control
    /// does that.
    pub fn fits(&self, text: &str) -> bool {
        self.file == digest(&without_stamp(text))
    }

    /// The line that holds it, sealed so that a change of the stamp itself is noticed.
    fn line(&self) -> String {
        let Self {
            version,
            spec,
            presets,
            file,
        } = self;
        let fields = format!("version={version} spec={spec} presets={presets} file={file}");
        format!("{LINE} {fields} seal={}", &digest(&fields)[..8])
    }
}

/// The comment at the top of a generated file, without `# `. Its last line is where [`seal`] puts the stamp.
pub fn header(marks: &Marks) -> [String; 2] {
    [
        format!(
            "{WRITTEN} change {} and run `dockwright generate`.",
            marks.spec_name
        ),
        LINE.trim_start_matches("# ").to_owned(),
    ]
}

/// The number of the line with the stamp, where the comment at the top ends; 0 where there is none.
pub fn header_end(text: &str) -> usize {
    text.lines().position(is_stamp).map_or(0, |line| line + 1)
}

/// Whether dockwright wrote a file, whatever became of it since.
pub fn is_ours(text: &str) -> bool {
    text.lines().any(|line| {
        is_stamp(line)
            || line
                .strip_prefix("# ")
                .is_some_and(|line| line.starts_with(WRITTEN))
    })
}

/// The file name of the spec that a file was made from, if dockwright wrote it.
pub fn spec_of(text: &str) -> Option<&str> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("# ")?.strip_prefix(WRITTEN))?;
    Some(
        line.trim_start()
            .strip_prefix("change ")?
            .split_once(" and run ")?
            .0,
    )
}

/// Puts the stamp into a file that is otherwise complete.
pub fn seal(text: &str, spec: &str, marks: &Marks) -> String {
    let stamp = Stamp {
        version: VERSION.to_owned(),
        spec: spec.to_owned(),
        presets: marks.presets.clone(),
        file: digest(&without_stamp(text)),
    };
    text.replacen(LINE, &stamp.line(), 1)
}

/// A text without its stamp and with `\n` alone at the end of its lines: what two files have in common that differ in
/// nothing else.
pub fn without_stamp(text: &str) -> String {
    let text = unix(text);
    let mut rest = String::with_capacity(text.len());
    let mut stamped = false;
    for line in text.split_inclusive('\n') {
        if !stamped && is_stamp(line) {
            stamped = true;
        } else {
            rest.push_str(line);
        }
    }
    rest
}

/// A text with the stamp of another one, if that has one.
pub fn with_stamp_of(text: &str, other: &str) -> String {
    let stamp = |text: &str| {
        text.split('\n')
            .find(|line| is_stamp(line))
            .map(ToOwned::to_owned)
    };
    match (stamp(text), stamp(other)) {
        (Some(mine), Some(theirs)) => text.replacen(&mine, &theirs, 1),
        _ => text.to_owned(),
    }
}

/// A text whose every line ends in `\r\n`, with `\n` instead. A text with some such lines was changed by hand.
pub fn unix(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    let lines = text.matches('\n').count();
    if lines > 0 && lines == text.matches("\r\n").count() {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

fn is_stamp(line: &str) -> bool {
    line.starts_with(LINE)
}

#[cfg(test)]
mod tests {
    use super::{Marks, Stamp, seal};

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
        assert!(!stamp.fits(&sealed.replacen('\n', "\r\n", 1)));
        for index in sealed.find("version").unwrap()..sealed.find("FROM").unwrap() - 1 {
            let mut touched = sealed.clone().into_bytes();
            touched[index] ^= 1;
            let touched = String::from_utf8(touched).unwrap();
            assert!(
                Stamp::read(&touched).is_none_or(|stamp| !stamp.fits(&touched)),
                "{touched}"
            );
        }
        assert_eq!(Stamp::read("FROM scratch\n"), None);
    }
}
