//! `mulc models optimize`: other forms of a model that compute the same, kept where they are measured faster. A kept form is a card
//! of its own beside the first, `NAME_float`, so that selection chooses it as it chooses any model; `build` only reads it.

mod sibling;

use crate::add::Overlay;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::gate::{self, Difference, Entrant, Reference, Rounding, again};
use crate::measure::{self, Measured};
use crate::progress::Progress;
use mu_driver::Compiled;
use mu_evidence::{Gate, Profile};
use mu_onnx::Limits;
use mu_onnx::edit::{Edit, FASTER, hints};
use serde::Serialize;
use sibling::Sibling;
use std::collections::BTreeMap;

/// A form that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct Tried {
    pub name: String,
    /// What was changed.
    pub does: Vec<&'static str>,
    pub sha256: String,
    /// Nothing where its outputs are not those of the model; then `refused` says how.
    pub gate: Option<Gate>,
    pub refused: Option<String>,
    pub differences: Vec<Difference>,
    /// Median time of a call, in seconds, and its 95 % interval.
    pub p50: Option<[f64; 3]>,
    pub kept: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Optimized {
    pub model: String,
    /// Of the model as it was.
    pub p50: Option<[f64; 3]>,
    pub tried: Vec<Tried>,
    /// The files that were written.
    pub files: Vec<String>,
}

/// Tries all forms of a model. `request` says how they are measured, all in turn.
pub fn optimize(
    catalog: &Catalog,
    name: &str,
    request: &measure::Request,
    progress: &mut dyn Progress,
) -> Result<Optimized, Error> {
    let program = catalog.program(name)?;
    let file = program.models.first().ok_or_else(|| Error::wrong(format!("`{name}` has no file")))?;
    let limits = Limits::default();
    let refused = |error: mu_onnx::Error| Error::wrong(format!("`{}`: {error}", file.path)).help(error.help());
    let original = Edit::open(&file.bytes, &limits).map_err(refused)?;
    let sibling = Sibling::find(catalog.world(), name)?;
    let mut forms = Vec::new();
    for (suffix, passes) in plans() {
        let mut edit = original.clone();
        let done: Vec<_> = FASTER.iter().filter(|pass| passes.contains(&pass.name) && edit.apply(pass)).collect();
        // All together are a form of their own only where several did something.
        if done.is_empty() || suffix == "fast" && done.len() < 2 {
            continue;
        }
        let bytes = edit.to_bytes();
        forms.push(Form {
            name: format!("{name}_{suffix}"),
            does: done.iter().map(|pass| pass.does).collect(),
            edit,
            bytes,
            rounds_less: done.iter().any(|pass| pass.name == "quantised"),
        });
    }
    let mut tried = Vec::new();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for form in &forms {
        let compared = compare(&program, &original, form, &request.date, progress);
        let sha256 = mu_onnx::sha256(&form.bytes);
        if compared.is_ok() {
            files.insert(sibling.path(&form.name, "onnx"), form.bytes.clone());
            files.insert(sibling.path(&form.name, "mu"), sibling.card(&form.name, &sha256, &form.does).into_bytes());
        }
        let (passed, refused) =
            compared.map_or_else(|error| (None, Some(error.message)), |passed| (Some(passed), None));
        tried.push(Tried {
            name: form.name.clone(),
            does: form.does.clone(),
            sha256,
            differences: passed.as_ref().map(|passed| passed.differences.clone()).unwrap_or_default(),
            gate: passed.map(|passed| passed.gate),
            refused,
            p50: None,
            kept: false,
        });
    }
    let mut optimized = Optimized { model: name.to_owned(), p50: None, tried, files: Vec::new() };
    if files.is_empty() {
        return Ok(optimized);
    }
    // Measured in a copy of the catalog that is only in memory, so that what is not kept leaves nothing behind.
    let world = Overlay { below: catalog.world(), files: &files };
    let folder = tempfile::Builder::new().prefix("mulc-optimize-").tempdir();
    let folder = folder.map_err(|error| Error::outside(format!("cannot make a temporary folder: {error}")))?;
    let copy = Catalog::new(folder.path(), &world);
    let mut programs = vec![program];
    for form in optimized.tried.iter().filter(|form| form.gate.is_some()) {
        programs.push(copy.program(&form.name)?);
    }
    let measured = measure::measure(&copy, &programs, request, progress)?;
    keep(catalog, folder.path(), &sibling, &files, &measured, &mut optimized)?;
    Ok(optimized)
}

