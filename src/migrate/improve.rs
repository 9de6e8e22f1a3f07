//! Improving: an old file that does by hand what a preset does becomes a few keys, with all that the preset knows.
//!
//! How such a file looks is said by the presets, below `[migrate]`. One instruction that nothing recognises, one fact
//! that would change unsaid, and the file stays as it is, with the reason.

use std::fmt::Write;

use crate::data::Node;
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::paths::relative;
use crate::dockerfile::{CommandLine, Instruction, Statement, TransferSource, reference::ImageRef};
use crate::preset::{Library, Preset};

use super::account::Outcome;
use super::draft::{self, Draft};
use super::facts::{Aspect, Facts};
use super::notice::{Notice, is_secret_file};
use super::old::Old;
use super::typed::{self, Fields};
use super::unequal::Unequal;
use super::{Context, keys, spell};

/// A spec that improves on the old file.
pub(super) struct Improved {
    pub(super) draft: Draft,
    /// What is better, besides what is said of single instructions.
    pub(super) gains: Vec<String>,
    /// What is not made better, and why.
    pub(super) refusals: Vec<Notice>,
    /// Files whose copies are not in the image any more.
    bound: Vec<String>,
    /// Variables that are not in the image any more.
    settings: Vec<String>,
}

/// How an old file says what a preset does; the words of a preset and of all that it extends.
pub(super) struct Idioms<'a> {
    trees: Vec<&'a Node>,
}

impl<'a> Idioms<'a> {
    fn of(preset: &'a Preset, library: &'a Library) -> Option<Self> {
        preset.tree.get("migrate")?.get("installs")?;
        let mut trees = Vec::new();
        let mut next = Some(preset);
        while let Some(preset) = next {
            trees.extend(preset.tree.get("migrate"));
            next = preset.extends().and_then(|(name, _)| library.get(name));
        }
        Some(Self { trees })
    }

    pub(super) fn list(&self, key: &str) -> Vec<&'a str> {
        let found = self.trees.iter().filter_map(|tree| tree.get(key));
        found.flat_map(Node::items).filter_map(Node::text).collect()
    }

    fn text(&self, key: &str) -> &'a str {
        let mut found = self.trees.iter().filter_map(|tree| tree.get(key)?.text());
        found.next().unwrap_or_default()
    }

    /// How systems are told to install packages.
    pub(super) fn systems(&self) -> impl Iterator<Item = &'a Node> {
        let found = self.trees.iter().filter_map(|tree| tree.get("packages"));
        found.flat_map(Node::items)
    }
}

/// Makes a spec with the preset that fits, or says why none does.
pub(super) fn improve(
    old: &Old<'_>,
    context: &Context<'_>,
    library: &Library,
) -> Result<Improved, Vec<Notice>> {
    let first = old
        .stages
        .first()
        .map(|stage| stage.statement.place.first_line);
    let refuse = |text: &str| {
        Err(vec![Notice {
            line: first.unwrap_or(1),
            text: text.to_owned(),
        }])
    };
    let [stage] = old.stages.as_slice() else {
        return refuse(
            "several stages stay as they are: no preset is known to make the same of them",
        );
    };
    if !old.globals.is_empty() || stage.from.platform.is_some() {
        return refuse("the image depends on arguments, so no preset takes it over");
    }
    let image = stage
        .from
        .image
        .word()
        .text()
        .and_then(|text| ImageRef::parse(&text).ok());
    let Some(image) = image else {
        return refuse("the image depends on arguments, so no preset takes it over");
    };
    let name = image.familiar_name();
    let mut refusals = Vec::new();
    for preset in library.presets() {
        let Some(idioms) = Idioms::of(preset, library) else {
            continue;
        };
        if !idioms.list("images").contains(&name.as_str()) || image.tag().is_none() {
            continue;
        }
        let too_old = idioms.list("too-old");
        let tag = image.tag().unwrap_or_default();
        if let Some(begin) = too_old.iter().find(|begin| tag.starts_with(**begin)) {
            return refuse(&format!(
                "an image of `{begin}` is too old for the preset `{}`",
                preset.name
            ));
        }
        let mut writer = Writer {
            old,
            context,
            preset,
            library,
            idioms,
            top: Fields::new(),
            env: Vec::new(),
            labels: Vec::new(),
            healthcheck: Fields::new(),
            steps: Vec::new(),
            sources: Vec::new(),
            folders: Vec::new(),
            packages: Vec::new(),
            files: Vec::new(),
            copied: Vec::new(),
            workdir: None,
            user: None,
            settings: Vec::new(),
            outcomes: vec![None; old.document.items().len()],
            refusals: Vec::new(),
        };
        match writer.read() {
            Ok(()) => return Ok(writer.finish(&image)),
            Err(notice) => refusals.push(notice),
        }
    }
    if refusals.is_empty() {
        return refuse("no preset is known to do what this image is used for");
    }
    Err(refusals)
}

