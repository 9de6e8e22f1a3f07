//! How large an image is.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::{ask, docker};

/// The bytes of an image's layers.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// As a registry has them, and as they are sent.
    pub(super) compressed: u64,
    /// As archives that nothing has compressed.
    pub(super) unpacked: u64,
}

impl Size {
    /// The size of an image that the engine has, and of what lies on its base.
    pub(super) fn of(image: &str, base: &str) -> (Self, Self) {
        let saved = TempDir::new().unwrap();
        let archive = saved.path().join("image.tar");
        docker(&[
            "image",
            "save",
            "--output",
            archive.to_str().unwrap(),
            image,
        ])
        .unwrap();
        ask(Command::new("tar")
            .arg("-xf")
            .arg(&archive)
            .current_dir(saved.path()))
        .unwrap();
        fs::remove_file(&archive).unwrap();
        let manifest = fs::read_to_string(saved.path().join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        let layers = manifest[0]["Layers"].as_array().unwrap();
        let sizes: Vec<Self> = layers
            .iter()
            .map(|layer| Self::of_layer(&saved.path().join(layer.as_str().unwrap())))
            .collect();
        (Self::sum(&sizes), Self::sum(&sizes[layer_count(base)..]))
    }

    fn sum(sizes: &[Self]) -> Self {
        Self {
            compressed: sizes.iter().map(|size| size.compressed).sum(),
            unpacked: sizes.iter().map(|size| size.unpacked).sum(),
        }
    }

    /// An engine keeps layers compressed or not, and saves them as it has them.
    fn of_layer(path: &Path) -> Self {
        let mut start = [0; 2];
        File::open(path).unwrap().read_exact(&mut start).unwrap();
        let as_it_is = fs::metadata(path).unwrap().len();
        if start == [0x1f, 0x8b] {
            Self {
                compressed: as_it_is,
                unpacked: length("-dc", path),
            }
        } else {
            Self {
                compressed: length("-c", path),
                unpacked: as_it_is,
            }
        }
    }
}

/// How much gzip writes of a file.
fn length(flag: &str, path: &Path) -> u64 {
    let mut gzip = Command::new("gzip")
        .arg(flag)
        .stdin(File::open(path).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let length = std::io::copy(gzip.stdout.as_mut().unwrap(), &mut std::io::sink()).unwrap();
    assert!(gzip.wait().unwrap().success(), "{}", path.display());
    length
}

fn layer_count(image: &str) -> usize {
    let format = "{{len .RootFS.Layers}}";
    let told = docker(&["image", "inspect", "--format", format, image]).unwrap();
    told.trim().parse().unwrap()
}
