//! `dockwright generate`.

use std::path::PathBuf;

use super::project::{self, Broken, Project, Specs};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::drift::{self, State};
use crate::files;
use crate::stamp;

/// Write the files that specs describe; a file whose content is the same is not touched.
#[derive(clap::Args)]
pub(super) struct Generate {
    #[command(flatten)]
    specs: Specs,
    /// Write nothing; say what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Show how each file changes.
    #[arg(long)]
    diff: bool,
    /// Print one of the files, and write none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "diff", "recursive"])]
    stdout: Option<String>,
    /// Overwrite files that dockwright did not write, or that were changed by hand since.
    #[arg(long)]
    force: bool,
}

/// A file that is to be written: where, what is there, and what will be.
struct Write<'a> {
    path: PathBuf,
    shown: &'a str,
    old: Option<String>,
    new: &'a str,
}

pub(super) fn run(args: &Generate, common: &Common, terminal: &Terminal) -> Result<Exit, Failure> {
    let specs = args.specs.find(common)?;
    let mut projects = Vec::new();
    let mut broken = false;
    for opened in project::open_all(&specs) {
        match opened {
            Ok(project) => projects.push(project),
            Err(found) => {
                let Broken { failure, sources } = *found;
                terminal.fail(&failure, &sources);
                broken = true;
            }
        }
    }
    if broken {
        return Ok(Exit::Failed);
    }
    if let Some(wanted) = &args.stdout {
        return print(wanted, &projects, terminal);
    }
    let mut writes = Vec::new();
    let mut unchanged = Vec::new();
    let mut refused = Vec::new();
    for project in &projects {
        for file in &project.files {
            let path = project.folder.join(&file.path);
            let old = files::existing(&path)?;
            if old
                .as_deref()
                .is_some_and(|old| stamp::unix(old) == file.text)
            {
                unchanged.push(path);
                continue;
            }
            let verdict = drift::judge(&file.text, old.as_deref());
            if verdict.is_by_hand() && !args.force {
                let what = if verdict.states.contains(&State::Unmanaged) {
                    "was not written by dockwright"
                } else {
                    "was changed by hand since dockwright wrote it"
                };
                refused.push(format!("`{}` {what}", path.display()));
            }
            writes.push(Write {
                path,
                shown: &file.path,
                old,
                new: &file.text,
            });
        }
    }
    if !refused.is_empty() {
        let hints = [
            "`--force` overwrites",
            "`--force --dry-run --diff` shows what would be lost",
        ];
        let message = format!("{}; nothing was written", refused.join(", and "));
        return Err(Failure::Message(
            message,
            hints.map(ToOwned::to_owned).to_vec(),
        ));
    }
    if args.diff {
        for write in &writes {
            terminal.diff(&files::diff(write.shown, write.old.as_deref(), write.new))?;
        }
    }
    if !args.dry_run {
        let texts: Vec<(PathBuf, &str)> = writes
            .iter()
            .map(|write| (write.path.clone(), write.new))
            .collect();
        files::write(&texts)?;
    }
    for path in &unchanged {
        terminal.detail(&format!("unchanged {}", path.display()))?;
    }
    for write in &writes {
        let verb = if args.dry_run { "would write" } else { "wrote" };
        terminal.tell(&format!("{verb} {}", write.path.display()))?;
    }
    if writes.is_empty() {
        terminal.tell("every file is up to date")?;
    }
    Ok(Exit::Clean)
}

fn print(wanted: &str, projects: &[Project], terminal: &Terminal) -> Result<Exit, Failure> {
    let [project] = projects else {
        return Err(Failure::Message(
            "`--stdout` prints a file of one spec only".to_owned(),
            Vec::new(),
        ));
    };
    let Some(file) = project.files.iter().find(|file| file.path == wanted) else {
        let names: Vec<&str> = project
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        let hint = format!("the spec generates {}", names.join(", "));
        return Err(Failure::Message(
            format!("the spec generates no file `{wanted}`"),
            vec![hint],
        ));
    };
    terminal.print(&file.text)?;
    Ok(Exit::Clean)
}
