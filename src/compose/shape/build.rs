//! How the image of a service is built.
//!
//! build.md of the specification.

use super::{flag, hosts, key, open, pairs, size, storage, text, ulimits, whole};
use crate::data::{Key, Shape};

pub(super) fn build() -> Shape {
    Shape::OneOf(vec![text(), open(keys())])
}

pub(super) fn keys() -> Vec<Key> {
    let texts = || Shape::list(text());
    vec![
        key(
            "context",
            "The folder or address that the build may copy from.",
            text(),
        ),
        key("dockerfile", "The path of the Dockerfile.", text()),
        key(
            "dockerfile_inline",
            "The Dockerfile itself, instead of a path.",
            text(),
        ),
        key("target", "The stage to build.", text()),
        key("args", "Build arguments.", pairs()),
        key(
            "secrets",
            "Secrets that the build may read.",
            storage::grants(),
        ),
        key(
            "ssh",
            "SSH agents and keys that the build may use.",
            pairs(),
        ),
        key(
            "additional_contexts",
            "More folders or images that the build may copy from, by name.",
            pairs(),
        ),
        key("labels", "Labels of the image.", pairs()),
        key("tags", "More names of the image.", texts()),
        key("platforms", "The platforms to build for.", texts()),
        key(
            "cache_from",
            "Where the build looks for its cache.",
            texts(),
        ),
        key("cache_to", "Where the build leaves its cache.", texts()),
        key("no_cache", "Whether the build ignores its cache.", flag()),
        key("pull", "Whether base images are always pulled.", flag()),
        key("network", "The network of the build.", text()),
        key(
            "extra_hosts",
            "Addresses of hosts that the build cannot look up.",
            hosts(),
        ),
        key(
            "shm_size",
            "The size of `/dev/shm` in the build.",
            size(whole()),
        ),
        key(
            "ulimits",
            "Limits on the processes of the build.",
            ulimits(),
        ),
        key(
            "privileged",
            "Whether the build has extended privileges.",
            flag(),
        ),
        key(
            "entitlements",
            "Extended privileges that the build may ask for.",
            texts(),
        ),
        key(
            "isolation",
            "How the build is isolated, where the platform has a choice.",
            text(),
        ),
        key(
            "provenance",
            "Whether the image says how it was built.",
            Shape::OneOf(vec![Shape::Boolean, text()]),
        ),
        key(
            "sbom",
            "Whether the image says what it holds.",
            Shape::OneOf(vec![Shape::Boolean, text()]),
        ),
    ]
}
