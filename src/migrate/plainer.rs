//! Instructions of an old file that no preset takes over, said by others that do just what is meant: a file gets its mode
//! where it is copied and not by a command behind it, what nothing unpacks is copied, and a check names its shell.
//!
//! The image is the same. It is done only where nothing in between can tell: of the file
//! that is copied everything is known, and the commands between the two do nothing but change modes, make folders and
//! take returns from ends of lines.

use std::ops::Range;

use crate::dockerfile::paths::{absolute, lies_in};
use crate::dockerfile::{
    self, Add, Check, CommandLine, Copy, Document, Healthcheck, Instruction, Item, Run, Transfer,
    TransferSource, Word,
};
use crate::spec;

use super::Context;
use super::caches::Cached;
use super::draft;
use super::draft::typed;
use super::old::{Gone, Old};
use super::shell::{self, Joint};

/// A file with caches, and with what is said in a plainer way too.
/// `written` is the file as it was, whose lines are told.
pub(super) fn say(mut cached: Cached, written: &Document, context: &Context<'_>) -> Cached {
    let Some(old) = Old::read(&cached.document, context.target) else {
        return cached;
    };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut improved = Vec::new();
    let mut gone = Vec::new();
    for (stage, body) in old.stages.iter().enumerate() {
        let mut modes: Vec<Option<String>> = vec![None; body.body.len()];
        for at in 0..body.body.len() {
            let (item, statement) = body.body[at];
            let Instruction::Run(run) = &statement.instruction else {
                continue;
            };
            let Some(copies) = copies_of(&old, context, (stage, at), run, &modes) else {
                continue;
            };
            let lines: Vec<String> = copies
                .iter()
                .filter_map(|(copy, _)| written.items().get(body.body[*copy].0))
                .filter_map(|item| match item {
                    Item::Statement(statement) => Some(statement.place.first_line.to_string()),
                    _ => None,
                })
                .collect();
            let what = match lines.as_slice() {
                [line] => format!("line {line} copies"),
                lines => format!("lines {} copy", lines.join(", ")),
            };
            let first = body.body[copies[0].0].0;
            let mut given: Vec<&str> = copies.iter().map(|(_, mode)| mode.as_str()).collect();
            given.dedup();
            let mode = given.join(" and ");
            gone.push(Gone {
                item,
                into: Some(first),
                comments: draft::comments(statement),
                reason: format!("{what} with mode {mode}, whatever the checkout has"),
            });
            for (copy, mode) in copies {
                modes[copy] = Some(mode);
            }
        }
        for ((item, statement), mode) in body.body.iter().zip(modes) {
            let is_plain = matches!(&statement.instruction, Instruction::Add(add) if unpacks_nothing(add, context));
            if is_plain {
                let gain = "a plain copy, since there is no archive to unpack";
                improved.push((*item, gain.to_owned()));
            }
            if old.has_usual_shell(stage)
                && statement.place.comments_inside.is_empty()
                && let Instruction::Healthcheck(Healthcheck::Command(check)) =
                    &statement.instruction
                && let Some(check) = in_words(check)
            {
                edits.push((statement.place.span.clone(), dockerfile::print(&check)));
                improved.push((
                    *item,
                    "the same shell is named for the same line".to_owned(),
                ));
            }
            let keyword = statement.place.keyword.clone();
            let files = match &statement.instruction {
                Instruction::Copy(copy) if mode.is_some() => &copy.files,
                Instruction::Add(add) if mode.is_some() || is_plain => &add.files,
                _ => continue,
            };
            let mut begin = Instruction::Copy(Copy::new(files.clone()))
                .keyword()
                .to_owned();
            if let Some(mode) = mode {
                begin.push_str(" --chmod=");
                begin.push_str(&mode);
            }
            edits.push((keyword, begin));
        }
    }
    if edits.is_empty() {
        return cached;
    }
    let mut bytes = cached.document.to_bytes();
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, text) in edits {
        bytes.splice(range, text.into_bytes());
    }
    let document = dockerfile::parse(&bytes);
    let is_same = document.items().len() == cached.document.items().len()
        && document.mistakes().len() == cached.document.mistakes().len();
    if is_same {
        cached.document = document;
        cached.improved.extend(improved);
        cached.gone.extend(gone);
    }
    cached
}

