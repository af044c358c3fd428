//! What is said where the selection ends without a choice: which requirements cannot hold together, the nearest models and
//! by how much each misses, and the one edit that would do.

use crate::front::Front;
use crate::problem::Posed;
use mu_analysis::hir;
use mu_base::{Applicability, Code, Diagnostic, Edit, Fix};
use mu_select::{Change, Check, Conflict, Near, Relaxation, Unproven, miss_text, relaxation_text};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The diagnostic for a problem that nothing solves.
pub(crate) fn no_model_fits(front: &Front, posed: &Posed, conflict: &Conflict) -> Diagnostic {
    if let Some(place) = posed.cards.iter().position(Vec::is_empty) {
        return no_candidates(front, posed, place);
    }
    let slots = slots_in(conflict);
    let own = match slots.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let names: Vec<String> = slots.iter().map(|slot| shown(front, posed, *slot)).collect();
    let message = match names.as_slice() {
        [one] => format!("no model for {one} meets {}", all(conflict)),
        _ => format!("no models for {} meet {} together", names.join(" and "), all(conflict)),
    };
    let mut diagnostic = Diagnostic::error(Code::NoModelFits, message);
    let mut required: Vec<_> = conflict.minimal.iter().filter_map(|place| posed.source(*place)).collect();
    let of_slot = |one: &hir::Requirement| {
        front.analysis.slots.values().any(|slot| slot.requires.iter().any(|own| std::ptr::eq(own, one)))
    };
    // A budget is what is wrong; the slots that it sums over are in the message.
    required.sort_by_key(|one| of_slot(one));
    let has_budget = required.first().is_some_and(|first| !of_slot(first));
    for (i, required) in required.into_iter().enumerate() {
        diagnostic = match (i, conflict.minimal.len()) {
            (0, 1) => diagnostic.at(required.loc, "no model meets this"),
            (0, _) => diagnostic.at(required.loc, "no model meets this ..."),
            _ => diagnostic.because(required.loc, "... together with this"),
        };
    }
    for slot in slots.iter().filter(|_| !has_budget) {
        if let Some(slot) = posed.slots.get(*slot).and_then(|id| front.analysis.slots.get(id)) {
            let task = &slot.task.name;
            diagnostic = diagnostic.because(slot.loc, format!("`{}` is filled by a model for `{task}`", slot.name));
        }
    }
    let mut help = String::new();
    if !conflict.nearest.is_empty() {
        help.push_str("the nearest:");
        conflict.nearest.iter().for_each(|near| nearest(posed, near, own, &mut help));
    }
    // Less is asked for than before, which only the author can decide: a suggestion.
    let edits = conflict.relaxations.iter().flatten().filter(|r| !matches!(r.change, Change::Remove));
    for relaxation in edits {
        let models = chosen(posed, relaxation, &slots);
        let text = format!("one edit is enough: {}, then {models}", relaxation_text(&posed.problem, relaxation, own));
        match edit(posed, relaxation).filter(|_| diagnostic.fix.is_none()) {
            Some(edit) => {
                let (edits, applicability) = (vec![edit], Applicability::Suggestion);
                diagnostic.fix = Some(Fix { title: text, edits, applicability });
            }
            None => {
                let _ = write!(help, "\n{text}");
            }
        }
    }
    if help.is_empty() { diagnostic } else { diagnostic.help(help.trim_start()) }
}

fn all(conflict: &Conflict) -> &'static str {
    match conflict.minimal.len() {
        1 => "this requirement",
        _ => "these requirements",
    }
}

/// The slots that take part, by the nearest choices.
fn slots_in(conflict: &Conflict) -> Vec<usize> {
    let places = conflict.nearest.iter().flat_map(|near| near.choice.iter().map(|(slot, _)| *slot));
    places.collect::<BTreeSet<_>>().into_iter().collect()
}

/// `reader` with its task.
fn shown(front: &Front, posed: &Posed, place: usize) -> String {
    match posed.slots.get(place).and_then(|id| front.analysis.slots.get(id)) {
        Some(slot) => format!("`{}` ({})", slot.name, slot.task.name),
        None => "a slot".to_string(),
    }
}

