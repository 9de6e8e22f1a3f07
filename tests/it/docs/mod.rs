//! The documentation: `docs/reference/` is generated from the code, and what a fenced block of any page shows is what
//! the program does.
//!
//! The info string of a block says what it is. `spec=NAME` is a spec; `of=NAME` is a file that it becomes, the
//! Dockerfile unless `file=` says otherwise, and with `show=` only the parts that a stage (`runtime`) or a step
//! (`runtime/sources`) gives; `error=NAME` is what is said about it; `path=` is a file of this repository.

mod reference;

use std::fs;
use std::path::PathBuf;

use dockwright::compile::Compiler;
use dockwright::diag::Sources;
use dockwright::dockerfile::{self, Instruction};
use dockwright::files;
use dockwright::plan::Plan;
use dockwright::spec;

use crate::golden::generate;
use crate::support::{Differences, files_below, listing, name, unstamped};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_reference_is_current() {
    let mut differences = Differences::default();
    let check = dockwright::cli::check_schema();
    let migrate = dockwright::migrate::schema();
    for (name, schema) in [("check", check), ("migrate", migrate)] {
        let path = repository().join(format!("docs/reference/{name}.schema.json"));
        differences.compare(&path, &format!("{schema:#}\n"));
    }
    for (name, text) in reference::pages() {
        let path = repository().join(format!("docs/reference/{name}.md"));
        differences.compare(&path, &text);
    }
    differences.finish();
}

#[test]
fn blocks_show_what_the_program_does() {
    let mut differences = Differences::default();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let name = page
            .strip_prefix(repository())
            .unwrap()
            .display()
            .to_string();
        match filled_in(&text) {
            Ok(filled) => differences.compare(&page, &filled),
            Err(reason) => differences.note(format!("{name}: {reason}")),
        }
    }
    differences.finish();
}

#[test]
fn links_lead_somewhere() {
    let mut differences = Differences::default();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") && !page.with_file_name(path).exists() {
                differences.note(format!("{}: there is no `{target}`", page.display()));
            }
        }
    }
    differences.finish();
}

/// The table in docs/architecture.md says who imports whom; a room that imports another one than it says has grown a tie
/// that somebody should decide on.
#[test]
fn rooms_import_what_the_architecture_says() {
    let path = repository().join("docs/architecture.md");
    let mut page = fs::read_to_string(&path).unwrap();
    let mut differences = Differences::default();
    let source = repository().join("src");
    for room in listing(&source).iter().filter(|path| path.is_dir()) {
        let room = name(room);
        let mut imports: Vec<String> = Vec::new();
        for file in files_below(&source.join(&room)) {
            let text = fs::read_to_string(source.join(&room).join(file)).unwrap();
            for part in text.split("crate::").skip(1) {
                let end = part.find(|c: char| !c.is_ascii_lowercase());
                let other = &part[..end.unwrap_or(part.len())];
                if other != room && source.join(other).is_dir() {
                    imports.push(format!("`{other}`"));
                }
            }
        }
        imports.sort();
        imports.dedup();
        let begins = format!("| `{room}` | ");
        let Some(row) = page.lines().find(|line| line.starts_with(&begins)) else {
            differences.note(format!("docs/architecture.md says nothing of `{room}`"));
            continue;
        };
        let about = row[begins.len()..].split(" |").next().unwrap();
        let imports = imports.join(", ");
        page = page.replace(
            row,
            format!("{begins}{about} | {imports} |")
                .replace("|  |", "| |")
                .as_str(),
        );
    }
    differences.compare(&path, &page);
    differences.finish();
}

/// Every page of the documentation.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![
        repository().join("README.md"),
        repository().join("CHANGELOG.md"),
    ];
    for folder in ["docs", "docs/decisions", "docs/how-to", "docs/reference"] {
        pages.extend(files::list(&repository().join(folder), ".md").unwrap());
    }
    pages
}

