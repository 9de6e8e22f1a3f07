//! The add-on that drives a browser.

use std::sync::Arc;

use super::image::{BUILDERS, COMPILERS, assert_clean};
use super::servers::Server;
use super::service::Service;
use super::{Engine, Image, Project};

/// The add-on, built with a browser from a server that is near.
fn stremio(engine: &Engine) -> (Project, Arc<Server>) {
    let server = Server::start("systems/stremio/download-server", 7999);
    let host = format!("http://{server}");
    let project = Project::system(engine, "stremio").argument("PLAYWRIGHT_DOWNLOAD_HOST", &host);
    (project, server)
}

#[test]
fn the_browser_of_stremio_opens_a_page_as_the_user_of_the_service() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let (project, _server) = stremio(&engine);
    let image = Image::new("stremio");
    let service = Service::start(&project, "stremio-musor-tv", 7000, &image);
    service.assert_runs_as(10001, 10001);
    assert_eq!(image.config()["User"], "10001:10001");
    image.assert_healthcheck_can_fail();
    let (status, body) = service.request("GET /manifest.json", "");
    assert_eq!(
        (status, body.contains("test.dockwright.live-films")),
        (200, true),
        "{body}"
    );
    let (status, body) = service.request("GET /catalog/movie/live.json", "");
    let catalog: serde_json::Value = serde_json::from_str(&body).unwrap();
    let films = catalog["metas"].as_array().unwrap();
    assert_eq!((status, films.len()), (200, 3), "{body}");
    let (status, body) = service.request("GET /status.json", "");
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!(status == 200 && told["pages"].as_u64() >= Some(1), "{body}");

    let processes = service.processes();
    let browsers = processes
        .iter()
        .filter(|(name, _)| name.starts_with("chrome-headless"));
    assert!(browsers.count() > 1, "{processes:?}");
    assert!(
        processes.iter().all(|(_, uid)| *uid == 10001),
        "{processes:?}"
    );
}

#[test]
fn no_layer_of_stremio_has_what_only_built_it() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let (project, _server) = stremio(&engine);
    let layers = project.image().layers_above("python:3.11-slim");
    assert_clean(
        &layers,
        &[COMPILERS, BUILDERS, &["requirements.txt", ".env"]].concat(),
        &[
            "root/.cache",
            "tmp",
            "var/cache/apt/archives",
            "var/lib/apt/lists",
            "build",
            "app/docs",
        ],
    );
    let kept = |end: &str| {
        layers
            .iter()
            .any(|layer| layer.paths.iter().any(|has| has.ends_with(end)))
    };
    assert!(
        kept("app/src/main.py") && kept("/chrome-headless-shell"),
        "the program and its browser are there"
    );
}

#[test]
fn no_change_of_stremio_but_playwrights_downloads_a_browser_again() {
    Engine::alone(|engine| {
        let (project, server) = stremio(engine);
        project.build().run();
        let downloaded = server.said("/builds/");
        project.build().run().assert_reran(&[]);

        project.add("src/addon.py", "# UNIQUE");
        project
            .build()
            .run()
            .assert_reran(&["runtime: COPY src/ src/"]);

        project.add("requirements.txt", "humanize==4.17.0  # UNIQUE");
        project.build().run().assert_reran(&[
            "dependencies: RUN pip ",
            "runtime: COPY --from=dependencies /opt/venv",
            "runtime: RUN python -c 'import sys; from importlib.metadata",
            "runtime: COPY src/ src/",
        ]);

        for outside in ["docs/layer-caching.md", ".env", "compose.yaml"] {
            project.add(outside, "# UNIQUE");
        }
        project.build().run().assert_reran(&[]);
        assert_eq!(server.said("/builds/"), downloaded, "downloaded again");
    });
}
