//! Sources, places in them, and what is reported about those places.
//!
//! This room knows texts and ranges. It does not know what any text means.

mod report;
mod suggest;

pub use report::{Color, report};
pub use suggest::closest;

use std::sync::Arc;

/// Which text a [`Span`] lies in: an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// A range of bytes in one source. `start == end` marks a place between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text that the range lies in.
    pub source: SourceId,
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// A range of bytes in a source.
    pub fn new(source: SourceId, range: std::ops::Range<usize>) -> Self {
        Self {
            source,
            start: range.start,
            end: range.end,
        }
    }
}

/// One text that was read, and the name under which messages speak of it.
#[derive(Clone, Debug)]
pub struct Source {
    /// A path as the user gave it, or the name of something built in.
    pub name: String,
    /// The whole text. Bytes that are not UTF-8 stand as U+FFFD here, so ranges after one are only near.
    pub text: String,
}

/// Every text that was read in one run. A copy of it is cheap.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Arc<Source>>,
}

impl Sources {
    /// Adds a text and returns the id by which spans name it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.list.push(Arc::new(Source {
            name: name.into(),
            text: text.into(),
        }));
        SourceId(self.list.len() - 1)
    }

    /// The text with this id.
    ///
    /// # Panics
    /// When the id was given out by another `Sources`.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0]
    }

    /// What stands at a place, or the empty string where the range cuts a character.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source)
            .text
            .get(span.start..span.end)
            .unwrap_or_default()
    }

    /// The line, counted from 1, on which a span begins.
    pub fn line(&self, span: Span) -> usize {
        let text = self.get(span.source).text.as_bytes();
        let before = &text[..span.start.min(text.len())];
        before.split(|byte| *byte == b'\n').count()
    }
}

/// Something that is wrong in what the user wrote.
///
/// Messages are lower case, have their literals in backticks and end without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// Where, if it is at a place, and what to say right there.
    pub primary: Option<Label>,
    /// Other places that explain the first.
    pub related: Vec<Label>,
    /// What would be right; each is a line of its own.
    pub help: Vec<String>,
}

/// A place and a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The words, possibly none.
    pub text: String,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self {
            primary: Some(Label {
                span,
                text: String::new(),
            }),
            ..Self::nowhere(message)
        }
    }

    /// A mistake that has no place, such as a file that is missing.
    pub fn nowhere(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Says a few words right at the place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Points at another place that explains this one.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean" where one of the known words is near the one found.
    #[must_use]
    pub fn suggest<'a>(self, found: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match closest(found, known) {
            Some(word) => self.help(format!("did you mean `{word}`?")),
            None => self,
        }
    }
}

/// Puts mistakes in the order in which their places stand in the sources; those without a place come first.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
}
