//! Answers that are labels: how many were given, how many are right, how far their scores can be believed, and what is taken for
//! what.

use super::report::{Answers, Bin, Calibration, ConfusedWith, Confusion, Ratio};
use mu_format::types::Type;
use mu_format::value::Value;
use std::collections::BTreeMap;

/// The bins of the calibration error, of equal width.
const BINS: usize = 10;

/// A type without the options and results around it.
pub fn inner(ty: &Type) -> &Type {
    match ty {
        Type::Option(of) | Type::Result(of) => inner(of),
        ty => ty,
    }
}

/// The value inside of options and results; `None` where nothing or an error is inside.
pub fn given(value: &Value) -> Option<&Value> {
    match value {
        Value::Option(inside) => given(inside.as_deref()?),
        Value::Result(Ok(inside)) => given(inside),
        Value::Result(Err(_)) => None,
        value => Some(value),
    }
}

/// Counts the answers of one evaluation.
pub struct Tally<'a> {
    output: &'a Type,
    /// The labels of right answers; `None` where they are none.
    truths: Option<&'a [String]>,
    labels: &'a [Vec<String>],
    seen: u64,
    given: u64,
    right: u64,
    /// By right answer, the places of the samples.
    classes: BTreeMap<u32, Vec<usize>>,
    /// By right answer, how often each label was given; `None` is no answer.
    confusion: BTreeMap<u32, BTreeMap<Option<String>, u64>>,
    /// Of each bin: answers, the sum of their scores, how many are right.
    bins: [(u64, f64, u64); BINS],
    /// Answers with a score between 0 and 1.
    scored: u64,
}

impl<'a> Tally<'a> {
    /// `output` is the type of a given answer.
    pub fn new(output: &'a Type, truth: &Type, labels: &'a [Vec<String>]) -> Tally<'a> {
        let truths = match truth {
            Type::Label(set) => labels.get(*set as usize).map(Vec::as_slice),
            _ => None,
        };
        let (classes, confusion) = Default::default();
        Tally {
            output,
            truths,
            labels,
            seen: 0,
            given: 0,
            right: 0,
            classes,
            confusion,
            bins: Default::default(),
            scored: 0,
        }
    }

    pub fn add(&mut self, output: Option<&Value>, truth: &Value) {
        let place = self.seen as usize;
        self.seen += 1;
        self.given += u64::from(output.is_some());
        let (Value::Label(truth), Some(truths)) = (truth, self.truths) else { return };
        self.classes.entry(*truth).or_default().push(place);
        if !self.is_labelled() {
            return;
        }
        let label = output.and_then(|output| labelled(output, self.output));
        let answer = label.map(|(label, set, score)| (self.spelled(set, label), score));
        let right = answer.as_ref().is_some_and(|(label, _)| truths.get(*truth as usize) == Some(label));
        self.right += u64::from(right);
        if let Some(score) = answer.as_ref().and_then(|(_, score)| *score).filter(|score| (0.0..=1.0).contains(score)) {
            self.scored += 1;
            let bin = ((score * BINS as f64) as usize).min(BINS - 1);
            if let Some((answers, scores, hits)) = self.bins.get_mut(bin) {
                *answers += 1;
                *scores += score;
                *hits += u64::from(right);
            }
        }
        let given = answer.map(|(label, _)| label);
        *self.confusion.entry(*truth).or_default().entry(given).or_default() += 1;
    }

    /// Whether the answers are labels.
    fn is_labelled(&self) -> bool {
        match self.output {
            Type::Label(_) | Type::Ranking(_) => true,
            Type::Record(fields) => scored_label(fields).is_some(),
            Type::List(of, _) => matches!(&**of, Type::Record(fields) if scored_label(fields).is_some()),
            _ => false,
        }
    }

    /// Whether something can be said of the answers without a metric.
    pub fn speaks(&self) -> bool {
        self.truths.is_some() && self.is_labelled()
    }

    fn spelled(&self, set: u32, label: u32) -> String {
        let text = self.labels.get(set as usize).and_then(|labels| labels.get(label as usize));
        text.cloned().unwrap_or_default()
    }

    fn truth(&self, label: u32) -> String {
        self.truths.and_then(|truths| truths.get(label as usize)).cloned().unwrap_or_default()
    }

    /// The places of the samples by the label of their right answer.
    pub fn classes(&self) -> BTreeMap<String, Vec<usize>> {
        self.classes.iter().map(|(label, places)| (self.truth(*label), places.clone())).collect()
    }

    /// The class, where all samples are of one.
    pub fn only_class(&self) -> Option<String> {
        let mut classes = self.classes.keys();
        let first = classes.next()?;
        classes.next().is_none().then(|| self.truth(*first))
    }

    /// The share of the samples that were answered, where not all were.
    pub fn answered(&self) -> Option<Ratio> {
        (self.given < self.seen).then(|| Ratio::of(self.given, self.seen))
    }

    /// What the answers are worth, where they are labels; the calibration only where the scores are what callers see.
    pub fn answers(&self, calibrated: bool) -> Option<Answers> {
        if !self.speaks() || self.seen == 0 {
            return None;
        }
        let all_scored = self.scored > 0 && self.scored == self.given;
        let confusion = self.confusion.iter().map(|(truth, given)| Confusion {
            truth: self.truth(*truth),
            answers: given.iter().map(|(label, count)| ConfusedWith { label: label.clone(), count: *count }).collect(),
        });
        Some(Answers {
            right_of_answered: (self.given > 0).then(|| Ratio::of(self.right, self.given)),
            right_of_all: Ratio::of(self.right, self.seen),
            calibration: (calibrated && all_scored).then(|| self.calibration()),
            confusion: confusion.collect(),
        })
    }

    fn calibration(&self) -> Calibration {
        let width = 1.0 / BINS as f64;
        let bins = self.bins.iter().enumerate().map(|(i, (answers, scores, hits))| {
            let mean = |sum: f64| (*answers > 0).then(|| sum / *answers as f64);
            let (from, to) = (i as f64 * width, (i + 1) as f64 * width);
            Bin { from, to, answers: *answers, mean_score: mean(*scores), right: mean(*hits as f64) }
        });
        let off = self.bins.iter().map(|(_, scores, hits)| (scores - *hits as f64).abs()).sum::<f64>();
        Calibration { error: off / self.scored.max(1) as f64, bins: bins.collect() }
    }
}

