//! What a program keeps: the files that its code writes beside its sources.

use super::super::{Place, Reason, Sure, Survey, list};
use super::Project;
use super::layout;
use super::program::Program;
use super::syntax::{Call, Value};
use crate::data::quoted;

/// Folders that the program writes into become volumes; where it writes beside its sources, it may do so.
pub(super) fn answer(project: &Project, program: Option<&Program>, survey: &mut Survey) {
    // A tool writes where it is called, and that is not known here.
    let Some(program) = program.filter(|program| !program.tool) else {
        return;
    };
    let mut folders: Vec<(String, Place)> = Vec::new();
    let mut beside: Option<(String, Place)> = None;
    for (path, place) in kept(project, program) {
        let path = path.trim_start_matches("./");
        match path.split_once('/') {
            Some((folder, _)) if is_new(project, folder) => {
                if !folders.iter().any(|(other, _)| other == folder) {
                    folders.push((folder.to_owned(), place));
                }
            }
            _ => {
                beside.get_or_insert((path.to_owned(), place));
            }
        }
    }
    let Some(known) = project.known.table("data") else {
        return;
    };
    let workdir = known.text("workdir");
    if !folders.is_empty() {
        let pairs: Vec<String> = folders
            .iter()
            .map(|(folder, _)| {
                format!(
                    "{} = {}",
                    quoted(folder),
                    quoted(&format!("{workdir}/{folder}"))
                )
            })
            .collect();
        let reason = Reason::at(
            Sure::Likely,
            &folders[0].1,
            "what the code keeps there outlives its container",
        );
        survey.answer("volumes", format!("{{ {} }}", pairs.join(", ")), reason);
    }
    if let Some((path, place)) = beside {
        let owner = known.text("owner");
        let reason = {
            let text = format!(
                "`{path}` is kept beside the sources, so the service may write there; it is lost with its container"
            );
            Reason::at(Sure::Likely, &place, text)
        };
        let at = survey
            .answers
            .iter()
            .position(|answer| answer.key == "source" && answer.table.is_empty());
        if let Some(at) = at {
            survey.answers.remove(at);
        }
        let value = format!("{{ include = [\".\"], owner = {} }}", quoted(owner));
        survey.answer("source", value, reason);
        let step = known.text("step");
        let may = || Reason::new(Sure::Likely, "so that it may write there");
        survey.answer_below(step, "after", quoted("workdir"), may());
        survey.answer_below(step, "directories", list(&[workdir]), may());
        survey.answer_below(step, "owner", quoted(owner), may());
    }
}

/// Whether a folder holds nothing of the project's own, so that a volume hides nothing.
fn is_new(project: &Project, folder: &str) -> bool {
    let name = folder
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    name && folder.starts_with(|c: char| c.is_ascii_lowercase())
        && !project.evidence.tree.has_folder(folder)
}

/// The relative paths that the code writes to, as far as they stand in it.
fn kept(project: &Project, program: &Program) -> Vec<(String, Place)> {
    let Some(known) = project.known.table("data") else {
        return Vec::new();
    };
    let prefixes = known.texts("prefixes");
    let markers = known.texts("markers");
    let calls = known.texts("calls");
    let writers = known.texts("writers");
    let mut kept = Vec::new();
    let parts = layout::parts(project, program);
    for module in &project.modules {
        for (text, line) in &module.addresses {
            let path = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
            let is_marker = markers.contains(&text.as_str());
            let path = path.or(is_marker.then_some(known.text("marked")));
            if let Some(path) = path.filter(|path| is_relative(path)) {
                kept.push((path.to_owned(), Place::new(&module.path, *line)));
            }
        }
        for call in &module.calls {
            let path = match call.at(0) {
                Some(Value::Text(path)) => Some(path.as_str()),
                Some(value @ Value::Variable(..)) => value.text(),
                _ => None,
            };
            let Some(path) = path.filter(|path| is_relative(path)) else {
                continue;
            };
            let place = Place::new(&module.path, call.line);
            // Any file may open a database for the others; what else is written counts only in the program itself.
            if !calls.contains(&call.name.as_str()) && !parts.contains(&module.path.as_str()) {
                continue;
            }
            if makes_folder(&known.texts("folders"), call) {
                kept.push((format!("{path}/"), place));
            } else if calls.contains(&call.name.as_str())
                || writers.contains(&call.name.as_str()) && writes(call)
            {
                kept.push((path.to_owned(), place));
            }
        }
    }
    kept
}

/// A path below the folder that the program runs in.
fn is_relative(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with(['/', ':', '~', '.'])
        && !path.contains(['{', '%', '?', '*', '\\', '\n'])
        && !path.contains("..")
        || path.starts_with("./") && is_relative(&path[2..])
}

fn makes_folder(known: &[&str], call: &Call) -> bool {
    known.contains(&call.name.as_str())
}

/// Whether a file is opened to be written.
fn writes(call: &Call) -> bool {
    let mode = call.keyword("mode").or(call.at(1)).and_then(Value::text);
    mode.is_some_and(|mode| mode.starts_with(['w', 'a', 'x']))
}
