//! The engine on small models: names, orders, shapes and errors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mu_format::ir::Model;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_infer::Tract;
use mu_interp::Engine;
use std::sync::Arc;

fn f32s(dims: &[Dim]) -> Type {
    Type::Tensor(DType::F32, dims.to_vec())
}

fn engine(file: &[u8], inputs: &[(&str, Type)], outputs: &[(&str, Type)]) -> Tract {
    let ports = |ports: &[(&str, Type)]| ports.iter().map(|(name, ty)| (name.to_string(), ty.clone())).collect();
    let model = Model { name: "card".into(), sha256: String::new(), inputs: ports(inputs), outputs: ports(outputs) };
    Tract::new(&[model], &[Arc::new(file.to_vec())])
}

fn tensor(shape: &[usize], data: &[f32]) -> Arc<Tensor> {
    Arc::new(Tensor::new(shape.to_vec(), Data::F32(data.to_vec())).unwrap())
}

const PAIR: &[u8] = include_bytes!("models/pair.onnx");
const SYMBOLIC: &[u8] = include_bytes!("models/symbolic.onnx");

#[test]
fn inputs_and_outputs_go_by_the_signature_not_by_the_file() {
    let ty = f32s(&[Dim::Is(1), Dim::UpTo(3)]);
    let count = Type::Tensor(DType::I64, vec![Dim::Is(2)]);
    let mut engine = engine(
        PAIR,
        &[("y", ty.clone()), ("x:0", ty.clone())],
        &[("difference", ty.clone()), ("count", count), ("sum", ty)],
    );
    engine.warm().unwrap();
    // The first argument is y.
    for n in 1..4 {
        let y = tensor(&[1, n], &vec![1.0; n]);
        let x = tensor(&[1, n], &vec![3.0; n]);
        let outputs = engine.infer(0, &[y, x]).unwrap();
        assert_eq!(outputs[0], *tensor(&[1, n], &vec![2.0; n]));
        assert_eq!(outputs[1].data, Data::I64(vec![1, n as i64]));
        assert_eq!(outputs[2], *tensor(&[1, n], &vec![4.0; n]));
    }
}

#[test]
fn a_file_without_shapes_gets_a_plan_for_each_shape() {
    let ty = f32s(&[Dim::UpTo(9)]);
    let mut engine = engine(include_bytes!("models/unshaped.onnx"), &[("x", ty.clone())], &[("y", ty)]);
    engine.warm().unwrap();
    // More shapes than plans are kept, each twice.
    for n in (1..8).chain(1..8) {
        assert_eq!(engine.infer(0, &[tensor(&[n], &vec![2.0; n])]).unwrap()[0], *tensor(&[n], &vec![4.0; n]));
    }
}

#[test]
fn dimensions_that_were_recorded_under_other_symbols_do_not_matter() {
    let ty = f32s(&[Dim::Is(1), Dim::Is(2)]);
    let mut engine = engine(SYMBOLIC, &[("x:0", ty.clone())], &[("out", ty)]);
    engine.warm().unwrap();
    assert_eq!(engine.infer(0, &[tensor(&[1, 2], &[-1.0, 2.0])]).unwrap()[0].data, Data::F32(vec![0.0, 2.0]));
}