fn candidate<'p>(posed: &'p Posed, slot: usize, place: usize) -> &'p str {
    let candidates = posed.problem.slots.get(slot).map(|slot| slot.candidates.as_slice()).unwrap_or_default();
    candidates.get(place).map_or("?", |candidate| &candidate.name)
}

/// `kcnn_96: top1 on mnist_holdout = 98.25%, needs >= 99% (misses by 0.75%)`
fn nearest(posed: &Posed, near: &Near, own: Option<usize>, out: &mut String) {
    let names: Vec<&str> = near.choice.iter().map(|(slot, place)| candidate(posed, *slot, *place)).collect();
    let misses = near.misses.iter().map(|miss| {
        let text = miss_text(&posed.problem, miss, own);
        let unit = posed.problem.requirements.get(miss.requirement).map(|required| &required.unit);
        match (miss.by, unit) {
            (Some(by), Some(unit)) => format!("{text} (misses by {})", unit.show(by)),
            _ => text,
        }
    });
    let _ = write!(out, "\n  {}: {}", names.join(" with "), misses.collect::<Vec<_>>().join("; "));
}

/// The models that an edit would lead to, of the slots that take part.
fn chosen(posed: &Posed, relaxation: &Relaxation, slots: &[usize]) -> String {
    let names = slots.iter().filter_map(|slot| {
        let place = relaxation.choice.get(*slot)?;
        Some(format!("`{}`", candidate(posed, *slot, *place)))
    });
    format!("{} fits", names.collect::<Vec<_>>().join(" with "))
}

/// The edit of a bound, where the right side of the requirement is a lone quantity.
fn edit(posed: &Posed, relaxation: &Relaxation) -> Option<Edit> {
    let Change::Bound { op, value } = relaxation.change else { return None };
    let required = posed.problem.requirements.get(relaxation.requirement)?;
    let loc = posed.source(relaxation.requirement)?.bound?;
    match &required.check {
        Check::Compare { op: written, .. } if *written == op => {
            Some(Edit { loc, text: required.unit.show_bound(op, value) })
        }
        _ => None,
    }
}

fn no_candidates(front: &Front, posed: &Posed, place: usize) -> Diagnostic {
    let Some(slot) = posed.slots.get(place).and_then(|id| front.analysis.slots.get(id)) else {
        return Diagnostic::error(Code::NoCandidates, "the catalog has no model for a slot");
    };
    let tasks: BTreeSet<String> =
        front.analysis.cards.values().map(|card| card.task.show(&front.analysis.names)).collect();
    let help = match tasks.len() {
        0 => "the catalog is empty: cards (`model NAME: TASK { .. }`) stand in the folder `models`".to_string(),
        _ => {
            let tasks: Vec<String> = tasks.iter().map(|task| format!("`{task}`")).collect();
            format!("the catalog has models for {}", tasks.join(", "))
        }
    };
    let task = slot.task.show(&front.analysis.names);
    Diagnostic::error(Code::NoCandidates, format!("the catalog has no model for `{task}`"))
        .at(slot.loc, format!("`{}` needs one", slot.name))
        .help(help)
}

/// The diagnostic for a problem that the limit of work did not let through.
pub(crate) fn too_large(front: &Front, posed: &Posed, found: &Unproven) -> Diagnostic {
    let sizes: Vec<String> = posed.cards.iter().map(|cards| cards.len().to_string()).collect();
    let message = format!("there are too many combinations of models ({})", sizes.join(" x "));
    let mut diagnostic = Diagnostic::error(Code::SearchTooLarge, message);
    for (i, slot) in posed.slots.iter().filter_map(|id| front.analysis.slots.get(id)).enumerate() {
        let text = format!("`{}` has {} candidates", slot.name, sizes.get(i).map_or("no", String::as_str));
        diagnostic = if i == 0 { diagnostic.at(slot.loc, text) } else { diagnostic.because(slot.loc, text) };
    }
    let bound = found.bound.map(|bound| format!("; none is better than {}", number_text(bound))).unwrap_or_default();
    diagnostic.help(format!("require more of the slots, so that fewer models remain{bound}"))
}

fn number_text(value: f64) -> String {
    format!("{value}")
}
