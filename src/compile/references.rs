//! What services name: each other, networks, volumes, secrets and configs. Compose refuses a file in which one of them is
//! missing, or in which services wait for each other in a circle; but only whoever starts it is told.

use super::together::Known;
use crate::data::{Node, Value};
use crate::diag::{Diagnostic, Span, closest};
use crate::spec::Spec;

/// A name that stands in the words about a service, and its place.
struct Named<'a> {
    name: &'a str,
    place: Span,
}

/// What of the kinds that are no services a file has.
struct Section<'a> {
    /// The section of the compose file.
    key: &'static str,
    /// One of its kind.
    what: &'static str,
    names: Vec<&'a str>,
}

/// Names of what is not there, and services that wait for each other.
pub(super) fn check(spec: &Spec, known: &[Known<'_>]) -> Vec<Diagnostic> {
    let compose = spec.tree.get("compose");
    let mut mistakes = Vec::new();
    let sections = sections(spec, compose);
    // Files that are included may have anything.
    let is_whole = compose.is_none_or(|compose| compose.get("include").is_none());
    let mut waits: Vec<(usize, usize)> = Vec::new();
    // The main service is the first, and what replaces its words names things too.
    let replacing = spec.tree.get("override").map(|tree| (0, tree));
    let trees = known.iter().enumerate();
    let trees = trees.filter_map(|(number, service)| Some((number, service.tree?)));
    for (number, tree) in trees.chain(replacing) {
        for named in services(tree) {
            let found = known.iter().position(|other| other.name == named.name);
            match found {
                None if is_whole => mistakes.push(unknown_service(&named, known)),
                None => {}
                Some(other) => match path(&waits, other, number) {
                    Some(path) => mistakes.push(circle(&path, &named, known)),
                    None => waits.push((number, other)),
                },
            }
        }
        for section in &sections {
            for named in named(tree, section.key) {
                if is_whole && !section.names.contains(&named.name) {
                    mistakes.push(section.unknown(&named));
                }
            }
        }
    }
    mistakes
}

fn sections<'a>(spec: &'a Spec, compose: Option<&'a Node>) -> [Section<'a>; 4] {
    let section = |key, what, ours: Vec<&'a str>| {
        let said = compose.and_then(|compose| compose.get(key));
        let names = said.into_iter().flat_map(Node::entries);
        Section {
            key,
            what,
            names: names.map(|(name, _)| name).chain(ours).collect(),
        }
    };
    let volumes = spec.volumes.iter().map(|(name, _)| name.text.as_str());
    let secrets = spec.secrets.iter().map(|secret| secret.name.text.as_str());
    [
        // Compose makes this one where nobody says so.
        section("networks", "network", vec!["default"]),
        section("volumes", "volume", volumes.collect()),
        section("secrets", "secret", secrets.collect()),
        section("configs", "config", Vec::new()),
    ]
}

/// The services that one needs to be there before it.
fn services(tree: &Node) -> Vec<Named<'_>> {
    let mut found = Vec::new();
    if let Some(depends) = tree.get("depends_on") {
        found.extend(depends.items().filter_map(Named::text));
        let needed = depends
            .entries()
            .filter(|(_, entry)| entry.node.get("required").and_then(Node::boolean) != Some(false));
        found.extend(needed.map(|(name, entry)| Named {
            name,
            place: entry.key,
        }));
    }
    for key in ["links", "volumes_from"] {
        let items = tree.get(key).into_iter().flat_map(Node::items);
        let items = items.filter_map(Named::text);
        found.extend(
            items
                .filter(|item| !item.name.starts_with("container:"))
                .map(|item| Named {
                    name: item.name.split(':').next().unwrap_or_default(),
                    place: item.place,
                }),
        );
    }
    for key in ["network_mode", "ipc", "pid"] {
        let said = tree.get(key).and_then(Named::text);
        found.extend(said.and_then(|said| {
            Some(Named {
                name: said.name.strip_prefix("service:")?,
                place: said.place,
            })
        }));
    }
    // What a variable stands for is only known where compose runs.
    found.retain(|named| !named.name.contains('$'));
    found
}

