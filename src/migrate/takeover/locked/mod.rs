//! The commands of an old file with a program that installs what a lock file names, in an environment of its own or among
//! the packages of the system.
//!
//! What the program is called, what its flags mean and where its files say what, stands below `[migrate.lock]` of a preset.

mod asked;
pub(super) mod project;
mod started;

use indexmap::IndexMap;

use crate::data::Node;
use crate::dockerfile::reference::ImageRef;
use crate::dockerfile::{Arg, Copy, Env, Instruction, Mount, Run, Word};
use crate::migrate::account::Outcome;
use crate::migrate::draft::spell;
use crate::migrate::draft::typed::Fields;
use crate::migrate::shell::behind;
use crate::migrate::takeover::places::Place;
use crate::migrate::takeover::{Idioms, Words, Writer};

/// What an old file said so far of the program that installs, and of what it installs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    got: Option<Got>,
    /// Its settings, by key or by variable.
    settings: IndexMap<String, String>,
    /// The folders that the path has because of it.
    folders: Vec<String>,
    installed: Option<Installed>,
    /// What the image starts.
    starts: Vec<Start>,
    /// The program's instructions that start something are written without it.
    pub(super) started: Vec<String>,
    /// The image below the one that everything stands on, if that only has the program on top.
    pub(super) base: Option<ImageRef>,
}

impl Lock {
    /// The environment that packages were installed into, if that is known.
    pub(super) fn environment(&self) -> Option<&String> {
        self.installed.as_ref()?.environment.as_ref()
    }

    /// Whether the project itself is installed where it lies.
    pub(super) fn installs_project(&self) -> bool {
        self.installed
            .as_ref()
            .is_some_and(|installed| installed.project)
    }

    /// What an image has already.
    pub(super) fn on(base: Option<ImageRef>, version: Option<String>) -> Self {
        let got = base.as_ref().map(|_| Got {
            version,
            is_beside: false,
        });
        Self {
            got,
            base,
            ..Self::default()
        }
    }
}

/// The image below one that only has the program on top, and the program's version if the tag says it.
pub(super) fn base_below(
    idioms: &Idioms<'_>,
    image: &ImageRef,
) -> Option<(ImageRef, Option<String>)> {
    let words = idioms.words("lock")?;
    let name = image.familiar_name();
    let mut tables = words.tables("bases");
    let text = |table: &Node, key: &str| table.get(key).and_then(Node::text).map(ToOwned::to_owned);
    let table = tables.find(|table| text(table, "image").as_ref() == Some(&name))?;
    let mut parts: Vec<&str> = image.tag()?.split('-').collect();
    let version = is_release(parts[0]).then(|| parts.remove(0).to_owned());
    let begins = text(table, "begins")?;
    let of = parts.first()?.strip_prefix(begins.as_str())?;
    if !of.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // The small ones say so first in one image and last in the other.
    let mut rest = parts[1..].to_vec();
    rest.sort_by_key(|part| *part != "slim");
    let tag = [&[of], rest.as_slice()].concat().join("-");
    let base = ImageRef::parse(&format!("{}:{tag}", text(table, "is")?)).ok()?;
    Some((base, version))
}

/// How the program came into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Got {
    version: Option<String>,
    /// Whether it lies among the packages of the system, with all that it needs.
    is_beside: bool,
}

/// What it installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Installed {
    groups: Vec<String>,
    extras: Vec<String>,
    /// Whether the project itself is installed where it lies.
    project: bool,
    /// Whether the lock file is not compared with the project.
    frozen: bool,
    /// Whether it went to the packages of the system.
    in_system: bool,
    /// The environment that it went to, if it is known where that lies.
    environment: Option<String>,
    /// The working directory.
    workdir: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Start {
    is_entrypoint: bool,
    /// Whether it was started in the environment of the packages, wherever that was.
    is_inside: bool,
    text: String,
}

