//! `dockwright generate`.

use std::path::Path;

use super::terminal::{Failure, Terminal};
use super::{Common, Exit, project};
use crate::diag::Sources;
use crate::files::{self, OutputFile};
use crate::stamp::Stamp;

/// Write the files that the spec describes; a file whose content is the same is not touched.
#[derive(clap::Args)]
pub(super) struct Generate {
    /// Write nothing; say what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Show how each file changes.
    #[arg(long)]
    diff: bool,
    /// Print one of the files, and write none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "diff"])]
    stdout: Option<String>,
    /// Overwrite files that dockwright did not write, or that were changed by hand since.
    #[arg(long)]
    force: bool,
}

/// What has to happen to a file.
enum Change {
    Create,
    Update(String),
    Nothing,
}

pub(super) fn run(
    args: &Generate,
    common: &Common,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    let files = project::outputs(common, sources)?;
    if let Some(wanted) = &args.stdout {
        return print(wanted, &files, terminal);
    }
    let folder = project::folder(common);
    let mut changes = Vec::new();
    let mut refused = Vec::new();
    for file in &files {
        let path = folder.join(&file.path);
        let change = match files::existing(&path)? {
            None => Change::Create,
            Some(old) if old == file.text => Change::Nothing,
            Some(old) => {
                if !args.force {
                    refused.extend(refusal(&old, &path));
                }
                Change::Update(old)
            }
        };
        changes.push((file, path, change));
    }
    if !refused.is_empty() {
        let hint = "`dockwright generate --force` overwrites; `--diff --dry-run --force` shows what would change".to_owned();
        return Err(Failure::Message(
            format!("{}; nothing was written", refused.join(", and ")),
            vec![hint],
        ));
    }
    let mut writes = Vec::new();
    for (file, path, change) in &changes {
        let old = match change {
            Change::Nothing => continue,
            Change::Create => None,
            Change::Update(old) => Some(old.as_str()),
        };
        if args.diff {
            terminal.diff(&files::diff(&file.path, old, &file.text))?;
        }
        writes.push((path.clone(), file.text.as_str()));
    }
    if !args.dry_run {
        files::write(&writes)?;
    }
    for (_, path, change) in &changes {
        let path = path.display();
        match (change, args.dry_run) {
            (Change::Nothing, _) => terminal.detail(&format!("unchanged {path}"))?,
            (_, true) => terminal.tell(&format!("would write {path}"))?,
            (_, false) => terminal.tell(&format!("wrote {path}"))?,
        }
    }
    if writes.is_empty() {
        terminal.tell("every file is up to date")?;
    }
    Ok(Exit::Clean)
}

/// Why a file must not be overwritten unasked.
fn refusal(old: &str, path: &Path) -> Option<String> {
    let path = path.display();
    match Stamp::read(old) {
        None => Some(format!("`{path}` was not written by dockwright")),
        Some(stamp) if !stamp.fits(old) => Some(format!(
            "`{path}` was changed by hand since dockwright wrote it"
        )),
        Some(_) => None,
    }
}

fn print(wanted: &str, files: &[OutputFile], terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(file) = files.iter().find(|file| file.path == wanted) else {
        let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let hint = format!("the spec generates {}", names.join(", "));
        return Err(Failure::Message(
            format!("the spec generates no file `{wanted}`"),
            vec![hint],
        ));
    };
    terminal.print(&file.text)?;
    Ok(Exit::Clean)
}
