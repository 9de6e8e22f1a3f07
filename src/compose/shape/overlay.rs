//! The keys of a service that is laid over a generated one.
//!
//! What the generated service says because the Dockerfile or the ignore file say it too is refused: said twice, it could
//! differ. The words in which a key is refused name the place where it is said once.

use super::{build, open, service};
use crate::data::{Key, Shape};

/// What a service may not say, and where it is said instead.
const SAID_ELSEWHERE: &[(&str, &str)] = &[
    (
        "command",
        "say it once, by `command` at the top or in a stage",
    ),
    (
        "entrypoint",
        "say it once, by `entrypoint` at the top or in a stage",
    ),
    (
        "healthcheck",
        "say it once, by `healthcheck` at the top, above the first table header, or as `[healthcheck]`",
    ),
    ("init", "say it once, by `init` at the top"),
    (
        "ports",
        "say it once, by `ports` at the top, above the first table header",
    ),
    ("stop_signal", "say it once, by `stop-signal` at the top"),
    (
        "user",
        "say it once, by `user` at the top, above the first table header, or as `[user]`",
    ),
    ("working_dir", "say it once, by `workdir` at the top"),
];

/// The same for what stands under `build`.
const BUILD_SAID_ELSEWHERE: &[(&str, &str)] = &[
    ("args", "build arguments are declared in `[args]`"),
    ("context", "the build context is the folder of the spec"),
    (
        "dockerfile",
        "the place of the Dockerfile is `dockerfile` in `[outputs]`",
    ),
    (
        "dockerfile_inline",
        "the Dockerfile is generated; its steps are changed in `[stages]`",
    ),
    ("labels", "labels of the image are declared in `[labels]`"),
    (
        "platforms",
        "the platforms to build for are `platforms` in `[base]`",
    ),
    (
        "secrets",
        "secrets of the build are declared in `[secrets]`",
    ),
    (
        "target",
        "a stage that is a target of its own has a service of its own, in `[stages]`",
    ),
];

/// Every key of a service, those refused that the spec says in another place.
///
/// `image`, `labels`, `environment`, `volumes`, `networks`, `secrets`, `depends_on`, `deploy` and all the others are
/// merged; so is what `build` has no other place for, such as `ssh`, `extra_hosts` or `cache_from`.
pub fn overlay() -> Vec<Key> {
    let mut keys = refuse(service(), SAID_ELSEWHERE);
    for key in &mut keys {
        if key.name == "build" {
            key.help = "What else the build needs, such as `ssh` or `extra_hosts`.".into();
            key.shape = open(refuse(build::keys(), BUILD_SAID_ELSEWHERE));
        }
    }
    keys
}

fn refuse(mut keys: Vec<Key>, said_elsewhere: &[(&str, &'static str)]) -> Vec<Key> {
    for key in &mut keys {
        if let Some((_, where_instead)) = said_elsewhere.iter().find(|(name, _)| key.name == *name)
        {
            key.help = (*where_instead).into();
            key.shape = Shape::Refused;
        }
    }
    keys
}
