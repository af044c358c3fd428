//! The code around a model: kernels against the loops that rustc makes of the same arithmetic, and against the interpreter.
//!
//! Each program gives its tensor to a model that does nothing, as adapters do, so that buffers are kept from call to call. The
//! three are run in turns; each figure is the least of many runs, since noise only adds.

use mu_exec::{Code, Native, Processor};
use mu_format::ir::ModelId;
use mu_format::native::{self, Arch};
use mu_format::tensor::{Data, Tensor};
use mu_format::value::Value;
use mu_format::{plan, text};
use mu_interp::{Engine, Limits, Machine};
use mu_native::{Isa, Level, compile};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const SIDE: usize = 224;
const PIXELS: usize = SIDE * SIDE;
const MANY: usize = 3 * PIXELS;
const ROUNDS: usize = 60;

/// A model that looks at nothing.
struct Idle;

impl Engine for Idle {
    fn infer(&mut self, _: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        black_box(inputs);
        Ok(vec![Tensor { shape: vec![1], data: Data::F32(vec![0.0]) }])
    }
}

struct Case {
    name: &'static str,
    elements: usize,
    /// The type that the model takes, and the instructions from `%1` on, which use `%0` and end in `%9`.
    takes: String,
    given: String,
    lines: &'static str,
    arg: Value,
    /// The same in Rust.
    rust: Box<dyn Fn() -> f32>,
}

fn tensor(shape: &[usize], data: Data) -> Value {
    Value::Tensor(Arc::new(Tensor { shape: shape.to_vec(), data }))
}

fn floats(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919) % 1000) as f32 / 125.0 - 4.0).collect()
}

#[inline(never)]
fn scale(x: &[f32], by: f32, out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = *x * by;
    }
}

#[inline(never)]
fn clamp(x: &[f32], low: f32, high: f32, out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = x.clamp(low, high);
    }
}

#[inline(never)]
fn scale_clamp(x: &[f32], by: f32, low: f32, high: f32, out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = (*x * by).clamp(low, high);
    }
}

#[inline(never)]
fn planes(x: &[u8], means: [f32; 3], deviations: [f32; 3], out: &mut [f32]) {
    for (c, plane) in out.chunks_exact_mut(PIXELS).enumerate() {
        for (out, pixel) in plane.iter_mut().zip(x.chunks_exact(3)) {
            *out = (f32::from(pixel[c]) - means[c]) / deviations[c];
        }
    }
}

#[inline(never)]
fn exp(x: &[f32], out: &mut [f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = x.exp();
    }
}

#[inline(never)]
fn softmax(x: &[f32], out: &mut [f32]) {
    let most = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (out, x) in out.iter_mut().zip(x) {
        *out = (x - most).exp();
        sum += *out;
    }
    for out in out.iter_mut() {
        *out /= sum;
    }
}

#[inline(never)]
fn sum(x: &[f32]) -> f32 {
    x.iter().sum()
}

/// A loop that writes into a buffer which is kept.
fn loops(out: usize, body: impl Fn(&mut [f32]) + 'static) -> Box<dyn Fn() -> f32> {
    let buffer = std::cell::RefCell::new(vec![0f32; out]);
    Box::new(move || {
        let mut buffer = buffer.borrow_mut();
        body(black_box(&mut buffer));
        black_box(&buffer)[0]
    })
}

