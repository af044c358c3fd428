//! Plans that were made when the bundle was built. See `mu-frozen` for how they come here.

use crate::model::{Made, Model};
use crate::{Source, Tract, isa};
use mu_format::cpu::Cpu;
use mu_format::ir;
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::{Dim, Type};
use mu_frozen::{Arena, Dump, Frozen, Identity, Refused, Unfit};
use mu_interp::Engine;
use std::fs::File;
use std::sync::Arc;

/// The plans of all models of a bundle, in their order.
pub struct Plans {
    models: Vec<Stripped>,
}

/// A plan without the names of its symbols: their table is laid out by the process that made it, and could not be looked up in
/// another one.
struct Stripped {
    made: Made,
    symbols: Vec<String>,
    assertions: Vec<String>,
}

impl Stripped {
    fn new(made: Made) -> Result<Stripped, String> {
        let (mut symbols, mut assertions) = (Vec::new(), Vec::new());
        if let Some(scope) = made.symbols() {
            if scope.all_scenarios().into_iter().next().is_some() {
                return Err("its symbols have scenarios".into());
            }
            symbols = scope.all_symbols().iter().map(ToString::to_string).collect();
            assertions = scope.all_assertions().iter().map(ToString::to_string).collect();
            scope.0.lock().take();
        }
        Ok(Stripped { made, symbols, assertions })
    }

    /// With a table of this process. Symbols are numbered in their order, so the plan's own mean what they did.
    fn whole(&self) -> Result<&Made, Refused> {
        if let Some(scope) = self.made.symbols() {
            scope.0.lock().take();
            self.symbols.iter().for_each(|name| drop(scope.sym(name)));
            for assertion in &self.assertions {
                scope.add_assertion(assertion).map_err(|_| Refused::Damaged)?;
            }
        }
        Ok(&self.made)
    }
}

/// What the plans of these models are made for. Other models, or the same ones with other signatures, are something else.
fn identity(models: &[ir::Model]) -> Option<Identity> {
    Identity::of::<Plans>(isa::FEATURES, &format!("{models:?}"))
}

/// Makes the plans in an arena, best at the address `place`, and gives them as bytes for [`join`]. The process is of no other use
/// then: its memory is not the system's. Its randomness must be none, by [`mu_frozen::without_chance`]. The error is a sentence.
pub fn dump(models: &[ir::Model], sources: Vec<Source>, place: usize) -> Result<Vec<u8>, String> {
    isa::pin();
    let cpu = Cpu::host();
    if let Some(missing) = isa::FEATURES.split(',').find(|feature| !cpu.has(feature)) {
        return Err(format!("this processor has no {missing}, which frozen models are made for"));
    }
    let arena = Arena::reserve(place).map_err(|e| format!("there is no room for the arena: {e}"))?;
    let recorded = arena.record(|| {
        let made = models.iter().zip(sources);
        let made = made.map(|(model, source)| Stripped::new(Model::new(model.clone(), source).make()?));
        made.collect::<Result<Vec<Stripped>, String>>().map(|models| Box::new(Plans { models }))
    });
    let (plans, recorded) = recorded.map_err(|e| format!("the arena cannot be used: {e}"))?;
    let plans = Box::leak(plans?);
    let dump =
        Dump::of(plans, &recorded).ok_or("this executable has no build id, so nothing could tell it from another")?;
    Ok(dump.to_bytes())
}

/// The frozen file, from what two processes of this executable made by [`dump`] at different places, with what stands in bytes
/// that mean nothing. `None` where the processes lay too near to each other, by chance. The error is a sentence.
pub fn join(models: &[ir::Model], first: &[u8], second: &[u8], filler: u8) -> Result<Option<Vec<u8>>, String> {
    let read = |bytes| Dump::from_bytes(bytes).ok_or("the plans are cut off");
    let identity = identity(models).ok_or("this executable has no build id")?;
    match mu_frozen::image(&read(first)?, &read(second)?, &identity, filler) {
        Ok(file) => Ok(Some(file)),
        Err(Unfit::SamePlace) => Ok(None),
        Err(unfit) => Err(unfit.to_string()),
    }
}

