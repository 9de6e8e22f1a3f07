//! `dockwright check`.

mod format;
mod report;

pub(super) use format::schema;

use std::path::{Path, PathBuf};

use super::project::{self, Broken, Owners, Project, Specs};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::compare::{self, Change, Severity};
use crate::drift::{self, Origins, State, Verdict};
use crate::files::{self, ErrorKind, OutputFile};
use crate::render;
use crate::stamp;
use format::Format;
use report::{FileReport, Finding};

/// Compare the files with what the specs describe, and tell why they differ; write nothing.
#[derive(clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    specs: Specs,
    /// How to report.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// The least severity that fails (note, warning, error); by default whatever is not in sync does.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    fail_on: Option<Severity>,
    /// Write what is stale, outdated or missing; what was changed by hand is left alone.
    #[arg(long)]
    fix: bool,
    /// With `--fix`: overwrite what was changed by hand too.
    #[arg(long, requires = "fix")]
    force: bool,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.word() == word)
        .ok_or_else(|| "must be `note`, `warning` or `error`".to_owned())
}

pub(super) fn run(args: &Check, common: &Common, terminal: &Terminal) -> Result<Exit, Failure> {
    let specs = args.specs.find(common)?;
    let checked = project::each(&specs, |spec, compiler, sources| {
        let project = project::open(spec, compiler, sources)?;
        check(&project, spec, args).map_err(|failure| {
            Box::new(Broken {
                failure,
                sources: project.sources,
            })
        })
    });
    let mut reports = Vec::new();
    let mut broken = false;
    let mut owners = Owners::default();
    for (spec, result) in specs.iter().zip(checked) {
        match result {
            Ok(found) => {
                let is_output = |report: &&FileReport| report.verdict.states != [State::Orphan];
                for report in found.iter().filter(is_output) {
                    owners.own(spec, &report.path)?;
                }
                reports.extend(found);
            }
            Err(found) => {
                terminal.fail(&found.failure, &found.sources);
                broken = true;
            }
        }
    }
    format::print(args.format, &reports, terminal)?;
    let fails = |report: &FileReport| {
        !report.in_sync() && args.fail_on.is_none_or(|least| report.severity >= least)
    };
    Ok(match (broken, reports.iter().any(fails)) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Clean,
    })
}

/// Every file of one spec, and those that it does not describe any more.
fn check(project: &Project, spec: &Path, args: &Check) -> Result<Vec<FileReport>, Failure> {
    let mut reports = Vec::new();
    for file in &project.files {
        let path = project.folder.join(&file.path);
        let actual = files::existing(&path)?;
        let verdict = drift::judge(&file.text, actual.as_deref());
        let mut report = FileReport::new(path, spec, verdict);
        if !report.verdict.in_sync() {
            describe(&mut report, file, actual.as_deref(), project)?;
            if args.fix && (args.force || !report.verdict.is_by_hand()) {
                files::write(&[(report.path.clone(), file.text.as_str())])?;
                report.fixed = true;
            }
        }
        reports.push(report);
    }
    for path in orphans(project, spec)? {
        reports.push(FileReport::new(path, spec, Verdict::of(State::Orphan)));
    }
    Ok(reports)
}

/// Tells what differs between two texts of one form.
type Compare = fn(&str, &str) -> Vec<Change>;

