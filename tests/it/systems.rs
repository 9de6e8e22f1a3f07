//! The systems in `tests/systems/`, and the example of a project with a preset of its own, as far as no engine is
//! needed.

use std::path::Path;
use std::process::Command;

use crate::support::{listing, name, tests};

#[test]
fn the_committed_files_of_every_system_are_in_sync() {
    let systems = listing(&tests("systems"));
    let systems = systems
        .iter()
        .filter(|path| path.join("dockwright.toml").exists());
    let mut count = 0;
    for system in systems {
        succeeds(system, &["check"]);
        count += 1;
    }
    assert!(count >= 6, "{count} systems");
}

#[test]
fn the_example_of_an_own_preset_has_no_mistakes_and_is_in_sync() {
    let example = tests("../docs/examples/node");
    succeeds(
        &example,
        &["preset", "check", ".dockwright/presets/npm.toml"],
    );
    succeeds(&example, &["check"]);
}

fn succeeds(folder: &Path, words: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_dockwright"))
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{}: {said}", name(folder));
}
