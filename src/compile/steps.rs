//! A step of a preset as instructions: one function for each kind of step.

use std::fmt::Display;

use indexmap::IndexMap;

use super::family::Families;
use super::{layer, script, stages};
use crate::data::{self, Entry, Node, Shape, Table, Value};
use crate::diag::{Diagnostic, Sources, Span};
use crate::dockerfile::{
    self, Access, Add, Arg, Arguments, Check, CommandLine, Copy, Env, EnvName, Expose, FlagText,
    FlagWord, Healthcheck, Instruction, Interval, Label, LabelName, Mount, Network, Run,
    RunCommand, Script, SecretEnv, Sharing, Token, Transfer, Word,
};
use crate::expr::{Evaluator, Names};
use crate::plan::Layer;
use crate::preset::{Flat, Step, shape};
use crate::spec::{self, Probe, Spec};

/// Where a step stands, and what it may ask.
pub(super) struct Place<'a> {
    pub(super) evaluator: Evaluator<'a>,
    pub(super) spec: &'a Spec,
    pub(super) flat: &'a Flat,
    pub(super) families: &'a Families,
    pub(super) sources: &'a Sources,
    pub(super) family: &'a str,
    /// The stages above, with their families.
    pub(super) stages: &'a IndexMap<String, String>,
}

/// The fields whose text is not data: each is evaluated in its own way.
const NOT_DATA: &[&str] = &["run", "when", "after", "before", "dockerfile"];

/// The layers of a step; none if its condition does not hold or there is nothing for it to do.
pub(super) fn compile(
    id: &str,
    step: &Step,
    place: &Place<'_>,
) -> Result<Vec<Layer>, Vec<Diagnostic>> {
    let one = |mistake: Diagnostic| vec![mistake];
    if let Some(when) = step.fields.get("when")
        && !place.evaluator.condition(&when.node).map_err(one)?
    {
        return Ok(Vec::new());
    }
    let mut fields = Table::new();
    let keys = Shape::Table(shape::step_keys());
    let mut mistakes = Vec::new();
    for (name, entry) in &step.fields {
        let node = if NOT_DATA.contains(&name.as_str()) {
            Some(entry.node.clone())
        } else {
            place.evaluator.data(&entry.node).map_err(one)?
        };
        let Some(node) = node else { continue };
        let key = entry.key;
        let field = spec::table(key, [(name.clone(), node.clone())]);
        // What a spec's own expression gives is wrong there, and not where the value was said.
        let own = key.source == place.spec.tree.span.source;
        let inside = |span: Span| {
            let field = entry.node.span;
            span.source == field.source && field.start <= span.start && span.end <= field.end
        };
        mistakes.extend(
            data::check(&field, &keys, &[])
                .into_iter()
                .map(|mut mistake| {
                    match &mut mistake.primary {
                        Some(label) if own && !inside(label.span) => label.span = entry.node.span,
                        _ => {}
                    }
                    mistake
                }),
        );
        fields.insert(name.clone(), Entry { key, node });
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let evaluated = Node {
        span: step.span,
        value: Value::Table(fields),
    };
    let Some((kind, said)) = step.kind() else {
        return Ok(Vec::new());
    };
    let Some(value) = evaluated.get(kind) else {
        return Ok(Vec::new());
    };
    let step = Evaluated {
        id,
        fields: &evaluated,
        place,
    };
    if matches!(kind, "env" | "args" | "labels") {
        let words = value.entries().map(|(_, entry)| word(&scalar(&entry.node)));
        let wrong: Vec<Diagnostic> = words.filter_map(Result::err).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
    }
    let instructions = step.instructions(kind, value, said).map_err(one)?;
    let mut note = evaluated
        .get("note")
        .and_then(Node::text)
        .map(ToOwned::to_owned);
    // The reason of several instructions stands above the first.
    Ok(instructions
        .into_iter()
        .map(|(instruction, span)| Layer {
            values: values(&instruction, value, &evaluated),
            ..layer(id, note.take(), span, instruction)
        })
        .collect())
}

/// The places of the values that variables, arguments and labels have, and of the files that a script sees.
fn values(instruction: &Instruction, said: &Node, fields: &Node) -> Vec<Span> {
    let names: Vec<&str> = match instruction {
        Instruction::Env(env) => env
            .as_slice()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect(),
        Instruction::Arg(arg) => arg
            .as_slice()
            .iter()
            .map(|(name, _)| name.as_str())
            .collect(),
        Instruction::Label(label) => {
            let pairs = label.as_slice().iter();
            pairs.map(|(name, _)| name.as_str()).collect()
        }
        Instruction::Run(_) => {
            let files = fields.get("bind").into_iter().flat_map(Node::items);
            return files.map(|node| node.span).collect();
        }
        _ => return Vec::new(),
    };
    let place = |name| said.get(name).map(|node| node.span);
    names.into_iter().filter_map(place).collect()
}

/// Whether a value says nothing, so that the step has nothing to do.
fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Table(entries) => entries.is_empty(),
        Value::Boolean(yes) => !yes,
        Value::Integer(_) | Value::Float(_) => false,
    }
}

