//! The formats of `check` are what their descriptions say, and all of them tell the same of every case.

use std::process::Command;

use quick_junit::TestCaseStatus;
use serde_json::{Value, json};

use super::{Project, dockwright, projects};
use crate::support::Differences;

/// A thing that a format points at: a file, a line, how grave it is, and what it says.
type Pointed = (String, u64, String, String);

/// What every format should point at: each difference, or the whole file where there is none. A file that is not there
/// is pointed at in its spec.
fn expected(files: &[Value]) -> Vec<(String, u64, String, Vec<String>)> {
    let mut pointed = Vec::new();
    for file in files {
        if file["state"] == json!(["in-sync"]) {
            continue;
        }
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let missing = file["state"] == json!(["missing"]);
        let path = word(&file[if missing { "spec" } else { "path" }]);
        let changes = file["changes"].as_array().unwrap();
        let command = file["command"].as_str().map(ToOwned::to_owned);
        if changes.is_empty() {
            let severity = word(&file["severity"]);
            let name = missing.then(|| word(&file["path"]));
            let says = command.iter().cloned().chain(name).collect();
            pointed.push((path.clone(), 1, severity, says));
        }
        for change in changes {
            let mut says = vec![word(&change["message"])];
            says.extend(command.clone());
            says.extend(origin(change));
            pointed.push((
                path.clone(),
                change["line"].as_u64().unwrap_or(1),
                word(&change["severity"]),
                says,
            ));
        }
    }
    pointed
}

/// What says what to change for a difference.
fn origin(change: &Value) -> Option<String> {
    let origin = &change["origin"];
    let place = origin["place"].as_str()?;
    Some(format!("said in {place}, `{}`", origin["key"].as_str()?))
}

/// Compares what a format points at with what it should. A message may say more than that.
fn compare(case: &str, format: &str, files: &[Value], found: &[Pointed], notes: &mut Differences) {
    let expected = expected(files);
    let fits =
        |((path, line, severity, says), found): (&(String, u64, String, Vec<String>), &Pointed)| {
            (path, *line, severity) == (&found.0, found.1, &found.2)
                && says.iter().all(|text| found.3.contains(text))
        };
    if expected.len() != found.len() || !expected.iter().zip(found).all(fits) {
        notes.note(format!(
            "{case}, {format}: {found:#?} instead of {expected:#?}"
        ));
    }
}

fn text(project: &Project, format: &str) -> String {
    String::from_utf8(project.check(format).stdout).unwrap()
}

/// Runs a test for each case.
fn each(mut test: impl FnMut(&str, &Project, &[Value], &mut Differences)) {
    let mut notes = Differences::default();
    for (case, project, files) in projects() {
        test(case, project, files, &mut notes);
    }
    notes.finish();
}

#[test]
fn json_is_what_its_schema_says() {
    let validator = jsonschema::validator_for(&dockwright::cli::check_schema()).unwrap();
    each(|case, project, files, notes| {
        let report: Value = serde_json::from_str(&text(project, "json")).unwrap();
        for error in validator.iter_errors(&report) {
            notes.note(format!("{case}: {error} at {}", error.instance_path()));
        }
        let drift = files.iter().any(|file| file["state"] != json!(["in-sync"]));
        if report["drift"] != drift {
            notes.note(format!("{case}: `drift` is {}", report["drift"]));
        }
    });
    for wrong in [
        json!({ "files": [] }),
        json!({ "files": [{ "path": "Dockerfile" }], "drift": true }),
        json!({ "files": [], "drift": false, "more": 1 }),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}

/// Source: "Workflow commands for GitHub Actions".
#[test]
fn annotations_of_github_point_at_the_lines() {
    each(|case, project, files, notes| {
        let decoded = |text: &str| {
            let text = text.replace("%0A", "\n").replace("%0D", "\r");
            let text = text.replace("%3A", ":").replace("%2C", ",");
            text.replace("%25", "%")
        };
        let mut found = Vec::new();
        for line in text(project, "github").lines() {
            let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (level, properties) = command.split_once(' ').unwrap();
            let property = |name: &str| {
                let mut pairs = properties
                    .split(',')
                    .filter_map(|pair| pair.split_once('='));
                decoded(pairs.find(|(key, _)| *key == name).unwrap().1)
            };
            assert!(!property("title").is_empty(), "{case}: {line}");
            let severity = match level {
                "notice" => "note",
                "warning" | "error" => level,
                _ => panic!("{case}: no command is called {level}"),
            };
            let place = (property("file"), property("line").parse().unwrap());
            found.push((place.0, place.1, severity.to_owned(), decoded(message)));
        }
        compare(case, "github", files, &found, notes);
    });
}

/// Source: "Code Quality report format" in GitLab's documentation.
#[test]
fn reports_for_gitlab_point_at_the_lines_and_tell_apart_what_they_find() {
    each(|case, project, files, notes| {
        let report: Value = serde_json::from_str(&text(project, "gitlab")).unwrap();
        let mut prints = Vec::new();
        let issue = |issue: &Value| {
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            let severity = match issue["severity"].as_str().unwrap() {
                "info" => "note",
                "major" => "warning",
                "critical" => "error",
                other => panic!("{case}: no severity is called {other}"),
            };
            assert!(!word(&issue["check_name"]).is_empty(), "{case}");
            prints.push(word(&issue["fingerprint"]));
            let place = &issue["location"];
            (
                word(&place["path"]),
                place["lines"]["begin"].as_u64().unwrap(),
                severity.to_owned(),
                word(&issue["description"]),
            )
        };
        let found: Vec<Pointed> = report.as_array().unwrap().iter().map(issue).collect();
        let count = prints.len();
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), count, "{case}: two findings look like one");
        compare(case, "gitlab", files, &found, notes);
    });
}

