//! What models trade: the front, the price of the next better choice, and what other selectors would have taken.

use crate::brute::{self, Choice};
use crate::instances::{self, candidate, compare, minimize, of, plain};
use mu_select::*;

const LIMIT: Limit = Limit { nodes: 1_000_000 };

/// Two slots, of which the first has three models; both share a budget.
fn pair() -> Problem {
    let models = [("fast", 0.90, 2.0), ("good", 0.95, 3.0), ("best", 0.97, 6.0), ("odd", 0.91, 5.0)];
    let first = models.map(|(name, top1, cost)| candidate(name, &[("top1", top1), ("cost", cost)])).to_vec();
    let second = vec![candidate("big", &[("top1", 0.8), ("cost", 5.0)]), candidate("small", &[("cost", 1.0)])];
    let sum = Term::Sum(vec![of(0, "cost"), of(1, "cost")]);
    let percent = UnitShow { factor: 0.01, suffix: " %".into() };
    Problem {
        slots: vec![
            SlotProblem { name: "reader".into(), candidates: first },
            SlotProblem { name: "other".into(), candidates: second },
        ],
        requirements: vec![
            Requirement { unit: percent, ..compare(of(0, "top1"), Op::Ge, Term::Number(0.9)) },
            compare(sum.clone(), Op::Le, Term::Number(8.0)),
        ],
        objective: vec![Objective { text: "cost".into(), ..minimize(sum) }],
        ..Problem::default()
    }
}

fn of_slot(problem: &Problem, slot: usize) -> (Selection, Front) {
    let Outcome::Chosen(selection) = select(problem, &LIMIT) else { panic!("there is a choice") };
    let verdicts = reasons(problem, &selection, slot, &LIMIT).unwrap();
    let front = front(problem, &selection, slot, &verdicts, axes(problem));
    (selection, front)
}

#[test]
fn the_next_better_choice_has_a_price() {
    let problem = pair();
    let (selection, front) = of_slot(&problem, 0);
    assert_eq!(selection.choice, [0, 1]);
    let on_front: Vec<bool> = front.points.iter().map(|point| point.on_front).collect();
    assert_eq!(on_front, [true, true, true, false]);
    let texts: Vec<String> = front.steps.iter().map(|step| step_text(&problem, &front, step)).collect();
    assert_eq!(
        texts,
        ["good: 5 points more top1 on holdout for 1 more reader.cost + other.cost".replace("reader.", "")]
    );
}

#[test]
fn no_point_of_a_front_is_beaten_by_another_choice() {
    for seed in 0..600 {
        let problem = instances::problem(seed, 3, 5, 3);
        let Outcome::Chosen(selection) = select(&problem, &LIMIT) else { continue };
        for slot in 0..problem.slots.len() {
            let verdicts = reasons(&problem, &selection, slot, &LIMIT).unwrap();
            let front = front(&problem, &selection, slot, &verdicts, axes(&problem));
            assert_eq!(front.points.len(), problem.slots[slot].candidates.len());
            for point in front.points.iter().filter(|point| point.fits) {
                let choice = Choice { setting: point.setting, models: point.choice.clone() };
                assert_eq!(Some(&choice), brute::best(&problem, |c| c.models[slot] == point.candidate).as_ref());
                let values = front.axes.iter().map(|axis| brute::value(&problem, &axis.term, &choice));
                assert_eq!(point.values, values.collect::<Vec<_>>(), "seed {seed}");
            }
            for step in &front.steps {
                assert!(step.gain > 0.0 && front.points[step.candidate].fits, "seed {seed}");
                // What decides first cannot be better: the choice is the best.
                assert!(step.axis != 0 || problem.objective.is_empty(), "seed {seed}");
            }
        }
    }
}

#[test]
fn other_selectors_choose_slot_by_slot_and_may_miss_the_budget() {
    let mut problem = pair();
    for model in problem.slots.iter_mut().flat_map(|slot| &mut slot.candidates) {
        let cost = model.traits[&instances::key("cost")].value;
        model.traits.insert(Key::new("latency.mean", None), instances::evidence(cost * 0.1));
    }
    let (selection, _) = of_slot(&problem, 0);
    let compared = |baseline: Baseline| baseline.compare(&problem, &selection).unwrap();
    let plain_latency = compared(Baseline::PlainLatency);
    assert_eq!(
        (plain_latency.choice.as_slice(), plain_latency.worse_by.as_slice()),
        ([0, 1].as_slice(), [Some(0.0)].as_slice())
    );
    let best = compared(Baseline::Lexicographic);
    assert_eq!((best.choice.as_slice(), best.worse_by.as_slice()), ([2, 0].as_slice(), [Some(8.0)].as_slice()));
    assert_eq!(best.missed.iter().map(|miss| miss.requirement).collect::<Vec<_>>(), [1]);
    // 0.2 s scores 1 - 50/255, 0.3 s 1 - 75/255: half a point of accuracy does not make up for that.
    assert_eq!(compared(Baseline::Weighted { latency: 0.5, accuracy: 0.5 }).choice[0], 0);
    assert_eq!(compared(Baseline::Weighted { latency: 0.0, accuracy: 1.0 }).choice[0], 2);
    let turns: Vec<usize> = (0..5).map(|turn| compared(Baseline::RoundRobin { turn }).choice[0]).collect();
    assert_eq!(turns, [2, 0, 1, 3, 2]);
    let mut drawn: Vec<usize> = (0..64).map(|seed| compared(Baseline::Random { seed }).choice[0]).collect();
    assert_eq!(compared(Baseline::Random { seed: 7 }), compared(Baseline::Random { seed: 7 }));
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn, [0, 1, 2, 3]);
}

#[test]
fn latency_is_not_told_apart_above_a_second() {
    let models = [("slow", 0.9, 1.1), ("slower", 0.95, 60.0)];
    let model = |(name, top1, latency)| candidate(name, &[("top1", top1), ("latency.p95", latency)]);
    let slots = vec![SlotProblem { name: "s".into(), candidates: models.map(model).to_vec() }];
    let problem = Problem {
        slots,
        objective: vec![Objective { text: String::new(), goal: Goal::Minimize(of(0, "latency.p95")), unit: plain() }],
        ..Problem::default()
    };
    let (selection, _) = of_slot(&problem, 0);
    let weighted = Baseline::Weighted { latency: 0.9, accuracy: 0.1 }.compare(&problem, &selection).unwrap();
    assert_eq!((selection.choice.as_slice(), weighted.choice.as_slice()), ([0].as_slice(), [1].as_slice()));
}
