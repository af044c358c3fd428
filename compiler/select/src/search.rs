//! The exact search: depth first, the most promising candidate first, cut off where a sound bound proves that nothing better
//! lies below. It visits the same nodes every time.

use crate::dual::Dual;
use crate::range::Range;
use crate::space::{Expr, Leaf, Space, Test};
use std::cmp::Ordering;

/// What is searched for: the candidates that may be used, the rules that must hold, the goals that rank.
pub(crate) struct Query<'a> {
    pub space: &'a Space,
    /// For each slot, its candidates.
    pub domains: &'a [Vec<usize>],
    /// The rules, by number; those that concern no slot or one only are checked as well.
    pub rules: &'a [usize],
    /// All to be minimized, the first first.
    pub goals: &'a [Expr],
    /// A bound of the first goal under these rules.
    pub dual: Option<&'a Dual>,
}

/// The best choice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Best {
    pub choice: Vec<usize>,
    /// The value of each goal, to be minimized.
    pub goals: Vec<Option<f64>>,
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// The proven best choice, or the proof that there is none.
    Proven(Option<Best>),
    /// The nodes were used up.
    Stopped {
        best: Option<Best>,
        /// No choice has a smaller first goal; nothing where it may be unknown.
        bound: Option<f64>,
    },
}

/// How good a choice is, or can at best become: goals with unknown ones last, then names. Smaller is better.
#[derive(Debug, Clone, PartialEq)]
struct Merit {
    goals: Vec<Option<f64>>,
    ranks: Vec<usize>,
}

impl Merit {
    fn compare(&self, other: &Merit) -> Ordering {
        let goals = self.goals.iter().zip(&other.goals).map(|(a, b)| compare_goal(*a, *b));
        goals.fold(Ordering::Equal, Ordering::then).then_with(|| self.ranks.cmp(&other.ranks))
    }
}

/// Smaller is better, unknown is worse than anything known.
pub(crate) fn compare_goal(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

struct Search<'a> {
    query: &'a Query<'a>,
    /// The order in which slots are decided: few candidates first.
    order: Vec<usize>,
    /// The rules that a decision on each slot can break.
    rules_of: Vec<Vec<usize>>,
    /// The values of each leaf that are still possible.
    leaves: Vec<Range>,
    /// For each slot, the decided rank or the least possible one.
    ranks: Vec<usize>,
    /// For each slot, the cost of the decided candidate or the least possible one; empty where there is no dual bound.
    costs: Vec<f64>,
    choice: Vec<usize>,
    best: Option<(Best, Merit)>,
    nodes: &'a mut u64,
    /// The least merit of what was left out when the nodes were used up.
    left: Option<Merit>,
}

/// For each slot, for each of its candidates, the rules that fail with it whatever the other slots hold, as far as that can be
/// told from each slot by itself.
pub(crate) fn broken(query: &Query, candidates: &[Vec<usize>]) -> Vec<Vec<Vec<usize>>> {
    // Nothing is searched for here.
    let mut nodes = 0;
    let mut search = Search::new(query, &mut nodes);
    let mut of_slot = |(slot, candidates): (usize, &Vec<usize>)| {
        let open = search.open(slot);
        let mut fail = |candidate: &usize| {
            search.assign(slot, *candidate);
            search.rules_of[slot].iter().copied().filter(|rule| !search.can_hold(*rule)).collect()
        };
        let failed = candidates.iter().map(&mut fail).collect();
        search.reset(slot, open);
        failed
    };
    candidates.iter().enumerate().map(&mut of_slot).collect()
}

/// The candidates that no rule excludes by itself.
pub(crate) fn propagate(query: &Query) -> Vec<Vec<usize>> {
    let mut domains = query.domains.to_vec();
    // A candidate that goes may take others with it; a few rounds find nearly all.
    for _ in 0..3 {
        let broken = broken(&Query { domains: &domains, ..*query }, &domains);
        let keep = |(domain, broken): (&Vec<usize>, &Vec<Vec<usize>>)| {
            domain.iter().zip(broken).filter(|(_, rules)| rules.is_empty()).map(|(candidate, _)| *candidate).collect()
        };
        let kept: Vec<Vec<usize>> = domains.iter().zip(&broken).map(keep).collect();
        if kept == domains {
            break;
        }
        domains = kept;
    }
    domains
}

/// Finds the best choice. Takes nodes from `nodes`, one for each partial choice that is looked at, until none is left.
pub(crate) fn search(query: &Query, nodes: &mut u64) -> End {
    let mut search = Search::new(query, nodes);
    let possible = query.rules.iter().all(|rule| search.can_hold(*rule)) && query.domains.iter().all(|d| !d.is_empty());
    if possible {
        search.decide(0);
    }
    let best = search.best.map(|(best, _)| best);
    match search.left {
        None => End::Proven(best),
        Some(left) => {
            let first = |goals: &[Option<f64>]| goals.first().copied().flatten();
            let bound =
                first(&left.goals).map(|b| best.as_ref().and_then(|best| first(&best.goals)).map_or(b, |g| g.min(b)));
            End::Stopped { best, bound }
        }
    }
}

