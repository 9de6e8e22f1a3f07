//! A parsed file as text that a person can check.

use std::{fmt::Write, ops::Range};

use dockwright::dockerfile::{
    Access, Choice, CommandLine, Comment, Document, FlagText, FlagWord, Healthcheck, Heredoc,
    Instruction, Interval, Item, Mount, Place, RunCommand, SecretEnv, Transfer, TransferSource,
    Word, print_with,
};

/// Everything in a file with its lines, and each instruction as it is printed.
pub(crate) fn tree(document: &Document) -> String {
    let mut tree = Tree {
        document,
        text: String::new(),
    };
    for item in document.items() {
        tree.item(item);
    }
    for range in document.not_utf8() {
        tree.line(&format!("not UTF-8: bytes {}..{}", range.start, range.end));
    }
    if !document.mistakes().is_empty() {
        tree.text.push('\n');
        tree.text.push_str(&errors(document));
    }
    tree.text
}

/// What is wrong in a file, with lines and columns in bytes.
pub(crate) fn errors(document: &Document) -> String {
    let mut text = String::new();
    for mistake in document.mistakes() {
        let before = document.bytes(0..mistake.range.start);
        let line = before.split(|byte| *byte == b'\n').count();
        let start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let column = mistake.range.start - start + 1;
        let passes = if mistake.refused {
            ""
        } else {
            " (a builder lets it pass)"
        };
        let _ = write!(text, "{line}:{column}: {mistake}{passes}");
        if let Some(word) = mistake.nearest() {
            let _ = write!(text, "; did you mean `{word}`?");
        }
        let place = document.bytes(mistake.range.clone());
        let _ = writeln!(text, "\n      at {}", shown(place));
    }
    text
}

/// Bytes on one line.
fn shown(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes).into_owned();
    if text.len() > 120 {
        let end = text.floor_char_boundary(60);
        return format!("{:?} and {} bytes more", &text[..end], text.len() - end);
    }
    format!("{text:?}")
}

struct Tree<'a> {
    document: &'a Document,
    text: String,
}

