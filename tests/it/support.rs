//! What tests of data share: finding cases, and comparing what came out with files that hold what should.
//!
//! `BLESS=1 cargo test` writes those files; what it wrote is read before it is committed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use similar::TextDiff;

/// A folder or file below `tests/`.
pub(crate) fn tests(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(path)
}

/// What lies in a folder, by name; nothing where there is no such folder.
pub(crate) fn listing(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

/// Every file below a folder, by its path from there, with `/` between the parts.
pub(crate) fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for path in listing(folder) {
        let name = name(&path);
        if path.is_dir() && !path.is_symlink() {
            files.extend(
                files_below(&path)
                    .iter()
                    .map(|file| format!("{name}/{file}")),
            );
        } else {
            files.push(name);
        }
    }
    files
}

/// The last part of a path.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Whether expected files are to be written instead of compared.
pub(crate) fn blessing() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| !value.is_empty() && value != "0")
}

/// What differs from what was expected, over all cases of a test.
#[derive(Default)]
pub(crate) struct Differences {
    found: Vec<String>,
}

impl Differences {
    /// Notes something that no blessing can put right.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.found.push(text.into());
    }

    /// Compares a text with the file that holds what it should be.
    pub(crate) fn compare(&mut self, expected: &Path, actual: &str) {
        let old = fs::read_to_string(expected).ok();
        if old.as_deref() == Some(actual) {
            return;
        }
        if blessing() {
            fs::create_dir_all(expected.parent().unwrap()).unwrap();
            fs::write(expected, actual).unwrap();
            return;
        }
        let shown = expected.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
        let diff = TextDiff::from_lines(old.as_deref().unwrap_or_default(), actual)
            .unified_diff()
            .header(
                &format!("{} (expected)", shown.display()),
                &format!("{} (actual)", shown.display()),
            )
            .to_string();
        self.found.push(diff);
    }

    /// Compares a text with a file that is there only when there is a text.
    pub(crate) fn compare_or_nothing(&mut self, expected: &Path, actual: &str) {
        if !actual.is_empty() {
            self.compare(expected, actual);
        } else if expected.exists() {
            if blessing() {
                fs::remove_file(expected).unwrap();
            } else {
                let shown = expected.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                self.note(format!("{}: expected, and nothing came", shown.display()));
            }
        }
    }

    /// Compares texts with all the files of a folder: one for each text, and no other file.
    pub(crate) fn compare_folder<'a>(
        &mut self,
        folder: &Path,
        actual: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let mut left = files_below(folder);
        for (path, text) in actual {
            left.retain(|file| file != path);
            self.compare(&folder.join(path), text);
        }
        for file in left {
            let path = folder.join(file);
            if blessing() {
                fs::remove_file(path).unwrap();
            } else {
                let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
                self.note(format!("{}: expected, and not there", shown.display()));
            }
        }
    }

    /// Ends the test, with everything that differs.
    #[track_caller]
    pub(crate) fn finish(self) {
        assert!(
            self.found.is_empty(),
            "{}\n{} differ; where the new text is right, `BLESS=1 cargo test` takes it over",
            self.found.join("\n"),
            self.found.len()
        );
    }
}

/// Whether a program is installed.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Says that something was not tested, once for each reason. The line is seen whether the test passes or not; the
/// runner keeps what `eprintln!` says for failures.
pub(crate) fn not_run(why: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.iter().any(|earlier| earlier == why) {
        let _ = writeln!(io::stderr(), "{why}: tests that need it were not run");
        said.push(why.to_owned());
    }
}

/// A text without the digests of its stamp, which change with every preset and with every version.
pub(crate) fn unstamped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match line.split_once("# dockwright: version=") {
            Some((before, _)) => {
                plain.push_str(before);
                plain.push_str("# dockwright: ...\n");
            }
            None => plain.push_str(line),
        }
    }
    plain
}
