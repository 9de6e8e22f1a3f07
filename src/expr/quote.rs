//! How a value stands in a text: as it is, or quoted for the shell.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

/// A single value as plain text.
pub(super) fn plain(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number => Ok(value.to_string()),
        ValueKind::Bool => Ok(if value.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::None => Err(wrong("there is no value to insert here")),
        kind => Err(wrong(format!(
            "a {kind} cannot stand inside a text; join it first"
        ))),
    }
}

/// A value as words of a shell command: a list becomes several.
pub(super) fn words(value: &Value) -> Result<String, Error> {
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return word(&plain(value)?);
    }
    Ok(each(value)?.join(" "))
}

/// The words of a list, each on a line of its own that the next one continues: a list that people read and compare.
pub(super) fn continued(value: &Value) -> Result<Value, Error> {
    Ok(Value::from_safe_string(each(value)?.join(" \\\n    ")))
}

fn each(list: &Value) -> Result<Vec<String>, Error> {
    list.try_iter()?
        .checked()
        .map(|item| word(&plain(&item?)?))
        .collect()
}

/// One word of a shell command. What needs no quotes gets none, since people read these scripts.
fn word(text: &str) -> Result<String, Error> {
    let bare = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '@' | '%' | '+' | '=' | ':' | ',' | '.' | '/' | '_' | '-')
    };
    // Some shells take what begins with `=` for the place of a command.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(bare) {
        return Ok(text.to_owned());
    }
    shlex::try_quote(text)
        .map(std::borrow::Cow::into_owned)
        .map_err(|error| wrong(error.to_string()))
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
