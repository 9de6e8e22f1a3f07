//! What does not change the meaning: comments, blank lines, and how things are spelled.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Change;

/// A line, or several that belong together, as far as the layout goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    /// A blank line.
    Blank,
    /// The text of a comment.
    Comment(String),
    /// Something with a meaning.
    Meaning(String),
}

/// A text as pieces and the lines that they stand on.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    list: Vec<Piece>,
    lines: Vec<usize>,
}

impl Pieces {
    pub(super) fn push(&mut self, piece: Piece, line: usize) {
        self.list.push(piece);
        self.lines.push(line);
    }

    /// The lines of a text, which are comments where `is_comment` says so.
    pub(super) fn of_lines(text: &str, is_comment: impl Fn(&str) -> bool) -> Self {
        let mut pieces = Self::default();
        for (index, line) in text.lines().enumerate() {
            let piece = match line.trim() {
                "" => Piece::Blank,
                trimmed if is_comment(line) => {
                    Piece::Comment(trimmed.trim_start_matches('#').trim().to_owned())
                }
                trimmed => Piece::Meaning(trimmed.to_owned()),
            };
            pieces.push(piece, index + 1);
        }
        pieces
    }

    /// The line of a piece; behind the last one, the last line.
    fn line(&self, index: usize) -> Option<usize> {
        self.lines.get(index).or(self.lines.last()).copied()
    }
}

/// Comments and blank lines that differ. What stands around something with a meaning that is new or gone belongs to it.
pub(super) fn compare(expected: &Pieces, actual: &Pieces) -> Vec<Change> {
    let ops = capture_diff_slices(Algorithm::Myers, &expected.list, &actual.list);
    let mut changes = Vec::new();
    for op in ops {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        let (gone, come) = (&expected.list[old.clone()], &actual.list[new.clone()]);
        let at = |kind, message: String, inside: &dyn Fn(&Piece) -> bool| {
            let first = |pieces: &[Piece]| pieces.iter().position(inside).unwrap_or(0);
            Change::note(kind, message).at(
                expected.line(old.start + first(gone)),
                actual.line(new.start + first(come)),
            )
        };
        let (before, after) = (comments(gone), comments(come));
        if before != after {
            let of_meaning = |comments: &[&str], pieces: &[Piece]| {
                !comments.is_empty() && pieces.iter().any(has_meaning)
            };
            let carried = (after.is_empty() && of_meaning(&before, gone))
                || (before.is_empty() && of_meaning(&after, come));
            if !carried {
                changes.push(at("comments-changed", words(&before, &after), &|piece| {
                    matches!(piece, Piece::Comment(_))
                }));
            }
        } else if !gone.iter().chain(come).any(has_meaning) {
            let message = match (gone.len(), come.len()) {
                (0, _) => "there are more blank lines",
                (_, 0) => "there are fewer blank lines",
                _ => "blank lines stand elsewhere",
            };
            changes.push(at("blank-lines-changed", message.to_owned(), &|_| true));
        }
    }
    changes
}

/// What is told where nothing else can be: the first line that is not the same.
pub(super) fn otherwise(expected: &str, actual: &str) -> Change {
    let same = expected.lines().zip(actual.lines());
    let first = same.take_while(|(a, b)| a == b).count();
    let line = |text: &str| Some((first + 1).min(text.lines().count()).max(1));
    Change::note(
        "layout-changed",
        "the text is laid out otherwise, and means the same",
    )
    .at(line(expected), line(actual))
}

fn has_meaning(piece: &Piece) -> bool {
    matches!(piece, Piece::Meaning(_))
}

fn comments(pieces: &[Piece]) -> Vec<&str> {
    let texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Comment(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

fn words(before: &[&str], after: &[&str]) -> String {
    let shown = |comments: &[&str]| super::words::literal(&format!("# {}", comments[0]));
    match (before, after) {
        ([], [_]) => format!("there is a comment more: {}", shown(after)),
        ([], _) => format!("there are {} comments more: {}", after.len(), shown(after)),
        ([_], []) => format!("a comment is gone: {}", shown(before)),
        (_, []) => format!("{} comments are gone: {}", before.len(), shown(before)),
        ([_], [_]) => format!("a comment is now {}: was {}", shown(after), shown(before)),
        _ => format!("comments changed, the first to {}", shown(after)),
    }
}
