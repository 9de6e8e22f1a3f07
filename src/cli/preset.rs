//! `dockwright preset`.

use std::fmt::Write;

use std::path::{Path, PathBuf};

use super::terminal::{Failure, Terminal};
use super::{Common, Exit, project};
use crate::compile::Compiler;
use crate::data::{self, Table};
use crate::diag::{Sources, Span};
use crate::files;
use crate::preset::{self, Kind, Library};

/// List and show the presets.
#[derive(clap::Subcommand)]
pub(super) enum Preset {
    /// List the presets.
    List,
    /// Show a preset: what it is for, its options, its stages and steps.
    Show {
        /// The preset.
        name: String,
        /// Show the preset merged with all that it extends, and where each line comes from.
        #[arg(long)]
        flat: bool,
    },
    /// Check a preset of your own: its form, what it builds on, its expressions.
    Check {
        /// The preset's file.
        file: PathBuf,
    },
}

pub(super) fn run(
    args: &Preset,
    common: &Common,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    if let Preset::Check { file } = args {
        return check(file, common, terminal, sources);
    }
    let compiler = compiler(common, None, sources)?;
    let library = compiler.library();
    let text = match args {
        Preset::Check { .. } => unreachable!("run() has returned for `check`"),
        Preset::List => list(library),
        Preset::Show { name, flat } => {
            let Some(preset) = library.get(name) else {
                let names: Vec<&str> = library.names().collect();
                let hint = crate::diag::closest(name, names.iter().copied()).map_or_else(
                    || format!("the presets are {}", names.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(Failure::Message(
                    format!("there is no preset `{name}`"),
                    vec![hint],
                ));
            };
            // An overlay is shown on the preset that it lies on: alone it has no steps to stand beside.
            let place = preset.tree.span;
            let flattened = match preset.overlays().next() {
                Some(below) => library.flatten(library.find(below, place)?, &[(preset, place)])?,
                None => library.flatten(preset, &[])?,
            };
            if *flat {
                toml(preset, &flattened, sources)
            } else {
                overview(preset, &flattened, sources)
            }
        }
    };
    terminal.print(&text)?;
    Ok(Exit::Clean)
}

/// What comes with dockwright and what the project has of its own.
fn compiler(
    common: &Common,
    except: Option<&str>,
    sources: &mut Sources,
) -> Result<Compiler, Failure> {
    let folder = project::folder_of(&project::clean(&common.directory.join(&common.spec)));
    let own = project::own_presets(&folder, &[])?;
    project::extended(&Compiler::new(sources), own, except, sources)
}

fn check(
    file: &Path,
    common: &Common,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    let file = project::clean(file);
    let path = file.display().to_string();
    let text = files::read(&file)?;
    let preset = preset::Preset::parse(preset::name_of(&path), &path, &text, sources)?;
    let others = compiler(common, Some(&preset.name), sources)?;
    let mistakes = others.check(&preset, sources);
    if !mistakes.is_empty() {
        return Err(mistakes.into());
    }
    terminal.tell(&format!("{path}: no mistakes"))?;
    Ok(Exit::Clean)
}

fn list(library: &Library) -> String {
    let width = library.names().map(str::len).max().unwrap_or_default();
    let mut text = String::new();
    for preset in library.presets() {
        line(
            &mut text,
            format_args!("{:width$}  {}", preset.name, preset.summary()),
        );
    }
    text
}

/// What a person wants to know before using a preset.
fn overview(preset: &preset::Preset, flat: &preset::Flat, sources: &Sources) -> String {
    let mut text = format!("{}: {}\n", preset.name, preset.summary());
    if flat.chain.len() > 1 {
        line(
            &mut text,
            format_args!(
                "builds on: {}",
                flat.chain[..flat.chain.len() - 1].join(", ")
            ),
        );
    }
    if let Some((language, manager)) = preset.serves() {
        line(
            &mut text,
            format_args!("serves: language = \"{language}\", package-manager = \"{manager}\""),
        );
    }
    if !flat.options.is_empty() {
        text.push_str("\noptions:\n");
    }
    for option in &flat.options {
        let default = match &option.default {
            Some(default) => format!(" = {}", default.to_toml()),
            None if option.required => ", which every spec sets".to_owned(),
            None => " = nothing".to_owned(),
        };
        line(
            &mut text,
            format_args!(
                "  {}.{}{default}\n      {}",
                option.preset, option.name, option.help
            ),
        );
    }
    for (name, stage) in &flat.stages {
        line(&mut text, format_args!("\nstage {name}:"));
        for (id, step) in &stage.steps {
            let kind = step.kind().map_or("", |(kind, _)| kind);
            line(
                &mut text,
                format_args!("  {id:20} {kind:12} {}", place(step.span, sources)),
            );
        }
    }
    text
}

/// The merged preset as TOML, each line with the place that it comes from.
fn toml(preset: &preset::Preset, flat: &preset::Flat, sources: &Sources) -> String {
    let quoted = data::quoted;
    let mut text = format!("# {}\n\n", flat.chain.join(" <- "));
    line(
        &mut text,
        format_args!("summary = {}", quoted(preset.summary())),
    );
    if !flat.ignore.is_empty() {
        text.push_str("\nignore = [\n");
        for pattern in &flat.ignore {
            line(
                &mut text,
                format_args!(
                    "  {}, # {}",
                    pattern.to_toml(),
                    place(pattern.span, sources)
                ),
            );
        }
        text.push_str("]\n");
    }
    if let Some(defaults) = flat.defaults.table() {
        table(&mut text, "defaults", defaults, sources);
    }
    for (family, words) in &flat.families {
        table(&mut text, &format!("families.{family}"), words, sources);
    }
    if !flat.probes.is_empty() {
        table(&mut text, "probes", &flat.probes, sources);
    }
    for option in &flat.options {
        line(
            &mut text,
            format_args!("\n[options.{}] # {}", option.name, option.preset),
        );
        line(
            &mut text,
            format_args!("type = {}", quoted(option.kind.word())),
        );
        if let Kind::Choice(words) | Kind::List(words) = &option.kind
            && !words.is_empty()
        {
            let words: Vec<String> = words.iter().map(|word| data::quoted(word)).collect();
            line(&mut text, format_args!("choices = [{}]", words.join(", ")));
        }
        line(&mut text, format_args!("help = {}", quoted(&option.help)));
        if option.required {
            line(&mut text, format_args!("required = true"));
        }
        if let Some(default) = &option.default {
            line(
                &mut text,
                format_args!(
                    "default = {} # {}",
                    default.to_toml(),
                    place(default.span, sources)
                ),
            );
        }
    }
    for (name, stage) in &flat.stages {
        let name = key(name);
        table(&mut text, &format!("stages.{name}"), &stage.fields, sources);
        for (id, step) in &stage.steps {
            table(
                &mut text,
                &format!("stages.{name}.steps.{id}"),
                &step.fields,
                sources,
            );
        }
    }
    text
}

fn table(text: &mut String, header: &str, fields: &Table, sources: &Sources) {
    line(text, format_args!("\n[{header}]"));
    for (key, entry) in fields {
        line(
            text,
            format_args!(
                "{key} = {} # {}",
                entry.node.to_toml(),
                place(entry.key, sources)
            ),
        );
    }
}

/// A name as a part of a header: a stage's name may have a dot.
fn key(name: &str) -> String {
    if name.contains('.') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

fn place(span: Span, sources: &Sources) -> String {
    format!("{}:{}", sources.get(span.source).name, sources.line(span))
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}
