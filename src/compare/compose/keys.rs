//! Keys and values, wherever they stand in the file.

use indexmap::IndexMap;

use super::super::{Change, words::literal};
use crate::compose::{Content, Tree, Value};

/// Lists whose order means nothing.
const UNORDERED: &[&str] = &[
    "cap_add",
    "cap_drop",
    "configs",
    "devices",
    "expose",
    "platforms",
    "ports",
    "profiles",
    "secrets",
    "security_opt",
    "tmpfs",
    "volumes",
];

/// Lists of `NAME=value` that can be written as maps too.
const PAIRS: &[&str] = &["annotations", "args", "environment", "labels", "sysctls"];

/// Lists of names that can be written as maps too.
const NAMES: &[&str] = &["depends_on", "networks"];

/// What was found.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) changes: Vec<Change>,
    /// The paths of which others tell what they mean, and items of the lists at such paths.
    pub(super) told: Vec<(String, Option<Value>)>,
}

impl Keys {
    /// Everything that differs at a path and below it.
    pub(super) fn compare(&mut self, path: &str, was: &Tree, is: &Tree) {
        if self.is_told(path, None) {
            return;
        }
        let key = path.rsplit('.').next().unwrap_or_default();
        let (was, is) = (&normal(key, was), &normal(key, is));
        match (&was.content, &is.content) {
            (Content::Map(old), Content::Map(new)) => {
                for (name, value) in old {
                    match new.get(name) {
                        Some(other) => self.compare(&below(path, name), value, other),
                        None => self.gone(&below(path, name), value, is.line),
                    }
                }
                for (name, value) in new {
                    if !old.contains_key(name) {
                        self.come(&below(path, name), value);
                    }
                }
                let same = old.len() == new.len() && old.keys().all(|name| new.contains_key(name));
                if same && !old.keys().eq(new.keys()) {
                    let message = match path {
                        "" => "the sections stand in another order".to_owned(),
                        _ => format!("the keys of {} stand in another order", literal(path)),
                    };
                    self.note("order-changed", message, was, is);
                }
            }
            (Content::List(old), Content::List(new)) => self.lists(path, (was, old), (is, new)),
            _ if is_empty(was) && is_empty(is) => {}
            // Where nothing is said, no key is.
            (Content::Scalar(Value::Null), Content::Map(_)) => {
                self.compare(path, &no_keys(was.line), is);
            }
            (Content::Map(_), Content::Scalar(Value::Null)) => {
                self.compare(path, was, &no_keys(is.line));
            }
            (Content::Scalar(old), Content::Scalar(new)) if old == new => {}
            (Content::Scalar(_), Content::Scalar(_))
                if was.text().is_some() && was.text() == is.text() =>
            {
                let message = format!("{} is written otherwise", literal(path));
                self.note("spelling-changed", message, was, is);
            }
            _ => {
                let message = format!("{} is now {}: was {}", literal(path), shown(is), shown(was));
                self.changed(message, was, is);
            }
        }
    }

    fn lists(&mut self, path: &str, (was, old): (&Tree, &[Tree]), (is, new): (&Tree, &[Tree])) {
        let mut come: Vec<&Tree> = new.iter().collect();
        let mut gone: Vec<&Tree> = Vec::new();
        for item in old {
            match come.iter().position(|other| other.value() == item.value()) {
                Some(at) => {
                    come.remove(at);
                }
                None => gone.push(item),
            }
        }
        let name = literal(path);
        if gone.is_empty() && come.is_empty() {
            if was.value() != is.value() {
                let key = path.rsplit('.').next().unwrap_or_default();
                let message = format!("the items of {name} stand in another order");
                if UNORDERED.contains(&key) {
                    self.note("order-changed", message, was, is);
                } else {
                    self.changed(message, was, is);
                }
            }
            return;
        }
        // A command is one thing; of other lists each item is one.
        let key = path.rsplit('.').next().unwrap_or_default();
        let whole = matches!(key, "command" | "entrypoint" | "test");
        if whole {
            let message = format!("{name} is now {}: was {}", shown(is), shown(was));
            self.changed(message, was, is);
            return;
        }
        gone.retain(|item| !self.is_told(path, Some(item)));
        come.retain(|item| !self.is_told(path, Some(item)));
        let pairs = gone.len().min(come.len());
        for (before, after) in gone.iter().zip(&come) {
            if before.map().is_some() && after.map().is_some() {
                let index = new.iter().position(|item| std::ptr::eq(item, *after));
                let path = format!("{path}[{}]", index.unwrap_or_default());
                self.compare(&path, before, after);
            } else {
                let message = format!(
                    "{name} has {} now, where {} was",
                    shown(after),
                    shown(before)
                );
                self.changed(message, before, after);
            }
        }
        for item in &gone[pairs..] {
            let message = format!("{name} has {} no more", shown(item));
            let change = Change::warning("key-removed", message);
            self.changes.push(change.at(Some(item.line), Some(is.line)));
        }
        for item in &come[pairs..] {
            let message = format!("{name} has {} now", shown(item));
            let change = Change::warning("key-added", message);
            self.changes.push(change.at(None, Some(item.line)));
        }
    }

