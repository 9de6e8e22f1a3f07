//! Here-documents: the `<<` words that start them, and the texts behind the line.
//!
//! Which words start one is decided by a reading of the whole line as shell words. That reading
//! knows `\` alone as escape character, and where it fails (an odd quote, `${a^^}`) the line has no
//! here-document at all.

use super::{invalid::Invalid, quoting::name_length};

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

/// How deep variables may stand within variables.
const MAX_DEPTH: usize = 64;

/// A line read as shell words in which no variable has a value.
struct ShellWords<'a> {
    text: &'a str,
    at: usize,
    raw_quotes: bool,
    raw_escapes: bool,
    depth: usize,
    /// The word that is being read. There is one for all depths: a variable with a word of its own
    /// makes `BuildKit` forget what stood before it, and so here.
    word: String,
}

impl<'a> ShellWords<'a> {
    fn split(text: &'a str, raw_quotes: bool, raw_escapes: bool) -> Option<Vec<String>> {
        let mut reader = Self {
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
            at: 0,
            raw_quotes,
            raw_escapes,
            depth: 0,
            word: String::new(),
        };
        reader.until(None).map(|(_, words)| words)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// The text up to a character or the end, and the words in it.
    fn until(&mut self, stop: Option<char>) -> Option<(String, Vec<String>)> {
        self.word.clear();
        let mut words = Words::default();
        let mut whole = String::new();
        while let Some(character) = self.peek() {
            if Some(character) == stop {
                self.next();
                words.end(&mut self.word);
                return Some((whole, words.list));
            }
            match character {
                '$' => {
                    let text = self.dollar()?;
                    whole.push_str(&text);
                    text.chars().for_each(|c| words.add(&mut self.word, c));
                }
                '\'' | '"' | '<' => {
                    let text = match character {
                        '\'' => self.single_quoted()?,
                        '"' => self.double_quoted()?,
                        _ => self.less_than(),
                    };
                    whole.push_str(&text);
                    words.add_kept(&mut self.word, &text);
                }
                '\\' => {
                    self.next();
                    if self.raw_escapes {
                        words.add_kept(&mut self.word, "\\");
                        whole.push('\\');
                    }
                    let Some(escaped) = self.next() else { break };
                    words.add_kept(&mut self.word, escaped.encode_utf8(&mut [0; 4]));
                    whole.push(escaped);
                }
                _ => {
                    self.next();
                    words.add(&mut self.word, character);
                    whole.push(character);
                }
            }
        }
        words.end(&mut self.word);
        stop.is_none().then_some((whole, words.list))
    }

    fn single_quoted(&mut self) -> Option<String> {
        self.next();
        let length = self.text[self.at..].find('\'')?;
        let within = &self.text[self.at..self.at + length];
        self.at += length + 1;
        Some(if self.raw_quotes {
            format!("'{within}'")
        } else {
            within.to_owned()
        })
    }

    fn double_quoted(&mut self) -> Option<String> {
        self.next();
        let mut text = String::new();
        if self.raw_quotes {
            text.push('"');
        }
        loop {
            match self.peek()? {
                '"' => {
                    self.next();
                    if self.raw_quotes {
                        text.push('"');
                    }
                    return Some(text);
                }
                '$' => text.push_str(&self.dollar()?),
                mut character => {
                    self.next();
                    if character == '\\' {
                        if self.raw_escapes {
                            text.push('\\');
                        }
                        let escaped = self.peek()?;
                        if matches!(escaped, '"' | '$' | '\\') {
                            self.next();
                            character = escaped;
                        }
                    }
                    text.push(character);
                }
            }
        }
    }

    /// `<`, or `<<` together with the blanks behind it.
    fn less_than(&mut self) -> String {
        self.next();
        if self.peek() != Some('<') {
            return "<".to_owned();
        }
        let start = self.at - 1;
        self.next();
        while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
            self.next();
        }
        self.text[start..self.at].to_owned()
    }

    fn dollar(&mut self) -> Option<String> {
        self.next();
        if self.peek() != Some('{') {
            return Some(format!("${}", self.name()));
        }
        self.next();
        if matches!(self.peek()?, '{' | '}' | ':') {
            return None;
        }
        let name = self.name().to_owned();
        let first = self.next()?;
        match first {
            '}' => Some(format!("${{{name}}}")),
            ':' => {
                let second = self.next()?;
                if matches!(second, '#' | '%') {
                    return None;
                }
                let word = self.deeper('}', false)?;
                Some(format!("${{{name}:{second}{word}}}"))
            }
            '+' | '-' | '?' | '#' | '%' => {
                let word = self.deeper('}', matches!(first, '#' | '%'))?;
                Some(format!("${{{name}{first}{word}}}"))
            }
            '/' => {
                if self.peek() == Some('/') {
                    self.next();
                }
                let pattern = self.deeper('/', true)?;
                let replacement = self.deeper('}', true)?;
                Some(format!("${{{name}/{pattern}/{replacement}}}"))
            }
            _ => None,
        }
    }

    fn name(&mut self) -> &str {
        let start = self.at;
        self.at += name_length(&self.text[start..]);
        &self.text[start..self.at]
    }

    fn deeper(&mut self, stop: char, raw_escapes: bool) -> Option<String> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let read = self.until(Some(stop));
        self.raw_escapes = outer;
        self.depth -= 1;
        read.map(|(whole, _)| whole)
    }
}

/// The words read so far at one depth.
#[derive(Default)]
struct Words {
    list: Vec<String>,
    inside: bool,
}

impl Words {
    fn add(&mut self, word: &mut String, character: char) {
        if !character.is_whitespace() {
            word.push(character);
            self.inside = true;
        } else if self.inside && !word.is_empty() {
            self.list.push(std::mem::take(word));
            self.inside = false;
        }
    }

    fn add_kept(&mut self, word: &mut String, text: &str) {
        word.push_str(text);
        self.inside = true;
    }

    fn end(&mut self, word: &mut String) {
        if !word.is_empty() {
            self.list.push(std::mem::take(word));
            self.inside = false;
        }
    }
}
