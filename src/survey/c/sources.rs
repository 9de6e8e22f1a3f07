//! What the sources of a C program show without a compiler: the port that it listens on, and the folders that it writes to.
//! Only what stands there as a text or a number is found; what is worked out while it runs is not.

use indexmap::IndexMap;

use super::super::knowledge::Known;
use super::super::{Evidence, Place};

/// The largest number of files that are looked into; those nearest to the top come first.
const FILES: usize = 400;

/// The code of a project, without comments.
pub(super) struct Sources {
    files: Vec<(String, String)>,
    /// What a name stands for: `#define NAME 80`, `int name = 80;`.
    constants: IndexMap<String, String>,
}

/// Reads the code, but for what others wrote and for tests.
pub(super) fn read(evidence: &Evidence, known: &Known) -> Sources {
    let mut endings = known.texts("further-sources");
    endings.extend([known.text("sources"), ".h"]);
    let aside = [known.texts("library-folders"), known.texts("aside")].concat();
    let own = |path: &&str| {
        endings.iter().any(|ending| path.ends_with(ending))
            && !path.split('/').any(|part| aside.contains(&part))
    };
    let mut sources = Sources {
        files: Vec::new(),
        constants: IndexMap::new(),
    };
    for path in evidence.tree.paths().filter(own).take(FILES) {
        let text = code(&evidence.read(path).unwrap_or_default());
        for line in text.lines() {
            if let Some((name, value)) = constant(line) {
                let name = name.to_owned();
                sources.constants.entry(name).or_insert(value.to_owned());
            }
        }
        sources.files.push((path.to_owned(), text));
    }
    sources
}

impl Sources {
    /// The port that a call binds, in a file that also listens.
    pub(super) fn port(&self, known: &Known) -> Option<(u16, Place)> {
        let listens = |text: &&String| !arguments(text, "listen").is_empty();
        for (path, text) in self.files.iter().filter(|(_, text)| listens(&text)) {
            for call in known.tables("binding") {
                let at = usize::from(call.number("at").unwrap_or_default());
                for (line, words) in arguments(text, call.text("call")) {
                    let port = words.get(at).and_then(|word| self.number(word));
                    if let Some(port) = port {
                        return Some((port, Place::new(path, line)));
                    }
                }
            }
        }
        None
    }

    /// The relative folders that a call makes or writes below.
    pub(super) fn folders(&self, known: &Known) -> Vec<(String, Place)> {
        let mut folders: Vec<(String, Place)> = Vec::new();
        for (path, text) in &self.files {
            for call in known.tables("writing") {
                for (line, words) in arguments(text, call.text("call")) {
                    let named = words.first().and_then(|word| self.text(word));
                    let marks = call.texts("marks");
                    let mode = words[1..].join(",");
                    let writes = marks.is_empty() || marks.iter().any(|mark| mode.contains(mark));
                    let Some(named) = named.filter(|_| writes) else {
                        continue;
                    };
                    let named = named.trim_start_matches("./");
                    let folder = match named.split_once('/') {
                        Some((folder, _)) => folder,
                        None if call.maybe("makes") == Some("folder") => named,
                        None => continue,
                    };
                    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                    if !folder.is_empty()
                        && folder.chars().all(plain)
                        && !folders.iter().any(|(other, _)| other == folder)
                    {
                        folders.push((folder.to_owned(), Place::new(path, line)));
                    }
                }
            }
        }
        folders
    }

    /// The number that a word is or stands for.
    fn number(&self, word: &str) -> Option<u16> {
        let word = self.meaning(word).trim_matches('"');
        word.parse().ok().filter(|port| *port > 0)
    }

    /// The text that a word is or stands for.
    fn text<'a>(&'a self, word: &'a str) -> Option<&'a str> {
        let word = self.meaning(word);
        word.strip_prefix('"')?.strip_suffix('"')
    }

    fn meaning<'a>(&'a self, word: &'a str) -> &'a str {
        let name = word.rsplit(['.', '>']).next().unwrap_or(word);
        self.constants.get(name).map_or(word, String::as_str)
    }
}

