//! A program that an old file builds in one stage and copies out of it into another.
//!
//! All that the first stage does besides stays as it is, in its order and in its folders, so that what is built finds what
//! it found. What a preset says of such a program stands below `[migrate.build]`.

mod call;
mod finds;
mod runs;
mod stage;

use std::rc::Rc;

use crate::dockerfile::reference::ImageRef;
use crate::dockerfile::{self, Instruction, Statement};
use crate::migrate::account::Outcome;
use crate::migrate::draft::keys::Keys;
use crate::migrate::draft::typed::{self, Fields};
use crate::migrate::draft::{self, spell};
use crate::migrate::facts::{Aspect, Fact, Facts};
use crate::migrate::notice::Notice;
use crate::migrate::old::Placed;

use super::builder::{self, Parts};
use super::{Words, Writer};

/// What is known of a program that is built.
pub(super) struct Built {
    /// The stage that builds it.
    stage: usize,
    /// The options that say how.
    pub(super) options: Fields,
    /// The image that it is built on, if that is another one than what runs has.
    pub(super) image: Option<String>,
    /// Whether its objects come from a cache.
    is_cached: bool,
    /// The instructions that the preset does in its own way, with the stage of each.
    redone: Vec<(usize, String)>,
}

/// Two stages of which one makes the other's program, before and after.
pub(in crate::migrate) struct Same {
    old: usize,
    new: String,
    redone: Vec<(usize, String)>,
}

impl Built {
    /// What is better than it was.
    pub(super) fn gains(&self) -> Vec<String> {
        let objects = "an object is compiled again only where what it is made of has changed";
        let seen =
            "the build sees only what is copied, without keys and what the preset knows as rubbish";
        let all = [Some(objects).filter(|_| self.is_cached), Some(seen)];
        all.into_iter().flatten().map(str::to_owned).collect()
    }

    pub(super) fn same(self, words: Words<'_>) -> Same {
        Same {
            old: self.stage,
            new: words.text("builds-in").to_owned(),
            redone: self.redone,
        }
    }
}

impl Same {
    /// Whether everything that stays finds what it found, in the stage that builds and in the one that runs.
    ///
    /// # Errors
    /// What does not.
    pub(super) fn explained(
        &self,
        old: (&Facts, usize),
        new: (&Facts, usize),
    ) -> Result<(), String> {
        let stage = new.0.named(&self.new).unwrap_or_default();
        for (number, after) in [(self.old, stage), (old.1, new.1)] {
            let (before, after) = (old.0.stage(number), new.0.stage(after));
            let is_step = |fact: &&Fact| matches!(fact.aspect, Aspect::Step | Aspect::Base);
            let mut there = after.iter().filter(is_step);
            for fact in before.iter().filter(is_step) {
                let is_built = |other: &Fact| {
                    other.from.as_ref() == Some(&self.new)
                        && fact.from.is_some()
                        && other.text == fact.text
                };
                let is_same = |other: &Fact| other.digest == fact.digest || is_built(other);
                let is_redone =
                    |(stage, text): &(usize, String)| *stage == number && *text == fact.text;
                if !self.redone.iter().any(is_redone) && !there.any(is_same) {
                    return Err(format!(
                        "`{}` would find something else, or come at another time",
                        fact.text
                    ));
                }
            }
        }
        Ok(())
    }
}

