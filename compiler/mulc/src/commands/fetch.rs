//! What goes before a build where the catalog lies in a store: the files of chosen models that are not here are fetched into
//! the cache. Compiling itself never touches the network.

use super::Program;
use super::models::store::shown;
use crate::cli::Lock;
use crate::failure::Failure;
use crate::output;
use mu_base::World;
use mu_cloud::{Address, Limits, Session};
pub use mu_driver::Needed;
use mu_driver::{Entry, FETCHED, MissingFile};
use std::collections::BTreeSet;

/// Fetches what is lacking for `entry`. Nothing where the project names no store, with `--locked` and with `--offline`.
pub fn fetch(program: &Program, entry: Entry, needed: Needed, lock: Lock) -> Result<(), Failure> {
    if lock.locked || lock.offline || program.place.lone.is_some() || !names_a_store(program) {
        return Ok(());
    }
    let mut known: BTreeSet<MissingFile> = BTreeSet::new();
    let mut session = None;
    // What is learned from a file may move the choice to another one.
    while let Some((remote, missing)) = mu_driver::missing(&program.input(), entry, needed) {
        if missing.is_subset(&known) {
            break;
        }
        let address = Address::parse(&remote)?;
        let session = match &mut session {
            Some(session) => session,
            none => none.insert(Session::open(None)?),
        };
        let hashes = missing.iter().map(|file| file.sha256.clone()).collect();
        let folder = program.place.folder.join(FETCHED);
        session.fetch(&address, &hashes, &folder, Limits::default(), &shown("fetching models"))?;
        let names: Vec<&str> = missing.iter().map(|file| file.model.as_str()).collect();
        output::aside(&format!("fetched {} from {address}\n", names.join(", ")));
        known.extend(missing);
    }
    Ok(())
}

/// Whether it is worth looking for what is missing.
fn names_a_store(program: &Program) -> bool {
    let text = program.disk.read("mu.toml").unwrap_or_default();
    let table: Option<toml::Table> = toml::from_str(&String::from_utf8_lossy(&text)).ok();
    table.and_then(|table| table.get("catalog")?.get("remote").cloned()).is_some()
}
