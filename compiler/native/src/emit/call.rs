//! Calls of other functions of the program.

use super::FUNCTIONS;
use super::function::Emit;
use crate::error::Error;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{ExtFuncData, ExternalName, InstBuilder, MemFlagsData, UserExternalName, Value, types};
use mu_format::ir::{DecisionId, FuncId, Inst, ValueId};
use mu_format::native::{CONTEXT_PICKS, Service};

impl Emit<'_, '_> {
    /// Runs a function or a kernel on a frame; gives its status.
    pub fn enter(&mut self, namespace: u32, index: u32, frame: Value) -> Value {
        let signature = self.signature();
        let name = self.b.func.declare_imported_user_function(UserExternalName::new(namespace, index));
        let name = ExternalName::User(name);
        let function = self.b.import_function(ExtFuncData { name, signature, colocated: true, patchable: false });
        let call = self.b.ins().call(function, &[self.context, frame]);
        let status = self.b.inst_results(call).first().copied();
        // Every function has a status.
        status.unwrap_or_else(|| self.b.ins().iconst(types::I32, 1))
    }

    /// Calls a function: its frame begins where this one ends, with room for the answer and then the parameters.
    pub fn call(&mut self, function: FuncId, args: &[ValueId], result: ValueId) -> Result<(), Error> {
        let missing = || Error::new(format!("there is no function {function}"));
        let callee = self.program.functions.get(function as usize).ok_or_else(missing)?;
        let frame = self.frames.get(function as usize).ok_or_else(missing)?;
        let base = self.frame.size();
        let mut boxes = false;
        for (param, arg) in callee.body.params.iter().zip(args) {
            for (to, from) in frame.cells(*param).iter().zip(self.frame.cells(*arg)) {
                let to = base + *to as usize;
                if self.variable(*from).is_some() {
                    self.spill_cell(*from, to);
                } else {
                    boxes = true;
                    self.pass_on(to, *from as usize, false);
                }
            }
        }
        self.give_fuel();
        let start = self.address(base);
        let status = self.enter(FUNCTIONS, function, start);
        self.check(status);
        self.take_fuel();
        for (from, to) in self.frame.cells(result).iter().enumerate() {
            if self.variable(*to).is_some() {
                self.reload_cell(*to, base + from);
            } else {
                self.pass_on(*to as usize, base + from, true);
            }
        }
        if boxes {
            // What is still held there could not be written again in place.
            let count: usize = callee.body.params.iter().map(|param| frame.cells(*param).len()).sum();
            let first = self.address(base + frame.result);
            let count = self.b.ins().iconst(types::I64, count as i64);
            self.service(Service::Release, &[first, count]);
        }
        Ok(())
    }

    /// Calls the function of the option that is picked.
    pub fn dispatch(
        &mut self,
        inst: &Inst,
        decision: DecisionId,
        functions: &[FuncId],
        args: &[ValueId],
    ) -> Result<(), Error> {
        let picks = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.context, CONTEXT_PICKS);
        let offset = i32::try_from(u64::from(decision) * 4).map_err(|_| Error::new("there are too many decisions"))?;
        let pick = self.b.ins().load(types::I32, MemFlagsData::trusted(), picks, offset);
        let done = self.b.create_block();
        for (place, function) in functions.iter().enumerate() {
            let (here, next) = (self.b.create_block(), self.b.create_block());
            let picked = self.b.ins().icmp_imm_u(IntCC::Equal, pick, place as i64);
            self.b.ins().brif(picked, here, &[], next, &[]);
            self.go_on(here);
            self.call(*function, args, inst.result)?;
            self.b.ins().jump(done, &[]);
            self.go_on(next);
        }
        // Nothing is picked: the runtime says so.
        self.give_fuel();
        self.on_instruction(Service::Instruction, inst.result, None);
        self.b.ins().jump(self.fail, &[]);
        self.go_on(done);
        Ok(())
    }
}
