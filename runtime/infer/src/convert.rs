//! Between our tensors and tract's.

use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use tract_onnx::prelude::{DatumType, IntoTValue, TValue, TractResult};
use tract_onnx::tract_hir::internal::{self as tract, anyhow, bail};

pub(crate) fn datum_type(dtype: DType) -> DatumType {
    match dtype {
        DType::Bool => DatumType::Bool,
        DType::U8 => DatumType::U8,
        DType::I32 => DatumType::I32,
        DType::I64 => DatumType::I64,
        DType::F32 => DatumType::F32,
        DType::F64 => DatumType::F64,
    }
}

/// A copy of the tensor for tract.
pub(crate) fn to_tract(tensor: &Tensor) -> TractResult<TValue> {
    let shape = &tensor.shape;
    let tensor = match &tensor.data {
        Data::Bool(v) => tract::Tensor::from_shape(shape, v),
        Data::U8(v) => tract::Tensor::from_shape(shape, v),
        Data::I32(v) => tract::Tensor::from_shape(shape, v),
        Data::I64(v) => tract::Tensor::from_shape(shape, v),
        Data::F32(v) => tract::Tensor::from_shape(shape, v),
        Data::F64(v) => tract::Tensor::from_shape(shape, v),
    }?;
    Ok(tensor.into_tvalue())
}

/// A copy of tract's tensor, held to the type of the signature.
pub(crate) fn from_tract(value: &TValue, ty: &Type) -> TractResult<Tensor> {
    let Type::Tensor(dtype, dims) = ty else { bail!("the signature asks for no tensor") };
    let shape = value.shape().to_vec();
    let fits = shape.len() == dims.len() && dims.iter().zip(&shape).all(|(dim, n)| dim.holds(*n as u64));
    if !fits {
        bail!("it is a tensor of shape {shape:?} where the card says {ty}");
    }
    // tract keeps computed shapes as symbolic expressions.
    let cast;
    let tensor: &tract::Tensor = if value.datum_type().is_tdim() {
        cast = value.cast_to::<i64>()?;
        &cast
    } else {
        value
    };
    if tensor.datum_type() != datum_type(*dtype) {
        bail!("its elements are {:?} where the card says {ty}", tensor.datum_type());
    }
    let plain = tensor.try_as_plain_ram()?;
    let data = match dtype {
        DType::Bool => Data::Bool(plain.as_slice::<bool>()?.to_vec()),
        DType::U8 => Data::U8(plain.as_slice::<u8>()?.to_vec()),
        DType::I32 => Data::I32(plain.as_slice::<i32>()?.to_vec()),
        DType::I64 => Data::I64(plain.as_slice::<i64>()?.to_vec()),
        DType::F32 => Data::F32(plain.as_slice::<f32>()?.to_vec()),
        DType::F64 => Data::F64(plain.as_slice::<f64>()?.to_vec()),
    };
    Tensor::new(shape, data).ok_or_else(|| anyhow!("its size is not that of its shape"))
}

/// The shape where every dimension is known before a call.
pub(crate) fn fixed_shape(ty: &Type) -> Option<Vec<usize>> {
    let Type::Tensor(_, dims) = ty else { return None };
    dims.iter()
        .map(|dim| match dim {
            Dim::Is(n) => usize::try_from(*n).ok(),
            Dim::UpTo(_) | Dim::Any => None,
        })
        .collect()
}
