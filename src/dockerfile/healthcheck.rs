//! `HEALTHCHECK`: how a container tells that it is well, and how often it is asked.

use super::{command::CommandLine, invalid::Invalid};

/// `HEALTHCHECK NONE` or `HEALTHCHECK [flags] CMD command`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// No check, not even the base image's.
    None,
    /// A check.
    Command(Box<Check>),
}

/// The command of a health check and how often it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The time between two runs.
    pub interval: Option<Interval>,
    /// How long one run may take.
    pub timeout: Option<Interval>,
    /// How long the container may take to start.
    pub start_period: Option<Interval>,
    /// The time between two runs while it starts.
    pub start_interval: Option<Interval>,
    /// How many runs must fail.
    pub retries: Option<u32>,
    pub(super) command: CommandLine,
}

impl Check {
    /// A check that runs a command, which is not empty, with Docker's own times.
    pub fn new(command: CommandLine) -> Result<Self, Invalid> {
        let is_empty = match &command {
            CommandLine::Exec(list) => list.is_empty(),
            CommandLine::Shell(line) => line.as_str().is_empty(),
        };
        if is_empty {
            return Err(Invalid::Empty("the command of a health check"));
        }
        Ok(Self {
            interval: None,
            timeout: None,
            start_period: None,
            start_interval: None,
            retries: None,
            command,
        })
    }

    /// The command.
    pub fn command(&self) -> &CommandLine {
        &self.command
    }
}

/// A length of time as Go writes it: `30s`, `1m30s`, `1.5h`; 0, or a millisecond and more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval(String);

impl Interval {
    /// A length of time from its text.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        match nanoseconds(text) {
            Some(0 | 1_000_000..) => Ok(Self(text.to_owned())),
            _ => Err(Invalid::Value {
                of: "a length of time",
                value: text.to_owned(),
            }),
        }
    }

    /// The text, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How long it is.
    pub fn duration(&self) -> std::time::Duration {
        let nanoseconds = nanoseconds(&self.0).unwrap_or_default();
        std::time::Duration::from_nanos(nanoseconds.unsigned_abs())
    }
}

/// Reads a length of time as Go's library does: numbers with units, one after the other.
fn nanoseconds(text: &str) -> Option<i64> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if text == "0" {
        return Some(0);
    }
    if text.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit: u64 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let whole: u64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        total = total.checked_add(whole.checked_mul(unit)?)?;
        let mut place = unit;
        for digit in fraction.bytes() {
            place /= 10;
            total = total.checked_add(u64::from(digit - b'0') * place)?;
        }
        rest = after;
    }
    let total = i64::try_from(total).ok()?;
    Some(if negative { -total } else { total })
}
