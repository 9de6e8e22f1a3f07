//! The user's `dockwright.toml`: its keys, its short forms, and the service that it describes.
//!
//! This room checks the form of a spec. It does not know the presets, so it cannot tell whether an option exists.

mod edit;
mod healthcheck;
mod keys;
mod normal;
mod port;
pub(crate) mod rules;
mod secret;

pub use edit::{Edit, edit};
pub use healthcheck::{Healthcheck, Probe, Timing};
pub use keys::keys;
pub use port::{Port, Protocol};
pub use secret::{Secret, SecretOrigin, SecretUsage};

use crate::data::{self, Node, Shape, Table, Value};
use crate::diag::{Diagnostic, SourceId, Span};
use crate::dockerfile::Instruction;

/// A spec that has the right form, in its long form, before the defaults of its preset are filled in.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The keys that the user wrote, each in its long form.
    pub tree: Node,
}

/// A text and the place where it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// The place.
    pub span: Span,
}

/// A whole spec: what the user wrote over what the preset has as defaults.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Every key in its long form, for the expressions of presets.
    pub tree: Node,
    /// The name of the image and the compose service.
    pub name: Said,
    /// The images to build on.
    pub base: Base,
    /// The ports that the service listens on.
    pub ports: Vec<Port>,
    /// Named volumes and where they are mounted.
    pub volumes: Vec<(Said, Said)>,
    /// Build arguments, with their defaults where they have one.
    pub args: Vec<Argument>,
    /// How to tell that the service works, if there is a way.
    pub healthcheck: Option<Healthcheck>,
    /// Where it is said that compose runs an init.
    pub init: Option<Span>,
    /// Secrets of the build and of the running service.
    pub secrets: Vec<Secret>,
    /// Where it is said that the image carries what a later build needs to take its layers from it.
    pub inline_cache: Option<Span>,
    /// Patterns of files that stay out of the image.
    pub exclude: Vec<Said>,
    /// Where the files go.
    pub outputs: Outputs,
}

/// A build argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: Said,
    /// Its default, or several that are said in turn; none if it has no default.
    pub defaults: Vec<Said>,
}

/// The images to build on.
#[derive(Clone, Debug)]
pub struct Base {
    /// The image that the service runs on.
    pub image: Said,
    /// The image that build stages start from.
    pub build: Said,
    /// The family of the first, where the spec says it.
    pub family: Option<Said>,
    /// The family of the second, where the spec says it.
    pub build_family: Option<Said>,
    /// Variables that the image defines.
    pub env: Vec<String>,
    /// The platforms that compose builds for.
    pub platforms: Vec<Said>,
}

/// Where the generated files go, relative to the folder of the spec; nothing for a file that is not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// The Dockerfile.
    pub dockerfile: Option<String>,
    /// The ignore file beside it.
    pub dockerignore: bool,
    /// The compose file.
    pub compose: Option<String>,
}

/// What a spec needs at least, for those who have none yet.
pub const SMALLEST: &str = "the smallest spec has three lines: name, language and package-manager; `dockwright preset list` shows what there is";

/// Reads a spec and brings every short form into its long one.
pub fn parse(text: &str, source: SourceId) -> Result<Draft, Vec<Diagnostic>> {
    let mut tree = data::parse(text, source)?;
    if tree.table().is_some_and(Table::is_empty) {
        let start = Span::new(source, 0..0);
        return Err(vec![
            Diagnostic::at(start, "the spec says nothing").help(SMALLEST),
        ]);
    }
    let mistakes = data::check(&tree, keys::shape(), keys());
    let mistakes = if mistakes.is_empty() {
        root(tree.get("user"))
    } else {
        mistakes
    };
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    normal::lengthen(&mut tree);
    Ok(Draft { tree })
}

/// Checks the defaults that a preset states for the keys of a spec, and brings them into their long form.
pub fn parse_defaults(defaults: &Node) -> Result<Node, Vec<Diagnostic>> {
    let mut keys = keys().to_vec();
    for key in &mut keys {
        key.required = false;
    }
    let mistakes = data::check(defaults, &Shape::Table(keys), &[]);
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let mut tree = defaults.clone();
    normal::lengthen(&mut tree);
    Ok(tree)
}

