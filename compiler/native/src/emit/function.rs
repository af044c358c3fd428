//! What is known while a function is emitted: where its cells are, and how many steps are left.

use super::{Group, service};
use crate::error::Error;
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, SigRef, Type, Value, types};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use mu_format::frame::{Cell, Frame, Leaf};
use mu_format::ir::{FuncId, Function, Program, ValueId};
use mu_format::native::{CONTEXT_FUEL, Service};
use mu_format::tensor::DType;

/// A function under way. Numbers live in variables, one for each cell that is one; what has a box lives in its cell.
pub(super) struct Emit<'a, 'f> {
    pub program: &'a Program,
    pub frames: &'a [Frame],
    pub function: &'a Function,
    pub frame: &'a Frame,
    pub id: FuncId,
    pub target: &'a dyn TargetIsa,
    pub b: FunctionBuilder<'f>,
    pub context: Value,
    /// The address of the frame.
    pub frame_at: Value,
    fuel: Variable,
    /// By cell, for numbers.
    variables: Vec<Option<Variable>>,
    /// By service, once it is used.
    pub services: Vec<Option<SigRef>>,
    /// Gives up: the runtime knows why.
    pub fail: ir::Block,
    /// The number of the first kernel of this function.
    pub kernels: u32,
    pub groups: &'f mut Vec<Group<'a>>,
}

/// The type of a number in a register; `None` for what has a box.
pub(super) fn register(leaf: Leaf) -> Option<Type> {
    match leaf {
        Leaf::Flag | Leaf::Scalar(DType::Bool | DType::U8) => Some(types::I8),
        Leaf::Label | Leaf::Scalar(DType::I32) => Some(types::I32),
        Leaf::Scalar(DType::I64) => Some(types::I64),
        Leaf::Scalar(DType::F32) => Some(types::F32),
        Leaf::Scalar(DType::F64) => Some(types::F64),
        Leaf::Tensor | Leaf::Boxed => None,
    }
}

impl<'a, 'f> Emit<'a, 'f> {
    #[allow(clippy::too_many_arguments)] // they are what the struct holds
    pub fn new(
        program: &'a Program,
        frames: &'a [Frame],
        function: &'a Function,
        id: FuncId,
        target: &'a dyn TargetIsa,
        code: &'f mut ir::Function,
        scratch: &'f mut FunctionBuilderContext,
        kernels: u32,
        groups: &'f mut Vec<Group<'a>>,
    ) -> Result<Emit<'a, 'f>, Error> {
        let frame = frames.get(id as usize).ok_or_else(|| Error::new("a function has no frame"))?;
        if frame.size() > MOST_CELLS {
            return Err(Error::new(format!("`{}` has more than {MOST_CELLS} values", function.name)));
        }
        let mut b = FunctionBuilder::new(code, scratch);
        let start = b.create_block();
        b.append_block_params_for_function_params(start);
        b.switch_to_block(start);
        b.seal_block(start);
        let [context, frame_at] = *b.block_params(start) else {
            return Err(Error::new("a function takes a context and a frame"));
        };
        let fuel = b.declare_var(types::I64);
        let variables = frame.leaves.iter().map(|leaf| register(*leaf).map(|ty| b.declare_var(ty))).collect();
        let fail = b.create_block();
        b.set_cold_block(fail);
        let services = vec![None; Service::COUNT];
        let mut emit = Emit {
            program,
            frames,
            function,
            frame,
            id,
            target,
            b,
            context,
            frame_at,
            fuel,
            variables,
            services,
            fail,
            kernels,
            groups,
        };
        emit.take_fuel();
        Ok(emit)
    }

