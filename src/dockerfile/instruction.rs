//! The instructions, taken apart. They hold no places in a file, so that they compare by meaning,
//! and what could not be printed cannot be built.

use super::{
    command::{Arguments, CommandLine, Line, RunCommand},
    files::Transfer,
    healthcheck::Healthcheck,
    invalid::Invalid,
    mount::Mount,
    pairs::{Arg, Env, Label},
    reference::ImageRef,
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
    /// The variables that it gives a value or a name: those of an `ENV` or an `ARG`.
    pub fn defines(&self) -> Vec<&str> {
        match self {
            Self::Env(env) => env
                .as_slice()
                .iter()
                .map(|(name, _)| name.as_str())
                .collect(),
            Self::Arg(arg) => arg
                .as_slice()
                .iter()
                .map(|(name, _)| name.as_str())
                .collect(),
            _ => Vec::new(),
        }
    }

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

/// The name of a stage: a small letter, then small letters, digits, `-`, `_` and `.`, as an image may be named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageName(String);

impl StageName {
    /// A name in small letters.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        let is_rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        let is_spelled =
            name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_rest);
        // A builder asks for each stage whether an image was given in its place.
        if is_spelled && ImageRef::parse(name).is_ok() {
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

    /// The line that a shell is given, if no here-documents belong to it.
    pub fn line(&self) -> Option<&str> {
        match &self.command {
            RunCommand::Script(script) if script.heredocs().is_empty() => Some(script.line()),
            _ => None,
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
