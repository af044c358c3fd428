//! What a catalog says of itself (`models list`, `show`, `verify`, `outdated`, `index`), and why a slot is filled as it is
//! (`why`): on copies of the digit example's catalog, with programs of the test's own.

use mu_tests::{cases::lay, files_below, made, root, tools};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// One slot: two of seven models fit.
const ONE: &str = "\
use std.vision
use catalog.mnist

slot reader: image_classification<Digit> {
    require top1 on mnist_holdout >= 97%
}

fn read(image: Image) -> Digit {
    reader(image) |> top |> label_of
}

fn label_of(best: Scored<Digit>) -> Digit {
    best.label
}

deploy read {
    target   local
    minimize size
}
";

/// Two slots that share a budget: each alone could have the best model, both together cannot.
const TWO: &str = "\
use std.vision
use catalog.mnist

slot first: image_classification<Digit> {
    require top1 on mnist_holdout >= 94%
}

slot second: image_classification<Digit> {
    require top1 on mnist_holdout >= 94%
}

fn agree(image: Image) -> bool {
    let a = first(image) |> top
    let b = second(image) |> top
    a.label == b.label
}

deploy agree {
    target   local
    budget   size <= BUDGET kB
    maximize first.top1 on mnist_holdout + second.top1 on mnist_holdout
}
";

/// A project of the test's own with the models of the digit example.
fn project(test: &str, main: &str) -> PathBuf {
    let folder = made().join("explain").join(test);
    let digits = root().join("examples/digits");
    let read =
        |path: PathBuf| (path.strip_prefix(&digits).unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap());
    let mut files: Vec<(String, Vec<u8>)> = files_below(&digits.join("models")).into_iter().map(read).collect();
    files.push(("mu.toml".into(), b"[project]\nname = \"explained\"\n".to_vec()));
    files.push(("src/main.mu".into(), main.as_bytes().to_vec()));
    lay(&folder, &files);
    folder
}

