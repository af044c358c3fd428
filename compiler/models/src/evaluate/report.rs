//! What an evaluation found, as data.

use mu_evidence::stats::wilson;
use mu_evidence::{Interval, Method, Through};
use serde::Serialize;

/// An evaluation. Intervals hold with 95 %.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluated {
    /// The card or the function.
    pub subject: String,
    /// Of a card's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_sha256: Option<String>,
    pub through: Through,
    pub data: Data,
    pub samples: u64,
    pub metrics: Vec<Metric>,
    /// The share of the samples that were answered; absent where all were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<Ratio>,
    /// Where answers are labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// What was assumed of the data.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The evidence file it was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<String>,
}

/// The data it was found on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Data {
    /// Where it is a data set of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub path: String,
    /// Of the file, where it is a data set of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The sha256 of samples, right answers and order.
    pub identity: String,
    /// Whether only the first samples were taken.
    pub limited: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    pub name: String,
    /// In `unit`.
    pub value: f64,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// How many base units one of `unit` is.
    #[serde(skip)]
    pub factor: f64,
    pub higher_is_better: bool,
    pub samples: u64,
    /// Of a share of the samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    pub interval: Interval,
    pub method: Method,
    /// Over the samples of one class each, where right answers are labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub per_class: Vec<Class>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    pub label: String,
    pub samples: u64,
    /// Absent where the metric has no finite value over the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// A share of samples, with Wilson's interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ratio {
    pub value: f64,
    pub hits: u64,
    pub samples: u64,
    pub interval: Interval,
}

impl Ratio {
    /// `samples` is not 0.
    pub(crate) fn of(hits: u64, samples: u64) -> Ratio {
        Ratio { value: hits as f64 / samples as f64, hits, samples, interval: wilson(hits, samples) }
    }
}

/// What answers are worth that are labels (of rankings and lists: the first).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answers {
    /// Absent where nothing was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right_of_answered: Option<Ratio>,
    pub right_of_all: Ratio,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// By right answer.
    pub confusion: Vec<Confusion>,
}

/// How far scores can be believed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// The expected calibration error: how far the mean score of a bin is from the share of its answers that are right, weighed by
    /// the number of answers.
    pub error: f64,
    /// Of equal width.
    pub bins: Vec<Bin>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    pub from: f64,
    pub to: f64,
    pub answers: u64,
    pub mean_score: Option<f64>,
    /// The share that is right.
    pub right: Option<f64>,
}

/// What was answered where `truth` was right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusion {
    pub truth: String,
    pub answers: Vec<ConfusedWith>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConfusedWith {
    /// `None` where nothing was answered.
    pub label: Option<String>,
    pub count: u64,
}
