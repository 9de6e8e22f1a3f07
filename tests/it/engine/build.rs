//! A build, and which of its steps were run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What the engine says now and then when it has just removed what it was about to build on.
const LOST_SNAPSHOT: &str = "parent snapshot";

/// A build that is asked for. By default its result goes to the cache alone.
pub(super) struct Build {
    folder: PathBuf,
    words: Vec<String>,
}

/// A build that succeeded: its steps, and what it took.
#[allow(
    dead_code,
    reason = "what it took is for the benchmark of the systems, which shares this file"
)]
pub(super) struct Built {
    steps: Vec<Step>,
    /// What was sent as the context; of files that an earlier build was sent, only what changed is.
    pub(super) context: u64,
    pub(super) took: Duration,
}

/// An instruction that makes a layer, as a build names it.
pub(super) struct Ran {
    /// The stage's name; `stage-1` where it has none, and nothing where it is the only one.
    pub(super) stage: String,
    /// How many such instructions of the stage come before this one.
    pub(super) index: usize,
    /// The instruction without its mounts.
    pub(super) words: String,
}

struct Step {
    digest: String,
    name: String,
    /// Nothing goes into it: it is where files come from, and what is said about it is that they were looked for.
    source: bool,
    cached: bool,
}

impl Build {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            words: Vec::new(),
        }
    }

    /// Further words of `docker buildx build`.
    pub(super) fn words(mut self, words: &[&str]) -> Self {
        self.words
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    pub(super) fn run(self) -> Built {
        self.attempt().unwrap_or_else(|said| panic!("{said}"))
    }

    /// The build, or what the engine said against it.
    pub(super) fn attempt(self) -> Result<Built, String> {
        patiently(|| self.once())
    }

    fn once(&self) -> Result<Built, String> {
        let mut command = Command::new("docker");
        command
            .current_dir(&self.folder)
            .args([
                "buildx",
                "build",
                "--progress=rawjson",
                "--provenance=false",
            ])
            .args(&self.words);
        if !self
            .words
            .iter()
            .any(|word| word == "--tag" || word.starts_with("--output"))
        {
            command.arg("--output=type=cacheonly");
        }
        command.arg(".");
        let started = Instant::now();
        let output = command.output().map_err(|error| error.to_string())?;
        let took = started.elapsed();
        let progress = Progress::read(&String::from_utf8_lossy(&output.stderr));
        if output.status.success() {
            Ok(Built {
                context: progress.context(),
                steps: progress.steps,
                took,
            })
        } else {
            Err(format!("{command:?}:\n{}", progress.said))
        }
    }
}

/// What the engine does, once more if it had just removed what it was about to build on.
pub(super) fn patiently<T>(act: impl Fn() -> Result<T, String>) -> Result<T, String> {
    match act() {
        Err(said) if said.contains(LOST_SNAPSHOT) && said.contains("does not exist") => act(),
        result => result,
    }
}

impl Built {
    /// The steps that were run, as `stage: INSTRUCTION` without mounts, sorted by the stages' names.
    pub(super) fn rerun(&self) -> Vec<String> {
        let steps = self.ran();
        let steps = steps.iter();
        steps
            .map(|step| format!("{}: {}", step.stage, step.words))
            .collect()
    }

    /// The steps that were run, sorted: stages are built at the same time, so the order in which steps are told says
    /// nothing.
    pub(super) fn ran(&self) -> Vec<Ran> {
        let steps = self.steps.iter();
        let places: Vec<_> = steps
            .filter_map(|step| Some((step, place(&step.name)?)))
            .collect();
        // Whether the first image of a stage counts as its first step depends on where that image comes from.
        let first = |stage: &str| {
            let numbers = places.iter().filter(|(_, place)| place.0 == stage);
            numbers.map(|(_, place)| place.1).min().unwrap_or_default()
        };
        let ran = places
            .iter()
            .filter(|(step, _)| !step.cached && !step.source);
        let mut ran: Vec<Ran> = ran
            .map(|(_, (stage, number, words))| Ran {
                stage: stage.clone(),
                index: number - first(stage),
                words: words.clone(),
            })
            .collect();
        ran.sort_by(|one, other| (&one.stage, one.index).cmp(&(&other.stage, other.index)));
        ran
    }

    /// Fails unless exactly these steps were run again; of each, the beginning is given.
    #[track_caller]
    pub(super) fn assert_reran(&self, expected: &[&str]) {
        let ran = self.rerun();
        let same = ran.len() == expected.len()
            && ran
                .iter()
                .zip(expected)
                .all(|(step, beginning)| step.starts_with(beginning));
        assert!(same, "run again:\n{ran:#?}\nexpected:\n{expected:#?}");
    }
}

/// What `[stage 2/5] RUN ...` says: the stage, the number of the step in it, and the instruction. Nothing for what is
/// no step: loading the context, the first image, the export.
fn place(name: &str) -> Option<(String, usize, String)> {
    let (place, instruction) = name.strip_prefix('[')?.split_once("] ")?;
    let (stage, number) = place.rsplit_once(' ').unwrap_or(("", place));
    let number = number.split_once('/')?.0.parse().ok()?;
    let words = instruction.split_whitespace();
    let words: Vec<&str> = words.filter(|word| !word.starts_with("--mount=")).collect();
    (words.first() != Some(&"FROM")).then(|| (stage.to_owned(), number, words.join(" ")))
}

/// What a build tells while it runs: one JSON object a line, with news of steps; an error at the end is plain text.
#[derive(Default)]
struct Progress {
    steps: Vec<Step>,
    /// What was sent, by the step that asked for it.
    sent: BTreeMap<String, u64>,
    said: String,
}

impl Progress {
    fn read(text: &str) -> Self {
        let mut progress = Self::default();
        for line in text.lines() {
            match serde_json::from_str::<serde_json::Value>(line) {
                Ok(news) => progress.take(&news),
                Err(_) => progress.say(line),
            }
        }
        progress
    }

    fn take(&mut self, news: &serde_json::Value) {
        let items = |key: &str| news[key].as_array().into_iter().flatten();
        for vertex in items("vertexes") {
            let text = |key: &str| vertex[key].as_str().unwrap_or_default().to_owned();
            let cached = vertex["cached"] == true;
            match self
                .steps
                .iter_mut()
                .find(|step| step.digest == text("digest"))
            {
                Some(step) => step.cached |= cached,
                None => self.steps.push(Step {
                    digest: text("digest"),
                    name: text("name"),
                    source: vertex["inputs"].is_null(),
                    cached,
                }),
            }
        }
        for status in items("statuses") {
            if status["id"] == "transferring context:" {
                let step = status["vertex"].as_str().unwrap_or_default();
                let sent = status["current"].as_u64().unwrap_or_default();
                self.sent.insert(step.to_owned(), sent);
            }
        }
        for log in items("logs") {
            let data = log["data"].as_str().unwrap_or_default();
            self.said.push_str(&String::from_utf8_lossy(&base64(data)));
        }
    }

    /// What was sent for copies and mounts. The ignore file is asked for by the same words.
    fn context(&self) -> u64 {
        let steps = self.steps.iter();
        let context = steps.filter(|step| step.name == "[internal] load build context");
        context.filter_map(|step| self.sent.get(&step.digest)).sum()
    }

    fn say(&mut self, line: &str) {
        self.said.push_str(line);
        self.said.push('\n');
    }
}

/// The bytes that a base64 text stands for.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0u32, 0);
    for digit in text
        .bytes()
        .filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte))
    {
        held = (held << 6) | u32::try_from(digit).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits).to_le_bytes()[0]);
        }
    }
    bytes
}
