//! Any text in any field of a spec arrives in the image as it was written, or is refused.

use std::fs;

use serde_json::json;
use toml::{Table, Value};

use super::{Engine, Project};
use crate::golden::generate;

/// Texts that mean something to a Dockerfile, a shell, JSON, YAML, a template, or a pattern.
const TEXTS: &[&str] = &[
    "",
    " ",
    "two  blanks",
    " at both ends ",
    "a\ttab",
    "it's",
    "\"quoted\"",
    "'both' \"kinds\"",
    "`id`",
    "$",
    "$HOME",
    "${HOME}",
    "${HOME:-x}",
    "${",
    "$$",
    "$(id)",
    "\\$HOME",
    "\\",
    "ends in a backslash\\",
    "ends in two\\\\",
    "\\n",
    "C:\\dir\\",
    "#",
    "# escape=`",
    "a # b",
    "{{ spec.name }}",
    "{% if x %}",
    "{# c #}",
    "}}",
    "<<EOF",
    "<<-'EOF' cat",
    "EOF",
    "*",
    "[a]",
    "[\"a\", \"b\"]",
    "a?b",
    "!x",
    "~",
    "-",
    "--from=x",
    "ünï ✓ 😀",
    "\u{feff}mark",
    "\u{2028}",
    "\u{a0}",
    "a=b",
    "=",
    "a,b",
    "a: b",
    "- a",
    "%s",
    "&& touch /evil",
    "; touch /evil",
    "| tee /evil",
    "null",
    "1e3",
    "0777",
    "@a",
    "\u{7f}",
    "\u{1b}[31m",
    "\n",
    "a\nRUN touch /evil",
    "a \\\nRUN touch /evil",
    "a\rb",
    "a\r\nb",
    "a\0b",
];

/// What no line of a Dockerfile can hold.
fn breaks_a_line(text: &str) -> bool {
    text.contains(['\n', '\r', '\0'])
}

/// A spec that grows.
#[derive(Clone)]
struct Spec(Table);

impl Spec {
    fn new() -> Self {
        let text = "name = \"texts\"\npreset = \"service\"\nbase = \"debian:bookworm-slim\"\nsource = []\n";
        Self(text.parse().unwrap())
    }

    fn put(&mut self, path: &[&str], value: impl Into<Value>) {
        *self.at(path) = value.into();
    }

    /// Adds to a list.
    fn push(&mut self, path: &[&str], value: impl Into<Value>) {
        let there = self.at(path);
        match there.as_array_mut() {
            Some(items) => items.push(value.into()),
            None => *there = vec![value.into()].into(),
        }
    }

    /// What stands at a path, an empty table if nothing does.
    fn at(&mut self, path: &[&str]) -> &mut Value {
        let (first, below) = path.split_first().unwrap();
        let empty = || Table::new().into();
        let mut value = self.0.entry(*first).or_insert_with(empty);
        for key in below {
            let table = value.as_table_mut().unwrap();
            value = table.entry(*key).or_insert_with(empty);
        }
        value
    }

    /// The texts that may stand in a field; each of the others is refused, and must be one that `hopeless` names.
    #[track_caller]
    fn fill(
        &mut self,
        field: &str,
        texts: &[&'static str],
        hopeless: fn(&str) -> bool,
        put: fn(&mut Self, usize, &str),
    ) -> Vec<(usize, &'static str)> {
        let mut taken = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let mut alone = Self::new();
            put(&mut alone, number, text);
            match generate(&alone.0.to_string()) {
                Ok(_) => {
                    put(self, number, text);
                    taken.push((number, *text));
                }
                Err(report) => assert!(hopeless(text), "{field} refuses {text:?}:\n{report}"),
            }
        }
        taken
    }
}

/// Where `$NAME` is a variable, `\$` is a dollar sign.
fn dollars(text: &str) -> String {
    text.replace('$', "\\$")
}

/// A field of a step is a template.
fn raw(text: &str) -> String {
    format!("{{% raw %}}{text}{{% endraw %}}")
}

