//! What a `RUN` runs, as single commands. This reads shell only as far as it takes to see where commands end.

use crate::dockerfile::{Run, RunCommand};

/// The commands of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Commands {
    pub(super) list: Vec<Command>,
    /// Whether the first failing command ends the script.
    pub(super) stops: bool,
}

/// A command and what joins it to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Whether it runs only after the one before: `&&`, or `;` where a failure ends the script.
    pub(super) joint: Joint,
    /// Its words, with their quotes.
    pub(super) words: Vec<String>,
}

/// What stands between two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// Nothing: the first one.
    First,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
    /// `;` or the end of a line.
    Then,
}

impl Command {
    /// The words with blanks between them.
    pub(super) fn text(&self) -> String {
        self.words.join(" ")
    }
}

impl Commands {
    pub(super) fn of(run: &Run) -> Self {
        match &run.command {
            RunCommand::Exec(list) => Self {
                list: vec![Command {
                    joint: Joint::First,
                    words: list.clone(),
                }],
                stops: true,
            },
            RunCommand::Script(script) => match script.body() {
                // Another program reads it.
                Some(body) if body.starts_with("#!") => Self {
                    list: body
                        .lines()
                        .map(|line| Command {
                            joint: Joint::First,
                            words: vec![line.to_owned()],
                        })
                        .collect(),
                    stops: true,
                },
                Some(body) => Self::read(body),
                None => {
                    let mut commands = Self::read(script.line());
                    let texts = script.heredocs().iter().map(|heredoc| Command {
                        joint: Joint::First,
                        words: vec![heredoc.content().to_owned()],
                    });
                    commands.list.extend(texts);
                    commands
                }
            },
        }
    }

    fn read(text: &str) -> Self {
        let mut list = split(text);
        let stops = list.first_mut().is_some_and(|first| {
            let Some(flags) = first.words.get_mut(1) else {
                return false;
            };
            let has = flags.starts_with('-') && flags.contains('e');
            let sets = first.words[0] == "set" && has;
            if sets {
                let flags = &mut first.words[1];
                *flags = flags.replace('e', "");
                if flags == "-" {
                    first.words.remove(1);
                }
            }
            sets
        });
        if stops && list[0].words.len() == 1 {
            list.remove(0);
        }
        if let Some(first) = list.first_mut() {
            first.joint = Joint::First;
        }
        Self { list, stops }
    }

    /// Whether a command may fail and the next one run all the same.
    pub(super) fn goes_on(&self) -> bool {
        !self.stops && self.list.iter().any(|command| command.joint == Joint::Then)
    }

    /// The same commands, as if a failure ended the script.
    pub(super) fn stopping(mut self) -> Self {
        for command in &mut self.list {
            if command.joint == Joint::Then {
                command.joint = Joint::And;
            }
        }
        self.stops = true;
        self
    }
}

/// The commands of a text.
fn split(text: &str) -> Vec<Command> {
    let mut reader = Reader {
        list: Vec::new(),
        words: Vec::new(),
        word: String::new(),
        joint: Joint::First,
    };
    let mut signs = text.chars().peekable();
    let mut quote = None;
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (None | Some('"'), '\\') => match signs.next() {
                Some('\n') if quote.is_none() => reader.end_word(),
                next => {
                    reader.word.push(sign);
                    reader.word.extend(next);
                }
            },
            (None, '\'' | '"') => {
                quote = Some(sign);
                reader.word.push(sign);
            }
            (Some(open), _) => {
                if open == sign {
                    quote = None;
                }
                reader.word.push(sign);
            }
            (None, '#') if reader.word.is_empty() => {
                while signs.next_if(|next| *next != '\n').is_some() {}
            }
            (None, '\n' | ';') => reader.end_command(Joint::Then),
            (None, '&') if reader.word.ends_with(['>', '<']) => reader.word.push(sign),
            (None, '&') => match signs.peek() {
                Some('&') => {
                    signs.next();
                    reader.end_command(Joint::And);
                }
                Some('>') => reader.word.push(sign),
                _ => reader.end_command(Joint::Background),
            },
            (None, '|') => {
                let joint = match signs.next_if_eq(&'|') {
                    Some(_) => Joint::Or,
                    None => Joint::Pipe,
                };
                reader.end_command(joint);
            }
            (None, _) if sign.is_whitespace() => reader.end_word(),
            (None, _) => reader.word.push(sign),
        }
    }
    reader.end_command(Joint::Then);
    reader.list
}

struct Reader {
    list: Vec<Command>,
    words: Vec<String>,
    word: String,
    joint: Joint,
}

impl Reader {
    fn end_word(&mut self) {
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    fn end_command(&mut self, next: Joint) {
        self.end_word();
        if self.words.is_empty() {
            // A line break behind `&&` ends nothing.
            if next != Joint::Then {
                self.joint = next;
            }
            return;
        }
        let words = std::mem::take(&mut self.words);
        let joint = std::mem::replace(&mut self.joint, next);
        self.list.push(Command { joint, words });
    }
}
