//! The value of a term for one choice.

use crate::problem::Problem;
use crate::problem::Term;
use crate::range::Range;

/// The value of a term where the setting and the model of each slot are given; nothing where it is unknown.
pub fn value(problem: &Problem, term: &Term, setting: Option<usize>, choice: &[usize]) -> Option<f64> {
    range(problem, term, setting, choice).value()
}

/// By the same operations as the bounds of the search, so that a value never differs from its bound by rounding.
fn range(problem: &Problem, term: &Term, setting: Option<usize>, choice: &[usize]) -> Range {
    let of = |term: &Term| range(problem, term, setting, choice);
    match term {
        Term::Number(value) => Range::point(*value),
        Term::Trait { slot, key } => {
            let candidate = problem.slots.get(*slot).zip(choice.get(*slot)).and_then(|(s, c)| s.candidates.get(*c));
            Range::of(candidate.and_then(|candidate| candidate.evidence(key, setting)).map(|evidence| evidence.value))
        }
        Term::Setting(numbers) => Range::of(setting.and_then(|setting| numbers.get(setting)).copied()),
        Term::Named { term, .. } => of(term),
        Term::Ceil { term, step } => of(term).ceil(*step),
        Term::Add(a, b) => of(a).add(of(b)),
        Term::Sub(a, b) => of(a).sub(of(b)),
        Term::Mul(a, b) => of(a).mul(of(b)),
        Term::Div(a, b) => of(a).div(of(b)),
        Term::Sum(terms) => terms.iter().map(of).fold(Range::point(0.0), Range::add),
        Term::Max(terms) => terms.iter().map(of).reduce(Range::max).unwrap_or(Range::UNKNOWN),
    }
}