    /// The whole function.
    pub fn function(mut self) -> Result<(), Error> {
        let body = &self.function.body;
        for param in &body.params {
            self.reload(*param);
        }
        self.block(body)?;
        let from: Vec<Cell> = body.yields.iter().flat_map(|value| self.frame.cells(*value).to_vec()).collect();
        let movable = self.frame.body_movable().to_vec();
        for (to, from) in from.into_iter().enumerate() {
            if self.variable(from).is_some() {
                self.spill_cell(from, to);
            } else {
                self.pass_on(to, from as usize, movable.get(to) == Some(&true));
            }
        }
        self.give_fuel();
        let done = self.b.ins().iconst(types::I32, 0);
        self.b.ins().return_(&[done]);
        self.go_on(self.fail);
        let failed = self.b.ins().iconst(types::I32, 1);
        self.b.ins().return_(&[failed]);
        self.b.finalize(self.target.frontend_config());
        Ok(())
    }

    /// What follows stands in a block that nothing else will jump to.
    pub fn go_on(&mut self, block: ir::Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    /// The type in a register of a cell's number.
    pub fn ty(&self, cell: Cell) -> Type {
        self.frame.leaf(cell).and_then(register).unwrap_or(types::I64)
    }

    pub fn variable(&self, cell: Cell) -> Option<Variable> {
        self.variables.get(cell as usize).copied().flatten()
    }

    /// The number of a cell that is one.
    pub fn number(&mut self, cell: Cell) -> Option<Value> {
        self.variable(cell).map(|variable| self.b.use_var(variable))
    }

    pub fn set_number(&mut self, cell: Cell, number: Value) {
        if let Some(variable) = self.variable(cell) {
            self.b.def_var(variable, number);
        }
    }

    /// Zero, for a cell whose number nobody will ask for.
    pub fn zero(&mut self, cell: Cell) {
        let Some(variable) = self.variable(cell) else { return };
        let ty = self.ty(cell);
        let zero = match ty {
            types::F32 => self.b.ins().f32const(0.0),
            types::F64 => self.b.ins().f64const(0.0),
            _ => self.b.ins().iconst(ty, 0),
        };
        self.b.def_var(variable, zero);
    }

    /// The steps that are left, from the context.
    pub fn take_fuel(&mut self) {
        let fuel = self.b.ins().load(types::I64, MemFlagsData::trusted(), self.context, CONTEXT_FUEL);
        self.b.def_var(self.fuel, fuel);
    }

    /// The steps that are left, into the context, for whoever runs next.
    pub fn give_fuel(&mut self) {
        let fuel = self.b.use_var(self.fuel);
        self.store_fuel(fuel);
    }

    pub fn store_fuel(&mut self, fuel: Value) {
        self.b.ins().store(MemFlagsData::trusted(), fuel, self.context, CONTEXT_FUEL);
    }

    pub fn fuel(&mut self) -> Value {
        self.b.use_var(self.fuel)
    }

    pub fn set_fuel(&mut self, fuel: Value) {
        self.b.def_var(self.fuel, fuel);
    }

    /// Takes the cost of an instruction; where it is not there, the call ends at the instruction.
    pub fn burn(&mut self, result: ValueId, cost: i64) {
        let fuel = self.b.use_var(self.fuel);
        let (spent, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(spent);
        let short = self.b.ins().icmp_imm_u(ir::condcodes::IntCC::UnsignedLessThan, fuel, cost);
        self.b.ins().brif(short, spent, &[], next, &[]);
        self.go_on(spent);
        self.on_instruction(Service::Spent, result, None);
        self.b.ins().jump(self.fail, &[]);
        self.go_on(next);
        let left = self.b.ins().iadd_imm_s(fuel, -cost);
        self.b.def_var(self.fuel, left);
    }
}

/// Offsets of cells fit 31 bits, callees' included.
const MOST_CELLS: usize = 1 << 24;

impl Emit<'_, '_> {
    /// The instruction as the runtime does it, cost included: from cells into cells.
    pub fn by_runtime(&mut self, result: ValueId, args: &[ValueId]) {
        args.iter().for_each(|arg| self.spill(*arg));
        self.give_fuel();
        self.on_instruction(Service::Instruction, result, None);
        self.take_fuel();
        self.reload(result);
    }

    pub fn signature(&mut self) -> SigRef {
        let entry = service::entry(self.target);
        self.b.import_signature(entry)
    }
}
