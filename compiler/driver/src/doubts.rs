//! Doubts about a choice that is made: figures that the samples do not carry, figures that chose and are reported, and a search
//! that ended before its proof. All are warnings.

use crate::choose::Chosen;
use crate::front::Front;
use crate::problem::Posed;
use mu_analysis::hir;
use mu_base::{Code, Diagnostic};
use mu_evidence::stats;
use mu_select::{Check, Evidence, Gap, Goal, Key, Op, Requirement, Term};
use std::collections::BTreeSet;

/// What is to be said of a choice.
pub(crate) fn doubts(front: &Front, chosen: &Chosen) -> Vec<Diagnostic> {
    let required = chosen.posed.problem.requirements.iter().enumerate();
    let weak = required.filter_map(|(place, required)| weak(chosen, place, required));
    weak.chain(same_data(front, chosen)).chain(gap(front, chosen)).collect()
}

/// A requirement that the model's figure meets and its interval does not.
fn weak(chosen: &Chosen, place: usize, required: &Requirement) -> Option<Diagnostic> {
    let Check::Compare { left, op, right } = &required.check else { return None };
    let (slot, key, op, bound) = match (left, right) {
        (Term::Trait { slot, key }, Term::Number(bound)) => (*slot, key, *op, *bound),
        (Term::Number(bound), Term::Trait { slot, key }) => (*slot, key, op.flipped(), *bound),
        _ => return None,
    };
    let (name, evidence) = known(chosen, slot, key)?;
    let (low, high) = evidence.interval.filter(|_| key.limit.is_none())?;
    let against = match op {
        Op::Ge | Op::Gt => low,
        Op::Le | Op::Lt => high,
        Op::Eq | Op::Ne => return None,
    };
    if op.holds(against, bound) {
        return None;
    }
    let unit = &required.unit;
    let (low, high) = (unit.show(low), unit.show(high));
    let of = evidence.samples.map(|samples| format!(" of {samples} samples")).unwrap_or_default();
    let message =
        format!("{}{of} does not tell that `{name}` has {key} {op} {}", unit.show(evidence.value), unit.show(bound));
    let line = chosen.posed.source(place)?;
    let needed = stats::samples_needed(evidence.value, bound).filter(|_| key.dataset.is_some());
    let help = match needed {
        Some(needed) => format!("{needed} samples would settle it, if the figure stays; or require less"),
        None => "measure with more samples, or require less".to_owned(),
    };
    Some(
        Diagnostic::warning(Code::WeakEvidence, message)
            .at(line.loc, format!("with 95 % confidence it is only from {low} to {high}"))
            .help(help),
    )
}

/// What is known of a trait of the model that was chosen for a slot.
fn known<'c>(chosen: &'c Chosen, slot: usize, key: &Key) -> Option<(&'c str, &'c Evidence)> {
    let problem = &chosen.posed.problem;
    let candidate = problem.slots.get(slot)?.candidates.get(*chosen.selection.choice.get(slot)?)?;
    Some((&candidate.name, candidate.evidence(key, chosen.selection.setting)?))
}

/// The metrics that rank the models, each of which no requirement holds on a set that does not.
fn same_data(front: &Front, chosen: &Chosen) -> Vec<Diagnostic> {
    let posed = &chosen.posed;
    let mut ranks = BTreeSet::new();
    for objective in &posed.problem.objective {
        let (Goal::Minimize(term) | Goal::Maximize(term)) = &objective.goal;
        metrics(term, &mut ranks);
    }
    let mut asked = BTreeSet::new();
    for required in &posed.problem.requirements {
        if let Check::Compare { left, right, .. } = &required.check {
            metrics(left, &mut asked);
            metrics(right, &mut asked);
        }
    }
    let judged = |(slot, key): (usize, &Key)| {
        let same = |(s, k): &&(usize, &Key)| *s == slot && k.path == key.path;
        let ranked = |dataset: &Option<String>| ranks.iter().filter(same).any(|(_, k)| k.dataset == *dataset);
        asked.iter().filter(same).any(|(_, k)| !ranked(&k.dataset))
    };
    ranks.iter().filter(|one| !judged(**one)).filter_map(|(slot, key)| other_set(front, chosen, *slot, key)).collect()
}

fn metrics<'t>(term: &'t Term, found: &mut BTreeSet<(usize, &'t Key)>) {
    match term {
        Term::Number(_) | Term::Setting(_) => {}
        Term::Trait { slot, key } => found.extend(key.dataset.is_some().then_some((*slot, key))),
        Term::Ceil { term, .. } | Term::Named { term, .. } => metrics(term, found),
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            metrics(a, found);
            metrics(b, found);
        }
        Term::Sum(terms) | Term::Max(terms) => terms.iter().for_each(|term| metrics(term, found)),
    }
}

