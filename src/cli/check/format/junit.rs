//! JUnit's XML: each file is a test, and one that is not in sync has failed.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::cli::check::report::FileReport;

pub(super) fn text(reports: &[FileReport]) -> String {
    let mut suite = TestSuite::new("dockwright check");
    for report in reports {
        let status = if report.in_sync() {
            TestCaseStatus::success()
        } else {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(report.verdict.words())
                .set_message(report.reason())
                .set_description(description(report));
            status
        };
        suite.add_test_case(TestCase::new(report.shown(), status));
    }
    let mut whole = Report::new("dockwright");
    whole.add_test_suite(suite);
    // The report is made of text that the library escapes, so there is nothing in it that it could refuse.
    whole.to_string().unwrap_or_default()
}

/// What differs, what to change for it and what to run, and the patch.
fn description(report: &FileReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let change = &finding.change;
        text.extend([finding.cause.sense(), ", ", change.severity.word()]);
        text.extend([": ", &change.message, "\n"]);
        text.extend(finding.home().map(|home| format!("  {home}\n")));
    }
    for hint in report.hints() {
        text.extend([&hint, "\n"]);
    }
    text.push_str(&report.diff);
    text
}