/// A text that an instruction refused, as a mistake at its place.
fn refused<E: Display>(node: &Node) -> impl Fn(E) -> Diagnostic {
    let span = node.span;
    move |error| Diagnostic::at(span, format!("this cannot stand in a Dockerfile: {error}"))
}

/// A step with its evaluated fields.
struct Evaluated<'a> {
    id: &'a str,
    fields: &'a Node,
    place: &'a Place<'a>,
}

type Made = Vec<(Instruction, Span)>;

impl Evaluated<'_> {
    fn instructions(&self, kind: &str, value: &Node, said: &Node) -> Result<Made, Diagnostic> {
        if is_empty(value) {
            return Ok(Vec::new());
        }
        let at = |instruction| Ok(vec![(instruction, value.span)]);
        match kind {
            "args" => args(value),
            "env" => env(value),
            "labels" => at(labels(value)?),
            "packages" => self.packages(value),
            "create-user" => self.create_user(value),
            "directories" => self.directories(value),
            "workdir" => at(Instruction::Workdir(word(value)?)),
            "copy" => self.copy(value),
            "run" => self.run(said),
            "download" => at(self.download(value)?),
            "user" => at(user(value)?),
            "expose" => at(expose(value)?),
            "healthcheck" => Ok(self
                .healthcheck(value)?
                .map(|check| (check, value.span))
                .into_iter()
                .collect()),
            "entrypoint" => at(Instruction::Entrypoint(CommandLine::Exec(words(value)))),
            "command" => at(Instruction::Cmd(CommandLine::Exec(words(value)))),
            "stop-signal" => at(Instruction::StopSignal(word(value)?)),
            "shell" => at(Instruction::Shell(
                Arguments::new(words(value)).map_err(refused(value))?,
            )),
            "dockerfile" => at(verbatim(value)?),
            _ => unreachable!("kinds() lists `{kind}`, so it must be compiled here"),
        }
    }

    fn field(&self, name: &str) -> Option<&Node> {
        self.fields.get(name).filter(|node| !is_empty(node))
    }

    /// A script in the family's words, with the caches that it fills.
    fn family(&self, of: &str, names: &Names) -> Result<Option<Run>, Diagnostic> {
        let Some(way) = self.place.families.way(self.place.family, of) else {
            return Ok(None);
        };
        let Some(node) = way.get("run") else {
            return Ok(None);
        };
        let text = Evaluator::new(names, self.place.sources).script(node)?;
        let mut run = Run::new(self.script(node, &text)?);
        for cache in way.get("cache").into_iter().flat_map(Node::items) {
            // Two package managers at once would each wait for the other's lock and then fail.
            run.mounts.push(
                Mount::cache(flag(cache)?)
                    .with_sharing(Sharing::Locked)
                    .map_err(refused(cache))?,
            );
        }
        Ok(Some(run))
    }

    fn script(&self, node: &Node, text: &str) -> Result<RunCommand, Diagnostic> {
        let bash = matches!(self.place.family, "debian" | "rpm");
        let script = Script::new(&script::complete(text, bash)).map_err(refused(node))?;
        Ok(RunCommand::Script(script))
    }

    fn packages(&self, value: &Node) -> Result<Made, Diagnostic> {
        for item in value.items() {
            if let Some(reason) = item.text().and_then(spec::rules::PACKAGE.refuse) {
                return Err(Diagnostic::at(item.span, format!("`packages` {reason}")));
            }
        }
        let mut names = Names::default();
        names.define("packages", Some(value.clone()));
        let span = value.items().next().map_or(value.span, |item| item.span);
        match self.family("packages", &names)? {
            Some(run) => Ok(vec![(Instruction::Run(run), span)]),
            None => Err(Diagnostic::at(span, format!("an image of the family `{}` has no package manager", self.place.family))
                .related(self.place.spec.base.image.span, "the image is said here")
                .help("copy what is needed from a build stage, or take an image that can install packages")),
        }
    }

    /// Nothing where the family cannot create users: what runs there runs by its number alone.
    fn create_user(&self, value: &Node) -> Result<Made, Diagnostic> {
        let mut names = Names::default();
        for (key, entry) in value.entries() {
            names.define(key, Some(entry.node.clone()));
        }
        let run = self.family("create-user", &names)?;
        Ok(run
            .map(|run| (Instruction::Run(run), value.span))
            .into_iter()
            .collect())
    }

    fn directories(&self, value: &Node) -> Result<Made, Diagnostic> {
        let mut names = Names::default();
        names.define("directories", Some(value.clone()));
        names.define("owner", self.field("owner").cloned());
        let span = value.items().next().map_or(value.span, |item| item.span);
        match self.family("directories", &names)? {
            Some(run) => Ok(vec![(Instruction::Run(run), span)]),
            None => Err(Diagnostic::at(span, format!("an image of the family `{}` cannot make a directory that its user owns", self.place.family))
                .related(self.place.spec.base.image.span, "the image is said here")
                .help("mount the volume where a directory of that user lies already, or take an image that has a shell")),
        }
    }

    fn run(&self, said: &Node) -> Result<Made, Diagnostic> {
        let text = self.place.evaluator.script(said)?;
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut run = Run::new(self.script(said, &text)?);
        for path in self.field("bind").into_iter().flat_map(Node::items) {
            let path = &self.source(path, false)?;
            let mount = Mount::bind(flag(path)?)
                .with_source(flag(path)?)
                .map_err(refused(path))?;
            // Two options of a preset may name one file.
            if !run.mounts.contains(&mount) {
                run.mounts.push(mount);
            }
        }
        for path in self.field("cache").into_iter().flat_map(Node::items) {
            run.mounts.push(Mount::cache(flag(path)?));
        }
        for mount in self.field("mounts").into_iter().flat_map(Node::items) {
            run.mounts.push(self.mount(mount)?);
        }
        run.network = self.field("network").and_then(Node::text).and_then(|word| {
            Network::ALL
                .into_iter()
                .find(|network| network.word() == word)
        });
        Ok(vec![(Instruction::Run(run), said.span)])
    }

    fn mount(&self, node: &Node) -> Result<Mount, Diagnostic> {
        let get = |key: &str| node.get(key).filter(|node| !is_empty(node));
        let missing = |key: &str| Diagnostic::at(node.span, format!("this mount needs a `{key}`"));
        let target = || flag(get("target").ok_or_else(|| missing("target"))?);
        let mut mount = match get("type").and_then(Node::text) {
            Some("cache") => Mount::cache(target()?),
            Some("tmpfs") => Mount::tmpfs(target()?),
            Some("secret") => Mount::secret(flag(get("id").ok_or_else(|| missing("id"))?)?),
            Some("ssh") => Mount::ssh(),
            _ => Mount::bind(target()?),
        };
        for (key, entry) in node.entries() {
            let value = &entry.node;
            let wrong = refused(&entry.node);
            let yes = value.boolean();
            let number = || {
                let digits = value.integer().map(|number| number.to_string());
                let text = digits
                    .as_deref()
                    .or(value.text())
                    .unwrap_or_default()
                    .to_owned();
                let radix = if key == "mode" { 8 } else { 10 };
                u32::from_str_radix(&text, radix)
                    .map_err(|_| Diagnostic::at(value.span, format!("`{key}` must be a number")))
            };
            mount = match key {
                "id" => mount.with_id(flag(value)?),
                "target" => mount.with_target(flag(value)?),
                "source" => mount.with_source(flag(value)?).map_err(wrong)?,
                "from" => mount.with_from(self.from(value)?).map_err(wrong)?,
                "sharing" => match Sharing::ALL
                    .into_iter()
                    .find(|sharing| Some(sharing.word()) == value.text())
                {
                    Some(sharing) => mount.with_sharing(sharing).map_err(wrong)?,
                    None => mount,
                },
                "readonly" if yes == Some(true) => {
                    mount.with_access(Access::ReadOnly).map_err(wrong)?
                }
                "readwrite" if yes == Some(true) => {
                    mount.with_access(Access::ReadWrite).map_err(wrong)?
                }
                "required" => mount.with_required(yes == Some(true)).map_err(wrong)?,
                "env" => mount
                    .with_env(SecretEnv::Name(flag(value)?))
                    .map_err(wrong)?,
                "mode" => mount.with_mode(number()?).map_err(wrong)?,
                "uid" => mount.with_uid(number()?).map_err(wrong)?,
                "gid" => mount.with_gid(number()?).map_err(wrong)?,
                "size" => mount.with_size(flag(value)?).map_err(wrong)?,
                _ => mount,
            };
        }
        Ok(mount)
    }

    /// A stage above, or an image.
    fn from(&self, node: &Node) -> Result<FlagText, Diagnostic> {
        let text = node.text().unwrap_or_default();
        let name = match text.strip_prefix("stage:") {
            Some(stage) if !self.place.stages.contains_key(stage) => {
                return Err(stages::unknown_stage(stage, node.span, self.place.stages));
            }
            Some(stage) => stage,
            None => text,
        };
        FlagText::new(name).map_err(refused(node))
    }

    /// One instruction for each thing that is copied: a folder's contents land where it is said, and two folders in
    /// one instruction would be poured together.
    fn copy(&self, value: &Node) -> Result<Made, Diagnostic> {
        let from = self.field("from").map(|node| self.from(node)).transpose()?;
        let chown = self.owner()?;
        let mut exclude = Vec::new();
        for pattern in self.field("exclude").into_iter().flat_map(Node::items) {
            exclude
                .push(FlagText::new(pattern.text().unwrap_or_default()).map_err(refused(pattern))?);
        }
        let mut made = Vec::new();
        let mut copy = |source: &Node, to: &Node, mode: Option<&Node>| {
            // What varies is what can be wrong.
            let varies = |node: &Node| node.text().is_some_and(|text| text.contains('$'));
            let span = if varies(to) && !varies(source) {
                to.span
            } else {
                source.span
            };
            let source = self.source(source, from.is_some())?;
            let files =
                Transfer::paths(vec![word(&source)?], word(to)?).map_err(refused(&source))?;
            let chmod = mode
                .filter(|mode| !is_empty(mode))
                .or_else(|| self.field("mode"));
            let instruction = Copy {
                from: from.clone(),
                chown: chown.clone(),
                chmod: chmod.map(flag).transpose()?,
                link: self.field("link").is_some(),
                exclude: exclude.clone(),
                ..Copy::new(files)
            };
            made.push((Instruction::Copy(instruction), span));
            Ok::<(), Diagnostic>(())
        };
        for item in value.items() {
            let source = item.get("from").unwrap_or(item);
            let to = item
                .get("to")
                .or_else(|| self.field("to"))
                .unwrap_or(source);
            copy(source, to, item.get("mode"))?;
        }
        for (path, entry) in value.entries() {
            let source = Node {
                span: entry.key,
                value: Value::Text(path.to_owned()),
            };
            copy(&source, &entry.node, None)?;
        }
        Ok(made)
    }

    /// What is copied: a path of the context must not leave it, and one of a stage may be relative to a folder.
    fn source(&self, node: &Node, elsewhere: bool) -> Result<Node, Diagnostic> {
        let text = node.text().unwrap_or_default();
        if !elsewhere && let Some(reason) = (spec::rules::CONTEXT_PATH.refuse)(text) {
            return Err(Diagnostic::at(node.span, format!("the path {reason}")));
        }
        let text = match self.field("within").and_then(Node::text) {
            Some(folder) if !text.starts_with('/') => {
                format!("{}/{text}", folder.trim_end_matches('/'))
            }
            _ => text.to_owned(),
        };
        Ok(Node {
            span: node.span,
            value: Value::Text(text),
        })
    }

    /// Who owns what is copied: a name or a number, and the same for a group behind a colon.
    fn owner(&self) -> Result<Option<FlagWord>, Diagnostic> {
        let Some(node) = self.field("owner") else {
            return Ok(None);
        };
        let text = node.text().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let (user, group) = text.split_once(':').unwrap_or((text, "0"));
        let name = |text: &str| !text.is_empty() && text.chars().all(plain);
        let known = name(user) && name(group);
        if !known && !text.contains('$') {
            return Err(Diagnostic::at(
                node.span,
                "`owner` must be a user, or a user and a group such as `1000:1000`",
            ));
        }
        flag(node).map(Some)
    }

    fn download(&self, value: &Node) -> Result<Instruction, Diagnostic> {
        let needed = |name: &str| {
            self.field(name).ok_or_else(|| {
                Diagnostic::at(value.span, format!("the download of `{}` has no `{name}`", self.id))
                    .help("a download says where it lands (`to`) and its digest (`checksum = \"sha256:...\"`)")
            })
        };
        let checksum = needed("checksum")?;
        if let Some(text) = checksum.text()
            && !text.contains('$')
            && !is_digest(text)
        {
            let message = "`checksum` must be `sha256:` and 64 hexadecimal digits";
            return Err(Diagnostic::at(checksum.span, message));
        }
        let files =
            Transfer::paths(vec![word(value)?], word(needed("to")?)?).map_err(refused(value))?;
        Ok(Instruction::Add(Add {
            checksum: Some(flag(checksum)?),
            chown: self.owner()?,
            chmod: self.field("mode").map(flag).transpose()?,
            ..Add::new(files)
        }))
    }

    fn healthcheck(&self, value: &Node) -> Result<Option<Instruction>, Diagnostic> {
        let Some(healthcheck) = spec::Healthcheck::read(value, &self.place.spec.ports)? else {
            return Ok(None);
        };
        let command = match &healthcheck.probe {
            Probe::Command(words) => words.clone(),
            Probe::Http {
                url,
                host,
                port,
                path,
            } => self.probe(
                "http",
                &healthcheck,
                &[
                    ("url", url.clone()),
                    ("host", host.clone()),
                    ("port", port.to_string()),
                    ("path", path.clone()),
                ],
            )?,
            Probe::Tcp { port } => {
                self.probe("tcp", &healthcheck, &[("port", port.to_string())])?
            }
        };
        let mut check = Check::new(CommandLine::Exec(command)).map_err(refused(value))?;
        let timing = &healthcheck.timing;
        let interval = |said: &Option<String>| {
            said.as_deref()
                .map(|text| Interval::new(text).map_err(refused(value)))
                .transpose()
        };
        check.interval = interval(&timing.interval)?;
        check.timeout = interval(&timing.timeout)?;
        check.start_period = interval(&timing.start_period)?;
        check.start_interval = interval(&timing.start_interval)?;
        check.retries = timing.retries;
        Ok(Some(Instruction::Healthcheck(Healthcheck::Command(
            Box::new(check),
        ))))
    }

    /// The words that ask a service: the preset's, where what they need is in the image anyway, or the family's.
    fn probe(
        &self,
        kind: &str,
        healthcheck: &spec::Healthcheck,
        parts: &[(&str, String)],
    ) -> Result<Vec<String>, Diagnostic> {
        let place = self.place;
        let preset = place.flat.probes.get(kind).map(|entry| &entry.node);
        let family = || place.families.way(place.family, "probes")?.get(kind);
        // What asks for parts of a URL speaks no TLS: only a program that takes the whole one does.
        let plain = |probe: &&Node| {
            let takes_url =
                |word: &Node| word.text().is_some_and(|text| text.contains("{{ url }}"));
            let secure = parts.iter().any(|(_, part)| part.starts_with("https://"));
            !secure || probe.items().any(takes_url)
        };
        let Some(probe) = preset.or_else(family).filter(plain) else {
            let message = format!(
                "an image of the family `{}` has nothing that could ask the service{}",
                place.family,
                if place.families.way(place.family, "probes").is_some() {
                    " over TLS"
                } else {
                    ""
                }
            );
            return Err(Diagnostic::at(healthcheck.span, message)
                .related(place.spec.base.image.span, "the image is said here")
                .help("name a command of the service's own: [healthcheck] command = [\"/app/server\", \"--check\"]"));
        };
        let mut names = Names::default();
        for (name, text) in parts {
            names.define(
                name,
                Some(Node {
                    span: healthcheck.span,
                    value: Value::Text(text.clone()),
                }),
            );
        }
        let words = Evaluator::new(&names, place.sources).data(probe)?;
        Ok(words.map(|words| self::words(&words)).unwrap_or_default())
    }
}

