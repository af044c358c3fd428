//! `mulc test`: a project's own tests, run in this process on the models that its entries get.

use crate::choose::Chooser;
use crate::compile::load;
use crate::engine::{self, Engine};
use crate::front::Front;
use crate::lock::{self, NewLock};
use crate::models::Models;
use crate::report::{Failure, Report};
use crate::{Input, Options};
use mu_analysis::hir::{Assert, Body, Expr, ExprKind, Test};
use mu_base::{Code, Diagnostic};
use mu_format::ir::{Entry, Program};
use mu_format::json::to_json;
use mu_format::value::Value;
use mu_lower::{Lowered, Lowering};

/// What came of all tests.
#[derive(Debug, Clone)]
pub struct Tested {
    /// In the order of the source.
    pub tests: Vec<TestResult>,
    /// The lock to write, where `mu.lock` has another.
    pub lock: Option<NewLock>,
}

/// What came of one test.
#[derive(Debug, Clone)]
pub struct TestResult {
    pub name: String,
    /// One for each assertion that does not hold; none where the test passes.
    pub failures: Vec<Diagnostic>,
}

/// Runs the tests of a project. A test that does not hold is no error of the report.
pub fn tests(input: &Input, options: &Options) -> Report<Tested> {
    let front = Front::read(input);
    let result = if front.has_errors() { Err(Failure::Wrong(Vec::new())) } else { run(&front, input, options) };
    Report::new(front, result)
}

fn run(front: &Front, input: &Input, options: &Options) -> Result<Tested, Failure> {
    let tests = &front.analysis.tests;
    let mut chooser = Chooser::new(front)?;
    let entries = front.entries();
    let chosen: Vec<_> = tests.iter().map(|test| chooser.test(front, &entries, test)).collect();
    let wrong: Vec<Diagnostic> =
        chosen.iter().filter_map(|chosen| chosen.as_ref().err()).map(|wrong| (**wrong).clone()).collect();
    if !wrong.is_empty() {
        return Err(Failure::Wrong(wrong));
    }
    let chosen: Vec<_> = chosen.into_iter().filter_map(Result::ok).collect();
    let lock = lock::pinned(front, &mut chooser, input, options)?;
    let mut models = Models::new(input.world);
    load(front, &chosen, &mut models)?;
    let mut lowering = Lowering::new(front.typed(), &front.graph, input.world)?;
    for (i, (test, chosen)) in tests.iter().zip(&chosen).enumerate() {
        for (j, assert) in test.asserts.iter().enumerate() {
            let filling = chosen.filling(&mut lowering);
            lowering.body(&name(i, j, ""), &assert.body, assert.loc, filling.clone())?;
            for (side, body) in sides(assert) {
                lowering.body(&name(i, j, side), &body, assert.loc, filling.clone())?;
            }
        }
    }
    engine::check(front, lowering.program(), &models)?;
    let Lowered { program, assets } = lowering.finish(&mut engine::run(&models))?;
    let mut engine = Engine::new(&program, &assets, &models).map_err(Failure::Internal)?;
    let tests = tests.iter().enumerate().map(|(i, test)| {
        let asserts = test.asserts.iter().enumerate();
        let failures = asserts.filter_map(|(j, assert)| judge(&program, &mut engine, test, assert, i, j));
        TestResult { name: test.name.clone(), failures: failures.collect() }
    });
    Ok(Tested { tests: tests.collect(), lock })
}

fn name(test: usize, assert: usize, side: &str) -> String {
    format!("test.{test}.{assert}{side}")
}

const LEFT: &str = ".left";
const RIGHT: &str = ".right";

/// The two sides of an assertion of the form `a == b`, each as a body with the `let`s before it.
fn sides(assert: &Assert) -> Vec<(&'static str, Body)> {
    let side = |value: &Expr| {
        let mut body = assert.body.clone();
        body.result = value.ty.clone();
        body.block.value = Box::new(value.clone());
        body
    };
    match &assert.body.block.value.kind {
        ExprKind::Builtin { name, args, .. } if name == "==" => match args.as_slice() {
            [left, right] => vec![(LEFT, side(left)), (RIGHT, side(right))],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Runs one assertion: nothing where it holds.
fn judge(
    program: &Program,
    engine: &mut Engine,
    test: &Test,
    assert: &Assert,
    i: usize,
    j: usize,
) -> Option<Diagnostic> {
    let failed = |label: String| {
        Diagnostic::error(Code::TestFailed, format!("the test `{}` fails", test.name)).at(assert.loc, label)
    };
    match call(program, engine, &name(i, j, "")) {
        Ok((_, Value::Bool(true))) => None,
        Ok(_) => {
            let mut text = |side: &str| {
                let (entry, value) = call(program, engine, &name(i, j, side)).ok()?;
                to_json(&value, &entry.result, &program.labels).ok().map(|json| json.to_string())
            };
            let failed = failed("this does not hold".to_string());
            Some(match (text(LEFT), text(RIGHT)) {
                (Some(left), Some(right)) => failed.help(format!("left:  {left}\nright: {right}")),
                _ => failed,
            })
        }
        Err(message) => Some(failed(format!("this cannot be computed: {message}"))),
    }
}

fn call<'p>(program: &'p Program, engine: &mut Engine, name: &str) -> Result<(&'p Entry, Value), String> {
    let entry = program.entries.iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| format!("there is no function `{name}`"))?;
    Ok((entry, engine.call(entry.function)?))
}
