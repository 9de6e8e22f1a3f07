//! Keys of a spec for the stage that runs: which instructions they can say.

use crate::dockerfile::{Copy, FlagWord, Healthcheck, Instruction, Word};
use crate::migrate::old::OldStage;
use crate::spec;

use super::spell;
use super::typed::{self, Fields};

/// Which keys of the spec say what the stage that runs has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::migrate) struct Keys {
    on: u16,
}

/// A key that can say instructions of the stage that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::migrate) enum Key {
    Workdir,
    Env,
    /// Only the variables before the first command.
    FirstEnv,
    Source,
    Labels,
    Ports,
    Healthcheck,
    StopSignal,
    User,
    Entrypoint,
    Command,
    /// One instruction for each file that is copied, in steps of every stage.
    Split,
    /// Steps of every stage whose command is said by its family.
    Commands,
}

impl Key {
    /// Every key, in the order in which they are tried.
    pub(in crate::migrate) const ALL: [Self; 13] = [
        Self::Split,
        Self::Commands,
        Self::Env,
        Self::FirstEnv,
        Self::Workdir,
        Self::Command,
        Self::Entrypoint,
        Self::Ports,
        Self::Labels,
        Self::Healthcheck,
        Self::StopSignal,
        Self::User,
        Self::Source,
    ];

    pub(in crate::migrate) fn word(self) -> &'static str {
        match self {
            Self::Workdir => "workdir",
            Self::Env | Self::FirstEnv => "env",
            Self::Source | Self::Split => "source",
            Self::Labels => "labels",
            Self::Ports => "ports",
            Self::Healthcheck => "healthcheck",
            Self::StopSignal => "stop-signal",
            Self::User => "user",
            Self::Entrypoint => "entrypoint",
            Self::Command => "command",
            Self::Commands => "steps",
        }
    }
}

impl Keys {
    /// None of them: every instruction is a step.
    pub(in crate::migrate) const NONE: Self = Self { on: 0 };

    /// One instruction for each file that is copied, and nothing else.
    pub(in crate::migrate) const SPLIT: Self = Self {
        on: 1 << Key::Split as u16,
    };

    /// All of them.
    pub(in crate::migrate) fn all() -> Self {
        let all = Key::ALL.into_iter().filter(|key| *key != Key::FirstEnv);
        all.fold(Self::NONE, Self::with)
    }

    pub(in crate::migrate) fn with(self, key: Key) -> Self {
        Self {
            on: self.on | 1 << key as u16,
        }
    }

    pub(in crate::migrate) fn without(self, key: Key) -> Self {
        Self {
            on: self.on & !(1 << key as u16),
        }
    }

    pub(in crate::migrate) fn has(self, key: Key) -> bool {
        self.on & (1 << key as u16) != 0
    }
}

/// For each instruction of the stage that runs, the key that says it. `has_usual_shell` tells that a line of it is for
/// the usual shell.
pub(in crate::migrate) fn assign(
    stage: &OldStage<'_>,
    keys: Keys,
    has_usual_shell: bool,
) -> Vec<Option<Key>> {
    let body: Vec<&Instruction> = stage
        .body
        .iter()
        .map(|(_, statement)| &statement.instruction)
        .collect();
    let mut said = vec![None; body.len()];
    let mut single =
        |key: Key, fits: &dyn Fn(&Instruction) -> bool, sayable: &dyn Fn(&Instruction) -> bool| {
            let mut found = (0..body.len()).filter(|at| fits(body[*at]));
            if let (true, Some(at), None) = (keys.has(key), found.next(), found.next())
                && sayable(body[at])
            {
                said[at] = Some(key);
            }
        };
    single(
        Key::Workdir,
        &|found| matches!(found, Instruction::Workdir(_)),
        &|found| matches!(found, Instruction::Workdir(word) if typed::said(word).is_some_and(|path| path.starts_with(['/', '$']))),
    );
    single(
        Key::StopSignal,
        &|found| matches!(found, Instruction::StopSignal(_)),
        &|found| matches!(found, Instruction::StopSignal(word) if typed::said(word).is_some_and(|text| is_signal(&text))),
    );
    single(
        Key::Entrypoint,
        &|found| matches!(found, Instruction::Entrypoint(_)),
        &|found| matches!(found, Instruction::Entrypoint(line) if typed::exec(line, has_usual_shell).is_some()),
    );
    single(
        Key::Command,
        &|found| matches!(found, Instruction::Cmd(_)),
        &|found| matches!(found, Instruction::Cmd(line) if typed::exec(line, has_usual_shell).is_some()),
    );
    single(
        Key::Healthcheck,
        &|found| matches!(found, Instruction::Healthcheck(_)),
        &|found| matches!(found, Instruction::Healthcheck(Healthcheck::Command(check)) if typed::healthcheck(check).is_some()),
    );
    if keys.has(Key::User)
        && let Some(at) = body
            .iter()
            .rposition(|found| matches!(found, Instruction::User(_)))
        && let Instruction::User(word) = body[at]
        && user(word).is_some()
    {
        said[at] = Some(Key::User);
    }
    let mut several = |key: Key,
                       end: usize,
                       names: &dyn Fn(&Instruction) -> Option<Vec<String>>,
                       fits: &dyn Fn(&Instruction) -> bool| {
        let found: Vec<usize> = (0..end).filter(|at| fits(body[*at])).collect();
        let mut all = Vec::new();
        for at in &found {
            match names(body[*at]) {
                Some(names) => all.extend(names),
                None => return,
            }
        }
        let is_unique = (1..all.len()).all(|at| !all[..at].contains(&all[at]));
        if keys.has(key) && is_unique {
            for at in found {
                said[at] = Some(key);
            }
        }
    };
    let first = |pairs: Fields| pairs.into_iter().map(|(name, _)| name).collect();
    let env = |found: &Instruction| match found {
        Instruction::Env(env) => typed::variables(env).map(first),
        _ => None,
    };
    let is_env = |found: &Instruction| matches!(found, Instruction::Env(_));
    let works = |found: &&Instruction| {
        matches!(
            found,
            Instruction::Run(_) | Instruction::Copy(_) | Instruction::Add(_)
        )
    };
    let lead = body.iter().position(works).unwrap_or(body.len());
    if keys.has(Key::Env) {
        several(Key::Env, body.len(), &env, &is_env);
    } else {
        several(Key::FirstEnv, lead, &env, &is_env);
    }
    several(
        Key::Labels,
        body.len(),
        &|found| match found {
            Instruction::Label(label) => typed::labels(label).map(first),
            _ => None,
        },
        &|found| matches!(found, Instruction::Label(_)),
    );
    several(
        Key::Ports,
        body.len(),
        &|found| match found {
            Instruction::Expose(ports) => typed::ports(ports),
            _ => None,
        },
        &|found| matches!(found, Instruction::Expose(_)),
    );
    if keys.has(Key::Source) {
        trailing(&body, &mut said, keys);
    }
    said
}

