//! A service that Compose has started.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use super::{Image, Project, ask, name};

/// A running service of a project, which ends with this value.
pub(super) struct Service<'a> {
    compose: Compose<'a>,
    name: String,
    port: u16,
}

/// Compose on the generated file, with nothing changed but the image's name and the port on the host: those would be
/// the same for every test that runs at a time.
pub(super) struct Compose<'a> {
    project: &'a Project,
    name: String,
}

impl Drop for Compose<'_> {
    fn drop(&mut self) {
        let _ = self.ask(&["down", "--volumes", "--remove-orphans", "--timeout=2"]);
    }
}

impl<'a> Compose<'a> {
    pub(super) fn new(project: &'a Project, service: &str, port: u16, image: &Image) -> Self {
        let image = image.name();
        let over = format!(
            "services: {{{service}: {{image: {image}, ports: !override [\"127.0.0.1::{port}\"]}}}}\n"
        );
        project.write("test.compose.yaml", &over);
        Self {
            project,
            name: name("compose"),
        }
    }

    pub(super) fn ask(&self, words: &[&str]) -> Result<String, String> {
        ask(Command::new("docker")
            .current_dir(self.project.folder())
            .args(["compose", "--file=compose.yaml", "--file=test.compose.yaml"])
            .args(["--project-name", &self.name])
            .args(words))
    }
}

impl<'a> Service<'a> {
    /// Starts a service from an image that is there, and waits until its healthcheck says that it is healthy.
    pub(super) fn start(project: &'a Project, service: &str, port: u16, image: &Image) -> Self {
        let compose = Compose::new(project, service, port, image);
        let started = compose.ask(&["up", "--no-build", "--wait", "--wait-timeout=120", service]);
        started.unwrap_or_else(|said| {
            panic!(
                "{said}\n{}",
                compose.ask(&["logs", service]).unwrap_or_default()
            )
        });
        let published = compose.ask(&["port", service, &port.to_string()]).unwrap();
        Self {
            port: published
                .trim()
                .rsplit(':')
                .next()
                .unwrap()
                .parse()
                .unwrap(),
            name: service.to_owned(),
            compose,
        }
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
            .ask(&["ps", "--quiet", &self.name])
            .unwrap()
            .trim()
            .to_owned()
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
