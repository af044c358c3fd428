//! Sound in frames, and metrics on them.

use super::wav;
use crate::call::{Call, list, whole};
use crate::error::Outcome;
use crate::view::tensor;
use mu_format::value::Value;

pub(crate) fn frames(call: &Call) -> Outcome<Value> {
    let sound = wav::sound(call)?;
    let (size, at_most) = (call.dim(0)?, call.dim(1)?);
    if size == 0 {
        return Err(call.wrong("frames of no samples"));
    }
    let count = sound.samples.len().div_ceil(size);
    if count > at_most {
        return Err(call.bad(&format!("the sound has {count} frames, and at most {at_most} are allowed")));
    }
    call.affordable(&[count, size])?;
    let frame = |samples: &[f32]| {
        let mut frame: Vec<f32> = samples.iter().map(|x| x.clamp(-1.0, 1.0)).collect();
        frame.resize(size, 0.0);
        tensor(&[size], frame)
    };
    Ok(list(sound.samples.chunks(size).map(frame).collect()))
}

/// What the model says of each frame and the truth; both lists have one length.
fn pairs(call: &Call) -> Outcome<(Vec<(f32, bool)>, f32)> {
    let (output, truth) = (call.scalars::<f32>(0)?, call.scalars::<bool>(1)?);
    if output.len() != truth.len() {
        return Err(call.bad(&format!("{} frames of output and {} of truth", output.len(), truth.len())));
    }
    Ok((output.into_iter().zip(truth).collect(), call.scalar(2)?))
}

pub(crate) fn right(call: &Call) -> Outcome<Value> {
    let (pairs, threshold) = pairs(call)?;
    Ok(whole(pairs.iter().filter(|(output, truth)| (*output >= threshold) == *truth).count()))
}

pub(crate) fn alarmed(call: &Call) -> Outcome<Value> {
    let (pairs, threshold) = pairs(call)?;
    Ok(whole(pairs.iter().filter(|(output, truth)| *output >= threshold && !truth).count()))
}

pub(crate) fn silent(call: &Call) -> Outcome<Value> {
    Ok(whole(call.scalars::<bool>(0)?.into_iter().filter(|speech| !speech).count()))
}
