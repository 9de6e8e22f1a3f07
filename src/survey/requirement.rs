//! Names of packages with the versions that are asked for, and what versions come to.

use super::Place;

/// A version as its numbers; what stands behind them does not count here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<u64>);

impl Version {
    /// The numbers at the beginning of a text such as `3.11.4`, if there are any.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches(['v', '=']).trim();
        let mut parts = Vec::new();
        for part in digits.split('.') {
            let number: String = part.chars().take_while(char::is_ascii_digit).collect();
            match number.parse() {
                Ok(value) => parts.push(value),
                Err(_) => break,
            }
            if number.len() != part.len() {
                break;
            }
        }
        // `1.0` and `1` are the same version.
        while parts.len() > 1 && parts.last() == Some(&0) {
            parts.pop();
        }
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// The first version that is not of the same kind, if all but the first `kept` numbers may change.
    fn after(&self, kept: usize) -> Self {
        let mut parts = self.0.clone();
        parts.resize(kept.max(1), 0);
        if let Some(last) = parts.last_mut() {
            *last += 1;
        }
        Self(parts)
    }
}

/// From which version on, and below which one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    /// The one version that is meant.
    pub(super) exact: Option<String>,
    from: Option<Version>,
    below: Option<Version>,
    not: Vec<Version>,
}

impl Range {
    /// A range as Python's tools write it: `>=3.9,<4`, `^3.11`, `~=1.4`, `==1.2.*`, `3.12`.
    pub(super) fn parse(text: &str) -> Self {
        let mut range = Self::default();
        // Of alternatives the last one is the newest.
        let text = text.rsplit("||").next().unwrap_or_default();
        for part in text.split(',').map(str::trim) {
            let digits = part
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(part.len());
            let (sign, number) = part.split_at(digits);
            let Some(version) = Version::parse(number) else {
                continue;
            };
            let numbers = number.split('.').filter(|part| *part != "*").count();
            match sign.trim() {
                ">=" => range.from = Some(version),
                ">" => range.from = Some(version.after(numbers)),
                "<" => range.below = Some(version),
                "<=" => range.below = Some(version.after(numbers)),
                "^" => {
                    range.below =
                        Some(version.after(if version.0.first() == Some(&0) { 2 } else { 1 }));
                    range.from = Some(version);
                }
                "~" | "~=" => {
                    let kept = if sign.trim() == "~" {
                        numbers.min(2)
                    } else {
                        numbers.saturating_sub(1)
                    };
                    range.below = Some(version.after(kept));
                    range.from = Some(version);
                }
                "==" | "===" | "=" | "" if number.contains('*') => {
                    range.below = Some(version.after(numbers));
                    range.from = Some(version);
                }
                "==" | "===" | "=" | "" => range.exact = Some(number.trim().to_owned()),
                "!=" => range.not.push(version),
                _ => {}
            }
        }
        range
    }

    /// Whether a version such as Python's `3.12`, of which the last number is left open, lies in it.
    pub(super) fn admits(&self, text: &str) -> bool {
        let Some(version) = Version::parse(text) else {
            return false;
        };
        if let Some(exact) = &self.exact {
            let of_two: Vec<&str> = exact.split('.').take(2).collect();
            return of_two.join(".") == text
                || (of_two.len() == 1 && text.starts_with(&format!("{exact}.")));
        }
        // 3.12 stands for every 3.12.x, so `>=3.12.1` admits it and `<3.12.5` too.
        let next = version.after(2);
        self.from.as_ref().is_none_or(|from| *from < next)
            && self.below.as_ref().is_none_or(|below| version < *below)
            && !self.not.contains(&version)
    }

    /// Whether it allows this version of a package or a newer one.
    pub(super) fn reaches(&self, text: &str) -> bool {
        let Some(version) = Version::parse(text) else {
            return true;
        };
        match self.exact.as_deref().and_then(Version::parse) {
            Some(exact) => exact >= version,
            None => self.below.as_ref().is_none_or(|below| version < *below),
        }
    }
}

