//! Two compose files: key by key, with what it means for a service.

mod keys;
mod ports;
mod service;
#[cfg(test)]
mod tests;

use self::keys::Keys;
use super::layout::{self, Piece, Pieces};
use super::{Change, Severity, words::literal};
use crate::compose::{ParseError, Tree, parse, within_texts};

/// Everything that differs.
pub(super) fn compare(expected: &str, actual: &str) -> Vec<Change> {
    let mut changes = layout::compare(&pieces(expected), &pieces(actual));
    match (parse(expected), parse(actual)) {
        (Ok(was), Ok(is)) => {
            changes.extend(files(&was, &is));
            changes.extend(tags(expected, actual));
        }
        (was, is) => {
            let told = |error: &ParseError| (error.line, error.column, error.to_string());
            if let Err(error) = is {
                let (line, column, words) = told(&error);
                let lines = actual.lines().count().max(1);
                let message = format!("{words}, at character {column}");
                changes
                    .push(Change::error("not-readable", message).at(None, Some(line.min(lines))));
            } else if let Err(error) = was {
                let (line, _, words) = told(&error);
                let message = format!("the expected file: {words}");
                changes.push(Change::error("not-readable", message).at(Some(line), None));
            }
        }
    }
    changes
}

/// The sections of two files.
fn files(was: &Tree, is: &Tree) -> Vec<Change> {
    let mut keys = Keys::default();
    let services = |tree: &Tree| {
        tree.get("services")
            .filter(|tree| tree.map().is_some())
            .cloned()
    };
    let (old, new) = (services(was), services(is));
    if old.is_some() && new.is_some() {
        keys.told.push(("services".to_owned(), None));
    }
    keys.compare("", was, is);
    let mut changes = keys.changes;
    let (Some(old), Some(new)) = (old, new) else {
        return changes;
    };
    let services = |tree: &Tree| tree.map().cloned().unwrap_or_default();
    let (before, after) = (services(&old), services(&new));
    for (name, service) in &before {
        if let Some(other) = after.get(name) {
            changes.extend(service::compare(name, service, other));
        } else {
            let message = format!("service {} is gone", literal(name));
            let change = Change::warning("service-removed", message);
            changes.push(change.at(Some(service.line), Some(new.line)));
        }
    }
    for (name, service) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        let message = format!("service {} is new", literal(name));
        let change = Change::warning("service-added", message);
        changes.push(change.at(None, Some(service.line)));
        let risks = service::compare(name, &Tree::null(service.line), service);
        let risks = risks
            .into_iter()
            .filter(|risk| risk.severity == Severity::Error);
        changes.extend(risks.map(|risk| Change {
            expected_line: None,
            ..risk
        }));
    }
    if changes.is_empty() && !before.keys().eq(after.keys()) {
        let message = "services stand in another order";
        let change = Change::note("order-changed", message);
        changes.push(change.at(Some(old.line), Some(new.line)));
    }
    changes
}

/// Tags say how a file is merged over another one (`!reset`, `!override`); they are no part of what is read.
fn tags(expected: &str, actual: &str) -> Vec<Change> {
    let of = |text: &str| -> Vec<(String, usize)> {
        let mut tags = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let code = line.split(" #").next().unwrap_or_default();
            let words = code.split_whitespace().filter(|word| {
                let name = word.strip_prefix('!').unwrap_or_default();
                matches!(name, "reset" | "override")
            });
            tags.extend(words.map(|word| (word.to_owned(), index + 1)));
        }
        tags
    };
    let (was, is) = (of(expected), of(actual));
    let words = |tags: &[(String, usize)]| -> Vec<String> {
        tags.iter().map(|(word, _)| word.clone()).collect()
    };
    if words(&was) == words(&is) {
        return Vec::new();
    }
    let same = was.iter().zip(&is).take_while(|(a, b)| a.0 == b.0).count();
    let line = |tags: &[(String, usize)]| tags.get(same).map(|(_, line)| *line);
    let message = "a tag changed that says how the file is merged over another one";
    vec![Change::warning("tag-changed", message).at(line(&was), line(&is))]
}

/// The lines of a file. What stands in a text of several lines is no comment, whatever it looks like.
fn pieces(text: &str) -> Pieces {
    let mut pieces = Pieces::default();
    for (index, (line, is_text)) in text.lines().zip(within_texts(text)).enumerate() {
        let trimmed = line.trim();
        let piece = match trimmed {
            _ if is_text => Piece::Meaning(line.trim_end().to_owned()),
            "" => Piece::Blank,
            _ if trimmed.starts_with('#') => {
                Piece::Comment(trimmed.trim_start_matches('#').trim().to_owned())
            }
            _ => Piece::Meaning(line.trim_end().to_owned()),
        };
        pieces.push(piece, index + 1);
    }
    pieces
}
