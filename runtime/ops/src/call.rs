//! One call of an operation: its constant and its other arguments, read by place with the type that the plan promises.

use crate::error::{OpError, Outcome};
use crate::view::{Element, Slice, View};
use mu_format::ir::Attr;
use mu_format::op::Op;
use mu_format::types::{Dim, Type};
use mu_format::value::{Audio, Image, Value};
use std::sync::Arc;

/// What an operation is called with. Every reader fails with `Internal` where the plan does not keep its promise.
pub(crate) struct Call<'a> {
    pub op: Op,
    pub attrs: &'a [Attr],
    pub args: &'a [Value],
    pub types: &'a [&'a Type],
    pub result: &'a Type,
}

impl<'a> Call<'a> {
    pub fn wrong(&self, what: &str) -> OpError {
        OpError::internal(format!("`{}`: {what}", self.op.name()))
    }

    pub fn bad(&self, what: &str) -> OpError {
        OpError::bad(format!("`{}`: {what}", self.op.name()))
    }

    fn misfit(&self, i: usize, wanted: &str) -> OpError {
        self.wrong(&format!("argument {} is not {wanted}", i + 1))
    }

    pub fn arg(&self, i: usize) -> Outcome<&'a Value> {
        self.args.get(i).ok_or_else(|| self.wrong(&format!("argument {} is missing", i + 1)))
    }

    pub fn ty(&self, i: usize) -> Outcome<&'a Type> {
        self.types.get(i).copied().ok_or_else(|| self.wrong(&format!("the type of argument {} is missing", i + 1)))
    }

    /// A tensor or a scalar.
    pub fn view(&self, i: usize) -> Outcome<View<'a>> {
        View::of(self.arg(i)?).ok_or_else(|| self.misfit(i, "a tensor"))
    }

    /// A tensor with at least one dimension: the first one, the others, and the elements.
    pub fn rows(&self, i: usize) -> Outcome<(usize, &'a [usize], Slice<'a>)> {
        let view = self.view(i)?;
        let (first, rest) = view.shape.split_first().ok_or_else(|| self.misfit(i, "a tensor with dimensions"))?;
        Ok((*first, rest, view.data))
    }

    /// A tensor or scalar of a known element type.
    pub fn elements<T: Element>(&self, i: usize) -> Outcome<(&'a [usize], &'a [T])> {
        let view = self.view(i)?;
        Ok((view.shape, T::slice(view.data).ok_or_else(|| self.misfit(i, "of the expected element type"))?))
    }

    /// A tensor of a known element type and number of dimensions.
    pub fn grid<T: Element, const N: usize>(&self, i: usize) -> Outcome<([usize; N], &'a [T])> {
        let (shape, elements) = self.elements::<T>(i)?;
        let shape = shape.try_into().map_err(|_| self.misfit(i, &format!("of {N} dimensions")))?;
        Ok((shape, elements))
    }

    pub fn scalar<T: Element>(&self, i: usize) -> Outcome<T> {
        match self.elements::<T>(i)? {
            ([], [x]) => Ok(*x),
            _ => Err(self.misfit(i, "a scalar")),
        }
    }

    pub fn text(&self, i: usize) -> Outcome<&'a str> {
        match self.arg(i)? {
            Value::Text(text) => Ok(text),
            _ => Err(self.misfit(i, "a text")),
        }
    }

    pub fn image(&self, i: usize) -> Outcome<&'a Image> {
        match self.arg(i)? {
            Value::Image(image) => Ok(image),
            _ => Err(self.misfit(i, "an image")),
        }
    }

    pub fn audio(&self, i: usize) -> Outcome<&'a Audio> {
        match self.arg(i)? {
            Value::Audio(audio) => Ok(audio),
            _ => Err(self.misfit(i, "a sound")),
        }
    }

    pub fn list(&self, i: usize) -> Outcome<&'a Arc<Vec<Value>>> {
        match self.arg(i)? {
            Value::List(list) => Ok(list),
            _ => Err(self.misfit(i, "a list")),
        }
    }

    /// A list of scalars.
    pub fn scalars<T: Element>(&self, i: usize) -> Outcome<Vec<T>> {
        self.list(i)?.iter().map(|value| one(value).ok_or_else(|| self.misfit(i, "a list of scalars"))).collect()
    }

    pub fn option(&self, i: usize) -> Outcome<&'a Option<Arc<Value>>> {
        match self.arg(i)? {
            Value::Option(option) => Ok(option),
            _ => Err(self.misfit(i, "an option")),
        }
    }

    pub fn record(&self, i: usize) -> Outcome<&'a [Value]> {
        match self.arg(i)? {
            Value::Record(fields) => Ok(fields),
            _ => Err(self.misfit(i, "a record")),
        }
    }

    pub fn label(&self, i: usize) -> Outcome<u32> {
        match self.arg(i)? {
            Value::Label(label) => Ok(*label),
            _ => Err(self.misfit(i, "a label")),
        }
    }

    pub fn ranking(&self, i: usize) -> Outcome<&'a [(u32, f32)]> {
        match self.arg(i)? {
            Value::Ranking(ranking) => Ok(ranking),
            _ => Err(self.misfit(i, "a ranking")),
        }
    }

    fn attr(&self, k: usize) -> Outcome<&'a Attr> {
        self.attrs.get(k).ok_or_else(|| self.wrong(&format!("constant argument {} is missing", k + 1)))
    }

    /// A constant that is a dimension.
    pub fn dim(&self, k: usize) -> Outcome<usize> {
        match self.attr(k)? {
            Attr::Int(n) => usize::try_from(*n).map_err(|_| self.wrong("a dimension is below 0")),
            _ => Err(self.wrong(&format!("constant argument {} is no whole number", k + 1))),
        }
    }

    pub fn dims(&self, k: usize) -> Outcome<&'a [i64]> {
        match self.attr(k)? {
            Attr::Ints(dims) => Ok(dims),
            _ => Err(self.wrong(&format!("constant argument {} is no shape", k + 1))),
        }
    }

    pub fn float(&self, k: usize) -> Outcome<f64> {
        match self.attr(k)? {
            Attr::Float(x) => Ok(*x),
            _ => Err(self.wrong(&format!("constant argument {} is no number", k + 1))),
        }
    }

    pub fn word(&self, k: usize) -> Outcome<&'a str> {
        match self.attr(k)? {
            Attr::Text(text) => Ok(text),
            _ => Err(self.wrong(&format!("constant argument {} is no text", k + 1))),
        }
    }

    pub fn classes(&self, k: usize) -> Outcome<&'a [u32]> {
        match self.attr(k)? {
            Attr::Classes(classes) => Ok(classes),
            _ => Err(self.wrong(&format!("constant argument {} is no order of classes", k + 1))),
        }
    }

    pub fn asset(&self, k: usize) -> Outcome<u32> {
        match self.attr(k)? {
            Attr::Asset(asset) => Ok(*asset),
            _ => Err(self.wrong(&format!("constant argument {} is no file", k + 1))),
        }
    }

    /// The label set of a type that has one.
    pub fn label_set(&self, ty: &Type) -> Outcome<u32> {
        match ty {
            Type::Label(set) | Type::Ranking(set) => Ok(*set),
            Type::Option(inside) => self.label_set(inside),
            _ => Err(self.wrong("the type has no label set")),
        }
    }

    /// The dimensions of a result whose type fixes them all.
    pub fn fixed(&self, dims: &[Dim]) -> Outcome<Vec<usize>> {
        let fixed = dims.iter().map(|dim| match dim {
            Dim::Is(n) => usize::try_from(*n).ok(),
            _ => None,
        });
        fixed.collect::<Option<_>>().ok_or_else(|| self.bad("an empty list has no shape here"))
    }
}

