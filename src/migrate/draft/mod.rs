//! A spec for an old Dockerfile: what keys say, and everything else as steps in the old order. Writing it decides for
//! each item of the file what becomes of it, so that the account is whole because
//! the spec is.

mod family;
mod globals;
pub(super) mod keys;
pub(super) mod spell;
pub(super) mod typed;

use std::fmt::Write;

use indexmap::IndexMap;

use crate::dockerfile::{DirectiveName, Document, Healthcheck, Instruction, Item, Statement, Word};

use super::account::Outcome;
use super::old::{Old, OldStage};
use super::variables::foreign;
use super::{Context, RUNTIME};

pub(super) use globals::globals;
use keys::{Key, Keys};
use typed::Fields;

/// A spec with what became of each item of the old file.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) text: String,
    /// For each item of the document; blank lines have none.
    pub(super) outcomes: Vec<Option<Outcome>>,
}

struct Writer<'a> {
    old: &'a Old<'a>,
    names: &'a Old<'a>,
    context: &'a Context<'a>,
    keys: Keys,
    /// Comments and the key that they stand at, in the order of the file.
    top: Vec<(Vec<String>, Line)>,
    outcomes: Vec<Option<Outcome>>,
    /// What can stand nowhere else.
    end: Vec<String>,
}

/// What is said at the top of the spec.
enum Line {
    /// A key with its value.
    Value(&'static str, String),
    /// Entries of a table.
    Entries(&'static str, Fields),
}

/// Writes a spec in which these keys say what they can. Steps are named as the instructions of `names` are, which is the
/// same file before anything was improved.
pub(super) fn write(old: &Old<'_>, names: &Old<'_>, context: &Context<'_>, keys: Keys) -> Draft {
    let mut writer = Writer {
        old,
        names,
        context,
        keys,
        top: Vec::new(),
        outcomes: vec![None; old.document.items().len()],
        end: Vec::new(),
    };
    let stages = writer.stages();
    writer.end.extend(rest(old, &mut writer.outcomes));
    let text = writer.text(&stages);
    Draft {
        text,
        outcomes: writer.outcomes,
    }
}

/// The table of a stage that is called as the one that runs was, if that is another name.
pub(super) fn alias(old: &Old<'_>) -> String {
    let Some(alias) = old.alias() else {
        return String::new();
    };
    format!(
        "\n[stages.{}]\nfrom = \"stage:{RUNTIME}\"\nnote = \"The name that builds ask for\"\n",
        spell::key(alias)
    )
}

/// The tables of some stages alone, all of them as steps.
pub(super) fn apart(
    old: &Old<'_>,
    names: &Old<'_>,
    context: &Context<'_>,
    stages: &[usize],
    outcomes: &mut Vec<Option<Outcome>>,
) -> String {
    let mut writer = Writer {
        old,
        names,
        context,
        keys: Keys::NONE.with(Key::Split),
        top: Vec::new(),
        outcomes: std::mem::take(outcomes),
        end: Vec::new(),
    };
    let text = stages.iter().map(|stage| writer.stage(*stage)).collect();
    *outcomes = writer.outcomes;
    text
}

impl Writer<'_> {
    fn account(&mut self, item: usize, outcome: Outcome) {
        account(self.old, &mut self.outcomes, item, outcome);
    }

    /// The comments of an instruction, and of those whose place it takes.
    fn comments(&self, item: usize, statement: &Statement) -> Vec<String> {
        let mut all = comments(statement);
        all.extend(self.moved(item));
        all
    }

    /// The comments of the instructions whose place an item takes.
    fn moved(&self, item: usize) -> Vec<String> {
        let gone = self.old.gone.iter();
        let into = gone.filter(|gone| gone.into == Some(item));
        into.flat_map(|gone| gone.comments.clone()).collect()
    }

    /// Accounts for the instructions that others do the work of.
    fn gone(&mut self) {
        for gone in &self.old.gone {
            if gone.into.is_none() {
                self.end.extend(gone.comments.iter().cloned());
            }
            self.account(gone.item, Outcome::Improved(gone.reason.clone()));
        }
    }

    fn globals(&mut self) {
        let (args, end) = globals(self.old, &mut self.outcomes);
        self.end.extend(end);
        let args = args.into_iter();
        self.top
            .extend(args.map(|(comments, pairs)| (comments, Line::Entries("args", pairs))));
    }

    /// The tables of all stages, each with the position that it has in the spec.
    fn stages(&mut self) -> String {
        self.globals();
        self.gone();
        let mut text = String::new();
        let old = self.old;
        for index in 0..old.stages.len() {
            text.push_str(&self.stage(index));
        }
        text.push_str(&alias(old));
        text
    }

    /// The tables of one stage.
    fn stage(&mut self, index: usize) -> String {
        let old = self.old;
        let stage = &old.stages[index];
        let from = match old.parent(index) {
            Some(parent) => Some(format!("stage:{}", old.stages[parent].name)),
            None => typed::said(stage.from.image.word()),
        };
        let Some(from) = from else {
            let reason = "the name of this image cannot be said in a spec";
            self.account(stage.item, Outcome::Person(reason.to_owned()));
            return String::new();
        };
        let is_runtime = index == old.chosen;
        let is_root = old.parent(index).is_none();
        let mut table = Fields::new();
        let path = format!("stages.{}", stage.name);
        if is_runtime && is_root {
            self.account(stage.item, Outcome::Key("base".to_owned()));
        } else {
            table.push(("from".to_owned(), spell::text(&from)));
            let family = self.family_to_say(index).filter(|_| is_root);
            table.extend(family.map(|family| ("family".to_owned(), spell::text(&family))));
            self.account(stage.item, Outcome::Key(path.clone()));
        }
        if let Some(platform) = &stage.from.platform {
            match typed::said(platform.word()) {
                Some(platform) => table.push(("platform".to_owned(), spell::text(&platform))),
                None => self.account(
                    stage.item,
                    Outcome::Person("its platform cannot be said in a spec".to_owned()),
                ),
            }
        }
        let note = comments(stage.statement);
        if !note.is_empty() {
            table.push(("note".to_owned(), spell::text(&escaped(&note.join("\n")))));
        }
        let steps = self.steps(index, stage, is_runtime);
        let is_needed = !table.is_empty() || (!steps.is_empty() && !is_runtime);
        if is_needed {
            format!("\n[{path}]\n{}{steps}", lines(&table))
        } else {
            steps
        }
    }

    /// The tables of the steps of one stage.
    fn steps(&mut self, index: usize, stage: &OldStage<'_>, is_runtime: bool) -> String {
        let old = self.old;
        let said = if is_runtime {
            keys::assign(stage, self.keys, old.has_usual_shell(index))
        } else {
            vec![None; stage.body.len()]
        };
        let early =
            |key: &Option<Key>| matches!(key, Some(Key::Workdir | Key::Env | Key::FirstEnv));
        let settled = said.iter().rposition(early);
        let copied = said.iter().position(|key| *key == Some(Key::Source));
        let mut names: IndexMap<String, usize> = IndexMap::new();
        if is_runtime {
            names.extend(RESERVED.iter().map(|name| ((*name).to_owned(), 1)));
        }
        let mut text = String::new();
        let mut behind: Option<String> = None;
        for (at, (item, statement)) in stage.body.iter().enumerate() {
            if let Some(key) = said[at] {
                self.say(key, *item, statement);
                continue;
            }
            let (_, first) = &self.names.stages[index].body[at];
            let first = match &statement.instruction {
                // What was only added is copied.
                copy @ Instruction::Copy(_) => copy,
                _ => &first.instruction,
            };
            let name = name_of(first, &mut names);
            let mut fields = Fields::new();
            if settled.is_some_and(|settled| at < settled) {
                fields.push(("before".to_owned(), spell::text("workdir")));
            } else if copied.is_some_and(|copied| at > copied) {
                let above = behind
                    .replace(name.clone())
                    .unwrap_or_else(|| "sources".to_owned());
                fields.push(("after".to_owned(), spell::text(&above)));
            }
            let path = format!("stages.{}.steps.{name}", stage.name);
            let keys = if self.is_for_family(index, at) {
                self.keys
            } else {
                self.keys.without(Key::Commands)
            };
            if let Some(kind) = typed::fields(old, index, &statement.instruction, keys) {
                let note = self.comments(*item, statement);
                if !note.is_empty() {
                    fields.push(("note".to_owned(), spell::text(&escaped(&note.join("\n")))));
                }
                fields.extend(kind);
                self.account(*item, Outcome::Step(path));
            } else if let Some((written, respelled)) = old.written(index, statement) {
                fields.push(("dockerfile".to_owned(), spell::text(&written)));
                self.end.extend(self.moved(*item));
                self.account(*item, Outcome::Kept { path, respelled });
            } else {
                let reason = "it has bytes that are not UTF-8, or text that no spec can hold";
                self.account(*item, Outcome::Person(reason.to_owned()));
                continue;
            }
            let _ = write!(
                text,
                "\n[stages.{}.steps.{name}]\n{}",
                spell::key(&stage.name),
                lines(&fields)
            );
        }
        text
    }

    /// Says an instruction by a key at the top.
    fn say(&mut self, key: Key, item: usize, statement: &Statement) {
        let usual = self.old.has_usual_shell(self.old.chosen);
        let line = match (key, &statement.instruction) {
            (Key::Env | Key::FirstEnv, Instruction::Env(env)) => {
                typed::variables(env).map(|pairs| Line::Entries("env", pairs))
            }
            (Key::Labels, Instruction::Label(label)) => {
                typed::labels(label).map(|pairs| Line::Entries("labels", pairs))
            }
            (Key::Workdir, Instruction::Workdir(word)) => value("workdir", word),
            (Key::StopSignal, Instruction::StopSignal(word)) => value("stop-signal", word),
            (Key::User, Instruction::User(word)) => {
                keys::user(word).map(|user| Line::Value("user", user))
            }
            (Key::Entrypoint, Instruction::Entrypoint(line)) => {
                typed::exec(line, usual).map(|words| Line::Value("entrypoint", words))
            }
            (Key::Command, Instruction::Cmd(line)) => {
                typed::exec(line, usual).map(|words| Line::Value("command", words))
            }
            (Key::Ports, Instruction::Expose(ports)) => {
                typed::ports(ports).map(|ports| Line::Value("ports", ports.join(", ")))
            }
            (Key::Healthcheck, Instruction::Healthcheck(Healthcheck::Command(check))) => {
                typed::healthcheck(check).map(|fields| Line::Entries("healthcheck", fields))
            }
            (Key::Source, Instruction::Copy(copy)) => {
                keys::sources(copy).map(|items| Line::Value("source", items.join(", ")))
            }
            _ => None,
        };
        let Some(line) = line else {
            self.account(item, Outcome::Person("it could not be said".to_owned()));
            return;
        };
        self.top.push((self.comments(item, statement), line));
        if let (Key::Source, Instruction::Copy(copy)) = (key, &statement.instruction)
            && let Some(owner) = copy
                .chown
                .as_ref()
                .and_then(|owner| typed::said(owner.word()))
        {
            self.top
                .push((Vec::new(), Line::Value("owner", spell::text(&owner))));
        }
        self.account(item, Outcome::Key(key.word().to_owned()));
    }

    fn base(&self) -> String {
        let old = self.old;
        let root = old.lineage(old.chosen)[0];
        let image = typed::said(old.stages[root].from.image.word());
        let mut table = vec![("image".to_owned(), spell::text(&image.unwrap_or_default()))];
        let family = self.family_to_say(root);
        table.extend(family.map(|family| ("family".to_owned(), spell::text(&family))));
        let foreign = foreign(old);
        if !foreign.is_empty() {
            table.push(("env".to_owned(), spell::list(&foreign)));
        }
        match table.as_slice() {
            [(_, image)] => image.clone(),
            table => spell::table(table),
        }
    }

    fn text(&self, stages: &str) -> String {
        let context = self.context;
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(text, "{key} = {value}");
        };
        line("name", &spell::text(context.name));
        line("preset", "\"image\"");
        line("base", &self.base());
        let mut merged: Vec<(&str, Vec<String>)> = Vec::new();
        for key in [
            "workdir",
            "user",
            "source",
            "ports",
            "entrypoint",
            "command",
            "stop-signal",
        ] {
            let said: Vec<&(Vec<String>, Line)> = self
                .top
                .iter()
                .filter(|(_, line)| matches!(line, Line::Value(own, _) if *own == key))
                .collect();
            if said.is_empty() {
                continue;
            }
            for comment in said.iter().flat_map(|(comments, _)| comments) {
                text.push_str(&comment_line(comment));
            }
            let values: Vec<String> = said
                .iter()
                .filter_map(|(_, line)| match line {
                    Line::Value(_, value) => Some(value.clone()),
                    Line::Entries(..) => None,
                })
                .collect();
            merged.push((key, values.clone()));
            let owner = self.top.iter().find_map(|(_, line)| match line {
                Line::Value("owner", owner) => Some(owner),
                _ => None,
            });
            let value = match (key, owner) {
                ("ports", _) | ("source", None) => spell::values(&values),
                ("source", Some(owner)) => spell::table(&[
                    ("include".to_owned(), spell::values(&values)),
                    ("owner".to_owned(), owner.clone()),
                ]),
                _ => values.join(""),
            };
            let _ = writeln!(text, "{key} = {value}");
        }
        for key in ["env", "args", "labels", "healthcheck"] {
            let mut header = false;
            for (comments, line) in &self.top {
                let Line::Entries(own, pairs) = line else {
                    continue;
                };
                if *own != key {
                    continue;
                }
                if !header {
                    let _ = write!(text, "\n[{key}]\n");
                    header = true;
                }
                for comment in comments {
                    text.push_str(&comment_line(comment));
                }
                for (name, value) in pairs {
                    let _ = writeln!(text, "{} = {value}", spell::key(name));
                }
            }
        }
        let mut outputs = Fields::new();
        if context.dockerfile != "Dockerfile" {
            outputs.push(("dockerfile".to_owned(), spell::text(context.dockerfile)));
        }
        outputs.push(("dockerignore".to_owned(), "false".to_owned()));
        outputs.push(("compose".to_owned(), "false".to_owned()));
        let _ = write!(text, "\n[outputs]\n{}", lines(&outputs));
        text.push_str(stages);
        if !self.end.is_empty() {
            text.push('\n');
            for comment in &self.end {
                text.push_str(&comment_line(comment));
            }
        }
        text
    }
}