impl<'a> Writer<'a> {
    pub(super) fn build_words(&self) -> Option<Words<'a>> {
        self.idioms.words("build")
    }

    /// Reads a file whose program is built; whether it is one.
    ///
    /// # Errors
    /// What the preset has nothing like.
    pub(super) fn read_built(&mut self, image: &ImageRef) -> Result<bool, Notice> {
        let Some(words) = self.build_words() else {
            return Ok(false);
        };
        let old = self.old;
        let call = |stage: usize| {
            let mut body = old.stages[stage]
                .body
                .iter()
                .map(|(_, statement)| *statement);
            body.find(|statement| match &statement.instruction {
                Instruction::Run(run) => call::calls(words, run),
                _ => false,
            })
        };
        let Some((place, first)) =
            (0..old.stages.len()).find_map(|stage| Some((stage, call(stage)?)))
        else {
            return Ok(false);
        };
        let mut taken = self.body.iter().filter_map(|placed| {
            let name = taken_from(&placed.statement.instruction)?;
            old.copied(placed.stage, name)
                .filter(|stage| call(*stage).is_some())
        });
        let is_of = |image: &ImageRef, keys: &[&str]| {
            let name = image.familiar_name();
            let mut keys = keys.iter();
            keys.any(|key| words.list(key).contains(&name.as_str()))
        };
        let Some(stage) = taken.next() else {
            let is_own = old.lineage(old.chosen).contains(&place);
            return match is_of(image, &["images", "runs-on"]) {
                // What else it does is told by others.
                false if is_own => Ok(false),
                _ if is_own => Err(notice(
                    first,
                    "it builds in the image that runs, and what builds stays there",
                )),
                _ => Err(notice(
                    first,
                    "what this builds is not copied out of its stage into the one that runs",
                )),
            };
        };
        if taken.any(|other| other != stage) {
            return Err(notice(first, "what runs is built in more than one stage"));
        }
        let first = call(stage).unwrap_or(first);
        let whole = |text: &str| notice(first, text);
        let chain = old.lineage(old.chosen);
        if chain.len() > 1 || old.lineage(stage).len() > 1 {
            return Err(whole("what builds or what runs stands on another stage"));
        }
        let from = &old.stages[stage];
        if from.from.platform.is_some() {
            return Err(notice(
                from.statement,
                "it is built for a platform of its own",
            ));
        }
        let own = old
            .image(stage)
            .and_then(|text| ImageRef::parse(&text).ok());
        let is_known = own.as_ref().is_some_and(|own| is_of(own, &["images"]));
        if !is_known || !is_of(image, &["images", "runs-on"]) {
            let text = format!(
                "the preset `{}` is not known to do this on these images",
                self.preset.name
            );
            return Err(notice(from.statement, &text));
        }
        let names = self.names_of_stages();
        self.parts = Rc::new(Parts {
            apart: builder::apart(old, &[stage, old.chosen], &names)?,
            ..Parts::default()
        });
        let is_same = typed::said(from.from.image.word())
            == typed::said(old.stages[old.chosen].from.image.word());
        self.built = Some(Built {
            stage,
            options: Fields::new(),
            is_cached: true,
            image: typed::said(from.from.image.word()).filter(|_| !is_same),
            redone: Vec::new(),
        });
        self.made = None;
        self.begin();
        self.has_its_own(stage);
        let landed = self.stage_that_builds(words, stage)?;
        self.stage_that_runs(words, stage, &landed)?;
        self.seen(words).map_err(|text| whole(&text))?;
        self.loses_no_target()?;
        Ok(true)
    }

    /// An instruction that stays, as a step of a stage.
    fn kept_in(
        &mut self,
        stage: &str,
        place: Option<(&str, &str)>,
        (placed, kept): (Placed<'a>, Placed<'a>),
        builder: Option<usize>,
    ) -> Result<Outcome, String> {
        let Placed {
            stage: from,
            statement,
            ..
        } = kept;
        let name = self.name(&placed.statement.instruction);
        let path = format!("{stage}.steps.{name}");
        let mut fields = Fields::new();
        fields.extend(place.map(|(key, step)| (key.to_owned(), spell::text(step))));
        let old = self.kept;
        let own = typed::fields(old, from, &statement.instruction, Keys::SPLIT);
        let outcome = if let Some(mut own) = own {
            let note = draft::comments(statement);
            if !note.is_empty() {
                let note = spell::text(&draft::escaped(&note.join("\n")));
                fields.push(("note".to_owned(), note));
            }
            let of_stage = |name: &str| spell::text(&format!("stage:{name}"));
            let was = builder.map(|stage| of_stage(&old.stages[stage].name));
            for (_, value) in own.iter_mut().filter(|(key, _)| key == "from") {
                if let Some(words) = self.build_words().filter(|_| was.as_ref() == Some(value)) {
                    *value = of_stage(words.text("builds-in"));
                }
            }
            fields.extend(own);
            Outcome::Step(format!("stages.{path}"))
        } else {
            let written = old.written(from, statement);
            let (text, respelled) = written.ok_or("it has bytes that no spec can hold")?;
            fields.push(("dockerfile".to_owned(), spell::text(&text)));
            let path = format!("stages.{path}");
            Outcome::Kept { path, respelled }
        };
        self.leftovers.others.push((path, fields));
        Ok(outcome)
    }

    /// An instruction of which the preset does the work in its own way.
    fn redo(&mut self, kept: Placed<'_>) {
        let text = dockerfile::print(&kept.statement.instruction);
        if let Some(built) = &mut self.built {
            built.redone.push((kept.stage, text));
        }
    }
}

fn notice(statement: &Statement, text: &str) -> Notice {
    Notice {
        line: statement.place.first_line,
        text: text.to_owned(),
    }
}

/// The stage or image that an instruction copies from.
fn taken_from(instruction: &Instruction) -> Option<&str> {
    match instruction {
        Instruction::Copy(copy) => Some(copy.from.as_ref()?.as_str()),
        _ => None,
    }
}
