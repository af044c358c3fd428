//! Kernels: stretches of tensor operations as one function each, with the bits of the interpreter.
//!
//! [`groups`] finds them in a block, [`emit`] builds one: it is planned as expressions and loops (`plan`), whose nests are laid
//! together where the tensors' layouts allow (`nest`), and emitted with 128-bit rows, four at a time (`loops`, `reduce`).
//!
//! A kernel gives 0 where it has computed all that something after it needs, and 1 where anything is unusual: shapes that do not
//! agree, no elements, too little fuel, whole numbers that overflow. Its operations must then be run one by one, which gives the
//! interpreter's error or value; the inputs are untouched. So kernels make no messages.

mod emit;
mod expr;
mod group;
mod loops;
pub(crate) mod math;
mod nest;
mod plan;
mod reduce;
pub(crate) mod scalar;
mod size;
#[cfg(test)]
mod tests;
mod wide;

pub(crate) use expr::{Binary, Unary};
pub(crate) use group::groups;

use crate::Error;
use cranelift_codegen::ir;
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use mu_format::frame::Frame;
use mu_format::ir::{Function, Inst, Program, ValueId};

/// One of [`groups`], and where its values live.
pub(crate) struct Kernel<'a> {
    pub program: &'a Program,
    pub function: &'a Function,
    pub insts: &'a [Inst],
    /// The group's values that something after it needs.
    pub escaping: &'a [ValueId],
    pub frame: &'a Frame,
}

/// Builds the kernel in an empty function `(context, frame) -> status`.
pub(crate) fn emit(
    kernel: &Kernel,
    target: &dyn TargetIsa,
    func: &mut ir::Function,
    cx: &mut FunctionBuilderContext,
) -> Result<(), Error> {
    let plan = plan::plan(kernel).map_err(Error::new)?;
    let build = FunctionBuilder::new(func, cx);
    emit::emit(kernel, &plan, build, target).map_err(Error::new)
}
