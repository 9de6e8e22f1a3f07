//! What the container of an old file starts, and whether it finds what a preset installs.

use crate::dockerfile::{CommandLine, Instruction, Statement};
use crate::migrate::account::Outcome;
use crate::migrate::draft::typed;

use super::Writer;

impl Writer<'_> {
    /// What the container starts.
    pub(super) fn start(
        &mut self,
        name: &'static str,
        line: &CommandLine,
        statement: &Statement,
    ) -> Result<Outcome, String> {
        let is_entrypoint = matches!(statement.instruction, Instruction::Entrypoint(_));
        let other = self.started(line, is_entrypoint)?;
        let now = other.as_ref().unwrap_or(line);
        self.not_by_path(now)?;
        let words = typed::exec(now, false);
        if other.is_some() {
            let instruction = if is_entrypoint {
                Instruction::Entrypoint(now.clone())
            } else {
                Instruction::Cmd(now.clone())
            };
            let written = crate::dockerfile::print(&instruction);
            if words.is_none() {
                self.steps.push((name, written.clone()));
            }
            self.lock.started.push(written);
        } else if words.is_none() {
            self.as_written(name, statement)?;
        }
        self.top.extend(words.map(|words| (name.to_owned(), words)));
        Ok(match other {
            Some(_) => Outcome::Improved(format!("{name}: what it starts is on the path")),
            None => Outcome::Key(name.to_owned()),
        })
    }

    /// What is installed lies elsewhere afterwards, so a program must not be called by its old path.
    pub(super) fn not_by_path(&self, line: &CommandLine) -> Result<(), String> {
        if self.built.is_some() {
            // What is only built is copied to where it was.
            return Ok(());
        }
        let words = match line {
            CommandLine::Exec(words) => words.join(" "),
            CommandLine::Shell(line) => line.as_str().to_owned(),
        };
        let words = words.split(|c: char| c.is_whitespace() || "\"';&|".contains(c));
        if let Some(path) = words.clone().find(|word| self.is_moved(word)) {
            return Err(format!(
                "it calls `{path}`, and what is installed lies elsewhere afterwards"
            ));
        }
        let forgets = self.idioms.list("forgets");
        let is_forgetting = |word: &&str| {
            let name = word.rsplit('/').next().unwrap_or_default();
            forgets.contains(word) || forgets.contains(&name)
        };
        if let Some(word) = words.clone().find(is_forgetting) {
            return Err(format!(
                "what `{word}` starts does not see where the preset installs"
            ));
        }
        if let Some(flag) = words.clone().find(|word| is_login(word)) {
            return Err(format!(
                "`{flag}` makes a shell of its own path, which does not lead to what is installed"
            ));
        }
        let seeks = self.idioms.list("seeks");
        let whole = words.clone().collect::<Vec<&str>>().join(" ");
        if let Some(sought) = seeks.iter().find(|sought| whole.contains(**sought)) {
            return Err(format!(
                "`{sought}` finds nothing of what the preset installs"
            ));
        }
        for word in words.filter(|word| word.contains(['/', '.'])) {
            if let Ok(file) = self.found(word) {
                self.not_in(&file)?;
            }
        }
        Ok(())
    }

    /// A file that is run or read where the packages are must not look for them where they were, nor must the files that
    /// a script among them calls.
    pub(super) fn not_in(&self, file: &str) -> Result<(), String> {
        let mut files = vec![file.to_owned()];
        let mut at = 0;
        while at < files.len() {
            let file = files[at].clone();
            at += 1;
            let Some(text) = (self.context.read)(&file) else {
                continue;
            };
            let mut seeks = self.idioms.list("seeks").into_iter();
            let forgets = self.idioms.list("forgets");
            let words = text.split(|c: char| c.is_whitespace() || "\"';&|".contains(c));
            let first = text.lines().next().unwrap_or_default();
            let is_script = first.starts_with("#!") && first.contains("sh");
            if is_script && first.split_whitespace().skip(1).any(is_login) {
                return Err(format!("`{file}` makes a shell of its own path"));
            }
            let mut moved = words.clone().filter(|word| word.starts_with('/'));
            if let Some(word) = moved.find(|word| self.is_moved(word)) {
                return Err(format!(
                    "`{file}` names `{word}`, and what is installed lies elsewhere afterwards"
                ));
            }
            let sought = seeks.find(|sought| text.contains(sought));
            let mut started = words.clone().filter(|_| is_script);
            let forgetting = started.clone().find(|word| forgets.contains(word));
            if let Some(found) = sought.or(forgetting) {
                return Err(format!(
                    "`{file}` has `{found}` in it, which finds nothing of what the preset installs"
                ));
            }
            for word in started.by_ref().filter(|word| word.contains(['/', '.'])) {
                if let Ok(called) = self.found(word)
                    && !files.contains(&called)
                {
                    files.push(called);
                }
            }
        }
        Ok(())
    }

    pub(super) fn as_written(
        &mut self,
        step: &'static str,
        statement: &Statement,
    ) -> Result<(), String> {
        let written = self.old.written(self.old.chosen, statement);
        let (written, _) = written.ok_or("it has bytes that no spec can hold")?;
        self.steps.push((step, written));
        Ok(())
    }
}

/// Whether a word asks a shell to begin as it does where somebody logs in.
fn is_login(word: &str) -> bool {
    let short = word.strip_prefix('-').unwrap_or_default();
    word == "--login" || (short.contains('l') && matches!(short, "l" | "lc" | "cl" | "lic" | "ilc"))
}
