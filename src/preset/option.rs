//! The options that a preset declares: each has a type, a help and possibly a default.

use std::borrow::Cow;

use crate::data::{Key, Node, Shape, TextRule};

/// The types that an option can have.
pub(super) const KINDS: &[&str] = &[
    "text", "version", "integer", "boolean", "list", "map", "choice", "script",
];

/// A declared option.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The preset that declares it.
    pub preset: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub help: String,
    /// Its type.
    pub kind: Kind,
    /// Its value when a spec does not set it.
    pub default: Option<Node>,
    /// Whether a spec has to set it.
    pub required: bool,
}

/// The type of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of one line.
    Text,
    /// One version of something that is installed.
    Version,
    /// A whole number that is not negative.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list of texts; of these words, if there are any.
    List(Vec<String>),
    /// A table from texts to texts.
    Map,
    /// One of these words.
    Choice(Vec<String>),
    /// Commands for the shell: text, or a list of lines.
    Script,
}

impl Declared {
    /// Reads a declaration whose form was checked.
    pub(super) fn read(preset: &str, name: &str, node: &Node) -> Self {
        let text = |key| node.get(key).and_then(Node::text).unwrap_or_default();
        let choices = || {
            let words = node.get("choices").into_iter().flat_map(Node::items);
            words
                .filter_map(Node::text)
                .map(ToOwned::to_owned)
                .collect()
        };
        let kind = match text("type") {
            "version" => Kind::Version,
            "integer" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "list" => Kind::List(choices()),
            "map" => Kind::Map,
            "script" => Kind::Script,
            "choice" => Kind::Choice(choices()),
            _ => Kind::Text,
        };
        Self {
            preset: preset.to_owned(),
            name: name.to_owned(),
            help: text("help").to_owned(),
            kind,
            default: node.get("default").cloned(),
            required: node
                .get("required")
                .and_then(Node::boolean)
                .unwrap_or_default(),
        }
    }

    /// The option as a key of `[options.PRESET]`.
    pub fn key(&self) -> Key {
        let key = Key::new(self.name.clone(), self.help.clone(), self.kind.shape());
        if self.required { key.required() } else { key }
    }
}

impl Kind {
    /// How a preset writes it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Version => "version",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::List(_) => "list",
            Self::Map => "map",
            Self::Choice(_) => "choice",
            Self::Script => "script",
        }
    }

    /// What a value of this type may be.
    pub fn shape(&self) -> Shape {
        let choice =
            |words: &[String]| Shape::Choice(words.iter().cloned().map(Cow::Owned).collect());
        match self {
            Self::Text => Shape::line(),
            Self::Version => Shape::Text(VERSION),
            Self::Integer => Shape::Integer(0, i64::from(i32::MAX)),
            Self::Boolean => Shape::Boolean,
            Self::List(words) if words.is_empty() => Shape::lines(),
            Self::List(words) => Shape::list(choice(words)),
            Self::Map => Shape::map(Shape::line()),
            Self::Choice(words) => choice(words),
            Self::Script => Shape::OneOf(vec![Shape::Text(TextRule::SCRIPT), Shape::lines()]),
        }
    }
}

/// A whole version, as package managers have it behind `==`: no range of versions, and no word such as `latest`.
const VERSION: TextRule = TextRule {
    name: "a version such as `1.65.2`",
    refuse: |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '!' | '_');
        let begins = text.starts_with(|c: char| c.is_ascii_digit());
        (!begins || !text.chars().all(plain))
            .then(|| "must be a whole version such as `1.65.2`".to_owned())
    },
    pattern: Some("^[0-9][0-9A-Za-z.+!_-]*$"),
};
