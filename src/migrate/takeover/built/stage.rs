//! The stage that builds a program: its sources and the line that builds become the preset's, and all else stays.

use crate::dockerfile::paths::{absolute, destination, lies_in, relative};
use crate::dockerfile::{self, Copy, Instruction, Run, Word, is_root};
use crate::migrate::account::Outcome;
use crate::migrate::draft::keys;
use crate::migrate::draft::{self, spell};
use crate::migrate::notice::Notice;
use crate::migrate::old::Placed;

use super::super::builder::NOT_RUN;
use super::super::leftover::is_plain_add;
use super::super::{Words, Writer};
use super::call::{self, Call};
use super::notice;

/// Where the parts of the stage begin and end, by the numbers of its instructions.
struct Parts {
    /// The first copy of sources, and the last.
    sources: (usize, usize),
    /// The line that builds.
    call: usize,
    /// The folder that it is called in, if anything says one.
    folder: Option<String>,
    /// The folder that the sources are copied in, if anything has said one by then.
    entry: Option<String>,
}

/// Where the stage has come to.
struct Place {
    /// The working directory of the next step, as far as anything says it.
    now: Option<String>,
    /// The folders that are made.
    made: Vec<String>,
    /// The step behind which the next one comes, once the program is built.
    behind: Option<String>,
}

impl<'a> Writer<'a> {
    /// Reads the stage that builds. What comes back are the folders that its program may lie in, the likeliest first.
    pub(super) fn stage_that_builds(
        &mut self,
        words: Words<'a>,
        stage: usize,
    ) -> Result<Vec<String>, Notice> {
        let body = self.old.chain(stage);
        let kept = self.kept.chain(stage);
        let from = self.old.stages[stage].statement;
        let (call, told) = call(words, &self.idioms.list("steady"), &body)?;
        let sources = sources(&body[..call]).ok_or_else(|| {
            notice(
                from,
                "the sources are no plain copy of files of the project",
            )
        })?;
        let own = workdir(&body[..call]);
        let folder = told.folder.clone().or_else(|| own.clone());
        let built_in = absolute(
            folder.as_deref().unwrap_or("/"),
            told.directory.as_deref().unwrap_or("."),
        );
        // A command in the stage may need to be in no folder yet.
        let mut rest = (sources.0..call).filter(|at| makes(&body[*at].statement.instruction));
        let first = rest.find(|at| !(sources.0..=sources.1).contains(at));
        let entry = match first {
            Some(at) => workdir(&body[..at]),
            None => folder.clone(),
        };
        let parts = Parts {
            sources,
            call,
            folder,
            entry,
        };
        let refuse = |text: String| notice(body[call].statement, &text);
        if built_in == "/" || parts.folder.as_deref() == Some("/") {
            return Err(refuse("it builds in `/`".to_owned()));
        }
        self.compiler(words, &body)
            .map_err(|text| notice(from, &text))?;
        let (first, rest) = body.split_at(parts.sources.0);
        let is_redone = self.installs_all(first) && !self.any_names_system(rest);
        let mut place = Place {
            now: None,
            made: Vec::new(),
            behind: None,
        };
        for (index, placed) in body.iter().enumerate() {
            if index == sources.0 {
                self.enter_sources(words, &mut place, parts.entry.as_deref());
            }
            let outcome = self
                .of_builder(
                    words,
                    (index, *placed, kept[index]),
                    &parts,
                    is_redone,
                    &mut place,
                    &told,
                )
                .map_err(|text| notice(placed.statement, &text))?;
            if !matches!(outcome, Outcome::Kept { .. })
                && !has_note(&outcome, &placed.statement.instruction)
            {
                self.remark(placed.statement);
            }
            draft::account(self.old, &mut self.outcomes, placed.item, outcome);
        }
        let mut folders = body.iter().enumerate().filter_map(|(at, placed)| {
            let is_workdir = matches!(placed.statement.instruction, Instruction::Workdir(_));
            is_workdir.then(|| workdir(&body[..=at])).flatten()
        });
        if let Some(lost) =
            folders.find(|folder| !place.made.iter().any(|made| lies_in(made, folder)))
        {
            return Err(notice(
                from,
                &format!("nothing would make the folder `{lost}`"),
            ));
        }
        let known = self.folder_of_project(&built_in, own.as_deref());
        let known = known.ok_or_else(|| {
            refuse(format!(
                "nobody knows whether `{built_in}` is a folder of the project"
            ))
        })?;
        if let Some(built) = &mut self.built {
            built.options.extend(told.options);
        }
        let own = own.filter(|own| own != "/" && lies_in(&built_in, own));
        Ok([parts.folder, own, Some(built_in), Some(known)]
            .into_iter()
            .flatten()
            .collect())
    }

