//! What a tree must look like: said once, used to check, to document and to make a JSON Schema.

use std::borrow::Cow;

use super::{Entry, Node, Table, Value};
use crate::diag::{Diagnostic, Span};

/// What a value may be.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Text that follows a rule.
    Text(TextRule),
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of these two booleans only: `false` where a key can be switched off.
    Only(bool),
    /// One of these words.
    Choice(Vec<Cow<'static, str>>),
    /// A list whose items all have one shape.
    List(Box<Shape>),
    /// A list as above, but no item may be there twice.
    Set(Box<Shape>),
    /// A table with keys of the user's own choosing.
    Map(TextRule, Box<Shape>),
    /// A table with known keys.
    Table(Vec<Key>),
    /// Any of several shapes, told apart by the kind of the value.
    OneOf(Vec<Shape>),
    /// Anything.
    Any,
    /// Nothing: a key that is known and yet may not stand here. Its help says why, and where to say it instead.
    Refused,
}

/// A known key of a table.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name.
    pub name: Cow<'static, str>,
    /// What it says, in one sentence, for documentation and editors.
    pub help: Cow<'static, str>,
    /// What its value may be.
    pub shape: Shape,
    /// Whether the table is wrong without it.
    pub required: bool,
    /// Whether the name is only how the key begins: `x-` for `x-` and all that may follow it.
    pub prefix: bool,
    /// What the key is called elsewhere: people write that first.
    pub elsewhere: &'static [&'static str],
}

impl Key {
    /// A key that may be left out.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
        shape: Shape,
    ) -> Self {
        Self {
            name: name.into(),
            help: help.into(),
            shape,
            required: false,
            prefix: false,
            elsewhere: &[],
        }
    }

    /// Every key that begins with this name and is not known otherwise.
    pub fn prefix(
        name: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
        shape: Shape,
    ) -> Self {
        Self {
            prefix: true,
            ..Self::new(name, help, shape)
        }
    }

    /// A key that is known and yet may not stand here; the help says where to say it instead.
    pub fn refused(name: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name, help, Shape::Refused)
    }

    /// Whether other tools know it under this name.
    fn is_called(&self, name: &str) -> bool {
        self.elsewhere
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
    }

    /// The same key, and what other tools call it.
    #[must_use]
    pub fn elsewhere(mut self, names: &'static [&'static str]) -> Self {
        self.elsewhere = names;
        self
    }

    /// The same key, but the table is wrong without it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// What a text may be.
#[derive(Clone, Copy, Debug)]
pub struct TextRule {
    /// What it is called: "an image name".
    pub name: &'static str,
    /// Why a text is refused, or nothing.
    pub refuse: fn(&str) -> Option<String>,
    /// The same rule as a regular expression for editors, where it can be said as one.
    pub pattern: Option<&'static str>,
}

impl TextRule {
    /// Any text, of one line or many.
    pub const ANY: Self = Self {
        name: "text",
        refuse: |_| None,
        pattern: None,
    };

    /// A script or an instruction, of one line or many. A shell takes a carriage return for a part of the word before it.
    pub const SCRIPT: Self = Self {
        name: "text",
        refuse: |text| {
            text.contains('\r').then(|| {
                "must not have a carriage return (`\\r`); lines end with `\\n` alone".to_owned()
            })
        },
        pattern: Some(r"^[^\r]*$"),
    };

    /// Any text of one line. No value of a line may begin a new one.
    pub const LINE: Self = Self {
        name: "text of one line",
        refuse: |text| {
            text.contains(['\n', '\r'])
                .then(|| "must be of one line".to_owned())
        },
        pattern: Some(r"^[^\r\n]*$"),
    };
}

impl Shape {
    /// Text of one line.
    pub fn line() -> Self {
        Self::Text(TextRule::LINE)
    }

    /// A list of one-line texts.
    pub fn lines() -> Self {
        Self::list(Self::line())
    }

