//! What is said where no model can be chosen.

use crate::project::*;
use mu_base::{Applicability, Code};
use mu_driver::check;

fn codes(project: &Project) -> Vec<Code> {
    check(&project.input()).diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn a_program_that_a_model_fits_gives_nothing() {
    assert_eq!(codes(&Project::with("    require accuracy >= 97%", "")), []);
}

#[test]
fn a_single_requirement_too_high_names_the_nearest_models_and_the_edit() {
    let project = Project::with("    require accuracy on flowers >= 99%", "");
    let report = check(&project.input());
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!(found.code, Code::NoModelFits);
    assert_eq!(found.message, "no model for `botanist` (tabular_classification) meets this requirement");
    let labels = labels(&report, found);
    assert_eq!(labels[0], ("require accuracy on flowers >= 99%".to_string(), "no model meets this".to_string()));
    let help = found.help.clone().unwrap();
    assert!(help.contains("mlp: accuracy on flowers = 98%, needs >= 99% (misses by 1%)"), "{help}");
    let fix = found.fix.clone().unwrap();
    assert_eq!(fix.title, "one edit is enough: write `accuracy on flowers >= 98%`, then `mlp` fits");
    assert_eq!(fix.applicability, Applicability::Suggestion);
    assert_eq!(fix.edits[0].text, "98%");
    let at = report.sources.get(fix.edits[0].loc.file).text;
    let span = fix.edits[0].loc.span;
    assert_eq!(&at[span.start as usize..span.end as usize], "99%");
}

#[test]
fn requirements_that_exclude_each_other_are_all_pointed_at_and_no_others() {
    let requires = "    require size <= 1 MB\n    require accuracy >= 97%\n    require license in [MIT]";
    let report = check(&Project::with(requires, "").input());
    let found = &report.diagnostics[0];
    assert_eq!(found.message, "no model for `botanist` (tabular_classification) meets these requirements");
    let at: Vec<String> = labels(&report, found).into_iter().map(|(at, _)| at).take(2).collect();
    assert_eq!(at, ["require accuracy >= 97%", "require license in [MIT]"]);
}

#[test]
fn a_requirement_between_two_slots_is_explained_over_both() {
    let main = "slot one: tabular_classification<Flower, Species> {\n    require accuracy >= 97%\n}\n\
                slot two: tabular_classification<Flower, Species> {\n    require two.accuracy > one.accuracy\n}\n\
                fn both(flower: Flower) -> bool {\n    top(one(flower)).label == top(two(flower)).label\n}\n";
    let report = check(&Project::new(main).input());
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!(found.code, Code::NoModelFits);
    assert!(found.message.contains("`one`") && found.message.contains("`two`"), "{}", found.message);
}

#[test]
fn a_task_without_models_names_the_tasks_of_the_catalog() {
    let main = "use std.text\nslot embed: feature_extraction {\n}\n\
                fn same(a: Text, b: Text) -> f32 {\n    similarity(embed(a), embed(b))\n}\n";
    let report = check(&Project::new(main).input());
    let found = &report.diagnostics[0];
    assert_eq!(found.code, Code::NoCandidates);
    assert_eq!(found.help.as_deref(), Some("the catalog has models for `tabular_classification<Flower, Species>`"));
}

#[test]
fn a_budget_holds_end_to_end() {
    let twice = |budget: &str| {
        Project::with(
            "    require accuracy >= 97%",
            &format!(
                "fn twice(a: Flower, b: Flower) -> bool {{\n    species(a) == species(b)\n}}\n\
                 deploy twice {{\n    target local\n    budget latency.p95 <= {budget}\n}}\n"
            ),
        )
    };
    assert_eq!(codes(&twice("80 us")), []);
    assert_eq!(codes(&twice("79 us")), [Code::NoModelFits]);
}

#[test]
fn calls_in_a_circle_are_an_error() {
    let main = "fn ping(n: i64) -> i64 {\n    pong(n)\n}\nfn pong(n: i64) -> i64 {\n    ping(n)\n}\n";
    assert_eq!(codes(&Project::new(main)), [Code::CallCycle]);
}

#[test]
fn the_whole_is_checked_without_the_weights() {
    let mut project = Project::with("    require accuracy >= 97%\n    require size <= 1 MB", "");
    project.0.remove("models/mlp.onnx");
    let report = check(&project.input());
    assert!(!report.has_errors(), "{:?}", report.diagnostics);
    assert!(project.compile().diagnostics.iter().any(|d| d.code == Code::NoModelFits));
}

#[test]
fn records_of_records_are_walked_once_each() {
    let mut main = String::from("record R0 {\n    a: f32\n}\n");
    for n in 1..40 {
        main.push_str(&format!("record R{n} {{\n    a: R{m}\n    b: R{m}\n}}\n", m = n - 1));
    }
    main.push_str("fn same(x: R39) -> R39 {\n    x\n}\n");
    // That this ends is what is held; such a type may be refused.
    check(&Project::new(&main).input());
}
