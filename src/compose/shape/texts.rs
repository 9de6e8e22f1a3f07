//! What a text may be where the specification's schema says only that it is one.
//!
//! The schema takes any text for a duration, and any for a number, since a variable may stand there. Compose itself then
//! refuses what its reference implementation, compose-go, cannot read (`types/duration.go`, `types/bytes.go`,
//! `loader/interpolate.go`). Said here, it is told with its place, and before Compose runs.

use crate::data::TextRule;

/// The names of services, networks, volumes and the like.
pub(super) const NAME: TextRule = TextRule {
    name: "a name",
    refuse: |name| {
        let right = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        (name.is_empty() || !name.chars().all(right))
            .then(|| "must be a name of letters, digits, `.`, `_` and `-`".to_owned())
    },
    pattern: Some("^[a-zA-Z0-9._-]+$"),
};

/// Names of the user's own choosing, such as those of labels.
pub(super) const WORD: TextRule = TextRule {
    name: "a name",
    refuse: |name| {
        (name.is_empty() || name.contains('\n')).then(|| "must be a name of one line".to_owned())
    },
    pattern: Some(r"^[^\n]+$"),
};

/// The names of limits on processes.
pub(super) const LIMIT: TextRule = TextRule {
    name: "the name of a limit",
    refuse: |name| {
        (name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase()))
            .then(|| "must be the name of a limit, in lower case letters".to_owned())
    },
    pattern: Some("^[a-z]+$"),
};

/// A text in place of `true` or `false`.
pub(super) const SWITCH: TextRule = TextRule {
    name: "a `${VARIABLE}`",
    refuse: |text| {
        let words = ["true", "false", "y", "yes", "on", "n", "no", "off"];
        let known = words.iter().any(|word| text.eq_ignore_ascii_case(word));
        refuse(known, text, "must be true, false or a `${VARIABLE}`")
    },
    pattern: Some(
        r"\$\{|^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy]|[Yy][Ee][Ss]|[Oo][Nn]|[Nn]|[Nn][Oo]|[Oo][Ff][Ff])$",
    ),
};

/// A text in place of a whole number.
pub(super) const WHOLE: TextRule = TextRule {
    name: "a `${VARIABLE}`",
    refuse: |text| {
        let whole = text.parse::<i64>().is_ok();
        refuse(whole, text, "must be a whole number or a `${VARIABLE}`")
    },
    pattern: Some(r"\$\{|^[+-]?[0-9]+$"),
};

/// A text in place of a number.
pub(super) const NUMBER: TextRule = TextRule {
    name: "a `${VARIABLE}`",
    refuse: |text| refuse(is_number(text), text, "must be a number or a `${VARIABLE}`"),
    pattern: Some(r"\$\{|^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"),
};

/// Bytes, with or without a unit.
pub(super) const SIZE: TextRule = TextRule {
    name: "a size such as `512M`",
    refuse: |text| {
        refuse(
            is_size(text),
            text,
            "must be a size such as `512M` or `1.5g`",
        )
    },
    pattern: Some(r"\$\{|^([0-9]+\.?[0-9]*|\.[0-9]+) ?([kKmMgGtTpP]([iI]?[bB])?|[bB])?$"),
};

/// A time that passes.
pub(super) const DURATION: TextRule = TextRule {
    name: "a duration such as `1m30s`",
    refuse: |text| {
        let right = is_duration(text);
        refuse(right, text, "must be a duration such as `90s` or `1m30s`")
    },
    pattern: Some(r"\$\{|^0$|^(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w))+$"),
};

/// The names that containers may have.
pub(super) const CONTAINER_NAME: TextRule = TextRule {
    name: "the name of a container",
    refuse: |name| {
        let mut bytes = name.bytes();
        let first = bytes
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let right = first && name.len() > 1 && bytes.all(rest);
        refuse(
            right,
            name,
            "must be two or more letters, digits, `_`, `.` and `-`, beginning with a letter or digit",
        )
    },
    pattern: Some(r"\$\{|^[a-zA-Z0-9][a-zA-Z0-9_.-]+$"),
};

/// When an image is pulled.
pub(super) const PULL_POLICY: TextRule = TextRule {
    name: "a pull policy",
    refuse: |policy| {
        let words = [
            "always",
            "never",
            "build",
            "if_not_present",
            "missing",
            "refresh",
            "daily",
            "weekly",
        ];
        let every = || policy.strip_prefix("every_").is_some_and(is_interval);
        refuse(
            words.contains(&policy) || every(),
            policy,
            "must be `always`, `never`, `missing`, `if_not_present`, `build`, `refresh`, `daily`, `weekly` or like `every_12h`",
        )
    },
    pattern: Some(
        r"\$\{|^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$",
    ),
};

/// What a text with a variable will be is not known here.
fn refuse(right: bool, text: &str, reason: &str) -> Option<String> {
    (!right && !text.contains("${")).then(|| reason.to_owned())
}

/// The number that a text begins with, without a sign, and what follows it.
fn number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let digits = number.bytes().any(|byte| byte.is_ascii_digit());
    (digits && number.matches('.').count() < 2).then_some((number, rest))
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    number(unsigned).is_some_and(|(_, rest)| rest.is_empty())
}

fn is_size(text: &str) -> bool {
    number(text).is_some_and(|(_, unit)| {
        let unit = unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase();
        match unit.strip_prefix(['k', 'm', 'g', 't', 'p']) {
            Some(rest) => ["", "b", "ib"].contains(&rest),
            None => ["", "b"].contains(&unit.as_str()),
        }
    })
}

fn is_duration(text: &str) -> bool {
    if text == "0" {
        return true;
    }
    let mut rest = text;
    while let Some((_, after)) = number(rest) {
        let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w"];
        match units.iter().find_map(|unit| after.strip_prefix(unit)) {
            Some("") => return true,
            Some(more) => rest = more,
            None => return false,
        }
    }
    false
}

/// Whole numbers, each with a unit of one letter.
fn is_interval(text: &str) -> bool {
    !text.is_empty()
        && text.split_inclusive(|c| "wdhms".contains(c)).all(|time| {
            let number = time.trim_end_matches(|c| "wdhms".contains(c));
            number.len() + 1 == time.len()
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::{DURATION, NUMBER, SIZE, SWITCH, TextRule, WHOLE};

    #[test]
    fn texts_that_compose_cannot_read_are_refused() {
        let check = |rule: TextRule, right: &[&str], wrong: &[&str]| {
            for text in right {
                assert_eq!((rule.refuse)(text), None, "{text}");
            }
            for text in wrong {
                assert!((rule.refuse)(text).is_some(), "{text}");
            }
        };
        check(
            DURATION,
            &[
                "0", "90s", "1m30s", "1.5s", ".5h", "10us", "1w2d", "${T:-5s}",
            ],
            &["", "10", "1h 2m", "1S", "1y", "s", "-1s", "1..5s", "banana"],
        );
        check(
            SIZE,
            &["512", "512M", "1.5g", "1gib", "1 GB", "10b", "${M}"],
            &["", "M", "1x", "1gi", "1  G", "1 G ", "-1", "banana"],
        );
        check(
            WHOLE,
            &["1", "-1", "+1", "007", "${N}"],
            &["", "1.5", "a", "1 "],
        );
        check(
            NUMBER,
            &["1", "-1.5", ".5", "5.", "${N}"],
            &["", ".", "1.2.3", "nan", "1e", "a"],
        );
        check(
            SWITCH,
            &["true", "Yes", "off", "${X}"],
            &["", "maybe", "1", "$X"],
        );
    }
}
