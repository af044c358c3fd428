//! Machine code for aarch64, made on this machine and run under qemu, gives the bits of the interpreter.
//!
//! The functions are numeric: each operation that kernels compute, over lengths around those of their steps, and control flow
//! over single numbers. `support/arm/machine.c` runs them, built by zig.

use mu_format::frame::Frame;
use mu_format::ir::{Function, Program};
use mu_format::native::{self, Arch};
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::text;
use mu_format::types::Type;
use mu_format::value::Value;
use mu_interp::{Limits, Machine, NoModels};
use mu_native::{Isa, compile};
use mu_tests::tools::{qemu, said};
use mu_tests::{made, python, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

const FUEL: u64 = 1 << 40;
const SIZES: [usize; 9] = [1, 3, 7, 8, 16, 17, 128, 129, 700];

/// The runner for aarch64.
fn machine() -> PathBuf {
    let folder = made().join("arm");
    fs::create_dir_all(&folder).unwrap();
    let machine = folder.join("machine");
    let mut zig = Command::new(python::bin().join("python"));
    zig.args(["-m", "ziglang", "cc", "-target", "aarch64-linux-musl", "-O1", "-static", "-o"]).arg(&machine);
    let output = zig.arg(root().join("tests/support/arm/machine.c")).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    machine
}

/// A generator of numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }

    fn float(&mut self) -> f64 {
        const SPECIAL: [f64; 10] =
            [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-42, -1e-310, 88.7, -104.0, 2.5];
        match self.below(12) {
            0 => SPECIAL[self.below(10) as usize],
            1 => f64::from(f32::from_bits(self.next() as u32)),
            _ => (self.below(1 << 20) as f64 / f64::from(1 << 19) - 1.0) * 9.0,
        }
    }

    fn value(&mut self, dtype: DType, shape: &[usize]) -> Value {
        let n: usize = shape.iter().product();
        let mut whole = || self.below(100) as i64 - 50;
        let data = match dtype {
            DType::Bool => Data::Bool((0..n).map(|_| whole() > 0).collect()),
            DType::U8 => Data::U8((0..n).map(|_| (whole().unsigned_abs() % 16) as u8).collect()),
            DType::I32 => Data::I32((0..n).map(|_| whole() as i32).collect()),
            DType::I64 => Data::I64((0..n).map(|_| whole()).collect()),
            DType::F32 => Data::F32((0..n).map(|_| self.float() as f32).collect()),
            DType::F64 => Data::F64((0..n).map(|_| self.float()).collect()),
        };
        Value::from_tensor(Arc::new(Tensor { shape: shape.to_vec(), data }))
    }
}

/// Functions in text form: of two vectors of one length and a number, all of one element type.
fn vectors() -> (String, Vec<DType>) {
    let (mut source, mut of) = (String::new(), Vec::new());
    let mut add = |dtype: DType, lines: &[(String, &str)]| {
        let t = dtype.name();
        let body: String =
            lines.iter().enumerate().map(|(i, (ty, call))| format!("  %{}: {ty} = {call}\n", i + 3)).collect();
        let (last, result) = (lines.len() + 2, &lines[lines.len() - 1].0);
        let head = format!("func @f{}(%0: {t}[_], %1: {t}[_], %2: {t}) -> {result}", of.len());
        source += &format!("{head} {{\n{body}  yield %{last}\n}}\n");
        of.push(dtype);
    };
    for dtype in DType::ALL {
        let (vector, number) = (format!("{}[_]", dtype.name()), dtype.name().to_string());
        for to in ["f32", "f64", "i64", "i32"] {
            add(dtype, &[(format!("{to}[_]"), &format!("to_{to}(%0)"))]);
        }
        if dtype == DType::Bool {
            add(dtype, &[(vector.clone(), "and(%0, %1)"), (vector.clone(), "or(%3, %2)"), (vector, "not(%4)")]);
            continue;
        }
        for op in ["<", "<=", ">", ">="] {
            add(dtype, &[("bool[_]".into(), &format!("{op}(%0, %1)"))]);
            add(dtype, &[("bool".into(), &format!("{op}(%2, %2)"))]);
        }
        for op in ["min", "max", "+", "-", "*", "/"] {
            add(dtype, &[(vector.clone(), &format!("{op}(%0, %1)"))]);
            add(dtype, &[(vector.clone(), &format!("{op}(%2, %1)"))]);
            add(dtype, &[(number.clone(), &format!("{op}(%2, %2)"))]);
        }
        add(dtype, &[(vector.clone(), "clamp(%0, %2, %2)"), (vector.clone(), "flip(%3)")]);
        for op in ["sum", "largest_of", "smallest_of"] {
            add(dtype, &[(number.clone(), &format!("{op}(%0)"))]);
        }
        add(dtype, &[("i64".into(), "argmax(%0)")]);
        if !dtype.is_float() {
            continue;
        }
        for op in ["neg", "abs", "square", "sqrt", "exp", "log", "tanh", "sigmoid", "floor", "round", "softmax"] {
            add(dtype, &[(vector.clone(), &format!("{op}(%0)"))]);
            if op != "softmax" {
                add(dtype, &[(number.clone(), &format!("{op}(%2)"))]);
            }
        }
        add(
            dtype,
            &[(number.clone(), "mean(%0)"), (vector.clone(), "-(%1, %3)"), (vector, "square(%4)"), (number, "sum(%5)")],
        );
    }
    for op in ["dot", "cosine"] {
        add(DType::F32, &[("f32".into(), &format!("{op}(%0, %1)"))]);
    }
    add(DType::F32, &[("f32[_]".into(), "unit_length(%0)")]);
    (source, of)
}

