//! From a row of an array to a value of a type.

use mu_format::json;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::{Audio, Image, Value};
use serde_json::Value as Json;
use std::sync::Arc;

/// What rows are read by beside their type.
pub struct Reading<'a> {
    pub labels: &'a [Vec<String>],
    /// The same in the order of their declaration.
    pub declared: &'a [Vec<String>],
    /// Samples a second of sounds.
    pub rate: Option<u32>,
    /// What a picture's elements of a float type are multiplied by: 255 where all of them lie between 0 and 1.
    pub light: f64,
}

/// The value of the type that a tensor holds: numbers as they are where they fit, labels by number, records and lists along the
/// first axis, a picture as height x width (with 1, 3 or 4 channels first or last), a sound as one channel. Axes of size 1 in
/// front may be missing or too many. The error is a sentence without the sample's name.
pub fn from_tensor(tensor: &Tensor, ty: &Type, reading: &Reading) -> Result<Value, String> {
    let numbers = numbers(&tensor.data);
    if let Some(place) = numbers.iter().position(|x| !x.is_finite()) {
        return Err(format!("element {place} is {}, no finite number", numbers.get(place).unwrap_or(&f64::NAN)));
    }
    value(&View { shape: &tensor.shape, data: &tensor.data, numbers: &numbers }, ty, reading)
}

/// A part of a tensor.
struct View<'a> {
    shape: &'a [usize],
    /// All elements of the tensor; `numbers` are those of this part.
    data: &'a Data,
    numbers: &'a [f64],
}

fn value(view: &View, ty: &Type, reading: &Reading) -> Result<Value, String> {
    match ty {
        Type::Tensor(dtype, dims) => tensor(view, *dtype, dims).ok_or_else(|| misfit(view, ty)),
        Type::Label(set) => {
            let number = single(view).ok_or_else(|| misfit(view, ty))?;
            label(number, *set, reading.labels, reading.declared).map(Value::Label)
        }
        Type::Option(inner) => Ok(Value::Option(Some(Arc::new(value(view, inner, reading)?)))),
        Type::List(inner, bound) => {
            let rows = rows(view).ok_or_else(|| misfit(view, ty))?;
            if rows.len() as u64 > *bound {
                return Err(format!("it has {} elements, more than the {bound} of `{ty}`", rows.len()));
            }
            let rows = rows.iter().map(|row| value(row, inner, reading));
            Ok(Value::List(Arc::new(rows.collect::<Result<_, _>>()?)))
        }
        Type::Record(fields) => {
            let rows = rows(view).filter(|rows| rows.len() == fields.len()).ok_or_else(|| misfit(view, ty))?;
            let values = rows
                .iter()
                .zip(fields)
                .map(|(row, (name, ty))| value(row, ty, reading).map_err(|error| format!("field `{name}`: {error}")));
            Ok(Value::Record(Arc::new(values.collect::<Result<_, _>>()?)))
        }
        Type::Image => picture(view, reading).map(Value::Image),
        Type::Audio => sound(view, reading).map(Value::Audio),
        _ => Err(misfit(view, ty)),
    }
}

fn misfit(view: &View, ty: &Type) -> String {
    let shape = view.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    format!("an array of {}[{shape}] gives no {}", view.data.dtype().name(), mu_format::input::shown(ty, &[]))
}

/// The parts along the first axis.
fn rows<'a>(view: &'a View) -> Option<Vec<View<'a>>> {
    let (count, shape) = view.shape.split_first()?;
    let size = shape.iter().product::<usize>();
    let part = |i: usize| Some(View { shape, data: view.data, numbers: view.numbers.get(i * size..(i + 1) * size)? });
    (0..*count).map(part).collect()
}

fn single(view: &View) -> Option<f64> {
    match view.numbers {
        [one] => Some(*one),
        _ => None,
    }
}

/// The label of a set that a number means.
pub fn label(number: f64, set: u32, labels: &[Vec<String>], declared: &[Vec<String>]) -> Result<u32, String> {
    let labels = labels.get(set as usize).map(Vec::as_slice).unwrap_or_default();
    let declared = declared.get(set as usize).map(Vec::as_slice).unwrap_or_default();
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    let spelled = labels.iter().all(|label| label.parse::<i64>().is_ok());
    let place = match (whole, spelled) {
        (false, _) => None,
        (true, true) => labels.iter().position(|label| label.parse() == Ok(number as i64)),
        (true, false) => {
            let named = usize::try_from(number as i64).ok().and_then(|place| declared.get(place));
            named.and_then(|named| labels.iter().position(|label| label == named))
        }
    };
    place.and_then(|place| u32::try_from(place).ok()).ok_or_else(|| match spelled {
        true => format!("{number} is none of the {} labels", labels.len()),
        false => format!("{number} is no place among the {} labels, counted from 0", labels.len()),
    })
}

