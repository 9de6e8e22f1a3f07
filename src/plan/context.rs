//! The build context: what of the project a build sees, which is what its instructions copy and no more.

use std::sync::Arc;

use crate::compose;
use crate::diag::{Diagnostic, Span};
use crate::dockerfile::ignore::{Ignore, IgnoreError};
use crate::dockerfile::paths::{lies_in, relative};
use crate::dockerfile::{Choice, Instruction, MountKind, Transfer};

use super::{Plan, Said, SecretOrigin};

/// What of the project the build sees.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// What instructions take from the context.
    pub files: Vec<ContextFile>,
    /// The spec and what is made from it: files about the image, which a change of it need not copy again.
    pub about: Vec<String>,
    /// Patterns of what never belongs into it, from the presets.
    pub never: Never,
    /// The files of secrets, and of variables for running services, that lie in the project: a copy of one would stay in
    /// the image.
    pub secrets: Vec<Said>,
    /// Patterns of what the user leaves out.
    pub exclude: Vec<Said>,
}

/// What never belongs into a build context: patterns, and the rules that they come to. A copy of it is cheap.
#[derive(Clone, Debug, Default)]
pub struct Never(Arc<(Vec<Said>, Option<Ignore>)>);

impl Never {
    /// Reads the patterns. Where one of them is malformed there are no rules, and the plan's own check says so.
    pub fn new(patterns: Vec<Said>) -> Self {
        let rules = Ignore::from_patterns(patterns.iter().map(|said| said.text.as_str()));
        Self(Arc::new((patterns, rules.ok())))
    }

    fn patterns(&self) -> &[Said] {
        &self.0.0
    }

    fn excludes(&self, path: &str) -> bool {
        self.0.1.as_ref().is_some_and(|rules| rules.excludes(path))
    }
}

/// A line of the ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The line.
    pub line: String,
    /// Where it was said; nothing for one that is there whatever is said.
    pub origin: Option<Span>,
}

/// A path that an instruction takes from the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFile {
    /// The path or pattern, relative to the context.
    pub path: String,
    /// Where it was said.
    pub origin: Span,
}

impl Context {
    /// The context of a plan: what its instructions take from the project, and what is left out all the same.
    pub fn of(plan: &Plan, never: Never, exclude: Vec<Said>) -> Self {
        let mut files: Vec<ContextFile> = Vec::new();
        for layer in plan.stages.iter().flat_map(|stage| &stage.layers) {
            for (index, path) in taken(&layer.instruction) {
                if !files.iter().any(|file| file.path == path) {
                    let origin = layer.values.get(index).copied();
                    files.push(ContextFile {
                        path,
                        origin: origin.unwrap_or(layer.origin),
                    });
                }
            }
        }
        let outputs = &plan.outputs;
        let made = [&outputs.dockerfile, &outputs.dockerignore, &outputs.compose];
        let about = std::iter::once(&plan.marks.spec_name)
            .chain(made.into_iter().flatten())
            .map(|path| literal(path))
            .collect();
        let files_of_secrets = plan
            .secrets
            .iter()
            .filter_map(|secret| match &secret.source {
                SecretOrigin::File(path) => Some(Said {
                    text: path.clone(),
                    origin: secret.origin,
                }),
                SecretOrigin::Env(_) => None,
            });
        let mut secrets: Vec<Said> = Vec::new();
        for Said { text, origin } in files_of_secrets.chain(files_of_compose(plan)) {
            let is_inside = !text.starts_with(['/', '~'])
                && !text.contains('$')
                && !text.split('/').any(|part| part == "..");
            let text = relative(&text);
            if is_inside && !secrets.iter().any(|known| known.text == text) {
                secrets.push(Said { text, origin });
            }
        }
        Self {
            files,
            about,
            never,
            secrets,
            exclude,
        }
    }

    /// Whether the build copies the whole project, so that only what never belongs into it can be left out.
    pub fn is_whole(&self) -> bool {
        self.files
            .iter()
            .any(|file| relative(&file.path).is_empty())
    }

