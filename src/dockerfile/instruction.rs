//! The instructions, taken apart. They hold no places in a file, so that they compare by meaning,
//! and what could not be printed cannot be built.

use super::{
    command::{Arguments, CommandLine, Line, RunCommand},
    heredoc::Heredoc,
    invalid::Invalid,
    mount::Mount,
    values::is_port,
    words::{FlagText, FlagWord, Token, Word},
};

/// One instruction, as the Dockerfile reference lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `FROM`: begins a stage.
    From(From),
    /// `ARG`: declares what can be set when the image is built.
    Arg(Arg),
    /// `ENV`: sets variables of the image.
    Env(Env),
    /// `LABEL`: sets labels of the image.
    Label(Label),
    /// `RUN`: runs a command while the image is built.
    Run(Run),
    /// `COPY`: copies files into the image.
    Copy(Copy),
    /// `ADD`: copies files, archives and downloads into the image.
    Add(Add),
    /// `CMD`: what the container runs, or the arguments of its entrypoint.
    Cmd(CommandLine),
    /// `ENTRYPOINT`: what the container runs.
    Entrypoint(CommandLine),
    /// `HEALTHCHECK`: how the container tells that it is well.
    Healthcheck(Healthcheck),
    /// `WORKDIR`: the directory of what follows.
    Workdir(Word),
    /// `USER`: the user of what follows.
    User(Word),
    /// `EXPOSE`: the ports that the container serves.
    Expose(Expose),
    /// `VOLUME`: the paths whose files outlive the container.
    Volume(Volume),
    /// `SHELL`: what commands in shell form are handed to.
    Shell(Arguments),
    /// `STOPSIGNAL`: the signal that asks the container to stop.
    StopSignal(Word),
    /// `MAINTAINER`: who made the image; out of use.
    Maintainer(Maintainer),
    /// `ONBUILD`: an instruction for images that build on this one.
    Onbuild(Onbuild),
}

impl Instruction {
    /// The keyword in capitals.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::From(_) => "FROM",
            Self::Arg(_) => "ARG",
            Self::Env(_) => "ENV",
            Self::Label(_) => "LABEL",
            Self::Run(_) => "RUN",
            Self::Copy(_) => "COPY",
            Self::Add(_) => "ADD",
            Self::Cmd(_) => "CMD",
            Self::Entrypoint(_) => "ENTRYPOINT",
            Self::Healthcheck(_) => "HEALTHCHECK",
            Self::Workdir(_) => "WORKDIR",
            Self::User(_) => "USER",
            Self::Expose(_) => "EXPOSE",
            Self::Volume(_) => "VOLUME",
            Self::Shell(_) => "SHELL",
            Self::StopSignal(_) => "STOPSIGNAL",
            Self::Maintainer(_) => "MAINTAINER",
            Self::Onbuild(_) => "ONBUILD",
        }
    }
}

/// Every keyword, in capitals.
pub const KEYWORDS: [&str; 18] = [
    "FROM",
    "ARG",
    "ENV",
    "LABEL",
    "RUN",
    "COPY",
    "ADD",
    "CMD",
    "ENTRYPOINT",
    "HEALTHCHECK",
    "WORKDIR",
    "USER",
    "EXPOSE",
    "VOLUME",
    "SHELL",
    "STOPSIGNAL",
    "MAINTAINER",
    "ONBUILD",
];

/// `FROM [--platform=...] image [AS name]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The platform of the image.
    pub platform: Option<FlagWord>,
    /// An image, an earlier stage, or `scratch`.
    pub image: Token,
    /// The name of the stage that begins here.
    pub name: Option<StageName>,
}

/// The name of a stage: a small letter, then small letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageName(String);

impl StageName {
    /// A name in small letters.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        let is_rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_rest) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Invalid::Name {
                of: "the name of a stage",
                text: name.to_owned(),
            })
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a variable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvName(Word);

