//! How the modules of a project find one another, and how one of them is run.

use super::super::Place;
use super::Project;
use super::program::Program;
use super::syntax::Module;

/// Whether a module imports a package.
pub(super) fn imports(module: &Module, package: &str) -> bool {
    module.imported.keys().any(|name| {
        name == package
            || name
                .strip_prefix(package)
                .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The folder from which the modules of a program import one another: the first, from the top on, in which most of what
/// it imports is found.
pub(super) fn root(project: &Project, module: &Module) -> String {
    let mut roots = vec![String::new()];
    let folders: Vec<&str> = module.path.split('/').collect();
    for end in 1..folders.len() {
        roots.push(folders[..end].join("/"));
    }
    let is_at = |root: &str, name: &str| {
        let path = if root.is_empty() {
            name.to_owned()
        } else {
            format!("{root}/{name}")
        };
        project.evidence.tree.has(&format!("{path}.py")) || project.evidence.tree.has_folder(&path)
    };
    // What is installed under a name is not a module of the project, even if one is called so.
    let firsts: Vec<&str> = module
        .imported
        .keys()
        .filter_map(|name| name.split('.').next())
        .filter(|name| !name.is_empty())
        .filter(|name| {
            project
                .installs(&crate::survey::requirement::normal(name))
                .is_none()
        })
        .collect();
    let score = |root: &String| firsts.iter().filter(|name| is_at(root, name)).count();
    let best = roots.iter().map(score).max().unwrap_or_default();
    // A folder of sources that is no package is where packages begin.
    let plain = roots.iter().find(|root| {
        score(root) == best
            && !(root.is_empty()
                && best == 0
                && module.path.starts_with("src/")
                && !project.evidence.tree.has("src/__init__.py"))
    });
    plain.cloned().unwrap_or_default()
}

/// How a file is run: as it is, or as a module where its imports begin in another folder than its own.
pub(super) fn run(project: &Project, module: &Module) -> (Vec<String>, String) {
    let root = root(project, module);
    let folder = module
        .path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let package = module.path.strip_suffix("/__main__.py");
    if let Some(package) = package {
        let parent = package.rsplit_once('/').map_or("", |(parent, _)| parent);
        let name = dotted(&format!("{package}/__init__.py"), parent);
        return (
            fill(&project.known.words("module-command"), &name, "", "", 0),
            parent.to_owned(),
        );
    }
    if root == folder
        || !module
            .imported
            .keys()
            .any(|name| is_local(project, &root, name))
    {
        return (
            fill(
                &project.known.words("file-command"),
                "",
                "",
                &module.path,
                0,
            ),
            String::new(),
        );
    }
    let name = dotted(&module.path, &root);
    (
        fill(&project.known.words("module-command"), &name, "", "", 0),
        root,
    )
}

/// Whether a module of this name lies in a folder.
fn is_local(project: &Project, root: &str, name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    let path = if root.is_empty() {
        first.to_owned()
    } else {
        format!("{root}/{first}")
    };
    !first.is_empty()
        && (project.evidence.tree.has(&format!("{path}.py"))
            || project.evidence.tree.has_folder(&path))
}

/// The name of a module, from a folder on.
pub(super) fn dotted(path: &str, root: &str) -> String {
    let path = path
        .strip_prefix(root)
        .unwrap_or(path)
        .trim_start_matches('/');
    let path = path.strip_suffix(".py").unwrap_or(path);
    let path = path.strip_suffix("/__init__").unwrap_or(path);
    path.replace('/', ".")
}

/// The module that a dotted name stands for, wherever in the project it is found from.
pub(super) fn named<'a>(project: &'a Project, name: &str) -> Option<&'a Module> {
    let of = |module: &&Module| {
        let full = dotted(&module.path, "");
        full == name
            || full
                .strip_suffix(name)
                .is_some_and(|before| before.ends_with('.'))
    };
    // The one nearest to the top, of several.
    let mut found: Vec<&Module> = project.modules.iter().filter(of).collect();
    found.sort_by_key(|module| module.path.matches('/').count());
    found.first().copied()
}

/// Further folders in which modules lie that a program imports by their bare names, each with what shows it: those that
/// nothing else has, where one folder of the project does.
pub(super) fn beside(project: &Project, program: &Program) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = Vec::new();
    let standard = project.known.texts("standard");
    let aside = project.known.texts("aside");
    for path in parts(project, program) {
        let Some(module) = project.modules.iter().find(|module| module.path == path) else {
            continue;
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for name in module.imported.keys() {
            let first = name.split('.').next().unwrap_or_default();
            let roots = ["", program.root.as_str(), folder, "src"];
            let known = first.is_empty()
                || standard.contains(&first)
                || project
                    .installs(&crate::survey::requirement::normal(first))
                    .is_some()
                || roots.iter().any(|root| is_local(project, root, first))
                || found.iter().any(|(root, _)| is_local(project, root, first));
            if known {
                continue;
            }
            let files = [format!("/{first}.py"), format!("/{first}/__init__.py")];
            let mut folders: Vec<&str> = project
                .evidence
                .tree
                .paths()
                .filter_map(|path| {
                    files
                        .iter()
                        .find_map(|file| path.strip_suffix(file.as_str()))
                })
                .filter(|folder| !folder.split('/').any(|part| aside.contains(&part)))
                .collect();
            folders.dedup();
            if let [only] = folders.as_slice() {
                found.push(((*only).to_owned(), Place::new(path, 1)));
            }
        }
    }
    found
}

/// A command with its names filled in.
pub(super) fn fill(
    words: &[String],
    module: &str,
    object: &str,
    file: &str,
    port: u16,
) -> Vec<String> {
    words
        .iter()
        .map(|word| {
            word.replace("{module}", module)
                .replace("{object}", object)
                .replace("{file}", file)
                .replace("{port}", &port.to_string())
        })
        .collect()
}

/// The files that a program consists of, as far as its imports tell: itself, what it imports, and so on.
pub(super) fn parts<'a>(project: &'a Project, program: &Program) -> Vec<&'a str> {
    let mut parts: Vec<&str> = Vec::new();
    let start = project
        .modules
        .iter()
        .find(|module| Some(&module.path) == program.module.as_ref());
    let mut open: Vec<&Module> = start.into_iter().collect();
    while let Some(module) = open.pop() {
        if parts.contains(&module.path.as_str()) {
            continue;
        }
        parts.push(&module.path);
        let folder = module
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        let roots = ["", program.root.as_str(), folder, "src"];
        open.extend(project.modules.iter().filter(|other| {
            let named = |root: &&str| {
                let name = dotted(&other.path, root);
                module.imported.contains_key(&name)
            };
            roots.iter().any(named)
        }));
    }
    parts
}
