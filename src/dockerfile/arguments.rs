//! Each instruction from the words behind its keyword: which reader it has, and the simple ones.

use super::{
    command::Line,
    flags,
    instruction::{Expose, From, Instruction, Maintainer, Onbuild, StageName, Volume},
    invalid::Invalid,
    json::{self, Reading},
    mistake::MistakeKind,
    pairs::{Arg, Env, EnvName, Label, LabelName},
    reader::{Command, Read, Reader, Told},
    reference::ReferenceError,
    split::{self, Part},
    values::{is_port, is_signal},
    words::{Token, Word},
};

impl Reader<'_> {
    /// Reads an instruction. Where there is none, the mistakes say why; where there is one, there may
    /// be mistakes too.
    pub(super) fn instruction(&mut self, command: &Command) -> Read<Instruction> {
        let Some(keyword) = command.known() else {
            let found = command.keyword.text.to_owned();
            let kind = MistakeKind::UnknownInstruction(found);
            return Err(self.mistake(command.keyword.range(), kind));
        };
        for flag in command.flags.iter().filter(|flag| !flag.text.is_ascii()) {
            let kind = MistakeKind::FlagNotAscii(flag.text.clone());
            self.notice(flag.range.clone(), kind);
        }
        let rest = command.rest;
        let may_be_alone = matches!(keyword, "RUN" | "CMD" | "ENTRYPOINT");
        let says_more = matches!(keyword, "FROM" | "COPY" | "ADD");
        if rest.text.is_empty() && !may_be_alone && !says_more {
            let kind = MistakeKind::MissingArgument(keyword);
            return Err(self.mistake(command.keyword.range(), kind));
        }
        match keyword {
            "FROM" => self.from(command),
            "ARG" => self.arg(command),
            "ENV" => self.env(command),
            "LABEL" => self.label(command),
            "RUN" => self.run(command),
            "COPY" => self.copy(command),
            "ADD" => self.add(command),
            "CMD" => self.command_line("CMD", command).map(Instruction::Cmd),
            "ENTRYPOINT" => self
                .command_line("ENTRYPOINT", command)
                .map(Instruction::Entrypoint),
            "HEALTHCHECK" => self.healthcheck(command),
            "WORKDIR" => self.whole("WORKDIR", command).map(Instruction::Workdir),
            "USER" => self.whole("USER", command).map(Instruction::User),
            "EXPOSE" => self.expose(command),
            "VOLUME" => self.volume(command),
            "SHELL" => self.shell(command),
            "STOPSIGNAL" => {
                self.ignored_flags("STOPSIGNAL", command);
                let word = self.word(rest)?;
                self.value("STOPSIGNAL", rest.range(), &word, is_signal)?;
                Ok(Instruction::StopSignal(word))
            }
            "MAINTAINER" => {
                self.no_flags("MAINTAINER", command)?;
                let maintainer = Maintainer::new(Line::read(rest.text));
                self.accept(rest.range(), maintainer)
                    .map(Instruction::Maintainer)
            }
            _ => self.onbuild(command),
        }
    }

    fn from(&mut self, command: &Command) -> Read<Instruction> {
        let rest = command.rest;
        let parts = split::at_blanks(rest.text);
        let (image, name) = match parts.as_slice() {
            [image] => (image, None),
            [image, second, name] if second.text.eq_ignore_ascii_case("as") => (image, Some(name)),
            [] => {
                let kind = MistakeKind::FromArguments;
                return Err(self.mistake(command.keyword.range(), kind));
            }
            _ => return Err(self.mistake(rest.range(), MistakeKind::FromArguments)),
        };
        let name = name.map(|part| self.stage_name(command, part)).transpose();
        let platform = self
            .flags(&flags::FROM, command)
            .and_then(|sets| self.word_flag(&sets, "platform"));
        let place = rest.part(image.range.clone());
        let image = self.word(place)?;
        if image.as_str().is_empty() {
            return Err(self.mistake(place.range(), MistakeKind::FromArguments));
        }
        // What is left that no token can hold is a blank outside of ASCII, and no image has one.
        let image = Token::from_word(image).map_err(|_| {
            let kind = MistakeKind::Image(ReferenceError::Name);
            self.mistake(place.range(), kind)
        })?;
        Ok(Instruction::From(From {
            platform: platform?,
            image,
            name: name?,
        }))
    }

    fn stage_name(&mut self, command: &Command, part: &Part) -> Read<StageName> {
        StageName::new(&part.text.to_lowercase()).map_err(|_| {
            let range = command.rest.part(part.range.clone()).range();
            self.mistake(range, MistakeKind::StageName(part.text.clone()))
        })
    }

    fn arg(&mut self, command: &Command) -> Read<Instruction> {
        self.ignored_flags("ARG", command);
        let mut declared = Vec::new();
        let mut failed = None;
        for part in split::quoted(command.rest.text, self.escape) {
            match self.declaration(command, &part) {
                Ok(declaration) => declared.push(declaration),
                Err(told) => failed = Some(told),
            }
        }
        if let Some(told) = failed {
            return Err(told);
        }
        Arg::new(declared).map(Instruction::Arg).map_err(|_| {
            let kind = MistakeKind::MissingArgument("ARG");
            self.mistake(command.keyword.range(), kind)
        })
    }

    fn declaration(&mut self, command: &Command, part: &Part) -> Read<(EnvName, Option<Word>)> {
        let range = command.rest.part(part.range.clone()).range();
        let (name, value) = match part.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (part.text.as_str(), None),
        };
        if name.is_empty() {
            return Err(self.mistake(range, MistakeKind::BlankName("ARG")));
        }
        // Nothing is expanded in the name, and its quotes stay.
        let literal = if split::stands_alone(name, self.escape) {
            Word::literal(name)
        } else {
            Err(Invalid::Unspellable(name.to_owned()))
        };
        let name = self.accept(range.clone(), literal);
        let value = value.map(|value| self.word_of(value, range)).transpose();
        Ok((EnvName::read(name?), value?))
    }

    fn env(&mut self, command: &Command) -> Read<Instruction> {
        let pairs = self.pairs("ENV", command)?;
        let named = pairs
            .into_iter()
            .map(|(name, value)| (EnvName::read(name), value));
        let env = Env::new(named.collect());
        self.accept(command.rest.range(), env).map(Instruction::Env)
    }

    fn label(&mut self, command: &Command) -> Read<Instruction> {
        let pairs = self.pairs("LABEL", command)?;
        let named = pairs
            .into_iter()
            .map(|(name, value)| (LabelName::read(name), value));
        let label = Label::new(named.collect());
        self.accept(command.rest.range(), label)
            .map(Instruction::Label)
    }

    /// The pairs of `ENV` and `LABEL`: with `=` as many as one likes, without it one.
    fn pairs(&mut self, keyword: &'static str, command: &Command) -> Read<Vec<(Word, Word)>> {
        let rest = command.rest;
        let flags = self.no_flags(keyword, command);
        let parts = split::quoted(rest.text, self.escape);
        let Some(first) = parts.first() else {
            let kind = MistakeKind::MissingArgument(keyword);
            return Err(self.mistake(command.keyword.range(), kind));
        };
        if !first.text.contains('=') {
            if !rest.text.contains(split::is_blank) {
                let kind = MistakeKind::PairWithoutValue(keyword);
                return Err(self.grammar(rest.range(), kind));
            }
            let (name, value) = rest.split_at_blanks();
            if name.text.contains('=') {
                let invalid = Invalid::Character {
                    of: "the name before a value",
                    text: name.text.to_owned(),
                    character: '=',
                };
                return self.accept(name.range(), Err(invalid));
            }
            let (name, value) = (self.word(name), self.word(value));
            flags?;
            return Ok(vec![(name?, value?)]);
        }
        let mut pairs = Vec::new();
        let mut failed = flags.err();
        for part in parts {
            match self.pair(keyword, command, &part) {
                Ok(pair) => pairs.push(pair),
                Err(told) => failed = Some(told),
            }
        }
        failed.map_or(Ok(pairs), Err)
    }

    fn pair(
        &mut self,
        keyword: &'static str,
        command: &Command,
        part: &Part,
    ) -> Read<(Word, Word)> {
        let range = command.rest.part(part.range.clone()).range();
        let Some((name, value)) = part.text.split_once('=') else {
            let word = part.text.clone();
            let kind = MistakeKind::PairWithoutEquals { keyword, word };
            return Err(self.grammar(range, kind));
        };
        if name.is_empty() {
            return Err(self.mistake(range, MistakeKind::BlankName(keyword)));
        }
        let name = self.word_of(name, range.clone());
        let value = self.word_of(value, range);
        Ok((name?, value?))
    }

    /// An instruction whose one argument is the whole rest of its line.
    fn whole(&mut self, keyword: &'static str, command: &Command) -> Read<Word> {
        let flags = self.no_flags(keyword, command);
        let word = self.word(command.rest);
        flags.and(word)
    }

    fn expose(&mut self, command: &Command) -> Read<Instruction> {
        let mut failed = self.no_flags("EXPOSE", command).err();
        let mut exposed = Vec::new();
        for part in split::at_blanks(command.rest.text) {
            match self.port(command, &part) {
                Ok(port) => exposed.push(port),
                Err(told) => failed = Some(told),
            }
        }
        if let Some(told) = failed {
            return Err(told);
        }
        let expose = Expose::new(exposed);
        self.accept(command.rest.range(), expose)
            .map(Instruction::Expose)
    }

    fn port(&mut self, command: &Command, part: &Part) -> Read<Token> {
        let place = command.rest.part(part.range.clone());
        let word = self.word(place)?;
        let token = self.accept(place.range(), Token::from_word(word))?;
        self.value("EXPOSE", place.range(), token.word(), is_port)?;
        Ok(token)
    }

    fn volume(&mut self, command: &Command) -> Read<Instruction> {
        let mut failed = self.no_flags("VOLUME", command).err();
        let rest = command.rest;
        let paths: Vec<String> = match json::strings(rest.text) {
            Reading::Strings(list) => list,
            Reading::OtherValues => {
                return Err(self.grammar(rest.range(), MistakeKind::JsonNotStrings));
            }
            Reading::NotJson => {
                let parts = split::at_blanks(rest.text).into_iter();
                parts.map(|part| part.text).collect()
            }
        };
        if paths.is_empty() {
            let kind = MistakeKind::MissingArgument("VOLUME");
            return Err(self.mistake(command.keyword.range(), kind));
        }
        let mut volumes = Vec::new();
        for path in &paths {
            match self.word_of(path.trim(), rest.range()) {
                Ok(word) if !word.as_str().is_empty() => volumes.push(word),
                Ok(_) => failed = Some(self.mistake(rest.range(), MistakeKind::EmptyVolume)),
                Err(told) => failed = Some(told),
            }
        }
        if let Some(told) = failed {
            return Err(told);
        }
        let volume = Volume::new(volumes);
        self.accept(rest.range(), volume).map(Instruction::Volume)
    }

    fn onbuild(&mut self, command: &Command) -> Read<Instruction> {
        let flags = self.no_flags("ONBUILD", command);
        let trigger = Command::split(command.rest, self.escape);
        if let Some(keyword @ ("FROM" | "MAINTAINER" | "ONBUILD")) = trigger.known() {
            let kind = MistakeKind::Trigger(keyword.to_owned());
            return Err(self.mistake(trigger.keyword.range(), kind));
        }
        self.in_trigger = true;
        let instruction = self.instruction(&trigger);
        self.in_trigger = false;
        flags?;
        Onbuild::new(instruction?)
            .map(Instruction::Onbuild)
            .map_err(|_| Told)
    }
}
