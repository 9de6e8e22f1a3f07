//! Images before and after a migration: what differs is what the report names, and no more.
//!
//! A case of `tests/migrate/` with a file `images.txt` is built on the engine, with the old Dockerfile and with the one that
//! `migrate --write` leaves behind. The file says what differs: settings of the image, packages, and files with their
//! owners, modes and contents, outside of caches.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::base::{base, images, without_syntax};
use super::servers::{Server, answers, bridge};
use super::{Build, Engine, Image, docker, missing};
use crate::migrate::{arguments, copy};
use crate::support::{Differences, listing, name, tests};

/// Settings of an image, and what the report calls them.
const SETTINGS: &[(&str, &str)] = &[
    ("Env", "environment"),
    ("User", "user"),
    ("WorkingDir", "workdir"),
    ("Cmd", "command"),
    ("Entrypoint", "entrypoint"),
    ("Healthcheck", "healthcheck"),
    ("ExposedPorts", "port"),
    ("Volumes", "volume"),
    ("Labels", "label"),
    ("StopSignal", "stop signal"),
    ("Shell", "shell"),
    ("OnBuild", "trigger"),
];

/// Prints the packages that each package manager of an image knows.
const PACKAGES: &str = r#"
dpkg-query --show --showformat 'dpkg ${Package} ${Version}\n' 2>/dev/null
apk info --verbose 2>/dev/null | sed 's/^\(.*\)-\([^-]*-r[0-9]*\)$/apk \1 \2/'
python3 -c 'import importlib.metadata as m
for d in m.distributions(): print("python", d.metadata["Name"], d.version)' 2>/dev/null
true
"#;

/// Prints every file with its owner and mode and where it leads, and a digest of its contents. What a package manager
/// keeps or writes down anew with the time is no part of what is compared, and its packages are told by their names.
const FILES: &str = r"
prune='-path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /etc/hosts -o -path /etc/hostname
  -o -path /etc/resolv.conf -o -path /.dockerenv -o -path /var/cache -o -path /var/log -o -path /var/lib/apt
  -o -path /root/.cache -o -path /lib/apk/db -o -name __pycache__ -o -name site-packages'
find / -xdev \( $prune \) -prune -o -exec stat -c 'about %N %u:%g %a' {} +
find / -xdev \( $prune \) -prune -o -type f -exec md5sum {} +
";

/// What is known of an image: each thing by its name.
type Known = BTreeMap<String, String>;

fn settings(image: &Image) -> Known {
    let config = image.config();
    let mut known = Known::new();
    for (key, word) in SETTINGS {
        match &config[key] {
            Value::Null => {}
            Value::Array(items) if *key == "Env" => {
                for item in items {
                    let (name, value) = item.as_str().unwrap().split_once('=').unwrap();
                    known.insert(format!("{word} {name}"), value.to_owned());
                }
            }
            Value::Object(entries) if *key != "Healthcheck" => {
                for (name, value) in entries {
                    known.insert(format!("{word} {name}"), value.to_string());
                }
            }
            Value::String(text) if text.is_empty() => {}
            value => {
                known.insert((*word).to_owned(), value.to_string());
            }
        }
    }
    known
}

fn packages(image: &Image) -> Known {
    let told = image.run(&["/bin/sh", "-c", PACKAGES]).unwrap();
    told.lines()
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(package, version)| (format!("package {package}"), version.to_owned()))
        .collect()
}

fn files(image: &Image) -> Known {
    let told = docker(&[
        "run",
        "--rm",
        "--user",
        "0",
        "--entrypoint",
        "/bin/sh",
        image.name(),
        "-c",
        FILES,
    ])
    .unwrap();
    let mut known = Known::new();
    for line in told.lines() {
        if let Some(about) = line.strip_prefix("about ") {
            let (path, rest) = about.split_once(' ').unwrap();
            known.insert(path.trim_matches('\'').to_owned(), rest.to_owned());
        } else if let Some((digest, path)) = line.split_once("  ")
            && let Some(about) = known.get_mut(path)
        {
            *about = format!("{about} {digest}");
        }
    }
    known
}

