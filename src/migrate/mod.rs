//! Migrating: an old Dockerfile becomes a spec that comes to the same image, and every line of it is accounted for.
//!
//! What is always right comes first: each instruction is a step of its stage. Then keys of the spec are tried, and one
//! is kept only if the spec, compiled again, has the very facts of the old file. So nothing is said wrongly, and what
//! cannot be said shorter stays as it was written. This room compiles nothing itself: it is given what compiles.
//!
//! `old` reads the file, `draft` writes a spec that says all of it, `facts` and `unequal` tell what two files come to.
//! What is better is tried in front of that: `takeover` gives the work of a file to a preset, `caches` mounts caches into
//! the commands that stay, `plainer` says the same with fewer layers. `services` and `ignored` read what lies beside.

mod account;
mod caches;
mod draft;
mod facts;
mod ignored;
mod notice;
mod old;
mod plainer;
mod schema;
mod services;
mod shell;
mod takeover;
mod unequal;
mod unmade;
mod variables;

use crate::diag::Diagnostic;
use crate::dockerfile::{self, Document, Instruction, Item, TransferSource};
use crate::plan::Plan;
use crate::preset::Library;

pub use account::{Entry, Outcome, Report};
pub use facts::{Aspect, Fact, Facts, IsFolder};
pub use ignored::{Ignored, ignored};
pub use notice::Notice;
pub use schema::schema;
pub use services::{Build, Composed, Services, Taking, Unread, leave, take};
pub use unequal::Unequal;

use caches::Cached;
use draft::Draft;
use draft::keys::{Key, Keys};
use old::{Gone, Old};

/// The stage that a service runs in.
const RUNTIME: &str = "runtime";

/// What belongs to a Dockerfile besides its text.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What the service is to be called.
    pub name: &'a str,
    /// Where the Dockerfile lies, from the folder of the spec.
    pub dockerfile: &'a str,
    /// The stage that is built; without it the last one.
    pub target: Option<&'a str>,
    /// Which paths of the project are folders.
    pub is_folder: IsFolder<'a>,
    /// Whether the project's other files are there too, so that one that is missing is worth a word.
    pub is_project: bool,
    /// The ignore file, if there is one.
    pub ignore: Option<&'a [u8]>,
    /// The files of the project, where somebody knows them.
    pub files: &'a dyn Fn() -> Vec<String>,
    /// The text of a file of the project, where it can be read.
    pub read: &'a dyn Fn(&str) -> Option<String>,
    /// The mode of a file of the project, where it has one.
    pub mode: &'a dyn Fn(&str) -> Option<u32>,
    /// The family of systems that the name of an image tells.
    pub family: &'a dyn Fn(&str) -> Option<String>,
}

/// A spec for an old file.
pub struct Migrated {
    /// The text of the spec.
    pub spec: String,
    /// What became of the old file.
    pub report: Report,
}

/// Why nothing came of a file.
#[derive(Debug)]
pub enum Failed {
    /// It has no stage.
    NoStage,
    /// It has no stage of the name that was asked for.
    NoTarget(String),
    /// The spec that says all of it as steps has mistakes.
    Spec {
        /// The spec.
        text: String,
        /// The mistakes in it.
        mistakes: Vec<Diagnostic>,
    },
}

