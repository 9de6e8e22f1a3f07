//! A finished image, and what is in its layers.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::rc::Rc;

use tempfile::TempDir;

use super::{Build, ask, docker, name};

/// Programs that compile, which no image needs to run.
pub(super) const COMPILERS: &[&str] = &[
    "gcc", "cc", "g++", "c++", "cpp", "cc1", "ld", "as", "make", "ccache",
];

/// Programs that install packages of Python.
pub(super) const BUILDERS: &[&str] = &["pip", "pip3", "poetry", "uv", "uvx"];

/// An image under a name of its own, which goes with this value.
pub(super) struct Image {
    name: String,
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = docker(&["image", "rm", "--force", &self.name]);
    }
}

impl Image {
    /// An image that is still to be built, under a name that begins with what it is.
    pub(super) fn new(what: &str) -> Self {
        Self { name: name(what) }
    }

    /// An image that is another one with variables in its environment.
    pub(super) fn with_env(base: &str, env: &str) -> Self {
        let image = Self::new("env");
        let folder = TempDir::new().unwrap();
        let dockerfile = format!("FROM {base}\nENV {env}\n");
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        let tag = ["--tag", image.name()];
        Build::of(folder.path()).words(&tag).run();
        image
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What the image says of itself: `Config` of `docker inspect`.
    pub(super) fn config(&self) -> serde_json::Value {
        let told = docker(&[
            "image",
            "inspect",
            "--format",
            "{{json .Config}}",
            &self.name,
        ])
        .unwrap();
        serde_json::from_str(&told).unwrap()
    }

    /// What a command prints in a container of the image.
    pub(super) fn run(&self, words: &[&str]) -> Result<String, String> {
        let container = ["run", "--rm", "--entrypoint", words[0], &self.name];
        docker(&[&container, &words[1..]].concat())
    }

    /// Fails unless the healthcheck, asked in a container where the service does not run, says so.
    #[track_caller]
    pub(super) fn assert_healthcheck_can_fail(&self) {
        let config = self.config();
        let words = config["Healthcheck"]["Test"].as_array().unwrap().iter();
        let words: Vec<&str> = words.skip(1).map(|word| word.as_str().unwrap()).collect();
        assert!(
            self.run(&words).is_err(),
            "healthy without a service: {words:?}"
        );
    }

    /// The files of every layer that is not of the image `base`.
    pub(super) fn layers_above(&self, base: &str) -> Vec<Layer> {
        let ours = layer_count(&self.name) - layer_count(base);
        let saved = TempDir::new().unwrap();
        let archive = saved.path().join("image.tar");
        docker(&[
            "image",
            "save",
            "--output",
            archive.to_str().unwrap(),
            &self.name,
        ])
        .unwrap();
        let extract = |files: &[&str]| {
            ask(Command::new("tar")
                .arg("-xf")
                .arg(&archive)
                .args(files)
                .current_dir(saved.path()))
            .unwrap();
        };
        extract(&["manifest.json"]);
        let manifest = fs::read_to_string(saved.path().join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let layers = manifest[0]["Layers"].as_array().unwrap();
        let layers = layers.iter().map(|layer| layer.as_str().unwrap());
        let above: Vec<&str> = layers.rev().take(ours).collect();
        extract(&above);
        fs::remove_file(&archive).unwrap();
        let folder = Rc::new(saved);
        let read = |layer: &&str| Layer::read(&folder, layer);
        above.iter().rev().map(read).collect()
    }
}

fn layer_count(image: &str) -> usize {
    let told = docker(&[
        "image",
        "inspect",
        "--format",
        "{{len .RootFS.Layers}}",
        image,
    ])
    .unwrap();
    told.trim().parse().unwrap()
}

/// A layer: the paths in it, and an archive with their contents.
pub(super) struct Layer {
    pub(super) paths: Vec<String>,
    archive: PathBuf,
    _folder: Rc<TempDir>,
}

impl Layer {
    fn read(folder: &Rc<TempDir>, archive: &str) -> Self {
        let archive = folder.path().join(archive);
        let paths = ask(Command::new("tar").arg("-tf").arg(&archive)).unwrap();
        Self {
            paths: paths.lines().map(ToOwned::to_owned).collect(),
            archive,
            _folder: Rc::clone(folder),
        }
    }

    /// Whether a text is in one of its files; an image has gigabytes, so grep looks.
    pub(super) fn contains(&self, text: &str) -> bool {
        let mut tar = Command::new("tar")
            .arg("-xOf")
            .arg(&self.archive)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let count = Command::new("grep")
            .env("LC_ALL", "C")
            .args(["--text", "--count", "--fixed-strings", "--", text])
            .stdin(tar.stdout.take().unwrap())
            .output()
            .unwrap();
        assert!(tar.wait().unwrap().success(), "{}", self.archive.display());
        // All is read for the count, and none of what is found is kept.
        match count.status.code() {
            Some(0) => true,
            Some(1) => false,
            _ => panic!("{}", String::from_utf8_lossy(&count.stderr)),
        }
    }
}

/// Fails if a layer has a file of these names, a path below these folders, or the mark of what must stay outside.
#[track_caller]
pub(super) fn assert_clean(layers: &[Layer], programs: &[&str], folders: &[&str]) {
    assert!(!layers.is_empty(), "the image has no layers above its base");
    for layer in layers {
        for path in &layer.paths {
            let file = path.rsplit('/').next().unwrap_or_default();
            assert!(!programs.contains(&file), "{path} is in the image");
            let below = folders
                .iter()
                .find(|folder| path.starts_with(&format!("{folder}/")) && !path.ends_with('/'));
            assert!(below.is_none(), "{path} is in the image");
        }
        assert!(
            !layer.contains("MUST-NOT-SHIP"),
            "what must not ship is in a layer with {:?}",
            layer.paths.first()
        );
    }
}
