//! Running programs and printing what they cost.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How wide the names are printed.
const WIDTH: usize = 56;

/// A program that runs in one folder, or in one after the other.
pub(crate) struct Job {
    title: String,
    program: PathBuf,
    arguments: Vec<String>,
    folders: Vec<PathBuf>,
    /// Whether it may end in failure: what looks for drift does, where there is some.
    may_fail: bool,
}

/// What all runs of a job in its folders cost together.
#[derive(Default)]
struct Cost {
    wall: Duration,
    busy: Duration,
    peak: u64,
}

impl Job {
    pub(crate) fn new(title: &str, program: &Path, arguments: &[&str], folder: &Path) -> Self {
        Self {
            title: title.to_owned(),
            program: program.to_owned(),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            folders: vec![folder.to_owned()],
            may_fail: false,
        }
    }

    /// The same job in many folders, where it may find something.
    pub(crate) fn in_each(self, folders: &[PathBuf]) -> Self {
        Self {
            folders: folders.to_vec(),
            may_fail: true,
            ..self
        }
    }

    /// Runs it once in each folder. The statuses are those of its runs.
    fn run(&self) -> std::io::Result<(Cost, Vec<ExitStatus>)> {
        let mut cost = Cost::default();
        let mut statuses = Vec::new();
        for folder in &self.folders {
            let started = Instant::now();
            let child = Command::new(&self.program)
                .args(&self.arguments)
                .current_dir(folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()?;
            let used = wait4::Wait4::wait4(child)?;
            cost.wall += started.elapsed();
            cost.busy += used.rusage.utime + used.rusage.stime;
            cost.peak = cost.peak.max(used.rusage.maxrss);
            statuses.push(used.status);
        }
        Ok((cost, statuses))
    }
}

/// The line above the figures. The median counts; the best run, and the time that the processors were busy, say how much
/// of it is the machine's other work.
pub(crate) fn heading(runs: usize) {
    println!(
        "\n{:<WIDTH$} {:>10} {:>10} {:>10} {:>9}",
        format!("{runs} runs"),
        "median",
        "best",
        "busy",
        "memory"
    );
}

/// Runs a job so many times and prints what it cost. What comes back says in which folders its last run found something.
pub(crate) fn measure(job: &Job, runs: usize, prepare: impl Fn()) -> Vec<bool> {
    let mut costs = Vec::new();
    let mut found = Vec::new();
    for _ in 0..runs {
        prepare();
        match job.run() {
            Ok((cost, statuses)) if job.may_fail || statuses.iter().all(ExitStatus::success) => {
                costs.push(cost);
                found = statuses.iter().map(|status| !status.success()).collect();
            }
            Ok((_, statuses)) => {
                println!("{:<WIDTH$} failed: {statuses:?}", job.title);
                return Vec::new();
            }
            Err(error) => {
                println!("{:<WIDTH$} failed: {error}", job.title);
                return Vec::new();
            }
        }
    }
    let sorted = |of: fn(&Cost) -> Duration| {
        let mut times: Vec<Duration> = costs.iter().map(of).collect();
        times.sort();
        times
    };
    let (walls, busy) = (sorted(|cost| cost.wall), sorted(|cost| cost.busy));
    let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or_default();
    println!(
        "{:<WIDTH$} {:>10} {:>10} {:>10} {:>9}",
        job.title,
        milliseconds(walls[runs / 2]),
        milliseconds(walls[0]),
        milliseconds(busy[runs / 2]),
        megabytes(peak)
    );
    found
}

pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

pub(crate) fn megabytes(bytes: u64) -> String {
    // Tenths are enough, and integers need no cast.
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
