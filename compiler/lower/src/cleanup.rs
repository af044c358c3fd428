//! Small clean-ups of a function: equal literals, constants and fields become one, what nothing uses goes, and values are
//! numbered in the order of the text.

use mu_format::ir::{Block, Function, Inst, Kind, ValueId};
use mu_format::value::Value;
use std::collections::BTreeMap;

/// Literal tensors with more elements are not compared.
const SMALL: usize = 16;

pub(crate) fn clean(function: &mut Function) {
    share(function);
    sweep(function);
    number(function);
}

fn args_mut(kind: &mut Kind) -> Vec<&mut ValueId> {
    match kind {
        Kind::Literal(_) | Kind::Const(_) | Kind::None => Vec::new(),
        Kind::Op { args, .. } | Kind::Call { args, .. } | Kind::Infer { args, .. } | Kind::Dispatch { args, .. } => {
            args.iter_mut().collect()
        }
        Kind::Record(parts) | Kind::List(parts) => parts.iter_mut().collect(),
        Kind::Field { record: v, .. } | Kind::Some(v) | Kind::Ok(v) | Kind::Err(v) => vec![v],
        Kind::If { condition: v, .. } | Kind::Match { subject: v, .. } | Kind::For { list: v, .. } => vec![v],
        Kind::Scan { list, init, .. } => std::iter::once(list).chain(init).collect(),
    }
}

pub(crate) fn blocks_mut(kind: &mut Kind) -> impl Iterator<Item = &mut Block> {
    let (first, second) = match kind {
        Kind::If { then, otherwise, .. } => (Some(then), Some(otherwise)),
        Kind::Match { present, absent, .. } => (Some(present), Some(absent)),
        Kind::For { filter, body, .. } => (filter.as_mut(), Some(body)),
        Kind::Scan { body, .. } => (Some(body), None),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}

/// Lets later instructions use the result of an equal earlier one that stands in the same block or around it.
fn share(function: &mut Function) {
    let types: Vec<String> = function.values.iter().map(ToString::to_string).collect();
    let mut sharing =
        Sharing { types, known: BTreeMap::new(), instead: (0..function.values.len() as ValueId).collect() };
    sharing.block(&mut function.body);
}

struct Sharing {
    types: Vec<String>,
    known: BTreeMap<String, ValueId>,
    /// By value: the one to use in its place.
    instead: Vec<ValueId>,
}

impl Sharing {
    fn block(&mut self, block: &mut Block) {
        let mut added = Vec::new();
        for inst in &mut block.insts {
            for arg in args_mut(&mut inst.kind) {
                self.rename(arg);
            }
            for inner in blocks_mut(&mut inst.kind) {
                self.block(inner);
            }
            let Some(key) = self.key(inst) else { continue };
            match self.known.get(&key) {
                Some(earlier) => {
                    if let Some(place) = self.instead.get_mut(inst.result as usize) {
                        *place = *earlier;
                    }
                }
                None => {
                    self.known.insert(key.clone(), inst.result);
                    added.push(key);
                }
            }
        }
        block.yields.iter_mut().for_each(|value| self.rename(value));
        for key in added {
            self.known.remove(&key);
        }
    }

    fn rename(&self, value: &mut ValueId) {
        if let Some(other) = self.instead.get(*value as usize) {
            *value = *other;
        }
    }

    fn key(&self, inst: &Inst) -> Option<String> {
        let comparable = match &inst.kind {
            Kind::Literal(Value::Tensor(tensor)) => tensor.data.len() <= SMALL,
            Kind::Literal(_) | Kind::Const(_) | Kind::Field { .. } | Kind::None => true,
            _ => false,
        };
        comparable
            .then(|| format!("{} {:?}", self.types.get(inst.result as usize).map_or("", String::as_str), inst.kind))
    }
}

/// Removes the instructions whose results nothing uses.
fn sweep(function: &mut Function) {
    let mut used = vec![false; function.values.len()];
    sweep_block(&mut function.body, &mut used);
}

fn sweep_block(block: &mut Block, used: &mut [bool]) {
    let mark = |value: ValueId, used: &mut [bool]| {
        if let Some(place) = used.get_mut(value as usize) {
            *place = true;
        }
    };
    block.yields.iter().for_each(|value| mark(*value, used));
    let mut kept = Vec::with_capacity(block.insts.len());
    for mut inst in std::mem::take(&mut block.insts).into_iter().rev() {
        if used.get(inst.result as usize) == Some(&true) {
            inst.kind.args().into_iter().for_each(|value| mark(value, used));
            blocks_mut(&mut inst.kind).for_each(|inner| sweep_block(inner, used));
            kept.push(inst);
        }
    }
    kept.reverse();
    block.insts = kept;
}

/// Numbers the values in the order of the text, without gaps.
fn number(function: &mut Function) {
    let mut order = Vec::new();
    collect(&function.body, &mut order);
    let mut numbers = vec![0; function.values.len()];
    for (new, old) in order.iter().enumerate() {
        if let Some(place) = numbers.get_mut(*old as usize) {
            *place = new as ValueId;
        }
    }
    function.values = order.iter().filter_map(|old| function.values.get(*old as usize).cloned()).collect();
    renumber(&mut function.body, &numbers);
}

fn collect(block: &Block, order: &mut Vec<ValueId>) {
    order.extend(&block.params);
    for inst in &block.insts {
        order.push(inst.result);
        inst.kind.blocks().for_each(|inner| collect(inner, order));
    }
}

fn renumber(block: &mut Block, numbers: &[ValueId]) {
    let put = |value: &mut ValueId| *value = numbers.get(*value as usize).copied().unwrap_or_default();
    block.params.iter_mut().for_each(put);
    block.yields.iter_mut().for_each(put);
    for inst in &mut block.insts {
        put(&mut inst.result);
        args_mut(&mut inst.kind).into_iter().for_each(put);
        blocks_mut(&mut inst.kind).for_each(|inner| renumber(inner, numbers));
    }
}
