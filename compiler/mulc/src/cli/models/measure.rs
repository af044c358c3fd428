//! What may be written after `mulc models measure`.

use clap::Args;

#[derive(Args)]
pub struct Measure {
    /// The cards' names; without any, all models whose files are at hand
    #[arg(value_name = "MODEL")]
    pub models: Vec<String>,
    /// Shares of a processor; a share below 1 is granted in periods of 20 ms, as on AWS Lambda
    #[arg(long, value_name = "SHARES", value_delimiter = ',', default_value = "1", value_parser = share)]
    pub cpu: Vec<f64>,
    /// Calls back to back, for each model and share; a fifth as many come with pauses. The 95th percentile wants 1000, the 99th 5000
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub calls: u64,
    /// Processes that these calls are shared among
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub processes: u32,
    /// A first look: 100 calls in 2 processes
    #[arg(long, conflicts_with_all = ["calls", "processes"])]
    pub quick: bool,
    /// What this machine is called in the catalog; by default after its processor
    #[arg(long, value_name = "NAME")]
    pub platform: Option<String>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.01..=128.0).contains(&share) => Ok(share),
        _ => Err("a share of a processor is a number from 0.01 to 128".to_owned()),
    }
}
