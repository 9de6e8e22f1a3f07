//! Expressions in the fields of presets, and the pages that lay out generated files. All of minijinja is here.
//!
//! A field is evaluated as what it is: data, where a value keeps its type; a script, where every inserted value is
//! quoted for the shell; a condition. An expression can read no file, no environment variable and no clock, one that
//! never ends runs out of fuel, and none can fill the memory. This room does not know what a preset or a Dockerfile is.

mod limits;
mod page;
mod quote;

pub use page::{Page, Value as PageValue, list, map};

use std::sync::{Arc, LazyLock};

use indexmap::IndexMap;
use limits::{Left, Measured};
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};

use crate::data::{Entry, Node, Table, Value as Data};
use crate::diag::{Diagnostic, Sources, Span, closest};

/// How many steps of minijinja's machine one field may take: far more than any sensible preset needs.
const FUEL: u64 = 100_000;

/// The names that expressions can use, with their values. A copy of it is cheap.
#[derive(Clone, Debug, Default)]
pub struct Names {
    known: IndexMap<String, Known>,
    /// What can stand behind the dot of a name, where its value is not known yet.
    fields: IndexMap<String, Vec<String>>,
}

/// What a name stands for.
#[derive(Clone, Debug)]
struct Known {
    /// The tree, with all its places.
    tree: Option<Arc<Node>>,
    /// The same as expressions see it.
    value: Value,
}

impl Names {
    /// Defines a name. A `-` in it is written `_` in expressions. Nothing is a value too: `none`.
    pub fn define(&mut self, name: &str, tree: Option<Node>) {
        let value = tree.as_ref().map_or_else(|| Value::from(()), value);
        self.insert(name, tree, value);
    }

    /// Defines a name without its value: for checking what would use it. These keys are all that it can have.
    pub fn define_fields<'a>(&mut self, name: &str, keys: impl Iterator<Item = &'a str>) {
        self.define(name, None);
        let keys = keys.map(|key| key.replace('-', "_")).collect();
        self.fields.insert(name.to_owned(), keys);
    }

    /// Defines a name whose text is itself a piece of a script, and is inserted into scripts as it stands.
    pub fn define_script(&mut self, name: &str, tree: Option<Node>) {
        let value = tree.as_ref().map_or_else(|| Value::from(()), script_value);
        self.insert(name, tree, value);
    }

    fn insert(&mut self, name: &str, tree: Option<Node>, value: Value) {
        let tree = tree.map(Arc::new);
        let known = Known { tree, value };
        self.known.insert(name.replace('-', "_"), known);
    }

    /// The tree at a path such as `spec.packages.runtime`, with all its places.
    fn at(&self, path: &str) -> Option<&Node> {
        let mut parts = path.split('.');
        let mut node = self.known.get(parts.next()?)?.tree.as_deref()?;
        for part in parts {
            let (_, entry) = node
                .entries()
                .find(|(key, _)| key.replace('-', "_") == part)?;
            node = &entry.node;
        }
        Some(node)
    }
}

/// Evaluates fields with a set of names. A copy of it is cheap.
#[derive(Clone)]
pub struct Evaluator<'a> {
    environment: &'static Environment<'static>,
    names: &'a Names,
    values: Value,
    sources: &'a Sources,
}

impl<'a> Evaluator<'a> {
    /// An evaluator for these names; `sources` holds the texts that the fields were read from.
    pub fn new(names: &'a Names, sources: &'a Sources) -> Self {
        let known = names.known.iter();
        let values =
            Value::from_pairs(known.map(|(name, known)| (name.as_str(), known.value.clone())));
        Self {
            environment: &ENVIRONMENT,
            names,
            values,
            sources,
        }
    }