impl Tree<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn field(&mut self, name: &str, value: &str) {
        self.line(&format!("      {name}: {value}"));
    }

    fn lines_of(&self, range: &Range<usize>) -> String {
        let count = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count() - 1;
        let first = count(self.document.bytes(0..range.start)) + 1;
        let breaks = count(self.document.bytes(range.clone()));
        let last = match self.document.bytes(range.clone()).last() {
            Some(b'\n') => first + breaks - 1,
            _ => first + breaks,
        };
        lines(first, last)
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::ByteOrderMark(_) => self.line("mark"),
            Item::Blank(range) => self.line(&format!("{} blank", self.lines_of(range))),
            Item::Comment(Comment { text, range }) => {
                self.line(&format!("{} # {text}", self.lines_of(range)));
            }
            Item::Directive(directive) => {
                let lines = self.lines_of(&directive.range);
                let name = directive.name.word();
                self.line(&format!(
                    "{lines} directive {name}={}",
                    shown(directive.value.as_bytes())
                ));
            }
            Item::Statement(statement) => {
                self.place(&statement.place, statement.instruction.keyword());
                self.instruction(&statement.instruction);
                let printed = print_with(&statement.instruction, self.document.escape());
                for line in printed.split('\n') {
                    if line.len() > 200 {
                        self.line(&format!("      > {} bytes", line.len()));
                    } else {
                        self.line(&format!("      > {line}"));
                    }
                }
            }
            Item::Broken(broken) => {
                self.place(&broken.place, &format!("broken {}", broken.keyword));
            }
        }
    }

    fn place(&mut self, place: &Place, keyword: &str) {
        self.line(&format!(
            "{} {keyword}",
            lines(place.first_line, place.last_line)
        ));
        for comment in &place.comments_before {
            self.field("below", &shown(comment.text.as_bytes()));
        }
        for comment in &place.comments_inside {
            self.field("around", &shown(comment.text.as_bytes()));
        }
    }

    fn word(&mut self, name: &str, word: &Word) {
        let text = word.text().map_or_else(
            || format!("{} with {}", word.as_str(), word.variables().join(", ")),
            |text| shown(text.as_bytes()),
        );
        self.field(name, &text);
    }

    fn flag(&mut self, name: &str, word: Option<&FlagWord>) {
        if let Some(word) = word {
            self.word(name, word.word());
        }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        match instruction {
            Instruction::From(from) => {
                self.flag("platform", from.platform.as_ref());
                self.word("image", from.image.word());
                if let Some(name) = &from.name {
                    self.field("name", name.as_str());
                }
            }
            Instruction::Arg(arg) => {
                for (name, value) in arg.as_slice() {
                    match value {
                        Some(value) => self.word(name.as_str(), value),
                        None => self.field(name.as_str(), "no default"),
                    }
                }
            }
            Instruction::Env(env) => {
                for (name, value) in env.as_slice() {
                    self.word(name.as_str(), value);
                }
            }
            Instruction::Label(label) => {
                for (name, value) in label.as_slice() {
                    self.word(name.as_str(), value);
                }
            }
            Instruction::Run(run) => {
                for mount in &run.mounts {
                    self.mount(mount);
                }
                if let Some(network) = run.network {
                    self.field("network", network.word());
                }
                if let Some(security) = run.security {
                    self.field("security", security.word());
                }
                for device in &run.devices {
                    let required = if device.required { ", required" } else { "" };
                    self.field("device", &format!("{}{required}", device.name.as_str()));
                }
                match &run.command {
                    RunCommand::Exec(list) => self.field("exec", &format!("{list:?}")),
                    RunCommand::Script(script) => {
                        self.field("script", &shown(script.line().as_bytes()));
                        for heredoc in script.heredocs() {
                            self.heredoc(heredoc);
                        }
                    }
                }
            }
            Instruction::Copy(copy) => {
                if let Some(from) = &copy.from {
                    self.field("from", from.as_str());
                }
                self.flag("chown", copy.chown.as_ref());
                self.flag("chmod", copy.chmod.as_ref());
                for (name, on) in [("link", copy.link), ("parents", copy.parents)] {
                    if on {
                        self.field(name, "on");
                    }
                }
                for pattern in &copy.exclude {
                    self.field("exclude", &shown(pattern.as_str().as_bytes()));
                }
                self.transfer(&copy.files);
            }
            Instruction::Add(add) => {
                self.flag("chown", add.chown.as_ref());
                self.flag("chmod", add.chmod.as_ref());
                self.flag("checksum", add.checksum.as_ref());
                let link = add.link.then_some(true);
                for (name, on) in [
                    ("link", link),
                    ("keep-git-dir", add.keep_git_dir),
                    ("unpack", add.unpack),
                ] {
                    if let Some(on) = on {
                        self.field(name, if on { "on" } else { "off" });
                    }
                }
                for pattern in &add.exclude {
                    self.field("exclude", &shown(pattern.as_str().as_bytes()));
                }
                self.transfer(&add.files);
            }
            Instruction::Cmd(command) | Instruction::Entrypoint(command) => self.command(command),
            Instruction::Healthcheck(Healthcheck::None) => self.field("check", "none"),
            Instruction::Healthcheck(Healthcheck::Command(check)) => {
                let mut time = |name: &str, interval: &Option<Interval>| {
                    if let Some(interval) = interval {
                        self.field(
                            name,
                            &format!("{} ({:?})", interval.as_str(), interval.duration()),
                        );
                    }
                };
                time("interval", &check.interval);
                time("timeout", &check.timeout);
                time("start-period", &check.start_period);
                time("start-interval", &check.start_interval);
                if let Some(retries) = check.retries {
                    self.field("retries", &retries.to_string());
                }
                self.command(check.command());
            }
            Instruction::Workdir(word) => self.word("path", word),
            Instruction::User(word) => self.word("user", word),
            Instruction::StopSignal(word) => self.word("signal", word),
            Instruction::Expose(expose) => {
                for port in expose.as_slice() {
                    self.word("port", port.word());
                }
            }
            Instruction::Volume(volume) => {
                for path in volume.as_slice() {
                    self.word("path", path);
                }
            }
            Instruction::Shell(shell) => self.field("exec", &format!("{:?}", shell.as_slice())),
            Instruction::Maintainer(maintainer) => {
                self.field("text", &shown(maintainer.as_str().as_bytes()));
            }
            Instruction::Onbuild(onbuild) => {
                self.field("later", onbuild.instruction().keyword());
                self.instruction(onbuild.instruction());
            }
        }
    }

    fn command(&mut self, command: &CommandLine) {
        match command {
            CommandLine::Exec(list) => self.field("exec", &format!("{list:?}")),
            CommandLine::Shell(line) => self.field("shell", &shown(line.as_str().as_bytes())),
        }
    }

    fn transfer(&mut self, files: &Transfer) {
        for source in files.sources() {
            match source {
                TransferSource::Path(path) => self.word("source", path),
                TransferSource::Inline(heredoc) => self.heredoc(heredoc),
            }
        }
        self.word("to", files.destination());
    }

    fn heredoc(&mut self, heredoc: &Heredoc) {
        let mut about = heredoc.name().to_owned();
        if heredoc.expands() {
            about.push_str(", expands");
        }
        if heredoc.strips_tabs() {
            about.push_str(", strips tabs");
        }
        if heredoc.descriptor() != 0 {
            let _ = write!(about, ", descriptor {}", heredoc.descriptor());
        }
        self.field("heredoc", &about);
        for line in heredoc.content().split_inclusive('\n') {
            self.line(&format!("        {}", shown(line.as_bytes())));
        }
    }

    fn mount(&mut self, mount: &Mount) {
        let mut text = match mount.kind() {
            Choice::Fixed(kind) => kind.word().to_owned(),
            Choice::Variable(word) => word.as_str().to_owned(),
        };
        let mut option = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                let _ = write!(text, ", {name} {value}");
            }
        };
        option("id", mount.id().map(FlagWord::as_str));
        option("from", mount.from().map(FlagText::as_str));
        option("source", mount.source().map(FlagWord::as_str));
        option("target", mount.target().map(FlagWord::as_str));
        option(
            "sharing",
            mount
                .sharing()
                .map(|sharing| fixed(sharing, |sharing| sharing.word().to_owned()))
                .as_deref(),
        );
        option(
            "access",
            match mount.access() {
                None => None,
                Some(Access::ReadOnly) => Some("read-only"),
                Some(Access::ReadWrite) => Some("read-write"),
                Some(Access::ReadOnlyIf(word) | Access::ReadWriteIf(word)) => Some(word.as_str()),
            },
        );
        option(
            "required",
            mount
                .required()
                .map(|required| fixed(required, ToString::to_string))
                .as_deref(),
        );
        option("size", mount.size().map(FlagWord::as_str));
        option(
            "mode",
            mount
                .mode()
                .map(|mode| fixed(mode, |mode| format!("{mode:04o}")))
                .as_deref(),
        );
        option(
            "uid",
            mount
                .uid()
                .map(|uid| fixed(uid, ToString::to_string))
                .as_deref(),
        );
        option(
            "gid",
            mount
                .gid()
                .map(|gid| fixed(gid, ToString::to_string))
                .as_deref(),
        );
        option(
            "env",
            mount.env().map(|env| match env {
                SecretEnv::Default => "by its own name",
                SecretEnv::Name(name) => name.as_str(),
            }),
        );
        self.field("mount", &text);
    }
}

fn fixed<T>(choice: &Choice<T>, word: impl Fn(&T) -> String) -> String {
    match choice {
        Choice::Fixed(value) => word(value),
        Choice::Variable(variable) => variable.as_str().to_owned(),
    }
}

fn lines(first: usize, last: usize) -> String {
    if first == last {
        return format!("{first:<5}");
    }
    format!("{:<5}", format!("{first}-{last}"))
}
