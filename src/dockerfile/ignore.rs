//! `.dockerignore` files: which files of a folder never reach the engine.
//!
//! The rules are those of `moby/patternmatcher`, not those of git. A pattern does not float: `node_modules` is
//! the one at the root of the context, and `**/node_modules` is any. `foo/` means `foo`, a file as well as a
//! folder. `!` takes back what an earlier line excluded, also below a folder that is excluded. The last line
//! that applies decides.

mod clean;
mod glob;
mod index;
mod reach;

use std::fmt;
use std::ops::Range;

use clean::{clean, trimmed};
use glob::Glob;
use index::Index;
use reach::Reach;

/// The longest line that the engine reads, its end not counted.
const LONGEST_LINE: usize = 65_535;

/// The rules of one ignore file, in their order.
#[derive(Clone, Debug)]
pub struct Ignore {
    rules: Vec<Rule>,
    index: Index,
    reach: Reach,
}

/// One line that excludes something, or takes something back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The line, counted from 1. For rules that come from no file, the place in their list.
    pub line: usize,
    /// Where the rule stands in the bytes of the file, without the blanks around it.
    pub range: Range<usize>,
    /// The rule as written, without the blanks around it. Bytes that are not UTF-8 stand as U+FFFD.
    pub text: String,
    /// The pattern that it comes to, without `!`, a leading `/`, `./` and the like.
    pub pattern: String,
    /// Whether it takes back (`!`) instead of excluding.
    pub exception: bool,
}

/// What becomes of a path, and because of which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether the path is left out.
    pub excluded: bool,
    /// The rule that decided. Without one nothing applies, and the path is sent.
    pub rule: Option<&'a Rule>,
}

impl Ignore {
    /// Reads an ignore file. The engine refuses a file with any mistake in it, so that nothing comes back then but
    /// the mistakes, in their order.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<IgnoreError>> {
        let mut reading = Reading::default();
        let mut start = 0;
        for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let place = (number + 1, start);
            start += line.len();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if line.len() > LONGEST_LINE {
                reading.refuse(place.0, place.1..start, IgnoreErrorKind::LongLine);
                continue;
            }
            let mark: &[u8] = if number == 0 { b"\xEF\xBB\xBF" } else { b"" };
            let text = line.strip_prefix(mark).unwrap_or(line);
            if !text.starts_with(b"#") {
                reading.add(place.0, place.1 + line.len() - text.len(), text);
            }
        }
        reading.done()
    }

    /// Makes rules of patterns that stand elsewhere, such as those of `COPY --exclude`. None of them is a comment, and
    /// what walks through the files then goes into every folder.
    pub fn from_patterns<'a>(
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Vec<IgnoreError>> {
        let mut reading = Reading {
            reach: Reach::everywhere(),
            ..Reading::default()
        };
        for (number, pattern) in patterns.into_iter().enumerate() {
            let range = trimmed(pattern.as_bytes());
            let text = pattern.trim();
            reading.add_pattern(number + 1, range, text, text.as_bytes());
        }
        reading.done()
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether the engine never gets to see a path of the context. The path has `/` between its parts; the context
    /// itself (`.`) is never left out. A folder that is left out still comes along, empty, with something in it that
    /// is not.
    pub fn excludes(&self, path: impl AsRef<[u8]>) -> bool {
        self.decide(path).excluded
    }

    /// Whether the engine gets to see a path, and which rule says so.
    ///
    /// This follows the walk through the context (`MatchesUsingParentResults` of `moby/patternmatcher`, as
    /// `fsutil` calls it). A rule that matches a folder goes on to hold for everything below, but only if it had a
    /// say about that folder: `!` has none about what is not excluded, and `foo` none about what is excluded already.
    /// The walk does not go into an excluded folder where it believes that no `!` leads. It is wrong about
    /// `!foo/*/**`, which takes back nothing unless another `!` has a wildcard further in front.
    pub fn decide(&self, path: impl AsRef<[u8]>) -> Decision<'_> {
        let path = relative(path.as_ref());
        let mut holding: Vec<usize> = Vec::new();
        for end in ends(&path) {
            let mut candidates: Vec<(usize, bool)> = Vec::new();
            candidates.extend(holding.iter().map(|rule| (*rule, true)));
            let hits = self.index.hits(&path[..end]);
            candidates.extend(hits.into_iter().map(|rule| (rule, false)));
            candidates.sort_unstable();
            holding.clear();
            for (rule, held) in candidates {
                let excluded = self.excluded_by(holding.last());
                if held || self.rules[rule].exception == excluded {
                    holding.push(rule);
                }
            }
            holding.dedup();
            if self.excluded_by(holding.last()) && !self.reach.leads_into(&path[..end]) {
                break;
            }
        }
        self.decision(holding.last())
    }

    /// What the last rule says that matches the path or a folder above it (`MatchesOrParentMatches`).
    ///
    /// It agrees with [`Self::decide`] but for rare combinations of `!` and patterns that meet at the same folder.
    /// `BuildKit` uses it for its check of ignored sources, and when it opens a file to send it: a file that is
    /// sent by [`Self::decide`] and excluded here arrives empty.
    pub fn last_match(&self, path: impl AsRef<[u8]>) -> Decision<'_> {
        let path = relative(path.as_ref());
        let hits = ends(&path).flat_map(|end| self.index.hits(&path[..end]));
        self.decision(hits.max().as_ref())
    }

    fn excluded_by(&self, last: Option<&usize>) -> bool {
        last.is_some_and(|rule| !self.rules[*rule].exception)
    }

    fn decision(&self, last: Option<&usize>) -> Decision<'_> {
        Decision {
            excluded: self.excluded_by(last),
            rule: last.map(|rule| &self.rules[*rule]),
        }
    }
}

