//! The API with its model files in a stage of their own.

use std::process::Command;
use std::sync::Arc;

use super::image::{BUILDERS, COMPILERS, assert_clean};
use super::servers::Server;
use super::service::{Compose, Service};
use super::{Engine, Image, Project, ask, docker, unique};

/// The API, built with models from a server that is near.
fn loppestars(engine: &Engine) -> (Project, Arc<Server>) {
    let server = Server::start("systems/loppestars/models-server", 8600);
    let project =
        Project::system(engine, "loppestars").argument("MODELS_HOST", &server.to_string());
    (project, server)
}

#[test]
fn loppestars_finds_faces_as_its_user_and_signs_with_its_secret() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let (project, _server) = loppestars(&engine);
    let image = Image::new("loppestars");
    let key = format!("key-{}", unique());
    let compose = Compose::new(&project, "loppestars", 8080, &image)
        .variable("SUPABASE_SERVICE_ROLE_KEY", &key);
    let service = Service::of(compose, "loppestars", 8080);
    service.assert_runs_as(10001, 10001);
    assert_eq!(image.config()["User"], "10001:10001");
    image.assert_healthcheck_can_fail();
    let (status, body) = service.request("GET /config", "");
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200, "{body}");
    assert_eq!(told["source_bucket"], "stall-photos");
    assert_eq!(told["storage_bucket"], "stall-photos-processed");
    assert_eq!(told["service_role_key"], true);

    let asked = ask(Command::new("python3")
        .arg("tests/faces.py")
        .arg(format!("http://127.0.0.1:{}", service.port()))
        .current_dir(project.folder()))
    .unwrap();
    let found: serde_json::Value = serde_json::from_str(&asked).unwrap();
    let signed = |key: &str| {
        let sign = "import hmac, sys; print(hmac.new(*map(str.encode, sys.argv[1:]), 'sha256').hexdigest())";
        let name = found["store"]["name"].as_str().unwrap();
        let signature = service.exec(&["python", "-c", sign, key, name]).unwrap();
        signature.trim().to_owned()
    };
    assert_eq!(found["store"]["signature"], signed(&key));
    assert!(!service.log().contains(&key), "the key is in the log");
    let told = docker(&["inspect", &service.container()]).unwrap();
    assert!(
        !told.contains(&key),
        "the key is in the container's settings"
    );
}

#[test]
fn no_layer_of_loppestars_has_what_only_built_it() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let (project, _server) = loppestars(&engine);
    let layers = project.image().layers_above("python:3.11-slim");
    let manifests = ["requirements.txt", "requirements-numpy.txt", ".env"];
    assert_clean(
        &layers,
        &[COMPILERS, BUILDERS, &manifests].concat(),
        &[
            "root/.cache",
            "var/cache/apt/archives",
            "var/lib/apt/lists",
            "build",
            "tmp",
            "app/app",
            "app/aws",
            "app/docs",
            "app/tests",
        ],
    );
    let kept = |path: &str| {
        layers
            .iter()
            .any(|layer| layer.paths.iter().any(|has| has == path))
    };
    assert!(
        kept("app/api/main.py") && kept("app/models/faces.bin"),
        "the program and its model are there"
    );
}

#[test]
fn a_change_of_loppestars_downloads_no_model_again() {
    Engine::alone(|engine| {
        let (project, server) = loppestars(engine);
        project.build().run();
        let downloaded = server.said("file ");
        project.build().run().assert_reran(&[]);

        project.add("api/photos.py", "# UNIQUE");
        project
            .build()
            .run()
            .assert_reran(&["runtime: COPY api/ api/"]);

        // NumPy was installed before, and stays.
        project.add("requirements.txt", "humanize==4.17.0  # UNIQUE");
        project.build().run().assert_reran(&[
            "dependencies: RUN pip ",
            "runtime: COPY --from=dependencies /opt/venv",
            "runtime: COPY api/ api/",
        ]);

        for outside in [
            "app/package.json",
            "docs/field-notes.md",
            "aws/deploy.sh",
            ".env",
        ] {
            project.add(outside, "# UNIQUE");
        }
        project.build().run().assert_reran(&[]);
        assert_eq!(server.said("file "), downloaded, "downloaded again");
    });
}
