//! Variables of an old file: which are used, and which only the base image can have.

use crate::dockerfile::{FlagWord, Instruction, Word};
use crate::plan;

use super::old::Old;

/// The arguments before the first stage that something refers to.
pub(super) fn used(old: &Old<'_>) -> Vec<String> {
    let mut used: Vec<String> = Vec::new();
    for stage in &old.stages {
        let platform = stage.from.platform.iter().map(FlagWord::word);
        used.extend(
            platform
                .chain([stage.from.image.word()])
                .flat_map(Word::variables),
        );
        for (_, statement) in &stage.body {
            if let Instruction::Arg(arg) = &statement.instruction {
                let names = arg
                    .as_slice()
                    .iter()
                    .filter(|(_, default)| default.is_none());
                used.extend(names.map(|(name, _)| name.as_str().to_owned()));
            }
        }
    }
    for (_, _, arg) in old.globals.iter().rev() {
        for (name, default) in arg.as_slice().iter().rev() {
            if used.iter().any(|used| used == name.as_str()) {
                used.extend(default.iter().flat_map(Word::variables));
            }
        }
    }
    used
}

/// Variables that no instruction defines: only the base image can.
pub(super) fn foreign(old: &Old<'_>) -> Vec<String> {
    const KNOWN: &[&str] = &["PATH"];
    let mut of_stages: Vec<Vec<String>> = Vec::new();
    let mut foreign: Vec<String> = Vec::new();
    for (index, stage) in old.stages.iter().enumerate() {
        let mut defined: Vec<String> = match old.parent(index) {
            Some(parent) => of_stages.get(parent).cloned().unwrap_or_default(),
            None => KNOWN.iter().map(|name| (*name).to_owned()).collect(),
        };
        for (_, statement) in &stage.body {
            for name in plan::replaced(&statement.instruction)
                .into_iter()
                .flat_map(Word::variables)
            {
                if !defined.contains(&name) && !foreign.contains(&name) {
                    foreign.push(name);
                }
            }
            match &statement.instruction {
                Instruction::Env(env) => {
                    defined.extend(
                        env.as_slice()
                            .iter()
                            .map(|(name, _)| name.as_str().to_owned()),
                    );
                }
                Instruction::Arg(arg) => {
                    defined.extend(
                        arg.as_slice()
                            .iter()
                            .map(|(name, _)| name.as_str().to_owned()),
                    );
                }
                _ => {}
            }
        }
        of_stages.push(defined);
    }
    foreign
}