    /// A field that is data. Text that is one expression keeps its type, and a list in a list is spliced in.
    /// Nothing comes of an expression that is `none`.
    pub fn data(&self, node: &Node) -> Result<Option<Node>, Diagnostic> {
        let value = match &node.value {
            Data::Text(text) => return self.text(text, node),
            Data::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    match self.data(item)? {
                        Some(Node {
                            value: Data::List(inner),
                            ..
                        }) if item.text().is_some() => list.extend(inner),
                        Some(item) => list.push(item),
                        None => {}
                    }
                }
                Data::List(list)
            }
            Data::Table(entries) => {
                let mut table = Table::new();
                for (key, entry) in entries {
                    if let Some(node) = self.data(&entry.node)? {
                        table.insert(
                            key.clone(),
                            Entry {
                                key: entry.key,
                                node,
                            },
                        );
                    }
                }
                Data::Table(table)
            }
            plain @ (Data::Integer(_) | Data::Float { .. } | Data::Boolean(_)) => plain.clone(),
        };
        Ok(Some(Node {
            span: node.span,
            value,
        }))
    }

    fn text(&self, text: &str, node: &Node) -> Result<Option<Node>, Diagnostic> {
        if !text.contains("{{") && !text.contains("{%") {
            return Ok(Some(node.clone()));
        }
        self.within_limits(text, true, node)?;
        let Some(expression) = whole_expression(text) else {
            let rendered = self.render(text, node, "data")?;
            return Ok(Some(Node {
                span: node.span,
                value: Data::Text(rendered),
            }));
        };
        // A plain name gives the tree itself, so that a mistake in it is shown where the user made it.
        if let Some(found) = self.names.at(expression) {
            return Ok(Some(found.clone()));
        }
        let value = self
            .environment
            .compile_expression(expression)
            .and_then(|compiled| compiled.eval(&self.values))
            .map_err(|error| self.mistake(&error, text, expression, node))?;
        // What is made of values stands where they were said.
        let paths = expression.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
        let said: Vec<&Node> = paths.filter_map(|path| self.names.at(path)).collect();
        let span = said.first().map_or(node.span, |node| node.span);
        let made = from_value(&value, span, &mut Left::default())
            .map_err(|message| Diagnostic::at(node.span, message))?;
        Ok(made.map(|mut made| {
            settle(&mut made, &said);
            made
        }))
    }

    /// A field that is a script: every inserted value is quoted for the shell, a list as several words.
    pub fn script(&self, node: &Node) -> Result<String, Diagnostic> {
        let text = node.text().unwrap_or_default();
        if text.contains("{{") || text.contains("{%") {
            self.within_limits(text, true, node)?;
            self.render(text, node, "script")
        } else {
            Ok(text.to_owned())
        }
    }

    /// A field that is a condition: `true`, `false` or an expression.
    pub fn condition(&self, node: &Node) -> Result<bool, Diagnostic> {
        if let Some(yes) = node.boolean() {
            return Ok(yes);
        }
        let text = node.text().unwrap_or_default();
        self.within_limits(text, false, node)?;
        self.environment
            .compile_expression(text)
            .and_then(|compiled| compiled.eval(&self.values))
            .map(|value| value.is_true())
            .map_err(|error| self.mistake(&error, text, text, node))
    }

    /// What is wrong with the expressions in a text, as far as it can be told without values.
    pub fn check(&self, node: &Node) -> Option<Diagnostic> {
        let text = node.text().unwrap_or_default();
        if !text.contains("{{") && !text.contains("{%") {
            return None;
        }
        if let Err(mistake) = self.within_limits(text, true, node) {
            return Some(mistake);
        }
        match self.environment.template_from_named_str("data", text) {
            Ok(_) => self.unknown_name(text, true, node),
            Err(error) => Some(self.mistake(&error, text, text, node)),
        }
    }

    /// What is wrong with a condition, as far as it can be told without values.
    pub fn check_condition(&self, node: &Node) -> Option<Diagnostic> {
        let text = node.text()?;
        if let Err(mistake) = self.within_limits(text, false, node) {
            return Some(mistake);
        }
        match self.environment.compile_expression(text) {
            Ok(_) => self.unknown_name(text, false, node),
            Err(error) => Some(self.mistake(&error, text, text, node)),
        }
    }

    fn unknown_name(&self, text: &str, template: bool, node: &Node) -> Option<Diagnostic> {
        let help = self.undefined(text, template)?;
        Some(Diagnostic::at(node.span, "the expression uses a name that is not defined").help(help))
    }

    fn within_limits(&self, text: &str, template: bool, node: &Node) -> Result<(), Diagnostic> {
        match limits::refused(text, template) {
            Some((range, message)) => {
                let place = self.place(text, Some(range), node.span);
                Err(Diagnostic::at(place, message)
                    .help("an expression sees nothing but its names, and cannot fill the memory"))
            }
            None => Ok(()),
        }
    }

    fn render(&self, text: &str, node: &Node, kind: &'static str) -> Result<String, Diagnostic> {
        let mut made = Measured::default();
        self.environment
            .template_from_named_str(kind, text)
            .and_then(|template| {
                template
                    .render_captured_to(&self.values, &mut made)
                    .map(|_| ())
            })
            .map_err(|error| self.mistake(&error, text, text, node))?;
        Ok(made.text())
    }

    /// A failed expression as a mistake at its place in the file that it was read from.
    fn mistake(&self, error: &minijinja::Error, text: &str, part: &str, node: &Node) -> Diagnostic {
        let message = match error.kind() {
            ErrorKind::OutOfFuel => "the expression does not come to an end".to_owned(),
            ErrorKind::WriteFailure => limits::TOO_MUCH.to_owned(),
            ErrorKind::UndefinedError => {
                "the expression uses a name that is not defined".to_owned()
            }
            _ => match error.detail() {
                Some(detail) => format!("the expression is wrong: {detail}"),
                None => format!("the expression is wrong: {}", error.kind()),
            },
        };
        let offset = text.find(part).unwrap_or(0);
        let range = error
            .range()
            .map(|range| range.start + offset..range.end + offset);
        let mut mistake = Diagnostic::at(self.place(text, range, node.span), message);
        if error.kind() == ErrorKind::UndefinedError
            && let Some(help) = self.undefined(part, text == part)
        {
            mistake = mistake.help(help);
        }
        if error.kind() == ErrorKind::SyntaxError && (text.contains("{{") || text.contains("{%")) {
            mistake = mistake.help("`{{` and `{%` begin an expression; to write them as they are, put the text between `{% raw %}` and `{% endraw %}`");
        }
        mistake
    }

    /// Which name is not defined, and which one may have been meant.
    fn undefined(&self, text: &str, template: bool) -> Option<String> {
        let mut used: Vec<String> = if template {
            let template = self
                .environment
                .template_from_named_str("data", text)
                .ok()?;
            template.undeclared_variables(true).into_iter().collect()
        } else {
            let expression = self.environment.compile_expression(text).ok()?;
            expression.undeclared_variables(true).into_iter().collect()
        };
        used.sort();
        used.iter().find_map(|path| self.unknown(path))
    }

    /// Which part of a path such as `spec.packages.runtime` is not defined, and which one may have been meant.
    fn unknown(&self, path: &str) -> Option<String> {
        let (name, below) = path.split_once('.').unwrap_or((path, ""));
        let is_function = || self.environment.globals().any(|(known, _)| known == name);
        if self.names.known.contains_key(name) || is_function() {
            let fields = self.names.fields.get(name)?;
            let field = below.split('.').next().filter(|field| !field.is_empty())?;
            if fields.iter().any(|known| known == field) {
                return None;
            }
            let near = closest(field, fields.iter().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| {
                format!("; did you mean `{name}.{near}`?")
            });
            return Some(format!("`{name}` has no `{field}`{hint}"));
        }
        let unknown = name;
        let names = || self.names.known.keys().map(String::as_str);
        let hint = closest(unknown, names()).map_or_else(
            || {
                format!(
                    "the names are `{}`",
                    names().collect::<Vec<_>>().join("`, `")
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        Some(format!("`{unknown}` is not defined here; {hint}"))
    }

    /// The place of a range of a text. Escapes in the file shift what follows them; then it is the whole text.
    fn place(&self, text: &str, range: Option<std::ops::Range<usize>>, span: Span) -> Span {
        let offset = self.sources.slice(span).find(text);
        match (offset, range) {
            (Some(offset), Some(range)) if range.end <= text.len() => {
                let start = span.start + offset;
                Span::new(span.source, start + range.start..start + range.end)
            }
            _ => span,
        }
    }
}

/// The expression, where a text is one expression and nothing else.
fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}") && !inner.contains("{%")).then(|| inner.trim())
}

/// How expressions are read. It knows no names, so every evaluator shares it.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // A shell script may hold `{#`, as in `${#array}`, so comments of expressions begin otherwise.
    if let Ok(syntax) = minijinja::syntax::SyntaxConfig::builder()
        .comment_delimiters("{/*", "*/}")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
    {
        environment.set_syntax(syntax);
    }
    limits::tame(&mut environment);
    environment.add_filter("continued", quote::continued);
    environment.set_auto_escape_callback(|name| match name {
        "script" => AutoEscape::Custom("script".into()),
        _ => AutoEscape::None,
    });
    environment.set_formatter(|output, state, value| {
        let text = if matches!(state.auto_escape(), AutoEscape::Custom(_)) && !value.is_safe() {
            quote::words(value)?
        } else {
            quote::plain(value)?
        };
        output.write_str(&text).map_err(minijinja::Error::from)
    });
    environment
}