    /// A list of this shape.
    pub fn list(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    /// A table from names of the user's own choosing to this shape.
    pub fn map(value: Self) -> Self {
        Self::Map(TextRule::LINE, Box::new(value))
    }

    /// One of these words.
    pub fn choice(words: &[&'static str]) -> Self {
        Self::Choice(words.iter().map(|word| Cow::Borrowed(*word)).collect())
    }

    /// What it is, as messages and the reference say it.
    pub fn describe(&self) -> String {
        match self {
            Self::Text(rule) => rule.name.to_owned(),
            Self::Integer(..) => "a whole number".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Only(word) => format!("`{word}`"),
            Self::Choice(words) => listed(words.iter().map(|word| format!("`{word}`")).collect()),
            Self::List(item) | Self::Set(item) => format!("a list of {}", item.describe_many()),
            Self::Map(..) | Self::Table(_) => "a table".to_owned(),
            Self::OneOf(shapes) => {
                let words: Vec<String> = shapes.iter().map(Self::describe).collect();
                // What is itself a choice between things would run into the next one.
                if words.len() == 2 && words[0].contains(" or ") {
                    words.join(", or ")
                } else {
                    listed(words)
                }
            }
            Self::Any => "anything".to_owned(),
            Self::Refused => "left out".to_owned(),
        }
    }

    fn describe_many(&self) -> String {
        match self {
            Self::OneOf(shapes) => listed(shapes.iter().map(Self::describe_many).collect()),
            one => plural(&one.describe()),
        }
    }

    /// Whether a value is of the kind that this shape is about, whatever its contents.
    fn is_about(&self, node: &Node) -> bool {
        match self {
            Self::Text(_) | Self::Choice(_) => node.text().is_some(),
            Self::Integer(..) => node.integer().is_some(),
            Self::Number => matches!(node.value, Value::Integer(_) | Value::Float { .. }),
            Self::Boolean => node.boolean().is_some(),
            Self::Only(word) => node.boolean() == Some(*word),
            Self::List(_) | Self::Set(_) => node.list().is_some(),
            Self::Map(..) | Self::Table(_) => node.table().is_some(),
            Self::OneOf(shapes) => shapes.iter().any(|shape| shape.is_about(node)),
            Self::Any | Self::Refused => true,
        }
    }
}

/// Compares a tree with a shape and reports every difference at its place.
///
/// A key that is unknown where it stands, but known in the `outermost` table, was written below a table header by
/// accident; its report says so.
pub fn check(node: &Node, shape: &Shape, outermost: &[Key]) -> Vec<Diagnostic> {
    start(node, shape, Place::default().within(outermost))
}

/// The same for a part of a tree that stands below the key `path`, so that messages name the whole key.
pub fn check_below(path: &str, node: &Node, shape: &Shape, outermost: &[Key]) -> Vec<Diagnostic> {
    start(node, shape, Place::below(path).within(outermost))
}

/// Compares a tree whose texts may be expressions yet to be evaluated: those may stand for anything.
pub fn check_template(
    path: &str,
    node: &Node,
    shape: &Shape,
    outermost: &[Key],
) -> Vec<Diagnostic> {
    let place = Place {
        templates: true,
        ..Place::below(path).within(outermost)
    };
    start(node, shape, place)
}

fn start<'a>(node: &'a Node, shape: &Shape, place: Place<'a>) -> Vec<Diagnostic> {
    let mut checker = Checker {
        place,
        mistakes: Vec::new(),
    };
    checker.node(node, shape);
    checker.mistakes
}

/// Where a check is, and what it goes by.
#[derive(Clone, Default)]
struct Place<'a> {
    /// The keys of the whole document.
    outermost: &'a [Key],
    /// Whether texts may be expressions.
    templates: bool,
    /// The keys that lead here, as they are written.
    path: Vec<&'a str>,
    /// Whether it is an item of the list that the path names.
    item: bool,
}

impl<'a> Place<'a> {
    fn below(path: &'a str) -> Self {
        let path = path.split('.').filter(|part| !part.is_empty());
        Self {
            path: path.collect(),
            ..Self::default()
        }
    }