/// A page with the body of every block that says what it is.
fn filled_in(page: &str) -> Result<String, String> {
    let mut specs: Vec<(String, String)> = Vec::new();
    let mut filled = String::new();
    let mut rest = page;
    while let Some(start) = rest.find("\n```") {
        let body = start + 1 + rest[start + 1..].find('\n').ok_or("a block has no end")? + 1;
        let length = rest[body - 1..].find("\n```").ok_or("a block has no end")?;
        let (shown, after) = rest[body..].split_at(length);
        filled.push_str(&rest[..body]);
        let info = rest[start + 4..body].trim();
        let field = |name: &str| {
            info.split_whitespace()
                .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
        };
        let text = |name: &str| {
            let named = specs.iter().find(|(known, _)| known == name);
            named
                .map(|(_, text)| text.as_str())
                .ok_or(format!("no block says `spec={name}`"))
        };
        if let Some(path) = field("path") {
            let file = fs::read_to_string(repository().join(path));
            filled.push_str(&file.map_err(|error| format!("{path}: {error}"))?);
        } else if let Some(name) = field("of") {
            let file = field("file").unwrap_or("Dockerfile");
            filled.push_str(&excerpt(text(name)?, file, field("show"))?);
        } else if let Some(name) = field("error") {
            match generate(text(name)?) {
                Ok(_) => return Err(format!("the spec `{name}` has no mistake")),
                Err(report) => filled.push_str(&report),
            }
        } else {
            filled.push_str(shown);
        }
        if let Some(name) = field("spec") {
            let said = match field("path") {
                Some(path) => fs::read_to_string(repository().join(path)).unwrap_or_default(),
                None => shown.to_owned(),
            };
            if let Err(report) = generate(&said)
                && !page.contains(&format!("error={name}\n"))
            {
                return Err(format!("the spec `{name}` is refused:\n{report}"));
            }
            specs.push((name.to_owned(), said));
        }
        let end = after.strip_prefix("```").ok_or("a block has no end")?;
        filled.push_str("```");
        rest = end;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// A generated file, or the paragraphs of it that stages and steps give.
fn excerpt(text: &str, file: &str, show: Option<&str>) -> Result<String, String> {
    let files = generate(text)?;
    let found = files.iter().find(|made| made.path == file);
    let whole = unstamped(&found.ok_or(format!("the spec makes no `{file}`"))?.text);
    let Some(show) = show else {
        return Ok(whole);
    };
    let plan = plan(text);
    let mut wanted: Vec<String> = Vec::new();
    for part in show.split(',') {
        let (name, step) = part.split_once('/').unwrap_or((part, ""));
        let of_name = |stage: &&dockwright::plan::Stage| {
            stage
                .from
                .name
                .as_ref()
                .is_some_and(|found| found.as_str() == name)
        };
        let stage = plan.stages.iter().find(of_name);
        let stage = stage.ok_or(format!("there is no stage `{name}`"))?;
        if step.is_empty() {
            wanted.push(dockerfile::print(&Instruction::From(stage.from.clone())));
        }
        let layers = stage
            .layers
            .iter()
            .filter(|layer| step.is_empty() || layer.id == step);
        let before = wanted.len();
        wanted.extend(layers.map(|layer| dockerfile::print(&layer.instruction)));
        if wanted.len() == before && !step.is_empty() {
            return Err(format!("there is no step `{part}`"));
        }
    }
    let parts: Vec<&str> = whole
        .trim_end()
        .split("\n\n")
        .filter(|part| wanted.iter().any(|text| part.contains(text.as_str())))
        .collect();
    Ok(format!("{}\n", parts.join("\n\n")))
}

fn plan(text: &str) -> Plan {
    let mut sources = Sources::default();
    let source = sources.add("dockwright.toml", text);
    let draft = spec::parse(text, source).unwrap();
    Compiler::new(&mut sources)
        .compile(&draft, "dockwright.toml", &sources)
        .unwrap()
}
