//! Input that is broken or hostile: sources, models, pictures, disks. Each gives a diagnostic or an error with the file and the
//! way out, the right exit status, and no panic.

use mu_tests::cases::lay;
use mu_tests::diagnostics::{Expected, of};
use mu_tests::{made, root, tools};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(test: &str) -> PathBuf {
    let folder = made().join("bad_input").join(test);
    lay(&folder, &[]);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// No panic, no signal, and one of our statuses.
fn is_orderly(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 1 | 3)) && !tools::said(output).contains("panicked")
}

fn source(folder: &Path, text: impl AsRef<[u8]>) {
    fs::write(folder.join("p.mu"), text).unwrap();
}

#[test]
fn odd_sources_are_told_what_is_wrong() {
    let place = folder("sources");
    let error = |code: &str| Expected::Error(code.to_owned());
    for (text, expected) in [
        (Vec::new(), Expected::Nothing),
        (b"\xef\xbb\xbffn f() -> i64 {\r\n    1\r\n}\r\n".to_vec(), Expected::Nothing),
        (b"fn f() -> i64 { 1 }\n\xff\xfe".to_vec(), error("not-utf8")),
        (
            format!("fn f() -> i64 {{ {}1{} }}", "(".repeat(10_000), ")".repeat(10_000)).into_bytes(),
            error("nesting-too-deep"),
        ),
        ("{".repeat(100_000).into_bytes(), error("nesting-too-deep")),
        ("// long\n".repeat(1_100_000).into_bytes(), error("source-too-large")),
        (b"fn f() -> i64 { \0 }".to_vec(), error("syntax-error")),
    ] {
        source(&place, &text);
        let start = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
        expected.hold(&place, &["check", "p.mu"]).unwrap_or_else(|said| panic!("{start}: {said}"));
    }
}

#[test]
fn a_hundred_thousand_lines_are_checked() {
    let place = folder("long");
    let text: String = (0..25_000).map(|i| format!("fn f{i}(x: f32) -> f32 {{\n    x * {i}.0\n}}\n\n")).collect();
    source(&place, &text);
    Expected::Nothing.hold(&place, &["check", "p.mu"]).unwrap();
    source(&place, text.replace("f32 {\n    x * 12345.0", "f32 {\n    y * 12345.0"));
    let (diagnostics, _) = of(&place, &["check", "p.mu"]);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(diagnostics[0].code, "unknown-name");
}

#[test]
fn a_program_cut_off_anywhere_is_answered_in_order() {
    let place = folder("cut");
    let text = fs::read(root().join("examples/digits/src/main.mu")).unwrap();
    for end in (0..text.len()).step_by(29) {
        source(&place, &text[..end]);
        let output = tools::mulc(&place, &["check", "p.mu"]);
        assert!(is_orderly(&output), "cut at {end}: {}", tools::said(&output));
    }
}

/// A project of `mulc new` whose model file holds these bytes; the card states their sha256 where `stated`.
fn with_model(test: &str, bytes: Option<&[u8]>, stated: bool) -> PathBuf {
    let place = folder(test);
    let done = tools::mulc(&place, &["new", "flowers"]);
    assert!(done.status.success(), "{}", tools::said(&done));
    let project = place.join("flowers");
    let model = project.join("models/iris-logreg.onnx");
    let before = mu_tests::python::sha256(&fs::read(&model).unwrap());
    match bytes {
        Some(bytes) => fs::write(&model, bytes).unwrap(),
        None => fs::remove_file(&model).unwrap(),
    }
    if stated {
        let card = project.join("models/iris_logreg.mu");
        let text = fs::read_to_string(&card).unwrap();
        fs::write(card, text.replace(&before, &mu_tests::python::sha256(bytes.unwrap_or_default()))).unwrap();
    }
    project
}

