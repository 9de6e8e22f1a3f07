//! What is to be migrated: Dockerfiles, the folders that they are built from, and the compose files that build them.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::Migrate;
use crate::cli::Common;
use crate::cli::project;
use crate::cli::terminal::{Failure, Terminal};
use crate::diag::{Diagnostic, Sources, Span};
use crate::dockerfile;
use crate::files;
use crate::migrate::{self, Build, Composed};
use crate::spec;
use crate::stamp;

/// The compose files that Compose looks for, in its order.
const COMPOSE: &[&str] = &[
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// Folders that hold other people's files.
const PASSED_OVER: &[&str] = &["node_modules", "vendor", "venv", "site-packages"];

/// Ends of names of files that are about a Dockerfile, or of which one is made.
const NO_DOCKERFILES: &[&str] = &[
    ".dockerignore",
    ".md",
    ".j2",
    ".tmpl",
    ".template",
    ".in",
    ".erb",
    ".bak",
    ".orig",
];

/// A Dockerfile that is to be migrated.
pub(super) struct Job {
    /// The build context, which the spec lies in.
    pub(super) folder: PathBuf,
    /// The spec, from there.
    pub(super) spec: PathBuf,
    /// The Dockerfile, from there.
    pub(super) dockerfile: String,
    /// What the service is called.
    pub(super) name: String,
    /// The stage that is built; without it the last one.
    pub(super) target: Option<String>,
    /// The compose file that it may become a part of.
    pub(super) composed: Option<Joined>,
    /// What there is to say of where it was found.
    pub(super) told: Vec<String>,
}

/// A compose file and what becomes of it.
pub(super) struct Joined {
    pub(super) composed: Composed,
    pub(super) builds: Vec<Build>,
    /// The service that is the spec's; or why there is none.
    pub(super) service: Result<String, String>,
}

/// The one Dockerfile that is named.
pub(super) fn one(args: &Migrate, common: &Common, terminal: &Terminal) -> Result<Job, Failure> {
    let folder = project::clean(&common.directory);
    let dockerfile = project::clean(Path::new(&args.file));
    let dockerfile = dockerfile.to_string_lossy().into_owned();
    let mut job = Job {
        spec: common.spec.clone(),
        name: args.name.clone().unwrap_or_else(|| name_of(&folder)),
        target: args.target.clone(),
        composed: None,
        told: Vec::new(),
        dockerfile,
        folder,
    };
    let paths = if args.compose.is_empty() {
        beside(&job.folder, "")?
    } else {
        args.compose.clone()
    };
    if paths.is_empty() {
        return Ok(job);
    }
    let composed = read(&job.folder, &paths, terminal)?;
    let builds = builds_of(&composed, &job.folder)?;
    let ours: Vec<&Build> = builds
        .iter()
        .filter(|build| build.context.is_empty() && build.dockerfile == job.dockerfile)
        .collect();
    let named = args.name.as_ref();
    let found = match named {
        Some(name) => ours.iter().find(|build| build.service == *name),
        None => ours
            .iter()
            .find(|build| build.target.is_none())
            .or(ours.first()),
    };
    let elsewhere = builds
        .iter()
        .find(|build| build.dockerfile == job.dockerfile);
    let service = match (found, named, elsewhere) {
        (Some(build), ..) => Ok(build.service.clone()),
        (None, Some(name), _) if !ours.is_empty() => Err(format!(
            "its service is called `{}`, and the spec `{name}`",
            ours[0].service
        )),
        (None, _, Some(build)) => Err(format!(
            "`{}` builds from the folder `{}`; `--all` or `-C` migrates it there",
            build.service, build.context
        )),
        (None, _, None) => Err("no service in it builds this Dockerfile".to_owned()),
    };
    let mut targets: Vec<Option<&str>> = ours.iter().map(|build| build.target.as_deref()).collect();
    targets.dedup();
    if job.target.is_none() {
        job.target = match (found, targets.as_slice()) {
            (Some(build), _) => build.target.clone(),
            (None, [target]) => target.map(ToOwned::to_owned),
            _ => None,
        };
    }
    let service = service.and_then(|name| usable(&name, &job.folder, &composed).map(|()| name));
    if let Ok(service) = &service {
        job.name.clone_from(service);
    }
    job.composed = Some(Joined {
        composed,
        builds,
        service,
    });
    Ok(job)
}

/// Every Dockerfile of a project. The compose files tell from which folder each is built and what it is called.
pub(super) fn all(common: &Common, terminal: &Terminal) -> Result<Vec<Job>, Failure> {
    let root = project::clean(&common.directory);
    let tree = files::tree(&common.directory, PASSED_OVER)?;
    let mut composed = Vec::new();
    let mut folders: Vec<&str> = tree.paths().map(folder_of).collect();
    folders.dedup();
    folders.sort_by_key(|folder| (folder.matches('/').count(), *folder));
    folders.dedup();
    for folder in folders {
        let paths = beside(&root, folder)?;
        if !paths.is_empty() {
            composed.push(read(&root, &paths, terminal)?);
        }
    }
    let mut builds: Vec<(usize, Build)> = Vec::new();
    for (number, composed) in composed.iter().enumerate() {
        let found = builds_of(composed, &root)?.into_iter();
        builds.extend(found.map(|build| (number, build)));
    }
    let mut found = IndexMap::new();
    for path in tree.paths().filter(|path| is_dockerfile(path)) {
        found.insert(path.to_owned(), Vec::new());
    }
    for build in &builds {
        if tree.has(&build.1.dockerfile) {
            let path = build.1.dockerfile.clone();
            let of_path: &mut Vec<&(usize, Build)> = found.entry(path).or_default();
            of_path.push(build);
        }
    }
    let mut old = Vec::new();
    for (path, builds) in found {
        let text = files::existing(&root.join(&path))?.unwrap_or_default();
        if !stamp::is_ours(&text) {
            old.push(Found::look(&root, path, &builds)?);
        }
    }
    let mut owners: Vec<Option<String>> = vec![None; composed.len()];
    let mut jobs: Vec<Job> = Vec::new();
    for found in &old {
        let folder = root.join(&found.context);
        let name = match found.build {
            Some((_, build)) => plain(&build.service),
            None => name_from(&found.path, &folder),
        };
        let name = free(&name, &folder, |name| {
            jobs.iter().any(|job| job.name == name)
        });
        let mut told = found.told.clone();
        let mut joined = None;
        if let Some((number, build)) = found.build {
            let path = composed[*number].path();
            match &owners[*number] {
                Some(owner) => told.push(format!("`{path}` is a part of the spec of `{owner}`")),
                None => {
                    joined = join(&folder, &composed[*number], &found.context, build, terminal)?;
                }
            }
            let is_owner = joined.as_ref().is_some_and(|joined| joined.service.is_ok());
            if is_owner {
                owners[*number] = Some(name.clone());
            } else if joined.is_none() && owners[*number].is_none() {
                told.push(format!(
                    "`{path}` stays as it is, since it does not lie in the folder that this is built from"
                ));
            }
        }
        let mut beside = old.iter().filter(|other| other.context == found.context);
        let is_alone = beside.all(|other| other.path == found.path);
        let spec = if found.dockerfile == "Dockerfile" || is_alone {
            common.spec.clone()
        } else {
            PathBuf::from(format!("{name}.toml"))
        };
        jobs.push(Job {
            folder,
            spec,
            dockerfile: found.dockerfile.clone(),
            name,
            target: found.build.and_then(|(_, build)| build.target.clone()),
            composed: joined,
            told,
        });
    }
    if jobs.is_empty() {
        let message = format!(
            "there is no Dockerfile to migrate below `{}`",
            common.directory.display()
        );
        return Err(Failure::Message(message, Vec::new()));
    }
    Ok(jobs)
}

/// A Dockerfile that was found, and where it is built from.
struct Found<'a> {
    path: String,
    /// The folder that it is built from.
    context: String,
    /// The Dockerfile, from there.
    dockerfile: String,
    /// The service whose it is, with the number of its compose file.
    build: Option<&'a (usize, Build)>,
    told: Vec<String>,
}

