//! Small random problems, with ties, unknown values and joint terms. The same seed gives the same problem.

use mu_select::*;
use std::collections::BTreeMap;

/// A small generator of pseudo-random numbers (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const PATHS: [&str; 4] = ["size", "latency.p95", "top1", "cost"];
const LICENSES: [&str; 4] = ["MIT", "Apache-2.0", "MIT OR GPL-3.0-only", "GPL-3.0-only AND MIT"];

pub fn key(path: &str) -> Key {
    Key::new(path, (path == "top1").then(|| "holdout".into()))
}

pub fn plain() -> UnitShow {
    UnitShow { factor: 1.0, suffix: String::new() }
}

pub fn evidence(value: f64) -> Evidence {
    Evidence::new(value, Source::Card)
}

pub fn candidate(name: &str, traits: &[(&str, f64)]) -> Candidate {
    let traits = traits.iter().map(|(path, value)| (key(path), evidence(*value))).collect();
    Candidate { name: name.into(), traits, license: Some("MIT".into()), ..Candidate::default() }
}

pub fn of(slot: usize, path: &str) -> Term {
    Term::Trait { slot, key: key(path) }
}

pub fn compare(left: Term, op: Op, right: Term) -> Requirement {
    Requirement { id: 0, text: String::new(), check: Check::Compare { left, op, right }, unit: plain() }
}

pub fn minimize(term: Term) -> Objective {
    Objective { text: String::new(), goal: Goal::Minimize(term), unit: plain() }
}

/// Up to `slots` slots with up to `candidates` models each.
pub fn problem(seed: u64, slots: usize, candidates: usize, requirements: usize) -> Problem {
    let mut random = Random::new(seed);
    let settings = if random.chance(40) { 1 + random.below(3) } else { 0 };
    let slots: Vec<SlotProblem> = (0..1 + random.below(slots))
        .map(|slot| SlotProblem {
            name: format!("slot{slot}"),
            candidates: (0..1 + random.below(candidates)).map(|_| model(&mut random, settings)).collect(),
        })
        .collect();
    let count = slots.len();
    let all = Shape { slots: count, settings };
    let requirements = (0..random.below(requirements + 1))
        .map(|_| {
            if random.chance(15) {
                let allowed = if random.chance(50) {
                    vec!["MIT".into()]
                } else {
                    vec!["Apache-2.0".into(), "GPL-3.0-only".into()]
                };
                let check = Check::License { slot: random.below(count), allowed };
                return Requirement { id: 0, text: String::new(), check, unit: plain() };
            }
            let left = term(&mut random, all, 2);
            let right =
                if random.chance(70) { Term::Number(random.below(9) as f64) } else { term(&mut random, all, 1) };
            let op = [Op::Le, Op::Ge, Op::Lt, Op::Gt, Op::Le, Op::Ge, Op::Eq, Op::Ne][random.below(8)];
            if random.chance(20) { compare(right, op, left) } else { compare(left, op, right) }
        })
        .collect();
    let objective = (0..random.below(3))
        .map(|_| {
            let term = term(&mut random, all, 2);
            let goal = if random.chance(50) { Goal::Minimize(term) } else { Goal::Maximize(term) };
            Objective { text: String::new(), goal, unit: plain() }
        })
        .collect();
    let setting = |place| Setting { name: format!("{place}"), ..Setting::default() };
    Problem { slots, settings: (0..settings).map(setting).collect(), requirements, objective }
}

/// How many slots and settings there are.
#[derive(Clone, Copy)]
struct Shape {
    slots: usize,
    settings: usize,
}

fn model(random: &mut Random, settings: usize) -> Candidate {
    let (mut traits, mut by_setting) = (BTreeMap::new(), BTreeMap::new());
    let value = |random: &mut Random| {
        let scale = if random.chance(20) { 0.1 } else { 1.0 };
        evidence(random.below(6) as f64 * scale - 1.0)
    };
    for path in PATHS {
        if random.chance(85) {
            traits.insert(key(path), value(random));
        }
        if settings > 0 && random.chance(50) {
            // Now and then one is lacking.
            let known = settings - usize::from(random.chance(10));
            by_setting.insert(key(path), (0..known).map(|_| value(random)).collect());
        }
    }
    let license = random.chance(90).then(|| LICENSES[random.below(4)].to_owned());
    Candidate { name: format!("m{}", random.below(30)), traits, by_setting, license }
}

fn term(random: &mut Random, all: Shape, depth: usize) -> Term {
    if depth == 0 || random.chance(40) {
        let path = PATHS[random.below(4)];
        return match random.below(100) {
            0..85 => of(random.below(all.slots), path),
            85..92 if all.settings > 0 => Term::Setting((0..all.settings).map(|_| random.below(5) as f64).collect()),
            _ => Term::Number(random.below(5) as f64),
        };
    }
    let several = |random: &mut Random| (0..1 + random.below(3)).map(|_| term(random, all, depth - 1)).collect();
    let one = |random: &mut Random| Box::new(term(random, all, depth - 1));
    match random.below(9) {
        0 | 1 => Term::Add(one(random), one(random)),
        2 => Term::Sub(one(random), one(random)),
        3 => Term::Mul(one(random), one(random)),
        4 => Term::Div(one(random), one(random)),
        5 | 6 => Term::Sum(several(random)),
        7 => Term::Ceil { term: one(random), step: [1.0, 0.5, 2.0][random.below(3)] },
        _ => Term::Max(several(random)),
    }
}
