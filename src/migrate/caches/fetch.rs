//! What a line fetches for the lines below it.

use super::manager::Manager;
use super::{Cached, Finder};
use crate::dockerfile::{Instruction, Statement};
use crate::migrate::draft;
use crate::migrate::old::{Gone, Old};
use crate::migrate::shell;

/// An instruction that fetches what others below it may install with.
pub(super) struct Fetch {
    /// The stage, and which of its instructions it is.
    place: (usize, usize),
    pub(super) item: usize,
    /// The manager whose command it is.
    manager: String,
    /// The command.
    command: String,
    /// Whether the instruction does nothing else.
    pub(super) is_alone: bool,
}

impl Fetch {
    /// The lowest stage that its own is built on.
    pub(super) fn lowest(&self, old: &Old<'_>) -> usize {
        old.lineage(self.place.0)[0]
    }

    /// The instruction as one that others do the work of, if it does nothing else.
    pub(super) fn gone(&self, old: &Old<'_>) -> Option<Gone> {
        let (stage, at) = self.place;
        self.is_alone.then(|| Gone {
            item: self.item,
            into: None,
            comments: draft::comments(old.stages[stage].body[at].1),
            reason: format!(
                "`{}` is run by each line that installs, so that what it fetched is never older than that line",
                self.command
            ),
        })
    }
}

impl Finder<'_> {
    /// The instructions that fetch.
    pub(super) fn fetching(&self) -> Vec<Fetch> {
        let mut found = Vec::new();
        for (stage, body) in self.old.stages.iter().enumerate() {
            for (at, (item, statement)) in body.body.iter().enumerate() {
                let fetch = self.managers().find_map(|manager| {
                    let (command, is_alone) = fetched(&manager, statement)?;
                    Some((manager.name().to_owned(), command, is_alone))
                });
                found.extend(fetch.map(|(manager, command, is_alone)| Fetch {
                    place: (stage, at),
                    item: *item,
                    manager,
                    command,
                    is_alone,
                }));
            }
        }
        found
    }

    /// The command that has fetched what an instruction installs with, if that was another line.
    pub(super) fn fetched_above(
        &self,
        manager: &Manager<'_>,
        (stage, at): (usize, usize),
    ) -> Option<&str> {
        let lineage = self.old.lineage(stage);
        let is_above = |fetch: &&Fetch| {
            let (own, line) = fetch.place;
            fetch.manager == manager.name() && lineage.contains(&own) && (own != stage || line < at)
        };
        let mut above = self.fetches.iter().rev().filter(is_above);
        above.next().map(|fetch| fetch.command.as_str())
    }

    /// Whether lines of a stage, and of those that it has a stage below it in common with, fetch what they need.
    pub(super) fn fetches_in(&self, stage: usize) -> bool {
        let lowest = self.old.lineage(stage)[0];
        let mut fetches = self.fetches.iter();
        fetches.any(|fetch| fetch.lowest(self.old) == lowest)
    }

    /// The lowest of the stages in which something that may need what another line has fetched does not fetch it itself
    /// now, or in which nothing needs it.
    pub(super) fn lacking(&self, cached: &Cached) -> Vec<usize> {
        let mut lacking = Vec::new();
        let mut needing = Vec::new();
        for (stage, body) in self.old.stages.iter().enumerate() {
            if !self.fetches_in(stage) {
                continue;
            }
            let lowest = self.old.lineage(stage)[0];
            for (item, statement) in &body.body {
                let mut alone = self.fetches.iter().filter(|fetch| fetch.is_alone);
                let is_gone = alone.any(|fetch| fetch.item == *item);
                let Instruction::Run(run) = &statement.instruction else {
                    continue;
                };
                let line = run.line().unwrap_or("apt");
                let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
                let is_near = words.any(|word| matches!(word, "apt" | "aptitude" | "debootstrap"));
                if is_gone || !is_near {
                    continue;
                }
                if cached.improved.iter().any(|(improved, _)| improved == item) {
                    needing.push(lowest);
                } else {
                    lacking.push(lowest);
                }
            }
        }
        let lowest = self.fetches.iter().map(|fetch| fetch.lowest(self.old));
        lacking.extend(lowest.filter(|lowest| !needing.contains(lowest)));
        lacking
    }
}

/// The command of an instruction that fetches for a manager, and whether it does nothing else.
fn fetched(manager: &Manager<'_>, statement: &Statement) -> Option<(String, bool)> {
    let Instruction::Run(run) = &statement.instruction else {
        return None;
    };
    let is_bare = run.mounts.is_empty() && run.devices.is_empty();
    let is_bare = is_bare && run.network.is_none() && run.security.is_none();
    let commands = shell::commands(run.line()?, 0)?;
    let fetch = commands
        .iter()
        .find(|command| manager.runs("fetches", command))?;
    Some((fetch.joined(), is_bare && commands.len() == 1))
}
