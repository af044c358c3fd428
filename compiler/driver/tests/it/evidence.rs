//! Which evidence counts, where it is measured, claimed or predicted, and what is said where it is weak.

use crate::project::*;
use mu_base::{Code, Severity};
use mu_driver::{Entry, Options, Stage, check, compile, dump};
use mu_evidence::{Calibration, Platform, Probe, invocations};

fn said(project: &Project) -> Vec<(Code, Severity)> {
    check(&project.input()).diagnostics.iter().map(|d| (d.code, d.severity)).collect()
}

/// The project with nothing measured.
fn unmeasured(requires: &str, rest: &str) -> Project {
    let mut project = Project::with(requires, rest);
    project.0.retain(|path, _| !path.starts_with("models/evidence/"));
    project
}

const LAMBDA: &str = "    target lambda\n    region \"us-east-1\"\n    arch x86_64\n";

#[test]
fn a_claim_counts_only_where_the_program_says_so() {
    let bound = "    require accuracy >= 90%";
    assert_eq!(said(&unmeasured(bound, "")), [(Code::NoModelFits, Severity::Error)]);
    assert_eq!(said(&unmeasured(&format!("{bound} as claimed"), "")), [(Code::WeakEvidence, Severity::Warning)]);
    // What is measured goes before what is claimed: 4,800 of 5,000 support what 48 of 50 do not.
    assert_eq!(said(&Project::with(&format!("{bound} as claimed"), "")), []);
}

#[test]
fn evidence_of_another_file_or_other_data_does_not_count() {
    let mut other = evidence("mlp", LOGREG, 4900, 40.0);
    let mut project = unmeasured("    require accuracy >= 97%", "");
    project.measured(&other);
    assert_eq!(said(&project), [(Code::NoModelFits, Severity::Error)]);
    other = evidence("mlp", MLP, 4900, 40.0);
    other.evaluations[0].dataset_sha256 = "0".repeat(64);
    project.measured(&other);
    assert_eq!(said(&project), [(Code::NoModelFits, Severity::Error)]);
    other = evidence("mlp", MLP, 4900, 40.0);
    other.evaluations[0].through = mu_evidence::Through::Net;
    project.measured(&other);
    assert_eq!(said(&project), [(Code::NoModelFits, Severity::Error)]);
    project.measured(&evidence("mlp", MLP, 4900, 40.0));
    assert_eq!(said(&project), []);
}

#[test]
fn an_edited_file_is_left_out_and_said() {
    let mut project = Project::with("    require accuracy >= 90%", "");
    let path = mu_evidence::path("mlp");
    let text = String::from_utf8(project.0[&path].clone()).unwrap();
    project.0.insert(path, text.replace("hits = 4900", "hits = 4999").into_bytes());
    assert_eq!(said(&project), [(Code::BadEvidence, Severity::Warning)]);
}

#[test]
fn a_bound_that_the_interval_does_not_support_is_a_warning_with_the_samples_it_takes() {
    let mut project = Project::with("    require accuracy >= 97.9%", "");
    project.measured(&evidence("mlp", MLP, 4900, 40.0));
    let report = check(&project.input());
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!((found.code, found.severity), (Code::WeakEvidence, Severity::Warning));
    assert!(found.message.contains("98% of 5000 samples"), "{}", found.message);
    assert!(found.help.clone().unwrap().starts_with("78977 samples would settle it"), "{:?}", found.help);
    // With confidence it is an error, and a bound that the limit supports is none.
    assert_eq!(
        said(&Project::with("    require accuracy >= 97.9% with confidence 95%", "")),
        [(Code::NoModelFits, Severity::Error)]
    );
    assert_eq!(said(&Project::with("    require accuracy >= 97% with confidence 95%", "")), []);
}

