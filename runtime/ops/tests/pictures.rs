//! Pictures against Pillow: `pillow/make.py` made the files and says with which version.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{call, file, image_type, picture, tensor, u8s};
use mu_format::ir::Attr;
use mu_format::npy;
use mu_format::op::Op;
use mu_format::tensor::{Data, Tensor};
use mu_format::value::{Image, Value};
use mu_ops::check_image;

fn decoded(op: Op, name: &str) -> Value {
    call(op, &[], &[picture(file(&format!("pillow/{name}")))], &image_type()).expect(name)
}

fn expected(name: &str) -> Tensor {
    npy::read(&file(&format!("pillow/{name}.npy"))).expect(name)
}

#[test]
fn png_pixels_equal_those_of_pillow() {
    let names =
        ["rgb", "rgba", "gray", "gray_alpha", "one_bit", "palette", "palette_transparent", "interlaced", "rgb_16"];
    for name in names {
        let png = format!("{name}.png");
        assert_eq!(tensor(&decoded(Op::Rgb, &png)), &expected(&format!("{name}.rgb")), "{name}");
        assert_eq!(tensor(&decoded(Op::Gray, &png)), &expected(&format!("{name}.gray")), "{name}");
    }
}

#[test]
fn jpeg_pixels_are_close_to_those_of_pillow() {
    for (op, name) in [(Op::Rgb, "rgb"), (Op::Gray, "gray")] {
        let (ours, theirs) = (decoded(op, "photo.jpg"), expected(&format!("photo.{name}")));
        let (Data::U8(a), Data::U8(b)) = (&tensor(&ours).data, &theirs.data) else { panic!("no bytes") };
        assert_eq!(tensor(&ours).shape, theirs.shape);
        let most = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most <= Some(6), "{name}: {most:?}");
    }
}

#[test]
fn of_sixteen_bits_of_grey_the_upper_eight_are_kept() {
    let (ours, deep) = (decoded(Op::Gray, "gray_16.png"), expected("rgb_16.rgb"));
    let (Data::U8(ours), Data::U8(deep)) = (&tensor(&ours).data, &deep.data) else { panic!("no bytes") };
    // The file holds the red channel of the other one.
    assert_eq!(ours, &deep[..ours.len()]);
}

#[test]
fn resized_pixels_equal_those_of_pillow() {
    let source = decoded(Op::Rgb, "source.png");
    for (height, width) in [(7, 7), (23, 11), (40, 37), (64, 50), (1, 1), (5, 61)] {
        for filter in ["nearest", "bilinear", "bicubic"] {
            let attrs = [Attr::Int(height), Attr::Int(width), Attr::Text(filter.into())];
            let ours = call(Op::Resize, &attrs, std::slice::from_ref(&source), &image_type()).expect(filter);
            let name = format!("source.{height}x{width}.{filter}");
            assert_eq!(tensor(&ours), &expected(&name), "{name}");
        }
    }
}

#[test]
fn a_file_is_held_to_its_kind_and_size() {
    assert_eq!(check_image(&file("pillow/rgb.png")), Ok(()));
    assert_eq!(check_image(&file("pillow/photo.jpg")), Ok(()));
    let message = |bytes: &[u8]| check_image(bytes).expect_err("a broken picture").message;
    let neither = "the picture is neither a PNG nor a JPEG file";
    assert_eq!(message(b""), neither);
    assert_eq!(message(b"<!DOCTYPE html>"), neither);
    assert_eq!(message(b"version https://git-lfs.github.com/spec/v1\n"), neither);
    let mut half = file("pillow/source.png");
    half.truncate(half.len() / 2);
    assert!(message(&half).starts_with("the picture cannot be read: "), "{}", message(&half));
    let mut half = file("pillow/photo.jpg");
    half.truncate(20);
    assert!(message(&half).starts_with("the picture cannot be read: "), "{}", message(&half));
}

/// A PNG header that claims a size, and nothing more.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = file("pillow/rgb.png");
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_read() {
    let error = check_image(&claims(60_000, 60_000)).expect_err("a huge picture");
    assert_eq!(error.message, "the picture has 60000 x 60000 pixels, which is more than 64 million");
    assert!(check_image(&claims(0, 9)).is_err());
    assert!(check_image(&claims(u32::MAX, u32::MAX)).is_err());
}

#[test]
fn the_size_needs_the_header_alone() {
    let args = [picture(claims(8_000, 8_000))];
    let width = call(Op::Width, &[], &args, &mu_format::types::Type::scalar(mu_format::tensor::DType::I64));
    assert_eq!(width, Ok(Value::I64(8_000)));
}

#[test]
fn cropping_a_file_gives_its_pixels() {
    let area = Value::Record([0.0, 0.0, 1.0, 1.0, 1.0].map(Value::F32).to_vec().into());
    let whole = call(Op::Crop, &[], &[picture(file("pillow/rgba.png")), area], &mu_format::types::Type::Image);
    let whole = whole.expect("a crop");
    assert!(matches!(&whole, Value::Image(Image::Pixels { width: 13, height: 9, channels: 4, .. })), "{whole:?}");
    let rgb = call(Op::Rgb, &[], &[whole], &image_type()).expect("colours");
    assert_eq!(tensor(&rgb), &expected("rgba.rgb"));
}

#[test]
fn a_wide_picture_can_be_made_narrow_but_not_endless() {
    let wide = u8s(&[1, 1, 1 << 20], vec![9; 1 << 20]);
    let attrs = |height: i64| [Attr::Int(height), Attr::Int(1 << 20), Attr::Text("nearest".into())];
    let error = call(Op::Resize, &attrs(1 << 20), &[wide], &image_type()).expect_err("a picture too large");
    assert_eq!(error.message, "`resize`: the shape [1, 1048576, 1048576] has more than 268435456 elements");
}
