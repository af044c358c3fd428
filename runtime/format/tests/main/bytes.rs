//! Whatever bytes come: an answer or an error, no panic.

use crate::random::Random;
use mu_format::bundle::Manifest;
use mu_format::{MAX_DEPTH, VERSION, npy, plan, text};

/// A few bytes changed, cut off or doubled.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.bits() as u8),
            2 => bytes.extend_from_within(at..),
            _ if at < bytes.len() => bytes[at] = random.bits() as u8,
            _ => {}
        }
    }
}

#[test]
fn a_plan_reads_back_and_the_same_program_gives_the_same_bytes() {
    for seed in 0..300 {
        let program = Random::new(seed).program();
        let bytes = plan::encode(&program).unwrap();
        assert_eq!(plan::encode(&plan::decode(&bytes).unwrap()).unwrap(), bytes);
    }
}

#[test]
fn broken_plans_are_refused_or_read_without_panic() {
    for seed in 0..3000 {
        let random = &mut Random::new(seed);
        let mut bytes = plan::encode(&random.program()).unwrap();
        mutate(random, &mut bytes);
        if let Ok(program) = plan::decode(&bytes) {
            text::print(&program);
            mu_format::verify::verify(&program, &|_, _, _, _| Ok(())).ok();
        }
        let mut noise = plan::encode(&Default::default()).unwrap()[..8].to_vec();
        noise.extend(random.list(200, |r| r.bits() as u8));
        plan::decode(&noise).ok();
    }
}

#[test]
fn a_plan_of_another_version_or_nested_without_end_is_refused() {
    let plan = |version: u32, body: &[u8]| {
        let mut bytes = Vec::from(b"MUPL");
        bytes.extend(version.to_le_bytes());
        bytes.extend(body);
        plan::decode(&bytes).unwrap_err()
    };
    assert!(plan(VERSION + 1, &[]).contains("format version 4, this runtime knows versions up to 3"));
    assert!(plan(0, &[]).contains("version 0"));
    // No labels; one constant without a name, of type option<option<option<...
    let mut deep = vec![0, 1, 0];
    deep.extend(std::iter::repeat_n(6, 1_000_000));
    assert!(plan(VERSION, &deep).contains("broken"));
    // A vector that claims 2^60 elements.
    assert!(plan(VERSION, &[0xff; 8]).contains("broken"));
}

#[test]
fn a_plan_of_the_first_version_has_no_decisions() {
    let program = text::parse("func @f(%0: text) -> text { yield %0 } entry \"f\" = @f(\"x\": text) -> text").unwrap();
    let mut bytes = plan::encode(&program).unwrap();
    assert_eq!(bytes.pop(), Some(0));
    bytes[4] = 1;
    assert_eq!(plan::decode(&bytes), Ok(program));
}

#[test]
fn programs_nested_as_deep_as_allowed_fit_the_stack_of_a_thread() {
    let depth = MAX_DEPTH as usize - 1;
    let ifs: String = (1..depth).map(|i| format!("%{i}: f32 = if %0 {{ ")).collect();
    let ends = "yield %1 } else { yield %1 } ".repeat(depth - 1);
    let options = format!("const 0 = \"x\": {}text{} = none", "option<".repeat(depth), ">".repeat(depth));
    let source = format!("{options} func @f(%0: bool) -> f32 {{ {ifs} {ends} yield %1 }}");
    let program = text::parse(&source).unwrap();
    let again = plan::decode(&plan::encode(&program).unwrap()).unwrap();
    assert_eq!(text::print(&again), text::print(&program));
    assert!(mu_format::verify::verify(&again, &|_, _, _, _| Ok(())).is_err());
}

#[test]
fn broken_texts_are_refused_or_read_without_panic() {
    for seed in 0..2000 {
        let random = &mut Random::new(seed);
        let mut bytes = text::print(&random.program()).into_bytes();
        mutate(random, &mut bytes);
        text::parse(&String::from_utf8_lossy(&bytes)).ok();
        let words = [
            "func", "@f", "(", ")", "%0", "%1", ":", "f32", "{", "}", "->", "=", "literal", "yield", "nan", "x\"", ";",
            "-",
        ];
        let noise = random.list(60, |r| words[r.below(words.len())]).join(" ");
        text::parse(&noise).ok();
    }
}

#[test]
fn broken_manifests_and_arrays_are_refused_or_read_without_panic() {
    let manifest = r#"{"format": 1, "compiler": "1", "target": "local", "entries": ["f"], "files": [], "models": []}"#;
    let array: &[u8] =
        b"\x93NUMPY\x01\x00\x3a\x00{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }0123456789abcdef";
    assert!(Manifest::from_json(manifest).is_ok() && npy::read(array).is_ok());
    for seed in 0..3000 {
        let random = &mut Random::new(seed);
        let mut bytes = manifest.as_bytes().to_vec();
        mutate(random, &mut bytes);
        Manifest::from_json(&String::from_utf8_lossy(&bytes)).ok();
        let mut bytes = array.to_vec();
        mutate(random, &mut bytes);
        npy::read(&bytes).ok();
    }
}
