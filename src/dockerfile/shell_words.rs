//! A line read as shell words, to find the words that start here-documents.
//!
//! This reading knows `\` alone as escape character, whatever the file says, and where it fails (an odd
//! quote, `${a^^}`) the line has no here-document at all.

use super::quoting::name_length;

/// How deep variables may stand within variables.
const MAX_DEPTH: usize = 64;

/// A line read as shell words in which no variable has a value.
pub(super) struct ShellWords<'a> {
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
    /// The words of a line. What is raw stays as it is spelled; nothing comes back where the reading fails.
    pub(super) fn split(text: &'a str, raw_quotes: bool, raw_escapes: bool) -> Option<Vec<String>> {
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
