//! What may be written after `mulc models optimize`.

use clap::Args;

#[derive(Args)]
pub struct Optimize {
    /// The card's name
    pub model: String,
    /// Calls that each form is measured with
    #[arg(long, default_value_t = 300)]
    pub calls: u64,
    /// Processes that the calls are spread over
    #[arg(long, default_value_t = 3)]
    pub processes: u32,
}
