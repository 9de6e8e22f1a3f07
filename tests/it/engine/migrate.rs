//! What is migrated as it is builds the image that the old file built.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::base::{base, without_syntax};
use super::{Build, Engine, Image, ask};

/// Two stages, arguments before the first and in them, variables that see each other, owners, modes, a here-document,
/// more than one user, and each setting that an image has.
const OLD: &str = r#"# syntax=docker/dockerfile:1
ARG TAG=3.19
ARG GREETING=hello
FROM alpine:3.19 AS build
ARG GREETING
ARG NAME=world WHOM="${NAME:-nobody}"
WORKDIR /out
# What is said.
RUN echo "$GREETING $NAME" >greeting && \
    # and to whom
    echo "it's \"$WHOM\"" >whom
COPY --chmod=0750 tools/ tools/

FROM alpine:3.19 AS service
ENV HOME_OF=/srv NAME=one
ENV TWICE=$NAME-$NAME PATH=/srv/bin:$PATH
RUN <<EOF
set -e
adduser -D -u 1234 someone
mkdir -p "$HOME_OF/bin"
EOF
COPY --from=build --chown=1234:1234 /out/greeting /out/whom /srv/
USER 1234
RUN echo "$TWICE as $(id -u)" >/tmp/made
USER root
WORKDIR /srv/app
COPY --from=0 /out/tools bin
COPY a.txt b.txt ./
LABEL maker "Somebody Else"
LABEL org.example.title='A "title"' price="5\$"
EXPOSE 80 53/udp
VOLUME ["/data", "/with blank"]
STOPSIGNAL SIGINT
HEALTHCHECK --interval=7s --retries=2 CMD test -f /srv/greeting || exit 1
USER someone
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["cat /srv/greeting"]
"#;

/// A plain file that a shell starts.
const PLAIN: &str = r#"FROM alpine:3.19
COPY . /srv
WORKDIR srv
CMD echo "$HOSTNAME" && ls
"#;

fn project(dockerfile: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("Dockerfile", dockerfile);
    // What the migration writes is no part of the image in either build.
    write(
        ".dockerignore",
        "Dockerfile\n.dockerignore\ndockwright.toml\n",
    );
    write("tools/run", "#!/bin/sh\n");
    write("a.txt", "a\n");
    write("b.txt", "b\n");
    folder
}

fn build(folder: &Path) -> Image {
    let path = folder.join("Dockerfile");
    fs::write(&path, without_syntax(&fs::read(&path).unwrap())).unwrap();
    let image = Image::new("migrated");
    let alpine = format!("alpine:3.19=docker-image://{}", base("alpine:3.19"));
    let words = ["--build-context", alpine.as_str(), "--tag", image.name()];
    Build::of(folder).words(&words).run();
    image
}

/// What an image says of itself, its variables by name.
fn config(image: &Image) -> Value {
    let mut config = image.config();
    if let Some(variables) = config["Env"].as_array_mut() {
        variables.sort_by_key(ToString::to_string);
    }
    config
}

/// Every file with its owner, mode and size, and a digest of those that were made here.
fn files(image: &Image) -> String {
    let script = "find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /etc/hosts -o -path /etc/hostname \
                  -o -path /etc/resolv.conf \\) -prune -o -exec stat -c '%n %u:%g %a %F' {} + | sort; \
                  find /srv /tmp /etc/passwd -type f -exec md5sum {} + | sort";
    image.run(&["/bin/sh", "-c", script]).unwrap()
}

#[test]
fn what_is_migrated_as_it_is_builds_the_same_image() {
    let Some(_engine) = Engine::shared() else {
        return;
    };
    for dockerfile in [OLD, PLAIN] {
        let folder = project(dockerfile);
        let old = build(folder.path());
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        let mut migrate = Command::new(env!("CARGO_BIN_EXE_dockwright"));
        migrate
            .args(["migrate", "--as-is", "--write", "--name", "old"])
            .current_dir(folder.path());
        let told = ask(&mut migrate).unwrap();
        let written = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
        assert!(written.contains("dockwright.toml"), "{told}");
        let new = build(folder.path());
        assert_eq!(config(&old), config(&new), "{told}\n{written}");
        assert_eq!(files(&old), files(&new), "{told}\n{written}");
    }
}
