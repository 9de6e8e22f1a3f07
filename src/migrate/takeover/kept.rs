//! An instruction that stays as it was: the step that has it, and how it is found again in the plan.

use crate::dockerfile::{self, Instruction, Run};
use crate::migrate::account::Outcome;
use crate::migrate::draft::typed::Fields;
use crate::migrate::draft::{self, spell};
use crate::migrate::old::Placed;

use super::Writer;

/// An instruction that stays, as a step.
pub(super) struct Stays {
    pub(super) fields: Fields,
    /// Whether it had to be spelled anew, where it is kept as it was written.
    pub(super) respelled: Option<bool>,
    /// What a plan has of it.
    pub(super) expected: Expected,
}

/// A step of the old file that must be found again.
pub(super) enum Expected {
    /// By its text.
    Text(String),
    /// By the folders that it makes, each family in its own way; with the text of the old one.
    Folders(String, Vec<String>),
}

impl Expected {
    /// The step as the old file has it.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Folders(text, _) => text,
        }
    }

    /// Whether it is a step of a plan.
    pub(super) fn is(&self, step: &str) -> bool {
        match self {
            Self::Text(text) => text == step,
            Self::Folders(_, folders) => match dockerfile::parse_one(step) {
                Some(Instruction::Run(run)) => {
                    let line = run.line().unwrap_or_default();
                    let words: Vec<&str> = line.split_whitespace().collect();
                    let last = words.len().checked_sub(folders.len());
                    last.is_some_and(|at| words[at..] == *folders)
                }
                _ => false,
            },
        }
    }
}

impl Writer<'_> {
    /// What an instruction does besides making the user, if the spec makes that.
    fn rest(&self, index: usize) -> Option<&String> {
        let made = self.made.as_ref().filter(|made| made.index == index)?;
        made.rest.as_ref()
    }

    /// The line of a command, without what makes the user if the spec does.
    pub(super) fn line(&self, index: usize, run: &Run) -> Option<String> {
        match self.rest(index) {
            Some(rest) => Some(rest.clone()),
            None => run.line().map(ToOwned::to_owned),
        }
    }

    /// What became of an instruction that stays, or of which the rest stays.
    pub(super) fn stays_at(
        &self,
        index: usize,
        mut path: String,
        respelled: Option<bool>,
    ) -> Outcome {
        if self.rest(index).is_some() {
            path.push_str(", and `user`");
        }
        match respelled {
            Some(respelled) => Outcome::Kept { path, respelled },
            None => Outcome::Step(path),
        }
    }

    /// An instruction that stays, or of which the rest stays, as a step: folders that it only makes are said as such.
    pub(super) fn stays(&self, index: usize) -> Result<Stays, String> {
        let Placed {
            stage, statement, ..
        } = self.kept_body[index];
        let mut line = None;
        let mut instruction = statement.instruction.clone();
        if let Some(rest) = self.rest(index) {
            let rest = format!("{} {rest}", instruction.keyword());
            instruction = dockerfile::parse_one(&rest).ok_or("it is no line by itself")?;
            line = Some(rest);
        }
        let printed = dockerfile::print(&instruction);
        let comments = draft::comments(statement);
        if let Some((mut fields, folders)) = self.folders(index, &instruction) {
            if !comments.is_empty() {
                let note = spell::text(&draft::escaped(&comments.join("\n")));
                fields.insert(0, ("note".to_owned(), note));
            }
            return Ok(Stays {
                fields,
                respelled: None,
                expected: Expected::Folders(printed, folders),
            });
        }
        let (text, respelled) = if let Some(line) = line {
            let comments = comments.into_iter().map(|comment| format!("# {comment}"));
            let lines: Vec<String> = comments.chain([line]).collect();
            (lines.join("\n"), true)
        } else {
            let written = self.kept.written(stage, statement);
            written.ok_or("it has bytes that no spec can hold")?
        };
        Ok(Stays {
            fields: vec![("dockerfile".to_owned(), spell::text(&text))],
            respelled: Some(respelled),
            expected: Expected::Text(printed),
        })
    }
}
