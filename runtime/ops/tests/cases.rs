//! Runs the cases in `cases/`. A new case is a few lines in a file there; see `cases/README.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use mu_format::ir::{Attr, Kind, Program};
use mu_format::op::Op;
use mu_format::types::Type;
use mu_format::value::Value;
use mu_format::{text, verify};
use mu_ops::{Context, ErrorKind, OpError};
use std::collections::BTreeSet;
use std::path::Path;

/// What a case expects.
enum Wanted<'a> {
    Exactly(&'a str),
    /// Each number within a millionth of the value, or of 1 where it is smaller.
    About(&'a str),
    /// An error for whoever gave the values.
    Bad(&'a str),
    /// The types do not fit.
    Refused(&'a str),
}

struct Case<'a> {
    name: &'a str,
    /// Types with literals, or types alone.
    args: Vec<&'a str>,
    /// `op[attrs]`
    op: &'a str,
    result: &'a str,
    wanted: Wanted<'a>,
}

fn cases(source: &str) -> (&str, Vec<Case<'_>>) {
    let (head, body) = source.split_once("\ncase ").expect("a file has cases");
    let cases = body.split("\ncase ").map(|case| {
        let mut lines = case.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(';'));
        let name = lines.next().expect("a case has a name");
        let mut args: Vec<&str> = lines.collect();
        let (op, rest) = args.pop().and_then(|line| line.split_once(" -> ")).expect("the last line is the call");
        let split = |mark: &'static str| rest.split_once(mark).map(|(result, wanted)| (result, mark, wanted));
        let found = [" = ", " ~ ", " ! ", " ? "].into_iter().find_map(split);
        let (result, mark, wanted) = found.unwrap_or_else(|| panic!("`{name}` expects nothing"));
        let wanted = match mark {
            " = " => Wanted::Exactly(wanted),
            " ~ " => Wanted::About(wanted),
            " ! " => Wanted::Bad(wanted),
            _ => Wanted::Refused(wanted),
        };
        Case { name, args, op, result, wanted }
    });
    (head, cases.collect())
}

/// One call, as the plan would hold it.
struct Called {
    op: Op,
    attrs: Vec<Attr>,
    args: Vec<Value>,
    types: Vec<Type>,
    result: Type,
    labels: Vec<Vec<String>>,
}

fn parsed(source: &str) -> Program {
    text::parse(source).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

fn literal(head: &str, ty: &str, literal: &str) -> Value {
    let program = parsed(&format!("{head}\nconst 0 = \"x\": {ty} = {literal}\n"));
    program.constants[0].value.clone()
}

/// A type and, after ` = `, a literal.
fn argument(line: &str) -> (&str, Option<&str>) {
    line.split_once(" = ").map_or((line, None), |(ty, literal)| (ty, Some(literal)))
}

fn called(head: &str, case: &Case) -> Called {
    let params: Vec<String> =
        case.args.iter().enumerate().map(|(i, arg)| format!("%{i}: {}", argument(arg).0)).collect();
    let names: Vec<String> = (0..params.len()).map(|i| format!("%{i}")).collect();
    let (n, result) = (params.len(), case.result);
    let source = format!(
        "{head}\nfunc @case({}) -> {result} {{\n  %{n}: {result} = {}({})\n  yield %{n}\n}}\n",
        params.join(", "),
        case.op,
        names.join(", ")
    );
    let program = parsed(&source);
    let function = &program.functions[0];
    let Kind::Op { op, attrs, .. } = &function.body.insts[0].kind else { panic!("{} is no operation", case.op) };
    Called {
        op: *op,
        attrs: attrs.clone(),
        args: case.args.iter().filter_map(|arg| Some(literal(head, argument(arg).0, argument(arg).1?))).collect(),
        types: function.values[..n].to_vec(),
        result: function.result.clone(),
        labels: program.labels.clone(),
    }
}

impl Called {
    fn rule(&self) -> Result<(), String> {
        mu_ops::result_type(self.op, &self.attrs, &self.types.iter().collect::<Vec<_>>(), &self.result)
    }

    fn run(&self) -> Result<Value, OpError> {
        let types: Vec<&Type> = self.types.iter().collect();
        let mut cx = Context::new(&self.labels, &[]);
        mu_ops::run(self.op, &self.attrs, &self.args, &types, &self.result, &mut cx)
    }
}

/// All numbers of a value, in order.
fn numbers(value: &Value, out: &mut Vec<f64>) {
    use mu_format::tensor::Data;
    match value {
        Value::F32(x) => out.push(f64::from(*x)),
        Value::F64(x) => out.push(*x),
        Value::Tensor(tensor) => match &tensor.data {
            Data::F32(v) => out.extend(v.iter().map(|x| f64::from(*x))),
            Data::F64(v) => out.extend(v),
            other => panic!("{other:?} is compared exactly"),
        },
        Value::List(values) | Value::Record(values) => values.iter().for_each(|value| numbers(value, out)),
        other => panic!("{other:?} is compared exactly"),
    }
}

fn about(a: &Value, b: &Value) -> bool {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    numbers(a, &mut x);
    numbers(b, &mut y);
    x.len() == y.len() && x.iter().zip(&y).all(|(x, y)| (x - y).abs() <= 1e-6 * y.abs().max(1.0))
}

fn check(file: &str, head: &str, case: &Case) -> Op {
    let call = called(head, case);
    let at = format!("{file}: {}", case.name);
    if let Wanted::Refused(why) = case.wanted {
        assert_eq!(call.rule(), Err(why.to_string()), "{at}");
        return call.op;
    }
    assert_eq!(call.rule(), Ok(()), "{at}");
    let result = call.run();
    if let Ok(value) = &result {
        assert_eq!(value.fits(&call.result, &call.labels), Ok(()), "{at}: {value:?}");
    }
    match case.wanted {
        // The debug form, so that NaN equals NaN and -0 does not equal 0.
        Wanted::Exactly(wanted) => {
            let wanted = literal(head, case.result, wanted);
            assert_eq!(format!("{result:?}"), format!("{:?}", Ok::<_, OpError>(wanted)), "{at}");
        }
        Wanted::About(wanted) => {
            let (value, wanted) = (result.expect(&at), literal(head, case.result, wanted));
            assert!(about(&value, &wanted), "{at}: {value:?} is not about {wanted:?}");
        }
        Wanted::Bad(message) => {
            let error = result.expect_err(&at);
            assert_eq!((error.kind, error.message.as_str()), (ErrorKind::BadInput, message), "{at}");
        }
        Wanted::Refused(_) => {}
    }
    call.op
}

#[test]
fn every_case_holds_and_every_operation_has_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
    files.sort();
    let (mut seen, mut broken) = (BTreeSet::new(), Vec::new());
    for path in files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        let (head, cases) = cases(&source);
        for case in &cases {
            // One broken case does not hide the next.
            match std::panic::catch_unwind(|| check(&file, head, case)) {
                Ok(op) => drop(seen.insert(op)),
                Err(_) => broken.push(format!("{file}: {}", case.name)),
            }
        }
    }
    assert_eq!(broken, [""; 0]);
    // The pictures, sounds and the tokenizer that these need are files; their tests stand beside this one.
    let elsewhere = [Op::Gray, Op::Rgb, Op::Tokenize];
    let missing: Vec<Op> = Op::ALL.iter().copied().filter(|op| !seen.contains(op) && !elsewhere.contains(op)).collect();
    assert_eq!(missing, []);
}

#[test]
fn no_operation_takes_arguments_that_it_does_not_know() {
    let labels = [];
    for op in Op::ALL {
        let types = [&Type::Bytes; 5];
        assert!(mu_ops::result_type(*op, &[], &types, &Type::Bytes).is_err(), "{op:?}");
        let result = mu_ops::run(*op, &[], &[], &[], &Type::Bytes, &mut Context::new(&labels, &[]));
        assert_eq!(result.map_err(|error| error.kind), Err(ErrorKind::Internal), "{op:?}");
    }
}

#[test]
fn the_rule_serves_the_verifier() {
    let program = parsed("func @f(%0: f32[2]) -> f32 {\n  %1: f32 = sum(%0)\n  yield %1\n}\n");
    assert_eq!(verify::verify(&program, &mu_ops::result_type), Ok(()));
}