    /// What becomes of one instruction.
    fn of_builder(
        &mut self,
        words: Words<'a>,
        (index, placed, kept): (usize, Placed<'a>, Placed<'a>),
        parts: &Parts,
        is_redone: bool,
        place: &mut Place,
        told: &Call,
    ) -> Result<Outcome, String> {
        let builds = words.text("builds-in");
        let prepares = words.text("prepares-in");
        let is_source = (parts.sources.0..=parts.sources.1).contains(&index);
        let body = self.old.chain(placed.stage);
        let here = workdir(&body[..index]);
        match &placed.statement.instruction {
            Instruction::Workdir(word) => {
                word.text().ok_or("a folder that depends on variables")?;
                if workdir(&body[..=index]) == parts.entry {
                    let path = format!("stages.{prepares}.steps.workdir");
                    return Ok(Outcome::Step(path));
                }
                Ok(Outcome::Improved(
                    "a folder is entered where something is done in it".to_owned(),
                ))
            }
            Instruction::Copy(copy) if is_source => self.source(copy, here.as_deref(), place),
            Instruction::Add(add) if is_source => {
                let copy = Copy::new(add.files.clone());
                self.source(&copy, here.as_deref(), place)
            }
            Instruction::Run(run) if index < parts.sources.0 && is_redone => {
                let own = std::mem::take(&mut self.packages);
                let outcome = self.run(run);
                let found = std::mem::replace(&mut self.packages, own);
                let known = self.preset_compiler();
                let is_new = |name: &String| !known.contains(name);
                self.build_packages.extend(found.into_iter().filter(is_new));
                self.redo(kept);
                outcome
            }
            Instruction::Run(_) if index == parts.call => {
                self.redo(kept);
                let step = words.text("build-step").to_owned();
                self.go(builds, ("before", &step), place, parts.folder.as_deref());
                if let Some(before) = &told.before {
                    self.piece(builds, before, ("before", &step), placed)?;
                }
                if !told.env.is_empty() {
                    let name = format!("{step}-env");
                    let fields = vec![
                        ("before".to_owned(), spell::text(&step)),
                        ("env".to_owned(), spell::table(&told.env)),
                    ];
                    self.leftovers
                        .others
                        .push((format!("{builds}.steps.{name}"), fields));
                }
                place.behind = Some(step.clone());
                if let Some(after) = &told.after {
                    let name = self.piece(builds, after, ("after", &step), placed)?;
                    place.behind = Some(name);
                }
                let rest = told.before.is_some() || told.after.is_some();
                let beside = if rest {
                    ", and what stands beside it as steps"
                } else {
                    ""
                };
                let is_cached = self.built.as_ref().is_some_and(|built| built.is_cached);
                let cached = if is_cached {
                    ": objects come from a cache where their sources are the same"
                } else {
                    " does it, without a cache of its own"
                };
                Ok(Outcome::Improved(format!(
                    "the preset `{}`{cached}{beside}",
                    self.preset.name
                )))
            }
            Instruction::User(word) if word.text().is_some_and(|user| is_root(&user)) => {
                Ok(Outcome::Dropped("root builds anyway".to_owned()))
            }
            Instruction::Label(_)
            | Instruction::Expose(_)
            | Instruction::Cmd(_)
            | Instruction::Entrypoint(_)
            | Instruction::Healthcheck(_)
            | Instruction::StopSignal(_)
            | Instruction::Maintainer(_) => Ok(Outcome::Dropped(NOT_RUN.to_owned())),
            Instruction::Run(_)
            | Instruction::Env(_)
            | Instruction::Arg(_)
            | Instruction::Copy(_)
            | Instruction::Add(_) => {
                let step = words.text("build-step");
                let behind = place.behind.clone();
                let (stage, at) = match &behind {
                    Some(behind) => (builds, ("after", behind.as_str())),
                    None if index < parts.sources.0 => (prepares, ("before", "packages")),
                    None => (builds, ("before", step)),
                };
                if makes(&placed.statement.instruction) {
                    self.go(stage, at, place, here.as_deref());
                }
                let at = place
                    .behind
                    .as_deref()
                    .map_or(at, |behind| ("after", behind));
                let outcome = self.kept_in(stage, Some(at), (placed, kept), None)?;
                if behind.is_some() {
                    place.behind = self.last_step();
                }
                Ok(outcome)
            }
            other => Err(format!("`{}` in a stage that builds", other.keyword())),
        }
    }

