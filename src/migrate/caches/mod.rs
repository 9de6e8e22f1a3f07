//! Caches for the package managers of an old file that no preset takes over: their commands stay where they are, and
//! what they download stays out of the layers.
//!
//! What a package manager keeps and where is data. A cache is mounted only if nothing else can notice: nobody copies out
//! of it or into it, nothing of what is installed lies in it, no variable moves it, and the command runs as root.

mod around;
mod fetch;
mod left;
mod manager;
mod rewrite;
mod scripts;
mod unused;

use std::sync::LazyLock;

use crate::data::{self, Node};
use crate::diag::Sources;
use crate::dockerfile::paths::lies_in;
use crate::dockerfile::{
    self, Document, Escape, Instruction, Item, Mount, Run, RunCommand, Statement, Word,
};

use super::Context;
use super::account::Outcome;
use super::notice::Notice;
use super::old::{Gone, Old};
use super::shell::{self, Command, Joint};
use around::{folders, words_of};
use fetch::Fetch;
use left::{Certain, Left};
use manager::{Manager, mounted_at};
use rewrite::{Edits, rewrite, told};
use scripts::text_of;

pub(super) use unused::unused;

/// What is known of package managers.
const FILE: (&str, &str) = (
    "templates/migrate/caches.toml",
    include_str!("../../../templates/migrate/caches.toml"),
);

/// An old file in which package managers have caches.
#[derive(Clone)]
pub(super) struct Cached {
    pub(super) document: Document,
    /// The items that are not as they were, each with what is better.
    pub(super) improved: Vec<(usize, String)>,
    /// The instructions that got no cache, and why.
    pub(super) refusals: Vec<Notice>,
    /// The instructions that others do the work of.
    pub(super) gone: Vec<Gone>,
}

impl Cached {
    /// The old file as it is.
    pub(super) fn without(document: &Document) -> Self {
        Self {
            document: document.clone(),
            improved: Vec::new(),
            refusals: Vec::new(),
            gone: Vec::new(),
        }
    }

    /// What became of each item, where some are better now. A command that a key does is the key's.
    pub(super) fn said_of(&self, mut outcomes: Vec<Option<Outcome>>) -> Vec<Option<Outcome>> {
        let items = self.document.items();
        for (item, gain) in &self.improved {
            let is_run = matches!(&items[*item], Item::Statement(statement) if matches!(statement.instruction, Instruction::Run(_)));
            let outcome = &mut outcomes[*item];
            *outcome = match outcome.take() {
                Some(Outcome::Kept { path, .. } | Outcome::Step(path)) => {
                    Some(Outcome::Improved(format!("{path}: {gain}")))
                }
                Some(Outcome::Key(path)) if !is_run => {
                    Some(Outcome::Improved(format!("{path}: {gain}")))
                }
                other => other,
            };
        }
        outcomes
    }
}

/// The data file, read once however many files are migrated.
static KNOWN: LazyLock<Node> =
    LazyLock::new(
        || match data::parse(FILE.1, Sources::default().add(FILE.0, FILE.1)) {
            Ok(tree) => tree,
            Err(mistakes) => panic!(
                "this is a bug in dockwright: {} has mistakes: {mistakes:?}",
                FILE.0
            ),
        },
    );

/// The package managers that the data file tells of.
fn managers(known: &Node) -> impl Iterator<Item = Manager<'_>> {
    let managers = known.get("managers").into_iter();
    managers.flat_map(Node::items).map(Manager::new)
}

/// Whether an image is one whose user is root, whose home is `/root` and whose shell is the usual one.
pub(super) fn is_known(image: &Word) -> bool {
    manager::texts(&KNOWN, "images").contains(&around::name(image).as_str())
}

/// Gives each command of a package manager a cache where that is safe.
pub(super) fn mount(old: &Old<'_>, context: &Context<'_>) -> Cached {
    settled(&mut Finder {
        old,
        context,
        known: &KNOWN,
        fetches: Vec::new(),
        certain: None,
    })
}

