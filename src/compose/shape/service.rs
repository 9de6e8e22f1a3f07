//! The keys of a service: how it starts, runs and ends.
//!
//! 05-services.md of the specification.

use super::texts::{CONTAINER_NAME, PULL_POLICY};
use super::{
    build, command, count, deploy, duration, extension, flag, hook, key, map, named, network, open,
    pairs, security, set, storage, text, text_or_set,
};
use crate::data::{Key, Shape};

/// Every key of a service.
pub fn service() -> Vec<Key> {
    let mut keys = vec![
        key("image", "The image that the service runs.", text()),
        key("build", "How the image is built.", build::build()),
        key(
            "pull_policy",
            "When the image is pulled.",
            Shape::Text(PULL_POLICY),
        ),
        key(
            "pull_refresh_after",
            "How old a pulled image may become, where the policy is `refresh`.",
            text(),
        ),
        key("platform", "The platform that the service runs on.", text()),
        key(
            "container_name",
            "The name of the container, instead of one that Compose makes up.",
            Shape::Text(CONTAINER_NAME),
        ),
        key(
            "profiles",
            "The profiles that start the service; without any it always starts.",
            set(text()),
        ),
        key(
            "depends_on",
            "The services that start before this one and end after it.",
            depends_on(),
        ),
        key(
            "extends",
            "Another service whose definition this one builds on.",
            Shape::OneOf(vec![
                text(),
                Shape::Table(vec![
                    key("service", "The name of that service.", text()).required(),
                    key("file", "The compose file that defines it.", text()),
                ]),
            ]),
        ),
        key(
            "provider",
            "A program that manages the service instead of Compose.",
            provider(),
        ),
        key(
            "command",
            "The command, instead of the image's own.",
            command(),
        ),
        key(
            "entrypoint",
            "The entrypoint, instead of the image's own.",
            command(),
        ),
        key(
            "working_dir",
            "The directory that the command runs in.",
            text(),
        ),
        key("user", "The user that the service runs as.", text()),
        key(
            "group_add",
            "Further groups that the user belongs to.",
            set(Shape::OneOf(vec![text(), Shape::Number])),
        ),
        key("environment", "Environment variables.", pairs()),
        key(
            "env_file",
            "Files with environment variables.",
            Shape::OneOf(vec![
                text(),
                Shape::list(Shape::OneOf(vec![text(), env_file()])),
            ]),
        ),
        key("labels", "Labels of the container.", pairs()),
        key(
            "label_file",
            "Files with labels of the container.",
            command(),
        ),
        key("annotations", "Annotations of the container.", pairs()),
        key(
            "init",
            "Whether a small init reaps child processes and passes on signals.",
            flag(),
        ),
        key("restart", "When the container is started again.", text()),
        key(
            "healthcheck",
            "How Compose finds out whether the service works.",
            healthcheck(),
        ),
        key("stop_signal", "The signal that ends the service.", text()),
        key(
            "stop_grace_period",
            "How long the service may take to end.",
            duration(),
        ),
        key(
            "post_start",
            "Commands that run in the container after it has started.",
            Shape::list(Shape::Table(hook())),
        ),
        key(
            "pre_stop",
            "Commands that run in the container before it is stopped.",
            Shape::list(Shape::Table(hook())),
        ),
        key("stdin_open", "Whether standard input stays open.", flag()),
        key("tty", "Whether the service has a terminal.", flag()),
        key(
            "attach",
            "Whether `up` shows what the service prints.",
            flag(),
        ),
        key(
            "logging",
            "Where the output of the service goes.",
            open(vec![
                key("driver", "The logging driver.", text()),
                key(
                    "options",
                    "The driver's options.",
                    map(Shape::OneOf(vec![text(), Shape::Number])),
                ),
            ]),
        ),
        key(
            "scale",
            "How many containers of the service run.",
            super::integer(),
        ),
        key("develop", "What happens while sources change.", develop()),
        key("models", "The AI models that the service uses.", models()),
        key("runtime", "The runtime of the container.", text()),
        key(
            "isolation",
            "How the container is isolated, where the platform has a choice.",
            text(),
        ),
    ];
    keys.extend(security::of_service());
    keys.extend(network::of_service());
    keys.extend(storage::of_service());
    keys.extend(deploy::of_service());
    keys.push(extension());
    keys
}

fn depends_on() -> Shape {
    let about = open(vec![
        key(
            "condition",
            "What the other service must have reached.",
            Shape::choice(&[
                "service_started",
                "service_healthy",
                "service_completed_successfully",
            ]),
        )
        .required(),
        key(
            "restart",
            "Whether this service restarts when Compose restarts the other.",
            flag(),
        ),
        key(
            "required",
            "Whether this service needs the other to be there at all.",
            Shape::Boolean,
        ),
    ]);
    Shape::OneOf(vec![set(text()), named(about)])
}

fn provider() -> Shape {
    let scalar = || Shape::OneOf(vec![text(), Shape::Number, Shape::Boolean]);
    open(vec![
        key("type", "The name of the program.", text()).required(),
        key(
            "options",
            "Its options.",
            map(Shape::OneOf(vec![scalar(), Shape::list(scalar())])),
        ),
    ])
}

fn env_file() -> Shape {
    Shape::Table(vec![
        key("path", "The path of the file.", text()).required(),
        key(
            "format",
            "How the file is read: `raw` takes values as they are.",
            text(),
        ),
        key(
            "required",
            "Whether it is a mistake if the file is missing.",
            flag(),
        ),
    ])
}

fn healthcheck() -> Shape {
    open(vec![
        key(
            "test",
            "The command; a list begins with `CMD`, `CMD-SHELL` or `NONE`.",
            command(),
        ),
        key("interval", "The time between two checks.", duration()),
        key("timeout", "How long one check may take.", duration()),
        key(
            "retries",
            "How many failures in a row make the service unhealthy.",
            count(),
        ),
        key(
            "start_period",
            "The time after the start in which failures do not count.",
            duration(),
        ),
        key(
            "start_interval",
            "The time between two checks in the start period.",
            duration(),
        ),
        key("disable", "Whether the image's own check is off.", flag()),
    ])
}

fn develop() -> Shape {
    let watch = open(vec![
        key("path", "The path that is watched.", text()).required(),
        key(
            "action",
            "What happens when something changes there.",
            Shape::choice(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]),
        )
        .required(),
        key(
            "target",
            "Where changes are copied to in the container.",
            text(),
        ),
        key(
            "ignore",
            "Patterns of what is not watched there.",
            text_or_set(),
        ),
        key(
            "include",
            "Patterns of what alone is watched there.",
            text_or_set(),
        ),
        key(
            "initial_sync",
            "Whether everything is copied before watching begins.",
            Shape::Boolean,
        ),
        key("exec", "The command of `sync+exec`.", Shape::Table(hook())),
    ]);
    open(vec![key(
        "watch",
        "What is watched, and what happens then.",
        Shape::list(watch),
    )])
}

fn models() -> Shape {
    let about = open(vec![
        key(
            "endpoint_var",
            "The variable that holds the model's address.",
            text(),
        ),
        key(
            "model_var",
            "The variable that holds the model's name.",
            text(),
        ),
    ]);
    Shape::OneOf(vec![set(text()), named(about)])
}
