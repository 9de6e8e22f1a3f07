//! The formats of `check`: the same reports for people, for programs and for the services that run it.

mod ci;
mod human;
mod json;
mod junit;

pub(in crate::cli) use json::schema;

use super::report::FileReport;
use crate::cli::terminal::{Failure, Terminal};

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people: causes, differences and a patch.
    Human,
    /// For programs; `docs/reference/check.schema.json` describes it.
    Json,
    /// Annotations of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit's XML: a test for each file.
    Junit,
}

pub(super) fn print(
    format: Format,
    reports: &[FileReport],
    terminal: &Terminal,
) -> Result<(), Failure> {
    match format {
        Format::Human => human::print(reports, terminal),
        Format::Json => terminal.print(&json::text(reports)),
        Format::Github => terminal.print(&ci::github(reports)),
        Format::Gitlab => terminal.print(&ci::gitlab(reports)),
        Format::Sarif => terminal.print(&ci::sarif(reports)),
        Format::Junit => terminal.print(&junit::text(reports)),
    }
}
