//! Pictures: decoding, colour, resizing as Pillow does it, boxes.

mod boxes;
mod decode;
mod resize;

pub(crate) use boxes::{matched, non_maximum_suppression};
pub(crate) use decode::Pixels;
pub use decode::check_image;
pub(crate) use decode::picture;
pub(crate) use regions::regions;
pub(crate) use resize::{center_crop, fit, resize, resize_pad};
mod regions;

use crate::call::{Call, whole};
use crate::context::Context;
use crate::error::Outcome;
use crate::view::tensor;
use boxes::Area;
use mu_format::value::{Image, Value};
use std::sync::Arc;

/// `a * b / 255`, rounded, as Pillow computes it.
fn times(a: u8, b: u8) -> u8 {
    let product = u32::from(a) * u32::from(b) + 128;
    (((product >> 8) + product) >> 8) as u8
}

/// Red, green and blue of a pixel of 1 to 4 channels, laid on black.
fn on_black(pixel: &[u8]) -> [u8; 3] {
    match *pixel {
        [l] => [l; 3],
        [l, a] => [times(l, a); 3],
        [r, g, b] => [r, g, b],
        [r, g, b, a] => [times(r, a), times(g, a), times(b, a)],
        _ => [0; 3],
    }
}

pub(crate) fn gray(call: &Call, cx: &mut Context) -> Outcome<Value> {
    let pixels = decode::pixels(call, cx)?;
    let data = pixels.data.chunks_exact(pixels.channels);
    let lightness = |pixel| {
        let [r, g, b] = on_black(pixel).map(u32::from);
        ((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16) as u8
    };
    let result = if pixels.channels == 1 { pixels.data.to_vec() } else { data.map(lightness).collect() };
    Ok(tensor(&[1, pixels.height, pixels.width], result))
}

pub(crate) fn rgb(call: &Call, cx: &mut Context) -> Outcome<Value> {
    let pixels = decode::pixels(call, cx)?;
    let plane = pixels.width * pixels.height;
    let mut result = vec![0; 3 * plane];
    let (red, rest) = result.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let places = red.iter_mut().zip(green).zip(blue);
    for (pixel, ((r, g), b)) in pixels.data.chunks_exact(pixels.channels).zip(places) {
        [*r, *g, *b] = on_black(pixel);
    }
    Ok(tensor(&[3, pixels.height, pixels.width], result))
}

pub(crate) fn width(call: &Call) -> Outcome<Value> {
    Ok(whole(decode::size(call.image(0)?)?.0))
}

pub(crate) fn height(call: &Call) -> Outcome<Value> {
    Ok(whole(decode::size(call.image(0)?)?.1))
}

/// Where a stretch of a side begins and ends, in whole pixels: at least one, inside the side.
fn stretch(start: f32, length: f32, side: usize) -> (usize, usize) {
    let (start, length, whole) = (f64::from(start), f64::from(length), side as f64);
    // A conversion from float to integer cuts off at both ends of the range, and NaN becomes 0.
    let from = ((start * whole).round_ties_even() as usize).min(side.saturating_sub(1));
    let to = (((start + length) * whole).round_ties_even() as usize).clamp(from + 1, side.max(from + 1));
    (from, to)
}

pub(crate) fn crop(call: &Call, cx: &mut Context) -> Outcome<Value> {
    let area = Area::of(call.arg(1)?).ok_or_else(|| call.wrong("argument 2 is no box"))?;
    let pixels = decode::pixels(call, cx)?;
    let (left, right) = stretch(area.left, area.width, pixels.width);
    let (top, bottom) = stretch(area.top, area.height, pixels.height);
    let mut data = Vec::with_capacity((right - left) * (bottom - top) * pixels.channels);
    for row in pixels.data.chunks_exact(pixels.width * pixels.channels).take(bottom).skip(top) {
        data.extend_from_slice(&row[left * pixels.channels..right * pixels.channels]);
    }
    Ok(Value::Image(Image::Pixels {
        width: (right - left) as u32,
        height: (bottom - top) as u32,
        channels: pixels.channels as u8,
        data: Arc::new(data),
    }))
}