    /// The lines of the ignore file, in groups: each has a comment that says why, and its patterns.
    ///
    /// The last line that matches a path decides, so what is said later is stronger.
    pub fn rules(&self) -> Vec<(&'static str, Vec<Rule>)> {
        let mut groups = Vec::new();
        let let_in = |file: &ContextFile| Rule {
            line: format!("!{}", relative(&file.path)),
            origin: Some(file.origin),
        };
        let of_dockwright = |line: &str| Rule {
            line: line.to_owned(),
            origin: None,
        };
        let said = |line: String, origin: Span| Rule {
            line,
            origin: Some(origin),
        };
        if !self.is_whole() {
            let mut allowed: Vec<Rule> = vec![of_dockwright("*")];
            for rule in self.files.iter().map(let_in) {
                if !allowed.iter().any(|known| known.line == rule.line) {
                    allowed.push(rule);
                }
            }
            groups.push(("Only what the Dockerfile copies", allowed));
        } else if !self.about.is_empty() {
            let about = self.about.iter().map(|line| of_dockwright(line)).collect();
            groups.push(("About the image, and not in it", about));
        }
        if !self.never.patterns().is_empty() {
            let never = self.never.patterns().iter();
            let never = never.map(|pattern| said(pattern.text.clone(), pattern.origin));
            groups.push(("Never, wherever it lies", never.collect()));
        }
        let mut named: Vec<Rule> = Vec::new();
        for file in &self.files {
            let path = relative(&file.path);
            let rule = let_in(file);
            let is_known = named.iter().any(|known| known.line == rule.line);
            if !path.is_empty() && self.never.excludes(&path) && !is_known {
                named.push(rule);
            }
        }
        if !named.is_empty() {
            groups.push(("But these, which the spec names", named.clone()));
        }
        if !self.exclude.is_empty() {
            let lines = self.exclude.iter();
            let lines = lines.map(|pattern| said(uncommented(&pattern.text), pattern.origin));
            groups.push(("Left out by the spec", lines.collect()));
        }
        let reached = |secret: &&Said| {
            self.files.iter().any(|file| {
                let path = relative(&file.path);
                path.is_empty() || lies_in(&secret.text, &path)
            })
        };
        let is_out = |secret: &&Said| {
            let mut named = named.iter().filter_map(|rule| rule.line.strip_prefix('!'));
            let path = secret.text.as_str();
            self.never.excludes(path) && !named.any(|folder| lies_in(path, folder))
        };
        let secrets = self.secrets.iter().filter(reached);
        let secrets = secrets.filter(|secret| !is_out(secret));
        let secrets: Vec<Rule> = secrets
            .map(|secret| said(literal(&secret.text), secret.origin))
            .collect();
        if !secrets.is_empty() {
            groups.push(("Secrets, which stay out of every image", secrets));
        }
        groups
    }

    /// Patterns that the engine would refuse to read.
    fn wrong_patterns(&self, errors: &[IgnoreError]) -> Vec<Diagnostic> {
        let wrong = self.exclude.iter().filter_map(|pattern| {
            let text = &pattern.text;
            let error = Ignore::from_patterns([text.as_str()])
                .err()?
                .into_iter()
                .next()?;
            Some(Diagnostic::at(
                pattern.origin,
                format!("`{text}` is no pattern of an ignore file: {error}"),
            ))
        });
        let mut mistakes: Vec<Diagnostic> = wrong.collect();
        if mistakes.is_empty() {
            mistakes.extend(
                errors
                    .iter()
                    .map(|error| Diagnostic::nowhere(error.to_string())),
            );
        }
        mistakes
    }

    /// Every path that an instruction takes and the ignore file drops: the build would fail there.
    pub(super) fn mistakes(&self) -> Vec<Diagnostic> {
        let lines: Vec<String> = self
            .rules()
            .into_iter()
            .flat_map(|(_, rules)| rules)
            .map(|rule| rule.line)
            .collect();
        // As the engine reads it: a line loses the blanks at its ends.
        let ignore = match Ignore::parse(lines.join("\n").as_bytes()) {
            Ok(ignore) => ignore,
            Err(errors) => return self.wrong_patterns(&errors),
        };
        let dropped = self.files.iter().filter(|file| {
            let path = relative(&file.path);
            // The engine asks in two ways, and a file that only one of them lets in arrives empty.
            !path.is_empty() && (ignore.excludes(&path) || ignore.last_match(&path).excluded)
        });
        dropped
            .map(|file| {
                let excludes = |pattern: &&Said| {
                    let alone = Ignore::from_patterns([pattern.text.as_str()]);
                    alone.is_ok_and(|alone| {
                        let path = relative(&file.path);
                        alone.excludes(&path) || alone.last_match(&path).excluded
                    })
                };
                let path = relative(&file.path);
                if self.secrets.iter().any(|secret| secret.text == path) {
                    let message = format!(
                        "`{}` is a file of secrets, and a copy of it would stay in the image",
                        file.path
                    );
                    return Diagnostic::at(file.origin, message).help(
                        "a step that needs a secret names it in `secrets`, and finds it mounted",
                    );
                }
                match self.exclude.iter().rfind(excludes) {
                    Some(pattern) => Diagnostic::at(
                        pattern.origin,
                        format!(
                            "`{}` leaves `{}` out of the build, which needs it",
                            pattern.text, file.path
                        ),
                    )
                    .related(file.origin, "needed here"),
                    None => Diagnostic::at(
                        file.origin,
                        format!(
                            "`{}` is needed by the build, and is left out of it",
                            file.path
                        ),
                    )
                    .help("an ignore file cannot let in a path with a backslash, or with a blank at its beginning or end; name the folder that it lies in"),
                }
            })
            .collect()
    }
}

