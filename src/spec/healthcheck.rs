//! How to tell that a service works.

use super::{Port, Protocol, said, texts};
use crate::data::Node;
use crate::diag::{Diagnostic, Span};

/// What is asked, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// Where the spec says it.
    pub span: Span,
    /// What is asked.
    pub probe: Probe,
    /// How often.
    pub timing: Timing,
}

/// What is asked of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// An HTTP request that must be answered without an error.
    Http {
        /// The whole URL.
        url: String,
        /// The host in it.
        host: String,
        /// The port in it, or its scheme's.
        port: u16,
        /// The path and query in it.
        path: String,
    },
    /// A connection that must be accepted.
    Tcp {
        /// The port in the container.
        port: u16,
    },
    /// A command that must succeed.
    Command(Vec<String>),
}

/// How often a probe is tried; what is not said is Docker's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Between two checks.
    pub interval: Option<String>,
    /// For one check.
    pub timeout: Option<String>,
    /// In which failures do not count.
    pub start_period: Option<String>,
    /// Between two checks in the start period.
    pub start_interval: Option<String>,
    /// Failures in a row.
    pub retries: Option<u32>,
}

impl Healthcheck {
    /// Reads the long form; a path or `tcp` in a word refers to the first port.
    pub fn read(node: &Node, ports: &[Port]) -> Result<Option<Self>, Diagnostic> {
        if node.boolean() == Some(false) {
            return Ok(None);
        }
        let span = node.span;
        let first_port = |what: &str| {
            ports
                .iter()
                .find(|port| port.protocol == Protocol::Tcp)
                .map(|port| port.container)
                .ok_or_else(|| {
                    let message = format!(
                        "`healthcheck` asks {what} on the first TCP port, and `ports` has none"
                    );
                    Diagnostic::at(span, message)
                        .help("say the port the service listens on: ports = [8080]")
                })
        };
        let http = |target: &str| -> Result<Probe, Diagnostic> {
            if target.starts_with('/') {
                let port = first_port("for a path")?;
                Ok(Probe::http(&format!("http://127.0.0.1:{port}{target}")))
            } else {
                Ok(Probe::http(target))
            }
        };
        if let Some(word) = node.text() {
            let probe = if word == "tcp" {
                Probe::Tcp {
                    port: first_port("for a connection")?,
                }
            } else {
                http(word)?
            };
            return Ok(Some(Self {
                span,
                probe,
                timing: Timing::default(),
            }));
        }
        let port = node
            .get("tcp")
            .and_then(Node::integer)
            .and_then(|port| u16::try_from(port).ok());
        let probe = match (said(node, "http"), port, node.get("command")) {
            (Some(target), None, None) => http(&target.text)?,
            (None, Some(port), None) => Probe::Tcp { port },
            (None, None, Some(command)) => {
                let words: Vec<String> = texts(Some(command))
                    .into_iter()
                    .map(|said| said.text)
                    .collect();
                if words.is_empty() {
                    return Err(Diagnostic::at(command.span, "`healthcheck.command` is empty")
                            .help("name a command that succeeds while the service works, or say `healthcheck = false`"));
                }
                Probe::Command(words)
            }
            _ => {
                return Err(Diagnostic::at(
                    span,
                    "`healthcheck` must say exactly one of `http`, `tcp` and `command`",
                )
                .help("http = \"/health\" asks for a path on the first port"));
            }
        };
        let duration = |key| said(node, key).map(|said| said.text);
        let timing = Timing {
            interval: duration("interval"),
            timeout: duration("timeout"),
            start_period: duration("start-period"),
            start_interval: duration("start-interval"),
            retries: node
                .get("retries")
                .and_then(Node::integer)
                .and_then(|count| u32::try_from(count).ok()),
        };
        Ok(Some(Self {
            span,
            probe,
            timing,
        }))
    }
}

impl Probe {
    /// Takes a URL apart. Its form was checked when the spec was read.
    fn http(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let default = if scheme == "https" { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().unwrap_or(default)),
            None => (authority, default),
        };
        Self::Http {
            url: url.to_owned(),
            host: host.to_owned(),
            port,
            path: path.to_owned(),
        }
    }
}