fn args(value: &Node) -> Result<Made, Diagnostic> {
    let mut made = Vec::new();
    for (name, entry) in value.entries() {
        let span = entry.key;
        let wrong = |error| Diagnostic::at(span, format!("this cannot be an argument: {error}"));
        let variable = EnvName::new(name).map_err(wrong)?;
        let default = entry.node.text().map(|_| word(&entry.node)).transpose()?;
        let arg = Arg::new(vec![(variable, default)]).map_err(wrong)?;
        made.push((Instruction::Arg(arg), span));
    }
    Ok(made)
}

/// One instruction for all variables, but where a value refers to one of them: an instruction does not see what it
/// defines itself.
fn env(value: &Node) -> Result<Made, Diagnostic> {
    let mut groups: Vec<(Vec<(EnvName, Word)>, Span)> = Vec::new();
    for (name, entry) in value.entries() {
        let wrong =
            |error| Diagnostic::at(entry.key, format!("this cannot be a variable: {error}"));
        let pair = (
            EnvName::new(name).map_err(wrong)?,
            word(&scalar(&entry.node))?,
        );
        let used = pair.1.variables();
        let defines = |(name, _): &(EnvName, Word)| used.iter().any(|used| used == name.as_str());
        match groups.last_mut() {
            Some((pairs, _)) if !pairs.iter().any(defines) => pairs.push(pair),
            _ => groups.push((vec![pair], entry.node.span)),
        }
    }
    let instruction = |(pairs, span)| {
        let env = Env::new(pairs).map_err(refused(value))?;
        Ok((Instruction::Env(env), span))
    };
    groups.into_iter().map(instruction).collect()
}

