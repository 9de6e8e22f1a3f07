//! The pages of the reference, made from the code.

use std::fmt::Write;
use std::fs;

use dockwright::compile::Compiler;
use dockwright::data::{self, Key, Node, Shape};
use dockwright::diag::Sources;
use dockwright::expr::{Evaluator, Names};
use dockwright::preset::{self, Declared, Flat, Preset};
use dockwright::{cli, spec};

use super::repository;

const NOTICE: &str =
    "<!-- Made by `BLESS=1 cargo test`; change what it is made from, not this page. -->\n";

/// Every page, by its name.
pub(super) fn pages() -> [(&'static str, String); 6] {
    [
        ("spec", spec_page()),
        ("presets", presets_page()),
        ("preset-files", preset_files_page()),
        ("families", families_page()),
        ("expressions", expressions_page()),
        ("command-line", command_line_page()),
    ]
}

fn line(page: &mut String, line: impl AsRef<str>) {
    page.push_str(line.as_ref());
    page.push('\n');
}

/// A cell of a table: a `|` would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What a value may be, in the words of the reference: ranges are of interest here, and that a text has one line is not.
fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Integer(i64::MIN, i64::MAX) => "a whole number".to_owned(),
        Shape::Integer(least, i64::MAX) => format!("a whole number from {least}"),
        Shape::Integer(least, most) => format!("a whole number from {least} to {most}"),
        Shape::Text(rule) if rule.name == "text of one line" => "text".to_owned(),
        Shape::Choice(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Shape::OneOf(shapes) => {
            // Whoever may write a number may write one without a fraction.
            let kinds: Vec<String> = shapes
                .iter()
                .map(kind)
                .filter(|kind| kind != "a whole number")
                .collect();
            kinds.join(", or ")
        }
        Shape::Map(_, value) => match value.as_ref() {
            Shape::Any | Shape::Table(_) | Shape::Map(..) => "a table".to_owned(),
            value => format!("a table; each value is {}", kind(value)),
        },
        other => other.describe().replace("texts of one line", "texts"),
    }
}

/// The rows of a table of keys, each below the one that it belongs to.
fn rows(page: &mut String, above: &str, keys: &[Key]) {
    for key in keys {
        let name = format!("{above}{}", key.name);
        let needed = if key.required { " **Required.**" } else { "" };
        line(
            page,
            format!(
                "| `{name}` | {} | {}{needed} |",
                cell(&kind(&key.shape)),
                cell(&key.help)
            ),
        );
        below(page, &name, &key.shape);
    }
}

fn below(page: &mut String, name: &str, shape: &Shape) {
    match shape {
        Shape::Table(keys) => rows(page, &format!("{name}."), keys),
        Shape::List(item) => below(page, &format!("{name}[]"), item),
        Shape::OneOf(shapes) => shapes.iter().for_each(|shape| below(page, name, shape)),
        Shape::Map(_, value) => below(page, &format!("{name}.NAME"), value),
        _ => {}
    }
}

fn table_of(page: &mut String, keys: &[Key]) {
    line(page, "| key | value | meaning |\n| --- | --- | --- |");
    rows(page, "", keys);
}

fn spec_page() -> String {
    let mut page = format!("# The spec, `dockwright.toml`\n\n{NOTICE}\n");
    line(
        &mut page,
        "Keys that are left out have a default, from the preset or from Docker. A simple key stands above the first \
         `[table]` header: below it, it would belong to that table. `[]` is any item of a list, `NAME` a name of your own.\n",
    );
    table_of(&mut page, spec::keys());
    line(
        &mut page,
        "\n`options` holds a table for each preset in use; [presets](presets.md) has them all. `stages` has the form of \
         the stages of a [preset file](preset-files.md). `service` has the keys of a service of the Compose Specification, \
         but for those that the spec says elsewhere: `dockwright schema` prints them all, for editors.",
    );
    page
}

fn presets_page() -> String {
    let compiler = Compiler::new(&mut Sources::default());
    let library = compiler.library();
    let mut page = format!("# Presets\n\n{NOTICE}\n");
    line(
        &mut page,
        "A preset has the options and stages of those that it builds on too. `dockwright preset show NAME` prints the \
         same for one preset, and `--flat` the merged preset with the origin of each line.\n",
    );
    line(
        &mut page,
        "| preset | for | looked up by |\n| --- | --- | --- |",
    );
    for preset in library.presets() {
        let name = &preset.name;
        let by = match preset.serves() {
            Some((language, manager)) => {
                format!("`language = \"{language}\"`, `package-manager = \"{manager}\"`")
            }
            None if preset.overlays().next().is_some() => format!("`with = [\"{name}\"]`"),
            None => format!("`preset = \"{name}\"`"),
        };
        line(
            &mut page,
            format!("| [{name}](#{name}) | {} | {by} |", cell(preset.summary())),
        );
    }
    for preset in library.presets() {
        // An overlay is shown on the first preset that it lies on.
        let flat = match preset.overlays().next() {
            Some(below) => {
                library.flatten(library.get(below).unwrap(), &[(preset, preset.tree.span)])
            }
            None => library.flatten(preset, &[]),
        };
        preset_section(&mut page, preset, &flat.unwrap());
    }
    page
}

