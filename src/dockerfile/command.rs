//! Commands: what `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK` run, as a list or as text for a shell.

use super::{
    heredoc::{self, Heredoc},
    invalid::Invalid,
    json,
    words::check_line,
};

/// The rest of a line, kept as it stands: nothing in it is expanded and no quote is taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    /// Text for the rest of a line. It may be empty.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        check_line(text)?;
        if text.trim() != text {
            return Err(Invalid::Edges(text.to_owned()));
        }
        if text.ends_with('\\') && !text.ends_with("\\\\") {
            return Err(Invalid::Continues(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// What a file has, whose escape character may be another.
    pub(super) fn read(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A command for a shell on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellLine(Line);

impl ShellLine {
    /// A command for a shell. It must not read as a list in JSON, which would make it another form.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let line = Line::new(text)?;
        match json::strings(text) {
            json::Reading::NotJson => Ok(Self(line)),
            _ => Err(Invalid::ReadsAsJson(text.to_owned())),
        }
    }

    /// What a file has.
    pub(super) fn read(text: &str) -> Self {
        Self(Line::read(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What `CMD` and `ENTRYPOINT` run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandLine {
    /// A program and its arguments, without a shell.
    Exec(Vec<String>),
    /// Text for the stage's shell.
    Shell(ShellLine),
}

/// A list with at least one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// A program and its arguments.
    pub fn new(list: Vec<String>) -> Result<Self, Invalid> {
        if list.is_empty() {
            return Err(Invalid::Empty("the list"));
        }
        Ok(Self(list))
    }

    /// The program and its arguments.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// Text for a shell behind `RUN`: one line, or lines in here-documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub(super) line: String,
    pub(super) heredocs: Vec<Heredoc>,
}

impl Script {
    /// A script: a single line as it stands, several lines in a here-document.
    ///
    /// A single line that would be read as something else (a list in JSON, a line that goes on, a
    /// here-document) goes into a here-document too, where nothing is read into it.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Err(Invalid::Empty("a script"));
        }
        let mut content = text.trim_end_matches('\n').to_owned();
        if !content.contains('\n')
            && ShellLine::new(&content).is_ok()
            && heredoc::in_line(&content).is_empty()
        {
            return Ok(Self {
                line: content,
                heredocs: Vec::new(),
            });
        }
        content.push('\n');
        let mut number = 1;
        let mut name = "EOF".to_owned();
        loop {
            match Heredoc::template(&name, &content) {
                Ok(heredoc) => {
                    return Ok(Self {
                        line: heredoc.word(),
                        heredocs: vec![heredoc],
                    });
                }
                Err(Invalid::Terminator(_)) => {
                    number += 1;
                    name = format!("EOF{number}");
                }
                Err(other) => return Err(other),
            }
        }
    }

    /// The line behind `RUN` and its flags, with the words that start here-documents in it.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The here-documents of the line, in its order.
    pub fn heredocs(&self) -> &[Heredoc] {
        &self.heredocs
    }

    /// The text that the shell gets as its script, if the line is nothing but one here-document; a
    /// text that starts with `#!` is run as a program instead.
    pub fn body(&self) -> Option<&str> {
        let is_alone = heredoc::of_word(&self.line).is_some();
        self.heredocs
            .first()
            .filter(|_| is_alone)
            .map(Heredoc::content)
    }
}

/// What `RUN` runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunCommand {
    /// A program and its arguments, without a shell.
    Exec(Vec<String>),
    /// Text for the stage's shell.
    Script(Script),
}
