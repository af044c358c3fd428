//! End-to-end terms: a trait of a whole program, put together from the traits of its slots.
//!
//! Latency and cost add along calls: of an `if` or a `match` the worse branch counts (of means the branches as often as
//! `expect` says), of a loop the bound times its body. What a program holds at once (size, memory, parameters, cold start)
//! adds over its slots. The sum of a percentile is an estimate from above in all but odd cases, and is named so where it is
//! shown. Other traits (metrics) have no meaning for a whole program.

use crate::graph::{Graph, Node};
use crate::typed::{Typed, known};
use crate::visit;
use mu_analysis::hir::{Block, Expr, ExprKind};
use mu_analysis::names::DefId;
use mu_analysis::ty::Type;
use mu_base::decimal::Decimal;
use mu_select::{Key, Term};
use std::collections::BTreeMap;

/// How a trait of a program comes from those of its slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Composition {
    /// Added along calls; `mean` weighs the branches by `expect`.
    Calls { mean: bool },
    /// Added over the slots, however often they are called.
    Slots,
}

fn composition(path: &str) -> Option<Composition> {
    match path {
        "latency.mean" | "cost" => Some(Composition::Calls { mean: true }),
        _ if path.starts_with("latency.") => Some(Composition::Calls { mean: false }),
        "size" | "memory" | "parameters" | "cold_start" => Some(Composition::Slots),
        _ => None,
    }
}

/// The trait `key` of the program that `entry` starts, over the slots with their places in the selection's problem. `None`
/// where the trait has no meaning for a program.
pub fn end_to_end(
    typed: &Typed,
    graph: &Graph,
    entry: DefId,
    key: &Key,
    slots: &BTreeMap<DefId, usize>,
) -> Option<Term> {
    let cost = match composition(&key.path)? {
        Composition::Calls { mean } => along_calls(typed, graph, entry, mean),
        Composition::Slots => Cost { calls: slots.keys().map(|slot| (*slot, 1.0)).collect(), worse: Vec::new() },
    };
    Some(cost.term(key, slots))
}

/// How often each slot is called: a sum, and choices of which the worse counts, each so many times.
#[derive(Debug, Clone, PartialEq, Default)]
struct Cost {
    calls: BTreeMap<DefId, f64>,
    worse: Vec<(f64, Vec<Cost>)>,
}

impl Cost {
    fn call(slot: DefId) -> Cost {
        Cost { calls: BTreeMap::from([(slot, 1.0)]), worse: Vec::new() }
    }

    fn add(&mut self, other: &Cost, times: f64) {
        if times == 0.0 {
            return;
        }
        for (slot, count) in &other.calls {
            *self.calls.entry(*slot).or_insert(0.0) += count * times;
        }
        for (count, options) in &other.worse {
            match self.worse.iter_mut().find(|(_, known)| known == options) {
                Some((known, _)) => *known += count * times,
                None => self.worse.push((count * times, options.clone())),
            }
        }
    }

    /// Whether it is at least `other`, whatever the slots' traits are (none is negative).
    fn covers(&self, other: &Cost) -> bool {
        let calls = other.calls.iter().all(|(slot, count)| self.calls.get(slot).is_some_and(|own| own >= count));
        calls && (other.worse.is_empty() || other.worse == self.worse)
    }

    /// The worst of several.
    fn worst(options: Vec<Cost>) -> Cost {
        let mut kept: Vec<Cost> = Vec::new();
        for option in options {
            if !kept.iter().any(|other| other.covers(&option)) {
                kept.retain(|other| !option.covers(other));
                kept.push(option);
            }
        }
        match kept.len() {
            0 | 1 => kept.pop().unwrap_or_default(),
            _ => Cost { calls: BTreeMap::new(), worse: vec![(1.0, kept)] },
        }
    }

