//! The presets that come with dockwright: a file and a line here for each.

/// Names and texts, a preset after the one that it extends.
pub(super) const ALL: &[(&str, &str)] = &[
    ("service", include_str!("../../presets/service.toml")),
    ("python", include_str!("../../presets/python.toml")),
    ("pip", include_str!("../../presets/pip.toml")),
    ("poetry", include_str!("../../presets/poetry.toml")),
    ("uv", include_str!("../../presets/uv.toml")),
    ("playwright", include_str!("../../presets/playwright.toml")),
    ("c", include_str!("../../presets/c.toml")),
    ("make", include_str!("../../presets/make.toml")),
    ("image", include_str!("../../presets/image.toml")),
];
