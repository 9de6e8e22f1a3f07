//! `RUN --mount`, taken apart into its options.

use super::{
    invalid::Invalid,
    words::{FlagText, FlagWord},
};

/// What a mount puts in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// Files of the context or of another stage; also where no type is given.
    Bind,
    /// A directory that is kept between builds.
    Cache,
    /// A directory in memory.
    Tmpfs,
    /// A secret of the one who builds, as a file or a variable.
    Secret,
    /// The agent socket of the one who builds.
    Ssh,
}

impl MountKind {
    /// Every type, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Bind,
        Self::Cache,
        Self::Tmpfs,
        Self::Secret,
        Self::Ssh,
    ];

    /// The word for it behind `type=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
        }
    }
}

/// How builds that run at the same time use one cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// All at once.
    Shared,
    /// Each its own.
    Private,
    /// One after the other.
    Locked,
}

impl Sharing {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Shared, Self::Private, Self::Locked];

    /// The word for it behind `sharing=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Private => "private",
            Self::Locked => "locked",
        }
    }
}

/// A value that is fixed, or that a variable decides when the image is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice<T> {
    /// Known.
    Fixed(T),
    /// A word with a variable in it.
    Variable(FlagWord),
}

impl<T> Choice<T> {
    /// The value, if it is known.
    pub fn fixed(&self) -> Option<&T> {
        match self {
            Self::Fixed(value) => Some(value),
            Self::Variable(_) => None,
        }
    }
}

/// Whether a step may write to a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// `readonly`.
    ReadOnly,
    /// `rw`.
    ReadWrite,
    /// `readonly=$NAME`.
    ReadOnlyIf(FlagWord),
    /// `rw=$NAME`.
    ReadWriteIf(FlagWord),
}

/// The variable that a secret arrives in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretEnv {
    /// `env=` with nothing behind it: the secret's own name.
    Default,
    /// `env=NAME`.
    Name(FlagWord),
}

/// One `--mount`. The options are those of the Dockerfile reference; which of them a type has is
/// checked where they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    pub(super) kind: Choice<MountKind>,
    pub(super) id: Option<FlagWord>,
    pub(super) from: Option<FlagText>,
    pub(super) source: Option<FlagWord>,
    pub(super) target: Option<FlagWord>,
    pub(super) sharing: Option<Choice<Sharing>>,
    pub(super) access: Option<Access>,
    pub(super) required: Option<Choice<bool>>,
    pub(super) size: Option<FlagWord>,
    pub(super) mode: Option<Choice<u32>>,
    pub(super) uid: Option<Choice<u32>>,
    pub(super) gid: Option<Choice<u32>>,
    pub(super) env: Option<SecretEnv>,
}

impl Mount {
    /// Whether it is a directory that is kept between builds.
    pub fn is_cache(&self) -> bool {
        self.kind().fixed() == Some(&MountKind::Cache)
    }

    /// Files of the context, or with [`Self::with_from`] of a stage, at a path.
    pub fn bind(target: FlagWord) -> Self {
        Self::of(MountKind::Bind).at(target)
    }

    /// A directory that is kept between builds, at a path.
    pub fn cache(target: FlagWord) -> Self {
        Self::of(MountKind::Cache).at(target)
    }

    /// A directory in memory, at a path.
    pub fn tmpfs(target: FlagWord) -> Self {
        Self::of(MountKind::Tmpfs).at(target)
    }

    /// A secret by its id, under `/run/secrets` unless a target or a variable is given.
    pub fn secret(id: FlagWord) -> Self {
        Self {
            id: Some(id),
            ..Self::of(MountKind::Secret)
        }
    }

    /// The agent socket of the one who builds.
    pub fn ssh() -> Self {
        Self::of(MountKind::Ssh)
    }

    pub(super) fn of(kind: MountKind) -> Self {
        Self {
            kind: Choice::Fixed(kind),
            id: None,
            from: None,
            source: None,
            target: None,
            sharing: None,
            access: None,
            required: None,
            size: None,
            mode: None,
            uid: None,
            gid: None,
            env: None,
        }
    }

    fn at(mut self, target: FlagWord) -> Self {
        self.target = Some(target);
        self
    }

    fn only(self, option: &'static str, kinds: &[MountKind]) -> Result<Self, Invalid> {
        match self.kind {
            Choice::Fixed(kind) if !kinds.contains(&kind) => Err(Invalid::MountOption {
                kind: kind.word(),
                option,
            }),
            _ => Ok(self),
        }
    }

    /// The name of a cache, of a secret or of an agent socket.
    #[must_use]
    pub fn with_id(mut self, id: FlagWord) -> Self {
        self.id = Some(id);
        self
    }

    /// Where the mount shows in the container.
    #[must_use]
    pub fn with_target(self, target: FlagWord) -> Self {
        self.at(target)
    }

    /// The stage, image or named context that the files are of.
    pub fn with_from(self, from: FlagText) -> Result<Self, Invalid> {
        if from
            .as_str()
            .find('$')
            .is_some_and(|at| at + 1 < from.as_str().len())
        {
            return Err(Invalid::Character {
                of: "the source of a mount",
                text: from.as_str().to_owned(),
                character: '$',
            });
        }
        let mut mount = self.only("from", &[MountKind::Bind, MountKind::Cache])?;
        mount.from = Some(from);
        Ok(mount)
    }

