//! Services side by side: who waits for whom, what they name, and who takes which port of the host.

use super::stages::Compiled;
use super::{references, services};
use crate::data::{Node, Value};
use crate::diag::{Diagnostic, Span};
use crate::plan;
use crate::preset::RUNTIME;
use crate::spec::{Port, Secret, SecretUsage, Spec};

/// A service as the spec has it: its name, whether it tells of its health, and the user's tree about it.
pub(super) struct Known<'a> {
    pub(super) name: String,
    healthy: bool,
    pub(super) tree: Option<&'a Node>,
}

/// Services that wait for what never comes, and what two of them want: compose itself does not notice all of it.
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
            never_healthy(depends, &known, &mut mistakes);
        }
    }
    mistakes.extend(references::check(spec, &known));
    mistakes.extend(lost_secrets(spec));
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

/// Services that are waited for until they are healthy, and never tell that they are.
fn never_healthy(depends: &Node, known: &[Known<'_>], mistakes: &mut Vec<Diagnostic>) {
    for (name, entry) in depends.entries() {
        let found = known.iter().find(|service| service.name == name);
        let condition = entry.node.get("condition");
        if let Some(condition) = condition.filter(|node| node.text() == Some("service_healthy"))
            && found.is_some_and(|service| !service.healthy)
        {
            mistakes.push(
                Diagnostic::at(
                    condition.span,
                    format!("the service `{name}` has no healthcheck, so it never becomes healthy"),
                )
                .help("give it one, or wait for `service_started`"),
            );
        }
    }
}

/// Variables of the user's that would take the place of those that lead to secrets.
fn lost_secrets(spec: &Spec) -> Vec<Diagnostic> {
    let environment = spec
        .tree
        .get("service")
        .and_then(|service| service.get("environment"));
    let Some(environment) = environment else {
        return Vec::new();
    };
    let table = environment.entries().map(|(name, entry)| (name, entry.key));
    let list = environment.items().filter_map(|item| {
        let text = item.text()?;
        Some((
            text.split_once('=').map_or(text, |(name, _)| name),
            item.span,
        ))
    });
    let mut mistakes = Vec::new();
    for (name, place) in table.chain(list) {
        let leads = |secret: &&Secret| matches!(&secret.usage, SecretUsage::Run { variable } if variable == name);
        if let Some(secret) = spec.secrets.iter().find(leads) {
            let message = format!(
                "`{name}` leads to the secret `{}`, and this would take its place",
                secret.name.text
            );
            mistakes.push(
                Diagnostic::at(place, message)
                    .related(secret.name.span, "the secret is said here")
                    .help("leave it out, or name the secret's own variable with `as-env`"),
            );
        }
    }
    mistakes
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