/// What is wrong with one line of an ignore file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreError {
    /// The line, counted from 1.
    pub line: usize,
    /// Where in the bytes of the file.
    pub range: Range<usize>,
    /// What is wrong.
    pub kind: IgnoreErrorKind,
}

/// The mistakes that an ignore file can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreErrorKind {
    /// A `!` that takes nothing back.
    LoneException,
    /// A pattern with brackets, braces or a backslash that mean nothing.
    BadPattern {
        /// The pattern.
        pattern: String,
    },
    /// A line that is longer than the engine reads.
    LongLine,
}

impl fmt::Display for IgnoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            IgnoreErrorKind::LoneException => write!(f, "`!` with no pattern behind it"),
            IgnoreErrorKind::BadPattern { pattern } => {
                write!(
                    f,
                    "pattern `{pattern}` has a `[`, `{{` or `\\` that means nothing"
                )
            }
            IgnoreErrorKind::LongLine => {
                write!(f, "the line has more than {LONGEST_LINE} bytes")
            }
        }
    }
}

impl std::error::Error for IgnoreError {}

/// Rules and mistakes, as they are found.
#[derive(Default)]
struct Reading {
    rules: Vec<Rule>,
    globs: Vec<Glob>,
    reach: Reach,
    errors: Vec<IgnoreError>,
}

impl Reading {
    /// Adds what stands on a line (`ignorefile.ReadAll`).
    fn add(&mut self, line: usize, start: usize, text: &[u8]) {
        let written = trimmed(text);
        let range = start + written.start..start + written.end;
        let written = &text[written];
        let (mark, pattern) = match written.strip_prefix(b"!") {
            Some(rest) => (&b"!"[..], &rest[trimmed(rest)]),
            None => (&b""[..], written),
        };
        let mut pattern = match pattern {
            [] => Vec::new(),
            _ => clean(pattern),
        };
        if pattern.len() > 1 && pattern[0] == b'/' {
            pattern.remove(0);
        }
        let pattern = [mark, &pattern].concat();
        self.add_pattern(line, range, &String::from_utf8_lossy(written), &pattern);
    }

    /// Adds a pattern (`patternmatcher.New`). Here a `!` counts that only cleaning has brought to the front.
    fn add_pattern(&mut self, line: usize, range: Range<usize>, text: &str, pattern: &[u8]) {
        let pattern = &pattern[trimmed(pattern)];
        if pattern.is_empty() {
            return;
        }
        let cleaned = clean(pattern);
        let (exception, pattern) = match cleaned.strip_prefix(b"!") {
            Some([]) => return self.refuse(line, range, IgnoreErrorKind::LoneException),
            Some(rest) => (true, rest),
            None => (false, &cleaned[..]),
        };
        let shown = String::from_utf8_lossy(pattern).into_owned();
        let Some(glob) = Glob::parse(pattern) else {
            let kind = IgnoreErrorKind::BadPattern { pattern: shown };
            return self.refuse(line, range, kind);
        };
        if exception {
            self.reach.add(pattern);
        }
        self.globs.push(glob);
        self.rules.push(Rule {
            line,
            range,
            text: text.to_owned(),
            pattern: shown,
            exception,
        });
    }

    fn refuse(&mut self, line: usize, range: Range<usize>, kind: IgnoreErrorKind) {
        self.errors.push(IgnoreError { line, range, kind });
    }

    fn done(self) -> Result<Ignore, Vec<IgnoreError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        Ok(Ignore {
            rules: self.rules,
            index: Index::new(self.globs),
            reach: self.reach,
        })
    }
}

/// A path as the engine names it: from the root of the context, without `.`, `..` and doubled slashes. The root
/// itself is empty.
fn relative(path: &[u8]) -> Vec<u8> {
    let rooted = clean(&[b"/", path].concat());
    rooted[1..].to_vec()
}

