//! The reasons of a selection for people: one row for each candidate of a slot, and the words for what was missed.

use crate::front::{Axis, Front, Step};
use crate::outcome::{Change, Miss, Relaxation, Selection, Verdict};
use crate::problem::{Check, Limit, Objective, Problem, Term, UnitShow};
use crate::reasons::reasons;
use serde::Serialize;
use std::fmt;

/// Why a slot is filled by the model it is filled by. `Display` is a table, the chosen model first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    pub slot: String,
    /// The chosen one, then those that fit, then those that were dropped, each by name.
    pub rows: Vec<WhyRow>,
}

/// What became of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhyRow {
    pub model: String,
    /// `chosen`, `kept` or `dropped`.
    pub verdict: &'static str,
    /// What speaks for or against it.
    pub reasons: Vec<String>,
}

/// The reasons for one slot; nothing where there is no such slot.
pub fn why(problem: &Problem, selection: &Selection, slot: usize) -> Option<Why> {
    let of = problem.slots.get(slot)?;
    let verdicts = reasons(problem, selection, slot, &Limit::default())?;
    let mut rows: Vec<WhyRow> = of
        .candidates
        .iter()
        .zip(&verdicts)
        .map(|(candidate, verdict)| why_row(problem, selection, slot, &candidate.name, verdict))
        .collect();
    let place = |verdict: &str| ["chosen", "kept", "dropped"].iter().position(|v| *v == verdict);
    rows.sort_by(|a, b| (place(a.verdict), &a.model).cmp(&(place(b.verdict), &b.model)));
    Some(Why { slot: of.name.clone(), rows })
}

/// What became of a candidate, in words.
pub fn why_row(problem: &Problem, selection: &Selection, slot: usize, model: &str, verdict: &Verdict) -> WhyRow {
    let (verdict, reasons) = match verdict {
        Verdict::Chosen => ("chosen", goals(problem, &selection.goals)),
        Verdict::Fits { best: Some(best) } => ("kept", goals(problem, &best.goals)),
        Verdict::Fits { best: None } => ("kept", vec!["how good it can be was not found within the limit".into()]),
        Verdict::Dropped { failed } => ("dropped", failed.iter().map(|m| miss_text(problem, m, Some(slot))).collect()),
        Verdict::DroppedJointly { failed, together } => {
            let texts = failed.iter().filter_map(|rule| problem.requirements.get(*rule)).map(|r| r.text.as_str());
            let texts: Vec<&str> = texts.collect();
            if *together {
                (
                    "dropped",
                    vec![format!("with no models for the other slots does all of this hold: {}", texts.join("; "))],
                )
            } else {
                let text = |text: &&str| format!("whatever fits the other slots, it misses {text}");
                ("dropped", texts.iter().map(text).collect())
            }
        }
    };
    WhyRow { model: model.to_owned(), verdict, reasons }
}

fn goals(problem: &Problem, values: &[Option<f64>]) -> Vec<String> {
    let text = |(objective, value): (&Objective, &Option<f64>)| match value {
        Some(value) => format!("{} = {}", objective.text, objective.unit.show(*value)),
        None => format!("{} is unknown", objective.text),
    };
    problem.objective.iter().zip(values).map(text).collect()
}

/// What is missed: `top1 on mnist_holdout = 94.4 %, needs >= 97 %`. Traits of the slot `own` stand without its name.
pub fn miss_text(problem: &Problem, miss: &Miss, own: Option<usize>) -> String {
    let Some(requirement) = problem.requirements.get(miss.requirement) else { return String::new() };
    match &requirement.check {
        Check::License { allowed, .. } => {
            let license = miss.license.as_deref().unwrap_or("unknown");
            format!("license = {license}, needs one of {}", allowed.join(", "))
        }
        Check::Compare { left, right, .. } => {
            let name = term_text(problem, subject(left, right), own, &requirement.unit);
            let needed = miss.needed.map_or("a value that is unknown".into(), |v| requirement.unit.show(v));
            let by = qualifier(left, right);
            match miss.value {
                Some(value) => format!("{name} = {}{by}, needs {} {needed}", requirement.unit.show(value), miss.op),
                None => format!("{name} is unknown{by}, needs {} {needed}", miss.op),
            }
        }
    }
}

/// What would make the program feasible, as an instruction: `write top1 on mnist_holdout >= 96.5 %`.
pub fn relaxation_text(problem: &Problem, relaxation: &Relaxation, own: Option<usize>) -> String {
    let Some(requirement) = problem.requirements.get(relaxation.requirement) else { return String::new() };
    let unit = &requirement.unit;
    match (&relaxation.change, &requirement.check) {
        (Change::License(license), _) => format!("allow the licence {license}"),
        (Change::Remove, _) | (_, Check::License { .. }) => format!("leave out `{}`", requirement.text),
        (Change::Bound { op, value }, Check::Compare { left, right, .. }) => {
            let name = term_text(problem, subject(left, right), own, unit);
            format!("write `{name} {op} {}{}`", unit.show_bound(*op, *value), qualifier(left, right))
        }
        (Change::Offset { op, offset }, Check::Compare { left, right, .. }) => {
            let by = qualifier(left, right);
            let (left, right) = (term_text(problem, left, own, unit), term_text(problem, right, own, unit));
            let (sign, far) = if *offset < 0.0 { ("-", -offset) } else { ("+", *offset) };
            // The rounding must be away from the requirement, whichever sign is written before it.
            let shown = if *offset < 0.0 { unit.show_bound(op.flipped(), far) } else { unit.show_bound(*op, far) };
            format!("write `{left} {op} {right} {sign} {shown}{by}`")
        }
    }
}

