//! What a line with a cache no longer leaves in the image, or what one without it would leave there from now on.

use std::collections::BTreeSet;

use crate::dockerfile::paths::lies_in;
use crate::dockerfile::{self, Instruction, Run};

use super::Finder;
use super::manager::Manager;
use super::scripts::text_of;

/// The instructions that have caches, each by its item and the name of the manager.
pub(super) type Certain = BTreeSet<(usize, String)>;

/// What an instruction does with what was there before and what it leaves.
#[derive(Clone, Default)]
pub(super) struct Left {
    /// Whether what it fetched stays in the image.
    pub(super) lists: bool,
    /// The folders of the cache that it removes.
    pub(super) removed: Vec<String>,
}

impl Finder<'_> {
    /// Whether an instruction has the cache of a manager, as far as the rounds before have found.
    pub(super) fn has_cache(&self, manager: &Manager<'_>, item: usize, run: &Run) -> bool {
        let is_found = match &self.certain {
            Some(certain) => certain.contains(&(item, manager.name().to_owned())),
            None => run.line().is_some_and(|line| manager.is_named_in(line)),
        };
        is_found || manager.is_mounted_in(run)
    }

    /// Whether an instruction is left out, since others do what it does.
    fn is_gone(&self, item: usize) -> bool {
        let mut alone = self.fetches.iter().filter(|fetch| fetch.is_alone);
        alone.any(|fetch| fetch.item == item)
    }

    /// Whether what a manager removes for good was removed by a line above already.
    fn is_free_above(&self, manager: &Manager<'_>, (stage, at): (usize, usize)) -> bool {
        let Some(file) = manager.hindrance() else {
            return true;
        };
        let name = file.rsplit('/').next().unwrap_or_default();
        self.old.lineage(stage).into_iter().any(|number| {
            let body = &self.old.stages[number].body;
            let end = if number == stage { at } else { body.len() };
            body[..end]
                .iter()
                .any(|(_, statement)| match &statement.instruction {
                    Instruction::Run(run) => text_of(run).contains(name),
                    _ => false,
                })
        })
    }

    /// Whether no later line runs a manager without its cache, once a line has removed for good what kept files out of
    /// the image.
    pub(super) fn keeps_out(
        &self,
        manager: &Manager<'_>,
        place: (usize, usize),
        heirs: &[usize],
    ) -> Result<(), String> {
        if self.is_free_above(manager, place) {
            return Ok(());
        }
        for &number in heirs {
            for (at, (item, statement)) in self.old.stages[number].body.iter().enumerate() {
                if (number == place.0 && at <= place.1) || self.is_gone(*item) {
                    continue;
                }
                let text = match &statement.instruction {
                    Instruction::Run(run) if self.has_cache(manager, *item, run) => continue,
                    Instruction::Run(run) => text_of(run),
                    Instruction::Onbuild(_) => dockerfile::print(&statement.instruction),
                    _ => continue,
                };
                let line = statement.place.first_line;
                let would = "would leave in the image what it downloads from now on";
                if manager.has_word("called-by", &text) {
                    return Err(format!("line {line} gets none and {would}"));
                }
                if self.calls_script(manager, (number, at), &text) {
                    return Err(format!(
                        "the script that line {line} calls may run it and {would}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether what an instruction removes is its own, and was not left there by a line above.
    pub(super) fn removes_its_own(
        &self,
        manager: &Manager<'_>,
        (stage, at): (usize, usize),
        removed: &[String],
    ) -> Result<(), String> {
        // What is fetched stays until it is removed; what else lies there goes after each command anyway.
        let is_left = |folder: &&String| {
            let fetched = manager.text("fetched");
            fetched.is_none_or(|fetched| lies_in(folder, fetched) || lies_in(fetched, folder))
        };
        let removed: Vec<&String> = removed.iter().filter(is_left).collect();
        if removed.is_empty() {
            return Ok(());
        }
        for number in self.old.lineage(stage) {
            let body = &self.old.stages[number].body;
            let end = if number == stage { at } else { body.len() };
            for (above, (item, statement)) in body[..end].iter().enumerate() {
                let Instruction::Run(run) = &statement.instruction else {
                    continue;
                };
                if self.has_cache(manager, *item, run) || self.is_gone(*item) {
                    continue;
                }
                let text = text_of(run);
                let is_empty = removed.iter().all(|folder| text.contains(folder.as_str()))
                    || text
                        .split_whitespace()
                        .any(|word| manager.instead(word).is_some());
                let may_fill = manager.is_named_in(&text)
                    || manager.is_spelled_in("fetches", &text)
                    || !manager.list("called-by").is_empty()
                        && self.calls_script(manager, (number, above), &text);
                if may_fill && !is_empty {
                    return Err(format!(
                        "it also removes what line {} may have left there",
                        statement.place.first_line
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether nothing that runs in a container may need what was fetched.
    pub(super) fn is_not_started(
        &self,
        manager: &Manager<'_>,
        stages: &[usize],
    ) -> Result<(), String> {
        for &number in stages {
            let body = &self.old.stages[number].body;
            for (_, statement) in body {
                let is_start = matches!(
                    statement.instruction,
                    Instruction::Cmd(_) | Instruction::Entrypoint(_) | Instruction::Healthcheck(_)
                );
                let text = dockerfile::print(&statement.instruction);
                if is_start && self.starts(manager, (number, body.len()), &text) {
                    return Err(format!(
                        "what line {} starts may need what was fetched",
                        statement.place.first_line
                    ));
                }
            }
        }
        Ok(())
    }

    /// Whether what is fetched lies in a folder that is removed.
    pub(super) fn is_fetched_in(manager: &Manager<'_>, removed: &[String]) -> bool {
        let fetched = manager.text("fetched");
        let mut removed = removed.iter();
        fetched.is_some_and(|fetched| removed.any(|folder| lies_in(fetched, folder)))
    }
}
