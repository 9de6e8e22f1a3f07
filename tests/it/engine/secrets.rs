//! Secrets of a build: they reach the steps that need them, and stay in no image.

use std::fs;

use super::service::Compose;
use super::{Engine, Image, Project, docker, unique};
use crate::support::tests;

/// Two steps that see a secret in a variable, and one that sees a file of a user who is not root. Each keeps a digest of
/// what it saw.
const SPEC: &str = r#"
name = "sealed"
preset = "service"
base = "python:3.12-slim"
source = ["digest.py"]
command = ["python", "digest.py"]

[secrets]
index_token = { env = "INDEX_TOKEN", as-env = "TOKEN", steps = ["fetcher.fetch", "runtime.fetch"] }
licence = { file = "licence.txt", steps = ["runtime.licence"] }

[stages.fetcher]
from = "python:3.12-slim"
steps.sources = { copy = ["digest.py"] }
steps.fetch = { run = "python digest.py >/fetched" }

[stages.runtime.steps.fetch]
after = "sources"
run = "python digest.py >fetched"

[stages.runtime.steps.licence]
after = "user"
run = '''
id -u >/home/app/user
python digest.py /run/secrets/licence >/home/app/licence
'''

[stages.runtime.steps.fetched]
after = "fetch"
copy = { "/fetched" = "fetched-before" }
from = "stage:fetcher"
"#;

/// The digest of the file that is named, or else of what the variable holds.
const DIGEST: &str = r#"
import hashlib, os, sys
seen = open(sys.argv[1]).read() if sys.argv[1:] else os.environ["TOKEN"]
print(hashlib.sha256(seen.encode()).hexdigest())
"#;

#[test]
fn a_secret_of_the_build_is_seen_by_its_steps_and_is_in_no_image() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let [token, licence] = ["token", "licence"].map(|what| format!("{what}-{}", unique()));
    // What was built already would not be run, and see no secret.
    let digest = format!("{DIGEST}# {}\n", unique());
    let project = Project::of(&engine, SPEC).unwrap();
    project.write("digest.py", &digest);
    project.write("licence.txt", &licence);
    project.write("token.txt", &token);

    let refused = project.build().attempt().err().unwrap_or_default();
    assert!(
        refused.contains("secret index_token: not found"),
        "it was built without its secret: {refused}"
    );

    // As the generated compose file gives them
    let image = Image::new("sealed");
    let compose = Compose::new(&project, "sealed", None, &image).variable("INDEX_TOKEN", &token);
    compose.ask(&["build", "sealed"]).unwrap();

    let before = Image::new("sealed-fetcher");
    let secret = "id=index_token,src=token.txt";
    let words = [
        "--target=fetcher",
        "--secret",
        secret,
        "--tag",
        before.name(),
    ];
    project.build().words(&words).run();

    let run = |words: &[&str]| docker(&[&["run", "--rm", image.name()], words].concat()).unwrap();
    let [of_token, of_licence] = [&token, &licence].map(|value| {
        let variable = format!("TOKEN={value}");
        let words = ["run", "--rm", "--env", &variable, image.name()];
        docker(&words).unwrap()
    });
    let seen = "cat fetched fetched-before /home/app/licence /home/app/user";
    assert_eq!(
        run(&["sh", "-c", seen]),
        format!("{of_token}{of_token}{of_licence}10001\n")
    );

    for image in [&image, &before] {
        let layers = image.layers_above("python:3.12-slim");
        let history = docker(&["history", "--no-trunc", image.name()]).unwrap();
        let settings = docker(&["image", "inspect", image.name()]).unwrap();
        for value in [&token, &licence] {
            assert!(
                !layers.iter().any(|layer| layer.contains(value)),
                "a secret is in a layer"
            );
            assert!(!history.contains(value), "{history}");
            assert!(!settings.contains(value), "{settings}");
        }
    }
}

#[test]
fn a_target_on_the_image_that_runs_installs_as_root_and_goes_on_as_its_user() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let spec = tests("golden/a-target-on-the-image-that-runs/dockwright.toml");
    let project = Project::of(&engine, &fs::read_to_string(spec).unwrap()).unwrap();
    project.write("run.sh", &format!("# {}\n", unique()));
    project.write("licence.txt", "free");
    let image = Image::new("inspected");
    let secret = "id=licence,src=licence.txt";
    let words = ["--target=test", "--secret", secret, "--tag", image.name()];
    project.build().words(&words).run();
    assert_eq!(image.config()["User"], "10001:10001");
    let seen = image.run(&["tree", "/app"]).unwrap();
    assert!(seen.contains("run.sh"), "{seen}");
}
