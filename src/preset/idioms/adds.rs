//! The form of `[migrate.adds]` in an overlay.

use crate::data::{Key, Shape};

/// The keys of `[migrate.adds]`.
pub(super) fn keys() -> Vec<Key> {
    vec![
        Key::new(
            "installs",
            "How the commands begin that install it.",
            Shape::lines(),
        ),
        Key::new(
            "needs",
            "How those begin that install what it needs of the system.",
            Shape::lines(),
        ),
        Key::new(
            "needs-flag",
            "The flag by which the first install that too.",
            Shape::line(),
        ),
        Key::new("needs-option", "The option that does.", Shape::line()),
        Key::new(
            "small-flag",
            "The flag by which less of it is installed.",
            Shape::line(),
        ),
        Key::new("small-option", "The option that does.", Shape::line()),
        Key::new(
            "names-option",
            "The option that holds what the commands name.",
            Shape::line(),
        ),
        Key::new(
            "usual",
            "What is installed where they name nothing.",
            Shape::lines(),
        ),
        Key::new("around", "Commands that are not needed.", Shape::lines()),
        Key::new(
            "package",
            "The package whose version decides what is installed.",
            Shape::line(),
        ),
        Key::new(
            "version-option",
            "The option that holds the version.",
            Shape::line(),
        ),
        Key::new(
            "elsewhere",
            "What tells, in any file, that somebody looks for it where it was, or gets it in another way.",
            Shape::lines(),
        ),
        Key::new(
            "settings",
            "What tells the same, in the Dockerfile alone.",
            Shape::lines(),
        ),
        Key::new(
            "fetched",
            "What needs, behind it, what the commands have fetched.",
            Shape::lines(),
        ),
        Key::new("gain", "What is better then.", Shape::line()),
    ]
}
