//! The Dockerfile: instructions as the printer spells them, laid out with their reasons above them.

use std::sync::LazyLock;

use crate::diag::Diagnostic;
use crate::dockerfile::{self, Instruction};
use crate::expr::{Page, PageValue, list, map};
use crate::plan::{Layer, Plan};
use crate::stamp;

/// The page that lays it out, read once.
static PAGE: LazyLock<Page> =
    LazyLock::new(|| Page::new(include_str!("../../templates/Dockerfile.j2")));

/// The text of the Dockerfile.
///
/// It is read back and compared with the plan, so that no value can ever become an instruction of its own.
pub(super) fn text(plan: &Plan) -> Result<String, Vec<Diagnostic>> {
    let header = stamp::header(&plan.marks).map(PageValue::from);
    let values = map([("header", list(header)), ("blocks", list(blocks(plan)))]);
    let page = PAGE.render(values);
    let text = stamp::seal(&page, &plan.marks.build, &plan.marks);
    read_back(plan, &text)?;
    Ok(text)
}

/// Instructions that stand together below one reason, with a blank line above.
struct Block<'a> {
    note: Option<&'a str>,
    /// The step whose instructions stand here, where only those may.
    step: Option<&'a str>,
    instructions: Vec<String>,
}

fn blocks(plan: &Plan) -> Vec<PageValue> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for layer in &plan.globals {
        add(&mut blocks, layer);
    }
    for stage in &plan.stages {
        blocks.push(Block {
            note: stage.note.as_deref(),
            step: None,
            instructions: vec![dockerfile::print(&Instruction::From(stage.from.clone()))],
        });
        for layer in &stage.layers {
            add(&mut blocks, layer);
        }
    }
    let value = |block: Block<'_>| {
        map([
            (
                "note",
                list(
                    block
                        .note
                        .into_iter()
                        .flat_map(|note| note.split('\n'))
                        .map(PageValue::from),
                ),
            ),
            (
                "instructions",
                list(block.instructions.into_iter().map(PageValue::from)),
            ),
        ])
    };
    blocks.into_iter().map(value).collect()
}

fn add<'a>(blocks: &mut Vec<Block<'a>>, layer: &'a Layer) {
    let text = layer
        .written
        .clone()
        .unwrap_or_else(|| dockerfile::print(&layer.instruction));
    // A step with a reason stands alone below it; what needs no reason stands together. hadolint 2.15 stumbles over
    // what stands right below a here-document, so a blank line follows each of them.
    let fits = |block: &&mut Block<'_>| {
        let same = block.step.is_none_or(|step| step == layer.id);
        // A comment of a person's own is the reason of what stands below it.
        let reason = layer.note.is_some() || text.starts_with('#');
        !reason && same && !block.instructions.iter().any(|above| above.contains("<<"))
    };
    match blocks.last_mut().filter(fits) {
        Some(block) => block.instructions.push(text),
        None => blocks.push(Block {
            note: layer.note.as_deref(),
            step: layer.note.is_some().then_some(layer.id.as_str()),
            instructions: vec![text],
        }),
    }
}

/// The first instruction that is none even alone in its stage: its words came from a spec or a preset.
fn refused(plan: &Plan) -> Option<Diagnostic> {
    plan.stages.iter().find_map(|stage| {
        let from = dockerfile::print(&Instruction::From(stage.from.clone()));
        stage.layers.iter().find_map(|layer| {
            let text = format!("{from}\n{}", dockerfile::print(&layer.instruction));
            let document = dockerfile::parse(text.as_bytes());
            let mistake = document.mistakes().first()?;
            let message = format!("no Dockerfile can have what this comes to: {mistake}");
            Some(Diagnostic::at(layer.origin, message))
        })
    })
}

fn read_back(plan: &Plan, text: &str) -> Result<(), Vec<Diagnostic>> {
    let document = dockerfile::parse(text.as_bytes());
    let mut read = document
        .statements()
        .map(|statement| &statement.instruction);
    let mut expect = |instruction: &Instruction| read.next() == Some(instruction);
    let wrong = |origin| {
        if let Some(mistake) = refused(plan) {
            return Err(vec![mistake]);
        }
        Err(vec![
            Diagnostic::at(
                origin,
                "this is a bug in dockwright: what this says does not read back as it was meant",
            )
            .help("nothing was written; please report it with the spec"),
        ])
    };
    for layer in &plan.globals {
        if !expect(&layer.instruction) {
            return wrong(layer.origin);
        }
    }
    for stage in &plan.stages {
        if !expect(&Instruction::From(stage.from.clone())) {
            return wrong(stage.origin);
        }
        for layer in &stage.layers {
            if !expect(&layer.instruction) {
                return wrong(layer.origin);
            }
        }
    }
    match (plan.stages.last(), read.next(), !document.is_refused()) {
        (Some(stage), Some(_), _) | (Some(stage), _, false) => wrong(stage.origin),
        _ => Ok(()),
    }
}
