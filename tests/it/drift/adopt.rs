//! What `adopt` took over is what the spec says from then on.

use std::fs;

use dockwright::dockerfile;

use super::dockwright;
use crate::support::{Differences, listing, name, tests};

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
