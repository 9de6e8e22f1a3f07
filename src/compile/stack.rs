//! Stacks: a preset with its overlays as one, and what follows from that alone.

use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;

use super::Compiler;
use crate::data::Node;
use crate::diag::{Diagnostic, Span};
use crate::plan::{Never, Said};
use crate::preset::{Flat, Preset};
use crate::spec;
use crate::stamp;

/// A preset with its overlays, and what every spec that names them has in common.
pub(super) struct Stack {
    /// The presets as one.
    pub(super) flat: Flat,
    /// Its defaults for the keys of a spec, in their long form.
    pub(super) defaults: Node,
    /// What never belongs into the build context.
    pub(super) never: Never,
    /// The digest of what the presets and the families say.
    pub(super) digest: String,
}

impl Stack {
    fn new(
        preset: &Preset,
        overlays: &[(&Preset, Span)],
        compiler: &Compiler,
    ) -> Result<Self, Vec<Diagnostic>> {
        let flat = compiler.library.flatten(preset, overlays)?;
        let mut said = compiler.families.meaning();
        let presets = flat
            .chain
            .iter()
            .filter_map(|name| compiler.library.get(name));
        said.extend(presets.map(|preset| preset.tree.meaning()));
        let pattern = |node: &Node| {
            Some(Said {
                text: node.text()?.to_owned(),
                origin: node.span,
            })
        };
        let never = flat.ignore.iter().filter_map(pattern).collect();
        Ok(Self {
            defaults: spec::parse_defaults(&flat.defaults)?,
            never: Never::new(never),
            digest: stamp::digest(&said),
            flat,
        })
    }
}

/// The stacks that specs have named so far. Most specs of a repository name the same few, and to make one takes longer
/// than all the rest of compiling a spec.
///
/// A stack follows from the presets alone, so it makes no difference who asked for it first.
#[derive(Default)]
pub(super) struct Stacks(Mutex<IndexMap<Vec<String>, Arc<Stack>>>);

impl Stacks {
    /// The stack of these presets. One with mistakes is not kept: their places are those of the spec that asks.
    pub(super) fn get(
        &self,
        preset: &Preset,
        overlays: &[(&Preset, Span)],
        compiler: &Compiler,
    ) -> Result<Arc<Stack>, Vec<Diagnostic>> {
        let overlaid = overlays.iter().map(|(overlay, _)| overlay.name.clone());
        let names: Vec<String> = std::iter::once(preset.name.clone())
            .chain(overlaid)
            .collect();
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stack) = known().get(&names) {
            return Ok(Arc::clone(stack));
        }
        let stack = Arc::new(Stack::new(preset, overlays, compiler)?);
        known().insert(names, Arc::clone(&stack));
        Ok(stack)
    }
}

impl Clone for Stacks {
    /// A copy of a compiler may be given other presets under the same names, so it begins with no stack.
    fn clone(&self) -> Self {
        Self::default()
    }
}
