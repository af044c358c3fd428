//! Well-typed programs and inputs for them, out of any bytes.
//!
//! Operations are guessed with arguments that may suit them; what the type rules refuse is left out. The same bytes give the same
//! program.

use mu_format::ir::{Attr, Block, Entry, Function, Inst, Kind, Param, Program, ValueId};
use mu_format::op::Op;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::Value;
use std::sync::Arc;

/// Decisions read off bytes; when they are used up, each is the first of its kind.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, [].as_slice()), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    fn of<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }
}

/// A program whose functions are all entries, and arguments for three calls of each.
pub fn program(choices: &mut Choices) -> (Program, Vec<Vec<Vec<Value>>>) {
    let mut program = Program { labels: vec![vec!["a".into(), "b".into(), "c".into()]], ..Program::default() };
    let mut calls = Vec::new();
    for place in 0..1 + choices.below(3) {
        let function = Maker::new(choices, &program).function(format!("f{place}"));
        let types: Vec<Type> = function.body.params.iter().map(|p| function.values[*p as usize].clone()).collect();
        calls.push((0..3).map(|_| types.iter().map(|ty| value(choices, ty)).collect()).collect());
        let param = |(i, ty): (usize, &Type)| Param { name: format!("p{i}"), ty: ty.clone() };
        program.entries.push(Entry {
            name: function.name.clone(),
            function: place as u32,
            params: types.iter().enumerate().map(param).collect(),
            result: function.result.clone(),
            docs: String::new(),
        });
        program.functions.push(function);
    }
    (program, calls)
}

const SIDES: [u64; 12] = [1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 40, 130];

fn dims(choices: &mut Choices, rank: usize) -> Vec<Dim> {
    let dim = |choices: &mut Choices| {
        let n = choices.of(&SIDES[..if rank == 1 { 12 } else { 8 }]);
        match choices.below(5) {
            0 => Dim::Any,
            1 => Dim::UpTo(n),
            _ => Dim::Is(n),
        }
    };
    (0..rank).map(|_| dim(choices)).collect()
}

fn tensor_type(choices: &mut Choices) -> Type {
    let dtype = choices.of(&[DType::F32, DType::F32, DType::F64, DType::I64, DType::I32, DType::U8, DType::Bool]);
    let rank = choices.of(&[1, 1, 0, 2, 3]);
    Type::Tensor(dtype, dims(choices, rank))
}

fn any_type(choices: &mut Choices, depth: usize) -> Type {
    if depth == 0 {
        return tensor_type(choices);
    }
    match choices.below(16) {
        0 => Type::Option(Box::new(any_type(choices, depth - 1))),
        1 | 2 => Type::List(Box::new(any_type(choices, depth - 1)), choices.of(&[1, 3, 6])),
        3 => Type::Record(vec![("a".into(), any_type(choices, depth - 1)), ("b".into(), tensor_type(choices))]),
        4 => Type::Text,
        5 => Type::Label(0),
        6 => Type::Result(Box::new(any_type(choices, depth - 1))),
        _ => tensor_type(choices),
    }
}

fn float(choices: &mut Choices) -> f64 {
    const SPECIAL: [f64; 12] =
        [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-42, -1e-310, 88.7, -104.5, 0.5, 2.5, 1e30];
    match choices.byte() {
        x @ 244.. => SPECIAL[usize::from(x - 244)],
        x => (f64::from(x) - 120.0) / 13.0,
    }
}

fn whole(choices: &mut Choices, most: i64) -> i64 {
    match choices.byte() {
        254 => most,
        255 => -most - 1,
        x => i64::from(x % 40) - 8,
    }
}

