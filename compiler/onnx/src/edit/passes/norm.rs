//! Batch normalisation after a convolution, folded into its weights.

use super::super::graph::Index;
use super::super::proto::{Graph, Model, Node, Tensor};

pub(super) fn batch_norm(model: &mut Model) -> bool {
    let graph = model.graph.get_or_insert_default();
    let mut changed = false;
    let index = Index::of(graph);
    for place in 0..graph.node.len() {
        if let Some(fold) = fold(graph, &index, place) {
            fold.apply(graph);
            changed = true;
        }
    }
    changed
}

/// A convolution that takes over a normalisation.
struct Fold {
    convolution: usize,
    norm: usize,
    dims: Vec<i64>,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

fn fold(graph: &Graph, index: &Index, place: usize) -> Option<Fold> {
    let norm = graph.node.get(place).filter(|node| node.is("", "BatchNormalization"))?;
    let (at, _) = index.place(norm.in0())?;
    let convolution = graph.node.get(at).filter(|node| node.is("", "Conv"))?;
    let answered = graph.output.iter().any(|output| output.name == convolution.out0());
    if index.uses(norm.in0()) != 1 || answered || norm.output.iter().skip(1).any(|name| index.uses(name) > 0) {
        return None;
    }
    let numbers = |node: &Node, input: usize| index.constant(graph, node.input.get(input)?)?.to_floats();
    let kernel = index.constant(graph, convolution.input.get(1)?)?;
    let mut weights = kernel.to_floats()?;
    let channels = usize::try_from(*kernel.dims.first()?).ok()?;
    let (scale, shift) = (numbers(norm, 1)?, numbers(norm, 2)?);
    let (mean, variance) = (numbers(norm, 3)?, numbers(norm, 4)?);
    let mut bias = match convolution.input.get(2).filter(|name| !name.is_empty()) {
        Some(_) => numbers(convolution, 2)?,
        None => vec![0.0; channels],
    };
    if channels == 0 || [&scale, &shift, &mean, &variance, &bias].iter().any(|v| v.len() != channels) {
        return None;
    }
    let epsilon = norm.float("epsilon").unwrap_or(1e-5);
    let each = weights.len() / channels;
    for c in 0..channels {
        // In f64, so that the rounding of the folded weights is the only one.
        let factor = f64::from(scale[c]) / (f64::from(variance[c]) + f64::from(epsilon)).sqrt();
        for weight in &mut weights[c * each..(c + 1) * each] {
            *weight = (f64::from(*weight) * factor) as f32;
        }
        bias[c] = ((f64::from(bias[c]) - f64::from(mean[c])) * factor + f64::from(shift[c])) as f32;
    }
    Some(Fold { convolution: at, norm: place, dims: kernel.dims.clone(), weights, bias })
}

impl Fold {
    fn apply(self, graph: &mut Graph) {
        let output = graph.node[self.norm].out0().to_owned();
        let weights =
            graph.constant(&format!("{output}.weights"), |name| Tensor::floats(name, &self.dims, &self.weights));
        let channels = [self.bias.len() as i64];
        let bias = graph.constant(&format!("{output}.bias"), |name| Tensor::floats(name, &channels, &self.bias));
        let before = graph.fresh(&format!("{output}.folded"));
        let convolution = &mut graph.node[self.convolution];
        convolution.input.truncate(1);
        convolution.input.extend([weights, bias]);
        convolution.output = vec![before.clone()];
        graph.node[self.norm] = Node::new("Identity", &[&before], &output);
    }
}
