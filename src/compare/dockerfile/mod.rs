//! Two Dockerfiles: their stages side by side, what the images say of themselves, and the steps.

mod align;
mod base;
mod facts;
mod file;
mod frame;
mod packages;
mod run;
mod shell;
mod stages;
mod steps;
#[cfg(test)]
mod tests;

use indexmap::IndexSet;

use self::align::{Alignment, Match};
use self::facts::{At, Sides};
use self::file::{Atom, File};
use super::{Change, layout, words::literal};
use crate::dockerfile::Instruction;

/// Everything that differs.
pub(super) fn compare(expected: &str, actual: &str) -> Vec<Change> {
    let (mut expected, mut actual) = (File::read(expected), File::read(actual));
    let pairs = align::stages(&expected, &actual);
    let names: Vec<String> = (0..expected.stages.len())
        .map(|stage| expected.label(stage))
        .collect();
    let own: Vec<String> = (0..actual.stages.len())
        .map(|stage| actual.label(stage))
        .collect();
    expected.rename(|stage| names[stage].clone());
    actual.rename(|stage| {
        let pair = pairs.iter().find(|pair| pair.1 == stage);
        pair.map_or_else(|| own[stage].clone(), |pair| names[pair.0].clone())
    });
    let alignments = pairs
        .iter()
        .map(|(a, b)| Alignment::new(&expected.stages[*a].atoms, &actual.stages[*b].atoms))
        .collect();
    let mut comparison = Comparison {
        globals: Alignment::new(&expected.globals, &actual.globals),
        expected: &expected,
        actual: &actual,
        pairs,
        alignments,
        told: Told::default(),
        changes: Vec::new(),
    };
    comparison.stages();
    comparison.facts();
    comparison.packages();
    comparison.steps();
    let mut changes = comparison.changes;
    changes.extend(frame::mistakes(&expected, &actual));
    changes.extend(frame::directives(&expected, &actual));
    changes.extend(frame::spelling(&expected, &actual));
    changes.extend(layout::compare(&expected.pieces(), &actual.pieces()));
    changes
}

struct Comparison<'a> {
    expected: &'a File<'a>,
    actual: &'a File<'a>,
    /// Which stage is which.
    pairs: Vec<(usize, usize)>,
    /// The steps of each of these pairs.
    alignments: Vec<Alignment>,
    /// What stands before the first stage.
    globals: Alignment,
    told: Told,
    changes: Vec<Change>,
}

/// The steps of which a fact or a package has been told. What stands before the first stage is no part of it.
#[derive(Default)]
struct Told {
    expected: IndexSet<At>,
    actual: IndexSet<At>,
    /// Arguments before the first stage that name a base image of which it has been told.
    globals: IndexSet<String>,
}

