//! `dockwright init`.

use std::path::{Path, PathBuf};

use super::project;
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::compile::Compiler;
use crate::diag::Sources;
use crate::files;
use crate::render;
use crate::spec;
use crate::survey::{self, Asked, Knowledge, Survey};

/// Look at a project, write a spec for it with what was seen, and generate.
#[derive(clap::Args)]
pub(super) struct Init {
    /// The folder of the project.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The preset to build on, whatever the files show.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// The command that starts the service, as a shell would read its words.
    #[arg(long, value_name = "WORDS")]
    command: Option<String>,
    /// The port that the service listens on.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Take the first of several programs that may be the service, and the one folder below that is a project.
    #[arg(short, long)]
    yes: bool,
    /// Write nothing; tell where the spec that is there and the project have come apart.
    #[arg(long, conflicts_with_all = ["preset", "command", "port", "yes"])]
    check: bool,
}

pub(super) fn run(
    args: &Init,
    common: &Common,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    let folder = match &args.folder {
        Some(folder) => common.directory.join(folder),
        None => common.directory.clone(),
    };
    begin(args, &folder, common, terminal, sources)
}

fn begin(
    args: &Init,
    folder: &Path,
    common: &Common,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    if !files::is_folder(folder) {
        let message = format!("there is no folder `{}`", folder.display());
        return Err(Failure::Message(message, Vec::new()));
    }
    let path = project::clean(&folder.join(&common.spec));
    let knowledge = Knowledge::default();
    let compiler = Compiler::new(sources);
    let own = project::own_presets(folder, &[])?;
    let compiler = project::extended(&compiler, own, None, sources)?;
    let asked = asked(args, folder, &compiler)?;
    if args.check {
        return check(
            &path, folder, &knowledge, &compiler, asked, terminal, sources,
        );
    }
    nothing_is_there(folder, &path, &knowledge)?;
    let tree = files::tree(folder, &knowledge.passed_over())?;
    let survey = survey::survey(&tree, &knowledge, compiler.library(), &asked);
    if let [only] = survey.below.as_slice()
        && args.yes
    {
        let below = folder.join(only);
        let shown = project::clean(&below).display().to_string();
        terminal.tell(&format!(
            "nothing but `{shown}` shows a project; it is begun there"
        ))?;
        return begin(args, &below, common, terminal, sources);
    }
    show(&survey, terminal)?;
    if survey.answers.iter().all(|answer| answer.key != "preset") {
        terminal.tell("nothing was written")?;
        return Ok(Exit::Findings);
    }
    write(&survey, folder, &path, &compiler, terminal, sources)
}

/// What the person says, checked as far as it can be without the project.
fn asked(args: &Init, folder: &Path, compiler: &Compiler) -> Result<Asked, Failure> {
    if let Some(name) = &args.preset
        && compiler.library().get(name).is_none()
    {
        let names: Vec<&str> = compiler.library().names().collect();
        let hint = format!("the presets are {}", names.join(", "));
        return Err(Failure::Message(
            format!("there is no preset `{name}`"),
            vec![hint],
        ));
    }
    let command = match args.command.as_deref().map(shlex::split) {
        None => None,
        Some(Some(words)) if !words.is_empty() => Some(words),
        Some(_) => {
            let message =
                "`--command` is no command: a quote is open, or there is no word".to_owned();
            return Err(Failure::Message(message, Vec::new()));
        }
    };
    Ok(Asked {
        name: name(folder),
        preset: args.preset.clone(),
        command,
        port: args.port,
        likeliest: args.yes,
    })
}

/// The name of a folder, as an image can be called.
fn name(folder: &Path) -> String {
    let folder = files::real_name(folder);
    let mut name = String::new();
    for c in folder.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        "service".to_owned()
    } else {
        name.to_owned()
    }
}

