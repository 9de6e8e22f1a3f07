//! The stages of two files, side by side.

use super::super::{Change, words::literal};
use super::file::File;
use super::{Comparison, base, sets};

impl Comparison<'_> {
    /// Stages that are new, gone, called or built otherwise.
    pub(super) fn stages(&mut self) {
        for a in 0..self.expected.stages.len() {
            let line = self.expected.stages[a].place.first_line;
            if let Some((_, b)) = self.pairs.iter().find(|pair| pair.0 == a) {
                self.from(a, *b);
            } else {
                let name = literal(&self.expected.label(a));
                let change = Change::warning("stage-removed", format!("stage {name} is gone"));
                self.changes
                    .push(change.at(Some(line), self.stage_would_stand(a)));
            }
        }
        for b in 0..self.actual.stages.len() {
            if !self.pairs.iter().any(|pair| pair.1 == b) {
                let name = literal(&self.actual.label(b));
                let change = Change::warning("stage-added", format!("stage {name} is new"));
                let line = self.actual.stages[b].place.first_line;
                self.changes.push(change.at(None, Some(line)));
            }
        }
        if let (Some(was), Some(is)) = (self.expected.stages.last(), self.actual.stages.last())
            && !self.pairs.contains(&self.last())
        {
            let message = format!(
                "a build makes stage {} where none is named: was {}",
                literal(&self.actual.label(self.actual.stages.len() - 1)),
                literal(&self.expected.label(self.expected.stages.len() - 1)),
            );
            let change = Change::warning("final-stage-changed", message);
            self.changes
                .push(change.at(Some(was.place.first_line), Some(is.place.first_line)));
        }
    }

    pub(super) fn last(&self) -> (usize, usize) {
        let last = |file: &File| file.stages.len().saturating_sub(1);
        (last(self.expected), last(self.actual))
    }

    /// The line of the actual file where a stage would stand: behind the one that it stood behind.
    fn stage_would_stand(&self, expected: usize) -> Option<usize> {
        let Some(before) = self.pairs.iter().rev().find(|pair| pair.0 < expected) else {
            let first = self.actual.stages.first()?;
            return Some(first.place.first_line);
        };
        let stage = &self.actual.stages[before.1];
        let last = stage
            .atoms
            .last()
            .map_or(stage.place.last_line, |atom| atom.last_line);
        Some(self.actual.line_behind(last))
    }

    fn from(&mut self, a: usize, b: usize) {
        let (was, is) = (&self.expected.stages[a], &self.actual.stages[b]);
        let mut line = is.place.first_line;
        let place = self.place(b);
        if let Some(change) = base::compare(self.expected, self.actual, (a, b), &self.pairs, &place)
        {
            if was.from.image == is.from.image {
                // The variable in it has another default, and that is where it can be seen.
                for name in is.from.image.word().variables() {
                    if let Some(atom) = self.actual.globals.iter().find(|atom| sets(atom, &name)) {
                        line = atom.line;
                    }
                    self.told.globals.insert(name);
                }
            }
            self.changes
                .push(change.at(Some(was.place.first_line), Some(line)));
        }
        let line = is.place.first_line;
        let mut tell = |kind, message| {
            let change = Change::warning(kind, message);
            self.changes
                .push(change.at(Some(was.place.first_line), Some(line)));
        };
        if was.from.name != is.from.name {
            let old = literal(&self.expected.label(a));
            let message = match &is.from.name {
                Some(name) => format!("stage {old} is now called {}", literal(name.as_str())),
                None => format!("stage {old} has no name any more"),
            };
            tell("stage-renamed", message);
        }
        if was.from.platform != is.from.platform {
            let word = |from: &crate::dockerfile::From| {
                let platform = from.platform.as_ref();
                platform.map_or_else(|| "none".to_owned(), |word| literal(word.as_str()))
            };
            let message = format!(
                "the platform of the base image{place} is now {}: was {}",
                word(&is.from),
                word(&was.from)
            );
            tell("platform-changed", message);
        }
    }

    /// The words that say which stage is meant.
    pub(super) fn place(&self, actual_stage: usize) -> String {
        if self.actual.has_stages() {
            format!(" in stage {}", literal(&self.actual.label(actual_stage)))
        } else {
            String::new()
        }
    }
}