#[test]
fn a_model_file_that_is_none_is_named_with_what_it_is() {
    let good = fs::read(root().join("compiler/mulc/template/models/iris-logreg.onnx")).unwrap();
    let random: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    // The name of the operator, with two letters exchanged, is of the same length.
    let at = good.windows(7).position(|part| part == b"Softmax").unwrap();
    let operator = [&good[..at], b"Sotfmax", &good[at + 7..]].concat();
    // In the middle of the first tensor of weights.
    let at = good.windows(4).position(|part| part == b"w_1J").unwrap();
    let mut flipped = good.clone();
    flipped[at + 12] ^= 1;
    for (test, bytes, stated, code, words) in [
        ("missing", None, false, "file-missing", "iris-logreg.onnx"),
        ("empty", Some(&b""[..]), true, "not-onnx", "empty"),
        ("truncated", Some(&good[..good.len() / 2]), true, "not-onnx", "iris-logreg.onnx"),
        ("random", Some(&random), true, "not-onnx", "iris-logreg.onnx"),
        ("pointer", Some(pointer), true, "not-onnx", "Git LFS"),
        ("page", Some(b"<!DOCTYPE html><html><body>404</body></html>"), true, "not-onnx", "web page"),
        ("operator", Some(&operator), true, "unsupported-operator", "Sotfmax"),
        ("changed", Some(&flipped), false, "file-changed", "sha256"),
    ] {
        let project = with_model(&format!("model-{test}"), bytes, stated);
        Expected::Error(code.to_owned()).hold(&project, &["build"]).unwrap_or_else(|said| panic!("{test}: {said}"));
        let said = tools::said(&tools::mulc(&project, &["build"]));
        assert!(said.contains(words) && said.contains("help"), "{test}: {said}");
        assert!(!project.join(".mulc/bundle").exists());
    }
}

/// A PNG that claims a size, with nothing behind it.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    header.extend([8, 0, 0, 0, 0]);
    let crc = header.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    });
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], &header, &(!crc).to_be_bytes()].concat()
}

#[test]
fn a_picture_that_is_none_is_an_error_of_the_request() {
    let place = folder("pictures");
    let good = fs::read(root().join("examples/digits/pictures/seven.png")).unwrap();
    for (name, bytes) in [
        ("text", b"not a picture".to_vec()),
        ("empty", Vec::new()),
        ("cut", good[..good.len() / 2].to_vec()),
        ("huge", claims(60_000, 60_000)),
        ("flat", claims(0, 7)),
    ] {
        let file = place.join(format!("{name}.png"));
        fs::write(&file, bytes).unwrap();
        let input = format!("image=@{}", file.display());
        let project = root().join("examples/digits").display().to_string();
        let output = tools::mulc(&place, &["run", &project, "read_digit", "--input", &input]);
        let said = tools::said(&output);
        assert!(output.status.code() == Some(1) && said.contains("image") && is_orderly(&output), "{name}: {said}");
    }
    let output = tools::mulc(root(), &["run", "examples/digits", "read_digit", "--input", "image=@nowhere.png"]);
    assert!(
        output.status.code() == Some(1) && tools::said(&output).contains("nowhere.png"),
        "{}",
        tools::said(&output)
    );
}

#[test]
fn a_full_disk_leaves_no_half_bundle() {
    let place = folder("disk");
    source(&place, "fn double(x: f32) -> f32 {\n    x * 2.0\n}\n");
    for out in ["bundle", "bundle.zip"] {
        let target = if out.ends_with("zip") { "lambda" } else { "local" };
        // Files may grow to 1 MB; the signal that comes with the limit is ignored, so that writing fails.
        let script = "trap '' XFSZ; ulimit -f 1024; exec \"$@\"";
        let output = Command::new("bash")
            .args(["-c", script, "bash"])
            .arg(tools::folder().join("mulc"))
            .args(["build", "p.mu", "--target", target, "--out", out])
            .current_dir(&place)
            .output()
            .unwrap();
        let said = tools::said(&output);
        assert!(output.status.code() == Some(3) && said.contains("make room"), "{said}");
        let left: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["p.mu"], "{said}");
    }
}