impl EnvName {
    /// A name of letters, digits and `_` that does not start with a digit.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        let is_rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || name.starts_with(|c: char| c.is_ascii_digit())
            || !name.chars().all(is_rest)
        {
            return Err(Invalid::Name {
                of: "the name of a variable",
                text: name.to_owned(),
            });
        }
        Word::literal(name).map(Self)
    }

    /// What a file has: anything without `=`, variables too.
    pub(super) fn read(word: Word) -> Self {
        Self(word)
    }

    /// The name, with the escapes and variables that a file may have put in it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The word in it.
    pub fn word(&self) -> &Word {
        &self.0
    }
}

/// The name of a label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelName(Word);

impl LabelName {
    /// A name that arrives exactly as given. It has no `=`.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        if name.is_empty() {
            return Err(Invalid::Empty("the name of a label"));
        }
        if name.contains('=') {
            return Err(Invalid::Character {
                of: "the name of a label",
                text: name.to_owned(),
                character: '=',
            });
        }
        Word::literal(name).map(Self)
    }

    /// What a file has: anything without `=`, variables too.
    pub(super) fn read(word: Word) -> Self {
        Self(word)
    }

    /// The name, with the escapes and variables that a file may have put in it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The word in it.
    pub fn word(&self) -> &Word {
        &self.0
    }
}

/// A type around a list that is never empty.
macro_rules! never_empty {
    ($(#[$comment:meta])* $name:ident, $item:ty, $what:literal) => {
        $(#[$comment])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Vec<$item>);

        impl $name {
            /// All of them, in their order; at least one.
            pub fn new(list: Vec<$item>) -> Result<Self, Invalid> {
                if list.is_empty() {
                    return Err(Invalid::Empty($what));
                }
                Ok(Self(list))
            }

            /// All of them, in their order.
            pub fn as_slice(&self) -> &[$item] {
                &self.0
            }
        }
    };
}

never_empty!(
    /// `ARG name[=value] ...`.
    Arg,
    (EnvName, Option<Word>),
    "`ARG`"
);
never_empty!(
    /// `ENV name=value ...`; the form without `=` is read as one pair.
    Env,
    (EnvName, Word),
    "`ENV`"
);
never_empty!(
    /// `LABEL name=value ...`; the form without `=` is read as one pair.
    Label,
    (LabelName, Word),
    "`LABEL`"
);
/// `EXPOSE port[/protocol] ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expose(Vec<Token>);

impl Expose {
    /// All of them, in their order; at least one. Where no variable has a part in it, each is a port
    /// or a range of ports, and may have a protocol.
    pub fn new(list: Vec<Token>) -> Result<Self, Invalid> {
        let is_wrong = |port: &&Token| port.word().text().is_some_and(|text| !is_port(&text));
        match list.iter().find(is_wrong) {
            _ if list.is_empty() => Err(Invalid::Empty("`EXPOSE`")),
            Some(port) => Err(Invalid::Value {
                of: "EXPOSE",
                value: port.as_str().to_owned(),
            }),
            None => Ok(Self(list)),
        }
    }

    /// All of them, in their order.
    pub fn as_slice(&self) -> &[Token] {
        &self.0
    }
}

/// `VOLUME path ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume(Vec<Word>);

impl Volume {
    /// All of them, in their order; at least one, and none is empty.
    pub fn new(list: Vec<Word>) -> Result<Self, Invalid> {
        if list.is_empty() || list.iter().any(|path| path.as_str().is_empty()) {
            return Err(Invalid::Empty("`VOLUME`"));
        }
        Ok(Self(list))
    }

    /// All of them, in their order.
    pub fn as_slice(&self) -> &[Word] {
        &self.0
    }
}

/// `RUN [flags] command`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What is mounted while the command runs.
    pub mounts: Vec<Mount>,
    /// The network that the command sees.
    pub network: Option<Network>,
    /// Whether the command runs with elevated rights.
    pub security: Option<Security>,
    /// The devices that the command sees.
    pub devices: Vec<Device>,
    /// The command.
    pub command: RunCommand,
}

impl Run {
    /// A command without flags.
    pub fn new(command: RunCommand) -> Self {
        Self {
            mounts: Vec::new(),
            network: None,
            security: None,
            devices: Vec::new(),
            command,
        }
    }
}

/// The network of a `RUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// The builder's own.
    Default,
    /// None.
    None,
    /// The host's.
    Host,
}

