//! What the files of a project say that a program installs by: its groups, its extras, itself, and what the lock file names.
//!
//! Where each of these stands is said by the preset, as a path of keys. Nothing here knows of a program by its name.

use crate::data::{self, Node};
use crate::diag::Sources;

/// The file that describes a project, and the one that locks what it needs.
pub(super) struct Project {
    about: Node,
    lock: Node,
}

impl Project {
    /// Reads both, if they are what they are called.
    pub(super) fn read(about: &str, lock: &str) -> Option<Self> {
        Some(Self {
            about: tree(about)?,
            lock: tree(lock)?,
        })
    }

    /// What stands at a path of keys in the description.
    pub(super) fn get(&self, path: &str) -> Option<&Node> {
        at(&self.about, path)
    }

    /// A text at a path of keys in the lock file.
    pub(super) fn locked(&self, path: &str) -> Option<&str> {
        at(&self.lock, path)?.text()
    }

    /// The keys of the tables at some paths.
    pub(super) fn names(&self, paths: &[&str]) -> Vec<String> {
        let tables = paths.iter().filter_map(|path| self.get(path));
        let names = tables.flat_map(Node::entries).map(|(name, _)| name);
        names.map(ToOwned::to_owned).collect()
    }

    /// The locked package that is not fetched but lies in the project, if there is one. `kinds` are the words for such.
    pub(super) fn local(&self, kinds: &[&str]) -> Option<&str> {
        let is_local = |package: &Node| {
            let Some(source) = package.get("source") else {
                return false;
            };
            let of_type = source.get("type").and_then(Node::text);
            let lies_elsewhere = |kind: &&str| {
                let path = source.get(kind).and_then(Node::text);
                path.is_some_and(|path| path != ".")
            };
            let is_editable = package.get("develop").and_then(Node::boolean) == Some(true);
            of_type.is_some_and(|kind| kinds.contains(&kind))
                || kinds.iter().any(lies_elsewhere)
                || is_editable
        };
        let found = self.packages().find(|package| is_local(package))?;
        Some(found.get("name").and_then(Node::text).unwrap_or_default())
    }

    /// The names of the packages that some others need, and of these, all as the lock file has it.
    pub(super) fn needed(&self, roots: &[String]) -> Vec<String> {
        let mut needed: Vec<String> = roots.iter().map(|name| plain_name(name)).collect();
        let mut at = 0;
        while at < needed.len() {
            let name = needed[at].clone();
            at += 1;
            let is_it = |package: &&Node| {
                let own = package.get("name").and_then(Node::text);
                own.is_some_and(|own| plain_name(own) == name)
            };
            for package in self.packages().filter(is_it) {
                let needs = package.get("dependencies").into_iter();
                let names = needs.flat_map(Node::entries).map(|(name, _)| name);
                for name in names.map(plain_name) {
                    if !needed.contains(&name) {
                        needed.push(name);
                    }
                }
            }
        }
        needed
    }

    fn packages(&self) -> impl Iterator<Item = &Node> {
        self.lock.get("package").into_iter().flat_map(Node::items)
    }
}

/// A tree of TOML; nothing of a text that is none.
pub(in crate::migrate::takeover) fn tree(text: &str) -> Option<Node> {
    let source = Sources::default().add("", text);
    data::parse(text, source).ok()
}

fn at<'a>(tree: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(tree, |tree, key| tree.get(key))
}

/// The paths of keys of all values in a tree that are no tables, each with its value as it would be spelled on a command
/// line.
pub(super) fn leaves(tree: &Node, path: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (key, entry) in tree.entries() {
        let path = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        };
        if entry.node.table().is_some() {
            found.extend(leaves(&entry.node, &path));
        } else {
            found.push((path, entry.node.to_toml()));
        }
    }
    found
}

/// A package's name in the one spelling that all of its spellings have in common.
pub(in crate::migrate::takeover) fn plain_name(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<&str>>().join("-").to_lowercase()
}

/// The name at the beginning of a requirement.
pub(in crate::migrate::takeover) fn required(requirement: &str) -> &str {
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
    requirement.split(is_end).next().unwrap_or_default()
}

/// The modules that a source of Python imports, as far as its lines show.
pub(super) fn imported(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).flat_map(|line| {
        let (words, is_one) = match (line.strip_prefix("import "), line.strip_prefix("from ")) {
            (Some(rest), _) => (rest, false),
            (_, Some(rest)) => (rest, true),
            _ => ("", true),
        };
        let modules = words.split(',').take(if is_one { 1 } else { usize::MAX });
        modules.filter_map(|module| {
            let name = module.trim().split([' ', '.', '\t', '#', ';']).next()?;
            (!name.is_empty()).then_some(name)
        })
    })
}
