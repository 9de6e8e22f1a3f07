//! The form of a preset file, and of the stages that a spec may have too.

use std::sync::LazyLock;

use crate::data::{Key, Shape, TextRule};

use super::idioms;

/// The form of `[stages]`, made once.
static STAGES: LazyLock<Shape> =
    LazyLock::new(|| Shape::Map(STAGE, Box::new(Shape::Table(stage_keys()))));

/// The keys of a step, made once: each step of each spec is checked against them.
static STEP_KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let mut keys = refining();
    keys.extend(kinds());
    keys
});

/// The names of the kinds of steps.
static KINDS: LazyLock<Vec<Key>> = LazyLock::new(kinds);

/// The keys of a preset file.
pub fn keys() -> Vec<Key> {
    vec![
        Key::new(
            "summary",
            "What the preset is for, in one line.",
            Shape::line(),
        )
        .required(),
        Key::new(
            "extends",
            "The preset that this one builds on.",
            Shape::line(),
        ),
        Key::new(
            "overlays",
            "The presets that this one lies on top of, named with `with`: it needs one of them below it.",
            Shape::lines(),
        ),
        Key::new(
            "serves",
            "The `language` and `package-manager` that look this preset up.",
            Shape::Table(vec![
                Key::new("language", "A language.", Shape::line()).required(),
                Key::new(
                    "package-manager",
                    "A package manager or build tool.",
                    Shape::line(),
                )
                .required(),
            ]),
        ),
        Key::new(
            "signs",
            "How a project that this preset fits is recognised.",
            Shape::Table(vec![Key::new(
                "files",
                "Files that such a project has.",
                Shape::lines(),
            )]),
        ),
        Key::new(
            "migrate",
            "How an old Dockerfile does by hand what this preset does.",
            Shape::Table(idioms::keys()),
        ),
        Key::new(
            "options",
            "The options that a spec can set below `[options.PRESET]`.",
            Shape::Map(IDENTIFIER, Box::new(Shape::Table(option_keys()))),
        ),
        Key::new(
            "defaults",
            "What keys of a spec are when it does not say them.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "families",
            "What this preset calls things on each family of systems; a name for expressions.",
            Shape::map(Shape::Map(IDENTIFIER, Box::new(Shape::Any))),
        ),
        Key::new(
            "probes",
            "Commands that check a service, instead of the family's.",
            Shape::Table(vec![
                Key::new(
                    "http",
                    "Asks for `url`; `host`, `port` and `path` are its parts.",
                    Shape::lines(),
                ),
                Key::new("tcp", "Connects to `port`.", Shape::lines()),
            ]),
        ),
        Key::new(
            "ignore",
            "Patterns of files that never belong into the build context.",
            Shape::lines(),
        ),
        Key::new(
            "service",
            "What compose must know of a service with this preset, in compose's own words.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "stages",
            "The stages of the Dockerfile, in order.",
            stages().clone(),
        ),
    ]
}

/// The form of `[stages]`, in a preset and in a spec.
pub fn stages() -> &'static Shape {
    &STAGES
}

/// Whether a key of a step says what the step does.
pub(super) fn is_kind(key: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == key)
}

