//! What other people's checkers say about files of specs that were made at random: nothing.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::checkers::{check, compose, targets};
use super::{Engine, missing};
use crate::random::{Generator, Random, spec};
use crate::support::tests;

/// How many specs are tried; their seeds are others than those of the test that makes thousands.
const COUNT: u64 = 50;

#[test]
fn checkers_find_nothing_to_say_about_specs_made_at_random() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let generator = Generator::new();
    let mut found = Vec::new();
    let mut dockerfiles: Vec<PathBuf> = Vec::new();
    for seed in 0..COUNT {
        let made = spec(&mut Random::new(1_000_000 + seed));
        let into = folder.path().join(seed.to_string());
        for file in generator.generate(&made) {
            let path = into.join(&file.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &file.text).unwrap();
            if file.path.ends_with("Dockerfile") {
                for target in targets(&path) {
                    found.extend(
                        check(&path, &target)
                            .err()
                            .map(|said| format!("{said}\n{made}")),
                    );
                }
                dockerfiles.push(path);
            } else if file.path.ends_with("compose.yaml") {
                found.extend(compose(&path).map(|said| format!("{said}\n{made}")));
            }
        }
    }
    let config = tests("engine/hadolint.yaml");
    let hadolint = Command::new("hadolint")
        .args(["--no-color", "--ignore", "DL3002", "--config"])
        .arg(config)
        .args(&dockerfiles)
        .output();
    match hadolint {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            found.extend((!said.is_empty()).then_some(said));
        }
        Err(_) => missing("no hadolint is installed"),
    }
    found.retain(|said| !said.contains("failed to resolve source metadata"));
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(dockerfiles.len(), usize::try_from(COUNT).unwrap());
}
