//! The stages of an old file that are not the one that runs. Some only install what is copied out of them: a preset has a
//! stage of its own for that. Others have nothing to do with what a preset does, and stay as they are.

use std::rc::Rc;

use crate::data::Node;
use crate::dockerfile::paths::{absolute, destination, lies_in, relative};
use crate::dockerfile::reference::ImageRef;
use crate::dockerfile::{Copy, Instruction, Statement, Transfer, Word};
use crate::migrate::RUNTIME;
use crate::migrate::account::Outcome;
use crate::migrate::draft;
use crate::migrate::draft::typed;
use crate::migrate::notice::Notice;
use crate::migrate::old::{Old, OldStage};
use crate::migrate::shell::program;

use super::Writer;
use super::leftover::SYSTEM;
use super::places::Place;

/// What becomes of settings of an image in a stage of which no image is run.
pub(super) const NOT_RUN: &str =
    "it is said of a stage that is not run, and nothing takes it from there";

/// What becomes of the stages besides the one that runs and those that it is built on.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// Those that only install.
    pub(super) builders: Vec<Builder<'a>>,
    /// Those that stay as they are.
    pub(super) apart: Vec<usize>,
}

/// A stage that only installs.
pub(super) struct Builder<'a> {
    /// The stage.
    stage: usize,
    /// How many instructions of the stage that runs it is built on, too.
    pub(super) shared: usize,
    /// The stage that begins with its image, if that is another one than what runs has.
    pub(super) root: Option<usize>,
    /// What was found in it.
    pub(super) read: Writer<'a>,
}

/// Sorts the stages of a file. `writer` begins to read a stage.
///
/// # Errors
/// A stage that a preset would have to know more of.
pub(super) fn parts<'a>(
    old: &'a Old<'a>,
    image: &ImageRef,
    writer: &impl Fn(usize) -> Option<Writer<'a>>,
) -> Result<Rc<Parts<'a>>, Notice> {
    let chain = old.lineage(old.chosen);
    let mut parts = Parts::default();
    let mut sources = Vec::new();
    for placed in old.chain(old.chosen) {
        if let Instruction::Copy(Copy {
            from: Some(from), ..
        }) = &placed.statement.instruction
            && let Some(source) = old.copied(placed.stage, from.as_str())
            && !sources.contains(&source)
            && !chain.contains(&source)
        {
            sources.push(source);
        }
    }
    let mut installing = chain.clone();
    for stage in sources {
        let Some(mut read) = writer(stage) else {
            continue;
        };
        let found = read.build(&chain);
        if !read.names_python(&chain) {
            continue;
        }
        found?;
        let lineage = old.lineage(stage);
        installing.extend(&lineage);
        parts.builders.push(Builder {
            stage,
            shared: old
                .chain(old.chosen)
                .iter()
                .filter(|placed| lineage.contains(&placed.stage))
                .count(),
            root: other_image(old, image, read.lock.base.as_ref(), lineage[0], chain[0])?,
            read,
        });
    }
    let names = writer(old.chosen).map_or_else(Vec::new, |writer| writer.names_of_stages());
    parts.apart = apart(old, &installing, &names)?;
    Ok(Rc::new(parts))
}

/// The stages that have nothing to do with some others. `names` are those of the preset's own.
///
/// # Errors
/// One of them has.
pub(super) fn apart(
    old: &Old<'_>,
    installing: &[usize],
    names: &[String],
) -> Result<Vec<usize>, Notice> {
    let others = (0..old.stages.len()).filter(|stage| !installing.contains(stage));
    let apart: Vec<usize> = others.collect();
    for stage in &apart {
        let OldStage {
            name, statement, ..
        } = &old.stages[*stage];
        let refuse = |text: String| {
            let line = statement.place.first_line;
            Err(Notice { line, text })
        };
        if old
            .uses(*stage)
            .iter()
            .any(|used| installing.contains(used))
        {
            return refuse(format!(
                "the stage `{name}` takes from what a preset would make in another way"
            ));
        }
        if names.contains(name) {
            return refuse(format!("the preset has a stage `{name}` of its own"));
        }
    }
    Ok(apart)
}

