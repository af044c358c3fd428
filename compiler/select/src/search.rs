//! The exact search under one setting: depth first, the most promising candidate first, cut off where a sound bound proves that
//! nothing better lies below. It visits the same nodes every time.

use crate::dual::{Bounded, Dual};
use crate::range::{Range, settled};
use crate::space::{Expr, Space, Test};
use std::cmp::Ordering;
use std::rc::Rc;

/// What is searched for: the candidates that may be used, the rules that must hold, what ranks.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    pub space: &'a Space,
    /// For each slot, its candidates.
    pub domains: &'a [Vec<usize>],
    /// The rules, by number; those on one slot alone hold for all candidates of the domains.
    pub rules: &'a [usize],
    /// All to be minimized, the first first.
    pub goals: &'a [Expr],
    /// What the first goals must not be above; a goal whose cap is unknown may be anything.
    pub caps: &'a [Option<f64>],
    pub aim: Aim,
    pub duals: &'a [Rc<Dual>],
    /// The rules whose excess duals bound: they are looked at themselves only where all slots are decided.
    pub covered: &'a [usize],
    /// The goal as [`stepped`](crate::linear::stepped) makes it, for which there is a dual of a part; its leaf is the one after all others.
    pub stepped: Option<&'a Expr>,
}

/// What makes one choice better than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// The first goal that has no cap.
    Goal,
    /// The names, where all goals have caps.
    Names,
    /// Nothing: the first choice that meets the rules will do.
    Any,
}

/// A choice with its merits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Best {
    pub setting: Option<usize>,
    pub choice: Vec<usize>,
    /// The value of each goal to twelve digits, to be minimized.
    pub goals: Vec<Option<f64>>,
    ranks: Vec<usize>,
}

impl Best {
    /// By goals, then names, then settings.
    pub fn compare(&self, other: &Best) -> Ordering {
        let goals = self.goals.iter().zip(&other.goals).map(|(a, b)| compare_goal(*a, *b));
        let names = || (&self.ranks, self.setting).cmp(&(&other.ranks, other.setting));
        goals.fold(Ordering::Equal, Ordering::then).then_with(names)
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

/// The smaller of two values of a goal, of which nothing may be there.
pub(crate) fn least(a: Option<Option<f64>>, b: Option<f64>) -> Option<f64> {
    match a {
        Some(a) if compare_goal(a, b) == Ordering::Less => a,
        _ => b,
    }
}

/// What a search leaves behind beside the best choice.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Seen {
    /// The least value of the goal among what was cut off: an equal one is a tie that was not looked into.
    pub cut: Option<Option<f64>>,
    /// The least value of the goal among what was left out when the nodes were used up.
    pub left: Option<Option<f64>>,
}

struct Search<'a> {
    query: &'a Query<'a>,
    /// The order in which slots are decided.
    order: Vec<usize>,
    /// The candidates of each slot in the order in which they are looked at.
    domains: Vec<Vec<usize>>,
    /// The rules that a decision on each slot can break.
    rules_of: Vec<Vec<usize>>,
    /// The values of each leaf that are still possible.
    leaves: Vec<Range>,
    /// For each slot, the decided rank or the least possible one.
    ranks: Vec<usize>,
    choice: Vec<usize>,
    /// The duals that bound the goal and a part of it, by their places.
    goal: Option<usize>,
    part: Option<usize>,
    /// For each dual, for each place of the order, the cost of what is decided before it.
    spent: Vec<Vec<f64>>,
    /// For each dual, for each place of the order, the least cost of what is decided from it on.
    ahead: Vec<Vec<f64>>,
    best: &'a mut Option<Best>,
    nodes: &'a mut u64,
    seen: Seen,
}

