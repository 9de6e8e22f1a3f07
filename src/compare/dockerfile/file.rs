//! A Dockerfile as its stages, and these as single facts and steps: `ENV A=1 B=2` is two.

use crate::dockerfile::stages::{Source, Stages};
use crate::dockerfile::variables::{Lexer, Scope};
use crate::dockerfile::{
    Arg, Document, Env, Expose, FlagText, From, Instruction, Item, Label, Mount, Place, Run,
    Statement, Volume, parse, print,
};

use super::super::layout::{Piece, Pieces};
use super::shell::Commands;

/// A parsed file.
pub(super) struct File<'a> {
    pub(super) text: &'a str,
    pub(super) document: Document,
    /// What stands before the first stage.
    pub(super) globals: Vec<Atom>,
    pub(super) stages: Vec<Stage>,
    /// What the names of the stages mean.
    pub(super) names: Stages,
    /// Where each line starts.
    starts: Vec<usize>,
}

/// A stage.
pub(super) struct Stage {
    pub(super) from: From,
    pub(super) place: Place,
    pub(super) atoms: Vec<Atom>,
}

/// An instruction, or one pair of those that have several.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    pub(super) instruction: Instruction,
    /// The one spelling of it, with the names that both files have for stages.
    pub(super) text: String,
    /// What messages show of it.
    pub(super) shown: String,
    /// The line on which it stands.
    pub(super) line: usize,
    /// The lines of the statement that it is of.
    pub(super) first_line: usize,
    pub(super) last_line: usize,
}

impl<'a> File<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let document = parse(text.as_bytes());
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(breaks).collect();
        let mut file = Self {
            text,
            globals: Vec::new(),
            stages: Vec::new(),
            names: Stages::default(),
            starts,
            document,
        };
        let mut globals = Vec::new();
        let mut stages: Vec<Stage> = Vec::new();
        for statement in file.document.statements() {
            if let Instruction::From(from) = &statement.instruction {
                stages.push(Stage {
                    from: from.clone(),
                    place: statement.place.clone(),
                    atoms: Vec::new(),
                });
                continue;
            }
            let atoms = file.atoms(statement);
            match stages.last_mut() {
                Some(stage) => stage.atoms.extend(atoms),
                None => globals.extend(atoms),
            }
        }
        let names = stages.iter().map(|stage| stage.from.name.as_ref());
        file.names = Stages::new(names.map(|name| Some(name?.as_str())), []);
        file.globals = globals;
        file.stages = stages;
        file
    }

    fn atoms(&self, statement: &Statement) -> Vec<Atom> {
        let place = &statement.place;
        let parts = parts(&statement.instruction);
        let several = parts.len() > 1;
        let atom = |(instruction, word): (Instruction, Option<String>)| Atom {
            shown: shown(&instruction),
            text: print(&instruction),
            line: match word {
                Some(word) if several => self.line_of(place.first_line, place.last_line, &word),
                _ => place.first_line,
            },
            first_line: place.first_line,
            last_line: place.last_line,
            instruction,
        };
        parts.into_iter().map(atom).collect()
    }

    /// The first of these lines that holds a word, or the first of them.
    pub(super) fn line_of(&self, first: usize, last: usize, word: &str) -> usize {
        let lines = self.text.lines().enumerate().skip(first.saturating_sub(1));
        let mut lines = lines.take((last + 1).saturating_sub(first));
        let found = lines.find(|(_, line)| {
            line.match_indices(word).any(|(at, _)| {
                let inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
                !line[..at].ends_with(inside) && !line[at + word.len()..].starts_with(inside)
            })
        });
        found.map_or(first, |(index, _)| index + 1)
    }

    /// The line of a place in the text.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The line behind another, if the file goes on there; else that line.
    pub(super) fn line_behind(&self, line: usize) -> usize {
        (line + 1).min(self.text.lines().count()).max(1)
    }

    /// Whether there is more than one stage, so that messages say which one they mean.
    pub(super) fn has_stages(&self) -> bool {
        self.stages.len() > 1
    }

    /// What other instructions call a stage.
    pub(super) fn label(&self, stage: usize) -> String {
        let name = self
            .stages
            .get(stage)
            .and_then(|stage| stage.from.name.as_ref());
        name.map_or_else(|| stage.to_string(), |name| name.as_str().to_owned())
    }

    /// What a stage is built on, with the defaults of the arguments before the first stage; nothing if it cannot be known.
    pub(super) fn base(&self, stage: usize) -> Option<Source> {
        let lexer = Lexer::new(crate::dockerfile::Escape::Backslash);
        let mut scope = Scope::default();
        for atom in &self.globals {
            if let Instruction::Arg(arg) = &atom.instruction {
                for (name, default) in arg.as_slice() {
                    let default = default.as_ref().map(crate::dockerfile::Word::as_str);
                    // What cannot be expanded has no value.
                    let _ = scope.arg(lexer, name.as_str(), default);
                }
            }
        }
        let image = self.stages.get(stage)?.from.image.as_str();
        let image = lexer.expand(image, &scope).ok()?.text;
        self.names.base(stage, &image).ok()
    }

    /// Calls the stages that files are taken from by what `name` says, so that two files can be compared that call
    /// them by different names.
    pub(super) fn rename(&mut self, name: impl Fn(usize) -> String) {
        for (at, stage) in self.stages.iter_mut().enumerate() {
            for atom in &mut stage.atoms {
                if let Some(instruction) = renamed(&atom.instruction, at, &self.names, &name) {
                    atom.text = print(&instruction);
                    atom.instruction = instruction;
                }
            }
        }
    }

    /// The file as far as its layout goes.
    pub(super) fn pieces(&self) -> Pieces {
        let mut pieces = Pieces::default();
        for item in self.document.items() {
            let range = item.range();
            let line = self.line_at(range.start);
            match item {
                Item::ByteOrderMark(_) => {}
                Item::Blank(range) => {
                    let count = self.text[range.clone()].lines().count();
                    (0..count).for_each(|more| pieces.push(Piece::Blank, line + more));
                }
                Item::Comment(comment) => {
                    pieces.push(Piece::Comment(comment.text.trim_start().to_owned()), line);
                }
                Item::Statement(statement) => {
                    for comment in &statement.place.comments_inside {
                        let line = self.line_at(comment.range.start);
                        pieces.push(Piece::Comment(comment.text.trim_start().to_owned()), line);
                    }
                    pieces.push(Piece::Meaning(print(&statement.instruction)), line);
                }
                Item::Directive(_) | Item::Broken(_) => {
                    pieces.push(Piece::Meaning(self.text[range].trim().to_owned()), line);
                }
            }
        }
        pieces
    }
}

