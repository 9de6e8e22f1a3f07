//! Measuring a system: every build of the three variants, one after the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Built;
use crate::changes::{Change, Changes};
use crate::image::Size;
use crate::server::{self, Server};
use crate::variant::{NAMES, Variant};

/// What takes longer in all is not measured once more.
const LONG: Duration = Duration::from_mins(1);

/// What was measured of a system.
pub(super) struct Measured {
    pub(super) name: String,
    pub(super) monorepo: bool,
    pub(super) many_packages: bool,
    pub(super) rows: Vec<Row>,
    /// Of each variant: the image, and what lies on its base.
    pub(super) sizes: Vec<(Size, Size)>,
    /// Of each variant: what a first build is sent.
    pub(super) contexts: Vec<u64>,
    /// The machine's load while this was measured: the least and the most.
    pub(super) load: Option<(f64, f64)>,
}

/// One kind of build.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// What is changed, in words.
    pub(super) what: String,
    pub(super) cells: Vec<Cell>,
}

/// One kind of build of one variant.
#[derive(Default)]
pub(super) struct Cell {
    pub(super) times: Vec<Duration>,
    /// What the steps did that were run.
    pub(super) steps: Vec<String>,
}

impl Cell {
    pub(super) fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times[times.len() / 2]
    }

    fn add(&mut self, variant: &Variant, built: &Built) {
        self.times.push(built.took);
        let steps = variant.steps().kinds(&built.ran());
        assert!(
            self.times.len() == 1 || self.steps == steps,
            "{}: other steps than before: {steps:?}, {:?}",
            variant.name,
            self.steps
        );
        self.steps = steps;
    }
}

/// Measures a system; the servers end with it.
pub(super) fn system(
    name: &str,
    folder: &Path,
    changes: &Changes,
    servers: Vec<Server>,
    rounds: usize,
) -> Measured {
    let host = server::host().unwrap();
    let words = changes.build.iter();
    let words: Vec<String> = words.map(|word| word.replace("{host}", &host)).collect();
    let mut variants: Vec<Variant> = NAMES
        .iter()
        .map(|variant| Variant::new(variant, folder, &words))
        .collect();
    let mut load = None;
    let mut contexts = vec![0; NAMES.len()];
    let mut row = |name_of, change: Option<&Change>, variants: &mut Vec<Variant>, cold: bool| {
        let rounds = change.map_or(rounds, |change| change.rounds().min(rounds));
        let mut cells: Vec<Cell> = NAMES.iter().map(|_| Cell::default()).collect();
        for round in 0..rounds {
            for (index, variant) in variants.iter_mut().enumerate() {
                let cell = &mut cells[index];
                if cell.times.iter().sum::<Duration>() >= LONG {
                    continue;
                }
                if !cold {
                    settle(variant);
                }
                note_load(&mut load);
                let was = change.map(|change| edit(change, variant, round));
                let built = if cold { variant.cold() } else { variant.warm() };
                contexts[index] = contexts[index].max(built.context);
                cell.add(variant, &built);
                revert(was.unwrap_or_default());
                // What was generated for a change goes with it.
                variant.generate();
                eprintln!(
                    "{name}: {name_of}, {}: {:.2} s",
                    variant.name,
                    built.took.as_secs_f64()
                );
            }
        }
        Row {
            name: name_of,
            what: change.map_or_else(String::new, |change| change.what.clone()),
            cells,
        }
    };
    let cold = row("cold build", None, &mut variants, true);
    let sizes = variants
        .iter()
        .map(|variant| Size::of(variant.newest(), variant.base()))
        .collect();
    let rows = vec![
        cold,
        row("nothing changed", None, &mut variants, false),
        row("code change", Some(&changes.code), &mut variants, false),
        row(
            "dependency change",
            Some(&changes.dependency),
            &mut variants,
            false,
        ),
        row(
            "system package change",
            Some(&changes.package),
            &mut variants,
            false,
        ),
    ];
    drop(servers);
    Measured {
        name: name.to_owned(),
        monorepo: changes.monorepo,
        many_packages: changes.many_packages,
        rows,
        sizes,
        contexts,
        load,
    }
}

/// Builds until everything is cached: an engine that is short of space throws away what was built a moment ago.
fn settle(variant: &mut Variant) {
    for _ in 0..3 {
        if variant.warm().ran().is_empty() {
            return;
        }
    }
    panic!("{}: the engine keeps nothing cached", variant.name);
}

/// Makes a change, and tells what the files were before.
fn edit(change: &Change, variant: &Variant, round: usize) -> BTreeMap<PathBuf, String> {
    let changed = change.apply(variant.name, variant.folder.path(), round);
    let was = changed
        .keys()
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    for (path, text) in changed {
        fs::write(path, text).unwrap();
    }
    variant.generate();
    was
}

fn revert(was: BTreeMap<PathBuf, String>) {
    for (path, text) in was {
        fs::write(path, text).unwrap();
    }
}

fn note_load(load: &mut Option<(f64, f64)>) {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let now = told
        .split(' ')
        .next()
        .and_then(|word| word.parse::<f64>().ok());
    if let Some(now) = now {
        let (least, most) = load.unwrap_or((now, now));
        *load = Some((least.min(now), most.max(now)));
    }
}
