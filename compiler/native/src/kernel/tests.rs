//! Kernels against the interpreter's operations, one by one, bit for bit.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use super::{Kernel, emit, groups};
use crate::emit::blank;
use crate::{Isa, Unit, layout, piece};
use cranelift_codegen::ir::UserExternalName;
use cranelift_codegen::verify_function;
use cranelift_frontend::FunctionBuilderContext;
use mu_exec::{Code, Processor, run_raw};
use mu_format::frame::Frame;
use mu_format::ir::{Kind, Program, ValueId};
use mu_format::native::{self, Arch};
use mu_format::tensor::{DType, Data, Tensor};
use mu_format::types::Type;
use mu_format::value::Value;
use mu_format::{text, verify};
use mu_interp::{Limits, Machine, NoModels};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A generator of numbers (xorshift64*).
pub(super) struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }

    /// Mostly of the sizes that models see, some of any size, some that are special.
    fn float(&mut self) -> f64 {
        const SPECIAL: [f64; 12] =
            [0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-42, -1e-310, 0.5, 88.8, 2.5];
        match self.below(16) {
            0 => SPECIAL[self.below(12) as usize],
            1 => f64::from(f32::from_bits(self.next() as u32)),
            _ => (self.below(1 << 20) as f64 / f64::from(1 << 19) - 1.0) * 8.0,
        }
    }

    fn whole(&mut self, most: i64) -> i64 {
        match self.below(24) {
            0 => most,
            1 => -most - 1,
            _ => self.below(200) as i64 - 100,
        }
    }

    fn tensor(&mut self, dtype: DType, shape: &[usize]) -> Value {
        let n: usize = shape.iter().product();
        let data = match dtype {
            DType::Bool => Data::Bool((0..n).map(|_| self.below(2) == 1).collect()),
            DType::U8 => {
                let most = [3, 15, 256][self.below(3) as usize];
                Data::U8((0..n).map(|_| self.below(most) as u8).collect())
            }
            DType::I32 => Data::I32((0..n).map(|_| self.whole(i64::from(i32::MAX)) as i32).collect()),
            DType::I64 => Data::I64((0..n).map(|_| self.whole(i64::MAX)).collect()),
            DType::F32 => Data::F32((0..n).map(|_| self.float() as f32).collect()),
            DType::F64 => Data::F64((0..n).map(|_| self.float()).collect()),
        };
        Value::from_tensor(Arc::new(Tensor { shape: shape.to_vec(), data }))
    }
}

/// What is compared of a value: all NaNs are one.
fn bits(value: &Value) -> (Vec<usize>, Vec<u64>) {
    let tensor = value.to_tensor().unwrap();
    let elements = match &tensor.data {
        Data::Bool(x) => x.iter().map(|x| u64::from(*x)).collect(),
        Data::U8(x) => x.iter().map(|x| u64::from(*x)).collect(),
        Data::I32(x) => x.iter().map(|x| u64::from(x.cast_unsigned())).collect(),
        Data::I64(x) => x.iter().map(|x| x.cast_unsigned()).collect(),
        Data::F32(x) => x.iter().map(|x| if x.is_nan() { u64::MAX } else { u64::from(x.to_bits()) }).collect(),
        Data::F64(x) => x.iter().map(|x| if x.is_nan() { u64::MAX } else { x.to_bits() }).collect(),
    };
    (tensor.shape.clone(), elements)
}

/// Every value by the interpreter's operations, or `None` where one of them fails.
fn expected(program: &Program, args: &[Value]) -> Option<BTreeMap<ValueId, Value>> {
    let function = &program.functions[0];
    let mut values: BTreeMap<ValueId, Value> = function.body.params.iter().copied().zip(args.iter().cloned()).collect();
    for inst in &function.body.insts {
        let value = match &inst.kind {
            Kind::Literal(value) => value.clone(),
            Kind::Op { op, attrs, args } => {
                let given: Vec<Value> = args.iter().map(|arg| values[arg].clone()).collect();
                let types: Vec<&Type> = args.iter().map(|arg| &function.values[*arg as usize]).collect();
                let result = &function.values[inst.result as usize];
                let cx = &mut mu_ops::Context::new(&[], &[]);
                let value = mu_ops::run(*op, attrs, &given, &types, result, cx).ok()?;
                value.is_a(result).ok()?;
                value
            }
            other => panic!("{other:?} in a test of kernels"),
        };
        values.insert(inst.result, value);
    }
    Some(values)
}

