//! `mulc models`: its subcommands as data.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Command {}

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
