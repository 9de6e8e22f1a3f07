//! What starts a Python project: found by what its code makes and calls, and by the files that say so.

use super::super::settings;
use super::super::{Answer, Asked, Place, Reason, Sure, Survey, list};
use super::health::health;
use super::layout::{beside, dotted, fill, imports, root, run};
use super::listening::{listener, serving, variable_for_host};
use super::syntax::{Module, Scope};
use super::{Project, said};
use crate::data::quoted;
use crate::survey::knowledge::Knowledge;

/// A program that may be the service.
#[derive(Clone, Debug)]
pub(super) struct Program {
    /// The words of the command.
    pub(super) words: Vec<String>,
    /// What tells so.
    pub(super) reason: Reason,
    /// The port that it listens on.
    pub(super) port: Option<(u16, Reason)>,
    /// A path that tells whether it is healthy.
    pub(super) health: Option<(String, Reason)>,
    /// The file that is run, or in which the object is made.
    pub(super) module: Option<String>,
    /// The folder that its modules are found in, where that is not the project's own.
    pub(super) root: String,
    /// Variables that it needs.
    pub(super) env: Vec<(String, String, Reason)>,
    /// What is run while the image is built: the step, its script, and why.
    pub(super) prepare: Option<(String, String, Reason)>,
    /// A package that runs it and that nothing asks for.
    pub(super) brings: Option<String>,
    /// Whether it is what installing the project gives.
    pub(super) installed: bool,
    /// Whether it is run with arguments, and ends.
    pub(super) tool: bool,
    /// How likely it is; the lowest is taken.
    pub(super) rank: (usize, usize, usize),
}

/// Kinds of evidence, the strongest first.
pub(super) mod rank {
    pub(in crate::survey) const PROCESS: usize = 0;
    pub(in crate::survey) const OWN_SCRIPT: usize = 1;
    pub(in crate::survey) const MANAGED: usize = 2;
    pub(in crate::survey) const OBJECT: usize = 3;
    pub(in crate::survey) const HOST: usize = 4;
    pub(in crate::survey) const LISTENER: usize = 5;
    pub(in crate::survey) const SCRIPT: usize = 6;
    pub(in crate::survey) const MAIN: usize = 7;
    pub(in crate::survey) const FILE: usize = 8;
    pub(in crate::survey) const WORKER: usize = 9;
    pub(in crate::survey) const ACTING: usize = 10;
}

/// Chooses what starts the project. Where several may, and none is likelier than the others, none is chosen.
pub(super) fn choose(
    project: &Project,
    knowledge: &Knowledge,
    asked: &Asked,
    survey: &mut Survey,
) -> Option<Program> {
    if asked.command.is_some() {
        return None;
    }
    let mut programs = Vec::new();
    programs.extend(said::process(project, knowledge, asked));
    programs.extend(said::scripts(project));
    programs.extend(managed(project, asked));
    programs.extend(objects(project, asked));
    programs.extend(hosts(project, asked));
    programs.extend(files(project));
    programs.extend(workers(project));
    programs.sort_by_key(|program| program.rank);
    let mut first = programs.first()?.clone();
    // What a project prepares while its image is built, it needs whatever starts it.
    if first.prepare.is_none() {
        first.prepare = programs.iter().find_map(|program| program.prepare.clone());
    }
    let same: Vec<&Program> = programs
        .iter()
        .take_while(|program| program.rank == first.rank)
        .collect();
    if same.len() > 1 && !asked.likeliest {
        survey.candidates = same
            .iter()
            .map(|program| Answer {
                table: String::new(),
                key: "command".to_owned(),
                value: list(&program.words),
                reason: program.reason.clone(),
            })
            .collect();
        return None;
    }
    Some(first)
}

