//! Paths and lines in their plain form, as Go's `filepath.Clean` and `strings.TrimSpace` leave them.

use std::ops::Range;

/// The shortest path that means the same: no `.`, no doubled slashes, and no `..` but at the front.
pub(super) fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match parts.last() {
                Some(last) if *last != b".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let path = parts.join(&b'/');
    match (rooted, path.is_empty()) {
        (true, _) => [b"/", &path[..]].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => path,
    }
}

/// What is left of a text without the blanks at both ends. Blanks are those of Unicode.
pub(super) fn trimmed(text: &[u8]) -> Range<usize> {
    let mut range = 0..text.len();
    while let Some(length) = blank(|length| text[range.clone()].get(..length)) {
        range.start += length;
    }
    while let Some(length) = blank(|length| {
        let text = &text[range.clone()];
        text.len().checked_sub(length).map(|from| &text[from..])
    }) {
        range.end -= length;
    }
    range
}

/// How many bytes the blank has that stands at one end of a text. No blank has more than three.
fn blank<'a>(end: impl Fn(usize) -> Option<&'a [u8]>) -> Option<usize> {
    (1..=3).find(|length| {
        let text = end(*length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.is_some_and(|text| text.chars().all(char::is_whitespace))
    })
}

#[cfg(test)]
mod tests {
    use super::{clean, trimmed};

    #[test]
    fn cleans_as_go_does() {
        for (path, cleaned) in [
            ("", "."),
            (".", "."),
            ("./", "."),
            ("/", "/"),
            ("//", "/"),
            ("/.", "/"),
            ("/..", "/"),
            ("/../a", "/a"),
            ("..", ".."),
            ("../..", "../.."),
            ("../a/..", ".."),
            ("a/..", "."),
            ("a/../..", ".."),
            ("a/../../b", "../b"),
            ("./a//b/./c/", "a/b/c"),
            ("a/b/../c", "a/c"),
            ("...", "..."),
            ("!../a", "!../a"),
        ] {
            assert_eq!(clean(path.as_bytes()), cleaned.as_bytes(), "{path}");
        }
    }

    #[test]
    fn trims_the_blanks_of_unicode() {
        for (text, left) in [
            (&b""[..], &b""[..]),
            (b" \t\r\x0b\x0c\n", b""),
            (b" a b ", b"a b"),
            ("\u{85}\u{a0}\u{3000}a\u{2003}".as_bytes(), b"a"),
            // Half of a blank is none.
            (b"\xa0a\x85", b"\xa0a\x85"),
            (b"\xe2\x80 a", b"\xe2\x80 a"),
        ] {
            assert_eq!(&text[trimmed(text)], left, "{text:?}");
        }
    }
}