/// Where the folders above a path end, and the path itself.
fn ends(path: &[u8]) -> impl Iterator<Item = usize> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let whole = (!path.is_empty()).then_some(path.len());
    slashes.map(|(at, _)| at).chain(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::Ignore;

    /// Each file is followed by paths; `-` marks those that are left out.
    fn check(file: &str, paths: &str) {
        let ignore = Ignore::parse(file.as_bytes()).unwrap();
        for path in paths.split_whitespace() {
            let bare = path.trim_start_matches('-');
            let excluded = ignore.excludes(bare);
            assert_eq!(excluded, bare != path, "{bare} by {file:?}");
        }
    }

    #[test]
    fn excludes_as_the_engine_does() {
        for (file, paths) in [
            // A pattern stands at the root, and holds for what is below.
            ("foo", "-foo -foo/a/b a/foo foobar"),
            ("*.md", "-a.md a/b.md"),
            ("**/*.md", "-a.md -a/b.md -a.md/b a.mdx"),
            ("**/foo", "-foo -a/foo -a/b/foo/c afoo"),
            ("**foo", "-foo -afoo -a/bfoo foob"),
            ("foo/**", "foo -foo/a -foo/a/b"),
            ("foo**", "-foo -foobar/a"),
            ("a/**/b", "-a/b -a/x/b -a/x/y/b a/xb -a/x/b/c ab"),
            ("**", "-a -a/b"),
            ("*", "-a -a/b -.git/config"),
            ("*/temp*", "-a/temp -a/tempx -a/temp/b a/b/temp temp"),
            ("a?c", "-abc ac a/c -aéc"),
            // A slash at the end says nothing about what it is.
            ("foo/", "-foo -foo/a"),
            ("/foo", "-foo a/foo"),
            ("./foo", "-foo"),
            ("foo/../bar", "foo -bar"),
            ("a//b/", "-a/b"),
            ("/", "a"),
            (".", "a"),
            ("..", "a"),
            // The last line that applies decides.
            ("foo\n!foo/bar", "-foo -foo/a foo/bar foo/bar/c"),
            ("*\n!src/", "-a src src/a -b/src"),
            ("!foo\nfoo", "-foo"),
            ("*\n!*.md\nREADME.md", "-a x.md -README.md"),
            ("**/a\n!b/**\nb/a/c", "-a/x b/a b/a/x -b/a/c"),
            ("! foo", "foo"),
            // What the walk does not reach, no rule takes back.
            ("*\n!foo/*/**", "-foo/a/b -foo/a -foo"),
            ("*\n!foo/*/**\n!**/x", "foo/a/b -foo/a foo/x"),
            ("*\n!foo/*", "foo/a foo/a/b -bar/a"),
            ("a\n!!a", "-a"),
            // Classes.
            ("[a-c]x", "-ax -cx dx"),
            ("[^a-c]x", "ax -dx /x"),
            ("[!a]x", "-ax -!x bx"),
            ("[a\\]]x", "-ax -]x"),
            ("[[:digit:]]", "-1 a"),
            // Whatever is behind a backslash is itself, if it is no letter or digit.
            ("\\*", "-* a"),
            ("a\\.b", "-a.b axb"),
            ("\\#a", "-#a"),
            // Signs that the engine forgets to escape.
            ("*.{js,ts}", "a.js -a.{js,ts}"),
            ("*.log|*.tmp", "-a.log -a.tmp -a.logs -b/a.tmp"),
            ("a{2}*", "-aa -aab ab a{2}"),
            ("^a*", "-ab ^ab"),
            ("a|b", "-a|b a b"),
            // Comments, blanks, ends of lines, the mark of byte order.
            ("#foo\nbar", "foo -bar #foo"),
            (" #foo", "-#foo foo"),
            ("  foo\t \r\n\r\nbar\r\n", "-foo -bar"),
            ("\u{feff}foo\n\u{feff}bar", "-foo bar"),
            ("\u{feff}#foo", "foo #foo"),
            ("\u{3000}foo\u{a0}", "-foo"),
            ("a b", "a b"),
            ("", "a"),
        ] {
            check(file, paths);
        }
    }

    #[test]
    fn takes_paths_in_any_form() {
        check("a/b", "-./a/b -/a/b -a//b -a/./b -a/x/../b -a/b/ . /");
        check("*", "-a . ./ / ..");
        let ignore = Ignore::parse(b"caf?").unwrap();
        assert!(ignore.excludes("café"));
        assert!(ignore.excludes(b"caf\xe9"));
    }

    #[test]
    fn says_which_line_decided() {
        let file = "# notes\n*\n  !src/  \nsrc/*.log\n";
        let ignore = Ignore::parse(file.as_bytes()).unwrap();
        for (path, excluded, line) in [
            ("a", true, Some(2)),
            ("src/a", false, Some(3)),
            ("src/a.log", true, Some(4)),
            ("", false, None),
        ] {
            let decision = ignore.decide(path);
            assert_eq!(decision.excluded, excluded, "{path}");
            assert_eq!(decision.rule.map(|rule| rule.line), line, "{path}");
        }
        let rule = &ignore.rules()[1];
        assert_eq!((&*rule.text, &*rule.pattern), ("!src/", "src"));
        assert_eq!(&file[rule.range.clone()], "!src/");
    }

    #[test]
    fn tells_the_walk_from_the_last_match() {
        for (file, path, walked, last) in [
            // Nothing of `foo` is excluded when `!foo` is asked about it, so it does not hold below.
            ("*/x\n!foo", "foo/x", true, false),
            // `foo` is excluded already when the last line is asked about it: the file is sent, and sent empty.
            ("*\n!foo/x\nfoo", "foo/x", false, true),
        ] {
            let ignore = Ignore::parse(file.as_bytes()).unwrap();
            assert_eq!(ignore.excludes(path), walked, "{file:?}");
            assert_eq!(ignore.last_match(path).excluded, last, "{file:?}");
        }
    }

    #[test]
    fn refuses_what_the_engine_refuses() {
        let long = "a".repeat(65_536);
        for (file, message) in [
            ("a\n!\n", "2: `!` with no pattern behind it"),
            ("!/", "1: `!` with no pattern behind it"),
            (
                "[",
                "1: pattern `[` has a `[`, `{` or `\\` that means nothing",
            ),
            (
                "a\\",
                "1: pattern `a\\` has a `[`, `{` or `\\` that means nothing",
            ),
            (
                "[a-]",
                "1: pattern `[a-]` has a `[`, `{` or `\\` that means nothing",
            ),
            (
                "[]a]",
                "1: pattern `[]a]` has a `[`, `{` or `\\` that means nothing",
            ),
            (
                "x*[",
                "1: pattern `x*[` has a `[`, `{` or `\\` that means nothing",
            ),
            (
                "\\q",
                "1: pattern `\\q` has a `[`, `{` or `\\` that means nothing",
            ),
            (
                "*{2}",
                "1: pattern `*{2}` has a `[`, `{` or `\\` that means nothing",
            ),
            (&*long, "1: the line has more than 65535 bytes"),
        ] {
            let errors = Ignore::parse(file.as_bytes()).unwrap_err();
            let found: Vec<String> = errors
                .iter()
                .map(|error| format!("{}: {error}", error.line))
                .collect();
            assert_eq!(found, [message]);
        }
        let errors = Ignore::parse(b"!\na\n[").unwrap_err();
        assert_eq!(errors.len(), 2);
        assert!(Ignore::parse(&long.as_bytes()[1..]).is_ok());
    }

    #[test]
    fn takes_patterns_from_elsewhere() {
        let ignore = Ignore::from_patterns(["#a", " /b ", "c/"]).unwrap();
        assert!(ignore.excludes("#a") && ignore.excludes("c/d"));
        // Only a file drops the slash at the front.
        assert!(!ignore.excludes("b"));
        let ignore = Ignore::from_patterns(["*", "!foo/*/**"]).unwrap();
        assert!(!ignore.excludes("foo/a/b"));
    }

    #[test]
    fn stays_quick_with_many_rules_and_paths() {
        let line = |number: usize| match number % 4 {
            0 => format!("dir{number}/file\n"),
            1 => format!("**/name{number}\n"),
            2 => format!("!dir{number}/**\n"),
            _ => format!("*/x{number}*\n"),
        };
        let file: String = (0..10_000).map(line).collect();
        let ignore = Ignore::parse(file.as_bytes()).unwrap();
        let excluded = (0..10_000)
            .filter(|number| ignore.excludes(format!("a/b/c/name{number}/x")))
            .count();
        assert_eq!(excluded, 2_500);
    }

    proptest! {
        #[test]
        fn survives_any_bytes(file: Vec<u8>, path: Vec<u8>) {
            if let Ok(ignore) = Ignore::parse(&file) {
                ignore.excludes(&path);
                ignore.last_match(&path);
            }
        }

        #[test]
        fn survives_any_signs(
            file in "[]*?\\\\{}0-9,|^!/.a\\n \\[-]{0,40}",
            path in prop::collection::vec(any::<char>(), 0..6),
        ) {
            let path: String = path.into_iter().collect();
            if let Ok(ignore) = Ignore::parse(file.as_bytes()) {
                let decision = ignore.decide(&path);
                assert_eq!(decision.excluded, decision.rule.is_some_and(|rule| !rule.exception));
            }
        }
    }
}
