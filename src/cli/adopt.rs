//! `dockwright adopt`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::project::{self, Broken, Project};
use super::terminal::{Failure, Terminal};
use super::{Common, Exit};
use crate::adopt::{self, Adopted, Compiled, Difference, Kind, Written};
use crate::compile::Compiler;
use crate::compose;
use crate::diag::{Diagnostic, Sources, Span};
use crate::dockerfile::{self, ignore::Ignore};
use crate::drift;
use crate::files::{self, OutputFile};
use crate::render;
use crate::spec;
use crate::stamp;

/// Take edits that were made by hand in generated files into the spec.
#[derive(clap::Args)]
pub(super) struct Adopt {
    /// The file that was edited; by default every one that was.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write nothing; show how the spec would change.
    #[arg(long)]
    dry_run: bool,
}

/// A file that is to be adopted.
struct Edited {
    kind: Kind,
    path: PathBuf,
    /// The path as the spec has it.
    name: String,
    /// What the person wrote, with the line endings of Unix.
    text: String,
    /// Whether it has those of Windows.
    is_windows: bool,
    /// What the spec described before.
    expected: String,
}

/// The files that were changed by hand.
struct Found {
    edited: Vec<Edited>,
    /// Those that would be other files today, edit or not, where nothing tells the edit from what the spec said before.
    mixed: Vec<PathBuf>,
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
    let Found { edited, mixed } = edited(project, args.file.as_deref())?;
    for path in &mixed {
        let path = path.display();
        terminal.tell(&format!(
            "left: `{path}`, since its spec or preset changed where it was edited: undo that change, adopt, and make it again"
        ))?;
    }
    if edited.is_empty() {
        if mixed.is_empty() {
            terminal.tell("no file was changed by hand")?;
        }
        return Ok(Exit::findings_if(!mixed.is_empty()));
    }
    let texts: Vec<(Kind, &str)> = edited
        .iter()
        .map(|file| (file.kind, file.text.as_str()))
        .collect();
    let Some(written) = Written::read(&texts) else {
        return Err(unreadable(&edited, terminal));
    };
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
        let files = render::render(&plan).ok()?;
        let text_of = |path: &Option<String>| {
            let file = files.iter().find(|file| Some(&file.path) == path.as_ref());
            file.map(|file| file.text.clone()).unwrap_or_default()
        };
        Some(Compiled {
            tree: draft.tree,
            dockerfile: text_of(&plan.outputs.dockerfile),
            dockerignore: text_of(&plan.outputs.dockerignore),
            compose: text_of(&plan.outputs.compose),
            plan,
        })
    };
    let Some(adopted) = adopt::adopt(&text, &written, compile) else {
        return Err(Failure::Message(
            "the spec does not compile".to_owned(),
            vec!["`dockwright generate` says why".to_owned()],
        ));
    };
    for difference in &adopted.taken {
        terminal.tell(&format!("taken: {difference}"))?;
    }
    let is_comment = |difference: &&Difference| matches!(difference, Difference::Comment { .. });
    for difference in adopted.left.iter().filter(|left| !is_comment(left)) {
        terminal.tell(&format!("left: {difference}"))?;
    }
    let Some(now) = compile(&adopted.text) else {
        unreachable!("adopt() has compiled this text");
    };
    let rendered = render::render(&now.plan)?;
    let kept = kept(&edited, &adopted, &rendered, terminal)?;
    if args.dry_run {
        terminal.diff(&files::diff(
            &spec.to_string_lossy(),
            Some(&text),
            &adopted.text,
        ))?;
    } else {
        let mut writes: Vec<(PathBuf, &str)> = Vec::new();
        if adopted.text != text {
            writes.push((spec.to_owned(), &adopted.text));
        }
        for file in &rendered {
            let path = project.folder.join(&file.path);
            let actual = files::existing(&path)?;
            let is_edited = edited.iter().any(|edited| edited.path == path);
            let by_hand = drift::judge(&file.text, actual.as_deref()).is_by_hand();
            // Only what was taken over whole is written anew; what else a person wrote is left alone.
            if !kept.contains(&path) && (is_edited || !by_hand) {
                writes.push((path, &file.text));
            }
        }
        // What is left in a file is an edit of what the spec says now, so its stamp is that of today.
        let restamped: Vec<(PathBuf, String)> = edited
            .iter()
            .filter(|file| kept.contains(&file.path) && adopted.text != text)
            .map(|file| (file.path.clone(), restamped(file, &rendered)))
            .collect();
        writes.extend(
            restamped
                .iter()
                .map(|(path, text)| (path.clone(), text.as_str())),
        );
        files::write(&writes)?;
    }
    Ok(Exit::findings_if(!(kept.is_empty() && mixed.is_empty())))
}

