//! Compiling: a spec and the presets that it names become a plan.
//!
//! All mistakes of meaning are collected, so that one run shows them all. This room touches no disk and prints
//! nothing.

mod bind;
mod check;
mod family;
mod references;
mod script;
mod services;
mod stack;
mod stages;
mod steps;
mod together;
mod values;

use std::borrow::Cow;

use crate::compose;
use crate::data::{self, Key, Node, Shape};
use crate::diag::{self, Diagnostic, Sources, Span};
use crate::dockerfile::Instruction;
use crate::dockerfile::paths::lies_in;
use crate::dockerfile::reference::ImageRef;
use crate::plan::{self, Context, Outputs, Plan};
use crate::preset::{Library, Preset, shape};
use crate::spec::{self, Draft, Spec};
use crate::stamp::{self, Marks};

use family::Families;
use stack::{Stack, Stacks};

/// Everything that a spec needs: the presets and the families of systems.
#[derive(Clone)]
pub struct Compiler {
    library: Library,
    families: Families,
    stacks: Stacks,
}

impl Compiler {
    /// A compiler with what comes with dockwright.
    pub fn new(sources: &mut Sources) -> Self {
        Self {
            library: Library::builtin(sources),
            families: Families::builtin(sources),
            stacks: Stacks::default(),
        }
    }

    /// Adds a preset of the project's own.
    ///
    /// # Errors
    /// A name that another preset has already.
    pub fn add(&mut self, preset: Preset) -> Result<(), Diagnostic> {
        if self.library.get(&preset.name).is_some() {
            let message = format!("there is another preset called `{}`", preset.name);
            return Err(Diagnostic::at(preset.tree.span, message)
                .help("a preset is called as its file is; give this one another name"));
        }
        self.library.add(preset);
        Ok(())
    }

    /// The presets that can be named.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The family of systems that the name of an image tells.
    pub fn family(&self, image: &str) -> Option<&str> {
        self.families.told_by(&ImageRef::parse(image).ok()?)
    }

    /// Every key of a spec, with the options of all presets and the form of stages: what an editor can know.
    pub fn keys(&self) -> Vec<Key> {
        let options = self
            .library
            .presets()
            .filter(|preset| preset.options().next().is_some())
            .map(|preset| {
                let keys: Vec<Key> = preset.options().map(|option| option.key()).collect();
                Key::new(
                    preset.name.clone(),
                    preset.summary().to_owned(),
                    Shape::Table(keys),
                )
            });
        let options: Vec<Key> = options.collect();
        let mut keys = spec::keys().to_vec();
        for key in &mut keys {
            match key.name.as_ref() {
                "options" => key.shape = Shape::Table(options.clone()),
                "stages" => key.shape = shape::stages().clone(),
                "service" => key.shape = Shape::Table(compose::shape::overlay()),
                "override" => key.shape = Shape::Table(compose::shape::replacing()),
                "compose" => key.shape = Shape::Table(compose::shape::project()),
                _ => {}
            }
        }
        keys
    }

    /// The plan of a spec, or everything that is wrong with it in the order of the source.
    pub fn compile(
        &self,
        draft: &Draft,
        spec_name: &str,
        sources: &Sources,
    ) -> Result<Plan, Vec<Diagnostic>> {
        let result = self.plan(draft, spec_name, sources);
        result.map_err(|mistakes| self.reported(mistakes))
    }

    /// The mistakes in the order of the source. What is wrong at a place in a preset that comes with dockwright follows
    /// from a mistake elsewhere, and says nothing beside it.
    fn reported(&self, mistakes: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let follows = |mistake: &Diagnostic| {
            let place = mistake.primary.as_ref().map(|label| label.span.source);
            place.is_some_and(|source| self.library.is_builtin(source))
        };
        let (following, mut own): (Vec<_>, Vec<_>) = mistakes.into_iter().partition(follows);
        if own.is_empty() {
            own = following;
        }
        diag::sort(&mut own);
        // What is wrong with a value is wrong wherever the value goes.
        own.dedup_by(|second, first| {
            let reason = |mistake: &Diagnostic| {
                let parts = mistake.message.split_once("` ");
                parts.map_or_else(|| mistake.message.clone(), |(_, reason)| reason.to_owned())
            };
            second.primary == first.primary && reason(second) == reason(first)
        });
        let spans: Vec<Span> = own
            .iter()
            .filter_map(|mistake| Some(mistake.primary.as_ref()?.span))
            .collect();
        // Where a part is wrong, so is the whole.
        own.retain(|mistake| {
            mistake.primary.as_ref().is_none_or(|whole| {
                let whole = whole.span;
                let within = |part: &Span| {
                    *part != whole
                        && part.source == whole.source
                        && whole.start <= part.start
                        && part.end <= whole.end
                };
                !spans.iter().any(within)
            })
        });
        own
    }

