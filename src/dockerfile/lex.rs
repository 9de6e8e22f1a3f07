//! Lines of a file joined to the lines that instructions are read from.
//!
//! A line that ends in the escape character goes on in the next one; comments and blank lines between
//! the two are left out, and the blanks at the start of the next line stay. Bytes that are not UTF-8
//! stand as U+FFFD in a joined line, one for each.

use std::ops::Range;

use super::{quoting::Escape, split};

/// One line of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct PhysicalLine<'a> {
    /// Where it begins in the file.
    pub(super) start: usize,
    /// Its bytes, line break and all.
    pub(super) bytes: &'a [u8],
    /// Its number, from 1.
    pub(super) number: usize,
}

impl<'a> PhysicalLine<'a> {
    /// The line without the carriage returns and line breaks at its end.
    pub(super) fn content(&self) -> &'a [u8] {
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let end = self.bytes.iter().rposition(|byte| !is_break(byte));
        &self.bytes[..end.map_or(0, |last| last + 1)]
    }

    /// How many bytes of blanks the content starts with.
    pub(super) fn indent(&self) -> usize {
        let content = self.content();
        content.len() - trim_start(content).len()
    }

    /// The byte after the last one.
    pub(super) fn end(&self) -> usize {
        self.start + self.bytes.len()
    }
}

/// Bytes without the blanks at their start, Unicode's blanks too.
fn trim_start(mut bytes: &[u8]) -> &[u8] {
    loop {
        match bytes.first() {
            Some(first) if first.is_ascii() => {
                if !char::from(*first).is_whitespace() {
                    return bytes;
                }
                bytes = &bytes[1..];
            }
            Some(_) => {
                // A character has four bytes at most; what follows it may be cut.
                let window = &bytes[..bytes.len().min(4)];
                let character = window
                    .utf8_chunks()
                    .next()
                    .and_then(|chunk| chunk.valid().chars().next());
                match character {
                    Some(character) if character.is_whitespace() => {
                        bytes = &bytes[character.len_utf8()..];
                    }
                    _ => return bytes,
                }
            }
            None => return bytes,
        }
    }
}

/// The lines of a file, one after the other.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            number: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = PhysicalLine<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        let length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |found| found + 1);
        let line = PhysicalLine {
            start: self.at,
            bytes: &rest[..length],
            number: self.number + 1,
        };
        self.at += length;
        self.number += 1;
        Some(line)
    }
}

/// A line without the escape that makes it go on in the next one, if it has that.
pub(super) fn split_continuation(content: &[u8], escape: Escape) -> (&[u8], bool) {
    let end = content
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t'))
        .map_or(0, |last| last + 1);
    let is_escape =
        |byte: Option<&u8>| byte.is_some_and(|byte| char::from(*byte) == escape.character());
    match content[..end].split_last() {
        Some((last, before)) if is_escape(Some(last)) && !is_escape(before.last()) => {
            (before, true)
        }
        _ => (content, false),
    }
}

/// Several lines joined to one, and where each part of it stands in the file.
#[derive(Debug, Default)]
pub(super) struct JoinedLine {
    /// The text.
    pub(super) text: String,
    /// Where parts begin: in the text, and in the file.
    parts: Vec<(usize, usize)>,
}

impl JoinedLine {
    /// Adds bytes that stand at a place in the file.
    pub(super) fn push(&mut self, bytes: &[u8], mut at: usize) {
        for chunk in bytes.utf8_chunks() {
            if !chunk.valid().is_empty() {
                self.parts.push((self.text.len(), at));
                self.text.push_str(chunk.valid());
                at += chunk.valid().len();
            }
            for _ in chunk.invalid() {
                self.parts.push((self.text.len(), at));
                self.text.push(char::REPLACEMENT_CHARACTER);
                at += 1;
            }
        }
        // The end, past which no place lies: a replacement is longer than the byte that it stands for.
        self.parts.push((self.text.len(), at));
    }

    /// Where a range of the text stands in the file.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.at(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if range.end > range.start => self.at(last) + 1,
            _ => start,
        };
        start..end.max(start)
    }

    fn at(&self, place: usize) -> usize {
        let after = self.parts.partition_point(|(start, _)| *start <= place);
        let Some((start, source)) = after.checked_sub(1).and_then(|index| self.parts.get(index))
        else {
            return 0;
        };
        let here = source + (place - start);
        // Behind a byte that is not UTF-8 the text is longer than the file.
        match self.parts.get(after) {
            Some((_, next)) => here.min(next.saturating_sub(1).max(*source)),
            None => here,
        }
    }
}

/// A part of a joined line that knows where in it it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice<'a> {
    /// The text.
    pub(super) text: &'a str,
    /// Where it begins in the joined line.
    pub(super) at: usize,
}

impl Slice<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    pub(super) fn part(&self, range: Range<usize>) -> Self {
        Self {
            text: &self.text[range.clone()],
            at: self.at + range.start,
        }
    }

    pub(super) fn from(&self, start: usize) -> Self {
        self.part(start..self.text.len())
    }

    /// The part before the first blanks, and the part behind them; blanks of ASCII alone.
    pub(super) fn split_at_blanks(&self) -> (Self, Self) {
        let end = self.text.find(split::is_blank).unwrap_or(self.text.len());
        let behind = self.text[end..].trim_start_matches(split::is_blank);
        (self.part(0..end), self.from(self.text.len() - behind.len()))
    }

    /// Without the blanks at both ends, Unicode's blanks too.
    pub(super) fn trim(&self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let text = self.text.trim();
        self.part(start..start + text.len())
    }
}
