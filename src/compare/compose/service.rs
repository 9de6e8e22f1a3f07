//! One service: what it may do, whether its health is known, and then its other keys.

use super::super::{Change, Severity, images, images::Difference, words, words::literal};
use super::keys::{Keys, below, normal, shown};
use super::ports;
use crate::compose::{Content, Tree, Value};
use crate::dockerfile::{is_root, reference::ImageRef};

/// Keys that share something of the host with a service that they name.
const NAMESPACES: &[&str] = &["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"];

/// Everything that differs. What is told of a key with its meaning is not told once more of the key.
pub(super) fn compare(name: &str, was: &Tree, is: &Tree) -> Vec<Change> {
    let path = below("services", name);
    let mut service = Service {
        path: &path,
        was,
        is,
        changes: Vec::new(),
        told: Vec::new(),
    };
    service.rights();
    service.guards();
    service.exposed();
    service.health();
    service.image();
    service.ports();
    let mut keys = Keys {
        told: service.told,
        changes: service.changes,
    };
    keys.compare(&path, was, is);
    keys.changes
}

struct Service<'a> {
    path: &'a str,
    was: &'a Tree,
    is: &'a Tree,
    changes: Vec<Change>,
    /// The paths, and the items of lists, of which it has been told.
    told: Vec<(String, Option<Value>)>,
}

impl Service<'_> {
    /// Tells of a key.
    fn tell(&mut self, kind: &'static str, key: &str, words: &str) {
        self.tell_with(Severity::Error, kind, key, words);
    }

    fn tell_with(&mut self, severity: Severity, kind: &'static str, key: &str, words: &str) {
        let path = below(self.path, key);
        let message = format!("{} {words}", literal(&path));
        let line = |tree: &Tree| tree.get(key).map(|tree| tree.line);
        let actual = line(self.is).unwrap_or(self.is.line);
        let change = Change::new(kind, severity, message).at(line(self.was), Some(actual));
        self.changes.push(change);
        self.told.push((path, None));
    }

    /// Tells of an item of a list: a new one, or one that is gone.
    fn tell_item(&mut self, kind: &'static str, key: &str, item: &Tree, is_new: bool, words: &str) {
        let path = below(self.path, key);
        let message = format!("{} {words}", literal(&path));
        let change = Change::error(kind, message);
        self.changes.push(if is_new {
            change.at(None, Some(item.line))
        } else {
            let line = self.is.get(key).unwrap_or(self.is).line;
            change.at(Some(item.line), Some(line))
        });
        self.told.push((path, Some(item.value())));
    }

    /// What it may do that it could not.
    fn rights(&mut self) {
        let (was, is) = (self.was, self.is);
        let (old, new) = (text(was, "user"), text(is, "user"));
        if is_root(&new) && !is_root(&old) {
            let words = match old.as_str() {
                "" => "is root".to_owned(),
                _ => format!("became root: was {}", literal(&old)),
            };
            self.tell("user-became-root", "user", &words);
        }
        if text(is, "privileged") == "true" && text(was, "privileged") != "true" {
            let words = "lets the service do everything that the host may";
            self.tell("became-privileged", "privileged", words);
        }
        for key in NAMESPACES {
            if text(is, key) == "host" && text(was, key) != "host" {
                self.tell("host-namespace", key, "is that of the host");
            }
        }
        for item in new_items(was, is, "cap_add") {
            let words = format!("grants {}", shown(item));
            self.tell_item("capability-added", "cap_add", item, true, &words);
        }
        for item in new_items(was, is, "volumes") {
            if has_socket(item) {
                let words = "hands out the engine of the host";
                self.tell_item("docker-socket-mounted", "volumes", item, true, words);
            }
        }
    }

    /// What no longer keeps it from doing so.
    fn guards(&mut self) {
        let (was, is) = (self.was, self.is);
        if text(was, "read_only") == "true" && text(is, "read_only") != "true" {
            let words = "no longer keeps the file system of the image as it is";
            self.tell("hardening-lost", "read_only", words);
        }
        for item in new_items(was, is, "security_opt") {
            let text = item.text().unwrap_or_default();
            if text.contains("unconfined") || text.contains("disable") {
                let words = format!("switches off a guard: {}", shown(item));
                self.tell_item("hardening-lost", "security_opt", item, true, &words);
            }
        }
        for key in ["cap_drop", "security_opt"] {
            for item in new_items(is, was, key) {
                let text = item.text().unwrap_or_default();
                if key == "cap_drop" || text.starts_with("no-new-privileges") {
                    let words = format!("has {} no more", shown(item));
                    self.tell_item("hardening-lost", key, item, false, &words);
                }
            }
        }
    }

    /// Values that look like secrets and stand in the file for everyone to read.
    fn exposed(&mut self) {
        let variables = |tree: &Tree| {
            let variables = tree.get("environment")?;
            Some(normal("environment", variables))
        };
        let (old, new) = (variables(self.was), variables(self.is));
        let entries = new.as_ref().and_then(Tree::map);
        for (name, value) in entries.into_iter().flatten() {
            let text = value.text().unwrap_or_default();
            let before = old.as_ref().and_then(|old| old.get(name));
            let is_open = !text.is_empty() && !text.contains('$') && !text.starts_with('/');
            let is_new = before.and_then(Tree::text).as_ref() != Some(&text);
            if words::names_secret(name) && is_open && is_new {
                let path = below(&below(self.path, "environment"), name);
                let message = format!(
                    "{} looks like a secret, and stands here for everyone to read",
                    literal(&path)
                );
                let change = Change::error("secret-in-env", message);
                let expected = before.map(|before| before.line);
                self.changes.push(change.at(expected, Some(value.line)));
                self.told.push((path, None));
            }
        }
    }

    /// What became of the healthcheck.
    fn health(&mut self) {
        let path = below(self.path, "healthcheck");
        let (old, new) = (self.was.get("healthcheck"), self.is.get("healthcheck"));
        let is_checked = |tree: Option<&Tree>| tree.is_some_and(|tree| !is_disabled(tree));
        match (is_checked(old), is_checked(new)) {
            (true, false) => {
                self.tell("healthcheck-lost", "healthcheck", "is no more");
            }
            (false, false) if old.is_none() && new.is_some() => {
                let off = "switches off the healthcheck of the image";
                self.tell("healthcheck-lost", "healthcheck", off);
            }
            (true, true) if new.is_some_and(never_fails) && !old.is_some_and(never_fails) => {
                self.tell("healthcheck-lost", "healthcheck", "runs what never fails");
            }
            (false, true) => {
                let kind = "healthcheck-added";
                self.tell_with(Severity::Warning, kind, "healthcheck", "is there now");
            }
            _ => {
                let mut keys = Keys::default();
                if let (Some(old), Some(new)) = (old, new) {
                    keys.compare(&path, old, new);
                }
                for change in &mut keys.changes {
                    if change.kind.starts_with("key-") {
                        change.kind = "healthcheck-changed";
                    }
                }
                self.changes.extend(keys.changes);
                self.told.push((path, None));
            }
        }
    }

    /// The image that it runs, where it does not build its own.
    fn image(&mut self) {
        let image = |tree: &Tree| ImageRef::parse(&tree.get("image")?.text()?).ok();
        let builds = |tree: &Tree| tree.get("build").is_some();
        let (Some(old), Some(new)) = (image(self.was), image(self.is)) else {
            return;
        };
        if builds(self.was) || builds(self.is) {
            return;
        }
        let Some((difference, words)) = images::compare(&old, &new) else {
            return;
        };
        let kind = match difference {
            Difference::Repository => "image-changed",
            Difference::Tag => "image-tag-changed",
            Difference::Digest => "image-digest-changed",
            Difference::DigestLost => "image-digest-lost",
            Difference::DigestAdded => "image-digest-added",
        };
        self.tell_with(difference.severity(), kind, "image", &words);
    }

    fn ports(&mut self) {
        let path = below(self.path, "ports");
        let (old, new) = (self.was.get("ports"), self.is.get("ports"));
        let is_list = |tree: Option<&Tree>| tree.is_none_or(|tree| tree.list().is_some());
        if is_list(old) && is_list(new) {
            let changes = ports::compare(&literal(&path), old, new, self.is);
            if !changes.is_empty() {
                self.told.push((path, None));
            }
            self.changes.extend(changes);
        }
    }
}

