//! Services: what compose runs, from the spec, the presets and the user's own words.

use std::sync::LazyLock;

use super::stages::Target;
use crate::compose::{self, Part, shape};
use crate::data::{self, Node, Shape};
use crate::diag::{Diagnostic, Sources, Span};
use crate::plan::{BuildArg, Mounted, Said, Secret, SecretOrigin, Service};
use crate::preset::RUNTIME;
use crate::spec::{self, Port, SecretUsage, Spec};

/// What may stand below `[service]`.
static OVERLAY: LazyLock<Shape> = LazyLock::new(|| Shape::Table(shape::overlay()));

/// What may stand below `[override]`.
static REPLACING: LazyLock<Shape> = LazyLock::new(|| Shape::Table(shape::replacing()));

/// What may stand below `[compose]`.
static PROJECT: LazyLock<Shape> = LazyLock::new(|| Shape::Table(shape::project()));

/// What the user adds to a service in compose's own words.
pub(super) fn own(node: Option<&Node>, sources: &Sources, mistakes: &mut Vec<Diagnostic>) -> Part {
    read("service", node, &OVERLAY, sources, mistakes)
}

/// What the user puts in the place of what a service would say, in compose's own words.
pub(super) fn replacing(
    node: Option<&Node>,
    sources: &Sources,
    mistakes: &mut Vec<Diagnostic>,
) -> Part {
    read("override", node, &REPLACING, sources, mistakes)
}

/// What the user adds to the compose file in its own words.
pub(super) fn rest(
    node: Option<&Node>,
    spec: &Spec,
    targets: &[Target],
    sources: &Sources,
    mistakes: &mut Vec<Diagnostic>,
) -> Part {
    for (name, entry) in node
        .and_then(|node| node.get("services"))
        .into_iter()
        .flat_map(Node::entries)
    {
        if name == spec.name.text {
            mistakes.push(
                Diagnostic::at(
                    entry.key,
                    format!("the service `{name}` is the one that this spec describes"),
                )
                .help("what compose knows of it stands below [service]"),
            );
        } else if targets
            .iter()
            .any(|target| target_name(spec, &target.name) == name)
        {
            mistakes.push(
                Diagnostic::at(
                    entry.key,
                    format!("the service `{name}` is made from a stage of this spec"),
                )
                .help("what compose knows of it stands in the stage: service = { ... }"),
            );
        }
    }
    let secrets = node.and_then(|node| node.get("secrets"));
    for (name, entry) in secrets.into_iter().flat_map(Node::entries) {
        let ours = spec.secrets.iter().find(|secret| secret.name.text == name);
        if let Some(ours) = ours {
            let message = format!("the secret `{name}` is said twice");
            let mistake = Diagnostic::at(entry.key, message);
            mistakes.push(mistake.related(ours.name.span, "it comes from here"));
        }
    }
    rest_form(node, sources, mistakes)
}

/// The same, of which only the form is checked.
pub(super) fn rest_form(
    node: Option<&Node>,
    sources: &Sources,
    mistakes: &mut Vec<Diagnostic>,
) -> Part {
    read("compose", node, &PROJECT, sources, mistakes)
}

fn read(
    path: &str,
    node: Option<&Node>,
    shape: &Shape,
    sources: &Sources,
    mistakes: &mut Vec<Diagnostic>,
) -> Part {
    let Some(node) = node else {
        return Part::default();
    };
    let found = data::check_below(path, node, shape, spec::keys());
    let has_form = found.is_empty();
    mistakes.extend(found);
    let (value, found) = compose::read(node, sources);
    mistakes.extend(found);
    match value {
        compose::Value::Map(map) if has_form => Part::of(node, map),
        _ => Part::default(),
    }
}

/// The main service and one for each target.
pub(super) fn all(spec: &Spec, own: Part, replacing: Part, targets: Vec<Target>) -> Vec<Service> {
    let build_secrets = spec
        .secrets
        .iter()
        .filter(|secret| matches!(secret.usage, SecretUsage::Build { .. }));
    let build_secrets: Vec<Said> = build_secrets.map(|secret| said(&secret.name)).collect();
    let mounted = spec
        .secrets
        .iter()
        .filter_map(|secret| match &secret.usage {
            SecretUsage::Build { .. } => None,
            SecretUsage::Run { variable } => Some(Mounted {
                name: secret.name.text.clone(),
                origin: secret.name.span,
                target: secret.target.as_ref().map(|said| said.text.clone()),
                variable: variable.clone(),
            }),
        });
    let ports = ports(spec).map(|(port, origin)| Said {
        text: published(port),
        origin,
    });
    let main = Service {
        name: spec.name.text.clone(),
        origin: spec.name.span,
        image: spec.name.text.clone(),
        target: RUNTIME.to_owned(),
        args: args(spec),
        inline_cache: spec.inline_cache,
        build_secrets: build_secrets.clone(),
        secrets: mounted.collect(),
        ports: ports.collect(),
        volumes: spec
            .volumes
            .iter()
            .map(|(name, path)| (name.text.clone(), said(path)))
            .collect(),
        init: spec.init,
        platforms: spec.base.platforms.iter().map(said).collect(),
        own,
        replacing,
    };
    let of_target = |target: Target| Service {
        name: target_name(spec, &target.name),
        origin: target.origin,
        image: format!("{}:{}", spec.name.text, target.name),
        target: target.name,
        args: args(spec),
        inline_cache: None,
        build_secrets: build_secrets.clone(),
        secrets: Vec::new(),
        // Only one service can publish a port, and that is the main one.
        ports: Vec::new(),
        volumes: Vec::new(),
        init: spec.init,
        platforms: Vec::new(),
        own: target.own,
        replacing: Part::default(),
    };
    std::iter::once(main)
        .chain(targets.into_iter().map(of_target))
        .collect()
}

pub(super) fn target_name(spec: &Spec, target: &str) -> String {
    format!("{}-{target}", spec.name.text)
}

/// The ports of a spec, each with its place.
pub(super) fn ports(spec: &Spec) -> impl Iterator<Item = (&Port, Span)> {
    let places = spec.tree.get("ports").into_iter().flat_map(Node::items);
    spec.ports.iter().zip(places.map(|node| node.span))
}

/// What a spec says, as a plan has it.
pub(super) fn said(said: &spec::Said) -> Said {
    Said {
        text: said.text.clone(),
        origin: said.span,
    }
}

fn published(port: &Port) -> String {
    format!("{}:{}", port.published, port.exposed())
}

fn args(spec: &Spec) -> Vec<BuildArg> {
    let arg = |arg: &spec::Argument| BuildArg {
        name: arg.name.text.clone(),
        origin: arg.name.span,
        // What is said in turn is for the Dockerfile to work out.
        default: match arg.defaults.as_slice() {
            [default] => Some(default.text.clone()),
            _ => None,
        },
    };
    spec.args.iter().map(arg).collect()
}

/// Where the secrets of a spec come from.
pub(super) fn secrets(spec: &Spec) -> Vec<Secret> {
    let secret = |secret: &spec::Secret| {
        let source = match &secret.origin {
            spec::SecretOrigin::Env(name) => SecretOrigin::Env(name.clone()),
            spec::SecretOrigin::File(path) => SecretOrigin::File(path.clone()),
        };
        Secret {
            name: secret.name.text.clone(),
            origin: secret.name.span,
            source,
        }
    };
    spec.secrets.iter().map(secret).collect()
}
