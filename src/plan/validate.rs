//! What must hold of every plan, whoever made it.

use indexmap::IndexMap;

use super::{Layer, Plan};
use crate::diag::Diagnostic;
use crate::dockerfile::{FlagWord, Instruction, Token, Transfer, TransferSource, Word};

/// Variables that are there without anybody defining them: the path that BuildKit gives every image that has none.
const ALWAYS: &[&str] = &["PATH"];

/// Arguments that BuildKit knows without a declaration.
///
/// Source: "Predefined ARGs" in the Dockerfile reference.
const PREDEFINED: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Everything that is wrong with a plan. `known` are the variables that its base images define.
pub fn validate(plan: &Plan, known: &[String]) -> Vec<Diagnostic> {
    let mut mistakes = plan.context.mistakes();
    let mut of_stages: IndexMap<&str, Vec<String>> = IndexMap::new();
    for stage in &plan.stages {
        let mut defined: Vec<String> = of_stages
            .get(stage.from.image.as_str())
            .cloned()
            .unwrap_or_else(|| {
                ALWAYS
                    .iter()
                    .chain(PREDEFINED)
                    .map(|name| (*name).to_owned())
                    .chain(known.iter().cloned())
                    .collect()
            });
        let mut arguments = Vec::new();
        for layer in &stage.layers {
            let visible = |name: &String| defined.contains(name) || arguments.contains(name);
            for name in variables(&layer.instruction) {
                if !visible(&name) {
                    mistakes.push(undefined(&name, layer, &defined));
                }
            }
            match &layer.instruction {
                Instruction::Env(env) => {
                    defined.extend(
                        env.as_slice()
                            .iter()
                            .map(|(name, _)| name.as_str().to_owned()),
                    );
                }
                Instruction::Arg(arg) => {
                    arguments.extend(
                        arg.as_slice()
                            .iter()
                            .map(|(name, _)| name.as_str().to_owned()),
                    );
                }
                _ => {}
            }
        }
        if let Some(name) = &stage.from.name {
            of_stages.insert(name.as_str(), defined);
        }
    }
    mistakes
}

fn undefined(name: &str, layer: &Layer, defined: &[String]) -> Diagnostic {
    let mistake = Diagnostic::at(
        layer.origin,
        format!("nothing defines `${name}` before this"),
    );
    match crate::diag::closest(name, defined.iter().map(String::as_str)) {
        Some(near) if near != name => mistake.help(format!("did you mean `${near}`?")),
        _ => mistake
            .help(format!("define it in [env] or [args]; a variable of the base image is named in `base`: env = [\"{name}\"]"))
            .help("a dollar sign that is meant as one is written `\\$`"),
    }
}

/// The variables that the builder replaces in an instruction. What a shell replaces is not among them.
fn variables(instruction: &Instruction) -> Vec<String> {
    let of = |words: Vec<&Word>| words.into_iter().flat_map(Word::variables).collect();
    match instruction {
        Instruction::Env(env) => of(env.as_slice().iter().map(|(_, value)| value).collect()),
        Instruction::Arg(arg) => of(arg
            .as_slice()
            .iter()
            .filter_map(|(_, value)| value.as_ref())
            .collect()),
        Instruction::Label(label) => of(label.as_slice().iter().map(|(_, value)| value).collect()),
        Instruction::Workdir(word) | Instruction::User(word) | Instruction::StopSignal(word) => {
            of(vec![word])
        }
        Instruction::Copy(copy) => {
            let flags = [&copy.chown, &copy.chmod]
                .into_iter()
                .flatten()
                .map(FlagWord::word);
            of(words(&copy.files).chain(flags).collect())
        }
        Instruction::Add(add) => {
            let flags = [&add.chown, &add.chmod, &add.checksum];
            let flags = flags.into_iter().flatten().map(FlagWord::word);
            of(words(&add.files).chain(flags).collect())
        }
        Instruction::Expose(expose) => of(expose.as_slice().iter().map(Token::word).collect()),
        Instruction::Volume(volume) => of(volume.as_slice().iter().collect()),
        _ => Vec::new(),
    }
}

fn words(files: &Transfer) -> impl Iterator<Item = &Word> {
    let sources = files.sources().iter().filter_map(|source| match source {
        TransferSource::Path(word) => Some(word),
        TransferSource::Inline(_) => None,
    });
    sources.chain([files.destination()])
}
