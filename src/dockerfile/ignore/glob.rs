//! One pattern, and the paths that it matches.
//!
//! `moby/patternmatcher` compares plain patterns byte by byte and makes regular expressions of the others. Signs that
//! it forgets to escape on the way (`|`, `{`, `}`, `^`, and whatever stands behind a backslash or within brackets)
//! keep the meaning that they have there: `*.log|*.tmp` does exclude both, and `a*|b` more than it looks.

use super::super::regexp::{self, Node, Place, Regexp, runes};

/// A pattern in the form in which it is compared.
#[derive(Clone, Debug)]
pub(super) enum Glob {
    /// The path is this.
    Exact(Vec<u8>),
    /// The path begins with this.
    Prefix(Vec<u8>),
    /// The path ends with this; if that begins with a slash, the path may also be the rest.
    Suffix(Vec<u8>),
    /// The path matches the expression.
    Expression(Expression),
}

/// A pattern with wildcards within.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    regexp: Regexp,
    literals: Literals,
}

/// What every path that matches has in it; possibly nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Literals {
    /// At its start.
    pub(super) head: Vec<u8>,
    /// At its end.
    pub(super) tail: Vec<u8>,
    /// Anywhere.
    pub(super) inner: Vec<u8>,
}

impl Glob {
    /// Reads a cleaned pattern without `!`. `None` when it is malformed.
    pub(super) fn parse(pattern: &[u8]) -> Option<Self> {
        if !is_well_formed(pattern) {
            return None;
        }
        let (kind, expression) = translate(pattern);
        Some(match kind {
            Kind::Exact => Self::Exact(pattern.to_vec()),
            Kind::Prefix => Self::Prefix(pattern[..pattern.len() - 2].to_vec()),
            Kind::Suffix => Self::Suffix(pattern[2..].to_vec()),
            Kind::Expression => {
                let node = regexp::parse(&runes(expression.as_bytes()))?;
                Self::Expression(Expression {
                    regexp: Regexp::new(&node)?,
                    literals: Literals::of(&node),
                })
            }
        })
    }
}

impl Expression {
    pub(super) fn literals(&self) -> &Literals {
        &self.literals
    }

    /// Whether a path matches. `runes` are the code points of the path.
    pub(super) fn matches(&self, path: &[u8], runes: &[u32]) -> bool {
        path.starts_with(&self.literals.head)
            && path.ends_with(&self.literals.tail)
            && self.regexp.matches(runes)
    }
}

impl Literals {
    /// Finds the longest ones that stand in a plain sequence.
    fn of(node: &Node) -> Self {
        let mut found = Self::default();
        let Node::Sequence(nodes) = node else {
            return found;
        };
        let mut run = String::new();
        let mut starts = false;
        for (number, node) in nodes.iter().enumerate() {
            match node {
                // An invalid byte counts as U+FFFD, so that nothing in the path says whether that is there.
                Node::Rune(rune) if let Some(sign) = plain(*rune) => {
                    run.push(sign);
                    continue;
                }
                Node::Place(Place::Start) if number == 0 => {
                    starts = true;
                    continue;
                }
                Node::Place(Place::End) if number + 1 == nodes.len() => {
                    found.tail = run.clone().into_bytes();
                }
                _ => {}
            }
            if std::mem::take(&mut starts) {
                found.head = run.clone().into_bytes();
            }
            if run.len() > found.inner.len() {
                found.inner = run.clone().into_bytes();
            }
            run.clear();
        }
        found
    }
}

fn plain(rune: u32) -> Option<char> {
    char::from_u32(rune).filter(|sign| *sign != '\u{fffd}')
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Exact,
    Prefix,
    Suffix,
    Expression,
}

