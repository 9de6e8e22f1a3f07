//! The program as people run it.
//!
//! `tests/cli/<verb>-<situation>/`, and `tests/init/<situation>/` for what `init` sees in a project, holds `cmd.toml` (see [`Case`]), the folder `in/` in which the program runs, what it
//! says in `stdout.txt` and `stderr.txt`, and in `out/` every file that is there afterwards and was not before, or not
//! like this. A file that is missing stands for nothing. What is about modes, links, times and pipes is tested below.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::Deserialize;

use crate::support::{Differences, files_below, listing, name, not_run, tests, unstamped};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dockwright");

const SPEC: &str = "name = \"hello\"\npreset = \"service\"\nbase = \"debian:bookworm-slim\"\nsource = [\"run.sh\"]\ncommand = [\"./run.sh\"]\n";

/// What is run, and what happens before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The arguments.
    args: Vec<String>,
    /// The exit code.
    #[serde(default)]
    status: i32,
    /// Commands that are run before, and succeed.
    #[serde(default)]
    before: Vec<Vec<String>>,
    /// Changes that are made to files after those commands.
    #[serde(default)]
    edit: Vec<Edit>,
}

/// A change that a person makes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    /// What is replaced; nothing replaces the whole file.
    #[serde(default)]
    find: Option<String>,
    text: String,
}

/// A folder of its own, in which the program runs.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With a spec in it.
    fn with_spec() -> Self {
        let folder = Self::new();
        folder.write("dockwright.toml", SPEC);
        folder
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn command(&self, args: &[impl AsRef<std::ffi::OsStr>]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(self.0.path()).env_clear();
        command
    }

    fn run(&self, args: &[impl AsRef<std::ffi::OsStr>]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }

    /// Every file with its bytes, however it is spelled.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let files = files_below(self.0.path()).into_iter();
        files
            .map(|file| (file.clone(), fs::read(self.path(&file)).unwrap_or_default()))
            .collect()
    }
}

/// How a run ended, and what it said.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    fn ok(stdout: &str) -> Self {
        Self {
            status: Some(0),
            stdout: stdout.to_owned(),
            stderr: String::new(),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}

#[test]
fn commands_do_what_their_cases_say() {
    let mut differences = Differences::default();
    let cases = listing(&tests("cli"))
        .into_iter()
        .chain(listing(&tests("init")));
    for case in cases {
        let text = fs::read_to_string(case.join("cmd.toml")).unwrap();
        let command: Case = toml::from_str(&text).unwrap();
        let folder = Folder::new();
        copy(&case.join("in"), folder.0.path());
        for args in &command.before {
            let ran = folder.run(args);
            assert_eq!(ran.status, Some(0), "{}: {ran:?}", name(&case));
        }
        for edit in &command.edit {
            let text = match &edit.find {
                None => edit.text.clone(),
                Some(find) => {
                    let old = folder.read(&edit.file);
                    assert!(old.contains(find), "{}: no `{find}`", name(&case));
                    old.replace(find, &edit.text)
                }
            };
            folder.write(&edit.file, text);
        }
        let before = folder.files();
        let ran = folder.run(&command.args);
        if ran.status != Some(command.status) {
            differences.note(format!("{}: {ran:#?}", name(&case)));
        }
        differences.compare_or_nothing(&case.join("stdout.txt"), &unstamped(&ran.stdout));
        differences.compare_or_nothing(&case.join("stderr.txt"), &ran.stderr);
        let after: Vec<(String, String)> = folder
            .files()
            .into_iter()
            .filter(|file| !before.contains(file))
            .map(|(path, bytes)| (path, unstamped(&String::from_utf8(bytes).unwrap())))
            .collect();
        let after = after
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        differences.compare_folder(&case.join("out"), after);
    }
    differences.finish();
}

