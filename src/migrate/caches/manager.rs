//! Package managers, as the data file tells of them.

use crate::data::Node;
use crate::dockerfile::paths::lies_in;
use crate::migrate::shell::{Command, behind};

/// A package manager, as the data file tells of it.
#[derive(Clone, Copy)]
pub(super) struct Manager<'a> {
    pub(super) tree: &'a Node,
}

impl<'a> Manager<'a> {
    pub(super) fn name(self) -> &'a str {
        self.tree
            .get("name")
            .and_then(Node::text)
            .unwrap_or_default()
    }

    pub(super) fn list(self, key: &str) -> Vec<&'a str> {
        texts(self.tree, key)
    }

    pub(super) fn is(self, key: &str) -> bool {
        self.tree.get(key).and_then(Node::boolean) == Some(true)
    }

    /// What stands in the place of a flag that does without the cache.
    pub(super) fn instead(self, flag: &str) -> Option<&'a str> {
        self.tree.get("flags")?.get(flag)?.text()
    }

    /// Whether a command is one of those below a key, whatever folder its program is called from.
    pub(super) fn runs(self, key: &str, command: &Command) -> bool {
        let mut program = command.program();
        if let Some(first) = program.first_mut() {
            *first = first.rsplit('/').next().unwrap_or_default();
        }
        let mut begins = self.list(key).into_iter();
        begins.any(|begin| behind(&program, begin).is_some())
    }

    /// Whether a variable puts the cache elsewhere or turns it off; of a value that is not known the worst is thought.
    pub(super) fn is_moved_by(self, name: &str, value: Option<&str>) -> bool {
        let mut known = self.list("variables").into_iter();
        known.any(|known| match known.split_once('=') {
            Some((known, bad)) => known == name && value.is_none_or(|value| value == bad),
            None => known == name,
        })
    }

    /// Whether a path is in the cache or has it below it. Of the root of all everything is below.
    pub(super) fn meets(self, path: &str) -> bool {
        let mut targets = self.list("cache").into_iter();
        targets.any(|target| lies_in(path, target) || (path != "/" && lies_in(target, path)))
    }

    /// Whether a command empties the cache and does nothing else.
    pub(super) fn cleans(self, command: &Command) -> bool {
        self.list("cleans").contains(&command.joined().as_str())
    }

    /// Whether a text has a command that installs, however it is called there.
    pub(super) fn is_named_in(self, line: &str) -> bool {
        let whole = line.split_whitespace().collect::<Vec<&str>>().join(" ");
        let is_word = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let installs = self.list("installs");
        let is_spelled = |begin: &&str| {
            let mut found = whole.match_indices(begin);
            found.any(|(at, _)| is_word(&whole[..at]))
        };
        // Flags may stand between the words.
        let is_flagged = |begin: &&str| {
            line.split(['&', '|', ';', '(']).any(|part| {
                let words: Vec<&str> = part.split_whitespace().collect();
                (0..words.len()).any(|at| behind(&words[at..], begin).is_some())
            })
        };
        installs
            .iter()
            .any(|begin| is_spelled(begin) || is_flagged(begin))
    }
}

/// The texts of a list.
pub(super) fn texts<'a>(tree: &'a Node, key: &str) -> Vec<&'a str> {
    let items = tree.get(key).into_iter().flat_map(Node::items);
    items.filter_map(Node::text).collect()
}
