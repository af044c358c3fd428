//! A problem under each of its settings: what is asked of one slot alone is decided, and scenes for the search are made.

use crate::filter::Filter;
use crate::problem::Problem;
use crate::solve::Scene;
use crate::space::{Expr, Space};

/// The problem under one setting.
pub(crate) struct Case {
    pub space: Space,
    pub filter: Filter,
}

/// One for each setting; one, where there are none.
pub(crate) fn cases(problem: &Problem) -> Vec<Case> {
    let case = |space| Case { filter: Filter::new(&space), space };
    Space::all(problem).into_iter().map(case).collect()
}

/// The scenes in which the requirements hold for which `asked` says so; none for a setting that fails one by itself.
pub(crate) fn scenes<'a>(
    cases: &'a [Case],
    asked: impl Fn(usize) -> bool,
    goals: impl Fn(&Space) -> Vec<Expr>,
) -> Vec<Scene<'a>> {
    let scene = |case: &'a Case| {
        let Case { space, filter } = case;
        if filter.never.iter().any(|rule| asked(*rule)) {
            return None;
        }
        let joint = filter.joint.iter().copied().filter(|rule| asked(*rule)).collect();
        Some(Scene::new(space, &filter.domains(&asked), joint, goals(space)))
    };
    cases.iter().filter_map(scene).collect()
}
