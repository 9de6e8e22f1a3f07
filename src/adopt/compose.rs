//! Edits of a compose file, and how a spec says them: with a key of its own where there is one, else in compose's own
//! words below `[service]`, in a stage's `service` or below `[compose]`.

use toml_edit::{Array, InlineTable};

use super::differences::Difference;
use super::{Compiled, keys};
use crate::compose::{Map, Value, interpolation};
use crate::data::Node;
use crate::spec::Edit;

/// What a healthcheck calls its times in compose, and what it calls them in a spec.
const TIMES: &[(&str, &str)] = &[
    ("interval", "interval"),
    ("timeout", "timeout"),
    ("retries", "retries"),
    ("start_period", "start-period"),
    ("start_interval", "start-interval"),
];

/// Everything that differs between what a spec comes to and what a person wrote: the outermost keys of which one side
/// has nothing, and the values that are not alike.
pub(super) fn differences(expected: &Value, actual: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare(
        &mut Vec::new(),
        Some(expected),
        Some(actual),
        &mut differences,
    );
    differences
}

/// A value with its variables as a spec can write them.
pub(super) fn braced(value: Value) -> Value {
    match value {
        Value::Text(text) => interpolation::braced(&text).unwrap_or(text).into(),
        Value::List(items) => items.into_iter().map(braced).collect(),
        Value::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(name, value)| (name, braced(value)))
                .collect(),
        ),
        other => other,
    }
}

fn compare(
    path: &mut Vec<String>,
    expected: Option<&Value>,
    actual: Option<&Value>,
    differences: &mut Vec<Difference>,
) {
    if let (Some(Value::Map(was)), Some(Value::Map(is))) = (expected, actual) {
        let new = is.keys().filter(|key| !was.contains_key(*key));
        for key in was.keys().chain(new) {
            path.push(key.clone());
            compare(path, was.get(key), is.get(key), differences);
            path.pop();
        }
    } else if expected != actual {
        differences.push(Difference::Key {
            path: path.clone(),
            expected: expected.cloned(),
            actual: actual.cloned(),
        });
    }
}

/// The ways to say what a key says now; often none.
pub(super) fn ways(
    path: &[String],
    expected: Option<&Value>,
    actual: Option<&Value>,
    compiled: &Compiled,
) -> Vec<Vec<Edit>> {
    let tree = &compiled.tree;
    let [section, service, rest @ ..] = path else {
        return in_words(&["compose"], path, expected, actual, tree);
    };
    let mut services = compiled.plan.services.iter();
    let known = services.position(|known| known.name == *service);
    match (section.as_str(), known) {
        ("services", Some(0)) => {
            let mut ways: Vec<Vec<Edit>> = key(rest, actual, tree).into_iter().collect();
            if rest == ["ports"] {
                ways.extend(keys::with_healthcheck(&ways, compiled));
            }
            ways.extend(in_words(&["service"], rest, expected, actual, tree));
            ways
        }
        ("services", Some(number)) => {
            let stage = &compiled.plan.services[number].target;
            in_words(&["stages", stage, "service"], rest, expected, actual, tree)
        }
        _ => in_words(&["compose"], path, expected, actual, tree),
    }
}

/// A key of the spec that says what compose knows of its service.
fn key(path: &[String], actual: Option<&Value>, tree: &Node) -> Option<Vec<Edit>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let said = |key: &[&str]| match actual {
        Some(value) => Some(vec![set(key, toml(value)?)]),
        None => Some(vec![unset(key)]),
    };
    match path.as_slice() {
        ["init"] => said(&["init"]),
        ["ports"] => ports(actual, tree),
        ["volumes"] => volumes(actual, tree),
        ["build", "platforms"] => said(&["base", "platforms"]),
        ["build", "args", name] => match actual {
            Some(value) => {
                // Compose takes an argument from where it runs, and the spec says what it is there by default.
                let default = value.text()?.strip_prefix("${")?.strip_prefix(name)?;
                let default = default.strip_prefix(":-")?.strip_suffix('}')?;
                Some(vec![set(&["args", name], default)])
            }
            None => Some(vec![unset(&["args", name])]),
        },
        ["healthcheck"] => match actual {
            Some(Value::Map(check)) => healthcheck(check),
            _ => Some(vec![set(&["healthcheck"], false)]),
        },
        ["healthcheck", "test"] => Some(vec![
            unset(&["healthcheck"]),
            set(&["healthcheck", "command"], command(actual?)?),
        ]),
        ["healthcheck", time] => {
            let (_, key) = TIMES.iter().find(|(known, _)| known == time)?;
            said(&["healthcheck", key])
        }
        _ => None,
    }
}

