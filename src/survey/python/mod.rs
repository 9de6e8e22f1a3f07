//! A survey of a Python project: its version, what installs its packages, what they need, and what starts it.

mod data;
mod packages;
mod program;
pub(super) mod syntax;

use super::knowledge::{Knowledge, Known};
use super::lookup::{self, Saying};
use super::requirement::{Range, Requirement, Version, normal};
use super::{Asked, Evidence, Place, Reason, Sure, Survey, list, settings};
use crate::data::{Node, quoted};
use crate::preset::{Library, Preset};
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

/// How its packages are installed.
struct Installation {
    /// The preset.
    preset: String,
    /// What told so.
    reason: Reason,
    /// The requirements files, if it has some.
    files: Vec<String>,
    /// Whether the project is installed as a package because nothing else says what it needs.
    as_package: bool,
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
    let installation = installation(evidence, known, library, asked);
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
    base(&project, knowledge, survey);
    packages::packages(&project, knowledge, survey);
    let started = program::choose(&project, knowledge, asked, survey);
    options(&project, &installation, started.as_ref(), survey);
    program::answer(&project, started.as_ref(), asked, survey);
    data::answer(&project, started.as_ref(), survey);
    settings::settings(evidence, knowledge, survey);
    for file in known.texts("unserved") {
        if evidence.tree.has(file) && installation.files.is_empty() && !installation.as_package {
            survey.unknown.push(format!(
                "how what `{file}` lists is installed: no preset serves it, so nothing of it is in the image"
            ));
        }
    }
}

