//! Improving: an old file that does by hand what a preset does becomes a few keys, with all that the preset knows.
//!
//! How such a file looks is said by the presets, below `[migrate]`. One instruction that nothing recognises, one fact
//! that would change unsaid, and the file stays as it is, with the reason.

mod brief;
mod builder;
mod built;
mod commands;
mod explained;
mod folders;
mod harms;
mod idioms;
mod kept;
mod leftover;
mod locked;
mod overlaid;
mod places;
mod sources;
mod starts;
mod users;

use std::rc::Rc;

use indexmap::IndexMap;

use crate::data::Node;
use crate::dockerfile::paths::relative;
use crate::dockerfile::{Copy, Instruction, Statement, reference::ImageRef};
use crate::preset::{Library, Preset};

use super::Context;
use super::account::Outcome;
use super::draft::typed::{self, Fields};
use super::draft::{self, Draft};
use super::draft::{keys, spell};
use super::notice::Notice;
use super::old::{Old, Placed};
use builder::Parts;
use built::{Built, Same};
use idioms::{Idioms, Words};
use kept::Expected;
use leftover::{Leftovers, is_plain_add};
use locked::Lock;
use overlaid::Overlaid;
use places::Places;
use sources::is_example;
use users::Made;

pub(super) use explained::explained;

/// A spec that improves on the old file.
pub(super) struct Improved {
    pub(super) draft: Draft,
    /// What is better, besides what is said of single instructions.
    pub(super) gains: Vec<String>,
    /// What is not made better, and why.
    pub(super) refusals: Vec<Notice>,
    /// The instructions that stay as they were, in their order.
    expected: Vec<Expected>,
    /// Files whose copies are not in the image any more.
    pub(super) bound: Vec<String>,
    /// Variables and arguments that are not in the image any more.
    pub(super) settings: Vec<String>,
    /// What copies call the stages whose work the preset does.
    pub(super) taken: Vec<String>,
    /// The user by name as it was, and by numbers as it is, if the spec makes it.
    pub(super) user: Option<(String, String)>,
    /// Arguments that every stage knows now.
    pub(super) arguments: Vec<String>,
    /// Instructions that start something, where they are not as they were.
    pub(super) started: Vec<String>,
    /// The image that everything stands on, if it is not the one that the old file names.
    pub(super) base: Option<String>,
    /// Two stages of which everything that stays has to find what it found.
    pub(super) same: Option<Same>,
}