    fn is_told(&self, path: &str, item: Option<&Tree>) -> bool {
        let item = item.map(Tree::value);
        self.told
            .iter()
            .any(|told| told.0 == path && told.1 == item)
    }

    /// Whether each item of a list, or each key of a map, is told.
    fn is_wholly_told(&self, path: &str, value: &Tree) -> bool {
        match &value.content {
            Content::List(items) if !items.is_empty() => {
                items.iter().all(|item| self.is_told(path, Some(item)))
            }
            Content::Map(entries) if !entries.is_empty() => {
                let mut names = entries.keys();
                names.all(|name| self.is_told(&below(path, name), None))
            }
            _ => false,
        }
    }

    fn gone(&mut self, path: &str, value: &Tree, stands: usize) {
        if self.is_told(path, None) || self.is_wholly_told(path, value) {
            return;
        }
        let change = Change::warning(
            "key-removed",
            format!("{} is gone: was {}", literal(path), shown(value)),
        );
        self.changes.push(change.at(Some(value.line), Some(stands)));
    }

    fn come(&mut self, path: &str, value: &Tree) {
        if self.is_told(path, None) || self.is_wholly_told(path, value) {
            return;
        }
        let change = Change::warning(
            "key-added",
            format!("{} is new: {}", literal(path), shown(value)),
        );
        self.changes.push(change.at(None, Some(value.line)));
    }

    fn changed(&mut self, message: String, was: &Tree, is: &Tree) {
        let change = Change::warning("key-changed", message);
        self.changes.push(change.at(Some(was.line), Some(is.line)));
    }

    fn note(&mut self, kind: &'static str, message: String, was: &Tree, is: &Tree) {
        let change = Change::note(kind, message);
        self.changes.push(change.at(Some(was.line), Some(is.line)));
    }
}

/// The path of a key below another path.
pub(super) fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

/// The form of a value that others can be compared with: maps where lists say the same.
pub(super) fn normal(key: &str, tree: &Tree) -> Tree {
    let Content::List(items) = &tree.content else {
        return tree.clone();
    };
    let texts: Option<Vec<(String, usize)>> = items
        .iter()
        .map(|item| Some((item.text()?, item.line)))
        .collect();
    let scalar = |text: &str, line: usize| Tree {
        line,
        content: Content::Scalar(Value::from(text)),
    };
    let entries = match texts {
        Some(texts) if PAIRS.contains(&key) => texts
            .into_iter()
            .map(|(text, line)| match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), scalar(value, line)),
                None => (text, Tree::null(line)),
            })
            .collect(),
        Some(texts) if NAMES.contains(&key) => texts
            .into_iter()
            .map(|(name, line)| {
                let started = [("condition".to_owned(), scalar("service_started", line))];
                let content = Content::Map(started.into_iter().collect());
                let value = match key {
                    "depends_on" => Tree { line, content },
                    _ => Tree::null(line),
                };
                (name, value)
            })
            .collect(),
        _ => return tree.clone(),
    };
    Tree {
        line: tree.line,
        content: Content::Map(entries),
    }
}

fn no_keys(line: usize) -> Tree {
    Tree {
        line,
        content: Content::Map(IndexMap::new()),
    }
}

/// Whether nothing is said, in one way or another.
fn is_empty(tree: &Tree) -> bool {
    match &tree.content {
        Content::Scalar(value) => *value == Value::Null,
        Content::List(items) => items.is_empty(),
        Content::Map(entries) => entries.is_empty(),
    }
}

/// A value as a literal.
pub(super) fn shown(tree: &Tree) -> String {
    fn text(tree: &Tree) -> String {
        match &tree.content {
            Content::Scalar(_) => tree.text().unwrap_or_else(|| "null".to_owned()),
            Content::List(items) => {
                let items: Vec<String> = items.iter().map(text).collect();
                format!("[{}]", items.join(", "))
            }
            Content::Map(entries) => {
                let entry = |(name, value): (&String, &Tree)| format!("{name}: {}", text(value));
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }
    literal(&text(tree))
}
