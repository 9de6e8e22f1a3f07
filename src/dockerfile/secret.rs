//! What says that a value is a secret: the name of its variable, or a login in an address.

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

/// Whether an address in a text has a password in it: `scheme://user:password@host`. One that a variable has a part in is
/// not written there.
pub fn has_login(text: &str) -> bool {
    text.match_indices("://").any(|(at, sign)| {
        let scheme = text[..at].chars().next_back();
        let rest = &text[at + sign.len()..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | ',');
        let authority = rest.split(ends).next().unwrap_or_default();
        let login = authority.rsplit_once('@').map_or("", |(login, _)| login);
        let password = login.split_once(':').map_or("", |(_, password)| password);
        scheme.is_some_and(|c| c.is_ascii_alphanumeric())
            && !password.is_empty()
            && !password.contains('$')
    })
}

#[cfg(test)]
mod tests {
    use super::has_login;

    #[test]
    fn a_password_in_an_address_is_seen() {
        for text in [
            "postgres://app:hunter2@db:5432/app",
            "--url=redis://:pass@cache",
            "git clone https://me:p%40ss@example.com/x.git /x",
            "two http://a/ and amqp://u:p:q@h",
        ] {
            assert!(has_login(text), "{text}");
        }
        for text in [
            "http://example.com:8080/@here",
            "ssh://git@example.com/x",
            "https://user@example.com",
            "postgres://app:$PASSWORD@db",
            "https://:@example.com",
            "mail me@example.com: or http://a",
            "://u:p@h",
        ] {
            assert!(!has_login(text), "{text}");
        }
    }
}
