//! What a service may do to the machine that it runs on, and what it shares with others there.
//!
//! 05-services.md of the specification.

use super::{flag, key, open, pairs, set, text};
use crate::data::{Key, Shape};

pub(super) fn of_service() -> Vec<Key> {
    vec![
        key(
            "cap_add",
            "Capabilities that the container gets.",
            set(text()),
        ),
        key(
            "cap_drop",
            "Capabilities that the container loses.",
            set(text()),
        ),
        key(
            "security_opt",
            "Security options, such as `no-new-privileges:true`.",
            set(text()),
        ),
        key(
            "privileged",
            "Whether the container has extended privileges.",
            flag(),
        ),
        key(
            "read_only",
            "Whether the container's own files cannot be written.",
            flag(),
        ),
        key(
            "userns_mode",
            "The user namespace of the container.",
            text(),
        ),
        key(
            "ipc",
            "With whom the container shares its shared memory.",
            text(),
        ),
        key(
            "pid",
            "With whom the container shares its process numbers.",
            text(),
        ),
        key(
            "uts",
            "With whom the container shares its host name.",
            text(),
        ),
        key(
            "cgroup",
            "Whose control group the container is in.",
            Shape::choice(&["host", "private"]),
        ),
        key(
            "cgroup_parent",
            "The control group above the container's.",
            text(),
        ),
        key(
            "device_cgroup_rules",
            "Rules about the devices that the container may use.",
            set(text()),
        ),
        key("sysctls", "Parameters of the kernel.", pairs()),
        key(
            "credential_spec",
            "The credentials of a managed service account on Windows.",
            open(vec![
                key("config", "The config that holds them.", text()),
                key("file", "The file that holds them.", text()),
                key("registry", "Where the registry holds them.", text()),
            ]),
        ),
        key(
            "use_api_socket",
            "Whether the service may talk to the container engine.",
            Shape::Boolean,
        ),
    ]
}
