//! The commands as a user meets them: exit statuses, streams, formats, a new project, bundles equal to the byte.

use mu_tests::cases::{copy, lay};
use mu_tests::{files_below, made, python, root, tools};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder of the test's own.
fn folder(test: &str) -> PathBuf {
    let folder = made().join("commands").join(test);
    lay(&folder, &[]);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("ended by a signal: {}", tools::said(output)))
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_exit_status_says_whose_fault_it_is() {
    let place = folder("status");
    fs::write(place.join("right.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    fs::write(place.join("wrong.mu"), "fn double(x: f32) -> f32 {\n    y * 2.0\n}\n").unwrap();
    fs::write(place.join("other.txt"), "").unwrap();
    for (want, arguments) in [
        (0, &["--help"][..]),
        (0, &["--version"]),
        (0, &["check", "right.mu"]),
        (0, &["explain", "unit-mismatch"]),
        (0, &["run", "right.mu", "double", "--input", "x=1.5"]),
        (0, &["build", "right.mu"]),
        (1, &["check", "wrong.mu"]),
        (1, &["build", "wrong.mu"]),
        (1, &["run", "wrong.mu", "double", "--input", "x=1.5"]),
        (1, &["test", "wrong.mu"]),
        (1, &["check", "nowhere"]),
        (1, &["check", "other.txt"]),
        (1, &["check", "."]),
        (1, &["explain", "no-such-code"]),
        (1, &["run", "right.mu", "triple"]),
        (1, &["run", "right.mu", "double"]),
        (1, &["run", "right.mu", "double", "--input", "x=text"]),
        (1, &["run", "right.mu", "double", "--input", "x=1", "--input", "z=1"]),
        (1, &["build", "right.mu", "--out", "other.txt"]),
        (2, &[]),
        (2, &["no-such-command"]),
        (2, &["check", "--no-such-option"]),
        (2, &["check", "--message-format", "loud"]),
        (2, &["explain"]),
        (2, &["dump", "nothing"]),
        (3, &["build", "right.mu", "--out", "/proc/no/bundle"]),
    ] {
        let output = tools::mulc(&place, arguments);
        assert_eq!(status(&output), want, "mulc {}\n{}", arguments.join(" "), tools::said(&output));
        assert!(want == 0 || !output.stderr.is_empty(), "no word of why: mulc {}", arguments.join(" "));
    }
}

#[test]
fn a_missing_runtime_is_named_with_the_way_to_build_it() {
    let place = folder("runtime");
    fs::write(place.join("right.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    let mut command = Command::new(tools::folder().join("mulc"));
    let output =
        command.args(["build", "right.mu"]).env("MULC_BOOTSTRAP", "/nowhere").current_dir(&place).output().unwrap();
    assert_eq!(status(&output), 3);
    assert!(stderr(&output).contains("/nowhere") && stderr(&output).contains("cargo build"), "{}", stderr(&output));
    assert!(!place.join(".mulc").exists() || files_below(&place.join(".mulc")).is_empty());
}

#[test]
fn a_new_project_checks_tests_runs_and_builds() {
    let place = folder("new");
    let done = tools::mulc(&place, &["new", "deep/flowers"]);
    assert_eq!(status(&done), 0, "{}", tools::said(&done));
    for command in ["check", "test", "build"] {
        let done = tools::mulc(&place, &[command, "deep/flowers"]);
        assert_eq!(status(&done), 0, "{command}: {}", tools::said(&done));
    }
    let flower = r#"flower={"sepal_length": 6.7, "sepal_width": 3.0, "petal_length": 5.6, "petal_width": 2.4}"#;
    let inside = place.join("deep/flowers");
    let done = tools::mulc(&inside, &["run", "name_iris", "--input", flower]);
    assert_eq!((status(&done), stdout(&done).trim()), (0, r#""virginica""#), "{}", tools::said(&done));
    let again = tools::mulc(&place, &["new", "deep/flowers"]);
    assert_eq!(status(&again), 1);
    assert!(stderr(&again).contains("not empty"));
    let odd = tools::mulc(&place, &["new", "no name"]);
    assert_eq!(status(&odd), 1);
    assert!(!place.join("no name").exists());
}

#[test]
fn a_bundle_depends_on_sources_and_models_alone() {
    let place = folder("bytes");
    for project in ["one", "else/where/two"] {
        let done = tools::mulc(&place, &["new", project]);
        assert_eq!(status(&done), 0, "{}", tools::said(&done));
        // The name of a project is in its bundle.
        let settings = place.join(project).join("mu.toml");
        fs::write(settings, "[project]\nname = \"same\"\n").unwrap();
    }
    let build = |project: &str, out: &str, target: &str| {
        let folder = place.join(project);
        let done = tools::mulc(&folder, &["build", "--target", target, "--out", out]);
        assert_eq!(status(&done), 0, "{}", tools::said(&done));
        folder.join(out)
    };
    let bytes = |bundle: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let inside = |path: PathBuf| (path.strip_prefix(bundle).unwrap().to_path_buf(), fs::read(&path).unwrap());
        files_below(bundle).into_iter().map(inside).collect()
    };
    let (one, two) = (build("one", "bundle", "local"), build("else/where/two", "b", "local"));
    assert!(bytes(&one) == bytes(&two), "the folders differ");
    let (one, two) = (build("one", "a.zip", "lambda"), build("else/where/two", "b.zip", "lambda"));
    assert!(fs::read(one).unwrap() == fs::read(two).unwrap(), "the zips differ");
}

const WRONG: &str = "fn size(x: f32<m>) -> f32<m> {\n    let unused = \"größe\"\n    x + 5 s\n}\n";

#[test]
fn diagnostics_come_in_five_formats_on_the_right_stream() {
    let place = folder("formats");
    fs::write(place.join("wrong.mu"), WRONG).unwrap();
    let said = |format: &str| {
        let output = tools::mulc(&place, &["check", "wrong.mu", "--message-format", format]);
        assert_eq!(status(&output), 1, "{}", tools::said(&output));
        (stdout(&output), stderr(&output))
    };
    for format in ["human", "short", "github"] {
        let (out, err) = said(format);
        assert!(out.is_empty() && err.contains("unit-mismatch") && !err.contains('\x1b'), "{format}: {out}{err}");
    }
    assert!(said("human").1.trim_end().ends_with("tells more") && said("human").1.contains("1 error, 1 warning"));
    for format in ["json", "sarif"] {
        let (out, err) = said(format);
        assert!(out.contains("unit-mismatch") && err.is_empty(), "{format}: {out}{err}");
    }
    let (out, _) = said("json");
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap(), &serde_json::json!({"kind": "summary", "errors": 1, "warnings": 1}));
}

#[test]
fn sarif_fits_the_official_schema() {
    let place = folder("sarif");
    fs::write(place.join("wrong.mu"), WRONG).unwrap();
    // The crate `serde-sarif` carries the schema of OASIS; only its package is fetched.
    let manifest = "[workspace]\n[package]\nname = \"fetch\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                    [dependencies]\nserde-sarif = { version = \"=0.8.0\", default-features = false }\n";
    lay(&place.join("fetch"), &[("Cargo.toml".into(), manifest.into()), ("src/lib.rs".into(), Vec::new())]);
    let metadata = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["metadata", "--format-version", "1"])
        .current_dir(place.join("fetch"))
        .output()
        .unwrap();
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata.stdout).unwrap_or_else(|_| panic!("{}", tools::said(&metadata)));
    let package = metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == "serde-sarif").unwrap();
    let schema = Path::new(package["manifest_path"].as_str().unwrap()).with_file_name("src/schema.json");
    fs::write(place.join("right.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    for program in ["wrong.mu", "right.mu"] {
        let log = place.join(format!("{program}.sarif"));
        fs::write(&log, tools::mulc(&place, &["check", program, "--message-format", "sarif"]).stdout).unwrap();
        let script = "import fastjsonschema, json, sys\n\
                      schema, log = (json.load(open(path)) for path in sys.argv[1:])\n\
                      fastjsonschema.compile(schema)(log)";
        let mut python = Command::new(python::bin().join("python"));
        let done = python.args(["-c", script]).arg(&schema).arg(&log).output().unwrap();
        assert!(done.status.success(), "{}", tools::said(&done));
    }
}

#[test]
fn every_code_can_be_explained_and_a_slip_is_understood() {
    let list = stdout(&tools::mulc(root(), &["explain", "--list"]));
    assert!(list.lines().count() > 50);
    for line in list.lines() {
        let code = line.split_whitespace().next().unwrap();
        let page = tools::mulc(root(), &["explain", code]);
        assert_eq!(status(&page), 0);
        assert!(stdout(&page).starts_with(&format!("# {code}\n")), "{code}");
    }
    let slip = tools::mulc(root(), &["explain", "unit-mismach"]);
    assert!(stderr(&slip).contains("`unit-mismatch`"), "{}", stderr(&slip));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&tools::mulc(root(), &["completions", shell]));
        for word in ["check", "explain", "message-format"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let path = tools::folder().join("mulc");
    let pipe = format!("set -o pipefail; {} explain --list | head -n 1", path.display());
    let output = Command::new("bash").args(["-c", &pipe]).output().unwrap();
    assert!(output.stderr.is_empty() && output.status.success(), "{}", tools::said(&output));
}

#[test]
fn the_bundle_of_a_run_is_written_once() {
    let place = folder("once");
    fs::write(place.join("p.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    let run = || {
        let output = tools::mulc(&place, &["run", "p.mu", "double", "--input", "x=1.5"]);
        assert_eq!((status(&output), stdout(&output).trim()), (0, "3.0"), "{}", tools::said(&output));
        fs::metadata(place.join(".mulc/p/run/double/plan.bin")).unwrap().modified().unwrap()
    };
    let first = run();
    assert_eq!(run(), first);
    fs::write(place.join("p.mu"), "fn double(x: f32) -> f32 {\n    x + x\n}\n").unwrap();
    assert_ne!(run(), first);
}

#[test]
fn an_answer_that_cannot_be_written_is_status_3() {
    let place = folder("full");
    fs::write(place.join("right.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    for arguments in [
        &["explain", "--list"][..],
        &["completions", "bash"],
        &["dump", "ir", "right.mu"],
        &["build", "right.mu"],
        &["test", "right.mu"],
        &["check", "--message-format", "json", "right.mu"],
        &["run", "right.mu", "double", "--input", "x=1.5"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(tools::folder().join("mulc"));
        let output = command.args(arguments).stdout(full).current_dir(&place).output().unwrap();
        assert_eq!(status(&output), 3, "mulc {}\n{}", arguments.join(" "), stderr(&output));
        assert!(stderr(&output).contains("cannot write the answer"), "{}", stderr(&output));
    }
}

#[test]
fn run_mends_its_cache_and_needs_none() {
    let place = folder("cache");
    fs::write(place.join("right.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    let run = || {
        let done = tools::mulc(&place, &["run", "right.mu", "double", "--input", "x=1.5"]);
        assert_eq!((status(&done), stdout(&done).trim()), (0, "3.0"), "{}", tools::said(&done));
    };
    run();
    let plan = place.join(".mulc/right/run/double/plan.bin");
    let whole = fs::read(&plan).unwrap();
    let mut broken = whole.clone();
    broken[8] ^= 1;
    fs::write(&plan, broken).unwrap();
    run();
    assert_eq!(fs::read(&plan).unwrap(), whole);
    // As in a project where nothing can be written.
    fs::remove_dir_all(place.join(".mulc")).unwrap();
    fs::write(place.join(".mulc"), "").unwrap();
    run();
}

#[test]
fn a_build_says_how_long_each_stage_took() {
    let place = folder("timings");
    fs::write(place.join("p.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    let done = tools::mulc(&place, &["build", "p.mu", "--timings"]);
    assert_eq!(status(&done), 0, "{}", tools::said(&done));
    assert_eq!(stdout(&done).lines().count(), 1, "{}", tools::said(&done));
    let said = stderr(&done);
    let stages: Vec<&str> = said.lines().filter_map(|line| line.split("  ").next()).map(str::trim).collect();
    for stage in ["types", "selection", "lowering", "verify plan", "emit", "verify code", "compile", "layout", "all"] {
        assert!(stages.contains(&stage), "no `{stage}` in\n{said}");
    }
}

#[test]
fn machine_code_that_does_not_fit_is_left_for_the_interpreter() {
    let place = folder("native");
    fs::write(place.join("p.mu"), "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n").unwrap();
    fs::write(place.join("other.mu"), "fn double(x: f32) -> f32 {\n    x * 3.0\n}\n").unwrap();
    for program in ["p", "other"] {
        let done = tools::mulc(&place, &["build", &format!("{program}.mu"), "--out", program]);
        assert_eq!(status(&done), 0, "{}", tools::said(&done));
    }
    let call = || {
        let mut command = Command::new(place.join("p/bootstrap"));
        let done = command.args(["call", "double", "--input", "x=1.5"]).output().unwrap();
        assert_eq!((status(&done), stdout(&done).trim()), (0, "3.0"), "{}", tools::said(&done));
        stderr(&done)
    };
    assert_eq!(call(), "");
    let native = place.join("p/native.bin");
    let whole = fs::read(&native).unwrap();
    let mut broken = whole.clone();
    *broken.last_mut().unwrap() ^= 1;
    for (bytes, why) in [
        (broken, "its checksum differs"),
        (whole[..whole.len() / 2].to_vec(), "its checksum differs"),
        (Vec::new(), "cannot be mapped"),
        (fs::read(place.join("other/native.bin")).unwrap(), "another plan"),
    ] {
        fs::write(&native, bytes).unwrap();
        let said = call();
        assert!(said.lines().count() == 1 && said.contains("interpreted") && said.contains(why), "{said}");
    }
    fs::remove_file(&native).unwrap();
    assert!(call().contains("No such file"));
}

/// The iris example with another bound, in a folder of the test's own.
fn irises(test: &str, bound: &str) -> PathBuf {
    let project = root().join("examples/iris");
    let main = fs::read_to_string(project.join("src/main.mu")).unwrap();
    copy(&project, test, main.replace("accuracy on flowers >= 85%", bound).as_bytes())
}

#[test]
fn the_bill_of_materials_of_a_bundle_is_as_cyclonedx_wants_it() {
    let place = irises("bom", "accuracy on flowers >= 85%");
    let built = tools::mulc(&place, &["build"]);
    assert_eq!(status(&built), 0, "{}", tools::said(&built));
    let mut python = Command::new(python::bin().join("python"));
    let script = root().join("tests/support/bom.py");
    let done = python.arg(script).arg(place.join(".mulc/bundle/bom.cdx.json")).output().unwrap();
    assert!(done.status.success(), "{}", tools::said(&done));
}

#[test]
fn an_update_says_what_moved_and_why_and_then_everything_stays() {
    let place = irises("update", "accuracy on flowers >= 85%");
    assert_eq!(status(&tools::mulc(&place, &["update"])), 0);
    assert_eq!(status(&tools::mulc(&place, &["check", "--locked"])), 0);
    let other = irises("update", "accuracy on flowers >= 97%");
    assert_eq!(status(&tools::mulc(&other, &["check", "--locked"])), 1);
    let moved = stdout(&tools::mulc(&other, &["update", "botanist"]));
    assert!(moved.starts_with("botanist: iris_logreg -> iris_mlp_8\n"), "{moved}");
    assert!(moved.contains("`iris_logreg` is dropped: accuracy on flowers = "), "{moved}");
    assert_eq!(stdout(&tools::mulc(&other, &["update"])), "mu.lock: every choice stays\n");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&tools::mulc(&other, &["update", ".", "--json"]))).unwrap();
    assert_eq!(json["changes"], serde_json::json!([]));
    let unknown = tools::mulc(&other, &["update", "botanst"]);
    assert_eq!(status(&unknown), 1);
    assert!(stderr(&unknown).contains("did you mean `botanist`?"), "{}", stderr(&unknown));
}
