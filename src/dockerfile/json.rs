//! Lists of strings in JSON, as the exec forms write them.
//!
//! Whether a line is JSON decides between two meanings, so what counts as JSON is what `BuildKit`'s
//! decoder accepts: bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD, and a
//! number too large for a float is no JSON.

/// What a text is, read as JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A list of strings.
    Strings(Vec<String>),
    /// A list that holds something else than strings.
    OtherValues,
    /// Something else than a list in JSON.
    NotJson,
}

/// Deeper lists and objects than these are no JSON to `BuildKit`'s decoder.
const MAX_DEPTH: usize = 10_000;

/// Reads a text as a list of strings.
pub(super) fn strings(text: &str) -> Reading {
    let text = text.trim_start();
    if !text.starts_with('[') {
        return Reading::NotJson;
    }
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
    };
    reader.list().unwrap_or(Reading::NotJson)
}

/// A list as the exec forms print it.
pub(super) fn print(strings: &[String]) -> String {
    let mut text = "[".to_owned();
    for (index, string) in strings.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push('"');
        for character in string.chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                control if control < ' ' => {
                    text.extend(format!("\\u{:04x}", u32::from(control)).chars());
                }
                other => text.push(other),
            }
        }
        text.push('"');
    }
    text.push(']');
    text
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The outer list, to the end of the text.
    fn list(&mut self) -> Option<Reading> {
        let mut strings = Vec::new();
        let mut others = false;
        self.eat(b'[');
        self.blanks();
        if !self.eat(b']') {
            loop {
                self.blanks();
                if self.peek() == Some(b'"') {
                    strings.push(self.string()?);
                } else {
                    self.value()?;
                    others = true;
                }
                self.blanks();
                if self.eat(b']') {
                    break;
                }
                if !self.eat(b',') {
                    return None;
                }
            }
        }
        self.blanks();
        if self.peek().is_some() {
            return None;
        }
        Some(if others {
            Reading::OtherValues
        } else {
            Reading::Strings(strings)
        })
    }

    /// Skips a value that is no string; lists and objects without recursion, however deep.
    fn value(&mut self) -> Option<()> {
        // What each open list or object is closed with.
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                bracket @ (b'[' | b'{') => {
                    self.at += 1;
                    open.push(bracket + 2);
                    // The outer list counts too.
                    if open.len() + 1 > MAX_DEPTH {
                        return None;
                    }
                    self.blanks();
                    if self.eat(bracket + 2) {
                        open.pop();
                    } else if bracket == b'{' {
                        self.key()?;
                        continue;
                    } else {
                        continue;
                    }
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            // A value has ended: go on in what holds it.
            loop {
                let Some(&close) = open.last() else {
                    return Some(());
                };
                self.blanks();
                if self.eat(close) {
                    open.pop();
                } else if self.eat(b',') {
                    if close == b'}' {
                        self.blanks();
                        self.key()?;
                    }
                    break;
                } else {
                    return None;
                }
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.blanks();
        self.eat(b':').then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.text[self.at..]
            .starts_with(word)
            .then(|| self.at += word.len())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        let number = std::str::from_utf8(&self.text[start..self.at]).ok()?;
        number
            .parse::<f64>()
            .is_ok_and(f64::is_finite)
            .then_some(())
    }

    fn string(&mut self) -> Option<String> {
        if !self.eat(b'"') {
            return None;
        }
        let mut bytes = Vec::new();
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(String::from_utf8_lossy(&bytes).into_owned()),
                b'\\' => {
                    let escaped = self.peek()?;
                    self.at += 1;
                    let character = match escaped {
                        b'"' | b'\\' | b'/' => char::from(escaped),
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => self.unicode()?,
                        _ => return None,
                    };
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..=0x1f => return None,
                _ => bytes.push(byte),
            }
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hex(self.at)?;
        self.at += 4;
        if !(0xd800..0xe000).contains(&first) {
            return Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let follows = self.text[self.at..].starts_with(b"\\u");
        if first < 0xdc00
            && follows
            && let Some(second) = self.hex(self.at + 2)
            && (0xdc00..0xe000).contains(&second)
        {
            self.at += 6;
            let joined = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Some(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Some(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.iter().try_fold(0, |value, digit| {
            char::from(*digit)
                .to_digit(16)
                .map(|digit| value * 16 + digit)
        })
    }
}
