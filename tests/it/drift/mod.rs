//! What `check` says after somebody changed something.
//!
//! `tests/drift/<case>/case.toml` holds a project (`files`; a small one where it says none), the changes that are made
//! after it was generated (`then`), the options of the check (`args`), and whether `adopt` runs before it, of which file
//! (`adopt`). What the check says of every file stands beside it in `report.txt`.

mod adopt;
mod ci;
mod formats;
mod patch;
mod presets;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use dockwright::drift::{self, State};
use serde_json::Value;
use toml::Table;

use crate::random::Random;
use crate::support::{Differences, listing, name, tests};

/// A service with something in each of its files.
const SPEC: &str = r#"name = "web"
language = "python"
package-manager = "pip"
base = "python:3.13-slim"
packages = ["libpq5"]
source = ["src/"]
command = ["python", "src/main.py"]
ports = [8000]
healthcheck = "/health"

[env]
MODE = "production"
"#;

fn dockwright(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dockwright"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap()
}

/// A project in which something was changed.
struct Project {
    folder: tempfile::TempDir,
    /// What `adopt` said, where it ran.
    adopted: String,
    /// The options of the check.
    args: Vec<String>,
}

impl Project {
    /// Makes the project of a case, generates, and makes the changes.
    fn new(case: &Table) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let put = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        match case.get("files").and_then(toml::Value::as_table) {
            Some(files) => files
                .iter()
                .for_each(|(path, text)| put(path, text.as_str().unwrap())),
            None => put("dockwright.toml", SPEC),
        }
        let generated = dockwright(root, &["generate", "--recursive"]);
        assert!(
            generated.status.success(),
            "{}",
            String::from_utf8_lossy(&generated.stderr)
        );
        for step in items(case, "then") {
            change(root, step.as_table().unwrap());
        }
        let mut adopted = String::new();
        if let Some(file) = case.get("adopt") {
            let words = file
                .as_str()
                .map_or(vec!["adopt"], |file| vec!["adopt", file]);
            let ran = dockwright(root, &words);
            writeln!(adopted, "adopt: exit {}", ran.status.code().unwrap()).unwrap();
            adopted.push_str(&String::from_utf8_lossy(&ran.stdout));
            adopted.push_str(&String::from_utf8_lossy(&ran.stderr));
        }
        let args = items(case, "args").map(|arg| arg.as_str().unwrap().to_owned());
        Self {
            args: args.collect(),
            adopted,
            folder,
        }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the check in one of its formats.
    fn check(&self, format: &str) -> Output {
        let mut words = vec!["check", "--format", format];
        words.extend(self.args.iter().map(String::as_str));
        dockwright(self.root(), &words)
    }

    /// What the check says of every file, in its format for programs.
    fn files(&self) -> Vec<Value> {
        let found: Value = serde_json::from_slice(&self.check("json").stdout).unwrap();
        found["files"].as_array().unwrap().clone()
    }
}

/// The projects of all cases in which the check writes nothing, with their names and what it says of every file. Tests
/// share them, and so leave them alone.
fn projects() -> &'static [(String, Project, Vec<Value>)] {
    static PROJECTS: LazyLock<Vec<(String, Project, Vec<Value>)>> = LazyLock::new(|| {
        let projects = cases()
            .into_iter()
            .map(|(name, case)| (name, Project::new(&case)));
        let reported = |(name, project): (String, Project)| {
            let files = project.files();
            (name, project, files)
        };
        projects
            .filter(|(_, project)| !project.args.iter().any(|arg| arg == "--fix"))
            .map(reported)
            .collect()
    });
    &PROJECTS
}

fn items<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a toml::Value> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten()
}

/// Every case, by its name.
fn cases() -> Vec<(String, Table)> {
    let read = |case: &PathBuf| {
        let text = fs::read_to_string(case.join("case.toml")).unwrap();
        let table = text.parse();
        let table = table.unwrap_or_else(|error| panic!("{}: {error}", name(case)));
        (name(case), table)
    };
    listing(&tests("drift")).iter().map(read).collect()
}

