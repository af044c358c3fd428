//! The exact search over all settings, goal after goal.
//!
//! First the best value of the first goal is found and proven, the most promising setting first, each later one only as far as it can be
//! better. Where other choices could have the same value, the second goal is searched for among these, and so on; names and settings
//! break the last ties.

use crate::dual::{Basis, Bounded, Dual};
use crate::linear::stepped;
use crate::prune::undominated;
use crate::search::{Aim, Best, Query, Seen, compare_goal, least, narrowed, propagate, search};
use crate::space::{Expr, Space};
use std::cmp::Ordering;
use std::rc::Rc;

/// The choices under one setting, made ready: what cannot be part of the answer is left out, and bounds are known.
pub(crate) struct Scene<'a> {
    pub space: &'a Space,
    rules: Vec<usize>,
    goals: Vec<Expr>,
    /// For each slot, the candidates that can be part of a choice.
    fitting: Vec<Vec<usize>>,
    /// Of these, the ones that can be part of the best.
    domains: Vec<Vec<usize>>,
    /// Of what is shared and of the first goal.
    bounds: Bounds,
}

/// What bounds a search.
#[derive(Default)]
struct Bounds {
    duals: Vec<Rc<Dual>>,
    /// The rules whose excess they bound.
    covered: Vec<usize>,
    /// The goal that is searched for, where a part of it is rounded up to steps.
    stepped: Option<Expr>,
}

impl Bounds {
    /// Of what is shared, and of the first goal.
    fn new(basis: &Basis) -> Bounds {
        let (mut duals, covered) = basis.each();
        duals.extend(basis.excess());
        let duals = duals.into_iter().map(Rc::new).collect();
        Bounds { duals, covered, stepped: None }.next(basis)
    }

    /// Of the next goal, too.
    fn next(&self, basis: &Basis) -> Bounds {
        let goal = basis.goals.get(basis.caps.len());
        let stepped = goal.and_then(|goal| stepped(basis.space, goal, basis.space.leaves.len()));
        let part = stepped.and_then(|(goal, part)| Some((goal, basis.part(&part)?)));
        let (stepped, part) = part.unzip();
        let known = self.duals.iter().filter(|dual| dual.bounds != Bounded::Part).map(Rc::clone);
        let duals = known.chain(basis.goal().into_iter().chain(part).map(Rc::new)).collect();
        Bounds { duals, covered: self.covered.clone(), stepped }
    }
}

/// How a search ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// The proven best choice, or the proof that there is none.
    Proven(Option<Best>),
    /// The nodes were used up.
    Stopped {
        best: Option<Best>,
        /// The first goal that is not proven; those before it are. Their number where only names are not.
        goal: usize,
        /// No choice has a smaller value of that goal; nothing where it may be unknown.
        bound: Option<f64>,
    },
}

impl<'a> Scene<'a> {
    /// `rules` are those that slots share; what is asked of one slot alone has left its `domains` already.
    pub fn new(space: &'a Space, domains: &[Vec<usize>], rules: Vec<usize>, goals: Vec<Expr>) -> Scene<'a> {
        let query = Query {
            space,
            domains,
            rules: &rules,
            goals: &goals,
            caps: &[],
            aim: Aim::Any,
            duals: &[],
            covered: &[],
            stepped: None,
        };
        let fitting = propagate(&query);
        let mut scene = Scene { space, rules, goals, domains: fitting.clone(), fitting, bounds: Bounds::default() };
        let several = scene.fitting.len() > 1 && scene.fitting.iter().all(|domain| !domain.is_empty());
        if several {
            scene.domains = undominated(space, &scene.fitting, &scene.rules, &scene.goals);
            let Scene { domains, rules, goals, .. } = &scene;
            scene.bounds = Bounds::new(&Basis { space, domains, rules, goals, caps: &[] });
        }
        scene
    }

    /// The scene with one slot's candidate given; nothing where that one cannot be part of a choice.
    fn with(&self, forced: Option<(usize, usize)>) -> Option<Vec<Vec<usize>>> {
        let Some((slot, candidate)) = forced else { return Some(self.domains.clone()) };
        self.fitting.get(slot)?.binary_search(&candidate).ok()?;
        let mut domains = self.domains.clone();
        *domains.get_mut(slot)? = vec![candidate];
        Some(domains)
    }
}

/// A scene in the course of a search.
struct Stage<'s, 'a> {
    scene: &'s Scene<'a>,
    domains: Vec<Vec<usize>>,
    /// Those of the goals that are proven by now, and of the one that is searched for.
    own: Option<Bounds>,
    /// The least value that the goal can have here.
    floor: Option<f64>,
}

impl<'s, 'a> Stage<'s, 'a> {
    fn query<'q>(&'q self, caps: &'q [Option<f64>], aim: Aim) -> Query<'q> {
        let Bounds { duals, covered, stepped } = self.own.as_ref().unwrap_or(&self.scene.bounds);
        Query {
            space: self.scene.space,
            domains: &self.domains,
            rules: &self.scene.rules,
            goals: &self.scene.goals,
            caps,
            aim,
            duals,
            covered,
            stepped: stepped.as_ref(),
        }
    }

