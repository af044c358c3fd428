//! Reads NumPy's `.npy` files, versions 1 to 3.
//!
//! Whole numbers of 8 and 16 bits that have no element type of their own become i32.

use crate::tensor::{Data, Tensor};

const MAGIC: &[u8] = b"\x93NUMPY";

/// Whether the bytes start as a `.npy` file does.
pub fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The array in a `.npy` file: bool, whole numbers, float32 or float64, little endian, in C or Fortran order.
/// The error says what is wrong with the file and, where there is one, how to save it so that it can be read.
pub fn read(bytes: &[u8]) -> Result<Tensor, String> {
    let (header, data) = open(bytes)?;
    let data = elements(&header.descr, data, header.count()?)?;
    let data = if header.fortran { reorder(data, &header.shape) } else { data };
    Tensor::new(header.shape, data).ok_or_else(|| "the array has another size than its shape".into())
}

/// The texts in a `.npy` file of one dimension: strings (`<U`) or bytes (`|S`, read as UTF-8) of a fixed length. `None` where it
/// holds something else.
pub fn texts(bytes: &[u8]) -> Result<Option<Vec<String>>, String> {
    let (header, data) = open(bytes)?;
    let (unit, length) = match header.descr.split_at_checked(2) {
        Some(("<U", length)) => (4, length),
        Some(("|S", length)) => (1, length),
        _ => return Ok(None),
    };
    let bad = || "the header of the .npy file cannot be read".to_string();
    let size = length.parse::<usize>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(bad)?;
    let count = match header.shape.as_slice() {
        [count] => *count,
        _ => return Err("texts must stand in one row: an array of one dimension".into()),
    };
    if count.checked_mul(size) != Some(data.len()) {
        return Err(format!("the .npy file holds {} bytes of data where {count} texts need another size", data.len()));
    }
    if size == 0 {
        return Ok(Some(vec![String::new(); count.min(1 << 24)]));
    }
    let text = |cell: &[u8]| match unit {
        1 => String::from_utf8(cell.to_vec()).ok(),
        _ => cell.as_chunks::<4>().0.iter().map(|c| char::from_u32(u32::from_le_bytes(*c))).collect(),
    };
    let texts = data.chunks_exact(size).map(|cell| text(cell).map(|text| text.trim_end_matches('\0').to_string()));
    texts.collect::<Option<_>>().map(Some).ok_or_else(|| "the .npy file holds texts that are no Unicode".into())
}

fn open(bytes: &[u8]) -> Result<(Header, &[u8]), String> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("no .npy file")?;
    let (version, rest) = rest.split_first_chunk::<2>().ok_or("the .npy file is cut off")?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk::<2>().map(|(n, rest)| (usize::from(u16::from_le_bytes(*n)), rest)),
        2 | 3 => rest.split_first_chunk::<4>().map(|(n, rest)| (u32::from_le_bytes(*n) as usize, rest)),
        other => return Err(format!("version {other} of .npy is not known")),
    }
    .ok_or("the .npy file is cut off")?;
    let (header, data) = rest.split_at_checked(length).ok_or("the .npy file is cut off")?;
    let header = std::str::from_utf8(header).map_err(|_| "the header of the .npy file is no text")?;
    Ok((Header::read(header).ok_or("the header of the .npy file cannot be read")?, data))
}

/// The Python dictionary before the data.
struct Header {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
}

impl Header {
    fn read(text: &str) -> Option<Header> {
        let value = |key: &str| {
            let at = text.find(&format!("'{key}'"))?;
            text.get(at + key.len() + 2..)?.trim_start().strip_prefix(':').map(str::trim_start)
        };
        let descr = value("descr")?.strip_prefix('\'')?.split('\'').next()?.to_string();
        let fortran = value("fortran_order")?.starts_with("True");
        let shape = value("shape")?.strip_prefix('(')?.split(')').next()?;
        let shape: Option<Vec<usize>> =
            shape.split(',').map(str::trim).filter(|d| !d.is_empty()).map(|d| d.parse().ok()).collect();
        Some(Header { descr, fortran, shape: shape? })
    }

    fn count(&self) -> Result<usize, String> {
        self.shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d)).ok_or_else(|| "the array is too large".into())
    }
}

fn elements(descr: &str, bytes: &[u8], count: usize) -> Result<Data, String> {
    Ok(match descr {
        "|b1" => Data::Bool(fixed(bytes, count, |[b]: [u8; 1]| b != 0)?),
        "|u1" => Data::U8(fixed(bytes, count, |[b]: [u8; 1]| b)?),
        "|i1" => Data::I32(fixed(bytes, count, |[b]: [u8; 1]| i32::from(b as i8))?),
        "<i2" => Data::I32(fixed(bytes, count, |b| i32::from(i16::from_le_bytes(b)))?),
        "<u2" => Data::I32(fixed(bytes, count, |b| i32::from(u16::from_le_bytes(b)))?),
        "<i4" => Data::I32(fixed(bytes, count, i32::from_le_bytes)?),
        "<i8" => Data::I64(fixed(bytes, count, i64::from_le_bytes)?),
        "<f4" => Data::F32(fixed(bytes, count, f32::from_le_bytes)?),
        "<f8" => Data::F64(fixed(bytes, count, f64::from_le_bytes)?),
        _ => {
            let known = "bool, whole numbers up to int64 but uint32, float32 and float64, little endian";
            return Err(format!("elements of type `{descr}` cannot be read, only {known}; save it as x.astype(...)"));
        }
    })
}

fn fixed<const N: usize, T>(bytes: &[u8], count: usize, from: impl Fn([u8; N]) -> T) -> Result<Vec<T>, String> {
    if count.checked_mul(N) != Some(bytes.len()) {
        return Err(format!(
            "the .npy file holds {} bytes of data where {count} elements need another size",
            bytes.len()
        ));
    }
    let (chunks, _) = bytes.as_chunks::<N>();
    Ok(chunks.iter().map(|chunk| from(*chunk)).collect())
}

/// From Fortran order (first index fastest) to C order.
fn reorder(data: Data, shape: &[usize]) -> Data {
    match data {
        Data::Bool(v) => Data::Bool(reordered(v, shape)),
        Data::U8(v) => Data::U8(reordered(v, shape)),
        Data::I32(v) => Data::I32(reordered(v, shape)),
        Data::I64(v) => Data::I64(reordered(v, shape)),
        Data::F32(v) => Data::F32(reordered(v, shape)),
        Data::F64(v) => Data::F64(reordered(v, shape)),
    }
}

fn reordered<T: Copy>(source: Vec<T>, shape: &[usize]) -> Vec<T> {
    let mut index = vec![0; shape.len()];
    let mut out = Vec::with_capacity(source.len());
    while out.len() < source.len() {
        let at = index.iter().zip(shape).rev().fold(0, |at, (i, n)| at * n + i);
        out.extend(source.get(at).copied());
        for (i, n) in index.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < *n {
                break;
            }
            *i = 0;
        }
    }
    out
}