/// How a pattern is compared, and the expression that it becomes (`Pattern.compile`).
fn translate(pattern: &[u8]) -> (Kind, String) {
    let mut kind = Kind::Exact;
    let mut expression = String::from("^");
    let mut signs = regexp::runes(pattern)
        .into_iter()
        .filter_map(char::from_u32)
        .peekable();
    // The scanner of Go that reads the pattern drops a byte order mark.
    signs.next_if_eq(&'\u{feff}');
    let mut first = true;
    while let Some(sign) = signs.next() {
        match sign {
            '*' if signs.next_if_eq(&'*').is_some() => {
                signs.next_if_eq(&'/');
                if signs.peek().is_some() {
                    expression.push_str("(.*/)?");
                    kind = Kind::Expression;
                } else if kind == Kind::Exact {
                    kind = Kind::Prefix;
                } else {
                    expression.push_str(".*");
                    kind = Kind::Expression;
                }
                if first {
                    kind = Kind::Suffix;
                }
            }
            '*' => {
                expression.push_str("[^/]*");
                kind = Kind::Expression;
            }
            '?' => {
                expression.push_str("[^/]");
                kind = Kind::Expression;
            }
            '.' | '+' | '(' | ')' | '$' => expression.extend(['\\', sign]),
            '\\' => {
                expression.push('\\');
                if let Some(escaped) = signs.next() {
                    expression.push(escaped);
                    kind = Kind::Expression;
                }
            }
            '[' | ']' => {
                expression.push(sign);
                kind = Kind::Expression;
            }
            _ => expression.push(sign),
        }
        first = false;
    }
    expression.push('$');
    (kind, expression)
}

/// Whether Go's `filepath.Match` finds no mistake in a pattern when it is asked about the path `.`, which is all that
/// `patternmatcher.New` does. It stops looking where that path does not match any more.
fn is_well_formed(mut pattern: &[u8]) -> bool {
    let mut name: &[u8] = b".";
    while !pattern.is_empty() {
        let (star, chunk, rest) = next_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return true;
        }
        let Ok(left) = match_chunk(chunk, name) else {
            return false;
        };
        let fits = |left: &&[u8]| left.is_empty() || !rest.is_empty();
        if let Some(left) = left.filter(fits) {
            name = left;
            continue;
        }
        // The star may also swallow the one byte that the name has.
        if !star || name.is_empty() {
            return true;
        }
        match match_chunk(chunk, b"") {
            Err(Malformed) => return false,
            Ok(None) => return true,
            Ok(Some(left)) => name = left,
        }
    }
    true
}

/// The next part of a pattern that has no star in it, and whether a star stands before it.
fn next_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    let pattern = &pattern[stars..];
    let mut in_class = false;
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = pattern.split_at(at.min(pattern.len()));
    (stars > 0, chunk, rest)
}

/// Brackets or a backslash that mean nothing.
struct Malformed;

/// What is left of a name behind a part of a pattern, if it matches.
fn match_chunk<'a>(mut chunk: &[u8], mut name: &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let mut failed = false;
    while let [sign, rest @ ..] = chunk {
        let first = name.first().copied();
        failed = failed || first.is_none();
        if !failed {
            name = &name[1..];
        }
        chunk = rest;
        match sign {
            b'[' => {
                let negated = chunk.first() == Some(&b'^');
                chunk = &chunk[usize::from(negated)..];
                let mut found = false;
                let mut count = 0;
                while count == 0 || chunk.first() != Some(&b']') {
                    let low = class_rune(&mut chunk).ok_or(Malformed)?;
                    let mut high = low;
                    if chunk.first() == Some(&b'-') {
                        chunk = &chunk[1..];
                        high = class_rune(&mut chunk).ok_or(Malformed)?;
                    }
                    found |= (low..=high).contains(&u32::from('.'));
                    count += 1;
                }
                chunk = &chunk[1..];
                failed = failed || found == negated;
            }
            b'?' => {}
            b'\\' => {
                let (escaped, rest) = chunk.split_first().ok_or(Malformed)?;
                failed = failed || first != Some(*escaped);
                chunk = rest;
            }
            _ => failed = failed || first != Some(*sign),
        }
    }
    Ok((!failed).then_some(name))
}

/// One code point within brackets, possibly behind a backslash. Something must follow it.
fn class_rune(chunk: &mut &[u8]) -> Option<u32> {
    if matches!(chunk.first()?, b'-' | b']') {
        return None;
    }
    let rest = chunk.strip_prefix(b"\\").unwrap_or(chunk);
    let near = &rest[..rest.len().min(4)];
    let sign = near.utf8_chunks().next()?.valid().chars().next()?;
    *chunk = &rest[sign.len_utf8()..];
    (!chunk.is_empty()).then_some(u32::from(sign))
}
