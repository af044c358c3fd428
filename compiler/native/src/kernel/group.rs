//! Which instructions of a block become one kernel.

use mu_format::ir::{Block, Function, Inst, Kind, ValueId};
use mu_format::op::Op;
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};
use std::collections::BTreeSet;
use std::ops::Range;

/// So many operations at most, so that no kernel takes long to compile.
const MOST: usize = 48;
/// Tensors whose fixed dimensions alone come to more elements are left to the interpreter's operations.
const ELEMENTS: u64 = 1 << 40;

/// The stretches of a block that become kernels, in order: operations that kernels compute, and literals, constants and fields
/// among them. Each has an operation on a tensor with dimensions.
pub(crate) fn groups(function: &Function, block: &Block) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut at = 0;
    while at < block.insts.len() {
        let group = next(function, block, at);
        at = group.end.max(at + 1);
        // What stands after the operations may as well stand outside; literals before them are written into the kernel.
        let kind = |i: usize| block.insts.get(i).map(|inst| &inst.kind);
        let first = group.clone().find(|i| !matches!(kind(*i), Some(Kind::Field { .. })));
        let last = group.clone().rev().find(|i| matches!(kind(*i), Some(Kind::Op { .. })));
        let (Some(first), Some(last)) = (first, last) else { continue };
        let group = first..last + 1;
        let tensors = group.clone().filter_map(|i| block.insts.get(i)).any(|inst| has_dims(function, inst));
        if tensors {
            groups.push(group);
        }
    }
    groups
}

fn next(function: &Function, block: &Block, from: usize) -> Range<usize> {
    let mut inside = BTreeSet::new();
    let mut count = 0;
    for (i, inst) in block.insts.iter().enumerate().skip(from) {
        let fits = match &inst.kind {
            Kind::Literal(_) | Kind::Const(_) => true,
            Kind::Field { record, .. } => !inside.contains(record),
            Kind::Op { op, args, .. } => {
                count += 1;
                count <= MOST && computes(function, *op, args, inst.result)
            }
            _ => false,
        };
        if !fits {
            return from..i;
        }
        inside.insert(inst.result);
    }
    from..block.insts.len()
}

/// Whether an operation reads or gives a tensor with dimensions.
fn has_dims(function: &Function, inst: &Inst) -> bool {
    let Kind::Op { args, .. } = &inst.kind else { return false };
    let mut values = args.iter().chain([&inst.result]);
    values.any(|value| matches!(function.type_of(*value), Some(Type::Tensor(_, dims)) if !dims.is_empty()))
}

/// Element type and dimensions, where there may be elements and not too many.
pub(super) fn tensor(function: &Function, value: ValueId) -> Option<(DType, &[Dim])> {
    let Some(Type::Tensor(dtype, dims)) = function.type_of(value) else { return None };
    let count = dims.iter().try_fold(1u64, |count, dim| match dim {
        Dim::Is(n) => count.checked_mul(*n),
        Dim::UpTo(_) | Dim::Any => Some(count),
    });
    matches!(count, Some(1..=ELEMENTS)).then_some((*dtype, dims))
}

/// Whether kernels compute the operation on these values.
fn computes(function: &Function, op: Op, args: &[ValueId], result: ValueId) -> bool {
    let args: Option<Vec<(DType, &[Dim])>> = args.iter().map(|arg| tensor(function, *arg)).collect();
    let (Some(args), Some(_)) = (args, tensor(function, result)) else { return false };
    let rank = |i: usize| args.get(i).map_or(0, |(_, dims)| dims.len());
    match op {
        Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Min | Op::Max | Op::Neg | Op::Abs => true,
        Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::And | Op::Or | Op::Not => true,
        Op::Eq | Op::Ne => rank(0) == 0,
        Op::ToF32 | Op::ToF64 | Op::ToI64 | Op::ToI32 => true,
        Op::Square | Op::Sqrt | Op::Exp | Op::Log | Op::Tanh | Op::Sigmoid | Op::Floor | Op::Round => true,
        Op::Clamp | Op::Scale | Op::Normalize => true,
        Op::Batch | Op::First | Op::Slice | Op::SliceLast | Op::Transpose | Op::Hwc | Op::Chw | Op::Flip => true,
        Op::Reshape | Op::Concat | Op::ConcatLast | Op::Zeros | Op::OnesLike | Op::ZerosLike => true,
        Op::Sum | Op::Mean | Op::LargestOf | Op::SmallestOf | Op::Argmax => rank(0) > 0,
        Op::Softmax | Op::UnitLength | Op::Dot | Op::Cosine | Op::Similarity => rank(0) > 0,
        Op::MeanFirst => rank(0) > 1,
        _ => false,
    }
}
