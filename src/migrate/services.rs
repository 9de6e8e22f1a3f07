//! Which stage of a Dockerfile the services of a compose file build.

use crate::compose::{ParseError, Tree, parse};

/// For each service that builds this Dockerfile with the folder of the compose file as its context, the stage that it
/// asks for, if it asks for one.
///
/// # Errors
/// A text that is no YAML.
pub fn targets(text: &str, dockerfile: &str) -> Result<Vec<Option<String>>, ParseError> {
    let file = parse(text)?;
    let services = file.get("services").and_then(Tree::map);
    let mut targets = Vec::new();
    for build in services
        .into_iter()
        .flatten()
        .filter_map(|(_, service)| service.get("build"))
    {
        let field = |name: &str| build.get(name).and_then(Tree::text);
        let context = build
            .text()
            .or_else(|| field("context"))
            .unwrap_or_else(|| ".".to_owned());
        let built = field("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned());
        let plain = |path: &str| {
            path.trim_start_matches("./")
                .trim_end_matches('/')
                .to_owned()
        };
        if matches!(plain(&context).as_str(), "" | ".") && plain(&built) == plain(dockerfile) {
            targets.push(field("target"));
        }
    }
    Ok(targets)
}
