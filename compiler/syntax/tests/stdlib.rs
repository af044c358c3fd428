//! The standard library parses without a diagnostic.

use mu_base::FileId;
use mu_syntax::{Cache, ast::ItemKind, dump, parse};
use std::path::Path;

#[test]
fn the_standard_library_parses_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "mu") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let file = parse(FileId(0), &text, &mut Cache::default());
        assert!(file.diagnostics.is_empty(), "{}: {:#?}", path.display(), file.diagnostics);
        assert!(!file.docs.is_empty(), "{} has no module doc", path.display());
        assert!(!file.items.iter().any(|item| matches!(item.tree.kind, ItemKind::Broken { .. })));
        assert!(!dump(&file).is_empty());
        seen += 1;
    }
    assert!(seen >= 7);
}
