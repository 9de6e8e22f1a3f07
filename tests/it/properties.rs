//! What holds for every spec, whatever stands in it.

use std::mem::{Discriminant, discriminant};
use std::sync::OnceLock;

use dockwright::compose::interpolation;
use dockwright::dockerfile::ignore::Ignore;
use dockwright::dockerfile::{self, CommandLine, Instruction, RunCommand, TransferSource, Word};
use dockwright::files::OutputFile;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;

use crate::golden::generate;
use crate::support::{Differences, listing, tests};

const SERVICE: &str = "name = \"hello\"\npreset = \"service\"\nbase = \"debian:bookworm-slim\"\n";
const PIP: &str = "name = \"hello\"\nlanguage = \"python\"\npackage-manager = \"pip\"\n";
const MAKE: &str = "name = \"hello\"\nlanguage = \"c\"\npackage-manager = \"make\"\n";

/// Every field that holds a text of the user's own: the spec around it, with `@` for the text, and a harmless text.
const FIELDS: &[(&str, &str, &str)] = &[
    (SERVICE, "[env]\nA = @", "x"),
    (SERVICE, "[env]\n@ = \"x\"", "A"),
    (SERVICE, "[args]\nA = @", "x"),
    (SERVICE, "[args]\n@ = \"x\"", "A"),
    (SERVICE, "[labels]\na = @", "x"),
    (SERVICE, "[labels]\n@ = \"x\"", "a"),
    (SERVICE, "command = [\"a\", @]", "x"),
    (SERVICE, "entrypoint = [@, \"a\"]", "x"),
    (SERVICE, "workdir = @", "/x"),
    (SERVICE, "user = @", "x"),
    (
        SERVICE,
        "user = { name = \"x\", uid = 1001, home = @ }",
        "/x",
    ),
    (
        SERVICE,
        "user = { name = \"x\", uid = 1001, shell = @ }",
        "/x",
    ),
    (SERVICE, "[volumes]\n@ = \"/x\"", "xx"),
    (SERVICE, "[volumes]\nxx = @", "/x"),
    (SERVICE, "source = [@]", "x"),
    (SERVICE, "source = [{ from = \"x\", to = @ }]", "y"),
    (SERVICE, "source = [{ from = \"x\", mode = @ }]", "0755"),
    (SERVICE, "source = { include = [\"x\"], owner = @ }", "1:1"),
    (
        SERVICE,
        "source = { include = [\".\"], exclude = [@] }",
        "x",
    ),
    (SERVICE, "packages = [@]", "x"),
    (SERVICE, "ports = [@]", "80"),
    (SERVICE, "stop-signal = @", "SIGINT"),
    (SERVICE, "ports = [80]\nhealthcheck = @", "/x"),
    (SERVICE, "[healthcheck]\nhttp = @", "http://x/"),
    (SERVICE, "[healthcheck]\ncommand = [\"a\", @]", "x"),
    (
        SERVICE,
        "[healthcheck]\ncommand = [\"a\"]\ninterval = @",
        "1s",
    ),
    (SERVICE, "[stages.extra]\nfrom = @", "alpine:3.22"),
    (SERVICE, "[stages.@]\nfrom = \"scratch\"", "extra"),
    (SERVICE, "[stages.runtime]\nnote = @", "x"),
    (SERVICE, "[stages.runtime.steps.@]\nrun = \"true\"", "x"),
    (SERVICE, "[stages.runtime.steps.x]\nrun = @", "true"),
    (
        SERVICE,
        "[stages.runtime.steps.x]\nnote = @\nrun = \"true\"",
        "x",
    ),
    (
        SERVICE,
        "[stages.runtime.steps.x]\ncopy = { \"a\" = @ }",
        "x",
    ),
    (
        SERVICE,
        "[stages.runtime.steps.x]\ncopy = { \"/a\" = \"b\" }\nfrom = @",
        "alpine:3.22",
    ),
    (
        SERVICE,
        "[stages.runtime.steps.x]\nrun = \"true\"\ncache = [@]",
        "/x",
    ),
    (
        SERVICE,
        "[stages.runtime.steps.x]\nrun = \"true\"\nbind = [@]",
        "x",
    ),
    (
        SERVICE,
        "[stages.runtime.steps.x]\nrun = \"true\"\nmounts = [{ type = \"cache\", target = \"/a\", id = @ }]",
        "x",
    ),
    (SERVICE, "[stages.runtime.steps.x]\nuser = @", "1:1"),
    (
        SERVICE,
        "[stages.runtime.steps.x]\nshell = [\"sh\", @]",
        "-c",
    ),
    (SERVICE, "[service]\nhostname = @", "x"),
    (SERVICE, "[service.environment]\nA = @", "x"),
    (SERVICE, "[service.environment]\n@ = \"x\"", "A"),
    (SERVICE, "[service.labels]\n@ = @", "x"),
    (
        SERVICE,
        "[compose.services.other]\nimage = \"x\"\ncommand = [@]",
        "x",
    ),
    (PIP, "[options.pip]\nrequirements = [@]", "x.txt"),
    (PIP, "[options.pip]\nflags = [@]", "--pre"),
    (PIP, "[options.pip]\nearly = [@]", "numpy"),
    (
        MAKE,
        "[options.make]\nartifacts = { x = \"/x\" }\ntargets = [@]",
        "all",
    ),
    (
        MAKE,
        "[options.make]\nartifacts = { x = \"/x\" }\nvariables = { A = @ }",
        "x",
    ),
    (
        MAKE,
        "[options.make]\nartifacts = { x = \"/x\" }\nvariables = { @ = \"x\" }",
        "A",
    ),
    (MAKE, "[options.make]\nartifacts = { @ = \"/x\" }", "x"),
    (MAKE, "[options.make]\nartifacts = { x = @ }", "/x"),
    (
        MAKE,
        "[options.make]\nartifacts = { x = \"/x\" }\ndirectory = @",
        "x",
    ),
    (
        MAKE,
        "[options.make]\nartifacts = { x = \"/x\" }\n[options.c]\nlibraries = [\"x\"]\nlibraries-script = @",
        "true",
    ),
    (
        "",
        "name = @\npreset = \"service\"\nbase = \"debian:bookworm-slim\"",
        "hello",
    ),
    (
        "",
        "name = \"hello\"\npreset = \"service\"\nbase = @",
        "debian:bookworm-slim",
    ),
    (
        "",
        "name = \"hello\"\npreset = \"service\"\nbase = { image = @, family = \"debian\" }",
        "x",
    ),
];

