//! What speaks to AWS: a catalog in S3, the probe that calibrates a platform on Lambda, and deployments.
//!
//! The functions wait until they are done. Everything they learn from outside is held against its hash before it counts.

mod address;
mod catalog;
mod deploy;
mod error;
mod files;
mod probe;
mod pull;
mod push;
mod retry;
mod session;
mod store;

pub use address::Address;
pub use catalog::manifest::is_read;
pub use catalog::{Manifest, NeedKind, hash_of};
pub use deploy::{Deployed, Event, Shipped};
pub use error::{Error, Kind};
pub use probe::Probe;
pub use pull::{Pulled, Wish};
pub use push::{Local, LocalFile, LocalNeed, Pushed};
pub use session::Session;
pub use store::Limits;

use std::collections::BTreeSet;

/// How far a push, a pull or a probe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So much is to come; 0 bytes where nobody knows. Of a probe, calls.
    Planned { files: usize, bytes: u64 },
    /// So much of it is there.
    Done { bytes: u64 },
}

/// Refuses names of models that are not `known`.
fn unknown_models<'a>(asked: &[String], known: impl Iterator<Item = &'a str>, place: &str) -> Result<(), Error> {
    let known: BTreeSet<&str> = known.collect();
    match asked.iter().find(|model| !known.contains(model.as_str())) {
        None => Ok(()),
        Some(model) => {
            let shown = error::clean(model);
            let names: Vec<&str> = known.into_iter().take(10).collect();
            let help =
                if names.is_empty() { "it has no models".into() } else { format!("it has {}", names.join(", ")) };
            Err(Error::request(format!("{place} has no model `{shown}`"), help))
        }
    }
}
