//! Why a slot is filled by the model it is filled by, as data: every candidate with what is known of it and what became of it, what
//! they trade against each other, what the next better choice would cost, and, where nothing fits, what is in the way.

mod candidates;
mod outcome;

pub use candidates::{Candidate, Known};
pub use outcome::{Baseline, Chosen, Conflict};

use crate::Input;
use crate::catalog::Schema;
use crate::choose::Chooser;
use crate::front::{EntryPoint, Front};
use crate::problem::{Asked, CostItems, Posed, pose};
use crate::report::{Failure, Report};
use candidates::Shower;
use mu_analysis::hir;
use mu_analysis::names::DefId;
use mu_base::{Code, Diagnostic, suggest};
use mu_select::{
    Axis, Check, Key, Limit, Outcome, Term, UnitShow, axes, front, reasons, select, step_text, term_text, value,
    why_row,
};
use serde::Serialize;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct WhyAsked<'a> {
    pub slot: &'a str,
    /// The function for which it is filled; nothing for the first entry that reaches the slot.
    pub entry: Option<&'a str>,
    /// Whether other selectors are to be compared.
    pub compare: bool,
}

/// The explanation of a slot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    pub slot: String,
    /// With its arguments.
    pub task: String,
    /// The function for which it is filled.
    pub entry: String,
    /// Other entries that reach the slot, for which it may be filled otherwise.
    pub other_entries: Vec<String>,
    /// Where the entry runs, and whose figures count.
    pub platform: String,
    /// Each request says what it weighs: by these terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_request: Option<String>,
    /// All that is required of the program, in its order.
    pub requirements: Vec<Demand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<Chosen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflict>,
    /// The traits of the slot that the program speaks of.
    pub traits: Vec<String>,
    /// The chosen one, then those that fit, then the others, each by name.
    pub candidates: Vec<Candidate>,
    /// What choices are compared by: the goals, then what is required.
    pub axes: Vec<Scale>,
    /// For what something better is to be had, the cheapest step to it and its price.
    pub next_better: Vec<String>,
    /// What a request costs, in USD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostItems>,
    /// What other selectors would choose; empty where that was not asked for.
    pub baselines: Vec<Baseline>,
}

/// A requirement of the program.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Demand {
    pub text: String,
    /// Where it stands: `src/main.mu:7`; nothing for what holds of every function on Lambda.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// Something by which choices are compared. The values of candidates stand in the same order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scale {
    pub name: String,
    pub higher_is_better: bool,
    /// How many base units one of the unit is.
    pub factor: f64,
    /// The unit, as it stands behind a number.
    pub unit: String,
    /// The bounds that are required, in base units.
    pub bounds: Vec<f64>,
}

/// Explains a slot. Where nothing fits there is an answer, too, beside the error that says so.
pub fn why(input: &Input, asked: WhyAsked) -> Report<Explained> {
    let read = Front::read(input);
    let result = if read.has_errors() { Err(Failure::Wrong(Vec::new())) } else { explain(&read, asked) };
    Report::new(read, result)
}

fn explain(front: &Front, asked: WhyAsked) -> Result<Explained, Failure> {
    let (id, slot) = slot(front, asked.slot)?;
    let entries = entries(front, id, asked.entry)?;
    let Some(entry) = entries.first() else { return Err(unreached(slot).into()) };
    let mut chooser = Chooser::new(front)?;
    match chooser.entry(front, entry) {
        Ok(found) => {
            let place = found.posed.slots.iter().position(|one| *one == id);
            let page = Page { front, posed: &found.posed, slot, place: place.unwrap_or(0), entries: &entries };
            page.chosen(&found, asked.compare)
        }
        Err(diagnostic) => {
            let deploy = front.deploy(entry);
            let asks = Asked { function: deploy.map(|deploy| deploy.function), deploy, slots: entry.slots.clone() };
            let Ok(posed) = pose(front, asks) else { return Err(Failure::Wrong(vec![*diagnostic])) };
            let Outcome::Infeasible(conflict) = select(&posed.problem, &Limit::default()) else {
                return Err(Failure::Wrong(vec![*diagnostic]));
            };
            front.say(vec![*diagnostic]);
            let place = posed.slots.iter().position(|one| *one == id).unwrap_or(0);
            Ok(Page { front, posed: &posed, slot, place, entries: &entries }.conflict(&conflict))
        }
    }
}

