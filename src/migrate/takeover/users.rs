//! The user that an old file makes by hand, where the spec's own user is the same: of the same name, numbers and shell.

use crate::data::Node;
use crate::dockerfile::paths::{absolute, lies_in};
use crate::dockerfile::{self, Instruction, Run, Word};
use crate::migrate::account::Outcome;
use crate::migrate::draft::spell;
use crate::migrate::notice::Notice;
use crate::migrate::old::Placed;
use crate::migrate::shell::{self, Joint};

use super::{Idioms, Words, Writer};

/// Why nothing is known of a user.
const NO_LINE: &str = "it is more than commands that follow each other";

/// A user that one instruction makes, and that another one makes the user of the image.
pub(super) struct Made {
    /// Which instruction makes it.
    pub(super) index: usize,
    pub(super) name: String,
    /// The user as the spec says it.
    pub(super) value: String,
    /// The user as the image has it then.
    pub(super) numbers: String,
    /// What else the instruction does, as a line.
    pub(super) rest: Option<String>,
    /// Whether the old file gives the user a home, as the spec does.
    pub(super) has_home: bool,
}

/// What the flags say of a command that makes a user or a group.
#[derive(Default)]
struct Flags {
    name: Option<String>,
    uid: Option<String>,
    gid: Option<String>,
    shell: Option<String>,
    home: Option<String>,
    has_home: bool,
    is_system: bool,
}

