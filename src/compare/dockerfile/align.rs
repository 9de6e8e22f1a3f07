//! Which step of one stage is which step of the other.

use indexmap::IndexMap;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::file::{Atom, File, Stage};
use crate::dockerfile::Instruction;

/// How far from each other two steps may stand to be taken for the same step, changed. It keeps long files quick.
const REACH: usize = 200;

/// From which likeness on, in thousandths, a step that stands elsewhere is taken for the same step, changed.
const ALIKE: usize = 500;

/// The same for one that stands where the other did.
const ALIKE_NEAR: usize = 300;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// It is there, in its place.
    Same(usize, usize),
    /// It is there, elsewhere.
    Moved(usize, usize),
    /// It says something else.
    Changed(usize, usize),
    /// It is gone.
    Removed(usize),
    /// It is new.
    Added(usize),
}

/// The steps of two stages, side by side.
pub(super) struct Alignment {
    pub(super) matches: Vec<Match>,
    /// For each step the one on the other side, unless that stands elsewhere.
    of_expected: Vec<Option<usize>>,
    of_actual: Vec<Option<usize>>,
}

/// A step that has no equal at its place.
struct Loose {
    index: usize,
    /// The run of differences that it stands in.
    hunk: usize,
    /// Its words, sorted.
    words: Vec<String>,
}

impl Alignment {
    pub(super) fn new(expected: &[Atom], actual: &[Atom]) -> Self {
        let texts = |atoms: &[Atom]| -> Vec<String> {
            atoms.iter().map(|atom| atom.text.clone()).collect()
        };
        let ops = capture_diff_slices(Algorithm::Myers, &texts(expected), &texts(actual));
        let mut matches = Vec::new();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        let mut hunk = 0;
        for op in ops {
            if let DiffOp::Equal { .. } = op {
                let pairs = op.old_range().zip(op.new_range());
                matches.extend(pairs.map(|(a, b)| Match::Same(a, b)));
                hunk += 1;
            } else {
                gone.extend(op.old_range().map(|index| loose(expected, index, hunk)));
                come.extend(op.new_range().map(|index| loose(actual, index, hunk)));
            }
        }
        let pairs = pair(&gone, &come, expected, actual);
        for (a, b) in &pairs {
            matches.push(if expected[*a].text == actual[*b].text {
                Match::Moved(*a, *b)
            } else {
                Match::Changed(*a, *b)
            });
        }
        let paired = |side: fn(&(usize, usize)) -> usize| -> Vec<usize> {
            let mut list: Vec<usize> = pairs.iter().map(side).collect();
            list.sort_unstable();
            list
        };
        let (paired_a, paired_b) = (paired(|pair| pair.0), paired(|pair| pair.1));
        let alone = |list: &[Loose], paired: &[usize]| -> Vec<usize> {
            let indexes = list.iter().map(|loose| loose.index);
            indexes
                .filter(|index| paired.binary_search(index).is_err())
                .collect()
        };
        matches.extend(alone(&gone, &paired_a).into_iter().map(Match::Removed));
        matches.extend(alone(&come, &paired_b).into_iter().map(Match::Added));
        let (mut of_expected, mut of_actual) =
            (vec![None; expected.len()], vec![None; actual.len()]);
        for found in &matches {
            if let Match::Same(a, b) | Match::Changed(a, b) = found {
                of_expected[*a] = Some(*b);
                of_actual[*b] = Some(*a);
            }
        }
        Self {
            matches,
            of_expected,
            of_actual,
        }
    }

    /// The step of the actual stage behind which a step of the expected one would stand.
    pub(super) fn before(&self, expected: usize) -> Option<usize> {
        self.of_expected[..expected]
            .iter()
            .rev()
            .find_map(|found| *found)
    }

    /// What became of a step that is still at its place.
    pub(super) fn actual_of(&self, expected: usize) -> Option<usize> {
        self.of_expected[expected]
    }

    /// What a step was that is at its place.
    pub(super) fn expected_of(&self, actual: usize) -> Option<usize> {
        self.of_actual[actual]
    }
}

fn loose(atoms: &[Atom], index: usize, hunk: usize) -> Loose {
    let mut words: Vec<String> = atoms[index]
        .text
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\\'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    Loose { index, hunk, words }
}

