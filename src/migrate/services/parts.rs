//! Where the keys of the service go that a spec describes.

use indexmap::IndexMap;

use super::{Taker, entry};
use crate::compose::{Content, Tree, Value, shape};
use crate::data::{Key, Shape};
use crate::diag::Diagnostic;
use crate::dockerfile::Instruction;
use crate::migrate::RUNTIME;
use crate::migrate::account::{Entry, Outcome};
use crate::migrate::draft::spell;
use crate::plan::{self, Plan};
use crate::spec::{Edit, Port};

/// Where the keys of the service that a spec describes go.
#[derive(Default)]
pub(super) struct Parts {
    /// Below `[service]`.
    pub(super) own: IndexMap<String, Tree>,
    /// Below `[override]`.
    pub(super) replacing: IndexMap<String, Tree>,
    /// What the spec has keys for.
    pub(super) edits: Vec<Edit>,
    /// The table of the healthcheck, if the image has it now.
    pub(super) healthcheck: String,
    /// Lines of keys that follow from where the spec and its files lie: their comments need a place.
    pub(super) silent: Vec<usize>,
}

impl<C: Fn(&str) -> Result<Plan, Vec<Diagnostic>>> Taker<'_, C> {
    /// Says where each key of the service goes.
    pub(super) fn parts(&self, main: &Tree, moves: bool, entries: &mut Vec<Entry>) -> Parts {
        let mut parts = Parts::default();
        let path = format!("services.{}", self.taking.service);
        let mut account = |tree: &Tree, key: &str, said: &str| {
            entries.push(entry(
                tree.line,
                &format!("{path}.{key}"),
                Outcome::Key(said.to_owned()),
            ));
        };
        let replaced = shape::replacing();
        for (key, tree) in main.map().into_iter().flatten() {
            match key.as_str() {
                "build" => build(tree, &replaced, &mut parts, &mut account),
                "init" if matches!(tree.content, Content::Scalar(Value::Boolean(_))) => {
                    let yes = tree.text().unwrap_or_default();
                    parts.edits.extend(Edit::spelled(&[key], &yes));
                    parts.silent.push(tree.line);
                    account(tree, key, key);
                }
                "ports" if self.published(tree).is_some() => {
                    let spelled = self.published(tree).unwrap_or_default();
                    parts.edits.extend(Edit::spelled(&[key], &spelled));
                    let items = tree.list().into_iter().flatten();
                    parts.silent.extend(items.map(|item| item.line));
                    parts.silent.push(tree.line);
                    account(tree, key, key);
                }
                "healthcheck" if moves && self.movable(tree).is_ok() => {
                    parts.healthcheck = self.movable(tree).unwrap_or_default();
                    let inner = tree.map().into_iter().flatten();
                    parts.silent.extend(inner.map(|(_, value)| value.line));
                    parts.silent.push(tree.line);
                    account(tree, key, key);
                }
                key if is_key(&replaced, key) => {
                    parts.replacing.insert(key.to_owned(), tree.clone());
                    let why = match (key, self.movable(tree)) {
                        ("healthcheck", Err(reason)) if self.taking.improve => {
                            format!("; it stays out of the image, since {reason}")
                        }
                        _ => String::new(),
                    };
                    account(tree, key, &format!("override.{key}{why}"));
                }
                key => {
                    parts.own.insert(key.to_owned(), tree.clone());
                    account(tree, key, &format!("service.{key}"));
                }
            }
        }
        if main.get("ports").is_none()
            && !self
                .plan
                .services
                .iter()
                .all(|service| service.ports.is_empty())
        {
            // The image tells of its ports, and compose publishes none of them.
            let none = Tree {
                line: main.line,
                content: Content::List(Vec::new()),
            };
            parts.replacing.insert("ports".to_owned(), none);
        }
        parts
    }

    /// The ports as the spec has them, if compose publishes just those that the image tells of.
    fn published(&self, tree: &Tree) -> Option<String> {
        let known: Vec<Port> = self
            .plan
            .services
            .first()?
            .ports
            .iter()
            .map(|said| Port::parse(&said.text).ok())
            .collect::<Option<_>>()?;
        let texts: Vec<String> = tree
            .list()?
            .iter()
            .map(|item| item.text().filter(|text| text.contains(':')))
            .collect::<Option<_>>()?;
        let ports: Vec<Port> = texts
            .iter()
            .map(|text| Port::parse(text).ok())
            .collect::<Option<_>>()?;
        let inner = |ports: &[Port]| -> Vec<(u16, &'static str)> {
            let mut inner: Vec<(u16, &'static str)> = ports
                .iter()
                .map(|port| (port.container, port.protocol.word()))
                .collect();
            inner.sort_unstable();
            inner
        };
        if inner(&known) != inner(&ports) {
            return None;
        }
        let spelled = texts.iter().zip(&ports).map(|(text, port)| {
            let number = port.container.to_string();
            if *text == format!("{number}:{number}") {
                number
            } else {
                spell::text(text)
            }
        });
        Some(spell::values(&spelled.collect::<Vec<_>>()))
    }

    /// The table of a healthcheck that can be the image's own; or why it cannot.
    fn movable(&self, check: &Tree) -> Result<String, &'static str> {
        if !self.taking.improve {
            return Err("the image is to stay as it is");
        }
        let runtime = self
            .plan
            .stages
            .iter()
            .find(|stage| stage.is_called(RUNTIME));
        let is_said = runtime.is_some_and(|stage| {
            stage
                .layers
                .iter()
                .any(|layer| matches!(layer.instruction, Instruction::Healthcheck(_)))
        });
        if is_said || plan::healthcheck(&self.plan.stages, RUNTIME).is_some() {
            return Err("the image has one of its own");
        }
        let main = self
            .taking
            .builds
            .iter()
            .find(|build| build.service == self.taking.service);
        let others = self.taking.builds.iter();
        let mut others = others.filter(|build| build.service != self.taking.service);
        if others.any(|build| main.is_some_and(|main| main.dockerfile == build.dockerfile)) {
            return Err("other services run the image too");
        }
        let image = |tree: &Tree| tree.get("image").and_then(Tree::text);
        let services = self.tree.get("services").and_then(Tree::map);
        let own = services.and_then(|services| image(services.get(self.taking.service)?));
        let mut others = services.into_iter().flatten();
        if own.is_some()
            && others.any(|(name, service)| name != self.taking.service && image(service) == own)
        {
            return Err("other services run the image too");
        }
        let mut table = Vec::new();
        for (key, value) in check.map().into_iter().flatten() {
            let text = value.text();
            let line = match (key.as_str(), text) {
                ("test", _) => {
                    let words = value.list().unwrap_or_default();
                    let words: Option<Vec<String>> = words.iter().map(Tree::text).collect();
                    let without_shell: String = "CMD".into();
                    match words.as_deref() {
                        Some([how, words @ ..]) if *how == without_shell && !words.is_empty() => {
                            if words.iter().any(|word| word.contains('$')) {
                                return Err("compose replaces variables in it");
                            }
                            format!("command = {}", spell::list(words))
                        }
                        _ => return Err("a shell is to read its command"),
                    }
                }
                ("retries", Some(count)) => format!("retries = {count}"),
                ("interval" | "timeout" | "start_period" | "start_interval", Some(time)) => {
                    format!("{} = {}", key.replace('_', "-"), spell::text(&time))
                }
                _ => return Err("an image cannot say all of it"),
            };
            table.push(line);
        }
        if check.get("test").is_none() {
            return Err("it has no command");
        }
        Ok(format!("\n[healthcheck]\n{}\n", table.join("\n")))
    }
}

