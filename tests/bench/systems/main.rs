//! How long the images of `tests/systems` take to build, how large they are, and which steps run again on a change:
//! of a file as it is often written, of the best that we write by hand, and of the generated one.
//!
//! `cargo bench --bench systems` measures every system on the container engine of this machine and prints Markdown;
//! `cargo bench --bench systems -- --system curation` measures one. docs/benchmarks.md has the figures, and says how
//! they are taken.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tables on standard output are what this program is for"
)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a benchmark asks the machine and writes files of its own; what it cannot do ends it"
)]

#[path = "../../it/engine/base.rs"]
mod base;
#[allow(dead_code, reason = "tests need more of it")]
#[path = "../../it/engine/build.rs"]
mod build;
mod changes;
mod image;
mod kind;
mod measure;
mod report;
mod server;
mod variant;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use build::{Build, Built};
use changes::Changes;
use clap::Parser as _;
use server::Server;

/// Measure the images of the example systems on this machine's container engine.
#[derive(clap::Parser)]
struct Arguments {
    /// Measure this system alone; may be given several times.
    #[arg(long, value_name = "NAME")]
    system: Vec<String>,
    /// How often to measure what takes less than a minute; the median is told.
    #[arg(long, default_value_t = 3, value_name = "COUNT")]
    rounds: usize,
    /// Measure nothing; remove what runs left that were stopped before their end.
    #[arg(long)]
    clean: bool,
    /// What cargo gives every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(said) = docker(&["buildx", "version"]).and_then(|_| docker(&["info"])) {
        eprintln!("no container engine with buildx answers, so nothing is measured: {said}");
        return ExitCode::FAILURE;
    }
    if arguments.clean {
        if let Err(said) = variant::clean(variant::MARK) {
            eprintln!("not everything is removed: {said}");
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    let mut code = ExitCode::FAILURE;
    for folder in systems(&arguments.system) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // A build that fails ends its system, not the others.
        let measured = thread::spawn({
            let name = name.clone();
            move || measure(&name, &folder, arguments.rounds)
        });
        match measured.join() {
            Ok(Ok(text)) => {
                println!("{text}");
                code = ExitCode::SUCCESS;
            }
            Ok(Err(why)) => eprintln!("{name} is not measured: {why}"),
            Err(_) => eprintln!("{name} is not measured, for the reason above"),
        }
    }
    code
}

/// What is to be said of a system, or why it cannot be built here.
fn measure(name: &str, folder: &Path, rounds: usize) -> Result<String, String> {
    let changes = Changes::read(folder);
    let servers: Result<Vec<Server>, String> = changes.servers.iter().map(Server::start).collect();
    let measured = measure::system(name, folder, &changes, servers?, rounds);
    Ok(report::system(&measured))
}

/// The folders of the systems that have a spec and say what changes; or those that are asked for.
fn systems(asked: &[String]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systems");
    let mut found: Vec<PathBuf> = if asked.is_empty() {
        let entries = fs::read_dir(&root).unwrap();
        let folders = entries.map(|entry| entry.unwrap().path());
        folders
            .filter(|path| path.join("dockwright.toml").exists() && Changes::path(path).exists())
            .collect()
    } else {
        asked.iter().map(|name| root.join(name)).collect()
    };
    found.sort();
    found
}

/// What a command prints, or all that it said when it failed.
fn ask(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if output.status.success() {
        Ok(stdout)
    } else {
        Err(format!("{command:?}: {}\n{stdout}{stderr}", output.status))
    }
}

fn docker(words: &[&str]) -> Result<String, String> {
    ask(Command::new("docker").args(words))
}

/// Digits that no run before has used: for names, and for content that cannot have been built already.
fn unique() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_nanos().to_string()
}