impl Network {
    /// Every network.
    pub const ALL: [Self; 3] = [Self::Default, Self::None, Self::Host];

    /// The word for it behind `--network=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::None => "none",
            Self::Host => "host",
        }
    }
}

/// The rights of a `RUN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// The builder's own.
    Sandbox,
    /// Elevated.
    Insecure,
}

impl Security {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Sandbox, Self::Insecure];

    /// The word for it behind `--security=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Insecure => "insecure",
        }
    }
}

/// A device of the Container Device Interface, `vendor.com/class=name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: FlagText,
    /// Whether the build fails without it.
    pub required: bool,
}

/// `COPY [flags] source ... destination`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The stage, image or named context that the files are of; without it the context.
    pub from: Option<FlagText>,
    /// The owner that the files get.
    pub chown: Option<FlagWord>,
    /// The permissions that the files get.
    pub chmod: Option<FlagWord>,
    /// Whether the files get a layer of their own, whatever lies below.
    pub link: bool,
    /// Whether the files keep the directories that they were in.
    pub parents: bool,
    /// Patterns of files that are left out.
    pub exclude: Vec<FlagText>,
    /// What goes where.
    pub files: Transfer,
}

impl Copy {
    /// A copy without flags.
    pub fn new(files: Transfer) -> Self {
        Self {
            from: None,
            chown: None,
            chmod: None,
            link: false,
            parents: false,
            exclude: Vec::new(),
            files,
        }
    }
}

/// `ADD [flags] source ... destination`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Add {
    /// The owner that the files get.
    pub chown: Option<FlagWord>,
    /// The permissions that the files get.
    pub chmod: Option<FlagWord>,
    /// Whether the files get a layer of their own, whatever lies below.
    pub link: bool,
    /// The digest that a download must have.
    pub checksum: Option<FlagWord>,
    /// Whether `.git` of a repository is kept.
    pub keep_git_dir: Option<bool>,
    /// Whether archives are unpacked.
    pub unpack: Option<bool>,
    /// Patterns of files that are left out.
    pub exclude: Vec<FlagText>,
    /// What goes where.
    pub files: Transfer,
}

impl Add {
    /// An addition without flags.
    pub fn new(files: Transfer) -> Self {
        Self {
            chown: None,
            chmod: None,
            link: false,
            checksum: None,
            keep_git_dir: None,
            unpack: None,
            exclude: Vec::new(),
            files,
        }
    }
}

/// What `COPY` and `ADD` take, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub(super) sources: Vec<TransferSource>,
    pub(super) destination: Word,
}

/// One source of `COPY` or `ADD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferSource {
    /// A path, a pattern, or for `ADD` an address.
    Path(Word),
    /// A file whose text stands in the Dockerfile.
    Inline(Heredoc),
}

impl Transfer {
    /// Sources, at least one, and a destination. Beside a text that stands in the Dockerfile no path
    /// may have blanks, since only a list in JSON keeps them together.
    pub fn new(sources: Vec<TransferSource>, destination: Word) -> Result<Self, Invalid> {
        if sources.is_empty() {
            return Err(Invalid::Empty("the list of sources"));
        }
        let mut names = Vec::new();
        let mut paths = vec![&destination];
        for source in &sources {
            match source {
                TransferSource::Path(path) => paths.push(path),
                TransferSource::Inline(heredoc) if names.contains(&heredoc.name()) => {
                    return Err(Invalid::Name {
                        of: "the word of two here-documents",
                        text: heredoc.name().to_owned(),
                    });
                }
                TransferSource::Inline(heredoc) => names.push(heredoc.name()),
            }
        }
        let in_json =
            |path: &&&Word| path.as_str().is_empty() || path.as_str().contains(char::is_whitespace);
        if !names.is_empty()
            && let Some(path) = paths.iter().find(in_json)
        {
            return Err(Invalid::Blank(path.as_str().to_owned()));
        }
        Ok(Self {
            sources,
            destination,
        })
    }