/// Pictures as models get them, rows, and control flow.
const OTHERS: &str = "
func @picture(%0: u8[3, _, _], %1: f32[3], %2: f32[3]) -> f32[1, 3, _, _] {
  %3: f32 = literal 0.003921569
  %4: f32[3, _, _] = scale(%0, %3)
  %5: f32[3, _, _] = flip(%4)
  %6: f32[3, _, _] = normalize(%5, %1, %2)
  %7: f32[_, _, 3] = hwc(%6)
  %8: f32[3, _, _] = chw(%7)
  %9: f32[1, 3, _, _] = batch(%8)
  yield %9
}
func @rows(%0: f32[_, 40], %1: f32[40], %2: f32[40]) -> f32[40] {
  %3: f32[_, 40] = softmax(%0)
  %4: f32[40, _] = transpose(%3)
  %5: f32[40, _] = square(%4)
  %6: f32[_, 40] = transpose(%5)
  %7: f32[40] = mean_first(%6)
  %8: f32[40] = +(%7, %1)
  %9: f32[80] = concat(%8, %2)
  %10: f32[40] = slice_last[20, 60](%9)
  yield %10
}
func @branch(%0: f64, %1: i64, %2: f32) -> f64 {
  %3: f64 = literal 0.5
  %4: bool = <(%0, %3)
  %5: f64 = if %4 {
    %6: f64 = to_f64(%1)
    %7: f64 = exp(%0)
    %8: f64 = +(%6, %7)
    yield %8
  } else {
    %9: f64 = to_f64(%2)
    %10: f64 = tanh(%9)
    yield %10
  }
  yield %5
}
";

/// 64-bit words, as `machine.c` reads and writes them.
fn put(out: &mut Vec<u8>, word: u64) {
    out.extend(word.to_le_bytes());
}

