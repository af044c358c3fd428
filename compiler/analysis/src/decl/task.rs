//! Tasks, their metrics, and the traits every model has.

use super::signature::{self, Signature};
use super::types::{self, Scope};
use crate::check::subst;
use crate::cx::{At, Cx};
use crate::hir::TaskRef;
use crate::names::DefKind;
use crate::ty::{Arg, Dim, Type, UnitTy};
use mu_base::{Code, Diagnostic, suggest};
use mu_syntax::ast::{self, Direction, ItemKind, TypeExpr, TypeKind};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A task of the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskInfo {
    pub signature: Signature,
    /// The name at Hugging Face (`pipeline_tag`).
    pub hub: Option<String>,
    pub truth: Type,
    pub metrics: Vec<MetricInfo>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MetricInfo {
    pub name: String,
    pub info: TraitInfo,
}

/// A trait or a metric: what can be required.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitInfo {
    pub unit: TraitUnit,
    pub direction: Option<Direction>,
    /// `file`, `card`, `evidence`; metrics are `evidence`.
    pub source: String,
}

/// What kind of quantity a trait is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraitUnit {
    /// Between 0 and 1, written `97%`.
    Ratio,
    /// A plain number.
    Count,
    /// An SPDX expression.
    License,
    /// Exponents of base units.
    Unit(BTreeMap<String, i32>),
    /// The unit of generic `i` of the task.
    Generic(u32),
}

/// Reads all traits and tasks.
pub fn collect(cx: &mut Cx) {
    let modules = cx.modules;
    for (m, module) in modules.iter().enumerate() {
        for (i, item) in module.parsed.items.iter().enumerate() {
            let at = At { module: m, item: i };
            if let ItemKind::Trait(decl) = &item.tree.kind {
                let path = decl.path.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(".");
                let unit = trait_unit(cx, at, &decl.unit, &[]);
                let info = TraitInfo { unit, direction: decl.direction, source: decl.source.text.clone() };
                cx.traits.insert(path, info);
            }
        }
    }
    let names = cx.names;
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Task) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Task(task) = &tree.kind else { continue };
        let signature = signature::read(cx, at, &task.signature);
        let scope = Scope { at, generics: &signature.generics, net: false };
        let truth = match &task.truth {
            Some(ty) => types::convert(cx, scope, ty),
            None => {
                missing(cx, at, task.signature.name.span, "truth", "the type of a right answer, as `truth L`");
                Type::Error
            }
        };
        let mut metrics: Vec<MetricInfo> = Vec::new();
        for metric in &task.metrics {
            if metrics.iter().any(|m| m.name == metric.name.text) {
                let loc = cx.loc(at, metric.name.span);
                let message = format!("the metric `{}` is declared twice", metric.name.text);
                cx.report(Diagnostic::error(Code::DuplicateName, message).at(loc, "declared again here"));
            }
            let unit = trait_unit(cx, at, &metric.unit, &signature.generics);
            let info = TraitInfo { unit, direction: Some(metric.direction), source: "evidence".to_string() };
            metrics.push(MetricInfo { name: metric.name.text.clone(), info });
        }
        let hub = task.hub.as_ref().map(|h| h.text.clone());
        cx.tasks.insert(id, Rc::new(TaskInfo { signature, hub, truth, metrics }));
    }
}

/// Reports a setting that a block must have.
pub fn missing(cx: &mut Cx, at: At, span: mu_base::Span, what: &str, help: &str) {
    let loc = cx.loc(at, span);
    cx.report(
        Diagnostic::error(Code::MissingSetting, format!("`{what}` is missing"))
            .at(loc, "this needs it")
            .help(format!("add {help}")),
    );
}

fn trait_unit(cx: &mut Cx, at: At, unit: &ast::TraitUnit, generics: &[super::GenericInfo]) -> TraitUnit {
    if let [(name, 1)] = unit.terms.as_slice() {
        match name.text.as_str() {
            "ratio" => return TraitUnit::Ratio,
            "count" => return TraitUnit::Count,
            "license" => return TraitUnit::License,
            _ => {}
        }
        if let Some(place) = generics.iter().position(|g| g.name == name.text) {
            return TraitUnit::Generic(place as u32);
        }
    }
    let mut exponents: BTreeMap<String, i32> = BTreeMap::new();
    for (name, power) in &unit.terms {
        match cx.dimensions.get(&name.text) {
            Some(base) => *exponents.entry(base.clone()).or_insert(0) += power,
            None => {
                let loc = cx.loc(at, name.span);
                let known = cx.dimensions.keys().map(String::as_str).chain(["ratio", "count", "license"]);
                let near = suggest::nearest(&name.text, known).map(str::to_string);
                let mut diagnostic =
                    Diagnostic::error(Code::UnknownUnit, format!("there is no dimension `{}`", name.text))
                        .at(loc, "not declared");
                if let Some(near) = near {
                    diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                }
                cx.report(diagnostic);
            }
        }
    }
    exponents.retain(|_, e| *e != 0);
    TraitUnit::Unit(exponents)
}