/// The value of the type that a text spells: a text itself, a label by its spelling, else JSON.
pub fn from_text(text: &str, ty: &Type, labels: &[Vec<String>]) -> Result<Value, String> {
    let json = match ty {
        Type::Text => return Ok(Value::Text(text.into())),
        Type::Label(_) => Json::from(text.trim()),
        Type::Option(_) if text.trim().is_empty() => return Ok(Value::Option(None)),
        Type::Option(inner) => return Ok(Value::Option(Some(Arc::new(from_text(text, inner, labels)?)))),
        _ => {
            let shown = mu_format::input::shown(ty, labels);
            serde_json::from_str(text.trim()).map_err(|_| format!("`{text}` is no value of type {shown}"))?
        }
    };
    json::from_json(&json, ty, labels, "").map_err(|error| format!("{}{}", error.path, error.message))
}

/// A tensor of the element type in a shape that the dimensions allow.
fn tensor(view: &View, dtype: DType, dims: &[Dim]) -> Option<Value> {
    let trimmed: Vec<usize> = match view.shape.len().checked_sub(dims.len()) {
        Some(more) => {
            let (front, shape) = view.shape.split_at(more);
            front.iter().all(|n| *n == 1).then(|| shape.to_vec())?
        }
        None => {
            let ones = dims.len() - view.shape.len();
            std::iter::repeat_n(1, ones).chain(view.shape.iter().copied()).collect()
        }
    };
    let fits = dims.iter().zip(&trimmed).all(|(dim, n)| dim.holds(*n as u64));
    let data = converted(view.numbers, dtype)?;
    fits.then(|| Value::from_tensor(Arc::new(Tensor { shape: trimmed, data })))
}

/// Numbers as elements of a type, where none is lost: floats go to the nearest, whole numbers must be whole and in range.
fn converted(numbers: &[f64], to: DType) -> Option<Data> {
    let range = |low: f64, high: f64| numbers.iter().all(|x| x.fract() == 0.0 && (low..=high).contains(x));
    match to {
        DType::F32 => Some(Data::F32(numbers.iter().map(|x| *x as f32).collect())),
        DType::F64 => Some(Data::F64(numbers.to_vec())),
        DType::Bool => range(0.0, 1.0).then(|| Data::Bool(numbers.iter().map(|x| *x != 0.0).collect())),
        DType::U8 => range(0.0, 255.0).then(|| Data::U8(numbers.iter().map(|x| *x as u8).collect())),
        DType::I32 => {
            let fits = range(f64::from(i32::MIN), f64::from(i32::MAX));
            fits.then(|| Data::I32(numbers.iter().map(|x| *x as i32).collect()))
        }
        DType::I64 => {
            // What a double can tell apart.
            let exact = range(-9_007_199_254_740_992.0, 9_007_199_254_740_992.0);
            exact.then(|| Data::I64(numbers.iter().map(|x| *x as i64).collect()))
        }
    }
}

/// The elements as doubles.
pub(crate) fn numbers(data: &Data) -> Vec<f64> {
    match data {
        Data::Bool(v) => v.iter().map(|x| f64::from(u8::from(*x))).collect(),
        Data::U8(v) => v.iter().map(|x| f64::from(*x)).collect(),
        Data::I32(v) => v.iter().map(|x| f64::from(*x)).collect(),
        Data::I64(v) => v.iter().map(|x| *x as f64).collect(),
        Data::F32(v) => v.iter().map(|x| f64::from(*x)).collect(),
        Data::F64(v) => v.clone(),
    }
}

fn picture(view: &View, reading: &Reading) -> Result<Image, String> {
    let (channels, height, width, first) = match view.shape {
        [h, w] => (1, *h, *w, true),
        [c @ (1 | 3 | 4), h, w] => (*c, *h, *w, true),
        [h, w, c @ (1 | 3 | 4)] => (*c, *h, *w, false),
        _ => return Err(misfit(view, &Type::Image)),
    };
    let light = if view.data.dtype().is_float() { reading.light } else { 1.0 };
    let byte = |x: &f64| {
        let x = (x * light).round();
        if (0.0..=255.0).contains(&x) { Ok(x as u8) } else { Err(format!("a picture's element is {x}, not 0 to 255")) }
    };
    let bytes: Vec<u8> = view.numbers.iter().map(byte).collect::<Result<_, _>>()?;
    let (Ok(width32), Ok(height32)) = (u32::try_from(width), u32::try_from(height)) else {
        return Err(misfit(view, &Type::Image));
    };
    if bytes.is_empty() {
        return Err("the picture has no pixels".into());
    }
    let size = width * height;
    let data = match (first, channels) {
        (true, 2..) => {
            (0..bytes.len()).filter_map(|i| bytes.get(i % channels * size + i / channels).copied()).collect()
        }
        _ => bytes,
    };
    Ok(Image::Pixels { width: width32, height: height32, channels: channels as u8, data: Arc::new(data) })
}

