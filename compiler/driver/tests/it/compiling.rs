//! The compiled program, the lock and the bundle.

use crate::project::*;
use mu_base::Code;
use mu_driver::{Entry, LOCK, Options, Stage, Target, arch, bundle, compile, dump};

const DEPLOY: &str = "deploy species {\n    target local\n    maximize accuracy\n}\n";

fn slot(card: &str) -> Vec<(String, String)> {
    vec![("botanist".to_string(), card.to_string())]
}

#[test]
fn without_an_objective_the_smallest_model_is_chosen() {
    assert_eq!(Project::with("    require accuracy >= 90%", "").chosen(), slot("logreg"));
}

#[test]
fn the_slots_objective_serves_and_the_deployments_comes_first() {
    let own = "    maximize accuracy";
    assert_eq!(Project::with(own, "").chosen(), slot("mlp"));
    let deploy = DEPLOY.replace("maximize accuracy", "minimize latency.p95");
    assert_eq!(Project::with(own, &deploy).chosen(), slot("logreg"));
}

#[test]
fn the_same_project_gives_the_same_bundle_to_the_byte() {
    let contents = || {
        let files = bundle(&Project::with("", DEPLOY).compiled(), Target::Local, b"runtime".to_vec()).unwrap();
        files.into_iter().map(|(path, file)| (path, file.bytes.to_vec())).collect::<Vec<_>>()
    };
    let first = contents();
    let paths: Vec<&str> = first.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths.len(), 5, "{paths:?}");
    assert!(["bom.cdx.json", "bootstrap", "bundle.json", "plan.bin"].iter().all(|path| paths.contains(path)));
    assert_eq!(first, contents());
}

#[test]
fn the_lock_is_written_once_kept_and_held() {
    let mut project = Project::with("    require accuracy >= 90%", DEPLOY);
    let lock = project.compiled().lock.unwrap().text;
    assert!(lock.contains("model = \"mlp\""), "{lock}");
    project.0.insert(LOCK.to_string(), lock.clone().into_bytes());
    assert_eq!(project.compiled().lock, None);

    let mut changed = Project::with("    require license in [MIT]", DEPLOY);
    changed.0.insert(LOCK.to_string(), lock.into_bytes());
    let report = compile(&changed.input(), Entry::All, &Options { locked: true });
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!(found.code, Code::LockChanged);
    assert!(found.message.contains("`botanist` was filled by `mlp` and would be by `logreg`"), "{}", found.message);
    assert!(changed.compiled().lock.is_some());
}

#[test]
fn the_lock_does_not_depend_on_the_function_that_is_run() {
    let project =
        Project::with("", &format!("fn other(f: Flower) -> bool {{\n    species(f) == \"setosa\"\n}}\n{DEPLOY}"));
    let lock = |entry| compile(&project.input(), entry, &Options::default()).value.unwrap().lock;
    assert_eq!(lock(Entry::All), lock(Entry::Function("other")));
}

#[test]
fn a_lock_that_cannot_be_read_is_an_error() {
    let mut project = Project::with("", "");
    project.0.insert(LOCK.to_string(), b"version = 99\n".to_vec());
    assert_eq!(project.compile().diagnostics[0].code, Code::BadLock);
}

#[test]
fn a_model_without_its_file_cannot_be_built() {
    let mut project = Project::with("    require accuracy >= 97%", "");
    project.0.remove("models/mlp.onnx");
    let report = project.compile();
    assert!(report.value.is_none());
    assert!(report.diagnostics.iter().any(|d| d.is_error() && d.code == Code::FileMissing));
}

#[test]
fn an_unknown_function_gets_the_nearest_name() {
    let report = compile(&Project::with("", "").input(), Entry::Function("speces"), &Options::default());
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!((found.code, found.help.as_deref()), (Code::UnknownName, Some("did you mean `species`?")));
}

