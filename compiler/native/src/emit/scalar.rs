//! Operations on single numbers, in registers.

use super::function::Emit;
use crate::kernel::{Binary, Unary, scalar};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use mu_format::frame::{Cell, Leaf};
use mu_format::ir::{Inst, ValueId};
use mu_format::native::{CELL, CELL_LEN, Service};
use mu_format::op::Op;
use mu_format::tensor::DType;

/// The type of a leaf that calculates; labels are only compared.
fn dtype(leaf: Leaf) -> Option<DType> {
    match leaf {
        Leaf::Scalar(dtype) => Some(dtype),
        _ => None,
    }
}

impl Emit<'_, '_> {
    /// Emits an operation on single numbers, with its cost; false where it is none, or none that is done in registers.
    pub fn scalar(&mut self, inst: &Inst, op: Op, args: &[ValueId]) -> bool {
        let leaves: Vec<(Cell, Leaf)> = args
            .iter()
            .flat_map(|arg| self.frame.cells(*arg))
            .filter_map(|cell| Some((*cell, self.frame.leaf(*cell)?)))
            .collect();
        let results = self.frame.cells(inst.result).to_vec();
        match (op, leaves.as_slice(), results.as_slice()) {
            (Op::Count | Op::Found | Op::Entities, [(list, Leaf::Boxed)], [result]) => {
                self.count(inst, *list, *result, args);
                true
            }
            // Only the flag of an option is looked at, whatever is inside.
            (Op::IsSome, [(flag, Leaf::Flag), ..], [result]) => {
                self.burn(inst.result, 1);
                let flag = *flag;
                if let Some(flag) = self.number(flag) {
                    self.set_number(*result, flag);
                }
                true
            }
            (Op::Otherwise, [(flag, Leaf::Flag), (inside, leaf), (default, _)], [result]) if leaf.is_plain() => {
                let numbers = [*flag, *inside, *default].map(|cell| self.number(cell));
                let [Some(flag), Some(inside), Some(default)] = numbers else { return false };
                self.burn(inst.result, 1);
                let chosen = self.b.ins().select(flag, inside, default);
                self.set_number(*result, chosen);
                true
            }
            (Op::Finite, [(x, Leaf::Scalar(from))], [flag, inside]) if from.is_float() => {
                let Some(x) = self.number(*x) else { return false };
                self.burn(inst.result, 1);
                // A number less itself is 0 where it is finite, else NaN.
                let rest = self.b.ins().fsub(x, x);
                let finite = self.b.ins().fcmp(FloatCC::Equal, rest, rest);
                self.set_number(*flag, finite);
                self.set_number(*inside, x);
                true
            }
            (_, leaves, [result]) if leaves.len() == args.len() => self.numeric(inst, op, leaves, *result, args),
            _ => false,
        }
    }

    /// Numbers in, a number out.
    fn numeric(&mut self, inst: &Inst, op: Op, leaves: &[(Cell, Leaf)], result: Cell, args: &[ValueId]) -> bool {
        let numbers: Option<Vec<Value>> = leaves.iter().map(|(cell, _)| self.number(*cell)).collect();
        let (Some(numbers), true) = (numbers, self.variable(result).is_some()) else { return false };
        if let (Op::Eq | Op::Ne, [(_, Leaf::Label), (_, Leaf::Label)], [a, b]) = (op, leaves, numbers.as_slice()) {
            self.burn(inst.result, 1);
            let condition = if op == Op::Eq { IntCC::Equal } else { IntCC::NotEqual };
            let same = self.b.ins().icmp(condition, *a, *b);
            self.set_number(result, same);
            return true;
        }
        let dtypes: Option<Vec<DType>> = leaves.iter().map(|(_, leaf)| dtype(*leaf)).collect();
        let Some(dtypes) = dtypes else { return false };
        let to = self.frame.leaf(result).and_then(dtype);
        let fuel = self.fuel();
        let (value, bad) = match (op, dtypes.as_slice(), numbers.as_slice()) {
            (Op::ToF32 | Op::ToF64 | Op::ToI64 | Op::ToI32, [from], [x]) => {
                let Some(to) = to else { return false };
                self.burn(inst.result, 1);
                (scalar::convert(&mut self.b, *from, to, *x), None)
            }
            (Op::Abs, [DType::U8], [x]) => {
                self.burn(inst.result, 1);
                (*x, None)
            }
            (Op::Clamp, [dtype, ..], [x, low, high]) => {
                self.burn(inst.result, 1);
                let (raised, _) = scalar::binary(&mut self.b, Binary::Max, *dtype, *x, *low, false);
                scalar::binary(&mut self.b, Binary::Min, *dtype, raised, *high, false)
            }
            (Op::Scale, [from, _], [x, by]) => {
                self.burn(inst.result, 1);
                let x = scalar::convert(&mut self.b, *from, DType::F32, *x);
                (self.b.ins().fmul(x, *by), None)
            }
            (op, [dtype], [x]) => {
                let Some(op) = Unary::of(op) else { return false };
                self.burn(inst.result, 1);
                scalar::unary(&mut self.b, op, *dtype, *x)
            }
            (op, [dtype, _], [x, y]) => {
                let Some(op) = Binary::of(op) else { return false };
                self.burn(inst.result, 1);
                scalar::binary(&mut self.b, op, *dtype, *x, *y, false)
            }
            _ => return false,
        };
        if let Some(bad) = bad {
            self.refuse(inst, args, fuel, bad);
        }
        self.set_number(result, value);
        true
    }

    /// Where `bad` is not 0, the runtime does the instruction again, with the fuel from before, and says what is wrong with it.
    fn refuse(&mut self, inst: &Inst, args: &[ValueId], fuel: Value, bad: Value) {
        let (wrong, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(wrong);
        self.b.ins().brif(bad, wrong, &[], next, &[]);
        self.go_on(wrong);
        args.iter().for_each(|arg| self.spill(*arg));
        self.store_fuel(fuel);
        self.on_instruction(Service::Instruction, inst.result, None);
        self.b.ins().jump(self.fail, &[]);
        self.go_on(next);
    }

    /// How many elements a list has; it costs what the list weighs.
    fn count(&mut self, inst: &Inst, list: Cell, result: Cell, args: &[ValueId]) {
        let fuel = self.fuel();
        self.burn(inst.result, 1);
        let at = CELL * list as i32 + CELL_LEN;
        let count = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.frame_at, at);
        let weight = self.b.ins().ushr_imm_u(count, i64::from(ELEMENTS.trailing_zeros()));
        let left = self.fuel();
        let short = self.b.ins().icmp(IntCC::UnsignedLessThan, left, weight);
        self.refuse(inst, args, fuel, short);
        let left = self.b.ins().isub(left, weight);
        self.set_fuel(left);
        self.set_number(result, count);
    }
}

/// As many elements cost one step; the interpreter's `ELEMENTS`.
const ELEMENTS: u64 = 64;
