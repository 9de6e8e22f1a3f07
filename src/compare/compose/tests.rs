//! What is told of two compose files.

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::super::{compose, in_short};

/// A file that says most of what can be said.
const WHOLE: &str = "\
# Written by somebody.

services:
  web:
    image: example/web
    build:
      context: .
      target: runtime
      args:
        MODE: fast
    user: \"10001:10001\"
    read_only: true
    cap_drop:
      - ALL
    security_opt:
      - no-new-privileges:true
    ports:
      - \"8080:8000\"
      - \"127.0.0.1:9000:9000\"
    environment:
      LOG_LEVEL: info
      API_TOKEN: ${API_TOKEN}
    volumes:
      - data:/data
      - cache:/cache
    command: [serve, --fast]
    healthcheck:
      test: [\"CMD\", \"curl\", \"localhost\"]
      interval: 30s
    depends_on:
      - db

  db:
    image: postgres:16
    restart: always

volumes:
  data:
  cache:
";

/// One change of [`WHOLE`]: what is replaced, by what, and what is told.
#[test]
fn tells_a_change_of_a_whole_file() {
    let mut wrong: Vec<String> = Vec::new();
    for (old, new, told) in [
        // Health.
        (
            "    healthcheck:\n      test: [\"CMD\", \"curl\", \"localhost\"]\n      interval: 30s\n",
            "",
            "healthcheck-lost error 4",
        ),
        (
            "      interval: 30s\n",
            "      interval: 30s\n      disable: true\n",
            "healthcheck-lost error 27",
        ),
        (
            "[\"CMD\", \"curl\", \"localhost\"]",
            "[NONE]",
            "healthcheck-lost error 27",
        ),
        (
            "[\"CMD\", \"curl\", \"localhost\"]",
            "[CMD, \"true\"]",
            "healthcheck-lost error 27",
        ),
        (
            "interval: 30s",
            "interval: 10s",
            "healthcheck-changed warning 29",
        ),
        (
            "\"localhost\"]",
            "\"localhost/up\"]",
            "healthcheck-changed warning 28",
        ),
        // Rights.
        ("\"10001:10001\"", "root", "user-became-root error 11"),
        ("\"10001:10001\"", "\"0\"", "user-became-root error 11"),
        ("\"10001:10001\"", "0", "user-became-root error 11"),
        ("\"10001:10001\"", "app", "key-changed warning 11"),
        ("    user: \"10001:10001\"\n", "", "key-removed warning 4"),
        ("    read_only: true\n", "", "hardening-lost error 4"),
        (
            "    read_only: true\n",
            "    read_only: false\n",
            "hardening-lost error 12",
        ),
        (
            "    read_only: true\n",
            "    privileged: true\n    read_only: true\n",
            "became-privileged error 12",
        ),
        ("    cap_drop:\n      - ALL\n", "", "hardening-lost error 4"),
        (
            "      - ALL\n",
            "      - NET_RAW\n",
            "hardening-lost error 13, key-added warning 14",
        ),
        (
            "      - no-new-privileges:true\n",
            "      - seccomp:unconfined\n",
            "hardening-lost error 15, hardening-lost error 16",
        ),
        (
            "    cap_drop:\n",
            "    cap_add: [SYS_ADMIN]\n    cap_drop:\n",
            "capability-added error 13",
        ),
        (
            "    cap_drop:\n",
            "    pid: host\n    cap_drop:\n",
            "host-namespace error 13",
        ),
        (
            "    cap_drop:\n",
            "    network_mode: host\n    cap_drop:\n",
            "host-namespace error 13",
        ),
        (
            "      - data:/data\n",
            "      - /var/run/docker.sock:/var/run/docker.sock\n      - data:/data\n",
            "docker-socket-mounted error 24",
        ),
        // Ports.
        ("127.0.0.1:9000:9000", "9000:9000", "port-exposed error 19"),
        (
            "127.0.0.1:9000:9000",
            "127.0.0.1:9001:9000",
            "port-changed warning 19",
        ),
        (
            "\"8080:8000\"",
            "\"127.0.0.1:8080:8000\"",
            "port-changed warning 18",
        ),
        ("      - \"8080:8000\"\n", "", "port-removed warning 17"),
        (
            "      - \"8080:8000\"\n",
            "      - \"8080:8000\"\n      - \"22:22\"\n",
            "port-added warning 19",
        ),
        (
            "      - \"8080:8000\"\n",
            "      - target: 8000\n        published: 8080\n        protocol: tcp\n",
            "key-changed warning 18",
        ),
        // Variables.
        (
            "LOG_LEVEL: info",
            "LOG_LEVEL: debug",
            "key-changed warning 21",
        ),
        ("      LOG_LEVEL: info\n", "", "key-removed warning 20"),
        (
            "API_TOKEN: ${API_TOKEN}",
            "API_TOKEN: abc",
            "secret-in-env error 22",
        ),
        (
            "      LOG_LEVEL: info\n",
            "      LOG_LEVEL: info\n      DB_PASSWORD: x\n",
            "secret-in-env error 22",
        ),
        (
            "      LOG_LEVEL: info\n      API_TOKEN: ${API_TOKEN}\n",
            "      - LOG_LEVEL=info\n      - API_TOKEN=${API_TOKEN}\n",
            "layout-changed note 21",
        ),
        // The rest of a service.
        ("target: runtime", "target: debug", "key-changed warning 8"),
        ("MODE: fast", "MODE: slow", "key-changed warning 10"),
        (
            "        MODE: fast\n",
            "        MODE: fast\n        MORE: 1\n",
            "key-added warning 11",
        ),
        (
            "image: example/web",
            "image: example/api",
            "key-changed warning 5",
        ),
        (
            "      - data:/data\n",
            "      - data:/srv\n",
            "key-changed warning 24",
        ),
        (
            "      - data:/data\n      - cache:/cache\n",
            "      - cache:/cache\n      - data:/data\n",
            "order-changed note 23",
        ),
        (
            "[serve, --fast]",
            "[--fast, serve]",
            "key-changed warning 26",
        ),
        ("[serve, --fast]", "serve --fast", "key-changed warning 26"),
        (
            "      - db\n",
            "      db:\n        condition: service_healthy\n",
            "key-changed warning 32",
        ),
        (
            "      - db\n",
            "      db:\n        condition: service_started\n",
            "layout-changed note 31",
        ),
        (
            "    restart: always\n",
            "    restart: \"no\"\n",
            "key-changed warning 35",
        ),
        ("    restart: always\n", "", "key-removed warning 33"),
        ("postgres:16", "postgres:17", "image-tag-changed warning 34"),
        ("postgres:16", "mysql:16", "image-changed error 34"),
        (
            "postgres:16",
            "docker.io/library/postgres:16",
            "key-changed warning 34",
        ),
        // Services and sections.
        (
            "  db:\n    image: postgres:16\n    restart: always\n",
            "",
            "service-removed warning 3",
        ),
        (
            "volumes:\n  data:\n",
            "  new:\n    image: a\nvolumes:\n  data:\n",
            "service-added warning 37",
        ),
        (
            "volumes:\n  data:\n",
            "  new:\n    image: a\n    privileged: true\nvolumes:\n  data:\n",
            "service-added warning 37, became-privileged error 39",
        ),
        (
            "  data:\n  cache:\n",
            "  cache:\n  data:\n",
            "order-changed note 37",
        ),
        (
            "  data:\n  cache:\n",
            "  data: {}\n  cache:\n",
            "layout-changed note 38",
        ),
        ("  data:\n  cache:\n", "  data:\n", "key-removed warning 37"),
        (
            "volumes:\n  data:\n",
            "networks:\n  one:\nvolumes:\n  data:\n",
            "key-added warning 37",
        ),
        // What means nothing.
        (
            "# Written by somebody.",
            "# Written by nobody.",
            "comments-changed note 1",
        ),
        (
            "    restart: always\n",
            "    # Always.\n    restart: always\n",
            "comments-changed note 35",
        ),
        (
            "    restart: always\n",
            "    restart: always # as ever\n",
            "layout-changed note 35",
        ),
        ("\n  db:\n", "\n\n  db:\n", "blank-lines-changed note 33"),
        (
            "restart: always",
            "restart: \"always\"",
            "layout-changed note 35",
        ),
        (
            "restart: always\n\n",
            "restart: always\n    cpus: 1\n\n",
            "key-added warning 36",
        ),
        // What cannot be read, or is read otherwise.
        ("[serve, --fast]", "[serve, --fast", "not-readable error 27"),
        (
            "    restart: always\n",
            "    restart: always\n    restart: always\n",
            "not-readable error 36",
        ),
        (
            "    restart: always\n",
            "    restart: !reset always\n",
            "tag-changed warning 35",
        ),
    ] {
        assert!(WHOLE.contains(old), "{old}");
        let actual = WHOLE.replacen(old, new, 1);
        let changes = compose(WHOLE, &actual);
        let found = in_short(&changes).join(", ");
        if found != told {
            wrong.push(format!(
                "{old} -> {new}\n  wanted {told}\n  found {found}\n  {changes:?}\n"
            ));
        }
        assert!(!compose(&actual, WHOLE).is_empty());
        assert_eq!(compose(WHOLE, &WHOLE.replace('\n', "\r\n")), []);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Small files: what is expected, what is there, and what is told.
#[test]
fn tells_what_differs_between_small_files() {
    let mut wrong: Vec<String> = Vec::new();
    for (expected, actual, told) in [
        ("", "services:\n", "key-added warning 1"),
        ("services:\n", "services: {}\n", "layout-changed note 1"),
        ("services:\n  a: {}\n", "", "key-removed warning 1"),
        (
            "services:\n  a: {}\n",
            "services: 1\n",
            "key-changed warning 1",
        ),
        (
            "services:\n  a: 1\n",
            "services:\n  a: 2\n",
            "key-changed warning 2",
        ),
        (
            "services:\n  a:\n    image: x\n  b:\n    image: y\n",
            "services:\n  b:\n    image: y\n  a:\n    image: x\n",
            "order-changed note 1",
        ),
        (
            "services:\n  a: {image: x, user: app}\n",
            "services:\n  a: {image: y, user: root}\n",
            "user-became-root error 2, image-changed error 2",
        ),
        (
            "services:\n  a:\n    cpus: 1\n",
            "services:\n  a:\n    cpus: \"1\"\n",
            "spelling-changed note 3",
        ),
        (
            "services:\n  a:\n",
            "services:\n  a:\n    healthcheck:\n      disable: true\n",
            "healthcheck-lost error 3",
        ),
        (
            "services:\n  a:\n",
            "services:\n  a:\n    healthcheck:\n      test: x\n",
            "healthcheck-added warning 3",
        ),
        (
            "services:\n  a:\n    ports: [\"${IP:-127.0.0.1}:80:80\"]\n",
            "services:\n  a:\n    ports: [\"${IP:-127.0.0.1}:81:80\"]\n",
            "port-changed warning 3",
        ),
        (
            "services:\n  a:\n    ports: [{target: 80, host_ip: 127.0.0.1}]\n",
            "services:\n  a:\n    ports: [{target: 80}]\n",
            "port-exposed error 3",
        ),
        (
            "services:\n  a:\n    volumes: [{type: bind, source: /a, target: /b}]\n",
            "services:\n  a:\n    volumes: [{type: bind, source: /c, target: /b}]\n",
            "key-changed warning 3",
        ),
        (
            "x: &x\n  restart: always\nservices:\n  a:\n    <<: *x\n",
            "services:\n  a:\n    restart: always\n",
            "key-removed warning 1",
        ),
        ("a: |\n  # x\n", "a: |\n  # y\n", "key-changed warning 1"),
        (
            "a: [\n",
            "a: [\n# x\n",
            "not-readable error 1, comments-changed note 2",
        ),
        ("a: [\n", "a: 1\n", "not-readable error -"),
    ] {
        let changes = compose(expected, actual);
        let found = in_short(&changes).join(", ");
        if found != told {
            wrong.push(format!(
                "{expected}->\n{actual}  wanted {told}\n  found {found}\n  {changes:?}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn equal_texts_have_no_differences(
        text in "(services:\n|  [ab]: ?\\{?\\}?\n|    (image|user|ports|test): [a0\\[\\]:\"]{0,4}\n|# x\n|\n){0,9}",
        other: String,
    ) {
        prop_assert_eq!(compose(&text, &text), []);
        prop_assert_eq!(compose(&text, &other).is_empty(), text == other);
        prop_assert_eq!(compose(&other, &text).is_empty(), text == other);
        let bare = text.replacen(':', "", 1);
        prop_assert_eq!(compose(&text, &bare).is_empty(), text == bare);
    }

    #[test]
    fn any_byte_counts(at in 0..WHOLE.len(), byte in 0..128_u8) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        bytes[at] = byte;
        let actual = String::from_utf8(bytes).unwrap();
        let changes = compose(WHOLE, &actual);
        prop_assert_eq!(changes.is_empty(), actual == WHOLE);
        let lines = actual.lines().count();
        for change in changes {
            prop_assert!(change.line.is_none_or(|line| (1..=lines).contains(&line)), "{:?}", change);
        }
    }
}
