//! Frozen models: the same answers as the ONNX files, and a quiet way back to them where anything is amiss.

use crate::common::{answer, bootstrap, bundle_of, call, digit_bundle, picture};
use mu_format::bundle::{self, File, Manifest};
use mu_format::text;
use serde_json::Value as Json;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The digits with frozen models.
fn frozen(name: &str) -> PathBuf {
    with_frozen(digit_bundle(name))
}

fn with_frozen(folder: PathBuf) -> PathBuf {
    let file = freeze(&folder, "models.frozen");
    list(&folder, File::of(bundle::FROZEN, &file));
    folder
}

/// The bundle of `halves.ir`, whose sizes are open.
fn halves(name: &str) -> PathBuf {
    let model = include_bytes!("halves.onnx").to_vec();
    let source = include_str!("halves.ir").replace("SHA256", &bundle::sha256(&model));
    bundle_of(name, &text::parse(&source).unwrap(), &[model])
}

fn freeze(folder: &Path, out: &str) -> Vec<u8> {
    let out = folder.join(out);
    let done = bootstrap().arg("--bundle").arg(folder).args(["freeze", "--out"]).arg(&out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    fs::read(out).unwrap()
}

fn list(folder: &Path, file: File) {
    let path = folder.join(bundle::MANIFEST);
    let mut manifest = Manifest::from_json(&fs::read_to_string(&path).unwrap()).unwrap();
    manifest.files.push(file);
    fs::write(path, manifest.to_json().unwrap()).unwrap();
}

fn ask(folder: &Path) -> Output {
    call(folder, &["rank_digit", "--input", &format!("image=@{}", picture("seven.png").display())])
}

#[track_caller]
fn warns(output: &Output, why: &str) {
    let log: Json = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(log["level"], "warn");
    assert!(log["message"].as_str().unwrap().contains(why), "{log}");
}

#[test]
fn frozen_models_answer_as_the_others_and_need_no_model_file() {
    let folder = frozen("frozen-same");
    let plain = answer(&ask(&digit_bundle("frozen-not")));
    for file in fs::read_dir(folder.join("models")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let output = ask(&folder);
    assert_eq!(answer(&output), plain);
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn open_sizes_are_answered_without_the_model_file() {
    let (folder, plain) = (with_frozen(halves("frozen-open")), halves("frozen-open-not"));
    let net = |folder: &Path, height: usize, width: usize| {
        let row = |y: usize| (0..width).map(|x| ((y * 37 + x * 11) % 64) as f32 / 64.0).collect::<Vec<f32>>();
        let planes: Vec<Vec<Vec<f32>>> = (0..3).map(|c| (0..height).map(|y| row(y + c)).collect()).collect();
        call(folder, &["net", "--input", &format!("x={}", serde_json::json!([planes]))])
    };
    for file in fs::read_dir(folder.join("models")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    for (height, width) in [(4, 4), (8, 12), (64, 64), (20, 60)] {
        let output = net(&folder, height, width);
        assert_eq!(answer(&output), answer(&net(&plain, height, width)), "{height} x {width}");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // The net takes no other sizes, which the file tells.
    for (folder, why) in [(&folder, "No such file"), (&plain, "the model `halves` does not run")] {
        let output = net(folder, 30, 12);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains(why));
    }
}

#[test]
fn freezing_twice_gives_equal_bytes() {
    for folder in [digit_bundle("frozen-twice"), halves("frozen-open-twice")] {
        assert!(freeze(&folder, "one") == freeze(&folder, "two"));
    }
}

#[test]
fn what_does_not_fit_is_not_used_and_said() {
    let folder = frozen("frozen-unfit");
    let right = answer(&ask(&folder));
    let path = folder.join(bundle::FROZEN);
    let whole = fs::read(&path).unwrap();
    let check = |bytes: &[u8], why: &str| {
        fs::write(&path, bytes).unwrap();
        let output = ask(&folder);
        assert_eq!(answer(&output), right, "{why}");
        warns(&output, why);
    };
    check(&whole[..whole.len() - 1], "damaged");
    check(&whole[..7], "no frozen file");
    check(&[], "no frozen file");
    // Another build of the runtime: its build id stands first in the identity, after the head and its length.
    let mut other = whole.clone();
    other[60] ^= 1;
    // It is of one block.
    assert!(other.len() < 1 << 20);
    let sum = xxhash_rust::xxh3::xxh3_64(&xxhash_rust::xxh3::xxh3_64(&other[16..]).to_le_bytes());
    other[8..16].copy_from_slice(&sum.to_le_bytes());
    check(&other, "another build");
    fs::remove_file(&path).unwrap();
    let output = ask(&folder);
    assert_eq!(answer(&output), right);
    warns(&output, "cannot be read");
    // Plans of other models than the program's: the same model by another name.
    let stranger = digit_bundle("frozen-stranger");
    let plan = fs::read(stranger.join(bundle::PLAN)).unwrap();
    let mut program = mu_format::plan::decode(&plan).unwrap();
    program.models[0].name = "stranger".into();
    let plan = mu_format::plan::encode(&program).unwrap();
    fs::write(stranger.join(bundle::PLAN), &plan).unwrap();
    let manifest = fs::read_to_string(stranger.join(bundle::MANIFEST)).unwrap();
    let mut manifest = Manifest::from_json(&manifest).unwrap();
    manifest.files.retain(|file| file.path != bundle::PLAN);
    manifest.files.push(File::of(bundle::PLAN, &plan));
    fs::write(stranger.join(bundle::MANIFEST), manifest.to_json().unwrap()).unwrap();
    check(&freeze(&stranger, "models.frozen"), "something else");
}

#[test]
fn a_processor_without_the_instructions_starts_from_the_model_files() {
    let folder = frozen("frozen-masked");
    let image = format!("image=@{}", picture("seven.png").display());
    let mut command = bootstrap();
    command.env("MU_CPU_WITHOUT", "avx2").arg("--bundle").arg(&folder).args(["call", "rank_digit", "--input", &image]);
    let output = command.output().unwrap();
    assert_eq!(answer(&output), answer(&ask(&folder)));
    warns(&output, "this processor has no avx2");
}

#[test]
fn any_flipped_byte_is_an_error_or_changes_nothing() {
    let folder = frozen("frozen-flipped");
    let right = answer(&ask(&folder));
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.extend(fs::read_dir(folder.join("models")).unwrap().map(|entry| entry.unwrap().path()));
    files.retain(|path| path.is_file());
    files.sort();
    const EACH: usize = 500;
    for path in files {
        let whole = fs::read(&path).unwrap();
        for i in 0..EACH.min(whole.len()) {
            let at = i * whole.len() / EACH.min(whole.len());
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (i % 8);
            fs::write(&path, &bytes).unwrap();
            let output = ask(&folder);
            let place = format!("byte {at} of {}", path.display());
            assert_eq!(output.status.signal(), None, "{place}");
            match output.status.success() {
                true => assert_eq!(answer(&output), right, "{place}"),
                false => assert!(output.stderr.starts_with(b"error: "), "{place}"),
            }
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_small_stack_is_enough() {
    let folder = frozen("frozen-stack");
    let image = format!("image=@{}", picture("seven.png").display());
    let line = r#"ulimit -s 256 && exec "$0" "$@""#;
    let mut command = std::process::Command::new("sh");
    command.args(["-c", line, env!("CARGO_BIN_EXE_bootstrap"), "--bundle"]).arg(&folder);
    let output = command.args(["call", "rank_digit", "--input", &image]).output().unwrap();
    assert_eq!(answer(&output), answer(&ask(&folder)));
}
