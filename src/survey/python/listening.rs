//! How a file listens when it is run: on which port, and whether it is reached from outside of its container.

use super::super::{Place, Reason, Sure};
use super::Project;
use super::layout::{dotted, fill, imports};
use super::program::Object;
use super::syntax::{Call, Module, Scope, Value};
use crate::survey::knowledge::Known;

/// How a file listens when it is run.
#[derive(Clone, Debug)]
pub(super) struct Listening {
    /// The port.
    pub(super) port: u16,
    /// What tells so.
    pub(super) reason: Reason,
    /// Whether it listens on every address, so that it is reached from outside of its container.
    pub(super) everywhere: bool,
    /// Whether nothing else is done where it is started.
    pub(super) alone: bool,
    /// Whether the environment can say another port.
    pub(super) by_variable: bool,
    /// A command that serves the same, and is told on which addresses.
    pub(super) instead: Option<Vec<String>>,
}

/// Whether a host means every address.
fn is_everywhere(value: Option<&Value>, default: &str) -> bool {
    let host = value
        .and_then(Value::text)
        .unwrap_or(if value.is_none() { default } else { "" });
    matches!(host, "0.0.0.0" | "::" | "")
        && !matches!(
            value,
            Some(Value::Other | Value::Name(_) | Value::Variable(_, None))
        )
}

/// How a file serves an application object when it is run, if it does: by the object's own method, or by a server.
pub(super) fn serving(project: &Project, known: &Known, object: &Object) -> Option<Listening> {
    let module = object.module;
    let method = known.maybe("run");
    let call = module.calls.iter().find(|call| {
        method == Some(call.method())
            && call.receiver() == object.name
            && call.scope != Scope::Module
            || method == Some(call.method()) && call.receiver() == object.name
    });
    if let Some(call) = call {
        let resolve = |value: Option<&Value>| value.map(|value| project.resolved(module, value));
        let port = resolve(call.keyword("port").or(call.at(1)));
        let host = resolve(call.keyword("host").or(call.at(0)));
        let place = Place::new(&module.path, call.line);
        let usual = known.number("port").unwrap_or(8000);
        return Some(Listening {
            port: port.as_ref().and_then(Value::port).unwrap_or(usual),
            reason: Reason::at(Sure::Likely, &place, "it listens there"),
            everywhere: is_everywhere(host.as_ref(), "127.0.0.1"),
            alone: alone(module, call),
            by_variable: matches!(port, Some(Value::Variable(..))),
            instead: None,
        });
    }
    listener(project, module)
}

/// Whether nothing is called beside a call where it stands.
fn alone(module: &Module, call: &Call) -> bool {
    let beside = module
        .calls
        .iter()
        .filter(|other| other.scope == call.scope && !is_trifle(other));
    call.scope == Scope::Guard && beside.count() == 1
}

/// Calls that change nothing for what comes after them.
fn is_trifle(call: &Call) -> bool {
    matches!(call.name.as_str(), "print" | "int" | "str" | "bool" | "len")
        || call.name.starts_with("os.")
        || call.name.starts_with("logging.")
        || call.name.starts_with("logger.")
}

/// How a file listens when it is run, by the calls that are known to listen.
pub(super) fn listener(project: &Project, module: &Module) -> Option<Listening> {
    for known in project.known.tables("listeners") {
        let names = known.texts("calls");
        let found = module.calls.iter().find(|call| {
            let called = names.contains(&call.name.as_str());
            let method = known.maybe("method") == Some(call.method())
                && known
                    .maybe("imports")
                    .is_some_and(|wanted| imports(module, wanted));
            called || method
        });
        let Some(call) = found else { continue };
        let argument = |key: &str, at: &str| {
            let by_name = known.maybe(key).and_then(|key| call.keyword(key));
            by_name.or_else(|| call.at(usize::from(known.number(at)?)))
        };
        let (host, port) = match known.number("address") {
            Some(at) => match call.at(usize::from(at)) {
                Some(Value::List(pair)) => (pair.first(), pair.get(1)),
                _ => (None, None),
            },
            None => (argument("host", "host-at"), argument("port", "port-at")),
        };
        let resolve = |value: Option<&Value>| value.map(|value| project.resolved(module, value));
        let (mut host, port) = (resolve(host), resolve(port));
        let mut number = match &port {
            Some(value) => value.port(),
            None => known.number("default"),
        };
        if number.is_none()
            && let Some((passed, above)) = passed(project, module)
        {
            number = Some(passed);
            host = above.keyword("host").cloned().or(host);
        }
        let Some(number) = number else { continue };
        let place = Place::new(&module.path, call.line);
        return Some(Listening {
            port: number,
            reason: Reason::at(Sure::Likely, &place, "it listens there"),
            everywhere: is_everywhere(host.as_ref(), known.text("default-host")),
            alone: alone(module, call),
            by_variable: matches!(port, Some(Value::Variable(..))),
            instead: instead(&known, module, call, number),
        });
    }
    None
}

/// The port that a call where the program is started passes on to what listens, if there is one such port.
fn passed<'m>(project: &Project, module: &'m Module) -> Option<(u16, &'m Call)> {
    let started = module.calls.iter();
    let started = started.filter(|call| matches!(call.scope, Scope::Module | Scope::Guard));
    let mut ports = started.filter_map(|call| {
        let port = project.resolved(module, call.keyword("port")?).port()?;
        Some((port, call))
    });
    let first = ports.next()?;
    ports.all(|(port, _)| port == first.0).then_some(first)
}

/// The command of a server whose call names the object that it serves: by its module, or as it is called here.
fn instead(known: &Known, module: &Module, call: &Call, port: u16) -> Option<Vec<String>> {
    let command = known.words("command");
    let (owner, object) = match call.at(0)? {
        Value::Text(text) => {
            let (owner, object) = text.split_once(':')?;
            (owner.to_owned(), object)
        }
        Value::Name(name) if module.defines(name) => (dotted(&module.path, ""), name.as_str()),
        _ => return None,
    };
    (!command.is_empty()).then(|| fill(&command, &owner, object, &module.path, port))
}

/// What a file of settings binds a server to, where a process names that file: `bind = "0.0.0.0:8080"`.
pub(super) fn bound(project: &Project, module: &Module) -> Option<Listening> {
    let name = project.known.maybe("bound")?;
    let (value, line) = module.constant(name)?;
    let (host, port) = value.text()?.rsplit_once(':')?;
    Some(Listening {
        port: port.parse().ok()?,
        reason: Reason::at(
            Sure::Likely,
            &Place::new(&module.path, line),
            "it is bound there",
        ),
        everywhere: matches!(host, "0.0.0.0" | "[::]" | ""),
        alone: false,
        by_variable: false,
        instead: None,
    })
}

/// The variable that tells a server on which address to listen, where its code says another one.
pub(super) fn variable_for_host(project: &Project, module: &Module) -> Option<(String, String)> {
    let known = project.known.tables("listeners");
    let known = known.iter().find(|known| {
        let calls = module.calls.iter();
        let method = known.maybe("method");
        known.maybe("host-variable").is_some()
            && known
                .maybe("imports")
                .is_some_and(|wanted| imports(module, wanted))
            && calls.into_iter().any(|call| {
                method == Some(call.method()) && call.keyword(known.text("host")).is_none()
            })
    })?;
    Some((known.text("host-variable").to_owned(), "0.0.0.0".to_owned()))
}
