//! What the texts in a spec may be. Each rule refuses what could not arrive intact in a generated file.

use crate::data::TextRule;

/// The image and the compose service share the name, so it follows the stricter of the two grammars: the
/// distribution's path component.
pub(crate) const NAME: TextRule = TextRule {
    name: "a name of lower-case letters, digits, `-`, `_` and `.`",
    refuse: |text| {
        let plain = text
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'));
        let edges = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.ends_with(|c: char| c.is_ascii_alphanumeric());
        (!plain || !edges || text.contains("..")).then(|| {
            "must be lower-case letters and digits, with single `-`, `_` or `.` between them"
                .to_owned()
        })
    },
    pattern: Some("^[a-z0-9]+([._-]+[a-z0-9]+)*$"),
};

/// A path below the build context.
pub(crate) const CONTEXT_PATH: TextRule = TextRule {
    name: "a path below the project",
    refuse: |text| {
        if text.is_empty() {
            Some("must not be empty; the whole project is `.`".to_owned())
        } else if text.contains(['\n', '\r']) {
            Some("must be of one line".to_owned())
        } else if text.starts_with('/') {
            Some("must be relative: only files of the project can be copied".to_owned())
        } else if text.contains("://") || text.starts_with("git@") {
            Some("is an address: a step with `download` fetches a file".to_owned())
        } else if text.split('/').any(|part| part == "..") {
            Some("leaves the project: `..` is not in the build context".to_owned())
        } else {
            None
        }
    },
    pattern: Some(r"^(?!/)(?!git@)(?!.*://)(?!(.*/)?\.\.(/|$))[^\r\n]+$"),
};

/// An absolute path in the image.
pub(crate) const IMAGE_PATH: TextRule = TextRule {
    name: "an absolute path in the image",
    refuse: |text| {
        if text.contains(['\n', '\r']) {
            Some("must be of one line".to_owned())
        } else if !text.starts_with(['/', '$']) {
            Some("must be absolute, such as `/app`".to_owned())
        } else {
            None
        }
    },
    pattern: Some(r"^[/$][^\r\n]*$"),
};

/// The name of a volume, which stands before a colon in the compose file.
pub(crate) const VOLUME: TextRule = TextRule {
    name: "the name of a volume",
    refuse: |text| {
        if text.chars().count() == 1 {
            Some("must have two letters or more: compose takes a single one for a drive".to_owned())
        } else {
            (NAME.refuse)(text)
        }
    },
    pattern: Some("^[a-z0-9]+([._-]*[a-z0-9]+)+$"),
};

/// Where a volume is mounted, which stands behind a colon in the compose file.
pub(crate) const MOUNT_POINT: TextRule = TextRule {
    name: "an absolute path in the image",
    refuse: |text| {
        if text.contains(['\n', '\r', ':', '$']) {
            Some("must be a path of one line, without `:` and `$`".to_owned())
        } else if !text.starts_with('/') {
            Some("must be absolute, such as `/data`".to_owned())
        } else if text.split('/').any(|part| part == "..") {
            Some("must say where it is without `..`".to_owned())
        } else if text.chars().all(|c| matches!(c, '/' | '.')) {
            Some("must not be the root of the file system".to_owned())
        } else {
            None
        }
    },
    pattern: Some(r"^/(?!(.*/)?\.\.(/|$))[^\r\n:$]*[^\r\n:$/.][^\r\n:$]*$"),
};

/// A place in the image, absolute or below the working directory.
pub(crate) const DESTINATION: TextRule = TextRule {
    name: "a path in the image",
    refuse: |text| {
        if text.is_empty() {
            Some("must not be empty; the working directory is `.`".to_owned())
        } else {
            (TextRule::LINE.refuse)(text)
        }
    },
    pattern: Some(r"^[^\r\n]+$"),
};

/// A name that ENV and ARG can define.
pub(crate) const VARIABLE: TextRule = TextRule {
    name: "a variable's name",
    refuse: |text| {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        (!plain || !first).then(|| {
            "is no variable's name: letters, digits and `_`, and no digit first".to_owned()
        })
    },
    pattern: Some("^[A-Za-z_][A-Za-z0-9_]*$"),
};

/// The name of a secret: of a file below `/run/secrets/`, and of a build's `--secret id=`.
pub(crate) const SECRET: TextRule = TextRule {
    name: "a secret's name",
    refuse: |text| {
        let plain = text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        (!plain || !text.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| {
            format!(
                "has `{}`, which is no secret's name: letters, digits, `_`, `-` and `.`",
                text.escape_debug()
            )
        })
    },
    pattern: Some("^[A-Za-z0-9][A-Za-z0-9_.-]*$"),
};

/// A package of the system, possibly with a version as its package manager spells it, or a pattern of apt's: `^...$`.
pub(crate) const PACKAGE: TextRule = TextRule {
    name: "a package name",
    refuse: |text| {
        let plain = |signs: &str| {
            text.chars()
                .all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
        };
        let name = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
            && plain("+-._:=~<>*@/");
        let pattern = text.starts_with('^') && text.ends_with('$') && plain("+-._:^$()?*\\|[]");
        (!name && !pattern).then(|| {
            format!(
                "has `{}`, which is no package's name: one package for each item",
                text.escape_debug()
            )
        })
    },
    pattern: Some(r"^([A-Za-z0-9@][A-Za-z0-9+.\-_:=~<>*@/]*|\^[A-Za-z0-9+.\-_:^$()?*\\|\[\]]*\$)$"),
};

