//! What a program that installs by a lock file is asked for, and what the files of the project say of it.

use crate::data::Node;
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::{FlagWord, Mount, MountKind, Run};
use crate::migrate::takeover::{Words, Writer};

use super::project::{self, Project};
use super::{Installed, is_at_least, is_of};

impl Writer<'_> {
    /// Where a file of the project names the interpreter to install for, that must be the image's own.
    pub(super) fn same_interpreter(&self, words: Words<'_>) -> Result<(), String> {
        let file = words.text("interpreter-file");
        let there = self.found(file).ok().filter(|_| !file.is_empty());
        let Some(text) = there.and_then(|path| (self.context.read)(&path)) else {
            return Ok(());
        };
        let tag = self.base_tag();
        if is_of(&tag, text.trim()) {
            return Ok(());
        }
        Err(format!(
            "`{file}` names `{}`, and the image is of `{tag}`",
            text.trim()
        ))
    }

    /// The files of the project that say what is installed. With a command, only if that sees them.
    pub(super) fn described(&self, words: Words<'_>, run: Option<&Run>) -> Result<Project, String> {
        let mut texts = Vec::new();
        for file in [words.text("project"), words.text("file")] {
            let is_mounted =
                run.is_some_and(|run| run.mounts.iter().any(|mount| is_bind_of(mount, file)));
            if run.is_some() && !is_mounted && self.found(file)? != file {
                return Err(format!(
                    "`{file}` lies in a folder, and the preset looks for it beside the spec"
                ));
            }
            let ignore = Ignore::parse(self.context.ignore.unwrap_or_default());
            if ignore.is_ok_and(|ignore| ignore.excludes(file)) {
                return Err(format!("the ignore file hides `{file}` from the build"));
            }
            let text = (self.context.read)(file);
            texts.push(text.ok_or_else(|| {
                format!("there is no `{file}`, so what is installed is found anew by each build")
            })?);
        }
        let project = Project::read(&texts[0], &texts[1]).ok_or_else(|| {
            format!(
                "`{}` or `{}` cannot be read",
                words.text("project"),
                words.text("file")
            )
        })?;
        let format = project.locked(words.text("format-in")).unwrap_or_default();
        if !words.text("format-in").is_empty()
            && !words
                .list("formats")
                .iter()
                .any(|begin| format.starts_with(begin))
        {
            return Err(format!(
                "`{}` has a format that the preset does not know",
                words.text("file")
            ));
        }
        if let Some(name) = project.local(&words.list("local-sources")) {
            return Err(format!(
                "`{name}` is a package that lies in the project, and the preset installs before that is there"
            ));
        }
        if let Some(path) = words
            .list("refuses")
            .into_iter()
            .find(|path| project.get(path).is_some())
        {
            return Err(format!(
                "`{}` has `{path}`, which the preset does not know",
                words.text("project")
            ));
        }
        Ok(project)
    }

    /// What a command asks for.
    pub(super) fn asked(
        &self,
        words: Words<'_>,
        project: &Project,
        rest: &[String],
    ) -> Result<Installed, String> {
        let version = self.version(words)?.0;
        let is_known = |table: &&Node| {
            let since = table.get("since").and_then(Node::text);
            since.is_none_or(|since| is_at_least(&version, since))
        };
        let mut every = Vec::new();
        let mut usual = Vec::new();
        for table in words.tables("groups-in").filter(is_known) {
            let path = table.get("path").and_then(Node::text).unwrap_or_default();
            let name = table.get("name").and_then(Node::text);
            let Some(found) = project.get(path) else {
                continue;
            };
            let names: Vec<(&str, bool)> = match name {
                Some(name) => vec![(name, false)],
                None => found
                    .entries()
                    .map(|(name, entry)| {
                        let optional = entry.node.get("optional").and_then(Node::boolean);
                        (name, optional == Some(true))
                    })
                    .collect(),
            };
            for (name, is_optional) in names {
                if every.iter().all(|known| known != name) {
                    every.push(name.to_owned());
                    if !is_optional {
                        usual.push(name.to_owned());
                    }
                }
            }
        }
        let said = project.get(words.text("usual-groups-in"));
        if let Some(said) = said {
            let said: Vec<&str> = said.items().filter_map(Node::text).collect();
            if said.is_empty() {
                return Err(format!(
                    "`{}` is no list of names",
                    words.text("usual-groups-in")
                ));
            }
            usual.retain(|name| said.contains(&name.as_str()));
        } else if !words.list("usual-groups").is_empty() {
            usual.retain(|name| words.list("usual-groups").contains(&name.as_str()));
        }
        let main = words.text("main-group");
        let mut extras = Vec::new();
        let mut only: Option<Vec<String>> = None;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let (mut is_bare, mut frozen) = (false, false);
        let set = words.tables("flags-set").filter_map(|table| {
            let setting = table.get("setting").and_then(Node::text)?;
            let value = self.lock.settings.get(setting)?.to_lowercase();
            let is_on = matches!(value.as_str(), "1" | "true" | "yes" | "on");
            table.get("flag")?.text().filter(|_| is_on)
        });
        let rest: Vec<String> = set
            .map(ToOwned::to_owned)
            .chain(rest.iter().cloned())
            .collect();
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (word.as_str(), None),
            };
            let has = |key: &str| words.list(key).contains(&flag);
            let mut values = || -> Vec<String> {
                let value = value.or_else(|| rest.next().map(String::as_str));
                let names = value.unwrap_or_default().split([',', ' ']);
                names.map(ToOwned::to_owned).collect()
            };
            if has("only-flags") {
                only.get_or_insert_default().extend(values());
            } else if has("with-flags") {
                with.extend(values());
            } else if has("without-flags") {
                without.extend(values());
            } else if has("extras-flags") {
                extras.extend(values());
            } else if has("main-flags") {
                only = Some(Vec::new());
            } else if has("no-project-flags") {
                is_bare = true;
            } else if has("every-extra-flags") {
                extras = project.names(&words.list("extras-in"));
            } else if has("every-group-flags") {
                with.clone_from(&every);
            } else if has("dev-flags") {
                without.push(words.text("dev-group").to_owned());
            } else if has("no-usual-flags") {
                usual.clear();
            } else if has("frozen-flags") {
                frozen = true;
            } else if !self.idioms.own_list("flags").contains(&word.as_str()) {
                return Err(format!("the preset has nothing like `{word}`"));
            }
        }
        let main_group = (!main.is_empty()).then(|| main.to_owned());
        let mut groups: Vec<String> =
            only.unwrap_or_else(|| main_group.into_iter().chain(usual).collect());
        if groups.is_empty() && !main.is_empty() {
            groups.push(main.to_owned());
        }
        groups.extend(with);
        groups.retain(|name| !name.is_empty() && !without.contains(name));
        let mut seen = Vec::new();
        groups.retain(|name| {
            !seen.contains(name) && {
                seen.push(name.clone());
                true
            }
        });
        Ok(Installed {
            groups,
            extras,
            project: !is_bare && self.takes_project(words, project)?,
            frozen,
            ..Installed::default()
        })
    }

    /// Whether the project itself is found, and so installed where it lies.
    pub(super) fn takes_project(
        &self,
        words: Words<'_>,
        project: &Project,
    ) -> Result<bool, String> {
        let mode = project
            .get(words.text("package-mode"))
            .and_then(Node::boolean);
        let by = words.text("packaged-by");
        if !mode.unwrap_or_else(|| by.is_empty() || project.get(by).is_some()) {
            return Ok(false);
        }
        let is_there = self
            .copied
            .iter()
            .flat_map(|(_, paths, _)| paths)
            .any(|path| {
                path.ends_with(words.text("sources"))
                    || path.trim_end_matches('/') == "."
                    || (self.context.is_folder)(path) == Some(true)
            });
        if !is_there {
            return Ok(false);
        }
        let names = words.list("names-in");
        if !names.is_empty() && project.get(words.text("packages-in")).is_none() {
            let name = names.iter().find_map(|path| project.get(path)?.text());
            let module = project::plain_name(name.unwrap_or_default()).replace('-', "_");
            let own = |file: &String| {
                let file = file.strip_prefix("src/").unwrap_or(file);
                file == format!("{module}.py") || file.starts_with(&format!("{module}/"))
            };
            if !(self.context.files)().iter().any(own) {
                return Ok(false);
            }
        }
        let backends = words.list("backends");
        let backend = project
            .get("build-system.build-backend")
            .and_then(Node::text);
        if !backends.is_empty() && !backend.is_some_and(|backend| backends.contains(&backend)) {
            return Err(
                "the project is installed too, and is not built in the way that its file says"
                    .to_owned(),
            );
        }
        Ok(true)
    }

    /// The version that installs, and the one that the old file asks for, if that is too old.
    pub(super) fn version(&self, words: Words<'_>) -> Result<(String, Option<String>), String> {
        let option = words.text("version-option");
        let (_, default) = self.declared(option);
        let default = default
            .as_ref()
            .and_then(Node::text)
            .unwrap_or_default()
            .to_owned();
        let tag = self.base_tag();
        let has_tag = |table: &&Node| {
            let mut tags = table.get("tags").into_iter().flat_map(Node::items);
            tags.any(|begin| begin.text().is_some_and(|begin| is_of(&tag, begin)))
        };
        let newest = words.tables("newest").find(has_tag);
        let newest = newest.and_then(|table| table.get("version")?.text());
        let newest = newest.map_or(default, ToOwned::to_owned);
        let asked = self.lock.got.as_ref().and_then(|got| got.version.clone());
        let oldest = words.text("oldest");
        Ok(match asked {
            Some(asked) if is_at_least(&asked, oldest) => (asked, None),
            Some(asked) => {
                if !is_at_least(&newest, oldest) {
                    return Err(format!(
                        "version {asked} of `{}` is too old for the preset",
                        words.text("program")
                    ));
                }
                (newest, Some(asked))
            }
            None => (newest, None),
        })
    }

    /// What the program needs itself was there for the service too, if it was installed beside it.
    pub(super) fn not_brought(
        &self,
        words: Words<'_>,
        installed: &Installed,
    ) -> Result<(), String> {
        let project = self.described(words, None)?;
        let mut roots = Vec::new();
        for table in words.tables("needs-in") {
            let path = table.get("path").and_then(Node::text).unwrap_or_default();
            let of = table.get("group").and_then(Node::text).unwrap_or_default();
            let paths: Vec<String> = match of {
                "" => installed
                    .groups
                    .iter()
                    .map(|group| path.replace('*', group))
                    .collect(),
                of if installed.groups.iter().any(|group| group == of) => vec![path.to_owned()],
                _ => Vec::new(),
            };
            for found in paths.iter().filter_map(|path| project.get(path)) {
                let is_there = |entry: &&Node| {
                    let optional = entry.get("optional").and_then(Node::boolean);
                    optional != Some(true) || !installed.extras.is_empty()
                };
                let entries = found.entries().filter(|(_, entry)| is_there(&&entry.node));
                roots.extend(entries.map(|(name, _)| name.to_owned()));
                let named = found.items().filter_map(Node::text).map(project::required);
                roots.extend(named.map(ToOwned::to_owned));
            }
        }
        let needed = project.needed(&roots);
        let brings = words.list("brings");
        let is_source = |file: &&String| file.ends_with(words.text("sources"));
        for file in (self.context.files)().iter().filter(is_source) {
            let text = (self.context.read)(file).unwrap_or_default();
            let mut modules = project::imported(&text);
            let missed = modules.find(|module| {
                brings.contains(module) && !needed.contains(&project::plain_name(module))
            });
            if let Some(module) = missed {
                return Err(format!(
                    "`{file}` imports `{module}`, which comes with `{}` and not from `{}`",
                    words.text("program"),
                    words.text("file")
                ));
            }
        }
        Ok(())
    }
}

/// Whether a mount shows a file of the project under its own name.
pub(super) fn is_bind_of(mount: &Mount, file: &str) -> bool {
    let text = |word: Option<&FlagWord>| word.and_then(|word| word.word().text());
    mount.kind().fixed() == Some(&MountKind::Bind)
        && mount.from().is_none()
        && text(mount.source()).as_deref() == Some(file)
        && text(mount.target()).is_some_and(|target| target == file)
}