/// The kinds of steps: exactly one of these keys stands in each step.
pub fn kinds() -> Vec<Key> {
    let environment = || Shape::Map(VARIABLE, Box::new(scalar()));
    vec![
        Key::new(
            "args",
            "Build arguments with their defaults.",
            Shape::map(Shape::OneOf(vec![scalar(), Shape::Table(Vec::new())])),
        ),
        Key::new("env", "Environment variables.", environment()),
        Key::new("labels", "Labels of the image.", Shape::map(scalar())),
        Key::new(
            "packages",
            "System packages, installed in the family's way.",
            Shape::lines(),
        ),
        Key::new(
            "create-user",
            "A user, created in the family's way.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "directories",
            "Directories that are made; with `owner`, theirs, also where they are there already.",
            Shape::lines(),
        ),
        Key::new(
            "unix-lines",
            "Text files that lose the carriage returns at the ends of their lines, wherever they were checked out.",
            Shape::lines(),
        ),
        Key::new(
            "volumes",
            "Paths whose files outlive the container.",
            Shape::lines(),
        ),
        Key::new("workdir", "The working directory.", Shape::line()),
        Key::new(
            "copy",
            "Files: paths, or a table from paths to where they land.",
            Shape::OneOf(vec![
                Shape::list(Shape::OneOf(vec![
                    Shape::line(),
                    Shape::Table(vec![
                        Key::new("from", "What is copied.", Shape::line()).required(),
                        Key::new("to", "Where it lands.", Shape::line()).required(),
                        Key::new("mode", "The mode of the copied files.", Shape::line()),
                    ]),
                ])),
                Shape::map(Shape::line()),
            ]),
        ),
        Key::new(
            "run",
            "A script for the shell; it ends at the first line that fails.",
            Shape::Text(TextRule::SCRIPT),
        ),
        Key::new(
            "download",
            "A URL that is downloaded, with `checksum` and `to`.",
            Shape::line(),
        ),
        Key::new(
            "user",
            "The user that runs what follows.",
            Shape::OneOf(vec![Shape::line(), Shape::map(Shape::Any)]),
        ),
        Key::new(
            "expose",
            "The ports that the image names.",
            Shape::list(Shape::OneOf(vec![Shape::Integer(1, 65535), Shape::line()])),
        ),
        Key::new(
            "healthcheck",
            "How to tell that the service works, as in a spec.",
            Shape::OneOf(vec![
                Shape::line(),
                Shape::Only(false),
                Shape::map(Shape::Any),
            ]),
        ),
        Key::new(
            "entrypoint",
            "The program that is always run.",
            Shape::lines(),
        ),
        Key::new(
            "command",
            "The program to run, or what the entrypoint is given.",
            Shape::lines(),
        ),
        Key::new(
            "stop-signal",
            "The signal that asks the service to end.",
            Shape::line(),
        ),
        Key::new(
            "shell",
            "The shell of the scripts that follow.",
            Shape::lines(),
        ),
        Key::new(
            "dockerfile",
            "One instruction, as a Dockerfile has it.",
            Shape::Text(TextRule::SCRIPT),
        ),
    ]
}

/// The keys of a step that are about the step itself or refine its kind.
pub fn step_keys() -> &'static [Key] {
    &STEP_KEYS
}

fn refining() -> Vec<Key> {
    vec![
        Key::new(
            "note",
            "Why the step is there: the comment above the instruction.",
            Shape::Text(TextRule::SCRIPT),
        ),
        Key::new(
            "when",
            "The condition under which the step is there.",
            Shape::OneOf(vec![Shape::Boolean, Shape::line()]),
        ),
        Key::new("after", "The step that this one follows.", Shape::line()),
        Key::new("before", "The step that this one precedes.", Shape::line()),
        Key::new(
            "mounts",
            "Mounts of a `run`, with BuildKit's options.",
            Shape::list(Shape::Table(mount_keys())),
        ),
        Key::new(
            "cache",
            "Directories of a `run` that are kept between builds.",
            Shape::lines(),
        ),
        Key::new(
            "bind",
            "Files of the project that a `run` sees at the same paths below its working directory.",
            Shape::lines(),
        ),
        Key::new(
            "network",
            "The network of a `run`.",
            Shape::choice(&["default", "none", "host"]),
        ),
        Key::new(
            "from",
            "What a `copy` copies from: `stage:NAME` or an image.",
            Shape::line(),
        ),
        Key::new(
            "within",
            "The folder in which the relative paths of a `copy` from a stage stand.",
            Shape::line(),
        ),
        Key::new("to", "Where a `copy` or a `download` lands.", Shape::line()),
        Key::new(
            "owner",
            "Who owns what a `copy`, a `download` or `directories` makes, as `uid:gid`.",
            Shape::line(),
        ),
        Key::new(
            "mode",
            "The mode of what a `copy` or a `download` makes.",
            Shape::line(),
        ),
        Key::new(
            "exclude",
            "Patterns of files that a `copy` leaves out.",
            Shape::lines(),
        ),
        Key::new(
            "link",
            "Whether a `copy` makes a layer of its own; only into directories that no link leads to.",
            Shape::Boolean,
        ),
        Key::new(
            "checksum",
            "The digest of a `download`, as `sha256:...`.",
            Shape::line(),
        ),
    ]
}

