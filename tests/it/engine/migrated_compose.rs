//! What a migrated compose file comes to, as Compose itself reads it: what the old one came to, and what the report names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{ask, missing};
use crate::migrate::{arguments, copy};
use crate::support::{files_below, listing, name, tests};

/// A compose file as Compose resolves it: each value by its path. What says nothing is left out, and nothing but that is
/// told of a file that Compose refuses.
fn resolved(folder: &Path, file: &str, variables: &[String]) -> BTreeMap<String, Value> {
    let mut command = Command::new("docker");
    command.args(["compose", "--profile", "*", "--file", file]);
    let over = file.replace(".y", ".override.y");
    if folder.join(&over).exists() {
        command.args(["--file", &over]);
    }
    command
        .args(["config", "--format", "json"])
        .current_dir(folder)
        .envs(variables.iter().map(|name| (name, "7")));
    let mut values = BTreeMap::new();
    match command.output() {
        Ok(output) if output.status.success() => {
            let json = serde_json::from_slice(&output.stdout).unwrap();
            flatten(String::new(), &json, &mut values);
        }
        _ => {
            values.insert("refused".to_owned(), true.into());
        }
    }
    values
}

fn flatten(path: String, value: &Value, values: &mut BTreeMap<String, Value>) {
    let below = |name: &str| match path.as_str() {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match value {
        Value::Null => {}
        Value::Object(entries) => {
            for (name, value) in entries {
                flatten(below(name), value, values);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(below(&index.to_string()), value, values);
            }
        }
        value => {
            values.insert(path, value.clone());
        }
    }
}

/// The names of variables in a text.
fn variables(text: &str) -> Vec<String> {
    let name = |rest: &str| -> String {
        let rest = rest.trim_start_matches('{').chars();
        rest.take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let names = text.split('$').skip(1).map(name);
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn migrated_compose_files_come_to_the_same() {
    if ask(Command::new("docker").args(["compose", "version"])).is_err() {
        return missing("no Compose is installed");
    }
    let mut found = Vec::new();
    let mut compared = 0;
    for case in listing(&tests("migrate")) {
        let is_ours = |path: &String| {
            let text = fs::read_to_string(case.join("out").join(path)).unwrap_or_default();
            path.ends_with("yml") || (path.ends_with("yaml") && !text.is_empty())
        };
        let Some(file) = files_below(&case.join("out")).into_iter().find(is_ours) else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("in"), folder.path());
        let text = fs::read_to_string(folder.path().join(&file)).unwrap();
        let variables = variables(&text);
        let old = [&[], variables.as_slice()].map(|set| resolved(folder.path(), &file, set));
        let mut migrate = Command::new(env!("CARGO_BIN_EXE_dockwright"));
        migrate
            .args(arguments(&case))
            .args(["--format=json", "--write", "--force"])
            .current_dir(folder.path());
        let told = migrate.output().unwrap().stdout;
        let json: Value = serde_json::from_slice(&told).unwrap();
        let reports = json.as_array().cloned().unwrap_or_else(|| vec![json]);
        let named: Vec<String> = reports
            .iter()
            .flat_map(|report| {
                report["compose"]["new"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            })
            .map(|new| new.as_str().unwrap().split(':').next().unwrap().to_owned())
            .collect();
        let is_named = |path: &String| {
            let below = |named: &String| path.strip_prefix(named.as_str());
            let mut rests = named.iter().filter_map(below);
            rests.any(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let new = [&[], variables.as_slice()].map(|set| resolved(folder.path(), &file, set));
        for (old, new) in old.iter().zip(&new) {
            compared += old.len();
            for path in old.keys().chain(new.keys()) {
                if old.get(path) != new.get(path) && !is_named(path) {
                    let (old, new) = (old.get(path), new.get(path));
                    found.push(format!("{}: {path}: was {old:?}, is {new:?}", name(&case)));
                }
            }
        }
    }
    assert!(compared > 100, "only {compared} values were compared");
    found.dedup();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
