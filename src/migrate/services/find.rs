//! Which services of a project's compose files build which Dockerfile.

use indexmap::IndexMap;

use crate::compose::{self, File, Map, ParseError, Tree, Value};
use crate::dockerfile::paths::within;

/// How many services may build on each other, one behind the other.
const DEEPEST: usize = 16;

/// The compose files of a project: the first, and those that Compose lays over it.
#[derive(Clone, Debug)]
pub struct Composed {
    files: Vec<(String, String, Tree)>,
}

/// A file that is no YAML.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Why.
    pub error: ParseError,
}

impl Unread {
    /// The byte of the text that is wrong.
    pub fn offset(&self) -> usize {
        let mut lines = self.text.split_inclusive('\n');
        let above = lines.by_ref().take(self.error.line - 1);
        let start: usize = above.map(str::len).sum();
        let line = lines.next().unwrap_or_default();
        let before = line.chars().take(self.error.column - 1);
        start + before.map(char::len_utf8).sum::<usize>()
    }
}

/// A Dockerfile that a service builds. Paths begin at the folder of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The service.
    pub service: String,
    /// The folder that the build may copy from; empty for that of the project.
    pub context: String,
    /// The Dockerfile.
    pub dockerfile: String,
    /// The stage, if one is named.
    pub target: Option<String>,
}

impl Composed {
    /// Reads files, each a path and a text.
    ///
    /// # Errors
    /// The first one that is no YAML.
    pub fn read(files: Vec<(String, String)>) -> Result<Self, Unread> {
        let mut read = Vec::new();
        for (path, text) in files {
            match compose::parse(&text) {
                Ok(tree) => read.push((path, text, tree)),
                Err(error) => return Err(Unread { path, text, error }),
            }
        }
        Ok(Self { files: read })
    }

    /// The same with another text of the first file.
    pub(super) fn with(&self, text: &str) -> Result<Self, ParseError> {
        let mut files = self.files.clone();
        if let Some(first) = files.first_mut() {
            *first = (first.0.clone(), text.to_owned(), compose::parse(text)?);
        }
        Ok(Self { files })
    }

    /// The path of the first file.
    pub fn path(&self) -> &str {
        self.files.first().map_or("", |(path, ..)| path)
    }

    /// The text of the first file.
    pub(super) fn text(&self) -> &str {
        self.files.first().map_or("", |(_, text, _)| text)
    }

    /// What the first file says.
    pub(super) fn tree(&self) -> Tree {
        let first = self.files.first();
        first.map_or_else(|| Tree::null(1), |(.., tree)| tree.clone())
    }

    /// The paths of all of them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(path, ..)| path.as_str())
    }

    /// Every build of a service. `read` gives the text of another compose file that a service builds on. What is built
    /// from elsewhere, or from a place that only a variable tells, is none.
    pub fn builds(&self, read: &dyn Fn(&str) -> Option<String>) -> Vec<Build> {
        let services = self.services(read);
        let services = services.iter();
        services
            .filter_map(|(name, service)| build(name, service, folder(self.path())))
            .collect()
    }

    /// The services as Compose sees them, with what they build on.
    pub(super) fn services(&self, read: &dyn Fn(&str) -> Option<String>) -> IndexMap<String, Map> {
        let mut merged = File::default();
        for (.., tree) in &self.files {
            if let Value::Map(sections) = tree.value() {
                compose::merge::file(&mut merged, sections);
            }
        }
        let names: Vec<String> = merged.services().map(|(name, _)| name.to_owned()).collect();
        names
            .into_iter()
            .filter_map(|name| {
                let service = extended(&merged, &name, folder(self.path()), read, 0)?;
                Some((name, service))
            })
            .collect()
    }
}