impl<'a> Found<'a> {
    fn look(root: &Path, path: String, builds: &[&'a (usize, Build)]) -> Result<Self, Failure> {
        let whole = builds.iter().find(|(_, build)| build.target.is_none());
        let build = whole.or(builds.first()).copied();
        let mut told = Vec::new();
        let context = match build {
            Some((_, build)) => build.context.clone(),
            None => guessed(root, &path, &mut told),
        };
        for (_, other) in builds.iter().filter(|(_, other)| other.context != context) {
            told.push(format!(
                "`{}` builds it from the folder `{}` too, which this spec does not describe",
                other.service, other.context
            ));
        }
        let dockerfile = within(&path, &context).ok_or_else(|| {
            let hint = "a spec lies in the folder that is built from, and its files below it";
            Failure::Message(
                format!("`{path}` is built from the folder `{context}`, in which it does not lie"),
                vec![hint.to_owned()],
            )
        })?;
        Ok(Self {
            path,
            context,
            dockerfile,
            build,
            told,
        })
    }
}

/// A compose file as it is seen from the folder of a spec, if it lies there or below.
fn join(
    folder: &Path,
    composed: &Composed,
    context: &str,
    build: &Build,
    terminal: &Terminal,
) -> Result<Option<Joined>, Failure> {
    let paths: Option<Vec<String>> = composed.paths().map(|path| within(path, context)).collect();
    let Some(paths) = paths else {
        return Ok(None);
    };
    let composed = read(folder, &paths, terminal)?;
    let builds = builds_of(&composed, folder)?;
    let service = usable(&build.service, folder, &composed).map(|()| build.service.clone());
    Ok(Some(Joined {
        composed,
        builds,
        service,
    }))
}

/// Whether a service of a compose file can be that of a spec; the error says why not.
fn usable(service: &str, folder: &Path, composed: &Composed) -> Result<(), String> {
    if (spec::rules::NAME.refuse)(service).is_some() {
        return Err(format!("a spec cannot be called `{service}`"));
    }
    let text = files::existing(&folder.join(composed.path()))
        .ok()
        .flatten();
    match text.as_deref().and_then(stamp::spec_of) {
        Some(spec) => Err(format!("it is made from `{spec}`")),
        None => Ok(()),
    }
}

/// The compose file of a folder and the one that Compose lays over it, from the folder of the project.
fn beside(root: &Path, folder: &str) -> Result<Vec<String>, Failure> {
    let at = |name: &str| match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    for name in COMPOSE {
        let path = at(name);
        if files::existing(&root.join(&path))?.is_none() {
            continue;
        }
        let mut paths = vec![path];
        let stem = name.split('.').next().unwrap_or_default();
        for end in ["yaml", "yml"] {
            let over = at(&format!("{stem}.override.{end}"));
            if files::existing(&root.join(&over))?.is_some() {
                paths.push(over);
                break;
            }
        }
        return Ok(paths);
    }
    Ok(Vec::new())
}

fn read(root: &Path, paths: &[String], terminal: &Terminal) -> Result<Composed, Failure> {
    let texts = paths.iter().map(|path| {
        let path = project::clean(Path::new(path));
        let text = files::read(&root.join(&path))?;
        Ok((path.to_string_lossy().into_owned(), text))
    });
    let texts = texts.collect::<Result<Vec<_>, Failure>>()?;
    Composed::read(texts).map_err(|unread| {
        let file = root.join(&unread.path).display().to_string();
        let mut sources = Sources::default();
        let source = sources.add(file.as_str(), unread.text.as_str());
        let at = unread.offset();
        let mistake = Diagnostic::at(Span::new(source, at..at), unread.error.message)
            .help("Compose cannot read it either; `--compose FILE` names another one");
        terminal.fail(&mistake.into(), &sources);
        Failure::Message(format!("`{file}` is no compose file"), Vec::new())
    })
}

/// Every build of a compose file. A file that it builds on may be missing, but one that is there can be read.
fn builds_of(composed: &Composed, root: &Path) -> Result<Vec<Build>, Failure> {
    let unread = RefCell::new(None);
    let builds = composed.builds(&|path| match files::read(&root.join(path)) {
        Ok(text) => Some(text),
        Err(error) => {
            if !matches!(error.kind, files::ErrorKind::Missing) {
                unread.borrow_mut().get_or_insert(error);
            }
            None
        }
    });
    match unread.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(builds),
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as it is seen from a folder above it.
fn within(path: &str, folder: &str) -> Option<String> {
    if folder.is_empty() {
        return Some(path.to_owned());
    }
    let rest = path.strip_prefix(folder)?.strip_prefix('/')?;
    Some(rest.to_owned())
}

/// Whether a file is a Dockerfile by its name.
fn is_dockerfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let is_named = ["dockerfile", "containerfile"].iter().any(|word| {
        name == *word
            || name
                .strip_prefix(word)
                .is_some_and(|rest| rest.starts_with('.'))
            || name
                .strip_suffix(word)
                .is_some_and(|rest| rest.ends_with('.'))
    });
    is_named && !NO_DOCKERFILES.iter().any(|end| name.ends_with(end))
}

/// The folder that a Dockerfile is built from where nothing tells: its own or that of the project, whichever has more of
/// what it copies.
fn guessed(root: &Path, path: &str, told: &mut Vec<String>) -> String {
    let own = folder_of(path);
    let document = dockerfile::parse(&files::bytes(&root.join(path)).unwrap_or_default());
    let copied = migrate::copied(&document);
    let count = |folder: &Path| {
        let there = copied.iter();
        there
            .filter(|path| files::is_folder_in(folder, path).is_some())
            .count()
    };
    let context = if count(root) > count(&root.join(own)) {
        ""
    } else {
        own
    };
    if context != own {
        told.push("no compose file builds it; what it copies lies in the folder of the project, so it is taken to be built from there".to_owned());
    }
    context.to_owned()
}

/// What a Dockerfile is called: by the word beside `Dockerfile` in its name, or by its folder.
fn name_from(path: &str, context: &Path) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let lower = name.to_lowercase();
    let word = lower
        .split('.')
        .filter(|part| !matches!(*part, "dockerfile" | "containerfile"))
        .collect::<Vec<_>>()
        .join("-");
    match (word.as_str(), folder_of(path)) {
        ("", "") => name_of(context),
        ("", folder) => plain(folder.rsplit('/').next().unwrap_or_default()),
        (word, _) => plain(word),
    }
}

/// A name that nothing has yet.
fn free(name: &str, folder: &Path, is_taken: impl Fn(&str) -> bool) -> String {
    let with_folder = || format!("{}-{name}", name_of(folder));
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    std::iter::once(name.to_owned())
        .chain(std::iter::once_with(with_folder))
        .chain(numbered)
        .find(|name| !is_taken(name))
        .unwrap_or_else(|| name.to_owned())
}

/// The name of a folder as a service may be called.
fn name_of(folder: &Path) -> String {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    plain(&files::real_name(here))
}

/// A text as a service may be called.
fn plain(text: &str) -> String {
    if (spec::rules::NAME.refuse)(text).is_none() {
        return text.to_owned();
    }
    let plain: String = text
        .to_lowercase()
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
