//! A body becomes a block: one pass over its expressions, each a value of its own.

use super::Lowering;
use crate::error::Error;
use crate::graph::{Filled, Filling, Node};
use mu_analysis::hir::{self, Body, Card, Expr, ExprKind, LocalId};
use mu_analysis::names::DefId;
use mu_analysis::ty;
use mu_base::Loc;
use mu_base::decimal::Decimal;
use mu_format::ir::{Block, Inst, Kind, ValueId};
use mu_format::op::Op;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_format::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One body in the making.
pub(super) struct Builder<'l, 'a> {
    pub lowering: &'l mut Lowering<'a>,
    pub choice: &'l Filling,
    item: DefId,
    card: Option<&'a Card>,
    values: Vec<Type>,
    locals: BTreeMap<LocalId, ValueId>,
    /// The local table of the body, for the types of block parameters.
    types: Vec<ty::Type>,
    /// Of the innermost open block.
    insts: Vec<Inst>,
}

impl<'l, 'a> Builder<'l, 'a> {
    pub(super) fn new(
        lowering: &'l mut Lowering<'a>,
        choice: &'l Filling,
        item: DefId,
        card: Option<&'a Card>,
    ) -> Builder<'l, 'a> {
        let (values, locals, types, insts) = Default::default();
        Builder { lowering, choice, item, card, values, locals, types, insts }
    }

    /// The types of all values and the block.
    pub(super) fn body(mut self, body: &Body) -> Result<(Vec<Type>, Block), Error> {
        self.types = body.locals.iter().map(|local| local.ty.clone()).collect();
        let params = body.params.iter().map(|local| self.param(*local)).collect::<Result<_, _>>()?;
        let block = self.block(params, &body.block)?;
        Ok((self.values, block))
    }

    pub(super) fn ty(&mut self, ty: &ty::Type) -> Result<Type, Error> {
        self.lowering.ty(ty, self.choice)
    }

    pub(super) fn loc(&self, e: &Expr) -> Loc {
        self.lowering.typed.facts.place(self.item, e.span).unwrap_or(self.lowering.around)
    }

    pub(super) fn value(&mut self, ty: Type) -> ValueId {
        self.values.push(ty);
        self.values.len() as ValueId - 1
    }

    /// Adds an instruction to the open block.
    pub(super) fn emit(&mut self, ty: Type, kind: Kind) -> ValueId {
        let result = self.value(ty);
        self.insts.push(Inst { result, kind });
        result
    }

    /// A new value for a local that a block has as its parameter.
    pub(super) fn param(&mut self, local: LocalId) -> Result<ValueId, Error> {
        let ty = self.types.get(local as usize).cloned();
        let ty = ty.ok_or_else(|| Error::internal(format!("local {local} is not declared")))?;
        let ty = self.ty(&ty)?;
        let value = self.value(ty);
        self.locals.insert(local, value);
        Ok(value)
    }

    /// Opens a block, fills it and closes it.
    pub(super) fn inside(
        &mut self,
        params: Vec<ValueId>,
        fill: impl FnOnce(&mut Self) -> Result<Vec<ValueId>, Error>,
    ) -> Result<Block, Error> {
        let outer = std::mem::take(&mut self.insts);
        let yields = fill(self);
        let insts = std::mem::replace(&mut self.insts, outer);
        Ok(Block { params, insts, yields: yields? })
    }

    /// A block of the source: what it yields is first the next values of a scan's states, then its value.
    pub(super) fn block(&mut self, params: Vec<ValueId>, block: &hir::Block) -> Result<Block, Error> {
        self.inside(params, |own| {
            for (local, value) in &block.lets {
                let value = own.expr(value)?;
                own.locals.insert(*local, value);
            }
            let mut yields = own.exprs(&block.nexts)?;
            yields.push(own.expr(&block.value)?);
            Ok(yields)
        })
    }

    pub(super) fn exprs(&mut self, list: &[Expr]) -> Result<Vec<ValueId>, Error> {
        list.iter().map(|e| self.expr(e)).collect()
    }

