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
