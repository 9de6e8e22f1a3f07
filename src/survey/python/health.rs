//! Routes that tell whether a service is healthy.

use super::super::{Place, Reason, Sure};
use super::Project;
use super::layout::{dotted, named};
use super::syntax::{Call, Module, Value};
use crate::survey::knowledge::Known;

/// How deep routers that lie below one another are followed.
const DEPTH: usize = 8;

/// A route that tells whether the service is healthy: one that answers to `GET`, needs nothing in its path, and whose whole
/// path is known.
pub(super) fn health(project: &Project, known: Option<&Known>) -> Option<(String, Reason)> {
    let names = project.known.texts("health");
    let used = framework(project);
    let known = known.or(used.as_ref());
    let routes = known.map_or(vec!["get", "route"], |known| known.texts("routes"));
    let classes = known
        .map(|known| known.texts("classes"))
        .unwrap_or_default();
    let mut applications = project.known.texts("objects");
    if !classes.is_empty() {
        let calls = project.modules.iter().flat_map(|module| &module.calls);
        let made = calls.filter(|call| classes.contains(&call.name.as_str()));
        applications = made.filter_map(|call| call.target.as_deref()).collect();
    }
    let mut found: Vec<(usize, String, Place)> = Vec::new();
    for module in &project.modules {
        for call in &module.calls {
            // A route is either a function of its own, whose path is relative, or a method of what it belongs to.
            let by_name = routes.contains(&call.name.as_str());
            if !by_name && !routes.contains(&call.method()) {
                continue;
            }
            let Some(Value::Text(path)) = call.at(0) else {
                continue;
            };
            if let Some(Value::List(methods)) = call.keyword("methods")
                && !methods.iter().any(|method| method.text() == Some("GET"))
            {
                continue;
            }
            let receiver = call.receiver().rsplit('.').next().unwrap_or_default();
            let before = if by_name {
                listed_below(project, module, known, 0)
            } else if applications.contains(&receiver) {
                Some(String::new())
            } else {
                known.and_then(|known| router(project, known, module, receiver, 0))
            };
            let Some(before) = before else { continue };
            let path = if by_name {
                let path = path.trim_start_matches('^').trim_end_matches('$');
                format!("{before}/{path}")
            } else {
                format!("{before}{path}")
            };
            if let Some(at) = telling(&names, &path) {
                found.push((at, path, Place::new(&module.path, call.line)));
            }
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    let (_, path, place) = found.into_iter().next()?;
    let reason = Reason::at(Sure::Likely, &place, "the route that tells about it");
    Some((path, reason))
}

/// The framework whose application objects the code makes, where nothing else tells which one is meant.
fn framework(project: &Project) -> Option<Known> {
    let calls = || project.modules.iter().flat_map(|module| &module.calls);
    let mut known = project.known.tables("frameworks").into_iter();
    known.find(|known| {
        let classes = known.texts("classes");
        calls().any(|call| classes.contains(&call.name.as_str()))
    })
}

/// How well a path is known to tell about health: as it is, or by what it ends with.
fn telling(names: &[&str], path: &str) -> Option<usize> {
    if path.contains(['{', '<', '(', ' ', '\\']) || !path.starts_with('/') {
        return None;
    }
    let as_it_is = names.iter().position(|name| *name == path);
    as_it_is.or_else(|| {
        // `/orders/status` tells about something else.
        let ends = |name: &&str| name.contains("health") && path.ends_with(name);
        let at = names.iter().position(ends)?;
        Some(names.len() + at)
    })
}

/// The path that the routes of a router lie below: its own prefix, and those of what it is included in. Nothing, if it is
/// not included anywhere, or under a path that is not known.
fn router(
    project: &Project,
    known: &Known,
    module: &Module,
    name: &str,
    depth: usize,
) -> Option<String> {
    let routers = known.table("routers")?;
    let made = module.calls.iter().find(|call| {
        call.target.as_deref() == Some(name)
            && routers.texts("classes").contains(&call.name.as_str())
    })?;
    let own = prefix(made, &routers)?;
    let including = project
        .modules
        .iter()
        .flat_map(|other| other.calls.iter().map(move |call| (other, call)))
        .filter(|(_, call)| call.method() == routers.text("include"));
    for (other, call) in including {
        let Some(Value::Name(included)) = call.at(0) else {
            continue;
        };
        if depth > DEPTH || !is_router(project, other, included, module, name) {
            continue;
        }
        let at = prefix(call, &routers)?;
        let receiver = call.receiver().rsplit('.').next().unwrap_or_default();
        // What is included by anything but another router is included by the application.
        let outer = router(project, known, other, receiver, depth + 1).unwrap_or_default();
        // Where a prefix is given when a router is included, the router's own may count no more.
        let replaced = routers.maybe("replaces") == Some("yes") && !at.is_empty();
        return Some(format!("{outer}{at}{}", if replaced { "" } else { &own }));
    }
    None
}

/// The prefix that a call gives: none, if it says nothing about it.
fn prefix(call: &Call, routers: &Known) -> Option<String> {
    match call.keyword(routers.text("prefix")) {
        None => Some(String::new()),
        Some(Value::Text(prefix)) => Some(prefix.trim_end_matches('/').to_owned()),
        Some(_) => None,
    }
}

/// Whether a name in one module stands for the router of another.
fn is_router(
    project: &Project,
    other: &Module,
    included: &str,
    module: &Module,
    name: &str,
) -> bool {
    let (first, rest) = match included.split_once('.') {
        Some((first, rest)) => (first, format!(".{rest}")),
        None => (included, String::new()),
    };
    if first == name && rest.is_empty() && other.path == module.path {
        return true;
    }
    let first = other.imports.get(first).map_or(first, String::as_str);
    let mut full = format!("{first}{rest}");
    // A package may hand on what one of its modules has.
    for _ in 0..DEPTH {
        let Some((owner, last)) = full.rsplit_once('.') else {
            return false;
        };
        let Some(owner) = named(project, owner) else {
            return false;
        };
        if owner.path == module.path && last == name {
            return true;
        }
        match owner.imports.get(last) {
            Some(next) if *next != full => full = next.clone(),
            _ => return false,
        }
    }
    false
}

/// The path that the routes of a list lie below, where another list includes it: `path("api/", include("shop.urls"))`.
fn listed_below(
    project: &Project,
    module: &Module,
    known: Option<&Known>,
    depth: usize,
) -> Option<String> {
    let Some(include) = known.and_then(|known| known.maybe("include")) else {
        return Some(String::new());
    };
    for other in project
        .modules
        .iter()
        .filter(|other| other.path != module.path)
    {
        for pair in other.calls.windows(2) {
            let Some(Value::Text(name)) = pair[1].at(0).filter(|_| pair[1].name == include) else {
                continue;
            };
            let full = dotted(&module.path, "");
            let is_this = full == *name
                || full
                    .strip_suffix(name.as_str())
                    .is_some_and(|before| before.ends_with('.'));
            if !is_this {
                continue;
            }
            let Some(Value::Text(path)) = pair[0].at(0).filter(|_| depth < DEPTH) else {
                return None;
            };
            let outer = listed_below(project, other, known, depth + 1)?;
            let path = path.trim_start_matches('^').trim_end_matches('/');
            return Some(if path.is_empty() {
                outer
            } else {
                format!("{outer}/{path}")
            });
        }
    }
    Some(String::new())
}
