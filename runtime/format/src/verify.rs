//! Holds a program to the rules of the IR, so that whatever runs it need not.
//!
//! Checked: every value is defined once, before its use, in a block around it; the types of instructions, blocks and calls;
//! callees stand before callers; places in tables; label sets; nesting, calls included, within [`MAX_DEPTH`]. What an operation
//! may be given is known elsewhere, so the caller passes the rule.

use crate::depth::MAX_DEPTH;
use crate::ir::{Attr, Block, Entry, FuncId, Function, Inst, Kind, Program, ValueId};
use crate::op::Op;
use crate::tensor::DType;
use crate::text;
use crate::types::{Dim, Type};
use crate::value::Value;
use std::collections::BTreeSet;
use std::fmt;

/// More dimensions than any net has; they are nested in JSON.
const MAX_RANK: usize = 16;

/// The rule of operations: whether `attrs` and arguments of these types give the declared result, or why not.
pub type OpRule<'a> = dyn Fn(Op, &[Attr], &[&Type], &Type) -> Result<(), String> + 'a;

/// What is wrong with a program, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    pub function: Option<String>,
    /// In the text form.
    pub instruction: Option<String>,
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(function) = &self.function {
            write!(f, "in `{function}`: ")?;
        }
        if let Some(instruction) = &self.instruction {
            write!(f, "`{instruction}`: ")?;
        }
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for VerifyError {}

/// The first thing that is wrong with a program, if anything is.
pub fn verify(program: &Program, rule: &OpRule) -> Result<(), VerifyError> {
    tables(program).map_err(|message| VerifyError { function: None, instruction: None, message })?;
    let mut depths = Vec::with_capacity(program.functions.len());
    for (index, function) in program.functions.iter().enumerate() {
        let mut check = Check {
            program,
            rule,
            function,
            index,
            depths: &depths,
            deepest: 0,
            defined: vec![false; function.values.len()],
            scope: vec![false; function.values.len()],
            at: None,
        };
        check.function().map_err(|message| VerifyError {
            function: Some(function.name.clone()),
            instruction: check.at.map(|inst| text::instruction(program, function, inst)),
            message,
        })?;
        let depth = check.deepest;
        depths.push(depth);
    }
    Ok(())
}

type Checked = Result<(), String>;

fn ensure(holds: bool, message: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(message()) }
}

/// Everything outside functions.
fn tables(program: &Program) -> Checked {
    for (i, labels) in program.labels.iter().enumerate() {
        ensure(!labels.is_empty(), || format!("label set {i} is empty"))?;
        let mut seen = BTreeSet::new();
        let twice = labels.iter().find(|label| !seen.insert(label.as_str()));
        ensure(twice.is_none(), || format!("label set {i} holds {twice:?} twice"))?;
    }
    for asset in &program.assets {
        ensure(is_sha256(&asset.sha256), || format!("asset `{}` has a broken sha256", asset.name))?;
    }
    for model in &program.models {
        ensure(is_sha256(&model.sha256), || format!("model `{}` has a broken sha256", model.name))?;
        for (port, ty) in model.inputs.iter().chain(&model.outputs) {
            let tensor = matches!(ty, Type::Tensor(_, dims) if !dims.contains(&Dim::Any));
            ensure(tensor, || format!("`{port}` of model `{}` is no tensor of bounded size", model.name))?;
            well_formed(program, ty, 0)?;
        }
    }
    for constant in &program.constants {
        well_formed(program, &constant.ty, 0)?;
        let fits = constant.value.fits(&constant.ty, &program.labels);
        fits.map_err(|why| format!("constant `{}`: {why}", constant.name))?;
    }
    for (i, decision) in program.decisions.iter().enumerate() {
        decision.check().map_err(|why| format!("decision {i}: {why}"))?;
    }
    let mut seen = BTreeSet::new();
    let twice = program.functions.iter().find(|f| !seen.insert(f.name.as_str()));
    ensure(twice.is_none(), || format!("two functions are called `{}`", twice.map_or("", |f| &f.name)))?;
    let mut seen = BTreeSet::new();
    for entry in &program.entries {
        ensure(seen.insert(entry.name.as_str()), || format!("two entries are called `{}`", entry.name))?;
        signature(program, entry).map_err(|why| format!("entry `{}`: {why}", entry.name))?;
    }
    Ok(())
}

