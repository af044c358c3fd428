//! The commands, one file each.

mod completions;
mod explain;
mod new;

use crate::cli::Command;
use crate::failure::Failure;
use std::process::ExitCode;

pub fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::New { dir } => new::run(&dir),
        Command::Explain { code, list } => explain::run(code.as_deref(), list),
        Command::Completions { shell } => Ok(completions::run(shell)),
        _ => Ok(ExitCode::SUCCESS),
    }
}
