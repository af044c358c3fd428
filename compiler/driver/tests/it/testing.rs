//! A project's own tests.

use crate::project::*;
use mu_base::Code;
use mu_driver::{Options, tests};

#[test]
fn what_holds_passes_and_what_does_not_shows_both_sides() {
    let rest = format!(
        "test \"a setosa\" {{\n    let flower = {SETOSA}\n    assert species(flower) == \"setosa\"\n}}\n\
         test \"a mistake\" {{\n    let flower = {SETOSA}\n    assert species(flower) == \"virginica\"\n\
         \u{20}   assert 1 / 0 == 1\n}}\n"
    );
    let report = tests(&Project::with("", &rest).input(), &Options::default());
    assert_eq!(report.internal, None);
    let tested = report.value.unwrap_or_else(|| panic!("{:?}", report.diagnostics));
    let names: Vec<(&str, usize)> = tested.tests.iter().map(|t| (t.name.as_str(), t.failures.len())).collect();
    assert_eq!(names, [("a setosa", 0), ("a mistake", 2)]);
    let failures = &tested.tests[1].failures;
    assert_eq!(failures[0].code, Code::TestFailed);
    assert_eq!(failures[0].help.as_deref(), Some("left:  \"setosa\"\nright: \"virginica\""));
    assert!(failures[1].labels[0].text.starts_with("this cannot be computed"), "{:?}", failures[1]);
    assert!(tested.lock.is_some());
}

#[test]
fn a_project_without_tests_has_none() {
    let tested = tests(&Project::with("", "").input(), &Options::default()).value.unwrap();
    assert!(tested.tests.is_empty());
}
