//! A compose file as YAML text, in the block style that people write.

use serde::{Serialize, Serializer};
use serde_saphyr::{DoubleQuoted, FlowSeq, LitStr};

use super::model::{File, Map, Value};

/// The sections in the order in which they are written; `version` is obsolete and never is.
const BEFORE: [&str; 2] = ["name", "include"];
const AFTER: [&str; 6] = [
    "services", "models", "networks", "volumes", "secrets", "configs",
];

/// Commands are lists of words that people write on one line, each in quotes, as in a Dockerfile.
const COMMANDS: [&str; 3] = ["command", "entrypoint", "test"];

/// How long the words of a command may be together before each gets a line of its own.
const LONGEST_COMMAND: usize = 100;

/// The file as text: the header, then one section after the other, with a blank line before each section and each
/// service but the first.
pub fn write(file: &File) -> String {
    let mut out = header(&file.header);
    for (name, section) in in_order(&file.sections) {
        if !out.is_empty() {
            out.push('\n');
        }
        match section {
            Value::Map(services) if name == "services" && !services.is_empty() => {
                write_services(services, &mut out);
            }
            _ => out.push_str(&yaml(&Styled::Section(name, section))),
        }
    }
    out
}

fn header(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines.iter().flat_map(|line| line.split(['\n', '\r'])) {
        // A comment may hold no control characters, and a line that looks empty should be.
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        out.push_str(format!("# {line}").trim_end());
        out.push('\n');
    }
    out
}

fn in_order(sections: &Map) -> impl Iterator<Item = (&str, &Value)> {
    let known = |names: &'static [&'static str]| {
        names
            .iter()
            .filter_map(|name| Some((*name, sections.get(*name)?)))
    };
    let others = sections
        .iter()
        .map(|(name, section)| (name.as_str(), section))
        .filter(|(name, _)| !BEFORE.contains(name) && !AFTER.contains(name) && *name != "version");
    known(&BEFORE).chain(others).chain(known(&AFTER))
}

/// Each service is written as if it were the only one, and all but the first without the line that opens the section.
fn write_services(services: &Map, out: &mut String) {
    for (at, (name, service)) in services.iter().enumerate() {
        let text = yaml(&Styled::Service(name, service));
        if at == 0 {
            out.push_str(&text);
        } else {
            out.push('\n');
            out.push_str(text.strip_prefix("services:\n").unwrap_or(&text));
        }
    }
}

fn yaml(value: &Styled<'_>) -> String {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        prefer_block_scalars: false,
    };
    let text = serde_saphyr::to_string_with_options(value, options).unwrap_or_else(|error| {
        unreachable!("texts, numbers, lists and maps are all YAML: {error}")
    });
    // Everybody writes `context: .` without quotes and `data:` without `null`, and every reader of YAML reads them so. No
    // line ends like these but one that holds such a value: see `is_block`.
    text.replace(": '.'\n", ": .\n")
        .replace("- '.'\n", "- .\n")
        .replace(": null\n", ":\n")
}

/// A value and the manner in which it is written, which follows from where it stands.
enum Styled<'a> {
    Section(&'a str, &'a Value),
    Service(&'a str, &'a Value),
    /// A value and the name that it stands under.
    Named(&'a str, &'a Value),
    Quoted(&'a Value),
}

impl Serialize for Styled<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Section(name, value) => to.collect_map([(name, Self::Named(name, value))]),
            Self::Service(name, value) => {
                to.collect_map([("services", OnlyEntry(name, Self::Named("", value)))])
            }
            Self::Named(name, value) => named(name, value, to),
            Self::Quoted(value) => match value {
                Value::Text(text) => DoubleQuoted(text).serialize(to),
                Value::Integer(number) => DoubleQuoted(number.to_string()).serialize(to),
                value => Self::Named("", value).serialize(to),
            },
        }
    }
}

/// A map of one entry.
struct OnlyEntry<'a>(&'a str, Styled<'a>);

impl Serialize for OnlyEntry<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([(self.0, &self.1)])
    }
}

