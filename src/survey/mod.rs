//! A survey of a project: what its files say and show of how it is built and run, and the spec that follows from it.
//!
//! What is found is an [`Answer`] to a key of the spec, with the place where it was seen and how sure it is. What was not
//! found is named too. Nothing is made up: where no file answers, the key is left out, or written as a comment.
//!
//! What recognises a stack is data: the signs of presets, and `templates/survey/`. Only `init` makes a survey; what is
//! generated later depends on the spec alone.

mod apart;
mod c;
mod knowledge;
mod lookup;
mod python;
mod requirement;
mod settings;
mod spec;

use std::cell::RefCell;
use std::fmt;

use indexmap::IndexMap;

use crate::data::quoted;
use crate::files::Tree;
use crate::preset::{Library, Preset};

pub use apart::{Apart, apart};
pub use knowledge::Knowledge;
pub use spec::text;

/// What the person who asks for a survey has decided already.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The name of the service.
    pub name: String,
    /// The preset.
    pub preset: Option<String>,
    /// The command that starts it.
    pub command: Option<Vec<String>>,
    /// The port that it listens on.
    pub port: Option<u16>,
    /// Whether the likeliest of several programs is taken.
    pub likeliest: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Survey {
    /// The keys of the spec, in their order.
    pub answers: Vec<Answer>,
    /// Whether something says how the service starts.
    pub starts: bool,
    /// What may start it, where nothing says which.
    pub candidates: Vec<Answer>,
    /// Keys that the spec cannot do without, and that nothing answers, each with an example.
    pub blanks: Vec<Answer>,
    /// What could not be found out, each as a sentence.
    pub unknown: Vec<String>,
    /// What a person should know besides.
    pub notes: Vec<String>,
    /// The folders below that may be projects, where nothing at the top shows one.
    pub below: Vec<String>,
    /// The versions of the language that the project allows, as a file says it.
    version: Option<(requirement::Range, String, Place)>,
}

/// A key of the spec with its value.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The table that the key is in, or nothing for the top of the spec.
    pub table: String,
    /// The key.
    pub key: String,
    /// The value, as TOML.
    pub value: String,
    /// What tells so.
    pub reason: Reason,
}

/// What tells something.
#[derive(Clone, Debug)]
pub struct Reason {
    /// A few words.
    pub text: String,
    /// The place in the project, if it is one.
    pub place: Option<Place>,
    /// How sure it is.
    pub sure: Sure,
}

/// How sure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    /// A file that is there to say such things says it, or the person who asked.
    Certain,
    /// The code shows it.
    Likely,
    /// Nothing says otherwise.
    Assumed,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
}

impl Place {
    pub(crate) fn new(path: &str, line: usize) -> Self {
        Self {
            path: path.to_owned(),
            line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

impl fmt::Display for Sure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Assumed => "assumed",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{place}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl Reason {
    fn new(sure: Sure, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            place: None,
            sure,
        }
    }

    fn at(sure: Sure, place: &Place, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            place: Some(place.clone()),
            sure,
        }
    }
}

impl Survey {
    fn answer(&mut self, key: &str, value: impl Into<String>, reason: Reason) {
        self.answer_below("", key, value, reason);
    }

    fn answer_below(&mut self, table: &str, key: &str, value: impl Into<String>, reason: Reason) {
        self.answers.push(Answer {
            table: table.to_owned(),
            key: key.to_owned(),
            value: value.into(),
            reason,
        });
    }

    /// Adds a text to a list that another answer may have begun.
    fn add_below(&mut self, table: &str, key: &str, text: &str, reason: Reason) {
        let same = |answer: &&mut Answer| answer.table == table && answer.key == key;
        match self.answers.iter_mut().find(same) {
            Some(answer) => {
                let begun = answer.value.trim_end_matches(']').to_owned();
                answer.value = format!("{begun}, {}]", quoted(text));
            }
            None => self.answer_below(table, key, list(&[text]), reason),
        }
    }

    /// The answer to a key at the top of the spec.
    fn answered(&self, key: &str) -> Option<&Answer> {
        let top = |answer: &&Answer| answer.table.is_empty() && answer.key == key;
        self.answers.iter().find(top)
    }
}

/// Texts as a list of TOML.
fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// The files of a project as they are looked into: each is read once, and one that cannot be read is noted.
struct Evidence<'a> {
    tree: &'a Tree,
    texts: RefCell<IndexMap<String, Option<String>>>,
    notes: RefCell<Vec<String>>,
}

impl<'a> Evidence<'a> {
    fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            texts: RefCell::default(),
            notes: RefCell::default(),
        }
    }

    /// The text of a file, or nothing if it is not there or cannot be read.
    fn read(&self, path: &str) -> Option<String> {
        if !self.tree.has(path) {
            return None;
        }
        if let Some(text) = self.texts.borrow().get(path) {
            return text.clone();
        }
        let text = match self.tree.read(path) {
            // A byte order mark is no part of what a file says.
            Ok(text) => Some(text.trim_start_matches('\u{feff}').to_owned()),
            Err(error) => {
                self.note(format!("{error}; it was not looked at"));
                None
            }
        };
        self.texts
            .borrow_mut()
            .insert(path.to_owned(), text.clone());
        text
    }

    fn note(&self, note: String) {
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
}