/// How a kernel did.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Ran {
    AsExpected,
    /// It left the work to the operations.
    Declined,
}

/// The whole body of the program's only function as one kernel.
struct Compiled {
    program: Program,
    escaping: Vec<ValueId>,
    frame: Frame,
    types: Vec<Type>,
    code: Code,
    offset: u32,
}

fn compiled(program: Program, escaping: Vec<ValueId>) -> Compiled {
    let function = &program.functions[0];
    let frame = Frame::of(function);
    let found = groups(function, &function.body);
    let [group] = found.as_slice() else { panic!("{found:?} are not one kernel of {}", text::print(&program)) };
    let ops = |insts: &[mu_format::ir::Inst]| insts.iter().filter(|i| matches!(i.kind, Kind::Op { .. })).count();
    let insts = &function.body.insts;
    assert_eq!(ops(&insts[group.clone()]), ops(insts), "of {}", text::print(&program));
    let isa = Isa::baseline(Arch::host().unwrap());
    let target = isa.target().unwrap();
    let name = UserExternalName::new(1, 0);
    let mut code = blank(target.as_ref(), name.clone());
    let kernel = Kernel { program: &program, function, insts, escaping: &escaping, frame: &frame };
    emit(&kernel, target.as_ref(), &mut code, &mut FunctionBuilderContext::new()).unwrap();
    if let Err(why) = verify_function(&code, target.as_ref()) {
        panic!("{why}\n{}\n{}", code.display(), text::print(&program));
    }
    let piece = piece(Unit { name: name.clone(), title: "the kernel".into(), code }, target.as_ref()).unwrap();
    let image = layout::layout(&[piece]).unwrap();
    let digest = [0; 32];
    let start = image.starts[&(1, 0)];
    let blob = native::encode(isa.arch, isa.features(), digest, &[start], &image.code).unwrap();
    let code = Code::of(&blob, &Processor::host(), &digest).unwrap();
    let offset = code.header().functions[0];
    let mut types = vec![function.result.clone(); frame.size()];
    for (value, ty) in function.values.iter().enumerate() {
        if let Some(cell) = frame.cell(value as ValueId) {
            types[cell as usize] = ty.clone();
        }
    }
    Compiled { types, code, offset, escaping, frame, program }
}

impl Compiled {
    fn run(&self, args: &[Value]) -> Ran {
        let function = &self.program.functions[0];
        let mut values = vec![None; self.types.len()];
        for (param, arg) in function.body.params.iter().zip(args) {
            values[self.frame.cell(*param).unwrap() as usize] = Some(arg.clone());
        }
        for inst in &function.body.insts {
            if let Kind::Literal(value) = &inst.kind {
                values[self.frame.cell(inst.result).unwrap() as usize] = Some(value.clone());
            }
        }
        let fuel = 1 << 40;
        let outcome = run_raw(&self.code, self.offset, &self.types, &values, fuel).unwrap();
        let wanted = expected(&self.program, args);
        let at = || text::print(&self.program);
        if !outcome.status {
            let empty = |v: &Value| v.to_tensor().is_some_and(|t| t.data.is_empty());
            let usual = wanted.as_ref().is_some_and(|all| !all.values().any(empty));
            assert!(!usual, "a kernel declined {} with {args:?}", at());
            assert_eq!(outcome.fuel, fuel);
            return Ran::Declined;
        }
        let Some(wanted) = wanted else { panic!("a kernel ran where an operation fails: {} with {args:?}", at()) };
        for value in &self.escaping {
            let found = outcome.values[self.frame.cell(*value).unwrap() as usize].as_ref();
            let found = found.unwrap_or_else(|| panic!("%{value} was not written: {}", at()));
            let (found, wanted) = (bits(found), bits(&wanted[value]));
            if found != wanted {
                let place = found.1.iter().zip(&wanted.1).position(|(a, b)| a != b);
                let place = place.map(|i| (i, found.1[i], wanted.1[i]));
                panic!("%{value} differs at {place:x?} ({:?}, {:?}): {} with {args:?}", found.0, wanted.0, at());
            }
        }
        self.costs(args, fuel - outcome.fuel);
        Ran::AsExpected
    }

