//! What a compose file may say: the Compose Specification's keys and the kinds of their values.
//!
//! The facts are those of the specification's JSON Schema (`schema/compose-spec.json` of
//! <https://github.com/compose-spec/compose-spec>, June 2026), the sentences about them are ours. As there, a text may
//! stand for most numbers and booleans, since it may hold a variable. Values that are null are not described: TOML has
//! none. A few things are stricter than the schema: `version` is refused; names and texts must be such that Compose can
//! read them (see `texts`); `external` and the items of `gpus` hold no keys that nobody knows.

mod build;
mod deploy;
mod network;
mod overlay;
mod project;
mod security;
mod service;
mod storage;
mod texts;

pub use overlay::{overlay, replacing, said_by};
pub use project::project;
pub use service::service;

use crate::data::{Key, Shape, TextRule};
use texts::{DURATION, LIMIT, NAME, NUMBER, SIZE, SWITCH, WHOLE, WORD};

fn key(name: &'static str, help: &'static str, shape: Shape) -> Key {
    Key::new(name, help, shape)
}

/// A table that may also hold keys that begin with `x-`, which Compose passes over.
fn open(mut keys: Vec<Key>) -> Shape {
    keys.push(extension());
    Shape::Table(keys)
}

/// 11-extension.md of the specification.
fn extension() -> Key {
    Key::prefix(
        "x-",
        "Whatever other tools want to find here; Compose passes over it.",
        Shape::Any,
    )
}

fn text() -> Shape {
    Shape::Text(TextRule::ANY)
}

fn flag() -> Shape {
    Shape::OneOf(vec![Shape::Boolean, Shape::Text(SWITCH)])
}

fn whole() -> Shape {
    Shape::Integer(i64::MIN, i64::MAX)
}

fn integer() -> Shape {
    Shape::OneOf(vec![whole(), Shape::Text(WHOLE)])
}

fn number() -> Shape {
    Shape::OneOf(vec![Shape::Number, Shape::Text(NUMBER)])
}

/// The schema takes a fraction here, but as a text only a whole number.
fn count() -> Shape {
    Shape::OneOf(vec![Shape::Number, Shape::Text(WHOLE)])
}

fn duration() -> Shape {
    Shape::Text(DURATION)
}

/// Bytes, as a number or as a text with a unit.
fn size(number: Shape) -> Shape {
    Shape::OneOf(vec![number, Shape::Text(SIZE)])
}

fn set(item: Shape) -> Shape {
    Shape::Set(Box::new(item))
}

fn text_or_set() -> Shape {
    Shape::OneOf(vec![text(), set(text())])
}

/// A table from names to this shape.
fn named(value: Shape) -> Shape {
    Shape::Map(NAME, Box::new(value))
}

/// A table from words of the user's own choosing to this shape.
fn map(value: Shape) -> Shape {
    Shape::Map(WORD, Box::new(value))
}

/// Names with values, as a table or as a list of `NAME=value`.
fn pairs() -> Shape {
    let scalar = Shape::OneOf(vec![text(), Shape::Number, Shape::Boolean]);
    Shape::OneOf(vec![map(scalar), set(text())])
}

/// Names of hosts and their addresses, as a table or as a list of `HOST=ADDRESS`.
fn hosts() -> Shape {
    let addresses = Shape::OneOf(vec![text(), Shape::list(text())]);
    Shape::OneOf(vec![map(addresses), set(text())])
}

/// Options that a driver gives their meaning.
fn driver_options() -> Shape {
    map(Shape::OneOf(vec![text(), Shape::Number]))
}

fn command() -> Shape {
    Shape::OneOf(vec![text(), Shape::list(text())])
}

fn ulimits() -> Shape {
    let both = open(vec![
        key("soft", "The limit that holds.", integer()).required(),
        key(
            "hard",
            "The limit up to which a process may raise its own.",
            integer(),
        )
        .required(),
    ]);
    Shape::Map(
        LIMIT,
        Box::new(Shape::OneOf(vec![whole(), Shape::Text(WHOLE), both])),
    )
}

