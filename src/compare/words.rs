//! Words of messages, and what names say.

use crate::dockerfile;

/// The longest literal in a message, in characters.
const LONGEST: usize = 72;

/// Words that make it no secret after all, but the place of one.
const OPEN_WORDS: &[&str] = &["file", "path", "dir"];

/// Whether the name of a variable says that its value is a secret.
pub(super) fn names_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_open = lower.split('_').any(|part| OPEN_WORDS.contains(&part));
    (dockerfile::names_secret(name) || lower.ends_with("password")) && !is_open
}

/// A text as a literal of a message: its first line, cut where it is long.
pub(super) fn literal(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let first = first.trim_end_matches('\\').trim();
    let more = lines.next().is_some() || first.chars().count() > LONGEST;
    let cut: String = first.chars().take(LONGEST).collect();
    let cut = cut.trim_end();
    if more {
        format!("`{cut}…`")
    } else {
        format!("`{cut}`")
    }
}