/// Chooses the preset: the one that was asked for, the last one whose signs are there, or the one for what is left.
fn installation(
    evidence: &Evidence,
    known: &Known,
    library: &Library,
    asked: &Asked,
) -> Installation {
    let language = known.text("language");
    let serves = |preset: &&Preset| preset.serves().is_some_and(|(of, _)| of == language);
    let sign = |preset: &Preset| {
        let mut signs = preset.signs();
        signs
            .find(|sign| evidence.tree.has(sign))
            .map(str::to_owned)
    };
    let requirements = known
        .texts("requirements")
        .into_iter()
        .find(|file| evidence.tree.has(file));
    let is_rest = |name: &str| name == known.text("project-preset");
    let chosen = match &asked.preset {
        Some(name) => Some((name.clone(), Reason::new(Sure::Certain, "as you said"))),
        None => library
            .presets()
            .filter(serves)
            .filter(|preset| !is_rest(&preset.name))
            .filter_map(|preset| Some((preset.name.clone(), sign(preset)?)))
            .last()
            .map(|(name, sign)| {
                let reason = Reason::new(Sure::Certain, format!("{sign} is there"));
                (name, reason)
            }),
    };
    let rest = known.text("project-preset").to_owned();
    match (chosen, requirements) {
        (Some((preset, reason)), requirements) => Installation {
            files: requirements
                .filter(|_| is_rest(&preset))
                .map(str::to_owned)
                .into_iter()
                .collect(),
            as_package: false,
            preset,
            reason,
        },
        (None, Some(file)) => Installation {
            preset: rest,
            reason: Reason::new(Sure::Certain, format!("{file} is there")),
            files: vec![file.to_owned()],
            as_package: false,
        },
        (None, None) => {
            let file = known
                .texts("project")
                .into_iter()
                .find(|file| evidence.tree.has(file));
            match file {
                Some(file) => Installation {
                    preset: rest,
                    reason: Reason::new(
                        Sure::Certain,
                        format!("{file} is there, and no lock file that a preset reads"),
                    ),
                    files: Vec::new(),
                    as_package: true,
                },
                None => Installation {
                    preset: language.to_owned(),
                    reason: Reason::new(
                        Sure::Likely,
                        "no file lists packages, so nothing but the language is there",
                    ),
                    files: Vec::new(),
                    as_package: false,
                },
            }
        }
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
    survey.answer_below(
        &format!("options.{}", installation.preset),
        "early",
        list(&[format!("{package}=={version}")]),
        Reason::at(
            Sure::Assumed,
            place,
            "no version is pinned, and the browsers have to be of the same one",
        ),
    );
}

/// The base image: of the version that a file asks for, or of the newest for which its packages are made, and that
/// has every module of the standard library that the code imports.
fn base(project: &Project, knowledge: &Knowledge, survey: &mut Survey) {
    let known = project.known;
    let said = lookup::first(project.evidence, &known.tables("version"));
    let range = said.first().map(|said| (Range::parse(&said.text), said));
    survey.version = range
        .as_ref()
        .map(|(range, said)| (range.clone(), said.text.clone(), said.place.clone()));
    let image = |version: &str| quoted(&known.text("base").replace("{version}", version));
    if let Some((
        Range {
            exact: Some(exact), ..
        },
        said,
    )) = &range
    {
        let parts: Vec<&str> = exact.split('.').take(2).collect();
        if parts.len() == 2 {
            let reason = Reason::at(Sure::Certain, &said.place, format!("it says {}", said.text));
            survey.answer("base", image(&parts.join(".")), reason);
            return;
        }
    }
    let gone = gone(project);
    let admitted = |version: &&str| {
        let has_all = gone
            .as_ref()
            .is_none_or(|gone| is_before(version, &gone.version));
        has_all
            && range
                .as_ref()
                .is_none_or(|(range, _)| range.admits(version))
    };
    // The usual version first, then older ones from the newest on, then newer ones.
    let versions = known.texts("versions");
    let usual = versions
        .iter()
        .position(|version| *version == known.text("preferred"))
        .unwrap_or(versions.len());
    let (before, after) = versions.split_at((usual + 1).min(versions.len()));
    let order: Vec<&str> = before
        .iter()
        .rev()
        .chain(after)
        .copied()
        .filter(admitted)
        .collect();
    let hindered = |version: &&&str| packages::hindrance(project, knowledge, version).is_none();
    let chosen = order.iter().find(hindered).or(order.first()).copied();
    let Some(version) = chosen else {
        if let Some((_, said)) = &range {
            survey.unknown.push(format!(
                "which Python it runs on: {} says `{}`, and no version that is known fits",
                said.place, said.text
            ));
        }
        return;
    };
    let mut reason = match (&range, &gone) {
        (None, Some(gone)) => {
            let text = format!(
                "no file says a version; {} is gone since {}",
                gone.module, gone.version
            );
            Reason::at(Sure::Likely, &gone.place, text)
        }
        (Some((_, said)), _) => {
            Reason::at(Sure::Certain, &said.place, format!("it says {}", said.text))
        }
        (None, None) => Reason::new(Sure::Assumed, "no file says a version"),
    };
    if let Some(first) = order.first().filter(|first| **first != version)
        && let Some(found) = packages::hindrance(project, knowledge, first)
    {
        let text = format!("{}; {} is not made for {first}", reason.text, found.name);
        reason = Reason {
            text,
            place: reason.place.or(Some(found.place.clone())),
            sure: Sure::Likely,
        };
    }
    survey.answer("base", image(version), reason);
}

/// A module of the standard library that newer versions of the language no longer have.
struct Gone {
    module: String,
    /// The first version without it.
    version: String,
    place: Place,
}

/// The module that the code imports and that is gone earliest.
fn gone(project: &Project) -> Option<Gone> {
    let known = project.known.table("removed")?;
    let mut gone: Vec<Gone> = Vec::new();
    for module in &project.modules {
        for name in &module.imported {
            let first = name.split('.').next().unwrap_or_default();
            // What is installed under its name stands in for it.
            let Some(version) = known
                .maybe(first)
                .filter(|_| project.asks_for(first).is_none())
            else {
                continue;
            };
            gone.push(Gone {
                module: first.to_owned(),
                version: version.to_owned(),
                place: Place::new(&module.path, 1),
            });
        }
    }
    let versions = project.known.texts("versions");
    gone.into_iter()
        .min_by_key(|gone| versions.iter().position(|version| *version == gone.version))
}

/// Whether a version comes before another one.
fn is_before(version: &str, other: &str) -> bool {
    Version::parse(version) < Version::parse(other)
}

/// The options of the preset that are not as it has them by default.
fn options(
    project: &Project,
    installation: &Installation,
    started: Option<&program::Program>,
    survey: &mut Survey,
) {
    let table = format!("options.{}", installation.preset);
    let language = format!("options.{}", project.known.text("language"));
    let rest = installation.preset == project.known.text("project-preset");
    let default = [project.known.text("project-requirements")];
    if rest && installation.files != default && !installation.as_package {
        let reason = Reason::new(Sure::Likely, "the one of the files that is for production");
        survey.answer_below(&table, "requirements", list(&installation.files), reason);
    }
    let (paths, _) = included(project.evidence, &installation.files);
    if rest && !paths.is_empty() {
        let place = Place::new(&installation.files[0], 1);
        let reason = Reason::at(Sure::Certain, &place, "it names them in turn");
        survey.answer_below(&table, "included", list(&paths), reason);
    }
    let wants = started.is_some_and(|program| program.installed);
    let files = package_files(project);
    if installation.as_package && !wants && files.is_none() {
        bare(project, survey);
    } else if (wants || installation.as_package) && rest {
        if installation.as_package {
            let reason = Reason::new(
                Sure::Certain,
                "nothing but the project itself lists packages",
            );
            survey.answer_below(&table, "requirements", "[]", reason);
        }
        let reason = Reason::new(Sure::Likely, "the program is what the project installs");
        survey.answer_below(&language, "install-project", "true", reason);
        project_files(&language, files, survey);
    } else if wants {
        project_files(&language, files, survey);
    } else if !rest && installation.preset != project.known.text("language") {
        let reason = Reason::new(
            Sure::Likely,
            "what starts it is a file of the project, not a package",
        );
        survey.answer_below(&language, "install-project", "false", reason);
        let reason = Reason::new(Sure::Assumed, "the whole project");
        survey.answer("source", list(&["."]), reason);
    }
}

fn project_files(table: &str, files: Option<Vec<String>>, survey: &mut Survey) {
    if let Some(files) = files {
        let reason = Reason::new(Sure::Likely, "what the package is built from");
        survey.answer_below(table, "project-files", list(&files), reason);
    }
}

/// A project that is no package lists its dependencies in a file for packages: they are installed from there.
fn bare(project: &Project, survey: &mut Survey) {
    let Some(known) = project.known.table("bare") else {
        return;
    };
    let reason = || {
        Reason::new(
            Sure::Likely,
            "the project is no package, so only what it lists is installed",
        )
    };
    let table = format!("stages.{}", known.text("step"));
    let preset = format!("options.{}", project.known.text("project-preset"));
    survey.answer_below(&preset, "requirements", "[]", reason());
    if !project.requirements.is_empty() {
        survey.answer_below(&table, "when", quoted("true"), reason());
        survey.answer_below(&table, "run", quoted(known.text("run")), reason());
        survey.answer_below(&table, "bind", list(&known.texts("bind")), reason());
        survey.answer_below(&table, "cache", list(&known.texts("cache")), reason());
    }
}

/// The files that the project's package is built from, if it is one.
fn package_files(project: &Project) -> Option<Vec<String>> {
    let evidence = project.evidence;
    let known = project.known;
    let has = |path: &str| evidence.tree.has(path);
    let described = known.texts("project").into_iter().any(has);
    if !described {
        return None;
    }
    let description = known.texts("project")[0];
    let tree = evidence
        .read(description)
        .and_then(|text| lookup::tree(evidence, description, &text));
    let under = |key: &str| {
        let path: Vec<&str> = key.split('.').collect();
        tree.as_ref()
            .and_then(|(tree, _)| lookup::below(tree, &path).cloned())
    };
    if under(known.text("packaged-off")).and_then(|node| node.boolean()) == Some(false) {
        return None;
    }
    let module = project
        .name
        .as_deref()
        .map(|name| normal(name).replace('-', "_"));
    let mut sources: Vec<String> = Vec::new();
    if let Some(packages) = under(known.text("package-list")) {
        for package in packages.items() {
            let text = |key: &str| package.get(key).and_then(Node::text);
            if let Some(path) = text("from").or(text("include")) {
                let first = path.split('/').next().unwrap_or_default();
                if evidence.tree.has_folder(first) {
                    sources.push(format!("{first}/"));
                } else if has(path) {
                    sources.push(path.to_owned());
                }
            }
        }
    }
    let top: Vec<&str> = evidence
        .tree
        .paths()
        .filter_map(|path| path.strip_suffix("/__init__.py"))
        .filter(|path| !path.contains('/') && !known.texts("aside").contains(path))
        .collect();
    let in_src = evidence
        .tree
        .paths()
        .any(|path| path.starts_with("src/") && path.ends_with(".py") && !has("src/__init__.py"));
    if sources.is_empty() {
        match &module {
            _ if in_src => sources.push("src/".to_owned()),
            Some(module) if evidence.tree.has_folder(module) => sources.push(format!("{module}/")),
            Some(module) if has(&format!("{module}.py")) => sources.push(format!("{module}.py")),
            _ if has("setup.py")
                || known
                    .texts("packed")
                    .into_iter()
                    .any(|key| under(key).is_some())
                || top.len() == 1 =>
            {
                sources.extend(top.iter().map(|path| format!("{path}/")));
                let modules = evidence.tree.paths().filter(|path| {
                    !path.contains('/') && path.ends_with(".py") && *path != "setup.py"
                });
                sources.extend(modules.map(str::to_owned));
            }
            _ => {}
        }
    }
    if sources.is_empty() {
        return None;
    }
    let mut files: Vec<String> = known
        .texts("project-files")
        .into_iter()
        .filter(|path| has(path))
        .map(str::to_owned)
        .collect();
    let readme = known.texts("readme").into_iter().find_map(under);
    let readme = readme.and_then(|node| {
        let file = node.get("file").and_then(Node::text).map(str::to_owned);
        node.text().map(str::to_owned).or(file)
    });
    for path in readme.into_iter().chain(sources) {
        let there = has(&path) || path.ends_with('/');
        if there && !files.contains(&path) {
            files.push(path);
        }
    }
    Some(files)
}
