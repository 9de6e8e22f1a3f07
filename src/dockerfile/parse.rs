//! A file from its bytes: directives, comments, instructions and here-documents, in one pass.

use std::ops::Range;

use indexmap::IndexSet;

use super::{
    MAX_LINE,
    directive::{self, Line as DirectiveLine},
    document::{Broken, Comment, Document, Item, Place, Statement},
    heredoc::{self, Heredoc},
    instruction::Instruction,
    invalid::Invalid,
    lex::{JoinedLine, Lines, PhysicalLine, Slice, split_continuation},
    mistake::{Mistake, MistakeKind},
    quoting::Escape,
    reader::{Command, Reader},
    reference::ImageRef,
};

/// Reads a file. Whatever the bytes are, a document comes back, and all that is wrong is in it.
pub fn parse(bytes: &[u8]) -> Document {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let mut parser = Parser {
        lines: Lines::new(bytes, mark),
        escape: Escape::Backslash,
        directives: Some(Vec::new()),
        items: Vec::new(),
        mistakes: Vec::new(),
        comments: Vec::new(),
        has_instruction: false,
        has_stage: false,
        stages: IndexSet::new(),
    };
    if mark > 0 {
        parser.items.push(Item::ByteOrderMark(0..mark));
    }
    while let Some(line) = parser.next_line() {
        parser.item(line);
    }
    parser.finish(bytes)
}

struct Parser<'a> {
    lines: Lines<'a>,
    escape: Escape,
    /// The directives so far; nothing any more once a line was none.
    directives: Option<Vec<directive::Name>>,
    items: Vec<Item>,
    mistakes: Vec<Mistake>,
    comments: Vec<Comment>,
    has_instruction: bool,
    has_stage: bool,
    stages: IndexSet<String>,
}

