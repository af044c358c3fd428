//! `outdated`: what was measured, and should be measured again. Only what can be told from the project itself.

use crate::catalog::Catalog;
use crate::error::Error;
use crate::index::facts;
use mu_driver::catalog::Catalogued;
use mu_evidence::{Evidence, Store};
use serde::Serialize;

/// Figures that are not of today's model, data or runtime.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outdated {
    /// The runtime of this compiler.
    pub runtime: String,
    /// By model.
    pub stale: Vec<Stale>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stale {
    pub model: String,
    /// What: `top1 on holdout`, `profile on x86_64 at 0.25`, `gate`, `evidence`.
    pub what: String,
    pub why: String,
    /// The command that measures it anew.
    pub again: String,
    /// When it was measured, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// What should be measured again.
pub fn outdated(catalog: &Catalog) -> Result<Outdated, Error> {
    let facts = facts(catalog)?;
    let store = Store::read(catalog.world(), &facts.folder);
    let runtime = crate::gate::runtime();
    let mut stale = Vec::new();
    for card in &facts.cards {
        let Some(stated) = &card.stated else { continue };
        let path = format!("{}/{}.toml", mu_evidence::store::folder(&facts.folder), card.name);
        let mut whole = |why: String| {
            let again = format!("mulc models measure {0}; mulc models evaluate {0} --data SET", card.name);
            stale.push(Stale { model: card.name.clone(), what: "evidence".into(), why, again, date: None });
        };
        if let Some(fault) = store.faults.iter().find(|fault| fault.path == path) {
            whole(format!("it does not count: {}", fault.message()));
        }
        match store.any(&card.name) {
            Some(evidence) if evidence.sha256 != stated.sha256 => whole("it is of another file".into()),
            Some(evidence) => of_runtime(evidence, &facts, &runtime, &mut stale),
            None => {}
        }
    }
    Ok(Outdated { runtime, stale })
}

/// Figures of another runtime or of data that is declared otherwise now.
fn of_runtime(evidence: &Evidence, facts: &Catalogued, runtime: &str, stale: &mut Vec<Stale>) {
    let model = &evidence.model;
    let mut add = |what: String, why: String, again: String, date: &str| {
        stale.push(Stale { model: model.clone(), what, why, again, date: Some(date.to_owned()) });
    };
    let older = |of: &str| (of != runtime).then(|| format!("it is of `{of}`"));
    if let Some((gate, why)) = evidence.gate.as_ref().and_then(|gate| Some((gate, older(&gate.runtime)?))) {
        add("gate".into(), why, format!("mulc models add (the file of {model})"), &gate.date);
    }
    for one in &evidence.evaluations {
        let mut named = facts.datasets.iter().filter(|set| set.name == one.dataset).peekable();
        let declared = named.peek().is_some();
        let same = named.any(|set| set.sha256 == one.dataset_sha256);
        let why = match (declared, same) {
            (true, false) => Some("the data set is declared with another sha256".to_owned()),
            _ => older(&one.runtime),
        };
        if let Some(why) = why {
            let again = format!("mulc models evaluate {model} --data {}", one.dataset);
            add(format!("{} on {}", one.metric, one.dataset), why, again, &one.date);
        }
    }
    for one in &evidence.profiles {
        if let Some(why) = older(&one.runtime) {
            let again = format!("mulc models measure {model} --cpu {}", one.share);
            add(format!("profile on {} at {}", one.platform.name, one.share), why, again, &one.date);
        }
    }
}
