//! `dockwright check`.

mod format;
mod report;

pub(super) use format::schema;

use std::path::{Path, PathBuf};

use super::project::{self, Broken, Owners, Project, Specs};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::compare::{self, Change, Severity};
use crate::diag::Sources;
use crate::drift::{self, Origins, State, Verdict};
use crate::files::{self, ErrorKind, OutputFile};
use crate::render;
use crate::stamp;
use format::Format;
use report::{Cause, FileReport, Finding};

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
        Ok::<_, Box<Broken>>(check(&project, spec, args))
    });
    let mut reports = Vec::new();
    let mut broken = false;
    let mut shared = false;
    let mut owners = Owners::default();
    for (spec, result) in specs.iter().zip(checked) {
        // What is wrong with one file or one spec hides nothing of the others.
        let mut fail = |failure: &Failure, sources: &Sources| {
            terminal.fail(failure, sources);
            broken = true;
        };
        match result {
            Ok(found) => {
                for result in found {
                    let nowhere = Sources::default();
                    match result {
                        Ok(report) if report.verdict.states == [State::Orphan] => {
                            reports.push(report);
                        }
                        Ok(report) => match owners.own(spec, &report.path) {
                            Ok(()) => reports.push(report),
                            Err(failure) => {
                                fail(&failure, &nowhere);
                                shared = true;
                            }
                        },
                        Err(failure) => fail(&failure, &nowhere),
                    }
                }
            }
            Err(found) => fail(&found.failure, &found.sources),
        }
    }
    // Of two specs that describe one file nobody knows which is meant.
    for report in reports.iter_mut().filter(|_| !shared) {
        if let Some(text) = report.anew.take() {
            match files::write(&[(report.path.clone(), text.as_str())]) {
                Ok(()) => report.fixed = true,
                Err(error) => {
                    terminal.fail(&error.into(), &Sources::default());
                    broken = true;
                }
            }
        }
    }
    format::print(args.format, &reports, terminal)?;
    let fails = |report: &FileReport| {
        !report.in_sync() && args.fail_on.is_none_or(|least| report.severity >= least)
    };
    if broken {
        return Ok(Exit::Failed);
    }
    Ok(Exit::findings_if(reports.iter().any(fails)))
}

/// Every file of one spec, and those that it does not describe any more.
fn check(project: &Project, spec: &Path, args: &Check) -> Vec<Result<FileReport, Failure>> {
    let files = project.files.iter();
    let mut reports: Vec<_> = files
        .map(|file| check_file(file, project, spec, args))
        .collect();
    match orphans(project, spec) {
        Ok(paths) => reports.extend(
            paths
                .into_iter()
                .map(|path| Ok(FileReport::new(path, spec, Verdict::of(State::Orphan)))),
        ),
        Err(failure) => reports.push(Err(failure)),
    }
    reports
}

fn check_file(
    file: &OutputFile,
    project: &Project,
    spec: &Path,
    args: &Check,
) -> Result<FileReport, Failure> {
    let path = project.folder.join(&file.path);
    let actual = files::existing(&path)?;
    let verdict = drift::judge(&file.text, actual.as_deref());
    let mut report = FileReport::new(path, spec, verdict);
    if !report.verdict.in_sync() {
        describe(&mut report, file, actual.as_deref(), project)?;
        let fixes = args.fix && (args.force || !report.verdict.is_by_hand());
        report.anew = fixes.then(|| file.text.clone());
    }
    Ok(report)
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
    } else {
        told(&report.verdict, compare, &expected, &actual)
    };
    match unpatchable(&report.path, whole)? {
        Some(reason) => changes.insert(0, (Cause::Edit, reason)),
        None => report.diff = drift::diff(&report.path.to_string_lossy(), &file.text, Some(whole)),
    }
    let is_dockerfile = outputs.dockerfile.as_ref() == name;
    let findings = changes.into_iter().map(|(cause, change)| Finding {
        origin: match change.kind {
            "blank-lines-changed"
            | "layout-changed"
            | "not-readable"
            | "not-understood"
            | "not-text" => None,
            // Only a Dockerfile has comments that a spec says.
            "comments-changed" if !is_dockerfile => None,
            "comments-changed" => {
                let is_comment = |line: &usize| {
                    let mut lines = expected.lines();
                    lines
                        .nth(line - 1)
                        .is_some_and(|line| line.starts_with('#'))
                };
                origins.at(change.expected_line.filter(is_comment), change.line)
            }
            _ => origins.at(change.expected_line, change.line),
        },
        change,
        cause,
    });
    report.add(findings.collect());
    Ok(())
}

/// What differs, and whether somebody did it or it is to come. Of a file of which both are true that can be told where
/// the stamp proves what was generated.
fn told(verdict: &Verdict, compare: Compare, expected: &str, actual: &str) -> Vec<(Cause, Change)> {
    let with = |cause| move |change| (cause, change);
    if !verdict.is_by_hand() {
        let changes = compare(actual, expected).into_iter();
        let of_actual = |line| line;
        let changes =
            changes.map(|change| to_come(change, of_actual, files::opposites(actual, expected)));
        return changes.map(with(Cause::ToCome)).collect();
    }
    let apart = verdict.is_old().then(|| drift::apart(expected, actual));
    let Some(apart) = apart.flatten() else {
        let cause = if verdict.states == [State::Edited] && !verdict.unknown {
            Cause::Edit
        } else {
            Cause::Unknown
        };
        let changes = compare(expected, actual).into_iter();
        return changes.map(with(cause)).collect();
    };
    let generated = apart.generated.as_str();
    let of_expected = files::opposites(expected, generated);
    let edits = compare(generated, actual).into_iter().map(|change| Change {
        expected_line: change.expected_line.map(&of_expected),
        ..change
    });
    let of_actual = files::opposites(actual, generated);
    let of_new = files::opposites(actual, expected);
    let coming = compare(generated, expected).into_iter();
    let coming = coming.map(|change| to_come(change, &of_actual, &of_new));
    let edits = edits.map(with(Cause::Edit));
    edits.chain(coming.map(with(Cause::ToCome))).collect()
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

/// A change that is yet to come, with the places that every change has: its line is that of the file as it is. The old
/// lines are those of what was generated, the new ones of what is expected.
fn to_come(
    change: Change,
    of_old: impl Fn(usize) -> usize,
    of_new: impl Fn(usize) -> usize,
) -> Change {
    let line = change.expected_line.map(of_old);
    Change {
        line: line.or(change.line.map(of_new)),
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
