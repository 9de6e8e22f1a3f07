//! `COPY` and `ADD` from the words behind them.

use std::ops::Range;

use indexmap::{IndexMap, IndexSet};

use super::{
    files::{Transfer, TransferSource},
    flags::{self, Set},
    heredoc::{self, Heredoc},
    instruction::{Add, Copy, Instruction},
    json::{self, Reading},
    mistake::MistakeKind,
    reader::{self, Command, Read, Reader},
    split,
    values::is_mode,
    words::{FlagText, FlagWord},
};

impl Reader<'_> {
    pub(super) fn copy(&mut self, command: &Command) -> Read<Instruction> {
        let sets = self.flags(&flags::COPY, command);
        let files = self.transfer("COPY", command);
        let sets = sets?;
        let from = self.source(&sets);
        let chown = self.word_flag(&sets, "chown");
        let chmod = self.chmod(&sets);
        Ok(Instruction::Copy(Copy {
            from: from?,
            chown: chown?,
            chmod: chmod?,
            link: switch(&sets, "link") == Some(true),
            parents: switch(&sets, "parents") == Some(true),
            exclude: exclude(&sets),
            files: files?,
        }))
    }

    pub(super) fn add(&mut self, command: &Command) -> Read<Instruction> {
        let sets = self.flags(&flags::ADD, command);
        let files = self.transfer("ADD", command);
        let sets = sets?;
        let chown = self.word_flag(&sets, "chown");
        let chmod = self.chmod(&sets);
        let checksum = self.word_flag(&sets, "checksum")?;
        let files = files?;
        let is_path = |source: &&TransferSource| matches!(source, TransferSource::Path(_));
        if checksum.is_some() && files.sources().iter().filter(is_path).count() != 1 {
            return Err(self.mistake(command.rest.range(), MistakeKind::Checksum));
        }
        Ok(Instruction::Add(Add {
            chown: chown?,
            chmod: chmod?,
            link: switch(&sets, "link") == Some(true),
            checksum,
            keep_git_dir: switch(&sets, "keep-git-dir"),
            unpack: switch(&sets, "unpack"),
            exclude: exclude(&sets),
            files,
        }))
    }

    /// `--from`, in which nothing is expanded, and nothing may ask for it.
    fn source(&mut self, sets: &[Set]) -> Read<Option<FlagText>> {
        let Some(set) = reader::set(sets, "from") else {
            return Ok(None);
        };
        let word = self.word_of(&set.value, set.range.clone())?;
        if word.text().as_ref() != Some(&set.value) {
            let kind = MistakeKind::FromVariable(set.value.clone());
            return Err(self.mistake(set.range.clone(), kind));
        }
        Ok(Some(FlagText::read(&set.value)))
    }

    fn chmod(&mut self, sets: &[Set]) -> Read<Option<FlagWord>> {
        let chmod = self.word_flag(sets, "chmod")?;
        if let (Some(word), Some(set)) = (&chmod, reader::set(sets, "chmod")) {
            self.value("--chmod", set.range.clone(), word.word(), is_mode)?;
        }
        Ok(chmod)
    }

    fn transfer(&mut self, keyword: &'static str, command: &Command) -> Read<Transfer> {
        let rest = command.rest;
        let arguments: Vec<(String, Range<usize>)> = match json::strings(rest.text) {
            Reading::Strings(list) => list.into_iter().map(|text| (text, rest.range())).collect(),
            Reading::OtherValues => {
                return Err(self.grammar(rest.range(), MistakeKind::JsonNotStrings));
            }
            Reading::NotJson => split::at_blanks(rest.text)
                .into_iter()
                .map(|part| (part.text, rest.part(part.range).range()))
                .collect(),
        };
        let Some(((destination, place), sources)) = arguments.split_last() else {
            let kind = MistakeKind::MissingDestination(keyword);
            return Err(self.mistake(command.keyword.range(), kind));
        };
        if sources.is_empty() {
            let kind = MistakeKind::MissingDestination(keyword);
            return Err(self.mistake(place.clone(), kind));
        }
        if heredoc::of_word(destination).is_some() {
            let kind = MistakeKind::HeredocDestination(keyword);
            return Err(self.mistake(place.clone(), kind));
        }
        // By name, the last of a name: that is the text which each source of this name gets.
        let texts: IndexMap<&str, &str> = self
            .heredocs
            .iter()
            .map(|heredoc| (heredoc.name(), heredoc.content()))
            .collect();
        let mut taken = Vec::new();
        let mut taken_names = IndexSet::new();
        let mut failed = None;
        for (source, range) in sources {
            if let Some(heredoc) = heredoc::of_word(source) {
                let content = texts.get(heredoc.name()).copied().unwrap_or_default();
                taken_names.insert(heredoc.name.clone());
                taken.push(TransferSource::Inline(Heredoc {
                    content: content.to_owned(),
                    ..heredoc
                }));
                continue;
            }
            match self.word_of(source, range.clone()) {
                Ok(word) => taken.push(TransferSource::Path(word)),
                Err(told) => failed = Some(told),
            }
        }
        let destination = self.word_of(destination, place.clone());
        if let Some(told) = failed {
            return Err(told);
        }
        if let Some(unused) = texts.keys().find(|name| !taken_names.contains(**name)) {
            let kind = MistakeKind::HeredocUnused((*unused).to_owned());
            return Err(self.notice(rest.range(), kind));
        }
        let transfer = Transfer::new(taken, destination?);
        self.accept(rest.range(), transfer)
    }
}

fn switch(sets: &[Set], name: &str) -> Option<bool> {
    let set = sets.iter().find(|set| set.name == name)?;
    Some(set.value == "true")
}

fn exclude(sets: &[Set]) -> Vec<FlagText> {
    let patterns = sets.iter().filter(|set| set.name == "exclude");
    patterns.map(|set| FlagText::read(&set.value)).collect()
}
