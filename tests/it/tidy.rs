//! What holds of the code itself.

use std::fs;
use std::path::Path;

use crate::support::{Differences, files_below, listing, name, tests};

/// The rooms of `src/`, from the ground up. A room imports rooms below its own level only; docs/architecture.md says
/// which ones it does import.
const LEVELS: &[&[&str]] = &[
    &["diag", "files", "stamp"],
    &["data", "dockerfile"],
    &["compose", "expr", "spec", "preset"],
    &["plan", "compare", "survey"],
    &["compile", "render", "drift", "adopt", "migrate"],
    &["cli"],
];

/// How long a file may grow before it is asked to become two.
const LINES: usize = 700;

/// Words of package managers and their like. What the code does for one of them belongs into its preset.
const TOOLS: &[&str] = &[
    "pip",
    "poetry",
    "cmake",
    "uv",
    "playwright",
    "ccache",
    "npm",
    "cargo",
];

/// The keywords of a Dockerfile; only the room of that language spells them.
const KEYWORDS: &[&str] = &[
    "FROM",
    "RUN",
    "CMD",
    "LABEL",
    "MAINTAINER",
    "EXPOSE",
    "ENV",
    "ADD",
    "COPY",
    "ENTRYPOINT",
    "VOLUME",
    "USER",
    "WORKDIR",
    "ARG",
    "ONBUILD",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "SHELL",
];

struct File {
    /// The path from the top, with `/` between its parts.
    path: String,
    text: String,
}

impl File {
    /// The code before the tests that stand in the same file; nothing of a file that holds only tests.
    fn code(&self) -> &str {
        if self.path.ends_with("/tests.rs") {
            return "";
        }
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// The code without comments, line by line.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let lines = self.code().lines().enumerate();
        lines
            .filter(move |(_, line)| is_code(line))
            .map(|(at, line)| (at + 1, line))
    }

