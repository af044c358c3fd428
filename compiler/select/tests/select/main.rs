//! Selection against brute force, conflicts against all subsets, licences, the lock, and the words of the reasons.

#![allow(clippy::unwrap_used, clippy::panic)]

mod brute;
mod conflict;
mod exact;
mod instances;
mod license;
mod lock;
mod words;
