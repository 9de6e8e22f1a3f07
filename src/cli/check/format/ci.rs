//! For the services that run `check`: each has its own way to point at a line.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::check::report::FileReport;
use crate::compare::Severity;
use crate::stamp;

/// One thing to point at.
struct Annotation {
    path: String,
    line: usize,
    severity: Severity,
    kind: String,
    message: String,
}

/// A finding each; a file without any is one itself.
fn annotations(reports: &[FileReport]) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for report in reports.iter().filter(|report| !report.in_sync()) {
        let path = report.annotated();
        let command = match report.command() {
            Some(command) => format!("`{command}` brings it back"),
            None => report.hints().join("; "),
        };
        if report.findings.is_empty() {
            // A file that is not there is pointed at in its spec, so it is named.
            let name = if path == report.shown() {
                String::new()
            } else {
                format!("`{}` ", report.shown())
            };
            annotations.push(Annotation {
                path: path.clone(),
                line: 1,
                severity: report.severity,
                kind: report.verdict.words(),
                message: format!(
                    "{name}{}: {}; {command}",
                    report.verdict.words(),
                    report.reason()
                ),
            });
        }
        for finding in &report.findings {
            let home = finding
                .home()
                .map_or_else(String::new, |home| format!("; {home}"));
            annotations.push(Annotation {
                path: path.clone(),
                line: finding.change.line.unwrap_or(1),
                severity: finding.change.severity,
                kind: finding.change.kind.to_owned(),
                message: format!(
                    "{}, {}: {}{home}; {command}",
                    report.verdict.words(),
                    finding.cause.sense(),
                    finding.change.message
                ),
            });
        }
    }
    annotations
}

/// Workflow commands of GitHub Actions.
///
/// Source: "Workflow commands for GitHub Actions": what would end a value is written as a percent sign and its number.
pub(super) fn github(reports: &[FileReport]) -> String {
    let data = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let mut text = String::new();
    for annotation in annotations(reports) {
        let level = match annotation.severity {
            Severity::Note => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        text.push_str("::");
        text.push_str(level);
        text.extend([
            " file=",
            &property(&annotation.path),
            ",line=",
            &annotation.line.to_string(),
        ]);
        text.extend([
            ",title=",
            &property(&annotation.kind),
            "::",
            &data(&annotation.message),
            "\n",
        ]);
    }
    text
}

/// A report in GitLab's form of the Code Climate format.
///
/// Source: "Code Quality report format" in GitLab's documentation.
pub(super) fn gitlab(reports: &[FileReport]) -> String {
    let issue = |annotation: Annotation| {
        let severity = match annotation.severity {
            Severity::Note => "info",
            Severity::Warning => "major",
            Severity::Error => "critical",
        };
        let Annotation {
            path,
            line,
            kind,
            message,
            ..
        } = annotation;
        json!({
            "description": message,
            "check_name": kind,
            "fingerprint": stamp::digest(&format!("{path}\n{kind}\n{message}\n{line}")),
            "severity": severity,
            "location": { "path": path, "lines": { "begin": line } },
        })
    };
    let issues: Vec<Value> = annotations(reports).into_iter().map(issue).collect();
    format!("{:#}\n", Value::Array(issues))
}

/// A path as a URI that is relative to where the command ran.
///
/// Source: RFC 3986, section 2: what is neither a letter, a digit nor one of four signs is written as a percent sign and
/// its number.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// A SARIF log.
///
/// Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
pub(super) fn sarif(reports: &[FileReport]) -> String {
    let annotations = annotations(reports);
    let mut kinds: Vec<&str> = annotations
        .iter()
        .map(|annotation| annotation.kind.as_str())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let rules: Vec<Value> = kinds.iter().map(|kind| json!({ "id": kind })).collect();
    let result = |annotation: &Annotation| {
        json!({
            "ruleId": annotation.kind,
            "level": annotation.severity.word(),
            "message": { "text": annotation.message },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": uri(&annotation.path) },
                "region": { "startLine": annotation.line },
            } }],
        })
    };
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "dockwright", "version": stamp::VERSION, "rules": rules } },
            "results": annotations.iter().map(result).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}
