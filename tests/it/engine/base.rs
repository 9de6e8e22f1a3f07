//! What a Dockerfile is built on, and in what language it is read.

use std::path::Path;

use super::{Build, docker};

/// The image to build on where a Dockerfile says `image`.
///
/// Where nothing can be pulled, a Debian with Alpine's commands may stand for `alpine`, and the busybox of Debian
/// knows no `adduser`. Such a stand-in is completed; a real Alpine is used as it is.
pub(super) fn base(image: &str) -> String {
    let (name, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
    if name != "alpine" || docker(&["run", "--rm", image, "adduser", "-D", "probe"]).is_ok() {
        return image.to_owned();
    }
    // It stays, for the next run: it is small, and every test on Alpine needs it.
    let completed = format!("dockwright-test-alpine:{tag}");
    if docker(&["image", "inspect", &completed]).is_err() {
        Build::of(Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/engine/alpine"
        )))
        .words(&[
            "--build-arg",
            &format!("IMAGE={image}"),
            "--tag",
            &completed,
        ])
        .run();
    }
    completed
}

/// A Dockerfile without the line that names the image of its language.
pub(super) fn without_syntax(dockerfile: &[u8]) -> Vec<u8> {
    let names_syntax = |line: &[u8]| {
        let line = String::from_utf8_lossy(line).to_lowercase();
        let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        line.trim_start_matches('\u{feff}').starts_with("#syntax=")
    };
    let lines = dockerfile.split_inclusive(|byte| *byte == b'\n');
    lines
        .filter(|line| !names_syntax(line))
        .flatten()
        .copied()
        .collect()
}

/// The images that the stages of a Dockerfile are built on, each once.
pub(super) fn images(dockerfile: &str) -> Vec<String> {
    let mut stages: Vec<&str> = vec!["scratch"];
    let mut images: Vec<String> = Vec::new();
    for line in dockerfile.lines() {
        let Some(rest) = line.strip_prefix("FROM ") else {
            continue;
        };
        let mut words = rest
            .split_whitespace()
            .filter(|word| !word.starts_with("--"));
        let image = words.next().unwrap_or_default();
        if !stages.contains(&image) && !images.iter().any(|earlier| earlier == image) {
            images.push(image.to_owned());
        }
        stages.extend(words.nth(1));
    }
    images
}
