//! Diffs: patches that tools apply, and the same with the words that differ, for people.

use std::fmt::Write;

use similar::{Algorithm, ChangeTag, DiffOp, TextDiff, capture_diff_slices, group_diff_ops};

/// A line of a patch, in the parts that are shown alike. Its first part begins with the sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// The kind of line.
    pub part: Part,
    /// The text, and whether it is what differs in the line.
    pub words: Vec<(bool, String)>,
}

/// What a line of a patch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name of a file.
    File,
    /// Where what follows stands.
    Place,
    /// A line that goes.
    Removed,
    /// A line that comes.
    Added,
    /// A line that stays, or a remark.
    Other,
}

/// The difference between two texts as a unified diff that `patch -p1` applies; nothing if they are the same.
pub fn diff(path: &str, old: Option<&str>, new: &str) -> String {
    if old == Some(new) {
        return String::new();
    }
    // Behind a name with a blank there is a tab: else it would end at the blank.
    let end = if path.contains(' ') { "\t" } else { "" };
    let before = if old.is_some() {
        format!("a/{path}{end}")
    } else {
        "/dev/null".to_owned()
    };
    let mut text = format!("--- {before}\n+++ b/{path}{end}\n");
    let (old, new) = (split(old.unwrap_or_default()), split(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    for hunk in group_diff_ops(ops, CONTEXT) {
        let [Some(first), Some(last)] = [hunk.first(), hunk.last()] else {
            continue;
        };
        let range = |start: usize, end: usize| match end - start {
            // Of no lines it is the one above that is named.
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            count => format!("{},{count}", start + 1),
        };
        let _ = writeln!(
            text,
            "@@ -{} +{} @@",
            range(first.old_range().start, last.old_range().end),
            range(first.new_range().start, last.new_range().end)
        );
        for op in hunk {
            let kept = matches!(op, DiffOp::Equal { .. });
            let sign = if kept { ' ' } else { '-' };
            add(&mut text, sign, &old[op.old_range()]);
            if !kept {
                add(&mut text, '+', &new[op.new_range()]);
            }
        }
    }
    text
}

/// How many lines stay around those that differ.
const CONTEXT: usize = 3;

/// The lines of a text as tools that apply patches know them: nothing else than `\n` ends one.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn add(patch: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        patch.push(sign);
        patch.push_str(line);
        if !line.ends_with('\n') {
            patch.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The lines of a patch of one file. Where lines are replaced by others, the words that differ are told apart.
pub fn lines(patch: &str) -> Vec<DiffLine> {
    let mut lines = Vec::new();
    let mut removed: Vec<&str> = Vec::new();
    let mut added: Vec<&str> = Vec::new();
    let mut in_header = true;
    for line in patch.lines() {
        in_header &= !line.starts_with("@@");
        match line.as_bytes().first() {
            Some(b'-') if !in_header && added.is_empty() => removed.push(&line[1..]),
            Some(b'+') if !in_header => added.push(&line[1..]),
            first => {
                replaced(&removed, &added, &mut lines);
                removed.clear();
                added.clear();
                let part = match first {
                    _ if in_header => Part::File,
                    Some(b'@') => Part::Place,
                    Some(b'-') => Part::Removed,
                    _ => Part::Other,
                };
                if part == Part::Removed {
                    removed.push(&line[1..]);
                } else {
                    let words = vec![(false, line.to_owned())];
                    lines.push(DiffLine { part, words });
                }
            }
        }
    }
    replaced(&removed, &added, &mut lines);
    lines
}

/// Lines that others take the place of: those that go, and then those that come.
fn replaced(removed: &[&str], added: &[&str], lines: &mut Vec<DiffLine>) {
    let [old, new] = [removed, added].map(|lines| lines.iter().map(|line| format!("{line}\n")));
    let (old, new) = (old.collect::<String>(), new.collect::<String>());
    let diff = TextDiff::from_lines(&old, &new);
    let changes = || {
        let changes = diff.ops().iter();
        changes.flat_map(|change| diff.iter_inline_changes(change))
    };
    for (part, sign, other) in [
        (Part::Removed, "-", ChangeTag::Insert),
        (Part::Added, "+", ChangeTag::Delete),
    ] {
        for change in changes().filter(|change| change.tag() != other) {
            let mut words = vec![(false, sign.to_owned())];
            for (differs, word) in change.iter_strings_lossy() {
                let word = word.trim_end_matches('\n');
                match words.last_mut() {
                    Some((same, text)) if *same == differs => text.push_str(word),
                    _ => words.push((differs, word.to_owned())),
                }
            }
            words.retain(|(_, text)| !text.is_empty());
            lines.push(DiffLine { part, words });
        }
    }
}

/// For each line of a new text, from 1, the line of the old one that it takes the place of or stands behind.
pub fn opposites(old: &str, new: &str) -> impl Fn(usize) -> usize {
    let (old, new) = (split(old), split(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    // What is added at the end stands behind the last line.
    let end = old.len().saturating_sub(1);
    move |line| {
        let index = line.saturating_sub(1);
        let at = ops.partition_point(|op| op.new_range().end <= index);
        let here = ops.get(at).filter(|op| op.new_range().contains(&index));
        here.map_or(1, |op| {
            let (old, new) = (op.old_range(), op.new_range());
            let last = old.end.saturating_sub(1).max(old.start);
            let place = (old.start + index - new.start).min(last);
            place.min(end) + 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, diff, lines, opposites};

    /// The lines of a patch with the words that differ in brackets.
    fn marked(old: &str, new: &str) -> Vec<String> {
        let lines = lines(&diff("f", Some(old), new));
        let line = |line: &super::DiffLine| {
            let word = |(differs, text): &(bool, String)| match differs {
                true => format!("[{text}]"),
                false => text.clone(),
            };
            line.words.iter().map(word).collect::<String>()
        };
        lines
            .iter()
            .filter(|line| matches!(line.part, Part::Removed | Part::Added | Part::Other))
            .map(line)
            .collect()
    }

    #[test]
    fn words_that_differ_are_told_apart() {
        assert_eq!(
            marked("a\nEXPOSE 80 81\nb\n", "a\nEXPOSE 80 82\nb\n"),
            [" a", "-EXPOSE 80 [81]", "+EXPOSE 80 [82]", " b"]
        );
        assert_eq!(marked("a\n", "a\n-- b\n"), [" a", "+-- b"]);
        assert_eq!(marked("a\n-- b\n", "a\n"), [" a", "--- b"]);
        assert_eq!(
            marked("a\nb", "a\nc\n"),
            [" a", "-b", "\\ No newline at end of file", "+c"]
        );
    }

    #[test]
    fn every_line_of_a_patch_stays_what_it_is() {
        let (old, new) = ("a b\nc d\ne\nf g\n", "c d\na x\nf h\ni\n");
        let patch = diff("f", Some(old), new);
        let lines: Vec<String> = lines(&patch)
            .iter()
            .map(|line| line.words.iter().map(|(_, text)| text.as_str()).collect())
            .collect();
        assert_eq!(lines, patch.lines().collect::<Vec<_>>());
    }

    #[test]
    fn a_line_has_one_opposite() {
        let (old, new) = ("a\nb\nc\n", "a\nx\ny\nz\nc\nd\n");
        let found: Vec<usize> = (1..=6).map(opposites(old, new)).collect();
        assert_eq!(found, [1, 2, 2, 2, 3, 3]);
        assert_eq!(opposites("", "a\n")(1), 1);
    }
}