fn tensor(choices: &mut Choices, dtype: DType, dims: &[Dim]) -> Value {
    let side = |choices: &mut Choices, dim: &Dim| match dim {
        Dim::Is(n) => *n as usize,
        Dim::UpTo(n) => choices.below(*n as usize + 1),
        Dim::Any => choices.of(&SIDES[..9]) as usize,
    };
    let shape: Vec<usize> = dims.iter().map(|dim| side(choices, dim)).collect();
    let n: usize = shape.iter().product();
    let data = match dtype {
        DType::Bool => Data::Bool((0..n).map(|_| choices.one_in(2)).collect()),
        DType::U8 => Data::U8((0..n).map(|_| choices.byte() % 64).collect()),
        DType::I32 => Data::I32((0..n).map(|_| whole(choices, i64::from(i32::MAX)) as i32).collect()),
        DType::I64 => Data::I64((0..n).map(|_| whole(choices, i64::MAX)).collect()),
        DType::F32 => Data::F32((0..n).map(|_| float(choices) as f32).collect()),
        DType::F64 => Data::F64((0..n).map(|_| float(choices)).collect()),
    };
    Value::from_tensor(Arc::new(Tensor { shape, data }))
}

/// A value of a type.
fn value(choices: &mut Choices, ty: &Type) -> Value {
    match ty {
        Type::Tensor(dtype, dims) => tensor(choices, *dtype, dims),
        Type::Option(inner) => {
            let inside = if choices.one_in(3) { None } else { Some(Arc::new(value(choices, inner))) };
            Value::Option(inside)
        }
        Type::Result(inner) => Value::Result(match choices.one_in(3) {
            true => Err("bad".into()),
            false => Ok(Arc::new(value(choices, inner))),
        }),
        Type::List(inner, most) => {
            let count = choices.below(*most as usize + 1);
            Value::List(Arc::new((0..count).map(|_| value(choices, inner)).collect()))
        }
        Type::Record(fields) => Value::Record(Arc::new(fields.iter().map(|(_, ty)| value(choices, ty)).collect())),
        Type::Label(_) => Value::Label(choices.below(3) as u32),
        _ => Value::Text(choices.of(&["", "a", "b c", "1.5", "word"]).into()),
    }
}

/// One function in the making.
struct Maker<'a, 'b> {
    choices: &'a mut Choices<'b>,
    program: &'a Program,
    values: Vec<Type>,
    /// What may be used here.
    scope: Vec<ValueId>,
    left: usize,
}

impl<'a, 'b> Maker<'a, 'b> {
    fn new(choices: &'a mut Choices<'b>, program: &'a Program) -> Self {
        let left = 4 + choices.below(24);
        Maker { choices, program, values: Vec::new(), scope: Vec::new(), left }
    }

    fn function(mut self, name: String) -> Function {
        let types: Vec<Type> = (0..1 + self.choices.below(3)).map(|_| any_type(self.choices, 2)).collect();
        let params: Vec<ValueId> = types.into_iter().map(|ty| self.define(ty)).collect();
        let mut insts = Vec::new();
        while self.left > 0 {
            self.left -= 1;
            self.inst(&mut insts, 2);
        }
        // The last one as a rule: it depends on most.
        let result = if self.choices.one_in(4) { self.any() } else { self.scope[self.scope.len() - 1] };
        let body = Block { params, insts, yields: vec![result] };
        Function { name, result: self.values[result as usize].clone(), values: self.values, body }
    }

    fn define(&mut self, ty: Type) -> ValueId {
        self.values.push(ty);
        let id = (self.values.len() - 1) as ValueId;
        self.scope.push(id);
        id
    }

    fn ty(&self, id: ValueId) -> &Type {
        &self.values[id as usize]
    }

    /// Any value, mostly one of the latest.
    fn any(&mut self) -> ValueId {
        let back = if self.choices.one_in(3) { self.scope.len() } else { self.scope.len().min(5) };
        self.scope[self.scope.len() - 1 - self.choices.below(back)]
    }

    fn find(&mut self, fits: impl Fn(&Type) -> bool) -> Option<ValueId> {
        let found: Vec<ValueId> = self.scope.iter().copied().filter(|id| fits(self.ty(*id))).collect();
        if found.is_empty() { None } else { Some(found[found.len() - 1 - self.choices.below(found.len())]) }
    }

