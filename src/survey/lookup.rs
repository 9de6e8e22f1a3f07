//! Reading what a file says under a key, whatever the form of the file.

use super::knowledge::Known;
use super::python::syntax::{self, Value};
use super::{Evidence, Place};
use crate::data::{self, Node};
use crate::diag::Sources;

/// Something that a file says.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    /// The key that it is said under, where it is one of several.
    pub(super) key: String,
    /// What is said.
    pub(super) text: String,
    /// Where.
    pub(super) place: Place,
}

/// What the first of these entries that says anything says.
pub(super) fn first(evidence: &Evidence, entries: &[Known]) -> Vec<Saying> {
    let mut said = entries.iter().map(|entry| all(evidence, entry));
    said.find(|said| !said.is_empty()).unwrap_or_default()
}

/// What an entry finds: the file that it names, read in the form that it names.
pub(super) fn all(evidence: &Evidence, entry: &Known) -> Vec<Saying> {
    let file = entry.text("file");
    let Some(text) = evidence.read(file) else {
        return Vec::new();
    };
    let path: Vec<&str> = entry.text("key").split('.').collect();
    match entry.text("form") {
        "toml" => toml(evidence, file, &text, &path),
        "ini" => ini(file, &text, entry.text("key")),
        "call" => call(file, &text, entry.text("call"), &path),
        _ => first_line(file, &text),
    }
}

/// The TOML of a file, with its sources; a mistake in it is noted.
pub(super) fn tree(evidence: &Evidence, file: &str, text: &str) -> Option<(Node, Sources)> {
    let mut sources = Sources::default();
    let source = sources.add(file, text);
    match data::parse(text, source) {
        Ok(node) => Some((node, sources)),
        Err(mistakes) => {
            let place = mistakes
                .iter()
                .find_map(|mistake| mistake.primary.as_ref())
                .map_or(1, |label| sources.line(label.span));
            evidence.note(format!(
                "{file}:{place} is not TOML, so {file} was not looked at"
            ));
            None
        }
    }
}

/// The node under a path of keys.
pub(super) fn below<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn toml(evidence: &Evidence, file: &str, text: &str, path: &[&str]) -> Vec<Saying> {
    let Some((node, sources)) = tree(evidence, file, text) else {
        return Vec::new();
    };
    let Some(found) = below(&node, path) else {
        return Vec::new();
    };
    let saying = |key: &str, text: String, node: &Node| Saying {
        key: key.to_owned(),
        text,
        place: Place::new(file, sources.line(node.span)),
    };
    if let Some(text) = found.text() {
        return vec![saying("", text.to_owned(), found)];
    }
    let items = found
        .items()
        .filter_map(|item| Some(saying("", item.text()?.to_owned(), item)));
    let entries = found.entries().filter_map(|(key, entry)| {
        // A table stands for a package with more than a version: its extras, or the repository that it comes from.
        let node = match &entry.node {
            node if node.list().is_some() => node.items().next()?,
            node => node,
        };
        let text = match node.text() {
            Some(text) => text.to_owned(),
            None => of_table(node)?,
        };
        Some(saying(key, text, node))
    });
    items.chain(entries).collect()
}

/// A package's table as the text that an entry of a list would be: extras before the version.
fn of_table(node: &Node) -> Option<String> {
    node.table()?;
    let text = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
    if node.get("git").is_some() {
        return Some(format!("@ git+{}", text("git")));
    }
    let extras: Vec<&str> = node
        .get("extras")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(Node::text)
        .collect();
    let extras = if extras.is_empty() {
        String::new()
    } else {
        format!("[{}]", extras.join(","))
    };
    Some(format!("{extras}{}", text("version")))
}

/// A key of an INI file, whose value may go on in indented lines; an item `a = b` is said under `a`.
fn ini(file: &str, text: &str, wanted: &str) -> Vec<Saying> {
    let (section, key) = wanted.rsplit_once('.').unwrap_or(("", wanted));
    let mut sayings = Vec::new();
    let (mut inside, mut open) = (false, false);
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let value = if let Some(name) = trimmed.strip_prefix('[') {
            inside = name.trim_end_matches(']') == section;
            open = false;
            continue;
        } else if line.starts_with([' ', '\t']) {
            if !(inside && open) {
                continue;
            }
            trimmed
        } else {
            let (name, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
            open = name.trim() == key;
            if !(inside && open) {
                continue;
            }
            value.trim()
        };
        if value.is_empty() {
            continue;
        }
        let (key, text) = match value.split_once(" = ") {
            Some((key, text)) => (key.trim(), text.trim()),
            None => ("", value),
        };
        sayings.push(Saying {
            key: key.to_owned(),
            text: text.to_owned(),
            place: Place::new(file, at + 1),
        });
    }
    sayings
}

/// An argument of a call in a file of code.
fn call(file: &str, text: &str, name: &str, path: &[&str]) -> Vec<Saying> {
    let module = syntax::read(file, text);
    let last = name.rsplit('.').next().unwrap_or_default();
    let found = module
        .calls
        .iter()
        .find(|call| call.name == name || call.name == last);
    let Some(call) = found else {
        return Vec::new();
    };
    let Some((key, rest)) = path.split_first() else {
        return Vec::new();
    };
    let mut value = call.keyword(key);
    for key in rest {
        value = match value {
            Some(Value::Map(pairs)) => pairs
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        };
    }
    let texts = match value {
        Some(Value::List(items)) => items.iter().filter_map(Value::text).collect(),
        Some(value) => value.text().into_iter().collect(),
        None => Vec::new(),
    };
    texts
        .into_iter()
        .map(|text| {
            let (key, text) = text
                .split_once('=')
                .filter(|(key, text)| {
                    !key.ends_with(['<', '>', '=', '~', '!']) && !text.starts_with('=')
                })
                .unwrap_or(("", text));
            Saying {
                key: key.trim().to_owned(),
                text: text.trim().to_owned(),
                place: Place::new(file, call.line),
            }
        })
        .collect()
}

/// The first line that says something, without a word before the number: `python-3.11.4`.
fn first_line(file: &str, text: &str) -> Vec<Saying> {
    let lines = text.lines().enumerate();
    // A name without a number is that of somebody's own environment.
    let mut said = lines
        .filter(|(_, line)| !line.starts_with('#') && line.contains(|c: char| c.is_ascii_digit()));
    let first = said.next().map(|(at, line)| Saying {
        key: String::new(),
        text: line
            .trim()
            .trim_start_matches(|c: char| !c.is_ascii_digit())
            .to_owned(),
        place: Place::new(file, at + 1),
    });
    first.into_iter().collect()
}
