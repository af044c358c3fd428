//! Programs that were made up, called both ways. The fuzz target in `tests/fuzz` runs the same function on its inputs.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use crate::agree::Both;
use crate::generate::{Choices, program};
use mu_format::text;
use mu_interp::Limits;

/// Runs the program that some bytes stand for; gives how many of its calls gave a value.
pub fn run(bytes: &[u8]) -> usize {
    let (program, calls) = program(&mut Choices(bytes));
    if let Err(why) = mu_format::verify::verify(&program, &mu_ops::result_type) {
        panic!("a program that is not sound was made up: {why}\n{}", text::print(&program));
    }
    let both = Both::new(program);
    let mut values = 0;
    for (entry, calls) in both.program.entries.iter().zip(calls) {
        for args in calls {
            values += usize::from(both.call(entry, &args, None, Limits { fuel: 100_000 }).is_ok());
            let _ = both.call(entry, &args, None, Limits { fuel: 12 });
        }
    }
    values
}

fn bytes(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let byte = |_| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    };
    (0..count).map(byte).collect()
}

#[test]
fn made_up_programs_agree() {
    let values: usize = (0..150).map(|seed| run(&bytes(seed, 1200))).sum();
    assert!(values > 300, "only {values} calls gave a value");
}

/// Inputs of the fuzz target that were worth keeping.
#[test]
fn kept_programs_agree() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/cases/native");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10);
    for file in files {
        run(&std::fs::read(file).unwrap());
    }
}

/// As many programs as an hour may take: `SEEDS=1000..2000 cargo test -p mu-native --test native -- --ignored`.
#[test]
#[ignore = "as long as one likes"]
fn many_made_up_programs_agree() {
    let seeds = std::env::var("SEEDS").unwrap_or_default();
    let (from, to) = seeds.split_once("..").unwrap_or(("1000", "2000"));
    for seed in from.parse().unwrap()..to.parse::<u64>().unwrap() {
        // The harness shows it where the program fails.
        println!("seed {seed}");
        run(&bytes(seed, 400 + (seed as usize % 5) * 400));
    }
}