/// Another declared set of the slot's task on which the chosen model was measured.
fn other_set(front: &Front, chosen: &Chosen, slot: usize, key: &Key) -> Option<Diagnostic> {
    let posed = &chosen.posed;
    let of = posed.slots.get(slot).and_then(|id| front.analysis.slots.get(id))?;
    let of_task = |set: &&hir::Dataset| set.task.same(&of.task) && Some(&set.name) != key.dataset.as_ref();
    let on = |set: &hir::Dataset| Key { dataset: Some(set.name.clone()), ..key.clone() };
    let mut sets = front.analysis.datasets.values().filter(of_task);
    let second = sets.find(|set| known(chosen, slot, &on(set)).is_some())?;
    let (name, evidence) = known(chosen, slot, key)?;
    let (_, other) = known(chosen, slot, &on(second))?;
    let first = key.dataset.as_deref().unwrap_or_default();
    let message = format!("`{name}` is chosen by its {key}, so that figure says too much of it");
    let line = goal_line(posed, of);
    let mut diagnostic = Diagnostic::warning(Code::SameData, message);
    if let Some(loc) = line {
        diagnostic = diagnostic.at(loc, format!("`{first}` ranks the models and reports on the best"));
    }
    let (value, fair) = (evidence.value, other.value);
    let help = format!("on `{}` it has {} {fair}, not {value}: require it there", second.name, key.path);
    Some(diagnostic.help(help))
}

/// The line of the objective.
fn goal_line(posed: &Posed, slot: &hir::Slot) -> Option<mu_base::Loc> {
    let own = posed.asked.deploy.map(|deploy| deploy.objective.as_slice()).unwrap_or_default();
    own.first().or(slot.objective.first()).map(|goal| goal.loc)
}

/// The search ended before it was proven that nothing is better.
fn gap(front: &Front, chosen: &Chosen) -> Option<Diagnostic> {
    let posed = &chosen.posed;
    let gap = chosen.selection.gap.as_ref()?;
    let message =
        format!("there are too many combinations of models to prove that the choice is the best: {}", far(chosen, gap));
    let diagnostic = Diagnostic::warning(Code::SearchTooLarge, message);
    let slots = posed.slots.iter().filter_map(|id| front.analysis.slots.get(id)).zip(&posed.cards);
    let said = slots.enumerate().fold(diagnostic, |diagnostic, (i, (slot, cards))| {
        let text = format!("`{}` has {} candidates", slot.name, cards.len());
        if i == 0 { diagnostic.at(slot.loc, text) } else { diagnostic.because(slot.loc, text) }
    });
    Some(said.help("require more of the slots, so that fewer models remain"))
}

/// How far the choice may be from the best.
fn far(chosen: &Chosen, gap: &Gap) -> String {
    let objective = chosen.posed.problem.objective.get(gap.goal);
    let found = chosen.selection.goals.get(gap.goal).copied().flatten();
    match (objective, found, gap.bound) {
        (Some(objective), Some(found), Some(bound)) => {
            let share = gap.relative.map(|share| format!(" ({:.2} %)", share * 100.0)).unwrap_or_default();
            let (found, bound) = (objective.unit.show(found), objective.unit.show(bound));
            format!("its {} is {found}, and none has a better one than {bound}{share}", objective.text)
        }
        (Some(objective), ..) => format!("how good its {} is was not found within the limit", objective.text),
        (None, ..) => "only ties may be broken otherwise".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Input;
    use crate::choose::{Chooser, Chosen};
    use mu_base::{World, WorldError};

    /// The wrong program of `weak-evidence`.
    struct Sample;

    impl World for Sample {
        fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
            let program = include_bytes!("../../../tests/ui/weak-evidence/few_samples.mu");
            if path.ends_with(".mu") { Ok(program.to_vec()) } else { Err(WorldError::NotFound) }
        }

        fn list(&self, _: &str) -> Vec<String> {
            Vec::new()
        }

        fn size(&self, _: &str) -> Result<u64, WorldError> {
            Err(WorldError::NotFound)
        }
    }

    #[test]
    fn a_search_that_ended_early_is_told_with_what_is_proven() {
        let front = Front::read(&Input { world: &Sample, lone: Some("few_samples.mu") });
        let mut chooser = Chooser::new(&front).map_err(|_| "no lock is bad").unwrap().trusting();
        let entry = front.entries().remove(0);
        let mut chosen: Chosen = (*chooser.entry(&front, &entry).unwrap()).clone();
        assert_eq!(doubts(&front, &chosen).len(), 1);
        chosen.selection.goals = vec![Some(40_000.0)];
        chosen.selection.gap =
            Some(Gap { goal: 0, bound: Some(30_000.0), absolute: Some(10_000.0), relative: Some(0.25) });
        let said = doubts(&front, &chosen).pop().unwrap();
        assert_eq!((said.code, said.is_error()), (Code::SearchTooLarge, false));
        assert!(
            said.message.ends_with("its size is 40 kB, and none has a better one than 30 kB (25.00 %)"),
            "{said:?}"
        );
        assert_eq!(said.labels[0].text, "`sorter` has 1 candidates");
    }
}
