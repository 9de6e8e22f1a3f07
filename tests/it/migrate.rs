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

fn copy(from: &Path, to: &Path) {
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

#[test]
fn old_files_become_these_specs() {
    let mut differences = Differences::default();
    for case in listing(&tests("migrate")) {
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("in"), folder.path());
        let further = fs::read_to_string(case.join("args")).unwrap_or_default();
        let mut args = vec!["migrate", "--name", "old"];
        args.extend(further.split_whitespace());
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
        let file = folder.path().join(json["file"].as_str().unwrap());
        if json["items"].as_array().unwrap().len() != items(&file) {
            differences.note(format!("{}: the account has not every item", name(&case)));
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
        let check = run(folder.path(), &["check"]);
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