/// The task with its arguments that a slot, a card or a data set names.
pub fn task_ref(cx: &mut Cx, at: At, expr: &TypeExpr) -> Option<TaskRef> {
    let TypeKind::Named { name, args, .. } = &expr.kind else { return None };
    if crate::names::BUILT_IN.contains(&name.text.as_str()) {
        let loc = cx.loc(at, name.span);
        cx.report(
            Diagnostic::error(Code::UnknownName, format!("`{}` is a type, not a task", name.text))
                .at(loc, "a task is needed here")
                .help("tasks are declared in the standard library, as `image_classification<Digit>` in `std.vision`"),
        );
        return None;
    }
    let id = cx.resolve_kind(at, name, DefKind::Task)?;
    let info = cx.tasks.get(&id)?.clone();
    let kinds: Vec<super::Kind> = info.signature.generics.iter().map(|g| g.kind).collect();
    let args = types::arguments_of(cx, Scope::plain(at), expr.span, &name.text, &kinds, args)?;
    let params = info.signature.values().iter().map(|(n, ty)| (n.clone(), subst::with_args(ty, &args))).collect();
    let result = subst::with_args(&info.signature.result, &args);
    Some(TaskRef { task: id, name: name.text.clone(), args, params, result })
}

impl TaskRef {
    /// Whether a model or a data set of `other` serves here.
    pub fn same(&self, other: &TaskRef) -> bool {
        self.task == other.task && self.args == other.args
    }

    /// `image_classification<Digit>`
    pub fn show(&self, cx: &dyn crate::show::Named) -> String {
        if self.args.is_empty() {
            return self.name.clone();
        }
        let args: Vec<String> = self.args.iter().map(|a| crate::show::arg(a, cx)).collect();
        format!("{}<{}>", self.name, args.join(", "))
    }

    /// The trait or metric of this name, with the task's generics replaced.
    pub fn trait_info(&self, cx: &Cx, path: &str) -> Option<TraitInfo> {
        let task = cx.tasks.get(&self.task)?;
        let metric = task.metrics.iter().find(|m| m.name == path).map(|m| m.info.clone());
        let mut info = metric.or_else(|| cx.traits.get(path).cloned())?;
        if let TraitUnit::Generic(i) = info.unit {
            info.unit = match self.args.get(i as usize) {
                Some(Arg::Unit(UnitTy::Is(unit))) if unit.exponents.is_empty() => TraitUnit::Count,
                Some(Arg::Unit(UnitTy::Is(unit))) => TraitUnit::Unit(unit.exponents.clone()),
                _ => TraitUnit::Count,
            };
        }
        Some(info)
    }

    pub fn is_metric(&self, cx: &Cx, path: &str) -> bool {
        cx.tasks.get(&self.task).is_some_and(|t| t.metrics.iter().any(|m| m.name == path))
    }

    /// All names that can be required, for did-you-mean.
    pub fn trait_names(&self, cx: &Cx) -> Vec<String> {
        let metrics = cx.tasks.get(&self.task).map(|t| t.metrics.iter().map(|m| m.name.clone()).collect::<Vec<_>>());
        metrics.unwrap_or_default().into_iter().chain(cx.traits.keys().cloned()).collect()
    }

    /// The label set among the arguments, where there is exactly one.
    pub fn labels(&self) -> Option<std::sync::Arc<crate::ty::LabelSet>> {
        let mut sets = self.args.iter().filter_map(|a| match a {
            Arg::Labels(crate::ty::Labels::Is(set)) => Some(set.clone()),
            _ => None,
        });
        let first = sets.next()?;
        sets.next().is_none().then_some(first)
    }

    /// What an adapter must give: the result, but a vector where the task says `Embedding<self>`.
    pub fn gives_embedding(&self) -> bool {
        matches!(self.result, Type::Embedding(crate::ty::SlotTy::Itself))
    }
}

/// A vector of any length: what an adapter of an embedding gives.
pub fn vector(length: Dim) -> Type {
    Type::Tensor(crate::ty::Elem::Is(crate::ty::DType::F32), UnitTy::Is(crate::units::Unit::one()), vec![length])
}