    /// Paths and a destination.
    pub fn paths(sources: Vec<Word>, destination: Word) -> Result<Self, Invalid> {
        Self::new(
            sources.into_iter().map(TransferSource::Path).collect(),
            destination,
        )
    }

    /// What is taken.
    pub fn sources(&self) -> &[TransferSource] {
        &self.sources
    }

    /// Where it goes.
    pub fn destination(&self) -> &Word {
        &self.destination
    }
}

/// `HEALTHCHECK NONE` or `HEALTHCHECK [flags] CMD command`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// No check, not even the base image's.
    None,
    /// A check.
    Command(Box<Check>),
}

/// The command of a health check and how often it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The time between two runs.
    pub interval: Option<Interval>,
    /// How long one run may take.
    pub timeout: Option<Interval>,
    /// How long the container may take to start.
    pub start_period: Option<Interval>,
    /// The time between two runs while it starts.
    pub start_interval: Option<Interval>,
    /// How many runs must fail.
    pub retries: Option<u32>,
    pub(super) command: CommandLine,
}

impl Check {
    /// A check that runs a command, which is not empty, with Docker's own times.
    pub fn new(command: CommandLine) -> Result<Self, Invalid> {
        let is_empty = match &command {
            CommandLine::Exec(list) => list.is_empty(),
            CommandLine::Shell(line) => line.as_str().is_empty(),
        };
        if is_empty {
            return Err(Invalid::Empty("the command of a health check"));
        }
        Ok(Self {
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: None,
            retries: None,
            command,
        })
    }

    /// The command.
    pub fn command(&self) -> &CommandLine {
        &self.command
    }
}

/// A length of time as Go writes it: `30s`, `1m30s`, `1.5h`; 0, or a millisecond and more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval(String);

impl Interval {
    /// A length of time from its text.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        match nanoseconds(text) {
            Some(0 | 1_000_000..) => Ok(Self(text.to_owned())),
            _ => Err(Invalid::Value {
                of: "a length of time",
                value: text.to_owned(),
            }),
        }
    }

    /// The text, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How long it is.
    pub fn duration(&self) -> std::time::Duration {
        let nanoseconds = nanoseconds(&self.0).unwrap_or_default();
        std::time::Duration::from_nanos(nanoseconds.unsigned_abs())
    }
}

/// Reads a length of time as Go's library does: numbers with units, one after the other.
fn nanoseconds(text: &str) -> Option<i64> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if text == "0" {
        return Some(0);
    }
    if text.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: u64 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: u64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        let mut place = unit;
        for digit in fraction.bytes() {
            place /= 10;
            total = total.checked_add(u64::from(digit - b'0') * place)?;
        }
        rest = after;
    }
    let total = i64::try_from(total).ok()?;
    Some(if negative { -total } else { total })
}

/// `MAINTAINER text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintainer(Line);

impl Maintainer {
    /// Who made the image.
    pub fn new(text: Line) -> Result<Self, Invalid> {
        if text.as_str().is_empty() {
            return Err(Invalid::Empty("`MAINTAINER`"));
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// `ONBUILD instruction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onbuild(Box<Instruction>);

impl Onbuild {
    /// An instruction for images that build on this one; not `FROM`, `MAINTAINER` or `ONBUILD`.
    pub fn new(instruction: Instruction) -> Result<Self, Invalid> {
        match instruction {
            Instruction::From(_) | Instruction::Maintainer(_) | Instruction::Onbuild(_) => {
                Err(Invalid::Trigger(instruction.keyword()))
            }
            _ => Ok(Self(Box::new(instruction))),
        }
    }

    /// The instruction.
    pub fn instruction(&self) -> &Instruction {
        &self.0
    }
}
