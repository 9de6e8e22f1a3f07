//! A survey of a C project: its Makefile, the programs that it makes, and what they are linked with.

mod libraries;
mod makefile;
mod sources;

use super::knowledge::{Knowledge, Known};
use super::{Answer, Asked, Evidence, Place, Reason, Sure, Survey, list, settings};
use crate::data::quoted;
use crate::preset::Library;
use makefile::{Makefile, Rule};

/// A program that the build makes.
struct Binary {
    /// Its path, from the folder with the Makefile on.
    path: String,
    place: Place,
}

/// Looks at a C project.
pub(super) fn survey(
    evidence: &Evidence,
    knowledge: &Knowledge,
    library: &Library,
    asked: &Asked,
    survey: &mut Survey,
) {
    let known = &knowledge.c;
    let mut makefiles = known.texts("makefiles").into_iter();
    let file = makefiles.find(|file| evidence.tree.has(file));
    let preparation = known
        .tables("preparations")
        .into_iter()
        .find(|preparation| evidence.tree.has(preparation.text("file")));
    // What is prepared writes the Makefile, so one that is there as well comes from elsewhere or is for something else.
    let preparation = preparation.filter(|_| file.is_none());
    let preset = asked.preset.clone().or_else(|| {
        let mut presets = library.presets();
        let found = presets.find(|preset| {
            preset
                .serves()
                .is_some_and(|(of, _)| of == known.text("language"))
        });
        found.map(|preset| preset.name.clone())
    });
    let Some(preset) = preset else {
        return;
    };
    let table = format!("options.{preset}");
    let reason = match (file, &preparation) {
        _ if asked.preset.is_some() => Reason::new(Sure::Certain, "as you said"),
        (Some(file), _) => Reason::new(Sure::Certain, format!("{file} is there")),
        (None, Some(preparation)) => Reason::new(
            Sure::Certain,
            format!("{} makes a Makefile", preparation.text("file")),
        ),
        (None, None) => Reason::new(
            Sure::Assumed,
            "there are sources, and nothing that builds them",
        ),
    };
    survey.answer("preset", quoted(&preset), reason);
    let mut needed = Needed::default();
    let further = known.texts("further-sources");
    let cpp = evidence
        .tree
        .paths()
        .find(|path| further.iter().any(|ending| path.ends_with(ending)));
    if let Some(path) = cpp {
        needed.build(&known.texts("further-packages"), &Place::new(path, 1));
    }
    let mut directory = "";
    let binaries = if let Some(file) = file {
        directory = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        from_makefile(evidence, known, file, &mut needed, survey)
    } else if let Some(preparation) = &preparation {
        directory = preparation.text("directory");
        let place = Place::new(preparation.text("file"), 1);
        needed.build(&preparation.texts("packages"), &place);
        let step = format!("stages.source-builder.steps.{}", preparation.text("name"));
        let reason = || Reason::at(Sure::Likely, &place, "it has to be called before make");
        survey.answer_below(&step, "before", quoted("make"), reason());
        survey.answer_below(&step, "run", quoted(preparation.text("run")), reason());
        described(evidence, known, &mut needed)
    } else {
        Vec::new()
    };
    if !directory.is_empty() {
        let reason = Reason::new(Sure::Certain, "the folder with the Makefile");
        survey.answer_below(&table, "directory", quoted(directory), reason);
    }
    if let Some((tool, place)) = &needed.serial {
        let text = format!("{tool} makes files that make does not know of, so one job at a time");
        survey.answer_below(&table, "jobs", "1", Reason::at(Sure::Likely, place, text));
    }
    needed.answer(survey);
    libraries::answer(evidence, known, file, survey);
    artifacts(known, asked, &table, directory, &binaries, survey);
    if survey.starts {
        shown(
            &sources::read(evidence, known),
            evidence,
            known,
            asked,
            survey,
        );
    }
    settings::settings(evidence, knowledge, survey);
}

