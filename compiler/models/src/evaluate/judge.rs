//! The metrics of a task over samples: their parts are called for each sample as the language defines them, and put together for
//! any set of samples.

use super::report::{Class, Metric};
use super::run::Runner;
use crate::error::Error;
use mu_driver::{Judge, Over, Subject};
use mu_evidence::stats::{bootstrap, wilson};
use mu_evidence::{Interval, Method};
use mu_format::ir::FuncId;
use mu_format::tensor::DType;
use mu_format::types::Type;
use mu_format::value::Value;
use std::collections::BTreeMap;

/// Of every bootstrap: the same samples give the same interval.
const SEED: u64 = 20_261_121;

pub struct Judges {
    judges: Vec<Judging>,
    /// What the metrics take.
    pub output: Type,
    pub truth: Type,
    /// The places of the samples that were answered, among all.
    places: Vec<usize>,
    seen: usize,
}

struct Judging {
    judge: Judge,
    parts: Vec<Part>,
    value: Option<FuncId>,
}

struct Part {
    over: Over,
    function: FuncId,
    /// Whether it says of each sample that it is right or not.
    counts: bool,
    /// Of each answered sample.
    values: Vec<f64>,
}

impl Judges {
    pub fn new(subject: &Subject, runner: &Runner) -> Result<Judges, Error> {
        let mut types = None;
        let mut judges = Vec::new();
        for judge in &subject.metrics {
            let mut parts = Vec::new();
            for part in &judge.metric.parts {
                let entry = runner.other(&part.entry)?;
                if let [output, truth] = entry.params.as_slice() {
                    types.get_or_insert((output.ty.clone(), truth.ty.clone()));
                }
                let counts = entry.result == Type::scalar(DType::Bool);
                parts.push(Part { over: part.over, function: entry.function, counts, values: Vec::new() });
            }
            let value = judge.metric.value.as_ref().map(|name| runner.other(name)).transpose()?;
            judges.push(Judging { judge: judge.clone(), parts, value: value.map(|entry| entry.function) });
        }
        let (output, truth) = types.ok_or_else(|| {
            Error::wrong(format!("the task of `{}` defines no metric", subject.name))
                .help("declare one in the task: `metric NAME: ratio, higher is better = mean(...)`")
        })?;
        Ok(Judges { judges, output, truth, places: Vec::new(), seen: 0 })
    }

    /// Judges the next sample.
    pub fn add(&mut self, runner: &mut Runner, output: &Value, truth: &Value) -> Result<(), String> {
        for judging in &mut self.judges {
            for part in &mut judging.parts {
                let value = runner.call(part.function, vec![output.clone(), truth.clone()])?;
                let number = number(&value).filter(|number| number.is_finite());
                let wrong = || format!("`{}` is no finite number of what was answered", judging.judge.metric.name);
                part.values.push(number.ok_or_else(wrong)?);
            }
        }
        self.places.push(self.seen);
        self.seen += 1;
        Ok(())
    }

    /// The next sample has no answer.
    pub fn skip(&mut self) {
        self.seen += 1;
    }

    /// The metrics over all answered samples. `classes` are the samples by the label of their right answer.
    pub fn finish(&self, runner: &mut Runner, classes: &BTreeMap<String, Vec<usize>>) -> Result<Vec<Metric>, Error> {
        if self.places.is_empty() {
            return Ok(Vec::new());
        }
        self.judges.iter().map(|judging| self.metric(judging, runner, classes)).collect()
    }

    fn metric(
        &self,
        judging: &Judging,
        runner: &mut Runner,
        classes: &BTreeMap<String, Vec<usize>>,
    ) -> Result<Metric, Error> {
        let name = &judging.judge.metric.name;
        let all: Vec<usize> = (0..self.places.len()).collect();
        let value = judging.over(&all, runner);
        if !value.is_finite() {
            let message = format!("`{name}` has no finite value over these {} samples", all.len());
            return Err(Error::wrong(message).help("the right answers may be all the same, or too few"));
        }
        let hits = judging.hits(&all);
        let (interval, method) = match hits {
            Some(hits) => (wilson(hits, all.len() as u64), Method::Wilson),
            None => {
                let found = bootstrap(all.len(), SEED, |drawn| judging.over(drawn, runner));
                let found = found.unwrap_or(Interval { low: value, high: value });
                // The percentiles of a skewed statistic may leave its own value out.
                (Interval { low: found.low.min(value), high: found.high.max(value) }, Method::Bootstrap)
            }
        };
        let per_class = classes.iter().map(|(label, members)| {
            let members: Vec<usize> =
                members.iter().filter_map(|place| self.places.binary_search(place).ok()).collect();
            let hits = judging.hits(&members);
            let value = Some(judging.over(&members, runner)).filter(|value| value.is_finite());
            let interval = hits.map(|hits| wilson(hits, members.len() as u64));
            Class { label: label.clone(), samples: members.len() as u64, value, hits, interval }
        });
        Ok(Metric {
            name: name.clone(),
            value,
            unit: judging.judge.unit.clone(),
            factor: judging.judge.factor,
            higher_is_better: judging.judge.higher_is_better,
            samples: all.len() as u64,
            hits,
            interval,
            method,
            per_class: per_class.collect(),
        })
    }

    /// Whether each answered sample is right by the first metric that counts, with its name; where there is none, the first
    /// mean over the samples.
    pub fn of_each(&self) -> Option<(&Judge, bool, &[f64])> {
        let means = |judging: &&Judging| judging.value.is_none() && judging.parts.iter().all(|p| p.over == Over::Mean);
        let counts = |judging: &&Judging| judging.parts.iter().all(|part| part.counts);
        let mut judges = self.judges.iter().filter(means);
        let first = judges.clone().find(counts).or_else(|| judges.next())?;
        let part = first.parts.first()?;
        Some((&first.judge, part.counts, &part.values))
    }
}

impl Judging {
    /// How many of these samples are right, where the metric is the share of them.
    fn hits(&self, places: &[usize]) -> Option<u64> {
        match (self.parts.as_slice(), self.value) {
            ([part], None) if part.over == Over::Mean && part.counts => {
                Some(places.iter().filter(|place| part.values.get(**place) == Some(&1.0)).count() as u64)
            }
            _ => None,
        }
    }

    /// The metric over some of the answered samples; NaN where it has no value.
    fn over(&self, places: &[usize], runner: &mut Runner) -> f64 {
        let numbers: Vec<f64> = self.parts.iter().map(|part| part.over(places)).collect();
        match (self.value, numbers.as_slice()) {
            (None, [number]) => *number,
            (None, _) => f64::NAN,
            (Some(function), numbers) => {
                let args = numbers.iter().map(|number| Value::F32(*number as f32)).collect();
                runner.call(function, args).ok().and_then(|value| number(&value)).unwrap_or(f64::NAN)
            }
        }
    }
}

impl Part {
    fn over(&self, places: &[usize]) -> f64 {
        let values = || places.iter().filter_map(|place| self.values.get(*place));
        let sum: f64 = values().sum();
        let mean = sum / places.len() as f64;
        match self.over {
            Over::Sum => sum,
            Over::Mean => mean,
            Over::Variance => values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / places.len() as f64,
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        Value::I64(n) => Some(*n as f64),
        Value::F32(x) => Some(f64::from(*x)),
        Value::F64(x) => Some(*x),
        _ => None,
    }
}
