//! Comments of a compose file, and the lines that they stand at.

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its line, from 1.
    pub line: usize,
    /// The line of what it is about: its own, or the next one that says something. Nothing follows what stands at the end.
    pub about: Option<usize>,
    /// Its text, without the sign.
    pub text: String,
}

/// The comments of a text, in their order.
pub fn comments(text: &str) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    let mut pending = 0;
    for (index, (line, is_text)) in text.lines().zip(within_texts(text)).enumerate() {
        let number = index + 1;
        let trimmed = line.trim();
        if is_text || trimmed.is_empty() {
            continue;
        }
        let Some(at) = begin(trimmed) else {
            for comment in &mut found[pending..] {
                comment.about = Some(number);
            }
            pending = found.len();
            continue;
        };
        let text = trimmed[at + 1..].trim().to_owned();
        let about = (at > 0).then_some(number);
        if at > 0 {
            for comment in &mut found[pending..] {
                comment.about = about;
            }
        }
        found.push(Comment {
            line: number,
            about,
            text,
        });
        if at > 0 {
            pending = found.len();
        }
    }
    found
}

/// Where the comment of a line begins: with a `#` at the beginning or behind a blank, and in no quotes.
fn begin(line: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut before = ' ';
    let mut escaped = false;
    for (at, sign) in line.char_indices() {
        match (quote, sign) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), _) if sign == open && !escaped => quote = None,
            // Within a word a quote is a letter like others.
            (None, '"' | '\'') if matches!(before, ' ' | '\t' | '[' | '{' | ',' | ':') => {
                quote = Some(sign);
            }
            (None, '#') if matches!(before, ' ' | '\t') => return Some(at),
            _ => {}
        }
        escaped = false;
        before = sign;
    }
    None
}

/// For each line, whether it is part of a text of several lines, in which nothing is a comment.
pub fn within_texts(text: &str) -> Vec<bool> {
    // How far the line is indented that such a text belongs to.
    let mut above: Option<usize> = None;
    let within = text.lines().map(|line| {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if above.is_some_and(|above| indent <= above && !trimmed.is_empty()) {
            above = None;
        }
        let is_text = above.is_some();
        if !is_text && opens_text(trimmed) {
            above = Some(indent);
        }
        is_text
    });
    within.collect()
}

/// Whether a line ends in the sign of a text of several lines: `|`, `>-`, `|2`.
fn opens_text(line: &str) -> bool {
    let code = line.split(" #").next().unwrap_or_default().trim_end();
    let bare = code.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    let is_key = |rest: &str| rest.trim_end().ends_with([':', '-']) || rest.trim().is_empty();
    bare.strip_suffix(['|', '>']).is_some_and(is_key)
}

#[cfg(test)]
mod tests {
    use super::comments;

    #[test]
    fn comments_belong_to_what_follows_or_stands_before() {
        let text = "# top\n\n# of a\na: 1 # beside\nb: 'it # is' # yes\nc: |\n  # no\n\nd: it's#no\n# end\n";
        let found: Vec<(usize, Option<usize>, String)> = comments(text)
            .into_iter()
            .map(|comment| (comment.line, comment.about, comment.text))
            .collect();
        let expected = [
            (1, Some(4), "top"),
            (3, Some(4), "of a"),
            (4, Some(4), "beside"),
            (5, Some(5), "yes"),
            (10, None, "end"),
        ];
        let expected = expected.map(|(line, about, text)| (line, about, text.to_owned()));
        assert_eq!(found, expected);
    }
}
