//! Steps that are new, gone or different, where no fact of the image says so already.

use super::super::{Change, Severity, words, words::literal};
use crate::dockerfile::{Add, Arg, Instruction, Word};

/// A step that is gone.
pub(super) fn removed(instruction: &Instruction, text: &str, place: &str) -> Change {
    let name = literal(text);
    let kind = match instruction {
        Instruction::Copy(_) | Instruction::Add(_) => "copy-removed",
        Instruction::Arg(_) => "arg-removed",
        _ => "step-removed",
    };
    Change::warning(kind, format!("{name} is gone{place}"))
}

/// A step that is new.
pub(super) fn added(instruction: &Instruction, text: &str, place: &str) -> Change {
    let name = literal(text);
    let kind = match instruction {
        Instruction::Copy(_) | Instruction::Add(_) => "copy-added",
        Instruction::Arg(arg) => {
            if let Some(change) = exposed(arg, place) {
                return change;
            }
            "arg-added"
        }
        _ => "step-added",
    };
    Change::warning(kind, format!("{name} is new{place}"))
}

/// A step that says something else, but for `RUN`.
pub(super) fn changed(
    (was, is): (&Instruction, &Instruction),
    (old, new): (&str, &str),
    place: &str,
) -> Change {
    let kind = match (was, is) {
        (Instruction::Add(was), Instruction::Add(is)) if loses_checksum(was, is) => {
            return Change::error(
                "checksum-lost",
                format!("nothing checks what {} gets{place}", literal(new)),
            );
        }
        (_, Instruction::Copy(_) | Instruction::Add(_)) => "copy-changed",
        (_, Instruction::Arg(arg)) => {
            if let Some(change) = exposed(arg, place) {
                return change;
            }
            "arg-changed"
        }
        // Ports are known by what they come to.
        (_, Instruction::Expose(_)) => {
            let message = format!("{} is written otherwise, and means the same", literal(new));
            return Change::note("spelling-changed", message);
        }
        (_, Instruction::Shell(_)) => "shell-changed",
        _ => "step-changed",
    };
    let message = format!("{} stands{place} where {} did", literal(new), literal(old));
    Change::warning(kind, message)
}

/// A step that stands elsewhere. `crosses` says whether something runs between the two places.
pub(super) fn moved(instruction: &Instruction, text: &str, crosses: bool, place: &str) -> Change {
    let value = |word: Option<&Word>| word.is_none_or(|word| word.variables().is_empty());
    let is_setting = match instruction {
        Instruction::Env(env) => value(env.as_slice().first().map(|(_, value)| value)),
        Instruction::Arg(arg) => {
            value(arg.as_slice().first().and_then(|(_, value)| value.as_ref()))
        }
        _ => false,
    };
    let means_nothing = matches!(
        instruction,
        Instruction::Label(_)
            | Instruction::Expose(_)
            | Instruction::Cmd(_)
            | Instruction::Entrypoint(_)
            | Instruction::Healthcheck(_)
            | Instruction::StopSignal(_)
            | Instruction::Maintainer(_)
    );
    let (kind, severity) = if means_nothing || (is_setting && !crosses) {
        ("order-changed", Severity::Note)
    } else {
        ("step-moved", Severity::Warning)
    };
    Change::new(
        kind,
        severity,
        format!("{} stands elsewhere{place}", literal(text)),
    )
}

/// Whether an instruction does something while the image is built, or changes how others do.
pub(super) fn runs(instruction: &Instruction) -> bool {
    matches!(
        instruction,
        Instruction::Run(_)
            | Instruction::Copy(_)
            | Instruction::Add(_)
            | Instruction::Workdir(_)
            | Instruction::User(_)
            | Instruction::Shell(_)
            | Instruction::Onbuild(_)
    )
}

fn loses_checksum(was: &Add, is: &Add) -> bool {
    was.checksum.is_some() && is.checksum.is_none()
}

/// An argument that looks like a secret, whose value the history of the image keeps.
fn exposed(arg: &Arg, place: &str) -> Option<Change> {
    let (name, _) = arg.as_slice().first()?;
    words::names_secret(name.as_str()).then(|| {
        Change::error(
            "secret-in-arg",
            format!(
                "{} looks like a secret, and the history of the image keeps `ARG`{place}",
                literal(name.as_str())
            ),
        )
    })
}
