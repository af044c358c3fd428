//! A scatter plot as SVG: candidates by two scales, the front, and the lines of what is required.
//!
//! Shapes tell verdicts apart as well as colours do. All text is escaped: names of models are not ours.

use super::html::escape;
use super::shown;
use mu_driver::why::{Candidate, Explained, Scale};
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 86.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 58.0;
/// Beyond this many, names are in the table and under the pointer only.
const MOST_NAMES: usize = 40;

/// An axis of the picture: from values to places.
struct Along {
    low: f64,
    high: f64,
    log: bool,
    /// The places of its ends, in the picture's units.
    from: f64,
    to: f64,
}

impl Along {
    /// Covers the values, and the bounds that are not far from them.
    fn over(values: &[f64], bounds: &[f64], from: f64, to: f64) -> Option<Along> {
        let low = values.iter().copied().reduce(f64::min)?;
        let high = values.iter().copied().reduce(f64::max)?;
        // Kept from the ends of the range of numbers, where differences overflow.
        if !(low.abs() < 1e150 && high.abs() < 1e150) {
            return None;
        }
        let log = low > 0.0 && high / low >= 30.0;
        let span = high - low;
        let near = |bound: &&f64| match log {
            true => **bound > 0.0 && **bound <= high * 10.0 && **bound >= low / 10.0,
            false => **bound <= high + 2.0 * span && **bound >= low - 2.0 * span,
        };
        let bounds: Vec<f64> = bounds.iter().filter(near).copied().collect();
        let low = bounds.iter().copied().fold(low, f64::min);
        let high = bounds.iter().copied().fold(high, f64::max);
        let along = |value: f64| if log { value.log10() } else { value };
        let (low, high) = (along(low), along(high));
        let pad = if high > low { (high - low) * 0.06 } else { low.abs().max(1e-12) * 0.1 };
        Some(Along { low: low - pad, high: high + pad, log, from, to })
    }

    fn place(&self, value: f64) -> f64 {
        let along = if self.log { value.log10() } else { value };
        self.from + (along - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn holds(&self, value: f64) -> bool {
        let along = if self.log { value.log10() } else { value };
        (self.low..=self.high).contains(&along)
    }

    /// Round values along it, four to eight.
    fn ticks(&self, factor: f64) -> Vec<f64> {
        if self.log {
            let decades = self.low.floor() as i32..=self.high.ceil() as i32;
            let steps: &[f64] = if self.high - self.low < 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            // Round in the unit that is shown, not in base units.
            let unit = 10f64.powf(factor.log10().rem_euclid(1.0));
            let all = decades.flat_map(|ten| steps.iter().map(move |step| step * unit * 10f64.powi(ten)));
            return all.filter(|value| self.holds(*value)).collect();
        }
        let (low, high) = (self.low / factor, self.high / factor);
        let rough = (high - low) / 8.0;
        let ten = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|by| by * ten).find(|step| *step >= rough).unwrap_or(rough);
        let first = (low / step).ceil();
        let count = ((high / step).floor() - first).clamp(0.0, 20.0) as u32;
        (0..=count).map(|i| (first + f64::from(i)) * step * factor).collect()
    }
}

/// A point of the picture.
struct Spot<'a> {
    of: &'a Candidate,
    x: f64,
    y: f64,
}

/// The picture of two scales; nothing where fewer than two candidates have both values. `number` makes its ids unique in a page.
pub fn plot(explained: &Explained, x: usize, y: usize, number: usize) -> Option<String> {
    let (of_x, of_y) = (explained.axes.get(x)?, explained.axes.get(y)?);
    let both = |one: &Candidate| Some((one.values.get(x).copied()??, one.values.get(y).copied()??));
    let known: Vec<(&Candidate, f64, f64)> =
        explained.candidates.iter().filter_map(|one| both(one).map(|(x, y)| (one, x, y))).collect();
    if known.len() < 2 {
        return None;
    }
    let xs: Vec<f64> = known.iter().map(|(_, x, _)| *x).collect();
    let ys: Vec<f64> = known.iter().map(|(_, _, y)| *y).collect();
    let across = Along::over(&xs, &of_x.bounds, LEFT, WIDTH - RIGHT)?;
    let up = Along::over(&ys, &of_y.bounds, HEIGHT - BOTTOM, TOP)?;
    let mut spots: Vec<Spot> =
        known.iter().map(|(of, x, y)| Spot { of, x: across.place(*x), y: up.place(*y) }).collect();
    spots.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut svg = String::new();
    let title = format!("{} over {}", of_y.name, of_x.name);
    // Writing to a String cannot fail.
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"plot{number}t plot{number}d\" \
         xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"plot{number}t\">{}</title>\n<desc id=\"plot{number}d\">{}</desc>\n",
        escape(&title),
        escape(&description(explained, of_x, of_y, spots.len())),
    );
    frame(&mut svg, &across, &up, of_x, of_y);
    required(&mut svg, &across, &up, of_x, of_y);
    let front: Vec<String> =
        spots.iter().filter(|spot| spot.of.on_front).map(|spot| format!("{:.1},{:.1}", spot.x, spot.y)).collect();
    if front.len() > 1 {
        let _ = writeln!(svg, "<polyline class=\"front\" points=\"{}\"/>", front.join(" "));
    }
    let named = spots.len() <= MOST_NAMES;
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for spot in &spots {
        mark(&mut svg, spot, of_x, of_y, (x, y));
        if named || spot.of.verdict == "chosen" {
            name(&mut svg, spot, &mut taken);
        }
    }
    svg.push_str("</svg>\n");
    Some(svg)
}

