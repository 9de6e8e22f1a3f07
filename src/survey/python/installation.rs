//! What installs the packages of a project, and how the project itself is installed.

use super::super::knowledge::Known;
use super::super::requirement::{Requirement, normal};
use super::super::{Asked, Evidence, Place, Reason, Sure, Survey, list, lookup};
use super::program::Program;
use super::{Project, backend, imported, included, packages};
use crate::data::{Node, quoted};
use crate::preset::{Library, Preset};

/// How its packages are installed.
pub(super) struct Installation {
    /// The preset.
    pub(super) preset: String,
    /// What told so.
    pub(super) reason: Reason,
    /// The requirements files, if it has some.
    pub(super) files: Vec<String>,
    /// Whether the project is installed as a package because nothing else says what it needs.
    pub(super) as_package: bool,
    /// How a lock file that no preset reads is installed all the same.
    pub(super) export: Option<Known>,
    /// Whether what the code imports is installed, because no file says what it needs.
    pub(super) from_imports: bool,
}

/// Chooses the preset: the one that was asked for, the last one whose signs are there, or the one for what is left.
pub(super) fn installation(
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
            export: None,
            from_imports: false,
            preset,
            reason,
        },
        (None, Some(file)) => Installation {
            preset: rest,
            reason: Reason::new(Sure::Certain, format!("{file} is there")),
            files: vec![file.to_owned()],
            as_package: false,
            export: None,
            from_imports: false,
        },
        (None, None) if exported(evidence, known).is_some() => {
            let export = exported(evidence, known);
            let file = export.as_ref().map_or("", |export| export.text("file"));
            let text = format!("{file} is there, and {rest} installs what it pins");
            Installation {
                preset: rest,
                reason: Reason::new(Sure::Certain, text),
                files: Vec::new(),
                as_package: false,
                export,
                from_imports: false,
            }
        }
        (None, None) => unlisted(evidence, known),
    }
}

/// How the packages of a project are installed that has neither requirements files nor a lock file.
fn unlisted(evidence: &Evidence, known: &Known) -> Installation {
    let mut project = known.texts("project").into_iter();
    let project = project.find(|file| evidence.tree.has(file));
    let mut unserved = known.tables("unserved").into_iter();
    let unserved = unserved.find(|file| evidence.tree.has(file.text("file")));
    let rest = known.text("project-preset");
    let (preset, reason) = if let Some(file) = project {
        let text = format!("{file} is there, and no lock file that a preset reads");
        (rest, Reason::new(Sure::Certain, text))
    } else if let Some(file) = &unserved {
        let text = format!("{} is there, which no preset reads", file.text("file"));
        (rest, Reason::new(Sure::Assumed, text))
    } else {
        let text = "no file lists packages, so nothing but the language is there";
        (known.text("language"), Reason::new(Sure::Likely, text))
    };
    Installation {
        preset: preset.to_owned(),
        reason,
        files: Vec::new(),
        as_package: project.is_some(),
        export: None,
        from_imports: project.is_none() && unserved.is_none(),
    }
}

/// Where no file lists packages, those are installed that the code imports, as far as it is known what they are called.
pub(super) fn from_imports(
    project: &mut Project,
    installation: &mut Installation,
    survey: &mut Survey,
) {
    if !installation.from_imports {
        return;
    }
    let found = imported::imported(project);
    if let Some((_, place)) = found.unknown.first() {
        let names: Vec<&str> = found
            .unknown
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        survey.unknown.push(format!(
            "which packages bring {} ({place}), which the code imports and nothing lists; a requirements.txt would say it",
            names.join(", ")
        ));
    }
    installation.from_imports = !found.packages.is_empty();
    let Some(first) = found.packages.first() else {
        return;
    };
    let text = format!("it imports {}, and no file lists packages", first.name);
    installation.reason = Reason::at(Sure::Likely, &first.place, text);
    project
        .known
        .text("project-preset")
        .clone_into(&mut installation.preset);
    project.requirements.extend(found.packages);
}

/// How the first lock file that no preset reads is installed.
fn exported(evidence: &Evidence, known: &Known) -> Option<Known> {
    let mut exports = known.tables("exports").into_iter();
    exports.find(|export| evidence.tree.has(export.text("file")))
}

