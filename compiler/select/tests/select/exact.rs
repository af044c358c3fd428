//! The choice and the reason for every candidate equal those of brute force; large problems take few nodes.

use crate::brute::{self, Choice};
use crate::instances::{self, Random, candidate, compare, minimize, of};
use crate::problems;
use mu_select::*;

const LIMIT: Limit = Limit { nodes: 1_000_000 };

#[test]
fn the_choice_and_every_reason_are_those_of_brute_force() {
    let mut chosen = 0;
    for seed in 0..4000 {
        let problem = instances::problem(seed, 3, 6, 5);
        let expected = brute::best(&problem, |_| true);
        let selection = match select(&problem, &LIMIT) {
            Outcome::Chosen(selection) => selection,
            Outcome::Infeasible(_) => {
                assert_eq!(expected, None, "seed {seed}");
                continue;
            }
            Outcome::TooLarge(_) => panic!("seed {seed} is not large"),
        };
        chosen += 1;
        assert_eq!(Some(Choice::of(&selection)), expected, "seed {seed}");
        assert_eq!(selection.goals, brute::goals(&problem, &Choice::of(&selection)), "seed {seed}");
        for slot in 0..problem.slots.len() {
            let verdicts = reasons(&problem, &selection, slot, &LIMIT).unwrap();
            for (candidate, verdict) in verdicts.iter().enumerate() {
                check_verdict(&problem, &selection, slot, candidate, verdict, seed);
            }
        }
    }
    assert!(chosen > 1500, "{chosen} problems had an answer");
}

fn check_verdict(
    problem: &Problem,
    selection: &Selection,
    slot: usize,
    candidate: usize,
    verdict: &Verdict,
    seed: u64,
) {
    let best = brute::best(problem, |choice| choice.models[slot] == candidate);
    let own = |r: &usize| brute::slots(&problem.requirements[*r].check) == [slot];
    let any: Vec<usize> = (0..problem.slots.len()).map(|s| if s == slot { candidate } else { 0 }).collect();
    let any = Choice { setting: selection.setting, models: any };
    let alone = (0..problem.requirements.len()).filter(|r| own(r) && !brute::holds(problem, *r, &any));
    let alone: Vec<usize> = alone.collect();
    let place = format!("seed {seed}, slot {slot}, candidate {candidate}");
    match verdict {
        Verdict::Chosen => assert_eq!(selection.choice[slot], candidate, "{place}"),
        Verdict::Fits { best: found } => {
            let found = found.clone().unwrap();
            let choice = Choice { setting: found.setting, models: found.choice };
            assert_eq!(found.goals, brute::goals(problem, &choice), "{place}");
            assert_eq!(Some(choice), best, "{place}");
        }
        Verdict::Dropped { failed } => {
            assert_eq!(failed.iter().map(|miss| miss.requirement).collect::<Vec<_>>(), alone, "{place}");
            assert!(!failed.is_empty() && best.is_none(), "{place}");
        }
        Verdict::DroppedJointly { failed, together } => {
            assert!(best.is_none() && !failed.is_empty(), "{place}");
            assert!(problem.settings.len() > 1 || alone.is_empty(), "{place}");
            assert!(failed.iter().all(|r| brute::slots(&problem.requirements[*r].check).contains(&slot)), "{place}");
            if problem.settings.is_empty() && !together {
                let fits_alone = |r: usize| brute::slots(&problem.requirements[r].check).len() < 2;
                for rule in failed {
                    let asked = |r: usize| fits_alone(r) || r == *rule;
                    let mut all = brute::choices(problem).into_iter().filter(|c| c.models[slot] == candidate);
                    assert!(!all.any(|choice| brute::meets(problem, &choice, asked)), "{place}");
                }
            }
        }
    }
}

#[test]
fn budgets_and_billed_steps_over_settings_are_met_by_the_choice_of_brute_force() {
    let (mut chosen, mut total) = (0, 0);
    for seed in 1..50 {
        for asked in problems::ALL {
            let mut problem = problems::problem(seed, 1 + seed as usize % 3, 6, 8, asked);
            if seed % 3 == 0 {
                // Coarse values make ties.
                for evidence in problem
                    .slots
                    .iter_mut()
                    .flat_map(|slot| &mut slot.candidates)
                    .flat_map(|model| model.by_setting.values_mut().flatten().chain(model.traits.values_mut()))
                {
                    let unit = if evidence.value > 1.0 { 1e6 } else { 1e-3 };
                    evidence.value = (evidence.value / unit).ceil() * unit;
                }
            }
            let expected = brute::best(&problem, |_| true);
            total += 1;
            match select(&problem, &LIMIT) {
                Outcome::Chosen(selection) => {
                    chosen += 1;
                    assert_eq!(Some(Choice::of(&selection)), expected, "{asked:?} {seed}");
                }
                Outcome::Infeasible(_) => assert_eq!(expected, None, "{asked:?} {seed}"),
                Outcome::TooLarge(_) => panic!("{asked:?} {seed} is not large"),
            }
        }
    }
    assert!(chosen > total / 6, "{chosen} of {total} have an answer");
}

