//! What is told of two Dockerfiles.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::super::{dockerfile, in_short};

/// A file that says most of what can be said.
const WHOLE: &str = "\
# syntax=docker/dockerfile:1

ARG BASE=debian:12

# Builds.
FROM $BASE AS build
RUN --mount=type=cache,target=/var/cache/apt \\
    apt-get update && apt-get install -y \\
        curl \\
        gcc
COPY src/ /src/
RUN make -C /src

# Runs.
FROM debian:12-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef AS run
ENV LANG=C.UTF-8 \\
    PORT=8080
LABEL org.example.name=app
WORKDIR /app
COPY --from=build /src/app ./
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGINT
USER 10001:10001
HEALTHCHECK --interval=30s --retries=3 CMD [\"./app\", \"--check\"]
ENTRYPOINT [\"./app\"]
CMD [\"serve\"]
";

/// One change of [`WHOLE`]: what is replaced, by what, and what is told.
#[test]
fn tells_a_change_of_a_whole_file() {
    let mut wrong: Vec<String> = Vec::new();
    for (old, new, told) in [
        // The user.
        (
            "USER 10001:10001\n",
            "USER root\n",
            "user-became-root error 24",
        ),
        (
            "USER 10001:10001\n",
            "USER 0:0\n",
            "user-became-root error 24",
        ),
        ("USER 10001:10001\n", "", "user-became-root error 24"),
        (
            "USER 10001:10001\n",
            "USER 10001:10001\nUSER root\n",
            "user-became-root error 25",
        ),
        (
            "USER 10001:10001\n",
            "USER app\n",
            "user-changed warning 24",
        ),
        // The base image.
        (
            "debian:12-slim@",
            "debian:13-slim@",
            "base-tag-changed warning 15",
        ),
        (
            "debian:12-slim@",
            "ubuntu:12-slim@",
            "base-image-changed error 15",
        ),
        (
            "debian:12-slim@",
            "example.com/debian:12-slim@",
            "base-image-changed error 15",
        ),
        ("@sha256:01", "@sha256:10", "base-digest-changed warning 15"),
        (
            "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "",
            "base-digest-lost warning 15",
        ),
        (
            "ARG BASE=debian:12\n",
            "ARG BASE=debian:13\n",
            "base-tag-changed warning 3",
        ),
        (
            "ARG BASE=debian:12\n",
            "ARG BASE=alpine\n",
            "base-image-changed error 3",
        ),
        (
            "FROM $BASE AS build",
            "FROM debian:12 AS build",
            "layout-changed note 6",
        ),
        (
            "FROM $BASE AS build",
            "FROM scratch AS build",
            "base-image-changed error 6",
        ),
        (
            "FROM $BASE AS build",
            "FROM --platform=linux/arm64 $BASE AS build",
            "platform-changed warning 6",
        ),
        // The stages.
        ("AS run\n", "AS final\n", "stage-renamed warning 15"),
        ("AS run\n", "\n", "stage-renamed warning 15"),
        (
            "CMD [\"serve\"]\n",
            "CMD [\"serve\"]\n\nFROM run AS other\n",
            "stage-added warning 29, final-stage-changed warning 29",
        ),
        // Health.
        (
            "HEALTHCHECK --interval=30s --retries=3 CMD [\"./app\", \"--check\"]\n",
            "",
            "healthcheck-lost error 25",
        ),
        (
            "HEALTHCHECK --interval=30s --retries=3 CMD [\"./app\", \"--check\"]\n",
            "HEALTHCHECK NONE\n",
            "healthcheck-lost error 25",
        ),
        (
            "[\"./app\", \"--check\"]",
            "true",
            "healthcheck-lost error 25",
        ),
        (
            "--interval=30s",
            "--interval=10s",
            "healthcheck-changed warning 25",
        ),
        (
            "\"--check\"]",
            "\"--test\"]",
            "healthcheck-changed warning 25",
        ),
        // What the container runs and says.
        (
            "ENTRYPOINT [\"./app\"]",
            "ENTRYPOINT ./app",
            "entrypoint-changed warning 26",
        ),
        ("CMD [\"serve\"]\n", "", "command-changed warning 26"),
        (
            "CMD [\"serve\"]",
            "CMD [\"work\"]",
            "command-changed warning 27",
        ),
        ("WORKDIR /app", "WORKDIR /srv", "workdir-changed warning 19"),
        ("STOPSIGNAL SIGINT\n", "", "stop-signal-changed warning 23"),
        ("EXPOSE 8080\n", "", "port-removed warning 21"),
        (
            "EXPOSE 8080\n",
            "EXPOSE 8080 9090\n",
            "port-added warning 21",
        ),
        (
            "EXPOSE 8080\n",
            "EXPOSE 8080/tcp\n",
            "spelling-changed note 21",
        ),
        ("VOLUME /data\n", "", "volume-removed warning 22"),
        (
            "VOLUME /data\n",
            "VOLUME [\"/data\", \"/logs\"]\n",
            "volume-added warning 22",
        ),
        (
            "LABEL org.example.name=app\n",
            "",
            "label-removed warning 18",
        ),
        ("name=app\n", "name=api\n", "label-changed warning 18"),
        ("PORT=8080\n", "PORT=9090\n", "env-changed warning 17"),
        (
            "ENV LANG=C.UTF-8 \\\n    PORT=8080\n",
            "ENV PORT=8080\n",
            "env-removed warning 16",
        ),
        (
            "PORT=8080\n",
            "PORT=8080 \\\n    DEBUG=1\n",
            "env-added warning 18",
        ),
        (
            "PORT=8080\n",
            "PORT=8080 \\\n    API_TOKEN=abc\n",
            "secret-in-env error 18",
        ),
        // Packages and mounts.
        ("        curl \\\n", "", "package-removed warning 7"),
        (
            "        curl \\\n",
            "        curl \\\n        vim \\\n",
            "package-added warning 10",
        ),
        (
            "        curl \\\n",
            "        curl=8.5 \\\n",
            "package-changed warning 9",
        ),
        (
            "        curl \\\n        gcc\n",
            "        gcc \\\n        curl\n",
            "order-changed note 7",
        ),
        (
            "--mount=type=cache,target=/var/cache/apt \\\n    ",
            "",
            "cache-mount-lost warning 7",
        ),
        (
            "target=/var/cache/apt \\",
            "target=/var/cache/apt,sharing=locked \\",
            "mount-changed warning 7",
        ),
        (
            "RUN make -C /src\n",
            "RUN --mount=type=secret,id=key make -C /src\n",
            "mount-added warning 12",
        ),
        (
            "RUN make -C /src\n",
            "RUN --security=insecure make -C /src\n",
            "insecure-step error 12",
        ),
        (
            "RUN make -C /src\n",
            "RUN --network=host make -C /src\n",
            "network-changed warning 12",
        ),
        // Steps.
        (
            "RUN make -C /src\n",
            "RUN make -j4 -C /src\n",
            "step-changed warning 12",
        ),
        (
            "RUN make -C /src\n",
            "RUN make -C /src && strip /src/app\n",
            "step-changed warning 12",
        ),
        (
            "RUN make -C /src\n",
            "RUN <<EOF\nset -e\nmake -C /src\nEOF\n",
            "spelling-changed note 12",
        ),
        ("RUN make -C /src\n", "", "step-removed warning 12"),
        (
            "RUN make -C /src\n",
            "RUN make -C /src\nRUN make test\n",
            "step-added warning 13",
        ),
        (
            "COPY src/ /src/\nRUN make -C /src\n",
            "RUN make -C /src\nCOPY src/ /src/\n",
            "step-moved warning 11",
        ),
        (
            "COPY src/ /src/\n",
            "COPY . /src/\n",
            "copy-changed warning 11",
        ),
        (
            "COPY src/ /src/\n",
            "ADD src/ /src/\n",
            "copy-changed warning 11",
        ),
        ("COPY src/ /src/\n", "", "copy-removed warning 11"),
        (
            "COPY src/ /src/\n",
            "COPY src/ /src/\nCOPY lib/ /lib/\n",
            "copy-added warning 12",
        ),
        (
            "COPY src/ /src/\n",
            "ARG MODE=fast\nCOPY src/ /src/\n",
            "arg-added warning 11",
        ),
        (
            "COPY src/ /src/\n",
            "ARG NPM_TOKEN\nCOPY src/ /src/\n",
            "secret-in-arg error 11",
        ),
        (
            "COPY src/ /src/\n",
            "USER root\nCOPY src/ /src/\n",
            "user-changed warning 11",
        ),
        // What means nothing.
        ("# Runs.\n", "# Runs!\n", "comments-changed note 14"),
        ("# Runs.\n", "", "comments-changed note 14"),
        (
            "# Runs.\n",
            "# Runs.\n# Well.\n",
            "comments-changed note 15",
        ),
        ("# Runs.\n", "#  Runs.\n", "layout-changed note 14"),
        (
            "\n# Runs.\n",
            "\n\n# Runs.\n",
            "blank-lines-changed note 14",
        ),
        ("\n# Runs.\n", "# Runs.\n", "blank-lines-changed note 13"),
        (
            "RUN make -C /src\n",
            "run make -C /src\n",
            "spelling-changed note 12",
        ),
        (
            "WORKDIR /app",
            "WORKDIR \"/app\"",
            "spelling-changed note 19",
        ),
        (
            "ENV LANG=C.UTF-8 \\\n    PORT=8080\n",
            "ENV LANG=C.UTF-8\nENV PORT=8080\n",
            "layout-changed note 16",
        ),
        (
            "EXPOSE 8080\nVOLUME /data\nSTOPSIGNAL SIGINT\n",
            "STOPSIGNAL SIGINT\nEXPOSE 8080\nVOLUME /data\n",
            "order-changed note 21",
        ),
        (
            "CMD [\"serve\"]\n",
            "CMD [\"serve\"]",
            "layout-changed note 27",
        ),
        // What the builder reads first, and what it cannot read.
        (
            "dockerfile:1\n",
            "dockerfile:2\n",
            "directive-changed warning 1",
        ),
        (
            "# syntax=docker/dockerfile:1\n",
            "",
            "directive-removed warning 1",
        ),
        (
            "RUN make",
            "RAN make",
            "not-readable error 12, step-removed warning 12",
        ),
        (
            "RUN make",
            "RUN --mout=x make",
            "not-readable error 12, step-removed warning 12",
        ),
    ] {
        assert!(WHOLE.contains(old), "{old}");
        let actual = WHOLE.replacen(old, new, 1);
        let changes = dockerfile(WHOLE, &actual);
        let found = in_short(&changes).join(", ");
        if found != told {
            wrong.push(format!(
                "{old} -> {new}\n  wanted {told}\n  found {found}\n"
            ));
        }
        assert!(!dockerfile(&actual, WHOLE).is_empty());
        assert_eq!(dockerfile(WHOLE, &WHOLE.replace('\n', "\r\n")), []);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Small files: what is expected, what is there, and what is told.
#[test]
fn tells_what_differs_between_small_files() {
    let mut wrong: Vec<String> = Vec::new();
    for (expected, actual, told) in [
        // Names of stages alone.
        (
            "FROM a AS x\nRUN one\nFROM b\nCOPY --from=x /a /b\n",
            "FROM a AS y\nRUN one\nFROM b\nCOPY --from=y /a /b\n",
            "stage-renamed warning 1",
        ),
        (
            "FROM a AS x\nRUN one\nFROM b\nCOPY --from=x /a /b\n",
            "FROM a AS x\nRUN one\nFROM b\nCOPY --from=0 /a /b\n",
            "layout-changed note 4",
        ),
        (
            "FROM a AS x\nFROM b\nRUN --mount=type=bind,from=x,target=/x cp\n",
            "FROM a AS y\nFROM b\nRUN --mount=type=bind,from=y,target=/x cp\n",
            "stage-renamed warning 1",
        ),
        // Stages.
        (
            "FROM a AS x\nFROM b\nRUN two\n",
            "FROM b\nRUN two\n",
            "stage-removed warning 1",
        ),
        (
            "FROM a AS x\nFROM b AS y\nFROM c AS z\n",
            "FROM a AS x\nFROM c AS z\n",
            "stage-removed warning 2",
        ),
        (
            "FROM b\nRUN two\n",
            "FROM a AS x\nFROM b\nRUN two\n",
            "stage-added warning 1",
        ),
        (
            "FROM a AS x\nFROM b AS y\n",
            "FROM b AS y\nFROM a AS x\n",
            "final-stage-changed warning 2",
        ),
        (
            "FROM a AS x\nFROM x\n",
            "FROM a AS x\nFROM a\n",
            "base-image-changed warning 2",
        ),
        (
            "FROM a AS x\nFROM x\n",
            "FROM a AS y\nFROM y\n",
            "stage-renamed warning 1",
        ),
        // Facts that another stage said.
        (
            "FROM a AS x\nUSER app\nFROM x\nRUN one\n",
            "FROM a AS x\nFROM x\nRUN one\n",
            "user-became-root error 2",
        ),
        (
            "FROM a AS x\nENV A=1\nFROM x\nRUN one\n",
            "FROM a AS x\nENV A=2\nFROM x\nRUN one\n",
            "env-changed warning 2",
        ),
        (
            "FROM a AS x\nUSER app\nFROM x\nUSER app\n",
            "FROM a AS x\nUSER app\nFROM x\n",
            "step-removed warning 3",
        ),
        (
            "FROM a\nUSER app\n",
            "FROM a AS x\nUSER app\nFROM x\n",
            "stage-added warning 1, step-removed warning 3",
        ),
        (
            "FROM a\nWORKDIR /a\nWORKDIR b\n",
            "FROM a\nWORKDIR /a/b\n",
            "step-changed warning 2, step-removed warning 2",
        ),
        (
            "FROM a\nCMD one\n",
            "FROM a\nENTRYPOINT e\nCMD one\n",
            "entrypoint-changed warning 2",
        ),
        (
            "FROM a AS x\nCMD one\nFROM x\n",
            "FROM a AS x\nCMD one\nFROM x\nENTRYPOINT e\n",
            "command-changed warning 3, entrypoint-changed warning 4",
        ),
        (
            "FROM a\n",
            "FROM a\nHEALTHCHECK CMD x\n",
            "healthcheck-added warning 2",
        ),
        (
            "FROM a\n",
            "FROM a\nHEALTHCHECK NONE\n",
            "step-added warning 2",
        ),
        ("FROM a\nUSER root\n", "FROM a\n", "user-changed warning 1"),
        (
            "FROM a\nUSER root\n",
            "FROM a\nUSER app\n",
            "user-changed warning 2",
        ),
        (
            "FROM a\nENV API_TOKEN=x\n",
            "FROM a\n",
            "env-removed warning 1",
        ),
        (
            "FROM a\n",
            "FROM a\nENV API_TOKEN=/run/secrets/t\n",
            "env-added warning 2",
        ),
        // Scripts.
        (
            "FROM a\nRUN <<EOF\nset -e\none\ntwo\nEOF\n",
            "FROM a\nRUN <<EOF\none\ntwo\nEOF\n",
            "failures-unnoticed warning 2",
        ),
        (
            "FROM a\nRUN one && two\n",
            "FROM a\nRUN one; two\n",
            "failures-unnoticed warning 2",
        ),
        (
            "FROM a\nRUN one && two\n",
            "FROM a\nRUN <<EOF\nset -eu\none\ntwo\nEOF\n",
            "step-changed warning 3",
        ),
        (
            "FROM a\nRUN <<EOF\nset -e\none\ntwo\nEOF\n",
            "FROM a\nRUN <<EOF\nset -e\none\ntwo --more\nEOF\n",
            "step-changed warning 5",
        ),
        (
            "FROM a\nRUN <<EOF\nset -e\n# why\none\nEOF\n",
            "FROM a\nRUN <<EOF\nset -e\n# because\none\nEOF\n",
            "spelling-changed note 2",
        ),
        (
            "FROM a\nRUN one && two\n",
            "FROM a\nRUN two && one\n",
            "step-changed warning 2",
        ),
        (
            "FROM a\nRUN one && two\n",
            "FROM a\nRUN one || two\n",
            "step-changed warning 2",
        ),
        (
            "FROM a\nRUN one\n",
            "FROM a\nRUN [\"one\"]\n",
            "step-changed warning 2",
        ),
        // Packages.
        (
            "FROM a\nRUN apk add curl\n",
            "FROM a\nRUN apk add --no-cache curl\n",
            "step-changed warning 2",
        ),
        (
            "FROM a\nRUN apk add -t build curl git\n",
            "FROM a\nRUN apk add -t build 'curl>8' vim\n",
            "package-changed warning 2, package-removed warning 2, package-added warning 2",
        ),
        (
            "FROM a\nRUN dnf install -y curl && dnf clean all\n",
            "FROM a\n",
            "package-removed warning 1",
        ),
        (
            "FROM a\n",
            "FROM a\nRUN apt-get update && apt-get install -y -t sid vim less && rm -rf /var/lib/apt/lists/*\n",
            "package-added warning 2, package-added warning 2",
        ),
        (
            "FROM a\nRUN apt-get install -y curl git\n",
            "FROM a\nRUN apt-get install -y curl\nRUN apt-get install -y git\n",
            "step-added warning 3",
        ),
        (
            "FROM a\nRUN apt-get install -y curl && make\n",
            "FROM a\nRUN apt-get install -y curl && make all\n",
            "step-changed warning 2",
        ),
        // Downloads and the rest.
        (
            "FROM a\nADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef https://x/y /y\n",
            "FROM a\nADD https://x/y /y\n",
            "checksum-lost error 2",
        ),
        (
            "FROM a\nCOPY x /x\n",
            "FROM a\nCOPY --chown=app x /x\n",
            "copy-changed warning 2",
        ),
        (
            "FROM a\nSHELL [\"sh\"]\n",
            "FROM a\nSHELL [\"bash\"]\n",
            "shell-changed warning 2",
        ),
        (
            "FROM a\nONBUILD RUN x\n",
            "FROM a\nONBUILD RUN y\n",
            "step-changed warning 2",
        ),
        (
            "FROM a\nENV A=1\nENV B=2\n",
            "FROM a\nENV B=2\nENV A=1\n",
            "order-changed note 2",
        ),
        (
            "FROM a\nENV A=1\nRUN one\n",
            "FROM a\nRUN one\nENV A=1\n",
            "step-moved warning 2",
        ),
        (
            "FROM docker.io/library/a:1\n",
            "FROM a:1\n",
            "layout-changed note 1",
        ),
        ("FROM a\n", "FROM a:latest\n", "layout-changed note 1"),
        (
            "FROM a\nRUN one # x\n",
            "FROM a\nRUN one\n",
            "spelling-changed note 2",
        ),
        (
            "FROM a\n",
            "",
            "not-readable error 1, stage-removed warning -",
        ),
        (
            "",
            "FROM a\n",
            "stage-added warning 1, not-readable error -",
        ),
        (
            "FROM a\nFRO b\n",
            "FROM a\nFRO b\n\n",
            "blank-lines-changed note 3",
        ),
    ] {
        let changes = dockerfile(expected, actual);
        let found = in_short(&changes).join(", ");
        if found != told {
            wrong.push(format!(
                "{expected}->\n{actual}  wanted {told}\n  found {found}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn equal_texts_have_no_differences(text in "(FROM a\n|RUN b|COPY [a-c] /\n|# x\n|\n|ENV A=\\\\\n|[A-Z $\\\\]{0,5}\n){0,12}", other: String) {
        prop_assert_eq!(dockerfile(&text, &text), []);
        prop_assert_eq!(dockerfile(&other, &other), []);
        prop_assert_eq!(dockerfile(&text, &other).is_empty(), text == other);
        prop_assert_eq!(dockerfile(&other, &text).is_empty(), text == other);
    }

    #[test]
    fn any_byte_counts(at in 0..WHOLE.len(), byte in 0..128_u8) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        bytes[at] = byte;
        let actual = String::from_utf8(bytes).unwrap();
        let changes = dockerfile(WHOLE, &actual);
        prop_assert_eq!(changes.is_empty(), actual == WHOLE);
        let lines = actual.lines().count();
        for change in changes {
            prop_assert!(change.line.is_none_or(|line| (1..=lines).contains(&line)), "{:?}", change);
        }
    }
}
