//! The account: what became of every instruction, comment and directive of an old file.

use std::fmt::Write;

use super::ignored::Ignored;
use super::notice::Notice;
use super::services::Services;
use super::unequal::Unequal;

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A key of the spec says it, or what every generated file has.
    Key(String),
    /// A step says it by fields.
    Step(String),
    /// A step has it as it was written.
    Kept {
        /// The step.
        path: String,
        /// Whether it had to be spelled in another way: another escape, other ends of lines, another name of a stage.
        respelled: bool,
    },
    /// It is said in a better way.
    Improved(String),
    /// It is left out, for this reason.
    Dropped(String),
    /// A person has to look, for this reason.
    Person(String),
}

impl Outcome {
    /// Every word.
    pub const WORDS: [&str; 6] = ["key", "step", "kept", "improved", "dropped", "person"];

    /// The word for it in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Step(_) => "step",
            Self::Kept { .. } => "kept",
            Self::Improved(_) => "improved",
            Self::Dropped(_) => "dropped",
            Self::Person(_) => "person",
        }
    }

    /// Where it is said, or why it is not.
    pub fn detail(&self) -> String {
        match self {
            Self::Key(detail)
            | Self::Step(detail)
            | Self::Improved(detail)
            | Self::Dropped(detail)
            | Self::Person(detail) => detail.clone(),
            Self::Kept {
                path,
                respelled: false,
            } => path.clone(),
            Self::Kept {
                path,
                respelled: true,
            } => format!("{path}, spelled anew"),
        }
    }
}

/// One item of the old file, and what became of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its first line, from 1.
    pub line: usize,
    /// What it is: a keyword, `comment`, `directive`, `unreadable` or `mark`.
    pub kind: &'static str,
    /// Its first line of text.
    pub text: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// All that is to be said about a migration.
#[derive(Clone, Debug)]
pub struct Report {
    /// The old file.
    pub file: String,
    /// What there is to say of where it was found.
    pub found: Vec<String>,
    /// Every item of it, in its order.
    pub entries: Vec<Entry>,
    /// What is better than it was, besides what is said of single items.
    pub gains: Vec<String>,
    /// What is not made better, and why.
    pub refusals: Vec<Notice>,
    /// What is noticed in it besides.
    pub notices: Vec<Notice>,
    /// How many facts were compared.
    pub compared: usize,
    /// What is not equal because it is better now.
    pub changed: Vec<Unequal>,
    /// What is not equal besides.
    pub unequal: Vec<Unequal>,
    /// What became of the compose file, if there is one.
    pub services: Option<Services>,
    /// What became of the ignore file, if there is one.
    pub ignored: Option<Ignored>,
}

impl Report {
    /// How many items had this outcome; comments and directives are no instructions.
    pub fn count(&self, word: &str) -> usize {
        let entries = self.entries.iter();
        entries
            .filter(|entry| entry.is_instruction() && entry.outcome.word() == word)
            .count()
    }

