//! What `adopt` took over is what the spec says from then on.

use std::fs;

use dockwright::dockerfile;

use super::dockwright;
use crate::random::Random;
use crate::support::{Differences, files_below, listing, name, tests};

/// A line that a person adds below the first one that begins with another.
const EDITS: &[(&str, &str, &str)] = &[
    ("dockerfile", "FROM ", "ENV ADOPTED=\"one two\""),
    ("dockerfile", "FROM ", "RUN echo adopted"),
    ("compose", "    image:", "    stop_grace_period: 7s"),
    ("dockerignore", "", "**/*.adopted"),
];

/// The instructions of a Dockerfile, as they are printed.
fn instructions(text: &str) -> Vec<String> {
    let document = dockerfile::parse(text.as_bytes());
    let statements = document.statements();
    statements
        .map(|statement| dockerfile::print(&statement.instruction))
        .collect()
}

#[test]
fn every_golden_is_in_sync_when_it_is_generated_and_again_when_an_edit_is_adopted() {
    let mut differences = Differences::default();
    let mut adopted = 0;
    for golden in listing(&tests("golden")) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::copy(golden.join("dockwright.toml"), root.join("dockwright.toml")).unwrap();
        // The cases that have presets of their own or secrets in files bring these with them.
        if !dockwright(root, &["generate"]).status.success() {
            continue;
        }
        let case = name(&golden);
        let fresh = dockwright(root, &["check"]);
        if !fresh.status.success() {
            differences.note(format!(
                "{case} is not in sync right after it was generated"
            ));
        }
        let files = crate::support::files_below(root);
        let mut written = None;
        for (kind, above, line) in EDITS {
            let is_kind = |file: &&String| match *kind {
                "dockerignore" => file.ends_with(".dockerignore"),
                "compose" => file.contains("compose"),
                _ => file.ends_with("Dockerfile"),
            };
            let Some(file) = files.iter().find(is_kind) else {
                continue;
            };
            let path = root.join(file);
            let text = fs::read_to_string(&path).unwrap();
            let mut lines: Vec<&str> = text.lines().collect();
            let at = lines.iter().position(|line| line.starts_with(above));
            let at = if above.is_empty() {
                lines.len()
            } else {
                at.unwrap() + 1
            };
            lines.insert(at, line);
            let text = format!("{}\n", lines.join("\n"));
            fs::write(&path, &text).unwrap();
            if *kind == "dockerfile" {
                written = Some((path, instructions(&text)));
            }
            adopted += 1;
        }
        let ran = dockwright(root, &["adopt"]);
        if !ran.status.success() {
            let said = String::from_utf8_lossy(&ran.stdout).into_owned();
            differences.note(format!(
                "{case}: {said}{}",
                String::from_utf8_lossy(&ran.stderr)
            ));
            continue;
        }
        let checked = dockwright(root, &["check"]);
        if !checked.status.success() {
            let said = String::from_utf8_lossy(&checked.stdout).into_owned();
            differences.note(format!("{case} is not in sync: {said}"));
        }
        if let Some((path, written)) = written {
            let now = instructions(&fs::read_to_string(path).unwrap());
            if now != written {
                differences.note(format!("{case}: {now:#?} instead of {written:#?}"));
            }
        }
    }
    differences.finish();
    assert!(adopted > 100, "only {adopted} edits were made");
}

/// A file, and what a person writes in its place; nothing where there is no place for it.
type Edited = Option<(String, String)>;

/// The lines of a Dockerfile with others behind one of its instructions, or without that instruction.
fn behind(text: &str, random: &mut Random, lines: Option<&str>) -> Option<String> {
    let document = dockerfile::parse(text.as_bytes());
    // The stage that only names the image once more for a plain build is the program's own.
    let is_last = |statement: &dockerfile::Statement| match &statement.instruction {
        dockerfile::Instruction::From(from) => from.image.as_str() == "runtime",
        _ => false,
    };
    let statements: Vec<_> = document.statements().collect();
    let end = statements.iter().rposition(|statement| is_last(statement));
    let end = end.filter(|end| end + 1 == statements.len());
    // In front of the first stage nothing can stand but arguments.
    let is_stage = |statement: &&dockerfile::Statement| {
        matches!(statement.instruction, dockerfile::Instruction::From(_))
    };
    let begin = statements.iter().position(is_stage).unwrap_or_default();
    let statements = &statements[begin..end.unwrap_or(statements.len())];
    let removable = ["RUN", "ENV", "LABEL", "EXPOSE"];
    // A step that a secret names cannot go without it.
    let has_secret = |statement: &dockerfile::Statement| {
        dockerfile::print(&statement.instruction).contains("type=secret")
    };
    let fits = |statement: &&&dockerfile::Statement| {
        let keyword = statement.instruction.keyword();
        lines.is_some() || removable.contains(&keyword) && !has_secret(statement)
    };
    let fitting: Vec<_> = statements.iter().filter(fits).collect();
    let statement = fitting.get(random.below(fitting.len().max(1)))?;
    let place = &statement.place;
    let mut all: Vec<&str> = text.lines().collect();
    match lines {
        Some(lines) => all.insert(place.last_line, lines),
        None => {
            all.drain(place.first_line - 1..place.last_line);
        }
    }
    Some(format!("{}\n", all.join("\n")))
}

