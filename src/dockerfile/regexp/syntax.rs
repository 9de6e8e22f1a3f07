//! Reading an expression: the signs of Go's `regexp/syntax` that can come out of an ignore pattern.
//!
//! What cannot come out of one is not read: flags, named groups, lazy repetition. Unicode classes (`\pL`)
//! could, and are refused.

use super::{Node, Place};

type Ranges = Vec<(u32, u32)>;

/// How often at least, and at most.
type Count = (usize, Option<usize>);

/// Go would not compile this.
struct Refused;

const DIGIT: &[(char, char)] = &[('0', '9')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// The classes that are written as `[:name:]` within brackets.
const NAMED: &[(&str, &[(char, char)])] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7f')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1f'), ('\x7f', '\x7f')]),
    ("digit", DIGIT),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

/// Reads an expression. `None` when Go would not compile it.
pub(in crate::dockerfile) fn parse(text: &[u32]) -> Option<Node> {
    let mut reader = Reader { rest: text };
    let node = reader.choice()?;
    reader.rest.is_empty().then_some(node)
}

/// What is still to be read.
struct Reader<'a> {
    rest: &'a [u32],
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.first().and_then(|rune| char::from_u32(*rune))
    }

    fn next(&mut self) -> Option<u32> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn starts(&self, text: &str) -> bool {
        let mut rest = self.rest.iter();
        text.chars()
            .all(|sign| rest.next() == Some(&u32::from(sign)))
    }

    /// Alternatives, up to the end of the text or of the group.
    fn choice(&mut self) -> Option<Node> {
        let mut choices = Vec::new();
        let mut sequence = Vec::new();
        let mut repeated = false;
        loop {
            let was_repeated = std::mem::take(&mut repeated);
            match self.peek() {
                None if !self.rest.is_empty() => sequence.push(Node::Rune(self.next()?)),
                None | Some(')') => break,
                Some('|') => {
                    self.rest = &self.rest[1..];
                    choices.push(Node::Sequence(std::mem::take(&mut sequence)));
                }
                Some('*' | '?' | '{') => {
                    let Some((least, most)) = self.repetition().ok()? else {
                        sequence.push(Node::Rune(self.next()?));
                        continue;
                    };
                    if was_repeated {
                        return None;
                    }
                    let repeated_node = sequence.pop()?;
                    sequence.push(Node::Repeat(Box::new(repeated_node), least, most, true));
                    repeated = true;
                }
                Some('\\') => self.escaped(&mut sequence)?,
                Some(_) => sequence.push(self.one()?),
            }
        }
        if choices.is_empty() {
            return Some(Node::Sequence(sequence));
        }
        choices.push(Node::Sequence(sequence));
        Some(Node::Choice(choices))
    }

    /// One thing that stands for itself or for a class, or a group.
    fn one(&mut self) -> Option<Node> {
        let first = self.next()?;
        Some(match char::from_u32(first) {
            Some('(') => {
                let inner = self.choice()?;
                if !self.eat(')') {
                    return None;
                }
                inner
            }
            Some('[') => self.class()?,
            Some('.') => Node::Dot,
            Some('^') => Node::Place(Place::Start),
            Some('$') => Node::Place(Place::End),
            _ => Node::Rune(first),
        })
    }

    /// `*`, `?`, or a count in braces; `None` within for a brace that is no count and so stands for itself.
    fn repetition(&mut self) -> Result<Option<Count>, Refused> {
        if self.eat('*') {
            return Ok(Some((0, None)));
        }
        if self.eat('?') {
            return Ok(Some((0, Some(1))));
        }
        let before = self.rest;
        let Some((least, most)) = self.count() else {
            self.rest = before;
            return Ok(None);
        };
        let fits = least <= 1000 && most.is_none_or(|most| most <= 1000 && least <= most);
        if fits {
            Ok(Some((least, most)))
        } else {
            Err(Refused)
        }
    }

    /// `{2}`, `{2,}` or `{2,3}`.
    fn count(&mut self) -> Option<Count> {
        self.eat('{');
        let least = self.number()?;
        let most = match self.eat(',') {
            true if self.peek() == Some('}') => None,
            true => Some(self.number()?),
            false => Some(least),
        };
        self.eat('}').then_some((least, most))
    }

    /// A number without leading zeros; one that is too large counts as just over the limit.
    fn number(&mut self) -> Option<usize> {
        let length = self.rest.iter().take_while(|rune| is_digit(**rune, 10));
        let length = length.count();
        let (digits, rest) = self.rest.split_at(length);
        if digits.is_empty() || (digits.len() > 1 && digits[0] == u32::from('0')) {
            return None;
        }
        self.rest = rest;
        let add = |sum: usize, rune: &u32| (sum * 10 + value(*rune, 10).unwrap_or(0)).min(1001);
        Some(digits.iter().fold(0, add))
    }

    /// What a backslash makes of what follows it, outside of brackets.
    fn escaped(&mut self, sequence: &mut Vec<Node>) -> Option<()> {
        let place = match self.rest.get(1).and_then(|rune| char::from_u32(*rune)) {
            Some('A') => Some(Place::Start),
            Some('z') => Some(Place::End),
            Some('b') => Some(Place::WordEdge),
            Some('B') => Some(Place::NoWordEdge),
            Some('Q') => {
                self.rest = &self.rest[2..];
                while !self.rest.is_empty() && !self.starts("\\E") {
                    sequence.push(Node::Rune(self.next()?));
                }
                self.rest = self.rest.get(2..).unwrap_or_default();
                return Some(());
            }
            _ => None,
        };
        if let Some(place) = place {
            self.rest = &self.rest[2..];
            sequence.push(Node::Place(place));
        } else if let Some(ranges) = self.letter_class() {
            sequence.push(Node::Class(ranges, false));
        } else {
            sequence.push(Node::Rune(self.escape()?));
        }
        Some(())
    }

    /// `\d`, `\s`, `\w`, and the opposites in capitals.
    fn letter_class(&mut self) -> Option<Ranges> {
        if self.peek() != Some('\\') {
            return None;
        }
        let (ranges, negated) = match char::from_u32(*self.rest.get(1)?)? {
            'd' => (DIGIT, false),
            'D' => (DIGIT, true),
            's' => (SPACE, false),
            'S' => (SPACE, true),
            'w' => (WORD, false),
            'W' => (WORD, true),
            _ => return None,
        };
        self.rest = &self.rest[2..];
        Some(class_of(ranges, negated))
    }

    /// One code point behind a backslash.
    fn escape(&mut self) -> Option<u32> {
        self.eat('\\');
        let first = self.next()?;
        let sign = char::from_u32(first)?;
        let control = |code: u8| Some(u32::from(code));
        match sign {
            'a' => control(0x07),
            'f' => control(0x0c),
            'n' => control(b'\n'),
            'r' => control(b'\r'),
            't' => control(b'\t'),
            'v' => control(0x0b),
            'x' => self.hexadecimal(),
            // A single digit other than 0 would refer back, which Go does not support.
            '1'..='7' if !self.rest.first().is_some_and(|rune| is_digit(*rune, 8)) => None,
            '0'..='7' => {
                let mut code = value(first, 8)?;
                for _ in 0..2 {
                    let Some(digit) = self.rest.first().and_then(|rune| value(*rune, 8)) else {
                        break;
                    };
                    code = code * 8 + digit;
                    self.rest = &self.rest[1..];
                }
                u32::try_from(code).ok()
            }
            _ if sign.is_ascii() && !sign.is_ascii_alphanumeric() => Some(first),
            _ => None,
        }
    }

    /// `41` or `{1F600}`, behind `\x`.
    fn hexadecimal(&mut self) -> Option<u32> {
        let braced = self.eat('{');
        let mut code = 0;
        let mut digits = 0;
        while if braced { !self.eat('}') } else { digits < 2 } {
            code = code * 16 + value(self.next()?, 16)?;
            digits += 1;
            if code > u32::from(char::MAX) as usize {
                return None;
            }
        }
        u32::try_from(code).ok().filter(|_| digits > 0)
    }

    /// What stands in brackets, behind the opening one.
    fn class(&mut self) -> Option<Node> {
        let negated = self.eat('^');
        let mut ranges = Ranges::new();
        let mut first = true;
        while std::mem::take(&mut first) || self.peek() != Some(']') {
            if let Some(named) = self.named_class().ok()? {
                ranges.extend(named);
            } else if let Some(letter) = self.letter_class() {
                ranges.extend(letter);
            } else {
                let low = self.class_rune()?;
                let mut high = low;
                let closes = self.rest.get(1).is_none_or(|rune| *rune == u32::from(']'));
                if self.peek() == Some('-') && !closes {
                    self.rest = &self.rest[1..];
                    high = self.class_rune()?;
                }
                if high < low {
                    return None;
                }
                ranges.push((low, high));
            }
        }
        self.rest = &self.rest[1..];
        Some(Node::Class(ranges, negated))
    }

    fn class_rune(&mut self) -> Option<u32> {
        match self.peek() {
            Some('\\') => self.escape(),
            _ => self.next(),
        }
    }

    /// `[:alpha:]` or `[:^alpha:]`, within brackets.
    fn named_class(&mut self) -> Result<Option<Ranges>, Refused> {
        if !self.starts("[:") {
            return Ok(None);
        }
        let colon = [u32::from(':'), u32::from(']')];
        let Some(length) = self.rest[2..].windows(2).position(|pair| pair == colon) else {
            return Ok(None);
        };
        let name: String = self.rest[2..2 + length]
            .iter()
            .map(|rune| char::from_u32(*rune).unwrap_or('\0'))
            .collect();
        let (bare, negated) = match name.strip_prefix('^') {
            Some(bare) => (bare, true),
            None => (&*name, false),
        };
        let (_, ranges) = NAMED
            .iter()
            .find(|(known, _)| *known == bare)
            .ok_or(Refused)?;
        self.rest = &self.rest[2 + length + 2..];
        Ok(Some(class_of(ranges, negated)))
    }
}

/// The ranges of a class, or those that lie between them.
fn class_of(ranges: &[(char, char)], negated: bool) -> Ranges {
    let plain = ranges
        .iter()
        .map(|(low, high)| (u32::from(*low), u32::from(*high)));
    if !negated {
        return plain.collect();
    }
    let mut between = Ranges::new();
    let mut low = 0;
    for (start, end) in plain {
        if start > low {
            between.push((low, start - 1));
        }
        low = end + 1;
    }
    between.push((low, u32::from(char::MAX)));
    between
}

fn value(rune: u32, radix: u32) -> Option<usize> {
    let digit = char::from_u32(rune)?.to_digit(radix)?;
    usize::try_from(digit).ok()
}

fn is_digit(rune: u32, radix: u32) -> bool {
    value(rune, radix).is_some()
}
