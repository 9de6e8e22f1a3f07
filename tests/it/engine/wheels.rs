//! An index of Python packages that tells what was downloaded from it, and the systems that install from it twice.

use super::base::images;
use super::{Build, Engine, Image, Project, docker, name, unique};
use crate::support::tests;

/// The index tests/systems/wheel-index in a container, with what a project requires.
pub(super) struct Wheels {
    container: String,
    /// What no address of a file has had before: what is kept is kept by address, and nothing may be kept yet.
    fresh: String,
    _image: Image,
}

/// The port at which the lock file of a system looks for its index.
const PORT: u16 = 3141;

impl Drop for Wheels {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", "--volumes", &self.container]);
    }
}

impl Wheels {
    /// Starts the index with the wheels that a project wants, in the words of `pip download`: those that fit the image
    /// that it is built on.
    pub(super) fn serve(project: &Project, wanted: &str) -> Self {
        let image = Image::new("wheels");
        let build = Build::of(&tests("engine/wheel-index"));
        let systems = format!("systems={}", tests("systems").display());
        let folder = format!("project={}", project.folder().display());
        let base = &images(&project.read("Dockerfile"))[0];
        let arguments = [format!("BASE={base}"), format!("WANTED={wanted}")];
        let words = [
            "--build-context",
            &systems,
            "--build-context",
            &folder,
            "--build-arg",
            &arguments[0],
            "--build-arg",
            &arguments[1],
            "--tag",
            image.name(),
        ];
        build.words(&words).run();
        let container = name("wheels");
        let fresh = unique();
        let run = ["run", "--detach", "--name", &container, image.name()];
        let port = PORT.to_string();
        docker(&[&run[..], &["--port", &port, "--fresh", &fresh]].concat()).unwrap();
        Self {
            container,
            fresh,
            _image: image,
        }
    }

    /// The address of the container that the index runs in.
    pub(super) fn host(&self) -> String {
        let format = "{{.NetworkSettings.IPAddress}}";
        let address = docker(&["inspect", "--format", format, &self.container]).unwrap();
        address.trim().to_owned()
    }

    /// Where pip and uv find the index.
    pub(super) fn url(&self) -> String {
        format!("http://{}:{PORT}/{}/simple/", self.host(), self.fresh)
    }

    /// Every file that was asked for, in that order.
    fn downloaded(&self) -> Vec<String> {
        let log = docker(&["logs", &self.container]).unwrap();
        log.lines()
            .filter_map(|line| line.strip_prefix("file "))
            .map(ToOwned::to_owned)
            .collect()
    }

    /// Fails unless a project that requires one package more installs all of them again, and downloads only that one.
    /// What is required before and after is files with their texts.
    pub(super) fn assert_kept(
        &self,
        project: &Project,
        [before, after]: [&[(&str, &str)]; 2],
        package: &str,
    ) {
        let install = |files: &[(&str, &str)]| {
            let known = self.downloaded().len();
            for (file, text) in files {
                project.write(file, text);
            }
            let built = project.build().words(&["--target=dependencies"]).run();
            (built.rerun(), self.downloaded().split_off(known))
        };
        let is_new = |file: &String| file.starts_with(package);

        let (_, downloaded) = install(before);
        assert!(
            !downloaded.is_empty() && !downloaded.iter().any(is_new),
            "{downloaded:?}"
        );
        let (ran, downloaded) = install(after);
        assert_eq!(ran.len(), 1, "more than the installation: {ran:?}");
        assert!(
            !downloaded.is_empty() && downloaded.iter().all(is_new),
            "downloaded again: {downloaded:?}"
        );
    }
}

/// The systems with pip, the file that says what each requires, and a package in it.
const WITH_PIP: [(&str, &str, &str); 3] = [
    ("curation", "backend/requirements.txt", "rapidfuzz"),
    ("loppestars", "requirements.txt", "uvicorn"),
    ("stremio", "requirements.txt", "rich"),
];

#[test]
fn changed_requirements_are_installed_without_downloading_again() {
    Engine::alone(|engine| {
        for (system, file, package) in WITH_PIP {
            let mut project = Project::system(engine, system);
            let wheels = Wheels::serve(&project, &format!("--requirement {file}"));
            let image = &images(&project.read("Dockerfile"))[0];
            let environment = format!(
                "PIP_INDEX_URL={} PIP_TRUSTED_HOST={}",
                wheels.url(),
                wheels.host()
            );
            let base = Image::with_env(image, &environment);
            project.instead(image, base.name());

            let after = project.read(file);
            let lines = after.lines().filter(|line| !line.starts_with(package));
            let before = lines.collect::<Vec<_>>().join("\n");
            let files = [&[(file, before.as_str())][..], &[(file, &after)]];
            wheels.assert_kept(&project, files, package);
        }
    });
}
