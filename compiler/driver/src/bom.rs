//! The ML-BOM of a bundle: which models are in it, under which licences, and what is known of them, as CycloneDX 1.6. It has no
//! time and no random number, so that the same bundle has the same text.

use crate::choose::Chosen;
use crate::front::Front;
use mu_analysis::hir::{Card, Dataset};
use mu_analysis::names::DefId;
use mu_select::{Candidate, Evidence, Key, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A model of the bundle, with what the selection knew of it.
struct Used<'a> {
    card: &'a Card,
    candidate: &'a Candidate,
    slots: Vec<&'a str>,
}

/// The text of `bom.cdx.json`.
pub(crate) fn bom(front: &Front, chosen: &[Rc<Chosen>]) -> String {
    let models = used(front, chosen);
    let mut components: Vec<Value> = models.values().map(|model| component(front, model)).collect();
    let mut sets: BTreeMap<&str, &Dataset> = BTreeMap::new();
    for (key, _) in models.values().flat_map(|model| metrics(model.candidate)) {
        sets.extend(dataset(front, key).map(|set| (set.name.as_str(), set)));
    }
    components.extend(sets.values().map(|set| {
        json!({
            "type": "data", "bom-ref": data_ref(&set.name), "name": set.name, "version": set.revision,
            "hashes": [{ "alg": "SHA-256", "content": set.sha256 }],
            "data": [{ "type": "dataset", "name": set.name }],
        })
    }));
    let depends: Vec<String> = models.values().map(|model| model_ref(&model.card.name)).collect();
    let bom = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [
                { "type": "application", "name": "mulc", "version": env!("CARGO_PKG_VERSION") },
            ] },
            "component": { "type": "application", "bom-ref": "program", "name": front.analysis.project.name },
        },
        "components": components,
        "dependencies": [{ "ref": "program", "dependsOn": depends }],
    });
    format!("{bom:#}\n")
}

/// The models of all entries, by card name: each once, with all slots that it serves.
fn used<'a>(front: &'a Front, chosen: &'a [Rc<Chosen>]) -> BTreeMap<&'a str, Used<'a>> {
    let mut found: BTreeMap<&str, Used> = BTreeMap::new();
    for one in chosen {
        for (slot, card) in one.cards() {
            let Some(name) = front.analysis.slots.get(&slot).map(|slot| slot.name.as_str()) else { continue };
            if let Some((card, candidate)) = known(front, one, slot, card) {
                let used = Used { card, candidate, slots: Vec::new() };
                let slots = &mut found.entry(&card.name).or_insert(used).slots;
                if !slots.contains(&name) {
                    slots.push(name);
                }
            }
        }
    }
    found
}

fn known<'a>(front: &'a Front, chosen: &'a Chosen, slot: DefId, card: DefId) -> Option<(&'a Card, &'a Candidate)> {
    let posed = &chosen.posed;
    let at = posed.slots.iter().position(|id| *id == slot)?;
    let place = posed.cards.get(at)?.iter().position(|id| *id == card)?;
    Some((front.analysis.cards.get(&card)?, posed.problem.slots.get(at)?.candidates.get(place)?))
}

fn component(front: &Front, Used { card, candidate, slots }: &Used) -> Value {
    let names = &front.analysis.names;
    let inputs: Vec<Value> = card.task.params.iter().map(|(_, ty)| json!({ "format": ty.show(names) })).collect();
    let mut sets: Vec<String> = Vec::new();
    let metrics: Vec<Value> = metrics(candidate)
        .map(|(key, evidence)| {
            let set = key.dataset.clone().unwrap_or_default();
            if dataset(front, key).is_some() && !sets.contains(&set) {
                sets.push(set.clone());
            }
            metric(&key.path, &set, evidence)
        })
        .collect();
    let sets: Vec<Value> = sets.iter().map(|set| json!({ "ref": data_ref(set) })).collect();
    let slots: Vec<Value> = slots.iter().map(|slot| json!({ "name": "mulambda:slot", "value": slot })).collect();
    json!({
        "type": "machine-learning-model",
        "bom-ref": model_ref(&card.name),
        "name": card.name,
        "hashes": [{ "alg": "SHA-256", "content": card.net.sha256 }],
        "licenses": [{ "expression": card.license }],
        "modelCard": {
            "modelParameters": {
                "task": card.task.name.replace('_', "-"),
                "datasets": sets,
                "inputs": inputs,
                "outputs": [{ "format": card.task.result.show(names) }],
            },
            "quantitativeAnalysis": { "performanceMetrics": metrics },
        },
        "properties": slots,
    })
}

/// What is known on data sets: measured, or else claimed.
fn metrics(candidate: &Candidate) -> impl Iterator<Item = (&Key, &Evidence)> {
    candidate.traits.iter().filter(|(key, _)| key.claimed && key.dataset.is_some() && key.limit.is_none())
}

fn metric(path: &str, set: &str, evidence: &Evidence) -> Value {
    let slice = if evidence.source == Source::Card { format!("{set}, as claimed") } else { set.to_owned() };
    let mut metric = json!({ "type": path, "value": evidence.value.to_string(), "slice": slice });
    if let (Some((low, high)), Some(fields)) = (evidence.interval, metric.as_object_mut()) {
        let interval = json!({ "lowerBound": low.to_string(), "upperBound": high.to_string() });
        fields.insert("confidenceInterval".to_owned(), interval);
    }
    metric
}

fn dataset<'a>(front: &'a Front, key: &Key) -> Option<&'a Dataset> {
    let mut sets = front.analysis.datasets.values();
    sets.find(|set| Some(&set.name) == key.dataset.as_ref())
}

fn model_ref(name: &str) -> String {
    format!("model/{name}")
}

fn data_ref(name: &str) -> String {
    format!("data/{name}")
}