/// The fields `label` and `score` of a scored label.
fn scored_label(fields: &[(String, Type)]) -> Option<u32> {
    match fields {
        [(_, Type::Label(set)), (_, Type::Tensor(..))] => Some(*set),
        _ => None,
    }
}

/// The label of an answer with its set and its score: of a ranking and a list the first.
fn labelled(value: &Value, ty: &Type) -> Option<(u32, u32, Option<f64>)> {
    match (value, ty) {
        (Value::Label(label), Type::Label(set)) => Some((*label, *set, None)),
        (Value::Ranking(ranking), Type::Ranking(set)) => {
            ranking.first().map(|(label, score)| (*label, *set, Some(f64::from(*score))))
        }
        (Value::List(list), Type::List(of, _)) => labelled(list.first()?, of),
        (Value::Record(values), Type::Record(fields)) => match values.as_slice() {
            [Value::Label(label), Value::F32(score)] => Some((*label, scored_label(fields)?, Some(f64::from(*score)))),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn labels() -> Vec<Vec<String>> {
        vec![vec!["a".into(), "b".into()]]
    }

    #[test]
    fn what_is_not_answered_is_neither_right_nor_scored() {
        let (ty, labels) = (Type::Label(0), labels());
        let mut tally = Tally::new(&ty, &Type::Label(0), &labels);
        tally.add(Some(&Value::Label(0)), &Value::Label(0));
        tally.add(Some(&Value::Label(0)), &Value::Label(1));
        tally.add(None, &Value::Label(1));
        let (answered, answers) = (tally.answered().unwrap(), tally.answers(true).unwrap());
        assert_eq!((answered.hits, answered.samples), (2, 3));
        let right = answers.right_of_answered.unwrap();
        assert_eq!((right.hits, right.samples, answers.right_of_all.samples), (1, 2, 3));
        assert!(answers.calibration.is_none() && tally.only_class().is_none());
        assert_eq!(answers.confusion.len(), 2);
    }

    #[test]
    fn the_calibration_error_is_the_mean_distance_of_score_and_share() {
        let (ty, labels) = (Type::Ranking(0), labels());
        let mut tally = Tally::new(&ty, &Type::Label(0), &labels);
        // Ten answers with a score of 0.75, five of them right.
        for i in 0..10 {
            let ranking = Value::Ranking(Arc::new(vec![(0, 0.75), (1, 0.25)]));
            tally.add(Some(&ranking), &Value::Label(u32::from(i % 2 == 0)));
        }
        let calibration = tally.answers(true).unwrap().calibration.unwrap();
        assert!((calibration.error - 0.25).abs() < 1e-12);
        assert_eq!(calibration.bins.iter().map(|bin| bin.answers).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 0, 10, 0, 0]);
    }
}
