//! A survey of a Python project: its version, what installs its packages, what they need, and what starts it.

mod data;
mod health;
mod installation;
mod layout;
mod listening;
mod packages;
mod program;
mod said;
pub(super) mod syntax;
mod version;

use super::knowledge::{Knowledge, Known};
use super::lookup::{self, Saying};
use super::requirement::{Range, Requirement, normal};
use super::{Asked, Evidence, Place, Reason, Sure, Survey, list, settings};
use crate::data::{Node, quoted};
use crate::preset::{Library, Preset};
use installation::Installation;
use syntax::Module;

/// The largest number of files of code that are parsed; the ones nearest to the top come first.
const FILES: usize = 600;

/// What a project says of itself, gathered before anything is decided.
struct Project<'a> {
    evidence: &'a Evidence<'a>,
    known: &'a Known,
    /// The name that its package has, if it is one.
    name: Option<String>,
    /// What it asks for.
    requirements: Vec<Requirement>,
    /// Exact versions from a lock file.
    locked: Vec<Requirement>,
    /// Its code, without tests and the like.
    modules: Vec<Module>,
}

impl Project<'_> {
    /// The requirement of this name, or of this name with an extra.
    fn asks_for(&self, wanted: &str) -> Option<&Requirement> {
        self.requirements
            .iter()
            .find(|requirement| requirement.is(wanted))
    }

    /// The requirement of this name among all that will be installed.
    fn installs(&self, wanted: &str) -> Option<&Requirement> {
        let locked = self.locked.iter().find(|locked| locked.is(wanted));
        locked.or_else(|| self.asks_for(wanted))
    }
}

/// Looks at a Python project.
pub(super) fn survey(
    evidence: &Evidence,
    knowledge: &Knowledge,
    library: &Library,
    asked: &Asked,
    survey: &mut Survey,
) {
    let known = &knowledge.python;
    let installation = installation::installation(evidence, known, library, asked);
    let mut project = Project {
        evidence,
        known,
        name: lookup::first(evidence, &known.tables("name"))
            .first()
            .map(|said| said.text.clone()),
        requirements: requirements(evidence, known, &installation.files),
        locked: locked(evidence, known),
        modules: modules(evidence, known),
    };
    project
        .requirements
        .extend(included(evidence, &installation.files).1);
    survey.answer(
        "preset",
        quoted(&installation.preset),
        installation.reason.clone(),
    );
    overlays(&project, library, &installation, survey);
    version::base(&project, knowledge, survey);
    version::manager(&project, &installation.preset, survey);
    packages::packages(&project, knowledge, &installation, survey);
    let started = program::choose(&project, knowledge, asked, survey);
    installation::options(&project, &installation, started.as_ref(), survey);
    program::answer(&project, started.as_ref(), asked, survey);
    data::answer(&project, started.as_ref(), survey);
    let settings = settings::settings(evidence, knowledge, survey);
    required(&project, &settings, survey);
    for file in known.texts("unserved") {
        if evidence.tree.has(file) && installation.files.is_empty() && !installation.as_package {
            survey.unknown.push(format!(
                "how what `{file}` lists is installed: no preset serves it, so nothing of it is in the image"
            ));
        }
    }
}

/// Names the variables that the code cannot do without, and that nothing gives.
fn required(project: &Project, settings: &[String], survey: &mut Survey) {
    let mut names: Vec<&str> = Vec::new();
    let mut first: Option<Place> = None;
    for module in &project.modules {
        for (name, line) in &module.required {
            let said = survey
                .answers
                .iter()
                .any(|answer| answer.table == "env" && answer.key == *name);
            if !said && !settings.contains(name) && !names.contains(&name.as_str()) {
                names.push(name);
                first.get_or_insert(Place::new(&module.path, *line));
            }
        }
    }
    if let Some(place) = first {
        survey.unknown.push(format!(
            "what {} should be, which the code cannot do without ({place}); [env] or [service.environment] says it",
            names.join(", ")
        ));
    }
}

/// What a project asks for: in its requirements files, or in the files that describe it.
fn requirements(evidence: &Evidence, known: &Known, files: &[String]) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    for file in files {
        let text = evidence.read(file).unwrap_or_default();
        requirements.extend(lines(file, &text));
    }
    for entry in known.tables("dependencies") {
        for said in lookup::all(evidence, &entry) {
            requirements.extend(of(&said));
        }
    }
    requirements
}

/// The requirement that an item of a list or an entry of a table is.
fn of(said: &Saying) -> Option<Requirement> {
    if said.key.is_empty() {
        return Requirement::parse(&said.text, said.place.clone());
    }
    // An entry of a table: the version stands alone, so that `1.2` means `==1.2`.
    let bare = said.text.starts_with(|c: char| c.is_ascii_digit());
    let text = match said.text.as_str() {
        "*" => said.key.clone(),
        text if bare => format!("{}=={text}", said.key),
        text => format!("{}{text}", said.key),
    };
    Requirement::parse(&text, said.place.clone())
}

/// The requirements in the lines of a file.
fn lines(file: &str, text: &str) -> Vec<Requirement> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim_start().starts_with(['#', '-']))
        .filter_map(|(at, line)| Requirement::parse(line.trim(), Place::new(file, at + 1)))
        .collect()
}

