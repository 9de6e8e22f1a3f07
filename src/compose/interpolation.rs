//! Dollar signs: which of them Compose replaces by a variable, and which arrive as they are.
//!
//! In a text that a user wrote, `${NAME}` with or without an operator is Compose's to replace and `$$` is a dollar
//! sign; both stay as written. Every other `$` is meant literally and is doubled, also that of `$NAME`: what looks
//! like a variable in a password or a pattern must not vanish. Compose replaces in values only, never in names.
//!
//! The grammar is the Compose Specification's, 12-interpolation.md; where a reference ends in the presence of
//! further braces follows its reference implementation, compose-go, `template/template.go`.

use std::fmt;
use std::ops::Range;

/// How deeply references may be nested in each other. People nest two or three.
const DEEPEST: usize = 16;

/// A `${` that Compose would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where in the text, in bytes.
    pub range: Range<usize>,
    /// What is wrong.
    pub kind: MalformedKind,
}

/// What is wrong with a `${`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MalformedKind {
    /// No `}` on the same line ends it.
    Unclosed,
    /// What follows is no name of a variable.
    NoName,
    /// A dollar sign that is neither doubled nor followed by a variable.
    Alone,
    /// Something other than `}` or an operator that Compose knows follows the name.
    UnknownOperator,
    /// References stand in references more than sixteen deep.
    TooDeep,
}

impl fmt::Display for Malformed {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self.kind {
            MalformedKind::Unclosed => "`${` without a `}` on the same line",
            MalformedKind::NoName => "`${` without the name of a variable",
            MalformedKind::Alone => "`$` without the name of a variable; `$$` is a dollar sign",
            MalformedKind::UnknownOperator => {
                "after the name of a variable Compose knows `}`, `:-`, `-`, `:?`, `?`, `:+` and `+`"
            }
            MalformedKind::TooDeep => "variables nested more than 16 deep",
        })
    }
}

impl std::error::Error for Malformed {}

/// A user's text with Compose's variables kept and every other `$` doubled.
pub fn keep(text: &str) -> Result<String, Malformed> {
    let mut out = String::with_capacity(text.len());
    keep_into(text, 0, (0, Bare::Literal), &mut out)?;
    Ok(out)
}

/// A text as Compose reads it, in the words of a user: every variable in braces. Keeping it changes nothing.
pub fn braced(text: &str) -> Result<String, Malformed> {
    let mut out = String::with_capacity(text.len());
    keep_into(text, 0, (0, Bare::Variable), &mut out)?;
    Ok(out)
}

/// What a `$` without a brace is, where no other one follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bare {
    /// A dollar sign, as users mean it.
    Literal,
    /// The beginning of a variable, as Compose reads it.
    Variable,
}

/// How many bytes a text has the name of a variable for at its beginning.
fn name_length(text: &[u8]) -> usize {
    let part = |(at, byte): &(usize, &u8)| {
        matches!(byte, b'_' | b'a'..=b'z' | b'A'..=b'Z') || (*at > 0 && byte.is_ascii_digit())
    };
    text.iter().enumerate().take_while(part).count()
}

/// A text that arrives as it is: every `$` doubled.
pub fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// `offset` is where `text` begins in the text that the user wrote.
fn keep_into(
    text: &str,
    offset: usize,
    (depth, bare): (usize, Bare),
    out: &mut String,
) -> Result<(), Malformed> {
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar..];
        let taken = match rest.as_bytes().get(1) {
            Some(b'{') => {
                let begins = offset + text.len() - rest.len();
                reference(rest, begins, (depth, bare), out)?
            }
            Some(b'$') => {
                out.push_str("$$");
                2
            }
            _ if bare == Bare::Literal => {
                out.push_str("$$");
                1
            }
            _ => match name_length(&rest.as_bytes()[1..]) {
                0 => {
                    let begins = offset + text.len() - rest.len();
                    return Err(Malformed {
                        range: begins..begins + 1,
                        kind: MalformedKind::Alone,
                    });
                }
                length => {
                    out.push_str("${");
                    out.push_str(&rest[1..=length]);
                    out.push('}');
                    length + 1
                }
            },
        };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Ok(())
}

/// Copies the reference that `text` begins with, and returns its length.
fn reference(
    text: &str,
    offset: usize,
    (depth, bare): (usize, Bare),
    out: &mut String,
) -> Result<usize, Malformed> {
    let malformed = |kind, range: Range<usize>| Malformed {
        range: offset + range.start..offset + range.end,
        kind,
    };
    if depth == DEEPEST {
        return Err(malformed(MalformedKind::TooDeep, 0..2));
    }
    let name = name_length(&text.as_bytes()[2..]);
    let after = 2 + name;
    if name == 0 {
        let line = line(text);
        let whole = line.find('}').map_or(line.len(), |end| end + 1);
        return Err(malformed(MalformedKind::NoName, 0..whole));
    }
    let found = match text[after..].chars().next() {
        None | Some('\n') => return Err(malformed(MalformedKind::Unclosed, 0..after)),
        Some('}') => {
            out.push_str(&text[..=after]);
            return Ok(after + 1);
        }
        Some(found) => found,
    };
    let operator = [":-", "-", ":?", "?", ":+", "+"]
        .into_iter()
        .find(|operator| text[after..].starts_with(operator))
        .ok_or_else(|| {
            let range = after..after + found.len_utf8();
            malformed(MalformedKind::UnknownOperator, range)
        })?;
    let operand = after + operator.len();
    // Where braces do not balance, Compose takes everything up to the last one on the line: `${CONFIG:-{}}` works.
    let close = closing_brace(text)
        .or_else(|| line(text).rfind('}'))
        .filter(|close| *close >= operand)
        .ok_or_else(|| malformed(MalformedKind::Unclosed, 0..line(text).len()))?;
    out.push_str(&text[..operand]);
    let within = (depth + 1, bare);
    keep_into(&text[operand..close], offset + operand, within, out)?;
    out.push('}');
    Ok(close + 1)
}