fn labels(value: &Node) -> Result<Instruction, Diagnostic> {
    let mut pairs = Vec::new();
    for (name, entry) in value.entries() {
        let wrong = |error| Diagnostic::at(entry.key, format!("this cannot be a label: {error}"));
        pairs.push((
            LabelName::new(name).map_err(wrong)?,
            word(&scalar(&entry.node))?,
        ));
    }
    Label::new(pairs)
        .map(Instruction::Label)
        .map_err(refused(value))
}

/// A number or boolean as the text that the Dockerfile has for it.
fn scalar(node: &Node) -> Node {
    let text = match &node.value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Text(_) | Value::List(_) | Value::Table(_) => return node.clone(),
    };
    Node {
        span: node.span,
        value: Value::Text(text),
    }
}

/// A user by number, so that whatever runs the image can tell that it is not root.
fn user(value: &Node) -> Result<Instruction, Diagnostic> {
    let (Some(uid), Some(gid)) = (value.get("uid"), value.get("gid")) else {
        return Ok(Instruction::User(word(value)?));
    };
    let number = |node: &Node| node.integer().unwrap_or_default();
    let text = format!("{}:{}", number(uid), number(gid));
    let user = Word::literal(&text).map_err(refused(value))?;
    Ok(Instruction::User(user))
}

