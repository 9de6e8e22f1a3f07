//! Whether the engine takes and refuses the same Dockerfiles as our parser.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::base::without_syntax;
use super::{Engine, ask, complaints};
use crate::parser::{Case, cases, frontend_differences};

#[test]
fn the_engine_takes_and_refuses_the_same_files_as_we_do() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let cases = cases();
    let known = frontend_differences();
    let differences = complaints(&cases, |case| {
        let refused = refusal(case);
        let same = refused.is_some() == case.refused;
        let name = &case.name;
        (same == known.contains(name)).then(|| {
            format!(
                "{name}: refused by us: {}; by the engine: {refused:?}",
                case.refused
            )
        })
    });
    assert!(
        differences.is_empty(),
        "not as tests/parser/frontend-differences.txt says:\n{}",
        differences.join("\n")
    );
}

/// What the engine has against a file, if it refuses it.
///
/// `--check` reads a file as far as a build does before it runs the first step. Its warnings are no refusal, and an
/// image that is not to be had is only looked for when the file has been read.
fn refusal(case: &Case) -> Option<String> {
    let folder = TempDir::new().unwrap();
    let file = fs::read(&case.path).unwrap();
    fs::write(folder.path().join("Dockerfile"), without_syntax(&file)).unwrap();
    let said = ask(Command::new("docker")
        .args(["buildx", "build", "--check", "."])
        .current_dir(folder.path()))
    .err()?;
    let error = said.lines().find(|line| line.starts_with("ERROR: "));
    match error {
        Some(error) if error.contains("failed to resolve source metadata") => None,
        Some(error) => Some(error.to_owned()),
        None => {
            assert!(said.contains("Check complete"), "{said}");
            None
        }
    }
}
