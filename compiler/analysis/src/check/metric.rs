//! Metrics of tasks: over the samples of a data set, written in the language. `output` and `truth` are one sample's; `mean`,
//! `sum` and `variance` go over all of them.

use super::{Checker, Place, check_body};
use crate::cx::{At, Cx};
use crate::decl::{Kind, MetricInfo, TraitUnit};
use crate::hir::{self, ExprKind as H};
use crate::hir_walk;
use crate::names::{DefId, DefKind};
use crate::ty::{Arg, DType, Dim, Elem, LabelSet, Labels, Type, UnitTy};
use crate::units::Unit;
use mu_base::{Code, Diagnostic, Span};
use mu_syntax::ast::{self, ItemKind, Name};
use std::sync::Arc;

/// Checks the metrics of all tasks.
pub fn check_metrics(cx: &mut Cx) {
    let names = cx.names;
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Task) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Task(task) = &tree.kind else { continue };
        let Some(info) = cx.tasks.get(&id).cloned() else { continue };
        let args: Vec<Arg> = info.signature.generics.iter().map(|g| stand_in(&g.name, g.kind)).collect();
        let output = super::subst::with_args(&info.signature.result, &args);
        let truth = super::subst::with_args(&info.truth, &args);
        for (metric, known) in task.metrics.iter().zip(&info.metrics) {
            let (_, body) = body(cx, (id, at), metric, known, &args, (&output, &truth));
            if per_sample(&body.block.value) {
                let loc = cx.loc(at, metric.value.span);
                cx.report(
                    Diagnostic::error(Code::TypeMismatch, "a metric is one number for all samples")
                        .at(loc, "this is one for each sample")
                        .help("take the `mean`, the `sum` or the `variance` over the samples"),
                );
            }
        }
    }
}

/// A metric's body for these arguments of its task, and the unit of its value.
fn body(
    cx: &mut Cx,
    (id, at): (DefId, At),
    metric: &ast::Metric,
    known: &MetricInfo,
    args: &[Arg],
    (output, truth): (&Type, &Type),
) -> (Unit, hir::Body) {
    let span = metric.name.span;
    let params = [("output".to_string(), output.clone(), span), ("truth".to_string(), truth.clone(), span)];
    let unit = match &known.info.unit {
        TraitUnit::Generic(i) => match args.get(*i as usize) {
            Some(Arg::Unit(UnitTy::Is(unit))) => unit.clone(),
            _ => Unit::one(),
        },
        TraitUnit::Unit(exponents) => Unit { exponents: exponents.clone(), ..Unit::one() },
        _ => Unit::one(),
    };
    let want = Type::Tensor(Elem::Is(DType::F32), UnitTy::Is(unit.clone()), Vec::new());
    let loc = cx.loc(at, metric.unit.span);
    let block = ast::Block { stmts: vec![ast::Stmt::Expr(metric.value.clone())], span: metric.value.span };
    (unit, check_body(cx, id, at, Place::Metric, &params, &block, Some((&want, loc))).body)
}

/// The metrics of every task of a card or a data set, with its arguments. What is wrong with them was reported for the task.
pub fn metrics(cx: &mut Cx) -> Vec<hir::Metrics> {
    let mut tasks: Vec<hir::TaskRef> = Vec::new();
    let cards = cx.cards.values().map(|card| &card.task);
    for task in cards.chain(cx.datasets.values().map(|set| &set.task)) {
        if !tasks.iter().any(|known| known.same(task)) {
            tasks.push(task.clone());
        }
    }
    let reported = cx.diagnostics.len();
    let metrics = tasks.into_iter().filter_map(|task| of_task(cx, task)).collect();
    cx.diagnostics.truncate(reported);
    metrics
}

fn of_task(cx: &mut Cx, task: hir::TaskRef) -> Option<hir::Metrics> {
    let def = cx.names.get(task.task);
    let at = At { module: def.module, item: def.item };
    let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
    let ItemKind::Task(decl) = &tree.kind else { return None };
    let info = cx.tasks.get(&task.task)?.clone();
    let truth = super::subst::with_args(&info.truth, &task.args);
    let all = decl.metrics.iter().zip(&info.metrics).map(|(metric, known)| {
        let (unit, body) = body(cx, (task.task, at), metric, known, &task.args, (&task.result, &truth));
        let higher = known.info.direction == Some(ast::Direction::Higher);
        hir::Metric { name: known.name.clone(), higher, unit, body }
    });
    Some(hir::Metrics { all: all.collect(), truth, task })
}

/// Something fixed in the place of a generic: a metric must hold for whatever is put there.
fn stand_in(name: &str, kind: Kind) -> Arg {
    match kind {
        Kind::Labels => Arg::Labels(Labels::Is(Arc::new(LabelSet::new(name, vec![format!("any {name}")])))),
        Kind::Unit => Arg::Unit(UnitTy::Is(Unit::base(name))),
        Kind::Dim | Kind::Dims => Arg::Dim(Dim::Is(1)),
        _ => Arg::Type(Type::Record(DefId(u32::MAX), Vec::new())),
    }
}

/// Whether a value is made of all samples.
fn over_samples(expr: &hir::Expr) -> bool {
    matches!(&expr.kind, H::Builtin { name, .. } if name.starts_with("samples."))
}

/// Whether a value still depends on the single sample.
fn per_sample(expr: &hir::Expr) -> bool {
    match &expr.kind {
        H::Local(_) => true,
        _ if over_samples(expr) => false,
        H::Builtin { args, .. } | H::Infer { args } | H::List(args) | H::Record(args) => args.iter().any(per_sample),
        H::Field { value, .. } | H::Convert { value, .. } | H::Some(value) => per_sample(value),
        _ => false,
    }
}

impl Checker<'_, '_> {
    /// `mean(x)`, `sum(x)` and `variance(x)` over samples; `x` is a number or a bool, the result f32.
    pub(super) fn aggregate(&mut self, span: Span, callee: &Name, args: &[ast::Arg]) -> Option<hir::Expr> {
        let power = match callee.text.as_str() {
            "mean" | "sum" => 1,
            "variance" => 2,
            _ => return None,
        };
        let [ast::Arg { name: None, value }] = args else { return None };
        let value = self.expr(value, None);
        let mut nested = false;
        hir_walk::expr(&value, &mut |e| nested |= over_samples(e));
        if nested {
            let loc = self.loc(value.span);
            self.report(
                Diagnostic::error(Code::TypeMismatch, "a number of all samples is taken for one of each sample")
                    .at(loc, "this goes over the samples already")
                    .help("take the parts one by one: `mean(a) - mean(b)`, not `mean(a - mean(b))`"),
            );
            return Some(self.error(span));
        }
        let unit = match self.table.resolve(&value.ty) {
            Type::Error => return Some(self.error(span)),
            Type::Tensor(_, UnitTy::Is(unit), shape) if shape.is_empty() => unit,
            other => {
                let (loc, shown) = (self.loc(value.span), self.show(&other));
                self.report(
                    Diagnostic::error(Code::TypeMismatch, format!("a number is needed, but this is `{shown}`"))
                        .at(loc, "one for each sample"),
                );
                return Some(self.error(span));
            }
        };
        let unit = Unit::one().times(&unit, power).unwrap_or_else(Unit::one);
        let ty = Type::Tensor(Elem::Is(DType::F32), UnitTy::Is(unit), Vec::new());
        let name = format!("samples.{}", callee.text);
        Some(hir::Expr { ty, span, kind: H::Builtin { name, consts: Vec::new(), args: vec![value] } })
    }
}
