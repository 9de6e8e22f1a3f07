//! Instructions as text: one spelling for each.
//!
//! The keyword stands first and in capitals, each flag but the first on a line of its own, and the
//! command of a `RUN` with flags below them, unless it is a here-document.

use super::{
    MAX_LINE,
    command::{CommandLine, RunCommand, Script},
    files::{Transfer, TransferSource},
    healthcheck::{Check, Healthcheck, Interval},
    heredoc,
    instruction::{Add, Copy, From, Instruction, Run, Volume},
    json,
    lex::split_continuation,
    mount::Mount,
    options,
    pairs::Arg,
    quoting::{self, Escape},
    spell::{comma_separated, needs_json, quoted, spell_flag, wrap},
    words::{FlagText, FlagWord, Word},
};

/// What stands before a flag or a pair on a line of its own.
const INDENT: &str = "    ";

/// The text of an instruction, without a line break at its end.
pub fn print(instruction: &Instruction) -> String {
    print_with(instruction, Escape::Backslash)
}

/// The text of an instruction for a file with this escape character.
pub fn print_with(instruction: &Instruction, escape: Escape) -> String {
    let mut printer = Printer {
        escape,
        text: String::new(),
        bodies: String::new(),
    };
    printer.instruction(instruction);
    let mut text = printer.text;
    if text.split('\n').any(|line| line.len() > MAX_LINE) {
        text = wrap(&text, escape);
    }
    text.push_str(&printer.bodies);
    text
}

struct Printer {
    escape: Escape,
    text: String,
    /// The here-documents: a line break before each line of them.
    bodies: String,
}

impl Printer {
    fn instruction(&mut self, instruction: &Instruction) {
        self.text.push_str(instruction.keyword());
        match instruction {
            Instruction::From(from) => self.from(from),
            Instruction::Arg(arg) => self.arg(arg),
            Instruction::Env(env) => {
                let pairs = env.as_slice().iter();
                self.pairs(pairs.map(|(name, value)| (name.word(), value)));
            }
            Instruction::Label(label) => {
                let pairs = label.as_slice().iter();
                self.pairs(pairs.map(|(name, value)| (name.word(), value)));
            }
            Instruction::Run(run) => self.run(run),
            Instruction::Copy(copy) => self.copy(copy),
            Instruction::Add(add) => self.add(add),
            Instruction::Cmd(command) | Instruction::Entrypoint(command) => {
                self.rest(&command_line(command));
            }
            Instruction::Healthcheck(check) => self.healthcheck(check),
            Instruction::Workdir(word)
            | Instruction::User(word)
            | Instruction::StopSignal(word) => {
                let word = quoted(word, self.escape);
                self.push(&word);
            }
            Instruction::Expose(ports) => {
                let ports: Vec<String> = ports
                    .as_slice()
                    .iter()
                    .map(|port| self.bare(port.word()))
                    .collect();
                self.arguments(&ports);
            }
            Instruction::Volume(paths) => self.volume(paths),
            Instruction::Shell(arguments) => self.push(&json::print(arguments.as_slice())),
            Instruction::Maintainer(maintainer) => self.rest(maintainer.as_str()),
            Instruction::Onbuild(trigger) => {
                self.text.push(' ');
                self.instruction(trigger.instruction());
            }
        }
    }

    /// Adds something behind a blank.
    fn push(&mut self, text: &str) {
        self.text.push(' ');
        self.text.push_str(text);
    }

    /// Goes on in the next line.
    fn next_line(&mut self) {
        self.text.push(' ');
        self.text.push(self.escape.character());
        self.text.push('\n');
        self.text.push_str(INDENT);
    }

    /// Adds the rest of a line as it stands. What looks like a flag gets the `--` that ends flags.
    fn rest(&mut self, text: &str) {
        if text.starts_with("--") {
            self.push("--");
        }
        if !text.is_empty() {
            self.text.push(' ');
            self.as_it_stands(text);
        }
    }

    /// Adds the end of a line. An escape at its very end would join the next line to it: a form feed
    /// behind it, which is trimmed like other blanks, keeps it from that.
    fn as_it_stands(&mut self, text: &str) {
        self.text.push_str(text);
        if split_continuation(text.as_bytes(), self.escape).1 {
            self.text.push('\u{c}');
        }
    }

