//! Boxes around the connected places of a map.

use super::boxes::Area;
use crate::call::{Call, list};
use crate::error::Outcome;
use mu_format::value::Value;

/// A connected part of the map: its bounding box (the far sides not included), its cells and the sum of their values.
struct Region {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
    cells: usize,
    sum: f64,
}

impl Region {
    fn add(&mut self, x: usize, y: usize, value: f32) {
        self.left = self.left.min(x);
        self.right = self.right.max(x + 1);
        self.top = self.top.min(y);
        self.bottom = self.bottom.max(y + 1);
        self.cells += 1;
        self.sum += f64::from(value);
    }

    fn mean(&self) -> f32 {
        (self.sum / self.cells as f64) as f32
    }

    /// The box in fractions of the map, grown on every side and cut off at the map's edge.
    fn grown(&self, grow: f32, height: usize, width: usize) -> Area {
        let (wide, high) = ((self.right - self.left) as f64, (self.bottom - self.top) as f64);
        let by = f64::from(grow) * (wide * high) / (2.0 * (wide + high));
        let edge = |at: f64, side: usize| (at / side as f64).clamp(0.0, 1.0);
        let (left, right) = (edge(self.left as f64 - by, width), edge(self.right as f64 + by, width));
        let (top, bottom) = (edge(self.top as f64 - by, height), edge(self.bottom as f64 + by, height));
        Area {
            left: left as f32,
            top: top as f32,
            width: (right - left) as f32,
            height: (bottom - top) as f32,
            score: self.mean(),
        }
    }
}

/// The regions in the order of their first cells, row by row. Cells are neighbours across their four sides.
fn connected(map: &[f32], width: usize, threshold: f32) -> Vec<Region> {
    let mut open: Vec<bool> = map.iter().map(|x| *x >= threshold).collect();
    let mut regions = Vec::new();
    let mut waiting = Vec::new();
    for start in 0..map.len() {
        if !open[start] {
            continue;
        }
        open[start] = false;
        waiting.push(start);
        let mut region = Region { left: usize::MAX, top: usize::MAX, right: 0, bottom: 0, cells: 0, sum: 0.0 };
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % width, at / width);
            region.add(x, y, map[at]);
            let around = [
                (y > 0).then(|| at - width),
                (x > 0).then(|| at - 1),
                (x + 1 < width).then(|| at + 1),
                (at + width < map.len()).then(|| at + width),
            ];
            for next in around.into_iter().flatten() {
                if std::mem::take(&mut open[next]) {
                    waiting.push(next);
                }
            }
        }
        regions.push(region);
    }
    regions
}

pub(crate) fn regions(call: &Call) -> Outcome<Value> {
    let ([height, width], map) = call.grid::<f32, 2>(0)?;
    let (threshold, grow) = (call.scalar::<f32>(1)?, call.scalar::<f32>(3)?);
    let smallest = usize::try_from(call.scalar::<i64>(2)?).unwrap_or(0);
    let mut regions = connected(map, width, threshold);
    regions.retain(|region| region.cells >= smallest);
    // The sort is stable: equal means stay in the order of the first cells.
    regions.sort_by(|a, b| crate::label::best_first(a.mean(), b.mean()));
    regions.truncate(call.dim(0)?);
    Ok(list(regions.iter().map(|region| region.grown(grow, height, width).value()).collect()))
}
