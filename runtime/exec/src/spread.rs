//! Values taken apart into cells, and put together again.

use crate::cell::Memory;
use mu_format::frame::{Leaf, count};
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::Type;
use mu_format::value::Value;
use std::sync::Arc;

/// The places of a value's leaves, in order.
pub(crate) type Places<'a> = &'a mut dyn Iterator<Item = usize>;

/// Puts a value into the cells of its leaves. What is inside an empty option or a bad result is left as it was.
pub(crate) fn scatter(memory: &mut Memory, places: Places, ty: &Type, value: &Value) -> Result<(), String> {
    match (ty, value) {
        (Type::Record(fields), Value::Record(values)) => {
            fields.iter().zip(values.iter()).try_for_each(|((_, ty), value)| scatter(memory, places, ty, value))
        }
        (Type::Option(inner), Value::Option(inside)) => {
            memory.set_bits(next(places)?, u64::from(inside.is_some()));
            match inside {
                Some(inside) => scatter(memory, places, inner, inside),
                None => skip(places, count(inner)),
            }
        }
        (Type::Result(inner), Value::Result(inside)) => {
            memory.set_bits(next(places)?, u64::from(inside.is_ok()));
            match inside {
                Ok(inside) => {
                    scatter(memory, places, inner, inside)?;
                    skip(places, 1)
                }
                Err(error) => {
                    skip(places, count(inner))?;
                    memory.put(next(places)?, Value::Text(error.clone()));
                    Ok(())
                }
            }
        }
        (Type::Tensor(dtype, dims), value) if dims.is_empty() => {
            let bits = bits(value).filter(|(found, _)| found == dtype).ok_or_else(|| format!("no {ty}"))?.1;
            memory.set_bits(next(places)?, bits);
            Ok(())
        }
        (Type::Label(_), Value::Label(label)) => {
            memory.set_bits(next(places)?, u64::from(*label));
            Ok(())
        }
        (Type::Tensor(..), Value::Tensor(_))
        | (Type::List(..), Value::List(_))
        | (Type::Text, Value::Text(_))
        | (Type::Bytes, Value::Bytes(_))
        | (Type::Image, Value::Image(_))
        | (Type::Audio, Value::Audio(_))
        | (Type::Ranking(_), Value::Ranking(_)) => {
            memory.put(next(places)?, value.clone());
            Ok(())
        }
        _ => Err(format!("a value of another kind is no {ty}")),
    }
}

/// Makes `into` the value whose leaves lie in the cells; boxes that nobody else holds are used again.
pub(crate) fn gather(memory: &Memory, places: Places, ty: &Type, into: &mut Value) -> Result<(), String> {
    match ty {
        Type::Record(fields) => {
            let parts = match into {
                Value::Record(parts) => Arc::get_mut(parts).filter(|parts| parts.len() == fields.len()),
                _ => None,
            };
            if let Some(parts) = parts {
                let mut both = fields.iter().zip(parts);
                return both.try_for_each(|((_, ty), part)| gather(memory, places, ty, part));
            }
            let parts = fields.iter().map(|(_, ty)| gathered(memory, places, ty));
            *into = Value::Record(Arc::new(parts.collect::<Result<_, _>>()?));
        }
        Type::Option(inner) => {
            if memory.cell(next(places)?).data & 1 == 0 {
                *into = Value::Option(None);
                return skip(places, count(inner));
            }
            if let Value::Option(Some(inside)) = into
                && let Some(inside) = Arc::get_mut(inside)
            {
                return gather(memory, places, inner, inside);
            }
            *into = Value::Option(Some(Arc::new(gathered(memory, places, inner)?)));
        }
        Type::Result(inner) => {
            if memory.cell(next(places)?).data & 1 == 0 {
                skip(places, count(inner))?;
                let Value::Text(error) = memory.value(next(places)?) else { return Err("no text".into()) };
                *into = Value::Result(Err(error.clone()));
                return Ok(());
            }
            match into {
                Value::Result(Ok(inside)) if Arc::strong_count(inside) == 1 => {
                    if let Some(inside) = Arc::get_mut(inside) {
                        gather(memory, places, inner, inside)?;
                    }
                }
                _ => *into = Value::Result(Ok(Arc::new(gathered(memory, places, inner)?))),
            }
            skip(places, 1)?;
        }
        Type::Tensor(dtype, dims) if dims.is_empty() => *into = scalar(*dtype, memory.cell(next(places)?).data),
        Type::Label(_) => *into = Value::Label(memory.cell(next(places)?).data as u32),
        _ => *into = memory.value(next(places)?).clone(),
    }
    Ok(())
}

/// As [`gather`], a new value.
pub(crate) fn gathered(memory: &Memory, places: Places, ty: &Type) -> Result<Value, String> {
    let mut value = crate::cell::NOTHING;
    gather(memory, places, ty, &mut value)?;
    Ok(value)
}

/// Whether a cell keeps a box.
pub(crate) fn boxed(leaf: Option<Leaf>) -> bool {
    leaf.is_some_and(|leaf| !leaf.is_plain())
}

fn next(places: Places) -> Result<usize, String> {
    places.next().ok_or_else(|| "a value has no cell".to_owned())
}

fn skip(places: Places, count: usize) -> Result<(), String> {
    (0..count).try_for_each(|_| next(places).map(|_| ()))
}

/// Element type and bits of a scalar.
fn bits(value: &Value) -> Option<(DType, u64)> {
    Some(match value {
        Value::Bool(b) => (DType::Bool, u64::from(*b)),
        Value::I64(n) => (DType::I64, n.cast_unsigned()),
        Value::F32(x) => (DType::F32, u64::from(x.to_bits())),
        Value::F64(x) => (DType::F64, x.to_bits()),
        Value::Tensor(tensor) if tensor.shape.is_empty() => match &tensor.data {
            Data::U8(v) => (DType::U8, u64::from(*v.first()?)),
            Data::I32(v) => (DType::I32, u64::from(v.first()?.cast_unsigned())),
            _ => return None,
        },
        _ => return None,
    })
}

/// The scalar with these low bits.
fn scalar(dtype: DType, bits: u64) -> Value {
    let small = |data| Value::Tensor(Arc::new(Tensor { shape: Vec::new(), data }));
    match dtype {
        DType::Bool => Value::Bool(bits & 1 == 1),
        DType::I64 => Value::I64(bits.cast_signed()),
        DType::F32 => Value::F32(f32::from_bits(bits as u32)),
        DType::F64 => Value::F64(f64::from_bits(bits)),
        DType::U8 => small(Data::U8(vec![bits as u8])),
        DType::I32 => small(Data::I32(vec![(bits as u32).cast_signed()])),
    }
}
