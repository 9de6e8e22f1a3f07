//! What is told of generated files that somebody changed.

use std::fs;
use std::sync::LazyLock;

use dockwright::compare::{self, Change};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::Index;

use crate::support::{files_below, tests};

/// How two versions of a file are compared.
type Compare = fn(&str, &str) -> Vec<Change>;

/// Every file that a spec of `tests/golden/` becomes.
static FILES: LazyLock<Vec<(Compare, String)>> = LazyLock::new(|| {
    let folder = tests("golden");
    let paths = files_below(&folder).into_iter();
    let ending = |path: &str| {
        path.rsplit(['.', '/'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let generated = paths.filter(|path| path.contains("/expected/") && ending(path) != "txt");
    let file = |path: String| {
        let compare: Compare = match &*ending(&path) {
            "dockerignore" => compare::dockerignore,
            "yaml" | "yml" => compare::compose,
            _ => compare::dockerfile,
        };
        (compare, fs::read_to_string(folder.join(path)).unwrap())
    };
    generated.map(file).collect()
});

#[test]
fn generated_files_are_equal_to_themselves_alone() {
    assert!(FILES.len() > 50);
    for (compare, text) in FILES.iter() {
        assert_eq!(compare(text, text), []);
        assert_eq!(compare(text, &text.replace('\n', "\r\n")), []);
        assert_eq!(compare(&text.replace('\n', "\r\n"), text), []);
        assert!(!compare(text, &format!("{text}\n")).is_empty());
        assert!(!compare(text, text.trim_end()).is_empty());
        assert!(!compare(text, "").is_empty());
        assert!(!compare("", text).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_byte_of_a_generated_file_counts(file: Index, at: Index, byte in 0..128_u8) {
        let (compare, text) = file.get(&FILES);
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(actual) = String::from_utf8(bytes) {
            let changes = compare(text, &actual);
            prop_assert_eq!(changes.is_empty(), actual == *text, "{}", actual);
            let count = actual.lines().count();
            for change in &changes {
                let inside = change.line.is_none_or(|line| (1..=count).contains(&line));
                prop_assert!(inside, "{:?}", change);
            }
            let lines: Vec<Option<usize>> = changes.iter().filter(|change| change.line.is_some()).map(|change| change.line).collect();
            prop_assert!(lines.is_sorted(), "{:?}", changes);
        }
    }

    #[test]
    fn a_line_that_is_gone_or_doubled_is_told(file: Index, at: Index, doubled in any::<bool>()) {
        let (compare, text) = file.get(&FILES);
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let at = at.index(lines.len());
        if doubled {
            lines.insert(at, lines[at]);
        } else {
            lines.remove(at);
        }
        prop_assert!(!compare(text, &lines.concat()).is_empty());
    }

    #[test]
    fn two_generated_files_differ_unless_they_are_equal(one: Index, other: Index) {
        let (compare, text) = one.get(&FILES);
        let (_, other) = other.get(&FILES);
        prop_assert_eq!(compare(text, other).is_empty(), text == other);
    }
}
