//! Which programs a line starts that are scripts, and what is known of those.

use crate::dockerfile::paths::{absolute, lies_in, relative};
use crate::dockerfile::{self, Instruction, Run, RunCommand, Transfer, TransferSource};
use crate::migrate::shell::behind;

use super::Finder;
use super::manager::{Manager, texts};

/// What a path in an image is.
enum Copied {
    /// Nothing that the old file copies there.
    Not,
    /// A file whose text is not known.
    Unknown,
    /// A file of the project.
    Text(String),
    /// A script of which it is known that it installs nothing for the system.
    Known,
}

/// The words of the shell that a command can stand behind.
const BRANCHES: [&str; 8] = ["then", "else", "elif", "do", "if", "while", "!", "exec"];

/// The shells that run a script that is named to them.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// The text of what an instruction runs, whatever its form is.
pub(super) fn text_of(run: &Run) -> String {
    match &run.command {
        RunCommand::Exec(words) => words.join(" "),
        RunCommand::Script(_) => match run.line() {
            Some(line) => line.to_owned(),
            None => dockerfile::print(&Instruction::Run(run.clone())),
        },
    }
}

/// The commands of a text, however they are joined, each with its words from its program on.
fn pieces(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| {
        let line = line.trim_start();
        !line.starts_with('#') || line.starts_with("#!")
    });
    let parts = lines.flat_map(parts);
    let words = parts.map(|part| {
        let words = part.split_whitespace();
        let words = words.map(|word| word.trim_matches(['"', '\'', ',', '[', ']']));
        let is_before = |word: &&str| BRANCHES.contains(word) || word.contains('=');
        words.skip_while(is_before).collect()
    });
    words
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect()
}

