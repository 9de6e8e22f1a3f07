//! Specs made at random, of everything that a spec can say, and what must hold of each.
//!
//! `RANDOM_SPECS` says how many there are; the same number makes the same specs on every machine.

mod own;

use std::borrow::Cow;
use std::fmt::{self, Write};

use dockwright::compile::Compiler;
use dockwright::diag::{Color, Diagnostic, Sources, report};
use dockwright::dockerfile::{self, Instruction};
use dockwright::files::OutputFile;
use dockwright::preset::Preset;
use dockwright::{compose, drift, render, spec};
use own::Lies;

/// A generator of numbers that needs no crate and always makes the same ones (xorshift64*).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % bound
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Texts that have to arrive as they are, in whatever they stand.
const TEXTS: &[&str] = &[
    "plain",
    "two words",
    "a \"quote\"",
    "it's",
    "back\\\\slash",
    "hash # inside",
    "\\$5 and up",
    "{{ braces }}",
    "ünïcödé",
    "semi; colon && and | pipe",
    "trailing space ",
    "=equals=",
    "[list]",
    "<<EOF",
    "",
    "yes",
    "1e3",
    "~",
    "- dash",
    "tab\there",
];

/// A spec that dockwright must accept.
pub(crate) struct Made {
    pub(crate) spec: String,
    /// The preset of its project that it names.
    preset: Option<String>,
}

impl fmt::Display for Made {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.spec)?;
        match &self.preset {
            Some(preset) => write!(formatter, "\n# {}.toml:\n\n{preset}", own::NAME),
            None => Ok(()),
        }
    }
}

