//! Package managers, as the data file tells of them.

use crate::data::Node;
use crate::dockerfile::paths::{absolute, lies_in, relative};
use crate::dockerfile::{Mount, Run};
use crate::migrate::shell::{Command, behind};

/// A package manager, as the data file tells of it.
#[derive(Clone)]
pub(super) struct Manager<'a> {
    pub(super) tree: &'a Node,
    /// The folders of its cache.
    pub(super) cache: Vec<String>,
    /// The variable that moves the cache, and the folder that it says.
    moved: Option<(&'a str, String)>,
    /// Whether the command that fills it removes it, with all that lay there before.
    pub(super) is_removed: bool,
}

impl<'a> Manager<'a> {
    pub(super) fn new(tree: &'a Node) -> Self {
        let cache = texts(tree, "cache").into_iter();
        Self {
            tree,
            cache: cache.map(ToOwned::to_owned).collect(),
            moved: None,
            is_removed: false,
        }
    }

    /// The variables that say where the cache lies.
    pub(super) fn movers(&self) -> impl Iterator<Item = &'a str> {
        let moves = self.tree.get("moves").into_iter();
        moves.flat_map(Node::entries).map(|(name, _)| name)
    }

    /// The same with its cache in the folder that a variable says.
    pub(super) fn moved(mut self, variable: &'a str, folder: &str) -> Self {
        let parts = self.tree.get("moves").map(|moves| texts(moves, variable));
        let parts = parts.unwrap_or_default().into_iter();
        self.cache = parts.map(|part| absolute(folder, part)).collect();
        self.moved = Some((variable, absolute("/", folder)));
        self
    }

    /// The same with all of the folder that a variable says as its cache, where a command removes that.
    pub(super) fn widened(mut self, commands: &[Command]) -> Self {
        let Some((_, folder)) = &self.moved else {
            return self;
        };
        let is_removed = commands.iter().any(|command| {
            let mut words = command.words.iter();
            command.program().first() == Some(&"rm")
                && words.any(|word| self.path_of(&word.text, None).as_ref() == Some(folder))
        });
        if is_removed {
            self.cache = vec![folder.clone()];
            self.is_removed = true;
        }
        self
    }

    /// The folder that a word is about, if it is a path of root's, or one of the cache's own; `folder` is where the
    /// command runs, if that is known.
    pub(super) fn path_of(&self, word: &str, folder: Option<&str>) -> Option<String> {
        let word = bare(word);
        let below = |begin: &str| {
            let rest = word.strip_prefix(begin)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
        };
        if let Some((variable, folder)) = &self.moved
            && let Some(rest) =
                below(&format!("${variable}")).or_else(|| below(&format!("${{{variable}}}")))
        {
            return Some(absolute(folder, rest));
        }
        if let Some(rest) = ["~", "$HOME", "${HOME}"].into_iter().find_map(below) {
            return Some(absolute("/root", rest));
        }
        let folder = match folder {
            _ if word.starts_with('/') => "/",
            Some(folder) if is_relative(word) => folder,
            _ => return None,
        };
        Some(absolute(folder, word))
    }

    /// Whether a word may be a path in the cache or around it, for a command that runs in a folder.
    pub(super) fn is_meant_by(&self, word: &str, folder: Option<&str>) -> bool {
        match self.path_of(word, folder) {
            Some(path) => self.meets(&path),
            None => folder.is_none() && self.may_meet(bare(word)),
        }
    }

    /// Whether a path that begins in some unknown folder may be in the cache or around it.
    pub(super) fn may_meet(&self, path: &str) -> bool {
        let path = relative(path);
        // A bare name is no path of the folders that caches lie in, unless it is a hidden one.
        let is_path = path.starts_with('.') || path.contains('/');
        if !is_path || !is_relative(&path) {
            return false;
        }
        self.cache.iter().any(|target| {
            target.match_indices('/').any(|(at, _)| {
                let rest = &target[at + 1..];
                lies_in(&path, rest) || lies_in(rest, &path)
            })
        })
    }

    pub(super) fn name(&self) -> &'a str {
        self.text("name").unwrap_or_default()
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.tree.get(key).and_then(Node::text)
    }

    pub(super) fn list(&self, key: &str) -> Vec<&'a str> {
        texts(self.tree, key)
    }

    pub(super) fn is(&self, key: &str) -> bool {
        self.tree.get(key).and_then(Node::boolean) == Some(true)
    }

    /// Whether an instruction of the old file has the whole cache already.
    pub(super) fn is_mounted_in(&self, run: &Run) -> bool {
        self.cache.iter().all(|target| {
            let mut mounts = run.mounts.iter().filter(|mount| mount.is_cache());
            mounts.any(|mount| mounted_at(mount).as_ref() == Some(target))
        })
    }

    /// Whether a text has one of the words below a key as a word of its own, or as a program in some folder.
    pub(super) fn has_word(&self, key: &str, text: &str) -> bool {
        let words = self.list(key);
        let mut parts = text.split(|c: char| c.is_whitespace() || ";&|()`'\",[]{}".contains(c));
        parts.any(|part| words.contains(&part.rsplit('/').next().unwrap_or_default()))
    }

    /// The file that is removed for good, so that the cache keeps what is in it.
    pub(super) fn hindrance(&self) -> Option<&'a str> {
        let first = self.text("first")?;
        first.rsplit(' ').next()
    }

    /// What stands in the place of a flag that does without the cache.
    pub(super) fn instead(&self, flag: &str) -> Option<&'a str> {
        self.tree.get("flags")?.get(flag)?.text()
    }

    /// Whether a command is one of those below a key, whatever folder its program is called from.
    pub(super) fn runs(&self, key: &str, command: &Command) -> bool {
        let mut program = command.program();
        if let Some(first) = program.first_mut() {
            *first = first.rsplit('/').next().unwrap_or_default();
        }
        let mut begins = self.list(key).into_iter();
        begins.any(|begin| behind(&program, begin).is_some())
    }

    /// Whether a variable puts the cache elsewhere or turns it off; of a value that is not known the worst is thought.
    pub(super) fn is_moved_by(&self, name: &str, value: Option<&str>) -> bool {
        let mut known = self.list("variables").into_iter();
        known.any(|known| match known.split_once('=') {
            Some((known, bad)) => known == name && value.is_none_or(|value| value == bad),
            None => known == name,
        })
    }

    /// Whether a variable says where the cache is.
    pub(super) fn is_where_said(&self, name: &str) -> bool {
        self.moved.as_ref().is_some_and(|(mover, _)| *mover == name)
    }

    /// Whether a path is in the cache or has it below it. Of the root of all everything is below.
    pub(super) fn meets(&self, path: &str) -> bool {
        let mut targets = self.cache.iter();
        targets.any(|target| lies_in(path, target) || (path != "/" && lies_in(target, path)))
    }

    /// Whether a command empties the cache and does nothing else.
    pub(super) fn cleans(&self, command: &Command) -> bool {
        self.list("cleans").contains(&command.joined().as_str())
    }

    /// Whether a text has a command that installs, however it is called there.
    pub(super) fn is_named_in(&self, line: &str) -> bool {
        self.is_spelled_in("installs", line) || self.is_spelled_in("fetches-and-installs", line)
    }

    /// Whether a command installs, having fetched or not.
    pub(super) fn installs(&self, command: &Command) -> bool {
        self.runs("installs", command) || self.runs("fetches-and-installs", command)
    }

    /// The word of a command that says where its cache is, and what that says.
    pub(super) fn said_in<'b>(&self, command: &'b Command) -> Option<(usize, &'b str)> {
        let flags = self.list("elsewhere");
        let words = command.words.iter().enumerate();
        let mut said = words.filter_map(|(at, word)| {
            let text = word.text.as_str();
            if flags.contains(&text) {
                let next = command.words.get(at + 1);
                return Some((at + 1, next.map_or("", |next| next.text.as_str())));
            }
            let (flag, value) = text.split_once('=')?;
            flags.contains(&flag).then_some((at, value))
        });
        said.next()
    }

    /// Whether a text has one of the commands below a key, however it is called there.
    pub(super) fn is_spelled_in(&self, key: &str, line: &str) -> bool {
        let mut begins = self.list(key);
        begins.retain(|begin| line.contains(begin.split(' ').next().unwrap_or_default()));
        if begins.is_empty() {
            return false;
        }
        let whole = line.split_whitespace().collect::<Vec<&str>>().join(" ");
        let is_word = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let is_spelled = |begin: &&str| {
            let mut found = whole.match_indices(begin);
            found.any(|(at, _)| is_word(&whole[..at]))
        };
        // Flags may stand between the words.
        let is_flagged = |begin: &&str| {
            line.split(['&', '|', ';', '(']).any(|part| {
                let words: Vec<&str> = part.split_whitespace().collect();
                (0..words.len()).any(|at| behind(&words[at..], begin).is_some())
            })
        };
        begins
            .iter()
            .any(|begin| is_spelled(begin) || is_flagged(begin))
    }
}

/// Where something is mounted.
pub(super) fn mounted_at(mount: &Mount) -> Option<String> {
    let target = mount.target()?.word().text()?;
    Some(target.trim_end_matches('/').to_owned())
}

/// A path of a command without quotes, and without the pattern for all that is in it.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'']).trim_end_matches('*')
}

/// Whether a word is spelled like a path from the working directory on.
fn is_relative(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@*".contains(c);
    !word.starts_with(['/', '-']) && word.chars().all(plain)
}

/// The texts of a list.
pub(super) fn texts<'a>(tree: &'a Node, key: &str) -> Vec<&'a str> {
    let items = tree.get(key).into_iter().flat_map(Node::items);
    items.filter_map(Node::text).collect()
}
