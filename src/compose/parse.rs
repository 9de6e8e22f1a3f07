//! A compose file from its text, with the lines on which things stand.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::model::Value;

/// A value of a compose file, and the line that it stands on: that of its key, where it has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub content: Content,
}

/// What stands at a place of a compose file. Anchors and merge keys are resolved; tags are left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A single value.
    Scalar(Value),
    /// A list.
    List(Vec<Tree>),
    /// Names and what stands below them, in their order.
    Map(IndexMap<String, Tree>),
}

impl Tree {
    /// Nothing, at a line.
    pub fn null(line: usize) -> Self {
        Self {
            line,
            content: Content::Scalar(Value::Null),
        }
    }

    /// The value, without its lines.
    pub fn value(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::value).collect(),
            Content::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(name, tree)| (name.clone(), tree.value()))
                    .collect(),
            ),
        }
    }

    /// What stands below a name, if this is a map that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.map()?.get(name)
    }

    /// The names and what stands below them, if this is a map.
    pub fn map(&self) -> Option<&IndexMap<String, Self>> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text of a single value as Compose reads it; nothing for a list, a map, or nothing.
    pub fn text(&self) -> Option<String> {
        match &self.content {
            Content::Scalar(Value::Text(text)) => Some(text.clone()),
            Content::Scalar(Value::Boolean(yes)) => Some(yes.to_string()),
            Content::Scalar(Value::Integer(number)) => Some(number.to_string()),
            Content::Scalar(Value::Float(number)) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Why a text is no compose file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// The character on the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

/// Reads a compose file: one YAML document. A text with nothing in it is nothing.
pub fn parse(text: &str) -> Result<Tree, ParseError> {
    // As the YAML that Compose reads: `no` is a text, and `0440` is a number of base 8.
    let options = serde_saphyr::options! {
        strict_booleans: true,
        legacy_octal_numbers: true,
    };
    let read: Result<Spanned<Tree>, _> = serde_saphyr::from_str_with_options(text, options);
    let breaks = Breaks::of(text);
    match read {
        Ok(read) => {
            let mut tree = placed(read);
            breaks.place(&mut tree);
            Ok(tree)
        }
        Err(error) => {
            let place = error.location();
            let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
            let formatter = serde_saphyr::UserMessageFormatter;
            let words = error.without_snippet().render_with_formatter(&formatter);
            Err(ParseError {
                line: place.map_or(1, |place| breaks.line(number(place.line()))),
                column: place.map_or(1, |place| number(place.column())),
                message: bare(&words),
            })
        }
    }
}

/// Where YAML ends lines: at a carriage return that stands alone too, which ends none for editors and diffs.
struct Breaks {
    /// For each line of YAML the line of the text that it is part of, from 1.
    lines: Vec<usize>,
}

impl Breaks {
    fn of(text: &str) -> Self {
        let mut line = 1;
        let mut lines = vec![line];
        let mut bytes = text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            line += usize::from(byte == b'\n');
            if byte == b'\n' || (byte == b'\r' && bytes.peek() != Some(&b'\n')) {
                lines.push(line);
            }
        }
        Self { lines }
    }

    /// The line of the text for a line of YAML, both from 1.
    fn line(&self, of_yaml: usize) -> usize {
        let index = of_yaml.saturating_sub(1);
        self.lines.get(index).copied().unwrap_or(of_yaml)
    }

    fn place(&self, tree: &mut Tree) {
        tree.line = self.line(tree.line);
        match &mut tree.content {
            Content::Map(entries) => entries.values_mut().for_each(|value| self.place(value)),
            Content::List(items) => items.iter_mut().for_each(|item| self.place(item)),
            Content::Scalar(_) => {}
        }
    }
}

/// The words of an error without its place, which is known.
fn bare(words: &str) -> String {
    let first = words.lines().next().unwrap_or_default();
    let bare = first
        .rsplit_once(" at line ")
        .map_or(first, |(bare, _)| bare);
    bare.trim_end_matches('.').to_owned()
}

fn placed(read: Spanned<Tree>) -> Tree {
    Tree {
        line: line(&read),
        content: read.value.content,
    }
}

fn line<T>(spanned: &Spanned<T>) -> usize {
    usize::try_from(spanned.referenced.line()).unwrap_or(usize::MAX)
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

/// Makes trees whose line is not known yet; who holds the place puts it in.
struct TreeVisitor;

impl TreeVisitor {
    fn scalar(value: Value) -> Tree {
        Tree {
            line: 0,
            content: Content::Scalar(value),
        }
    }
}

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a compose file")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::null(0))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::null(0))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Tree, E> {
        Ok(Self::scalar(yes.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Self::scalar(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        let value = i64::try_from(number).map_or_else(|_| number.to_string().into(), Value::from);
        Ok(Self::scalar(value))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Tree, E> {
        Ok(Self::scalar(number.to_string().into()))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Tree, E> {
        Ok(Self::scalar(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Self::scalar(Value::Float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Self::scalar(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(placed(item));
        }
        Ok(Tree {
            line: 0,
            content: Content::List(items),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = IndexMap::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let tree: Tree = access.next_value()?;
            let line = line(&key);
            entries.insert(
                key.value,
                Tree {
                    line,
                    content: tree.content,
                },
            );
        }
        Ok(Tree {
            line: 0,
            content: Content::Map(entries),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{Content, Tree, parse};
    use crate::compose::{File, Value, map, write};

    /// Every place of a tree with its path and line.
    fn places(tree: &Tree, path: &str, into: &mut Vec<String>) {
        into.push(format!("{path}:{}", tree.line));
        match &tree.content {
            Content::Scalar(_) => {}
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    places(item, &format!("{path}/{index}"), into);
                }
            }
            Content::Map(entries) => {
                for (name, entry) in entries {
                    places(entry, &format!("{path}/{name}"), into);
                }
            }
        }
    }

    #[test]
    fn knows_the_lines_where_a_return_ends_none() {
        let mut found = Vec::new();
        places(&parse("a: 1\rb:\r\n  c: 2\n").unwrap(), "", &mut found);
        assert_eq!(found.join(" "), ":1 /a:1 /b:1 /b/c:2");
    }

    #[test]
    fn knows_the_lines() {
        let text =
            "# x\na: 1\nb:\n  - c\n  -\n    d: |\n      e\n  - {f: 1,\n     g: 2}\n8080: y\n";
        let mut found = Vec::new();
        places(&parse(text).unwrap(), "", &mut found);
        let wanted = ":2 /a:2 /b:3 /b/0:4 /b/1:6 /b/1/d:6 /b/2:8 /b/2/f:8 /b/2/g:9 /8080:10";
        assert_eq!(found.join(" "), wanted);
    }

    #[test]
    fn resolves_anchors_and_merges() {
        let text = "x: &x\n  a: 1\n  b: 2\ny:\n  <<: *x\n  b: 3\n";
        let value = parse(text).unwrap().value();
        let y = map([("b", 3.into()), ("a", 1.into())]);
        assert_eq!(value.get("y").and_then(Value::map), Some(&y));
    }

    #[test]
    fn says_where_a_file_is_broken() {
        for (text, line, column, message) in [
            ("a: [1\n", 1, 4, "unclosed bracket '['"),
            ("a: 1\na: 2\n", 2, 1, "duplicate mapping key"),
            ("a: *b\n", 1, 4, "unknown value"),
            ("a:\n - b: c: d\n", 2, 8, "mapping"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.column), (line, column), "{text}");
            assert!(error.message.contains(message), "{}", error.message);
            assert!(!error.message.contains(['\n']), "{}", error.message);
        }
    }

    #[test]
    fn reads_back_what_is_written() {
        let mut file = File::default();
        let service = map([
            ("image", "a:1".into()),
            ("ports", vec!["8080:80"].into()),
            ("init", true.into()),
            ("cpus", Value::Float(0.5)),
        ]);
        file.section("services")
            .insert("web".to_owned(), service.clone().into());
        let read = parse(&write(&file)).unwrap().value();
        let services = read.get("services").unwrap();
        assert_eq!(services.get("web"), Some(&service.into()));
    }

    proptest! {
        #[test]
        fn survives_any_text(text: String, near in "[a-b :\\n{}\\[\\]&*!|>#'\"-]{0,30}") {
            let _ = (parse(&text), parse(&near));
        }
    }
}
