//! Many patterns at once: which of them match a path, without asking each.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::super::regexp::runes;
use super::glob::Glob;

/// Patterns by what a path must be, begin with, end with or have in it in order to match them.
#[derive(Clone, Debug)]
pub(super) struct Index {
    globs: Vec<Glob>,
    whole: Table,
    heads: Table,
    tails: Table,
    inner: Table,
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
        let mut inner = Table::default();
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
                    let literals = expression.literals();
                    let tables = [
                        (&mut heads, &literals.head),
                        (&mut tails, &literals.tail),
                        (&mut inner, &literals.inner),
                    ];
                    // The first of the longest.
                    let longest = tables
                        .into_iter()
                        .rev()
                        .max_by_key(|(_, literal)| literal.len());
                    match longest {
                        Some((table, literal)) if !literal.is_empty() => table.add(literal, number),
                        _ => others.push(number),
                    }
                }
            }
        }
        Self {
            globs,
            whole,
            heads,
            tails,
            inner,
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
        for length in self.inner.lengths.range(..=path.len()) {
            for window in path.windows(*length) {
                found.extend(self.inner.get(window));
            }
        }
        found.sort_unstable();
        found.dedup();
        let mut runes_of_path = None;
        found.retain(|number| match &self.globs[*number] {
            Glob::Expression(expression) => {
                let runes = runes_of_path.get_or_insert_with(|| runes(path));
                expression.matches(path, runes)
            }
            _ => true,
        });
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