/// For each slot, for each of the given candidates, the rules that fail with it whatever the domains of the other slots hold, as
/// far as that can be told from each slot by itself.
pub(crate) fn broken(query: &Query, candidates: &[Vec<usize>]) -> Vec<Vec<Vec<usize>>> {
    // Nothing is searched for here.
    let (mut best, mut nodes) = (None, 0);
    let mut search = Search::new(query, &mut best, &mut nodes);
    let mut of_slot = |(slot, candidates): (usize, &Vec<usize>)| {
        let open = search.open(slot);
        let mut fail = |candidate: &usize| {
            search.assign(slot, *candidate);
            search.rules_of[slot].iter().copied().filter(|rule| !search.can_hold(*rule)).collect()
        };
        let failed = candidates.iter().map(&mut fail).collect();
        search.reset(slot, &open);
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

/// The candidates that can be part of a choice within the caps and as good by the goal as `best`.
pub(crate) fn narrowed(query: &Query, mut best: Option<Best>) -> Vec<Vec<usize>> {
    let mut nodes = 0;
    let mut search = Search::new(query, &mut best, &mut nodes);
    let mut of_slot = |(slot, domain): (usize, &Vec<usize>)| {
        let open = search.open(slot);
        // What the other slots cost at least.
        let others = |(dual, ahead): (&Rc<Dual>, &Vec<f64>)| {
            dual.constant + ahead.first().copied().unwrap_or(0.0) - dual.least(slot, domain)
        };
        let others: Vec<f64> = query.duals.iter().zip(&search.ahead).map(others).collect();
        let may = |candidate: &&usize| {
            search.assign(slot, **candidate);
            let cost = |dual: usize| others[dual] + query.duals[dual].cost[slot][**candidate];
            let within = |(dual, of): (usize, &Rc<Dual>)| search.within(of.bounds, cost(dual));
            let (goal, part) = (search.goal.map(cost), search.part.map(cost));
            let is_within = query.duals.iter().enumerate().all(within);
            let bound = search.bound(goal, part);
            let worse = |best: &Best| compare_goal(bound, search.value(best)) == Ordering::Greater;
            is_within && search.within_caps() && !(query.aim == Aim::Goal && search.best.as_ref().is_some_and(worse))
        };
        let kept = domain.iter().filter(may).copied().collect();
        search.reset(slot, &open);
        kept
    };
    query.domains.iter().enumerate().map(&mut of_slot).collect()
}

/// The least value that the goal can have.
pub(crate) fn floor(query: &Query) -> Option<f64> {
    let (mut best, mut nodes) = (None, 0);
    let mut search = Search::new(query, &mut best, &mut nodes);
    let cost = |dual: usize| query.duals[dual].constant + search.ahead[dual].first().copied().unwrap_or(0.0);
    let (goal, part) = (search.goal.map(cost), search.part.map(cost));
    search.bound(goal, part)
}

/// Finds a choice that is better than `best`, as good as it gets. Takes nodes from `nodes`, one for each partial choice that is looked
/// at, until none is left.
pub(crate) fn search(query: &Query, best: &mut Option<Best>, nodes: &mut u64) -> Seen {
    let mut search = Search::new(query, best, nodes);
    let possible = query.rules.iter().all(|rule| search.can_hold(*rule)) && query.domains.iter().all(|d| !d.is_empty());
    if possible && search.within_caps() {
        search.decide(0);
    }
    search.seen
}

/// What is known of a slot before it is decided.
struct Open {
    leaves: Vec<Range>,
    rank: usize,
}

impl<'a> Search<'a> {
    fn new(query: &'a Query<'a>, best: &'a mut Option<Best>, nodes: &'a mut u64) -> Search<'a> {
        let (space, mut domains) = (query.space, query.domains.to_vec());
        let mut order: Vec<usize> = (0..domains.len()).collect();
        let dual = |bounds: Bounded| match query.aim {
            Aim::Goal => query.duals.iter().position(|dual| dual.bounds == bounds),
            Aim::Names | Aim::Any => None,
        };
        let (goal, part) = (dual(Bounded::Goal(query.caps.len())), dual(Bounded::Part));
        if query.aim == Aim::Names {
            domains.iter_mut().zip(&space.ranks).for_each(|(domain, ranks)| domain.sort_by_key(|c| ranks[*c]));
        } else {
            order.sort_by_key(|slot| (domains[*slot].len(), *slot));
        }
        if let Some(dual) = goal.and_then(|goal| query.duals.get(goal)) {
            domains
                .iter_mut()
                .zip(&dual.cost)
                .for_each(|(domain, cost)| domain.sort_by(|a, b| cost[*a].total_cmp(&cost[*b])));
        }
        let mut rules_of = vec![Vec::new(); domains.len()];
        for rule in query.rules.iter().filter(|rule| !query.covered.contains(rule)) {
            space.rules[*rule].slots.iter().for_each(|slot| rules_of[*slot].push(*rule));
        }
        let rank = |slot: usize| domains[slot].iter().map(|c| space.ranks[slot][*c]).min().unwrap_or(0);
        let ahead = |dual: &Rc<Dual>| {
            let mut ahead = vec![0.0; order.len() + 1];
            for (place, slot) in order.iter().enumerate().rev() {
                ahead[place] = ahead[place + 1] + dual.least(*slot, &domains[*slot]);
            }
            ahead
        };
        Search {
            query,
            rules_of,
            // The last one is what is known of a part of the goal.
            leaves: space.leaves.iter().map(|leaf| leaf.hull(&domains[leaf.slot])).chain([Range::UNKNOWN]).collect(),
            ranks: (0..domains.len()).map(rank).collect(),
            choice: vec![0; domains.len()],
            goal,
            part,
            spent: query.duals.iter().map(|_| vec![0.0; order.len() + 1]).collect(),
            ahead: query.duals.iter().map(ahead).collect(),
            best,
            nodes,
            seen: Seen::default(),
            order,
            domains,
        }
    }

    /// Decides the slots from place `level` of the order on.
    fn decide(&mut self, level: usize) {
        let Some(slot) = self.order.get(level).copied() else { return self.complete() };
        let open = self.open(slot);
        let mut branches = Vec::new();
        for place in 0..self.domains[slot].len() {
            let candidate = self.domains[slot][place];
            let cost = |dual: usize| {
                let of = &self.query.duals[dual];
                of.constant + self.spent[dual][level] + of.cost[slot][candidate] + self.ahead[dual][level + 1]
            };
            if !self.query.duals.iter().enumerate().all(|(dual, of)| self.within(of.bounds, cost(dual))) {
                continue;
            }
            let (goal, part) = (self.goal.map(cost), self.part.map(cost));
            if let Some(cost) = goal
                && self.cuts(known(cost))
            {
                // The candidates that follow cost no less.
                break;
            }
            // Each candidate of the first slot is looked at, however few nodes there are.
            if *self.nodes == 0 && level > 0 {
                // What was not looked at may be as good as anything below here.
                self.reset(slot, &open);
                let spent =
                    |dual: usize| self.query.duals[dual].constant + self.spent[dual][level] + self.ahead[dual][level];
                let (goal, part) = (self.goal.map(spent), self.part.map(spent));
                let bound = self.bound(goal, part);
                self.leave(bound);
                return;
            }
            *self.nodes = self.nodes.saturating_sub(1);
            self.assign(slot, candidate);
            let is_last = level + 1 == self.order.len();
            let rules = if is_last { self.query.rules } else { &self.rules_of[slot] };
            if rules.iter().all(|rule| self.can_hold(*rule)) && self.within_caps() {
                branches.push((self.bound(goal, part), candidate));
            }
        }
        if self.query.aim == Aim::Goal {
            branches.sort_by(|a, b| compare_goal(a.0, b.0));
        }
        for (bound, candidate) in branches {
            self.assign(slot, candidate);
            if self.cuts(bound) {
                break;
            }
            if self.seen.left.is_some() {
                self.leave(bound);
                break;
            }
            for (dual, of) in self.query.duals.iter().enumerate() {
                self.spent[dual][level + 1] = self.spent[dual][level] + of.cost[slot][candidate];
            }
            self.decide(level + 1);
        }
        self.reset(slot, &open);
    }

    /// Whether what can be no better than this is no better than the best: it is remembered as cut off.
    fn cuts(&mut self, bound: Option<f64>) -> bool {
        let Some(best) = self.best.as_ref() else { return false };
        match self.query.aim {
            Aim::Any => true,
            Aim::Names => (&self.ranks, self.query.space.setting) >= (&best.ranks, best.setting),
            Aim::Goal if compare_goal(bound, self.value(best)) == Ordering::Less => false,
            Aim::Goal => {
                self.seen.cut = Some(least(self.seen.cut, bound));
                true
            }
        }
    }

    /// The value of the goal that is searched for.
    fn value(&self, best: &Best) -> Option<f64> {
        best.goals.get(self.query.caps.len()).copied().flatten()
    }

    fn assign(&mut self, slot: usize, candidate: usize) {
        let space = self.query.space;
        for leaf in &space.leaves_of[slot] {
            self.leaves[*leaf] = Range::of(space.leaves[*leaf].values[candidate]);
        }
        self.ranks[slot] = space.ranks[slot][candidate];
        self.choice[slot] = candidate;
    }

    fn open(&self, slot: usize) -> Open {
        let leaves = self.query.space.leaves_of[slot].iter().map(|leaf| self.leaves[*leaf]).collect();
        Open { leaves, rank: self.ranks[slot] }
    }

    fn reset(&mut self, slot: usize, open: &Open) {
        for (leaf, range) in self.query.space.leaves_of[slot].iter().zip(&open.leaves) {
            self.leaves[*leaf] = *range;
        }
        self.ranks[slot] = open.rank;
    }

    fn complete(&mut self) {
        let value = |goal: &Expr| goal.range(&self.leaves).value().map(settled);
        let found = Best {
            setting: self.query.space.setting,
            choice: self.choice.clone(),
            goals: self.query.goals.iter().map(value).collect(),
            ranks: self.ranks.clone(),
        };
        // Of two that are equal by the goal, one was not looked at further.
        let other = match self.best.as_ref().map(|best| found.compare(best)) {
            Some(Ordering::Less) | None => self.best.replace(found),
            Some(_) => Some(found),
        };
        if let Some(other) = other {
            self.seen.cut = Some(least(self.seen.cut, self.value(&other)));
        }
    }

    fn can_hold(&self, rule: usize) -> bool {
        match &self.query.space.rules[rule].test {
            Test::Compare { left, op, right } => left.range(&self.leaves).can_hold(*op, right.range(&self.leaves)),
            // The domains were filtered by licences already.
            Test::License(_) => true,
        }
    }

    fn within_caps(&self) -> bool {
        let within = |(goal, cap): (&Expr, &Option<f64>)| {
            cap.is_none() || compare_goal(self.lowest(goal), *cap) != Ordering::Greater
        };
        self.query.goals.iter().zip(self.query.caps).all(within)
    }

    /// Whether a dual's bound leaves room for a choice.
    fn within(&self, bounds: Bounded, bound: f64) -> bool {
        match bounds {
            Bounded::Excess => bound <= 0.0,
            Bounded::Part => true,
            Bounded::Goal(goal) => match self.query.caps.get(goal) {
                Some(Some(cap)) => settled(bound) <= *cap,
                _ => true,
            },
        }
    }

    fn lowest(&self, goal: &Expr) -> Option<f64> {
        let range = goal.range(&self.leaves);
        range.known.then(|| settled(range.lo))
    }

    /// The best value of the goal that can still come; `goal` and `part` are the bounds of the duals.
    fn bound(&mut self, goal: Option<f64>, part: Option<f64>) -> Option<f64> {
        let written = self.query.goals.get(self.query.caps.len())?;
        let lowest = match (self.query.stepped, part.filter(|part| part.is_finite())) {
            (Some(stepped), Some(part)) => {
                let floor = Range::point(part);
                self.leaves.iter_mut().skip(self.query.space.leaves.len()).for_each(|last| *last = floor);
                self.lowest(stepped)?
            }
            _ => self.lowest(written)?,
        };
        match goal.map(known) {
            Some(None) => None,
            Some(Some(bound)) => Some(lowest.max(bound)),
            None => Some(lowest),
        }
    }

    fn leave(&mut self, bound: Option<f64>) {
        self.seen.left = Some(least(self.seen.left, bound));
    }
}

/// The bound of a dual as that of a goal: infinite is unknown.
fn known(bound: f64) -> Option<f64> {
    bound.is_finite().then(|| settled(bound))
}