#[test]
fn eight_slots_of_two_hundred_models_and_eight_sizes_take_few_nodes() {
    // As many as the search takes now, and a third.
    for (asked, most) in problems::ALL.into_iter().zip([15_000, 45_000, 45_000, 35_000]) {
        for seed in 1..=2 {
            let problem = problems::problem(seed, 8, 200, 8, asked);
            let Outcome::Chosen(found) = select(&problem, &LIMIT) else { panic!("{asked:?} {seed} has a choice") };
            assert_eq!(found.gap, None, "{asked:?} {seed}");
            assert!(found.nodes <= most, "{asked:?} {seed} took {} nodes", found.nodes);
        }
    }
}

#[test]
fn sixteen_slots_give_an_optimum_or_a_gap_that_holds_it() {
    let problem = problems::problem(1, 16, 200, 8, problems::Asked::Budgets);
    let Outcome::Chosen(proven) = select(&problem, &LIMIT) else { panic!("there is a choice") };
    assert_eq!(proven.gap, None);
    let mut seen = 0;
    for nodes in [1_000, 2_000, 4_000, 8_000, 16_000] {
        let Outcome::Chosen(stopped) = select(&problem, &Limit { nodes }) else { panic!("one is found soon") };
        let Some(gap) = stopped.gap else { continue };
        assert_eq!(proven.goals[..gap.goal], stopped.goals[..gap.goal]);
        let Some(objective) = problem.objective.get(gap.goal) else { continue };
        seen += 1;
        let sign = if matches!(objective.goal, Goal::Minimize(_)) { 1.0 } else { -1.0 };
        let of = |value: Option<f64>| sign * value.unwrap();
        let (best, found) = (of(proven.goals[gap.goal]), of(stopped.goals[gap.goal]));
        assert!(of(gap.bound) <= best && best <= found && gap.relative.unwrap() < 0.1, "{nodes}");
    }
    assert!(seen > 0);
}

#[test]
fn unknown_never_passes_and_ranks_last() {
    let models = vec![candidate("a", &[]), candidate("b", &[("cost", 9.0)]), candidate("c", &[("cost", f64::NAN)])];
    let slots = vec![SlotProblem { name: "s".into(), candidates: models }];
    let cheap = Problem { slots, objective: vec![minimize(of(0, "cost"))], ..Problem::default() };
    assert!(matches!(select(&cheap, &LIMIT), Outcome::Chosen(s) if s.choice == [1] && s.goals == [Some(9.0)]));
    for op in [Op::Ne, Op::Ge, Op::Le] {
        let requirements = vec![compare(of(0, "latency.p95"), op, Term::Number(1.0))];
        let problem = Problem { requirements, ..cheap.clone() };
        assert!(matches!(select(&problem, &LIMIT), Outcome::Infeasible(_)));
    }
}

#[test]
fn ties_go_to_the_smaller_total_size_and_then_to_the_first_name() {
    let models = [("z", 2.0), ("b", 1.0), ("a", 1.0), ("unsized", f64::NAN)];
    let candidates = models.map(|(name, size)| candidate(name, &[("size", size)])).to_vec();
    let problem = Problem { slots: vec![SlotProblem { name: "s".into(), candidates }], ..Problem::default() };
    assert!(matches!(select(&problem, &LIMIT), Outcome::Chosen(s) if s.choice == [2]));
}

#[test]
fn rounding_of_a_sum_decides_nothing() {
    let slot = |value| SlotProblem { name: "s".into(), candidates: vec![candidate("m", &[("cost", value)])] };
    let sum = Term::Add(Box::new(of(0, "cost")), Box::new(of(1, "cost")));
    let requirements = vec![compare(sum, Op::Le, Term::Number(0.3))];
    let problem = Problem { slots: vec![slot(0.1), slot(0.2)], requirements, ..Problem::default() };
    assert!(0.1 + 0.2 > 0.3 && matches!(select(&problem, &LIMIT), Outcome::Chosen(_)));
}

/// `slots` slots with `candidates` models, where what is slower is better.
fn large(slots: usize, candidates: usize) -> Problem {
    let mut random = Random::new(7);
    let slot = |slot: usize, random: &mut Random| {
        let model = |i: usize| {
            let latency = 1.0 + random.below(1000) as f64;
            let top1 = latency.sqrt() + random.below(100) as f64 / 20.0;
            candidate(
                &format!("m{i:03}"),
                &[("latency.p95", latency), ("top1", top1), ("size", 1.0 + random.below(90) as f64)],
            )
        };
        SlotProblem { name: format!("s{slot}"), candidates: (0..candidates).map(model).collect() }
    };
    let sum = |path: &str| Term::Sum((0..slots).map(|s| of(s, path)).collect());
    let objective =
        vec![Objective { goal: Goal::Maximize(sum("top1")), ..minimize(Term::Number(0.0)) }, minimize(sum("cost"))];
    Problem { slots: (0..slots).map(|s| slot(s, &mut random)).collect(), objective, ..Problem::default() }
}

