//! What is not the same in the facts of two files.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::facts::{Aspect, Fact, Facts};

/// A fact that is not the same on both sides.
#[derive(Clone, Debug)]
pub struct Unequal {
    /// What it is about.
    pub aspect: Aspect,
    /// Which one.
    pub subject: String,
    /// What it was, if it was there.
    pub old: Option<String>,
    /// What it is now, if it is there.
    pub new: Option<String>,
}

/// What is not equal where only commands have changed: these, and not what is the same but for standing on them.
pub(super) fn changed(old: (&Facts, usize), new: (&Facts, usize)) -> Vec<Unequal> {
    let mut found = unequal(old, new);
    let steps = |side: fn(&Unequal) -> &Option<String>| -> Vec<String> {
        let steps = found.iter().filter(|fact| fact.aspect == Aspect::Step);
        steps.filter_map(|fact| side(fact).clone()).collect()
    };
    let (gone, fresh) = (steps(|fact| &fact.old), steps(|fact| &fact.new));
    found.retain(
        |fact| match (fact.aspect, fact.old.as_ref().or(fact.new.as_ref())) {
            (Aspect::Target, _) => false,
            (Aspect::Step, Some(text)) => !gone.contains(text) || !fresh.contains(text),
            _ => true,
        },
    );
    found
}

/// What is not equal between a stage of one file and a stage of another, and between the targets of both.
///
/// `old` and `new` each are the facts and the stage that a build makes when it is asked for none.
pub(super) fn unequal(old: (&Facts, usize), new: (&Facts, usize)) -> Vec<Unequal> {
    let mut found = Vec::new();
    let (before, after) = (old.0.stage(old.1), new.0.stage(new.1));
    let steps = |facts: &[Fact]| -> Vec<Fact> {
        facts
            .iter()
            .filter(|fact| fact.aspect == Aspect::Step)
            .cloned()
            .collect()
    };
    let (old_steps, new_steps) = (steps(&before), steps(&after));
    let digests = |facts: &[Fact]| -> Vec<u64> { facts.iter().map(|fact| fact.digest).collect() };
    let (a, b) = (digests(&old_steps), digests(&new_steps));
    for op in capture_diff_slices(Algorithm::Myers, &a, &b) {
        let (tag, removed, added) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        let unequal = |fact: &Fact, is_old: bool| Unequal {
            aspect: Aspect::Step,
            subject: fact.subject.clone(),
            old: is_old.then(|| fact.text.clone()),
            new: (!is_old).then(|| fact.text.clone()),
        };
        found.extend(old_steps[removed].iter().map(|fact| unequal(fact, true)));
        found.extend(new_steps[added].iter().map(|fact| unequal(fact, false)));
    }
    let others = |facts: Vec<Fact>| -> BTreeMap<(Aspect, String), Fact> {
        let others = facts.into_iter().filter(|fact| fact.aspect != Aspect::Step);
        others
            .map(|fact| ((fact.aspect, fact.subject.clone()), fact))
            .collect()
    };
    let (before, mut after) = (others(before), others(after));
    for (key, fact) in before {
        let other = after.remove(&key);
        if other.as_ref().map(|other| other.digest) != Some(fact.digest) {
            found.push(Unequal {
                aspect: key.0,
                subject: key.1,
                old: Some(fact.text),
                new: other.map(|other| other.text),
            });
        }
    }
    for (key, fact) in after {
        found.push(Unequal {
            aspect: key.0,
            subject: key.1,
            old: None,
            new: Some(fact.text),
        });
    }
    for (index, name) in old.0.names().enumerate() {
        let Some(name) = name else { continue };
        let digest = old.0.digest_of(index);
        let same = new.0.named(name).map(|index| new.0.digest_of(index));
        // A name that is there twice asks for the last one.
        let is_asked_for = old.0.named(name).map(|index| old.0.digest_of(index)) == Some(digest);
        if is_asked_for && same != Some(digest) {
            found.push(Unequal {
                aspect: Aspect::Target,
                subject: name.to_owned(),
                old: Some(name.to_owned()),
                new: same.map(|_| format!("another `{name}`")),
            });
        }
    }
    let made = |facts: &Facts| {
        facts
            .count()
            .checked_sub(1)
            .map(|last| facts.digest_of(last))
    };
    if made(old.0) != made(new.0) && old.1 + 1 != old.0.count() {
        let name = old.0.names().last().flatten().map(ToOwned::to_owned);
        found.push(Unequal {
            aspect: Aspect::Target,
            subject: String::new(),
            old: Some(name.unwrap_or_else(|| "the last stage".to_owned())),
            new: Some("the stage that the service runs in, where a build names none".to_owned()),
        });
    }
    found
}
