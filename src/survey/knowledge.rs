//! What is known of languages, frameworks and libraries: data files that nothing but a survey reads.

use crate::data::{self, Node};
use crate::diag::Sources;

/// The files that hold it.
const FILES: [(&str, &str); 4] = [
    (
        "templates/survey/files.toml",
        include_str!("../../templates/survey/files.toml"),
    ),
    (
        "templates/survey/python.toml",
        include_str!("../../templates/survey/python.toml"),
    ),
    (
        "templates/survey/packages.toml",
        include_str!("../../templates/survey/packages.toml"),
    ),
    (
        "templates/survey/c.toml",
        include_str!("../../templates/survey/c.toml"),
    ),
];

/// All that is known.
pub struct Knowledge {
    /// What projects of any language have.
    pub(super) files: Known,
    /// What Python projects have.
    pub(super) python: Known,
    /// What Python packages need of the system.
    pub(super) packages: Known,
    /// What C projects have.
    pub(super) c: Known,
}

impl Default for Knowledge {
    fn default() -> Self {
        let [files, python, packages, c] = FILES.map(|(path, text)| Known::parse(path, text));
        Self {
            files,
            python,
            packages,
            c,
        }
    }
}

impl Knowledge {
    /// The folders that hold nothing of a project's own.
    pub fn passed_over(&self) -> Vec<&str> {
        self.files.texts("passed-over")
    }

    /// The Dockerfiles that a project may have.
    pub fn dockerfiles(&self) -> Vec<&str> {
        self.files.texts("dockerfiles")
    }
}

/// One table of what is known.
#[derive(Clone)]
pub(super) struct Known {
    tree: Node,
}

impl Known {
    fn parse(path: &str, text: &str) -> Self {
        match data::parse(text, Sources::default().add(path, text)) {
            Ok(tree) => Self { tree },
            Err(mistakes) => {
                panic!("this is a bug in dockwright: {path} has mistakes: {mistakes:?}")
            }
        }
    }

    /// A text, or the empty one where the key is not there.
    pub(super) fn text(&self, key: &str) -> &str {
        self.tree.get(key).and_then(Node::text).unwrap_or_default()
    }

    /// A text, if the key is there.
    pub(super) fn maybe(&self, key: &str) -> Option<&str> {
        self.tree.get(key).and_then(Node::text)
    }

    /// A list of texts, possibly none.
    pub(super) fn texts(&self, key: &str) -> Vec<&str> {
        let items = self.tree.get(key).into_iter().flat_map(Node::items);
        items.filter_map(Node::text).collect()
    }

    /// A list of texts as values that can be kept.
    pub(super) fn words(&self, key: &str) -> Vec<String> {
        self.texts(key).into_iter().map(str::to_owned).collect()
    }

    /// A whole number that is no larger than a port.
    pub(super) fn number(&self, key: &str) -> Option<u16> {
        let number = self.tree.get(key).and_then(Node::integer)?;
        u16::try_from(number).ok()
    }

    /// A list of tables.
    pub(super) fn tables(&self, key: &str) -> Vec<Known> {
        let items = self.tree.get(key).into_iter().flat_map(Node::items);
        items.map(|tree| Known { tree: tree.clone() }).collect()
    }

    /// A table.
    pub(super) fn table(&self, key: &str) -> Option<Known> {
        let tree = self.tree.get(key)?.clone();
        tree.table().is_some().then_some(Known { tree })
    }

    /// The keys of this table with their texts.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let entries = self.tree.entries();
        entries.filter_map(|(key, entry)| Some((key, entry.node.text()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Knowledge, Known};

    /// What is said without a source cannot be checked by the next reader.
    #[test]
    fn every_package_and_framework_names_its_source() {
        let knowledge = Knowledge::default();
        let named = |known: &Known| known.text("source").starts_with("http");
        for (name, entry) in knowledge.packages.tree.entries() {
            let known = Known {
                tree: entry.node.clone(),
            };
            assert!(named(&known), "{name}");
        }
        for list in [
            "frameworks",
            "hosts",
            "managed",
            "workers",
            "backends",
            "exports",
        ] {
            assert!(knowledge.python.tables(list).iter().all(named), "{list}");
        }
    }
}