    fn within(self, outermost: &'a [Key]) -> Self {
        Self { outermost, ..self }
    }
}

struct Checker<'a> {
    place: Place<'a>,
    mistakes: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    fn node(&mut self, node: &'a Node, shape: &Shape) {
        if self.place.templates
            && node
                .text()
                .is_some_and(|text| text.contains("{{") || text.contains("{%"))
        {
            return;
        }
        if !shape.is_about(node) {
            self.wrong_kind(node, shape);
            return;
        }
        match (shape, &node.value) {
            (Shape::Text(rule), Value::Text(text)) => self.text(text, node.span, *rule),
            (Shape::Integer(least, most), Value::Integer(number))
                if number < least || number > most =>
            {
                let message = format!("{} must be between {least} and {most}", self.subject());
                self.mistakes.push(
                    Diagnostic::at(node.span, message).label(format!("{number} is out of range")),
                );
            }
            (Shape::Choice(words), Value::Text(text)) if !words.iter().any(|word| word == text) => {
                let message = format!("{} must be {}", self.subject(), shape.describe());
                self.mistakes.push(
                    Diagnostic::at(node.span, message)
                        .label(format!("unknown word `{}`", text.escape_debug()))
                        .suggest(text, words.iter().map(AsRef::as_ref)),
                );
            }
            (Shape::List(item), Value::List(items)) => self.items(items, item),
            (Shape::Set(item), Value::List(items)) => {
                self.items(items, item);
                self.doubles(items);
            }
            (Shape::Map(rule, value), Value::Table(table)) => {
                for (name, entry) in table {
                    self.within(name, |checker| {
                        checker.text(name, entry.key, *rule);
                        checker.node(&entry.node, value);
                    });
                }
            }
            (Shape::Table(keys), Value::Table(table)) => self.table(node.span, table, keys),
            (Shape::OneOf(shapes), _) => {
                let mut about: Vec<&Shape> =
                    shapes.iter().filter(|shape| shape.is_about(node)).collect();
                // Of several shapes about one kind of value, the first that is satisfied counts, else the last.
                let last = about.pop();
                let satisfied = |shape: &&Shape| start(node, shape, self.place.clone()).is_empty();
                if let Some(shape) = about.into_iter().find(satisfied).or(last) {
                    self.node(node, shape);
                }
            }
            _ => {}
        }
    }

    fn items(&mut self, items: &'a [Node], shape: &Shape) {
        for node in items {
            self.place.item = true;
            self.node(node, shape);
        }
        self.place.item = false;
    }

    fn table(&mut self, span: Span, table: &'a Table, keys: &[Key]) {
        for (name, entry) in table {
            let known = keys
                .iter()
                .find(|key| !key.prefix && key.name == *name)
                .or_else(|| {
                    let begins = |key: &&Key| key.prefix && name.starts_with(key.name.as_ref());
                    keys.iter().find(begins)
                });
            match known {
                Some(key) if matches!(key.shape, Shape::Refused) => {
                    let message = self.within(name, |checker| {
                        format!("{} cannot be set here", checker.name())
                    });
                    self.mistakes
                        .push(Diagnostic::at(entry.key, message).help(key.help.to_string()));
                }
                Some(key) => self.within(name, |checker| checker.node(&entry.node, &key.shape)),
                None => self.unknown(name, entry, keys),
            }
        }
        for key in keys {
            if key.required && !table.contains_key(key.name.as_ref()) {
                let message = if self.place.path.is_empty() {
                    format!("`{}` is missing", key.name)
                } else {
                    format!("`{}` is missing in {}", key.name, self.name())
                };
                let help = format!("it says {}", lower(&key.help));
                self.mistakes.push(Diagnostic::at(span, message).help(help));
            }
        }
    }

    fn unknown(&mut self, name: &str, entry: &Entry, keys: &[Key]) {
        let found = name.escape_debug();
        let message = if self.place.path.is_empty() {
            format!("unknown key `{found}`")
        } else {
            format!("unknown key `{found}` in {}", self.name())
        };
        let mut mistake = Diagnostic::at(entry.key, message);
        let known = || {
            keys.iter()
                .filter(|key| !key.prefix && !matches!(key.shape, Shape::Refused))
                .map(|key| key.name.as_ref())
        };
        if !self.place.path.is_empty() && self.place.outermost.iter().any(|key| key.name == name) {
            mistake = mistake.help(format!(
                "a key below a table header belongs to that table: to set the service's `{found}`, move this line above the first header"
            ));
        } else if let Some(word) = crate::diag::closest(name, known()) {
            mistake = mistake.help(format!("did you mean `{word}`?"));
        } else if let Some(key) = keys.iter().find(|key| key.is_called(name)) {
            mistake = mistake.help(format!("here it is `{}`: {}", key.name, lower(&key.help)));
        } else if keys.len() <= 24 {
            let known: Vec<String> = known().map(|key| format!("`{key}`")).collect();
            mistake = mistake.help(format!("the keys here are {}", known.join(", ")));
        }
        self.mistakes.push(mistake);
    }

    fn doubles(&mut self, items: &[Node]) {
        for (at, node) in items.iter().enumerate() {
            if let Some(first) = items[..at].iter().find(|first| first.is_like(node)) {
                let message = format!("{} has the same item twice", self.name());
                self.mistakes
                    .push(Diagnostic::at(node.span, message).related(first.span, "first here"));
            }
        }
    }

    fn text(&mut self, text: &str, span: Span, rule: TextRule) {
        if let Some(reason) = (rule.refuse)(text) {
            self.mistakes
                .push(Diagnostic::at(span, format!("{} {reason}", self.name())));
        }
    }

    fn wrong_kind(&mut self, node: &Node, shape: &Shape) {
        let message = format!("{} must be {}", self.subject(), shape.describe());
        let mut mistake =
            Diagnostic::at(node.span, message).label(format!("this is {}", node.kind()));
        if let Some(list) = self.as_list(node, shape) {
            let key = self.place.path.last().copied().unwrap_or_default();
            mistake = mistake.help(format!(
                "a list stands in brackets: {} = {list}",
                key.escape_debug()
            ));
        }
        self.mistakes.push(mistake);
    }

    /// A single value as the list that it was meant to be.
    fn as_list(&self, node: &Node, shape: &Shape) -> Option<String> {
        let item = match shape {
            Shape::List(item) | Shape::Set(item) => item,
            Shape::OneOf(shapes) => {
                return shapes.iter().find_map(|shape| self.as_list(node, shape));
            }
            _ => return None,
        };
        let words: Vec<Node> = match node.text() {
            // In a text with quotes, blanks do not part words.
            Some(text) if !text.contains(['"', '\'']) => text
                .split_whitespace()
                .map(|word| Node {
                    span: node.span,
                    value: Value::Text(word.to_owned()),
                })
                .collect(),
            _ => vec![node.clone()],
        };
        let fits = |word: &Node| start(word, item, self.place.clone()).is_empty();
        let list = Node {
            span: node.span,
            value: Value::List(words.clone()),
        };
        (!words.is_empty() && words.iter().all(fits)).then(|| list.to_toml())
    }

    fn within<T>(&mut self, name: &'a str, check: impl FnOnce(&mut Self) -> T) -> T {
        let item = std::mem::take(&mut self.place.item);
        self.place.path.push(name);
        let result = check(self);
        self.place.path.pop();
        self.place.item = item;
        result
    }

    /// What is being checked, as messages name it.
    fn subject(&self) -> String {
        if self.place.item {
            format!("an item of {}", self.name())
        } else {
            self.name()
        }
    }

    /// The key that is being checked, as messages name it.
    fn name(&self) -> String {
        format!("`{}`", self.place.path.join(".").escape_debug())
    }
}