/// The elements as bytes; all NaNs are one.
fn bytes(tensor: &Tensor) -> Vec<u8> {
    match &tensor.data {
        Data::Bool(x) => x.iter().map(|x| u8::from(*x)).collect(),
        Data::U8(x) => x.clone(),
        Data::I32(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::I64(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Data::F32(x) => x.iter().flat_map(|x| if x.is_nan() { f32::NAN } else { *x }.to_le_bytes()).collect(),
        Data::F64(x) => x.iter().flat_map(|x| if x.is_nan() { f64::NAN } else { *x }.to_le_bytes()).collect(),
    }
}

fn write_cell(out: &mut Vec<u8>, value: Option<&Value>) {
    let Some(tensor) = value.and_then(Value::to_tensor) else { return put(out, 0) };
    let mut data = bytes(&tensor);
    if tensor.shape.is_empty() {
        data.resize(8, 0);
        put(out, 1);
    } else {
        put(out, 2);
        put(out, tensor.dtype().size() as u64);
        put(out, tensor.shape.len() as u64);
        tensor.shape.iter().for_each(|n| put(out, *n as u64));
        data.resize(data.len().next_multiple_of(8), 0);
    }
    out.extend(data);
}

fn word(from: &mut &[u8]) -> u64 {
    let (word, rest) = from.split_first_chunk::<8>().expect("the answers are cut off");
    *from = rest;
    u64::from_le_bytes(*word)
}

fn read_cell(from: &mut &[u8], dtype: DType) -> Value {
    let kind = word(from);
    let shape: Vec<usize> = if kind == 2 {
        let (_, rank) = (word(from), word(from));
        (0..rank).map(|_| word(from) as usize).collect()
    } else {
        Vec::new()
    };
    let size = if kind == 2 { shape.iter().product::<usize>() * dtype.size() } else { 8 };
    let (data, rest) = from.split_at(size.next_multiple_of(8));
    *from = rest;
    let data = &data[..if kind == 2 { size } else { dtype.size() }];
    fn all<const N: usize, T>(data: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
        data.chunks_exact(N).map(|x| read(x.try_into().unwrap())).collect()
    }
    let data = match dtype {
        DType::Bool => Data::Bool(data.iter().map(|x| *x == 1).collect()),
        DType::U8 => Data::U8(data.to_vec()),
        DType::I32 => Data::I32(all(data, i32::from_le_bytes)),
        DType::I64 => Data::I64(all(data, i64::from_le_bytes)),
        DType::F32 => Data::F32(all(data, f32::from_le_bytes)),
        DType::F64 => Data::F64(all(data, f64::from_le_bytes)),
    };
    Value::from_tensor(Arc::new(Tensor { shape, data }))
}

struct Call {
    function: usize,
    args: Vec<Value>,
}

fn calls(program: &Program, of: &[DType]) -> Vec<Call> {
    let (mut random, mut calls) = (Random(11), Vec::new());
    for (function, dtype) in of.iter().enumerate() {
        for n in SIZES {
            let args = vec![random.value(*dtype, &[n]), random.value(*dtype, &[n]), random.value(*dtype, &[])];
            calls.push(Call { function, args });
        }
    }
    for function in of.len()..program.functions.len() {
        for n in SIZES {
            let args = match program.functions[function].name.as_str() {
                "picture" => vec![
                    random.value(DType::U8, &[3, n, 5]),
                    random.value(DType::F32, &[3]),
                    random.value(DType::F32, &[3]),
                ],
                "rows" => vec![
                    random.value(DType::F32, &[n, 40]),
                    random.value(DType::F32, &[40]),
                    random.value(DType::F32, &[40]),
                ],
                _ => {
                    vec![random.value(DType::F64, &[]), random.value(DType::I64, &[]), random.value(DType::F32, &[])]
                }
            };
            calls.push(Call { function, args });
        }
    }
    calls
}

/// What the frame of a function looks like at its start.
fn write_frame(out: &mut Vec<u8>, function: &Function, frame: &Frame, args: &[Value]) {
    put(out, frame.size() as u64);
    for cell in 0..frame.size() as u32 {
        let place = function.body.params.iter().position(|param| frame.cell(*param) == Some(cell));
        write_cell(out, place.map(|place| &args[place]));
    }
}

#[test]
fn code_for_aarch64_gives_the_same_bits() {
    let (source, of) = vectors();
    let source = source + OTHERS;
    let program = text::parse(&source).unwrap_or_else(|e| panic!("{e}\n{source}"));
    let blob = compile(&program, Isa::baseline(Arch::Aarch64), &mut |_| ()).unwrap().blob;
    let places = native::decode(&blob).unwrap().functions;
    let frames: Vec<Frame> = program.functions.iter().map(Frame::of).collect();
    let calls = calls(&program, &of);

    let mut input = Vec::new();
    put(&mut input, calls.len() as u64);
    for Call { function, args } in &calls {
        put(&mut input, u64::from(places[*function]));
        put(&mut input, FUEL);
        write_frame(&mut input, &program.functions[*function], &frames[*function], args);
    }
    let machine = machine();
    let file = |name: &str| made().join("arm").join(name);
    fs::write(file("native.bin"), &blob).unwrap();
    fs::write(file("calls"), &input).unwrap();
    let files = ["native.bin", "calls", "answers"].map(file);
    let output = Command::new(qemu()).arg(machine).args(&files).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));

    let answers = fs::read(&files[2]).unwrap();
    let mut answers = answers.as_slice();
    let interpreter = Machine::new(Arc::new(program.clone()), Vec::new(), Limits::default()).unwrap();
    let (mut agreed, mut ran) = (0, BTreeSet::new());
    for Call { function, args } in &calls {
        let (code, frame) = (&program.functions[*function], &frames[*function]);
        let (status, _fuel) = (word(&mut answers), word(&mut answers));
        let mut found = None;
        for cell in 0..frame.size() {
            let value = (0..code.values.len() as u32).find(|value| frame.cell(*value) == Some(cell as u32));
            let ty = value.map_or(&code.result, |value| &code.values[value as usize]);
            let Type::Tensor(dtype, _) = ty else { panic!("{ty} is not numeric") };
            let value = read_cell(&mut answers, *dtype);
            found = found.or(Some(value));
        }
        let expected = interpreter.call(*function as u32, args.clone(), &mut NoModels);
        let at =
            || format!("{} of {args:?}", text::print(&Program { functions: vec![code.clone()], ..Program::default() }));
        match (status, expected) {
            (0, Ok(expected)) => {
                let (found, expected) = (found.unwrap().to_tensor().unwrap(), expected.to_tensor().unwrap());
                assert_eq!(found.shape, expected.shape, "{}", at());
                assert!(bytes(&found) == bytes(&expected), "{found:?} is not {expected:?}: {}", at());
                agreed += 1;
                ran.insert(*function);
            }
            // An overflow: this machine has no interpreter beside it.
            (1, Err(_)) => {}
            (_, expected) => panic!("status {status} where the interpreter gives {expected:?}: {}", at()),
        }
    }
    assert!(agreed * 10 > calls.len() * 8, "{agreed} of {} calls gave a value", calls.len());
    let idle: Vec<&str> =
        (0..program.functions.len()).filter(|i| !ran.contains(i)).map(|i| program.functions[i].name.as_str()).collect();
    // Differences of bytes hardly ever are bytes.
    assert!(idle.len() < 3, "{idle:?} never gave a value");
}
