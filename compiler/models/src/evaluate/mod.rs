//! What a model or a function really does on labelled data: every metric of its task as the task defines it, with sample size and
//! interval, for all samples and for those of each class.

mod answer;
mod judge;
mod keep;
mod raw;
mod report;
mod run;

pub use keep::keep;
pub use report::{Answers, Bin, Calibration, Class, ConfusedWith, Confusion, Data, Evaluated, Metric, Ratio};

use crate::catalog::Catalog;
use crate::data::{self, Identity, Input, Sample, Samples, Want};
use crate::error::Error;
use crate::progress::Progress;
use answer::Tally;
use judge::Judges;
use mu_base::suggest;
use mu_driver::Subject;
use mu_evidence::Through;
use mu_format::bundle::sha256;
use mu_format::types::Type;
use mu_format::value::Value;
use raw::Raw;
use run::Runner;
use std::path::PathBuf;

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The data set as it was asked for: a path, where the subject has no data set of the project.
    pub data: &'a str,
    /// Tensors go to the net, and its output is judged without the adapter.
    pub raw: bool,
    /// Which output of the net is judged.
    pub output: Option<&'a str>,
    /// Only the first samples.
    pub limit: Option<usize>,
    /// Samples a second of sounds in arrays.
    pub rate: Option<u32>,
}

/// What answers: the adapter or the function, or the net alone.
pub(crate) struct Answering<'a> {
    runner: Runner,
    raw: Option<Raw<'a>>,
    pub judges: Judges,
    /// Whether the metrics take the answers.
    judged: bool,
    /// Of an answer, without options and results around it.
    pub output: Type,
    /// Of a right answer.
    pub truth: Type,
    pub labels: Vec<Vec<String>>,
}

/// One sample with what was answered.
pub(crate) struct Answered {
    pub sample: Sample,
    pub truth: Value,
    /// `None` where the function gave no answer.
    pub output: Option<Value>,
}

/// Evaluates a subject; the error names the sample where one is to blame.
pub fn evaluate(
    catalog: &Catalog,
    subject: &Subject,
    request: &Request,
    progress: &mut dyn Progress,
) -> Result<Evaluated, Error> {
    let mut answering = Answering::new(subject, request)?;
    let (samples, mut data) = open(catalog, subject, request, answering.want(subject, request))?;
    let (labels, output, truth) = (answering.labels.clone(), answering.output.clone(), answering.truth.clone());
    let mut identity = Identity::new(&labels);
    let mut tally = Tally::new(&output, &truth, &labels);
    let count = request.limit.unwrap_or(usize::MAX).min(samples.len());
    let types: Vec<Type> = answering.want(subject, request).inputs.into_iter().map(|input| input.ty).collect();
    progress.start(&format!("evaluating {}", subject.name), count as u64);
    for place in 0..count {
        let answered = answering.answer(&*samples, place)?;
        answered.sample.inputs.iter().zip(&types).for_each(|(value, ty)| identity.add(value, ty));
        identity.add(&answered.truth, &truth);
        tally.add(answered.output.as_ref(), &answered.truth);
        answering.judge(&answered)?;
        progress.advance(1);
    }
    data.identity = identity.finish();
    data.limited = count < samples.len();
    let mut notes = samples.notes();
    if let Some(only) = tally.only_class() {
        let message = format!("all {count} samples are of the class `{only}`, which says nothing of the others");
        if !data.limited {
            return Err(Error::wrong(message).help("evaluate on samples of several classes"));
        }
        notes.push(message);
    }
    let metrics = answering.judges.finish(&mut answering.runner, &tally.classes())?;
    if metrics.is_empty() && !tally.speaks() {
        let message = format!("what `{}` gives can be compared with no right answer of the data", subject.name);
        return Err(
            Error::wrong(message).help("evaluate a function that gives what the task gives, or one of its labels")
        );
    }
    Ok(Evaluated {
        subject: subject.name.clone(),
        model_sha256: subject.card.as_ref().map(|card| card.sha256.clone()),
        through: if request.raw { Through::Net } else { Through::Adapter },
        data,
        samples: count as u64,
        metrics,
        answered: tally.answered(),
        answers: tally.answers(!request.raw),
        notes,
        stored: None,
    })
}

