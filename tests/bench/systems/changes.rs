//! What a system says about its own measuring, in `bench/changes.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::unique;

/// How a system is built, and what is changed in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Changes {
    /// Whether the repository holds more than the service; a context is then far smaller than the repository.
    #[serde(default)]
    pub(super) monorepo: bool,
    /// Whether the naive file installs so much that a code change is to be ten times faster than with it.
    #[serde(default)]
    pub(super) many_packages: bool,
    /// Further words of the build; `{host}` is this machine as a build reaches it.
    #[serde(default)]
    pub(super) build: Vec<String>,
    #[serde(default)]
    pub(super) servers: Vec<ServerOf>,
    pub(super) code: Change,
    pub(super) dependency: Change,
    pub(super) package: Change,
}

/// A program that has to run while the system is built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerOf {
    /// The command, run in the folder of all systems; without one it has to run already.
    #[serde(default)]
    pub(super) run: Vec<String>,
    pub(super) port: u16,
    /// What it is, for those who have to start it.
    pub(super) what: String,
}

/// A change that a person makes, as text that takes the place of other text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// What is changed, in words.
    pub(super) what: String,
    pub(super) edits: Vec<Edit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    /// The file, in the project as the variant has it: every variant's Dockerfile is `Dockerfile`.
    file: String,
    /// The one variant that it belongs to, if not to all.
    variant: Option<String>,
    find: String,
    /// What takes its place, in the first round and in the following ones. `UNIQUE` becomes digits that no build has
    /// seen, so that one replacement does for all rounds.
    replace: Vec<String>,
}

impl Changes {
    pub(super) fn path(system: &Path) -> PathBuf {
        system.join("bench/changes.toml")
    }

    pub(super) fn read(system: &Path) -> Self {
        let path = Self::path(system);
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

impl Change {
    /// In how many rounds the change is one that has not been built before.
    pub(super) fn rounds(&self) -> usize {
        let edits = self.edits.iter();
        edits
            .filter(|edit| !edit.replace.iter().any(|text| text.contains("UNIQUE")))
            .map(|edit| edit.replace.len())
            .min()
            .unwrap_or(usize::MAX)
    }

    /// The files of a project as they are after the change, by their paths.
    pub(super) fn apply(
        &self,
        variant: &str,
        folder: &Path,
        round: usize,
    ) -> BTreeMap<PathBuf, String> {
        let mut changed: BTreeMap<PathBuf, String> = BTreeMap::new();
        let edits = self.edits.iter();
        for edit in edits.filter(|edit| edit.variant.as_deref().is_none_or(|of| of == variant)) {
            let path = folder.join(&edit.file);
            let text = match changed.remove(&path) {
                Some(text) => text,
                None => fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            };
            assert!(
                text.contains(&edit.find),
                "{} has no {:?}",
                path.display(),
                edit.find
            );
            let replace = &edit.replace[round % edit.replace.len()];
            let replace = replace.replace("UNIQUE", &unique());
            changed.insert(path, text.replacen(&edit.find, &replace, 1));
        }
        assert!(!changed.is_empty(), "nothing changes for {variant}");
        changed
    }
}
