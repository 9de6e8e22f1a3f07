//! The command line: reads arguments, calls the other rooms, prints, and chooses the exit code.
//!
//! One file for each command. How anything is done is said elsewhere.

mod adopt;
mod check;
mod generate;
mod init;
mod migrate;
mod preset;
mod project;
mod schema;
mod terminal;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::diag::Sources;
use terminal::{Failure, Terminal, When};

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

impl Exit {
    /// How a run ends that may have found something.
    fn findings_if(found: bool) -> Self {
        if found { Self::Findings } else { Self::Clean }
    }
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

/// Compiles a short description of a service into a Dockerfile, a .dockerignore and a compose file.
#[derive(Parser)]
#[command(name = "dockwright", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(clap::Args)]
struct Common {
    /// The folder of the project.
    #[arg(
        short = 'C',
        long = "directory",
        value_name = "DIR",
        default_value = ".",
        global = true,
        hide_default_value = true
    )]
    directory: PathBuf,
    /// The spec, relative to that folder.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "dockwright.toml",
        global = true
    )]
    spec: PathBuf,
    /// When to colour the output.
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    color: When,
    /// Say nothing but errors.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Generate(generate::Generate),
    Check(check::Check),
    Adopt(adopt::Adopt),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Preset(preset::Preset),
    Schema(schema::Schema),
    /// Print the completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the program or of one command.
    Man {
        /// The command.
        command: Option<String>,
    },
}

/// The command line as a tree of commands and flags, for those who write about it.
pub fn command() -> clap::Command {
    let mut command = Arguments::command();
    command.build();
    command
}

/// The JSON Schema of what `check --format json` prints.
pub fn check_schema() -> serde_json::Value {
    check::schema()
}

/// Runs the command line and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are errors to clap, and go to standard output.
            let exit = if error.use_stderr() {
                Exit::Failed
            } else {
                Exit::Clean
            };
            let _ = error.print();
            return exit;
        }
    };
    let common = &arguments.common;
    let terminal = Terminal::new(common.quiet, common.verbose, common.color);
    let mut sources = Sources::default();
    let result = match &arguments.command {
        Command::Init(init) => init::run(init, common, &terminal, &mut sources),
        Command::Generate(generate) => generate::run(generate, common, &terminal),
        Command::Check(check) => check::run(check, common, &terminal),
        Command::Adopt(adopt) => Ok(adopt::run(adopt, common, &terminal)),
        Command::Migrate(migrate) => migrate::run(migrate, common, &terminal),
        Command::Preset(preset) => preset::run(preset, common, &terminal, &mut sources),
        Command::Schema(schema) => schema::run(schema, &terminal, &mut sources),
        Command::Completions { shell } => completions(*shell, &terminal),
        Command::Man { command } => man(command.as_deref(), &terminal),
    };
    result.unwrap_or_else(|failure| terminal.fail(&failure, &sources))
}

fn completions(shell: clap_complete::Shell, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "dockwright", &mut text);
    terminal.print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}

fn man(name: Option<&str>, terminal: &Terminal) -> Result<Exit, Failure> {
    let command = command();
    let page = match name {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(found) => found.clone(),
            None => {
                return Err(Failure::Message(
                    format!("there is no command `{name}`"),
                    Vec::new(),
                ));
            }
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| {
            Failure::Message(
                format!("cannot lay out the manual page: {error}"),
                Vec::new(),
            )
        })?;
    terminal.print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}
