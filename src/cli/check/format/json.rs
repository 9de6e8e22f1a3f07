//! For programs.

use serde_json::{Value, json};

use crate::cli::check::report::{FileReport, Finding};
use crate::drift::State;

pub(super) fn text(reports: &[FileReport]) -> String {
    let drift = reports.iter().any(|report| !report.in_sync());
    let files: Vec<Value> = reports.iter().map(file).collect();
    format!("{:#}\n", json!({ "files": files, "drift": drift }))
}

fn file(report: &FileReport) -> Value {
    let states: Vec<&str> = report
        .verdict
        .states
        .iter()
        .copied()
        .map(State::word)
        .collect();
    json!({
        "path": report.shown(),
        "state": states,
        "unknown": report.verdict.unknown,
        "fixed": report.fixed,
        "severity": if report.verdict.in_sync() { Value::Null } else { report.severity.word().into() },
        "changes": report.findings.iter().map(change).collect::<Vec<_>>(),
        "diff": report.diff,
    })
}

fn change(finding: &Finding) -> Value {
    let origin = finding
        .origin
        .as_ref()
        .map(|origin| json!({ "place": origin.place, "step": origin.step }));
    json!({
        "kind": finding.change.kind,
        "severity": finding.change.severity.word(),
        "message": finding.change.message,
        "line": finding.change.line,
        "origin": origin,
    })
}
