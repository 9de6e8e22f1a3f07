//! Specs and everything that they become.
//!
//! `tests/golden/<case>/` holds a spec and, below `expected/`, every file that it generates. `tests/errors/<case>.toml`
//! is a spec with mistakes, and `<case>.txt` beside it is what is said about it.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use dockwright::compile::Compiler;
use dockwright::diag::{Color, Sources, report};
use dockwright::files::OutputFile;
use dockwright::{render, spec};

use crate::support::{Differences, listing, name, tests, unstamped};

/// The files of a spec, or the report of its mistakes.
pub(crate) fn generate(text: &str) -> Result<Vec<OutputFile>, String> {
    static COMPILER: OnceLock<(Compiler, Sources)> = OnceLock::new();
    let (compiler, sources) = COMPILER.get_or_init(|| {
        let mut sources = Sources::default();
        (Compiler::new(&mut sources), sources)
    });
    let mut sources = sources.clone();
    let source = sources.add("dockwright.toml", text);
    let made = spec::parse(text, source).and_then(|draft| {
        let plan = compiler.compile(&draft, "dockwright.toml", &sources)?;
        render::render(&plan)
    });
    made.map_err(|mistakes| {
        assert!(!mistakes.is_empty(), "refused without a reason:\n{text}");
        report(&mistakes, &sources, Color::No)
    })
}

#[test]
fn specs_become_these_files() {
    let mut differences = Differences::default();
    for case in listing(&tests("golden")) {
        let text = fs::read_to_string(case.join("dockwright.toml")).unwrap();
        match generate(&text) {
            Ok(files) => {
                let files: Vec<(String, String)> = files
                    .into_iter()
                    .map(|file| (file.path, unstamped(&file.text)))
                    .collect();
                let files = files
                    .iter()
                    .map(|(path, text)| (path.as_str(), text.as_str()));
                differences.compare_folder(&case.join("expected"), files);
            }
            Err(report) => differences.note(format!("{} is refused:\n{report}", name(&case))),
        }
    }
    differences.finish();
}

#[test]
fn mistakes_are_explained_in_these_words() {
    let mut differences = Differences::default();
    let is_spec = |path: &Path| path.extension().is_some_and(|ending| ending == "toml");
    for case in listing(&tests("errors")) {
        if !is_spec(&case) {
            continue;
        }
        let text = fs::read_to_string(&case).unwrap();
        match generate(&text) {
            Ok(_) => differences.note(format!("{} is accepted", name(&case))),
            Err(report) => differences.compare(&case.with_extension("txt"), &report),
        }
    }
    differences.finish();
}
