//! What is known of a card: read from its file, measured, predicted for where the entry runs, or claimed. A claim stands under a key
//! of its own, so that it counts only where the program says so.

use super::Poser;
use super::machine::OnLambda;
use crate::lambda::Init;
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_evidence::{Latency, Profile, Quantile, Through, predict, stats};
use mu_lower::compose::number;
use mu_select::{Candidate, Evidence, Key, Source};
use std::collections::BTreeMap;

/// The memory that a model surely needs: what was measured, or else its weights.
pub(crate) const LEAST_MEMORY: &str = "least memory";

impl Poser<'_> {
    pub(super) fn candidate(&self, card: &hir::Card) -> Candidate {
        let mut candidate = Candidate { name: card.name.clone(), ..Candidate::default() };
        candidate.license = Some(card.license.clone());
        for (path, value) in &card.net.traits {
            candidate.traits.insert(Key::new(path, None), Evidence::new(*value, Source::File));
        }
        if let Some(evidence) = self.front.evidence.of(&card.name, &card.net.sha256) {
            for evaluation in evidence.evaluations.iter().filter(|e| e.through == Through::Adapter) {
                if self.is_declared(&evaluation.dataset, &evaluation.dataset_sha256) {
                    let key = Key::new(&evaluation.metric, Some(evaluation.dataset.clone()));
                    candidate.traits.insert(key, metric(evaluation));
                }
            }
            let platform = self.machine.platform.map(|platform| platform.name.as_str());
            if let Some(profile) = platform.and_then(|name| evidence.profile(name)) {
                match &self.machine.lambda {
                    None => here(profile, &mut candidate),
                    Some(lambda) => on_lambda(profile, lambda, &mut candidate),
                }
            }
        }
        let known = |path: &str| candidate.evidence(&Key::new(path, None), None).map_or(0.0, |evidence| evidence.value);
        let least = known("memory").max(known("size"));
        candidate.traits.insert(Key::new(LEAST_MEMORY, None), Evidence::new(least, Source::File));
        self.add_claims(card, &mut candidate);
        candidate
    }

    /// Under the keys for which claims count: what was measured, and where nothing was, what the card claims.
    fn add_claims(&self, card: &hir::Card, candidate: &mut Candidate) {
        let claimed = |key: &Key| Key { claimed: true, ..key.clone() };
        let mut traits: BTreeMap<Key, Evidence> =
            candidate.traits.iter().map(|(key, evidence)| (claimed(key), evidence.clone())).collect();
        let by_setting: Vec<_> = candidate.by_setting.iter().map(|(key, all)| (claimed(key), all.clone())).collect();
        candidate.by_setting.extend(by_setting);
        for claim in &card.claims {
            let key = Key { claimed: true, ..self.key(&claim.path, claim.dataset) };
            if !candidate.by_setting.contains_key(&key) {
                traits.entry(key).or_insert_with(|| claimed_of(claim));
            }
        }
        candidate.traits.extend(traits);
    }

    /// The checker holds that data sets of one name are the same data.
    pub(super) fn key(&self, path: &str, dataset: Option<DefId>) -> Key {
        let dataset = dataset.and_then(|id| self.front.analysis.datasets.get(&id)).map(|set| set.name.clone());
        Key::new(path, dataset)
    }

    /// Whether the program means this data when it says this name.
    fn is_declared(&self, dataset: &str, sha256: &str) -> bool {
        let mut sets = self.front.analysis.datasets.values();
        sets.any(|set| set.name == dataset && set.sha256 == sha256)
    }
}

fn metric(evaluation: &mu_evidence::Evaluation) -> Evidence {
    Evidence {
        samples: Some(evaluation.samples),
        interval: Some((evaluation.interval.low, evaluation.interval.high)),
        date: Some(evaluation.date.clone()),
        ..Evidence::new(evaluation.value, Source::Measured)
    }
}

