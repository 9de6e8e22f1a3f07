//! Instructions as the fields of a step, or as keys of a spec. What cannot be said so that the very same instruction
//! comes of it again stays an instruction as it was written.

use crate::dockerfile::{
    Arg, Check, CommandLine, Copy, Env, Expose, Healthcheck, Instruction, Interval, Label, Run,
    TransferSource, Word,
};
use crate::migrate::old::Old;
use crate::migrate::shell;

use super::keys::{Key, Keys};
use super::spell;

/// Fields with values that are spelled as TOML.
pub(in crate::migrate) type Fields = Vec<(String, String)>;

/// An instruction of a stage as the fields of a step.
///
/// `keys` allow one instruction for each file that is copied, where the old one copied several, and a step that makes
/// directories.
pub(in crate::migrate) fn fields(
    old: &Old<'_>,
    stage: usize,
    instruction: &Instruction,
    keys: Keys,
) -> Option<Fields> {
    let one = |key: &str, value: String| Some(vec![(key.to_owned(), value)]);
    match instruction {
        Instruction::Arg(arg) => one("args", spell::table(&args(arg)?)),
        Instruction::Env(env) => {
            let pairs = variables(env)?;
            // A step sees what it has said before; an instruction does not.
            let sees_itself = env.as_slice().iter().enumerate().any(|(at, (_, word))| {
                let used = word.variables();
                let mut earlier = env.as_slice()[..at].iter();
                earlier.any(|(name, _)| used.iter().any(|used| used == name.as_str()))
            });
            (!sees_itself).then_some(())?;
            one("env", spell::table(&pairs))
        }
        Instruction::Label(label) => one("labels", spell::table(&labels(label)?)),
        Instruction::Copy(from) => copy(old, stage, from, keys.has(Key::Split)),
        Instruction::Workdir(word) => one("workdir", spell::text(&said(word)?)),
        Instruction::User(word) => one("user", spell::text(&said(word)?)),
        Instruction::StopSignal(word) => one("stop-signal", spell::text(&said(word)?)),
        Instruction::Expose(ports) => one("expose", spell::values(&self::ports(ports)?)),
        Instruction::Shell(words) => one("shell", words_of(words.as_slice())?),
        Instruction::Volume(paths) => {
            let paths = paths.as_slice().iter().map(said);
            one("volumes", spell::list(&paths.collect::<Option<Vec<_>>>()?))
        }
        Instruction::Cmd(line) => one("command", exec(line, old.has_usual_shell(stage))?),
        Instruction::Entrypoint(line) => one("entrypoint", exec(line, old.has_usual_shell(stage))?),
        Instruction::Healthcheck(Healthcheck::Command(check)) => {
            one("healthcheck", spell::table(&healthcheck(check)?))
        }
        Instruction::Run(run) if keys.has(Key::Commands) => {
            let (kind, paths) = of_family(run)?;
            one(kind, spell::list(&paths))
        }
        _ => None,
    }
}

/// The text that a spec has for a word, in which `$NAME` means what it means in a Dockerfile.
pub(in crate::migrate) fn said(word: &Word) -> Option<String> {
    let literal = word.text().map(|text| text.replace('$', "\\$"));
    let raw = Some(word.as_str().to_owned());
    let candidates = [literal, raw].into_iter().flatten();
    let mut same = candidates.filter(|text| Word::template(text).as_ref() == Ok(word));
    same.next().filter(|text| !is_expression(text))
}

/// Whether a text of a stage would be evaluated.
pub(in crate::migrate) fn is_expression(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|sign| text.contains(sign))
}

fn words_of(words: &[String]) -> Option<String> {
    let is_plain = |word: &String| !is_expression(word) && !word.contains(['\n', '\r']);
    (!words.is_empty() && words.iter().all(is_plain)).then(|| spell::list(words))
}

/// The words of a command, if a list in a spec can say them. A line for the usual shell is what that shell is given.
pub(in crate::migrate) fn exec(line: &CommandLine, has_usual_shell: bool) -> Option<String> {
    match line {
        CommandLine::Exec(words) => words_of(words),
        CommandLine::Shell(line) if has_usual_shell => words_of(&shell::usual(line.as_str())),
        CommandLine::Shell(_) => None,
    }
}

/// What a command does that every family says the same command for: the kind of step, and the paths.
pub(in crate::migrate) fn of_family(run: &Run) -> Option<(&'static str, Vec<String>)> {
    match folders(run) {
        Some(folders) => Some(("directories", folders)),
        None => Some(("unix-lines", ending_lines(run)?)),
    }
}

/// The folders that a command makes, if it does nothing else. Without `-p` it fails where one is there already, so a
/// file that builds had none there.
pub(in crate::migrate) fn folders(run: &Run) -> Option<Vec<String>> {
    let words = bare(run)?;
    let (_, words) = words
        .split_first()
        .filter(|(first, _)| **first == "mkdir")?;
    let is_flag = |word: &&&str| matches!(**word, "-p" | "--parents");
    let flags = words.iter().take_while(is_flag).count().min(1);
    paths_of(&words[flags..])
}

/// The files that a command takes carriage returns from the ends of lines of, if it does nothing else, and in the words
/// of a family.
pub(in crate::migrate) fn ending_lines(run: &Run) -> Option<Vec<String>> {
    match bare(run)?.as_slice() {
        ["sed", "-i", r"'s/\r$//g'", paths @ ..] => paths_of(paths),
        _ => None,
    }
}

/// The words of a command that has nothing mounted and no network of its own.
fn bare(run: &Run) -> Option<Vec<&str>> {
    let is_bare = run.mounts.is_empty() && run.devices.is_empty();
    (is_bare && run.network.is_none() && run.security.is_none()).then_some(())?;
    Some(run.line()?.split_whitespace().collect())
}

