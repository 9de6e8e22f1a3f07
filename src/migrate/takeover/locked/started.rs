//! What is started with a program that installs by a lock file, and whether it finds the same without it.

use crate::dockerfile::paths::absolute;
use crate::dockerfile::{CommandLine, ShellLine};
use crate::migrate::shell;
use crate::migrate::takeover::{Words, Writer};

use super::{Start, names_program};

impl Writer<'_> {
    /// A command that starts something, without the program that would start it in an environment of its own.
    pub(in crate::migrate::takeover) fn started(
        &mut self,
        line: &CommandLine,
        is_entrypoint: bool,
    ) -> Result<Option<CommandLine>, String> {
        let Some(words) = self.words() else {
            return Ok(None);
        };
        let (changed, is_inside) = match line {
            CommandLine::Exec(all) => {
                let inner = self.inner(words, all)?;
                let is_inside = inner.is_some();
                (inner.map(|(_, words)| CommandLine::Exec(words)), is_inside)
            }
            CommandLine::Shell(text) => self.started_by_shell(words, text.as_str())?,
        };
        let text = match line {
            CommandLine::Exec(words) => words.join(" "),
            CommandLine::Shell(text) => text.as_str().to_owned(),
        };
        if !text.is_empty() {
            self.lock.starts.push(Start {
                is_entrypoint,
                is_inside,
                text,
            });
        }
        Ok(changed)
    }

    pub(super) fn started_by_shell(
        &self,
        words: Words<'_>,
        text: &str,
    ) -> Result<(Option<CommandLine>, bool), String> {
        let Some(commands) = shell::commands(text, 0) else {
            if names_program(words, text) {
                return Err("it is more than commands that follow each other".to_owned());
            }
            return Ok((None, false));
        };
        let mut written = String::new();
        let (mut at, mut is_inside) = (0, false);
        for command in &commands {
            let program: Vec<String> = command
                .program()
                .into_iter()
                .map(ToOwned::to_owned)
                .collect();
            let skipped = command.words.len() - program.len();
            let Some((left_out, now)) = self.inner(words, &program)? else {
                continue;
            };
            is_inside = true;
            let first = command.words[skipped].range.start;
            written.push_str(&text[at..first]);
            // What is left stands as it was written; what comes in front of it is new.
            let kept = program.len() - left_out;
            written.extend(
                now[..now.len() - kept]
                    .iter()
                    .map(|word| format!("{word} ")),
            );
            at = command.words[skipped + left_out].range.start;
        }
        written.push_str(&text[at..]);
        if names_program(words, &written) {
            return Err(format!(
                "it calls `{}`, which is not in the image that runs",
                words.text("program")
            ));
        }
        if written == text {
            return Ok((None, is_inside));
        }
        let line = ShellLine::new(&written).map_err(|error| error.to_string())?;
        Ok((Some(CommandLine::Shell(line)), is_inside))
    }

    /// How many words of a command only start the others in an environment, and what is called without them; nothing of a
    /// command that has none.
    pub(super) fn inner(
        &self,
        words: Words<'_>,
        command: &[String],
    ) -> Result<Option<(usize, Vec<String>)>, String> {
        let program = words.text("program");
        if let Some(environment) = self.lock_environment(words)
            && let Some(first) = command.first()
            && let Some(name) =
                absolute(self.here(), first).strip_prefix(&format!("{environment}/bin/"))
        {
            let mut now = vec![name.to_owned()];
            now.extend_from_slice(&command[1..]);
            return Ok(Some((1, now)));
        }
        let begins = words.list("runs").into_iter();
        let mut begins = begins.map(|begin| begin.split_whitespace().collect::<Vec<&str>>());
        let Some(begin) = begins.find(|begin| {
            command.len() > begin.len()
                && command.iter().zip(begin).all(|(word, begin)| word == begin)
        }) else {
            return match command.first() {
                Some(first) if first == program => Err(format!(
                    "it calls `{program}`, which is not in the image that runs"
                )),
                _ => Ok(None),
            };
        };
        let mut left_out = begin.len();
        let module = words.text("module-flag");
        while command
            .get(left_out)
            .is_some_and(|word| word.starts_with('-') && word != module)
        {
            left_out += 1;
        }
        let flags = &command[begin.len()..left_out];
        let rest = &command[left_out..];
        let installed = self
            .lock
            .installed
            .as_ref()
            .ok_or("nothing is installed above it")?;
        let project = self.described(words, None)?;
        let no_sync = words.list("no-sync-flags");
        if !flags.is_empty() || words.0.get("no-sync-flags").is_some() {
            let (still, asked): (Vec<String>, Vec<String>) = flags
                .iter()
                .cloned()
                .partition(|flag| no_sync.contains(&flag.as_str()));
            let asked = self.asked(words, &project, &asked)?;
            let is_same = asked.groups == installed.groups
                && asked.extras == installed.extras
                && (installed.project || !asked.project);
            if still.is_empty() && !is_same {
                return Err(format!(
                    "`{program}` installs more when the container starts"
                ));
            }
        }
        let first = rest.first().ok_or("nothing is said of what it starts")?;
        if !installed.project && project.names(&words.list("scripts-in")).contains(first) {
            return Err(format!(
                "`{first}` is a program of the project, which is not installed"
            ));
        }
        let interpreter = words.text("interpreter");
        let mut now = Vec::new();
        if !module.is_empty() && first == module {
            now.push(interpreter.to_owned());
        } else if !interpreter.is_empty() && first.ends_with(words.text("sources")) {
            let text = self
                .found(first)
                .ok()
                .and_then(|file| (self.context.read)(&file));
            if text.is_none_or(|text| text.contains(words.text("inline"))) {
                return Err(format!("`{first}` may say itself what it needs"));
            }
            now.push(interpreter.to_owned());
        }
        now.extend_from_slice(rest);
        Ok(Some((left_out, now)))
    }

    /// A check must not call the program, which is not in the image that runs.
    pub(in crate::migrate::takeover) fn not_by_program(
        &self,
        line: &CommandLine,
    ) -> Result<(), String> {
        let text = match line {
            CommandLine::Exec(words) => words.join(" "),
            CommandLine::Shell(text) => text.as_str().to_owned(),
        };
        match self.words() {
            Some(words) if names_program(words, &text) => Err(format!(
                "it calls `{}`, which is not in the image that runs",
                words.text("program")
            )),
            _ => Ok(()),
        }
    }

    /// Where the environment lies that the program makes in the working directory, if it makes one there.
    pub(super) fn lock_environment(&self, words: Words<'_>) -> Option<String> {
        if let Some(installed) = &self.lock.installed {
            return installed.environment.clone();
        }
        let workdir = self.here();
        if let Some(said) = self.lock.settings.get(words.text("environment-variable")) {
            return Some(absolute(workdir, said));
        }
        let in_project = words.list("in-project");
        let is_there = (in_project.is_empty() || self.is_set(&in_project))
            && !self.is_set(&words.list("in-system"));
        is_there.then(|| absolute(workdir, words.text("environment")))
    }

    /// Whether one of these settings was made; each is a key and a value with a blank or a sign between them.
    pub(super) fn is_set(&self, settings: &[&str]) -> bool {
        settings.iter().any(|setting| {
            let said = setting.split_once([' ', '=']);
            said.is_some_and(|(key, value)| {
                let own = self.lock.settings.get(key);
                own.is_some_and(|own| own.eq_ignore_ascii_case(value))
            })
        })
    }

    /// What can be told only when all is read: whether what runs found its packages before as it will now.
    pub(in crate::migrate::takeover) fn settle(&mut self) -> Result<(), String> {
        let (Some(words), Some(installed)) = (self.words(), self.lock.installed.clone()) else {
            return Ok(());
        };
        if self.lock.base.is_some() && self.lock.starts.is_empty() {
            return Err("what the image starts by itself is gone with it".to_owned());
        }
        let in_system = installed.in_system;
        let on_path = installed
            .environment
            .as_ref()
            .is_some_and(|path| self.lock.folders.contains(&format!("{path}/bin")));
        let is_there = self.workdir.as_ref() == Some(&installed.workdir)
            && self.found(words.text("project")).is_ok();
        if installed.project && !is_there {
            return Err(
                "the project is installed in a folder that the image that runs has not".to_owned(),
            );
        }
        let own = self.places.environment().map(|path| format!("{path}/bin"));
        if in_system && own.is_some_and(|own| self.lock.folders.contains(&own)) {
            return Err(format!(
                "the interpreter that is found first is the one of `{}`, which has no packages of the service",
                words.text("program")
            ));
        }
        if !in_system && !on_path {
            let is_one = |start: &&Start| start.is_entrypoint;
            let mut starts = self.lock.starts.iter();
            let start = starts.find(is_one).or(self.lock.starts.last());
            match start {
                Some(start) if start.is_inside => {}
                Some(start) => {
                    return Err(format!(
                        "`{}` does not see what is installed now, and would afterwards",
                        start.text
                    ));
                }
                None => return Err("nothing says how what is installed is found".to_owned()),
            }
        }
        if in_system && self.lock.got.as_ref().is_some_and(|got| got.is_beside) {
            self.not_brought(words, &installed)?;
        }
        for file in &self.compose_files() {
            self.not_in(file)?;
            let variable = words.text("variable");
            let text = (self.context.read)(file).unwrap_or_default();
            if self.settings.iter().any(|name| name == variable) && text.contains(variable) {
                return Err(format!(
                    "`{file}` may set `{variable}`, which nothing asks for afterwards"
                ));
            }
        }
        self.not_missed()
    }

    /// A variable that is not in the image any more must not be named by what stays.
    pub(super) fn not_missed(&self) -> Result<(), String> {
        let values = self
            .env
            .iter()
            .flat_map(|(_, pairs)| pairs.iter().map(|(_, value)| value));
        let starts = self.lock.starts.iter().map(|start| &start.text);
        let texts: Vec<&String> = values.chain(starts).chain(&self.leftovers.words).collect();
        let gone = self.settings.iter().filter(|name| *name != "PATH");
        for name in gone {
            let signs = [format!("${name}"), format!("${{{name}")];
            if texts
                .iter()
                .any(|text| signs.iter().any(|sign| text.contains(sign)))
            {
                return Err(format!(
                    "`{name}` is needed by what stays, and only what installs was to see it"
                ));
            }
        }
        Ok(())
    }
}