/// Source: OASIS, Static Analysis Results Interchange Format 2.1.0: what sections 3.13 (log), 3.14 (run), 3.18 and 3.19
/// (tool), 3.27 (result), 3.29 and 3.30 (places) require.
#[test]
fn sarif_has_what_the_standard_requires() {
    each(|case, project, files, notes| {
        let log: Value = serde_json::from_str(&text(project, "sarif")).unwrap();
        assert_eq!(log["version"], "2.1.0", "{case}");
        let [run] = log["runs"].as_array().unwrap().as_slice() else {
            panic!("{case}: one run of the program is one run of the log");
        };
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "dockwright", "{case}");
        let rules: Vec<&Value> = driver["rules"].as_array().unwrap().iter().collect();
        let mut ids: Vec<&str> = rules
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{case}: a rule is there once");
        let result = |result: &Value| {
            assert!(ids.contains(&result["ruleId"].as_str().unwrap()), "{case}");
            let level = result["level"].as_str().unwrap();
            assert!(
                ["none", "note", "warning", "error"].contains(&level),
                "{case}"
            );
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            (
                uri.to_owned(),
                place["region"]["startLine"].as_u64().unwrap(),
                level.to_owned(),
                result["message"]["text"].as_str().unwrap().to_owned(),
            )
        };
        let found: Vec<Pointed> = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(result)
            .collect();
        compare(case, "sarif", files, &found, notes);
    });
}

/// A gate that fails without saying why is one that people switch off.
#[test]
fn people_are_told_of_each_file_why_it_is_not_in_sync() {
    each(|case, project, files, notes| {
        let said = text(project, "human");
        for file in files
            .iter()
            .filter(|file| file["state"] != json!(["in-sync"]))
        {
            let states = file["state"].as_array().unwrap().iter();
            let states: Vec<&str> = states.map(|state| state.as_str().unwrap()).collect();
            let begins = format!("{}: {} (", file["path"].as_str().unwrap(), states.join("+"));
            if !said
                .lines()
                .any(|line| line.starts_with(&begins) && line.len() > begins.len() + 9)
            {
                notes.note(format!("{case}: no line begins with `{begins}`: {said}"));
            }
            for change in file["changes"].as_array().unwrap() {
                let message = change["message"].as_str().unwrap().to_owned();
                for text in std::iter::once(message).chain(origin(change)) {
                    if !said.contains(&text) {
                        notes.note(format!("{case}: nothing says `{text}`"));
                    }
                }
            }
            let command = file["command"].as_str().unwrap_or_default();
            if !said.contains(command) {
                notes.note(format!("{case}: nothing says `{command}`"));
            }
        }
    });
}

#[test]
fn junit_has_a_test_for_each_file_and_a_failure_for_each_that_drifted() {
    each(|case, project, files, notes| {
        let report = quick_junit::Report::deserialize_from_str(&text(project, "junit")).unwrap();
        let suites = report.test_suites.iter();
        let found: Vec<_> = suites.flat_map(|suite| &suite.test_cases).collect();
        let names: Vec<&str> = found.iter().map(|test| test.name.as_str()).collect();
        let paths: Vec<&str> = files
            .iter()
            .map(|file| file["path"].as_str().unwrap())
            .collect();
        assert_eq!(names, paths, "{case}");
        for (test, file) in found.iter().zip(files) {
            let said = match &test.status {
                TestCaseStatus::NonSuccess { description, .. } => description.as_ref(),
                _ => None,
            };
            let drifted = file["state"] != json!(["in-sync"]);
            assert_eq!(said.is_some(), drifted, "{case}");
            let Some(said) = said else { continue };
            let changes = file["changes"].as_array().unwrap();
            let messages = changes
                .iter()
                .map(|change| change["message"].as_str().unwrap().to_owned());
            let command = file["command"].as_str().map(ToOwned::to_owned);
            for text in messages
                .chain(changes.iter().filter_map(origin))
                .chain(command)
            {
                // XML has no way to write a return that is none of its own.
                if !said.as_str().contains(&text.replace('\r', "")) {
                    notes.note(format!(
                        "{case}: nothing says `{text}` in {}",
                        said.as_str()
                    ));
                }
            }
        }
    });
}

#[test]
fn signs_in_a_path_do_not_end_what_a_format_says() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("a, b:c 100%");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("dockwright.toml"), super::SPEC).unwrap();
    let check = |format: &str| {
        let words = ["check", "--recursive", "--format", format];
        String::from_utf8(dockwright(folder.path(), &words).stdout).unwrap()
    };
    let github = check("github");
    let begins = "::error file=a%2C b%3Ac 100%25/dockwright.toml,line=1,title=missing::`a, b:c 100%25/Dockerfile` missing: it is not there; `dockwright generate 'a, b:c 100%25'` brings it back\n";
    assert!(github.starts_with(begins), "{github}");
    let sarif: Value = serde_json::from_str(&check("sarif")).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "a%2C%20b%3Ac%20100%25/dockwright.toml"
    );
    if !crate::support::on_path("patch") {
        crate::support::not_run("there is no `patch`");
        return;
    }
    // A patch names such a file too.
    assert!(
        dockwright(folder.path(), &["generate", "--recursive"])
            .status
            .success()
    );
    let file = root.join("Dockerfile");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("EXPOSE 8000", "EXPOSE 8001")).unwrap();
    let report: Value = serde_json::from_str(&check("json")).unwrap();
    let patch = folder.path().join("check.patch");
    std::fs::write(&patch, report["files"][0]["diff"].as_str().unwrap()).unwrap();
    let ran = Command::new("patch")
        .args(["-s", "-p1", "-i", "check.patch"])
        .current_dir(folder.path())
        .status();
    assert!(ran.unwrap().success());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), whole);
}
