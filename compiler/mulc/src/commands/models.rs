//! `mulc models`: one file a subcommand, and what they share.

mod calibrate;
mod pull;
mod push;
pub mod store;

mod diff;
mod evaluate;
mod figures;
mod index;
mod list;
mod measure;
mod outdated;
mod show;
mod verify;

mod add;
mod optimize;

use crate::cli::models::{Catalog as Asked, Command};
use crate::commands::Program;
use crate::failure::Failure;
use crate::output;
use crate::render::Format;
use mu_models::{Catalog, Error, Kind};
use serde::Serialize;
use std::process::ExitCode;

pub fn run(command: Command, asked: &Asked) -> Result<ExitCode, Failure> {
    let program = Program::open(asked.project.as_deref(), Format::Human)?;
    if program.place.lone.is_some() {
        return Err(
            Failure::request("a lone `.mu` file has no catalog").help("name a project's folder with `--project`")
        );
    }
    let session = Session { program, json: asked.json };
    session.run(command)
}

/// A command on a project's catalog.
pub(super) struct Session {
    program: Program,
    json: bool,
}

impl Session {
    fn run(&self, command: Command) -> Result<ExitCode, Failure> {
        match command {
            Command::Add(asked) => add::run(self, *asked),
            Command::Optimize(asked) => optimize::run(self, &asked),
            Command::Measure(asked) => measure::run(self, asked),
            Command::Evaluate(asked) => evaluate::run(self, &asked),
            Command::Diff(asked) => diff::run(self, &asked),
            Command::List { task, requires } => list::run(self, task, &requires),
            Command::Show { model } => show::run(self, &model),
            Command::Verify { gate, python } => verify::run(self, gate.then_some(python)),
            Command::Outdated => outdated::run(self),
            Command::Index => index::run(self),
            Command::Calibrate(asked) => calibrate::run(self, &asked),
            Command::Push { words } => push::run(self, &words),
            Command::Pull { words, cards } => pull::run(self, &words, cards),
        }
    }

    fn catalog(&self) -> Catalog<'_> {
        Catalog::new(&self.program.place.folder, &self.program.disk)
    }

    /// Prints the answer: as JSON where that was asked for, else as `text` says it.
    fn answer<T: Serialize>(&self, value: &T, text: impl FnOnce(&T) -> String) -> Result<ExitCode, Failure> {
        let text = match self.json {
            true => {
                let json = serde_json::to_string_pretty(value);
                json.map_err(|error| Failure::request(format!("the answer has no JSON: {error}")))? + "\n"
            }
            false => text(value),
        };
        output::answer(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let failure = match error.kind {
            Kind::Wrong => Failure::request(error.message),
            Kind::Outside => Failure::outside(error.message),
        };
        match error.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}