fn cases() -> Vec<Case> {
    let all = floats(MANY);
    let vector = |name, lines, rust| Case {
        name,
        elements: MANY,
        takes: format!("f32[{MANY}]"),
        given: format!("f32[{MANY}]"),
        lines,
        arg: tensor(&[MANY], Data::F32(floats(MANY))),
        rust,
    };
    let x = all.clone();
    let scaled = loops(MANY, move |out| scale(black_box(&x), black_box(0.25), out));
    let x = all.clone();
    let clamped = loops(MANY, move |out| clamp(black_box(&x), black_box(-1.0), black_box(1.0), out));
    let x = all.clone();
    let both = loops(MANY, move |out| {
        scale_clamp(black_box(&x), black_box(0.25), black_box(-1.0), black_box(1.0), out);
    });
    let x = all.clone();
    let powers = loops(MANY, move |out| exp(black_box(&x), out));
    let x = all.clone();
    let total = loops(1, move |out| out[0] = sum(black_box(&x)));
    let pixels: Vec<u8> = (0..MANY).map(|i| (i * 31 % 256) as u8).collect();
    let x = pixels.clone();
    let means = [123.675, 116.28, 103.53];
    let deviations = [58.395, 57.12, 57.375];
    let normalised = loops(MANY, move |out| planes(black_box(&x), black_box(means), black_box(deviations), out));
    let x = floats(1000);
    let ranked = loops(1000, move |out| softmax(black_box(&x), out));
    vec![
        vector("scale", "%1: f32 = literal 0.25\n  %9: TAKES = scale(%0, %1)", scaled),
        vector("clamp", "%1: f32 = literal -1\n  %2: f32 = literal 1\n  %9: TAKES = clamp(%0, %1, %2)", clamped),
        vector(
            "scale, then clamp",
            "%1: f32 = literal 0.25\n  %2: f32 = literal -1\n  %3: f32 = literal 1\n  %4: TAKES = scale(%0, %1)\n  \
             %9: TAKES = clamp(%4, %2, %3)",
            both,
        ),
        Case {
            name: "u8 rows to f32 planes, normalised",
            elements: MANY,
            takes: format!("f32[1, 3, {SIDE}, {SIDE}]"),
            given: format!("u8[{SIDE}, {SIDE}, 3]"),
            lines: "%1: u8[3, 224, 224] = chw(%0)\n  %2: f32[3] = literal tensor[3](123.675, 116.28, 103.53)\n  \
                    %3: f32[3] = literal tensor[3](58.395, 57.12, 57.375)\n  \
                    %4: f32[3, 224, 224] = normalize(%1, %2, %3)\n  %9: TAKES = batch(%4)",
            arg: tensor(&[SIDE, SIDE, 3], Data::U8(pixels)),
            rust: normalised,
        },
        vector("exp", "%9: TAKES = exp(%0)", powers),
        Case {
            name: "softmax",
            elements: 1000,
            takes: "f32[1000]".into(),
            given: "f32[1000]".into(),
            lines: "%9: TAKES = softmax(%0)",
            arg: tensor(&[1000], Data::F32(floats(1000))),
            rust: ranked,
        },
        Case {
            name: "sum",
            elements: MANY,
            takes: "f32".into(),
            given: format!("f32[{MANY}]"),
            lines: "%9: f32 = sum(%0)",
            arg: tensor(&[MANY], Data::F32(all)),
            rust: total,
        },
    ]
}

/// Values are numbered without gaps: the `%9` of a case becomes the next number.
fn source(case: &Case) -> String {
    let count = case.lines.lines().count();
    let lines = case.lines.replace("%9", &format!("%{count}")).replace("TAKES", &case.takes);
    let (given, takes, hash) = (&case.given, &case.takes, "0".repeat(64));
    let (made, given_back) = (count + 1, count + 2);
    format!(
        "model 0 = \"idle\" sha256 \"{hash}\" (\"x\": {takes}) -> (\"y\": f32[1])\n\
         func @f(%0: {given}) -> f32[1] {{\n  {lines}\n  \
         %{made}: {{y: f32[1]}} = infer 0(%{count})\n  %{given_back}: f32[1] = field %{made} 0\n  yield %{given_back}\n}}\n"
    )
}

fn least(times: &mut [f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Prints the table, or what went wrong.
pub fn tables() {
    println!(
        "| what | elements | rustc -O | interpreter | native | native, AVX2 | native / rustc | interpreter / native |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for case in cases() {
        match row(&case) {
            Ok(row) => println!("{row}"),
            Err(why) => println!("| {} | {why} |", case.name),
        }
    }
}

fn row(case: &Case) -> Result<String, String> {
    let program = Arc::new(text::parse(&source(case)).map_err(|e| e.to_string())?);
    let machine = Machine::new(program.clone(), Vec::new(), Limits { fuel: u64::MAX }).map_err(|e| e.to_string())?;
    let arch = Arch::host().ok_or("this processor is not known")?;
    let digest = native::digest(&plan::encode(&program)?);
    let natives = [Level::Baseline, Level::Avx2].map(|level| {
        let blob = compile(&program, Isa { arch, level }, &mut |_| ()).map_err(|e| e.to_string())?.blob;
        let code = Code::of(&blob, &Processor::host(), &digest)?;
        Native::new(machine.clone(), code)
    });
    let repeat = (400_000 / case.elements).max(2);
    let mut times = [const { Vec::new() }; 4];
    let mut engine = Idle;
    for _ in 0..ROUNDS {
        let mut time = |place: usize, run: &mut dyn FnMut() -> Result<(), String>| {
            let start = Instant::now();
            for _ in 0..repeat {
                run()?;
            }
            times[place].push(start.elapsed().as_secs_f64() * 1e9 / (repeat * case.elements) as f64);
            Ok::<(), String>(())
        };
        time(0, &mut || {
            black_box((case.rust)());
            Ok(())
        })?;
        time(1, &mut || machine.call(0, vec![case.arg.clone()], &mut engine).map(drop).map_err(|e| e.to_string()))?;
        for (place, native) in natives.iter().enumerate() {
            if let Ok(native) = native {
                time(2 + place, &mut || {
                    native.call(0, std::slice::from_ref(&case.arg), &mut engine).map(drop).map_err(|e| e.to_string())
                })?;
            }
        }
    }
    let [rust, interpreter, native, avx] = times.each_mut().map(|times| least(times));
    Ok(format!(
        "| {} | {} | {rust:.3} | {interpreter:.3} | {native:.3} | {avx:.3} | {:.2} | {:.1} |",
        case.name,
        case.elements,
        native / rust,
        interpreter / native
    ))
}
