//! What a stage is built on.

use super::super::{Change, Severity, images, images::Difference, words::literal};
use super::file::File;
use crate::dockerfile::stages::Source;

/// The difference between what two stages are built on. `pairs` says which stage is which.
pub(super) fn compare(
    expected: &File,
    actual: &File,
    (a, b): (usize, usize),
    pairs: &[(usize, usize)],
    place: &str,
) -> Option<Change> {
    let (was, is) = (&expected.stages[a].from, &actual.stages[b].from);
    let other = |severity| {
        let (was, is) = (literal(was.image.as_str()), literal(is.image.as_str()));
        let message = format!("the base image{place} is now {is}: was {was}");
        Some(Change::new("base-image-changed", severity, message))
    };
    match (
        root(expected, a, |stage| {
            pairs.iter().any(|pair| pair.0 == stage)
        }),
        root(actual, b, |stage| pairs.iter().any(|pair| pair.1 == stage)),
    ) {
        (Some(Source::Stage(a)), Some(Source::Stage(b))) if pairs.contains(&(a, b)) => None,
        (Some(Source::Image(was)), Some(Source::Image(is))) => {
            let (difference, words) = images::compare(&was, &is)?;
            let kind = match difference {
                Difference::Repository => "base-image-changed",
                Difference::Tag => "base-tag-changed",
                Difference::Digest => "base-digest-changed",
                Difference::DigestLost => "base-digest-lost",
                Difference::DigestAdded => "base-digest-added",
            };
            let message = format!("the base image{place} {words}");
            Some(Change::new(kind, difference.severity(), message))
        }
        (Some(Source::Scratch), Some(Source::Scratch)) => None,
        (Some(Source::Image(_)), Some(Source::Scratch))
        | (Some(Source::Scratch), Some(Source::Image(_))) => other(Severity::Error),
        (None, None) if was.image == is.image => None,
        _ => other(Severity::Warning),
    }
}

/// What a stage is built on, through the stages that the other file does not have.
fn root(file: &File, stage: usize, is_paired: impl Fn(usize) -> bool) -> Option<Source> {
    let mut base = file.base(stage)?;
    while let Source::Stage(below) = base
        && !is_paired(below)
    {
        base = file.base(below)?;
    }
    Some(base)
}
