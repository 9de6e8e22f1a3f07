//! Two references to images: what differs between them.

use super::{Severity, words::literal};
use crate::dockerfile::reference::ImageRef;

/// In which way another image is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// Another repository, or one of another registry.
    Repository,
    /// Another tag of the same repository.
    Tag,
    /// The same tag with another digest.
    Digest,
    /// The same tag, which nothing fixes any more.
    DigestLost,
    /// The same tag, now fixed.
    DigestAdded,
}

impl Difference {
    /// How much it matters.
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Repository => Severity::Error,
            _ => Severity::Warning,
        }
    }
}

/// The difference and the words for it, behind the name of what is built on or run.
pub(super) fn compare(expected: &ImageRef, actual: &ImageRef) -> Option<(Difference, String)> {
    let (was, is) = (literal(&short(expected)), literal(&short(actual)));
    if expected.name() != actual.name() {
        let message = format!("is another repository: was {was}, now {is}");
        return Some((Difference::Repository, message));
    }
    let tag = |image: &ImageRef| image.clone().or_latest().tag().map(str::to_owned);
    if tag(expected) != tag(actual) {
        let message = format!("has another tag: was {was}, now {is}");
        return Some((Difference::Tag, message));
    }
    match (expected.digest(), actual.digest()) {
        (Some(a), Some(b)) if a != b => {
            Some((Difference::Digest, format!("{is} has another digest")))
        }
        (Some(_), None) => {
            let message = format!("{is} is no longer fixed by a digest");
            Some((Difference::DigestLost, message))
        }
        (None, Some(_)) => {
            let message = format!("{is} is now fixed by a digest");
            Some((Difference::DigestAdded, message))
        }
        _ => None,
    }
}

/// As people write it, without the digest, which nobody reads.
fn short(image: &ImageRef) -> String {
    let text = image.familiar();
    let bare = text.split('@').next().unwrap_or_default();
    bare.to_owned()
}
