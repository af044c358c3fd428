//! One call: frames of values, blocks, instructions and their cost.

use crate::error::{Error, ErrorKind};
use crate::{Engine, Machine};
use mu_format::ir::{Block, FuncId, Function, Inst, Kind, ValueId};
use mu_format::liveness::Liveness;
use mu_format::text;
use mu_format::types::Type;
use mu_format::value::{Audio, Image, Value};
use std::sync::Arc;

/// As [`Machine::call`].
pub(crate) fn call(
    machine: &Machine,
    function: FuncId,
    args: Vec<Value>,
    picks: &[u32],
    engine: &mut dyn Engine,
) -> Result<Value, Error> {
    check(machine, function, &args)?;
    Run { machine, engine, cx: machine.context(), picks, fuel: machine.limits.fuel }.function(function, args)
}

/// Holds arguments to the parameters' types.
pub(crate) fn check<'a>(machine: &'a Machine, function: FuncId, args: &[Value]) -> Result<&'a Function, Error> {
    let program = &machine.program;
    let callee = program.functions.get(function as usize);
    let callee =
        callee.ok_or_else(|| Error::outside(ErrorKind::Internal, format!("there is no function {function}")))?;
    let params = &callee.body.params;
    if params.len() != args.len() {
        let message = format!("`{}` takes {} arguments, {} are given", callee.name, params.len(), args.len());
        return Err(Error::outside(ErrorKind::BadInput, message));
    }
    for (param, arg) in params.iter().zip(args) {
        let fits = callee.type_of(*param).map_or(Ok(()), |ty| arg.fits(ty, &program.labels));
        fits.map_err(|why| Error::outside(ErrorKind::BadInput, format!("an argument of `{}`: {why}", callee.name)))?;
    }
    Ok(callee)
}

struct Run<'a> {
    machine: &'a Machine,
    engine: &'a mut dyn Engine,
    cx: mu_ops::Context<'a>,
    /// The option of each decision.
    picks: &'a [u32],
    fuel: u64,
}

/// The values of a running function.
struct Frame<'a> {
    function: &'a Function,
    liveness: &'a Liveness,
    values: Vec<Option<Value>>,
}

/// What went wrong in an instruction; where is added on the way out.
enum Fault {
    Here(ErrorKind, String),
    /// In a callee or an inner block, which said where.
    Below(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault::Below(error)
    }
}

fn internal(message: impl Into<String>) -> Fault {
    Fault::Here(ErrorKind::Internal, message.into())
}

impl Frame<'_> {
    fn get(&self, id: ValueId) -> Result<&Value, Fault> {
        self.values.get(id as usize).and_then(Option::as_ref).ok_or_else(|| internal(format!("%{id} has no value")))
    }

    fn set(&mut self, id: ValueId, value: Option<Value>) {
        if let Some(slot) = self.values.get_mut(id as usize) {
            *slot = value;
        }
    }

    fn all(&self, ids: &[ValueId]) -> Result<Vec<Value>, Fault> {
        ids.iter().map(|id| self.get(*id).cloned()).collect()
    }
}

/// What the call of a function costs: a frame with all its values.
pub const CALL: u64 = 50;
/// As many elements cost one step.
pub const ELEMENTS: u64 = 64;

/// How many elements whoever touches a value works on.
pub fn weight(value: &Value) -> u64 {
    let count = match value {
        Value::Tensor(tensor) => tensor.data.len(),
        Value::Text(text) => text.len(),
        Value::Bytes(bytes)
        | Value::Image(Image::Encoded(bytes) | Image::Pixels { data: bytes, .. })
        | Value::Audio(Audio::Encoded(bytes)) => bytes.len(),
        Value::Audio(Audio::Samples { data, .. }) => data.len(),
        Value::Ranking(ranking) => ranking.len(),
        Value::List(values) | Value::Record(values) => values.len(),
        _ => 0,
    };
    count as u64
}