fn preset_section(page: &mut String, preset: &Preset, flat: &Flat) {
    line(
        page,
        format!("\n## {}\n\n{}.", preset.name, preset.summary()),
    );
    if let Some((name, _)) = preset.extends() {
        line(page, format!("Builds on [{name}](#{name})."));
    }
    let below: Vec<String> = preset
        .overlays()
        .map(|name| format!("[{name}](#{name})"))
        .collect();
    if !below.is_empty() {
        line(
            page,
            format!(
                "An overlay: it lies on presets that build on {}.",
                below.join(", ")
            ),
        );
    }
    let default = |option: &Declared| match &option.default {
        Some(default) => format!("`{}`", default.to_toml()),
        None if option.required => "has to be set".to_owned(),
        None => "nothing".to_owned(),
    };
    if preset.options().next().is_some() {
        line(
            page,
            format!("\nOptions, set below `[options.{}]`:\n", preset.name),
        );
        line(
            page,
            "| option | value | default | meaning |\n| --- | --- | --- | --- |",
        );
    }
    for option in preset.options() {
        line(
            page,
            format!(
                "| `{}` | {} | {} | {} |",
                option.name,
                cell(&kind(&option.kind.shape())),
                cell(&default(&option)),
                cell(&option.help)
            ),
        );
    }
    if let Some(defaults) = preset.tree.get("defaults") {
        line(page, "\nDefaults of keys of the spec:\n");
        for (key, entry) in defaults.entries() {
            line(page, format!("- `{key} = {}`", entry.node.to_toml()));
        }
    }
    let text = |fields: &data::Table, key: &str| {
        fields
            .get(key)
            .and_then(|entry| entry.node.text())
            .map(ToOwned::to_owned)
    };
    // Of an overlay, the stages that it has a part in.
    let part = |name: &str| {
        below.is_empty()
            || preset
                .tree
                .get("stages")
                .is_some_and(|own| own.get(name).is_some())
    };
    for (name, stage) in flat.stages.iter().filter(|(name, _)| part(name)) {
        line(
            page,
            format!(
                "\nStage `{name}`, from `{}`:\n",
                text(&stage.fields, "from").unwrap_or_default()
            ),
        );
        if let Some(note) = text(&stage.fields, "note") {
            line(page, format!("{note}.\n"));
        }
        if let Some(when) = text(&stage.fields, "when") {
            line(page, format!("Only there if `{when}`.\n"));
        }
        line(
            page,
            "| step | kind | only if | note |\n| --- | --- | --- | --- |",
        );
        for (id, step) in &stage.steps {
            let when = text(&step.fields, "when").map_or(String::new(), |when| format!("`{when}`"));
            let note = text(&step.fields, "note").unwrap_or_default();
            let note = if note.contains("{{") {
                format!("`{note}`")
            } else {
                note
            };
            let kind = step.kind().map_or("", |(kind, _)| kind);
            line(
                page,
                format!("| `{id}` | `{kind}` | {} | {} |", cell(&when), cell(&note)),
            );
        }
    }
}

fn preset_files_page() -> String {
    let mut page = format!("# Preset files\n\n{NOTICE}\n");
    line(
        &mut page,
        "The keys of a preset, `presets/NAME.toml`. The `[stages]` of a spec has the same form. Texts may hold \
         [expressions](expressions.md). `[]` is any item of a list, `NAME` a name of your own.\n",
    );
    table_of(&mut page, &preset::shape::keys());
    let kinds: Vec<String> = preset::shape::kinds()
        .iter()
        .map(|key| format!("`{}`", key.name))
        .collect();
    line(
        &mut page,
        format!(
            "\nExactly one of these stands in each step, and says what it does: {}.\n\n\
             How a preset is laid over the one that it extends, and a spec's `[stages]` over the preset: text, numbers and \
             `true` or `false` replace what was there; a list replaces unless it holds `\"...\"`, which stands for the items \
             that were there; a step of the same name is replaced field by field; `drop` leaves steps out.",
            kinds.join(", ")
        ),
    );
    page
}

