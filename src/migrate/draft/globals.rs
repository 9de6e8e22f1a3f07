//! The arguments in front of the first stage.

use indexmap::IndexMap;

use crate::migrate::account::Outcome;
use crate::migrate::old::Old;
use crate::migrate::variables::used;

use super::typed::{self, Fields};
use super::{account, comments, spell};

/// The arguments in front of the first stage, each once with its comments, as far as something refers to them; and the
/// comments of the others.
pub(in crate::migrate) fn globals(
    old: &Old<'_>,
    outcomes: &mut [Option<Outcome>],
) -> (Vec<(Vec<String>, Fields)>, Vec<String>) {
    let used = used(old);
    let (mut args, mut end) = (Vec::<(Vec<String>, Fields)>::new(), Vec::new());
    for (item, statement, arg) in &old.globals {
        let mut names = arg.as_slice().iter().map(|(name, _)| name.as_str());
        let outcome = if !names.any(|name| used.iter().any(|used| used == name)) {
            end.extend(comments(statement));
            Outcome::Dropped("no image and no stage refers to it".to_owned())
        } else if let Some(pairs) = typed::args(arg) {
            let is_said = |(name, _): &(String, String)| {
                let mut said = args.iter().flat_map(|(_, pairs)| pairs);
                said.any(|(known, _)| known == name)
            };
            let above = args.last().map(|(_, pairs)| pairs.as_slice());
            // Others in between may refer to what it was by then.
            let is_next = matches!((above, pairs.as_slice()), (Some([(known, _)]), [(name, _)]) if known == name);
            if pairs.iter().any(is_said) && !is_next {
                end.extend(comments(statement));
                let text =
                    "it is said again behind other arguments, and a spec says each in one place";
                Outcome::Person(text.to_owned())
            } else {
                args.push((comments(statement), pairs));
                Outcome::Key("args".to_owned())
            }
        } else {
            Outcome::Person("its default cannot be said in a spec".to_owned())
        };
        account(old, outcomes, *item, outcome);
    }
    (in_turn(args), end)
}

/// Arguments of which each name comes once: one that is said several times has a list of what it is in turn.
fn in_turn(args: Vec<(Vec<String>, Fields)>) -> Vec<(Vec<String>, Fields)> {
    let mut found: Vec<(Vec<String>, Fields)> = Vec::new();
    let mut said: IndexMap<String, Vec<String>> = IndexMap::new();
    for (comments, pairs) in args {
        let mut fresh = pairs.clone();
        fresh.retain(|(name, _)| !said.contains_key(name));
        match found.last_mut() {
            Some((above, _)) if fresh.is_empty() => above.extend(comments),
            _ => found.push((comments, fresh)),
        }
        for (name, value) in pairs {
            said.entry(name).or_default().push(value);
        }
    }
    for (name, value) in found.iter_mut().flat_map(|(_, pairs)| pairs) {
        // Without a default, it stays what it is by then.
        let mut values = said.get(name).cloned().unwrap_or_default();
        values.retain(|value| value != "{}");
        match values.as_slice() {
            [] => {}
            [only] => value.clone_from(only),
            several => *value = spell::values(several),
        }
    }
    found
}
