//! The Dockerfile language: edge files with their trees or errors, and properties that hold for all files.

mod crosscheck;
mod instructions;
mod properties;
mod tree;

use std::{fs, path::PathBuf};

use dockwright::dockerfile::{Document, parse};

use crate::support::{Differences, listing, name, tests};

/// An edge file and what this project says about it.
pub(crate) struct Case {
    /// The folder's name, with `ok/` or `bad/` before it.
    pub(crate) name: String,
    /// The file itself.
    pub(crate) path: PathBuf,
    /// Whether a builder refuses it, as we see it.
    pub(crate) refused: bool,
}

/// Every edge file, for whoever can ask a builder about them.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in ["ok", "bad"] {
        for folder in listing(&tests("parser").join(kind)) {
            let path = folder.join("Dockerfile");
            cases.push(Case {
                name: format!("{kind}/{}", name(&folder)),
                refused: parse(&fs::read(&path).unwrap()).is_refused(),
                path,
            });
        }
    }
    cases
}

/// The cases of which the frontend that comes with the engine knows less than this parser.
pub(crate) fn frontend_differences() -> Vec<String> {
    let list = fs::read_to_string(tests("parser/frontend-differences.txt")).unwrap();
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

fn compare(kind: &str, expected: &str, show: fn(&Document) -> String) {
    let mut differences = Differences::default();
    for folder in listing(&tests("parser").join(kind)) {
        let bytes = fs::read(folder.join("Dockerfile")).unwrap();
        let document = parse(&bytes);
        assert_eq!(document.to_bytes(), bytes, "{}", folder.display());
        differences.compare(&folder.join(expected), &show(&document));
    }
    differences.finish();
}

#[test]
fn good_files_have_these_trees() {
    compare("ok", "tree.txt", tree::tree);
}

#[test]
fn bad_files_have_these_errors() {
    compare("bad", "errors.txt", tree::errors);
}

#[test]
fn good_files_are_taken_and_bad_ones_refused() {
    let wrong: Vec<String> = cases()
        .into_iter()
        .filter(|case| case.refused != case.name.starts_with("bad/"))
        .map(|case| case.name)
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn there_are_enough_edge_files_and_the_listed_ones_exist() {
    let cases = cases();
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    for name in frontend_differences() {
        assert!(
            cases.iter().any(|case| case.name == name),
            "no case `{name}`"
        );
        assert!(cases.iter().all(|case| case.path.is_file()));
    }
}

#[test]
fn what_was_parsed_prints_and_parses_to_the_same() {
    for case in cases() {
        let document = parse(&fs::read(&case.path).unwrap());
        for statement in document.statements() {
            properties::prints_back(&statement.instruction, document.escape(), &case.name);
        }
    }
}

#[test]
fn a_million_lines_are_read_in_linear_time() {
    use std::fmt::Write;
    let mut text = String::from("FROM scratch\n");
    for number in 0..50_000 {
        let _ = writeln!(text, "ENV A{number}=b");
    }
    text.push_str(&"# c\n\n".repeat(475_000));
    let mut one_line = String::from("FROM scratch\nRUN true");
    for _ in 0..500_000 {
        one_line.push_str(" \\\n  && true");
    }
    let mut heredoc = String::from("FROM scratch\nRUN <<EOF\n");
    for _ in 0..1_000_000 {
        heredoc.push_str("echo '\n");
    }
    heredoc.push_str("EOF\n");
    let mut words = String::from("FROM scratch\nCOPY ");
    let mut bodies = String::new();
    for number in 0..20_000 {
        let _ = writeln!(words, "<<A{number} \\");
        let _ = writeln!(bodies, "A{number}");
    }
    let many_heredocs = format!("{words}/a\n{bodies}");
    for file in [
        many_heredocs,
        text,
        one_line,
        heredoc,
        "(".repeat(10 << 20),
        "\\\n".repeat(5 << 20),
    ] {
        let start = std::time::Instant::now();
        assert_eq!(parse(file.as_bytes()).to_bytes(), file.as_bytes());
        let elapsed = start.elapsed();
        // Unoptimized, on a busy machine; what grows with the square would take hours.
        assert!(
            elapsed.as_secs() < 120,
            "{elapsed:?} for {} bytes",
            file.len()
        );
    }
}
