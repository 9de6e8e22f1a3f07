//! Mistakes as text for a person: the place shown, what is wrong, what would be right.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Label, Sources};

/// Whether a report is coloured with ANSI escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    No,
    /// ANSI escapes, for a terminal.
    Yes,
}

/// Lays out mistakes one below the other, each with the lines of its source.
pub fn report(diagnostics: &[Diagnostic], sources: &Sources, color: Color) -> String {
    let renderer = match color {
        Color::No => Renderer::plain(),
        Color::Yes => Renderer::styled(),
    };
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&groups(diagnostic, sources)));
        text.push_str("\n\n");
    }
    text.truncate(text.trim_end().len());
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let mut group = Group::with_title(Level::ERROR.primary_title(&diagnostic.message));
    let mut labels: Vec<(AnnotationKind, &Label)> = Vec::new();
    labels.extend(
        diagnostic
            .primary
            .iter()
            .map(|label| (AnnotationKind::Primary, label)),
    );
    labels.extend(
        diagnostic
            .related
            .iter()
            .map(|label| (AnnotationKind::Context, label)),
    );
    while let Some((_, first)) = labels.first() {
        let id = first.span.source;
        let source = sources.get(id);
        // A byte order mark takes no place on its line, and would be shown as if it did.
        let text = source.text.trim_start_matches('\u{feff}');
        let mark = source.text.len() - text.len();
        let mut snippet = Snippet::source(text).path(&source.name);
        for (kind, label) in labels.extract_if(.., |(_, label)| label.span.source == id) {
            let annotation = kind.span(fit(text, mark, label));
            snippet = snippet.annotation(if label.text.is_empty() {
                annotation
            } else {
                annotation.label(&label.text)
            });
        }
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// A range that the renderer can show: inside the text, on character boundaries. So many bytes of the source stand
/// before the text.
fn fit(text: &str, before: usize, label: &Label) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(label.span.start.saturating_sub(before));
    let end = label.span.end.saturating_sub(before);
    let end = text.ceil_char_boundary(end).max(start);
    start..end
}
