//! One JSON object a line, then one that counts. The shape is stable: fields are added, none is changed or removed.
//!
//! ```json
//! {"kind": "diagnostic", "code": "unit-mismatch", "severity": "error", "message": "...",
//!  "labels": [{"file": "src/main.mu", "start": {"line": 1, "column": 1, "offset": 0}, "end": {...},
//!              "text": "...", "primary": true}],
//!  "help": "..." or null,
//!  "fix": null or {"title": "...", "applicability": "safe" or "suggestion",
//!                  "edits": [{"file": ..., "start": ..., "end": ..., "text": "..."}]}}
//! {"kind": "summary", "errors": 1, "warnings": 0}
//! ```
//!
//! Lines and columns count from 1, columns in Unicode scalar values; `offset` is in bytes from 0; `end` lies after the last
//! character. The first label with `primary` is the diagnostic's place.

use super::Report;
use super::place::{Places, Range};
use mu_base::{Applicability, Code, Diagnostic, Loc, Severity};
use serde::Serialize;

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Line<'a> {
    Diagnostic(Shown<'a>),
    Summary { errors: usize, warnings: usize },
}

#[derive(Serialize)]
struct Shown<'a> {
    code: Code,
    severity: Severity,
    message: &'a str,
    labels: Vec<Label<'a>>,
    help: Option<&'a str>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    range: Range,
    text: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    range: Range,
    text: &'a str,
}

pub fn render(report: &Report, places: &Places) -> String {
    let errors = report.diagnostics.iter().filter(|d| d.is_error()).count();
    let summary = Line::Summary { errors, warnings: report.diagnostics.len() - errors };
    let diagnostics = report.diagnostics.iter().map(|d| Line::Diagnostic(shown(d, places)));
    // Nothing in it can fail to serialise: all keys are texts.
    let line = |line: Line| serde_json::to_string(&line).map_or(String::new(), |text| text + "\n");
    diagnostics.chain([summary]).map(line).collect()
}

fn shown<'a>(diagnostic: &'a Diagnostic, places: &Places) -> Shown<'a> {
    let range = |loc: Loc| places.range(loc);
    Shown {
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        labels: diagnostic
            .labels
            .iter()
            .map(|label| Label { range: range(label.loc), text: &label.text, primary: label.primary })
            .collect(),
        help: diagnostic.help.as_deref(),
        fix: diagnostic.fix.as_ref().map(|fix| Fix {
            title: &fix.title,
            applicability: fix.applicability,
            edits: fix.edits.iter().map(|edit| Edit { range: range(edit.loc), text: &edit.text }).collect(),
        }),
    }
}
