//! Published ports: what is reachable, and from where.

use super::super::{Change, words::literal};
use crate::compose::Tree;

/// A port as a service publishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Port {
    /// The address of the host; empty for all of them.
    address: String,
    /// The port of the host; empty for one that the engine chooses.
    published: String,
    /// The port of the container, with its protocol.
    target: String,
    /// What else is said of it.
    more: String,
    line: usize,
}

impl Port {
    fn read(tree: &Tree) -> Self {
        if let Some(map) = tree.map() {
            let field = |name: &str| map.get(name).and_then(Tree::text).unwrap_or_default();
            let known = ["target", "published", "host_ip", "protocol", "mode", "name"];
            let more = map
                .iter()
                .filter(|(name, _)| !known[..4].contains(&name.as_str()));
            let more: Vec<String> = more
                .map(|(name, value)| format!("{name}={}", value.text().unwrap_or_default()))
                .filter(|text| text != "mode=ingress")
                .collect();
            return Self {
                address: field("host_ip"),
                published: field("published"),
                target: protocol(&field("target"), &field("protocol")),
                more: more.join(","),
                line: tree.line,
            };
        }
        let text = tree.text().unwrap_or_default();
        let (ports, kind) = text.split_once('/').unwrap_or((&text, ""));
        let (rest, target) = split_last(ports);
        let (address, published) = split_last(rest);
        Self {
            address: address.trim_matches(['[', ']']).to_owned(),
            published: published.to_owned(),
            target: protocol(target, kind),
            more: String::new(),
            line: tree.line,
        }
    }

    /// Whether others than the host itself reach it.
    fn is_open(&self) -> bool {
        !self.address.starts_with("127.") && self.address != "::1" && self.address != "localhost"
    }

    fn text(&self) -> String {
        let parts = [&self.address, &self.published, &self.target];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        literal(&parts.join(":"))
    }
}

/// What stands before the last colon that is in no variable, and what behind it.
fn split_last(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, sign) in text.char_indices().rev() {
        match sign {
            '}' | ']' => depth += 1,
            '{' | '[' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    ("", text)
}

fn protocol(target: &str, kind: &str) -> String {
    match kind {
        "" | "tcp" => target.to_owned(),
        _ => format!("{target}/{kind}"),
    }
}

/// The ports of a service that differ.
pub(super) fn compare(
    path: &str,
    was: Option<&Tree>,
    is: Option<&Tree>,
    service: &Tree,
) -> Vec<Change> {
    let read = |tree: Option<&Tree>| -> Vec<Port> {
        let items = tree.and_then(Tree::list).unwrap_or_default();
        items.iter().map(Port::read).collect()
    };
    let (old, mut new) = (read(was), read(is));
    let mut changes = Vec::new();
    let same = |a: &Port, b: &Port| {
        Port {
            line: 0,
            ..a.clone()
        } == Port {
            line: 0,
            ..b.clone()
        }
    };
    let mut gone = Vec::new();
    for port in old {
        match new.iter().position(|other| same(other, &port)) {
            Some(at) => {
                new.remove(at);
            }
            None => gone.push(port),
        }
    }
    for port in gone {
        let place = |line: usize| (Some(port.line), Some(line));
        let Some(at) = new.iter().position(|other| other.target == port.target) else {
            let message = format!("{path} publishes {} no more", port.text());
            let (expected, actual) = place(is.map_or(service.line, |is| is.line));
            changes.push(Change::warning("port-removed", message).at(expected, actual));
            continue;
        };
        let other = new.remove(at);
        let (expected, actual) = place(other.line);
        let change = if other.is_open() && !port.is_open() {
            let message = format!(
                "{path} publishes {} for everyone: was {}, for the host alone",
                other.text(),
                port.text()
            );
            Change::error("port-exposed", message)
        } else {
            let message = format!("{path} publishes {}: was {}", other.text(), port.text());
            Change::warning("port-changed", message)
        };
        changes.push(change.at(expected, actual));
    }
    for port in new {
        let whom = if port.is_open() {
            "everyone"
        } else {
            "the host alone"
        };
        let message = format!("{path} publishes {}, for {whom}", port.text());
        changes.push(Change::warning("port-added", message).at(None, Some(port.line)));
    }
    changes
}
