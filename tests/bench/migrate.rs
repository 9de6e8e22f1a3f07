//! How much of real Dockerfiles migrates, and how fast.
//!
//! `cargo bench --bench migrate -- LIST`, where each line of the file LIST is the path of a Dockerfile and, behind tabs,
//! a group that it is counted in, the folder that it is built in, if that is not its own, and the stage that is built, if
//! that is not the last one. docs/benchmarks.md has the figures.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "this is a program that reads files and prints a table"
)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use dockwright::compile::Compiler;
use dockwright::diag::{Color, Sources, report};
use dockwright::migrate::{Context, Failed, Report};
use dockwright::{dockerfile, migrate, render, spec};

/// What came of some files.
#[derive(Default)]
struct Row {
    files: usize,
    read: usize,
    equal: usize,
    instructions: usize,
    key: usize,
    step: usize,
    kept: usize,
    improved: usize,
    dropped: usize,
    person: usize,
    files_improved: usize,
    files_for_a_person: usize,
    crashes: usize,
    missing: usize,
}

impl Row {
    fn add(&mut self, report: &Report, missing: bool) {
        self.read += 1;
        self.equal += usize::from(report.unequal.is_empty());
        self.instructions += report.instructions();
        self.key += report.count("key");
        self.step += report.count("step");
        self.kept += report.count("kept");
        self.improved += report.count("improved");
        self.dropped += report.count("dropped");
        self.person += report.count("person");
        let is_better = report.count("improved") + report.count("dropped") > 0;
        self.files_improved += usize::from(is_better);
        self.files_for_a_person += usize::from(report.needs_person());
        self.missing += usize::from(missing);
    }
}

/// A line of the list.
struct Listed<'a> {
    path: &'a str,
    group: &'a str,
    folder: &'a Path,
    target: Option<&'a str>,
    bytes: Vec<u8>,
}

/// A report, with whether an item of the file is missing in it; or why there is none.
fn one(
    file: &Listed<'_>,
    compiler: &Compiler,
    sources: &Sources,
    as_is: bool,
) -> Result<(Report, bool), String> {
    let folder = file.folder;
    let library = (!as_is).then(|| compiler.library());
    let document = dockerfile::parse(&file.bytes);
    let refused: Vec<String> = document
        .mistakes()
        .iter()
        .filter(|mistake| mistake.refused)
        .map(|mistake| mistake.kind.to_string())
        .collect();
    if !refused.is_empty() {
        return Err(format!("refused: {}", refused.join("; ")));
    }
    let path = Path::new(file.path);
    let dockerfile = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    let is_folder = |path: &str| Some(std::fs::metadata(folder.join(path)).ok()?.is_dir());
    let context = Context {
        name: "service",
        dockerfile: &dockerfile,
        target: file.target,
        is_folder: &is_folder,
        is_project: false,
        ignore: None,
        files: &|| dockwright::files::below(folder),
        read: &|path| std::fs::read_to_string(folder.join(path)).ok(),
        mode: &|path| dockwright::files::mode_in(folder, path),
        family: &|image| compiler.family(image).map(ToOwned::to_owned),
    };
    let compile = |text: &str| {
        let mut sources = sources.clone();
        let draft = spec::parse(text, sources.add("dockwright.toml", text))?;
        compiler.compile(&draft, "dockwright.toml", &sources)
    };
    let migrated =
        migrate::migrate(&document, &context, library, compile).map_err(|failed| match failed {
            Failed::Spec { text, mistakes } => {
                let mut sources = sources.clone();
                sources.add("dockwright.toml", text);
                report(&mistakes, &sources, Color::No)
            }
            other => format!("{other:?}"),
        })?;
    let plan = compile(&migrated.spec).expect("it was compiled before");
    render::render(&plan).map_err(|_| "what is rendered does not read back".to_owned())?;
    let missing = migrated.report.entries.len() != migrate::items(&document);
    Ok((migrated.report, missing))
}

fn main() {
    let list = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let Some(list) = list else {
        println!("a file that lists Dockerfiles is missing, so nothing is measured");
        return;
    };
    let as_is = std::env::args().any(|argument| argument == "--as-is");
    let is_verbose = std::env::args().any(|argument| argument == "--verbose");
    let list = std::fs::read_to_string(list).expect("the list can be read");
    let files: Vec<Listed<'_>> = list
        .lines()
        .map(|line| {
            let mut words = line.split('\t');
            let path = words.next().unwrap_or_default();
            let group = words.next().unwrap_or("all");
            let own = Path::new(path).parent().unwrap_or(Path::new("."));
            let folder = words.next().map_or(own, Path::new);
            let bytes = std::fs::read(path).expect("each file of the list can be read");
            Listed {
                path,
                group,
                folder,
                target: words.next(),
                bytes,
            }
        })
        .collect();
    let mut sources = Sources::default();
    let compiler = Compiler::new(&mut sources);
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let mut total = Row::default();
    let mut time = Duration::ZERO;
    for file in &files {
        let (path, group) = (file.path, file.group);
        let start = Instant::now();
        let work = AssertUnwindSafe(|| one(file, &compiler, &sources, as_is));
        let found = catch_unwind(work);
        time += start.elapsed();
        for row in [rows.entry(group).or_default(), &mut total] {
            row.files += 1;
            match &found {
                Ok(Ok((report, missing))) => row.add(report, *missing),
                Ok(Err(_)) => {}
                Err(_) => row.crashes += 1,
            }
        }
        match &found {
            Ok(Err(reason)) => println!("{path}: {reason}"),
            Ok(Ok((report, _))) if is_verbose && report.needs_person() => {
                println!("{path}:");
                for unequal in &report.unequal {
                    println!("  {unequal}");
                }
                let entries = report.entries.iter();
                for entry in entries.filter(|entry| entry.outcome.word() == "person") {
                    println!(
                        "  {}: {}: {}",
                        entry.line,
                        entry.text,
                        entry.outcome.detail()
                    );
                }
            }
            Ok(Ok(_)) => {}
            Err(_) => println!("{path}: a crash"),
        }
    }
    println!(
        "{:<13} {:>5} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>7}",
        "group",
        "files",
        "read",
        "proved",
        "instr",
        "key",
        "step",
        "kept",
        "better",
        "drop",
        "person",
        "b.files",
        "p.files",
        "missing",
        "crashes"
    );
    rows.insert("(all)", total);
    for (group, row) in &rows {
        println!(
            "{group:<13} {:>5} {:>5} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>7}  {} % not kept as written",
            row.files,
            row.read,
            row.equal,
            row.instructions,
            row.key,
            row.step,
            row.kept,
            row.improved,
            row.dropped,
            row.person,
            row.files_improved,
            row.files_for_a_person,
            row.missing,
            row.crashes,
            100 * (row.key + row.step + row.improved + row.dropped) / row.instructions.max(1),
        );
    }
    println!("{} files in {time:.2?}", files.len());
}
