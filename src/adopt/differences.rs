//! What differs between what a spec comes to and what a person wrote: instruction by instruction, key by key, pattern
//! by pattern.

use std::fmt;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::patterns::Pattern;
use crate::compose::Value;
use crate::dockerfile::{self, Document, From, Instruction, StageName};
use crate::plan::{Layer, Plan};

/// One of the files that a spec describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The Dockerfile.
    Dockerfile,
    /// The ignore file beside it.
    Dockerignore,
    /// The compose file.
    Compose,
}

/// One difference between what a spec comes to and what a person wrote.
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time")]
#[derive(Clone, Debug)]
pub enum Difference {
    /// A stage is built on something else.
    Base {
        /// The stage.
        stage: String,
        /// What the plan says.
        expected: From,
        /// What the person wrote.
        actual: From,
    },
    /// The person added a stage, with these instructions.
    StageAdded {
        /// How it begins.
        from: From,
        /// The rest of it.
        instructions: Vec<Instruction>,
    },
    /// The person took a stage away.
    StageRemoved {
        /// The stage.
        stage: String,
    },
    /// An instruction was changed, added or taken away.
    Instruction {
        /// The stage.
        stage: String,
        /// The layer that the plan has in its place.
        expected: Option<Layer>,
        /// What the person wrote in its place.
        actual: Option<Instruction>,
        /// The step above it in the plan, if there is one.
        after: Option<String>,
        /// The step below it.
        before: Option<String>,
        /// How many layers of the plan's stage stand above it.
        above: usize,
    },
    /// The comment above an instruction is another one.
    Comment {
        /// The keys of a spec that say it.
        note: Vec<String>,
        /// The lines that the person wrote.
        actual: Vec<String>,
    },
    /// A key of the compose file says something else.
    Key {
        /// The names that lead to it.
        path: Vec<String>,
        /// What the spec comes to.
        expected: Option<Value>,
        /// What the person wrote.
        actual: Option<Value>,
    },
    /// A pattern of the ignore file was added or taken away.
    Pattern {
        /// The pattern.
        pattern: Pattern,
        /// Whether the person added it.
        added: bool,
    },
}