/// A user or a group, as `useradd` and `adduser` both take it.
pub(crate) const USER: TextRule = TextRule {
    name: "a user's name",
    refuse: |text| {
        let plain = text
            .chars()
            .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'));
        let first = text.starts_with(|c: char| matches!(c, 'a'..='z' | '_'));
        (!plain || !first || text.len() > 32).then(|| {
            "must be at most 32 lower-case letters, digits, `-` and `_`, beginning with a letter; numbers go into `uid`"
                .to_owned()
        })
    },
    pattern: Some("^[a-z_][a-z0-9_-]{0,31}$"),
};

/// How long: digits with a unit, in Go's spelling, which Docker and Compose share.
pub(crate) const DURATION: TextRule = TextRule {
    name: "a duration such as `30s` or `1m30s`",
    refuse: |text| {
        (!is_duration(text)).then(|| "must be a duration such as `30s` or `1m30s`".to_owned())
    },
    pattern: Some(r"^([0-9]+(\.[0-9]+)?(us|ms|s|m|h))+$"),
};

fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = &rest[..rest.len() - digits.len()];
        if number.parse::<f64>().is_err() || number.starts_with('.') || number.ends_with('.') {
            return false;
        }
        let unit = ["us", "ms", "s", "m", "h"]
            .into_iter()
            .find(|unit| digits.starts_with(unit));
        match unit {
            Some(unit) => rest = &digits[unit.len()..],
            None => return false,
        }
    }
    !text.is_empty()
}

/// A signal by name or number.
pub(crate) const SIGNAL: TextRule = TextRule {
    name: "a signal such as `SIGTERM`",
    refuse: |text| {
        let name = text.strip_prefix("SIG").unwrap_or(text);
        let named = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '+' | '-'));
        (!named).then(|| "must be a signal such as `SIGTERM`".to_owned())
    },
    pattern: Some("^(SIG)?[A-Z0-9+-]+$"),
};

/// A file mode in octal.
pub(crate) const MODE: TextRule = TextRule {
    name: "an octal file mode such as `0755`",
    refuse: |text| {
        let octal = matches!(text.len(), 3 | 4) && text.chars().all(|c| matches!(c, '0'..='7'));
        (!octal).then(|| "must be an octal file mode such as `0755`".to_owned())
    },
    pattern: Some("^[0-7]{3,4}$"),
};

/// A port as Compose writes it: `[[address:]host:]container[/protocol]`.
pub(crate) const PORT: TextRule = TextRule {
    name: "a port such as `8080`, `53/udp` or `127.0.0.1:9000:9000`",
    refuse: |text| super::Port::parse(text).err(),
    pattern: None,
};

/// How `healthcheck` is said in a word.
pub(crate) const HEALTHCHECK: TextRule = TextRule {
    name: "a path such as `/health`, `tcp` or a whole URL",
    refuse: |text| {
        let known = text == "tcp" || is_probe_target(text);
        (!known).then(|| {
            "must be a path such as `/health`, `tcp` or a whole `http://` URL; a command is said as `[healthcheck]` with `command`"
                .to_owned()
        })
    },
    pattern: Some("^(tcp|/.*|https?://.*)$"),
};

/// What an HTTP probe asks for.
pub(crate) const PROBE_TARGET: TextRule = TextRule {
    name: "a path such as `/health` or a whole URL",
    refuse: |text| {
        (!is_probe_target(text))
            .then(|| "must be a path such as `/health` or a whole `http://` URL, without blanks and quotes".to_owned())
    },
    pattern: Some("^(/|https?://)[^ ]*$"),
};

fn is_probe_target(text: &str) -> bool {
    let begins = ["/", "http://", "https://"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .is_none_or(|rest| is_authority(rest.split(['/', '?']).next().unwrap_or_default()));
    // The characters that RFC 3986 allows in a path and a query; none of them can end a quoted argument.
    let plain = text.chars().all(|c| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                '-' | '.'
                    | '_'
                    | '~'
                    | ':'
                    | '/'
                    | '?'
                    | '#'
                    | '@'
                    | '!'
                    | '&'
                    | '('
                    | ')'
                    | '*'
                    | '+'
                    | ','
                    | ';'
                    | '='
                    | '%'
            )
    });
    begins && host && plain
}

/// A host, possibly with a port.
fn is_authority(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "80"));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !host.is_empty() && host.chars().all(plain) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// A platform as images name it: `os/arch[/variant]`.
pub(crate) const PLATFORM: TextRule = TextRule {
    name: "a platform such as `linux/amd64`",
    refuse: |text| {
        let parts: Vec<&str> = text.split('/').collect();
        let plain = parts.iter().all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        (!matches!(parts.len(), 2 | 3) || !plain)
            .then(|| "must be a platform such as `linux/amd64`".to_owned())
    },
    pattern: Some("^[A-Za-z0-9_]+/[A-Za-z0-9_]+(/[A-Za-z0-9_]+)?$"),
};