fn named<S: Serializer>(name: &str, value: &Value, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Value::Null => to.serialize_unit(),
        Value::Boolean(yes) => to.serialize_bool(*yes),
        Value::Integer(number) => to.serialize_i64(*number),
        Value::Float(number) => to.serialize_f64(*number),
        Value::Text(text) if is_block(text) => LitStr(text).serialize(to),
        Value::Text(text) if text == "#" || text == "-" => DoubleQuoted(text).serialize(to),
        Value::Text(text) => to.serialize_str(text),
        Value::Map(map) => to.collect_map(
            map.iter()
                .map(|(name, value)| (name, Styled::Named(name, value))),
        ),
        Value::List(items) => match words(items) {
            Some(words) if COMMANDS.contains(&name) => {
                FlowSeq(words.into_iter().map(DoubleQuoted).collect::<Vec<_>>()).serialize(to)
            }
            // An unquoted `22:22` is a number of base 60 to some readers of YAML, and `8080` is one to all.
            _ if name == "ports" => to.collect_seq(items.iter().map(Styled::Quoted)),
            _ => to.collect_seq(items.iter().map(|item| Styled::Named("", item))),
        },
    }
}

/// The words of a command that fits on one line.
fn words(items: &[Value]) -> Option<Vec<&str>> {
    let words: Vec<&str> = items.iter().map(Value::text).collect::<Option<_>>()?;
    let length: usize = words.iter().map(|word| word.chars().count() + 4).sum();
    let fits = length <= LONGEST_COMMAND && !words.iter().any(|word| word.contains('\n'));
    fits.then_some(words)
}

