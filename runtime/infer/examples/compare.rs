//! Compares this engine with reference outputs: `cargo run -p mu-infer --example compare -- FOLDER...`
//!
//! With `--free` before the folders, dimensions are left open as far as the file leaves them so.
//!
//! Each folder holds `model.onnx`, `case.json` (`{"inputs": {NAME: FILE}, "outputs": {NAME: FILE}}`) and the `.npy` files that it
//! names, made by the reference. A line for each folder says the largest difference, or why the model does not run.

use mu_format::ir::Model;
use mu_format::npy;
use mu_format::tensor::{Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_infer::Tract;
use mu_interp::Engine;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mut folders: Vec<String> = std::env::args().skip(1).collect();
    let free = folders.first().is_some_and(|arg| arg == "--free");
    for folder in folders.drain(usize::from(free)..) {
        match compare(Path::new(&folder), free) {
            Ok(line) => println!("{folder}: {line}"),
            Err(error) => println!("{folder}: FAILED: {error}"),
        }
    }
}

type Ports = Vec<(String, Arc<Tensor>)>;

fn compare(folder: &Path, free: bool) -> Result<String, Box<dyn Error>> {
    let case: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("case.json"))?)?;
    let ports = |key: &str| -> Result<Ports, Box<dyn Error>> {
        let ports = case.get(key).and_then(|ports| ports.as_object()).ok_or("broken case.json")?;
        let port = |(name, file): (&String, &serde_json::Value)| {
            let file = file.as_str().ok_or("broken case.json")?;
            Ok((name.clone(), Arc::new(npy::read(&std::fs::read(folder.join(file))?)?)))
        };
        ports.iter().map(port).collect()
    };
    let (inputs, outputs) = (ports("inputs")?, ports("outputs")?);
    let signature = |ports: &Ports| ports.iter().map(|(name, tensor)| (name.clone(), type_of(tensor, free))).collect();
    let model = Model {
        name: folder.display().to_string(),
        sha256: String::new(),
        inputs: signature(&inputs),
        outputs: signature(&outputs),
    };
    let file = Arc::new(std::fs::read(folder.join("model.onnx"))?);
    let mut engine = Tract::new(&[model], &[file]);
    let start = Instant::now();
    engine.warm()?;
    let warm = start.elapsed();
    let inputs: Vec<Arc<Tensor>> = inputs.into_iter().map(|(_, tensor)| tensor).collect();
    engine.infer(0, &inputs)?;
    let start = Instant::now();
    let found = engine.infer(0, &inputs)?;
    let run = start.elapsed();
    let pairs = outputs.iter().zip(&found);
    let lines = pairs.map(|((name, expected), found)| format!("{name} {}", difference(&expected.data, &found.data)));
    Ok(format!("load {warm:.1?}, run {run:.1?}, largest difference: {}", lines.collect::<Vec<_>>().join(", ")))
}

fn type_of(tensor: &Tensor, free: bool) -> Type {
    let dim = if free { Dim::UpTo } else { Dim::Is };
    Type::Tensor(tensor.dtype(), tensor.shape.iter().map(|n| dim(*n as u64)).collect())
}

fn difference(a: &Data, b: &Data) -> String {
    match (a, b) {
        (Data::F32(a), Data::F32(b)) => {
            let largest = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            let size = a.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            format!("{largest:e} (values up to {size})")
        }
        _ if a == b => "none".to_string(),
        _ => "not equal".to_string(),
    }
}
