//! exp, log, tanh and sigmoid against f64 of the standard library, on a dense sweep of each range.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{call, f32s, f64s, tensor, type_of};
use mu_format::op::Op;
use mu_format::tensor::Data;

fn sweep(from: f64, to: f64, count: usize) -> Vec<f64> {
    (0..=count).map(|i| from + (to - from) * i as f64 / count as f64).collect()
}

/// Numbers of every size between two powers of ten, of one sign.
fn sizes(sign: f64, from: i32, to: i32, count: usize) -> Vec<f64> {
    sweep(f64::from(from), f64::from(to), count).into_iter().map(|e| sign * 10f64.powf(e)).collect()
}

/// The last place of an f32 near `x`.
fn place32(x: f64) -> f64 {
    let x = (x.abs() as f32).max(f32::MIN_POSITIVE);
    f64::from(f32::from_bits(x.to_bits() + 1)) - f64::from(x)
}

fn place64(x: f64) -> f64 {
    let x = x.abs().max(f64::MIN_POSITIVE);
    f64::from_bits(x.to_bits() + 1) - x
}

/// The greatest errors in units of the last place, for f32 and for f64.
fn errors(op: Op, exact: fn(f64) -> f64, inputs: &[f64]) -> (f64, f64) {
    let narrow: Vec<f32> = inputs.iter().map(|x| *x as f32).collect();
    let (arg, wide) = (f32s(narrow.clone()), f64s(inputs.to_vec()));
    let a = call(op, &[], std::slice::from_ref(&arg), &type_of(&arg)).unwrap();
    let b = call(op, &[], std::slice::from_ref(&wide), &type_of(&wide)).unwrap();
    let (Data::F32(a), Data::F64(b)) = (&tensor(&a).data, &tensor(&b).data) else { panic!("other types") };
    let mut most = (0.0f64, 0.0f64);
    for (x, y) in narrow.iter().zip(a) {
        let truth = exact(f64::from(*x));
        if truth.is_finite() && truth.abs() < f64::from(f32::MAX) {
            let error = (f64::from(*y) - truth).abs() / place32(truth);
            assert!(error < 100.0, "{op:?}({x}) is {truth}, not {y}");
            most.0 = most.0.max(error);
        }
    }
    for (x, y) in inputs.iter().zip(b) {
        let truth = exact(*x);
        if truth.is_finite() {
            let error = (y - truth).abs() / place64(truth);
            assert!(error < 100.0, "{op:?}({x}) is {truth}, not {y}");
            most.1 = most.1.max(error);
        }
    }
    most
}

fn within(op: Op, exact: fn(f64) -> f64, inputs: &[f64], bound: f64) {
    let (narrow, wide) = errors(op, exact, inputs);
    println!("{op:?}: f32 {narrow:.3}, f64 {wide:.3}");
    assert!(narrow <= bound && wide <= bound, "{op:?}: f32 {narrow}, f64 {wide}");
}

#[test]
fn exp_keeps_its_bound() {
    let inputs = [sweep(-104.0, 89.0, 200_000), sweep(-745.0, 709.7, 200_000), sizes(1.0, -30, 1, 20_000)].concat();
    within(Op::Exp, f64::exp, &inputs, 1.5);
}

#[test]
fn log_keeps_its_bound() {
    let inputs = [sweep(1e-6, 4.0, 200_000), sizes(1.0, -320, 308, 200_000), sizes(1.0, -45, 38, 100_000)].concat();
    within(Op::Log, f64::ln, &inputs, 1.5);
}

#[test]
fn tanh_keeps_its_bound() {
    let inputs = [sweep(-25.0, 25.0, 200_000), sizes(1.0, -45, 2, 50_000), sizes(-1.0, -45, 2, 50_000)].concat();
    within(Op::Tanh, f64::tanh, &inputs, 3.0);
}

#[test]
fn sigmoid_keeps_its_bound() {
    let exact = |x: f64| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) };
    let inputs = [sweep(-110.0, 110.0, 200_000), sweep(-745.0, 40.0, 50_000), sizes(-1.0, -45, 2, 20_000)].concat();
    within(Op::Sigmoid, exact, &inputs, 3.0);
}
