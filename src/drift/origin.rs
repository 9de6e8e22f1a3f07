//! Where the lines of a generated file come from: the key of the spec or the step of the preset to change.

use indexmap::IndexMap;

use crate::compose::{self, Places, Tree, shape};
use crate::data::{self, Node};
use crate::diag::{SourceId, Sources, Span};
use crate::dockerfile::{self, Document, Instruction, StageName, ignore::Ignore};
use crate::plan::{self, Plan};
use crate::preset::{self, RUNTIME};
use crate::spec;
use crate::stamp;

/// What to change so that a generated file says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place in a spec or a preset: `dockwright.toml:12`.
    pub place: String,
    /// The key there, or the step of a preset as a spec names it: `ports`, `stages.runtime.steps.sources`.
    pub key: String,
    /// Whether it is said there; else it is where a spec would say it.
    pub said: bool,
}

/// A plan, and what it was compiled from.
#[derive(Clone, Copy)]
pub struct Compiled<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Every text that was read.
    pub sources: &'a Sources,
    /// Which of them is the spec.
    pub spec: SourceId,
}

/// The origins of the lines of one generated file.
pub struct Origins<'a> {
    compiled: Compiled<'a>,
    file: File,
    /// The texts that were read, as trees.
    trees: IndexMap<SourceId, Option<Node>>,
}

/// The lines of a file that are said somewhere.
type Lines = IndexMap<usize, Home>;

/// A generated file as it should be, with the homes of its lines, and as it is.
enum File {
    /// With what a spec would say of the actual lines, each up to a line, in their order.
    Dockerfile(Lines, Vec<(usize, Home)>),
    /// With the lines of the actual patterns, and whether each takes something back.
    Dockerignore(Lines, IndexMap<usize, bool>),
    Compose {
        places: Places,
        expected: Option<Tree>,
        actual: Option<Tree>,
    },
}

/// Where something is said, or would be.
#[derive(Clone)]
enum Home {
    /// At a place, which may be that of a step, as a spec names it.
    Said(Span, Option<String>),
    /// Nowhere yet: under a key of the spec.
    Unsaid(Vec<String>),
}

impl<'a> Origins<'a> {
    /// The origins of a Dockerfile that was rendered from a plan: its instructions are the plan's, in order.
    pub fn of_dockerfile(compiled: Compiled<'a>, expected: &str, actual: &str) -> Self {
        let mut said: Vec<(Span, &[Span], Option<String>)> = Vec::new();
        for layer in &compiled.plan.globals {
            said.push((layer.origin, &layer.values, None));
        }
        for stage in &compiled.plan.stages {
            let name = stage.from.name.as_ref().map_or("", StageName::as_str);
            said.push((stage.origin, &[], Some(format!("stages.{name}"))));
            for layer in &stage.layers {
                let step = format!("stages.{name}.steps.{}", layer.id);
                said.push((layer.origin, &layer.values, Some(step)));
            }
        }
        let document = dockerfile::parse(expected.as_bytes());
        let texts: Vec<&str> = expected.lines().collect();
        let mut lines = Lines::new();
        let mut above = stamp::header_end(expected);
        for (statement, (place, values, step)) in document.statements().zip(said) {
            let (first, last) = (statement.place.first_line, statement.place.last_line);
            if let Some(step) = &step {
                let note: Vec<&str> = step.split('.').chain(["note"]).collect();
                let comments = (above + 1..first).filter(|line| texts[line - 1].starts_with('#'));
                lines.extend(comments.map(|line| (line, Home::Unsaid(path(&note)))));
            }
            // Variables and labels stand on a line each.
            let each = values.len() == last + 1 - first;
            for line in first..=last {
                let value = values.get(line - first).filter(|_| each);
                let home = Home::Said(value.copied().unwrap_or(place), step.clone());
                lines.insert(line, home);
            }
            above = last;
        }
        let file = File::Dockerfile(lines, homes(&dockerfile::parse(actual.as_bytes())));
        Self::new(compiled, file)
    }

    /// The origins of an ignore file that was rendered from a plan: its patterns are the plan's, in order.
    pub fn of_dockerignore(compiled: Compiled<'a>, expected: &str, actual: &str) -> Self {
        let rules = compiled.plan.context.rules();
        let rules = rules.into_iter().flat_map(|(_, rules)| rules);
        let is_pattern = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
        let patterns = expected
            .lines()
            .zip(1..)
            .filter(|(line, _)| is_pattern(line));
        let home = |rule: plan::Rule| match rule.origin {
            Some(place) => Home::Said(place, None),
            // What is there whatever is said leaves out all that is not let in, or the files that are made.
            None if rule.line == "*" => Home::Unsaid(path(&["source"])),
            None => Home::Unsaid(path(&["outputs"])),
        };
        let lines = patterns
            .zip(rules)
            .map(|((_, line), rule)| (line, home(rule)));
        let lines = lines.collect();
        let actual = Ignore::parse(actual.as_bytes());
        let actual = actual.iter().flat_map(Ignore::rules);
        let actual = actual.map(|rule| (rule.line, rule.exception)).collect();
        Self::new(compiled, File::Dockerignore(lines, actual))
    }

    /// The origins of a compose file of which it is known where its keys were said.
    pub fn of_compose(
        compiled: Compiled<'a>,
        places: Places,
        expected: &str,
        actual: &str,
    ) -> Self {
        let file = File::Compose {
            places,
            expected: compose::parse(expected).ok(),
            actual: compose::parse(actual).ok(),
        };
        Self::new(compiled, file)
    }

    fn new(compiled: Compiled<'a>, file: File) -> Self {
        Self {
            compiled,
            file,
            trees: IndexMap::new(),
        }
    }

