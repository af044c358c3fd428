//! From a lowered program to a finished one: constants get their values, what is not needed goes, the verifier has the last
//! word.

use crate::cleanup::clean;
use crate::error::Error;
use crate::lower::{AssetFile, Lowering, Pending};
use crate::prune::prune;
use mu_base::{Code, Diagnostic};
use mu_format::ir::{Entry, FuncId, Program};
use mu_format::text;
use mu_format::value::Value;
use mu_format::verify::verify;

/// Runs a function without parameters of a verified program; the error is for people.
pub type Run<'a> = dyn FnMut(&Program, &[AssetFile], FuncId) -> Result<Value, String> + 'a;

/// A finished program.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    pub program: Program,
    /// The files of the program's assets, in its order.
    pub assets: Vec<AssetFile>,
}

impl Lowering<'_> {
    /// Evaluates the constants by `run`, in the order in which they need each other, and leaves what the entries reach.
    pub fn finish(self, run: &mut Run) -> Result<Lowered, Error> {
        let (mut program, pending, assets) = self.parts();
        program.functions.iter_mut().for_each(clean);
        for constant in &pending {
            let value = evaluate(&program, &assets, constant, run)?;
            if let Some(place) = program.constants.get_mut(constant.constant as usize) {
                place.value = value;
            }
        }
        checked(program, assets)
    }
}

fn evaluate(program: &Program, assets: &[AssetFile], constant: &Pending, run: &mut Run) -> Result<Value, Error> {
    let mut alone = program.clone();
    let result = alone.functions.get(constant.function as usize).map(|function| function.result.clone());
    let result = result.ok_or_else(|| Error::internal("a constant without a function"))?;
    let (name, function) = (constant.name.clone(), constant.function);
    alone.entries = vec![Entry { name, function, params: Vec::new(), result: result.clone(), docs: String::new() }];
    let alone = checked(alone, assets.to_vec())?;
    let function = alone.program.entries.first().map_or(0, |entry| entry.function);
    let value = run(&alone.program, &alone.assets, function).map_err(|message| {
        Diagnostic::error(Code::EvaluationFailed, format!("the constant `{}` cannot be evaluated", constant.name))
            .at(constant.loc, message)
            .help("constants are evaluated when the program is built, so what they call must succeed on what they give it")
    })?;
    value.fits(&result, &program.labels).map_err(|message| {
        Error::Internal(format!("the constant `{}` has no value of type {result}: {message}", constant.name))
    })?;
    Ok(value)
}

fn checked(mut program: Program, mut assets: Vec<AssetFile>) -> Result<Lowered, Error> {
    prune(&mut program, &mut assets);
    verify(&program, &mu_ops::result_type).map_err(|error| {
        Error::Internal(format!("the verifier refuses the program: {error}\n{}", text::print(&program)))
    })?;
    Ok(Lowered { program, assets })
}