fn mulc(folder: &Path, words: &[&str], status: i32) -> Output {
    let output = tools::mulc(folder, words);
    assert_eq!(output.status.code(), Some(status), "mulc {}\n{}", words.join(" "), tools::said(&output));
    output
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(folder: &Path, words: &[&str], status: i32) -> Value {
    serde_json::from_slice(&mulc(folder, words, status).stdout).unwrap()
}

fn names(listing: &Value) -> Vec<&str> {
    listing["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect()
}

#[test]
fn a_list_says_what_was_measured_and_asks_by_requirements() {
    let place = project("list", ONE);
    let all = json(&place, &["models", "list", "--json"], 0);
    assert_eq!(names(&all).len(), 7);
    let figures = all["models"][2]["figures"].as_array().unwrap();
    let top1 = figures.iter().find(|figure| figure["trait"] == "top1" && figure["source"] == "measured").unwrap();
    assert_eq!((top1["dataset"].as_str(), top1["samples"].as_u64()), (Some("mnist_holdout"), Some(2000)));
    assert!(top1["interval"][0].as_f64().unwrap() < top1["value"].as_f64().unwrap());
    assert!(text(&mulc(&place, &["models", "list"], 0)).contains("97.7%"));
    let asked =
        ["models", "list", "--task", "image_classification", "--require", "top1 on mnist_holdout >= 97%", "--json"];
    let found = json(&place, &asked, 0);
    assert_eq!(
        (names(&found), &found["of"], &found["from_index"]),
        (vec!["kcnn_32", "kcnn_96"], &7.into(), &false.into())
    );
    let smaller = [&asked[..6], &["--require", "size <= 100 kB", "--require", "license in [MIT]", "--json"]].concat();
    assert_eq!(names(&json(&place, &smaller, 0)), ["kcnn_32"]);
    for (wrong, said) in [
        ("top7 on mnist_holdout >= 97%", "did you mean `top1`?"),
        ("size <= 5 ms", "`size` is in byte"),
        ("size <= 5 MX", "there is no unit `MX`"),
        ("size", "write it as in a slot"),
    ] {
        let output = mulc(&place, &["models", "list", "--require", wrong], 1);
        assert!(tools::said(&output).contains(said), "{wrong}: {}", tools::said(&output));
    }
    assert!(
        tools::said(&mulc(&place, &["models", "list", "--task", "speech"], 1)).contains("image_classification<Digit>")
    );
}

#[test]
fn a_fresh_index_answers_as_the_cards_do_and_a_stale_one_is_left() {
    let place = project("index", ONE);
    let asked = ["models", "list", "--require", "top1 on mnist_holdout >= 95%", "--json"];
    let cards = json(&place, &asked, 0);
    mulc(&place, &["models", "index"], 0);
    let index = json(&place, &asked, 0);
    assert_eq!((&cards["models"], &index["from_index"]), (&index["models"], &true.into()));
    mulc(&place, &["models", "verify"], 0);
    // Another byte of the same length, a new card, a file that is gone: each is seen.
    let card = place.join("models/kcnn_32.mu");
    let old = fs::read_to_string(&card).unwrap();
    fs::write(&card, old.replace("license MIT", "license ISC")).unwrap();
    let changed = json(&place, &asked, 0);
    assert_eq!(changed["from_index"], false);
    assert_eq!(changed["models"][2]["license"], "ISC");
    let said = text(&mulc(&place, &["models", "verify"], 1));
    assert!(said.contains("models/index.mui") && said.contains("older than the catalog"), "{said}");
    fs::write(&card, &old).unwrap();
    assert_eq!(json(&place, &asked, 0)["from_index"], true, "the same bytes are the same card");
    fs::copy(&card, place.join("models/other.mu")).unwrap();
    assert_eq!(json(&place, &asked, 0)["from_index"], false);
    fs::remove_file(place.join("models/other.mu")).unwrap();
    fs::remove_file(place.join("models/evidence/kcnn_8.toml")).unwrap();
    assert_eq!(json(&place, &asked, 0)["from_index"], false);
    // A broken index is no answer.
    mulc(&place, &["models", "index"], 0);
    let path = place.join("models/index.mui");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(text(&mulc(&place, &["models", "verify"], 1)).contains("damaged"));
}

#[test]
fn verify_names_each_fault() {
    let place = project("verify", ONE);
    let sound = text(&mulc(&place, &["models", "verify"], 0));
    assert!(sound.contains("7 models") && sound.contains("no fault"), "{sound}");
    let edit = |path: &str, from: &str, to: &str| {
        let path = place.join(path);
        let old = fs::read_to_string(&path).unwrap();
        assert!(old.contains(from), "{from} in {}", path.display());
        fs::write(&path, old.replace(from, to)).unwrap();
    };
    edit("models/evidence/kcnn_32.toml", "value = 0.977", "value = 0.987");
    edit("models/kcnn_96.mu", "(probs: f32[N, 10])", "(probs: f32[N, 11])");
    fs::copy(place.join("models/evidence/logreg.toml"), place.join("models/evidence/stray.toml")).unwrap();
    let mut weights = fs::read(place.join("models/cnn-tiny.onnx")).unwrap();
    *weights.last_mut().unwrap() ^= 1;
    fs::write(place.join("models/cnn-tiny.onnx"), weights).unwrap();
    let mut data = fs::read(place.join("models/holdout.npz")).unwrap();
    *data.last_mut().unwrap() ^= 1;
    fs::write(place.join("models/holdout.npz"), data).unwrap();
    let found = json(&place, &["models", "verify", "--json"], 1);
    let faults: Vec<String> = found["faults"].as_array().unwrap().iter().map(Value::to_string).collect();
    for part in ["kcnn_32.toml", "seal", "kcnn_96.mu", "f32[N, 11]", "stray.toml", "cnn_tiny.mu", "holdout.npz"] {
        assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:#?}");
    }
    // Evidence of another file does not count, and is told.
    let shown = json(&place, &["models", "show", "kcnn_32", "--json"], 0);
    assert!(shown["notes"].to_string().contains("does not count"), "{shown}");
    assert_eq!(shown["evaluations"], Value::Array(Vec::new()));
}

#[test]
fn a_model_is_shown_with_its_claims_beside_what_was_measured() {
    let place = project("show", ONE);
    let shown = json(&place, &["models", "show", "kcnn_32", "--json"], 0);
    assert_eq!(shown["task"], "image_classification<Digit>");
    assert!(
        shown["evaluations"].as_array().unwrap().iter().any(|one| one["metric"] == "top1" && one["value"] == 0.977)
    );
    assert!(text(&mulc(&place, &["models", "show", "kcnn_32"], 0)).contains("mnist_holdout"));
    assert!(tools::said(&mulc(&place, &["models", "show", "kcnn_23"], 1)).contains("did you mean `kcnn_32`?"));
    let outdated = json(&place, &["models", "outdated", "--json"], 0);
    assert!(outdated["runtime"].as_str().unwrap().starts_with("mulc "));
    // The declared data changes: what was measured on the old one is out of date.
    let path = place.join("models/mnist.mu");
    let old = fs::read_to_string(&path).unwrap();
    let sha = old.split('"').find(|part| part.len() == 64).unwrap().to_owned();
    fs::write(&path, old.replace(&sha, &"0".repeat(64))).unwrap();
    let outdated = json(&place, &["models", "outdated", "--json"], 0);
    let stale = outdated["stale"].as_array().unwrap();
    assert!(stale.iter().any(|one| one["model"] == "kcnn_32" && one["why"].as_str().unwrap().contains("sha256")));
}

fn candidate<'v>(why: &'v Value, model: &str) -> &'v Value {
    why["candidates"].as_array().unwrap().iter().find(|one| one["model"] == model).unwrap()
}