#[test]
fn choosing_and_reporting_on_one_set_is_warned_about_where_there_is_a_second() {
    let second = |requires: &str| {
        let mut project = Project::with(requires, "");
        let catalog = String::from_utf8(project.0["models/irises.mu"].clone()).unwrap();
        let set = "dataset meadow: tabular_classification<Flower, Species> {\n    file     \"meadow.npz\"\n    sha256   \
                   \"1111111111111111111111111111111111111111111111111111111111111111\"\n    revision \"1\"\n}\n";
        project.0.insert("models/irises.mu".into(), format!("{catalog}{set}").into_bytes());
        let mut of = evidence("mlp", MLP, 4900, 40.0);
        let mut other = of.evaluations[0].clone();
        other.dataset = "meadow".into();
        other.dataset_sha256 = "1".repeat(64);
        of.evaluations.push(other);
        project.measured(&of);
        said(&project)
    };
    assert_eq!(second("    maximize accuracy on flowers"), [(Code::SameData, Severity::Warning)]);
    assert_eq!(second("    require accuracy on meadow >= 90%\n    maximize accuracy on flowers"), []);
    assert_eq!(said(&Project::with("    maximize accuracy on flowers", "")), []);
}

#[test]
fn the_memory_of_a_function_is_chosen_with_its_models() {
    // A call takes 10 ms of a processor: at 128 MB its quota lasts for 1.4 ms of every 20 ms.
    let compiled = |budget: &str| {
        let rest = format!("deploy species {{\n{LAMBDA}    {budget}\n    minimize cost\n}}\n");
        let mut project = Project::with("", &rest);
        project.measured(&evidence("logreg", LOGREG, 4800, 10_000.0));
        project.measured(&evidence("mlp", MLP, 4900, 10_000.0));
        let compiled = project.compiled();
        (compiled.memory["species"], compiled.costs["species"].total())
    };
    let (small, cheap) = compiled("budget latency.p95 <= 1 s");
    let (large, dear) = compiled("budget latency.p95 <= 11 ms");
    assert!(small < large && cheap < dear, "{small} {cheap} {large} {dear}");
    // There the quota of a period, 11.6 ms, holds a whole call.
    assert_eq!(large, 1024);
}

#[test]
fn the_cost_of_a_request_is_the_sum_of_its_items() {
    let rest = format!("deploy species {{\n{LAMBDA}    memory 1024 MB\n    cold_rate 2%\n    minimize cost\n}}\n");
    let mut project = Project::with("", &rest);
    project.measured(&evidence("logreg", LOGREG, 4800, 20.0));
    let compiled = project.compiled();
    let cost = compiled.costs["species"];
    assert_eq!(compiled.memory["species"], 1024);
    assert_eq!(cost.requests, 0.2e-6);
    // 20 us are billed as 1 ms of 1 GB.
    assert!((cost.duration - 0.0000166667 * 0.001).abs() < 1e-15, "{cost:?}");
    // 16 ms for the environment, 2 ms for the model, 1 ms more for the first call: 19 ms, 2 times in 100.
    assert!((cost.cold_starts - 0.02 * 0.0000166667 * 0.019).abs() < 1e-15, "{cost:?}");
    // The lines of Lambda, and one of the runtime for the cold calls and for one in 100 of the others.
    assert!((cost.logs - (342.0 + 623.0 * (0.02 + 0.01 * 0.98)) * 0.5e-9).abs() < 1e-15, "{cost:?}");
}

#[test]
fn the_logs_of_all_calls_cost_more_than_those_of_few() {
    let logs = |setting: &str| {
        let rest = format!("deploy species {{\n{LAMBDA}    memory 1024 MB\n    {setting}\n    minimize cost\n}}\n");
        let mut project = Project::with("", &rest);
        project.measured(&evidence("logreg", LOGREG, 4800, 20.0));
        project.compiled().costs["species"].logs
    };
    assert_eq!(logs("log_sampling 1%"), logs("cold_rate 1%"), "both are what holds where nothing is said");
    assert!((logs("log_sampling 100%") - (342.0 + 623.0) * 0.5e-9).abs() < 1e-15);
    assert!(logs("log_sampling 0%") < logs("log_sampling 1%"));
}

