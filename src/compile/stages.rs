//! Stages of a flattened preset as stages of a plan.

use indexmap::IndexMap;

use super::bind;
use super::family::Families;
use super::services;
use super::steps::{self, Place};
use crate::compose;
use crate::data::Node;
use crate::diag::{Diagnostic, Sources, Span};
use crate::dockerfile::{
    Arg, EnvName, FlagWord, From, Instruction, Invalid, Mount, SecretEnv, StageName, Token, Word,
    is_root,
};
use crate::expr::{Evaluator, Names};
use crate::plan::{self, Layer, Stage};
use crate::preset::{self, Flat, RUNTIME};
use crate::spec::{Argument, Said, Secret, SecretUsage, Spec};

/// The stage that stands last where the one that the service runs in does not: a plain build makes the last stage.
const LAST: &str = "image";

/// The stages of a plan, and which of them compose has a service for.
#[derive(Default)]
pub(super) struct Compiled {
    pub(super) globals: Vec<Layer>,
    pub(super) stages: Vec<Stage>,
    pub(super) targets: Vec<Target>,
    /// Whether every stage and step is there. What is wrong with the rest may only follow from those that are not.
    pub(super) is_whole: bool,
}

/// A stage that compose builds besides the main one.
pub(super) struct Target {
    pub(super) name: String,
    pub(super) origin: Span,
    pub(super) own: compose::Part,
}

struct Stages<'a> {
    spec: &'a Spec,
    /// The names that expressions can use before the family of a stage is known.
    names: &'a Names,
    /// What a stage is built on decides its family, so that is asked with these names.
    evaluator: Evaluator<'a>,
    flat: &'a Flat,
    families: &'a Families,
    sources: &'a Sources,
    /// The family of each stage that is there.
    made: IndexMap<String, Family>,
    /// The user that each of them ends with, if it says one.
    users: IndexMap<String, Word>,
}

/// The family of systems in a stage, or why it is not known: that matters only to a step that asks for it.
pub(super) type Family = Result<String, Box<Diagnostic>>;

/// Compiles every stage whose condition holds.
pub(super) fn compile(
    spec: &Spec,
    flat: &Flat,
    families: &Families,
    sources: &Sources,
    mistakes: &mut Vec<Diagnostic>,
) -> Compiled {
    let names = bind::names(spec, flat);
    let mut stages = Stages {
        spec,
        evaluator: Evaluator::new(&names, sources),
        names: &names,
        flat,
        families,
        sources,
        made: IndexMap::new(),
        users: IndexMap::new(),
    };
    let mut compiled = Compiled::default();
    let before = mistakes.len();
    for (name, stage) in &flat.stages {
        match stages.stage(name, stage, &mut compiled, mistakes) {
            Ok(Some(made)) => compiled.stages.push(made),
            Ok(None) => {}
            Err(mistake) => mistakes.push(mistake),
        }
    }
    compiled.is_whole = mistakes.len() == before;
    let has_stage = |stages: &[Stage], name: &str| stages.iter().any(|stage| stage.is_called(name));
    if compiled.is_whole && has_stage(&compiled.stages, RUNTIME) {
        mistakes.extend(root_unsaid(spec, stages.users.get(RUNTIME)));
        mistakes.extend(not_exposed(spec, &compiled.stages));
    }
    compiled.globals = globals(spec, &compiled.stages, mistakes);
    for layer in compiled
        .stages
        .iter_mut()
        .flat_map(|stage| &mut stage.layers)
    {
        inherit(layer, &compiled.globals);
    }
    if compiled.is_whole {
        mistakes.extend(lost_secrets(spec, &compiled.stages));
    }
    if compiled.is_whole && !has_stage(&compiled.stages, RUNTIME) {
        let said = flat.stages.get(RUNTIME);
        let span = said.and_then(|stage| Some(stage.fields.get("when")?.node.span));
        let message = format!("the stage `{RUNTIME}` is left out, and the service runs in it");
        mistakes.push(match span {
            Some(span) => Diagnostic::at(span, message),
            None => Diagnostic::nowhere(message),
        });
    }
    let mut last_name = LAST.to_owned();
    while has_stage(&compiled.stages, &last_name) {
        last_name.push_str("-last");
    }
    // Another name for the same image, and nothing more, may stand last as well.
    let is_alias = |stage: &Stage| stage.from.image.as_str() == RUNTIME && stage.layers.is_empty();
    if let Some(last) = compiled.stages.last()
        && !last.is_called(RUNTIME)
        && !is_alias(last)
        && let (Ok(image), Ok(name)) = (Token::literal(RUNTIME), StageName::new(&last_name))
    {
        compiled.stages.push(Stage {
            from: From {
                platform: None,
                image,
                name: Some(name),
            },
            note: Some(
                "Last, because a build that names no target makes the last stage".to_owned(),
            ),
            origin: last.origin,
            layers: Vec::new(),
        });
    }
    compiled
}

