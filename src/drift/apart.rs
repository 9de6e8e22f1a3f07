//! Telling an edit from what changed in the spec since: the digest in the stamp proves which is which.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::stamp::{self, Stamp};

/// The most differences of which every choice is tried.
const MOST: usize = 10;

/// A file that was edited by hand and would be another one today, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The file as it was generated.
    pub generated: String,
    /// What the spec describes today, with the edit.
    pub edited: String,
}

/// A difference between two texts.
struct Difference<'a> {
    /// The lines above it, which both have.
    above: &'a [&'a str],
    expected: &'a [&'a str],
    actual: &'a [&'a str],
}

/// Takes a file apart, if the digest of what was generated proves a way to do so.
///
/// Where the edit and what changed since do not meet, the file as it was generated is the file as it is with some of its
/// differences undone. There are few of them, so each choice is tried.
pub fn apart(expected: &str, actual: &str) -> Option<Apart> {
    let actual = stamp::unix(actual);
    let then = Stamp::read(&actual)?;
    let expected = stamp::with_stamp_of(expected, &actual);
    let lines = [&*expected, &*actual].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let [expected, actual] = &lines;
    let mut differences = Vec::new();
    let mut above: &[&str] = &[];
    for op in capture_diff_slices(Algorithm::Myers, expected, actual) {
        let (old, new) = (&expected[op.old_range()], &actual[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => above = old,
            // Lines that take each other's place may have been changed one for one.
            DiffOp::Replace { .. } if old.len() == new.len() => {
                for (expected, actual) in old.chunks(1).zip(new.chunks(1)) {
                    differences.push(Difference {
                        above,
                        expected,
                        actual,
                    });
                    above = &[];
                }
            }
            _ => {
                differences.push(Difference {
                    above,
                    expected: old,
                    actual: new,
                });
                above = &[];
            }
        }
    }
    let below = above;
    if differences.len() > MOST {
        return None;
    }
    // Each choice of those that are edits: a bit for each difference.
    (1..1_u32 << differences.len()).find_map(|edits| {
        let text = |undone: bool| -> String {
            let choices = differences
                .iter()
                .enumerate()
                .flat_map(|(index, difference)| {
                    let is_edit = edits & 1 << index != 0;
                    let side = if is_edit == undone {
                        difference.expected
                    } else {
                        difference.actual
                    };
                    difference.above.iter().chain(side)
                });
            choices.chain(below).copied().collect()
        };
        let generated = text(true);
        then.fits(&generated).then(|| Apart {
            edited: text(false),
            generated,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::apart;
    use crate::stamp::{Marks, header, seal};

    fn file(spec: &str, body: &str) -> String {
        let marks = Marks {
            spec_name: "dockwright.toml".to_owned(),
            build: spec.to_owned(),
            whole: spec.to_owned(),
            presets: "p".to_owned(),
        };
        let lines: String = header(&marks).map(|line| format!("# {line}\n")).concat();
        seal(&format!("{lines}{body}"), spec, &marks)
    }

    #[test]
    fn an_edit_is_told_from_what_the_spec_says_now() {
        let then = file("then", "a\nb\nc\nd\ne\n");
        let now = file("now", "a\nB\nc\nd\ne\nf\n");
        for (edit, with, merged) in [
            ("d\n", "D\n", "a\nB\nc\nD\ne\nf\n"),
            ("d\n", "", "a\nB\nc\ne\nf\n"),
            ("d\n", "d\nx\ny\n", "a\nB\nc\nd\nx\ny\ne\nf\n"),
            ("c\n", "C\n", "a\nB\nC\nd\ne\nf\n"),
        ] {
            let edited = then.replacen(edit, with, 1);
            for edited in [edited.clone(), edited.replace('\n', "\r\n")] {
                let apart = apart(&now, &edited).unwrap();
                assert_eq!(apart.generated, then);
                assert!(apart.edited.ends_with(&format!("\n{merged}")), "{merged}");
            }
        }
    }

    #[test]
    fn what_met_cannot_be_told_apart() {
        let then = file("then", "a\nb\nc\n");
        let now = file("now", "a\nB\nc\n");
        assert_eq!(apart(&now, &then.replace("b\n", "x\n")), None);
        let untouched = then.replace("seal=", "seal=0");
        assert_eq!(apart(&now, &untouched), None);
    }
}