/// Makes a spec of a document. `compile` gives what a spec's text comes to. The presets of a library are tried for
/// what they do better; without one, the image stays as it is.
///
/// # Errors
/// A file of which no spec can be made.
pub fn migrate(
    document: &Document,
    context: &Context<'_>,
    library: Option<&Library>,
    compile: impl Fn(&str) -> Result<Plan, Vec<Diagnostic>>,
) -> Result<Migrated, Failed> {
    let Some(old) = Old::read(document, context.target) else {
        return Err(match context.target {
            Some(name) if Old::read(document, None).is_some() => Failed::NoTarget(name.to_owned()),
            _ => Failed::NoStage,
        });
    };
    let before = facts_of(document, context);
    let cached = match library {
        Some(_) => caches::mount(&old, context),
        None => Cached::without(document),
    };
    let mut refusals = Vec::new();
    if let Some(library) = library {
        // What is plainer is tried first, and the file as it stands where that is in the way.
        let whole = Cached::without(document);
        let plain = plainer::say(whole.clone(), document, context);
        if !plain.gone.is_empty() {
            let both = plainer::say(cached.clone(), document, context);
            if let Ok(migrated) = better((&plain, &both), document, context, library, &compile) {
                return Ok(*migrated);
            }
        }
        match better((&whole, &cached), document, context, library, &compile) {
            Ok(migrated) => return Ok(*migrated),
            Err(found) => refusals = found,
        }
        refusals.extend(unmade::unmade(&old, context));
    }
    let cached = match library {
        Some(_) => plainer::say(caches::mount_and_fetch(&old, context), document, context),
        None => cached,
    };
    let Some(kept) = Old::read(&cached.document, context.target) else {
        unreachable!("no stage is less than there was")
    };
    refusals.extend(cached.refusals.iter().cloned());
    let mut mended: Vec<usize> = cached.improved.iter().map(|(item, _)| *item).collect();
    mended.extend(cached.gone.iter().map(|gone| gone.item));
    let notices = notice::notices(&old, context, false, &mended);
    refusals.extend(asked_for(&old, context));
    let names = old.without(&cached.gone);
    let old = kept.without(&cached.gone);
    let made = facts_of_items(&cached.document, &cached.gone, context);
    let changed = unequal::changed((&before, old.chosen), (&made, old.chosen));
    let unequal = |plan: &Plan| {
        let after = facts::of_plan(plan, context.is_folder);
        let runtime = after.named(RUNTIME).unwrap_or_default();
        let mut found = unequal::unequal((&made, old.chosen), (&after, runtime));
        if context.target.is_some() {
            found.retain(|fact| fact.aspect != Aspect::Target || !fact.subject.is_empty());
        }
        found
    };
    let attempt = |keys: Keys| {
        let draft = draft::write(&old, &names, context, keys);
        compile(&draft.text).map(|plan| (unequal(&plan), draft))
    };
    let finish = |draft: Draft, unequal: Vec<Unequal>| Migrated {
        report: Report {
            file: context.dockerfile.to_owned(),
            found: Vec::new(),
            entries: entries(document, cached.said_of(draft.outcomes)),
            gains: Vec::new(),
            refusals: refusals.clone(),
            notices: notices.clone(),
            compared: before.stage(old.chosen).len(),
            changed: changed.clone(),
            unequal,
            services: None,
            ignored: None,
        },
        spec: draft.text,
    };
    if let Ok((found, draft)) = attempt(Keys::all())
        && found.is_empty()
    {
        return Ok(finish(draft, found));
    }
    let mut keys = Keys::NONE;
    let first = draft::write(&old, &names, context, keys);
    let plan = compile(&first.text).map_err(|mistakes| Failed::Spec {
        text: first.text.clone(),
        mistakes,
    })?;
    let mut best = (unequal(&plan), first);
    for key in Key::ALL {
        if key == Key::FirstEnv && keys.has(Key::Env) {
            continue;
        }
        if let Ok((found, draft)) = attempt(keys.with(key))
            && found.len() <= best.0.len()
        {
            keys = keys.with(key);
            best = (found, draft);
        }
    }
    Ok(finish(best.1, best.0))
}

/// What changes for a build that names no stage, where somebody has named one: the stage that the service runs in is the
/// one that is built then.
fn asked_for(old: &Old<'_>, context: &Context<'_>) -> Option<Notice> {
    let last = old.stages.len() - 1;
    (context.target.is_some() && old.chosen != last).then(|| Notice {
        line: old.stages[last].statement.place.first_line,
        text: format!(
            "a build that names no stage makes `{RUNTIME}` from now on, which is asked for, and not this one"
        ),
    })
}

fn facts_of(document: &Document, context: &Context<'_>) -> Facts {
    facts_of_items(document, &[], context)
}

/// The facts of a document without those of its instructions that others do the work of.
fn facts_of_items(document: &Document, gone: &[Gone], context: &Context<'_>) -> Facts {
    let items = document.items().iter().enumerate();
    let instructions: Vec<&Instruction> = items
        .filter(|(number, _)| gone.iter().all(|gone| gone.item != *number))
        .filter_map(|(_, item)| match item {
            Item::Statement(statement) => Some(&statement.instruction),
            _ => None,
        })
        .collect();
    facts::of(&instructions, context.is_folder)
}

