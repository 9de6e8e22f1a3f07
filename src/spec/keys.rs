//! The keys of a spec: what each says and what its value may be.
//!
//! The reference and the JSON Schema are made from this list.

use std::sync::LazyLock;

use super::rules;
use crate::data::{Key, Shape, TextRule};

/// The keys, made once: every spec is checked against them, several times.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(list);

/// The same as the shape of a whole spec.
static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::Table(list()));

/// The keys of `dockwright.toml`, in the order in which the reference lists them.
///
/// `options` and `stages` are checked further by the rooms that know what may stand there: the preset declares its
/// options, and a stage of a spec has the form of a stage of a preset.
pub fn keys() -> &'static [Key] {
    &KEYS
}

/// What a spec may say.
pub(super) fn shape() -> &'static Shape {
    &SHAPE
}

fn list() -> Vec<Key> {
    vec![
        Key::new(
            "name",
            "The name of the image and of the compose service.",
            Shape::Text(rules::NAME),
        )
        .required(),
        Key::new(
            "preset",
            "The preset to build on; `language` and `package-manager` together look one up instead.",
            Shape::line(),
        ),
        Key::new(
            "language",
            "The language the service is written in.",
            Shape::line(),
        ),
        Key::new(
            "package-manager",
            "The package manager or build tool of that language.",
            Shape::line(),
        ),
        Key::new(
            "with",
            "Overlays on top of the preset: what the service needs besides its own stack.",
            Shape::lines(),
        ),
        Key::new(
            "base",
            "The image that the service runs on; the preset has a default.",
            base(),
        )
        .elsewhere(&["image", "from", "base-image", "parent"]),
        Key::new(
            "packages",
            "System packages: at run time, or under `build` while building.",
            packages(),
        )
        .elsewhere(&["apt", "apk", "system-packages", "build-packages"]),
        Key::new(
            "source",
            "The files of the project that go into the image; what a pattern such as `src/*.py` fits lands in the folder before it.",
            source(),
        )
        .elsewhere(&["copy", "files", "include", "src"]),
        Key::new(
            "workdir",
            "The working directory in the image.",
            Shape::Text(rules::IMAGE_PATH),
        )
        .elsewhere(&["working_dir", "workingdir", "cwd"]),
        Key::new(
            "entrypoint",
            "The program that is always run, as a list of words.",
            Shape::lines(),
        ),
        Key::new(
            "command",
            "The program to run, or what the entrypoint is given, as a list of words.",
            Shape::lines(),
        )
        .elsewhere(&["cmd", "run", "start"]),
        Key::new(
            "ports",
            "The ports that the service listens on; compose publishes them.",
            Shape::list(port()),
        )
        .elsewhere(&["expose"]),
        Key::new(
            "stop-signal",
            "The signal that asks the service to end.",
            Shape::Text(rules::SIGNAL),
        )
        .elsewhere(&["stopsignal"]),
        Key::new(
            "init",
            "Whether compose runs a small init that reaps child processes and passes on signals.",
            Shape::Boolean,
        ),
        Key::new(
            "volumes",
            "Named volumes and where they are mounted; the service's user may write there.",
            Shape::Map(rules::VOLUME, Box::new(Shape::Text(rules::MOUNT_POINT))),
        )
        .elsewhere(&["mounts"]),
        Key::new(
            "user",
            "The user that the service runs as; `\"root\"` has to be said.",
            user(),
        ),
        Key::new(
            "healthcheck",
            "How to tell that the service works.",
            healthcheck(),
        ),
        Key::new(
            "env",
            "Environment variables of the image; `$NAME` means what it means in a Dockerfile.",
            variables(scalar()),
        )
        .elsewhere(&["environment"]),
        Key::new(
            "args",
            "Build arguments with their defaults; an empty table is an argument without one, and a list says several in turn, each of which can refer to the one before.",
            variables(Shape::OneOf(vec![
                scalar(),
                Shape::Table(Vec::new()),
                Shape::lines(),
            ])),
        ),
        Key::new("labels", "Labels of the image.", Shape::map(scalar())),
        Key::new(
            "secrets",
            "Secrets: mounted while building where a step needs them, or given to the running service; never in the image.",
            Shape::Map(rules::SECRET, Box::new(secret())),
        ),
        Key::new(
            "options",
            "The options that the presets in use declare, a table for each preset.",
            Shape::map(Shape::map(Shape::Any)),
        ),
        Key::new(
            "stages",
            "More stages, and more, changed or dropped steps in the stages of the preset.",
            Shape::map(Shape::map(Shape::Any)),
        ),
        Key::new(
            "service",
            "What compose knows and a Dockerfile does not, in compose's own words.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "override",
            "Where compose is to do otherwise than the image and the keys above say, in compose's own words; it replaces what they come to.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "compose",
            "The rest of the compose file, in compose's own words: other services, networks, volumes.",
            Shape::map(Shape::Any),
        ),
        Key::new(
            "cache",
            "How builds elsewhere can use the layers of this one.",
            Shape::Table(vec![Key::new(
                "inline",
                "Whether the image carries what a later build needs to take its layers from it.",
                Shape::Boolean,
            )]),
        ),
        Key::new("outputs", "Which files are written, and where.", outputs()),
    ]
}