    fn push(&mut self, insts: &mut Vec<Inst>, kind: Kind, ty: Type) -> ValueId {
        let result = self.define(ty);
        insts.push(Inst { result, kind });
        result
    }

    /// A value of the type: one that is there, or a literal.
    fn wanted(&mut self, insts: &mut Vec<Inst>, ty: &Type) -> ValueId {
        match self.find(|there| ty.accepts(there)) {
            Some(id) if !self.choices.one_in(4) => id,
            _ => {
                let literal = value(self.choices, ty);
                self.push(insts, Kind::Literal(literal), ty.clone())
            }
        }
    }

    /// Instructions of a block of its own, which yields values of these types.
    fn block(&mut self, params: &[Type], yields: &[Type], depth: usize) -> Block {
        let outside = self.scope.len();
        let params = params.iter().map(|ty| self.define(ty.clone())).collect();
        let mut insts = Vec::new();
        for _ in 0..self.choices.below(5) {
            self.left = self.left.saturating_sub(1);
            self.inst(&mut insts, depth);
        }
        let yields = yields.iter().map(|ty| self.wanted(&mut insts, ty)).collect();
        self.scope.truncate(outside);
        Block { params, insts, yields }
    }

    fn inst(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        match self.choices.below(32) {
            0 => {
                let ty = any_type(self.choices, 1);
                self.wanted(insts, &ty);
            }
            1 => {
                let parts = [self.any(), self.any()];
                let fields = ["a", "b"].into_iter().zip(parts).map(|(name, id)| (name.into(), self.ty(id).clone()));
                let ty = Type::Record(fields.collect());
                self.push(insts, Kind::Record(parts.to_vec()), ty);
            }
            2 | 3 => {
                if let Some(record) = self.find(|ty| matches!(ty, Type::Record(_)))
                    && let Type::Record(fields) = self.ty(record).clone()
                {
                    let index = self.choices.below(fields.len());
                    let kind = Kind::Field { record, index: index as u32 };
                    self.push(insts, kind, fields[index].1.clone());
                }
            }
            4 => {
                let id = self.any();
                let ty = Type::Option(Box::new(self.ty(id).clone()));
                self.push(insts, Kind::Some(id), ty);
            }
            5 => {
                let id = self.any();
                let ty = Type::List(Box::new(self.ty(id).clone()), 3);
                let count = 1 + self.choices.below(3);
                self.push(insts, Kind::List(vec![id; count]), ty);
            }
            6 if self.program.functions.is_empty() => {}
            6 => {
                let place = self.choices.below(self.program.functions.len());
                let callee = &self.program.functions[place];
                let types: Vec<Type> =
                    callee.body.params.iter().map(|id| callee.values[*id as usize].clone()).collect();
                let args = types.iter().map(|ty| self.wanted(insts, ty)).collect();
                self.push(insts, Kind::Call { function: place as u32, args }, callee.result.clone());
            }
            7..=10 if depth > 0 => self.branch(insts, depth - 1),
            _ => self.op(insts),
        }
    }

