//! Real models are read as they are, and everything else is refused with a reason and without a panic.

mod build;

use build::{field, graph, graph_with, model, node, number, port, tensor};
use mu_onnx::{Dim, Dtype, Error, Limits, Model, read, sha256, unsupported};
use proptest::prelude::*;

const KCNN: &[u8] = include_bytes!("models/kcnn-8.onnx");
const QDQ: &[u8] = include_bytes!("models/cnn-small-int8-qdq.onnx");
const IRIS: &[u8] = include_bytes!("models/iris-mlp-8.onnx");
const LOGREG: &[u8] = include_bytes!("models/iris-logreg.onnx");

fn load(bytes: &[u8]) -> Result<Model, Error> {
    read(bytes, &Limits::default())
}

fn operators(model: &Model) -> Vec<(&str, u64)> {
    model.operators.iter().map(|(name, count)| (name.as_str(), *count)).collect()
}

#[test]
fn a_classifier_is_read_as_it_is() {
    let model = load(KCNN).unwrap();
    assert_eq!((model.ir_version, model.opsets["ai.onnx"], model.parameters), (8, 13, 1690));
    assert_eq!(model.inputs[0].to_string(), "input: f32[N, 1, 28, 28]");
    assert_eq!(model.inputs[0].dims.as_ref().unwrap()[0], Dim::Named("N".into()));
    assert_eq!(model.outputs[0].to_string(), "probs: f32[N, 10]");
    assert_eq!(model.outputs[0].dtype, Dtype::F32);
    let names: Vec<&str> = model.operators.keys().map(String::as_str).collect();
    assert_eq!(names, ["AveragePool", "Conv", "Flatten", "Gemm", "Relu", "Softmax"]);
    assert_eq!(model.nodes, model.operators.values().sum::<u64>());
    assert_eq!(model.softmax_outputs, ["probs"]);
    assert!(model.external.is_empty() && unsupported(&model).is_empty());
}

#[test]
fn initializers_are_no_inputs_and_all_count_as_parameters() {
    assert_eq!(load(QDQ).unwrap().parameters, 9120);
    assert_eq!(load(IRIS).unwrap().inputs.len(), 1);
    assert_eq!(load(LOGREG).unwrap().parameters, 15);
    let listed =
        graph_with(&[node("Add", &["x", "w"], &["y"])], &[tensor("w", &[3])], &[port("x", &[3]), port("w", &[3])]);
    let model = load(&model(&listed)).unwrap();
    assert_eq!(model.inputs.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["x"]);
    assert_eq!(model.parameters, 3);
}

#[test]
fn subgraphs_and_functions_are_walked_and_domains_are_told() {
    let body = graph_with(&[node("Relu", &["x"], &["y"]), node("Foo", &["y"], &["z"])], &[], &[]);
    let mut branch = node("If", &["x"], &["y"]);
    branch.extend(field(5, &field(6, &body)));
    let mut gemm = node("QGemm", &["y"], &["probs"]);
    gemm.extend(field(7, b"com.microsoft"));
    let mut file = model(&graph(&[branch, gemm]));
    file.extend(field(25, &field(7, &node("Tanh", &["a"], &["b"]))));
    let model = load(&file).unwrap();
    assert_eq!(operators(&model), [("Foo", 1), ("If", 1), ("Relu", 1), ("Tanh", 1), ("com.microsoft:QGemm", 1)]);
    assert_eq!(unsupported(&model), ["Foo", "com.microsoft:QGemm"]);
}

#[test]
fn a_softmax_is_seen_through_what_keeps_its_numbers() {
    let through = [node("Softmax", &["x"], &["s"]), node("Cast", &["s"], &["y"])];
    assert_eq!(load(&model(&graph(&through))).unwrap().softmax_outputs, ["y"]);
    let changed = [node("Softmax", &["x"], &["s"]), node("Log", &["s"], &["y"])];
    assert!(load(&model(&graph(&changed))).unwrap().softmax_outputs.is_empty());
    let circle = [node("Cast", &["y"], &["x2"]), node("Identity", &["x2"], &["y"])];
    assert_eq!(load(&model(&graph(&circle))), Err(Error::Cycle { name: "x2".into() }));
}

