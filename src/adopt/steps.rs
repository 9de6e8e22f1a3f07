//! Any edit as steps: an instruction as a Dockerfile has it, in its place.

use std::ops::Range;

use super::differences::Difference;
use crate::dockerfile::{self, From, Instruction};
use crate::plan::{Layer, Plan};
use crate::spec::Edit;

/// The ways to say a difference with steps and stages. Only a Dockerfile has some.
pub(super) fn ways(difference: &Difference, plan: &Plan) -> Vec<Vec<Edit>> {
    match difference {
        Difference::Base { stage, actual, .. } => {
            let path = ["stages", stage, "from"].map(ToOwned::to_owned).to_vec();
            vec![vec![Edit::Set(path, base(actual, plan).into())]]
        }
        Difference::StageRemoved { stage } => {
            let path = ["stages", stage, "when"].map(ToOwned::to_owned).to_vec();
            vec![vec![Edit::Set(path, false.into())]]
        }
        Difference::StageAdded { from, instructions } => {
            stage(from, instructions, plan).into_iter().collect()
        }
        Difference::Instruction {
            stage,
            expected,
            actual,
            after,
            before,
            above,
        } => {
            let step = |step: &str, anchor, instruction: &Instruction| Edit::Step {
                stage: stage.clone(),
                step: step.to_owned(),
                anchor,
                dockerfile: dockerfile::print(instruction),
            };
            match (expected, actual) {
                (Some(expected), Some(actual)) => {
                    let mut ways = vec![vec![step(&expected.id, None, actual)]];
                    ways.extend(anew(plan, stage, *above..*above + 1, Some(actual)));
                    ways
                }
                (Some(_), None) => anew(plan, stage, *above..*above + 1, None),
                (None, Some(actual)) if after.is_some() && after == before => {
                    anew(plan, stage, *above..*above, Some(actual))
                }
                (None, Some(actual)) => {
                    let name = free_names(plan, stage).next().unwrap_or_default();
                    let behind = after.iter().map(|step| ("after", step.clone()));
                    let anchors = behind.chain(before.iter().map(|step| ("before", step.clone())));
                    let mut ways: Vec<Vec<Edit>> = anchors
                        .map(|anchor| vec![step(&name, Some(anchor), actual)])
                        .collect();
                    ways.push(vec![step(&name, None, actual)]);
                    ways
                }
                (None, None) => Vec::new(),
            }
        }
        Difference::Comment { note, actual } if !note.is_empty() => {
            vec![vec![Edit::Set(note.clone(), actual.join("\n").into())]]
        }
        Difference::Comment { .. } | Difference::Key { .. } | Difference::Pattern { .. } => {
            Vec::new()
        }
    }
}

/// What a stage is built on, as a spec says it.
fn base(from: &From, plan: &Plan) -> String {
    let image = from.image.as_str();
    if plan.stages.iter().any(|stage| stage.is_called(image)) {
        format!("stage:{image}")
    } else {
        image.to_owned()
    }
}

fn stage(from: &From, instructions: &[Instruction], plan: &Plan) -> Option<Vec<Edit>> {
    let name = from.name.as_ref()?.as_str().to_owned();
    let mut edits = vec![Edit::Stage {
        name: name.clone(),
        from: base(from, plan),
    }];
    for (number, instruction) in instructions.iter().enumerate() {
        edits.push(Edit::Step {
            stage: name.clone(),
            step: format!("adopted-{}", number + 1),
            anchor: None,
            dockerfile: dockerfile::print(instruction),
        });
    }
    Some(edits)
}

/// A step of several instructions with one in the place of some: each comes to be a step of its own. The step itself is
/// left out, or said no more where it is the spec's own, in its long form or as a key of its stage.
fn anew(
    plan: &Plan,
    stage: &str,
    place: Range<usize>,
    actual: Option<&Instruction>,
) -> Vec<Vec<Edit>> {
    let Some((id, steps)) = each(plan, stage, place, actual) else {
        return Vec::new();
    };
    let drop = Edit::Drop {
        stage: stage.to_owned(),
        step: id.to_owned(),
    };
    let unset = |path: &[&str]| Edit::Unset(path.iter().map(|key| (*key).to_owned()).collect());
    let step = unset(&["stages", stage, "steps", id]);
    let key = unset(&["stages", stage, id]);
    [drop, step, key]
        .map(|without| [&[without], steps.as_slice()].concat())
        .to_vec()
}

/// The step that has a place within it, and a step for each of its instructions, with another one in that place.
fn each<'a>(
    plan: &'a Plan,
    stage: &str,
    place: Range<usize>,
    actual: Option<&Instruction>,
) -> Option<(&'a str, Vec<Edit>)> {
    let mut stages = plan.stages.iter();
    let layers = &stages.find(|known| known.is_called(stage))?.layers;
    let id = &layers.get(place.start)?.id;
    let is_of_step = |layer: &&Layer| layer.id == *id;
    let first = layers.iter().position(|layer| layer.id == *id)?;
    let end = first + layers[first..].iter().take_while(is_of_step).count();
    let above = first.checked_sub(1).and_then(|index| layers.get(index));
    let above = above.map(|layer| ("after", layer.id.clone()));
    let below = layers.get(end).map(|layer| ("before", layer.id.clone()));
    let mut anchor = above.or(below);
    let (upper, lower) = (&layers[first..place.start], &layers[place.end..end]);
    let instruction = |layer: &'a Layer| &layer.instruction;
    let upper = upper.iter().map(instruction).chain(actual);
    let all = upper.chain(lower.iter().map(instruction));
    let step = |(name, instruction): (String, &Instruction)| Edit::Step {
        stage: stage.to_owned(),
        step: name.clone(),
        anchor: anchor.replace(("after", name)),
        dockerfile: dockerfile::print(instruction),
    };
    Some((id, free_names(plan, stage).zip(all).map(step).collect()))
}

/// Names that no step of the stage has.
fn free_names<'a>(plan: &'a Plan, stage: &str) -> impl Iterator<Item = String> + use<'a> {
    let of_stage = plan.stages.iter().find(|known| known.is_called(stage));
    let is_free = move |name: &String| {
        of_stage.is_none_or(|stage| stage.layers.iter().all(|layer| layer.id != *name))
    };
    (1..)
        .map(|number| format!("adopted-{number}"))
        .filter(is_free)
}
