//! What a request costs on Lambda, item by item, and whether the models fit the function's memory.

use super::candidates::LEAST_MEMORY;
use super::machine::bytes;
use super::{Posed, Poser};
use crate::lambda::Region;
use mu_select::{Check, Key, Op, Problem, Requirement, Selection, Term, UnitShow, value};
use serde::Serialize;
use std::fmt;

/// The items of the cost of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CostTerms {
    /// The price of the request itself.
    requests: Term,
    /// The mean duration, rounded up to what is billed, at the price of the memory.
    duration: Term,
    /// The start of an environment, times the share of calls that meet none.
    cold_starts: Term,
    /// What Lambda and the runtime write to the logs.
    logs: Term,
}

/// What a request costs, in USD.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CostItems {
    pub requests: f64,
    pub duration: f64,
    pub cold_starts: f64,
    pub logs: f64,
}

impl CostItems {
    pub fn total(&self) -> f64 {
        self.requests + self.duration + self.cold_starts + self.logs
    }
}

/// In USD for a million requests.
impl fmt::Display for CostItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let million = |usd: f64| UnitShow { factor: 1e-6, suffix: String::new() }.show(usd);
        write!(
            f,
            "{} USD per 1M requests: {} requests, {} duration, {} cold starts, {} logs",
            million(self.total()),
            million(self.requests),
            million(self.duration),
            million(self.cold_starts),
            million(self.logs)
        )
    }
}

impl CostItems {
    /// The same requests elsewhere, or with more of them logged: times and memory stay, prices change.
    pub fn priced(&self, was: &Region, is: &Region, arch: &str, logged: f64) -> CostItems {
        let second = is.gb_second(arch) / was.gb_second(arch);
        CostItems {
            requests: is.request,
            duration: self.duration * second,
            cold_starts: self.cold_starts * second,
            logs: logged * is.logs * 1e-9,
        }
    }
}

impl CostTerms {
    fn total(&self) -> Term {
        let items = [&self.requests, &self.duration, &self.cold_starts, &self.logs];
        Term::Sum(items.into_iter().cloned().collect())
    }

    /// The items for what was chosen; nothing where a figure is unknown.
    pub fn items(&self, problem: &Problem, selection: &Selection) -> Option<CostItems> {
        let of = |term| value(problem, term, selection.setting, &selection.choice);
        Some(CostItems {
            requests: of(&self.requests)?,
            duration: of(&self.duration)?,
            cold_starts: of(&self.cold_starts)?,
            logs: of(&self.logs)?,
        })
    }
}

impl Poser<'_> {
    /// The cost of a request of the entry; unknown where the region's prices are.
    pub(super) fn whole_cost(&self, claimed: bool) -> Term {
        let term = self.cost(claimed).map_or(Term::Number(f64::NAN), |terms| terms.total());
        Term::Named { name: "cost".to_string(), term: Box::new(term) }
    }

    pub(super) fn cost(&self, claimed: bool) -> Option<CostTerms> {
        let lambda = self.machine.lambda.as_ref()?;
        let region = lambda.region?;
        let key = |path: &str| Key { claimed, ..Key::new(path, None) };
        let step = lambda.data.billing.step;
        let priced = |share: f64, seconds: Term| {
            let second = Term::Setting(lambda.each(|mb| share * lambda.second(mb)));
            Term::Mul(Box::new(second), Box::new(Term::Ceil { term: Box::new(seconds), step }))
        };
        let logged = lambda.data.logs.per_call(lambda.log_sampling, lambda.cold_rate);
        Some(CostTerms {
            requests: Term::Number(region.request),
            duration: priced(1.0, self.end_to_end(&key("latency.mean"))?),
            cold_starts: priced(lambda.cold_rate, self.cold_start(claimed)?),
            logs: Term::Number(logged * region.logs * 1e-9),
        })
    }

    /// From the start of an environment to its first answer, beyond a warm call.
    pub(super) fn cold_start(&self, claimed: bool) -> Option<Term> {
        let lambda = self.machine.lambda.as_ref()?;
        let models = self.end_to_end(&Key { claimed, ..Key::new("cold_start", None) })?;
        Some(Term::Sum(vec![Term::Number(lambda.data.init.base), models]))
    }

    /// On Lambda, that the models can be held at all: no line of the program says it.
    pub(super) fn memory_fits(&self, posed: &mut Posed) {
        let Some(lambda) = &self.machine.lambda else { return };
        let models = self.own().into_iter().map(|slot| Term::Trait { slot, key: Key::new(LEAST_MEMORY, None) });
        let needed =
            Term::Named { name: "memory of the models".to_string(), term: Box::new(Term::Sum(models.collect())) };
        let check = Check::Compare { left: needed, op: Op::Le, right: Term::Setting(lambda.each(bytes)) };
        let unit = UnitShow { factor: 1_048_576.0, suffix: " MB".to_string() };
        let text = "the models fit the function's memory".to_string();
        posed.problem.requirements.push(Requirement { id: u32::MAX, text, check, unit });
    }
}