/// Writes what starts the project, and what it listens on.
pub(super) fn answer(
    project: &Project,
    program: Option<&Program>,
    asked: &Asked,
    survey: &mut Survey,
) {
    if settings::command(asked, survey) {
        return;
    }
    let Some(program) = program else {
        survey.unknown.push(match survey.candidates.len() {
            0 => "how the service starts: no file says it, and no code shows it; `--command` says it".to_owned(),
            several => format!("which of {several} programs is the service; `--command` says it, and `--yes` takes the first"),
        });
        return;
    };
    survey.starts = true;
    let key = if program.tool {
        "entrypoint"
    } else {
        "command"
    };
    if let Some((words, reason)) = migrating(project).filter(|_| !program.tool) {
        survey.answer("entrypoint", list(&words), reason);
    }
    survey.answer(key, list(&program.words), program.reason.clone());
    if let Some((port, reason)) = program.port.clone().filter(|_| asked.port.is_none()) {
        survey.answer("ports", format!("[{port}]"), reason);
    }
    if survey.answered("ports").is_some() {
        match program.health.clone() {
            Some((path, reason)) => survey.answer("healthcheck", quoted(&path), reason),
            None => survey.answer(
                "healthcheck",
                quoted("tcp"),
                Reason::new(
                    Sure::Assumed,
                    "no route tells about its health, so only the port is tried",
                ),
            ),
        }
    } else if !program.tool {
        survey
            .unknown
            .push("whether it listens on a port; `--port` says it".to_owned());
    }
    if let Some((step, run, reason)) = program.prepare.clone() {
        survey.answer_below(&step, "after", quoted("sources"), reason.clone());
        survey.answer_below(&step, "run", quoted(&run), reason);
    }
    let beside = beside(project, program);
    let roots = Some(program.root.as_str()).filter(|root| !root.is_empty());
    let roots: Vec<String> = roots
        .into_iter()
        .chain(beside.iter().map(|(root, _)| root.as_str()))
        .map(|root| format!("/app/{root}"))
        .collect();
    if !roots.is_empty() {
        let text = "where its modules import one another from";
        let reason = match beside.first() {
            Some((_, place)) => Reason::at(Sure::Likely, place, text),
            None => Reason::new(Sure::Likely, text),
        };
        survey.answer_below(
            "env",
            project.known.text("path-variable"),
            quoted(&roots.join(":")),
            reason,
        );
    }
    for (name, value, reason) in program.env.clone() {
        survey.answer_below("env", &name, quoted(&value), reason);
    }
}

/// What has to run before the program each time it is started: where its database is a file that is made then, its tables
/// are made first.
fn migrating(project: &Project) -> Option<(Vec<String>, Reason)> {
    project.known.tables("managed").iter().find_map(|known| {
        let file = known.text("file");
        let mut paths = project.evidence.tree.paths();
        let path = paths.find(|path| path.rsplit('/').next() == Some(file))?;
        project.asks_for(known.text("package"))?;
        let marker = known.text("migrates");
        let seen = project.modules.iter().find_map(|module| {
            let mut addresses = module.addresses.iter();
            let (_, line) = addresses.find(|(text, _)| text == marker)?;
            Some(Place::new(&module.path, *line))
        })?;
        let words = fill(&known.words("migrate"), "", "", path, 0);
        let text = "a database that is a file has no tables before";
        Some((words, Reason::at(Sure::Likely, &seen, text)))
    })
}

/// Frameworks that manage a project through a file of their own.
fn managed(project: &Project, asked: &Asked) -> Vec<Program> {
    let mut programs = Vec::new();
    for known in project.known.tables("managed") {
        let file = known.text("file");
        let mut paths = project.evidence.tree.paths();
        let Some(path) = paths.find(|path| path.rsplit('/').next() == Some(file)) else {
            continue;
        };
        if project.asks_for(known.text("package")).is_none() && !project.requirements.is_empty() {
            continue;
        }
        let root = path
            .strip_suffix(file)
            .unwrap_or_default()
            .trim_end_matches('/');
        let module = project.modules.iter().find(|module| {
            let below = module.path.strip_prefix(root).unwrap_or_default();
            below.ends_with(&format!("/{}", known.text("module")))
        });
        let beside = |name: &str| {
            let folder = module.map(|module| module.path.trim_end_matches(known.text("module")));
            folder.is_some_and(|folder| project.evidence.tree.has(&format!("{folder}{name}")))
        };
        let port = asked.port.or(known.number("port")).unwrap_or(8000);
        let prepare = known.maybe("prepares").and_then(|package| {
            let asked = project.asks_for(package)?;
            let run = known.text("prepare-run").replace("{file}", path);
            let text = format!("{package} serves what is collected");
            let reason = Reason::at(Sure::Likely, &asked.place, text);
            Some((known.text("prepare").to_owned(), run, reason))
        });
        for command in known.tables("commands") {
            let needs = command.maybe("needs");
            if needs.is_some_and(|needs| project.asks_for(needs).is_none() || module.is_none())
                || command.maybe("beside").is_some_and(|name| !beside(name))
            {
                continue;
            }
            let mut name = module
                .map(|module| dotted(&module.path, root))
                .unwrap_or_default();
            if let Some(beside) = command.maybe("beside") {
                let other = beside.trim_end_matches(".py");
                name = format!(
                    "{}.{other}",
                    name.rsplit_once('.').map_or("", |(before, _)| before)
                );
            }
            let words = fill(&command.words("command"), &name, "", path, port);
            let place = Place::new(path, 1);
            programs.push(Program {
                words,
                reason: Reason::at(
                    Sure::Likely,
                    &place,
                    format!("{} is managed by it", known.text("name")),
                ),
                port: Some((
                    port,
                    Reason::new(
                        Sure::Assumed,
                        format!("the usual port of {}", known.text("name")),
                    ),
                )),
                module: module.map(|module| module.path.clone()),
                health: health(project, Some(&known)),
                root: root.to_owned(),
                env: Vec::new(),
                prepare: prepare.clone(),
                brings: None,
                installed: false,
                tool: false,
                rank: (rank::MANAGED, path.matches('/').count(), 0),
            });
            break;
        }
    }
    programs
}

