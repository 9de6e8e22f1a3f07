//! What the packages of a project need of the system.

use super::super::requirement::{Range, Requirement, Version};
use super::super::{Place, Reason, Sure, Survey, list};
use super::installation::Installation;
use super::{Project, backend};
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
        is_made_for(requirement, python) == Some(false)
            || known.is_some_and(|known| {
                concerns(&known, requirement) && !fits(&known, requirement, python)
            })
    })
}

/// Whether the files that a lock file lists for a package are made for a version of Python; otherwise it is compiled.
fn is_made_for(requirement: &Requirement, python: &str) -> Option<bool> {
    let versions = requirement.made_for.as_ref()?;
    Some(versions.iter().any(|version| version == python))
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
        let made_for = is_made_for(requirement, &python);
        let Some(known) = knowledge.packages.table(&requirement.name) else {
            if made_for == Some(false) {
                add(&mut build, &project.known.texts("compilers"), &needed);
            }
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
        let compiled = match made_for {
            Some(made_for) => !made_for,
            None => known.table("fits").is_none() || !fits(&known, requirement, &python),
        };
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
    for (known, place) in backend::asked(project) {
        let by = known.text("name").to_owned();
        add(&mut build, &known.texts("build"), &Needed { by, place });
    }
    for (requirement, reason) in early {
        beside(project, installation, &requirement, reason, survey);
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

/// Has a package installed that nothing lists: before the others, or where no requirements file is read in a step of its
/// own after them.
pub(super) fn beside(
    project: &Project,
    installation: &Installation,
    requirement: &str,
    reason: Reason,
    survey: &mut Survey,
) {
    let step = project.known.table("beside");
    let is_pip = installation.preset == project.known.text("project-preset");
    if let Some(step) = step.filter(|_| !is_pip) {
        let run = step.text("run").replace("{requirement}", requirement);
        survey.answer_below(
            step.text("step"),
            "after",
            quoted(step.text("after")),
            reason.clone(),
        );
        survey.answer_below(step.text("step"), "run", quoted(&run), reason);
    } else {
        let table = format!("options.{}", installation.preset);
        survey.add_below(&table, "early", requirement, reason);
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
