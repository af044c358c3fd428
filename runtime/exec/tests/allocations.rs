//! Calls whose shapes repeat ask for no memory: every allocation of the process is counted.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too
#![allow(unsafe_code)] // an allocator that counts

use mu_exec::{Code, Native, Processor};
use mu_format::ir::ModelId;
use mu_format::native::{Arch, digest};
use mu_format::tensor::{Data, Tensor};
use mu_format::value::Value;
use mu_format::{plan, text};
use mu_interp::{Engine, Limits, Machine};
use mu_native::{Isa, compile};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Adds one to each element; writes over what it gave before.
struct Adding;

impl Engine for Adding {
    fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        let mut outputs = Vec::new();
        self.infer_into(model, inputs, &mut outputs)?;
        Ok(outputs.into_iter().map(|output| Tensor::clone(&output)).collect())
    }

    fn infer_into(&mut self, _: ModelId, inputs: &[Arc<Tensor>], outputs: &mut Vec<Arc<Tensor>>) -> Result<(), String> {
        if outputs.is_empty() {
            outputs.push(inputs[0].clone());
        }
        let output = Arc::make_mut(&mut outputs[0]);
        let (Data::F32(from), Data::F32(to)) = (&inputs[0].data, &mut output.data) else { return Err("f32".into()) };
        to.copy_from_slice(from);
        to.iter_mut().for_each(|x| *x += 1.0);
        Ok(())
    }
}

const PROGRAM: &str = r#"
model 0 = "m" sha256 "0000000000000000000000000000000000000000000000000000000000000000" ("x": f32[1, 3, 8, 8]) -> ("y": f32[1, 3, 8, 8])
func @half(%0: f32[1, 3, 8, 8]) -> f32[1, 3, 8, 8] {
  %1: f32 = literal 0.5
  %2: f32[1, 3, 8, 8] = *(%0, %1)
  yield %2
}
func @main(%0: f32[8, 8, 3], %1: list<f32, 9>, %2: i64) -> {scores: f32[192], best: i64, sums: list<f32, 9>, last: option<f32[192]>} {
  %3: f32[3, 8, 8] = chw(%0)
  %4: f32[1, 3, 8, 8] = batch(%3)
  %5: {y: f32[1, 3, 8, 8]} = infer 0(%4)
  %6: f32[1, 3, 8, 8] = field %5 0
  %7: f32[1, 3, 8, 8] = call @half(%6)
  %8: f32[192] = reshape[[192]](%7)
  %9: f32[192] = softmax(%8)
  %10: i64 = argmax(%9)
  %11: i64 = literal 3
  %12: bool = >(%2, %11)
  %15: f32[192] = if %12 {
    %13: f32[192] = exp(%9)
    yield %13
  } else {
    %14: f32[192] = +(%9, %9)
    yield %14
  }
  %22: list<f32, 9> = scan %1 init(%15) do(%16: f32, %17: f32[192]) {
    %18: f32[192] = *(%17, %16)
    %19: f32[192] = tanh(%18)
    %20: f32 = sum(%19)
    %21: f32 = +(%20, %16)
    yield %19, %21
  }
  %23: option<f32[192]> = some %15
  %24: {scores: f32[192], best: i64, sums: list<f32, 9>, last: option<f32[192]>} = record(%9, %10, %22, %23)
  yield %24
}
entry "main" = @main("x": f32[8, 8, 3], "xs": list<f32, 9>, "n": i64) -> {scores: f32[192], best: i64, sums: list<f32, 9>, last: option<f32[192]>}
"#;

#[test]
fn calls_whose_shapes_repeat_ask_for_no_memory() {
    let program = Arc::new(text::parse(PROGRAM).unwrap_or_else(|e| panic!("{e}")));
    let blob = compile(&program, Isa::baseline(Arch::host().unwrap()), &mut |_| ()).unwrap().blob;
    let code = Code::of(&blob, &Processor::host(), &digest(&plan::encode(&program).unwrap())).unwrap();
    let machine = Machine::new(program.clone(), Vec::new(), Limits::default()).unwrap();
    let native = Native::new(machine.clone(), code).unwrap();
    let elements = (0..192).map(|i| (i % 17) as f32 / 17.0).collect();
    let tensor = Arc::new(Tensor { shape: vec![8, 8, 3], data: Data::F32(elements) });
    let list = Value::List(Arc::new((0..7).map(|i| Value::F32(0.1 * i as f32)).collect()));
    let main = program.entries[0].function;
    // Both branches, and then again.
    let args = |n| [Value::Tensor(tensor.clone()), list.clone(), Value::I64(n)];
    let calls = [args(1), args(5)];
    let mut counts = Vec::new();
    for round in 0..6 {
        for args in &calls {
            let before = COUNT.load(Ordering::Relaxed);
            let answer = native.call(main, args, &mut Adding).unwrap();
            counts.push(COUNT.load(Ordering::Relaxed) - before);
            if round == 0 {
                assert_eq!(answer, machine.call(main, args.to_vec(), &mut Adding).unwrap());
            }
        }
    }
    assert_eq!(counts[6..], [0; 6], "allocations of each call: {counts:?}");
}
