//! `mulc models add`: brings an ONNX model under management. It is read under limits, rewritten where the runtime needs it, held
//! against a reference, and gets a card with a drafted adapter. Either everything is written or nothing.

mod adapter;
mod card;
mod hub;
mod labels;
mod mlflow;
mod names;
mod net;
mod overlay;
mod project;
mod source;
mod store;
mod task;
mod yaml;

pub use hub::Claim;
pub use overlay::Overlay;

use crate::catalog::Catalog;
use crate::error::Error;
use crate::gate::{self, Difference, Entrant, Python, Reference, Rounding};
use crate::progress::Progress;
use adapter::Known;
use card::Card;
use mu_evidence::{Evidence, Gate};
use mu_format::tensor::{DType, Tensor};
use mu_onnx::Limits;
use mu_onnx::edit::{Edit, FASTER, NEEDED, classes as classes_of, hints};
use net::{Free, Net};
use project::Declared;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is to be added.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// A file, or a folder as model hubs and MLflow write them.
    pub path: PathBuf,
    /// `image_classification<Digit>`, or a tag of the hub; where nothing is said, the folder's own.
    pub task: Option<String>,
    /// By default after the file.
    pub name: Option<String>,
    /// Inputs and outputs by name, `.npz`.
    pub reference: Option<PathBuf>,
    /// The labels in the order of the outputs.
    pub labels: Option<PathBuf>,
    /// An SPDX expression.
    pub license: Option<String>,
    /// Sizes of free dimensions, by the file's names.
    pub dims: BTreeMap<String, u64>,
    /// Programs that may be a Python with onnxruntime, the best first.
    pub pythons: Vec<PathBuf>,
    /// Whether the outputs are compared.
    pub gate: bool,
    /// Turn quantised arithmetic into arithmetic on floats.
    pub float: bool,
    /// Today, `2026-11-21`.
    pub date: String,
}

/// What was added.
#[derive(Debug, Clone, Serialize)]
pub struct Added {
    pub name: String,
    /// The files that were written, from the project's folder, the card last.
    pub files: Vec<String>,
    pub sha256: String,
    /// How the file was changed before it was stored.
    pub rewritten: Vec<&'static str>,
    /// Nothing where the outputs were not compared.
    pub gate: Option<Gate>,
    pub differences: Vec<Difference>,
    /// What others say of the model.
    pub claims: Vec<Claim>,
    /// What is left to do in the card.
    pub todo: Option<String>,
    pub warnings: Vec<String>,
}