/// Maps frozen plans; a process can do it once. Their models are read from `sources` only for shapes that have no plan.
pub fn thaw(
    models: &[ir::Model],
    sources: Vec<Source>,
    file: &File,
    cpu: &Cpu,
) -> Result<Tract, (Refused, Vec<Source>)> {
    let thawed = || {
        let identity = identity(models).ok_or(Refused::OtherBuild)?;
        let plans: Frozen<Plans> = mu_frozen::map(file, &identity, |feature| cpu.has(feature))?;
        let plans = plans.root().models.iter().map(Stripped::whole).collect::<Result<Vec<&Made>, _>>()?;
        if plans.len() == models.len() { Ok(plans) } else { Err(Refused::OtherRoot) }
    };
    let plans = match thawed() {
        Ok(plans) => plans,
        Err(refused) => return Err((refused, sources)),
    };
    isa::pin();
    let models = models.iter().zip(sources).zip(plans);
    Ok(Tract { models: models.map(|((model, source), made)| Model::with(model.clone(), source, made)).collect() })
}

/// Runs every model both ways on made-up inputs and compares the answers bit for bit. The error is a sentence.
pub fn prove(models: &[ir::Model], sources: Vec<Source>, again: Vec<Source>, file: &File) -> Result<(), String> {
    let mut thawed = thaw(models, sources, file, &Cpu::host()).map_err(|(refused, _)| refused.to_string())?;
    let mut fresh = Tract::from_sources(models, again);
    for (i, model) in models.iter().enumerate() {
        for round in 0..2 {
            let inputs = made_up(model, round);
            let (own, reference) = (thawed.infer(i as u32, &inputs), fresh.infer(i as u32, &inputs));
            let same = match (&own, &reference) {
                (Ok(own), Ok(reference)) => own.iter().zip(reference).all(|(a, b)| same_bits(a, b)),
                (own, reference) => own == reference,
            };
            if !same {
                return Err(format!("the frozen model `{}` answers otherwise than the model", model.name));
            }
        }
    }
    Ok(())
}

fn same_bits(a: &Tensor, b: &Tensor) -> bool {
    let bits = |tensor: &Tensor| match &tensor.data {
        Data::F32(x) => x.iter().map(|x| u64::from(x.to_bits())).collect(),
        Data::F64(x) => x.iter().map(|x| x.to_bits()).collect(),
        _ => Vec::new(),
    };
    a.shape == b.shape && bits(a) == bits(b) && (a.data == b.data || !bits(a).is_empty())
}

/// Inputs that the signature allows: small whole numbers, which index tables, and floats between 0 and 1; open sizes are other ones each round.
fn made_up(model: &ir::Model, round: usize) -> Vec<Arc<Tensor>> {
    // Nets that halve pictures take multiples.
    const FEW: u64 = 32;
    let input = |ty: &Type| {
        let Type::Tensor(dtype, dims) = ty else { return None };
        let dim = |dim: &Dim| match dim {
            Dim::Is(n) => *n as usize,
            Dim::UpTo(n) => (*n).min(FEW << round) as usize,
            Dim::Any => (FEW << round) as usize,
        };
        let shape: Vec<usize> = dims.iter().map(dim).collect();
        let count = shape.iter().product();
        let float = |i: usize| ((i * 7919 + round * 31) % 1009) as f64 / 1009.0;
        let data = match dtype {
            DType::Bool => Data::Bool(vec![true; count]),
            DType::U8 => Data::U8((0..count).map(|i| (i % 251) as u8).collect()),
            DType::I32 => Data::I32((0..count).map(|i| (i % 2) as i32).collect()),
            DType::I64 => Data::I64((0..count).map(|i| (i % 2) as i64).collect()),
            DType::F32 => Data::F32((0..count).map(|i| float(i) as f32).collect()),
            DType::F64 => Data::F64((0..count).map(float).collect()),
        };
        Tensor::new(shape, data).map(Arc::new)
    };
    model.inputs.iter().filter_map(|(_, ty)| input(ty)).collect()
}