/// Steps that belong together, the likest first.
fn pair(gone: &[Loose], come: &[Loose], expected: &[Atom], actual: &[Atom]) -> Vec<(usize, usize)> {
    let (count_gone, count_come) = (counts(gone, expected), counts(come, actual));
    let mut candidates = Vec::new();
    for a in gone {
        let kind = key(&expected[a.index].instruction).0;
        let is_one = |counts: &Counts| counts.get(&(a.hunk, kind)) == Some(&1);
        let alone = is_one(&count_gone) && is_one(&count_come);
        for b in come.iter().filter(|b| a.index.abs_diff(b.index) <= REACH) {
            let atoms = (&expected[a.index], &actual[b.index]);
            if let Some(score) = score(a, b, atoms, alone) {
                let distance = a.index.abs_diff(b.index);
                candidates.push((std::cmp::Reverse(score), distance, a.index, b.index));
            }
        }
    }
    candidates.sort_unstable();
    let (mut used_a, mut used_b) = (vec![false; expected.len()], vec![false; actual.len()]);
    let mut pairs = Vec::new();
    for (_, _, a, b) in candidates {
        if !used_a[a] && !used_b[b] {
            (used_a[a], used_b[b]) = (true, true);
            pairs.push((a, b));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// How many steps of each kind there are in each run of differences.
type Counts = IndexMap<(usize, &'static str), usize>;

fn counts(list: &[Loose], atoms: &[Atom]) -> Counts {
    let mut counts = Counts::new();
    for loose in list {
        let kind = key(&atoms[loose.index].instruction).0;
        *counts.entry((loose.hunk, kind)).or_default() += 1;
    }
    counts
}

/// How much speaks for two steps being the same step, if anything does. `alone` says that there is no other step of
/// the kind among the differences around.
fn score(a: &Loose, b: &Loose, (expected, actual): (&Atom, &Atom), alone: bool) -> Option<usize> {
    if expected.text == actual.text {
        return Some(usize::MAX);
    }
    let (key_a, key_b) = (key(&expected.instruction), key(&actual.instruction));
    if key_a.0 != key_b.0 {
        return None;
    }
    let same_hunk = a.hunk == b.hunk;
    let like = likeness(&a.words, &b.words);
    let same_key = match (key_a.1, key_b.1) {
        (Some(a), Some(b)) if a == b => true,
        (Some(_), Some(_)) if !is_transfer(&expected.instruction) => return None,
        _ => false,
    };
    let near = same_hunk && (alone || like >= ALIKE_NEAR);
    (same_key || near || like >= ALIKE)
        .then_some(like + if same_key { 1000 } else { 0 } + if same_hunk { 500 } else { 0 })
}

/// What kind of step it is, and by what it is known among those of its kind.
fn key(instruction: &Instruction) -> (&'static str, Option<String>) {
    let name = match instruction {
        Instruction::Env(env) => env.as_slice()[0].0.as_str(),
        Instruction::Arg(arg) => arg.as_slice()[0].0.as_str(),
        Instruction::Label(label) => label.as_slice()[0].0.as_str(),
        Instruction::Copy(copy) => copy.files.destination().as_str(),
        Instruction::Add(add) => add.files.destination().as_str(),
        Instruction::Expose(ports) => {
            let port = ports.as_slice()[0].as_str();
            port.strip_suffix("/tcp").unwrap_or(port)
        }
        Instruction::Volume(paths) => paths.as_slice()[0].as_str(),
        _ => return (instruction.keyword(), None),
    };
    let kind = if is_transfer(instruction) {
        "transfer"
    } else {
        instruction.keyword()
    };
    (kind, Some(name.to_owned()))
}

fn is_transfer(instruction: &Instruction) -> bool {
    matches!(instruction, Instruction::Copy(_) | Instruction::Add(_))
}

/// The part of the words that two lists have in common, in thousandths.
fn likeness(a: &[String], b: &[String]) -> usize {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                i += 1;
                j += 1;
            }
        }
    }
    2000 * common / (a.len() + b.len()).max(1)
}

/// Which stage is which: by their names, then the last ones, then those in order that have something in common.
pub(super) fn stages(expected: &File, actual: &File) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let free = |pairs: &[(usize, usize)], a: usize, b: usize| {
        !pairs.iter().any(|pair| pair.0 == a || pair.1 == b)
    };
    for (a, stage) in expected.stages.iter().enumerate() {
        for (b, other) in actual.stages.iter().enumerate() {
            let same = stage.from.name.is_some() && stage.from.name == other.from.name;
            if same && free(&pairs, a, b) {
                pairs.push((a, b));
            }
        }
    }
    if let (Some(a), Some(b)) = (
        expected.stages.len().checked_sub(1),
        actual.stages.len().checked_sub(1),
    ) && free(&pairs, a, b)
    {
        pairs.push((a, b));
    }
    for (a, stage) in expected.stages.iter().enumerate() {
        for (b, other) in actual.stages.iter().enumerate() {
            if free(&pairs, a, b) && have_in_common(stage, other) {
                pairs.push((a, b));
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

fn have_in_common(a: &Stage, b: &Stage) -> bool {
    let step = |step: &Atom| b.atoms.iter().any(|other| other.text == step.text);
    a.from.image == b.from.image || a.atoms.iter().any(step)
}
