//! Facts: what a Dockerfile makes, told in the same way for an old file and for a plan, so that the two can be compared.
//!
//! What a command or a copy does depends on what was said before it, so each of them is a fact together with the
//! variables, the directory, the user and the shell that it finds. Where an instruction stands is no fact otherwise:
//! two files have equal facts if they build the same images. A stage is known by what it makes and not by its name;
//! the names are facts of their own, since a build can ask for them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use indexmap::IndexMap;

use crate::dockerfile::paths::{absolute, relative};
use crate::dockerfile::stages::{Source, Stages};
use crate::dockerfile::{
    self, CommandLine, Copy, From, Instruction, Mount, StageName, Transfer, TransferSource, Word,
};
use crate::plan::{self, Plan};

use super::draft::typed;
use super::{caches, shell};

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The image that everything stands on.
    Base,
    /// What is run, copied and made, in its order.
    Step,
    /// A variable of the image.
    Environment,
    /// An argument of the build.
    Argument,
    /// A label.
    Label,
    /// A port.
    Port,
    /// A path whose files outlive the container.
    Volume,
    /// The user.
    User,
    /// The working directory.
    Workdir,
    /// The shell of commands in shell form.
    Shell,
    /// How the container tells that it is well.
    Healthcheck,
    /// What the container runs.
    Entrypoint,
    /// What the container runs, or what its entrypoint is given.
    Command,
    /// The signal that asks the container to stop.
    StopSignal,
    /// Who made it.
    Author,
    /// What images that build on this one do first.
    Trigger,
    /// The name of a stage that a build can ask for.
    Target,
}

impl Aspect {
    /// The word for it in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Step => "step",
            Self::Environment => "environment",
            Self::Argument => "argument",
            Self::Label => "label",
            Self::Port => "port",
            Self::Volume => "volume",
            Self::User => "user",
            Self::Workdir => "workdir",
            Self::Shell => "shell",
            Self::Healthcheck => "healthcheck",
            Self::Entrypoint => "entrypoint",
            Self::Command => "command",
            Self::StopSignal => "stop signal",
            Self::Author => "author",
            Self::Trigger => "trigger",
            Self::Target => "target",
        }
    }
}

/// One thing that is true of an image.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is about.
    pub aspect: Aspect,
    /// Which one: the name of a variable, the number of a step; nothing where there is only one.
    pub subject: String,
    /// What it is, for people.
    pub text: String,
    /// The file of the project that it copies, if it does.
    pub(super) file: Option<String>,
    /// The stage or image that it copies from, as it is called there, if it does.
    pub(super) from: Option<String>,
    /// What it is, for comparing: the text with all that it depends on.
    pub(super) digest: u64,
}

/// What all stages of a Dockerfile make.
#[derive(Clone, Debug)]
pub struct Facts {
    stages: Vec<(Option<String>, State)>,
}

/// Whether a path of the project is a folder, where that is known.
pub type IsFolder<'a> = &'a dyn Fn(&str) -> Option<bool>;

#[derive(Clone, Debug, Default)]
struct State {
    base: (String, u64),
    steps: Vec<(String, u64)>,
    /// The files of the project that steps copy, each with the number of its step.
    files: BTreeMap<usize, String>,
    /// The stages and images that steps copy from, likewise.
    sources: BTreeMap<usize, String>,
    /// What a command finds under each name.
    scope: IndexMap<String, u64>,
    /// Everything else, by aspect and name.
    config: BTreeMap<(Aspect, String), (String, u64)>,
    workdir: Option<String>,
    /// Whether the image below has the shell that images have if they say nothing.
    usual_shell: bool,
    command_said: bool,
    volumes: usize,
    triggers: usize,
}

fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The facts of a plan.
pub(super) fn of_plan(plan: &Plan, is_folder: IsFolder<'_>) -> Facts {
    let froms: Vec<Instruction> = plan
        .stages
        .iter()
        .map(|stage| Instruction::From(stage.from.clone()))
        .collect();
    let mut all: Vec<&Instruction> = plan
        .globals
        .iter()
        .map(|layer| &layer.instruction)
        .collect();
    for (stage, from) in plan.stages.iter().zip(&froms) {
        all.push(from);
        all.extend(stage.layers.iter().map(|layer| &layer.instruction));
    }
    of(&all, is_folder)
}

