//! The command line: reads arguments, calls the other rooms, prints, and chooses the exit code.

use std::ffi::OsString;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All that was asked for is done.
    Clean,
    /// Something was found that a person should see.
    Findings,
    /// It could not be done.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => Self::SUCCESS,
            Exit::Findings => Self::from(1),
            Exit::Failed => Self::from(2),
        }
    }
}

/// Runs the command line and says how it ended.
pub fn run(_arguments: impl IntoIterator<Item = OsString>) -> Exit {
    Exit::Clean
}
