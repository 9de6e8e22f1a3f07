//! Whether what a spec says and what a project shows have come apart.

use super::python::syntax;
use super::requirement::Range;
use super::{Knowledge, Sure, Survey};
use crate::data::{self, Node};
use crate::diag::{Sources, Span};
use crate::files::Tree;

/// A place in a spec that the project contradicts, and how.
pub type Apart = (Span, String);

/// What a project contradicts in a spec, in the order of the spec: the version of the language, what installs its
/// packages, and what starts it. What a spec leaves open is not compared, and neither is what a survey only assumes.
pub fn apart(
    spec: &Node,
    preset: &str,
    survey: &Survey,
    tree: &Tree,
    knowledge: &Knowledge,
) -> Vec<Apart> {
    let mut apart = Vec::new();
    apart.extend(version(spec, survey));
    apart.extend(installed(spec, preset, survey));
    for answer in &survey.answers {
        let follows = answer.key == "with" || answer.table.starts_with("options.");
        if answer.reason.sure != Sure::Certain || !follows {
            continue;
        }
        let mut keys: Vec<&str> = answer
            .table
            .split('.')
            .filter(|key| !key.is_empty())
            .collect();
        keys.push(&answer.key);
        let Some(said) = keys.iter().try_fold(spec, |node, key| node.get(key)) else {
            continue;
        };
        let shown = said.to_toml();
        if value(&answer.value).is_some_and(|value| !value.is_like(said)) {
            let message = format!(
                "{} is {shown}, and the project shows {}: {}",
                keys.join("."),
                answer.value,
                answer.reason
            );
            apart.push((said.span, message));
        }
    }
    for key in ["entrypoint", "command"] {
        apart.extend(
            spec.get(key)
                .and_then(|words| start(words, spec, tree, knowledge.python.text("sources"))),
        );
    }
    apart.sort_by_key(|(span, _)| *span);
    apart
}

/// The preset, where the files of the project are the signs of another one.
fn installed(spec: &Node, preset: &str, survey: &Survey) -> Option<Apart> {
    let answer = survey.answered("preset")?;
    let keys = ["preset", "package-manager"];
    let said = keys.into_iter().find_map(|key| spec.get(key))?;
    let shows = value(&answer.value)?;
    (answer.reason.sure == Sure::Certain && shows.text() != Some(preset)).then(|| {
        let message = format!(
            "the preset is `{preset}`, and the project shows {}: {}",
            answer.value, answer.reason
        );
        (said.span, message)
    })
}

/// A value of TOML as a tree.
fn value(text: &str) -> Option<Node> {
    let source = Sources::default().add("value", text);
    let tree = data::parse(&format!("value = {text}"), source).ok()?;
    tree.get("value").cloned()
}

/// The version in the name of the base image, where a file of the project does not allow it.
fn version(spec: &Node, survey: &Survey) -> Option<Apart> {
    let (range, said, place) = survey.version.as_ref()?;
    let base = spec.get("base")?;
    let image = base.get("image").unwrap_or(base);
    let tag = image.text()?.rsplit_once(':')?.1;
    let version: Vec<&str> = tag.split('-').next()?.split('.').take(2).collect();
    let version = version.join(".");
    let is_version = Range::parse(&version).exact.is_some() && version.contains('.');
    (is_version && !range.admits(&version)).then(|| {
        let message = format!(
            "base is `{}`, and {place} says `{said}`",
            image.text().unwrap_or_default()
        );
        (image.span, message)
    })
}

/// What a command starts, where it is not in the project any more: a file, a module, or an object of a module.
fn start(words: &Node, spec: &Node, tree: &Tree, ending: &str) -> Option<Apart> {
    let roots = roots(spec);
    let before = std::iter::once(None).chain(words.items().map(Node::text));
    words.items().zip(before).find_map(|(word, before)| {
        let text = word.text()?;
        if before == Some("-m") {
            return module_is_gone(text, &roots, tree, ending).map(|message| (word.span, message));
        }
        let missing = |what: String| Some((word.span, what));
        if text.ends_with(ending) && !text.starts_with('/') {
            let path = text.trim_start_matches("./");
            let there = roots.iter().any(|root| tree.has(&format!("{root}{path}")));
            return if there {
                None
            } else {
                missing(format!("`{text}` is started, and there is no such file"))
            };
        }
        let (module, object) = text.split_once(':')?;
        let name = object.trim_end_matches("()");
        let plain = |text: &str, more: &str| {
            text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '_' || more.contains(c))
        };
        if !plain(module, ".") || !plain(name, ".") {
            return None;
        }
        let path = module.replace('.', "/");
        let mut files = roots.iter().flat_map(|root| {
            [
                format!("{root}{path}{ending}"),
                format!("{root}{path}/__init__{ending}"),
            ]
        });
        let Some(file) = files.find(|file| tree.has(file)) else {
            return missing(format!(
                "the module `{module}` is started, and there is no file for it"
            ));
        };
        let read = syntax::read(&file, &tree.read(&file).ok()?);
        let first = name.split('.').next().unwrap_or_default();
        if read.defines(first) {
            None
        } else {
            missing(format!(
                "`{first}` of `{module}` is started, and {file} has no such name"
            ))
        }
    })
}

/// A module that is run by its name and is not there. One whose package the project does not have is somebody else's.
fn module_is_gone(name: &str, roots: &[String], tree: &Tree, ending: &str) -> Option<String> {
    let path = name.replace('.', "/");
    let first = name.split('.').next().unwrap_or_default();
    let own = roots.iter().any(|root| {
        tree.has_folder(&format!("{root}{first}")) || tree.has(&format!("{root}{first}{ending}"))
    });
    let there = roots.iter().any(|root| {
        tree.has(&format!("{root}{path}{ending}"))
            || tree.has(&format!("{root}{path}/__main__{ending}"))
    });
    (own && !there).then(|| {
        format!("the module `{name}` is started, and there is no file for it that can be run")
    })
}

/// The folders that modules are found in: the project's own, and those that the spec names for it.
fn roots(spec: &Node) -> Vec<String> {
    let mut roots = vec![String::new()];
    let env = spec.get("env").into_iter().flat_map(Node::entries);
    let paths = env.filter_map(|(_, entry)| entry.node.text());
    for path in paths.flat_map(|paths| paths.split(':')) {
        if let Some(folder) = path.strip_prefix("/app/") {
            roots.push(format!("{}/", folder.trim_end_matches('/')));
        }
    }
    roots.push("src/".to_owned());
    roots
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_value_is_read_as_toml() {
        assert!(
            super::value("[\"a\"]")
                .unwrap()
                .is_like(&super::value("[ 'a' ]").unwrap())
        );
    }
}
