//! What presets tell below `[migrate]`, as a takeover asks for it.

use crate::data::Node;
use crate::preset::{Library, Preset};

/// How an old file says what a preset does; the words of a preset and of all that it extends.
pub(super) struct Idioms<'a> {
    trees: Vec<&'a Node>,
}

impl<'a> Idioms<'a> {
    pub(super) fn of(preset: &'a Preset, library: &'a Library) -> Option<Self> {
        let own = preset.tree.get("migrate")?;
        own.get("installs").or_else(|| own.get("build"))?;
        let lineage = library.lineage(preset).into_iter();
        let trees = lineage.filter_map(|preset| preset.tree.get("migrate"));
        Some(Self {
            trees: trees.collect(),
        })
    }

    pub(super) fn list(&self, key: &str) -> Vec<&'a str> {
        let found = self.trees.iter().filter_map(|tree| tree.get(key));
        found.flat_map(Node::items).filter_map(Node::text).collect()
    }

    pub(super) fn text(&self, key: &str) -> &'a str {
        let mut found = self.trees.iter().filter_map(|tree| tree.get(key)?.text());
        found.next().unwrap_or_default()
    }

    /// The words of the table of a key.
    pub(super) fn words(&self, key: &str) -> Option<Words<'a>> {
        self.trees.iter().find_map(|tree| tree.get(key)).map(Words)
    }

    /// A list of the preset alone, and not of those that it extends.
    pub(super) fn own_list(&self, key: &str) -> Vec<&'a str> {
        let own = self.trees.first().and_then(|tree| tree.get(key));
        let items = own.into_iter().flat_map(Node::items);
        items.filter_map(Node::text).collect()
    }

    /// The tables of a list.
    pub(super) fn tables(&self, key: &str) -> Vec<&'a Node> {
        let found = self.trees.iter().filter_map(|tree| tree.get(key));
        found.flat_map(Node::items).collect()
    }

    /// How systems are told to install packages.
    pub(super) fn systems(&self) -> impl Iterator<Item = &'a Node> {
        let found = self.trees.iter().filter_map(|tree| tree.get("packages"));
        found.flat_map(Node::items)
    }
}

/// The words of one table of those.
#[derive(Clone, Copy)]
pub(super) struct Words<'a>(pub(super) &'a Node);

impl<'a> Words<'a> {
    pub(super) fn list(self, key: &str) -> Vec<&'a str> {
        let items = self.0.get(key).into_iter().flat_map(Node::items);
        items.filter_map(Node::text).collect()
    }

    pub(super) fn text(self, key: &str) -> &'a str {
        self.0.get(key).and_then(Node::text).unwrap_or_default()
    }

    pub(super) fn tables(self, key: &str) -> impl Iterator<Item = &'a Node> {
        self.0.get(key).into_iter().flat_map(Node::items)
    }
}