/// Whether nothing has changed but what is said to: what is not equal is either a step that was accounted for, a variable
/// that the preset adds, or root, who is said by name now.
pub(super) fn explained(
    improved: &Improved,
    unequal: &[Unequal],
    old: (&Facts, usize),
    new: (&Facts, usize),
) -> Result<(), String> {
    for fact in unequal {
        let is_fine = match fact.aspect {
            Aspect::Step => true,
            Aspect::Environment => fact.old.is_none() || improved.settings.contains(&fact.subject),
            Aspect::User => fact.old.is_none() && fact.new.as_deref() == Some("0:0"),
            _ => false,
        };
        if !is_fine {
            return Err(fact.to_string());
        }
    }
    let after = new.0.stage(new.1);
    for fact in old.0.stage(old.1) {
        let Some(file) = &fact.file else { continue };
        let is_there = after.iter().any(|other| other.digest == fact.digest);
        if !is_there && !improved.bound.contains(file) {
            return Err(format!("`{}` would land elsewhere", fact.text));
        }
    }
    Ok(())
}

/// A spec on its way, and what of the old file it has taken so far.
pub(super) struct Writer<'a> {
    pub(super) old: &'a Old<'a>,
    pub(super) context: &'a Context<'a>,
    pub(super) preset: &'a Preset,
    pub(super) library: &'a Library,
    pub(super) idioms: Idioms<'a>,
    pub(super) top: Fields,
    pub(super) env: Vec<(Vec<String>, Fields)>,
    pub(super) labels: Vec<(Vec<String>, Fields)>,
    pub(super) healthcheck: Fields,
    /// Steps of the preset that have an instruction as it was written, with the name of each.
    pub(super) steps: Vec<(&'static str, String)>,
    pub(super) sources: Vec<String>,
    /// The folders that are copied.
    pub(super) folders: Vec<String>,
    pub(super) packages: Vec<String>,
    /// The files that name what is installed.
    pub(super) files: Vec<String>,
    /// What was copied so far: from where, and where each lands.
    pub(super) copied: Vec<(usize, Vec<String>, String)>,
    pub(super) workdir: Option<String>,
    pub(super) user: Option<String>,
    pub(super) settings: Vec<String>,
    pub(super) outcomes: Vec<Option<Outcome>>,
    pub(super) refusals: Vec<Notice>,
}

