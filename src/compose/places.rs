//! Where the keys of a compose file were said.

use super::merge;
use super::model::{Map, Value};
use super::parse::{Content, Tree};
use crate::data::{self, Node};
use crate::diag::Span;

/// Keys of a compose file and the places that say them. An item of a list counts as a key that is called as it reads.
#[derive(Clone, Debug, Default)]
pub struct Places {
    list: Vec<(Vec<String>, Span)>,
}

impl Places {
    /// The places in a user's tree that came to a value.
    pub fn of(node: &Node, value: &Value) -> Self {
        let mut places = Self::default();
        places.add(&mut Vec::new(), node, value);
        places
    }

    fn add(&mut self, path: &mut Vec<String>, node: &Node, value: &Value) {
        let mut below = |name: String, span: Span, node: &Node, value: &Value| {
            path.push(name);
            self.list.push((path.clone(), span));
            self.add(path, node, value);
            path.pop();
        };
        match (&node.value, value) {
            (data::Value::Table(entries), Value::Map(values)) => {
                for ((name, entry), value) in entries.iter().zip(values.values()) {
                    below(name.clone(), entry.key, &entry.node, value);
                }
            }
            (data::Value::List(nodes), Value::List(values)) => {
                for (node, value) in nodes.iter().zip(values) {
                    below(merge::whole(value), node.span, node, value);
                }
            }
            _ => {}
        }
    }

    /// Says where a key was said; what is said later is stronger.
    pub fn say(&mut self, path: &[&str], span: Span) {
        let path = path.iter().map(|name| (*name).to_owned()).collect();
        self.list.push((path, span));
    }

    /// Takes over what was said of a part of the file.
    pub fn below(&mut self, path: &[&str], part: &Self) {
        let above = path.iter().map(|name| (*name).to_owned());
        let whole = |(path, span): &(Vec<String>, Span)| {
            (above.clone().chain(path.iter().cloned()).collect(), *span)
        };
        self.list.extend(part.list.iter().map(whole));
    }

    /// The longest beginning of a path of which the place is known: how long it is, and the place.
    pub fn nearest(&self, path: &[String]) -> Option<(usize, Span)> {
        let known = self.list.iter().rev().filter(|(known, _)| {
            known.len() <= path.len() && known.iter().zip(path).all(|(one, two)| is_same(one, two))
        });
        let mut nearest: Option<(usize, Span)> = None;
        for (known, span) in known {
            if nearest.is_none_or(|(length, _)| known.len() > length) {
                nearest = Some((known.len(), *span));
            }
        }
        nearest
    }
}

/// Whether two names are of one key. A variable may be said as a name with its value, and as `NAME=value`.
fn is_same(one: &str, other: &str) -> bool {
    let name = |text: &str| text.split_once('=').map(|(name, _)| name.to_owned());
    one == other
        || name(one).is_some_and(|name| name == other)
        || name(other).is_some_and(|name| name == one)
}

/// A part of a compose file, and the places that say it.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The part.
    pub map: Map,
    /// Where its keys were said.
    pub places: Places,
}

impl Part {
    /// A part that a user wrote.
    pub fn of(node: &Node, map: Map) -> Self {
        let value = Value::Map(map);
        let places = Places::of(node, &value);
        match value {
            Value::Map(map) => Self { map, places },
            _ => unreachable!("this value was made of a map"),
        }
    }

    /// Lays another part of a service over this one.
    pub fn lay(&mut self, over: Self) {
        merge::service(&mut self.map, over.map);
        self.places.list.extend(over.places.list);
    }
}

impl Tree {
    /// The names that lead to what stands on a line, and how many of them are keys of maps before one is an item of a list;
    /// none where that is above everything.
    pub fn path_to(&self, line: usize) -> (Vec<String>, usize) {
        let mut path = Vec::new();
        let mut keys = None;
        let mut here = self;
        loop {
            let below = match &here.content {
                Content::Scalar(_) => None,
                Content::List(items) => items
                    .iter()
                    .rfind(|item| item.line <= line)
                    .map(|item| (merge::whole(&item.value()), item)),
                Content::Map(entries) => entries
                    .iter()
                    .rfind(|(_, tree)| tree.line <= line)
                    .map(|(name, tree)| (name.clone(), tree)),
            };
            let Some((name, tree)) = below else {
                let keys = keys.unwrap_or(path.len());
                return (path, keys);
            };
            if here.list().is_some() {
                keys.get_or_insert(path.len());
            }
            path.push(name);
            here = tree;
        }
    }
}