/// "a, b or c".
fn listed(mut words: Vec<String>) -> String {
    words.dedup();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() {
        last
    } else {
        format!("{} or {last}", words.join(", "))
    }
}

/// "a path below the project" as "paths below the project". What says how it looks follows the noun.
fn plural(description: &str) -> String {
    let Some(one) = description
        .strip_prefix("a ")
        .or(description.strip_prefix("an "))
    else {
        return description.replacen("text", "texts", 1);
    };
    let ends = [" of ", " in ", " such as ", " below "];
    let end = ends.iter().filter_map(|word| one.find(word)).min();
    let (noun, rest) = one.split_at(end.unwrap_or(one.len()));
    match noun.split_once("'s ") {
        Some((owner, noun)) => format!("{noun}s of {owner}s{rest}"),
        None => format!("{noun}s{rest}"),
    }
}

/// A sentence of documentation as a part of a message.
fn lower(help: &str) -> String {
    let help = help.trim_end_matches('.');
    let mut characters = help.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Shape, check, plural};
    use crate::data::{json_schema, parse};
    use crate::diag::Sources;

    fn keys() -> Vec<Key> {
        vec![
            Key::new("words", "Words.", Shape::Set(Box::new(Shape::Any))),
            Key::refused("ports", "Said by `listen`."),
            Key::prefix("x-", "Whatever.", Shape::Any),
        ]
    }

    #[test]
    fn sets_extra_keys_and_refused_keys() {
        for (text, expected) in [
            ("words = ['a', 'b']\nx-a = 1\nx- = 2", ""),
            (
                "words = [1, 'a', 1]",
                "words = [1, 'a', [1]] `words` has the same item twice",
            ),
            (
                "words = [{ a = [1.5], b = 1 }, { b = 1, a = [1.5] }]",
                "words = [{ a = [1.5], b = 1 }, [{ b = 1, a = [1.5] }]] `words` has the same item twice",
            ),
            ("words = [{ a = 1 }, { a = 1, b = 1 }, 1, true, '1']", ""),
            (
                "ports = 1",
                "[ports] = 1 `ports` cannot be set here (Said by `listen`.)",
            ),
            (
                "port = 1",
                "[port] = 1 unknown key `port` (the keys here are `words`)",
            ),
        ] {
            let mut sources = Sources::default();
            let node = parse(text, sources.add("x.toml", text)).unwrap();
            let found: Vec<String> = check(&node, &Shape::Table(keys()), &[])
                .iter()
                .map(|mistake| {
                    let span = mistake.primary.as_ref().unwrap().span;
                    let mut marked = text.to_owned();
                    marked.insert(span.end, ']');
                    marked.insert(span.start, '[');
                    let help = mistake.help.first();
                    let help = help.map_or(String::new(), |help| format!(" ({help})"));
                    format!("{marked} {}{help}", mistake.message)
                })
                .collect();
            assert_eq!(found.join("\n"), expected);
        }
    }

    #[test]
    fn many_of_a_kind() {
        for (one, many) in [
            ("text", "texts"),
            ("text of one line", "texts of one line"),
            ("a whole number", "whole numbers"),
            (
                "an absolute path in the image",
                "absolute paths in the image",
            ),
            (
                "a port such as `80` or `53/udp`",
                "ports such as `80` or `53/udp`",
            ),
            ("a variable's name", "names of variables"),
            ("true or false", "true or false"),
        ] {
            assert_eq!(plural(one), many);
        }
    }

    #[test]
    fn and_as_a_schema() {
        let schema = json_schema("test", &keys());
        let expected = serde_json::json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "test",
            "type": "object",
            "properties": {
                "words": { "type": "array", "items": {}, "uniqueItems": true, "description": "Words." },
                "ports": { "not": {}, "description": "Said by `listen`." },
            },
            "patternProperties": { "^x-": { "description": "Whatever." } },
            "additionalProperties": false,
        });
        assert_eq!(schema, expected);
    }
}
