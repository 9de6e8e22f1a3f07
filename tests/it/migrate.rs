//! Old Dockerfiles and what becomes of them.
//!
//! `tests/migrate/<case>/in/` is a project. `report.txt` beside it is what `dockwright migrate` says, with the spec, and
//! `out/` holds what `--write` leaves behind: the spec and the Dockerfile, of which `check` finds nothing to say. A file
//! `args` has further arguments.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Differences, files_below, listing, name, tests, unstamped};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dockwright"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// The arguments of a case: those of its own, and a name where no compose file has one.
pub(crate) fn arguments(case: &Path) -> Vec<String> {
    let further = fs::read_to_string(case.join("args")).unwrap_or_default();
    let mut args = vec!["migrate".to_owned()];
    args.extend(further.split_whitespace().map(ToOwned::to_owned));
    let is_compose = |path: &String| path.contains("compose");
    if !files_below(&case.join("in")).iter().any(is_compose) && !further.contains("--all") {
        args.extend(["--name", "old"].map(ToOwned::to_owned));
    }
    args
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}

/// How many lines of a Dockerfile have to be accounted for: all but blank ones, and of an instruction the first.
fn items(path: &Path) -> usize {
    let document = dockwright::dockerfile::parse(&fs::read(path).unwrap());
    dockwright::migrate::items(&document)
}

/// Keys and comments of a compose file that became a part of a spec, of which the report says nothing.
fn unaccounted(folder: &Path, report: &serde_json::Value) -> Vec<String> {
    let Some(file) = report["file"].as_str().filter(|_| report["left"].is_null()) else {
        return Vec::new();
    };
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let items = report["items"].as_array().unwrap();
    let told = |text: &str| items.iter().any(|item| item["text"] == text);
    let below = |path: &str| {
        let mut texts = items.iter().filter_map(|item| item["text"].as_str());
        texts.any(|text| text.starts_with(&format!("{path}.")))
    };
    let tree = dockwright::compose::parse(&text).unwrap();
    let mut missing = Vec::new();
    let mut paths: Vec<(String, &dockwright::compose::Tree)> = Vec::new();
    let entries = tree.map().unwrap().iter();
    paths.extend(entries.map(|(key, tree)| (key.clone(), tree)));
    while let Some((path, tree)) = paths.pop() {
        // What is told is told with all that stands below it.
        if told(&path) {
            continue;
        }
        let entries = tree.map().into_iter().flatten();
        if !below(&path) {
            missing.push(path);
            continue;
        }
        paths.extend(entries.map(|(key, tree)| (format!("{path}.{key}"), tree)));
    }
    for comment in dockwright::compose::comments(&text) {
        let is_told = |item: &serde_json::Value| {
            item["line"] == comment.line && item["text"] == format!("# {}", comment.text)
        };
        if !items.iter().any(is_told) {
            missing.push(comment.text);
        }
    }
    missing
}

#[test]
fn old_files_become_these_specs() {
    let mut differences = Differences::default();
    let validator = jsonschema::validator_for(&dockwright::migrate::schema()).unwrap();
    for case in listing(&tests("migrate")) {
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("in"), folder.path());
        let further = arguments(&case);
        let mut args: Vec<&str> = further.iter().map(String::as_str).collect();
        let before = files_below(folder.path());
        let told = run(folder.path(), &args);
        assert_eq!(
            before,
            files_below(folder.path()),
            "{}: it wrote without being asked",
            name(&case)
        );
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let report = format!(
            "{}{}exit code {}\n",
            text(told.stdout),
            text(told.stderr),
            told.status.code().unwrap()
        );
        differences.compare(&case.join("report.txt"), &report);
        if told.status.code() == Some(2) {
            continue;
        }
        args.push("--format=json");
        let json: serde_json::Value =
            serde_json::from_slice(&run(folder.path(), &args).stdout).unwrap();
        for error in validator.iter_errors(&json) {
            let place = error.instance_path();
            differences.note(format!("{}: {error} at {place}", name(&case)));
        }
        let mut specs = vec!["check".to_owned()];
        let one = [json.clone()];
        for report in json.as_array().map_or(&one[..], Vec::as_slice) {
            let file = folder.path().join(report["file"].as_str().unwrap());
            if report["items"].as_array().unwrap().len() != items(&file) {
                differences.note(format!("{}: the account has not every item", name(&case)));
            }
            for missing in unaccounted(folder.path(), &report["compose"]) {
                differences.note(format!("{}: no account of {missing}", name(&case)));
            }
            specs.push(report["spec"]["file"].as_str().unwrap().to_owned());
        }
        args.push("--write");
        if told.status.code() == Some(1) {
            let refused = run(folder.path(), &args);
            assert_eq!(refused.status.code(), Some(2), "{}", name(&case));
            assert_eq!(
                before,
                files_below(folder.path()),
                "{}: it wrote what is lost",
                name(&case)
            );
            args.push("--force");
        }
        run(folder.path(), &args);
        let specs: Vec<&str> = specs.iter().map(String::as_str).collect();
        let check = run(folder.path(), &specs);
        if check.status.code() != Some(0) {
            differences.note(format!(
                "{}: out of sync: {}",
                name(&case),
                text(check.stdout)
            ));
        }
        let out: Vec<(String, String)> = files_below(folder.path())
            .into_iter()
            .map(|file| {
                (
                    file.clone(),
                    fs::read_to_string(folder.path().join(&file)).unwrap(),
                )
            })
            .filter(|(file, text)| {
                let old = fs::read_to_string(case.join("in").join(file));
                old.ok().as_deref() != Some(text)
            })
            .map(|(file, text)| (file, unstamped(&text)))
            .collect();
        let out = out
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        differences.compare_folder(&case.join("out"), out);
    }
    differences.finish();
}

/// Ten megabytes in a few hundred instructions: all of it is accounted for, and every byte of it is in the new file.
#[test]
fn a_file_of_ten_megabytes_migrates() {
    let folder = tempfile::tempdir().unwrap();
    let line = "printf '%s\\n' 'one of very many lines that somebody has pasted here'\n";
    let script = line.repeat(400);
    let mut text = "FROM alpine:3.19\n".to_owned();
    let mut number = 0;
    while text.len() < 10_000_000 {
        number += 1;
        text.extend([
            "RUN <<EOF\necho ",
            &number.to_string(),
            "\n",
            &script,
            "EOF\n",
        ]);
    }
    fs::write(folder.path().join("Dockerfile"), &text).unwrap();
    let args = ["migrate", "--name", "old", "--write", "--format=json"];
    let told = run(folder.path(), &args);
    assert_eq!(told.status.code(), Some(0));
    let report: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(report["items"].as_array().unwrap().len(), number + 1);
    let written = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert_eq!(written.matches(&script).count(), number);
}
