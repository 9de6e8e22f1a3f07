//! What the image of a stage says of itself in the end, whichever instruction of whichever stage said it.

use indexmap::IndexMap;

use super::super::{Change, Severity, words};
use super::file::File;
use crate::dockerfile::stages::Source;
use crate::dockerfile::{Check, CommandLine, Healthcheck, Instruction, Interval, is_root};

/// The place of a fact: a stage and a step of it.
pub(super) type At = (usize, usize);

/// A fact's keyword and, where there can be several, its name.
pub(super) type Key = (&'static str, String);

/// A fact and what said it.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// What it comes to.
    pub(super) value: String,
    /// What said it last.
    pub(super) at: At,
}

/// The facts of the image of a stage.
pub(super) type Facts = IndexMap<Key, Said>;

/// The facts of every stage.
pub(super) fn all(file: &File) -> Vec<Facts> {
    let mut all: Vec<Facts> = Vec::new();
    for (number, stage) in file.stages.iter().enumerate() {
        let mut facts = match file.base(number) {
            Some(Source::Stage(base)) => all.get(base).cloned().unwrap_or_default(),
            _ => Facts::new(),
        };
        let mut has_command = false;
        for (index, atom) in stage.atoms.iter().enumerate() {
            let at = (number, index);
            match &atom.instruction {
                Instruction::Cmd(_) => has_command = true,
                // An entrypoint takes away the command that the base image had.
                Instruction::Entrypoint(_) if !has_command => {
                    facts.shift_remove(&("CMD", String::new()));
                }
                _ => {}
            }
            if let Some((name, value)) = fact(&atom.instruction, &facts) {
                let key = (atom.instruction.keyword(), name);
                if matches!(
                    atom.instruction,
                    Instruction::Healthcheck(Healthcheck::None)
                ) {
                    facts.shift_remove(&key);
                } else {
                    facts.insert(key, Said { value, at });
                }
            }
        }
        all.push(facts);
    }
    all
}

/// The name and value of the fact that an instruction sets.
fn fact(instruction: &Instruction, so_far: &Facts) -> Option<(String, String)> {
    let only = |value: String| Some((String::new(), value));
    match instruction {
        Instruction::User(user) => only(user.as_str().to_owned()),
        Instruction::Workdir(path) => {
            let path = path.as_str();
            let above = so_far.get(&("WORKDIR", String::new()));
            only(match above {
                Some(above) if !path.starts_with(['/', '$']) => {
                    format!("{}/{path}", above.value.trim_end_matches('/'))
                }
                _ => path.to_owned(),
            })
        }
        Instruction::Env(env) => {
            let (name, value) = env.as_slice().first()?;
            Some((name.as_str().to_owned(), value.as_str().to_owned()))
        }
        Instruction::Label(label) => {
            let (name, value) = label.as_slice().first()?;
            Some((name.as_str().to_owned(), value.as_str().to_owned()))
        }
        Instruction::Expose(ports) => {
            let port = ports.as_slice().first()?.as_str();
            let port = port.strip_suffix("/tcp").unwrap_or(port);
            Some((port.to_owned(), String::new()))
        }
        Instruction::Volume(paths) => {
            Some((paths.as_slice().first()?.as_str().to_owned(), String::new()))
        }
        Instruction::Healthcheck(_)
        | Instruction::Cmd(_)
        | Instruction::Entrypoint(_)
        | Instruction::StopSignal(_) => only(crate::dockerfile::print(instruction)),
        _ => None,
    }
}

/// Both sides of a fact, as far as there are two, and the instructions that said them.
pub(super) struct Sides<'a> {
    pub(super) expected: Option<(&'a Said, &'a Instruction)>,
    pub(super) actual: Option<(&'a Said, &'a Instruction)>,
}

/// What it means that a fact differs.
pub(super) fn change(key: &Key, sides: &Sides, stage: &str) -> Option<Change> {
    let was = sides.expected.map(|(said, _)| said.value.as_str());
    let is = sides.actual.map(|(said, _)| said.value.as_str());
    if was == is {
        return None;
    }
    let (keyword, name) = (key.0, words::literal(&key.1));
    Some(match keyword {
        "USER" => user(was, is, stage),
        "HEALTHCHECK" => healthcheck(sides, stage),
        "ENV" => match (was, is) {
            _ if is.is_some_and(|value| is_exposed(&key.1, value)) => Change::error(
                "secret-in-env",
                format!(
                    "{name} looks like a secret, and whoever has the image can read `ENV`{stage}"
                ),
            ),
            _ => named(
                ["env-added", "env-removed", "env-changed"],
                &format!("variable {name}"),
                was,
                is,
                stage,
            ),
        },
        "LABEL" => named(
            ["label-added", "label-removed", "label-changed"],
            &format!("label {name}"),
            was,
            is,
            stage,
        ),
        "EXPOSE" => listed(
            ["port-added", "port-removed"],
            &format!("port {name}"),
            is.is_some(),
            stage,
        ),
        "VOLUME" => listed(
            ["volume-added", "volume-removed"],
            &format!("volume {name}"),
            is.is_some(),
            stage,
        ),
        _ => {
            let kind = match keyword {
                "WORKDIR" => "workdir-changed",
                "ENTRYPOINT" => "entrypoint-changed",
                "CMD" => "command-changed",
                _ => "stop-signal-changed",
            };
            Change::warning(kind, single(keyword, was, is, stage))
        }
    })
}

