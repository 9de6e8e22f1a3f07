//! The bot with Poetry, a dependency from git, and its tokens as secrets.

use std::fs;
use std::sync::Arc;

use super::image::{BUILDERS, COMPILERS, assert_clean};
use super::servers::{Server, answers, bridge};
use super::service::{Compose, Service};
use super::wheels::Wheels;
use super::{Engine, Image, Project, docker, missing, unique};

/// The bot, built with a repository that is served here, and with packages from the index that its lock file names.
fn pyhabot(engine: &Engine) -> Option<(Project, Arc<Server>)> {
    let host = bridge();
    if !answers(&host, 3141) {
        missing("no index of packages answers beside the engine, at port 3141");
        return None;
    }
    let server = Server::start("systems/pyhabot/serve-git", 8418);
    let project = Project::system(engine, "pyhabot")
        .host("git.test", &host)
        .host("index.test", &host);
    Some((project, server))
}

/// Compose with tokens in its environment.
fn compose<'a>(project: &'a Project, image: &Image, discord_token: &str) -> Compose<'a> {
    Compose::new(project, "pyhabot", None, image)
        .variable("DISCORD_TOKEN", discord_token)
        .variable("TELEGRAM_TOKEN", "not-used")
}

#[test]
fn pyhabot_builds_and_tells_and_remembers_as_its_user() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let Some((project, _server)) = pyhabot(&engine) else {
        return;
    };
    let image = Image::new("pyhabot");
    let service = Service::of(compose(&project, &image, "not-used"), "pyhabot", None);
    service.assert_runs_as(10001, 10001);
    assert_eq!(image.config()["User"], "10001:10001");
    image.assert_healthcheck_can_fail();
    let alive = service.exec(&["python", "-m", "pyhabot.alive"]).unwrap();
    assert!(alive.starts_with("the last heartbeat is "), "{alive}");
    let log = service.log();
    assert!(
        log.contains("started with terminal, 0 advertisements known"),
        "{log}"
    );
    assert!(
        log.contains(" advertisements, ") && !log.contains(" advertisements, 0 new"),
        "{log}"
    );
    let owner = service
        .exec(&["stat", "--format=%u:%g", "/data", "/data/adverts.json"])
        .unwrap();
    assert_eq!(owner, "10001:10001\n10001:10001\n");

    // What was told is known to the next container, which the last one's heartbeat makes healthy at once.
    service.recreate();
    let log = service.log_with(" advertisements, ");
    assert!(
        log.contains(" advertisements known")
            && !log.contains(" 0 advertisements known")
            && log.contains(" advertisements, 0 new"),
        "{log}"
    );
}

#[test]
fn a_token_of_pyhabot_reaches_the_program_and_nothing_else() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let Some((project, _server)) = pyhabot(&engine) else {
        return;
    };
    let image = Image::new("pyhabot");
    let token = format!("token-{}", unique());
    // Nothing listens at the discard port, so telling fails, and the log says how.
    let unreachable = format!("http://{}:9", bridge());
    let compose = compose(&project, &image, &token)
        .variable("INTEGRATION", "discord")
        .environment("pyhabot", "DISCORD_API", &unreachable);
    let service = Service::of(compose, "pyhabot", None);
    let log = service.log();
    let length = format!(
        "started with discord (a token of {} characters)",
        token.len()
    );
    assert!(log.contains(&length), "{log}");
    assert!(log.contains("this look failed"), "{log}");
    assert!(!log.contains(&token), "the token is in the log");
    let told = docker(&["inspect", &service.container()]).unwrap();
    assert!(
        !told.contains(&token),
        "the token is in the container's settings"
    );
}

#[test]
fn no_layer_of_pyhabot_has_what_only_built_it() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let Some((project, _server)) = pyhabot(&engine) else {
        return;
    };
    let layers = project.image().layers_above("python:3.12-slim");
    assert_clean(
        &layers,
        &[
            COMPILERS,
            BUILDERS,
            &["poetry.lock", "pyproject.toml", ".env", ".git"],
        ]
        .concat(),
        &[
            "root/.cache",
            "opt/poetry",
            "opt/venv/src",
            "build",
            "tmp",
            "app/docs",
            "app/tests",
            "app/git-dependency",
        ],
    );
    let kept = |end: &str| {
        layers
            .iter()
            .any(|layer| layer.paths.iter().any(|has| has.ends_with(end)))
    };
    assert!(
        kept("app/src/pyhabot/__main__.py") && kept("site-packages/telegram_lite/__init__.py"),
        "the program and its dependency from git are there"
    );
}

#[test]
fn a_changed_source_of_pyhabot_repeats_its_copy_and_what_follows() {
    Engine::alone(|engine| {
        let Some((project, _server)) = pyhabot(engine) else {
            return;
        };
        project.build().run();
        project.build().run().assert_reran(&[]);

        project.add("src/pyhabot/adverts.py", "# UNIQUE");
        project
            .build()
            .run()
            .assert_reran(&["runtime: COPY src/ src/"]);

        // Poetry itself stays where only the packages change.
        project.add("poetry.lock", "# UNIQUE");
        project.build().run().assert_reran(&[
            "dependencies: RUN <<EOF",
            "runtime: COPY --from=dependencies /opt/venv",
            "runtime: COPY --chmod=0755 entrypoint.sh entrypoint.sh",
            "runtime: COPY src/ src/",
        ]);

        for outside in ["docs/integrations.md", "tests/test_adverts.py", ".env"] {
            project.add(outside, "# UNIQUE");
        }
        project.build().run().assert_reran(&[]);

        // What is installed is what the lock file says, or nothing.
        fs::remove_file(project.path("poetry.lock")).unwrap();
        let refused = project.build().attempt().err().unwrap_or_default();
        assert!(refused.contains("/poetry.lock"), "{refused}");
    });
}

#[test]
fn a_changed_lock_file_of_pyhabot_is_installed_without_downloading_again() {
    Engine::alone(|engine| {
        let _server = Server::start("systems/pyhabot/serve-git", 8418);
        let project = Project::system(engine, "pyhabot");
        // Another test has built this lock file, so that nothing would be installed.
        project.add("poetry.lock", "# UNIQUE");
        let after = project.read("poetry.lock");
        let lock: toml::Table = toml::from_str(&after).unwrap();
        let packages = lock["package"].as_array().unwrap().iter();
        let of_index = packages.filter(|package| package["source"]["type"].as_str() != Some("git"));
        let wanted: Vec<String> = of_index
            .map(|package| {
                let text = |key: &str| package[key].as_str().unwrap();
                format!("{}=={}", text("name"), text("version"))
            })
            .collect();
        // What builds the dependency from git is installed for that alone.
        let wanted = format!("poetry-core>=2.0 {}", wanted.join(" "));
        let wheels = Wheels::serve(&project, &wanted);
        let project = project
            .host("git.test", &bridge())
            .host("index.test", &wheels.host());

        // Poetry installs what stands in the lock file, and this is in no other package's way.
        let (above, rest) = after
            .split_once("[[package]]\nname = \"python-dotenv\"")
            .unwrap();
        let (_, below) = rest.split_once("\n\n[[package]]").unwrap();
        let before = format!("{above}[[package]]{below}");
        let files = [
            &[("poetry.lock", before.as_str())][..],
            &[("poetry.lock", &after)],
        ];
        wheels.assert_kept(&project, files, "python_dotenv");
    });
}
