//! Whether the engine takes and refuses the same Dockerfiles as our parser.

use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use super::project::without_syntax;
use super::{Engine, ask};
use crate::parser::{Case, cases, frontend_differences};

/// Most of asking is waiting.
const AT_A_TIME: usize = 4;

#[test]
fn the_engine_takes_and_refuses_the_same_files_as_we_do() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let cases = cases();
    let known = frontend_differences();
    let next = AtomicUsize::new(0);
    let differences = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let refused = refusal(case);
                    let same = refused.is_some() == case.refused;
                    if same == known.contains(&case.name) {
                        let text = format!(
                            "{}: we refuse it: {}; the engine: {refused:?}",
                            case.name, case.refused
                        );
                        differences.lock().unwrap().push(text);
                    }
                }
            });
        }
    });
    let differences = differences.into_inner().unwrap();
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
