//! What is live: each function of a deployment, the version that callers get, and what came before.

use crate::actual::Actual;
use crate::scope::Scope;
use crate::version::VersionNote;
use serde::Serialize;

/// One function as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub function: String,
    /// The version that callers get; `None` where none is live.
    pub version: Option<u64>,
    /// The sha256 of its zip.
    pub code: Option<String>,
    /// When it was published, as Lambda writes it.
    pub published: Option<String>,
    /// A version on trial, and its share of calls.
    pub canary: Option<(u64, f64)>,
    /// The version that `mulc rollback` goes back to.
    pub before: Option<u64>,
    /// In MB.
    pub memory: u32,
    pub address: Option<String>,
}

/// All functions that carry the deployment's tags, by name.
pub fn status(scope: &Scope, actual: &Actual) -> Vec<Status> {
    let ours = actual.functions.values().filter(|found| scope.owner.owns(&found.tags));
    let status = |found: &crate::actual::FunctionFound| {
        let alias = found.alias.as_ref();
        let live = alias.and_then(|alias| alias.version);
        let version = live.and_then(|number| found.versions.get(&number));
        let note = version.and_then(|version| VersionNote::parse(&version.description));
        let canary = alias.and_then(|alias| alias.canary);
        Status {
            function: found.name.clone(),
            version: live,
            code: version.map(|version| version.sha256.clone()),
            published: version.map(|version| version.modified.clone()),
            canary,
            before: if canary.is_some() { live } else { note.and_then(|note| note.before) },
            memory: version.unwrap_or(&found.latest).configuration.memory,
            address: found.url.as_ref().map(|url| url.address.clone()),
        }
    };
    ours.map(status).collect()
}
