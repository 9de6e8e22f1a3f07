//! What `init` writes for a project builds and runs at the first try, with nothing changed by hand.

use super::service::Service;
use super::{Engine, Image, Project};

/// The service that the spec of a project describes, once it is healthy.
fn answers(case: &str, folder: &str, port: u16, path: &str) -> Option<(u16, String)> {
    let engine = Engine::shared()?;
    let project = Project::init(&engine, case, folder);
    let image = Image::new("started");
    let service = Service::start(&project, &project.name(), port, &image);
    service.assert_runs_as(10001, 10001);
    Some(service.request(&format!("GET {path}"), ""))
}

/// What the program of a project prints.
fn prints(case: &str, folder: &str) -> Option<String> {
    let engine = Engine::shared()?;
    let project = Project::init(&engine, case, folder);
    Some(project.image().run(&[folder]).unwrap())
}

#[test]
fn flask_with_a_server_of_its_own_answers() {
    let case = "flask-with-a-server-of-its-own";
    if let Some(answer) = answers(case, "shop", 5001, "/health") {
        assert_eq!(answer, (200, "well\n".to_owned()));
    }
}

#[test]
fn fastapi_below_a_folder_of_sources_answers() {
    let case = "fastapi-below-a-folder-of-sources";
    if let Some((status, body)) = answers(case, "weather", 8000, "/healthz") {
        assert_eq!((status, body.contains("well")), (200, true), "{body}");
    }
}

/// It has no packages, and keeps a file in a folder that it makes.
#[test]
fn a_server_of_the_standard_library_answers() {
    let case = "a-server-of-the-standard-library";
    if let Some((status, _)) = answers(case, "clock", 8040, "/") {
        assert_eq!(status, 200);
    }
}

#[test]
fn c_with_a_makefile_is_built_with_its_library() {
    if let Some(said) = prints("c-with-a-makefile", "tide") {
        assert!(said.contains("high tide, by zlib"), "{said}");
    }
}

#[test]
fn a_script_of_setup_py_runs() {
    if let Some(said) = prints("setup-py-with-console-scripts", "tally") {
        assert_eq!(said.trim(), "1");
    }
}

#[test]
fn fastapi_with_routes_below_routers_is_healthy() {
    let case = "a-health-route-below-routers";
    if let Some((status, body)) = answers(case, "pond", 8000, "/api/v1/health") {
        assert_eq!((status, body.contains("well")), (200, true), "{body}");
    }
}

#[test]
fn django_in_a_folder_of_its_own_name_is_healthy() {
    let case = "django-in-a-folder-of-its-own-name";
    if let Some(answer) = answers(case, "orchard", 8000, "/trees/health/") {
        assert_eq!((answer.0, answer.1.contains("green")), (200, true));
    }
}

#[test]
fn modules_beside_the_program_are_found() {
    let case = "modules-that-lie-beside-the-program";
    if let Some(answer) = answers(case, "weir", 5000, "/") {
        assert_eq!(answer, (200, "3".to_owned()));
    }
}

#[test]
fn what_pipenv_pins_is_installed() {
    if let Some(answer) = answers("pipenv-with-a-lock-file", "mill", 8000, "/health") {
        assert_eq!(answer, (200, "turning\n".to_owned()));
    }
}

/// It has its port from the sources, and writes into a folder that is a volume.
#[test]
fn c_that_listens_answers_and_keeps_something() {
    if let Some(answer) = answers("c-that-listens-and-keeps-something", "door", 9470, "/") {
        assert_eq!(answer, (200, "welcome\n".to_owned()));
    }
}

#[test]
fn c_with_cmake_is_built() {
    if let Some(said) = prints("c-with-cmake", "kiln") {
        assert!(said.contains("fired, by zlib"), "{said}");
    }
}

#[test]
fn c_with_a_configure_script_to_be_made_is_built() {
    if let Some(said) = prints("c-with-a-configure-script-to-be-made", "lamp") {
        assert!(said.contains("lit, by OpenSSL"), "{said}");
    }
}

#[test]
fn c_with_libraries_of_others_is_built_in_a_stage_of_their_own() {
    let case = "c-with-libraries-of-others-that-its-makefile-builds";
    if let Some(said) = prints(case, "knot") {
        assert_eq!(said.trim(), "knots: 6");
    }
}

#[test]
fn a_program_that_is_compiled_with_checks_runs() {
    if let Some(said) = prints("c-that-is-compiled-with-checks", "mill") {
        assert!(said.contains("usage"), "{said}");
    }
}