/// What the sources show of a program that is started: its port, and the folders that it keeps something in.
fn shown(
    sources: &sources::Sources,
    evidence: &Evidence,
    known: &Known,
    asked: &Asked,
    survey: &mut Survey,
) {
    match sources.port(known).filter(|_| asked.port.is_none()) {
        Some((port, place)) => {
            let reason = Reason::at(Sure::Likely, &place, "it listens there");
            survey.answer("ports", format!("[{port}]"), reason);
        }
        None if asked.port.is_none() => survey
            .unknown
            .push("whether it listens on a port; `--port` says it".to_owned()),
        None => {}
    }
    if survey.answered("ports").is_some() {
        let text = "whether the port accepts is all that can be tried";
        survey.answer(
            "healthcheck",
            quoted("tcp"),
            Reason::new(Sure::Assumed, text),
        );
    }
    let folders = sources.folders(known).into_iter();
    let folders: Vec<(String, Place)> = folders
        .filter(|(folder, _)| !evidence.tree.has_folder(folder))
        .collect();
    if let Some((_, place)) = folders.first() {
        let pairs: Vec<String> = folders
            .iter()
            .map(|(folder, _)| {
                let name = folder.to_lowercase();
                let path = format!("{}/{folder}", known.text("workdir"));
                format!("{} = {}", quoted(&name), quoted(&path))
            })
            .collect();
        let text = "what the program keeps there outlives its container";
        let reason = Reason::at(Sure::Likely, place, text);
        survey.answer("volumes", format!("{{ {} }}", pairs.join(", ")), reason);
    }
}

/// The programs that the default target of a Makefile comes to, in its own folder or in those where make is called again.
fn from_makefile(
    evidence: &Evidence,
    known: &Known,
    file: &str,
    needed: &mut Needed,
    survey: &mut Survey,
) -> Vec<Binary> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let read = |folder: &str, file: &str| {
        let text = evidence.read(file).unwrap_or_default();
        let below = evidence.tree.paths().filter_map(|path| match folder {
            "" => Some(path),
            folder => path.strip_prefix(folder)?.strip_prefix('/'),
        });
        let beside: Vec<&str> = below.collect();
        (makefile::read(&text, &beside), beside)
    };
    let (makefile, beside) = read(folder, file);
    let Some((target, _)) = makefile.default_target() else {
        survey.unknown.push(format!(
            "what {file} makes: it has no target that is made when none is named"
        ));
        return Vec::new();
    };
    let mut binaries = made_here(&makefile, target, file, &beside, known, needed);
    if !binaries.is_empty() {
        return binaries;
    }
    let mut folders: Vec<String> = Vec::new();
    for rule in makefile.leading(target) {
        for command in &rule.recipe {
            folders.extend(makefile::delegated(&makefile.expand(command, &beside, 0)));
        }
    }
    folders.dedup();
    for below in folders {
        let inner = normal(&format!("{folder}/{below}"));
        let files = known
            .texts("makefiles")
            .into_iter()
            .filter(|name| !name.contains('/'));
        let Some(path) = files
            .map(|name| format!("{inner}/{name}"))
            .find(|path| evidence.tree.has(path))
        else {
            continue;
        };
        let (makefile, beside) = read(&inner, &path);
        // The outer Makefile mostly hands on the name of the usual target.
        let usual = makefile.rules.iter().find(|rule| rule.targets == ["all"]);
        let target = match (usual, makefile.default_target()) {
            (Some(_), _) => "all",
            (None, Some((target, _))) => target,
            (None, None) => continue,
        };
        for binary in made_here(&makefile, target, &path, &beside, known, needed) {
            let from_top = normal(&format!("{below}/{}", binary.path));
            binaries.push(Binary {
                path: from_top,
                ..binary
            });
        }
    }
    binaries
}