/// Texts made of what means something somewhere: to Docker, to the shell, to YAML, to ignore files, to expressions.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        3 => prop::sample::select(vec![
            "\n", "\r", "\0", "\t", " ", "$", "${", "}", "$$", "\\", "\"", "'", "`", "#", "!", "*", "?", "[", "]", "{", "{{", "{%",
            "}}", "|", "&", ";", "<", "<<EOF", "EOF", "EOF\n", ">", "(", ")", ":", ": ", "- ", ",", "=", "~", "@", "%", "^", "--",
            "RUN evil", "\nRUN evil", "FROM scratch", "$(evil)", "# ", "..", "/", "./", "null", "yes", "0x10", "1e3", "\u{85}",
            "\u{2028}", "\u{feff}", "\u{7f}", "\u{1b}", "ü", "日本", "\\\n", "--mount=type=bind", "type=cache",
        ]).prop_map(ToOwned::to_owned),
        1 => "[a-z/]{1,4}".prop_map(|text| text),
        1 => any::<char>().prop_map(String::from),
    ];
    // A text that begins as the field wants it gets past the first check.
    let begins = prop::sample::select(vec!["", "", "/", "x", "http://x/", "a/b"]);
    (begins, prop::collection::vec(pieces, 0..6))
        .prop_map(|(begins, pieces)| format!("{begins}{}", pieces.concat()))
}

/// How many texts each property is tried with: `PROPTEST_CASES`, or as many as take no time.
fn cases() -> u32 {
    let said = std::env::var("PROPTEST_CASES").ok();
    said.and_then(|number| number.parse().ok()).unwrap_or(256)
}

/// A text as TOML writes it on one line.
fn quoted(text: &str) -> String {
    serde_json::to_string(text)
        .unwrap()
        .replace('\u{7f}', "\\u007f")
}

fn spec((base, field, _): (&str, &str, &str), text: &str) -> String {
    format!("{base}{}\n", field.replace('@', &quoted(text)))
}

fn file<'a>(files: &'a [OutputFile], path: &str) -> &'a str {
    &files.iter().find(|file| file.path == path).unwrap().text
}