/// Makes a spec with the preset that fits, or says why none does. `kept` is the old file with caches in the commands that
/// may stay.
pub(super) fn take_over(
    old: &Old<'_>,
    kept: &Old<'_>,
    context: &Context<'_>,
    library: &Library,
) -> Result<Improved, Vec<Notice>> {
    let chain = old.lineage(old.chosen);
    let root = &old.stages[chain[0]];
    let refuse = |text: &str| {
        Err(vec![Notice {
            line: root.statement.place.first_line,
            text: text.to_owned(),
        }])
    };
    let mut platforms = chain.iter().map(|stage| &old.stages[*stage].from.platform);
    if platforms.any(Option::is_some) {
        return refuse("it is built for a platform of its own, which no preset has a word for");
    }
    let image = old
        .image(chain[0])
        .and_then(|text| ImageRef::parse(&text).ok());
    let Some(image) = image else {
        return refuse("the image depends on arguments, so no preset takes it over");
    };
    let mut refusals = Vec::new();
    let writer = |preset| move |stage| Writer::new((old, kept, stage), context, preset, library);
    // Only the preset of a program that the file calls can do what that does.
    let calls = |preset| writer(preset)(old.chosen).map(|read| read.program_called());
    let presets = library.presets();
    let known: Vec<(&Preset, Option<bool>)> = presets
        .filter_map(|preset| Some((preset, calls(preset)?)))
        .collect();
    let is_any = known.iter().any(|(_, called)| *called == Some(true));
    let presets = known.iter().filter(|(_, called)| match called {
        Some(called) => *called,
        None => !is_any,
    });
    let mut builders = Vec::new();
    for (preset, _) in presets {
        let Some(idioms) = Idioms::of(preset, library) else {
            continue;
        };
        if idioms.words("build").is_some() {
            builders.push(preset);
            continue;
        }
        let image = locked::base_below(&idioms, &image).map_or(image.clone(), |(base, _)| base);
        let name = image.familiar_name();
        if !idioms.list("images").contains(&name.as_str()) || image.tag().is_none() {
            continue;
        }
        let too_old = idioms.list("too-old");
        let tag = image.tag().unwrap_or_default();
        let is_part = |begin: &str| tag.split('-').any(|part| part == begin);
        if let Some(begin) = too_old
            .iter()
            .find(|begin| tag.starts_with(**begin) || is_part(begin))
        {
            return refuse(&format!(
                "an image of `{begin}` is too old for the presets of its kind"
            ));
        }
        let writer = writer(preset);
        let parts = match builder::parts(old, &image, &writer) {
            Ok(parts) => parts,
            Err(notice) => {
                refusals.push(notice);
                continue;
            }
        };
        let Some(mut scout) = writer(old.chosen) else {
            continue;
        };
        scout.parts = parts.clone();
        let mut lead = scout.lead();
        let (Some(mut by_name), Some(mut writer)) = (writer(old.chosen), writer(old.chosen)) else {
            continue;
        };
        let can_name = !idioms.text("named-option").is_empty() && parts.builders.is_empty();
        if !scout.has_installed() && can_name {
            writer.is_by_name = true;
            by_name.is_by_name = true;
            by_name.parts = parts.clone();
            lead = by_name.lead();
        }
        if !scout.has_installed() && !by_name.has_installed() {
            refusals.extend(scout.nothing_installed());
            continue;
        }
        writer.parts = parts;
        match scout.find_overlay(lead) {
            Some(Ok(overlay)) => writer.overlaid = Some(overlay),
            Some(Err(notice)) => writer.refusals.push(notice),
            None => {}
        }
        writer.bundled(tag);
        if let Err(text) = writer.bundled_from(&scout) {
            let line = root.statement.place.first_line;
            refusals.push(Notice { line, text });
            continue;
        }
        if let Err(notice) = writer.harms_nothing() {
            refusals.push(notice);
            continue;
        }
        // A user is made where the preset makes it, if no command that stays comes before that.
        if let Some(made) = &writer.made
            && (0..lead).any(|index| writer.stays_in_front(index))
        {
            let reason = "what stays in front of the installing may need it";
            writer.unmade = Some(Made::stays(&writer.body[made.index], reason));
            writer.made = None;
        }
        match writer.read(lead) {
            Ok(()) => return Ok(writer.finish(&image)),
            Err(notice) => refusals.push(notice),
        }
    }
    // What the image is used for is told by what installs in it, if anything does.
    for preset in builders.into_iter().filter(|_| refusals.is_empty()) {
        let Some(mut writer) = writer(preset)(old.chosen) else {
            continue;
        };
        match writer.read_built(&image) {
            Ok(true) => return Ok(writer.finish(&image)),
            Ok(false) => {}
            Err(notice) => return Err(vec![notice]),
        }
    }
    if refusals.is_empty() {
        return refuse("no preset is known to do what this image is used for");
    }
    Err(refusals)
}

/// Why variables are not in the image any more.
pub(super) fn without(settings: &[String]) -> String {
    if settings.iter().any(|name| name == "PATH") {
        "what it was to find lies elsewhere, and the preset has a path to that".to_owned()
    } else {
        "only what installs was to see it, and that stays in another stage".to_owned()
    }
}

