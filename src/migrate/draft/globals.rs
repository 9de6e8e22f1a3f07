//! The arguments in front of the first stage.

use crate::migrate::account::Outcome;
use crate::migrate::old::Old;
use crate::migrate::variables::used;

use super::typed::{self, Fields};
use super::{account, comments, spell};

/// Arguments with the defaults that each has in turn.
type InTurn = Vec<(String, Vec<String>)>;

/// The arguments in front of the first stage, each once with its comments, as far as something refers to them; and the
/// comments of the others.
pub(in crate::migrate) fn globals(
    old: &Old<'_>,
    outcomes: &mut [Option<Outcome>],
) -> (Vec<(Vec<String>, Fields)>, Vec<String>) {
    let used = used(old);
    let mut args: Vec<(Vec<String>, InTurn)> = Vec::new();
    let mut end = Vec::new();
    for (item, statement, arg) in &old.globals {
        let mut names = arg.as_slice().iter().map(|(name, _)| name.as_str());
        let outcome = if !names.any(|name| used.iter().any(|used| used == name)) {
            end.extend(comments(statement));
            Outcome::Dropped("no image and no stage refers to it".to_owned())
        } else if let Some(pairs) = typed::args(arg) {
            let is_said = pairs.iter().any(|(name, _)| {
                let mut said = args.iter().flat_map(|(_, pairs)| pairs);
                said.any(|(known, _)| known == name)
            });
            match (args.last_mut(), pairs.as_slice()) {
                (Some((above, known)), [(name, value)]) if matches!(known.as_slice(), [(known, _)] if known == name) =>
                {
                    above.extend(comments(statement));
                    known[0].1.push(value.clone());
                    Outcome::Key("args".to_owned())
                }
                // Others in between may refer to what it was by then.
                _ if is_said => {
                    end.extend(comments(statement));
                    let text = "it is said again behind other arguments, and a spec says each in one place";
                    Outcome::Person(text.to_owned())
                }
                _ => {
                    let pairs = pairs.into_iter().map(|(name, value)| (name, vec![value]));
                    args.push((comments(statement), pairs.collect()));
                    Outcome::Key("args".to_owned())
                }
            }
        } else {
            Outcome::Person("its default cannot be said in a spec".to_owned())
        };
        account(old, outcomes, *item, outcome);
    }
    let spelled = |(comments, pairs): (_, InTurn)| {
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(name, values)| (name, in_turn(values)));
        (comments, pairs.collect())
    };
    (args.into_iter().map(spelled).collect(), end)
}

/// How a spec says the defaults that an argument has in turn; without one, it stays what it is by then.
fn in_turn(mut defaults: Vec<String>) -> String {
    defaults.retain(|default| default != "{}");
    match defaults.as_slice() {
        [] => "{}".to_owned(),
        [only] => only.clone(),
        several => spell::values(several),
    }
}
