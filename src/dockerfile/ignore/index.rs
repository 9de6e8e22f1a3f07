//! Many patterns at once: which of them match a path, without asking each.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::super::regexp::runes;
use super::glob::Glob;

/// Patterns by what a path must be, begin with or end with in order to match them.
#[derive(Clone, Debug)]
pub(super) struct Index {
    globs: Vec<Glob>,
    whole: Table,
    heads: Table,
    tails: Table,
    /// Those that say nothing of the kind, and have to be asked.
    others: Vec<usize>,
}

/// Which patterns go with a text, and how long such texts are.
#[derive(Clone, Debug, Default)]
struct Table {
    patterns: IndexMap<Vec<u8>, Vec<usize>>,
    lengths: BTreeSet<usize>,
}

impl Index {
    /// Sorts patterns. They go by their place in the list from now on.
    pub(super) fn new(globs: Vec<Glob>) -> Self {
        let mut whole = Table::default();
        let mut heads = Table::default();
        let mut tails = Table::default();
        let mut others = Vec::new();
        for (number, glob) in globs.iter().enumerate() {
            match glob {
                Glob::Exact(path) => whole.add(path, number),
                Glob::Prefix(head) => heads.add(head, number),
                Glob::Suffix(tail) => {
                    tails.add(tail, number);
                    if let Some(path) = tail.strip_prefix(b"/") {
                        whole.add(path, number);
                    }
                }
                Glob::Expression(expression) => {
                    let (head, tail) = (&expression.head, &expression.tail);
                    match head.len().max(tail.len()) {
                        0 => others.push(number),
                        longer if longer == head.len() => heads.add(head, number),
                        _ => tails.add(tail, number),
                    }
                }
            }
        }
        Self {
            globs,
            whole,
            heads,
            tails,
            others,
        }
    }

    /// The patterns that match a path, in their order.
    pub(super) fn hits(&self, path: &[u8]) -> Vec<usize> {
        let mut found = self.others.clone();
        found.extend(self.whole.get(path));
        for length in self.heads.lengths.range(..=path.len()) {
            found.extend(self.heads.get(&path[..*length]));
        }
        for length in self.tails.lengths.range(..=path.len()) {
            found.extend(self.tails.get(&path[path.len() - length..]));
        }
        let mut runes_of_path = None;
        found.retain(|number| match &self.globs[*number] {
            Glob::Expression(expression) => {
                let runes = runes_of_path.get_or_insert_with(|| runes(path));
                expression.matches(path, runes)
            }
            _ => true,
        });
        found.sort_unstable();
        found
    }
}

impl Table {
    fn add(&mut self, text: &[u8], number: usize) {
        let numbers = self.patterns.entry(text.to_vec()).or_default();
        numbers.push(number);
        self.lengths.insert(text.len());
    }

    fn get(&self, text: &[u8]) -> &[usize] {
        self.patterns.get(text).map_or(&[], Vec::as_slice)
    }
}
