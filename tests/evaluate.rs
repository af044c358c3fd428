//! `mulc models evaluate` and `diff`: figures that are known, one data set in several forms, what is kept, and data that is wrong.

use mu_tests::cases::lay;
use mu_tests::{files_below, made, root, tools};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A copy of a project for one test.
fn whole(of: &str, test: &str) -> PathBuf {
    let (from, to) = (root().join(of), made().join("evaluate").join(test));
    let files = files_below(&from).into_iter().map(|path| {
        let name = path.strip_prefix(&from).unwrap().to_str().unwrap().to_owned();
        (name, fs::read(&path).unwrap())
    });
    lay(&to, &files.collect::<Vec<_>>());
    to
}

/// The same without its evidence.
fn project(of: &str, test: &str) -> PathBuf {
    let place = whole(of, test);
    let _ = fs::remove_dir_all(place.join("models/evidence"));
    place
}

fn evaluate(folder: &Path, arguments: &[&str]) -> Output {
    tools::mulc(folder, &[&["models", "evaluate", "--json"], arguments].concat())
}

#[track_caller]
fn json(output: &Output) -> Json {
    assert!(output.status.success(), "{}", tools::said(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn fails(output: &Output, part: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", tools::said(output));
    assert!(String::from_utf8_lossy(&output.stderr).contains(part), "{part}: {}", tools::said(output));
}

fn metric<'a>(evaluated: &'a Json, name: &str) -> &'a Json {
    evaluated["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == name).unwrap()
}

fn value(evaluated: &Json, name: &str) -> f64 {
    metric(evaluated, name)["value"].as_f64().unwrap()
}

#[track_caller]
fn near(found: f64, expected: f64, off: f64) {
    assert!((found - expected).abs() <= off, "{found} is not {expected}");
}

/// onnxruntime's accuracy on the same pictures, in hits of 2,000.
#[test]
fn digits_are_read_as_often_right_as_onnxruntime_reads_them_and_that_is_kept() {
    let place = project("examples/digits", "digits");
    for (card, hits) in [("logreg", 1822), ("kcnn_32", 1954), ("kcnn_96", 1965)] {
        let found = json(&evaluate(&place, &[card, "--data", "mnist_holdout"]));
        near(value(&found, "top1"), f64::from(hits) / 2000.0, 0.002);
        let top1 = metric(&found, "top1");
        assert_eq!((&top1["samples"], &top1["method"]), (&json!(2000), &json!("wilson")));
        assert_eq!(top1["per_class"].as_array().unwrap().len(), 10);
        let confusion = found["answers"]["confusion"].as_array().unwrap();
        let counts = confusion.iter().flat_map(|row| row["answers"].as_array().unwrap());
        assert_eq!(counts.map(|answer| answer["count"].as_u64().unwrap()).sum::<u64>(), 2000);
        let path = place.join(found["stored"].as_str().unwrap());
        let kept: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        let kept = kept["evaluation"].as_array().unwrap();
        assert_eq!(kept.len(), 2, "top1 and top5, each once");
        assert_eq!(kept[0]["identity"].as_str(), found["data"]["identity"].as_str());
    }
    let again = json(&evaluate(&place, &["kcnn_32", "--data", "mnist_holdout"]));
    let kept: toml::Table = fs::read_to_string(place.join("models/evidence/kcnn_32.toml")).unwrap().parse().unwrap();
    assert_eq!(kept["evaluation"].as_array().unwrap().len(), 2, "{again}");
    let raw = json(&evaluate(&place, &["kcnn_32", "--data", "mnist_holdout", "--raw"]));
    assert_eq!((value(&raw, "top1"), &raw["through"]), (0.977, &json!("net")));
}

/// The first hundred pictures of the data set lie in the tests as PNG files.
#[test]
fn a_data_set_is_the_same_however_it_is_stored() {
    let place = project("examples/digits", "forms");
    let pictures = root().join("tests/data/mnist");
    let known: Json = serde_json::from_slice(&fs::read(pictures.join("expected.json")).unwrap()).unwrap();
    let known: Vec<(&str, &str)> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["picture"].as_str().unwrap(), one["truth"].as_str().unwrap()))
        .collect();
    let png = |name: &str| fs::read(pictures.join(name)).unwrap();
    let rows =
        |line: &dyn Fn(&str, &str) -> String| known.iter().map(|(name, truth)| line(name, truth)).collect::<String>();
    let mut files: Vec<(String, Vec<u8>)> = known.iter().map(|(name, _)| (format!("flat/{name}"), png(name))).collect();
    files.push(("flat/labels.csv".into(), format!("file,label\n{}", rows(&|n, t| format!("{n},{t}\n"))).into()));
    files.push(("rows.jsonl".into(), rows(&|n, t| format!("{{\"image\": \"flat/{n}\", \"label\": {t}}}\n")).into()));
    files.extend(known.iter().map(|(name, truth)| (format!("sorted/{truth}/{name}"), png(name))));
    let sets = place.join("sets");
    lay(&sets, &files);
    let on = |set: &str, more: &[&str]| json(&evaluate(&place, &[&["kcnn_32", "--data", set], more].concat()));
    let archive = on("mnist_holdout", &["--limit", "100"]);
    assert_eq!((&archive["data"]["limited"], archive.get("stored")), (&json!(true), None));
    for set in ["sets/flat", "sets/rows.jsonl"] {
        let found = on(set, &[]);
        assert_eq!(found["data"]["identity"], archive["data"]["identity"], "{set}");
        assert_eq!(found["metrics"], archive["metrics"], "{set}");
        assert_eq!(found.get("stored"), None);
    }
    let sorted = on("sets/sorted", &[]);
    assert_ne!(sorted["data"]["identity"], archive["data"]["identity"], "the order counts");
    assert_eq!(value(&sorted, "top1"), value(&archive, "top1"));
    assert!(!place.join("models/evidence").exists(), "only whole, declared data sets are kept");
}

