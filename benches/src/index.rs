//! Measures the index of a catalog: one slot over a million cards, from a file on the disk, opening included.

use mu_index::{
    Aspect, Basis, CardEntry, Content, DataSet, FileEntry, Goal, Index, Key, Operand, Query, Require, build,
};
use mu_select::Op;
use std::fs::File;
use std::hint::black_box;
use std::time::Instant;

const TASK: &str = "image_classification<Digit>";

/// Prints one table: what is asked, the time, and how much of the file is read for it.
pub fn tables() {
    println!("\n| cards | asked | fit | median ms | MB read | of MB |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for cards in [10_000, 1_000_000] {
        let path = std::env::temp_dir().join(format!("mu-bench-{}.mui", std::process::id()));
        let content = catalog(cards);
        let Ok(bytes) = build(&content) else { return };
        drop(content);
        if let Err(error) = std::fs::write(&path, &bytes) {
            println!("the index cannot be written: {error}");
            return;
        }
        let size = bytes.len() as f64 / 1e6;
        drop(bytes);
        for (what, requires, by_license) in [
            ("the best latency", 0, false),
            ("one requirement, the best latency", 1, false),
            ("two requirements and a licence, the best latency", 2, true),
        ] {
            let mut runs: Vec<Asked> = (0..15).filter_map(|_| ask(&path, requires, by_license)).collect();
            runs.sort_by(|a, b| a.ms.total_cmp(&b.ms));
            if let Some(middle) = runs.get(runs.len() / 2) {
                println!("| {cards} | {what} | {} | {:.1} | {:.1} | {size:.1} |", middle.fit, middle.ms, middle.mb);
            }
        }
        // What is left behind in the folder for temporary files hurts nobody.
        let _ = std::fs::remove_file(&path);
    }
}

struct Asked {
    ms: f64,
    mb: f64,
    fit: usize,
}

fn measured(path: &str) -> Key {
    let dataset = DataSet { name: "holdout".into(), sha256: "00".into() };
    Key { path: path.into(), basis: Basis::Measured { dataset }, aspect: Aspect::Value }
}

fn latency() -> Key {
    let basis = Basis::Profile { platform: "here".into(), share: 1_000_000 };
    Key { path: "latency.p95".into(), basis, aspect: Aspect::Value }
}

fn size() -> Key {
    Key { path: "size".into(), basis: Basis::File, aspect: Aspect::Value }
}

/// Opens the index, filters, and reads the best card.
fn ask(path: &std::path::Path, requires: usize, by_license: bool) -> Option<Asked> {
    let of = |key: Key, op: Op, bound: f64| Require { operand: Operand { keys: vec![key] }, op, bound };
    let all = [of(measured("top1"), Op::Ge, 0.97), of(size(), Op::Le, 5e7)];
    let allows = |license: &str| license != "GPL-3.0-only";
    let license: Option<&dyn Fn(&str) -> bool> = if by_license { Some(&allows) } else { None };
    let query = Query { requires: all.into_iter().take(requires).collect(), license };
    let goal = Goal { operand: Operand { keys: vec![latency()] }, maximize: false };
    let start = Instant::now();
    let index = Index::open(File::open(path).ok()?).ok()?;
    let group = index.group(TASK)?;
    let best = index.best(group, &query, &[goal]).ok()??;
    black_box(index.card(group, best).ok()?);
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let mb = index.bytes_read() as f64 / 1e6;
    let fit = index.filter(group, &query).ok()?.len();
    Some(Asked { ms, mb, fit })
}

/// A catalog of one task: all cards have a size, an accuracy and a latency.
fn catalog(cards: u32) -> Content {
    let mut seed = 11_u64;
    let mut number = move || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 40) as f64 / (1_u64 << 24) as f64
    };
    let licenses = ["MIT", "Apache-2.0", "GPL-3.0-only"];
    let file = |card: u32| FileEntry { path: format!("models/m{card:07}.mu"), size: 600, sha256: [0; 32] };
    let mut card = |card: u32| CardEntry {
        name: format!("m{card:07}"),
        task: TASK.into(),
        license: licenses[(number() * 3.0) as usize % 3].into(),
        file: card,
        evidence: None,
        notes: 0,
        values: vec![(measured("top1"), number()), (size(), number() * 1e8), (latency(), number() * 0.1)],
    };
    Content {
        made_by: "bench".into(),
        files: (0..cards).map(file).collect(),
        cards: (0..cards).map(&mut card).collect(),
        ..Content::default()
    }
}