/// Looks at a project.
pub fn survey(tree: &Tree, knowledge: &Knowledge, library: &Library, asked: &Asked) -> Survey {
    let evidence = Evidence::new(tree);
    let mut survey = Survey::default();
    let chosen = asked.preset.as_deref().and_then(|name| library.get(name));
    let language = match chosen.and_then(Preset::serves) {
        Some((language, _)) => Some(language),
        None => recognise(&evidence, knowledge, library),
    };
    if language.is_some() || asked.preset.is_some() {
        let reason = Reason::new(Sure::Certain, "as the folder is called");
        survey.answer("name", quoted(&asked.name), reason);
    }
    match language {
        Some(language) if language == knowledge.python.text("language") => {
            python::survey(&evidence, knowledge, library, asked, &mut survey);
        }
        Some(language) if language == knowledge.c.text("language") => {
            c::survey(&evidence, knowledge, library, asked, &mut survey);
        }
        _ => elsewhere(&evidence, knowledge, library, asked, &mut survey),
    }
    if tree.is_cut() {
        survey.notes.push(
            "there are more files than were looked at; those deep below were left out".to_owned(),
        );
    }
    survey.notes.extend(evidence.notes.into_inner());
    survey
}

/// The language of a project: one whose signs lie at its top before one that has only sources there, and last one that
/// has them in a folder for sources, where nothing shows another project at the top or below; of several, the one with the
/// most.
fn recognise<'a>(
    evidence: &Evidence,
    knowledge: &'a Knowledge,
    library: &Library,
) -> Option<&'a str> {
    let known = [&knowledge.python, &knowledge.c];
    let folders = knowledge.files.texts("source-folders");
    let mut foreign = knowledge.files.texts("foreign").into_iter();
    let is_elsewhere = foreign.any(|file| evidence.tree.has(file))
        || !signed_folders(evidence, knowledge, library).is_empty();
    let mut found: Vec<((bool, usize), &str)> = Vec::new();
    for known in known {
        let mut endings = known.texts("further-sources");
        endings.push(known.text("sources"));
        let is_source = |path: &&str| endings.iter().any(|ending| path.ends_with(ending));
        let has_sign = signs_of(library, known.text("language"))
            .into_iter()
            .chain(known.words("marks"))
            .any(|file| evidence.tree.has(&file));
        let mut top = evidence
            .tree
            .paths()
            .filter(|path| match path.rsplit_once('/') {
                Some((folder, _)) => !is_elsewhere && folders.contains(&folder),
                None => true,
            });
        let count = evidence.tree.paths().filter(is_source).count();
        if has_sign && count > 0 || top.any(|path| is_source(&path)) {
            found.push(((has_sign, count), known.text("language")));
        }
    }
    // Of as many files in each, the language that is known first.
    found.sort_by_key(|(likely, _)| std::cmp::Reverse(*likely));
    found.first().map(|(_, language)| *language)
}

/// The files by which the presets of a language are recognised.
fn signs_of(library: &Library, language: &str) -> Vec<String> {
    let serving = library
        .presets()
        .filter(|preset| preset.serves().is_some_and(|(of, _)| of == language));
    serving
        .flat_map(|preset| preset.signs().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The folders below with a file by which a preset is recognised.
fn signed_folders<'a>(
    evidence: &'a Evidence,
    knowledge: &Knowledge,
    library: &Library,
) -> Vec<&'a str> {
    let mut signs: Vec<String> = signs_of(library, knowledge.python.text("language"));
    signs.extend(signs_of(library, knowledge.c.text("language")));
    signs.extend(knowledge.python.words("marks"));
    let mut folders: Vec<&str> = evidence
        .tree
        .paths()
        .filter_map(|path| path.rsplit_once('/'))
        .filter(|(folder, name)| !folder.contains('/') && signs.iter().any(|sign| sign == name))
        .map(|(folder, _)| folder)
        .collect();
    folders.dedup();
    folders
}

/// Nothing at the top tells the language: says where something would, if a folder below does.
fn elsewhere(
    evidence: &Evidence,
    knowledge: &Knowledge,
    library: &Library,
    asked: &Asked,
    survey: &mut Survey,
) {
    if let Some(preset) = &asked.preset {
        survey.answer(
            "preset",
            quoted(preset),
            Reason::new(Sure::Certain, "as you said"),
        );
        let lineage = library.get(preset).map(|preset| library.lineage(preset));
        if !lineage.into_iter().flatten().any(Preset::has_base) {
            let text = "which image it runs on: the preset leaves it open; `base` says it";
            survey.unknown.push(text.to_owned());
            survey.blanks.push(Answer {
                table: String::new(),
                key: "base".to_owned(),
                value: quoted(knowledge.files.text("example-base")),
                reason: Reason::new(Sure::Assumed, "the image that the service runs on"),
            });
        }
    }
    let folders = signed_folders(evidence, knowledge, library);
    if asked.preset.is_none() {
        survey.unknown.push(if folders.is_empty() {
            "what the service is written in; `--preset` says it, and `dockwright preset list` shows what there is"
                .to_owned()
        } else {
            let commands: Vec<String> = folders
                .iter()
                .map(|folder| format!("`dockwright init {folder}`"))
                .collect();
            format!(
                "what the service is written in: nothing at the top of the folder tells; below it there is something: {}",
                commands.join(", ")
            )
        });
        survey.below = folders.into_iter().map(str::to_owned).collect();
    }
    settings::command(asked, survey);
    settings::settings(evidence, knowledge, survey);
}
