//! What a program finds while it is built: the compiler, and the files of the project that the preset would keep out.

use crate::data::Node;
use crate::dockerfile::{self, Instruction, Run};
use crate::migrate::notice::{Notice, is_secret_file};
use crate::migrate::old::Placed;
use crate::migrate::shell::{self, behind};

use super::super::Words;
use super::super::Writer;
use super::super::sources::is_example;

impl Writer<'_> {
    /// Whether a command does something with what installs packages of the system.
    pub(super) fn names_system(&self, run: &Run) -> bool {
        let text = dockerfile::print(&Instruction::Run(run.clone()));
        let begins = self
            .idioms
            .systems()
            .filter_map(|system| system.get("installs"));
        let begins = begins.flat_map(Node::items).filter_map(Node::text);
        let programs: Vec<&str> = begins.filter_map(|begin| begin.split(' ').next()).collect();
        let mut parts = text.split(|c: char| c.is_whitespace() || "\"'`$(){};&|/".contains(c));
        parts.any(|part| programs.contains(&part))
    }

    /// Whether one of some instructions does.
    pub(super) fn any_names_system(&self, body: &[Placed<'_>]) -> bool {
        body.iter()
            .any(|placed| match &placed.statement.instruction {
                Instruction::Run(run) => self.names_system(run),
                _ => false,
            })
    }

    /// The compiler that the preset installs in the system of the stage that builds.
    pub(super) fn preset_compiler(&self) -> Vec<String> {
        let stage = self
            .built
            .as_ref()
            .map_or(self.old.chosen, |built| built.stage);
        let image = self.old.image(stage).unwrap_or_default();
        let family = (self.context.family)(&image).unwrap_or_default();
        let lineage = self.library.lineage(self.preset);
        let mut found = lineage
            .iter()
            .filter_map(|preset| preset.tree.get("families")?.get(&family)?.get("compiler"));
        let items = found.next().into_iter().flat_map(Node::items);
        items
            .filter_map(Node::text)
            .map(ToOwned::to_owned)
            .collect()
    }

    /// The compiler is one that the old file installs too, so that nothing else is found by its name; and a cache in front
    /// of it is in nobody's way.
    pub(super) fn compiler(&mut self, words: Words<'_>, body: &[Placed<'_>]) -> Result<(), String> {
        let mut installed: Vec<String> = Vec::new();
        let mut is_upset = false;
        let upsets = words.list("upsets-cache");
        for placed in body {
            let instruction = &placed.statement.instruction;
            let text = dockerfile::print(instruction);
            let mut parts = text.split(|c: char| c.is_whitespace() || "\"'=:/;&|$(){}".contains(c));
            if matches!(instruction, Instruction::Run(_) | Instruction::Env(_)) {
                is_upset |= parts.any(|part| upsets.contains(&part));
            }
            let Instruction::Run(run) = instruction else {
                continue;
            };
            let commands = shell::commands(run.line().unwrap_or_default(), 0);
            for command in commands.into_iter().flatten() {
                for system in self.idioms.systems() {
                    brought(words, system, &command.program(), &mut installed);
                }
            }
        }
        let is_there = |name: &String| installed.contains(name);
        if let Some(missing) = self.preset_compiler().iter().find(|name| !is_there(name)) {
            return Err(format!(
                "the preset `{}` installs `{missing}`, which the file does not name",
                self.preset.name
            ));
        }
        if is_upset && let Some(built) = &mut self.built {
            let option = words.text("cache-option").to_owned();
            built.options.push((option, "false".to_owned()));
            built.is_cached = false;
        }
        Ok(())
    }

    /// What the preset keeps out of the build and the old file did not.
    pub(super) fn seen(&mut self, words: Words<'_>) -> Result<(), String> {
        for file in self.kept_out() {
            let name = file.rsplit('/').next().unwrap_or_default();
            if is_secret_file(name) {
                if !is_example(&file) || !self.name_source(&file) {
                    return Err(format!(
                        "`{file}` is there while the program is built, and the preset would keep it out: what is no secret can be named in `source`"
                    ));
                }
            } else if words
                .list("objects")
                .iter()
                .any(|ending| name.ends_with(ending))
                && !self.has_source(&file, words)
            {
                return Err(format!(
                    "`{file}` has no source in the project, and the preset keeps its kind out"
                ));
            }
        }
        for reader in words.tables("reads") {
            let text = |key: &str| reader.get(key).and_then(Node::text).unwrap_or_default();
            let (program, folder) = (text("program"), text("folder"));
            if self.was_kept_out(folder) || !self.is_copied(folder) {
                continue;
            }
            let Some(file) = self.file_that_calls(words, program) else {
                continue;
            };
            let is_there = (self.context.is_folder)(folder).is_some();
            if is_there && !self.name_source(folder) {
                return Err(format!(
                    "`{file}` has `{program}` in it, and the preset keeps `{folder}` out"
                ));
            }
            if !is_there {
                let line = self.old.stages[self.old.chosen].statement.place.first_line;
                let text = format!(
                    "`{file}` has `{program}` in it, and the build does not see `{folder}`: where that is there, it can be named in `source`"
                );
                self.refusals.push(Notice { line, text });
            }
        }
        Ok(())
    }

    /// A file that may call a program while something is built: the old file itself, or one of the project.
    fn file_that_calls(&self, words: Words<'_>, program: &str) -> Option<String> {
        let has_word = |text: &str| {
            let is_end = |c: char| !c.is_alphanumeric() && c != '.' && c != '-' && c != '_';
            text.split(is_end).any(|part| part == program)
        };
        let builder = self.built.as_ref().map(|built| built.stage);
        let body = builder
            .map(|stage| self.old.chain(stage))
            .unwrap_or_default();
        let is_called = body.iter().any(|placed| {
            let Instruction::Run(run) = &placed.statement.instruction else {
                return false;
            };
            match run.line().and_then(|line| shell::commands(line, 0)) {
                Some(commands) => commands.iter().any(|command| {
                    let called = command.program();
                    called.first().is_some_and(|called| *called == program)
                }),
                None => has_word(&dockerfile::print(&placed.statement.instruction)),
            }
        });
        if is_called {
            return Some(self.context.dockerfile.to_owned());
        }
        let endings = words.list("scripts");
        (self.context.files)().into_iter().find(|file| {
            let name = file.rsplit('/').next().unwrap_or_default();
            let is_script =
                !name.contains('.') || endings.iter().any(|ending| name.ends_with(ending));
            let is_other = file != self.context.dockerfile;
            is_script
                && is_other
                && self.is_copied(file)
                && has_word(&(self.context.read)(file).unwrap_or_default())
        })
    }

    /// Whether a file of the project is what an object may be made of.
    fn has_source(&self, object: &str, words: Words<'_>) -> bool {
        let stem = |file: &str| {
            let name = file.rsplit('/').next().unwrap_or_default();
            name.split('.').next().unwrap_or_default().to_owned()
        };
        let wanted = stem(object);
        (self.context.files)().iter().any(|file| {
            let endings = words.list("sources");
            endings.iter().any(|ending| file.ends_with(ending)) && stem(file) == wanted
        })
    }
}

/// The packages that a command installs, with those that they bring along.
fn brought(words: Words<'_>, system: &Node, program: &[&str], installed: &mut Vec<String>) {
    let texts = |key: &str| {
        let items = system.get(key).into_iter().flat_map(Node::items);
        items.filter_map(Node::text).collect::<Vec<&str>>()
    };
    let begins = texts("installs").into_iter();
    for rest in begins.filter_map(|begin| behind(program, begin)) {
        // Without the flag that it needs, it installs what is recommended, too.
        let needs = texts("needs");
        let is_narrow = needs.is_empty()
            || needs
                .iter()
                .any(|flag| rest.iter().any(|word| word == flag));
        let tables = words.tables("brings").filter(|table| {
            let is_true = |key: &str| table.get(key).and_then(Node::boolean) == Some(true);
            !is_narrow || !is_true("recommended")
        });
        for table in tables {
            let package = table
                .get("package")
                .and_then(Node::text)
                .unwrap_or_default();
            if rest.iter().any(|word| word == package) {
                let brought = table.get("packages").into_iter().flat_map(Node::items);
                installed.extend(brought.filter_map(Node::text).map(ToOwned::to_owned));
            }
        }
        installed.extend(rest);
    }
}
