//! Runs every program in `tests/cases`. A case is a file: a program in text form with comments that say what calls give.
//!
//! ```text
//! ; call ENTRY {"x": 1} = 2
//! ; call ENTRY {"x": 1} fails PART OF THE MESSAGE
//! ; fuel 100
//! ; refused PART OF THE MESSAGE
//! ```
//! A field `$prefer` of the input is no input but the weights of the call. A model multiplies its one input by two and gives it for every output. `refused`: the verifier does not let the program pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mu_format::input::from_object;
use mu_format::ir::{Entry, ModelId, Program};
use mu_format::json::to_json;
use mu_format::prefer::{self, Weights};
use mu_format::tensor::{Data, Tensor};
use mu_format::{plan, text};
use mu_interp::{Engine, Limits, Machine, as_files, check_inputs};
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Arc;

struct Doubling<'a>(&'a Program);

impl Engine for Doubling<'_> {
    fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        let [input] = inputs else { return Err("the model takes one tensor".into()) };
        let Data::F32(data) = &input.data else { return Err("the model takes f32".into()) };
        let output = Tensor { shape: input.shape.clone(), data: Data::F32(data.iter().map(|x| 2.0 * x).collect()) };
        Ok(vec![output; self.0.models[model as usize].outputs.len()])
    }
}

fn call(machine: &Machine, entry: &Entry, input: &Json) -> Result<Json, String> {
    let program = machine.program();
    let mut input = input.as_object().unwrap().clone();
    let weights = input.remove(prefer::FIELD).map(|field| Weights::from_json(&field)).transpose()?;
    let args = from_object(entry, &program.labels, &input)?;
    check_inputs(&entry.params, &args).map_err(|e| e.to_string())?;
    let engine = &mut Doubling(program);
    let value = match &weights {
        Some(weights) => machine.call_weighed(entry, args, weights, engine),
        None => machine.call(entry.function, args, engine),
    };
    let value = value.map_err(|e| e.to_string())?;
    let value = as_files(value).map_err(|e| e.to_string())?;
    to_json(&value, &entry.result, &program.labels).map_err(|e| e.to_string())
}

/// What is wrong with a case, if anything is.
fn run(source: &str) -> Result<(), String> {
    let program = text::parse(source).map_err(|e| e.to_string())?;
    let printed = text::print(&program);
    if text::parse(&printed).map(|again| text::print(&again)) != Ok(printed.clone()) {
        return Err("the program does not read back".into());
    }
    let program = plan::decode(&plan::encode(&program)?)?;
    let directives = || source.lines().filter_map(|line| line.strip_prefix("; "));
    let fuel = directives().find_map(|line| line.strip_prefix("fuel ")?.parse().ok());
    let limits = fuel.map_or(Limits::default(), |fuel| Limits { fuel });
    let machine = Machine::new(Arc::new(program), Vec::new(), limits).map_err(|e| e.to_string());
    if let Some(part) = directives().find_map(|line| line.strip_prefix("refused ")) {
        let error = machine.err().ok_or("the verifier lets it pass")?;
        return if error.contains(part) { Ok(()) } else { Err(error) };
    }
    let machine = machine?;
    let mut calls = 0;
    for line in directives().filter_map(|line| line.strip_prefix("call ")) {
        calls += 1;
        let (name, rest) = line.split_once(' ').ok_or("a call without input")?;
        let entry = machine.program().entries.iter().find(|e| e.name == name).ok_or("a call of no entry")?;
        let mut rest = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
        let input = rest.next().ok_or("a call without input")?.map_err(|e| e.to_string())?;
        let expected = line[name.len() + 1 + rest.byte_offset()..].trim();
        let found = call(&machine, entry, &input);
        match (expected.strip_prefix("= "), expected.strip_prefix("fails "), &found) {
            (Some(json), _, Ok(found)) if serde_json::from_str::<Json>(json).is_ok_and(|json| json == *found) => {}
            (_, Some(part), Err(error)) if error.contains(part) => {}
            _ => return Err(format!("`{line}` gives {found:?}")),
        }
    }
    if calls == 0 { Err("the case calls nothing".into()) } else { Ok(()) }
}

#[test]
fn every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let failures: Vec<String> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "ir"))
        .filter_map(|file| {
            let why = run(&std::fs::read_to_string(file).unwrap()).err()?;
            Some(format!("{}: {why}", file.file_name().unwrap().display()))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
