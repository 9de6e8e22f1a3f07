//! Names of variables that say that the value is a secret.

/// Words that stand for a secret between the underscores of a name.
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

/// Whether `BuildKit`'s check `SecretsUsedInArgOrEnv` takes what a variable of this name holds for a secret.
///
/// Source: the documentation of that check; it overlooks names with `PUBLIC`.
pub fn names_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| lower.split('_').any(|part| words.contains(&part));
    has(SECRET_WORDS) && !has(&["public"])
}