/// The stage that another one is built on, if its image is another one than that of the stage that runs.
fn other_image(
    old: &Old<'_>,
    image: &ImageRef,
    below: Option<&ImageRef>,
    root: usize,
    chosen: usize,
) -> Result<Option<usize>, Notice> {
    if root == chosen {
        return Ok(None);
    }
    let stage = &old.stages[root];
    let text = old.image(root).unwrap_or_default();
    let release = |image: &ImageRef| {
        let mut parts = image.tag().unwrap_or_default().split('-');
        let version = parts.next().unwrap_or_default().to_owned();
        (version, parts.any(|part| part.starts_with("alpine")))
    };
    // What has only the program that installs on top is not needed: the image that runs installs as well.
    if below.is_some_and(|below| {
        below.familiar_name() == image.familiar_name() && release(below) == release(image)
    }) {
        return Ok(None);
    }
    match ImageRef::parse(&text) {
        Ok(own) if own.familiar() == image.familiar() => Ok(None),
        Ok(own)
            if own.familiar_name() == image.familiar_name()
                && release(&own) == release(image)
                && stage.from.platform.is_none() =>
        {
            Ok(Some(root))
        }
        _ => Err(Notice {
            line: stage.statement.place.first_line,
            text: "what is installed in one image is copied into another of which nobody knows that it is alike".to_owned(),
        }),
    }
}