/// The facts of instructions as they follow each other.
pub(super) fn of(instructions: &[&Instruction], is_folder: IsFolder<'_>) -> Facts {
    let names = instructions
        .iter()
        .filter_map(|instruction| match instruction {
            Instruction::From(from) => Some(from.name.as_ref().map(StageName::as_str)),
            _ => None,
        });
    let mut reader = Reader {
        known: Stages::new(names, []),
        globals: IndexMap::new(),
        done: Vec::new(),
        is_folder,
    };
    for instruction in instructions {
        reader.instruction(instruction);
    }
    Facts {
        stages: reader.done,
    }
}

impl Facts {
    /// The facts of a stage, those that have an order in it, then the others by aspect and name.
    pub fn stage(&self, index: usize) -> Vec<Fact> {
        self.stages
            .get(index)
            .map(|(_, state)| state.facts())
            .unwrap_or_default()
    }

    /// How many stages there are.
    pub fn count(&self) -> usize {
        self.stages.len()
    }

    /// The stage of this name.
    pub fn named(&self, name: &str) -> Option<usize> {
        let mut stages = self.stages.iter();
        stages.rposition(|(own, _)| own.as_deref() == Some(name))
    }

    /// The names of the stages, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.stages.iter().map(|(name, _)| name.as_deref())
    }

    /// What a stage makes, all of it as one number.
    pub(super) fn digest_of(&self, index: usize) -> u64 {
        self.stages
            .get(index)
            .map_or(0, |(_, state)| state.digest())
    }
}

impl State {
    fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact {
            aspect: Aspect::Base,
            subject: String::new(),
            text: self.base.0.clone(),
            file: None,
            from: None,
            digest: self.base.1,
        }];
        facts.extend(
            self.steps
                .iter()
                .enumerate()
                .map(|(at, (text, digest))| Fact {
                    aspect: Aspect::Step,
                    subject: format!("{}", at + 1),
                    text: text.clone(),
                    file: self.files.get(&at).cloned(),
                    from: self.sources.get(&at).cloned(),
                    digest: *digest,
                }),
        );
        facts.extend(
            self.config
                .iter()
                .map(|((aspect, subject), (text, digest))| Fact {
                    aspect: *aspect,
                    subject: subject.clone(),
                    text: text.clone(),
                    file: None,
                    from: None,
                    digest: *digest,
                }),
        );
        facts
    }

    fn digest(&self) -> u64 {
        let steps: Vec<u64> = self.steps.iter().map(|step| step.1).collect();
        let config: Vec<(&(Aspect, String), u64)> = self
            .config
            .iter()
            .map(|(key, value)| (key, value.1))
            .collect();
        digest((self.base.1, steps, config))
    }

    fn set(&mut self, aspect: Aspect, subject: &str, text: String, digest: u64) {
        self.config
            .insert((aspect, subject.to_owned()), (text, digest));
    }

    fn get(&self, aspect: Aspect) -> u64 {
        self.config
            .get(&(aspect, String::new()))
            .map_or(0, |value| value.1)
    }

    /// What a command finds: variables and arguments, directory, user and shell.
    fn context(&self) -> u64 {
        let mut scope: Vec<(&String, &u64)> = self.scope.iter().collect();
        scope.sort();
        digest((
            scope,
            self.get(Aspect::Workdir),
            self.get(Aspect::User),
            self.get(Aspect::Shell),
        ))
    }

    fn value(&self, word: &Word) -> u64 {
        value(word, &self.scope)
    }
}

/// A word with what its variables stand for.
fn value(word: &Word, scope: &IndexMap<String, u64>) -> u64 {
    let used: Vec<(String, Option<u64>)> = word
        .variables()
        .into_iter()
        .map(|name| {
            let value = scope.get(&name).copied();
            (name, value)
        })
        .collect();
    digest((word.as_str(), used))
}

