//! Edits of an ignore file, and how a spec says them.

use similar::{Algorithm, DiffTag, capture_diff_slices};
use toml_edit::Array;

use super::differences::Difference;
use crate::data::Node;
use crate::dockerfile::ignore::Ignore;
use crate::spec::Edit;

/// A line of an ignore file.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The line as it is written.
    pub text: String,
    /// What it comes to: whether it takes back, and what.
    meaning: (bool, String),
}

/// The patterns of an ignore file; nothing of a file with a mistake in it. Between two that take back, those that
/// exclude mean the same in any order, so they are brought into one.
pub(super) fn read(text: &str) -> Option<Vec<Pattern>> {
    let ignore = Ignore::parse(text.as_bytes()).ok()?;
    let pattern = |rule: &crate::dockerfile::ignore::Rule| Pattern {
        text: rule.text.clone(),
        meaning: (rule.exception, rule.pattern.clone()),
    };
    let mut patterns: Vec<Pattern> = ignore.rules().iter().map(pattern).collect();
    for run in patterns.split_mut(|pattern| pattern.meaning.0) {
        run.sort_by(|one, other| one.meaning.cmp(&other.meaning));
    }
    Some(patterns)
}

/// Everything that differs between what a spec comes to and what a person wrote.
pub(super) fn differences(expected: &[Pattern], actual: &[Pattern]) -> Vec<Difference> {
    let meaning = |patterns: &[Pattern]| -> Vec<(bool, String)> {
        patterns
            .iter()
            .map(|pattern| pattern.meaning.clone())
            .collect()
    };
    let mut differences = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &meaning(expected), &meaning(actual)) {
        if op.tag() == DiffTag::Equal {
            continue;
        }
        let changed = |patterns: &[Pattern], added| -> Vec<Difference> {
            let difference = |pattern: &Pattern| Difference::Pattern {
                pattern: pattern.clone(),
                added,
            };
            patterns.iter().map(difference).collect()
        };
        differences.extend(changed(&expected[op.old_range()], false));
        differences.extend(changed(&actual[op.new_range()], true));
    }
    differences
}

/// The ways to say a pattern with a key of the spec. One that lets something in has none: what the build sees follows
/// from what it copies.
pub(super) fn ways(pattern: &Pattern, added: bool, tree: &Node) -> Vec<Vec<Edit>> {
    if pattern.meaning.0 {
        return Vec::new();
    }
    let said = tree.get("source").and_then(|source| source.get("exclude"));
    let said = said
        .into_iter()
        .flat_map(Node::items)
        .filter_map(Node::text);
    let mut exclude: Vec<&str> = said.collect();
    if added {
        exclude.push(&pattern.text);
    } else {
        exclude.retain(|said| *said != pattern.text);
    }
    let path = ["source", "exclude"].map(ToOwned::to_owned).to_vec();
    vec![vec![Edit::Set(
        path,
        exclude.into_iter().collect::<Array>().into(),
    )]]
}
