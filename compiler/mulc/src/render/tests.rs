//! Every format on one set of diagnostics: several files, letters beyond ASCII, a fix, no place at all.

use super::*;
use mu_base::{Code, FileId, Loc, Span};

fn loc(file: FileId, text: &str, sources: &Sources) -> Loc {
    let start = sources.get(file).text.find(text).unwrap();
    Loc { file, span: Span::new(start, start + text.len()) }
}

fn rendered(format: Format) -> String {
    let mut sources = Sources::default();
    let main = sources.add("src/main.mu", "// größer\nslot reader: t {\n    require größe, 5 MB\n}\n");
    let card = sources.add("../mo:dels/a b.mu", "model a: t {\n}\n");
    let diagnostics = [
        Diagnostic::error(Code::UnitMismatch, "`5 MB` is a size, but `größe` is a time")
            .at(loc(main, "5 MB", &sources), "a size")
            .because(loc(main, "größe,", &sources), "a time")
            .because(loc(card, "model a", &sources), "declared here")
            .help("100% sure: compare a time with a time")
            .fix("write a time", loc(main, "5 MB", &sources), "5 ms"),
        Diagnostic::warning(Code::BadLock, "the lock is odd"),
        Diagnostic::error(Code::UnclosedBlock, "`{` is not closed")
            .at(Loc { file: main, span: Span { start: 9999, end: 99999 } }, ""),
    ];
    format.render(&Report { sources: &sources, diagnostics: &diagnostics, folder: "pro" }, false)
}

#[test]
fn short_is_a_line_each() {
    assert_eq!(
        rendered(Format::Short),
        "pro/src/main.mu:3:20: error[unit-mismatch]: `5 MB` is a size, but `größe` is a time\n\
         warning[bad-lock]: the lock is odd\n\
         pro/src/main.mu:5:1: error[unclosed-block]: `{` is not closed\n"
    );
}

#[test]
fn github_annotations_are_escaped() {
    assert_eq!(
        rendered(Format::Github),
        "::error file=pro/src/main.mu,line=3,endLine=3,col=20,endColumn=24,title=unit-mismatch::`5 MB` is a size, but \
         `größe` is a time%0Ahelp: 100%25 sure: compare a time with a time\n\
         ::warning title=bad-lock::the lock is odd\n\
         ::error file=pro/src/main.mu,line=5,endLine=5,col=1,endColumn=1,title=unclosed-block::`{` is not closed\n"
    );
}

#[test]
fn json_is_an_object_a_line_with_lines_columns_and_bytes() {
    let text = rendered(Format::Json);
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    let first = &lines[0];
    assert_eq!(first["code"], "unit-mismatch");
    let primary = &first["labels"][0];
    assert_eq!(primary["file"], "pro/src/main.mu");
    assert_eq!(primary["start"], serde_json::json!({"line": 3, "column": 20, "offset": 50}));
    assert_eq!(first["labels"][2]["file"], "mo:dels/a b.mu");
    assert_eq!(first["fix"]["edits"][0]["text"], "5 ms");
    assert_eq!(first["fix"]["applicability"], "safe");
    assert_eq!(lines[1]["labels"], serde_json::json!([]));
    assert_eq!(lines[3], serde_json::json!({"kind": "summary", "errors": 2, "warnings": 1}));
}

#[test]
fn sarif_has_a_rule_for_each_code_and_encoded_paths() {
    let log: serde_json::Value = serde_json::from_str(&rendered(Format::Sarif)).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let first = &run["results"][0];
    assert_eq!(first["locations"].as_array().unwrap().len(), 1);
    assert_eq!(first["locations"][0]["physicalLocation"]["region"]["startColumn"], 20);
    let related = first["relatedLocations"].as_array().unwrap();
    assert_eq!(related[1]["physicalLocation"]["artifactLocation"]["uri"], "mo%3Adels/a%20b.mu");
    assert_eq!(first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "5 ms");
}

#[test]
fn people_see_the_source_of_every_file() {
    let text = rendered(Format::Human);
    for part in ["× error[unit-mismatch]: `5 MB` is a size", "[pro/src/main.mu:3:20]", "a time", "help: 100% sure"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(text.contains("fix: write `5 ms`") && text.contains("declared here") && text.contains("mo:dels/a b.mu"));
    assert!(text.contains("the lock is odd"));
    assert!(!text.contains('\x1b'));
}

#[test]
fn people_are_shown_the_first_hundred() {
    let diagnostics = vec![Diagnostic::error(Code::BadLock, "odd"); 103];
    let report = Report { sources: &Sources::default(), diagnostics: &diagnostics, folder: "" };
    let text = Format::Human.render(&report, false);
    assert_eq!(text.matches("error[bad-lock]: odd").count(), 100);
    assert!(text.ends_with("... and 3 more\n"), "{text}");
}

#[test]
fn the_summary_counts() {
    let error = || Diagnostic::error(Code::BadLock, "");
    let warning = || Diagnostic::warning(Code::BadLock, "");
    assert_eq!(summary(&[]), "no errors");
    assert_eq!(summary(&[error(), error(), warning()]), "2 errors, 1 warning");
    assert_eq!(summary(&[warning(), warning()]), "no errors, 2 warnings");
}