    /// The interpreter takes as much fuel.
    fn costs(&self, args: &[Value], cost: u64) {
        let run = |fuel: u64| {
            let machine = Machine::new(Arc::new(self.program.clone()), Vec::new(), Limits { fuel }).unwrap();
            machine.call(0, args.to_vec(), &mut NoModels)
        };
        assert!(run(cost).is_ok(), "{cost} is too little for {}", text::print(&self.program));
        assert!(run(cost - 1).is_err(), "{cost} is too much for {}", text::print(&self.program));
    }
}

/// Runs a program twice: with all of its values needed, and with the last alone.
pub(super) fn check(program: &Program, cases: &[Vec<Value>]) -> Vec<Ran> {
    verify::verify(program, &mu_ops::result_type).unwrap_or_else(|e| panic!("{e}: {}", text::print(program)));
    let ops = program.functions[0].body.insts.iter().filter(|inst| matches!(inst.kind, Kind::Op { .. }));
    let all: Vec<ValueId> = ops.map(|inst| inst.result).collect();
    let last = all.last().copied().into_iter().collect();
    let (all, last) = (compiled(program.clone(), all), compiled(program.clone(), last));
    cases
        .iter()
        .map(|args| {
            let ran = all.run(args);
            assert_eq!(last.run(args), ran, "{}", text::print(program));
            ran
        })
        .collect()
}

fn parsed(source: &str) -> Program {
    text::parse(source).unwrap_or_else(|e| panic!("{e}\n{source}"))
}

/// `lines` are instructions in text form, the last of which is yielded; `args` are types with the shapes to try.
fn run(args: &[(&str, DType, &[usize])], lines: &[&str], seed: u64) -> Vec<Ran> {
    let params: Vec<String> = args.iter().enumerate().map(|(i, (ty, ..))| format!("%{i}: {ty}")).collect();
    let last = lines.last().unwrap();
    let (name, rest) = last.split_once(": ").unwrap();
    let (ty, _) = rest.split_once(" = ").unwrap();
    let body: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    let source = format!("func @f({}) -> {ty} {{\n{body}  yield {name}\n}}\n", params.join(", "));
    let mut random = Random(seed | 1);
    let cases: Vec<Vec<Value>> =
        (0..3).map(|_| args.iter().map(|(_, dtype, shape)| random.tensor(*dtype, shape)).collect()).collect();
    check(&parsed(&source), &cases)
}

const SIZES: [usize; 10] = [0, 1, 3, 7, 8, 16, 17, 128, 129, 5000];

/// Runs over vectors of many lengths, known ones and not.
fn over_sizes(dtypes: &[DType], lines: impl Fn(&str, &str) -> Vec<String>) {
    for dtype in dtypes {
        let mut ran = 0;
        for n in SIZES {
            for ty in [format!("{}[{n}]", dtype.name()), format!("{}[_]", dtype.name())] {
                if n == 0 && !ty.contains('_') {
                    continue;
                }
                let lines = lines(&ty, dtype.name());
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                let shape = [n];
                let args: [(&str, DType, &[usize]); 3] =
                    [(&ty, *dtype, &shape), (&ty, *dtype, &shape), (dtype.name(), *dtype, &[])];
                ran += run(&args, &lines, n as u64 * 77 + 5).iter().filter(|ran| **ran == Ran::AsExpected).count();
            }
        }
        assert!(ran >= 6, "{} of {} hardly ran: {ran}", dtype.name(), lines("T", "t").join("; "));
    }
}

const FLOATS: [DType; 2] = [DType::F32, DType::F64];
const NUMBERS: [DType; 5] = [DType::U8, DType::I32, DType::I64, DType::F32, DType::F64];

#[test]
fn functions_of_one_float() {
    for op in ["neg", "abs", "square", "sqrt", "exp", "log", "tanh", "sigmoid", "floor", "round"] {
        over_sizes(&FLOATS, |ty, _| vec![format!("%3: {ty} = {op}(%0)")]);
    }
}

