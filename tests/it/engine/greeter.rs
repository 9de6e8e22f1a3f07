//! The small server with uv, installed as a package.

use std::sync::OnceLock;

use super::image::{BUILDERS, COMPILERS, assert_clean};
use super::service::Service;
use super::wheels::Wheels;
use super::{Engine, Image, Project, docker};

/// The server with a lock file, which is made here: it names the hosts that its packages come from.
fn greeter(engine: &Engine) -> Project {
    static LOCK: OnceLock<String> = OnceLock::new();
    let project = Project::system(engine, "greeter");
    let lock = LOCK.get_or_init(|| lock(&project, ""));
    if !project.path("uv.lock").exists() {
        project.write("uv.lock", lock);
    }
    project
}

/// The lock file of what the project requires now; of the public index, or of another one.
fn lock(project: &Project, index: &str) -> String {
    let volume = format!("{}:/project", project.folder().display());
    let index = format!("UV_DEFAULT_INDEX={index}");
    let script = "pip install --quiet uv==0.13.8 && UV_PYTHON_DOWNLOADS=never uv lock";
    let words = ["run", "--rm", "--volume", &volume, "--workdir=/project"];
    let command = ["--env", &index, "python:3.13-slim", "sh", "-c", script];
    docker(&[&words[..], &command].concat()).unwrap();
    project.read("uv.lock")
}

#[test]
fn greeter_builds_and_answers_and_runs_as_its_user() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = greeter(&engine);
    let image = Image::new("greeter");
    let service = Service::start(&project, "greeter", 8080, &image);
    service.assert_runs_as(10001, 10001);
    assert_eq!(image.config()["User"], "10001:10001");
    image.assert_healthcheck_can_fail();
    let (status, body) = service.request("GET /", "");
    assert_eq!(
        (status, body.starts_with("Hello, for ")),
        (200, true),
        "{body}"
    );
}

#[test]
fn no_layer_of_greeter_has_what_only_built_it() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = greeter(&engine);
    let layers = project.image().layers_above("python:3.13-slim");
    assert_clean(
        &layers,
        &[COMPILERS, BUILDERS, &["uv.lock", "pyproject.toml"]].concat(),
        &[
            "root/.cache",
            "root/.local",
            "opt/uv",
            "build",
            "tmp",
            "app",
        ],
    );
    let kept = |path: &str| {
        layers
            .iter()
            .any(|layer| layer.paths.iter().any(|has| has == path))
    };
    assert!(kept("opt/venv/bin/greeter"), "the program is there");
}

#[test]
fn a_changed_source_of_greeter_installs_the_project_alone() {
    Engine::alone(|engine| {
        let project = greeter(engine);
        project.build().run();
        project.build().run().assert_reran(&[]);

        project.add("src/greeter/__init__.py", "# UNIQUE");
        project.build().run().assert_reran(&[
            "project: COPY src/ src/",
            "project: RUN /opt/uv/bin/uv pip install",
            "runtime: COPY --from=project /opt/project/ /opt/venv/",
        ]);

        for outside in ["docs/notes.md", "compose.yaml"] {
            project.add(outside, "# UNIQUE");
        }
        project.build().run().assert_reran(&[]);
    });
}

#[test]
fn a_changed_lock_file_of_greeter_is_installed_without_downloading_again() {
    Engine::alone(|engine| {
        let mut project = Project::system(engine, "greeter");
        // Of what the lock file names, colorama is for another system, and is not installed.
        let wheels = Wheels::serve(&project, "humanize==4.17.0 idna==3.20 pytest>=9 colorama");
        let url = wheels.url();
        let base = Image::with_env("python:3.13-slim", &format!("UV_DEFAULT_INDEX={url}"));
        project.instead("python:3.13-slim", base.name());

        let fewer = project.read("pyproject.toml");
        let humanize = r#""humanize==4.17.0""#;
        let more = fewer.replace(humanize, &format!(r#"{humanize}, "idna==3.20""#));
        let [before, after] = [&fewer, &more].map(|manifest| {
            project.write("pyproject.toml", manifest);
            lock(&project, &url)
        });
        let files = [(&fewer, &before), (&more, &after)]
            .map(|(manifest, lock)| [("pyproject.toml", manifest.as_str()), ("uv.lock", lock)]);
        wheels.assert_kept(&project, [&files[0], &files[1]], "idna");
    });
}
