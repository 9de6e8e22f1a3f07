//! Here-documents: the `<<` words that start them, and the texts behind the line.
//!
//! Which words start one is decided by a reading of the whole line as shell words.

use super::{invalid::Invalid, shell_words::ShellWords};

/// One here-document: its word and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    pub(super) name: String,
    pub(super) expand: bool,
    pub(super) strip_tabs: bool,
    pub(super) descriptor: u64,
    pub(super) content: String,
}

impl Heredoc {
    /// A text that arrives exactly as given (`<<"name"`). Under `COPY` the name is the file's name.
    pub fn literal(name: &str, content: &str) -> Result<Self, Invalid> {
        Self::checked(name, content, false)
    }

    /// A text in which variables are expanded (`<<name`).
    pub fn template(name: &str, content: &str) -> Result<Self, Invalid> {
        Self::checked(name, content, true)
    }

    fn checked(name: &str, content: &str, expand: bool) -> Result<Self, Invalid> {
        let is_plain =
            |character: char| character.is_ascii_alphanumeric() || "_.-".contains(character);
        if name.is_empty() || name.starts_with('-') || !name.chars().all(is_plain) {
            return Err(Invalid::Name {
                of: "the word of a here-document",
                text: name.to_owned(),
            });
        }
        let mut content = content.to_owned();
        if !content.is_empty() && !content.ends_with('\n') {
            content.push('\n');
        }
        check_content(&content)?;
        let heredoc = Self {
            name: name.to_owned(),
            expand,
            strip_tabs: false,
            descriptor: 0,
            content,
        };
        if heredoc.holds_its_end() {
            return Err(Invalid::Terminator(name.to_owned()));
        }
        Ok(heredoc)
    }

    /// The word that ends it, and under `COPY` and `ADD` the name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, line breaks and all, as it stands between the line and the end word.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Whether variables in it are expanded: no part of its word was quoted.
    pub fn expands(&self) -> bool {
        self.expand
    }

    /// Whether tabs at the start of its lines are dropped (`<<-`). [`Self::content`] still has them.
    pub fn strips_tabs(&self) -> bool {
        self.strip_tabs
    }

    /// The file descriptor before `<<`, or 0.
    pub fn descriptor(&self) -> u64 {
        self.descriptor
    }

    fn holds_its_end(&self) -> bool {
        self.content
            .split_inclusive('\n')
            .any(|line| self.ends_at(line.as_bytes()))
    }

    /// Whether a line is the one that ends this here-document.
    pub(super) fn ends_at(&self, line: &[u8]) -> bool {
        let end = line
            .iter()
            .rposition(|byte| !matches!(byte, b'\r' | b'\n'))
            .map_or(0, |last| last + 1);
        let mut line = &line[..end];
        if self.strip_tabs {
            let start = line
                .iter()
                .position(|byte| *byte != b'\t')
                .unwrap_or(line.len());
            line = &line[start..];
        }
        line == self.name.as_bytes()
    }

    /// Its word as it is printed.
    pub(super) fn word(&self) -> String {
        let mut word = String::new();
        if self.descriptor != 0 {
            word.push_str(&self.descriptor.to_string());
        }
        word.push_str(if self.strip_tabs { "<<-" } else { "<<" });
        if self.expand {
            for character in self.name.chars() {
                if !is_plain(character) {
                    word.push('\\');
                }
                word.push(character);
            }
        } else {
            word.push('"');
            for character in self.name.chars() {
                if matches!(character, '"' | '\\' | '$') {
                    word.push('\\');
                }
                word.push(character);
            }
            word.push('"');
        }
        word
    }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '_' | '.' | '-' | '/' | ':' | '+' | '@' | ',')
}

/// Refuses text that cannot stand between the line and the end word.
pub(super) fn check_content(content: &str) -> Result<(), Invalid> {
    if content.contains('\0') {
        return Err(Invalid::Nul);
    }
    match content.lines().map(str::len).max() {
        Some(longest) if longest > super::MAX_LINE => Err(Invalid::LongLine(longest)),
        _ => Ok(()),
    }
}

/// The here-documents that a line starts, still without their texts.
pub(super) fn in_line(line: &str) -> Vec<Heredoc> {
    if !line.contains("<<") {
        return Vec::new();
    }
    let words = ShellWords::split(line, true, true).unwrap_or_default();
    words.iter().filter_map(|word| of_word(word)).collect()
}

/// The here-document that a word starts, if it does.
pub(super) fn of_word(word: &str) -> Option<Heredoc> {
    let digits = word
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(word.len());
    let (digits, rest) = word.split_at(digits);
    let rest = rest.strip_prefix("<<")?;
    let (strip_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let [name] = <[String; 1]>::try_from(ShellWords::split(rest, false, false)?).ok()?;
    let [raw] = <[String; 1]>::try_from(ShellWords::split(rest, true, false)?).ok()?;
    let quotes = |text: &str| text.matches(['\'', '"']).count();
    Some(Heredoc {
        expand: quotes(&name) == quotes(&raw),
        name,
        strip_tabs,
        descriptor: if digits.is_empty() {
            0
        } else {
            digits.parse().unwrap_or(u64::MAX)
        },
        content: String::new(),
    })
}