fn expose(value: &Node) -> Result<Instruction, Diagnostic> {
    let mut ports = Vec::new();
    for item in value.items() {
        let text = scalar(item);
        let port = spec::Port::parse(text.text().unwrap_or_default())
            .map_err(|reason| Diagnostic::at(item.span, format!("a port {reason}")))?;
        let protocol = match port.protocol {
            spec::Protocol::Tcp => "",
            spec::Protocol::Udp => "/udp",
        };
        let port =
            Token::literal(&format!("{}{protocol}", port.container)).map_err(refused(item))?;
        // A port that the host knows under two numbers is still one.
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    Expose::new(ports)
        .map(Instruction::Expose)
        .map_err(refused(value))
}

/// One instruction that the user wrote as a Dockerfile has it.
fn verbatim(value: &Node) -> Result<Instruction, Diagnostic> {
    // An instruction is one only in a stage.
    let text = format!("FROM scratch\n{}", value.text().unwrap_or_default());
    let document = dockerfile::parse(text.as_bytes());
    if let Some(mistake) = document.mistakes().first() {
        return Err(Diagnostic::at(
            value.span,
            format!("this is no instruction of a Dockerfile: {}", mistake.kind),
        ));
    }
    let mut statements = document.statements().skip(1);
    match (statements.next(), statements.next()) {
        (Some(statement), None) if !matches!(statement.instruction, Instruction::From(_)) => {
            Ok(statement.instruction.clone())
        }
        (Some(_), None) => Err(Diagnostic::at(value.span, "a step cannot begin a stage")
            .help("a new stage is a table of its own: [stages.NAME] with `from`")),
        (Some(_), Some(_)) => Err(Diagnostic::at(
            value.span,
            "a step is one instruction, and these are several",
        )
        .help("give each instruction a step of its own")),
        (None, _) => Err(Diagnostic::at(
            value.span,
            "there is no instruction in this",
        )),
    }
}

/// The only kind of digest that `BuildKit` checks a download with.
fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f'))
    })
}

fn word(node: &Node) -> Result<Word, Diagnostic> {
    Word::template(node.text().unwrap_or_default()).map_err(refused(node))
}

fn flag(node: &Node) -> Result<FlagWord, Diagnostic> {
    FlagWord::template(node.text().unwrap_or_default()).map_err(refused(node))
}

fn words(node: &Node) -> Vec<String> {
    node.items()
        .filter_map(Node::text)
        .map(ToOwned::to_owned)
        .collect()
}
