//! Commands of an old file that an overlay makes needless: it installs by the version of one package alone what they
//! install for the version that is there by then.
//!
//! How such commands begin is said by the overlay, below `[migrate.adds]`. It takes over all of them or none.

use crate::data::Node;
use crate::dockerfile::paths::{lies_in, relative};
use crate::dockerfile::{self, Arg, Instruction, Run};
use crate::migrate::RUNTIME;
use crate::migrate::account::Outcome;
use crate::migrate::draft::spell;
use crate::migrate::draft::typed::Fields;
use crate::migrate::notice::Notice;
use crate::migrate::shell::{self, Command, Joint, behind};
use crate::preset::{Kind, Preset};

use super::locked::project::{plain_name, required, tree};
use super::{Words, Writer};

/// An overlay that does the work of commands of an old file.
#[derive(Clone)]
pub(super) struct Overlaid {
    /// What it is called.
    pub(super) name: String,
    /// The commands, by the numbers of their instructions.
    commands: Vec<usize>,
    /// The build arguments that it has.
    pub(super) arguments: Vec<String>,
    /// What its options are.
    pub(super) options: Fields,
    /// The stage of its own that the one which runs is built on.
    pub(super) stage: String,
    /// Why that is better.
    pub(super) gain: String,
}

/// What commands ask for, whichever way they say it.
#[derive(Default)]
struct Asked {
    /// The commands, by the numbers of their instructions.
    commands: Vec<usize>,
    names: Vec<String>,
    /// The names for which the system's packages are installed too.
    with_needs: Vec<String>,
    is_small: bool,
    is_whole: bool,
}