    fn plan(
        &self,
        draft: &Draft,
        spec_name: &str,
        sources: &Sources,
    ) -> Result<Plan, Vec<Diagnostic>> {
        let preset = self.preset(draft).map_err(|mistake| vec![mistake])?;
        let overlays = self.overlays(draft)?;
        let chosen = draft
            .said("preset")
            .or_else(|| draft.said("package-manager"))
            .map_or(draft.tree.span, |said| said.span);
        let stack = self.stacks.get(preset, &overlays, self)?;
        let mut flat = Cow::Borrowed(&stack.flat);
        let mut mistakes = Vec::new();
        let mut has_form = true;
        if let Some(over) = draft.tree.get("stages") {
            let found = data::check_template("stages", over, shape::stages(), spec::keys());
            has_form = found.is_empty();
            if has_form {
                flat.to_mut().merge_stages(over, &mut mistakes);
            }
            mistakes.extend(found);
            mistakes.extend(crate::preset::stage_mistakes(over));
        }
        mistakes.extend(bind::check(draft.tree.get("options"), &flat, chosen));
        let mut own = compose::Part::default();
        for node in flat.services.iter().chain(draft.tree.get("service")) {
            own.lay(services::own(Some(node), sources, &mut mistakes));
        }
        let replacing = services::replacing(draft.tree.get("override"), sources, &mut mistakes);
        if !has_form {
            // Nobody knows what stages mean that have no form, so nothing of the meaning is told beside them.
            services::rest_form(draft.tree.get("compose"), sources, &mut mistakes);
            return Err(mistakes);
        }
        let Some(spec) = draft.complete(&stack.defaults, &mut mistakes) else {
            return Err(mistakes);
        };
        let compiled = stages::compile(&spec, &flat, &self.families, sources, &mut mistakes);
        if compiled.is_whole {
            mistakes.extend(together::check(&spec, &compiled));
        }
        let rest = services::rest(
            draft.tree.get("compose"),
            &spec,
            &compiled.targets,
            sources,
            &mut mistakes,
        );
        let outputs = outputs(&spec);
        mistakes.extend(collisions(&outputs, draft.tree.get("outputs"), spec_name));
        if !compiled.is_whole {
            return Err(mistakes);
        }
        let mut plan = Plan {
            globals: compiled.globals,
            stages: compiled.stages,
            context: Context::default(),
            services: services::all(&spec, own, replacing, compiled.targets),
            secrets: services::secrets(&spec),
            rest,
            outputs,
            marks: marks(draft, &stack, spec_name),
        };
        let exclude = spec.exclude.iter().map(services::said).collect();
        plan.context = Context::of(&plan, stack.never.clone(), exclude);
        let known = spec.base.env.clone();
        mistakes.extend(plan::validate(&plan, &known));
        if mistakes.is_empty() {
            Ok(plan)
        } else {
            Err(mistakes)
        }
    }

    /// The preset that a spec names, or that serves its language and package manager.
    pub fn preset(&self, draft: &Draft) -> Result<&Preset, Diagnostic> {
        let (preset, language, manager) = (
            draft.said("preset"),
            draft.said("language"),
            draft.said("package-manager"),
        );
        match (preset, language, manager) {
            (Some(said), None, None) => {
                let preset = self.library.find(&said.text, said.span)?;
                if preset.overlays().next().is_none() {
                    return Ok(preset);
                }
                let message = format!("`{}` is an overlay: it lies on a preset", preset.name);
                Err(Diagnostic::at(said.span, message).help(format!(
                    "say it beside the preset: with = [\"{}\"]",
                    preset.name
                )))
            }
            (Some(_), Some(other), _) | (Some(_), _, Some(other)) => Err(Diagnostic::at(
                other.span,
                "`preset` says it already; `language` and `package-manager` would look up another one",
            )),
            (None, Some(language), Some(manager)) => self.library.serving(
                (&language.text, language.span),
                (&manager.text, manager.span),
            ),
            (None, Some(language), None) if self.library.managers(&language.text).is_empty() => {
                let nothing = ("", language.span);
                self.library
                    .serving((&language.text, language.span), nothing)
            }
            (None, Some(language), None) => Err(Diagnostic::at(
                language.span,
                "`package-manager` is missing beside `language`",
            )
            .help(format!(
                "the two together look up a preset; for {} it is one of {}",
                language.text,
                self.library.managers(&language.text)
            ))),
            (None, None, Some(manager)) => Err(Diagnostic::at(
                manager.span,
                "`language` is missing beside `package-manager`",
            )
            .help("the two together look up a preset: language = \"python\"")),
            (None, None, None) => {
                let names: Vec<&str> = self.library.names().collect();
                Err(
                    Diagnostic::at(draft.tree.span, "nothing says what kind of service this is")
                        .help("say `language` and `package-manager`, or a `preset`")
                        .help(format!("the presets are `{}`", names.join("`, `"))),
                )
            }
        }
    }

