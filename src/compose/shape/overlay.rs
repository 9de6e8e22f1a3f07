//! The keys of a service that is laid over a generated one.
//!
//! What the generated service says because the Dockerfile or the ignore file say it too is refused: said twice, it could
//! differ. The words in which a key is refused name the place where it is said once.

use super::{build, key, open, service};
use crate::data::{Key, Shape};

/// A key that a service may not say.
struct Refused {
    name: &'static str,
    /// The words that say where it is said instead.
    words: &'static str,
    /// The key of a spec that says it; none where it is settled.
    said_by: &'static [&'static str],
}

const fn refused(
    name: &'static str,
    words: &'static str,
    said_by: &'static [&'static str],
) -> Refused {
    Refused {
        name,
        words,
        said_by,
    }
}

const REFUSED: &[Refused] = &[
    refused(
        "command",
        "say it once, by `command` at the top or in a stage",
        &["command"],
    ),
    refused(
        "entrypoint",
        "say it once, by `entrypoint` at the top or in a stage",
        &["entrypoint"],
    ),
    refused(
        "healthcheck",
        "say it once, by `healthcheck` at the top, above the first table header, or as `[healthcheck]`",
        &["healthcheck"],
    ),
    refused("init", "say it once, by `init` at the top", &["init"]),
    refused(
        "ports",
        "say it once, by `ports` at the top, above the first table header",
        &["ports"],
    ),
    refused(
        "stop_signal",
        "say it once, by `stop-signal` at the top",
        &["stop-signal"],
    ),
    refused(
        "user",
        "say it once, by `user` at the top, above the first table header, or as `[user]`",
        &["user"],
    ),
    refused(
        "working_dir",
        "say it once, by `workdir` at the top",
        &["workdir"],
    ),
];

/// The same for what stands under `build`.
const REFUSED_OF_BUILD: &[Refused] = &[
    refused(
        "args",
        "build arguments are declared in `[args]`",
        &["args"],
    ),
    refused(
        "context",
        "the build context is the folder of the spec",
        &[],
    ),
    refused(
        "dockerfile",
        "the place of the Dockerfile is `dockerfile` in `[outputs]`",
        &["outputs", "dockerfile"],
    ),
    refused(
        "dockerfile_inline",
        "the Dockerfile is generated; its steps are changed in `[stages]`",
        &["stages"],
    ),
    refused(
        "labels",
        "labels of the image are declared in `[labels]`",
        &["labels"],
    ),
    refused(
        "platforms",
        "the platforms to build for are `platforms` in `[base]`",
        &["base", "platforms"],
    ),
    refused(
        "secrets",
        "secrets of the build are declared in `[secrets]`",
        &["secrets"],
    ),
    refused(
        "target",
        "a stage that is a target of its own has a service of its own, in `[stages]`",
        &[],
    ),
];

/// The key of a spec that says what a key of a service says, where that cannot be said in compose's own words; empty
/// where it is settled.
pub fn said_by(keys: &[&str]) -> Option<&'static [&'static str]> {
    let (refused, name) = match keys {
        ["build", name, ..] => (REFUSED_OF_BUILD, name),
        [name, ..] => (REFUSED, name),
        [] => return None,
    };
    let known = refused.iter().find(|refused| refused.name == *name)?;
    Some(known.said_by)
}

/// What of a build follows from where the spec and its files lie.
const PLACES: &[&str] = &["context", "dockerfile", "dockerfile_inline"];

/// Every key of a service, those refused that the spec says in another place.
///
/// `image`, `labels`, `environment`, `volumes`, `networks`, `secrets`, `depends_on`, `deploy` and all the others are
/// merged; so is what `build` has no other place for, such as `ssh`, `extra_hosts` or `cache_from`.
pub fn overlay() -> Vec<Key> {
    let mut keys = refuse(service(), REFUSED);
    for key in &mut keys {
        if key.name == "build" {
            key.help = "What else the build needs, such as `ssh` or `extra_hosts`.".into();
            key.shape = open(refuse(build::keys(), REFUSED_OF_BUILD));
        }
    }
    keys
}

/// Every key of a service that the spec says in another place, so that compose can be told otherwise; those of `build` too,
/// but for where the project and its Dockerfile lie.
pub fn replacing() -> Vec<Key> {
    let only = |keys: Vec<Key>, all: &[Refused]| -> Vec<Key> {
        let is_named = |key: &Key| all.iter().any(|refused| key.name == refused.name);
        keys.into_iter().filter(is_named).collect()
    };
    let mut keys = only(service(), REFUSED);
    let mut build = only(build::keys(), REFUSED_OF_BUILD);
    build.retain(|key| !PLACES.contains(&key.name.as_ref()));
    keys.push(key(
        "build",
        "Where the build is to be another one.",
        Shape::Table(build),
    ));
    keys
}

fn refuse(mut keys: Vec<Key>, all: &[Refused]) -> Vec<Key> {
    for key in &mut keys {
        if let Some(refused) = all.iter().find(|refused| key.name == refused.name) {
            key.help = refused.words.into();
            key.shape = Shape::Refused;
        }
    }
    keys
}