    /// The name of the step that was written last.
    fn last_step(&self) -> Option<String> {
        let (path, _) = self.leftovers.others.last()?;
        Some(path.rsplit('.').next()?.to_owned())
    }

    /// A part of a line, as a step.
    fn piece(
        &mut self,
        stage: &str,
        text: &str,
        (key, step): (&str, &str),
        placed: Placed<'_>,
    ) -> Result<String, String> {
        let line = format!("{} {text}", placed.statement.instruction.keyword());
        let instruction =
            dockerfile::parse_one(&line).ok_or("a part of it is no line by itself")?;
        let name = self.name(&instruction);
        let fields = vec![
            (key.to_owned(), spell::text(step)),
            ("dockerfile".to_owned(), spell::text(&line)),
        ];
        self.leftovers
            .others
            .push((format!("{stage}.steps.{name}"), fields));
        Ok(name)
    }

    /// The folder that the sources are copied in.
    fn enter_sources(&mut self, words: Words<'_>, place: &mut Place, entry: Option<&str>) {
        let prepares = words.text("prepares-in");
        let fields = match entry {
            Some(folder) => {
                place.made.push(folder.to_owned());
                vec![("workdir".to_owned(), spell::text(folder))]
            }
            None => vec![("drop".to_owned(), spell::list(&["workdir".to_owned()]))],
        };
        let path = match entry {
            Some(_) => format!("{prepares}.steps.workdir"),
            None => prepares.to_owned(),
        };
        place.now = entry.map(ToOwned::to_owned);
        let others = &mut self.leftovers.others;
        let at = if entry.is_some() { others.len() } else { 0 };
        others.insert(at, (path, fields));
    }

    /// A step that makes a folder the working directory, if it is not.
    fn go(
        &mut self,
        stage: &str,
        (key, step): (&str, &str),
        place: &mut Place,
        folder: Option<&str>,
    ) {
        let Some(folder) = folder.filter(|folder| place.now.as_deref() != Some(*folder)) else {
            return;
        };
        let Ok(word) = Word::literal(folder) else {
            return;
        };
        let name = self.name(&Instruction::Workdir(word));
        let fields = vec![
            (key.to_owned(), spell::text(step)),
            ("workdir".to_owned(), spell::text(folder)),
        ];
        self.leftovers
            .others
            .push((format!("{stage}.steps.{name}"), fields));
        place.now = Some(folder.to_owned());
        place.made.push(folder.to_owned());
        if place.behind.is_some() {
            place.behind = Some(name);
        }
    }

    /// A copy of sources.
    fn source(
        &mut self,
        copy: &Copy,
        here: Option<&str>,
        place: &Place,
    ) -> Result<Outcome, String> {
        let to = copy
            .files
            .destination()
            .text()
            .ok_or("where it lands depends on variables")?;
        let paths: Option<Vec<String>> = copy.files.source_paths().map(Word::text).collect();
        let paths = paths.ok_or("what is copied depends on variables")?;
        let landed = absolute(here.unwrap_or("/"), &to);
        let is_same = here == place.now.as_deref() || to.starts_with('/');
        let said = if is_same {
            to
        } else {
            destination(here.unwrap_or("/"), &to)
        };
        let mode = copy.chmod.as_ref().and_then(|mode| mode.word().text());
        for path in &paths {
            self.folders.push(relative(path));
            let is_folder = relative(path).is_empty()
                || (self.context.is_folder)(&relative(path)) == Some(true);
            if is_folder {
                self.landed.push((relative(path), landed.clone()));
            }
            let mut fields = vec![
                ("from".to_owned(), spell::text(path)),
                ("to".to_owned(), spell::text(&said)),
            ];
            fields.extend(
                mode.iter()
                    .map(|mode| ("mode".to_owned(), spell::text(mode))),
            );
            self.sources.push(if *path == said && mode.is_none() {
                spell::text(path)
            } else {
                spell::table(&fields)
            });
        }
        Ok(Outcome::Key("source".to_owned()))
    }