impl Draft {
    /// A text at the top of the spec.
    pub fn said(&self, key: &str) -> Option<Said> {
        said(&self.tree, key)
    }

    /// The overlays that the spec puts on its preset.
    pub fn overlays(&self) -> Vec<Said> {
        texts(self.tree.get("with"))
    }

    /// The service that the spec describes once the defaults of its preset are filled in, without what is wrong in it;
    /// nothing if what is left is none.
    pub fn complete(&self, defaults: &Node, mistakes: &mut Vec<Diagnostic>) -> Option<Spec> {
        let mut tree = self.tree.clone();
        normal::fill(&mut tree, defaults);
        let ports: Vec<Port> = texts(tree.get("ports"))
            .iter()
            .filter_map(|said| Port::parse(&said.text).ok())
            .collect();
        let healthcheck = tree.get("healthcheck").and_then(|node| {
            Healthcheck::read(node, &ports).unwrap_or_else(|mistake| {
                mistakes.push(mistake);
                None
            })
        });
        let mut secrets = Vec::new();
        for (name, entry) in tree.get("secrets").into_iter().flat_map(Node::entries) {
            match Secret::read(name, entry.key, &entry.node) {
                Ok(secret) => secrets.push(secret),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        mistakes.extend(secret::exposed(&tree));
        mounted_twice(tree.get("volumes"), mistakes);
        let base = self.base(&tree, mistakes)?;
        let pairs = |key| {
            tree.get(key)
                .into_iter()
                .flat_map(Node::entries)
                .map(|(name, entry)| {
                    let name = Said {
                        text: name.to_owned(),
                        span: entry.key,
                    };
                    (name, text(&entry.node))
                })
        };
        Some(Spec {
            name: said(&tree, "name")?,
            base,
            volumes: pairs("volumes")
                .filter_map(|(name, path)| Some((name, path?)))
                .collect(),
            args: arguments(tree.get("args")),
            healthcheck,
            secrets,
            inline_cache: switched_on(tree.get("cache").and_then(|cache| cache.get("inline"))),
            init: switched_on(tree.get("init")),
            exclude: texts(tree.get("source").and_then(|source| source.get("exclude"))),
            outputs: outputs(tree.get("outputs")),
            ports,
            tree,
        })
    }

    fn base(&self, tree: &Node, mistakes: &mut Vec<Diagnostic>) -> Option<Base> {
        let base = tree.get("base");
        let Some(image) = base.and_then(|base| said(base, "image")) else {
            let (span, message) = match self.tree.get("base") {
                Some(said) => (
                    said.span,
                    "`base` says no `image`, and the preset has no default for it",
                ),
                None => (
                    self.tree.span,
                    "`base` is missing, and the preset has no default for it",
                ),
            };
            mistakes.push(
                Diagnostic::at(span, message).help(
                    "say the image that the service runs on: base = \"debian:bookworm-slim\"",
                ),
            );
            return None;
        };
        let base = base?;
        Some(Base {
            build: said(base, "build").unwrap_or_else(|| image.clone()),
            family: said(base, "family"),
            build_family: said(base, "build-family"),
            env: texts(base.get("env"))
                .into_iter()
                .map(|said| said.text)
                .collect(),
            platforms: texts(base.get("platforms")),
            image,
        })
    }
}

/// Root is said by its name, and what is not root has another number: neither comes about by accident.
fn root(user: Option<&Node>) -> Vec<Diagnostic> {
    let number = |key: &str| {
        let node = user?.get(key)?;
        Some((node.integer()?, node.span))
    };
    let is_root = user.and_then(|user| user.get("name")?.text()) == Some("root");
    let mut mistakes = Vec::new();
    for key in ["uid", "gid"] {
        match number(key) {
            Some((number, span)) if is_root && number != 0 => {
                let message = format!("`user.{key}` of `root` is 0");
                mistakes.push(Diagnostic::at(span, message).help("another user has another name"));
            }
            Some((0, span)) if !is_root && key == "uid" => {
                let message = "`user.uid` is that of `root`, and the name is not";
                mistakes.push(
                    Diagnostic::at(span, message).help("to run as root, say so: user = \"root\""),
                );
            }
            _ => {}
        }
    }
    mistakes
}

/// The key of a spec for what an instruction says of the image that runs, if there is one.
pub fn key_of(instruction: &Instruction) -> Option<&'static str> {
    Some(match instruction {
        Instruction::Env(_) => "env",
        Instruction::Expose(_) => "ports",
        Instruction::Healthcheck(_) => "healthcheck",
        Instruction::User(_) => "user",
        Instruction::Workdir(_) => "workdir",
        Instruction::Cmd(_) => "command",
        Instruction::Entrypoint(_) => "entrypoint",
        Instruction::StopSignal(_) => "stop-signal",
        Instruction::Label(_) => "labels",
        _ => return None,
    })
}

/// The folder in which a pattern looks for files, with a slash at its end; nothing if the path is no pattern.
///
/// Everything that a pattern fits lands in one folder, so a copy of it needs one.
pub fn folder_of_pattern(path: &str) -> Option<&str> {
    let first = path.find(['*', '?', '['])?;
    Some(
        path[..first]
            .rfind('/')
            .map_or("./", |slash| &path[..=slash]),
    )
}

fn arguments(args: Option<&Node>) -> Vec<Argument> {
    let entries = args.into_iter().flat_map(Node::entries);
    entries
        .map(|(name, entry)| Argument {
            name: Said {
                text: name.to_owned(),
                span: entry.key,
            },
            defaults: match &entry.node.value {
                Value::List(_) => texts(Some(&entry.node)),
                _ => text(&entry.node).into_iter().collect(),
            },
        })
        .collect()
}

/// Two volumes cannot be mounted at one place.
fn mounted_twice(volumes: Option<&Node>, mistakes: &mut Vec<Diagnostic>) {
    let places: Vec<Said> = volumes
        .into_iter()
        .flat_map(Node::entries)
        .filter_map(|(_, entry)| text(&entry.node))
        .collect();
    let clean = |said: &Said| said.text.trim_end_matches('/').to_owned();
    for (index, place) in places.iter().enumerate() {
        if let Some(first) = places[..index]
            .iter()
            .find(|first| clean(first) == clean(place))
        {
            let message = format!("another volume is mounted at `{}`", place.text);
            mistakes.push(Diagnostic::at(place.span, message).related(first.span, "by this one"));
        }
    }
}

fn outputs(node: Option<&Node>) -> Outputs {
    let path = |key: &str, default: &str| match node.and_then(|node| node.get(key)) {
        None => Some(default.to_owned()),
        Some(node) => node
            .text()
            .map(|path| path.trim_start_matches("./").to_owned()),
    };
    let dockerfile = path("dockerfile", "Dockerfile");
    Outputs {
        dockerignore: dockerfile.is_some()
            && node.and_then(|node| node.get("dockerignore")).is_none(),
        dockerfile,
        compose: path("compose", "compose.yaml"),
    }
}

/// Where a switch is said to be on.
fn switched_on(node: Option<&Node>) -> Option<Span> {
    node.filter(|node| node.boolean() == Some(true))
        .map(|node| node.span)
}

fn text(node: &Node) -> Option<Said> {
    Some(Said {
        text: node.text()?.to_owned(),
        span: node.span,
    })
}

fn said(tree: &Node, key: &str) -> Option<Said> {
    text(tree.get(key)?)
}

fn texts(node: Option<&Node>) -> Vec<Said> {
    node.into_iter()
        .flat_map(Node::items)
        .filter_map(text)
        .collect()
}

/// A table made from keys and values that stand elsewhere.
pub(crate) fn table(span: Span, pairs: impl IntoIterator<Item = (String, Node)>) -> Node {
    let entries = pairs.into_iter().map(|(key, node)| {
        let entry = data::Entry {
            key: node.span,
            node,
        };
        (key, entry)
    });
    Node {
        span,
        value: Value::Table(entries.collect::<Table>()),
    }
}
