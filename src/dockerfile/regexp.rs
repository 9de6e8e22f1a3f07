//! Regular expressions, as far as ignore patterns and `${name#pattern}` come down to them.
//!
//! `BuildKit` turns both into expressions of Go's `regexp` package and leaves the matching to that. Patterns
//! are matched here in the same way: all alternatives side by side, in time proportional to the length of
//! the pattern times the length of the text, whatever the pattern is.

mod syntax;

pub(super) use syntax::parse;

/// How many steps one expression may have. Only repetitions such as `a{1000}` come near it.
const MOST_STEPS: usize = 100_000;

/// An expression, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// One code point.
    Rune(u32),
    /// One code point that lies in one of the ranges, or in none of them where the flag is set.
    Class(Vec<(u32, u32)>, bool),
    /// One code point other than a newline.
    Dot,
    /// A condition on the place, which consumes nothing.
    Place(Place),
    /// One after the other.
    Sequence(Vec<Node>),
    /// One of them, the earlier preferred.
    Choice(Vec<Node>),
    /// So many times, at most without bound; with the flag as many as possible, else as few.
    Repeat(Box<Node>, usize, Option<usize>, bool),
}

/// A condition on the place between two code points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// Nothing stands before.
    Start,
    /// Nothing stands after.
    End,
    /// An ASCII letter, digit or `_` stands on one side only.
    WordEdge,
    /// Not such a place.
    NoWordEdge,
}

/// An expression made ready for matching.
#[derive(Clone, Debug)]
pub(super) struct Regexp {
    steps: Vec<Step>,
    anchored: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Rune(u32),
    Class(Vec<(u32, u32)>, bool),
    Dot,
    Place(Place),
    /// Go on at the first, and where that fails at the second.
    Either(usize, usize),
    Done,
}

impl Regexp {
    /// Makes an expression ready, unless its repetitions make it too large.
    pub(super) fn new(node: &Node) -> Option<Self> {
        let mut steps = Vec::new();
        emit(node, &mut steps)?;
        steps.push(Step::Done);
        let anchored = matches!(steps[0], Step::Place(Place::Start));
        Some(Self { steps, anchored })
    }

    /// Whether the expression matches anywhere in the text.
    pub(super) fn matches(&self, text: &[u32]) -> bool {
        self.run(text, 0, true).is_some()
    }

    /// Where the first match at or after a place lies. Among matches that begin there, the one that the
    /// expression prefers.
    pub(super) fn find(&self, text: &[u32], from: usize) -> Option<(usize, usize)> {
        self.run(text, from, false)
    }

    /// Follows all alternatives at once, in order of preference.
    fn run(&self, text: &[u32], from: usize, any: bool) -> Option<(usize, usize)> {
        let mut now = Threads::new(self.steps.len());
        let mut next = Threads::new(self.steps.len());
        let mut best = None;
        for at in from..=text.len() {
            if best.is_none() && !(self.anchored && at > 0) {
                self.follow(&mut now, 0, at, text, at);
            }
            if now.list.is_empty() && (best.is_some() || self.anchored) {
                break;
            }
            for &(step, start) in &now.list {
                let taken = match &self.steps[step] {
                    Step::Done => {
                        best = Some((start, at));
                        break;
                    }
                    Step::Rune(rune) => text.get(at) == Some(rune),
                    Step::Dot => text.get(at).is_some_and(|rune| *rune != u32::from('\n')),
                    Step::Class(ranges, negated) => text.get(at).is_some_and(|rune| {
                        ranges
                            .iter()
                            .any(|(low, high)| (*low..=*high).contains(rune))
                            != *negated
                    }),
                    Step::Either(..) | Step::Place(_) => false,
                };
                if taken {
                    self.follow(&mut next, step + 1, start, text, at + 1);
                }
            }
            if any && best.is_some() {
                break;
            }
            std::mem::swap(&mut now, &mut next);
            next.clear();
        }
        best
    }

    /// Notes every step that can be reached from this one without consuming anything.
    fn follow(&self, threads: &mut Threads, step: usize, start: usize, text: &[u32], at: usize) {
        threads.open.push(step);
        while let Some(step) = threads.open.pop() {
            if std::mem::replace(&mut threads.seen[step], threads.round) == threads.round {
                continue;
            }
            match &self.steps[step] {
                Step::Either(first, second) => threads.open.extend([*second, *first]),
                Step::Place(place) => {
                    if place.holds(text, at) {
                        threads.open.push(step + 1);
                    }
                }
                Step::Rune(_) | Step::Class(..) | Step::Dot | Step::Done => {
                    threads.list.push((step, start));
                }
            }
        }
    }
}

/// The alternatives that are still possible at one place, with the place where each began.
struct Threads {
    list: Vec<(usize, usize)>,
    seen: Vec<usize>,
    round: usize,
    open: Vec<usize>,
}

impl Threads {
    fn new(steps: usize) -> Self {
        Self {
            list: Vec::new(),
            seen: vec![0; steps],
            round: 1,
            open: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.round += 1;
    }
}

impl Place {
    fn holds(self, text: &[u32], at: usize) -> bool {
        let word = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .and_then(|rune| char::from_u32(*rune))
                .is_some_and(|rune| rune.is_ascii_alphanumeric() || rune == '_')
        };
        match self {
            Self::Start => at == 0,
            Self::End => at == text.len(),
            Self::WordEdge => word(at.checked_sub(1)) != word(Some(at)),
            Self::NoWordEdge => word(at.checked_sub(1)) == word(Some(at)),
        }
    }
}