    /// The room that a file of `src/` lies in.
    fn room(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        Some(rest.split_once('/')?.0)
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text files below some folders.
fn files(folders: &[&str]) -> Vec<File> {
    let below = folders.iter().flat_map(|folder| {
        let files = files_below(&repository().join(folder)).into_iter();
        files.map(move |file| format!("{folder}/{file}"))
    });
    below
        .filter_map(|path| {
            let text = fs::read_to_string(repository().join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect()
}

fn sources() -> Vec<File> {
    files(&["src"])
}

/// Whether a word stands in a line on its own.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}

/// The rooms that a line of code names.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next()
                .unwrap_or_default(),
        };
        rooms.extend(names.split(',').map(|name| {
            name.trim()
                .split("::")
                .next()
                .unwrap_or_default()
                .to_owned()
        }));
    }
    rooms
}

#[test]
fn rooms_import_only_what_lies_below_them() {
    let mut differences = Differences::default();
    let level = |room: &str| LEVELS.iter().position(|rooms| rooms.contains(&room));
    for file in sources() {
        let Some(room) = file.room() else { continue };
        let Some(own) = level(room) else {
            differences.note(format!(
                "{}: the room `{room}` has no level in tests/it/tidy.rs",
                file.path
            ));
            continue;
        };
        for import in imports(file.code()) {
            if import != room && level(&import).is_some_and(|level| level >= own) {
                differences.note(format!("{}: `{room}` must not know `{import}`", file.path));
            }
        }
    }
    let rooms = listing(&repository().join("src"))
        .into_iter()
        .filter(|path| path.is_dir());
    let rooms: Vec<String> = rooms.map(|path| name(&path)).collect();
    for room in LEVELS.iter().copied().flatten() {
        if !rooms.iter().any(|found| found == room) {
            differences.note(format!("there is no room `{room}` any more"));
        }
    }
    differences.finish();
}

#[test]
fn the_world_is_touched_in_one_room_each() {
    let mut differences = Differences::default();
    let fences: &[(&str, &[&str])] = &[
        ("std::fs", &["files"]),
        ("std::env", &["cli"]),
        ("std::process", &["cli", "files"]),
        ("std::net::Tcp", &[]),
        ("SystemTime", &[]),
        ("Instant::now", &[]),
        ("println!", &["cli"]),
        ("eprintln!", &["cli"]),
        ("print!", &["cli"]),
        ("io::stdout", &["cli"]),
        ("io::stderr", &["cli"]),
        ("minijinja", &["expr"]),
        ("toml_edit", &["spec", "adopt"]),
        ("HashMap", &[]),
        ("unsafe", &[]),
    ];
    for file in sources() {
        let Some(room) = file.room() else { continue };
        for (line, text) in file.lines() {
            for (word, rooms) in fences {
                if has_word(text, word) && !rooms.contains(&room) {
                    differences.note(format!(
                        "{}:{line}: `{word}` belongs into {rooms:?}",
                        file.path
                    ));
                }
            }
        }
    }
    differences.finish();
}

/// The plan knows no language: what is done for a tool is said in its preset.
#[test]
fn no_tool_is_named_in_code() {
    let mut differences = Differences::default();
    for file in sources() {
        // The list of presets is where their names stand, and a language is migrated from by knowing its words.
        if file.path == "src/preset/builtin.rs" || file.room() == Some("facts") {
            continue;
        }
        for (line, text) in file.lines() {
            for tool in TOOLS {
                if has_word(text, tool) {
                    differences.note(format!("{}:{line}: `{tool}`", file.path));
                }
            }
        }
    }
    differences.finish();
}

/// Presets and templates are data; they spell no instruction. Their comments and reasons may name one.
#[test]
fn no_keyword_is_spelled_outside_of_its_language() {
    let mut differences = Differences::default();
    for file in files(&["presets", "templates"]) {
        for (at, line) in file.text.lines().enumerate() {
            let first = line.split_whitespace().next().unwrap_or_default();
            if KEYWORDS.contains(&first) {
                differences.note(format!("{}:{}: {line}", file.path, at + 1));
            }
        }
    }
    for file in sources() {
        if matches!(file.room(), Some("dockerfile" | "compare")) {
            continue;
        }
        for (line, text) in file.lines() {
            for keyword in KEYWORDS {
                let spelled = [
                    format!("\"{keyword} "),
                    format!("\"{keyword}\""),
                    format!("\\n{keyword} "),
                ];
                if spelled.iter().any(|spelled| text.contains(spelled))
                    && !text.contains("\"CMD\".into()")
                {
                    differences.note(format!("{}:{line}: {}", file.path, text.trim()));
                }
            }
        }
    }
    differences.finish();
}

#[test]
fn every_preset_has_a_golden() {
    let mut differences = Differences::default();
    let mut used = String::new();
    for case in listing(&tests("golden")) {
        let spec: toml::Table =
            toml::from_str(&fs::read_to_string(case.join("dockwright.toml")).unwrap()).unwrap();
        for key in ["preset", "package-manager"] {
            used.push_str(
                spec.get(key)
                    .and_then(|value| value.as_str())
                    .unwrap_or_default(),
            );
            used.push(' ');
        }
        for overlay in spec
            .get("with")
            .and_then(|value| value.as_array())
            .into_iter()
            .flatten()
        {
            used.push_str(overlay.as_str().unwrap_or_default());
            used.push(' ');
        }
    }
    for preset in listing(&repository().join("presets")) {
        let preset = name(&preset).replace(".toml", "");
        if !has_word(&used, &preset) {
            differences.note(format!(
                "no spec in tests/golden/ uses the preset `{preset}`"
            ));
        }
    }
    differences.finish();
}

#[test]
fn files_are_tidy() {
    let mut differences = Differences::default();
    for file in files(&["src", "tests/it", "presets", "templates", "docs", ".ci"]) {
        let path = &file.path;
        let mut note = |text: &str| differences.note(format!("{path}: {text}"));
        let is_code = Path::new(path)
            .extension()
            .is_some_and(|ending| ending == "rs");
        if is_code && !file.text.starts_with("//!") {
            note("a module begins with what it is about: `//! ...`");
        }
        let lines = file.text.lines().count();
        if is_code && lines > LINES {
            note(&format!("{lines} lines are too many for one file"));
        }
        if !file.text.ends_with('\n') || file.text.ends_with("\n\n") {
            note("a file ends with one line break");
        }
        for (at, line) in file.text.lines().enumerate() {
            let mut note = |text: &str| note(&format!("{}: {text}", at + 1));
            if line.ends_with([' ', '\t']) {
                note("blanks at the end of a line");
            }
            // In parts, so that this file does not find itself.
            for word in [["TO", "DO"], ["FIX", "ME"], ["XX", "X:"], ["HA", "CK"]] {
                if has_word(line, &word.concat()) {
                    note(&word.concat());
                }
            }
            for path in [
                ["/home", "/"],
                ["/Users", "/"],
                ["/work", "/"],
                ["C:\\", "Users"],
            ] {
                if line.contains(&path.concat())
                    && !line.contains("home/{")
                    && !line.contains("/home/app")
                {
                    note(&format!("a path of one machine: {line}"));
                }
            }
        }
    }
    differences.finish();
}
