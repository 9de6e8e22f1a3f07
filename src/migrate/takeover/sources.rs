//! The files of the project that an old file copies, and which of them are in the image that a preset makes.

use crate::data::Node;
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::paths::{absolute, destination, lies_in, relative};
use crate::dockerfile::{Instruction, Transfer, Word};
use crate::migrate::account::Outcome;
use crate::migrate::draft::spell;
use crate::migrate::notice::is_secret_file;

use super::Writer;

impl Writer<'_> {
    /// Names a file in `source` that a folder of it would bring along, if it was not kept out.
    pub(super) fn name_source(&mut self, file: &str) -> bool {
        let found = self.landed.iter().find_map(|(folder, to)| {
            let rest = if folder.is_empty() {
                Some(file)
            } else {
                file.strip_prefix(&format!("{folder}/"))
            };
            Some(format!("{}/{}", to.trim_end_matches('/'), rest?))
        });
        let Some(to) = found else { return false };
        self.sources.push(spell::table(&[
            ("from".to_owned(), spell::text(file)),
            ("to".to_owned(), spell::text(&to)),
        ]));
        true
    }

    /// The working directory so far.
    pub(super) fn here(&self) -> &str {
        self.workdir.as_deref().unwrap_or("/")
    }

    /// Makes a folder the working directory. There is one in the end, so what was copied before is said to land where it
    /// did.
    pub(super) fn enter(&mut self, path: &str) {
        let folder = self.here().to_owned();
        let entered = absolute(&folder, path);
        if self.workdir.as_ref() == Some(&entered) {
            return;
        }
        for (_, _, to) in &mut self.copied {
            if !to.starts_with('/') {
                *to = destination(&folder, to);
            }
        }
        if self.workdir.is_some() {
            self.left.push(folder);
        }
        self.top.retain(|(key, _)| key != "workdir");
        self.top.push(("workdir".to_owned(), spell::text(&entered)));
        self.workdir = Some(entered);
    }

    /// Files of the project. Where they stand in the spec is known when all are.
    pub(super) fn copy(&mut self, index: usize, files: &Transfer) -> Result<Outcome, String> {
        let paths: Option<Vec<String>> = files.source_paths().map(Word::text).collect();
        let is_inline = files.source_paths().count() != files.sources().len();
        let (Some(paths), Some(to), false) = (paths, files.destination().text(), is_inline) else {
            return Err("what is copied depends on variables".to_owned());
        };
        self.copied.push((index, paths, to));
        Ok(Outcome::Key("source".to_owned()))
    }

    /// Every folder that was the working directory once is there afterwards, since something lies in it or is started in it.
    ///
    /// # Errors
    /// One of them is not.
    pub(super) fn folders_stay(&self) -> Result<(), String> {
        let workdir = self.here();
        let lost = self.left.iter().find(|folder| {
            let mut copied = self.copied.iter();
            let is_made = copied.any(|(index, paths, to)| {
                !self.is_bound(*index, paths) && lies_in(&absolute(workdir, to), folder)
            });
            !is_made && !lies_in(workdir, folder)
        });
        match lost {
            Some(folder) => Err(format!("nothing would make the folder `{folder}`")),
            None => Ok(()),
        }
    }

    /// The mode that an instruction gives to what it copies.
    fn mode(&self, index: usize) -> Option<String> {
        let Instruction::Copy(written) = &self.body[index].statement.instruction else {
            return None;
        };
        let copy = self.respelled.get(&index).unwrap_or(written);
        copy.chmod.as_ref()?.word().text()
    }

    /// Whether a file that is copied is only seen while the packages are installed, and in no layer of its own. The file
    /// that describes a project may be read by what runs, so it stays, if nothing else brings it.
    pub(super) fn is_only_seen(&self, path: &str) -> bool {
        let path = relative(path);
        let Some(lock) = self.lock_file() else {
            return self.files.contains(&path);
        };
        let path = path.trim_end_matches('*');
        let workdir = self.lock_workdir();
        let brings = |(_, paths, to): &(usize, Vec<String>, String)| {
            paths.iter().any(|path| relative(path).is_empty()) && absolute(workdir, to) == workdir
        };
        path == lock
            || (self.files.iter().any(|file| file == path) && self.copied.iter().any(brings))
    }

    /// Whether an instruction above copies a file to a path.
    pub(super) fn is_copied_to(&self, wanted: &str) -> bool {
        let workdir = self.here();
        self.copied.iter().any(|(_, paths, to)| {
            let folder = absolute(workdir, to);
            folder == wanted
                || paths.iter().any(|path| {
                    let name = path.rsplit('/').next().unwrap_or_default();
                    absolute(&folder, name) == wanted
                })
        })
    }

    /// Whether files that an instruction copies are only seen while packages are installed.
    pub(super) fn is_bound(&self, index: usize, paths: &[String]) -> bool {
        // What is taken out of a stage that installs is meant for the image that runs.
        let is_taken = matches!(
            &self.body[index].statement.instruction,
            Instruction::Copy(copy) if copy.from.is_some()
        );
        !is_taken && paths.iter().all(|path| self.is_only_seen(path))
    }

    /// What was copied and is no file that only the installing needs.
    pub(super) fn take_sources(&mut self, items: &[usize]) {
        let is_split = self.lock_file().is_some();
        let bound = self.copied.iter().map(|(index, paths, _)| {
            let is_bound = |path: &String| {
                let own = std::slice::from_ref(path);
                self.is_bound(*index, if is_split { own } else { paths })
            };
            paths.iter().map(is_bound).collect()
        });
        let bound: Vec<Vec<bool>> = bound.collect();
        let copied = std::mem::take(&mut self.copied);
        for ((index, paths, to), bound) in copied.iter().zip(bound) {
            if bound.iter().all(|is_bound| *is_bound) {
                self.outcomes[items[*index]] = Some(Outcome::Improved(
                    "it is only seen while the packages are installed, and is in no layer"
                        .to_owned(),
                ));
                continue;
            }
            let mode = self.mode(*index);
            for (path, _) in paths.iter().zip(bound).filter(|(_, is_bound)| !is_bound) {
                self.folders.push(relative(path));
                self.landed.push((relative(path), to.clone()));
                let mut fields = vec![
                    ("from".to_owned(), spell::text(path)),
                    ("to".to_owned(), spell::text(to)),
                ];
                if let Some(mode) = &mode {
                    fields.push(("mode".to_owned(), spell::text(mode)));
                }
                self.sources.push(if path == to && mode.is_none() {
                    spell::text(path)
                } else {
                    spell::table(&fields)
                });
            }
        }
    }

    /// The files that are in the image now and would not be, since the preset keeps their kind out of every build.
    pub(super) fn hidden(&self) -> Vec<String> {
        let mut files = self.kept_out();
        files.retain(|file| is_secret_file(file.rsplit('/').next().unwrap_or_default()));
        files
    }

    /// Whether the old ignore file kept a path out.
    pub(super) fn was_kept_out(&self, path: &str) -> bool {
        Ignore::parse(self.context.ignore.unwrap_or_default())
            .is_ok_and(|before| before.excludes(path))
    }

    /// The files that a copy of a folder took along and does not any more, since the preset keeps their kind out.
    pub(super) fn kept_out(&self) -> Vec<String> {
        let mut patterns: Vec<String> = Vec::new();
        for preset in self.library.lineage(self.preset) {
            let own = preset.tree.get("ignore").into_iter().flat_map(Node::items);
            patterns.extend(own.filter_map(Node::text).map(ToOwned::to_owned));
        }
        let (Ok(never), Ok(before)) = (
            Ignore::from_patterns(patterns.iter().map(String::as_str)),
            Ignore::parse(self.context.ignore.unwrap_or_default()),
        ) else {
            return Vec::new();
        };
        let mut files = (self.context.files)();
        files.retain(|file| never.excludes(file) && !before.excludes(file) && self.is_copied(file));
        files
    }

    /// Whether a copy of a folder takes a file along.
    pub(super) fn is_copied(&self, file: &str) -> bool {
        let mut folders = self.folders.iter();
        folders.any(|folder| {
            let rest = file.strip_prefix(folder.as_str());
            folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        })
    }
}

/// Whether the name of a file tells that what is in it is made up.
pub(super) fn is_example(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or_default();
    let mut words = name.split(['.', '-', '_']);
    words.any(|word| matches!(word, "example" | "sample" | "template" | "dist"))
}
