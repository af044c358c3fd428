//! From PNG and JPEG files to pixels, within limits that are checked before anything is allocated.

use crate::call::Call;
use crate::context::Context;
use crate::error::{OpError, Outcome};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use mu_format::value::Image;
use std::io::Cursor;
use std::sync::Arc;

/// The most pixels a picture may have: 64 million.
const MOST_PIXELS: u64 = 64_000_000;

/// Decoded pixels: `channels` is 1 to 4, 8 bits each, row by row, channels last; neither side is 0.
#[derive(Clone)]
pub(crate) struct Pixels {
    pub width: usize,
    pub height: usize,
    pub channels: usize,
    pub data: Arc<Vec<u8>>,
}

/// A reader for the picture that has seen its header and found it within the limits; and its width and height.
fn open(bytes: &[u8]) -> Outcome<(impl ImageDecoder, (u32, u32))> {
    let bad = |error: &dyn std::fmt::Display| OpError::bad(format!("the picture cannot be read: {error}"));
    let mut reader = ImageReader::new(Cursor::new(bytes));
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => reader.set_format(format),
        _ => return Err(OpError::bad("the picture is neither a PNG nor a JPEG file")),
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(8 * MOST_PIXELS);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|error| bad(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(OpError::bad(format!(
            "the picture has {width} x {height} pixels, which is more than {} million",
            MOST_PIXELS / 1_000_000
        )));
    }
    if width == 0 || height == 0 {
        return Err(OpError::bad("the picture has no pixels"));
    }
    Ok((decoder, (width, height)))
}

fn decode(bytes: &[u8]) -> Outcome<Pixels> {
    let (decoder, (width, height)) = open(bytes)?;
    let picture = DynamicImage::from_decoder(decoder)
        .map_err(|error| OpError::bad(format!("the picture cannot be read: {error}")))?;
    // Of 16 bits the upper 8 are kept.
    let high = |samples: Vec<u16>| samples.into_iter().map(|x| (x >> 8) as u8).collect();
    let (channels, data) = match picture {
        DynamicImage::ImageLuma8(p) => (1, p.into_raw()),
        DynamicImage::ImageLumaA8(p) => (2, p.into_raw()),
        DynamicImage::ImageRgb8(p) => (3, p.into_raw()),
        DynamicImage::ImageRgba8(p) => (4, p.into_raw()),
        DynamicImage::ImageLuma16(p) => (1, high(p.into_raw())),
        DynamicImage::ImageLumaA16(p) => (2, high(p.into_raw())),
        DynamicImage::ImageRgb16(p) => (3, high(p.into_raw())),
        DynamicImage::ImageRgba16(p) => (4, high(p.into_raw())),
        other => (3, other.into_rgb8().into_raw()),
    };
    Ok(Pixels { width: width as usize, height: height as usize, channels, data: Arc::new(data) })
}

/// Checks a picture at the boundary, so that no operation fails to read it later: it is a PNG or JPEG file of at most
/// 64 million pixels, and all of it can be decoded. The size is checked before anything is allocated.
pub fn check_image(bytes: &[u8]) -> Result<(), OpError> {
    decode(bytes).map(|_| ())
}

/// The picture in a PNG or JPEG file, as pixels.
pub(crate) fn picture(bytes: &[u8]) -> Outcome<Image> {
    let Pixels { width, height, channels, data } = decode(bytes)?;
    Ok(Image::Pixels { width: width as u32, height: height as u32, channels: channels as u8, data })
}

/// Width and height, from the header alone.
pub(crate) fn size(image: &Image) -> Outcome<(usize, usize)> {
    match image {
        Image::Encoded(bytes) => open(bytes).map(|(_, (width, height))| (width as usize, height as usize)),
        Image::Pixels { width, height, .. } => Ok((*width as usize, *height as usize)),
    }
}

/// The pixels of the first argument.
pub(crate) fn pixels(call: &Call, cx: &mut Context) -> Outcome<Pixels> {
    let bytes = match call.image(0)? {
        Image::Encoded(bytes) => bytes,
        Image::Pixels { width, height, channels, data } => {
            let pixels = Pixels {
                width: *width as usize,
                height: *height as usize,
                channels: usize::from(*channels),
                data: data.clone(),
            };
            let count = pixels.width.checked_mul(pixels.height).and_then(|n| n.checked_mul(pixels.channels));
            let sound = (1..=4).contains(channels) && count == Some(data.len()) && !data.is_empty();
            return if sound { Ok(pixels) } else { Err(call.wrong("the pixels do not fill the picture")) };
        }
    };
    if let Some((last, pixels)) = &cx.decoded
        && Arc::ptr_eq(last, bytes)
    {
        return Ok(pixels.clone());
    }
    let pixels = decode(bytes)?;
    cx.decoded = Some((bytes.clone(), pixels.clone()));
    Ok(pixels)
}