/// What a Dockerfile consists of: its instructions, how many mounts and how many words each has.
fn outline(text: &str) -> Vec<(Discriminant<Instruction>, usize)> {
    let document = dockerfile::parse(text.as_bytes());
    assert_eq!(document.mistakes(), [], "{text}");
    let instructions = document
        .statements()
        .map(|statement| &statement.instruction);
    instructions
        .map(|instruction| {
            let parts = match instruction {
                Instruction::Run(run) => run.mounts.len(),
                Instruction::Cmd(CommandLine::Exec(words))
                | Instruction::Entrypoint(CommandLine::Exec(words)) => words.len(),
                Instruction::Env(env) => env.as_slice().len(),
                Instruction::Label(label) => label.as_slice().len(),
                Instruction::Copy(copy) => copy.files.sources().len(),
                _ => 0,
            };
            (discriminant(instruction), parts)
        })
        .collect()
}

fn read_yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The names and kinds of a YAML document, without its texts.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.values().map(shape).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        // An argument without a default that can be handed on stands alone.
        Value::String(_) | Value::Null => "text".into(),
        other => other.clone(),
    }
}

/// What a field comes to with a harmless text in it.
fn harmless(field: (&str, &str, &str)) -> &'static [OutputFile] {
    static MADE: OnceLock<Vec<Vec<OutputFile>>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let texts = FIELDS.iter().map(|field| spec(*field, field.2));
        texts
            .map(|text| generate(&text).unwrap_or_else(|report| panic!("{text}\n{report}")))
            .collect()
    });
    &made[FIELDS.iter().position(|known| *known == field).unwrap()]
}

/// A text is refused, or it changes nothing but the one place where it stands.
fn stays_in_its_place(field: (&str, &str, &str), text: &str) -> TestCaseResult {
    // A step that says nothing is none.
    if text.is_empty() && field.1.starts_with("[stages") {
        return Ok(());
    }
    let Ok(files) = generate(&spec(field, text)) else {
        return Ok(());
    };
    let harmless = harmless(field);
    let is_script = field.1.ends_with("run = @") || field.1.ends_with("script = @");
    let mut expected = outline(file(harmless, "Dockerfile"));
    let found = outline(file(&files, "Dockerfile"));
    // A blank script is none, and arguments of an image's name stand before the first stage.
    if !(is_script && found.len() + 1 == expected.len() && text.trim().is_empty()) {
        if field.1.contains("[args]") {
            expected.truncate(found.len());
        }
        prop_assert_eq!(found, expected, "{}", file(&files, "Dockerfile"));
    }
    for path in ["Dockerfile", ".dockerignore", "compose.yaml"] {
        let text = file(&files, path);
        prop_assert!(text.ends_with('\n'));
        prop_assert!(!text.contains('\0') && !text.contains("\r\n"), "{text:?}");
    }
    let yaml = read_yaml(file(&files, "compose.yaml"));
    let plain = read_yaml(file(harmless, "compose.yaml"));
    prop_assert_eq!(
        shape(&yaml),
        shape(&plain),
        "{}",
        file(&files, "compose.yaml")
    );
    // The copies find their files in the context.
    let ignore = Ignore::parse(file(&files, ".dockerignore").as_bytes()).unwrap();
    for path in copied(file(&files, "Dockerfile")) {
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let is_glob = path.contains(['*', '?', '[', '\\', '$']) || path.is_empty() || path == ".";
        prop_assert!(
            is_glob || path.contains("//") || path.contains("/./") || !ignore.excludes(path),
            "{path:?} is left out by\n{}",
            file(&files, ".dockerignore")
        );
    }
    Ok(())
}

/// What the instructions copy from the context.
fn copied(text: &str) -> Vec<String> {
    let document = dockerfile::parse(text.as_bytes());
    let mut paths = Vec::new();
    for statement in document.statements() {
        if let Instruction::Copy(copy) = &statement.instruction
            && copy.from.is_none()
        {
            let sources = copy.files.sources().iter();
            paths.extend(sources.filter_map(|source| match source {
                TransferSource::Path(word) => word.text(),
                TransferSource::Inline(_) => None,
            }));
        }
    }
    paths
}

fn instruction<T>(text: &str, find: impl Fn(&Instruction) -> Option<T>) -> Option<T> {
    let document = dockerfile::parse(text.as_bytes());
    document
        .statements()
        .find_map(|statement| find(&statement.instruction))
}