/// The largest tensor that an operation makes out of constants: 2^28 elements.
const MOST_ELEMENTS: usize = 1 << 28;

impl Call<'_> {
    /// The number of elements of a shape, where a tensor of it may be made.
    pub fn affordable(&self, shape: &[usize]) -> Outcome<usize> {
        let count = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d)).filter(|n| *n <= MOST_ELEMENTS);
        count.ok_or_else(|| self.bad(&format!("the shape {shape:?} has more than {MOST_ELEMENTS} elements")))
    }
}

/// The only element of a scalar value.
pub(crate) fn one<T: Element>(value: &Value) -> Option<T> {
    let view = View::of(value)?;
    match T::slice(view.data)? {
        [x] if view.is_scalar() => Some(*x),
        _ => None,
    }
}

pub(crate) fn list(values: Vec<Value>) -> Value {
    Value::List(Arc::new(values))
}

pub(crate) fn record(fields: Vec<Value>) -> Value {
    Value::Record(Arc::new(fields))
}

pub(crate) fn option(value: Option<Value>) -> Value {
    Value::Option(value.map(Arc::new))
}

/// A count as a value; lengths never reach 2^63.
pub(crate) fn whole(count: usize) -> Value {
    Value::I64(i64::try_from(count).unwrap_or(i64::MAX))
}