/// Says what became of an item, and of the comments above it: they go where it goes.
pub(super) fn account(
    old: &Old<'_>,
    outcomes: &mut [Option<Outcome>],
    item: usize,
    outcome: Outcome,
) {
    let items = old.document.items();
    for above in (0..item).rev() {
        match items[above] {
            Item::Comment(_) if outcomes[above].is_none() => {
                outcomes[above] = Some(outcome.clone());
            }
            Item::Blank(_) => {}
            _ => break,
        }
    }
    outcomes[item] = Some(outcome);
}

/// The steps that the preset has in the stage that runs.
const RESERVED: &[&str] = &[
    "packages",
    "workdir",
    "env",
    "sources",
    "labels",
    "ports",
    "healthcheck",
    "stop-signal",
    "user",
    "entrypoint",
    "command",
];

/// Says what becomes of what is no instruction of a stage: directives, comments at the end, what could not be read. The
/// lines that come back stand as comments at the end of the spec.
pub(super) fn rest(old: &Old<'_>, outcomes: &mut [Option<Outcome>]) -> Vec<String> {
    let mut end = Vec::new();
    let document = old.document;
    for (index, item) in document.items().iter().enumerate() {
        if outcomes[index].is_some() {
            continue;
        }
        let outcome = match item {
            Item::Blank(_) => continue,
            Item::ByteOrderMark(_) => {
                Outcome::Dropped("a mark of the editor, which changes nothing".to_owned())
            }
            Item::Directive(directive) => self::directive(directive.name, &directive.value),
            Item::Comment(comment) => {
                end.push(comment.text.clone());
                Outcome::Key("a comment at the end of the spec".to_owned())
            }
            Item::Broken(broken) => {
                let text = document.bytes(broken.place.range.clone());
                let text = String::from_utf8_lossy(text);
                end.push(format!(
                    "line {} could not be read:",
                    broken.place.first_line
                ));
                end.extend(text.lines().map(ToOwned::to_owned));
                let reason = "it could not be read; its text is a comment at the end of the spec";
                Outcome::Person(reason.to_owned())
            }
            Item::Statement(_) => Outcome::Person("nothing was made of it".to_owned()),
        };
        outcomes[index] = Some(outcome);
    }
    end
}

