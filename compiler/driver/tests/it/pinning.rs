//! What `mu.lock` holds, when a pinned choice stays, and how it is moved; the ML-BOM of what was chosen.

use crate::project::*;
use mu_base::Code;
use mu_driver::{Entry, LOCK, Options, check_with, compile, update};
use serde_json::Value;

/// `logreg` fits until its evidence is bad, and is the smaller.
fn pinned() -> Project {
    let mut project = Project::with("    require accuracy >= 94%", "");
    let lock = project.compiled().lock.unwrap();
    assert!(lock.text.contains("model = \"logreg\"") && lock.text.contains("proven = true"), "{}", lock.text);
    assert!(lock.text.contains("source = \"measured\"") && lock.text.contains("interval"), "{}", lock.text);
    project.0.insert(LOCK.into(), lock.text.into_bytes());
    project
}

fn only_mlp_at_first() -> Project {
    let mut project = Project::with("    require accuracy >= 94%", "");
    let logreg = project.0.remove(&mu_evidence::path("logreg")).unwrap();
    let lock = project.compiled().lock.unwrap();
    project.0.insert(LOCK.into(), lock.text.into_bytes());
    project.0.insert(mu_evidence::path("logreg"), logreg);
    project
}

#[test]
fn new_evidence_moves_nothing_by_itself_and_update_does() {
    let mut project = only_mlp_at_first();
    assert_eq!(project.chosen(), [("botanist".to_string(), "mlp".to_string())]);
    assert!(project.compiled().lock.unwrap().moved.is_empty());
    let updated = update(&project.input(), None).value.unwrap();
    let [moved] = updated.changes.as_slice() else { panic!("{updated:?}") };
    assert_eq!((moved.old.as_deref(), moved.new.as_deref()), (Some("mlp"), Some("logreg")));
    assert!(moved.why[0].starts_with("size is ") && moved.why[0].contains("with `mlp`"), "{:?}", moved.why);
    assert!(updated.catalog_changed);
    project.0.insert(LOCK.into(), updated.lock.unwrap().text.into_bytes());
    assert_eq!(project.chosen(), [("botanist".to_string(), "logreg".to_string())]);
    assert!(update(&project.input(), None).value.unwrap().changes.is_empty());
}

#[test]
fn another_question_is_answered_anew() {
    let mut project = pinned();
    let main = String::from_utf8(project.0["src/main.mu"].clone()).unwrap();
    project.0.insert("src/main.mu".into(), main.replace(">= 94%", ">= 97%").into_bytes());
    assert_eq!(project.compiled().lock.unwrap().moved, ["`botanist` logreg -> mlp"]);
    let report = check_with(&project.input(), &Options { locked: true });
    assert_eq!(report.diagnostics[0].code, Code::LockChanged);
    let why = update(&project.input(), Some("botanist")).value.unwrap().changes[0].why.join("\n");
    assert!(why.contains("requires or ranks otherwise") && why.contains("`logreg` is dropped"), "{why}");
}

#[test]
fn a_pinned_model_that_no_longer_fits_is_replaced_and_update_says_why() {
    let mut project = pinned();
    project.measured(&evidence("logreg", LOGREG, 4600, 20.0));
    assert_eq!(project.compiled().lock.unwrap().moved, ["`botanist` logreg -> mlp"]);
    let why = update(&project.input(), None).value.unwrap().changes[0].why.join("\n");
    assert!(why.contains("was 0.96 (measured) and is 0.92 (measured)"), "{why}");
    assert!(why.contains("`logreg` is dropped: accuracy on flowers = 92%, needs >= 94%"), "{why}");
}

#[test]
fn what_is_pinned_is_checked_without_the_weights() {
    let mut project = Project::with("    require accuracy >= 94%\n    require size <= 1 MB", "");
    let lock = project.compiled().lock.unwrap();
    project.0.insert(LOCK.into(), lock.text.into_bytes());
    project.0.retain(|path, _| !path.ends_with(".onnx"));
    let report = check_with(&project.input(), &Options { locked: true });
    assert!(!report.has_errors(), "{:?}", report.diagnostics);
}

#[test]
fn an_update_of_one_slot_leaves_the_others_and_says_where_that_cannot_be() {
    let main = |op: &str| {
        Project::new(&format!(
            "slot one: tabular_classification<Flower, Species> {{\n}}\n\
             slot two: tabular_classification<Flower, Species> {{\n    require two.accuracy on flowers {op} one.accuracy\n}}\n\
             fn both(flower: Flower) -> bool {{\n    top(one(flower)).label == top(two(flower)).label\n}}\n"
        ))
    };
    let mut project = main(">=");
    let lock = project.compiled().lock.unwrap();
    project.0.insert(LOCK.into(), lock.text.clone().into_bytes());
    let mut unequal = main(">");
    // Both are pinned to `logreg`: a better second one is found beside the first, but no worse first one beside the second.
    unequal.0.insert(LOCK.into(), lock.text.into_bytes());
    let updated = update(&unequal.input(), Some("two")).value.unwrap();
    assert_eq!(updated.changes[0].new.as_deref(), Some("mlp"));
    let report = update(&unequal.input(), Some("one"));
    assert_eq!(report.diagnostics[0].code, Code::NoModelFits);
    assert!(report.diagnostics[0].help.clone().unwrap().contains("stay as pinned"), "{:?}", report.diagnostics);
    let report = update(&unequal.input(), Some("tow"));
    assert_eq!(report.diagnostics[0].help.as_deref(), Some("did you mean `two`?"));
}

#[test]
fn a_lock_that_cannot_be_read_is_refused_and_update_writes_it_anew() {
    let mut project = pinned();
    project.0.insert(LOCK.into(), b"version = 99\n".to_vec());
    let report = compile(&project.input(), Entry::All, &Options::default());
    assert_eq!(report.diagnostics[0].help.as_deref(), Some("`mulc update` writes it anew"));
    assert!(update(&project.input(), None).value.unwrap().lock.is_some());
}

#[test]
fn the_bill_of_materials_names_models_licences_data_and_how_sure_the_figures_are() {
    let bom = pinned().compiled().bom.unwrap();
    assert_eq!(bom, pinned().compiled().bom.unwrap());
    let bom: Value = serde_json::from_str(&bom).unwrap();
    assert_eq!((bom["bomFormat"].as_str(), bom["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    let model = &bom["components"][0];
    assert_eq!(model["type"], "machine-learning-model");
    assert_eq!(model["licenses"][0]["expression"], "MIT");
    assert_eq!(model["hashes"][0]["content"], mu_format::bundle::sha256(LOGREG));
    let metric = &model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"][0];
    assert_eq!((metric["type"].as_str(), metric["value"].as_str()), (Some("accuracy"), Some("0.96")));
    assert!(metric["confidenceInterval"]["lowerBound"].as_str().unwrap().starts_with("0.95"), "{metric}");
    assert_eq!(bom["components"][1]["data"][0]["name"], "flowers");
    assert!(bom.get("serialNumber").is_none() && bom["metadata"].get("timestamp").is_none());
}
