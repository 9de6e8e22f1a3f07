//! Reading a word from its start to its end, and expanding it on the way.

use super::super::invalid::WordError;
use super::super::quoting::name_length;
use super::{ExpandError, Form, LONGEST_TEXT, Lexer, Use, Values, pattern};

/// How deep `${...}` may stand within `${...}`. `BuildKit` has no limit.
const MOST_DEPTH: usize = 64;

/// A word while it is read.
pub(super) struct Reader<'a> {
    lexer: Lexer,
    word: &'a str,
    at: usize,
    values: &'a dyn Values,
    /// Whether nothing fails that depends on values: `${NAME?}`, and patterns.
    lenient: bool,
    keeps_escapes: bool,
    depth: usize,
    /// How long the values are that were put in so far.
    length: usize,
    /// The word that is being put together for the list of words. There is one for all depths, so that
    /// `a${b:-c}` loses its `a` there, as it does in `BuildKit`.
    buffer: String,
    pub(super) uses: Vec<Use>,
}

/// The words of a text, as they are found.
#[derive(Default)]
struct Words {
    list: Vec<String>,
    within: bool,
}

impl Words {
    fn blank_or_sign(&mut self, buffer: &mut String, sign: char) {
        if !sign.is_whitespace() {
            self.sign(buffer, sign);
        } else if self.within && !buffer.is_empty() {
            self.list.push(std::mem::take(buffer));
            self.within = false;
        }
    }

    fn sign(&mut self, buffer: &mut String, sign: char) {
        buffer.push(sign);
        self.within = true;
    }

    fn finish(mut self, buffer: &mut String) -> Vec<String> {
        if !buffer.is_empty() {
            self.list.push(std::mem::take(buffer));
        }
        self.list
    }
}

impl<'a> Reader<'a> {
    /// Begins at the start of a word. A lenient one lets pass what depends on values.
    pub(super) fn new(lexer: Lexer, word: &'a str, values: &'a dyn Values, lenient: bool) -> Self {
        Self {
            lexer,
            word,
            // The scanner that `BuildKit` reads a word with drops a byte order mark.
            at: if word.starts_with('\u{feff}') { 3 } else { 0 },
            values,
            lenient,
            keeps_escapes: false,
            depth: 0,
            length: 0,
            buffer: String::new(),
            uses: Vec::new(),
        }
    }

    /// Reads to the end: the text, and the words that it is split into.
    pub(super) fn whole(&mut self) -> Result<(String, Vec<String>), ExpandError> {
        self.until(None, false)
    }

    fn peek(&self) -> Option<char> {
        self.word[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.peek()?;
        self.at += sign.len_utf8();
        Some(sign)
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        if found {
            self.next();
        }
        found
    }

    /// Reads up to a sign, which is dropped, or to the end.
    fn until(
        &mut self,
        stop: Option<char>,
        keeps_escapes: bool,
    ) -> Result<(String, Vec<String>), ExpandError> {
        let before = std::mem::replace(&mut self.keeps_escapes, keeps_escapes);
        let found = self.parts(stop);
        self.keeps_escapes = before;
        found
    }

    fn parts(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), ExpandError> {
        let mut text = String::new();
        let mut words = Words::default();
        self.buffer.clear();
        while let Some(sign) = self.peek() {
            match sign {
                _ if Some(sign) == stop => {
                    self.next();
                    return Ok((text, words.finish(&mut self.buffer)));
                }
                '$' => {
                    let value = self.variable()?;
                    for sign in value.chars() {
                        words.blank_or_sign(&mut self.buffer, sign);
                    }
                    text.push_str(&value);
                }
                '\'' | '"' if !self.lexer.plain_quotes => {
                    let quoted = match sign {
                        '"' => self.double_quoted()?,
                        _ => self.single_quoted()?,
                    };
                    words.within = true;
                    self.buffer.push_str(&quoted);
                    text.push_str(&quoted);
                }
                '<' => {
                    let start = self.at;
                    self.next();
                    if self.eat('<') {
                        while self.eat('\t') || self.eat('\r') || self.eat(' ') {}
                    }
                    words.within = true;
                    self.buffer.push_str(&self.word[start..self.at]);
                    text.push_str(&self.word[start..self.at]);
                }
                _ if sign == self.lexer.escape.character() => {
                    self.next();
                    if self.keeps_escapes {
                        words.sign(&mut self.buffer, sign);
                        text.push(sign);
                    }
                    let Some(escaped) = self.next() else { break };
                    words.sign(&mut self.buffer, escaped);
                    text.push(escaped);
                }
                _ => {
                    self.next();
                    words.blank_or_sign(&mut self.buffer, sign);
                    text.push(sign);
                }
            }
        }
        match stop {
            Some(_) => Err(WordError::Brace.into()),
            None => Ok((text, words.finish(&mut self.buffer))),
        }
    }

    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let start = self.at;
        self.next();
        while self.next().ok_or(WordError::SingleQuote)? != '\'' {}
        let quoted = &self.word[start..self.at];
        Ok(quoted[1..quoted.len() - 1].to_owned())
    }

    fn double_quoted(&mut self) -> Result<String, ExpandError> {
        let mut text = String::new();
        self.next();
        loop {
            match self.peek().ok_or(WordError::DoubleQuote)? {
                '"' => {
                    self.next();
                    return Ok(text);
                }
                '$' => text.push_str(&self.variable()?),
                sign => {
                    self.next();
                    let mut last = sign;
                    if sign == self.lexer.escape.character() {
                        if self.keeps_escapes {
                            text.push(sign);
                        }
                        match self.peek() {
                            None => continue,
                            Some(next) if next == sign || matches!(next, '"' | '$') => {
                                self.next();
                                last = next;
                            }
                            Some(_) => {}
                        }
                    }
                    text.push(last);
                }
            }
        }
    }