fn is_exposed(name: &str, value: &str) -> bool {
    words::names_secret(name) && !value.is_empty() && !value.starts_with("/run/secrets/")
}

fn user(was: Option<&str>, is: Option<&str>, stage: &str) -> Change {
    let named = |user: Option<&str>| words::literal(user.unwrap_or_default());
    match (was, is) {
        (Some(was), Some(is)) if is_root(is) => Change::error(
            "user-became-root",
            format!("`USER` became root{stage}: was {}", words::literal(was)),
        ),
        (Some(was), None) if !is_root(was) => Change::error(
            "user-became-root",
            format!(
                "`USER` is gone{stage}, and most base images run as root: was {}",
                words::literal(was)
            ),
        ),
        (Some(_), Some(_)) => Change::warning(
            "user-changed",
            format!("`USER` is now {}{stage}: was {}", named(is), named(was)),
        ),
        (None, _) => Change::warning(
            "user-changed",
            format!(
                "`USER` is now {}{stage}: was that of the base image",
                named(is)
            ),
        ),
        (Some(_), None) => Change::warning(
            "user-changed",
            format!("`USER` is gone{stage}: was {}", named(was)),
        ),
    }
}

fn named(
    kinds: [&'static str; 3],
    what: &str,
    was: Option<&str>,
    is: Option<&str>,
    stage: &str,
) -> Change {
    let (kind, message) = match (was, is) {
        (None, _) => (kinds[0], format!("{what} is new{stage}")),
        (_, None) => (kinds[1], format!("{what} is gone{stage}")),
        (Some(was), Some(is)) => {
            let (was, is) = (words::literal(was), words::literal(is));
            (kinds[2], format!("{what} is now {is}{stage}: was {was}"))
        }
    };
    Change::warning(kind, message)
}

fn listed(kinds: [&'static str; 2], what: &str, is_new: bool, stage: &str) -> Change {
    if is_new {
        Change::warning(kinds[0], format!("{what} is new{stage}"))
    } else {
        Change::warning(kinds[1], format!("{what} is gone{stage}"))
    }
}

fn single(keyword: &str, was: Option<&str>, is: Option<&str>, stage: &str) -> String {
    let value = |text: &str| {
        let rest = text.strip_prefix(keyword).unwrap_or(text);
        words::literal(rest.trim())
    };
    match (was.map(value), is.map(value)) {
        (Some(was), Some(is)) => format!("`{keyword}` is now {is}{stage}: was {was}"),
        (Some(was), None) => format!("`{keyword}` is gone{stage}: was {was}"),
        (_, is) => format!("`{keyword}` is now {}{stage}", is.unwrap_or_default()),
    }
}

fn healthcheck(sides: &Sides, stage: &str) -> Change {
    let check = |side: Option<(&Said, &'_ Instruction)>| match side {
        Some((_, Instruction::Healthcheck(Healthcheck::Command(check)))) => Some(check.clone()),
        _ => None,
    };
    let (was, is) = (check(sides.expected), check(sides.actual));
    let never = is.as_ref().is_some_and(|is| never_fails(is.command()));
    match (was, is) {
        (Some(_), None) => {
            Change::error("healthcheck-lost", format!("`HEALTHCHECK` is gone{stage}"))
        }
        (Some(was), Some(_)) if never && !never_fails(was.command()) => Change::error(
            "healthcheck-lost",
            format!("`HEALTHCHECK` runs what never fails{stage}"),
        ),
        (Some(was), Some(is)) => Change::warning(
            "healthcheck-changed",
            format!("`HEALTHCHECK` changed{stage}: {}", difference(&was, &is)),
        ),
        (None, _) => Change::new(
            "healthcheck-added",
            Severity::Warning,
            format!("`HEALTHCHECK` is new{stage}"),
        ),
    }
}

fn never_fails(command: &CommandLine) -> bool {
    let text = match command {
        CommandLine::Exec(list) => list.join(" "),
        CommandLine::Shell(line) => line.as_str().to_owned(),
    };
    matches!(text.trim(), "true" | "/bin/true" | ":" | "exit 0")
}

fn difference(was: &Check, is: &Check) -> String {
    let time = |time: &Option<Interval>| time.as_ref().map(|time| time.as_str().to_owned());
    let count = |retries: Option<u32>| retries.map(|retries| retries.to_string());
    let mut parts = Vec::new();
    for (name, was, is) in [
        ("interval", time(&was.interval), time(&is.interval)),
        ("timeout", time(&was.timeout), time(&is.timeout)),
        (
            "start-period",
            time(&was.start_period),
            time(&is.start_period),
        ),
        (
            "start-interval",
            time(&was.start_interval),
            time(&is.start_interval),
        ),
        ("retries", count(was.retries), count(is.retries)),
    ] {
        match (was, is) {
            (was, is) if was == is => {}
            (Some(was), Some(is)) => parts.push(format!("`{name}` was `{was}`, is `{is}`")),
            (Some(was), None) => parts.push(format!("`{name}` was `{was}`, is not set")),
            (_, is) => {
                let is = is.unwrap_or_default();
                parts.push(format!("`{name}` was not set, is `{is}`"));
            }
        }
    }
    if was.command() != is.command() {
        parts.push("it runs something else".to_owned());
    }
    parts.join("; ")
}
