//! The records of evidence. Values are in base units: seconds, bytes, ratios of 1.

use serde::{Deserialize, Serialize};

/// All that was measured of one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The card's name.
    pub model: String,
    /// Of the model's file, in lower-case hexadecimal. What was measured of another file says nothing.
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// By metric, then data set, then what was run.
    #[serde(default, rename = "evaluation", skip_serializing_if = "Vec::is_empty")]
    pub evaluations: Vec<Evaluation>,
    /// By platform, then share.
    #[serde(default, rename = "profile", skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
}

/// The comparison of our runtime's outputs with reference outputs. Only a gate that was passed is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// What gave the reference: `onnxruntime 1.31.1`, or `npz` and the file's sha256.
    pub reference: String,
    /// How many inputs were compared.
    pub samples: u64,
    /// The largest absolute difference of an output.
    pub largest: f64,
    /// The same before the final softmax or sigmoid, where the model has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_softmax: Option<f64>,
    /// Our runtime: version of the compiler and of the engine.
    pub runtime: String,
    /// `2026-11-21`
    pub date: String,
}

/// A metric of a model on a data set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// The metric's name in its task: `top1`.
    pub metric: String,
    /// The data set's name in the catalog.
    pub dataset: String,
    /// Of the data set's file, as its declaration says; evidence holds for the declaration with this hash.
    pub dataset_sha256: String,
    /// The sha256 of samples, labels and order, however they were stored.
    pub identity: String,
    pub through: Through,
    /// In base units.
    pub value: f64,
    pub samples: u64,
    /// Of a ratio of counts: how many samples were counted as right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hits: Option<u64>,
    /// 95 %.
    pub interval: Interval,
    pub method: Method,
    pub runtime: String,
    /// `2026-11-21`
    pub date: String,
}

/// What was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Through {
    /// The card's adapter, from the task's types: what a program runs.
    Adapter,
    /// The net alone, from tensors.
    Net,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// How an interval was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Of a ratio of counts.
    Wilson,
    /// The percentiles of resampled sets.
    Bootstrap,
}

/// The machine that a figure belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Short, unique in a catalog: `x86_64-xeon-avx512`, `lambda-x86_64`.
    pub name: String,
    /// The processor's own words.
    pub machine: String,
    /// As `deploy` names it: `x86_64`, `aarch64`.
    pub arch: String,
    /// The processor's features that engines choose their kernels by, sorted.
    pub features: Vec<String>,
}

/// How a model ran on a platform at a share of its processor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub platform: Platform,
    /// Processors granted: 0.25, 1, 2.
    pub share: f64,
    /// Over which the share is granted, in seconds; 0 where nothing limits it.
    pub period: f64,
    pub runtime: String,
    /// The sha256 of the inputs that were used, in order.
    pub inputs: String,
    /// `2026-11-21`
    pub date: String,
    pub processes: u32,
    pub calls: u64,
    /// From the start of the process until it could answer, in seconds: the median over processes.
    pub load: f64,
    /// The first answer after that, in seconds: the median over processes.
    pub first: f64,
    /// Calls back to back.
    pub latency: Latency,
    /// Calls with pauses between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spaced: Option<Latency>,
    /// Processor time of a call back to back at each of the [`PERCENTILES`], in seconds.
    pub demand: Vec<f64>,
    /// The same of calls with pauses between them: they find caches cold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spaced_demand: Vec<f64>,
    /// Peak resident memory, in bytes.
    pub memory: u64,
    /// What the model adds to a bundle, in bytes.
    pub size: u64,
}

/// Where the distribution of the processor time of a call is kept.
pub const PERCENTILES: [f64; 22] = [
    0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0,
    95.0, 99.0, 100.0,
];

/// The distribution of the time of a call, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    pub mean: f64,
    pub p50: Quantile,
    pub p95: Quantile,
    pub p99: Quantile,
}

/// An order statistic with its 95 % interval; the ends are the value itself where the calls were too few to tell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantile {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}
