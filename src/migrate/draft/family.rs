//! Which steps leave their command to the family of their image, and where the spec has to say that family.

use crate::dockerfile::Instruction;

use super::keys::Key;
use super::{Writer, typed};

impl Writer<'_> {
    /// The family of what a stage is built on, where that is one that has commands.
    pub(super) fn family(&self, stage: usize) -> Option<String> {
        let image = self.old.image(self.old.lineage(stage)[0])?;
        (self.context.family)(&image).filter(|family| family != "none")
    }

    /// Whether a step can leave its command to the family: for another user than root it would not run as that one.
    pub(super) fn is_for_family(&self, stage: usize, at: usize) -> bool {
        self.keys.has(Key::Commands)
            && !self.old.has_user(stage, at)
            && self.family(stage).is_some()
    }

    /// The family of an image that depends on arguments, if a step leaves its command to that.
    pub(super) fn family_to_say(&self, root: usize) -> Option<String> {
        let old = self.old;
        old.stages[root]
            .from
            .image
            .word()
            .text()
            .is_none()
            .then_some(())?;
        let mut above = (0..old.stages.len()).filter(|stage| old.lineage(*stage)[0] == root);
        let is_left = above.any(|stage| {
            let mut body = old.stages[stage].body.iter().enumerate();
            body.any(|(at, (_, statement))| match &statement.instruction {
                Instruction::Run(run) => {
                    typed::of_family(run).is_some() && self.is_for_family(stage, at)
                }
                _ => false,
            })
        });
        is_left.then(|| self.family(root)).flatten()
    }
}
