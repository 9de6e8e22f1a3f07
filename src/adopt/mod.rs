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
use crate::spec;

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
/// A Dockerfile with mistakes in it is not adopted: what could not be read would be lost. `compile` gives what a spec's text comes to, and nothing for one with mistakes.
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
    while let Some((difference, text, now)) =
        nearest(&adopted.text, &left, &compiled, &document, &compile)
    {
        adopted.taken.push(difference.to_string());
        adopted.text = text;
        compiled = now;
        left = differences(&compiled.plan, &document);
    }
    adopted.left = left;
    Some(adopted)
}

/// The first difference that can be said so that fewer of them are left, with the spec that says it. Keys are tried for
/// all of them before steps are for any: one key may say several differences at once.
fn nearest<'a>(
    text: &str,
    left: &'a [Difference],
    compiled: &Compiled,
    document: &Document,
    compile: &impl Fn(&str) -> Option<Compiled>,
) -> Option<(&'a Difference, String, Compiled)> {
    let with_keys = left
        .iter()
        .map(|difference| (difference, keys::ways(difference, &compiled.tree)));
    let with_steps = left
        .iter()
        .map(|difference| (difference, steps::ways(difference, &compiled.plan)));
    with_keys.chain(with_steps).find_map(|(difference, ways)| {
        ways.iter().find_map(|edits| {
            let text = spec::edit(text, edits)?;
            let compiled = compile(&text)?;
            let fewer = differences(&compiled.plan, document).len() < left.len();
            fewer.then_some((difference, text, compiled))
        })
    })
}