/// What of a family is told in a line.
const LISTS: [&str; 4] = ["tags", "images", "users", "groups"];

fn families_page() -> String {
    let text = fs::read_to_string(repository().join("templates/families.toml")).unwrap();
    let tree = data::parse(
        &text,
        Sources::default().add("families.toml", text.as_str()),
    )
    .unwrap();
    let mut page = format!("# Families of systems\n\n{NOTICE}\n");
    line(
        &mut page,
        "A family says how a kind of system installs packages, creates users and checks a service. It is known by the \
         image's name: by the part behind the last `/`, or by a word between the dashes of the tag (`bookworm` in \
         `ruby:3.4-bookworm`, `alpine` in `node:24-alpine3.22`). The first family that fits is taken. Where the name does \
         not tell, the spec says it: `base = { image = \"registry.example/team/base\", family = \"debian\" }`. No user is \
         created that has the name of one of the family's users or groups; a service runs as one of those users where its \
         spec says the name and the number.",
    );
    for (name, entry) in tree.entries() {
        line(&mut page, format!("\n## {name}\n"));
        for key in LISTS {
            let said = entry.node.get(key).into_iter();
            let words = said.clone().flat_map(Node::items);
            let words = words.filter_map(Node::text).map(|word| format!("`{word}`"));
            let numbers = said.flat_map(Node::entries);
            let numbers =
                numbers.map(|(name, entry)| format!("`{name}` ({})", entry.node.to_toml()));
            let words: Vec<String> = words.chain(numbers).collect();
            if !words.is_empty() {
                line(&mut page, format!("- {key}: {}", words.join(", ")));
            }
        }
        let ways: Vec<_> = entry
            .node
            .entries()
            .filter(|(key, _)| !LISTS.contains(key))
            .collect();
        if ways.is_empty() {
            line(
                &mut page,
                "\nIt has no shell and no package manager: packages, volumes of a user and checks by `http` or `tcp` are refused.",
            );
        }
        for (way, entry) in ways {
            line(&mut page, format!("\n{way}:\n\n```toml"));
            for (key, entry) in entry.node.entries() {
                match entry.node.text() {
                    Some(text) if text.contains('\n') => {
                        line(&mut page, format!("{key} = '''\n{text}'''"));
                    }
                    _ => line(&mut page, format!("{key} = {}", entry.node.to_toml())),
                }
            }
            line(&mut page, "```");
        }
    }
    page
}

/// What expressions are shown with: as a spec, its options and a family would define it.
const EXAMPLE: &str = "directory = 'src'\njobs = 4\nccache = true\ntargets = ['all', 'with blank']\ncflags = '-O2 -g'\n\
    [spec]\nname = 'pogocache'\nports = ['9401']\n[spec.packages]\nbuild = ['openssl-dev', 'linux-headers']\n[spec.env]\n\
    [variables]\nCFLAGS = '-O2 -g'\n";

/// Fields by their kind.
const EXAMPLES: &[(&str, &str)] = &[
    ("data", "'{{ spec.name }}'"),
    ("data", "'{{ jobs }}'"),
    ("data", "'{{ jobs }} jobs'"),
    ("data", "'{{ spec.packages.build }}'"),
    ("data", "['git', '{{ spec.packages.build }}']"),
    ("data", "\"{{ ['ccache'] if ccache else [] }}\""),
    ("data", "'{{ targets | join(\",\") }}'"),
    ("data", "'{{ variables | items | map(\"first\") | list }}'"),
    ("data", "'{{ none }}'"),
    ("script", "'make -C {{ directory }} -j{{ jobs }}'"),
    ("script", "'make {{ targets }}'"),
    ("script", "'make {{ \"CFLAGS=\" ~ cflags }}'"),
    (
        "script",
        "'make{% for n, v in variables | items %} {{ n ~ \"=\" ~ v }}{% endfor %}'",
    ),
    ("script", "'apk add {{ spec.packages.build | continued }}'"),
    ("script", "'echo ${#array}'"),
    ("condition", "'ccache and jobs > 1'"),
    ("condition", "'spec.env'"),
    ("condition", "'spec.ports'"),
];

