//! How often `dockwright init` comes to a running container: for each folder that is named, a spec is written, the image
//! is built and started, and it is tried whether it answers.
//!
//! `cargo bench --bench init -- FOLDER...`; docs/benchmarks.md has figures. Nothing is changed in the folders: copies are
//! looked at, without the Dockerfile and the like that they may have. Where an engine cannot pull an image or reach an
//! index, `--image FROM=TO` names another image, `--build WORD` adds a word to `docker build`, and `--replace OLD=>NEW`
//! changes the Dockerfile before it is built.
#![allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark asks the machine and writes files of its own"
)]

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// How long a build, a start and a look at help may take.
const BUILD: u64 = 600;
const START: u64 = 40;
const HELP: u64 = 20;
/// How long a program without a port has to run to count as running.
const RUNS: Duration = Duration::from_secs(12);

/// What a project may have that would stand in the way.
const ASIDE: [&str; 9] = [
    "Dockerfile",
    "dockerfile",
    "Containerfile",
    ".dockerignore",
    "Dockerfile.dockerignore",
    "compose.yaml",
    "dockwright.toml",
    "venv",
    ".git",
];

/// What the command line says.
#[derive(Default)]
struct Setting {
    folders: Vec<PathBuf>,
    images: Vec<(String, String)>,
    build: Vec<String>,
    replace: Vec<(String, String)>,
}

/// How a project came out.
struct Outcome {
    steps: [&'static str; 3],
    remark: String,
}

fn main() {
    // `cargo test --benches` runs this too, and wants to know only that it starts.
    let words: Vec<String> = env::args().skip(1).collect();
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let setting = setting(words);
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("init");
    println!(
        "{:<44} {:<8} {:<8} {:<8} {:>6}  remark",
        "project", "init", "built", "started", "s"
    );
    let (mut whole, mut all) = (0, 0);
    for folder in &setting.folders {
        let begun = Instant::now();
        let outcome = project(folder, &scratch, &setting);
        let [init, built, started] = outcome.steps;
        let name = shown(folder);
        println!(
            "{name:<44} {init:<8} {built:<8} {started:<8} {:>6}  {}",
            begun.elapsed().as_secs(),
            outcome.remark
        );
        all += 1;
        whole += usize::from(started == "yes");
    }
    println!("\n{whole} of {all} start and answer");
}

fn setting(words: Vec<String>) -> Setting {
    let mut setting = Setting::default();
    let mut words = words.into_iter().filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let mut pair = |between: &str| {
            let text = words.next().unwrap_or_default();
            let (from, to) = text.split_once(between).unwrap_or((text.as_str(), ""));
            (from.to_owned(), to.to_owned())
        };
        match word.as_str() {
            "--image" => setting.images.push(pair("=")),
            "--replace" => setting.replace.push(pair("=>")),
            "--build" => setting.build.extend(words.next()),
            _ => setting.folders.push(PathBuf::from(word)),
        }
    }
    setting
}

/// The last two parts of a path.
fn shown(folder: &Path) -> String {
    let parts: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
    let from = parts.len().saturating_sub(2);
    parts[from..].join("/")
}

/// Runs a command for some seconds at most.
fn run(command: &mut Command, seconds: u64) -> Option<Output> {
    let mut limited = Command::new("timeout");
    // A program that is the first of its container need not end when it is asked to.
    limited
        .arg("--kill-after=5")
        .arg(seconds.to_string())
        .arg(command.get_program())
        .args(command.get_args());
    limited.stdin(Stdio::null()).output().ok()
}

fn docker(words: &[&str], seconds: u64) -> Option<Output> {
    run(Command::new("docker").args(words), seconds)
}

/// Both streams of what a command said.
fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The last line that says why something failed.
fn cause(text: &str) -> String {
    let telling = |line: &&str| {
        let low = line.to_lowercase();
        (low.contains("error") || low.contains("not found") || low.contains("failed"))
            && !low.contains("did not complete")
            && !low.contains("failed to solve")
            && !low.contains("notice")
    };
    let line = text
        .lines()
        .rev()
        .find(telling)
        .or(text.lines().rev().find(|line| !line.trim().is_empty()));
    let line: String = line
        .unwrap_or_default()
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    line.chars().take(160).collect()
}

