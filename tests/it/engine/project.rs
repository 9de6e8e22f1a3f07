//! A project in a temporary folder, with its generated files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::base::{base, images, without_syntax};
use super::{Build, Engine, Image, ask, unique};
use crate::support::{tests, unstamped};

/// A folder with a spec and what dockwright made of it.
pub(super) struct Project {
    folder: TempDir,
    /// What every build of it is told.
    told: Told,
}

/// What a build is told beside its files: pairs of a name and a value.
#[derive(Default)]
pub(super) struct Told {
    /// Images that are taken in the place of those that the Dockerfile names.
    pub(super) images: Vec<(String, String)>,
    pub(super) arguments: Vec<(String, String)>,
    pub(super) hosts: Vec<(String, String)>,
}

impl Project {
    /// A copy of one of the systems.
    pub(super) fn system(engine: &Engine, name: &str) -> Self {
        Self::committed(engine, &format!("systems/{name}"))
    }

    /// A copy of a folder below `tests/`, newly generated, which must not change what is committed but for its stamps.
    pub(super) fn committed(_: &Engine, path: &str) -> Self {
        let folder = TempDir::new().unwrap();
        copy(&tests(path), folder.path());
        let read = || {
            let files = ["Dockerfile", ".dockerignore", "compose.yaml"].into_iter();
            files
                .map(|file| unstamped(&fs::read_to_string(folder.path().join(file)).unwrap()))
                .collect::<Vec<_>>()
        };
        let committed = read();
        dockwright(folder.path(), &["generate"]).unwrap();
        assert_eq!(
            committed,
            read(),
            "the committed files of {path} are out of date"
        );
        Self::new(folder)
    }

    /// A new project of a spec, or what is said against the spec.
    pub(super) fn of(_: &Engine, spec: &str) -> Result<Self, String> {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("dockwright.toml"), spec).unwrap();
        dockwright(folder.path(), &["generate"])?;
        Ok(Self::new(folder))
    }

    /// A project of one of the cases of `init`, with the spec and the files that it comes to now.
    pub(super) fn init(_: &Engine, case: &str, name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        copy(&tests(&format!("init/{case}/in/{name}")), folder.path());
        dockwright(folder.path(), &["init"]).unwrap();
        Self::new(folder)
    }

    /// The name that the spec gives to the service.
    pub(super) fn name(&self) -> String {
        let spec: toml::Table = toml::from_str(&self.read("dockwright.toml")).unwrap();
        spec["name"].as_str().unwrap().to_owned()
    }

    fn new(folder: TempDir) -> Self {
        let path = folder.path().join("Dockerfile");
        fs::write(&path, without_syntax(&fs::read(&path).unwrap())).unwrap();
        let dockerfile = fs::read_to_string(&path).unwrap();
        let mut project = Self {
            folder,
            told: Told::default(),
        };
        for image in images(&dockerfile) {
            let base = base(&image);
            if base != image {
                project.instead(&image, &base);
            }
        }
        project
    }

    /// Lets builds take one image for another.
    pub(super) fn instead(&mut self, image: &str, other: &str) {
        let images = &mut self.told.images;
        images.retain(|(known, _)| known != image);
        images.push((image.to_owned(), other.to_owned()));
    }

    /// The project with an argument in every build.
    pub(super) fn argument(mut self, name: &str, value: &str) -> Self {
        let argument = (name.to_owned(), value.to_owned());
        self.told.arguments.push(argument);
        self
    }

    /// The project with the address of a host in every build.
    pub(super) fn host(mut self, name: &str, address: &str) -> Self {
        self.told.hosts.push((name.to_owned(), address.to_owned()));
        self
    }

    pub(super) fn told(&self) -> &Told {
        &self.told
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(super) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    /// Adds a line to a file; `UNIQUE` in it becomes what no build has seen.
    pub(super) fn add(&self, file: &str, line: &str) {
        let line = line.replace("UNIQUE", &unique());
        self.write(file, &format!("{}\n{line}\n", self.read(file).trim_end()));
    }

    /// A build of the project, by default for the cache alone.
    pub(super) fn build(&self) -> Build {
        let Told {
            images,
            arguments,
            hosts,
        } = &self.told;
        let words = |flag: &str, pairs: &[(String, String)], between: &str| {
            let words = pairs.iter();
            let words = words.map(|(name, value)| format!("--{flag}={name}{between}{value}"));
            words.collect::<Vec<_>>()
        };
        let words = [
            words("build-context", images, "=docker-image://"),
            words("build-arg", arguments, "="),
            words("add-host", hosts, ":"),
        ]
        .concat();
        Build::of(self.folder()).words(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The image that the project is built to.
    pub(super) fn image(&self) -> Image {
        let image = Image::new("project");
        self.build().words(&["--tag", image.name()]).run();
        image
    }
}

/// Runs the program that is tested; what it says comes back.
fn dockwright(folder: &Path, words: &[&str]) -> Result<String, String> {
    ask(Command::new(env!("CARGO_BIN_EXE_dockwright"))
        .current_dir(folder)
        .args(words))
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
