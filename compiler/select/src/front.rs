//! What a slot's models trade against each other: the Pareto front, and the price of the next better choice.
//!
//! Every candidate stands with its best completion: the choice for the other slots, and the setting, that is best where this
//! slot holds this candidate.

use crate::outcome::{Selection, Verdict};
use crate::problem::{Check, Goal, Op, Problem, Term, UnitShow};
use crate::range::settled;
use crate::search::compare_goal;
use crate::value::value;
use serde::Serialize;
use std::cmp::Ordering;

/// Something by which choices are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    pub term: Term,
    pub unit: UnitShow,
    /// Whether more is better.
    pub higher: bool,
}

/// What a slot's models trade.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Front {
    pub slot: usize,
    #[serde(skip)]
    pub axes: Vec<Axis>,
    /// One for each candidate, in their order.
    pub points: Vec<Point>,
    /// For each axis in which something better than the chosen model exists, the cheapest step to it.
    pub steps: Vec<Step>,
}

/// A candidate with its best completion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    pub candidate: usize,
    /// For a candidate that fits, its best completion; for one that does not, the chosen models with this one in its slot.
    pub choice: Vec<usize>,
    pub setting: Option<usize>,
    /// For each axis, in base units; nothing where it is unknown.
    pub values: Vec<Option<f64>>,
    pub fits: bool,
    /// Whether no other that fits is at least as good by every axis and better by one.
    pub on_front: bool,
}

/// A change of the choice that is better by one axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    pub axis: usize,
    pub candidate: usize,
    /// By how much it is better, above 0, in base units.
    pub gain: f64,
    /// By how much it is worse by other axes, above 0; nothing where the value becomes unknown.
    pub prices: Vec<(usize, Option<f64>)>,
    /// By how much it is better by other axes as well, above 0.
    pub more: Vec<(usize, f64)>,
}

/// What the program itself compares by: its goals, then what it requires less or more of, each once.
pub fn axes(problem: &Problem) -> Vec<Axis> {
    let goals = problem.objective.iter().map(|objective| {
        let (term, higher) = match &objective.goal {
            Goal::Minimize(term) => (term, false),
            Goal::Maximize(term) => (term, true),
        };
        Axis { term: term.clone(), unit: objective.unit.clone(), higher }
    });
    let required = problem.requirements.iter().filter_map(|requirement| {
        let Check::Compare { left, op, right } = &requirement.check else { return None };
        let (term, op) = match (left.is_constant(), right.is_constant()) {
            (false, true) => (left, *op),
            (true, false) => (right, op.flipped()),
            _ => return None,
        };
        let higher = match op {
            Op::Ge | Op::Gt => true,
            Op::Le | Op::Lt => false,
            Op::Eq | Op::Ne => return None,
        };
        Some(Axis { term: term.clone(), unit: requirement.unit.clone(), higher })
    });
    let mut axes: Vec<Axis> = Vec::new();
    for axis in goals.chain(required) {
        if !axes.iter().any(|known| known.term == axis.term) {
            axes.push(axis);
        }
    }
    axes
}

/// The front of a slot by the given axes; `verdicts` are the slot's [`reasons`](crate::reasons).
pub fn front(problem: &Problem, selection: &Selection, slot: usize, verdicts: &[Verdict], axes: Vec<Axis>) -> Front {
    let point = |(candidate, verdict): (usize, &Verdict)| {
        let (choice, setting, fits) = match verdict {
            Verdict::Chosen => (selection.choice.clone(), selection.setting, true),
            Verdict::Fits { best: Some(best) } => (best.choice.clone(), best.setting, true),
            _ => {
                let mut choice = selection.choice.clone();
                choice.iter_mut().skip(slot).take(1).for_each(|chosen| *chosen = candidate);
                (choice, selection.setting, false)
            }
        };
        let values = axes.iter().map(|axis| value(problem, &axis.term, setting, &choice)).collect();
        Point { candidate, choice, setting, values, fits, on_front: false }
    };
    let mut points: Vec<Point> = verdicts.iter().enumerate().map(point).collect();
    let on_front: Vec<bool> = points
        .iter()
        .map(|own| own.fits && !points.iter().any(|other| other.fits && beats(&axes, &other.values, &own.values)))
        .collect();
    points.iter_mut().zip(on_front).for_each(|(point, on_front)| point.on_front = on_front);
    let steps = match points.iter().find(|point| selection.choice.get(slot) == Some(&point.candidate)) {
        Some(chosen) => (0..axes.len()).filter_map(|axis| step(problem, &axes, chosen, &points, axis)).collect(),
        None => Vec::new(),
    };
    Front { slot, axes, points, steps }
}

/// How two values compare by an axis: `Less` is better, unknown is worst. Rounding makes no difference.
fn compare(axis: &Axis, a: Option<f64>, b: Option<f64>) -> Ordering {
    let sign = if axis.higher { -1.0 } else { 1.0 };
    let order = |value: Option<f64>| value.map(|value| settled(sign * value));
    compare_goal(order(a), order(b))
}

/// Whether `a` is at least as good as `b` by every axis, and better by one.
fn beats(axes: &[Axis], a: &[Option<f64>], b: &[Option<f64>]) -> bool {
    let orders = || axes.iter().zip(a.iter().zip(b)).map(|(axis, (a, b))| compare(axis, *a, *b));
    orders().all(|order| order != Ordering::Greater) && orders().any(|order| order == Ordering::Less)
}

/// The cheapest step to something better by an axis: of all that are, the one that is best by the program's goals.
fn step(problem: &Problem, axes: &[Axis], chosen: &Point, points: &[Point], axis: usize) -> Option<Step> {
    let by = axes.get(axis)?;
    let better = |point: &&Point| {
        let (new, old) = (point.values.get(axis).copied().flatten(), chosen.values.get(axis).copied().flatten());
        point.fits && old.is_some() && compare(by, new, old) == Ordering::Less
    };
    let goals = |point: &Point| -> Vec<Option<f64>> {
        let value = |objective: &crate::problem::Objective| match &objective.goal {
            Goal::Minimize(term) => value(problem, term, point.setting, &point.choice).map(settled),
            Goal::Maximize(term) => value(problem, term, point.setting, &point.choice).map(|value| settled(-value)),
        };
        problem.objective.iter().map(value).collect()
    };
    let cheaper = |a: &&Point, b: &&Point| {
        let orders = goals(a).into_iter().zip(goals(b)).map(|(a, b)| compare_goal(a, b));
        let value = |point: &Point| point.values.get(axis).copied().flatten();
        orders.fold(Ordering::Equal, Ordering::then).then_with(|| compare(by, value(a), value(b)))
    };
    let next = points.iter().filter(better).min_by(cheaper)?;
    let mut step = Step { axis, candidate: next.candidate, gain: 0.0, prices: Vec::new(), more: Vec::new() };
    for (place, (of, (old, new))) in axes.iter().zip(chosen.values.iter().zip(&next.values)).enumerate() {
        let by = old.zip(*new).map(|(old, new)| (new - old).abs());
        match (compare(of, *new, *old), by) {
            (Ordering::Less, Some(by)) if place == axis => step.gain = by,
            (Ordering::Less, Some(by)) => step.more.push((place, by)),
            (Ordering::Greater, by) => step.prices.push((place, by)),
            _ => {}
        }
    }
    Some(step)
}
