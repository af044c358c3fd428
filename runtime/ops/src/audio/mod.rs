//! Sound: WAV files, other rates, frames.

mod frames;
mod resample;
mod wav;

pub(crate) use frames::{alarmed, frames, right, silent};
pub use wav::check_audio;
pub(crate) use wav::samples;

use crate::call::Call;
use crate::error::Outcome;
use mu_format::value::{Audio, Value};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Samples a second that a sound may have.
const RATES: RangeInclusive<u32> = 1_000..=768_000;
/// The longest sound that an operation makes: over an hour at 16,000 samples a second.
const MOST_SAMPLES: u128 = 1 << 26;

pub(crate) fn resample(call: &Call) -> Outcome<Value> {
    let sound = wav::sound(call)?;
    let rate = u32::try_from(call.dim(0)?).unwrap_or(0);
    if !RATES.contains(&rate) || !RATES.contains(&sound.rate) {
        return Err(call.wrong("there is no such rate"));
    }
    let length = (sound.samples.len() as u128 * u128::from(rate)).div_ceil(u128::from(sound.rate));
    if length > MOST_SAMPLES {
        return Err(call.bad(&format!("a sound of {length} samples, more than {MOST_SAMPLES}")));
    }
    let length = length as usize;
    let data = if rate == sound.rate {
        sound.samples
    } else {
        Arc::new(resample::resampled(&sound.samples, sound.rate, rate, length))
    };
    Ok(Value::Audio(Audio::Samples { rate, data }))
}

pub(crate) fn duration(call: &Call) -> Outcome<Value> {
    let sound = wav::sound(call)?;
    Ok(Value::F64(sound.samples.len() as f64 / f64::from(sound.rate)))
}
