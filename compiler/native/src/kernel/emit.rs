//! A planned kernel as a Cranelift function: shapes, cost and room first, then the loops.

use super::Kernel;
use super::expr::{NodeId, ScalarId};
use super::loops::Place;
use super::plan::{Cost, Plan, Step};
use super::size::{Check, Origin, Size};
use super::wide::{flags, lane};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, AbiParam, Block, InstBuilder, MemFlagsData, SigRef, Signature, StackSlotData, StackSlotKind, Value, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_frontend::{FunctionBuilder, Variable};
use mu_format::ir::ValueId;
use mu_format::native::{CELL, CELL_DATA, CELL_DIMS, CONTEXT_FUEL, CONTEXT_TABLE, Service};
use mu_format::tensor::DType;
use std::collections::BTreeMap;

/// As many elements cost one step, as in the interpreter.
const ELEMENTS: i64 = 64;

/// The function being built. Values of the entry are known in every block after it.
pub(super) struct Emit<'a, 'b> {
    pub b: FunctionBuilder<'b>,
    pub plan: &'a Plan,
    kernel: &'a Kernel<'a>,
    context: Value,
    frame: Value,
    /// By symbol, before any of them are found to be the same.
    symbols: Vec<Value>,
    /// Gives 1: the operations are run one by one.
    refuse: Block,
    /// By value, the address of a tensor's elements.
    data: BTreeMap<ValueId, Value>,
    pub scalars: BTreeMap<ScalarId, Value>,
    /// Not 0 once a whole number did not fit.
    bad: Variable,
}

/// Builds the body of a function whose parameters are the context and the frame.
pub(super) fn emit(kernel: &Kernel, plan: &Plan, mut b: FunctionBuilder, target: &dyn TargetIsa) -> Result<(), String> {
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let refuse = b.create_block();
    let [context, frame] = b.block_params(entry) else { return Err("a kernel has two parameters".into()) };
    let (context, frame) = (*context, *frame);
    let bad = b.declare_var(types::I8);
    let none = b.ins().iconst(types::I8, 0);
    b.def_var(bad, none);
    let (data, scalars) = (BTreeMap::new(), BTreeMap::new());
    let mut emit = Emit { b, plan, kernel, context, frame, symbols: Vec::new(), refuse, data, scalars, bad };
    emit.shapes()?;
    let cost = emit.cost();
    emit.room(target.default_call_conv())?;
    emit.inputs()?;
    for step in &plan.steps {
        emit.step(step)?;
    }
    emit.results()?;
    emit.pay(cost);
    emit.b.switch_to_block(refuse);
    let status = emit.b.ins().iconst(types::I32, 1);
    emit.b.ins().return_(&[status]);
    emit.b.seal_all_blocks();
    emit.b.finalize(target.frontend_config());
    Ok(())
}

impl Emit<'_, '_> {
    /// Where a part of a value's cell stands from the frame on.
    fn cell(&self, value: ValueId, part: i32) -> Result<i32, String> {
        let cell = self.kernel.frame.cell(value).ok_or_else(|| format!("%{value} has no cell of its own"))?;
        let place = i32::try_from(cell).ok().and_then(|cell| cell.checked_mul(CELL)?.checked_add(part));
        place.ok_or_else(|| "the frame is too large".into())
    }

    fn read(&mut self, ty: ir::Type, value: ValueId, part: i32) -> Result<Value, String> {
        let place = self.cell(value, part)?;
        Ok(self.b.ins().load(ty, MemFlagsData::trusted(), self.frame, place))
    }

    pub fn int(&mut self, n: i64) -> Value {
        self.b.ins().iconst(types::I64, n)
    }

