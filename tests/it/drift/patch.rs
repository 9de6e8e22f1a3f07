//! The patch that `check` prints is one that tools apply, and what it makes of a file is what the spec describes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{dockwright, projects};
use crate::support::{Differences, files_below, not_run, on_path};

/// Each tool that applies patches, with the arguments that let it read one from a file beside the project.
const TOOLS: &[(&str, &[&str])] = &[
    (
        "patch",
        &[
            "-p1",
            "--binary",
            "--no-backup-if-mismatch",
            "-i",
            "../check.patch",
        ],
    ),
    ("git", &["apply", "../check.patch"]),
];

#[test]
fn the_patch_of_every_case_is_applied_by_tools_and_ends_in_sync() {
    let mut differences = Differences::default();
    let mut applied = 0;
    for (tool, arguments) in TOOLS {
        if !on_path(tool) {
            not_run(&format!("there is no `{tool}`"));
            continue;
        }
        for (case, project, files) in projects() {
            let patched = files.iter().filter(|file| file["diff"] != "");
            let patched: Vec<&str> = patched.map(|file| file["path"].as_str().unwrap()).collect();
            if patched.is_empty() {
                continue;
            }
            let whole: String = files
                .iter()
                .filter_map(|file| file["diff"].as_str())
                .collect();
            let place = tempfile::tempdir().unwrap();
            let root = place.path().join("project");
            copy(project.root(), &root);
            fs::write(place.path().join("check.patch"), whole).unwrap();
            let ran = Command::new(tool)
                .args(*arguments)
                .current_dir(&root)
                // Whatever lies above, git takes the folder for what it is.
                .env("GIT_CEILING_DIRECTORIES", place.path())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            if !ran.status.success() {
                let said = [ran.stdout, ran.stderr].concat();
                let said = String::from_utf8_lossy(&said);
                differences.note(format!("{case}: {tool} refuses the patch: {said}"));
                continue;
            }
            let mut words = vec!["check", "--format", "json"];
            words.extend(project.args.iter().map(String::as_str));
            let checked = dockwright(&root, &words);
            let found: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
            for file in found["files"].as_array().unwrap() {
                let path = file["path"].as_str().unwrap();
                if patched.contains(&path) && file["state"] != serde_json::json!(["in-sync"]) {
                    differences.note(format!("{case}: {path} is {} after {tool}", file["state"]));
                }
            }
            applied += patched.len();
        }
    }
    differences.finish();
    let tools = TOOLS.iter().filter(|(tool, _)| on_path(tool)).count();
    assert!(applied >= 40 * tools, "only {applied} files were patched");
}

/// Version control keeps neither times nor line endings, and knows no files of ours but those that are committed.
#[test]
fn a_clone_with_the_line_endings_of_windows_is_in_sync() {
    if !on_path("git") {
        return not_run("there is no `git`");
    }
    let (_, project, _) = projects()
        .iter()
        .find(|(case, _, _)| case == "nothing-changed-is-in-sync")
        .unwrap();
    let place = tempfile::tempdir().unwrap();
    let (first, second) = (place.path().join("first"), place.path().join("second"));
    copy(project.root(), &first);
    git(&first, &["init", "--quiet"]);
    git(&first, &["add", "."]);
    git(&first, &["commit", "--quiet", "-m", "All"]);
    git(
        place.path(),
        &[
            "clone",
            "--quiet",
            "-c",
            "core.autocrlf=true",
            "first",
            "second",
        ],
    );
    let text = fs::read_to_string(second.join("Dockerfile")).unwrap();
    assert!(text.contains("\r\n"));
    let checked = dockwright(&second, &["check"]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{said}");
}

/// Two people change two services of one repository, and the commit of one is put on top of that of the other.
#[test]
fn a_rebase_over_a_change_of_another_service_is_in_sync() {
    if !on_path("git") {
        return not_run("there is no `git`");
    }
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    let change = |service: &str, port: u16, message: &str| {
        let spec = format!(
            "name = \"{service}\"\npreset = \"pip\"\nbase = \"python:3.13-slim\"\nsource = [\"main.py\"]\n\
             command = [\"python\", \"main.py\"]\nports = [{port}]\n"
        );
        fs::create_dir_all(root.join(service)).unwrap();
        fs::write(root.join(service).join("dockwright.toml"), spec).unwrap();
        assert!(dockwright(root, &["generate", service]).status.success());
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "-m", message]);
    };
    git(root, &["init", "--quiet"]);
    git(root, &["checkout", "--quiet", "-b", "trunk"]);
    change("shop", 8000, "A shop");
    change("bank", 8000, "A bank");
    git(root, &["checkout", "--quiet", "-b", "work"]);
    change("shop", 8001, "Move the shop");
    git(root, &["checkout", "--quiet", "trunk"]);
    change("bank", 8002, "Move the bank");
    git(root, &["checkout", "--quiet", "work"]);
    git(root, &["rebase", "--quiet", "trunk"]);
    for (service, port) in [("shop", "8001"), ("bank", "8002")] {
        let dockerfile = fs::read_to_string(root.join(service).join("Dockerfile")).unwrap();
        assert!(dockerfile.contains(&format!("EXPOSE {port}")));
    }
    let checked = dockwright(root, &["check", "--recursive"]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{said}");
}

/// Runs git, as somebody.
fn git(folder: &Path, words: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let ran = Command::new("git")
        .args(identity.iter().chain(words))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
}

fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}
