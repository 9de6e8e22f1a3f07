//! What a preset does not do and does not mind: commands of an old file that stay as they are, in their order.
//!
//! What stands in front of the installing may be needed by it, so it goes into a stage that all others are built on. What
//! stands behind it stays in the image that runs, if it is known not to look for what is installed where that was.

use std::fmt::Write;

use indexmap::IndexMap;

use crate::data::Node;
use crate::dockerfile::paths::{absolute, lies_in, relative};
use crate::dockerfile::{self, Add, Copy, Instruction, Run, Statement, Word};
use crate::migrate::RUNTIME;
use crate::migrate::account::Outcome;
use crate::migrate::draft;
use crate::migrate::draft::keys::{self, Keys};
use crate::migrate::draft::spell;
use crate::migrate::draft::typed::{self, Fields};
use crate::migrate::notice::Notice;
use crate::migrate::old::Placed;
use crate::migrate::shell::{self, Command, behind, program};

use super::Writer;
use super::kept::Expected;

/// The stage of what was there before anything was installed.
pub(super) const SYSTEM: &str = "system";

/// What stays as it was.
#[derive(Default)]
pub(super) struct Leftovers {
    /// The steps of the stage that all others are built on.
    system: Vec<(String, Fields)>,
    /// Arguments, in the stage that installs and in the one that runs.
    arguments: Vec<(String, Fields)>,
    /// Arguments and commands in the stage that installs alone, with their places.
    installing: Vec<(String, Fields)>,
    /// The steps in the stage that runs.
    runtime: Vec<(String, Fields)>,
    /// Tables of stages and of their steps, by their paths.
    pub(super) others: Vec<(String, Fields)>,
    /// The commands behind the installing, by their numbers.
    commands: Vec<usize>,
    /// Variables that one of these must not see, by their numbers.
    pub(super) variables: Vec<usize>,
    /// The words of all commands.
    pub(super) words: Vec<String>,
    /// How many steps begin with a name.
    names: IndexMap<String, usize>,
    /// What must be found again, in its order.
    pub(super) expected: Vec<Expected>,
}