/// The copies behind everything else that makes files, if they are alike.
fn trailing(body: &[&Instruction], said: &mut [Option<Key>], keys: Keys) {
    let mut first = body.len();
    let mut owner: Option<Option<&Word>> = None;
    for at in (0..body.len()).rev() {
        match body[at] {
            Instruction::Copy(copy) if sources(copy).is_some() => {
                let own = copy.chown.as_ref().map(FlagWord::word);
                if *owner.get_or_insert(own) != own {
                    break;
                }
                if copy.files.sources().len() > 1 && !keys.has(Key::Split) {
                    break;
                }
                first = at;
            }
            Instruction::Run(_)
            | Instruction::Copy(_)
            | Instruction::Add(_)
            | Instruction::Volume(_)
            | Instruction::Arg(_) => break,
            Instruction::Workdir(_) | Instruction::Env(_) if said[at].is_none() => break,
            _ => {}
        }
    }
    for at in first..body.len() {
        if matches!(body[at], Instruction::Copy(_)) {
            said[at] = Some(Key::Source);
        }
    }
}

fn is_signal(text: &str) -> bool {
    (spec::rules::SIGNAL.refuse)(text).is_none()
}

/// A user as the spec says it: by name, or by two numbers.
pub(in crate::migrate) fn user(word: &Word) -> Option<String> {
    let text = word.text()?;
    if let Some((uid, gid)) = text.split_once(':') {
        let number = |text: &str| text.parse::<i32>().ok().filter(|id| id.to_string() == text);
        let (uid, gid) = (number(uid)?, number(gid)?);
        return (uid > 0 && gid >= 0).then(|| format!("{{ uid = {uid}, gid = {gid} }}"));
    }
    (spec::rules::USER.refuse)(&text)
        .is_none()
        .then(|| spell::text(&text))
}

/// The items of `source` that say a copy of files of the project.
pub(in crate::migrate) fn sources(copy: &Copy) -> Option<Vec<String>> {
    let plain = copy.from.is_none() && !copy.link && !copy.parents && copy.exclude.is_empty();
    let mode = match &copy.chmod {
        Some(mode) => {
            let mode = mode.word().text()?;
            let is_mode = (spec::rules::MODE.refuse)(&mode).is_none();
            Some(is_mode.then_some(mode)?)
        }
        None => None,
    };
    let (paths, to) = typed::paths(copy).filter(|_| plain)?;
    let item = |path: &String| match &mode {
        None if *path == to => spell::text(path),
        mode => {
            let mut fields = vec![
                ("from".to_owned(), spell::text(path)),
                ("to".to_owned(), spell::text(&to)),
            ];
            fields.extend(
                mode.as_ref()
                    .map(|mode| ("mode".to_owned(), spell::text(mode))),
            );
            spell::table(&fields)
        }
    };
    Some(paths.iter().map(item).collect())
}
