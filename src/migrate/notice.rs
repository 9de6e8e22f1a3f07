//! What is noticed in an old file and neither changed nor passed over: faults that the new one would have too.

use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::paths::{absolute, lies_in, relative};
use crate::dockerfile::{
    self, Check, CommandLine, Healthcheck, Instruction, Run, Statement, Transfer, Word,
};

use super::old::{Old, OldStage};
use super::{Context, caches, shell};

/// Programs that say something, and do nothing else.
const PRINTS: &[&str] = &[
    "cat", "date", "env", "id", "ls", "printenv", "pwd", "uname", "which", "whoami",
];

/// Something that a person should know about the old file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The line, from 1.
    pub line: usize,
    /// What was noticed.
    pub text: String,
}

/// Everything that is noticed, in the order of the file. `has_ignore` tells whether the spec makes an ignore file, which
/// keeps the spec itself out of the build; `mended` are the items whose caches are as they should be by now.
pub(super) fn notices(
    old: &Old<'_>,
    context: &Context<'_>,
    has_ignore: bool,
    mended: &[usize],
) -> Vec<Notice> {
    let mut found = Vec::new();
    let mut copies_everything = None;
    let ignore = context.ignore.and_then(|bytes| Ignore::parse(bytes).ok());
    for (index, stage) in old.stages.iter().enumerate() {
        for (at, (item, statement)) in stage.body.iter().enumerate() {
            let mut say = |text: String| {
                found.push(Notice {
                    line: statement.place.first_line,
                    text,
                });
            };
            of_names(statement, &mut say);
            match &statement.instruction {
                Instruction::Run(run) => {
                    of_command(run, &mut say);
                    if !has_shell(old, (index, at)) {
                        of_braces(run, &mut say);
                    }
                    if !mended.contains(item) {
                        of_emptied(run, &mut say);
                    }
                    of_caches(old, (index, at), run, &mut say);
                }
                Instruction::Copy(copy) if copy.from.is_none() => {
                    of_files(&copy.files, ignore.as_ref(), context, &mut say);
                    if whole(&copy.files) {
                        copies_everything.get_or_insert(statement.place.first_line);
                    }
                }
                Instruction::Add(add) => of_files(&add.files, ignore.as_ref(), context, &mut say),
                Instruction::Cmd(CommandLine::Exec(words))
                | Instruction::Entrypoint(CommandLine::Exec(words)) => {
                    if let [word] = words.as_slice()
                        && word.contains(' ')
                    {
                        say(format!(
                            "`{word}` is one word, and so the name of one program"
                        ));
                    }
                }
                Instruction::Healthcheck(Healthcheck::Command(check)) if cannot_fail(check) => {
                    say("this check cannot fail".to_owned());
                }
                _ => {}
            }
            of_volumes(stage, at, &mut say);
        }
    }
    if let Some(line) = copies_everything.filter(|_| !has_ignore) {
        found.push(Notice {
            line,
            text: "the spec lies in the build context, and this takes it into the image with everything else: name it in the ignore file".to_owned(),
        });
    }
    found.extend(caches::unused(old, mended));
    found.sort_by_key(|notice| notice.line);
    found
}

/// Whether an instruction above says which shell runs the commands.
fn has_shell(old: &Old<'_>, (stage, at): (usize, usize)) -> bool {
    old.lineage(stage).into_iter().any(|below| {
        let body = &old.stages[below].body;
        let end = if below == stage { at } else { body.len() };
        let mut above = body[..end].iter();
        above.any(|(_, statement)| matches!(statement.instruction, Instruction::Shell(_)))
    })
}

/// Variables and arguments that look like secrets.
fn of_names(statement: &Statement, say: &mut impl FnMut(String)) {
    let names = statement.instruction.defines().into_iter();
    for name in names.filter(|name| dockerfile::names_secret(name)) {
        say(format!(
            "`{name}` looks like a secret, and whoever has the image can read it: [secrets] gives it to a build or a service without that"
        ));
    }
}