impl Writer<'_> {
    /// Reads a stage that only installs. Of what the stage that runs is built on too, `chain`, that one gives the account.
    ///
    /// # Errors
    /// An instruction that does something else.
    fn build(&mut self, chain: &[usize]) -> Result<(), Notice> {
        self.is_builder = true;
        let body = self.body.clone();
        for (index, placed) in body.iter().enumerate() {
            self.places.learn(placed.statement);
            if chain.contains(&placed.stage) {
                // What cannot be said goes where both are built on.
                let _ = self.statement(index, placed.statement);
                continue;
            }
            let outcome = self
                .building(index, placed.statement)
                .map_err(|text| Notice {
                    line: placed.statement.place.first_line,
                    text,
                })?;
            draft::account(self.old, &mut self.outcomes, placed.item, outcome);
        }
        Ok(())
    }

    fn building(&mut self, index: usize, statement: &Statement) -> Result<Outcome, String> {
        let dropped = |reason: &str| Ok(Outcome::Dropped(reason.to_owned()));
        match &statement.instruction {
            Instruction::Run(run) => {
                let line = run.line().unwrap_or_default();
                let tidies = self.idioms.list("tidies");
                let mut commands = line.split("&&").map(str::trim);
                if commands.all(|command| tidies.iter().any(|begin| command.starts_with(begin))) {
                    return dropped("nothing of it is copied out of this stage");
                }
                let is_first =
                    self.places.place.is_none() && (self.workdir.is_none() || self.is_blind(line));
                match self.run(run) {
                    Err(_) if is_first => self.before_all(index, statement, run),
                    known => known,
                }
            }
            Instruction::Env(env) => {
                let harmless = [self.idioms.list("unrelated"), self.idioms.list("env")].concat();
                let mut led = self.led_to_packages(env);
                led.extend(self.take_settings(env));
                let mut names = env.as_slice().iter().map(|(name, _)| name.as_str());
                let foreign = names
                    .find(|name| !harmless.contains(name) && !led.iter().any(|led| led == name));
                match foreign {
                    Some(name) if !self.has_installed() => Err(format!(
                        "`{name}` is there while packages are installed, and may change how"
                    )),
                    _ => {
                        dropped("only what installs was to see it, and that stays in another stage")
                    }
                }
            }
            Instruction::Workdir(word) => {
                let path = word.text().ok_or("a folder that depends on variables")?;
                let folder = absolute(self.here(), &path);
                self.workdir = Some(folder);
                dropped("the preset installs in a folder of its own")
            }
            Instruction::Copy(copy) if copy.chmod.is_some() => {
                Err("files get their modes in a stage that installs".to_owned())
            }
            Instruction::Copy(_) | Instruction::Add(_) => {
                self.statement(index, statement)?;
                let workdir = self.workdir.clone().unwrap_or_else(|| "/".to_owned());
                if let Some((_, _, to)) = self.copied.last_mut() {
                    *to = destination(&workdir, to);
                }
                Ok(Outcome::Improved(
                    "what installs sees only what it needs of the project".to_owned(),
                ))
            }
            Instruction::Arg(arg) => {
                let pairs = typed::args(arg).ok_or("an argument that no spec can say")?;
                let fields = vec![("args".to_owned(), super::spell::table(&pairs))];
                Ok(self.keep_for_installing(statement, fields))
            }
            Instruction::Label(_)
            | Instruction::Expose(_)
            | Instruction::Cmd(_)
            | Instruction::Entrypoint(_)
            | Instruction::Healthcheck(_)
            | Instruction::StopSignal(_)
            | Instruction::Maintainer(_) => dropped(NOT_RUN),
            Instruction::User(word) if word.text().as_deref() == Some("root") => {
                dropped("root installs anyway")
            }
            other => Err(format!("`{}` in a stage that installs", other.keyword())),
        }
    }

    /// Whether a command of the stage that is read does something with what the preset installs by.
    fn names_python(&self, chain: &[usize]) -> bool {
        let apart = self.idioms.list("apart");
        let mut own = self
            .body
            .iter()
            .filter(|placed| !chain.contains(&placed.stage));
        own.any(|placed| {
            let Instruction::Run(run) = &placed.statement.instruction else {
                return false;
            };
            let mut words = run.line().unwrap_or_default().split_whitespace();
            words.any(|word| apart.contains(&program(word)))
        })
    }

    /// The names of the stages that the preset makes.
    pub(super) fn names_of_stages(&self) -> Vec<String> {
        let mut names = vec![SYSTEM.to_owned(), RUNTIME.to_owned()];
        for preset in self.library.lineage(self.preset) {
            let stages = preset
                .tree
                .get("stages")
                .into_iter()
                .flat_map(Node::entries);
            names.extend(stages.map(|(name, _)| name.to_owned()));
        }
        names
    }

    /// Takes over what the stages that only install have found, as soon as all is read that they are built on, too.
    /// Whether it was now.
    pub(super) fn join(&mut self, index: usize) -> bool {
        let parts = Rc::clone(&self.parts);
        let mut has_joined = false;
        for builder in &parts.builders {
            if self.joined.contains(&builder.stage) || index < builder.shared {
                continue;
            }
            self.joined.push(builder.stage);
            has_joined = true;
            let read = &builder.read;
            let is_new = |found: &&String| !self.files.contains(found);
            let files: Vec<String> = read.files.iter().filter(is_new).cloned().collect();
            self.files.extend(files);
            self.included.extend(read.included.iter().cloned());
            self.early.extend(read.early.iter().cloned());
            self.flags.clone_from(&read.flags);
            self.join_lock(&read.lock);
            for package in &self.packages {
                self.build_packages.push(package.clone());
            }
            for package in &read.packages {
                if !self.build_packages.contains(package) {
                    self.build_packages.push(package.clone());
                }
            }
            self.take_arguments(&read.leftovers);
            for placed in &read.body {
                if let Some(outcome) = &read.outcomes[placed.item] {
                    self.remark(placed.statement);
                    draft::account(self.old, &mut self.outcomes, placed.item, outcome.clone());
                }
            }
        }
        has_joined
    }

    /// What becomes of the lines that begin the stages between the first and the one that runs, and those that only
    /// install.
    pub(super) fn stages_in_between(&mut self) {
        let old = self.old;
        let chain = old.lineage(old.chosen);
        let mut told = vec![chain[0]];
        let builders = self.parts.builders.iter().map(|builder| builder.stage);
        let ends: Vec<usize> = builders.chain([old.chosen]).collect();
        for stage in ends.into_iter().flat_map(|end| old.lineage(end)) {
            if told.contains(&stage) {
                continue;
            }
            told.push(stage);
            self.has_its_own(stage);
        }
    }

    /// What becomes of the line that begins a stage which the preset has in its own way.
    pub(super) fn has_its_own(&mut self, stage: usize) {
        let old = self.old;
        let OldStage {
            item,
            statement,
            name,
            ..
        } = &old.stages[stage];
        self.remark(statement);
        let mut reason = format!("the preset `{}` has stages of its own", self.preset.name);
        if stage != old.chosen && !self.names_of_stages().contains(name) {
            reason = format!("{reason}, and none of them is called `{name}`");
        }
        draft::account(old, &mut self.outcomes, *item, Outcome::Improved(reason));
    }

    /// Files that come out of a stage that only installs: what it has installed, or files of the project.
    pub(super) fn carry(&mut self, index: usize, copy: &Copy) -> Result<Outcome, String> {
        let name = copy.from.as_ref().map_or("", |from| from.as_str());
        let source = self.old.copied(self.body[index].stage, name);
        let parts = Rc::clone(&self.parts);
        let mut builders = parts.builders.iter();
        let Some(builder) = builders.find(|builder| Some(builder.stage) == source) else {
            // It may stay as it is.
            return Err(format!(
                "what is copied out of `{name}` is nothing that the preset `{}` does",
                self.preset.name
            ));
        };
        let paths: Option<Vec<String>> = copy.files.source_paths().map(Word::text).collect();
        let (Some(paths), Some(to)) = (paths, copy.files.destination().text()) else {
            return Err("what is copied depends on variables".to_owned());
        };
        self.taken.push(name.to_owned());
        let folder = absolute(self.here(), &to);
        let mut found = Vec::new();
        for path in &paths {
            let path = absolute("/", path);
            if builder.has_packages_at(&path, &folder) {
                self.brought.push(builder.stage);
                if matches!(builder.read.places.place, Some(Place::Wheels(_))) {
                    self.places.wheels = Some((builder.stage, folder.clone()));
                    self.brought.pop();
                }
                continue;
            }
            let brought = builder.read.brought(&path, &to).ok_or_else(|| {
                format!("nobody knows all that lies at `{path}` in the stage `{name}`")
            })?;
            let is_inside = |environment: &String| path == folder && lies_in(environment, &path);
            if builder.read.places.environment().is_some_and(is_inside) {
                self.brought.push(builder.stage);
            }
            found.extend(brought);
        }
        if found.is_empty() {
            let mut text = format!("the preset `{}` brings what is installed", self.preset.name);
            if copy.chown.is_some() {
                text.push_str("; it is root's, so nothing that runs can change it");
            }
            return Ok(Outcome::Improved(text));
        }
        match found.as_slice() {
            [(path, to)] => {
                let words = Word::literal(path).and_then(|path| Ok((path, Word::literal(to)?)));
                let files = words.and_then(|(path, to)| Transfer::paths(vec![path], to));
                let mut own = Copy::new(files.map_err(|mistake| mistake.to_string())?);
                own.chown.clone_from(&copy.chown);
                own.chmod.clone_from(&copy.chmod);
                self.respelled.insert(index, own);
            }
            _ if copy.chown.is_some() || copy.chmod.is_some() => {
                return Err("several files of another stage get another owner or mode".to_owned());
            }
            _ => {}
        }
        for (path, to) in found {
            self.copied.push((index, vec![path], to));
        }
        Ok(Outcome::Key("source".to_owned()))
    }

    /// The files of the project that lie at a path of the stage, each with where it lands if that path is copied; nothing
    /// if something else may lie there.
    fn brought(&self, path: &str, to: &str) -> Option<Vec<(String, String)>> {
        let mut whole: Option<(String, String)> = None;
        let mut single = Vec::new();
        for (_, sources, into) in &self.copied {
            for source in sources {
                let is_folder =
                    relative(source).is_empty() || (self.context.is_folder)(&relative(source))?;
                let name = source.rsplit('/').next().unwrap_or_default();
                let landed = if is_folder || !into.ends_with('/') {
                    absolute("/", into)
                } else {
                    absolute(into, name)
                };
                if is_folder && lies_in(path, landed.trim_end_matches('/')) {
                    let rest = path[landed.trim_end_matches('/').len()..].trim_start_matches('/');
                    let project = relative(&format!("{source}/{rest}"));
                    whole = Some((project, landed));
                } else if landed == path {
                    single.push((relative(source), String::new()));
                } else if lies_in(&landed, path.trim_end_matches('/')) {
                    let rest = landed[path.trim_end_matches('/').len()..].trim_start_matches('/');
                    single.push((relative(source), rest.to_owned()));
                }
            }
        }
        if let Some((project, _)) = whole {
            let is_same = |(source, rest): &(String, String)| {
                *source == relative(&format!("{project}/{rest}"))
            };
            let folder = if project.is_empty() {
                ".".to_owned()
            } else {
                project.clone()
            };
            return single
                .iter()
                .all(is_same)
                .then(|| vec![(folder, to.to_owned())]);
        }
        let placed = single.into_iter().map(|(source, rest)| {
            let to = if rest.is_empty() {
                to.to_owned()
            } else {
                format!("{}/{rest}", to.trim_end_matches('/'))
            };
            (source, to)
        });
        let placed: Vec<(String, String)> = placed.collect();
        (!placed.is_empty()).then_some(placed)
    }

    /// Every stage that only installs is one whose packages are taken from it.
    ///
    /// # Errors
    /// One of them gives its packages to nobody.
    pub(super) fn all_brought(&self) -> Result<(), Notice> {
        let mut builders = self.parts.builders.iter();
        let lost = builders.find(|builder| !self.brought.contains(&builder.stage));
        match lost.map(|builder| &self.old.stages[builder.stage]) {
            Some(stage) => Err(Notice {
                line: stage.statement.place.first_line,
                text: format!(
                    "what `{}` installs is not copied out of it as a whole",
                    stage.name
                ),
            }),
            None => Ok(()),
        }
    }
}

