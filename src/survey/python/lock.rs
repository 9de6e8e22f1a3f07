//! What a lock file pins: exact versions, and the versions of the language that each of them is made for.

use super::super::requirement::{Range, Requirement, Version, normal};
use super::super::{Evidence, Place, lookup};
use crate::data::Node;
use crate::survey::knowledge::Known;

/// The packages that the lock files of a project pin, without those that nothing but development asks for.
pub(super) fn locked(evidence: &Evidence, known: &Known) -> Vec<Requirement> {
    let mut locked = Vec::new();
    for file in known.texts("locks") {
        let Some(text) = evidence.read(file) else {
            continue;
        };
        let Some((tree, sources)) = lookup::tree(evidence, file, &text) else {
            continue;
        };
        let packages: Vec<&Node> = packages(&tree).collect();
        let installed = installed(&packages);
        let conditional = conditional(&packages);
        for package in packages {
            let (Some(name), Some(version)) = (said(package, "name"), said(package, "version"))
            else {
                continue;
            };
            if !installed.contains(&name) || is_for_development(package) {
                continue;
            }
            let made_for = if conditional.contains(&name) {
                None
            } else {
                made_for(&files(&tree, package, name), &known.texts("versions"))
            };
            let source = package.get("source");
            locked.push(Requirement {
                name: normal(name),
                extras: Vec::new(),
                range: Range::parse(&format!("=={version}")),
                from_git: source.is_some_and(|source| {
                    said(source, "type") == Some("git") || source.get("git").is_some()
                }),
                made_for,
                place: Place::new(file, sources.line(package.span)),
            });
        }
    }
    locked
}

fn packages(tree: &Node) -> impl Iterator<Item = &Node> {
    tree.get("package").into_iter().flat_map(Node::items)
}

fn said<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::text)
}

/// Whether a package says of itself that only development asks for it.
fn is_for_development(package: &Node) -> bool {
    let groups = package.get("groups");
    let without_main =
        groups.is_some_and(|groups| !groups.items().any(|group| group.text() == Some("main")));
    said(package, "category") == Some("dev") || without_main
}

/// The names of the packages that the project itself leads to, where the lock file has the project as a package of its
/// own; otherwise all.
fn installed<'a>(packages: &[&'a Node]) -> Vec<&'a str> {
    let is_project = |package: &&&Node| {
        let source = package.get("source");
        source.is_some_and(|source| {
            ["editable", "virtual"]
                .iter()
                .any(|kind| said(source, kind) == Some("."))
        })
    };
    let all = || {
        packages
            .iter()
            .filter_map(|package| said(package, "name"))
            .collect()
    };
    let Some(project) = packages.iter().find(is_project) else {
        return all();
    };
    let mut found: Vec<&str> = Vec::new();
    let mut open: Vec<(&Node, Vec<&str>)> = vec![(project, Vec::new())];
    let mut seen: Vec<(&str, Vec<&str>)> = Vec::new();
    while let Some((package, extras)) = open.pop() {
        let Some(name) = said(package, "name") else {
            continue;
        };
        if seen.contains(&(name, extras.clone())) {
            continue;
        }
        found.push(name);
        let optional = package.get("optional-dependencies");
        let lists = extras
            .iter()
            .filter_map(|extra| optional?.get(extra))
            .chain(package.get("dependencies"));
        for dependency in lists.flat_map(Node::items) {
            let extras = dependency.get("extra").into_iter().flat_map(Node::items);
            let extras: Vec<&str> = extras.filter_map(Node::text).collect();
            let named = |package: &&&Node| said(package, "name") == said(dependency, "name");
            open.extend(
                packages
                    .iter()
                    .filter(named)
                    .map(|package| (*package, extras.clone())),
            );
        }
        seen.push((name, extras));
    }
    found
}

