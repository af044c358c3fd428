//! Selects the models of a program: exactly, deterministically, with a reason for every candidate and an explanation where
//! nothing fits.
//!
//! Data in, data out: the language, catalogs and files are unknown here.

mod baselines;
mod case;
mod conflict;
mod dual;
mod envelope;
mod filter;
mod front;
mod license;
mod linear;
mod lock;
mod near;
mod outcome;
mod problem;
mod prune;
mod range;
mod reasons;
mod relax;
mod search;
mod select;
mod solve;
mod space;
mod value;
mod why;

pub use baselines::{Baseline, Compared};
pub use envelope::{Envelope, Table};
pub use front::{Axis, Front, Point, Step, axes, front};
pub use license::{check_license, license_allows};
pub use lock::{Difference, Lock, LockError, LockedEntry, LockedGoal, LockedOption, LockedSlot, LockedTrait};
pub use outcome::{Change, Completed, Conflict, Gap, Miss, Near, Outcome, Relaxation, Selection, Unproven, Verdict};
pub use problem::{
    Candidate, Check, Confident, Evidence, Goal, Key, Limit, Objective, Op, Problem, Requirement, Setting, Side,
    SlotProblem, Source, Term, UnitShow,
};
pub use reasons::reasons;
pub use select::select;
pub use value::value;
pub use why::{Why, WhyRow, miss_text, relaxation_text, step_text, term_text, why, why_row};