/// Each of these is tried in every field.
#[test]
fn known_tricks_stay_in_their_place() {
    let tricks = [
        "",
        " ",
        "\n",
        "x\nRUN evil",
        "x\r\nRUN evil",
        "x\\\nRUN evil",
        "x\u{85}RUN evil",
        "x\u{2028}RUN evil",
        "\"",
        "'",
        "\\",
        "x\"], \"y",
        "x' evil '",
        "$(evil)",
        "`evil`",
        "x; evil",
        "x && evil",
        "x # evil",
        "# evil",
        "<<EOF",
        "EOF",
        "EOF\nRUN evil",
        "x\nEOF\nRUN evil\n",
        "--privileged",
        "--from=x",
        "{{ 7 * 7 }}",
        "{% raw %}",
        "a: b",
        "- a",
        "&a",
        "*a",
        "!a",
        "| a",
        "> a",
        "%a",
        "@a",
        "null",
        "true",
        "0o7",
        "1e3",
        "2024-01-01",
        "12:30:00",
        "~",
        "a,readonly=true",
        "a\tb",
        "..",
        "../x",
        "a/../..",
        "/",
        "C:\\x",
        "\u{feff}x",
        "x\0y",
        "${",
        "${X",
        "${X:-y}",
        "$",
        "$$",
        "\\$x",
        "é",
        "a  b",
        " a",
        "a ",
        "#",
        "!",
        "!x",
        "*",
        "**",
        "[",
        "[a]",
    ];
    let mut found = Differences::default();
    for field in FIELDS {
        for trick in tricks {
            // Where the field wants a certain beginning, the trick comes after it.
            let alone = trick.to_owned();
            let text = if generate(&spec(*field, &alone)).is_ok() {
                alone
            } else {
                format!("{}{trick}", field.2)
            };
            if let Err(error) = stays_in_its_place(*field, &text) {
                found.note(format!("{text:?} in\n{}\n{error}", spec(*field, &text)));
            }
        }
    }
    found.finish();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_refused_or_stays_in_its_place(field in prop::sample::select(FIELDS), text in hostile()) {
        stays_in_its_place(field, &text)?;
    }

    #[test]
    fn a_text_without_variables_arrives_as_it_was_given(text in hostile()) {
        prop_assume!(!text.contains('$'));
        let spec = format!("{SERVICE}command = [{0}]\n[env]\nA = {0}\n[labels]\na = {0}\n[service.environment]\nA = {0}\n", quoted(&text));
        if let Ok(files) = generate(&spec) {
            let dockerfile = file(&files, "Dockerfile");
            let env = instruction(dockerfile, |found| match found {
                Instruction::Env(env) => env.as_slice().first().and_then(|(_, value)| Word::text(value)),
                _ => None,
            });
            prop_assert_eq!(env.as_ref(), Some(&text));
            let label = instruction(dockerfile, |found| match found {
                Instruction::Label(label) => label.as_slice().first().and_then(|(_, value)| Word::text(value)),
                _ => None,
            });
            prop_assert_eq!(label.as_ref(), Some(&text));
            let words = instruction(dockerfile, |found| match found {
                Instruction::Cmd(CommandLine::Exec(words)) => Some(words.clone()),
                _ => None,
            });
            prop_assert_eq!(words, Some(vec![text.clone()]));
            let yaml = read_yaml(file(&files, "compose.yaml"));
            prop_assert_eq!(&yaml["services"]["hello"]["environment"]["A"], &Value::from(text));
        }
    }

    /// Compose's variables stay as they are; every other dollar sign is doubled, and read back as one.
    #[test]
    fn dollars_arrive_in_the_compose_file(text in "[a-z ${}:-]{0,12}") {
        let spec = format!("{SERVICE}[service.environment]\nA = {}\n", quoted(&text));
        if let Ok(files) = generate(&spec) {
            let yaml = read_yaml(file(&files, "compose.yaml"));
            let kept = interpolation::keep(&text).unwrap();
            prop_assert_eq!(&yaml["services"]["hello"]["environment"]["A"], &Value::from(kept));
        }
    }

    /// What is inserted into a script is one word of it, and nothing of it is run.
    #[test]
    fn values_in_scripts_are_single_words(text in hostile()) {
        let spec = format!("{MAKE}[options.make]\nartifacts = {{ x = \"/x\" }}\nvariables = {{ A = {} }}\n", quoted(&text));
        if let Ok(files) = generate(&spec) {
            let script = instruction(file(&files, "Dockerfile"), |found| match found {
                Instruction::Run(run) => match &run.command {
                    RunCommand::Script(script) => {
                        let text = script.body().unwrap_or(script.line());
                        text.contains("make -j").then(|| text.to_owned())
                    }
                    RunCommand::Exec(_) => None,
                },
                _ => None,
            });
            let script = script.unwrap();
            let words = shlex::split(&script).unwrap_or_default();
            let expected = format!("A={text}");
            prop_assert!(words.contains(&expected), "{script}");
        }
    }

    /// Version control may give a spec the line endings of Windows.
    #[test]
    fn line_endings_mean_nothing(script in "[a-z \n|]{0,20}", note in "[a-z ]{1,9}") {
        let text = format!("{SERVICE}[stages.runtime.steps.x]\nnote = \"{note}\"\nrun = '''\n{script}\n'''\n");
        prop_assert_eq!(generate(&text), generate(&text.replace('\n', "\r\n")));
    }

    #[test]
    fn the_same_spec_gives_the_same_bytes(field in prop::sample::select(FIELDS), text in hostile()) {
        let text = spec(field, &text);
        prop_assert_eq!(generate(&text), generate(&text));
    }

    #[test]
    fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = generate(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_toml_is_too_much(key in prop::sample::select(KEYS), value in toml_value()) {
        let _ = generate(&format!("{PIP}{key} = {value}\n"));
        let _ = generate(&format!("{PIP}[{key}]\n{key} = {value}\n"));
    }

    /// Specs of the goldens with pieces left out, doubled, exchanged and put in.
    #[test]
    fn no_broken_spec_is_too_much(at in any::<prop::sample::Index>(), cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, hostile()), 1..4)) {
        let specs = specs();
        let mut text: Vec<char> = specs[at.index(specs.len())].chars().collect();
        for (place, length, insert) in cuts {
            let start = place.index(text.len().max(1)).min(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, insert.chars());
        }
        let text: String = text.into_iter().collect();
        if let Ok(files) = generate(&text) {
            for file in files.iter().filter(|file| file.path.ends_with("Dockerfile")) {
                outline(&file.text);
            }
        }
    }
}