fn sound(view: &View, reading: &Reading) -> Result<Audio, String> {
    let [_] = view.shape else { return Err(misfit(view, &Type::Audio)) };
    let rate = reading.rate.ok_or("the array does not say how many samples a second it has: give `--rate`")?;
    let full = match view.data {
        Data::F32(_) | Data::F64(_) => 1.0,
        Data::U8(_) | Data::Bool(_) => return Err(misfit(view, &Type::Audio)),
        // Whole numbers are those of a WAV file of 16 bits.
        Data::I32(_) | Data::I64(_) => 32_768.0,
    };
    let data: Vec<f32> = view.numbers.iter().map(|x| (x / full) as f32).collect();
    match data.iter().all(|x| x.abs() <= 1.0) {
        true => Ok(Audio::Samples { rate, data: Arc::new(data) }),
        false => Err("a sound's samples must lie between -1 and 1, or be whole numbers of 16 bits".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shape: &[usize], data: Data, ty: &Type) -> Result<Value, String> {
        let labels = [vec!["a".to_string(), "b".to_string()], vec!["1".to_string(), "2".to_string()]];
        let declared = [vec!["b".to_string(), "a".to_string()], vec!["2".to_string(), "1".to_string()]];
        let reading = Reading { labels: &labels, declared: &declared, rate: Some(16_000), light: 255.0 };
        from_tensor(&Tensor { shape: shape.to_vec(), data }, ty, &reading)
    }

    #[test]
    fn a_number_is_a_label_by_its_spelling_where_labels_are_numbers_and_by_its_declared_place_elsewhere() {
        assert_eq!(read(&[], Data::I64(vec![1]), &Type::Label(0)), Ok(Value::Label(0)));
        assert_eq!(read(&[1], Data::F32(vec![1.0]), &Type::Label(1)), Ok(Value::Label(0)));
        assert!(read(&[], Data::I64(vec![2]), &Type::Label(0)).unwrap_err().contains("2 labels"));
        assert!(read(&[], Data::I64(vec![-1]), &Type::Label(0)).is_err());
        assert!(read(&[], Data::F64(vec![0.5]), &Type::Label(0)).is_err());
        assert!(read(&[], Data::F64(vec![f64::NAN]), &Type::Label(0)).unwrap_err().contains("NaN"));
    }

    #[test]
    fn channels_come_first_or_last_and_floats_of_a_picture_are_bytes() {
        let first = read(&[3, 2, 1], Data::U8(vec![1, 2, 3, 4, 5, 6]), &Type::Image);
        let last = read(&[2, 1, 3], Data::U8(vec![1, 3, 5, 2, 4, 6]), &Type::Image);
        assert!(first == last && first.is_ok());
        let grey = read(&[1, 1, 2], Data::F32(vec![0.0, 1.0]), &Type::Image);
        let data = Arc::new(vec![0, 255]);
        assert_eq!(grey, Ok(Value::Image(Image::Pixels { width: 2, height: 1, channels: 1, data })));
        assert!(read(&[2], Data::U8(vec![1, 2]), &Type::Image).is_err());
        assert!(read(&[1, 1], Data::F32(vec![7.0]), &Type::Image).unwrap_err().contains("0 to 255"));
    }

    #[test]
    fn axes_of_one_in_front_may_be_missing_or_too_many() {
        let ty = Type::Tensor(DType::F32, vec![Dim::Is(1), Dim::Is(2)]);
        assert!(read(&[2], Data::F64(vec![1.0, 2.0]), &ty).is_ok());
        assert!(read(&[1, 1, 2], Data::F64(vec![1.0, 2.0]), &ty).is_ok());
        assert!(read(&[3], Data::F64(vec![1.0, 2.0, 3.0]), &ty).is_err());
        assert_eq!(read(&[1], Data::F64(vec![1.5]), &Type::scalar(DType::F32)), Ok(Value::F32(1.5)));
        assert!(read(&[], Data::F64(vec![1.5]), &Type::scalar(DType::I64)).is_err());
    }

    #[test]
    fn records_and_lists_go_along_the_first_axis() {
        let f32 = Type::scalar(DType::F32);
        let record = Type::Record(vec![("a".into(), f32.clone()), ("b".into(), f32.clone())]);
        let both = vec![Value::F32(1.0), Value::F32(2.0)];
        assert_eq!(read(&[2], Data::F32(vec![1.0, 2.0]), &record), Ok(Value::Record(Arc::new(both.clone()))));
        assert!(read(&[3], Data::F32(vec![1.0, 2.0, 3.0]), &record).is_err());
        let list = |bound| Type::List(Box::new(f32.clone()), bound);
        assert_eq!(read(&[2], Data::F32(vec![1.0, 2.0]), &list(2)), Ok(Value::List(Arc::new(both))));
        assert!(read(&[2], Data::F32(vec![1.0, 2.0]), &list(1)).unwrap_err().contains("more than the 1"));
    }
}