fn stage_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new(
            "from",
            "What the stage is built on: `stage:NAME` or an image.",
            Shape::line(),
        ),
        Key::new(
            "note",
            "What the stage is for: the comment above it.",
            Shape::Text(TextRule::SCRIPT),
        ),
        Key::new(
            "when",
            "The condition under which the stage is there.",
            Shape::OneOf(vec![Shape::Boolean, Shape::line()]),
        ),
        Key::new(
            "family",
            "The kind of system in the image that it is built on, where that image's name does not tell.",
            Shape::choice(&["debian", "alpine", "rpm", "none"]),
        ),
        Key::new(
            "platform",
            "The platform that the stage is built for or on.",
            Shape::line(),
        ),
        Key::new(
            "target",
            "Whether compose has a service that builds this stage.",
            Shape::Boolean,
        ),
        Key::new(
            "service",
            "What compose knows of that service, in compose's own words.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "new-steps-after",
            "The step that steps added elsewhere follow when they do not say.",
            Shape::line(),
        ),
        Key::new(
            "drop",
            "Steps of the stage that are left out.",
            Shape::lines(),
        ),
        Key::new(
            "steps",
            "The steps of the stage, in order.",
            Shape::Map(STEP, Box::new(Shape::Table(step_keys().to_vec()))),
        ),
    ];
    keys.extend(
        kinds()
            .into_iter()
            .filter(|key| SHORTHANDS.contains(&key.name.as_ref())),
    );
    keys
}

/// The kinds that may stand right in a stage: a step of that name.
pub(super) const SHORTHANDS: &[&str] =
    &["packages", "env", "workdir", "run", "entrypoint", "command"];

fn mount_keys() -> Vec<Key> {
    let number = || Shape::OneOf(vec![Shape::Integer(0, i64::from(u32::MAX)), Shape::line()]);
    vec![
        Key::new(
            "type",
            "The kind of mount.",
            Shape::choice(&["bind", "cache", "tmpfs", "secret", "ssh"]),
        )
        .required(),
        Key::new("target", "Where it is mounted.", Shape::line()),
        Key::new(
            "source",
            "What of `from` or of the context is mounted.",
            Shape::line(),
        ),
        Key::new(
            "from",
            "The stage (`stage:NAME`) or image that is mounted.",
            Shape::line(),
        ),
        Key::new(
            "id",
            "The name of the cache, secret or agent.",
            Shape::line(),
        ),
        Key::new(
            "sharing",
            "How builds at the same time share a cache.",
            Shape::choice(&["shared", "private", "locked"]),
        ),
        Key::new("readonly", "Whether it cannot be written.", Shape::Boolean),
        Key::new(
            "readwrite",
            "Whether a bind mount can be written; what is written is lost.",
            Shape::Boolean,
        ),
        Key::new(
            "required",
            "Whether the build fails without the secret or agent.",
            Shape::Boolean,
        ),
        Key::new(
            "env",
            "The environment variable that holds a secret.",
            Shape::line(),
        ),
        Key::new("mode", "The mode of what is mounted.", Shape::line()),
        Key::new("uid", "The owner.", number()),
        Key::new("gid", "The owning group.", number()),
        Key::new("size", "The size of a tmpfs, in bytes.", number()),
    ]
}

fn option_keys() -> Vec<Key> {
    vec![
        Key::new(
            "type",
            "What its value may be.",
            Shape::choice(super::option::KINDS),
        )
        .required(),
        Key::new("help", "What it does, in one sentence.", Shape::line()).required(),
        Key::new(
            "default",
            "What it is when a spec does not set it; without one, and if not required, it is nothing.",
            Shape::Any,
        ),
        Key::new(
            "required",
            "Whether a spec has to set it, because no default would do.",
            Shape::Only(true),
        ),
        Key::new(
            "choices",
            "The words of a `choice`, or those that a `list` may hold.",
            Shape::lines(),
        ),
    ]
}

fn scalar() -> Shape {
    Shape::OneOf(vec![Shape::line(), Shape::Number, Shape::Boolean])
}

/// A name that expressions can use.
const IDENTIFIER: TextRule = TextRule {
    name: "a name",
    refuse: |text| {
        let plain = text
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'));
        (!plain || !text.starts_with(|c: char| c.is_ascii_lowercase())).then(|| {
            "is no name for this: lower-case letters, digits and `-`, and a letter first".to_owned()
        })
    },
    pattern: Some("^[a-z][a-z0-9-]*$"),
};

const STEP: TextRule = IDENTIFIER;

const STAGE: TextRule = TextRule {
    name: "a stage's name",
    refuse: |text| {
        let plain = text
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'));
        (!plain || !text.starts_with(|c: char| c.is_ascii_lowercase())).then(|| {
            "is no stage's name: lower-case letters, digits, `-`, `_` and `.`, and a letter first"
                .to_owned()
        })
    },
    pattern: Some("^[a-z][a-z0-9._-]*$"),
};

const VARIABLE: TextRule = TextRule::LINE;