/// A spec that improves on the old file, if every fact that changes is one that it is meant to change.
/// `shown` is what is read of the old file, and `cached` the same with caches in the commands that may stay.
fn better(
    (shown, cached): (&Cached, &Cached),
    document: &Document,
    context: &Context<'_>,
    library: &Library,
    compile: &impl Fn(&str) -> Result<Plan, Vec<Diagnostic>>,
) -> Result<Box<Migrated>, Vec<Notice>> {
    let read = |document| Old::read(document, context.target);
    let (Some(old), Some(kept)) = (read(&shown.document), read(&cached.document)) else {
        unreachable!("no stage is less than there was")
    };
    let old = &old.without(&shown.gone);
    let kept = &kept.without(&cached.gone);
    let before = &facts_of_items(&shown.document, &shown.gone, context);
    let improved = takeover::take_over(old, kept, context, library)?;
    let refuse = |text: String| {
        let line = old.stages[old.chosen].statement.place.first_line;
        Err(vec![Notice { line, text }])
    };
    let plan = match compile(&improved.draft.text) {
        Ok(plan) => plan,
        Err(mistakes) => {
            let reason = mistakes
                .first()
                .map_or("", |mistake| mistake.message.as_str());
            return refuse(format!("a preset does not fit: {reason}"));
        }
    };
    let after = facts::of_plan(&plan, context.is_folder);
    let runtime = after.named(RUNTIME).unwrap_or_default();
    let (old_side, new_side) = ((before, old.chosen), (&after, runtime));
    let mut changed = unequal::unequal(old_side, new_side);
    // An alias for the stage that runs is not made here, since the only stage is the last one anyway.
    changed.retain(|fact| fact.aspect != Aspect::Target);
    let made = facts_of_items(&cached.document, &cached.gone, context);
    let sides = (old_side, (&made, old.chosen));
    if let Err(reason) = takeover::explained(&improved, &changed, sides, new_side) {
        return refuse(format!(
            "a preset would change more than it should: {reason}"
        ));
    }
    let written = facts_of(document, context);
    let changed = unequal::changed((&written, old.chosen), new_side);
    let outcomes = improved.draft.outcomes.iter().enumerate();
    let is_replaced = |outcome: &Option<Outcome>| {
        matches!(outcome, Some(Outcome::Improved(_) | Outcome::Dropped(_)))
    };
    let replaced = outcomes.filter(|(_, outcome)| is_replaced(outcome));
    let replaced: Vec<usize> = replaced.map(|(item, _)| item).collect();
    Ok(Box::new(Migrated {
        report: Report {
            file: context.dockerfile.to_owned(),
            found: Vec::new(),
            entries: entries(document, cached.said_of(improved.draft.outcomes)),
            gains: improved.gains,
            refusals: improved.refusals,
            notices: notice::notices(old, context, true, &replaced),
            compared: written.stage(old.chosen).len(),
            changed,
            unequal: Vec::new(),
            services: None,
            ignored: None,
        },
        spec: improved.draft.text,
    }))
}

fn entries(document: &Document, outcomes: Vec<Option<Outcome>>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut line = 1;
    for (item, outcome) in document.items().iter().zip(outcomes) {
        let bytes = document.bytes(item.range());
        let text = String::from_utf8_lossy(bytes);
        let (kind, first) = match item {
            Item::ByteOrderMark(_) => ("mark", String::new()),
            Item::Blank(_) => ("", String::new()),
            Item::Comment(_) => ("comment", text.clone().into_owned()),
            Item::Directive(_) => ("directive", text.clone().into_owned()),
            Item::Statement(statement) => {
                (statement.instruction.keyword(), text.clone().into_owned())
            }
            Item::Broken(_) => ("unreadable", text.clone().into_owned()),
        };
        if !kind.is_empty() {
            entries.push(Entry {
                line,
                kind,
                text: first.trim().lines().next().unwrap_or_default().to_owned(),
                outcome: outcome
                    .unwrap_or_else(|| Outcome::Person("nothing was made of it".to_owned())),
            });
        }
        line += text.matches('\n').count();
    }
    entries
}

/// The paths of the project that a document copies, where they are plain.
pub fn copied(document: &Document) -> Vec<String> {
    let mut paths = Vec::new();
    for statement in document.statements() {
        let sources = match &statement.instruction {
            Instruction::Copy(copy) if copy.from.is_none() => copy.files.sources(),
            Instruction::Add(add) => add.files.sources(),
            _ => &[],
        };
        for source in sources {
            if let TransferSource::Path(word) = source
                && let Some(path) = word.text()
                && !path.contains(['*', '?', '[', ':'])
            {
                paths.push(dockerfile::paths::relative(&path));
            }
        }
    }
    paths.retain(|path| !path.is_empty());
    paths
}

/// How many items of a document an account must have.
pub fn items(document: &Document) -> usize {
    draft::items(document)
}