/// Arguments that the builder itself defines before the first stage.
const PLATFORMS: &[&str] = &[
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// Arguments of the spec that stand before the first stage: those that an image's name or a platform refers to, those
/// that a stage names without a default of its own, and those that the default of one of these refers to.
fn globals(spec: &Spec, stages: &[Stage], mistakes: &mut Vec<Diagnostic>) -> Vec<Layer> {
    let known = |variable: &str| {
        let mut args = spec.args.iter();
        args.position(|arg| arg.name.text == variable)
    };
    let mut wanted = vec![false; spec.args.len()];
    for stage in stages {
        let platform = stage.from.platform.iter().map(FlagWord::word);
        let words = platform.chain([stage.from.image.word()]);
        for variable in words.flat_map(Word::variables) {
            match known(&variable) {
                Some(index) => wanted[index] = true,
                None if PLATFORMS.contains(&variable.as_str()) => {}
                None => mistakes.push(
                    Diagnostic::at(
                        stage.origin,
                        format!("nothing defines `${variable}` before the first stage"),
                    )
                    .help(format!("give it a default: [args] {variable} = \"...\"")),
                ),
            }
        }
        for layer in &stage.layers {
            let Instruction::Arg(arg) = &layer.instruction else {
                continue;
            };
            for (name, _) in arg.as_slice().iter().filter(|(_, value)| value.is_none()) {
                // One that has no default either is the same before the first stage and in it.
                if let Some(index) = known(name.as_str())
                    && !spec.args[index].defaults.is_empty()
                {
                    wanted[index] = true;
                }
            }
        }
    }
    let mut globals: Vec<Layer> = Vec::new();
    for index in (0..spec.args.len()).rev() {
        let arg = &spec.args[index];
        if !wanted[index] {
            continue;
        }
        match arguments(arg) {
            Ok(instructions) => {
                for instruction in instructions.into_iter().rev() {
                    for variable in variables(&instruction) {
                        // What it refers to stands above it.
                        if let Some(above) = known(&variable).filter(|above| *above < index) {
                            wanted[above] = true;
                        }
                    }
                    let origin = arg.name.span;
                    globals.push(super::layer(&arg.name.text, None, origin, instruction));
                }
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    globals.reverse();
    globals
}

/// In a stage, an argument that stands before the first one is only named, as long as its default is the one said there.
fn inherit(layer: &mut Layer, globals: &[Layer]) {
    let Instruction::Arg(arg) = &layer.instruction else {
        return;
    };
    let said_before = |pair: &(EnvName, Option<Word>)| {
        let above = globals.iter().flat_map(|global| match &global.instruction {
            Instruction::Arg(global) => global.as_slice(),
            _ => &[],
        });
        let mut above = above.filter(|(name, _)| *name == pair.0);
        // What is worked out in turn is none of the defaults that it went through.
        above.next() == Some(pair) && above.next().is_none()
    };
    if layer.written.is_some() || !arg.as_slice().iter().any(said_before) {
        return;
    }
    let pairs = arg.as_slice().iter().map(|pair| {
        let value = pair.1.clone().filter(|_| !said_before(pair));
        (pair.0.clone(), value)
    });
    if let Ok(arg) = Arg::new(pairs.collect()) {
        layer.instruction = Instruction::Arg(arg);
    }
}

fn arguments(arg: &Argument) -> Result<Vec<Instruction>, Diagnostic> {
    let wrong = |span: Span| {
        move |error| Diagnostic::at(span, format!("this cannot be an argument: {error}"))
    };
    let variable = EnvName::new(&arg.name.text).map_err(wrong(arg.name.span))?;
    let instruction = |value| {
        Arg::new(vec![(variable.clone(), value)])
            .map(Instruction::Arg)
            .map_err(wrong(arg.name.span))
    };
    if arg.defaults.is_empty() {
        return Ok(vec![instruction(None)?]);
    }
    let defaults = arg.defaults.iter().map(|said| {
        let value = Word::template(&said.text).map_err(wrong(said.span))?;
        instruction(Some(value))
    });
    defaults.collect()
}

/// What the defaults of an instruction refer to.
fn variables(instruction: &Instruction) -> Vec<String> {
    match instruction {
        Instruction::Arg(arg) => {
            let values = arg.as_slice().iter();
            let values = values.filter_map(|(_, value)| value.as_ref());
            values.flat_map(Word::variables).collect()
        }
        _ => Vec::new(),
    }
}

impl Stages<'_> {
    fn stage(
        &mut self,
        name: &str,
        stage: &preset::Stage,
        compiled: &mut Compiled,
        mistakes: &mut Vec<Diagnostic>,
    ) -> Result<Option<Stage>, Diagnostic> {
        let field = |key: &str| stage.fields.get(key).map(|entry| &entry.node);
        let evaluator = self.evaluator.clone();
        if let Some(when) = field("when")
            && !evaluator.condition(when)?
        {
            return Ok(None);
        }
        let text = |key: &str| -> Result<Option<Said>, Diagnostic> {
            let Some(node) = field(key) else {
                return Ok(None);
            };
            let value = evaluator.data(node)?;
            Ok(value.and_then(|node| {
                Some(Said {
                    text: node.text()?.to_owned(),
                    span: node.span,
                })
            }))
        };
        let Some(base) = text("from")? else {
            let message = format!("the stage `{name}` does not say what it is built `from`");
            return Err(Diagnostic::at(stage.span, message));
        };
        let (image, family) = self.base(&base, text("family")?.as_ref())?;
        let invalid =
            |span: Span, error: &dyn std::fmt::Display| Diagnostic::at(span, error.to_string());
        let platform = text("platform")?
            .map(|said| FlagWord::template(&said.text).map_err(|error| invalid(said.span, &error)))
            .transpose()?;
        let from = From {
            platform,
            image,
            name: Some(StageName::new(name).map_err(|error| invalid(stage.span, &error))?),
        };
        let known = family.as_ref().map_or("", String::as_str);
        let names = bind::names_of(self.names, self.spec, self.flat, known);
        let place = Place {
            evaluator: Evaluator::new(&names, self.sources),
            spec: self.spec,
            flat: self.flat,
            families: self.families,
            sources: self.sources,
            family: &family,
            stages: &self.made,
        };
        let mut layers = Vec::new();
        let mut user = base
            .text
            .strip_prefix("stage:")
            .and_then(|below| self.users.get(below).cloned());
        for (id, step) in &stage.steps {
            match steps::compile(id, step, &place) {
                Ok(mut made) => {
                    let other = user.as_ref().filter(|user| !is_root(user.as_str()));
                    for secret in &self.spec.secrets {
                        if let Err(mistake) = mount_secret(secret, (name, id), other, &mut made) {
                            mistakes.push(mistake);
                        }
                    }
                    if let Some(other) = other {
                        run_as(other, id, step, &mut made);
                    }
                    let said = made
                        .iter()
                        .rev()
                        .find_map(|layer| match &layer.instruction {
                            Instruction::User(word) => Some(word.clone()),
                            _ => None,
                        });
                    user = said.or(user);
                    layers.extend(made);
                }
                Err(found) => mistakes.extend(
                    found
                        .into_iter()
                        .map(|mistake| self.of_family(mistake, &family)),
                ),
            }
        }
        if let Some(target) = field("target")
            && evaluator.condition(target)?
        {
            if name == RUNTIME {
                let message = format!("`{RUNTIME}` is the target of the service already");
                return Err(Diagnostic::at(target.span, message));
            }
            compiled.targets.push(Target {
                name: name.to_owned(),
                origin: target.span,
                own: services::own(field("service"), self.sources, mistakes),
            });
        } else if let Some(service) = field("service") {
            mistakes.push(
                Diagnostic::at(
                    service.span,
                    format!("the stage `{name}` has a `service` and is no target"),
                )
                .help("say `target = true` beside it"),
            );
        }
        self.made.insert(name.to_owned(), family);
        if let Some(user) = user {
            self.users.insert(name.to_owned(), user);
        }
        Ok(Some(Stage {
            from,
            note: text("note")?.map(|said| said.text),
            origin: base.span,
            layers,
        }))
    }

    /// What a stage is built on, and the family of systems in it.
    fn base(&self, base: &Said, family: Option<&Said>) -> Result<(Token, Family), Diagnostic> {
        if let Some(stage) = base.text.strip_prefix("stage:") {
            let family = self
                .made
                .get(stage)
                .ok_or_else(|| unknown_stage(stage, base.span, &self.made))?;
            let token = Token::literal(stage)
                .map_err(|error| Diagnostic::at(base.span, error.to_string()))?;
            return Ok((token, family.clone()));
        }
        let ours = &self.spec.base;
        let (said, key) = if family.is_some() {
            (family, "family")
        } else if base.text == ours.image.text {
            (ours.family.as_ref(), "family")
        } else if base.text == ours.build.text {
            (ours.build_family.as_ref(), "build-family")
        } else {
            (None, "family")
        };
        let token = Token::template(&base.text)
            .map_err(|error| Diagnostic::at(base.span, format!("this is no image: {error}")))?;
        let family = self.families.of(base, said, key);
        Ok((token, family.map(ToOwned::to_owned).map_err(Box::new)))
    }

    /// A word that presets have for other families only: then it is the image that does not fit.
    fn of_family(&self, mistake: Diagnostic, family: &Family) -> Diagnostic {
        let undefined = ["not defined", "has no value", "undefined"]
            .iter()
            .any(|words| mistake.message.contains(words));
        let family = match family {
            Ok(family) => family,
            Err(unknown) if undefined => return unknown.as_ref().clone(),
            Err(_) => return mistake,
        };
        if !undefined || self.flat.families.is_empty() || self.flat.families.contains_key(family) {
            return mistake;
        }
        let known: Vec<&str> = self.flat.families.keys().map(String::as_str).collect();
        let image = &self.spec.base.build;
        let preset = self.flat.chain.last().map_or("", String::as_str);
        Diagnostic::at(image.span, format!("the preset `{preset}` cannot build on `{}`, of the family `{family}`", image.text))
            .help(format!("the families that it knows are `{}`; `base.build` names another image for the build stages", known.join("`, `")))
    }
}

/// Mounts a secret in the layers of a step, if it is one of the steps that need it.
fn mount_secret(
    secret: &Secret,
    (stage, step): (&str, &str),
    user: Option<&Word>,
    layers: &mut [Layer],
) -> Result<(), Diagnostic> {
    let SecretUsage::Build { steps, variable } = &secret.usage else {
        return Ok(());
    };
    let is_here = |said: &&Said| said.text.split_once('.') == Some((stage, step));
    let Some(said) = steps.iter().find(is_here) else {
        return Ok(());
    };
    let invalid = |error: Invalid| {
        Diagnostic::at(secret.name.span, format!("this cannot be mounted: {error}"))
    };
    for layer in layers.iter_mut() {
        let Instruction::Run(run) = &mut layer.instruction else {
            let message = format!(
                "the step `{}` runs no command, so no secret can be mounted in it",
                said.text
            );
            return Err(Diagnostic::at(said.span, message));
        };
        let flag = |text: &str| FlagWord::literal(text).map_err(invalid);
        let mut mount = Mount::secret(flag(&secret.name.text)?)
            .with_required(true)
            .map_err(invalid)?;
        if let Some(variable) = variable {
            mount = mount
                .with_env(SecretEnv::Name(flag(&variable.text)?))
                .map_err(invalid)?;
        }
        if let Some(target) = &secret.target {
            mount = mount.with_target(flag(&target.text)?);
        }
        // A secret's file can be read by its owner alone, and that is root unless it is said.
        if let Some(user) = user.filter(|_| variable.is_none()) {
            let Some(uid) = number(user) else {
                let message = format!(
                    "the step `{}` runs as `{}`, and only a user that is known by number can be given a secret's file",
                    said.text,
                    user.as_str()
                );
                return Err(Diagnostic::at(said.span, message)
                    .help("name the user by number, or hand the secret over `as-env`"));
            };
            mount = mount.with_uid(uid).map_err(invalid)?;
        }
        run.mounts.push(mount);
    }
    Ok(())
}

/// What a step needs where another user than root runs by then: root itself, to install and to create; caches that
/// belong to that user.
fn run_as(user: &Word, id: &str, step: &preset::Step, layers: &mut Vec<Layer>) {
    let kind = step.kind().map(|(kind, _)| kind);
    let Some(first) = layers.first_mut() else {
        return;
    };
    if matches!(
        kind,
        Some("packages" | "create-user" | "directories" | "unix-lines")
    ) {
        let Ok(root) = Word::literal("0") else { return };
        let to_root = super::layer(id, first.note.take(), first.origin, Instruction::User(root));
        let back = super::layer(id, None, first.origin, Instruction::User(user.clone()));
        layers.insert(0, to_root);
        layers.push(back);
        return;
    }
    // What is written as a Dockerfile has it is the user's own to say, caches too.
    if kind == Some("dockerfile") {
        return;
    }
    let Some(uid) = number(user) else { return };
    for layer in layers {
        let Instruction::Run(run) = &mut layer.instruction else {
            continue;
        };
        for mount in &mut run.mounts {
            if mount.is_cache()
                && mount.uid().is_none()
                && let Ok(owned) = mount.clone().with_uid(uid)
            {
                *mount = owned;
            }
        }
    }
}

/// The number of a user, if it is known.
fn number(user: &Word) -> Option<u32> {
    let text = user.text()?;
    text.split(':').next()?.parse().ok()
}

/// A service that would run as root although its spec does not say so.
fn root_unsaid(spec: &Spec, user: Option<&Word>) -> Option<Diagnostic> {
    let wanted = spec.tree.get("user")?;
    let uid = wanted.get("uid").and_then(Node::integer);
    if uid == Some(0) || user.is_some_and(|user| !is_root(user.as_str())) {
        return None;
    }
    let place = changed_runtime(spec).map_or(spec.name.span, |node| node.span);
    let message = format!(
        "the service runs as root, or whatever user its image has: the steps of `{RUNTIME}` do not end as `{}`",
        wanted.get("name").and_then(Node::text).unwrap_or_default()
    );
    Some(Diagnostic::at(place, message).help("where root is meant, say `user = \"root\"`"))
}

/// What a spec says of the stage that the service runs in: which steps it drops, or else what it changes.
fn changed_runtime(spec: &Spec) -> Option<&Node> {
    let stage = spec.tree.get("stages")?.get(RUNTIME)?;
    Some(stage.get("drop").unwrap_or(stage))
}

/// Ports that compose would publish although the spec takes them away from the image.
fn not_exposed(spec: &Spec, stages: &[Stage]) -> Vec<Diagnostic> {
    let replaced = spec.tree.get("override").and_then(|own| own.get("ports"));
    let (Some(changed), None) = (changed_runtime(spec), replaced) else {
        return Vec::new();
    };
    let mut exposed = Vec::new();
    for layer in plan::lineage(stages, RUNTIME).flat_map(|stage| &stage.layers) {
        if let Instruction::Expose(ports) = &layer.instruction {
            exposed.extend(ports.as_slice().iter().map(Token::as_str));
        }
    }
    let hidden =
        services::ports(spec).filter(|(port, _)| !exposed.contains(&port.exposed().as_str()));
    hidden
        .map(|(port, place)| {
            let message = format!(
                "compose would publish the port {}, and the steps of `{RUNTIME}` do not expose it",
                port.exposed()
            );
            Diagnostic::at(place, message)
                .related(changed.span, "they are changed here")
                .help("leave the port out here too, or keep the step")
        })
        .collect()
}

/// Steps that a secret names and that are not there.
fn lost_secrets(spec: &Spec, stages: &[Stage]) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for stage in stages {
        let stage_name = stage.from.name.as_ref().map_or("", StageName::as_str);
        let runs = stage
            .layers
            .iter()
            .filter(|layer| matches!(layer.instruction, Instruction::Run(_)));
        names.extend(runs.map(|layer| format!("{stage_name}.{}", layer.id)));
    }
    for secret in &spec.secrets {
        let SecretUsage::Build { steps, .. } = &secret.usage else {
            continue;
        };
        for said in steps.iter().filter(|said| !names.contains(&said.text)) {
            let mistake = Diagnostic::at(
                said.span,
                format!(
                    "there is no step `{}` that runs a command",
                    said.text.escape_debug()
                ),
            );
            mistakes.push(
                match crate::diag::closest(&said.text, names.iter().map(String::as_str)) {
                    Some(near) => mistake.help(format!("did you mean `{near}`?")),
                    None => mistake.help(format!(
                        "the steps that run one are `{}`",
                        names.join("`, `")
                    )),
                },
            );
        }
    }
    mistakes
}

/// A stage that is named and does not stand above.
pub(super) fn unknown_stage(name: &str, span: Span, made: &IndexMap<String, Family>) -> Diagnostic {
    let mistake = Diagnostic::at(
        span,
        format!("no stage above is called `{}`", name.escape_debug()),
    );
    match crate::diag::closest(name, made.keys().map(String::as_str)) {
        Some(near) => mistake.help(format!("did you mean `stage:{near}`?")),
        None if made.is_empty() => {
            mistake.help("this is the first stage, so it is built on an image")
        }
        None => {
            let names: Vec<&str> = made.keys().map(String::as_str).collect();
            mistake.help(format!("the stages above are `{}`", names.join("`, `")))
        }
    }
}
