//! What an entry asks of the selection: its slots with their candidates, everything required of them, and the objective.

use crate::front::Front;
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic};
use mu_lower::compose::{self, number};
use mu_select::{
    Candidate, Check, Evidence, Goal, Key, Objective, Op, Problem, Requirement, SlotProblem, Source, Term, UnitShow,
    term_text,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a selection is made for.
#[derive(Debug, Clone)]
pub(crate) struct Asked<'a> {
    /// The function called from outside; `None` for a test, which has no requirements of its own.
    pub function: Option<DefId>,
    pub deploy: Option<&'a hir::Deploy>,
    /// The slots that are reached.
    pub slots: Vec<DefId>,
}

/// A problem and where its parts come from.
#[derive(Debug, Clone)]
pub(crate) struct Posed<'a> {
    pub problem: Problem,
    pub slots: Vec<DefId>,
    /// The cards of each slot, in the order of its candidates.
    pub cards: Vec<Vec<DefId>>,
    /// By the `id` of a requirement.
    pub sources: Vec<&'a hir::Requirement>,
}

/// Poses the problem of what is asked. The error is about terms that have no meaning for the whole program.
pub(crate) fn pose<'a>(front: &'a Front, asked: Asked<'a>) -> Result<Posed<'a>, Box<Diagnostic>> {
    let slots = mentioned(front, &asked);
    let places: BTreeMap<DefId, usize> = slots.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let poser = Poser { front, asked, places };
    let mut posed = Posed { problem: Problem::default(), slots, cards: Vec::new(), sources: Vec::new() };
    for id in posed.slots.clone() {
        let Some(slot) = front.analysis.slots.get(&id) else { continue };
        let cards = front.typed().candidates(slot);
        let candidates =
            cards.iter().filter_map(|card| front.analysis.cards.get(card)).map(|card| poser.candidate(card));
        posed.problem.slots.push(SlotProblem { name: slot.name.clone(), candidates: candidates.collect() });
        posed.cards.push(cards);
        for required in &slot.requires {
            poser.require(required, &mut posed)?;
        }
    }
    for budget in poser.asked.deploy.iter().flat_map(|deploy| &deploy.budgets) {
        poser.require(budget, &mut posed)?;
    }
    poser.objective(&mut posed)?;
    Ok(posed)
}

impl Posed<'_> {
    /// Takes out the requirements on traits of slots that only missing files could tell; whether there are any.
    pub fn leave_open(&mut self, front: &Front) -> bool {
        let lacking = |card: &DefId| front.analysis.cards.get(card).is_some_and(|card| card.net.path.is_none());
        let open: Vec<bool> = self.cards.iter().map(|cards| cards.iter().any(lacking)).collect();
        let before = self.problem.requirements.len();
        self.problem.requirements.retain(|required| match &required.check {
            Check::Compare { left, right, .. } => !from_file(left, &open) && !from_file(right, &open),
            Check::License { .. } => true,
        });
        self.problem.requirements.len() < before
    }
}

/// Whether a term speaks of what a model's file tells, of a slot that is open.
fn from_file(term: &Term, open: &[bool]) -> bool {
    match term {
        Term::Number(_) | Term::Setting(_) => false,
        Term::Ceil { term, .. } | Term::Named { term, .. } => from_file(term, open),
        Term::Trait { slot, key } => {
            matches!(key.path.as_str(), "size" | "parameters") && open.get(*slot).copied().unwrap_or(false)
        }
        Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => {
            from_file(a, open) || from_file(b, open)
        }
        Term::Sum(terms) | Term::Max(terms) => terms.iter().any(|term| from_file(term, open)),
    }
}

/// The slots that are reached and those their requirements and the deployment's terms speak of.
fn mentioned(front: &Front, asked: &Asked) -> Vec<DefId> {
    let mut found: BTreeSet<DefId> = BTreeSet::new();
    let mut todo: Vec<DefId> = asked.slots.clone();
    if let Some(deploy) = asked.deploy {
        deploy.budgets.iter().for_each(|budget| in_check(&budget.check, &mut todo));
        deploy.objective.iter().for_each(|goal| in_term(&goal.term, &mut todo));
    }
    while let Some(id) = todo.pop() {
        if let Some(slot) = front.analysis.slots.get(&id)
            && found.insert(id)
        {
            slot.requires.iter().for_each(|required| in_check(&required.check, &mut todo));
        }
    }
    found.into_iter().collect()
}

