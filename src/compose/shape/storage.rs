//! The files that a service finds in its container, and where a project keeps them.
//!
//! 05-services.md, 07-volumes.md, 08-configs.md and 09-secrets.md of the specification.

use super::{count, driver_options, flag, key, map, open, pairs, set, size, text, text_or_set};
use crate::compose::shape::network::external;
use crate::data::{Key, Shape};

pub(super) fn of_service() -> Vec<Key> {
    vec![
        key(
            "volumes",
            "Volumes and folders of the host, and where they are mounted.",
            set(Shape::OneOf(vec![text(), volume_mount()])),
        ),
        key(
            "volumes_from",
            "Services whose volumes are mounted too.",
            set(text()),
        ),
        key(
            "tmpfs",
            "Folders that are kept in memory only.",
            text_or_set(),
        ),
        key(
            "configs",
            "The project's configs that the service may read.",
            grants(),
        ),
        key(
            "secrets",
            "The project's secrets that the service may read.",
            grants(),
        ),
        key(
            "devices",
            "Devices of the host that the service may use.",
            Shape::list(Shape::OneOf(vec![
                text(),
                open(vec![
                    key("source", "The path on the host.", text()).required(),
                    key("target", "The path in the container.", text()),
                    key("permissions", "Some of `rwm`.", text()),
                ]),
            ])),
        ),
        key("shm_size", "The size of `/dev/shm`.", size(Shape::Number)),
        key(
            "storage_opt",
            "Options of the engine's storage driver.",
            map(Shape::OneOf(vec![text(), Shape::Number, Shape::Boolean])),
        ),
    ]
}

fn volume_mount() -> Shape {
    open(vec![
        key(
            "type",
            "What is mounted.",
            Shape::choice(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"]),
        )
        .required(),
        key(
            "source",
            "The volume, the image or the path on the host.",
            text(),
        ),
        key("target", "The path in the container.", text()),
        key("read_only", "Whether it cannot be written.", flag()),
        key("consistency", "How soon changes are seen.", text()),
        key(
            "bind",
            "More about a folder of the host.",
            open(vec![
                key(
                    "create_host_path",
                    "Whether the folder is made where it is missing.",
                    flag(),
                ),
                key(
                    "propagation",
                    "Whether mounts below it are seen on the other side.",
                    text(),
                ),
                key(
                    "recursive",
                    "Whether mounts below it are mounted too.",
                    Shape::choice(&["enabled", "disabled", "writable", "readonly"]),
                ),
                key(
                    "selinux",
                    "Whether SELinux lets several containers (`z`) or this one (`Z`) in.",
                    Shape::choice(&["z", "Z"]),
                ),
            ]),
        ),
        key(
            "volume",
            "More about a volume.",
            open(vec![
                key(
                    "nocopy",
                    "Whether a new volume stays empty, whatever the image has there.",
                    flag(),
                ),
                key("subpath", "The path in the volume that is mounted.", text()),
                key("labels", "Labels of the volume.", pairs()),
            ]),
        ),
        key(
            "tmpfs",
            "More about a folder in memory.",
            open(vec![
                key(
                    "size",
                    "How large it may become.",
                    size(Shape::Integer(0, i64::MAX)),
                ),
                key("mode", "Its permissions.", Shape::Number),
            ]),
        ),
        key(
            "image",
            "More about an image.",
            open(vec![key(
                "subpath",
                "The path in the image that is mounted.",
                text(),
            )]),
        ),
    ])
}

/// Which configs or secrets may be read, and where they lie.
pub(super) fn grants() -> Shape {
    Shape::list(Shape::OneOf(vec![
        text(),
        open(vec![
            key("source", "Its name in the project.", text()),
            key("target", "Where it lies, or its name there.", text()),
            key("uid", "The number of the user who owns it there.", text()),
            key("gid", "The number of the group that owns it there.", text()),
            key("mode", "Its permissions there.", count()),
        ]),
    ]))
}

/// A volume of the project.
pub(super) fn volume() -> Shape {
    open(vec![
        key(
            "name",
            "The name of the volume, without the project's.",
            text(),
        ),
        key("driver", "The volume's driver.", text()),
        key("driver_opts", "The driver's options.", driver_options()),
        key(
            "external",
            "Whether the volume is already there.",
            external(),
        ),
        key("labels", "Labels of the volume.", pairs()),
    ])
}

/// A secret of the project.
pub(super) fn secret() -> Shape {
    open(vec![
        key("file", "The file that holds it.", text()),
        key("environment", "The variable that holds it.", text()),
        key("external", "Whether it is already there.", external()),
        key("name", "Its name on the platform.", text()),
        key("labels", "Labels of the secret.", pairs()),
        key("driver", "What keeps it.", text()),
        key("driver_opts", "The driver's options.", driver_options()),
        key("template_driver", "What fills in its variables.", text()),
    ])
}

/// A config of the project.
pub(super) fn config() -> Shape {
    open(vec![
        key("file", "The file that holds it.", text()),
        key("content", "What it holds.", text()),
        key("environment", "The variable that holds it.", text()),
        key("external", "Whether it is already there.", external()),
        key("name", "Its name on the platform.", text()),
        key("labels", "Labels of the config.", pairs()),
        key("template_driver", "What fills in its variables.", text()),
    ])
}
