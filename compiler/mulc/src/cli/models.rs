//! `mulc models`: its subcommands as data.

pub mod add;

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Command {
    /// Add a model: read, rewritten where the runtime needs it, compared with a reference, and given a card
    #[command(after_help = "\
Examples:
  mulc models add iris.onnx --task tabular-classification
  mulc models add kcnn.onnx --task 'image_classification<Digit>' --license MIT
  mulc models add ./all-MiniLM-L6-v2 --task feature-extraction
  mulc models add net.onnx --task image-classification --labels labels.json --reference outputs.npz")]
    Add(Box<add::Add>),
}

/// The catalog a command works on, and how it answers.
#[derive(Args)]
pub struct Catalog {
    /// The project's folder (with mu.toml); default: here
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
}
