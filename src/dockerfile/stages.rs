//! What a name means behind `FROM`, `COPY --from=` and `RUN --mount=from=`: a stage, a named context or an image.
//!
//! The three places have rules of their own. `FROM` takes a stage by its name in lower case, and the last one before it.
//! The others take names in any case, and the last stage of that name anywhere; but only `COPY` counts stages. A
//! name that no stage has is an image, in all its spellings: `docker.io/python` is no stage `python`.

use std::fmt;

use indexmap::IndexMap;

use super::reference::{ImageRef, ReferenceError};

/// The name for an image with nothing in it.
const SCRATCH: &str = "scratch";

/// The stages of a Dockerfile, and the contexts that the build is given by name.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    /// For each stage the context that stands in for it.
    replaced: Vec<Option<String>>,
    /// The stages of each name in lower case, in their order.
    named: IndexMap<String, Vec<usize>>,
    contexts: Vec<String>,
}

/// Where files or a file system come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A stage, counted from 0.
    Stage(usize),
    /// A context that the build is given by this name.
    Context(String),
    /// An image with nothing in it.
    Scratch,
    /// An image.
    Image(ImageRef),
}

/// Why a name means nothing at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageError {
    /// There is no name.
    Blank,
    /// No stage has this number.
    Number {
        /// The number.
        number: String,
        /// How many stages there are.
        count: usize,
    },
    /// The stage does not come before the place.
    NotBefore {
        /// The name as written.
        name: String,
        /// The stage.
        stage: usize,
        /// Whether it is the one that the place is in.
        itself: bool,
    },
    /// No stage has the name, and it is no image either.
    Image {
        /// The name as written.
        name: String,
        /// What is wrong with it.
        error: ReferenceError,
    },
}

impl fmt::Display for StageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => write!(f, "the name of a stage or image is missing"),
            Self::Number { number, count } => {
                write!(
                    f,
                    "there is no stage number `{number}`; there are {count}, from 0 on"
                )
            }
            Self::NotBefore { name, itself, .. } => match itself {
                true => write!(f, "`{name}` is the stage that this stands in"),
                false => write!(
                    f,
                    "stage `{name}` comes later; only earlier ones can be used"
                ),
            },
            Self::Image { name, error } => {
                write!(f, "`{name}` is no stage, and no image: {error}")
            }
        }
    }
}

impl std::error::Error for StageError {}

impl Stages {
    /// The stages by what stands behind `AS`, in their order, and the names of the contexts that the build is given
    /// (`--build-context`, `additional_contexts`), in any spelling.
    pub fn new<'a, 'b>(
        names: impl IntoIterator<Item = Option<&'a str>>,
        contexts: impl IntoIterator<Item = &'b str>,
    ) -> Self {
        let mut stages = Self {
            contexts: contexts.into_iter().map(context_name).collect(),
            ..Self::default()
        };
        for (number, name) in names.into_iter().enumerate() {
            let name = name.map(lower);
            stages.replaced.push(name.as_deref().and_then(|name| {
                let reserved = matches!(name, SCRATCH | "context");
                let context = context_name(name);
                (!reserved && stages.contexts.contains(&context)).then_some(context)
            }));
            if let Some(name) = name {
                stages.named.entry(name).or_default().push(number);
            }
        }
        stages
    }

    /// What the `FROM` of a stage means, with the variables in it expanded. A context that has the name of the
    /// stage stands in for all of it, whatever the `FROM` says.
    pub fn base(&self, at: usize, name: &str) -> Result<Source, StageError> {
        if let Some(Some(context)) = self.replaced.get(at) {
            return Ok(Source::Context(context.clone()));
        }
        let numbers = self.named.get(name).map_or(&[][..], Vec::as_slice);
        match numbers[..numbers.partition_point(|number| *number < at)].last() {
            Some(stage) => Ok(Source::Stage(*stage)),
            None => self.image(name),
        }
    }

    /// What `COPY --from=name` means in a stage. Variables are not expanded there.
    pub fn copied(&self, at: usize, name: &str) -> Result<Source, StageError> {
        match name.parse::<i64>() {
            Ok(number) => match usize::try_from(number) {
                Ok(stage) if stage < self.replaced.len() => self.earlier(at, stage, name),
                _ => Err(StageError::Number {
                    number: name.to_owned(),
                    count: self.replaced.len(),
                }),
            },
            Err(_) => self.mounted(at, name),
        }
    }

    /// What `RUN --mount=from=name` means in a stage. Variables are not expanded there, and a number is the name of
    /// an image.
    pub fn mounted(&self, at: usize, name: &str) -> Result<Source, StageError> {
        match self.last_named(name) {
            Some(stage) => self.earlier(at, stage, name),
            None => self.image(name),
        }
    }

    /// The stage to build when a build is asked for this one (`--target`).
    pub fn target(&self, name: &str) -> Option<usize> {
        self.last_named(name)
    }

    fn last_named(&self, name: &str) -> Option<usize> {
        self.named.get(&lower(name))?.last().copied()
    }

    /// A stage that must come before another. One that a context stands in for may be anywhere.
    fn earlier(&self, at: usize, stage: usize, name: &str) -> Result<Source, StageError> {
        if stage < at || (stage > at && self.replaced[stage].is_some()) {
            return Ok(Source::Stage(stage));
        }
        Err(StageError::NotBefore {
            name: name.to_owned(),
            stage,
            itself: stage == at,
        })
    }