/// The programs that one Makefile makes.
fn made_here(
    makefile: &Makefile,
    target: &str,
    file: &str,
    beside: &[&str],
    known: &Known,
    needed: &mut Needed,
) -> Vec<Binary> {
    let rules = makefile.leading(target);
    let mut binaries: Vec<Binary> = Vec::new();
    for rule in &rules {
        let place = Place::new(file, rule.line);
        linked(makefile, rule, beside, known, &place, needed);
        for path in made(makefile, rule, beside) {
            if !binaries.iter().any(|other| other.path == path) {
                binaries.push(Binary {
                    path,
                    place: place.clone(),
                });
            }
        }
    }
    // A rule that every program shares, or none at all, where make's own rules link: a target with a source of its name.
    if binaries.is_empty() {
        for rule in &rules {
            for name in rule.targets.iter().chain(&rule.needs) {
                let source = format!("{name}{}", known.text("sources"));
                let by_pattern = makefile.rules.iter().any(|rule| rule.targets == ["%"]);
                let is_made = beside.contains(&source.as_str()) || by_pattern;
                if is_program(name) && is_made && !binaries.iter().any(|other| other.path == *name)
                {
                    binaries.push(Binary {
                        path: name.clone(),
                        place: Place::new(file, rule.line),
                    });
                }
            }
        }
    }
    let line = rules.first().map_or(1, |rule| rule.line);
    for name in known.texts("flags") {
        let value = makefile.variable(name, beside);
        flags(&value, makefile, known, &Place::new(file, line), needed);
    }
    binaries
}

/// A path without parts that lead nowhere.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What a rule links: the argument of `-o` in a command that compiles more than an object.
fn made(makefile: &Makefile, rule: &Rule, files: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for target in &rule.targets {
        for command in &rule.recipe {
            let command = command.replace("$@", target).replace("$(@)", target);
            let command = makefile.expand(&command, files, 0);
            let words: Vec<&str> = command.split_whitespace().collect();
            let output = words
                .windows(2)
                .find(|pair| pair[0] == "-o")
                .map(|pair| pair[1]);
            let joined = words
                .iter()
                .find_map(|word| word.strip_prefix("-o").filter(|rest| !rest.is_empty()));
            let Some(output) = output.or(joined) else {
                continue;
            };
            let output = output.trim_matches(['"', '\'']);
            let for_elsewhere = words.first().is_some_and(|word| word.contains("mingw"));
            let compiles = for_elsewhere
                || words
                    .iter()
                    .any(|word| matches!(*word, "-c" | "-E" | "-S" | "-shared" | "-M" | "-MM"));
            if !compiles && is_program(output) && !found.contains(&normal(output)) {
                found.push(normal(output));
            }
        }
    }
    found
}

/// Whether a path may be that of a program: not an object, a library, a source, or a pattern.
fn is_program(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !name.is_empty()
        && !path.contains(['%', '$', '*', ',', '(', ')', '='])
        && !path.starts_with('/')
        && !matches!(
            ending,
            "o" | "a"
                | "so"
                | "c"
                | "h"
                | "d"
                | "cc"
                | "cpp"
                | "js"
                | "html"
                | "wasm"
                | "1"
                | "gz"
                | "elf"
                | "hex"
                | "bin"
        )
}

/// Notes the libraries and tools that the commands of a rule name.
fn linked(
    makefile: &Makefile,
    rule: &Rule,
    files: &[&str],
    known: &Known,
    place: &Place,
    needed: &mut Needed,
) {
    let tools = known.table("tools");
    for command in &rule.recipe {
        let command = makefile.expand(command, files, 0);
        flags(&command, makefile, known, place, needed);
        let first = command.trim_start_matches(['@', '-', '+', ' ']);
        let first = first.split_whitespace().next().unwrap_or_default();
        if let Some(package) = tools.as_ref().and_then(|tools| tools.maybe(first)) {
            needed.build(&[package], place);
        }
        if known.texts("serial").contains(&first) && needed.serial.is_none() {
            needed.serial = Some((first.to_owned(), place.clone()));
        }
    }
}

