//! The files that `COPY` and `ADD` take, and where they go.

use indexmap::IndexSet;

use super::{heredoc::Heredoc, invalid::Invalid, words::Word};

/// What `COPY` and `ADD` take, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub(super) sources: Vec<TransferSource>,
    pub(super) destination: Word,
}

/// One source of `COPY` or `ADD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferSource {
    /// A path, a pattern, or for `ADD` an address.
    Path(Word),
    /// A file whose text stands in the Dockerfile.
    Inline(Heredoc),
}

impl Transfer {
    /// Sources, at least one, and a destination. Beside a text that stands in the Dockerfile no path
    /// may have blanks, since only a list in JSON keeps them together.
    pub fn new(sources: Vec<TransferSource>, destination: Word) -> Result<Self, Invalid> {
        if sources.is_empty() {
            return Err(Invalid::Empty("the list of sources"));
        }
        let mut names = IndexSet::new();
        let mut paths = vec![&destination];
        for source in &sources {
            match source {
                TransferSource::Path(path) => paths.push(path),
                TransferSource::Inline(heredoc) => {
                    if !names.insert(heredoc.name()) {
                        return Err(Invalid::Name {
                            of: "the word of two here-documents",
                            text: heredoc.name().to_owned(),
                        });
                    }
                }
            }
        }
        let in_json =
            |path: &&&Word| path.as_str().is_empty() || path.as_str().contains(char::is_whitespace);
        if !names.is_empty()
            && let Some(path) = paths.iter().find(in_json)
        {
            return Err(Invalid::Blank(path.as_str().to_owned()));
        }
        Ok(Self {
            sources,
            destination,
        })
    }

    /// Paths and a destination.
    pub fn paths(sources: Vec<Word>, destination: Word) -> Result<Self, Invalid> {
        Self::new(
            sources.into_iter().map(TransferSource::Path).collect(),
            destination,
        )
    }

    /// What is taken.
    pub fn sources(&self) -> &[TransferSource] {
        &self.sources
    }

    /// The paths among it, without what stands in the Dockerfile itself.
    pub fn source_paths(&self) -> impl Iterator<Item = &Word> {
        self.sources.iter().filter_map(|source| match source {
            TransferSource::Path(word) => Some(word),
            TransferSource::Inline(_) => None,
        })
    }

    /// Where it goes.
    pub fn destination(&self) -> &Word {
        &self.destination
    }
}
