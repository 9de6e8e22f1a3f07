//! Two versions of one `RUN`: its mounts, its rights, its commands.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::super::{Change, words::literal};
use super::file::{Atom, File};
use super::packages;
use super::shell::{Command, Commands};
use crate::dockerfile::{Instruction, Mount, MountKind, Network, Run, RunCommand, Security, print};

/// The differences of a step, but for the packages that it installs.
pub(super) fn compare(
    actual_file: &File,
    atoms: (&Atom, &Atom),
    runs: (&Run, &Run),
    place: &str,
) -> Vec<Change> {
    let ((expected, actual), (was, is)) = (atoms, runs);
    let mut changes = mounts(was, is, place);
    changes.extend(rights(was, is, place));
    for change in &mut changes {
        *change = change.clone().at(Some(expected.line), Some(actual.line));
    }
    let (old, new) = (packages::without(was), packages::without(is));
    let at = |change: Change, word: &str| {
        let line = actual_file.line_of(actual.first_line, actual.last_line, word);
        change.at(Some(expected.line), Some(line))
    };
    if !old.goes_on() && new.goes_on() {
        let message = format!("a command of this step may fail, and the build goes on{place}");
        changes.push(at(Change::warning("failures-unnoticed", message), ""));
    }
    if let Some((message, word)) = commands(&old.stopping(), &new.stopping(), place) {
        changes.push(at(Change::warning("step-changed", message), &word));
    } else if changes.is_empty() && !has_packages(was, is) {
        changes.push(at(same(was, is, place), ""));
    }
    changes
}

/// Whether the packages differ, which is told elsewhere.
fn has_packages(was: &Run, is: &Run) -> bool {
    let of = |run: &Run| {
        let step = Instruction::Run(run.clone());
        let mut words: Vec<String> = packages::of(std::iter::once(&step))
            .into_values()
            .map(|(word, _)| word)
            .collect();
        words.sort_unstable();
        words
    };
    of(was) != of(is)
}

/// What is left when the commands are the same.
fn same(was: &Run, is: &Run, place: &str) -> Change {
    let is_exec = |run: &Run| matches!(run.command, RunCommand::Exec(_));
    if is_exec(was) != is_exec(is) {
        let how = if is_exec(is) {
            "without a shell"
        } else {
            "by a shell"
        };
        return Change::warning("step-changed", format!("this step is now run {how}{place}"));
    }
    if Commands::of(was).list.len() == Commands::of(is).list.len()
        && Commands::of(was).list != Commands::of(is).list
    {
        return Change::note(
            "order-changed",
            format!("packages stand in another order{place}"),
        );
    }
    Change::note(
        "spelling-changed",
        format!("this step is written otherwise, and runs the same commands{place}"),
    )
}

/// What it means that the commands differ, and a word by which to find the place.
fn commands(old: &Commands, new: &Commands, place: &str) -> Option<(String, String)> {
    let keys = |commands: &Commands| -> Vec<String> {
        let key = |command: &Command| format!("{:?} {}", command.joint, command.text());
        commands.list.iter().map(key).collect()
    };
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &keys(old), &keys(new)) {
        if !matches!(op, DiffOp::Equal { .. }) {
            gone.extend(&old.list[op.old_range()]);
            come.extend(&new.list[op.new_range()]);
        }
    }
    // The first command has nothing before it, so another first one makes two of them differ.
    let texts =
        |list: &[&Command]| -> Vec<String> { list.iter().map(|command| command.text()).collect() };
    let (all_gone, all_come) = (texts(&gone), texts(&come));
    if !all_come.is_empty() && all_gone.len() != all_come.len() {
        gone.retain(|command| !all_come.contains(&command.text()));
        come.retain(|command| !all_gone.contains(&command.text()));
    }
    let shown = |list: &[&Command]| list.first().map(|command| literal(&command.text()));
    let message = match (shown(&gone), shown(&come)) {
        (None, None) if all_gone.is_empty() && all_come.is_empty() => return None,
        (None, None) => format!("this step runs its commands in another order{place}"),
        (Some(was), None) => format!("this step no longer runs {was}{}{place}", more(&gone)),
        (None, Some(is)) => format!("this step also runs {is}{}{place}", more(&come)),
        (Some(was), Some(is)) => {
            format!("this step now runs {is}{}{place}: was {was}", more(&come))
        }
    };
    let word = match (gone.first(), come.first()) {
        (Some(gone), Some(come)) => {
            let new = come.words.iter().find(|word| !gone.words.contains(word));
            new.or(come.words.first())
        }
        (None, Some(come)) => come.words.first(),
        _ => None,
    };
    let word = word
        .and_then(|word| word.lines().next())
        .unwrap_or_default();
    Some((message, word.to_owned()))
}