    /// What to change for a difference on a line of the file as it should be; for one that only the file as it is has, on
    /// a line of that, where the spec would say it. Blank lines and the comment at the top are nobody's to change.
    pub fn at(&mut self, expected: Option<usize>, actual: Option<usize>) -> Option<Origin> {
        let home = match (&self.file, expected, actual) {
            (File::Dockerfile(lines, _) | File::Dockerignore(lines, _), Some(line), _) => {
                lines.get(&line).cloned()
            }
            (File::Dockerfile(_, homes), None, Some(line)) => {
                let here = homes.partition_point(|(last, _)| *last < line);
                homes
                    .get(here)
                    .or(homes.last())
                    .map(|(_, home)| home.clone())
            }
            (File::Dockerignore(_, rules), None, Some(line)) => rules.get(&line).map(|back| {
                let key = if *back { "include" } else { "exclude" };
                Home::Unsaid(path(&["source", key]))
            }),
            (
                File::Compose {
                    places, expected, ..
                },
                Some(line),
                _,
            ) => home_of_key(self.compiled.plan, places, expected.as_ref()?, line),
            (File::Compose { places, actual, .. }, None, Some(line)) => {
                home_of_key(self.compiled.plan, places, actual.as_ref()?, line)
            }
            (_, None, None) => None,
        }?;
        self.origin(&home)
    }

    fn origin(&mut self, home: &Home) -> Option<Origin> {
        let Compiled { sources, spec, .. } = self.compiled;
        let at = |place: Span| {
            let name = &sources.get(place.source).name;
            format!("{name}:{}", sources.line(place))
        };
        match home {
            Home::Said(place, step) => {
                let tree = self.tree(place.source);
                let keys = tree.map(|tree| tree.path_to(*place)).unwrap_or_default();
                let key = match (keys.as_slice(), step) {
                    // What a preset says in the place of a spec is the spec's to say.
                    (["defaults", keys @ ..], _) => dotted(keys),
                    (["options", option, ..], _) if place.source != spec => {
                        let preset = preset::name_of(&sources.get(place.source).name);
                        dotted(&["options", preset, option])
                    }
                    (_, Some(step)) if place.source != spec => step.clone(),
                    ([], step) => step.clone()?,
                    (keys, _) => dotted(keys),
                };
                Some(Origin {
                    place: at(*place),
                    key,
                    said: true,
                })
            }
            Home::Unsaid(keys) => {
                let tree = self.tree(spec)?;
                // The nearest place that there is: of the innermost table that the key would stand in.
                let mut place = Span::new(spec, 0..0);
                let mut node = Some(tree);
                for key in keys {
                    let entry = node.and_then(Node::table).and_then(|table| table.get(key));
                    place = entry.map_or(place, |entry| entry.key);
                    node = entry.map(|entry| &entry.node);
                }
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                Some(Origin {
                    place: at(place),
                    key: dotted(&keys),
                    said: false,
                })
            }
        }
    }

    /// A text that was read, as a tree.
    fn tree(&mut self, source: SourceId) -> Option<&Node> {
        let text = &self.compiled.sources.get(source).text;
        let read = || data::parse(text, source).ok();
        self.trees.entry(source).or_insert_with(read).as_ref()
    }
}

/// Where a spec would say the lines of a Dockerfile that a person wrote: an instruction under a key of its own where its
/// stage is the one whose facts have keys, else as a step; and a comment as the note of one.
fn homes(document: &Document) -> Vec<(usize, Home)> {
    let mut homes = Vec::new();
    let mut stage: Option<&str> = None;
    for statement in document.statements() {
        let place = &statement.place;
        if let Instruction::From(from) = &statement.instruction {
            stage = from.name.as_ref().map(StageName::as_str);
        }
        let steps = stage.map_or(path(&["stages"]), |name| path(&["stages", name, "steps"]));
        homes.push((place.first_line - 1, Home::Unsaid(steps.clone())));
        let key = spec::key_of(&statement.instruction).filter(|_| stage == Some(RUNTIME));
        let home = match (&statement.instruction, key) {
            (Instruction::From(_), _) => path(&["stages"]),
            (_, Some(key)) => path(&[key]),
            (_, None) => steps,
        };
        homes.push((place.last_line, Home::Unsaid(home)));
    }
    homes
}

/// Where the key of a compose file is said that stands on a line. One that the plan owns, and one that is only in the
/// file as it is, would be said in compose's own words.
fn home_of_key(plan: &Plan, places: &Places, tree: &Tree, line: usize) -> Option<Home> {
    let (names, keys) = tree.path_to(line);
    let keys: Vec<&str> = names.iter().take(keys).map(String::as_str).collect();
    let service = match keys.as_slice() {
        [] => return None,
        ["services", name, ..] => plan.services.iter().position(|known| known.name == *name),
        _ => None,
    };
    // What is known of the service as a whole is no place for one of its keys.
    let above = if service.is_some() { 2 } else { 1 };
    if let Some((length, place)) = places.nearest(&names)
        && length > above
    {
        return Some(Home::Said(place, None));
    }
    let home = match service {
        None => vec!["compose"],
        Some(number) => match shape::said_by(&keys[above..]) {
            Some([]) => return None,
            Some(key) => return Some(Home::Unsaid(path(key))),
            None if number == 0 => vec!["service"],
            None => vec!["stages", &plan.services[number].target, "service"],
        },
    };
    let rest = if service.is_some() {
        &keys[above..]
    } else {
        &keys
    };
    Some(Home::Unsaid(path(&[&home, rest].concat())))
}

fn path(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// Keys as TOML writes them one behind the other.
fn dotted(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| data::key(key)).collect();
    keys.join(".")
}
