//! What other people's checkers say about every file that is generated: nothing.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::base::without_syntax;
use super::{Engine, ask, complaints, missing, note};
use crate::support::{files_below, listing, name, tests};

/// Files below `tests/` that dockwright made: in the golden cases and in the systems.
fn generated(wanted: fn(&str) -> bool) -> Vec<String> {
    let mut files = Vec::new();
    for case in listing(&tests("golden")) {
        let expected = files_below(&case.join("expected")).into_iter();
        files.extend(expected.map(|file| format!("golden/{}/expected/{file}", name(&case))));
    }
    for system in listing(&tests("systems")) {
        let top = listing(&system).into_iter().filter(|path| path.is_file());
        files.extend(top.map(|path| format!("systems/{}/{}", name(&system), name(&path))));
    }
    files.retain(|file| wanted(file));
    files
}

fn dockerfiles() -> Vec<String> {
    generated(|file| file.ends_with("Dockerfile"))
}

#[test]
fn the_engine_finds_nothing_to_say_about_dockerfiles() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let files = dockerfiles();
    assert!(files.len() > 5, "{files:?}");
    let found = complaints(&files, |file| {
        let targets = targets(&tests(file));
        let said = targets
            .iter()
            .find_map(|target| check(&tests(file), target).err())?;
        if said.contains("failed to resolve source metadata") {
            note(&format!(
                "not checked, since its image cannot be had here: {file}"
            ));
            return None;
        }
        Some(said)
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every stage that nothing else is built on; only stages that lead to the one that is asked for are looked at.
pub(super) fn targets(dockerfile: &Path) -> Vec<String> {
    let text = fs::read_to_string(dockerfile).unwrap();
    let stages = text.lines().filter(|line| line.starts_with("FROM "));
    let named = stages.filter_map(|line| line.rsplit_once(" AS "));
    let named: Vec<(&str, &str)> = named.collect();
    let is_base = |name: &str| {
        named
            .iter()
            .any(|(from, _)| from.ends_with(&format!(" {name}")))
    };
    let ends = named
        .iter()
        .map(|(_, name)| *name)
        .filter(|name| !is_base(name));
    ends.map(ToOwned::to_owned).collect()
}

pub(super) fn check(dockerfile: &Path, target: &str) -> Result<String, String> {
    let folder = TempDir::new().unwrap();
    let into = folder.path();
    fs::write(
        into.join("Dockerfile"),
        without_syntax(&fs::read(dockerfile).unwrap()),
    )
    .unwrap();
    // Its own ignore file lies beside it, or is named after it.
    for ignore in [
        dockerfile.with_file_name(".dockerignore"),
        dockerfile.with_extension("Dockerfile.dockerignore"),
    ] {
        if ignore.exists() {
            fs::copy(ignore, into.join(".dockerignore")).unwrap();
        }
    }
    let words = ["buildx", "build", "--check", "--target", target, "."];
    ask(Command::new("docker").args(words).current_dir(into))
}

#[test]
fn compose_finds_nothing_to_say_about_compose_files() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let files = generated(|file| file.ends_with("yaml"));
    assert!(files.len() > 5, "{files:?}");
    let found = complaints(&files, |file| compose(&tests(file)));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What Compose has to say about a file, if anything.
pub(super) fn compose(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut compose = Command::new("docker");
    compose
        .args(["compose", "--file"])
        .arg(path)
        .args(["config", "--quiet"]);
    // A variable without a default has to come from somewhere.
    let variables = text.split("${").skip(1);
    for variable in variables.filter_map(|rest| rest.split([':', '-', '?', '+', '}']).next()) {
        compose.env(variable, "1");
    }
    let output = compose.output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (!output.status.success() || !said.is_empty()).then_some(said)
}

#[test]
fn hadolint_finds_nothing_to_say_about_dockerfiles() {
    if ask(Command::new("hadolint").arg("--version")).is_err() {
        return missing("no hadolint is installed");
    }
    let config = tests("engine/hadolint.yaml");
    let list = fs::read_to_string(&config).unwrap();
    let unreadable = list
        .lines()
        .filter_map(|line| line.strip_prefix("# unreadable: "));
    let unreadable: Vec<&str> = unreadable.collect();
    let hadolint = |files: &[String]| {
        let paths = files.iter().map(|file| tests(file));
        ask(Command::new("hadolint")
            .arg("--no-color")
            .arg("--config")
            .arg(&config)
            .args(paths))
    };
    let (unread, read): (Vec<_>, Vec<_>) = dockerfiles()
        .into_iter()
        .partition(|file| unreadable.contains(&file.as_str()));
    assert_eq!(hadolint(&read), Ok(String::new()));
    // An entry that is no longer needed has to go.
    assert_eq!(unread.len(), unreadable.len(), "{unreadable:?}");
    for file in unread {
        assert!(
            hadolint(std::slice::from_ref(&file))
                .is_err_and(|said| said.contains("DL1000") || said.contains("missing whitespace")),
            "{file}"
        );
    }
}