/// The samples and where they are from, still without their identity.
pub(crate) fn open(
    catalog: &Catalog,
    subject: &Subject,
    request: &Request,
    want: Want,
) -> Result<(Box<dyn Samples>, Data), Error> {
    let (path, bytes, name, sha) = match &subject.dataset {
        None => (PathBuf::from(request.data), None, None, None),
        Some(set) => {
            let file = set.file.as_deref().ok_or_else(|| {
                Error::wrong(format!("the file of the data set `{}` is not there", set.name))
                    .help("put it where its declaration says, or give a path with `--data`")
            })?;
            let bytes = catalog.world().read(file).map_err(|error| Error::unread(file, &error))?;
            let found = sha256(&bytes);
            if found != set.sha256 {
                let message = format!("`{file}` is not the data set `{}`: its sha256 is {found}", set.name);
                return Err(
                    Error::wrong(message).help("get the right file, or declare the new one with a new revision")
                );
            }
            (catalog.folder().join(file), Some(bytes), Some(set.name.clone()), Some(found))
        }
    };
    if bytes.is_none() && !path.exists() {
        let message = format!("`{}` is neither a data set of the project nor a file or folder", request.data);
        let near = suggest::nearest(request.data, subject.datasets.iter().map(String::as_str));
        return Err(Error::wrong(message).help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a data set that the project declares, or a path".into(),
        }));
    }
    let samples = data::open(&path, bytes, want)?;
    let shown = path.to_string_lossy().into_owned();
    Ok((samples, Data { name, path: shown, sha256: sha, identity: String::new(), limited: false }))
}

impl<'a> Answering<'a> {
    pub fn new(subject: &'a Subject, request: &Request) -> Result<Answering<'a>, Error> {
        let runner = Runner::new(&subject.compiled, &subject.name)?;
        let judges = Judges::new(subject, &runner)?;
        let raw = if request.raw { Some(Raw::new(subject, judges.output.clone(), request.output)?) } else { None };
        let output = match &raw {
            Some(_) => judges.output.clone(),
            None => answer::inner(&runner.entry().result).clone(),
        };
        let (truth, labels) = (judges.truth.clone(), subject.compiled.program.labels.clone());
        let judged = subject.judged && judges.output.accepts(&output);
        Ok(Answering { runner, raw, judges, judged, output, truth, labels })
    }

    /// What is asked of the data.
    pub fn want(&self, subject: &Subject, request: &Request) -> Want {
        let inputs = match &self.raw {
            Some(raw) => raw.inputs(),
            None => {
                let params = &self.runner.entry().params;
                let same = params.len() == subject.inputs.len();
                let named = params.iter().enumerate().map(|(i, param)| {
                    let other = subject.inputs.get(i).filter(|name| same && **name != param.name);
                    Input { names: [&param.name].into_iter().chain(other).cloned().collect(), ty: param.ty.clone() }
                });
                named.collect()
            }
        };
        let declared = self.labels.iter().map(|set| declared(set, &subject.labels)).collect();
        let (truth, labels) = (Some(self.truth.clone()), self.labels.clone());
        Want { inputs, truth, labels, declared, rate: request.rate }
    }

    pub fn answer(&mut self, samples: &dyn Samples, place: usize) -> Result<Answered, Error> {
        let mut sample = samples.sample(place)?;
        let truth = sample.truth.take().ok_or_else(|| Error::wrong(format!("{}: it has no label", sample.name)))?;
        let output = match &self.raw {
            Some(raw) => raw.answer(&mut self.runner, &sample.inputs).map(Some),
            None => self.runner.answer(sample.inputs.clone()).map(|value| answer::given(&value).cloned()),
        };
        let output = output.map_err(|error| Error::wrong(format!("{}: {error}", sample.name)))?;
        Ok(Answered { sample, truth, output })
    }

    /// Lets the metrics see a sample.
    pub fn judge(&mut self, answered: &Answered) -> Result<(), Error> {
        let Some(output) = &answered.output else {
            self.judges.skip();
            return Ok(());
        };
        if !self.judged {
            return Ok(());
        }
        let judged = self.judges.add(&mut self.runner, output, &answered.truth);
        judged.map_err(|error| Error::wrong(format!("{}: {error}", answered.sample.name)))
    }
}

/// The labels of a set in the order of their declaration.
fn declared(set: &[String], orders: &[Vec<String>]) -> Vec<String> {
    let same = |order: &&Vec<String>| order.len() == set.len() && order.iter().all(|label| set.contains(label));
    orders.iter().find(same).cloned().unwrap_or_else(|| set.to_vec())
}
