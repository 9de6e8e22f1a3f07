//! Whether something around an instruction would notice that it has a cache.

use crate::dockerfile::paths::{absolute, lies_in};
use crate::dockerfile::{
    self, Instruction, Mount, Run, Transfer, TransferSource, Word, reference::ImageRef,
};
use crate::migrate::shell::{self, Command, behind};

use super::Finder;
use super::manager::{Manager, texts};

impl Finder<'_> {
    /// A manager with its cache where a variable says, if the file says what that is.
    pub(super) fn moved<'a>(
        &self,
        manager: Manager<'a>,
        (stage, at): (usize, usize),
    ) -> Manager<'a> {
        let mut found = None;
        for number in self.old.lineage(stage) {
            let body = &self.old.stages[number].body;
            let end = if number == stage { at } else { body.len() };
            for (_, statement) in &body[..end] {
                let Instruction::Env(env) = &statement.instruction else {
                    continue;
                };
                for (name, word) in env.as_slice() {
                    if let Some(mover) = manager.movers().find(|mover| *mover == name.as_str()) {
                        let folder = word.text().filter(|folder| is_plain_folder(folder));
                        found = folder.map(|folder| (mover, folder));
                    }
                }
            }
        }
        match found {
            Some((mover, folder)) => manager.moved(mover, &folder),
            None => manager,
        }
    }

    /// Whether nothing around an instruction can notice the cache; `leaves` tells that what was fetched stayed in the
    /// image. What comes back are the variables that turn it off.
    pub(super) fn is_allowed(
        &self,
        manager: &Manager<'_>,
        place: (usize, usize),
        run: &Run,
        leaves: bool,
    ) -> Result<Vec<String>, String> {
        if run.network.is_some() || run.security.is_some() || !run.devices.is_empty() {
            return Err("the line has flags that change how it runs".to_owned());
        }
        let inline = |name: &&str| {
            let set = format!("{name}=");
            !name.contains('=') && run.line().is_some_and(|line| line.contains(&set))
        };
        let mut named = manager
            .list("variables")
            .into_iter()
            .chain(manager.list("off"));
        if let Some(name) = named.find(inline) {
            return Err(elsewhere(name));
        }
        let off = self.above(manager, place)?;
        self.others(manager, place, leaves)?;
        Ok(off)
    }

    /// Whether what was said above leaves the cache where it usually is, and root the user; the variables that only turn
    /// it off.
    fn above(
        &self,
        manager: &Manager<'_>,
        (stage, at): (usize, usize),
    ) -> Result<Vec<String>, String> {
        let off = manager.list("off");
        let mut found: Vec<String> = Vec::new();
        let mut turn_off = |names: &mut dyn Iterator<Item = &str>| {
            for name in names.filter(|name| off.contains(name)) {
                if !found.iter().any(|known| known == name) {
                    found.push(name.to_owned());
                }
            }
        };
        let line_of_stages = self.old.lineage(stage);
        let image = self.image(line_of_stages[0]);
        let only_on = manager.list("only-on");
        if !only_on.is_empty() && !only_on.contains(&image.as_str()) {
            return Err("where this image keeps what it downloads is not known".to_owned());
        }
        let needs_root = manager.is("needs-root");
        let mut is_root = needs_root || texts(self.known, "images").contains(&image.as_str());
        for number in line_of_stages {
            let body = &self.old.stages[number].body;
            let end = if number == stage { at } else { body.len() };
            for (_, statement) in &body[..end] {
                match &statement.instruction {
                    Instruction::User(word) => {
                        let text = word.text().unwrap_or_default();
                        is_root = matches!(text.split(':').next(), Some("root" | "0"));
                        if !is_root && needs_root {
                            return Err("it runs as a user who is not root".to_owned());
                        }
                    }
                    // What needs root was run, so it was root who ran it.
                    Instruction::Run(run) if self.needs_root(run) => is_root = true,
                    Instruction::Env(env) => {
                        turn_off(&mut env.as_slice().iter().map(|(name, _)| name.as_str()));
                        let mut pairs = env.as_slice().iter();
                        let moved = pairs.find(|(name, word)| {
                            manager.is_moved_by(name.as_str(), word.text().as_deref())
                                && !manager.is_where_said(name.as_str())
                        });
                        if let Some((name, _)) = moved {
                            return Err(elsewhere(name.as_str()));
                        }
                    }
                    Instruction::Arg(arg) => {
                        turn_off(&mut arg.as_slice().iter().map(|(name, _)| name.as_str()));
                        let mut pairs = arg.as_slice().iter();
                        let moved =
                            pairs.find(|(name, _)| manager.is_moved_by(name.as_str(), None));
                        if let Some((name, _)) = moved {
                            return Err(elsewhere(name.as_str()));
                        }
                    }
                    Instruction::Shell(words) => {
                        let shell = words.as_slice()[0].rsplit('/').next();
                        if !matches!(shell, Some("sh" | "bash" | "ash" | "dash")) {
                            return Err("its shell is another one".to_owned());
                        }
                    }
                    _ => {}
                }
            }
        }
        if !is_root {
            return Err(
                "it is not known to run as root, and another user's cache lies elsewhere"
                    .to_owned(),
            );
        }
        Ok(found)
    }

    /// Whether a command does what nobody but root can do.
    fn needs_root(&self, run: &Run) -> bool {
        let commands = run.line().and_then(|line| shell::commands(line, 0));
        let mut managers = self.managers().filter(|manager| manager.is("needs-root"));
        commands.is_some_and(|commands| {
            managers.any(|manager| {
                commands
                    .iter()
                    .any(|command| manager.runs("installs", command))
            })
        })
    }

    /// The name of the image of a stage.
    fn image(&self, stage: usize) -> String {
        name(self.old.stages[stage].from.image.word())
    }

    /// The stages that have what a stage has made: itself and those that are built on it.
    fn heirs(&self, stage: usize) -> Vec<usize> {
        let mut heirs = vec![stage];
        for later in stage + 1..self.old.stages.len() {
            if self
                .old
                .parent(later)
                .is_some_and(|parent| heirs.contains(&parent))
            {
                heirs.push(later);
            }
        }
        heirs
    }

    /// Whether no other instruction looks for what is in the cache, or puts something there.
    fn others(
        &self,
        manager: &Manager<'_>,
        (stage, at): (usize, usize),
        leaves: bool,
    ) -> Result<(), String> {
        let old = self.old;
        let heirs = self.heirs(stage);
        if manager.is("read-later") && heirs.contains(&old.chosen) {
            return Err("what it downloads would not be in the image that runs".to_owned());
        }
        let ancestors = self.old.lineage(stage);
        for (number, other) in old.stages.iter().enumerate() {
            let is_kin = heirs.contains(&number) || ancestors.contains(&number);
            for (position, (_, statement)) in other.body.iter().enumerate() {
                let line_number = statement.place.first_line;
                self.takes(manager, number, &statement.instruction, &heirs)
                    .map_err(|verb| format!("line {line_number} {verb} what is there"))?;
                if !is_kin || (number, position) == (stage, at) {
                    continue;
                }
                match &statement.instruction {
                    Instruction::Run(run) => {
                        let is_later =
                            heirs.contains(&number) && (number != stage || position > at);
                        let fetches = self.fetches_in(number);
                        self.command(manager, run, line_number, is_later, fetches)?;
                        if leaves && is_later && run.line().is_none_or(calls_script) {
                            return Err(format!(
                                "the script that line {line_number} calls may need what was fetched"
                            ));
                        }
                    }
                    Instruction::Copy(copy) => {
                        self.destination(manager, &copy.files, line_number)?;
                    }
                    Instruction::Add(add) => {
                        self.destination(manager, &add.files, line_number)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Whether an instruction of any stage does without the cache's folder in these stages; if not, what it does with it.
    fn takes(
        &self,
        manager: &Manager<'_>,
        stage: usize,
        instruction: &Instruction,
        heirs: &[usize],
    ) -> Result<(), &'static str> {
        let is_heir = |found: Option<usize>| found.is_some_and(|found| heirs.contains(&found));
        let meets = |path: &str| {
            let path = absolute("/", path);
            path == "/" || manager.meets(&path)
        };
        match instruction {
            Instruction::Run(run) => {
                let mut taken = run.mounts.iter().filter(|mount| {
                    let from = mount.from();
                    is_heir(from.and_then(|from| self.old.mounted(stage, from.as_str())))
                });
                let source = |mount: &Mount| mount.source().and_then(|source| source.word().text());
                if taken.any(|mount| meets(&source(mount).unwrap_or_default())) {
                    return Err("mounts");
                }
            }
            Instruction::Copy(copy) => {
                let from = copy.from.as_ref();
                let from = from.and_then(|from| self.old.copied(stage, from.as_str()));
                let mut sources = copy.files.source_paths().map(Word::text);
                // Of a path that depends on variables nobody knows where it leads.
                if is_heir(from) && sources.any(|path| path.is_none_or(|path| meets(&path))) {
                    return Err("copies");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether files that are copied from the project cannot land in the cache.
    fn destination(
        &self,
        manager: &Manager<'_>,
        files: &Transfer,
        line_number: usize,
    ) -> Result<(), String> {
        let to = files.destination().text().unwrap_or_default();
        let to = absolute("/", &to);
        let is_file = |source: &TransferSource| match source {
            TransferSource::Path(word) => word
                .text()
                .is_some_and(|path| (self.context.is_folder)(&path) == Some(false)),
            TransferSource::Inline(_) => true,
        };
        let mut targets = manager.cache.iter();
        let into = targets.any(|target| {
            let is_around = to != "/" && lies_in(target, &to);
            lies_in(&to, target) || (is_around && !files.sources().iter().all(is_file))
        });
        if into {
            return Err(format!(
                "line {line_number} copies into the folder that it would be in"
            ));
        }
        Ok(())
    }

    /// Whether another command of the same image does without what the cache would keep to itself; `fetches` tells that it
    /// is to fetch what it needs.
    fn command(
        &self,
        manager: &Manager<'_>,
        run: &Run,
        line_number: usize,
        is_later: bool,
        fetches: bool,
    ) -> Result<(), String> {
        let Some(line) = run.line() else {
            let text = dockerfile::print(&Instruction::Run(run.clone()));
            let mut targets = manager.cache.iter();
            let is_named = manager.is_named_in(&text)
                || manager.is("read-later") && is_later
                || targets.any(|target| text.contains(target));
            if is_named {
                return Err(format!(
                    "it is not known what line {line_number} does with it"
                ));
            }
            return Ok(());
        };
        let commands = shell::commands(line, 0);
        let names = texts(self.known, "harmless");
        // What was put there before was removed with the rest.
        let counts_all = manager.is_removed && !is_later;
        let harmless = |command: &Command| {
            let program = command.program();
            !counts_all && program.first().is_some_and(|first| names.contains(first))
        };
        if manager.is("read-later") && is_later {
            let own = |command: &Command| manager.runs("installs", command) || harmless(command);
            if !commands
                .as_ref()
                .is_some_and(|commands| commands.iter().all(own))
            {
                return Err(format!(
                    "it is not known whether line {line_number} needs what it downloads"
                ));
            }
        }
        let needs_lists = !manager.list("fetches").is_empty() && !fetches;
        if needs_lists && manager.is_named_in(line) {
            let is_fetched = match &commands {
                Some(commands) => {
                    let installs = commands
                        .iter()
                        .position(|command| manager.runs("installs", command));
                    let fetches = commands
                        .iter()
                        .position(|command| manager.runs("fetches", command));
                    fetches
                        .is_some_and(|fetches| installs.is_none_or(|installs| fetches < installs))
                }
                None => fetches_in_each_branch(manager, line),
            };
            if !is_fetched {
                return Err(format!(
                    "line {line_number} installs with what another line has fetched"
                ));
            }
        }
        let meets = |word: &str| {
            manager
                .path_of(word)
                .is_some_and(|path| manager.meets(&path))
        };
        let reads = match &commands {
            Some(commands) => commands
                .iter()
                .filter(|command| !harmless(command))
                .any(|command| command.words.iter().any(|word| meets(&word.text))),
            None => spaced(line)
                .split(|word| SIGNS.contains(&word.as_str()) || BRANCHES.contains(&word.as_str()))
                .filter(|words| {
                    let first = words.first();
                    first.is_none_or(|first| !names.contains(&first.as_str()))
                })
                .flatten()
                .any(|word| word.split(|c: char| "=:,\"'".contains(c)).any(meets)),
        };
        if reads {
            return Err(format!(
                "line {line_number} works on the folder that it would be in"
            ));
        }
        Ok(())
    }
}

/// The name of an image without its tag, which may depend on arguments.
pub(super) fn name(image: &Word) -> String {
    let text = image.as_str().trim_matches('"');
    let plain = match text.split_once(['$', '@']) {
        Some((before, _)) => before.trim_end_matches(|c| c != ':').trim_end_matches(':'),
        None => text,
    };
    ImageRef::parse(plain).map_or_else(|_| String::new(), |image| image.familiar_name())
}

/// Whether a path is a whole one that means the same in every place that it can be written in.
fn is_plain_folder(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let is_below = path.starts_with('/') && !path.trim_matches('/').is_empty();
    is_below && path.chars().all(plain) && !path.split('/').any(|part| part == "..")
}

/// Why there is no cache where a variable may have moved it.
fn elsewhere(name: &str) -> String {
    format!("`{name}` moves it or turns it off")
}

/// What stands between commands of a line.
const SIGNS: [&str; 7] = ["&&", "||", ";", "|", "&", "(", ")"];

/// The words of the shell that a command can stand behind.
const BRANCHES: [&str; 7] = ["then", "else", "elif", "do", "if", "{", "!"];

/// The words of a line, signs apart from words.
fn spaced(line: &str) -> Vec<String> {
    let mut spaced = line.to_owned();
    for sign in ["&&", "||", ";", "(", ")"] {
        spaced = spaced.replace(sign, &format!(" {sign} "));
    }
    spaced.split_whitespace().map(ToOwned::to_owned).collect()
}

/// Whether each branch of a line that installs has fetched before.
fn fetches_in_each_branch(manager: &Manager<'_>, line: &str) -> bool {
    const ENDS: [&str; 7] = ["else", "elif", "fi", "esac", "done", "||", ")"];
    let words = spaced(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let branches = words.split(|word| ENDS.contains(word));
    let starts = |branch: &[&str], key: &str| {
        let begins = manager.list(key);
        (0..branch.len()).find(|at| {
            let mut begins = begins.iter();
            begins.any(|begin| behind(&branch[*at..], begin).is_some())
        })
    };
    branches.into_iter().all(|branch| {
        let installs = starts(branch, "installs");
        let fetches = starts(branch, "fetches");
        installs.is_none_or(|installs| fetches.is_some_and(|fetches| fetches < installs))
    })
}

/// Whether a line runs a program of which nobody knows what it needs.
fn calls_script(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.any(|word| {
        let name = word.trim_end_matches(';');
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        ending == Some("sh") || name.starts_with("./") || matches!(name, "sh" | "bash")
    })
}
