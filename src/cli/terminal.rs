//! What is said to the person at the terminal, or to the program behind a pipe.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the room that may ask about the terminal"
)]

use std::io::{self, IsTerminal, Write};

use super::Exit;
use crate::diag::{Color, Diagnostic, Sources, report};
use crate::files::{self, Part};

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum When {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The two streams, and how much to say on them.
pub(super) struct Terminal {
    quiet: bool,
    verbose: bool,
    color: When,
}

/// Why a command could not do its work.
pub(super) enum Failure {
    /// The user's files have mistakes.
    Mistakes(Vec<Diagnostic>),
    /// Something else, with hints about what would help.
    Message(String, Vec<String>),
    /// The reader of our output went away.
    ClosedPipe,
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(mistakes: Vec<Diagnostic>) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl From<Diagnostic> for Failure {
    fn from(mistake: Diagnostic) -> Self {
        Self::Mistakes(vec![mistake])
    }
}

impl From<crate::files::Error> for Failure {
    fn from(error: crate::files::Error) -> Self {
        Self::Message(error.to_string(), Vec::new())
    }
}

impl Terminal {
    pub(super) fn new(quiet: bool, verbose: bool, color: When) -> Self {
        Self {
            quiet,
            verbose,
            color,
        }
    }

    /// Prints what was asked for.
    #[expect(
        clippy::unused_self,
        reason = "what prints is the terminal, even where nothing is left to choose"
    )]
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ClosedPipe),
            Err(error) => Err(Failure::Message(
                format!("cannot write the output: {error}"),
                Vec::new(),
            )),
            Ok(()) => Ok(()),
        }
    }

    /// Says what was done, unless nobody wants to know.
    pub(super) fn tell(&self, line: &str) -> Result<(), Failure> {
        if self.quiet {
            Ok(())
        } else {
            self.print(&format!("{line}\n"))
        }
    }

    /// Says what is of interest only to those who ask.
    pub(super) fn detail(&self, line: &str) -> Result<(), Failure> {
        if self.verbose {
            self.tell(line)
        } else {
            Ok(())
        }
    }

    /// Prints the unified diff of a file: as it is, or in colours where they are wanted.
    pub(super) fn diff(&self, diff: &str) -> Result<(), Failure> {
        if self.quiet {
            return Ok(());
        }
        if self.color(&io::stdout()) == Color::No {
            return self.print(diff);
        }
        let mut text = String::new();
        for line in files::lines(diff) {
            let style = match line.part {
                Part::File => "\u{1b}[1m",
                Part::Place => "\u{1b}[36m",
                Part::Removed => "\u{1b}[31m",
                Part::Added => "\u{1b}[32m",
                Part::Other => "",
            };
            text.push_str(style);
            for (differs, words) in &line.words {
                // The words that differ stand out from their line.
                let (from, to) = if *differs {
                    ("\u{1b}[7m", "\u{1b}[27m")
                } else {
                    ("", "")
                };
                text.extend([from, words, to]);
            }
            text.push_str(if style.is_empty() { "" } else { "\u{1b}[0m" });
            text.push('\n');
        }
        self.print(&text)
    }

    /// Says why the work could not be done. This is the one place where an error becomes words.
    pub(super) fn fail(&self, failure: &Failure, sources: &Sources) -> Exit {
        let text = match failure {
            Failure::ClosedPipe => return Exit::Clean,
            Failure::Mistakes(mistakes) => report(mistakes, sources, self.color(&io::stderr())),
            Failure::Message(message, hints) => {
                let mut text = format!("error: {message}\n");
                if !hints.is_empty() {
                    text.push('\n');
                }
                for hint in hints {
                    text.extend(["hint: ", hint, "\n"]);
                }
                text
            }
        };
        // If even this cannot be said, the exit code still tells.
        let _ = io::stderr().lock().write_all(text.as_bytes());
        Exit::Failed
    }

    fn color(&self, stream: &impl IsTerminal) -> Color {
        let colored = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                stream.is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        if colored { Color::Yes } else { Color::No }
    }
}