    /// The folder of the image that the project's files lie in, if the folder that is built in is one of theirs or lies
    /// above them.
    fn folder_of_project(&self, folder: &str, workdir: Option<&str>) -> Option<String> {
        let mut known = self.landed.iter().filter_map(|(from, to)| {
            if lies_in(to, folder) {
                return Some(folder);
            }
            lies_in(folder, to).then_some(())?;
            let path = relative(&format!("{from}/{}", &folder[to.len()..]));
            ((self.context.is_folder)(&path) == Some(true)).then_some(to)
        });
        let found = known
            .next()
            .or_else(|| (workdir == Some(folder)).then_some(folder))?;
        Some(found.to_owned())
    }

    /// Whether every command only installs packages.
    pub(super) fn installs_all(&mut self, body: &[Placed<'_>]) -> bool {
        let own = self.packages.clone();
        let is_all = body
            .iter()
            .all(|placed| match &placed.statement.instruction {
                Instruction::Run(run) => self.run(run).is_ok(),
                _ => true,
            });
        self.packages = own;
        is_all
    }
}

/// The last line that builds, by its number.
fn call(words: Words<'_>, steady: &[&str], body: &[Placed<'_>]) -> Result<(usize, Call), Notice> {
    let mut first = None;
    for (index, placed) in body.iter().enumerate().rev() {
        let statement = placed.statement;
        let Instruction::Run(run) = &statement.instruction else {
            continue;
        };
        if !call::calls(words, run) {
            continue;
        }
        first = Some(statement);
        let is_plain = *run == Run::new(run.command.clone());
        let Some(line) = run.line().filter(|_| is_plain) else {
            return Err(notice(
                statement,
                "a here-document, a list, a mount or another flag is kept as it is",
            ));
        };
        let here = workdir(&body[..index]).unwrap_or_else(|| "/".to_owned());
        match call::read(words, steady, line, &here) {
            Ok(Some(call)) => return Ok((index, call)),
            Ok(None) => {}
            Err(text) => return Err(notice(statement, &text)),
        }
    }
    let statement = first.unwrap_or(body[0].statement);
    Err(notice(
        statement,
        "it puts what it makes elsewhere or nowhere, so nobody knows which files are the program",
    ))
}

/// Whether an instruction makes files or finds some by where it stands.
fn makes(instruction: &Instruction) -> bool {
    matches!(
        instruction,
        Instruction::Run(_) | Instruction::Copy(_) | Instruction::Add(_)
    )
}

/// The copies of sources that stand together in front of the line that builds.
fn sources(body: &[Placed<'_>]) -> Option<(usize, usize)> {
    let is_source = |placed: &Placed<'_>| match &placed.statement.instruction {
        Instruction::Copy(copy) => copy.chown.is_none() && keys::sources(copy).is_some(),
        Instruction::Add(_) => is_plain_add(placed.statement),
        _ => false,
    };
    let last = body.iter().rposition(is_source)?;
    let is_other = |placed: &Placed<'_>| makes(&placed.statement.instruction) && !is_source(placed);
    let begin = body[..last]
        .iter()
        .rposition(is_other)
        .map_or(0, |at| at + 1);
    let first = body[begin..].iter().position(is_source)?;
    Some((begin + first, last))
}

/// The working directory behind some instructions, if they say one.
pub(super) fn workdir(body: &[Placed<'_>]) -> Option<String> {
    body.iter().fold(None, |folder: Option<String>, placed| {
        match &placed.statement.instruction {
            Instruction::Workdir(word) => {
                let path = word.text().unwrap_or_default();
                Some(absolute(folder.as_deref().unwrap_or("/"), &path))
            }
            _ => folder,
        }
    })
}

/// Whether the comments of an instruction are a note of its step.
fn has_note(outcome: &Outcome, instruction: &Instruction) -> bool {
    matches!(outcome, Outcome::Step(_)) && !matches!(instruction, Instruction::Workdir(_))
}