impl<'a> Run<'a> {
    fn function(&mut self, id: FuncId, args: Vec<Value>) -> Result<Value, Error> {
        let missing = || Error::outside(ErrorKind::Internal, format!("there is no function {id}"));
        let machine = self.machine;
        let function = machine.program.functions.get(id as usize).ok_or_else(missing)?;
        let liveness = machine.liveness.get(id as usize).ok_or_else(missing)?;
        let mut frame = Frame { function, liveness, values: vec![None; function.values.len()] };
        let mut yields = self.block(&mut frame, &function.body, args)?;
        yields.pop().ok_or_else(|| Error::outside(ErrorKind::Internal, format!("`{}` yields nothing", function.name)))
    }

    fn block(&mut self, frame: &mut Frame<'a>, block: &'a Block, args: Vec<Value>) -> Result<Vec<Value>, Error> {
        for (param, arg) in block.params.iter().zip(args) {
            frame.set(*param, Some(arg));
        }
        for inst in &block.insts {
            let value = self.inst(frame, inst).map_err(|fault| self.locate(fault, frame, Some(inst)))?;
            frame.set(inst.result, Some(value));
            for dead in frame.liveness.after(inst.result) {
                frame.set(*dead, None);
            }
        }
        let yields = frame.all(&block.yields).map_err(|fault| self.locate(fault, frame, None))?;
        for id in block.params.iter().copied().chain(block.insts.iter().map(|inst| inst.result)) {
            frame.set(id, None);
        }
        Ok(yields)
    }

    fn locate(&self, fault: Fault, frame: &Frame, inst: Option<&Inst>) -> Error {
        match fault {
            Fault::Below(error) => error,
            Fault::Here(kind, message) => Error {
                kind,
                message,
                function: frame.function.name.clone(),
                instruction: inst
                    .map(|inst| text::instruction(&self.machine.program, frame.function, inst))
                    .unwrap_or_default(),
            },
        }
    }

    fn burn(&mut self, cost: u64) -> Result<(), Fault> {
        let left = self.fuel.checked_sub(cost);
        self.fuel = left.ok_or_else(|| Fault::Here(ErrorKind::OutOfFuel, self.machine.limits.spent()))?;
        Ok(())
    }

    /// The one value that a block yields.
    fn single(&mut self, frame: &mut Frame<'a>, block: &'a Block, args: Vec<Value>) -> Result<Value, Fault> {
        self.block(frame, block, args)?.pop().ok_or_else(|| internal("a block yields nothing"))
    }

