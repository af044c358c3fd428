//! Parse throughput: generates a program of about so many lines (10,000 unless told), parses it with an empty cache many times,
//! and prints the median. Run it with `cargo run --release -p mu-syntax --example throughput`.

use mu_base::FileId;
use mu_syntax::{Cache, parse};
use std::fmt::Write;
use std::time::Instant;

/// 33 lines of ordinary code; `i` makes each copy another text.
const UNIT: &str = r#"
/// The digit in picture number #, or nothing where the model is not sure.
fn read_#(image: Image, threshold: f32) -> Option<Digit> {
    let best = reader_#(image) |> top
    let second = get(reader_#(image) |> top_k(2), 1)
    let margin = match second {
        some(other) -> best.score - other.score
        none -> best.score
    }
    // sure enough, and by a margin
    if best.score >= threshold and margin > 0.1 then some(best.label) else none
}

record Patient# { age: f32<year>, bmi: f32<kg/m^2>, pressure: f32<mmHg> }

slot reader_#: image_classification<Digit> {
    require top1 on mnist_holdout >= 97%
    require latency.p95 <= 5 ms
    require license in [MIT, Apache-2.0]
    prefer latency.p95 / 10 ms, top1 / 1%
}

/// The risk of patient number #, from 0 to 1.
fn risk_#(row: Patient#) -> f32 {
    let age = (row.age / 1 year - 48.5) / 13.1
    let bmi = (row.bmi / 1 kg/m^2 - 26.4) / 4.4
    let parts = for p in [age, bmi, 0.5 * age * bmi] if p > 0.0 - 3.0 {
        clamp(p, 0.0 - 3.0, 3.0)
    }
    sigmoid(total(parts) + 0.25)
}

const limit_# = 0.75
"#;

fn main() {
    let lines: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let mut text = String::new();
    let per_unit = UNIT.lines().count();
    for i in 0..lines.div_ceil(per_unit) {
        let _ = write!(text, "{}", UNIT.replace('#', &i.to_string()));
    }
    let lines = text.lines().count();
    let mut times = Vec::new();
    let mut parsed = 0;
    for _ in 0..21 {
        let mut cache = Cache::default();
        let start = Instant::now();
        let file = parse(FileId(0), &text, &mut cache);
        times.push(start.elapsed().as_secs_f64());
        parsed = cache.parsed();
        if !file.diagnostics.is_empty() {
            eprintln!("{:?}", file.diagnostics.first());
            std::process::exit(1);
        }
    }
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    println!(
        "{lines} lines, {} bytes, {parsed} items: {:.1} ms, {:.0} lines/s, {:.2} MB/s (fastest {:.1} ms)",
        text.len(),
        median * 1e3,
        lines as f64 / median,
        text.len() as f64 / median / 1e6,
        times[0] * 1e3
    );
}
