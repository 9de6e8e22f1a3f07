//! The files that run `check` for other services, as far as those can be done without: their scripts run in the shell and
//! with the variables that the service gives them, in a repository with and without drift.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use regex::Regex;
use serde_json::Value;

use super::{SPEC, dockwright};
use crate::support::{listing, not_run, on_path, tests};

/// A repository with two services, and what was done to it since it was generated.
struct Situation {
    /// What happened.
    what: &'static str,
    /// A file, a part of it, and what stands there now.
    edit: Option<(&'static str, &'static str, &'static str)>,
    /// The inputs of the action.
    inputs: &'static [(&'static str, &'static str)],
    /// How the check of both services ends.
    status: i32,
    /// How the action points at it, in its order.
    annotations: &'static [&'static str],
}

const ROOT: (&str, &str, &str) = ("services/one/Dockerfile", "USER 10001:10001", "USER root");

const BECAME_ROOT: &str = "::error file=services/one/Dockerfile,line=61,title=user-became-root::edited, changed by hand: `USER` became root in stage `runtime`: was `10001:10001`; said in presets/service.toml, `user`; `dockwright generate --force services/one` brings it back";

const SITUATIONS: &[Situation] = &[
    Situation {
        what: "nothing changed",
        edit: None,
        inputs: &[("recursive", "true")],
        status: 0,
        annotations: &[],
    },
    Situation {
        what: "a user became root",
        edit: Some(ROOT),
        inputs: &[("recursive", "true")],
        status: 1,
        annotations: &[BECAME_ROOT],
    },
    Situation {
        what: "two folders are named, and one of them drifted",
        edit: Some(ROOT),
        inputs: &[("paths", "services/two services/one")],
        status: 1,
        annotations: &[BECAME_ROOT],
    },
    Situation {
        what: "the folder that drifted is not named",
        edit: Some(ROOT),
        inputs: &[("paths", "services/two")],
        status: 0,
        annotations: &[],
    },
    Situation {
        what: "a port changed, and only errors are to fail",
        edit: Some(("services/two/compose.yaml", "8000:8000", "80:8000")),
        inputs: &[("recursive", "true"), ("fail-on", "error")],
        status: 0,
        annotations: &[
            "::warning file=services/two/compose.yaml,line=11,title=port-changed::edited, changed by hand: `services.web.ports` publishes `80:8000`: was `8000:8000`; said in services/two/dockwright.toml:8, `ports`; `dockwright generate --force services/two` brings it back",
        ],
    },
    Situation {
        what: "a spec changed",
        edit: Some(("services/two/dockwright.toml", "\"production\"", "\"test\"")),
        inputs: &[("recursive", "true")],
        status: 1,
        annotations: &[
            "::warning file=services/two/Dockerfile,line=50,title=env-changed::stale, to come with `dockwright generate`: variable `MODE` is now `test` in stage `runtime`: was `production`; said in services/two/dockwright.toml:12, `env.MODE`; `dockwright generate services/two` brings it back",
        ],
    },
    Situation {
        what: "a spec is broken",
        edit: Some(("services/two/dockwright.toml", "ports =", "prots =")),
        inputs: &[("recursive", "true")],
        status: 2,
        annotations: &[],
    },
    Situation {
        what: "an input that looks like a command is none",
        edit: None,
        inputs: &[(
            "paths",
            "$(touch${IFS}smuggled) services/two;touch smuggled",
        )],
        status: 2,
        annotations: &[],
    },
];

impl Situation {
    /// Makes the repository.
    fn repository(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for service in ["one", "two"] {
            let service = folder.path().join("services").join(service);
            fs::create_dir_all(&service).unwrap();
            fs::write(service.join("dockwright.toml"), SPEC).unwrap();
        }
        let generated = dockwright(folder.path(), &["generate", "--recursive"]);
        assert!(generated.status.success());
        if let Some((file, part, now)) = self.edit {
            let path = folder.path().join(file);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(part), "{}: {text}", self.what);
            fs::write(path, text.replacen(part, now, 1)).unwrap();
        }
        folder
    }
}

/// What a script of a service did.
struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

/// Runs a script as a service does, in a folder and with the program on the path.
fn run(shell: &[&str], script: &str, folder: &Path, env: &[(String, String)]) -> Ran {
    let scripts = tempfile::tempdir().unwrap();
    let file = scripts.path().join("script.sh");
    fs::write(&file, script).unwrap();
    let output = Command::new(shell[0])
        .args(&shell[1..])
        .arg(&file)
        .current_dir(folder)
        .env_clear()
        .env("PATH", path_with(&[program().parent().unwrap()]))
        .envs(env.iter().cloned())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_dockwright"))
}

