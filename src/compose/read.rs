//! The part of a compose file that a user wrote in TOML, as values of a compose file.

use super::interpolation::{self, Malformed};
use super::model::Value;
use crate::data::{self, Node};
use crate::diag::{Diagnostic, Sources, Span};

/// A user's tree with Compose's variables kept and every other `$` doubled, and the mistakes found on the way.
///
/// Names stay as they are: Compose replaces nothing in them.
pub fn read(node: &Node, sources: &Sources) -> (Value, Vec<Diagnostic>) {
    let mut reader = Reader {
        sources,
        mistakes: Vec::new(),
    };
    let value = reader.value(node);
    (value, reader.mistakes)
}

struct Reader<'a> {
    sources: &'a Sources,
    mistakes: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn value(&mut self, node: &Node) -> Value {
        match &node.value {
            data::Value::Text(text) => {
                Value::Text(interpolation::keep(text).unwrap_or_else(|malformed| {
                    self.malformed(node.span, text, &malformed);
                    String::new()
                }))
            }
            data::Value::Integer(number) => Value::Integer(*number),
            data::Value::Float { number, written } => {
                if !number.is_finite() {
                    self.mistakes.push(Diagnostic::at(
                        node.span,
                        format!("`{number}` is no number that a compose file can hold"),
                    ));
                }
                // Compose would read `1.10` as 1.1; where it wants a number, it takes one in quotes too.
                if number.to_string() == *written {
                    Value::Float(*number)
                } else {
                    Value::Text(written.clone())
                }
            }
            data::Value::Boolean(yes) => Value::Boolean(*yes),
            data::Value::List(items) => items.iter().map(|item| self.value(item)).collect(),
            data::Value::Table(table) => Value::Map(
                table
                    .iter()
                    .map(|(name, entry)| (name.clone(), self.value(&entry.node)))
                    .collect(),
            ),
        }
    }

    /// The place within the text, where the text stands in the source as it is; else, the whole value.
    fn malformed(&mut self, span: Span, text: &str, malformed: &Malformed) {
        let place = self.sources.slice(span).find(text).map_or(span, |start| {
            let start = span.start + start;
            Span {
                start: start + malformed.range.start,
                end: start + malformed.range.end,
                ..span
            }
        });
        self.mistakes.push(
            Diagnostic::at(place, malformed.to_string())
                .help("write `$${` where the characters `${` are meant"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::compose::{Value, map};
    use crate::data;
    use crate::diag::Sources;

    #[test]
    fn the_order_stays_and_names_keep_their_dollars() {
        let text = "zeta = '$A ${A:-b}'\n[alpha]\n'$k' = [1, 2.5, true]\n";
        let mut sources = Sources::default();
        let node = data::parse(text, sources.add("dockwright.toml", text)).unwrap();
        let (value, mistakes) = read(&node, &sources);
        assert_eq!(mistakes, []);
        let list = Value::List(vec![1.into(), Value::Float(2.5), true.into()]);
        let expected = map([
            ("zeta", "$$A ${A:-b}".into()),
            ("alpha", map([("$k", list)]).into()),
        ]);
        assert_eq!(value, expected.into());
    }

    #[test]
    fn a_malformed_variable_is_shown_where_it_stands() {
        let text = "a = 'b ${C'\nd = \"\\t${}\"\ne = nan\n";
        let mut sources = Sources::default();
        let node = data::parse(text, sources.add("dockwright.toml", text)).unwrap();
        let (_, mistakes) = read(&node, &sources);
        let places: Vec<&str> = mistakes
            .iter()
            .map(|mistake| sources.slice(mistake.primary.as_ref().unwrap().span))
            .collect();
        assert_eq!(places, ["${C", "\"\\t${}\"", "nan"]);
    }
}