impl Writer<'_> {
    fn read(&mut self) -> Result<(), Notice> {
        let old = self.old;
        let stage = &old.stages[0];
        self.remark(stage.statement);
        draft::account(
            old,
            &mut self.outcomes,
            stage.item,
            Outcome::Key("base".to_owned()),
        );
        for (index, (item, statement)) in stage.body.iter().enumerate() {
            let says_itself = matches!(
                statement.instruction,
                Instruction::Env(_)
                    | Instruction::Label(_)
                    | Instruction::Workdir(_)
                    | Instruction::Expose(_)
                    | Instruction::StopSignal(_)
            );
            if !says_itself {
                self.remark(statement);
            }
            let outcome = self.statement(index, statement).map_err(|text| Notice {
                line: statement.place.first_line,
                text,
            })?;
            draft::account(old, &mut self.outcomes, *item, outcome);
        }
        let whole = |text: &str| Notice {
            line: stage.statement.place.first_line,
            text: text.to_owned(),
        };
        if self.files.is_empty() {
            return Err(whole(
                "nothing is installed from a file that a preset could read",
            ));
        }
        if self.workdir.is_none() {
            return Err(whole(
                "it has no working directory, and a preset works in one",
            ));
        }
        let items: Vec<usize> = stage.body.iter().map(|(item, _)| *item).collect();
        self.take_sources(&items);
        match self.hidden() {
            Some(file) => Err(whole(&format!(
                "`{file}` is in the image now, and the preset would keep it out: a secret belongs into [secrets], and what is none can be named in `source`"
            ))),
            None => Ok(()),
        }
    }

    /// The comments at an instruction stand at the top of the spec, in the order of the file.
    fn remark(&mut self, statement: &Statement) {
        let comments = draft::comments(statement).into_iter();
        self.top
            .extend(comments.map(|comment| ("#".to_owned(), comment)));
    }

    fn statement(&mut self, index: usize, statement: &Statement) -> Result<Outcome, String> {
        let unknown = || {
            format!(
                "`{}` is nothing that the preset `{}` does",
                statement.instruction.keyword(),
                self.preset.name
            )
        };
        let key = |key: &str| Ok(Outcome::Key(key.to_owned()));
        let mut top = |name: &str, value: Option<String>| match value {
            Some(value) => {
                let comments = draft::comments(statement);
                self.top.extend(
                    comments
                        .into_iter()
                        .map(|comment| ("#".to_owned(), comment)),
                );
                self.top.push((name.to_owned(), value));
                key(name)
            }
            None => Err(format!("what it says cannot be said by `{name}`")),
        };
        match &statement.instruction {
            Instruction::Workdir(word) if self.workdir.is_none() && self.copied.is_empty() => {
                let path = word.text().filter(|path| path.starts_with('/'));
                self.workdir.clone_from(&path);
                top("workdir", path.map(|path| spell::text(&path)))
            }
            Instruction::Expose(ports) => top(
                "ports",
                typed::ports(ports).map(|ports| spell::values(&ports)),
            ),
            Instruction::StopSignal(word) => top(
                "stop-signal",
                typed::said(word).map(|text| spell::text(&text)),
            ),
            Instruction::Cmd(line) => {
                self.not_by_path(line)?;
                match typed::exec(line) {
                    Some(words) => self.top.push(("command".to_owned(), words)),
                    None => self.as_written("command", statement)?,
                }
                key("command")
            }
            Instruction::Entrypoint(line) => {
                self.not_by_path(line)?;
                match typed::exec(line) {
                    Some(words) => self.top.push(("entrypoint".to_owned(), words)),
                    None => self.as_written("entrypoint", statement)?,
                }
                key("entrypoint")
            }
            Instruction::Healthcheck(crate::dockerfile::Healthcheck::Command(check)) => {
                match typed::healthcheck(check) {
                    Some(fields) => self.healthcheck = fields,
                    None => self.as_written("healthcheck", statement)?,
                }
                key("healthcheck")
            }
            Instruction::Label(label) => {
                let pairs = typed::labels(label).ok_or_else(unknown)?;
                self.labels.push((draft::comments(statement), pairs));
                key("labels")
            }
            Instruction::Env(env) => {
                let mut pairs = typed::variables(env).ok_or_else(unknown)?;
                if self.files.is_empty() {
                    let harmless = self.idioms.list("unrelated");
                    let settings = self.idioms.list("env");
                    let foreign = pairs.iter().find(|(name, _)| {
                        let known = harmless.iter().chain(&settings);
                        !known.into_iter().any(|known| known == name)
                    });
                    if let Some((name, _)) = foreign {
                        return Err(format!(
                            "`{name}` is there while packages are installed, and may change how"
                        ));
                    }
                }
                let known = self.idioms.list("env");
                let all: Vec<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
                let settings = all
                    .iter()
                    .filter(|name| known.contains(&name.as_str()))
                    .cloned();
                let settings: Vec<String> = settings.collect();
                pairs.retain(|(name, value)| {
                    !settings.contains(name) && !self.is_in_preset(name, value)
                });
                let outcome = if settings.len() == all.len() {
                    let reason =
                        "only what installs was to see it, and that stays in another stage";
                    Outcome::Dropped(reason.to_owned())
                } else if settings.is_empty() && pairs.len() == all.len() {
                    Outcome::Key("env".to_owned())
                } else if settings.is_empty() && pairs.is_empty() {
                    Outcome::Key(format!("the preset `{}`", self.preset.name))
                } else {
                    let kept = pairs.iter().map(|(name, _)| name.as_str());
                    Outcome::Improved(format!(
                        "env for `{}`; the preset `{}` does without the rest, or says it",
                        kept.collect::<Vec<&str>>().join("`, `"),
                        self.preset.name
                    ))
                };
                self.settings.extend(settings);
                self.env.push((draft::comments(statement), pairs));
                Ok(outcome)
            }
            Instruction::User(word) if word.text().as_deref() == Some("root") => key("user"),
            // By numbers it needs nobody to be there before.
            Instruction::User(word) if self.user.is_none() && !self.files.is_empty() => {
                let user = keys::user(word).filter(|user| user.starts_with('{'));
                self.user =
                    Some(user.ok_or("its user is made by hand, and a preset makes its own")?);
                key("user")
            }
            Instruction::Copy(copy) if copy.from.is_none() && self.workdir.is_some() => {
                let plain =
                    keys::sources(copy).filter(|_| copy.chown.is_none() && copy.chmod.is_none());
                plain.ok_or("files that change their owner or mode, or that have flags, are copied as they are")?;
                let paths = copy.files.sources().iter().map(|source| match source {
                    TransferSource::Path(word) => word.text(),
                    TransferSource::Inline(_) => None,
                });
                let paths: Option<Vec<String>> = paths.collect();
                let to = copy.files.destination().text();
                let (Some(paths), Some(to)) = (paths, to) else {
                    return Err("what is copied depends on variables".to_owned());
                };
                self.copied.push((index, paths, to));
                key("source")
            }
            Instruction::Run(run) => self.run(run),
            _ => Err(unknown()),
        }
    }

    /// What is installed lies elsewhere afterwards, so a program must not be called by its old path.
    fn not_by_path(&self, line: &CommandLine) -> Result<(), String> {
        let moved = self.idioms.list("moved");
        let words = match line {
            CommandLine::Exec(words) => words.join(" "),
            CommandLine::Shell(line) => line.as_str().to_owned(),
        };
        match moved.into_iter().find(|path| words.contains(path)) {
            Some(path) => Err(format!(
                "it calls a program below `{path}`, where the preset installs none"
            )),
            None => Ok(()),
        }
    }

    fn as_written(&mut self, step: &'static str, statement: &Statement) -> Result<(), String> {
        let written = self.old.written(0, statement);
        let (written, _) = written.ok_or("it has bytes that no spec can hold")?;
        self.steps.push((step, written));
        Ok(())
    }

    /// Whether the preset, or one that it builds on, sets a variable to the same value anyway.
    fn is_in_preset(&self, name: &str, value: &str) -> bool {
        let mut next = Some(self.preset);
        while let Some(preset) = next {
            let runtime = preset
                .tree
                .get("stages")
                .and_then(|stages| stages.get(super::RUNTIME)?.get("steps"));
            for (_, step) in runtime.into_iter().flat_map(Node::entries) {
                let said = step.node.get("env").and_then(|env| env.get(name)?.text());
                if said.is_some_and(|said| spell::text(said) == value) {
                    return true;
                }
            }
            next = preset
                .extends()
                .and_then(|(name, _)| self.library.get(name));
        }
        false
    }

    /// What was copied and is no file that only the installing needs.
    fn take_sources(&mut self, items: &[usize]) {
        let copied = std::mem::take(&mut self.copied);
        for (index, paths, to) in &copied {
            if paths
                .iter()
                .all(|path| self.files.contains(&relative(path)))
            {
                self.outcomes[items[*index]] = Some(Outcome::Improved(
                    "it is only seen while the packages are installed, and is in no layer"
                        .to_owned(),
                ));
                continue;
            }
            for path in paths {
                self.folders.push(relative(path));
                self.sources.push(if path == to {
                    spell::text(path)
                } else {
                    spell::table(&[
                        ("from".to_owned(), spell::text(path)),
                        ("to".to_owned(), spell::text(to)),
                    ])
                });
            }
        }
    }

    /// A file that is in the image now and would not be, since the preset keeps its kind out of every build.
    fn hidden(&self) -> Option<String> {
        let mut patterns: Vec<String> = Vec::new();
        let mut next = Some(self.preset);
        while let Some(preset) = next {
            let own = preset.tree.get("ignore").into_iter().flat_map(Node::items);
            patterns.extend(own.filter_map(Node::text).map(ToOwned::to_owned));
            next = preset
                .extends()
                .and_then(|(name, _)| self.library.get(name));
        }
        let never = Ignore::from_patterns(patterns.iter().map(String::as_str)).ok()?;
        let before = Ignore::parse(self.context.ignore.unwrap_or_default()).ok()?;
        let mut files = (self.context.files)().into_iter();
        files.find(|file| {
            let name = file.rsplit('/').next().unwrap_or_default();
            is_secret_file(name)
                && never.excludes(file)
                && !before.excludes(file)
                && self.is_copied(file)
        })
    }

    /// The preset that declares an option, this one or one that it builds on, and the option's default.
    fn declared(&self, option: &str) -> (&str, Option<Node>) {
        let mut next = Some(self.preset);
        while let Some(preset) = next {
            if let Some(declared) = preset.options().find(|declared| declared.name == option) {
                return (&preset.name, declared.default);
            }
            let below = preset.extends();
            next = below.and_then(|(name, _)| self.library.get(name));
        }
        (&self.preset.name, None)
    }

    /// Whether a copy of a folder takes a file along.
    fn is_copied(&self, file: &str) -> bool {
        let mut folders = self.folders.iter();
        folders.any(|folder| {
            let rest = file.strip_prefix(folder.as_str());
            folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        })
    }

    fn finish(mut self, image: &ImageRef) -> Improved {
        let end = draft::rest(self.old, &mut self.outcomes);
        // Writing to a string cannot fail.
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(text, "{key} = {value}");
        };
        line("name", &spell::text(self.context.name));
        line("preset", &spell::text(&self.preset.name));
        let base = self.old.stages[0]
            .from
            .image
            .word()
            .text()
            .unwrap_or_else(|| image.familiar());
        line("base", &spell::text(&base));
        if !self.packages.is_empty() {
            let packages = spell::list(&self.packages);
            line(
                "packages",
                &spell::table(&[
                    ("runtime".to_owned(), packages.clone()),
                    ("build".to_owned(), packages),
                ]),
            );
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
        for (key, groups) in [("env", &self.env), ("labels", &self.labels)] {
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
        let option = self.idioms.text("file-option");
        let (owner, default) = self.declared(option);
        let usual = default.map(|node| {
            node.items()
                .filter_map(Node::text)
                .map(ToOwned::to_owned)
                .collect::<Vec<String>>()
        });
        if usual.as_ref() != Some(&self.files) {
            let _ = write!(
                text,
                "\n[options.{owner}]\n{option} = {}\n",
                spell::list(&self.files)
            );
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
        for (step, written) in &self.steps {
            let _ = write!(
                text,
                "\n[stages.runtime.steps.{step}]\ndockerfile = {}\n",
                spell::text(written)
            );
        }
        for comment in &end {
            text.push_str(&draft::comment_line(comment));
        }
        if user.is_none() {
            let text =
                "it runs as root as before: nobody can tell from the file where the program writes";
            self.refusals.push(Notice {
                line: self.old.stages[0].statement.place.first_line,
                text: text.to_owned(),
            });
        }
        Improved {
            draft: Draft {
                text,
                outcomes: self.outcomes,
            },
            gains: vec![
                "what installs and builds stays in a stage of its own, and what it installs is apart from what the base image has".to_owned(),
                "the build sees only what is copied, and never `.git`, keys and what the preset knows as rubbish".to_owned(),
            ],
            refusals: self.refusals,
            bound: self.files,
            settings: self.settings,
        }
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
