//! The Dockerfile language: its instructions as types, a parser that takes any bytes, and one printer.
//!
//! What is accepted and what it means is what `BuildKit`'s Dockerfile frontend does. This room knows
//! the language and nothing of where a file came from or what it is for.
//!
//! - [`Instruction`] and the types in it can only be built so that they can be printed, and so that what
//!   was given arrives in the image as it was given.
//! - [`parse`] takes any bytes and gives back a [`Document`] that holds every one of them.
//! - [`print()`] gives each instruction its one spelling.
//! - [`ignore`] reads and matches `.dockerignore` files.
//! - [`mod@reference`] reads image references.
//! - [`paths`] reads paths of images and of build contexts.
//! - [`stages`] tells what the names of stages and images mean where they stand.
//! - [`variables`] expands words, and knows the values of variables.

mod arguments;
mod command;
mod directive;
mod document;
mod execution;
mod files;
mod flags;
mod healthcheck;
mod heredoc;
pub mod ignore;
mod instruction;
mod invalid;
mod json;
mod lex;
mod mistake;
mod mount;
mod options;
mod pairs;
mod parse;
pub mod paths;
mod print;
mod quoting;
mod reader;
pub mod reference;
mod regexp;
mod secret;
mod shell_words;
mod spell;
mod split;
pub mod stages;
mod transfer;
mod user;
mod values;
pub mod variables;
mod words;

pub use command::{Arguments, CommandLine, Line, RunCommand, Script, ShellLine};
pub use document::{Broken, Comment, Directive, DirectiveName, Document, Item, Place, Statement};
pub use files::{Transfer, TransferSource};
pub use healthcheck::{Check, Healthcheck, Interval};
pub use heredoc::Heredoc;
pub use instruction::{
    Add, Copy, Device, Expose, From, Instruction, KEYWORDS, Maintainer, Network, Onbuild, Run,
    Security, StageName, Volume,
};
pub use invalid::{Invalid, WordError};
pub use mistake::{Mistake, MistakeKind};
pub use mount::{Access, Choice, Mount, MountKind, SecretEnv, Sharing};
pub use pairs::{Arg, Env, EnvName, Label, LabelName};
pub use parse::{parse, parse_one};
pub use print::{print, print_with};
pub use quoting::Escape;
pub use secret::{has_login, names_secret};
pub use user::is_root;
pub use words::{FlagText, FlagWord, Token, Word};

/// The longest line that `BuildKit` reads, in bytes and without its line break.
const MAX_LINE: usize = 65_535;
