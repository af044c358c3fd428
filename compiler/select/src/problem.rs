//! What is to be selected: slots with their candidates, requirements, and an objective. Pure data, in base units.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The slots of one program, what is asked of them, and what makes one choice better than another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Problem {
    pub slots: Vec<SlotProblem>,
    /// What else is chosen, once for the whole program: the memory sizes of a function. Empty where there is nothing to choose.
    pub settings: Vec<Setting>,
    /// In the order of the source.
    pub requirements: Vec<Requirement>,
    /// The first goal decides; the second only among choices that are equal by the first.
    pub objective: Vec<Objective>,
}

/// One way to run the whole program, of which one is chosen together with the models.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Setting {
    /// For people: `512 MB`.
    pub name: String,
    /// What it stands for, in base units, by name: `memory`. Terms carry their own numbers; these are for who shows a selection.
    pub values: BTreeMap<String, f64>,
}

/// A slot and the models that could fill it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SlotProblem {
    pub name: String,
    pub candidates: Vec<Candidate>,
}

/// A model as the selection sees it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Candidate {
    pub name: String,
    /// What holds whatever the setting.
    pub traits: BTreeMap<Key, Evidence>,
    /// What differs by setting: one for each setting of the problem, in their order. It goes before what is in `traits`.
    pub by_setting: BTreeMap<Key, Vec<Evidence>>,
    /// An SPDX expression.
    pub license: Option<String>,
}

/// The name of a trait: its path (`top1`, `latency.p95`) and, for a metric, the data set. `Display` writes these two; what
/// evidence counts is said by [`Key::qualifier`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Key {
    pub path: String,
    pub dataset: Option<String>,
    /// Whether a claim counts where nothing was measured.
    #[serde(default)]
    pub claimed: bool,
    /// The value is no estimate but a limit that holds with some confidence.
    #[serde(default)]
    pub limit: Option<Confident>,
}

/// A one-sided limit of a trait.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Confident {
    pub side: Side,
    /// As written in the source: `95%`.
    pub confidence: String,
}

/// On which side of a limit the true value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The value is at least the limit.
    AtLeast,
    /// The value is at most the limit.
    AtMost,
}

/// What is known of a trait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// In base units (seconds, bytes, a ratio of 1). A value that is not finite counts as unknown.
    pub value: f64,
    pub source: Source,
    /// How many samples a metric was taken on.
    pub samples: Option<u64>,
    /// The 95 % interval, in base units, smaller end first.
    #[serde(default)]
    pub interval: Option<(f64, f64)>,
    /// The platform that a figure of speed belongs to.
    #[serde(default)]
    pub platform: Option<String>,
    /// When it was taken: `2026-11-21`.
    #[serde(default)]
    pub date: Option<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Read from the model's file.
    File,
    /// Claimed by the card.
    Card,
    /// Measured: of this very file, on this very data set or platform.
    Measured,
    /// Predicted for a platform by what was measured there of a probe.
    Calibrated,
    /// Predicted for a platform on which nothing was measured.
    Predicted,
}

/// A number that depends on the choice. Unknown where a trait in it is unknown or the result is not finite.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    Number(f64),
    Trait {
        slot: usize,
        key: Key,
    },
    /// A number for each setting of the problem. Unknown where there is none for a setting.
    Setting(Vec<f64>),
    Add(Box<Term>, Box<Term>),
    Sub(Box<Term>, Box<Term>),
    Mul(Box<Term>, Box<Term>),
    Div(Box<Term>, Box<Term>),
    /// 0 where it is empty.
    Sum(Vec<Term>),
    /// The largest: the worse branch of an `if`. Unknown where it is empty.
    Max(Vec<Term>),
    /// Rounded up to a multiple of `step`: what is billed by the millisecond. What is above a multiple by less than a 10^-9th of
    /// a step counts as that multiple. Unknown where `step` is not positive.
    Ceil {
        term: Box<Term>,
        step: f64,
    },
    /// The same number as `term`, with a name for people: `cost`.
    Named {
        name: String,
        term: Box<Term>,
    },
}

/// One `require`.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// By which the caller finds its own things again; not looked at here.
    pub id: u32,
    /// As written in the source.
    pub text: String,
    pub check: Check,
    pub unit: UnitShow,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    Compare {
        left: Term,
        op: Op,
        right: Term,
    },
    /// The licence of the slot's model is satisfied by the allowed ones.
    License {
        slot: usize,
        allowed: Vec<String>,
    },
}

/// A comparison. Both sides may differ by a 10^-12th of the larger, so that the rounding of a sum decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Op {
    #[serde(rename = "<")]
    Lt,
    #[serde(rename = "<=")]
    Le,
    #[serde(rename = ">")]
    Gt,
    #[serde(rename = ">=")]
    Ge,
    #[serde(rename = "==")]
    Eq,
    #[serde(rename = "!=")]
    Ne,
}