/// A spec of everything that a spec can say.
pub(crate) fn spec(random: &mut Random) -> Made {
    let preset = random.pick(&["pip", "poetry", "uv", "make", "service", "python"]);
    let python = !matches!(preset, "make" | "service");
    let lies = match random.below(8) {
        0 => Some(Lies::Above),
        1 => Some(Lies::Over),
        _ => None,
    };
    let mut text = String::from("name = \"svc\"\n");
    match preset {
        _ if lies == Some(Lies::Above) => writeln!(text, "preset = \"{}\"", own::NAME).unwrap(),
        "pip" | "poetry" | "uv" if random.chance(50) => {
            writeln!(
                text,
                "language = \"python\"\npackage-manager = \"{preset}\""
            )
            .unwrap();
        }
        "make" if random.chance(50) => {
            text.push_str("language = \"c\"\npackage-manager = \"make\"\n");
        }
        _ => writeln!(text, "preset = \"{preset}\"").unwrap(),
    }
    let playwright = python && random.chance(25);
    let overlays = [
        (playwright, "playwright"),
        (lies == Some(Lies::Over), own::NAME),
    ];
    let overlays = overlays.into_iter().filter(|(is_there, _)| *is_there);
    let overlays: Vec<&str> = overlays.map(|(_, name)| name).collect();
    if !overlays.is_empty() {
        writeln!(text, "with = {overlays:?}").unwrap();
    }
    let base = if playwright || (python && random.chance(70)) {
        random.pick(&["python:3.11-slim", "python:3.12-slim", "python:3.13-slim"])
    } else if python {
        random.pick(&["python:3.13-alpine", "python:3.12-alpine3.21"])
    } else {
        random.pick(&[
            "debian:bookworm-slim",
            "debian:trixie-slim",
            "alpine:3.19",
            "alpine:3.22",
            "fedora:42",
        ])
    };
    // An image without a shell runs what another one built.
    let shell_less = preset == "make" && random.chance(20);
    if shell_less {
        writeln!(
            text,
            "base = {{ image = \"gcr.io/distroless/cc-debian12:nonroot\", build = \"{base}\" }}"
        )
        .unwrap();
    } else {
        writeln!(text, "base = \"{base}\"").unwrap();
    }
    if random.chance(40) {
        let package = if base.contains("slim") {
            "zlib1g"
        } else {
            "zlib"
        };
        match (random.below(3), shell_less) {
            (0, false) => writeln!(text, "packages = [\"{package}\"]").unwrap(),
            (1, false) => writeln!(
                text,
                "packages = {{ runtime = [\"{package}\"], build = [\"git\"] }}"
            )
            .unwrap(),
            _ => text.push_str("packages = { build = [\"git\"] }\n"),
        }
    }
    match random.below(4) {
        0 => {}
        1 => text.push_str("source = [\"src/\"]\n"),
        2 => text.push_str(
            "source = [{ from = \"back end/app\", to = \"app\", mode = \"0755\" }, \"main.py\"]\n",
        ),
        _ => text.push_str(
            "source = { include = [\"src/\", \"data\"], exclude = [\"src/tmp\", \"**/*.bak\"] }\n",
        ),
    }
    let ports = random.chance(60);
    if ports {
        text.push_str(random.pick(&[
            "ports = [8080]\n",
            "ports = [8080, \"53/udp\"]\n",
            "ports = [\"${PORT:-80}:8080\"]\n",
            "ports = [\"127.0.0.1:9000:9000\"]\n",
        ]));
    }
    if random.chance(50) {
        writeln!(text, "command = [\"serve\", {:?}]", random.pick(TEXTS)).unwrap();
    }
    if random.chance(20) {
        writeln!(
            text,
            "entrypoint = [{:?}]",
            random.pick(&["./entry.sh", "/bin/my program"])
        )
        .unwrap();
    }
    if random.chance(30) {
        text.push_str(random.pick(&["workdir = \"/srv/app\"\n", "workdir = \"/srv/my app\"\n"]));
    }
    if random.chance(30) && !shell_less {
        text.push_str("volumes = { data = \"/data\" }\n");
    }
    if random.chance(40) {
        text.push_str(random.pick(&[
            "user = \"root\"\n",
            "user = \"bot\"\n",
            "user = { name = \"bot\", uid = 1234, gid = 99 }\n",
        ]));
    }
    if random.chance(20) {
        text.push_str("stop-signal = \"SIGINT\"\n");
    }
    if random.chance(20) {
        text.push_str("init = true\n");
    }
    let check = random.below(4);
    if check == 0 && ports && !shell_less {
        text.push_str(random.pick(&[
            "healthcheck = \"/health?x=1\"\n",
            "healthcheck = \"tcp\"\n",
            "healthcheck = false\n",
        ]));
    }
    if check == 1 {
        writeln!(
            text,
            "\n[healthcheck]\ncommand = [\"probe\", {:?}]\ninterval = \"30s\"\nretries = 3",
            random.pick(TEXTS)
        )
        .unwrap();
    }
    if random.chance(50) {
        writeln!(
            text,
            "\n[env]\nA = {:?}\nB = \"$PATH:/opt/bin\"",
            random.pick(TEXTS)
        )
        .unwrap();
    }
    if random.chance(30) {
        writeln!(text, "\n[args]\nVERSION = \"1\"\nREVISION = {{}}\n\n[labels]\n\"org.example.text\" = {:?}\n\"org.example.version\" = \"$VERSION\"", random.pick(TEXTS)).unwrap();
    }
    if random.chance(30) {
        text.push_str("\n[secrets]\napi_token = { env = \"API_TOKEN\" }\n");
        let step = match preset {
            "make" => Some("source-builder.make"),
            "pip" | "poetry" | "uv" => Some("dependencies.install"),
            _ => None,
        };
        if let Some(step) = step.filter(|_| random.chance(50)) {
            writeln!(text, "index = {{ file = \"secrets/index\", steps = [\"{step}\"], as-env = \"INDEX_LOGIN\" }}").unwrap();
        }
    }
    options(preset, random, &mut text);
    if lies.is_some() {
        text.push_str(&own::said(random));
    }
    if playwright && random.chance(50) {
        text.push_str(random.pick(&[
            "\n[options.playwright]\nbrowsers = [\"chromium\", \"firefox\"]\n",
            "\n[options.playwright]\ndistribution = true\n",
            "\n[options.playwright]\nfonts = true\n",
        ]));
    }
    stages(python, shell_less, base, random, &mut text);
    if random.chance(30) {
        writeln!(text, "\n[service]\nrestart = \"always\"\n\n[service.environment]\nTEXT = {:?}\nLEVEL = \"${{LEVEL:-info}}\"", random.pick(TEXTS)).unwrap();
    }
    if random.chance(30) {
        text.push_str("\n[compose.services.cache]\nimage = \"redis:7\"\nhealthcheck = { test = [\"CMD\", \"redis-cli\", \"ping\"] }\n\n[compose.networks.inner]\ninternal = true\n");
    }
    if random.chance(20) {
        text.push_str("\n[cache]\ninline = true\n");
    }
    if random.chance(20) {
        text.push_str("\n[outputs]\ndockerfile = \"docker/svc.Dockerfile\"\n");
    }
    Made {
        spec: text,
        preset: lies.map(|lies| own::preset(preset, lies, shell_less, random)),
    }
}

