//! Scripts of `run` steps: what makes one end at the first line that fails.

/// How wide a command may be before it is broken over several lines.
const WIDTH: usize = 96;

/// The text that the shell is given. `bash` says whether the family's images have bash.
///
/// A script of several commands begins with `set -e`. A pipe hides the failure of all but its last command, so a script
/// with one asks for `pipefail`, which Debian's `sh` does not have: there the script is bash's. A script that names its
/// shell keeps it; one for another program is left alone.
pub(super) fn complete(text: &str, bash: bool) -> String {
    let text = text.trim_matches('\n').trim_end();
    if let Some((shebang, rest)) = text.split_once('\n')
        && let Some(program) = shebang.strip_prefix("#!")
    {
        return match (shell(program), has_pipe(rest)) {
            // Nobody knows which shell `sh` is, and Debian's would end at `pipefail`.
            (Some(shell), true) if !matches!(shell, "sh" | "dash") => {
                format!("{shebang}\nset -eo pipefail\n{rest}")
            }
            (Some(_), _) => format!("{shebang}\nset -e\n{rest}"),
            (None, _) => text.to_owned(),
        };
    }
    let text = on_one_line(text).unwrap_or_else(|| text.to_owned());
    match (has_pipe(&text), bash) {
        (true, true) => format!("#!/bin/bash\nset -eo pipefail\n{text}"),
        (true, false) => format!("set -eo pipefail\n{text}"),
        (false, _) if text.contains('\n') || has_sequence(&text) => format!("set -e\n{text}"),
        (false, _) => text,
    }
}

/// The shell that a shebang names.
fn shell(program: &str) -> Option<&str> {
    let mut names = program
        .split_whitespace()
        .filter_map(|word| word.rsplit('/').next());
    let first = names.next()?;
    let name = if first == "env" { names.next()? } else { first };
    matches!(name, "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh").then_some(name)
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

/// Whether a script has a pipe. One within `"$(...)"` is a pipe too, so there a doubt counts as one.
fn has_pipe(text: &str) -> bool {
    operators(text).any(|(before, operator, after)| {
        operator == '|' && before != '|' && before != '>' && after != Some('|')
    })
}

/// Whether several commands stand on one line, so that only the last would tell of a failure.
fn has_sequence(text: &str) -> bool {
    operators(text).any(|(_, operator, _)| operator == ';')
}

/// The characters of a script that mean something to the shell, each with the one before it and the one after it.
fn operators(text: &str) -> impl Iterator<Item = (char, char, Option<char>)> {
    let mut quote = None;
    let mut substitutes = false;
    let mut before = '\n';
    let mut characters = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            let character = characters.next()?;
            let last = std::mem::replace(&mut before, character);
            let next = characters.peek().copied();
            match (quote, character) {
                (Some(open), _) if open == character => quote = None,
                (None | Some('"'), '\\') => before = characters.next()?,
                (None, '\'' | '"') => {
                    quote = Some(character);
                    substitutes = false;
                }
                (None, '#') if last.is_whitespace() => {
                    while characters.peek().is_some_and(|next| *next != '\n') {
                        characters.next();
                    }
                }
                (Some('"'), '`') => substitutes = true,
                (Some('"'), '$') if next == Some('(') => substitutes = true,
                (None, _) => return Some((last, character, next)),
                (Some('"'), _) if substitutes => return Some((last, character, next)),
                _ => {}
            }
        }
    })
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
            ("a; b", "set -e\na; b"),
            ("echo 'a; b'", "echo 'a; b'"),
            ("#!/bin/sh\na\nb", "#!/bin/sh\nset -e\na\nb"),
            (
                "#!/usr/bin/env bash\na | b",
                "#!/usr/bin/env bash\nset -eo pipefail\na | b",
            ),
        ] {
            assert_eq!(complete(text, true), complete_text, "{text}");
        }
        assert_eq!(complete("a | b", false), "set -eo pipefail\na | b");
    }

    #[test]
    fn finds_pipes_and_nothing_that_only_looks_like_one() {
        for text in [
            "a | b",
            "a|b",
            "a 2>&1 |\nb",
            "echo \"x\" | y",
            "a |& b",
            "x=\"$(a | b)\"",
            "x=\"`a | b`\"",
        ] {
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
