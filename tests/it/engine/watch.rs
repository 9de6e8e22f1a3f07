//! A target for developing, whose container gets the sources as they change.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::service::{Compose, Service};
use super::{Engine, Image, Project};
use crate::support::tests;

#[test]
fn a_change_of_a_source_reaches_the_container_that_is_watched() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let spec = tests("golden/develop-watch-in-a-target/dockwright.toml");
    let project = Project::of(&engine, &fs::read_to_string(spec).unwrap()).unwrap();
    project.write("app.py", "print('before')\n");
    let image = Image::new("watched");
    let service = "watched-development";
    let compose = Compose::new(&project, service, None, &image);
    let service = Service::of(compose, service, None);
    let program = || service.exec(&["python", "app.py"]).unwrap();
    assert_eq!(program(), "before\n");

    let _watching = service.watch();
    // Compose says nothing once it watches, so the change is made until it is seen.
    let until = Instant::now() + Duration::from_mins(1);
    while program() != "after\n" {
        assert!(Instant::now() < until, "the change did not arrive");
        project.write("app.py", "print('after')\n");
        thread::sleep(Duration::from_millis(500));
    }
}
