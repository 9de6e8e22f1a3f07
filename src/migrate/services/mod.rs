//! The compose file that builds an old Dockerfile becomes a part of its spec.
//!
//! One service is the one that the spec describes; what it says goes below `[service]`, or below `[override]` where it is
//! to do otherwise than the image. Everything else is carried over below `[compose]`. The file that is generated then is
//! compared with the old one: it may say more, which the report names, and nothing less or else. If it would, the old
//! file stays as it is, with the reason.

mod find;
mod missing;
mod parts;
mod proof;
mod report;
mod words;

use indexmap::IndexMap;

use super::account::{Entry, Outcome};
use super::draft::{self, spell};
use super::facts::IsFolder;
use super::notice::Notice;
use super::unequal::Unequal;
use super::{Context, Migrated};
use crate::compose::{self, Comment, Content, Tree};
use crate::diag::Diagnostic;
use crate::plan::Plan;
use crate::spec::{self, Edit};

pub use find::{Build, Composed, Unread};

use missing::missing;
use parts::Parts;
use words::{Refusal, Words};

/// What became of a compose file.
///
/// What lies over it, such as `compose.override.yaml`, is read, and stays as it is.
#[derive(Clone, Debug)]
pub struct Services {
    /// The file.
    pub file: String,
    /// Why it stays as it is, if it does.
    pub left: Option<String>,
    /// Every key of it, in its order: those of the service that the spec describes one by one, what is carried over as a
    /// whole; and its comments.
    pub entries: Vec<Entry>,
    /// What the new file says besides.
    pub new: Vec<String>,
    /// What is noticed in it.
    pub notices: Vec<Notice>,
    /// How many values were compared.
    pub compared: usize,
    /// The files that lie over it.
    pub over: Vec<String>,
}

/// A compose file that a spec is to describe.
pub struct Taking<'a> {
    /// The compose files of the project. Their paths begin at the folder of the spec, as all others here.
    pub composed: &'a Composed,
    /// The service that the spec describes.
    pub service: &'a str,
    /// What services build.
    pub builds: &'a [Build],
    /// Whether what is better may be proposed.
    pub improve: bool,
    /// What the plan of a spec says in its compose file.
    pub render: &'a dyn Fn(&Plan) -> Option<String>,
}

/// A compose file that no spec is to describe, for this reason.
pub fn leave(composed: &Composed, reason: String, is_folder: IsFolder<'_>) -> Services {
    Services {
        file: composed.path().to_owned(),
        left: Some(reason),
        entries: Vec::new(),
        new: Vec::new(),
        notices: missing(composed, is_folder),
        compared: 0,
        over: over(composed),
    }
}

/// Takes a compose file into a spec, or says why it stays as it is.
pub fn take(
    migrated: &mut Migrated,
    taking: &Taking<'_>,
    context: &Context<'_>,
    compile: impl Fn(&str) -> Result<Plan, Vec<Diagnostic>>,
) {
    let taken = Taker::new(migrated, taking, context, &compile).and_then(|taker| {
        let moved = taker.attempt(true);
        moved.or_else(|_| taker.attempt(false))
    });
    let services = match taken {
        Ok(taken) => {
            migrated.spec = taken.spec;
            if let Some(check) = taken.moved {
                migrated.report.gains.push(
                    "the healthcheck that only compose knew is in the image, so it is made wherever that runs"
                        .to_owned(),
                );
                migrated.report.changed.push(check);
            }
            taken.services
        }
        Err(reason) => leave(taking.composed, reason, context.is_folder),
    };
    migrated.report.services = Some(services);
}

/// A spec with a compose file in it.
struct Taken {
    spec: String,
    services: Services,
    /// The healthcheck that moved into the image.
    moved: Option<Unequal>,
}

struct Taker<'a, C> {
    spec: &'a str,
    taking: &'a Taking<'a>,
    context: &'a Context<'a>,
    compile: C,
    /// The plan of the spec without a compose file.
    plan: Plan,
    comments: Vec<Comment>,
    /// What the file says, in the words of a spec.
    tree: Tree,
    /// What says nothing in it.
    empty: Vec<(usize, String)>,
}

impl<'a, C: Fn(&str) -> Result<Plan, Vec<Diagnostic>>> Taker<'a, C> {
    fn new(
        migrated: &'a Migrated,
        taking: &'a Taking<'a>,
        context: &'a Context<'a>,
        compile: C,
    ) -> Result<Self, String> {
        let text = taking.composed.text();
        if compose::within_texts(text)
            .into_iter()
            .zip(text.lines())
            .any(|(is_text, line)| !is_text && has_tag(line))
        {
            return Err("its tags say how it lies over another file".to_owned());
        }
        let lines: Vec<&str> = text.lines().collect();
        let mut empty = Vec::new();
        let tree = words::said(&taking.composed.tree(), "", &lines, &mut empty);
        let tree = tree.map_err(|Refusal { line, reason }| format!("line {line}: {reason}"))?;
        let plan = compile(&migrated.spec).map_err(|_| "the spec is not whole".to_owned())?;
        Ok(Self {
            spec: &migrated.spec,
            taking,
            context,
            compile,
            plan,
            comments: compose::comments(text),
            tree,
            empty,
        })
    }

    fn main(&self) -> Result<&Tree, String> {
        let services = self.tree.get("services");
        let main = services.and_then(|services| services.get(self.taking.service));
        main.ok_or_else(|| format!("`{}` is in another file", self.taking.service))
    }

