//! What projects of any language have: a process file, settings by example.

use super::knowledge::Knowledge;
use super::{Asked, Evidence, Place, Reason, Sure, Survey, list};
use crate::data::quoted;

/// A process that a file names.
pub(super) struct Process {
    /// The words of its command.
    pub(super) words: Vec<String>,
    /// The port that it is told by its environment, for one that serves.
    pub(super) port: Option<u16>,
    /// Where it is said.
    pub(super) place: Place,
    /// What it is called.
    pub(super) name: String,
}

/// The process of the process file that is the service.
pub(super) fn process(
    evidence: &Evidence,
    knowledge: &Knowledge,
    asked: &Asked,
) -> Option<Process> {
    let known = &knowledge.files;
    let file = known.text("process-file");
    let text = evidence.read(file)?;
    let names = known.texts("processes");
    let lines = text.lines().enumerate();
    let processes: Vec<(usize, &str, &str)> = lines
        .filter_map(|(at, line)| {
            let (name, command) = line.split_once(':')?;
            let name = name.trim();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            (!name.is_empty() && name.chars().all(plain)).then_some((at + 1, name, command.trim()))
        })
        .collect();
    let (line, name, command) = names
        .iter()
        .find_map(|wanted| processes.iter().find(|(_, name, _)| name == wanted))?;
    let serves = names.first() == Some(name);
    let port = asked.port.or(known.number("process-port")).unwrap_or(8000);
    let variable = known.text("port-variable");
    let filled = fill(command, variable, port);
    let shell = filled.contains(['$', '|', '&', ';', '<', '>', '`', '*']);
    let words = match shlex::split(&filled) {
        Some(words) if !shell => words,
        _ => ["sh", "-c", &filled].map(str::to_owned).to_vec(),
    };
    Some(Process {
        words,
        port: serves.then_some(port),
        place: Place::new(file, *line),
        name: (*name).to_owned(),
    })
}

/// A command with the number of the port in the place of its variable, whichever way it is spelled.
fn fill(command: &str, variable: &str, port: u16) -> String {
    let port = port.to_string();
    let mut filled = String::new();
    let mut rest = command;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let braced = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .filter(|(inner, _)| {
                inner
                    .strip_prefix(variable)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            });
        let plain = after
            .strip_prefix(variable)
            .filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        if let Some((_, after)) = braced {
            filled.push_str(&port);
            rest = after;
        } else if let Some(after) = plain {
            filled.push_str(&port);
            rest = after;
        } else {
            filled.push('$');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

/// The command and the port that were said on the command line.
pub(super) fn command(asked: &Asked, survey: &mut Survey) -> bool {
    let said = || Reason::new(Sure::Certain, "as you said");
    if let Some(command) = &asked.command {
        survey.answer("command", list(command), said());
        survey.starts = true;
    }
    if let Some(port) = asked.port {
        survey.answer("ports", format!("[{port}]"), said());
    }
    asked.command.is_some()
}

/// Settings by example: the service reads the real ones from a file that stays out of the image. Gives their names.
pub(super) fn settings(
    evidence: &Evidence,
    knowledge: &Knowledge,
    survey: &mut Survey,
) -> Vec<String> {
    let known = &knowledge.files;
    // Of the real settings nothing but their names is taken.
    let real = known.text("settings-file");
    let mut files = known.texts("settings").into_iter().chain([real]);
    let Some(file) = files.find(|file| evidence.tree.has(file)) else {
        return Vec::new();
    };
    let text = evidence.read(file).unwrap_or_default();
    let names: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| {
            line.trim_start()
                .trim_start_matches("export ")
                .split_once('=')
        })
        .map(|(name, _)| name.trim())
        .filter(|name| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
        .collect();
    let shown = match names.as_slice() {
        [] => return Vec::new(),
        few if few.len() <= 4 => few.join(", "),
        [one, two, three, rest @ ..] => format!("{one}, {two}, {three} and {} more", rest.len()),
        _ => unreachable!("a slice of at most four is handled above"),
    };
    let value = format!("[{{ path = {}, required = false }}]", quoted(real));
    let advice = if file == real {
        "it stays out of the image"
    } else {
        "give the real ones in a file that stays out of the image"
    };
    let reason = Reason::at(
        Sure::Likely,
        &Place::new(file, 1),
        format!("it has {shown}; {advice}"),
    );
    survey.answer_below("service", "env_file", value, reason);
    names.into_iter().map(str::to_owned).collect()
}
