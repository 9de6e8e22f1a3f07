//! TOML: the values of a spec as they are spelled in its text.

use std::fmt::Write;

/// The widest that a list stands on one line.
const WIDTH: usize = 100;

/// A text. One of several lines stands as it is between three quotes, where TOML allows it.
pub(in crate::migrate) fn text(text: &str) -> String {
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if text.contains('\n')
        && text.chars().all(plain)
        && !text.contains("'''")
        && !text.ends_with('\'')
    {
        return format!("'''\n{text}'''");
    }
    if text.contains('"') && text.chars().all(|c| c != '\'' && !c.is_control()) {
        return format!("'{text}'");
    }
    let mut spelled = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => spelled.push_str("\\\""),
            '\\' => spelled.push_str("\\\\"),
            '\n' => spelled.push_str("\\n"),
            '\t' => spelled.push_str("\\t"),
            '\r' => spelled.push_str("\\r"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(spelled, "\\u{:04X}", u32::from(c));
            }
            c => spelled.push(c),
        }
    }
    spelled.push('"');
    spelled
}

/// A list of texts.
pub(in crate::migrate) fn list(items: &[String]) -> String {
    let spelled: Vec<String> = items.iter().map(|item| text(item)).collect();
    values(&spelled)
}

/// A list of values that are spelled already.
pub(in crate::migrate) fn values(items: &[String]) -> String {
    let line = format!("[{}]", items.join(", "));
    if line.len() <= WIDTH {
        return line;
    }
    format!("[\n  {},\n]", items.join(",\n  "))
}

/// A table on one line, of values that are spelled already.
pub(in crate::migrate) fn table(pairs: &[(String, String)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{} = {value}", key(name)))
        .collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A key.
pub(in crate::migrate) fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        text(name)
    }
}