/// What a service names of a section of the file.
fn named<'a>(tree: &'a Node, key: &str) -> Vec<Named<'a>> {
    let mut nodes: Vec<&Node> = tree.get(key).into_iter().collect();
    if key == "secrets" {
        nodes.extend(tree.get("build").and_then(|build| build.get(key)));
    }
    let mut found = Vec::new();
    for node in nodes {
        if key == "networks" {
            found.extend(node.entries().map(|(name, entry)| Named {
                name,
                place: entry.key,
            }));
        }
        for item in node.items() {
            let said = match (&item.value, key) {
                (Value::Text(_), "volumes") => Named::text(item).and_then(Named::volume),
                (Value::Text(_), _) => Named::text(item),
                _ if key == "volumes"
                    && item.get("type").and_then(Node::text) != Some("volume") =>
                {
                    None
                }
                _ => item.get("source").and_then(Named::text),
            };
            found.extend(said);
        }
    }
    found.retain(|named| !named.name.contains('$'));
    found
}

impl<'a> Named<'a> {
    fn text(node: &'a Node) -> Option<Self> {
        Some(Self {
            name: node.text()?,
            place: node.span,
        })
    }

    /// The volume of the short form `volume:/place[:mode]`, where it is one: what begins like a path is a folder of the
    /// host, and a single letter a drive.
    fn volume(self) -> Option<Self> {
        let (name, _) = self.name.split_once(':')?;
        let is_path = name.starts_with(['/', '.', '~', '\\']) || name.len() < 2;
        (!is_path).then_some(Self { name, ..self })
    }
}

impl Section<'_> {
    fn unknown(&self, named: &Named<'_>) -> Diagnostic {
        let message = format!("there is no {} `{}`", self.what, named.name.escape_debug());
        let mistake = Diagnostic::at(named.place, message);
        match closest(named.name, self.names.iter().copied()) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake.help(format!(
                "one of the same file is a table: [compose.{}.{}]",
                self.key, named.name
            )),
        }
    }
}

fn unknown_service(named: &Named<'_>, known: &[Known<'_>]) -> Diagnostic {
    let message = format!("there is no service `{}`", named.name.escape_debug());
    let mistake = Diagnostic::at(named.place, message);
    match closest(
        named.name,
        known.iter().map(|service| service.name.as_str()),
    ) {
        Some(near) => mistake.help(format!("did you mean `{near}`?")),
        None => mistake.help(format!(
            "a service of the same file is a table: [compose.services.{}]",
            named.name
        )),
    }
}

/// The services from one to another by which the first waits for the last, both included.
fn path(waits: &[(usize, usize)], from: usize, to: usize) -> Option<Vec<usize>> {
    let mut paths = vec![vec![from]];
    let mut seen = vec![from];
    while let Some(path) = paths.pop() {
        let last = *path.last()?;
        if last == to {
            return Some(path);
        }
        for (_, next) in waits.iter().filter(|(one, _)| *one == last) {
            if !seen.contains(next) {
                seen.push(*next);
                paths.push([&path[..], &[*next]].concat());
            }
        }
    }
    None
}

/// A service that waits for one by which, on a path, it is waited for.
fn circle(path: &[usize], said: &Named<'_>, known: &[Known<'_>]) -> Diagnostic {
    let name = |number: &usize| format!("`{}`", known[*number].name);
    let message = if let [alone] = path {
        format!("{} waits for itself", name(alone))
    } else {
        let names: Vec<String> = path.iter().map(name).collect();
        format!(
            "{} waits for {}: none of them would ever start",
            names[names.len() - 1],
            names.join(", which waits for ")
        )
    };
    Diagnostic::at(said.place, message)
}