impl Writer<'_> {
    /// The overlay that does what commands behind the installing do, from the instruction `lead` on, or why it cannot. It is
    /// asked for when all files are known from which packages are installed.
    pub(super) fn find_overlay(&self, lead: usize) -> Option<Result<Overlaid, Notice>> {
        let lineage = self.library.lineage(self.preset);
        let lies_on = |below: &str| lineage.iter().any(|preset| preset.name == below);
        let mut overlays = self.library.presets();
        overlays.find_map(|overlay| {
            let words = Words(overlay.tree.get("migrate")?.get("adds")?);
            overlay.overlays().any(lies_on).then_some(())?;
            let mut asked = Asked::default();
            for (index, placed) in self.body.iter().enumerate() {
                let Instruction::Run(run) = &placed.statement.instruction else {
                    continue;
                };
                if let Err(text) = asked.take(index, run, words) {
                    let line = placed.statement.place.first_line;
                    return Some(Err(Notice { line, text }));
                }
            }
            let first = *asked.commands.first()?;
            let overlaid = self.overlaid_by(overlay, words, asked, lead);
            Some(overlaid.map_err(|reason| Notice {
                line: self.body[first].statement.place.first_line,
                text: format!("the overlay `{}` cannot do it: {reason}", overlay.name),
            }))
        })
    }

    fn overlaid_by(
        &self,
        overlay: &Preset,
        words: Words<'_>,
        asked: Asked,
        lead: usize,
    ) -> Result<Overlaid, String> {
        let image = self.old.image(self.old.lineage(self.old.chosen)[0]);
        let family = image.and_then(|image| (self.context.family)(&image));
        let families = overlay.tree.get("families");
        let known = family.and_then(|family| families?.get(&family));
        if known.is_none() {
            return Err("it has nothing for images of this kind".to_owned());
        }
        let first = asked.commands.first().copied().unwrap_or_default();
        if first < lead || self.has_user_at(first) {
            return Err("packages or a user come behind it".to_owned());
        }
        if asked.names != asked.with_needs || asked.is_small == asked.is_whole {
            return Err("what it needs of the system is got in another way".to_owned());
        }
        if !self.flags.is_empty() || !self.early.is_empty() {
            return Err("packages are installed with flags, or by their names".to_owned());
        }
        let choices = overlay
            .options()
            .find(|own| own.name == words.text("names-option"));
        if let Some(Kind::List(known)) = choices.map(|option| option.kind)
            && let Some(name) = asked.names.iter().find(|name| !known.contains(name))
        {
            return Err(format!("it knows no `{name}`"));
        }
        let arguments = arguments(overlay);
        if let Some(place) = self.looks_elsewhere(words, &asked.commands, &arguments) {
            return Err(format!(
                "{place} has a place or a setting of its own for it"
            ));
        }
        let package = words.text("package");
        let version = self
            .version_of(package)
            .ok_or_else(|| format!("no file says one version of `{package}`"))?;
        let mut options: Fields = vec![
            (
                words.text("version-option").to_owned(),
                spell::text(&version),
            ),
            (
                words.text("names-option").to_owned(),
                spell::list(&asked.names),
            ),
            (
                words.text("small-option").to_owned(),
                asked.is_small.to_string(),
            ),
            (words.text("needs-option").to_owned(), true.to_string()),
        ];
        options.retain(|(option, value)| {
            let declared = overlay.options().find(|own| own.name == *option);
            let default = declared.and_then(|own| own.default);
            default.is_none_or(|default| default.to_toml() != *value)
        });
        let runtime = overlay
            .tree
            .get("stages")
            .and_then(|stages| stages.get(RUNTIME));
        let below = runtime.and_then(|runtime| runtime.get("from")?.text()?.strip_prefix("stage:"));
        Ok(Overlaid {
            name: overlay.name.clone(),
            commands: asked.commands,
            arguments,
            options,
            stage: below.unwrap_or(RUNTIME).to_owned(),
            gain: words.text("gain").to_owned(),
        })
    }

    /// What becomes of an instruction whose work the overlay does.
    pub(super) fn done_by_overlay(
        &self,
        index: usize,
        instruction: &Instruction,
    ) -> Option<Outcome> {
        let overlay = self.overlaid.as_ref()?;
        let is_done = match instruction {
            Instruction::Arg(arg) => is_one_of(arg, &overlay.arguments),
            _ => overlay.commands.contains(&index),
        };
        let text = || format!("the overlay `{}`: in a stage of its own", overlay.name);
        is_done.then(|| Outcome::Improved(text()))
    }

    /// Whether another user than that of the image runs an instruction.
    fn has_user_at(&self, index: usize) -> bool {
        let mut above = self.body[..index].iter();
        above.any(|placed| matches!(placed.statement.instruction, Instruction::User(_)))
    }

    /// What besides those commands has to do with what they install: where it lies, or how it is got.
    fn looks_elsewhere(
        &self,
        words: Words<'_>,
        commands: &[usize],
        arguments: &[String],
    ) -> Option<String> {
        let signs = words.list("elsewhere");
        let names = |text: &str| signs.iter().any(|sign| text.contains(sign));
        let commands = commands.iter().map(|index| self.body[*index].item);
        let own: Vec<usize> = commands.collect();
        let mut stages = self.old.stages.iter().flat_map(|stage| &stage.body);
        let settings = words.list("settings");
        let fetches = words.list("fetched");
        let first = own.first().copied().unwrap_or_default();
        let told = stages.find(|(item, statement)| match &statement.instruction {
            Instruction::Arg(arg) if is_one_of(arg, arguments) => false,
            _ if own.contains(item) => false,
            instruction => {
                let line = match instruction {
                    // What is mounted into a command is not in the image.
                    Instruction::Run(run) => run.line().map(ToOwned::to_owned),
                    _ => None,
                };
                let text = line.unwrap_or_else(|| dockerfile::print(instruction));
                let is_later = *item > first;
                names(&text)
                    || settings.iter().any(|setting| text.contains(setting))
                    || (is_later && fetches.iter().any(|begin| text.contains(begin)))
            }
        });
        if let Some((_, statement)) = told {
            return Some(format!("line {}", statement.place.first_line));
        }
        let is_copied = |file: &String| {
            let mut paths = self.copied.iter().flat_map(|(_, paths, _)| paths);
            paths.any(|path| {
                let path = relative(path);
                path.is_empty() || lies_in(file, path.trim_end_matches('*'))
            })
        };
        let mut files = (self.context.files)();
        files.retain(|file| is_copied(file) && file != self.context.dockerfile);
        files.extend(self.compose_files());
        let reads = |file: &String| (self.context.read)(file).is_some_and(|text| names(&text));
        files
            .into_iter()
            .find(reads)
            .map(|file| format!("`{file}`"))
    }

    /// The only version of a package that can be installed, if the files that say what is installed name one.
    fn version_of(&self, package: &str) -> Option<String> {
        let mut versions = Vec::new();
        if let Some(lock) = self.lock_file() {
            let text = (self.context.read)(&self.found(lock).ok()?)?;
            let tree = tree(&text)?;
            let locked = tree.get("package").into_iter().flat_map(Node::items);
            let named = locked.filter(|locked| {
                let name = locked.get("name").and_then(Node::text);
                name.is_some_and(|name| plain_name(name) == package)
            });
            versions.extend(named.map(|locked| {
                let version = locked.get("version").and_then(Node::text);
                version.unwrap_or_default().to_owned()
            }));
        } else {
            for file in self.files.iter().chain(&self.included) {
                let text = (self.context.read)(file)?;
                let lines = text.lines().map(str::trim);
                // Flags in it are for all that is installed.
                if lines.clone().any(|line| line.starts_with('-')) {
                    return None;
                }
                let named = lines.filter(|line| plain_name(required(line)) == package);
                versions.extend(named.map(|line| {
                    let rest = line[required(line).len()..].trim();
                    let rest = rest.split(" #").next().unwrap_or_default();
                    rest.strip_prefix("==")
                        .unwrap_or_default()
                        .trim()
                        .to_owned()
                }));
            }
        }
        let [version] = versions.as_slice() else {
            return None;
        };
        let is_plain = version.starts_with(|c: char| c.is_ascii_digit())
            && version.chars().all(|c| c.is_ascii_digit() || c == '.');
        is_plain.then(|| version.clone())
    }
}

