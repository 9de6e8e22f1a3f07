//! The cache server in C.

use std::fs;
use std::io::{Read, Write};

use super::image::{COMPILERS, assert_clean};
use super::service::{Compose, Service};
use super::{Engine, Image, Project, base, docker};
use crate::support::tests;

/// Where the build keeps each file that ccache was asked for, and whether it was compiled.
const CCACHE_LOG: &str = "/ccache-log";

#[test]
fn pogocache_builds_and_answers_and_runs_as_its_user() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = Project::system(&engine, "pogocache");
    let image = Image::new("pogocache");
    let service = Service::start(&project, "pogocache", 9401, &image);
    service.assert_runs_as(1000, 1000);
    assert_eq!(image.config()["User"], "1000:1000");
    image.assert_healthcheck_can_fail();
    let mut stream = service.connect();
    stream
        .write_all(b"SET greeting hello\r\nGET greeting\r\n")
        .unwrap();
    let mut answer = [0; 16];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+OK\r\n$5\r\nhello\r\n");

    // The whole protocol, asked from a container beside it.
    let protocol = fs::read_to_string(tests("systems/pogocache/tests/protocol.py")).unwrap();
    let network = format!("--network=container:{}", service.container());
    docker(&[
        "run",
        "--rm",
        &network,
        "python:3.11-slim",
        "python",
        "-c",
        &protocol,
    ])
    .unwrap();

    // It is the first process of its container, and hears the signal all the same.
    assert_eq!(service.stop(), "0");
}

#[test]
fn no_layer_of_pogocache_has_what_only_built_it() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = Project::system(&engine, "pogocache");
    let layers = project.image().layers_above(&base("alpine:3.19"));
    assert_clean(
        &layers,
        &[
            COMPILERS,
            &["main.c", "ring.c", "uring.h", "liburing-lite.a", "gdb"],
        ]
        .concat(),
        &["root/.cache", "var/cache/apk", "build", "deps", "src"],
    );
    let kept = |path: &str| {
        layers
            .iter()
            .any(|layer| layer.paths.iter().any(|has| has == path))
    };
    assert!(kept("usr/local/bin/pogocache"), "the program is there");
}

#[test]
fn pogocache_has_a_target_to_develop_in_and_one_in_which_its_own_tests_pass() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let project = Project::system(&engine, "pogocache");
    let stages = "\nFROM development AS tools\nRUN gdb --version && valgrind --version && test -f src/main.c\n\
                  FROM test AS tested\nRUN make -C src test\n";
    let probe = project.read("Dockerfile") + stages;
    project.write("probe.Dockerfile", &probe);
    for target in ["tools", "tested"] {
        let words = ["--file=probe.Dockerfile", "--target", target];
        project.build().words(&words).run();
    }
    for (target, command) in [("development", &["gdb", "--version"][..]), ("test", &[])] {
        let image = Image::new("pogocache-target");
        let words = ["--target", target, "--tag", image.name()];
        project.build().words(&words).run();
        let service = format!("pogocache-{target}");
        let compose = Compose::new(&project, &service, None, &image);
        let run = ["--profile=*", "run", "--rm", "--no-TTY", &service];
        compose.ask(&[&run, command].concat()).unwrap();
    }
    let test = project
        .read("Dockerfile")
        .lines()
        .skip_while(|line| !line.ends_with(" AS test"))
        .nth(1)
        .map(ToOwned::to_owned);
    assert_eq!(
        test.as_deref(),
        Some(r#"CMD ["make", "-C", "src", "test"]"#)
    );
}

#[test]
fn a_changed_source_of_pogocache_repeats_its_copy_and_the_compile_from_a_warm_ccache() {
    Engine::alone(|engine| {
        let mut project = Project::system(engine, "pogocache");
        let log = format!("CCACHE_STATSLOG={CCACHE_LOG}");
        let logging = Image::with_env(&base("alpine:3.19"), &log);
        project.instead("alpine:3.19", logging.name());
        project.build().run();
        project.build().run().assert_reran(&[]);

        project.add("src/server.c", "const char added[] = \"UNIQUE\";");
        project.build().run().assert_reran(&[
            "runtime: COPY --from=source-builder /build/pogocache",
            "source-builder: COPY src/ src/",
            "source-builder: RUN make -C src",
        ]);
        let (compiled, reused) = compiled(&project);
        assert_eq!(
            compiled,
            ["server.c"],
            "compiled anew; from the cache came {reused:?}"
        );
        assert!(reused.contains(&"store.c".to_owned()), "{reused:?}");

        for outside in ["docs/protocol.md", "tests/protocol.py", ".env"] {
            project.add(outside, "# UNIQUE");
        }
        project.build().run().assert_reran(&[]);
    });
}

/// The sources in `src/` that were compiled and those that came from the cache, in the last build.
fn compiled(project: &Project) -> (Vec<String>, Vec<String>) {
    let probe = format!(
        "{}\nFROM scratch AS probe\nCOPY --from=libraries {CCACHE_LOG} /libraries-log\n\
         COPY --from=source-builder {CCACHE_LOG} /\n",
        project.read("Dockerfile")
    );
    project.write("probe.Dockerfile", &probe);
    let out = project.path("probe");
    let output = format!("--output=type=local,dest={}", out.display());
    let built = project
        .build()
        .words(&["--file=probe.Dockerfile", "--target=probe", &output])
        .run();
    let ran = built.rerun();
    assert!(
        ran.iter().all(|step| step.starts_with("probe: ")),
        "the log is of another build: {ran:?}"
    );

    // The stage of the program goes on with the log that the libraries' stage left.
    let libraries = fs::read_to_string(out.join("libraries-log")).unwrap();
    let whole = fs::read_to_string(out.join("ccache-log")).unwrap();
    let log = whole.strip_prefix(&libraries).unwrap();
    let (mut compiled, mut reused) = (Vec::new(), Vec::new());
    let mut file = String::new();
    for line in log.lines() {
        match line.strip_prefix("# ") {
            Some(name) => name.clone_into(&mut file),
            None if line == "cache_miss" => compiled.push(file.clone()),
            None if line.ends_with("_cache_hit") => reused.push(file.clone()),
            None => {}
        }
    }
    (compiled, reused)
}
