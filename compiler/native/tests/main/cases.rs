//! Every program of the interpreter's cases, and of `tests/cases`, called both ways as its comments say. See
//! `runtime/interp/tests/cases.rs` for the comments.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use crate::agree::Both;
use mu_format::input::from_object;
use mu_format::prefer::{self, Weights};
use mu_format::text;
use mu_interp::{Limits, check_inputs};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "ir"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// How many calls of the program agree.
fn run(source: &str) -> usize {
    let program = text::parse(source).unwrap_or_else(|e| panic!("{e}"));
    let directives = || source.lines().filter_map(|line| line.strip_prefix("; "));
    if directives().any(|line| line.starts_with("refused ")) {
        assert!(mu_native::compile(&program, crate::agree::isa(), &mut |_| ()).is_err());
        return 0;
    }
    let both = Both::new(program);
    let fuel = directives().find_map(|line| line.strip_prefix("fuel ")?.parse().ok());
    let limits = fuel.map_or(Limits::default(), |fuel| Limits { fuel });
    let mut calls = 0;
    for line in directives().filter_map(|line| line.strip_prefix("call ")) {
        let (name, rest) = line.split_once(' ').unwrap();
        let entry = both.program.entries.iter().find(|e| e.name == name).unwrap();
        let input = serde_json::Deserializer::from_str(rest).into_iter::<Json>().next().unwrap().unwrap();
        let mut input = input.as_object().unwrap().clone();
        let weights = input.remove(prefer::FIELD).map(|field| Weights::from_json(&field));
        let Ok(weights) = weights.transpose() else { continue };
        let Ok(args) = from_object(entry, &both.program.labels, &input) else { continue };
        if check_inputs(&entry.params, &args).is_err() {
            continue;
        }
        let _ = both.starve(entry, &args, weights.as_ref(), limits);
        calls += 1;
    }
    calls
}

#[test]
fn every_case_agrees() {
    let all = files("../../runtime/interp/tests/cases").into_iter().chain(files("tests/cases"));
    let mut calls = 0;
    for file in all {
        eprintln!("{}", file.display());
        calls += run(&std::fs::read_to_string(file).unwrap());
    }
    assert!(calls > 20, "only {calls} calls were made");
}
