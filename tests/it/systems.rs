//! The systems in `tests/systems/`, as far as no engine is needed.

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
        let output = Command::new(env!("CARGO_BIN_EXE_dockwright"))
            .arg("check")
            .current_dir(system)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{}: {}",
            name(system),
            String::from_utf8_lossy(&said)
        );
        count += 1;
    }
    assert!(count >= 6, "{count} systems");
}
