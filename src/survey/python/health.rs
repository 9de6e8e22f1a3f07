//! Routes that tell whether a service is healthy.

use super::super::{Place, Reason, Sure};
use super::Project;
use super::syntax::Value;
use crate::survey::knowledge::Known;

/// A route that tells whether the service is healthy: one that answers to `GET`, and needs nothing in its path. A router
/// may lie below another path, so only a route of the application itself counts.
pub(super) fn health(
    project: &Project,
    known: Option<&Known>,
    routes: &[&str],
) -> Option<(String, Reason)> {
    let paths = project.known.texts("health");
    let classes = known
        .map(|known| known.texts("classes"))
        .unwrap_or_default();
    let mut applications = project.known.texts("objects");
    if !classes.is_empty() {
        let calls = project.modules.iter().flat_map(|module| &module.calls);
        let made = calls.filter(|call| classes.contains(&call.name.as_str()));
        applications = made.filter_map(|call| call.target.as_deref()).collect();
    }
    let mut found: Vec<(usize, &str, Place)> = Vec::new();
    for module in &project.modules {
        for call in &module.calls {
            // A route is either a function of its own, whose path is relative, or a method of the application.
            let by_name = routes.contains(&call.name.as_str());
            let receiver = call.receiver().rsplit('.').next().unwrap_or_default();
            let of_application =
                routes.contains(&call.method()) && applications.contains(&receiver);
            if !(by_name || of_application) {
                continue;
            }
            let Some(Value::Text(path)) = call.at(0) else {
                continue;
            };
            let path = if by_name {
                format!("/{}", path.trim_start_matches('^').trim_end_matches('$'))
            } else {
                path.clone()
            };
            if let Some(Value::List(methods)) = call.keyword("methods")
                && !methods.iter().any(|method| method.text() == Some("GET"))
            {
                continue;
            }
            if let Some(at) = paths.iter().position(|known| *known == path) {
                found.push((at, paths[at], Place::new(&module.path, call.line)));
            }
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    let (_, path, place) = found.into_iter().next()?;
    let reason = Reason::at(Sure::Likely, &place, "the route that tells about it");
    Some((path.to_owned(), reason))
}
