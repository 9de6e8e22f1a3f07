//! Whether a takeover changes what it says, and nothing else.

use crate::migrate::facts::{Aspect, Facts};
use crate::migrate::unequal::Unequal;

use super::Improved;

/// Whether nothing has changed but what is said to: what is not equal is either a step that was accounted for, a variable
/// that the preset adds, or root, who is said by name now.
pub(in crate::migrate) fn explained(
    improved: &Improved,
    unequal: &[Unequal],
    (old, cached): ((&Facts, usize), (&Facts, usize)),
    new: (&Facts, usize),
) -> Result<(), String> {
    for fact in unequal {
        let is_fine = match fact.aspect {
            Aspect::Step => true,
            Aspect::Environment => fact.old.is_none() || improved.settings.contains(&fact.subject),
            Aspect::Base => fact.new.is_some() && fact.new == improved.base,
            Aspect::Command | Aspect::Entrypoint => {
                let new = fact.new.as_ref();
                new.is_some_and(|new| improved.started.contains(new))
            }
            Aspect::User => {
                let numbered = improved.user.as_ref();
                let is_same = |(name, numbers): &(String, String)| {
                    fact.old.as_ref() == Some(name) && fact.new.as_ref() == Some(numbers)
                };
                numbered.is_some_and(is_same)
                    || (matches!(fact.old.as_deref(), None | Some("root"))
                        && fact.new.as_deref() == Some("0:0"))
            }
            Aspect::Argument => {
                let known = if fact.old.is_none() {
                    &improved.arguments
                } else {
                    &improved.settings
                };
                (fact.old.is_none() || fact.new.is_none()) && known.contains(&fact.subject)
            }
            Aspect::Workdir => fact.old.is_none() && fact.new.as_deref() == Some("/"),
            _ => false,
        };
        if !is_fine {
            return Err(fact.to_string());
        }
    }
    let after = new.0.stage(new.1);
    for fact in old.0.stage(old.1) {
        let Some(file) = &fact.file else { continue };
        let is_there = after.iter().any(|other| other.digest == fact.digest);
        let is_bound = |bound: &String| bound == file.trim_end_matches('*');
        if !is_there && !improved.bound.iter().any(is_bound) {
            return Err(format!("`{}` would land elsewhere", fact.text));
        }
    }
    if let Some(same) = &improved.same {
        same.explained(cached, new)?;
    }
    for fact in cached.0.stage(cached.1) {
        let Some(from) = &fact.from else { continue };
        let is_there = after.iter().any(|other| other.digest == fact.digest);
        if !is_there && !improved.taken.contains(from) {
            return Err(format!("`{}` would not be the same", fact.text));
        }
    }
    let mut steps = after.iter().filter(|fact| fact.aspect == Aspect::Step);
    for expected in &improved.expected {
        if !steps.any(|fact| expected.is(&fact.text)) {
            return Err(format!(
                "`{}` would be lost or come at another time",
                expected.text()
            ));
        }
    }
    Ok(())
}