/// An application object that code makes.
pub(super) struct Object<'a> {
    pub(super) module: &'a Module,
    pub(super) name: String,
    line: usize,
    class: String,
    /// Whether the name is that of a function that makes the object.
    factory: bool,
}

/// The objects that calls of these classes make, at the top of a module or in a function that needs no arguments.
fn made<'a>(project: &'a Project, classes: &[&str]) -> Vec<Object<'a>> {
    let mut objects: Vec<Object> = Vec::new();
    for module in &project.modules {
        for call in &module.calls {
            if !classes.contains(&call.name.as_str()) {
                continue;
            }
            let object = match (&call.scope, &call.target) {
                (Scope::Module, Some(name)) => Some((name.clone(), false)),
                (Scope::Function(function), target) => {
                    let found = module.functions.iter().find(|found| {
                        let returns = target
                            .as_ref()
                            .is_some_and(|target| found.returns.contains(target));
                        found.name == *function && found.required == 0 && (returns || call.returned)
                    });
                    // A module may call the function itself, and then has an object.
                    let called = found.and_then(|found| {
                        let mut calls = module.calls.iter();
                        calls.find(|call| call.name == found.name && call.scope == Scope::Module)
                    });
                    match called.and_then(|call| call.target.clone()) {
                        Some(name) => Some((name, false)),
                        None => found.map(|found| (found.name.clone(), true)),
                    }
                }
                _ => None,
            };
            if let Some((name, factory)) = object {
                objects.push(Object {
                    module,
                    name,
                    line: call.line,
                    class: call.name.clone(),
                    factory,
                });
            }
        }
    }
    // A function of another module may be called at the top of this one: `app = create_app()`.
    let factories: Vec<(String, String, String)> = objects
        .iter()
        .filter(|object| object.factory)
        .map(|object| {
            (
                object.name.clone(),
                object.class.clone(),
                object.module.path.clone(),
            )
        })
        .collect();
    for module in &project.modules {
        for call in module
            .calls
            .iter()
            .filter(|call| call.scope == Scope::Module)
        {
            let Some(target) = &call.target else { continue };
            let imported = module.imports.values().any(|name| *name == call.name);
            let factory = factories
                .iter()
                .find(|(name, _, path)| imported && call.method() == name && *path != module.path);
            if let Some((_, class, _)) = factory {
                objects.push(Object {
                    module,
                    name: target.clone(),
                    line: call.line,
                    class: class.clone(),
                    factory: false,
                });
            }
        }
    }
    objects
}

/// How likely a module is the program: by its name, and by how near to the top it lies.
fn likelihood(project: &Project, path: &str) -> usize {
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(".py");
    // A package's own file is as likely as a file of the package's name.
    let name = match path.strip_suffix("/__init__.py") {
        Some(folder) => folder.rsplit('/').next().unwrap_or_default(),
        None => name,
    };
    let names = project.known.texts("programs");
    let by_name = names
        .iter()
        .position(|known| *known == name)
        .unwrap_or(names.len());
    let own = project
        .name
        .as_deref()
        .is_some_and(|own| crate::survey::requirement::normal(own).replace('-', "_") == name);
    path.matches('/').count() * 3 + if own { 0 } else { by_name.min(6) + 1 }
}

