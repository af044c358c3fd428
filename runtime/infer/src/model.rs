//! One model: its file, and what tract made of it.

use crate::Source;
use crate::convert::{datum_type, fixed_shape, from_tract, to_tract};
use crate::general::{General, convolves_open};
use crate::quiet::catch_quietly;
use mu_format::ir;
use mu_format::tensor::{DType, Tensor};
use mu_format::types::{Dim, Type};
use std::collections::BTreeSet;
use std::sync::Arc;
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable, TVec, TractResult, TypedRunnableModel};
use tract_onnx::tract_hir::infer::{Factoid, InferenceFact, InferenceModel};
use tract_onnx::tract_hir::internal::{OutletId, SymbolScope, TDim, TractErrorContext, anyhow, bail};

/// Plans for different shapes that are kept: a caller's pictures have few sizes.
const PLANS: usize = 4;

pub(crate) type Shapes = Vec<Vec<usize>>;
pub(crate) type Plan = Arc<TypedRunnableModel>;

pub(crate) struct Model {
    signature: ir::Model,
    source: Source,
    /// The graph as it came, with inputs and outputs in the signature's order; parsed on first use.
    graph: Option<InferenceModel>,
    /// For all shapes that the signature allows.
    open: Open,
    /// For each set of input shapes, the one used last at the end.
    fixed: Vec<(Shapes, Plan)>,
}

/// What was made of a model before any request.
pub(crate) enum Made {
    Open(Plan),
    Fixed(Shapes, Plan),
    /// Its shapes are known only from requests, and each set of them gets a plan of its own: from this,
    General(Arc<General>),
    /// or from the file.
    None,
}

impl Made {
    /// The symbols of the plan's shapes.
    pub(crate) fn symbols(&self) -> Option<&SymbolScope> {
        match self {
            Made::Open(plan) | Made::Fixed(_, plan) => Some(&plan.model().symbols),
            Made::General(general) => Some(general.symbols()),
            Made::None => None,
        }
    }
}

/// A plan that leaves dimensions open. Not every model has one; then each set of shapes gets a plan of its own.
enum Open {
    Untried,
    Ready(Plan),
    /// There is none, but plans are quickly made of this.
    General(Arc<General>),
    Impossible,
}

impl Model {
    pub(crate) fn new(signature: ir::Model, source: Source) -> Model {
        Model { signature, source, graph: None, open: Open::Untried, fixed: Vec::new() }
    }

    /// With a plan that was made before.
    pub(crate) fn with(signature: ir::Model, source: Source, made: &Made) -> Model {
        let (open, fixed) = match made {
            Made::Open(plan) => (Open::Ready(plan.clone()), Vec::new()),
            Made::Fixed(shapes, plan) => (Open::Untried, vec![(shapes.clone(), plan.clone())]),
            Made::General(general) => (Open::General(general.clone()), Vec::new()),
            Made::None => (Open::Impossible, Vec::new()),
        };
        Model { signature, source, graph: None, open, fixed }
    }

    /// What serves most requests. The error is a sentence with the model's name.
    pub(crate) fn make(mut self) -> Result<Made, String> {
        self.warm()?;
        if let Some((shapes, plan)) = self.fixed.pop() {
            return Ok(Made::Fixed(shapes, plan));
        }
        if let Open::Ready(plan) = self.open {
            return Ok(Made::Open(plan));
        }
        let signature = self.signature.clone();
        Ok(match self.guarded(|model| General::of(model.graph()?, &signature)) {
            Ok(general) => Made::General(Arc::new(general)),
            Err(_) => Made::None,
        })
    }

    pub(crate) fn warm(&mut self) -> Result<(), String> {
        self.guarded(|model| match model.only_shapes() {
            Some(shapes) => model.fixed_plan(shapes).map(|_| ()),
            None => {
                model.open_plan();
                Ok(())
            }
        })
    }