fn options(preset: &str, random: &mut Random, text: &mut String) {
    match preset {
        "pip" if random.chance(60) => text.push_str(random.pick(&[
            "\n[options.pip]\nrequirements = [\"requirements/base.txt\", \"requirements/web.txt\"]\nconstraints = [\"constraints.txt\"]\n",
            "\n[options.pip]\nearly = [\"numpy==2.0\", \"cython<4\"]\nflags = [\"--require-hashes\"]\n",
            "\n[options.pip]\nearly-files = [\"first.txt\"]\nincluded = [\"more.txt\"]\n",
        ])),
        "poetry" if random.chance(60) => text.push_str("\n[options.poetry]\ngroups = [\"main\", \"web\"]\n\n[options.python]\nextras = [\"fast\", \"safe\"]\n"),
        "uv" if random.chance(60) => text.push_str("\n[options.uv]\ngroups = [\"web\"]\n"),
        "make" => {
            text.push_str("\n[options.make]\nartifacts = { \"bin/tool\" = \"/usr/local/bin/tool\" }\n");
            if random.chance(50) {
                text.push_str("directory = \"my src\"\ntargets = [\"all\", \"x y\"]\nvariables = { CFLAGS = \"-O2 -g\" }\n");
            }
            if random.chance(30) {
                text.push_str("bundle-libraries = true\n");
            }
            if random.chance(40) {
                text.push_str("\n[options.c]\nlibraries = [\"deps/\"]\nlibraries-script = [\"deps/build.sh\", \"deps/install.sh\"]\n");
            }
        }
        _ => {}
    }
}

fn stages(python: bool, shell_less: bool, base: &str, random: &mut Random, text: &mut String) {
    if random.chance(20) {
        text.push_str("\n[stages.runtime]\ndrop = [\"labels\", \"stop-signal\"]\n");
    }
    if random.chance(20) {
        text.push_str("\n[stages.runtime.steps.workdir]\nnote = \"Where it all lies\"\n");
    }
    if random.chance(20) && !shell_less {
        text.push_str("\n[stages.probe]\nfrom = \"stage:runtime\"\ntarget = true\npackages = [\"tree\"]\n\n[stages.probe.steps.look]\nrun = \"tree /app\"\ncache = [\"/tmp/seen\"]\n");
    }
    if random.chance(25) && !shell_less {
        text.push_str("\n[stages.runtime.steps.extra]\nnote = \"Something more\"\nrun = '''\necho one\necho \"two | three\"\n'''\n");
    }
    if random.chance(15) && !shell_less {
        text.push_str(
            "\n[stages.runtime.steps.piped]\nafter = \"workdir\"\nrun = \"echo one | cat\"\n",
        );
    }
    if random.chance(15) {
        text.push_str("\n[stages.runtime.steps.verbatim]\nafter = \"workdir\"\ndockerfile = \"COPY --chmod=0644 [\\\"a file\\\", \\\"/etc/a file\\\"]\"\n");
    }
    if random.chance(20) {
        let parent = if python { "dependencies" } else { "runtime" };
        let parent = if shell_less { "toolchain" } else { parent };
        writeln!(text, "\n[stages.development]\nfrom = \"stage:{parent}\"\ntarget = true\ncommand = [\"sh\"]\nservice = {{ profiles = [\"dev\"] }}").unwrap();
    }
    if random.chance(15) {
        let digest = "ab".repeat(32);
        writeln!(text, "\n[stages.models]\nfrom = \"{base}\"\n\n[stages.models.steps.weights]\ndownload = \"https://example.com/weights.bin\"\nchecksum = \"sha256:{digest}\"\nto = \"/models/\"").unwrap();
    }
}

