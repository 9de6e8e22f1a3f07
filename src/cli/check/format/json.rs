//! For programs.

use serde_json::{Value, json};

use crate::cli::check::report::{Cause, FileReport, Finding};
use crate::compare::Severity;
use crate::drift::State;

pub(super) fn text(reports: &[FileReport]) -> String {
    let drift = reports.iter().any(|report| !report.in_sync());
    let files: Vec<Value> = reports.iter().map(file).collect();
    format!("{:#}\n", json!({ "files": files, "drift": drift }))
}

/// What a program that reads the report can rely on.
pub(in crate::cli) fn schema() -> Value {
    let states = State::ALL.map(State::word);
    let severities = Severity::ALL.map(Severity::word);
    let or_none = severities.into_iter().map(Value::from).chain([Value::Null]);
    let origin = json!({
        "type": ["object", "null"],
        "description": "What to change if the difference was meant.",
        "required": ["place", "key"],
        "additionalProperties": false,
        "properties": {
            "place": { "type": "string", "description": "Where the spec or a preset says it, or the spec would, as FILE:LINE." },
            "key": { "type": "string", "description": "The key to change there; of a preset, the step, as a spec names it." },
        },
    });
    let change = json!({
        "type": "object",
        "required": ["kind", "severity", "message", "line", "origin", "cause"],
        "additionalProperties": false,
        "properties": {
            "kind": { "type": "string", "pattern": "^[a-z][a-z-]*$", "description": "A name that stays the same from version to version." },
            "severity": { "enum": severities },
            "message": { "type": "string", "description": "What it means, for people." },
            "line": { "type": ["integer", "null"], "minimum": 1, "description": "The line of the file as it is, counted from 1." },
            "origin": origin,
            "cause": { "enum": Cause::ALL.map(Cause::word), "description": "`edit`: somebody did it by hand; `to-come`: generating the file anew will; `unknown`: nobody can tell which of the two." },
        },
    });
    let file = json!({
        "type": "object",
        "required": ["path", "spec", "state", "unknown", "fixed", "severity", "changes", "command", "diff"],
        "additionalProperties": false,
        "properties": {
            "path": { "type": "string", "description": "The file, from where the command ran." },
            "spec": { "type": "string", "description": "The spec that describes it, or did." },
            "state": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "enum": states } },
            "unknown": { "type": "boolean", "description": "Whether the stamp is gone or was touched, so that only the text could be compared." },
            "fixed": { "type": "boolean", "description": "Whether `--fix` wrote the file anew." },
            "severity": { "enum": or_none.collect::<Vec<_>>(), "description": "The gravest difference; null for a file in sync." },
            "changes": {
                "type": "array",
                "description": "The differences: how the file was changed, or what generating it anew will change; their cause says which.",
                "items": change,
            },
            "command": { "type": ["string", "null"], "description": "What to run where the differences were not meant; null for a file in sync, and for an orphan." },
            "diff": { "type": "string", "description": "A patch for `patch -p1` that makes the file what the spec describes; empty for a file that is not UTF-8." },
        },
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dockwright check --format json",
        "type": "object",
        "required": ["files", "drift"],
        "additionalProperties": false,
        "properties": {
            "files": { "type": "array", "items": file },
            "drift": { "type": "boolean", "description": "Whether a file is not in sync." },
        },
    })
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
        "spec": report.spec(),
        "state": states,
        "unknown": report.verdict.unknown,
        "fixed": report.fixed,
        "severity": if report.verdict.in_sync() { Value::Null } else { report.severity.word().into() },
        "changes": report.findings.iter().map(change).collect::<Vec<_>>(),
        "command": report.command(),
        "diff": report.diff,
    })
}

fn change(finding: &Finding) -> Value {
    let origin = finding
        .origin
        .as_ref()
        .map(|origin| json!({ "place": origin.place, "key": origin.key }));
    json!({
        "kind": finding.change.kind,
        "severity": finding.change.severity.word(),
        "message": finding.change.message,
        "line": finding.change.line,
        "origin": origin,
        "cause": finding.cause.word(),
    })
}
