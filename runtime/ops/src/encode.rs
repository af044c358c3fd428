//! From pixels and samples to files, for answers: what leaves a program has a form that others can read; and back.

use crate::error::{OpError, Outcome};
use hound::{SampleFormat, WavSpec, WavWriter};
use image::ExtendedColorType::{L8, La8, Rgb8, Rgba8};
use image::ImageEncoder;
use image::codecs::png::PngEncoder;
use mu_format::value::{Audio, Image, Value};
use std::io::Cursor;
use std::sync::Arc;

/// The value with every decoded picture inside it as a PNG file and every decoded sound as a WAV file of floats.
pub fn as_files(value: Value) -> Result<Value, OpError> {
    Ok(match value {
        Value::Image(Image::Pixels { width, height, channels, data }) => {
            Value::Image(Image::Encoded(Arc::new(png(width, height, channels, &data)?)))
        }
        Value::Audio(Audio::Samples { rate, data }) => Value::Audio(Audio::Encoded(Arc::new(wav(rate, &data)?))),
        Value::Option(Some(value)) => Value::Option(Some(Arc::new(as_files(Arc::unwrap_or_clone(value))?))),
        Value::Result(Ok(value)) => Value::Result(Ok(Arc::new(as_files(Arc::unwrap_or_clone(value))?))),
        Value::List(values) => Value::List(Arc::new(all(values)?)),
        Value::Record(values) => Value::Record(Arc::new(all(values)?)),
        value => value,
    })
}

fn all(values: Arc<Vec<Value>>) -> Outcome<Vec<Value>> {
    Arc::unwrap_or_clone(values).into_iter().map(as_files).collect()
}

/// The value with every file of a picture inside it decoded to pixels and every WAV file to samples, so that values can be
/// compared however they came. What cannot be read is an error, as at the boundary.
pub fn decoded(value: Value) -> Result<Value, OpError> {
    let all = |values: Arc<Vec<Value>>| Arc::unwrap_or_clone(values).into_iter().map(decoded).collect::<Outcome<_>>();
    Ok(match value {
        Value::Image(Image::Encoded(bytes)) => Value::Image(crate::image::picture(&bytes)?),
        Value::Audio(Audio::Encoded(bytes)) => Value::Audio(crate::audio::samples(&bytes)?),
        Value::Option(Some(value)) => Value::Option(Some(Arc::new(decoded(Arc::unwrap_or_clone(value))?))),
        Value::Result(Ok(value)) => Value::Result(Ok(Arc::new(decoded(Arc::unwrap_or_clone(value))?))),
        Value::List(values) => Value::List(Arc::new(all(values)?)),
        Value::Record(values) => Value::Record(Arc::new(all(values)?)),
        value => value,
    })
}

fn png(width: u32, height: u32, channels: u8, data: &[u8]) -> Outcome<Vec<u8>> {
    let wrong = |why: &dyn std::fmt::Display| OpError::internal(format!("the picture cannot be written: {why}"));
    let color = [L8, La8, Rgb8, Rgba8].get(usize::from(channels).wrapping_sub(1)).copied();
    let color = color.ok_or_else(|| wrong(&format!("it has {channels} channels")))?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels.checked_mul(u64::from(channels)) != Some(data.len() as u64) {
        return Err(wrong(&"its size is not that of its pixels"));
    }
    let mut file = Vec::new();
    PngEncoder::new(&mut file).write_image(data, width, height, color).map_err(|e| wrong(&e))?;
    Ok(file)
}

fn wav(rate: u32, samples: &[f32]) -> Outcome<Vec<u8>> {
    let spec = WavSpec { channels: 1, sample_rate: rate, bits_per_sample: 32, sample_format: SampleFormat::Float };
    let mut file = Cursor::new(Vec::new());
    let written = WavWriter::new(&mut file, spec).and_then(|mut writer| {
        samples.iter().try_for_each(|sample| writer.write_sample(*sample))?;
        writer.finalize()
    });
    written.map_err(|e| OpError::internal(format!("the sound cannot be written: {e}")))?;
    Ok(file.into_inner())
}