/// How a value in base units is shown: divided by `factor`, then `suffix`.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitShow {
    /// `0.01` for percent, `0.001` for milliseconds.
    pub factor: f64,
    /// ` ms`, ` %`; empty for a plain number.
    pub suffix: String,
}

/// One goal of the objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// As written in the source: `latency.p95`.
    pub text: String,
    pub goal: Goal,
    pub unit: UnitShow,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    Minimize(Term),
    Maximize(Term),
}

/// How much work may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Partial choices that are looked at, in each of: the search for the best, the reasons, the explanation of a conflict.
    pub nodes: u64,
}

impl Default for Limit {
    fn default() -> Limit {
        Limit { nodes: 2_000_000 }
    }
}

impl Key {
    /// A trait of which only what was measured counts.
    pub fn new(path: impl Into<String>, dataset: Option<String>) -> Key {
        Key { path: path.into(), dataset, claimed: false, limit: None }
    }

    /// What is said behind a value or a requirement of what evidence counts: ` as claimed`, ` with confidence 95%`, or nothing.
    pub fn qualifier(&self) -> String {
        let claimed = if self.claimed { " as claimed" } else { "" };
        let limit = self.limit.as_ref().map(|limit| format!(" with confidence {}", limit.confidence));
        format!("{claimed}{}", limit.unwrap_or_default())
    }
}

impl Evidence {
    /// A value without sample size, interval, platform or date.
    pub fn new(value: f64, source: Source) -> Evidence {
        Evidence { value, source, samples: None, interval: None, platform: None, date: None }
    }
}

impl Candidate {
    /// What is known of a trait under a setting.
    pub fn evidence(&self, key: &Key, setting: Option<usize>) -> Option<&Evidence> {
        match self.by_setting.get(key) {
            Some(each) => each.get(setting.unwrap_or(0)),
            None => self.traits.get(key),
        }
    }
}

impl Op {
    /// Whether `left op right` holds.
    pub fn holds(self, left: f64, right: f64) -> bool {
        let slack = 1e-12 * left.abs().max(right.abs());
        let difference = left - right;
        match self {
            Op::Lt => difference < -slack,
            Op::Le => difference <= slack,
            Op::Gt => difference > slack,
            Op::Ge => difference >= -slack,
            Op::Eq => difference.abs() <= slack,
            Op::Ne => difference.abs() > slack,
        }
    }

    /// The same comparison with its sides exchanged.
    pub fn flipped(self) -> Op {
        match self {
            Op::Lt => Op::Gt,
            Op::Le => Op::Ge,
            Op::Gt => Op::Lt,
            Op::Ge => Op::Le,
            Op::Eq => Op::Eq,
            Op::Ne => Op::Ne,
        }
    }
}

impl Term {
    /// Whether it is the same for every choice of models and setting.
    pub fn is_constant(&self) -> bool {
        match self {
            Term::Number(_) => true,
            Term::Trait { .. } | Term::Setting(_) => false,
            Term::Ceil { term, .. } | Term::Named { term, .. } => term.is_constant(),
            Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => a.is_constant() && b.is_constant(),
            Term::Sum(terms) | Term::Max(terms) => terms.iter().all(Term::is_constant),
        }
    }
}

impl UnitShow {
    /// A value in base units as text, to five significant digits: `94.4 %`.
    pub fn show(&self, value: f64) -> String {
        self.text(value / self.factor, |scaled| scaled.round())
    }

    /// A bound as text, rounded so that `value` still meets it.
    pub fn show_bound(&self, op: Op, value: f64) -> String {
        // What is exact in decimals must not be rounded away for the last bit of its binary form.
        let near = |scaled: f64| (scaled - scaled.round()).abs() < 1e-6;
        self.text(value / self.factor, |scaled| match op {
            _ if near(scaled) => scaled.round(),
            Op::Ge | Op::Gt => scaled.floor(),
            Op::Le | Op::Lt => scaled.ceil(),
            Op::Eq | Op::Ne => scaled.round(),
        })
    }

    fn text(&self, shown: f64, round: impl Fn(f64) -> f64) -> String {
        let digits = if shown == 0.0 || !shown.is_finite() { 0 } else { shown.abs().log10().floor() as i32 };
        let places = (4 - digits).clamp(0, 12);
        let scale = 10f64.powi(places);
        let rounded = if shown.abs() < 1e15 { round(shown * scale) / scale } else { shown };
        let text = format!("{rounded:.*}", usize::try_from(places).unwrap_or(0));
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        format!("{text}{}", self.suffix)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Eq => "==",
            Op::Ne => "!=",
        })
    }
}

/// `top1 on mnist_holdout`
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.dataset {
            Some(dataset) => write!(f, "{} on {dataset}", self.path),
            None => write!(f, "{}", self.path),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::File => "read from the file",
            Source::Card => "claimed by the card",
            Source::Measured => "measured",
            Source::Calibrated => "predicted, calibrated",
            Source::Predicted => "predicted, uncalibrated",
        })
    }
}
