//! Which memory the tensors of a function need, and which of them may share it.
//!
//! The results of operations, calls and branches and the states of a `scan` have buffers of their own; literals, constants,
//! parameters, fields, elements of lists and what is inside an option are views of memory that stands elsewhere. Records,
//! lists, options and results are made by copying their parts, so a buffer is free once its tensor is used last.

use crate::ir::{Block, Function, Kind, ValueId};
use crate::liveness::Liveness;
use crate::types::{Dim, Type};

/// A stretch of memory and the values that take turns in it, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buffer {
    /// The most that one of the values needs.
    pub bytes: u64,
    pub values: Vec<ValueId>,
}

/// The buffers of a function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Buffers {
    pub buffers: Vec<Buffer>,
}

impl Buffers {
    /// The buffer of a value, if it has one.
    pub fn of(&self, value: ValueId) -> Option<usize> {
        self.buffers.iter().position(|b| b.values.contains(&value))
    }
}

/// How many bytes a value of the type needs at most; `None` for what is no tensor, a scalar, or not bounded.
pub fn bytes(ty: &Type) -> Option<u64> {
    let Type::Tensor(dtype, dims) = ty else { return None };
    if dims.is_empty() {
        return None;
    }
    dims.iter().try_fold(dtype.size() as u64, |bytes, dim| match dim {
        Dim::Is(n) | Dim::UpTo(n) => bytes.checked_mul(*n),
        Dim::Any => None,
    })
}

/// Assigns a buffer to every tensor of bounded size, the smallest free one that is large enough or else the largest free one.
pub fn plan(function: &Function) -> Buffers {
    let mut plan = Plan { function, liveness: Liveness::of(function), out: Buffers::default(), free: Vec::new() };
    plan.block(&function.body, false);
    plan.out
}

struct Plan<'a> {
    function: &'a Function,
    liveness: Liveness,
    out: Buffers,
    /// Places in `out.buffers`.
    free: Vec<usize>,
}

impl Plan<'_> {
    /// Gives back what is still held at the block's end, for the caller to free.
    fn block(&mut self, block: &Block, scan: bool) -> Vec<ValueId> {
        // The states are read and written again each time round, so they keep their buffers for the whole loop.
        let states = if scan { block.params.get(1..).unwrap_or_default() } else { &[] };
        let mut held: Vec<ValueId> = Vec::new();
        for state in states {
            self.allocate(*state);
            held.push(*state);
        }
        for inst in &block.insts {
            let is_scan = matches!(inst.kind, Kind::Scan { .. });
            let inner: Vec<ValueId> = inst.kind.blocks().flat_map(|b| self.block(b, is_scan)).collect();
            let owns = matches!(inst.kind, Kind::Op { .. } | Kind::Call { .. } | Kind::If { .. } | Kind::Match { .. });
            if owns {
                self.allocate(inst.result);
                held.push(inst.result);
            }
            for value in inner {
                self.release(value);
            }
            for value in self.liveness.after(inst.result).to_vec() {
                if let Some(place) = held.iter().position(|h| *h == value && !states.contains(h)) {
                    held.swap_remove(place);
                    self.release(value);
                }
            }
        }
        held
    }

    fn allocate(&mut self, value: ValueId) {
        let Some(bytes) = self.function.type_of(value).and_then(bytes) else { return };
        let size = |place: &usize| self.out.buffers.get(*place).map_or(0, |b| b.bytes);
        let enough = self.free.iter().copied().filter(|p| size(p) >= bytes).min_by_key(|p| (size(p), *p));
        let chosen = enough.or_else(|| self.free.iter().copied().max_by_key(|p| (size(p), usize::MAX - p)));
        match chosen {
            Some(place) => {
                self.free.retain(|p| *p != place);
                if let Some(buffer) = self.out.buffers.get_mut(place) {
                    buffer.bytes = buffer.bytes.max(bytes);
                    buffer.values.push(value);
                }
            }
            None => self.out.buffers.push(Buffer { bytes, values: vec![value] }),
        }
    }

    fn release(&mut self, value: ValueId) {
        self.free.extend(self.out.of(value));
    }
}
