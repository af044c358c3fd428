//! Leaves in a program only what its entries reach, and numbers it anew: functions, constants, models, assets,
//! decisions, label sets.

use crate::lower::AssetFile;
use mu_format::ir::{Attr, Block, Kind, Program};
use mu_format::types::Type;
use std::collections::BTreeSet;

pub(crate) fn prune(program: &mut Program, assets: &mut Vec<AssetFile>) {
    let mut kept = Kept::default();
    kept.functions.extend(program.entries.iter().map(|entry| entry.function));
    // Callees stand before callers, so one pass from the end sees every caller first.
    for (id, function) in program.functions.iter().enumerate().rev() {
        if kept.functions.contains(&(id as u32)) {
            kept.block(&function.body);
        }
    }
    keep(&mut program.functions, &kept.functions);
    keep(&mut program.constants, &kept.constants);
    keep(&mut program.models, &kept.models);
    keep(&mut program.assets, &kept.assets);
    keep(&mut program.decisions, &kept.decisions);
    keep(assets, &kept.assets);
    for function in &mut program.functions {
        kept.renumber(&mut function.body);
    }
    for entry in &mut program.entries {
        entry.function = place(&kept.functions, entry.function);
    }
    let mut sets = BTreeSet::new();
    types(program, &mut |set| {
        sets.insert(*set);
    });
    keep(&mut program.labels, &sets);
    types(program, &mut |set| *set = place(&sets, *set));
}

#[derive(Default)]
struct Kept {
    functions: BTreeSet<u32>,
    constants: BTreeSet<u32>,
    models: BTreeSet<u32>,
    assets: BTreeSet<u32>,
    decisions: BTreeSet<u32>,
}

fn keep<T>(table: &mut Vec<T>, kept: &BTreeSet<u32>) {
    let mut id = 0;
    table.retain(|_| {
        id += 1;
        kept.contains(&(id - 1))
    });
}

/// The new number of what had the number `old`.
fn place(kept: &BTreeSet<u32>, old: u32) -> u32 {
    kept.range(..old).count() as u32
}

impl Kept {
    fn block(&mut self, block: &Block) {
        for inst in &block.insts {
            match &inst.kind {
                Kind::Const(id) => {
                    self.constants.insert(*id);
                }
                Kind::Call { function, .. } => {
                    self.functions.insert(*function);
                }
                Kind::Infer { model, .. } => {
                    self.models.insert(*model);
                }
                Kind::Dispatch { decision, functions, .. } => {
                    self.decisions.insert(*decision);
                    self.functions.extend(functions);
                }
                Kind::Op { attrs, .. } => self.assets.extend(attrs.iter().filter_map(|attr| match attr {
                    Attr::Asset(id) => Some(*id),
                    _ => None,
                })),
                _ => {}
            }
            inst.kind.blocks().for_each(|inner| self.block(inner));
        }
    }

    fn renumber(&self, block: &mut Block) {
        for inst in &mut block.insts {
            match &mut inst.kind {
                Kind::Const(id) => *id = place(&self.constants, *id),
                Kind::Call { function, .. } => *function = place(&self.functions, *function),
                Kind::Infer { model, .. } => *model = place(&self.models, *model),
                Kind::Dispatch { decision, functions, .. } => {
                    *decision = place(&self.decisions, *decision);
                    functions.iter_mut().for_each(|function| *function = place(&self.functions, *function));
                }
                Kind::Op { attrs, .. } => {
                    for attr in attrs {
                        if let Attr::Asset(id) = attr {
                            *id = place(&self.assets, *id);
                        }
                    }
                }
                kind => crate::cleanup::blocks_mut(kind).for_each(|inner| self.renumber(inner)),
            }
        }
    }
}

/// Visits every number of a label set in the types of a program.
fn types(program: &mut Program, see: &mut dyn FnMut(&mut u32)) {
    for function in &mut program.functions {
        function.values.iter_mut().chain([&mut function.result]).for_each(|ty| sets(ty, see));
    }
    program.constants.iter_mut().for_each(|constant| sets(&mut constant.ty, see));
    for entry in &mut program.entries {
        entry.params.iter_mut().map(|param| &mut param.ty).chain([&mut entry.result]).for_each(|ty| sets(ty, see));
    }
}

fn sets(ty: &mut Type, see: &mut dyn FnMut(&mut u32)) {
    match ty {
        Type::Label(set) | Type::Ranking(set) => see(set),
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => sets(inner, see),
        Type::Record(fields) => fields.iter_mut().for_each(|(_, inner)| sets(inner, see)),
        Type::Text | Type::Bytes | Type::Image | Type::Audio | Type::Tensor(..) => {}
    }
}
