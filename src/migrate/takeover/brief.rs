//! The spec of a file that a preset takes over: what was taken, as text.

use std::fmt::Write;

use indexmap::IndexMap;

use crate::data::Node;
use crate::dockerfile::reference::ImageRef;
use crate::migrate::draft::spell;
use crate::migrate::draft::typed::{self, Fields};
use crate::migrate::draft::{self, Draft};
use crate::migrate::notice::Notice;
use crate::migrate::unmade::AS_ROOT;
use crate::migrate::variables;
use crate::preset::Preset;

use super::locked::project::required;
use super::{Improved, Writer};

impl Writer<'_> {
    pub(super) fn finish(mut self, image: &ImageRef) -> Improved {
        let is_built = self.built.is_some();
        let apart = &self.parts.apart;
        let apart = draft::apart(self.kept, self.old, self.context, apart, &mut self.outcomes);
        let (arguments, mut end) = draft::globals(self.old, &mut self.outcomes);
        end.extend(draft::rest(self.old, &mut self.outcomes));
        // Writing to a string cannot fail.
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(text, "{key} = {value}");
        };
        line("name", &spell::text(self.context.name));
        line("preset", &spell::text(&self.preset.name));
        let overlaid = self.overlaid.clone();
        if let Some(overlay) = &overlaid {
            line("with", &spell::list(std::slice::from_ref(&overlay.name)));
        }
        let root = self.old.lineage(self.old.chosen)[0];
        let said = |stage: usize| typed::said(self.old.stages[stage].from.image.word());
        let own = self.lock.base.as_ref().map(ImageRef::familiar);
        let base = own.clone().or_else(|| said(root));
        let base = base.unwrap_or_else(|| image.familiar());
        let mut images = vec![("image".to_owned(), spell::text(&base))];
        let mut builders = self.parts.builders.iter();
        let of_program = self.built.as_ref().and_then(|built| built.image.clone());
        let of_packages = builders.find_map(|builder| builder.root).and_then(said);
        if let Some(build) = of_packages.or(of_program) {
            images.push(("build".to_owned(), spell::text(&build)));
        }
        if base.contains('$')
            && let Some(family) = (self.context.family)(&image.familiar())
        {
            images.push(("family".to_owned(), spell::text(&family)));
        }
        let foreign = variables::foreign(self.old);
        if !foreign.is_empty() {
            images.push(("env".to_owned(), spell::list(&foreign)));
        }
        match images.as_slice() {
            [(_, image)] => line("base", image),
            images => line("base", &spell::table(images)),
        }
        let is_alone = self.parts.builders.is_empty() && !is_built;
        let build = if is_alone {
            &self.packages
        } else {
            &self.build_packages
        };
        let packages = [("runtime", &self.packages), ("build", build)];
        let named = packages.iter().filter(|(_, names)| !names.is_empty());
        let named: Fields = named
            .map(|(key, names)| ((*key).to_owned(), spell::list(names)))
            .collect();
        if !named.is_empty() {
            line("packages", &spell::table(&named));
        }
        let user = self.user.clone();
        line("user", user.as_deref().unwrap_or("\"root\""));
        let exclude = self.exclude();
        if exclude.is_empty() {
            line("source", &spell::values(&self.sources));
        }
        for (key, value) in &self.top {
            if key == "#" {
                text.push_str(&draft::comment_line(value));
            } else {
                let _ = writeln!(text, "{key} = {value}");
            }
        }
        if !exclude.is_empty() {
            let _ = write!(
                text,
                "\n[source]\ninclude = {}\nexclude = [\n{}]\n",
                spell::values(&self.sources),
                exclude
            );
        }
        for (key, groups) in [
            ("args", &arguments),
            ("env", &self.env),
            ("labels", &self.labels),
        ] {
            let mut body = String::new();
            for (comments, pairs) in groups {
                for comment in comments {
                    body.push_str(&draft::comment_line(comment));
                }
                for (name, value) in pairs {
                    let _ = writeln!(body, "{} = {value}", spell::key(name));
                }
            }
            if groups.iter().any(|(_, pairs)| !pairs.is_empty()) {
                let _ = write!(text, "\n[{key}]\n{body}");
            } else {
                text.push_str(&body);
            }
        }
        if !self.healthcheck.is_empty() {
            let _ = write!(text, "\n[healthcheck]\n{}", draft::lines(&self.healthcheck));
        }
        let mut locked = self.lock_options();
        if let Some(built) = &self.built {
            locked.extend(built.options.iter().cloned());
        }
        for (owner, lines) in self.options(&locked) {
            let _ = write!(text, "\n[options.{owner}]\n{}", draft::lines(&lines));
        }
        if let Some(overlay) = overlaid.iter().find(|overlay| !overlay.options.is_empty()) {
            let lines = draft::lines(&overlay.options);
            let _ = write!(text, "\n[options.{}]\n{lines}", overlay.name);
        }
        let mut outputs = Fields::new();
        if self.context.dockerfile != "Dockerfile" {
            outputs.push((
                "dockerfile".to_owned(),
                spell::text(self.context.dockerfile),
            ));
        }
        outputs.push(("compose".to_owned(), "false".to_owned()));
        let _ = write!(text, "\n[outputs]\n{}", draft::lines(&outputs));
        text.push_str(&self.stages(&base));
        text.push_str(&apart);
        let stages = self.names_of_stages();
        let is_free = |alias: &str| stages.iter().all(|name| name != alias);
        if self.old.alias().is_some_and(is_free) {
            text.push_str(&draft::alias(self.old));
        }
        for (step, written) in &self.steps {
            // The preset's own note tells of another user.
            let note = match *step {
                "user" if is_built => {
                    "note = \"The user as the old file has it\"
"
                }
                "user" => {
                    self.refusals.extend(self.unmade.take());
                    "note = \"The user that was made above\"
"
                }
                _ => "",
            };
            let _ = write!(
                text,
                "\n[stages.runtime.steps.{step}]\n{note}dockerfile = {}\n",
                spell::text(written)
            );
        }
        for comment in &end {
            text.push_str(&draft::comment_line(comment));
        }
        let words = self.build_words();
        if user.is_none() {
            self.refusals.push(Notice {
                line: self.old.stages[root].statement.place.first_line,
                text: AS_ROOT.to_owned(),
            });
        }
        let bundled = self.still_bundled();
        let has_bundled = !bundled.is_empty() && !self.idioms.text("bundled-option").is_empty();
        let bundled = has_bundled.then(|| {
            format!(
                "the environment begins with `{}` in the version of the image, as far as that has them",
                bundled.join("` and `")
            )
        });
        Improved {
            draft: Draft {
                text,
                outcomes: self.outcomes,
            },
            expected: self.leftovers.expected,
            gains: match &self.built {
                Some(program) => program.gains(),
                None => vec![
                    "what installs stays in a stage of its own, and what it installs is apart from what the base image has".to_owned(),
                    "the build sees only what is copied, and never `.git`, keys and what the preset knows as rubbish".to_owned(),
                ],
            }
            .into_iter()
            .chain(bundled)
            .chain(overlaid.iter().map(|overlay| overlay.gain.clone()))
            .chain(self.gains)
            .collect(),
            refusals: self.refusals,
            bound: [self.files, self.included].concat(),
            settings: self.settings,
            taken: self.taken,
            user: self
                .made
                .filter(|made| user.as_ref() == Some(&made.value))
                .map(|made| (made.name, made.numbers)),
            arguments: arguments
                .into_iter()
                .flat_map(|(_, pairs)| pairs)
                .map(|(name, _)| name)
                .chain(overlaid.into_iter().flat_map(|overlay| overlay.arguments))
                .collect(),
            started: self.lock.started,
            base: own,
            same: words.and_then(|words| Some(self.built?.same(words))),
        }
    }

    /// What the image has that the environment gets too, unless the file installs another version.
    fn still_bundled(&self) -> Vec<String> {
        let early: Vec<&str> = self.early.iter().map(|early| required(early)).collect();
        let mut bundled = self.bundled.clone();
        bundled.retain(|name| !early.contains(&name.as_str()));
        bundled
    }

    /// The options that say what is installed and how, below the preset that declares each.
    fn options(&self, locked: &Fields) -> IndexMap<&str, Fields> {
        let mut options: IndexMap<&str, Fields> = IndexMap::new();
        let bundled = self.still_bundled();
        let named = [
            ("file-option", &self.files),
            ("included-option", &self.included),
            ("flags-option", &self.flags),
            ("bundled-option", &bundled),
            ("early-option", &self.early),
            ("named-option", &self.named),
        ];
        for (key, values) in named {
            let option = self.idioms.text(key);
            let (owner, default) = self.declared(option);
            let usual = default.map(|node| {
                let items = node.items().filter_map(Node::text);
                items.map(ToOwned::to_owned).collect::<Vec<String>>()
            });
            if !option.is_empty() && usual.unwrap_or_default() != *values {
                let own = options.entry(owner).or_default();
                own.push((option.to_owned(), spell::list(values)));
            }
        }
        for (option, value) in locked {
            let (owner, default) = self.declared(option);
            if default.is_none_or(|default| default.to_toml() != *value) {
                let own = options.entry(owner).or_default();
                own.push((option.clone(), value.clone()));
            }
        }
        options
    }

    /// The preset that declares an option, this one or one that it builds on, and what the option is if nothing says it.
    pub(super) fn declared(&self, option: &str) -> (&str, Option<Node>) {
        let lineage = self.library.lineage(self.preset);
        for preset in &lineage {
            if let Some(declared) = preset.options().find(|declared| declared.name == option) {
                let said = |other: &&Preset| {
                    let options = other.tree.get("defaults")?.get("options")?;
                    options.get(&preset.name)?.get(option).cloned()
                };
                let default = lineage.iter().find_map(said).or(declared.default);
                return (&preset.name, default);
            }
        }
        (&self.preset.name, None)
    }

    /// The lines of the old ignore file, each as an item of a list, its comments too.
    fn exclude(&self) -> String {
        let text = String::from_utf8_lossy(self.context.ignore.unwrap_or_default()).into_owned();
        let mut items = String::new();
        let mut patterns = 0;
        for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
            if let Some(comment) = line.strip_prefix('#') {
                let _ = write!(items, "  {}", draft::comment_line(comment.trim()));
            } else if !line.is_empty() {
                let _ = writeln!(items, "  {},", spell::text(line));
                patterns += 1;
            }
        }
        if patterns == 0 { String::new() } else { items }
    }
}
