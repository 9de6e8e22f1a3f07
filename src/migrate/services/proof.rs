//! Whether a new compose file says what the old one says, and what it says besides.

use super::Taker;
use crate::compare::{self, Severity};
use crate::compose::{self, File, Map, Tree, Value};
use crate::diag::Diagnostic;
use crate::migrate::RUNTIME;
use crate::migrate::facts::{self, Aspect, Facts};
use crate::migrate::unequal::{self, Unequal};
use crate::plan::Plan;

impl<C: Fn(&str) -> Result<Plan, Vec<Diagnostic>>> Taker<'_, C> {
    /// What of the image is another one now: nothing, or the healthcheck that moved.
    pub(super) fn changed(&self, plan: &Plan, is_moved: bool) -> Result<Option<Unequal>, String> {
        let facts = |plan: &Plan| facts::of_plan(plan, self.context.is_folder);
        let (before, after) = (facts(&self.plan), facts(plan));
        let at = |facts: &Facts| facts.named(RUNTIME).unwrap_or_default();
        let mut changed = unequal::unequal((&before, at(&before)), (&after, at(&after)));
        let check = changed
            .iter()
            .position(|changed| {
                is_moved && changed.aspect == Aspect::Healthcheck && changed.old.is_none()
            })
            .map(|at| changed.remove(at));
        // Names of stages that lead to the one that runs make what that makes.
        changed.retain(|changed| !is_moved || changed.aspect != Aspect::Target);
        match changed.first() {
            Some(changed) => Err(format!("the image would change: {changed}")),
            None => Ok(check),
        }
    }

    /// What the new file says besides what the old one says. It may leave out and change nothing.
    pub(super) fn compare(&self, written: &str) -> Result<(Vec<String>, usize), String> {
        let new = compose::parse(written).map_err(|error| error.message)?;
        let service = self.taking.service;
        let main = new
            .get("services")
            .and_then(|services| services.get(service));
        let Some(Value::Map(main)) = main.map(Tree::value) else {
            return Err("the service would be lost".to_owned());
        };
        let mut expected = File::default();
        if let Value::Map(mut sections) = self.tree.value() {
            sections.shift_remove("version");
            expected.sections = sections;
        }
        let compared = leaves(&Value::Map(expected.sections.clone()));
        if let Some(Value::Map(old)) = expected.section("services").get_mut(service) {
            let build = old.shift_remove("build").map(built).unwrap_or_default();
            add(old, &main, &["build", "ports"]);
            if let Some(new) = main.get("build").and_then(Value::map) {
                let mut build = build;
                // Where the project and the Dockerfile lie was looked up before, and the stage that runs has one name.
                for key in ["context", "dockerfile", "target"] {
                    build.shift_remove(key);
                }
                add(&mut build, new, &[]);
                old.insert("build".to_owned(), build.into());
            }
        }
        let changes = compare::compose(&compose::write(&expected), written);
        let mut changes = changes.into_iter();
        match changes.find(|change| change.severity > Severity::Note) {
            Some(change) => Err(change.message),
            None => Ok((self.besides(written)?, compared)),
        }
    }

    /// What services say besides, also those that build on the one that is described.
    fn besides(&self, written: &str) -> Result<Vec<String>, String> {
        let composed = self.taking.composed;
        let new = composed.with(written).map_err(|error| error.message)?;
        let (old, new) = (
            composed.services(self.context.read),
            new.services(self.context.read),
        );
        let mut named = Vec::new();
        for (service, mut new) in new {
            let mut old = old.get(&service).cloned().unwrap_or_default();
            let path = format!("services.{service}");
            let was = old.shift_remove("build").map(built);
            let is = new.shift_remove("build").map(built);
            name(&path, &old, &new, &mut named);
            if let Some(is) = is {
                let (mut was, mut is) = (was.unwrap_or_default(), is);
                // That they lead to the same place was looked up before; Compose tells a Dockerfile as it is spelled.
                for build in [&mut was, &mut is] {
                    build.shift_remove("context");
                    let usual = || "Dockerfile".into();
                    build.entry("dockerfile".to_owned()).or_insert_with(usual);
                }
                name(&format!("{path}.build"), &was, &is, &mut named);
            }
        }
        Ok(named)
    }
}

/// A build as a map.
fn built(build: Value) -> Map {
    match build {
        Value::Map(build) => build,
        _ => Map::new(),
    }
}

/// Adds what only the new map has to the old one.
fn add(old: &mut Map, new: &Map, except: &[&str]) {
    for (key, value) in new {
        if !old.contains_key(key) && !except.contains(&key.as_str()) {
            old.insert(key.clone(), value.clone());
        }
    }
}

/// Names what only the new map has, and the stage that is built.
///
/// What else differs was refused before.
fn name(path: &str, old: &Map, new: &Map, named: &mut Vec<String>) {
    for (key, value) in new {
        let was = old.get(key);
        let may_differ = matches!(key.as_str(), "target" | "dockerfile");
        if was.is_some_and(|was| !may_differ || was == value) {
            continue;
        }
        let text = compose::write(&File {
            header: Vec::new(),
            sections: [(key.clone(), value.clone())].into_iter().collect(),
        });
        let words: Vec<&str> = text.split_whitespace().collect();
        let was = was.and_then(Value::text);
        let was = was.map_or(String::new(), |was| format!(", where `{was}` was"));
        named.push(format!("{path}.{}{was}", words.join(" ")));
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(leaves).sum(),
        Value::Map(entries) => entries.values().map(leaves).sum(),
        _ => 1,
    }
}
