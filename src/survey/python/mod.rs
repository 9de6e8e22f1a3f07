//! A survey of a Python project: its version, what installs its packages, what they need, and what starts it.

mod backend;
mod data;
mod health;
mod imported;
mod installation;
mod layout;
mod listening;
mod lock;
mod packages;
mod program;
mod said;
pub(super) mod syntax;
mod version;

use super::knowledge::{Knowledge, Known};
use super::lookup::{self, Saying};
use super::requirement::{Requirement, Version};
use super::{Answer, Asked, Evidence, Place, Reason, Sure, Survey, list, settings};
use crate::data::{Node, quoted};
use crate::dockerfile::paths::within;
use crate::preset::{Library, Preset};
use installation::Installation;
use syntax::{Module, Value};

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

    /// A value, with a name that another module of the project gives it replaced by what it stands for there.
    fn resolved(&self, module: &Module, value: &Value) -> Value {
        let Value::Name(name) = value else {
            return value.clone();
        };
        let (first, rest) = match name.split_once('.') {
            Some((first, rest)) => (first, format!(".{rest}")),
            None => (name.as_str(), String::new()),
        };
        let first = module.imports.get(first).map_or(first, String::as_str);
        let full = format!("{first}{rest}");
        let Some((owner, constant)) = full.rsplit_once('.') else {
            return value.clone();
        };
        let owner = layout::named(self, owner);
        let found = owner.and_then(|owner| owner.constant(constant));
        found.map_or_else(|| value.clone(), |(value, _)| value.clone())
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
    let mut installation = installation::installation(evidence, known, library, asked);
    let mut project = Project {
        evidence,
        known,
        name: lookup::first(evidence, &known.tables("name"))
            .first()
            .map(|said| said.text.clone()),
        requirements: requirements(evidence, known, &installation.files),
        locked: lock::locked(evidence, known),
        modules: modules(evidence, known),
    };
    project
        .requirements
        .extend(included(evidence, &installation.files).1);
    installation::from_imports(&mut project, &mut installation, survey);
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
    if let Some(package) = started.as_ref().and_then(|program| program.brings.clone()) {
        let text = "it runs the program, and nothing asks for it";
        let reason = Reason::new(Sure::Assumed, text);
        packages::beside(&project, &installation, &package, reason, survey);
    }
    data::answer(&project, started.as_ref(), survey);
    let settings = settings::settings(evidence, knowledge, survey);
    required(&project, &settings, survey);
    unserved(&project, &installation, survey);
}

/// Says what a file lists that nothing here installs, and what would make it so.
fn unserved(project: &Project, installation: &Installation, survey: &mut Survey) {
    let known = project.known;
    let is_rest = installation.preset == known.text("project-preset");
    if !is_rest
        || !installation.files.is_empty()
        || installation.as_package
        || installation.export.is_some()
    {
        return;
    }
    let mut unserved = known.tables("unserved").into_iter();
    let Some(found) = unserved.find(|file| project.evidence.tree.has(file.text("file"))) else {
        return;
    };
    let file = found.text("file");
    let advice = found.text("advice");
    survey.unknown.push(format!(
        "how what `{file}` lists is installed, which no preset reads; {advice}"
    ));
    survey.blanks.push(Answer {
        table: format!("options.{}", installation.preset),
        key: "requirements".to_owned(),
        value: list(&[known.text("project-requirements")]),
        reason: Reason::new(
            Sure::Assumed,
            format!("as soon as it has what {file} lists"),
        ),
    });
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
            let given = project.known.texts("given").contains(&name.as_str());
            if !said && !given && !settings.contains(name) && !names.contains(&name.as_str()) {
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
            let Some(path) = within(folder, named) else {
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
        shell(project, &known, survey);
        let seen = project.modules.iter().flat_map(|module| {
            let choices = known.texts("choices");
            let imports = module
                .imported
                .keys()
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

/// The smaller form of the browser does not do for what the code wants, or is not there in this version.
fn shell(project: &Project, known: &Known, survey: &mut Survey) {
    let exact = project
        .installs(known.text("package"))
        .and_then(|found| Some((found.range.exact.clone()?, found.place.clone())));
    let since = known.text("shell-since");
    let older = exact
        .filter(|(version, _)| Version::parse(version) < Version::parse(since))
        .map(|(_, place)| Reason::at(Sure::Certain, &place, format!("it is there since {since}")));
    let calls = project
        .modules
        .iter()
        .flat_map(|module| module.calls.iter().map(move |call| (module, call)));
    let shown = calls
        .filter(|(_, call)| call.method() == known.text("starts"))
        .find(|(module, call)| {
            call.keyword(known.text("hidden"))
                .map(|value| project.resolved(module, value))
                == Some(Value::Name("False".to_owned()))
        })
        .map(|(module, call)| {
            let place = Place::new(&module.path, call.line);
            Reason::at(Sure::Likely, &place, "the code shows a window")
        });
    let table = format!("options.{}", known.text("preset"));
    if let Some(reason) = shown {
        survey.unknown.push(format!(
            "on which screen its browser opens a window ({reason}); a container has none, unless the command is called by `xvfb-run`"
        ));
        survey.answer_below(&table, known.text("screen-option"), "true", reason.clone());
        survey.answer_below(&table, known.text("shell-option"), "false", reason);
    } else if let Some(reason) = older {
        survey.answer_below(&table, known.text("shell-option"), "false", reason);
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
    // What reads a lock file pins everything.
    if installation.files.is_empty() && !installation.as_package && !installation.from_imports {
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
