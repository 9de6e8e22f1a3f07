//! Servers that come with the systems, for what their builds download.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::docker;
use crate::support::tests;

/// A server that answers where a build can reach it. It ends with the last value that stands for it.
pub(super) struct Server {
    host: String,
    port: u16,
    /// Nothing if it was running already: then it is somebody else's.
    child: Option<Child>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// `host:port`
impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl Server {
    /// The server `tests/<program>`, at the one port where its system's builds look for it: another one would be
    /// another build. Tests that run at a time share it.
    pub(super) fn start(program: &'static str, port: u16) -> Arc<Self> {
        static RUNNING: Mutex<BTreeMap<&str, Weak<Server>>> = Mutex::new(BTreeMap::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.get(program).and_then(Weak::upgrade) {
            return server;
        }
        let server = Arc::new(Self::with(program, port, &[]));
        running.insert(program, Arc::downgrade(&server));
        server
    }

    /// The same for one test alone, with further arguments.
    pub(super) fn with(program: &str, port: u16, arguments: &[&str]) -> Self {
        let host = bridge();
        if answers(&host, port) {
            return Self {
                host,
                port,
                child: None,
                said: Arc::default(),
            };
        }
        let mut child = Command::new(tests(program))
            .args(["--bind", &host, "--port", &port.to_string()])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Were nobody to read what it says, it would end up waiting.
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&said);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        // One of them makes an archive first, and keeps it.
        let until = Instant::now() + Duration::from_mins(10);
        while !answers(&host, port) {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{program} ended: {ended:?}");
            assert!(Instant::now() < until, "{program} does not answer");
            thread::sleep(Duration::from_millis(100));
        }
        Self {
            host,
            port,
            child: Some(child),
            said,
        }
    }

    /// How many lines of what it says begin like this: each download is one.
    pub(super) fn said(&self, beginning: &str) -> usize {
        let said = self.said.lock().unwrap();
        let lines = said.iter().filter(|line| line.starts_with(beginning));
        lines.count()
    }
}

/// The engine's side of its bridge, which builds and containers reach.
pub(super) fn bridge() -> String {
    let format = "{{(index .IPAM.Config 0).Gateway}}";
    let told = docker(&["network", "inspect", "bridge", "--format", format]).unwrap();
    told.trim().to_owned()
}

/// Whether something listens there.
pub(super) fn answers(host: &str, port: u16) -> bool {
    TcpStream::connect((host, port)).is_ok()
}