/// What becomes of a directive: each generated file has one of its own, and the usual escape.
fn directive(name: DirectiveName, value: &str) -> Outcome {
    match name {
        DirectiveName::Syntax => {
            let tag = value
                .strip_prefix("docker/dockerfile")
                .and_then(|rest| match rest {
                    "" => Some(""),
                    rest => rest.strip_prefix(':'),
                });
            let is_usual = tag.is_some_and(|tag| {
                matches!(tag, "" | "latest" | "1")
                    || tag
                        .strip_prefix("1.")
                        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
            });
            if is_usual {
                Outcome::Key(
                    "the newest `docker/dockerfile:1`, which every generated file asks for"
                        .to_owned(),
                )
            } else {
                Outcome::Person(format!(
                    "generated files ask for `docker/dockerfile:1`, not for `{value}`"
                ))
            }
        }
        DirectiveName::Escape => Outcome::Dropped(
            "the generated file has the usual escape, and its instructions are spelled with that"
                .to_owned(),
        ),
        DirectiveName::Check => Outcome::Dropped(
            "it says which warnings the builder gives, and changes nothing that is built"
                .to_owned(),
        ),
    }
}

/// The comments above an instruction and between its lines.
pub(super) fn comments(statement: &Statement) -> Vec<String> {
    let place = &statement.place;
    let all = place.comments_before.iter().chain(&place.comments_inside);
    all.map(|comment| comment.text.clone()).collect()
}

