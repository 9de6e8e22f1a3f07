//! Which version of Python a project runs on.

use super::super::knowledge::Knowledge;
use super::super::lookup::{self, Saying};
use super::super::requirement::{Range, Version};
use super::super::{Place, Reason, Sure, Survey};
use super::{Project, packages};
use crate::data::quoted;

/// The base image: of the version that a file asks for, or of the newest for which its packages are made, and that
/// has every module of the standard library that the code imports.
pub(super) fn base(project: &Project, knowledge: &Knowledge, survey: &mut Survey) {
    let known = project.known;
    let said = said(project);
    let range = said.as_ref().map(|said| (Range::parse(&said.text), said));
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
        let asked = parts.join(".");
        let oldest = known.texts("versions").first().copied().unwrap_or_default();
        if parts.len() == 2 && is_before(&asked, oldest) {
            let text = format!(
                "it says {}, and nothing before {oldest} is served",
                said.text
            );
            let reason = Reason::at(Sure::Likely, &said.place, text);
            survey.answer("base", image(oldest), reason);
            return;
        }
        if parts.len() == 2 {
            let reason = Reason::at(Sure::Certain, &said.place, format!("it says {}", said.text));
            survey.answer("base", image(&asked), reason);
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

/// What says the version: the first file that does, unless it names one that another does not allow. A file for one place
/// where the project once ran stays behind more easily than what an installation is refused by.
fn said(project: &Project) -> Option<Saying> {
    let entries = project.known.tables("version").into_iter();
    let said: Vec<Saying> = entries
        .filter_map(|entry| lookup::all(project.evidence, &entry).into_iter().next())
        .collect();
    let first = said.first()?;
    let exact = Range::parse(&first.text).exact;
    let refused = exact.and_then(|exact| {
        let parts: Vec<&str> = exact.split('.').take(2).collect();
        let mut others = said.iter().filter(|_| parts.len() == 2);
        others.find(|other| !Range::parse(&other.text).admits(&parts.join(".")))
    });
    Some(refused.unwrap_or(first).clone())
}

/// The preset installs the newest version of its package manager; an old Python needs the last one that knew it.
pub(super) fn manager(project: &Project, preset: &str, survey: &mut Survey) {
    let known = project.known.tables("managers");
    let of_image = survey
        .answered("base")
        .and_then(|base| packages::version_of(&base.value));
    let (Some(known), Some(python)) = (
        known.iter().find(|known| known.text("preset") == preset),
        of_image,
    ) else {
        return;
    };
    let last = |table: &str, key: &str| Some(known.table(table)?.maybe(key)?.to_owned());
    let by_python = last("last", &python).map(|version| {
        let text = format!("the last one for Python {python}");
        (version, Reason::new(Sure::Certain, text))
    });
    let by_lock = known.table("lock").and_then(|lock| {
        if !project.evidence.tree.has(lock.text("file")) {
            return None;
        }
        let said = lookup::all(project.evidence, &lock).into_iter().next();
        let form = said.map_or(known.text("first-form").to_owned(), |said| said.text);
        let place = Place::new(lock.text("file"), 1);
        let text = format!("the last one that reads lock files of form {form}");
        let reason = Reason::at(Sure::Certain, &place, text);
        Some((last("forms", &form)?, reason))
    });
    // Of both the older one.
    let older = by_python
        .into_iter()
        .chain(by_lock)
        .min_by_key(|(version, _)| Version::parse(version));
    if let Some((version, reason)) = older {
        survey.answer_below(
            &format!("options.{preset}"),
            known.text("option"),
            quoted(&version),
            reason,
        );
    }
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
        for (name, line) in &module.imported {
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
                place: Place::new(&module.path, *line),
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
