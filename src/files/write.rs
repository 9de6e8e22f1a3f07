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
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| Error {
            path,
            kind: ErrorKind::System {
                verb: "write",
                error,
            },
        }
    };
    let mut written = Vec::new();
    for (path, text) in files {
        written.push((path, Beside::write(path, text).map_err(failed(path))?));
    }
    for (path, file) in written {
        file.rename().map_err(failed(path))?;
    }
    Ok(())
}

/// A new file beside the one whose name it is to take. It goes away if it does not.
struct Beside {
    path: PathBuf,
    target: PathBuf,
}

impl Beside {
    fn write(path: &Path, text: &str) -> io::Result<Self> {
        // A rename would replace a link by a file, so it is the link's target that is replaced.
        let target = match fs::symlink_metadata(path) {
            Ok(found) if found.is_symlink() => fs::canonicalize(path)?,
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            _ => path.to_owned(),
        };
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let (beside, mut file) = Self::create(target)?;
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
    fn create(target: PathBuf) -> io::Result<(Self, File)> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let mut number = 0;
        loop {
            let free = format!(".{name}.{}-{number}.tmp", std::process::id());
            let path = target.with_file_name(free);
            match File::create_new(&path) {
                Ok(file) => return Ok((Self { path, target }, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // After a rename there is nothing of this name any more.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::write;
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
