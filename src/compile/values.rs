//! Values that a step's fields have, as the parts of instructions: words, variables, labels, ports.

use std::fmt::Display;

use crate::data::{Node, Value};
use crate::diag::{Diagnostic, Span};
use crate::dockerfile::{
    self, Arg, Env, EnvName, Expose, FlagWord, From, Instruction, Label, LabelName, Mount, Token,
    Volume, Word,
};
use crate::spec;

/// What a step gives: instructions, each with the place that says it.
pub(super) type Made = Vec<(Instruction, Span)>;

/// The places of the values that variables, arguments and labels have, and of what is mounted for a script.
pub(super) fn values(instruction: &Instruction, said: &Node, fields: &Node) -> Vec<Span> {
    let names: Vec<&str> = match instruction {
        Instruction::Env(_) | Instruction::Arg(_) => instruction.defines(),
        Instruction::Label(label) => {
            let pairs = label.as_slice().iter();
            pairs.map(|(name, _)| name.as_str()).collect()
        }
        Instruction::Run(run) => {
            let place = |mount| mounted(mount, fields).unwrap_or(said).span;
            return run.mounts.iter().map(place).collect();
        }
        _ => return Vec::new(),
    };
    let place = |name| said.get(name).map(|node| node.span);
    names.into_iter().filter_map(place).collect()
}

/// What says a mount: an item of `bind` or `cache`, which is where it is mounted, or one of `mounts`; of that, what varies.
fn mounted<'a>(mount: &Mount, fields: &'a Node) -> Option<&'a Node> {
    let text = |word: Option<&FlagWord>| word.map(|word| word.word().as_str().to_owned());
    let (target, id) = (text(mount.target()), text(mount.id()));
    let items = |field: &str| fields.get(field).into_iter().flat_map(Node::items);
    let says = |node: &&Node| {
        let has = |key: &str, value: &Option<String>| {
            value.is_some() && node.get(key).and_then(Node::text) == value.as_deref()
        };
        let whole = target.is_some() && node.text() == target.as_deref();
        whole || has("target", &target) || has("id", &id)
    };
    let mut said = items("bind").chain(items("cache")).chain(items("mounts"));
    let said = said.find(says)?;
    let varies = |node: &&Node| node.text().is_some_and(|text| text.contains('$'));
    let parts = ["source", "target", "id"].into_iter();
    let part = parts.filter_map(|key| said.get(key)).find(varies);
    Some(part.unwrap_or(said))
}

/// Whether a value says nothing, so that the step has nothing to do.
pub(super) fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Table(entries) => entries.is_empty(),
        Value::Boolean(yes) => !yes,
        Value::Integer(_) | Value::Float { .. } => false,
    }
}

/// A text that an instruction refused, as a mistake at its place.
pub(super) fn refused<E: Display>(node: &Node) -> impl Fn(E) -> Diagnostic {
    let span = node.span;
    move |error| Diagnostic::at(span, format!("this cannot stand in a Dockerfile: {error}"))
}

pub(super) fn args(value: &Node) -> Result<Made, Diagnostic> {
    let mut made = Vec::new();
    for (name, entry) in value.entries() {
        let span = entry.key;
        let wrong = |error| Diagnostic::at(span, format!("this cannot be an argument: {error}"));
        let variable = EnvName::new(name).map_err(wrong)?;
        let default = entry.node.text().map(|_| word(&entry.node)).transpose()?;
        let arg = Arg::new(vec![(variable, default)]).map_err(wrong)?;
        made.push((Instruction::Arg(arg), span));
    }
    Ok(made)
}

/// One instruction for all variables, but where a value refers to one of them: an instruction does not see what it
/// defines itself.
pub(super) fn env(value: &Node) -> Result<Made, Diagnostic> {
    let mut groups: Vec<(Vec<(EnvName, Word)>, Span)> = Vec::new();
    for (name, entry) in value.entries() {
        let wrong =
            |error| Diagnostic::at(entry.key, format!("this cannot be a variable: {error}"));
        let pair = (
            EnvName::new(name).map_err(wrong)?,
            word(&scalar(&entry.node))?,
        );
        let used = pair.1.variables();
        let defines = |(name, _): &(EnvName, Word)| used.iter().any(|used| used == name.as_str());
        match groups.last_mut() {
            Some((pairs, _)) if !pairs.iter().any(defines) => pairs.push(pair),
            _ => groups.push((vec![pair], entry.node.span)),
        }
    }
    let instruction = |(pairs, span)| {
        let env = Env::new(pairs).map_err(refused(value))?;
        Ok((Instruction::Env(env), span))
    };
    groups.into_iter().map(instruction).collect()
}