fn description(explained: &Explained, x: &Scale, y: &Scale, count: usize) -> String {
    let chosen = explained.candidates.iter().find(|one| one.verdict == "chosen");
    let front: Vec<&str> =
        explained.candidates.iter().filter(|one| one.on_front).map(|one| one.model.as_str()).collect();
    let better = |scale: &Scale| if scale.higher_is_better { "more is better" } else { "less is better" };
    let chosen = chosen.map_or(" None fits.".to_owned(), |one| format!(" {} is chosen.", one.model));
    let front = if front.is_empty() { String::new() } else { format!(" The front: {}.", front.join(", ")) };
    format!(
        "{count} models by {} ({}) and {} ({}).{chosen}{front} The table below has the numbers.",
        x.name,
        better(x),
        y.name,
        better(y)
    )
}

/// The axes with their ticks.
fn frame(svg: &mut String, across: &Along, up: &Along, x: &Scale, y: &Scale) {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    for value in across.ticks(x.factor) {
        let at = across.place(value);
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>\
             <text class=\"tick\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 16.0,
            escape(&shown(x, value)),
        );
    }
    for value in up.ticks(y.factor) {
        let at = up.place(value);
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 7.0,
            at + 4.0,
            escape(&shown(y, value)),
        );
    }
    let log = |along: &Along| if along.log { " (logarithmic)" } else { "" };
    let _ = writeln!(
        svg,
        "<path class=\"axis\" d=\"M {LEFT} {TOP} V {bottom} H {right}\"/>\
         <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
         <text class=\"name\" x=\"{LEFT}\" y=\"{:.1}\">{}</text>",
        (LEFT + right) / 2.0,
        HEIGHT - 14.0,
        escape(&format!("{}{}", clipped(&x.name, 70), log(across))),
        TOP - 9.0,
        escape(&format!("{}{}", clipped(&y.name, 70), log(up))),
    );
}

/// The lines of what is required.
fn required(svg: &mut String, across: &Along, up: &Along, x: &Scale, y: &Scale) {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    for bound in x.bounds.iter().filter(|bound| across.holds(**bound)) {
        let at = across.place(*bound);
        let label = escape(&format!("{} {}", if x.higher_is_better { ">=" } else { "<=" }, shown(x, *bound)));
        let _ = writeln!(
            svg,
            "<line class=\"bound\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>\
             <text class=\"boundname\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            at - 4.0,
            TOP + 12.0,
        );
    }
    for bound in y.bounds.iter().filter(|bound| up.holds(**bound)) {
        let at = up.place(*bound);
        let label = escape(&format!("{} {}", if y.higher_is_better { ">=" } else { "<=" }, shown(y, *bound)));
        let _ = writeln!(
            svg,
            "<line class=\"bound\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\"/>\
             <text class=\"boundname\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>",
            LEFT + 5.0,
            at - 5.0,
        );
    }
}

/// A disc with a ring is chosen, a disc fits, a cross does not.
fn mark(svg: &mut String, spot: &Spot, of_x: &Scale, of_y: &Scale, (x, y): (usize, usize)) {
    let Spot { of, x: across, y: up } = spot;
    let value = |scale: &Scale, axis: usize| {
        let value = of.values.get(axis).copied().flatten();
        value.map_or("unknown".to_owned(), |value| shown(scale, value))
    };
    let front = if of.on_front { ", on the front" } else { "" };
    let told = format!(
        "{} ({}{front}): {} {}, {} {}",
        of.model,
        of.verdict,
        of_x.name,
        value(of_x, x),
        of_y.name,
        value(of_y, y)
    );
    let shape = match of.verdict {
        "chosen" => format!(
            "<circle class=\"chosen\" cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"6\"/>\
             <circle class=\"ring\" cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"10\"/>"
        ),
        "kept" => format!("<circle class=\"kept\" cx=\"{across:.1}\" cy=\"{up:.1}\" r=\"5\"/>"),
        _ => format!("<path class=\"dropped\" d=\"M {:.1} {:.1} l 9 9 m 0 -9 l -9 9\"/>", across - 4.5, up - 4.5),
    };
    let _ = writeln!(svg, "<g>{shape}<title>{}</title></g>", escape(&told));
}

/// The name beside a point, moved down where another stands.
fn name(svg: &mut String, spot: &Spot, taken: &mut Vec<(f64, f64)>) {
    let text = clipped(&spot.of.model, 24);
    let width = 7.0 * text.chars().count() as f64;
    let left = spot.x + 18.0 + width > WIDTH;
    let x = if left { spot.x - 14.0 } else { spot.x + 14.0 };
    let start = if left { x - width } else { x };
    let mut y = spot.y + 4.0;
    while taken.iter().any(|(from, at)| (at - y).abs() < 12.0 && (from - start).abs() < width.max(60.0))
        && y < HEIGHT - 6.0
    {
        y += 12.0;
    }
    taken.push((start, y));
    let anchor = if left { "end" } else { "start" };
    let _ = writeln!(
        svg,
        "<text class=\"model\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(&text)
    );
}

fn clipped(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}
