//! Secrets: where they come from, who needs them, and what only looks like none.

use super::{Said, said, texts};
use crate::data::Node;
use crate::diag::{Diagnostic, Span};
use crate::dockerfile::{has_login, names_secret};

/// A secret of the build or of the running service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: Said,
    /// Where it comes from.
    pub origin: SecretOrigin,
    /// Who needs it.
    pub usage: SecretUsage,
    /// The file in which it is found.
    pub target: Option<Said>,
}

/// Where a secret comes from, where the image is built or compose runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// An environment variable.
    Env(String),
    /// A file.
    File(String),
}

/// Who needs a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretUsage {
    /// Steps of the build, each as `stage.step`; in a variable, or else in a file.
    Build {
        /// The steps.
        steps: Vec<Said>,
        /// The variable that holds it.
        variable: Option<Said>,
    },
    /// The running service, which finds the path of a file in a variable.
    Run {
        /// The variable that holds the path.
        variable: String,
    },
}

impl Secret {
    /// Reads a secret whose form was checked.
    pub(super) fn read(name: &str, key: Span, node: &Node) -> Result<Self, Diagnostic> {
        let origin = match (said(node, "env"), said(node, "file")) {
            (Some(env), None) => SecretOrigin::Env(env.text),
            (None, Some(file)) => SecretOrigin::File(file.text),
            _ => {
                let message = format!("the secret `{name}` must say one of `env` and `file`");
                return Err(Diagnostic::at(key, message)
                    .help("where it comes from: { env = \"GITHUB_TOKEN\" } or { file = \"secrets/token\" }"));
            }
        };
        let steps = texts(node.get("steps"));
        let variable = said(node, "as-env");
        let build = said(node, "use").map_or(!steps.is_empty(), |usage| usage.text == "build");
        let usage = match (build, steps.first()) {
            (true, None) => {
                let message =
                    format!("the secret `{name}` is for the build and names no step that needs it");
                return Err(Diagnostic::at(key, message)
                    .help("steps = [\"dependencies.install\"], as `preset show` lists them"));
            }
            (true, Some(_)) => SecretUsage::Build { steps, variable },
            (false, Some(step)) => {
                let message = format!(
                    "the secret `{name}` is for the running service, so no step can see it"
                );
                return Err(Diagnostic::at(step.span, message)
                    .help("use = \"build\" mounts it in these steps"));
            }
            (false, None) => {
                let default = || format!("{}_FILE", capitals(name));
                SecretUsage::Run {
                    variable: variable.map_or_else(default, |said| said.text),
                }
            }
        };
        Ok(Self {
            name: Said {
                text: name.to_owned(),
                span: key,
            },
            origin,
            usage,
            target: said(node, "target"),
        })
    }
}

fn capitals(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    name.chars().map(plain).collect()
}

/// What is stored in the image for everyone to read, and should not: variables and arguments by their names, and logins in
/// addresses.
pub(super) fn exposed(tree: &Node) -> Vec<Diagnostic> {
    let mut mistakes = Vec::new();
    for table in ["env", "args"] {
        for (name, entry) in tree.get(table).into_iter().flat_map(Node::entries) {
            let lower = name.to_ascii_lowercase();
            if !names_secret(name) {
                continue;
            }
            let message = format!(
                "`{name}` looks like a secret, and whoever has the image can read what [{table}] holds"
            );
            let mistake = Diagnostic::at(entry.key, message);
            mistakes.push(if lower.split('_').any(|part| part == "file") {
                mistake.help(format!(
                    "the path of a secret's file belongs to the running service: [service.environment] {name} = \"...\""
                ))
            } else {
                mistake
                    .help(format!("say it as a secret: [secrets] {lower} = {{ env = \"{name}\" }}"))
                    .help("what is no secret after all can be set by a step of [stages]")
            });
        }
    }
    for key in [
        "env",
        "args",
        "labels",
        "entrypoint",
        "command",
        "healthcheck",
    ] {
        if let Some(node) = tree.get(key) {
            logins(node, &mut mistakes);
        }
    }
    mistakes
}

fn logins(node: &Node, mistakes: &mut Vec<Diagnostic>) {
    if node.text().is_some_and(has_login) {
        let message = "this address has a password in it, and whoever has the image can read it";
        mistakes.push(
            Diagnostic::at(node.span, message)
                .help("give it to the service as a secret, or to its container: [service.environment]")
                .help("what is no secret after all can be set by a step of [stages]"),
        );
    }
    for item in node.items() {
        logins(item, mistakes);
    }
    for (_, entry) in node.entries() {
        logins(&entry.node, mistakes);
    }
}