/// What differs between two images: a line for each thing that is gone, new or another one. Of a folder that is gone or
/// new, what is in it is not told again.
fn differences(old: &Known, new: &Known) -> Vec<String> {
    let mut lines = Vec::new();
    for (sign, these, others) in [("gone", old, new), ("new", new, old)] {
        let is_one = |path: &str| these.contains_key(path) && !others.contains_key(path);
        for path in these.keys().filter(|path| is_one(path)) {
            let mut above = path.match_indices('/').map(|(at, _)| &path[..at]);
            if !above.any(is_one) {
                lines.push(format!("{path}: {sign}"));
            }
        }
    }
    for (path, about) in old {
        if new.get(path).is_some_and(|other| other != about) {
            lines.push(format!("{path}: another one"));
        }
    }
    lines.sort();
    lines
}

/// The build argument that names the server which browsers are downloaded from.
const DOWNLOADS: &str = "PLAYWRIGHT_DOWNLOAD_HOST";

/// The host of the index that a project installs from, where that is one beside the engine.
const INDEX: &str = "index.test";

/// Whether a project names that host.
fn needs_index(folder: &Path) -> bool {
    let about = fs::read_to_string(folder.join("pyproject.toml")).unwrap_or_default();
    about.contains(INDEX)
}

fn build(folder: &Path, dockerfile: &str) -> Image {
    let path = folder.join(dockerfile);
    let text = fs::read(&path).unwrap();
    fs::write(&path, without_syntax(&text)).unwrap();
    let image = Image::new("migrated");
    let mut words = vec!["--tag".to_owned(), image.name().to_owned()];
    words.extend(["--file".to_owned(), dockerfile.to_owned()]);
    if needs_index(folder) {
        words.push(format!("--add-host={INDEX}:{}", bridge()));
    }
    let said = String::from_utf8_lossy(&text);
    // A browser comes from a server that is near.
    let near = said
        .contains(DOWNLOADS)
        .then(|| Server::start("systems/stremio/download-server", 7999));
    if let Some(server) = &near {
        words.push(format!("--build-arg={DOWNLOADS}=http://{server}"));
    }
    let named = images(&said).into_iter();
    for named in named.filter(|image| !image.contains('$')) {
        words.push("--build-context".to_owned());
        words.push(format!("{named}=docker-image://{}", base(&named)));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Build::of(folder).words(&words).run();
    // The next build is to see what the migration wrote.
    fs::write(&path, text).unwrap();
    image
}

#[test]
fn migrated_images_differ_as_the_reports_say() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    let mut notes = Differences::default();
    for case in listing(&tests("migrate")) {
        let expected = case.join("images.txt");
        if !expected.exists() {
            continue;
        }
        if needs_index(&case.join("in")) && !answers(&bridge(), 3141) {
            missing("no index of packages answers beside the engine, at port 3141");
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        copy(&case.join("in"), folder.path());
        let mut migrate = Command::new(env!("CARGO_BIN_EXE_dockwright"));
        migrate.args(arguments(&case)).current_dir(folder.path());
        let told = migrate.arg("--format=json").output().unwrap().stdout;
        let report: Value = serde_json::from_slice(&told).unwrap();
        let dockerfile = report["file"].as_str().unwrap();
        let old = build(folder.path(), dockerfile);
        assert!(migrate.args(["--write", "--force"]).output().is_ok());
        let new = build(folder.path(), dockerfile);
        let changed = report["facts"]["changed"].as_array().unwrap();
        let is_named = |line: &str| {
            changed.iter().any(|fact| {
                let about = fact["about"].as_str().unwrap();
                let which = fact["which"].as_str().unwrap();
                line.starts_with(format!("{about} {which}").trim_end())
            })
        };
        let is_step = |fact: &Value| fact["about"] == "step";
        let of_settings = differences(&settings(&old), &settings(&new));
        for line in of_settings.iter().filter(|line| !is_named(line)) {
            notes.note(format!("{}: the report does not name {line}", name(&case)));
        }
        let mut of_files = differences(&packages(&old), &packages(&new));
        of_files.extend(differences(&files(&old), &files(&new)));
        if !of_files.is_empty() && !changed.iter().any(is_step) {
            notes.note(format!("{}: the report names no step", name(&case)));
        }
        let mut lines = of_settings;
        lines.extend(of_files);
        if lines.is_empty() {
            lines.push("nothing".to_owned());
        }
        notes.compare(&expected, &format!("{}\n", lines.join("\n")));
    }
    notes.finish();
}