/// The parts of a line between what joins commands. What is quoted is one word, whatever stands in it.
fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut quote = None;
    let mut start = 0;
    for (at, character) in line.char_indices() {
        match quote {
            Some(open) if open == character => quote = None,
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None if ";&|()`{}".contains(character) => {
                parts.push(&line[start..at]);
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&line[start..]);
    parts
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

impl Finder<'_> {
    /// Whether a line at a place runs a script of which nobody knows that it does without a package manager.
    pub(super) fn calls_script(
        &self,
        manager: &Manager<'_>,
        place: (usize, usize),
        text: &str,
    ) -> bool {
        let idle = texts(self.known, "harmless");
        let idle: Vec<&str> = idle
            .into_iter()
            .chain(texts(self.known, "runs-nothing"))
            .collect();
        let mut is_known = false;
        for words in pieces(text) {
            is_known |= words.iter().any(|word| self.is_known_address(word));
            let installs = |other: Manager<'_>| {
                let installs = other.list("installs").into_iter();
                let mut begins = installs.chain(other.list("fetches-and-installs"));
                begins.any(|begin| behind(&words, begin).is_some())
            };
            if idle.contains(&base(words[0])) || self.managers().any(installs) {
                continue;
            }
            for script in scripts(&words) {
                let is_quiet = is_known
                    || script.is_some_and(|path| match self.copied_at(place, path) {
                        Copied::Known => true,
                        Copied::Text(text) => self.is_quiet(manager, place, &text),
                        Copied::Not | Copied::Unknown => false,
                    });
                if !is_quiet {
                    return true;
                }
            }
        }
        false
    }

    /// Whether the text of a script names no package manager and no other script.
    fn is_quiet(&self, manager: &Manager<'_>, place: (usize, usize), text: &str) -> bool {
        let body =
            text.split_once('\n').map_or(
                "",
                |(first, rest)| {
                    if first.starts_with("#!") { rest } else { text }
                },
            );
        let is_nested = pieces(body).iter().any(|words| {
            let mut found = scripts(words).into_iter();
            found.any(|script| script.is_none_or(|path| !self.is_text(place, path)))
        });
        !manager.has_word("called-by", text) && !is_nested
    }

    /// Whether a path is a script of the project that names no other.
    fn is_text(&self, place: (usize, usize), path: &str) -> bool {
        match self.copied_at(place, path) {
            Copied::Text(text) => pieces(&text)
                .iter()
                .skip(1)
                .all(|words| scripts(words).is_empty()),
            Copied::Known => true,
            Copied::Not | Copied::Unknown => false,
        }
    }

    /// Whether a text starts something that may need what a manager keeps: the manager itself, or a script of the project
    /// that calls it or that cannot be read.
    pub(super) fn starts(&self, manager: &Manager<'_>, place: (usize, usize), text: &str) -> bool {
        if manager.has_word("called-by", text) {
            return true;
        }
        pieces(text).iter().flatten().any(|word| {
            let is_path = word.contains('/') || word.contains('.');
            is_path
                && match self.copied_at(place, word) {
                    Copied::Text(text) => manager.has_word("called-by", &text),
                    Copied::Unknown => has_ending(word),
                    Copied::Not | Copied::Known => false,
                }
        })
    }

    /// Whether a path of the project is a folder, as far as it is there.
    pub(super) fn is_folder(&self, path: &str) -> Option<bool> {
        if path.is_empty() {
            return Some(true);
        }
        (self.context.is_folder)(path)
    }

    fn is_known_address(&self, word: &str) -> bool {
        let known = texts(self.known, "installers");
        known.into_iter().any(|begin| word.starts_with(begin))
    }

    /// What a path is at a place, as far as the copies above tell.
    fn copied_at(&self, (stage, at): (usize, usize), path: &str) -> Copied {
        let here = self.folder((stage, at));
        let whole = match &here {
            _ if path.starts_with('/') => Some(absolute("/", path)),
            Some(folder) if path.contains('/') || !path.is_empty() => Some(absolute(folder, path)),
            _ => None,
        };
        let mut lineage = self.old.lineage(stage);
        lineage.reverse();
        for number in lineage {
            let body = &self.old.stages[number].body;
            let end = if number == stage { at } else { body.len() };
            for above in (0..end).rev() {
                let (files, is_local) = match &body[above].1.instruction {
                    Instruction::Copy(copy) => (&copy.files, copy.from.is_none() && !copy.parents),
                    Instruction::Add(add) => (&add.files, true),
                    _ => continue,
                };
                let Some(to) = files.destination().text() else {
                    continue;
                };
                let folder = self.folder((number, above));
                let Some(to) = resolved(&to, folder.as_deref()) else {
                    continue;
                };
                match self.landed(files, is_local, &to, whole.as_deref(), path) {
                    Copied::Not => {}
                    found => return found,
                }
            }
        }
        Copied::Not
    }

    /// What of some copied files a path is; `whole` is the path from the root on, if that is known.
    fn landed(
        &self,
        files: &Transfer,
        is_local: bool,
        to: &str,
        whole: Option<&str>,
        path: &str,
    ) -> Copied {
        for source in files.sources() {
            let TransferSource::Path(word) = source else {
                let is_this = whole.is_some_and(|whole| lies_in(whole, to));
                if is_this {
                    return Copied::Unknown;
                }
                continue;
            };
            let Some(source) = word.text() else {
                continue;
            };
            let name = base(source.trim_end_matches('/'));
            // A name without a folder is looked for where programs lie.
            let is_named = !path.contains('/') && (name == path || base(to) == path);
            let is_file = whole.is_some_and(|whole| whole == to || whole == absolute(to, name));
            if (is_named || is_file) && self.is_known_address(&source) {
                return Copied::Known;
            }
            let source = relative(&source);
            let rest = whole
                .filter(|whole| lies_in(whole, to) || to == "/")
                .map(|whole| whole[to.len().min(whole.len())..].trim_start_matches('/'));
            let inside = match self.is_folder(&source) {
                Some(true) => rest.map(|rest| relative(&format!("{source}/{rest}"))),
                _ if is_named || is_file => Some(source.clone()),
                _ => None,
            };
            let Some(inside) = inside else {
                continue;
            };
            if !is_local {
                return Copied::Unknown;
            }
            match (self.context.is_folder)(&inside) {
                Some(false) => {}
                _ if is_named || is_file => return Copied::Unknown,
                _ => continue,
            }
            return match (self.context.read)(&inside) {
                Some(text) => Copied::Text(text),
                None => Copied::Unknown,
            };
        }
        Copied::Not
    }
}

/// A destination from the root on.
pub(super) fn resolved(path: &str, folder: Option<&str>) -> Option<String> {
    match folder {
        _ if path.starts_with('/') => Some(absolute("/", path)),
        Some(folder) => Some(absolute(folder, path)),
        None => None,
    }
}

fn has_ending(word: &str) -> bool {
    matches!(word.rsplit_once('.'), Some((_, "sh" | "bash")))
}

/// The scripts that a command runs: the paths of those that have one.
fn scripts<'a>(words: &[&'a str]) -> Vec<Option<&'a str>> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if SHELLS.contains(&base(word)) {
            let next = words[at + 1..].iter();
            // A line of its own, or a question about the shell.
            let is_no_script = words.get(at + 1).is_some_and(|flag| {
                matches!(*flag, "--version" | "--help")
                    || flag.starts_with('-') && flag.ends_with('c')
            });
            if is_no_script {
                continue;
            }
            found.push(
                next.copied()
                    .find(|word| !word.starts_with(['-', '<', '>'])),
            );
            return found;
        }
        if has_ending(word) || (at == 0 && word.starts_with("./")) {
            found.push(Some(*word));
        }
    }
    found
}