/// What the check says after the changes of a case.
fn report(case: &Table) -> String {
    let project = Project::new(case);
    let root = project.root();
    let before = snapshot(root);
    let old: Vec<(String, String)> = before
        .iter()
        .map(|(file, bytes, _)| (file.clone(), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    let checked = project.check("json");
    if !project.args.iter().any(|arg| arg == "--fix") {
        assert_eq!(before, snapshot(root), "check wrote something");
    }
    let mut text = project.adopted.clone();
    writeln!(text, "check: exit {}", checked.status.code().unwrap()).unwrap();
    text.push_str(&String::from_utf8_lossy(&checked.stderr));
    let found: Value = serde_json::from_slice(&checked.stdout).unwrap();
    for file in found["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let actual = old.iter().find(|(old, _)| old == path);
        text.push_str(&describe(file, actual.map_or("", |(_, text)| text)));
    }
    if case.get("adopt").is_some() {
        text.push_str("the spec now:\n");
        text.push_str(&fs::read_to_string(root.join("dockwright.toml")).unwrap());
    }
    text
}

/// Every file with its content and the time of its last change.
fn snapshot(root: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let files = crate::support::files_below(root);
    files
        .into_iter()
        .map(|file| {
            let path = root.join(&file);
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            (file, fs::read(&path).unwrap(), time)
        })
        .collect()
}

fn change(root: &Path, step: &Table) {
    let text = |key: &str| step.get(key).map(|value| value.as_str().unwrap());
    let path = root.join(text("file").unwrap());
    if step.contains_key("folder") {
        fs::remove_file(&path).unwrap();
        return fs::create_dir(path).unwrap();
    }
    if let Some(bytes) = step.get("bytes") {
        let bytes = bytes.as_array().unwrap().iter();
        let bytes = bytes.map(|byte| u8::try_from(byte.as_integer().unwrap()).unwrap());
        let bytes = bytes.collect::<Vec<u8>>();
        return fs::write(&path, [fs::read(&path).unwrap(), bytes].concat()).unwrap();
    }
    let old = fs::read_to_string(&path).unwrap_or_default();
    let new = if let Some(part) = text("replace") {
        assert!(old.contains(part), "there is no `{part}` in\n{old}");
        old.replacen(part, text("with").unwrap(), 1)
    } else if let Some(line) = text("append") {
        format!("{old}{line}\n")
    } else if step.contains_key("crlf") {
        old.replace('\n', "\r\n")
    } else if let Some(whole) = text("write") {
        whole.to_owned()
    } else {
        return fs::remove_file(path).unwrap();
    };
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, new).unwrap();
}

/// A text without the digests of a stamp, which every change of a preset changes.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for (number, part) in text.split_inclusive('=').enumerate() {
        let digits = part.chars().take_while(char::is_ascii_hexdigit).count();
        if number > 0 && digits >= 3 {
            masked.push('…');
            masked.push_str(&part[digits..]);
        } else {
            masked.push_str(part);
        }
    }
    masked
}

/// A file of a report. Each difference comes with the line of the file that it points at.
fn describe(file: &Value, actual: &str) -> String {
    let states: Vec<&str> = file["state"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| state.as_str().unwrap())
        .collect();
    let mut text = format!("{}: {}", file["path"].as_str().unwrap(), states.join("+"));
    if let Some(severity) = file["severity"].as_str() {
        write!(text, ", {severity}").unwrap();
    }
    for flag in ["unknown", "fixed"] {
        if file[flag].as_bool().unwrap() {
            write!(text, ", {flag}").unwrap();
        }
    }
    text.push('\n');
    for change in file["changes"].as_array().unwrap() {
        let word = |key: &str| masked(change[key].as_str().unwrap());
        writeln!(
            text,
            "  {}, {} {}: {}",
            word("cause"),
            word("severity"),
            word("kind"),
            word("message")
        )
        .unwrap();
        if let Some(line) = change["line"].as_u64() {
            let index = usize::try_from(line).unwrap() - 1;
            let said = actual
                .lines()
                .nth(index)
                .unwrap_or("(behind the last line)");
            writeln!(text, "    at {line}: {}", masked(said)).unwrap();
        }
        if let Some(key) = change["origin"]["key"].as_str() {
            let place = change["origin"]["place"].as_str().unwrap();
            // Where in a preset it stands changes with the preset.
            let (file, line) = place.rsplit_once(':').unwrap();
            let place = if file.starts_with("presets/") {
                file
            } else {
                place
            };
            assert!(line.parse::<usize>().is_ok_and(|line| line > 0), "{place}");
            writeln!(text, "    {place}: {key}").unwrap();
        }
    }
    if let Some(command) = file["command"].as_str() {
        writeln!(text, "  {command}").unwrap();
    }
    text
}