impl Writer<'_> {
    /// How many instructions from the first on cannot all be said by keys and have to be there when packages are installed.
    pub(super) fn lead(&mut self) -> usize {
        let (mut unsaid, mut lead) = (0, 0);
        for (index, placed) in self.body.clone().iter().enumerate() {
            let statement = placed.statement;
            if self.join(index) {
                lead = unsaid;
            }
            self.places.learn(statement);
            let found = (self.installed_so_far(), self.brought.len());
            match self.statement(index, statement) {
                Ok(_) if (self.installed_so_far(), self.brought.len()) != found => lead = unsaid,
                Ok(_) => {}
                Err(text) => {
                    unsaid = index + 1;
                    let line = statement.place.first_line;
                    self.refusals.push(Notice { line, text });
                }
            }
        }
        if self.join(self.body.len()) {
            lead = unsaid;
        }
        lead
    }

    /// Why no preset takes over a file in which it found nothing to install: what it does not know of what installs.
    pub(super) fn nothing_installed(self) -> Option<Notice> {
        if self.lock_file().is_some() {
            let mut own = self.refusals.iter().filter(|notice| {
                let mut body = self.body.iter().map(|placed| placed.statement);
                let at = body.find(|statement| statement.place.first_line == notice.line);
                at.is_some_and(|statement| self.calls_program(&statement.instruction))
            });
            return own.next().cloned();
        }
        let root = self.old.lineage(self.old.chosen)[0];
        let first = self.old.stages[root].statement.place.first_line;
        let apart = self.idioms.list("apart");
        let names = |notice: &Notice| {
            // What is said to be in the way is quoted first.
            let quoted = notice.text.split('`').nth(1).unwrap_or_default();
            let mut words = quoted.split(|c: char| !c.is_alphanumeric());
            words.any(|word| apart.contains(&word) || word == "requirements")
        };
        let found = self.refusals.into_iter().find(names);
        let notice = found.unwrap_or_else(|| Notice {
            line: first,
            text: "nothing is installed from a file that a preset could read".to_owned(),
        });
        Some(notice)
    }

    /// Whether one of the commands that stay makes users.
    pub(super) fn makes_user(&self) -> bool {
        let makers = self.idioms.list("makes-users");
        let mut words = self.leftovers.words.iter();
        words.any(|word| makers.contains(&word.as_str()))
    }

    /// What the image has that a new environment has not, in tags of old images.
    pub(super) fn bundled(&mut self, tag: &str) {
        for bundled in self.idioms.tables("bundled") {
            let mut tags = bundled.get("tags").into_iter().flat_map(Node::items);
            if tags.any(|begin| begin.text().is_some_and(|begin| tag.starts_with(begin))) {
                let packages = bundled.get("packages").into_iter().flat_map(Node::items);
                let packages = packages.filter_map(Node::text).map(ToOwned::to_owned);
                self.bundled.extend(packages);
            }
        }
    }

    /// Whether what the image has can be got where everything else comes from, as `scout` has read.
    pub(super) fn bundled_from(&self, scout: &Self) -> Result<(), String> {
        if self.bundled.is_empty() {
            return Ok(());
        }
        let flags = self.idioms.list("indexes");
        let usual = self.idioms.text("usual-index");
        let leads_elsewhere = |line: &str| {
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            words.any(|word| flags.contains(&word))
                && words
                    .next()
                    .is_none_or(|index| index.trim_end_matches('/') != usual)
        };
        let files = scout.files.iter().chain(&scout.included);
        let mut texts = files.filter_map(|file| (self.context.read)(file));
        let lines = texts.any(|text| text.lines().any(leads_elsewhere));
        let own = leads_elsewhere(&scout.flags.join(" "));
        if lines || own {
            let names = self.bundled.join("` and `");
            return Err(format!(
                "`{names}` of the image would come from another index than the rest"
            ));
        }
        Ok(())
    }

    /// An instruction in front of the installing, of which the stage that all others are built on has as much as it can.
    pub(super) fn leading(
        &mut self,
        index: usize,
        statement: &Statement,
    ) -> Result<Outcome, String> {
        match &statement.instruction {
            Instruction::Run(run) => {
                if let Some(Ok(outcome)) = self.makes_user_at(index) {
                    return Ok(outcome);
                }
                let packages = self.packages.clone();
                let (before, early) = (self.installed_so_far(), self.early.clone());
                let lock = self.lock.clone();
                let known = self.run(run);
                let installs = self.installed_so_far() > before || self.early != early;
                let is_dropped =
                    matches!(known, Ok(Outcome::Dropped(_))) && self.packages == packages;
                let is_got = lock != self.lock;
                let installs = installs || is_got;
                if installs && self.packages != packages {
                    return Err("packages of the system are installed by the same line".to_owned());
                }
                if let Ok(outcome) = known
                    && (installs || (is_dropped && self.names_installer(run)))
                {
                    return Ok(outcome);
                }
                self.packages = packages;
                self.before_all(index, statement, run)
            }
            Instruction::Env(env) => {
                let pairs =
                    typed::variables(env).ok_or("its variables cannot be said in a spec")?;
                let taken = self.take_settings(env);
                let (own, all) = (self.idioms.own_list("env"), self.idioms.list("env"));
                let kept = pairs.iter().filter(|(name, _)| {
                    let name = name.as_str();
                    // What a preset below drops may be seen by the commands in front of the installing.
                    !taken.iter().any(|taken| taken == name)
                        || (all.contains(&name) && !own.contains(&name))
                });
                let kept: Fields = kept.cloned().collect();
                let gone = pairs.into_iter().filter(|pair| !kept.contains(pair));
                self.settings.extend(gone.map(|(name, _)| name));
                if kept.is_empty() {
                    return Ok(Outcome::Dropped(super::without(&taken)));
                }
                let harmless = self.idioms.list("unrelated");
                let harmless = |name: &String| {
                    harmless.contains(&name.as_str()) && !self.is_named_by_command(name)
                };
                if kept.iter().all(|(name, _)| harmless(name)) {
                    return self.statement(index, statement);
                }
                let mut fields = vec![("env".to_owned(), spell::table(&kept))];
                let note = draft::comments(statement);
                if !note.is_empty() {
                    let note = spell::text(&draft::escaped(&note.join("\n")));
                    fields.insert(0, ("note".to_owned(), note));
                }
                Ok(self.in_system(index, statement, fields))
            }
            Instruction::Arg(arg) => {
                if let Some(outcome) = self.take_argument(arg) {
                    return Ok(outcome);
                }
                let outcome = self.statement(index, statement)?;
                if let Some((_, fields)) = self.leftovers.arguments.last().cloned() {
                    self.in_system(index, statement, fields);
                }
                Ok(outcome)
            }
            Instruction::Workdir(_) => {
                let outcome = self.statement(index, statement)?;
                if let Some(path) = &self.workdir {
                    let fields = vec![("workdir".to_owned(), spell::text(path))];
                    self.in_system(index, statement, fields);
                }
                Ok(outcome)
            }
            Instruction::Copy(copy) if copy.from.is_some() => {
                if let Some(outcome) = self.take_program(copy) {
                    return Ok(outcome);
                }
                let stage = self.kept_body[index].stage;
                let fields = typed::fields(self.kept, stage, &statement.instruction, Keys::SPLIT)
                    .ok_or("what it copies cannot be said in a spec")?;
                Ok(self.in_system(index, statement, fields))
            }
            _ => self.statement(index, statement),
        }
    }

    /// Whether a command of the file refers to a variable.
    fn is_named_by_command(&self, name: &str) -> bool {
        self.body.iter().any(|placed| {
            let Instruction::Run(run) = &placed.statement.instruction else {
                return false;
            };
            let text = dockerfile::print(&Instruction::Run(run.clone()));
            text.contains(&format!("${name}")) || text.contains(&format!("${{{name}"))
        })
    }

    /// A command that has to be there before anything is installed.
    pub(super) fn before_all(
        &mut self,
        index: usize,
        statement: &Statement,
        run: &Run,
    ) -> Result<Outcome, String> {
        if self.user.is_some() {
            return Err("a command of another user than root is kept as it is".to_owned());
        }
        let text = self
            .line(index, run)
            .ok_or("a command that is no line for a shell stays where it is")?;
        let text = text.as_str();
        if let Some(word) = self.apart(text) {
            return Err(format!(
                "`{word}` is run before anything is installed, and would not find or make what it does now"
            ));
        }
        let workdir = self.here();
        let is_outside = |(_, _, to): &(usize, Vec<String>, String)| {
            workdir == "/" || !lies_in(&absolute(workdir, to), workdir)
        };
        let names_file = |word: &str| {
            let ending = word.rsplit_once('.').map(|(_, ending)| ending);
            matches!(ending, Some("deb" | "apk" | "rpm"))
        };
        let is_apart = self.is_blind(text) && !text.split_whitespace().any(names_file);
        if !self.copied.is_empty() && (!is_apart || self.copied.iter().any(is_outside)) {
            return Err("it may need the files that are copied above it".to_owned());
        }
        let stays = self.stays(index)?;
        self.leftovers.expected.push(stays.expected);
        self.leftovers
            .words
            .extend(text.split_whitespace().map(ToOwned::to_owned));
        match self.in_system(index, statement, stays.fields) {
            Outcome::Step(path) => Ok(self.stays_at(index, path, stays.respelled)),
            other => Ok(other),
        }
    }

    /// An instruction that nothing says, behind the installing or where none is.
    pub(super) fn leftover(
        &mut self,
        index: usize,
        statement: &Statement,
        reason: String,
    ) -> Result<(), String> {
        let may_stay = match &statement.instruction {
            Instruction::Copy(copy) => self.may_stay(index, copy),
            Instruction::Env(_) => self.leftovers.variables.contains(&index),
            Instruction::Expose(_) | Instruction::Label(_) | Instruction::StopSignal(_) => true,
            _ => false,
        };
        if may_stay {
            self.leftovers.commands.push(index);
            return Ok(());
        }
        let Instruction::Run(run) = &statement.instruction else {
            return Err(reason);
        };
        let Some(text) = self.line(index, run).filter(|_| self.user.is_none()) else {
            return Err(reason);
        };
        let text = text.as_str();
        let stays = self.idioms.list("stays");
        let commands = shell::commands(text, 0).ok_or_else(|| reason.clone())?;
        let is_fine = |command: &Command| {
            let program = command.program();
            stays.iter().any(|begin| behind(&program, begin).is_some())
                || self.is_of_system(&program)
        };
        if let Some(command) = commands.iter().find(|command| !is_fine(command)) {
            return Err(format!(
                "`{}` is nothing that the preset `{}` does, and may look for what it does elsewhere",
                command.joined(),
                self.preset.name
            ));
        }
        let below = self.body[index..].iter();
        let later = below.filter_map(|below| match &below.statement.instruction {
            Instruction::Workdir(word) => Some(word.text().unwrap_or_default()),
            _ => None,
        });
        for folder in later {
            let workdir = self.here();
            let folder = absolute(workdir, &folder);
            if !commands.iter().all(|command| is_anywhere(command, &folder)) {
                return Err("it is run before the working directory is there".to_owned());
            }
        }
        let mut seeks = self.idioms.list("seeks").into_iter();
        if let Some(sought) = seeks.find(|sought| text.contains(sought)) {
            return Err(format!(
                "it has `{sought}` in it, which finds nothing of what the preset installs"
            ));
        }
        let words = commands.iter().flat_map(|command| &command.words);
        for word in words {
            let plain = word.text.trim_matches(['"', '\'']);
            if self.is_moved(plain) {
                return Err(format!("`{plain}` may lie elsewhere afterwards"));
            }
            self.leftovers.words.push(plain.to_owned());
        }
        self.sees_no_more(index)?;
        self.leftovers.commands.push(index);
        Ok(())
    }

    /// Gives what stays behind the installing its places: in front of the sources, or behind them.
    pub(super) fn arrange(&mut self) -> Result<(), String> {
        let old = self.old;
        let body = self.body.clone();
        for file in self.files.iter().filter(|file| self.is_only_seen(file)) {
            let name = file.rsplit('/').next().unwrap_or_default();
            if self.leftovers.words.iter().any(|word| word.ends_with(name)) {
                return Err(format!(
                    "a command needs `{file}`, which would not be in the image"
                ));
            }
        }
        let copies: Vec<usize> = self
            .copied
            .iter()
            .filter(|(index, paths, _)| !self.is_bound(*index, paths))
            .map(|(index, _, _)| *index)
            .collect();
        let last_copy = copies.last().copied().unwrap_or_default();
        let is_plain = |index: &usize| match &body[*index].statement.instruction {
            Instruction::Copy(copy) => {
                let own = self.respelled.get(index).unwrap_or(copy);
                own.from.is_some() || (own.chown.is_none() && keys::sources(own).is_some())
            }
            _ => true,
        };
        // Copies in front of the last command that one follows stay in front of it.
        let settled = self
            .leftovers
            .commands
            .iter()
            .rfind(|index| **index < last_copy);
        let settled = settled.copied().unwrap_or_default();
        let behind_it = copies.iter().filter(|index| **index > settled);
        let until = if behind_it.clone().all(is_plain) {
            settled
        } else {
            last_copy
        };
        let mut all: Vec<usize> = copies
            .iter()
            .copied()
            .filter(|index| *index <= until)
            .collect();
        all.extend(&self.leftovers.commands);
        all.sort_unstable();
        let has_sources = copies.iter().any(|index| *index > until);
        let mut above = "env".to_owned();
        let mut is_behind = false;
        for index in all {
            let Placed {
                stage,
                item,
                statement,
            } = body[index];
            if index > until && has_sources && !is_behind {
                "sources".clone_into(&mut above);
                is_behind = true;
            }
            let name = self.name(&statement.instruction);
            let mut fields = vec![("after".to_owned(), spell::text(&above))];
            above.clone_from(&name);
            let path = format!("stages.{RUNTIME}.steps.{name}");
            let kept = &self.kept_body[index].statement.instruction;
            let is_command = matches!(kept, Instruction::Run(_));
            let is_file = matches!(kept, Instruction::Copy(_) | Instruction::Add(_));
            let outcome = if is_file {
                let own = match kept {
                    _ if self.respelled.contains_key(&index) => {
                        Instruction::Copy(self.respelled[&index].clone())
                    }
                    Instruction::Add(add) => Instruction::Copy(Copy::new(add.files.clone())),
                    other => other.clone(),
                };
                let own = typed::fields(self.kept, stage, &own, Keys::SPLIT)
                    .ok_or("files that are copied in a way that no step has")?;
                fields.extend(own);
                let own_files = self.copied.iter().filter(|(number, _, _)| *number == index);
                let folders =
                    own_files.flat_map(|(_, paths, _)| paths.iter().map(|path| relative(path)));
                self.folders.extend(folders);
                Outcome::Step(path)
            } else if matches!(kept, Instruction::Env(_)) {
                let own = typed::fields(self.kept, stage, kept, Keys::SPLIT)
                    .ok_or("variables that cannot be said in a spec")?;
                let note = draft::comments(statement).join("\n");
                if !note.is_empty() {
                    let note = spell::text(&draft::escaped(&note));
                    fields.push(("note".to_owned(), note));
                }
                fields.extend(own);
                Outcome::Step(path)
            } else {
                let stays = self.stays(index)?;
                fields.extend(stays.fields);
                if is_command {
                    self.leftovers.expected.push(stays.expected);
                }
                self.stays_at(index, path, stays.respelled)
            };
            draft::account(old, &mut self.outcomes, item, outcome);
            self.leftovers.runtime.push((name, fields));
        }
        self.copied
            .retain(|(index, _, _)| *index > until || !copies.contains(index));
        Ok(())
    }

    /// An argument of the build, which every stage has to name again.
    pub(super) fn keep_argument(&mut self, statement: &Statement, fields: Fields) -> Outcome {
        let name = self.name(&statement.instruction);
        let path = format!("stages.{RUNTIME}.steps.{name}");
        self.leftovers.arguments.push((name, fields));
        Outcome::Step(path)
    }

    /// An argument of the build in the stage that installs.
    pub(super) fn keep_for_installing(&mut self, statement: &Statement, fields: Fields) -> Outcome {
        let name = self.name(&statement.instruction);
        let path = format!("stages.{}.steps.{name}", self.idioms.text("installs-in"));
        let place = if self.places.place.is_none() {
            ("before".to_owned(), spell::text("packages"))
        } else {
            ("after".to_owned(), spell::text("workdir"))
        };
        let mut placed = vec![place];
        placed.extend(fields);
        self.leftovers.installing.push((name, placed));
        Outcome::Step(path)
    }

    /// Takes over what stays of a stage that only installs.
    pub(super) fn take_arguments(&mut self, from: &Leftovers) {
        let fresh = from.installing.iter().filter(|argument| {
            let mut known = self
                .leftovers
                .arguments
                .iter()
                .chain(&self.leftovers.installing);
            !known.any(|known| known == *argument)
        });
        let fresh: Vec<(String, Fields)> = fresh.cloned().collect();
        self.leftovers.installing.extend(fresh);
    }

    /// A step of the stage that all others are built on.
    fn in_system(&mut self, index: usize, statement: &Statement, fields: Fields) -> Outcome {
        let name = self.name(&statement.instruction);
        if self.is_builder {
            let path = format!("stages.{}.steps.{name}", self.idioms.text("installs-in"));
            let mut front = vec![("before".to_owned(), spell::text("packages"))];
            front.extend(fields);
            self.leftovers.installing.push((name, front));
            return Outcome::Step(path);
        }
        let mut builders = self.parts.builders.iter();
        // What installs was built on nothing of it.
        if builders.any(|builder| builder.shared <= index) {
            let path = format!("stages.{RUNTIME}.steps.{name}");
            let mut front = vec![("before".to_owned(), spell::text("packages"))];
            front.extend(fields);
            self.leftovers.runtime.push((name, front));
            return Outcome::Step(path);
        }
        let path = format!("stages.{SYSTEM}.steps.{name}");
        self.leftovers.system.push((name, fields));
        Outcome::Step(path)
    }

    /// A name for a step that no step of the preset has.
    pub(super) fn name(&mut self, instruction: &Instruction) -> String {
        if self.leftovers.names.is_empty() {
            for preset in self.library.lineage(self.preset) {
                let stages = preset
                    .tree
                    .get("stages")
                    .into_iter()
                    .flat_map(Node::entries);
                let steps = stages.filter_map(|(_, stage)| stage.node.get("steps"));
                let names = steps
                    .flat_map(Node::entries)
                    .map(|(name, _)| (name.to_owned(), 1));
                self.leftovers.names.extend(names);
            }
        }
        draft::name_of(instruction, &mut self.leftovers.names)
    }

    /// The word of a line that works on what the preset keeps apart from the system.
    fn apart<'b>(&self, line: &'b str) -> Option<&'b str> {
        let apart = self.idioms.list("apart");
        let mut words = line.split(|c: char| c.is_whitespace() || "\"'`$(){};&|<>=".contains(c));
        words.find(|word| {
            let name = word.rsplit('/').next().unwrap_or_default();
            let ending = name.rsplit_once('.').map(|(_, ending)| ending);
            apart.contains(&program(word)) || ending == Some("sh") || matches!(name, "sh" | "bash")
        })
    }

    /// Whether the commands of a line work on nothing of the project.
    pub(super) fn is_blind(&self, line: &str) -> bool {
        let blind = self.idioms.list("blind");
        shell::commands(line, 0).is_some_and(|commands| {
            commands.iter().all(|command| {
                let program = command.program();
                let local = program.iter().any(|word| word.starts_with('.'));
                !local
                    && (blind.iter().any(|begin| behind(&program, begin).is_some())
                        || self.is_of_system(&program))
            })
        })
    }

    /// Whether a command installs packages of the system, or is one of those that stand around that.
    pub(super) fn is_of_system(&self, program: &[&str]) -> bool {
        self.idioms.systems().any(|system| {
            let keys = ["installs", "around"].map(|key| system.get(key));
            let begins = keys.into_iter().flatten().flat_map(Node::items);
            let mut begins = begins.filter_map(Node::text);
            begins.any(|begin| behind(program, begin).is_some())
        })
    }

    /// Whether a line does something to what installs.
    fn names_installer(&self, run: &Run) -> bool {
        run.line().is_some_and(|line| self.apart(line).is_some())
    }

    /// The stages of the spec in which something stays.
    pub(super) fn stages(&self, base: &str) -> String {
        let mut text = String::new();
        let installs = self.idioms.text("installs-in");
        let left = &self.leftovers;
        let mut table = |header: &str, fields: &Fields| {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n[stages.{header}]\n{}", draft::lines(fields));
        };
        let text_of = |key: &str, value: &str| (key.to_owned(), spell::text(value));
        if !left.system.is_empty() {
            let note = "What was there before anything was installed";
            table(SYSTEM, &vec![text_of("note", note), text_of("from", base)]);
            for (name, fields) in &left.system {
                table(&format!("{SYSTEM}.steps.{name}"), fields);
            }
            let from = vec![text_of("from", &format!("stage:{SYSTEM}"))];
            table(installs, &from);
            // An overlay has a stage of its own below the one that runs.
            let overlay = self.overlaid.as_ref();
            table(overlay.map_or(RUNTIME, |overlay| &overlay.stage), &from);
        }
        for (path, fields) in &left.others {
            table(path, fields);
        }
        for (name, fields) in &left.arguments {
            let mut after = vec![text_of("after", "workdir")];
            after.extend(fields.iter().cloned());
            table(&format!("{installs}.steps.{name}"), &after);
            table(&format!("{RUNTIME}.steps.{name}"), &after);
        }
        for (name, fields) in &left.installing {
            table(&format!("{installs}.steps.{name}"), fields);
        }
        for (name, fields) in &left.runtime {
            table(&format!("{RUNTIME}.steps.{name}"), fields);
        }
        text
    }
}

