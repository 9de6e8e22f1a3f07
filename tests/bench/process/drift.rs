//! A repository of many generated projects that is checked for drift: by us, and by what else does a comparable job.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::DOFIGEN;
use super::measure::{Job, heading, measure, on_path};

/// How often each of the large ones runs.
const RUNS: usize = 9;

/// How many specs there are, each time twice as many: the time should double as well.
const COUNTS: &[usize] = &[1250, 2500, 5000, 10_000];

/// How many projects the peers check. They start at least once for each.
const PROJECTS: usize = 20;

/// The project whose Dockerfile is edited by hand, and the one whose Dockerfile is deleted.
const EDITED: usize = 7;
const DELETED: usize = 9;

pub(crate) fn measured(program: &Path, scratch: &Path) {
    let scratch = scratch.join("drift");
    // What an earlier run left.
    let _ = fs::remove_dir_all(&scratch);
    heading(RUNS);
    for count in COUNTS {
        let root = scratch.join(count.to_string());
        specs(&root, *count);
        let name = |what: &str| format!("dockwright {what} ({count} specs)");
        let job = |what: &str, words: &[&str]| Job::new(&name(what), program, words, &root);
        let generate = ["generate", "--recursive", "--quiet"];
        // The first run finds nothing there, so there is only one of it.
        measure(&job("generate, all files new", &generate), 1, || {});
        measure(&job("generate, nothing changed", &generate), RUNS, || {});
        measure(&job("check", &["check", "--recursive"]), RUNS, || {});
        let _ = fs::remove_dir_all(&root);
    }
    heading(RUNS);
    println!("{PROJECTS} projects, the Dockerfile of one edited and of one deleted:");
    ours(program, &scratch);
    for (name, check) in [
        ("cruft", cruft as fn(&Path, &Path)),
        ("copier", copier),
        ("dofigen", dofigen),
    ] {
        match on_path(name) {
            Some(peer) => check(&peer, &scratch),
            None => println!("{name}: not installed"),
        }
    }
    let _ = fs::remove_dir_all(&scratch);
}

/// Specs like that of tests/systems/curation, each with a name of its own, a hundred to a folder.
fn specs(root: &Path, count: usize) {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/systems/curation/dockwright.toml"
    );
    let spec = fs::read_to_string(path).expect("the spec is there");
    for number in 0..count {
        let folder = root.join(format!("{:03}/{:02}", number / 100, number % 100));
        let spec = spec.replacen("\"curation\"", &format!("\"service-{number}\""), 1);
        write(&folder.join("dockwright.toml"), &spec);
    }
}

fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}

/// Runs a program that has to work.
fn run(program: &Path, words: &[&str], folder: &Path) {
    let ran = Command::new(program)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(
        ran.is_ok_and(|status| status.success()),
        "{} {words:?}",
        program.display()
    );
}

/// Makes a repository of all that lies in a folder.
fn commit(folder: &Path, tag: Option<&str>) {
    let git = on_path("git").expect("git is installed, since the peers need it");
    let identity = [
        "-c",
        "user.name=bench",
        "-c",
        "user.email=bench@example.org",
    ];
    run(&git, &["init", "--quiet"], folder);
    run(&git, &["add", "."], folder);
    run(
        &git,
        &[&identity[..], &["commit", "--quiet", "-m", "All"]].concat(),
        folder,
    );
    if let Some(tag) = tag {
        run(&git, &["tag", tag], folder);
    }
}

/// The folders of the projects below a root.
fn projects(root: &Path) -> Vec<PathBuf> {
    (0..PROJECTS)
        .map(|number| root.join(format!("service-{number}")))
        .collect()
}

/// Edits one project and deletes a file of another.
fn drift(projects: &[PathBuf]) {
    let edited = projects[EDITED].join("Dockerfile");
    let text = fs::read_to_string(&edited).expect("there is a Dockerfile");
    write(&edited, &format!("{text}USER root\n"));
    fs::remove_file(projects[DELETED].join("Dockerfile")).expect("there is a Dockerfile");
}

/// Says what of the two was noticed, and what was noticed that nobody did.
fn tell(found: &[bool]) {
    if found.len() < PROJECTS {
        return;
    }
    let word = |yes: bool| if yes { "noticed" } else { "not noticed" };
    let others = (0..PROJECTS).filter(|number| ![EDITED, DELETED].contains(number));
    let wrong = others.filter(|number| found[*number]).count();
    println!(
        "    edited: {}, deleted: {}, unchanged and told to differ: {wrong}",
        word(found[EDITED]),
        word(found[DELETED])
    );
}

