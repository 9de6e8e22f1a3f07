//! An old Dockerfile as what has to be accounted for: its stages, their names in a spec, and its instructions with the
//! comments that belong to them.

use crate::dockerfile::paths::absolute;
use crate::dockerfile::stages::{Source, Stages};
use crate::dockerfile::{
    self, Arg, Comment, Document, Escape, From, Instruction, Item, StageName, Statement, Word,
};

use super::{RUNTIME, caches};

/// A file that is to be migrated.
pub(super) struct Old<'a> {
    pub(super) document: &'a Document,
    /// The arguments before the first stage, each with the number of its item.
    pub(super) globals: Vec<(usize, &'a Statement, &'a Arg)>,
    pub(super) stages: Vec<OldStage<'a>>,
    /// The stage that the service runs in.
    pub(super) chosen: usize,
    /// What other instructions do in the place of those that are left out.
    pub(super) gone: Vec<Gone>,
    known: Stages,
}

/// An instruction that is no more, since others do what it did.
#[derive(Clone, Debug)]
pub(super) struct Gone {
    /// The number of its item.
    pub(super) item: usize,
    /// The item that has its comments now, if one has.
    pub(super) into: Option<usize>,
    /// The comments that stood at it.
    pub(super) comments: Vec<String>,
    /// What does it now, and why.
    pub(super) reason: String,
}

/// A stage of it.
pub(super) struct OldStage<'a> {
    /// The number of the item that begins it.
    pub(super) item: usize,
    pub(super) statement: &'a Statement,
    pub(super) from: &'a From,
    /// What the stage is called in the spec.
    pub(super) name: String,
    /// Its instructions, each with the number of its item.
    pub(super) body: Vec<(usize, &'a Statement)>,
}

/// An instruction with the stage that it stands in and the number of its item.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) stage: usize,
    pub(super) item: usize,
    pub(super) statement: &'a Statement,
}

impl<'a> Old<'a> {
    /// Takes a document apart; nothing of one without a stage, or without the stage that is asked for.
    pub(super) fn read(document: &'a Document, target: Option<&str>) -> Option<Self> {
        let mut globals = Vec::new();
        let mut stages: Vec<OldStage<'a>> = Vec::new();
        for (number, item) in document.items().iter().enumerate() {
            let Item::Statement(statement) = item else {
                continue;
            };
            match (&statement.instruction, stages.last_mut()) {
                (Instruction::From(from), _) => stages.push(OldStage {
                    item: number,
                    statement,
                    from,
                    name: String::new(),
                    body: Vec::new(),
                }),
                (_, Some(stage)) => stage.body.push((number, statement)),
                (Instruction::Arg(arg), None) => globals.push((number, statement.as_ref(), arg)),
                (_, None) => {}
            }
        }
        let own = |stage: &OldStage<'a>| stage.from.name.as_ref().map(StageName::as_str);
        let known = Stages::new(stages.iter().map(own), []);
        let chosen = match target {
            Some(name) => known.target(name)?,
            None => stages.len().checked_sub(1)?,
        };
        let mut taken = vec![RUNTIME.to_owned()];
        for (index, stage) in stages.iter_mut().enumerate() {
            let mut name = match stage.from.name.as_ref().map(StageName::as_str) {
                _ if index == chosen => RUNTIME.to_owned(),
                // A name that a later stage has too asks for that one.
                Some(name) if known.target(name) == Some(index) => name.to_owned(),
                _ => format!("stage-{index}"),
            };
            while index != chosen && taken.contains(&name) {
                name.push_str("-old");
            }
            taken.push(name.clone());
            stage.name = name;
        }
        Some(Self {
            document,
            globals,
            stages,
            chosen,
            gone: Vec::new(),
            known,
        })
    }

    /// The same file without some of its instructions.
    pub(super) fn without(mut self, gone: &[Gone]) -> Self {
        for stage in &mut self.stages {
            let is_gone = |item: usize| gone.iter().any(|gone| gone.item == item);
            stage.body.retain(|(item, _)| !is_gone(*item));
        }
        self.gone.extend(gone.iter().cloned());
        self
    }

