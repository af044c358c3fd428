//! `bootstrap measure`, as `mulc models measure` calls it.

use crate::common::{answer, bootstrap, digit_bundle, picture};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A bundle, and inputs of it on a line each.
fn digits(name: &str) -> (PathBuf, PathBuf) {
    let bundle = digit_bundle(name);
    let line = |name: &str| json!({"image": STANDARD.encode(std::fs::read(picture(name)).unwrap())}).to_string();
    let inputs = bundle.join("inputs.jsonl");
    std::fs::write(&inputs, [line("two.png"), line("seven.png")].join("\n")).unwrap();
    (bundle, inputs)
}

fn measure(bundle: &Path, inputs: &Path, more: &[&str]) -> Output {
    let mut command = bootstrap();
    command.args(["measure", "read_digit", "--calls", "5"]).arg("--bundle").arg(bundle);
    command.arg("--inputs").arg(inputs).args(more).output().unwrap()
}

#[test]
fn every_call_after_the_first_has_its_times() {
    let (bundle, inputs) = digits("measure_calls");
    for more in [&[][..], &["--spacing", "1"]] {
        let seen = answer(&measure(&bundle, &inputs, more));
        assert_eq!((seen["wall"].as_array().unwrap().len(), seen["cpu"].as_array().unwrap().len()), (5, 5));
        assert!(["ready", "first", "memory"].iter().all(|name| seen[name].as_u64().unwrap() > 0), "{seen}");
        assert!(seen["runtime"].as_str().unwrap().contains("tract-onnx "), "{seen}");
    }
}

#[test]
fn what_cannot_be_measured_is_said_with_the_place() {
    let (bundle, inputs) = digits("measure_wrong");
    let fails = |output: Output, status: i32, part: &str| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(said.contains(part), "{said}");
    };
    fails(measure(&bundle, &inputs, &["--group", "/nowhere"]), 3, "/nowhere/cgroup.procs");
    fails(measure(&bundle, Path::new("/nowhere"), &[]), 1, "cannot read `/nowhere`");
    std::fs::write(&inputs, "{\"image\": 3}\n").unwrap();
    fails(measure(&bundle, &inputs, &[]), 1, "line 1: $.image");
    std::fs::write(&inputs, "").unwrap();
    fails(measure(&bundle, &inputs, &[]), 1, "there are no inputs");
    fails(bootstrap().args(["measure", "f", "--calls", "5"]).output().unwrap(), 2, "needs --inputs FILE");
    fails(bootstrap().args(["call", "f", "--calls", "5"]).output().unwrap(), 2, "belong to `measure`");
}