fn signature(program: &Program, entry: &Entry) -> Checked {
    let function = program.functions.get(entry.function as usize).ok_or("its function does not exist")?;
    ensure(entry.result == function.result, || "its result is not its function's".into())?;
    let params = &function.body.params;
    let same = params.len() == entry.params.len()
        && params.iter().zip(&entry.params).all(|(id, param)| function.type_of(*id) == Some(&param.ty));
    ensure(same, || "its parameters are not its function's".into())?;
    let mut seen = BTreeSet::new();
    ensure(entry.params.iter().all(|p| seen.insert(p.name.as_str())), || "two parameters have one name".into())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn well_formed(program: &Program, ty: &Type, depth: u32) -> Checked {
    ensure(depth <= MAX_DEPTH, || format!("a type nested deeper than {MAX_DEPTH}"))?;
    match ty {
        Type::Text | Type::Bytes | Type::Image | Type::Audio => Ok(()),
        Type::Label(set) | Type::Ranking(set) => {
            ensure(program.labels.get(*set as usize).is_some(), || format!("there is no label set {set}"))
        }
        Type::Option(inner) | Type::Result(inner) | Type::List(inner, _) => well_formed(program, inner, depth + 1),
        Type::Record(fields) => {
            let mut seen = BTreeSet::new();
            for (name, ty) in fields {
                ensure(seen.insert(name.as_str()), || format!("a record has two fields `{name}`"))?;
                well_formed(program, ty, depth + 1)?;
            }
            Ok(())
        }
        Type::Tensor(_, dims) => ensure(dims.len() <= MAX_RANK, || format!("more than {MAX_RANK} dimensions")),
    }
}

/// The checks of one function. On an error, `at` is the instruction that has it.
struct Check<'a> {
    program: &'a Program,
    rule: &'a OpRule<'a>,
    function: &'a Function,
    index: usize,
    /// How deep calls and blocks nest in each function before this one.
    depths: &'a [u32],
    deepest: u32,
    defined: Vec<bool>,
    /// The values that may be used here.
    scope: Vec<bool>,
    at: Option<&'a Inst>,
}

impl<'a> Check<'a> {
    fn function(&mut self) -> Checked {
        for ty in self.function.values.iter().chain([&self.function.result]) {
            well_formed(self.program, ty, 0)?;
        }
        let body = &self.function.body;
        let params: Vec<Type> = body.params.iter().filter_map(|id| self.function.type_of(*id)).cloned().collect();
        let result = self.function.result.clone();
        self.block(body, &params, &[&result], 1)?;
        self.at = None;
        let left = self.defined.iter().position(|d| !d);
        ensure(left.is_none(), || format!("%{} is never defined", left.unwrap_or_default()))
    }