/// Text, or a number or boolean that is taken as the text it is written as.
fn scalar() -> Shape {
    Shape::OneOf(vec![Shape::line(), Shape::Number, Shape::Boolean])
}

fn variables(value: Shape) -> Shape {
    Shape::Map(rules::VARIABLE, Box::new(value))
}

fn base() -> Shape {
    Shape::OneOf(vec![
        Shape::line(),
        Shape::Table(vec![
            Key::new(
                "image",
                "The image that the service runs on.",
                Shape::line(),
            ),
            Key::new(
                "build",
                "The image that build stages start from; by default the same.",
                Shape::line(),
            ),
            Key::new(
                "family",
                "The kind of system in the image, where its name does not tell.",
                family(),
            ),
            Key::new(
                "build-family",
                "The kind of system in the build image, where its name does not tell.",
                family(),
            ),
            Key::new(
                "env",
                "Variables that the image defines, for `$NAME` to refer to.",
                Shape::list(Shape::Text(rules::VARIABLE)),
            ),
            Key::new(
                "platforms",
                "The platforms that compose builds for.",
                Shape::list(Shape::Text(rules::PLATFORM)),
            ),
        ]),
    ])
}

fn family() -> Shape {
    Shape::choice(&["debian", "alpine", "rpm", "none"])
}

fn packages() -> Shape {
    let list = || Shape::list(Shape::Text(rules::PACKAGE));
    Shape::OneOf(vec![
        list(),
        Shape::Table(vec![
            Key::new("runtime", "Packages that the service needs to run.", list()),
            Key::new("build", "Packages that only the build stages need.", list()),
        ]),
    ])
}

fn source() -> Shape {
    let items = || {
        Shape::list(Shape::OneOf(vec![
            Shape::Text(rules::CONTEXT_PATH),
            Shape::Table(vec![
                Key::new(
                    "from",
                    "A file or folder of the project.",
                    Shape::Text(rules::CONTEXT_PATH),
                )
                .required(),
                Key::new(
                    "to",
                    "Where it lands, absolute or below the working directory; by default at the same path.",
                    Shape::Text(rules::DESTINATION),
                ),
                Key::new(
                    "mode",
                    "The mode of the copied files.",
                    Shape::Text(rules::MODE),
                ),
            ]),
        ]))
    };
    Shape::OneOf(vec![
        items(),
        Shape::Table(vec![
            Key::new("include", "What goes into the image.", items()),
            Key::new(
                "exclude",
                "What of it stays out, as patterns of an ignore file.",
                Shape::lines(),
            ),
            Key::new(
                "owner",
                "Who owns the files, as `uid:gid`; by default root, so that the service cannot change itself.",
                Shape::line(),
            ),
        ]),
    ])
}

