//! Where the lines of a generated Dockerfile come from: the key of the spec or the step of the preset to change.

use std::ops::RangeInclusive;

use crate::diag::{Sources, Span};
use crate::dockerfile::{self, StageName};
use crate::plan::Plan;

/// Where a line of a generated file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place in a spec or a preset: `dockwright.toml:12`.
    pub place: String,
    /// The step that gave it, as a spec names it to change it: `stages.runtime.steps.sources`.
    pub step: Option<String>,
}

/// The origins of all lines of one Dockerfile.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    list: Vec<(RangeInclusive<usize>, Origin)>,
}

impl Origins {
    /// The origins of a Dockerfile that was rendered from a plan: its instructions are the plan's, in order.
    pub fn of(plan: &Plan, text: &str, sources: &Sources) -> Self {
        let mut said: Vec<(Span, Option<String>)> = plan
            .globals
            .iter()
            .map(|layer| (layer.origin, None))
            .collect();
        for stage in &plan.stages {
            let name = stage.from.name.as_ref().map_or("", StageName::as_str);
            said.push((stage.origin, Some(format!("stages.{name}"))));
            for layer in &stage.layers {
                said.push((
                    layer.origin,
                    Some(format!("stages.{name}.steps.{}", layer.id)),
                ));
            }
        }
        let document = dockerfile::parse(text.as_bytes());
        let list = document
            .statements()
            .zip(said)
            .map(|(statement, (span, step))| {
                let place = format!("{}:{}", sources.get(span.source).name, sources.line(span));
                (
                    statement.place.first_line..=statement.place.last_line,
                    Origin { place, step },
                )
            });
        Self {
            list: list.collect(),
        }
    }

    /// The origin of a line, counted from 1: of the instruction that it belongs to, or of the one below a comment.
    pub fn at(&self, line: usize) -> Option<&Origin> {
        let found = self.list.iter().find(|(lines, _)| *lines.end() >= line);
        found.or(self.list.last()).map(|(_, origin)| origin)
    }
}
