//! The gate for models that have a card already: written by hand, come from elsewhere, or compared under an older runtime.

use super::{Entrant, Input, Passed, Python, Reference, Rounding, Size, pass};
use crate::catalog::Catalog;
use crate::error::{Error, Kind};
use crate::progress::Progress;
use crate::verify::Found;
use mu_format::ir::Model;
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type};
use mu_onnx::Limits;
use mu_onnx::edit::{Edit, hints};

/// Compares every model of a catalog with onnxruntime. What was passed is kept as evidence, what was not is a fault of its card;
/// it keeps no gate that it passed once. `date` is today's, `2026-11-21`.
pub fn again_all(
    catalog: &Catalog,
    python: &Python,
    date: &str,
    progress: &mut dyn Progress,
) -> Result<Vec<Found>, Error> {
    let report = mu_driver::catalog::catalog(&catalog.input());
    let facts = report.value.ok_or_else(|| Error::wrong("the catalog cannot be read"))?;
    let mut faults = Vec::new();
    for card in &facts.cards {
        let Err(error) = again(catalog, &card.name, python, date, progress) else { continue };
        if error.kind == Kind::Outside {
            return Err(error);
        }
        if let Some(mut known) = catalog.evidence(&card.name)?.filter(|known| known.gate.is_some()) {
            known.gate = None;
            catalog.keep(&known)?;
        }
        faults.push(Found { place: card.source.clone(), message: error.message });
    }
    Ok(faults)
}

/// Compares the file of the card called `name` with onnxruntime and keeps that in its evidence.
fn again(
    catalog: &Catalog,
    name: &str,
    python: &Python,
    date: &str,
    progress: &mut dyn Progress,
) -> Result<Passed, Error> {
    let program = catalog.program(name)?;
    let (Some(model), Some(file)) = (program.program.models.first(), program.models.first()) else {
        return Err(Error::wrong(format!("the adapter of `{name}` never calls its net")));
    };
    let limits = Limits::default();
    let refused = |error: mu_onnx::Error| Error::wrong(format!("`{}`: {error}", file.path)).help(error.help());
    let edit = Edit::open(&file.bytes, &limits).map_err(refused)?;
    let known = mu_onnx::read(&file.bytes, &limits).map_err(refused)?;
    let entrant = Entrant {
        name,
        model: &edit,
        inputs: inputs(model),
        outputs: outputs(model),
        hints: &hints(&edit),
        classes: &[],
        rounding: Rounding::of(&known),
    };
    let path = catalog.folder().join(&file.path);
    let passed = pass(&entrant, Reference::Python(python, &path), date, progress)?;
    let mut evidence = catalog.evidence_for(name, &file.sha256)?;
    evidence.gate = Some(passed.gate.clone());
    catalog.keep(&evidence)?;
    Ok(passed)
}

/// A model's inputs as its card fixes them; of a free dimension two sizes within its bound.
pub(crate) fn inputs(model: &Model) -> Vec<Input> {
    let input = |(name, ty): &(String, Type)| {
        let Type::Tensor(dtype, dims) = ty else { return None };
        let size = |(axis, dim): (usize, &Dim)| match dim {
            Dim::Is(n) => Size::Is(*n as usize),
            // Inputs of one model have free dimensions of one size at the same place.
            Dim::UpTo(n) => Size::Free(axis.to_string(), [16.min(*n as usize), 9.min(*n as usize)]),
            Dim::Any => Size::Free(axis.to_string(), [16, 9]),
        };
        Some(Input { name: name.clone(), dtype: *dtype, dims: dims.iter().enumerate().map(size).collect() })
    };
    model.inputs.iter().filter_map(input).collect()
}

/// Names and types of a model's outputs.
pub(crate) fn outputs(model: &Model) -> Vec<(String, DType)> {
    let output = |(name, ty): &(String, Type)| match ty {
        Type::Tensor(dtype, _) => Some((name.clone(), *dtype)),
        _ => None,
    };
    model.outputs.iter().filter_map(output).collect()
}
