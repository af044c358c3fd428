//! `mulc models measure`: what it finds, what it keeps, and what it refuses. How long anything takes is not looked at.

use mu_tests::cases::lay;
use mu_tests::{files_below, made, root, tools};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

const MODEL: &str = "iris_logreg";
const QUICK: [&str; 4] = ["models", "measure", "--quick", "--json"];

/// A copy of the flower example, without what was measured of it.
fn project(test: &str) -> PathBuf {
    let (from, to) = (root().join("examples/iris"), made().join("measure").join(test));
    let files = files_below(&from).into_iter().map(|path| {
        let name = path.strip_prefix(&from).unwrap().to_str().unwrap().to_owned();
        (name, fs::read(&path).unwrap())
    });
    let files: Vec<(String, Vec<u8>)> = files.filter(|(name, _)| !name.starts_with("models/evidence/")).collect();
    lay(&to, &files);
    to
}

fn mulc(folder: &Path, arguments: &[&str], more: &[&str]) -> Output {
    tools::mulc(folder, &[arguments, more].concat())
}

#[track_caller]
fn json(output: &Output) -> Json {
    assert!(output.status.success(), "{}", tools::said(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn fails(output: &Output, status: i32, part: &str) {
    assert_eq!(output.status.code(), Some(status), "{}", tools::said(output));
    assert!(String::from_utf8_lossy(&output.stderr).contains(part), "{}", tools::said(output));
}

fn evidence(folder: &Path) -> PathBuf {
    folder.join("models/evidence").join(format!("{MODEL}.toml"))
}

#[test]
fn a_profile_says_on_what_and_with_what_it_was_measured_and_is_kept() {
    let place = project("profile");
    let measured = json(&mulc(&place, &QUICK, &[MODEL]));
    let profile = &measured["models"][0]["profiles"][0];
    assert_eq!((&profile["share"], &profile["processes"], &profile["calls"]), (&1.0.into(), &2.into(), &100.into()));
    assert_eq!(profile["platform"], measured["platform"]);
    assert!(profile["runtime"].as_str().unwrap().starts_with("mulc "), "{profile}");
    assert_eq!(profile["inputs"].as_str().unwrap().len(), 64);
    let number = |path: &[&str]| path.iter().fold(profile, |at, name| &at[*name]).as_f64().unwrap();
    let p95 = number(&["latency", "p95", "value"]);
    assert!(number(&["latency", "p50", "value"]) <= p95 && p95 <= number(&["latency", "p99", "value"]));
    assert!(number(&["latency", "p95", "low"]) <= p95 && p95 <= number(&["latency", "p95", "high"]));
    assert!(number(&["load"]) > 0.0 && number(&["memory"]) > 1e6 && number(&["size"]) > 100.0);
    let kept: toml::Table = fs::read_to_string(evidence(&place)).unwrap().parse().unwrap();
    assert_eq!(kept["model"].as_str(), Some(MODEL));
    assert_eq!(kept["profile"].as_array().unwrap().len(), 1);
    assert!(!kept["seal"].as_str().unwrap().is_empty());
}

#[test]
fn a_share_is_measured_or_predicted_and_said_to_be_so() {
    let place = project("share");
    let measured = json(&mulc(&place, &QUICK, &["--cpu", "0.25,1", MODEL]));
    let model = &measured["models"][0];
    let share = |list: &str, place: usize| model[list][place]["share"].as_f64();
    match measured.get("unlimited") {
        None => {
            assert_eq!((share("profiles", 0), share("profiles", 1)), (Some(0.25), Some(1.0)));
            assert_eq!(model["profiles"][0]["period"].as_f64(), Some(0.02));
        }
        Some(why) => {
            assert!(!why.as_str().unwrap().is_empty());
            assert_eq!((share("profiles", 0), share("predicted", 0)), (Some(1.0), Some(0.25)));
        }
    }
    let kept: toml::Table = fs::read_to_string(evidence(&place)).unwrap().parse().unwrap();
    assert_eq!(kept["profile"].as_array().unwrap().len(), model["profiles"].as_array().unwrap().len());
}

#[test]
fn a_new_measurement_takes_the_place_of_the_one_of_the_same_platform() {
    let place = project("again");
    for (platform, count) in [("here", 1), ("here", 1), ("there", 2)] {
        json(&mulc(&place, &QUICK, &["--platform", platform, MODEL]));
        let kept: toml::Table = fs::read_to_string(evidence(&place)).unwrap().parse().unwrap();
        assert_eq!(kept["profile"].as_array().unwrap().len(), count, "{platform}");
    }
}

#[test]
fn without_a_name_all_models_are_measured_and_a_table_says_what_is_lacking() {
    let place = project("all");
    let output = tools::mulc(&place, &["models", "measure", "--quick"]);
    assert!(output.status.success(), "{}", tools::said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(MODEL) && text.contains("iris_mlp"), "{text}");
    assert!(text.contains("100 calls are few"), "{text}");
    assert_eq!(files_below(&place.join("models/evidence")).len(), 2);
}

#[test]
fn checking_building_and_testing_measure_nothing() {
    let place = project("quiet");
    for command in ["check", "build", "test"] {
        tools::mulc(&place, &[command]);
    }
    assert!(!place.join("models/evidence").exists());
}

#[test]
fn what_cannot_be_measured_is_refused_and_the_catalog_stays_as_it_was() {
    let place = project("refused");
    fails(&mulc(&place, &QUICK, &["iris_logref"]), 1, "did you mean `iris_logreg`?");
    fails(&mulc(&place, &QUICK, &["--cpu", "0", MODEL]), 2, "a share of a processor");
    fails(&mulc(&place, &QUICK, &["--cpu", "nan", MODEL]), 2, "a share of a processor");
    fails(&mulc(&place, &QUICK, &["--platform", "../x", MODEL]), 1, "cannot name a platform");
    fails(&tools::mulc(&place, &["models", "measure", "--calls", "0"]), 2, "--calls");
    assert!(!place.join("models/evidence").exists());
    json(&mulc(&place, &QUICK, &[MODEL]));
    let edited = fs::read_to_string(evidence(&place)).unwrap().replace("processes = 2", "processes = 9");
    fs::write(evidence(&place), &edited).unwrap();
    fails(&mulc(&place, &QUICK, &[MODEL]), 1, "its seal is broken");
    assert_eq!(fs::read_to_string(evidence(&place)).unwrap(), edited);
}
