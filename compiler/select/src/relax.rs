//! The one edit that would make a program feasible: how far a requirement would have to give way while all others stay.

use crate::case::{Case, scenes};
use crate::filter::oriented;
use crate::outcome::{Change, Relaxation};
use crate::problem::{Limit, Op, Problem};
use crate::solve::{End, solve};
use crate::space::{Expr, Space, Test};

/// The smallest change of one requirement that makes the program feasible; nothing where the others cannot hold without it
/// either, or where the limit ended the search.
pub(crate) fn relax(problem: &Problem, cases: &[Case], rule: usize, limit: &Limit) -> Option<Relaxation> {
    let goals = |space: &Space| {
        let aim = aim(space, rule).map(|aim| aim.goal);
        aim.into_iter().chain(space.goals.iter().cloned()).collect()
    };
    let mut nodes = limit.nodes;
    let End::Proven(Some(best)) = solve(&scenes(cases, |other| other != rule, goals), None, &mut nodes) else {
        return None;
    };
    let space = cases.iter().map(|case| &case.space).find(|space| space.setting == best.setting)?;
    let aim = aim(space, rule);
    let reached = aim.as_ref().and_then(|aim| space.value(&aim.goal, &best.choice));
    let change = match (aim, reached) {
        (Some(aim), Some(reached)) => {
            let value = if aim.maximize { 0.0 - reached } else { reached };
            let op = if aim.maximize { Op::Ge } else { Op::Le };
            if aim.offset { Change::Offset { op, offset: value } } else { Change::Bound { op, value } }
        }
        _ => license(problem, space, rule, &best.choice).unwrap_or(Change::Remove),
    };
    Some(Relaxation { requirement: rule, change, choice: best.choice, setting: best.setting })
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
