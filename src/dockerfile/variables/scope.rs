//! Which value a variable has at a place in a Dockerfile.
//!
//! Names that are declared before the first `FROM` are known in `FROM` lines only; a stage has to declare them again. What is
//! given to the build counts more than a default. `ARG` and `ENV` set the same variables, and the later one
//! counts; but a stage that is built on another begins with what `ENV` said there, over what `ARG` said.

use indexmap::{IndexMap, IndexSet};

use super::{ExpandError, Lexer, Values};

/// Names that a build gives values to by itself. `FROM` lines know them; a stage has to declare them.
pub const PLATFORM_ARGS: &[&str] = &[
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// Names that are given to commands, and not to words, when the build is told a value: undeclared, in capitals or not.
pub const PROXY_ARGS: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
];

/// Names that `ARG` may set for the build, and that are no variables.
const NO_VARIABLES: &[&str] = &["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

/// The `PATH` of an image that says nothing about it.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is known before the first `FROM`, and in every `FROM`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    given: IndexMap<String, String>,
    values: IndexMap<String, String>,
}

/// What is known within a stage, up to the instruction that was told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    values: IndexMap<String, (String, Origin)>,
    /// What `ENV` said, which is what the image keeps.
    image: IndexMap<String, String>,
    declared: IndexSet<String>,
    /// Whether the base image may have variables of its own.
    open: bool,
}

/// Where the value of a variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The build was told.
    Given,
    /// The default of an `ARG` in this stage or in one that it is built on.
    Default,
    /// An `ARG` before the first `FROM`, or the build itself; declared in the stage.
    Global,
    /// An `ENV`, or the base image.
    Env,
}

/// What is known about a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// It has this value.
    Set(&'a str, Origin),
    /// An `ARG` declares it, and nothing gives it a value.
    Declared,
    /// Only the base image could have it.
    Unknown,
    /// It has no value.
    Unset,
}

impl Scope {
    /// The beginning of a Dockerfile: the values given to the build (`--build-arg`), and those of [`PLATFORM_ARGS`], as
    /// far as they are known.
    pub fn new(
        given: IndexMap<String, String>,
        platform: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let told = |(name, value): (String, String)| match given.get(&name) {
            Some(given) => (name, given.clone()),
            None => (name, value),
        };
        let values = platform.into_iter().map(told).collect();
        Self { given, values }
    }

    /// An `ARG` before the first `FROM`. Its default is not looked at when the build was told a value.
    pub fn arg(
        &mut self,
        lexer: Lexer,
        name: &str,
        default: Option<&str>,
    ) -> Result<(), ExpandError> {
        let value = match (self.given.get(name), default) {
            (Some(given), _) => given.clone(),
            (None, Some(default)) => lexer.expand(default, self)?.text,
            (None, None) => return Ok(()),
        };
        self.values.insert(name.to_owned(), value);
        Ok(())
    }
}

/// The values that words in `FROM` lines have.
impl Values for Scope {
    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

impl Stage {
    /// A stage built on an image whose variables are known. `scratch` has none.
    pub fn on_image(env: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut stage = Self::default();
        for (name, value) in env {
            stage.set_env(name, value);
        }
        if !stage.image.contains_key("PATH") {
            stage.set_env("PATH".to_owned(), DEFAULT_PATH.to_owned());
        }
        stage
    }

    /// A stage built on an image of which nothing is known.
    pub fn on_unknown_image() -> Self {
        Self {
            open: true,
            ..Self::default()
        }
    }

    /// A stage built on this one, as it is at its end.
    #[must_use]
    pub fn on_stage(&self) -> Self {
        let mut stage = self.clone();
        for (name, value) in &self.image {
            stage.set_env(name.clone(), value.clone());
        }
        stage
    }

    /// An `ARG` with one name; one with several is told name by name.
    pub fn arg(
        &mut self,
        scope: &Scope,
        lexer: Lexer,
        name: &str,
        default: Option<&str>,
    ) -> Result<(), ExpandError> {
        let value = match (scope.given.get(name), default, scope.value(name)) {
            (Some(given), _, _) => Some((given.clone(), Origin::Given)),
            (None, Some(default), _) => Some((lexer.expand(default, self)?.text, Origin::Default)),
            (None, None, global) => global.map(|value| (value.to_owned(), Origin::Global)),
        };
        self.declared.insert(name.to_owned());
        if let Some(value) = value
            && !NO_VARIABLES.contains(&name)
        {
            self.values.insert(name.to_owned(), value);
        }
        Ok(())
    }

    /// An `ENV` with all its names. None of its values sees what the others set.
    pub fn env<'a>(
        &mut self,
        lexer: Lexer,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), ExpandError> {
        let mut expanded = Vec::new();
        for (name, value) in pairs {
            let name = lexer.expand(name, self)?.text;
            expanded.push((name, lexer.expand(value, self)?.text));
        }
        for (name, value) in expanded {
            self.set_env(name, value);
        }
        Ok(())
    }

    /// What is known about a variable.
    pub fn lookup(&self, name: &str) -> Lookup<'_> {
        match self.values.get(name) {
            Some((value, origin)) => Lookup::Set(value, *origin),
            None if self.declared.contains(name) => Lookup::Declared,
            None if self.open => Lookup::Unknown,
            None => Lookup::Unset,
        }
    }

    /// The names that have a value, in the order in which they first got one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// What `ENV` said, which is what the image keeps.
    pub fn image_env(&self) -> &IndexMap<String, String> {
        &self.image
    }

    fn set_env(&mut self, name: String, value: String) {
        self.values
            .insert(name.clone(), (value.clone(), Origin::Env));
        self.image.insert(name, value);
    }
}