    fn branch(&mut self, insts: &mut Vec<Inst>, depth: usize) {
        let like = self.any();
        let ty = self.ty(like).clone();
        let is_option = |ty: &Type| matches!(ty, Type::Option(_) | Type::Result(_));
        let is_list = |ty: &Type| matches!(ty, Type::List(..));
        match self.choices.below(4) {
            0 => {
                let condition = self.wanted(insts, &Type::scalar(DType::Bool));
                let then = self.block(&[], std::slice::from_ref(&ty), depth);
                let otherwise = self.block(&[], std::slice::from_ref(&ty), depth);
                self.push(insts, Kind::If { condition, then, otherwise }, ty);
            }
            1 => {
                let Some(subject) = self.find(is_option) else { return };
                let (inner, error) = match self.ty(subject).clone() {
                    Type::Option(inner) => (*inner, Vec::new()),
                    Type::Result(inner) => (*inner, vec![Type::Text]),
                    _ => return,
                };
                let present = self.block(&[inner], std::slice::from_ref(&ty), depth);
                let absent = self.block(&error, std::slice::from_ref(&ty), depth);
                self.push(insts, Kind::Match { subject, present, absent }, ty);
            }
            2 => {
                let Some(list) = self.find(is_list) else { return };
                let Type::List(element, most) = self.ty(list).clone() else { return };
                let bool = [Type::scalar(DType::Bool)];
                let filter =
                    if self.choices.one_in(2) { Some(self.block(&[*element.clone()], &bool, depth)) } else { None };
                let body = self.block(&[*element], std::slice::from_ref(&ty), depth);
                self.push(insts, Kind::For { list, filter, body }, Type::List(Box::new(ty), most));
            }
            _ => {
                let Some(list) = self.find(is_list) else { return };
                let Type::List(element, most) = self.ty(list).clone() else { return };
                let init = [self.any(), self.any()];
                let states = init.map(|id| self.ty(id).clone());
                let params = [*element, states[0].clone(), states[1].clone()];
                let body = self.block(&params, &[states[0].clone(), states[1].clone(), ty.clone()], depth);
                self.push(insts, Kind::Scan { list, init: init.to_vec(), body }, Type::List(Box::new(ty), most));
            }
        }
    }

    fn op(&mut self, insts: &mut Vec<Inst>) {
        const OPS: [Op; 66] = [
            Op::Add,
            Op::Sub,
            Op::Mul,
            Op::Div,
            Op::Min,
            Op::Max,
            Op::Add,
            Op::Mul,
            Op::Neg,
            Op::Abs,
            Op::Lt,
            Op::Le,
            Op::Gt,
            Op::Ge,
            Op::Eq,
            Op::Ne,
            Op::And,
            Op::Or,
            Op::Not,
            Op::ToF32,
            Op::ToF64,
            Op::ToI64,
            Op::ToI32,
            Op::ToF32,
            Op::Square,
            Op::Sqrt,
            Op::Exp,
            Op::Log,
            Op::Tanh,
            Op::Sigmoid,
            Op::Floor,
            Op::Round,
            Op::Clamp,
            Op::Scale,
            Op::Normalize,
            Op::Batch,
            Op::First,
            Op::Slice,
            Op::SliceLast,
            Op::Transpose,
            Op::Hwc,
            Op::Chw,
            Op::Flip,
            Op::Reshape,
            Op::Concat,
            Op::ConcatLast,
            Op::Zeros,
            Op::OnesLike,
            Op::ZerosLike,
            Op::Sum,
            Op::Mean,
            Op::LargestOf,
            Op::SmallestOf,
            Op::Argmax,
            Op::Softmax,
            Op::UnitLength,
            Op::Dot,
            Op::Cosine,
            Op::MeanFirst,
            Op::Finite,
            Op::Elements,
            Op::Stack,
            Op::Count,
            Op::Get,
            Op::Total,
            Op::Otherwise,
        ];
        let op = self.choices.of(&OPS);
        let x = self.any();
        let first = self.ty(x).clone();
        let same = |ty: &Type| match (ty, &first) {
            (Type::Tensor(a, m), Type::Tensor(b, n)) => a == b && (m.is_empty() || n.is_empty() || m.len() == n.len()),
            _ => false,
        };
        let scalar = match &first {
            Type::Tensor(dtype, _) => Type::scalar(*dtype),
            _ => Type::scalar(DType::F32),
        };
        let args = match op {
            Op::Zeros => Vec::new(),
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Min | Op::Max | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                let Some(y) = self.find(same) else { return };
                if self.choices.one_in(2) { vec![x, y] } else { vec![y, x] }
            }
            Op::Eq | Op::Ne | Op::And | Op::Or | Op::Concat | Op::ConcatLast | Op::Dot | Op::Cosine => {
                let Some(y) = self.find(same) else { return };
                vec![x, y]
            }
            Op::Clamp => vec![x, self.wanted(insts, &scalar), self.wanted(insts, &scalar)],
            Op::Scale => vec![x, self.wanted(insts, &Type::scalar(DType::F32))],
            Op::Normalize => {
                let Type::Tensor(_, dims) = &first else { return };
                let Some(channels) = dims.first() else { return };
                let row = Type::Tensor(DType::F32, vec![*channels]);
                vec![x, self.wanted(insts, &row), self.wanted(insts, &row)]
            }
            Op::Get => vec![x, self.wanted(insts, &Type::scalar(DType::I64))],
            Op::Otherwise => {
                let Type::Option(inner) = &first else { return };
                vec![x, self.wanted(insts, inner)]
            }
            _ => vec![x],
        };
        let int = |choices: &mut Choices| i64::from(choices.byte() % 6);
        let attrs = match op {
            Op::Slice | Op::SliceLast => {
                let from = int(self.choices);
                vec![Attr::Int(from), Attr::Int(from + int(self.choices))]
            }
            Op::Reshape => {
                let rank = 1 + self.choices.below(2);
                let mut shape = vec![-1];
                shape.extend((1..rank).map(|_| self.choices.of(&[1, 2, 4, 3])));
                vec![Attr::Ints(shape)]
            }
            Op::Zeros => vec![Attr::Ints((0..1 + self.choices.below(3)).map(|_| int(self.choices)).collect())],
            _ => Vec::new(),
        };
        let types: Vec<Type> = args.iter().map(|id| self.ty(*id).clone()).collect();
        let Some(result) = guess(op, &attrs, &types) else { return };
        let result = if self.choices.one_in(6) { wider(&result) } else { result };
        if mu_ops::result_type(op, &attrs, &types.iter().collect::<Vec<_>>(), &result).is_ok() {
            self.push(insts, Kind::Op { op, attrs, args }, result);
        }
    }
}

