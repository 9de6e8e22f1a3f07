//! Rendering: a plan as the text of files. Each output has a file here; the page that lays it out is in `templates/`.
//!
//! This room does not know where a plan comes from, and touches no disk.

mod compose;
mod dockerfile;
mod dockerignore;

use crate::compose::Places;
use crate::diag::Diagnostic;
use crate::files::OutputFile;
use crate::plan::Plan;

/// Where the keys of the compose file were said; nothing where the plan asks for none.
pub fn places(plan: &Plan) -> Option<Places> {
    let path = plan.outputs.compose.as_ref()?;
    Some(compose::places(plan, path))
}

/// The text of every file that the plan asks for.
///
/// # Errors
/// A Dockerfile that does not read back as its plan, which is a bug in dockwright: nothing is written then.
pub fn render(plan: &Plan) -> Result<Vec<OutputFile>, Vec<Diagnostic>> {
    let mut files = Vec::new();
    if let Some(path) = &plan.outputs.dockerfile {
        files.push(OutputFile {
            path: path.clone(),
            text: dockerfile::text(plan)?,
        });
    }
    if let Some(path) = &plan.outputs.dockerignore {
        files.push(OutputFile {
            path: path.clone(),
            text: dockerignore::text(plan),
        });
    }
    if let Some(path) = &plan.outputs.compose {
        files.push(OutputFile {
            path: path.clone(),
            text: compose::text(plan, path),
        });
    }
    Ok(files)
}