/// A step to something better, with its price: `kcnn_96: 0.55 points more top1 on holdout for 0.109 ms more latency.p95`.
pub fn step_text(problem: &Problem, front: &Front, step: &Step) -> String {
    let own = Some(front.slot);
    let change = |axis: usize, by: Option<f64>, better: bool| {
        let Some(Axis { term, unit, higher }) = front.axes.get(axis) else { return String::new() };
        let name = term_text(problem, term, own, unit);
        let Some(by) = by else { return format!("a {name} that is unknown") };
        // The difference of two ratios is no ratio of one of them.
        let points = UnitShow { factor: unit.factor, suffix: " points".into() };
        let unit = if unit.suffix.trim() == "%" { &points } else { unit };
        format!("{} {} {name}", unit.show(by), if *higher == better { "more" } else { "less" })
    };
    let of = problem.slots.get(front.slot).and_then(|slot| slot.candidates.get(step.candidate));
    let more = step.more.iter().map(|(axis, by)| change(*axis, Some(*by), true));
    let gains: Vec<String> = [change(step.axis, Some(step.gain), true)].into_iter().chain(more).collect();
    let prices: Vec<String> = step.prices.iter().map(|(axis, by)| change(*axis, *by, false)).collect();
    let name = of.map_or("?", |candidate| &candidate.name);
    match prices.is_empty() {
        true => format!("{name}: {}", gains.join(" and ")),
        false => format!("{name}: {} for {}", gains.join(" and "), prices.join(" and ")),
    }
}

/// The side of a comparison that is told first: the one that depends on the choice.
fn subject<'a>(left: &'a Term, right: &'a Term) -> &'a Term {
    if left.is_constant() && !right.is_constant() { right } else { left }
}

/// A term as in the source. Traits of the slot `own` stand without its name; numbers that are added have the given unit.
pub fn term_text(problem: &Problem, term: &Term, own: Option<usize>, unit: &UnitShow) -> String {
    let plain = UnitShow { factor: 1.0, suffix: String::new() };
    let text = |term: &Term| term_text(problem, term, own, unit);
    let joined = |terms: &[Term], by: &str| terms.iter().map(text).collect::<Vec<_>>().join(by);
    // A factor stands in parentheses where it is a sum, and its numbers have units of their own.
    let factor = |term: &Term| match term {
        Term::Add(..) | Term::Sub(..) | Term::Sum(_) => format!("({})", text(term)),
        _ => term_text(problem, term, own, &plain),
    };
    match term {
        Term::Number(value) => unit.show(*value),
        Term::Setting(numbers) => setting_text(problem, numbers),
        Term::Named { name, .. } => name.clone(),
        Term::Ceil { term, step } => format!("ceil({}, {})", text(term), unit.show(*step)),
        Term::Trait { slot, key } if own == Some(*slot) => key.to_string(),
        Term::Trait { slot, key } => {
            format!("{}.{key}", problem.slots.get(*slot).map_or("an unknown slot", |slot| &slot.name))
        }
        Term::Add(a, b) => format!("{} + {}", text(a), text(b)),
        Term::Sub(a, b) if matches!(**b, Term::Add(..) | Term::Sub(..) | Term::Sum(_)) => {
            format!("{} - ({})", text(a), text(b))
        }
        Term::Sub(a, b) => format!("{} - {}", text(a), text(b)),
        Term::Mul(a, b) => format!("{} * {}", factor(a), factor(b)),
        Term::Div(a, b) => format!("{} / {}", factor(a), factor(b)),
        Term::Sum(terms) => joined(terms, " + "),
        Term::Max(terms) => format!("max({})", joined(terms, ", ")),
    }
}

/// What evidence counts in a comparison: ` as claimed`, ` with confidence 95%`, or nothing.
fn qualifier(left: &Term, right: &Term) -> String {
    fn first(term: &Term) -> Option<String> {
        match term {
            Term::Number(_) | Term::Setting(_) => None,
            Term::Trait { key, .. } => Some(key.qualifier()).filter(|text| !text.is_empty()),
            Term::Ceil { term, .. } | Term::Named { term, .. } => first(term),
            Term::Add(a, b) | Term::Sub(a, b) | Term::Mul(a, b) | Term::Div(a, b) => first(a).or_else(|| first(b)),
            Term::Sum(terms) | Term::Max(terms) => terms.iter().find_map(first),
        }
    }
    first(left).or_else(|| first(right)).unwrap_or_default()
}

/// The name under which the settings carry the numbers.
fn setting_text(problem: &Problem, numbers: &[f64]) -> String {
    let names = problem.settings.iter().flat_map(|setting| setting.values.keys());
    let same = |name: &&String| {
        let values = problem.settings.iter().map(|setting| setting.values.get(*name));
        problem.settings.len() == numbers.len() && values.eq(numbers.iter().map(Some))
    };
    names.into_iter().find(same).map_or("a number of the setting", String::as_str).to_owned()
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.model.chars().count()).max().unwrap_or(0);
        writeln!(f, "{}", self.slot)?;
        for row in &self.rows {
            let mut reasons = row.reasons.iter();
            let first = reasons.next().map(|reason| format!(": {reason}")).unwrap_or_default();
            writeln!(f, "  {:width$}  {}{first}", row.model, row.verdict)?;
            for reason in reasons {
                writeln!(f, "  {:width$}  {:indent$}{reason}", "", "", indent = row.verdict.len() + 2)?;
            }
        }
        Ok(())
    }
}