/// Notes the libraries that flags name: `-lz`, and the names that a tool is asked about.
fn flags(text: &str, makefile: &Makefile, known: &Known, place: &Place, needed: &mut Needed) {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '`' | '(' | ')' | '"' | '\''))
        .collect();
    for word in &words {
        let library = word.strip_prefix("-l").filter(|name| !name.is_empty());
        if let Some(name) = library.filter(|name| !makefile.makes_library(name)) {
            needed.library(name, known, place);
        }
        // What is compiled with checks needs their library where it runs.
        let checks = word.strip_prefix("-fsanitize=").unwrap_or_default();
        for check in checks.split(',').filter(|check| !check.is_empty()) {
            let name = known.table("checks");
            if let Some(name) = name.as_ref().and_then(|names| names.maybe(check)) {
                needed.library(name, known, place);
            }
        }
        // Some libraries bring a tool of their own that tells their flags.
        if let Some(name) = known
            .table("tells")
            .as_ref()
            .and_then(|tells| tells.maybe(word))
        {
            needed.library(name, known, place);
        }
    }
    let asks = known.texts("asks");
    let mut asked = words
        .iter()
        .skip_while(|word| !asks.contains(*word))
        .peekable();
    if asked.peek().is_some() {
        needed.build(&[known.text("asks-package")], place);
        for word in asked
            .skip(1)
            .take_while(|word| !matches!(**word, "||" | "&&" | ";" | "|" | "2>/dev/null"))
        {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
            if !word.is_empty()
                && !word.starts_with('-')
                && word.chars().all(plain)
                && !asks.contains(word)
            {
                needed.library(word, known, place);
            }
        }
    }
}

/// The programs and libraries that a description for another tool names.
fn described(evidence: &Evidence, known: &Known, needed: &mut Needed) -> Vec<Binary> {
    let mut binaries: Vec<Binary> = Vec::new();
    for description in known.tables("descriptions") {
        let file = description.text("file");
        for path in evidence
            .tree
            .paths()
            .filter(|path| path.rsplit('/').next() == Some(file))
        {
            let text = evidence.read(path).unwrap_or_default();
            let folder = path.strip_suffix(file).unwrap_or_default();
            for (at, line) in text.lines().enumerate() {
                let place = Place::new(path, at + 1);
                let line = line.split('#').next().unwrap_or_default().trim();
                for program in words_after(line, &description.texts("programs")) {
                    let path = format!("{folder}{program}");
                    if is_program(&path) && !binaries.iter().any(|other| other.path == path) {
                        binaries.push(Binary {
                            path,
                            place: place.clone(),
                        });
                    }
                    if description.maybe("one") == Some("yes") {
                        break;
                    }
                }
                for library in words_after(line, &description.texts("libraries")) {
                    let names = known.table("libraries");
                    let lower = library.trim_start_matches("lib").to_lowercase();
                    if names.is_some_and(|names| names.table(&lower).is_some()) {
                        needed.library(&lower, known, &place);
                    }
                }
            }
        }
    }
    binaries
}

/// The words behind a key of a line: `add_executable(name ...)`, `bin_PROGRAMS = name`.
fn words_after<'a>(line: &'a str, keys: &[&str]) -> Vec<&'a str> {
    let found = keys.iter().find_map(|key| line.strip_prefix(key));
    let rest = found
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix(['(', '=', '[']))
        .unwrap_or_default();
    rest.split(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | ',' | '['))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Packages of the system, each with the place that asks for it.
#[derive(Default)]
struct Needed {
    build: Vec<(String, Place)>,
    runtime: Vec<(String, Place)>,
    unknown: Vec<(String, Place)>,
    /// A command that makes more files than make knows of, so that no other may run beside it.
    serial: Option<(String, Place)>,
}

