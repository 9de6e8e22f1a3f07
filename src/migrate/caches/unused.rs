//! Caches that an old file mounts and that keep nothing there.

use super::{KNOWN, managers};
use crate::dockerfile::{Instruction, Run};
use crate::migrate::notice::{self, Notice};
use crate::migrate::old::Old;

/// The caches of package managers that are mounted in vain. `mended` are the items whose caches are used by now.
pub(in crate::migrate) fn unused(old: &Old<'_>, mended: &[usize]) -> Vec<Notice> {
    let mut found = Vec::new();
    for (stage, body) in old.stages.iter().enumerate() {
        for (at, (item, statement)) in body.body.iter().enumerate() {
            let Instruction::Run(run) = &statement.instruction else {
                continue;
            };
            if mended.contains(item) {
                continue;
            }
            let texts = of_command(run, &commands_until(old, (stage, at)));
            found.extend(texts.into_iter().map(|text| Notice {
                line: statement.place.first_line,
                text,
            }));
        }
    }
    found
}

/// The lines that a shell has run in a stage and below it, up to an instruction.
fn commands_until<'a>(old: &'a Old<'_>, (stage, at): (usize, usize)) -> Vec<&'a str> {
    let mut lines = Vec::new();
    for below in old.lineage(stage) {
        let body = &old.stages[below].body;
        let end = if below == stage { at + 1 } else { body.len() };
        lines.extend(body[..end].iter().filter_map(
            |(_, statement)| match &statement.instruction {
                Instruction::Run(run) => run.line(),
                _ => None,
            },
        ));
    }
    lines
}

fn of_command(run: &Run, until: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let Some(line) = run.line() else {
        return found;
    };
    for target in notice::cached_paths(run) {
        for manager in managers(&KNOWN).filter(|manager| manager.is_named_in(line)) {
            let name = manager.name();
            let own = manager.list("cache");
            if manager.meets(&target) {
                let mut words = line.split_whitespace();
                if let Some(flag) = words.find(|word| manager.instead(word).is_some()) {
                    found.push(format!(
                        "`{flag}` keeps `{name}` from the cache at `{target}`"
                    ));
                }
            }
            // What has to run before names the file that empties the first of the folders.
            let file = manager.hindrance();
            if let Some(file) = file.filter(|_| own.first() == Some(&target.as_str())) {
                let base = file.rsplit('/').next().unwrap_or_default();
                if !until.iter().any(|line| line.contains(base)) {
                    found.push(format!(
                        "`{name}` empties the cache at `{target}` after each command, as long as the image has `{file}`"
                    ));
                }
            }
        }
    }
    found
}
