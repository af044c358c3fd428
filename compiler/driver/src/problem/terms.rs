//! Requirements and their terms, from the typed program to the selection: whose trait is meant, which evidence counts, and what
//! a trait of the whole program is made of.

use super::{Posed, Poser};
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_base::{Code, Diagnostic, Loc};
use mu_lower::compose::{self, number};
use mu_select::{Check, Confident, Key, Op, Requirement, Term, UnitShow};
use std::collections::BTreeMap;

/// A trait that the program as a whole does not have.
pub(super) struct NoSuchTrait(String);

/// Which evidence counts in a line of the program.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub claimed: bool,
    pub limit: Option<Confident>,
}

impl Counts {
    pub fn claimed(claimed: bool) -> Counts {
        Counts { claimed, limit: None }
    }

    fn key(&self, key: Key) -> Key {
        // Only a metric has a limit; the other side of its comparison is a constant. What a file tells is never claimed.
        let limit = self.limit.clone().filter(|_| key.dataset.is_some());
        let claimed = self.claimed && !matches!(key.path.as_str(), "size" | "parameters");
        Key { claimed, limit, ..key }
    }
}

impl<'a> Poser<'a> {
    pub(super) fn require(&self, required: &'a hir::Requirement, posed: &mut Posed<'a>) -> Result<(), Box<Diagnostic>> {
        let id = posed.sources.len() as u32;
        posed.sources.push(required);
        let counts = Counts { claimed: required.claimed, limit: self.limits(required, posed) };
        let checks = self
            .check(&required.check, &counts)
            .map_err(|error| self.no_such_trait(error, Code::UnknownTrait, required.loc))?;
        let (unit, factor) = &required.unit;
        let suffix = if unit.is_empty() || unit == "%" { unit.clone() } else { format!(" {unit}") };
        for check in checks {
            let unit = UnitShow { factor: number(*factor), suffix: suffix.clone() };
            posed.problem.requirements.push(Requirement { id, text: required.text.clone(), check, unit });
        }
        Ok(())
    }

    fn check(&self, check: &hir::Check, counts: &Counts) -> Result<Vec<Check>, NoSuchTrait> {
        Ok(match check {
            hir::Check::Compare { left, op, right } => {
                let (left, right) = (self.term(left, counts)?, self.term(right, counts)?);
                vec![Check::Compare { left, op: compare(*op), right }]
            }
            hir::Check::License { slot, allowed } => {
                let places = match slot {
                    hir::SlotOf::Slot(id) => self.places.get(id).copied().into_iter().collect(),
                    hir::SlotOf::Program => self.own(),
                };
                places.into_iter().map(|slot| Check::License { slot, allowed: allowed.clone() }).collect()
            }
        })
    }

    /// The places of the slots that are reached.
    pub(super) fn own(&self) -> Vec<usize> {
        self.asked.slots.iter().filter_map(|slot| self.places.get(slot).copied()).collect()
    }

    pub(super) fn term(&self, term: &hir::Term, counts: &Counts) -> Result<Term, NoSuchTrait> {
        let of = |term: &hir::Term| self.term(term, counts).map(Box::new);
        Ok(match term {
            hir::Term::Number(value) => Term::Number(number(*value)),
            hir::Term::Add(a, b) => Term::Add(of(a)?, of(b)?),
            hir::Term::Sub(a, b) => Term::Sub(of(a)?, of(b)?),
            hir::Term::Mul(a, b) => Term::Mul(of(a)?, of(b)?),
            hir::Term::Div(a, b) => Term::Div(of(a)?, of(b)?),
            hir::Term::Trait { slot, path, dataset } => {
                let key = counts.key(self.key(path, *dataset));
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
        let composed = match (key.path.as_str(), &self.machine.lambda) {
            ("cost", Some(_)) => Some(self.whole_cost(key.claimed)),
            ("cold_start", Some(lambda)) => self.end_to_end(&key).map(|models| {
                let sum = Term::Sum(vec![Term::Number(lambda.data.init.base), models]);
                Term::Named { name: key.to_string(), term: Box::new(sum) }
            }),
            _ => self.end_to_end(&key),
        };
        match (composed, self.own().as_slice()) {
            (Some(term), _) => Ok(term),
            (None, [only]) => Ok(Term::Trait { slot: *only, key }),
            (None, _) => Err(NoSuchTrait(key.path)),
        }
    }

    /// Put together from the slots' traits, where there is an entry and the trait can be.
    pub(super) fn end_to_end(&self, key: &Key) -> Option<Term> {
        let reached: BTreeMap<DefId, usize> =
            self.asked.slots.iter().filter_map(|id| Some((*id, *self.places.get(id)?))).collect();
        compose::end_to_end(&self.front.typed(), &self.front.graph, self.asked.function?, key, &reached)
    }

    pub(super) fn no_such_trait(&self, error: NoSuchTrait, code: Code, loc: Loc) -> Diagnostic {
        let NoSuchTrait(path) = error;
        let slots = self.asked.slots.iter().filter_map(|id| self.front.analysis.slots.get(id));
        let names: Vec<&str> = slots.map(|slot| slot.name.as_str()).collect();
        let count = if names.is_empty() { "no slot".to_string() } else { format!("{} slots", names.len()) };
        let diagnostic =
            Diagnostic::error(code, format!("`{path}` is a trait of one model, and the program has {count}"))
                .at(loc, "whose?");
        match names.first() {
            Some(name) => diagnostic.help(format!("say the slot: `{name}.{path}`")),
            None => diagnostic.help("the function reaches no slot"),
        }
    }
}

pub(super) fn compare(op: hir::Compare) -> Op {
    match op {
        hir::Compare::Lt => Op::Lt,
        hir::Compare::Le => Op::Le,
        hir::Compare::Gt => Op::Gt,
        hir::Compare::Ge => Op::Ge,
        hir::Compare::Eq => Op::Eq,
        hir::Compare::Ne => Op::Ne,
    }
}
