//! Presets: what a stack needs, as data. They are read, checked, and flattened along `extends` into one.
//!
//! This room knows the form of presets and how they merge. It does not know what a step becomes.

mod builtin;
mod flatten;
mod idioms;
mod option;
pub mod shape;

use indexmap::IndexMap;

use crate::data::{self, Node, Shape};
use crate::diag::{Diagnostic, SourceId, Sources, Span};

pub(crate) use flatten::RUNTIME;
pub use flatten::{Flat, Stage, Step, stage_mistakes};
pub use option::{Declared, Kind};

/// All presets that can be named.
#[derive(Clone, Debug, Default)]
pub struct Library {
    presets: IndexMap<String, Preset>,
}

/// One preset file that has the right form.
#[derive(Clone, Debug)]
pub struct Preset {
    /// The name: of a file, without its ending.
    pub name: String,
    /// The file.
    pub tree: Node,
}

impl Preset {
    /// Reads a preset and checks its form. `path` is what messages call the file.
    pub fn parse(
        name: &str,
        path: &str,
        text: &str,
        sources: &mut Sources,
    ) -> Result<Self, Vec<Diagnostic>> {
        let source = sources.add(path, text);
        let tree = data::parse(text, source)?;
        let mut mistakes = data::check_template("", &tree, &Shape::Table(shape::keys()), &[]);
        mistakes.extend(flatten::mistakes(&tree));
        for option in options(name, &tree) {
            if let Some(default) = &option.default {
                if option.required {
                    let message = "an option that every spec sets has no default";
                    mistakes.push(Diagnostic::at(default.span, message));
                }
                let path = format!("options.{}.default", option.name);
                mistakes.extend(data::check_below(&path, default, &option.kind.shape(), &[]));
            }
        }
        if mistakes.is_empty() {
            Ok(Self {
                name: name.to_owned(),
                tree,
            })
        } else {
            Err(mistakes)
        }
    }

    /// What it is for.
    pub fn summary(&self) -> &str {
        self.tree
            .get("summary")
            .and_then(Node::text)
            .unwrap_or_default()
    }

    /// The preset that it extends.
    pub fn extends(&self) -> Option<(&str, Span)> {
        let node = self.tree.get("extends")?;
        Some((node.text()?, node.span))
    }

    /// Whether it says itself which image the service runs on.
    pub fn has_base(&self) -> bool {
        let defaults = self.tree.get("defaults");
        defaults.is_some_and(|defaults| defaults.get("base").is_some())
    }

    /// The presets that it lies on top of, if it is an overlay.
    pub fn overlays(&self) -> impl Iterator<Item = &str> {
        self.tree
            .get("overlays")
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::text)
    }

    /// The language and package manager that look it up.
    pub fn serves(&self) -> Option<(&str, &str)> {
        let serves = self.tree.get("serves")?;
        Some((
            serves.get("language")?.text()?,
            serves.get("package-manager")?.text()?,
        ))
    }

    /// The files by which a project that it fits is recognised.
    pub fn signs(&self) -> impl Iterator<Item = &str> {
        let files = self.tree.get("signs").and_then(|signs| signs.get("files"));
        files
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::text)
    }

    /// The options that it declares itself.
    pub fn options(&self) -> impl Iterator<Item = Declared> {
        options(&self.name, &self.tree)
    }
}

fn options(preset: &str, tree: &Node) -> impl Iterator<Item = Declared> {
    tree.get("options")
        .into_iter()
        .flat_map(Node::entries)
        .map(move |(name, entry)| Declared::read(preset, name, &entry.node))
}

impl Library {
    /// The presets that come with dockwright.
    ///
    /// # Panics
    /// When one of them has a mistake, which is a bug in dockwright.
    pub fn builtin(sources: &mut Sources) -> Self {
        let mut library = Self::default();
        for (name, text) in builtin::ALL {
            match Preset::parse(name, &format!("presets/{name}.toml"), text, sources) {
                Ok(preset) => library.add(preset),
                Err(mistakes) => panic!(
                    "this is a bug in dockwright: its preset {name} has mistakes\n{}",
                    crate::diag::report(&mistakes, sources, crate::diag::Color::No)
                ),
            }
        }
        library
    }

