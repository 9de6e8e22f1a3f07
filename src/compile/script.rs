//! Scripts of `run` steps: what makes one end at the first line that fails.

/// How wide a command may be before it is broken over several lines.
const WIDTH: usize = 96;

/// The text that the shell is given. `bash` says whether the family's images have bash.
///
/// A script of several lines begins with `set -e`. A pipe hides the failure of all but its last command, so a script
/// with one asks for `pipefail`, which Debian's `sh` does not have: there the script is bash's.
pub(super) fn complete(text: &str, bash: bool) -> String {
    let text = text.trim_matches('\n').trim_end();
    if text.starts_with("#!") {
        return text.to_owned();
    }
    let text = on_one_line(text).unwrap_or_else(|| text.to_owned());
    match (has_pipe(&text), bash) {
        (true, true) => format!("#!/bin/bash\nset -eo pipefail\n{text}"),
        (true, false) => format!("set -eo pipefail\n{text}"),
        (false, _) if text.contains('\n') => format!("set -e\n{text}"),
        (false, _) => text,
    }
}

/// One command that is continued over several lines, on a single one if it is short.
fn on_one_line(text: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.pop()?;
    if lines.is_empty() || text.contains(['\'', '"']) {
        return None;
    }
    let mut words = Vec::new();
    for line in lines {
        words.push(line.strip_suffix('\\')?.trim());
    }
    words.push(last.trim());
    let joined = words.join(" ");
    (joined.len() <= WIDTH).then_some(joined)
}

/// Whether a script has a pipe outside quotes and comments.
fn has_pipe(text: &str) -> bool {
    let mut quote = None;
    let mut before = '\n';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None | Some('"'), '\\') => {
                characters.next();
            }
            (None, '\'' | '"') => quote = Some(character),
            (None, '#') if before.is_whitespace() => {
                while characters.peek().is_some_and(|next| *next != '\n') {
                    characters.next();
                }
            }
            (None, '|') if characters.peek() == Some(&'|') => {
                characters.next();
            }
            (None, '|') if before != '>' => return true,
            _ => {}
        }
        before = character;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{complete, has_pipe};

    #[test]
    fn a_script_ends_at_the_first_line_that_fails() {
        for (text, complete_text) in [
            ("make", "make"),
            ("\na\nb\n", "set -e\na\nb"),
            ("a \\\n    b \\\n    c", "a b c"),
            ("a | b", "#!/bin/bash\nset -eo pipefail\na | b"),
            (
                "#!/usr/bin/python3\nprint(1)",
                "#!/usr/bin/python3\nprint(1)",
            ),
        ] {
            assert_eq!(complete(text, true), complete_text, "{text}");
        }
        assert_eq!(complete("a | b", false), "set -eo pipefail\na | b");
    }

    #[test]
    fn finds_pipes_and_nothing_that_only_looks_like_one() {
        for text in ["a | b", "a|b", "a 2>&1 |\nb", "echo \"x\" | y", "a |& b"] {
            assert!(has_pipe(text), "{text}");
        }
        for text in [
            "a || b",
            "echo 'a | b'",
            "echo \"a | b\"",
            "a # | b",
            "a \\| b",
            "a >| b",
            "echo \"it's\" || x",
        ] {
            assert!(!has_pipe(text), "{text}");
        }
    }
}
