//! Sound: WAV files, other rates, frames.

mod frames;
mod resample;
mod wav;

pub(crate) use frames::{alarmed, frames, right, silent};
pub use wav::check_audio;

use crate::call::Call;
use crate::error::Outcome;
use mu_format::value::{Audio, Value};
use std::sync::Arc;

pub(crate) fn resample(call: &Call) -> Outcome<Value> {
    let sound = wav::sound(call)?;
    let rate = u32::try_from(call.dim(0)?).ok().filter(|rate| *rate > 0).ok_or_else(|| call.wrong("no such rate"))?;
    let length = (sound.samples.len() as u128 * u128::from(rate)).div_ceil(u128::from(sound.rate));
    let length = call.affordable(&[usize::try_from(length).unwrap_or(usize::MAX)])?;
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
