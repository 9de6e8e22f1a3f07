//! Image references: `python`, `ghcr.io/a/b:1`, `localhost:5000/x@sha256:...`.
//!
//! The grammar is that of `distribution/reference`, the rule for short names that of Docker: what has no registry
//! before it comes from `docker.io`, and what has no user either from `docker.io/library`.

use std::fmt;

/// The registry that a name without one means.
const DEFAULT_DOMAIN: &str = "docker.io";

/// The same registry by an older name.
const LEGACY_DOMAIN: &str = "index.docker.io";

/// What stands before the names of official images.
const OFFICIAL: &str = "library/";

/// The longest path that a reference may have.
const LONGEST_PATH: usize = 255;

/// The longest tag.
const LONGEST_TAG: usize = 128;

/// The kinds of digests, and how many hexadecimal digits each has.
const DIGESTS: &[(&str, usize)] = &[("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// A reference to an image, complete with its registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl ImageRef {
    /// Reads a reference as `FROM` has it, short or complete (`ParseNormalizedNamed`).
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if text.len() == 64 && text.bytes().all(is_lower_hex) {
            return Err(ReferenceError::Identifier);
        }
        let (domain, rest) = complete(text);
        let name = rest.split(':').next().unwrap_or_default();
        if name
            .chars()
            .any(|sign| sign.to_lowercase().next() != Some(sign))
        {
            return Err(ReferenceError::Uppercase);
        }
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest.to_owned(), Some(digest)),
            None => (rest, None),
        };
        // A first part that is no registry after all, such as `my_host.lan`, still is a good path.
        let (domain, rest) = if is_domain(domain) {
            (domain, rest)
        } else {
            ("", format!("{domain}/{rest}"))
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (&*rest, None),
        };
        if !path.split('/').all(is_component) {
            return Err(ReferenceError::Name);
        }
        if !tag.is_none_or(is_tag) {
            return Err(ReferenceError::Tag);
        }
        if !digest.is_none_or(is_digest) {
            return Err(ReferenceError::Digest);
        }
        if path.len() > LONGEST_PATH {
            return Err(ReferenceError::LongName);
        }
        Ok(Self {
            domain: domain.to_owned(),
            path: path.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The registry, with its port: `docker.io`. Empty for the odd name whose first part looks like a registry and
    /// is none, such as `my_host.lan/x`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The repository within the registry: `library/python`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag, if one is given.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest with its algorithm, if one is given.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Registry and repository: `docker.io/library/python`.
    pub fn name(&self) -> String {
        match &*self.domain {
            "" => self.path.clone(),
            domain => format!("{domain}/{}", self.path),
        }
    }

    /// The short form of the name, which people write: `python`.
    pub fn familiar_name(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return self.name();
        }
        let official = self.path.strip_prefix(OFFICIAL);
        let short = official.filter(|name| !name.contains('/'));
        short.unwrap_or(&self.path).to_owned()
    }

    /// The short form with tag and digest: `python:3.13`.
    pub fn familiar(&self) -> String {
        self.with_name(self.familiar_name())
    }

    /// The same image, with the tag `latest` if there is neither tag nor digest.
    #[must_use]
    pub fn or_latest(mut self) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some("latest".to_owned());
        }
        self
    }

    fn with_name(&self, mut text: String) -> String {
        for (mark, part) in [(':', &self.tag), ('@', &self.digest)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }
}

/// Writes the complete form: `docker.io/library/python:3.13`.
impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_name(self.name()))
    }
}

