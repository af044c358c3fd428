//! Selects the models of a program: exactly, deterministically, with a reason for every candidate and an explanation where
//! nothing fits.
//!
//! Data in, data out: the language, catalogs and files are unknown here.

mod case;
mod conflict;
mod dual;
mod filter;
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
mod why;

pub use license::{check_license, license_allows};
pub use lock::{Difference, Lock, LockError, LockedSlot, LockedTrait};
pub use outcome::{Change, Completed, Conflict, Gap, Miss, Near, Outcome, Relaxation, Selection, Unproven, Verdict};
pub use problem::{
    Candidate, Check, Confident, Evidence, Goal, Key, Limit, Objective, Op, Problem, Requirement, Setting, Side,
    SlotProblem, Source, Term, UnitShow,
};
pub use reasons::reasons;
pub use select::select;
pub use why::{Why, WhyRow, miss_text, relaxation_text, term_text, why};