fn in_check(check: &hir::Check, found: &mut Vec<DefId>) {
    match check {
        hir::Check::Compare { left, right, .. } => {
            in_term(left, found);
            in_term(right, found);
        }
        hir::Check::License { slot: hir::SlotOf::Slot(id), .. } => found.push(*id),
        hir::Check::License { slot: hir::SlotOf::Program, .. } => {}
    }
}

fn in_term(term: &hir::Term, found: &mut Vec<DefId>) {
    match term {
        hir::Term::Trait { slot: hir::SlotOf::Slot(id), .. } => found.push(*id),
        hir::Term::Trait { .. } | hir::Term::Number(_) => {}
        hir::Term::Add(a, b) | hir::Term::Sub(a, b) | hir::Term::Mul(a, b) | hir::Term::Div(a, b) => {
            in_term(a, found);
            in_term(b, found);
        }
    }
}

struct Poser<'a> {
    front: &'a Front,
    asked: Asked<'a>,
    places: BTreeMap<DefId, usize>,
}

/// A trait that the program as a whole does not have.
struct NoSuchTrait(String);

impl<'a> Poser<'a> {
    fn candidate(&self, card: &hir::Card) -> Candidate {
        let mut traits = BTreeMap::new();
        for (path, value) in &card.net.traits {
            let key = Key::new(path, None);
            traits.insert(key, Evidence::new(*value, Source::File));
        }
        for claim in &card.claims {
            let evidence = Evidence { samples: claim.samples, ..Evidence::new(number(claim.value), Source::Card) };
            traits.insert(self.key(&claim.path, claim.dataset), evidence);
        }
        Candidate { name: card.name.clone(), traits, license: Some(card.license.clone()), ..Candidate::default() }
    }

    /// The checker holds that data sets of one name are the same data.
    fn key(&self, path: &str, dataset: Option<DefId>) -> Key {
        let dataset = dataset.and_then(|id| self.front.analysis.datasets.get(&id)).map(|set| set.name.clone());
        Key::new(path, dataset)
    }

    fn require(&self, required: &'a hir::Requirement, posed: &mut Posed<'a>) -> Result<(), Box<Diagnostic>> {
        let id = posed.sources.len() as u32;
        posed.sources.push(required);
        let checks =
            self.check(&required.check).map_err(|error| self.no_such_trait(error, Code::UnknownTrait, required.loc))?;
        let (unit, factor) = &required.unit;
        let suffix = if unit.is_empty() || unit == "%" { unit.clone() } else { format!(" {unit}") };
        for check in checks {
            let unit = UnitShow { factor: number(*factor), suffix: suffix.clone() };
            posed.problem.requirements.push(Requirement { id, text: required.text.clone(), check, unit });
        }
        Ok(())
    }

    fn check(&self, check: &hir::Check) -> Result<Vec<Check>, NoSuchTrait> {
        Ok(match check {
            hir::Check::Compare { left, op, right } => {
                vec![Check::Compare { left: self.term(left)?, op: compare(*op), right: self.term(right)? }]
            }
            hir::Check::License { slot, allowed } => {
                let places: Vec<usize> = match slot {
                    hir::SlotOf::Slot(id) => self.places.get(id).copied().into_iter().collect(),
                    hir::SlotOf::Program => {
                        self.asked.slots.iter().filter_map(|s| self.places.get(s).copied()).collect()
                    }
                };
                places.into_iter().map(|slot| Check::License { slot, allowed: allowed.clone() }).collect()
            }
        })
    }

    fn term(&self, term: &hir::Term) -> Result<Term, NoSuchTrait> {
        let both = |a: &hir::Term, b: &hir::Term| Ok((Box::new(self.term(a)?), Box::new(self.term(b)?)));
        Ok(match term {
            hir::Term::Number(value) => Term::Number(number(*value)),
            hir::Term::Add(a, b) => both(a, b).map(|(a, b)| Term::Add(a, b))?,
            hir::Term::Sub(a, b) => both(a, b).map(|(a, b)| Term::Sub(a, b))?,
            hir::Term::Mul(a, b) => both(a, b).map(|(a, b)| Term::Mul(a, b))?,
            hir::Term::Div(a, b) => both(a, b).map(|(a, b)| Term::Div(a, b))?,
            hir::Term::Trait { slot, path, dataset } => {
                let key = self.key(path, *dataset);
                match slot {
                    hir::SlotOf::Slot(id) => {
                        let place = self.places.get(id).ok_or_else(|| NoSuchTrait(path.clone()))?;
                        Term::Trait { slot: *place, key }
                    }
                    hir::SlotOf::Program => self.whole(key)?,
                }
            }
        })
    }

