//! What builds the project as a package: whether it reads more than the package itself, what it compiles with, and
//! where it takes the version from.

use super::super::knowledge::Known;
use super::super::requirement::Requirement;
use super::super::{Place, Reason, Sure, Survey, lookup};
use super::Project;
use crate::data::quoted;

/// The build systems that a project asks for and that something is known of.
pub(super) fn asked(project: &Project) -> Vec<(Known, Place)> {
    let Some(wanted) = project.known.table("build-system") else {
        return Vec::new();
    };
    let said = lookup::all(project.evidence, &wanted);
    let asked = said
        .iter()
        .filter_map(|said| Requirement::parse(&said.text, said.place.clone()));
    let asked: Vec<Requirement> = asked.collect();
    let known = project.known.tables("backends").into_iter();
    known
        .filter_map(|known| {
            let mut asked = asked.iter();
            let found = asked.find(|requirement| requirement.is(known.text("name")))?;
            Some((known, found.place.clone()))
        })
        .collect()
}

/// Whether the build may read any file of the project.
pub(super) fn reads_all(project: &Project) -> bool {
    asked(project)
        .iter()
        .any(|(known, _)| known.maybe("reads") == Some("all"))
}

/// The version that the build cannot take from git, since the history is no part of it.
pub(super) fn version(project: &Project, survey: &mut Survey) {
    for (known, place) in asked(project) {
        let Some(variable) = known.maybe("variable") else {
            continue;
        };
        let reason = || {
            let text = format!(
                "{} takes the version from the history, which is not in the build",
                known.text("name")
            );
            Reason::at(Sure::Assumed, &place, text)
        };
        let table = format!(
            "stages.project.steps.{}",
            project.known.text("version-step")
        );
        let value = project.known.text("version-told");
        survey.answer_below(&table, "before", quoted("install"), reason());
        let env = format!("{{ {variable} = {} }}", quoted(value));
        survey.answer_below(&table, "env", env, reason());
        return;
    }
}
