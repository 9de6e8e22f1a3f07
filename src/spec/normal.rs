//! Short forms into long ones, and a preset's defaults under what the user wrote.

use super::table;
use crate::data::{Entry, Node, Value};

/// Keys that have a short form, and which of their own keys it says.
pub(super) const SHORT: [(&str, &str); 4] = [
    ("base", "image"),
    ("packages", "runtime"),
    ("source", "include"),
    ("user", "name"),
];

/// Brings every key into its long form, so that the rest of the program knows one form only.
pub(super) fn lengthen(tree: &mut Node) {
    for (key, long) in SHORT {
        if let Some(node) = value(tree, key)
            && node.table().is_none()
        {
            *node = table(node.span, [(long.to_owned(), node.clone())]);
        }
    }
    if let Some(source) = value(tree, "source")
        && let Some(include) = value(source, "include")
        && let Value::List(items) = &mut include.value
    {
        items.iter_mut().for_each(lengthen_source);
    }
    if let Some(ports) = value(tree, "ports")
        && let Value::List(items) = &mut ports.value
    {
        items.iter_mut().for_each(to_text);
    }
    for key in ["env", "args", "labels"] {
        if let Some(node) = value(tree, key)
            && let Value::Table(entries) = &mut node.value
        {
            entries
                .values_mut()
                .for_each(|entry| to_text(&mut entry.node));
        }
    }
    if let Some(user) = value(tree, "user")
        && user.get("name").and_then(Node::text) == Some("root")
        && let Value::Table(entries) = &mut user.value
    {
        // Root is a user like any other here, but its numbers are fixed.
        for key in ["uid", "gid"] {
            let span = user.span;
            let node = Node {
                span,
                value: Value::Integer(0),
            };
            entries.insert(key.to_owned(), Entry { key: span, node });
        }
    }
}

/// A source that is only named lands at the same path below the working directory, and what a pattern fits in the
/// folder in which it was looked for.
fn lengthen_source(item: &mut Node) {
    if item.text().is_some() {
        *item = table(item.span, [("from".to_owned(), item.clone())]);
    }
    let from = item.get("from").cloned();
    if let (Some(from), Value::Table(entries)) = (from, &mut item.value) {
        let folder = from.text().and_then(super::folder_of_pattern);
        let value = folder.map(|folder| Value::Text(folder.to_owned()));
        entries.entry("to".to_owned()).or_insert_with(|| Entry {
            key: from.span,
            node: Node {
                span: from.span,
                value: value.unwrap_or(from.value),
            },
        });
    }
}

/// Numbers and booleans where the file that is generated holds text anyway.
fn to_text(node: &mut Node) {
    let text = match &node.value {
        Value::Integer(number) => number.to_string(),
        Value::Float { written, .. } => written.clone(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Text(_) | Value::List(_) | Value::Table(_) => return,
    };
    node.value = Value::Text(text);
}

/// Puts defaults under a tree: a key that is missing is taken over, a table that is there is filled.
///
/// What people list (sources, ports, environment) they list whole, so only tables with known keys are filled.
pub(super) fn fill(tree: &mut Node, defaults: &Node) {
    under(tree, defaults, &|key| match key {
        "base" | "packages" | "source" | "user" | "outputs" => 1,
        // Below `options` there is a table for each preset.
        "options" => 2,
        _ => 0,
    });
}

/// Takes over the keys that are missing. `depth` says how many tables deep a key that is there is filled.
fn under(tree: &mut Node, defaults: &Node, depth: &dyn Fn(&str) -> usize) {
    let Value::Table(entries) = &mut tree.value else {
        return;
    };
    for (key, default) in defaults.entries() {
        match entries.get_mut(key) {
            None => {
                entries.insert(key.to_owned(), default.clone());
            }
            Some(entry) if depth(key) > 0 => {
                let left = depth(key) - 1;
                under(&mut entry.node, &default.node, &|_| left);
            }
            Some(_) => {}
        }
    }
}

fn value<'a>(tree: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    match &mut tree.value {
        Value::Table(entries) => Some(&mut entries.get_mut(key)?.node),
        _ => None,
    }
}
