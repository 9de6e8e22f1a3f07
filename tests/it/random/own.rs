//! A preset of a project's own, made at random: options of every type and steps of most kinds, on top of a preset that
//! comes with dockwright, or an overlay over it.

use std::fmt::Write;

use super::{Random, TEXTS};

/// The name of such a preset, and so of its file.
pub(super) const NAME: &str = "mine";

/// How such a preset lies on another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// It extends the other.
    Above,
    /// It is an overlay over the other.
    Over,
}

/// A preset that dockwright must accept, whatever the family of the images is. Where the image that runs has no shell, it
/// runs nothing there.
pub(super) fn preset(below: &str, lies: Lies, shell_less: bool, random: &mut Random) -> String {
    let mut text = String::from("summary = \"What this project needs besides\"\n");
    match lies {
        Lies::Above => writeln!(text, "extends = \"{below}\"").unwrap(),
        Lies::Over => writeln!(text, "overlays = [\"{below}\"]").unwrap(),
    }
    if random.chance(30) {
        text.push_str("ignore = [\"...\", \"**/*.log\"]\n");
    }
    if random.chance(30) {
        text.push_str(
            "\n[defaults]\ninit = true\nlabels = { \"org.example.preset\" = \"mine\" }\n",
        );
    }
    if random.chance(30) {
        text.push_str("\n[service]\nstop_grace_period = \"5s\"\n");
    }
    options(random, &mut text);
    text.push_str(
        "\n[families.debian]\nprobe-package = [\"curl\"]\n\n[families.alpine]\nprobe-package = [\"curl\", \"ca-certificates\"]\n\n\
         [families.rpm]\nprobe-package = [\"curl\"]\n",
    );
    let built = random.chance(60);
    if built {
        stage(random, &mut text);
    }
    runtime(built, shell_less, random, &mut text);
    text
}

fn options(random: &mut Random, text: &mut String) {
    let words = [random.pick(TEXTS), random.pick(TEXTS)];
    writeln!(
        text,
        "\n[options.greeting]\ntype = \"text\"\ndefault = {:?}\nhelp = \"What is said first.\"\n\n\
         [options.words]\ntype = \"list\"\ndefault = [{:?}, {:?}]\nhelp = \"What is said then.\"\n\n\
         [options.count]\ntype = \"integer\"\ndefault = 3\nhelp = \"How often.\"\n\n\
         [options.loud]\ntype = \"boolean\"\ndefault = {}\nhelp = \"Whether it is loud.\"\n\n\
         [options.places]\ntype = \"map\"\ndefault = {{ HERE = {:?} }}\nhelp = \"Where.\"\n\n\
         [options.way]\ntype = \"choice\"\nchoices = [\"short\", \"long\"]\ndefault = \"short\"\nhelp = \"How.\"\n\n\
         [options.script]\ntype = \"script\"\nhelp = \"What is run besides.\"",
        random.pick(TEXTS),
        words[0],
        words[1],
        random.chance(50),
        random.pick(TEXTS),
    )
    .unwrap();
}

/// A stage of its own, on an image that has a shell.
fn stage(random: &mut Random, text: &mut String) {
    text.push_str(
        "\n[stages.prepared]\nnote = \"Prepared before\"\nfrom = \"{{ spec.base.build }}\"\n",
    );
    let steps = [
        "args = { EDITION = \"{{ way }}\", UNSET = {} }",
        "packages = [\"git\", \"{{ probe_package }}\"]",
        "workdir = \"/prepared\"",
        "env = \"{{ places }}\"",
        "env = { GREETING = \"{{ greeting }}\", EDITION_OF = \"{{ way }}\" }",
        "when = \"loud or way == 'long'\"\nrun = \"echo {{ greeting }} {{ words }}\"",
        "run = \"\"\"\n{% for word in words %}\nprintf '%s' {{ word }} >>said\n{% endfor %}\necho {{ count }}\n\"\"\"",
        "when = \"script\"\nrun = \"{{ script }}\"",
        "run = \"echo two | cat\"\ncache = [\"/var/cache/mine\"]\nbind = [\"manifest.txt\"]",
        "run = \"true\"\nmounts = [{ type = \"tmpfs\", target = \"/scratch\" }, \"{{ {'type': 'cache', 'target': '/kept'} if loud else none }}\"]",
        "copy = { data = \"/data/\" }\nexclude = [\"**/*.tmp\"]",
        "copy = { \"manifest.txt\" = \"/prepared/list of all\" }\nowner = \"1:1\"\nmode = \"0640\"",
        "shell = [\"/bin/sh\", \"-ec\"]",
        "dockerfile = \"RUN [\\\"true\\\"]\"",
    ];
    for (number, step) in steps.iter().enumerate() {
        if random.chance(35) {
            writeln!(text, "\n[stages.prepared.steps.step-{number}]\n{step}").unwrap();
        }
    }
}

fn runtime(built: bool, shell_less: bool, random: &mut Random, text: &mut String) {
    let mut step = |name: &str, percent: usize, fields: &str| {
        if random.chance(percent) {
            writeln!(text, "\n[stages.runtime.steps.{name}]\n{fields}").unwrap();
        }
    };
    if built {
        let fields = "note = \"Before the program\"\nafter = \"workdir\"\ncopy = { \"/etc/hostname\" = \"prepared/\" }\nfrom = \"stage:prepared\"";
        step("prepared", 80, fields);
    }
    if !shell_less {
        step(
            "greet",
            50,
            "after = \"workdir\"\nrun = \"echo {{ greeting }}{% if loud %} {{ '!' }}{% endif %}\"",
        );
        step(
            "probe",
            30,
            "before = \"workdir\"\npackages = \"{{ probe_package }}\"",
        );
    }
    step(
        "said",
        40,
        "before = \"ports\"\nenv = { SAID = \"{{ words | join(' ') }}\", COUNT = \"{{ count }}\" }",
    );
    step(
        "named",
        30,
        "after = \"labels\"\nlabels = { \"org.example.name\" = \"{{ spec.name }}-{{ way }}\" }",
    );
    step("env", 30, "note = \"{{ 'Loud' if loud else 'Quiet' }}\"");
}

/// What a spec says of such a preset.
pub(super) fn said(random: &mut Random) -> String {
    let mut text = format!("\n[options.{NAME}]\n");
    for line in [
        "count = 7\n",
        "loud = true\n",
        "way = \"long\"\n",
        "places = {}\n",
        "script = [\"mkdir -p \\\"$HOME\\\"\", \"touch \\\"$HOME/said\\\"\"]\n",
    ] {
        if random.chance(40) {
            text.push_str(line);
        }
    }
    if random.chance(40) {
        writeln!(text, "greeting = {:?}", random.pick(TEXTS)).unwrap();
    }
    if random.chance(40) {
        writeln!(text, "words = [{:?}, \"more\"]", random.pick(TEXTS)).unwrap();
    }
    text
}