    /// A trait of the whole program: end to end, or that of its only slot.
    fn whole(&self, key: Key) -> Result<Term, NoSuchTrait> {
        let reached: BTreeMap<DefId, usize> =
            self.asked.slots.iter().filter_map(|id| Some((*id, *self.places.get(id)?))).collect();
        let composed = self
            .asked
            .function
            .and_then(|function| compose::end_to_end(&self.front.typed(), &self.front.graph, function, &key, &reached));
        match (composed, self.asked.slots.as_slice()) {
            (Some(term), _) => Ok(term),
            (None, [only]) => {
                let slot = self.places.get(only).copied().unwrap_or(0);
                Ok(Term::Trait { slot, key })
            }
            (None, _) => Err(NoSuchTrait(key.path)),
        }
    }

    /// The entry's objective; where it has none, that of its only slot; else the smallest size.
    fn objective(&self, posed: &mut Posed<'a>) -> Result<(), Box<Diagnostic>> {
        let own = self.asked.deploy.map(|deploy| deploy.objective.as_slice()).unwrap_or_default();
        let goals = match (own, self.asked.slots.as_slice()) {
            ([], [only]) => {
                self.front.analysis.slots.get(only).map(|slot| slot.objective.as_slice()).unwrap_or_default()
            }
            _ => own,
        };
        for goal in goals {
            let wrong = |error| self.no_such_trait(error, Code::BadObjective, goal.loc);
            // What is maximised comes negated; it is shown as it was written.
            let (ty, term): (fn(Term) -> Goal, _) = match &goal.term {
                hir::Term::Sub(zero, term) if **zero == hir::Term::Number(Decimal::ZERO) => (Goal::Maximize, &**term),
                term => (Goal::Minimize, term),
            };
            let unit = unit_of(term);
            let term = self.term(term).map_err(wrong)?;
            let own = (posed.problem.slots.len() == 1).then_some(0);
            let text = match goal.text.strip_prefix("prefer ") {
                Some(weighed) => weighed.to_string(),
                None => term_text(&posed.problem, &term, own, &unit),
            };
            posed.problem.objective.push(Objective { text, goal: ty(term), unit });
        }
        if goals.is_empty() {
            let size = Key::new("size", None);
            let sizes = self.asked.slots.iter().filter_map(|id| self.places.get(id));
            let sizes = sizes.map(|slot| Term::Trait { slot: *slot, key: size.clone() });
            let goal = Goal::Minimize(Term::Sum(sizes.collect()));
            posed.problem.objective.push(Objective { text: "size".to_string(), goal, unit: shown("size") });
        }
        Ok(())
    }

    fn no_such_trait(&self, error: NoSuchTrait, code: Code, loc: mu_base::Loc) -> Diagnostic {
        let NoSuchTrait(path) = error;
        let names: Vec<&str> = self
            .asked
            .slots
            .iter()
            .filter_map(|id| self.front.analysis.slots.get(id))
            .map(|s| s.name.as_str())
            .collect();
        let diagnostic =
            Diagnostic::error(code, format!("`{path}` is a trait of one model, and the program has {}", count(&names)))
                .at(loc, "whose?");
        match names.first() {
            Some(name) => diagnostic.help(format!("say the slot: `{name}.{path}`")),
            None => diagnostic.help("the function reaches no slot"),
        }
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
fn shown(path: &str) -> UnitShow {
    let (factor, suffix) = match path {
        "size" | "memory" => (1000.0, " kB"),
        "cold_start" => (0.001, " ms"),
        _ if path.starts_with("latency.") => (0.001, " ms"),
        _ => (1.0, ""),
    };
    UnitShow { factor, suffix: suffix.to_string() }
}

fn count(slots: &[&str]) -> String {
    match slots {
        [] => "no slot".to_string(),
        _ => format!("{} slots", slots.len()),
    }
}

fn compare(op: hir::Compare) -> Op {
    match op {
        hir::Compare::Lt => Op::Lt,
        hir::Compare::Le => Op::Le,
        hir::Compare::Gt => Op::Gt,
        hir::Compare::Ge => Op::Ge,
        hir::Compare::Eq => Op::Eq,
        hir::Compare::Ne => Op::Ne,
    }
}
