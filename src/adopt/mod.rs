//! Adopting: an edit that a person made in a generated file becomes a change of the spec.
//!
//! Each difference has several ways to be said, the shortest first: a key of the spec, then a step in its place. A way
//! is taken only if the spec, compiled again, is nearer to what the person wrote; so nothing is taken wrongly, and
//! what cannot be taken stays a difference. This room compiles nothing itself: it is given what compiles.

mod compose;
mod differences;
mod keys;
mod patterns;
mod steps;

use crate::compose::Value;
use crate::data::Node;
use crate::dockerfile::{self, Document};
use crate::plan::Plan;
use crate::spec::{self, Edit};

pub use differences::{Difference, Kind};
pub use patterns::Pattern;

/// A spec that was changed, and what came of it.
pub struct Adopted {
    /// The text of the spec.
    pub text: String,
    /// What was taken over.
    pub taken: Vec<Difference>,
    /// What could not be taken over.
    pub left: Vec<Difference>,
}

/// A spec as it is read, and what it comes to.
pub struct Compiled {
    /// The keys of the spec, in their long forms.
    pub tree: Node,
    /// The plan.
    pub plan: Plan,
    /// The text of the ignore file; empty where there is none.
    pub dockerignore: String,
    /// The text of the compose file; empty where there is none.
    pub compose: String,
}

/// What a person wrote, of those files that are to be adopted.
pub struct Written {
    dockerfile: Option<Document>,
    dockerignore: Option<Vec<Pattern>>,
    compose: Option<Value>,
}

impl Written {
    /// Reads the texts of files. Nothing comes of one with a mistake in it: what cannot be read would be lost.
    pub fn read(files: &[(Kind, &str)]) -> Option<Self> {
        let mut written = Self {
            dockerfile: None,
            dockerignore: None,
            compose: None,
        };
        for (kind, text) in files {
            match kind {
                Kind::Dockerfile => {
                    let document = dockerfile::parse(text.as_bytes());
                    if !document.mistakes().is_empty() {
                        return None;
                    }
                    written.dockerfile = Some(document);
                }
                Kind::Dockerignore => written.dockerignore = Some(patterns::read(text)?),
                Kind::Compose => {
                    written.compose = Some(crate::compose::parse(text).ok()?.value());
                }
            }
        }
        Some(written)
    }

    /// Everything that differs from what a spec comes to.
    fn differences(&self, compiled: &Compiled) -> Vec<Difference> {
        let mut found = Vec::new();
        if let Some(document) = &self.dockerfile {
            found.extend(differences::instructions(&compiled.plan, document));
        }
        if let (Some(actual), Some(expected)) =
            (&self.dockerignore, patterns::read(&compiled.dockerignore))
        {
            found.extend(patterns::differences(&expected, actual));
        }
        if let (Some(actual), Ok(expected)) =
            (&self.compose, crate::compose::parse(&compiled.compose))
        {
            found.extend(compose::differences(&expected.value(), actual));
        }
        found
    }
}

/// Changes a spec until it describes what a person wrote, or until nothing brings it nearer.
///
/// `compile` gives what a spec's text comes to, and nothing for one with mistakes.
pub fn adopt(
    text: &str,
    written: &Written,
    compile: impl Fn(&str) -> Option<Compiled>,
) -> Option<Adopted> {
    let mut adopted = Adopted {
        text: text.to_owned(),
        taken: Vec::new(),
        left: Vec::new(),
    };
    let mut compiled = compile(text)?;
    let mut left = written.differences(&compiled);
    while let Some((difference, text, now)) =
        nearest(&adopted.text, &left, &compiled, written, &compile)
    {
        adopted.taken.push(difference.clone());
        adopted.text = text;
        compiled = now;
        left = written.differences(&compiled);
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
    written: &Written,
    compile: &impl Fn(&str) -> Option<Compiled>,
) -> Option<(&'a Difference, String, Compiled)> {
    let with_keys = left
        .iter()
        .map(|difference| (difference, with_keys(difference, compiled)));
    let with_steps = left
        .iter()
        .map(|difference| (difference, steps::ways(difference, &compiled.plan)));
    with_keys.chain(with_steps).find_map(|(difference, ways)| {
        ways.iter().find_map(|edits| {
            let text = spec::edit(text, edits)?;
            let compiled = compile(&text)?;
            let fewer = written.differences(&compiled).len() < left.len();
            fewer.then_some((difference, text, compiled))
        })
    })
}

/// The ways to say a difference with the spec's keys.
fn with_keys(difference: &Difference, compiled: &Compiled) -> Vec<Vec<Edit>> {
    match difference {
        Difference::Key {
            path,
            expected,
            actual,
        } => compose::ways(path, expected.as_ref(), actual.as_ref(), compiled),
        Difference::Pattern { pattern, added } => patterns::ways(pattern, *added, &compiled.tree),
        _ => keys::ways(difference, &compiled.tree),
    }
}