    /// What the stage that the service runs in is called in the old file, if that is another name.
    pub(super) fn alias(&self) -> Option<&str> {
        let name = self.stages[self.chosen].from.name.as_ref()?.as_str();
        let is_free = self.stages.iter().all(|stage| stage.name != name);
        (name != RUNTIME && is_free).then_some(name)
    }

    /// The stage that a stage is built on.
    pub(super) fn parent(&self, stage: usize) -> Option<usize> {
        let image = self.stages[stage].from.image.word().text()?;
        match self.known.base(stage, &image) {
            Ok(Source::Stage(parent)) => Some(parent),
            _ => None,
        }
    }

    /// The stage that files are copied from.
    pub(super) fn copied(&self, stage: usize, name: &str) -> Option<usize> {
        match self.known.copied(stage, name) {
            Ok(Source::Stage(found)) => Some(found),
            _ => None,
        }
    }

    /// The stages that a stage is built on, from the first one on, and itself.
    pub(super) fn lineage(&self, stage: usize) -> Vec<usize> {
        let mut stages = vec![stage];
        while let Some(parent) = self.parent(stages[0]) {
            stages.insert(0, parent);
        }
        stages
    }

    /// The stages that a stage is built on or takes files from.
    pub(super) fn uses(&self, stage: usize) -> Vec<usize> {
        let mut used: Vec<usize> = self.parent(stage).into_iter().collect();
        for (_, statement) in &self.stages[stage].body {
            match &statement.instruction {
                Instruction::Copy(copy) => {
                    let from = copy.from.as_ref();
                    used.extend(from.and_then(|from| self.copied(stage, from.as_str())));
                }
                Instruction::Run(run) => {
                    let from = run.mounts.iter().filter_map(|mount| mount.from());
                    used.extend(from.filter_map(|from| self.mounted(stage, from.as_str())));
                }
                _ => {}
            }
        }
        used
    }

    /// The image that a stage begins with, where a build is given no arguments; `None` if that is not in the file.
    pub(super) fn image(&self, stage: usize) -> Option<String> {
        let word = self.stages[stage].from.image.word();
        if let Some(text) = word.text() {
            return Some(text);
        }
        let mut text = word.as_str().to_owned();
        let defaults = self.globals.iter().flat_map(|(_, _, arg)| arg.as_slice());
        for (name, default) in defaults {
            let Some(default) = default.as_ref().and_then(Word::text) else {
                continue;
            };
            text = text.replace(&format!("${{{}}}", name.as_str()), &default);
            if text.ends_with(&format!("${}", name.as_str())) {
                text = text.replace(&format!("${}", name.as_str()), &default);
            }
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
        text.chars().all(is_plain).then_some(text)
    }

    /// All instructions that make a stage, from the first stage that it is built on: said in one stage, they would make
    /// the same.
    pub(super) fn chain(&self, stage: usize) -> Vec<Placed<'a>> {
        let lineage = self.lineage(stage).into_iter();
        let placed = lineage.flat_map(|stage| {
            let body = self.stages[stage].body.iter();
            body.map(move |(item, statement)| Placed {
                stage,
                item: *item,
                statement,
            })
        });
        placed.collect()
    }

    /// The working directory at an instruction, if the file says it; `begin` is where the image itself begins, if that is
    /// known.
    pub(super) fn workdir(
        &self,
        (stage, at): (usize, usize),
        begin: Option<&str>,
    ) -> Option<String> {
        let mut found = begin.map(ToOwned::to_owned);
        for below in self.lineage(stage) {
            let body = &self.stages[below].body;
            let end = if below == stage { at } else { body.len() };
            for (_, statement) in &body[..end] {
                let Instruction::Workdir(word) = &statement.instruction else {
                    continue;
                };
                found = match (word.text(), found) {
                    (Some(path), _) if path.starts_with('/') => Some(absolute("/", &path)),
                    (Some(path), Some(folder)) => Some(absolute(&folder, &path)),
                    _ => None,
                };
            }
        }
        found.filter(|folder| !folder.contains(".."))
    }

    /// Whether a user is said above an instruction of a stage.
    pub(super) fn has_user(&self, stage: usize, at: usize) -> bool {
        let mut lineage = self.lineage(stage).into_iter();
        lineage.any(|below| {
            let body = &self.stages[below].body;
            let end = if below == stage { at } else { body.len() };
            let mut above = body[..end].iter();
            above.any(|(_, statement)| matches!(statement.instruction, Instruction::User(_)))
        })
    }

