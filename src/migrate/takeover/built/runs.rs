//! The stage that runs what another one has built: what is copied out of that, and everything else in its order.

use crate::dockerfile::paths::{absolute, destination, lies_in, relative};
use crate::dockerfile::{Copy, FlagText, Healthcheck, Instruction, Statement, Word, is_root};
use crate::migrate::RUNTIME;
use crate::migrate::account::Outcome;
use crate::migrate::draft::keys::Keys;
use crate::migrate::draft::typed::{self, Fields};
use crate::migrate::draft::{self, spell};
use crate::migrate::notice::Notice;

use super::super::kept::Expected;
use super::super::{Words, Writer};
use super::stage::workdir;
use super::{notice, taken_from};

/// What installing a compiler and a cache for it changes in the stage that builds.
const CHANGED: &[&str] = &[
    "/etc",
    "/lib",
    "/lib64",
    "/root",
    "/usr/bin",
    "/usr/lib",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/share",
    "/var/cache",
    "/var/lib",
    "/var/log",
];

impl<'a> Writer<'a> {
    /// The stage that runs: what is copied out of the other one, and everything else in its order.
    pub(super) fn stage_that_runs(
        &mut self,
        words: Words<'a>,
        builder: usize,
        landed: &[String],
    ) -> Result<(), Notice> {
        let old = self.old;
        let (mut is_kept, mut is_closed) = (false, false);
        let mut artifacts = Fields::new();
        let mut extra: Option<Fields> = None;
        let within = self.within(builder, landed);
        let is_redone = self.installs_first();
        for (index, placed) in self.body.clone().into_iter().enumerate() {
            let statement = placed.statement;
            if let Some(name) = taken_from(&statement.instruction)
                && old.copied(placed.stage, name) == Some(builder)
            {
                self.taken.push(name.to_owned());
            }
            let outcome = match &statement.instruction {
                Instruction::Run(run) if is_redone && self.names_system(run) => {
                    let known = self.run(run);
                    let kept = self.kept_body[index];
                    known.ok().inspect(|_| self.redo(kept))
                }
                Instruction::Copy(copy) if !is_closed => self
                    .artifacts(builder, index, copy, &within, extra.as_ref())
                    .map_err(|text| notice(statement, &text))?
                    .filter(|(found, _)| {
                        // What lands in two places is taken to the second one by a step.
                        let mut paths = found.iter().map(|(path, _)| path);
                        !paths.any(|path| artifacts.iter().any(|(known, _)| known == path))
                    })
                    .map(|(found, flags)| {
                        let to = copy.files.destination().text().unwrap_or_default();
                        if workdir(&self.body[..index]).is_none() && !to.starts_with('/') {
                            // The images that a preset names have no other folder than the first.
                            let landed = absolute("/", &to);
                            let texts = found.iter().map(|(path, _)| {
                                Expected::Text(format!("{within}/{path} to {landed}"))
                            });
                            self.leftovers.expected.extend(texts);
                            self.redo(self.kept_body[index]);
                        }
                        artifacts.extend(found);
                        extra = Some(flags);
                        let option = words.text("artifacts-option");
                        Outcome::Key(format!("options: {option}"))
                    }),
                other => {
                    let said = self.said(index, other, is_kept, statement);
                    said.map_err(|text| notice(statement, &text))?
                }
            };
            let outcome = if let Some(outcome) = outcome {
                outcome
            } else {
                is_kept = true;
                is_closed = !artifacts.is_empty();
                let step = words.text("artifacts-step");
                let place = (!is_closed).then_some(("before", step));
                let both = (placed, self.kept_body[index]);
                let kept = self.kept_in(RUNTIME, place, both, Some(builder));
                kept.map_err(|text| notice(statement, &text))?
            };
            let has_comments = matches!(outcome, Outcome::Kept { .. } | Outcome::Step(_))
                || matches!(
                    statement.instruction,
                    Instruction::Env(_)
                        | Instruction::Label(_)
                        | Instruction::Workdir(_)
                        | Instruction::Expose(_)
                        | Instruction::StopSignal(_)
                );
            if !has_comments {
                self.remark(statement);
            }
            draft::account(self.old, &mut self.outcomes, placed.item, outcome);
        }
        if artifacts.is_empty() {
            let stage = self.old.stages[builder].statement;
            let text = format!("no single file below `{within}` is copied out of it");
            return Err(notice(stage, &text));
        }
        let mut fields = vec![("within".to_owned(), spell::text(&within))];
        fields.extend(extra.unwrap_or_default());
        let path = format!("{RUNTIME}.steps.{}", words.text("artifacts-step"));
        self.leftovers.others.push((path, fields));
        // What stays would find a folder and arguments that it did not find before.
        let unsaid = [
            self.workdir.is_none().then_some("workdir"),
            (!old.globals.is_empty()).then_some("args"),
        ];
        let unsaid: Vec<String> = unsaid.into_iter().flatten().map(str::to_owned).collect();
        if !unsaid.is_empty() {
            let fields = vec![("drop".to_owned(), spell::list(&unsaid))];
            self.leftovers
                .others
                .insert(0, (RUNTIME.to_owned(), fields));
        }
        let option = words.text("artifacts-option").to_owned();
        if let Some(built) = &mut self.built {
            built.options.insert(0, (option, spell::table(&artifacts)));
        }
        Ok(())
    }

