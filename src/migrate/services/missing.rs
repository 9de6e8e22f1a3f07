//! What a compose file names and what is not there.

use std::collections::BTreeMap;

use super::find::{Composed, below, folder};
use crate::compose::Tree;
use crate::migrate::facts::IsFolder;
use crate::migrate::notice::Notice;

/// What a compose file names and what is not there.
pub(super) fn missing(composed: &Composed, is_folder: IsFolder<'_>) -> Vec<Notice> {
    let here = folder(composed.path());
    let tree = composed.tree();
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    let mut look = |path: String, named: &Tree| {
        let Some(file) = named.text() else { return };
        if below(here, &file).is_some_and(|path| !path.is_empty() && is_folder(&path).is_none()) {
            found.insert(
                named.line,
                format!("`{path}` names `{file}`, which is not there"),
            );
        }
    };
    for (name, service) in tree
        .get("services")
        .and_then(Tree::map)
        .into_iter()
        .flatten()
    {
        let files = service.get("env_file");
        let list = files.and_then(Tree::list).unwrap_or_default().iter();
        for file in files.into_iter().chain(list) {
            let is_needed = file.get("required").and_then(Tree::text).as_deref() != Some("false");
            if is_needed {
                look(
                    format!("services.{name}.env_file"),
                    file.get("path").unwrap_or(file),
                );
            }
        }
        if let Some(file) = service.get("extends").and_then(|base| base.get("file")) {
            look(format!("services.{name}.extends"), file);
        }
        let build = service.get("build");
        if let Some(context) = build.map(|build| build.get("context").unwrap_or(build)) {
            look(format!("services.{name}.build"), context);
        }
    }
    let included = tree.get("include").and_then(Tree::list).unwrap_or_default();
    for (number, item) in included.iter().enumerate() {
        look(
            format!("include[{number}]"),
            item.get("path").unwrap_or(item),
        );
    }
    for section in ["secrets", "configs"] {
        for (name, item) in tree.get(section).and_then(Tree::map).into_iter().flatten() {
            if let Some(file) = item.get("file") {
                look(format!("{section}.{name}.file"), file);
            }
        }
    }
    let found = found.into_iter();
    found.map(|(line, text)| Notice { line, text }).collect()
}