    /// The overlays that a spec names, each with its place.
    fn overlays(&self, draft: &Draft) -> Result<Vec<(&Preset, Span)>, Vec<Diagnostic>> {
        let mut overlays = Vec::new();
        let mut mistakes = Vec::new();
        for said in draft.overlays() {
            match self.library.find(&said.text, said.span) {
                Ok(preset) => overlays.push((preset, said.span)),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() {
            Ok(overlays)
        } else {
            Err(mistakes)
        }
    }
}

/// What a plan is made from. The digest of what only compose reads is not in that of the build.
fn marks(draft: &Draft, stack: &Stack, spec_name: &str) -> Marks {
    let build = draft
        .tree
        .meaning_without(&["service", "override", "compose"]);
    Marks {
        spec_name: spec_name.to_owned(),
        build: stamp::digest(&build),
        whole: stamp::digest(&draft.tree.meaning()),
        presets: stack.digest.clone(),
    }
}

/// The ignore file's name follows from the Dockerfile's: the engine looks for `NAME.dockerignore` first, and for
/// `.dockerignore` at the top of the context.
fn outputs(spec: &Spec) -> Outputs {
    let dockerfile = spec.outputs.dockerfile.clone();
    let dockerignore = dockerfile
        .as_ref()
        .filter(|_| spec.outputs.dockerignore)
        .map(|path| match path.as_str() {
            "Dockerfile" => ".dockerignore".to_owned(),
            path => format!("{path}.dockerignore"),
        });
    Outputs {
        dockerfile,
        dockerignore,
        compose: spec.outputs.compose.clone(),
    }
}

/// Two files cannot go to one place, and none may take the place of the spec.
fn collisions(outputs: &Outputs, said: Option<&Node>, spec_name: &str) -> Vec<Diagnostic> {
    let Some(said) = said else {
        return Vec::new();
    };
    let mut taken = vec![("spec", spec_name)];
    let mut mistakes = Vec::new();
    if outputs.dockerfile.is_none() && outputs.compose.is_none() {
        mistakes.push(Diagnostic::at(
            said.span,
            "`outputs` leaves no file to write",
        ));
    }
    for (key, what, path) in [
        ("dockerfile", "Dockerfile", &outputs.dockerfile),
        ("dockerignore", "ignore file", &outputs.dockerignore),
        ("compose", "compose file", &outputs.compose),
    ] {
        let Some(path) = path else { continue };
        let span = said.get(key).map_or(said.span, |node| node.span);
        let folder = |(_, other): &&(&str, &str)| {
            other != path && (lies_in(path, other) || lies_in(other, path))
        };
        if let Some((other, place)) = taken.iter().find(folder) {
            let message = format!(
                "the {what} would go to `{path}`, and the {other} to `{place}`: one of them would be a folder"
            );
            mistakes.push(Diagnostic::at(span, message));
        }
        if let Some((other, _)) = taken.iter().find(|(_, other)| other == path) {
            let message = format!("the {what} would go to `{path}`, and there lies the {other}");
            mistakes.push(Diagnostic::at(span, message));
        }
        taken.push((what, path));
    }
    mistakes
}

/// A layer that was made of a step, before it is known to be part of a plan.
fn layer(
    id: &str,
    note: Option<String>,
    origin: diag::Span,
    instruction: Instruction,
) -> plan::Layer {
    plan::Layer {
        id: id.to_owned(),
        note,
        origin,
        values: Vec::new(),
        instruction,
        written: None,
    }
}
