//! Any edit as steps: an instruction as a Dockerfile has it, in its place.

use super::differences::Difference;
use crate::dockerfile::{self, From, Instruction};
use crate::plan::Plan;
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
        } => {
            let step = |step: &str, anchor, instruction: &Instruction| Edit::Step {
                stage: stage.clone(),
                step: step.to_owned(),
                anchor,
                dockerfile: dockerfile::print(instruction),
            };
            match (expected, actual) {
                (Some(expected), Some(actual)) => vec![vec![step(&expected.id, None, actual)]],
                (Some(expected), None) => {
                    vec![vec![Edit::Drop {
                        stage: stage.clone(),
                        step: expected.id.clone(),
                    }]]
                }
                (None, Some(actual)) => {
                    let name = free_name(plan, stage);
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
        Difference::Key { .. } | Difference::Pattern { .. } => Vec::new(),
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

/// A name that no step of the stage has.
fn free_name(plan: &Plan, stage: &str) -> String {
    let of_stage = plan.stages.iter().find(|known| known.is_called(stage));
    let taken = |name: &str| {
        of_stage.is_some_and(|stage| stage.layers.iter().any(|layer| layer.id == name))
    };
    let mut number = 1;
    loop {
        let name = format!("adopted-{number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}