    /// The path in the context or the stage.
    pub fn with_source(self, source: FlagWord) -> Result<Self, Invalid> {
        let mut mount = self.only("source", &[MountKind::Bind, MountKind::Cache])?;
        mount.source = Some(source);
        Ok(mount)
    }

    /// How builds that run at the same time use the cache.
    pub fn with_sharing(self, sharing: Sharing) -> Result<Self, Invalid> {
        let mut mount = self.only("sharing", &[MountKind::Cache])?;
        mount.sharing = Some(Choice::Fixed(sharing));
        Ok(mount)
    }

    /// Whether the step may write to it.
    pub fn with_access(self, access: Access) -> Result<Self, Invalid> {
        let mut mount = self.only("rw", &[MountKind::Bind, MountKind::Cache, MountKind::Tmpfs])?;
        mount.access = Some(access);
        Ok(mount)
    }

    /// Whether the build fails where the secret or the socket is missing.
    pub fn with_required(self, required: bool) -> Result<Self, Invalid> {
        let mut mount = self.only("required", &[MountKind::Secret, MountKind::Ssh])?;
        mount.required = Some(Choice::Fixed(required));
        Ok(mount)
    }

    /// The size of a directory in memory, in bytes or with a unit (`64m`, `1GiB`).
    pub fn with_size(self, size: FlagWord) -> Result<Self, Invalid> {
        if size.word().text().is_some_and(|text| !is_size(&text)) {
            return Err(Invalid::Value {
                of: "size",
                value: size.as_str().to_owned(),
            });
        }
        let mut mount = self.only("size", &[MountKind::Tmpfs])?;
        mount.size = Some(size);
        Ok(mount)
    }

    /// The permission bits of what is mounted.
    pub fn with_mode(self, mode: u32) -> Result<Self, Invalid> {
        let mut mount = self.only("mode", OWNED)?;
        mount.mode = Some(Choice::Fixed(mode));
        Ok(mount)
    }

    /// The owner of what is mounted.
    pub fn with_uid(self, uid: u32) -> Result<Self, Invalid> {
        let mut mount = self.only("uid", OWNED)?;
        mount.uid = Some(Choice::Fixed(uid));
        Ok(mount)
    }

    /// The group of what is mounted.
    pub fn with_gid(self, gid: u32) -> Result<Self, Invalid> {
        let mut mount = self.only("gid", OWNED)?;
        mount.gid = Some(Choice::Fixed(gid));
        Ok(mount)
    }

    /// The variable that the secret arrives in.
    pub fn with_env(self, env: SecretEnv) -> Result<Self, Invalid> {
        let mut mount = self.only("env", &[MountKind::Secret])?;
        mount.env = Some(env);
        Ok(mount)
    }

    /// What it puts in place.
    pub fn kind(&self) -> &Choice<MountKind> {
        &self.kind
    }

    /// The name of the cache, secret or socket.
    pub fn id(&self) -> Option<&FlagWord> {
        self.id.as_ref()
    }

    /// The stage, image or named context.
    pub fn from(&self) -> Option<&FlagText> {
        self.from.as_ref()
    }

    /// The path in the context or the stage.
    pub fn source(&self) -> Option<&FlagWord> {
        self.source.as_ref()
    }

    /// Where it shows in the container.
    pub fn target(&self) -> Option<&FlagWord> {
        self.target.as_ref()
    }

    /// How a cache is shared.
    pub fn sharing(&self) -> Option<&Choice<Sharing>> {
        self.sharing.as_ref()
    }

    /// Whether it may be written to, if that is said.
    pub fn access(&self) -> Option<&Access> {
        self.access.as_ref()
    }

    /// Whether it must be there, if that is said.
    pub fn required(&self) -> Option<&Choice<bool>> {
        self.required.as_ref()
    }

    /// The size of a directory in memory.
    pub fn size(&self) -> Option<&FlagWord> {
        self.size.as_ref()
    }

    /// The permission bits.
    pub fn mode(&self) -> Option<&Choice<u32>> {
        self.mode.as_ref()
    }

    /// The owner.
    pub fn uid(&self) -> Option<&Choice<u32>> {
        self.uid.as_ref()
    }

    /// The group.
    pub fn gid(&self) -> Option<&Choice<u32>> {
        self.gid.as_ref()
    }

    /// The variable that a secret arrives in.
    pub fn env(&self) -> Option<&SecretEnv> {
        self.env.as_ref()
    }
}

/// The types whose files have an owner and a mode that can be chosen.
const OWNED: &[MountKind] = &[MountKind::Cache, MountKind::Secret, MountKind::Ssh];

/// Whether a text is a number of bytes as Docker writes it: `65536`, `64m`, `1.5 GiB`.
pub(super) fn is_size(text: &str) -> bool {
    let Some(last) =
        text.rfind(|character: char| character.is_ascii_digit() || ".\u{20}".contains(character))
    else {
        return false;
    };
    let suffix = &text[last + 1..];
    let number = if text[last..].starts_with(' ') {
        &text[..last]
    } else {
        &text[..=last]
    };
    let is_number = number
        .strip_prefix('+')
        .unwrap_or(number)
        .parse::<f64>()
        .is_ok_and(|size| size >= 0.0);
    let suffix = suffix.to_ascii_lowercase();
    let is_unit = match suffix.as_bytes() {
        [] | [b'b'] => true,
        [unit, rest @ ..] => b"kmgtp".contains(unit) && matches!(rest, b"" | b"b" | b"ib"),
    };
    is_number && is_unit
}
