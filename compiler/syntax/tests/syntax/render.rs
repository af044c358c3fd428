//! Source and messages together, as snapshots hold them.

use mu_base::{Diagnostic, FileId, Severity, Span};
use mu_syntax::{Cache, File, parse};
use std::fmt::Write;

pub fn parsed(text: &str) -> File {
    parse(FileId(0), text, &mut Cache::default())
}

/// What a place covers.
pub fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Each line of the source, with marks and labels below those that are named, then the messages.
pub fn report(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let shown = line.trim_end_matches(['\n', '\r']);
        let _ = writeln!(out, "  {shown}");
        for label in diagnostics.iter().flat_map(|d| &d.labels) {
            let (start, end) = (label.loc.span.start as usize, label.loc.span.end as usize);
            if (at..at + line.len()).contains(&start) || start == text.len() && at + line.len() == start {
                let before = text[at..start].chars().count();
                let mark = if label.primary { "^" } else { "-" };
                let width = text[start..end].chars().count().max(1);
                let _ = writeln!(out, "  {}{} {}", " ".repeat(before), mark.repeat(width), label.text);
            }
        }
        at += line.len();
    }
    for diagnostic in diagnostics {
        let severity = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
        let _ = write!(out, "\n{severity}[{}]: {}", diagnostic.code.slug(), diagnostic.message);
        if let Some(help) = &diagnostic.help {
            let _ = write!(out, "\n  help: {help}");
        }
        if let Some(fix) = &diagnostic.fix {
            let edit = &fix.edits[0];
            let _ = write!(out, "\n  fix: {}: `{}` -> `{}`", fix.title, slice(text, edit.loc.span), edit.text);
        }
    }
    out
}