#[test]
fn texts_arrive_in_the_image_as_they_were_written() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let mut spec = Spec::new();
    let env = spec.fill("env", TEXTS, breaks_a_line, |spec, number, text| {
        spec.put(&["env", &format!("E{number}")], dollars(text));
    });
    let args = spec.fill("args", TEXTS, breaks_a_line, |spec, number, text| {
        spec.put(&["args", &format!("A{number}")], dollars(text));
        spec.put(&["env", &format!("G{number}")], format!("$A{number}"));
    });
    let labels = spec.fill("labels", TEXTS, breaks_a_line, |spec, number, text| {
        spec.put(&["labels", &format!("l{number}")], dollars(text));
    });
    let entrypoint = spec.fill("entrypoint", TEXTS, breaks_a_line, |spec, number, text| {
        if number == 0 {
            spec.push(&["entrypoint"], "printf");
            spec.push(&["entrypoint"], "[%s]");
        }
        spec.push(&["entrypoint"], text);
    });
    let command = spec.fill("command", TEXTS, breaks_a_line, |spec, _, text| {
        spec.push(&["command"], text);
    });
    let probe = spec.fill("healthcheck", TEXTS, breaks_a_line, |spec, _, text| {
        spec.push(&["healthcheck", "command"], text);
    });
    let scripts = spec.fill(
        "run",
        TEXTS,
        |text| text.contains(['\0', '\r']),
        |spec, number, text| {
            let script = format!("printf '[%s]' '{}' >>/texts", text.replace('\'', r"'\''"));
            spec.put(
                &["stages", "runtime", "steps", &format!("s{number}"), "run"],
                raw(&script),
            );
        },
    );
    spec.fill("note", TEXTS, breaks_a_line, |spec, number, text| {
        let steps = ["stages", "runtime", "steps", &format!("n{number}")];
        spec.put(&[&steps[..], &["note"]].concat(), raw(text));
        spec.put(&[&steps[..], &["env"]].concat(), Table::new());
        spec.put(&[&steps[..], &["env", &format!("N{number}")]].concat(), "1");
    });

    let project = Project::of(&engine, &spec.0.to_string()).unwrap();
    let image = project.image();
    let config = image.config();
    let said: Vec<&str> = config["Env"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| said.as_str().unwrap())
        .collect();
    for (letter, taken) in [("E", &env), ("G", &args)] {
        for (number, text) in taken {
            assert!(
                said.contains(&&*format!("{letter}{number}={text}")),
                "{letter}{number} is not {text:?}: {said:#?}"
            );
        }
    }
    for (number, text) in labels {
        assert_eq!(config["Labels"][format!("l{number}")], text, "l{number}");
    }
    let texts = |taken: &[(usize, &str)]| {
        taken
            .iter()
            .map(|(_, text)| json!(text))
            .collect::<Vec<_>>()
    };
    let words = |first: &[&str], taken: &[(usize, &str)]| {
        json!(
            [
                first.iter().map(|word| json!(word)).collect::<Vec<_>>(),
                texts(taken)
            ]
            .concat()
        )
    };
    assert_eq!(
        config["Entrypoint"],
        words(&["printf", "[%s]"], &entrypoint)
    );
    assert_eq!(config["Cmd"], words(&[], &command));
    assert_eq!(config["Healthcheck"]["Test"], words(&["CMD"], &probe));
    let written: Vec<&str> = scripts.iter().map(|(_, text)| *text).collect();
    let written = format!("[{}]", written.join("]["));
    assert_eq!(image.run(&["cat", "/texts"]).unwrap(), written);
    assert!(
        image.run(&["ls", "/evil"]).is_err(),
        "a text was taken for an instruction"
    );

    let compose = super::ask(
        std::process::Command::new("docker")
            .current_dir(project.folder())
            .args(["compose", "config", "--format=json"]),
    )
    .unwrap();
    // Compose prints each dollar sign as it would have to be written.
    let compose: serde_json::Value = serde_json::from_str(&compose.replace("$$", "$")).unwrap();
    let service = &compose["services"]["texts"];
    assert_eq!(service["healthcheck"]["test"], words(&["CMD"], &probe));
    for (number, text) in args {
        let passed = &service["build"]["args"][format!("A{number}")];
        assert!(
            passed.is_null() || passed == text,
            "compose passes {passed} for {text:?}"
        );
    }
}

#[test]
fn odd_paths_are_made_and_copied_as_they_were_written() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let names: Vec<&'static str> = TEXTS
        .iter()
        .copied()
        .filter(|text| !text.is_empty() && !text.contains(['/', '\0']))
        .collect();
    // What a source names is a pattern, as it is in a Dockerfile, and an ignore file cannot name each path.
    let unnameable = |text: &str| breaks_a_line(text) || text.contains('\\') || text.ends_with(' ');
    let plain: Vec<&'static str> = names
        .iter()
        .copied()
        .filter(|text| !text.contains(['*', '?', '[']))
        .collect();
    let mut spec = Spec::new();
    let sources = spec.fill("source", &plain, unnameable, |spec, number, text| {
        let mut source = Table::new();
        source.insert("from".to_owned(), format!("src/{}", dollars(text)).into());
        source.insert(
            "to".to_owned(),
            format!("/to/{number}/{}", dollars(text)).into(),
        );
        spec.push(&["source"], source);
    });
    let folders = spec.fill("workdir", &names, breaks_a_line, |spec, number, text| {
        let path = format!("/made/{}", dollars(text));
        spec.put(
            &[
                "stages",
                "runtime",
                "steps",
                &format!("w{number}"),
                "workdir",
            ],
            raw(&path),
        );
    });
    let project = Project::of(&engine, &spec.0.to_string()).unwrap();
    fs::create_dir_all(project.path("src")).unwrap();
    for (number, text) in &sources {
        fs::write(project.path("src").join(text), number.to_string()).unwrap();
    }
    // What a pattern would match as well.
    fs::write(project.path("src/axb"), "another").unwrap();
    fs::write(project.path("src/a"), "another").unwrap();
    let image = project.image();
    let found = image
        .run(&["find", "/to", "/made", "-mindepth", "1", "-print0"])
        .unwrap();
    let found: Vec<&str> = found.split_terminator('\0').collect();
    for (number, text) in &sources {
        let path = format!("/to/{number}/{text}");
        assert!(found.contains(&&*path), "{path:?} is not there: {found:#?}");
        assert_eq!(
            image.run(&["cat", &path]).unwrap(),
            number.to_string(),
            "{path:?}"
        );
    }
    for (_, text) in &folders {
        assert!(
            found.contains(&&*format!("/made/{text}")),
            "{text:?} is not there: {found:#?}"
        );
    }
    assert_eq!(found.len(), 2 * sources.len() + folders.len(), "{found:#?}");
}
