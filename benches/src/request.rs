//! What the choice of a model costs a request: the look-up of weights in a table, and the way from a header to it.

use mu_format::decision::{Alternative, Decision};
use mu_format::ir::{Entry, Program};
use mu_format::prefer::{Weights, picks};
use mu_format::types::Type;
use std::hint::black_box;
use std::time::Instant;

/// Look-ups in a round; the median of the rounds counts.
const LOOKUPS: usize = 1_000_000;
const ROUNDS: usize = 9;

pub fn tables() {
    println!("\n| what | terms | models | ns |\n| --- | --- | --- | --- |");
    for (terms, models) in [(2, 3), (2, 10), (2, 50), (3, 10), (6, 10), (6, 50)] {
        let table = decision(terms, models);
        let weights = weights(terms, 4096);
        let nanoseconds = median(|| {
            for i in 0..LOOKUPS {
                black_box(table.pick(black_box(&weights[i % weights.len()])));
            }
        });
        println!("| look-up | {terms} | {models} | {nanoseconds:.0} |");
    }
    let program = Program { decisions: vec![decision(2, 10)], ..Program::default() };
    let (name, result) = ("f".to_string(), Type::Text);
    let entry = Entry { name, function: 0, params: Vec::new(), result, docs: String::new() };
    for header in ["0.7, 0.3", "t0=0.7, t1=0.3"] {
        let nanoseconds = median(|| {
            for _ in 0..LOOKUPS {
                let weights = Weights::from_text(black_box(header));
                black_box(weights.and_then(|weights| picks(&program, &entry, &[0], &weights)).is_ok());
            }
        });
        println!("| header `{header}` read, checked, looked up | 2 | 10 | {nanoseconds:.0} |");
    }
}

fn median(mut round: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2] / LOOKUPS as f64 * 1e9
}

/// Models on a curve, so that each is best for some weights.
fn decision(terms: usize, models: usize) -> Decision {
    let point = |model: usize| {
        let angle = |term: usize| ((model * (term + 2)) % models) as f64 / models as f64;
        (0..terms).map(|term| 1.0 / (0.1 + angle(term))).collect()
    };
    let options = (0..models).map(|model| Alternative { card: format!("m{model}"), values: point(model) }).collect();
    let breaks = if terms == 2 { (1..models).map(|model| model as f64 / models as f64).collect() } else { Vec::new() };
    Decision { slot: "slot".into(), terms: (0..terms).map(|term| format!("t{term}")).collect(), options, breaks }
}

/// Weights without an order, the same each time.
fn weights(terms: usize, count: usize) -> Vec<Vec<f64>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|_| (0..terms).map(|_| next()).collect()).collect()
}
