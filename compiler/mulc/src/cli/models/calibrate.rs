//! `mulc models calibrate`: its arguments.

use clap::Args;

#[derive(Args)]
pub struct Calibrate {
    /// The model to probe with; default: the smallest that was measured here
    pub model: Option<String>,
    /// The role that the probe runs as; it needs no rights of its own (arn:aws:iam::ACCOUNT:role/NAME)
    #[arg(long, value_name = "ARN")]
    pub role: String,
    /// The memory sizes to call it with, in MB
    #[arg(long, value_name = "MB", value_delimiter = ',', default_values_t = [128, 256, 512, 1024, 1769, 3008],
          value_parser = clap::value_parser!(u32).range(128..=10240))]
    pub memory: Vec<u32>,
    /// The region; default: the one of the AWS settings
    #[arg(long)]
    pub region: Option<String>,
    /// Calls of a new environment, for each size
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub cold: u32,
    /// Calls after that, for each size
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub warm: u32,
}
