//! Comments above the instructions of a Dockerfile, which a spec says as the notes of its steps and stages.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Compiled;
use super::differences::Difference;
use crate::dockerfile::{self, Document, Item, StageName};

/// An instruction with the lines of the comment right above it.
struct Commented {
    text: String,
    comment: Vec<String>,
}

/// The comments that differ, of instructions that are the same on both sides.
pub(super) fn differences(compiled: &Compiled, actual: &Document) -> Vec<Difference> {
    let expected = dockerfile::parse(compiled.dockerfile.as_bytes());
    let (expected, actual) = (commented(&expected), commented(actual));
    let notes = notes(compiled);
    let texts =
        |list: &[Commented]| -> Vec<String> { list.iter().map(|one| one.text.clone()).collect() };
    let mut differences = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &texts(&expected), &texts(&actual)) {
        let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        else {
            continue;
        };
        for offset in 0..len {
            let (was, is) = (&expected[old_index + offset], &actual[new_index + offset]);
            if was.comment != is.comment
                && let Some(note) = notes.get(old_index + offset)
            {
                differences.push(Difference::Comment {
                    note: note.clone(),
                    actual: is.comment.clone(),
                });
            }
        }
    }
    differences
}

/// The instructions of a Dockerfile, each with its comment.
fn commented(document: &Document) -> Vec<Commented> {
    let mut list = Vec::new();
    let mut comment = Vec::new();
    for item in document.items() {
        match item {
            Item::Comment(line) => comment.push(line.text.clone()),
            Item::Statement(statement) => list.push(Commented {
                text: dockerfile::print(&statement.instruction),
                comment: std::mem::take(&mut comment),
            }),
            _ => comment.clear(),
        }
    }
    list
}

/// For each instruction of a plan, the keys of a spec that say the comment above it.
fn notes(compiled: &Compiled) -> Vec<Vec<String>> {
    let mut notes: Vec<Vec<String>> = compiled.plan.globals.iter().map(|_| Vec::new()).collect();
    let path = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    for stage in &compiled.plan.stages {
        let name = stage.from.name.as_ref().map_or("", StageName::as_str);
        notes.push(path(&["stages", name, "note"]));
        let steps = stage.layers.iter();
        notes.extend(steps.map(|layer| path(&["stages", name, "steps", &layer.id, "note"])));
    }
    notes
}
