//! What only a container engine can show: that the files build, run and are cached as they promise.
//!
//! Without an engine each of these tests passes at once, and one line says that they were not run. With
//! `DOCKWRIGHT_ENGINE=required` in the environment that is a failure. Every test works in a temporary copy, under
//! names of its own, and removes what it made. A generated Dockerfile is built as it is but for its `# syntax=` line,
//! which an engine without a network cannot follow.

mod base;
mod build;
mod checkers;
mod curation;
mod families;
mod greeter;
mod image;
mod loppestars;
mod migrate;
mod migrated;
mod migrated_compose;
mod node;
mod pogocache;
mod private;
mod project;
mod pyhabot;
mod sample;
mod schemas;
mod scratch;
mod scripts;
mod secrets;
mod servers;
mod service;
mod started;
mod stremio;
mod texts;
mod verdicts;
mod watch;
mod wheels;

use std::fs;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use base::base;
use tempfile::TempDir;

use build::Build;
use image::Image;
use project::Project;

/// A container engine, and the right to use it.
struct Engine {
    _turn: Turn,
}

/// What one test finds cached must not depend on what another builds meanwhile.
#[expect(dead_code, reason = "a turn lasts as long as it is held")]
enum Turn {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

static TURNS: RwLock<()> = RwLock::new(());

impl Engine {
    /// The engine, which other tests use meanwhile, or nothing where there is none.
    fn shared() -> Option<Self> {
        // A test that failed has poisoned the lock, and is over.
        let turn = TURNS.read().unwrap_or_else(PoisonError::into_inner);
        Self::with(Turn::Shared(turn))
    }

    /// Runs a test that looks at what is cached, with nothing else going on.
    ///
    /// An engine whose disk is filling up throws away what it keeps for later builds, also in the middle of a test. What
    /// the test found then says nothing, and it is run again.
    fn alone(test: impl Fn(&Self)) {
        let turn = TURNS.write().unwrap_or_else(PoisonError::into_inner);
        let Some(engine) = Self::with(Turn::Alone(turn)) else {
            return;
        };
        for _ in 0..3 {
            let canary = Canary::new();
            match panic::catch_unwind(AssertUnwindSafe(|| test(&engine))) {
                Ok(()) => return,
                Err(failure) if canary.is_kept() => panic::resume_unwind(failure),
                Err(_) => note("the engine threw away what it kept: a test is run again"),
            }
        }
        panic!("the engine keeps nothing for long enough to see what is built again");
    }

    fn with(turn: Turn) -> Option<Self> {
        for needed in [
            &["info"][..],
            &["buildx", "version"],
            &["compose", "version"],
        ] {
            if docker(needed).is_err() {
                missing("no container engine with buildx and compose answers");
                return None;
            }
        }
        Some(Self { _turn: turn })
    }
}

/// The smallest build. Whatever else was thrown away since it was made, this was before.
struct Canary {
    folder: TempDir,
}

impl Canary {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let dockerfile = "FROM scratch AS canary\nCOPY canary /\n";
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        fs::write(folder.path().join("canary"), unique()).unwrap();
        Build::of(folder.path()).run();
        Self { folder }
    }

    fn is_kept(&self) -> bool {
        Build::of(self.folder.path()).run().rerun().is_empty()
    }
}

/// Says that something was not tested, once for each reason; fails where everything has to be.
fn missing(what: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let required = std::env::var("DOCKWRIGHT_ENGINE").is_ok_and(|value| value == "required");
    assert!(
        !required,
        "{what}, and DOCKWRIGHT_ENGINE=required asks for it"
    );
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.iter().any(|earlier| earlier == what) {
        note(&format!("{what}: tests that need it were not run"));
        said.push(what.to_owned());
    }
}

/// A line that is seen whether the test passes or not; the runner keeps what `eprintln!` says for failures.
fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
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

/// What is found against some of the items, several being looked at a time: asking is mostly waiting.
fn complaints<T: Sync>(items: &[T], look: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(complaint) = look(item) {
                        found.lock().unwrap().push(complaint);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn docker(words: &[&str]) -> Result<String, String> {
    ask(Command::new("docker").args(words))
}

/// A name for something that the engine keeps, which no other test uses.
fn name(what: &str) -> String {
    format!("dockwright-test-{what}-{}", unique())
}

/// A text that no run before has used: for names, and for content that cannot have been built already.
fn unique() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}x{count}", now.as_nanos())
}
