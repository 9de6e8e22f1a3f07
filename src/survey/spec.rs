//! The text of the spec that follows from a survey.

use super::{Answer, Survey};

/// The keys at the top of a spec, in the order in which a person would write them.
const ORDER: [&str; 10] = [
    "name",
    "preset",
    "with",
    "base",
    "build",
    "runtime",
    "source",
    "entrypoint",
    "command",
    "ports",
];

/// The table that is written beside the keys at the top, since it is about the same things.
const BESIDE: &str = "packages";

/// How long a line may be with the comment behind it.
const WIDTH: usize = 110;

/// The spec, with a comment behind each line that says what was seen. What nothing answers is a comment; `filled` writes
/// it as if it were an answer, to try whether the rest of the spec is right.
pub fn text(survey: &Survey, filled: bool) -> String {
    let mut text = String::from(
        "# Written by `dockwright init`: each comment says what was seen. Change what is not so, and run\n# `dockwright generate`, which reads this file and looks at nothing else.\n",
    );
    let (mut top, below): (Vec<&Answer>, Vec<&Answer>) = survey
        .answers
        .iter()
        .partition(|answer| answer.table.is_empty() || answer.table == BESIDE);
    let place = |answer: &Answer| {
        let at = ORDER.iter().position(|key| *key == answer.key);
        at.unwrap_or(ORDER.len())
    };
    top.sort_by_key(|answer| place(answer));
    let start = "entrypoint";
    let before = top.iter().take_while(|answer| {
        place(answer) < ORDER.iter().position(|key| *key == start).unwrap_or(0)
    });
    let at = before.count();
    for answer in &top[..at] {
        text.push_str(&line(answer));
    }
    for blank in survey.blanks.iter().filter(|blank| blank.table.is_empty()) {
        text.push_str(&open(blank, filled));
    }
    if !survey.starts {
        text.push_str(&missing(survey));
    }
    for answer in &top[at..] {
        text.push_str(&line(answer));
    }
    let mut tables: Vec<&str> = Vec::new();
    for answer in below.iter().copied().chain(&survey.blanks) {
        if !answer.table.is_empty() && !tables.contains(&answer.table.as_str()) {
            tables.push(&answer.table);
        }
    }
    for table in tables {
        text.extend(["\n[", table, "]\n"]);
        for answer in below.iter().filter(|answer| answer.table == table) {
            text.push_str(&line(answer));
        }
        for blank in survey.blanks.iter().filter(|blank| blank.table == table) {
            text.push_str(&open(blank, filled));
        }
    }
    text
}

/// A key with its value and what tells so: behind it, or above where the line would be too long.
fn line(answer: &Answer) -> String {
    let key = if answer.table == BESIDE {
        format!("{BESIDE}.{}", answer.key)
    } else {
        answer.key.clone()
    };
    let said = format!("{key} = {}", answer.value);
    let reason = answer.reason.to_string();
    if reason.is_empty() {
        return format!("{said}\n");
    }
    let width = said.lines().map(str::len).max().unwrap_or_default();
    if said.contains('\n') || width + reason.len() + 4 > WIDTH {
        format!("# {reason}\n{said}\n")
    } else {
        format!("{said}  # {reason}\n")
    }
}

/// A key that nothing answers: a comment, unless it is tried out.
fn open(blank: &Answer, filled: bool) -> String {
    let line = line(blank);
    if filled {
        return line;
    }
    let mut text = String::new();
    text.extend(line.lines().flat_map(|line| ["# ", line, "\n"]));
    text
}

/// What stands where nothing tells how the service starts.
fn missing(survey: &Survey) -> String {
    let mut text = String::new();
    if survey.candidates.is_empty() {
        text.push_str("# Nothing tells how the service starts. Say it here:\n# command = [\"program\", \"argument\"]\n");
    } else {
        text.push_str("# Each of these may be the service. Keep one of them:\n");
        for candidate in &survey.candidates {
            text.extend(line(candidate).lines().map(|line| format!("# {line}\n")));
        }
    }
    text
}