/// The same, where what another line has fetched is fetched by each line that needs it: what comes of a layer of another
/// day does not fit to what is installed. That is done for all of those lines of an image or for none.
pub(super) fn mount_and_fetch(old: &Old<'_>, context: &Context<'_>) -> Cached {
    let mut finder = Finder {
        old,
        context,
        known: &KNOWN,
        fetches: Vec::new(),
        certain: None,
    };
    finder.fetches = finder.fetching();
    loop {
        let cached = settled(&mut finder);
        let lacking = finder.lacking(&cached);
        if lacking.is_empty() {
            return cached;
        }
        finder
            .fetches
            .retain(|fetch| !lacking.contains(&fetch.lowest(old)));
    }
}

/// The file with those caches that do without all that are refused: whether one is safe depends on which lines have
/// theirs, so that all are thought to, until no more of them are refused.
fn settled(finder: &mut Finder<'_>) -> Cached {
    finder.certain = None;
    loop {
        let (cached, found) = mounted(finder);
        let certain: Certain = match &finder.certain {
            Some(before) => before.intersection(&found).cloned().collect(),
            None => found,
        };
        if finder.certain.as_ref() == Some(&certain) {
            return cached;
        }
        finder.certain = Some(certain);
    }
}

/// The file with caches, and which lines have which.
fn mounted(finder: &Finder<'_>) -> (Cached, Certain) {
    let old = finder.old;
    let mut bytes = old.document.to_bytes();
    let mut improved = Vec::new();
    let mut refusals = Vec::new();
    let places = old.stages.iter().enumerate().flat_map(|(stage, body)| {
        let body = body.body.iter().enumerate();
        body.map(move |(at, (item, statement))| (stage, at, *item, *statement))
    });
    let mut certain = Certain::new();
    let mut changes = Vec::new();
    for (stage, at, item, statement) in places {
        let Instruction::Run(run) = &statement.instruction else {
            continue;
        };
        let better = finder.improve(stage, at, statement, run);
        let gains: Vec<String> = better.gains;
        certain.extend(better.managers.into_iter().map(|name| (item, name)));
        refusals.extend(better.refused.into_iter().map(|text| Notice {
            line: statement.place.first_line,
            text,
        }));
        if let Some(text) = better.text {
            changes.push((statement.place.span.clone(), text));
            improved.push((item, gains.join("; ")));
        }
    }
    changes.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    for (span, text) in changes {
        bytes.splice(span, text.into_bytes());
    }
    let gone = finder.fetches.iter();
    let gone = gone.filter_map(|fetch| fetch.gone(old)).collect();
    let document = dockerfile::parse(&bytes);
    // What is read as something else now was no command that could be rewritten.
    let is_same = document.items().len() == old.document.items().len()
        && document.mistakes().len() == old.document.mistakes().len();
    if !is_same {
        return (Cached::without(old.document), Certain::new());
    }
    let cached = Cached {
        document,
        improved,
        refusals,
        gone,
    };
    (cached, certain)
}

struct Finder<'a> {
    old: &'a Old<'a>,
    context: &'a Context<'a>,
    known: &'a Node,
    /// What is fetched on lines of its own, and is to be fetched where it is needed.
    fetches: Vec<Fetch>,
    /// The caches that the round before has found; in the first round all are hoped for.
    certain: Option<Certain>,
}

/// An instruction with caches.
#[derive(Default)]
struct Better {
    /// Its text, if something changes.
    text: Option<String>,
    /// What is better in it.
    gains: Vec<String>,
    /// What is not, and why.
    refused: Vec<String>,
    /// The managers that it has caches for.
    managers: Vec<String>,
}

