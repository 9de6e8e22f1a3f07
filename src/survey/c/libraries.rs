//! Sources of others that lie beside a C program.

use super::super::knowledge::Known;
use super::super::{Evidence, Place, Reason, Sure, Survey, list};
use super::{makefile, normal};
use crate::data::quoted;

/// Third-party sources that the Makefile builds by one of their own are built before, in a stage of their own, by the
/// same commands. Of others it is said that they are there.
pub(super) fn answer(evidence: &Evidence, known: &Known, file: Option<&str>, survey: &mut Survey) {
    let built = file.map(|file| built_first(evidence, known, file));
    let built = built.unwrap_or_default();
    if let Some((.., place)) = built.first() {
        let mut folders: Vec<String> = Vec::new();
        let mut commands: Vec<&str> = Vec::new();
        for (folder, command, _) in &built {
            let folder = format!("{folder}/");
            if !folders.contains(&folder) {
                folders.push(folder);
            }
            commands.push(command);
        }
        let table = format!("options.{}", known.text("language"));
        let reason = |text: &str| Reason::at(Sure::Likely, place, text);
        let text = "sources of others, which change less often";
        survey.answer_below(&table, "libraries", list(&folders), reason(text));
        let text = "what the Makefile calls for them";
        let script = quoted(&commands.join("\n"));
        survey.answer_below(&table, "libraries-script", script, reason(text));
        return;
    }
    let folders: Vec<&str> = known
        .texts("library-folders")
        .into_iter()
        .filter(|folder| {
            let below = |path: &str| {
                path.starts_with(&format!("{folder}/")) && path.matches('/').count() > 1
            };
            evidence
                .tree
                .paths()
                .any(|path| below(path) && path.ends_with(known.text("sources")))
        })
        .collect();
    if !folders.is_empty() {
        survey.notes.push(format!(
            "{} holds sources of others; `libraries` and `libraries-script` of [options.{}] build them in a stage of their own",
            folders.join(", "),
            known.text("language")
        ));
    }
}

/// The folders of third-party sources in which the Makefile at the top calls make again for its default target, with the
/// commands.
fn built_first(evidence: &Evidence, known: &Known, file: &str) -> Vec<(String, String, Place)> {
    let mut built = Vec::new();
    // The commands are those of the folder that the build begins in.
    if file.contains('/') {
        return built;
    }
    let text = evidence.read(file).unwrap_or_default();
    let beside: Vec<&str> = evidence.tree.paths().collect();
    let makefile = makefile::read(&text, &beside);
    let Some((target, _)) = makefile.default_target() else {
        return built;
    };
    for rule in makefile.leading(target) {
        for command in &rule.recipe {
            let command = makefile.expand(command, &beside, 0);
            let command = command.trim_start_matches(['@', '-', '+', ' ']).trim();
            // What a shell would fill in is not known here.
            if command.contains('$') {
                continue;
            }
            for folder in makefile::delegated(command) {
                let folder = normal(&folder);
                let first = folder.split('/').next().unwrap_or_default();
                if known.texts("library-folders").contains(&first)
                    && evidence.tree.has_folder(&folder)
                {
                    let place = Place::new(file, rule.line);
                    built.push((folder, command.to_owned(), place));
                }
            }
        }
    }
    built
}
