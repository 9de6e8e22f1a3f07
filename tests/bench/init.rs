//! How often `dockwright init` comes to a running container: for each folder that is named, a spec is written, the image
//! is built and started, and it is tried whether it answers.
//!
//! `cargo bench --bench init -- FOLDER...`; docs/benchmarks.md has figures. Nothing is changed in the folders: copies are
//! looked at, without the Dockerfile and the like that they may have. Where an engine cannot pull an image or reach an
//! index, `--image FROM=TO` names another image, `--build WORD` adds a word to `docker build`, and `--replace OLD=>NEW`
//! changes the Dockerfile before it is built. A name with `*` at its end stands for all that begin so.
//!
//! With `--own-dockerfile` nothing is begun: the Dockerfile that the folder has is built as it is and asked the same. That
//! shows which projects can run at all, alone and on this engine.
#![allow(
    clippy::print_stdout,
    reason = "a table on standard output is what this program is for"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark asks the machine and writes files of its own"
)]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, iter, thread};

/// How long a build, a start and a look at help may take.
const BUILD: u64 = 600;
const START: u64 = 60;
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

/// What a folder's own Dockerfile is called.
const OWN: [&str; 4] = ["Dockerfile", "dockerfile", "DOCKERFILE", "Containerfile"];

/// Commands that are there because nothing else is said: they end at once, and show nothing of the project.
const NOTHING: [&str; 7] = [
    "",
    "sh",
    "bash",
    "/bin/sh",
    "/bin/bash",
    "python",
    "python3",
];

/// Programs that print a help of their own, whatever of the project they are given.
const OTHERS: [&str; 8] = [
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "flask",
    "fastapi",
    "streamlit",
    "poetry",
    "uv",
];

/// What the command line says.
#[derive(Default)]
struct Setting {
    own: bool,
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
    let scratch = scratch();
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

/// Where the copies are built.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("init")
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
            "--own-dockerfile" => setting.own = true,
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
    let begun = if setting.own {
        own_dockerfile(&copy)
    } else {
        begin(&copy)
    };
    let dockerfile = match begun {
        Ok(dockerfile) => dockerfile,
        Err(remark) => {
            outcome.remark = remark;
            return outcome;
        }
    };
    outcome.steps[0] = "yes";
    let kind = if setting.own { "own" } else { "init" };
    let tag = format!("dockwright-{kind}-{}", name.trim_matches('-'));
    let folder = dockerfile.parent().unwrap_or(&copy);
    if let Err(remark) = build(folder, &dockerfile, &tag, setting) {
        outcome.steps[1] = "no";
        outcome.remark = remark;
    } else {
        outcome.steps[1] = "yes";
        (outcome.steps[2], outcome.remark) = match start(folder, &tag, setting.own) {
            Ok(remark) => ("yes", remark),
            Err(remark) => ("no", remark),
        };
    }
    docker(&["image", "rm", "--force", &tag], 60);
    let _ = fs::remove_dir_all(&place);
    outcome
}

/// Lets `init` begin the project as if nobody had, and names the Dockerfile that comes of it: in the folder, or in the one
/// below that is a project.
fn begin(copy: &Path) -> Result<PathBuf, String> {
    for name in ASIDE {
        let _ = fs::remove_file(copy.join(name));
        let _ = fs::remove_dir_all(copy.join(name));
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockwright"));
    command.arg("init").arg("--yes").arg(copy);
    let init = run(&mut command, 60).expect("the program runs");
    if init.status.code() == Some(0) {
        let below = fs::read_dir(copy).into_iter().flatten().flatten();
        let mut paths = iter::once(copy.to_owned())
            .chain(below.map(|entry| entry.path()))
            .filter(|folder| folder.join("dockwright.toml").is_file())
            .map(|folder| folder.join("Dockerfile"));
        return paths
            .next()
            .ok_or_else(|| "init has written nothing".to_owned());
    }
    let text = said(&init);
    let unknown = text
        .lines()
        .find(|line| line.starts_with("not found out: "));
    Err(unknown.map_or_else(|| cause(&text), |line| line.chars().take(120).collect()))
}

/// The Dockerfile that the project has.
fn own_dockerfile(copy: &Path) -> Result<PathBuf, String> {
    let paths = OWN.iter().map(|name| copy.join(name));
    let path = paths.into_iter().find(|path| path.is_file());
    path.ok_or_else(|| "has no Dockerfile of its own".to_owned())
}

/// The text with other images in the places of those that this engine lacks.
fn with_images(text: &str, images: &[(String, String)]) -> String {
    let instead = |name: &str| {
        let found = images
            .iter()
            .find(|(from, _)| match from.strip_suffix('*') {
                Some(begin) => name.starts_with(begin),
                None => name == from,
            });
        found.map(|(_, to)| to.clone())
    };
    let mut lines = String::new();
    for line in text.split_inclusive('\n') {
        let is_base = line
            .split_whitespace()
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("FROM"));
        let words = line.split_whitespace();
        let image = words.clone().find_map(|word| word.strip_prefix("--from="));
        let image = image.or_else(|| {
            words
                .skip(1)
                .find(|word| is_base && !word.starts_with("--"))
        });
        match image.and_then(|image| Some((image, instead(image)?))) {
            Some((from, to)) => lines.push_str(&line.replacen(from, &to, 1)),
            None => lines.push_str(line),
        }
    }
    lines
}

