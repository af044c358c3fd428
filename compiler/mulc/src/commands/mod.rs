//! The commands, one file each, and what they share: reading the program and showing what is said about it.

mod build;
mod check;
mod completions;
mod deploy;
mod deployed;
mod destroy;
mod dump;
mod explain;
mod export;
mod fetch;
mod models;
mod new;
mod rollback;
mod run;
mod shipment;
mod status;
mod test;
mod update;
mod why;

use crate::cli::Command;
use crate::failure::{Failure, WRONG};
use crate::locate::{Place, locate};
use crate::output;
use crate::render::{self, Format, summary};
use crate::world::Disk;
use mu_base::{Diagnostic, Sources};
use mu_driver::{Input, LOCK, NewLock, Report};
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::New { dir } => new::run(&dir),
        Command::Check { program, locked } => check::run(&program, locked),
        Command::Build { program, target, out, level, timings, lock, no_freeze } => {
            let out = out.as_deref();
            build::run(&program, &build::Request { target, out, lock, level, timings, freeze: !no_freeze })
        }
        Command::Deploy(asked) => deploy::run(&asked),
        Command::Status(asked) => status::run(&asked),
        Command::Rollback(asked) => rollback::run(&asked),
        Command::Destroy(asked) => destroy::run(&asked),
        Command::Run { path, function, inputs, prefer, lock, messages } => {
            let request = run::Request::new(path, function, run::Call { inputs, prefer });
            run::run(&request, lock, messages.format)
        }
        Command::Test { program, lock } => test::run(&program, lock),
        Command::Update { slot, path, json, messages } => {
            update::run(&update::Request::new(slot, path), json, messages.format)
        }
        Command::Models { command, catalog } => models::run(command, &catalog),
        Command::Why(asked) => why::run(&asked),
        Command::Explain { code, list } => explain::run(code.as_deref(), list),
        Command::Dump { stage, program } => dump::run(stage, &program),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// A program on the disk.
struct Program {
    place: Place,
    disk: Disk,
    format: Format,
}

impl Program {
    fn open(path: Option<&Path>, format: Format) -> Result<Program, Failure> {
        let place = locate(path)?;
        Ok(Program { disk: Disk::new(&place.folder), place, format })
    }

    fn input(&self) -> Input<'_> {
        Input { world: &self.disk, lone: self.place.lone.as_deref() }
    }

    /// The diagnostics as text.
    fn render(&self, sources: &Sources, diagnostics: &[Diagnostic]) -> String {
        let folder = self.place.folder.to_string_lossy();
        self.format.render(&render::Report { sources, diagnostics, folder: &folder }, output::colours())
    }

    /// Shows what was said on stderr and gives the answer; `None` where there are errors, which were shown.
    fn answer<T>(&self, report: Report<T>) -> Result<Option<T>, Failure> {
        let Report { sources, diagnostics, internal, value } = report;
        if !diagnostics.is_empty() {
            output::aside(&self.render(&sources, &diagnostics));
            self.sum_up(&diagnostics);
        }
        match internal {
            Some(fault) => Err(internal_fault(&fault)),
            None => Ok(value),
        }
    }

    /// For people, a last line that counts.
    fn sum_up(&self, diagnostics: &[Diagnostic]) {
        if !self.format.is_for_people() {
            return;
        }
        let more =
            diagnostics.first().map_or(String::new(), |d| format!("; `mulc explain {}` tells more", d.code.slug()));
        output::aside(&format!("{}{more}\n", summary(diagnostics)));
    }

    /// Writes `mu.lock` where it is to change, and says which choices moved.
    fn write_lock(&self, lock: Option<&NewLock>) -> Result<(), Failure> {
        let Some(lock) = lock else { return Ok(()) };
        self.save_lock(lock)?;
        if self.format.is_for_people() {
            lock.moved.iter().for_each(|moved| output::aside(&format!("{LOCK}: {moved}\n")));
        }
        Ok(())
    }

    fn save_lock(&self, lock: &NewLock) -> Result<(), Failure> {
        mu_bundle::write(&self.place.folder.join(LOCK), lock.text.as_bytes()).map_err(|error| {
            Failure::outside(format!("the lock cannot be written: {error}"))
                .help("make the project's folder writable: what is built is to be what the lock says")
        })
    }

    /// As [`Program::write_lock`], for what leaves nothing behind: where nothing can be written, that is said and no more.
    fn try_lock(&self, lock: Option<&NewLock>) {
        if self.write_lock(lock).is_err() && self.format.is_for_people() {
            output::aside(&format!("{LOCK} cannot be written here, so the choice is not kept\n"));
        }
    }
}

fn internal_fault(fault: &str) -> Failure {
    Failure::request(format!("the compiler has a fault: {fault}")).help("please report this with the program")
}

/// The status of a command that showed errors.
fn wrong() -> ExitCode {
    ExitCode::from(WRONG)
}
