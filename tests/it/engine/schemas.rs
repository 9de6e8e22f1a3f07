//! What other people's readers of JSON Schema, which editors use, make of the schema that dockwright prints.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{ask, missing};
use crate::support::{listing, name, tests};

/// Misspelt words that a schema cannot know: which presets a project has, and what its spec names elsewhere.
const OPEN: &[&str] = &[
    "preset-misspelt",
    "preset-language-misspelt",
    "preset-package-manager-misspelt",
    "stage-misspelt",
    "variable-misspelt",
];

/// A folder with the schema, the specs that fit it, and those that do not.
struct Specs {
    folder: TempDir,
    good: BTreeSet<String>,
    bad: BTreeSet<String>,
}

impl Specs {
    fn new() -> Self {
        let mut specs = Self {
            folder: TempDir::new().unwrap(),
            good: BTreeSet::new(),
            bad: BTreeSet::new(),
        };
        let printed = ask(Command::new(env!("CARGO_BIN_EXE_dockwright")).arg("schema")).unwrap();
        fs::write(specs.schema(), printed).unwrap();
        for folder in ["systems", "golden"] {
            for case in listing(&tests(folder)) {
                let spec = case.join("dockwright.toml");
                if spec.is_file() {
                    let file = format!("{folder}-{}.toml", name(&case));
                    fs::copy(spec, specs.folder.path().join(&file)).unwrap();
                    specs.good.insert(file);
                }
            }
        }
        for case in listing(&tests("errors")) {
            let file = name(&case);
            let is_open = OPEN.iter().any(|open| file == format!("{open}.toml"));
            if file.ends_with("-misspelt.toml") && !is_open {
                fs::copy(&case, specs.folder.path().join(&file)).unwrap();
                specs.bad.insert(file);
            }
        }
        assert!(specs.good.len() > 40 && specs.bad.len() > 5);
        specs
    }

    fn schema(&self) -> PathBuf {
        self.folder.path().join("schema.json")
    }

    /// All that fit are taken, and each of the others is refused. `ask` is given the names of files in the folder.
    fn compare(&self, ask: impl Fn(&[&String]) -> Result<String, String>) {
        let good: Vec<&String> = self.good.iter().collect();
        ask(&good).unwrap();
        let taken = self.bad.iter().filter(|file| ask(&[file]).is_ok());
        assert_eq!(taken.collect::<Vec<_>>(), Vec::<&String>::new());
    }
}

#[test]
fn the_reference_validator_takes_every_spec_and_refuses_misspelt_ones() {
    if ask(Command::new("check-jsonschema").arg("--version")).is_err() {
        return missing("no check-jsonschema is installed");
    }
    let specs = Specs::new();
    let mut command = Command::new("check-jsonschema");
    command.arg("--check-metaschema").arg(specs.schema());
    assert!(ask(&mut command).is_ok());
    specs.compare(|files| {
        ask(Command::new("check-jsonschema")
            .arg("--schemafile")
            .arg(specs.schema())
            .args(files)
            .current_dir(specs.folder.path()))
    });
}

#[test]
fn an_editors_checker_takes_every_spec_and_refuses_misspelt_ones() {
    if ask(Command::new("tombi").arg("--version")).is_err() {
        return missing("no tombi is installed");
    }
    let specs = Specs::new();
    let config = "[[schemas]]\npath = \"schema.json\"\ninclude = [\"*.toml\"]\n";
    fs::write(specs.folder.path().join("tombi.toml"), config).unwrap();
    specs.compare(|files| {
        ask(Command::new("tombi")
            .args(["lint", "--offline"])
            .args(files)
            .current_dir(specs.folder.path()))
    });
}