fn slot<'f>(front: &'f Front, name: &str) -> Result<(DefId, &'f hir::Slot), Failure> {
    let slots = &front.analysis.slots;
    let found = slots.iter().find(|(_, slot)| slot.name == name);
    found.map(|(id, slot)| (*id, slot)).ok_or_else(|| {
        let names: Vec<&str> = slots.values().map(|slot| slot.name.as_str()).collect();
        let help = match (suggest::nearest(name, names.iter().copied()), names.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "the program has no slots".to_owned(),
            (None, names) => format!("the program has {}", names.join(", ")),
        };
        Diagnostic::error(Code::UnknownName, format!("there is no slot `{name}`")).help(help).into()
    })
}

/// The entries that reach the slot, the one that is meant first.
fn entries(front: &Front, slot: DefId, named: Option<&str>) -> Result<Vec<EntryPoint>, Failure> {
    let mut entries: Vec<EntryPoint> = front.entries();
    if let Some(name) = named {
        let all = front.functions();
        let Some(function) = all.iter().find(|function| function.name == name) else {
            let near = suggest::nearest(name, all.iter().map(|function| function.name.as_str()));
            let help =
                near.map_or("name a function of the main module".to_owned(), |near| format!("did you mean `{near}`?"));
            return Err(Diagnostic::error(Code::UnknownName, format!("there is no function `{name}`"))
                .help(help)
                .into());
        };
        entries.retain(|entry| entry.name != name);
        entries.insert(0, function.clone());
        if !function.slots.contains(&slot) {
            let reaching = all.iter().filter(|function| function.slots.contains(&slot)).map(|f| f.name.as_str());
            let help = format!("it is reached by {}", reaching.collect::<Vec<_>>().join(", "));
            let message = format!("`{name}` does not reach the slot");
            return Err(Diagnostic::error(Code::UnknownName, message).help(help).into());
        }
    }
    entries.retain(|entry| entry.slots.contains(&slot));
    if entries.is_empty() {
        entries = front.functions();
        entries.retain(|entry| entry.slots.contains(&slot));
    }
    Ok(entries)
}

fn unreached(slot: &hir::Slot) -> Diagnostic {
    Diagnostic::error(Code::UnknownName, format!("no function of the main module reaches the slot `{}`", slot.name))
        .at(slot.loc, "never called")
        .help("models are chosen for what can be called: call the slot in a function")
}

/// One slot of one problem.
pub(crate) struct Page<'a> {
    front: &'a Front,
    posed: &'a Posed<'a>,
    slot: &'a hir::Slot,
    /// Of the slot in the problem.
    place: usize,
    entries: &'a [EntryPoint],
}

