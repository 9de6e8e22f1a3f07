//! `dockwright migrate`.

use std::path::{Path, PathBuf};

mod jobs;

use super::project::{self, Owners};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::compile::Compiler;
use crate::diag::{Diagnostic, Sources};
use crate::dockerfile::{self, Document};
use crate::files;
use crate::migrate::{self, Context, Failed, Report, Taking};
use crate::plan::Plan;
use crate::render;
use crate::spec;
use jobs::Job;

/// Make a spec of a Dockerfile that was written by hand, and account for every line of it.
#[derive(clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(super) struct Migrate {
    /// The Dockerfile, below the folder of the project.
    #[arg(value_name = "DOCKERFILE", default_value = "Dockerfile")]
    file: String,
    /// Migrate every Dockerfile of the project, each from the folder that a compose file builds it from.
    #[arg(long, conflicts_with_all = ["file", "target", "name", "compose"])]
    all: bool,
    /// A compose file that builds it; a further one lies over the first. By default what Compose takes.
    #[arg(long, value_name = "FILE")]
    compose: Vec<String>,
    /// The stage that the service runs in; by default the one that the compose file builds, or the last one.
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
    /// What the service is called; by default as in the compose file, or as the folder of the project.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Change nothing that is built: no preset takes over what it does better.
    #[arg(long)]
    as_is: bool,
    /// Write the spec and the files that it describes, in the place of the old ones.
    #[arg(long)]
    write: bool,
    /// Write although something needs a person.
    #[arg(long, requires = "write")]
    force: bool,
    /// Migrate what can be read of a file with mistakes; what cannot becomes a comment of the spec.
    #[arg(long)]
    keep_going: bool,
    /// How to report.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: the spec, then a line for each item of the old file.
    Human,
    /// For programs; `docs/reference/migrate.schema.json` describes it.
    Json,
}

pub(super) fn run(args: &Migrate, common: &Common, terminal: &Terminal) -> Result<Exit, Failure> {
    if !files::is_folder(&common.directory) && !common.directory.as_os_str().is_empty() {
        let message = format!("there is no folder `{}`", common.directory.display());
        return Err(Failure::Message(message, Vec::new()));
    }
    let jobs = if args.all {
        jobs::all(common, terminal)?
    } else {
        vec![jobs::one(args, common, terminal)?]
    };
    let mut sources = Sources::default();
    let compiler = Compiler::new(&mut sources);
    let mut done = Vec::new();
    let mut exit = Exit::Clean;
    for job in &jobs {
        match migrate(job, args, &compiler, &sources, terminal) {
            Ok(Some(found)) => {
                if found.report.needs_person() && exit == Exit::Clean {
                    exit = Exit::Findings;
                }
                done.push((job, found));
            }
            Ok(None) => exit = Exit::Failed,
            Err(failure) if args.all => exit = terminal.fail(&failure, &Sources::default()),
            Err(failure) => return Err(failure),
        }
    }
    tell(args, &done, terminal)?;
    if !args.write {
        return Ok(exit);
    }
    if exit == Exit::Failed {
        let message = "not every file could be migrated, so nothing was written";
        return Err(Failure::Message(message.to_owned(), Vec::new()));
    }
    if exit == Exit::Findings && !args.force {
        let hint = "`--force` writes all the same; what is not in the spec is lost then";
        return Err(Failure::Message(
            "something needs a person, so nothing was written".to_owned(),
            vec![hint.to_owned()],
        ));
    }
    write(&done)?;
    Ok(exit)
}

/// A Dockerfile with its spec and what that generates.
struct Done {
    spec: String,
    report: Report,
    plan: Plan,
    /// The old files that the new ones may replace, from the folder of the spec.
    old: Vec<String>,
}

