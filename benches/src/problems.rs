//! Generated problems of selection: models whose quality costs time and size, over memory sizes, with budgets over a program in which
//! half of the slots run one after the other and the others on two branches. The same arguments give the same problem.

use mu_select::{
    Candidate, Check, Evidence, Goal, Key, Objective, Op, Problem, Requirement, Setting, SlotProblem, Source, Term,
    UnitShow,
};
use std::collections::BTreeMap;

/// What is asked of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The largest accuracy within one end-to-end latency.
    Latency,
    /// The largest accuracy within a latency, a size and a cost; then the least latency.
    Budgets,
    /// The least cost, billed by the started millisecond, for an accuracy within a latency; then the least latency.
    Cost,
    /// The least latency for an accuracy within a size; then the least cost.
    Speed,
}

pub const ALL: [Asked; 4] = [Asked::Latency, Asked::Budgets, Asked::Cost, Asked::Speed];

/// In MB.
const MEMORY: [f64; 8] = [128.0, 256.0, 512.0, 1024.0, 1769.0, 3008.0, 5120.0, 10240.0];

/// USD for a second of 1,024 MB.
const GB_SECOND: f64 = 0.000_016_666_7;

/// A generator of pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
    /// Between 0 and 1, in steps of a 2^-20th.
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 44) as f64 / (1u64 << 20) as f64
    }
}

/// A problem of so many slots, each with so many models, and up to eight memory sizes.
pub fn problem(seed: u64, slots: usize, models: usize, sizes: usize, asked: Asked) -> Problem {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let memory = &MEMORY[..sizes.min(MEMORY.len())];
    let slot = |slot: usize, random: &mut Random| SlotProblem {
        name: format!("s{slot}"),
        candidates: (0..models).map(|place| model(random, place, memory)).collect(),
    };
    let count = slots as f64;
    let all = |path: &str| Term::Sum((0..slots).map(|slot| of(slot, path)).collect());
    let cost = || cost(all("latency.mean"), memory);
    let most = |term: Term, bound: f64| compare(term, Op::Le, bound * count);
    let (requirements, objective) = match asked {
        Asked::Latency => (vec![most(branched(slots, "latency.p95"), 1.5e-3)], vec![maximize(all("top1"))]),
        Asked::Budgets => (
            vec![most(branched(slots, "latency.p95"), 2e-3), most(all("size"), 1e6), most(cost(), 4e-7)],
            vec![maximize(all("top1")), minimize(all("latency.p95"))],
        ),
        Asked::Cost => (
            vec![most(branched(slots, "latency.p95"), 3e-3), compare(all("top1"), Op::Ge, 0.85 * count)],
            vec![minimize(cost()), minimize(all("latency.p95"))],
        ),
        Asked::Speed => (
            vec![compare(all("top1"), Op::Ge, 0.86 * count), most(all("size"), 1e6)],
            vec![minimize(branched(slots, "latency.p95")), minimize(cost())],
        ),
    };
    let setting = |memory: &f64| Setting {
        name: format!("{memory} MB"),
        values: BTreeMap::from([("memory".to_owned(), memory * 1e6)]),
    };
    Problem {
        slots: (0..slots).map(|place| slot(place, &mut random)).collect(),
        settings: memory.iter().map(setting).collect(),
        requirements,
        objective,
    }
}

fn model(random: &mut Random, place: usize, memory: &[f64]) -> Candidate {
    let work = 0.5e-3 * 20f64.powf(random.unit()) * (1.0 + (random.unit() * 4.0).floor());
    let top1 = 0.80 + 0.05 * (work / 1e-3).ln() / 3.0 + 0.05 * random.unit();
    let size = (1e5 * 100f64.powf(random.unit())).round();
    let known = |value: f64| Evidence::new(value, Source::Predicted);
    let p95: Vec<f64> =
        memory.iter().map(|memory| work * (1769.0 / memory).max(0.6) * (1.0 + 0.02 * random.unit())).collect();
    let mean: Vec<f64> = p95.iter().map(|p95| p95 * (0.7 + 0.1 * random.unit())).collect();
    let each = |values: Vec<f64>| values.into_iter().map(known).collect::<Vec<Evidence>>();
    Candidate {
        name: format!("m{place:03}"),
        traits: BTreeMap::from([
            (Key::new("top1", None), known((top1.min(0.999) * 1000.0).round() / 1000.0)),
            (Key::new("size", None), known(size)),
        ]),
        by_setting: BTreeMap::from([
            (Key::new("latency.p95", None), each(p95)),
            (Key::new("latency.mean", None), each(mean)),
        ]),
        license: None,
    }
}

fn of(slot: usize, path: &str) -> Term {
    Term::Trait { slot, key: Key::new(path, None) }
}

/// Half of the slots one after the other, then the worse of two branches.
fn branched(slots: usize, path: &str) -> Term {
    let (first, second) = (slots / 2, slots / 2 + (slots - slots / 2) / 2);
    let sum = |range: std::ops::Range<usize>| range.map(|slot| of(slot, path)).collect::<Vec<Term>>();
    let worse = Term::Max(vec![Term::Sum(sum(first..second)), Term::Sum(sum(second..slots))]);
    Term::Sum(sum(0..first).into_iter().chain([worse]).collect())
}

/// USD for a request that takes so long.
fn cost(duration: Term, memory: &[f64]) -> Term {
    let billed = Term::Ceil { term: Box::new(duration), step: 1e-3 };
    let price = Term::Setting(memory.iter().map(|memory| memory / 1024.0 * GB_SECOND).collect());
    Term::Add(Box::new(Term::Number(2e-7)), Box::new(Term::Mul(Box::new(price), Box::new(billed))))
}

fn plain() -> UnitShow {
    UnitShow { factor: 1.0, suffix: String::new() }
}

fn compare(left: Term, op: Op, bound: f64) -> Requirement {
    let check = Check::Compare { left, op, right: Term::Number(bound) };
    Requirement { id: 0, text: String::new(), check, unit: plain() }
}

fn minimize(term: Term) -> Objective {
    Objective { text: String::new(), goal: Goal::Minimize(term), unit: plain() }
}

fn maximize(term: Term) -> Objective {
    Objective { text: String::new(), goal: Goal::Maximize(term), unit: plain() }
}
