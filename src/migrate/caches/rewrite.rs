//! An instruction with a cache: what is put into its text, and what is left out of it.

use std::fmt::Write;

use crate::dockerfile::{self, Instruction};
use crate::migrate::shell::{Command, Joint};

use super::manager::Manager;

/// What is to be done to an instruction.
#[derive(Default)]
pub(super) struct Edits {
    pub(super) mounts: Vec<String>,
    pub(super) first: Vec<String>,
    /// Which commands go, by their numbers.
    pub(super) cut: Vec<usize>,
    /// Which words of which command become what; nothing is for a word that goes.
    pub(super) words: Vec<(usize, usize, String)>,
}

/// What a cache makes better, for people.
pub(super) fn told(manager: &Manager<'_>, edits: &Edits, commands: &[Command]) -> String {
    let mut text = format!(
        "what `{}` downloads stays for the next build, and is in no layer",
        manager.name()
    );
    for first in &edits.first {
        // Writing to a string cannot fail.
        let _ = write!(text, ", after `{first}`");
    }
    let mut gone: Vec<String> = edits
        .cut
        .iter()
        .map(|at| format!("`{}`", commands[*at].joined()))
        .collect();
    let words = edits.words.iter();
    gone.extend(
        words.map(|(command, word, _)| format!("`{}`", commands[*command].words[*word].text)),
    );
    gone.dedup();
    if !gone.is_empty() {
        text.push_str(", without ");
        text.push_str(&gone.join(", "));
    }
    text
}

/// An instruction with its edits, and the comments that went with what it lost; `flags` is where its own flags end, and
/// `spoken` are parts of words of comments that speak of what is lost. Nothing comes of it if a command cannot go alone.
pub(super) fn rewrite(
    text: &str,
    flags: usize,
    commands: &[Command],
    edits: &Edits,
    spoken: &[&str],
) -> Option<(String, Vec<String>)> {
    let stops = commands[0]
        .words
        .first()
        .is_some_and(|word| word.text == "set")
        && commands[0]
            .words
            .iter()
            .any(|word| word.text.starts_with('-') && word.text.contains('e'));
    let follows = |joint: Option<Joint>| match joint {
        None | Some(Joint::And) => true,
        Some(Joint::Then) => stops,
        Some(Joint::Or | Joint::Pipe) => false,
    };
    let is_cut = |at: usize| edits.cut.contains(&at);
    let kept = (0..commands.len()).find(|at| !is_cut(*at))?;
    let last = (0..commands.len()).rfind(|at| !is_cut(*at))?;
    let mut changes = Vec::new();
    let mut staying = String::new();
    for &at in &edits.cut {
        let next = commands.get(at + 1).and_then(|next| next.joint);
        if !follows(commands[at].joint) || !follows(next) {
            return None;
        }
        if at > kept {
            let range = commands[at - 1].range().end..commands[at].range().end;
            let lines = text[range.clone()].split_inclusive('\n').skip(1);
            let stays = |line: &&str| is_comment(line) && !speaks(line, spoken);
            let comments: String = lines.filter(stays).collect();
            if !comments.is_empty() && at < last {
                // The comments go on in their place, and what follows them has its own line.
                let rest = &text[range.end..];
                let line = rest.split_inclusive('\n').next().unwrap_or_default();
                let is_continued = line.trim() == "\\";
                let end = range.end + if is_continued { line.len() } else { 0 };
                changes.push((range.start..end, format!(" \\\n{comments}")));
            } else {
                staying.push_str(&comments);
                changes.push((range, String::new()));
            }
        }
    }
    if kept > 0 {
        changes.push((
            commands[0].range().start..commands[kept].range().start,
            String::new(),
        ));
    }
    for (command, word, instead) in &edits.words {
        if is_cut(*command) {
            continue;
        }
        let words = &commands[*command].words;
        let range = &words[*word].range;
        let start = match (instead.as_str(), word.checked_sub(1)) {
            ("", Some(before)) => words[before].range.end,
            _ => range.start,
        };
        changes.push((start..range.end, instead.clone()));
    }
    // Behind the last word nothing can stand, so that its comments go in front of its line.
    let word = commands[last]
        .words
        .last()
        .map_or(0, |word| word.range.start);
    let line = text[..word].rfind('\n').map(|at| at + 1);
    if let Some(line) = line.filter(|_| !staying.is_empty()) {
        changes.push((line..line, staying));
    }
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut rewritten = text.to_owned();
    for (range, instead) in &changes {
        rewritten.replace_range(range.clone(), instead);
    }
    let lines = text.lines().skip(1).filter(|line| is_comment(line));
    let missed = lines.filter(|line| {
        let mut stays = rewritten.lines();
        !stays.any(|other| other.trim() == line.trim())
    });
    let comments = missed.map(|line| line.trim().to_owned()).collect();
    let mut front = String::new();
    for mount in &edits.mounts {
        front.push_str(mount);
        front.push_str(if edits.mounts.len() > 1 {
            " \\\n    "
        } else {
            " "
        });
    }
    for first in &edits.first {
        front.push_str(first);
        front.push_str(" && ");
    }
    rewritten.insert_str(flags, &front);
    let is_run = matches!(dockerfile::parse_one(&rewritten), Some(Instruction::Run(_)));
    is_run.then_some((rewritten, comments))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Whether a comment has one of some parts of words in it.
fn speaks(comment: &str, parts: &[&str]) -> bool {
    let comment = comment.to_lowercase();
    parts.iter().any(|part| comment.contains(part))
}