/// Compiles specs with presets that are read only once.
pub(crate) struct Generator {
    compiler: Compiler,
    sources: Sources,
}

impl Generator {
    pub(crate) fn new() -> Self {
        let mut sources = Sources::default();
        Self {
            compiler: Compiler::new(&mut sources),
            sources,
        }
    }

    pub(crate) fn generate(&self, made: &Made) -> Vec<OutputFile> {
        let mut sources = self.sources.clone();
        let files = self.files(made, &mut sources);
        files
            .unwrap_or_else(|mistakes| panic!("{}\n{made}", report(&mistakes, &sources, Color::No)))
    }

    fn files(
        &self,
        made: &Made,
        sources: &mut Sources,
    ) -> Result<Vec<OutputFile>, Vec<Diagnostic>> {
        let source = sources.add("dockwright.toml", made.spec.as_str());
        let draft = spec::parse(&made.spec, source)?;
        let mut compiler = Cow::Borrowed(&self.compiler);
        if let Some(text) = &made.preset {
            let preset = Preset::parse(own::NAME, "mine.toml", text, sources)?;
            let mistakes = compiler.check(&preset, sources);
            if !mistakes.is_empty() {
                return Err(mistakes);
            }
            compiler
                .to_mut()
                .add(preset)
                .map_err(|mistake| vec![mistake])?;
        }
        render::render(&compiler.compile(&draft, "dockwright.toml", sources)?)
    }
}

fn count() -> u64 {
    std::env::var("RANDOM_SPECS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(500)
}

#[test]
fn specs_made_at_random_keep_every_promise() {
    let generator = Generator::new();
    for seed in 0..count() {
        let made = spec(&mut Random::new(seed));
        // `render` itself reads the Dockerfile back and compares it with the plan.
        let files = generator.generate(&made);
        assert_eq!(
            files,
            generator.generate(&made),
            "not the same bytes again:\n{made}"
        );
        for file in &files {
            assert!(drift::judge(&file.text, Some(&file.text)).in_sync());
            assert!(
                !file.text.contains("\n\n\n") && file.text.ends_with('\n'),
                "{}",
                file.text
            );
        }
        let dockerfile = &files[0].text;
        let document = dockerfile::parse(dockerfile.as_bytes());
        assert!(document.mistakes().is_empty(), "{dockerfile}");
        let last = document.statements().rev_user();
        let root = made.spec.contains("user = \"root\"");
        assert_eq!(last.as_deref() == Some("0:0"), root, "{made}\n{dockerfile}");
        let yaml = files
            .iter()
            .find(|file| file.path.ends_with("compose.yaml"))
            .unwrap();
        assert!(compose::parse(&yaml.text).is_ok(), "{}", yaml.text);
    }
}

/// The user of the stage that the service runs in.
trait RevUser {
    fn rev_user(self) -> Option<String>;
}

impl<'a, I: Iterator<Item = &'a dockerfile::Statement>> RevUser for I {
    fn rev_user(self) -> Option<String> {
        let users = self.filter_map(|statement| match &statement.instruction {
            Instruction::User(user) => user.text(),
            _ => None,
        });
        users.last()
    }
}
