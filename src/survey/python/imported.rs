//! Packages that nothing lists: found by what the code imports.

use super::super::Place;
use super::super::requirement::Requirement;
use super::Project;
use super::syntax::Module;

/// What the code imports from outside of the project and of the language.
pub(super) struct Imported {
    /// The packages that are known to bring a module that is imported.
    pub(super) packages: Vec<Requirement>,
    /// Modules of which it is not known what brings them, each with a place where that is done.
    pub(super) unknown: Vec<(String, Place)>,
}

/// Looks through what all modules of the project import. A package is taken by its module only if it is known: one that
/// is called like a module may be of somebody else.
pub(super) fn imported(project: &Project) -> Imported {
    let known = project.known.table("modules");
    let gone = project.known.table("removed");
    let standard = project.known.texts("standard");
    let mut found = Imported {
        packages: Vec::new(),
        unknown: Vec::new(),
    };
    for module in &project.modules {
        for (name, line) in &module.imported {
            let first = name.split('.').next().unwrap_or_default();
            let is_own = first.is_empty()
                || standard.contains(&first)
                || gone
                    .as_ref()
                    .is_some_and(|gone| gone.maybe(first).is_some())
                || lies_in(project, module, first);
            if is_own {
                continue;
            }
            let place = Place::new(&module.path, *line);
            let package = known.as_ref().and_then(|known| known.maybe(first));
            let package = package.and_then(|package| Requirement::parse(package, place.clone()));
            let Some(package) = package else {
                if found.unknown.iter().all(|(other, _)| other != first) {
                    found.unknown.push((first.to_owned(), place));
                }
                continue;
            };
            let same = |other: &Requirement| other.name == package.name;
            if !found.packages.iter().any(same) {
                found.packages.push(package);
            }
        }
    }
    found
}

/// Whether the project itself has a module of this name, wherever it is found from.
fn lies_in(project: &Project, module: &Module, name: &str) -> bool {
    let file = format!("{name}.py");
    let mut paths = project.evidence.tree.paths();
    module.path.ends_with(&format!("/{file}"))
        || paths.any(|path| path.split('/').any(|part| part == name || part == file))
}
