//! `mulc`, the command line: reads arguments, shows what the compiler says, writes what it makes. All compiling is done in
//! other crates; files, the environment and the terminal are touched only here.

mod cli;
mod commands;
mod desired;
mod failure;
mod locate;
mod output;
mod progress;
mod render;
mod runtime;
mod timings;
mod today;
mod why;
mod world;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli.command) {
        Ok(status) => status,
        Err(failure) => {
            output::error(&failure.to_string());
            failure.status()
        }
    }
}
