//! `RUN`, `CMD`, `ENTRYPOINT`, `HEALTHCHECK` and `SHELL` from the words behind them.

use super::{
    command::{Arguments, CommandLine, RunCommand, Script, ShellLine},
    flags::{self, Set},
    healthcheck::{Check, Healthcheck, Interval},
    instruction::{Instruction, Network, Run, Security},
    json::{self, Reading},
    lex::Slice,
    mistake::MistakeKind,
    options,
    reader::{Command, Read, Reader},
};

impl Reader<'_> {
    pub(super) fn run(&mut self, command: &Command) -> Read<Instruction> {
        let rest = command.rest;
        let read = match json::strings(rest.text) {
            Reading::Strings(list) => Ok(RunCommand::Exec(list)),
            Reading::OtherValues => Err(self.grammar(rest.range(), MistakeKind::JsonNotStrings)),
            Reading::NotJson => Ok(RunCommand::Script(Script {
                line: rest.text.to_owned(),
                heredocs: self.heredocs.to_vec(),
            })),
        };
        let sets = self.flags(&flags::RUN, command)?;
        let mut run = Run::new(read?);
        let mut failed = None;
        for set in &sets {
            if let Err(kind) = self.run_flag(set, &mut run) {
                failed = Some(self.mistake(set.range.clone(), kind));
            }
        }
        failed.map_or(Ok(Instruction::Run(run)), Err)
    }

    fn run_flag(&mut self, set: &Set, run: &mut Run) -> Result<(), MistakeKind> {
        let unknown = |known: &[&'static str]| MistakeKind::Value {
            of: format!("--{}", set.name),
            value: set.value.clone(),
            known: known.to_vec(),
        };
        match set.name {
            "mount" => run.mounts.push(options::mount(&set.value, self.escape)?),
            "device" => run.devices.push(options::device(&set.value)?),
            "network" => {
                let mut all = Network::ALL.into_iter();
                run.network = all.find(|network| network.word() == set.value);
                if run.network.is_none() {
                    return Err(unknown(&Network::ALL.map(Network::word)));
                }
            }
            _ => {
                let mut all = Security::ALL.into_iter();
                run.security = all.find(|security| security.word() == set.value);
                if run.security.is_none() {
                    return Err(unknown(&Security::ALL.map(Security::word)));
                }
            }
        }
        Ok(())
    }

    pub(super) fn command_line(
        &mut self,
        keyword: &'static str,
        command: &Command,
    ) -> Read<CommandLine> {
        let flags = self.no_flags(keyword, command);
        let line = self.exec_or_shell(command.rest);
        flags.and(line)
    }

    fn exec_or_shell(&mut self, rest: Slice) -> Read<CommandLine> {
        match json::strings(rest.text) {
            Reading::Strings(list) => Ok(CommandLine::Exec(list)),
            Reading::NotJson => Ok(CommandLine::Shell(ShellLine::read(rest.text))),
            Reading::OtherValues => Err(self.grammar(rest.range(), MistakeKind::JsonNotStrings)),
        }
    }

    pub(super) fn healthcheck(&mut self, command: &Command) -> Read<Instruction> {
        let rest = command.rest;
        let is_blank = |character: char| character.is_ascii() && character.is_whitespace();
        let end = rest.text.find(is_blank).unwrap_or(rest.text.len());
        let kind = rest.part(0..end);
        let behind = rest.from(end).trim();
        let line = self.exec_or_shell(behind)?;
        if kind.text.eq_ignore_ascii_case("NONE") {
            self.ignored_flags("HEALTHCHECK", command);
            let is_empty = match &line {
                CommandLine::Exec(list) => list.is_empty(),
                CommandLine::Shell(line) => line.as_str().is_empty(),
            };
            if !is_empty {
                return Err(self.mistake(behind.range(), MistakeKind::HealthcheckNone));
            }
            return Ok(Instruction::Healthcheck(Healthcheck::None));
        }
        let sets = self.flags(&flags::HEALTHCHECK, command);
        if !kind.text.eq_ignore_ascii_case("CMD") {
            let found = kind.text.to_owned();
            return Err(self.mistake(kind.range(), MistakeKind::HealthcheckType(found)));
        }
        let Ok(mut check) = Check::new(line) else {
            return Err(self.mistake(kind.range(), MistakeKind::HealthcheckCommand));
        };
        let mut failed = None;
        for set in sets?.iter().filter(|set| !set.value.is_empty()) {
            if let Err(kind) = check_flag(set, &mut check) {
                failed = Some(self.mistake(set.range.clone(), kind));
            }
        }
        let healthcheck = Healthcheck::Command(Box::new(check));
        failed.map_or(Ok(Instruction::Healthcheck(healthcheck)), Err)
    }

    pub(super) fn shell(&mut self, command: &Command) -> Read<Instruction> {
        let flags = self.no_flags("SHELL", command);
        let rest = command.rest;
        let list = match json::strings(rest.text) {
            Reading::Strings(list) => list,
            Reading::OtherValues => {
                return Err(self.grammar(rest.range(), MistakeKind::JsonNotStrings));
            }
            Reading::NotJson => {
                return Err(self.mistake(rest.range(), MistakeKind::ShellNotJson));
            }
        };
        let Ok(arguments) = Arguments::new(list) else {
            let kind = MistakeKind::MissingArgument("SHELL");
            return Err(self.mistake(rest.range(), kind));
        };
        flags.map(|()| Instruction::Shell(arguments))
    }
}

fn check_flag(set: &Set, check: &mut Check) -> Result<(), MistakeKind> {
    let wrong = || MistakeKind::Value {
        of: format!("--{}", set.name),
        value: set.value.clone(),
        known: Vec::new(),
    };
    if set.name == "retries" {
        check.retries = Some(retries(&set.value).ok_or_else(wrong)?);
        return Ok(());
    }
    let interval = Interval::new(&set.value).map_err(|_| wrong())?;
    let field = match set.name {
        "interval" => &mut check.interval,
        "timeout" => &mut check.timeout,
        "start-period" => &mut check.start_period,
        _ => &mut check.start_interval,
    };
    *field = Some(interval);
    Ok(())
}

/// A count of runs: a whole number of 32 bits, not negative; a plus sign may stand before it.
fn retries(text: &str) -> Option<u32> {
    let count = text.parse::<i32>().ok()?;
    u32::try_from(count).ok()
}
