//! A shell line of an old file as commands, each word with its place, so that words can be left out and nothing else
//! changes. What is more than commands that follow each other is not read at all.

use std::ops::Range;

/// A command of a line.
#[derive(Clone, Debug)]
pub(super) struct Command {
    /// What stands in front of it; nothing in front of the first one.
    pub(super) joint: Option<Joint>,
    /// Its words, at least one.
    pub(super) words: Vec<Word>,
}

/// How a command follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`
    Then,
    /// `|`
    Pipe,
}

/// A word as it is spelled, and where.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

impl Command {
    /// From its first word to its last.
    pub(super) fn range(&self) -> Range<usize> {
        let first = self.words.first().map_or(0, |word| word.range.start);
        let last = self.words.last().map_or(0, |word| word.range.end);
        first..last
    }

    /// Its words without variables in front of them, with a blank between each two.
    pub(super) fn joined(&self) -> String {
        self.program().join(" ")
    }

    /// Its words without variables that are set in front of it.
    pub(super) fn program(&self) -> Vec<&str> {
        let words = self.words.iter().map(|word| word.text.as_str());
        words
            .skip_while(|word| variable_of(word).is_some())
            .collect()
    }
}

/// The words that the usual shell is started with for a line.
pub(super) fn usual(line: &str) -> [String; 3] {
    ["/bin/sh".to_owned(), "-c".to_owned(), line.to_owned()]
}

/// The name of the variable that a word sets.
fn variable_of(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then_some(name)
}

/// Words of the shell that make more of a line than commands that follow each other.
const KEYWORDS: &[&str] = &[
    "if", "for", "while", "until", "case", "select", "function", "{", "}", "!", "[[", "then",
    "else", "elif", "fi", "do", "done", "esac",
];

/// The name of a program without its folder and its version.
pub(super) fn program(word: &str) -> &str {
    let name = word.rsplit('/').next().unwrap_or_default();
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
}

/// The words of a command behind those that it begins with; flags may stand between them.
pub(super) fn behind(words: &[&str], begin: &str) -> Option<Vec<String>> {
    let begin: Vec<&str> = begin.split_whitespace().collect();
    let mut rest = Vec::new();
    let mut found = 0;
    for word in words {
        match begin.get(found) {
            Some(next) if next == word => found += 1,
            Some(_) if found == 0 || !word.starts_with('-') => return None,
            _ => rest.push((*word).to_owned()),
        }
    }
    (found == begin.len()).then_some(rest)
}

