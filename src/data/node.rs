//! The tree itself, and reading it from TOML.

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diag::{self, Diagnostic, SourceId, Span};

/// A value and the place where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// The place of the value; for a table with a header, of the header.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A TOML value. A date or time is its text, as it is written.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text, of any of TOML's four spellings.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction or an exponent.
    Float {
        /// What it is worth.
        number: f64,
        /// How it is written: a version such as `1.10` is more than its worth.
        written: String,
    },
    /// `true` or `false`.
    Boolean(bool),
    /// An array.
    List(Vec<Node>),
    /// A table, of any of TOML's three spellings, in the order in which it was written.
    Table(Table),
}

/// The keys of a table in the order in which they were written.
pub type Table = IndexMap<String, Entry>;

/// One key of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The place of the key.
    pub key: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The text, if this is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn integer(&self) -> Option<i64> {
        match self.value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// `true` or `false`, if this is one.
    pub fn boolean(&self) -> Option<bool> {
        match self.value {
            Value::Boolean(yes) => Some(yes),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The table, if this is one.
    pub fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The value under a key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        Some(&self.table()?.get(key)?.node)
    }

    /// The items of a list, or nothing.
    pub fn items(&self) -> impl Iterator<Item = &Node> {
        self.list().unwrap_or_default().iter()
    }

    /// The keys and values of a table, or nothing.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.table()
            .into_iter()
            .flatten()
            .map(|(key, entry)| (key.as_str(), entry))
    }

    /// Whether this is the same value, wherever the two stand and in whatever order their keys are.
    pub fn is_like(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Text(a), Value::Text(b))
            | (Value::Float { written: a, .. }, Value::Float { written: b, .. }) => a == b,
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_like(b))
            }
            (Value::Table(a), Value::Table(b)) => {
                let is_in_b = |(key, entry): (&String, &Entry)| {
                    b.get(key)
                        .is_some_and(|other| entry.node.is_like(&other.node))
                };
                a.len() == b.len() && a.iter().all(is_in_b)
            }
            _ => false,
        }
    }

    /// Everything that the tree says and nothing of how it is written, as a text that two trees share only when they
    /// say the same in the same order.
    pub fn meaning(&self) -> String {
        self.meaning_without(&[])
    }

    /// The same without what a table says under these keys.
    pub fn meaning_without(&self, keys: &[&str]) -> String {
        let mut text = String::new();
        self.mean(keys, &mut text);
        text
    }

    /// Writes the tree as JSON, a number with a fraction as text.
    fn mean(&self, without: &[&str], text: &mut String) {
        match &self.value {
            Value::Text(said) => text.push_str(&json(said)),
            Value::Integer(number) => text.push_str(&number.to_string()),
            Value::Float { written, .. } => text.push_str(&json(written)),
            Value::Boolean(yes) => text.push_str(if *yes { "true" } else { "false" }),
            Value::List(items) => {
                text.push('[');
                for (number, item) in items.iter().enumerate() {
                    text.push_str(if number > 0 { "," } else { "" });
                    item.mean(&[], text);
                }
                text.push(']');
            }
            Value::Table(entries) => {
                text.push('{');
                let said = entries
                    .iter()
                    .filter(|(key, _)| !without.contains(&key.as_str()));
                for (number, (key, entry)) in said.enumerate() {
                    text.push_str(if number > 0 { "," } else { "" });
                    text.push_str(&json(key));
                    text.push(':');
                    entry.node.mean(&[], text);
                }
                text.push('}');
            }
        }
    }

    /// The tree as TOML on one line.
    pub fn to_toml(&self) -> String {
        match &self.value {
            Value::Text(text) => toml::Value::from(text.as_str()).to_string(),
            Value::Integer(number) => number.to_string(),
            Value::Float { written, .. } => written.clone(),
            Value::Boolean(yes) => yes.to_string(),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Self::to_toml).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Table(entries) if entries.is_empty() => "{}".to_owned(),
            Value::Table(entries) => {
                let entry = |(key, entry): (&String, &Entry)| {
                    format!("{} = {}", self::key(key), entry.node.to_toml())
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// The names of the keys that lead to a place in this tree; none for a place outside of every key.
    pub fn path_to(&self, place: Span) -> Vec<&str> {
        let covers = |span: Span| {
            span.source == place.source && span.start <= place.start && place.end <= span.end
        };
        // A table with a header does not cover what stands below it, so the keys are asked before their table is.
        for (name, entry) in self.entries() {
            let below = entry.node.path_to(place);
            if !below.is_empty() || covers(entry.key) || covers(entry.node.span) {
                return std::iter::once(name).chain(below).collect();
            }
        }
        self.items()
            .map(|item| item.path_to(place))
            .find(|path| !path.is_empty())
            .unwrap_or_default()
    }

    /// What kind of value this is, as messages say it.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Float { .. } => "a number",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// A text as JSON writes it.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key as TOML writes it.
pub fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Reads a TOML document. Mistakes of syntax are reported with their places, of each line the first: others on it are
/// mostly what follows from that one.
pub fn parse(text: &str, source: SourceId) -> Result<Node, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut mistakes: Vec<Diagnostic> = errors
        .iter()
        .map(|error| {
            let range = error.span().unwrap_or(0..0);
            let message = syntax(error.message().trim(), text, &range);
            Diagnostic::at(Span::new(source, range), message)
        })
        .collect();
    let mut reader = Reader {
        written: text,
        source,
        mistakes: &mut mistakes,
    };
    let span = Span::new(source, document.span());
    let value = Value::Table(reader.table(document.into_inner()));
    if mistakes.is_empty() {
        return Ok(Node { span, value });
    }
    diag::sort(&mut mistakes);
    let line = |mistake: &mut Diagnostic| {
        let start = mistake.primary.as_ref().map_or(0, |label| label.span.start);
        let before = &text.as_bytes()[..start.min(text.len())];
        before.split(|byte| *byte == b'\n').count()
    };
    mistakes.dedup_by_key(line);
    Err(mistakes)
}

/// The words of the TOML parser, where they speak of its grammar instead of what was written.
fn syntax(message: &str, text: &str, range: &std::ops::Range<usize>) -> String {
    let rest = text.get(range.start..).unwrap_or_default();
    let at_end = rest
        .lines()
        .next()
        .is_none_or(|line| line.trim().is_empty());
    let known = match message.split([',', '\n']).next().unwrap_or_default() {
        "duplicate key" => {
            let found = text.get(range.clone()).unwrap_or_default();
            return format!("`{found}` is said twice");
        }
        "string values must be quoted" if at_end => "a value is missing here",
        "string values must be quoted" => "a text stands in quotes",
        "invalid basic string" | "invalid literal string" if at_end => {
            "the text does not end on its line: a quote is missing"
        }
        "unclosed array" => "the list does not end: `]` is missing",
        "missing escaped value" => {
            "TOML knows no such escape: a backslash is written `\\\\`, or the text stands in single quotes"
        }
        "key with no value" => "a key is followed by `=` and its value",
        "missing comma between array elements" => "a comma is missing between two items of a list",
        _ => return message.replace('\n', ", "),
    };
    known.to_owned()
}

struct Reader<'a> {
    written: &'a str,
    source: SourceId,
    mistakes: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn table(&mut self, table: DeTable<'_>) -> Table {
        table
            .into_iter()
            .map(|(key, value)| {
                let place = Span::new(self.source, key.span());
                let node = self.node(value);
                let name = self.text(place, key.into_inner().into_owned());
                (name, Entry { key: place, node })
            })
            .collect()
    }

    fn node(&mut self, value: Spanned<DeValue<'_>>) -> Node {
        let span = Span::new(self.source, value.span());
        let value = match value.into_inner() {
            DeValue::String(text) => Value::Text(self.text(span, text.into_owned())),
            DeValue::Integer(digits) => {
                let number = i64::from_str_radix(digits.as_str(), digits.radix());
                Value::Integer(number.unwrap_or_else(|_| {
                    self.mistake(span, "a number that does not fit into 64 bits");
                    0
                }))
            }
            DeValue::Float(digits) => Value::Float {
                number: digits.as_str().parse().unwrap_or(f64::NAN),
                written: self.written(span).to_owned(),
            },
            DeValue::Boolean(yes) => Value::Boolean(yes),
            DeValue::Datetime(_) => Value::Text(self.written(span).to_owned()),
            DeValue::Array(items) => {
                Value::List(items.into_iter().map(|item| self.node(item)).collect())
            }
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { span, value }
    }

    /// No file that is generated can hold a NUL, so it is refused wherever it stands.
    fn text(&mut self, span: Span, text: String) -> String {
        if text.contains('\0') {
            self.mistake(span, "a NUL character cannot stand in any generated file");
        }
        // A file with the line endings of Windows says the same as one without; where they are escapes, they are meant.
        if self.written(span).contains("\r\n") {
            return text.replace("\r\n", "\n");
        }
        text
    }

    /// How a value is written.
    fn written(&self, span: Span) -> &str {
        self.written.get(span.start..span.end).unwrap_or_default()
    }

    fn mistake(&mut self, span: Span, message: &str) {
        self.mistakes.push(Diagnostic::at(span, message));
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::diag::Sources;

    #[test]
    fn keys_keep_the_order_in_which_they_were_written() {
        let text = "[zeta]\n[alpha]\n[mid]\n[steps]\nzeta = 1\nalpha = 2\n";
        let node = parse(text, Sources::default().add("x.toml", text)).unwrap();
        let keys: Vec<&str> = node.entries().map(|(key, _)| key).collect();
        assert_eq!(keys, ["zeta", "alpha", "mid", "steps"]);
        let steps = node.get("steps").unwrap();
        assert_eq!(
            steps.entries().map(|(key, _)| key).collect::<Vec<_>>(),
            ["zeta", "alpha"]
        );
    }
}
