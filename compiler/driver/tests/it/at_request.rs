//! Slots whose models requests choose: the table in the program, the files in the bundle, the lock.

use crate::project::*;
use mu_base::Code;
use mu_driver::{Compiled, LOCK};
use mu_format::decision::Decision;

const BY: &str = "    select at request by latency.p95 / 10 us, accuracy / 1%";

fn only(compiled: &Compiled) -> &Decision {
    let [decision] = compiled.program.decisions.as_slice() else { panic!("{:?}", compiled.program.decisions) };
    decision
}

fn cards(decision: &Decision) -> Vec<&str> {
    decision.options.iter().map(|option| option.card.as_str()).collect()
}

#[test]
fn every_model_that_some_weights_choose_is_in_the_table_and_in_the_bundle() {
    let compiled = Project::with(BY, "").compiled();
    let decision = only(&compiled);
    assert_eq!((decision.slot.as_str(), decision.terms.join(" ")), ("botanist", "latency.p95 accuracy".to_string()));
    // 2 points more accuracy for 20 us more: at one part of latency in two both are as good.
    assert_eq!(cards(decision), ["mlp", "logreg"]);
    assert!(matches!(decision.breaks.as_slice(), [at] if (at - 0.5).abs() < 1e-9), "{:?}", decision.breaks);
    assert_eq!([[0.0, 1.0], [0.4, 0.6], [0.6, 0.4], [1.0, 0.0]].map(|weights| decision.pick(&weights)), [0, 0, 1, 1]);
    assert_eq!(compiled.models.len(), 2);
    let chosen: Vec<&str> = compiled.choices.iter().map(|choice| choice.card.as_str()).collect();
    assert_eq!(chosen, ["mlp", "logreg"]);
}

#[test]
fn a_model_that_misses_a_requirement_or_a_budget_takes_no_part() {
    for (requires, rest, card) in [
        ("    require accuracy >= 97%\n", "", "mlp"),
        ("", "deploy species {\n    target local\n    budget latency.p95 <= 30 us\n}\n", "logreg"),
    ] {
        let compiled = Project::with(&format!("{requires}{BY}"), rest).compiled();
        assert_eq!(cards(only(&compiled)), [card]);
        assert_eq!(compiled.models.len(), 1);
    }
}

#[test]
fn what_is_weighed_must_be_known() {
    let mut project = Project::with(BY, "");
    project.0.remove(&mu_evidence::path("mlp"));
    assert_eq!(cards(only(&project.compiled())), ["logreg"]);
    project.0.remove(&mu_evidence::path("logreg"));
    let report = project.compile();
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!(found.code, Code::NoModelFits);
    assert!(found.help.as_ref().is_some_and(|help| help.contains("`as claimed`")), "{found:?}");
    let claimed = Project::with(&format!("{BY} as claimed"), "");
    let unmeasured = Project(claimed.0.into_iter().filter(|(path, _)| !path.contains("evidence")).collect());
    assert_eq!(cards(only(&unmeasured.compiled())), ["mlp", "logreg"]);
}

#[test]
fn whatever_requests_ask_of_several_slots_the_budget_holds() {
    let main = |budget: &str| {
        format!(
            "slot one: tabular_classification<Flower, Species> {{\n{BY}\n}}\n\
             slot two: tabular_classification<Flower, Species> {{\n{BY}\n}}\n\
             fn same(f: Flower) -> bool {{\n    top(one(f)).label == top(two(f)).label\n}}\n\
             deploy same {{\n    target local\n    minimize latency.p95\n    budget latency.p95 <= {budget}\n}}\n"
        )
    };
    let options = |budget: &str| -> Vec<Vec<String>> {
        let decisions = Project::new(&main(budget)).compiled().program.decisions;
        decisions.iter().map(|decision| cards(decision).into_iter().map(str::to_string).collect()).collect()
    };
    assert_eq!(options("80 us"), [["mlp", "logreg"], ["mlp", "logreg"]]);
    // One of both may be slow, not both at once.
    assert_eq!(options("60 us"), [vec!["mlp", "logreg"], vec!["logreg"]]);
    assert_eq!(options("40 us"), [["logreg"], ["logreg"]]);
}

#[test]
fn the_lock_pins_the_models_that_requests_choose_from() {
    let mut project = Project::with(&format!("    require license in [MIT]\n{BY}"), "");
    let lock = project.compiled().lock.unwrap().text;
    assert!(lock.contains("[[entry.species.at_request.botanist]]\nmodel = \"logreg\""), "{lock}");
    project.0.insert(LOCK.to_string(), lock.into_bytes());
    // A better card that may be taken now.
    let cards_file = project.0.get_mut("models/irises.mu").unwrap();
    *cards_file = String::from_utf8(cards_file.clone()).unwrap().replace("Apache-2.0", "MIT").into_bytes();
    assert_eq!(cards(only(&project.compiled())), ["logreg"]);
    project.0.remove(LOCK);
    assert_eq!(cards(only(&project.compiled())), ["mlp", "logreg"]);
}
