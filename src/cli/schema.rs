//! `dockwright schema`.

use super::Exit;
use super::terminal::{Failure, Terminal};
use crate::compile::Compiler;
use crate::data;
use crate::diag::Sources;

/// Print the JSON Schema of a spec, for editors.
#[derive(clap::Args)]
pub(super) struct Schema {}

pub(super) fn run(
    _args: &Schema,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    let keys = Compiler::new(sources).keys();
    let schema = data::json_schema("dockwright.toml", &keys);
    terminal.print(&format!("{schema:#}\n"))?;
    Ok(Exit::Clean)
}
