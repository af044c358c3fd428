//! `mulc check`: everything that can be said without the weights.

use crate::choose::Chooser;
use crate::front::Front;
use crate::lock;
use crate::report::{Failure, Report};
use crate::{Input, Options};

/// Checks a project: types, the graph, and whether models fit for every entry and every test.
pub fn check(input: &Input) -> Report<()> {
    check_with(input, &Options::default())
}

/// As [`check`]; where `locked` is asked, also that nothing is decided otherwise than in `mu.lock`.
pub fn check_with(input: &Input, options: &Options) -> Report<()> {
    let front = Front::read(input);
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { feasible(&front, input, options) };
    Report::new(front, result)
}

fn feasible(front: &Front, input: &Input, options: &Options) -> Result<(), Failure> {
    let mut chooser = Chooser::new(front)?.trusting();
    let entries = front.entries();
    let mut wrong: Vec<_> =
        entries.iter().filter_map(|entry| chooser.entry(front, entry).err()).map(|wrong| *wrong).collect();
    let tests = &front.analysis.tests;
    wrong.extend(tests.iter().filter_map(|test| chooser.test(front, &entries, test).err().map(|wrong| *wrong)));
    if !wrong.is_empty() {
        return Err(Failure::Wrong(wrong));
    }
    if options.locked {
        lock::pinned(front, &mut chooser, input, options)?;
    }
    Ok(())
}