/// What is known of a slot before it is decided.
struct Open {
    leaves: Vec<Range>,
    rank: usize,
    cost: Option<f64>,
}

impl<'a> Search<'a> {
    fn new(query: &'a Query<'a>, nodes: &'a mut u64) -> Search<'a> {
        let (space, domains) = (query.space, query.domains);
        let mut order: Vec<usize> = (0..domains.len()).collect();
        order.sort_by_key(|slot| (domains[*slot].len(), *slot));
        let mut rules_of = vec![Vec::new(); domains.len()];
        for rule in query.rules {
            space.rules[*rule].slots.iter().for_each(|slot| rules_of[*slot].push(*rule));
        }
        let values = |leaf: &Leaf| {
            let values = domains[leaf.slot].iter().map(|c| Range::of(leaf.values[*c]));
            values.fold(Range::NEVER, Range::union)
        };
        let rank = |slot: usize| domains[slot].iter().map(|c| space.ranks[slot][*c]).min().unwrap_or(0);
        let cost = |dual: &Dual| (0..domains.len()).map(|slot| dual.least(slot, &domains[slot])).collect();
        Search {
            query,
            order,
            rules_of,
            leaves: space.leaves.iter().map(values).collect(),
            ranks: (0..domains.len()).map(rank).collect(),
            costs: query.dual.map(cost).unwrap_or_default(),
            choice: vec![0; domains.len()],
            best: None,
            nodes,
            left: None,
        }
    }

    /// Decides the slots from place `level` of the order on.
    fn decide(&mut self, level: usize) {
        let Some(slot) = self.order.get(level).copied() else { return self.complete() };
        let query = self.query;
        let open = self.open(slot);
        let mut branches = Vec::new();
        for candidate in &query.domains[slot] {
            if *self.nodes == 0 {
                // What was not looked at may be as good as anything below here.
                self.reset(slot, open);
                self.leave(self.merit());
                return;
            }
            *self.nodes -= 1;
            self.assign(slot, *candidate);
            if self.rules_of[slot].iter().all(|rule| self.can_hold(*rule)) {
                branches.push((self.merit(), *candidate));
            }
        }
        branches.sort_by(|a, b| a.0.compare(&b.0));
        for (merit, candidate) in branches {
            if self.best.as_ref().is_some_and(|(_, best)| merit.compare(best) != Ordering::Less) {
                break;
            }
            if self.left.is_some() {
                self.leave(merit);
                break;
            }
            self.assign(slot, candidate);
            self.decide(level + 1);
        }
        self.reset(slot, open);
    }

    fn assign(&mut self, slot: usize, candidate: usize) {
        let space = self.query.space;
        for leaf in &space.leaves_of[slot] {
            self.leaves[*leaf] = Range::of(space.leaves[*leaf].values[candidate]);
        }
        self.ranks[slot] = space.ranks[slot][candidate];
        if let (Some(dual), Some(cost)) = (self.query.dual, self.costs.get_mut(slot)) {
            *cost = dual.cost[slot][candidate];
        }
        self.choice[slot] = candidate;
    }

    fn open(&self, slot: usize) -> Open {
        let leaves = self.query.space.leaves_of[slot].iter().map(|leaf| self.leaves[*leaf]).collect();
        Open { leaves, rank: self.ranks[slot], cost: self.costs.get(slot).copied() }
    }

    fn reset(&mut self, slot: usize, open: Open) {
        for (leaf, range) in self.query.space.leaves_of[slot].iter().zip(&open.leaves) {
            self.leaves[*leaf] = *range;
        }
        self.ranks[slot] = open.rank;
        if let (Some(before), Some(cost)) = (open.cost, self.costs.get_mut(slot)) {
            *cost = before;
        }
    }

    fn complete(&mut self) {
        let merit = self.merit();
        if self.best.as_ref().is_none_or(|(_, best)| merit.compare(best) == Ordering::Less) {
            self.best = Some((Best { choice: self.choice.clone(), goals: merit.goals.clone() }, merit));
        }
    }

    fn can_hold(&self, rule: usize) -> bool {
        match &self.query.space.rules[rule].test {
            Test::Compare { left, op, right } => left.range(&self.leaves).can_hold(*op, right.range(&self.leaves)),
            // The domains were filtered by licences already.
            Test::License(_) => true,
        }
    }

    /// The merit of the best that can still come, goal by goal.
    fn merit(&self) -> Merit {
        let goal = |goal: &Expr| {
            let range = goal.range(&self.leaves);
            range.known.then_some(range.lo)
        };
        let mut goals: Vec<Option<f64>> = self.query.goals.iter().map(goal).collect();
        if let (Some(dual), Some(Some(first))) = (self.query.dual, goals.first_mut()) {
            let bound = dual.constant + self.costs.iter().sum::<f64>();
            *first = if bound.is_finite() { first.max(bound) } else { *first };
        }
        Merit { goals, ranks: self.ranks.clone() }
    }

    fn leave(&mut self, merit: Merit) {
        if self.left.as_ref().is_none_or(|left| merit.compare(left) == Ordering::Less) {
            self.left = Some(merit);
        }
    }
}
