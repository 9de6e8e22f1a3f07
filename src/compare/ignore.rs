//! Two ignore files: their patterns, and what these do to files that matter.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::layout::{self, Pieces};
use super::{Change, Severity, words::literal};
use crate::dockerfile::ignore::{Ignore, IgnoreError, Rule};

/// Files that hold secrets, at the root of the context and in any folder of it. The last one is a repository with all
/// that ever was in it.
const SECRET_FILES: &[&str] = &[
    ".env",
    ".env.local",
    ".env.production",
    "secrets.env",
    "id_rsa",
    "id_ed25519",
    "server.key",
    "cert.pem",
    "store.p12",
    "store.pfx",
    "app.jks",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".htpasswd",
    ".aws/credentials",
    ".azure/accessTokens.json",
    ".config/gcloud/credentials.db",
    ".docker/config.json",
    ".kube/config",
    ".ssh/id_rsa",
    ".gnupg/secring.gpg",
    ".vault-token",
    "credentials.json",
    "terraform.tfstate",
    ".git/config",
];

/// Folders in which they are looked for.
const FOLDERS: &[&str] = &["", "app/", "services/web/"];

/// How many folders they are looked for in that exceptions name.
const MOST_FOLDERS: usize = 100;

/// How many paths a message names.
const NAMED: usize = 3;

/// Everything that differs.
pub(super) fn compare(expected: &str, actual: &str) -> Vec<Change> {
    let is_comment = |line: &str| line.starts_with('#');
    let mut changes = layout::compare(
        &Pieces::of_lines(expected, is_comment),
        &Pieces::of_lines(actual, is_comment),
    );
    match (
        Ignore::parse(expected.as_bytes()),
        Ignore::parse(actual.as_bytes()),
    ) {
        (Ok(was), Ok(is)) => changes.extend(rules(&was, &is)),
        (was, is) => {
            let lines = |errors: Result<Ignore, Vec<IgnoreError>>| -> Vec<(usize, String)> {
                let errors = errors.err().unwrap_or_default();
                let told = errors.iter().map(|error| (error.line, error.to_string()));
                told.collect()
            };
            let (was, is) = (lines(was), lines(is));
            for (line, words) in &is {
                let change = Change::error("not-readable", words.clone());
                changes.push(change.at(None, Some(*line)));
            }
            for (line, words) in was.iter().filter(|_| is.is_empty()) {
                let message = format!("the expected file: {words}");
                let change = Change::error("not-readable", message);
                changes.push(change.at(Some(*line), None));
            }
        }
    }
    changes
}

/// The rules that differ. One whose doing is told is not listed beside that.
fn rules(was: &Ignore, is: &Ignore) -> Vec<Change> {
    let mut changes = let_in(was, is);
    changes.extend(left_out(was, is));
    let told = |expected: Option<usize>, actual: Option<usize>, changes: &[Change]| {
        changes.iter().any(|change| {
            (expected.is_some() && change.expected_line == expected)
                || (actual.is_some() && change.line == actual)
        })
    };
    let mut list = Vec::new();
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    let key = |rule: &Rule| (rule.exception, rule.pattern.clone());
    let keys =
        |ignore: &Ignore| -> Vec<(bool, String)> { ignore.rules().iter().map(key).collect() };
    for op in capture_diff_slices(Algorithm::Myers, &keys(was), &keys(is)) {
        let (old, new) = (&was.rules()[op.old_range()], &is.rules()[op.new_range()]);
        if matches!(op, DiffOp::Equal { .. }) {
            let pairs = old
                .iter()
                .zip(new)
                .filter(|(old, new)| old.text != new.text);
            list.extend(pairs.map(|(old, new)| {
                let message = format!(
                    "{} is written otherwise, and means the same",
                    literal(&new.text)
                );
                Change::note("spelling-changed", message).at(Some(old.line), Some(new.line))
            }));
        } else {
            let stands = op.new_range().start;
            gone.extend(old.iter().map(|rule| (rule, stands)));
            come.extend(new);
        }
    }
    let ordered = was
        .rules()
        .iter()
        .chain(is.rules())
        .any(|rule| rule.exception);
    for (rule, stands) in gone {
        if let Some(at) = come.iter().position(|other| key(other) == key(rule)) {
            let other = come.remove(at);
            let (kind, severity) = if ordered {
                ("pattern-moved", Severity::Warning)
            } else {
                ("order-changed", Severity::Note)
            };
            let message = format!("pattern {} stands elsewhere", literal(&rule.text));
            let change = Change::new(kind, severity, message);
            if !told(Some(rule.line), Some(other.line), &changes) {
                list.push(change.at(Some(rule.line), Some(other.line)));
            }
        } else if !told(Some(rule.line), None, &changes) {
            let message = format!("pattern {} is gone", literal(&rule.text));
            let change = Change::warning("pattern-removed", message);
            list.push(change.at(Some(rule.line), Some(line_at(is, stands))));
        }
    }
    for rule in come {
        if !told(None, Some(rule.line), &changes) {
            let message = format!("pattern {} is new", literal(&rule.text));
            list.push(Change::warning("pattern-added", message).at(None, Some(rule.line)));
        }
    }
    changes.extend(list);
    changes
}

