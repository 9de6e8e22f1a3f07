//! A step of a preset as instructions: one function for each kind of step.

use indexmap::IndexMap;

use super::family::Families;
use super::stages::Family;
use super::values::{
    Made, args, as_written, env, expose, flag, is_digest, is_empty, labels, refused, scalar, user,
    values, verbatim, volumes, word, words,
};
use super::{layer, script, stages};
use crate::data::{self, Entry, Node, Table, Value};
use crate::diag::{Diagnostic, Sources, Span};
use crate::dockerfile::{
    Access, Add, Arguments, Check, CommandLine, Copy, FlagText, FlagWord, Healthcheck, Instruction,
    Interval, Mount, Network, Run, RunCommand, Script, SecretEnv, Sharing, Transfer,
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
    pub(super) family: &'a Family,
    /// The stages above, with their families.
    pub(super) stages: &'a IndexMap<String, Family>,
}

impl Place<'_> {
    /// The family of the stage, which a step asks for that does what each family does in its own way.
    fn family(&self) -> Result<&str, Diagnostic> {
        let known = self.family.as_ref().map(String::as_str);
        known.map_err(|unknown| unknown.as_ref().clone())
    }
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
    let mut mistakes = Vec::new();
    for (name, entry) in &step.fields {
        let node = if NOT_DATA.contains(&name.as_str()) {
            Some(entry.node.clone())
        } else {
            place.evaluator.data(&entry.node).map_err(one)?
        };
        let Some(node) = node else { continue };
        let key = entry.key;
        // What a spec's own expression gives is wrong there, and not where the value was said.
        let own = key.source == place.spec.tree.span.source;
        let inside = |span: Span| {
            let field = entry.node.span;
            span.source == field.source && field.start <= span.start && span.end <= field.end
        };
        mistakes.extend(field_mistakes(name, &node).into_iter().map(|mut mistake| {
            match &mut mistake.primary {
                Some(label) if own && !inside(label.span) => label.span = entry.node.span,
                _ => {}
            }
            mistake
        }));
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
            written: (kind == "dockerfile")
                .then(|| as_written(value, &instruction))
                .flatten(),
            ..layer(id, note.take(), span, instruction)
        })
        .collect())
}

/// What is wrong with the value of a field, now that it is known.
fn field_mistakes(name: &str, value: &Node) -> Vec<Diagnostic> {
    let known = shape::step_keys().iter().find(|key| key.name == name);
    let shape = &known
        .unwrap_or_else(|| unreachable!("a preset's form was checked, so it has no key `{name}`"))
        .shape;
    data::check_below(name, value, shape, &[])
}

/// A step with its evaluated fields.
struct Evaluated<'a> {
    id: &'a str,
    fields: &'a Node,
    place: &'a Place<'a>,
}

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
            "directories" => self.by_family(value, kind, "make a directory that its user owns", "mount the volume where a directory of that user lies already, or take an image that has a shell"),
            "unix-lines" => self.by_family(value, kind, "change a file", "change it in a build stage, and copy it from there"),
            "volumes" => at(volumes(value)?),
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
        let Some(way) = self.place.families.way(self.place.family()?, of) else {
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
        let bash = matches!(self.place.family()?, "debian" | "rpm");
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
            None => Err(Diagnostic::at(span, format!("an image of the family `{}` has no package manager", self.place.family()?))
                .related(self.place.spec.base.image.span, "the image is said here")
                .help("copy what is needed from a build stage, or take an image that can install packages")),
        }
    }

    /// Nothing where the family cannot create users, since what runs there runs by its number alone; and nothing where
    /// the image has that user.
    fn create_user(&self, value: &Node) -> Result<Made, Diagnostic> {
        if self.has_user(value)? {
            return Ok(Vec::new());
        }
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

    /// Whether every image of the family has a user of this name and number. One that has only the name, or only the
    /// number, could not be created.
    fn has_user(&self, value: &Node) -> Result<bool, Diagnostic> {
        let family = self.place.family()?;
        let known = |key| self.place.families.way(family, key);
        let (Some(name), Some(uid)) = (value.get("name"), value.get("uid")) else {
            return Ok(false);
        };
        let text = name.text().unwrap_or_default();
        let users = || {
            let entries = known("users").into_iter().flat_map(Node::entries);
            entries.map(|(name, entry)| (name, entry.node.integer()))
        };
        let taken = |node: &Node, what: &str| {
            let message = format!("images of the family `{family}` already have {what}");
            Diagnostic::at(node.span, message)
        };
        if let Some((_, number)) = users().find(|(name, _)| *name == text) {
            if number == uid.integer() {
                return Ok(true);
            }
            let number = number.unwrap_or_default();
            return Err(taken(name, &format!("a user `{text}`, of number {number}"))
                .help(format!(
                    "to run as that one: user = {{ name = \"{text}\", uid = {number} }}"
                ))
                .help("for a user of the service alone, take another name"));
        }
        if let Some((other, _)) = users().find(|(_, number)| *number == uid.integer()) {
            let number = uid.integer().unwrap_or_default();
            return Err(taken(uid, &format!("a user of number {number}, `{other}`"))
                .help("take another number, or the name that goes with it"));
        }
        let mut groups = known("groups").into_iter().flat_map(Node::items);
        if groups.any(|group| group.text() == Some(text)) {
            return Err(taken(name, &format!("a group `{text}`")).help("take another name"));
        }
        Ok(false)
    }

    /// What the family says a command for, given paths.
    fn by_family(
        &self,
        paths: &Node,
        kind: &str,
        what: &str,
        instead: &str,
    ) -> Result<Made, Diagnostic> {
        let mut names = Names::default();
        names.define("paths", Some(paths.clone()));
        names.define("owner", self.field("owner").cloned());
        let span = paths.items().next().map_or(paths.span, |item| item.span);
        match self.family(kind, &names)? {
            Some(run) => Ok(vec![(Instruction::Run(run), span)]),
            None => Err(Diagnostic::at(
                span,
                format!(
                    "an image of the family `{}` cannot {what}",
                    self.place.family()?
                ),
            )
            .related(self.place.spec.base.image.span, "the image is said here")
            .help(instead)),
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
            let folder = source.text().and_then(spec::folder_of_pattern);
            let folder = folder.map(|folder| Node {
                span: source.span,
                value: Value::Text(folder.to_owned()),
            });
            let to = item
                .get("to")
                .or_else(|| self.field("to"))
                .or(folder.as_ref())
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
        let address = value.text().unwrap_or_default();
        let is_remote = ["https://", "http://", "git@", "ssh://", "git://", "$"]
            .iter()
            .any(|beginning| address.starts_with(beginning));
        if !is_remote {
            let message = "`download` must be an address such as `https://...`";
            return Err(
                Diagnostic::at(value.span, message).help("a file of the project is copied: `copy`")
            );
        }
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
        let family = match (preset, place.family()) {
            (None, Err(unknown)) => return Err(unknown),
            (_, family) => family.unwrap_or_default(),
        };
        let ways = place.families.way(family, "probes");
        // What asks for parts of a URL speaks no TLS: only a program that takes the whole one does.
        let plain = |probe: &&Node| {
            let takes_url =
                |word: &Node| word.text().is_some_and(|text| text.contains("{{ url }}"));
            let secure = parts.iter().any(|(_, part)| part.starts_with("https://"));
            !secure || probe.items().any(takes_url)
        };
        let Some(probe) = preset.or_else(|| ways?.get(kind)).filter(plain) else {
            let message = format!(
                "an image of the family `{}` has nothing that could ask the service{}",
                family,
                if ways.is_some() { " over TLS" } else { "" }
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
