//! A project on disk: its spec, its own presets, and the files that they come to.

use std::path::{Component, Path, PathBuf};

use super::Common;
use super::terminal::Failure;
use crate::compile::Compiler;
use crate::diag::{Diagnostic, Sources};
use crate::files::{self, ErrorKind, OutputFile};
use crate::preset::{self, Preset};
use crate::render;
use crate::spec::{self, Said};

/// Where a project keeps presets of its own.
const PRESETS: &str = ".dockwright/presets";

/// The files that a spec describes.
pub(super) fn outputs(common: &Common, sources: &mut Sources) -> Result<Vec<OutputFile>, Failure> {
    let path = clean(&common.directory.join(&common.spec));
    let text = files::read(&path).map_err(|error| match error.kind {
        ErrorKind::Missing => {
            let hint = "the smallest spec has three lines: name, language and package-manager";
            Failure::Message(error.to_string(), vec![hint.to_owned()])
        }
        _ => error.into(),
    })?;
    let source = sources.add(path.display().to_string(), text.as_str());
    let draft = spec::parse(&text, source)?;
    let named = draft.said("preset").into_iter().chain(draft.overlays());
    let paths: Vec<Said> = named.filter(|said| preset::is_path(&said.text)).collect();
    let compiler = compiler(&folder(common), &paths, None, sources)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let plan = compiler.compile(&draft, &name, sources)?;
    Ok(render::render(&plan)?)
}

/// A compiler that knows the presets of a project too: those in its folder for presets, and those named by path. One
/// name can be left out, for a preset that is about to be checked.
pub(super) fn compiler(
    folder: &Path,
    named: &[Said],
    except: Option<&str>,
    sources: &mut Sources,
) -> Result<Compiler, Failure> {
    let mut compiler = Compiler::new(sources);
    let mut mistakes = Vec::new();
    let mut paths = files::list(&folder.join(PRESETS), ".toml")?;
    for said in named {
        let path = clean(&folder.join(&said.text));
        if files::existing(&path)?.is_none() {
            mistakes.push(Diagnostic::at(
                said.span,
                format!("there is no file `{}`", path.display()),
            ));
        } else if !paths.contains(&path) {
            paths.push(path);
        }
    }
    for path in paths {
        let text = files::read(&path)?;
        let path = path.display().to_string();
        let name = preset::name_of(&path);
        if Some(name) == except {
            continue;
        }
        match Preset::parse(name, &path, &text, sources) {
            Ok(preset) => mistakes.extend(compiler.add(preset).err()),
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() {
        Ok(compiler)
    } else {
        Err(mistakes.into())
    }
}

/// The folder that paths of the spec are relative to: the one that the spec lies in.
pub(super) fn folder(common: &Common) -> PathBuf {
    let path = clean(&common.directory.join(&common.spec));
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// A path as a person would write it, without `./`.
pub(super) fn clean(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| !matches!(part, Component::CurDir))
        .collect()
}
