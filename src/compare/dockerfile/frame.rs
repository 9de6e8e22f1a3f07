//! What frames the stages: what the builder refuses, its directives, and how instructions are written.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::super::{Change, words::literal};
use super::file::File;
use crate::dockerfile::{Item, Mistake, print};

/// What a builder refuses, or what is not understood here, on one side and not on the other.
pub(super) fn mistakes(expected: &File, actual: &File) -> Vec<Change> {
    let mut changes = Vec::new();
    let of = |file: &File| -> Vec<(usize, Change)> {
        let mistakes = file.document.mistakes().iter();
        let change = |mistake: &Mistake| {
            let line = file.line_at(mistake.range.start);
            let change = if mistake.refused {
                Change::error("not-readable", mistake.to_string())
            } else {
                Change::warning("not-understood", mistake.to_string())
            };
            (line, change)
        };
        mistakes.map(change).collect()
    };
    let (was, is) = (of(expected), of(actual));
    let has = |list: &[(usize, Change)], change: &Change| {
        list.iter()
            .any(|(_, other)| other.message == change.message)
    };
    for (line, change) in is.iter().filter(|(_, change)| !has(&was, change)) {
        changes.push(change.clone().at(None, Some(*line)));
    }
    for (line, change) in was.iter().filter(|(_, change)| !has(&is, change)) {
        let mut change = change.clone();
        change.message = format!("the expected file: {}", change.message);
        changes.push(change.at(Some(*line), None));
    }
    changes
}

/// What the builder is told before it reads the rest.
pub(super) fn directives(expected: &File, actual: &File) -> Vec<Change> {
    let mut changes = Vec::new();
    let of = |file: &File| -> Vec<(&'static str, String, usize)> {
        let directives = file.document.directives();
        directives
            .map(|directive| {
                let line = file.line_at(directive.range.start);
                (directive.name.word(), directive.value.clone(), line)
            })
            .collect()
    };
    let (was, is) = (of(expected), of(actual));
    for (name, value, line) in &was {
        match is.iter().find(|other| other.0 == *name) {
            Some(other) if other.1 == *value => {}
            Some((_, now, at)) => {
                let (value, now) = (literal(value), literal(now));
                let message = format!("directive `{name}` is now {now}: was {value}");
                let change = Change::warning("directive-changed", message);
                changes.push(change.at(Some(*line), Some(*at)));
            }
            None => {
                let message = format!("directive `{name}` is gone: was {}", literal(value));
                let change = Change::warning("directive-removed", message);
                changes.push(change.at(Some(*line), Some(1)));
            }
        }
    }
    for (name, value, line) in is
        .iter()
        .filter(|(name, ..)| !was.iter().any(|other| other.0 == *name))
    {
        let message = format!("directive `{name}` is new: {}", literal(value));
        let change = Change::warning("directive-added", message);
        changes.push(change.at(None, Some(*line)));
    }
    changes
}

/// Instructions that mean the same and are written otherwise.
pub(super) fn spelling(expected: &File, actual: &File) -> Vec<Change> {
    let mut changes = Vec::new();
    let statements = |file: &File| -> Vec<(String, String, usize)> {
        let items = file.document.items().iter();
        let statements = items.filter_map(|item| match item {
            Item::Statement(statement) => Some(statement),
            _ => None,
        });
        statements
            .map(|statement| {
                let raw = &file.text[statement.place.span.clone()];
                let said = raw.lines().filter(|line| {
                    let line = line.trim();
                    !line.is_empty() && !line.starts_with('#')
                });
                let said: Vec<&str> = said.collect();
                (
                    print(&statement.instruction),
                    said.join("\n"),
                    statement.place.first_line,
                )
            })
            .collect()
    };
    let (was, is) = (statements(expected), statements(actual));
    let texts = |list: &[(String, String, usize)]| -> Vec<String> {
        list.iter().map(|(text, ..)| text.clone()).collect()
    };
    let ops = capture_diff_slices(Algorithm::Myers, &texts(&was), &texts(&is));
    for op in ops.iter().filter(|op| matches!(op, DiffOp::Equal { .. })) {
        for (a, b) in op.old_range().zip(op.new_range()) {
            if was[a].1 != is[b].1 {
                let message = format!(
                    "{} is written otherwise, and means the same",
                    literal(&is[b].0)
                );
                let change = Change::note("spelling-changed", message);
                changes.push(change.at(Some(was[a].2), Some(is[b].2)));
            }
        }
    }
    changes
}