/// One instruction for each pair, and the word by which its line is found.
fn parts(instruction: &Instruction) -> Vec<(Instruction, Option<String>)> {
    fn single<T: Clone, L>(
        list: &[T],
        one: impl Fn(Vec<T>) -> Result<L, crate::dockerfile::Invalid>,
        wrap: impl Fn(L) -> Instruction,
        word: impl Fn(&T) -> String,
    ) -> Vec<(Instruction, Option<String>)> {
        list.iter()
            .map(|item| match one(vec![item.clone()]) {
                Ok(made) => (wrap(made), Some(word(item))),
                Err(_) => unreachable!("a list with one item is not empty"),
            })
            .collect()
    }
    match instruction {
        Instruction::Arg(arg) => single(arg.as_slice(), Arg::new, Instruction::Arg, |(name, _)| {
            name.as_str().to_owned()
        }),
        Instruction::Env(env) => single(env.as_slice(), Env::new, Instruction::Env, |(name, _)| {
            name.as_str().to_owned()
        }),
        Instruction::Label(label) => single(
            label.as_slice(),
            Label::new,
            Instruction::Label,
            |(name, _)| name.as_str().to_owned(),
        ),
        Instruction::Expose(ports) => {
            single(ports.as_slice(), Expose::new, Instruction::Expose, |port| {
                port.as_str().to_owned()
            })
        }
        Instruction::Volume(paths) => {
            single(paths.as_slice(), Volume::new, Instruction::Volume, |path| {
                path.as_str().to_owned()
            })
        }
        other => vec![(other.clone(), None)],
    }
}

/// An instruction that takes files from a stage, with another name for that stage.
fn renamed(
    instruction: &Instruction,
    at: usize,
    names: &Stages,
    label: &impl Fn(usize) -> String,
) -> Option<Instruction> {
    match instruction {
        Instruction::Copy(copy) => {
            let Ok(Source::Stage(stage)) = names.copied(at, copy.from.as_ref()?.as_str()) else {
                return None;
            };
            let mut copy = copy.clone();
            copy.from = FlagText::new(&label(stage)).ok();
            Some(Instruction::Copy(copy))
        }
        Instruction::Run(run) => {
            let relabel = |mount: &Mount| {
                let from = mount.from()?;
                let Ok(Source::Stage(stage)) = names.mounted(at, from.as_str()) else {
                    return None;
                };
                mount
                    .clone()
                    .with_from(FlagText::new(&label(stage)).ok()?)
                    .ok()
            };
            let mounts = run.mounts.iter();
            let mounts = mounts.map(|mount| relabel(mount).unwrap_or_else(|| mount.clone()));
            let run = Run {
                mounts: mounts.collect(),
                ..run.clone()
            };
            Some(Instruction::Run(run))
        }
        _ => None,
    }
}

/// An instruction as messages show it: of a step that runs something, the first command.
fn shown(instruction: &Instruction) -> String {
    let text = print(instruction);
    let Instruction::Run(run) = instruction else {
        return text;
    };
    let commands = Commands::of(run).list;
    match commands.as_slice() {
        [] => text,
        [only] => format!("{} {}", instruction.keyword(), only.text()),
        // A second line makes it end in `…`.
        [first, ..] => format!("{} {}\n", instruction.keyword(), first.text()) + "…",
    }
}
