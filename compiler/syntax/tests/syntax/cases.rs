//! Every file of `programs/`, `mistakes/` and the standard library.

use crate::render::{parsed, report};
use mu_syntax::{ast::ItemKind, dump};
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "mu"));
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn the_standard_library_parses_clean() {
    for (name, text) in files("../../stdlib") {
        let file = parsed(&text);
        assert!(file.diagnostics.is_empty(), "{name}\n{}", report(&text, &file.diagnostics));
        assert!(!file.docs.is_empty(), "{name} has no doc comment");
    }
}

#[test]
fn programs_parse_to_these_trees() {
    for (name, text) in files("tests/programs") {
        let file = parsed(&text);
        assert!(file.diagnostics.is_empty(), "{name}\n{}", report(&text, &file.diagnostics));
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("program_{name}"), dump(&file));
        });
    }
}

#[test]
fn the_printed_form_parses_to_the_same_trees() {
    for (name, text) in files("tests/programs").into_iter().chain(files("../../stdlib")) {
        let without_places = |text: &str| {
            let printed = dump(&parsed(text));
            printed.lines().filter(|line| !line.starts_with("// ")).collect::<Vec<_>>().join("\n")
        };
        let once = without_places(&text);
        let file = parsed(&once);
        assert!(file.diagnostics.is_empty(), "{name}\n{}", report(&once, &file.diagnostics));
        assert_eq!(without_places(&once), once, "{name}");
    }
}

#[test]
fn mistakes_get_these_messages() {
    for (name, text) in files("tests/mistakes") {
        let file = parsed(&text);
        assert!(!file.diagnostics.is_empty(), "{name} has no mistake");
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("mistake_{name}"), report(&text, &file.diagnostics));
        });
    }
}

#[test]
fn a_mistake_breaks_its_item_alone() {
    for (name, text) in files("tests/mistakes") {
        let good = "record Before { x: f32 }\n\n";
        let file = parsed(&format!("{good}{text}\nfn after() -> bool {{ true }}\n"));
        assert!(matches!(file.items.first().unwrap().tree.kind, ItemKind::Record { .. }), "{name}");
        assert!(matches!(file.items.last().unwrap().tree.kind, ItemKind::Fn(_)), "{name}");
    }
}