fn port() -> Shape {
    Shape::OneOf(vec![Shape::Integer(1, 65535), Shape::Text(rules::PORT)])
}

fn user() -> Shape {
    let id = || Shape::Integer(0, 2_147_483_647);
    Shape::OneOf(vec![
        Shape::Text(rules::USER),
        Shape::Table(vec![
            Key::new("name", "The user's name.", Shape::Text(rules::USER)),
            Key::new("uid", "The user's number.", id()),
            Key::new(
                "gid",
                "The number of the user's group; by default the user's own.",
                id(),
            ),
            Key::new(
                "home",
                "The home directory.",
                Shape::Text(rules::IMAGE_PATH),
            ),
            Key::new(
                "shell",
                "The login shell; by default none.",
                Shape::Text(rules::IMAGE_PATH),
            ),
        ]),
    ])
}

fn healthcheck() -> Shape {
    let duration = || Shape::Text(rules::DURATION);
    Shape::OneOf(vec![
        Shape::Text(rules::HEALTHCHECK),
        Shape::Only(false),
        Shape::Table(vec![
            Key::new(
                "http",
                "A path on the first port, or a whole URL, that must answer without an error.",
                Shape::Text(rules::PROBE_TARGET),
            ),
            Key::new(
                "tcp",
                "A port that must accept a connection.",
                Shape::Integer(1, 65535),
            ),
            Key::new(
                "command",
                "A command that must succeed, as a list of words.",
                Shape::lines(),
            ),
            Key::new(
                "interval",
                "How long to wait between two checks.",
                duration(),
            ),
            Key::new("timeout", "How long one check may take.", duration()),
            Key::new(
                "start-period",
                "How long failures do not count after the start.",
                duration(),
            ),
            Key::new(
                "start-interval",
                "How long to wait between two checks in the start period.",
                duration(),
            ),
            Key::new(
                "retries",
                "How many failures in a row make the service unhealthy.",
                Shape::Integer(1, 1000),
            ),
        ]),
    ])
}

fn secret() -> Shape {
    Shape::Table(vec![
        Key::new(
            "env",
            "The environment variable that holds it where the image is built or compose runs.",
            Shape::Text(rules::VARIABLE),
        ),
        Key::new("file", "The file that holds it there.", Shape::line()),
        Key::new(
            "use",
            "When it is needed: while building (`build`) or by the running service (`run`, unless `steps` are named).",
            Shape::choice(&["build", "run"]),
        ),
        Key::new(
            "steps",
            "The steps of the build that see it, each as `stage.step`.",
            Shape::lines(),
        ),
        Key::new(
            "as-env",
            "The variable through which it is reached: while building it holds the secret itself, in the running service the path of its file (by default the name in capitals and `_FILE`).",
            Shape::Text(rules::VARIABLE),
        ),
        Key::new(
            "target",
            "The file in which it is found; by default below `/run/secrets/`.",
            Shape::Text(rules::IMAGE_PATH),
        ),
    ])
}

fn outputs() -> Shape {
    let path = || Shape::OneOf(vec![Shape::Text(OUTPUT), Shape::Only(false)]);
    Shape::Table(vec![
        Key::new(
            "dockerfile",
            "Where the Dockerfile goes, or `false` for none.",
            path(),
        ),
        Key::new(
            "dockerignore",
            "`false` writes no ignore file; its place follows from the Dockerfile's.",
            Shape::Only(false),
        ),
        Key::new(
            "compose",
            "Where the compose file goes, or `false` for none.",
            path(),
        ),
    ])
}

/// A file below the project that is written.
const OUTPUT: TextRule = TextRule {
    name: "a file below the project",
    refuse: |text| {
        if text.is_empty() || text.ends_with('/') || text == "." {
            Some("must be a file, not a folder".to_owned())
        } else if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            Some("must lie below the folder of the spec".to_owned())
        } else {
            (rules::CONTEXT_PATH.refuse)(text)
        }
    },
    pattern: rules::CONTEXT_PATH.pattern,
};