    /// Goes on only where the condition does not hold.
    fn refuse_if(&mut self, condition: Value) {
        let next = self.b.create_block();
        self.b.ins().brif(condition, self.refuse, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// The product as it was read, whatever was found to be the same since.
    fn raw(&mut self, size: &Size) -> Value {
        let by = (size.by != 1 || size.of.is_empty()).then(|| self.int(size.by));
        let symbols: Vec<Value> = size.of.iter().filter_map(|symbol| self.symbols.get(*symbol).copied()).collect();
        let product = by.into_iter().chain(symbols).reduce(|a, b| self.b.ins().imul(a, b));
        product.unwrap_or_else(|| self.int(1))
    }

    /// A size at run time.
    pub fn size(&mut self, size: &Size) -> Value {
        let resolved = self.plan.sizes.resolved(size);
        self.raw(&resolved)
    }

    /// Reads the inputs' dimensions and refuses shapes that do not agree, and tensors without elements.
    fn shapes(&mut self) -> Result<(), String> {
        for origin in &self.plan.sizes.origins {
            let value = match origin {
                Origin::Input { value, axis } => {
                    let dims = self.read(types::I64, *value, CELL_DIMS)?;
                    let dim = self.b.ins().load(types::I64, MemFlagsData::trusted(), dims, (axis * 8) as i32);
                    let none = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, dim, 1);
                    self.refuse_if(none);
                    dim
                }
                Origin::Sum(a, b) => {
                    let (a, b) = (self.raw(a), self.raw(b));
                    self.b.ins().iadd(a, b)
                }
                Origin::Quotient(size, by) => {
                    let (size, by) = (self.raw(size), self.int((*by).max(1)));
                    self.b.ins().udiv(size, by)
                }
            };
            self.symbols.push(value);
        }
        for check in &self.plan.sizes.checks {
            let (left, right, wrong) = match check {
                Check::Equal(a, b) => (self.raw(a), self.raw(b), IntCC::NotEqual),
                Check::AtMost(a, n) => (self.raw(a), self.int(*n), IntCC::SignedGreaterThan),
                Check::AtLeast(a, n) => (self.raw(a), self.int(*n), IntCC::SignedLessThan),
            };
            let fails = self.b.ins().icmp(wrong, left, right);
            self.refuse_if(fails);
        }
        Ok(())
    }

    /// What all instructions cost, which must be left.
    fn cost(&mut self) -> Value {
        let mut known = self.kernel.insts.len() as i64;
        let mut open = Vec::new();
        for Cost { args, result } in &self.plan.costs {
            for sizes in [args.as_slice(), std::slice::from_ref(result)] {
                let sizes: Vec<Size> = sizes.iter().map(|size| self.plan.sizes.resolved(size)).collect();
                match sizes.iter().map(Size::known).sum::<Option<i64>>() {
                    Some(elements) => known = known.saturating_add(elements / ELEMENTS),
                    None => open.push(sizes),
                }
            }
        }
        let mut cost = self.int(known);
        for sizes in open {
            let sizes: Vec<Value> = sizes.iter().map(|size| self.size(size)).collect();
            if let Some(elements) = sizes.into_iter().reduce(|a, b| self.b.ins().iadd(a, b)) {
                let steps = self.b.ins().ushr_imm_u(elements, i64::from(ELEMENTS.trailing_zeros()));
                cost = self.b.ins().iadd(cost, steps);
            }
        }
        let left = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.context, CONTEXT_FUEL);
        let spent = self.b.ins().icmp(IntCC::UnsignedLessThan, left, cost);
        self.refuse_if(spent);
        cost
    }

