//! Presets along `extends`, and the spec's own stages over them, flattened into one.
//!
//! The rules, said once: a scalar replaces; a list replaces unless it holds `"..."`, which stands for the items that
//! were there; a step of the same name is replaced field by field; `after` and `before` name a step, `drop` leaves
//! some out. Defaults of a spec's keys are applied by those who know them, after everything else.

use indexmap::IndexMap;

use super::option::Declared;
use super::shape::{SHORTHANDS, is_kind};
use super::{Library, Preset};
use crate::data::{Entry, Node, Table, Value};
use crate::diag::{Diagnostic, Span, closest};

/// The stage that the service runs in; it has a name in every preset, so that the rest can refer to it.
pub(crate) const RUNTIME: &str = "runtime";

/// The steps that say what an image runs, which are read last: said in a word above a stage's other steps, they stand below
/// them all the same, unless one of those is put beside them.
const COMMANDS: [&str; 2] = ["entrypoint", "command"];

/// In a list, the items that were there before.
const REST: &str = "...";

/// Several presets as one.
#[derive(Clone, Debug)]
pub struct Flat {
    /// The names of the presets, the one that all others build on first.
    pub chain: Vec<String>,
    /// Every option that one of them declares.
    pub options: Vec<Declared>,
    /// What keys of a spec are when it does not say them.
    pub defaults: Node,
    /// For each family, what names for expressions mean there.
    pub families: IndexMap<String, Table>,
    /// Commands that check a service.
    pub probes: Table,
    /// What compose must know of the service, in compose's own words; a later preset's over an earlier one's.
    pub services: Vec<Node>,
    /// Patterns of files that never belong into the build context.
    pub ignore: Vec<Node>,
    /// The stages, in order.
    pub stages: IndexMap<String, Stage>,
}

/// A stage of a preset.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Where it was first named.
    pub span: Span,
    /// Everything but its steps.
    pub fields: Table,
    /// Its steps, in order.
    pub steps: IndexMap<String, Step>,
}

/// A step of a stage.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it was named last.
    pub span: Span,
    /// Its fields, each at its own place.
    pub fields: Table,
}

impl Step {
    /// The kind of the step, and the field that says it.
    pub fn kind(&self) -> Option<(&str, &Node)> {
        let (name, entry) = self.fields.iter().find(|(name, _)| is_kind(name))?;
        Some((name, &entry.node))
    }
}

impl Library {
    /// A preset, all that it extends, and overlays on top, as one. Each overlay comes with the place that names it.
    pub fn flatten(
        &self,
        preset: &Preset,
        overlays: &[(&Preset, Span)],
    ) -> Result<Flat, Vec<Diagnostic>> {
        let mut chain = vec![preset];
        while let Some((name, span)) = chain[chain.len() - 1].extends() {
            if chain.iter().any(|earlier| earlier.name == name) {
                let names: Vec<&str> = chain.iter().map(|preset| preset.name.as_str()).collect();
                let message = format!(
                    "presets extend each other in a circle: {} -> {name}",
                    names.join(" -> ")
                );
                return Err(vec![Diagnostic::at(span, message)]);
            }
            chain.push(self.find(name, span).map_err(|mistake| vec![mistake])?);
        }
        chain.reverse();
        let mut flat = Flat {
            chain: chain.iter().map(|preset| preset.name.clone()).collect(),
            options: Vec::new(),
            defaults: Node {
                span: preset.tree.span,
                value: Value::Table(Table::new()),
            },
            families: IndexMap::new(),
            probes: Table::new(),
            services: Vec::new(),
            ignore: Vec::new(),
            stages: IndexMap::new(),
        };
        let mut mistakes = Vec::new();
        for preset in chain {
            flat.add(preset, &mut mistakes);
        }
        for (overlay, span) in overlays {
            if let Some(mistake) = flat.misfit(overlay, *span) {
                mistakes.push(mistake);
                continue;
            }
            flat.chain.push(overlay.name.clone());
            flat.add(overlay, &mut mistakes);
        }
        if mistakes.is_empty() {
            Ok(flat)
        } else {
            Err(mistakes)
        }
    }
}