    /// Adds arguments that are split at blanks.
    fn arguments(&mut self, arguments: &[String]) {
        for (index, argument) in arguments.iter().enumerate() {
            let is_like_flag = index == 0 && argument.starts_with("--");
            let is_like_json = index == 0 && argument.starts_with('[');
            if is_like_flag || is_like_json {
                self.push(&format!("{}{argument}", self.escape.character()));
            } else {
                self.push(argument);
            }
        }
    }

    fn bare(&self, word: &Word) -> String {
        quoting::spell(&word.pieces(self.escape), self.escape)
    }

    fn flags(&mut self, flags: &[String]) {
        for (index, flag) in flags.iter().enumerate() {
            if index == 0 {
                self.push(flag);
            } else {
                self.next_line();
                self.text.push_str(flag);
            }
        }
    }

    /// A flag with text in which nothing is expanded.
    fn flag_text(&self, name: &str, text: &str) -> String {
        format!("--{name}={}", spell_flag(text, self.escape, true))
    }

    /// A flag with a word in it.
    fn flag(&self, name: &str, word: &FlagWord) -> String {
        let bare = self.bare(word.word());
        format!("--{name}={}", spell_flag(&bare, self.escape, false))
    }

    fn from(&mut self, from: &From) {
        if let Some(platform) = &from.platform {
            self.push(&self.flag("platform", platform));
        }
        self.arguments(&[self.bare(from.image.word())]);
        if let Some(name) = &from.name {
            self.push("AS");
            self.push(name.as_str());
        }
    }

    /// Names in which nothing is expanded, with the words that they are set to.
    fn arg(&mut self, arg: &Arg) {
        for (index, (name, value)) in arg.as_slice().iter().enumerate() {
            let name = name.word().text().unwrap_or_default();
            if index == 0 && name.starts_with("--") {
                self.push("--");
            }
            // At the start of a line it would begin a comment.
            let is_like_comment = name.starts_with('#');
            self.separate(if is_like_comment { 0 } else { index });
            self.text.push_str(&name);
            if let Some(value) = value {
                self.text.push('=');
                self.text.push_str(&quoted(value, self.escape));
            }
        }
    }