/// A check with the words of the usual shell, if it is a line for that.
fn in_words(check: &Check) -> Option<Instruction> {
    let CommandLine::Shell(line) = check.command() else {
        return None;
    };
    let words = CommandLine::Exec(shell::usual(line.as_str()).to_vec());
    let mut named = Check::new(words).ok()?;
    named.interval.clone_from(&check.interval);
    named.timeout.clone_from(&check.timeout);
    named.start_period.clone_from(&check.start_period);
    named.start_interval.clone_from(&check.start_interval);
    named.retries = check.retries;
    Some(Instruction::Healthcheck(Healthcheck::Command(Box::new(
        named,
    ))))
}

/// The copies of the files whose modes a command changes, each with the mode that they get; nothing if it does more, or
/// if something of it is not known. `modes` are those that copies of the stage got before.
fn copies_of(
    old: &Old<'_>,
    context: &Context<'_>,
    (stage, at): (usize, usize),
    run: &Run,
    modes: &[Option<String>],
) -> Option<Vec<(usize, String)>> {
    let changes = changes(run)?;
    let folder = old.workdir((stage, at), None);
    let place = |path: &str| match &folder {
        Some(folder) => Some(absolute(folder, path)),
        None => path.starts_with('/').then(|| absolute("/", path)),
    };
    let changes: Vec<(&str, String)> = changes
        .iter()
        .map(|(mode, path)| Some((mode.as_str(), place(path)?)))
        .collect::<Option<_>>()?;
    let mut found: Vec<(usize, String)> = Vec::new();
    for (mode, path) in &changes {
        let (copy, files) = (0..at).rev().find_map(|above| {
            let files = landings(old, context, (stage, above))?;
            let lands = files.iter().any(|(landed, _)| landed == path);
            lands.then_some((above, files))
        })?;
        let is_left = (copy + 1..at).all(|between| leaves(old, context, (stage, between), path));
        // A mode is for all that is copied.
        let mode_of = |(landed, source): &(String, String)| {
            let (wanted, _) = changes.iter().find(|(_, path)| path == landed)?;
            mode_for(wanted, (context.mode)(source)?)
        };
        let all: Vec<String> = files.iter().map(mode_of).collect::<Option<_>>()?;
        let first = all.first()?;
        let is_one = all.iter().all(|mode| mode == first);
        let is_said_once = changes.iter().filter(|(_, other)| other == path).count() == 1;
        (is_left && is_one && is_said_once && modes[copy].is_none() && !mode.is_empty())
            .then_some(())?;
        if !found.iter().any(|(known, _)| *known == copy) {
            found.push((copy, first.clone()));
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The modes that a command gives to which paths, if it does nothing else.
fn changes(run: &Run) -> Option<Vec<(String, String)>> {
    let is_bare = run.mounts.is_empty() && run.devices.is_empty();
    (is_bare && run.network.is_none() && run.security.is_none()).then_some(())?;
    let commands = shell::commands(run.line()?, 0)?;
    let mut changes = Vec::new();
    for command in &commands {
        let follows = matches!(command.joint, None | Some(Joint::And));
        let words: Vec<&str> = command
            .words
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let ["chmod", mode, paths @ ..] = words.as_slice() else {
            return None;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        let is_path = |path: &&str| !path.starts_with('-') && path.chars().all(plain);
        (follows && !paths.is_empty() && paths.iter().all(is_path)).then_some(())?;
        changes.extend(
            paths
                .iter()
                .map(|path| ((*mode).to_owned(), (*path).to_owned())),
        );
    }
    Some(changes)
}

/// The mode that a file of the project has after a change.
///
/// A checkout tells programs from other files and knows no other modes; what is not one of its own is left alone.
fn mode_for(change: &str, mode: u32) -> Option<String> {
    let is_of_checkout = matches!(mode, 0o644 | 0o755 | 0o664 | 0o775);
    if matches!(change, "+x" | "a+x") {
        return is_of_checkout.then(|| "0755".to_owned());
    }
    let padded = format!("{change:0>4}");
    let is_plain = matches!(change.len(), 3 | 4)
        && padded.starts_with('0')
        && padded.chars().all(|c| ('0'..='7').contains(&c))
        && (spec::rules::MODE.refuse)(&padded).is_none();
    is_plain.then_some(padded)
}

/// Where each file of a copy lands and which it is, if every one is a file of the project and no folder.
fn landings(
    old: &Old<'_>,
    context: &Context<'_>,
    (stage, at): (usize, usize),
) -> Option<Vec<(String, String)>> {
    let files = match &old.stages[stage].body[at].1.instruction {
        Instruction::Copy(Copy {
            from: None,
            chmod: None,
            parents: false,
            exclude,
            files,
            ..
        }) if exclude.is_empty() => files,
        Instruction::Add(add) if add.chmod.is_none() && unpacks_nothing(add, context) => &add.files,
        _ => return None,
    };
    let to = files.destination().text()?;
    let folder = old.workdir((stage, at), None);
    let place = match &folder {
        Some(folder) => absolute(folder, &to),
        None if to.starts_with('/') => absolute("/", &to),
        None => return None,
    };
    // Where a folder is by now, a file lands in it.
    let is_folder = to.ends_with('/')
        || matches!(to.rsplit('/').next(), Some("." | ".."))
        || files.sources().len() > 1
        || folder.as_ref() == Some(&place);
    let landed = files.sources().iter().map(|source| {
        let TransferSource::Path(word) = source else {
            return None;
        };
        let path = dockerfile::paths::relative(&word.text()?);
        let is_file = (context.is_folder)(&path) == Some(false) && !to.contains("..");
        let name = path.rsplit('/').next()?;
        let landed = if is_folder {
            absolute(&place, name)
        } else {
            place.clone()
        };
        is_file.then_some((landed, path))
    });
    landed.collect()
}

/// Whether an instruction between a copy and the change of a mode leaves the file alone and cannot tell its mode.
fn leaves(old: &Old<'_>, context: &Context<'_>, (stage, at): (usize, usize), path: &str) -> bool {
    let lands_elsewhere = |files: &Transfer| {
        if let Some(landed) = landings(old, context, (stage, at)) {
            return landed.iter().all(|(landed, _)| landed != path);
        }
        let folder = old.workdir((stage, at), None).unwrap_or_default();
        let to = files
            .destination()
            .text()
            .filter(|to| (to.starts_with('/') || !folder.is_empty()) && !to.contains(".."));
        to.is_some_and(|to| {
            let to = absolute(&folder, &to);
            to != "/" && !lies_in(path, &to)
        })
    };
    match &old.stages[stage].body[at].1.instruction {
        Instruction::Run(run) => match changes(run) {
            Some(changes) => changes.iter().all(|(_, other)| {
                let folder = old.workdir((stage, at), None);
                let other = match &folder {
                    Some(folder) => Some(absolute(folder, other)),
                    None => other.starts_with('/').then(|| absolute("/", other)),
                };
                other.is_some_and(|other| other != path)
            }),
            None => typed::folders(run).is_some() || typed::ending_lines(run).is_some(),
        },
        Instruction::Copy(copy) => lands_elsewhere(&copy.files),
        Instruction::Add(add) => lands_elsewhere(&add.files),
        Instruction::Volume(_) | Instruction::Onbuild(_) | Instruction::Shell(_) => false,
        _ => true,
    }
}

/// Whether what is added is a folder of the project, or a file that is no archive, so that copying it does the same.
fn unpacks_nothing(add: &Add, context: &Context<'_>) -> bool {
    let is_plain = add.checksum.is_none() && add.keep_git_dir.is_none() && add.unpack.is_none();
    let paths: Option<Vec<String>> = add
        .files
        .sources()
        .iter()
        .map(|source| match source {
            TransferSource::Path(word) => Word::text(word),
            TransferSource::Inline(_) => None,
        })
        .collect();
    let is_local = |path: &String| {
        let is_elsewhere = path.contains("://") || path.contains('@') || path.contains(".git");
        let relative = dockerfile::paths::relative(path);
        if is_elsewhere || path.starts_with("github.com") || relative.contains("..") {
            return false;
        }
        if relative.is_empty() {
            return true;
        }
        match (context.is_folder)(&relative) {
            Some(true) => true,
            // An archive, packed or not, has bytes that no text has.
            Some(false) => (context.read)(&relative).is_some_and(|text| !text.contains('\0')),
            None => false,
        }
    };
    is_plain && paths.is_some_and(|paths| paths.iter().all(is_local))
}
