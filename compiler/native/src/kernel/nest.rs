//! The loops that go through the elements of an expression, as few as its tensors allow.

use super::expr::{Node, NodeId, Pool, View};
use super::size::{Size, Sizes};
use std::collections::BTreeMap;

/// An axis shorter than this does not become the innermost loop where there is another one.
const SHORT: i64 = 8;

/// Which axis has a loop of its own, whatever its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    None,
    First,
    Last,
}

/// Loops, the outermost first, and how far each steps in each tensor.
#[derive(Debug, Clone)]
pub(super) struct Nest {
    pub dims: Vec<Size>,
    /// By load of the expression, the offset and by loop the distance in elements.
    pub loads: BTreeMap<NodeId, View>,
    /// Likewise of the tensor that is written, if one is.
    pub out: Option<View>,
}

/// One axis: its length and the strides of all tensors.
struct Axis {
    dim: Size,
    strides: Vec<Size>,
}

impl Nest {
    /// `out` is where the elements go; the order of the axes is then of no matter, and may change.
    pub fn of(pool: &Pool, sizes: &Sizes, node: NodeId, dims: &[Size], out: Option<&View>, keep: Keep) -> Nest {
        let loads = pool.loads(node);
        let views: Vec<&View> = loads
            .iter()
            .filter_map(|load| match pool.node(*load) {
                Node::Load { view, .. } => Some(view),
                _ => None,
            })
            .chain(out)
            .collect();
        let stride =
            |view: &&View, axis: usize| view.strides.get(axis).map_or(Size::fixed(0), |stride| sizes.resolved(stride));
        let axes: Vec<Axis> = dims
            .iter()
            .enumerate()
            .map(|(axis, dim)| Axis {
                dim: sizes.resolved(dim),
                strides: views.iter().map(|view| stride(view, axis)).collect(),
            })
            .collect();
        let axes = merged(axes, out.is_some(), keep);
        let view = |i: usize, offset: &[Size]| View {
            offset: offset.iter().map(|size| sizes.resolved(size)).collect(),
            strides: axes.iter().map(|axis| axis.strides.get(i).cloned().unwrap_or(Size::fixed(0))).collect(),
        };
        Nest {
            loads: loads.iter().enumerate().zip(&views).map(|((i, load), old)| (*load, view(i, &old.offset))).collect(),
            out: out.map(|old| view(loads.len(), &old.offset)),
            dims: axes.iter().map(|axis| axis.dim.clone()).collect(),
        }
    }
}

fn merged(mut axes: Vec<Axis>, any_order: bool, keep: Keep) -> Vec<Axis> {
    let first = if keep == Keep::First && !axes.is_empty() { Some(axes.remove(0)) } else { None };
    let last = if keep == Keep::Last { axes.pop() } else { None };
    axes.retain(|axis| axis.dim.known() != Some(1));
    let short = |axis: &Axis| axis.dim.known().is_some_and(|n| n < SHORT);
    if any_order && keep == Keep::None && axes.last().is_some_and(short) && !axes.iter().all(short) {
        axes.rotate_right(1);
    }
    let mut result: Vec<Axis> = Vec::new();
    for axis in axes {
        match result.last_mut() {
            Some(outer) if outer.strides.iter().zip(&axis.strides).all(|(o, i)| *o == i.times(&axis.dim)) => {
                outer.dim = outer.dim.times(&axis.dim);
                outer.strides = axis.strides;
            }
            _ => result.push(axis),
        }
    }
    let none = |axes: &Vec<Axis>| Axis {
        dim: Size::fixed(1),
        strides: vec![Size::fixed(0); axes.first().map_or(0, |axis| axis.strides.len())],
    };
    if let Some(first) = first {
        if result.is_empty() {
            result.push(Axis { dim: Size::fixed(1), strides: vec![Size::fixed(0); first.strides.len()] });
        }
        result.insert(0, first);
    }
    result.extend(last);
    if result.is_empty() {
        let axis = none(&result);
        result.push(axis);
    }
    result
}