impl Difference {
    /// The names that lead to the key of the compose file, if it is one.
    pub(super) fn key(&self) -> Option<&Vec<String>> {
        match self {
            Self::Key { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The file in which it shows.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Key { .. } => Kind::Compose,
            Self::Pattern { .. } => Kind::Dockerignore,
            Self::Base { .. }
            | Self::StageAdded { .. }
            | Self::StageRemoved { .. }
            | Self::Comment { .. }
            | Self::Instruction { .. } => Kind::Dockerfile,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = |instruction: &Instruction| {
            let text = dockerfile::print(instruction);
            text.lines().next().unwrap_or_default().to_owned()
        };
        match self {
            Self::Base { stage, actual, .. } => {
                write!(f, "stage `{stage}`: built on `{}`", actual.image.as_str())
            }
            Self::StageAdded { from, .. } => {
                write!(
                    f,
                    "new stage `{}`",
                    from.name.as_ref().map_or("", StageName::as_str)
                )
            }
            Self::StageRemoved { stage } => write!(f, "stage `{stage}` is gone"),
            Self::Instruction {
                stage,
                expected,
                actual,
                ..
            } => match (expected, actual) {
                (Some(expected), Some(actual)) => {
                    write!(
                        f,
                        "stage `{stage}`, step `{}`: now `{}`",
                        expected.id,
                        first(actual)
                    )
                }
                (Some(expected), None) => {
                    write!(
                        f,
                        "stage `{stage}`: without `{}`",
                        first(&expected.instruction)
                    )
                }
                (None, Some(actual)) => write!(f, "stage `{stage}`: new `{}`", first(actual)),
                (None, None) => write!(f, "stage `{stage}`"),
            },
            Self::Key {
                path,
                expected,
                actual,
            } => {
                let path = path.join(".");
                match (expected, actual) {
                    (_, None) => write!(f, "compose: `{path}` is gone"),
                    (_, Some(Value::Text(text))) => write!(f, "compose: `{path}` is now `{text}`"),
                    (None, Some(_)) => write!(f, "compose: `{path}` is new"),
                    (Some(_), Some(_)) => write!(f, "compose: `{path}` changed"),
                }
            }
            Self::Comment { actual, .. } => match actual.first() {
                Some(first) => write!(f, "comment `# {first}`"),
                None => f.write_str("a comment is gone"),
            },
            Self::Pattern { pattern, added } => {
                let what = if *added { "new" } else { "gone" };
                write!(f, "pattern `{}` is {what}", pattern.text)
            }
        }
    }
}

/// A stage as a person wrote it.
struct Written<'a> {
    from: &'a From,
    instructions: Vec<&'a Instruction>,
}

/// Everything that differs between a plan and a Dockerfile. Stages are told apart by their names; one without a name is
/// its place in the file.
pub(super) fn instructions(plan: &Plan, document: &Document) -> Vec<Difference> {
    let mut written: Vec<Written<'_>> = Vec::new();
    for statement in document.statements() {
        match &statement.instruction {
            Instruction::From(from) => written.push(Written {
                from,
                instructions: Vec::new(),
            }),
            // What stands before the first stage is known by what the images' names make of it.
            instruction => {
                if let Some(stage) = written.last_mut() {
                    stage.instructions.push(instruction);
                }
            }
        }
    }
    let mut differences = Vec::new();
    for stage in &plan.stages {
        let name = stage.from.name.as_ref();
        let stage_name = name.map_or("", StageName::as_str).to_owned();
        let Some(found) = written
            .iter()
            .find(|written| written.from.name.as_ref() == name)
        else {
            differences.push(Difference::StageRemoved { stage: stage_name });
            continue;
        };
        if *found.from != stage.from {
            differences.push(Difference::Base {
                stage: stage_name.clone(),
                expected: stage.from.clone(),
                actual: found.from.clone(),
            });
        }
        in_stage(
            &stage_name,
            &stage.layers,
            &found.instructions,
            &mut differences,
        );
    }
    for found in &written {
        if !plan
            .stages
            .iter()
            .any(|stage| stage.from.name == found.from.name)
        {
            differences.push(Difference::StageAdded {
                from: found.from.clone(),
                instructions: found
                    .instructions
                    .iter()
                    .map(|instruction| (*instruction).clone())
                    .collect(),
            });
        }
    }
    differences
}

fn in_stage(
    stage: &str,
    layers: &[Layer],
    written: &[&Instruction],
    differences: &mut Vec<Difference>,
) {
    let expected: Vec<String> = layers
        .iter()
        .map(|layer| dockerfile::print(&layer.instruction))
        .collect();
    let actual: Vec<String> = written
        .iter()
        .map(|instruction| dockerfile::print(instruction))
        .collect();
    for op in capture_diff_slices(Algorithm::Myers, &expected, &actual) {
        let (old, new) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete {
                old_index,
                old_len,
                new_index,
            } => (old_index..old_index + old_len, new_index..new_index),
            DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            } => (old_index..old_index, new_index..new_index + new_len),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => (
                old_index..old_index + old_len,
                new_index..new_index + new_len,
            ),
        };
        let id = |index: usize| layers.get(index).map(|layer| layer.id.clone());
        let after = old.start.checked_sub(1).and_then(id);
        let before = id(old.end);
        let mut rest: Vec<&Instruction> = written[new].to_vec();
        let mut last = after;
        for (above, layer) in old.clone().zip(&layers[old.clone()]) {
            // An instruction that was changed keeps its keyword; what has another one is another instruction.
            let same = rest
                .iter()
                .position(|actual| actual.keyword() == layer.instruction.keyword());
            let found = same.map(|at| {
                let before_it: Vec<&Instruction> = rest.drain(..=at).collect();
                before_it
            });
            let mut found = found.unwrap_or_default();
            let actual = found.pop();
            for added in found {
                let before = Some(layer.id.clone());
                differences.push(added_in(stage, added, (last.clone(), before), above));
            }
            differences.push(Difference::Instruction {
                stage: stage.to_owned(),
                expected: Some(layer.clone()),
                actual: actual.cloned(),
                after: last.clone(),
                before: None,
                above,
            });
            last = Some(layer.id.clone());
        }
        for added in rest {
            let place = (last.clone(), before.clone());
            differences.push(added_in(stage, added, place, old.end));
        }
    }
}

fn added_in(
    stage: &str,
    actual: &Instruction,
    (after, before): (Option<String>, Option<String>),
    above: usize,
) -> Difference {
    Difference::Instruction {
        stage: stage.to_owned(),
        expected: None,
        actual: Some(actual.clone()),
        after,
        before,
        above,
    }
}