    fn attempt(&self, moves: bool) -> Result<Taken, String> {
        let mut entries = Vec::new();
        let main = self.main()?;
        let parts = self.parts(main, moves, &mut entries);
        let is_moved = !parts.healthcheck.is_empty();
        if moves && !is_moved {
            return Err("nothing moves".to_owned());
        }
        let spec = self.write(main, &parts, &mut entries);
        let plan = (self.compile)(&spec).map_err(|mistakes| {
            let first = mistakes.first();
            first.map_or(String::new(), |mistake| mistake.message.clone())
        })?;
        let check = self.changed(&plan, is_moved)?;
        let written = (self.taking.render)(&plan).ok_or("the spec writes no compose file")?;
        let (new, compared) = self.compare(&written)?;
        entries.sort_by_key(|entry| entry.line);
        Ok(Taken {
            spec,
            moved: check,
            services: Services {
                file: self.taking.composed.path().to_owned(),
                left: None,
                entries,
                new,
                notices: missing(self.taking.composed, self.context.is_folder),
                compared,
                over: over(self.taking.composed),
            },
        })
    }

    /// The text of the spec, and the account of what is not of the service.
    fn write(&self, main: &Tree, parts: &Parts, entries: &mut Vec<Entry>) -> String {
        let mut words = Words::new(&self.comments);
        words.text.clone_from(&parts.healthcheck);
        let mut silent = parts.silent.clone();
        let mut rest = IndexMap::new();
        for (section, tree) in self.tree.map().into_iter().flatten() {
            if section == "version" {
                silent.push(tree.line);
                let reason = "Compose has long ignored it";
                entries.push(entry(
                    tree.line,
                    section,
                    Outcome::Dropped(reason.to_owned()),
                ));
                continue;
            }
            let mut tree = tree.clone();
            let is_named = matches!(
                section.as_str(),
                "services" | "networks" | "volumes" | "secrets" | "configs" | "models"
            );
            if section == "services" {
                silent.extend([tree.line, main.line]);
                if let Content::Map(services) = &mut tree.content {
                    services.shift_remove(self.taking.service);
                }
            }
            let kept = |name: &str| Outcome::Kept {
                path: format!("compose.{section}{name}"),
                respelled: false,
            };
            if let Some(named) = tree.map().filter(|_| is_named) {
                for (name, tree) in named {
                    let path = format!("{section}.{name}");
                    entries.push(entry(tree.line, &path, kept(&format!(".{name}"))));
                }
                if named.is_empty() {
                    continue;
                }
            } else {
                entries.push(entry(tree.line, section, kept("")));
            }
            rest.insert(section.clone(), tree);
        }
        for (line, path) in &self.empty {
            let reason = "it says nothing";
            entries.push(entry(*line, path, Outcome::Dropped(reason.to_owned())));
        }
        silent.sort_unstable();
        let mut above = String::new();
        let tables = [
            ("service", &parts.own),
            ("override", &parts.replacing),
            ("compose", &rest),
        ];
        if let Some((first, _)) = tables.iter().find(|(_, entries)| !entries.is_empty()) {
            for line in silent {
                above.push_str(&words.comments(line, first));
            }
        }
        for (path, entries) in tables {
            if !entries.is_empty() {
                words.table(path, &std::mem::take(&mut above), entries);
            }
        }
        let mut end = String::new();
        for (comment, placed) in self.comments.iter().zip(&words.placed) {
            if placed.is_none() {
                end.push_str(&draft::comment_line(&comment.text));
            }
            let outcome = placed
                .as_deref()
                .unwrap_or("a comment at the end of the spec");
            entries.push(Entry {
                line: comment.line,
                kind: "comment",
                text: format!("# {}", comment.text),
                outcome: Outcome::Key(outcome.to_owned()),
            });
        }
        self.insert(&words.text, &end, &parts.edits)
    }

    /// The spec with these tables before its outputs, this text at its end, and these changes.
    fn insert(&self, tables: &str, end: &str, edits: &[Edit]) -> String {
        const OUTPUTS: &str = "\n[outputs]\n";
        let mut spec = match self.spec.split_once(OUTPUTS) {
            Some((before, behind)) => format!("{before}{tables}{OUTPUTS}{behind}"),
            None => format!("{}{tables}", self.spec),
        };
        if !end.is_empty() {
            spec.push('\n');
            spec.push_str(end);
        }
        let mut edits = edits.to_vec();
        let path = ["outputs", "compose"].map(ToOwned::to_owned).to_vec();
        edits.extend(match self.taking.composed.path() {
            "compose.yaml" => Some(Edit::Unset(path)),
            file => Edit::spelled(&["outputs", "compose"], &spell::text(file)),
        });
        spec::edit(&spec, &edits).unwrap_or(spec)
    }
}

fn entry(line: usize, path: &str, outcome: Outcome) -> Entry {
    Entry {
        line,
        kind: "key",
        text: path.to_owned(),
        outcome,
    }
}

/// Whether a line has one of the tags by which Compose lays one file over another.
fn has_tag(line: &str) -> bool {
    let code = line.split(" #").next().unwrap_or_default();
    let mut words = code.split_whitespace();
    words.any(|word| matches!(word, "!reset" | "!override"))
}

fn over(composed: &Composed) -> Vec<String> {
    composed.paths().skip(1).map(ToOwned::to_owned).collect()
}
