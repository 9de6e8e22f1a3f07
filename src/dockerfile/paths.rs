//! Paths in an image or a build context: read as text, since neither lies on this disk.

/// A path without `.`, doubled slashes and slashes at its ends; the whole folder is empty.
pub fn relative(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    parts.join("/")
}

/// A path as it stands in a folder, from the root on.
pub fn absolute(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        format!("/{}", relative(path))
    } else {
        format!("/{}", relative(&format!("{folder}/{path}")))
    }
}

/// Whether a path is a folder or something below it. The folder has no slash at its end.
pub fn lies_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path from a folder of the project on, both as they stand in the project; nothing of one that leaves the project.
pub fn within(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
