//! Expressions with blocks inside: `match`, `for`, `scan`, and what becomes an `if`.

use super::body::Builder;
use crate::error::Error;
use mu_analysis::hir::{self, Expr, LocalId};
use mu_format::ir::{Kind, ValueId};
use mu_format::op::Op;
use mu_format::tensor::DType;
use mu_format::types::Type;
use mu_format::value::Value;

impl Builder<'_, '_> {
    /// On an option or a result.
    pub(super) fn matching(
        &mut self,
        subject: &Expr,
        name: LocalId,
        present: &Expr,
        error: Option<LocalId>,
        absent: &Expr,
    ) -> Result<Kind, Error> {
        let subject = self.expr(subject)?;
        let inside = vec![self.param(name)?];
        let present = self.one(inside, present)?;
        let text = error.map(|error| self.param(error)).transpose()?;
        let absent = self.one(text.into_iter().collect(), absent)?;
        Ok(Kind::Match { subject, present, absent })
    }

    pub(super) fn mapping(
        &mut self,
        name: LocalId,
        list: &Expr,
        filter: Option<&Expr>,
        body: &hir::Block,
    ) -> Result<Kind, Error> {
        let list = self.expr(list)?;
        let filter = match filter {
            Some(filter) => {
                let element = self.param(name)?;
                Some(self.one(vec![element], filter)?)
            }
            None => None,
        };
        let element = self.param(name)?;
        Ok(Kind::For { list, filter, body: self.block(vec![element], body)? })
    }

    pub(super) fn scan(
        &mut self,
        name: LocalId,
        list: &Expr,
        states: &[(LocalId, Expr)],
        body: &hir::Block,
    ) -> Result<Kind, Error> {
        let list = self.expr(list)?;
        let init = states.iter().map(|(_, init)| self.expr(init)).collect::<Result<_, _>>()?;
        let names = std::iter::once(name).chain(states.iter().map(|(state, _)| *state));
        let params = names.map(|name| self.param(name)).collect::<Result<_, _>>()?;
        Ok(Kind::Scan { list, init, body: self.block(params, body)? })
    }

    /// `and` and `or` of two conditions: the right one is computed only where it matters.
    pub(super) fn lazily(&mut self, and: bool, left: &Expr, right: &Expr) -> Result<ValueId, Error> {
        let condition = self.expr(left)?;
        let then = self.inside(Vec::new(), |own| Ok(vec![if and { own.expr(right)? } else { own.truth(true) }]))?;
        let otherwise =
            self.inside(Vec::new(), |own| Ok(vec![if and { own.truth(false) } else { own.expr(right)? }]))?;
        Ok(self.emit(Type::scalar(DType::Bool), Kind::If { condition, then, otherwise }))
    }

    fn truth(&mut self, value: bool) -> ValueId {
        self.emit(Type::scalar(DType::Bool), Kind::Literal(Value::Bool(value)))
    }

    /// On texts or labels. The patterns are compared all at once and the arms found by halves, so that a match over a large
    /// label set does not nest as deep as it is long.
    pub(super) fn choose(
        &mut self,
        ty: &Type,
        subject: &Expr,
        arms: &[(Expr, Expr)],
        otherwise: &Expr,
    ) -> Result<ValueId, Error> {
        let subject = self.expr(subject)?;
        let mut cases = Vec::with_capacity(arms.len());
        for (pattern, value) in arms {
            let pattern = self.expr(pattern)?;
            let kind = Kind::Op { op: Op::Eq, attrs: Vec::new(), args: vec![subject, pattern] };
            cases.push((self.emit(Type::scalar(DType::Bool), kind), value));
        }
        self.halves(ty, &cases, Some(otherwise))
    }

    /// The value of the first case that holds. Without `otherwise` one of them is known to hold.
    fn halves(&mut self, ty: &Type, cases: &[(ValueId, &Expr)], otherwise: Option<&Expr>) -> Result<ValueId, Error> {
        let (first, second) = match (cases, otherwise) {
            ([], Some(otherwise)) => return self.expr(otherwise),
            ([], None) => return Err(Error::internal("a match without arms")),
            ([(_, value)], None) => return self.expr(value),
            _ => cases.split_at(cases.len().div_ceil(2)),
        };
        let mut conditions = first.iter().map(|(condition, _)| *condition);
        let mut condition = conditions.next().ok_or_else(|| Error::internal("a match without arms"))?;
        for other in conditions {
            let kind = Kind::Op { op: Op::Or, attrs: Vec::new(), args: vec![condition, other] };
            condition = self.emit(Type::scalar(DType::Bool), kind);
        }
        let then = self.inside(Vec::new(), |own| Ok(vec![own.halves(ty, first, None)?]))?;
        let otherwise = self.inside(Vec::new(), |own| Ok(vec![own.halves(ty, second, otherwise)?]))?;
        Ok(self.emit(ty.clone(), Kind::If { condition, then, otherwise }))
    }
}
