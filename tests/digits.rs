//! The digit example against onnxruntime, on a hundred pictures that no model was trained on: the same ranking whether they are
//! grey, RGB or RGBA, and the guard of `read_digit` applied to the same probabilities.

use mu_tests::cases::{copy, lay};
use mu_tests::{made, python, root, some, tools};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[derive(Deserialize)]
struct Digit {
    /// By mode: `L`, `RGB`, `RGBA`.
    files: BTreeMap<String, String>,
    scores: Vec<f64>,
}

impl Digit {
    /// The likeliest digit and its score.
    fn best(&self) -> (usize, f64) {
        let scores = self.scores.iter().copied().enumerate();
        scores.reduce(|best, next| if next.1 > best.1 { next } else { best }).unwrap()
    }
}

/// The pictures and what onnxruntime says of them with the model that the project's lock names.
fn digits(project: &Path, out: &Path) -> Vec<Digit> {
    let lock: toml::Table = toml::from_str(&fs::read_to_string(project.join("mu.lock")).unwrap()).unwrap();
    // Functions that ask different things of a slot have it each: `rank_digit.reader`.
    let slots = lock["slot"].as_table().unwrap();
    let models: BTreeSet<&str> = slots.values().map(|slot| slot["model"].as_str().unwrap()).collect();
    assert_eq!(models.len(), 1, "{models:?}");
    let model = models.first().unwrap().replace('_', "-");
    let model = root().join(format!("examples/digits/models/{model}.onnx"));
    let mut command = Command::new(python::bin().join("python"));
    command.arg(root().join("tests/support/digits.py")).arg(root().join("tests/data/mnist")).arg(model).arg(out);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", tools::said(&done));
    some(serde_json::from_slice(&done.stdout).unwrap(), "digits")
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", tools::said(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fits(ranking: &Value, digit: &Digit, what: &str) {
    let ranking = ranking.as_array().unwrap();
    assert_eq!(ranking[0]["label"], json!(digit.best().0.to_string()), "{what}");
    assert_eq!(ranking.len(), digit.scores.len());
    for scored in ranking {
        let label: usize = scored["label"].as_str().unwrap().parse().unwrap();
        let off = (scored["score"].as_f64().unwrap() - digit.scores[label]).abs();
        assert!(off <= 1e-4, "{what}: the score of {label} is off by {off}");
    }
}

#[test]
fn every_digit_is_ranked_as_onnxruntime_ranks_it() {
    let example = root().join("examples/digits");
    let project = copy(&example, "oracle", &fs::read(example.join("src/main.mu")).unwrap());
    let built = tools::mulc(&project, &["run", "rank_digit", "--input", "image=@pictures/seven.png"]);
    assert!(built.status.success(), "{}", tools::said(&built));
    let bundle = project.join(".mulc/run/rank_digit");
    let pictures = made().join("digits");
    lay(&pictures, &[(".keep".into(), Vec::new())]);
    let digits = digits(&project, &pictures);
    assert_eq!(digits.len(), 100);
    for (index, digit) in digits.iter().enumerate() {
        for (turn, (mode, file)) in digit.files.iter().enumerate() {
            let input = format!("image=@{file}");
            // Each picture goes the whole way once, in one of the modes; the others go through the bundle that this made.
            let ranking = match index % 3 == turn {
                true => json(&tools::mulc(&project, &["run", "rank_digit", "--input", &input])),
                false => json(&call(&bundle, "rank_digit", &input)),
            };
            fits(&ranking, digit, &format!("picture {index} as {mode}"));
        }
        let (label, score) = digit.best();
        let guarded = if score >= 0.8 { json!(label.to_string()) } else { Value::Null };
        let file = format!("image=@{}", digit.files["L"]);
        assert_eq!(json(&call(&bundle, "read_digit", &file)), guarded, "picture {index}");
    }
}

fn call(bundle: &Path, function: &str, input: &str) -> Output {
    Command::new(bundle.join("bootstrap")).args(["call", function, "--input", input]).output().unwrap()
}
