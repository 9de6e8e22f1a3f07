//! `dockwright migrate`.

use std::path::{Path, PathBuf};

use super::project;
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::compile::Compiler;
use crate::diag::{Diagnostic, Sources};
use crate::dockerfile::{self, Document};
use crate::files;
use crate::migrate::{self, Context, Failed, Migrated};
use crate::plan::Plan;
use crate::render;
use crate::spec;

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
    /// The stage that the service runs in; by default the last one.
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,
    /// What the service is called; by default as the folder of the project.
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
    /// For programs: one object with the spec and the account.
    Json,
}

pub(super) fn run(args: &Migrate, common: &Common, terminal: &Terminal) -> Result<Exit, Failure> {
    let folder = project::clean(&common.directory);
    let relative = project::clean(Path::new(&args.file));
    let relative = relative.to_string_lossy().into_owned();
    let bytes = files::bytes(&folder.join(&relative))?;
    let document = dockerfile::parse(&bytes);
    if let Some(exit) = unreadable(
        &folder.join(&relative),
        &document,
        args.keep_going,
        terminal,
    ) {
        return Ok(exit);
    }
    let mut sources = Sources::default();
    let compiler = Compiler::new(&mut sources);
    let spec_name = common
        .spec
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let compile = |text: &str| -> Result<Plan, Vec<Diagnostic>> {
        let mut sources = sources.clone();
        let draft = spec::parse(text, sources.add(spec_name.as_ref(), text))?;
        compiler.compile(&draft, &spec_name, &sources)
    };
    let name = args.name.clone().unwrap_or_else(|| name_of(&folder));
    let is_folder = |path: &str| files::is_folder_in(&folder, path);
    let ignore = ignore_file(&folder, &relative)?;
    let asked = match &args.target {
        Some(target) => Some(target.clone()),
        None => asked_for(&folder, &relative, terminal)?,
    };
    let context = Context {
        name: &name,
        dockerfile: &relative,
        target: asked.as_deref(),
        is_folder: &is_folder,
        is_project: true,
        ignore: ignore.as_deref(),
        files: &|| files::below(&folder),
        read: &|path| files::read(&folder.join(path)).ok(),
    };
    let library = (!args.as_is).then(|| compiler.library());
    let migrated = migrate::migrate(&document, &context, library, compile)
        .map_err(|failed| failure(failed, &relative, &spec_name, terminal))?;
    match args.format {
        Format::Human => {
            if !args.write {
                terminal.print(&format!("{}\n", migrated.spec))?;
            }
            terminal.tell(migrated.report.human().trim_end())?;
        }
        Format::Json => {
            let json = migrated.report.json(&migrated.spec);
            terminal.print(&format!("{json:#}\n"))?;
        }
    }
    if args.write && migrated.report.needs_person() && !args.force {
        let hint = "`--force` writes all the same; what is not in the spec is lost then";
        return Err(Failure::Message(
            "something needs a person, so nothing was written".to_owned(),
            vec![hint.to_owned()],
        ));
    }
    if args.write {
        write(&folder, common, &migrated, &compile(&migrated.spec)?)?;
    }
    Ok(if migrated.report.needs_person() {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The ignore file that the engine takes for a Dockerfile: one of its own name, or that of the context.
fn ignore_file(folder: &Path, dockerfile: &str) -> Result<Option<Vec<u8>>, Failure> {
    for path in [
        format!("{dockerfile}.dockerignore"),
        ".dockerignore".to_owned(),
    ] {
        match files::bytes(&folder.join(path)) {
            Ok(bytes) => return Ok(Some(bytes)),
            Err(error) if matches!(error.kind, files::ErrorKind::Missing) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// The compose files that Compose looks for, in its order.
const COMPOSE: &[&str] = &[
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// The stage that compose builds, if all its services that build this Dockerfile agree on one.
fn asked_for(
    folder: &Path,
    dockerfile: &str,
    terminal: &Terminal,
) -> Result<Option<String>, Failure> {
    for name in COMPOSE {
        let Some(text) = files::existing(&folder.join(name))? else {
            continue;
        };
        let mut targets = match migrate::targets(&text, dockerfile) {
            Ok(targets) => targets,
            Err(error) => {
                let message = format!("{name}:{}:{}: {}", error.line, error.column, error.message);
                return Err(Failure::Message(message, Vec::new()));
            }
        };
        targets.dedup();
        return Ok(match targets.as_slice() {
            [Some(target)] => {
                terminal.detail(&format!("{name} builds the stage `{target}`"))?;
                Some(target.clone())
            }
            _ => None,
        });
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

/// Writes the spec and what it describes. The old files are replaced: the report has told what becomes of them.
fn write(folder: &Path, common: &Common, migrated: &Migrated, plan: &Plan) -> Result<(), Failure> {
    let rendered = render::render(plan)?;
    let spec = folder.join(&common.spec);
    if files::existing(&spec)?.is_some() {
        return Err(Failure::Message(
            format!("there is a spec already: `{}`", spec.display()),
            vec!["`--spec FILE` names another one".to_owned()],
        ));
    }
    let mut writes: Vec<(PathBuf, &str)> = vec![(spec, &migrated.spec)];
    for file in &rendered {
        writes.push((folder.join(&file.path), &file.text));
    }
    Ok(files::write(&writes)?)
}

/// The name of a folder as a service may be called.
fn name_of(folder: &Path) -> String {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let name = files::real_name(here).to_lowercase();
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "service".to_owned()
    } else {
        parts.join("-")
    }
}