/// A package that a project asks for.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    /// The name, in the one spelling that an index knows it by.
    pub(super) name: String,
    /// The extras that it is asked for with.
    pub(super) extras: Vec<String>,
    /// The versions that will do.
    pub(super) range: Range,
    /// Whether it comes from a repository, which needs git.
    pub(super) from_git: bool,
    /// The versions of the language that its files are made for, where a lock file lists them.
    pub(super) made_for: Option<Vec<String>>,
    /// Where it is asked for.
    pub(super) place: Place,
}

impl Requirement {
    /// A requirement as `pip` reads it in a line: `name[extra]>=1.0 ; marker`, `name @ git+https://...`.
    pub(super) fn parse(line: &str, place: Place) -> Option<Self> {
        let line = line.split(" #").next().unwrap_or_default();
        let line = line.split(';').next().unwrap_or_default().trim();
        let from_git = line.contains("git+");
        let end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let mut text = line;
        // `git+https://...#egg=name` says the name at its end.
        if let Some((_, egg)) = line.split_once("#egg=") {
            text = egg;
        } else if line.starts_with("git+") {
            let path = line.split(['@', '#']).next().unwrap_or_default();
            let last = path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default();
            text = last.trim_end_matches(".git");
        }
        let (name, rest) = text.split_at(text.find(end).unwrap_or(text.len()));
        if name.is_empty() || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let rest = rest.trim_start();
        let (extras, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((extras, rest)) => (extras.split(',').map(normal).collect(), rest),
            None => (Vec::new(), rest),
        };
        let range = if rest.trim_start().starts_with('@') || from_git {
            Range::default()
        } else {
            Range::parse(rest.split(" --").next().unwrap_or_default())
        };
        Some(Self {
            name: normal(name),
            extras,
            range,
            from_git,
            made_for: None,
            place,
        })
    }

    /// Its name and extras as a word of a command.
    pub(super) fn for_shell(&self) -> String {
        match self.extras.join(",") {
            extras if extras.is_empty() => self.name.clone(),
            extras => format!("'{}[{extras}]'", self.name),
        }
    }

    /// Whether this is what is called `name` or `name[extra]`.
    pub(super) fn is(&self, wanted: &str) -> bool {
        match wanted
            .strip_suffix(']')
            .and_then(|wanted| wanted.split_once('['))
        {
            Some((name, extra)) => self.name == name && self.extras.iter().any(|has| has == extra),
            None => self.name == wanted,
        }
    }
}

/// The one spelling of a package's name.
pub(super) fn normal(name: &str) -> String {
    let mut normal = String::new();
    for c in name.trim().chars() {
        if !matches!(c, '-' | '_' | '.') {
            normal.extend(c.to_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::{Place, Range, Requirement};

    #[test]
    fn ranges_admit_what_they_say() {
        for (range, inside, outside) in [
            (">=3.9", "3.13", "3.8"),
            (">=3.9,<3.13", "3.12", "3.13"),
            ("^3.11", "3.13", "3.10"),
            ("~3.11", "3.11", "3.12"),
            ("~=3.11", "3.13", "3.10"),
            ("==3.11.*", "3.11", "3.12"),
            ("3.12.4", "3.12", "3.11"),
            (">3.9,<=3.11", "3.11", "3.12"),
            (">=3.12.1", "3.12", "3.11"),
        ] {
            assert!(Range::parse(range).admits(inside), "{range} {inside}");
            assert!(!Range::parse(range).admits(outside), "{range} {outside}");
        }
    }

    #[test]
    fn requirements_are_taken_apart() {
        let parse = |line: &str| {
            let place = Place::new("requirements.txt", 1);
            Requirement::parse(line, place).unwrap()
        };
        assert!(
            parse("uvicorn[standard]==0.30.1 ; python_version > '3.8'").is("uvicorn[standard]")
        );
        assert_eq!(parse("Typing_Extensions>=4").name, "typing-extensions");
        assert_eq!(
            parse("numpy==1.26.4").range.exact.as_deref(),
            Some("1.26.4")
        );
        assert!(!parse("numpy<2").range.reaches("2.1.0"));
        assert!(parse("numpy>=1.20").range.reaches("2.1.0"));
        let git = parse("git+https://example.org/someone/thing.git@main");
        assert!(git.from_git && git.name == "thing");
    }
}