/// What is wrong with a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    /// There is none.
    Empty,
    /// It is the bare number of an image.
    Identifier,
    /// The name has capital letters.
    Uppercase,
    /// The name has signs that are not allowed, or not there.
    Name,
    /// The name is too long.
    LongName,
    /// The tag has signs that are not allowed, or too many.
    Tag,
    /// The digest is none of a known algorithm.
    Digest,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "an image needs a name"),
            Self::Identifier => write!(f, "64 hexadecimal digits are no name of an image"),
            Self::Uppercase => write!(f, "the name of an image is lower case"),
            Self::Name => write!(
                f,
                "the name of an image has letters and digits between single `/`, `.`, `_`, or `-`"
            ),
            Self::LongName => {
                write!(
                    f,
                    "the name of an image has {LONGEST_PATH} characters at most"
                )
            }
            Self::Tag => write!(
                f,
                "a tag has letters, digits, `_`, `.` and `-`, {LONGEST_TAG} at most, and begins with none of `.` and `-`"
            ),
            Self::Digest => write!(
                f,
                "a digest is `sha256:` and 64 lower-case hexadecimal digits, or the like of `sha384` or `sha512`"
            ),
        }
    }
}

impl std::error::Error for ReferenceError {}

/// A text split into its registry and the rest, both as if they had been written (`splitDockerDomain`).
fn complete(text: &str) -> (&str, String) {
    let (domain, rest) = match text.split_once('/') {
        Some((LEGACY_DOMAIN, rest)) => (DEFAULT_DOMAIN, rest),
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first
                    .chars()
                    .any(|sign| sign.to_lowercase().next() != Some(sign)) =>
        {
            (first, rest)
        }
        _ => (DEFAULT_DOMAIN, text),
    };
    let official = domain == DEFAULT_DOMAIN && !rest.contains('/');
    (
        domain,
        format!("{}{rest}", if official { OFFICIAL } else { "" }),
    )
}

/// A host name, an IPv4 address or an IPv6 address in brackets, possibly with a port.
fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_label = |label: &str| {
        let inner = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        inner && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_v6 = |text: &str| {
        let inner = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        inner.is_some_and(|text| {
            let is_digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
            !text.is_empty() && text.bytes().all(is_digit)
        })
    };
    port.is_none_or(is_port) && (is_v6(host) || host.split('.').all(is_label))
}

/// Lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_component(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut parts = text.split(|sign: char| u8::try_from(sign).is_ok_and(is_sign));
    let separates =
        |part: &str| matches!(part, "" | "." | "_" | "__") || part.bytes().all(|byte| byte == b'-');
    let (first, last) = (text.bytes().next(), text.bytes().next_back());
    first.is_some_and(is_sign) && last.is_some_and(is_sign) && parts.all(separates)
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_sign = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'-');
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(is_sign)
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, digits)| {
        DIGESTS.contains(&(algorithm, digits.len())) && digits.bytes().all(is_lower_hex)
    })
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::ImageRef;

    /// Writes out the places where a table has only the length of something.
    fn filled(text: &str) -> String {
        let hex = "0123456789abcdef".repeat(8);
        let mut text = text.replace("<HEX64>", &hex[..64].to_uppercase());
        for length in [64, 96, 128] {
            text = text.replace(&format!("<hex{length}>"), &hex[..length]);
        }
        for length in [128, 129, 247, 248, 255, 256] {
            text = text.replace(&format!("<{length}>"), &"p".repeat(length));
        }
        text
    }

    /// Registry, path, tag, digest and the short form; or the mistake.
    fn taken_apart(text: &str) -> String {
        match ImageRef::parse(text) {
            Err(error) => format!("{error:?}"),
            Ok(image) => {
                let domain = Some(image.domain()).filter(|domain| !domain.is_empty());
                let parts = [domain, Some(image.path()), image.tag(), image.digest()];
                let parts = parts.map(|part| part.unwrap_or("-"));
                format!("{} {}", parts.join(" "), image.familiar())
            }
        }
    }

    #[test]
    fn reads_references_as_docker_does() {
        for (text, parts) in [
            ("python", "docker.io library/python - - python"),
            ("python:3.13", "docker.io library/python 3.13 - python:3.13"),
            (
                "python:3.13-slim-bookworm",
                "docker.io library/python 3.13-slim-bookworm - python:3.13-slim-bookworm",
            ),
            ("library/python", "docker.io library/python - - python"),
            ("docker.io/python", "docker.io library/python - - python"),
            (
                "docker.io/library/python",
                "docker.io library/python - - python",
            ),
            (
                "index.docker.io/python",
                "docker.io library/python - - python",
            ),
            ("index.docker.io/a/b", "docker.io a/b - - a/b"),
            ("a/b", "docker.io a/b - - a/b"),
            ("a/b/c:1", "docker.io a/b/c 1 - a/b/c:1"),
            (
                "docker.io/library/a/b",
                "docker.io library/a/b - - library/a/b",
            ),
            (
                "docker.io/docker.io",
                "docker.io library/docker.io - - docker.io",
            ),
            ("library", "docker.io library/library - - library"),
            (
                "library/library/a",
                "docker.io library/library/a - - library/library/a",
            ),
            ("ghcr.io/a/b", "ghcr.io a/b - - ghcr.io/a/b"),
            ("ghcr.io/a", "ghcr.io a - - ghcr.io/a"),
            (
                "ghcr.io/a/b:1.2.3_x-y",
                "ghcr.io a/b 1.2.3_x-y - ghcr.io/a/b:1.2.3_x-y",
            ),
            ("localhost/a", "localhost a - - localhost/a"),
            (
                "localhost:5000/a/b:1",
                "localhost:5000 a/b 1 - localhost:5000/a/b:1",
            ),
            ("localhost", "docker.io library/localhost - - localhost"),
            (
                "localhost:5000",
                "docker.io library/localhost 5000 - localhost:5000",
            ),
            (
                "example.com",
                "docker.io library/example.com - - example.com",
            ),
            (
                "example.com:8080",
                "docker.io library/example.com 8080 - example.com:8080",
            ),
            ("a.b/c", "a.b c - - a.b/c"),
            ("a:5000/b", "a:5000 b - - a:5000/b"),
            ("127.0.0.1:5000/a", "127.0.0.1:5000 a - - 127.0.0.1:5000/a"),
            ("[::1]/a", "[::1] a - - [::1]/a"),
            ("[::1]:5000/a:x", "[::1]:5000 a x - [::1]:5000/a:x"),
            ("[2001:db8::1]/a", "[2001:db8::1] a - - [2001:db8::1]/a"),
            ("xn--n3h.com/a", "xn--n3h.com a - - xn--n3h.com/a"),
            ("FOO/a", "FOO a - - FOO/a"),
            ("FOO.com/a", "FOO.com a - - FOO.com/a"),
            ("a.B/c", "a.B c - - a.B/c"),
            (
                "host-name.lan:1/a",
                "host-name.lan:1 a - - host-name.lan:1/a",
            ),
            ("my_host.lan/a", "- my_host.lan/a - - my_host.lan/a"),
            ("my_host.lan/a:1", "- my_host.lan/a 1 - my_host.lan/a:1"),
            (
                "host:99999999999/a",
                "host:99999999999 a - - host:99999999999/a",
            ),
            ("a_b", "docker.io library/a_b - - a_b"),
            ("a__b", "docker.io library/a__b - - a__b"),
            ("a-b", "docker.io library/a-b - - a-b"),
            ("a---b", "docker.io library/a---b - - a---b"),
            ("a.b", "docker.io library/a.b - - a.b"),
            ("a1/2b", "docker.io a1/2b - - a1/2b"),
            ("0", "docker.io library/0 - - 0"),
            ("a:_x", "docker.io library/a _x - a:_x"),
            ("a:X", "docker.io library/a X - a:X"),
            (
                "python@sha256:<hex64>",
                "docker.io library/python - sha256:<hex64> python@sha256:<hex64>",
            ),
            (
                "python:3@sha256:<hex64>",
                "docker.io library/python 3 sha256:<hex64> python:3@sha256:<hex64>",
            ),
            (
                "ghcr.io/a@sha384:<hex96>",
                "ghcr.io a - sha384:<hex96> ghcr.io/a@sha384:<hex96>",
            ),
            (
                "ghcr.io/a@sha512:<hex128>",
                "ghcr.io a - sha512:<hex128> ghcr.io/a@sha512:<hex128>",
            ),
            ("", "Empty"),
            ("<hex64>", "Identifier"),
            ("<hex64>f", "docker.io library/<hex64>f - - <hex64>f"),
            ("Python", "Uppercase"),
            ("a/B", "Uppercase"),
            ("docker.io/A", "Uppercase"),
            ("FOO", "Uppercase"),
            ("a___b", "Name"),
            ("a..b", "Name"),
            ("a._b", "Name"),
            ("-a", "Name"),
            ("a-", "Name"),
            ("_a", "Name"),
            ("a_", "Name"),
            (".a", "Name"),
            ("a.", "Name"),
            ("/a", "Name"),
            ("a/", "Name"),
            ("a//b", "Name"),
            ("a b", "Name"),
            ("é", "Name"),
            ("a\n", "Name"),
            (" a", "Name"),
            ("a:", "Tag"),
            ("a:.x", "Tag"),
            ("a:-x", "Tag"),
            ("a:b:c", "Tag"),
            ("a:x/y", "Tag"),
            ("a@", "Digest"),
            ("a@sha256:", "Digest"),
            ("a@sha256:abc", "Digest"),
            ("a@SHA256:<hex64>", "Uppercase"),
            ("a@sha1:<hex64>", "Digest"),
            ("a@md5:<hex64>", "Digest"),
            ("a@sha256:<HEX64>", "Digest"),
            ("a@sha512:<hex64>", "Digest"),
            ("a@sha256:<hex64>@sha256:<hex64>", "Digest"),
            ("a@sha256:<hex64>:1", "Digest"),
            ("@sha256:<hex64>", "Name"),
            (":1", "Name"),
            ("[::1]", "Name"),
            ("[::1/a", "Name"),
            ("[]/a", "Name"),
            ("[::1%eth0]/a", "Name"),
            ("::1/a", "Name"),
            ("-a.com/b", "Name"),
            ("a-.com/b", "Name"),
            ("a..com/b", "Name"),
            ("my_host.lan:1/a", "Tag"),
            ("host:/a", "Tag"),
            ("host:x/a", "Tag"),
            ("http://a/b", "Tag"),
            ("$BASE", "Uppercase"),
            ("${BASE}:1", "Uppercase"),
            ("a:<128>", "docker.io library/a <128> - a:<128>"),
            ("a:<129>", "Tag"),
            ("<255>", "LongName"),
            ("<256>", "LongName"),
            ("<247>", "docker.io library/<247> - - <247>"),
            ("<248>", "LongName"),
            ("ghcr.io/<255>", "ghcr.io <255> - - ghcr.io/<255>"),
            ("ghcr.io/<256>", "LongName"),
            ("scratch", "docker.io library/scratch - - scratch"),
        ] {
            assert_eq!(taken_apart(&filled(text)), filled(parts), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, message) in [
            ("", "an image needs a name"),
            (
                "a b",
                "the name of an image has letters and digits between single `/`, `.`, `_`, or `-`",
            ),
            ("A", "the name of an image is lower case"),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn adds_latest_where_nothing_is_said() {
        for (text, complete) in [
            ("python", "docker.io/library/python:latest"),
            ("python:3", "docker.io/library/python:3"),
            ("a@sha256:<hex64>", "docker.io/library/a@sha256:<hex64>"),
        ] {
            let image = ImageRef::parse(&filled(text)).unwrap();
            assert_eq!(image.or_latest().to_string(), filled(complete));
        }
    }

    proptest! {
        #[test]
        fn survives_any_text(text: String) {
            let _ = ImageRef::parse(&text);
        }

        #[test]
        fn reads_back_what_it_writes(text in "([a-zA-Z0-9.:_-]{0,8}/){0,2}[a-z0-9._-]{1,8}(:[a-z0-9._-]{1,4})?") {
            if let Ok(image) = ImageRef::parse(&text) {
                assert_eq!(ImageRef::parse(&image.to_string()), Ok(image));
            }
        }
    }
}