/// Numbers of every size, and the neighbours of those at which a function's ways part.
#[test]
fn functions_of_one_float_over_all_of_them() {
    let edges = [0.0f32, -104.0, -103.97, -87.34, 88.722_84, 9.5, 19.0, 0.346, 1.0, f32::MIN_POSITIVE, f32::INFINITY];
    let near = |x: f32| (-300i32..300).map(move |i| f32::from_bits(x.to_bits().wrapping_add_signed(i)));
    let all = (0..1u32 << 18).map(|i| f32::from_bits(i.wrapping_mul(16_411)));
    let single: Vec<f32> = all.chain(edges.into_iter().flat_map(near)).flat_map(|x| [x, -x]).collect();
    let edges = [0.0f64, -745.2, -745.13, -708.4, 709.782_712_893_384, 20.0, 0.346, 1.0, f64::MIN_POSITIVE];
    let near = |x: f64| (-300i64..300).map(move |i| f64::from_bits(x.to_bits().wrapping_add_signed(i)));
    let all = (0..1u64 << 17).map(|i| f64::from_bits(i.wrapping_mul(140_737_488_355_421)));
    let double: Vec<f64> = all.chain(edges.into_iter().flat_map(near)).flat_map(|x| [x, -x]).collect();
    let shaped = |shape: usize, data| Value::Tensor(Arc::new(Tensor { shape: vec![shape], data }));
    for op in ["exp", "log", "tanh", "sigmoid", "round"] {
        for (ty, x) in [
            ("f32", shaped(single.len(), Data::F32(single.clone()))),
            ("f64", shaped(double.len(), Data::F64(double.clone()))),
        ] {
            let source = format!("func @f(%0: {ty}[_]) -> {ty}[_] {{\n  %1: {ty}[_] = {op}(%0)\n  yield %1\n}}\n");
            assert_eq!(check(&parsed(&source), &[vec![x]]), [Ran::AsExpected], "{op} of {ty}");
        }
    }
}

#[test]
fn arithmetic_of_tensors_and_numbers() {
    for op in ["+", "-", "*", "/", "min", "max"] {
        for (a, b) in [("%0", "%1"), ("%0", "%2"), ("%2", "%1")] {
            over_sizes(&FLOATS, |ty, _| vec![format!("%3: {ty} = {op}({a}, {b})")]);
        }
    }
    over_sizes(&NUMBERS, |ty, _| vec![format!("%3: {ty} = min(%0, %1)"), format!("%4: {ty} = clamp(%3, %2, %2)")]);
}

#[test]
fn whole_numbers_that_overflow_are_declined() {
    let whole = [DType::U8, DType::I32, DType::I64];
    for op in ["+", "-", "*", "/"] {
        for dtype in whole {
            let mut seen = Vec::new();
            for n in [1usize, 2, 5, 40] {
                let ty = format!("{}[{n}]", dtype.name());
                let line = format!("%2: {ty} = {op}(%0, %1)");
                for seed in 0..6 {
                    seen.extend(run(&[(&ty, dtype, &[n]), (&ty, dtype, &[n])], &[&line], seed * 31 + n as u64));
                }
            }
            assert!(seen.contains(&Ran::Declined) && seen.contains(&Ran::AsExpected), "{op} {dtype:?}");
        }
    }
    over_sizes(&[DType::I32, DType::I64], |ty, _| {
        vec![format!("%3: {ty} = min(%0, %1)"), format!("%4: {ty} = neg(%3)"), format!("%5: {ty} = abs(%4)")]
    });
}

#[test]
fn comparisons_and_logic() {
    for op in ["<", "<=", ">", ">="] {
        over_sizes(&NUMBERS, |ty, name| {
            let bools = ty.replace(name, "bool");
            vec![
                format!("%3: {bools} = {op}(%0, %1)"),
                format!("%4: {bools} = {op}(%2, %1)"),
                format!("%5: {bools} = and(%3, %4)"),
                format!("%6: {bools} = not(%5)"),
                format!("%7: {bools} = or(%6, %3)"),
            ]
        });
    }
}

#[test]
fn conversions() {
    for (op, to) in [("to_f32", "f32"), ("to_f64", "f64"), ("to_i64", "i64"), ("to_i32", "i32")] {
        over_sizes(&DType::ALL, |ty, name| vec![format!("%3: {} = {op}(%0)", ty.replace(name, to))]);
        // Beside another type, so that a step has fewer elements.
        over_sizes(&DType::ALL, |ty, name| {
            let (wide, to) = (ty.replace(name, "f64"), ty.replace(name, to));
            vec![format!("%3: {wide} = to_f64(%0)"), format!("%4: {wide} = square(%3)"), format!("%5: {to} = {op}(%4)")]
        });
    }
}

