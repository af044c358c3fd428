//! What machine code leaves to the runtime, in safe Rust: single instructions, the elements of lists, the places of errors.

use crate::cell::{Memory, NOTHING};
use crate::places::Places;
use crate::spread::{boxed, gather, gathered, scatter};
use mu_format::frame::Frame;
use mu_format::ir::{FuncId, Function, Inst, Kind, Program, ValueId};
use mu_format::tensor::Tensor;
use mu_format::text;
use mu_format::types::Type;
use mu_format::value::Value;
use mu_interp::{ELEMENTS, Engine, Error, ErrorKind, Limits, weight};
use std::sync::Arc;

/// What is known of a function besides the plan.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub frame: Frame,
    pub places: Places,
}

/// Where the tensors of a model's run stand meanwhile: empty lists that are kept for their room.
#[derive(Debug, Default)]
pub(crate) struct Room {
    inputs: Vec<Arc<Tensor>>,
    outputs: Vec<Arc<Tensor>>,
}

fn elements(tensors: &[Arc<Tensor>]) -> u64 {
    tensors.iter().map(|tensor| tensor.data.len() as u64).sum()
}

/// A call under way.
pub(crate) struct Work<'a> {
    pub program: &'a Program,
    pub known: &'a [Known],
    pub limits: Limits,
    pub engine: &'a mut dyn Engine,
    pub cx: mu_ops::Context<'a>,
    pub memory: &'a mut Memory,
    pub room: &'a mut Room,
    /// Why the call ends without a value.
    pub fault: Option<Error>,
}

/// An instruction of a function whose frame begins at a place.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    function: &'a Function,
    known: &'a Known,
    inst: &'a Inst,
    base: usize,
}

/// What went wrong; where is known.
type Fault = (ErrorKind, String);

fn internal(message: impl Into<String>) -> Fault {
    (ErrorKind::Internal, message.into())
}

impl<'a> At<'a> {
    fn places(self, value: ValueId) -> impl Iterator<Item = usize> {
        self.known.frame.cells(value).iter().map(move |cell| self.base + *cell as usize)
    }

    fn ty(self, value: ValueId) -> Result<&'a Type, Fault> {
        self.function.type_of(value).ok_or_else(|| internal(format!("%{value} has no type")))
    }
}

