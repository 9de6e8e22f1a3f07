//! `dockwright generate`.

use std::path::PathBuf;

use super::project::{self, Broken, Owners, Project, Specs};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::drift::{self, State};
use crate::files::{self, Prepared};
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

/// What there is to do for one spec. The texts of thousands of specs would fill the memory, so what is to be written lies
/// on the disk already.
#[derive(Default)]
struct Work {
    unchanged: Vec<PathBuf>,
    /// What is written anew.
    written: Vec<PathBuf>,
    /// What would be lost, and why.
    refused: Vec<String>,
    /// How the files change, where that is asked for.
    diffs: Vec<String>,
    /// The new files, each beside its place.
    prepared: Prepared,
}

pub(super) fn run(args: &Generate, common: &Common, terminal: &Terminal) -> Result<Exit, Failure> {
    let specs = args.specs.find(common)?;
    if let Some(wanted) = &args.stdout {
        return print(wanted, &specs, terminal);
    }
    let prepared = project::each(&specs, |spec, compiler, sources| {
        let project = project::open(spec, compiler, sources)?;
        prepare(&project, args).map_err(|failure| {
            Box::new(Broken {
                failure,
                sources: project.sources,
            })
        })
    });
    let mut all = Vec::new();
    let mut broken = false;
    let mut owners = Owners::default();
    for (spec, result) in specs.iter().zip(prepared) {
        match result {
            Ok(work) => {
                for file in work.unchanged.iter().chain(&work.written) {
                    owners.own(spec, file)?;
                }
                all.push(work);
            }
            Err(found) => {
                terminal.fail(&found.failure, &found.sources);
                broken = true;
            }
        }
    }
    if broken {
        return Ok(Exit::Failed);
    }
    let refused: Vec<&str> = all
        .iter()
        .flat_map(|work| work.refused.iter().map(String::as_str))
        .collect();
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
    for diff in all.iter().flat_map(|work| &work.diffs) {
        terminal.diff(diff)?;
    }
    for work in &mut all {
        std::mem::take(&mut work.prepared).place()?;
    }
    for path in all.iter().flat_map(|work| &work.unchanged) {
        terminal.detail(&format!("unchanged {}", path.display()))?;
    }
    let written: Vec<&PathBuf> = all.iter().flat_map(|work| &work.written).collect();
    for path in &written {
        let verb = if args.dry_run { "would write" } else { "wrote" };
        terminal.tell(&format!("{verb} {}", path.display()))?;
    }
    if written.is_empty() {
        terminal.tell("every file is up to date")?;
    }
    Ok(Exit::Clean)
}

/// Compares the files of a spec with what is there, and prepares those that differ. Nothing is prepared where a
/// person's work would be lost.
fn prepare(project: &Project, args: &Generate) -> Result<Work, Failure> {
    let mut work = Work::default();
    let mut writes = Vec::new();
    for file in &project.files {
        let path = project.folder.join(&file.path);
        let old = files::existing(&path)?;
        if old
            .as_deref()
            .is_some_and(|old| stamp::unix(old) == file.text)
        {
            work.unchanged.push(path);
            continue;
        }
        let verdict = drift::judge(&file.text, old.as_deref());
        if verdict.is_by_hand() && !args.force {
            let what = if verdict.states.contains(&State::Unmanaged) {
                "was not written by dockwright"
            } else {
                "was changed by hand since dockwright wrote it"
            };
            work.refused.push(format!("`{}` {what}", path.display()));
        } else if let Some(other) = owner(project, &file.text, old.as_deref())?
            && !args.force
        {
            let what = format!("`{}` was written from `{other}`", path.display());
            work.refused.push(what);
        }
        if args.diff {
            let shown = path.to_string_lossy();
            work.diffs
                .push(files::diff(&shown, old.as_deref(), &file.text));
        }
        work.written.push(path.clone());
        writes.push((path, file.text.as_str()));
    }
    if !args.dry_run && work.refused.is_empty() {
        work.prepared = Prepared::new(&writes)?;
    }
    Ok(work)
}

/// The other spec that a file was written from, if that is still there.
fn owner(project: &Project, new: &str, old: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(other) = old.and_then(stamp::spec_of) else {
        return Ok(None);
    };
    let is_other = stamp::spec_of(new).is_some_and(|ours| ours != other);
    let is_there = is_other && files::existing(&project.folder.join(other))?.is_some();
    Ok(is_there.then(|| other.to_owned()))
}

/// Prints one file of the one spec that is named.
fn print(wanted: &str, specs: &[PathBuf], terminal: &Terminal) -> Result<Exit, Failure> {
    let [_] = specs else {
        return Err(Failure::Message(
            "`--stdout` prints a file of one spec only".to_owned(),
            Vec::new(),
        ));
    };
    let opened = project::each(specs, project::open);
    for project in opened {
        let project = match project {
            Ok(project) => project,
            Err(found) => return Ok(terminal.fail(&found.failure, &found.sources)),
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
    }
    Ok(Exit::Clean)
}