impl Made {
    /// The one user of a file, if everything about it is known; or why it stays as it was made. Nothing of a file that
    /// makes none. Other systems than Debian have other commands and other habits.
    pub(super) fn find(
        body: &[Placed<'_>],
        idioms: &Idioms<'_>,
        is_debian: bool,
    ) -> Option<Result<Self, Notice>> {
        let known = idioms.words("users")?;
        let mut users = body
            .iter()
            .filter_map(|placed| match &placed.statement.instruction {
                Instruction::User(word) => Some(word.text().unwrap_or_default()),
                _ => None,
            });
        let name = users.find(|name| name != "root")?;
        let makers = idioms.list("makes-users");
        let mut touches = [known.list("changes"), known.list("settings")].concat();
        touches.push(known.text("group"));
        let is_about_users = |text: &str| {
            let mut words = text.split_whitespace();
            words.any(|word| makers.contains(&word))
                || touches.iter().any(|touched| text.contains(touched))
        };
        let mut lines = body.iter().enumerate().filter(|(_, placed)| {
            let instruction = &placed.statement.instruction;
            let is_user = matches!(instruction, Instruction::User(_));
            !is_user && is_about_users(&dockerfile::print(instruction))
        });
        let (index, placed) = lines.next()?;
        let found = if users.any(|other| other != name) {
            Err("the file has another one, too".to_owned())
        } else if !is_name(&name) {
            Err(format!("`{name}` may be any user"))
        } else if lines.next().is_some() {
            Err("more than one line is about users".to_owned())
        } else if is_debian {
            Self::at(index, body, &name, idioms, known)
        } else {
            Err("only the commands of Debian are known".to_owned())
        };
        Some(found.map_err(|reason| Self::stays(placed, &reason)))
    }

    /// Why a user stays as it was made.
    pub(super) fn stays(placed: &Placed<'_>, reason: &str) -> Notice {
        Notice {
            line: placed.statement.place.first_line,
            text: format!("the user is made as it was: {reason}"),
        }
    }

    /// The user that an instruction makes.
    ///
    /// # Errors
    /// The spec would make another one, or nobody can tell.
    fn at(
        index: usize,
        body: &[Placed<'_>],
        name: &str,
        idioms: &Idioms<'_>,
        known: Words<'_>,
    ) -> Result<Self, String> {
        let line = match &body[index].statement.instruction {
            Instruction::Run(run) if *run == Run::new(run.command.clone()) => run.line(),
            _ => None,
        };
        let line = line.ok_or(NO_LINE)?;
        let made = Self::read(index, line, name, known)?;
        // What installs is a command of its own, with a cache of its own.
        let begins = idioms.systems().filter_map(|system| system.get("installs"));
        let begins = begins.flat_map(Node::items).filter_map(Node::text);
        let mut programs = begins.filter_map(|begin| begin.split(' ').next());
        let rest = made.rest.as_deref().unwrap_or_default();
        let is_named = |program: &str| rest.split_whitespace().any(|word| word == program);
        if programs.any(is_named) || idioms.list("apart").into_iter().any(is_named) {
            return Err("the same line installs something".to_owned());
        }
        // A home that is there already stays as it is, and nothing is put into it.
        if is_there(&body[..index], &home(&made.name)) {
            return Err(format!("`{}` is there before", home(&made.name)));
        }
        Ok(made)
    }

    fn read(index: usize, line: &str, name: &str, known: Words<'_>) -> Result<Self, String> {
        let changes = known.list("changes");
        let (mut user, mut group, mut rest) = (None, None, Vec::new());
        for command in shell::commands(line, 0).ok_or(NO_LINE)? {
            if !matches!(command.joint, None | Some(Joint::And)) {
                return Err(NO_LINE.to_owned());
            }
            let words: Vec<&str> = command
                .words
                .iter()
                .map(|word| word.text.as_str())
                .collect();
            let (&program, words) = words.split_first().ok_or(NO_LINE)?;
            let made = if program == known.text("user") {
                &mut user
            } else if program == known.text("group") {
                &mut group
            } else if changes.contains(&program) {
                return Err(format!(
                    "`{program}` takes from the system what its line does not say"
                ));
            } else {
                rest.push(line.get(command.range()).unwrap_or_default());
                continue;
            };
            let flags = Flags::read(words, known)?;
            if made.replace(flags).is_some() {
                return Err(format!("`{program}` is called twice"));
            }
        }
        let other = || format!("that line makes another one than `{name}`");
        let user: Flags = user.ok_or_else(other)?;
        let is_own = |group: &Flags| group.name.as_deref() == Some(name);
        if user.name.as_deref() != Some(name) {
            return Err(other());
        }
        if user.is_system || group.as_ref().is_some_and(|group| group.is_system) {
            return Err("the system chooses its numbers".to_owned());
        }
        // The first number that Debian gives to users, and no image of a preset has one.
        let first = || "1000".to_owned();
        let uid = user.uid.unwrap_or_else(first);
        let gid = match (&group, user.gid.as_deref()) {
            (Some(group), Some(of))
                if is_own(group) && (of == name || group.gid.as_deref() == Some(of)) =>
            {
                group.gid.clone().unwrap_or_else(first)
            }
            (None, None) => uid.clone(),
            _ => return Err("its group is not one of its own".to_owned()),
        };
        let is_usual = |id: &&String| {
            id.parse::<u32>()
                .is_ok_and(|number| (1000..60000).contains(&number) && number.to_string() == **id)
        };
        if let Some(id) = [&uid, &gid].into_iter().find(|id| !is_usual(id)) {
            return Err(format!("`{id}` is no number of people"));
        }
        if rest.iter().any(|part| part.contains('\n')) {
            return Err(NO_LINE.to_owned());
        }
        let mut fields = vec![
            ("name".to_owned(), spell::text(name)),
            ("uid".to_owned(), uid.clone()),
        ];
        if gid != uid {
            fields.push(("gid".to_owned(), gid.clone()));
        }
        // A folder of another kind may be there, or be meant for others too.
        if let Some(own) = user.home.filter(|own| *own != home(name)) {
            return Err(format!("its home is `{own}`"));
        }
        let usual = || known.text("shell").to_owned();
        let shell = user.shell.unwrap_or_else(usual);
        fields.push(("shell".to_owned(), spell::text(&shell)));
        Ok(Self {
            index,
            name: name.to_owned(),
            value: spell::table(&fields),
            numbers: format!("{uid}:{gid}"),
            rest: (!rest.is_empty()).then(|| rest.join(" && ")),
            has_home: user.has_home,
        })
    }
}

impl Flags {
    /// Reads the words behind one of the two commands.
    ///
    /// # Errors
    /// They say more than is known.
    fn read(words: &[&str], known: Words<'_>) -> Result<Self, String> {
        let mut flags = Self::default();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            let more = || format!("`{word}` says more of it than a spec can");
            if word.starts_with("--") {
                let (flag, value) = match word.split_once('=') {
                    Some((flag, value)) => (flag, Some(value)),
                    None => (word, None),
                };
                let said = flags.say(known, flag, || value.or_else(|| words.next()));
                said.ok_or_else(more)?;
            } else if let Some(short) = word.strip_prefix('-') {
                for (at, letter) in short.char_indices() {
                    let rest = &short[at + letter.len_utf8()..];
                    let has_value = flags.say(known, &format!("-{letter}"), || {
                        (!rest.is_empty()).then_some(rest).or_else(|| words.next())
                    });
                    if has_value.ok_or_else(more)? {
                        break;
                    }
                }
            } else if flags.name.replace(word.to_owned()).is_some() {
                return Err(more());
            }
        }
        let is_plain = |text: &&String| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || "/_-.".contains(c))
        };
        let said = [&flags.uid, &flags.gid, &flags.shell, &flags.home];
        if let Some(text) = said.into_iter().flatten().find(|text| !is_plain(text)) {
            return Err(format!("`{text}` depends on the build"));
        }
        Ok(flags)
    }

    /// Takes one flag, and tells whether it has a value; nothing of one that is not known.
    fn say<'w>(
        &mut self,
        known: Words<'_>,
        flag: &str,
        value: impl FnOnce() -> Option<&'w str>,
    ) -> Option<bool> {
        let is = |key: &str| known.list(key).contains(&flag);
        let valued = [
            ("uid-flags", &mut self.uid),
            ("gid-flags", &mut self.gid),
            ("shell-flags", &mut self.shell),
            ("folder-flags", &mut self.home),
        ];
        if let Some((_, said)) = valued.into_iter().find(|(key, _)| is(key)) {
            *said = Some(value()?.to_owned());
            return Some(true);
        }
        if is("home-flags") {
            self.has_home = true;
        } else if is("homeless-flags") {
            self.has_home = false;
        } else if is("system-flags") {
            self.is_system = true;
        } else if !is("usual-flags") {
            return None;
        }
        Some(false)
    }
}