    fn term(&self, key: &Key, slots: &BTreeMap<DefId, usize>) -> Term {
        let calls = self.calls.iter().filter_map(|(slot, count)| {
            let term = Term::Trait { slot: *slots.get(slot)?, key: key.clone() };
            Some(times(*count, term))
        });
        let worse = self.worse.iter().map(|(count, options)| {
            let options = options.iter().map(|option| option.term(key, slots)).collect();
            times(*count, Term::Max(options))
        });
        let mut terms: Vec<Term> = calls.chain(worse).collect();
        match terms.len() {
            1 => terms.remove(0),
            _ => Term::Sum(terms),
        }
    }
}

fn times(count: f64, term: Term) -> Term {
    if count == 1.0 { term } else { Term::Mul(Box::new(Term::Number(count)), Box::new(term)) }
}

fn along_calls(typed: &Typed, graph: &Graph, entry: DefId, mean: bool) -> Cost {
    let reached = graph.reached([Node::Function(entry)], None);
    let mut walk = Walk { mean, functions: BTreeMap::new() };
    for node in graph.order().unwrap_or_default() {
        if let (Node::Function(id), true) = (node, reached.contains(&node))
            && let Some(function) = typed.functions.get(&id)
        {
            let cost = walk.block(&function.body.block);
            walk.functions.insert(id, cost);
        }
    }
    walk.functions.remove(&entry).unwrap_or_default()
}

/// Counts the calls in bodies whose callees are counted already.
struct Walk {
    mean: bool,
    functions: BTreeMap<DefId, Cost>,
}

impl Walk {
    fn block(&self, block: &Block) -> Cost {
        let lets = block.lets.iter().map(|(_, value)| value);
        self.all(lets.chain(&block.nexts).chain([&*block.value]))
    }

    fn all<'a>(&self, parts: impl IntoIterator<Item = &'a Expr>) -> Cost {
        let mut sum = Cost::default();
        for part in parts {
            sum.add(&self.expr(part), 1.0);
        }
        sum
    }

    fn expr(&self, e: &Expr) -> Cost {
        match &e.kind {
            ExprKind::Slot { slot, args } => {
                let mut cost = self.all(args);
                cost.add(&Cost::call(*slot), 1.0);
                cost
            }
            ExprKind::Call { function, args } => {
                let mut cost = self.all(args);
                if let Some(callee) = self.functions.get(function) {
                    cost.add(callee, 1.0);
                }
                cost
            }
            ExprKind::If { condition, expect, then, otherwise } => {
                let mut cost = self.expr(condition);
                let (then, otherwise) = (self.block(then), self.block(otherwise));
                match expect.filter(|_| self.mean) {
                    Some(share) => {
                        let share = number(share);
                        cost.add(&then, share);
                        cost.add(&otherwise, 1.0 - share);
                    }
                    None => cost.add(&Cost::worst(vec![then, otherwise]), 1.0),
                }
                cost
            }
            ExprKind::Match { subject, present, absent, .. } => {
                let mut cost = self.expr(subject);
                cost.add(&Cost::worst(vec![self.expr(present), self.expr(absent)]), 1.0);
                cost
            }
            ExprKind::Choose { subject, arms, otherwise } => {
                let mut cost = self.expr(subject);
                let values = arms.iter().map(|(_, value)| value).chain([&**otherwise]);
                cost.add(&Cost::worst(values.map(|value| self.expr(value)).collect()), 1.0);
                cost
            }
            ExprKind::For { list, body, .. } | ExprKind::Scan { list, body, .. } => {
                let mut each = self.block(body);
                let mut once = Cost::default();
                if let ExprKind::For { filter: Some(filter), .. } = &e.kind {
                    each.add(&self.expr(filter), 1.0);
                }
                if let ExprKind::Scan { states, .. } = &e.kind {
                    once = self.all(states.iter().map(|(_, init)| init));
                }
                once.add(&self.expr(list), 1.0);
                once.add(&each, bound(&list.ty));
                once
            }
            _ => self.all(visit::parts(e)),
        }
    }
}

/// How many elements a list has at most.
fn bound(list: &Type) -> f64 {
    match list {
        Type::List(_, bound) => known(bound).unwrap_or(0) as f64,
        _ => 0.0,
    }
}

/// The nearest double.
pub fn number(decimal: Decimal) -> f64 {
    decimal.to_string().parse().unwrap_or(f64::NAN)
}