/// Builds an image as far as this engine can: without the line that names the image of the Dockerfile's language.
fn build(copy: &Path, path: &Path, tag: &str, setting: &Setting) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let is_syntax = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.concat().starts_with("#syntax=")
    };
    let lines = text.split_inclusive('\n').filter(|line| !is_syntax(line));
    let mut text = with_images(&lines.collect::<String>(), &setting.images);
    for (old, new) in &setting.replace {
        text = text.replace(old, &new.replace("\\n", "\n"));
    }
    fs::write(path, text).expect("the copy can be written");
    let mut command = Command::new("docker");
    command
        .args(["build", "--progress=plain", "--tag", tag])
        .args(&setting.build)
        .arg("--file")
        .arg(path)
        .arg(copy);
    let built = run(&mut command, BUILD).ok_or("docker does not run")?;
    match built.status.code() {
        Some(0) => Ok(()),
        Some(124) => Err(format!("the build takes longer than {BUILD} s")),
        _ => {
            let text = said(&built);
            // One line seldom says all.
            keep(tag, &text);
            Err(cause(&text))
        }
    }
}

/// Keeps what a failed step said, beside the copies.
fn keep(tag: &str, text: &str) {
    let _ = fs::write(scratch().join(format!("{tag}.log")), text);
}

/// How an image is asked whether it works.
enum Question {
    /// At this port, for this path.
    Port(i64, String),
    /// Whether it prints its help, when these words and then `--help` or the like are behind the image.
    Help(Vec<String>),
    /// Whether it goes on, or ends well.
    Runs,
    /// At the ports that it turns out to listen on; if there are none, as a program without one, or with these words as a
    /// tool.
    Whatever(Option<Vec<String>>),
}

/// What the spec says of how the image can be asked.
fn question(copy: &Path) -> Result<Question, String> {
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
    Ok(match port {
        Some(port) => Question::Port(port, path.unwrap_or("/").to_owned()),
        None if spec.contains_key("entrypoint") => Question::Help(Vec::new()),
        None => Question::Runs,
    })
}

