//! Blocks and their instructions.

use super::function::Emit;
use super::{Group, KERNELS, escaping, is_ready};
use crate::error::Error;
use crate::kernel;
use cranelift_codegen::ir::{self, InstBuilder, types};
use mu_format::frame::{Cell, Leaf};
use mu_format::ir::{Block, Inst, Kind, ValueId};
use mu_format::native::Service;
use mu_format::tensor::Data;
use mu_format::value::Value;

impl<'a> Emit<'a, '_> {
    pub fn block(&mut self, block: &'a Block) -> Result<(), Error> {
        let mut groups = kernel::groups(self.function, block).into_iter().peekable();
        let mut place = 0;
        while let Some(inst) = block.insts.get(place) {
            match groups.next_if(|group| group.start == place && group.end > place) {
                Some(range) => {
                    let insts = block.insts.get(range.clone()).unwrap_or_default();
                    let escaping = escaping(self.function, block, &range);
                    self.group(Group { insts, escaping });
                    place = range.end;
                }
                None => {
                    self.inst(inst)?;
                    place += 1;
                }
            }
        }
        Ok(())
    }

    /// A fused group. Where its kernel declines, the instructions are run one by one: that gives the error that is due, with
    /// its place.
    fn group(&mut self, group: Group<'a>) {
        let insts = group.insts;
        for inst in insts {
            match &inst.kind {
                Kind::Literal(_) | Kind::Const(_) => {
                    self.literal(inst);
                    self.spill(inst.result);
                }
                _ => inst.kind.args().into_iter().for_each(|arg| {
                    if !insts.iter().any(|inst| inst.result == arg) {
                        self.spill(arg);
                    }
                }),
            }
        }
        self.give_fuel();
        let number = self.kernels + u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        self.groups.push(group);
        let status = self.enter(KERNELS, number, self.frame_at);
        let (slow, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(slow);
        self.b.ins().brif(status, slow, &[], next, &[]);
        self.go_on(slow);
        for inst in insts {
            self.on_instruction(Service::Instruction, inst.result, None);
        }
        self.b.ins().jump(next, &[]);
        self.go_on(next);
        self.take_fuel();
        insts.iter().filter(|inst| !is_ready(&inst.kind)).for_each(|inst| self.reload(inst.result));
    }

    fn inst(&mut self, inst: &'a Inst) -> Result<(), Error> {
        let result = inst.result;
        match &inst.kind {
            Kind::Literal(_) | Kind::Const(_) => {
                self.burn(result, 1);
                self.literal(inst);
            }
            Kind::Record(_) | Kind::Field { .. } => self.burn(result, 1),
            Kind::Some(_) | Kind::Ok(_) => {
                self.burn(result, 1);
                self.flag(result, 1);
            }
            Kind::None | Kind::Err(_) => {
                self.burn(result, 1);
                // Nobody asks for what would be inside.
                self.frame.cells(result).to_vec().into_iter().for_each(|cell| self.zero(cell));
                self.flag(result, 0);
            }
            Kind::Op { op, args, .. } => {
                if !self.scalar(inst, *op, args) {
                    self.by_runtime(result, args);
                }
            }
            Kind::List(args) | Kind::Infer { args, .. } => self.by_runtime(result, args),
            Kind::Call { function, args } => {
                // The instruction, and the frame of a call.
                self.burn(result, 1 + CALL);
                self.call(*function, args, result)?;
            }
            Kind::Dispatch { decision, functions, args } => {
                self.burn(result, 1 + CALL);
                self.dispatch(inst, *decision, functions, args)?;
            }
            Kind::If { condition, then, otherwise } => {
                self.burn(result, 1);
                self.branch(inst, *condition, then, otherwise)?;
            }
            Kind::Match { subject, present, absent } => {
                self.burn(result, 1);
                self.branch(inst, *subject, present, absent)?;
            }
            Kind::For { list, filter, body } => {
                self.burn(result, 1);
                self.for_each(inst, *list, filter.as_ref(), body)?;
            }
            Kind::Scan { list, init, body } => {
                self.burn(result, 1);
                self.scan(inst, *list, init, body)?;
            }
        }
        Ok(())
    }

    /// The flag of an option or a result, its first leaf.
    fn flag(&mut self, value: ValueId, flag: i64) {
        if let Some(cell) = self.frame.cells(value).first().copied() {
            let flag = self.b.ins().iconst(types::I8, flag);
            self.set_number(cell, flag);
        }
    }

    /// The value of a literal or a constant, at no cost.
    fn literal(&mut self, inst: &Inst) {
        let value = match &inst.kind {
            Kind::Literal(value) => Some(value),
            Kind::Const(id) => self.program.constants.get(*id as usize).map(|constant| &constant.value),
            _ => None,
        };
        let number = match (self.frame.cells(inst.result), value) {
            ([cell], Some(value)) => self.immediate(*cell, value).map(|number| (*cell, number)),
            _ => None,
        };
        match number {
            Some((cell, number)) => self.set_number(cell, number),
            None => {
                self.on_instruction(Service::Literal, inst.result, None);
                self.reload(inst.result);
            }
        }
    }

    /// A number that is known now.
    fn immediate(&mut self, cell: Cell, value: &Value) -> Option<ir::Value> {
        let ty = self.ty(cell);
        let ins = self.b.ins();
        Some(match (self.frame.leaf(cell)?, value) {
            (Leaf::Scalar(_), Value::Bool(b)) => ins.iconst(ty, i64::from(*b)),
            (Leaf::Scalar(_), Value::I64(n)) => ins.iconst(ty, *n),
            (Leaf::Scalar(_), Value::F32(x)) => ins.f32const(ir::immediates::Ieee32::with_bits(x.to_bits())),
            (Leaf::Scalar(_), Value::F64(x)) => ins.f64const(ir::immediates::Ieee64::with_bits(x.to_bits())),
            (Leaf::Label, Value::Label(label)) => ins.iconst(ty, i64::from(*label)),
            (Leaf::Scalar(_), Value::Tensor(tensor)) => match &tensor.data {
                Data::U8(v) => ins.iconst(ty, i64::from(*v.first()?)),
                Data::I32(v) => ins.iconst(ty, i64::from(v.first()?.cast_unsigned())),
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// What the call of a function costs; the interpreter's `CALL`.
const CALL: i64 = 50;