impl Flat {
    /// Why an overlay cannot lie on what is there.
    fn misfit(&self, overlay: &Preset, span: Span) -> Option<Diagnostic> {
        let name = &overlay.name;
        if self.chain.contains(name) {
            return Some(Diagnostic::at(
                span,
                format!("the overlay `{name}` is there already"),
            ));
        }
        let below: Vec<&str> = overlay.overlays().collect();
        if below.is_empty() {
            return Some(
                Diagnostic::at(
                    span,
                    format!("`{name}` is a preset of its own, not an overlay"),
                )
                .help(format!("it is named alone: preset = \"{name}\"")),
            );
        }
        if self
            .chain
            .iter()
            .any(|preset| below.contains(&preset.as_str()))
        {
            return None;
        }
        let chain = self.chain.last().map_or("", String::as_str);
        Some(
            Diagnostic::at(
                span,
                format!("the overlay `{name}` does not fit on the preset `{chain}`"),
            )
            .help(format!(
                "it lies on presets that build on {}",
                super::quoted(below)
            )),
        )
    }

    fn add(&mut self, preset: &Preset, mistakes: &mut Vec<Diagnostic>) {
        for option in preset.options() {
            if let Some(earlier) = self
                .options
                .iter()
                .find(|earlier| earlier.name == option.name)
            {
                let span = preset
                    .tree
                    .get("options")
                    .and_then(|options| options.table()?.get(&option.name));
                let message = format!(
                    "the option `{}` is already declared by the preset `{}`",
                    option.name, earlier.preset
                );
                mistakes.push(Diagnostic::at(
                    span.map_or(preset.tree.span, |entry| entry.key),
                    message,
                ));
                continue;
            }
            self.options.push(option);
        }
        if let Some(defaults) = preset.tree.get("defaults") {
            merge(&mut self.defaults, defaults);
        }
        for (family, entry) in preset
            .tree
            .get("families")
            .into_iter()
            .flat_map(Node::entries)
        {
            let words = self.families.entry(family.to_owned()).or_default();
            merge_tables(words, entry.node.table());
        }
        merge_tables(
            &mut self.probes,
            preset.tree.get("probes").and_then(Node::table),
        );
        self.services.extend(preset.tree.get("service").cloned());
        if let Some(ignore) = preset.tree.get("ignore") {
            self.ignore = spliced(&self.ignore, ignore.list().unwrap_or_default());
        }
        if let Some(stages) = preset.tree.get("stages") {
            self.merge_stages(stages, mistakes);
        }
    }

    /// Puts stages over those that are there. Their form was checked.
    pub fn merge_stages(&mut self, over: &Node, mistakes: &mut Vec<Diagnostic>) {
        let mut new = Vec::new();
        for (name, entry) in over.entries() {
            if !self.stages.contains_key(name) {
                self.new_stage(name, entry, mistakes);
                new.push(name);
            }
            if let Some(stage) = self.stages.get_mut(name) {
                stage.merge(name, &entry.node, mistakes);
            }
        }
        for (name, entry) in over.entries().filter(|(name, _)| !new.contains(name)) {
            let from = entry.node.get("from").and_then(Node::text);
            let parent = from.and_then(|from| from.strip_prefix("stage:"));
            if let Some(parent) = parent.filter(|parent| new.contains(parent))
                && let (Some(at), Some(stage)) = (
                    self.stages.get_index_of(parent),
                    self.stages.get_index_of(name),
                )
                && at > stage
            {
                self.stages.move_index(at, stage);
            }
        }
    }

    /// A new stage stands before the one that the service runs in, unless it is built on that one or takes something from it,
    /// or from a stage behind it. If a stage that was there is to be built on it, it stands before that.
    fn new_stage(&mut self, name: &str, entry: &Entry, mistakes: &mut Vec<Diagnostic>) {
        if entry.node.get("from").is_none() {
            let message =
                format!("the stage `{name}` is new, and does not say what it is built `from`");
            let mistake = match closest(name, self.stages.keys().map(String::as_str)) {
                Some(near) => Diagnostic::at(entry.key, message)
                    .help(format!("to change the stage `{near}`, use its name")),
                None if self.stages.is_empty() => Diagnostic::at(entry.key, message)
                    .help("say `from = \"...\"`: an image, or `stage:NAME`"),
                None => Diagnostic::at(entry.key, message).help(format!(
                    "from = \"stage:NAME\" or an image; the stages of the preset are {}",
                    super::quoted(self.stages.keys().map(String::as_str))
                )),
            };
            mistakes.push(mistake);
            return;
        }
        let runtime = self.stages.get_index_of(RUNTIME);
        let at = match runtime {
            Some(runtime) => {
                let mut behind = self.stages.keys().skip(runtime);
                if behind.any(|stage| refers(&entry.node, stage)) {
                    self.stages.len()
                } else {
                    runtime
                }
            }
            None => self.stages.len(),
        };
        let stage = Stage {
            span: entry.key,
            fields: Table::new(),
            steps: IndexMap::new(),
        };
        self.stages.shift_insert(at, name.to_owned(), stage);
    }
}