/// A command that Compose runs in a running container.
fn hook() -> Vec<Key> {
    vec![
        key("command", "The command to run.", command()).required(),
        key("user", "The user that the command runs as.", text()),
        key(
            "privileged",
            "Whether the command runs with extended privileges.",
            flag(),
        ),
        key(
            "working_dir",
            "The directory that the command runs in.",
            text(),
        ),
        key(
            "environment",
            "Environment variables of the command.",
            pairs(),
        ),
        extension(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{overlay, project, service};
    use crate::data::{self, Key, Shape, json_schema};
    use crate::diag::Sources;

    fn mistakes(keys: Vec<Key>, text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let node = data::parse(text, sources.add("dockwright.toml", text)).unwrap();
        data::check(&node, &Shape::Table(keys), &[])
            .into_iter()
            .map(|mistake| {
                let place = mistake.primary.as_ref().unwrap().span;
                let help = mistake.help.iter().map(|help| format!(" ({help})"));
                let help: String = help.collect();
                format!("{}: {}{help}", sources.slice(place), mistake.message)
            })
            .collect()
    }

    #[test]
    fn a_whole_project_passes() {
        let text = r#"
name = "shop"
x-owner = { team = "a" }
include = ["more.yaml", { path = ["a.yaml"], env_file = ".env" }]

[services.web]
image = "shop:${TAG:-latest}"
build = { context = ".", args = { A = 1, B = true }, ssh = ["default"], x-bake = {} }
pull_policy = "every_12h30m"
container_name = "${NAME}"
ports = [80, "443:443", { target = 53, published = "53", protocol = "udp" }]
environment = ["A=1", "B"]
env_file = [".env", { path = "more.env", required = false }]
depends_on = { db = { condition = "service_healthy" } }
networks = { front = { aliases = ["www"] } }
volumes = ["data:/data", { type = "bind", source = ".", target = "/src", bind = { selinux = "z" } }]
cpus = 0.5
mem_limit = "512m"
init = "${INIT:-true}"
healthcheck = { test = ["CMD", "true"], retries = 3 }
ulimits = { nofile = 1024, nproc = { soft = 1, hard = "2" } }
gpus = "all"
deploy.resources.limits = { cpus = "2", memory = "1G", pids = 10 }
deploy.update_config.order = "start-first"
logging = { driver = "json-file", options = { max-file = 3 } }
develop.watch = [{ path = "src", action = "sync", target = "/src" }]
secrets = ["token", { source = "key", target = "k", mode = 0o400 }]

[networks.front]
ipam.config = [{ subnet = "172.28.0.0/16" }]
[volumes.data]
external = true
[secrets.token]
environment = "TOKEN"
[configs.key]
content = "a\nb"
[models.m]
model = "ai/x"
"#;
        assert_eq!(mistakes(project(), text), [""; 0]);
    }

    #[test]
    fn mistakes_are_told_where_they_stand() {
        for (text, expected) in [
            (
                "restrat = 'always'",
                "restrat: unknown key `restrat` (did you mean `restart`?)",
            ),
            (
                "profiles = ['a', 'a']",
                "'a': `profiles` has the same item twice",
            ),
            (
                "profiles = 'dev'",
                "'dev': `profiles` must be a list of texts (a list stands in brackets: profiles = [\"dev\"])",
            ),
            (
                "depends_on = { db = { condition = 'healthy' } }",
                "'healthy': `depends_on.db.condition` must be `service_started`, `service_healthy` or `service_completed_successfully`",
            ),
            (
                "depends_on = { db = {} }",
                "{}: `condition` is missing in `depends_on.db` (it says what the other service must have reached)",
            ),
            (
                "cpu_percent = 101",
                "101: `cpu_percent` must be between 0 and 100",
            ),
            (
                "deploy = { resources = { limits = { cpu = 1 } } }",
                "cpu: unknown key `cpu` in `deploy.resources.limits` (did you mean `cpus`?)",
            ),
            (
                "container_name = 'a b'",
                "'a b': `container_name` must be two or more letters, digits, `_`, `.` and `-`, beginning with a letter or digit",
            ),
            (
                "pull_policy = 'every_'",
                "'every_': `pull_policy` must be `always`, `never`, `missing`, `if_not_present`, `build`, `refresh`, `daily`, `weekly` or like `every_12h`",
            ),
            (
                "init = 1",
                "1: `init` must be `true` or `false`, or a `${VARIABLE}`",
            ),
        ] {
            assert_eq!(mistakes(service(), text), [expected]);
        }
    }

    #[test]
    fn what_the_spec_says_in_another_place_is_refused() {
        for (text, expected) in [
            (
                "ports = [80]",
                "ports: `ports` cannot be set here (say it once, by `ports` at the top, above the first table header)",
            ),
            (
                "build = { args = { A = 1 }, ssh = ['default'] }",
                "args: `build.args` cannot be set here (build arguments are declared in `[args]`)",
            ),
            ("build = '.'", "'.': `build` must be a table"),
        ] {
            assert_eq!(mistakes(overlay(), text), [expected]);
        }
        let merged = "image = 'a'\nrestart = 'always'\nvolumes = ['.:/src']\nbuild = { extra_hosts = ['a=1.1.1.1'] }\nx-a = 1";
        assert_eq!(mistakes(overlay(), merged), [""; 0]);
    }

    #[test]
    fn every_key_is_said_once_and_explained() {
        fn look(keys: &[Key]) {
            for (at, key) in keys.iter().enumerate() {
                assert!(
                    keys[..at].iter().all(|other| other.name != key.name),
                    "{}",
                    key.name
                );
                let sentence = key.help.ends_with('.') && !key.help.contains('\n');
                assert!(
                    sentence || matches!(key.shape, Shape::Refused),
                    "{}",
                    key.help
                );
                within(&key.shape);
            }
        }
        fn within(shape: &Shape) {
            match shape {
                Shape::Table(keys) => look(keys),
                Shape::List(item) | Shape::Set(item) | Shape::Map(_, item) => within(item),
                Shape::OneOf(shapes) => shapes.iter().for_each(within),
                _ => {}
            }
        }
        look(&project());
        look(&overlay());
        assert_eq!(
            json_schema("compose", &project())["properties"]["services"]["type"],
            "object"
        );
    }
}