/// The files that are to be adopted: the one that is named, or all that were changed by hand.
fn edited(project: &Project, named: Option<&Path>) -> Result<Found, Failure> {
    let outputs = &project.plan.outputs;
    let kinds = [
        (Kind::Dockerfile, &outputs.dockerfile),
        (Kind::Dockerignore, &outputs.dockerignore),
        (Kind::Compose, &outputs.compose),
    ];
    let (mut edited, mut mixed) = (Vec::new(), Vec::new());
    let mut found = false;
    for (kind, name) in kinds {
        let Some(name) = name else { continue };
        let path = project.folder.join(name);
        let is_named = |named: &Path| {
            let named = project::clean(named);
            named == path || project.folder.join(named) == path
        };
        if named.is_some_and(|named| !is_named(named)) {
            continue;
        }
        found = true;
        let Some(actual) = text(&path)? else {
            if named.is_some() {
                return Err(Failure::Message(
                    format!("there is no file `{}`", path.display()),
                    vec!["`dockwright generate` writes it".to_owned()],
                ));
            }
            continue;
        };
        let file = project.files.iter().find(|file| file.path == *name);
        let expected = file.map_or("", |file| file.text.as_str());
        // What is old in a file is what the spec said before: to adopt it would undo the spec.
        let verdict = drift::judge(expected, Some(&actual));
        let apart = verdict.is_old().then(|| drift::apart(expected, &actual));
        let text = match apart.flatten() {
            Some(apart) => apart.edited,
            None if verdict.is_old() && verdict.is_by_hand() => {
                mixed.push(path);
                continue;
            }
            None => stamp::unix(&actual).into_owned(),
        };
        if verdict.is_by_hand() {
            edited.push(Edited {
                kind,
                path,
                name: name.clone(),
                text,
                is_windows: matches!(stamp::unix(&actual), Cow::Owned(_)),
                expected: expected.to_owned(),
            });
        }
    }
    match named {
        Some(named) if !found => Err(Failure::Message(
            format!("the spec generates no file `{}`", named.display()),
            vec!["`dockwright check` names those that it does".to_owned()],
        )),
        _ => Ok(Found { edited, mixed }),
    }
}

/// The text of a file, if it is there. What is not text would be lost where it became a part of the spec.
fn text(path: &Path) -> Result<Option<String>, files::Error> {
    match files::existing(path)? {
        Some(text) if text.contains(char::REPLACEMENT_CHARACTER) => files::read(path).map(Some),
        text => Ok(text),
    }
}

/// The files that stay as they are: those of which something could not be taken over, and those in which only comments
/// and blank lines differ, since a spec has no place for these. Comments that are lost in the others are told.
fn kept(
    edited: &[Edited],
    adopted: &Adopted,
    rendered: &[OutputFile],
    terminal: &Terminal,
) -> Result<Vec<PathBuf>, Failure> {
    let mut kept = Vec::new();
    for file in edited {
        let of_file = |difference: &Difference| difference.kind() == file.kind;
        // A comment that no note can say keeps nothing else from being taken.
        let keeps =
            |left: &Difference| of_file(left) && !matches!(left, Difference::Comment { .. });
        let anew = rendered.iter().find(|anew| anew.path == file.name);
        let anew = anew.map_or("", |anew| anew.text.as_str());
        let same = stamp::without_stamp(anew) == stamp::without_stamp(&file.text);
        if adopted.left.iter().any(keeps) {
            kept.push(file.path.clone());
        } else if !adopted.taken.iter().any(of_file) && !same {
            let path = file.path.display();
            terminal.tell(&format!("left: comments and blank lines of `{path}`"))?;
            kept.push(file.path.clone());
        } else {
            let text = stamp::without_stamp(&file.text);
            let comments = text
                .lines()
                .map(str::trim)
                .filter(|line| line.starts_with('#'));
            let is_lost =
                |comment: &&str| !anew.contains(comment) && !file.expected.contains(comment);
            for comment in comments.filter(is_lost) {
                terminal.tell(&format!("not kept: the comment `{comment}`"))?;
            }
        }
    }
    Ok(kept)
}

/// A file as a person wrote it, with the stamp of what the spec describes now.
fn restamped(file: &Edited, rendered: &[OutputFile]) -> String {
    let anew = rendered.iter().find(|anew| anew.path == file.name);
    let text = stamp::with_stamp_of(&file.text, anew.map_or("", |anew| &anew.text));
    if file.is_windows {
        text.replace('\n', "\r\n")
    } else {
        text
    }
}

/// Why files cannot be adopted: what cannot be read in them would be lost.
fn unreadable(edited: &[Edited], terminal: &Terminal) -> Failure {
    let mut names = Vec::new();
    for file in edited {
        let mut sources = Sources::default();
        let source = sources.add(file.path.display().to_string(), file.text.as_str());
        let at = |range, message: String| Diagnostic::at(Span::new(source, range), message);
        let mistakes: Vec<Diagnostic> = match file.kind {
            Kind::Dockerfile => {
                let document = dockerfile::parse(file.text.as_bytes());
                let mistakes = document.mistakes().iter();
                mistakes.map(|mistake| mistake.diagnostic(source)).collect()
            }
            Kind::Dockerignore => {
                let errors = Ignore::parse(file.text.as_bytes())
                    .err()
                    .unwrap_or_default();
                let errors = errors.into_iter();
                errors
                    .map(|error| at(error.range.clone(), error.to_string()))
                    .collect()
            }
            Kind::Compose => {
                let error = compose::parse(&file.text).err();
                let lines = file.text.split_inclusive('\n').map(str::len);
                let start = |line: usize| lines.clone().take(line - 1).sum::<usize>();
                let place = |line| start(line)..start(line + 1).min(file.text.len());
                error
                    .map(|error| at(place(error.line), error.to_string()))
                    .into_iter()
                    .collect()
            }
        };
        if !mistakes.is_empty() {
            terminal.fail(&Failure::Mistakes(mistakes), &sources);
            names.push(format!("`{}`", file.path.display()));
        }
    }
    let names = names.join(" and ");
    let hint = "mend these lines first; nothing was written".to_owned();
    Failure::Message(
        format!("{names} cannot be read, and so not be adopted"),
        vec![hint],
    )
}