#[test]
fn what_does_not_fit_is_an_error_that_names_the_model() {
    let ty = f32s(&[Dim::Is(1), Dim::Is(2)]);
    let wide = f32s(&[Dim::Is(1), Dim::Is(3)]);
    let ints = Type::Tensor(DType::I64, vec![Dim::Is(1), Dim::Is(2)]);
    let unknown = include_bytes!("models/unknown.onnx");
    let (x, y, sum) = (("x:0", ty.clone()), ("y", ty.clone()), ("sum", ty.clone()));
    let both = || vec![x.clone(), y.clone()];
    for (file, inputs, outputs, part) in [
        (PAIR, vec![x.clone()], vec![sum.clone()], "the file has an input `y` that the card does not name"),
        (PAIR, vec![x.clone(), ("z", ty.clone()), y.clone()], vec![sum.clone()], "the file has no input `z`"),
        (PAIR, both(), vec![("product", ty.clone())], "the file has no output `product`"),
        (
            PAIR,
            both(),
            vec![("sum", wide)],
            "the output `sum`: it is a tensor of shape [1, 2] where the card says f32[1, 3]",
        ),
        (PAIR, both(), vec![("sum", ints)], "the output `sum`: its elements are F32 where the card says i64[1, 2]"),
        (unknown, vec![x.clone()], vec![sum.clone()], "Frobnicate"),
        (&PAIR[..PAIR.len() / 2], both(), vec![sum.clone()], ""),
        (b"version https://git-lfs.github.com/spec/v1\n", both(), vec![sum.clone()], ""),
        (b"", both(), vec![sum.clone()], "does not contain a graph"),
    ] {
        let tensors = vec![tensor(&[1, 2], &[1.0, 2.0]); inputs.len()];
        let error = engine(file, &inputs, &outputs).infer(0, &tensors).unwrap_err();
        assert!(error.starts_with("the model `card` does not run: ") && error.contains(part), "{error}");
    }
    let error = engine(PAIR, &both(), &[sum]).infer(0, &[tensor(&[1, 2], &[1.0, 2.0])]).unwrap_err();
    assert!(error.contains("it takes 2 tensors, 1 are given"), "{error}");
    assert!(engine(PAIR, &[], &[]).infer(1, &[]).unwrap_err().contains("there is no model 1"));
}

#[test]
fn changed_bytes_give_an_error_or_an_answer_but_no_panic() {
    let ty = f32s(&[Dim::Is(1), Dim::Is(2)]);
    for at in 0..SYMBOLIC.len() {
        for bit in [0x01, 0x08, 0x80] {
            let mut file = SYMBOLIC.to_vec();
            file[at] ^= bit;
            let mut engine = engine(&file, &[("x:0", ty.clone())], &[("out", ty.clone())]);
            engine.infer(0, &[tensor(&[1, 2], &[1.0, 2.0])]).ok();
        }
    }
}

#[test]
fn a_check_tells_what_cannot_run_without_running_it() {
    let check = |file: &[u8], inputs: &[(&str, Type)], outputs: &[(&str, Type)]| {
        let ports = |ports: &[(&str, Type)]| ports.iter().map(|(name, ty)| (name.to_string(), ty.clone())).collect();
        let (inputs, outputs) = (ports(inputs), ports(outputs));
        let model = Model { name: "card".into(), sha256: String::new(), inputs, outputs };
        mu_infer::check(&model, &Arc::new(file.to_vec()))
    };
    let (fixed, free) = (f32s(&[Dim::Is(1), Dim::Is(2)]), f32s(&[Dim::Is(1), Dim::UpTo(3)]));
    let count = Type::Tensor(DType::I64, vec![Dim::Is(2)]);
    for ty in [&fixed, &free] {
        let inputs = [("x:0", ty.clone()), ("y", ty.clone())];
        check(PAIR, &inputs, &[("sum", ty.clone()), ("count", count.clone())]).unwrap();
        let error = check(PAIR, &inputs, &[("count", f32s(&[Dim::Is(2)]))]).unwrap_err();
        assert!(error.contains("`card`") && error.contains("where the card says f32[2]"), "{error}");
        let error = check(PAIR, &inputs, &[("sum", f32s(&[Dim::Is(2)]))]).unwrap_err();
        assert!(error.contains("where the card says f32[2]"), "{error}");
        assert!(check(&PAIR[..PAIR.len() / 2], &inputs, &[("sum", ty.clone())]).is_err());
    }
    let unknown = include_bytes!("models/unknown.onnx");
    let error = check(unknown, &[("x:0", fixed.clone())], &[("sum", fixed)]).unwrap_err();
    assert!(error.contains("Frobnicate"), "{error}");
}

#[test]
fn the_runtime_is_named_by_the_engine_that_is_locked() {
    let engine = mu_infer::RUNTIME.rsplit(", tract-onnx ").next().unwrap();
    let lock = include_str!("../../../Cargo.lock");
    assert!(lock.contains(&format!("name = \"tract-onnx\"\nversion = \"{engine}\"\n")), "{engine}");
}
