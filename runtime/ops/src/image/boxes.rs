//! Boxes: how much two overlap, which to keep, how many match.

use crate::call::{Call, list, one, record};
use crate::error::Outcome;
use crate::label::best_first;
use mu_format::value::Value;

/// A `Box`: fractions of the picture's sides, and how sure the model is.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
    pub score: f32,
}

impl Area {
    /// `None` where the value is no box.
    pub fn of(value: &Value) -> Option<Area> {
        let Value::Record(fields) = value else { return None };
        let [left, top, width, height, score] = fields.as_slice() else { return None };
        Some(Area { left: one(left)?, top: one(top)?, width: one(width)?, height: one(height)?, score: one(score)? })
    }

    pub fn value(self) -> Value {
        record([self.left, self.top, self.width, self.height, self.score].map(Value::F32).to_vec())
    }

    /// Intersection over union; 0 where the union is empty.
    fn overlap(&self, other: &Area) -> f32 {
        let shared = |a: f32, wide_a: f32, b: f32, wide_b: f32| ((a + wide_a).min(b + wide_b) - a.max(b)).max(0.0);
        let both = shared(self.left, self.width, other.left, other.width)
            * shared(self.top, self.height, other.top, other.height);
        let union = self.width * self.height + other.width * other.height - both;
        if union > 0.0 { both / union } else { 0.0 }
    }
}

/// Best first; the greedy choice that goes by this name.
pub(crate) fn non_maximum_suppression(call: &Call) -> Outcome<Value> {
    let limit = call.scalar::<f32>(1)?;
    let areas: Option<Vec<Area>> = call.list(0)?.iter().map(Area::of).collect();
    let mut areas = areas.ok_or_else(|| call.wrong("an element is no box"))?;
    areas.sort_by(|a, b| best_first(a.score, b.score));
    let mut kept: Vec<Area> = Vec::new();
    for area in areas {
        if !kept.iter().any(|better| better.overlap(&area) > limit) {
            kept.push(area);
        }
    }
    Ok(list(kept.into_iter().map(Area::value).collect()))
}

/// Label and place of each `Detection`.
fn detections(call: &Call, i: usize) -> Outcome<Vec<(u32, Area)>> {
    let detection = |value: &Value| match value {
        Value::Record(fields) => match fields.as_slice() {
            [Value::Label(label), area] => Some((*label, Area::of(area)?)),
            _ => None,
        },
        _ => None,
    };
    call.list(i)?.iter().map(|value| detection(value).ok_or_else(|| call.wrong("an element is no detection"))).collect()
}

/// Surer detections choose first; each takes the open one of `truth` that it covers best.
pub(crate) fn matched(call: &Call) -> Outcome<Value> {
    let (mut output, mut open, limit) = (detections(call, 0)?, detections(call, 1)?, call.scalar::<f32>(2)?);
    output.sort_by(|a, b| best_first(a.1.score, b.1.score));
    let mut matched = 0;
    for (label, area) in output {
        let mut best: Option<(usize, f32)> = None;
        for (at, (wanted, truth)) in open.iter().enumerate() {
            let overlap = area.overlap(truth);
            if *wanted == label && overlap >= limit && best.is_none_or(|(_, most)| overlap > most) {
                best = Some((at, overlap));
            }
        }
        if let Some((at, _)) = best {
            open.remove(at);
            matched += 1;
        }
    }
    Ok(Value::I64(matched))
}