#[test]
fn why_names_what_dropped_each_model_and_the_price_of_the_next_better() {
    let place = project("why", ONE);
    let why = json(&place, &["why", "reader", "--compare", "--json"], 0);
    assert_eq!(why["chosen"]["models"], serde_json::json!([["reader", "kcnn_32"]]));
    assert_eq!(
        (&candidate(&why, "kcnn_32")["verdict"], &candidate(&why, "kcnn_96")["verdict"]),
        (&"chosen".into(), &"kept".into())
    );
    let small = candidate(&why, "cnn_small");
    assert!(small["reasons"].to_string().contains("96.65%, needs >= 97%"), "{small}");
    let known = &candidate(&why, "kcnn_32")["traits"][0];
    assert_eq!((&known["source"], &known["samples"]), (&"measured".into(), &2000.into()));
    assert_eq!((&candidate(&why, "kcnn_96")["on_front"], &small["on_front"]), (&true.into(), &false.into()));
    assert!(why["next_better"].to_string().contains("0.55 points more top1"), "{}", why["next_better"]);
    let baselines: Vec<&str> =
        why["baselines"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(baselines, ["random", "round-robin", "plain-latency", "weighted", "lexicographic"]);
    assert!(why["requirements"][0]["place"].as_str().unwrap().starts_with("src/main.mu:5"));
    let words = text(&mulc(&place, &["why", "reader", "--compare"], 0));
    for part in ["chosen: kcnn_32", "proven to be the best", "the Pareto front", "the next better", "other selectors"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(tools::said(&mulc(&place, &["why", "raeder"], 1)).contains("did you mean `reader`?"));
    assert!(tools::said(&mulc(&place, &["why", "reader", "--entry", "reed"], 1)).contains("did you mean `read`?"));
}

#[test]
fn a_shared_budget_makes_a_pair_that_no_slot_alone_would_choose() {
    let alone = project("alone", &TWO.replace("BUDGET", "1000"));
    let free = json(&alone, &["why", "first", "--json"], 0);
    assert_eq!(free["chosen"]["models"], serde_json::json!([["first", "kcnn_96"], ["second", "kcnn_96"]]));
    let place = project("pair", &TWO.replace("BUDGET", "120"));
    let why = json(&place, &["why", "first", "--json"], 0);
    assert_eq!(why["chosen"]["models"], serde_json::json!([["first", "kcnn_32"], ["second", "kcnn_32"]]));
    let best = candidate(&why, "kcnn_96");
    assert_eq!(best["verdict"], "dropped");
    assert!(best["reasons"].to_string().contains("size <= 120 kB"), "{best}");
}

#[test]
fn the_page_stands_alone_and_an_infeasible_program_has_one_too() {
    let place = project("page", ONE);
    let said = text(&mulc(&place, &["why", "reader", "--html", "why.html"], 0));
    assert_eq!(said, "why.html\n");
    let page = fs::read_to_string(place.join("why.html")).unwrap();
    for part in
        ["<svg", "kcnn_32", "class=\"bound\"", "class=\"front\"", "prefers-color-scheme: dark", "default-src 'none'"]
    {
        assert!(page.contains(part), "{part}");
    }
    let loads = page.replace("http://www.w3.org/2000/svg", "");
    assert!(
        !loads.contains("http:") && !loads.contains("https:") && !loads.contains("<script") && !loads.contains("src=")
    );
    let place = project("infeasible", &TWO.replace("BUDGET", "8"));
    let output = mulc(&place, &["why", "first", "--html", "why.html", "--json"], 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-model-fits"), "{}", tools::said(&output));
    let why: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(why["conflict"]["requirements"].to_string().contains("size <= 8 kB"), "{why}");
    assert!(!why["conflict"]["edits"].as_array().unwrap().is_empty());
    let page = fs::read_to_string(place.join("why.html")).unwrap();
    assert!(page.contains("cannot hold together") && page.contains("kcnn_8"));
}