/// The files that requirements files name in turn, and what stands in them.
fn included(evidence: &Evidence, files: &[String]) -> (Vec<String>, Vec<Requirement>) {
    let mut paths: Vec<String> = Vec::new();
    let mut requirements = Vec::new();
    let mut open: Vec<String> = files.to_vec();
    while let Some(file) = open.pop() {
        let text = evidence.read(&file).unwrap_or_default();
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        for line in text.lines() {
            let line = line.trim();
            let named = ["-r", "--requirement", "-c", "--constraint"]
                .into_iter()
                .find_map(|flag| line.strip_prefix(flag))
                .map(|rest| {
                    rest.trim_start_matches([' ', '='])
                        .split(" #")
                        .next()
                        .unwrap_or_default()
                        .trim()
                });
            let Some(named) = named else { continue };
            let Some(path) = joined(folder, named) else {
                continue;
            };
            if evidence.tree.has(&path) && !paths.contains(&path) && !files.contains(&path) {
                requirements.extend(lines(&path, &evidence.read(&path).unwrap_or_default()));
                paths.push(path.clone());
                open.push(path);
            }
        }
    }
    (paths, requirements)
}

/// A path from a folder on, unless it leaves the project.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The exact versions that a lock file has.
fn locked(evidence: &Evidence, known: &Known) -> Vec<Requirement> {
    let mut locked = Vec::new();
    for file in known.texts("locks") {
        let Some(text) = evidence.read(file) else {
            continue;
        };
        let Some((tree, sources)) = lookup::tree(evidence, file, &text) else {
            continue;
        };
        for package in tree.get("package").into_iter().flat_map(Node::items) {
            let text = |key: &str| package.get(key).and_then(Node::text);
            let (Some(name), Some(version)) = (text("name"), text("version")) else {
                continue;
            };
            let source = package.get("source");
            let kind = source
                .and_then(|source| source.get("type"))
                .and_then(Node::text);
            locked.push(Requirement {
                name: normal(name),
                extras: Vec::new(),
                range: Range::parse(&format!("=={version}")),
                from_git: kind == Some("git"),
                place: Place::new(file, sources.line(package.span)),
            });
        }
    }
    locked
}

/// The project's code, without its tests and what else no service runs.
fn modules(evidence: &Evidence, known: &Known) -> Vec<Module> {
    let aside = known.texts("aside");
    let aside_files = known.texts("aside-files");
    let is_code = |path: &&str| {
        let mut folders: Vec<&str> = path.split('/').collect();
        let name = folders.pop().unwrap_or_default();
        path.ends_with(known.text("sources"))
            && !folders.iter().any(|folder| aside.contains(folder))
            && !aside_files.contains(&name)
            && !name.starts_with("test_")
            && !name.ends_with("_test.py")
    };
    let mut modules = Vec::new();
    for path in evidence.tree.paths().filter(is_code).take(FILES) {
        let Some(text) = evidence.read(path) else {
            continue;
        };
        let module = syntax::read(path, &text);
        if let Some(line) = module.broken {
            evidence.note(format!(
                "{path}:{line} is no Python that this can read; what stands around it was read"
            ));
        }
        modules.push(module);
    }
    modules
}

/// The overlays that dependencies ask for, each with the version that is pinned.
fn overlays(
    project: &Project,
    library: &Library,
    installation: &Installation,
    survey: &mut Survey,
) {
    for known in project.known.tables("overlays") {
        let Some(requirement) = project.asks_for(known.text("package")) else {
            continue;
        };
        let preset = known.text("preset");
        survey.answer(
            "with",
            list(&[preset]),
            Reason::at(
                Sure::Certain,
                &requirement.place,
                format!("it asks for {}", requirement.name),
            ),
        );
        let table = format!("options.{preset}");
        let option = known.text("version-option");
        let exact = project
            .installs(known.text("package"))
            .filter(|found| found.range.exact.is_some());
        match exact {
            Some(found) => {
                let version = found.range.exact.clone().unwrap_or_default();
                survey.answer_below(
                    &table,
                    option,
                    quoted(&version),
                    Reason::at(Sure::Certain, &found.place, "this version"),
                );
            }
            None => pin(
                &requirement.place,
                library,
                installation,
                (preset, option, known.text("package")),
                survey,
            ),
        }
        let seen = project.modules.iter().flat_map(|module| {
            let choices = known.texts("choices");
            let imports = module
                .imported
                .iter()
                .any(|name| name.starts_with(known.text("package")));
            module
                .attributes
                .iter()
                .filter(move |(name, _)| imports && choices.contains(&name.as_str()))
                .map(|(name, line)| (name.clone(), Place::new(&module.path, *line)))
        });
        let mut choices: Vec<(String, Place)> = Vec::new();
        for (name, place) in seen {
            if !choices.iter().any(|(other, _)| *other == name) {
                choices.push((name, place));
            }
        }
        if let Some((_, place)) = choices.first() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| name.as_str()).collect();
            let reason = Reason::at(Sure::Likely, place, "what the code starts");
            survey.answer_below(&table, known.text("choice-option"), list(&names), reason);
        }
    }
}

/// What an overlay installs is of one version, so a package that nothing pins is installed in that version.
fn pin(
    place: &Place,
    library: &Library,
    installation: &Installation,
    (preset, option, package): (&str, &str, &str),
    survey: &mut Survey,
) {
    let declared = library.get(preset).into_iter().flat_map(Preset::options);
    let default = declared
        .filter(|declared| declared.name == option)
        .find_map(|declared| declared.default);
    let Some(version) = default.as_ref().and_then(Node::text) else {
        return;
    };
    if installation.files.is_empty() {
        return;
    }
    survey.add_below(
        &format!("options.{}", installation.preset),
        "early",
        &format!("{package}=={version}"),
        Reason::at(
            Sure::Assumed,
            place,
            "no version is pinned, and the browsers have to be of the same one",
        ),
    );
}
