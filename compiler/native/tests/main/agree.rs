//! Calls a program both ways and holds the answers, the errors and the use of fuel against each other.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests may panic too

use mu_exec::{Code, Native, Processor};
use mu_format::ir::{Entry, ModelId, Program};
use mu_format::prefer::Weights;
use mu_format::tensor::{Data, Tensor};
use mu_format::value::Value;
use mu_format::{native, plan};
use mu_interp::{Engine, Error, ErrorKind, Limits, Machine};
use mu_native::{Isa, compile};
use std::sync::Arc;

/// Multiplies its one input by two and gives it for every output.
pub struct Doubling<'a>(pub &'a Program);

impl Engine for Doubling<'_> {
    fn infer(&mut self, model: ModelId, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        let [input] = inputs else { return Err("the model takes one tensor".into()) };
        let Data::F32(data) = &input.data else { return Err("the model takes f32".into()) };
        let output = Tensor { shape: input.shape.clone(), data: Data::F32(data.iter().map(|x| 2.0 * x).collect()) };
        Ok(vec![output; self.0.models[model as usize].outputs.len()])
    }
}

type Answer = Result<Value, Error>;

/// A program and its machine code for this processor.
pub struct Both {
    pub program: Arc<Program>,
    blob: Vec<u8>,
    /// For calls with the usual limits: what one call leaves behind must not show in the next.
    kept: Option<Native>,
}

/// The processor that the tests run on.
pub fn isa() -> Isa {
    Isa::baseline(native::Arch::host().unwrap())
}

impl Both {
    pub fn new(program: Program) -> Both {
        let blob = compile(&program, isa(), &mut |_| ()).unwrap_or_else(|e| panic!("{e}")).blob;
        let mut both = Both { program: Arc::new(program), blob, kept: None };
        both.kept = Some(both.native(Limits::default()));
        both
    }

    pub fn machine(&self, limits: Limits) -> Machine {
        Machine::new(self.program.clone(), Vec::new(), limits).unwrap_or_else(|e| panic!("{e}"))
    }

    pub fn native(&self, limits: Limits) -> Native {
        let digest = native::digest(&plan::encode(&self.program).unwrap());
        let code = Code::of(&self.blob, &Processor::host(), &digest).unwrap();
        Native::new(self.machine(limits), code).unwrap()
    }

    /// The answer that both give; one that differs is a failure of the test.
    pub fn call(
        &self,
        entry: &Entry,
        args: &[Value],
        weights: Option<&Weights>,
        limits: Limits,
    ) -> Result<Value, Error> {
        let machine = self.machine(limits);
        let fresh;
        let native = match &self.kept {
            Some(kept) if limits == Limits::default() => kept,
            _ => {
                fresh = self.native(limits);
                &fresh
            }
        };
        let engine = &mut Doubling(&self.program);
        let expected = match weights {
            Some(weights) => machine.call_weighed(entry, args.to_vec(), weights, engine),
            None => machine.call(entry.function, args.to_vec(), engine),
        };
        for _ in 0..2 {
            let found = match weights {
                Some(weights) => native.call_weighed(entry, args, weights, engine),
                None => native.call(entry.function, args, engine),
            };
            self.agree(entry, args, limits, &expected, &found);
        }
        expected
    }

    fn agree(&self, entry: &Entry, args: &[Value], limits: Limits, expected: &Answer, found: &Answer) {
        match (expected, found) {
            (Ok(expected), Ok(found)) if same(expected, found) => {}
            (Err(expected), Err(found)) if expected == found => {}
            _ => panic!("`{}` of {args:?} with {limits:?}:\ninterpreter {expected:?}\nnative {found:?}", entry.name),
        }
    }

    /// As [`Both::call`], and once more with less and less fuel, so that it runs out at every instruction.
    pub fn starve(
        &self,
        entry: &Entry,
        args: &[Value],
        weights: Option<&Weights>,
        limits: Limits,
    ) -> Result<Value, Error> {
        let answer = self.call(entry, args, weights, limits);
        let mut fuel = 0;
        while fuel < 300 {
            let starved = self.call(entry, args, weights, Limits { fuel });
            if !matches!(&starved, Err(e) if e.kind == ErrorKind::OutOfFuel) {
                break;
            }
            fuel += 1;
        }
        answer
    }
}

/// Whether two values are the same to the bit, but that all NaN are one.
pub fn same(a: &Value, b: &Value) -> bool {
    fn all<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
    }
    fn f32s(a: &f32, b: &f32) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }
    fn f64s(a: &f64, b: &f64) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }
    match (a, b) {
        (Value::F32(a), Value::F32(b)) => f32s(a, b),
        (Value::F64(a), Value::F64(b)) => f64s(a, b),
        (Value::Tensor(a), Value::Tensor(b)) => {
            a.shape == b.shape
                && match (&a.data, &b.data) {
                    (Data::F32(a), Data::F32(b)) => all(a, b, f32s),
                    (Data::F64(a), Data::F64(b)) => all(a, b, f64s),
                    (a, b) => a == b,
                }
        }
        (Value::Ranking(a), Value::Ranking(b)) => all(a, b, |a, b| a.0 == b.0 && f32s(&a.1, &b.1)),
        (Value::Option(Some(a)), Value::Option(Some(b))) | (Value::Result(Ok(a)), Value::Result(Ok(b))) => same(a, b),
        (Value::List(a), Value::List(b)) | (Value::Record(a), Value::Record(b)) => all(a, b, same),
        (a, b) => a == b,
    }
}