#[test]
fn where_a_price_or_a_profile_is_not_known_neither_is_the_cost() {
    let budget = |region: &str| {
        let place = LAMBDA.replace("us-east-1", region);
        let rest =
            format!("deploy species {{\n{place}    memory 512 MB\n    budget cost <= 2 USD per 1M requests\n}}\n");
        Project::with("", &rest)
    };
    assert_eq!(said(&budget("us-east-1")), []);
    let unknown = [(Code::UnknownPrices, Severity::Warning), (Code::NoModelFits, Severity::Error)];
    assert_eq!(said(&budget("mars-north-1")), unknown);
    let mut arm = budget("us-east-1");
    let main = String::from_utf8(arm.0["src/main.mu"].clone()).unwrap();
    arm.0.insert("src/main.mu".into(), main.replace("x86_64", "aarch64").into_bytes());
    assert_eq!(said(&arm), [(Code::NoModelFits, Severity::Error)]);
}

#[test]
fn models_that_the_memory_cannot_hold_are_no_choice() {
    let rest = format!("deploy species {{\n{LAMBDA}    memory 128 MB\n}}\n");
    let mut project = Project::with("", &rest);
    for (name, bytes) in [("logreg", LOGREG), ("mlp", MLP)] {
        let mut large = evidence(name, bytes, 4900, 20.0);
        large.profiles[0].memory = 200_000_000;
        project.measured(&large);
    }
    let report = compile(&project.input(), Entry::All, &Options::default());
    let [found] = report.diagnostics.as_slice() else { panic!("{:?}", report.diagnostics) };
    assert_eq!(found.code, Code::NoModelFits);
    assert!(!found.labels.is_empty() && found.help.clone().unwrap().contains("MB"), "{found:?}");
}

#[test]
fn the_dump_of_the_selection_tells_memory_and_cost() {
    let rest = format!(
        "deploy species {{\n{LAMBDA}    memory 1024 MB\n    cold_rate 0%\n    log_sampling 0%\n    minimize cost\n}}\n"
    );
    let text = dump(&Project::with("", &rest).input(), Stage::Selection, Entry::All).value.unwrap();
    let lines: Vec<&str> = text.lines().rev().take(2).collect();
    assert_eq!(lines[1], "memory 1024 MB");
    assert_eq!(
        lines[0],
        "cost 0.38767 USD per 1M requests: 0.2 requests, 0.016667 duration, 0 cold starts, 0.171 logs"
    );
}

#[test]
fn what_lambda_was_seen_to_take_corrects_what_is_predicted() {
    let rest = format!("deploy species {{\n{LAMBDA}    memory 1024 MB\n    minimize latency.p95\n}}\n");
    let mut project = Project::with("", &rest);
    let text = project.compiled().lock.unwrap().text;
    assert!(text.contains("source = \"predicted\"") && text.contains("platform = \"bench\""), "{text}");
    let profile = &evidence("logreg", LOGREG, 4800, 20.0).profiles[0];
    let log = "REPORT RequestId: 3f1b2c6e\tDuration: 0.04 ms\tBilled Duration: 1 ms\tMemory Size: 1024 MB\t\
               Max Memory Used: 30 MB\t\n";
    let probe = Probe {
        profile,
        card: "logreg",
        sha256: "f",
        platform: Platform { name: "lambda-x86_64".into(), machine: "AWS Lambda".into(), ..profile.platform.clone() },
        region: "us-east-1",
        date: "2026-11-21",
        mb_per_vcpu: 1769.0,
        period: 0.02,
    };
    let calibration = Calibration::fit(probe, &invocations(log)).unwrap().to_text().unwrap();
    project.0.insert("models/platforms/lambda-x86_64.toml".into(), calibration.into_bytes());
    let text = project.compiled().lock.unwrap().text;
    assert!(text.contains("source = \"calibrated\"") && text.contains("platform = \"lambda-x86_64\""), "{text}");
    // Twice what was predicted.
    assert!(text.contains("value = 0.00004"), "{text}");
}