/// Says where each key of a build goes.
fn build(
    tree: &Tree,
    replaced: &[Key],
    parts: &mut Parts,
    account: &mut impl FnMut(&Tree, &str, &str),
) {
    parts.silent.push(tree.line);
    let Some(entries) = tree.map() else {
        account(tree, "build", "the folder of the spec");
        return;
    };
    let of_build = replaced.iter().find(|key| key.name == "build");
    let of_build = match of_build.map(|key| &key.shape) {
        Some(Shape::Table(keys)) => keys.as_slice(),
        _ => &[],
    };
    let (mut own, mut replacing) = (IndexMap::new(), IndexMap::new());
    for (key, tree) in entries {
        let said = match key.as_str() {
            "context" => "the folder of the spec".to_owned(),
            "dockerfile" => "outputs.dockerfile".to_owned(),
            "target" => format!("the stage `{RUNTIME}`"),
            key if is_key(of_build, key) => {
                replacing.insert(key.to_owned(), tree.clone());
                format!("override.build.{key}")
            }
            key => {
                own.insert(key.to_owned(), tree.clone());
                format!("service.build.{key}")
            }
        };
        if matches!(key.as_str(), "context" | "dockerfile" | "target") {
            parts.silent.push(tree.line);
        }
        account(tree, &format!("build.{key}"), &said);
    }
    for (home, entries) in [(&mut parts.own, own), (&mut parts.replacing, replacing)] {
        if !entries.is_empty() {
            let below = Tree {
                line: tree.line,
                content: Content::Map(entries),
            };
            home.insert("build".to_owned(), below);
        }
    }
}

fn is_key(keys: &[Key], name: &str) -> bool {
    keys.iter().any(|key| key.name == name)
}