    /// How many instructions there are.
    pub fn instructions(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.is_instruction())
            .count()
    }

    /// Whether a person has to look at something.
    pub fn needs_person(&self) -> bool {
        let person = |entry: &Entry| matches!(entry.outcome, Outcome::Person(_));
        let ignored = self.ignored.as_ref().is_some_and(Ignored::needs_person);
        ignored || !self.unequal.is_empty() || self.entries.iter().any(person)
    }

    /// The report for people.
    pub fn human(&self) -> String {
        let (listed, width) = listed(&self.entries);
        let mut text = String::new();
        for found in &self.found {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{found}");
        }
        text.push_str(&listed);
        if !self.gains.is_empty() {
            text.push_str("\nbetter than it was:\n");
        }
        for gain in &self.gains {
            let _ = writeln!(text, "{:>width$}  {gain}", "");
        }
        if !self.refusals.is_empty() {
            text.push_str("\nnot made better:\n");
        }
        for refusal in &self.refusals {
            let _ = writeln!(text, "{:>width$}  {}", refusal.line, refusal.text);
        }
        if !self.notices.is_empty() {
            text.push_str("\nnoticed, and left as it is:\n");
        }
        for notice in &self.notices {
            let _ = writeln!(text, "{:>width$}  {}", notice.line, notice.text);
        }
        let _ = writeln!(
            text,
            "\n{} instructions: {} said by keys, {} by fields of steps, {} kept as written, {} improved, {} dropped, {} need a person",
            self.instructions(),
            self.count("key"),
            self.count("step"),
            self.count("kept"),
            self.count("improved"),
            self.count("dropped"),
            self.count("person"),
        );
        let equal = match (self.changed.len(), self.unequal.len()) {
            (0, 0) => "all equal".to_owned(),
            (changed, 0) => format!("{changed} changed by what is better now:"),
            (_, unequal) => format!("{unequal} not equal:"),
        };
        let _ = writeln!(text, "{} facts compared, {equal}", self.compared);
        for unequal in self.changed.iter().chain(&self.unequal) {
            let _ = writeln!(text, "  {unequal}");
        }
        if let Some(ignored) = &self.ignored {
            text.push('\n');
            text.push_str(&ignored.human());
        }
        if let Some(services) = &self.services {
            text.push('\n');
            text.push_str(&services.human());
        }
        text
    }

    /// The report for programs.
    ///
    /// `path` is where the spec goes.
    pub fn json(&self, path: &str, spec: &str) -> serde_json::Value {
        let unequal = |unequal: &[Unequal]| -> Vec<serde_json::Value> {
            let unequal = unequal.iter().map(|unequal| {
                serde_json::json!({
                    "about": unequal.aspect.word(),
                    "which": unequal.subject,
                    "old": unequal.old,
                    "new": unequal.new,
                })
            });
            unequal.collect()
        };
        serde_json::json!({
            "file": self.file,
            "found": self.found,
            "items": items(&self.entries),
            "gains": self.gains,
            "refusals": notices(&self.refusals),
            "notices": notices(&self.notices),
            "facts": {
                "compared": self.compared,
                "changed": unequal(&self.changed),
                "unequal": unequal(&self.unequal),
            },
            "ignore": self.ignored.as_ref().map(Ignored::json),
            "compose": self.services.as_ref().map(Services::json),
            "spec": { "file": path, "text": spec },
        })
    }
}

/// Entries as lines for people, and how wide the numbers before them are.
pub(super) fn listed(entries: &[Entry]) -> (String, usize) {
    let widths = entries.iter().map(|entry| entry.line.to_string().len());
    let width = widths.max().unwrap_or(1);
    let mut text = String::new();
    for entry in entries {
        let shown: String = entry.text.chars().take(48).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:>width$}  {shown:<48}  {:<8}  {}",
            entry.line,
            entry.outcome.word(),
            entry.outcome.detail()
        );
    }
    (text, width)
}

/// Entries for programs.
pub(super) fn items(entries: &[Entry]) -> Vec<serde_json::Value> {
    let item = |entry: &Entry| {
        serde_json::json!({
            "line": entry.line,
            "kind": entry.kind,
            "text": entry.text,
            "outcome": entry.outcome.word(),
            "detail": entry.outcome.detail(),
        })
    };
    entries.iter().map(item).collect()
}

/// Notices for programs.
pub(super) fn notices(notices: &[Notice]) -> Vec<serde_json::Value> {
    let notice = |notice: &Notice| serde_json::json!({ "line": notice.line, "text": notice.text });
    notices.iter().map(notice).collect()
}

impl Entry {
    /// Whether it is an instruction, and no comment, directive or mark.
    pub fn is_instruction(&self) -> bool {
        self.kind.starts_with(|c: char| c.is_ascii_uppercase()) || self.kind == "unreadable"
    }
}

impl std::fmt::Display for Unequal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = |text: &str| {
            let line = text.replace("\\\n", " ");
            let line = line.lines().next().unwrap_or_default();
            line.split_whitespace().collect::<Vec<&str>>().join(" ")
        };
        write!(f, "{}", self.aspect.word())?;
        if !self.subject.is_empty() {
            write!(f, " {}", self.subject)?;
        }
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, ": was `{}`, is `{}`", first(old), first(new)),
            (Some(old), None) => write!(f, ": `{}` is gone", first(old)),
            (None, Some(new)) => write!(f, ": `{}` is new", first(new)),
            (None, None) => Ok(()),
        }
    }
}