/// The line of a rule by its number; behind the last, the line of the last.
fn line_at(ignore: &Ignore, number: usize) -> usize {
    let rules = ignore.rules();
    let rule = rules.get(number).or(rules.last());
    rule.map_or(1, |rule| rule.line)
}

/// Secrets that the build did not get to see, and now does. They are looked for also in the
/// folders that it saw already.
fn let_in(was: &Ignore, is: &Ignore) -> Vec<Change> {
    let mut folders: Vec<String> = FOLDERS.iter().map(|folder| (*folder).to_owned()).collect();
    for rule in named(was).take(MOST_FOLDERS) {
        let folder = format!("{}/", rule.pattern);
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    let paths = folders.iter().flat_map(|folder| {
        let files = SECRET_FILES.iter();
        files.map(move |file| format!("{folder}{file}"))
    });
    let paths = paths.filter(|path| was.excludes(path) && !is.excludes(path));
    told(was, is, paths, |paths| {
        Change::error(
            "secrets-let-in",
            format!("the build now sees {paths}, which may hold secrets"),
        )
    })
}

/// Files that the build was meant to see, by the exceptions that name them, and now does not.
fn left_out(was: &Ignore, is: &Ignore) -> Vec<Change> {
    let is_lost = |path: &String| !was.excludes(path) && is.excludes(path);
    let paths = named(was).filter_map(|rule| {
        let below = format!("{}/file", rule.pattern);
        [rule.pattern.clone(), below].into_iter().find(is_lost)
    });
    told(was, is, paths, |paths| {
        Change::warning(
            "files-left-out",
            format!("the build no longer sees {paths}"),
        )
    })
}

/// The exceptions that name one path.
fn named(ignore: &Ignore) -> impl Iterator<Item = &Rule> {
    ignore.rules().iter().filter(|rule| {
        rule.exception && !rule.pattern.is_empty() && !rule.pattern.contains(['*', '?', '[', '\\'])
    })
}

/// Paths that are treated otherwise, in groups: each has the same rules to thank.
fn told(
    was: &Ignore,
    is: &Ignore,
    paths: impl Iterator<Item = String>,
    change: impl Fn(&str) -> Change,
) -> Vec<Change> {
    let mut groups: Vec<Group> = Vec::new();
    for path in paths {
        let line = |ignore: &Ignore| ignore.decide(&path).rule.map(|rule| rule.line);
        let (old, mut new) = (line(was), line(is));
        // The rule that decides now may have been there all along; then it shows where the other one is gone.
        if let Some(rule) = is.decide(&path).rule
            && was
                .rules()
                .iter()
                .any(|old| (old.exception, &old.pattern) == (rule.exception, &rule.pattern))
        {
            new = None;
        }
        let same = |group: &&mut Group| match new {
            Some(_) => group.new == new,
            None => group.new.is_none() && group.old == old,
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.paths.push(path),
            None => groups.push(Group {
                old,
                new,
                paths: vec![path],
            }),
        }
    }
    let told = |Group { old, new, paths }: Group| {
        let named: Vec<String> = paths.iter().take(NAMED).map(|path| literal(path)).collect();
        let mut words = named.join(", ");
        if paths.len() > NAMED {
            words = format!("{words} and the like");
        }
        let before = |line: usize| {
            let rules = was.rules().iter();
            rules.take_while(|rule| rule.line < line).count()
        };
        let line = new.or_else(|| Some(line_at(is, before(old?))));
        change(&words).at(old, line)
    };
    groups.into_iter().map(told).collect()
}

/// Paths and the lines of the rules that decided about them: the old one, and the new one where it is new.
struct Group {
    old: Option<usize>,
    new: Option<usize>,
    paths: Vec<String>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::super::{dockerignore, in_short};

    /// A file as it is generated: all but what is copied, and secrets never.
    const CLOSED: &str = "\
# Only what is copied
*
!src
!Makefile

# Never
**/.git
**/.env*
**/*.key
**/*.pem
";

    #[test]
    fn tells_what_differs() {
        let mut wrong: Vec<String> = Vec::new();
        let changed = |old: &str, new: &str| CLOSED.replace(old, new);
        for (actual, told) in [
            (changed("!src\n", ""), "files-left-out warning 3"),
            (changed("!src\n", "!src\n!lib\n"), "pattern-added warning 4"),
            (changed("*.key", "*.keys"), "secrets-let-in error 9"),
            (changed("**/*.key\n", ""), "secrets-let-in error 9"),
            (changed("**/.env*\n", ""), "secrets-let-in error 8"),
            (format!("{CLOSED}!**/.env\n"), "secrets-let-in error 11"),
            (format!("{CLOSED}src\n"), "files-left-out warning 11"),
            (format!("{CLOSED}src/*.log\n"), "pattern-added warning 11"),
            (
                changed("# Never\n", "# At no time\n"),
                "comments-changed note 6",
            ),
            (changed("\n\n", "\n"), "blank-lines-changed note 5"),
            (changed("!src\n", "!src/\n"), "spelling-changed note 3"),
            (changed("!src\n", "  !src\n"), "layout-changed note 3"),
            (changed("\n", "\r\n"), ""),
            (format!("{CLOSED}["), "not-readable error 11"),
            (
                String::new(),
                "secrets-let-in error 1, pattern-removed warning 1, pattern-removed warning 1, secrets-let-in error 1, secrets-let-in error 1, secrets-let-in error 1, secrets-let-in error 1",
            ),
        ] {
            check(CLOSED, &actual, told, &mut wrong);
        }
        for (expected, actual, told) in [
            // Open files.
            (".env\n", "", "secrets-let-in error 1"),
            ("", ".env\n", "pattern-added warning 1"),
            ("**/.env\n", ".env\n", "secrets-let-in error 1"),
            (
                ".env\n",
                "**/.env\n",
                "pattern-added warning 1, pattern-removed warning 1",
            ),
            ("a\nb\n", "b\na\n", "order-changed note 1"),
            ("*\n!a\n", "!a\n*\n", "files-left-out warning 2"),
            ("a\n!b\nc\n", "c\na\n!b\n", "pattern-moved warning 1"),
            (
                "node_modules\n",
                "/node_modules/\n",
                "spelling-changed note 1",
            ),
            (
                "node_modules\n",
                "# node_modules\n",
                "comments-changed note 1, pattern-removed warning 1",
            ),
            ("**/.git\n", "", "secrets-let-in error 1"),
            ("!\n", "a\n", "not-readable error -"),
            ("a", "a\n", "layout-changed note 1"),
        ] {
            check(expected, actual, told, &mut wrong);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn check(expected: &str, actual: &str, told: &str, wrong: &mut Vec<String>) {
        let found = in_short(&dockerignore(expected, actual)).join(", ");
        if found != told {
            wrong.push(format!(
                "{expected}->\n{actual}  wanted {told}\n  found {found}\n"
            ));
        }
    }

    #[test]
    fn says_which_files_are_let_in() {
        let changes = dockerignore(CLOSED, &format!("{CLOSED}!**/*.pem\n"));
        let messages: Vec<&str> = changes
            .iter()
            .map(|change| change.message.as_str())
            .collect();
        let message = "the build now sees `cert.pem`, `app/cert.pem`, `services/web/cert.pem` and the like, which may hold secrets";
        assert_eq!(messages, [message]);
    }

    proptest! {
        #[test]
        fn equal_texts_have_no_differences(text in "(\\*\n|!?[a-c./*\\[ ]{0,4}\n|# x\n|\n){0,9}", other: String) {
            prop_assert_eq!(dockerignore(&text, &text), []);
            prop_assert_eq!(dockerignore(&text, &other).is_empty(), text == other);
            prop_assert_eq!(dockerignore(&other, &text).is_empty(), text == other);
        }

        #[test]
        fn any_byte_counts(at in 0..CLOSED.len(), byte in 0..128_u8) {
            let mut bytes = CLOSED.as_bytes().to_vec();
            bytes[at] = byte;
            let actual = String::from_utf8(bytes).unwrap();
            let changes = dockerignore(CLOSED, &actual);
            prop_assert_eq!(changes.is_empty(), actual == CLOSED);
            let lines = actual.lines().count();
            for change in changes {
                prop_assert!(change.line.is_none_or(|line| (1..=lines).contains(&line)), "{:?}", change);
            }
        }
    }
}
