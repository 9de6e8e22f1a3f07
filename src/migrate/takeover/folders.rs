//! Folders that an old file makes by a command of its own, and gives to the spec's own user, as steps that make them.

use crate::dockerfile::paths::{absolute, lies_in, relative};
use crate::dockerfile::{self, Instruction, Run, Transfer};
use crate::migrate::account::Outcome;
use crate::migrate::draft::spell;
use crate::migrate::draft::typed::{self, Fields};
use crate::migrate::old::Placed;
use crate::migrate::shell::{self, Joint};

use super::Writer;

/// Folders of every Linux. Something of any name may lie in them before a file begins, with any mode.
const OF_SYSTEM: &[&str] = &[
    "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/media",
    "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var",
];

impl Writer<'_> {
    /// The fields of a step that makes what an instruction makes, with the folders, if it does nothing but to make them,
    /// and to give them to the spec's own user.
    pub(super) fn folders(
        &self,
        index: usize,
        instruction: &Instruction,
    ) -> Option<(Fields, Vec<String>)> {
        let Instruction::Run(run) = instruction else {
            return None;
        };
        let (folders, owner) = match typed::folders(run) {
            Some(folders) => (folders, None),
            None => (self.given(index, run)?, self.made.as_ref()),
        };
        let mut fields = vec![("directories".to_owned(), spell::list(&folders))];
        if let Some(made) = owner {
            fields.push(("owner".to_owned(), spell::text(&made.numbers)));
        }
        Some((fields, folders))
    }

    /// The folders that a line makes and gives to the user whom the spec makes. The step for that gives them a mode, too,
    /// so none of them can have been there.
    fn given(&self, index: usize, run: &Run) -> Option<Vec<String>> {
        let name = &self.made.as_ref()?.name;
        let line = run.line()?;
        let commands = shell::commands(line, 0)?;
        let [makes, gives] = commands.as_slice() else {
            return None;
        };
        if *run != Run::new(run.command.clone()) || gives.joint != Some(Joint::And) {
            return None;
        }
        let text = line.get(makes.range())?;
        let keyword = self.body[index].statement.instruction.keyword();
        let folders = match dockerfile::parse_one(&format!("{keyword} {text}"))? {
            Instruction::Run(makes) => typed::folders(&makes)?,
            _ => return None,
        };
        let gives = gives.program();
        // In a new folder nothing lies that could be given away with it.
        let gives = match gives.split_first()? {
            (&"chown", [flag, rest @ ..]) if *flag == "-R" => rest,
            (&"chown", rest) => rest,
            _ => return None,
        };
        let (owner, paths) = gives.split_first()?;
        if *owner != format!("{name}:{name}") || paths != folders {
            return None;
        }
        // Without a flag it fails where one of them is there, and a file that builds has none then.
        let fails = makes.words.len() == folders.len() + 1;
        let is_new = |folder: &String| fails || self.is_new(index, folder);
        folders.iter().all(is_new).then_some(folders)
    }

    /// Whether the preset does what an instruction does.
    fn is_done(&self, placed: &Placed<'_>) -> bool {
        let outcome = self.outcomes[placed.item].as_ref();
        outcome.is_some_and(|outcome| match outcome {
            Outcome::Key(_) | Outcome::Improved(_) | Outcome::Dropped(_) => true,
            Outcome::Step(_) | Outcome::Kept { .. } | Outcome::Person(_) => false,
        })
    }

    /// Whether nothing in front of an instruction can have made a folder, or a part of it, but in the way that a folder is
    /// made by its name alone.
    fn is_new(&self, index: usize, folder: &str) -> bool {
        let folder = absolute(self.here(), folder);
        if folder == "/" || OF_SYSTEM.iter().any(|other| lies_in(&folder, other)) {
            return false;
        }
        let mut workdir = "/".to_owned();
        self.body[..index].iter().all(|placed| {
            let lands_apart = |files: &Transfer| {
                let to = files.destination().text();
                to.is_some_and(|to| is_apart(&absolute(&workdir, &to), &folder))
            };
            match &placed.statement.instruction {
                Instruction::Workdir(word) => match word.text() {
                    Some(to) => {
                        workdir = absolute(&workdir, &to);
                        true
                    }
                    None => false,
                },
                Instruction::Copy(copy) => {
                    (copy.from.is_none() && self.copies_files(&copy.files))
                        || lands_apart(&copy.files)
                }
                Instruction::Add(add) => lands_apart(&add.files),
                Instruction::Run(run) => {
                    typed::folders(run).is_some()
                        || self.is_done(placed)
                        || self.works_apart(run, &workdir, &folder)
                }
                _ => true,
            }
        })
    }

    /// Whether all that is copied is known to be files of the project.
    fn copies_files(&self, files: &Transfer) -> bool {
        files.source_paths().count() == files.sources().len()
            && files.source_paths().all(|path| {
                let path = path.text().map(|path| relative(&path));
                path.is_some_and(|path| (self.context.is_folder)(&path) == Some(false))
            })
    }

    /// Whether the commands of a line do nothing to a folder: they work on what they name, and that is something else.
    fn works_apart(&self, run: &Run, workdir: &str, folder: &str) -> bool {
        let steady = self.idioms.list("steady");
        let line = run.line().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,".contains(c);
        shell::commands(line, 0).is_some_and(|commands| {
            commands.iter().all(|command| {
                let mut words = command.words.iter().map(|word| word.text.as_str());
                let is_steady = words.next().is_some_and(|name| steady.contains(&name));
                is_steady
                    && words.all(|word| {
                        word.chars().all(is_plain) && is_apart(&absolute(workdir, word), folder)
                    })
            })
        })
    }
}

/// Whether neither of two paths is a part of the other.
fn is_apart(path: &str, folder: &str) -> bool {
    path != "/" && !lies_in(path, folder) && !lies_in(folder, path)
}