/// The type with its dimensions known only at run time.
fn wider(ty: &Type) -> Type {
    match ty {
        Type::Tensor(dtype, dims) => {
            let open = |dim: &Dim| match dim {
                Dim::Is(n) => Dim::UpTo(*n + 1),
                _ => Dim::Any,
            };
            Type::Tensor(*dtype, dims.iter().map(open).collect())
        }
        other => other.clone(),
    }
}

fn joint(a: &[Dim], b: &[Dim]) -> Vec<Dim> {
    if a.is_empty() || b.is_empty() {
        return [a, b].concat();
    }
    let one = |(a, b): (&Dim, &Dim)| match (a, b) {
        (Dim::Is(_), _) | (_, Dim::Any) => *a,
        (_, Dim::Is(_)) | (Dim::Any, _) => *b,
        (Dim::UpTo(n), Dim::UpTo(m)) => Dim::UpTo(*n.min(m)),
    };
    a.iter().zip(b).map(one).collect()
}

fn bound(dim: Dim) -> Option<u64> {
    match dim {
        Dim::Is(n) | Dim::UpTo(n) => Some(n),
        Dim::Any => None,
    }
}

/// The type that the operation may give; the rules have the last word.
fn guess(op: Op, attrs: &[Attr], args: &[Type]) -> Option<Type> {
    let tensor = |i: usize| match args.get(i) {
        Some(Type::Tensor(dtype, dims)) => Some((*dtype, dims.clone())),
        _ => None,
    };
    let cut = || match attrs {
        [Attr::Int(from), Attr::Int(to)] => Some(Dim::Is(u64::try_from(to - from).ok()?)),
        _ => None,
    };
    let sum = |a: Dim, b: Dim| match (a, b) {
        (Dim::Is(a), Dim::Is(b)) => Dim::Is(a + b),
        _ => bound(a).zip(bound(b)).map_or(Dim::Any, |(a, b)| Dim::UpTo(a + b)),
    };
    Some(match op {
        Op::Zeros => {
            let [Attr::Ints(shape)] = attrs else { return None };
            Type::Tensor(DType::F32, shape.iter().map(|n| Dim::Is(n.unsigned_abs())).collect())
        }
        Op::Count => Type::scalar(DType::I64),
        Op::Get | Op::Total | Op::Stack => {
            let Type::List(element, most) = args.first()? else { return None };
            match (op, element.as_ref()) {
                (Op::Get, element) => Type::Option(Box::new(element.clone())),
                (Op::Total, element) => element.clone(),
                (_, Type::Tensor(dtype, dims)) => Type::Tensor(*dtype, [&[Dim::UpTo(*most)], dims.as_slice()].concat()),
                _ => return None,
            }
        }
        Op::Otherwise => args.get(1)?.clone(),
        Op::Eq | Op::Ne => Type::scalar(DType::Bool),
        _ => {
            let (dtype, dims) = tensor(0)?;
            let rank = dims.len();
            match op {
                Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Min | Op::Max => {
                    Type::Tensor(dtype, joint(&dims, &tensor(1)?.1))
                }
                Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::And | Op::Or => {
                    Type::Tensor(DType::Bool, joint(&dims, &tensor(1)?.1))
                }
                Op::ToF32 | Op::Scale | Op::Normalize => Type::Tensor(DType::F32, dims),
                Op::ToF64 => Type::Tensor(DType::F64, dims),
                Op::ToI64 => Type::Tensor(DType::I64, dims),
                Op::ToI32 => Type::Tensor(DType::I32, dims),
                Op::Batch => Type::Tensor(dtype, [&[Dim::Is(1)], dims.as_slice()].concat()),
                Op::First | Op::MeanFirst => Type::Tensor(dtype, dims.get(1..)?.to_vec()),
                Op::Slice => Type::Tensor(dtype, [&[cut()?], dims.get(1..)?].concat()),
                Op::SliceLast => Type::Tensor(dtype, [dims.get(..rank.checked_sub(1)?)?, &[cut()?]].concat()),
                Op::Transpose if rank > 1 => {
                    let mut dims = dims;
                    dims.swap(rank - 1, rank - 2);
                    Type::Tensor(dtype, dims)
                }
                Op::Hwc if rank == 3 => Type::Tensor(dtype, vec![dims[1], dims[2], dims[0]]),
                Op::Chw if rank == 3 => Type::Tensor(dtype, vec![dims[2], dims[0], dims[1]]),
                Op::Reshape => {
                    let [Attr::Ints(shape)] = attrs else { return None };
                    let dim = |n: &i64| u64::try_from(*n).map_or(Dim::Any, Dim::Is);
                    Type::Tensor(dtype, shape.iter().map(dim).collect())
                }
                Op::Concat => {
                    let (_, other) = tensor(1)?;
                    let first = sum(*dims.first()?, *other.first()?);
                    Type::Tensor(dtype, [&[first], joint(&dims[1..], &other[1..]).as_slice()].concat())
                }
                Op::ConcatLast => {
                    let (_, other) = tensor(1)?;
                    let last = sum(*dims.last()?, *other.last()?);
                    let mut rest = joint(&dims[..rank - 1], &other[..other.len() - 1]);
                    rest.push(last);
                    Type::Tensor(dtype, rest)
                }
                Op::Sum | Op::Mean | Op::LargestOf | Op::SmallestOf | Op::Dot | Op::Cosine => Type::scalar(dtype),
                Op::Argmax => Type::scalar(DType::I64),
                Op::Finite => Type::Option(Box::new(args[0].clone())),
                Op::Elements => Type::List(Box::new(Type::scalar(dtype)), bound(*dims.first()?)?),
                _ => args[0].clone(),
            }
        }
    })
}