fn more(list: &[&Command]) -> String {
    match list.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    }
}

/// What a step may do that it could not before.
fn rights(was: &Run, is: &Run, place: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let insecure = |run: &Run| run.security == Some(Security::Insecure);
    if !insecure(was) && insecure(is) {
        let message = format!("this step now runs with elevated rights{place}");
        changes.push(Change::error("insecure-step", message));
    } else if was.security != is.security {
        let message = format!("this step runs with other rights{place}");
        changes.push(Change::warning("step-changed", message));
    }
    if was.network != is.network {
        let word = |network: Option<Network>| network.map_or("default", Network::word);
        changes.push(Change::warning(
            "network-changed",
            format!(
                "this step sees the network `{}`{place}: was `{}`",
                word(is.network),
                word(was.network)
            ),
        ));
    }
    if was.devices != is.devices {
        changes.push(Change::warning(
            "step-changed",
            format!("this step sees other devices{place}"),
        ));
    }
    changes
}

/// The mounts that are gone, new or different.
fn mounts(was: &Run, is: &Run, place: &str) -> Vec<Change> {
    let mut changes = Vec::new();
    let find =
        |list: &[Mount], mount: &Mount| list.iter().find(|other| key(other) == key(mount)).cloned();
    for mount in &was.mounts {
        let text = literal(&key(mount).1);
        match find(&is.mounts, mount) {
            None if mount.is_cache() => changes.push(Change::warning(
                "cache-mount-lost",
                format!("the cache {text} is no longer kept between builds{place}"),
            )),
            None => changes.push(Change::warning(
                "mount-removed",
                format!("the {} mount {text} is gone{place}", key(mount).0),
            )),
            Some(other) if other != *mount => changes.push(Change::warning(
                "mount-changed",
                format!(
                    "the {} mount {text} is now {}{place}: was {}",
                    key(mount).0,
                    literal(&spelled(&other)),
                    literal(&spelled(mount))
                ),
            )),
            Some(_) => {}
        }
    }
    for mount in &is.mounts {
        if find(&was.mounts, mount).is_none() {
            let text = literal(&key(mount).1);
            changes.push(Change::warning(
                "mount-added",
                format!("there is a {} mount {text}{place}", key(mount).0),
            ));
        }
    }
    if changes.is_empty() && was.mounts != is.mounts {
        let message = format!("mounts stand in another order{place}");
        changes.push(Change::note("order-changed", message));
    }
    changes
}

/// By what a mount is known among those of a step: its type, and its target or its name.
fn key(mount: &Mount) -> (&'static str, String) {
    let kind = mount
        .kind()
        .fixed()
        .map_or("variable", |kind: &MountKind| kind.word());
    let name = mount.target().or(mount.id());
    (
        kind,
        name.map_or_else(String::new, |name| name.as_str().to_owned()),
    )
}

fn spelled(mount: &Mount) -> String {
    let mut run = Run::new(RunCommand::Exec(Vec::new()));
    run.mounts.push(mount.clone());
    let text = print(&Instruction::Run(run));
    let text = text.strip_prefix("RUN --mount=").unwrap_or(&text);
    text.lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches(" \\")
        .to_owned()
}

/// What is told of a new step that may do more than others.
pub(super) fn new_step(run: &Run) -> Option<Change> {
    (run.security == Some(Security::Insecure)).then(|| {
        Change::error(
            "insecure-step",
            "a step is new that runs with elevated rights",
        )
    })
}
