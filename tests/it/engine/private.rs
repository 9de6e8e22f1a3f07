//! A project with Poetry that is installed as a package, and an index of packages that wants a login: a secret of the
//! one step that installs.

use std::fs;

use super::servers::{Server, bridge};
use super::{Engine, Image, Project, unique};
use crate::support::tests;

#[test]
fn a_package_of_a_private_index_is_installed_by_a_login_that_is_in_no_image() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let folder = tests("engine/private-index/project");
    let spec = fs::read_to_string(folder.join("dockwright.toml")).unwrap();
    let project = Project::of(&engine, &spec)
        .unwrap()
        .host("private.test", &bridge());
    fs::create_dir(project.path("src")).unwrap();
    for file in ["pyproject.toml", "poetry.lock", "src/insider.py"] {
        fs::copy(folder.join(file), project.path(file)).unwrap();
    }
    // What was installed before would not be installed again.
    project.add("pyproject.toml", "# UNIQUE");

    let password = format!("password-{}", unique());
    let program = "engine/private-index/serve";
    let login = ["--user", "insider", "--password", &password];
    let server = Server::with(program, 8420, &login);
    project.write("user.txt", "insider");
    let build = |password: &str, image: &Image| {
        project.write("password.txt", password);
        let secrets = ["user", "password"].map(|what| format!("id=index_{what},src={what}.txt"));
        let words = secrets.iter().flat_map(|secret| ["--secret", secret]);
        let tag = ["--tag", image.name()];
        project
            .build()
            .words(&words.chain(tag).collect::<Vec<_>>())
            .attempt()
    };

    let image = Image::new("insider");
    assert!(build("wrong", &image).is_err());
    assert!(server.said("refused ") > 0 && server.said("file ") == 0);

    build(&password, &image).unwrap();
    assert!(server.said("file ") > 0);
    assert_eq!(image.run(&["insider"]).unwrap(), "be kind\n");
    assert!(
        !image
            .layers_above("python:3.12-slim")
            .iter()
            .any(|layer| layer.contains(&password)),
        "the password is in a layer"
    );
}