#[test]
fn numbers_and_texts_are_evaluated_as_their_tasks_say() {
    let found =
        json(&evaluate(&project("tests/run/regression", "regression"), &["linear", "--data", "patients", "--raw"]));
    near(value(&found, "mae"), 46.366_305, 1e-3);
    near(value(&found, "r2"), 0.438_945, 1e-4);
    let mae = metric(&found, "mae");
    assert_eq!((&mae["unit"], &mae["method"]), (&json!("point"), &json!("bootstrap")));
    let interval = &mae["interval"];
    assert!(interval["low"].as_f64() < mae["value"].as_f64() && mae["value"].as_f64() < interval["high"].as_f64());
    let languages = json(&evaluate(&project("examples/langid", "texts"), &["nb_8192_int8", "--data", "declarations"]));
    near(value(&languages, "accuracy"), 0.913_445, 0.002);
    let flowers = json(&evaluate(&project("examples/iris", "rows"), &["iris_mlp_8", "--data", "flowers"]));
    near(value(&flowers, "accuracy"), 0.98, 1e-9);
}

#[test]
fn a_function_is_judged_by_what_it_answers() {
    let place = whole("examples/iris", "function");
    let found = json(&evaluate(&place, &["species", "--data", "flowers"]));
    let (answered, answers) = (&found["answered"], &found["answers"]);
    assert_eq!((&answered["samples"], &answers["right_of_all"]["samples"]), (&json!(50), &json!(50)));
    assert!(answered["hits"].as_u64() < Some(50) && answers["right_of_answered"]["samples"] == answered["hits"]);
    assert_eq!((found["metrics"].as_array().map(Vec::len), found.get("stored")), (Some(0), None));
    let ranking = json(&evaluate(&place, &["ranking", "--data", "flowers"]));
    let bins = ranking["answers"]["calibration"]["bins"].as_array().unwrap();
    assert_eq!(bins.iter().map(|bin| bin["answers"].as_u64().unwrap()).sum::<u64>(), 50);
    assert!(value(&ranking, "accuracy") >= 0.95);
    let table = "sepal_length,sepal_width,petal_length,petal_width,species,label\n5.1,3.5,1.4,0.2,x,setosa\n6.7,3.0,5.6,2.4,y,virginica\n";
    fs::write(place.join("two.csv"), table).unwrap();
    let two = json(&evaluate(&place, &["species", "--data", "two.csv"]));
    assert_eq!(two["answers"]["right_of_all"]["hits"], json!(2));
}

