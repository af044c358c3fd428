//! Calls of the runtime, through the table that the context holds.

use super::function::Emit;
use cranelift_codegen::ir::{AbiParam, InstBuilder, MemFlagsData, SigRef, Signature, Type, Value, types};
use cranelift_codegen::isa::TargetIsa;
use mu_format::frame::Cell;
use mu_format::ir::ValueId;
use mu_format::native::{CELL, CONTEXT_TABLE, Service};

/// What every function and kernel looks like.
pub(super) fn entry(target: &dyn TargetIsa) -> Signature {
    signature(target, &[types::I64, types::I64], true)
}

fn signature(target: &dyn TargetIsa, params: &[Type], status: bool) -> Signature {
    let mut signature = Signature::new(target.default_call_conv());
    signature.params.extend(params.iter().map(|ty| AbiParam::new(*ty)));
    if status {
        signature.returns.push(AbiParam::new(types::I32));
    }
    signature
}

/// Arguments after the context, and whether there is a status.
fn shape(service: Service) -> (&'static [Type], bool) {
    const I32: Type = types::I32;
    const I64: Type = types::I64;
    match service {
        Service::Instruction | Service::Literal | Service::Spent => (&[I64, I32, I32], true),
        Service::Tensor => (&[I64, I32, I32, I64], true),
        Service::Copy | Service::Swap | Service::Release => (&[I64, I64], false),
        Service::Element | Service::Push | Service::Finish => (&[I64, I32, I32, I64], true),
    }
}

impl Emit<'_, '_> {
    fn imported(&mut self, service: Service) -> SigRef {
        if let Some(known) = self.services.get(service as usize).copied().flatten() {
            return known;
        }
        let (params, status) = shape(service);
        let params: Vec<Type> = std::iter::once(types::I64).chain(params.iter().copied()).collect();
        let made = self.b.import_signature(signature(self.target, &params, status));
        if let Some(slot) = self.services.get_mut(service as usize) {
            *slot = Some(made);
        }
        made
    }

    /// Calls a service; gives the status, where it has one.
    pub(super) fn service(&mut self, service: Service, args: &[Value]) -> Option<Value> {
        let signature = self.imported(service);
        let table = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.context, CONTEXT_TABLE);
        let at = 8 * service as i32;
        let function = self.b.ins().load(types::I64, MemFlagsData::trusted(), table, at);
        let args: Vec<Value> = std::iter::once(self.context).chain(args.iter().copied()).collect();
        let call = self.b.ins().call_indirect(signature, function, &args);
        self.b.inst_results(call).first().copied()
    }

    /// Calls a service that names an instruction; where it fails, so does the function.
    pub(super) fn on_instruction(&mut self, service: Service, result: ValueId, index: Option<Value>) {
        let (function, value) = (i64::from(self.id), i64::from(result));
        let function = self.b.ins().iconst(types::I32, function);
        let value = self.b.ins().iconst(types::I32, value);
        let args: Vec<Value> = [self.frame_at, function, value].into_iter().chain(index).collect();
        if let Some(status) = self.service(service, &args) {
            self.check(status);
        }
    }

    /// Goes on where a status is 0.
    pub(super) fn check(&mut self, status: Value) {
        let next = self.b.create_block();
        self.b.ins().brif(status, self.fail, &[], next, &[]);
        self.go_on(next);
    }

    /// The address of a cell of this function's frame, or of a callee's, which begins after it.
    pub(super) fn address(&mut self, cell: usize) -> Value {
        let offset = i64::from(CELL) * cell as i64;
        self.b.ins().iadd_imm_s(self.frame_at, offset)
    }

    /// The cell `to` holds what `from` holds, which may give it away.
    pub(super) fn pass_on(&mut self, to: usize, from: usize, movable: bool) {
        let (to, from) = (self.address(to), self.address(from));
        self.service(if movable { Service::Swap } else { Service::Copy }, &[to, from]);
    }

    /// Writes the numbers among the leaves of a value into their cells, where the runtime and kernels look for them.
    pub(super) fn spill(&mut self, value: ValueId) {
        for cell in self.frame.cells(value).to_vec() {
            self.spill_cell(cell, cell as usize);
        }
    }

    /// Writes the number of a cell into the cell at a place; nothing where it holds no number.
    pub(super) fn spill_cell(&mut self, cell: Cell, place: usize) {
        if let Some(number) = self.number(cell) {
            self.b.ins().store(MemFlagsData::trusted(), number, self.frame_at, CELL * place as i32);
        }
    }

    /// Reads the numbers among the leaves of a value from their cells.
    pub(super) fn reload(&mut self, value: ValueId) {
        for cell in self.frame.cells(value).to_vec() {
            self.reload_cell(cell, cell as usize);
        }
    }

    /// Reads the number of a cell from the cell at a place; nothing where it holds no number.
    pub(super) fn reload_cell(&mut self, cell: Cell, place: usize) {
        if let Some(variable) = self.variable(cell) {
            let ty = self.ty(cell);
            let number = self.b.ins().load(ty, MemFlagsData::trusted(), self.frame_at, CELL * place as i32);
            self.b.def_var(variable, number);
        }
    }
}
