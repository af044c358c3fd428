//! What the command line and an editor ask of the compiler: checking, compiling, testing, and showing what a stage made.
//!
//! Everything is a function of the files that come through [`World`]: no clock, no environment, nothing is written.

mod at_request;
mod bom;
mod bundle;
mod card;
pub mod catalog;
mod check;
mod choose;
mod compile;
mod conflict;
mod doubts;
mod dump;
mod engine;
mod front;
mod lock;
mod models;
mod problem;
mod remote;
mod report;
mod settings;
mod subject;
mod test;
mod update;
pub mod why;

pub use bundle::{Target, add_frozen, arch, bundle, bundle_in};
pub use card::card_program;
pub use check::{check, check_with};
pub use compile::{Compiled, compile, compile_in};
pub use dump::{Stage, dump};
pub use lock::{LOCK, NewLock};
pub use models::ModelFile;
pub use mu_analysis::hir::{Setting, Stated};
pub use mu_analysis::project::FETCHED;
pub use mu_analysis::{Env, function_name, lambda};
pub use mu_lower::{Metric, Over, Part};
pub use mu_native::Level;
pub use problem::CostItems;
pub use remote::{CatalogFiles, CatalogSource, MissingFile, NamedFile, Needed, catalog_files, catalog_place, missing};
pub use report::Report;
pub use settings::{Callers, Deployed, Deployments, Settings, deployments};
pub use subject::{CardFacts, Declared, Judge, Subject, subject};
pub use test::{TestResult, Tested, tests};
pub use update::{Moved, Updated, update};

use mu_base::World;

/// Where a program is.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Paths are relative to the project's folder, or to the folder of the one file.
    pub world: &'a dyn World,
    /// The file's path where the program is one `.mu` file without a project.
    pub lone: Option<&'a str>,
}

/// What a bundle is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// The project's entries and this function of the main module.
    Function(&'a str),
    /// The project's entries: its deployed functions, or else those that reach a slot.
    All,
}

/// How to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Refuse a selection that differs from `mu.lock`.
    pub locked: bool,
}