/// Whether a command does the same before a folder is made the working directory and afterwards: all files that it names
/// are named by their whole paths, and the folder is none of them.
fn is_anywhere(command: &Command, folder: &str) -> bool {
    let program = command.program();
    let Some((name, rest)) = program.split_first() else {
        return true;
    };
    let is_apart = |word: &&str| !lies_in(word, folder) && !lies_in(folder, word);
    let mut words = rest.iter().filter(|word| !word.starts_with('-'));
    match *name {
        "useradd" | "adduser" | "usermod" | "groupadd" | "addgroup" | "passwd" | "true" | "set"
        | "apt-get" | "apt" | "apk" => words.all(is_apart),
        "mkdir" if rest.contains(&"-p") => words.all(|word| word.starts_with('/')),
        "mkdir" | "touch" | "rm" | "rmdir" => {
            words.all(|word| word.starts_with('/') && is_apart(word))
        }
        // The first word is a mode, an owner or a script.
        "chmod" | "chown" | "chgrp" | "sed" => words
            .skip(1)
            .all(|word| word.starts_with('/') && is_apart(word)),
        _ => false,
    }
}

/// Whether an `ADD` does what a `COPY` would: it fetches nothing, and unpacks nothing.
pub(super) fn is_plain_add(statement: &Statement) -> bool {
    const ARCHIVES: &[&str] = &["tar", "gz", "tgz", "bz2", "xz", "zst", "txz", "tbz2"];
    let Instruction::Add(add) = &statement.instruction else {
        return false;
    };
    *add == Add::new(add.files.clone())
        && add.files.source_paths().filter_map(Word::text).all(|path| {
            let ending = path.rsplit_once('.').map(|(_, ending)| ending);
            !path.contains("://")
                && !path.starts_with("git@")
                && !ending.is_some_and(|ending| ARCHIVES.contains(&ending))
        })
}
