//! Selectors of other systems, by name, for comparison and for tests: what each would choose, and how far that is from the optimum.
//!
//! Each fills slot by slot, without a look at the rest of the program, from the candidates that meet what is required of their slot
//! alone (from all, where none does), under the setting that the exact selection chose. Candidates are taken in the order of their
//! names.

use crate::case::{Case, cases};
use crate::filter::miss;
use crate::outcome::{Miss, Selection};
use crate::problem::{Candidate, Check, Goal, Key, Objective, Op, Problem, Term};
use crate::select::{MAX_SLOTS, values};
use serde::Serialize;

/// A selector.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Any candidate, all equally likely. The same seed gives the same choice.
    Random { seed: u64 },
    /// The candidate whose turn it is: that of request `turn` in every slot.
    RoundRobin { turn: u64 },
    /// The least latency.
    PlainLatency,
    /// The weighted sum of the MuLambda thesis (2023): `latency` times a latency score plus `accuracy` times the accuracy, the largest
    /// first. The score is that of a byte that counts buckets of 4 ms, `1 - min(floor(t / 4 ms), 255) / 255`: it is 1 below 4 ms, says
    /// nothing within a bucket, and is 0 from 1,020 ms on.
    Weighted { latency: f64, accuracy: f64 },
    /// The largest accuracy; of equal ones the least latency, then the smallest size.
    Lexicographic,
}

/// What a baseline chose, held against the exact selection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    pub baseline: Baseline,
    /// The candidate of each slot.
    pub choice: Vec<usize>,
    /// The value of each goal, as it was written.
    pub goals: Vec<Option<f64>>,
    /// By how much each goal is worse than that of the exact selection, in base units: below 0 it is better, which only a choice that
    /// misses requirements (or is worse by an earlier goal) can be. Nothing where one of both is unknown.
    pub worse_by: Vec<Option<f64>>,
    /// The requirements that it misses, in source order.
    pub missed: Vec<Miss>,
}

impl Baseline {
    /// One of each kind, as they are shown beside the exact selection.
    pub const ALL: [Baseline; 5] = [
        Baseline::Random { seed: 1 },
        Baseline::RoundRobin { turn: 0 },
        Baseline::PlainLatency,
        Baseline::Weighted { latency: 0.5, accuracy: 0.5 },
        Baseline::Lexicographic,
    ];

