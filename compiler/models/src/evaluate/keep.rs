//! Evaluations as evidence of the catalog.

use super::report::Evaluated;
use crate::catalog::Catalog;
use crate::error::Error;
use mu_evidence::{Evaluation, Interval};

/// Writes an evaluation of a model on a data set of the project into the model's evidence, in the place of an older one on the
/// same data, and says where. `None` where it is no evidence: of a function, on data that the project does not declare, or on a part
/// of it. `date` is today's, `2026-11-21`.
pub fn keep(catalog: &Catalog, evaluated: &Evaluated, date: &str) -> Result<Option<String>, Error> {
    let data = &evaluated.data;
    let (Some(sha256), Some(dataset), Some(dataset_sha256)) = (&evaluated.model_sha256, &data.name, &data.sha256)
    else {
        return Ok(None);
    };
    if data.limited || evaluated.answered.is_some() {
        return Ok(None);
    }
    let mut evidence = catalog.evidence_for(&evaluated.subject, sha256)?;
    for metric in &evaluated.metrics {
        let base = |x: f64| x * metric.factor;
        let new = Evaluation {
            metric: metric.name.clone(),
            dataset: dataset.clone(),
            dataset_sha256: dataset_sha256.clone(),
            identity: data.identity.clone(),
            through: evaluated.through,
            value: base(metric.value),
            samples: metric.samples,
            hits: metric.hits,
            interval: Interval { low: base(metric.interval.low), high: base(metric.interval.high) },
            method: metric.method,
            runtime: mu_infer::RUNTIME.to_owned(),
            date: date.to_owned(),
        };
        evidence.evaluations.retain(|old| {
            let same = old.metric == new.metric && old.dataset == new.dataset && old.through == new.through;
            !(same && old.dataset_sha256 == new.dataset_sha256)
        });
        evidence.evaluations.push(new);
    }
    catalog.keep(&evidence)?;
    Ok(Some(mu_evidence::path(&evaluated.subject)))
}