pub(super) fn labels(value: &Node) -> Result<Instruction, Diagnostic> {
    let mut pairs = Vec::new();
    for (name, entry) in value.entries() {
        let wrong = |error| Diagnostic::at(entry.key, format!("this cannot be a label: {error}"));
        pairs.push((
            LabelName::new(name).map_err(wrong)?,
            word(&scalar(&entry.node))?,
        ));
    }
    Label::new(pairs)
        .map(Instruction::Label)
        .map_err(refused(value))
}

/// A number or boolean as the text that the Dockerfile has for it.
pub(super) fn scalar(node: &Node) -> Node {
    let text = match &node.value {
        Value::Integer(number) => number.to_string(),
        Value::Float { written, .. } => written.clone(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Text(_) | Value::List(_) | Value::Table(_) => return node.clone(),
    };
    Node {
        span: node.span,
        value: Value::Text(text),
    }
}

/// A user by number, so that whatever runs the image can tell that it is not root.
pub(super) fn user(value: &Node) -> Result<Instruction, Diagnostic> {
    let (Some(uid), Some(gid)) = (value.get("uid"), value.get("gid")) else {
        return Ok(Instruction::User(word(value)?));
    };
    let number = |node: &Node| node.integer().unwrap_or_default();
    let text = format!("{}:{}", number(uid), number(gid));
    let user = Word::literal(&text).map_err(refused(value))?;
    Ok(Instruction::User(user))
}

pub(super) fn expose(value: &Node) -> Result<Instruction, Diagnostic> {
    let mut ports = Vec::new();
    for item in value.items() {
        let text = scalar(item);
        let port = spec::Port::parse(text.text().unwrap_or_default())
            .map_err(|reason| Diagnostic::at(item.span, format!("a port {reason}")))?;
        let port = Token::literal(&port.exposed()).map_err(refused(item))?;
        // A port that the host knows under two numbers is still one.
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    Expose::new(ports)
        .map(Instruction::Expose)
        .map_err(refused(value))
}

pub(super) fn volumes(value: &Node) -> Result<Instruction, Diagnostic> {
    let paths: Vec<Word> = value.items().map(word).collect::<Result<_, _>>()?;
    Volume::new(paths)
        .map(Instruction::Volume)
        .map_err(refused(value))
}

/// One instruction that the user wrote as a Dockerfile has it.
pub(super) fn verbatim(value: &Node) -> Result<Instruction, Diagnostic> {
    // An instruction is one only in a stage.
    let stage = Instruction::From(From {
        platform: None,
        image: Token::literal("scratch").map_err(refused(value))?,
        name: None,
    });
    let text = format!(
        "{}\n{}",
        dockerfile::print(&stage),
        value.text().unwrap_or_default()
    );
    let document = dockerfile::parse(text.as_bytes());
    if let Some(mistake) = document.mistakes().iter().find(|mistake| mistake.refused) {
        return Err(Diagnostic::at(
            value.span,
            format!("this is no instruction of a Dockerfile: {}", mistake.kind),
        ));
    }
    let mut statements = document.statements().skip(1);
    match (statements.next(), statements.next()) {
        (Some(statement), None) if !matches!(statement.instruction, Instruction::From(_)) => {
            Ok(statement.instruction.clone())
        }
        (Some(_), None) => Err(Diagnostic::at(value.span, "a step cannot begin a stage")
            .help("a new stage is a table of its own: [stages.NAME] with `from`")),
        (Some(_), Some(_)) => Err(Diagnostic::at(
            value.span,
            "a step is one instruction, and these are several",
        )
        .help("give each instruction a step of its own")),
        (None, _) => Err(Diagnostic::at(
            value.span,
            "there is no instruction in this",
        )),
    }
}

/// An instruction as the user wrote it, comments and all, if it can stand among others just so.
pub(super) fn as_written(value: &Node, instruction: &Instruction) -> Option<String> {
    let text = value.text()?.trim_matches('\n');
    (dockerfile::parse_one(text).as_ref() == Some(instruction)).then(|| text.to_owned())
}

/// The only kind of digest that `BuildKit` checks a download with.
pub(super) fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| {
        digits.len() == 64
            && digits
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, 'a'..='f'))
    })
}

pub(super) fn word(node: &Node) -> Result<Word, Diagnostic> {
    Word::template(node.text().unwrap_or_default()).map_err(refused(node))
}

pub(super) fn flag(node: &Node) -> Result<FlagWord, Diagnostic> {
    FlagWord::template(node.text().unwrap_or_default()).map_err(refused(node))
}

pub(super) fn words(node: &Node) -> Vec<String> {
    node.items()
        .filter_map(Node::text)
        .map(ToOwned::to_owned)
        .collect()
}
