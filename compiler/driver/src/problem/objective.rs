//! The objective: the entry's, or where it has none that of its only slot, or else the smallest size.

use super::terms::Counts;
use super::{Posed, Poser};
use crate::at_request::Weighed;
use mu_analysis::hir;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic};
use mu_select::{Goal, Key, Objective, Term, UnitShow, term_text};

impl<'a> Poser<'a> {
    /// The goals as the program says them.
    pub(super) fn goals(&self) -> &'a [hir::Goal] {
        let own = self.asked.deploy.map(|deploy| deploy.objective.as_slice()).unwrap_or_default();
        match (own, self.asked.slots.as_slice()) {
            ([], [only]) => {
                self.front.analysis.slots.get(only).map(|slot| slot.objective.as_slice()).unwrap_or_default()
            }
            _ => own,
        }
    }

    pub(super) fn objective(&self, posed: &mut Posed<'a>) -> Result<(), Box<Diagnostic>> {
        let goals = self.goals();
        for goal in goals {
            let wrong = |error| self.no_such_trait(error, Code::BadObjective, goal.loc);
            // What is maximised comes negated; it is shown as it was written.
            let (ty, term): (fn(Term) -> Goal, _) = match &goal.term {
                hir::Term::Sub(zero, term) if **zero == hir::Term::Number(Decimal::ZERO) => (Goal::Maximize, &**term),
                term => (Goal::Minimize, term),
            };
            let unit = unit_of(term);
            let term = self.term(term, &Counts::claimed(goal.claimed)).map_err(wrong)?;
            let own = (posed.problem.slots.len() == 1).then_some(0);
            let text = match goal.text.strip_prefix("prefer ") {
                Some(weighed) => weighed.to_string(),
                None => term_text(&posed.problem, &term, own, &unit),
            };
            posed.problem.objective.push(Objective { text, goal: ty(term), unit });
        }
        if goals.is_empty()
            && let ([_], [weighed]) = (self.asked.slots.as_slice(), posed.weighed.as_slice())
        {
            // Where nothing is said, all that requests weigh counts alike.
            let goal = Goal::Minimize(Term::Sum(weighed.terms.clone()));
            let (text, unit) = (weighed.choice.text.clone(), UnitShow { factor: 1.0, suffix: String::new() });
            posed.problem.objective.push(Objective { text, goal, unit });
        } else if goals.is_empty() {
            let size = Key::new("size", None);
            let sizes = self.own().into_iter().map(|slot| Term::Trait { slot, key: size.clone() });
            let goal = Goal::Minimize(Term::Sum(sizes.collect()));
            posed.problem.objective.push(Objective { text: "size".to_string(), goal, unit: shown("size") });
        }
        Ok(())
    }
}

impl<'a> Poser<'a> {
    /// What requests weigh, of the slots that are reached.
    pub(super) fn weigh(&self, posed: &mut Posed<'a>) -> Result<(), Box<Diagnostic>> {
        for slot in self.own() {
            let id = posed.slots.get(slot).and_then(|id| self.front.analysis.slots.get(id));
            let Some(choice) = id.and_then(|slot| slot.at_request.as_ref()) else { continue };
            let counts = Counts::claimed(choice.claimed);
            let terms = choice.terms.iter().map(|weighed| self.term(&weighed.term, &counts)).collect::<Result<_, _>>();
            let terms = terms.map_err(|error| self.no_such_trait(error, Code::BadObjective, choice.loc))?;
            posed.weighed.push(Weighed { slot, choice, terms });
        }
        Ok(())
    }
}

/// How the values of a goal are shown: a lone trait in its usual unit, anything else as a plain number.
fn unit_of(term: &hir::Term) -> UnitShow {
    match term {
        hir::Term::Trait { path, .. } => shown(path),
        _ => UnitShow { factor: 1.0, suffix: String::new() },
    }
}

/// The usual unit of a trait that is not a metric.
pub(crate) fn shown(path: &str) -> UnitShow {
    let (factor, suffix) = match path {
        "size" | "memory" => (1000.0, " kB"),
        "cold_start" => (0.001, " ms"),
        "cost" => (1e-6, " USD per 1M requests"),
        _ if path.starts_with("latency.") => (0.001, " ms"),
        _ => (1.0, ""),
    };
    UnitShow { factor, suffix: suffix.to_string() }
}