/// The files that compose reads variables and secrets from where it runs.
fn files_of_compose(plan: &Plan) -> Vec<Said> {
    let services = plan.services.iter();
    let mut files: Vec<Said> = services
        .flat_map(|service| said_files(&service.own, &["env_file"]))
        .collect();
    for (section, key) in [("services", "env_file"), ("secrets", "file")] {
        let names = plan.rest.map.get(section).and_then(compose::Value::map);
        for name in names.into_iter().flat_map(compose::Map::keys) {
            files.extend(said_files(&plan.rest, &[section, name, key]));
        }
    }
    // It looks for them where its own file lies.
    let place = plan.outputs.compose.as_deref().unwrap_or_default();
    if let Some((folder, _)) = place.rsplit_once('/') {
        for file in files
            .iter_mut()
            .filter(|file| !file.text.starts_with(['/', '~']))
        {
            file.text = format!("{folder}/{}", file.text);
        }
    }
    files
}

/// The paths that a part of the compose file has under names that lead there: a text, or a list of texts and of tables.
fn said_files(part: &compose::Part, names: &[&str]) -> Vec<Said> {
    let said = names[1..]
        .iter()
        .fold(part.map.get(names[0]), |value, name| {
            value.and_then(|value| value.get(name))
        });
    let path: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let items = said.and_then(compose::Value::list).into_iter().flatten();
    let file = |item: &compose::Value| {
        let text = item.text().or_else(|| item.get("path")?.text())?;
        let (_, origin) = part.places.nearest(&path)?;
        Some(Said {
            text: text.to_owned(),
            origin,
        })
    };
    items.chain(said).filter_map(file).collect()
}

/// What an instruction takes from the context, as paths or patterns, each with the number of the source or mount that
/// says it. A path that a variable has a part in may be any.
fn taken(instruction: &Instruction) -> Vec<(usize, String)> {
    let path = |text: Option<String>| text.unwrap_or_else(|| ".".to_owned());
    let sources = |files: &Transfer| -> Vec<(usize, String)> {
        let paths = files.source_paths().map(|word| path(word.text()));
        paths.enumerate().collect()
    };
    match instruction {
        Instruction::Copy(copy) if copy.from.is_none() => sources(&copy.files),
        // Only what is downloaded can have a checksum, whatever a variable in its address stands for.
        Instruction::Add(add) if add.checksum.is_some() => Vec::new(),
        Instruction::Add(add) => {
            let remote = |path: &String| path.contains("://") || path.starts_with("git@");
            let sources = sources(&add.files).into_iter();
            sources.filter(|(_, path)| !remote(path)).collect()
        }
        Instruction::Run(run) => {
            let bound = run.mounts.iter().enumerate().filter(|(_, mount)| {
                mount.from().is_none() && matches!(mount.kind(), Choice::Fixed(MountKind::Bind))
            });
            bound
                .map(|(number, mount)| {
                    let source = mount.source();
                    let all = || ".".to_owned();
                    (
                        number,
                        source.map_or_else(all, |source| path(source.word().text())),
                    )
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A pattern as a line of the file, where a `#` would begin a comment.
fn uncommented(pattern: &str) -> String {
    if pattern.starts_with('#') {
        format!("\\{pattern}")
    } else {
        pattern.to_owned()
    }
}

/// A path as a pattern that fits it alone.
fn literal(path: &str) -> String {
    let mut pattern = String::with_capacity(path.len());
    for character in path.chars() {
        if matches!(character, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