    /// As [`crate::check`].
    pub(crate) fn check(&mut self) -> Result<(), String> {
        self.guarded(|model| {
            model.graph()?;
            if let Some(shapes) = model.only_shapes() {
                let plan = model.fixed_plan(shapes)?;
                return model.hold(&plan);
            }
            if let Some(plan) = model.open_plan() {
                return model.hold(&plan);
            }
            // Not every shape need be one that the file takes; that none is says something of the file.
            let largest = model.shapes_with(|bound| bound);
            let plan = match caught(|| model.fixed_plan(largest)) {
                Ok(plan) => plan,
                Err(error) => {
                    let smallest = model.shapes_with(|bound| bound.min(1));
                    caught(|| model.fixed_plan(smallest)).map_err(|_| error)?
                }
            };
            model.hold(&plan)
        })
    }

    /// Holds what a plan knows of its outputs against the signature.
    fn hold(&self, plan: &Plan) -> TractResult<()> {
        for (i, (name, ty)) in self.signature.outputs.iter().enumerate() {
            let Type::Tensor(dtype, dims) = ty else { bail!("the signature asks for no tensor") };
            let fact = plan.model().output_fact(i)?;
            let shape = fact.shape.dims();
            let holds = |dim: &Dim, n: &TDim| n.to_i64().map_or(true, |n| dim.holds(n as u64));
            if shape.len() != dims.len() || !dims.iter().zip(shape).all(|(dim, n)| holds(dim, n)) {
                bail!("the output `{name}` has the shape {shape:?} where the card says {ty}");
            }
            let same = fact.datum_type == datum_type(*dtype) || fact.datum_type.is_tdim() && *dtype == DType::I64;
            if !same {
                bail!("the elements of the output `{name}` are {:?} where the card says {ty}", fact.datum_type);
            }
        }
        Ok(())
    }

    /// Shapes of the inputs where free dimensions are chosen by their bound.
    fn shapes_with(&self, choose: impl Fn(u64) -> u64) -> Shapes {
        let choose = |dim: &Dim| match dim {
            Dim::Is(n) => *n as usize,
            Dim::UpTo(bound) => choose(*bound) as usize,
            Dim::Any => 1,
        };
        let shape = |ty: &Type| match ty {
            Type::Tensor(_, dims) => dims.iter().map(choose).collect(),
            _ => Vec::new(),
        };
        self.signature.inputs.iter().map(|(_, ty)| shape(ty)).collect()
    }

    pub(crate) fn infer(&mut self, inputs: &[Arc<Tensor>]) -> Result<Vec<Tensor>, String> {
        self.guarded(|model| {
            if inputs.len() != model.signature.inputs.len() {
                bail!("it takes {} tensors, {} are given", model.signature.inputs.len(), inputs.len());
            }
            // Where only one set of shapes is possible, a plan for all others would be made for nothing.
            if model.only_shapes().is_none()
                && let Some(plan) = model.open_plan()
            {
                match caught(|| model.run(&plan, inputs)) {
                    Ok(outputs) => return Ok(outputs),
                    Err(_) => model.open = Open::Impossible,
                }
            }
            let plan = model.fixed_plan(inputs.iter().map(|tensor| tensor.shape.clone()).collect())?;
            model.run(&plan, inputs)
        })
    }

    fn run(&self, plan: &Plan, inputs: &[Arc<Tensor>]) -> TractResult<Vec<Tensor>> {
        let values = inputs.iter().map(|tensor| to_tract(tensor)).collect::<TractResult<TVec<_>>>()?;
        let outputs = plan.run(values)?;
        let outputs = self.signature.outputs.iter().zip(outputs.iter());
        outputs
            .map(|((name, ty), value)| from_tract(value, ty).with_context(|| format!("the output `{name}`")))
            .collect()
    }

    /// The inputs' shapes, where the signature leaves no choice.
    fn only_shapes(&self) -> Option<Shapes> {
        self.signature.inputs.iter().map(|(_, ty)| fixed_shape(ty)).collect()
    }

