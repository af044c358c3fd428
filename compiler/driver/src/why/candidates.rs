//! What is known of a candidate.

use crate::catalog::Measure;
use mu_select::{Check, Evidence, Goal, Key, Problem, Side, Source, Term, UnitShow};
use serde::Serialize;
use std::collections::BTreeMap;

/// A model that could fill the slot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    pub model: String,
    /// `chosen`, `kept` or `dropped`.
    pub verdict: &'static str,
    /// What speaks for or against it.
    pub reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// What is known of it where the entry runs: first the traits that the program speaks of, in the order of
    /// [`Explained::traits`](super::Explained::traits), nothing in place of what is not known; then the others.
    pub traits: Vec<Option<Known>>,
    /// The value of its best choice by each of the scales; nothing where it is unknown.
    pub values: Vec<Option<f64>>,
    /// Whether no other that fits is at least as good by every scale and better by one.
    pub on_front: bool,
    /// What its best choice has beside it that the chosen one has not: `kcnn_96 for backup`, `512 MB`.
    pub beside: Vec<String>,
}

/// A figure and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Known {
    #[serde(rename = "trait")]
    pub name: String,
    /// In base units.
    pub value: f64,
    /// The same with its unit.
    pub shown: String,
    /// `measured`, `claimed by the card`, `predicted, uncalibrated`, ...
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// 95 %, in base units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// The interval with its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_shown: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Shows the candidates of a slot.
pub(super) struct Shower<'a> {
    pub problem: &'a Problem,
    pub place: usize,
    pub setting: Option<usize>,
    pub measures: BTreeMap<String, Measure>,
}

impl Shower<'_> {
    pub fn candidate(&self, of: &mu_select::Candidate, verdict: &'static str, reasons: Vec<String>) -> Candidate {
        let columns = self.columns();
        let known = |key: &Key| of.evidence(key, self.setting).map(|evidence| self.known(of, key, evidence));
        let mut traits: Vec<Option<Known>> = columns.iter().map(known).collect();
        let said = |key: &Key| columns.iter().any(|column| column.path == key.path && column.dataset == key.dataset);
        let keys: std::collections::BTreeSet<&Key> = of.traits.keys().chain(of.by_setting.keys()).collect();
        // What counts only as claimed stands where nothing better is known.
        let own = |key: &&&Key| key.limit.is_none() && self.measures.contains_key(&key.path) && !said(key);
        let better = |key: &Key| key.claimed && keys.contains(&Key { claimed: false, ..key.clone() });
        traits.extend(keys.iter().filter(own).filter(|key| !better(key)).map(|key| known(key)));
        Candidate {
            model: of.name.clone(),
            verdict,
            reasons,
            license: of.license.clone(),
            traits,
            values: Vec::new(),
            on_front: false,
            beside: Vec::new(),
        }
    }

    fn known(&self, of: &mu_select::Candidate, key: &Key, evidence: &Evidence) -> Known {
        let plain = UnitShow { factor: 1.0, suffix: String::new() };
        let unit = self.measures.get(&key.path).map_or(&plain, |measure| &measure.unit);
        let source = match (&key.limit, evidence.source) {
            (Some(limit), _) => {
                let side = if limit.side == Side::AtLeast { "lower" } else { "upper" };
                let of = of.evidence(&Key { limit: None, ..key.clone() }, self.setting);
                let of = of.map(|figure| format!(" of {}, {}", unit.show(figure.value), source_of(figure)));
                format!("{side} limit{}", of.unwrap_or_default())
            }
            _ => source_of(evidence),
        };
        Known {
            name: self.name(key),
            value: evidence.value,
            shown: unit.show(evidence.value),
            source,
            samples: evidence.samples,
            interval: evidence.interval,
            interval_shown: evidence.interval.map(|(low, high)| format!("{} to {}", unit.show(low), unit.show(high))),
            platform: evidence.platform.clone(),
            date: evidence.date.clone(),
        }
    }

    /// The traits of the slot that requirements and goals speak of, each once, in their order.
    pub fn columns(&self) -> Vec<Key> {
        let mut found = Vec::new();
        for requirement in &self.problem.requirements {
            if let Check::Compare { left, right, .. } = &requirement.check {
                self.walk(left, &mut found);
                self.walk(right, &mut found);
            }
        }
        for objective in &self.problem.objective {
            match &objective.goal {
                Goal::Minimize(term) | Goal::Maximize(term) => self.walk(term, &mut found),
            }
        }
        found
    }

    /// `top1 on holdout with confidence 95%`. Each figure says itself whether it is a claim, so the name does only where the program
    /// speaks of the same trait in both ways.
    pub fn name(&self, key: &Key) -> String {
        let measured = Key { claimed: false, ..key.clone() };
        let both = key.claimed && self.columns().contains(&measured);
        format!("{key}{}", if both { key } else { &measured }.qualifier())
    }

    fn walk(&self, term: &Term, found: &mut Vec<Key>) {
        match term {
            Term::Number(_) | Term::Setting(_) => {}
            Term::Trait { slot, key } => {
                // What the schema does not know is an auxiliary of the posing.
                if *slot == self.place && self.measures.contains_key(&key.path) && !found.contains(key) {
                    found.push(key.clone());
                }
            }
            Term::Named { term, .. } | Term::Ceil { term, .. } => self.walk(term, found),
            Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
                self.walk(a, found);
                self.walk(b, found);
            }
            Term::Sum(terms) | Term::Max(terms) => terms.iter().for_each(|term| self.walk(term, found)),
        }
    }
}

/// Where a figure comes from, in a word or two.
fn source_of(evidence: &Evidence) -> String {
    match evidence.source {
        Source::Card => "claimed".to_owned(),
        Source::File => "file".to_owned(),
        other => other.to_string(),
    }
}
