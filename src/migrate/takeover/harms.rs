//! What a takeover would do harm to although every instruction by itself is known: it is about two of them, and about
//! which one comes first.

use indexmap::IndexMap;

use crate::dockerfile::paths::{absolute, lies_in};
use crate::dockerfile::{Instruction, Word, is_root};
use crate::migrate::draft::typed;
use crate::migrate::notice::Notice;
use crate::migrate::shell;
use crate::migrate::shell::program;

use super::Writer;

impl Writer<'_> {
    /// Whether nothing of the file is in the way of a takeover.
    ///
    /// # Errors
    /// The first instruction that is.
    pub(super) fn harms_nothing(&self) -> Result<(), Notice> {
        let mut workdir = "/".to_owned();
        let mut is_root_user = true;
        for (index, placed) in self.body.iter().enumerate() {
            let found = match &placed.statement.instruction {
                Instruction::Workdir(word) => {
                    let path = absolute(&workdir, &word.text().unwrap_or_default());
                    let is_new = path != workdir;
                    workdir = path;
                    if is_new && !is_root_user {
                        Err(format!("`{workdir}` belongs to a user who is not root"))
                    } else {
                        Ok(())
                    }
                }
                Instruction::User(word) => {
                    is_root_user = word.text().is_some_and(|user| is_root(&user));
                    Ok(())
                }
                Instruction::Copy(copy) => {
                    self.lands_safely(index, &workdir, copy.files.destination())
                }
                Instruction::Add(add) => {
                    self.lands_safely(index, &workdir, add.files.destination())
                }
                Instruction::Env(env) => {
                    let mut pairs = env.as_slice().iter();
                    pairs.try_for_each(|(name, word)| {
                        self.is_harmless(index, name.as_str(), word.as_str())
                    })
                }
                _ => Ok(()),
            };
            found.map_err(|text| Notice {
                line: placed.statement.place.first_line,
                text,
            })?;
        }
        self.compose_calls_nothing().map_err(|text| Notice {
            line: self
                .body
                .first()
                .map_or(1, |placed| placed.statement.place.first_line),
            text,
        })
    }

    /// Whether a command from an instruction on installs anything.
    fn installs_below(&self, index: usize) -> bool {
        let known = ["apart", "settles"].map(|key| self.idioms.list(key));
        let known = known.concat();
        self.body[index..].iter().any(|placed| {
            let Instruction::Run(run) = &placed.statement.instruction else {
                return false;
            };
            let line = run.line().unwrap_or_default();
            let mut programs = line.split_whitespace().map(program);
            programs.any(|name| known.contains(&name))
        })
    }

    /// Whether what is copied changes nothing of what is installed, and is looked for where it lies.
    fn lands_safely(&self, index: usize, workdir: &str, to: &Word) -> Result<(), String> {
        let Some(to) = to.text() else { return Ok(()) };
        let path = absolute(workdir, &to);
        if self.has_packages(&path) && !self.is_carried(index) {
            return Err(format!("`{path}` is no folder of packages afterwards"));
        }
        let mut settings = self.idioms.list("settings-in").into_iter();
        if settings.any(|folder| lies_in(&path, folder)) && self.installs_below(index) {
            return Err(format!(
                "what is copied to `{path}` may change what is installed below it"
            ));
        }
        Ok(())
    }

    /// Whether packages lay in a folder.
    pub(super) fn has_packages(&self, path: &str) -> bool {
        let mut folders = self.idioms.list("packages-in").into_iter();
        folders.any(|folder| path.contains(folder))
    }

    fn is_carried(&self, index: usize) -> bool {
        matches!(&self.body[index].statement.instruction, Instruction::Copy(copy) if copy.from.is_some())
    }

    /// Whether a variable neither changes what is installed nor names where that was.
    fn is_harmless(&self, index: usize, name: &str, value: &str) -> Result<(), String> {
        let known = self.idioms.list("env");
        let mut steers = self.idioms.list("steers").into_iter();
        let is_steering = steers.any(|begin| name.starts_with(begin));
        // An address is the same from every folder.
        let is_other = is_steering && !known.contains(&name) && !value.contains("://");
        if is_other && self.installs_below(index) {
            return Err(format!("`{name}` may change how packages are installed"));
        }
        let names_old = |part: &str| {
            self.has_packages(part) || (part.starts_with("/usr/local/bin/") && self.is_moved(part))
        };
        if value.split([':', '=', '"', ' ']).any(names_old)
            || self.idioms.list("found-by").contains(&name)
        {
            return Err(format!(
                "`{name}` names a place where packages are not any more"
            ));
        }
        if name == "PATH" && !value.contains("PATH") {
            return Err("`PATH` leads to nothing that the preset installs".to_owned());
        }
        Ok(())
    }

    /// The compose files of the project, by name.
    pub(super) fn compose_files(&self) -> Vec<String> {
        let mut files = (self.context.files)();
        files.retain(|file| {
            let name = file.rsplit('/').next().unwrap_or_default();
            let ending = name.rsplit_once('.').map(|(_, ending)| ending);
            name.contains("compose") && matches!(ending, Some("yml" | "yaml"))
        });
        files
    }

    /// Whether no compose file asks for a stage that the preset has in its own way.
    ///
    /// # Errors
    /// The first stage that one asks for.
    pub(super) fn loses_no_target(&self) -> Result<(), Notice> {
        let is_gone =
            |stage: &usize| *stage != self.old.chosen && !self.parts.apart.contains(stage);
        let gone: Vec<usize> = (0..self.old.stages.len()).filter(is_gone).collect();
        for file in self.compose_files() {
            let text = (self.context.read)(&file).unwrap_or_default();
            let words = text.split(|c: char| c.is_whitespace() || "\"'{},".contains(c));
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            let asked = words.windows(2).filter(|pair| pair[0] == "target:");
            for name in asked.map(|pair| pair[1]) {
                let stages = gone.iter().map(|stage| self.old.stages[*stage].statement);
                let mut found = stages.filter(|statement| match &statement.instruction {
                    Instruction::From(from) => {
                        from.name.as_ref().is_some_and(|own| own.as_str() == name)
                    }
                    _ => false,
                });
                if let Some(statement) = found.next() {
                    return Err(Notice {
                        line: statement.place.first_line,
                        text: format!(
                            "`{file}` asks for the stage `{name}`, which the preset has not"
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// Whether no compose file calls a program by the place where it was.
    fn compose_calls_nothing(&self) -> Result<(), String> {
        for file in self.compose_files() {
            let text = (self.context.read)(&file).unwrap_or_default();
            let mut words = text.split(|c: char| c.is_whitespace() || "\"'[],;&|:".contains(c));
            if let Some(word) = words.find(|word| word.starts_with('/') && self.is_moved(word)) {
                return Err(format!(
                    "`{file}` names `{word}`, and what is installed lies elsewhere afterwards"
                ));
            }
        }
        Ok(())
    }

    /// Leaves variables that are said below a command which stays where they are, if it might see them otherwise.
    pub(super) fn sees_no_more(&mut self, index: usize) -> Result<(), String> {
        let Instruction::Run(run) = &self.body[index].statement.instruction else {
            return Ok(());
        };
        let line = self.line(index, run).unwrap_or_default();
        let mut behind = line.split('$').skip(1);
        let names_variable = behind.any(|rest| {
            rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | '('))
        });
        let steady = self.idioms.list("steady");
        let is_steady = !line.contains('~')
            && !names_variable
            && shell::commands(&line, 0).is_some_and(|commands| {
                commands.iter().all(|command| {
                    let program = command.program();
                    program.first().is_some_and(|name| steady.contains(name))
                })
            });
        let owns = line.contains("chown") && self.lock.installs_project();
        if is_steady && !owns {
            return Ok(());
        }
        if self.lock.installs_project() {
            return Err("it is run before the project itself is installed".to_owned());
        }
        let harmless = [self.idioms.list("unrelated"), self.idioms.list("env")].concat();
        let mut there: IndexMap<&str, &str> = IndexMap::new();
        for placed in &self.body[..index] {
            if let Instruction::Env(env) = &placed.statement.instruction {
                let pairs = env.as_slice().iter();
                there.extend(pairs.map(|(name, word)| (name.as_str(), word.as_str())));
            }
        }
        let is_of_system = shell::commands(&line, 0).is_some_and(|commands| {
            let mut programs = commands.iter().map(shell::Command::program);
            programs.all(|program| self.is_of_system(&program))
        });
        let mut behind = Vec::new();
        for (number, placed) in self.body.iter().enumerate().skip(index) {
            let env = match &placed.statement.instruction {
                Instruction::Env(env) => env,
                Instruction::Arg(arg) => {
                    let name = arg.as_slice().first().map(|(name, _)| name.as_str());
                    let name = name.unwrap_or_default();
                    return Err(format!("it would see `{name}`, which is said below it"));
                }
                _ => continue,
            };
            let led = self.led_to_packages(env);
            let mut names = env.as_slice().iter().map(|(name, _)| name.as_str());
            let pairs = env.as_slice().iter();
            let same = pairs.filter(|(name, word)| {
                // What was there before is there once more.
                there.get(name.as_str()) == Some(&word.as_str()) && !word.as_str().contains('$')
            });
            let same: Vec<&str> = same.map(|(name, _)| name.as_str()).collect();
            let is_told = |name: &&str| {
                let changes_system = name.to_ascii_lowercase().ends_with("_proxy");
                !harmless.contains(name)
                    && !same.contains(name)
                    && !led.iter().any(|led| led == name)
                    && (!is_of_system || changes_system)
            };
            let Some(seen) = names.clone().find(is_told) else {
                continue;
            };
            // What the preset has a part in is not only the file's to say.
            let own = self.idioms.list("env");
            let is_own = |name: &&str| *name == "PATH" || own.contains(name);
            let shared = names.find(is_own);
            if shared.is_some() || !led.is_empty() || typed::variables(env).is_none() {
                let name = shared.unwrap_or(seen);
                return Err(format!("it would see `{name}`, which is said below it"));
            }
            behind.push(number);
        }
        self.leftovers.variables.extend(behind);
        Ok(())
    }
}
