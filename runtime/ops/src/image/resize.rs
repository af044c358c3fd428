//! Resizing, byte for byte as Pillow 13 does it: two passes, each with coefficients in fixed point and an 8-bit result; where a
//! side shrinks, the filter widens with it. The pass across comes first, but for pictures whose height shrinks by more than
//! twice as many pixels as their width; older versions always begin with it, and so differ there by a level at most.

use crate::call::Call;
use crate::error::Outcome;
use crate::view::tensor;
use mu_format::value::Value;

/// The fraction bits of a coefficient: 8 bits of the sample and 2 to spare out of 32.
const PRECISION: u32 = 32 - 8 - 2;

#[derive(Clone, Copy)]
enum Filter {
    Nearest,
    Bilinear,
    Bicubic,
}

impl Filter {
    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Filter::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Filter::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5,
            Filter::Bilinear if x < 1.0 => 1.0 - x,
            _ => 0.0,
        }
    }

    fn support(self) -> f64 {
        if matches!(self, Filter::Bicubic) { 2.0 } else { 1.0 }
    }
}

/// The samples that make one sample of the result, and their weights.
struct Window {
    from: usize,
    weights: Vec<i32>,
}

fn windows(filter: Filter, there: usize, wanted: usize) -> Vec<Window> {
    let scale = there as f64 / wanted as f64;
    let stretch = scale.max(1.0);
    let support = filter.support() * stretch;
    let window = |place: usize| {
        let center = (place as f64 + 0.5) * scale;
        let from = (center - support + 0.5) as usize;
        let to = ((center + support + 0.5) as usize).min(there);
        // Divided by the stretch: the product with its reciprocal rounds as Pillow's does.
        let shrink = 1.0 / stretch;
        let weights: Vec<f64> = (from..to).map(|x| filter.weight((x as f64 - center + 0.5) * shrink)).collect();
        let sum: f64 = weights.iter().fold(0.0, |sum, w| sum + w);
        let fixed = |w: &f64| {
            let w = if sum == 0.0 { *w } else { *w / sum } * f64::from(1 << PRECISION);
            (if w < 0.0 { w - 0.5 } else { w + 0.5 }) as i32
        };
        Window { from, weights: weights.iter().map(fixed).collect() }
    };
    (0..wanted).map(window).collect()
}

fn cut(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// Resizes each row of `x`, `there` samples long.
fn across(x: &[u8], there: usize, windows: &[Window]) -> Vec<u8> {
    let mut result = Vec::with_capacity(x.len() / there * windows.len());
    for row in x.chunks_exact(there) {
        result.extend(windows.iter().map(|window| {
            let samples = &row[window.from..];
            let products = samples.iter().zip(&window.weights).map(|(x, w)| i32::from(*x) * w);
            cut(products.fold(1 << (PRECISION - 1), i32::wrapping_add))
        }));
    }
    result
}

/// Resizes each column of each plane of `x`, `height` rows of `width` samples.
fn down(x: &[u8], height: usize, width: usize, windows: &[Window]) -> Vec<u8> {
    let planes = x.chunks_exact(height * width);
    let mut result = Vec::with_capacity(planes.len() * windows.len() * width);
    let mut sums = vec![0i32; width];
    for plane in planes {
        for window in windows {
            sums.fill(1 << (PRECISION - 1));
            for (row, weight) in plane[window.from * width..].chunks_exact(width).zip(&window.weights) {
                for (sum, x) in sums.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(i32::from(*x) * weight);
                }
            }
            result.extend(sums.iter().map(|sum| cut(*sum)));
        }
    }
    result
}

/// The sample that is taken for each place. The places are added up, not multiplied, as in Pillow, whose rounding this keeps.
fn nearest(there: usize, wanted: usize) -> Vec<usize> {
    let step = there as f64 / wanted as f64;
    let mut at = step * 0.5;
    let place = |_| {
        let here = (at as usize).min(there - 1);
        at += step;
        here
    };
    (0..wanted).map(place).collect()
}

