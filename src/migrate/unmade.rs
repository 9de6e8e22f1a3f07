//! What is made better in no file that stays as it is, and why.

use crate::dockerfile::is_root;
use crate::dockerfile::{Instruction, Word};

use super::Context;
use super::caches;
use super::notice::Notice;
use super::old::Old;

/// Why nobody but root runs what root has run.
pub(super) const AS_ROOT: &str =
    "it runs as root as before: nobody can tell from the file where the program writes";

/// Why the ignore file does not keep out what is not copied.
const WHOLE_CONTEXT: &str = "the ignore file stays as it is: another build of the same folder may need what this one does not";

/// The same where there is no such file.
const NO_IGNORE_FILE: &str =
    "no ignore file is made: another build of the same folder may need what this one does not";

/// What every file that no preset takes over goes without, as far as it would have it otherwise.
pub(super) fn unmade(old: &Old<'_>, context: &Context<'_>) -> Vec<Notice> {
    let line = old.stages[old.chosen].statement.place.first_line;
    let chain = old.chain(old.chosen);
    let users = chain
        .iter()
        .rev()
        .find_map(|placed| match &placed.statement.instruction {
            Instruction::User(word) => Some(word.text()),
            _ => None,
        });
    let image = old.stages[old.lineage(old.chosen)[0]].from.image.word();
    let runs_as_root = match users {
        Some(user) => user.as_deref().is_some_and(is_root),
        None => caches::is_known(image),
    };
    let copies = |word: &Word| word.text().is_none_or(|path| !path.contains("://"));
    let mut instructions = old.stages.iter().flat_map(|stage| &stage.body);
    let sees_context = instructions.any(|(_, statement)| match &statement.instruction {
        Instruction::Copy(copy) => copy.from.is_none() && copy.files.source_paths().any(copies),
        Instruction::Add(add) => add.files.source_paths().any(copies),
        _ => false,
    });
    let texts = [
        runs_as_root.then_some(AS_ROOT),
        sees_context.then_some(match context.ignore {
            Some(_) => WHOLE_CONTEXT,
            None => NO_IGNORE_FILE,
        }),
    ];
    let notices = texts.into_iter().flatten().map(|text| Notice {
        line,
        text: text.to_owned(),
    });
    notices.collect()
}