impl Comparison<'_> {
    fn facts(&mut self) {
        if self.expected.stages.is_empty() || self.actual.stages.is_empty() {
            return;
        }
        let (was, is) = (facts::all(self.expected), facts::all(self.actual));
        let mut pairs = self.pairs.clone();
        let last = self.last();
        pairs.retain(|pair| *pair != last);
        pairs.insert(0, last);
        let mut seen = IndexSet::new();
        for (a, b) in pairs {
            let (was, is) = (&was[a], &is[b]);
            let new = is.keys().filter(|key| !was.contains_key(*key));
            for key in was.keys().chain(new) {
                let (old, new) = (was.get(key), is.get(key));
                let instruction =
                    |file: &'_ File, at: At| file.stages[at.0].atoms[at.1].instruction.clone();
                let old_step = old.map(|said| instruction(self.expected, said.at));
                let new_step = new.map(|said| instruction(self.actual, said.at));
                let sides = Sides {
                    expected: old.zip(old_step.as_ref()),
                    actual: new.zip(new_step.as_ref()),
                };
                let at = (old.map(|said| said.at), new.map(|said| said.at));
                // A step that is not in this stage belongs to the stage that this one is built on.
                let Some(change) =
                    facts::change(key, &sides, &self.place(at.1.map_or(b, |at| at.0)))
                else {
                    continue;
                };
                self.told.expected.extend(at.0);
                self.told.actual.extend(at.1);
                if seen.insert((key.clone(), at)) {
                    let line = match at.1 {
                        Some(at) => Some(self.actual.stages[at.0].atoms[at.1].line),
                        None => at.0.and_then(|at| match self.step_of(at.0, at.1) {
                            Some(index) => Some(self.line_of_loss(at, b, index)),
                            None => self.would_stand(at),
                        }),
                    };
                    let old = at.0.map(|at| self.expected.stages[at.0].atoms[at.1].line);
                    self.changes.push(change.at(old, line));
                }
            }
        }
    }

    /// The line where a fact is lost whose step became another one: that step's, or if it still says the same, the
    /// first of the stage in which something takes it away.
    fn line_of_loss(&self, (stage, index): At, in_stage: usize, became: usize) -> usize {
        let pair = self.pairs.iter().find(|pair| pair.0 == stage);
        let step = pair.map(|pair| &self.actual.stages[pair.1].atoms[became]);
        let old = &self.expected.stages[stage].atoms[index];
        match step {
            Some(step) if step.text != old.text => step.line,
            _ => self.actual.stages[in_stage].place.first_line,
        }
    }

    /// The line of the actual file where a step of the expected one would stand.
    fn would_stand(&self, (stage, index): At) -> Option<usize> {
        let number = self.pairs.iter().position(|pair| pair.0 == stage)?;
        let stage = &self.actual.stages[self.pairs[number].1];
        let before = self.alignments[number].before(index);
        let last = before.map_or(stage.place.last_line, |index| stage.atoms[index].last_line);
        Some(self.actual.line_behind(last))
    }

    fn packages(&mut self) {
        for (a, b) in self.pairs.clone() {
            let (old, new) = (&self.expected.stages[a].atoms, &self.actual.stages[b].atoms);
            let instructions = |atoms: &'_ [Atom]| -> Vec<Instruction> {
                atoms.iter().map(|atom| atom.instruction.clone()).collect()
            };
            let was = packages::of(instructions(old).iter());
            let is = packages::of(instructions(new).iter());
            let place = self.place(b);
            let line = |file: &File, atom: &Atom, word: &str| {
                Some(file.line_of(atom.first_line, atom.last_line, word))
            };
            for (name, (word, at)) in &was {
                let before = line(self.expected, &old[*at], word);
                match is.get(name) {
                    None => {
                        let message = format!("package {} is gone{place}", literal(name));
                        let change = Change::warning("package-removed", message);
                        let stands = match self.step_of(a, *at) {
                            Some(at) => Some(new[at].line),
                            None => self.would_stand((a, *at)),
                        };
                        self.changes.push(change.at(before, stands));
                    }
                    Some((now, _)) if now == word => {}
                    Some((now, at)) => {
                        let message =
                            format!("package {} is now {}{place}", literal(word), literal(now));
                        let change = Change::warning("package-changed", message);
                        self.changes
                            .push(change.at(before, line(self.actual, &new[*at], now)));
                    }
                }
            }
            for (name, (word, at)) in is.iter().filter(|(name, _)| !was.contains_key(*name)) {
                let message = format!("package {} is new{place}", literal(name));
                let change = Change::warning("package-added", message);
                // The step that it was added to, where that is an old one.
                let step = self.was_step(b, *at).map(|at| old[at].line);
                self.changes
                    .push(change.at(step, line(self.actual, &new[*at], word)));
            }
            let other = |list: &packages::Packages, own: &packages::Packages, step: usize| {
                let mut packages = own.iter().filter(|(_, (_, at))| *at == step);
                packages.any(|(name, _)| !list.contains_key(name))
            };
            let alone = |atom: &Atom| matches!(&atom.instruction, Instruction::Run(run) if packages::is_installation(run));
            for (index, _) in old.iter().enumerate().filter(|(_, atom)| alone(atom)) {
                if other(&is, &was, index) && self.step_of(a, index).is_none() {
                    self.told.expected.insert((a, index));
                }
            }
            for (index, _) in new.iter().enumerate().filter(|(_, atom)| alone(atom)) {
                if other(&was, &is, index) && self.was_step(b, index).is_none() {
                    self.told.actual.insert((b, index));
                }
            }
        }
    }

    /// The step of the actual file that a step became, where there is one.
    fn step_of(&self, stage: usize, index: usize) -> Option<usize> {
        let number = self.pairs.iter().position(|pair| pair.0 == stage)?;
        self.alignments[number].actual_of(index)
    }

    /// The step of the expected file that a step was, where there was one.
    fn was_step(&self, stage: usize, index: usize) -> Option<usize> {
        let number = self.pairs.iter().position(|pair| pair.1 == stage)?;
        self.alignments[number].expected_of(index)
    }

    fn steps(&mut self) {
        let mut changes = Vec::new();
        for found in &self.globals.matches {
            changes.extend(self.step(*found, &self.globals, None));
        }
        for (alignment, pair) in self.alignments.iter().zip(&self.pairs) {
            for found in &alignment.matches {
                changes.extend(self.step(*found, alignment, Some(*pair)));
            }
        }
        self.changes.extend(changes);
    }

    /// What became of a step; before the first stage without a pair of stages.
    fn step(
        &self,
        found: Match,
        alignment: &Alignment,
        pair: Option<(usize, usize)>,
    ) -> Vec<Change> {
        let (old, new) = match pair {
            Some((a, b)) => (&self.expected.stages[a].atoms, &self.actual.stages[b].atoms),
            None => (&self.expected.globals, &self.actual.globals),
        };
        let told = |a: Option<usize>, b: Option<usize>| match pair {
            Some(pair) => {
                a.is_some_and(|a| self.told.expected.contains(&(pair.0, a)))
                    || b.is_some_and(|b| self.told.actual.contains(&(pair.1, b)))
            }
            None => b.is_some_and(|b| self.told.globals.iter().any(|name| sets(&new[b], name))),
        };
        let place = pair.map_or_else(String::new, |pair| self.place(pair.1));
        match found {
            Match::Same(..) => Vec::new(),
            Match::Removed(a) if told(Some(a), None) => Vec::new(),
            Match::Added(b) if told(None, Some(b)) => Vec::new(),
            Match::Changed(a, b) if told(Some(a), Some(b)) => Vec::new(),
            Match::Removed(a) => {
                let behind = match (alignment.before(a), pair) {
                    (Some(index), _) => Some(new[index].last_line),
                    (None, Some((_, b))) => Some(self.actual.stages[b].place.last_line),
                    (None, None) => None,
                };
                let line = behind.map_or(1, |line| self.actual.line_behind(line));
                let change = steps::removed(&old[a].instruction, &old[a].shown, &place);
                vec![change.at(Some(old[a].line), Some(line))]
            }
            Match::Added(b) => {
                let insecure = match &new[b].instruction {
                    Instruction::Run(run) => run::new_step(run),
                    _ => None,
                };
                let change = steps::added(&new[b].instruction, &new[b].shown, &place);
                vec![insecure.unwrap_or(change).at(None, Some(new[b].line))]
            }
            Match::Moved(a, b) => {
                let anchor = |atoms: &[Atom], index: usize| {
                    let before = atoms[..index].iter().rev();
                    before
                        .filter(|atom| steps::runs(&atom.instruction))
                        .map(|atom| atom.text.clone())
                        .next()
                };
                let crosses = anchor(old, a) != anchor(new, b);
                let change = steps::moved(&new[b].instruction, &new[b].shown, crosses, &place);
                vec![change.at(Some(old[a].line), Some(new[b].line))]
            }
            Match::Changed(a, b) => match (&old[a].instruction, &new[b].instruction) {
                (Instruction::Run(was), Instruction::Run(is)) => {
                    run::compare(self.actual, (&old[a], &new[b]), (was, is), &place)
                }
                instructions => {
                    let texts = (old[a].shown.as_str(), new[b].shown.as_str());
                    let change = steps::changed(instructions, texts, &place);
                    vec![change.at(Some(old[a].line), Some(new[b].line))]
                }
            },
        }
    }
}

/// Whether a step sets a variable.
fn sets(atom: &Atom, name: &str) -> bool {
    matches!(&atom.instruction, Instruction::Arg(arg) if arg.as_slice().iter().any(|(own, _)| own.as_str() == name))
}
