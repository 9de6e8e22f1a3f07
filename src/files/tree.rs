//! The files of a folder that somebody wants to look around in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, ErrorKind, read};

/// How many files and folders are looked at. A project that has more is known from those that lie nearest to its top.
const MOST: usize = 200_000;

/// The largest file that is read.
const LARGEST: u64 = 2 << 20;

/// The paths of the files below a folder. Nothing of them is read yet.
#[derive(Debug)]
pub struct Tree {
    folder: PathBuf,
    paths: Vec<String>,
    /// The same paths, and the folders on their way, to be found quickly.
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    cut: bool,
}

/// Looks at the names of all files below a folder, those nearest to its top first. Hidden folders and the named ones are
/// passed over, and links are not followed, so that nothing outside of the folder is seen.
pub fn tree(folder: &Path, passed_over: &[&str]) -> Result<Tree, Error> {
    up_to(MOST, folder, passed_over)
}

fn up_to(most: usize, folder: &Path, passed_over: &[&str]) -> Result<Tree, Error> {
    let mut tree = Tree {
        folder: folder.to_owned(),
        paths: Vec::new(),
        files: BTreeSet::new(),
        folders: BTreeSet::new(),
        cut: false,
    };
    let mut level = vec![String::new()];
    let mut seen = 0;
    while !level.is_empty() && !tree.cut {
        let mut below = Vec::new();
        for prefix in level {
            let path = folder.join(&prefix);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                // A folder below that nobody may read is as if it were empty.
                Err(_) if !prefix.is_empty() => continue,
                Err(error) => {
                    let kind = ErrorKind::System {
                        verb: "read",
                        error,
                    };
                    return Err(Error { path, kind });
                }
            };
            // In the order of their names: which ones are left out does not depend on the disk.
            let mut named: Vec<(String, fs::FileType)> = entries
                .flatten()
                .filter_map(|entry| {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    Some((name, entry.file_type().ok()?))
                })
                .collect();
            named.sort_by(|(one, _), (other, _)| one.cmp(other));
            tree.cut |= named.len() > most - seen;
            named.truncate(most - seen);
            seen += named.len();
            for (name, kind) in named {
                if kind.is_file() {
                    tree.paths.push(format!("{prefix}{name}"));
                } else if kind.is_dir()
                    && !name.starts_with('.')
                    && !passed_over.contains(&name.as_str())
                {
                    below.push(format!("{prefix}{name}/"));
                }
            }
        }
        below.sort();
        level = below;
    }
    tree.paths
        .sort_by_cached_key(|path| (path.matches('/').count(), path.clone()));
    tree.files = tree.paths.iter().cloned().collect();
    for path in &tree.paths {
        let mut path = path.as_str();
        while let Some((folder, _)) = path.rsplit_once('/') {
            if !tree.folders.insert(folder.to_owned()) {
                break;
            }
            path = folder;
        }
    }
    Ok(tree)
}

impl Tree {
    /// The paths of the files from the folder on, with `/` between their parts; those nearest to the top first.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Whether there is a file of this path.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// Whether there is a file below this folder.
    pub fn has_folder(&self, path: &str) -> bool {
        self.folders.contains(path)
    }

    /// Whether there were more files than were looked at.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The text of one of the files.
    pub fn read(&self, path: &str) -> Result<String, Error> {
        let place = self.folder.join(path);
        let bytes = fs::metadata(&place).map_or(0, |found| found.len());
        if bytes > LARGEST {
            return Err(Error {
                path: place,
                kind: ErrorKind::TooLarge { bytes },
            });
        }
        read(&place)
    }
}

#[cfg(test)]
mod tests {
    use super::{tree, up_to};
    use std::fs;

    #[cfg(unix)]
    #[test]
    fn what_belongs_to_others_is_not_seen() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "").unwrap();
        let folder = tempfile::tempdir().unwrap();
        for path in ["a/b/c", "a/b", "a", ".git", "node_modules"] {
            let path = folder.path().join(path);
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("file"), "").unwrap();
        }
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        let tree = tree(folder.path(), &["node_modules"]).unwrap();
        let paths: Vec<&str> = tree.paths().collect();
        assert_eq!(paths, ["a/file", "a/b/file", "a/b/c/file"]);
        assert!(tree.has_folder("a/b") && !tree.has_folder("a/file"));
        assert!(!tree.is_cut());
    }

    #[test]
    fn of_too_many_files_those_near_the_top_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data/more");
        fs::create_dir_all(&data).unwrap();
        fs::write(folder.path().join("setup.py"), "").unwrap();
        for name in ["a", "b", "c", "d"] {
            fs::write(data.join(name), "").unwrap();
        }
        let tree = up_to(5, folder.path(), &[]).unwrap();
        let paths: Vec<&str> = tree.paths().collect();
        assert_eq!(paths, ["setup.py", "data/more/a", "data/more/b"]);
        assert!(tree.is_cut());
    }
}