/// Migrates one Dockerfile. Nothing comes of one that cannot be read, which is told.
fn migrate(
    job: &Job,
    args: &Migrate,
    compiler: &Compiler,
    sources: &Sources,
    terminal: &Terminal,
) -> Result<Option<Done>, Failure> {
    let path = job.folder.join(&job.dockerfile);
    let bytes = files::bytes(&path)?;
    let document = dockerfile::parse(&bytes);
    if unreadable(&path, &document, args.keep_going, terminal).is_some() {
        return Ok(None);
    }
    let mut sources = sources.clone();
    let own = project::own_presets(&job.folder, &[])?;
    let with_own;
    let compiler = if own.is_empty() {
        compiler
    } else {
        with_own = match project::extended(compiler, own, None, &mut sources) {
            Ok(with_own) => with_own,
            Err(failure) => {
                terminal.fail(&failure, &sources);
                return Ok(None);
            }
        };
        &with_own
    };
    let spec_name = job.spec.file_name().unwrap_or_default().to_string_lossy();
    let compile = |text: &str| -> Result<Plan, Vec<Diagnostic>> {
        let mut sources = sources.clone();
        let draft = spec::parse(text, sources.add(spec_name.as_ref(), text))?;
        compiler.compile(&draft, &spec_name, &sources)
    };
    let is_folder = |path: &str| files::is_folder_in(&job.folder, path);
    let read = |path: &str| files::read(&job.folder.join(path)).ok();
    let ignore = ignore_file(&job.folder, &job.dockerfile)?;
    let context = Context {
        name: &job.name,
        dockerfile: &job.dockerfile,
        target: job.target.as_deref(),
        is_folder: &is_folder,
        is_project: true,
        ignore: ignore.as_ref().map(|(_, bytes)| bytes.as_slice()),
        files: &|| files::below(&job.folder),
        read: &read,
        mode: &|path| files::mode_in(&job.folder, path),
        family: &|image| compiler.family(image).map(ToOwned::to_owned),
    };
    let library = (!args.as_is).then(|| compiler.library());
    let mut migrated = migrate::migrate(&document, &context, library, compile)
        .map_err(|failed| failure(failed, &job.dockerfile, &spec_name, terminal))?;
    migrated.report.file = path.display().to_string();
    migrated.report.found.clone_from(&job.told);
    let mut old = vec![job.dockerfile.clone()];
    old.extend(ignore.iter().map(|(path, _)| path.clone()));
    if let Some(joined) = &job.composed {
        match &joined.service {
            Ok(service) => {
                let taking = Taking {
                    composed: &joined.composed,
                    service,
                    builds: &joined.builds,
                    improve: !args.as_is,
                    render: &|plan| written(plan, plan.outputs.compose.as_deref()),
                };
                migrate::take(&mut migrated, &taking, &context, compile);
            }
            Err(reason) => {
                let left = migrate::leave(&joined.composed, reason.clone(), &is_folder);
                migrated.report.services = Some(left);
            }
        }
        old.push(joined.composed.path().to_owned());
    }
    let plan = compile(&migrated.spec).map_err(|mistakes| {
        let text = migrated.spec.clone();
        let failed = Failed::Spec { text, mistakes };
        failure(failed, &job.dockerfile, &spec_name, terminal)
    })?;
    if let Some((path, _)) = &ignore {
        let written = written(&plan, plan.outputs.dockerignore.as_deref());
        migrated.report.ignored = migrate::ignored(path, &context, &plan, written.as_deref());
    }
    Ok(Some(Done {
        plan,
        spec: migrated.spec,
        report: migrated.report,
        old,
    }))
}

/// The text of one of the files of a plan, if it has that.
fn written(plan: &Plan, path: Option<&str>) -> Option<String> {
    let files = render::render(plan).ok()?.into_iter();
    let mut of_path = files.filter(|file| Some(file.path.as_str()) == path);
    of_path.next().map(|file| file.text)
}

/// Prints the specs and the reports.
fn tell(args: &Migrate, done: &[(&Job, Done)], terminal: &Terminal) -> Result<(), Failure> {
    if done.is_empty() {
        return Ok(());
    }
    if args.format == Format::Json {
        let report = |(job, found): &(&Job, Done)| {
            let path = job.folder.join(&job.spec).display().to_string();
            found.report.json(&path, &found.spec)
        };
        let mut reports = done.iter().map(report);
        let json = match (args.all, reports.next()) {
            (false, Some(report)) => report,
            (_, first) => first.into_iter().chain(reports).collect(),
        };
        return terminal.print(&format!("{json:#}\n"));
    }
    for (number, (job, found)) in done.iter().enumerate() {
        if args.all {
            let gap = if number > 0 { "\n" } else { "" };
            let spec = job.folder.join(&job.spec);
            let dockerfile = job.folder.join(&job.dockerfile);
            let heading = format!("{gap}== {}: {} ==", dockerfile.display(), spec.display());
            terminal.tell(&heading)?;
        }
        if !args.write {
            terminal.print(&format!("{}\n", found.spec))?;
        }
        terminal.tell(found.report.human().trim_end())?;
    }
    Ok(())
}