    fn inst(&mut self, frame: &mut Frame<'a>, inst: &'a Inst) -> Result<Value, Fault> {
        let program = &self.machine.program;
        let result = frame.function.type_of(inst.result).ok_or_else(|| internal("the result has no type"))?;
        self.burn(1)?;
        let value = match &inst.kind {
            Kind::Literal(value) => value.clone(),
            Kind::Const(id) => {
                let constant = program.constants.get(*id as usize);
                constant.ok_or_else(|| internal("there is no such constant"))?.value.clone()
            }
            Kind::Op { op, attrs, args } => {
                let values = frame.all(args)?;
                self.burn(values.iter().map(weight).sum::<u64>() / ELEMENTS)?;
                let types = args.iter().map(|id| frame.function.type_of(*id)).collect::<Option<Vec<&Type>>>();
                let types = types.ok_or_else(|| internal("an argument has no type"))?;
                let value =
                    mu_ops::run(*op, attrs, &values, &types, result, &mut self.cx).map_err(|e| match e.kind {
                        mu_ops::ErrorKind::BadInput => Fault::Here(ErrorKind::BadInput, e.message),
                        mu_ops::ErrorKind::Internal => internal(e.message),
                    })?;
                self.burn(weight(&value) / ELEMENTS)?;
                value.is_a(result).map_err(internal)?;
                value
            }
            Kind::Call { function, args } => {
                self.burn(CALL)?;
                self.function(*function, frame.all(args)?)?
            }
            Kind::Dispatch { decision, functions, args } => {
                self.burn(CALL)?;
                let pick = self.picks.get(*decision as usize).and_then(|pick| functions.get(*pick as usize));
                self.function(*pick.ok_or_else(|| internal("nothing is picked"))?, frame.all(args)?)?
            }
            Kind::Infer { model, args } => {
                let inputs = frame.all(args)?;
                let inputs = inputs.iter().map(|value| value.to_tensor().ok_or_else(|| internal("no tensor")));
                let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
                self.burn(inputs.iter().map(|tensor| tensor.data.len() as u64).sum::<u64>() / ELEMENTS)?;
                let outputs = self.engine.infer(*model, &inputs).map_err(|e| Fault::Here(ErrorKind::Engine, e))?;
                self.burn(outputs.iter().map(|tensor| tensor.data.len() as u64).sum::<u64>() / ELEMENTS)?;
                let fields = outputs.into_iter().map(|tensor| Value::from_tensor(Arc::new(tensor))).collect();
                let record = Value::Record(Arc::new(fields));
                record
                    .fits(result, &program.labels)
                    .map_err(|e| Fault::Here(ErrorKind::Engine, format!("the model gives another type: {e}")))?;
                record
            }
            Kind::Record(parts) => Value::Record(Arc::new(frame.all(parts)?)),
            Kind::List(parts) => Value::List(Arc::new(frame.all(parts)?)),
            Kind::Field { record, index } => match frame.get(*record)? {
                Value::Record(fields) => {
                    fields.get(*index as usize).cloned().ok_or_else(|| internal("there is no such field"))?
                }
                _ => return Err(internal("no record")),
            },
            Kind::Some(value) => Value::Option(Some(Arc::new(frame.get(*value)?.clone()))),
            Kind::None => Value::Option(None),
            Kind::Ok(value) => Value::Result(Ok(Arc::new(frame.get(*value)?.clone()))),
            Kind::Err(value) => match frame.get(*value)? {
                Value::Text(text) => Value::Result(Err(text.clone())),
                _ => return Err(internal("no text")),
            },
            Kind::If { condition, then, otherwise } => {
                let block = if boolean(frame.get(*condition)?)? { then } else { otherwise };
                self.single(frame, block, Vec::new())?
            }
            Kind::Match { subject, present, absent } => {
                let (block, args) = match frame.get(*subject)? {
                    Value::Option(Some(value)) | Value::Result(Ok(value)) => (present, vec![Value::clone(value)]),
                    Value::Option(None) => (absent, Vec::new()),
                    Value::Result(Err(error)) => (absent, vec![Value::Text(error.clone())]),
                    _ => return Err(internal("neither option nor result")),
                };
                self.single(frame, block, args)?
            }
            Kind::For { list, filter, body } => {
                let mut made = Vec::new();
                for element in elements(frame, *list)?.iter() {
                    self.burn(1)?;
                    let keep = match filter {
                        Some(filter) => boolean(&self.single(frame, filter, vec![element.clone()])?)?,
                        None => true,
                    };
                    if keep {
                        made.push(self.single(frame, body, vec![element.clone()])?);
                    }
                }
                Value::List(Arc::new(made))
            }
            Kind::Scan { list, init, body } => {
                let mut states = frame.all(init)?;
                let mut made = Vec::new();
                for element in elements(frame, *list)?.iter() {
                    self.burn(1)?;
                    states.insert(0, element.clone());
                    states = self.block(frame, body, states)?;
                    made.push(states.pop().ok_or_else(|| internal("a block yields nothing"))?);
                }
                Value::List(Arc::new(made))
            }
        };
        Ok(value)
    }
}

fn boolean(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(b) => Ok(*b),
        _ => Err(internal("no bool")),
    }
}

fn elements(frame: &Frame, list: ValueId) -> Result<Arc<Vec<Value>>, Fault> {
    match frame.get(list)? {
        Value::List(values) => Ok(values.clone()),
        _ => Err(internal("no list")),
    }
}
