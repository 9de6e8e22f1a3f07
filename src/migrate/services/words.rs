//! A part of a compose file as a spec says it: TOML, with the comments of the file.

use std::fmt::Write;

use indexmap::IndexMap;

use crate::compose::{Comment, Content, Tree, Value, interpolation};
use crate::migrate::draft::{self, spell};

/// The widest that a value stands on one line.
const WIDTH: usize = 90;

/// Keys whose map says something by a name without a value: it comes from where Compose runs.
const PASSED_ON: &[&str] = &["environment", "args"];

/// Sections in which a name may stand for itself.
const NAMED: &[&str] = &["networks", "volumes", "secrets", "configs", "models"];

/// Why something cannot be said in a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) line: usize,
    pub(super) reason: String,
}

/// A tree in the words of a spec: variables in braces, and nothing that is null. `empty` takes the path and the line of
/// what says nothing and is left out.
pub(super) fn said(
    tree: &Tree,
    path: &str,
    lines: &[&str],
    empty: &mut Vec<(usize, String)>,
) -> Result<Tree, Refusal> {
    let refuse = |reason: &str| {
        Err(Refusal {
            line: tree.line,
            reason: reason.to_owned(),
        })
    };
    let key = path.rsplit('.').next().unwrap_or_default();
    let content = match &tree.content {
        Content::Scalar(Value::Null) => {
            return refuse(&format!("`{path}` has an item that is nothing"));
        }
        Content::Scalar(Value::Float(number)) if !number.is_finite() => {
            return refuse(&format!("`{path}` is no number that a spec can hold"));
        }
        // A mode is a number of base 8, and TOML has no such number that looks like one.
        Content::Scalar(Value::Integer(mode)) if key == "mode" => {
            Content::Scalar(format!("0{mode:o}").into())
        }
        Content::Scalar(Value::Text(text)) => match switch(text, lines.get(tree.line - 1)) {
            Some(yes) => Content::Scalar(yes.into()),
            None => match interpolation::braced(text) {
                Ok(text) => Content::Scalar(text.into()),
                Err(malformed) => return refuse(&format!("Compose refuses `{path}`: {malformed}")),
            },
        },
        Content::Scalar(value) => Content::Scalar(value.clone()),
        Content::List(items) => {
            let items = items.iter().map(|item| said(item, path, lines, empty));
            Content::List(items.collect::<Result<_, _>>()?)
        }
        Content::Map(entries) => entries_said(entries, path, lines, empty)?,
    };
    Ok(Tree {
        line: tree.line,
        content,
    })
}

fn entries_said(
    entries: &IndexMap<String, Tree>,
    path: &str,
    lines: &[&str],
    empty: &mut Vec<(usize, String)>,
) -> Result<Content, Refusal> {
    let key = path.rsplit('.').next().unwrap_or_default();
    let is_null = |tree: &Tree| tree.content == Content::Scalar(Value::Null);
    let text = |line: usize, text: String| Tree {
        line,
        content: Content::Scalar(text.into()),
    };
    let nulls = entries.values().filter(|value| is_null(value)).count();
    if nulls > 0 && PASSED_ON.contains(&key) {
        let items = entries.iter().map(|(name, value)| {
            // Compose replaces variables in an item, and not in a name.
            let name = name.replace('$', "$$");
            if is_null(value) {
                return Ok(text(value.line, name));
            }
            let value = said(value, path, lines, empty)?;
            let said = value.text().unwrap_or_default();
            Ok(text(value.line, format!("{name}={said}")))
        });
        return Ok(Content::List(items.collect::<Result<_, _>>()?));
    }
    let is_list_of_names = nulls == entries.len() && path.starts_with("services.");
    if nulls > 0 && key == "networks" && is_list_of_names {
        let items = entries.iter();
        let items = items.map(|(name, value)| text(value.line, name.clone()));
        return Ok(Content::List(items.collect()));
    }
    let mut kept = IndexMap::new();
    for (name, value) in entries {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        if !is_null(value) {
            kept.insert(name.clone(), said(value, &below, lines, empty)?);
        } else if NAMED.contains(&key) {
            kept.insert(
                name.clone(),
                Tree {
                    line: value.line,
                    content: Content::Map(IndexMap::new()),
                },
            );
        } else {
            empty.push((value.line, below));
        }
    }
    Ok(Content::Map(kept))
}