impl Page<'_> {
    fn chosen(&self, found: &crate::choose::Chosen, compare: bool) -> Result<Explained, Failure> {
        let (problem, selection) = (&self.posed.problem, &found.selection);
        let verdicts = reasons(problem, selection, self.place, &Limit::default())
            .ok_or_else(|| Failure::Internal("a slot of the problem has no reasons".into()))?;
        let front = front(problem, selection, self.place, &verdicts, axes(problem));
        let shower = self.shower(selection.setting);
        let candidates = problem.slots.get(self.place).map(|slot| slot.candidates.as_slice()).unwrap_or_default();
        let mut shown: Vec<Candidate> = Vec::new();
        for ((candidate, verdict), point) in candidates.iter().zip(&verdicts).zip(&front.points) {
            let row = why_row(problem, selection, self.place, &candidate.name, verdict);
            let mut one = shower.candidate(candidate, row.verdict, row.reasons);
            one.values.clone_from(&point.values);
            one.on_front = point.on_front;
            one.beside = outcome::beside(problem, self.place, &point.choice, point.setting, selection);
            shown.push(one);
        }
        let mut page = self.frame(shown, &front.axes, &selection.choice, selection.setting);
        page.chosen = Some(self.models(found));
        page.next_better = front.steps.iter().map(|step| step_text(problem, &front, step)).collect();
        page.cost = self.posed.cost.as_ref().and_then(|cost| cost.items(problem, selection));
        if compare {
            page.baselines = outcome::baselines(problem, selection);
        }
        Ok(page)
    }

    fn conflict(&self, conflict: &mu_select::Conflict) -> Explained {
        let problem = &self.posed.problem;
        let near = conflict.nearest.first();
        let setting = near.map_or((!problem.settings.is_empty()).then_some(0), |near| near.setting);
        // What the nearest choice leaves open does not matter to it.
        let mut choice = vec![0; problem.slots.len()];
        for (slot, candidate) in near.iter().flat_map(|near| &near.choice) {
            choice.iter_mut().skip(*slot).take(1).for_each(|chosen| *chosen = *candidate);
        }
        let axes = axes(problem);
        let shower = self.shower(setting);
        let candidates = problem.slots.get(self.place).map(|slot| slot.candidates.as_slice()).unwrap_or_default();
        let mut shown = Vec::new();
        for (number, candidate) in candidates.iter().enumerate() {
            choice.iter_mut().skip(self.place).take(1).for_each(|chosen| *chosen = number);
            let missed = outcome::missed(problem, self.place, &choice, setting);
            let mut one = shower.candidate(candidate, "dropped", missed);
            one.values = axes.iter().map(|axis| value(problem, &axis.term, setting, &choice)).collect();
            shown.push(one);
        }
        let mut page = self.frame(shown, &axes, &choice, setting);
        page.conflict = Some(self.conflicting(conflict));
        page
    }

    fn shower(&self, setting: Option<usize>) -> Shower<'_> {
        let measures = Schema::of(&self.front.analysis).of_task(self.slot.task.task);
        Shower { problem: &self.posed.problem, place: self.place, setting, measures }
    }

    /// The explanation without what the outcome says.
    fn frame(&self, mut shown: Vec<Candidate>, axes: &[Axis], choice: &[usize], setting: Option<usize>) -> Explained {
        let problem = &self.posed.problem;
        let order = ["chosen", "kept", "dropped"];
        let rank = |one: &Candidate| order.iter().position(|verdict| *verdict == one.verdict);
        shown.sort_by(|a, b| (rank(a), &a.model).cmp(&(rank(b), &b.model)));
        let scale = |axis: &Axis| Scale {
            name: self.named(axis, &axis.unit),
            higher_is_better: axis.higher,
            factor: axis.unit.factor,
            unit: axis.unit.suffix.clone(),
            bounds: self.bounds(axis, choice, setting),
        };
        let requirements = problem.requirements.iter().enumerate();
        let demand = |(place, requirement): (usize, &mu_select::Requirement)| Demand {
            text: requirement.text.clone(),
            place: self.posed.source(place).map(|source| self.place_of(source.loc)),
        };
        let mut entries = self.entries.iter().map(|entry| entry.name.clone());
        Explained {
            slot: self.slot.name.clone(),
            task: self.slot.task.show(&self.front.analysis.names),
            entry: entries.next().unwrap_or_default(),
            other_entries: entries.collect(),
            platform: self.platform(),
            at_request: self.slot.at_request.as_ref().map(|by| by.text.clone()),
            requirements: requirements.map(demand).collect(),
            chosen: None,
            conflict: None,
            traits: self.columns(setting),
            candidates: shown,
            axes: axes.iter().map(scale).collect(),
            next_better: Vec::new(),
            cost: None,
            baselines: Vec::new(),
        }
    }

    fn columns(&self, setting: Option<usize>) -> Vec<String> {
        let shower = self.shower(setting);
        shower.columns().iter().map(|key| shower.name(key)).collect()
    }

    fn named(&self, axis: &Axis, unit: &UnitShow) -> String {
        let limit = match &axis.term {
            Term::Trait { key, .. } => Key { claimed: false, ..key.clone() }.qualifier(),
            _ => String::new(),
        };
        let text = term_text(&self.posed.problem, &axis.term, Some(self.place), unit) + &limit;
        // A weighed sum has no name of its own, but the goal has the words of the program.
        let goal = self.posed.problem.objective.iter().find(|objective| match &objective.goal {
            mu_select::Goal::Minimize(term) | mu_select::Goal::Maximize(term) => *term == axis.term,
        });
        goal.filter(|goal| goal.text.len() < text.len()).map_or(text, |goal| goal.text.clone())
    }

    /// What is required of an axis.
    fn bounds(&self, axis: &Axis, choice: &[usize], setting: Option<usize>) -> Vec<f64> {
        let problem = &self.posed.problem;
        let bound = |check: &Check| match check {
            Check::Compare { left, right, .. } if *left == axis.term => value(problem, right, setting, choice),
            Check::Compare { left, right, .. } if *right == axis.term => value(problem, left, setting, choice),
            _ => None,
        };
        problem.requirements.iter().filter_map(|requirement| bound(&requirement.check)).collect()
    }

    fn place_of(&self, loc: mu_base::Loc) -> String {
        let source = self.front.analysis.sources.get(loc.file);
        let before = source.text.get(..loc.span.start as usize).unwrap_or_default();
        format!("{}:{}", source.path, before.matches('\n').count() + 1)
    }

    /// `AWS Lambda (x86_64), figures of xeon`
    fn platform(&self) -> String {
        let machine = &self.posed.machine;
        let figures = match machine.platform {
            Some(platform) => format!("figures of `{}`", platform.name),
            None => "where nothing was measured".to_owned(),
        };
        match &machine.lambda {
            Some(lambda) => format!("AWS Lambda ({}), {figures}", lambda.arch),
            None => format!("this machine, {figures}"),
        }
    }
}
