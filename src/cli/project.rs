//! A project on disk: its spec, its own presets, and the files that they come to.

use std::path::{Component, Path, PathBuf};

use indexmap::{IndexMap, IndexSet};

use super::Common;
use super::terminal::Failure;
use crate::compile::Compiler;
use crate::diag::{Diagnostic, SourceId, Sources};
use crate::files::{self, ErrorKind, OutputFile};
use crate::plan::Plan;
use crate::preset::{self, Preset};
use crate::render;
use crate::spec::{self, Draft, Said};

/// Where a project keeps presets of its own.
const PRESETS: &str = ".dockwright/presets";

/// A spec, and what it comes to.
pub(super) struct Project {
    /// The folder that the spec's paths are relative to.
    pub(super) folder: PathBuf,
    /// The files that it describes.
    pub(super) files: Vec<OutputFile>,
    /// The plan that they were rendered from.
    pub(super) plan: Plan,
    /// The texts that the plan was made from.
    pub(super) sources: Sources,
    /// Which of them is the spec.
    pub(super) source: SourceId,
}

/// A spec that could not be compiled, with the texts that its mistakes stand in.
pub(super) struct Broken {
    pub(super) failure: Failure,
    pub(super) sources: Sources,
}

/// Which specs a command is about.
#[derive(clap::Args)]
pub(super) struct Specs {
    /// Folders with a spec, or specs.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Take every spec in these folders and below them.
    #[arg(short, long)]
    recursive: bool,
}

impl Specs {
    /// The paths of the specs, without doubles, in the order in which they were named.
    pub(super) fn find(&self, common: &Common) -> Result<Vec<PathBuf>, Failure> {
        if !files::is_folder(&common.directory) {
            let message = format!("there is no folder `{}`", common.directory.display());
            return Err(Failure::Message(message, Vec::new()));
        }
        let name = common.spec.to_string_lossy();
        let named: Vec<PathBuf> = if self.paths.is_empty() {
            vec![common.directory.clone()]
        } else {
            self.paths
                .iter()
                .map(|path| common.directory.join(path))
                .collect()
        };
        let mut specs = IndexSet::new();
        for path in named {
            let found = match (files::is_folder(&path), self.recursive) {
                (true, true) => files::find(&path, &name)?,
                (true, false) => vec![path.join(&common.spec)],
                (false, _) => vec![path],
            };
            for spec in found {
                specs.insert(clean(&spec));
            }
        }
        if specs.is_empty() {
            let message = format!("there is no `{name}` in these folders");
            return Err(Failure::Message(message, Vec::new()));
        }
        Ok(specs.into_iter().collect())
    }
}

