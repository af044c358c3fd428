//! `mulc deploy` and what goes with it: their arguments.

use super::{Lock, Program};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Args)]
pub struct Deploy {
    #[command(flatten)]
    pub program: Program,
    #[command(flatten)]
    pub env: Environment,
    #[command(flatten)]
    pub consent: Consent,
    /// Write the deployment for another tool instead, with the zip beside it
    #[arg(long, value_enum, value_name = "TOOL", conflicts_with_all = ["dry_run", "yes", "json", "policy"])]
    pub export: Option<Tool>,
    /// Print the rights that a deployment needs, as an IAM policy, instead
    #[arg(long, conflicts_with_all = ["dry_run", "yes", "json"])]
    pub policy: bool,
    /// The folder for --export; by default `.mulc/export/TOOL` in the project's folder
    #[arg(long, value_name = "DIR", requires = "export")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub lock: Lock,
}

/// Whether a plan is carried out, and how it is told.
#[derive(Args)]
pub struct Consent {
    /// Show the plan, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Environment {
    /// The environment, as `mu.toml` names it in `[env.NAME]`
    #[arg(long = "env", value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    #[value(name = "cloudformation")]
    CloudFormation,
    Sam,
    Terraform,
}

#[derive(Args)]
pub struct Status {
    #[command(flatten)]
    pub program: Program,
    #[command(flatten)]
    pub env: Environment,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct Rollback {
    #[command(flatten)]
    pub program: Program,
    #[command(flatten)]
    pub env: Environment,
    /// Only this function of the program; by default all that are deployed
    #[arg(long, value_name = "FUNCTION")]
    pub function: Option<String>,
    /// To this version; by default to the one that was live before
    #[arg(long, value_name = "VERSION", requires = "function")]
    pub to: Option<u64>,
}

#[derive(Args)]
pub struct Destroy {
    #[command(flatten)]
    pub program: Program,
    #[command(flatten)]
    pub env: Environment,
    /// Only this function, by its name on Lambda, with its role and logs
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
}