    /// Has the runtime make room for each tensor.
    fn room(&mut self, convention: CallConv) -> Result<(), String> {
        let mut signature = Signature::new(convention);
        let params = [types::I64, types::I64, types::I32, types::I32, types::I64];
        signature.params.extend(params.map(AbiParam::new));
        signature.returns.push(AbiParam::new(types::I32));
        let signature: SigRef = self.b.import_signature(signature);
        for made in &self.plan.made {
            let rank = made.dims.len();
            let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, (rank * 8) as u32, 3);
            let slot = self.b.create_sized_stack_slot(slot);
            for (axis, dim) in made.dims.iter().enumerate() {
                let dim = self.size(dim);
                self.b.ins().stack_store(types::I64, dim, slot, (axis * 8) as i32);
            }
            let dims = self.b.ins().stack_addr(types::I64, slot, 0);
            let place = self.cell(made.value, 0)?;
            let cell = self.b.ins().iadd_imm_s(self.frame, i64::from(place));
            let dtype = DType::ALL.iter().position(|dtype| *dtype == made.dtype).unwrap_or_default();
            let (dtype, rank) =
                (self.b.ins().iconst(types::I32, dtype as i64), self.b.ins().iconst(types::I32, rank as i64));
            let table = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.context, CONTEXT_TABLE);
            let service = self.b.ins().load(types::I64, MemFlagsData::trusted(), table, Service::Tensor as i32 * 8);
            let call = self.b.ins().call_indirect(signature, service, &[self.context, cell, dtype, rank, dims]);
            let status = self.b.inst_results(call).first().copied().ok_or("a service gives a status")?;
            self.refuse_if(status);
        }
        Ok(())
    }

    /// Reads what is read once: numbers, and where tensors stand.
    fn inputs(&mut self) -> Result<(), String> {
        for (scalar, dtype, value) in &self.plan.read {
            let x = self.read(lane(*dtype), *value, CELL_DATA)?;
            self.scalars.insert(*scalar, x);
        }
        for value in self.plan.tensors() {
            let data = self.read(types::I64, value, CELL_DATA)?;
            self.data.insert(value, data);
        }
        Ok(())
    }

    /// The address of a tensor's first element under a view, its axes aside.
    pub fn start(&mut self, value: ValueId, offset: &[Size], dtype: DType) -> Result<Value, String> {
        let mut at = *self.data.get(&value).ok_or_else(|| format!("%{value} has no elements"))?;
        for size in offset {
            let bytes = self.size(&size.times(&Size::fixed(dtype.size() as i64)));
            at = self.b.ins().iadd(at, bytes);
        }
        Ok(at)
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Let { scalar, node } => {
                let place = self.place_of(*node, &[])?;
                let x = self.one(*node, &place)?;
                self.scalars.insert(*scalar, x);
                Ok(())
            }
            Step::Map { to, dims, view, node } => self.map(*to, dims, view, *node),
            Step::Sum { scalar, dims, node } => {
                let sum = self.sum(dims, *node)?;
                self.scalars.insert(*scalar, sum);
                Ok(())
            }
            Step::Extreme { scalar, largest, dims, node } => {
                let found = self.extreme(dims, *node, *largest)?;
                self.scalars.insert(*scalar, found);
                Ok(())
            }
            Step::Argmax { scalar, dims, node } => {
                let found = self.argmax(dims, *node)?;
                self.scalars.insert(*scalar, found);
                Ok(())
            }
            Step::Softmax { to, dims, node } => self.softmax(*to, dims, *node),
            Step::MeanFirst { to, dims, node } => self.mean_first(*to, dims, *node),
        }
    }

    /// Notes a condition under which the operations must be run one by one.
    pub fn note(&mut self, bad: Value) {
        let before = self.b.use_var(self.bad);
        let all = self.b.ins().bor(before, bad);
        self.b.def_var(self.bad, all);
    }

    fn results(&mut self) -> Result<(), String> {
        let bad = self.b.use_var(self.bad);
        self.refuse_if(bad);
        for (value, node) in &self.plan.results {
            let x = self.single(*node)?;
            let place = self.cell(*value, CELL_DATA)?;
            self.b.ins().store(flags(), x, self.frame, place);
        }
        Ok(())
    }

    fn single(&mut self, node: NodeId) -> Result<Value, String> {
        self.one(node, &Place::nowhere())
    }

    fn pay(&mut self, cost: Value) {
        let left = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.context, CONTEXT_FUEL);
        let left = self.b.ins().isub(left, cost);
        self.b.ins().store(MemFlagsData::trusted(), left, self.context, CONTEXT_FUEL);
        let status = self.b.ins().iconst(types::I32, 0);
        self.b.ins().return_(&[status]);
    }
}