#[test]
fn a_second_run_touches_nothing() {
    let folder = Folder::with_spec();
    let first = folder.run(&["generate"]);
    assert_eq!(
        first,
        Ran::ok("wrote Dockerfile\nwrote .dockerignore\nwrote compose.yaml\n")
    );
    let times = || {
        ["Dockerfile", ".dockerignore", "compose.yaml"].map(|file| {
            let metadata = fs::metadata(folder.path(file)).unwrap();
            (metadata.modified().unwrap(), inode(&metadata))
        })
    };
    let before = times();
    // A comment and a blank line mean nothing.
    folder.write("dockwright.toml", format!("# hello\n\n{SPEC}"));
    assert_eq!(
        folder.run(&["generate"]),
        Ran::ok("every file is up to date\n")
    );
    assert_eq!(times(), before);
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// Version control may change the line endings of every file; that is no change by hand.
#[test]
fn line_endings_of_windows_are_no_change() {
    let folder = Folder::with_spec();
    folder.run(&["generate"]);
    let unix = folder.read("Dockerfile");
    folder.write("Dockerfile", unix.replace('\n', "\r\n"));
    assert_eq!(folder.run(&["generate"]).status, Some(0));
    folder.write("Dockerfile", unix.replace('\n', "\r\n"));
    folder.write("dockwright.toml", SPEC.replace("run.sh", "start.sh"));
    assert_eq!(folder.run(&["generate"]).status, Some(0));
    assert!(folder.read("Dockerfile").contains("COPY start.sh"));
}

#[cfg(unix)]
#[test]
fn a_mode_and_the_target_of_a_link_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::with_spec();
    folder.run(&["generate"]);
    fs::create_dir(folder.path("deploy")).unwrap();
    fs::rename(folder.path("compose.yaml"), folder.path("deploy/app.yaml")).unwrap();
    symlink("deploy/app.yaml", folder.path("compose.yaml")).unwrap();
    fs::set_permissions(folder.path("Dockerfile"), PermissionsExt::from_mode(0o640)).unwrap();
    folder.write("dockwright.toml", format!("{SPEC}ports = [8080]\n"));
    let ran = folder.run(&["generate"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let mode = fs::metadata(folder.path("Dockerfile"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(folder.path("compose.yaml").is_symlink());
    assert!(folder.read("deploy/app.yaml").contains("8080:8080"));
    // Nothing that was written on the way stays.
    let files: Vec<String> = folder.files().into_iter().map(|(path, _)| path).collect();
    let expected = [
        ".dockerignore",
        "Dockerfile",
        "compose.yaml",
        "deploy/app.yaml",
        "dockwright.toml",
    ];
    assert_eq!(files, expected);
}

/// Of several files, either all are written or none.
#[cfg(unix)]
#[test]
fn nothing_is_written_when_one_file_cannot_be() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with_spec();
    fs::create_dir(folder.path("compose.yaml")).unwrap();
    let ran = folder.run(&["generate"]);
    let said = (ran.status, ran.stderr.as_str());
    assert_eq!(
        said,
        (Some(2), "error: `compose.yaml` is a folder, not a file\n")
    );
    assert!(!folder.path("Dockerfile").exists());
    fs::remove_dir(folder.path("compose.yaml")).unwrap();

    symlink("nowhere/compose.yaml", folder.path("compose.yaml")).unwrap();
    let ran = folder.run(&["generate"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let expected = "error: `compose.yaml` is a link that leads to nothing\n";
    assert_eq!(ran.stderr, expected);
    assert!(!folder.path("Dockerfile").exists());
    fs::remove_file(folder.path("compose.yaml")).unwrap();

    folder.write("docker", "a file where a folder should be");
    folder.write(
        "dockwright.toml",
        format!("{SPEC}[outputs]\ncompose = \"docker/compose.yaml\"\n"),
    );
    let ran = folder.run(&["generate"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("`docker/compose.yaml`"), "{ran:?}");
    assert!(!folder.path("Dockerfile").exists());
    let files: Vec<String> = folder.files().into_iter().map(|(path, _)| path).collect();
    assert_eq!(files, ["docker", "dockwright.toml"]);
}

#[test]
fn what_cannot_be_read_as_a_spec_is_told_so() {
    let folder = Folder::new();
    fs::create_dir(folder.path("dockwright.toml")).unwrap();
    let ran = folder.run(&["generate"]);
    let said = (ran.status, ran.stderr.as_str());
    assert_eq!(
        said,
        (
            Some(2),
            "error: `dockwright.toml` is a folder, not a file\n"
        )
    );
    fs::remove_dir(folder.path("dockwright.toml")).unwrap();

    folder.write(
        "dockwright.toml",
        b"name = \"hello\"\nlanguage = \"p\xff\"\n",
    );
    let ran = folder.run(&["generate"]);
    let expected =
        "error: `dockwright.toml` is not UTF-8: a wrong byte is at dockwright.toml:2:14\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(2), expected));
    assert_eq!(folder.files().len(), 1);
}

/// A pipe would wait for a writer, and the device of zeros has no end.
#[cfg(unix)]
#[test]
fn what_is_neither_a_file_nor_a_folder_is_not_read() {
    let folder = Folder::with_spec();
    let pipe = |file: &str| {
        let made = Command::new("mkfifo").arg(folder.path(file)).status();
        assert!(made.unwrap().success());
    };
    let refused = |args: &[&str], file: &str| {
        let ran = folder.run(args);
        let said = format!("error: `{file}` is a pipe, a socket or a device, not a file\n");
        assert_eq!((ran.status, ran.stderr), (Some(2), said), "{args:?}");
    };
    pipe("pipe.toml");
    refused(&["generate", "pipe.toml"], "pipe.toml");
    refused(&["check", "/dev/zero"], "/dev/zero");
    refused(&["preset", "check", "pipe.toml"], "pipe.toml");
    refused(&["migrate", "pipe.toml"], "pipe.toml");
    let own = SPEC.replace("\"service\"", "\"pipe.toml\"");
    folder.write("own.toml", own);
    refused(&["generate", "own.toml"], "pipe.toml");

    pipe("Dockerfile");
    for args in [&["generate"][..], &["generate", "--force"], &["check"]] {
        refused(args, "Dockerfile");
    }
    assert!(!folder.path("compose.yaml").exists());
    fs::remove_file(folder.path("Dockerfile")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path("compose.yaml")).unwrap();
    refused(&["generate", "--force"], "compose.yaml");
    assert!(!folder.path("Dockerfile").exists());
}

/// The files that `migrate` reads, each of which may be something that cannot be read.
#[cfg(unix)]
const OLD: [&str; 5] = [
    "Dockerfile",
    ".dockerignore",
    "Dockerfile.dockerignore",
    "compose.yaml",
    "base/service.yaml",
];

/// A project with an old Dockerfile, and a compose file that builds on another one.
#[cfg(unix)]
fn old_project() -> Folder {
    let folder = Folder::new();
    folder.write("Dockerfile", "FROM debian:trixie-slim\n");
    let extends = "services:\n  web:\n    extends: {file: base/service.yaml, service: web}\n";
    folder.write("compose.yaml", extends);
    fs::create_dir(folder.path("base")).unwrap();
    folder
}

#[cfg(unix)]
#[test]
fn a_folder_or_a_link_to_nothing_is_not_migrated() {
    for file in OLD {
        let folder = old_project();
        let path = folder.path(file);
        let refused = |what: &str| {
            let before = folder.files();
            let ran = folder.run(&["migrate", "--write"]);
            let said = format!("error: `{file}` is {what}\n");
            assert_eq!((ran.status, ran.stderr), (Some(2), said));
            assert_eq!(folder.files(), before);
        };
        let _ = fs::remove_file(&path);
        fs::create_dir(&path).unwrap();
        refused("a folder, not a file");
        fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink("nowhere", &path).unwrap();
        refused("a link that leads to nothing");
    }
}

/// No file is kept from root, so it is another user who tries then.
#[cfg(unix)]
#[test]
fn a_file_that_the_user_may_not_read_is_not_migrated() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    let tools = Folder::new();
    let program = tools.path("dockwright");
    // Not by this process: while it writes a program, no other test can start one.
    let mut copy = Command::new("cp");
    copy.args([PROGRAM.as_ref(), program.as_path()]);
    assert!(copy.status().unwrap().success());
    let is_root = fs::metadata(&program).unwrap().uid() == 0;
    let set_mode = |path: &Path, mode| {
        fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    set_mode(tools.0.path(), 0o755);
    for file in OLD {
        let folder = old_project();
        if !folder.path(file).exists() {
            folder.write(file, "services: {}\n");
        }
        set_mode(folder.0.path(), if is_root { 0o777 } else { 0o700 });
        let run = |args: &[&str]| {
            let mut command = Command::new(&program);
            command.args(args).current_dir(folder.0.path()).env_clear();
            if is_root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command.output().map(|output| Ran::of(&output))
        };
        match run(&["migrate"]) {
            Ok(ran) => assert_eq!(ran.status, Some(0), "{ran:?}"),
            Err(error) if is_root => {
                return not_run(&format!("root cannot become another user ({error})"));
            }
            Err(error) => panic!("{error}"),
        }
        set_mode(&folder.path(file), 0o000);
        let before = files_below(folder.0.path());
        let ran = run(&["migrate", "--write"]).unwrap();
        let said = format!("error: cannot read `{file}`: Permission denied (os error 13)\n");
        assert_eq!((ran.status, ran.stderr), (Some(2), said));
        assert_eq!(files_below(folder.0.path()), before);
    }
}

/// A reader such as `head` may go away before it has read everything.
#[test]
fn a_closed_pipe_is_no_failure() {
    let folder = Folder::with_spec();
    for args in [
        &["schema"][..],
        &["generate", "--stdout", "Dockerfile"],
        &["completions", "bash"],
    ] {
        let mut child = folder
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ran = Ran::of(&child.wait_with_output().unwrap());
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn nothing_is_asked_or_read_from_standard_input() {
    let folder = Folder::with_spec();
    let mut child = folder
        .command(&["generate"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may be gone before it could be asked.
    let _ = child.stdin.take().unwrap().write_all(b"no\n");
    assert!(child.wait().unwrap().success());
}

/// The same spec gives the same bytes wherever, whenever and for whomever it is compiled.
#[test]
fn the_files_depend_on_nothing_but_the_spec() {
    let one = Folder::with_spec();
    one.run(&["generate"]);
    let other = Folder::new();
    other.write("a/b/dockwright.toml", SPEC);
    other.write("a/b/run.sh", "echo something else lies here\n");
    other.write("a/b/.env", "NAME=other\n");
    let ran = other
        .command(&["-C", "a/b", "generate"])
        .env("LANG", "tr_TR.UTF-8")
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("TZ", "Pacific/Auckland")
        .env("HOME", "/nowhere")
        .env("SOURCE_DATE_EPOCH", "0")
        .env("DOCKWRIGHT_SPEC", "other.toml")
        .output()
        .unwrap();
    assert!(ran.status.success());
    for file in ["Dockerfile", ".dockerignore", "compose.yaml"] {
        assert_eq!(one.read(file), other.read(&format!("a/b/{file}")), "{file}");
    }
}

#[test]
fn completions_and_manual_pages_are_there_for_every_command() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = folder.run(&["completions", shell]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
        for command in ["generate", "preset", "schema", "--stdout"] {
            let word = command.trim_start_matches('-');
            assert!(ran.stdout.contains(word), "{shell}: {command}");
        }
    }
    for command in ["", "generate", "preset", "schema", "completions", "man"] {
        let args: Vec<&str> = ["man", command]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let ran = folder.run(&args);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
        assert!(ran.stdout.contains(".SH NAME"), "{command}");
    }
}

#[test]
fn the_schema_knows_every_key_of_every_golden() {
    let folder = Folder::new();
    let schema: serde_json::Value = serde_json::from_str(&folder.run(&["schema"]).stdout).unwrap();
    let known = schema["properties"].as_object().unwrap();
    for case in listing(&tests("golden")) {
        let text = fs::read_to_string(case.join("dockwright.toml")).unwrap();
        let spec: toml::Table = toml::from_str(&text).unwrap();
        for key in spec.keys() {
            assert!(known.contains_key(key), "{}: {key}", name(&case));
        }
    }
}

/// What is shown of a flattened preset is a preset, and means the same.
#[test]
fn a_flattened_preset_is_a_preset() {
    let folder = Folder::new();
    for preset in listing(&Path::new(env!("CARGO_MANIFEST_DIR")).join("presets")) {
        let preset = name(&preset).replace(".toml", "");
        let shown = folder.run(&["preset", "show", &preset, "--flat"]);
        assert_eq!((shown.status, shown.stderr.as_str()), (Some(0), ""));
        folder.write(".dockwright/presets/flattened.toml", &shown.stdout);
        let again = folder.run(&["preset", "show", "flattened", "--flat"]);
        assert_eq!((again.status, again.stderr.as_str()), (Some(0), ""));
        let meaning = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        assert_eq!(meaning(&shown.stdout), meaning(&again.stdout), "{preset}");
    }
}