impl<'a> Work<'a> {
    /// Runs `job` on the instruction of a function that defines a value; an error is noted with its place. False where there
    /// was one.
    pub fn at(
        &mut self,
        function: FuncId,
        result: ValueId,
        base: usize,
        job: impl FnOnce(&mut Self, At<'a>) -> Result<(), Fault>,
    ) -> bool {
        let found = self.program.functions.get(function as usize).zip(self.known.get(function as usize));
        let found =
            found.and_then(|(f, known)| Some(At { function: f, known, inst: known.places.find(f, result)?, base }));
        let Some(at) = found else {
            let message = format!("machine code names %{result} of function {function}, which does not exist");
            self.fault =
                Some(Error { kind: ErrorKind::Internal, message, function: String::new(), instruction: String::new() });
            return false;
        };
        let done = job(self, at);
        if let Err((kind, message)) = done {
            let instruction = text::instruction(self.program, at.function, at.inst);
            self.fault = Some(Error { kind, message, function: at.function.name.clone(), instruction });
            return false;
        }
        true
    }

    pub fn spent(&self) -> Fault {
        (ErrorKind::OutOfFuel, self.limits.spent())
    }

    fn burn(&self, fuel: &mut u64, cost: u64) -> Result<(), Fault> {
        *fuel = fuel.checked_sub(cost).ok_or_else(|| self.spent())?;
        Ok(())
    }

    fn value(&self, at: At, value: ValueId) -> Result<Value, Fault> {
        gathered(self.memory, &mut at.places(value), at.ty(value)?).map_err(internal)
    }

    fn keep(&mut self, at: At, value: &Value) -> Result<(), Fault> {
        let result = at.inst.result;
        scatter(self.memory, &mut at.places(result), at.ty(result)?, value).map_err(internal)
    }

    /// A literal or a constant into its cells.
    pub fn literal(&mut self, at: At) -> Result<(), Fault> {
        match &at.inst.kind {
            Kind::Literal(value) => self.keep(at, value),
            Kind::Const(id) => {
                let constant = self.program.constants.get(*id as usize);
                self.keep(at, &constant.ok_or_else(|| internal("there is no such constant"))?.value)
            }
            _ => Err(internal("machine code takes it for a literal")),
        }
    }

    /// Runs an instruction without blocks, with its cost. Where its value lies in the cells of others, only the cost is due.
    pub fn instruction(&mut self, at: At, fuel: &mut u64) -> Result<(), Fault> {
        self.burn(fuel, 1)?;
        match &at.inst.kind {
            Kind::Literal(_) | Kind::Const(_) => self.literal(at),
            Kind::Record(_) | Kind::Field { .. } => Ok(()),
            Kind::List(parts) => {
                let values = parts.iter().map(|part| self.value(at, *part)).collect::<Result<Vec<_>, _>>()?;
                self.keep(at, &Value::List(Arc::new(values)))
            }
            Kind::Op { op, attrs, args } => {
                let values = args.iter().map(|arg| self.value(at, *arg)).collect::<Result<Vec<_>, _>>()?;
                self.burn(fuel, values.iter().map(weight).sum::<u64>() / ELEMENTS)?;
                let types = args.iter().map(|arg| at.ty(*arg)).collect::<Result<Vec<_>, _>>()?;
                let result = at.ty(at.inst.result)?;
                let value =
                    mu_ops::run(*op, attrs, &values, &types, result, &mut self.cx).map_err(|e| match e.kind {
                        mu_ops::ErrorKind::BadInput => (ErrorKind::BadInput, e.message),
                        mu_ops::ErrorKind::Internal => internal(e.message),
                    })?;
                self.burn(fuel, weight(&value) / ELEMENTS)?;
                value.is_a(result).map_err(internal)?;
                self.keep(at, &value)
            }
            Kind::Infer { model, args } => self.infer(at, *model, args, fuel),
            _ => Err(internal("machine code leaves it to the runtime")),
        }
    }

    /// Runs a model. The outputs of the run before are offered to it to be written over.
    fn infer(&mut self, at: At, model: u32, args: &[ValueId], fuel: &mut u64) -> Result<(), Fault> {
        let Room { mut inputs, mut outputs } = std::mem::take(self.room);
        for arg in args {
            inputs.push(self.value(at, *arg)?.to_tensor().ok_or_else(|| internal("no tensor"))?);
        }
        self.burn(fuel, elements(&inputs) / ELEMENTS)?;
        let Type::Record(types) = at.ty(at.inst.result)? else { return Err(internal("the result is no record")) };
        for place in at.places(at.inst.result) {
            if let Value::Tensor(tensor) = std::mem::replace(slot(self.memory, place)?, NOTHING) {
                outputs.push(tensor);
            }
        }
        if outputs.len() != types.len() {
            outputs.clear();
        }
        self.engine.infer_into(model, &inputs, &mut outputs).map_err(|e| (ErrorKind::Engine, e))?;
        self.burn(fuel, elements(&outputs) / ELEMENTS)?;
        let other = |e: String| (ErrorKind::Engine, format!("the model gives another type: {e}"));
        if outputs.len() != types.len() {
            return Err(other(format!("a value of another kind is no {}", at.ty(at.inst.result)?)));
        }
        let mut places = at.places(at.inst.result);
        for ((_, ty), tensor) in types.iter().zip(outputs.drain(..)) {
            let value = Value::from_tensor(tensor);
            value.fits(ty, &self.program.labels).map_err(other)?;
            scatter(self.memory, &mut places, ty, &value).map_err(internal)?;
        }
        inputs.clear();
        *self.room = Room { inputs, outputs };
        Ok(())
    }

    /// An element of the list of a loop into the cells of its body's first parameter.
    pub fn element(&mut self, at: At, index: u64) -> Result<(), Fault> {
        let (Kind::For { list, body, .. } | Kind::Scan { list, body, .. }) = &at.inst.kind else {
            return Err(internal("machine code takes it for a loop"));
        };
        let place = at.places(*list).next().ok_or_else(|| internal("the list has no cell"))?;
        // The list is not changed, but the borrow checker cannot know that its cell is no cell of the element.
        let Value::List(values) = self.memory.value(place).clone() else { return Err(internal("no list")) };
        let value = values.get(index as usize).ok_or_else(|| internal("the list has no such element"))?;
        let param = *body.params.first().ok_or_else(|| internal("the body has no parameter"))?;
        scatter(self.memory, &mut at.places(param), at.ty(param)?, value).map_err(internal)
    }

    /// What the body of a loop yields as an element of its result, over an older one where there is one.
    pub fn push(&mut self, at: At, index: u64) -> Result<(), Fault> {
        let (element, movable) = match &at.inst.kind {
            Kind::For { filter, body, .. } => (body.yields.first(), (usize::from(filter.is_some()), 0)),
            Kind::Scan { body, .. } => {
                let states = body.yields.len().saturating_sub(1);
                let before = body.yields.iter().take(states).map(|state| at.known.frame.cells(*state).len()).sum();
                (body.yields.last(), (0, before))
            }
            _ => return Err(internal("machine code takes it for a loop")),
        };
        let element = *element.ok_or_else(|| internal("a block yields nothing"))?;
        let ty = at.ty(element)?;
        let place = at.places(at.inst.result).next().ok_or_else(|| internal("the list has no cell"))?;
        // Taken out, so that the element's cells can be read while it is made.
        let mut list = std::mem::replace(slot(self.memory, place)?, NOTHING);
        if !matches!(&list, Value::List(values) if Arc::strong_count(values) == 1) {
            list = Value::List(Arc::default());
        }
        let Value::List(values) = &mut list else { return Err(internal("no list")) };
        let values = Arc::get_mut(values).ok_or_else(|| internal("the list is shared"))?;
        let index = index as usize;
        values.resize_with(values.len().max(index + 1), || NOTHING);
        let single = at.known.frame.cells(element);
        let (block, before) = movable;
        let may_move = at.known.frame.movable(at.inst.result, block).get(before) == Some(&true);
        match single {
            // A whole value in one cell: the cell gets the older element's room in exchange.
            [cell] if may_move && boxed(at.known.frame.leaf(*cell)) => {
                std::mem::swap(slot(self.memory, at.base + *cell as usize)?, &mut values[index]);
            }
            _ => gather(self.memory, &mut at.places(element), ty, &mut values[index]).map_err(internal)?,
        }
        *slot(self.memory, place)? = list;
        Ok(())
    }

    /// Cuts the result of a loop to its elements.
    pub fn finish(&mut self, at: At, count: u64) -> Result<(), Fault> {
        let place = at.places(at.inst.result).next().ok_or_else(|| internal("the list has no cell"))?;
        let list = slot(self.memory, place)?;
        match list {
            Value::List(values) if Arc::strong_count(values) == 1 => {
                if let Some(values) = Arc::get_mut(values) {
                    values.truncate(count as usize);
                }
            }
            // Nothing was pushed, else it would be ours alone.
            _ => *list = Value::List(Arc::default()),
        }
        let list = std::mem::replace(list, NOTHING);
        self.memory.put(place, list);
        Ok(())
    }
}

fn slot(memory: &mut Memory, place: usize) -> Result<&mut Value, Fault> {
    memory.values().get_mut(place).ok_or_else(|| internal("there is no such cell"))
}
