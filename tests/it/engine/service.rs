//! A service that Compose has started.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::build::patiently;
use super::{Image, Project, ask, docker, name};

/// A running service of a project, which ends with this value.
pub(super) struct Service<'a> {
    compose: Compose<'a>,
    name: String,
    port: u16,
}

/// Compose on the generated file, with nothing changed but the image's name and the port on the host, which would be
/// the same for every test that runs at a time, and with what each build of the project is told.
pub(super) struct Compose<'a> {
    project: &'a Project,
    name: String,
    files: Vec<String>,
    /// What Compose finds in its own environment.
    variables: Vec<(String, String)>,
}

impl Drop for Compose<'_> {
    fn drop(&mut self) {
        let down = ["down", "--volumes", "--remove-orphans", "--timeout=2"];
        let _ = self.ask(&[&["--profile=*"], &down[..]].concat());
    }
}

impl<'a> Compose<'a> {
    pub(super) fn new(
        project: &'a Project,
        service: &str,
        port: impl Into<Option<u16>>,
        image: &Image,
    ) -> Self {
        let ports = port.into().map_or_else(String::new, |port| {
            format!(", ports: !override [\"127.0.0.1::{port}\"]")
        });
        let image = image.name();
        let told = project.told();
        let table = |pairs: &[(String, String)], before: &str| {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(name, value)| (name.clone(), format!("{before}{value}")));
            serde_json::Value::Object(pairs.map(|(name, value)| (name, value.into())).collect())
        };
        let build = serde_json::json!({
            "additional_contexts": table(&told.images, "docker-image://"),
            "args": table(&told.arguments, ""),
            "extra_hosts": table(&told.hosts, ""),
        });
        let compose = Self {
            project,
            name: name("compose"),
            files: vec!["compose.yaml".to_owned()],
            variables: Vec::new(),
        };
        compose.over(&format!(
            "services: {{{service}: {{image: {image}, build: {build}{ports}}}}}\n"
        ))
    }

    /// With one more variable in Compose's own environment.
    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With one more variable in the environment of a service.
    pub(super) fn environment(self, service: &str, name: &str, value: &str) -> Self {
        self.over(&format!(
            "services: {{{service}: {{environment: {{{name}: \"{value}\"}}}}}}\n"
        ))
    }

    fn over(mut self, text: &str) -> Self {
        let file = format!("test-{}.compose.yaml", self.files.len());
        self.project.write(&file, text);
        self.files.push(file);
        self
    }

    pub(super) fn ask(&self, words: &[&str]) -> Result<String, String> {
        ask(&mut self.command(words))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .current_dir(self.project.folder())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .arg("compose")
            .args(self.files.iter().map(|file| format!("--file={file}")))
            .args(["--project-name", &self.name])
            .args(words);
        command
    }
}

/// A command that goes on until this value ends.
pub(super) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl<'a> Service<'a> {
    /// Builds the image of a service, starts it, and waits until its healthcheck says that it is healthy.
    pub(super) fn start(project: &'a Project, service: &str, port: u16, image: &Image) -> Self {
        Self::of(Compose::new(project, service, port, image), service, port)
    }

    /// The same with a Compose that was told more. A service without a port is never connected to.
    pub(super) fn of(compose: Compose<'a>, service: &str, port: impl Into<Option<u16>>) -> Self {
        let mut started = Self {
            port: 0,
            name: service.to_owned(),
            compose,
        };
        started.up(&["--build"]);
        if let Some(port) = port.into() {
            let published = started
                .compose
                .ask(&["port", service, &port.to_string()])
                .unwrap();
            let port = published.trim().rsplit(':').next().unwrap();
            started.port = port.parse().unwrap();
        }
        started
    }

    fn up(&self, words: &[&str]) {
        let up = ["up", "--wait", "--wait-timeout=120"];
        let words = [&up, words, &[&self.name]].concat();
        let started = patiently(|| self.compose.ask(&words));
        started.unwrap_or_else(|said| panic!("{said}\n{}", self.log()));
    }

    /// Another container in the place of this one, with the same volumes.
    pub(super) fn recreate(&self) {
        self.up(&["--no-build", "--force-recreate"]);
    }

    /// Follows the changes of the sources, as the service's `develop.watch` says.
    pub(super) fn watch(&self) -> Running {
        let mut watch = self.compose.command(&["watch", "--no-up", &self.name]);
        watch.stdout(Stdio::null()).stderr(Stdio::null());
        Running(watch.spawn().unwrap())
    }

    /// The port on the host.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// All that the container has said.
    pub(super) fn log(&self) -> String {
        let words = ["logs", "--no-log-prefix", &self.name];
        self.compose.ask(&words).unwrap_or_default()
    }

    /// The same once a text is in it, which may be later than the service is healthy.
    pub(super) fn log_with(&self, text: &str) -> String {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let log = self.log();
            if log.contains(text) || Instant::now() > until {
                return log;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// The name and the user of every process in the container.
    pub(super) fn processes(&self) -> Vec<(String, u32)> {
        let status = self
            .exec(&["sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null || true"])
            .unwrap();
        let value = |key: &'static str| {
            let lines = status
                .lines()
                .filter_map(move |line| line.strip_prefix(key));
            lines.filter_map(|rest| rest.split_whitespace().next())
        };
        let users = value("Uid:").map(|uid| uid.parse().unwrap());
        value("Name:").map(ToOwned::to_owned).zip(users).collect()
    }

    /// What a command prints in the running container.
    pub(super) fn exec(&self, words: &[&str]) -> Result<String, String> {
        self.compose
            .ask(&[&["exec", "--no-TTY", &self.name], words].concat())
    }

    /// Whether the container's first process, which is the service, belongs to this user and group.
    #[track_caller]
    pub(super) fn assert_runs_as(&self, uid: u32, gid: u32) {
        let status = self.exec(&["cat", "/proc/1/status"]).unwrap();
        for (key, id) in [("Uid:", uid), ("Gid:", gid)] {
            let line = status.lines().find(|line| line.starts_with(key)).unwrap();
            assert!(
                line.split_whitespace()
                    .skip(1)
                    .all(|word| word == id.to_string()),
                "{line}"
            );
        }
    }

    /// The container, for commands that compose has not.
    pub(super) fn container(&self) -> String {
        self.compose
            .ask(&["ps", "--all", "--quiet", &self.name])
            .unwrap()
            .trim()
            .to_owned()
    }

    /// Asks the service to end, and says with which status it did.
    pub(super) fn stop(&self) -> String {
        let container = self.container();
        docker(&["stop", "--time=20", &container]).unwrap();
        let format = "{{.State.ExitCode}}";
        let status = docker(&["inspect", "--format", format, &container]).unwrap();
        status.trim().to_owned()
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// An HTTP request, and the whole answer: its status and its body.
    pub(super) fn request(&self, line: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, body.to_owned())
    }
}