/// A service with what it builds on, which may lie in another file. Paths of that file begin at its own folder.
fn extended(
    file: &File,
    name: &str,
    here: &str,
    read: &dyn Fn(&str) -> Option<String>,
    depth: usize,
) -> Option<Map> {
    let mut own = file.services().find(|(known, _)| *known == name)?.1.clone();
    let base = own.shift_remove("extends");
    let (base, other) = match &base {
        Some(Value::Text(base)) => (base.as_str(), None),
        Some(Value::Map(map)) => (
            map.get("service").and_then(Value::text)?,
            map.get("file").and_then(Value::text),
        ),
        _ => return Some(own),
    };
    if depth == DEEPEST {
        return Some(own);
    }
    let found = match other {
        None => extended(file, base, here, read, depth + 1),
        Some(other) => {
            let path = below(here, other)?;
            let mut other = File::default();
            if let Ok(tree) = compose::parse(&read(&path)?)
                && let Value::Map(sections) = tree.value()
            {
                other.sections = sections;
            }
            let there = folder(&path);
            let mut found = extended(&other, base, there, read, depth + 1);
            if let Some(context) = found.as_mut().and_then(context)
                && let Some(moved) = below(there, context)
            {
                *context = if here.is_empty() {
                    format!("./{moved}")
                } else {
                    format!("{}{moved}", "../".repeat(here.split('/').count()))
                };
            }
            found
        }
    };
    let Some(mut found) = found else {
        return Some(own);
    };
    compose::merge::service(&mut found, own);
    Some(found)
}

/// The text that says the context of a service's build.
fn context(service: &mut Map) -> Option<&mut String> {
    let build = service.get_mut("build")?;
    let context = match build {
        Value::Map(build) => build.get_mut("context")?,
        other => other,
    };
    match context {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn build(name: &str, service: &Map, here: &str) -> Option<Build> {
    let build = service.get("build")?;
    let field = |name: &str| build.get(name).and_then(Value::text);
    if build.get("dockerfile_inline").is_some() {
        return None;
    }
    let context = build.text().or_else(|| field("context")).unwrap_or(".");
    let context = below(here, context)?;
    let dockerfile = below(&context, field("dockerfile").unwrap_or("Dockerfile"))?;
    Some(Build {
        service: name.to_owned(),
        context,
        dockerfile,
        target: field("target").map(ToOwned::to_owned),
    })
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as it stands in a folder of the project; nothing of one that leaves the project, of an address, and of one that
/// a variable tells.
pub(super) fn below(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~']) || path.contains('$') || path.contains("://") {
        return None;
    }
    within(folder, path)
}

#[cfg(test)]
mod tests {
    use super::Composed;

    fn builds(path: &str, text: &str) -> Vec<String> {
        let read = |path: &str| {
            (path == "base/common.yaml").then(|| {
                "services:\n  api:\n    build:\n      context: ../api\n      target: slim\n"
                    .to_owned()
            })
        };
        let composed = Composed::read(vec![(path.to_owned(), text.to_owned())]).unwrap();
        let builds = composed.builds(&read);
        let show = |build: super::Build| {
            let target = build.target.unwrap_or_default();
            format!(
                "{} {} {} {target}",
                build.service, build.context, build.dockerfile
            )
            .trim_end()
            .to_owned()
        };
        builds.into_iter().map(show).collect()
    }

    #[test]
    fn a_build_is_found_wherever_it_is_said() {
        let text = "\
x-build: &build
  build: &at { context: ./web/, dockerfile: ../docker/web }
services:
  short: { build: . }
  anchored: { <<: *build, image: a }
  merged: { build: { <<: *at, target: dev } }
  on: { extends: short, command: ls }
  other: { extends: { file: base/common.yaml, service: api } }
  image: { image: redis }
  far: { build: 'https://example.org/a.git' }
  told: { build: '${WHERE}' }
  inline: { build: { dockerfile_inline: 'FROM scratch' } }
";
        assert_eq!(
            builds("compose.yaml", text),
            [
                "short  Dockerfile",
                "anchored web docker/web",
                "merged web docker/web dev",
                "on  Dockerfile",
                "other api api/Dockerfile slim",
            ]
        );
        assert_eq!(
            builds("deploy/compose.yaml", "services: { a: { build: '..' } }"),
            ["a  Dockerfile"]
        );
    }
}
