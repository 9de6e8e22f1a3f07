//! The `# name=value` lines at the start of a file.

pub(super) use super::document::DirectiveName as Name;

/// A line that is a directive.
pub(super) struct Line {
    pub(super) name: Name,
    pub(super) value: String,
}

/// Reads a line, without the blanks before it, as a directive. Everything else ends the directives.
pub(super) fn read(line: &[u8]) -> Option<Line> {
    let line = String::from_utf8_lossy(line.strip_prefix(b"#")?);
    let line = line.trim_start();
    let length = line
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(line.len());
    let (name, rest) = line.split_at(length);
    let name = Name::ALL
        .into_iter()
        .find(|known| known.word().eq_ignore_ascii_case(name))?;
    let behind = rest.trim_start_matches(is_blank).strip_prefix('=')?;
    let value = behind.trim_matches(is_blank);
    let value = if value.is_empty() {
        // A blank alone is a value too.
        behind
            .char_indices()
            .next_back()
            .map(|(last, _)| &behind[last..])?
    } else {
        value
    };
    Some(Line {
        name,
        value: value.to_owned(),
    })
}

fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}

/// Checks the options of `check`, such as `skip=all;error=true`, and returns the one that is none.
pub(super) fn check_options(value: &str) -> Result<(), String> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(());
    }
    for option in value.splitn(3, ';') {
        let (name, set) = option.split_once('=').ok_or_else(|| option.to_owned())?;
        let is_switch = matches!(
            set.trim(),
            "1" | "t"
                | "T"
                | "TRUE"
                | "true"
                | "True"
                | "0"
                | "f"
                | "F"
                | "FALSE"
                | "false"
                | "False"
        );
        match name.trim() {
            "skip" | "experimental" => {}
            "error" if is_switch => {}
            _ => return Err(option.to_owned()),
        }
    }
    Ok(())
}
