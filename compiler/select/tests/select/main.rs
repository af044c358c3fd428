//! Selection against brute force, conflicts against all subsets, licences, the lock, and the words of the reasons.

#![allow(clippy::unwrap_used, clippy::panic)]

mod brute;
mod conflict;
mod envelope;
mod exact;
mod front;
mod instances;
mod license;
mod lock;
#[path = "../../../../benches/src/problems.rs"]
mod problems;
mod words;
