//! One model: its file, and what tract made of it.

use crate::convert::{datum_type, fixed_shape, from_tract, to_tract};
use mu_format::ir;
use mu_format::tensor::Tensor;
use mu_format::types::Type;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable, TVec, TractResult, TypedRunnableModel};
use tract_onnx::tract_hir::infer::{InferenceFact, InferenceModel};
use tract_onnx::tract_hir::internal::{OutletId, TractErrorContext, anyhow, bail};

/// Plans for different shapes that are kept: a caller's pictures have few sizes.
const PLANS: usize = 4;

type Shapes = Vec<Vec<usize>>;

pub(crate) struct Model {
    signature: ir::Model,
    file: Arc<Vec<u8>>,
    /// The graph as it came, with inputs and outputs in the signature's order; parsed on first use.
    graph: Option<InferenceModel>,
    /// For each set of input shapes, the one used last at the end.
    plans: Vec<(Shapes, Arc<TypedRunnableModel>)>,
}

impl Model {
    pub(crate) fn new(signature: ir::Model, file: Arc<Vec<u8>>) -> Model {
        Model { signature, file, graph: None, plans: Vec::new() }
    }

    pub(crate) fn warm(&mut self) -> Result<(), String> {
        self.guarded(|model| {
            model.graph()?;
            let shapes: Option<Shapes> = model.signature.inputs.iter().map(|(_, ty)| fixed_shape(ty)).collect();
            match shapes {
                Some(shapes) => model.plan(shapes).map(|_| ()),
                None => Ok(()),
            }
        })
    }

    pub(crate) fn infer(&mut self, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        self.guarded(|model| {
            if inputs.len() != model.signature.inputs.len() {
                bail!("it takes {} tensors, {} are given", model.signature.inputs.len(), inputs.len());
            }
            let plan = model.plan(inputs.iter().map(|tensor| tensor.shape.clone()).collect())?;
            let values = inputs.iter().map(|tensor| to_tract(tensor)).collect::<TractResult<TVec<_>>>()?;
            let outputs = plan.run(values)?;
            let outputs = model.signature.outputs.iter().zip(outputs.iter());
            outputs
                .map(|((name, ty), value)| from_tract(value, ty).with_context(|| format!("the output `{name}`")))
                .collect()
        })
    }

    /// Runs `work`; errors and panics become a sentence with the model's name.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Model) -> TractResult<T>) -> Result<T, String> {
        let name = self.signature.name.clone();
        match catch_unwind(AssertUnwindSafe(|| work(self))) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(format!("the model `{name}` does not run: {error:#}")),
            Err(panic) => {
                // What the panic left half done is made anew.
                self.graph = None;
                self.plans.clear();
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason is known");
                Err(format!("the model `{name}` does not run: the engine broke down: {text}"))
            }
        }
    }

    fn graph(&mut self) -> TractResult<&InferenceModel> {
        if self.graph.is_none() {
            self.graph = Some(read(&self.file, &self.signature)?);
        }
        self.graph.as_ref().ok_or_else(|| anyhow!("the graph is gone"))
    }

    fn plan(&mut self, shapes: Shapes) -> TractResult<Arc<TypedRunnableModel>> {
        if let Some(place) = self.plans.iter().position(|(known, _)| *known == shapes) {
            let found = self.plans.remove(place);
            let plan = found.1.clone();
            self.plans.push(found);
            return Ok(plan);
        }
        let types: Vec<Type> = self.signature.inputs.iter().map(|(_, ty)| ty.clone()).collect();
        let mut graph = self.graph()?.clone();
        for (i, (ty, shape)) in types.iter().zip(&shapes).enumerate() {
            let Type::Tensor(dtype, _) = ty else { bail!("the signature asks for no tensor") };
            graph.set_input_fact(i, InferenceFact::dt_shape(datum_type(*dtype), shape))?;
        }
        let plan = graph.into_optimized()?.into_runnable()?;
        if self.plans.len() == PLANS {
            self.plans.remove(0);
        }
        self.plans.push((shapes, plan.clone()));
        Ok(plan)
    }
}

/// Parses the file and puts inputs and outputs in the signature's order.
fn read(file: &[u8], signature: &ir::Model) -> TractResult<InferenceModel> {
    let onnx = tract_onnx::onnx().with_ignore_value_info(true);
    let mut graph = onnx.model_for_read(&mut &*file)?;
    // ONNX does not ask for different names of nodes, tract does.
    let mut names = BTreeSet::new();
    for node in graph.nodes_mut() {
        while !names.insert(node.name.clone()) {
            node.name = format!("{}#{}", node.name, node.id);
        }
    }
    let known: Vec<(String, OutletId)> =
        graph.input_outlets()?.iter().map(|outlet| (graph.node(outlet.node).name.clone(), *outlet)).collect();
    if let Some((name, _)) = known.iter().find(|(name, _)| signature.inputs.iter().all(|(n, _)| n != name)) {
        bail!("the file has an input `{name}` that the card does not name");
    }
    let input = |(name, _): &(String, Type)| {
        let found = known.iter().find(|(n, _)| n == name).map(|(_, outlet)| *outlet);
        found.with_context(|| format!("the file has no input `{name}`"))
    };
    let inputs = signature.inputs.iter().map(input).collect::<TractResult<Vec<_>>>()?;
    let output = |(name, _): &(String, Type)| {
        graph.find_outlet_label(name).with_context(|| format!("the file has no output `{name}`"))
    };
    let outputs = signature.outputs.iter().map(output).collect::<TractResult<Vec<_>>>()?;
    graph.set_input_outlets(&inputs)?;
    graph.select_output_outlets(&outputs)?;
    Ok(graph)
}
