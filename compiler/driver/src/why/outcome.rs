//! The outcome of a selection in words: what was chosen, what others would choose, what is in the way.

use super::Page;
use mu_select::{Check, Miss, Op, Problem, Selection, license_allows, miss_text, relaxation_text, value};
use serde::Serialize;

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chosen {
    /// The model of each slot, by slot.
    pub models: Vec<(String, String)>,
    /// The memory size, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// The goals with their values, in their order.
    pub goals: Vec<String>,
    /// Whether it stays because `mu.lock` pins it.
    pub pinned: bool,
    /// Partial choices that the search looked at.
    pub nodes: u64,
    /// How far it may be from the best; nothing where it is proven to be the best.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<String>,
}

/// What another selector would choose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    /// `plain-latency`
    pub name: String,
    /// The model of each slot, by slot.
    pub models: Vec<(String, String)>,
    /// The goals with their values and how much worse than the chosen ones they are.
    pub goals: Vec<String>,
    /// What it misses.
    pub missed: Vec<String>,
}

/// Why nothing fits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The requirements that cannot hold together.
    pub requirements: Vec<String>,
    /// Whether no smaller set is in conflict.
    pub smallest: bool,
    /// The choices that miss least, with what they miss.
    pub nearest: Vec<String>,
    /// Single edits, each of which would be enough.
    pub edits: Vec<String>,
}

impl Page<'_> {
    pub(super) fn models(&self, found: &crate::choose::Chosen) -> Chosen {
        let (problem, selection) = (&self.posed.problem, &found.selection);
        let setting = selection.setting.and_then(|setting| problem.settings.get(setting));
        Chosen {
            models: models(problem, &selection.choice),
            setting: setting.map(|setting| setting.name.clone()),
            goals: goals(problem, &selection.goals),
            pinned: found.kept.is_some(),
            nodes: selection.nodes,
            gap: gap(problem, selection),
        }
    }

    pub(super) fn conflicting(&self, conflict: &mu_select::Conflict) -> Conflict {
        let problem = &self.posed.problem;
        let own = (problem.slots.len() == 1).then_some(self.place);
        let text = |rule: &usize| problem.requirements.get(*rule).map(|requirement| requirement.text.clone());
        let near = |near: &mu_select::Near| {
            let name = |(slot, candidate): &(usize, usize)| {
                let candidates = problem.slots.get(*slot).map(|slot| slot.candidates.as_slice()).unwrap_or_default();
                candidates.get(*candidate).map_or("?", |candidate| candidate.name.as_str())
            };
            let names: Vec<&str> = near.choice.iter().map(name).collect();
            let misses: Vec<String> = near.misses.iter().map(|miss| miss_text(problem, miss, own)).collect();
            format!("{}: {}", names.join(" with "), misses.join("; "))
        };
        let edit = |relaxation: &mu_select::Relaxation| {
            let models = models(problem, &relaxation.choice);
            let models: Vec<&str> = models.iter().map(|(_, model)| model.as_str()).collect();
            format!("{}, then {} fits", relaxation_text(problem, relaxation, own), models.join(" with "))
        };
        Conflict {
            requirements: conflict.minimal.iter().filter_map(text).collect(),
            smallest: conflict.proven,
            nearest: conflict.nearest.iter().map(near).collect(),
            edits: conflict.relaxations.iter().flatten().map(edit).collect(),
        }
    }
}

/// The model of each slot.
fn models(problem: &Problem, choice: &[usize]) -> Vec<(String, String)> {
    let of = problem
        .slots
        .iter()
        .zip(choice)
        .filter_map(|(slot, candidate)| Some((slot.name.clone(), slot.candidates.get(*candidate)?.name.clone())));
    of.collect()
}

fn goals(problem: &Problem, values: &[Option<f64>]) -> Vec<String> {
    let goal = |(objective, value): (&mu_select::Objective, &Option<f64>)| match value {
        Some(value) => format!("{} = {}", objective.text, objective.unit.show(*value)),
        None => format!("{} is unknown", objective.text),
    };
    problem.objective.iter().zip(values).map(goal).collect()
}