const KEYS: &[&str] = &[
    "base",
    "packages",
    "source",
    "command",
    "ports",
    "volumes",
    "user",
    "healthcheck",
    "env",
    "args",
    "labels",
    "secrets",
    "options",
    "stages",
    "service",
    "compose",
    "cache",
    "outputs",
    "with",
    "name",
    "workdir",
    "init",
    "unknown",
];

/// Any value of TOML, several levels deep, with keys that mean something.
fn toml_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        hostile().prop_map(|text| quoted(&text)),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<bool>().prop_map(|yes| yes.to_string()),
        prop::sample::select(vec![
            "1.5",
            "nan",
            "-inf",
            "2024-01-01",
            "07:32:00",
            "0x7f",
            "\"...\"",
            "\"stage:runtime\"",
            "\"{{ spec }}\""
        ])
        .prop_map(ToOwned::to_owned),
    ];
    let key = prop::sample::select(vec![
        "image",
        "build",
        "family",
        "include",
        "exclude",
        "from",
        "to",
        "steps",
        "drop",
        "runtime",
        "dependencies",
        "install",
        "run",
        "copy",
        "env",
        "mounts",
        "type",
        "target",
        "name",
        "uid",
        "http",
        "command",
        "pip",
        "requirements",
        "hello",
        "services",
        "after",
        "when",
    ]);
    leaf.prop_recursive(4, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(key.clone(), inner, 0..4).prop_map(|map| {
                let entries: Vec<String> = map
                    .iter()
                    .map(|(key, value)| format!("{key} = {value}"))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }),
        ]
    })
}

fn specs() -> &'static [String] {
    static SPECS: OnceLock<Vec<String>> = OnceLock::new();
    SPECS.get_or_init(|| {
        let cases = listing(&tests("golden"));
        cases
            .iter()
            .map(|case| std::fs::read_to_string(case.join("dockwright.toml")).unwrap())
            .collect()
    })
}
