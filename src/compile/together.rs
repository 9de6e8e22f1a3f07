//! Services side by side: who waits for whom, and who takes which port of the host.

use super::services;
use super::stages::Compiled;
use crate::data::{Node, Value};
use crate::diag::{Diagnostic, Span, closest};
use crate::plan;
use crate::preset::RUNTIME;
use crate::spec::{Port, Spec};

/// A service as the spec has it: its name, whether it tells of its health, and the user's tree about it.
struct Known<'a> {
    name: String,
    healthy: bool,
    tree: Option<&'a Node>,
}

/// Services that wait for each other, and ports that two of them want: what compose itself does not notice.
pub(super) fn check(spec: &Spec, compiled: &Compiled) -> Vec<Diagnostic> {
    let tree = &spec.tree;
    let mut known = vec![Known {
        name: spec.name.text.clone(),
        healthy: replaced(spec, "healthcheck").map_or_else(
            || plan::healthcheck(&compiled.stages, RUNTIME).is_some(),
            is_on,
        ),
        tree: tree.get("service"),
    }];
    for target in &compiled.targets {
        known.push(Known {
            name: services::target_name(spec, &target.name),
            healthy: plan::healthcheck(&compiled.stages, &target.name).is_some(),
            tree: tree
                .get("stages")
                .and_then(|stages| stages.get(&target.name)?.get("service")),
        });
    }
    for (name, entry) in tree
        .get("compose")
        .and_then(|compose| compose.get("services"))
        .into_iter()
        .flat_map(Node::entries)
    {
        known.push(Known {
            name: name.to_owned(),
            healthy: entry.node.get("healthcheck").is_some_and(is_on),
            tree: Some(&entry.node),
        });
    }
    let mut mistakes = Vec::new();
    for service in &known {
        if let Some(depends) = service.tree.and_then(|tree| tree.get("depends_on")) {
            depends_on(depends, &known, &mut mistakes);
        }
    }
    mistakes.extend(published_twice(spec, &known));
    mistakes
}

/// What stands in the place of what the main service would say.
fn replaced<'a>(spec: &'a Spec, key: &str) -> Option<&'a Node> {
    spec.tree.get("override")?.get(key)
}

/// Whether a healthcheck of compose is none that is switched off.
fn is_on(check: &Node) -> bool {
    let disabled = check.get("disable").and_then(Node::boolean) == Some(true);
    let test = check.get("test");
    let first = test.and_then(|test| test.items().next().or(Some(test)));
    !disabled && first.and_then(Node::text) != Some("NONE")
}

fn depends_on(node: &Node, known: &[Known<'_>], mistakes: &mut Vec<Diagnostic>) {
    let mut find = |name: &str, span: Span| {
        let found = known.iter().find(|service| service.name == name);
        if found.is_none() {
            let mistake = Diagnostic::at(
                span,
                format!("there is no service `{}` to depend on", name.escape_debug()),
            );
            mistakes.push(
                match closest(name, known.iter().map(|service| service.name.as_str())) {
                    Some(near) => mistake.help(format!("did you mean `{near}`?")),
                    None => mistake.help(format!(
                        "a service of the same file is a table: [compose.services.{name}]"
                    )),
                },
            );
        }
        found
    };
    for item in node.items() {
        find(item.text().unwrap_or_default(), item.span);
    }
    let mut waiting = Vec::new();
    for (name, entry) in node.entries() {
        let condition = entry.node.get("condition");
        if let Some(found) = find(name, entry.key)
            && let Some(condition) = condition.filter(|node| node.text() == Some("service_healthy"))
            && !found.healthy
        {
            waiting.push((name, condition.span));
        }
    }
    for (name, span) in waiting {
        mistakes.push(
            Diagnostic::at(
                span,
                format!("the service `{name}` has no healthcheck, so it never becomes healthy"),
            )
            .help("give it one, or wait for `service_started`"),
        );
    }
}

/// Ports of the host that one service takes.
struct Taken<'a> {
    service: &'a str,
    place: Span,
    /// The address, or nothing for all of them.
    address: String,
    ports: Ports,
    protocol: String,
}

