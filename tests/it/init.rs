//! `init` in folders that no case can hold: files that are too large or may not be read, names that are no text, very
//! many files, and bytes that mean nothing. It says what it did not look at, and what was there stays as it was.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::files_below;

/// What is said and how it ended, in a folder that `fill` made something of.
fn init(fill: impl Fn(&Path)) -> (i32, String, tempfile::TempDir) {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("mill");
    fs::create_dir(&folder).unwrap();
    fill(&folder);
    // Of very many files some are enough.
    let before: Vec<(String, Vec<u8>)> = files_below(&folder)
        .into_iter()
        .take(100)
        .map(|file| {
            (
                file.clone(),
                fs::read(folder.join(&file)).unwrap_or_default(),
            )
        })
        .collect();
    let output = Command::new(env!("CARGO_BIN_EXE_dockwright"))
        .args(["init", "mill"])
        .current_dir(outer.path())
        .env_clear()
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    for (file, bytes) in before {
        let after = fs::read(folder.join(&file)).unwrap_or_default();
        assert_eq!(after, bytes, "{file} has changed:\n{said}");
    }
    (output.status.code().unwrap(), said, outer)
}

fn write(folder: &Path, file: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

const APP: &str = "from flask import Flask\n\napp = Flask(__name__)\n";

#[test]
fn a_file_that_is_too_large_is_named_and_passed_over() {
    let (status, said, _folder) = init(|folder| {
        write(folder, "requirements.txt", "flask==3.1.0\n");
        write(folder, "app.py", APP);
        write(folder, "tables.py", "x = 1\n".repeat(1 << 19));
    });
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("tables.py") && said.contains("app:app"),
        "{said}"
    );
}

#[test]
fn of_ten_thousand_files_the_program_is_found() {
    let (status, said, _folder) = init(|folder| {
        write(folder, "requirements.txt", "flask==3.1.0\n");
        write(folder, "server/app.py", APP);
        for others in ["node_modules", ".git", "venv", ".venv"] {
            write(folder, &format!("{others}/requirements.txt"), "django\n");
            write(folder, &format!("{others}/manage.py"), "import django\n");
        }
        fs::create_dir(folder.join("pictures")).unwrap();
        for number in 0..10_000 {
            fs::File::create(folder.join(format!("pictures/{number}"))).unwrap();
        }
    });
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("server.app:app") && !said.contains("django"),
        "{said}"
    );
}

#[test]
fn bytes_that_mean_nothing_stop_nothing() {
    let deep = "(".repeat(50_000);
    let tables = "[a".to_owned() + &".a".repeat(5_000) + "]\n";
    let nasty: [&[u8]; 7] = [
        b"",
        b"\xff\xfe\x00\x00",
        b"\x00\x00\x00",
        "\u{feff}\u{202e}\r\n\r".as_bytes(),
        deep.as_bytes(),
        tables.as_bytes(),
        b"all: $(all)\n\t$($($(\nx = ${x}${x}\nweb: $PORT ${ \"\n[[package]]\nname = 3\nifeq (\n",
    ];
    let files = [
        "requirements.txt",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "poetry.lock",
        "uv.lock",
        "Pipfile",
        "Pipfile.lock",
        ".python-version",
        "runtime.txt",
        "Procfile",
        ".env.example",
        "main.py",
        "manage.py",
        "mill/__main__.py",
        "Makefile",
        "main.c",
        "CMakeLists.txt",
        "configure.ac",
        "environment.yml",
    ];
    for bytes in nasty {
        let (status, said, _folder) = init(|folder| {
            for file in files {
                write(folder, file, bytes);
            }
        });
        assert!(status < 2, "{said}");
        // Each alone, beside a program that is as it should be.
        for file in files.iter().filter(|file| **file != "main.py") {
            init(|folder| {
                write(folder, "main.py", APP);
                write(folder, file, bytes);
            });
        }
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    let (status, said, _folder) = init(|folder| {
        write(folder, "requirements.txt", "flask==3.1.0\n");
        write(folder, "app.py", APP);
        // For root it can be read all the same.
        write(folder, "closed.py", "x = 1\n");
        let closed = fs::Permissions::from_mode(0o000);
        fs::set_permissions(folder.join("closed.py"), closed).unwrap();
        fs::write(folder.join(OsStr::from_bytes(b"\xff\xfe.py")), "x = 1\n").unwrap();
        symlink("/etc/passwd", folder.join(".python-version")).unwrap();
        symlink(folder, folder.join("again")).unwrap();
    });
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("app:app") && said.contains("no file says a version"),
        "{said}"
    );
}