impl<'a> Parser<'a> {
    fn next_line(&mut self) -> Option<PhysicalLine<'a>> {
        let line = self.lines.next()?;
        let length = line.bytes.strip_suffix(b"\n").unwrap_or(line.bytes).len();
        if length > MAX_LINE {
            let range = line.start..line.start + length;
            self.refuse(range, MistakeKind::LongLine(length));
        }
        Some(line)
    }

    fn refuse(&mut self, range: Range<usize>, kind: MistakeKind) {
        self.mistakes.push(Mistake {
            range,
            kind,
            refused: true,
        });
    }

    fn item(&mut self, line: PhysicalLine<'a>) {
        let content = line.content();
        let trimmed = &content[line.indent()..];
        if self.directives.is_some() {
            match directive::read(trimmed) {
                Some(found) => return self.directive(line, found),
                None => self.directives = None,
            }
        }
        match trimmed.first() {
            Some(b'#') => {
                let comment = comment(line);
                self.comments.push(comment.clone());
                self.items.push(Item::Comment(comment));
            }
            None => match self.items.last_mut() {
                Some(Item::Blank(range)) => range.end = line.end(),
                _ => self.items.push(Item::Blank(line.start..line.end())),
            },
            Some(_) => self.statement(line),
        }
    }

    fn directive(&mut self, line: PhysicalLine<'a>, found: DirectiveLine) {
        let range = line.start..line.end();
        let place = line.start + line.indent()..line.start + line.content().len();
        let seen = self.directives.get_or_insert_default();
        let is_again = seen.contains(&found.name);
        seen.push(found.name);
        if is_again {
            self.refuse(
                place.clone(),
                MistakeKind::DirectiveTwice(found.name.word()),
            );
        } else if found.name == directive::Name::Escape {
            match found.value.as_str() {
                "\\" => self.escape = Escape::Backslash,
                "`" => self.escape = Escape::Backtick,
                _ => self.refuse(place.clone(), MistakeKind::EscapeValue(found.value.clone())),
            }
        } else if found.name == directive::Name::Check
            && let Err(option) = directive::check_options(&found.value)
        {
            self.refuse(place, MistakeKind::CheckOption(option));
        }
        self.items.push(Item::Directive(super::document::Directive {
            name: found.name,
            value: found.value,
            range,
        }));
    }

    /// An instruction: its line and what that goes on in, and the here-documents behind it.
    fn statement(&mut self, first: PhysicalLine<'a>) {
        let mut joined = JoinedLine::default();
        let mut inside = Vec::new();
        let mut last = first;
        let start = first.start + first.indent();
        let (part, mut goes_on) =
            split_continuation(&first.content()[first.indent()..], self.escape);
        joined.push(part, start);
        let mut end = first.start + first.content().len();
        while goes_on && let Some(line) = self.next_line() {
            last = line;
            let content = line.content();
            match content[line.indent()..].first() {
                Some(b'#') => inside.push(comment(line)),
                None => {}
                Some(_) => {
                    let (part, again) = split_continuation(content, self.escape);
                    joined.push(part, line.start);
                    goes_on = again;
                    end = line.start + content.len();
                }
            }
        }
        let whole = Slice {
            text: &joined.text,
            at: 0,
        };
        let command = Command::split(whole, self.escape);
        let mut heredocs = Vec::new();
        let mut is_usable = true;
        if command.takes_heredocs(self.escape) {
            heredocs = heredoc::in_line(&joined.text);
            let without_flags = heredoc::in_line(command.rest.text);
            if heredocs != without_flags {
                // Quotes in a flag hide or change what the words behind it start.
                is_usable = false;
                let mut words = heredocs.iter().chain(&without_flags);
                let word = words.next().map(Heredoc::word).unwrap_or_default();
                self.mistakes.push(Mistake {
                    range: start..end,
                    kind: MistakeKind::Invalid(Invalid::Heredoc(word)),
                    refused: false,
                });
            }
            for heredoc in &mut heredocs {
                let is_ended = self.heredoc(heredoc, &mut last);
                end = end.max(last.start + last.content().len());
                if !is_ended {
                    is_usable = false;
                    let kind = MistakeKind::HeredocOpen(heredoc.name.clone());
                    self.refuse(joined.place(&command.rest.range()), kind);
                }
            }
        }
        let mut reader = Reader::new(self.escape, &heredocs);
        let mut instruction = None;
        if command.keyword.text.is_empty() {
            self.refuse(start..end, MistakeKind::LoneEscape);
        } else {
            instruction = reader.instruction(&command).ok().filter(|_| is_usable);
        }
        for found in reader.found {
            self.mistakes.push(Mistake {
                range: joined.place(&found.range),
                kind: found.kind,
                refused: found.refused,
            });
        }
        self.has_instruction = true;
        let keyword = joined.place(&command.keyword.range());
        let image = joined.place(&command.rest.split_at_blanks().0.range());
        self.check_stage(&command, instruction.as_ref(), &keyword, &image);
        let place = Place {
            span: start..end,
            keyword,
            range: first.start..last.end(),
            first_line: first.number,
            last_line: last.number,
            comments_before: std::mem::take(&mut self.comments),
            comments_inside: inside,
        };
        self.items.push(match instruction {
            Some(instruction) => Item::Statement(Box::new(Statement { instruction, place })),
            None => Item::Broken(Box::new(Broken {
                keyword: command.keyword.text.to_owned(),
                place,
            })),
        });
    }

    /// Reads the text of a here-document, and says whether it is ended.
    fn heredoc(&mut self, heredoc: &mut Heredoc, last: &mut PhysicalLine<'a>) -> bool {
        let mut text = JoinedLine::default();
        let mut is_ended = false;
        while !is_ended && let Some(line) = self.next_line() {
            *last = line;
            is_ended = heredoc.ends_at(line.bytes);
            if !is_ended {
                text.push(line.bytes, line.start);
            }
        }
        heredoc.content = text.text;
        is_ended
    }

    /// Only `ARG` may stand before the first `FROM`, and what `FROM` names must be an image or a stage.
    fn check_stage(
        &mut self,
        command: &Command,
        instruction: Option<&Instruction>,
        keyword: &Range<usize>,
        image: &Range<usize>,
    ) {
        match command.known() {
            Some("FROM") => self.has_stage = true,
            Some(known) if known != "ARG" && !self.has_stage => {
                self.refuse(keyword.clone(), MistakeKind::BeforeFrom(known));
            }
            _ => {}
        }
        if let Some(Instruction::From(from)) = instruction {
            if let Some(text) = from.image.word().text()
                && !self.stages.contains(&text)
                && let Err(error) = ImageRef::parse(&text)
            {
                self.refuse(image.clone(), MistakeKind::Image(error));
            }
            self.stages
                .extend(from.name.as_ref().map(|name| name.as_str().to_owned()));
        }
    }

    fn finish(mut self, bytes: &[u8]) -> Document {
        let end = bytes.len()..bytes.len();
        if !self.has_instruction {
            self.refuse(end, MistakeKind::NoInstruction);
        } else if !self.has_stage && !self.mistakes.iter().any(|mistake| mistake.refused) {
            self.refuse(end, MistakeKind::NoStage);
        }
        self.mistakes.sort_by_key(|mistake| mistake.range.start);
        Document {
            bytes: bytes.to_vec(),
            escape: self.escape,
            items: self.items,
            mistakes: self.mistakes,
            not_utf8: not_utf8(bytes),
        }
    }
}

fn comment(line: PhysicalLine) -> Comment {
    let behind = String::from_utf8_lossy(&line.content()[line.indent() + 1..]);
    let text = behind.strip_prefix(' ').unwrap_or(&behind);
    Comment {
        text: text.trim_end().to_owned(),
        range: line.start..line.end(),
    }
}

fn not_utf8(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        let start = at + chunk.valid().len();
        at = start + chunk.invalid().len();
        match ranges.last_mut() {
            _ if start == at => {}
            Some(last) if last.end == start => last.end = at,
            _ => ranges.push(start..at),
        }
    }
    ranges
}

/// The one instruction of a stage that a text is, comments above it aside, if it can stand among others as it is: a text
/// that runs on at its end would take in the next one.
pub fn parse_one(text: &str) -> Option<Instruction> {
    let document = parse(format!("FROM scratch\n{text}\nFROM scratch\n").as_bytes());
    let mut statements = document
        .statements()
        .map(|statement| &statement.instruction);
    let (first, found, last) = (statements.next()?, statements.next()?, statements.next()?);
    let is_begin = |instruction| matches!(instruction, &Instruction::From(_));
    let alone =
        is_begin(first) && is_begin(last) && !is_begin(found) && statements.next().is_none();
    (alone && !document.is_refused()).then(|| found.clone())
}