    /// `plain-latency`
    pub fn name(&self) -> &'static str {
        match self {
            Baseline::Random { .. } => "random",
            Baseline::RoundRobin { .. } => "round-robin",
            Baseline::PlainLatency => "plain-latency",
            Baseline::Weighted { .. } => "weighted",
            Baseline::Lexicographic => "lexicographic",
        }
    }

    /// What it chooses; nothing where a slot has no candidates, or there are too many slots.
    pub fn compare(self, problem: &Problem, selection: &Selection) -> Option<Compared> {
        if problem.slots.len() > MAX_SLOTS {
            return None;
        }
        let cases = cases(problem);
        let case = cases.iter().find(|case| case.space.setting == selection.setting)?;
        let choice = (0..problem.slots.len()).map(|slot| self.fill(problem, case, slot)).collect::<Option<Vec<_>>>()?;
        let goals = values(problem, selection.setting, &choice);
        let worse = |(objective, (own, best)): (&Objective, (&Option<f64>, &Option<f64>))| {
            let more = (*own)? - (*best)?;
            Some(if matches!(objective.goal, Goal::Minimize(_)) { more } else { 0.0 - more })
        };
        let worse_by = problem.objective.iter().zip(goals.iter().zip(&selection.goals)).map(worse).collect();
        let of = |slot: usize| choice.get(slot).copied();
        let missed = (0..problem.requirements.len()).filter_map(|rule| miss(problem, &case.space, rule, of)).collect();
        Some(Compared { baseline: self, choice, goals, worse_by, missed })
    }

    fn fill(self, problem: &Problem, case: &Case, slot: usize) -> Option<usize> {
        let candidates = &problem.slots.get(slot)?.candidates;
        let failed = case.filter.failed.get(slot)?;
        let mut pool: Vec<usize> = (0..candidates.len()).filter(|place| failed[*place].is_empty()).collect();
        if pool.is_empty() {
            pool = (0..candidates.len()).collect();
        }
        pool.sort_by_key(|place| case.space.ranks[slot][*place]);
        let count = pool.len() as u64;
        let setting = case.space.setting;
        let of = |place: usize, key: &Option<Key>| -> Option<f64> {
            let evidence = candidates.get(place)?.evidence(key.as_ref()?, setting)?;
            Some(evidence.value).filter(|value| value.is_finite())
        };
        let (latency, accuracy) = (latency(candidates), accuracy(problem, slot));
        // The least of scores, unknown last; of equal ones the first.
        let least = |scores: &dyn Fn(usize) -> Vec<Option<f64>>| {
            let order = |a: &usize, b: &usize| {
                let scores = scores(*a).into_iter().zip(scores(*b));
                let each = scores.map(|(a, b)| crate::search::compare_goal(a, b));
                each.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            };
            pool.iter().copied().min_by(order)
        };
        match self {
            Baseline::Random { seed } => {
                let drawn = mixed(seed.wrapping_add((slot as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
                // The high bits of the product: as even as 64 bits allow.
                let place = (u128::from(drawn) * u128::from(count)) >> 64;
                pool.get(usize::try_from(place).ok()?).copied()
            }
            Baseline::RoundRobin { turn } => pool.get(usize::try_from(turn.checked_rem(count)?).ok()?).copied(),
            Baseline::PlainLatency => least(&|place| vec![of(place, &latency)]),
            Baseline::Weighted { latency: by_latency, accuracy: by_accuracy } => least(&|place| {
                let score = of(place, &latency).map(latency_score);
                let sum = score.zip(of(place, &accuracy)).map(|(l, a)| by_latency * l + by_accuracy * a);
                vec![sum.map(|sum| 0.0 - sum)]
            }),
            Baseline::Lexicographic => {
                let size = Some(Key::new("size", None));
                least(&|place| {
                    vec![of(place, &accuracy).map(|value| 0.0 - value), of(place, &latency), of(place, &size)]
                })
            }
        }
    }
}

/// Of a latency in seconds: 1 is best.
fn latency_score(seconds: f64) -> f64 {
    1.0 - (seconds / 0.004).floor().clamp(0.0, 255.0) / 255.0
}

/// The latency that a slot's candidates are compared by: the mean, or else the first percentile that one of them has.
fn latency(candidates: &[Candidate]) -> Option<Key> {
    let keys = |candidate: &Candidate| {
        let keys = candidate.traits.keys().chain(candidate.by_setting.keys());
        keys.filter(|key| key.path.starts_with("latency.")).cloned().collect::<Vec<Key>>()
    };
    candidates.iter().flat_map(keys).min()
}

/// The metric that a slot's candidates are compared by: the first of which the program wants more, or else the first there is.
fn accuracy(problem: &Problem, slot: usize) -> Option<Key> {
    let goals = problem.objective.iter().filter_map(|objective| match &objective.goal {
        Goal::Maximize(term) => Some(term),
        Goal::Minimize(_) => None,
    });
    let required = problem.requirements.iter().filter_map(|requirement| match &requirement.check {
        Check::Compare { left, op: Op::Ge | Op::Gt, .. } => Some(left),
        Check::Compare { right, op: Op::Le | Op::Lt, .. } => Some(right),
        _ => None,
    });
    let wanted = required.chain(goals).find_map(|term| metric(term, slot));
    let candidates = problem.slots.get(slot).map(|slot| slot.candidates.as_slice()).unwrap_or_default();
    let all = || candidates.iter().flat_map(|candidate| candidate.traits.keys());
    wanted.or_else(|| all().filter(|key| key.dataset.is_some()).min().cloned())
}

/// The first trait of a slot in a term that is taken on a data set.
fn metric(term: &Term, slot: usize) -> Option<Key> {
    match term {
        Term::Trait { slot: of, key } => (*of == slot && key.dataset.is_some()).then(|| key.clone()),
        Term::Number(_) | Term::Setting(_) => None,
        Term::Ceil { term, .. } | Term::Named { term, .. } => metric(term, slot),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            metric(a, slot).or_else(|| metric(b, slot))
        }
        Term::Sum(terms) | Term::Max(terms) => terms.iter().find_map(|term| metric(term, slot)),
    }
}

/// The next number of a generator that steps by a constant and mixes (splitmix64).
fn mixed(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
