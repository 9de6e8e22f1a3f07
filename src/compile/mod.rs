//! Compiling: a spec and the presets that it names become a plan.
//!
//! All mistakes of meaning are collected, so that one run shows them all. This room touches no disk and prints
//! nothing.

mod bind;
mod family;
mod script;
mod stages;
mod steps;

use crate::compose;
use crate::data::{self, Key, Node, Shape, Value};
use crate::diag::{self, Diagnostic, Sources};
use crate::dockerfile::Instruction;
use crate::plan::{self, Context, Marks, Outputs, Plan, Service};
use crate::preset::{Flat, Library, Preset, RUNTIME, shape};
use crate::spec::{self, Draft, Port, Protocol, Spec};

use family::Families;

/// Everything that a spec needs: the presets and the families of systems.
pub struct Compiler {
    library: Library,
    families: Families,
}

impl Compiler {
    /// A compiler with what comes with dockwright.
    pub fn new(sources: &mut Sources) -> Self {
        Self {
            library: Library::builtin(sources),
            families: Families::builtin(sources),
        }
    }

    /// The presets that can be named.
    pub fn library(&self) -> &Library {
        &self.library
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
        let mut keys = spec::keys();
        for key in &mut keys {
            match key.name.as_ref() {
                "options" => key.shape = Shape::Table(options.clone()),
                "stages" => key.shape = shape::stages(),
                "service" => key.shape = Shape::Table(compose::shape::service()),
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
        result.map_err(|mut mistakes| {
            diag::sort(&mut mistakes);
            mistakes.dedup();
            mistakes
        })
    }

    fn plan(
        &self,
        draft: &Draft,
        spec_name: &str,
        sources: &Sources,
    ) -> Result<Plan, Vec<Diagnostic>> {
        let preset = self.preset(draft).map_err(|mistake| vec![mistake])?;
        let mut flat = self.library.flatten(preset)?;
        let mut mistakes = Vec::new();
        if let Some(over) = draft.tree.get("stages") {
            let found = data::check_template(over, &shape::stages());
            if found.is_empty() {
                flat.merge_stages(over, &mut mistakes);
            }
            mistakes.extend(found);
            mistakes.extend(crate::preset::stage_mistakes(over));
        }
        mistakes.extend(bind::check(draft.tree.get("options"), &flat));
        let own = service(draft.tree.get("service"), sources, &mut mistakes);
        let defaults = spec::parse_defaults(&flat.defaults)?;
        let spec = match draft.complete(&defaults) {
            Ok(spec) => spec,
            Err(found) => {
                mistakes.extend(found);
                return Err(mistakes);
            }
        };
        let compiled = stages::compile(&spec, &flat, &self.families, sources, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut services = vec![main_service(&spec, own)];
        services.extend(compiled.targets.into_iter().map(|target| Service {
            name: format!("{}-{}", spec.name.text, target.name),
            image: format!("{}:{}", spec.name.text, target.name),
            target: target.name,
            args: args(&spec),
            // Only one service can publish a port, and that is the main one.
            ports: Vec::new(),
            volumes: Vec::new(),
            init: spec.init,
            platforms: Vec::new(),
            own: target.own,
        }));
        let mut plan = Plan {
            globals: compiled.globals,
            stages: compiled.stages,
            context: Context::default(),
            services,
            outputs: outputs(&spec),
            marks: self.marks(draft, &flat, spec_name),
        };
        let never = flat
            .ignore
            .iter()
            .filter_map(Node::text)
            .map(ToOwned::to_owned)
            .collect();
        let exclude = spec
            .exclude
            .iter()
            .map(|said| (said.text.clone(), said.span))
            .collect();
        plan.context = Context::of(&plan, never, exclude);
        let known = spec.base.env.clone();
        let mistakes = plan::validate(&plan, &known);
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
            (Some(preset), None, None) => self.library.find(&preset.text, preset.span),
            (Some(_), Some(other), _) | (Some(_), _, Some(other)) => Err(Diagnostic::at(
                other.span,
                "`preset` says it already; `language` and `package-manager` would look up another one",
            )),
            (None, Some(language), Some(manager)) => self.library.serving(
                (&language.text, language.span),
                (&manager.text, manager.span),
            ),
            (None, Some(language), None) => Err(Diagnostic::at(
                language.span,
                "`package-manager` is missing beside `language`",
            )
            .help("the two together look up a preset: package-manager = \"pip\"")),
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

    fn marks(&self, draft: &Draft, flat: &Flat, spec_name: &str) -> Marks {
        let mut build = draft.tree.clone();
        if let Value::Table(entries) = &mut build.value {
            entries.shift_remove("service");
        }
        let mut presets = self.families.meaning();
        for name in &flat.chain {
            presets.push_str(
                &self
                    .library
                    .get(name)
                    .map(|preset| preset.tree.meaning())
                    .unwrap_or_default(),
            );
        }
        Marks {
            spec_name: spec_name.to_owned(),
            build: plan::digest(&build.meaning()),
            whole: plan::digest(&draft.tree.meaning()),
            presets: plan::digest(&presets),
        }
    }
}

/// What the user adds to a service in compose's own words.
fn service(node: Option<&Node>, sources: &Sources, mistakes: &mut Vec<Diagnostic>) -> compose::Map {
    let Some(node) = node else {
        return compose::Map::new();
    };
    let keys: Vec<Key> = spec::keys();
    mistakes.extend(data::check(
        node,
        &Shape::Table(compose::shape::service()),
        &keys,
    ));
    let (value, found) = compose::read(node, sources);
    mistakes.extend(found);
    match value {
        compose::Value::Map(map) => map,
        _ => compose::Map::new(),
    }
}

fn main_service(spec: &Spec, own: compose::Map) -> Service {
    let port = |port: &Port| {
        let protocol = match port.protocol {
            Protocol::Tcp => "",
            Protocol::Udp => "/udp",
        };
        format!("{}:{}{protocol}", port.published, port.container)
    };
    Service {
        name: spec.name.text.clone(),
        image: spec.name.text.clone(),
        target: RUNTIME.to_owned(),
        args: args(spec),
        ports: spec.ports.iter().map(port).collect(),
        volumes: spec
            .volumes
            .iter()
            .map(|(name, path)| (name.text.clone(), path.text.clone()))
            .collect(),
        init: spec.init,
        platforms: spec
            .base
            .platforms
            .iter()
            .map(|said| said.text.clone())
            .collect(),
        own,
    }
}

fn args(spec: &Spec) -> Vec<(String, Option<String>)> {
    let default = |(name, default): &(spec::Said, Option<spec::Said>)| {
        (
            name.text.clone(),
            default.as_ref().map(|said| said.text.clone()),
        )
    };
    spec.args.iter().map(default).collect()
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
        instruction,
    }
}