#[test]
fn check_says_what_changed_and_why() {
    let mut differences = Differences::default();
    let cases = cases();
    assert!(cases.len() >= 40, "there are only {} cases", cases.len());
    for (name, case) in cases {
        let expected = tests("drift").join(name).join("report.txt");
        differences.compare(&expected, &report(&case));
    }
    differences.finish();
}

/// The specs of all golden cases.
fn specs() -> Vec<String> {
    let cases = listing(&tests("golden"));
    cases
        .iter()
        .map(|case| fs::read_to_string(case.join("dockwright.toml")).unwrap())
        .collect()
}

#[test]
fn any_byte_that_changes_in_a_generated_file_is_an_edit_and_nothing_else() {
    for spec in specs() {
        for file in crate::golden::generate(&spec).unwrap_or_default() {
            // Every byte of every file would take minutes; a stride that is a prime meets every part of a line.
            for index in (0..file.text.len()).step_by(13) {
                let mut bytes = file.text.clone().into_bytes();
                bytes[index] ^= 1;
                let touched = String::from_utf8_lossy(&bytes);
                let verdict = drift::judge(&file.text, Some(&touched));
                assert_eq!(verdict.words(), "edited", "{} at {index}", file.path);
            }
        }
    }
}

#[test]
fn a_letter_more_in_a_spec_makes_files_stale_and_nothing_else() {
    let mut stale = 0;
    let mut random = Random::new(7);
    for spec in specs() {
        let before = crate::golden::generate(&spec).unwrap_or_default();
        let letters = spec.char_indices().filter(|(_, c)| c.is_alphanumeric());
        let letters: Vec<usize> = letters.map(|(at, _)| at).collect();
        for _ in 0..6 {
            let (above, below) = spec.split_at(letters[random.below(letters.len())]);
            let Ok(after) = crate::golden::generate(&format!("{above}1{below}")) else {
                continue;
            };
            let pairs = before.iter().zip(&after);
            for (old, new) in pairs.filter(|(old, new)| old.path == new.path) {
                // Where another preset is named, the presets differ too.
                let states = drift::judge(&new.text, Some(&old.text)).states;
                let same =
                    crate::support::unstamped(&old.text) == crate::support::unstamped(&new.text);
                let expected = if same { State::InSync } else { State::Stale };
                assert_eq!(states, [expected], "{} of {above}1{below}", new.path);
                stale += usize::from(!same);
            }
        }
    }
    assert!(stale > 50, "only {stale} files changed");
}

#[test]
fn a_spec_that_changed_makes_files_stale_and_never_edited() {
    let changes = [
        "\n[labels]\nadded = \"1\"\n",
        "\n[service]\nrestart = \"always\"\n",
        "\n[args]\nADDED = \"1\"\n",
        "\n[volumes]\nadded = \"/added\"\n",
    ];
    let mut stale = 0;
    for spec in specs() {
        let before = crate::golden::generate(&spec).unwrap_or_default();
        for change in changes {
            // A table that the spec has already cannot be said a second time.
            let Ok(after) = crate::golden::generate(&format!("{spec}{change}")) else {
                continue;
            };
            for (old, new) in before
                .iter()
                .zip(&after)
                .filter(|(old, new)| old.path == new.path)
            {
                let verdict = drift::judge(&new.text, Some(&old.text));
                let same =
                    crate::support::unstamped(&old.text) == crate::support::unstamped(&new.text);
                let expected = if same { "in-sync" } else { "stale" };
                assert_eq!(verdict.words(), expected, "{} after {change}", new.path);
                stale += usize::from(!same);
            }
        }
    }
    assert!(
        stale > 50,
        "only {stale} files changed: the changes do not show anything"
    );
}