    pub(super) fn expr(&mut self, e: &Expr) -> Result<ValueId, Error> {
        if let ExprKind::Local(local) = &e.kind {
            let known = self.locals.get(local).copied();
            return known.ok_or_else(|| Error::internal(format!("local {local} is used before it is set")));
        }
        let ty = self.ty(&e.ty)?;
        let kind = match &e.kind {
            ExprKind::Error | ExprKind::Local(_) => return Err(Error::internal("a broken expression")),
            ExprKind::Number(number) => Kind::Literal(scalar(&ty, *number)?),
            ExprKind::Bool(value) => Kind::Literal(Value::Bool(*value)),
            ExprKind::Text(text) => Kind::Literal(Value::Text(Arc::from(text.as_str()))),
            ExprKind::Label(index) => Kind::Literal(Value::Label(*index)),
            ExprKind::None => Kind::None,
            ExprKind::Some(inner) => Kind::Some(self.expr(inner)?),
            ExprKind::Ok(inner) => Kind::Ok(self.expr(inner)?),
            ExprKind::Err(inner) => Kind::Err(self.expr(inner)?),
            ExprKind::File(path) => {
                let loc = self.loc(e);
                Kind::Const(self.lowering.file(path, &ty, loc)?)
            }
            ExprKind::Const(id) => Kind::Const(self.lowering.constant(*id, self.choice)?),
            ExprKind::List(list) => Kind::List(self.exprs(list)?),
            ExprKind::Tensor(numbers) => Kind::Literal(vector(&ty, numbers)?),
            ExprKind::Record(fields) => Kind::Record(self.exprs(fields)?),
            ExprKind::Builtin { name, consts, args } => return self.operation(e, ty, name, consts, args),
            ExprKind::Call { function, args } => {
                let function = self.lowering.function(Node::Function(*function), self.choice)?;
                Kind::Call { function, args: self.exprs(args)? }
            }
            ExprKind::Slot { slot, args } => {
                let filled = self.choice.0.get(slot);
                match filled.ok_or_else(|| Error::internal(format!("slot {} has no model", slot.0)))? {
                    Filled::Card(card) => {
                        let function = self.lowering.function(Node::Card(*card), self.choice)?;
                        Kind::Call { function, args: self.exprs(args)? }
                    }
                    Filled::AtRequest { decision, cards } => {
                        let functions = cards.iter().map(|card| self.lowering.function(Node::Card(*card), self.choice));
                        let functions = functions.collect::<Result<_, _>>()?;
                        Kind::Dispatch { decision: *decision, functions, args: self.exprs(args)? }
                    }
                }
            }
            ExprKind::Infer { args } => {
                let args = self.exprs(args)?;
                self.infer(&ty, args)?
            }
            ExprKind::Field { value, index } => Kind::Field { record: self.expr(value)?, index: *index as u32 },
            ExprKind::Convert { value, factor } => {
                let value = self.expr(value)?;
                let scalar_ty = match &ty {
                    Type::Tensor(dtype, _) => Type::scalar(*dtype),
                    _ => return Err(Error::internal(format!("a unit on {ty}"))),
                };
                let factor = Kind::Literal(scalar(&scalar_ty, *factor)?);
                let factor = self.emit(scalar_ty, factor);
                Kind::Op { op: Op::Mul, attrs: Vec::new(), args: vec![value, factor] }
            }
            ExprKind::If { condition, then, otherwise, .. } => {
                let condition = self.expr(condition)?;
                let then = self.block(Vec::new(), then)?;
                Kind::If { condition, then, otherwise: self.block(Vec::new(), otherwise)? }
            }
            ExprKind::Match { subject, name, present, error, absent } => {
                self.matching(subject, *name, present, *error, absent)?
            }
            ExprKind::Choose { subject, arms, otherwise } => return self.choose(&ty, subject, arms, otherwise),
            ExprKind::For { name, list, filter, body } => self.mapping(*name, list, filter.as_deref(), body)?,
            ExprKind::Scan { name, list, states, body } => self.scan(*name, list, states, body)?,
        };
        Ok(self.emit(ty, kind))
    }

    /// A value that fills one expression's block.
    pub(super) fn one(&mut self, params: Vec<ValueId>, e: &Expr) -> Result<Block, Error> {
        self.inside(params, |own| Ok(vec![own.expr(e)?]))
    }

    fn infer(&mut self, result: &Type, args: Vec<ValueId>) -> Result<Kind, Error> {
        let card = self.card.ok_or_else(|| Error::internal("`infer` outside of a card"))?;
        let inputs = args.iter().filter_map(|id| self.values.get(*id as usize).cloned()).collect();
        let outputs = match result {
            Type::Record(fields) => fields.iter().map(|(_, ty)| ty.clone()).collect(),
            _ => return Err(Error::internal(format!("`infer` gives {result}"))),
        };
        Ok(Kind::Infer { model: self.lowering.model(card, inputs, outputs)?, args })
    }
}

/// A number as a scalar of the type; `f32` and `f64` get the nearest value.
pub(super) fn scalar(ty: &Type, number: Decimal) -> Result<Value, Error> {
    let Type::Tensor(dtype, dims) = ty else { return Err(Error::internal(format!("a number of {ty}"))) };
    if !dims.is_empty() {
        return Err(Error::internal(format!("a number of {ty}")));
    }
    let wrong = || Error::internal(format!("{number} as {ty}"));
    Ok(match elements(*dtype, &[number]).ok_or_else(wrong)? {
        Data::I64(v) => Value::I64(v.first().copied().unwrap_or_default()),
        Data::F32(v) => Value::F32(v.first().copied().unwrap_or_default()),
        Data::F64(v) => Value::F64(v.first().copied().unwrap_or_default()),
        data => Value::Tensor(Arc::new(Tensor { shape: Vec::new(), data })),
    })
}

fn vector(ty: &Type, numbers: &[Decimal]) -> Result<Value, Error> {
    let wrong = || Error::internal(format!("{} numbers as {ty}", numbers.len()));
    match ty {
        Type::Tensor(dtype, dims) if *dims == [Dim::Is(numbers.len() as u64)] => {
            let data = elements(*dtype, numbers).ok_or_else(wrong)?;
            Ok(Value::Tensor(Arc::new(Tensor { shape: vec![numbers.len()], data })))
        }
        _ => Err(wrong()),
    }
}

/// `None` where a number does not fit the type.
fn elements(dtype: DType, numbers: &[Decimal]) -> Option<Data> {
    /// Through the decimal text, which rounds once.
    fn all<T: std::str::FromStr>(numbers: &[Decimal]) -> Option<Vec<T>> {
        numbers.iter().map(|number| number.normalize().to_string().parse().ok()).collect()
    }
    Some(match dtype {
        DType::Bool => return None,
        DType::U8 => Data::U8(all(numbers)?),
        DType::I32 => Data::I32(all(numbers)?),
        DType::I64 => Data::I64(all(numbers)?),
        DType::F32 => Data::F32(all(numbers)?),
        DType::F64 => Data::F64(all(numbers)?),
    })
}