impl Asked {
    /// Takes what a line asks for, if it is one of those lines; an error is one that does more besides.
    fn take(&mut self, index: usize, run: &Run, words: Words<'_>) -> Result<(), String> {
        let begins = [words.list("installs"), words.list("needs")].concat();
        let whole = dockerfile::print(&Instruction::Run(run.clone()));
        if !begins.iter().any(|begin| whole.contains(begin)) {
            return Ok(());
        }
        let has_flags = run.network.is_some()
            || run.security.is_some()
            || !run.mounts.iter().all(dockerfile::Mount::is_cache);
        let line = run.line().filter(|_| !has_flags);
        let commands = line.and_then(|line| shell::commands(line, 0));
        let mut commands = commands.into_iter().flatten().peekable();
        let is_plain = commands.peek().is_some()
            && commands.all(|command| self.take_command(&command, words).is_some());
        if !is_plain {
            let begin = begins.iter().find(|begin| whole.contains(**begin));
            let begin = begin.copied().unwrap_or_default();
            return Err(format!(
                "the line with `{begin}` does more than an overlay would"
            ));
        }
        self.commands.push(index);
        Ok(())
    }

    fn take_command(&mut self, command: &Command, words: Words<'_>) -> Option<()> {
        matches!(command.joint, None | Some(Joint::And)).then_some(())?;
        let program = command.program();
        // A variable in front of it is for it alone.
        (program.len() == command.words.len()).then_some(())?;
        let of = |key: &str| {
            let mut begins = words.list(key).into_iter();
            begins.find_map(|begin| behind(&program, begin))
        };
        let (rest, installs) = match (of("installs"), of("needs")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => {
                let around = words.list("around").contains(&command.joined().as_str());
                return around.then_some(());
            }
        };
        let (flags, mut names): (Vec<String>, Vec<String>) =
            rest.into_iter().partition(|word| word.starts_with('-'));
        let known = [words.text("needs-flag"), words.text("small-flag")];
        flags
            .iter()
            .all(|flag| installs && known.contains(&flag.as_str()))
            .then_some(())?;
        if names.is_empty() {
            names = words
                .list("usual")
                .into_iter()
                .map(ToOwned::to_owned)
                .collect();
        }
        let has = |flag: &str| flags.iter().any(|own| own == flag);
        let mut into = Vec::new();
        if installs {
            into.push(&mut self.names);
            *(if has(words.text("small-flag")) {
                &mut self.is_small
            } else {
                &mut self.is_whole
            }) = true;
        }
        if !installs || has(words.text("needs-flag")) {
            into.push(&mut self.with_needs);
        }
        for known in into {
            known.extend(names.iter().cloned());
            known.sort();
            known.dedup();
        }
        Some(())
    }
}

/// Whether an instruction names a build argument that the overlay has, and says nothing of it.
fn is_one_of(arg: &Arg, arguments: &[String]) -> bool {
    matches!(arg.as_slice(), [(name, None)] if arguments.iter().any(|own| own == name.as_str()))
}

/// The build arguments that the stages of an overlay name.
fn arguments(overlay: &Preset) -> Vec<String> {
    let stages = overlay
        .tree
        .get("stages")
        .into_iter()
        .flat_map(Node::entries);
    let steps = stages.filter_map(|(_, stage)| stage.node.get("steps"));
    let steps = steps.flat_map(Node::entries);
    let args = steps.filter_map(|(_, step)| step.node.get("args"));
    args.flat_map(Node::entries)
        .map(|(name, _)| name.to_owned())
        .collect()
}
