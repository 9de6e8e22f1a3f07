//! The ignore file beside a Dockerfile.

use std::sync::LazyLock;

use crate::expr::{Page, PageValue, list, map};
use crate::plan::Plan;
use crate::stamp;

/// The page that lays it out, read once.
static PAGE: LazyLock<Page> =
    LazyLock::new(|| Page::new(include_str!("../../templates/dockerignore.j2")));

/// The text of the ignore file.
pub(super) fn text(plan: &Plan) -> String {
    let groups = plan.context.rules().into_iter().map(|(why, rules)| {
        map([
            ("why", PageValue::from(why)),
            (
                "lines",
                list(rules.into_iter().map(|rule| PageValue::from(rule.line))),
            ),
        ])
    });
    let header = stamp::header(&plan.marks).map(PageValue::from);
    let values = map([("header", list(header)), ("groups", list(groups))]);
    let text = PAGE.render(values);
    stamp::seal(&text, &spec_mark(plan), &plan.marks)
}

/// What the spec said that the file is made from: what the build is made from, and the files that compose alone reads.
fn spec_mark(plan: &Plan) -> String {
    let secrets = &plan.context.secrets;
    if secrets.is_empty() {
        return plan.marks.build.clone();
    }
    let files = secrets.iter().map(|said| said.text.as_str());
    let parts: Vec<&str> = std::iter::once(plan.marks.build.as_str())
        .chain(files)
        .collect();
    stamp::digest(&parts.join("\n"))
}
