//! The line of an old file that builds its program: what stands in it, in the words of the preset.

use crate::dockerfile::paths::absolute;
use crate::dockerfile::{Heredoc, Run, RunCommand};
use crate::migrate::draft::spell;
use crate::migrate::draft::typed::Fields;
use crate::migrate::shell::{self, Command, Joint, behind};

use super::super::Words;

/// Commands after which a shell is another one for those that follow.
const CHANGES: &[&str] = &[
    ".", "alias", "cd", "eval", "exec", "export", "hash", "popd", "pushd", "set", "shopt",
    "source", "trap", "ulimit", "umask", "unset",
];

/// A line that builds.
#[derive(Debug)]
pub(super) struct Call {
    /// The options that say what it is told.
    pub(super) options: Fields,
    /// The variables that it finds and is not told.
    pub(super) env: Fields,
    /// The folder that what builds goes to by itself.
    pub(super) directory: Option<String>,
    /// The folder that the line goes to before anything else.
    pub(super) folder: Option<String>,
    /// The commands in front of it, and those behind it, as they are written.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// Whether a command calls what builds, however it does.
pub(super) fn calls(words: Words<'_>, run: &Run) -> bool {
    let begins = words.list("begins");
    let text = match &run.command {
        RunCommand::Script(script) => {
            let documents = script.heredocs().iter().map(Heredoc::content);
            let line = script.line().replace("\\\n", " ");
            documents.fold(line, |text, document| format!("{text}\n{document}"))
        }
        RunCommand::Exec(_) => return false,
    };
    let is_call = |word: &str| begins.contains(&word.rsplit('/').next().unwrap_or_default());
    if let Some(commands) = shell::commands(&masked(words, &text), 0) {
        let mut programs = commands.iter().map(Command::program);
        return programs.any(|program| program.first().is_some_and(|word| is_call(word)));
    }
    // Of what is more than plain commands, whatever begins with such a word may be one.
    let mut parts = text.split(['\n', ';', '&', '|', '(', '{', '`', '"', '\'']);
    parts.any(|part| {
        let part = part.trim_start();
        let words = part.split_whitespace();
        let mut words = words.skip_while(|word| {
            word.contains('=') || matches!(*word, "then" | "do" | "else" | "time" | "!")
        });
        words.next().is_some_and(is_call)
    })
}

/// A line in which a plain number, and blanks, stand for what tells the number of processors.
fn masked(words: Words<'_>, line: &str) -> String {
    let all = words.list("all-jobs").into_iter();
    all.fold(line.to_owned(), |line, all| {
        line.replace(all, &format!("0{}", " ".repeat(all.len() - 1)))
    })
}

/// Reads a line that stands in a folder; nothing of one that does not build. `steady` are commands that do the same whatever
/// variables are there.
///
/// # Errors
/// It builds in a way that the preset has not.
pub(super) fn read(
    words: Words<'_>,
    steady: &[&str],
    line: &str,
    here: &str,
) -> Result<Option<Call>, String> {
    let Some(commands) = shell::commands(&masked(words, line), 0) else {
        return Err("it is more than commands that follow each other".to_owned());
    };
    let called = |command: &Command| -> Option<Vec<String>> {
        let program = command.program();
        let begins = words.list("begins");
        begins.iter().find_map(|begin| behind(&program, begin))
    };
    let mut found = None;
    for (at, command) in commands.iter().enumerate() {
        if let Some(rest) = called(command) {
            let told = told(words, &rest);
            let beside = words.list("beside");
            let is_beside = told.as_ref().is_ok_and(|told| {
                let mut targets = told.targets.iter();
                !told.targets.is_empty() && targets.all(|target| beside.contains(&target.as_str()))
            });
            if !is_beside {
                found = Some((at, told));
            }
        }
    }
    let Some((at, told)) = found else {
        return Ok(None);
    };
    let told = told?;
    let is_and = |command: &Command| command.joint == Some(Joint::And);
    if !commands[1..=at].iter().all(is_and) || !commands.get(at + 1).is_none_or(is_and) {
        return Err("what it does depends on whether another command fails".to_owned());
    }
    let mut folder = None;
    let mut first = 0;
    while let ["cd", path] = commands[first].program().as_slice()
        && first < at
    {
        let path = plain(path).filter(|path| !path.starts_with(['-', '~']));
        let path = path.ok_or("it goes to a folder that depends on variables")?;
        let from = folder.as_deref().unwrap_or(here);
        folder = Some(absolute(from, &path));
        first += 1;
    }
    let before = &commands[first..at];
    let changes = |command: &&Command| {
        let program = command.program();
        program.is_empty() || CHANGES.contains(&program[0])
    };
    if let Some(command) = before.iter().find(changes) {
        let text = &line[command.range()];
        return Err(format!("`{text}` changes the shell that builds"));
    }
    let text = |commands: &[Command]| {
        let (first, last) = (commands.first()?, commands.last()?);
        Some(line[first.range().start..last.range().end].to_owned())
    };
    let own = &commands[at];
    let count = own.words.len() - own.program().len();
    let mut env = Fields::new();
    for word in &own.words[..count] {
        let (name, value) = word.text.split_once('=').unwrap_or_default();
        let value = plain(value).ok_or_else(|| depends(&word.text))?;
        env.push((name.to_owned(), spell::text(&value)));
    }
    let is_steady = |command: &Command| {
        let program = command.program();
        program.first().is_some_and(|name| steady.contains(name))
    };
    let behind = &commands[at + 1..];
    if let Some(command) = behind
        .iter()
        .find(|command| !env.is_empty() && !is_steady(command))
    {
        return Err(format!(
            "`{}` would find the variables that stand in front of what builds",
            command.joined()
        ));
    }
    Ok(Some(Call {
        options: told.options(words),
        directory: told.folder,
        env,
        folder,
        before: text(before),
        after: text(behind),
    }))
}

fn depends(word: &str) -> String {
    format!("`{word}` depends on what the shell makes of it")
}

/// What a call is told.
#[derive(Default)]
struct Told {
    folder: Option<String>,
    /// How many jobs; 0 is one for each processor.
    jobs: Option<u32>,
    variables: Fields,
    targets: Vec<String>,
}

impl Told {
    fn options(&self, words: Words<'_>) -> Fields {
        let mut options = Fields::new();
        let mut push = |key: &str, value: String| options.push((words.text(key).to_owned(), value));
        if let Some(folder) = &self.folder {
            push("folder-option", spell::text(folder));
        }
        if !self.targets.is_empty() {
            push("targets-option", spell::list(&self.targets));
        }
        if !self.variables.is_empty() {
            push("variables-option", spell::table(&self.variables));
        }
        // What was never built by several jobs may not bear them.
        push("jobs-option", self.jobs.unwrap_or(1).to_string());
        options
    }
}

fn told(words: Words<'_>, rest: &[String]) -> Result<Told, String> {
    let mut told = Told::default();
    let mut rest = rest.iter().peekable();
    let joined = |word: &str, key: &str| -> Option<String> {
        words.list(key).iter().find_map(|flag| {
            let value = word.strip_prefix(flag)?;
            let is_long = flag.starts_with("--");
            let value = if is_long {
                value.strip_prefix('=')?
            } else {
                value
            };
            (!value.is_empty()).then(|| value.to_owned())
        })
    };
    while let Some(word) = rest.next() {
        if words.list("folder-flags").contains(&word.as_str())
            || joined(word, "folder-flags").is_some()
        {
            let value = joined(word, "folder-flags").or_else(|| rest.next().cloned());
            let value = value
                .as_deref()
                .and_then(plain)
                .filter(|_| told.folder.is_none());
            told.folder = Some(value.ok_or_else(|| depends(word))?);
        } else if words.list("jobs-flags").contains(&word.as_str()) {
            let number = rest.next_if(|next| next.parse::<u32>().is_ok());
            told.jobs = Some(number.map_or(0, |number| number.parse().unwrap_or_default()));
        } else if let Some(value) = joined(word, "jobs-flags") {
            let number = plain(&value).and_then(|value| value.parse().ok());
            told.jobs = Some(number.ok_or_else(|| depends(word))?);
        } else if words.list("flags").contains(&word.as_str()) {
        } else if word.starts_with('-') || word.contains(['<', '>']) {
            return Err(format!("the preset has nothing like `{word}`"));
        } else if let Some((name, value)) = word.split_once('=') {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let is_new = told.variables.iter().all(|(known, _)| known != name);
            if name.is_empty() || !name.chars().all(is_name) || !is_new {
                return Err(format!("the preset has nothing like `{word}`"));
            }
            let value = plain(value).ok_or_else(|| depends(word))?;
            told.variables.push((name.to_owned(), spell::text(&value)));
        } else {
            told.targets.push(plain(word).ok_or_else(|| depends(word))?);
        }
    }
    Ok(told)
}

/// A word without its quotes; nothing of one of which the shell makes more.
fn plain(word: &str) -> Option<String> {
    let mut text = String::new();
    let mut quote = None;
    for character in word.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (Some('\''), other) => text.push(other),
            (_, '$' | '`' | '\\') | (None, '*' | '?' | '[' | '{' | '~' | '<' | '>' | '#' | '!') => {
                return None;
            }
            (_, other) => text.push(other),
        }
    }
    let is_said =
        !text.contains(['\n', '\r']) && !crate::migrate::draft::typed::is_expression(&text);
    (quote.is_none() && is_said).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Sources;
    use crate::preset::Library;

    /// What is made of a line in `/app`: the options, and what stands besides; or why nothing is.
    fn read(line: &str) -> String {
        let library = Library::builtin(&mut Sources::default());
        let preset = library.presets().find(|preset| preset.name == "make");
        let tree = preset.unwrap().tree.get("migrate").unwrap();
        let words = Words(tree.get("build").unwrap());
        match super::read(words, &["strip"], line, "/app") {
            Err(reason) => reason,
            Ok(None) => "nothing".to_owned(),
            Ok(Some(call)) => {
                let mut parts: Vec<String> = Vec::new();
                let fields = |fields: &Fields| {
                    let fields = fields.iter().map(|(key, value)| format!("{key}={value}"));
                    fields.collect::<Vec<String>>().join(" ")
                };
                parts.push(fields(&call.options));
                parts.extend((!call.env.is_empty()).then(|| format!("env {}", fields(&call.env))));
                parts.extend(call.folder.map(|folder| format!("in {folder}")));
                parts.extend(call.before.map(|before| format!("before {before}")));
                parts.extend(call.after.map(|after| format!("after {after}")));
                parts.join("; ")
            }
        }
    }

    #[test]
    fn a_line_that_builds_is_read_with_what_stands_besides() {
        for (line, expected) in [
            ("make", "jobs=1"),
            ("make -j", "jobs=0"),
            ("make -j8 -s all", r#"targets=["all"] jobs=8"#),
            ("make -j \"$(nproc)\" all", r#"targets=["all"] jobs=0"#),
            ("make --jobs=`nproc`", "jobs=0"),
            (
                "make -C src -j 2 'A B'",
                r#"directory="src" targets=["A B"] jobs=2"#,
            ),
            (
                "CC=\"gcc -m64\" make --directory=src CFLAGS='-O2 -g'",
                r#"directory="src" variables={ CFLAGS = "-O2 -g" } jobs=1; env CC="gcc -m64""#,
            ),
            (
                "cd src && cd ../lib && ./configure && make clean && make && strip words",
                "jobs=1; in /app/lib; before ./configure && make clean; after strip words",
            ),
            ("cd ../.. && make", "jobs=1; in /"),
            ("make && make install", "jobs=1; after make install"),
            (
                "A=1 make && strip words",
                r#"jobs=1; env A="1"; after strip words"#,
            ),
            ("make install", "nothing"),
            ("apt-get install -y make", "nothing"),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn what_a_preset_would_do_in_another_way_is_refused() {
        for (line, reason) in [
            (
                "make || true",
                "what it does depends on whether another command fails",
            ),
            (
                "make; strip words",
                "what it does depends on whether another command fails",
            ),
            (
                "cd src; make",
                "what it does depends on whether another command fails",
            ),
            (
                "if true; then make; fi",
                "it is more than commands that follow each other",
            ),
            (
                "export CC=gcc && make",
                "`export CC=gcc` changes the shell that builds",
            ),
            (
                "./configure && cd src && make",
                "`cd src` changes the shell that builds",
            ),
            ("CC=gcc && make", "`CC=gcc` changes the shell that builds"),
            (
                "cd $SOURCES && make",
                "it goes to a folder that depends on variables",
            ),
            ("make -f other.mk", "the preset has nothing like `-f`"),
            (
                "make CFLAGS+=-O2",
                "the preset has nothing like `CFLAGS+=-O2`",
            ),
            ("make A=1 A=2", "the preset has nothing like `A=2`"),
            (
                "make >/dev/null",
                "the preset has nothing like `>/dev/null`",
            ),
            (
                "make VERSION=$VERSION",
                "`VERSION=$VERSION` depends on what the shell makes of it",
            ),
            (
                "make words*",
                "`words*` depends on what the shell makes of it",
            ),
            (
                "make -j$JOBS",
                "`-j$JOBS` depends on what the shell makes of it",
            ),
        ] {
            assert_eq!(read(line), reason, "{line}");
        }
    }
}