/// Words of a command that are plain paths.
fn paths_of(words: &[&str]) -> Option<Vec<String>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let is_path = |word: &&str| !word.starts_with('-') && word.chars().all(plain);
    let are_paths = !words.is_empty() && words.iter().all(is_path);
    are_paths.then(|| words.iter().map(|word| (*word).to_owned()).collect())
}

pub(in crate::migrate) fn args(arg: &Arg) -> Option<Fields> {
    let pairs = arg.as_slice().iter().map(|(name, default)| {
        let default = match default {
            Some(word) => spell::text(&said(word)?),
            None => "{}".to_owned(),
        };
        Some((variable(name.as_str())?, default))
    });
    unique(pairs.collect::<Option<Fields>>()?)
}

pub(in crate::migrate) fn variables(env: &Env) -> Option<Fields> {
    let pairs = env
        .as_slice()
        .iter()
        .map(|(name, word)| Some((variable(name.as_str())?, spell::text(&said(word)?))));
    unique(pairs.collect::<Option<Fields>>()?)
}

pub(in crate::migrate) fn labels(label: &Label) -> Option<Fields> {
    let pairs = label.as_slice().iter().map(|(name, word)| {
        let name = name
            .word()
            .text()
            .filter(|name| !name.is_empty() && !name.contains(['\n', '\r']))?;
        Some((name, spell::text(&said(word)?)))
    });
    unique(pairs.collect::<Option<Fields>>()?)
}

fn variable(name: &str) -> Option<String> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (plain && first).then(|| name.to_owned())
}

fn unique(pairs: Fields) -> Option<Fields> {
    let twice = |(index, pair): (usize, &(String, String))| {
        pairs[..index].iter().any(|earlier| earlier.0 == pair.0)
    };
    let is_unique = !pairs.iter().enumerate().any(twice);
    is_unique.then_some(pairs)
}

/// The ports, each as a number or a text.
pub(in crate::migrate) fn ports(ports: &Expose) -> Option<Vec<String>> {
    let port = |text: String| {
        let number = text.strip_suffix("/tcp").unwrap_or(&text);
        let (digits, protocol) = number.split_once('/').unwrap_or((number, ""));
        let known = digits
            .parse::<u16>()
            .is_ok_and(|port| port > 0 && port.to_string() == digits);
        match protocol {
            "" if known => Some(digits.to_owned()),
            "udp" if known => Some(spell::text(number)),
            _ => None,
        }
    };
    ports
        .as_slice()
        .iter()
        .map(|token| port(token.word().text()?))
        .collect()
}

/// How a container is checked. A line for the shell stays one: the image tells it from a list of words.
pub(in crate::migrate) fn healthcheck(check: &Check) -> Option<Fields> {
    let mut fields = vec![("command".to_owned(), exec(check.command(), false)?)];
    let times = [
        ("interval", &check.interval),
        ("timeout", &check.timeout),
        ("start-period", &check.start_period),
        ("start-interval", &check.start_interval),
    ];
    for (key, time) in times {
        if let Some(time) = time {
            fields.push((key.to_owned(), spell::text(Interval::as_str(time))));
        }
    }
    if let Some(retries) = check.retries {
        fields.push(("retries".to_owned(), retries.to_string()));
    }
    Some(fields)
}

/// The paths that are copied and where they land, if a spec can say them.
pub(in crate::migrate) fn paths(copy: &Copy) -> Option<(Vec<String>, String)> {
    let sources = copy.files.sources().iter().map(|source| match source {
        TransferSource::Path(word) => said(word).filter(|path| !path.is_empty()),
        TransferSource::Inline(_) => None,
    });
    let sources: Vec<String> = sources.collect::<Option<_>>()?;
    let outside = |path: &String| path.starts_with('/') || path.split('/').any(|part| part == "..");
    if copy.from.is_none() && sources.iter().any(outside) {
        return None;
    }
    let to = said(copy.files.destination()).filter(|path| !path.is_empty())?;
    Some((sources, to))
}

fn copy(old: &Old<'_>, stage: usize, copy: &Copy, split: bool) -> Option<Fields> {
    let (sources, to) = paths(copy)?;
    if copy.parents || (sources.len() > 1 && !split) {
        return None;
    }
    let mut fields = Fields::new();
    let mut push = |key: &str, value: String| fields.push((key.to_owned(), value));
    if sources.len() == 1 && sources[0] == to {
        push("copy", spell::list(&sources));
    } else if let [source] = sources.as_slice() {
        push("copy", spell::table(&[(source.clone(), spell::text(&to))]));
    } else {
        push("copy", spell::list(&sources));
        push("to", spell::text(&to));
    }
    if let Some(from) = &copy.from {
        let name = from.as_str();
        (!is_expression(name)).then_some(())?;
        push(
            "from",
            match old.copied(stage, name) {
                Some(found) => spell::text(&format!("stage:{}", old.stages[found].name)),
                // A stage by its number, or one that comes later, is no image.
                None if name.starts_with("stage:") => return None,
                None => spell::text(name),
            },
        );
    }
    if let Some(owner) = &copy.chown {
        push("owner", spell::text(&said(owner.word())?));
    }
    if let Some(mode) = &copy.chmod {
        push("mode", spell::text(&said(mode.word())?));
    }
    if !copy.exclude.is_empty() {
        let patterns: Vec<String> = copy
            .exclude
            .iter()
            .map(|pattern| pattern.as_str().to_owned())
            .collect();
        push("exclude", words_of(&patterns)?);
    }
    if copy.link {
        push("link", "true".to_owned());
    }
    Some(fields)
}
