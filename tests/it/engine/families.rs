//! What `templates/families.toml` says of users is true of the images.

use std::fs;

use super::{Engine, Project, docker};
use crate::support::tests;

/// The images of families that are what they are called wherever these tests run.
const IMAGES: [(&str, &str); 3] = [
    ("debian", "debian:bookworm-slim"),
    ("debian", "debian:trixie-slim"),
    ("debian", "python:3.11-slim"),
];

#[test]
fn images_of_a_family_have_its_users_and_groups() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let text = fs::read_to_string(tests("../templates/families.toml")).unwrap();
    let families: toml::Table = toml::from_str(&text).unwrap();
    for (family, image) in IMAGES {
        let read = |file: &str| docker(&["run", "--rm", image, "cat", file]).unwrap();
        let (passwd, group) = (read("/etc/passwd"), read("/etc/group"));
        let has = |file: &str, beginning: String| {
            let found = file.lines().any(|line| line.starts_with(&beginning));
            assert!(found, "{image} has no {beginning}");
        };
        for (name, number) in families[family]["users"].as_table().unwrap() {
            has(&passwd, format!("{name}:x:{number}:"));
        }
        for name in families[family]["groups"].as_array().unwrap() {
            has(&group, format!("{}:", name.as_str().unwrap()));
        }
    }
}

#[test]
fn a_service_runs_as_a_user_that_its_image_has() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let spec = tests("golden/the-user-that-the-image-has/dockwright.toml");
    let project = Project::of(&engine, &fs::read_to_string(spec).unwrap()).unwrap();
    fs::create_dir(project.path("pages")).unwrap();
    project.write("pages/serve", "");
    let image = project.image();
    let seen = image.run(&["sh", "-c", "id -un; stat --format=%U /srv/uploads"]);
    assert_eq!(seen.unwrap(), "www-data\nwww-data\n");
}