/// A tree as a value for expressions.
fn value(node: &Node) -> Value {
    match &node.value {
        Data::Text(text) => Value::from(text.as_str()),
        Data::Integer(number) => Value::from(*number),
        Data::Float { number, .. } => Value::from(*number),
        Data::Boolean(yes) => Value::from(*yes),
        Data::List(items) => items.iter().map(value).collect(),
        Data::Table(entries) => Value::from_pairs(
            entries
                .iter()
                .map(|(key, entry)| (key.replace('-', "_"), value(&entry.node))),
        ),
    }
}

/// Pieces of a script, one a line, that scripts take in as they stand.
fn script_value(node: &Node) -> Value {
    let lines = match node.text() {
        Some(text) => text.to_owned(),
        None => node
            .items()
            .filter_map(Node::text)
            .collect::<Vec<_>>()
            .join("\n"),
    };
    Value::from_safe_string(lines)
}

/// Puts the texts of a list where one of the trees that it was made of has the same text.
fn settle(made: &mut Node, said: &[&Node]) {
    let Data::List(items) = &mut made.value else {
        return;
    };
    for item in items {
        let Some(text) = item.text() else { continue };
        let values = said.iter().flat_map(|said| {
            let entries = said.entries().map(|(_, entry)| &entry.node);
            said.items().chain(entries)
        });
        if let Some(same) = values.into_iter().find(|value| value.text() == Some(text)) {
            item.span = same.span;
        }
    }
}

