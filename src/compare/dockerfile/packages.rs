//! Packages of the system, as the commands of `RUN` install them.

use indexmap::IndexMap;

use super::shell::{Command, Commands};
use crate::dockerfile::{Instruction, Run};

/// A manager of packages: its names as a command, the word that installs, and the options that take a word of their own.
struct Manager {
    commands: &'static [&'static str],
    install: &'static [&'static str],
    valued: &'static [&'static str],
    /// What stands between a name and a version.
    version: &'static [char],
}

const MANAGERS: &[Manager] = &[
    Manager {
        commands: &["apt-get", "apt", "aptitude"],
        install: &["install"],
        valued: &[
            "-t",
            "--target-release",
            "-o",
            "--option",
            "-c",
            "--config-file",
        ],
        version: &['='],
    },
    Manager {
        commands: &["apk"],
        install: &["add"],
        valued: &[
            "-t",
            "--virtual",
            "-X",
            "--repository",
            "-p",
            "--root",
            "--arch",
        ],
        version: &['=', '~', '<', '>'],
    },
    Manager {
        commands: &["dnf", "microdnf", "yum", "tdnf"],
        install: &["install"],
        valued: &["-c", "-x"],
        version: &[],
    },
    Manager {
        commands: &["zypper"],
        install: &["install", "in"],
        valued: &["-r", "--repo", "--from"],
        version: &['='],
    },
    Manager {
        commands: &["pacman"],
        install: &["-S", "-Sy", "-Syu"],
        valued: &[],
        version: &[],
    },
];

/// The packages of a stage by their names: the word for each with its version, and the step that installs it.
pub(super) type Packages = IndexMap<String, (String, usize)>;

/// The packages that a stage's steps install.
pub(super) fn of<'a>(steps: impl Iterator<Item = &'a Instruction>) -> Packages {
    let mut packages = Packages::new();
    for (index, step) in steps.enumerate() {
        let Instruction::Run(run) = step else {
            continue;
        };
        for command in Commands::of(run).list {
            let Some((manager, places)) = installed(&command) else {
                continue;
            };
            for place in places {
                let word = unquoted(&command.words[place]).to_owned();
                let name = word.split(manager.version).next().unwrap_or_default();
                packages.insert(name.to_owned(), (word, index));
            }
        }
    }
    packages
}

/// The commands of a step without the names of packages in them.
pub(super) fn without(run: &Run) -> Commands {
    let mut commands = Commands::of(run);
    for command in &mut commands.list {
        if let Some((_, places)) = installed(command) {
            let mut index = 0;
            command.words.retain(|_| {
                index += 1;
                !places.contains(&(index - 1))
            });
        }
    }
    commands
}

/// Whether a step does nothing but install packages, and tidies up.
pub(super) fn is_installation(run: &Run) -> bool {
    let commands = Commands::of(run).list;
    let tidies = |command: &Command| {
        let manages = manager(command).is_some();
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        manages || matches!(words.as_slice(), ["rm", "-rf" | "-f" | "-fr", ..])
    };
    commands.iter().all(tidies) && commands.iter().any(|command| installed(command).is_some())
}

/// The manager that a command calls, and where in it its name stands.
fn manager(command: &Command) -> Option<(&'static Manager, usize)> {
    let before =
        |word: &&String| word.contains('=') || matches!(word.as_str(), "sudo" | "env" | "exec");
    let at = command.words.iter().take_while(before).count();
    let name = command.words.get(at)?;
    let name = name.rsplit('/').next().unwrap_or(name);
    let found = MANAGERS
        .iter()
        .find(|manager| manager.commands.contains(&name))?;
    Some((found, at))
}

/// Where in a command the names of packages stand that it installs.
fn installed(command: &Command) -> Option<(&'static Manager, Vec<usize>)> {
    let (manager, at) = manager(command)?;
    let mut words = command.words.iter().enumerate().skip(at + 1);
    let mut installs = false;
    let mut places = Vec::new();
    while let Some((place, word)) = words.next() {
        let word = unquoted(word);
        if manager.valued.contains(&word) {
            words.next();
        } else if !installs && manager.install.contains(&word) {
            installs = true;
        } else if word.starts_with('-')
            || word.starts_with(['>', '<', '1', '2']) && word.contains('>')
        {
            // An option, or where the output goes.
        } else if installs {
            places.push(place);
        } else {
            return None;
        }
    }
    installs.then_some((manager, places))
}

fn unquoted(word: &str) -> &str {
    let bare = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
    bare('"').or_else(|| bare('\'')).unwrap_or(word)
}