/// The options of the preset that are not as it has them by default.
pub(super) fn options(
    project: &Project,
    installation: &Installation,
    started: Option<&Program>,
    survey: &mut Survey,
) {
    let table = format!("options.{}", installation.preset);
    let language = format!("options.{}", project.known.text("language"));
    let rest = installation.preset == project.known.text("project-preset");
    let (paths, _) = included(project.evidence, &installation.files);
    let itself = itself(project, installation).filter(|_| rest && paths.is_empty());
    let default = [project.known.text("project-requirements")];
    if let Some(export) = &installation.export {
        let reason = || {
            let text = format!("{} has the exact versions", export.text("file"));
            Reason::new(Sure::Certain, text)
        };
        survey.answer_below(&table, "requirements", "[]", reason());
        in_its_place(project, export, &[], reason, survey);
    } else if installation.from_imports {
        let reason = || {
            let text = "what the code imports; nothing says in which versions";
            Reason::new(Sure::Assumed, text)
        };
        survey.answer_below(&table, "requirements", "[]", reason());
        if let Some(known) = project.known.table("imported") {
            in_its_place(project, &known, &[], reason, survey);
        }
    } else if let Some((known, place)) = &itself {
        let reason = || {
            let text = "it names the project, whose files are not there yet";
            Reason::at(Sure::Certain, place, text)
        };
        survey.answer_below(&table, "requirements", "[]", reason());
        in_its_place(project, known, &installation.files, reason, survey);
    } else if rest && !installation.files.is_empty() && installation.files != default {
        let reason = Reason::new(Sure::Likely, "the one of the files that is for production");
        survey.answer_below(&table, "requirements", list(&installation.files), reason);
    }
    if rest && !paths.is_empty() {
        let place = Place::new(&installation.files[0], 1);
        let reason = Reason::at(Sure::Certain, &place, "it names them in turn");
        survey.answer_below(&table, "included", list(&paths), reason);
    }
    let wants = started.is_some_and(|program| program.installed);
    let files = package_files(project);
    if installation.as_package && !wants && files.is_none() {
        bare(project, survey);
    } else if (wants || installation.as_package || itself.is_some() && files.is_some()) && rest {
        if installation.as_package {
            let reason = Reason::new(
                Sure::Certain,
                "nothing but the project itself lists packages",
            );
            survey.answer_below(&table, "requirements", "[]", reason);
        }
        let reason = Reason::new(
            Sure::Likely,
            if wants {
                "the program is what the project installs"
            } else if itself.is_some() {
                "its requirements name it"
            } else {
                "its packages are installed with it"
            },
        );
        survey.answer_below(&language, "install-project", "true", reason);
        project_files(project, &language, files, survey);
    } else if wants {
        project_files(project, &language, files, survey);
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

/// The line of the requirements file that names the project itself, and how the others are installed without it: they are
/// installed before there is anything of the project.
fn itself(project: &Project, installation: &Installation) -> Option<(Known, Place)> {
    let known = project.known.table("itself")?;
    let file = installation.files.first()?;
    let text = project.evidence.read(file)?;
    let lines = known.texts("lines");
    let is_it = |line: &str| lines.contains(&line.trim());
    let at = text.lines().position(is_it)?;
    Some((known, Place::new(file, at + 1)))
}

fn project_files(project: &Project, table: &str, files: Option<Vec<String>>, survey: &mut Survey) {
    backend::version(project, survey);
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
    let preset = format!("options.{}", project.known.text("project-preset"));
    survey.answer_below(&preset, "requirements", "[]", reason());
    if !project.requirements.is_empty() {
        in_its_place(project, &known, &[], reason, survey);
    }
}

/// Has packages installed in another way than from requirements files.
fn in_its_place(
    project: &Project,
    known: &Known,
    files: &[String],
    reason: impl Fn() -> Reason,
    survey: &mut Survey,
) {
    let table = format!("stages.{}", project.known.text("install-step"));
    if let Some(note) = known.maybe("note") {
        survey.answer_below(&table, "note", quoted(note), reason());
    }
    survey.answer_below(&table, "when", quoted("true"), reason());
    let base = survey.answered("base");
    let python = base.and_then(|base| packages::version_of(&base.value));
    let last = known.table("last");
    let last = last
        .as_ref()
        .zip(python)
        .and_then(|(last, python)| last.maybe(&python));
    let version = last.unwrap_or(known.text("version"));
    let requirements = project.requirements.iter();
    let names: Vec<String> = requirements.map(Requirement::for_shell).collect();
    let run = known
        .text("run")
        .replace("{version}", version)
        .replace("{file}", files.first().map_or("", String::as_str))
        .replace("{packages}", &names.join(known.text("between")));
    survey.answer_below(&table, "run", quoted(&run), reason());
    let files = files.iter().map(String::as_str);
    let bind: Vec<&str> = known.texts("bind").into_iter().chain(files).collect();
    if !bind.is_empty() {
        survey.answer_below(&table, "bind", list(&bind), reason());
    }
    let cache = project.known.texts("install-cache");
    survey.answer_below(&table, "cache", list(&cache), reason());
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
    let ending = known.text("sources");
    let in_src = evidence
        .tree
        .paths()
        .any(|path| path.starts_with("src/") && path.ends_with(ending) && !has("src/__init__.py"));
    if sources.is_empty() {
        match &module {
            _ if in_src => sources.push("src/".to_owned()),
            Some(module) if evidence.tree.has_folder(module) => sources.push(format!("{module}/")),
            Some(module) if has(&format!("{module}.py")) => sources.push(format!("{module}.py")),
            _ if has(known.text("describing-program"))
                || known
                    .texts("packed")
                    .into_iter()
                    .any(|key| under(key).is_some())
                || top.len() == 1 =>
            {
                sources.extend(top.iter().map(|path| format!("{path}/")));
                let modules = evidence.tree.paths().filter(|path| {
                    !path.contains('/')
                        && path.ends_with(ending)
                        && *path != known.text("describing-program")
                });
                sources.extend(modules.map(str::to_owned));
            }
            _ => {}
        }
    }
    if sources.is_empty() {
        return None;
    }
    // A program that describes a package may read anything of the project, and so may some build systems.
    let mut hooks = known.texts("build-hooks").into_iter();
    if has(known.text("describing-program"))
        || backend::reads_all(project)
        || hooks.any(|key| under(key).is_some())
    {
        return Some(vec![".".to_owned()]);
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