    fn pairs<'a>(&mut self, pairs: impl Iterator<Item = (&'a Word, &'a Word)>) {
        for (index, (name, value)) in pairs.enumerate() {
            self.separate(index);
            self.text.push_str(&quoted(name, self.escape));
            self.text.push('=');
            self.text.push_str(&quoted(value, self.escape));
        }
    }

    /// A blank before the first of several, a line break before the others.
    fn separate(&mut self, index: usize) {
        if index == 0 {
            self.text.push(' ');
        } else {
            self.next_line();
        }
    }

    fn run(&mut self, run: &Run) {
        let mut flags: Vec<String> = Vec::new();
        flags.extend(run.mounts.iter().map(|mount| self.mount(mount)));
        flags.extend(
            run.network
                .map(|network| format!("--network={}", network.word())),
        );
        flags.extend(
            run.security
                .map(|security| format!("--security={}", security.word())),
        );
        for device in &run.devices {
            let mut fields = vec![format!("name={}", device.name.as_str())];
            fields.extend(device.required.then(|| "required".to_owned()));
            flags.push(self.flag_text("device", &comma_separated(&fields)));
        }
        self.flags(&flags);
        match &run.command {
            RunCommand::Exec(list) => self.below_flags(&flags, &json::print(list)),
            RunCommand::Script(Script { line, heredocs }) if heredocs.is_empty() => {
                self.below_flags(&flags, line);
            }
            RunCommand::Script(Script { line, heredocs }) => {
                self.rest(line);
                for heredoc in heredocs {
                    self.body(heredoc);
                }
            }
        }
    }

    fn below_flags(&mut self, flags: &[String], command: &str) {
        let is_like_flag = command.starts_with("--");
        let is_like_comment = command.starts_with('#');
        if flags.is_empty() || is_like_comment || is_like_flag || command.is_empty() {
            self.rest(command);
        } else {
            self.next_line();
            self.as_it_stands(command);
        }
    }

    fn body(&mut self, heredoc: &heredoc::Heredoc) {
        self.bodies.push('\n');
        self.bodies.push_str(heredoc.content());
        self.bodies.push_str(heredoc.name());
    }

    fn mount(&self, mount: &Mount) -> String {
        let fields = options::fields_of(mount, |word| self.bare(word.word()));
        let fields = comma_separated(&fields);
        format!("--mount={}", spell_flag(&fields, self.escape, false))
    }

    fn copy(&mut self, copy: &Copy) {
        let mut flags = Vec::new();
        flags.extend(
            copy.from
                .as_ref()
                .map(|from| self.flag_text("from", from.as_str())),
        );
        flags.extend(copy.chown.as_ref().map(|chown| self.flag("chown", chown)));
        flags.extend(copy.chmod.as_ref().map(|chmod| self.flag("chmod", chmod)));
        flags.extend(copy.link.then(|| "--link".to_owned()));
        flags.extend(copy.parents.then(|| "--parents".to_owned()));
        flags.extend(self.exclude(&copy.exclude));
        for flag in &flags {
            self.push(flag);
        }
        self.transfer(&copy.files);
    }

    fn add(&mut self, add: &Add) {
        let switch = |name: &str, on: bool| {
            if on {
                format!("--{name}")
            } else {
                format!("--{name}=false")
            }
        };
        let mut flags = Vec::new();
        flags.extend(add.chown.as_ref().map(|chown| self.flag("chown", chown)));
        flags.extend(add.chmod.as_ref().map(|chmod| self.flag("chmod", chmod)));
        flags.extend(add.link.then(|| "--link".to_owned()));
        flags.extend(
            add.checksum
                .as_ref()
                .map(|checksum| self.flag("checksum", checksum)),
        );
        flags.extend(add.keep_git_dir.map(|on| switch("keep-git-dir", on)));
        flags.extend(add.unpack.map(|on| switch("unpack", on)));
        flags.extend(self.exclude(&add.exclude));
        for flag in &flags {
            self.push(flag);
        }
        self.transfer(&add.files);
    }

    fn exclude(&self, patterns: &[FlagText]) -> Vec<String> {
        let flag = |pattern: &FlagText| self.flag_text("exclude", pattern.as_str());
        patterns.iter().map(flag).collect()
    }

    fn transfer(&mut self, files: &Transfer) {
        let mut arguments = Vec::new();
        for source in &files.sources {
            arguments.push(match source {
                TransferSource::Path(path) => self.path(path),
                TransferSource::Inline(heredoc) => heredoc.word(),
            });
        }
        arguments.push(self.path(&files.destination));
        if arguments.iter().any(|argument| needs_json(argument)) {
            self.push(&json::print(&arguments));
        } else {
            self.arguments(&arguments);
        }
        for source in &files.sources {
            if let TransferSource::Inline(heredoc) = source {
                self.body(heredoc);
            }
        }
    }

    /// A path, escaped where it would be read as the word of a here-document.
    fn path(&self, path: &Word) -> String {
        let bare = self.bare(path);
        if bare
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with("<<")
        {
            return format!("{}{bare}", self.escape.character());
        }
        bare
    }

    fn volume(&mut self, paths: &Volume) {
        let bare: Vec<String> = paths
            .as_slice()
            .iter()
            .map(|path| self.bare(path))
            .collect();
        if bare.iter().any(|path| needs_json(path)) {
            let loses_blanks = |path: &str| path.trim() != path || path.is_empty();
            let spelled: Vec<String> = (bare.iter().zip(paths.as_slice()))
                .map(|(bare, path)| {
                    if loses_blanks(bare) {
                        quoted(path, self.escape)
                    } else {
                        bare.clone()
                    }
                })
                .collect();
            self.push(&json::print(&spelled));
        } else {
            self.arguments(&bare);
        }
    }

    fn healthcheck(&mut self, healthcheck: &Healthcheck) {
        let Healthcheck::Command(check) = healthcheck else {
            self.push("NONE");
            return;
        };
        let Check {
            interval,
            timeout,
            start_period,
            start_interval,
            retries,
            command,
        } = check.as_ref();
        let flag = |name: &str, interval: &Option<Interval>| {
            interval
                .as_ref()
                .map(|interval| format!("--{name}={}", interval.as_str()))
        };
        let mut flags = Vec::new();
        flags.extend(flag("interval", interval));
        flags.extend(flag("timeout", timeout));
        flags.extend(flag("start-period", start_period));
        flags.extend(flag("start-interval", start_interval));
        flags.extend(retries.map(|retries| format!("--retries={retries}")));
        for flag in &flags {
            self.push(flag);
        }
        self.separate(usize::from(!flags.is_empty()));
        self.as_it_stands(&format!("CMD {}", command_line(command)));
    }
}

fn command_line(command: &CommandLine) -> String {
    match command {
        CommandLine::Exec(list) => json::print(list),
        CommandLine::Shell(line) => line.as_str().to_owned(),
    }
}
