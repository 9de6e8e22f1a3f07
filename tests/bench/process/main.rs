//! What a whole run costs: wall time and peak memory of programs as a shell starts them, and the size of ours.
//!
//! `cargo bench --bench process`; docs/benchmarks.md has the figures. Peers are measured where they are on the `PATH`.
//! This program stays small on purpose: a child inherits the peak memory of the program that starts it.
#![allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark asks the machine and writes files of its own"
)]

mod drift;
mod measure;

use std::path::Path;
use std::{env, fs};

use measure::{Job, heading, measure, megabytes, on_path};

/// How often each program runs.
const RUNS: usize = 101;

/// The same service as tests/systems/curation, as near as its own language comes. Without a network it takes an image by
/// its digest alone; no build follows, so any will do.
const DOFIGEN: &str = r#"fromImage: python:3.11-slim@sha256:abababababababababababababababababababababababababababababababab
workdir: /app
builders:
  dependencies:
    fromImage: python:3.11-slim@sha256:abababababababababababababababababababababababababababababababab
    workdir: /build
    copy:
      - paths: [backend/requirements.txt]
        target: backend/requirements.txt
    run:
      - python -m venv /opt/venv
      - /opt/venv/bin/pip install --requirement backend/requirements.txt
    cache:
      - /root/.cache/pip
env:
  PYTHONUNBUFFERED: "1"
  PATH: /opt/venv/bin:$PATH
copy:
  - fromBuilder: dependencies
    paths: [/opt/venv]
    target: /opt/venv
  - paths: [backend/app]
    target: app
  - paths: [backend/lib]
    target: lib
expose: [8000]
user: "1000"
cmd: [uvicorn, "app.main:app", --host, "0.0.0.0", --port, "8000"]
"#;

fn main() {
    // `cargo test --benches` runs this too, and wants to know only that it starts.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let program = Path::new(env!("CARGO_BIN_EXE_dockwright"));
    let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systems");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("process");
    fs::create_dir_all(&scratch).expect("the scratch folder can be made");
    let size = fs::metadata(program).expect("the program was built").len();
    println!("size of the program: {}\n", megabytes(size));
    // One part of it alone: `cargo bench --bench process -- --drift`.
    if !env::args().any(|argument| argument == "--drift") {
        one_spec(program, &systems, &scratch);
    }
    drift::measured(program, &scratch);
}

/// One spec and its files, beside what peers make of the same service.
fn one_spec(program: &Path, systems: &Path, scratch: &Path) {
    heading(RUNS);
    // What starting any program costs here, and what of it cannot be told apart from that.
    let floor = Job::new("true (the floor)", Path::new("/bin/true"), &[], scratch);
    measure(&floor, RUNS, || {});
    for system in ["curation", "pogocache"] {
        let folder = systems.join(system);
        let name = format!("dockwright generate ({system}, nothing changed)");
        let again = Job::new(&name, program, &["generate"], &folder);
        measure(&again, RUNS, || {});
        let empty = scratch.join(system);
        fs::create_dir_all(&empty).expect("a folder can be made");
        fs::copy(
            folder.join("dockwright.toml"),
            empty.join("dockwright.toml"),
        )
        .expect("the spec can be copied");
        let name = format!("dockwright generate ({system}, three files written)");
        let first = Job::new(&name, program, &["generate"], &empty);
        measure(&first, RUNS, || {
            for file in ["Dockerfile", ".dockerignore", "compose.yaml"] {
                // At the first run there is nothing to remove.
                let _ = fs::remove_file(empty.join(file));
            }
        });
    }

    let dofigen = scratch.join("dofigen");
    fs::create_dir_all(&dofigen).expect("a folder can be made");
    fs::write(dofigen.join("dofigen.yml"), DOFIGEN).expect("a file can be written");
    peer(
        "dofigen",
        "dofigen generate",
        &["generate", "--offline"],
        &dofigen,
    );
    let plain = scratch.join("nixpacks");
    fs::create_dir_all(&plain).expect("a folder can be made");
    fs::copy(
        systems.join("curation/backend/requirements.txt"),
        plain.join("requirements.txt"),
    )
    .expect("a file can be copied");
    fs::write(plain.join("main.py"), "print('hello')\n").expect("a file can be written");
    let out = plain.join("out");
    peer(
        "nixpacks",
        "nixpacks build --out (no build)",
        &["build", ".", "--out", &out.to_string_lossy()],
        &plain,
    );
}

fn peer(name: &str, title: &str, arguments: &[&str], folder: &Path) {
    match on_path(name) {
        Some(program) => {
            measure(&Job::new(title, &program, arguments, folder), RUNS, || {});
        }
        None => println!("{title}: not installed"),
    }
}
