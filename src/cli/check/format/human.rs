//! For people.

use crate::cli::check::report::FileReport;
use crate::cli::terminal::{Failure, Terminal};

pub(super) fn print(reports: &[FileReport], terminal: &Terminal) -> Result<(), Failure> {
    for report in reports {
        if report.verdict.in_sync() {
            terminal.detail(&format!("{}: in-sync", report.shown()))?;
            continue;
        }
        terminal.tell(&format!(
            "{}: {} ({})",
            report.shown(),
            report.verdict.words(),
            report.reason()
        ))?;
        if report.fixed {
            terminal.tell("  written anew")?;
            continue;
        }
        let mut cause = None;
        for finding in &report.findings {
            if cause != Some(finding.cause) {
                cause = Some(finding.cause);
                terminal.tell(&format!("  {}:", finding.cause.sense()))?;
            }
            let change = &finding.change;
            let line = change
                .line
                .map_or_else(String::new, |line| format!(", line {line}"));
            terminal.tell(&format!(
                "    {}: {} ({}{line})",
                change.severity.word(),
                change.message,
                change.kind
            ))?;
            if let Some(home) = finding.home() {
                terminal.tell(&format!("      {home}"))?;
            }
        }
        if !report.diff.is_empty() {
            terminal.tell("")?;
            terminal.diff(&report.diff)?;
            terminal.tell("")?;
        }
        for hint in report.hints() {
            terminal.tell(&format!("hint: {hint}"))?;
        }
    }
    let drifted = reports.iter().filter(|report| !report.in_sync()).count();
    match (reports.len(), drifted) {
        // Of specs that cannot be read there is nothing to count.
        (0, _) => Ok(()),
        (count, 0) => terminal.tell(&format!("{count} files are in sync")),
        (count, drifted) => terminal.tell(&format!("{drifted} of {count} files are not in sync")),
    }
}
