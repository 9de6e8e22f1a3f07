//! The commands of an old file that install what a preset installs in its own way.

use crate::data::Node;
use crate::dockerfile::paths::{absolute, relative, within};
use crate::dockerfile::{Mount, Run, RunCommand};
use crate::migrate::account::Outcome;
use crate::migrate::shell::behind;
use crate::spec;

use super::Writer;
use super::places::{Place, Prepared};

impl Writer<'_> {
    /// A command that installs what a file names, or packages of the system. Of one that is nothing like it, nothing is
    /// taken.
    pub(super) fn run(&mut self, run: &Run) -> Result<Outcome, String> {
        let (packages, files) = (self.packages.len(), self.files.len());
        let included = self.included.len();
        let (early, flags) = (self.early.clone(), self.flags.clone());
        let named = self.named.clone();
        let lock = self.lock.clone();
        let found = self.known(run);
        if found.is_err() {
            self.lock = lock;
            self.flags = flags;
            self.packages.truncate(packages);
            self.files.truncate(files);
            self.included.truncate(included);
            self.early = early;
            self.named = named;
        }
        found
    }

    /// How much is installed by what was read so far.
    pub(super) fn installed_so_far(&self) -> usize {
        self.files.len() + self.named.len()
    }

    /// Whether packages are installed by now.
    pub(super) fn has_installed(&self) -> bool {
        self.installed_so_far() > 0
    }

    fn known(&mut self, run: &Run) -> Result<Outcome, String> {
        if self.user.is_some() {
            return Err("a command of another user than root is kept as it is".to_owned());
        }
        let RunCommand::Script(script) = &run.command else {
            return Err("a command without a shell is kept as it is".to_owned());
        };
        let is_seen = |mount: &Mount| mount.is_cache() || self.shows_lock(mount);
        if !script.heredocs().is_empty()
            || !run.mounts.iter().all(is_seen)
            || run.network.is_some()
            || run.security.is_some()
        {
            return Err("a here-document, a mount or another flag is kept as it is".to_owned());
        }
        let mut outcome = None;
        let commands: Vec<Vec<String>> = script
            .line()
            .split("&&")
            .map(|command| self.places.words(command))
            .collect();
        let mut is_active = false;
        for words in &commands {
            let whole = words.join(" ");
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let around = self
                .idioms
                .systems()
                .any(|system| says(system, "around", &whole));
            if around || self.clears_up(&whole) {
                continue;
            }
            if let Some(prepared) = self.prepares(&words) {
                is_active |= prepared == Prepared::Active;
                outcome.get_or_insert_with(|| {
                    Outcome::Improved(format!(
                        "the preset `{}` has an environment of its own",
                        self.preset.name
                    ))
                });
                continue;
            }
            if self.installs_wheels(&words) {
                outcome = Some(self.installs_apart());
                continue;
            }
            if self.removes_wheels(&words) {
                continue;
            }
            if let Some(got) = self.take_script(&words) {
                outcome = Some(got);
                continue;
            }
            let Some(plain) = self.plain(&words) else {
                return Err(format!("`{whole}` is more than a plain command"));
            };
            let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
            let (words, place) = self.places.called(&plain, is_active);
            if let Some(done) = self.by_lock(&words, &place, run)? {
                // A command that installs says more of the line than what it does besides.
                outcome = match (outcome, done) {
                    (Some(earlier), Outcome::Dropped(_)) => Some(earlier),
                    (_, done) => Some(done),
                };
                continue;
            }
            let wheels = self.idioms.list("builds-wheels");
            let installs = [self.idioms.list("installs"), wheels.clone()].concat();
            if let Some(begin) = installs
                .iter()
                .find(|begin| behind(&words, begin).is_some())
            {
                let rest = behind(&words, begin).unwrap_or_default();
                let place = (!wheels.contains(begin)).then_some(place);
                let done = self.install(&rest, &whole, place)?;
                outcome = Some(match (outcome, done) {
                    (
                        Some(Outcome::Improved(earlier) | Outcome::Dropped(earlier)),
                        Outcome::Improved(text),
                    ) if earlier != text => Outcome::Improved(format!("{earlier}; {text}")),
                    (_, done) => done,
                });
                continue;
            }
            let system = self.idioms.systems().find_map(|system| {
                let begins = system.get("installs").into_iter().flat_map(Node::items);
                let rest = begins
                    .filter_map(Node::text)
                    .find_map(|begin| behind(&words, begin))?;
                Some((system, rest))
            });
            match system {
                Some((system, rest)) => {
                    self.system(system, &rest)?;
                    let mut text = "packages: from a cache, with nothing left behind".to_owned();
                    if !self.is_builder && self.parts.builders.is_empty() && self.built.is_none() {
                        text.push_str("; where Python packages are built, too");
                    }
                    outcome = Some(Outcome::Improved(text));
                }
                None => {
                    return Err(format!(
                        "`{whole}` is nothing that the preset `{}` does",
                        self.preset.name
                    ));
                }
            }
        }
        Ok(outcome.unwrap_or_else(|| {
            Outcome::Dropped("`packages` does it where it is needed".to_owned())
        }))
    }

    fn system(&mut self, system: &Node, rest: &[String]) -> Result<(), String> {
        let (flags, names): (Vec<&String>, Vec<&String>) =
            rest.iter().partition(|word| word.starts_with('-'));
        let needs = system
            .get("needs")
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::text);
        for needed in needs {
            if !flags.iter().any(|flag| *flag == needed) {
                return Err(format!(
                    "without `{needed}` it installs more than `packages` does"
                ));
            }
        }
        if let Some(flag) = flags.iter().find(|flag| !says(system, "flags", flag)) {
            return Err(format!("`packages` has nothing like `{flag}`"));
        }
        for name in names {
            if (spec::rules::PACKAGE.refuse)(name).is_some() {
                return Err(format!("`{name}` is no package's name"));
            }
            if !self.packages.contains(name) {
                self.packages.push(name.clone());
            }
        }
        Ok(())
    }

    /// Installing by a file, or making the installer itself newer.
    fn install(
        &mut self,
        rest: &[String],
        whole: &str,
        mut place: Option<Place>,
    ) -> Result<Outcome, String> {
        let file_flags = self.idioms.list("file-flags");
        let flags = self.idioms.list("flags");
        let upgrades = self.idioms.list("upgrades");
        let named = self.idioms.list("upgrades-of-its-own");
        let values = self.idioms.list("value-flags");
        let bare = self.idioms.list("passed-flags");
        let prefixes = self.idioms.list("prefix-flags");
        let wheels = self.idioms.list("wheel-flags");
        let passed: Vec<&str> = values.iter().chain(&bare).copied().collect();
        let mut own = Vec::new();
        let mut words = rest.iter();
        let mut files = Vec::new();
        let mut others = Vec::new();
        while let Some(word) = words.next() {
            let joined = file_flags
                .iter()
                .find_map(|flag| word.strip_prefix(*flag)?.strip_prefix('='));
            if file_flags.contains(&word.as_str()) {
                files.push(words.next().cloned().unwrap_or_default());
            } else if let Some(file) = joined {
                files.push(file.to_owned());
            } else if prefixes.contains(&name_of_flag(word)) || wheels.contains(&name_of_flag(word))
            {
                let value = word.split_once('=').map(|(_, value)| value.to_owned());
                let value = value.or_else(|| words.next().cloned()).unwrap_or_default();
                let folder = absolute(self.here(), &value);
                place = Some(if prefixes.contains(&name_of_flag(word)) {
                    Place::Prefix(folder)
                } else {
                    Place::Wheels(folder)
                });
            } else if passed.contains(&name_of_flag(word)) {
                own.push(word.clone());
                if values.contains(&word.as_str()) {
                    own.push(words.next().cloned().unwrap_or_default());
                }
            } else if word.starts_with('-') {
                if word == "--user" {
                    place = Some(Place::Home);
                }
                if !flags.contains(&word.as_str()) {
                    return Err(format!("the preset has nothing like `{word}`"));
                }
            } else {
                others.push(word.trim_matches(['"', '\'']).to_owned());
            }
        }
        let name_of = |other: &String| other.split("==").next().unwrap_or_default().to_owned();
        let is_upgrade = |other: &String| {
            upgrades.contains(&other.as_str()) || named.contains(&name_of(other).as_str())
        };
        if files.is_empty() && !others.is_empty() && others.iter().all(is_upgrade) {
            let is_dropped = |other: &String| upgrades.contains(&other.as_str());
            let (gone, own): (Vec<String>, Vec<String>) = others.into_iter().partition(is_dropped);
            let dropped = "what installs is not in the image that runs, and comes with the base";
            if own.is_empty() {
                return Ok(Outcome::Dropped(dropped.to_owned()));
            }
            self.early
                .retain(|early| !own.iter().any(|own| name_of(own) == name_of(early)));
            let come = if own.len() == 1 { "comes" } else { "come" };
            let mut text = format!("options: `{}` {come} before the rest", own.join("`, `"));
            if !gone.is_empty() {
                text = format!("{text}; {dropped}");
            }
            self.early.extend(own);
            return Ok(Outcome::Improved(text));
        }
        if own != self.flags && self.has_installed() {
            return Err("the preset installs everything with the same flags".to_owned());
        }
        if let Some(flag) = own.iter().find(|flag| bare.contains(&flag.as_str()))
            && !self.early.is_empty()
        {
            return Err(format!("`{flag}` does not suit what is installed before"));
        }
        self.flags = own;
        if self.is_by_name && files.is_empty() && !others.is_empty() {
            self.installed(place.ok_or("wheels are built and not installed")?)?;
            return self.install_named(others, rest);
        }
        if self.files.is_empty() && files.is_empty() && others.len() == 1 {
            let text = format!(
                "options: `{}` comes before the rest, from a cache",
                others[0]
            );
            self.early.extend(others);
            return Ok(Outcome::Improved(text));
        }
        if files.is_empty() || !others.is_empty() {
            return Err(format!(
                "`{whole}` installs what no file of the project names"
            ));
        }
        self.installed(place.ok_or("wheels are built and not installed")?)?;
        let before: Vec<String> = self
            .files
            .iter()
            .flat_map(|file| self.named(file))
            .collect();
        for file in &files {
            let path = self.found(file)?;
            self.plain_file(&path)?;
            if let Some(name) = self.named(&path).iter().find(|name| before.contains(name)) {
                return Err(format!("`{name}` is installed twice, one after the other"));
            }
            self.files.push(path);
        }
        Ok(self.installs_apart())
    }

    /// Installing by names. Each command finds what suits those that it names, and what is there by then.
    fn install_named(&mut self, names: Vec<String>, rest: &[String]) -> Result<Outcome, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.[],<>=!~".contains(c);
        let is_name = |name: &&String| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain)
        };
        let is_file = |name: &&String| {
            let mut endings = self.idioms.list("archives").into_iter();
            endings.any(|ending| name.ends_with(ending))
        };
        if let Some(name) = names.iter().find(|name| !is_name(name) || is_file(name)) {
            return Err(format!("`{name}` is no name of a package alone"));
        }
        let flags = self.idioms.list("upgrade-flags");
        let upgrades = |word: &String| flags.contains(&word.as_str());
        match self.named.as_slice() {
            [] => {}
            [_] if !rest.iter().any(upgrades) => self.early.append(&mut self.named),
            _ => return Err("packages are installed one after the other".to_owned()),
        }
        self.named = names;
        Ok(self.installs_apart())
    }

    /// What becomes of a command that installs.
    fn installs_apart(&self) -> Outcome {
        Outcome::Improved(format!(
            "the preset `{}`: in a stage of its own, before the sources, from a cache",
            self.preset.name
        ))
    }

    /// The file of the project that lies at a path of the image by now.
    pub(super) fn found(&self, file: &str) -> Result<String, String> {
        let workdir = self.here();
        let wanted = absolute(workdir, file);
        // What is copied last lies on top.
        for (_, paths, to) in self.copied.iter().rev() {
            let into = to.ends_with('/') || to == "." || paths.len() > 1;
            for path in paths.iter().rev() {
                let folder = absolute(workdir, to);
                let is_folder = path.trim_end_matches('/') == "."
                    || (self.context.is_folder)(path) == Some(true);
                if is_folder {
                    let below = wanted
                        .strip_prefix(&folder)
                        .map(|rest| rest.trim_start_matches('/'));
                    if let Some(below) = below {
                        let path = relative(&format!("{path}/{below}"));
                        if (self.context.is_folder)(&path).is_some() || self.copied.len() == 1 {
                            return Ok(path);
                        }
                    }
                } else {
                    let name = path.rsplit('/').next().unwrap_or_default();
                    let name = name.trim_end_matches('*');
                    let landed = if into {
                        absolute(&folder, name)
                    } else {
                        folder
                    };
                    if landed == wanted {
                        return Ok(relative(path.trim_end_matches('*')));
                    }
                }
            }
        }
        Err(format!(
            "it is not known which file of the project `{file}` is"
        ))
    }

    /// The names of the packages in a file, as they are written.
    fn named(&self, file: &str) -> Vec<String> {
        let text = (self.context.read)(file).unwrap_or_default();
        let lines = text.lines().map(str::trim);
        let is_end = |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c));
        let names = lines.map(|line| line.split(is_end).next().unwrap_or_default());
        names
            .filter(|name| !name.is_empty() && !name.starts_with('-'))
            .map(|name| name.to_ascii_lowercase().replace(['_', '.'], "-"))
            .collect()
    }

    /// Only a file that names packages and nothing of the project can be installed before the sources are there. Files
    /// that it reads are to be there, too.
    fn plain_file(&mut self, path: &str) -> Result<(), String> {
        let Some(text) = (self.context.read)(path) else {
            return Err(format!(
                "`{path}` cannot be read, so nobody knows what it needs"
            ));
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let begins = self.idioms.list("reads");
        let plain = self.idioms.list("reads-nothing");
        let reading = self.idioms.list("includes");
        for line in text.lines().map(str::trim) {
            let included = reading.iter().find_map(|flag| {
                let rest = line.strip_prefix(flag)?.strip_prefix([' ', '='])?;
                within(folder, rest.split(" #").next().unwrap_or_default().trim())
            });
            if let Some(file) = included {
                if !self.included.contains(&file) && !self.files.contains(&file) {
                    self.included.push(file.clone());
                    self.plain_file(&file)?;
                }
                continue;
            }
            if plain.iter().any(|sign| line.starts_with(sign)) {
                continue;
            }
            if let Some(sign) = begins.iter().find(|sign| line.starts_with(**sign)) {
                return Err(format!(
                    "`{path}` has a line that begins with `{sign}` and may read other files"
                ));
            }
            let word = line.split([' ', ';', '#']).next().unwrap_or_default();
            let is_path = word.contains('/') && !word.contains("://") && !line.contains('@');
            if line.contains("file:") || is_path {
                return Err(format!("`{path}` names files of the project"));
            }
        }
        Ok(())
    }
}

/// A flag without its value.
fn name_of_flag(word: &str) -> &str {
    word.split('=').next().unwrap_or_default()
}

/// Whether a list of a table has a text.
fn says(table: &Node, key: &str, text: &str) -> bool {
    table
        .get(key)
        .into_iter()
        .flat_map(Node::items)
        .any(|item| item.text() == Some(text))
}