#[test]
fn where_two_models_differ_is_listed_and_tested() {
    let place = root().join("examples/digits");
    let ask = ["models", "diff", "kcnn_32", "kcnn_96", "--data", "mnist_holdout", "--show", "3", "--json"];
    let found = json(&tools::mulc(&place, &ask));
    let table = &found["table"];
    assert_eq!((&table["only_first"], &table["only_second"]), (&json!(5), &json!(16)));
    // scipy: binomtest(5, 21, 0.5).pvalue
    near(table["p_value"].as_f64().unwrap(), 0.026_603_698_730_468_75, 1e-9);
    near(found["difference"].as_f64().unwrap(), -0.0055, 1e-12);
    assert_eq!((&found["disagreements"], found["listed"].as_array().map(Vec::len)), (&json!(21), Some(3)));
    let text = tools::mulc(&place, &ask[..ask.len() - 1]);
    assert!(tools::said(&text).contains("McNemar's exact test: p = 0.0266, one is better"), "{}", tools::said(&text));
}

#[test]
fn data_that_is_wrong_is_refused_by_its_place_and_nothing_is_kept() {
    let place = project("examples/iris", "wrong");
    let head = "sepal_length,sepal_width,petal_length,petal_width,label";
    let good = "5.1,3.5,1.4,0.2,setosa\n6.7,3.0,5.6,2.4,virginica\n";
    let cases: &[(&str, String, &str)] = &[
        ("empty.csv", format!("{head}\n"), "has no samples"),
        ("nothing.csv", String::new(), "has no samples"),
        ("ragged.csv", format!("{head}\n{good}1,2,3\n"), "line 4: 3 cells where the first line has 5"),
        ("label.csv", format!("{head}\n{good}1,2,3,4,rose\n"), "line 4: `label`: \"rose\" is none of the labels"),
        ("nan.csv", format!("{head}\n{good}NaN,2,3,4,setosa\n"), "line 4: `sepal_length`: `NaN` is no value"),
        ("huge.csv", format!("{head}\n{good}1e60,2,3,4,setosa\n"), "line 4: `sepal_length`"),
        (
            "column.csv",
            format!("{}\n5.1,3.5,1.4,setosa\n", head.replace("petal_width,", "")),
            "nothing is called `petal_width`",
        ),
        (
            "unlabelled.csv",
            "sepal_length,sepal_width,petal_length,petal_width\n1,2,3,4\n".into(),
            "nothing is called `truth`, `label`",
        ),
        ("twice.csv", format!("{head},label\n1,2,3,4,setosa,setosa\n"), "`label` stands twice"),
        ("one.csv", format!("{head}\n5.1,3.5,1.4,0.2,setosa\n"), "of the class `setosa`"),
        ("broken.jsonl", "{\"row\": {}}\n{\"row\": \n".into(), "line 2: it is no object"),
        ("broken.json", "{}".into(), "it is no list of objects"),
        ("broken.npz", "PK".into(), "no .npz file"),
        ("what.txt", "x".into(), "is no data set"),
    ];
    for (file, content, part) in cases {
        fs::write(place.join(file), content).unwrap();
        fails(&evaluate(&place, &["iris_logreg", "--data", file]), part);
    }
    fails(&evaluate(&place, &["iris_logreg", "--data", "gone.csv"]), "neither a data set of the project nor a file");
    fails(&evaluate(&place, &["iris_logreg", "--data", "flower"]), "did you mean `flowers`?");
    fails(&evaluate(&place, &["iris_logrek", "--data", "flowers"]), "did you mean `iris_logreg`?");
    fails(&evaluate(&place, &["iris_logreg", "--data", "flowers", "--raw", "--output", "x"]), "has no output `x`");
    fs::write(place.join("models/holdout.npz"), "other").unwrap();
    fails(&evaluate(&place, &["iris_logreg", "--data", "flowers"]), "is not the data set `flowers`");
    fs::remove_file(place.join("models/holdout.npz")).unwrap();
    fails(&evaluate(&place, &["iris_logreg", "--data", "flowers"]), "the data set `flowers`");
    assert!(!place.join("models/evidence").exists());
}