fn line(text: &str) -> &str {
    text.split('\n').next().unwrap_or(text)
}

/// The brace on this line that closes the first one, counted as compose-go counts: the byte after an opening brace is
/// passed over.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut passed_over = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' => return None,
            _ if passed_over => passed_over = false,
            b'{' => {
                open += 1;
                passed_over = true;
            }
            b'}' => {
                open = open.checked_sub(1)?;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Malformed, MalformedKind, braced, keep, literal};
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    #[test]
    fn variables_stay_and_other_dollars_are_doubled() {
        for (text, expected) in [
            ("plain", "plain"),
            ("${A}", "${A}"),
            ("${A:-b}", "${A:-b}"),
            (
                "${A-}${B:?must be set}-${C?}",
                "${A-}${B:?must be set}-${C?}",
            ),
            ("${A:+x}${_a1+y}", "${A:+x}${_a1+y}"),
            ("$$", "$$"),
            ("$$$", "$$$$"),
            ("$", "$$"),
            ("$A", "$$A"),
            ("$5 and p$$w", "$$5 and p$$w"),
            ("$${A}", "$${A}"),
            ("$$${A}", "$$${A}"),
            ("^a$", "^a$$"),
            ("${A:-${B:-${C}}}d$", "${A:-${B:-${C}}}d$$"),
            ("${A:-$B}", "${A:-$$B}"),
            ("${A:-$$B}", "${A:-$$B}"),
            ("${A:-it's $5}", "${A:-it's $$5}"),
            ("${A:-{}}", "${A:-{}}"),
            ("${A:-{\"a\":{}}} $", "${A:-{\"a\":{}}} $$"),
            ("${A:-}}$", "${A:-}}$$"),
            ("é$é${A:-é}", "é$$é${A:-é}"),
            ("${A}\n$B", "${A}\n$$B"),
        ] {
            assert_eq!(keep(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_malformed_reference_is_told_with_its_place() {
        for (text, kind, place) in [
            ("a ${", MalformedKind::NoName, "${"),
            ("a ${}", MalformedKind::NoName, "${}"),
            ("${1A} b", MalformedKind::NoName, "${1A}"),
            ("${ A}", MalformedKind::NoName, "${ A}"),
            ("${é}", MalformedKind::NoName, "${é}"),
            ("x${A", MalformedKind::Unclosed, "${A"),
            ("x${A:-b", MalformedKind::Unclosed, "${A:-b"),
            ("x${A:-b\n}", MalformedKind::Unclosed, "${A:-b"),
            ("${A:=b}", MalformedKind::UnknownOperator, ":"),
            ("${A/b/c}", MalformedKind::UnknownOperator, "/"),
            ("${Aé}", MalformedKind::UnknownOperator, "é"),
            ("${A:-${B%c}}", MalformedKind::UnknownOperator, "%"),
            ("é ${A:-é${}}", MalformedKind::NoName, "${}"),
        ] {
            let start = text.find(place).unwrap();
            let range = start..start + place.len();
            assert_eq!(keep(text), Err(Malformed { range, kind }), "{text}");
        }
    }

    #[test]
    fn what_compose_reads_is_said_with_braces() {
        for (text, expected) in [
            ("plain", "plain"),
            ("$A/$B_1", "${A}/${B_1}"),
            ("p$$w and $$A", "p$$w and $$A"),
            ("${A:-$B}", "${A:-${B}}"),
            ("${A:-${B:?no $C}}", "${A:-${B:?no ${C}}}"),
        ] {
            assert_eq!(braced(text).as_deref(), Ok(expected), "{text}");
            assert_eq!(keep(expected).as_deref(), Ok(expected), "{text}");
        }
        for text in ["costs 5$", "a $5", "$é"] {
            assert_eq!(
                braced(text).unwrap_err().kind,
                MalformedKind::Alone,
                "{text}"
            );
        }
    }

    #[test]
    fn deep_nesting_and_long_lines_do_no_harm() {
        let deep = "${A:-".repeat(100_000) + &"}".repeat(100_000);
        assert_eq!(keep(&deep).unwrap_err().kind, MalformedKind::TooDeep);
        let long = "${A:-b}$.".repeat(100_000);
        assert_eq!(keep(&long).unwrap().len(), 1_000_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn keeping_twice_is_keeping_once(text in "[$${}:?+A1é\\n -]{0,24}") {
            if let Ok(once) = keep(&text) {
                assert_eq!(keep(&once), Ok(once.clone()));
            }
            assert_eq!(keep(&literal(&text)), Ok(literal(&text)));
        }

        #[test]
        fn a_mistake_lies_within_the_text(text in "\\PC*|[$${}:?+A1é\\n -]{0,24}") {
            if let Err(malformed) = keep(&text) {
                prop_assert!(text.get(malformed.range).is_some());
            }
        }
    }
}