    fn ty(&self, id: ValueId) -> Result<&'a Type, String> {
        let used = self.scope.get(id as usize).copied().unwrap_or_default();
        ensure(used, || format!("%{id} is not defined here"))?;
        self.function.type_of(id).ok_or_else(|| format!("%{id} has no type"))
    }

    fn types(&self, ids: &[ValueId]) -> Result<Vec<&'a Type>, String> {
        ids.iter().map(|id| self.ty(*id)).collect()
    }

    fn define(&mut self, id: ValueId) -> Checked {
        let slot = self.defined.get_mut(id as usize).ok_or_else(|| format!("%{id} has no type"))?;
        ensure(!std::mem::replace(slot, true), || format!("%{id} is defined twice"))?;
        if let Some(slot) = self.scope.get_mut(id as usize) {
            *slot = true;
        }
        Ok(())
    }

    /// `params` and `yields` are the types that the block's user gives and takes.
    fn block(&mut self, block: &'a Block, params: &[Type], yields: &[&Type], depth: u32) -> Checked {
        ensure(depth <= MAX_DEPTH, || format!("blocks nested deeper than {MAX_DEPTH}"))?;
        self.deepest = self.deepest.max(depth);
        ensure(block.params.len() == params.len(), || {
            format!("a block has {} parameters where {} are given", block.params.len(), params.len())
        })?;
        for (id, given) in block.params.iter().zip(params) {
            self.define(*id)?;
            let ty = self.ty(*id)?;
            ensure(ty.accepts(given), || format!("%{id} is a {ty}, a {given} is given"))?;
        }
        for inst in &block.insts {
            self.at = Some(inst);
            self.inst(inst, depth)?;
            self.at = Some(inst);
            self.define(inst.result)?;
        }
        ensure(block.yields.len() == yields.len(), || {
            format!("a block yields {} values where {} are taken", block.yields.len(), yields.len())
        })?;
        for (id, taken) in block.yields.iter().zip(yields) {
            let ty = self.ty(*id)?;
            ensure(taken.accepts(ty), || format!("a block yields %{id}: {ty} where a {taken} is taken"))?;
        }
        for id in block.params.iter().copied().chain(block.insts.iter().map(|i| i.result)) {
            if let Some(slot) = self.scope.get_mut(id as usize) {
                *slot = false;
            }
        }
        Ok(())
    }

    fn inst(&mut self, inst: &'a Inst, depth: u32) -> Checked {
        let result = self.function.type_of(inst.result).ok_or_else(|| format!("%{} has no type", inst.result))?;
        let gives = |ty: &Type| ensure(result.accepts(ty), || format!("the result is a {ty}, not a {result}"));
        let inside = |wrapper: &str| format!("the result is {wrapper}, not a {result}");
        match &inst.kind {
            Kind::Literal(value) => value.fits(result, &self.program.labels),
            Kind::Const(id) => {
                let constant = self.program.constants.get(*id as usize).ok_or("there is no such constant")?;
                gives(&constant.ty)
            }
            Kind::Op { op, attrs, args } => {
                let assets = attrs.iter().all(|attr| match attr {
                    Attr::Asset(id) => (*id as usize) < self.program.assets.len(),
                    _ => true,
                });
                ensure(assets, || "there is no such asset".into())?;
                (self.rule)(*op, attrs, &self.types(args)?, result)
            }
            Kind::Call { function, args } => gives(self.call(*function, args, depth)?),
            Kind::Dispatch { decision, functions, args } => {
                let decision = self.program.decisions.get(*decision as usize).ok_or("there is no such decision")?;
                let (given, taken) = (functions.len(), decision.options.len());
                ensure(given == taken, || format!("{given} functions where the decision has {taken} options"))?;
                functions.iter().try_for_each(|function| gives(self.call(*function, args, depth)?))
            }
            Kind::Infer { model, args } => {
                let model = self.program.models.get(*model as usize).ok_or("there is no such model")?;
                self.arguments(args, model.inputs.iter().map(|(_, ty)| ty).collect())?;
                gives(&Type::Record(model.outputs.clone()))
            }
            Kind::Record(parts) => {
                let Type::Record(fields) = result else { return Err(inside("a record")) };
                self.arguments(parts, fields.iter().map(|(_, ty)| ty).collect())
            }
            Kind::List(parts) => {
                let Type::List(element, bound) = result else { return Err(inside("a list")) };
                ensure(parts.len() as u64 <= *bound, || format!("{} elements are more than {bound}", parts.len()))?;
                self.arguments(parts, vec![element.as_ref(); parts.len()])
            }
            Kind::Field { record, index } => {
                let Type::Record(fields) = self.ty(*record)? else { return Err(format!("%{record} is no record")) };
                let (_, ty) = fields.get(*index as usize).ok_or_else(|| format!("there is no field {index}"))?;
                gives(ty)
            }
            Kind::Some(value) => {
                let Type::Option(inner) = result else { return Err(inside("an option")) };
                self.arguments(&[*value], vec![inner])
            }
            Kind::None => ensure(matches!(result, Type::Option(_)), || inside("an option")),
            Kind::Ok(value) => {
                let Type::Result(inner) = result else { return Err(inside("a result")) };
                self.arguments(&[*value], vec![inner])
            }
            Kind::Err(value) => {
                ensure(matches!(result, Type::Result(_)), || inside("a result"))?;
                self.arguments(&[*value], vec![&Type::Text])
            }
            Kind::If { condition, then, otherwise } => {
                self.arguments(&[*condition], vec![&Type::scalar(DType::Bool)])?;
                self.block(then, &[], &[result], depth + 1)?;
                self.block(otherwise, &[], &[result], depth + 1)
            }
            Kind::Match { subject, present, absent } => {
                let (inner, error) = match self.ty(*subject)? {
                    Type::Option(inner) => (inner, None),
                    Type::Result(inner) => (inner, Some(Type::Text)),
                    ty => return Err(format!("%{subject} is a {ty}, neither option nor result")),
                };
                self.block(present, std::slice::from_ref(inner), &[result], depth + 1)?;
                self.block(absent, error.as_slice(), &[result], depth + 1)
            }
            Kind::For { list, filter, body } => {
                let (element, made) = self.lists(*list, result)?;
                if let Some(filter) = filter {
                    self.block(filter, std::slice::from_ref(element), &[&Type::scalar(DType::Bool)], depth + 1)?;
                }
                self.block(body, std::slice::from_ref(element), &[made], depth + 1)
            }
            Kind::Scan { list, init, body } => {
                let (element, made) = self.lists(*list, result)?;
                let states = body.params.get(1..).unwrap_or_default();
                let states = states.iter().filter_map(|id| self.function.type_of(*id)).collect::<Vec<_>>();
                self.arguments(init, states.clone())?;
                let params: Vec<Type> = std::iter::once(element).chain(states.iter().copied()).cloned().collect();
                let yields: Vec<&Type> = states.into_iter().chain([made]).collect();
                self.block(body, &params, &yields, depth + 1)
            }
        }
    }

    /// The result's type of a call.
    fn call(&mut self, function: FuncId, args: &[ValueId], depth: u32) -> Result<&'a Type, String> {
        let place = function as usize;
        ensure(place < self.index, || "the callee does not stand before its caller".into())?;
        let callee = self.program.functions.get(place).ok_or("there is no such function")?;
        let below = self.depths.get(place).copied().unwrap_or_default();
        self.deepest = self.deepest.max(depth + below);
        ensure(depth + below <= MAX_DEPTH, || format!("calls and blocks nested deeper than {MAX_DEPTH}"))?;
        self.arguments(args, callee.body.params.iter().filter_map(|id| callee.type_of(*id)).collect())?;
        Ok(&callee.result)
    }

    /// The element types of the list a loop goes through and of the list it makes.
    fn lists(&self, list: ValueId, result: &'a Type) -> Result<(&'a Type, &'a Type), String> {
        let Type::List(element, bound) = self.ty(list)? else { return Err(format!("%{list} is no list")) };
        let Type::List(made, most) = result else { return Err(format!("a loop makes a list, not a {result}")) };
        ensure(bound <= most, || format!("a loop over {bound} elements makes more than {most}"))?;
        Ok((element, made))
    }

    fn arguments(&self, args: &[ValueId], params: Vec<&Type>) -> Checked {
        ensure(args.len() == params.len(), || format!("{} arguments where {} are taken", args.len(), params.len()))?;
        for (id, param) in args.iter().zip(params) {
            let ty = self.ty(*id)?;
            ensure(param.accepts(ty), || format!("%{id} is a {ty} where a {param} is taken"))?;
        }
        Ok(())
    }
}