    /// Runs `work`; errors and panics become a sentence with the model's name.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Model) -> TractResult<T>) -> Result<T, String> {
        caught(|| work(self)).map_err(|error| format!("the model `{}` does not run: {error:#}", self.signature.name))
    }

    fn graph(&mut self) -> TractResult<&InferenceModel> {
        if self.graph.is_none() {
            let file = (self.source)().map_err(|why| anyhow!(why))?;
            self.graph = Some(read(&file, &self.signature)?);
        }
        self.graph.as_ref().ok_or_else(|| anyhow!("the graph is gone"))
    }

    fn open_plan(&mut self) -> Option<Plan> {
        if matches!(self.open, Open::Untried) {
            self.open = caught(|| self.make_open_plan()).map_or(Open::Impossible, Open::Ready);
        }
        match &self.open {
            Open::Ready(plan) => Some(plan.clone()),
            _ => None,
        }
    }

    /// Dimensions that the signature fixes are fixed, the others keep the file's own symbols, which say which are equal.
    fn make_open_plan(&mut self) -> TractResult<Plan> {
        let mut graph = self.graph()?.clone();
        fix(&mut graph, &self.signature, |_, _, own| Ok(own))?;
        let model = graph.into_typed()?;
        if convolves_open(&model) {
            bail!("its convolutions run faster in a plan for each size");
        }
        model.into_optimized()?.into_runnable()
    }

    fn fixed_plan(&mut self, shapes: Shapes) -> TractResult<Plan> {
        if let Some(place) = self.fixed.iter().position(|(known, _)| *known == shapes) {
            let found = self.fixed.remove(place);
            let plan = found.1.clone();
            self.fixed.push(found);
            return Ok(plan);
        }
        let quick = match &self.open {
            Open::General(general) => caught(|| general.plan(&shapes)).ok().flatten(),
            _ => None,
        };
        let plan = match quick {
            Some(plan) => plan,
            None => self.plan_from_file(&shapes)?,
        };
        if self.fixed.len() == PLANS {
            self.fixed.remove(0);
        }
        self.fixed.push((shapes, plan.clone()));
        if self.only_shapes().is_some() {
            // No other shape will come: what the plan was made of would only take memory.
            self.graph = None;
            self.source = Box::new(|| Err("its file is not needed any more".into()));
        }
        Ok(plan)
    }

    fn plan_from_file(&mut self, shapes: &Shapes) -> TractResult<Plan> {
        let types: Vec<Type> = self.signature.inputs.iter().map(|(_, ty)| ty.clone()).collect();
        let mut graph = self.graph()?.clone();
        for (i, (ty, shape)) in types.iter().zip(shapes).enumerate() {
            let Type::Tensor(dtype, _) = ty else { bail!("the signature asks for no tensor") };
            graph.set_input_fact(i, InferenceFact::dt_shape(datum_type(*dtype), shape))?;
        }
        graph.into_optimized()?.into_runnable()
    }
}

/// Fixes the dimensions of the inputs that the signature fixes. The others become what `open` makes of the scope of symbols, of a name
/// for the dimension, and of what the file says that it is; they stay as they are where that is nothing.
pub(crate) fn fix(
    graph: &mut InferenceModel,
    signature: &ir::Model,
    mut open: impl FnMut(&SymbolScope, String, Option<TDim>) -> TractResult<Option<TDim>>,
) -> TractResult<()> {
    for (i, (name, ty)) in signature.inputs.iter().enumerate() {
        let Type::Tensor(_, dims) = ty else { bail!("the signature asks for no tensor") };
        let mut fact = graph.input_fact(i)?.clone();
        if fact.shape.rank().concretize() != i64::try_from(dims.len()).ok() {
            bail!("the file does not say how many dimensions an input has");
        }
        for (axis, dim) in dims.iter().enumerate() {
            let own = fact.shape.dim(axis).and_then(|dim| dim.concretize());
            let size = match dim {
                Dim::Is(n) => Some(TDim::from(*n)),
                Dim::UpTo(_) | Dim::Any => open(&graph.symbols, format!("{name} {axis}"), own)?,
            };
            if let Some(size) = size {
                fact.shape.set_dim(axis, size);
            }
        }
        graph.set_input_fact(i, fact)?;
    }
    Ok(())
}

/// Runs `work`; a panic becomes an error. What `work` leaves behind is only ever replaced as a whole.
pub(crate) fn caught<T>(work: impl FnOnce() -> TractResult<T>) -> TractResult<T> {
    catch_quietly(work).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason is known");
        Err(anyhow!("the engine broke down: {text}"))
    })
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
