//! Programs that files of a project name: the process file, and the scripts that installing it gives.

use super::super::{Asked, Reason, Sure, lookup, settings};
use super::Project;
use super::health::health;
use super::layout::dotted;
use super::listening::{bound, listener};
use super::program::{Program, rank, unlisted};
use crate::survey::knowledge::Knowledge;

/// A file with commands by name says it.
pub(super) fn process(project: &Project, knowledge: &Knowledge, asked: &Asked) -> Option<Program> {
    let process = settings::process(project.evidence, knowledge, asked)?;
    let variable = knowledge.files.text("port-variable");
    let reason = Reason::at(
        Sure::Certain,
        &process.place,
        format!("its process `{}`", process.name),
    );
    // A file that is run may listen where it likes, whatever the environment says.
    let mut words = process
        .words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .rev();
    let module = words.find_map(|word| {
        let mut modules = project.modules.iter();
        modules.find(|module| module.path == word)
    });
    let own = module
        .and_then(|module| listener(project, module).or_else(|| bound(project, module)))
        .filter(|found| !found.by_variable);
    let port = process.port.map(|port| match own {
        Some(found) => (found.port, found.reason),
        None => (
            port,
            Reason::at(
                Sure::Certain,
                &process.place,
                format!("it is told by {variable}"),
            ),
        ),
    });
    let health = port.as_ref().and_then(|_| health(project, None));
    let env = process.port.map(|port| {
        let reason = Reason::at(Sure::Certain, &process.place, "what such a process is told");
        (variable.to_owned(), port.to_string(), reason)
    });
    let server = process.words.first().and_then(|word| {
        let servers = project.known.table("servers")?;
        servers.maybe(word).map(str::to_owned)
    });
    Some(Program {
        brings: server.and_then(|package| unlisted(project, &package)),
        words: process.words,
        reason,
        port,
        module: module.map(|module| module.path.clone()),
        health,
        root: String::new(),
        env: env.into_iter().collect(),
        prepare: None,
        installed: false,
        tool: false,
        rank: (rank::PROCESS, 0, 0),
    })
}

/// The scripts that installing the project gives; one that is called as the project is, is the project.
pub(super) fn scripts(project: &Project) -> Vec<Program> {
    let said = lookup::first(project.evidence, &project.known.tables("scripts"));
    let normal = crate::survey::requirement::normal;
    let own = project.name.as_deref().map(normal);
    let alone = said.len() == 1;
    let program = |said: lookup::Saying| {
        let called_so = own.as_deref() == Some(&normal(&said.key));
        let (module, object) = said.text.split_once(':').unwrap_or((&said.text, ""));
        let module = project.modules.iter().find(|other| {
            let at = |root: &str| dotted(&other.path, root) == module.trim();
            at("") || at("src")
        });
        let object = object.split(['.', '[', ' ']).next().unwrap_or_default();
        if module.is_some_and(|module| !object.is_empty() && !module.defines(object)) {
            project.evidence.note(format!(
                "{}: `{}` names `{object}`, which {} does not have, so this script would fail",
                said.place,
                said.key,
                module.map_or("its module", |module| &module.path)
            ));
            return None;
        }
        let listens = module.and_then(|module| listener(project, module));
        let kind = if called_so {
            rank::OWN_SCRIPT
        } else {
            rank::SCRIPT
        };
        Some(Program {
            words: vec![said.key.clone()],
            reason: Reason::at(
                Sure::Certain,
                &said.place,
                "the script that installing the project gives",
            ),
            tool: listens.is_none(),
            port: listens.map(|found| (found.port, found.reason)),
            module: module.map(|module| module.path.clone()),
            health: None,
            root: String::new(),
            env: Vec::new(),
            prepare: None,
            brings: None,
            installed: true,
            rank: (kind, usize::from(!alone && !called_so), 0),
        })
    };
    said.into_iter()
        .filter(|said| !said.key.is_empty())
        .filter_map(program)
        .collect()
}