/// One port or several in a row, or what only compose's environment knows.
#[derive(PartialEq)]
enum Ports {
    Known(u16, u16),
    Variable(String),
}

impl Ports {
    fn read(text: &str) -> Self {
        let number = |text: &str| text.parse::<u16>().ok();
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (number(first), number(last)) {
            (Some(first), Some(last)) => Self::Known(first, last),
            _ => Self::Variable(text.to_owned()),
        }
    }
}

impl<'a> Taken<'a> {
    /// What an item of `ports` takes. A port of the container alone is published wherever the engine finds room.
    ///
    /// Source: the short and the long syntax of `ports` in the Compose Specification.
    fn read(service: &'a str, item: &Node) -> Option<Self> {
        let (published, protocol, address) = match &item.value {
            Value::Text(text) => {
                let (ports, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
                let (address, host) = Port::host(ports.rsplit_once(':')?.0);
                (host.to_owned(), protocol.to_owned(), address.to_owned())
            }
            Value::Table(_) => {
                let text = |key: &str| {
                    let node = item.get(key)?;
                    let digits = node.integer().map(|number| number.to_string());
                    digits.or_else(|| node.text().map(ToOwned::to_owned))
                };
                let protocol = text("protocol").unwrap_or_else(|| "tcp".to_owned());
                (
                    text("published")?,
                    protocol,
                    text("host_ip").unwrap_or_default(),
                )
            }
            _ => return None,
        };
        Some(Self {
            service,
            place: item.span,
            address,
            ports: Ports::read(&published),
            protocol,
        })
    }

    fn meets(&self, other: &Self) -> bool {
        let is_all = |address: &str| matches!(address, "" | "0.0.0.0" | "::" | "[::]");
        let same_address =
            self.address == other.address || is_all(&self.address) || is_all(&other.address);
        let same_ports = match (&self.ports, &other.ports) {
            (Ports::Known(first, last), Ports::Known(from, to)) => first <= to && from <= last,
            (one, another) => one == another,
        };
        same_address && same_ports && self.protocol == other.protocol
    }
}

/// Ports of the host that are published twice: only one of the two could start.
fn published_twice(spec: &Spec, known: &[Known<'_>]) -> Vec<Diagnostic> {
    let instead = replaced(spec, "ports");
    let ours = services::ports(spec).filter(|_| instead.is_none());
    let ours = ours.map(|(port, place)| {
        let (address, host) = Port::host(&port.published);
        Taken {
            service: &spec.name.text,
            place,
            address: address.to_owned(),
            ports: Ports::read(host),
            protocol: port.protocol.word().to_owned(),
        }
    });
    let own = known.iter().flat_map(|service| {
        let ports = service.tree.and_then(|tree| tree.get("ports"));
        let items = ports.into_iter().flat_map(Node::items);
        items.filter_map(|item| Taken::read(&service.name, item))
    });
    let instead = instead.into_iter().flat_map(Node::items);
    let instead = instead.filter_map(|item| Taken::read(&spec.name.text, item));
    let mut mistakes = Vec::new();
    let mut earlier: Vec<Taken<'_>> = Vec::new();
    for taken in ours.chain(instead).chain(own) {
        if let Some(first) = earlier.iter().find(|first| first.meets(&taken)) {
            let message = if first.service == taken.service {
                format!("`{}` publishes this port of the host twice", taken.service)
            } else {
                format!(
                    "`{}` publishes a port of the host that `{}` publishes already",
                    taken.service, first.service
                )
            };
            let mistake = Diagnostic::at(taken.place, message);
            mistakes.push(mistake.related(first.place, "published here first"));
        }
        earlier.push(taken);
    }
    mistakes
}
