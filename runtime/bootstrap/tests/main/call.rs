//! The command line: answers, errors and exit statuses.

use crate::common::{answer, bootstrap, bundle_of, call, digit_bundle, picture};
use mu_format::text;
use serde_json::{Value, json};

fn image(name: &str) -> String {
    format!("image=@{}", picture(name).display())
}

#[track_caller]
pub fn fails(output: &std::process::Output, status: i32, parts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert!(output.stdout.is_empty());
    for part in parts {
        assert!(stderr.contains(part), "{part:?} is not in: {stderr}");
    }
}

#[test]
fn a_picture_is_read_and_an_unsure_one_is_not() {
    let bundle = digit_bundle("call_read");
    for (name, digit) in [("seven.png", json!("7")), ("two.png", json!("2")), ("unsure.png", Value::Null)] {
        assert_eq!(answer(&call(&bundle, &["read_digit", "--input", &image(name)])), digit);
    }
    let ranking = answer(&call(&bundle, &["rank_digit", "--input", &image("seven.png")]));
    let scores: Vec<f64> = ranking.as_array().unwrap().iter().map(|r| r["score"].as_f64().unwrap()).collect();
    assert_eq!((scores.len(), &ranking[0]["label"]), (10, &json!("7")));
    assert!(scores.is_sorted_by(|a, b| a >= b) && (scores.iter().sum::<f64>() - 1.0).abs() < 1e-5);
}

#[test]
fn texts_are_taken_as_they_are_and_numbers_as_json() {
    let bundle = digit_bundle("call_values");
    assert_eq!(answer(&call(&bundle, &["shout", "--input", "text=a=b \"c\""])), json!("A=B \"C\""));
    assert_eq!(answer(&call(&bundle, &["halves", "--input", "n=2", "--input", "x=0.2"])), json!(0.1));
}

#[test]
fn what_is_wrong_with_a_request_is_said_with_status_1() {
    let bundle = digit_bundle("call_wrong");
    fails(&call(&bundle, &["read", "--input", "image=@x"]), 1, &["there is no function `read`", "`read_digit`"]);
    fails(&call(&bundle, &["read_digit"]), 1, &["the input `image` of `read_digit` is missing", "a PNG or JPEG file"]);
    fails(&call(&bundle, &["read_digit", "--input", "image=@no such file"]), 1, &["no such file"]);
    fails(&call(&bundle, &["read_digit", "--input", "picture=@x"]), 1, &["no input `picture`, only `image`"]);
    fails(&call(&bundle, &["halves", "--input", "x=1", "--input", "x=2"]), 1, &["`x` is given twice"]);
    fails(&call(&bundle, &["halves", "--input", "x=1", "--input", "n=0.5"]), 1, &["$.n", "0.5 is not a whole number"]);
    fails(&call(&bundle, &["halves", "--input", "x=1", "--input", "n=0"]), 1, &["the answer: $", "infinite"]);
    fails(&call(&bundle, &["read_digit", "--input", "image=seven.png"]), 1, &["did you mean `image=@seven.png`?"]);
    fails(&call(&bundle, &["read_digit", "--input", "image="]), 1, &["the input `image` is empty"]);
    fails(&call(&bundle, &["read_digit", "--input", "image=@/dev/zero"]), 1, &["more than the 64 MiB"]);
    let manifest = format!("image=@{}", bundle.join("bundle.json").display());
    fails(&call(&bundle, &["read_digit", "--input", &manifest]), 1, &["$.image: "]);
}

#[test]
fn a_wrong_command_line_ends_with_status_2() {
    for args in [&["call"][..], &["sing"], &["serve", "--port", "many"], &["--loud"], &["serve", "--input", "a=1"], &[]]
    {
        fails(&bootstrap().args(args).output().unwrap(), 2, &["error: "]);
    }
    assert!(bootstrap().arg("--help").output().unwrap().status.success());
}

#[test]
fn a_broken_bundle_ends_with_status_3_and_names_the_file_and_the_way_out() {
    let bundle = digit_bundle("call_broken");
    let read = |name: &str| std::fs::read(bundle.join(name)).unwrap();
    let run = || call(&bundle, &["shout", "--input", "text=a"]);
    let (plan, manifest) = (read("plan.bin"), read("bundle.json"));

    let mut changed = plan.clone();
    changed[40] ^= 1;
    std::fs::write(bundle.join("plan.bin"), changed).unwrap();
    fails(&run(), 3, &["plan.bin: its checksum is", "rebuild the bundle with `mulc build`"]);
    std::fs::write(bundle.join("plan.bin"), &plan[1..]).unwrap();
    fails(&run(), 3, &["plan.bin: it has", "rebuild"]);
    std::fs::write(bundle.join("plan.bin"), plan).unwrap();

    let newer = String::from_utf8(manifest.clone()).unwrap().replace("\"format\": 3", "\"format\": 4, \"more\": 1");
    std::fs::write(bundle.join("bundle.json"), newer).unwrap();
    fails(&run(), 3, &["bundle.json: the bundle has format version 4", "versions up to 3"]);
    let outside = String::from_utf8(manifest.clone()).unwrap().replace("plan.bin", "../plan.bin");
    std::fs::write(bundle.join("bundle.json"), outside).unwrap();
    fails(&run(), 3, &["bundle.json: it does not list `plan.bin`", "rebuild"]);
    std::fs::remove_file(bundle.join("bundle.json")).unwrap();
    fails(&run(), 3, &["bundle.json", "rebuild"]);
}

#[test]
fn a_model_outside_of_the_bundle_is_not_read() {
    let source = include_str!("digits.ir").replace("SHA256", "../../call_outside_secret");
    let bundle = bundle_of("call_outside", &text::parse(&source).unwrap(), &[]);
    fails(
        &call(&bundle, &["read_digit", "--input", &image("two.png")]),
        3,
        &["does not list `models/../../call_outside"],
    );
}

#[test]
fn an_unsound_plan_is_refused_before_it_runs() {
    let program = text::parse("func @f(%0: f32) -> f32 { %1: f32 = +(%0, %2) yield %1 }").unwrap();
    let bundle = bundle_of("call_unsound", &program, &[]);
    fails(&call(&bundle, &["f"]), 3, &["the plan is not sound", "in `f`", "%2 is not defined here"]);
}

#[test]
fn a_model_that_is_no_onnx_is_an_error_with_its_name() {
    let model = b"<!DOCTYPE html>".to_vec();
    let source = include_str!("digits.ir").replace("SHA256", &mu_format::bundle::sha256(&model));
    let bundle = bundle_of("call_html", &text::parse(&source).unwrap(), &[model]);
    fails(&call(&bundle, &["read_digit", "--input", &image("two.png")]), 1, &["the model `kcnn_32` does not run"]);
}