    /// Searches, after leaving out what is worse than the best by itself.
    fn search(&mut self, caps: &[Option<f64>], aim: Aim, best: &mut Option<Best>, nodes: &mut u64) -> Seen {
        let domains = narrowed(&self.query(caps, aim), best.clone());
        let query = Query { domains: &domains, ..self.query(caps, aim) };
        search(&query, best, nodes)
    }

    /// Makes ready for the goal after the proven ones.
    fn advance(&mut self, caps: &[Option<f64>], best: &Option<Best>) {
        let (space, rules, goals) = (self.scene.space, &self.scene.rules, &self.scene.goals);
        self.domains = narrowed(&self.query(caps, Aim::Any), best.clone());
        if self.scene.fitting.len() > 1 && self.domains.iter().all(|domain| !domain.is_empty()) {
            let known = self.own.as_ref().unwrap_or(&self.scene.bounds);
            self.own = Some(known.next(&Basis { space, domains: &self.domains, rules, goals, caps }));
        }
    }
}

/// Finds the best choice over all scenes, of those with the `forced` candidate of a slot where one is given. Takes nodes from `nodes`.
pub(crate) fn solve(scenes: &[Scene], forced: Option<(usize, usize)>, nodes: &mut u64) -> End {
    let stage = |scene| Some(Stage { scene, domains: scene.with(forced)?, own: None, floor: None });
    let mut stages: Vec<Stage> = scenes.iter().filter_map(stage).collect();
    let count = scenes.first().map_or(0, |scene| scene.goals.len());
    let mut best: Option<Best> = None;
    let mut caps = Vec::new();
    for goal in 0..count {
        let seen = best_of(&mut stages, &caps, &mut best, nodes);
        let value = best.as_ref().map(|best| best.goals.get(goal).copied().flatten());
        // What was left out when another choice was the best may be no better than the one found since.
        let is_open = |left: &Option<f64>| value.is_none_or(|value| compare_goal(*left, value) == Ordering::Less);
        if let Some(bound) = seen.left.filter(is_open) {
            return End::Stopped { best, goal, bound };
        }
        let Some(value) = value else { return End::Proven(None) };
        let is_tie = |cut: Option<f64>| compare_goal(cut, value) != Ordering::Greater;
        if ![seen.cut, seen.left].into_iter().flatten().any(is_tie) {
            return End::Proven(best);
        }
        caps.push(value);
        stages.iter_mut().for_each(|stage| stage.advance(&caps, &best));
    }
    for stage in &mut stages {
        let seen = stage.search(&caps, Aim::Names, &mut best, nodes);
        if seen.left.is_some() {
            return End::Stopped { best, goal: count, bound: None };
        }
    }
    End::Proven(best)
}

/// Whether there is a choice at all; nothing where the nodes were used up. It need not be a good one.
pub(crate) fn any(scenes: &[Scene], nodes: &mut u64) -> Option<Option<Best>> {
    let mut best = None;
    let mut is_open = false;
    for scene in scenes {
        let stage = Stage { scene, domains: scene.domains.clone(), own: None, floor: None };
        let seen = search(&stage.query(&[], Aim::Any), &mut best, nodes);
        if best.is_some() {
            return Some(best);
        }
        is_open |= seen.left.is_some();
    }
    if is_open { None } else { Some(None) }
}

/// Searches all stages for the goal after the proven ones.
fn best_of(stages: &mut [Stage], caps: &[Option<f64>], best: &mut Option<Best>, nodes: &mut u64) -> Seen {
    let mut order: Vec<usize> = (0..stages.len()).collect();
    for stage in stages.iter_mut() {
        let query = Query { aim: Aim::Goal, ..stage.query(caps, Aim::Goal) };
        stage.floor = crate::search::floor(&query);
    }
    order.sort_by(|a, b| compare_goal(stages[*a].floor, stages[*b].floor));
    let mut seen = Seen::default();
    // Each gets a share first, so that one in which nothing is found does not take all; what is not finished is taken up again.
    let share = if stages.len() > 1 { *nodes / (2 * stages.len() as u64) } else { *nodes };
    for is_last in [false, true] {
        let mut unfinished = Vec::new();
        for place in order {
            let stage = &mut stages[place];
            let value = best.as_ref().map(|best| best.goals.get(caps.len()).copied().flatten());
            if value.is_some_and(|value| compare_goal(stage.floor, value) == Ordering::Greater) {
                continue;
            }
            let mut part = if is_last { *nodes } else { share.min(*nodes) };
            let before = part;
            let found = stage.search(caps, Aim::Goal, best, &mut part);
            *nodes -= before - part;
            seen.cut = found.cut.map_or(seen.cut, |cut| Some(least(seen.cut, cut)));
            match found.left {
                Some(left) if is_last || stages.len() == 1 => seen.left = Some(least(seen.left, left)),
                Some(_) => unfinished.push(place),
                None => {}
            }
        }
        order = unfinished;
    }
    seen
}
