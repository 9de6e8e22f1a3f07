//! Adopting: an edit that a person made in a generated file becomes a change of the spec.
//!
//! Each difference has several ways to be said, the shortest first: a key of the spec, then a step in its place. A way
//! is taken only if the spec, compiled again, is nearer to what the person wrote; so nothing is taken wrongly, and
//! what cannot be taken stays a difference. This room compiles nothing itself: it is given what compiles.

mod comments;
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
    /// The text of the Dockerfile; empty where there is none.
    pub dockerfile: String,
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
                    let read = crate::compose::parse(text).ok()?;
                    written.compose = Some(compose::braced(read.value()));
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
            let expected = compose::braced(expected.value());
            found.extend(compose::differences(&expected, actual));
        }
        if let Some(document) = &self.dockerfile {
            found.extend(comments::differences(compiled, document));
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
    let mut followers = Followers {
        touched: left.iter().filter_map(Difference::key).cloned().collect(),
        follow: Vec::new(),
    };
    while let Some(taken) = nearest(
        &adopted.text,
        &left,
        &compiled,
        written,
        &followers,
        &compile,
    ) {
        adopted.taken.push(taken.difference.clone());
        adopted.text = taken.text;
        compiled = taken.compiled;
        followers.follow.extend(taken.follow);
        left = followers.without(written.differences(&compiled));
    }
    adopted.left = left;
    Some(adopted)
}

/// Keys of the compose file that nobody touched, and that follow what is taken from another file: a healthcheck is said
/// once, and stands in both.
struct Followers {
    /// The keys that the person touched.
    touched: Vec<Vec<String>>,
    /// Those that followed.
    follow: Vec<Vec<String>>,
}

impl Followers {
    /// The differences but for those that follow.
    fn without(&self, mut differences: Vec<Difference>) -> Vec<Difference> {
        differences.retain(|difference| {
            difference
                .key()
                .is_none_or(|key| !self.follow.contains(key))
        });
        differences
    }

    /// The keys among the differences that would follow what is taken from another file.
    fn of(&self, taken: &Difference, differences: &[Difference]) -> Vec<Vec<String>> {
        if taken.kind() == Kind::Compose {
            return Vec::new();
        }
        let keys = differences.iter().filter_map(Difference::key);
        let is_touched = |key: &&Vec<String>| {
            let mut touched = self.touched.iter();
            touched.any(|touched| touched.starts_with(key) || key.starts_with(touched))
        };
        keys.filter(|key| !is_touched(key)).cloned().collect()
    }
}

/// A difference that is taken, with the spec that says it.
struct Taken<'a> {
    difference: &'a Difference,
    text: String,
    compiled: Compiled,
    /// The keys of the compose file that follow.
    follow: Vec<Vec<String>>,
}

/// The first difference that can be said so that fewer of them are left. Keys are tried for all of them before steps are
/// for any: one key may say several differences at once.
fn nearest<'a>(
    text: &str,
    left: &'a [Difference],
    compiled: &Compiled,
    written: &Written,
    followers: &Followers,
    compile: &impl Fn(&str) -> Option<Compiled>,
) -> Option<Taken<'a>> {
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
            let mut now = followers.without(written.differences(&compiled));
            let follow = followers.of(difference, &now);
            now.retain(|difference| difference.key().is_none_or(|key| !follow.contains(key)));
            (weight(&now) < weight(left)).then_some(Taken {
                difference,
                text,
                compiled,
                follow,
            })
        })
    })
}

/// How far two versions of the files are from each other. A comment weighs less than anything that is done: what brings an
/// instruction home may bring its comment home after it.
fn weight(differences: &[Difference]) -> (usize, usize) {
    let is_comment = |difference: &&Difference| matches!(difference, Difference::Comment { .. });
    let comments = differences.iter().filter(is_comment).count();
    (differences.len() - comments, comments)
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
        _ => keys::ways(difference, compiled),
    }
}
