//! `with confidence 95%`: the limit of a metric that holds with this confidence for every candidate at once.
//!
//! A model is chosen because its figure is good, so of many candidates that are all too bad one may look good enough by chance. The
//! error that is allowed is therefore shared out among the candidates of which the metric is known (Bonferroni): where none is
//! good enough, the chance that any passes is at most the error that the program allows.

use super::terms::compare;
use super::{Posed, Poser};
use mu_analysis::hir;
use mu_evidence::{Interval, stats};
use mu_lower::compose::number;
use mu_select::{Confident, Evidence, Key, Op, Side};

impl Poser<'_> {
    /// Gives every candidate the limit that a requirement asks for; its name, where it asks for one.
    pub(super) fn limits(&self, required: &hir::Requirement, posed: &mut Posed) -> Option<Confident> {
        let confidence = required.confidence?;
        let hir::Check::Compare { left, op, right } = &required.check else { return None };
        let (hir::Term::Trait { slot, path, dataset }, op) = (match (left, right) {
            (hir::Term::Trait { .. }, _) => (left, compare(*op)),
            _ => (right, compare(*op).flipped()),
        }) else {
            return None;
        };
        let side = match op {
            Op::Ge | Op::Gt => Side::AtLeast,
            Op::Le | Op::Lt | Op::Eq | Op::Ne => Side::AtMost,
        };
        let place = match slot {
            hir::SlotOf::Slot(id) => *self.places.get(id)?,
            hir::SlotOf::Program => *self.own().first()?,
        };
        let key = Key { claimed: required.claimed, ..self.key(path, *dataset) };
        let percent = (confidence * mu_base::decimal::Decimal::ONE_HUNDRED).normalize();
        let limit = Confident { side, confidence: format!("{percent}%") };
        let slot = posed.problem.slots.get_mut(place)?;
        let chosen_among = slot.candidates.iter().filter(|candidate| candidate.traits.contains_key(&key)).count();
        let alpha = (1.0 - number(confidence)) / chosen_among.max(1) as f64;
        for candidate in &mut slot.candidates {
            let Some(evidence) = candidate.traits.get(&key) else { continue };
            if let Some(value) = limit_of(evidence, side, alpha) {
                let evidence = Evidence { value, interval: None, ..evidence.clone() };
                candidate.traits.insert(Key { limit: Some(limit.clone()), ..key.clone() }, evidence);
            }
        }
        Some(limit)
    }
}

/// The one-sided limit of a metric: the exact one of Clopper and Pearson for a ratio of counts, or from the width of its interval as
/// of a normal distribution. Nothing where the number of samples is not known.
fn limit_of(evidence: &Evidence, side: Side, alpha: f64) -> Option<f64> {
    let (value, samples, (low, high)) = (evidence.value, evidence.samples?, evidence.interval?);
    let hits = value * samples as f64;
    let counted = (0.0..=1.0).contains(&value) && (hits - hits.round()).abs() < 1e-9 * samples as f64;
    Some(match (counted, side) {
        (true, Side::AtLeast) => stats::lower_limit(hits.round() as u64, samples, alpha),
        (true, Side::AtMost) => stats::upper_limit(hits.round() as u64, samples, alpha),
        (false, Side::AtLeast) => stats::normal_limits(value, Interval { low, high }, alpha).low,
        (false, Side::AtMost) => stats::normal_limits(value, Interval { low, high }, alpha).high,
    })
}

#[cfg(test)]
mod tests {
    use crate::Input;
    use crate::front::Front;
    use crate::problem::{Asked, pose};
    use mu_base::{World, WorldError};
    use mu_evidence::{Evaluation, Evidence, Method, Through, stats};
    use mu_select::{Limit, Outcome, select};

    const MODELS: usize = 20;
    const SAMPLES: u64 = 500;
    const BOUND: f64 = 0.9;

    /// A catalog of models of which only the cards are at hand.
    struct Cards(String);