/// The ignore file that the engine takes for a Dockerfile, with its path: one of its own name, or that of the context.
fn ignore_file(folder: &Path, dockerfile: &str) -> Result<Option<(String, Vec<u8>)>, Failure> {
    for path in [
        format!("{dockerfile}.dockerignore"),
        ".dockerignore".to_owned(),
    ] {
        match files::bytes(&folder.join(&path)) {
            Ok(bytes) => return Ok(Some((path, bytes))),
            Err(error) if matches!(error.kind, files::ErrorKind::Missing) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Says what is wrong with a file that a builder would refuse, and ends there unless it is to go on.
fn unreadable(
    path: &Path,
    document: &Document,
    keep_going: bool,
    terminal: &Terminal,
) -> Option<Exit> {
    let mut sources = Sources::default();
    let text = String::from_utf8_lossy(&document.to_bytes()).into_owned();
    let source = sources.add(path.display().to_string(), text);
    let mistakes = document.mistakes().iter().filter(|mistake| mistake.refused);
    let mut mistakes: Vec<Diagnostic> =
        mistakes.map(|mistake| mistake.diagnostic(source)).collect();
    if mistakes.is_empty() {
        return None;
    }
    if let Some(last) = mistakes.pop() {
        mistakes.push(if keep_going {
            last
        } else {
            last.help("`--keep-going` migrates what could be read")
        });
    }
    let exit = terminal.fail(&Failure::Mistakes(mistakes), &sources);
    (!keep_going).then_some(exit)
}

fn failure(failed: Failed, file: &str, spec_name: &str, terminal: &Terminal) -> Failure {
    match failed {
        Failed::NoStage => Failure::Message(
            format!("`{file}` has no stage, so there is nothing to migrate"),
            vec!["a stage begins with the image that it is built on".to_owned()],
        ),
        Failed::NoTarget(name) => {
            Failure::Message(format!("`{file}` has no stage `{name}`"), Vec::new())
        }
        Failed::Spec { text, mistakes } => {
            let mut sources = Sources::default();
            let source = sources.add(spec_name, text);
            let own = mistakes.into_iter().map(|mut mistake| {
                // The texts of presets are not among these sources.
                mistake.related.clear();
                if let Some(label) = &mut mistake.primary {
                    label.span.source = source;
                }
                mistake
            });
            terminal.fail(&Failure::Mistakes(own.collect()), &sources);
            Failure::Message(
                format!("`{file}` cannot be said in a spec yet; the spec that was tried is above"),
                Vec::new(),
            )
        }
    }
}

/// Writes the specs and what they describe, all or nothing. The old files are replaced: the reports have told what becomes
/// of them. Nothing else is, and no two specs write one file.
fn write(done: &[(&Job, Done)]) -> Result<(), Failure> {
    let mut owners = Owners::default();
    let mut rendered = Vec::new();
    for (job, found) in done {
        let spec = job.folder.join(&job.spec);
        if files::existing(&spec)?.is_some() {
            return Err(Failure::Message(
                format!("there is a spec already: `{}`", spec.display()),
                vec!["`--spec FILE` names another one".to_owned()],
            ));
        }
        let files = render::render(&found.plan)?;
        for file in &files {
            let path = job.folder.join(&file.path);
            owners.own(&spec, &path)?;
            if !found.old.contains(&file.path) && files::existing(&path)?.is_some() {
                let message = format!("`{}` is no part of what is migrated", path.display());
                let hint = "the spec would replace it; move it away first".to_owned();
                return Err(Failure::Message(message, vec![hint]));
            }
        }
        rendered.push((spec, files));
    }
    let mut writes: Vec<(PathBuf, &str)> = Vec::new();
    for ((job, found), (spec, files)) in done.iter().zip(&rendered) {
        writes.push((spec.clone(), &found.spec));
        for file in files {
            writes.push((job.folder.join(&file.path), &file.text));
        }
    }
    Ok(files::write(&writes)?)
}