/// Whether a text of several lines reads well as a block, and reads back as it is under every indentation.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with(char::is_whitespace)
        && !body.lines().any(|line| line.ends_with(char::is_whitespace))
        && !body.contains(|c: char| c.is_control() && c != '\n')
        && !body
            .lines()
            .any(|line| line.ends_with(" '.'") || line.ends_with(": null"))
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::compose::{File, Map, Value, map};
    use proptest::prelude::{
        Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_oneof, proptest,
    };

    fn texts(texts: &[&str]) -> Value {
        texts.iter().copied().collect()
    }

    #[test]
    fn reads_as_if_written_by_hand() {
        let service = map([
            ("image", "pyhabot:${TAG:-latest}".into()),
            (
                "build",
                map([("context", ".".into()), ("target", "runtime".into())]).into(),
            ),
            ("init", true.into()),
            ("command", texts(&["python", "-m", "say \"hi\""])),
            ("ports", Value::List(vec![8080.into(), "22:22".into()])),
            ("volumes", texts(&["pyhabot_data:/data"])),
            (
                "environment",
                map([
                    ("TZ", "Europe/Budapest".into()),
                    ("DEBUG", "yes".into()),
                    ("EMPTY", "".into()),
                    ("FROM_OUTSIDE", Value::Null),
                    ("MOTD", "first\nsecond\n".into()),
                    ("WEIGHT", Value::Float(0.5)),
                ])
                .into(),
            ),
            (
                "healthcheck",
                map([
                    ("test", texts(&["CMD", "python", "-m", "pyhabot.alive"])),
                    ("interval", "60s".into()),
                    ("retries", 3.into()),
                ])
                .into(),
            ),
            ("profiles", texts(&["dev"])),
        ]);
        let file = File {
            header: vec![
                "Written by dockwright.".into(),
                String::new(),
                "More.".into(),
            ],
            sections: map([
                ("volumes", map([("pyhabot_data", Value::Null)]).into()),
                (
                    "services",
                    map([
                        ("pyhabot", service.into()),
                        ("redis", map([("image", "redis:7".into())]).into()),
                    ])
                    .into(),
                ),
                ("version", "3".into()),
                ("x-more", 1.into()),
                ("name", "pyhabot".into()),
            ]),
        };
        let expected = r#"# Written by dockwright.
#
# More.

name: pyhabot

x-more: 1

services:
  pyhabot:
    image: pyhabot:${TAG:-latest}
    build:
      context: .
      target: runtime
    init: true
    command: ["python", "-m", "say \"hi\""]
    ports:
      - "8080"
      - "22:22"
    volumes:
      - pyhabot_data:/data
    environment:
      TZ: Europe/Budapest
      DEBUG: "yes"
      EMPTY: ""
      FROM_OUTSIDE:
      MOTD: |
        first
        second
      WEIGHT: 0.5
    healthcheck:
      test: ["CMD", "python", "-m", "pyhabot.alive"]
      interval: 60s
      retries: 3
    profiles:
      - dev

  redis:
    image: redis:7

volumes:
  pyhabot_data:
"#;
        assert_eq!(write(&file), expected);
    }

    #[test]
    fn a_long_command_has_a_line_for_each_word() {
        let long = "x".repeat(100);
        let file = File {
            header: Vec::new(),
            sections: map([(
                "services",
                map([(
                    "a",
                    map([("command", texts(&["python", "-c", &long]))]).into(),
                )])
                .into(),
            )]),
        };
        let expected =
            format!("services:\n  a:\n    command:\n      - python\n      - -c\n      - {long}\n");
        assert_eq!(write(&file), expected);
    }

    fn json(value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(yes) => (*yes).into(),
            Value::Integer(number) => (*number).into(),
            Value::Float(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(json).collect(),
            Value::Map(map) => map
                .iter()
                .map(|(name, value)| (name.clone(), json(value)))
                .collect(),
        }
    }

    fn text() -> impl Strategy<Value = String> {
        let nasty = [
            "",
            " ",
            "yes",
            "no",
            "on",
            "Off",
            "y",
            "null",
            "~",
            "true",
            "1",
            "0x1f",
            "0o7",
            "1_000",
            "1e3",
            ".5",
            "1:2",
            "22:22",
            "12:30:45",
            "2024-01-01",
            "=",
            "<<",
            "-",
            "- a",
            "? a",
            ": a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "!a",
            "&a",
            "*a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "\"",
            "'",
            "it's",
            "\\",
            "{}",
            "[]",
            ", ",
            "---",
            "...",
            ".inf",
            ".nan",
            "\n",
            "\na",
            "a\n",
            "a\n\n",
            "a\nb",
            "a\nb\n",
            "a\nb\n\n",
            " a\nb",
            "a \nb",
            "a\n b",
            "a\n\nb\n",
            "\ta\nb",
            "a\tb\nc",
            "a\n---\nb",
            "a\n...\nb",
            "a\n# b\n",
            "\r",
            "a\r\nb",
            "\u{85}",
            "\u{2028}\nb",
            "\u{feff}",
            "\u{7f}",
            "\u{1b}[0m",
            "é",
            "\u{1f600}\nb",
            "$$",
            "${A:-b}",
            "a\u{a0}\nb",
            "\u{a0}a\nb",
        ];
        prop_oneof![
            3 => prop::sample::select(nasty.to_vec()).prop_map(str::to_owned),
            2 => "[a-z \\n:#\"'{}\\[\\],&*!|>%@`?\\\\_0-9.+~=<$\\t-]{0,12}",
            1 => "\\PC{0,12}",
            1 => prop::collection::vec(any::<char>(), 0..8)
                .prop_map(|chars| chars.into_iter().filter(|c| *c != '\0').collect()),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            prop::num::f64::NORMAL.prop_map(Value::Float),
            text().prop_map(Value::Text),
            text().prop_map(Value::Text),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let name = prop_oneof![
                text(),
                prop::sample::select(vec!["command", "ports", "test"]).prop_map(str::to_owned)
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec((name, inner), 0..4)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]
        #[test]
        fn what_is_written_reads_back(
            services in prop::collection::vec((text(), value()), 0..3),
            more in value(),
            header in prop::collection::vec(text(), 0..3),
        ) {
            let services: Map = services.into_iter().collect();
            let sections = map([("services", services.into()), ("x-more", more)]);
            let file = File { header, sections };
            let written = write(&file);
            let back: Result<serde_json::Value, _> = serde_saphyr::from_str(&written);
            prop_assert!(back.is_ok(), "{written}\n{back:?}");
            // The numbers under `ports` come back as texts.
            let expected = json(&Value::Map(quoted(&file.sections)));
            prop_assert!(back.as_ref().unwrap() == &expected, "{written}\n{back:?}\n{expected:?}");
        }
    }

    fn quoted(map: &Map) -> Map {
        fn all(name: &str, value: &Value) -> Value {
            match value {
                Value::Map(map) => Value::Map(quoted(map)),
                Value::List(items) => items
                    .iter()
                    .map(|item| match item {
                        Value::Integer(number) if name == "ports" => number.to_string().into(),
                        item => all("", item),
                    })
                    .collect(),
                other => other.clone(),
            }
        }
        map.iter()
            .map(|(name, value)| (name.clone(), all(name, value)))
            .collect()
    }
}
