//! Caches of a build and what stands in images: a path is one or the other.
//!
//! A cache mount hides what was copied to its place, and nothing of it stays in the image. So nothing is copied below
//! one, in its stage or in those that the stage is built on, and no other stage takes anything from there. An
//! instruction that a spec has verbatim is left to its writer.

use indexmap::IndexMap;

use super::{Layer, Plan};
use crate::diag::{Diagnostic, Span};
use crate::dockerfile::paths::{absolute, lies_in};
use crate::dockerfile::{FlagWord, Instruction, Transfer, Word};

/// What is known of a stage at its end.
#[derive(Clone)]
struct Seen {
    workdir: String,
    /// Where something was copied to.
    copied: Vec<(String, Span)>,
    /// Where caches were mounted.
    caches: Vec<String>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            workdir: "/".to_owned(),
            copied: Vec::new(),
            caches: Vec::new(),
        }
    }
}

/// Caches that lie over copied files, and copies that are taken out of a cache.
pub(super) fn mistakes(plan: &Plan) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    let mut stages: IndexMap<&str, Seen> = IndexMap::new();
    for stage in &plan.stages {
        let mut seen = stages
            .get(stage.from.image.as_str())
            .cloned()
            .unwrap_or_default();
        for layer in &stage.layers {
            match &layer.instruction {
                Instruction::Workdir(word) => {
                    if let Some(path) = word.text() {
                        seen.workdir = absolute(&seen.workdir, &path);
                    }
                }
                Instruction::Copy(copy) => {
                    let from = copy
                        .from
                        .as_ref()
                        .and_then(|from| stages.get(from.as_str()));
                    if let Some(from) = from {
                        mistakes.extend(taken_from_cache(&copy.files, from, layer));
                    }
                    seen.land(&copy.files, layer.origin);
                }
                Instruction::Add(add) => seen.land(&add.files, layer.origin),
                Instruction::Run(run) if layer.written.is_none() => {
                    let caches = run.mounts.iter().filter(|mount| mount.is_cache());
                    let targets = caches.filter_map(|mount| mount.target().map(FlagWord::word));
                    for target in targets.filter_map(Word::text) {
                        let cache = absolute(&seen.workdir, &target);
                        mistakes.extend(seen.hidden_by(&cache, layer));
                        seen.caches.push(cache);
                    }
                }
                _ => {}
            }
        }
        if let Some(name) = &stage.from.name {
            stages.insert(name.as_str(), seen);
        }
    }
    mistakes
}

impl Seen {
    fn land(&mut self, files: &Transfer, origin: Span) {
        if let Some(path) = files.destination().text() {
            self.copied.push((absolute(&self.workdir, &path), origin));
        }
    }

    fn hidden_by(&self, cache: &str, layer: &Layer) -> Option<Diagnostic> {
        let (path, origin) = self.copied.iter().find(|(path, _)| lies_in(path, cache))?;
        let message = format!("the cache at `{cache}` hides what is copied to `{path}`");
        Some(Diagnostic::at(layer.origin, message).related(*origin, "copied here"))
    }
}

fn taken_from_cache(files: &Transfer, from: &Seen, layer: &Layer) -> Option<Diagnostic> {
    let paths = files.source_paths().filter_map(Word::text);
    // What a copy takes from another stage stands below its root, whatever its working directory is.
    let mut paths = paths.map(|path| absolute("/", &path));
    let (path, cache) = paths.find_map(|path| {
        let cache = from.caches.iter().find(|cache| lies_in(&path, cache))?;
        Some((path, cache))
    })?;
    let message = format!(
        "`{path}` is taken from the cache at `{cache}`, and no image keeps what is in a cache"
    );
    Some(
        Diagnostic::at(layer.origin, message)
            .help("copy it out of the cache in the step that makes it"),
    )
}
