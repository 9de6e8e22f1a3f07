//! The tables, and whether the goals are met.

use std::fmt::Write as _;
use std::time::Duration;

use crate::measure::{Cell, Measured};
use crate::variant::NAMES;

/// A system as Markdown: its figures, which steps run again, and the goals.
pub(super) fn system(measured: &Measured) -> String {
    let mut text = format!("### {}\n\n| |{}|\n|---|", measured.name, line(NAMES));
    text.push_str("---:|---:|---:|\n");
    for row in &measured.rows {
        let times = row.cells.iter().map(|cell| seconds(cell.median()));
        let _ = writeln!(text, "| {} |{}|", row.name, line(times));
    }
    let sizes = || measured.sizes.iter();
    for (name, values) in [
        (
            "image, compressed",
            sizes().map(|size| size.0.compressed).collect::<Vec<u64>>(),
        ),
        (
            "of that, above its base",
            sizes().map(|size| size.1.compressed).collect(),
        ),
        (
            "image, unpacked",
            sizes().map(|size| size.0.unpacked).collect(),
        ),
        ("context", measured.contexts.clone()),
    ] {
        let _ = writeln!(text, "| {name} |{}|", line(values.into_iter().map(bytes)));
    }
    text.push_str("\nWhat runs again:\n\n");
    let _ = writeln!(text, "| |{}|\n|---|---|---|---|", line(NAMES));
    for row in &measured.rows[1..] {
        let steps = row.cells.iter().map(|cell| match cell.steps.as_slice() {
            [] => "nothing".to_owned(),
            steps => steps.join(", "),
        });
        let what = if row.what.is_empty() {
            String::new()
        } else {
            format!(" ({})", row.what)
        };
        let _ = writeln!(text, "| {}{what} |{}|", row.name, line(steps));
    }
    text.push_str("\nGoals:\n\n");
    for (met, goal) in goals(measured) {
        let _ = writeln!(text, "- {}: {goal}", if met { "met" } else { "**missed**" });
    }
    if let Some((least, most)) = measured.load {
        eprintln!("{}: the load was {least} to {most}", measured.name);
    }
    text
}

fn goals(measured: &Measured) -> Vec<(bool, String)> {
    let mut goals = Vec::new();
    for row in &measured.rows[1..] {
        let [_, yardstick, generated] = row.cells.as_slice() else {
            unreachable!("there is a cell for each variant")
        };
        let more = only(generated, yardstick);
        let less = only(yardstick, generated);
        let mut goal = format!("{}: the same steps as the yardstick", row.name);
        if !more.is_empty() {
            let _ = write!(goal, "; generated also: {}", more.join(", "));
        }
        if !less.is_empty() {
            let _ = write!(goal, "; yardstick also: {}", less.join(", "));
        }
        goals.push((more.is_empty() && less.is_empty(), goal));
    }
    let code = &measured.rows[2].cells;
    let times = ratio(
        code[0].median().as_secs_f64(),
        code[2].median().as_secs_f64(),
    );
    if measured.many_packages {
        let goal = format!(
            "a code change {times:.1} times faster than with the naive file; ten is the goal"
        );
        goals.push((times >= 10.0, goal));
    }
    let size = |index: usize| measured.sizes[index].0.compressed;
    let more = (ratio_of(size(2), size(1)) - 1.0) * 100.0;
    let goal = format!("an image within 2 % of the yardstick's: {more:+.2} %");
    goals.push((more <= 2.0, goal));
    if measured.monorepo {
        let part = ratio_of(measured.contexts[2], measured.contexts[0]);
        let goal = format!(
            "at most a fifth of the naive context: {:.1} %",
            part * 100.0
        );
        goals.push((part <= 0.2, goal));
    }
    goals
}

/// The steps of one that another has not.
fn only(one: &Cell, other: &Cell) -> Vec<String> {
    let steps = one.steps.iter();
    steps
        .filter(|step| !other.steps.contains(step))
        .cloned()
        .collect()
}

fn line(cells: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let mut text = String::new();
    for cell in cells {
        let _ = write!(text, " {cell} |");
    }
    text.pop();
    text
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{seconds:.0} s")
    }
}

fn bytes(count: u64) -> String {
    let (part, unit) = match count {
        0..1_000_000 => (1_000, "kB"),
        _ => (1_000_000, "MB"),
    };
    format!("{:.1} {unit}", ratio_of(count, part))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes of images are far below what a double holds exactly"
)]
fn ratio_of(one: u64, other: u64) -> f64 {
    ratio(one as f64, other as f64)
}

fn ratio(one: f64, other: f64) -> f64 {
    one / other
}