/// Application objects of the frameworks.
fn objects(project: &Project, asked: &Asked) -> Vec<Program> {
    let mut programs = Vec::new();
    let preferred = project.known.texts("objects");
    for known in project.known.tables("frameworks") {
        let objects = made(project, &known.texts("classes"));
        let has_plain = objects.iter().any(|object| !object.factory);
        for object in objects {
            let place = Place::new(&object.module.path, object.line);
            let own = serving(project, &known, &object);
            let root = root(project, object.module);
            let name = dotted(&object.module.path, &root);
            let name_rank = preferred
                .iter()
                .position(|known| *known == object.name)
                .unwrap_or(preferred.len());
            let reason = Reason::at(
                Sure::Likely,
                &place,
                format!("`{}` is made by {}", object.name, object.class),
            );
            let rank = (
                rank::OBJECT,
                likelihood(project, &object.module.path)
                    + usize::from(object.factory && has_plain) * 10,
                name_rank,
            );
            let health = health(project, Some(&known));
            // A server takes the name of an object, and not of something in it.
            let taken = match known.maybe("attribute") {
                Some(attribute) => object.module.alias(&format!("{}.{attribute}", object.name)),
                None => Some(object.name.as_str()),
            };
            let mut commands = known.tables("commands").into_iter();
            let command = commands.find(|command| {
                let there = command
                    .maybe("needs")
                    .is_none_or(|needs| project.asks_for(needs).is_some());
                let fits = !object.factory || command.maybe("factory").is_some();
                there && fits && taken.is_some()
            });
            let brings = command
                .as_ref()
                .and_then(|command| unlisted(project, command.maybe("brings")?));
            let serves_itself = own.as_ref().is_some_and(|own| own.everywhere && own.alone);
            let is_server = command
                .as_ref()
                .is_some_and(|command| command.maybe("needs").is_some());
            let (words, port, root) = match (command, own) {
                // The file starts the server itself, and does more than that before.
                (command, Some(own))
                    if own.everywhere && (command.is_none() || !(is_server && serves_itself)) =>
                {
                    let (words, root) = run(project, object.module);
                    (words, (own.port, own.reason), root)
                }
                (Some(command), own) => {
                    let server = command.maybe("needs").unwrap_or(known.text("name"));
                    let usual = command
                        .number("port")
                        .or(known.number("port"))
                        .unwrap_or(8000);
                    let (port, why) = if let Some(own) = own {
                        (own.port, own.reason)
                    } else {
                        let text = format!("the usual port of {server}");
                        (usual, Reason::new(Sure::Assumed, text))
                    };
                    let port_number = asked.port.unwrap_or(port);
                    let mut words = fill(
                        &command.words("command"),
                        &name,
                        taken.unwrap_or(&object.name),
                        &object.module.path,
                        port_number,
                    );
                    if object.factory {
                        made_by(&mut words, command.text("factory"), &object.name);
                    }
                    (words, (port_number, why), root)
                }
                (None, _) => continue,
            };
            // Where the file starts the server itself, it says what it needs.
            let brings = brings.filter(|package| words.first() == Some(package));
            programs.push(Program {
                words,
                reason,
                port: Some(port),
                module: Some(object.module.path.clone()),
                health,
                root,
                env: Vec::new(),
                prepare: None,
                brings,
                installed: false,
                tool: false,
                rank,
            });
        }
    }
    // Two frameworks may know the same module; the first one is meant.
    programs.sort_by_key(|program| program.rank);
    programs.dedup_by_key(|program| program.rank);
    programs
}

/// A package that runs the program, if nothing asks for it though something lists packages.
pub(super) fn unlisted(project: &Project, package: &str) -> Option<String> {
    let listed = !project.requirements.is_empty() || !project.locked.is_empty();
    (listed && project.installs(package).is_none()).then(|| package.to_owned())
}

/// How a server is told that a name is that of a function: by a flag, or by calling it.
fn made_by(words: &mut Vec<String>, how: &str, name: &str) {
    if how.starts_with('-') {
        words.push(how.to_owned());
    } else {
        for word in words {
            if word.ends_with(&format!(":{name}")) {
                word.push_str(how);
            }
        }
    }
}