fn gap(problem: &Problem, selection: &Selection) -> Option<String> {
    let gap = selection.gap.as_ref()?;
    let Some(objective) = problem.objective.get(gap.goal) else {
        return Some("all goals are proven; only a tie may be broken otherwise".to_owned());
    };
    let bound = gap.bound.map(|bound| format!("none is better than {}", objective.unit.show(bound)));
    let share = gap.relative.map(|share| format!(", {:.2} % from what was found", share * 100.0));
    let told = bound.map_or("no bound is known".to_owned(), |bound| bound + &share.unwrap_or_default());
    Some(format!("not proven to be the best by {}: {told}", objective.text))
}

/// What a choice has for other slots, and as its setting, that the selection has not.
pub(super) fn beside(
    problem: &Problem,
    slot: usize,
    choice: &[usize],
    setting: Option<usize>,
    selection: &Selection,
) -> Vec<String> {
    let mut found = Vec::new();
    for (place, (of, candidate)) in problem.slots.iter().zip(choice).enumerate() {
        if place != slot && selection.choice.get(place) != Some(candidate) {
            let name = of.candidates.get(*candidate).map_or("?", |candidate| &candidate.name);
            found.push(format!("{name} for {}", of.name));
        }
    }
    let other = setting.filter(|_| setting != selection.setting).and_then(|setting| problem.settings.get(setting));
    found.extend(other.map(|setting| setting.name.clone()));
    found
}

/// What other selectors would choose.
pub(super) fn baselines(problem: &Problem, selection: &Selection) -> Vec<Baseline> {
    let compared = mu_select::Baseline::ALL.into_iter().filter_map(|one| one.compare(problem, selection));
    let shown = compared.map(|compared| {
        let worse = |(text, (objective, by)): (String, (&mu_select::Objective, &Option<f64>))| match by {
            Some(by) if *by > 0.0 => format!("{text}, worse by {}", objective.unit.show(*by)),
            Some(by) if *by < 0.0 => format!("{text}, better by {}", objective.unit.show(-by)),
            _ => text,
        };
        let goals = goals(problem, &compared.goals).into_iter();
        Baseline {
            name: compared.baseline.name().to_owned(),
            models: models(problem, &compared.choice),
            goals: goals.zip(problem.objective.iter().zip(&compared.worse_by)).map(worse).collect(),
            missed: compared.missed.iter().map(|miss| miss_text(problem, miss, None)).collect(),
        }
    });
    shown.collect()
}

/// The requirements that a choice misses, in words.
pub(super) fn missed(problem: &Problem, slot: usize, choice: &[usize], setting: Option<usize>) -> Vec<String> {
    let miss = |(number, requirement): (usize, &mu_select::Requirement)| -> Option<String> {
        let nothing = Miss { requirement: number, value: None, op: Op::Eq, needed: None, by: None, license: None };
        let miss = match &requirement.check {
            Check::Compare { left, op, right } => {
                let (subject, op, other) = match left.is_constant() && !right.is_constant() {
                    true => (right, op.flipped(), left),
                    false => (left, *op, right),
                };
                let (have, needed) = (value(problem, subject, setting, choice), value(problem, other, setting, choice));
                if have.zip(needed).is_some_and(|(have, needed)| op.holds(have, needed)) {
                    return None;
                }
                let by = have.zip(needed).map(|(have, needed)| (have - needed).abs());
                Miss { value: have, op, needed, by, ..nothing }
            }
            Check::License { slot, allowed } => {
                let candidate = problem.slots.get(*slot)?.candidates.get(*choice.get(*slot)?)?;
                let license = candidate.license.as_deref().unwrap_or_default();
                if license_allows(license, allowed) {
                    return None;
                }
                Miss { license: candidate.license.clone(), ..nothing }
            }
        };
        let text = miss_text(problem, &miss, Some(slot));
        Some(match miss.by {
            Some(by) => format!("{text} (misses by {})", requirement.unit.show(by)),
            None => text,
        })
    };
    problem.requirements.iter().enumerate().filter_map(miss).collect()
}