impl Finder<'_> {
    fn managers(&self) -> impl Iterator<Item = Manager<'_>> {
        managers(self.known)
    }

    /// An instruction with the caches that it can have.
    fn improve(&self, stage: usize, at: usize, statement: &Statement, run: &Run) -> Better {
        let mut better = Better::default();
        let Some(text) = self.old.document.text(statement.place.span.clone()) else {
            return better;
        };
        let said = text_of(run);
        let named: Vec<Manager<'_>> = self
            .managers()
            .filter(|manager| manager.is_named_in(&said))
            .collect();
        if named.is_empty() {
            return better;
        }
        let keyword = statement.place.keyword.len();
        let (flags, commands) = match self.commands(text, keyword, run) {
            Ok(read) => read,
            Err(reason) => {
                let lacking = named.iter().filter(|manager| !manager.is_mounted_in(run));
                let refused = lacking.map(|manager| refusal(manager, reason));
                better.refused.extend(refused);
                return better;
            }
        };
        let mut edits = Edits::default();
        for manager in named {
            let manager = self.moved(manager, (stage, at)).widened(&commands);
            match self.edits(&manager, (stage, at), run, &commands) {
                Ok(Some(own)) => {
                    better.managers.push(manager.name().to_owned());
                    better.gains.push(told(&manager, &own, &commands));
                    edits.mounts.extend(own.mounts);
                    edits.first.extend(own.first);
                    edits.words.extend(own.words);
                    edits.cut.extend(own.cut);
                }
                Ok(None) => {}
                Err(reason) => better.refused.push(refusal(&manager, &reason)),
            }
        }
        if better.gains.is_empty() {
            return better;
        }
        let spoken = manager::texts(self.known, "speaks-of-cleaning");
        let Some((text, comments)) = rewrite(text, flags, &commands, &edits, &spoken) else {
            better
                .refused
                .push("no cache: what empties it cannot be left out alone".to_owned());
            better.gains.clear();
            better.managers.clear();
            return better;
        };
        let comments = comments.into_iter();
        let gone = comments.map(|comment| format!("`{comment}` went with it"));
        better.gains.extend(gone);
        better.text = Some(text);
        better
    }

    /// Where the flags end, and the commands behind them, if both readings of the line are the same.
    fn commands(
        &self,
        text: &str,
        from: usize,
        run: &Run,
    ) -> Result<(usize, Vec<Command>), &'static str> {
        let line = match (&run.command, run.line()) {
            (_, Some(line)) => line,
            (RunCommand::Exec(_), None) => return Err("no shell runs it"),
            (RunCommand::Script(_), None) => return Err("the line has a here-document"),
        };
        if self.old.document.escape() != Escape::Backslash {
            return Err("the file has another escape character than the shell");
        }
        read(text, from, line).ok_or("the line is more than commands that follow each other")
    }

    /// What a cache for a manager changes in an instruction; nothing if it has no need of one.
    fn edits(
        &self,
        manager: &Manager<'_>,
        place: (usize, usize),
        run: &Run,
        commands: &[Command],
    ) -> Result<Option<Edits>, String> {
        let Some(begin) = commands
            .iter()
            .position(|command| manager.installs(command))
        else {
            let mut others = self.managers();
            if others.any(|other| commands.iter().any(|command| other.installs(command))) {
                // `uv pip install` is no pip.
                return Ok(None);
            }
            return Err("it is called in another way than known".to_owned());
        };
        let here = self.folder(place);
        for command in commands.iter().filter(|command| manager.installs(command)) {
            let Some((_, said)) = manager.said_in(command) else {
                continue;
            };
            let whole = manager.path_of(said, here.as_deref());
            let mut mounts = run.mounts.iter().filter(|mount| mount.is_cache());
            if whole.is_some() && mounts.any(|mount| mounted_at(mount) == whole) {
                return Ok(None);
            }
            if whole.as_ref() != manager.cache.first() {
                return Err(format!(
                    "`{}` keeps what it downloads elsewhere",
                    command.joined()
                ));
            }
        }
        let fetches = manager.list("fetches");
        let mut edits = Edits::default();
        // What fails there must fail the whole line.
        let is_chain = commands
            .iter()
            .all(|command| !matches!(command.joint, Some(Joint::Or | Joint::Then)));
        let is_both = is_chain && manager.runs("fetches-and-installs", &commands[begin]);
        if let Some(fetch) = fetches.first()
            && !is_both
            && !commands[..begin]
                .iter()
                .any(|command| manager.runs("fetches", command))
        {
            let is_own = |command: &Command| manager.runs("fetches-and-installs", command);
            let above = self.fetched_above(manager, place);
            let Some(above) = above.filter(|_| is_chain && !commands.iter().any(is_own)) else {
                return Err(format!(
                    "`{fetch}` is not run in front of it in the same line"
                ));
            };
            edits.first.push(above.to_owned());
        }
        for (at, command) in commands
            .iter()
            .enumerate()
            .filter(|(_, command)| manager.installs(command))
        {
            let flags = edits.words.len();
            for (number, word) in command.words.iter().enumerate() {
                if let Some(instead) = manager.instead(&word.text) {
                    edits.words.push((at, number, instead.to_owned()));
                }
            }
            if manager.is("only-with-flag") && edits.words.len() == flags {
                return Ok(None);
            }
        }
        let removed = clean(manager, commands, here, &mut edits)?;
        let left = Left {
            lists: !fetches.is_empty() && !Self::is_fetched_in(manager, &removed),
            removed,
        };
        let off = self.is_allowed(manager, place, run, &left)?;
        edits.mounts = mounts(manager, run)?;
        let unset = off.iter().map(|name| format!("unset {name}"));
        edits.first.extend(unset);
        let first = manager.text("first");
        let is_there = |first: &&str| commands.iter().any(|command| command.joined() == *first);
        let first = first.filter(|first| !is_there(first));
        let at_first = first.map(ToOwned::to_owned);
        edits.first.splice(0..0, at_first);
        let is_change =
            !edits.mounts.is_empty() || !edits.words.is_empty() || !edits.cut.is_empty();
        Ok(is_change.then_some(edits))
    }
}

