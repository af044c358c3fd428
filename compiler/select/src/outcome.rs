//! What a selection answers: the choice with the reason for every candidate, or why there is none. Pure data.

use crate::problem::Op;
use serde::{Deserialize, Serialize};

/// The answer to a [`Problem`](crate::Problem). Slots, candidates and requirements are given by their places in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Chosen(Selection),
    Infeasible(Conflict),
    TooLarge(Unproven),
}

/// The best choice: proven to be, unless there is a gap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Selection {
    /// The candidate of each slot.
    pub choice: Vec<usize>,
    /// The chosen setting; nothing where the problem has none.
    pub setting: Option<usize>,
    /// The value of each goal, as it was written (not negated); nothing where it is unknown.
    pub goals: Vec<Option<f64>>,
    /// Partial choices that the search looked at.
    pub nodes: u64,
    /// How much better a choice could be that the search did not come to; nothing where this one is proven to be the best.
    pub gap: Option<Gap>,
}

/// The limit ended the search: what is proven about the choice that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The first goal that may have a better value, by its place in the objective; those before it are proven. Where it is the
    /// number of goals, all are, and only ties may be broken otherwise.
    pub goal: usize,
    /// No choice (of those that are as good by the goals before) is better by this goal than this value, as the goal was
    /// written; nothing where no bound is known.
    pub bound: Option<f64>,
    /// How far the value found is from the bound, in base units; nothing where one of both is unknown.
    pub absolute: Option<f64>,
    /// The same in relation to the value found; nothing where that is 0.
    pub relative: Option<f64>,
}

/// Why a candidate was kept or dropped.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Chosen,
    /// It meets every requirement; others are better.
    Fits {
        /// The best choice that has this candidate; nothing where the limit ended the search for it.
        best: Option<Completed>,
    },
    /// It misses requirements on its slot alone, whatever the setting; these are those missed under the chosen one.
    Dropped {
        failed: Vec<Miss>,
    },
    /// It meets the requirements on its slot, but no choice for the other slots goes with it.
    DroppedJointly {
        /// The shared requirements that are the reason.
        failed: Vec<usize>,
        /// Whether it takes several of the program's requirements to exclude it; these are then all that bear on its slot. If not,
        /// each fails with it whatever models that meet their own slots' requirements the other slots hold (with settings: each
        /// under one of them, and under each setting one).
        together: bool,
    },
}

/// A choice for all slots.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Completed {
    pub choice: Vec<usize>,
    pub setting: Option<usize>,
    /// The value of each goal, as it was written.
    pub goals: Vec<Option<f64>>,
}

/// A requirement that does not hold, and by how much. Values are in base units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Miss {
    pub requirement: usize,
    /// The side that depends on the choice, or the left one where both do; nothing where it is unknown or a licence.
    pub value: Option<f64>,
    /// How `value` must compare with `needed`.
    pub op: Op,
    pub needed: Option<f64>,
    /// How far `value` is off; nothing where one of both is unknown, or for a licence.
    pub by: Option<f64>,
    /// The licence that was not allowed.
    pub license: Option<String>,
}

/// Why nothing fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The smallest set of requirements that no choice meets together; of equally small ones the first in source order.
    /// Empty where a slot has no candidates at all.
    pub minimal: Vec<usize>,
    /// Whether the set was proven to be the smallest. If not, none of its requirements can be left out, but there may be a
    /// smaller set.
    pub proven: bool,
    /// Up to three choices that miss least, nearest first.
    pub nearest: Vec<Near>,
    /// For each requirement in `minimal`, the one change to it that would make the program feasible, if there is one.
    pub relaxations: Vec<Option<Relaxation>>,
}

/// A choice that almost fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Near {
    /// Slot and candidate, for the slots that take part in the conflict.
    pub choice: Vec<(usize, usize)>,
    /// The setting; nothing where the problem has none.
    pub setting: Option<usize>,
    /// What it misses, in source order.
    pub misses: Vec<Miss>,
}

/// A change of one requirement that makes the program feasible.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Relaxation {
    pub requirement: usize,
    pub change: Change,
    /// The candidate of each slot that would be chosen then.
    pub choice: Vec<usize>,
    /// The setting that would be chosen then; nothing where the problem has none.
    pub setting: Option<usize>,
}

/// What would have to stand there instead.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Another number, the nearest to the one that is there, in base units: `left op value`, with the side that depends on the
    /// choice on the left.
    Bound { op: Op, value: f64 },
    /// Both sides depend on the choice: `left op right + offset`, in base units.
    Offset { op: Op, offset: f64 },
    /// This licence among the allowed ones.
    License(String),
    /// No number helps: a value is unknown, or the comparison is `==` or `!=`.
    Remove,
}

/// The limit ended the search before a choice was found that meets all requirements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unproven {
    /// The value of the first goal that no choice can be better than; nothing where there is no goal or it is unknown.
    pub bound: Option<f64>,
    /// Partial choices that the search looked at.
    pub nodes: u64,
}
