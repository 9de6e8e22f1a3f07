//! What is told of a compose file.

use std::fmt::Write;

use crate::migrate::account::{items, listed, notices};

use super::Services;

impl Services {
    /// The report for people.
    pub(in super::super) fn human(&self) -> String {
        let (mut text, width) = listed(&self.entries);
        if !text.is_empty() {
            text.insert_str(0, &format!("{}:\n", self.file));
        }
        if !self.notices.is_empty() {
            let _ = writeln!(text, "\nnoticed in {}:", self.file);
        }
        for notice in &self.notices {
            let _ = writeln!(text, "{:>width$}  {}", notice.line, notice.text);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = match (&self.left, self.new.len()) {
            (Some(reason), _) => writeln!(text, "{} stays as it is: {reason}", self.file),
            (None, 0) => writeln!(text, "{}: {} values, all equal", self.file, self.compared),
            (None, new) => writeln!(
                text,
                "{}: {} values, all equal, and {new} new:",
                self.file, self.compared
            ),
        };
        for new in &self.new {
            let _ = writeln!(text, "  {new}");
        }
        for over in &self.over {
            let _ = writeln!(text, "{over} stays as it is, and lies over it as before");
        }
        text
    }

    /// The report for programs.
    pub(in super::super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "file": self.file,
            "left": self.left,
            "items": items(&self.entries),
            "new": self.new,
            "notices": notices(&self.notices),
            "compared": self.compared,
            "over": self.over,
        })
    }
}