/// Does the same with every spec on all processors, with what comes with dockwright read only once.
pub(super) fn each<T: Send>(
    specs: &[PathBuf],
    work: impl Fn(&Path, &Compiler, Sources) -> T + Sync,
) -> Vec<T> {
    let mut sources = Sources::default();
    let compiler = Compiler::new(&mut sources);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = specs.len().div_ceil(threads).max(1);
    let one = |specs: &[PathBuf]| -> Vec<T> {
        specs
            .iter()
            .map(|spec| work(spec, &compiler, sources.clone()))
            .collect()
    };
    if specs.len() == 1 {
        return one(specs);
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = specs
            .chunks(share)
            .map(|specs| scope.spawn(|| one(specs)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

/// The files that specs describe, so that no two of them describe one: each run would write it anew, and no check would
/// ever find both in sync.
#[derive(Default)]
pub(super) struct Owners {
    owners: IndexMap<PathBuf, PathBuf>,
}

impl Owners {
    /// A file of a spec.
    ///
    /// # Errors
    /// It is a file of another spec already.
    pub(super) fn own(&mut self, spec: &Path, file: &Path) -> Result<(), Failure> {
        match self.owners.insert(file.to_owned(), spec.to_owned()) {
            Some(other) if other != spec => Err(Failure::Message(
                format!(
                    "`{}` is a file of both `{}` and `{}`",
                    file.display(),
                    other.display(),
                    spec.display()
                ),
                vec![format!(
                    "give it another name in one of them, such as [outputs] dockerfile = \"{}.Dockerfile\", compose = false",
                    spec.file_stem().unwrap_or_default().to_string_lossy()
                )],
            )),
            _ => Ok(()),
        }
    }
}

/// Reads a spec and compiles it.
pub(super) fn open(
    spec: &Path,
    compiler: &Compiler,
    mut sources: Sources,
) -> Result<Project, Box<Broken>> {
    match compile(spec, compiler, &mut sources) {
        Ok((files, plan, source)) => Ok(Project {
            folder: folder_of(spec),
            files,
            plan,
            sources,
            source,
        }),
        Err(failure) => Err(Box::new(Broken { failure, sources })),
    }
}

fn compile(
    path: &Path,
    compiler: &Compiler,
    sources: &mut Sources,
) -> Result<(Vec<OutputFile>, Plan, SourceId), Failure> {
    let text = files::read(path).map_err(|error| match error.kind {
        ErrorKind::Missing => Failure::Message(error.to_string(), vec![spec::SMALLEST.to_owned()]),
        _ => error.into(),
    })?;
    let source = sources.add(path.display().to_string(), text.as_str());
    let draft = spec::parse(&text, source)?;
    let own = own_presets(&folder_of(path), &named(&draft))?;
    let with_own;
    let compiler = if own.is_empty() {
        compiler
    } else {
        with_own = extended(compiler, own, None, sources)?;
        &with_own
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plan = compiler.compile(&draft, &name, sources)?;
    Ok((render::render(&plan)?, plan, source))
}

/// The presets that a spec names by path.
fn named(draft: &Draft) -> Vec<Said> {
    let names = draft.said("preset").into_iter().chain(draft.overlays());
    names.filter(|said| preset::is_path(&said.text)).collect()
}

/// The files of the presets that a spec can use besides those that come with dockwright.
pub(super) fn presets_of(spec: &Path, text: &str) -> Result<Vec<PathBuf>, Failure> {
    let draft = spec::parse(text, Sources::default().add("spec", text))?;
    own_presets(&folder_of(spec), &named(&draft))
}

/// The files of a project's own presets: those in its folder for presets, and those that a spec names by path.
pub(super) fn own_presets(folder: &Path, named: &[Said]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = files::list(&folder.join(PRESETS), ".toml")?;
    for said in named {
        let path = clean(&folder.join(&said.text));
        if files::existing(&path)?.is_none() {
            let message = format!("there is no file `{}`", path.display());
            return Err(Diagnostic::at(said.span, message).into());
        }
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// A compiler that knows a project's own presets too. One name can be left out, for a preset that is to be checked.
pub(super) fn extended(
    compiler: &Compiler,
    presets: Vec<PathBuf>,
    except: Option<&str>,
    sources: &mut Sources,
) -> Result<Compiler, Failure> {
    let mut compiler = compiler.clone();
    let mut mistakes = Vec::new();
    for path in presets {
        let text = files::read(&path)?;
        let path = path.display().to_string();
        let name = preset::name_of(&path);
        if Some(name) == except {
            continue;
        }
        match Preset::parse(name, &path, &text, sources) {
            Ok(preset) => mistakes.extend(compiler.add(preset).err()),
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() {
        Ok(compiler)
    } else {
        Err(mistakes.into())
    }
}

/// The folder that paths of a spec are relative to: the one that it lies in.
pub(super) fn folder_of(spec: &Path) -> PathBuf {
    spec.parent().map(Path::to_owned).unwrap_or_default()
}

/// A path as a person would write it, without `./`.
pub(super) fn clean(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| !matches!(part, Component::CurDir))
        .collect()
}