    /// Reads a variable, from the `$` on.
    fn variable(&mut self) -> Result<String, ExpandError> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return Ok(self.used(name, start, Form::Plain)?.unwrap_or_default());
        }
        self.next();
        match self.peek() {
            None => return Err(WordError::Brace.into()),
            Some('{' | '}' | ':') => return Err(WordError::Substitution.into()),
            Some(_) => {}
        }
        let name = self.name();
        let sign = self.next();
        match sign {
            Some('}') => Ok(self.used(name, start, Form::Plain)?.unwrap_or_default()),
            Some(':') => match self.next() {
                Some(sign @ ('#' | '%')) => Err(WordError::Modifier(format!(":{sign}")).into()),
                sign => self.conditional(name, start, sign, true),
            },
            Some('+' | '-' | '?') => self.conditional(name, start, sign, false),
            Some(sign @ ('#' | '%')) => self.trimmed(name, start, sign),
            Some('/') => self.replaced(name, start),
            Some(sign) => Err(WordError::Modifier(sign.to_string()).into()),
            // `BuildKit` speaks of a modifier here.
            None => Err(WordError::Brace.into()),
        }
    }

    /// `${NAME:-word}` and the like, from the word on.
    fn conditional(
        &mut self,
        name: &str,
        start: usize,
        sign: Option<char>,
        colon: bool,
    ) -> Result<String, ExpandError> {
        let word = self.within('}', false)?;
        let noted = word.clone();
        let form = match sign {
            Some('-') => Form::Default { word: noted, colon },
            Some('+') => Form::Alternate { word: noted, colon },
            Some('?') => Form::Required { word: noted, colon },
            _ => {
                let sign = sign.map(String::from).unwrap_or_default();
                return Err(WordError::Modifier(format!(":{sign}")).into());
            }
        };
        let value = self.used(name, start, form)?;
        let usable = value.as_ref().filter(|value| !(colon && value.is_empty()));
        match (sign, usable) {
            (Some('+'), Some(_)) | (Some('-'), None) => Ok(word),
            (Some('+'), None) => Ok(String::new()),
            (_, Some(value)) => Ok(value.clone()),
            (_, None) if self.lenient => Ok(String::new()),
            (_, None) => {
                let (name, message) = (name.to_owned(), word);
                Err(match value {
                    None => ExpandError::Unset { name, message },
                    Some(_) => ExpandError::Empty { name, message },
                })
            }
        }
    }

    /// `${NAME#pattern}` and the like, from the pattern on.
    fn trimmed(&mut self, name: &str, start: usize, sign: char) -> Result<String, ExpandError> {
        let pattern = self.within('}', true)?;
        let value = self.used(name, start, Form::Trim)?.unwrap_or_default();
        if self.lenient {
            return Ok(value);
        }
        let longest = pattern.strip_prefix(sign);
        let shape = longest.unwrap_or(&pattern);
        let trimmed = match sign {
            '#' => pattern::trim_start(&value, shape, longest.is_some()),
            _ => pattern::trim_end(&value, shape, longest.is_some()),
        };
        Ok(trimmed.ok_or_else(|| WordError::Pattern(shape.to_owned()))?)
    }

    /// `${NAME/pattern/word}`, from the pattern on.
    fn replaced(&mut self, name: &str, start: usize) -> Result<String, ExpandError> {
        let all = self.eat('/');
        let pattern = self.within('/', true)?;
        let word = self.within('}', true)?;
        let value = self.used(name, start, Form::Replace)?.unwrap_or_default();
        if self.lenient {
            return Ok(value);
        }
        let replaced = pattern::replace(&value, &pattern, &word, all);
        let replaced = replaced.ok_or(WordError::Pattern(pattern))?;
        self.length += replaced.len();
        if self.length > LONGEST_TEXT {
            return Err(ExpandError::Long);
        }
        Ok(replaced)
    }

    /// A word or pattern within `${...}`. A mistake at the very end is that nothing closes it.
    fn within(&mut self, stop: char, keeps_escapes: bool) -> Result<String, ExpandError> {
        if self.depth == MOST_DEPTH {
            return Err(WordError::Depth.into());
        }
        self.depth += 1;
        let found = self.until(Some(stop), keeps_escapes);
        self.depth -= 1;
        match found {
            Ok((text, _)) => Ok(text),
            Err(_) if self.peek().is_none() => Err(WordError::Brace.into()),
            Err(error) => Err(error),
        }
    }

    fn name(&mut self) -> &'a str {
        let rest = &self.word[self.at..];
        let name = &rest[..name_length(rest)];
        self.at += name.len();
        name
    }

    /// Notes a variable that ends here, and looks up its value.
    fn used(
        &mut self,
        name: &str,
        start: usize,
        form: Form,
    ) -> Result<Option<String>, ExpandError> {
        let value = self.values.value(name).map(str::to_owned);
        self.uses.push(Use {
            name: name.to_owned(),
            range: start..self.at,
            form,
            set: value.is_some(),
        });
        self.length += value.as_ref().map_or(0, String::len);
        if self.length > LONGEST_TEXT {
            return Err(ExpandError::Long);
        }
        Ok(value)
    }
}