/// A line that gives a name a number or a text.
fn constant(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (name, value) = match line.strip_prefix("#define ") {
        Some(rest) => rest.trim().split_once(char::is_whitespace)?,
        None => line.trim_end_matches(';').split_once('=')?,
    };
    // A field is known by its own name, whatever it belongs to.
    let name = name.trim().rsplit([' ', '*', '.', '>']).next()?;
    let name = name.trim_end_matches("[]");
    let value = value.trim().trim_start_matches('(').trim_end_matches(')');
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let value = default(name, value).unwrap_or(value);
    let is_text = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    let is_value = is_text || value.parse::<u32>().is_ok();
    (!name.is_empty() && name.chars().all(is_name) && is_value).then_some((name, value))
}

/// The number that a port has if nothing else is asked for: the last of a choice, `given ? read(given) : 80`, or of what a
/// function is told, `number(arguments, "port", 80`, of which the bracket at the end is gone.
fn default<'a>(name: &str, value: &'a str) -> Option<&'a str> {
    if !name.to_lowercase().contains("port") {
        return None;
    }
    let (before, last) = value.rsplit_once([':', ','])?;
    let last = last.trim();
    let is_choice = before.contains('?') || before.contains('(');
    (is_choice && last.parse::<u16>().is_ok()).then_some(last)
}

/// The calls of a function, each with its line and its arguments.
fn arguments<'a>(text: &'a str, function: &str) -> Vec<(usize, Vec<&'a str>)> {
    let mut calls = Vec::new();
    for (at, _) in text.match_indices(function) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let after = text[at + function.len()..].trim_start();
        let Some(inner) = after.strip_prefix('(') else {
            continue;
        };
        let line = text[..at].matches('\n').count() + 1;
        calls.push((line, split(inner)));
    }
    calls
}

/// What stands between commas, up to the bracket that closes the call.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => quoted = true,
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                parts.push(text[from..at].trim());
                return parts;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            // A call ends before its statement does.
            ';' => break,
            _ => {}
        }
    }
    parts.push(text[from..].lines().next().unwrap_or_default().trim());
    parts
}

/// Code without its comments; its lines stay where they are.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut quote = None;
    while let Some(c) = rest.next() {
        if let Some(open) = quote {
            code.push(c);
            if c == '\\' {
                code.extend(rest.next());
            } else if c == open || c == '\n' {
                quote = None;
            }
            continue;
        }
        match (c, rest.peek()) {
            ('/', Some('/')) => while rest.next_if(|next| *next != '\n').is_some() {},
            ('/', Some('*')) => {
                rest.next();
                let mut last = ' ';
                for next in rest.by_ref() {
                    if next == '\n' {
                        code.push(next);
                    }
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
            }
            ('"' | '\'', _) => {
                quote = Some(c);
                code.push(c);
            }
            _ => code.push(c),
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::{arguments, code, constant};

    #[test]
    fn comments_are_no_code() {
        let text = "a /* b\n \" */ c // d\nputs(\"/* no */ // \\\" x\"); '\"' e\n";
        assert_eq!(
            code(text),
            "a \n c \nputs(\"/* no */ // \\\" x\"); '\"' e\n"
        );
    }

    #[test]
    fn names_stand_for_numbers_and_texts() {
        assert_eq!(constant("#define PORT 8080"), Some(("PORT", "8080")));
        assert_eq!(constant("static int port = 80;"), Some(("port", "80")));
        let text = Some(("path", "\"data/x\""));
        assert_eq!(constant("const char *path = \"data/x\";"), text);
        assert_eq!(constant("made->port = 80;"), Some(("port", "80")));
        let chosen = "int port = argc > 1 ? atoi(argv[1]) : 8080;";
        assert_eq!(constant(chosen), Some(("port", "8080")));
        let asked = "int port = number(argv, argc, \"-p\", 80);";
        assert_eq!(constant(asked), Some(("port", "80")));
        assert_eq!(constant("int size = f(a, 80);"), None);
        assert_eq!(constant("if (a == 3)"), None);
        assert_eq!(constant("#define PORT"), None);
    }

    #[test]
    fn calls_are_found_with_their_arguments() {
        let text = "x = htons(80);\nfopen(\"a,b\", f(1, 2));\nmyfopen(1);\nfopen (";
        assert_eq!(arguments(text, "htons"), [(1, vec!["80"])]);
        let found = arguments(text, "fopen");
        assert_eq!(found, [(2, vec!["\"a,b\"", "f(1, 2)"]), (4, vec![""])]);
    }
}
