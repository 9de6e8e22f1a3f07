//! Programs that answer while a system is built.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::changes::ServerOf;
use crate::docker;

/// A program that runs as long as this value.
pub(super) struct Server(Option<Child>);

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Server {
    /// Starts the program, unless something answers at its place already, and waits until it answers.
    pub(super) fn start(server: &ServerOf) -> Result<Self, String> {
        let host = host()?;
        if answers(&host, server.port) {
            return Ok(Self(None));
        }
        let Some((program, words)) = server.run.split_first() else {
            return Err(format!(
                "{} has to answer at {host}:{}",
                server.what, server.port
            ));
        };
        let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systems");
        let child = Command::new(systems.join(program))
            .args(words.iter().map(|word| word.replace("{host}", &host)))
            .current_dir(&systems)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let started = Self(Some(child));
        let until = Instant::now() + Duration::from_mins(3);
        while Instant::now() < until {
            if answers(&host, server.port) {
                return Ok(started);
            }
            thread::sleep(Duration::from_millis(200));
        }
        Err(format!(
            "{} did not answer at {host}:{}",
            server.what, server.port
        ))
    }
}

/// This machine, as a build reaches it: the gateway of the engine's own network.
pub(super) fn host() -> Result<String, String> {
    let format = "{{range .IPAM.Config}}{{.Gateway}} {{end}}";
    let gateways = docker(&["network", "inspect", "bridge", "--format", format])?;
    let mut gateways = gateways.split_whitespace();
    let host = gateways.find(|address| address.contains('.'));
    host.map(ToOwned::to_owned)
        .ok_or_else(|| "the engine's network has no gateway".to_owned())
}

fn answers(host: &str, port: u16) -> bool {
    TcpStream::connect((host, port)).is_ok()
}
