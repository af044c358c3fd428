//! Label sets: inline, or from a file.

use crate::cx::{At, Cx};
use crate::names::DefKind;
use crate::ty::LabelSet;
use mu_base::{Code, Diagnostic, Loc, Span};
use mu_syntax::ast::{ItemKind, LabelSource};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads all label sets.
pub fn collect(cx: &mut Cx) {
    let names = cx.names;
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Labels) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Labels { name, source } = &tree.kind else { continue };
        if let Some(labels) = read(cx, at, source) {
            if labels.is_empty() {
                let loc = cx.loc(at, name.span);
                cx.report(Diagnostic::error(Code::BadLiteral, "a label set needs a label").at(loc, "this has none"));
                continue;
            }
            cx.labels.insert(id, Arc::new(LabelSet::new(&def.name, labels)));
        }
    }
}

/// The labels in the order of the source, each once; `None` where they cannot be read.
pub fn read(cx: &mut Cx, at: At, source: &LabelSource) -> Option<Vec<String>> {
    let (labels, places): (Vec<String>, Vec<Span>) = match source {
        LabelSource::Inline(list) => list.iter().map(|s| (s.text.clone(), s.span)).unzip(),
        LabelSource::File(path) => {
            let loc = cx.loc(at, path.span);
            let bytes = match cx.read(at.module, &path.text) {
                Ok((_, bytes)) => bytes,
                Err(error) => {
                    cx.file_missing(loc, &path.text, &error);
                    return None;
                }
            };
            let labels = match parse(&bytes) {
                Ok(labels) => labels,
                Err(why) => {
                    bad(cx, loc, &path.text, &why);
                    return None;
                }
            };
            let places = vec![path.span; labels.len()];
            (labels, places)
        }
    };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut out = Vec::with_capacity(labels.len());
    for (label, span) in labels.iter().zip(&places) {
        if seen.insert(label) {
            out.push(label.clone());
        } else {
            let loc = cx.loc(at, *span);
            cx.report(
                Diagnostic::error(Code::DuplicateLabel, format!("`{label}` stands twice"))
                    .at(loc, "a second time here"),
            );
        }
    }
    Some(out)
}

fn bad(cx: &mut Cx, loc: Loc, path: &str, why: &str) {
    cx.report(
        Diagnostic::error(Code::BadData, format!("`{path}` holds no labels: {why}"))
            .at(loc, "named here")
            .help("a JSON list of texts, a JSON object from index to text (`id2label`), or one label a line"),
    );
}

/// A JSON list, a JSON object from index to label (or with one under `id2label`), or one label a line.
fn parse(bytes: &[u8]) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_string())?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with(['[', '{']) {
        return Ok(text.lines().map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect());
    }
    let value: serde_json::Value = serde_json::from_str(start).map_err(|e| e.to_string())?;
    let value = match value.get("id2label") {
        Some(inner) => inner.clone(),
        None => value,
    };
    let text_of = |v: &serde_json::Value| v.as_str().map(str::to_string).ok_or("a label is no text".to_string());
    match value {
        serde_json::Value::Array(list) => list.iter().map(text_of).collect(),
        serde_json::Value::Object(map) => {
            let mut numbered: Vec<(u64, String)> = Vec::new();
            for (key, value) in &map {
                let index = key.parse().map_err(|_| format!("`{key}` is no index"))?;
                numbered.push((index, text_of(value)?));
            }
            numbered.sort();
            if numbered.iter().enumerate().any(|(i, (n, _))| i as u64 != *n) {
                return Err("the indices are not 0, 1, 2 and so on".to_string());
            }
            Ok(numbered.into_iter().map(|(_, label)| label).collect())
        }
        _ => Err("it is neither a list nor an object".to_string()),
    }
}