    fn image(&self, name: &str) -> Result<Source, StageError> {
        match name {
            "" => return Err(StageError::Blank),
            SCRATCH => return Ok(Source::Scratch),
            _ => {}
        }
        let image = ImageRef::parse(name).map_err(|error| StageError::Image {
            name: name.to_owned(),
            error,
        })?;
        let context = context_name(name);
        if self.contexts.contains(&context) {
            return Ok(Source::Context(context));
        }
        Ok(Source::Image(image))
    }
}

/// The name under which a context is looked up: the short form of an image, without `:latest`.
fn context_name(name: &str) -> String {
    let familiar = ImageRef::parse(name).map(|image| image.familiar());
    let familiar = familiar.unwrap_or_else(|_| name.to_owned());
    let bare = familiar.strip_suffix(":latest").map(str::to_owned);
    bare.unwrap_or(familiar)
}

/// Lower case, letter by letter as Go has it.
fn lower(name: &str) -> String {
    let letters = name.chars();
    letters
        .map(|letter| letter.to_lowercase().next().unwrap_or(letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, proptest};

    use super::{Source, StageError, Stages};

    /// What a name means, in short.
    fn told(source: Result<Source, StageError>) -> String {
        match source {
            Ok(Source::Stage(stage)) => format!("stage {stage}"),
            Ok(Source::Context(context)) => format!("context {context}"),
            Ok(Source::Scratch) => "scratch".to_owned(),
            Ok(Source::Image(image)) => format!("image {}", image.familiar()),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn takes_stages_for_what_the_engine_takes_them() {
        // 0 build, 1 without a name, 2 python, 3 build once more, 4 later.
        let names = [
            Some("Build"),
            None,
            Some("python"),
            Some("build"),
            Some("later"),
        ];
        let stages = Stages::new(names, []);
        for (name, base, copied, mounted) in [
            (
                "build",
                "stage 0",
                "error: `build` is the stage that this stands in",
                "",
            ),
            ("python", "stage 2", "stage 2", "stage 2"),
            (
                "Python",
                "error: `Python` is no stage, and no image: the name of an image is lower case",
                "stage 2",
                "stage 2",
            ),
            (
                "docker.io/python",
                "image python",
                "image python",
                "image python",
            ),
            (
                "python:3",
                "image python:3",
                "image python:3",
                "image python:3",
            ),
            ("0", "image 0", "stage 0", "image 0"),
            ("+01", "", "stage 1", ""),
            (
                "3",
                "image 3",
                "error: `3` is the stage that this stands in",
                "image 3",
            ),
            (
                "4",
                "image 4",
                "error: stage `4` comes later; only earlier ones can be used",
                "image 4",
            ),
            (
                "5",
                "image 5",
                "error: there is no stage number `5`; there are 5, from 0 on",
                "image 5",
            ),
            (
                "-1",
                "",
                "error: there is no stage number `-1`; there are 5, from 0 on",
                "",
            ),
            (
                "later",
                "image later",
                "error: stage `later` comes later; only earlier ones can be used",
                "error: stage `later` comes later; only earlier ones can be used",
            ),
            ("scratch", "scratch", "scratch", "scratch"),
            ("", "error: the name of a stage or image is missing", "", ""),
        ] {
            let found = [
                stages.base(3, name),
                stages.copied(3, name),
                stages.mounted(3, name),
            ];
            for (found, wanted) in found.map(told).into_iter().zip([base, copied, mounted]) {
                assert!(wanted.is_empty() || found == wanted, "{name}: {found}");
            }
        }
        assert_eq!(stages.target("BUILD"), Some(3));
        assert_eq!(stages.target("0"), None);
        assert_eq!(told(stages.base(0, "build")), "image build");
        assert_eq!(told(stages.base(4, "build")), "stage 3");
        let stages = Stages::new([Some("scratch"), None], []);
        assert_eq!(told(stages.base(1, "scratch")), "stage 0");
    }

    #[test]
    fn knows_contexts_by_all_their_names() {
        let names = [Some("a"), Some("src"), Some("b"), Some("scratch")];
        let contexts = [
            "src",
            "docker.io/library/debian:latest",
            "alpine:3",
            "scratch",
        ];
        let stages = Stages::new(names, contexts);
        for (name, base, copied) in [
            ("debian", "context debian", "context debian"),
            ("debian:latest", "context debian", "context debian"),
            ("library/debian", "context debian", "context debian"),
            ("debian:12", "image debian:12", "image debian:12"),
            ("alpine", "image alpine", "image alpine"),
            ("alpine:3", "context alpine:3", "context alpine:3"),
            // A context stands in for a stage of its name, which may then come later.
            ("src", "context src", "stage 1"),
            (
                "b",
                "image b",
                "error: stage `b` comes later; only earlier ones can be used",
            ),
            (
                "scratch",
                "scratch",
                "error: stage `scratch` comes later; only earlier ones can be used",
            ),
        ] {
            assert_eq!(told(stages.base(0, name)), base, "{name}");
            assert_eq!(told(stages.copied(0, name)), copied, "{name}");
        }
        assert_eq!(told(stages.base(1, "a")), "context src");
    }

    proptest! {
        #[test]
        fn survives_any_names(
            names in prop::collection::vec(any::<Option<String>>(), 0..5),
            name: String,
            at in 0..9_usize,
        ) {
            let stages = Stages::new(names.iter().map(Option::as_deref), [&*name]);
            let _ = (stages.base(at, &name), stages.copied(at, &name), stages.mounted(at, &name));
        }
    }
}