#[test]
fn two_entries_may_choose_differently_for_one_slot() {
    let rest = "fn quick(flower: Flower) -> Species {\n    species(flower)\n}\n\
                deploy species {\n    target local\n    maximize accuracy\n}\n\
                deploy quick {\n    target local\n    minimize latency.p95\n}\n";
    let compiled = Project::with("", rest).compiled();
    let names: Vec<&str> = compiled.program.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["card.mlp", "species", "card.logreg", "species.2", "quick"]);
    assert_eq!(compiled.models.len(), 2);
    let lock = compiled.lock.unwrap().text;
    assert!(lock.contains("[slot.\"quick.botanist\"]") && lock.contains("[slot.\"species.botanist\"]"), "{lock}");
}

#[test]
fn a_constant_may_call_a_slot_and_is_evaluated_into_the_program() {
    let rest = format!(
        "const known: Species = species({SETOSA})\nfn is_known(f: Flower) -> bool {{\n    species(f) == known\n}}\n"
    );
    let compiled = Project::with("", &rest).compiled();
    assert_eq!(compiled.program.constants.len(), 1);
    assert_eq!(compiled.program.constants[0].value, mu_format::value::Value::Label(0));
}

#[test]
fn every_stage_has_a_printed_form() {
    let project = Project::with("", DEPLOY);
    for stage in Stage::ALL {
        let report = dump(&project.input(), stage, Entry::All);
        assert_eq!(Stage::from_name(stage.name()), Some(stage));
        let text = report.value.unwrap_or_else(|| panic!("{}: {:?}", stage.name(), report.diagnostics));
        assert!(text.len() > 20, "{}: {text}", stage.name());
    }
}

#[test]
fn the_bundle_names_the_processor_of_its_runtime() {
    let elf = |machine: u8| [b"\x7fELF".as_slice(), &[0; 14], &[machine, 0]].concat();
    assert_eq!((arch(&elf(62)), arch(&elf(183)), arch(b"text")), (Some("x86_64"), Some("aarch64"), None));
    let files = bundle(&Project::with("", DEPLOY).compiled(), Target::Lambda, elf(183)).unwrap();
    let manifest = String::from_utf8(files["bundle.json"].bytes.to_vec()).unwrap();
    assert!(manifest.contains("\"arch\": \"aarch64\""), "{manifest}");
}

#[test]
fn a_model_that_the_engine_cannot_read_is_refused_at_its_card() {
    let mut project = Project::with("    require license in [MIT]", DEPLOY);
    let good = project.0["models/logreg.onnx"].clone();
    // The name of the input inside the graph: the node now reads a tensor that nothing gives.
    let place = good.windows(5).rposition(|part| part == b"input").unwrap();
    let mut bad = good.clone();
    bad[place] = b'o';
    let card = String::from_utf8(project.0["models/irises.mu"].clone()).unwrap();
    let hash = mu_format::bundle::sha256;
    project.0.insert("models/irises.mu".into(), card.replace(&hash(&good), &hash(&bad)).into_bytes());
    project.0.insert("models/logreg.onnx".into(), bad);
    let report = project.compile();
    assert!(report.value.is_none());
    assert!(report.diagnostics.iter().all(|found| !found.labels.is_empty()), "{:?}", report.diagnostics);
}

#[test]
fn a_choice_that_moves_is_told_and_a_broken_lock_is_shown() {
    let lock = Project::with("    require accuracy >= 97%", DEPLOY).compiled().lock.unwrap();
    assert_eq!(lock.moved, [""; 0]);
    let mut changed = Project::with("    require license in [MIT]", DEPLOY);
    changed.0.insert(LOCK.to_string(), lock.text.into_bytes());
    assert_eq!(changed.compiled().lock.unwrap().moved, ["`botanist` mlp -> logreg"]);
    let report = compile(&changed.input(), Entry::All, &Options { locked: true });
    assert_eq!(labels(&report, &report.diagnostics[0]), [("[slot.botanist]".into(), "this is pinned".to_string())]);
    changed.0.insert(LOCK.to_string(), b"version = 1\n[slot.botanist]\nmodel = 7\n".to_vec());
    let report = changed.compile();
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!(found.code, Code::BadLock);
    assert!(!found.message.contains('\n') && labels(&report, found)[0].0 == "7", "{found:?}");
}