/// A whole healthcheck.
fn healthcheck(check: &Map) -> Option<Vec<Edit>> {
    let mut edits = vec![unset(&["healthcheck"])];
    for (name, value) in check {
        let time = TIMES.iter().find(|(known, _)| known == name);
        edits.push(match (name.as_str(), time) {
            ("test", _) => set(&["healthcheck", "command"], command(value)?),
            (_, Some((_, key))) => set(&["healthcheck", key], toml(value)?),
            _ => return None,
        });
    }
    Some(edits)
}

/// The words of a healthcheck that runs a program.
fn command(test: &Value) -> Option<Array> {
    let (how, words) = test.list()?.split_first()?;
    // Compose calls it so too, where no shell is to read the words.
    let without_shell: Value = "CMD".into();
    if *how != without_shell {
        return None;
    }
    words.iter().map(|word| literal(word.text()?)).collect()
}

/// A text of a compose file without variables, as a text that means itself.
fn literal(text: &str) -> Option<String> {
    let rest = text.replace("$$", "");
    (!rest.contains('$')).then(|| text.replace("$$", "$"))
}

/// The ports. One that the host and the container call alike is said as a number.
fn ports(actual: Option<&Value>, tree: &Node) -> Option<Vec<Edit>> {
    let Some(actual) = actual else {
        return Some(vec![unset(&["ports"])]);
    };
    let said = keys::said_ports(tree);
    let mut ports = Array::new();
    for port in actual.list()? {
        let text = port.text()?;
        let alike = text
            .split_once(':')
            .filter(|(host, container)| host == container);
        let short = alike.map(|(port, _)| port);
        match short.map(str::parse::<i64>) {
            // Where the spec spells it out already, it stays so.
            Some(Ok(number)) if !said.contains(&text) => ports.push(number),
            _ => ports.push(text),
        }
    }
    Some(vec![set(&["ports"], ports)])
}

/// The named volumes; what else is mounted stays in compose's own words.
fn volumes(actual: Option<&Value>, tree: &Node) -> Option<Vec<Edit>> {
    let is_name = |name: &str| !name.is_empty() && !name.contains(['/', '.', '~', '$', '\\']);
    let mut named: Vec<(&str, &str)> = Vec::new();
    for volume in actual.and_then(Value::list).unwrap_or_default() {
        match volume.text().and_then(|text| text.split_once(':')) {
            Some((name, path)) if is_name(name) && !path.contains(':') => named.push((name, path)),
            _ => {}
        }
    }
    let mut edits = Vec::new();
    let said = || tree.get("volumes").into_iter().flat_map(Node::entries);
    for (name, _) in said().filter(|(name, _)| !named.iter().any(|(known, _)| known == name)) {
        edits.push(unset(&["volumes", name]));
    }
    for (name, path) in named {
        if !said().any(|(known, entry)| known == name && entry.node.text() == Some(path)) {
            edits.push(set(&["volumes", name], literal(path)?));
        }
    }
    (!edits.is_empty()).then_some(edits)
}

/// The ways to say a key in compose's own words. What the spec says there lies over what is generated, and lists are
/// laid behind lists: so either what a list has more is said, or all of it.
fn in_words(
    home: &[&str],
    path: &[String],
    expected: Option<&Value>,
    actual: Option<&Value>,
    tree: &Node,
) -> Vec<Vec<Edit>> {
    let keys: Vec<&str> = home
        .iter()
        .copied()
        .chain(path.iter().map(String::as_str))
        .collect();
    let Some(actual) = actual else {
        return vec![vec![unset(&keys)]];
    };
    let mut ways = Vec::new();
    if let (Some(Value::List(was)), Value::List(is)) = (expected, actual) {
        let said = keys.iter().try_fold(tree, |node, key| node.get(key));
        let said: Vec<&str> = said
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::text)
            .collect();
        let own = |item: &&Value| {
            !was.contains(item) || item.text().is_some_and(|text| said.contains(&text))
        };
        let items: Option<Array> = is.iter().filter(own).map(toml).collect();
        ways.extend(items.map(|items| vec![set(&keys, items)]));
    }
    ways.extend(toml(actual).map(|value| vec![set(&keys, value)]));
    ways
}

fn path(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

fn set(keys: &[&str], value: impl Into<toml_edit::Value>) -> Edit {
    Edit::Set(path(keys), value.into())
}

fn unset(keys: &[&str]) -> Edit {
    Edit::Unset(path(keys))
}

/// A value as a spec says it. TOML has no word for nothing.
fn toml(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(yes) => (*yes).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => {
            let items: Option<Array> = items.iter().map(toml).collect();
            items?.into()
        }
        Value::Map(entries) => {
            let mut table = InlineTable::new();
            for (name, value) in entries {
                table.insert(name, toml(value)?);
            }
            table.into()
        }
    })
}
