//! One SARIF 2.1.0 log: a rule for each code that appears, with its page as help; a result for each diagnostic.

use super::place::{Places, Range};
use super::{Report, severity};
use mu_base::{Code, Diagnostic, Fix, Label};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn render(report: &Report, places: &Places) -> String {
    let codes: BTreeSet<Code> = report.diagnostics.iter().map(|d| d.code).collect();
    let rules: Vec<Value> = codes.iter().copied().map(rule).collect();
    let index: BTreeMap<Code, usize> = codes.into_iter().enumerate().map(|(i, code)| (code, i)).collect();
    let results: Vec<Value> = report.diagnostics.iter().map(|d| result(d, index.get(&d.code), places)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "mulc", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.slug(),
        "shortDescription": { "text": code.title() },
        "help": { "text": code.page(), "markdown": code.page() },
    })
}

fn result(diagnostic: &Diagnostic, rule: Option<&usize>, places: &Places) -> Value {
    let place = diagnostic.labels.iter().position(|label| label.primary).unwrap_or(0);
    let (here, others): (Vec<_>, Vec<_>) = diagnostic.labels.iter().enumerate().partition(|(index, _)| *index == place);
    let located = |labels: Vec<(usize, &Label)>| -> Vec<Value> {
        labels.into_iter().map(|(_, label)| location(label, places)).collect()
    };
    let text = match &diagnostic.help {
        Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = json!({
        "ruleId": diagnostic.code.slug(),
        "ruleIndex": rule,
        "level": severity(diagnostic),
        "message": { "text": text },
        "locations": located(here),
        "relatedLocations": located(others),
    });
    if let Some(fix) = &diagnostic.fix {
        result["fixes"] = json!([changes(fix, places)]);
    }
    result
}

fn location(label: &Label, places: &Places) -> Value {
    let range = places.range(label.loc);
    let mut location =
        json!({ "physicalLocation": { "artifactLocation": artifact(&range), "region": region(&range) } });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn changes(fix: &Fix, places: &Places) -> Value {
    let mut files: BTreeMap<String, (Value, Vec<Value>)> = BTreeMap::new();
    for edit in &fix.edits {
        let range = places.range(edit.loc);
        let (_, replacements) = files.entry(range.file.clone()).or_insert_with(|| (artifact(&range), Vec::new()));
        replacements.push(json!({ "deletedRegion": region(&range), "insertedContent": { "text": edit.text } }));
    }
    let changes: Vec<Value> = files
        .into_values()
        .map(|(file, replacements)| json!({ "artifactLocation": file, "replacements": replacements }))
        .collect();
    json!({ "description": { "text": fix.title }, "artifactChanges": changes })
}

fn artifact(range: &Range) -> Value {
    json!({ "uri": uri(&range.file) })
}

fn region(range: &Range) -> Value {
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
        "byteOffset": range.start.offset,
        "byteLength": range.end.offset - range.start.offset,
    })
}

/// A path as a URI: all but letters, digits and a few marks percent-encoded, so that no name can be more than a path.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    if path.starts_with('/') { format!("file://{uri}") } else { uri }
}