/// Commands that do not do what they look like.
fn of_command(run: &Run, say: &mut impl FnMut(String)) {
    let Some(line) = run.line() else { return };
    let alone = !["&&", ";", "||", "\n", "|"]
        .iter()
        .any(|sign| line.contains(sign));
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["export", ..] if alone => {
            say("the variable is gone with the end of this line".to_owned());
        }
        ["cd", ..] if alone => {
            say("the directory is forgotten with the end of this line".to_owned());
        }
        ["rm", ..] if alone => {
            say("what is removed here stays in the layer that it was made in".to_owned());
        }
        // With words behind it, this one runs another program.
        ["env", _, ..] => {}
        [program, ..] if alone && !line.contains('>') && PRINTS.contains(program) => {
            say("this prints something while it is built, and changes nothing".to_owned());
        }
        [_, "--version" | "-V"] => {
            say("this prints something while it is built, and changes nothing".to_owned());
        }
        _ => {}
    }
    for command in shell::commands(line, 0).into_iter().flatten() {
        of_joints(&command.program(), say);
    }
    if unquoted(line, ">=") {
        say("the shell takes an unquoted `>=` for the name of a file to write".to_owned());
    }
}

/// Words of one command that read as two.
fn of_joints(words: &[&str], say: &mut impl FnMut(String)) {
    if let [first, second, rest @ ..] = words
        && rest.windows(2).any(|pair| pair == [*first, *second])
    {
        say(format!(
            "`{first} {second}` stands in the line twice without an operator between, so the second one is an argument of the first"
        ));
    }
    let folders = words.iter().skip(1).filter(|word| !word.starts_with('-'));
    if words.first() == Some(&"cd") && folders.count() > 1 {
        say("`cd` goes to one folder, and what stands behind that is no command".to_owned());
    }
}

/// Lists in braces, of which only some shells make several words.
fn of_braces(run: &Run, say: &mut impl FnMut(String)) {
    let Some(line) = run.line() else { return };
    let commands = shell::commands(line, 0).into_iter().flatten();
    let words = commands.flat_map(|command| command.words);
    for word in words.filter(|word| !word.text.contains(['\'', '"', '\\'])) {
        let Some((before, rest)) = word.text.split_once('{') else {
            continue;
        };
        let list = rest.split_once('}').map(|(list, _)| list);
        if !before.ends_with('$')
            && let Some(list) = list.filter(|list| list.contains(','))
        {
            say(format!(
                "bash makes several words of `{{{list}}}`, and the `sh` of Debian and Alpine one"
            ));
        }
    }
}

/// Caches that the command itself empties.
fn of_emptied(run: &Run, say: &mut impl FnMut(String)) {
    let words: Vec<&str> = run
        .line()
        .into_iter()
        .flat_map(str::split_whitespace)
        .collect();
    let mut targets = cached_paths(run);
    targets.retain(|target| {
        words.windows(2).any(|pair| {
            let removed = pair[1].trim_end_matches(['*', '/', ';']);
            pair[0].starts_with("-r") && removed == target.trim_end_matches('/')
        })
    });
    for target in targets {
        say(format!(
            "the command empties `{target}`, which is mounted to keep what is there"
        ));
    }
}