/// What a person wrote is not written over, and not doubled.
fn nothing_is_there(folder: &Path, path: &Path, knowledge: &Knowledge) -> Result<(), Failure> {
    if files::existing(path)?.is_some() {
        let message = format!("there is a spec already: `{}`", path.display());
        let hint = "`dockwright init --check` tells whether it still fits the project";
        return Err(Failure::Message(message, vec![hint.to_owned()]));
    }
    for name in knowledge.dockerfiles() {
        let file = project::clean(&folder.join(name));
        if files::existing(&file)?.is_some() {
            let message = format!("there is a Dockerfile already: `{}`", file.display());
            let hint = "`dockwright migrate` makes a spec of it that loses nothing";
            return Err(Failure::Message(message, vec![hint.to_owned()]));
        }
    }
    Ok(())
}

/// Says what was seen and how sure that is, and what was not found out.
fn show(survey: &Survey, terminal: &Terminal) -> Result<(), Failure> {
    for answer in &survey.answers {
        let key = if answer.table.is_empty() {
            answer.key.clone()
        } else {
            format!("{}.{}", answer.table, answer.key)
        };
        let value = answer.value.replace('\n', " ");
        terminal.tell(&format!(
            "{key} = {value} ({}: {})",
            answer.reason.sure, answer.reason
        ))?;
    }
    for candidate in &survey.candidates {
        terminal.tell(&format!(
            "perhaps {} = {} ({})",
            candidate.key, candidate.value, candidate.reason
        ))?;
    }
    for note in &survey.notes {
        terminal.tell(&format!("note: {note}"))?;
    }
    for unknown in &survey.unknown {
        terminal.tell(&format!("not found out: {unknown}"))?;
    }
    Ok(())
}

/// Writes the spec, and the files that it describes. The spec is compiled before anything is written.
fn write(
    survey: &Survey,
    folder: &Path,
    path: &Path,
    compiler: &Compiler,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    let spec_name = path.file_name().unwrap_or_default().to_string_lossy();
    let shown = path.display().to_string();
    let text = survey::text(survey, false);
    let proof = survey::text(survey, true);
    let source = sources.add(shown.as_str(), proof.as_str());
    let draft = spec::parse(&proof, source)?;
    let plan = compiler.compile(&draft, &spec_name, sources)?;
    let rendered = render::render(&plan)?;
    let mut writes = vec![(path.to_owned(), text.as_str())];
    let complete = survey.starts && survey.blanks.is_empty();
    let mut there = Vec::new();
    for file in &rendered {
        let file_path = project::clean(&folder.join(&file.path));
        if files::existing(&file_path)?.is_some() {
            there.push(format!("`{}`", file_path.display()));
        }
        if complete {
            writes.push((file_path, file.text.as_str()));
        }
    }
    if !there.is_empty() {
        writes.truncate(1);
    }
    files::write(&writes)?;
    for (path, _) in &writes {
        terminal.tell(&format!("wrote {}", path.display()))?;
    }
    if !complete {
        terminal.tell(&format!(
            "nothing was generated: say in {shown} what was not found out, and run `dockwright generate`"
        ))?;
        return Ok(Exit::Findings);
    }
    if !there.is_empty() {
        terminal.tell(&format!(
            "nothing was generated: {} would be overwritten; `dockwright generate --force` does that",
            there.join(" and ")
        ))?;
        return Ok(Exit::Findings);
    }
    Ok(Exit::Clean)
}

/// Tells where the spec and the project have come apart.
fn check(
    path: &Path,
    folder: &Path,
    knowledge: &Knowledge,
    compiler: &Compiler,
    mut asked: Asked,
    terminal: &Terminal,
    sources: &mut Sources,
) -> Result<Exit, Failure> {
    let text = files::read(path)?;
    let shown = path.display().to_string();
    let source = sources.add(shown.as_str(), text.as_str());
    let draft = spec::parse(&text, source)?;
    // Of what the spec decides about itself, only what tells how to look is taken.
    asked.likeliest = true;
    let tree = files::tree(folder, &knowledge.passed_over())?;
    let survey = survey::survey(&tree, knowledge, compiler.library(), &asked);
    let preset = compiler.preset(&draft)?;
    let found = survey::apart(&draft.tree, &preset.name, &survey, &tree, knowledge);
    for (span, message) in &found {
        terminal.tell(&format!("{shown}:{}: {message}", sources.line(*span)))?;
    }
    if found.is_empty() {
        terminal.tell("the spec and the project agree")?;
        return Ok(Exit::Clean);
    }
    Ok(Exit::Findings)
}
