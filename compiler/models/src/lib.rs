//! What `mulc models` does with a catalog: one module a command. Everything here computes and gives data; texts for people,
//! tables and progress bars are made by the command line.

pub mod add;
pub mod catalog;
pub mod data;
pub mod diff;
mod error;
pub mod evaluate;
pub mod gate;
mod index;
mod list;
pub mod measure;
pub mod optimize;
mod outdated;
mod progress;
mod show;
mod verify;

pub use catalog::Catalog;
pub use error::{Error, Kind};
pub use index::{Written, write_index};
pub use list::{Figure, Filter, Listing, Row, list};
pub use mu_evidence::Through;
pub use mu_index::Measure;
pub use outdated::{Outdated, Stale, outdated};
pub use progress::{Progress, Silent};
pub use show::{Claimed, Shown, show};
pub use verify::{Found, Verified, verify};
