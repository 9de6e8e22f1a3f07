//! What the packages of a project need of the system.

use super::super::requirement::{Range, Requirement, Version};
use super::super::{Place, Reason, Sure, Survey, list};
use super::Project;
use super::installation::Installation;
use crate::data::quoted;
use crate::survey::knowledge::{Knowledge, Known};

/// The first package that is not made for a version of Python, in the version that will be installed.
pub(super) fn hindrance<'a>(
    project: &'a Project,
    knowledge: &Knowledge,
    python: &str,
) -> Option<&'a Requirement> {
    installed(project).find(|requirement| {
        let known = knowledge.packages.table(&requirement.name);
        known.is_some_and(|known| {
            concerns(&known, requirement) && !fits(&known, requirement, python)
        })
    })
}

/// Everything that will be installed, as far as it is known: what is asked for, and what a lock file adds.
fn installed<'a>(project: &'a Project) -> impl Iterator<Item = &'a Requirement> {
    let asked = project.requirements.iter().filter(|asked| {
        !project
            .locked
            .iter()
            .any(|locked| locked.name == asked.name)
    });
    project.locked.iter().chain(asked)
}

/// Whether an entry speaks of this version of its package.
fn concerns(known: &Known, requirement: &Requirement) -> bool {
    let Some(from) = known.maybe("from").and_then(Version::parse) else {
        return true;
    };
    match requirement.range.exact.as_deref().and_then(Version::parse) {
        Some(exact) => exact >= from,
        None => requirement.range.reaches(known.text("from")),
    }
}

/// Whether this version of it is made for a version of Python, so that nothing is compiled.
fn fits(known: &Known, requirement: &Requirement, python: &str) -> bool {
    let Some(first) = known.table("fits") else {
        return true;
    };
    // What an older Python no longer has, a newer one does not have either.
    let asked = Version::parse(python);
    let before = first.pairs().filter(|(of, _)| Version::parse(of) <= asked);
    let newest = before.max_by_key(|(of, _)| Version::parse(of));
    newest.is_none_or(|(_, first)| requirement.range.reaches(first))
}

/// The packages of the system, while building and at run time.
pub(super) fn packages(
    project: &Project,
    knowledge: &Knowledge,
    installation: &Installation,
    survey: &mut Survey,
) {
    let python = survey
        .answered("base")
        .map(|base| base.value.clone())
        .and_then(|image| version_of(&image))
        .unwrap_or_else(|| project.known.text("preferred").to_owned());
    let mut build: Vec<(String, Needed)> = Vec::new();
    let mut runtime: Vec<(String, Needed)> = Vec::new();
    let mut early: Vec<(String, Reason)> = Vec::new();
    for requirement in installed(project) {
        let needed = Needed {
            by: requirement.name.clone(),
            place: requirement.place.clone(),
        };
        if requirement.from_git {
            add(&mut build, &[project.known.text("git")], &needed);
        }
        let Some(known) = knowledge.packages.table(&requirement.name) else {
            continue;
        };
        let instead = known.texts("unless");
        if !concerns(&known, requirement)
            || instead
                .iter()
                .any(|other| project.installs(other).is_some())
        {
            continue;
        }
        let compiled = known.table("fits").is_none() || !fits(&known, requirement, &python);
        if compiled {
            add(&mut build, &known.texts("build"), &needed);
            add(&mut runtime, &known.texts("runtime-built"), &needed);
        }
        add(&mut runtime, &known.texts("runtime"), &needed);
        if let Some(beside) = known.maybe("beside")
            && !requirement.range.reaches(known.text("beside-until"))
        {
            let text = format!("{} asks for it, and for no newer one", requirement.name);
            early.push((
                beside.to_owned(),
                Reason::at(Sure::Certain, &requirement.place, text),
            ));
        }
    }
    for (requirement, reason) in early {
        // Where no requirements file is read, a step of its own comes after the others.
        let step = project.known.table("beside");
        if let Some(step) = step.filter(|_| installation.files.is_empty()) {
            let run = step.text("run").replace("{requirement}", &requirement);
            survey.answer_below(
                step.text("step"),
                "after",
                quoted(step.text("after")),
                reason.clone(),
            );
            survey.answer_below(step.text("step"), "run", quoted(&run), reason);
        } else {
            let table = format!("options.{}", installation.preset);
            survey.add_below(&table, "early", &requirement, reason);
        }
    }
    for (key, packages) in [("build", build), ("runtime", runtime)] {
        let Some((_, first)) = packages.first() else {
            continue;
        };
        let names: Vec<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
        let mut by: Vec<&str> = packages
            .iter()
            .map(|(_, needed)| needed.by.as_str())
            .collect();
        by.dedup();
        let text = format!(
            "{} {} {}",
            by.join(", "),
            if by.len() == 1 { "needs" } else { "need" },
            if key == "build" {
                "them to be built"
            } else {
                "them to run"
            }
        );
        let reason = Reason::at(Sure::Likely, &first.place, text);
        survey.answer_below("packages", key, list(&names), reason);
    }
}

/// Who needs a package.
#[derive(Clone)]
struct Needed {
    by: String,
    place: Place,
}

fn add(packages: &mut Vec<(String, Needed)>, names: &[&str], needed: &Needed) {
    for name in names {
        if !packages.iter().any(|(other, _)| other == name) {
            packages.push(((*name).to_owned(), needed.clone()));
        }
    }
}

/// The version in the name of an image.
pub(super) fn version_of(image: &str) -> Option<String> {
    let tag = image.trim_matches('"').rsplit_once(':')?.1;
    let version = tag.split('-').next()?;
    Range::parse(version).exact
}