impl Value {
    /// Whether this is a value of the type, down to the last element, or why not.
    pub fn fits(&self, ty: &Type, labels: &[Vec<String>]) -> Result<(), String> {
        self.is_a(ty)?;
        let known = |set: &u32, label: &u32| {
            let count = labels.get(*set as usize).map_or(0, Vec::len);
            ensure((*label as usize) < count, || format!("label {label} of a set of {count}"))
        };
        match (self, ty) {
            (Value::Label(label), Type::Label(set)) => known(set, label),
            (Value::Ranking(ranking), Type::Ranking(set)) => ranking.iter().try_for_each(|(l, _)| known(set, l)),
            (Value::Option(Some(value)), Type::Option(inner)) | (Value::Result(Ok(value)), Type::Result(inner)) => {
                value.fits(inner, labels)
            }
            (Value::List(values), Type::List(inner, _)) => values.iter().try_for_each(|v| v.fits(inner, labels)),
            (Value::Record(values), Type::Record(fields)) => {
                values.iter().zip(fields).try_for_each(|(value, (_, ty))| value.fits(ty, labels))
            }
            _ => Ok(()),
        }
    }

    /// Whether the outermost layer of the value is as the type says: kind, shape, length. Costs no walk over elements.
    pub fn is_a(&self, ty: &Type) -> Result<(), String> {
        let holds = match (self, ty) {
            (Value::Bool(_), Type::Tensor(DType::Bool, dims))
            | (Value::I64(_), Type::Tensor(DType::I64, dims))
            | (Value::F32(_), Type::Tensor(DType::F32, dims))
            | (Value::F64(_), Type::Tensor(DType::F64, dims)) => dims.is_empty(),
            (Value::Tensor(tensor), Type::Tensor(dtype, dims)) => {
                let scalar = dims.is_empty() && !matches!(dtype, DType::U8 | DType::I32);
                let shape = tensor.shape.len() == dims.len()
                    && dims.iter().zip(&tensor.shape).all(|(dim, n)| dim.holds(*n as u64));
                ensure(shape, || format!("a tensor of shape {:?} is no {ty}", tensor.shape))?;
                tensor.dtype() == *dtype && !scalar
            }
            (Value::Text(_), Type::Text)
            | (Value::Bytes(_), Type::Bytes)
            | (Value::Image(_), Type::Image)
            | (Value::Audio(_), Type::Audio)
            | (Value::Label(_), Type::Label(_))
            | (Value::Ranking(_), Type::Ranking(_))
            | (Value::Option(_), Type::Option(_))
            | (Value::Result(_), Type::Result(_)) => true,
            (Value::List(values), Type::List(_, bound)) => {
                ensure(values.len() as u64 <= *bound, || format!("{} elements are more than {bound}", values.len()))?;
                true
            }
            (Value::Record(values), Type::Record(fields)) => values.len() == fields.len(),
            _ => false,
        };
        ensure(holds, || format!("a value of another kind is no {ty}"))
    }
}