#[test]
fn pictures_that_are_wrong_are_named() {
    let place = project("examples/digits", "pictures");
    let png = fs::read(root().join("tests/data/mnist/00.png")).unwrap();
    let cut = png[..60].to_vec();
    type Files<'a> = Vec<(&'a str, Vec<u8>)>;
    let sets: &[(&str, Files, &str)] = &[
        ("cut", vec![("4/a.png", png.clone()), ("5/b.png", cut)], "5/b.png: the picture cannot be read"),
        ("text", vec![("4/a.png", png.clone()), ("5/b.png", b"hello".to_vec())], "5/b.png: the picture is neither"),
        (
            "label",
            vec![("4/a.png", png.clone()), ("ten/b.png", png.clone())],
            "`ten` is called as none of the 10 labels",
        ),
        ("flat", vec![("a.png", png.clone())], "has no files in folders called by labels"),
        ("gone", vec![("labels.csv", b"file,label\ngone.png,4\n".to_vec())], "line 2: `file`: there is no file"),
        ("empty", vec![("labels.csv", b"file,label\n".to_vec())], "has no samples"),
    ];
    for (name, files, part) in sets {
        let files: Vec<(String, Vec<u8>)> =
            files.iter().map(|(path, bytes)| (path.to_string(), bytes.clone())).collect();
        lay(&place.join("sets").join(name), &files);
        fails(&evaluate(&place, &["kcnn_32", "--data", &format!("sets/{name}")]), part);
    }
}

/// An `.npz` with one array each: its name, the `.npy` header's element type and shape, and its bytes.
fn npz(arrays: &[(&str, &str, &str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, dtype, shape, bytes) in arrays {
        writer.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((header.len() as u16).to_le_bytes());
        file.extend(header.as_bytes());
        file.extend(*bytes);
        std::io::Write::write_all(&mut writer, &file).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn arrays_that_are_wrong_are_named() {
    let place = project("examples/iris", "arrays");
    let rows = |numbers: [f32; 8]| numbers.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let good = rows([5.1, 3.5, 1.4, 0.2, 6.7, 3.0, 5.6, 2.4]);
    let nan = rows([5.1, 3.5, 1.4, f32::NAN, 6.7, 3.0, 5.6, 2.4]);
    let texts: Vec<u8> =
        ["setosa\0\0\0", "virginica"].concat().chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    let fine = npz(&[("x", "<f4", "(2, 4)", &good), ("y", "<U9", "(2,)", &texts)]);
    fs::write(place.join("fine.npz"), fine).unwrap();
    assert_eq!(value(&json(&evaluate(&place, &["iris_mlp_8", "--data", "fine.npz"])), "accuracy"), 1.0);
    let cases: &[(Vec<u8>, &str)] = &[
        (npz(&[("x", "<f4", "(2, 4)", &nan), ("y", "|u1", "(2,)", &[0, 2])]), "sample 0: `x`: element 3 is NaN"),
        (
            npz(&[("x", "<f4", "(2, 4)", &good), ("y", "|u1", "(2,)", &[0, 3])]),
            "sample 1: `y`: 3 is no place among the 3 labels",
        ),
        (npz(&[("x", "<f4", "(2, 4)", &good), ("y", "|u1", "(1,)", &[0])]), "has 2 samples, `y` has 1"),
        (npz(&[("x", "<f4", "(4, 2)", &good), ("y", "|u1", "(4,)", &[0, 1, 2, 0])]), "an array of f32[2] gives no"),
        (npz(&[("z", "<f4", "(2, 4)", &good), ("y", "|u1", "(2,)", &[0, 1])]), "it has `z`, `y`"),
        (npz(&[("x", "<f4", "(4000000000, 4000000000)", &[]), ("y", "|u1", "(0,)", &[])]), "`x` cannot be read"),
        (npz(&[("x", "<f4", "(1000000000,)", &good), ("y", "|u1", "(0,)", &[])]), "`x` cannot be read"),
        (npz(&[("x", "<f4", "(0, 4)", &[]), ("y", "|u1", "(0,)", &[])]), "has no samples"),
    ];
    for (bytes, part) in cases {
        fs::write(place.join("wrong.npz"), bytes).unwrap();
        fails(&evaluate(&place, &["iris_logreg", "--data", "wrong.npz"]), part);
    }
}
