//! No operation panics, whatever it gets: random constants, shapes and values, with and without the type rule's consent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::type_of;
use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::{Audio, Image, Value};
use mu_ops::Context;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;

fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0..3.0f64,
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e-320]),
    ]
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -3..9i64, 1 => prop::sample::select(vec![i64::MIN, i64::MAX, 1 << 40, u32::MAX.into()])]
}

fn attr() -> impl Strategy<Value = Attr> {
    let filter = prop::sample::select(vec!["nearest", "bilinear", "bicubic", ""]);
    prop_oneof![
        6 => whole().prop_map(Attr::Int),
        1 => float().prop_map(Attr::Float),
        1 => filter.prop_map(|text| Attr::Text(text.into())),
        2 => vec(whole(), 0..4).prop_map(Attr::Ints),
        1 => (0..2u32).prop_map(Attr::Asset),
        1 => vec(0..4u32, 0..4).prop_map(Attr::Classes),
    ]
}

fn tensor() -> impl Strategy<Value = Value> {
    let dims = prop_oneof![8 => 0..5usize, 1 => Just(1usize << 62)];
    (vec(dims, 0..4), prop::sample::select(DType::ALL.to_vec()), vec(float(), 130)).prop_map(
        |(mut shape, dtype, seed)| {
            // A huge dimension is possible only beside an empty one.
            if shape.iter().any(|n| *n > 5) {
                shape.insert(0, 0);
            }
            let count = shape.iter().fold(1usize, |n, d| n.saturating_mul(*d));
            let x = seed.iter().cycle().take(count);
            let data = match dtype {
                DType::Bool => Data::Bool(x.map(|x| *x > 0.0).collect()),
                DType::U8 => Data::U8(x.map(|x| (*x * 80.0) as u8).collect()),
                DType::I32 => Data::I32(x.map(|x| (*x * 1e9) as i32).collect()),
                DType::I64 => Data::I64(x.map(|x| (*x * 1e18) as i64).collect()),
                DType::F32 => Data::F32(x.map(|x| *x as f32).collect()),
                DType::F64 => Data::F64(x.copied().collect()),
            };
            Value::Tensor(Arc::new(Tensor { shape, data }))
        },
    )
}

fn value() -> impl Strategy<Value = Value> {
    let simple = prop_oneof![
        2 => whole().prop_map(Value::I64),
        2 => float().prop_map(|x| Value::F32(x as f32)),
        1 => float().prop_map(Value::F64),
        1 => any::<bool>().prop_map(Value::Bool),
        6 => tensor(),
        2 => "[a-zA-Zé!' ]{0,9}".prop_map(|text| Value::Text(text.into())),
        1 => (0..4u32).prop_map(Value::Label),
        1 => vec((0..4u32, float().prop_map(|x| x as f32)), 0..4).prop_map(|r| Value::Ranking(r.into())),
        2 => (0..4u32, 0..4u32, 0..6u8, vec(any::<u8>(), 0..64)).prop_map(|(width, height, channels, data)| {
            Value::Image(Image::Pixels { width, height, channels, data: data.into() })
        }),
        1 => vec(any::<u8>(), 0..64).prop_map(|bytes| Value::Image(Image::Encoded(bytes.into()))),
        2 => (prop_oneof![0..9u32, 1_000..800_000u32], vec(float().prop_map(|x| x as f32), 0..64))
            .prop_map(|(rate, data)| Value::Audio(Audio::Samples { rate, data: data.into() })),
        1 => vec(any::<u8>(), 0..64).prop_map(|bytes| Value::Audio(Audio::Encoded(bytes.into()))),
        2 => vec(float().prop_map(|x| Value::F32(x as f32)), 5).prop_map(|fields| Value::Record(fields.into())),
    ];
    simple.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| Value::List(values.into())),
            vec(inner.clone(), 0..4).prop_map(|values| Value::Record(values.into())),
            inner.prop_map(|value| Value::Option(Some(value.into()))),
        ]
    })
}

/// A type that something might be declared to give.
fn result() -> impl Strategy<Value = Type> {
    prop_oneof![
        Just(Type::Image),
        Just(Type::Ranking(0)),
        Just(Type::Option(Box::new(Type::Label(0)))),
        (prop::sample::select(DType::ALL.to_vec()), vec(prop::sample::select(vec![Dim::Is(2), Dim::Any]), 0..4))
            .prop_map(|(dtype, dims)| Type::Tensor(dtype, dims)),
    ]
}

fn try_all(attrs: &[Attr], args: &[Value], result: &Type) {
    let labels = [vec!["a".to_string(), "b".to_string()]];
    let assets = [Arc::new(b"{}".to_vec())];
    let types: Vec<Type> = args.iter().map(type_of).collect();
    let types: Vec<&Type> = types.iter().collect();
    for op in Op::ALL {
        let _ = mu_ops::result_type(*op, attrs, &types, result);
        let _ = mu_ops::run(*op, attrs, args, &types, result, &mut Context::new(&labels, &assets));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_operation_panics(attrs in vec(attr(), 0..5), args in vec(value(), 0..4), result in result()) {
        try_all(&attrs, &args, &result);
    }

    #[test]
    fn no_operation_panics_on_like_arguments(
        attrs in vec(whole().prop_map(Attr::Int), 0..5), arg in value(), result in result()
    ) {
        try_all(&attrs, &[arg.clone(), arg.clone(), arg], &result);
    }

    #[test]
    fn no_changed_file_makes_the_readers_panic(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
        for name in ["pillow/palette.png", "pillow/interlaced.png", "pillow/photo.jpg"] {
            let mut bytes = common::file(name);
            let at = at.index(bytes.len());
            bytes[at] = to;
            let _ = mu_ops::check_image(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            let _ = mu_ops::check_image(&bytes);
        }
        let mut bytes = SOUND.to_vec();
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = mu_ops::check_audio(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        let _ = mu_ops::check_audio(&bytes);
    }
}

/// Two channels of 16 bits, two samples each.
const SOUND: &[u8] = b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x10\0data\x08\0\0\0\x01\0\x02\0\x03\0\x04\0";