fn project(folder: &Path, scratch: &Path, setting: &Setting) -> Outcome {
    let mut outcome = Outcome {
        steps: ["no", "-", "-"],
        remark: String::new(),
    };
    let name = shown(folder)
        .to_lowercase()
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    // The copy is called as the folder is: a service has its name from there.
    let place = scratch.join(name.trim_matches('-'));
    let copy = place.join(folder.file_name().unwrap_or_default());
    let _ = fs::remove_dir_all(&place);
    let _ = fs::create_dir_all(&place);
    let copied = Command::new("cp")
        .args(["-r", "--"])
        .arg(folder)
        .arg(&copy)
        .status();
    if !copied.is_ok_and(|status| status.success()) {
        "cannot be copied".clone_into(&mut outcome.remark);
        return outcome;
    }
    for name in ASIDE {
        let _ = fs::remove_file(copy.join(name));
        let _ = fs::remove_dir_all(copy.join(name));
    }
    let init = run(
        Command::new(env!("CARGO_BIN_EXE_dockwright"))
            .arg("init")
            .arg("--yes")
            .arg(&copy),
        60,
    );
    let init = init.expect("the program runs");
    if init.status.code() != Some(0) {
        let text = said(&init);
        let unknown = text
            .lines()
            .find(|line| line.starts_with("not found out: "));
        outcome.remark =
            unknown.map_or_else(|| cause(&text), |line| line.chars().take(120).collect());
        return outcome;
    }
    outcome.steps[0] = "yes";
    let tag = format!("dockwright-init-{}", name.trim_matches('-'));
    if let Err(remark) = build(&copy, &tag, setting) {
        outcome.steps[1] = "no";
        outcome.remark = remark;
    } else {
        outcome.steps[1] = "yes";
        (outcome.steps[2], outcome.remark) = match start(&copy, &tag) {
            Ok(remark) => ("yes", remark),
            Err(remark) => ("no", remark),
        };
    }
    docker(&["image", "rm", "--force", &tag], 60);
    let _ = fs::remove_dir_all(&place);
    outcome
}

/// Builds the image that was generated, as far as this engine can: without the line that names the image of its language.
fn build(copy: &Path, tag: &str, setting: &Setting) -> Result<(), String> {
    let path = copy.join("Dockerfile");
    let text = fs::read_to_string(&path).expect("init has written it");
    let lines = text.split_inclusive('\n');
    let lines = lines.filter(|line| !line.starts_with("# syntax="));
    let mut text: String = lines.collect();
    for (from, to) in &setting.images {
        text = text.replace(&format!("FROM {from} "), &format!("FROM {to} "));
    }
    for (old, new) in &setting.replace {
        text = text.replace(old, &new.replace("\\n", "\n"));
    }
    fs::write(&path, text).expect("the copy can be written");
    let mut command = Command::new("docker");
    command
        .args(["build", "--progress=plain", "--tag", tag])
        .args(&setting.build)
        .arg(copy);
    let built = run(&mut command, BUILD).ok_or("docker does not run")?;
    match built.status.code() {
        Some(0) => Ok(()),
        Some(124) => Err(format!("the build takes longer than {BUILD} s")),
        _ => {
            let text = said(&built);
            // One line seldom says all.
            keep(copy, &text);
            Err(cause(&text))
        }
    }
}

/// Keeps what a failed step said, beside the copy.
fn keep(copy: &Path, text: &str) {
    let log = copy.parent().unwrap_or(copy).with_extension("log");
    let _ = fs::write(log, text);
}

