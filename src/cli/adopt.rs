//! `dockwright adopt`.

use std::path::{Path, PathBuf};

use super::project::{self, Broken, Project};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::adopt::{self, Compiled};
use crate::compile::Compiler;
use crate::diag::{Diagnostic, Sources};
use crate::dockerfile;
use crate::drift;
use crate::files;
use crate::render;
use crate::spec;
use crate::stamp;

/// Take an edit that was made by hand in the generated Dockerfile into the spec.
#[derive(clap::Args)]
pub(super) struct Adopt {
    /// The Dockerfile that was edited; by default the one that the spec describes.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write nothing; show how the spec would change.
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Adopt, common: &Common, terminal: &Terminal) -> Exit {
    let path = project::clean(&common.directory.join(&common.spec));
    let opened = project::each(std::slice::from_ref(&path), |spec, compiler, sources| {
        let project = project::open(spec, compiler, sources)?;
        adopt(&project, spec, compiler, args, terminal).map_err(|failure| {
            Box::new(Broken {
                failure,
                sources: project.sources,
            })
        })
    });
    match opened.into_iter().next() {
        Some(Ok(exit)) => exit,
        Some(Err(broken)) => terminal.fail(&broken.failure, &broken.sources),
        None => Exit::Failed,
    }
}

fn adopt(
    project: &Project,
    spec: &Path,
    compiler: &Compiler,
    args: &Adopt,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let fail = |message: String, hint: &str| Failure::Message(message, vec![hint.to_owned()]);
    let Some(dockerfile) = &project.plan.outputs.dockerfile else {
        return Err(fail(
            "the spec describes no Dockerfile".to_owned(),
            "name it in [outputs]",
        ));
    };
    let file = project.folder.join(dockerfile);
    if let Some(named) = &args.file
        && project::clean(named) != file
        && project.folder.join(project::clean(named)) != file
    {
        return Err(fail(
            format!(
                "`{}` is not the Dockerfile of this spec, and only edits of a Dockerfile can be adopted",
                named.display()
            ),
            "an edit of another file is said in the spec: `source.exclude`, [service] or [compose]",
        ));
    }
    let Some(actual) = files::existing(&file)? else {
        return Err(fail(
            format!("there is no file `{}`", file.display()),
            "`dockwright generate` writes it",
        ));
    };
    let actual = stamp::unix(&actual).into_owned();
    unreadable(&file, &actual, terminal)?;
    let text = files::read(spec)?;
    let own = project::presets_of(spec, &text)?;
    let mut sources = Sources::default();
    // The presets that come with dockwright are read again, so that their places belong to these sources.
    let fresh = if own.is_empty() {
        compiler.clone()
    } else {
        project::extended(&Compiler::new(&mut sources), own, None, &mut sources)?
    };
    let compile = |text: &str| {
        let mut sources = project.sources.clone();
        let draft = spec::parse(text, sources.add("spec", text)).ok()?;
        let plan = fresh
            .compile(&draft, &project.plan.marks.spec_name, &sources)
            .ok()?;
        Some(Compiled {
            tree: draft.tree,
            plan,
        })
    };
    let Some(adopted) = adopt::adopt(&text, &actual, compile) else {
        return Err(fail(
            "the spec does not compile".to_owned(),
            "`dockwright generate` says why",
        ));
    };
    for line in &adopted.taken {
        terminal.tell(&format!("taken: {line}"))?;
    }
    for difference in &adopted.left {
        terminal.tell(&format!("left: {difference}"))?;
    }
    if args.dry_run {
        terminal.diff(&files::diff(
            &spec.to_string_lossy(),
            Some(&text),
            &adopted.text,
        ))?;
    } else {
        write(spec, &file, &text, &adopted, &compile, project)?;
    }
    if adopted.taken.is_empty() && adopted.left.is_empty() {
        terminal.tell("no instruction differs from the spec")?;
    }
    Ok(if adopted.left.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// A Dockerfile that does not parse cannot be adopted: what could not be read would be lost.
fn unreadable(file: &Path, actual: &str, terminal: &Terminal) -> Result<(), Failure> {
    let mut sources = Sources::default();
    let source = sources.add(file.display().to_string(), actual);
    let document = dockerfile::parse(actual.as_bytes());
    let mistakes: Vec<Diagnostic> = document
        .mistakes()
        .iter()
        .map(|mistake| mistake.diagnostic(source))
        .collect();
    if mistakes.is_empty() {
        return Ok(());
    }
    terminal.fail(&Failure::Mistakes(mistakes), &sources);
    let hint = "mend these lines first; nothing was written".to_owned();
    Err(Failure::Message(
        format!(
            "`{}` cannot be read, so it cannot be adopted",
            file.display()
        ),
        vec![hint],
    ))
}

/// Writes the spec, and the files that it describes now, but for those in which a person's work would be lost.
fn write(
    spec: &Path,
    dockerfile: &Path,
    before: &str,
    adopted: &adopt::Adopted,
    compile: &impl Fn(&str) -> Option<Compiled>,
    project: &Project,
) -> Result<(), Failure> {
    let Some(compiled) = compile(&adopted.text) else {
        unreachable!("adopt() has compiled this text");
    };
    let rendered = render::render(&compiled.plan)?;
    let mut writes: Vec<(PathBuf, &str)> = Vec::new();
    if adopted.text != before {
        writes.push((spec.to_owned(), &adopted.text));
    }
    for file in &rendered {
        let path = project.folder.join(&file.path);
        let actual = files::existing(&path)?;
        let ours = path == dockerfile && adopted.left.is_empty();
        if ours || !drift::judge(&file.text, actual.as_deref()).is_by_hand() {
            writes.push((path, &file.text));
        }
    }
    Ok(files::write(&writes)?)
}