#[test]
fn free_dimensions_and_missing_shapes_are_told_apart() {
    let dims = [number(1, u64::MAX), field(2, b"batch"), field(2, b""), field(2, b"?"), number(1, 7)];
    let shape: Vec<u8> = dims.iter().flat_map(|dim| field(1, dim)).collect();
    let typed = |tensor: &[u8]| field(2, &field(1, tensor));
    let shaped = [field(1, b"x"), typed(&[number(1, 7), field(2, &shape)].concat())].concat();
    let scalar = [field(1, b"x"), typed(&[number(1, 11), field(2, b"")].concat())].concat();
    let rankless = [field(1, b"x"), typed(&number(1, 8))].concat();
    let sequence = [field(1, b"x"), field(2, &field(4, b""))].concat();
    let shown = |port: Vec<u8>| {
        let graph = graph_with(&[node("Relu", &["x"], &["y"])], &[], &[port]);
        load(&model(&graph)).unwrap().inputs[0].to_string()
    };
    assert_eq!(shown(shaped), "x: i64[_, batch, _, _, 7]");
    assert_eq!(shown(scalar), "x: f64");
    assert_eq!(shown(rankless), "x: text[..]");
    assert_eq!(shown(sequence), "x: no tensor[..]");
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 38890\n";
    assert_eq!(load(lfs), Err(Error::LfsPointer { size: Some(38890) }));
    assert_eq!(load(b""), Err(Error::Empty));
    assert_eq!(load(b"\n <!DOCTYPE html><html><body>Sign in"), Err(Error::Html));
    assert_eq!(load(b"<html>404"), Err(Error::Html));
    assert!(matches!(load(b"PK\x03\x04...."), Err(Error::Foreign { .. })));
    assert_eq!(load(b"Not found\n"), Err(Error::Foreign { kind: "a text" }));
    assert!(matches!(load(&[0xff; 4096]), Err(Error::NotProtobuf { at: 0 })));
    for error in [lfs.as_slice(), b"", b"<html>", b"\xff\xff", &KCNN[..500]].map(|bytes| load(bytes).unwrap_err()) {
        assert!(!error.to_string().ends_with('.') && !error.help().is_empty());
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    for file in [KCNN, QDQ, IRIS, LOGREG] {
        let whole = load(file).unwrap();
        for end in (0..file.len()).step_by(97).chain(file.len() - 40..file.len()) {
            // A cut between the notes behind the graph leaves a file that is whole in itself; its sha256 tells.
            if let Ok(model) = load(&file[..end]) {
                assert_eq!(Model { opsets: whole.opsets.clone(), metadata: whole.metadata.clone(), ..model }, whole);
            }
        }
        let half = load(&file[..file.len() / 2]).unwrap_err();
        assert!(matches!(half, Error::Truncated { have, need } if have < need && need <= file.len() as u64), "{half}");
    }
}

#[test]
fn impossible_shapes_are_refused() {
    let shaped = |dims: &[u64]| {
        load(&model(&graph_with(&[node("Add", &["x", "w"], &["y"])], &[tensor("w", dims)], &[port("x", &[1])])))
    };
    assert!(matches!(shaped(&[1_000_000_000_000]), Err(Error::AbsurdShape { .. })));
    assert!(matches!(shaped(&[1 << 40, 0]), Err(Error::AbsurdShape { .. })));
    assert!(matches!(shaped(&[1 << 32, 1 << 32]), Err(Error::AbsurdShape { .. })));
    assert!(matches!(shaped(&[u64::MAX]), Err(Error::AbsurdShape { .. })));
    assert!(matches!(shaped(&[1_000_000]), Err(Error::MissingWeights { elements: 1_000_000, .. })));
    assert_eq!(shaped(&[0]).unwrap().parameters, 0);
    let input = graph_with(&[node("Relu", &["x"], &["y"])], &[], &[port("x", &[1 << 20, 1 << 20])]);
    assert!(matches!(load(&model(&input)), Err(Error::AbsurdShape { .. })));
}

#[test]
fn too_much_of_anything_is_refused_before_it_is_copied() {
    let limits = Limits::default();
    let nodes = vec![Vec::new(); 300_000];
    assert!(matches!(load(&model(&graph(&nodes))), Err(Error::TooMany { what: "nodes", .. })));
    let names = [field(1, b"").repeat(1_100_000), node("Relu", &["x"], &["y"])].concat();
    assert!(matches!(load(&model(&graph(&[names]))), Err(Error::TooMany { what: "entries", .. })));
    let mut body = graph(&[]);
    for _ in 0..200 {
        let mut inner = node("If", &["x"], &["y"]);
        inner.extend(field(5, &field(6, &body)));
        body = graph(&[inner]);
    }
    assert!(matches!(load(&model(&body)), Err(Error::TooMany { what: "graphs within each other", .. })));
    let small = Limits { bytes: 100, ..limits };
    assert!(matches!(read(KCNN, &small), Err(Error::TooMany { what: "bytes", .. })));
}

#[test]
fn what_a_model_must_have_is_asked_for() {
    let bare = [number(1, 8), field(8, &number(2, 13))].concat();
    assert_eq!(load(&bare), Err(Error::Incomplete { part: "graph" }));
    let unversioned = [number(1, 8), field(7, &graph(&[node("Relu", &["x"], &["y"])]))].concat();
    assert_eq!(load(&unversioned), Err(Error::Incomplete { part: "opset_import" }));
    let dangling = model(&graph(&[node("Relu", &["nowhere"], &["y"])]));
    assert_eq!(load(&dangling), Err(Error::Dangling { name: "nowhere".into() }));
    assert_eq!(load(&model(&graph(&[]))), Err(Error::Dangling { name: "y".into() }));
}

#[test]
fn external_weights_stay_in_the_folder_and_must_be_whole() {
    let pair = |key: &str, value: &str| field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat());
    let outside = |pairs: &[Vec<u8>]| {
        let weights = [tensor("w", &[1000]), number(14, 1), pairs.concat()].concat();
        load(&model(&graph_with(&[node("Add", &["x", "w"], &["y"])], &[weights], &[port("x", &[1])])))
    };
    let found = outside(&[pair("location", "data/w.bin"), pair("offset", "4096")]).unwrap();
    assert_eq!(found.external[0].bytes, 4000);
    assert_eq!(found.check_external(|_| Some(8096)), Ok(8096));
    assert!(matches!(found.check_external(|_| Some(8095)), Err(Error::ExternalShort { need: 8096, .. })));
    assert_eq!(found.check_external(|_| None), Err(Error::ExternalMissing { location: "data/w.bin".into() }));
    for location in ["../w", "/etc/passwd", "a/../../w", "C:\\w", "a//b", "", ".", "a\\..\\b"] {
        let escape = outside(&[pair("location", location)]);
        assert_eq!(escape, Err(Error::ExternalEscapes { location: location.into() }));
    }
    assert!(matches!(outside(&[]), Err(Error::ExternalUnnamed { .. })));
}

#[test]
fn sha256_is_that_of_the_standard() {
    assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn what_fuzzing_reached_is_read_or_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/cases/onnx");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let _ = load(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 0, "the cases are there");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = load(&bytes);
    }

    #[test]
    fn changed_bytes_never_panic(which in 0..4usize, changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..12)) {
        let mut bytes = [KCNN, QDQ, IRIS, LOGREG][which].to_vec();
        for (at, byte) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        if let Err(error) = load(&bytes) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn bytes_left_out_or_doubled_never_panic(which in 0..4usize, from in any::<u16>(), length in 1..200usize, double: bool) {
        let bytes = [KCNN, QDQ, IRIS, LOGREG][which];
        let from = usize::from(from) % bytes.len();
        let end = (from + length).min(bytes.len());
        let rest = if double { from } else { end };
        let _ = load(&[&bytes[..end], &bytes[rest..]].concat());
        let _ = load(&[&bytes[..from], &bytes[end..]].concat());
    }
}