/// A value as a tree again, all of it at the place of the expression that made it.
fn from_value(found: &Value, span: Span, left: &mut Left) -> Result<Option<Node>, String> {
    left.take(found.as_str().map_or(0, str::len))?;
    let data = match found.kind() {
        ValueKind::None => return Ok(None),
        ValueKind::Undefined => return Err("the expression has no value".to_owned()),
        ValueKind::Bool => Data::Boolean(found.is_true()),
        ValueKind::Number => match found.as_i64() {
            Some(number) => Data::Integer(number),
            None => Data::Text(found.to_string()),
        },
        ValueKind::String => Data::Text(found.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in found
                .try_iter()
                .map_err(|error| error.to_string())?
                .checked()
            {
                let item = item.map_err(|error| error.to_string())?;
                items.extend(from_value(&item, span, left)?);
            }
            Data::List(items)
        }
        ValueKind::Map => {
            let mut table = Table::new();
            for key in found
                .try_iter()
                .map_err(|error| error.to_string())?
                .checked()
            {
                let key = key.map_err(|error| error.to_string())?;
                let item = found.get_item(&key).map_err(|error| error.to_string())?;
                if let Some(node) = from_value(&item, span, left)? {
                    table.insert(key.to_string(), Entry { key: span, node });
                }
            }
            Data::Table(table)
        }
        other => {
            return Err(format!(
                "the expression gives {other}, which no field can hold"
            ));
        }
    };
    Ok(Some(Node { span, value: data }))
}

#[cfg(test)]
mod tests {
    use super::{Evaluator, Names};
    use crate::data::{self, Node};
    use crate::diag::{Color, Sources, report};

    /// Evaluates the key `field` of a document with the names in its table `names`.
    fn field(text: &str) -> (Sources, Names, Node) {
        let mut sources = Sources::default();
        let id = sources.add("test.toml", text);
        let tree = data::parse(text, id).unwrap();
        let mut names = Names::default();
        for (key, entry) in tree.get("names").unwrap().entries() {
            names.define(key, Some(entry.node.clone()));
        }
        (sources, names, tree.get("field").unwrap().clone())
    }

    fn script(text: &str) -> String {
        let (sources, names, field) = field(text);
        match Evaluator::new(&names, &sources).script(&field) {
            Ok(script) => script,
            Err(mistake) => report(&[mistake], &sources, Color::No),
        }
    }

    #[test]
    fn a_script_quotes_what_is_inserted() {
        let text = "field = 'echo {{ words }} {{ one }} ${#a} {{ words | join(\",\") }}'\n[names]\nwords = ['a b', '$c', '--d=e']\none = \"it's\"";
        assert_eq!(
            script(text),
            "echo 'a b' '$c' --d=e \"it's\" ${#a} 'a b,$c,--d=e'"
        );
    }

    #[test]
    fn a_mistake_is_shown_at_its_place() {
        let text = "field = 'echo {{ wordz }}'\n[names]\nwords = []";
        let shown = script(text);
        assert!(shown.contains("test.toml:1:18"), "{shown}");
        assert!(shown.contains("did you mean `words`?"), "{shown}");
    }

    #[test]
    fn an_expression_that_never_ends_runs_out_of_fuel() {
        let shown = script(
            "field = '{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}'\n[names]",
        );
        assert!(shown.contains("does not come to an end"), "{shown}");
    }

    #[test]
    fn data_keeps_its_type_and_lists_are_spliced() {
        let (sources, names, field) = field(
            "field = ['a', '{{ more }}', '{{ more + [1] }}', 'x{{ one }}']\n[names]\nmore = ['b', 'c']\none = 1",
        );
        let node = Evaluator::new(&names, &sources)
            .data(&field)
            .unwrap()
            .unwrap();
        let texts: Vec<String> = node
            .items()
            .map(|item| format!("{:?}", item.value))
            .collect();
        let expected = [
            "Text(\"a\")",
            "Text(\"b\")",
            "Text(\"c\")",
            "Text(\"b\")",
            "Text(\"c\")",
            "Integer(1)",
            "Text(\"x1\")",
        ];
        assert_eq!(texts, expected);
    }
}
