//! `show`: everything that is known of one model.

use crate::catalog::Catalog;
use crate::error::Error;
use crate::index::{claimed_interval, evidence_of, facts};
use mu_base::suggest;
use mu_driver::catalog::{CardFacts, Catalogued, Measure, Stated};
use mu_evidence::{Evaluation, Gate, Interval, Profile, Store, Through};
use serde::Serialize;
use std::collections::BTreeMap;

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    pub name: String,
    /// The source of its card, from the project's folder.
    pub card: String,
    pub task: String,
    pub license: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The model's file; nothing where it is not at hand.
    pub file: Option<String>,
    pub sha256: String,
    /// What the file says of itself, in base units.
    pub traits: BTreeMap<String, f64>,
    /// Each claim beside what was measured of the same.
    pub claims: Vec<Claimed>,
    pub gate: Option<Gate>,
    pub evaluations: Vec<Evaluation>,
    pub profiles: Vec<Profile>,
    /// What should be known before one relies on it.
    pub notes: Vec<String>,
    /// How the traits are shown.
    #[serde(skip)]
    pub measures: BTreeMap<String, Measure>,
}

/// What a card claims, in base units.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claimed {
    #[serde(rename = "trait")]
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    pub value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// 95 %, as of a ratio of so many samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// What was measured of the same, through the card's adapter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    /// Whether the claim lies in the interval of what was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borne_out: Option<bool>,
}

/// What is known of the model called `name`.
pub fn show(catalog: &Catalog, name: &str) -> Result<Shown, Error> {
    let facts = facts(catalog)?;
    let store = Store::read(catalog.world(), &facts.folder);
    let Some(card) = facts.cards.iter().find(|card| card.name == name) else { return Err(unknown(&facts, name)) };
    let Some(stated) = &card.stated else {
        return Err(Error::wrong(format!("the card of `{name}` in `{}` has errors", card.source))
            .help("`mulc models verify` names them"));
    };
    let evidence = evidence_of(&store, card);
    let evaluations = evidence.map(|evidence| evidence.evaluations.clone()).unwrap_or_default();
    Ok(Shown {
        name: card.name.clone(),
        card: card.source.clone(),
        task: stated.task.clone(),
        license: stated.license.clone(),
        origin: card.origin.clone(),
        file: stated.path.clone(),
        sha256: stated.sha256.clone(),
        traits: stated.traits.iter().cloned().collect(),
        claims: claims(stated, &evaluations),
        gate: evidence.and_then(|evidence| evidence.gate.clone()),
        evaluations,
        profiles: evidence.map(|evidence| evidence.profiles.clone()).unwrap_or_default(),
        notes: notes(card, stated, &store, &facts),
        measures: stated.measures.clone(),
    })
}

fn unknown(facts: &Catalogued, name: &str) -> Error {
    let error = Error::wrong(format!("the catalog has no model `{name}`"));
    match suggest::nearest(name, facts.cards.iter().map(|card| card.name.as_str())) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("`mulc models list` shows the catalog"),
    }
}

fn claims(stated: &Stated, evaluations: &[Evaluation]) -> Vec<Claimed> {
    let claim = |claim: &mu_driver::catalog::ClaimFacts| {
        let same = |e: &&Evaluation| {
            e.through == Through::Adapter && e.metric == claim.path && Some(&e.dataset) == claim.dataset.as_ref()
        };
        let measured = evaluations.iter().find(same);
        let inside = |e: &Evaluation| e.interval.low <= claim.value && claim.value <= e.interval.high;
        Claimed {
            path: claim.path.clone(),
            dataset: claim.dataset.clone(),
            value: claim.value,
            samples: claim.samples,
            interval: claimed_interval(claim),
            measured: measured.map(|e| e.value),
            borne_out: measured.map(inside),
        }
    };
    stated.claims.iter().map(claim).collect()
}

fn notes(card: &CardFacts, stated: &Stated, store: &Store, facts: &Catalogued) -> Vec<String> {
    let mut notes = Vec::new();
    if stated.path.is_none() {
        notes.push(format!("the model's file is not at hand; it is looked for at {}", card.files.join(", ")));
    }
    let path = format!("{}/{}.toml", mu_evidence::store::folder(&facts.folder), card.name);
    let fault = store.faults.iter().find(|fault| fault.path == path);
    notes.extend(fault.map(|fault| format!("its evidence does not count: {}", fault.message())));
    match (store.any(&card.name), evidence_of(store, card)) {
        (Some(_), None) => notes.push("its evidence is of another file and does not count".into()),
        (None, None) if fault.is_none() => notes.push("nothing was measured of it".into()),
        (_, Some(evidence)) if evidence.gate.is_none() => {
            notes.push("its outputs were never compared with those of a reference".into());
        }
        _ => {}
    }
    notes
}