fn ours(program: &Path, scratch: &Path) {
    let root = scratch.join("dockwright");
    let folders = projects(&root);
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/systems/curation/dockwright.toml"
    );
    for folder in &folders {
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::copy(path, folder.join("dockwright.toml")).expect("the spec can be copied");
    }
    run(program, &["generate", "--recursive"], &root);
    drift(&folders);
    let all = Job::new(
        "dockwright check, once for all",
        program,
        &["check", "--recursive"],
        &root,
    );
    measure(&all.in_each(std::slice::from_ref(&root)), RUNS, || {});
    let each = Job::new(
        "dockwright check, once for each",
        program,
        &["check"],
        &root,
    );
    tell(&measure(&each.in_each(&folders), RUNS, || {}));
}

/// The files of the example service, as a template that is filled in with a name.
fn template(root: &Path, placeholder: &str, ending: &str) {
    let system = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/systems/curation");
    for file in ["Dockerfile", ".dockerignore", "compose.yaml"] {
        let text = fs::read_to_string(Path::new(system).join(file)).expect("the file is there");
        let text = text.replace("curation", placeholder);
        write(&root.join(format!("{file}{ending}")), &text);
    }
}

/// A project of a cookiecutter template knows its commit, and is compared with what the template gives there.
fn cruft(program: &Path, scratch: &Path) {
    let source = scratch.join("cruft-template");
    template(
        &source.join("{{cookiecutter.name}}"),
        "{{cookiecutter.name}}",
        "",
    );
    write(&source.join("cookiecutter.json"), "{\"name\": \"web\"}\n");
    commit(&source, None);
    let root = scratch.join("cruft");
    fs::create_dir_all(&root).expect("a folder can be made");
    let folders = projects(&root);
    let path = source.to_string_lossy();
    for number in 0..PROJECTS {
        let context = format!("{{\"name\": \"service-{number}\"}}");
        run(
            program,
            &["create", &path, "--no-input", "--extra-context", &context],
            &root,
        );
    }
    drift(&folders);
    let check = Job::new("cruft check, once for each", program, &["check"], &root);
    tell(&measure(&check.in_each(&folders), RUNS, || {}));
    let diff = Job::new(
        "cruft diff, once for each",
        program,
        &["diff", "--exit-code"],
        &root,
    );
    tell(&measure(&diff.in_each(&folders), RUNS, || {}));
}

/// A project of a template knows its version. What there is to ask is whether that is the latest one.
fn copier(program: &Path, scratch: &Path) {
    let source = scratch.join("copier-template");
    template(&source, "{{ name }}", ".jinja");
    write(&source.join("copier.yml"), "name:\n  type: str\n");
    write(
        &source.join("{{ _copier_conf.answers_file }}.jinja"),
        "{{ _copier_answers|to_nice_yaml -}}\n",
    );
    commit(&source, Some("1.0.0"));
    let root = scratch.join("copier");
    fs::create_dir_all(&root).expect("a folder can be made");
    let folders = projects(&root);
    let path = source.to_string_lossy();
    for (number, folder) in folders.iter().enumerate() {
        let data = format!("name=service-{number}");
        let to = folder.to_string_lossy();
        run(
            program,
            &["copy", "--defaults", "--data", &data, &path, &to],
            &root,
        );
        commit(folder, None);
    }
    drift(&folders);
    let check = Job::new(
        "copier check-update, once for each",
        program,
        &["check-update", "--quiet"],
        &root,
    );
    tell(&measure(&check.in_each(&folders), RUNS, || {}));
}

/// It has no check of its own: what it would generate is compared with what is there.
fn dofigen(program: &Path, scratch: &Path) {
    let root = scratch.join("dofigen");
    let folders = projects(&root);
    for folder in &folders {
        write(&folder.join("dofigen.yml"), DOFIGEN);
        run(program, &["generate", "--offline"], folder);
    }
    drift(&folders);
    let compare = format!(
        "'{}' generate --offline --output - | cmp -s - Dockerfile",
        program.display()
    );
    let check = Job::new(
        "dofigen generate | cmp, once for each",
        Path::new("/bin/sh"),
        &["-c", &compare],
        &root,
    );
    tell(&measure(&check.in_each(&folders), RUNS, || {}));
}
