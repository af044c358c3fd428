//! Where two models disagree on the same samples, and whether one is better than the other.

use crate::catalog::Catalog;
use crate::data::Identity;
use crate::error::Error;
use crate::evaluate::{Answering, Data, Request, open};
use crate::progress::Progress;
use mu_driver::Subject;
use mu_evidence::Interval;
use mu_evidence::stats::{Paired, bootstrap, difference, mcnemar};
use mu_format::json;
use mu_format::types::Type;
use serde::Serialize;
use serde_json::Value as Json;

/// Of the bootstrap: the same samples give the same interval.
const SEED: u64 = 20_261_121;

/// Two models on the same samples. Intervals hold with 95 %.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    pub first: String,
    pub second: String,
    pub data: Data,
    pub samples: u64,
    /// The metric by which a sample is judged.
    pub metric: String,
    pub higher_is_better: bool,
    pub of_first: f64,
    pub of_second: f64,
    /// The first less the second.
    pub difference: f64,
    pub interval: Interval,
    /// Where the metric says of each sample that it is right or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// On how many samples the metric tells the models apart.
    pub disagreements: u64,
    /// The first of these samples, in the order of the data.
    pub listed: Vec<Disagreement>,
}

/// On how many samples each was right, and McNemar's exact test of both being equally good.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    pub both: u64,
    pub only_first: u64,
    pub only_second: u64,
    pub neither: u64,
    pub p_value: f64,
}

/// A sample on which the models differ. Answers are as JSON; of a ranking its best label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Disagreement {
    pub sample: String,
    pub truth: Json,
    pub first: Json,
    pub second: Json,
}

/// Compares two models on the data of a request; `show` is how many samples are listed at most.
pub fn diff(
    catalog: &Catalog,
    (first, second): (&Subject, &Subject),
    request: &Request,
    show: usize,
    progress: &mut dyn Progress,
) -> Result<Compared, Error> {
    let (mut a, mut b) = (Answering::new(first, request)?, Answering::new(second, request)?);
    let (samples, mut data) = open(catalog, first, request, a.want(first, request))?;
    // Rawly, two nets may want one sample in two shapes.
    let (others, _) = open(catalog, second, request, b.want(second, request))?;
    let count = request.limit.unwrap_or(usize::MAX).min(samples.len());
    progress.start(&format!("comparing {} with {}", first.name, second.name), count as u64);
    let labels = a.labels.clone();
    let mut identity = Identity::new(&labels);
    let types: Vec<Type> = a.want(first, request).inputs.into_iter().map(|input| input.ty).collect();
    let mut answers = Vec::with_capacity(count);
    for place in 0..count {
        let (one, other) = (a.answer(&*samples, place)?, b.answer(&*others, place)?);
        one.sample.inputs.iter().zip(&types).for_each(|(value, ty)| identity.add(value, ty));
        identity.add(&one.truth, &a.truth);
        a.judge(&one)?;
        b.judge(&other)?;
        let shown = |answering: &Answering, value| shown(value, &answering.output, &answering.labels);
        let truth = one.truth.clone();
        answers.push(Disagreement {
            truth: crate::diff::shown(Some(&truth), &a.truth, &a.labels),
            first: shown(&a, one.output.as_ref()),
            second: shown(&b, other.output.as_ref()),
            sample: one.sample.name,
        });
        progress.advance(1);
    }
    data.identity = identity.finish();
    data.limited = count < samples.len();
    let (Some((judge, counts, of_a)), Some((_, _, of_b))) = (a.judges.of_each(), b.judges.of_each()) else {
        return Err(Error::wrong("no metric of the task judges single samples: none is the mean over them"));
    };
    if of_a.len() != count || of_b.len() != count {
        return Err(Error::wrong("not every sample was answered by both, so they cannot be compared"));
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count as f64;
    let table = counts.then(|| paired(of_a, of_b));
    let (value, interval) = match &table {
        Some(paired) => difference(paired),
        None => {
            let gaps: Vec<f64> = of_a.iter().zip(of_b).map(|(a, b)| a - b).collect();
            let over = |drawn: &[usize]| drawn.iter().filter_map(|i| gaps.get(*i)).sum::<f64>() / drawn.len() as f64;
            let value = mean(&gaps);
            (value, bootstrap(count, SEED, over).unwrap_or(Interval { low: value, high: value }))
        }
    };
    let apart = |place: &usize| of_a.get(*place) != of_b.get(*place);
    let places: Vec<usize> = (0..count).filter(apart).collect();
    let mut answers: Vec<Option<Disagreement>> = answers.into_iter().map(Some).collect();
    let listed = places.iter().take(show).filter_map(|place| answers.get_mut(*place)?.take());
    Ok(Compared {
        first: first.name.clone(),
        second: second.name.clone(),
        data,
        samples: count as u64,
        metric: judge.metric.name.clone(),
        higher_is_better: judge.higher_is_better,
        of_first: mean(of_a),
        of_second: mean(of_b),
        difference: value,
        interval,
        disagreements: places.len() as u64,
        listed: listed.collect(),
        table: table.map(|paired| Table {
            both: paired.both,
            only_first: paired.only_first,
            only_second: paired.only_second,
            neither: paired.neither,
            p_value: mcnemar(paired.only_first, paired.only_second),
        }),
    })
}

fn paired(a: &[f64], b: &[f64]) -> Paired {
    let mut paired = Paired::default();
    for (a, b) in a.iter().zip(b) {
        let cell = match (*a == 1.0, *b == 1.0) {
            (true, true) => &mut paired.both,
            (true, false) => &mut paired.only_first,
            (false, true) => &mut paired.only_second,
            (false, false) => &mut paired.neither,
        };
        *cell += 1;
    }
    paired
}

/// An answer for people and machines to compare; of a ranking its best label.
fn shown(value: Option<&mu_format::value::Value>, ty: &Type, labels: &[Vec<String>]) -> Json {
    let Some(value) = value else { return Json::Null };
    let json = json::to_json(value, ty, labels).unwrap_or(Json::Null);
    match ty {
        Type::Ranking(_) => json.get(0).and_then(|best| best.get("label")).cloned().unwrap_or(Json::Null),
        _ => json,
    }
}
