//! Checking a preset for its author: everything that can be told before a spec uses it.

use super::{Compiler, services};
use crate::data::{Node, Table};
use crate::diag::{self, Diagnostic, Sources};
use crate::expr::{Evaluator, Names};
use crate::preset::{Flat, Preset};
use crate::spec;

impl Compiler {
    /// Everything that is wrong with a preset whose form is right: what it extends, its defaults, its expressions.
    pub fn check(&self, preset: &Preset, sources: &Sources) -> Vec<Diagnostic> {
        let mut mistakes = Vec::new();
        for flat in self.uses(preset, &mut mistakes) {
            mistakes.extend(
                spec::parse_defaults(&flat.defaults)
                    .err()
                    .unwrap_or_default(),
            );
            for service in &flat.services {
                services::own(Some(service), sources, &mut mistakes);
            }
            mistakes.extend(expressions(&flat, sources));
        }
        diag::sort(&mut mistakes);
        mistakes.dedup();
        mistakes
    }

    /// The preset with what it builds on; an overlay on each preset that it lies on.
    fn uses(&self, preset: &Preset, mistakes: &mut Vec<Diagnostic>) -> Vec<Flat> {
        let overlays: Vec<&str> = preset.overlays().collect();
        if overlays.is_empty() {
            return match self.library.flatten(preset, &[]) {
                Ok(flat) => vec![flat],
                Err(found) => {
                    mistakes.extend(found);
                    Vec::new()
                }
            };
        }
        let mut uses = Vec::new();
        let place = preset
            .tree
            .get("overlays")
            .map_or(preset.tree.span, |node| node.span);
        for below in overlays {
            match self.library.find(below, place) {
                Ok(below) => match self.library.flatten(below, &[(preset, place)]) {
                    Ok(flat) => uses.push(flat),
                    Err(found) => mistakes.extend(found),
                },
                Err(mistake) => mistakes.push(mistake),
            }
        }
        uses
    }
}

/// Expressions that cannot be read, or that use a name that nothing defines.
fn expressions(flat: &Flat, sources: &Sources) -> Vec<Diagnostic> {
    let mut names = Names::default();
    names.define_fields("spec", spec::keys().iter().map(|key| key.name.as_ref()));
    names.define("family", None);
    for option in &flat.options {
        names.define(&option.name, None);
    }
    for words in flat.families.values() {
        for name in words.keys() {
            names.define(name, None);
        }
    }
    let evaluator = Evaluator::new(&names, sources);
    let mut mistakes = Vec::new();
    for stage in flat.stages.values() {
        fields(&stage.fields, &evaluator, &mut mistakes);
        for step in stage.steps.values() {
            fields(&step.fields, &evaluator, &mut mistakes);
        }
    }
    for name in ["url", "host", "port", "path"] {
        names.define(name, None);
    }
    let evaluator = Evaluator::new(&names, sources);
    fields(&flat.probes, &evaluator, &mut mistakes);
    mistakes
}

fn fields(fields: &Table, evaluator: &Evaluator<'_>, mistakes: &mut Vec<Diagnostic>) {
    for (name, entry) in fields {
        match name.as_str() {
            "when" => mistakes.extend(evaluator.check_condition(&entry.node)),
            "dockerfile" => {}
            _ => texts(&entry.node, &mut |node| {
                mistakes.extend(evaluator.check(node));
            }),
        }
    }
}

fn texts(node: &Node, visit: &mut impl FnMut(&Node)) {
    if node.text().is_some() {
        visit(node);
    }
    for item in node.items() {
        texts(item, visit);
    }
    for (_, entry) in node.entries() {
        texts(&entry.node, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::Compiler;
    use crate::diag::{Color, Sources, report};

    #[test]
    fn the_presets_that_come_with_dockwright_have_no_mistakes() {
        let mut sources = Sources::default();
        let compiler = Compiler::new(&mut sources);
        for preset in compiler.library().presets() {
            let mistakes = compiler.check(preset, &sources);
            assert!(
                mistakes.is_empty(),
                "{}",
                report(&mistakes, &sources, Color::No)
            );
        }
    }
}