/// A spec on its way, and what of the old file it has taken so far.
struct Writer<'a> {
    old: &'a Old<'a>,
    kept: &'a Old<'a>,
    context: &'a Context<'a>,
    preset: &'a Preset,
    library: &'a Library,
    idioms: Idioms<'a>,
    /// What makes the stage that is read, from the first stage that it is built on, and the same with caches.
    body: Vec<Placed<'a>>,
    kept_body: Vec<Placed<'a>>,
    /// The user that the file makes, if it is one that the spec can make.
    made: Option<Made>,
    /// Why the spec makes no user, where the file makes one.
    unmade: Option<Notice>,
    /// What becomes of the other stages.
    parts: Rc<Parts<'a>>,
    /// Where packages are installed, as far as that has been said.
    places: Places,
    top: Fields,
    env: Vec<(Vec<String>, Fields)>,
    labels: Vec<(Vec<String>, Fields)>,
    healthcheck: Fields,
    ports: Vec<String>,
    /// Steps of the preset that have an instruction as it was written, with the name of each.
    steps: Vec<(&'static str, String)>,
    sources: Vec<String>,
    /// The folders that are copied.
    folders: Vec<String>,
    /// The folders of `source`, each with where it lands.
    landed: Vec<(String, String)>,
    packages: Vec<String>,
    /// The files that name what is installed.
    files: Vec<String>,
    /// The files that those read.
    included: Vec<String>,
    /// The flags that the installing has.
    flags: Vec<String>,
    /// What is installed by its name before those.
    early: Vec<String>,
    /// What the image has that its environment gets too.
    bundled: Vec<String>,
    /// What is installed by its name, and whether that is all that the old file installs.
    named: Vec<String>,
    is_by_name: bool,
    /// What a program installs by a lock file, and how it came there.
    lock: Lock,
    /// The overlay that does the work of some commands.
    overlaid: Option<Overlaid>,
    /// What stays as it was, and where.
    leftovers: Leftovers,
    /// What was copied so far: from where, and where each lands.
    copied: Vec<(usize, Vec<String>, String)>,
    /// Copies out of a stage that only installs, as copies of the project's files.
    respelled: IndexMap<usize, Copy>,
    /// The stages whose packages are in the image that runs by now.
    brought: Vec<usize>,
    /// What copies call the stages whose work the preset does.
    taken: Vec<String>,
    /// The stages that only install whose finds are taken over by now.
    joined: Vec<usize>,
    /// Whether what is read is such a stage.
    is_builder: bool,
    /// The program that another stage builds.
    built: Option<Built>,
    /// The system's packages that are needed while packages are installed, where that is another stage.
    build_packages: Vec<String>,
    workdir: Option<String>,
    /// The folders that were it before.
    left: Vec<String>,
    user: Option<String>,
    settings: Vec<String>,
    outcomes: Vec<Option<Outcome>>,
    gains: Vec<String>,
    refusals: Vec<Notice>,
}

impl<'a> Writer<'a> {
    /// A spec of which nothing is written yet, if the preset tells how an old file does what it does.
    fn new(
        (old, kept, stage): (&'a Old<'a>, &'a Old<'a>, usize),
        context: &'a Context<'a>,
        preset: &'a Preset,
        library: &'a Library,
    ) -> Option<Self> {
        let idioms = Idioms::of(preset, library)?;
        let body = old.chain(stage);
        let image = old.image(old.lineage(stage)[0]);
        let is_alpine = image.as_ref().is_some_and(|image| image.contains("alpine"));
        let root = image.and_then(|text| ImageRef::parse(&text).ok());
        let below = root.and_then(|root| locked::base_below(&idioms, &root));
        let (base, version) = below.map_or((None, None), |(base, version)| (Some(base), version));
        let (made, unmade) = match Made::find(&body, &idioms, !is_alpine) {
            Some(Ok(made)) => (Some(made), None),
            Some(Err(notice)) => (None, Some(notice)),
            None => (None, None),
        };
        Some(Self {
            old,
            kept,
            context,
            preset,
            library,
            places: Places::of(&body, &idioms),
            made,
            unmade,
            idioms,
            body,
            kept_body: kept.chain(stage),
            parts: Rc::default(),
            top: Fields::new(),
            env: Vec::new(),
            labels: Vec::new(),
            healthcheck: Fields::new(),
            ports: Vec::new(),
            steps: Vec::new(),
            sources: Vec::new(),
            folders: Vec::new(),
            landed: Vec::new(),
            packages: Vec::new(),
            files: Vec::new(),
            included: Vec::new(),
            flags: Vec::new(),
            early: Vec::new(),
            bundled: Vec::new(),
            named: Vec::new(),
            is_by_name: false,
            lock: Lock::on(base, version),
            overlaid: None,
            leftovers: Leftovers::default(),
            copied: Vec::new(),
            respelled: IndexMap::new(),
            brought: Vec::new(),
            taken: Vec::new(),
            joined: Vec::new(),
            is_builder: false,
            built: None,
            build_packages: Vec::new(),
            workdir: None,
            left: Vec::new(),
            user: None,
            settings: Vec::new(),
            outcomes: vec![None; old.document.items().len()],
            gains: Vec::new(),
            refusals: Vec::new(),
        })
    }

