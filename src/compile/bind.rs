//! Binding: the one place where the options that a spec sets meet the options that presets declare.

use crate::data::{self, Entry, Key, Node, Shape, Table, Value};
use crate::diag::{Diagnostic, Span, closest};
use crate::expr::Names;
use crate::preset::{Declared, Flat, Kind};
use crate::spec::{self, Spec};

/// Checks `[options]` against the declarations of the presets in use. `chosen` is the place that names the preset.
pub(super) fn check(options: Option<&Node>, flat: &Flat, chosen: Span) -> Vec<Diagnostic> {
    let mut mistakes = missing(options, flat, chosen);
    for (preset, entry) in options.into_iter().flat_map(Node::entries) {
        let declared: Vec<Key> = flat
            .options
            .iter()
            .filter(|option| option.preset == preset)
            .map(Declared::key)
            .collect();
        if !flat.chain.iter().any(|name| name == preset) {
            let message = format!(
                "the preset `{}` is not in use here, so it has no options",
                preset.escape_debug()
            );
            let mistake = Diagnostic::at(entry.key, message);
            mistakes.push(
                match closest(preset, flat.chain.iter().map(String::as_str)) {
                    Some(near) => mistake.help(format!("did you mean `{near}`?")),
                    None => mistake.help(format!("in use are `{}`", flat.chain.join("`, `"))),
                },
            );
            continue;
        }
        let path = format!("options.{preset}");
        let shape = Shape::Table(declared);
        for mistake in data::check_below(&path, &entry.node, &shape, spec::keys()) {
            mistakes.push(elsewhere(mistake, preset, flat, &entry.node));
        }
    }
    mistakes
}

/// Options that have to be set, of presets for which the spec has no table of options at all.
fn missing(options: Option<&Node>, flat: &Flat, chosen: Span) -> Vec<Diagnostic> {
    let is_missing = |option: &&Declared| {
        let table = options.and_then(|options| options.get(&option.preset));
        option.required && table.is_none()
    };
    let missing = flat.options.iter().filter(is_missing);
    missing
        .map(|option| {
            let message = format!(
                "the preset `{}` needs the option `{}`",
                option.preset, option.name
            );
            Diagnostic::at(chosen, message)
                .help(format!("set it below [options.{}]", option.preset))
                .help(option.help.clone())
        })
        .collect()
}

/// An option that another preset of the chain declares is set below that preset's name.
fn elsewhere(mistake: Diagnostic, preset: &str, flat: &Flat, options: &Node) -> Diagnostic {
    let place = mistake.primary.as_ref().map(|label| label.span);
    let misplaced = options
        .entries()
        .find(|(_, entry)| Some(entry.key) == place)
        .and_then(|(name, _)| {
            flat.options
                .iter()
                .find(|option| option.name == name && option.preset != preset)
        });
    match misplaced {
        Some(option) => {
            let mut mistake = mistake;
            mistake.help = vec![format!(
                "`{}` is an option of `{}`: set it below [options.{}]",
                option.name, option.preset, option.preset
            )];
            mistake
        }
        None => mistake,
    }
}

/// The names that expressions of every stage can use: the spec, and the options with their values. Which family a stage
/// is of is not known yet.
pub(super) fn names(spec: &Spec, flat: &Flat) -> Names {
    let mut names = Names::default();
    names.define("spec", Some(whole(&spec.tree)));
    names.define("family", Some(text("", spec.tree.span)));
    let set = spec.tree.get("options");
    for option in &flat.options {
        let value = set
            .and_then(|options| options.get(&option.preset)?.get(&option.name))
            .or(option.default.as_ref())
            .cloned();
        if option.kind == Kind::Script {
            names.define_script(&option.name, value);
        } else {
            names.define(&option.name, value);
        }
    }
    names
}

/// The same names, with the words of a stage's family.
pub(super) fn names_of(names: &Names, spec: &Spec, flat: &Flat, family: &str) -> Names {
    let mut names = names.clone();
    names.define("family", Some(text(family, spec.tree.span)));
    for (name, entry) in flat.families.get(family).into_iter().flatten() {
        names.define(name, Some(entry.node.clone()));
    }
    names
}

/// A spec in which every key is there, so that expressions can name it: what was not said is empty.
///
/// Options have names of their own, and the rest of what is left out is no matter of a step's: it can be large, and
/// would be handed to each stage.
fn whole(tree: &Node) -> Node {
    let mut tree = tree.clone();
    if let Value::Table(entries) = &mut tree.value {
        entries
            .retain(|key, _| !matches!(key.as_str(), "options" | "stages" | "service" | "compose"));
    }
    let span = tree.span;
    let list = || Node {
        span,
        value: Value::List(Vec::new()),
    };
    let table = || Node {
        span,
        value: Value::Table(Table::new()),
    };
    for key in ["entrypoint", "command", "ports"] {
        put(&mut tree, key, list());
    }
    for key in [
        "env", "args", "labels", "volumes", "packages", "source", "user", "base",
    ] {
        put(&mut tree, key, table());
    }
    if let Value::Table(entries) = &mut tree.value
        && let Some(args) = entries.get_mut("args")
        && let Value::Table(args) = &mut args.node.value
    {
        // What is worked out in turn before the first stage is only named in a stage.
        let lists = args.values_mut().map(|entry| &mut entry.node);
        for list in lists.filter(|node| matches!(node.value, Value::List(_))) {
            list.value = Value::Table(Table::new());
        }
    }
    for key in ["stop-signal", "workdir"] {
        put(&mut tree, key, text("", span));
    }
    put(
        &mut tree,
        "healthcheck",
        Node {
            span,
            value: Value::Boolean(false),
        },
    );
    if let Value::Table(entries) = &mut tree.value {
        for (key, entry) in entries.iter_mut() {
            match key.as_str() {
                "packages" => {
                    put(&mut entry.node, "runtime", list());
                    put(&mut entry.node, "build", list());
                }
                "source" => {
                    put(&mut entry.node, "include", list());
                    put(&mut entry.node, "exclude", list());
                    put(&mut entry.node, "owner", text("", span));
                }
                "base" => {
                    let image = entry.node.get("image").cloned();
                    put(
                        &mut entry.node,
                        "build",
                        image.unwrap_or_else(|| text("", span)),
                    );
                }
                "user" if !entry.node.table().is_some_and(Table::is_empty) => {
                    user(&mut entry.node, span);
                }
                _ => {}
            }
        }
    }
    tree
}

/// A user's group has the user's number unless it says otherwise, and a home has the user's name.
fn user(node: &mut Node, span: Span) {
    let uid = node.get("uid").and_then(Node::integer).unwrap_or(0);
    let name = node
        .get("name")
        .and_then(Node::text)
        .unwrap_or("root")
        .to_owned();
    let home = if uid == 0 {
        "/root".to_owned()
    } else {
        format!("/home/{name}")
    };
    put(
        node,
        "uid",
        Node {
            span,
            value: Value::Integer(uid),
        },
    );
    put(
        node,
        "gid",
        Node {
            span,
            value: Value::Integer(uid),
        },
    );
    put(node, "name", text(&name, span));
    put(node, "home", text(&home, span));
    put(node, "shell", text("", span));
}

fn put(tree: &mut Node, key: &str, node: Node) {
    if let Value::Table(entries) = &mut tree.value {
        entries.entry(key.to_owned()).or_insert(Entry {
            key: node.span,
            node,
        });
    }
}

fn text(text: &str, span: Span) -> Node {
    Node {
        span,
        value: Value::Text(text.to_owned()),
    }
}
