//! Blobs of machine code, and where values live.

use mu_format::bundle::sha256;
use mu_format::frame::{Frame, Leaf};
use mu_format::native::{Arch, decode, digest, digest_from_hex, encode, feature_names, features};
use mu_format::tensor::DType;
use mu_format::text;

fn blob() -> Vec<u8> {
    encode(Arch::X86_64, features(&["sse4.2", "popcnt"]), digest(b"plan"), &[0, 64], &[0xc3; 100]).unwrap()
}

#[test]
fn a_blob_reads_back() {
    let header = decode(&blob()).unwrap();
    assert_eq!((header.arch, header.plan), (Arch::X86_64, digest(b"plan")));
    assert_eq!(feature_names(header.features), ["sse4.2", "popcnt"]);
    let start = header.code.start as u32;
    assert_eq!(header.functions, [start, start + 64]);
    assert_eq!(header.code.len(), 100);
}

#[test]
fn the_digest_of_a_plan_is_the_sha256_that_bundles_list() {
    assert_eq!(digest_from_hex(&sha256(b"plan")), Some(digest(b"plan")));
    for text in ["", "ab", "é", &"g".repeat(64), &"0".repeat(66)] {
        assert_eq!(digest_from_hex(text), None, "{text}");
    }
}

#[test]
fn a_changed_byte_is_noticed_wherever_it_stands() {
    let blob = blob();
    for at in 0..blob.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = blob.clone();
            changed[at] ^= flip;
            assert!(decode(&changed).is_err(), "byte {at} changed by {flip}");
        }
    }
}

#[test]
fn cut_or_longer_blobs_are_refused() {
    let blob = blob();
    for length in 0..blob.len() {
        assert!(decode(&blob[..length]).is_err(), "{length} bytes");
    }
    assert!(decode(&[blob.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn functions_outside_of_the_code_are_refused() {
    for functions in [[0, 128], [0, 63], [4096, 0]] {
        let blob = encode(Arch::Aarch64, 0, [0; 32], &functions, &[0; 100]).unwrap();
        assert!(decode(&blob).is_err(), "{functions:?}");
    }
}

const PROGRAM: &str = r#"
func @f(%0: option<{a: f32, t: text}>, %1: list<f32[2], 4>) -> {n: f32, l: list<f32[2], 4>} {
  %5: f32 = match %0 present(%2: {a: f32, t: text}) {
    %3: f32 = field %2 0
    yield %3
  } absent {
    %4: f32 = literal 0.0
    yield %4
  }
  %8: list<f32[2], 4> = for %1 do(%6: f32[2]) {
    %7: f32[2] = +(%6, %6)
    yield %7
  }
  %9: {n: f32, l: list<f32[2], 4>} = record(%5, %8)
  yield %9
}
"#;

#[test]
fn values_are_taken_apart_and_put_together_in_place() {
    let program = text::parse(PROGRAM).unwrap();
    let frame = Frame::of(&program.functions[0]);
    let kinds = |value| frame.cells(value).iter().map(|cell| frame.leaf(*cell).unwrap()).collect::<Vec<_>>();
    let number = Leaf::Scalar(DType::F32);
    assert_eq!(frame.result, 2);
    assert_eq!(kinds(0), [Leaf::Flag, number, Leaf::Boxed]);
    assert_eq!(frame.cells(2), &frame.cells(0)[1..]);
    assert_eq!(frame.cells(3), &frame.cells(0)[1..2]);
    assert_eq!(frame.cells(9), [frame.cells(5), frame.cells(8)].concat());
    assert_eq!(kinds(7), [Leaf::Tensor]);
}

#[test]
fn only_what_a_block_made_may_be_given_away() {
    let program = text::parse(PROGRAM).unwrap();
    let frame = Frame::of(&program.functions[0]);
    // The field lies in the option, which is still there; the literal and the sum are the block's own.
    assert_eq!((frame.movable(5, 0), frame.movable(5, 1)), ([false].as_slice(), [true].as_slice()));
    assert_eq!(frame.movable(8, 0), [true]);
    assert_eq!(frame.body_movable(), [true, true]);
}
