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

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

/// How often each program runs. The median counts; the best run, and the time that the processors were busy, say how
/// much of it is the machine's other work.
const RUNS: usize = 101;

/// How wide the names are printed.
const WIDTH: usize = 52;

/// The same service as tests/systems/curation, as near as its own language comes.
const DOFIGEN: &str = r#"fromImage: python:3.11-slim
workdir: /app
builders:
  dependencies:
    fromImage: python:3.11-slim
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
    println!(
        "{:<WIDTH$} {:>10} {:>10} {:>10} {:>9}",
        format!("{RUNS} runs"),
        "median",
        "best",
        "busy",
        "memory"
    );

    // What starting any program costs here, and what of it cannot be told apart from that.
    measure("true (the floor)", Path::new("/bin/true"), &[], &scratch);
    for system in ["curation", "pogocache"] {
        let folder = systems.join(system);
        measure(
            &format!("dockwright generate ({system}, nothing changed)"),
            program,
            &["generate"],
            &folder,
        );
        let empty = scratch.join(system);
        fs::create_dir_all(&empty).expect("a folder can be made");
        fs::copy(
            folder.join("dockwright.toml"),
            empty.join("dockwright.toml"),
        )
        .expect("the spec can be copied");
        let name = format!("dockwright generate ({system}, three files written)");
        measure_with(&name, program, &["generate"], &empty, || {
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
        Some(program) => measure(title, &program, arguments, folder),
        None => println!("{title:<WIDTH$} not installed"),
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn measure(title: &str, program: &Path, arguments: &[&str], folder: &Path) {
    measure_with(title, program, arguments, folder, || {});
}

fn measure_with(
    title: &str,
    program: &Path,
    arguments: &[&str],
    folder: &Path,
    prepare: impl Fn(),
) {
    let mut walls = Vec::new();
    let mut busy = Vec::new();
    let mut peaks = Vec::new();
    for _ in 0..RUNS {
        prepare();
        let started = Instant::now();
        let run = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .and_then(wait4::Wait4::wait4);
        walls.push(started.elapsed());
        match run {
            Ok(used) if used.status.success() => {
                busy.push(used.rusage.utime + used.rusage.stime);
                peaks.push(used.rusage.maxrss);
            }
            Ok(used) => return println!("{title:<WIDTH$} failed: {}", used.status),
            Err(error) => return println!("{title:<WIDTH$} failed: {error}"),
        }
    }
    walls.sort();
    busy.sort();
    peaks.sort_unstable();
    println!(
        "{title:<WIDTH$} {:>10} {:>10} {:>10} {:>9}",
        milliseconds(walls[RUNS / 2]),
        milliseconds(walls[0]),
        milliseconds(busy[RUNS / 2]),
        megabytes(peaks[RUNS / 2])
    );
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn megabytes(bytes: u64) -> String {
    // Tenths are enough, and integers need no cast.
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