    /// Whether packages of the system are only installed before anything else is done, and in a way that the preset has.
    fn installs_first(&mut self) -> bool {
        let body = self.body.clone();
        let is_said = |instruction: &Instruction| {
            matches!(
                instruction,
                Instruction::Label(_)
                    | Instruction::Workdir(_)
                    | Instruction::Expose(_)
                    | Instruction::Cmd(_)
                    | Instruction::Entrypoint(_)
                    | Instruction::Healthcheck(_)
                    | Instruction::StopSignal(_)
            )
        };
        let lead = body
            .iter()
            .position(|placed| match &placed.statement.instruction {
                Instruction::Run(run) => !self.names_system(run),
                other => !is_said(other),
            });
        let (first, rest) = body.split_at(lead.unwrap_or(body.len()));
        self.installs_all(first) && !self.any_names_system(rest)
    }

    /// The folder in which most of what is copied out of the stage that builds lies.
    fn within(&self, builder: usize, folders: &[String]) -> String {
        let body = self.body.iter();
        let copies = body.filter_map(|placed| match &placed.statement.instruction {
            Instruction::Copy(copy) => Some((placed.stage, copy)),
            _ => None,
        });
        let taken = copies.filter(|(stage, copy)| {
            let name = copy.from.as_ref().map(FlagText::as_str);
            name.is_some_and(|name| self.old.copied(*stage, name) == Some(builder))
        });
        let paths = taken.flat_map(|(_, copy)| copy.files.source_paths());
        let paths: Vec<String> = paths
            .filter_map(Word::text)
            .map(|path| absolute("/", &path))
            .collect();
        let count = |folder: &&String| paths.iter().filter(|path| lies_in(path, folder)).count();
        // Of those that are alike the first one.
        let best = folders.iter().rev().max_by_key(count);
        best.cloned().unwrap_or_default()
    }

    /// An instruction that a key says; nothing if none does.
    fn said(
        &mut self,
        index: usize,
        instruction: &Instruction,
        is_kept: bool,
        statement: &Statement,
    ) -> Result<Option<Outcome>, String> {
        match instruction {
            Instruction::Workdir(word) => {
                let body = self.body[..index].iter();
                let mut users = body.filter_map(|above| match &above.statement.instruction {
                    Instruction::User(word) => Some(word.text().unwrap_or_default()),
                    _ => None,
                });
                if users.next_back().is_some_and(|user| !is_root(&user)) {
                    let path = word.as_str();
                    return Err(format!("`{path}` belongs to a user who is not root"));
                }
                if is_kept {
                    return Ok(None);
                }
                self.statement(index, statement).map(Some)
            }
            Instruction::Env(env) if !is_kept => {
                let Some(pairs) = typed::variables(env) else {
                    return Ok(None);
                };
                self.env.push((draft::comments(statement), pairs));
                Ok(Some(Outcome::Key("env".to_owned())))
            }
            Instruction::User(word) => {
                self.steps.retain(|(step, _)| *step != "user");
                if word.text().is_some_and(|user| is_root(&user)) {
                    self.user = None;
                } else {
                    // By the spec's own key the preset would make a user.
                    self.user = Some("\"root\"".to_owned());
                    self.as_written("user", statement)?;
                }
                let path = format!("stages.{RUNTIME}.steps.user");
                Ok(Some(Outcome::Key(path)))
            }
            Instruction::Healthcheck(Healthcheck::None) => {
                self.as_written("healthcheck", statement)?;
                Ok(Some(Outcome::Key("healthcheck".to_owned())))
            }
            Instruction::Label(_)
            | Instruction::Expose(_)
            | Instruction::Cmd(_)
            | Instruction::Entrypoint(_)
            | Instruction::Healthcheck(_)
            | Instruction::StopSignal(_) => self.statement(index, statement).map(Some),
            Instruction::Shell(_) | Instruction::Onbuild(_) => Err(format!(
                "`{}` is nothing that the preset `{}` does",
                statement.instruction.keyword(),
                self.preset.name
            )),
            _ => Ok(None),
        }
    }