impl Writer<'_> {
    /// Whether an instruction in front of the installing is a command that stays, or of which the rest stays.
    pub(super) fn stays_in_front(&self, index: usize) -> bool {
        let Instruction::Run(run) = &self.body[index].statement.instruction else {
            return false;
        };
        let made = self.made.as_ref().filter(|made| made.index == index);
        match made {
            Some(made) => made.rest.is_some(),
            None => run.line().is_none_or(|line| {
                let name = self.made.as_ref().map_or("", |made| made.name.as_str());
                line.contains(name)
            }),
        }
    }

    /// What becomes of an instruction that makes the user; nothing of another one.
    pub(super) fn makes_user_at(&self, index: usize) -> Option<Result<Outcome, String>> {
        let made = self.made.as_ref().filter(|made| made.index == index)?;
        Some(match (&made.rest, made.has_home) {
            (Some(_), _) => Err("it does more than to make a user".to_owned()),
            (None, true) => Ok(Outcome::Key("user".to_owned())),
            (None, false) => Ok(Outcome::Improved(format!(
                "user: the same, and `{}` is there",
                home(&made.name)
            ))),
        })
    }

    /// Whether a user is the one that the spec makes.
    pub(super) fn is_made(&self, word: &Word) -> bool {
        let name = self.made.as_ref().map(|made| made.name.as_str());
        name.is_some() && word.text().as_deref() == name
    }
}

/// Whether instructions make a folder, or something in it.
fn is_there(body: &[Placed<'_>], folder: &str) -> bool {
    let mut workdir = "/".to_owned();
    body.iter().any(|placed| {
        let to = match &placed.statement.instruction {
            Instruction::Workdir(word) => word.text(),
            Instruction::Copy(copy) => copy.files.destination().text(),
            Instruction::Add(add) => add.files.destination().text(),
            Instruction::Run(run) => {
                return run.line().is_some_and(|line| line.contains(folder));
            }
            _ => return false,
        };
        let Some(to) = to else { return true };
        let path = absolute(&workdir, &to);
        let is_in = lies_in(&path, folder);
        if matches!(placed.statement.instruction, Instruction::Workdir(_)) {
            workdir = path;
        }
        is_in
    })
}

/// The folder that the spec makes for a user of a name.
fn home(name: &str) -> String {
    format!("/home/{name}")
}

/// Whether a name is one that can be made: not a number, and nothing that depends on the build.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
}