/// The switch that a text is for Compose where it stands in no quotes.
fn switch(text: &str, line: Option<&&str>) -> Option<bool> {
    let quoted = |quote: char| line.is_some_and(|line| line.contains(&format!("{quote}{text}")));
    if quoted('"') || quoted('\'') {
        return None;
    }
    match text {
        "True" | "TRUE" => Some(true),
        "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Writes parts of a compose file into a spec.
pub(super) struct Words<'a> {
    comments: &'a [Comment],
    /// For each comment, the path at which it stands now.
    pub(super) placed: Vec<Option<String>>,
    pub(super) text: String,
}

impl<'a> Words<'a> {
    pub(super) fn new(comments: &'a [Comment]) -> Self {
        Self {
            comments,
            placed: vec![None; comments.len()],
            text: String::new(),
        }
    }

    /// The comments at a line that stand nowhere yet, as lines of TOML.
    pub(super) fn comments(&mut self, line: usize, path: &str) -> String {
        let mut text = String::new();
        for (comment, placed) in self.comments.iter().zip(&mut self.placed) {
            if comment.about == Some(line) && placed.is_none() {
                *placed = Some(path.to_owned());
                text.push_str(&draft::comment_line(&comment.text));
            }
        }
        text
    }

    /// A table with its keys and the tables below it. `above` are comments that belong to it.
    pub(super) fn table(&mut self, path: &str, above: &str, entries: &IndexMap<String, Tree>) {
        let mut below = Vec::new();
        let mut values = String::new();
        for (name, tree) in entries {
            let place = format!("{path}.{}", spell::key(name));
            if self.is_table(tree, &place, name.len()) {
                below.push((place, tree));
                continue;
            }
            let above = self.comments(tree.line, &place);
            let value = self.value(tree, &place);
            let _ = writeln!(values, "{above}{} = {value}", spell::key(name));
        }
        if !values.is_empty() || below.is_empty() || !above.is_empty() {
            let _ = write!(self.text, "\n{above}[{path}]\n{values}");
        }
        for (place, tree) in below {
            let above = self.comments(tree.line, &place);
            self.table(&place, &above, tree.map().unwrap_or(&IndexMap::new()));
        }
    }

    /// Whether a map is better a table than a value on a line, as each service is.
    fn is_table(&self, tree: &Tree, path: &str, name: usize) -> bool {
        let Some(entries) = tree.map().filter(|entries| !entries.is_empty()) else {
            return false;
        };
        let below = path.strip_prefix("compose.services");
        if below.is_some_and(|rest| rest.matches('.').count() < 2) {
            return true;
        }
        let inner = |tree: &Tree| self.has_comments(tree);
        name + inline(tree).len() > WIDTH || entries.values().any(inner)
    }

    /// Whether a comment that stands nowhere yet is at a tree or within it.
    fn has_comments(&self, tree: &Tree) -> bool {
        let about = |line: usize| {
            let mut comments = self.comments.iter().zip(&self.placed);
            comments.any(|(comment, placed)| placed.is_none() && comment.about == Some(line))
        };
        lines(tree).into_iter().any(about)
    }

    fn value(&mut self, tree: &Tree, path: &str) -> String {
        let text = inline(tree);
        let Some(items) = tree.list() else {
            return text;
        };
        let has_comments = items.iter().any(|item| self.has_comments(item));
        if text.len() <= WIDTH && !has_comments {
            return text;
        }
        let mut spelled = String::from("[\n");
        for item in items {
            for line in lines(item) {
                for comment in self.comments(line, path).lines() {
                    let _ = writeln!(spelled, "  {comment}");
                }
            }
            let _ = writeln!(spelled, "  {},", inline(item));
        }
        spelled.push(']');
        spelled
    }
}

/// The lines that a tree stands on.
fn lines(tree: &Tree) -> Vec<usize> {
    let mut found = vec![tree.line];
    match &tree.content {
        Content::Scalar(_) => {}
        Content::List(items) => found.extend(items.iter().flat_map(lines)),
        Content::Map(entries) => found.extend(entries.values().flat_map(lines)),
    }
    found.dedup();
    found
}

/// A value of TOML on one line, but for texts of several lines.
fn inline(tree: &Tree) -> String {
    match &tree.content {
        Content::Scalar(Value::Text(text)) => spell::text(text),
        Content::Scalar(_) => tree.text().unwrap_or_default(),
        Content::List(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Content::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Content::Map(entries) => {
            let pairs: Vec<(String, String)> = entries
                .iter()
                .map(|(name, tree)| (name.clone(), inline(tree)))
                .collect();
            spell::table(&pairs)
        }
    }
}