/// Whether a sign stands in a line outside of quotes, right behind a word.
fn unquoted(line: &str, sign: &str) -> bool {
    let mut quote = None;
    for (at, character) in line.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, _) if line[at..].starts_with(sign) => {
                let before = line[..at].chars().next_back();
                if before.is_some_and(|c| c.is_alphanumeric() || c == ']') {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// The paths of a command's caches.
pub(super) fn cached_paths(run: &Run) -> Vec<String> {
    let caches = run.mounts.iter().filter(|mount| mount.is_cache());
    caches
        .filter_map(|mount| mount.target()?.word().text())
        .collect()
}

/// Caches that lie over files which an instruction above has copied, or in which one below looks for what was built.
fn of_caches(old: &Old<'_>, (stage, at): (usize, usize), run: &Run, say: &mut impl FnMut(String)) {
    let is_within = |path: &str, folder: &str| lies_in(path, folder.trim_end_matches('/'));
    for target in cached_paths(run) {
        let mut workdir = String::from("/");
        for (_, above) in &old.stages[stage].body[..at] {
            match &above.instruction {
                Instruction::Workdir(word) => {
                    workdir = absolute(&workdir, &word.text().unwrap_or_default());
                }
                Instruction::Copy(copy) => {
                    let to = copy.files.destination().text().unwrap_or_default();
                    if is_within(&absolute(&workdir, &to), &target) {
                        say(format!(
                            "the cache at `{target}` hides what line {} has copied there",
                            above.place.first_line
                        ));
                    }
                }
                _ => {}
            }
        }
        for (later, other) in old.stages.iter().enumerate() {
            for (_, below) in &other.body {
                let Instruction::Copy(copy) = &below.instruction else {
                    continue;
                };
                let from = copy
                    .from
                    .as_ref()
                    .and_then(|from| old.copied(later, from.as_str()));
                let taken = paths(&copy.files);
                if from == Some(stage) && taken.iter().any(|path| is_within(path, &target)) {
                    say(format!(
                        "what is made in the cache at `{target}` is in no layer, and line {} looks for it there",
                        below.place.first_line
                    ));
                }
            }
        }
    }
}

fn paths(files: &Transfer) -> Vec<String> {
    files.source_paths().filter_map(Word::text).collect()
}

/// Whether files are the whole context.
fn whole(files: &Transfer) -> bool {
    paths(files).iter().any(|path| absolute("", path) == "/")
}

/// Files that the ignore file leaves out, that are not there, or that hold secrets.
fn of_files(
    files: &Transfer,
    ignore: Option<&Ignore>,
    context: &Context<'_>,
    say: &mut impl FnMut(String),
) {
    for path in paths(files) {
        let is_remote = path.contains("://") || path.starts_with("git@");
        let clean = relative(&path);
        if is_remote || clean.is_empty() {
            continue;
        }
        // `name*` is how people spell a file that may be missing.
        let named = clean.trim_end_matches('*');
        let is_pattern = named.contains(['*', '?', '[']);
        let left_out = ignore.is_some_and(|ignore| ignore.excludes(named));
        let name = named.rsplit('/').next().unwrap_or_default();
        if left_out && !is_pattern {
            say(format!(
                "`{path}` is left out by the ignore file, so the build does not see it"
            ));
        } else if context.is_project
            && !clean.contains(['*', '?', '['])
            && (context.is_folder)(&clean).is_none()
        {
            say(format!("there is no `{path}` in the project"));
        }
        let is_secret = is_secret_file(name);
        if is_secret {
            say(format!(
                "`{path}` may hold secrets, and whoever has the image can read it"
            ));
        }
    }
}

/// Whether the name of a file is one that people give to files with secrets in them.
pub(super) fn is_secret_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    name.starts_with(".env")
        || matches!(ending, Some("env" | "pem" | "key" | "p12" | "pfx" | "jks"))
        || [".netrc", ".npmrc", ".pypirc"].contains(&name)
        || name.starts_with("id_")
}

/// What is written below a volume once it is declared.
fn of_volumes(stage: &OldStage<'_>, at: usize, say: &mut impl FnMut(String)) {
    let Instruction::Copy(copy) = &stage.body[at].1.instruction else {
        return;
    };
    let volumes = stage.body[..at]
        .iter()
        .filter_map(|(_, above)| match &above.instruction {
            Instruction::Volume(volume) => Some(volume.as_slice()),
            _ => None,
        });
    for path in volumes.flatten().filter_map(Word::text) {
        let below = format!("{}/", path.trim_end_matches('/'));
        let to = copy.files.destination().text().unwrap_or_default();
        let writes = format!("{to}/").starts_with(&below);
        if writes {
            say(format!(
                "`{path}` is a volume already: some builders lose what is written there later"
            ));
        }
    }
}

fn cannot_fail(check: &Check) -> bool {
    let ends = |text: &str| {
        let text = text.trim().trim_end_matches(['"', '\'', ';', ')', ' ']);
        text.ends_with("|| true") || text.ends_with("|| exit 0") || text.ends_with("sys.exit(0")
    };
    match check.command() {
        CommandLine::Exec(words) => words.last().is_some_and(|word| ends(word)),
        CommandLine::Shell(line) => ends(line.as_str()),
    }
}
