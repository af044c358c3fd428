//! Lists of labels: read from files, and settled between what the user says, what the model carries and what the project declares.

use serde_json::Value;
use std::collections::BTreeSet;

/// A JSON list of texts, a JSON object from index to text (also below `id2label`), or one label a line. In the order of the
/// model's outputs.
pub fn parse(bytes: &[u8]) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with(['[', '{']) {
        return Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let value = value.get("id2label").unwrap_or(&value);
    let texts: Option<Vec<(usize, &str)>> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(i, label)| Some((i, label.as_str()?))).collect(),
        Value::Object(map) => map.iter().map(|(i, label)| Some((i.parse().ok()?, label.as_str()?))).collect(),
        _ => None,
    };
    let mut texts = texts.ok_or("it is neither a list of texts nor an object from index to text")?;
    texts.sort();
    if !texts.iter().map(|(i, _)| *i).eq(0..texts.len()) {
        return Err("its indices are no row from 0 on".into());
    }
    Ok(texts.into_iter().map(|(_, label)| label.to_owned()).collect())
}

/// Gives labels that stand twice a number, since each class has a label of its own; returns those.
pub fn distinguish(labels: &mut [String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut doubled = Vec::new();
    for label in labels.iter_mut() {
        if !seen.insert(label.clone()) {
            let number = (2..).find(|n| !seen.contains(&format!("{label} ({n})"))).unwrap_or(2);
            doubled.push(label.clone());
            *label = format!("{label} ({number})");
            seen.insert(label.clone());
        }
    }
    doubled
}

/// Whether labels are nothing but the numbers of their places.
pub fn are_numbers(labels: &[String]) -> bool {
    labels.iter().enumerate().all(|(i, label)| *label == i.to_string())
}

/// A text as the language writes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_from_lists_objects_and_lines() {
        let expected = Ok(vec!["cat".to_owned(), "dog".to_owned()]);
        for text in [
            "[\"cat\", \"dog\"]",
            "{\"1\": \"dog\", \"0\": \"cat\"}",
            "{\"id2label\": {\"0\": \"cat\", \"1\": \"dog\"}}",
            "cat\ndog\n",
        ] {
            assert_eq!(parse(text.as_bytes()), expected);
        }
        assert!(parse(b"{\"0\": \"cat\", \"2\": \"dog\"}").is_err());
        assert!(parse(b"[1]").is_err());
    }

    #[test]
    fn doubled_labels_get_a_number() {
        let mut labels = ["crane", "heron", "crane", "crane"].map(str::to_owned);
        assert_eq!(distinguish(&mut labels), ["crane", "crane"]);
        assert_eq!(labels, ["crane", "heron", "crane (2)", "crane (3)"]);
    }
}