/// An edit of a kind that `adopt` says it takes.
fn edit(root: &std::path::Path, number: usize, random: &mut Random) -> Edited {
    let files = files_below(root);
    let find = |ending: &str| files.iter().find(|file| file.ends_with(ending)).cloned();
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let docker = find("Dockerfile")?;
    let text = read(&docker);
    let compose = |line: String| {
        let file = files.iter().find(|file| file.contains("compose"))?;
        let text = read(file);
        let (above, below) = text.split_once("    image: ")?;
        Some((file.clone(), format!("{above}{line}    image: {below}")))
    };
    let line = match random.below(12) {
        0 => format!("ENV ADDED_{number}=\"one {number}\""),
        1 => format!("RUN echo added {number}"),
        2 => format!("LABEL added.{number}=yes"),
        3 => format!("EXPOSE 70{number:02}"),
        4 => format!("# Why it is there: {number}\nRUN echo commented {number}"),
        5 => format!("RUN <<EOF\nset -e\necho {number}\nEOF"),
        6 => return behind(&text, random, None).map(|text| (docker, text)),
        7 => {
            let from = text
                .lines()
                .rfind(|line| line.starts_with("FROM ") && line.contains(':'))?;
            let image = from.split(' ').find(|word| word.contains(':'))?;
            let image = image.split('@').next()?;
            let digest = "ab".repeat(32);
            let fixed = format!(" {image}@sha256:{digest} ");
            let text = text.replace(&format!(" {image} "), &fixed);
            return Some((docker, text));
        }
        8 => return compose(format!("    hostname: host-{number}\n")),
        9 => {
            return compose(format!(
                "    extra_hosts:\n      - added-{number}:127.0.0.1\n"
            ));
        }
        10 => {
            let file = find(".dockerignore")?;
            let text = format!("{}**/*.added-{number}\n", read(&file));
            return Some((file, text));
        }
        _ => {
            let with = format!("HEALTHCHECK --interval={}s CMD", number + 5);
            let text = text.replace("HEALTHCHECK CMD", &with);
            return Some((docker, text));
        }
    };
    behind(&text, random, Some(&line)).map(|text| (docker, text))
}

#[test]
fn after_random_edits_of_every_kind_adopt_leaves_nothing_and_the_check_is_in_sync() {
    let mut differences = Differences::default();
    let goldens = listing(&tests("golden"));
    let mut adopted = 0;
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let golden = &goldens[random.below(goldens.len())];
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::copy(golden.join("dockwright.toml"), root.join("dockwright.toml")).unwrap();
        if !dockwright(root, &["generate"]).status.success() {
            continue;
        }
        let mut edits = String::new();
        for number in 0..=random.below(3) {
            if let Some((file, text)) = edit(root, number, &mut random) {
                let path = root.join(&file);
                let old = fs::read_to_string(&path).unwrap();
                let diff = similar::TextDiff::from_lines(&old, &text);
                edits.push_str(&diff.unified_diff().header(&file, &file).to_string());
                fs::write(path, text).unwrap();
            }
        }
        let docker = files_below(root)
            .into_iter()
            .find(|file| file.ends_with("Dockerfile"));
        let docker = docker.map(|file| root.join(file));
        let text = |path: &std::path::PathBuf| fs::read_to_string(path).unwrap();
        let written = docker.as_ref().map(|path| instructions(&text(path)));
        let ran = dockwright(root, &["adopt"]);
        let checked = dockwright(root, &["check"]);
        let now = docker.as_ref().map(|path| instructions(&text(path)));
        if !ran.status.success() || !checked.status.success() || now != written {
            let said = [ran.stdout, ran.stderr, checked.stdout].concat();
            let said = String::from_utf8_lossy(&said);
            let case = name(golden);
            differences.note(format!("seed {seed}, {case}:\n{edits}\n{said}"));
        }
        adopted += 1;
    }
    differences.finish();
    assert!(adopted > 25, "only {adopted} projects were edited");
}
