//! Edits that a key of the spec can say.

use toml_edit::{Array, Value};

use super::Compiled;
use super::differences::Difference;
use crate::data::Node;
use crate::dockerfile::{
    CommandLine, Env, Expose, Healthcheck, Instruction, Interval, RunCommand, Token, Word,
};
use crate::plan::{self, Layer};
use crate::preset::RUNTIME;
use crate::spec::{self, Edit};

/// The ways to say a difference of a Dockerfile with the spec's keys; often none.
pub(super) fn ways(difference: &Difference, compiled: &Compiled) -> Vec<Vec<Edit>> {
    let tree = &compiled.tree;
    match difference {
        Difference::Base {
            expected, actual, ..
        } => base(expected.image.as_str(), actual.image.as_str(), tree),
        Difference::Instruction {
            stage,
            expected,
            actual,
            ..
        } => {
            let before = expected.as_ref().map(|layer| &layer.instruction);
            let edits = match (before, actual) {
                (Some(Instruction::Run(_)), Some(Instruction::Run(_))) => {
                    packages(stage, expected.as_ref(), actual.as_ref(), tree)
                }
                _ if stage != RUNTIME => None,
                (before, Some(after)) => said(before, after, tree),
                (Some(before), None) => unsaid(before, tree),
                (None, None) => None,
            };
            let mut ways: Vec<Vec<Edit>> = edits.into_iter().collect();
            if let (_, Some(Instruction::Expose(_))) | (Some(Instruction::Expose(_)), None) =
                (before, actual)
            {
                ways.extend(with_healthcheck(&ways, compiled));
            }
            ways
        }
        _ => Vec::new(),
    }
}

/// The same ways with the healthcheck as it is, spelled out: it follows the first port unless it says its own.
pub(super) fn with_healthcheck(ways: &[Vec<Edit>], compiled: &Compiled) -> Option<Vec<Edit>> {
    let (check, _) = plan::healthcheck(&compiled.plan.stages, RUNTIME)?;
    let check = healthcheck(None, &Healthcheck::Command(Box::new(check.clone())))?;
    Some([ways.first()?.clone(), check].concat())
}