/// The text of a key; nothing is the empty text.
fn text(tree: &Tree, key: &str) -> String {
    tree.get(key).and_then(Tree::text).unwrap_or_default()
}

/// The items of a list that another one does not have.
fn new_items<'a>(was: &Tree, is: &'a Tree, key: &str) -> Vec<&'a Tree> {
    let items = |tree: &'a Tree| tree.get(key).and_then(Tree::list).unwrap_or_default();
    let old = was.get(key).and_then(Tree::list).unwrap_or_default();
    let is_new = |item: &&Tree| !old.iter().any(|other| other.value() == item.value());
    items(is).iter().filter(is_new).collect()
}

fn has_socket(item: &Tree) -> bool {
    let source = match item.text() {
        Some(text) => text.split(':').next().map(str::to_owned),
        None => item.get("source").and_then(Tree::text),
    };
    source.is_some_and(|source| source.ends_with("/docker.sock"))
}

fn is_disabled(check: &Tree) -> bool {
    let disabled = check.get("disable").and_then(Tree::text);
    disabled.as_deref() == Some("true") || test(check) == ["NONE"]
}

fn never_fails(check: &Tree) -> bool {
    let test = test(check);
    let words: Vec<&str> = test.iter().map(String::as_str).collect();
    let command = match words.as_slice() {
        ["CMD" | "CMD-SHELL", rest @ ..] => rest.join(" "),
        _ => words.join(" "),
    };
    matches!(command.trim(), "true" | "/bin/true" | ":" | "exit 0")
}

fn test(check: &Tree) -> Vec<String> {
    match check.get("test").map(|test| &test.content) {
        Some(Content::List(items)) => items.iter().filter_map(Tree::text).collect(),
        _ => check.get("test").and_then(Tree::text).into_iter().collect(),
    }
}