struct Reader<'a> {
    known: Stages,
    globals: IndexMap<String, u64>,
    done: Vec<(Option<String>, State)>,
    is_folder: IsFolder<'a>,
}

impl Reader<'_> {
    fn instruction(&mut self, instruction: &Instruction) {
        if let Instruction::From(from) = instruction {
            self.from(from);
            return;
        }
        let Some((name, mut state)) = self.done.pop() else {
            if let Instruction::Arg(arg) = instruction {
                for (name, default) in arg.as_slice() {
                    let value = default.as_ref().map(|word| value(word, &self.globals));
                    self.globals.insert(name.as_str().to_owned(), digest(value));
                }
            }
            return;
        };
        self.in_stage(&mut state, instruction);
        self.done.push((name, state));
    }

    fn from(&mut self, from: &From) {
        let at = self.done.len();
        let image = from.image.word();
        let parent = match image.text().map(|text| self.known.base(at, &text)) {
            Some(Ok(Source::Stage(stage))) => self.done.get(stage).map(|(_, state)| state.clone()),
            _ => None,
        };
        let is_stage = parent.is_some();
        let mut state = parent.unwrap_or_default();
        state.command_said = false;
        let platform = from
            .platform
            .as_ref()
            .map(|word| value(word.word(), &self.globals));
        if !is_stage {
            state.usual_shell = caches::is_known(image);
            state.base = (
                image.as_str().to_owned(),
                digest((value(image, &self.globals), platform)),
            );
        } else if platform.is_some() {
            state.base.1 = digest((state.base.1, platform));
        }
        let name = from.name.as_ref().map(|name| name.as_str().to_owned());
        self.done.push((name, state));
    }

    fn in_stage(&self, state: &mut State, instruction: &Instruction) {
        let text = || dockerfile::print(instruction);
        let shelled = |state: &State, line: &CommandLine| match line {
            CommandLine::Exec(words) => digest(words),
            CommandLine::Shell(line) if state.usual_shell && state.get(Aspect::Shell) == 0 => {
                digest(shell::usual(line.as_str()))
            }
            CommandLine::Shell(line) => digest((line.as_str(), state.get(Aspect::Shell))),
        };
        match instruction {
            Instruction::From(_) => {}
            Instruction::Arg(arg) => {
                for (name, default) in arg.as_slice() {
                    let default = match default {
                        Some(word) => Some(digest(Some(state.value(word)))),
                        None => self.globals.get(name.as_str()).copied(),
                    };
                    let value = digest(("arg", name.as_str(), default));
                    state.scope.insert(name.as_str().to_owned(), value);
                    state.set(Aspect::Argument, name.as_str(), text(), value);
                }
            }
            Instruction::Env(env) => {
                // An instruction does not see what it defines itself.
                let values: Vec<u64> = env
                    .as_slice()
                    .iter()
                    .map(|(_, word)| state.value(word))
                    .collect();
                for ((name, word), value) in env.as_slice().iter().zip(values) {
                    state.scope.insert(name.as_str().to_owned(), value);
                    state.set(
                        Aspect::Environment,
                        name.as_str(),
                        word.as_str().to_owned(),
                        value,
                    );
                }
            }
            Instruction::Label(label) => {
                for (name, word) in label.as_slice() {
                    let value = digest((state.value(name.word()), state.value(word)));
                    state.set(
                        Aspect::Label,
                        name.as_str(),
                        word.as_str().to_owned(),
                        value,
                    );
                }
            }
            Instruction::Run(run) => {
                let mut plain = run.clone();
                plain.mounts.clear();
                let printed = match typed::folders(run) {
                    Some(folders) => format!("mkdir {}", folders.join(" ")),
                    None => dockerfile::print(&Instruction::Run(plain)),
                };
                let mounts: Vec<(String, Vec<u64>, u64)> = run
                    .mounts
                    .iter()
                    .map(|mount| self.mount(state, mount))
                    .collect();
                state
                    .steps
                    .push((text(), digest((printed, mounts, state.context()))));
            }
            Instruction::Copy(copy) => self.copy(state, copy, &text()),
            Instruction::Add(add) => {
                let values: Vec<u64> = plan::replaced(instruction)
                    .iter()
                    .map(|word| state.value(word))
                    .collect();
                let place = Self::relative(state, &add.files);
                state.steps.push((text(), digest((text(), values, place))));
            }
            Instruction::Cmd(line) => {
                state.command_said = true;
                let value = shelled(state, line);
                state.set(Aspect::Command, "", text(), value);
            }
            Instruction::Entrypoint(line) => {
                // What an image below gave to its own entrypoint is not given to another one.
                if !state.command_said {
                    state.set(Aspect::Command, "", "none".to_owned(), 0);
                }
                let value = shelled(state, line);
                state.set(Aspect::Entrypoint, "", text(), value);
            }
            Instruction::Healthcheck(_) => {
                let value = digest((text(), state.get(Aspect::Shell)));
                state.set(Aspect::Healthcheck, "", text(), value);
            }
            Instruction::Workdir(word) => {
                let value = state.value(word);
                let below = match (word.text(), &state.workdir) {
                    (Some(path), _) if path.starts_with('/') => Some(clean(&path)),
                    (Some(path), Some(folder)) => Some(clean(&format!("{folder}/{path}"))),
                    _ => None,
                };
                let value = match &below {
                    Some(path) => digest(path),
                    None => digest((value, state.get(Aspect::Workdir))),
                };
                state
                    .steps
                    .push((text(), digest(("workdir", value, state.get(Aspect::User)))));
                state.workdir = below;
                state.set(Aspect::Workdir, "", word.as_str().to_owned(), value);
            }
            Instruction::User(word) => {
                let value = state.value(word);
                state.set(Aspect::User, "", word.as_str().to_owned(), value);
            }
            Instruction::Expose(ports) => {
                for port in ports.as_slice() {
                    let value = state.value(port.word());
                    let token = port.as_str();
                    let name = token.strip_suffix("/tcp").unwrap_or(token);
                    let value = if port.word().text().is_some() {
                        digest(name)
                    } else {
                        value
                    };
                    state.set(Aspect::Port, name, name.to_owned(), value);
                }
            }
            Instruction::Volume(volumes) => {
                for path in volumes.as_slice() {
                    // What is said below may not be kept, so where it stands among the steps counts.
                    let value = digest((state.value(path), state.steps.len()));
                    state.volumes += 1;
                    let number = state.volumes.to_string();
                    state.set(Aspect::Volume, &number, path.as_str().to_owned(), value);
                }
            }
            Instruction::Shell(words) => {
                let value = digest(words.as_slice());
                state.set(Aspect::Shell, "", text(), value);
            }
            Instruction::StopSignal(word) => {
                let value = state.value(word);
                state.set(Aspect::StopSignal, "", word.as_str().to_owned(), value);
            }
            Instruction::Maintainer(name) => {
                state.set(
                    Aspect::Author,
                    "",
                    name.as_str().to_owned(),
                    digest(name.as_str()),
                );
            }
            Instruction::Onbuild(_) => {
                state.triggers += 1;
                let number = state.triggers.to_string();
                state.set(Aspect::Trigger, &number, text(), digest(text()));
            }
        }
    }

    /// The stage that files come from, by what it makes, or the image.
    fn source(&self, source: &Result<Source, dockerfile::stages::StageError>, name: &str) -> u64 {
        match source {
            Ok(Source::Stage(stage)) => digest((
                "stage",
                self.done.get(*stage).map(|(_, state)| state.digest()),
            )),
            _ => digest(("image", name)),
        }
    }

    fn mount(&self, state: &State, mount: &Mount) -> (String, Vec<u64>, u64) {
        // While a stage is read, those before it are done: its own number is how many they are.
        let from = mount.from().map_or(0, |name| {
            self.source(
                &self.known.mounted(self.done.len(), name.as_str()),
                name.as_str(),
            )
        });
        let words = [mount.id(), mount.source(), mount.target(), mount.size()];
        let values: Vec<u64> = words
            .into_iter()
            .flatten()
            .map(|word| state.value(word.word()))
            .collect();
        let rest = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            mount.kind(),
            mount.sharing(),
            mount.access(),
            mount.required(),
            mount.mode(),
            mount.uid(),
            mount.gid(),
            mount.env()
        );
        let present: Vec<bool> = words.iter().map(Option::is_some).collect();
        (format!("{rest} {present:?}"), values, from)
    }

    /// Where a relative destination leads.
    fn relative(state: &State, files: &Transfer) -> u64 {
        match files.destination().text() {
            Some(path) if path.starts_with('/') => 0,
            _ => state.get(Aspect::Workdir),
        }
    }

    fn copy(&self, state: &mut State, copy: &Copy, text: &str) {
        let from = copy.from.as_ref().map_or(0, |name| {
            self.source(
                &self.known.copied(self.done.len(), name.as_str()),
                name.as_str(),
            )
        });
        let flags: Vec<Option<u64>> = [&copy.chown, &copy.chmod]
            .into_iter()
            .map(|flag| flag.as_ref().map(|word| state.value(word.word())))
            .collect();
        let exclude: Vec<&str> = copy
            .exclude
            .iter()
            .map(dockerfile::FlagText::as_str)
            .collect();
        let flags = digest((from, flags, copy.link, copy.parents, exclude));
        let place = Self::relative(state, &copy.files);
        let sources = copy.files.sources();
        let paths: Option<Vec<String>> = sources
            .iter()
            .map(|source| match source {
                TransferSource::Path(word) => word.text(),
                TransferSource::Inline(_) => None,
            })
            .collect();
        let destination = copy.files.destination().text();
        let folder = match (&destination, &state.workdir) {
            (Some(path), _) if path.starts_with('/') => Some(clean(path)),
            (Some(path), Some(folder)) => Some(clean(&format!("{folder}/{path}"))),
            _ => None,
        };
        let (Some(paths), Some(destination), Some(folder), false) =
            (paths, destination, folder, copy.parents)
        else {
            let whole = Instruction::Copy(Copy {
                from: None,
                ..copy.clone()
            });
            let words = plan::replaced(&whole);
            let values: Vec<u64> = words.iter().map(|word| state.value(word)).collect();
            let digest = digest((dockerfile::print(&whole), values, flags, place));
            if let Some(from) = &copy.from {
                let number = state.steps.len();
                state.sources.insert(number, from.as_str().to_owned());
            }
            state.steps.push((text.to_owned(), digest));
            return;
        };
        let into = destination.ends_with('/')
            || destination.rsplit('/').next() == Some(".")
            || paths.len() > 1;
        for path in &paths {
            let source = clean(path);
            let is_pattern = source.contains(['*', '?', '[']);
            let is_folder = match copy.from {
                _ if source.is_empty() || path.ends_with('/') => Some(true),
                _ if is_pattern => None,
                None => (self.is_folder)(&source),
                Some(_) => None,
            };
            let name = source.rsplit('/').next().unwrap_or_default();
            let landed = match (is_folder, into) {
                (Some(true), _) => (folder.clone(), true),
                (Some(false), true) => (clean(&format!("{folder}/{name}")), false),
                (_, into) => (folder.clone(), into),
            };
            let number = state.steps.len();
            match &copy.from {
                None => state.files.insert(number, source.clone()),
                Some(from) => state.sources.insert(number, from.as_str().to_owned()),
            };
            let source = if copy.from.is_some() {
                clean(&format!("/{source}"))
            } else {
                source
            };
            state.steps.push((
                format!("{source} to {}", landed.0),
                digest(("copy", source, landed, flags)),
            ));
        }
    }
}

/// A path without doubled and closing slashes and without `.`. In the image `..` is taken away with the folder in front of
/// it, whatever that folder is; a path of the project keeps its `..`.
fn clean(path: &str) -> String {
    if path.starts_with('/') {
        absolute("", path)
    } else {
        relative(path)
    }
}