impl Builder<'_> {
    /// Whether what is copied from a path to another is all that the stage installs.
    fn has_packages_at(&self, path: &str, to: &str) -> bool {
        match &self.read.places.place {
            Some(Place::Environment(environment)) => path == environment && to == environment,
            Some(Place::Prefix(prefix)) => path == prefix && to == "/usr/local",
            Some(Place::Home) => path == "/root/.local" && to.ends_with("/.local"),
            Some(Place::Wheels(wheels)) => path == wheels,
            Some(Place::System) => {
                let is_packages =
                    path.starts_with("/usr/local/lib/python") && path.ends_with("/site-packages");
                let is_around = matches!(path, "/usr/local" | "/usr/local/bin" | "/usr/local/lib");
                to == path && (is_packages || is_around)
            }
            None => false,
        }
    }
}

impl Writer<'_> {
    /// Whether a copy out of another stage or an image can stay as it is: nothing of that is made in another way, and it
    /// lands on nothing that is.
    pub(super) fn may_stay(&self, index: usize, copy: &Copy) -> bool {
        let Some(from) = &copy.from else { return false };
        let source = self.old.copied(self.body[index].stage, from.as_str());
        let Some(to) = copy.files.destination().text() else {
            return false;
        };
        let to = absolute(self.here(), &to);
        let moved = self.moved();
        let is_packages = |path: &str| {
            let mut folders = moved.iter().map(|folder| folder.trim_end_matches('/'));
            self.has_packages(path) || folders.any(|folder| lies_in(folder, path))
        };
        let own = self.idioms.text("installed-at");
        source.is_none_or(|stage| self.parts.apart.contains(&stage))
            && !is_packages(&to)
            && !lies_in(&to, own)
            && !lies_in(own, to.trim_end_matches('/'))
            && !matches!(to.as_str(), "/usr/local/bin" | "/usr/local/lib")
    }
}