fn resized(call: &Call, filter: Filter, image: &Planes, height: usize, width: usize) -> Outcome<Vec<u8>> {
    let lost = |there: usize, wanted: usize| there as i128 - wanted as i128;
    let down_first = height < image.height && lost(image.height, height) > 2 * lost(image.width, width);
    let between = if down_first { [height, image.width] } else { [image.height, width] };
    call.affordable(&[image.channels, between[0], between[1]])?;
    call.affordable(&[image.channels, height, width])?;
    if width == 0 || height == 0 {
        return Ok(Vec::new());
    }
    if let Filter::Nearest = filter {
        let (columns, lines) = (nearest(image.width, width), nearest(image.height, height));
        let planes = image.data.chunks_exact(image.width * image.height);
        let row = |plane: &[u8], line: usize| -> Vec<u8> {
            let row = &plane[line * image.width..(line + 1) * image.width];
            columns.iter().map(|column| row[*column]).collect()
        };
        return Ok(planes.flat_map(|plane| lines.iter().flat_map(move |line| row(plane, *line))).collect());
    }
    let pass_down = |x: Vec<u8>, width: usize| {
        if height == image.height {
            return x;
        }
        down(&x, image.height, width, &windows(filter, image.height, height))
    };
    let pass_across = |x: Vec<u8>| {
        if width == image.width {
            return x;
        }
        across(&x, image.width, &windows(filter, image.width, width))
    };
    let data = image.data.to_vec();
    Ok(if down_first { pass_across(pass_down(data, image.width)) } else { pass_down(pass_across(data), width) })
}

/// The first argument: a picture with its channels first.
struct Planes<'a> {
    channels: usize,
    height: usize,
    width: usize,
    data: &'a [u8],
}

impl<'a> Planes<'a> {
    fn of(call: &Call<'a>) -> Outcome<Planes<'a>> {
        let ([channels, height, width], data) = call.grid::<u8, 3>(0)?;
        if data.is_empty() {
            return Err(call.bad("the picture has no pixels"));
        }
        Ok(Planes { channels, height, width, data })
    }
}

pub(crate) fn resize(call: &Call) -> Outcome<Value> {
    let image = Planes::of(call)?;
    let (height, width) = (call.dim(0)?, call.dim(1)?);
    let filter = match call.word(2)? {
        "nearest" => Filter::Nearest,
        "bilinear" => Filter::Bilinear,
        "bicubic" => Filter::Bicubic,
        _ => return Err(call.wrong("no such filter")),
    };
    let data = resized(call, filter, &image, height, width)?;
    Ok(tensor(&[image.channels, height, width], data))
}

/// `side * longest / largest`, rounded down, then to the nearest multiple (ties to even), which is at least one multiple and at
/// most the multiples that `longest` holds.
fn fitted(side: usize, largest: usize, longest: usize, multiple: usize) -> usize {
    let side = if largest > longest { (side as u128 * longest as u128 / largest as u128) as usize } else { side };
    let (whole, rest) = (side / multiple, side % multiple);
    let up = rest > multiple - rest || (rest == multiple - rest && whole % 2 == 1);
    (whole + usize::from(up)).clamp(1, (longest / multiple).max(1)) * multiple
}

pub(crate) fn fit(call: &Call) -> Outcome<Value> {
    let image = Planes::of(call)?;
    let (longest, multiple) = (call.dim(0)?, call.dim(1)?);
    if multiple == 0 || multiple > longest {
        return Err(call.wrong("the multiple does not lie between 1 and the longest side"));
    }
    let largest = image.width.max(image.height);
    let height = fitted(image.height, largest, longest, multiple);
    let width = fitted(image.width, largest, longest, multiple);
    let data = resized(call, Filter::Bilinear, &image, height, width)?;
    Ok(tensor(&[image.channels, height, width], data))
}

pub(crate) fn resize_pad(call: &Call) -> Outcome<Value> {
    let image = Planes::of(call)?;
    let (height, width) = (call.dim(0)?, call.dim(1)?);
    let proportional = (height as u128 * image.width as u128).div_ceil(image.height as u128);
    let wide = usize::try_from(proportional).unwrap_or(width).min(width);
    let narrow = resized(call, Filter::Bilinear, &image, height, wide)?;
    let mut data = Vec::with_capacity(call.affordable(&[image.channels, height, width])?);
    for row in narrow.chunks_exact(wide.max(1)) {
        data.extend_from_slice(row);
        data.resize(data.len() + width - wide, 0);
    }
    Ok(tensor(&[image.channels, height, width], data))
}

pub(crate) fn center_crop(call: &Call) -> Outcome<Value> {
    let image = Planes::of(call)?;
    let shorter = image.width.min(image.height);
    let side = ((call.float(0)? * shorter as f64) as usize).clamp(1, shorter);
    let (left, top) = ((image.width - side).div_ceil(2), (image.height - side).div_ceil(2));
    let mut data = Vec::with_capacity(image.channels * side * side);
    for plane in image.data.chunks_exact(image.width * image.height) {
        for row in plane.chunks_exact(image.width).skip(top).take(side) {
            data.extend_from_slice(&row[left..left + side]);
        }
    }
    Ok(tensor(&[image.channels, side, side], data))
}
