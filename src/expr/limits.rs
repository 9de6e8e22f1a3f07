//! What an expression may not do, so that a few lines cannot fill the memory: fuel alone counts steps, and a step may
//! double a text.

use std::io;
use std::ops::Range;

use minijinja::value::{Rest, Value};
use minijinja::{Environment, Error, ErrorKind, State, filters};

/// How many bytes of text, or values of a list, an expression may make: far more than any field of a preset needs.
const MOST: usize = 1 << 20;

/// What is said of one that makes more.
pub(super) const TOO_MUCH: &str = "the expression makes more than a megabyte";

/// How deep loops may stand in each other: each gives names to what it makes.
const DEEPEST: usize = 3;

/// What a text with expressions, or one expression, says and may not; and where.
pub(super) fn refused(text: &str, template: bool) -> Option<(Range<usize>, String)> {
    if !template {
        return code(text, "").1.map(multiplied);
    }
    let mut at = 0;
    let mut depth = 0_usize;
    while let Some(found) = text[at..].find('{') {
        let start = at + found + 1;
        let close = match text[start..].chars().next() {
            Some('{') => "}}",
            Some('%') => "%}",
            _ => {
                at = start;
                continue;
            }
        };
        let inside = &text[start + 1..];
        let (length, star) = code(inside, close);
        at = start + 1 + length;
        if let Some(star) = star {
            return Some(multiplied(start + 1 + star));
        }
        if close == "}}" {
            continue;
        }
        let tag =
            inside[..length].trim_start_matches(|c: char| c.is_whitespace() || "-+".contains(c));
        let word = tag
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        let place = start + 1 + length - tag.len();
        let place = place..place + word.len();
        match word {
            "if" | "elif" | "else" | "endif" | "endraw" | "" => {}
            "raw" => at += text[at..].find("endraw").unwrap_or(text.len() - at),
            "endfor" => depth = depth.saturating_sub(1),
            "for" if depth == DEEPEST => {
                return Some((
                    place,
                    format!("loops stand at most {DEEPEST} deep in each other"),
                ));
            }
            "for"
                if tag
                    .trim_end_matches(['-', '+', ' '])
                    .ends_with(" recursive") =>
            {
                return Some((place, "a loop cannot call itself".to_owned()));
            }
            "for" => depth += 1,
            other => {
                let message =
                    format!("an expression knows `if`, `for` and `raw`, and no `{other}`");
                return Some((place, message));
            }
        }
    }
    None
}

fn multiplied(at: usize) -> (Range<usize>, String) {
    (at..at + 1, "an expression cannot multiply".to_owned())
}

/// How long the code of an expression is, up to what closes it, and where it multiplies. What is quoted is no code.
fn code(text: &str, close: &str) -> (usize, Option<usize>) {
    let mut quote = None;
    let mut escaped = false;
    let mut star = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) => {
                if c == open && !escaped {
                    quote = None;
                }
                escaped = c == '\\' && !escaped;
            }
            None if !close.is_empty() && text[at..].starts_with(close) => return (at, star),
            None => match c {
                '\'' | '"' => quote = Some(c),
                '*' => star = star.or(Some(at)),
                _ => {}
            },
        }
    }
    (text.len(), star)
}

/// Takes away what could grow beyond all measure by itself, and measures what could with the help of its arguments.
pub(super) fn tame(environment: &mut Environment<'static>) {
    // What changes within a loop could grow with each turn, and a preset has nobody to debug for.
    for function in ["namespace", "debug"] {
        environment.remove_global(function);
    }
    for filter in ["batch", "format", "indent", "pprint", "slice"] {
        environment.remove_filter(filter);
    }
    let replace = Value::from_function(filters::replace);
    environment.add_filter(
        "replace",
        move |state: &mut State, arguments: Rest<Value>| {
            if let [text, from, to, ..] = &arguments[..] {
                let bytes = |value: &Value| value.as_str().unwrap_or_default().len();
                let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let found = text_of(text).matches(text_of(from).as_str()).count();
                measure(bytes(text) + found * bytes(to))?;
            }
            replace.call(state, &arguments)
        },
    );
    let join = Value::from_function(filters::join);
    environment.add_filter("join", move |state: &mut State, arguments: Rest<Value>| {
        let bytes = |value: Option<&Value>| value.and_then(Value::as_str).map_or(0, str::len);
        let mut made = 0;
        for item in arguments
            .first()
            .into_iter()
            .filter_map(|list| list.try_iter().ok())
            .flatten()
        {
            made += bytes(Some(&item)) + bytes(arguments.get(1));
            measure(made)?;
        }
        join.call(state, &arguments)
    });
}

fn measure(made: usize) -> Result<(), Error> {
    if made > MOST {
        return Err(Error::new(ErrorKind::WriteFailure, TOO_MUCH));
    }
    Ok(())
}

/// A text that does not become longer than an expression may make one.
#[derive(Default)]
pub(super) struct Measured(Vec<u8>);

impl Measured {
    pub(super) fn text(self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl io::Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How much of a value may still be made.
pub(super) struct Left(usize);

impl Default for Left {
    fn default() -> Self {
        Self(MOST)
    }
}

impl Left {
    /// Takes a value and its text off what is left.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), String> {
        let left = self.0.checked_sub(bytes + 1);
        self.0 = left.ok_or_else(|| TOO_MUCH.to_owned())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn what_could_grow_is_refused_at_its_place() {
        let template = |text: &'static str| {
            let (range, message) = refused(text, true)?;
            Some((&text[range], message))
        };
        for text in [
            "a * {b} ${#c}",
            "{% if a == '{% set' %}x{% elif b %}*{% else %}{{ '*' ~ \"it's \\\" *\" }}{% endif %}",
            "{%- for a in b -%}{% for c in a %}{{ c }}{%+ endfor %}{% endfor %}",
            "{% raw %}{% set x = 1 * 2 %}{% endraw %}",
            "{% for a in b %}{% endfor %}{% for a in b %}{% endfor %}{% for a in b %}{% endfor %}{% for a in b %}{% endfor %}",
        ] {
            assert_eq!(template(text), None, "{text}");
        }
        let set = "an expression knows `if`, `for` and `raw`, and no `set`";
        assert_eq!(
            template("x {%- set x = x ~ x %}"),
            Some(("set", set.to_owned()))
        );
        let star = "an expression cannot multiply".to_owned();
        assert_eq!(template("{{ 'x' * 9 }}"), Some(("*", star.clone())));
        assert_eq!(refused("a and 'b' * 2", false), Some((10..11, star)));
        let deep = "{% for a in b %}{% for c in a %}{% for d in c %}{% for e in d %}";
        assert_eq!(template(deep).map(|(place, _)| place), Some("for"));
        let again = template("{% for a in b recursive %}");
        assert_eq!(again.map(|(place, _)| place), Some("for"));
    }
}
