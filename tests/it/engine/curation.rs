//! The Python API in a monorepo.

use super::image::{COMPILERS, assert_clean};
use super::service::Service;
use super::{Engine, Image, Project};

#[test]
fn curation_builds_and_answers_and_runs_as_its_user() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = Project::system(&engine, "curation");
    let image = Image::new("curation");
    let service = Service::start(&project, "curation", 8000, &image);
    service.assert_runs_as(1000, 1000);
    assert_eq!(image.config()["User"], "1000:1000");
    image.assert_healthcheck_can_fail();
    let (status, body) = service.request("GET /health", "");
    assert_eq!(
        (status, body.contains(r#""status":"ok""#)),
        (200, true),
        "{body}"
    );
    let (status, body) = service.request(
        "POST /documents?min_score=85",
        "Apoptosis in zebrafsh mitochondria",
    );
    assert_eq!((status, body.contains("text/plain")), (200, true), "{body}");
    let (status, body) = service.request("POST /documents", "\x7fELF\x02\x01\x01");
    assert_eq!(status, 415, "{body}");

    let owner = service
        .exec(&["stat", "--format=%u:%g %A", "/app/app/main.py"])
        .unwrap();
    assert_eq!(
        owner.trim(),
        "0:0 -rw-r--r--",
        "the service could change its own program"
    );
}

#[test]
fn no_layer_of_curation_has_what_only_built_it() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = Project::system(&engine, "curation");
    let layers = project.image().layers_above("python:3.11-slim");
    assert_clean(
        &layers,
        &[
            COMPILERS,
            &["requirements.txt", "requirements-dev.txt", ".env"],
        ]
        .concat(),
        &[
            "root/.cache",
            "var/cache/apt/archives",
            "var/lib/apt/lists",
            "build",
            "frontend",
            "docs",
            "tests",
        ],
    );
    let kept = |path: &str| {
        layers
            .iter()
            .any(|layer| layer.paths.iter().any(|has| has == path))
    };
    assert!(
        kept("app/app/main.py") && kept("app/lib/terms.py"),
        "the program is there"
    );
}

#[test]
fn a_changed_source_of_curation_repeats_its_copy_and_what_follows() {
    Engine::alone(|engine| {
        let project = Project::system(engine, "curation");
        project.build().run();
        project.build().run().assert_reran(&[]);

        project.add("backend/lib/terms.py", "# UNIQUE");
        project
            .build()
            .run()
            .assert_reran(&["runtime: COPY backend/lib lib"]);

        project.add("backend/app/main.py", "# UNIQUE");
        project.build().run().assert_reran(&[
            "runtime: COPY backend/app app",
            "runtime: COPY backend/lib lib",
        ]);

        project.add("backend/requirements.txt", "humanize==4.17.0  # UNIQUE");
        project.build().run().assert_reran(&[
            "dependencies: RUN pip ",
            "runtime: COPY --from=dependencies /opt/venv",
            "runtime: COPY backend/app app",
            "runtime: COPY backend/lib lib",
        ]);

        for outside in [
            "frontend/src/app.js",
            "backend/tests/test_curate.py",
            "docs/curators.md",
            ".env",
            "compose.yaml",
        ] {
            project.add(outside, "# UNIQUE");
        }
        project.build().run().assert_reran(&[]);
    });
}
