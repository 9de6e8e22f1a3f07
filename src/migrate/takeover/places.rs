//! Where an old file installs packages: into the system, below a folder, into an environment of its own. The preset has
//! one place for all of them, so what leads to the old place is not said again.

use indexmap::IndexMap;

use crate::dockerfile::paths::absolute;
use crate::dockerfile::{Env, Instruction, Statement};
use crate::migrate::old::Placed;
use crate::migrate::shell::behind;

use super::{Idioms, Writer};

/// Where packages are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where the image has its own.
    System,
    /// Where a user has some of theirs.
    Home,
    /// Below a folder, as they would lie in the system.
    Prefix(String),
    /// In an environment, which is a folder.
    Environment(String),
    /// Nowhere yet: built, and put into a folder.
    Wheels(String),
}

/// What a command does for an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prepared {
    /// It makes one.
    Made,
    /// It makes one active for the rest of its line.
    Active,
}

/// What is known of it while instructions are read one after the other.
#[derive(Default)]
pub(super) struct Places {
    /// The variables that have a plain value.
    literals: IndexMap<String, String>,
    /// The folder of the environment that the instructions make.
    environment: Option<String>,
    /// Whether the environment's programs come first.
    is_active: bool,
    /// Where packages went.
    pub(super) place: Option<Place>,
    /// The stage that has built wheels, and the folder that they were copied to.
    pub(super) wheels: Option<(usize, String)>,
}

impl Places {
    /// The folder of the environment that is made here.
    pub(super) fn environment(&self) -> Option<&String> {
        self.environment.as_ref()
    }

    /// What the instructions of a stage tell before they are read one by one.
    pub(super) fn of(body: &[Placed<'_>], idioms: &Idioms<'_>) -> Self {
        let mut scout = Self::default();
        let mut workdir = "/".to_owned();
        for placed in body {
            scout.learn(placed.statement);
            match &placed.statement.instruction {
                Instruction::Workdir(word) => {
                    if let Some(path) = word.text() {
                        workdir = absolute(&workdir, &path);
                    }
                }
                Instruction::Run(run) => {
                    for command in run.line().unwrap_or_default().split("&&") {
                        let words = scout.words(command);
                        let words: Vec<&str> = words.iter().map(String::as_str).collect();
                        let made = made(&words, idioms).map(|path| absolute(&workdir, &path));
                        scout.environment = scout.environment.or(made);
                    }
                }
                _ => {}
            }
        }
        Self {
            environment: scout.environment,
            ..Self::default()
        }
    }

    /// Takes notice of the variables that an instruction sets.
    pub(super) fn learn(&mut self, statement: &Statement) {
        let Instruction::Env(env) = &statement.instruction else {
            return;
        };
        // An instruction does not see what it defines itself.
        let mut fresh = Vec::new();
        for (name, word) in env.as_slice() {
            fresh.push((name.as_str().to_owned(), self.plain(word.as_str())));
        }
        for (name, value) in fresh {
            let mut programs = self.environment.iter().map(|path| format!("{path}/bin:"));
            self.is_active |= name == "PATH" && programs.any(|first| value.starts_with(&first));
            self.literals.insert(name, value);
        }
    }

    /// A text without quotes, with the values of the variables that are known.
    fn plain(&self, text: &str) -> String {
        let mut plain = text.replace('"', "");
        for (name, value) in self.literals.iter().filter(|(name, _)| *name != "PATH") {
            plain = plain.replace(&format!("${{{name}}}"), value);
            let bare = format!("${name}");
            // A longer name begins in the same way.
            let is_whole =
                |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            if plain.split(&bare).skip(1).all(is_whole) {
                plain = plain.replace(&bare, value);
            }
        }
        plain.replace("${PATH}", "$PATH")
    }

    /// The words of a command, with what is known of its variables.
    pub(super) fn words(&self, command: &str) -> Vec<String> {
        let words = command.split_whitespace();
        words.map(|word| self.word(word)).collect()
    }

    fn word(&self, word: &str) -> String {
        let has_variable = word.contains('$') && !word.contains('\'');
        let plain = self.plain(word);
        if has_variable && !plain.contains(['$', '\\', ' ']) {
            plain
        } else {
            word.to_owned()
        }
    }

    /// The words of a command with its program by its name alone, and where that installs. `is_active` tells whether the
    /// line has made the environment active.
    pub(super) fn called<'w>(&self, words: &[&'w str], is_active: bool) -> (Vec<&'w str>, Place) {
        let mut words = words.to_vec();
        let mut is_active = is_active || self.is_active;
        if let (Some(environment), Some(first)) = (&self.environment, words.first_mut())
            && let Some(program) = first.strip_prefix(&format!("{environment}/bin/"))
        {
            *first = program;
            is_active = true;
        }
        match &self.environment {
            Some(path) if is_active => (words, Place::Environment(path.clone())),
            _ => (words, Place::System),
        }
    }
}

/// The folder of the environment that a command makes.
fn made(words: &[&str], idioms: &Idioms<'_>) -> Option<String> {
    let begins = idioms.list("environments");
    let rest = begins.iter().find_map(|begin| behind(words, begin))?;
    match rest.as_slice() {
        [path] if !path.starts_with('-') && !path.contains('$') => Some(path.clone()),
        _ => None,
    }
}