#[test]
fn a_separable_objective_takes_a_node_for_each_candidate() {
    let problem = large(8, 40);
    let Outcome::Chosen(selection) = select(&problem, &LIMIT) else { panic!("nothing forbids a choice") };
    assert!(selection.nodes <= 8 * 40);
    let Outcome::Chosen(again) = select(&problem, &LIMIT) else { panic!("nothing forbids a choice") };
    assert_eq!(selection, again);
}

#[test]
fn a_search_that_is_stopped_tells_the_best_and_a_sound_gap() {
    let mut problem = large(4, 8);
    let latency = Term::Sum((0..4).map(|s| of(s, "latency.p95")).collect());
    problem.requirements = vec![compare(latency, Op::Le, Term::Number(1500.0))];
    let best = brute::best(&problem, |_| true).unwrap();
    let optimum = brute::goals(&problem, &best)[0].unwrap();
    let mut stopped = 0;
    for nodes in 0..400 {
        match select(&problem, &Limit { nodes }) {
            Outcome::TooLarge(unproven) => assert!(unproven.bound.unwrap() >= optimum),
            Outcome::Chosen(Selection { gap: Some(gap), goals, .. }) => {
                stopped += 1;
                let (bound, found) = (gap.bound.unwrap(), goals[0].unwrap());
                assert!(gap.goal == 0 && bound >= optimum && found <= optimum);
                assert_eq!(gap.absolute, Some(bound - found));
            }
            Outcome::Chosen(selection) => assert_eq!(Choice::of(&selection), best),
            Outcome::Infeasible(_) => panic!("there is a choice"),
        }
    }
    assert!(stopped > 0);
}

#[test]
fn slots_that_do_not_exist_and_too_many_slots_are_answered() {
    let mut problem = large(1, 3);
    problem.requirements = vec![compare(of(7, "top1"), Op::Ge, Term::Number(0.0))];
    assert!(matches!(select(&problem, &LIMIT), Outcome::Infeasible(c) if c.minimal == [0]));
    problem.requirements[0].check = Check::License { slot: 7, allowed: vec!["MIT".into()] };
    assert!(matches!(select(&problem, &LIMIT), Outcome::Infeasible(c) if c.minimal == [0]));
    assert!(matches!(select(&large(1001, 1), &LIMIT), Outcome::TooLarge(_)));
    assert!(matches!(select(&Problem::default(), &LIMIT), Outcome::Chosen(s) if s.choice.is_empty()));
    let empty = Problem { slots: vec![SlotProblem::default()], ..Problem::default() };
    assert!(matches!(select(&empty, &LIMIT), Outcome::Infeasible(c) if c.minimal.is_empty()));
}

/// The sum of a trait over all slots is at most `most` for each slot.
fn budget(problem: &Problem, path: &str, most: f64) -> Requirement {
    let slots = problem.slots.len();
    compare(Term::Sum((0..slots).map(|s| of(s, path)).collect()), Op::Le, Term::Number(most * slots as f64))
}

#[test]
fn shared_budgets_are_met_by_the_choice_of_brute_force() {
    let mut random = Random::new(3);
    for round in 0..150 {
        let mut problem = large(2 + round % 3, 4 + round % 4);
        for model in problem.slots.iter_mut().flat_map(|slot| &mut slot.candidates) {
            for path in ["latency.p95", "top1", "size"] {
                if random.below(100) < 7 {
                    model.traits.remove(&instances::key(path));
                } else {
                    let scale = 0.5 + random.below(100) as f64 / 100.0;
                    model.traits.entry(instances::key(path)).and_modify(|e| e.value *= scale);
                }
            }
        }
        let latency = budget(&problem, "latency.p95", 100.0 + random.below(500) as f64);
        let size = budget(&problem, "size", 15.0 + random.below(40) as f64);
        problem.requirements = vec![latency, size];
        let expected = brute::best(&problem, |_| true);
        match select(&problem, &LIMIT) {
            Outcome::Chosen(selection) => assert_eq!(Some(Choice::of(&selection)), expected, "round {round}"),
            Outcome::Infeasible(_) => assert_eq!(expected, None, "round {round}"),
            Outcome::TooLarge(_) => panic!("round {round} is not large"),
        }
    }
}

#[test]
fn a_shared_budget_over_many_slots_takes_few_nodes() {
    for (slots, candidates, most) in [(3, 40, 2_000), (5, 40, 2_000), (8, 10, 2_000), (8, 40, 10_000)] {
        let mut problem = large(slots, candidates);
        problem.requirements = vec![budget(&problem, "latency.p95", 300.0)];
        let limit = Limit { nodes: 10_000 };
        let Outcome::Chosen(selection) = select(&problem, &limit) else { panic!("{slots} x {candidates} is searched") };
        assert!(selection.nodes <= most, "{slots} x {candidates} took {} nodes", selection.nodes);
    }
}
