//! A whole file, taken apart: every byte of it belongs to one item.

use std::ops::Range;

use super::{instruction::Instruction, mistake::Mistake, quoting::Escape};

/// A parsed file with its bytes.
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) bytes: Vec<u8>,
    pub(super) escape: Escape,
    pub(super) items: Vec<Item>,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) not_utf8: Vec<Range<usize>>,
}

/// A part of a file. Its range holds whole lines, line breaks and all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The mark that some editors put first (U+FEFF).
    ByteOrderMark(Range<usize>),
    /// Lines of nothing but blanks.
    Blank(Range<usize>),
    /// A line that starts with `#` and is no directive.
    Comment(Comment),
    /// A `# name=value` line before everything else.
    Directive(Directive),
    /// An instruction.
    Statement(Box<Statement>),
    /// Something that was to be an instruction; the mistakes say what is wrong with it.
    Broken(Box<Broken>),
}

impl Item {
    /// The lines that it takes.
    pub fn range(&self) -> Range<usize> {
        match self {
            Self::ByteOrderMark(range) | Self::Blank(range) => range.clone(),
            Self::Comment(comment) => comment.range.clone(),
            Self::Directive(directive) => directive.range.clone(),
            Self::Statement(statement) => statement.place.range.clone(),
            Self::Broken(broken) => broken.place.range.clone(),
        }
    }
}

/// A line that starts with `#`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// What stands behind the `#` and a blank, without the blanks at its end.
    pub text: String,
    /// The line, line break and all.
    pub range: Range<usize>,
}

/// What a `# name=value` line at the start sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Which one it is.
    pub name: DirectiveName,
    /// What it is set to.
    pub value: String,
    /// The line, line break and all.
    pub range: Range<usize>,
}

/// The parser directives of the Dockerfile reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectiveName {
    /// The image of the frontend that reads the file.
    Syntax,
    /// The escape character.
    Escape,
    /// How the builder checks the file.
    Check,
}

impl DirectiveName {
    /// Every directive.
    pub const ALL: [Self; 3] = [Self::Syntax, Self::Escape, Self::Check];

    /// The name of it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Escape => "escape",
            Self::Check => "check",
        }
    }
}

/// An instruction and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The instruction.
    pub instruction: Instruction,
    /// Where it stands.
    pub place: Place,
}

/// Something that was to be an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Its first word as it is spelled; nothing where a line is nothing but an escape.
    pub keyword: String,
    /// Where it stands.
    pub place: Place,
}

/// Where an instruction stands and what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the keyword to the last byte, without the line break at the end.
    pub span: Range<usize>,
    /// The keyword.
    pub keyword: Range<usize>,
    /// All its lines, here-documents and the last line break too.
    pub range: Range<usize>,
    /// Its first line, from 1.
    pub first_line: usize,
    /// Its last line. Comments and blank lines that a line which goes on ran into are its own too.
    pub last_line: usize,
    /// The comments between it and the instruction before it.
    pub comments_before: Vec<Comment>,
    /// The comments between its own lines.
    pub comments_inside: Vec<Comment>,
}

impl Document {
    /// The directives, in their order.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.items.iter().filter_map(|item| match item {
            Item::Directive(directive) => Some(directive),
            _ => None,
        })
    }

    /// The escape character of the file.
    pub fn escape(&self) -> Escape {
        self.escape
    }

    /// Everything in the file, in its order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The instructions, in their order, without those that are broken.
    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.items.iter().filter_map(|item| match item {
            Item::Statement(statement) => Some(statement.as_ref()),
            _ => None,
        })
    }

    /// What is wrong with the file, in the order of its places.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Whether a builder refuses the file as it stands.
    pub fn is_refused(&self) -> bool {
        self.mistakes.iter().any(|mistake| mistake.refused)
    }

    /// Bytes that are not UTF-8, and stand as U+FFFD in the instructions.
    pub fn not_utf8(&self) -> &[Range<usize>] {
        &self.not_utf8
    }

    /// The bytes of a range, as they were read.
    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range).unwrap_or_default()
    }

    /// The text of a range, where it is UTF-8.
    pub fn text(&self, range: Range<usize>) -> Option<&str> {
        std::str::from_utf8(self.bytes(range)).ok()
    }

    /// The file as it was read: all items, one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        for item in &self.items {
            bytes.extend_from_slice(self.bytes(item.range()));
        }
        bytes
    }
}
