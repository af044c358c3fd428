//! What is run, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use mu_exec::{Code, Native, Processor, Runner};
use mu_format::ir::Program;
use mu_format::native::{self, Arch, digest};
use mu_format::value::Value;
use mu_format::{plan, text};
use mu_interp::{Engine, ErrorKind, Limits, Machine, NoModels};
use mu_native::{Isa, Level, compile};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

const PROGRAM: &str = r#"
func @sum(%0: f32[_]) -> f32 {
  %1: f32[_] = exp(%0)
  %2: f32 = sum(%1)
  yield %2
}
func @main(%0: f32[_], %1: i64) -> {s: f32, n: i64} {
  %2: f32 = call @sum(%0)
  %3: i64 = +(%1, %1)
  %4: {s: f32, n: i64} = record(%2, %3)
  yield %4
}
entry "main" = @main("x": f32[_], "n": i64) -> {s: f32, n: i64}
"#;

fn program() -> Program {
    text::parse(PROGRAM).unwrap()
}

fn host() -> Isa {
    Isa::baseline(Arch::host().unwrap())
}

fn blob(isa: Isa) -> Vec<u8> {
    compile(&program(), isa, &mut |_| ()).unwrap().blob
}

fn plan_of(program: &Program) -> [u8; 32] {
    digest(&plan::encode(program).unwrap())
}

fn machine() -> Machine {
    Machine::new(Arc::new(program()), Vec::new(), Limits::default()).unwrap()
}

fn args(n: i64) -> Vec<Value> {
    let tensor = mu_format::tensor::Tensor { shape: vec![3], data: mu_format::tensor::Data::F32(vec![0.0, 1.0, -1.0]) };
    vec![Value::Tensor(Arc::new(tensor)), Value::I64(n)]
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    File::create(&path).unwrap().write_all(bytes).unwrap();
    path
}

fn refused(bytes: &[u8], processor: &Processor, plan: &[u8; 32]) -> String {
    Code::of(bytes, processor, plan).err().unwrap()
}

#[test]
fn a_file_is_mapped_and_run_again_and_again() {
    let path = written("native.bin", &blob(host()));
    let code = Code::map(&File::open(&path).unwrap(), &Processor::host(), &plan_of(&program())).unwrap();
    let native = Native::new(machine(), code).unwrap();
    for n in 0..5 {
        let expected = machine().call(1, args(n), &mut NoModels).unwrap();
        assert_eq!(native.call(1, &args(n), &mut NoModels), Ok(expected));
    }
}

#[test]
fn code_is_never_writable() {
    let path = written("mapped.bin", &blob(host()));
    let plan = plan_of(&program());
    let _file = Code::map(&File::open(&path).unwrap(), &Processor::host(), &plan).unwrap();
    let _bytes = Code::of(&blob(host()), &Processor::host(), &plan).unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let both = maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|access| access.contains("wx")));
    assert_eq!(both.count(), 0, "{maps}");
}

#[test]
fn code_for_another_processor_is_refused() {
    let other = if host().arch == Arch::X86_64 { Arch::Aarch64 } else { Arch::X86_64 };
    let why = refused(&blob(Isa::baseline(other)), &Processor::host(), &plan_of(&program()));
    assert!(why.contains("another processor"), "{why}");
}

#[test]
fn a_processor_without_the_features_is_told_which() {
    let isa = Isa { arch: Arch::X86_64, level: Level::Avx2 };
    let all = Processor { arch: Some(Arch::X86_64), features: isa.features() };
    let masked = Processor { features: all.features & !native::features(&["avx2", "bmi1"]), ..all };
    let why = refused(&blob(isa), &masked, &plan_of(&program()));
    assert!(why.contains("lacks: avx2, bmi1"), "{why}");
}

#[test]
fn code_of_another_plan_is_refused() {
    let why = refused(&blob(host()), &Processor::host(), &digest(b"another"));
    assert!(why.contains("another plan"), "{why}");
}

#[test]
fn a_changed_or_cut_file_is_refused() {
    let blob = blob(host());
    for at in (0..blob.len()).step_by(blob.len() / 500) {
        let mut changed = blob.clone();
        changed[at] ^= 0x10;
        let path = written("changed.bin", &changed);
        let mapped = Code::map(&File::open(&path).unwrap(), &Processor::host(), &plan_of(&program()));
        assert!(mapped.is_err(), "byte {at}");
    }
    for length in [0, 1, 60, blob.len() - 1] {
        let path = written("cut.bin", &blob[..length]);
        assert!(Code::map(&File::open(&path).unwrap(), &Processor::host(), &plan_of(&program())).is_err());
        assert!(Code::of(&blob[..length], &Processor::host(), &plan_of(&program())).is_err());
    }
}

#[test]
fn blobs_are_equal_to_the_byte() {
    for isa in
        [Isa::baseline(Arch::X86_64), Isa { arch: Arch::X86_64, level: Level::Avx2 }, Isa::baseline(Arch::Aarch64)]
    {
        assert_eq!(blob(isa), blob(isa));
    }
}

#[test]
fn wrong_arguments_and_overflows_are_the_callers() {
    let code = Code::of(&blob(host()), &Processor::host(), &plan_of(&program())).unwrap();
    let runner = Runner::Native(Box::new(Native::new(machine(), code).unwrap()));
    for args in [args(i64::MAX), vec![], vec![Value::I64(1), Value::I64(2)]] {
        let expected = machine().call(1, args.clone(), &mut NoModels).unwrap_err();
        assert_eq!(expected.kind, ErrorKind::BadInput);
        assert_eq!(runner.call(1, args, &mut NoModels), Err(expected));
    }
    assert!(runner.call(1, args(2), &mut NoModels).is_ok());
}

#[test]
fn a_panic_of_the_engine_passes_through() {
    struct Broken;
    impl Engine for Broken {
        fn infer(
            &mut self,
            _: u32,
            _: &[Arc<mu_format::tensor::Tensor>],
        ) -> Result<Vec<mu_format::tensor::Tensor>, String> {
            panic!("the engine broke down")
        }
    }
    let source = r#"
model 0 = "m" sha256 "0000000000000000000000000000000000000000000000000000000000000000" ("x": f32[2]) -> ("y": f32[2])
func @main(%0: f32[2]) -> f32[2] {
  %1: {y: f32[2]} = infer 0(%0)
  %2: f32[2] = field %1 0
  yield %2
}
"#;
    let program = text::parse(source).unwrap_or_else(|e| panic!("{e}"));
    let blob = compile(&program, host(), &mut |_| ()).unwrap().blob;
    let code = Code::of(&blob, &Processor::host(), &plan_of(&program)).unwrap();
    let native = Native::new(Machine::new(Arc::new(program), Vec::new(), Limits::default()).unwrap(), code).unwrap();
    let two = mu_format::tensor::Tensor { shape: vec![2], data: mu_format::tensor::Data::F32(vec![0.0, 1.0]) };
    let args = [Value::Tensor(Arc::new(two))];
    let call = std::panic::AssertUnwindSafe(|| native.call(0, &args, &mut Broken));
    let panic = std::panic::catch_unwind(call).err().unwrap();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the engine broke down"));
    assert!(native.call(0, &args, &mut NoModels).is_err());
}