/// Writes the steps of an expression. `None` when they become too many.
fn emit(node: &Node, steps: &mut Vec<Step>) -> Option<()> {
    if steps.len() > MOST_STEPS {
        return None;
    }
    match node {
        Node::Rune(rune) => steps.push(Step::Rune(*rune)),
        Node::Class(ranges, negated) => steps.push(Step::Class(ranges.clone(), *negated)),
        Node::Dot => steps.push(Step::Dot),
        Node::Place(place) => steps.push(Step::Place(*place)),
        Node::Sequence(nodes) => {
            for node in nodes {
                emit(node, steps)?;
            }
        }
        Node::Choice(nodes) => {
            let Some((last, others)) = nodes.split_last() else {
                return Some(());
            };
            let mut leaps = Vec::new();
            for node in others {
                let fork = steps.len();
                steps.push(Step::Either(fork + 1, fork + 1));
                emit(node, steps)?;
                leaps.push(steps.len());
                steps.push(Step::Either(0, 0));
                steps[fork] = Step::Either(fork + 1, steps.len());
            }
            emit(last, steps)?;
            for leap in leaps {
                steps[leap] = Step::Either(steps.len(), steps.len());
            }
        }
        Node::Repeat(node, least, most, greedy) => {
            for _ in 0..*least {
                emit(node, steps)?;
            }
            let either = |first, second| match greedy {
                true => Step::Either(first, second),
                false => Step::Either(second, first),
            };
            if let Some(most) = most {
                let mut forks = Vec::new();
                for _ in *least..*most {
                    forks.push(steps.len());
                    steps.push(Step::Done);
                    emit(node, steps)?;
                }
                for fork in forks {
                    steps[fork] = either(fork + 1, steps.len());
                }
            } else {
                let fork = steps.len();
                steps.push(Step::Done);
                emit(node, steps)?;
                steps.push(Step::Either(fork, fork));
                steps[fork] = either(fork + 1, steps.len());
            }
        }
    }
    Some(())
}

/// The code points of a text. Each byte that belongs to none counts as U+FFFD, as in Go.
pub(super) fn runes(bytes: &[u8]) -> Vec<u32> {
    let mut runes = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        runes.extend(chunk.valid().chars().map(u32::from));
        runes.extend(chunk.invalid().iter().map(|_| u32::from('\u{FFFD}')));
    }
    runes
}

#[cfg(test)]
mod tests {
    use super::{Regexp, parse, runes};

    /// Where the first match lies, or that the expression is refused.
    fn find(pattern: &str, text: &str) -> String {
        let Some(node) = parse(&runes(pattern.as_bytes())) else {
            return "refused".to_owned();
        };
        let regexp = Regexp::new(&node).unwrap();
        match regexp.find(&runes(text.as_bytes()), 0) {
            Some((start, end)) => format!("{start}..{end}"),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn matches_as_go_does() {
        for (pattern, text, found) in [
            ("^a[^/]*$", "abc", "0..3"),
            ("^a[^/]*$", "a/c", "none"),
            ("^(.*/)?b$", "x/y/b", "0..5"),
            ("^(.*/)?b$", "b", "0..1"),
            ("^a|b[^/]*$", "xxb", "2..3"),
            ("a{2}", "caaa", "1..3"),
            ("a{2,}", "caaa", "1..4"),
            ("a{1,2}", "caaa", "1..3"),
            ("a{js,ts}", "a{js,ts}", "0..8"),
            ("a{01}", "a{01}", "0..5"),
            ("{2}", "", "refused"),
            ("a{2}{3}", "", "refused"),
            ("a{1001}", "", "refused"),
            ("a{3,2}", "", "refused"),
            ("[a-c\\d]*$", "xa1b", "1..4"),
            ("[^a-c]", "ab\n", "2..3"),
            ("[c-a]", "", "refused"),
            ("[a-]", "-", "0..1"),
            ("[]a]", "]", "0..1"),
            ("[[:alpha:]]", "1a", "1..2"),
            ("[[:^alpha:]]", "a1", "1..2"),
            ("[[:nix:]]", "", "refused"),
            ("[a", "", "refused"),
            (".", "\né", "1..2"),
            ("\\bab\\b", "cab ab", "4..6"),
            ("a\\B", "a ab", "2..3"),
            ("\\Aa\\z", "a", "0..1"),
            ("\\Qa.*\\E$", "xa.*", "1..4"),
            ("\\x41\\x{42}\\101\\n", "ABA\n", "0..4"),
            ("\\q", "", "refused"),
            ("\\1", "", "refused"),
            ("\\pL", "", "refused"),
            ("a||b", "b", "0..0"),
            ("", "b", "0..0"),
        ] {
            assert_eq!(find(pattern, text), found, "{pattern} in {text:?}");
        }
    }

    #[test]
    fn takes_time_in_proportion() {
        let pattern = format!("^{}b$", "(.*/)?".repeat(600));
        let text = "a/".repeat(600);
        assert_eq!(find(&pattern, &text), "none");
    }
}
