//! Paths in an image or a build context: read as text, since neither lies on this disk.

/// A path without `.`, doubled slashes and slashes at its ends; the whole folder is empty.
pub fn relative(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    parts.join("/")
}

/// A path as it stands in a folder, from the root on. Nothing lies above that, so `..` there leads nowhere.
pub fn absolute(folder: &str, path: &str) -> String {
    let folder = if path.starts_with('/') { "" } else { folder };
    let (parts, _) = resolved(folder, path);
    format!("/{}", parts.join("/"))
}

/// Where files land that are copied to a path while a folder is the working directory: its slash, or the `.` at its end,
/// says that it is a folder, and is kept as a slash.
pub fn destination(folder: &str, path: &str) -> String {
    let landed = absolute(folder, path);
    let is_into = path.ends_with('/') || path.rsplit('/').next() == Some(".");
    if is_into && landed != "/" {
        landed + "/"
    } else {
        landed
    }
}

/// Whether a path is a folder or something below it. The folder has no slash at its end.
pub fn lies_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path from a folder of the project on, both as they stand in the project; nothing of one that leaves the project.
pub fn within(folder: &str, path: &str) -> Option<String> {
    let (parts, is_within) = resolved(folder, path);
    is_within.then(|| parts.join("/"))
}

/// The parts of a path from a folder on, without `.` and `..`, and whether none of these led out of the folder above all.
fn resolved<'a>(folder: &'a str, path: &'a str) -> (Vec<&'a str>, bool) {
    let mut parts = Vec::new();
    let mut is_within = true;
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => is_within &= parts.pop().is_some(),
            part => parts.push(part),
        }
    }
    (parts, is_within)
}

#[cfg(test)]
mod tests {
    use super::{absolute, destination, within};

    #[test]
    fn paths_are_resolved_as_text() {
        let found = [
            ("/srv/app", "data", "/srv/app/data"),
            ("/srv/app", "/data/", "/data"),
            ("/srv/app", "../data/./x", "/srv/data/x"),
            ("/srv", "../../data", "/data"),
            ("/srv", ".", "/srv"),
        ];
        for (folder, path, whole) in found {
            assert_eq!(absolute(folder, path), whole, "{path} in {folder}");
        }
        assert_eq!(within("app", "../lib/x").as_deref(), Some("lib/x"));
        assert_eq!(within("app", "../../x"), None);
    }

    #[test]
    fn a_destination_tells_whether_it_is_a_folder() {
        let found = [
            ("/srv/app", ".", "/srv/app/"),
            ("/srv/app", "x", "/srv/app/x"),
            ("/srv/app", "x/", "/srv/app/x/"),
            ("/srv/app", "../", "/srv/"),
            ("/srv/app", "..", "/srv"),
            ("/", "./", "/"),
        ];
        for (folder, path, whole) in found {
            assert_eq!(destination(folder, path), whole, "{path} in {folder}");
        }
    }
}