impl Writer<'_> {
    /// Whether a command makes the environment that packages are installed into, or makes it active for the rest of its
    /// line; `None` if it does neither.
    pub(super) fn prepares(&self, words: &[&str]) -> Option<Prepared> {
        let environment = self.places.environment.as_ref()?;
        if let ["." | "source", script] = words
            && *script == format!("{environment}/bin/activate")
        {
            return Some(Prepared::Active);
        }
        let workdir = self.here();
        let path = made(words, &self.idioms)?;
        (absolute(workdir, &path) == *environment).then_some(Prepared::Made)
    }

    /// The environment that the file installs into, in this stage or in one that it copies it from.
    fn environment(&self) -> Option<&String> {
        let copied = self.parts.builders.iter().find_map(|builder| {
            match builder.read.places.place.as_ref()? {
                Place::Environment(path) => Some(path),
                _ => None,
            }
        });
        self.places.environment.as_ref().or(copied)
    }

    /// Takes notice of where a command has installed packages.
    ///
    /// # Errors
    /// Not all packages go to one place, or to one that only another stage can take them from.
    pub(super) fn installed(&mut self, place: Place) -> Result<(), String> {
        if !self.is_builder && matches!(place, Place::Prefix(_) | Place::Wheels(_)) {
            return Err("packages are put where nothing looks for them".to_owned());
        }
        match &self.places.place {
            Some(other) if *other != place => {
                Err("packages are installed in several places".to_owned())
            }
            _ => {
                self.places.place = Some(place);
                Ok(())
            }
        }
    }

    /// The variables that only lead to where the packages were.
    pub(super) fn led_to_packages(&self, env: &Env) -> Vec<String> {
        let own = self.idioms.text("installed-at");
        let environment = self.environment();
        let is_home = |place: &Option<Place>| *place == Some(Place::Home);
        let mut builders = self.parts.builders.iter();
        let has_home = builders.any(|builder| is_home(&builder.read.places.place))
            || is_home(&self.places.place);
        let leads = |name: &str, value: String| match name {
            "VIRTUAL_ENV" => environment.is_some_and(|path| value == *path && value != own),
            "PATH" => {
                let first = value.strip_suffix(":$PATH").unwrap_or_default();
                let programs = first.strip_suffix("/bin").unwrap_or_default();
                environment.is_some_and(|path| programs == path)
                    || (has_home && programs.ends_with("/.local"))
            }
            _ => false,
        };
        let pairs = env.as_slice().iter();
        let led =
            pairs.filter(|(name, word)| leads(name.as_str(), self.places.plain(word.as_str())));
        led.map(|(name, _)| name.as_str().to_owned()).collect()
    }

    /// How the paths begin below which packages were, and are not any more.
    pub(super) fn moved(&self) -> Vec<String> {
        let own = self.idioms.text("installed-at");
        let mut moved: Vec<String> = self
            .idioms
            .list("moved")
            .into_iter()
            .map(ToOwned::to_owned)
            .collect();
        let environments = self
            .environment()
            .into_iter()
            .chain(self.lock.environment());
        let environments = environments.filter(|path| *path != own);
        moved.extend(environments.map(|path| format!("{path}/")));
        moved
    }

    /// Whether a word is a path to where packages were, and nothing was copied there.
    pub(super) fn is_moved(&self, word: &str) -> bool {
        let path = absolute(self.here(), word);
        let is_below = |moved: &String| {
            format!("{word}/").contains(moved.as_str()) || format!("{path}/").starts_with(moved)
        };
        self.moved().iter().any(is_below) && !self.is_copied_to(word)
    }

    /// Whether a command installs the wheels that another stage has built, all of them.
    pub(super) fn installs_wheels(&mut self, words: &[&str]) -> bool {
        let Some((builder, folder)) = self.places.wheels.clone() else {
            return false;
        };
        let installs = self.idioms.list("installs");
        let Some(rest) = installs.iter().find_map(|begin| behind(words, begin)) else {
            return false;
        };
        let known = [self.idioms.list("flags"), self.idioms.list("passed-flags")].concat();
        let finds = self.idioms.list("find-flags");
        let files = self.idioms.list("file-flags");
        let workdir = self.here();
        let is_folder = |path: &str| absolute(workdir, path) == folder;
        let mut words = rest.iter().map(String::as_str);
        let mut is_all = false;
        while let Some(word) = words.next() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let has_value = word.contains('=');
            let mut value = || {
                if has_value {
                    value
                } else {
                    words.next().unwrap_or_default()
                }
            };
            let is_known = if finds.contains(&name) {
                is_folder(value())
            } else if files.contains(&name) {
                let file = self.found(value());
                is_all = file.is_ok_and(|file| self.files.contains(&file));
                is_all
            } else if word.starts_with('-') {
                known.contains(&word) || word == "--no-index"
            } else {
                is_all = absolute(workdir, word) == format!("{folder}/*");
                is_all
            };
            if !is_known {
                return false;
            }
        }
        if is_all {
            self.brought.push(builder);
        }
        is_all
    }

    /// Whether a command removes the wheels that another stage has built.
    pub(super) fn removes_wheels(&self, words: &[&str]) -> bool {
        let workdir = self.here();
        let wheels = self.places.wheels.as_ref();
        matches!(words, ["rm", "-rf" | "-r" | "-fr", path]
            if wheels.is_some_and(|(_, folder)| absolute(workdir, path) == *folder))
    }
}
