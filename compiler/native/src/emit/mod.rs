//! Functions of the plan as functions of Cranelift: one each, and one for each group of instructions that is fused.

mod body;
mod call;
mod control;
mod function;
mod scalar;
mod service;

use crate::Unit;
use crate::error::Error;
use crate::kernel;
use cranelift_codegen::ir::{self, UserExternalName, UserFuncName};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use function::Emit;
use mu_format::frame::Frame;
use mu_format::ir::{Block, FuncId, Function, Inst, Kind, Program, ValueId};
use std::ops::Range;

/// The namespace of the program's functions, by place.
pub(crate) const FUNCTIONS: u32 = 0;
/// The namespace of kernels, counted over the program.
pub(crate) const KERNELS: u32 = 1;

/// A fused group: instructions of one block, and what others use of them.
pub(crate) struct Group<'a> {
    pub insts: &'a [Inst],
    pub escaping: Vec<ValueId>,
}

/// Every function, each after its kernels.
pub(crate) fn emit(program: &Program, target: &dyn TargetIsa) -> Result<Vec<Unit>, Error> {
    let frames: Vec<Frame> = program.functions.iter().map(Frame::of).collect();
    let mut scratch = FunctionBuilderContext::new();
    let (mut units, mut kernels) = (Vec::new(), 0);
    for (place, (function, frame)) in program.functions.iter().zip(&frames).enumerate() {
        let id = FuncId::try_from(place).map_err(|_| Error::new("there are too many functions"))?;
        let mut code = blank(target, UserExternalName::new(FUNCTIONS, id));
        let mut groups = Vec::new();
        let emit = Emit::new(program, &frames, function, id, target, &mut code, &mut scratch, kernels, &mut groups)?;
        emit.function()?;
        for group in groups {
            let name = UserExternalName::new(KERNELS, kernels);
            let mut code = blank(target, name.clone());
            let kernel = kernel::Kernel { program, function, insts: group.insts, escaping: &group.escaping, frame };
            kernel::emit(&kernel, target, &mut code, &mut scratch)?;
            units.push(Unit { name, title: format!("kernel {kernels} of `{}`", function.name), code });
            kernels += 1;
        }
        units.push(Unit { name: UserExternalName::new(FUNCTIONS, id), title: format!("`{}`", function.name), code });
    }
    Ok(units)
}

/// A function without code: `(context, frame) -> status`.
pub(crate) fn blank(target: &dyn TargetIsa, name: UserExternalName) -> ir::Function {
    let name = UserFuncName::User(name);
    ir::Function::with_name_signature(name, service::entry(target))
}

/// The values of a range of instructions that the rest of their function uses.
fn escaping(function: &Function, block: &Block, range: &Range<usize>) -> Vec<ValueId> {
    let inside: Vec<ValueId> = block.insts.iter().take(range.end).skip(range.start).map(|inst| inst.result).collect();
    let mut used = vec![false; function.values.len()];
    let mut mark = |values: &[ValueId]| {
        for value in values {
            if let Some(slot) = used.get_mut(*value as usize) {
                *slot = true;
            }
        }
    };
    mark(&block.yields);
    fn walk(insts: &[Inst], mark: &mut dyn FnMut(&[ValueId])) {
        for inst in insts {
            mark(&inst.kind.args());
            for inner in inst.kind.blocks() {
                walk(&inner.insts, mark);
                mark(&inner.yields);
            }
        }
    }
    walk(block.insts.get(range.end..).unwrap_or_default(), &mut mark);
    inside.into_iter().filter(|value| used.get(*value as usize).copied().unwrap_or_default()).collect()
}

/// Whether a group may hold it without the kernel doing anything for it: it is ready before the kernel is called.
pub(crate) fn is_ready(kind: &Kind) -> bool {
    matches!(kind, Kind::Literal(_) | Kind::Const(_) | Kind::Field { .. } | Kind::Record(_))
}