/// Whether a stage of a spec is built on another one or takes something from it: by `from`, or by an instruction.
fn refers(node: &Node, stage: &str) -> bool {
    let of_instruction = |text: &str| {
        let mut behind = text.split("from=").skip(1);
        behind.any(|rest| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            rest.split(|c| !is_name(c)).next() == Some(stage)
        })
    };
    node.entries().any(|(key, entry)| match entry.node.text() {
        Some(text) if key == "from" => text.strip_prefix("stage:") == Some(stage),
        Some(text) if key == "dockerfile" => of_instruction(text),
        _ => {
            let mut items = entry.node.items();
            refers(&entry.node, stage) || items.any(|item| refers(item, stage))
        }
    })
}

impl Stage {
    fn merge(&mut self, stage: &str, over: &Node, mistakes: &mut Vec<Diagnostic>) {
        for dropped in over.get("drop").into_iter().flat_map(Node::items) {
            let name = dropped.text().unwrap_or_default();
            if self.steps.shift_remove(name).is_none() {
                mistakes.push(self.unknown_step(stage, name, dropped.span));
            }
        }
        let mut newest = None;
        let is_new = |name: &&str| over.get(name).is_some() && !self.steps.contains_key(*name);
        let commands: Vec<&str> = COMMANDS.into_iter().filter(is_new).collect();
        for (key, entry) in over.entries() {
            match key {
                "drop" | "steps" => {}
                key if SHORTHANDS.contains(&key) => {
                    let fields = Table::from_iter([(key.to_owned(), entry.clone())]);
                    self.step(stage, (key, entry.key), &fields, &mut newest, mistakes);
                }
                _ => merge_tables(
                    &mut self.fields,
                    Some(&Table::from_iter([(key.to_owned(), entry.clone())])),
                ),
            }
        }
        let steps = || over.get("steps").into_iter().flat_map(Node::entries);
        for (name, entry) in steps() {
            if let Some(fields) = entry.node.table() {
                self.step(stage, (name, entry.key), fields, &mut newest, mistakes);
            }
        }
        for command in commands {
            let is_beside = |(_, entry): (&str, &Entry)| {
                let place = entry.node.get("after").or_else(|| entry.node.get("before"));
                place.and_then(Node::text) == Some(command)
            };
            if !steps().any(is_beside)
                && let Some(step) = self.steps.shift_remove(command)
            {
                self.steps.insert(command.to_owned(), step);
            }
        }
    }

    /// Merges one step. `newest` is the last new one that was put where new steps stand, as long as none was put elsewhere
    /// since: thousands of them need not be walked past again for each.
    fn step(
        &mut self,
        stage: &str,
        (name, span): (&str, Span),
        over: &Table,
        newest: &mut Option<String>,
        mistakes: &mut Vec<Diagnostic>,
    ) {
        let new = !self.steps.contains_key(name);
        let step = self.steps.entry(name.to_owned()).or_insert_with(|| Step {
            span,
            fields: Table::new(),
        });
        step.span = span;
        // What a step does is one field; saying another one replaces it.
        let says_kind = |fields: &Table| fields.keys().any(|key| is_kind(key));
        if says_kind(over) {
            step.fields
                .retain(|key, _| over.contains_key(key) || !is_kind(key));
        }
        merge_tables(&mut step.fields, Some(over));
        if !says_kind(&step.fields) {
            let mistake = self.unknown_step(stage, name, span);
            mistakes
                .push(mistake.help("a new step says what it does, such as `run`, `copy` or `env`"));
            self.steps.shift_remove(name);
            return;
        }
        let anchor = |key: &str| Some((key.to_owned(), over.get(key)?.node.clone()));
        match anchor("after").or_else(|| anchor("before")) {
            Some((side, node)) => {
                *newest = None;
                let anchor = node.text().unwrap_or_default();
                if anchor == name {
                    let message = format!("the step `{name}` cannot stand {side} itself");
                    mistakes.push(Diagnostic::at(node.span, message));
                } else if !self.steps.contains_key(anchor) {
                    mistakes.push(self.unknown_step(stage, anchor, node.span));
                } else {
                    self.place(name, anchor, usize::from(side == "after"));
                }
            }
            None if new => {
                let after = self
                    .fields
                    .get("new-steps-after")
                    .and_then(|entry| entry.node.text().map(ToOwned::to_owned));
                if let Some(mut after) = after.filter(|after| self.steps.contains_key(after)) {
                    // Several new steps keep the order in which they were written.
                    if let Some(newest) = newest.take() {
                        after = newest;
                    }
                    let position = self.steps.get_index_of(&after).unwrap_or_default();
                    let own = |step: &Step| {
                        step.span.source == span.source && step.span.start < span.start
                    };
                    let behind = self
                        .steps
                        .iter()
                        .skip(position + 1)
                        .take_while(|(_, step)| own(step));
                    if let Some((earlier, _)) = behind.last() {
                        after.clone_from(earlier);
                    }
                    self.place(name, &after, 1);
                    *newest = Some(name.to_owned());
                }
            }
            None => {}
        }
    }

