//! Models from other tools: added with one command, run, and equal to their source; what is made to harm leaves the catalog as it
//! was; and each rewriting keeps what a model computes.

use mu_onnx::Limits;
use mu_onnx::edit::{Edit, FASTER, NEEDED};
use mu_tests::cases::lay;
use mu_tests::{files_below, made, python, root, tools};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The models, made once.
fn models() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = made().join("add/models");
        fs::create_dir_all(&folder).unwrap();
        let output = script(&["make", folder.to_str().unwrap()]);
        assert!(output.status.success(), "{}", tools::said(&output));
        folder
    })
}

fn script(arguments: &[&str]) -> Output {
    let script = root().join("tests/support/export.py");
    Command::new(python::bin().join("python")).arg(script).args(arguments).output().unwrap()
}

/// A project of the test's own.
fn project(test: &str) -> PathBuf {
    let folder = made().join("add").join(test);
    lay(&folder, &[]);
    for part in ["src", "models"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    fs::write(folder.join("mu.toml"), "[project]\nname = \"added\"\n").unwrap();
    fs::write(folder.join("src/main.mu"), "").unwrap();
    folder
}

fn add(project: &Path, arguments: &[&str]) -> Output {
    let python = python::bin().join("python");
    let all = [&["models", "add"], arguments, &["--license", "MIT", "--python", python.to_str().unwrap()]].concat();
    tools::mulc(project, &all)
}

fn path(model: &str) -> String {
    models().join(model).to_str().unwrap().to_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Adds a classifier, runs it on 200 rows, and holds every score against the source's.
fn equals_its_source(name: &str, more: &[&str]) {
    let project = project(name);
    let model = path(&format!("{name}.onnx"));
    let output = add(&project, &[&[model.as_str(), "--task", "tabular-classification", "--json"], more].concat());
    assert!(output.status.success(), "{}", tools::said(&output));
    let added: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(added["todo"], Value::Null);
    assert!(added["gate"]["samples"].as_u64().unwrap() > 0);

    let capital = name[..1].to_uppercase() + &name[1..];
    let main = format!(
        "use std.tabular\nuse catalog.{name}\n\nslot judge: tabular_classification<{capital}Row, {capital}Label> {{\n    \
         require license == MIT\n}}\n\nfn judge_all(rows: List<{capital}Row, 200>) -> List<Ranking<{capital}Label>, 200> {{\n    \
         for row in rows {{\n        judge(row)\n    }}\n}}\n"
    );
    fs::write(project.join("src/main.mu"), main).unwrap();
    let rows = format!("rows=@{}", path("rows.json"));
    let output = tools::mulc(&project, &["run", ".", "judge_all", "--input", &rows]);
    assert!(output.status.success(), "{}", tools::said(&output));
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json(&models().join("expected.json"))[name].as_array().unwrap().clone();
    assert_eq!((answers.len(), expected.len()), (200, 200));
    for (row, (answer, expected)) in answers.iter().zip(&expected).enumerate() {
        let score = |label: &str| expected[label].as_f64().unwrap();
        let best = expected.as_object().unwrap().keys().map(|label| score(label)).fold(0.0, f64::max);
        assert!(
            (score(answer[0]["label"].as_str().unwrap()) - best).abs() < 1e-5,
            "row {row}: {answer} against {expected}"
        );
        for entry in answer.as_array().unwrap() {
            let known = score(entry["label"].as_str().unwrap());
            assert!((entry["score"].as_f64().unwrap() - known).abs() < 1e-5, "row {row}: {answer} against {expected}");
        }
    }
}

#[test]
fn a_logistic_regression_behind_a_scaler_equals_its_source() {
    equals_its_source("logreg", &[]);
}

#[test]
fn a_random_forest_equals_its_source() {
    equals_its_source("forest", &[]);
}

#[test]
fn a_net_with_its_weights_in_another_file_equals_its_source() {
    equals_its_source("net", &["--labels", &path("labels.json")]);
    let card = fs::read_to_string(made().join("add/net/models/net.mu")).unwrap();
    assert!(card.contains("net.onnx.data"), "the card names the file of weights:\n{card}");
}

#[test]
fn a_quantised_softmax_that_the_runtime_breaks_is_caught() {
    let project = project("trap");
    let asked = [&path("trap.onnx"), "--task", "tabular-classification", "--labels", &path("labels.json")];
    let output = add(&project, &asked);
    assert_eq!(output.status.code(), Some(1), "{}", tools::said(&output));
    assert!(tools::said(&output).contains("answers otherwise"), "{}", tools::said(&output));
    assert!(files_below(&project.join("models")).is_empty());
    let output = add(&project, &[&asked[..], &["--float"]].concat());
    assert!(output.status.success(), "{}", tools::said(&output));
}

#[test]
fn nothing_is_stored_without_a_comparison_unless_that_is_asked_for() {
    let project = project("ungated");
    let logreg = path("logreg.onnx");
    let asked = ["models", "add", logreg.as_str(), "--task", "tabular-classification", "--python", "no-such-python"];
    let output = tools::mulc(&project, &asked);
    assert_eq!(output.status.code(), Some(1));
    assert!(tools::said(&output).contains("--no-gate"), "{}", tools::said(&output));
    assert!(files_below(&project.join("models")).is_empty());
    let output = tools::mulc(&project, &[&asked[..], &["--no-gate"]].concat());
    assert!(output.status.success(), "{}", tools::said(&output));
    assert!(!project.join("models/evidence/logreg.toml").exists());
}

#[test]
fn what_is_made_to_harm_leaves_the_catalog_as_it_was() {
    let project = project("hostile");
    let first = add(&project, &[&path("logreg.onnx"), "--task", "tabular-classification"]);
    assert!(first.status.success(), "{}", tools::said(&first));
    let state = || -> Vec<(PathBuf, Vec<u8>)> {
        files_below(&project.join("models")).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    };
    let before = state();
    let own = made().join("add/hostile-files");
    fs::create_dir_all(own.join("many")).unwrap();
    fs::copy(path("net.onnx"), own.join("alone.onnx")).unwrap();
    fs::write(own.join("zip.onnx"), b"PK\x03\x04 and so on").unwrap();
    fs::write(own.join("tar.onnx"), [&b"model.pt\0"[..], &[0; 600]].concat()).unwrap();
    fs::copy(path("half.onnx"), own.join("many/a.onnx")).unwrap();
    fs::copy(path("half.onnx"), own.join("many/b.onnx")).unwrap();
    let own = |file: &str| own.join(file).to_str().unwrap().to_owned();
    let labels = path("labels.json");
    for (file, more, said) in [
        (own("alone.onnx"), &[][..], "keeps weights in `net.onnx.data`, which is not beside it"),
        (path("escape.onnx"), &[], "outside of its folder"),
        (path("circle.onnx"), &[], "runs in a circle"),
        (own("zip.onnx"), &[], "a zip archive"),
        (own("tar.onnx"), &[], "not an ONNX model"),
        (own("many"), &[], "several models"),
        (own("nowhere.onnx"), &[], "cannot be read"),
        (path("logreg.onnx"), &[], "the project has `logreg` already"),
        (path("forest.onnx"), &["--name", "../../x"], "is no name for a model"),
        (path("forest.onnx"), &["--name", "logreg"], "the project has `logreg` already"),
        (path("forest.onnx"), &["--task", "no-such-task"], "there is no task"),
        (path("net.onnx"), &["--task", "tabular-classification"], "the labels of the model are not known"),
        (path("paths.onnx"), &["--task", "tabular-classification", "--labels", &labels], "there are 3 labels"),
    ] {
        let task = if more.contains(&"--task") { &[][..] } else { &["--task", "tabular-classification"] };
        let output = add(&project, &[&[file.as_str()], more, task].concat());
        assert_eq!(output.status.code(), Some(1), "{file}: {}", tools::said(&output));
        assert!(tools::said(&output).contains(said), "{file}: {}", tools::said(&output));
        assert_eq!(state(), before, "{file} changed the catalog");
    }
}

#[test]
fn a_model_of_ten_thousand_nodes_is_added_or_refused_with_a_reason() {
    let project = project("long");
    let output = add(&project, &[&path("long.onnx"), "--task", "tabular-regression"]);
    match output.status.code() {
        Some(0) => assert!(project.join("models/long.mu").exists()),
        Some(1) => assert!(files_below(&project.join("models")).is_empty(), "{}", tools::said(&output)),
        _ => panic!("{}", tools::said(&output)),
    }
}

#[test]
fn a_folder_of_a_hub_brings_its_license_and_claims_and_broken_yaml_is_a_warning() {
    let project = project("hub");
    let folder = made().join("add/hub-folder");
    lay(&folder, &[]);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(path("logreg.onnx"), folder.join("model.onnx")).unwrap();
    let readme = "---\npipeline_tag: tabular-classification\nlicense: apache-2.0\nmodel-index:\n- name: iris\n  results:\n  - dataset: {name: Iris}\n    metrics: [{type: accuracy, value: 0.96}]\n---\n";
    fs::write(folder.join("README.md"), readme).unwrap();
    let python = python::bin().join("python");
    let asked = |name: &str| {
        let arguments =
            ["models", "add", folder.to_str().unwrap(), "--name", name, "--python", python.to_str().unwrap(), "--json"];
        let task = if name == "broken" { &["--task", "tabular-classification"][..] } else { &[] };
        tools::mulc(&project, &[&arguments[..], task].concat())
    };
    let output = asked("whole");
    assert!(output.status.success(), "{}", tools::said(&output));
    let card = fs::read_to_string(project.join("models/whole.mu")).unwrap();
    assert!(card.contains("license Apache-2.0") && card.contains("accuracy = 0.96 on Iris"), "{card}");
    fs::write(folder.join("README.md"), "---\nlicense: [mit\npipeline_tag: a: b\n---\n").unwrap();
    let output = asked("broken");
    assert!(output.status.success(), "{}", tools::said(&output));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("README.md is left out") && said.contains("line"), "{said}");
}

#[test]
fn each_rewriting_keeps_what_a_model_computes() {
    // The largest difference that is allowed: of 8 bits, a step's.
    for (file, pass, allowed) in [
        ("logreg", "zipmap", 0.0),
        ("logreg", "labels", 0.0),
        ("logreg", "linear", 1e-5),
        ("logreg", "columns", 1e-5),
        ("forest", "trees", 0.0),
        ("line", "linear", 1e-4),
        ("trees", "trees", 1e-5),
        ("half", "half", 1e-5),
        ("norm", "norm", 1e-3),
        ("quantised", "quantised", 0.6),
        ("dynamic", "quantised", 0.6),
    ] {
        let before = models().join(format!("{file}.onnx"));
        let mut edit = Edit::open(&fs::read(&before).unwrap(), &Limits::default()).unwrap();
        let all = NEEDED.iter().chain(FASTER);
        // The passes of a table's models build on each other.
        let needed = all.clone().take_while(|p| p.name != pass).filter(|p| NEEDED.iter().any(|n| n.name == p.name));
        let (file_is_sklearn, mut from) = (["logreg", "forest", "line", "trees"].contains(&file), before.clone());
        if file_is_sklearn {
            for earlier in needed {
                edit.apply(earlier);
            }
            from = made().join(format!("add/{file}-before-{pass}.onnx"));
            fs::write(&from, edit.to_bytes()).unwrap();
        }
        assert!(edit.apply(all.clone().find(|p| p.name == pass).unwrap()), "{pass} changes nothing in {file}");
        let after = made().join(format!("add/{file}-after-{pass}.onnx"));
        fs::write(&after, edit.to_bytes()).unwrap();
        let output = script(&["compare", from.to_str().unwrap(), after.to_str().unwrap()]);
        assert!(output.status.success(), "{file}, {pass}: {}", tools::said(&output));
        let largest: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
        assert!(largest <= allowed, "{pass} changes {file} by {largest}");
    }
}
