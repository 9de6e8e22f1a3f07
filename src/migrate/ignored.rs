//! What became of the ignore file, and which files of the project the build sees now that it did not see, or no more.

use std::fmt::Write;

use super::Context;
use super::account::{Entry, Outcome, items, listed};
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::paths::relative;
use crate::plan::Plan;

/// How many files are named one by one.
const NAMED: usize = 5;

/// What became of an ignore file.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// The file.
    pub file: String,
    /// Whether it stays as it is.
    pub stays: bool,
    /// Every line of one that is replaced, but for blank ones.
    pub entries: Vec<Entry>,
    /// How many patterns it has.
    pub patterns: usize,
    /// Files that are copied and that the build sees no more: what the presets know as rubbish or secrets.
    pub hidden: Vec<String>,
    /// Files that are copied and that the build did not see. There are none unless something went wrong.
    pub shown: Vec<String>,
}

/// Says what became of the ignore file of this path. `written` is the one that is generated, if one is.
pub fn ignored(
    file: &str,
    context: &Context<'_>,
    plan: &Plan,
    written: Option<&str>,
) -> Option<Ignored> {
    let bytes = context.ignore?;
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().enumerate();
    let lines = lines.map(|(index, line)| (index + 1, line.trim()));
    let lines: Vec<(usize, &str)> = lines.filter(|(_, line)| !line.is_empty()).collect();
    let is_comment = |line: &str| line.starts_with('#');
    let patterns = lines.iter().filter(|(_, line)| !is_comment(line)).count();
    let mut found = Ignored {
        file: file.to_owned(),
        stays: written.is_none(),
        entries: Vec::new(),
        patterns,
        hidden: Vec::new(),
        shown: Vec::new(),
    };
    let Some(written) = written else {
        return Some(found);
    };
    for (line, text) in lines {
        let is_said = plan.context.exclude.iter().any(|said| said.text == text);
        found.entries.push(Entry {
            line,
            kind: if is_comment(text) {
                "comment"
            } else {
                "pattern"
            },
            text: text.to_owned(),
            outcome: match (is_said, is_comment(text)) {
                (true, _) => Outcome::Key("source.exclude".to_owned()),
                (_, true) if patterns > 0 => Outcome::Key("source.exclude".to_owned()),
                (_, true) => Outcome::Dropped("it stands at no pattern".to_owned()),
                _ => Outcome::Person("nothing was made of it".to_owned()),
            },
        });
    }
    let copied = plan.context.files.iter();
    let copied = copied.map(|file| match relative(&file.path).as_str() {
        "" => "!**".to_owned(),
        path => format!("!{path}"),
    });
    let copied: Vec<String> = std::iter::once("*".to_owned()).chain(copied).collect();
    let copied = Ignore::from_patterns(copied.iter().map(String::as_str));
    // What is malformed is refused where it is read, so there is nothing to compare.
    if let (Ok(copied), Ok(before), Ok(after)) = (
        copied,
        Ignore::parse(bytes),
        Ignore::parse(written.as_bytes()),
    ) {
        for path in (context.files)() {
            if copied.excludes(&path) || plan.context.about.contains(&path) {
                continue;
            }
            match (before.excludes(&path), after.excludes(&path)) {
                (false, true) => found.hidden.push(path),
                (true, false) => found.shown.push(path),
                _ => {}
            }
        }
    }
    Some(found)
}

impl Ignored {
    /// Whether a person has to look at something.
    pub(super) fn needs_person(&self) -> bool {
        let person = |entry: &Entry| matches!(entry.outcome, Outcome::Person(_));
        !self.shown.is_empty() || self.entries.iter().any(person)
    }

    /// The report for people.
    pub(super) fn human(&self) -> String {
        if self.stays {
            let count = match self.patterns {
                1 => "1 pattern".to_owned(),
                patterns => format!("{patterns} patterns"),
            };
            return format!("{} stays as it is, with its {count}\n", self.file);
        }
        let mut text = format!("{}:\n{}", self.file, listed(&self.entries).0);
        for (files, words) in [
            (&self.hidden, "is seen no more"),
            (&self.shown, "was not seen, and is now"),
        ] {
            for path in files.iter().take(NAMED) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "  `{path}` {words}");
            }
            if files.len() > NAMED {
                let _ = writeln!(text, "  and {} more files", files.len() - NAMED);
            }
        }
        text
    }

    /// The report for programs.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "file": self.file,
            "stays": self.stays,
            "items": items(&self.entries),
            "patterns": self.patterns,
            "hidden": self.hidden,
            "shown": self.shown,
        })
    }
}