/// The names of packages that are installed on some versions of the language only.
fn conditional<'a>(packages: &[&'a Node]) -> Vec<&'a str> {
    let is_condition = |marker: &str| marker.contains("python_") && marker.contains('<');
    let mut asked: Vec<(String, bool)> = Vec::new();
    for package in packages {
        let listed = package
            .get("dependencies")
            .into_iter()
            .flat_map(Node::items);
        for dependency in listed {
            let marker = said(dependency, "marker").unwrap_or_default();
            let name = said(dependency, "name").unwrap_or_default();
            asked.push((normal(name), is_condition(marker)));
        }
        let table = package
            .get("dependencies")
            .into_iter()
            .flat_map(Node::entries);
        for (name, entry) in table {
            let marker = said(&entry.node, "markers").unwrap_or_default();
            asked.push((normal(name), is_condition(marker)));
        }
    }
    let names = packages.iter().filter_map(|package| {
        let name = said(package, "name")?;
        let by_itself = is_condition(said(package, "markers").unwrap_or_default());
        let mut by_others = asked
            .iter()
            .filter(|(other, _)| *other == normal(name))
            .peekable();
        let always = by_others.peek().is_some() && by_others.all(|(_, condition)| *condition);
        (by_itself || always).then_some(name)
    });
    names.collect()
}

/// The files that a package is installed from: beside it, or in a table at the end of the lock file.
fn files<'a>(tree: &'a Node, package: &'a Node, name: &str) -> Vec<&'a str> {
    let at_the_end = lookup::below(tree, &["metadata", "files", name]);
    let lists = ["files", "wheels"]
        .iter()
        .filter_map(|key| package.get(key));
    let files = lists.chain(at_the_end).flat_map(Node::items);
    let names = files.filter_map(|file| said(file, "file").or(said(file, "url")));
    names.filter_map(|path| path.rsplit('/').next()).collect()
}

/// The versions of the language that one of these files is made for. Nothing, where no file tells that or none is for
/// this kind of system: then another version changes nothing.
fn made_for(files: &[&str], versions: &[&str]) -> Option<Vec<String>> {
    let fits = |version: &&&str| files.iter().any(|file| is_for(file, version));
    let found: Vec<String> = versions
        .iter()
        .filter(fits)
        .map(ToString::to_string)
        .collect();
    (!found.is_empty()).then_some(found)
}

/// Whether a wheel is for a version of the language on Linux with glibc: `name-1.0-cp312-cp312-manylinux_x86_64.whl`.
fn is_for(file: &str, version: &str) -> bool {
    let Some(name) = file.strip_suffix(".whl") else {
        return false;
    };
    let mut tags = name.rsplitn(4, '-');
    let (Some(platform), Some(abi), Some(languages)) = (tags.next(), tags.next(), tags.next())
    else {
        return false;
    };
    let on_linux = platform.contains("manylinux") || platform.contains("linux_x86_64");
    if platform != "any" && !(on_linux && platform.contains("x86_64")) {
        return false;
    }
    let wanted = Version::parse(version);
    languages.split('.').any(|language| {
        if language == "py3" {
            return true;
        }
        // `cp312` is 3.12. One that is made for a stable interface serves later versions too.
        let Some(minor) = language
            .strip_prefix("cp3")
            .or(language.strip_prefix("py3"))
        else {
            return false;
        };
        let of = Version::parse(&format!("3.{minor}"));
        of == wanted || (abi.contains("abi3") || language.starts_with("py")) && of <= wanted
    })
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn the_name_of_a_wheel_tells_what_it_is_for() {
        for (file, version, fits) in [
            ("six-1.16.0-py2.py3-none-any.whl", "3.13", true),
            (
                "httptools-0.6.1-cp312-cp312-manylinux_2_17_x86_64.whl",
                "3.12",
                true,
            ),
            (
                "httptools-0.6.1-cp312-cp312-manylinux_2_17_x86_64.whl",
                "3.13",
                false,
            ),
            (
                "httptools-0.6.1-cp312-cp312-manylinux_2_17_aarch64.whl",
                "3.12",
                false,
            ),
            (
                "httptools-0.6.1-cp312-cp312-musllinux_1_1_x86_64.whl",
                "3.12",
                false,
            ),
            (
                "cryptography-42.0-cp39-abi3-manylinux_2_28_x86_64.whl",
                "3.13",
                true,
            ),
            (
                "cryptography-42.0-cp39-abi3-manylinux_2_28_x86_64.whl",
                "3.8",
                false,
            ),
            ("pywin32-306-cp312-cp312-win_amd64.whl", "3.12", false),
            ("six-1.16.0.tar.gz", "3.12", false),
        ] {
            assert_eq!(is_for(file, version), fits, "{file} {version}");
        }
    }
}