    /// Accounts for the lines that begin stages, and for what others do the work of.
    fn begin(&mut self) {
        let old = self.old;
        let root = &old.stages[old.lineage(old.chosen)[0]];
        self.remark(root.statement);
        let of_base = self.base_outcome();
        draft::account(old, &mut self.outcomes, root.item, of_base);
        self.stages_in_between();
        for gone in &old.gone {
            let comments = gone.comments.iter().cloned();
            self.top
                .extend(comments.map(|comment| ("#".to_owned(), comment)));
            let outcome = Outcome::Improved(gone.reason.clone());
            draft::account(old, &mut self.outcomes, gone.item, outcome);
        }
    }

    fn read(&mut self, lead: usize) -> Result<(), Notice> {
        let old = self.old;
        let body = self.body.clone();
        let root = &old.stages[old.lineage(old.chosen)[0]];
        self.begin();
        for (index, placed) in body.iter().enumerate() {
            let statement = placed.statement;
            self.join(index);
            self.places.learn(statement);
            let says_itself = matches!(
                statement.instruction,
                Instruction::Env(_)
                    | Instruction::Label(_)
                    | Instruction::Workdir(_)
                    | Instruction::Expose(_)
                    | Instruction::StopSignal(_)
            );
            let at = self.top.len();
            let outcome = if let Some(done) = self.done_by_overlay(index, &statement.instruction) {
                Ok(Some(done))
            } else if index < lead {
                self.leading(index, statement).map(Some)
            } else {
                match self.statement(index, statement) {
                    Ok(outcome) => Ok(Some(outcome)),
                    // What became of it is known when all are.
                    Err(text) => self.leftover(index, statement, text).map(|()| None),
                }
            };
            let outcome = outcome.map_err(|text| Notice {
                line: statement.place.first_line,
                text,
            })?;
            // A command that stays has its comments with it.
            let has_comments = match outcome {
                None | Some(Outcome::Kept { .. }) => true,
                Some(Outcome::Step(_)) => matches!(statement.instruction, Instruction::Run(_)),
                Some(_) => false,
            };
            if !says_itself && !has_comments {
                let behind = self.top.split_off(at);
                self.remark(statement);
                self.top.extend(behind);
            }
            if let Some(outcome) = outcome {
                draft::account(old, &mut self.outcomes, placed.item, outcome);
            }
        }
        self.join(body.len());
        self.all_brought()?;
        self.loses_no_target()?;
        let whole = |text: &str| Notice {
            line: root.statement.place.first_line,
            text: text.to_owned(),
        };
        if self.workdir.is_none() {
            // The images that a preset names have no other.
            self.workdir = Some("/".to_owned());
            self.top.push(("workdir".to_owned(), "\"/\"".to_owned()));
        }
        let named = self.copied.iter().flat_map(|(_, paths, _)| paths);
        for file in named.map(|path| relative(path)) {
            if (self.context.is_folder)(&file) == Some(false) && !self.files.contains(&file) {
                self.not_in(&file).map_err(|text| whole(&text))?;
            }
        }
        self.settle().map_err(|text| whole(&text))?;
        self.folders_stay().map_err(|text| whole(&text))?;
        self.arrange().map_err(|text| whole(&text))?;
        let items: Vec<usize> = body.iter().map(|placed| placed.item).collect();
        self.take_sources(&items);
        for file in self.hidden() {
            if !is_example(&file) || !self.name_source(&file) {
                return Err(whole(&format!(
                    "`{file}` is in the image now, and the preset would keep it out: a secret belongs into [secrets], and what is none can be named in `source`"
                )));
            }
        }
        Ok(())
    }

