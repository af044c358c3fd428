//! `mulc models evaluate` and `diff`: what they take.

use clap::Args;

#[derive(Args)]
pub struct Evaluate {
    /// A card, or a function of the program's main module
    pub subject: String,
    #[command(flatten)]
    pub data: Data,
}

#[derive(Args)]
pub struct Diff {
    /// A card
    pub first: String,
    /// Another card for the same task
    pub second: String,
    #[command(flatten)]
    pub data: Data,
    /// How many of the samples on which they differ are listed
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub show: usize,
}

/// Labelled data and how it is fed.
#[derive(Args)]
pub struct Data {
    /// A data set of the project, or a path: a folder, .npz, .csv, .json, .jsonl
    #[arg(long = "data", value_name = "SET")]
    pub set: String,
    /// Feed tensors to the net and judge its output, without the adapter
    #[arg(long)]
    pub raw: bool,
    /// Which output of the net is judged
    #[arg(long, requires = "raw", value_name = "NAME")]
    pub output: Option<String>,
    /// Only the first N samples
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Samples a second of sounds that stand in arrays
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(1_000..=768_000))]
    pub rate: Option<u32>,
}
