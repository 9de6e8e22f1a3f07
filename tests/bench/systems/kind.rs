//! What a step does, in words that are the same for files by different hands.

use std::collections::BTreeMap;

use dockwright::dockerfile::{self, Instruction};

use crate::build::Ran;

/// The instructions of a Dockerfile that make layers, by the stages' names.
pub(super) struct Steps(BTreeMap<String, Vec<Step>>);

struct Step {
    text: String,
    keyword: &'static str,
}

/// What commands say of themselves, and what that is; the first line that fits counts, with all its words.
const KINDS: &[(&[&str], &str)] = &[
    (
        &["playwright install-deps"],
        "system packages of the browser",
    ),
    (&["playwright install"], "browser"),
    (&["apt-get", "install"], "system packages"),
    (&["apk add"], "system packages"),
    (&["dnf", "install"], "system packages"),
    (&["useradd"], "user"),
    (&["adduser"], "user"),
    // What the user may write to is made with the user, or in a step of its own.
    (&["install -d"], "user"),
    (&["poetry install"], "Python packages"),
    (&["uv sync"], "Python packages"),
    (&["pip", "install", "poetry=="], "package manager"),
    (&["pip", "install", "uv=="], "package manager"),
    (&["pip", "install", "--no-deps ."], "project as a package"),
    (&["pip", "install"], "Python packages"),
    (&["python -m venv"], "environment"),
    (&["build-uring"], "libraries"),
    (&["make"], "program"),
    (&["ccache"], "compiler cache"),
    // That the browser is the one of the installed Playwright is read out of the requirements, or looked at afterwards.
    (&["importlib.metadata"], "version of the browser"),
    (&["grep", "playwright"], "version of the browser"),
    (&["curl"], "download"),
    (&["wget"], "download"),
    (&["urllib"], "download"),
];

impl Steps {
    pub(super) fn of(dockerfile: &str) -> Self {
        let document = dockerfile::parse(dockerfile.as_bytes());
        let mut stages: BTreeMap<String, Vec<Step>> = BTreeMap::new();
        let statements = || document.statements();
        let single = statements()
            .filter(|statement| matches!(statement.instruction, Instruction::From(_)))
            .count()
            == 1;
        let mut stage = String::new();
        let mut number = 0;
        for statement in statements() {
            match &statement.instruction {
                Instruction::From(from) => {
                    stage = match &from.name {
                        Some(name) => name.as_str().to_owned(),
                        None if single => String::new(),
                        None => format!("stage-{number}"),
                    };
                    number += 1;
                }
                Instruction::Run(_)
                | Instruction::Copy(_)
                | Instruction::Add(_)
                | Instruction::Workdir(_) => {
                    let text = document.text(statement.place.range.clone());
                    stages.entry(stage.clone()).or_default().push(Step {
                        text: text.unwrap_or_default().to_owned(),
                        keyword: statement.instruction.keyword(),
                    });
                }
                _ => {}
            }
        }
        Self(stages)
    }

    /// What the steps do that were run; entering a folder does nothing.
    pub(super) fn kinds(&self, ran: &[Ran]) -> Vec<String> {
        let mut kinds = Vec::new();
        for step in ran {
            let found = self
                .0
                .get(&step.stage)
                .and_then(|steps| steps.get(step.index));
            let found = found.unwrap_or_else(|| panic!("{}: no step `{}`", step.stage, step.words));
            assert_eq!(
                Some(found.keyword),
                step.words.split(' ').next(),
                "{}: {}",
                step.stage,
                step.words
            );
            let kind = match found.keyword {
                "WORKDIR" => continue,
                "RUN" => command(&found.text),
                _ => transfer(&step.words),
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }
}

fn command(text: &str) -> String {
    let known = KINDS
        .iter()
        .find(|(words, _)| words.iter().all(|word| text.contains(word)));
    match known {
        Some((_, kind)) => (*kind).to_owned(),
        None => format!(
            "`{}`",
            text.lines()
                .next()
                .unwrap_or_default()
                .trim_end_matches('\\')
        ),
    }
}

/// What is copied: paths of the project, or the last part of a path in another stage.
fn transfer(words: &str) -> String {
    let mut from = false;
    let mut paths = Vec::new();
    for word in words.split(' ').skip(1) {
        if word.starts_with("--from=") {
            from = true;
        } else if !word.starts_with("--") {
            paths.push(word.trim_end_matches('/'));
        }
    }
    paths.pop();
    if from {
        let names = paths
            .iter()
            .map(|path| path.rsplit('/').next().unwrap_or_default());
        let names: Vec<&str> = names.collect();
        format!("`{}` of a stage", names.join("`, `"))
    } else if paths == ["."] {
        "everything".to_owned()
    } else {
        format!("`{}`", paths.join("`, `"))
    }
}