/// The commands of the text of an instruction, from a place on.
pub(super) fn commands(text: &str, from: usize) -> Option<Vec<Command>> {
    let mut reader = Reader { text, at: from };
    let mut commands = Vec::new();
    let mut joint = None;
    loop {
        let (words, next) = reader.command()?;
        if words.is_empty() {
            // A closing `;` ends the line; anything else in front of nothing is a mistake.
            let is_end = next.is_none() && matches!(joint, Some(Joint::Then));
            return (is_end && !commands.is_empty()).then_some(commands);
        }
        if KEYWORDS.contains(&words[0].text.as_str()) {
            return None;
        }
        commands.push(Command { joint, words });
        match next {
            Some(next) => joint = Some(next),
            None => return Some(commands),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Past blanks, escaped line breaks, and the comments and empty lines behind those.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t']);
            self.at += rest.len() - trimmed.len();
            let Some(length) = self.continuation() else {
                return;
            };
            self.at += length;
            loop {
                let rest = self.rest();
                let line = rest.split_inclusive('\n').next().unwrap_or_default();
                let is_passed = line.ends_with('\n')
                    && (line.trim().is_empty() || line.trim_start().starts_with('#'));
                if !is_passed {
                    break;
                }
                self.at += line.len();
            }
        }
    }

    /// How long an escaped line break is, if one is here.
    fn continuation(&self) -> Option<usize> {
        let behind = self.rest().strip_prefix('\\')?;
        let line = behind.trim_start_matches([' ', '\t']);
        let blanks = behind.len() - line.len();
        let ending = if line.starts_with("\r\n") { 2 } else { 1 };
        (line.starts_with('\n') || ending == 2).then_some(1 + blanks + ending)
    }

    /// The words up to what ends the command, and that.
    fn command(&mut self) -> Option<(Vec<Word>, Option<Joint>)> {
        let mut words = Vec::new();
        loop {
            self.blanks();
            for (sign, joint) in [
                ("&&", Joint::And),
                ("||", Joint::Or),
                ("|", Joint::Pipe),
                (";", Joint::Then),
            ] {
                if self.rest().starts_with(sign) {
                    self.at += sign.len();
                    return Some((words, Some(joint)));
                }
            }
            match self.rest().chars().next() {
                None => return Some((words, None)),
                Some('#' | '\n' | '\r') => return None,
                Some(_) => words.push(self.word()?),
            }
        }
    }

    fn word(&mut self) -> Option<Word> {
        let start = self.at;
        while let Some(character) = self.rest().chars().next() {
            match character {
                ' ' | '\t' | ';' | '|' => break,
                '\\' => {
                    if let Some(length) = self.continuation() {
                        // The next line goes on with the word, unless it begins with a blank.
                        let next = &self.text[self.at + length..];
                        next.starts_with([' ', '\t']).then_some(())?;
                        break;
                    }
                    self.at += 1;
                    self.at += self.rest().chars().next()?.len_utf8();
                }
                '&' => {
                    let before = self.text[start..self.at].chars().next_back();
                    if before == Some('>') {
                        self.at += 1;
                    } else if self.rest().starts_with("&&") {
                        break;
                    } else {
                        return None;
                    }
                }
                '\'' => self.past(character)?,
                '"' => self.quoted()?,
                '$' if self.rest().starts_with("$(") => return None,
                '(' | ')' | '`' | '\n' | '\r' => return None,
                other => self.at += other.len_utf8(),
            }
        }
        Some(Word {
            text: self.text[start..self.at].to_owned(),
            range: start..self.at,
        })
    }

    /// Past a quoted part that knows no escapes.
    fn past(&mut self, quote: char) -> Option<()> {
        let inside = &self.rest()[1..];
        let length = inside.find(quote)?;
        self.at += length + 2;
        Some(())
    }

    /// Past a part in double quotes.
    fn quoted(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let character = self.rest().chars().next()?;
            self.at += character.len_utf8();
            match character {
                '"' => return Some(()),
                '`' => return None,
                '$' if self.rest().starts_with('(') => return None,
                '\\' => self.at += self.rest().chars().next()?.len_utf8(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    fn split(text: &str) -> Option<Vec<String>> {
        let commands = super::commands(text, 0)?;
        let joined = |command: &super::Command| {
            let words: Vec<&str> = command
                .words
                .iter()
                .map(|word| word.text.as_str())
                .collect();
            words.join(" ")
        };
        Some(commands.iter().map(joined).collect())
    }

    #[test]
    fn commands_that_follow_each_other_are_read_with_their_words() {
        let read = |text: &str| split(text).unwrap();
        assert_eq!(read("a b && c;"), ["a b", "c"]);
        assert_eq!(
            read("a \\\n  # why\n\n  -b \\  \n && c 'd && e' >f 2>&1"),
            ["a -b", "c 'd && e' >f 2>&1"]
        );
        assert_eq!(read("a\\\n b|c||d"), ["a b", "c", "d"]);
        assert_eq!(read("a \"b \\\" && c\" d\\ e"), ["a \"b \\\" && c\" d\\ e"]);
    }

    #[test]
    fn what_is_more_is_not_read() {
        for text in [
            "if a; then b; fi",
            "a && (b)",
            "a $(b)",
            "a &",
            "a # b",
            "a 'b",
            "a &&",
            "a\\\nb",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
