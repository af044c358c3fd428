//! Metrics: what goes over the samples becomes an entry of `output` and `truth` that is called for each sample; what is made of
//! these numbers becomes an entry of them.

use super::Lowering;
use crate::error::Error;
use crate::graph::Filling;
use mu_analysis::hir::{self, Block, Body, Expr, ExprKind, Local, LocalId};
use mu_analysis::names::DefId;
use mu_analysis::ty::Type;
use mu_format::ir::{Entry, Param};

/// A metric as entries of the program, by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    pub name: String,
    pub parts: Vec<Part>,
    /// Takes the numbers of the parts as f32 and gives the metric; `None` where the metric is its only part.
    pub value: Option<String>,
}

/// What is summed up over the samples: an entry from the output and the truth of one sample to a number or a bool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub over: Over,
    pub entry: String,
}

/// How numbers of samples become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Mean,
    Sum,
    /// Of the whole population: divided by the number of samples.
    Variance,
}

impl Over {
    fn of(builtin: &str) -> Option<Over> {
        match builtin {
            "samples.mean" => Some(Over::Mean),
            "samples.sum" => Some(Over::Sum),
            "samples.variance" => Some(Over::Variance),
            _ => None,
        }
    }
}

impl Lowering<'_> {
    /// Makes a metric callable. `card` is the model whose vectors it judges, where its task gives vectors of the model's own.
    pub fn metric(&mut self, metric: &hir::Metric, card: Option<DefId>) -> Result<Metric, Error> {
        self.itself = card.and_then(|card| Some(self.typed.cards.get(&card)?.adapter.result.clone()));
        let lowered = self.metric_of(metric);
        self.itself = None;
        lowered
    }

    fn metric_of(&mut self, metric: &hir::Metric) -> Result<Metric, Error> {
        let mut found = Vec::new();
        let mut value = metric.body.clone();
        value.locals.clear();
        value.params.clear();
        cut(&mut value.block.value, &mut found);
        let alone = matches!(value.block.value.kind, ExprKind::Local(_));
        let mut parts = Vec::new();
        for (place, (over, each)) in found.into_iter().enumerate() {
            let entry = format!("metric.{}.{place}", metric.name);
            let local = Local { name: format!("part{place}"), ty: each.1, span: each.0.span };
            value.params.push(value.locals.len() as LocalId);
            value.locals.push(local);
            let block = Block { lets: Vec::new(), nexts: Vec::new(), value: Box::new(each.0.clone()) };
            self.part(&entry, &Body { result: each.0.ty.clone(), block, ..metric.body.clone() })?;
            parts.push(Part { over, entry });
        }
        let entry = format!("metric.{}", metric.name);
        let value = match alone {
            true => None,
            false => {
                self.part(&entry, &value)?;
                Some(entry)
            }
        };
        Ok(Metric { name: metric.name.clone(), parts, value })
    }

    /// A body as an entry.
    fn part(&mut self, name: &str, body: &Body) -> Result<(), Error> {
        let choice = Filling::default();
        let function = self.lower(name, body, &body.result, None, &choice)?;
        let params = body.params.iter().filter_map(|local| body.locals.get(*local as usize));
        let params = params.map(|local| Ok(Param { name: local.name.clone(), ty: self.ty(&local.ty, &choice)? }));
        let params = params.collect::<Result<_, Error>>()?;
        let result = self.ty(&body.result, &choice)?;
        self.program.entries.push(Entry { name: name.into(), function, params, result, docs: String::new() });
        Ok(())
    }
}

/// What goes over the samples, with the type of its number.
type Found = Vec<(Over, (Expr, Type))>;

/// Takes out of an expression what goes over the samples, and leaves locals in its place. Nothing nests: inside, a `mean` is a
/// part of its own, which is refused by the lowering of the part.
fn cut(e: &mut Expr, found: &mut Found) {
    if let ExprKind::Builtin { name, args, .. } = &mut e.kind
        && let Some(over) = Over::of(name)
        && let Some(each) = args.pop()
    {
        e.kind = ExprKind::Local(found.len() as LocalId);
        found.push((over, (each, e.ty.clone())));
        return;
    }
    match &mut e.kind {
        ExprKind::Builtin { args, .. } | ExprKind::List(args) | ExprKind::Record(args) => {
            args.iter_mut().for_each(|arg| cut(arg, found));
        }
        ExprKind::Field { value, .. } | ExprKind::Convert { value, .. } | ExprKind::Some(value) => cut(value, found),
        ExprKind::If { condition, then, otherwise, .. } => {
            cut(condition, found);
            cut(&mut then.value, found);
            cut(&mut otherwise.value, found);
        }
        _ => {}
    }
}
