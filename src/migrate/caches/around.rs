//! Whether something around an instruction would notice that it has a cache.

use crate::dockerfile::paths::{absolute, lies_in, relative};
use crate::dockerfile::{
    Instruction, Mount, Run, Transfer, TransferSource, Word, reference::ImageRef,
};
use crate::migrate::shell::{self, Command, behind};

use super::Finder;
use super::left::Left;
use super::manager::{Manager, texts};
use super::scripts::{resolved, text_of};

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

    /// Whether nothing around an instruction can notice the cache. What comes back are the variables that turn it off.
    pub(super) fn is_allowed(
        &self,
        manager: &Manager<'_>,
        place: (usize, usize),
        run: &Run,
        left: &Left,
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
        let off = self.above(manager, place, run)?;
        self.others(manager, place, left)?;
        Ok(off)
    }

    /// The working directory at a place, if it is known.
    pub(super) fn folder(&self, (stage, at): (usize, usize)) -> Option<String> {
        let image = self.image(self.old.lineage(stage)[0]);
        let folders = self.known.get("folders");
        let said = folders.and_then(|folders| folders.get(&image)?.text());
        let is_known = texts(self.known, "images").contains(&image.as_str());
        let begin = said.or(is_known.then_some("/"));
        self.old.workdir((stage, at), begin)
    }

    /// Whether what was said above leaves the cache where it usually is, and root the user; the variables that only turn
    /// it off.
    fn above(
        &self,
        manager: &Manager<'_>,
        (stage, at): (usize, usize),
        run: &Run,
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
        let mut is_root = self.needs_root(run) && needs_root
            || texts(self.known, "images").contains(&image.as_str());
        for number in line_of_stages {
            let body = &self.old.stages[number].body;
            let end = if number == stage { at } else { body.len() };
            for (_, statement) in &body[..end] {
                match &statement.instruction {
                    Instruction::User(word) => {
                        let text = word.text().unwrap_or_default();
                        is_root = matches!(text.split(':').next(), Some("root" | "0"));
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
        if !is_root && needs_root && self.old.has_user(stage, at) {
            return Err("it runs as a user who is not root".to_owned());
        }
        if !is_root {
            return Err(
                "it is not known to run as root, and another user's cache lies elsewhere"
                    .to_owned(),
            );
        }
        Ok(found)
    }

    /// Whether a command does what nobody but root can do. What fetches and installs becomes root by itself.
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
        left: &Left,
    ) -> Result<(), String> {
        let old = self.old;
        let heirs = self.heirs(stage);
        if manager.is("read-later") && heirs.contains(&old.chosen) {
            return Err("what it downloads would not be in the image that runs".to_owned());
        }
        let ancestors = self.old.lineage(stage);
        for (number, other) in old.stages.iter().enumerate() {
            let is_kin = heirs.contains(&number) || ancestors.contains(&number);
            for (position, (item, statement)) in other.body.iter().enumerate() {
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
                        let other = Other {
                            place: (number, position),
                            line: line_number,
                            is_later,
                            fetches: self.fetches_in(number),
                            has_cache: self.has_cache(manager, *item, run),
                        };
                        self.command(manager, run, &other)?;
                        let is_script = |text| self.calls_script(manager, other.place, text);
                        if left.lists && is_later && is_script(&text_of(run)) {
                            return Err(format!(
                                "the script that line {line_number} calls may need what was fetched"
                            ));
                        }
                    }
                    Instruction::Copy(copy) => {
                        let is_local = copy.from.is_none() && !copy.parents;
                        let place = (number, position);
                        self.destination(manager, place, (&copy.files, is_local), line_number)?;
                    }
                    Instruction::Add(add) => {
                        let place = (number, position);
                        self.destination(manager, place, (&add.files, true), line_number)?;
                    }
                    _ => {}
                }
            }
        }
        if left.lists {
            let kin: Vec<usize> = ancestors.iter().chain(&heirs).copied().collect();
            self.is_not_started(manager, &kin)?;
        }
        self.removes_its_own(manager, (stage, at), &left.removed)?;
        self.keeps_out(manager, (stage, at), &heirs)
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

    /// Whether files that are copied cannot land in the cache; of those of the project it is known which they are.
    fn destination(
        &self,
        manager: &Manager<'_>,
        place: (usize, usize),
        (files, is_local): (&Transfer, bool),
        line_number: usize,
    ) -> Result<(), String> {
        let to = files.destination().text().unwrap_or_default();
        let into = || {
            Err(format!(
                "line {line_number} copies into the folder that it would be in"
            ))
        };
        let Some(to) = resolved(&to, self.folder(place).as_deref()) else {
            return if manager.may_meet(&to) {
                into()
            } else {
                Ok(())
            };
        };
        for target in &manager.cache {
            if lies_in(&to, target) {
                return into();
            }
            let below = if to == "/" { "" } else { to.as_str() };
            let Some(rest) = target
                .strip_prefix(below)
                .filter(|_| lies_in(target, below))
            else {
                continue;
            };
            let is_outside = |source: &TransferSource| match source {
                TransferSource::Path(word) if is_local => word.text().map_or(to == "/", |path| {
                    let path = relative(&path);
                    let inside = relative(&format!("{path}/{rest}"));
                    match self.is_folder(&path) {
                        Some(false) => true,
                        Some(true) => self.is_folder(&inside).is_none(),
                        None => to == "/",
                    }
                }),
                TransferSource::Path(_) => to == "/",
                TransferSource::Inline(_) => true,
            };
            if !files.sources().iter().all(is_outside) {
                return into();
            }
        }
        Ok(())
    }

    /// Whether another command of the same image does without what the cache would keep to itself.
    fn command(&self, manager: &Manager<'_>, run: &Run, other: &Other) -> Result<(), String> {
        let line_number = other.line;
        let is_alone = manager.is("read-later") && !other.has_cache;
        let Some(line) = run.line() else {
            let text = text_of(run);
            let mut targets = manager.cache.iter();
            let is_named = manager.is_named_in(&text)
                || manager.is_spelled_in("reads", &text)
                || manager.is("read-later") && other.is_later
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
        let counts_all = manager.is_removed && !other.is_later;
        let harmless = |command: &Command| {
            let program = command.program();
            !counts_all && program.first().is_some_and(|first| names.contains(first))
        };
        if manager.is("read-later") && other.is_later {
            let is_cached = |command: &Command| manager.runs("installs", command) && !is_alone;
            let own = |command: &Command| is_cached(command) || harmless(command);
            if !commands
                .as_ref()
                .is_some_and(|commands| commands.iter().all(own))
            {
                return Err(format!(
                    "it is not known whether line {line_number} needs what it downloads"
                ));
            }
            let offline = manager.list("offline");
            if line.split_whitespace().any(|word| offline.contains(&word)) {
                return Err(format!(
                    "line {line_number} downloads nothing, and would not find what a cache has lost"
                ));
            }
        }
        if is_alone && manager.is_named_in(line) {
            return Err(format!(
                "line {line_number} downloads without it, and that would be hidden"
            ));
        }
        Self::lists(manager, line, commands.as_deref(), other)?;
        let start = self.folder(other.place);
        let is_touched = match &commands {
            Some(commands) => folders(commands, start)
                .iter()
                .zip(commands)
                .filter(|(_, command)| !harmless(command))
                .any(|(folder, command)| {
                    let folder = folder.as_deref();
                    words_of(command).any(|(_, word)| manager.is_meant_by(word, folder))
                }),
            None => is_touched(manager, line, start, &names),
        };
        if is_touched {
            return Err(format!(
                "line {line_number} works on the folder that it would be in"
            ));
        }
        Ok(())
    }

    /// Whether another command does without what was fetched, or fetches it itself.
    fn lists(
        manager: &Manager<'_>,
        line: &str,
        commands: Option<&[Command]>,
        other: &Other,
    ) -> Result<(), String> {
        let is_installing = manager.is_named_in(line);
        let is_reading = manager.is_spelled_in("reads", line);
        let needs_lists = !manager.list("fetches").is_empty() && !other.fetches;
        if !needs_lists || !is_installing && !is_reading {
            return Ok(());
        }
        let is_fetched = match commands {
            Some(commands) => {
                let position = |keys: &[&str]| {
                    commands
                        .iter()
                        .position(|command| keys.iter().any(|key| manager.runs(key, command)))
                };
                let needs = position(&["installs", "reads"]);
                position(&["fetches"])
                    .is_some_and(|fetches| needs.is_none_or(|needs| fetches < needs))
            }
            None => fetches_in_each_branch(manager, line),
        };
        if is_fetched {
            return Ok(());
        }
        let does = if is_installing {
            "installs with"
        } else {
            "reads"
        };
        Err(format!(
            "line {} {does} what another line has fetched",
            other.line
        ))
    }
}

/// Another command of the same image.
struct Other {
    place: (usize, usize),
    line: usize,
    /// Whether it comes behind the one that is to have a cache.
    is_later: bool,
    /// Whether it is to fetch what it needs.
    fetches: bool,
    /// Whether it has the cache itself.
    has_cache: bool,
}

/// Whether a line that is more than commands which follow each other may be about the cache, in whichever of its folders a
/// command of it runs. What the harmless ones are given is about nothing.
fn is_touched(manager: &Manager<'_>, line: &str, start: Option<String>, harmless: &[&str]) -> bool {
    let spaced = spaced(line);
    let pieces: Vec<&[String]> = spaced
        .split(|word| SIGNS.contains(&word.as_str()) || BRANCHES.contains(&word.as_str()))
        .collect();
    let mut folders = vec![start];
    for piece in &pieces {
        if let [program, folder, ..] = piece
            && program == "cd"
        {
            folders.push(below(folders[0].as_deref(), folder));
        }
    }
    let is_meant = |word: &str| {
        let mut folders = folders.iter();
        folders.any(|folder| manager.is_meant_by(word, folder.as_deref()))
    };
    pieces.iter().any(|words| {
        let first = words.first();
        let is_harmless = first.is_some_and(|first| harmless.contains(&first.as_str()));
        let is_program = |at: usize, part: &str| at == 0 && !part.contains('/');
        !is_harmless
            && words.iter().enumerate().any(|(at, word)| {
                let mut parts = word.split(|c: char| "=:,\"'".contains(c));
                parts.any(|part| !part.is_empty() && !is_program(at, part) && is_meant(part))
            })
    })
}

/// The folder that a command goes to from another, if both are known.
fn below(folder: Option<&str>, path: &str) -> Option<String> {
    let path = path.trim_matches(['"', '\'']);
    let is_plain = !path.contains('$') && !path.starts_with(['~', '-']);
    is_plain.then(|| resolved(path, folder)).flatten()
}

/// The folder that each command runs in, if it is known.
pub(super) fn folders(commands: &[Command], start: Option<String>) -> Vec<Option<String>> {
    let mut here = start;
    let mut found = Vec::new();
    for command in commands {
        found.push(here.clone());
        if let ["cd", folder, ..] = command.program().as_slice() {
            here = below(here.as_deref(), folder);
        }
    }
    found
}

/// The words of a command that may be paths, each with its number: a program without a folder is looked for elsewhere.
pub(super) fn words_of(command: &Command) -> impl Iterator<Item = (usize, &str)> {
    let program = command.words.len() - command.program().len();
    let words = command.words.iter().map(|word| word.text.as_str());
    words
        .enumerate()
        .filter(move |(at, word)| *at != program || word.contains('/'))
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
        let needs = [starts(branch, "installs"), starts(branch, "reads")];
        let installs = needs.into_iter().flatten().min();
        let fetches = starts(branch, "fetches");
        installs.is_none_or(|installs| fetches.is_some_and(|fetches| fetches < installs))
    })
}