/// The path with folders before those that are there.
fn path_with(folders: &[&Path]) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().map(|folder| folder.to_path_buf());
    std::env::join_paths(folders.chain(std::env::split_paths(&path))).unwrap()
}

fn read(path: &str) -> Value {
    let path: PathBuf = tests("..").join(path);
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The variables of a step, with its inputs put in as the service does.
fn variables(step: &Value, inputs: &Value, said: &[(&str, &str)]) -> Vec<(String, String)> {
    let expression = Regex::new(r"\$\{\{ inputs\.([a-z-]+) \}\}").unwrap();
    let value = |text: &str| {
        let text = expression.replace_all(text, |found: &regex::Captures<'_>| {
            let input = &inputs[&found[1]];
            assert!(input.is_object(), "there is no input `{}`", &found[1]);
            let set = said.iter().find(|(name, _)| *name == &found[1]);
            set.map_or(input["default"].as_str().unwrap(), |(_, value)| value)
                .to_owned()
        });
        assert!(!text.contains("${{"), "{text}");
        text.into_owned()
    };
    let entries = step["env"].as_object().unwrap().iter();
    entries
        .map(|(name, text)| (name.clone(), value(text.as_str().unwrap())))
        .collect()
}

/// Source: "Metadata syntax for GitHub Actions" and "Workflow syntax": `bash` runs as here, and a composite action names
/// the shell of each step.
#[test]
fn the_action_for_github_fails_as_it_should_and_points_at_the_lines() {
    let action = read("docs/ci/github/action.yml");
    assert_eq!(action["runs"]["using"], "composite");
    for key in ["name", "description"] {
        assert!(action[key].is_string(), "{key}");
    }
    let inputs = &action["inputs"];
    for (name, input) in inputs.as_object().unwrap() {
        assert!(
            input["description"].is_string() && input["default"].is_string(),
            "{name}"
        );
    }
    let steps = action["runs"]["steps"].as_array().unwrap();
    for step in steps {
        assert_eq!(step["shell"], "bash");
        // What an input says would be read as a part of the script.
        assert!(!step["run"].as_str().unwrap().contains("${{"));
    }
    let [install, check] = steps.as_slice() else {
        panic!("{} steps", steps.len());
    };
    let preset = Regex::new(r"(presets/[a-z-]+\.toml):[0-9]+").unwrap();
    let shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"];
    for situation in SITUATIONS {
        let folder = situation.repository();
        let mut env = variables(check, inputs, situation.inputs);
        let said = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        env.push(said("GITHUB_ACTIONS", "true"));
        env.push(said("GITHUB_WORKSPACE", &folder.path().to_string_lossy()));
        let ran = run(&shell, check["run"].as_str().unwrap(), folder.path(), &env);
        let what = situation.what;
        assert_eq!(ran.status, situation.status, "{what}: {}", ran.stderr);
        // The line of a preset changes with the preset.
        let said = preset.replace_all(&ran.stdout, "$1");
        let annotations: Vec<&str> = said.lines().collect();
        assert_eq!(annotations, situation.annotations, "{what}");
        assert!(!folder.path().join("smuggled").exists(), "{what}");
    }
    assert_eq!(install["if"], "inputs.version != ''");
    let folder = tempfile::tempdir().unwrap();
    let tool = folder.path().join(PACKAGER);
    fs::write(&tool, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n").unwrap();
    executable(&tool);
    let mut env = variables(install, inputs, &[("version", "0.1.0; touch smuggled")]);
    let path = path_with(&[folder.path()]).into_string().unwrap();
    env.push(("PATH".to_owned(), path));
    let ran = run(
        &shell,
        install["run"].as_str().unwrap(),
        folder.path(),
        &env,
    );
    let words: Vec<&str> = ran.stdout.lines().collect();
    let expected = [
        "install",
        "--locked",
        "--version",
        "0.1.0; touch smuggled",
        "dockwright",
    ];
    assert_eq!(
        (ran.status, words.as_slice()),
        (0, &expected[..]),
        "{}",
        ran.stderr
    );
}

/// What the action installs the program with.
const PACKAGER: &str = "cargo";

#[cfg(unix)]
fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Source: "CI/CD YAML syntax reference" and the runner's shells: the lines of `script` are one script, which ends where
/// one of them fails, in bash or in whatever `sh` there is.
#[test]
fn the_job_for_gitlab_fails_as_it_should_and_leaves_its_report() {
    let pipeline = read("docs/ci/gitlab.yml");
    let job = &pipeline["dockwright"];
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    assert_eq!(job["artifacts"]["when"], "always");
    let lines = job["script"].as_array().unwrap().iter();
    let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    let script = lines.join("\n");
    for shell in [&["bash", "-eo", "pipefail"][..], &["sh", "-e"]] {
        // The action has inputs; the job takes every spec.
        for situation in SITUATIONS
            .iter()
            .filter(|situation| situation.inputs == [("recursive", "true")])
        {
            let folder = situation.repository();
            let ran = run(shell, &script, folder.path(), &[]);
            let what = situation.what;
            assert_eq!(ran.status, situation.status, "{what}: {}", ran.stderr);
            let text = fs::read_to_string(folder.path().join(report)).unwrap();
            let issues: Vec<Value> = serde_json::from_str(&text).unwrap();
            let pointed: Vec<String> = issues
                .iter()
                .map(|issue| {
                    let place = &issue["location"];
                    let line = &place["lines"]["begin"];
                    format!(
                        "file={},line={line},title={}",
                        place["path"], issue["check_name"]
                    )
                })
                .map(|place| place.replace('"', ""))
                .collect();
            let expected = situation.annotations.iter().map(|annotation| {
                let (_, rest) = annotation.split_once(' ').unwrap();
                rest.split_once("::").unwrap().0
            });
            assert_eq!(pointed, expected.collect::<Vec<_>>(), "{what}");
        }
    }
}

/// The one hook that is offered.
fn hook() -> Value {
    let hooks = read(".pre-commit-hooks.yaml");
    let [hook] = hooks.as_array().unwrap().as_slice() else {
        panic!("one hook is offered");
    };
    hook.clone()
}

/// Source: "Creating new hooks" in the documentation of pre-commit.
#[test]
fn the_hook_for_pre_commit_runs_where_a_file_of_ours_changed() {
    let hook = hook();
    for key in ["id", "name", "description", "entry", "language"] {
        assert!(hook[key].is_string(), "{key}");
    }
    assert_eq!(hook["pass_filenames"], false);
    let files = Regex::new(hook["files"].as_str().unwrap()).unwrap();
    for golden in listing(&tests("golden")) {
        for file in crate::support::files_below(&golden.join("expected")) {
            assert!(files.is_match(&file), "{file}");
            assert!(files.is_match(&format!("services/a/{file}")), "{file}");
        }
    }
    for file in [
        "dockwright.toml",
        "a/dockwright.toml",
        ".dockwright/presets/own.toml",
        "a/b.Dockerfile",
    ] {
        assert!(files.is_match(file), "{file}");
    }
    for file in [
        "README.md",
        "src/main.rs",
        "not-dockwright.toml.md",
        "docs/files.md",
    ] {
        assert!(!files.is_match(file), "{file}");
    }
    let mut words = hook["entry"].as_str().unwrap().split(' ');
    assert_eq!(words.next(), Some("dockwright"));
    let words: Vec<&str> = words.collect();
    for situation in SITUATIONS
        .iter()
        .filter(|situation| situation.inputs == [("recursive", "true")])
    {
        let folder = situation.repository();
        let ran = dockwright(folder.path(), &words);
        assert_eq!(
            ran.status.code(),
            Some(situation.status),
            "{}",
            situation.what
        );
    }
}

#[test]
fn pre_commit_itself_takes_the_hook() {
    for tool in ["pre-commit", "git"] {
        if !on_path(tool) {
            return not_run(&format!("there is no `{tool}`"));
        }
    }
    let tried = |edit| {
        let folder = Situation {
            edit,
            ..SITUATIONS[0]
        }
        .repository();
        let home = tempfile::tempdir().unwrap();
        let command = |program: &str, words: &[&str]| {
            let output = Command::new(program)
                .args(words)
                .current_dir(folder.path())
                .env("PATH", path_with(&[program_folder()]))
                .env("PRE_COMMIT_HOME", home.path())
                .env("HOME", home.path())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            (output.status.success(), said)
        };
        // As it is offered, but for how the program comes to be installed.
        let mut hook = hook();
        hook["language"] = "system".into();
        let config = serde_json::json!({ "repos": [{ "repo": "local", "hooks": [hook] }] });
        fs::write(
            folder.path().join(".pre-commit-config.yaml"),
            config.to_string(),
        )
        .unwrap();
        assert!(command("git", &["init", "--quiet"]).0);
        assert!(command("git", &["add", "."]).0);
        command("pre-commit", &["run", "--all-files"])
    };
    let (passed, said) = tried(None);
    assert!(passed && said.contains("Passed"), "{said}");
    let (passed, said) = tried(Some(ROOT));
    assert!(
        !passed && said.contains("services/one/Dockerfile: edited"),
        "{said}"
    );
    let offered = tests("../.pre-commit-hooks.yaml");
    let checked = Command::new("pre-commit")
        .arg("validate-manifest")
        .arg(offered)
        .output();
    assert!(checked.unwrap().status.success());
}

fn program_folder() -> &'static Path {
    program().parent().unwrap()
}