/// The values that words in the stage have.
impl Values for Stage {
    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(value, _)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::super::{Lexer, Values};
    use super::{Lookup, Scope, Stage};

    /// Reads a few instructions, one a line, and says what the words behind `?` become there.
    fn check(given: &[(&str, &str)], lines: &str, answers: &[&str]) {
        let lexer = Lexer::default();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let given: IndexMap<String, String> = given.iter().map(owned).collect();
        let platform = [("TARGETARCH".to_owned(), "arm64".to_owned())];
        let mut scope = Scope::new(given, platform);
        let mut stages: Vec<Stage> = Vec::new();
        let mut found = Vec::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (keyword, rest) = line.split_once(' ').unwrap();
            let (name, value) = match rest.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (rest, None),
            };
            match (keyword, stages.last_mut()) {
                ("FROM", _) => stages.push(match rest {
                    "scratch" => Stage::on_image([]),
                    "image" => Stage::on_image([("I".to_owned(), "i".to_owned())]),
                    "unknown" => Stage::on_unknown_image(),
                    number => stages[number.parse::<usize>().unwrap()].on_stage(),
                }),
                ("ARG", None) => scope.arg(lexer, name, value).unwrap(),
                ("ARG", Some(stage)) => stage.arg(&scope, lexer, name, value).unwrap(),
                ("ENV", Some(stage)) => {
                    let pairs = rest.split(' ').map(|pair| pair.split_once('=').unwrap());
                    stage.env(lexer, pairs).unwrap();
                }
                ("?", stage) => {
                    let values: &dyn Values = match &stage {
                        Some(stage) => *stage,
                        None => &scope,
                    };
                    found.push(lexer.expand(rest, values).unwrap().text);
                }
                _ => unreachable!("{line}"),
            }
        }
        assert_eq!(found, answers, "{lines}");
    }

    #[test]
    fn knows_values_where_the_engine_does() {
        let given = &[("A", "given"), ("TARGETOS", "plan9")];
        // Before the first `FROM`.
        check(&[], "ARG A=1 \n ARG B=${A}2 \n ? $A-$B", &["1-12"]);
        check(given, "ARG A=1 \n ? $A", &["given"]);
        check(given, "ARG A=${A?} \n ARG A \n ? $A", &["given"]);
        check(&[], "ARG A=1 \n ARG A \n ? $A", &["1"]);
        check(&[], "? $TARGETARCH", &["arm64"]);
        // A stage has to declare what it wants of that.
        check(&[], "ARG A=1 \n FROM scratch \n ? x$A", &["x"]);
        check(&[], "ARG A=1 \n FROM scratch \n ARG A \n ? x$A", &["x1"]);
        check(&[], "ARG A=1 \n FROM scratch \n ARG A=2 \n ? $A", &["2"]);
        check(given, "FROM scratch \n ? x$A", &["x"]);
        check(given, "FROM scratch \n ARG A=2 \n ? $A", &["given"]);
        check(
            &[],
            "FROM scratch \n ARG TARGETARCH \n ? $TARGETARCH",
            &["arm64"],
        );
        // The later one of ENV and ARG counts; an ARG without a value changes nothing.
        check(&[], "FROM scratch \n ARG A=1 \n ENV A=2 \n ? $A", &["2"]);
        check(&[], "FROM scratch \n ENV A=2 \n ARG A=1 \n ? $A", &["1"]);
        check(&[], "FROM scratch \n ENV A=2 \n ARG A \n ? $A", &["2"]);
        check(
            &[],
            "FROM scratch \n ARG A=1 \n ARG B=${A}2 \n ? $B",
            &["12"],
        );
        // The values of one ENV do not see each other.
        check(
            &[],
            "FROM scratch \n ENV A=1 \n ENV A=2 B=$A \n ? $A$B",
            &["21"],
        );
        // A stage built on another knows its ARGs too, and ENV counts more there.
        check(&[], "FROM scratch \n ARG A=1 \n FROM 0 \n ? $A", &["1"]);
        check(
            &[],
            "FROM scratch \n ENV A=2 \n ARG A=1 \n FROM 0 \n ? $A",
            &["2"],
        );
        check(
            &[],
            "FROM scratch \n ARG A=1 \n FROM scratch \n ? x$A",
            &["x"],
        );
        // The base image.
        check(
            &[],
            "FROM image \n ? $I-${PATH%%:*}",
            &["i-/usr/local/sbin"],
        );
        check(&[], "FROM unknown \n ? x$PATH", &["x"]);
        check(
            &[],
            "FROM scratch \n ARG BUILDKIT_SBOM_SCAN_STAGE=1 \n ? x$BUILDKIT_SBOM_SCAN_STAGE",
            &["x"],
        );
    }

    #[test]
    fn says_how_much_is_known() {
        let lexer = Lexer::default();
        let scope = Scope::default();
        let mut stage = Stage::on_unknown_image();
        stage.arg(&scope, lexer, "A", None).unwrap();
        stage.env(lexer, [("B", "1")]).unwrap();
        assert_eq!(stage.lookup("A"), Lookup::Declared);
        assert!(matches!(stage.lookup("B"), Lookup::Set("1", _)));
        assert_eq!(stage.lookup("C"), Lookup::Unknown);
        assert_eq!(Stage::on_image([]).lookup("C"), Lookup::Unset);
        assert_eq!(stage.image_env().len(), 1);
        assert!(stage.names().eq(["B"]));
    }
}