impl<'a> Writer<'a> {
    fn words(&self) -> Option<Words<'a>> {
        self.idioms.words("lock")
    }

    /// The file that is only there to install by, and so in no image.
    pub(super) fn lock_file(&self) -> Option<&'a str> {
        self.words().map(|words| words.text("file"))
    }

    /// The working directory in which the program has installed.
    pub(super) fn lock_workdir(&self) -> &str {
        let installed = self.lock.installed.as_ref();
        let workdir = self.here();
        installed.map_or(workdir, |installed| &installed.workdir)
    }

    /// The words of a command, with what variables of the program stand for and without quotes; nothing of one that is
    /// more than plain words.
    pub(super) fn plain(&self, words: &[&str]) -> Option<Vec<String>> {
        let is_locked = self.words().is_some();
        let word = |word: &&str| {
            let bare = |quote: char| word.strip_prefix(quote)?.strip_suffix(quote);
            let quoted = bare('"').or(bare('\''));
            let text = if is_locked {
                self.filled(quoted.unwrap_or(word))
            } else {
                (*word).to_owned()
            };
            // What stands in quotes may compare versions.
            let further = if quoted.is_some() { "<>![]\"'" } else { "" };
            let is_plain = |c: char| {
                c.is_ascii_alphanumeric() || "-_./=:+@~,".contains(c) || further.contains(c)
            };
            text.chars().all(is_plain).then_some(text)
        };
        words.iter().map(word).collect()
    }

    /// A text in which variables of the program are replaced.
    fn filled(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut names: Vec<(&String, &String)> = self.lock.settings.iter().collect();
        // One name may begin like another.
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, value) in names {
            text = text.replace(&format!("${{{name}}}"), value);
            text = text.replace(&format!("${name}"), value);
        }
        text
    }

    /// The variables of an instruction that nothing needs any more: those that only what installs was to see, and a path
    /// to what lies elsewhere now.
    pub(super) fn take_settings(&mut self, env: &Env) -> Vec<String> {
        let known = self.idioms.list("env");
        let mut gone = Vec::new();
        for (name, word) in env.as_slice() {
            let name = name.as_str();
            if known.contains(&name) {
                if self.words().is_some() {
                    let value = word.text().unwrap_or_else(|| word.as_str().to_owned());
                    self.lock.settings.insert(name.to_owned(), value);
                }
                gone.push(name.to_owned());
            } else if name == "PATH" && self.take_path(word) {
                gone.push(name.to_owned());
            }
        }
        gone
    }

    /// The tag of the image that everything stands on.
    fn base_tag(&self) -> String {
        if let Some(base) = &self.lock.base {
            return base.tag().unwrap_or_default().to_owned();
        }
        let image = self.old.stages[0].from.image.word().text();
        let image = image.and_then(|image| ImageRef::parse(&image).ok());
        let tag = image.as_ref().and_then(ImageRef::tag);
        tag.unwrap_or_default().to_owned()
    }

    /// Whether a path has only folders in front of the usual ones in which the program, or what it installs, lies.
    fn take_path(&mut self, word: &Word) -> bool {
        let Some(words) = self.words() else {
            return false;
        };
        let own: Vec<String> = words
            .list("paths")
            .into_iter()
            .map(|path| self.filled(path))
            .collect();
        let environment = format!("/{}/bin", words.text("environment"));
        let mut folders = Vec::new();
        for folder in word.as_str().split(':') {
            let folder = self.filled(folder);
            let is_usual = matches!(folder.as_str(), "$PATH" | "${PATH}");
            if !is_usual && !own.contains(&folder) && !folder.ends_with(&environment) {
                return false;
            }
            folders.push(folder);
        }
        self.lock.folders.extend(folders);
        true
    }

    /// An argument that is the program's version.
    pub(super) fn take_argument(&mut self, arg: &Arg) -> Option<Outcome> {
        let words = self.words()?;
        let [(name, Some(default))] = arg.as_slice() else {
            return None;
        };
        let value = default
            .text()
            .filter(|_| name.as_str() == words.text("variable"))?;
        self.lock.settings.insert(name.as_str().to_owned(), value);
        self.settings.push(name.as_str().to_owned());
        let text = format!("options: `{}` says it", words.text("version-option"));
        Some(Outcome::Improved(text))
    }

    /// A copy that brings the program from an image of its own.
    pub(super) fn take_program(&mut self, copy: &Copy) -> Option<Outcome> {
        let words = self.words()?;
        let image = ImageRef::parse(copy.from.as_ref()?.as_str()).ok()?;
        let is_one = words
            .list("images")
            .contains(&image.familiar_name().as_str());
        let files = words.list("image-files");
        let sources: Option<Vec<String>> = copy.files.source_paths().map(Word::text).collect();
        if !is_one || !sources?.iter().all(|path| files.contains(&path.as_str())) {
            return None;
        }
        let name = copy.from.as_ref().map(|from| from.as_str().to_owned());
        self.taken.extend(name);
        let version = image
            .tag()
            .filter(|tag| is_release(tag))
            .map(ToOwned::to_owned);
        Some(self.got(version, false))
    }

    /// What becomes of the line that names the image that everything stands on.
    pub(super) fn base_outcome(&self) -> Outcome {
        match &self.lock.base {
            Some(base) => Outcome::Improved(format!(
                "base: `{}`, on which that image is built; what installs stays in the stage that does",
                base.familiar()
            )),
            None => Outcome::Key("base".to_owned()),
        }
    }

    /// Takes over what a stage has found that only installs.
    pub(super) fn join_lock(&mut self, other: &Lock) {
        if other.installed.is_some() {
            self.lock.got.clone_from(&other.got);
            self.lock.installed.clone_from(&other.installed);
        }
    }

    fn got(&mut self, version: Option<String>, is_beside: bool) -> Outcome {
        self.lock.got = Some(Got { version, is_beside });
        Outcome::Improved("what installs stays in the stage that does".to_owned())
    }

    /// A line that fetches the program by a script of its makers.
    pub(super) fn take_script(&mut self, line: &[&str]) -> Option<Outcome> {
        let words = self.words()?;
        let mut version = None;
        let mut plain = Vec::new();
        let mut rest = line.iter();
        while let Some(word) = rest.next() {
            let assigned = word.split_once('=').filter(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            });
            match assigned {
                Some((name, value)) if name == words.text("variable") => {
                    version = Some(self.filled(value.trim_matches('"')));
                }
                Some((name, _)) if self.idioms.list("env").contains(&name) => {}
                _ if *word == "--version" => {
                    version = Some(self.filled(rest.next()?.trim_matches('"')));
                }
                _ if word.starts_with('-') => {}
                _ => plain.push(*word),
            }
        }
        if !words.list("gets-by").contains(&plain.join(" ").as_str()) {
            return None;
        }
        let variable = self.lock.settings.get(words.text("variable")).cloned();
        let version = version.or(variable);
        match version {
            Some(version) if !is_version(&version) => None,
            version => Some(self.got(version, false)),
        }
    }

    /// A command that gets the program, sets it up or has it install; nothing of one that is none of these.
    pub(super) fn by_lock(
        &mut self,
        command: &[&str],
        place: &Place,
        run: &Run,
    ) -> Result<Option<Outcome>, String> {
        let Some(words) = self.words() else {
            return Ok(None);
        };
        let begins = |begins: Vec<&str>| begins.iter().find_map(|begin| behind(command, begin));
        if let Some(rest) = begins(words.list("gets")) {
            let is_beside = *place == Place::System;
            return self.get(words, &rest, is_beside).map(Some);
        }
        if let Some(rest) = begins(words.list("gets-apart")) {
            return self.get(words, &rest, false).map(Some);
        }
        if let Some(rest) = begins(words.list("settles")) {
            let rest: Vec<&String> = rest.iter().filter(|word| !word.starts_with('-')).collect();
            return match rest.as_slice() {
                [key, value] if words.list("settings").contains(&key.as_str()) => {
                    let lower = value.to_lowercase();
                    self.lock.settings.insert((*key).clone(), lower);
                    let reason = "the preset says where packages go";
                    Ok(Some(Outcome::Dropped(reason.to_owned())))
                }
                _ => Err(format!(
                    "the preset has nothing like `{}`",
                    command.join(" ")
                )),
            };
        }
        if let Some(rest) = begins(self.idioms.own_list("installs")) {
            return self.install_locked(words, &rest, run).map(Some);
        }
        Ok(None)
    }

    /// Getting the program with another one, and with it perhaps what installs it.
    fn get(
        &mut self,
        words: Words<'_>,
        rest: &[String],
        is_beside: bool,
    ) -> Result<Outcome, String> {
        let program = words.text("program");
        let flags = words.list("gets-flags");
        let mut version = None;
        for word in rest {
            let (name, asked) = match word.split_once("==") {
                Some((name, asked)) => (name, Some(asked.to_owned())),
                None => (word.as_str(), None),
            };
            if word.starts_with('-') {
                if !flags.contains(&word.as_str()) {
                    return Err(format!("the preset has nothing like `{word}`"));
                }
            } else if name == program && asked.as_deref().is_none_or(is_version) {
                version = Some(asked);
            } else if !words.list("gets-with").contains(&name) {
                return Err(format!(
                    "`{word}` is installed beside what a lock file names"
                ));
            }
        }
        if let Some(version) = version {
            return Ok(self.got(version, is_beside));
        }
        let reason = "what installs is not in the image that runs, and comes with the base";
        Ok(Outcome::Dropped(reason.to_owned()))
    }

    fn install_locked(
        &mut self,
        words: Words<'_>,
        rest: &[String],
        run: &Run,
    ) -> Result<Outcome, String> {
        // Where the program itself has an environment that was made by hand, it is known; packages may not go there.
        if self.places.environment().is_some()
            && self.lock.got.as_ref().is_none_or(|got| got.is_beside)
        {
            return Err("an environment that is made by hand may be where it installs".to_owned());
        }
        if self.lock.got.is_none() {
            return Err(format!("nothing above it gets `{}`", words.text("program")));
        }
        let project = self.described(words, Some(run))?;
        self.take_settings_file(words)?;
        self.same_interpreter(words)?;
        let installed = self.asked(words, &project, rest)?;
        // A newer program may take a lock file for stale with which an older one installs.
        if let (newest, Some(asked)) = self.version(words)?
            && !installed.frozen
        {
            return Err(format!(
                "{asked} of `{}` is too old for the preset, and {newest} may take `{}` for stale",
                words.text("program"),
                words.text("file")
            ));
        }
        if self.lock.installed.as_ref().is_some_and(|earlier| {
            earlier.groups != installed.groups || earlier.extras != installed.extras
        }) {
            return Err("it installs twice, and not the same".to_owned());
        }
        let is_project = self
            .lock
            .installed
            .as_ref()
            .is_some_and(|earlier| earlier.project);
        let in_system = self.is_set(&words.list("in-system"));
        let environment = self.lock_environment(words).filter(|_| !in_system);
        match &environment {
            Some(path) => self.installed(Place::Environment(path.clone()))?,
            None if in_system => self.installed(Place::System)?,
            None if self.is_builder => {
                return Err("it installs into a folder that nobody can tell".to_owned());
            }
            None => {}
        }
        self.lock.installed = Some(Installed {
            project: is_project || installed.project,
            in_system,
            environment,
            workdir: self.workdir.clone().unwrap_or_else(|| "/".to_owned()),
            ..installed
        });
        for file in [words.text("project"), words.text("file")] {
            if !self.files.iter().any(|known| known == file) {
                self.files.push(file.to_owned());
            }
        }
        Ok(Outcome::Improved(format!(
            "the preset `{}`: in a stage of its own, before the sources, from a cache",
            self.preset.name
        )))
    }

    /// The settings in a file of the project, if that was in the image.
    fn take_settings_file(&mut self, words: Words<'_>) -> Result<(), String> {
        let file = words.text("settings-file");
        let there = self.found(file).ok().filter(|_| !file.is_empty());
        let Some(text) = there.and_then(|path| (self.context.read)(&path)) else {
            return Ok(());
        };
        let tree = project::tree(&text).ok_or_else(|| format!("`{file}` cannot be read"))?;
        for (key, value) in project::leaves(&tree, "") {
            if !words.list("settings").contains(&key.as_str()) {
                return Err(format!("`{file}` sets `{key}`, which the preset does not"));
            }
            self.lock.settings.insert(key, value);
        }
        Ok(())
    }

    /// Whether a command only clears up behind the program.
    pub(super) fn clears_up(&self, command: &str) -> bool {
        let command = self.filled(command);
        let known = self.words().map(|words| words.list("around"));
        let mut known = known.into_iter().flatten();
        known.any(|known| self.filled(known) == command)
    }

    /// Whether a mount shows one of the files that the program reads.
    pub(super) fn shows_lock(&self, mount: &Mount) -> bool {
        self.words().is_some_and(|words| {
            let files = [words.text("project"), words.text("file")];
            files.into_iter().any(|file| asked::is_bind_of(mount, file))
        })
    }

    /// Whether an instruction gets the program or calls it.
    pub(super) fn calls_program(&self, instruction: &Instruction) -> bool {
        let words = self.words();
        words.is_some_and(|words| names_program(words, line_of(instruction)))
    }

    /// Whether the file has the program install, in whatever stage; nothing of a preset without one.
    pub(super) fn program_called(&self) -> Option<bool> {
        self.words()?;
        let begins = self.idioms.own_list("installs");
        let stages = self.old.stages.iter();
        let mut body = stages.flat_map(|stage| &stage.body);
        Some(body.any(|(_, statement)| {
            let text = line_of(&statement.instruction);
            begins.iter().any(|begin| text.contains(begin))
        }))
    }

    /// The options that say what is installed and how, each with its value as it is spelled.
    pub(super) fn lock_options(&mut self) -> Fields {
        let mut fields = Fields::new();
        let (Some(words), Some(installed)) = (self.words(), self.lock.installed.clone()) else {
            return fields;
        };
        if let Ok((version, asked)) = self.version(words) {
            fields.push((
                words.text("version-option").to_owned(),
                spell::text(&version),
            ));
            self.gains.extend(asked.map(|asked| {
                let oldest = words.text("oldest");
                format!(
                    "{version} installs in place of {asked}: what the preset asks for is there since {oldest}"
                )
            }));
        }
        let mut push = |key: &str, value: String| {
            let option = words.text(key);
            if !option.is_empty() {
                fields.push((option.to_owned(), value));
            }
        };
        push("groups-option", spell::list(&installed.groups));
        push("extras-option", spell::list(&installed.extras));
        push("frozen-option", installed.frozen.to_string());
        push("project-option", installed.project.to_string());
        push("copy-option", "false".to_owned());
        fields
    }
}

/// Whether a text has the name of the program in it.
fn names_program(words: Words<'_>, text: &str) -> bool {
    let mut names = text.split(|c: char| c.is_whitespace() || "\"';&|/()$`=".contains(c));
    names.any(|name| name == words.text("program"))
}

/// The line that an instruction gives to a shell.
fn line_of(instruction: &Instruction) -> &str {
    match instruction {
        Instruction::Run(run) => run.line().unwrap_or_default(),
        _ => "",
    }
}

/// Whether a text is a version: numbers with dots between them.
fn is_version(text: &str) -> bool {
    text.split('.').all(|part| part.parse::<u32>().is_ok())
}

/// Whether a text is the version of one release.
fn is_release(text: &str) -> bool {
    text.split('.').count() == 3 && is_version(text)
}

/// Whether a version is another one or comes after it.
fn is_at_least(version: &str, other: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        let parts = text.split('.').map(|part| part.parse().unwrap_or_default());
        parts.collect()
    };
    numbers(version) >= numbers(other)
}

/// Whether a tag is of a version, and not of one that only begins like it.
fn is_of(tag: &str, version: &str) -> bool {
    let rest = tag.strip_prefix(version);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}