/// Adds a model to the catalog.
pub fn add(catalog: &Catalog, request: &Request, progress: &mut dyn Progress) -> Result<Added, Error> {
    let limits = Limits::default();
    let declared = Declared::read(catalog.world());
    let mut source = source::read(&request.path, &limits)?;
    let name = model_name(request, &source.path, &declared)?;
    let hub = hub::read(&source.texts);
    let mut warnings = std::mem::take(&mut source.warnings);
    warnings.extend(hub.warnings.iter().cloned());
    let mut stated = classes_of(&source.edit);
    let hints = hints(&source.edit);

    let (edit, rewritten) = rewrite(&source.edit, request.float);
    // A file that needs nothing is stored as it came, to the byte.
    let stored =
        if rewritten.is_empty() && source.model.external.is_empty() { source.bytes.clone() } else { edit.to_bytes() };
    let model = mu_onnx::read(&stored, &limits)
        .map_err(|error| Error::wrong(format!("the rewritten model is not sound: {error}")).help(error.help()))?;
    let unsupported = mu_onnx::unsupported(&model);
    if !unsupported.is_empty() {
        return Err(Error::wrong(format!("our runtime ({}) cannot run {}", mu_onnx::RUNTIME, unsupported.join(", ")))
            .help(
                "nothing was stored; export the model with other operators, as another opset or without quantisation",
            ));
    }

    let mut free = Free::new(&model, &request.dims, hub.tokens);
    let inputs = net::inputs(&model, &mut free)?;
    let outputs = net::outputs(&model)?;
    let entrant = Entrant {
        name: &name,
        model: &edit,
        inputs: inputs.iter().map(net::Tensors::at_gate).collect(),
        outputs: outputs.clone(),
        hints: &hints,
        classes: stated.as_deref().unwrap_or_default(),
        rounding: rounding(&source.model, &rewritten),
    };
    let arrays = request.reference.as_deref().map(reference).transpose()?;
    let python = if arrays.is_none() && request.gate { Python::find(&request.pythons) } else { None };
    if request.gate && arrays.is_none() && python.is_none() {
        return Err(Error::wrong("there is nothing to compare the model's outputs with").help(
            "install onnxruntime for Python (`pip install onnxruntime`, found by `--python`, MULC_PYTHON or python3), give \
             inputs and outputs by `--reference FILE.npz`, or leave the comparison out by `--no-gate`",
        ));
    }
    let calls = first_calls(&entrant, &stored, arrays.as_ref().map(|(arrays, _)| arrays), progress)?;
    let sizes: Vec<BTreeMap<String, usize>> = calls.iter().map(|(sample, _)| net::sizes(&inputs, sample)).collect();
    let answers: Vec<BTreeMap<String, Tensor>> = calls.into_iter().map(|(_, answer)| answer).collect();
    let passed = match (request.gate, arrays, &python) {
        (false, ..) => None,
        (_, Some((arrays, called)), _) => {
            Some(gate::pass(&entrant, Reference::Arrays(arrays, called), &request.date, progress)?)
        }
        (_, None, Some(python)) => {
            let reference = Reference::Python(python, &source.path);
            Some(gate::pass(&entrant, reference, &request.date, progress)?)
        }
        (_, None, None) => None,
    };
    let outputs = net::settle(&model, &inputs, &outputs, &answers, &sizes, &free);
    let net = Net::new(inputs, outputs);

    // A model's numbers say less than the names that a folder gives them.
    if stated.as_deref().is_none_or(labels::are_numbers) && !hub.labels.is_empty() {
        stated = Some(hub.labels.clone());
    }
    let mut files = BTreeMap::new();
    let asked = task::Asked {
        world: catalog.world(),
        declared: &declared,
        name: &name,
        net: &net,
        stated,
        listed: request.labels.as_deref().map(listed).transpose()?,
        columns: columns(&source, &mut warnings),
    };
    let wanted = request.task.as_deref().or(hub.pipeline.as_deref());
    let task = task::settle(&asked, wanted, &mut files, &mut warnings)?;
    let tokenizer = source.tokenizer.take().filter(|_| task.info.takes.iter().any(|ty| ty == "Text"));
    let tokenizer = tokenizer.map(|bytes| {
        let file = format!("{name}_tokenizer.json");
        files.insert(format!("{}/{file}", declared.catalog), bytes);
        file
    });
    let known = Known {
        task: &task.info,
        net: &net,
        classes: task.classes,
        fields: task.fields,
        unit: &task.unit,
        picture: &hub.picture,
        tokenizer: tokenizer.as_deref(),
        calls: &answers,
    };
    let draft = known.draft();
    let sha256 = mu_onnx::sha256(&stored);
    let (claims, remarks, datasets) = claims(&hub.claims, &task, &declared);
    let mut uses = task.uses.clone();
    uses.extend(datasets);
    uses.sort();
    uses.dedup();
    let given = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let card = Card {
        name: &name,
        from: &given,
        uses,
        items: task.items.clone(),
        task: task.text.clone(),
        file: format!("{name}.onnx"),
        sha256: sha256.clone(),
        net: net.text(),
        classes: task.listed.clone(),
        license: request.license.clone().or(hub.license.clone()),
        origin: origin(&given, &source, &rewritten),
        claims,
        remarks,
        draft: &draft,
    };
    files.insert(format!("{}/{name}.onnx", declared.catalog), stored);
    let evidence = Evidence {
        model: name.clone(),
        sha256: sha256.clone(),
        gate: passed.as_ref().map(|passed| passed.gate.clone()),
        ..Evidence::default()
    };
    if passed.is_some() {
        let text = evidence.to_text().map_err(|error| Error::wrong(format!("the evidence is not sound: {error}")))?;
        files.insert(mu_evidence::path(&name), text.into_bytes());
    }
    let todo = store::write(catalog, &declared.catalog, card, files, &mut warnings)?;
    Ok(Added {
        name,
        files: todo.files,
        sha256,
        rewritten: rewritten.iter().map(|(_, does)| *does).collect(),
        differences: passed.as_ref().map(|passed| passed.differences.clone()).unwrap_or_default(),
        gate: passed.map(|passed| passed.gate),
        claims: hub.claims,
        todo: todo.todo,
        warnings,
    })
}

fn model_name(request: &Request, path: &Path, declared: &Declared) -> Result<String, Error> {
    let name = match &request.name {
        Some(name) if !names::is_word(name) => {
            return Err(Error::wrong(format!("`{name}` is no name for a model"))
                .help("a name is a word of letters, digits and `_` that does not start with a digit"));
        }
        Some(name) => name.clone(),
        None => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            // A folder's model is often called `model`; then the folder says more.
            let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            names::model(&if stem == "model" { folder.unwrap_or(stem) } else { stem })
        }
    };
    let taken = declared.model(&name).map(|found| found.module);
    let module = format!("catalog.{name}");
    match taken.or(declared.has_module(&module).then_some(module)) {
        Some(module) => Err(Error::wrong(format!("the project has `{name}` already, in the module `{module}`"))
            .help("choose another name by `--name`")),
        None => Ok(name),
    }
}