fn expressions_page() -> String {
    let mut page = format!("# Expressions\n\n{NOTICE}\n");
    line(
        &mut page,
        "Texts in presets, and in the `[stages]` of a spec, may hold expressions of minijinja: `{{ value }}`, \
         `{% if %}`, `{% for %}`, filters. What becomes of a value depends on the field that it stands in:\n\n\
         - **data** is every field that is not one of the next two. A text that is one expression keeps its type; a list in \
         a list is spliced in; `none` leaves the field out.\n\
         - **script** is `run`. Every inserted value is quoted for the shell, a list as several words.\n\
         - **condition** is `when`. It is one expression without braces.\n\n\
         Names: `spec` holds the spec in its long form, with the preset's defaults, but for `options`, `stages`, `service` and `compose`; what was not said is empty. `family` is \
         the family of the stage. Each option of the presets in use is a name, and each word that they have for the family. \
         A `-` in a name is written `_`. A name that is not defined is an error.\n\n\
         An expression can read no file, no environment variable and no clock, and one that does not come to an end is \
         stopped. So that none fills the memory, it makes a megabyte at most, sets no names but those of loops, of which \
         three may stand in each other, and does not multiply.\n\nWith these names:\n",
    );
    line(&mut page, format!("```toml\n{EXAMPLE}```\n"));
    line(&mut page, "| kind | field | becomes |\n| --- | --- | --- |");
    for (kind, field) in EXAMPLES {
        let text = format!("field = {field}\n[names]\n");
        let mut sources = Sources::default();
        let id = sources.add("example.toml", text.as_str());
        let tree = data::parse(&text, id).unwrap();
        let node = tree.get("field").unwrap();
        let values = data::parse(EXAMPLE, sources.add("names.toml", EXAMPLE)).unwrap();
        let mut names = Names::default();
        for (name, entry) in values.entries() {
            names.define(name, Some(entry.node.clone()));
        }
        let evaluator = Evaluator::new(&names, &sources);
        let becomes = match *kind {
            "script" => evaluator.script(node).unwrap().replace('\n', "⏎"),
            "condition" => evaluator.condition(node).unwrap().to_string(),
            _ => evaluator
                .data(node)
                .unwrap()
                .map_or("nothing".to_owned(), |node| node.to_toml()),
        };
        line(
            &mut page,
            format!("| {kind} | `{}` | `{}` |", cell(field), cell(&becomes)),
        );
    }
    page
}

fn command_line_page() -> String {
    let command = cli::command();
    let mut page = format!(
        "# The command line\n\n{NOTICE}\n{}.\n\n",
        command.get_about().unwrap()
    );
    line(
        &mut page,
        "Exit codes: 0, all that was asked for is done, and files are in sync; 1, `check` found drift, or `adopt` could not take \
         all of an edit, or something that `migrate` read needs a person; 2, it could not be done: a spec with mistakes, a file that cannot be read or written, bad \
         usage.\n\nFlags of every command:\n",
    );
    flags(&mut page, &command, true);
    let mut path = vec![command.get_name().to_owned()];
    sections(&mut page, &command, &mut path);
    page
}

fn sections(page: &mut String, command: &clap::Command, path: &mut Vec<String>) {
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        path.push(sub.get_name().to_owned());
        line(
            page,
            format!("\n## `{}`\n\n{}.", path.join(" "), sub.get_about().unwrap()),
        );
        let own = |argument: &&clap::Arg| !argument.is_global_set() && argument.get_id() != "help";
        if sub.get_arguments().any(|argument| own(&argument)) {
            line(page, "");
            flags(page, sub, false);
        }
        sections(page, sub, path);
        path.pop();
    }
}

fn flags(page: &mut String, command: &clap::Command, global: bool) {
    line(page, "| argument | meaning |\n| --- | --- |");
    for argument in command.get_arguments() {
        let common =
            argument.is_global_set() || matches!(argument.get_id().as_str(), "help" | "version");
        if common != global {
            continue;
        }
        let mut name = String::new();
        if let Some(short) = argument.get_short() {
            let _ = write!(name, "-{short}, ");
        }
        if let Some(long) = argument.get_long() {
            let _ = write!(name, "--{long} ");
        }
        if argument.get_action().takes_values() {
            let value = argument
                .get_value_names()
                .map_or(String::new(), |names| names.join(" "));
            let _ = write!(name, "<{value}>");
        }
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        // clap's own help of `--help` says how to get more of it.
        let mut help = help.split(" (see").next().unwrap_or_default().to_owned();
        let words: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|_| argument.get_action().takes_values())
            .map(|word| format!("`{}`", word.get_name()))
            .collect();
        if !words.is_empty() {
            let _ = write!(help, ": {}", words.join(", "));
        }
        let default = argument.get_default_values().first();
        if let Some(default) = default.filter(|_| argument.get_action().takes_values()) {
            let _ = write!(help, " (default `{}`)", default.to_string_lossy());
        }
        line(page, format!("| `{}` | {} |", name.trim_end(), cell(&help)));
    }
}
