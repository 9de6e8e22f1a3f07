//! The top level of a compose file.
//!
//! 03-compose-file.md, 14-include.md and models.md of the specification.

use super::{extension, key, named, network, open, service, storage, text, text_or_set, whole};
use crate::data::{Key, Shape};

/// Every key of the top level. `version` is obsolete and refused.
pub fn project() -> Vec<Key> {
    vec![
        key("name", "The name of the project.", text()),
        key(
            "include",
            "Other compose files that belong to the project.",
            Shape::list(Shape::OneOf(vec![text(), include()])),
        ),
        key(
            "services",
            "The services.",
            named(Shape::Table(service::service())),
        ),
        key("models", "AI models that services use.", named(model())),
        key(
            "networks",
            "Networks that services share.",
            named(network::network()),
        ),
        key(
            "volumes",
            "Volumes that services share.",
            named(storage::volume()),
        ),
        key(
            "secrets",
            "Secrets that services may read.",
            named(storage::secret()),
        ),
        key(
            "configs",
            "Configs that services may read.",
            named(storage::config()),
        ),
        Key::refused(
            "version",
            "Compose has long ignored `version`; leave it out",
        ),
        extension(),
    ]
}

fn include() -> Shape {
    Shape::Table(vec![
        key(
            "path",
            "The file, or several that are merged.",
            text_or_set(),
        ),
        key(
            "env_file",
            "Files with the values of the variables in it.",
            text_or_set(),
        ),
        key(
            "project_directory",
            "The folder that paths in it are relative to.",
            text(),
        ),
    ])
}

fn model() -> Shape {
    open(vec![
        key("model", "The model's name in its registry.", text()).required(),
        key("name", "A name for people.", text()),
        key("context_size", "How much the model keeps in mind.", whole()),
        key(
            "runtime_flags",
            "Options of the program that runs the model.",
            Shape::list(text()),
        ),
    ])
}
