//! The example of a preset of a project's own: a server in Node.

use super::image::assert_clean;
use super::service::Service;
use super::{Engine, Image, Project, docker, missing, unique};

const BASE: &str = "node:24-slim";

/// The example, where its image is there or can be had.
fn example(engine: &Engine) -> Option<Project> {
    let is_there = |words: &[&str]| docker(words).is_ok();
    if !is_there(&["image", "inspect", BASE]) && !is_there(&["pull", BASE]) {
        missing("no image of Node can be had");
        return None;
    }
    Some(Project::committed(engine, "../docs/examples/node"))
}

#[test]
fn the_example_of_an_own_preset_builds_and_answers_and_runs_as_its_user() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let Some(project) = example(&engine) else {
        return;
    };
    let image = Image::new("greetings");
    let service = Service::start(&project, "greetings", 3000, &image);
    service.assert_runs_as(10001, 10001);
    image.assert_healthcheck_can_fail();
    let (status, body) = service.request("GET /", "");
    assert_eq!(
        (status, body.starts_with("Hello, for ")),
        (200, true),
        "{body}"
    );
    assert_eq!(service.stop(), "0");
    assert_clean(
        &image.layers_above(BASE),
        &["package-lock.json", ".npmrc"],
        &["root/.npm", "build", "tmp"],
    );
}

#[test]
fn a_changed_source_of_the_example_repeats_its_copy_alone() {
    Engine::alone(|engine| {
        let Some(project) = example(engine) else {
            return;
        };
        project.build().run();
        project.build().run().assert_reran(&[]);

        project.add("src/main.js", "// UNIQUE");
        project
            .build()
            .run()
            .assert_reran(&["runtime: COPY src/ src/"]);

        let lock = project.read("package-lock.json");
        let fresh = format!("{{\"fresh\": \"{}\",", unique());
        project.write("package-lock.json", &lock.replacen('{', &fresh, 1));
        project.build().run().assert_reran(&[
            "dependencies: RUN npm ci",
            "runtime: COPY --from=dependencies /build/node_modules",
            "runtime: COPY package.json",
            "runtime: COPY src/ src/",
        ]);
    });
}
