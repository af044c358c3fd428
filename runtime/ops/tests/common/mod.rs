//! Calls of operations for tests that build their values in Rust.
#![allow(dead_code, reason = "each test binary uses its share")]

use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::{Audio, Image, Value};
use mu_ops::{Context, OpError};
use std::sync::Arc;

/// A type for a value, as exact as the value shows it.
pub fn type_of(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::scalar(DType::Bool),
        Value::I64(_) => Type::scalar(DType::I64),
        Value::F32(_) => Type::scalar(DType::F32),
        Value::F64(_) => Type::scalar(DType::F64),
        Value::Tensor(t) => Type::Tensor(t.dtype(), t.shape.iter().map(|n| Dim::Is(*n as u64)).collect()),
        Value::Text(_) => Type::Text,
        Value::Bytes(_) => Type::Bytes,
        Value::Image(_) => Type::Image,
        Value::Audio(_) => Type::Audio,
        Value::Label(_) => Type::Label(0),
        Value::Ranking(_) => Type::Ranking(0),
        Value::Option(inside) => Type::Option(Box::new(inside.as_deref().map_or(Type::Text, type_of))),
        Value::Result(inside) => Type::Result(Box::new(inside.as_deref().map_or(Type::Text, type_of))),
        Value::List(values) => Type::List(Box::new(values.first().map_or(Type::Text, type_of)), values.len() as u64),
        Value::Record(fields) => {
            Type::Record(fields.iter().enumerate().map(|(i, value)| (format!("f{i}"), type_of(value))).collect())
        }
    }
}

/// One call without label sets and files; the type of the result hardly ever matters.
pub fn call(op: Op, attrs: &[Attr], args: &[Value], result: &Type) -> Result<Value, OpError> {
    let types: Vec<Type> = args.iter().map(type_of).collect();
    let types: Vec<&Type> = types.iter().collect();
    mu_ops::run(op, attrs, args, &types, result, &mut Context::new(&[], &[]))
}

pub fn u8s(shape: &[usize], data: Vec<u8>) -> Value {
    Value::Tensor(Arc::new(Tensor::new(shape.to_vec(), Data::U8(data)).expect("the shape fits")))
}

pub fn f32s(data: Vec<f32>) -> Value {
    Value::Tensor(Arc::new(Tensor { shape: vec![data.len()], data: Data::F32(data) }))
}

pub fn f64s(data: Vec<f64>) -> Value {
    Value::Tensor(Arc::new(Tensor { shape: vec![data.len()], data: Data::F64(data) }))
}

pub fn picture(file: Vec<u8>) -> Value {
    Value::Image(Image::Encoded(Arc::new(file)))
}

pub fn sound(file: Vec<u8>) -> Value {
    Value::Audio(Audio::Encoded(Arc::new(file)))
}

pub fn tensor(value: &Value) -> &Tensor {
    match value {
        Value::Tensor(tensor) => tensor,
        other => panic!("{other:?} is no tensor"),
    }
}

pub fn image_type() -> Type {
    Type::Tensor(DType::U8, vec![Dim::Any; 3])
}

/// A file beside the tests.
pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"))).expect(name)
}