    /// The comments at an instruction stand at the top of the spec, in the order of the file.
    fn remark(&mut self, statement: &Statement) {
        let comments = draft::comments(statement).into_iter();
        self.top
            .extend(comments.map(|comment| ("#".to_owned(), comment)));
    }

    fn statement(&mut self, index: usize, statement: &Statement) -> Result<Outcome, String> {
        let unknown = || {
            format!(
                "`{}` is nothing that the preset `{}` does",
                statement.instruction.keyword(),
                self.preset.name
            )
        };
        let key = |key: &str| Ok(Outcome::Key(key.to_owned()));
        let mut top = |name: &str, value: Option<String>| match value {
            Some(value) => {
                let comments = draft::comments(statement);
                self.top.extend(
                    comments
                        .into_iter()
                        .map(|comment| ("#".to_owned(), comment)),
                );
                self.top.push((name.to_owned(), value));
                key(name)
            }
            None => Err(format!("what it says cannot be said by `{name}`")),
        };
        match &statement.instruction {
            Instruction::Workdir(word) => {
                let path = word.text().ok_or_else(unknown)?;
                self.remark(statement);
                self.enter(&path);
                key("workdir")
            }
            Instruction::Expose(ports) => {
                let ports = typed::ports(ports).ok_or("what it says cannot be said by `ports`")?;
                // All of them are said once, where the last ones stood.
                let is_new = |port: &String| !self.ports.contains(port);
                let new: Vec<String> = ports.into_iter().filter(is_new).collect();
                self.ports.extend(new);
                self.remark(statement);
                self.top.retain(|(key, _)| key != "ports");
                let ports = spell::values(&self.ports);
                self.top.push(("ports".to_owned(), ports));
                key("ports")
            }
            Instruction::StopSignal(word) => top(
                "stop-signal",
                typed::said(word).map(|text| spell::text(&text)),
            ),
            Instruction::Cmd(line) => self.start("command", line, statement),
            Instruction::Entrypoint(line) => self.start("entrypoint", line, statement),
            Instruction::Healthcheck(crate::dockerfile::Healthcheck::Command(check)) => {
                self.not_by_program(check.command())?;
                self.not_by_path(check.command())?;
                match typed::healthcheck(check) {
                    Some(fields) => self.healthcheck = fields,
                    None => self.as_written("healthcheck", statement)?,
                }
                key("healthcheck")
            }
            Instruction::Label(label) => {
                let pairs = typed::labels(label).ok_or_else(unknown)?;
                self.labels.push((draft::comments(statement), pairs));
                key("labels")
            }
            Instruction::Env(_) if self.leftovers.variables.contains(&index) => {
                Err("a command above it would see it".to_owned())
            }
            Instruction::Env(env) => {
                let mut pairs = typed::variables(env).ok_or_else(unknown)?;
                let mut settings = self.take_settings(env);
                let led = self.led_to_packages(env);
                pairs.retain(|(name, _)| !led.contains(name));
                if pairs.is_empty() && !led.is_empty() {
                    self.remark(statement);
                    self.settings.extend(led);
                    let text = format!(
                        "the preset `{}` leads to what is installed",
                        self.preset.name
                    );
                    return Ok(Outcome::Improved(text));
                }
                if !self.has_installed() {
                    let harmless = self.idioms.list("unrelated");
                    let foreign = pairs.iter().find(|(name, _)| {
                        !harmless.contains(&name.as_str()) && !settings.contains(name)
                    });
                    if let Some((name, _)) = foreign {
                        return Err(format!(
                            "`{name}` is there while packages are installed, and may change how"
                        ));
                    }
                }
                // What is said a second time is said once.
                let said = self.env.iter().flat_map(|(_, said)| said);
                let said: Fields = said.cloned().collect();
                if !pairs.is_empty() && pairs.iter().all(|pair| said.contains(pair)) {
                    self.remark(statement);
                    return key("env");
                }
                let all: Vec<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
                settings.extend(led);
                pairs.retain(|(name, value)| {
                    !settings.contains(name) && !self.is_in_preset(name, value)
                });
                let outcome = if settings.len() == all.len() {
                    Outcome::Dropped(without(&settings))
                } else if settings.is_empty() && pairs.len() == all.len() {
                    Outcome::Key("env".to_owned())
                } else if pairs.is_empty() {
                    Outcome::Key(format!("the preset `{}`", self.preset.name))
                } else {
                    let kept = pairs.iter().map(|(name, _)| name.as_str());
                    Outcome::Improved(format!(
                        "env for `{}`; the preset `{}` does without the rest, or says it",
                        kept.collect::<Vec<&str>>().join("`, `"),
                        self.preset.name
                    ))
                };
                self.settings.extend(settings);
                self.env.push((draft::comments(statement), pairs));
                Ok(outcome)
            }
            Instruction::User(word) if word.text().as_deref() == Some("root") => key("user"),
            // By numbers it needs nobody to be there before.
            Instruction::User(word) if self.user.is_none() && self.has_installed() => {
                match keys::user(word).filter(|user| user.starts_with('{')) {
                    Some(user) => self.user = Some(user),
                    None if self.is_made(word) => {
                        self.user = self.made.as_ref().map(|made| made.value.clone());
                    }
                    None if self.makes_user() => {
                        self.user = Some("\"root\"".to_owned());
                        self.as_written("user", statement)?;
                    }
                    None => return Err("nothing in the file makes this user".to_owned()),
                }
                key("user")
            }
            Instruction::Copy(copy) if copy.from.is_none() => {
                if copy.parents || !copy.exclude.is_empty() {
                    return Err("files that are copied with patterns stay as they are".to_owned());
                }
                self.copy(index, &copy.files)
            }
            Instruction::Add(add) if is_plain_add(statement) => self.copy(index, &add.files),
            Instruction::Arg(arg) => {
                if let Some(outcome) = self.take_argument(arg) {
                    return Ok(outcome);
                }
                let pairs = typed::args(arg).ok_or_else(unknown)?;
                let fields = vec![("args".to_owned(), spell::table(&pairs))];
                Ok(self.keep_argument(statement, fields))
            }
            Instruction::Copy(copy) => match self.take_program(copy) {
                Some(outcome) => Ok(outcome),
                None => self.carry(index, copy),
            },
            Instruction::Run(run) => match self.makes_user_at(index) {
                Some(made) => made,
                None => self.run(run),
            },
            _ => Err(unknown()),
        }
    }

    /// Whether the preset, or one that it builds on, sets a variable to the same value anyway.
    fn is_in_preset(&self, name: &str, value: &str) -> bool {
        for preset in self.library.lineage(self.preset) {
            let runtime = preset
                .tree
                .get("stages")
                .and_then(|stages| stages.get(super::RUNTIME)?.get("steps"));
            for (_, step) in runtime.into_iter().flat_map(Node::entries) {
                let said = step.node.get("env").and_then(|env| env.get(name)?.text());
                if said.is_some_and(|said| spell::text(said) == value) {
                    return true;
                }
            }
        }
        false
    }
}
