//! Words of messages, and what names say.

/// The longest literal in a message, in characters.
const LONGEST: usize = 72;

/// The words by which `BuildKit`'s check `SecretsUsedInArgOrEnv` knows a secret, between the underscores of a name.
const SECRET_WORDS: &[&str] = &[
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "password",
    "pword",
    "passwd",
    "secret",
    "token",
];

/// Words that make it no secret after all, but something known or a place.
const OPEN_WORDS: &[&str] = &["public", "file", "path", "dir"];

/// Whether the name of a variable says that its value is a secret.
pub(super) fn names_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| lower.split('_').any(|part| words.contains(&part));
    (has(SECRET_WORDS) || lower.ends_with("password")) && !has(OPEN_WORDS)
}

/// A text as a literal of a message: its first line, cut where it is long.
pub(super) fn literal(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let first = first.trim_end_matches('\\').trim();
    let more = lines.next().is_some() || first.chars().count() > LONGEST;
    let cut: String = first.chars().take(LONGEST).collect();
    let cut = cut.trim_end();
    if more {
        format!("`{cut}…`")
    } else {
        format!("`{cut}`")
    }
}

/// Whether a user, with a group or without, is the one who may do everything.
pub(super) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default();
    name == "root" || (!name.is_empty() && name.bytes().all(|byte| byte == b'0'))
}
