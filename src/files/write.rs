//! Writing files, each whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Error, ErrorKind};

/// Writes files: each into a new file beside it, which then takes its name. None takes its name before all are written.
/// The mode and the owner of a file that is there are kept, and a link stays a link to what is replaced.
///
/// Nothing waits for the disk: a file that is lost when the power fails can be generated again, and waiting would take
/// longer than all the rest.
pub fn write(files: &[(PathBuf, &str)]) -> Result<(), Error> {
    Prepared::new(files)?.place()
}

/// Files that are written and have not taken their names yet. Where they are not placed they go away, and the folders
/// that were made for them too.
#[derive(Default)]
pub struct Prepared {
    files: Vec<Beside>,
}

impl Prepared {
    /// Writes files beside those whose names they are to take.
    pub fn new(files: &[(PathBuf, &str)]) -> Result<Self, Error> {
        let mut prepared = Self::default();
        for (path, text) in files {
            let file = Beside::write(path, text).map_err(|error| failed(path, error))?;
            prepared.files.push(file);
        }
        Ok(prepared)
    }

    /// Lets the files take their names.
    pub fn place(mut self) -> Result<(), Error> {
        for file in std::mem::take(&mut self.files) {
            file.rename().map_err(|error| failed(&file.target, error))?;
        }
        Ok(())
    }
}

impl Drop for Prepared {
    /// The last first: a folder was made for the first file in it.
    fn drop(&mut self) {
        while self.files.pop().is_some() {}
    }
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error {
        path: path.to_owned(),
        kind: ErrorKind::System {
            verb: "write",
            error,
        },
    }
}

/// A new file beside the one whose name it is to take. It goes away if it does not.
struct Beside {
    path: PathBuf,
    target: PathBuf,
    /// The folders that were made for it, the deepest first.
    folders: Vec<PathBuf>,
}

impl Beside {
    fn write(path: &Path, text: &str) -> io::Result<Self> {
        // A rename would replace a link by a file, so it is the link's target that is replaced.
        let target = match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => fs::canonicalize(path)?,
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            _ => path.to_owned(),
        };
        let mut folders = Vec::new();
        if let Some(folder) = target.parent() {
            let missing = folder.ancestors().take_while(|folder| !folder.exists());
            folders.extend(missing.map(Path::to_owned));
            fs::create_dir_all(folder)?;
        }
        let (beside, mut file) = Self::create(target, folders)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = fs::metadata(&beside.target) {
            // Only root can give files away, and the mode comes last, since a new owner may change it.
            #[cfg(unix)]
            {
                use std::os::unix::fs::{MetadataExt, fchown};
                let _ = fchown(&file, Some(old.uid()), Some(old.gid()));
            }
            file.set_permissions(old.permissions())?;
        }
        Ok(beside)
    }

    /// A file of a name that is free: a run that was killed may have left one.
    fn create(target: PathBuf, folders: Vec<PathBuf>) -> io::Result<(Self, File)> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let mut number = 0;
        loop {
            let free = format!(".{name}.{}-{number}.tmp", std::process::id());
            let path = target.with_file_name(free);
            match File::create_new(&path) {
                Ok(file) => {
                    let beside = Self {
                        path,
                        target,
                        folders,
                    };
                    return Ok((beside, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(&self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // After a rename there is nothing of this name any more, and its folders are not empty.
        let _ = fs::remove_file(&self.path);
        for folder in &self.folders {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Prepared, write};
    use std::fs;
    use std::path::Path;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn all_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let [one, two, there] = ["one", "sub/two", "there"].map(|name| folder.path().join(name));
        fs::create_dir(&there).unwrap();
        assert!(write(&[(one.clone(), "1"), (there, "")]).is_err());
        assert_eq!(names(folder.path()), ["there"]);
        let deep = folder.path().join("new/deep/three");
        drop(Prepared::new(&[(one.clone(), "1"), (deep, "3")]).unwrap());
        assert_eq!(names(folder.path()), ["there"]);
        write(&[(one.clone(), "1"), (two.clone(), "2")]).unwrap();
        assert_eq!(fs::read_to_string(one).unwrap(), "1");
        assert_eq!(fs::read_to_string(two).unwrap(), "2");
        assert_eq!(names(folder.path()), ["one", "sub", "there"]);
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        write(&[(link.clone(), "new")]).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(folder.path()), ["file", "link"]);
    }
}
