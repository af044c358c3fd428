//! What may be written after `mulc models add`.

use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct Add {
    /// An ONNX file, or a folder as Hugging Face, optimum and MLflow write them
    #[arg(value_name = "FILE|FOLDER")]
    pub path: PathBuf,
    /// What the model does: `image_classification<Digit>`, or a tag of the hub, `image-classification`; by default what the
    /// folder's README.md says
    #[arg(long)]
    pub task: Option<String>,
    /// The card's name; by default after the file
    #[arg(long)]
    pub name: Option<String>,
    /// Inputs and outputs that belong together, by the model's names, to compare with
    #[arg(long, value_name = "FILE.npz")]
    pub reference: Option<PathBuf>,
    /// The labels in the order of the model's outputs: a JSON list, an `id2label`, or a label a line
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// The license, as SPDX writes it; by default what the folder's README.md says
    #[arg(long, value_name = "SPDX")]
    pub license: Option<String>,
    /// The size of a free dimension, by its name in the file; may be repeated
    #[arg(long = "dim", value_name = "NAME=SIZE", value_parser = dim)]
    pub dims: Vec<(String, u64)>,
    /// Turn quantised arithmetic into arithmetic on floats, which our runtime is often faster at
    #[arg(long)]
    pub float: bool,
    /// A Python that has onnxruntime; by default MULC_PYTHON, then python3
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// Do not compare the model's outputs with a reference: nothing then shows that our runtime computes what the model means
    #[arg(long)]
    pub no_gate: bool,
}

fn dim(text: &str) -> Result<(String, u64), String> {
    let (name, size) = text.rsplit_once('=').ok_or("write it as NAME=SIZE")?;
    let size: u64 = size.parse().map_err(|_| format!("`{size}` is no whole number"))?;
    match size {
        1..=1_000_000 if !name.is_empty() => Ok((name.to_owned(), size)),
        _ => Err("a size is from 1 to 1000000".to_owned()),
    }
}
