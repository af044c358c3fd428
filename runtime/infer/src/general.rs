//! A model of open sizes short of its kernels: typed and simplified once for all sizes, so that a plan for given ones is a matter of
//! milliseconds. tract's plans with open sizes run convolutions several times slower, or cannot be made at all.

use crate::model::{Plan, Shapes, caught, fix};
use mu_format::ir;
use std::collections::{BTreeMap, HashMap};
use tract_onnx::prelude::{InferenceModelExt, IntoRunnable, TractResult, TypedModel};
use tract_onnx::tract_core::ops::cnn::Conv;
use tract_onnx::tract_hir::infer::InferenceModel;
use tract_onnx::tract_hir::internal::{Symbol, SymbolScope, TDim, bail};

/// Open sizes are taken for multiples of the first of these with which tract can say what comes out. Nets that halve a picture and
/// double it again, and add it to what it was, are only possible for multiples.
const STEPS: [i64; 7] = [1, 2, 4, 8, 16, 32, 64];

pub(crate) struct General(TypedModel);

impl General {
    /// Of a graph as it came.
    pub fn of(graph: &InferenceModel, signature: &ir::Model) -> TractResult<General> {
        let mut last = Ok(());
        for step in STEPS {
            match caught(|| General::stepwise(graph.clone(), signature, step)) {
                Ok(general) => return Ok(general),
                Err(error) => last = Err(error),
            }
        }
        last.and_then(|()| bail!("no sizes were tried"))
    }

    fn stepwise(mut graph: InferenceModel, signature: &ir::Model, step: i64) -> TractResult<General> {
        // Dimensions that the file calls alike are equal.
        let mut named: BTreeMap<String, TDim> = BTreeMap::new();
        fix(&mut graph, signature, |scope, name, own| match own {
            Some(own) if own.to_i64().is_ok() => Ok(Some(own)),
            own => {
                let key = own.map_or(name, |own| own.to_string());
                let size = match named.get(&key) {
                    Some(size) => size.clone(),
                    None => named.entry(key).or_insert(open_size(scope)? * step).clone(),
                };
                Ok(Some(size))
            }
        })?;
        let general = General(graph.into_typed()?.into_decluttered()?);
        // That it can be made for one set of sizes is no proof that it can for others, but that it cannot is one.
        let sizes = general.0.symbols.all_symbols().into_iter().map(|symbol| (symbol, TDim::from(1))).collect();
        general.with(&sizes)?;
        Ok(general)
    }

    /// The plan for these shapes; none where they are no multiples of what was taken for granted.
    pub fn plan(&self, shapes: &Shapes) -> TractResult<Option<Plan>> {
        let mut sizes = HashMap::new();
        for (i, shape) in shapes.iter().enumerate() {
            let expected = self.0.input_fact(i)?.shape.dims();
            if expected.len() != shape.len() || !expected.iter().zip(shape).all(|(dim, n)| solved(dim, *n, &mut sizes))
            {
                return Ok(None);
            }
        }
        self.with(&sizes).map(Some)
    }

    fn with(&self, sizes: &HashMap<Symbol, TDim>) -> TractResult<Plan> {
        let mut model = self.0.set_symbols(sizes)?;
        model.optimize()?;
        model.into_runnable()
    }

    pub fn symbols(&self) -> &SymbolScope {
        &self.0.symbols
    }
}

/// A new size of at least one: rounding is only simplified where a size is known not to be negative.
fn open_size(scope: &SymbolScope) -> TractResult<TDim> {
    let symbol = scope.new_with_prefix("size");
    scope.add_assertion(format!("{symbol} >= 1"))?;
    Ok(symbol.into())
}

/// Whether a dimension can have the size `n`, beside those that are known; if so, that is known too.
fn solved(dim: &TDim, n: usize, sizes: &mut HashMap<Symbol, TDim>) -> bool {
    let (Ok(n), (step, symbol)) = (i64::try_from(n), parts(dim)) else { return false };
    let Some(symbol) = symbol else { return n == step };
    if step == 0 || n % step != 0 {
        return false;
    }
    let size = TDim::from(n / step);
    *sizes.entry(symbol.clone()).or_insert_with(|| size.clone()) == size
}

/// The factor of a dimension and its symbol, or the number that it is.
fn parts(dim: &TDim) -> (i64, Option<&Symbol>) {
    match dim {
        TDim::Val(n) => (*n, None),
        TDim::Sym(symbol) => (1, Some(symbol)),
        TDim::MulInt(step, symbol) => match &**symbol {
            TDim::Sym(symbol) => (*step, Some(symbol)),
            _ => (0, None),
        },
        _ => (0, None),
    }
}

/// Whether a model convolves over pictures whose height and width are open: a plan for each size is worth its making then.
pub(crate) fn convolves_open(model: &TypedModel) -> bool {
    let open = |dim: &&TDim| dim.to_i64().is_err();
    model.nodes.iter().any(|node| {
        let Some(conv) = node.op_as::<Conv>() else { return false };
        let input = node.inputs.first().and_then(|outlet| model.outlet_fact(*outlet).ok());
        input.is_some_and(|fact| {
            let shape = conv.pool_spec.data_format.shape(fact.shape.dims());
            shape.is_ok_and(|shape| shape.hw_dims().iter().filter(open).count() > 1)
        })
    })
}
