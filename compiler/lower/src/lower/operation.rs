//! Calls of built-in functions and operators become operations.

use super::body::Builder;
use crate::error::Error;
use mu_analysis::hir::{Const, Expr};
use mu_format::ir::{Attr, Kind, ValueId};
use mu_format::op::Op;
use mu_format::tensor::DType;
use mu_format::types::Type;

impl Builder<'_, '_> {
    pub(super) fn operation(
        &mut self,
        e: &Expr,
        ty: Type,
        name: &str,
        consts: &[Const],
        args: &[Expr],
    ) -> Result<ValueId, Error> {
        let op = Op::from_name(name).ok_or_else(|| Error::internal(format!("there is no operation `{name}`")))?;
        if let (Op::And | Op::Or, [left, right]) = (op, args)
            && ty == Type::scalar(DType::Bool)
        {
            return self.lazily(op == Op::And, left, right);
        }
        let attrs = consts.iter().map(|c| self.attr(e, c)).collect::<Result<_, _>>()?;
        let args = self.exprs(args)?;
        Ok(self.emit(ty, Kind::Op { op, attrs, args }))
    }

    fn attr(&mut self, e: &Expr, constant: &Const) -> Result<Attr, Error> {
        Ok(match constant {
            Const::Int(n) => Attr::Int(*n),
            Const::Ints(list) => Attr::Ints(list.clone()),
            Const::Float(x) => Attr::Float(*x),
            Const::Text(text) => Attr::Text(text.clone()),
            Const::File(path) => {
                let loc = self.loc(e);
                Attr::Asset(self.lowering.asset(path, loc)?)
            }
            Const::Classes(order) => Attr::Classes(order.clone()),
        })
    }
}