    /// Adds a preset; one of the same name is replaced.
    pub fn add(&mut self, preset: Preset) {
        self.presets.insert(preset.name.clone(), preset);
    }

    /// Whether a text is that of a preset that comes with dockwright.
    pub fn is_builtin(&self, source: SourceId) -> bool {
        let comes = |preset: &Preset| {
            preset.tree.span.source == source
                && builtin::ALL.iter().any(|(name, _)| *name == preset.name)
        };
        self.presets().any(comes)
    }

    /// Every preset, in the order in which they were added.
    pub fn presets(&self) -> impl Iterator<Item = &Preset> {
        self.presets.values()
    }

    /// A preset and all that it extends, in this order. What is missing ends it, and so does a circle; both are reported
    /// where presets are compiled.
    pub fn lineage<'a>(&'a self, preset: &'a Preset) -> Vec<&'a Preset> {
        let mut chain = vec![preset];
        while let Some((name, _)) = chain[chain.len() - 1].extends()
            && let Some(below) = self.get(name)
            && !chain.iter().any(|known| known.name == below.name)
        {
            chain.push(below);
        }
        chain
    }

    /// The preset of this name.
    pub fn get(&self, name: &str) -> Option<&Preset> {
        self.presets.get(name)
    }

    /// The names of all presets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.presets.keys().map(String::as_str)
    }

    /// The preset of this name, or of this path; or a mistake at the place that names it.
    pub fn find(&self, name: &str, span: Span) -> Result<&Preset, Diagnostic> {
        self.get(name_of(name)).ok_or_else(|| {
            let mistake = Diagnostic::at(
                span,
                format!("there is no preset `{}`", name.escape_debug()),
            );
            match crate::diag::closest(name, self.names()) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake.help(format!("the presets are {}", quoted(self.names()))),
            }
        })
    }

    /// The package managers of a language that there are presets for, as messages list them.
    pub fn managers(&self, language: &str) -> String {
        let served = self.presets().filter_map(Preset::serves);
        quoted(
            served
                .filter(|(of, _)| *of == language)
                .map(|(_, manager)| manager),
        )
    }

    /// The preset that serves a language and a package manager.
    pub fn serving(
        &self,
        language: (&str, Span),
        manager: (&str, Span),
    ) -> Result<&Preset, Diagnostic> {
        let found = |preset: &&Preset| preset.serves() == Some((language.0, manager.0));
        if let Some(preset) = self.presets().find(found) {
            return Ok(preset);
        }
        let served = || self.presets().filter_map(Preset::serves);
        let managers: Vec<&str> = served()
            .filter(|(of, _)| *of == language.0)
            .map(|(_, manager)| manager)
            .collect();
        if managers.is_empty() {
            let mut languages: Vec<&str> = served().map(|(of, _)| of).collect();
            languages.dedup();
            let mistake = Diagnostic::at(
                language.1,
                format!(
                    "no preset serves the language `{}`",
                    language.0.escape_debug()
                ),
            );
            return Err(
                match crate::diag::closest(language.0, languages.iter().copied()) {
                    Some(near) => mistake.help(format!("did you mean `{near}`?")),
                    None => mistake.help(format!("the languages are {}", quoted(languages))),
                },
            );
        }
        let message = format!(
            "no preset serves the package manager `{}` for {}",
            manager.0.escape_debug(),
            language.0
        );
        let mistake = Diagnostic::at(manager.1, message);
        Err(
            match crate::diag::closest(manager.0, managers.iter().copied()) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake.help(format!(
                    "the package managers for {} are {}",
                    language.0,
                    quoted(managers)
                )),
            },
        )
    }
}

/// What a preset is called: as its file, without the folders before and the ending behind.
pub fn name_of(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".toml").unwrap_or(file)
}

/// Whether a preset is named by the path of its file.
pub fn is_path(name: &str) -> bool {
    name.contains('/') || name_of(name) != name
}

fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
