//! The plan: stages, the build context, and the services that run them. Everything either makes a plan or reads one.
//!
//! The plan knows no language and no package manager. It does not know TOML, presets or the disk either.

mod caches;
mod context;
mod validate;

use crate::compose;
use crate::diag::Span;
use crate::dockerfile::{Check, From, Healthcheck, Instruction, StageName};
use crate::stamp::Marks;

pub use context::{Context, ContextFile, Never, Rule};
pub use validate::{replaced, validate};

/// What is to be built and run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The build arguments that stand before the first stage.
    pub globals: Vec<Layer>,
    /// The stages, in the order in which they stand in the Dockerfile.
    pub stages: Vec<Stage>,
    /// What of the project the build sees.
    pub context: Context,
    /// The services that compose runs, the main one first.
    pub services: Vec<Service>,
    /// Where secrets come from.
    pub secrets: Vec<Secret>,
    /// The rest of the compose file, in compose's own words.
    pub rest: compose::Part,
    /// The files to make.
    pub outputs: Outputs,
    /// What the plan was made from.
    pub marks: Marks,
}

/// A stage of a build.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The first instruction: what the stage is built on, and its name.
    pub from: From,
    /// What the stage is for.
    pub note: Option<String>,
    /// Where the stage was written, or what made it necessary.
    pub origin: Span,
    /// Everything after the first instruction.
    pub layers: Vec<Layer>,
}

impl Stage {
    /// Whether this is its name.
    pub fn is_called(&self, name: &str) -> bool {
        self.from.name.as_ref().map(StageName::as_str) == Some(name)
    }
}

/// A stage and those that it is built on, in this order. A stage is built on one that stands above it; where none is
/// called so, on an image from elsewhere, which may even have the stage's own name.
pub fn lineage<'a>(stages: &'a [Stage], name: &str) -> impl Iterator<Item = &'a Stage> {
    let find = |above: &[Stage], name: &str| above.iter().position(|stage| stage.is_called(name));
    let below = move |at: &usize| find(&stages[..*at], stages[*at].from.image.as_str());
    std::iter::successors(find(stages, name), below).map(|at| &stages[at])
}

/// The healthcheck of a stage: its own, or that of the stage it is built on. What an image from elsewhere does is not
/// known.
pub fn healthcheck<'a>(stages: &'a [Stage], name: &str) -> Option<(&'a Check, Span)> {
    let said = lineage(stages, name).find_map(|stage| {
        let mut layers = stage.layers.iter().rev();
        layers.find_map(|layer| match &layer.instruction {
            Instruction::Healthcheck(healthcheck) => Some((healthcheck, layer.origin)),
            _ => None,
        })
    });
    match said {
        Some((Healthcheck::Command(check), origin)) => Some((check, origin)),
        _ => None,
    }
}

/// An instruction of a stage, and where it comes from.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The name of the step that gave it.
    pub id: String,
    /// Why it is there.
    pub note: Option<String>,
    /// Where the step was written.
    pub origin: Span,
    /// Where the values of variables and labels, or the mounts of a script, were written, in their order; empty where
    /// the step has one place.
    pub values: Vec<Span>,
    /// What it is.
    pub instruction: Instruction,
    /// How a person wrote it, where it is to stay so: its comments, its continued lines and all.
    pub written: Option<String>,
}

/// A service that compose builds and runs.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Where its name was said.
    pub origin: Span,
    /// The name of the image that it builds.
    pub image: String,
    /// The stage that it builds.
    pub target: String,
    /// Its build arguments.
    pub args: Vec<BuildArg>,
    /// Where it was said that its image carries what a later build needs to take its layers from it.
    pub inline_cache: Option<Span>,
    /// The secrets that its build needs.
    pub build_secrets: Vec<Said>,
    /// The secrets that it runs with.
    pub secrets: Vec<Mounted>,
    /// Ports as compose publishes them.
    pub ports: Vec<Said>,
    /// Named volumes and where they are mounted.
    pub volumes: Vec<(String, Said)>,
    /// Where it was said that it runs under an init.
    pub init: Option<Span>,
    /// The platforms that it is built for.
    pub platforms: Vec<Said>,
    /// What the user adds in compose's own words.
    pub own: compose::Part,
    /// What the user puts in the place of what would be said, in compose's own words.
    pub replacing: compose::Part,
}

/// A text, and where it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// The place.
    pub origin: Span,
}

/// A build argument, with its default if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildArg {
    /// Its name.
    pub name: String,
    /// Where it was said.
    pub origin: Span,
    /// Its default.
    pub default: Option<String>,
}

/// A secret that a running service finds in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// Its name.
    pub name: String,
    /// Where it was said.
    pub origin: Span,
    /// The file; by default one below `/run/secrets/`.
    pub target: Option<String>,
    /// The variable that holds the path of the file.
    pub variable: String,
}

/// A secret, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Where it was said.
    pub origin: Span,
    /// Where it comes from.
    pub source: SecretOrigin,
}

/// Where a secret comes from, where compose runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// An environment variable.
    Env(String),
    /// A file.
    File(String),
}

/// Where the files go, relative to the folder of the spec; nothing for a file that is not wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// The Dockerfile.
    pub dockerfile: Option<String>,
    /// The ignore file, which belongs to the Dockerfile by its place and name.
    pub dockerignore: Option<String>,
    /// The compose file.
    pub compose: Option<String>,
}
