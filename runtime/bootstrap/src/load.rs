//! The fast parts of a bundle, and what stands in for those that are not for this process.

use mu_exec::{Code, Native, Processor, Runner};
use mu_format::bundle::{Bundle, BundleError, FROZEN, NATIVE, PLAN, Stored};
use mu_format::cpu::Cpu;
use mu_format::native;
use mu_infer::{Refused, Source, Tract};
use mu_interp::Machine;
use serde_json::json;
use std::env;
use std::fs::File;
use std::sync::Arc;

/// A line of the log: the bundle answers as it should, but starts or runs more slowly.
fn warn(message: &str) {
    eprintln!("{}", json!({"level": "warn", "message": message, "help": "rebuild the bundle with `mulc build`"}));
}

/// This processor, without the features that `MU_CPU_WITHOUT` names.
fn cpu() -> Cpu {
    Cpu::host().without(&env::var("MU_CPU_WITHOUT").unwrap_or_default())
}

/// What runs the program: its machine code, where that is for this processor, or else the interpreter.
pub fn runner(bundle: &Bundle, machine: Machine) -> Runner {
    let Ok(stored) = bundle.file(NATIVE) else { return Runner::Interpreted(machine) };
    let open = || -> Result<Native, String> {
        let plan = bundle.file(PLAN).map_err(|e| e.to_string())?;
        let plan = native::digest_from_hex(plan.sha256()).ok_or("the plan has no sha256")?;
        let file = File::open(stored.path()).map_err(|e| e.to_string())?;
        Native::new(machine.clone(), Code::map(&file, &Processor::of(&cpu()), &plan)?)
    };
    match open() {
        Ok(native) => Runner::Native(Box::new(native)),
        Err(why) => {
            warn(&format!("the program is interpreted: {}: {why}", stored.path().display()));
            Runner::Interpreted(machine)
        }
    }
}

/// What runs the bundle's models: their frozen plans, where these are for this process, or else their ONNX files.
pub fn engine(bundle: &Bundle) -> Result<Tract, BundleError> {
    let models = &bundle.program.models;
    let sources = sources(bundle)?;
    let Ok(frozen) = bundle.file(FROZEN) else { return Ok(Tract::from_sources(models, sources)) };
    let path = frozen.path();
    let thawed = match File::open(&path) {
        Ok(file) => mu_infer::thaw(models, sources, &file, &cpu()),
        Err(error) => Err((Refused::Unreadable(error.to_string()), sources)),
    };
    Ok(thawed.unwrap_or_else(|(refused, sources)| {
        warn(&format!("the models start slowly, from their ONNX files: {}: {refused}", path.display()));
        Tract::from_sources(models, sources)
    }))
}

/// The models' files, which are read when they are needed.
pub fn sources(bundle: &Bundle) -> Result<Vec<Source>, BundleError> {
    let source = |file: Stored| -> Source { Box::new(move || file.read().map(Arc::new).map_err(|e| e.to_string())) };
    Ok(bundle.models()?.into_iter().map(source).collect())
}