    /// What is copied out of the stage that builds, if it is what was built: each path from the folder on and where it
    /// lands, and what the copying is told besides.
    fn artifacts(
        &self,
        builder: usize,
        index: usize,
        copy: &Copy,
        within: &str,
        extra: Option<&Fields>,
    ) -> Result<Option<(Fields, Fields)>, String> {
        let stage = self.body[index].stage;
        let name = copy.from.as_ref().map(FlagText::as_str);
        if name.is_none_or(|name| self.old.copied(stage, name) != Some(builder)) {
            return Ok(None);
        }
        let paths: Option<Vec<String>> = copy.files.source_paths().map(Word::text).collect();
        let paths = paths.ok_or("what is copied out depends on variables")?;
        for path in &paths {
            let path = absolute("/", path);
            if path.contains(['*', '?', '[']) {
                return Err(format!("nobody knows which files `{path}` are"));
            }
            if CHANGED
                .iter()
                .any(|folder| lies_in(folder, path.trim_end_matches('/')))
            {
                return Err(format!("the preset has more below `{path}`"));
            }
            let (above, last) = path.rsplit_once('/').unwrap_or_default();
            let is_program = above.ends_with("bin");
            let mut changed = CHANGED.iter();
            if changed.any(|folder| lies_in(&path, folder)) && !is_program && !last.contains('.') {
                return Err(format!("nobody knows whether `{path}` is a folder"));
            }
            let is_folder = self.landed.iter().any(|(from, to)| {
                let to = absolute("/", to);
                lies_in(&to, path.trim_end_matches('/'))
                    || (lies_in(&path, &to) && {
                        let rest = path[to.len()..].trim_start_matches('/');
                        (self.context.is_folder)(&relative(&format!("{from}/{rest}"))) == Some(true)
                    })
            });
            if is_folder {
                return Err(format!(
                    "`{path}` is a folder of the project, and the preset would keep some of it out"
                ));
            }
        }
        let flags = typed::fields(
            self.old,
            stage,
            &Instruction::Copy(copy.clone()),
            Keys::SPLIT,
        );
        let flags = flags.ok_or("its flags cannot be said in a spec")?;
        let is_flag = |(key, _): &(String, String)| !matches!(key.as_str(), "copy" | "to" | "from");
        let flags: Fields = flags.into_iter().filter(is_flag).collect();
        let is_inside = |path: &String| {
            let path = absolute("/", path);
            path != within && lies_in(&path, within)
        };
        let to = copy.files.destination();
        let Some(to) = typed::said(to).filter(|_| paths.iter().all(is_inside)) else {
            return Ok(None);
        };
        if extra.is_some_and(|extra| *extra != flags) {
            return Ok(None);
        }
        let to = if to.starts_with(['/', '$']) {
            to
        } else {
            let here = workdir(&self.body[..index]);
            destination(here.as_deref().unwrap_or("/"), &to)
        };
        let found = paths.iter().map(|path| {
            let rest = absolute("/", path)[within.len() + 1..].to_owned();
            (rest, spell::text(&to))
        });
        Ok(Some((found.collect(), flags)))
    }
}