    impl World for Cards {
        fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
            let text = match path {
                "mu.toml" => "[project]\nname = \"many\"\n",
                "src/main.mu" => &self.0,
                _ => return Err(WorldError::NotFound),
            };
            Ok(text.as_bytes().to_vec())
        }

        fn list(&self, folder: &str) -> Vec<String> {
            if folder == "src" { vec!["src/main.mu".into()] } else { Vec::new() }
        }

        fn size(&self, _: &str) -> Result<u64, WorldError> {
            Err(WorldError::NotFound)
        }
    }

    fn program(requirement: &str) -> Cards {
        let mut text = format!(
            "use std.tabular\nlabels Side = \"left\", \"right\"\nrecord Point {{ x: f32 }}\n\
             dataset held: tabular_classification<Point, Side> {{\n    file \"held.npz\"\n    sha256 \"{hash}\"\n    \
             revision \"1\"\n}}\nslot sorter: tabular_classification<Point, Side> {{\n    {requirement}\n}}\n\
             fn side(point: Point) -> Ranking<Side> {{\n    sorter(point)\n}}\n",
            hash = "d".repeat(64),
        );
        for model in 0..MODELS {
            text.push_str(&format!(
                "model m{model}: tabular_classification<Point, Side> {{\n    net \"m{model}.onnx\" sha256 \"{}\" \
                 (x: f32[N, 1]) -> (y: f32[N, 2])\n    classes \"left\", \"right\"\n    license MIT\n    adapt {{\n        \
                 infer(x: features(row) |> batch).y |> first |> rank\n    }}\n}}\n",
                "f".repeat(64)
            ));
        }
        Cards(text)
    }

    fn evidence(model: usize, hits: u64) -> Evidence {
        let evaluation = Evaluation {
            metric: "accuracy".into(),
            dataset: "held".into(),
            dataset_sha256: "d".repeat(64),
            identity: String::new(),
            through: Through::Adapter,
            value: hits as f64 / SAMPLES as f64,
            samples: SAMPLES,
            hits: Some(hits),
            interval: stats::wilson(hits, SAMPLES),
            method: Method::Wilson,
            runtime: String::new(),
            date: String::new(),
        };
        let evaluations = vec![evaluation];
        Evidence { model: format!("m{model}"), sha256: "f".repeat(64), evaluations, ..Evidence::default() }
    }

    /// A generator of numbers from 0 to 1 (xorshift).
    fn random(state: &mut u64) -> f64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 11) as f64 / (1u64 << 53) as f64
    }

    /// In how many of 1,000 catalogs, whose models are all truly below the bound, the program compiles.
    fn compiled(requirement: &str, below: f64) -> usize {
        let world = program(requirement);
        let mut front = Front::read(&Input { world: &world, lone: None });
        let errors: Vec<_> = front.diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let slots: Vec<_> = front.analysis.slots.keys().copied().collect();
        let mut state = 0x9e37_79b9_7f4a_7c15;
        let mut compiled = 0;
        for _ in 0..1000 {
            let models = (0..MODELS).map(|model| {
                let truly = BOUND - below * random(&mut state);
                let hits = (0..SAMPLES).filter(|_| random(&mut state) < truly).count() as u64;
                evidence(model, hits)
            });
            front.evidence = models.collect();
            let posed = pose(&front, Asked { function: None, deploy: None, slots: slots.clone() }).unwrap();
            compiled += usize::from(matches!(select(&posed.problem, &Limit::default()), Outcome::Chosen(_)));
        }
        compiled
    }

    #[test]
    fn with_confidence_at_most_one_in_twenty_catalogs_of_bad_models_compiles_and_without_it_nearly_all_do() {
        let bound = "require accuracy on held >= 90%";
        let sure = compiled(&format!("{bound} with confidence 95%"), 0.02);
        assert!(sure <= 50, "{sure} of 1,000");
        let point = compiled(bound, 0.02);
        assert!(point > 900, "{point} of 1,000");
    }
}