/// A form before it is tried.
struct Form {
    name: String,
    does: Vec<&'static str>,
    edit: Edit,
    bytes: Vec<u8>,
    /// Whether quantised arithmetic became arithmetic on floats.
    rounds_less: bool,
}

/// The passes of each form by the end of its name.
fn plans() -> Vec<(&'static str, Vec<&'static str>)> {
    let single = [("half", "half"), ("float", "quantised"), ("norm", "norm")];
    let all = FASTER.iter().map(|pass| pass.name).collect();
    single.into_iter().map(|(suffix, pass)| (suffix, vec![pass])).chain([("fast", all)]).collect()
}

/// Holds a form against the model as it was, both under our runtime: that one was compared when it was added.
fn compare(
    program: &Compiled,
    original: &Edit,
    form: &Form,
    date: &str,
    progress: &mut dyn Progress,
) -> Result<gate::Passed, Error> {
    let model = program.program.models.first().ok_or_else(|| Error::wrong("the program has no model"))?;
    let entrant = Entrant {
        name: &form.name,
        model: &form.edit,
        inputs: again::inputs(model),
        outputs: again::outputs(model),
        hints: &hints(original),
        classes: &[],
        rounding: if form.rounds_less { Rounding::Removed } else { Rounding::Floats },
    };
    let called = format!("{} (sha256 {}) under the same runtime", model.name, model.sha256);
    gate::pass(&entrant, Reference::Form(original, called), date, progress)
}

/// Writes the forms that are faster than the model beyond doubt: the intervals of the medians do not meet.
fn keep(
    catalog: &Catalog,
    measured_in: &std::path::Path,
    sibling: &Sibling,
    files: &BTreeMap<String, Vec<u8>>,
    measured: &Measured,
    optimized: &mut Optimized,
) -> Result<(), Error> {
    let profile = |name: &str| {
        let model = measured.models.iter().find(|model| model.name == name)?;
        model.profiles.iter().max_by(|a, b| a.share.total_cmp(&b.share))
    };
    let median = |profile: &Profile| [profile.latency.p50.value, profile.latency.p50.low, profile.latency.p50.high];
    let before = profile(&optimized.model).map(median);
    optimized.p50 = before;
    let mut evidence = vec![optimized.model.clone()];
    for form in &mut optimized.tried {
        let own = profile(&form.name).map(median);
        form.p50 = own;
        form.kept = own.zip(before).is_some_and(|(own, before)| own[2] < before[1]);
        if !form.kept {
            continue;
        }
        for path in [sibling.path(&form.name, "onnx"), sibling.path(&form.name, "mu")] {
            if let Some(bytes) = files.get(&path) {
                catalog.write(&path, bytes)?;
                optimized.files.push(path);
            }
        }
        evidence.push(form.name.clone());
    }
    for name in evidence {
        let text = std::fs::read_to_string(measured_in.join(mu_evidence::path(&name)));
        let text = text.map_err(|error| Error::outside(format!("the measurement of `{name}` is gone: {error}")))?;
        let mut found = mu_evidence::Evidence::parse(&text)
            .map_err(|error| Error::wrong(format!("the measurement of `{name}` is not sound: {error}")))?;
        if let Some(form) = optimized.tried.iter().find(|form| form.name == name) {
            found.gate = form.gate.clone();
        }
        catalog.keep(&found)?;
    }
    Ok(())
}
