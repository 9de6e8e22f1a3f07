//! An index of Python packages that tells what was downloaded from it.

use super::{Build, Image, docker, name, unique};
use crate::support::tests;

/// The index tests/systems/wheel-index in a container, with what curation requires.
pub(super) struct Wheels {
    container: String,
    port: String,
    _image: Image,
}

impl Drop for Wheels {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", "--volumes", &self.container]);
    }
}

impl Wheels {
    /// Starts the index at an address of its own: what pip keeps, it keeps by address, and nothing may be kept yet.
    pub(super) fn serve() -> Self {
        let image = Image::new("wheels");
        let systems = format!("systems={}", tests("systems").display());
        let words = ["--build-context", &systems, "--tag", image.name()];
        Build::of(&tests("engine/wheel-index")).words(&words).run();
        let digits: u64 = unique()
            .bytes()
            .map(u64::from)
            .fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        let port = (20_000 + digits % 40_000).to_string();
        let container = name("wheels");
        docker(&[
            "run",
            "--detach",
            "--name",
            &container,
            image.name(),
            "--port",
            &port,
        ])
        .unwrap();
        Self {
            container,
            port,
            _image: image,
        }
    }

    /// The variables that lead pip here.
    pub(super) fn environment(&self) -> String {
        let format = "{{.NetworkSettings.IPAddress}}";
        let address = docker(&["inspect", "--format", format, &self.container]).unwrap();
        let address = address.trim();
        format!(
            "PIP_INDEX_URL=http://{address}:{}/simple/ PIP_TRUSTED_HOST={address}",
            self.port
        )
    }

    /// Every file that was asked for, in that order.
    pub(super) fn downloaded(&self) -> Vec<String> {
        let log = docker(&["logs", &self.container]).unwrap();
        log.lines()
            .filter_map(|line| line.strip_prefix("file "))
            .map(ToOwned::to_owned)
            .collect()
    }
}
