//! What must hold of every plan, whoever made it.

use indexmap::IndexMap;

use super::{Layer, Plan};
use crate::diag::{Diagnostic, Span};
use crate::dockerfile::{FlagWord, Instruction, Mount, Token, Transfer, Word};

/// Variables that are there without anybody defining them: the path that BuildKit gives every image that has none.
const ALWAYS: &[&str] = &["PATH"];

/// Everything that is wrong with a plan. `known` are the variables that its base images define.
pub fn validate(plan: &Plan, known: &[String]) -> Vec<Diagnostic> {
    // Where no ignore file is written, none can leave out what the build needs.
    let mut mistakes = match plan.outputs.dockerignore {
        Some(_) => plan.context.mistakes(),
        None => Vec::new(),
    };
    mistakes.extend(super::caches::mistakes(plan));
    let mut of_stages: IndexMap<&str, Vec<String>> = IndexMap::new();
    for stage in &plan.stages {
        // A stage has the variables and the arguments of the stage that it is built on.
        let mut defined: Vec<String> = of_stages
            .get(stage.from.image.as_str())
            .cloned()
            .unwrap_or_else(|| {
                ALWAYS
                    .iter()
                    .map(|name| (*name).to_owned())
                    .chain(known.iter().cloned())
                    .collect()
            });
        for layer in &stage.layers {
            for (name, place) in variables(layer) {
                if !defined.contains(&name) {
                    mistakes.push(undefined(&name, place, &defined));
                }
            }
            let names = layer.instruction.defines().into_iter();
            defined.extend(names.map(ToOwned::to_owned));
        }
        if let Some(name) = &stage.from.name {
            of_stages.insert(name.as_str(), defined);
        }
    }
    mistakes
}

fn undefined(name: &str, place: Span, defined: &[String]) -> Diagnostic {
    let mistake = Diagnostic::at(place, format!("nothing defines `${name}` before this"));
    match crate::diag::closest(name, defined.iter().map(String::as_str)) {
        Some(near) if near != name => mistake.help(format!("did you mean `${near}`?")),
        _ => mistake
            .help(format!("define it in [env] or [args]; a variable of the base image is named in `base`: env = [\"{name}\"]"))
            .help("a dollar sign that is meant as one is written `\\$`"),
    }
}

/// The variables that the builder replaces in an instruction, each with the place of the value that has it.
fn variables(layer: &Layer) -> Vec<(String, Span)> {
    let place = |index| layer.values.get(index).copied().unwrap_or(layer.origin);
    let of = |(index, words): (usize, Vec<&Word>)| {
        let names = words.into_iter().flat_map(Word::variables);
        names.map(|name| (name, place(index))).collect::<Vec<_>>()
    };
    match &layer.instruction {
        Instruction::Run(run) => {
            let words = run.mounts.iter().map(|mount| of_mount(mount).collect());
            words.enumerate().flat_map(of).collect()
        }
        instruction => {
            let words = replaced(instruction).into_iter().map(|word| vec![word]);
            words.enumerate().flat_map(of).collect()
        }
    }
}

/// The words of a mount in which the builder replaces variables.
fn of_mount(mount: &Mount) -> impl Iterator<Item = &Word> {
    let flags = [mount.source(), mount.target(), mount.id()];
    flags.into_iter().flatten().map(FlagWord::word)
}

/// The words in which the builder replaces variables. What a shell replaces is not among them.
pub fn replaced(instruction: &Instruction) -> Vec<&Word> {
    match instruction {
        Instruction::Env(env) => env.as_slice().iter().map(|(_, value)| value).collect(),
        Instruction::Arg(arg) => {
            let values = arg.as_slice().iter().map(|(_, value)| value.as_ref());
            values.flatten().collect()
        }
        Instruction::Label(label) => label.as_slice().iter().map(|(_, value)| value).collect(),
        Instruction::Workdir(word) | Instruction::User(word) | Instruction::StopSignal(word) => {
            vec![word]
        }
        Instruction::Copy(copy) => {
            let flags = [&copy.chown, &copy.chmod]
                .into_iter()
                .flatten()
                .map(FlagWord::word);
            words(&copy.files).chain(flags).collect()
        }
        Instruction::Add(add) => {
            let flags = [&add.chown, &add.chmod, &add.checksum];
            let flags = flags.into_iter().flatten().map(FlagWord::word);
            words(&add.files).chain(flags).collect()
        }
        Instruction::Run(run) => run.mounts.iter().flat_map(of_mount).collect(),
        Instruction::Expose(expose) => expose.as_slice().iter().map(Token::word).collect(),
        Instruction::Volume(volume) => volume.as_slice().iter().collect(),
        _ => Vec::new(),
    }
}

fn words(files: &Transfer) -> impl Iterator<Item = &Word> {
    files.source_paths().chain([files.destination()])
}