/// A claim of so many samples has the interval that the same number of right answers would have.
fn claimed_of(claim: &hir::Claim) -> Evidence {
    let value = number(claim.value);
    let interval = claim.samples.filter(|_| claim.dataset.is_some() && (0.0..=1.0).contains(&value)).map(|samples| {
        let interval = stats::wilson((value * samples as f64).round() as u64, samples);
        (interval.low, interval.high)
    });
    Evidence { samples: claim.samples, interval, ..Evidence::new(value, Source::Card) }
}

/// The first answer's excess over a warm one.
fn excess(profile: &Profile) -> f64 {
    (profile.first - profile.latency.mean).max(0.0)
}

fn taken(profile: &Profile, value: f64, source: Source) -> Evidence {
    Evidence {
        samples: Some(profile.calls),
        platform: Some(profile.platform.name.clone()),
        date: Some(profile.date.clone()),
        ..Evidence::new(value, source)
    }
}

/// The figures on the machine they were taken on. One thread runs a call, so a whole processor is as good as more.
fn here(profile: &Profile, candidate: &mut Candidate) {
    let mut set = |path: &str, evidence| candidate.traits.insert(Key::new(path, None), evidence);
    if profile.share >= 1.0 {
        let Latency { mean, p50, p95, p99 } = profile.latency;
        set("latency.mean", taken(profile, mean, Source::Measured));
        for (path, Quantile { value, low, high }) in [("latency.p50", p50), ("latency.p95", p95), ("latency.p99", p99)]
        {
            set(path, Evidence { interval: Some((low, high)), ..taken(profile, value, Source::Measured) });
        }
    } else {
        for (path, value) in latencies(predict(profile, 1.0, 0.0)) {
            set(path, taken(profile, value, Source::Predicted));
        }
    }
    set("cold_start", taken(profile, profile.load + excess(profile), Source::Measured));
    set("memory", taken(profile, profile.memory as f64, Source::Measured));
}

/// The figures carried over to each memory size of a function, and corrected where Lambda was measured.
fn on_lambda(profile: &Profile, lambda: &OnLambda, candidate: &mut Candidate) {
    let Init { base } = lambda.data.init;
    let mut each: BTreeMap<&str, Vec<Evidence>> = BTreeMap::new();
    // A call runs on one processor: more of them change nothing, so that figure is made once.
    let whole = predict(profile, 1.0, lambda.data.cpu.period);
    for mb in &lambda.sizes {
        let calibrated = lambda.calibration.and_then(|known| known.apply(profile, u64::from(*mb)));
        let (source, platform) = match lambda.calibration.filter(|_| calibrated.is_some()) {
            Some(known) => (Source::Calibrated, known.platform.name.clone()),
            None => (Source::Predicted, profile.platform.name.clone()),
        };
        let figure = |value| Evidence { platform: Some(platform.clone()), ..taken(profile, value, source) };
        let latency = match calibrated {
            Some(known) => known.latency,
            None if lambda.data.share(*mb) >= 1.0 => whole,
            None => predict(profile, lambda.data.share(*mb), lambda.data.cpu.period),
        };
        for (path, value) in latencies(latency) {
            each.entry(path).or_default().push(figure(value));
        }
        each.entry("cost").or_default().push(figure(latency.mean * lambda.second(*mb)));
        // Lambda starts an environment at full speed; the first call runs at the function's share.
        let load = calibrated.and_then(|known| known.init).map_or(profile.load, |init| (init - base).max(0.0));
        each.entry("cold_start").or_default().push(figure(load + lambda.granted(excess(profile), *mb)));
    }
    candidate.by_setting = each.into_iter().map(|(path, all)| (Key::new(path, None), all)).collect();
    let memory = taken(profile, profile.memory as f64, Source::Predicted);
    candidate.traits.insert(Key::new("memory", None), memory);
}

fn latencies(predicted: mu_evidence::Predicted) -> [(&'static str, f64); 4] {
    [
        ("latency.mean", predicted.mean),
        ("latency.p50", predicted.p50),
        ("latency.p95", predicted.p95),
        ("latency.p99", predicted.p99),
    ]
}
