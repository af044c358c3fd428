//! `mulc check`: everything that can be said without the weights.

use crate::Input;
use crate::choose::Chooser;
use crate::front::Front;
use crate::report::{Failure, Report};

/// Checks a project: types, the graph, and whether models fit for every entry and every test.
pub fn check(input: &Input) -> Report<()> {
    let front = Front::read(input);
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { feasible(&front) };
    Report::new(front, result)
}

fn feasible(front: &Front) -> Result<(), Failure> {
    let mut chooser = Chooser::new(front)?.trusting();
    let entries = front.entries();
    let mut wrong: Vec<_> =
        entries.iter().filter_map(|entry| chooser.entry(front, entry).err()).map(|wrong| *wrong).collect();
    let tests = &front.analysis.tests;
    wrong.extend(tests.iter().filter_map(|test| chooser.test(front, &entries, test).err().map(|wrong| *wrong)));
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Wrong(wrong)) }
}
