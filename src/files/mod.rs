//! The disk: reading what the user wrote, writing what was generated, and telling the two apart.
//!
//! This is the only room that touches files. It does not know what their bytes mean.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the room that touches the disk"
)]

mod diff;
mod tree;
mod write;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use diff::{DiffLine, Part, diff, lines, opposites};
pub use tree::{Tree, tree};
pub use write::{Prepared, write};

/// A file that was generated: where it goes, relative to the folder of the spec, and its whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// The path, with `/` between its parts.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Why a file could not be read or written.
#[derive(Debug)]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// What went wrong with a file.
#[derive(Debug)]
pub enum ErrorKind {
    /// It is not there.
    Missing,
    /// It is a link, and where that leads there is nothing.
    Dangling,
    /// It is a folder.
    Folder,
    /// It is neither a file nor a folder.
    Special,
    /// It is larger than a file that a person wrote.
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
    },
    /// It is not UTF-8 from this byte on, counted from 0.
    NotUtf8 {
        /// The line, counted from 1.
        line: usize,
        /// The byte of the line, counted from 1.
        column: usize,
    },
    /// The system refused.
    System {
        /// What was tried: `read` or `write`.
        verb: &'static str,
        /// The system's reason.
        error: io::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            ErrorKind::Missing => write!(f, "there is no file `{path}`"),
            ErrorKind::Dangling => write!(f, "`{path}` is a link that leads to nothing"),
            ErrorKind::Folder => write!(f, "`{path}` is a folder, not a file"),
            ErrorKind::Special => {
                write!(f, "`{path}` is a pipe, a socket or a device, not a file")
            }
            ErrorKind::TooLarge { bytes } => {
                write!(f, "`{path}` is too large to be looked into: {bytes} bytes")
            }
            ErrorKind::NotUtf8 { line, column } => {
                write!(
                    f,
                    "`{path}` is not UTF-8: a wrong byte is at {path}:{line}:{column}"
                )
            }
            ErrorKind::System { verb, error } => write!(f, "cannot {verb} `{path}`: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// Reads a text file.
pub fn read(path: &Path) -> Result<String, Error> {
    let error = |kind| Error {
        path: path.to_owned(),
        kind,
    };
    let bytes = bytes(path)?;
    String::from_utf8(bytes).map_err(|failure| {
        let valid = &failure.as_bytes()[..failure.utf8_error().valid_up_to()];
        let line = valid.split(|byte| *byte == b'\n').count();
        let column = valid
            .rsplit(|byte| *byte == b'\n')
            .next()
            .map_or(0, <[u8]>::len)
            + 1;
        error(ErrorKind::NotUtf8 { line, column })
    })
}

/// The most bytes that are read of a file. Nothing that a person writes or that is generated comes near.
const LARGEST: u64 = 1 << 26;

/// Reads a file, whatever its bytes.
///
/// A pipe would wait for somebody to write into it, and a device may have no end.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let error = |kind| Error {
        path: path.to_owned(),
        kind,
    };
    let failed = |failure: io::Error| {
        error(match failure.kind() {
            // Somebody meant a file to be here, so it is not as if there was none.
            io::ErrorKind::NotFound if path.is_symlink() => ErrorKind::Dangling,
            io::ErrorKind::NotFound => ErrorKind::Missing,
            _ => ErrorKind::System {
                verb: "read",
                error: failure,
            },
        })
    };
    let found = fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        return Err(error(ErrorKind::Folder));
    }
    if !found.is_file() {
        return Err(error(ErrorKind::Special));
    }
    if found.len() > LARGEST {
        return Err(error(ErrorKind::TooLarge { bytes: found.len() }));
    }
    fs::read(path).map_err(failed)
}

/// The files of a folder and of the folders below it, by their paths from there, with `/` between the parts; of a very
/// large project only the first. Links are not followed, and what version control keeps for itself is passed over.
pub fn below(folder: &Path) -> Vec<String> {
    const MOST: usize = 100_000;
    let mut found = Vec::new();
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut folders = vec![(here.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
        {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && name != ".git" => {
                    folders.push((entry.path(), format!("{path}/")));
                }
                Ok(kind) if !kind.is_dir() => found.push(path),
                _ => {}
            }
            if found.len() >= MOST {
                return found;
            }
        }
    }
    found.sort();
    found
}

/// Whether a path below a folder is a folder; nothing if it is not there.
pub fn is_folder_in(folder: &Path, path: &str) -> Option<bool> {
    let found = fs::metadata(folder.join(path)).ok()?;
    Some(found.is_dir())
}

/// The mode of a file below a folder, if it is one and no link, on systems where files have modes.
pub fn mode_in(folder: &Path, path: &str) -> Option<u32> {
    let found = fs::symlink_metadata(folder.join(path)).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        found.is_file().then(|| found.permissions().mode() & 0o7777)
    }
    #[cfg(not(unix))]
    {
        None
    }
}

/// The files of a folder that end in this way, by name, or none if there is no such folder.
pub fn list(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Error {
                path: folder.to_owned(),
                kind: ErrorKind::System {
                    verb: "read",
                    error,
                },
            });
        }
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    paths.sort();
    Ok(paths)
}

/// Every file of this name in a folder and the folders below it, by path. Hidden folders and those that hold other
/// people's packages are passed over, and links are not followed.
pub fn find(folder: &Path, name: &str) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error| Error {
            path: folder.clone(),
            kind: ErrorKind::System {
                verb: "read",
                error,
            },
        };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let entry_name = entry.file_name();
            let kind = entry.file_type().map_err(failed)?;
            let hidden = entry_name.to_string_lossy().starts_with('.');
            if kind.is_dir() && !hidden && entry_name != "node_modules" {
                folders.push(entry.path());
            } else if !kind.is_dir() && entry_name == name {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether there is a folder of this name.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// What a folder is called, also where its path does not tell, as that of `.` does not.
pub fn real_name(folder: &Path) -> String {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = real.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// What is on disk where a file is to go. Bytes that are not UTF-8 come as U+FFFD, which equals no generated text.
pub fn existing(path: &Path) -> Result<Option<String>, Error> {
    match bytes(path) {
        Ok(bytes) => Ok(Some(String::from_utf8(bytes).unwrap_or_else(|failure| {
            String::from_utf8_lossy(failure.as_bytes()).into_owned()
        }))),
        Err(Error {
            kind: ErrorKind::Missing,
            ..
        }) => Ok(None),
        Err(error) => Err(error),
    }
}