type Rewritten = Vec<(&'static str, &'static str)>;

/// Applies what the runtime needs.
fn rewrite(edit: &Edit, float: bool) -> (Edit, Rewritten) {
    let mut edit = edit.clone();
    let quantised = FASTER.iter().filter(|pass| float && pass.name == "quantised");
    let passes: Vec<_> = NEEDED.iter().chain(quantised).collect();
    let done = passes.into_iter().filter(|pass| edit.apply(pass)).map(|pass| (pass.name, pass.does)).collect();
    (edit, done)
}

/// Whether values are rounded to 8 bits on the way, and still are.
fn rounding(model: &mu_onnx::Model, rewritten: &Rewritten) -> Rounding {
    match rewritten.iter().any(|(name, _)| *name == "quantised") {
        true => Rounding::Removed,
        false => Rounding::of(model),
    }
}

type Arrays = BTreeMap<String, Tensor>;

fn reference(path: &Path) -> Result<(Arrays, String), Error> {
    let bytes = source::whole(path, 1 << 30)?;
    let arrays = gate::npz::read(&bytes)?;
    Ok((arrays, format!("npz {}", mu_onnx::sha256(&bytes))))
}

fn listed(path: &Path) -> Result<Vec<String>, Error> {
    let bytes = source::whole(path, 16 << 20)?;
    labels::parse(&bytes).map_err(|why| {
        Error::wrong(format!("`{}` holds no labels: {why}", path.display()))
            .help("a JSON list of texts, a JSON object from index to text (`id2label`), or one label a line")
    })
}

type Calls = Vec<(gate::Sample, BTreeMap<String, Tensor>)>;

/// What the model gives on two samples, which shows that it runs and how its outputs' sizes go with those of the inputs.
fn first_calls(
    entrant: &Entrant,
    stored: &[u8],
    arrays: Option<&Arrays>,
    progress: &mut dyn Progress,
) -> Result<Calls, Error> {
    let given = arrays.and_then(|arrays| {
        entrant
            .inputs
            .iter()
            .map(|input| Some((input.name.clone(), arrays.get(&input.name)?.clone())))
            .collect::<Option<gate::Sample>>()
    });
    let samples = match given {
        Some(sample) => vec![sample],
        None => gate::samples(entrant).into_iter().take(2).collect(),
    };
    progress.start("running once", samples.len() as u64);
    let outputs: &[(String, DType)] = &entrant.outputs;
    let answers = gate::run(entrant.name, stored.to_vec(), outputs, &BTreeMap::new(), &samples, progress)?;
    Ok(samples.into_iter().zip(answers).collect())
}

/// The names of the columns, as MLflow states them or as the inputs are called.
fn columns(source: &source::Source, warnings: &mut Vec<String>) -> Vec<String> {
    let stated = source.texts.get("MLmodel").map(|text| mlflow::columns(text));
    match stated {
        Some(Ok(columns)) => columns,
        Some(Err(error)) => {
            warnings.push(format!("`MLmodel` is left out: {error}"));
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Where the model comes from, with the sha256 of every file it was made of.
fn origin(given: &str, source: &source::Source, rewritten: &Rewritten) -> String {
    let mut origin = format!("`{given}`, sha256 {}", mu_onnx::sha256(&source.bytes));
    if !source.model.producer.is_empty() {
        origin.push_str(&format!(", written by {}", source.model.producer));
    }
    for (name, sha256) in &source.external {
        origin.push_str(&format!("; weights `{name}`, sha256 {sha256}"));
    }
    if !rewritten.is_empty() {
        let passes: Vec<&str> = rewritten.iter().map(|(name, _)| *name).collect();
        origin.push_str(&format!("; rewritten: {}", passes.join(", ")));
    }
    origin
}

/// Claims that name a data set and a metric that the project knows, the others as remarks, and the modules of the data sets.
fn claims(found: &[Claim], task: &task::Task, declared: &Declared) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (mut claims, mut remarks, mut modules) = (Vec::new(), Vec::new(), Vec::new());
    for claim in found {
        let metric = task.info.metrics.iter().find(|metric| **metric == claim.metric);
        let first = task.info.metrics.first().filter(|_| claim.metric == "accuracy");
        let dataset = declared.dataset(&claim.dataset);
        match (metric.or(first), dataset) {
            (Some(metric), Some(dataset)) if (0.0..=1.0).contains(&claim.value) => {
                let percent = (claim.value * 1e6).round() / 1e4;
                claims.push(format!("{metric} on {} = {percent}%    // {}", dataset.item, claim.source));
                modules.push(dataset.module);
            }
            _ => remarks.push(format!(
                "Claimed ({}): {} = {} on {}; no data set and metric of this project.",
                claim.source, claim.metric, claim.value, claim.dataset
            )),
        }
    }
    (claims, remarks, modules)
}