/// What the image itself says of how it can be asked.
fn question_of_image(tag: &str) -> Result<Question, String> {
    let words = |field: &str| -> Vec<String> {
        let format = format!("{{{{range .Config.{field}}}}}{{{{println .}}}}{{{{end}}}}");
        let output = docker(&["image", "inspect", "--format", &format, tag], 30);
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let text = text.unwrap_or_default();
        text.lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let command = words("Cmd");
    let all = [words("Entrypoint"), command.clone()].concat();
    if all.len() < 2 && NOTHING.contains(&all.concat().as_str()) {
        return Err("starts nothing".to_owned());
    }
    let is_other = all
        .first()
        .is_some_and(|first| OTHERS.contains(&first.as_str()));
    let is_service = !words("ExposedPorts").is_empty();
    Ok(Question::Whatever(
        (!is_other && !is_service).then_some(command),
    ))
}

/// Starts the image, and tries whether it answers: on its port, or with its help.
fn start(copy: &Path, tag: &str, own: bool) -> Result<String, String> {
    let question = if own {
        question_of_image(tag)?
    } else {
        question(copy)?
    };
    if let Question::Help(words) = question {
        return help(tag, &words);
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
    let result = match &question {
        Question::Port(port, path) => answers(&id, || BTreeSet::from([*port]), path),
        Question::Whatever(words) => {
            let for_others = || {
                let sockets = listens(&id).into_iter();
                let open = sockets.filter(|(is_for_others, _)| *is_for_others);
                open.map(|(_, port)| port).collect::<BTreeSet<i64>>()
            };
            let asked = answers(&id, for_others, "/");
            // What has no port works as a program without one does.
            match asked {
                Err(_) if listens(&id).is_empty() => keeps_running(&id).or_else(|remark| {
                    let help = words.as_ref().map(|words| help(tag, words));
                    help.and_then(Result::ok).ok_or(remark)
                }),
                asked => asked,
            }
        }
        Question::Help(_) | Question::Runs => keeps_running(&id),
    };
    if result.is_err() {
        keep(tag, &logs(&id));
    }
    docker(&["rm", "--force", "--volumes", &id], 60);
    result
}

/// The ports that a container listens on, as the kernel lists them for its first process, and whether others reach them.
fn listens(id: &str) -> BTreeSet<(bool, i64)> {
    let pid = docker(&["inspect", "--format", "{{.State.Pid}}", id], 30);
    let pid = pid.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let pid = pid.unwrap_or_default();
    let tables = ["tcp", "tcp6"].map(|kind| format!("/proc/{pid}/net/{kind}"));
    let text: String = tables
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect();
    let listening = text.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (address, port) = fields.next()?.split_once(':')?;
        // A state of 0A is one that waits for others; an address without a digit but 0 is every address.
        let port = i64::from_str_radix(port, 16).ok();
        let is_for_others = address.bytes().all(|byte| byte == b'0');
        (fields.nth(1)? == "0A").then_some((is_for_others, port?))
    });
    listening.collect()
}

/// The settings that are there, as compose takes them, or those of the example, as a person would begin with.
fn settings(copy: &Path) -> Vec<(String, String)> {
    let names = [
        ".env",
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

/// Whether one of the ports answers, for as long as it may take to start.
fn answers(id: &str, ports: impl Fn() -> BTreeSet<i64>, path: &str) -> Result<String, String> {
    let end = Instant::now() + Duration::from_secs(START);
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let mut accepted = false;
    while Instant::now() < end {
        let address = docker(&["inspect", "--format", format, id], 30);
        let address =
            address.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let address: Option<IpAddr> = address.and_then(|text| text.parse().ok());
        for port in ports() {
            let port = u16::try_from(port).unwrap_or_default();
            let Some(address) = address.map(|address| SocketAddr::new(address, port)) else {
                continue;
            };
            let Ok(said) = ask(address, path) else {
                continue;
            };
            accepted = true;
            if let Some(status) = said {
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

/// Asks for a path: the status, if the answer is one of HTTP, or that there is one.
fn ask(address: SocketAddr, path: &str) -> std::io::Result<Option<String>> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    let _ = stream.set_read_timeout(Some(Duration::from_secs(15)));
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut begin = [0; 64];
    let read = match stream.write_all(request.as_bytes()) {
        Ok(()) => stream.read(&mut begin).unwrap_or_default(),
        Err(_) => 0,
    };
    let line = String::from_utf8_lossy(&begin[..read]);
    let status = match line.strip_prefix("HTTP/") {
        Some(rest) => rest.split_whitespace().nth(1).unwrap_or_default(),
        None => "something",
    };
    Ok((read > 0).then(|| status.to_owned()))
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
fn help(tag: &str, command: &[String]) -> Result<String, String> {
    let mut last = String::new();
    for (at, words) in [&["--help"][..], &["-h"], &["--version"], &[]]
        .into_iter()
        .enumerate()
    {
        // One that was stopped may still be there when the next one starts.
        let name = format!("{tag}-help-{at}");
        let mut all = vec!["run", "--rm", "--name", &name, tag];
        all.extend(command.iter().map(String::as_str));
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