/// Tells what differs between a file and what it should be, what to change for it, and how to patch it.
fn describe(
    report: &mut FileReport,
    file: &OutputFile,
    actual: Option<&str>,
    project: &Project,
) -> Result<(), Failure> {
    let Some(whole) = actual else {
        report.diff = drift::diff(&report.path.to_string_lossy(), &file.text, None);
        return Ok(());
    };
    let actual = stamp::unix(whole);
    // What the stamps say is told by the verdict, so it is no difference of its own.
    let expected = stamp::with_stamp_of(&file.text, &actual);
    let outputs = &project.plan.outputs;
    let compiled = drift::Compiled {
        plan: &project.plan,
        sources: &project.sources,
        spec: project.source,
    };
    let name = Some(&file.path);
    let (compare, mut origins): (Compare, Origins<'_>) = if outputs.dockerfile.as_ref() == name {
        let origins = Origins::of_dockerfile(compiled, &expected, &actual);
        (compare::dockerfile, origins)
    } else if outputs.dockerignore.as_ref() == name {
        let origins = Origins::of_dockerignore(compiled, &expected, &actual);
        (compare::dockerignore, origins)
    } else {
        let places = render::places(&project.plan).unwrap_or_default();
        let origins = Origins::of_compose(compiled, places, &expected, &actual);
        (compare::compose, origins)
    };
    let mut changes = if actual.is_empty() {
        Vec::new()
    } else if report.verdict.is_by_hand() {
        compare(&expected, &actual)
    } else {
        let changes = compare(&actual, &expected).into_iter();
        changes
            .map(|change| to_come(change, &expected, &actual))
            .collect()
    };
    match unpatchable(&report.path, whole)? {
        Some(reason) => changes.insert(0, reason),
        None => report.diff = drift::diff(&report.path.to_string_lossy(), &file.text, Some(whole)),
    }
    let is_dockerfile = outputs.dockerfile.as_ref() == name;
    let findings = changes.into_iter().map(|change| Finding {
        origin: match change.kind {
            "blank-lines-changed" | "layout-changed" | "not-readable" | "not-text" => None,
            // Only a Dockerfile has comments that a spec says.
            "comments-changed" if !is_dockerfile => None,
            _ => origins.at(change.expected_line, change.line),
        },
        change,
    });
    report.add(findings.collect());
    Ok(())
}

/// Why there can be no patch of a file: what is not text has no lines to name in one.
fn unpatchable(path: &Path, text: &str) -> Result<Option<Change>, Failure> {
    if !text.contains(char::REPLACEMENT_CHARACTER) {
        return Ok(None);
    }
    match files::read(path) {
        Err(error) => match error.kind {
            ErrorKind::NotUtf8 { line, .. } => Ok(Some(Change::not_text(line))),
            _ => Err(error.into()),
        },
        Ok(_) => Ok(None),
    }
}

/// A change that is yet to come, with the places that every change has: its line is that of the file as it is.
fn to_come(change: Change, expected: &str, actual: &str) -> Change {
    let opposite = |line| files::opposite(actual, expected, line);
    Change {
        line: change.expected_line.or(change.line.map(opposite)),
        expected_line: change.line,
        ..change
    }
}

/// Files that were made from this spec and are none of its outputs. They are looked for where its outputs lie and
/// beside the spec, under the names that such files have.
fn orphans(project: &Project, spec: &Path) -> Result<Vec<PathBuf>, Failure> {
    let spec_name = spec.file_name().unwrap_or_default().to_string_lossy();
    let outputs: Vec<PathBuf> = project
        .files
        .iter()
        .map(|file| project.folder.join(&file.path))
        .collect();
    let here = |folder: &Path| {
        if folder.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            folder.to_owned()
        }
    };
    let mut folders = vec![here(&project.folder)];
    folders.extend(outputs.iter().filter_map(|path| path.parent().map(here)));
    folders.sort();
    folders.dedup();
    let mut orphans = Vec::new();
    for folder in folders {
        for path in files::list(&folder, "")? {
            let path = project::clean(&path);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let likely = name.contains("ockerfile")
                || name.ends_with("ockerignore")
                || name.contains("compose");
            if !likely || outputs.contains(&path) || files::is_folder(&path) {
                continue;
            }
            let text = files::existing(&path)?.unwrap_or_default();
            if stamp::spec_of(&text) == Some(&*spec_name) {
                orphans.push(path);
            }
        }
    }
    Ok(orphans)
}
