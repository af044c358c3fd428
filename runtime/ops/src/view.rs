//! Numbers of any element type behind one view, whether they stand in a tensor or alone.

use mu_format::tensor::{Data, Tensor};
use mu_format::value::Value;
use std::slice::from_ref;
use std::sync::Arc;

/// Borrowed elements in row-major order.
#[derive(Debug, Clone, Copy)]
pub enum Slice<'a> {
    Bool(&'a [bool]),
    U8(&'a [u8]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    F32(&'a [f32]),
    F64(&'a [f64]),
}

/// A tensor or a scalar: a scalar has the empty shape and one element.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub shape: &'a [usize],
    pub data: Slice<'a>,
}

/// Runs one generic expression on whichever of the listed element types a slice holds.
/// `on!(slice, [F32, F64], x => body, otherwise)`.
macro_rules! on {
    ($slice:expr, [$($variant:ident),*], $x:ident => $body:expr, $otherwise:expr) => {
        match $slice {
            $($crate::view::Slice::$variant($x) => $body,)*
            _ => $otherwise,
        }
    };
    ($slice:expr, $x:ident => $body:expr) => {
        match $slice {
            $crate::view::Slice::Bool($x) => $body,
            $crate::view::Slice::U8($x) => $body,
            $crate::view::Slice::I32($x) => $body,
            $crate::view::Slice::I64($x) => $body,
            $crate::view::Slice::F32($x) => $body,
            $crate::view::Slice::F64($x) => $body,
        }
    };
}
pub(crate) use on;

impl<'a> View<'a> {
    /// `None` where the value is no number, bool or tensor of them.
    pub fn of(value: &'a Value) -> Option<View<'a>> {
        let scalar = |data| Some(View { shape: &[], data });
        match value {
            Value::Bool(x) => scalar(Slice::Bool(from_ref(x))),
            Value::I64(x) => scalar(Slice::I64(from_ref(x))),
            Value::F32(x) => scalar(Slice::F32(from_ref(x))),
            Value::F64(x) => scalar(Slice::F64(from_ref(x))),
            Value::Tensor(tensor) => Some(View { shape: &tensor.shape, data: Slice::of(&tensor.data) }),
            _ => None,
        }
    }

    pub fn is_scalar(&self) -> bool {
        self.shape.is_empty()
    }
}

impl<'a> Slice<'a> {
    pub fn of(data: &'a Data) -> Slice<'a> {
        match data {
            Data::Bool(v) => Slice::Bool(v),
            Data::U8(v) => Slice::U8(v),
            Data::I32(v) => Slice::I32(v),
            Data::I64(v) => Slice::I64(v),
            Data::F32(v) => Slice::F32(v),
            Data::F64(v) => Slice::F64(v),
        }
    }

    pub fn len(self) -> usize {
        on!(self, x => x.len())
    }

    /// An owned copy.
    pub fn to_data(self) -> Data {
        on!(self, x => Element::data(x.to_vec()))
    }
}

/// An element type.
pub trait Element: Copy + Default + PartialEq + 'static {
    const ONE: Self;
    /// The elements, where they are of this type.
    fn slice(slice: Slice<'_>) -> Option<&[Self]>;
    fn data(elements: Vec<Self>) -> Data;
    fn any_zero(elements: &[Self]) -> bool {
        elements.contains(&Self::default())
    }
}

macro_rules! element {
    ($type:ty, $variant:ident, $one:expr) => {
        impl Element for $type {
            const ONE: Self = $one;
            fn slice(slice: Slice<'_>) -> Option<&[Self]> {
                if let Slice::$variant(v) = slice { Some(v) } else { None }
            }
            fn data(elements: Vec<Self>) -> Data {
                Data::$variant(elements)
            }
        }
    };
}
element!(bool, Bool, true);
element!(u8, U8, 1);
element!(i32, I32, 1);
element!(i64, I64, 1);
element!(f32, F32, 1.0);
element!(f64, F64, 1.0);

/// A value from a shape and its elements, which must agree. A scalar gets the variant of its own where there is one.
pub fn value(shape: Vec<usize>, data: Data) -> Value {
    if shape.is_empty() {
        match &data {
            Data::Bool(v) if v.len() == 1 => return Value::Bool(v[0]),
            Data::I64(v) if v.len() == 1 => return Value::I64(v[0]),
            Data::F32(v) if v.len() == 1 => return Value::F32(v[0]),
            Data::F64(v) if v.len() == 1 => return Value::F64(v[0]),
            _ => {}
        }
    }
    Value::Tensor(Arc::new(Tensor { shape, data }))
}

/// As [`value`], from elements of one type.
pub fn tensor<T: Element>(shape: &[usize], elements: Vec<T>) -> Value {
    value(shape.to_vec(), T::data(elements))
}

/// One element as a value.
pub fn scalar<T: Element>(element: T) -> Value {
    value(Vec::new(), T::data(vec![element]))
}