impl Needed {
    fn build(&mut self, packages: &[&str], place: &Place) {
        add(&mut self.build, packages, place);
    }

    fn library(&mut self, name: &str, known: &Known, place: &Place) {
        match known.table("libraries").and_then(|all| all.table(name)) {
            Some(library) => {
                add(&mut self.build, &library.texts("build"), place);
                add(&mut self.runtime, &library.texts("runtime"), place);
            }
            None => add(&mut self.unknown, &[name], place),
        }
    }

    fn answer(self, survey: &mut Survey) {
        for (key, packages, text) in [
            ("build", self.build, "what the build asks for"),
            ("runtime", self.runtime, "what the program is linked with"),
        ] {
            if let Some((_, place)) = packages.first() {
                let names: Vec<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
                survey.answer_below(
                    "packages",
                    key,
                    list(&names),
                    Reason::at(Sure::Likely, place, text),
                );
            }
        }
        for (name, place) in self.unknown {
            survey.unknown.push(format!(
                "which package has the library `{name}`, which {place} asks for; `packages` says it"
            ));
        }
    }
}

fn add(packages: &mut Vec<(String, Place)>, names: &[&str], place: &Place) {
    for name in names {
        if !packages.iter().any(|(other, _)| other == name) {
            packages.push(((*name).to_owned(), place.clone()));
        }
    }
}

/// What a program is called where it is installed: without the ending that another system wants.
fn called(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name)
}

/// What is taken into the image, and which of it is the program.
fn artifacts(
    known: &Known,
    asked: &Asked,
    table: &str,
    directory: &str,
    binaries: &[Binary],
    survey: &mut Survey,
) {
    let installed = |path: &str| format!("{}{}", known.text("install-folder"), called(path));
    let built = |path: &str| {
        if directory.is_empty() {
            path.to_owned()
        } else {
            format!("{directory}/{path}")
        }
    };
    if binaries.is_empty() {
        survey
            .unknown
            .push("which programs the build makes; `artifacts` says it".to_owned());
        survey.blanks.push(Answer {
            table: table.to_owned(),
            key: "artifacts".to_owned(),
            value: format!(
                "{{ {} = {} }}",
                quoted("program"),
                quoted(&installed("program"))
            ),
            reason: Reason::new(
                Sure::Assumed,
                "a program that the build makes, and where it lands",
            ),
        });
    } else {
        let pairs: Vec<String> = binaries
            .iter()
            .map(|binary| {
                format!(
                    "{} = {}",
                    quoted(&built(&binary.path)),
                    quoted(&installed(&binary.path))
                )
            })
            .collect();
        let reason = Reason::at(
            Sure::Likely,
            &binaries[0].place,
            "what the default target makes",
        );
        survey.answer_below(
            table,
            "artifacts",
            format!("{{ {} }}", pairs.join(", ")),
            reason,
        );
    }
    if settings::command(asked, survey) || binaries.is_empty() {
        return;
    }
    let own = binaries
        .iter()
        .find(|binary| called(&binary.path) == asked.name);
    let chosen = match (own, binaries) {
        (Some(own), _) => Some(own),
        (None, [only]) => Some(only),
        (None, all) if asked.likeliest => all.first(),
        _ => None,
    };
    if let Some(binary) = chosen {
        let reason = Reason::at(Sure::Likely, &binary.place, "the program that is made");
        survey.answer("entrypoint", list(&[called(&binary.path)]), reason);
        survey.starts = true;
    } else {
        survey.candidates = binaries
            .iter()
            .map(|binary| Answer {
                table: String::new(),
                key: "entrypoint".to_owned(),
                value: list(&[called(&binary.path)]),
                reason: Reason::at(Sure::Likely, &binary.place, "a program that is made"),
            })
            .collect();
        survey.unknown.push(format!(
            "which of {} programs is the service; `--command` says it, and `--yes` takes the first",
            binaries.len()
        ));
    }
}
