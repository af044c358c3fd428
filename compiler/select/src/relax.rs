//! The one edit that would make a program feasible: how far a requirement would have to give way while all others stay.

use crate::dual::Dual;
use crate::filter::{Filter, oriented};
use crate::outcome::{Change, Relaxation};
use crate::problem::{Limit, Op, Problem};
use crate::search::{End, Query, search};
use crate::space::{Expr, Space, Test};

/// The smallest change of one requirement that makes the program feasible; nothing where the others cannot hold without it
/// either, or where the limit ended the search.
pub(crate) fn relax(
    problem: &Problem,
    space: &Space,
    filter: &Filter,
    rule: usize,
    limit: &Limit,
) -> Option<Relaxation> {
    if filter.never.iter().any(|never| *never != rule) {
        return None;
    }
    let domains = filter.domains(|other| other != rule);
    let rules: Vec<usize> = filter.joint.iter().copied().filter(|other| *other != rule).collect();
    let aim = aim(space, rule);
    let goals: Vec<Expr> = aim.iter().map(|aim| aim.goal.clone()).chain(space.goals.iter().cloned()).collect();
    let dual = goals.first().and_then(|goal| Dual::new(space, &domains, &rules, goal));
    let query = Query { space, domains: &domains, rules: &rules, goals: &goals, dual: dual.as_ref() };
    let mut nodes = limit.nodes;
    let End::Proven(Some(best)) = search(&query, &mut nodes) else {
        return None;
    };
    let reached = best.goals.first().copied().flatten();
    let change = match (aim, reached) {
        (Some(aim), Some(reached)) => {
            let value = if aim.maximize { 0.0 - reached } else { reached };
            let op = if aim.maximize { Op::Ge } else { Op::Le };
            if aim.offset { Change::Offset { op, offset: value } } else { Change::Bound { op, value } }
        }
        _ => license(problem, space, rule, &best.choice).unwrap_or(Change::Remove),
    };
    Some(Relaxation { requirement: rule, change, choice: best.choice, setting: space.setting })
}

/// What is to be brought as near as possible to the requirement.
struct Aim {
    /// To be minimized.
    goal: Expr,
    maximize: bool,
    /// Whether the goal is the difference of both sides.
    offset: bool,
}

/// Nothing where no number can give way.
fn aim(space: &Space, rule: usize) -> Option<Aim> {
    let Test::Compare { left, op, right } = &space.rules[rule].test else { return None };
    let (value, op, needed) = oriented(left, *op, right);
    let offset = !needed.is_constant();
    let wanted = if offset { Expr::Sub(Box::new(value.clone()), Box::new(needed.clone())) } else { value.clone() };
    match op {
        Op::Ge | Op::Gt => Some(Aim { goal: Expr::Negated(Box::new(wanted)), maximize: true, offset }),
        Op::Le | Op::Lt => Some(Aim { goal: wanted, maximize: false, offset }),
        Op::Eq | Op::Ne => None,
    }
}

/// The licence that would have to be allowed, where that is what failed and the model has one.
fn license(problem: &Problem, space: &Space, rule: usize, choice: &[usize]) -> Option<Change> {
    let Test::License(_) = space.rules[rule].test else { return None };
    let slot = *space.rules[rule].slots.first()?;
    let text = problem.slots.get(slot)?.candidates.get(*choice.get(slot)?)?.license.clone()?;
    crate::license::check_license(&text).ok()?;
    Some(Change::License(text))
}