    /// Whether a line of a stage is for the shell that images have if they say nothing.
    pub(super) fn has_usual_shell(&self, stage: usize) -> bool {
        let lineage = self.lineage(stage);
        let is_shell = |(_, statement): &(usize, &Statement)| {
            matches!(statement.instruction, Instruction::Shell(_))
        };
        let mut bodies = lineage.iter().map(|below| &self.stages[*below].body);
        caches::is_known(self.stages[lineage[0]].from.image.word())
            && !bodies.any(|body| body.iter().any(is_shell))
    }

    pub(super) fn mounted(&self, stage: usize, name: &str) -> Option<usize> {
        match self.known.mounted(stage, name) {
            Ok(Source::Stage(found)) => Some(found),
            _ => None,
        }
    }

    /// What a name of a stage has to become where an instruction of a stage uses it: pairs of what stands there and
    /// what the spec calls it.
    fn renamed(&self, stage: usize, instruction: &Instruction) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut refer = |name: &str, found: Option<usize>| {
            if let Some(found) = found
                && self.stages[found].name != name
            {
                pairs.push((name.to_owned(), self.stages[found].name.clone()));
            }
        };
        match instruction {
            Instruction::Copy(copy) => {
                if let Some(from) = &copy.from {
                    refer(from.as_str(), self.copied(stage, from.as_str()));
                }
            }
            Instruction::Run(run) => {
                for from in run.mounts.iter().filter_map(|mount| mount.from()) {
                    refer(from.as_str(), self.mounted(stage, from.as_str()));
                }
            }
            _ => {}
        }
        pairs
    }

    /// An instruction as it was written, with its comments; and whether something of the spelling had to change.
    ///
    /// Nothing comes of bytes that are not UTF-8: they cannot stand in a spec.
    pub(super) fn written(&self, stage: usize, statement: &Statement) -> Option<(String, bool)> {
        let place = &statement.place;
        let whole = self.document.text(place.span.start..place.range.end)?;
        let mut text = whole.trim_end_matches(['\n', '\r']).to_owned();
        let mut respelled = false;
        if text.contains('\r') {
            text = text.replace("\r\n", "\n");
            respelled = true;
        }
        for (old, new) in self.renamed(stage, &statement.instruction) {
            text = text.replacen(&format!("from={old}"), &format!("from={new}"), 1);
            respelled = true;
        }
        let wanted = self.with_names(stage, &statement.instruction);
        let mut above: Vec<String> = Vec::new();
        for comment in &place.comments_before {
            above.push(self.comment(comment)?);
        }
        if self.document.escape() != Escape::Backslash
            || dockerfile::parse_one(&text).as_ref() != Some(&wanted)
        {
            text = dockerfile::print(&wanted);
            respelled = true;
            for comment in &place.comments_inside {
                above.push(self.comment(comment)?);
            }
            if dockerfile::parse_one(&text).as_ref() != Some(&wanted) {
                return None;
            }
        }
        above.push(text);
        Some((above.join("\n"), respelled))
    }

    /// An instruction that uses the names that the spec has for stages.
    pub(super) fn with_names(&self, stage: usize, instruction: &Instruction) -> Instruction {
        let mut instruction = instruction.clone();
        match &mut instruction {
            Instruction::Copy(copy) => {
                if let Some(from) = &copy.from
                    && let Some(found) = self.copied(stage, from.as_str())
                    && let Ok(name) = dockerfile::FlagText::new(&self.stages[found].name)
                {
                    copy.from = Some(name);
                }
            }
            Instruction::Run(run) => {
                for mount in &mut run.mounts {
                    if let Some(found) = mount
                        .from()
                        .and_then(|from| self.mounted(stage, from.as_str()))
                        && let Ok(name) = dockerfile::FlagText::new(&self.stages[found].name)
                        && let Ok(renamed) = mount.clone().with_from(name)
                    {
                        *mount = renamed;
                    }
                }
            }
            _ => {}
        }
        instruction
    }

    /// A comment as it stands in the file.
    fn comment(&self, comment: &Comment) -> Option<String> {
        let line = self.document.text(comment.range.clone())?;
        Some(line.trim().to_owned())
    }
}