fn path(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn set(keys: &[&str], value: impl Into<Value>) -> Edit {
    Edit::Set(path(keys), value.into())
}

/// A base image, for every stage or for the one that runs only.
fn base(before: &str, after: &str, tree: &Node) -> Vec<Vec<Edit>> {
    let has_more = tree
        .get("base")
        .is_some_and(|base| base.entries().any(|(key, _)| key != "image"));
    let whole = if has_more {
        set(&["base", "image"], after)
    } else {
        set(&["base"], after)
    };
    vec![
        vec![whole.clone()],
        vec![whole, set(&["base", "build"], before)],
        vec![set(&["base", "build"], after)],
    ]
}

/// An instruction that says something which the spec has a key for.
fn said(before: Option<&Instruction>, after: &Instruction, tree: &Node) -> Option<Vec<Edit>> {
    match after {
        Instruction::Env(env) => {
            let old = match before {
                Some(Instruction::Env(old)) => Some(old),
                _ => None,
            };
            variables(old, env)
        }
        Instruction::Expose(ports) => exposed(ports, tree),
        Instruction::Healthcheck(check) => healthcheck(before, check),
        Instruction::User(user) => {
            let text = user.text()?;
            let (uid, gid) = text.split_once(':').unwrap_or((&text, &text));
            let (uid, gid): (i64, i64) = (uid.parse().ok()?, gid.parse().ok()?);
            let mut edits = vec![set(&["user", "uid"], uid)];
            if uid == 0 {
                edits = vec![set(&["user"], "root")];
            } else if gid != uid {
                edits.push(set(&["user", "gid"], gid));
            }
            Some(edits)
        }
        Instruction::Workdir(word) => Some(vec![set(&["workdir"], template(word)?)]),
        Instruction::StopSignal(word) => Some(vec![set(&["stop-signal"], template(word)?)]),
        Instruction::Cmd(CommandLine::Exec(words)) => Some(vec![set(&["command"], array(words))]),
        Instruction::Entrypoint(CommandLine::Exec(words)) => {
            Some(vec![set(&["entrypoint"], array(words))])
        }
        Instruction::Label(label) => {
            let pairs = label.as_slice().iter().map(|(name, value)| {
                Some(set(&["labels", &name.word().text()?], template(value)?))
            });
            pairs.collect()
        }
        _ => None,
    }
}

/// An instruction that is gone, and that a key of the spec had said.
fn unsaid(before: &Instruction, tree: &Node) -> Option<Vec<Edit>> {
    match (before, spec::key_of(before)?) {
        // What these say does not go away with their keys: a preset has defaults for them.
        (Instruction::User(_) | Instruction::Workdir(_), _) => None,
        (Instruction::Healthcheck(_), key) => Some(vec![set(&[key], false)]),
        (_, key) => tree.get(key).map(|_| vec![Edit::Unset(path(&[key]))]),
    }
}

fn variables(before: Option<&Env>, after: &Env) -> Option<Vec<Edit>> {
    let old = before.map(Env::as_slice).unwrap_or_default();
    let mut edits = Vec::new();
    for (name, value) in after.as_slice() {
        if !old.iter().any(|pair| pair.0 == *name && pair.1 == *value) {
            edits.push(set(&["env", name.as_str()], template(value)?));
        }
    }
    for (name, _) in old {
        if !after.as_slice().iter().any(|pair| pair.0 == *name) {
            edits.push(Edit::Unset(path(&["env", name.as_str()])));
        }
    }
    Some(edits)
}

/// The ports: those that stay keep what the spec says of them.
fn exposed(after: &Expose, tree: &Node) -> Option<Vec<Edit>> {
    let mut ports = Array::new();
    let said = said_ports(tree);
    for token in after.as_slice() {
        let text = port(token)?;
        let same = said.iter().find(|said| {
            let container = said.rsplit(':').next().unwrap_or_default();
            container == text
        });
        match (same.copied().unwrap_or(&text).parse::<i64>(), same) {
            (Ok(number), _) => ports.push(number),
            (Err(_), Some(same)) => ports.push(*same),
            (Err(_), None) => ports.push(text),
        }
    }
    Some(vec![set(&["ports"], ports)])
}

/// The ports that a spec says, as it says them.
pub(super) fn said_ports(tree: &Node) -> Vec<&str> {
    let ports = tree.get("ports").into_iter().flat_map(Node::items);
    ports.filter_map(Node::text).collect()
}

fn port(token: &Token) -> Option<String> {
    let text = token.word().text()?;
    Some(text.strip_suffix("/tcp").unwrap_or(&text).to_owned())
}

fn healthcheck(before: Option<&Instruction>, after: &Healthcheck) -> Option<Vec<Edit>> {
    let Healthcheck::Command(after) = after else {
        return Some(vec![set(&["healthcheck"], false)]);
    };
    let before = match before {
        Some(Instruction::Healthcheck(Healthcheck::Command(check))) => Some(check),
        _ => None,
    };
    let mut edits = Vec::new();
    if before.is_none_or(|before| before.command() != after.command()) {
        let CommandLine::Exec(words) = after.command() else {
            return None;
        };
        edits.push(Edit::Unset(path(&["healthcheck"])));
        edits.push(set(&["healthcheck", "command"], array(words)));
    }
    let same_command = edits.is_empty();
    let mut time = |key: &str, old: Option<&Interval>, new: Option<&Interval>| match new {
        Some(new) if !same_command || old != Some(new) => {
            edits.push(set(&["healthcheck", key], new.as_str()));
        }
        None if same_command && old.is_some() => {
            edits.push(Edit::Unset(path(&["healthcheck", key])));
        }
        _ => {}
    };
    time(
        "interval",
        before.and_then(|check| check.interval.as_ref()),
        after.interval.as_ref(),
    );
    time(
        "timeout",
        before.and_then(|check| check.timeout.as_ref()),
        after.timeout.as_ref(),
    );
    time(
        "start-period",
        before.and_then(|check| check.start_period.as_ref()),
        after.start_period.as_ref(),
    );
    time(
        "start-interval",
        before.and_then(|check| check.start_interval.as_ref()),
        after.start_interval.as_ref(),
    );
    let old = before.and_then(|check| check.retries);
    match after.retries {
        Some(retries) if !same_command || old != Some(retries) => {
            edits.push(set(&["healthcheck", "retries"], i64::from(retries)));
        }
        None if same_command && old.is_some() => {
            edits.push(Edit::Unset(path(&["healthcheck", "retries"])));
        }
        _ => {}
    }
    Some(edits)
}

/// Packages that were added to a list or taken from it. Whether it was a list of packages shows when the spec is
/// compiled again.
fn packages(
    stage: &str,
    before: Option<&Layer>,
    after: Option<&Instruction>,
    tree: &Node,
) -> Option<Vec<Edit>> {
    let (old, new) = (words(&before?.instruction)?, words(after?)?);
    let key = if stage == RUNTIME { "runtime" } else { "build" };
    let mut list: Vec<String> = tree
        .get("packages")
        .and_then(|packages| packages.get(key))
        .into_iter()
        .flat_map(Node::items)
        .filter_map(Node::text)
        .map(ToOwned::to_owned)
        .collect();
    list.retain(|package| new.contains(package));
    let added = new
        .iter()
        .filter(|word| !old.contains(word) && (spec::rules::PACKAGE.refuse)(word).is_none());
    list.extend(added.cloned());
    // The order is that of the person, as far as the list is the spec's.
    list.sort_by_key(|package| new.iter().position(|word| word == package));
    Some(vec![set(&["packages", key], array(&list))])
}

fn words(instruction: &Instruction) -> Option<Vec<String>> {
    let Instruction::Run(run) = instruction else {
        return None;
    };
    let RunCommand::Script(script) = &run.command else {
        return None;
    };
    let text = script.body().unwrap_or(script.line());
    Some(
        text.split_whitespace()
            .filter(|word| *word != "\\")
            .map(ToOwned::to_owned)
            .collect(),
    )
}

fn array(words: &[String]) -> Array {
    words.iter().map(String::as_str).collect()
}

/// The text of a spec that comes to this word: `$NAME` is a variable in both, everything else is as it stands.
fn template(word: &Word) -> Option<String> {
    let literal = word.text().map(|text| text.replace('$', "\\$"));
    let raw = word.as_str().trim_matches('"').to_owned();
    [literal, Some(raw)]
        .into_iter()
        .flatten()
        .find(|text| Word::template(text).as_ref() == Ok(word))
}
