//! WAV files: whole numbers of 8 to 32 bits or floats, any number of channels.

use super::RATES;
use crate::call::Call;
use crate::error::{OpError, Outcome};
use hound::{SampleFormat, WavReader};
use mu_format::value::Audio;
use std::sync::Arc;

/// One channel between -1 and 1, at `rate` samples a second; `rate` is not 0.
pub(crate) struct Sound {
    pub rate: u32,
    pub samples: Arc<Vec<f32>>,
}

/// The mean of all channels, added from the first to the last.
fn decode(bytes: &[u8]) -> Outcome<Sound> {
    let bad = |error: hound::Error| OpError::bad(format!("the sound is no WAV file: {error}"));
    let mut reader = WavReader::new(bytes).map_err(bad)?;
    let spec = reader.spec();
    if spec.channels == 0 {
        return Err(OpError::bad("the sound is no WAV file: it has no channels"));
    }
    if !RATES.contains(&spec.sample_rate) {
        let (low, high) = (RATES.start(), RATES.end());
        return Err(OpError::bad(format!("the sound has {} samples a second, not {low} to {high}", spec.sample_rate)));
    }
    let samples: Result<Vec<f32>, hound::Error> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect(),
        SampleFormat::Int => {
            // Powers of two: the division is exact but for rounding to f32.
            let full = (1u64 << spec.bits_per_sample.clamp(1, 32).saturating_sub(1)) as f32;
            reader.samples::<i32>().map(|sample| sample.map(|x| x as f32 / full)).collect()
        }
    };
    let samples = samples.map_err(bad)?;
    let channels = usize::from(spec.channels);
    let mixed = match channels {
        1 => samples,
        _ => samples.chunks_exact(channels).map(|all| all.iter().sum::<f32>() / channels as f32).collect(),
    };
    if mixed.iter().any(|x| !x.is_finite()) {
        return Err(OpError::bad("the sound has samples that are no finite numbers"));
    }
    Ok(Sound { rate: spec.sample_rate, samples: Arc::new(mixed) })
}

/// Checks a sound at the boundary, so that no operation fails to read it later: it is a WAV file of whole numbers or floats
/// with 1,000 to 768,000 samples a second, and all of it can be read.
pub fn check_audio(bytes: &[u8]) -> Result<(), OpError> {
    decode(bytes).map(|_| ())
}

/// The sound in a WAV file, as samples.
pub(crate) fn samples(bytes: &[u8]) -> Outcome<Audio> {
    decode(bytes).map(|Sound { rate, samples }| Audio::Samples { rate, data: samples })
}

/// The samples of the first argument.
pub(crate) fn sound(call: &Call) -> Outcome<Sound> {
    match call.audio(0)? {
        Audio::Encoded(bytes) => decode(bytes),
        Audio::Samples { rate: 0, .. } => Err(call.wrong("the sound has no rate")),
        Audio::Samples { rate, data } => Ok(Sound { rate: *rate, samples: data.clone() }),
    }
}