/// A note of a stage or step, in which nothing is an expression.
pub(super) fn escaped(note: &str) -> String {
    let mut text = String::new();
    let mut rest = note.replace('\r', "");
    while let Some(at) = rest
        .find("{{")
        .or_else(|| rest.find("{%"))
        .or_else(|| rest.find("{#"))
    {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let _ = write!(text, "{{{{ '{}' }}}}", &from[..2]);
        rest = from[2..].to_owned();
    }
    text.push_str(&rest);
    text
}

pub(super) fn comment_line(comment: &str) -> String {
    let plain: String = comment
        .chars()
        .filter(|c| *c == '\t' || !c.is_control())
        .collect();
    // A row of signs stays one.
    let blank = if plain.starts_with('#') { "" } else { " " };
    format!("#{blank}{plain}").trim_end().to_owned() + "\n"
}

pub(super) fn lines(fields: &Fields) -> String {
    let mut text = String::new();
    for (key, value) in fields {
        let _ = writeln!(text, "{} = {value}", spell::key(key));
    }
    text
}

fn value(key: &'static str, word: &Word) -> Option<Line> {
    Some(Line::Value(key, spell::text(&typed::said(word)?)))
}

/// A name for a step, of the instruction's first words. `taken` are the names that there are, each with the number of the
/// last one that begins with it.
pub(super) fn name_of(instruction: &Instruction, taken: &mut IndexMap<String, usize>) -> String {
    let text = crate::dockerfile::print(instruction).to_lowercase();
    let mut words = text
        .split_whitespace()
        .filter(|word| !word.starts_with("--"));
    let keyword = words.next().unwrap_or("step").to_owned();
    let letters = |word: &str| -> String {
        let kept: String = word
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        kept.trim_matches('-')
            .split("--")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let rest: Vec<String> = words
        .take(8)
        .map(letters)
        .filter(|word| {
            word.starts_with(|c: char| c.is_ascii_lowercase()) && (2..=24).contains(&word.len())
        })
        .take(2)
        .collect();
    let base = match (instruction, rest.as_slice()) {
        (Instruction::Run(_), []) => keyword,
        (Instruction::Run(_), words) => words.join("-"),
        (_, [first, ..]) => format!("{keyword}-{first}"),
        (_, []) => keyword,
    };
    let mut number = taken.get(&base).copied().unwrap_or_default();
    let mut name = base.clone();
    while taken.contains_key(&name) {
        number += 1;
        name = format!("{base}-{number}");
    }
    taken.insert(name.clone(), 1);
    taken.insert(base, number.max(1));
    name
}

/// How many items of a document have to be accounted for.
pub(super) fn items(document: &Document) -> usize {
    let blank = |item: &&Item| !matches!(item, Item::Blank(_));
    document.items().iter().filter(blank).count()
}