    /// Moves a step to where another one stands, or behind it.
    fn place(&mut self, name: &str, anchor: &str, behind: usize) {
        if let Some(step) = self.steps.shift_remove(name) {
            let at = self
                .steps
                .get_index_of(anchor)
                .map_or(self.steps.len(), |at| at + behind);
            self.steps.shift_insert(at, name.to_owned(), step);
        }
    }

    fn unknown_step(&self, stage: &str, name: &str, span: Span) -> Diagnostic {
        let message = format!("the stage `{stage}` has no step `{}`", name.escape_debug());
        let names = || {
            self.steps
                .keys()
                .map(String::as_str)
                .filter(|other| *other != name)
        };
        let mistake = Diagnostic::at(span, message);
        match closest(name, names()) {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None if names().next().is_none() => mistake,
            None => mistake.help(format!("its steps are {}", super::quoted(names()))),
        }
    }
}

/// Mistakes in a file that its shape cannot tell: a step that does two things.
pub(super) fn mistakes(tree: &Node) -> Vec<Diagnostic> {
    tree.get("stages").map(stage_mistakes).unwrap_or_default()
}

/// The same for `[stages]` alone, which a spec has too.
pub fn stage_mistakes(stages: &Node) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    for (_, stage) in stages.entries() {
        for (name, step) in stage.node.get("steps").into_iter().flat_map(Node::entries) {
            let mut said = step.node.entries().filter(|(key, _)| is_kind(key));
            if let (Some((first, earlier)), Some((second, entry))) = (said.next(), said.next()) {
                // The user of `copy --chown` has another key, so a second kind is a mistake in every case.
                let message = format!(
                    "the step `{name}` says both `{first}` and `{second}`; a step does one thing"
                );
                mistakes.push(
                    Diagnostic::at(entry.key, message).related(earlier.key, "said first here"),
                );
            }
            if let (Some(_), Some(node)) = (step.node.get("after"), step.node.get("before")) {
                mistakes.push(Diagnostic::at(
                    node.span,
                    format!("the step `{name}` says both `after` and `before`"),
                ));
            }
        }
    }
    mistakes
}

fn merge(tree: &mut Node, over: &Node) {
    match (&mut tree.value, &over.value) {
        (Value::Table(entries), Value::Table(over)) => merge_tables(entries, Some(over)),
        (Value::List(items), Value::List(over)) => *items = spliced(items, over),
        _ => *tree = over.clone(),
    }
}

fn merge_tables(entries: &mut Table, over: Option<&Table>) {
    for (key, entry) in over.into_iter().flatten() {
        match entries.get_mut(key) {
            // What a table holds under names of its own choosing (variables, copies) is replaced whole.
            Some(earlier) if earlier.node.list().is_some() => {
                earlier.key = entry.key;
                merge(&mut earlier.node, &entry.node);
            }
            // An expression that gives a list is an item like any other: lists in lists are spliced in.
            Some(earlier) if earlier.node.text().is_some() && entry.node.list().is_some() => {
                let items = [earlier.node.clone()];
                let over = entry.node.list().unwrap_or_default();
                let list = Value::List(spliced(&items, over));
                *earlier = Entry {
                    key: entry.key,
                    node: Node {
                        span: entry.node.span,
                        value: list,
                    },
                };
            }
            _ => {
                let mut entry = entry.clone();
                if let Value::List(items) = &mut entry.node.value {
                    items.retain(|item| item.text() != Some(REST));
                }
                entries.insert(key.clone(), entry);
            }
        }
    }
}

fn spliced(items: &[Node], over: &[Node]) -> Vec<Node> {
    let mut list = Vec::new();
    for item in over {
        if item.text() == Some(REST) {
            list.extend_from_slice(items);
        } else {
            list.push(item.clone());
        }
    }
    list
}