/// Why there is no cache for a manager.
fn refusal(manager: &Manager<'_>, reason: &str) -> String {
    format!("no cache for `{}`: {reason}", manager.name())
}

/// Where the flags of an instruction end, and the commands behind them, if its text is read as its line is.
fn read(text: &str, from: usize, line: &str) -> Option<(usize, Vec<Command>)> {
    let mut commands = shell::commands(text, from)?;
    let first = commands.first_mut()?;
    let flags = first
        .words
        .iter()
        .take_while(|word| word.text.starts_with("--"))
        .count();
    first.words.drain(..flags);
    let start = first.words.first()?.range.start;
    let spelled = |commands: &[Command]| -> Vec<String> {
        let words = commands.iter().flat_map(|command| &command.words);
        words.map(|word| word.text.clone()).collect()
    };
    let is_same = spelled(&shell::commands(line, 0)?) == spelled(&commands);
    is_same.then_some((start, commands))
}

/// Leaves out what empties the cache, and says which folders in it were removed before.
fn clean(
    manager: &Manager<'_>,
    commands: &[Command],
    start: Option<String>,
    edits: &mut Edits,
) -> Result<Vec<String>, String> {
    let mut removed = Vec::new();
    let folders = folders(commands, start);
    for (number, (command, folder)) in commands.iter().zip(&folders).enumerate() {
        if manager.cleans(command) {
            edits.cut.push(number);
            continue;
        }
        let folder = folder.as_deref();
        let touched: Vec<(usize, Option<String>)> = words_of(command)
            .filter(|(at, _)| manager.said_in(command).is_none_or(|(said, _)| said != *at))
            .filter(|(_, word)| manager.is_meant_by(word, folder))
            .map(|(at, word)| (at, manager.path_of(word, folder)))
            .collect();
        if touched.is_empty() {
            continue;
        }
        let is_inside = |path: &Option<String>| {
            let path = path.as_ref();
            path.is_some_and(|path| manager.cache.iter().any(|target| lies_in(path, target)))
        };
        let is_removal = command.program().first() == Some(&"rm");
        if !is_removal || !touched.iter().all(|(_, path)| is_inside(path)) {
            return Err(format!(
                "`{}` works on the folder that it would be in",
                command.joined()
            ));
        }
        let named = command.words.iter().skip(1);
        let named = named.filter(|word| !word.text.starts_with('-')).count();
        if named == touched.len() {
            edits.cut.push(number);
        } else {
            let gone = touched.iter();
            edits
                .words
                .extend(gone.map(|(at, _)| (number, *at, String::new())));
        }
        removed.extend(touched.into_iter().filter_map(|(_, path)| path));
    }
    Ok(removed)
}

/// The mounts that an instruction lacks.
fn mounts(manager: &Manager<'_>, run: &Run) -> Result<Vec<String>, String> {
    let mut mounts = Vec::new();
    for target in &manager.cache {
        let has = |mount: &&Mount| mounted_at(mount).as_ref() == Some(target);
        match run.mounts.iter().find(has) {
            Some(mount) if mount.is_cache() => {}
            Some(_) => return Err(format!("something else is mounted at `{target}`")),
            None => {
                // Two builds must not write the lists of the system at a time.
                let sharing = if manager.is("needs-root") {
                    ",sharing=locked"
                } else {
                    ""
                };
                mounts.push(format!("--mount=type=cache,target={target}{sharing}"));
            }
        }
    }
    Ok(mounts)
}