/// Files that another program runs.
fn hosts(project: &Project, asked: &Asked) -> Vec<Program> {
    let mut programs = Vec::new();
    for known in project.known.tables("hosts") {
        let package = known.text("imports");
        for module in project
            .modules
            .iter()
            .filter(|module| imports(module, package))
        {
            // Pages of an application lie in a folder below the one that begins it.
            if module.path.split('/').any(|part| part == "pages")
                || module.path.ends_with("__init__.py")
            {
                continue;
            }
            let port = asked.port.or(known.number("port")).unwrap_or(8000);
            let words = fill(&known.words("command"), "", "", &module.path, port);
            let name = known.text("name");
            let health = known.maybe("health").map(|path| {
                let reason = Reason::new(Sure::Certain, format!("{name} answers there"));
                (path.to_owned(), reason)
            });
            programs.push(Program {
                words,
                reason: Reason::at(
                    Sure::Likely,
                    &Place::new(&module.path, 1),
                    format!("it is made for {name}"),
                ),
                port: Some((
                    port,
                    Reason::new(Sure::Assumed, format!("the usual port of {name}")),
                )),
                module: Some(module.path.clone()),
                health,
                root: String::new(),
                env: Vec::new(),
                prepare: None,
                brings: unlisted(project, known.text("package")),
                installed: false,
                tool: false,
                rank: (rank::HOST, likelihood(project, &module.path), 0),
            });
        }
    }
    programs
}

/// Files that are programs when they are run, and packages that are.
fn files(project: &Project) -> Vec<Program> {
    let mut programs = Vec::new();
    for module in &project.modules {
        let is_main = module.path.ends_with("__main__.py");
        let listens = listener(project, module);
        let acts = module.acts && !module.path.ends_with("__init__.py");
        if module.guard.is_none() && !is_main && !acts {
            continue;
        }
        let kind = match (&listens, is_main, module.guard) {
            (Some(_), ..) => rank::LISTENER,
            (None, true, _) => rank::MAIN,
            (None, false, Some(_)) => rank::FILE,
            (None, false, None) => rank::ACTING,
        };
        let (mut words, root) = run(project, module);
        let line = module.guard.unwrap_or(1);
        let text = if module.guard.is_some() {
            "it does something when it is run"
        } else {
            "running it does something"
        };
        let mut env = Vec::new();
        let mut port = None;
        if let Some(found) = listens {
            if !found.everywhere {
                match variable_for_host(project, module) {
                    Some((name, value)) => {
                        let reason = Reason::new(
                            Sure::Likely,
                            "by itself it is reached from its own container only",
                        );
                        env.push((name, value, reason));
                    }
                    None => match found.instead {
                        Some(instead) => words = instead,
                        None => continue,
                    },
                }
            }
            port = Some((found.port, found.reason));
        }
        let tool = port.is_none() && is_tool(project, module);
        let health = port.as_ref().and_then(|_| health(project, None));
        programs.push(Program {
            words,
            reason: Reason::at(Sure::Likely, &Place::new(&module.path, line), text),
            port,
            module: Some(module.path.clone()),
            health,
            root,
            env,
            prepare: None,
            brings: None,
            installed: false,
            tool,
            rank: (kind, likelihood(project, &module.path), 0),
        });
    }
    programs
}

/// Whether a file reads arguments from its command line.
fn is_tool(project: &Project, module: &Module) -> bool {
    let packages = project.known.texts("arguments");
    packages.iter().any(|package| imports(module, package))
}

/// Objects that are given to a worker.
fn workers(project: &Project) -> Vec<Program> {
    let mut programs = Vec::new();
    for known in project.known.tables("workers") {
        for object in made(project, &known.texts("classes")) {
            let root = root(project, object.module);
            let name = dotted(&object.module.path, &root);
            let place = Place::new(&object.module.path, object.line);
            programs.push(Program {
                words: fill(
                    &known.words("command"),
                    &name,
                    &object.name,
                    &object.module.path,
                    0,
                ),
                reason: Reason::at(
                    Sure::Likely,
                    &place,
                    format!("`{}` is made by {}", object.name, object.class),
                ),
                port: None,
                module: Some(object.module.path.clone()),
                health: None,
                root,
                env: Vec::new(),
                prepare: None,
                brings: None,
                installed: false,
                tool: false,
                rank: (rank::WORKER, likelihood(project, &object.module.path), 0),
            });
        }
    }
    programs
}
