//! Dimensions and types held against each other.

use mu_format::types::{Dim, Type};

/// The least type that both fit.
pub(super) fn join(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Tensor(a, x), Type::Tensor(b, y)) if a == b && x.len() == y.len() => {
            Some(Type::Tensor(*a, x.iter().zip(y).map(|(x, y)| wider(*x, *y)).collect()))
        }
        (Type::List(a, n), Type::List(b, m)) => Some(Type::List(Box::new(join(a, b)?), *n.max(m))),
        (Type::Option(a), Type::Option(b)) => Some(Type::Option(Box::new(join(a, b)?))),
        (Type::Result(a), Type::Result(b)) => Some(Type::Result(Box::new(join(a, b)?))),
        (Type::Record(a), Type::Record(b)) if a.len() == b.len() => {
            let field = |(a, b): (&(String, Type), &(String, Type))| Some((a.0.clone(), join(&a.1, &b.1)?));
            Some(Type::Record(a.iter().zip(b).map(field).collect::<Option<_>>()?))
        }
        _ => (a == b).then(|| a.clone()),
    }
}

/// The least dimension that both lie within.
pub(super) fn wider(a: Dim, b: Dim) -> Dim {
    match (a, b) {
        (Dim::Is(n), Dim::Is(m)) if n == m => a,
        _ => match (bound(a), bound(b)) {
            (Some(n), Some(m)) => Dim::UpTo(n.max(m)),
            _ => Dim::Any,
        },
    }
}

/// What both must be, where they are one dimension; the run holds it against the values where it is not known here.
pub(super) fn one(a: Dim, b: Dim) -> Result<Dim, String> {
    match (a, b) {
        (Dim::Is(n), Dim::Is(m)) if n != m => Err(format!("the dimensions {n} and {m} differ")),
        (Dim::Is(n), Dim::UpTo(m)) | (Dim::UpTo(m), Dim::Is(n)) if n > m => {
            Err(format!("the dimensions {n} and at most {m} differ"))
        }
        (Dim::Is(_), _) | (_, Dim::Any) => Ok(a),
        (_, Dim::Is(_)) | (Dim::Any, _) => Ok(b),
        (Dim::UpTo(n), Dim::UpTo(m)) => Ok(Dim::UpTo(n.min(m))),
    }
}

/// [`one`] for whole shapes.
pub(super) fn same(a: &[Dim], b: &[Dim]) -> Result<Vec<Dim>, String> {
    if a.len() != b.len() {
        return Err(format!("{} and {} dimensions differ", a.len(), b.len()));
    }
    a.iter().zip(b).map(|(a, b)| one(*a, *b)).collect()
}

/// The most it can be, where that is known.
pub(super) fn bound(dim: Dim) -> Option<u64> {
    match dim {
        Dim::Is(n) | Dim::UpTo(n) => Some(n),
        Dim::Any => None,
    }
}

pub(super) fn added(a: Dim, b: Dim) -> Dim {
    let both = bound(a).zip(bound(b)).and_then(|(n, m)| n.checked_add(m));
    match (a, b, both) {
        (Dim::Is(_), Dim::Is(_), Some(n)) => Dim::Is(n),
        (_, _, Some(n)) => Dim::UpTo(n),
        _ => Dim::Any,
    }
}

/// The most elements a tensor of this shape can have, where that is known.
pub(super) fn most(dims: &[Dim]) -> Option<u64> {
    dims.iter().try_fold(1u64, |n, dim| n.checked_mul(bound(*dim)?))
}

/// The number of elements, where every dimension is fixed.
pub(super) fn exactly(dims: &[Dim]) -> Option<u64> {
    if dims.iter().all(|dim| matches!(dim, Dim::Is(_))) { most(dims) } else { None }
}
