//! Whether a step ends at the command that fails.

use toml::Value;

use super::{Engine, Project};

/// A project with one `run` step more.
fn project(engine: &Engine, base: &str, script: &str) -> Project {
    let spec = format!(
        "name = \"scripted\"\npreset = \"service\"\nbase = \"{base}\"\nsource = []\n\
         [stages.runtime.steps.script]\nrun = {}\n",
        Value::from(script)
    );
    Project::of(engine, &spec).unwrap()
}

#[test]
fn a_command_that_fails_in_the_middle_fails_the_build() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    for base in ["debian:bookworm-slim", "alpine:3.19"] {
        for script in [
            "true\nfalse\ntrue",
            "false; true",
            "true &&\nfalse\ntrue",
            "cd /nowhere\ntrue",
            "#!/bin/sh\nfalse\ntrue",
        ] {
            let built = project(&engine, base, script).build().attempt();
            assert!(
                built.is_err_and(|said| said.contains("exit code")),
                "{base}: {script:?}"
            );
        }
        for script in [
            "true\nfalse || true\ntrue",
            "true; true",
            "if false; then false; fi\ntrue",
        ] {
            let built = project(&engine, base, script).build().attempt();
            assert!(built.is_ok(), "{base}: {script:?}: {:?}", built.err());
        }
    }
}

#[test]
fn a_command_that_fails_before_a_pipe_fails_the_build() {
    let Some(engine) = Engine::shared() else {
        return;
    };
    let base = "debian:bookworm-slim";
    for script in [
        "false | cat",
        "true\nfalse | cat\ntrue",
        "x=\"$(false | cat)\"\ntrue",
        "#!/usr/bin/env bash\nfalse | cat",
    ] {
        let built = project(&engine, base, script).build().attempt();
        assert!(
            built.is_err_and(|said| said.contains("exit code")),
            "{script:?}"
        );
    }
    for script in [
        "echo 1 | grep 1",
        "echo 'false | cat'",
        "echo 1 |\n    grep 1",
    ] {
        let built = project(&engine, base, script).build().attempt();
        assert!(built.is_ok(), "{script:?}: {:?}", built.err());
    }
}
