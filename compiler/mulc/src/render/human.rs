//! Diagnostics with their source, for people, drawn by `miette`.

use super::{Report, place::Places, severity};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};
use mu_base::{Diagnostic, FileId, Severity};
use std::fmt;

/// Wide enough for sources, narrow enough for two windows side by side.
const WIDTH: usize = 110;
/// Nobody reads more at once.
const MOST: usize = 100;

pub fn render(report: &Report, places: &Places, colours: bool) -> String {
    let theme = if colours { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false);
    let mut text = String::new();
    for diagnostic in report.diagnostics.iter().take(MOST) {
        let shown = Shown::new(diagnostic, places);
        let before = text.len();
        if handler.render_report(&mut text, &shown).is_err() {
            // Writing to a text cannot fail; a source that cannot be drawn can. The message must not be lost.
            text.truncate(before);
            text.push_str(&format!("{}\n", head(diagnostic)));
        }
        text.push('\n');
    }
    match report.diagnostics.len().saturating_sub(MOST) {
        0 => {}
        more => text.push_str(&format!("... and {more} more\n")),
    }
    text
}

/// `error[unknown-name]: ...`
fn head(diagnostic: &Diagnostic) -> String {
    format!("{}[{}]: {}", severity(diagnostic), diagnostic.code.slug(), diagnostic.message)
}

/// A diagnostic, or the labels of one that lie in another file than its place.
#[derive(Debug)]
struct Shown {
    message: String,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<File>,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown>,
}

impl Shown {
    fn new(diagnostic: &Diagnostic, places: &Places) -> Shown {
        let file = diagnostic.place().map(|loc| loc.file);
        let mut others: Vec<FileId> =
            diagnostic.labels.iter().map(|label| label.loc.file).filter(|other| Some(*other) != file).collect();
        others.dedup();
        Shown {
            message: head(diagnostic),
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            help: help(diagnostic),
            source: file.map(|file| source(file, places)),
            labels: file.map_or(Vec::new(), |file| labels(diagnostic, file, places)),
            related: others.into_iter().map(|other| Shown::elsewhere(diagnostic, other, places)).collect(),
        }
    }

    fn elsewhere(diagnostic: &Diagnostic, file: FileId, places: &Places) -> Shown {
        Shown {
            message: format!("see `{}`", places.path(file)),
            severity: miette::Severity::Advice,
            help: None,
            source: Some(source(file, places)),
            labels: labels(diagnostic, file, places),
            related: Vec::new(),
        }
    }
}

/// The help, and the fix where the help does not show it already.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    let help = diagnostic.help.as_deref();
    let fix = diagnostic.fix.as_ref().and_then(|fix| match fix.edits.as_slice() {
        [edit] if help.is_some_and(|help| help.contains(&format!("`{}`", edit.text.trim_matches('"')))) => None,
        [edit] if edit.text.is_empty() || edit.text.contains('\n') || fix.title.contains(&edit.text) => {
            Some(fix.title.clone())
        }
        [edit] => Some(format!("fix: write `{}`", edit.text)),
        _ => Some(fix.title.clone()),
    });
    match (help, fix) {
        (Some(help), Some(fix)) => Some(format!("{help}\n{fix}")),
        (help, fix) => help.map(str::to_owned).or(fix),
    }
}

fn source(file: FileId, places: &Places) -> File {
    File { path: places.path(file).to_owned(), text: places.text(file).to_owned() }
}

/// A source whose columns are counted as everywhere else, in Unicode scalar values; `miette` counts bytes.
#[derive(Debug)]
struct File {
    path: String,
    text: String,
}

impl SourceCode for File {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let found = self.text.read_span(span, lines_before, lines_after)?;
        let before = self.text.get(..found.span().offset()).unwrap_or("");
        let column = before.chars().rev().take_while(|c| *c != '\n').count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            found.data(),
            *found.span(),
            found.line(),
            column,
            found.line_count(),
        )))
    }
}

fn labels(diagnostic: &Diagnostic, file: FileId, places: &Places) -> Vec<LabeledSpan> {
    let here = diagnostic.labels.iter().filter(|label| label.loc.file == file);
    here.map(|label| {
        let (start, end) = places.bytes(label.loc);
        let text = (!label.text.is_empty()).then(|| label.text.clone());
        match label.primary {
            true => LabeledSpan::new_primary_with_span(text, (start, end - start)),
            false => LabeledSpan::new_with_span(text, (start, end - start)),
        }
    })
    .collect()
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        (!self.related.is_empty()).then(|| {
            Box::new(self.related.iter().map(|shown| shown as &dyn miette::Diagnostic))
                as Box<dyn Iterator<Item = &'a dyn miette::Diagnostic>>
        })
    }
}
