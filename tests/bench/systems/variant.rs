//! One way to build a system: a folder as the project would be with that Dockerfile, and what the engine keeps of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::base::{base, images, without_syntax};
use crate::kind::Steps;
use crate::{Build, Built, ask, docker, unique};

/// The variants, in the order of the tables' columns.
pub(super) const NAMES: [&str; 3] = ["naive", "yardstick", "generated"];

/// The beginning of all marks.
pub(super) const MARK: &str = "dockwright-bench-";

/// A project and its own part of the engine's cache, which goes with this value.
///
/// Others may build on the same engine, so nothing may be pruned that is not known to be ours, and nothing of theirs
/// may count as cached. Every variant therefore stands on base images of its own: the named ones with one more layer,
/// put in their place by `--build-context`. No layer on top of those can have been built before, and all of them are
/// found by their ancestor. Cache mounts have a namespace of their own, by the build argument that BuildKit has for it.
pub(super) struct Variant {
    pub(super) name: &'static str,
    pub(super) folder: TempDir,
    /// What everything that the engine keeps of this variant is known by.
    mark: String,
    /// The namespace of the cache mounts; every cold build has one of its own.
    namespace: String,
    /// The images that stand for those that the file names.
    bases: Vec<(String, String)>,
    words: Vec<String>,
    tags: Vec<String>,
}

impl Drop for Variant {
    fn drop(&mut self) {
        if let Err(said) = clean(&self.mark) {
            eprintln!("some of what was built for {} is left: {said}", self.mark);
        }
    }
}

impl Variant {
    pub(super) fn new(name: &'static str, system: &Path, words: &[String]) -> Self {
        let folder = TempDir::new().unwrap();
        lay_out(name, system, folder.path());
        let mark = format!("{MARK}{}", unique());
        let mut variant = Self {
            name,
            folder,
            namespace: mark.clone(),
            mark,
            bases: Vec::new(),
            words: words.to_vec(),
            tags: Vec::new(),
        };
        variant.generate();
        for image in images(&variant.dockerfile()) {
            let own = format!("{}-base-{}", variant.mark, variant.bases.len());
            let context = TempDir::new().unwrap();
            let marked = format!("FROM {}\nCOPY {} /usr/share/\n", base(&image), variant.mark);
            fs::write(context.path().join("Dockerfile"), marked).unwrap();
            fs::write(context.path().join(&variant.mark), &own).unwrap();
            Build::of(context.path()).words(&["--tag", &own]).run();
            variant.bases.push((image, own));
        }
        variant
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(super) fn dockerfile(&self) -> String {
        fs::read_to_string(self.path("Dockerfile")).unwrap()
    }

    pub(super) fn steps(&self) -> Steps {
        Steps::of(&self.dockerfile())
    }

    /// The image below the one that runs, which is the last stage's.
    pub(super) fn base(&self) -> &str {
        let dockerfile = self.dockerfile();
        let mut names = Vec::new();
        for line in dockerfile.lines().filter(|line| line.starts_with("FROM ")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            names.push((words[1], words.get(3).copied()));
        }
        let mut at = names.last().unwrap().0;
        while let Some((from, _)) = names.iter().rev().find(|(_, name)| *name == Some(at)) {
            at = from;
        }
        let own = self.bases.iter().find(|(image, _)| image == at);
        &own.unwrap_or_else(|| panic!("{at} is no base")).1
    }

    /// Writes the files that the spec describes, where the folder has a spec.
    pub(super) fn generate(&self) {
        if self.path("dockwright.toml").exists() {
            let program = env!("CARGO_BIN_EXE_dockwright");
            ask(Command::new(program)
                .current_dir(self.folder.path())
                .args(["generate", "--force"]))
            .unwrap();
        }
        // An engine without a network cannot follow the line.
        let plain = without_syntax(self.dockerfile().as_bytes());
        fs::write(self.path("Dockerfile"), plain).unwrap();
    }

    /// The image, built from nothing: no layer is taken over, and the cache mounts are empty.
    pub(super) fn cold(&mut self) -> Built {
        self.namespace = format!("{}-{}", self.mark, self.tags.len());
        self.image(&["--no-cache"])
    }

    /// The image, with whatever is cached.
    pub(super) fn warm(&mut self) -> Built {
        self.image(&[])
    }

    /// The newest image.
    pub(super) fn newest(&self) -> &str {
        self.tags.last().unwrap()
    }

    fn image(&mut self, words: &[&str]) -> Built {
        let tag = format!("{}:{}", self.mark, self.tags.len());
        let mut all = vec![
            "--load".to_owned(),
            "--tag".to_owned(),
            tag.clone(),
            format!("--build-arg=BUILDKIT_CACHE_MOUNT_NS={}", self.namespace),
        ];
        for (image, own) in &self.bases {
            all.push(format!("--build-context={image}=docker-image://{own}"));
        }
        all.extend(self.words.iter().cloned());
        all.extend(words.iter().map(|word| (*word).to_owned()));
        self.tags.push(tag);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        Build::of(self.folder.path()).words(&all).run()
    }
}

/// Removes the images that bear a mark, its cache mounts, and every layer on its base images, the youngest first.
pub(super) fn clean(mark: &str) -> Result<(), String> {
    let images = docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"])?;
    for image in images.lines().filter(|image| image.starts_with(mark)) {
        docker(&["image", "rm", "--force", image])?;
    }
    let (mut before, mut patience) = (usize::MAX, 10);
    loop {
        let ours = records(mark)?;
        if ours.is_empty() {
            return Ok(());
        }
        // What was just released may be in use for a moment more.
        if ours.len() >= before {
            if patience == 0 {
                return Err(format!("{} records are in use", ours.len()));
            }
            patience -= 1;
            thread::sleep(Duration::from_secs(1));
        }
        before = ours.len();
        let filter = format!("id=^({})$", ours.join("|"));
        docker(&["buildx", "prune", "--all", "--force", "--filter", &filter])?;
    }
}

/// The records of the engine's cache that bear a mark, or stand on one that does.
fn records(mark: &str) -> Result<Vec<String>, String> {
    let told = docker(&["buildx", "du", "--format", "json"])?;
    let records: Vec<serde_json::Value> = told
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let mut ours: Vec<String> = Vec::new();
    loop {
        let before = ours.len();
        for record in &records {
            let id = record["ID"].as_str().unwrap_or_default();
            let marked = record["Description"]
                .as_str()
                .is_some_and(|text| text.contains(mark));
            let mut parents = record["Parents"].as_array().into_iter().flatten();
            let inherited = parents.any(|parent| ours.iter().any(|our| parent == our));
            if (marked || inherited) && !ours.iter().any(|our| our == id) {
                ours.push(id.to_owned());
            }
        }
        if ours.len() == before {
            return Ok(ours);
        }
    }
}

/// Copies the system without what belongs to other variants, and puts this variant's files where they would lie.
fn lay_out(variant: &str, system: &Path, folder: &Path) {
    copy(system, folder);
    fs::remove_dir_all(folder.join("bench")).unwrap();
    if variant == "generated" {
        return;
    }
    for file in ["dockwright.toml", ".dockerignore", "compose.yaml"] {
        let _ = fs::remove_file(folder.join(file));
    }
    let bench = system.join("bench");
    let dockerfile = format!("{variant}.Dockerfile");
    fs::copy(bench.join(&dockerfile), folder.join("Dockerfile")).unwrap();
    let _ = fs::copy(
        bench.join(format!("{dockerfile}.dockerignore")),
        folder.join(".dockerignore"),
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