#[test]
fn sums_and_extremes() {
    for op in ["sum", "largest_of", "smallest_of"] {
        over_sizes(&NUMBERS, |_, name| vec![format!("%3: {name} = {op}(%0)")]);
    }
    over_sizes(&NUMBERS, |_, _| vec!["%3: i64 = argmax(%0)".into()]);
    over_sizes(&FLOATS, |ty, name| {
        vec![
            format!("%3: {ty} = exp(%0)"),
            format!("%4: {name} = mean(%3)"),
            format!("%5: {ty} = -(%3, %4)"),
            format!("%6: {ty} = square(%5)"),
            format!("%7: {name} = sum(%6)"),
        ]
    });
}

#[test]
fn vectors() {
    over_sizes(&[DType::F32], |_, _| vec!["%3: f32 = dot(%0, %1)".into()]);
    over_sizes(&[DType::F32], |_, _| vec!["%3: f32 = cosine(%0, %1)".into()]);
    over_sizes(&[DType::F32], |ty, _| vec![format!("%3: {ty} = unit_length(%0)")]);
    over_sizes(&[DType::F32], |ty, _| {
        vec![format!("%3: {ty} = zeros_like(%0)"), format!("%4: {ty} = unit_length(%3)")]
    });
    over_sizes(&FLOATS, |ty, _| vec![format!("%3: {ty} = softmax(%0)")]);
    over_sizes(&FLOATS, |ty, name| {
        vec![format!("%3: {ty} = *(%0, %2)"), format!("%4: {ty} = softmax(%3)"), format!("%5: {name} = sum(%4)")]
    });
}

#[test]
fn sums_of_many_blocks_go_in_pairs() {
    for blocks in [2usize, 3, 5, 6, 7, 11, 64, 100] {
        for rest in [0, 1, 100] {
            let n = blocks * 128 + rest;
            for dtype in FLOATS {
                let (ty, name) = (format!("{}[<= 100000]", dtype.name()), dtype.name());
                run(&[(&ty, dtype, &[n])], &[&format!("%1: {name} = sum(%0)")], n as u64);
            }
        }
    }
}

/// Layouts of three axes, each with what the axes become.
#[test]
fn layouts() {
    for dtype in DType::ALL {
        for [a, b, c] in [[1, 1, 1], [3, 20, 17], [2, 5, 40], [33, 4, 3], [1, 16, 5], [64, 2, 9]] {
            for known in [true, false] {
                let dim = |n: usize| if known { n.to_string() } else { "_".into() };
                let ty = |dims: &[usize]| {
                    let dims: Vec<String> = dims.iter().map(|n| dim(*n)).collect();
                    format!("{}[{}]", dtype.name(), dims.join(", "))
                };
                let run = |lines: &[String]| {
                    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                    let ran = run(&[(&ty(&[a, b, c]), dtype, &[a, b, c])], &lines, (a * b * c) as u64);
                    assert_eq!(ran, [Ran::AsExpected; 3]);
                };
                run(&[format!("%1: {} = hwc(%0)", ty(&[b, c, a])), format!("%2: {} = flip(%1)", ty(&[b, c, a]))]);
                run(&[format!("%1: {} = chw(%0)", ty(&[c, a, b])), format!("%2: {} = transpose(%1)", ty(&[c, b, a]))]);
                let text = dtype.name();
                let all = if known { format!("{text}[{}]", a * b * c) } else { format!("{text}[_]") };
                run(&[
                    format!("%1: {} = transpose(%0)", ty(&[a, c, b])),
                    format!("%2: {all} = reshape[[-1]](%1)"),
                    format!("%3: {all} = flip(%2)"),
                ]);
                let batch = ty(&[1, a, b, c]).replacen('_', "1", 1);
                run(&[
                    format!("%1: {} = concat(%0, %0)", ty(&[2 * a, b, c])),
                    format!("%2: {} = concat_last(%0, %0)", ty(&[a, b, 2 * c])),
                    format!("%3: {batch} = batch(%0)"),
                    format!("%4: {} = first(%3)", ty(&[a, b, c])),
                    format!("%5: {} = first(%4)", ty(&[b, c])),
                ]);
                let cut = ty(&[1, b, c]).replacen('_', "1", 1);
                let (rest, last) = cut.rsplit_once(", ").unwrap();
                let last = last.replace(&dim(c), "1");
                run(&[
                    format!("%1: {cut} = slice[0, 1](%0)"),
                    format!("%2: {rest}, {last} = slice_last[{}, {c}](%1)", c - 1),
                ]);
            }
        }
    }
}