/// Starts the image, and tries whether it answers: on its port, or with its help.
fn start(copy: &Path, tag: &str) -> Result<String, String> {
    let spec = fs::read_to_string(copy.join("dockwright.toml")).expect("init has written it");
    let spec: toml::Table = toml::from_str(&spec).map_err(|error| error.to_string())?;
    let port = spec
        .get("ports")
        .and_then(|ports| ports.get(0))
        .and_then(toml::Value::as_integer);
    let path = spec
        .get("healthcheck")
        .and_then(toml::Value::as_str)
        .filter(|path| path.starts_with('/'));
    if port.is_none() && spec.contains_key("entrypoint") {
        return help(tag);
    }
    let mut words = vec!["run".to_owned(), "--detach".to_owned()];
    for (name, value) in settings(copy) {
        words.extend(["--env".to_owned(), format!("{name}={value}")]);
    }
    words.push(tag.to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let started = docker(&words, 60).ok_or("docker does not run")?;
    let id = String::from_utf8_lossy(&started.stdout).trim().to_owned();
    if !started.status.success() {
        docker(&["rm", "--force", "--volumes", &id], 60);
        return Err(cause(&said(&started)));
    }
    let result = match port {
        Some(port) => answers(&id, port, path.unwrap_or("/")),
        None => keeps_running(&id),
    };
    if result.is_err() {
        keep(copy, &logs(&id));
    }
    docker(&["rm", "--force", "--volumes", &id], 60);
    result
}

/// The settings of the example, as a person would begin with.
fn settings(copy: &Path) -> Vec<(String, String)> {
    let names = [
        ".env.example",
        ".env.sample",
        ".env.template",
        "env.example",
        ".env.dist",
        "example.env",
        "sample.env",
    ];
    let text = names
        .iter()
        .find_map(|name| fs::read_to_string(copy.join(name)).ok())
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let pairs = lines.filter_map(|line| line.trim().trim_start_matches("export ").split_once('='));
    pairs
        .map(|(name, value)| {
            let value = value.split(" #").next().unwrap_or_default().trim();
            (
                name.trim().to_owned(),
                value.trim_matches(['"', '\'']).to_owned(),
            )
        })
        .filter(|(name, _)| !name.contains(' '))
        .collect()
}

fn logs(id: &str) -> String {
    docker(&["logs", "--tail", "60", id], 30)
        .map(|output| said(&output))
        .unwrap_or_default()
}

fn is_running(id: &str) -> bool {
    let output = docker(&["inspect", "--format", "{{.State.Running}}", id], 30);
    output.is_some_and(|output| output.stdout.starts_with(b"true"))
}

fn answers(id: &str, port: i64, path: &str) -> Result<String, String> {
    let end = Instant::now() + Duration::from_secs(START);
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let mut accepted = false;
    while Instant::now() < end {
        let address = docker(&["inspect", "--format", format, id], 30);
        let address =
            address.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let address: Option<IpAddr> = address.and_then(|text| text.parse().ok());
        let port = u16::try_from(port).unwrap_or_default();
        if let Some(address) = address.map(|address| SocketAddr::new(address, port))
            && let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(2))
        {
            accepted = true;
            let _ = stream.set_read_timeout(Some(Duration::from_secs(15)));
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let mut begin = [0; 64];
            if stream.write_all(request.as_bytes()).is_ok()
                && let Ok(read) = stream.read(&mut begin)
                && read > 0
            {
                let line = String::from_utf8_lossy(&begin[..read]);
                let status = line
                    .split_whitespace()
                    .nth(1)
                    .unwrap_or_default()
                    .to_owned();
                return if status.starts_with('5') {
                    Err(format!("{path} answers {status}: {}", cause(&logs(id))))
                } else {
                    Ok(format!("{path} answers {status}"))
                };
            }
        }
        if !is_running(id) {
            return Err(cause(&logs(id)));
        }
        thread::sleep(Duration::from_millis(500));
    }
    Err(if accepted {
        "its port accepts, and nothing is said".to_owned()
    } else {
        format!("nothing listens: {}", cause(&logs(id)))
    })
}

/// A program without a port works if it goes on, or ends well.
fn keeps_running(id: &str) -> Result<String, String> {
    let end = Instant::now() + RUNS;
    while Instant::now() < end {
        if !is_running(id) {
            let code = docker(&["inspect", "--format", "{{.State.ExitCode}}", id], 30);
            return if code.is_some_and(|code| code.stdout.starts_with(b"0")) {
                Ok("ends without an error".to_owned())
            } else {
                Err(cause(&logs(id)))
            };
        }
        thread::sleep(Duration::from_millis(500));
    }
    Ok("keeps running".to_owned())
}

/// A tool works if it prints its help, however it wants to be asked for it.
fn help(tag: &str) -> Result<String, String> {
    let mut last = String::new();
    for words in [&["--help"][..], &["-h"], &["--version"], &[]] {
        let name = format!("{tag}-help");
        let mut all = vec!["run", "--rm", "--name", &name, tag];
        all.extend(words);
        let output = docker(&all, HELP).ok_or("docker does not run")?;
        docker(&["rm", "--force", "--volumes", &name], 60);
        let text = said(&output);
        let low = text.to_lowercase();
        let is_help = low.contains("usage")
            || low.contains("options")
            || output.status.success() && !text.trim().is_empty();
        if is_help && !low.contains("traceback") && !low.contains("no such file") {
            return Ok(format!(
                "prints its help: {}",
                cause(text.lines().next().unwrap_or_default())
            ));
        }
        last = text;
    }
    Err(cause(&last))
}
