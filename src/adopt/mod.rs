//! Adopting: an edit that a person made in a generated Dockerfile becomes a change of the spec.
//!
//! Each difference has several ways to be said, the shortest first: a key of the spec, then a step in its place. A way
//! is taken only if the spec, compiled again, is nearer to what the person wrote; so nothing is taken wrongly, and
//! what cannot be taken stays a difference. This room compiles nothing itself: it is given what compiles.

mod differences;
mod keys;
mod steps;

use crate::data::Node;
use crate::dockerfile::{self, Document};
use crate::plan::Plan;
use crate::spec::{self, Edit};

pub use differences::{Difference, differences};

/// A spec that was changed, and what came of it.
pub struct Adopted {
    /// The text of the spec.
    pub text: String,
    /// What was taken over, a line each.
    pub taken: Vec<String>,
    /// What could not be taken over.
    pub left: Vec<Difference>,
}

/// A spec as it is read, and the plan that it comes to.
pub struct Compiled {
    /// The keys of the spec, in their long forms.
    pub tree: Node,
    /// The plan.
    pub plan: Plan,
}

/// Changes a spec until it describes a Dockerfile, or until nothing brings it nearer.
///
/// `compile` gives what a spec's text comes to, and nothing for one with mistakes.
pub fn adopt(
    text: &str,
    actual: &str,
    compile: impl Fn(&str) -> Option<Compiled>,
) -> Option<Adopted> {
    let document = dockerfile::parse(actual.as_bytes());
    let mut adopted = Adopted {
        text: text.to_owned(),
        taken: Vec::new(),
        left: Vec::new(),
    };
    let mut compiled = compile(text)?;
    let mut left = differences(&compiled.plan, &document);
    let mut passed = 0;
    while let Some(difference) = left.get(passed) {
        match nearer(
            &adopted.text,
            difference,
            &compiled,
            &document,
            left.len(),
            &compile,
        ) {
            Some((text, now)) => {
                adopted.taken.push(difference.to_string());
                adopted.text = text;
                compiled = now;
                left = differences(&compiled.plan, &document);
                // What was passed over before may be possible now.
                passed = 0;
            }
            None => passed += 1,
        }
    }
    adopted.left = left;
    Some(adopted)
}

/// The first way to say a difference that leaves fewer of them.
fn nearer(
    text: &str,
    difference: &Difference,
    compiled: &Compiled,
    document: &Document,
    count: usize,
    compile: &impl Fn(&str) -> Option<Compiled>,
) -> Option<(String, Compiled)> {
    let mut ways: Vec<Vec<Edit>> = keys::ways(difference, &compiled.tree);
    ways.extend(steps::ways(difference, &compiled.plan));
    ways.iter().find_map(|edits| {
        let text = spec::edit(text, edits)?;
        let compiled = compile(&text)?;
        (differences(&compiled.plan, document).len() < count).then_some((text, compiled))
    })
}