#[test]
fn pictures_are_scaled_and_normalised_in_one_loop() {
    for (h, w) in [(1, 1), (7, 9), (28, 28), (40, 33)] {
        for (side, dims) in [(format!("{h}, {w}"), ""), ("_, _".into(), ""), ("<= 64, <= 64".into(), "")] {
            let _ = dims;
            let (chw, hwc) = (format!("[3, {side}]"), format!("[{side}, 3]"));
            let lines = [
                "%1: f32 = literal 0.003921569".to_string(),
                format!("%2: f32{chw} = scale(%0, %1)"),
                format!("%3: f32{chw} = flip(%2)"),
                "%4: f32[3] = literal tensor[3](0.5, 0.4, 0.3)".to_string(),
                "%5: f32[3] = literal tensor[3](0.2, 0.25, 0.3)".to_string(),
                format!("%6: f32{chw} = normalize(%3, %4, %5)"),
                format!("%7: f32{hwc} = hwc(%6)"),
                format!("%8: f32[1, {side}, 3] = batch(%7)"),
            ];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let ran = run(&[(&format!("u8{chw}"), DType::U8, &[3, h, w])], &lines, 9);
            assert_eq!(ran, [Ran::AsExpected; 3]);
            let lines = [
                format!("%1: u8{chw} = chw(%0)"),
                "%2: f32[3] = literal tensor[3](0.5, 0.4, 0.3)".to_string(),
                "%3: f32[3] = literal tensor[3](0.2, 0.25, 0.3)".to_string(),
                format!("%4: f32{chw} = normalize(%1, %2, %3)"),
            ];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let ran = run(&[(&format!("u8{hwc}"), DType::U8, &[h, w, 3])], &lines, 10);
            assert_eq!(ran, [Ran::AsExpected; 3]);
        }
    }
}

#[test]
fn rows_of_softmax_and_means_over_rows() {
    for dtype in FLOATS {
        let name = dtype.name();
        for [rows, width] in [[1, 1], [3, 10], [9, 40], [5, 384], [130, 16], [2, 1000]] {
            for dims in [format!("[{rows}, {width}]"), "[<= 200, _]".into(), format!("[_, {width}]")] {
                let ty = format!("{name}{dims}");
                let means = dims.split_once(", ").unwrap().1;
                let ran = run(
                    &[(&ty, dtype, &[rows, width])],
                    &[
                        &format!("%1: {ty} = softmax(%0)"),
                        &format!("%2: {name}[{means} = mean_first(%1)"),
                        &format!("%3: {ty} = square(%0)"),
                        &format!("%4: {name}[{means} = mean_first(%3)"),
                        &format!("%5: {name}[{means} = +(%2, %4)"),
                    ],
                    rows as u64,
                );
                assert_eq!(ran, [Ran::AsExpected; 3]);
            }
        }
    }
}

#[test]
fn shapes_that_do_not_agree_are_declined() {
    let ran = run(&[("f32[_]", DType::F32, &[3]), ("f32[_]", DType::F32, &[4])], &["%2: f32[_] = +(%0, %1)"], 1);
    assert_eq!(ran, [Ran::Declined; 3]);
    let ran = run(&[("f32[_, 3]", DType::F32, &[1, 3])], &["%1: f32[2, 3] = slice[0, 2](%0)"], 1);
    assert_eq!(ran, [Ran::Declined; 3]);
    let ran = run(&[("f32[_]", DType::F32, &[5])], &["%1: f32[2, _] = reshape[[2, -1]](%0)"], 1);
    assert_eq!(ran, [Ran::Declined; 3]);
    let ran = run(&[("f32[_]", DType::F32, &[6])], &["%1: f32[2, _] = reshape[[2, -1]](%0)"], 1);
    assert_eq!(ran, [Ran::AsExpected; 3]);
}
