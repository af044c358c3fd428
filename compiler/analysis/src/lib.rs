//! Names and types: from syntax trees to a typed program.
//!
//! The analysis never fails: it returns what it could make out, and diagnostics. What already has a diagnostic becomes an
//! error type or is left out, so that one mistake is reported once.

mod bodies;
mod cards;
mod check;
mod constants;
mod cx;
mod decl;
mod deploy;
pub mod hir;
pub mod hir_walk;
pub mod lambda;
pub mod names;
pub mod project;
mod requires;
pub mod show;
mod slots;
pub mod ty;
pub mod units;

pub use decl::RecordInfo;
pub use deploy::{function_name, merged};
pub use mu_syntax::Cache;
pub use project::{Env, Module, Project};

use cx::Cx;
use mu_base::{Diagnostic, FileId, Sources, World};
use names::{DefId, DefKind, Names};
use std::collections::BTreeMap;
use ty::Type;

/// The typed program of a project, as far as it could be made out.
pub struct Analysis {
    pub sources: Sources,
    pub project: Project,
    pub modules: Vec<Module>,
    pub names: Names,
    pub functions: BTreeMap<DefId, hir::Function>,
    pub slots: BTreeMap<DefId, hir::Slot>,
    pub cards: BTreeMap<DefId, hir::Card>,
    pub datasets: BTreeMap<DefId, hir::Dataset>,
    pub constants: BTreeMap<DefId, hir::Constant>,
    /// Of every task that a card or a data set is of.
    pub metrics: Vec<hir::Metrics>,
    pub deploys: Vec<hir::Deploy>,
    pub tests: Vec<hir::Test>,
    pub records: BTreeMap<DefId, RecordInfo>,
    /// The functions of the main module, by name: what can be run.
    pub main: BTreeMap<String, DefId>,
    /// In the order in which they were found; several may stand at one place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Analysis {
    /// The fields of a record or of a net's outputs, generics replaced; empty for other types.
    pub fn record_fields(&self, ty: &Type) -> Vec<(String, Type)> {
        match ty {
            Type::Record(id, args) => self.records.get(id).map(|r| r.fields_with(args)).unwrap_or_default(),
            Type::Outputs(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Analyses the project that `world` shows. `lone` is the one source of a project without `mu.toml`.
pub fn analyse(world: &dyn World, lone: Option<&str>, cache: &mut Cache) -> Analysis {
    let loaded = project::load(world, lone, cache);
    let mut diagnostics = loaded.diagnostics;
    let names = names::collect(&loaded.modules, &mut diagnostics);
    let mut cx = Cx {
        world,
        project: &loaded.project,
        modules: &loaded.modules,
        sources: &loaded.sources,
        names: &names,
        diagnostics,
        units: BTreeMap::new(),
        broken_units: Default::default(),
        dimensions: BTreeMap::new(),
        traits: BTreeMap::new(),
        labels: BTreeMap::new(),
        records: BTreeMap::new(),
        signatures: BTreeMap::new(),
        tasks: BTreeMap::new(),
        datasets: BTreeMap::new(),
        slots: BTreeMap::new(),
        cards: BTreeMap::new(),
        functions: BTreeMap::new(),
        constants: BTreeMap::new(),
        suggestions: 100,
        checking: Vec::new(),
    };
    // Each step sees only what the steps before it found.
    decl::units::collect(&mut cx);
    decl::labels::collect(&mut cx);
    decl::signature::collect(&mut cx);
    decl::task::collect(&mut cx);
    slots::collect(&mut cx);
    cards::dataset_conflicts(&mut cx);
    slots::requirements(&mut cx);
    check::check_metrics(&mut cx);
    constants::check_all(&mut cx);
    cards::check_all(&mut cx);
    bodies::functions(&mut cx);
    let tests = bodies::tests(&mut cx);
    let metrics = check::metrics(&mut cx);
    let deploys = deploy::deploys(&mut cx);
    let Cx { diagnostics, functions, slots, cards, datasets, constants, records, .. } = cx;
    let main = names
        .iter()
        .filter(|(_, def)| def.kind == DefKind::Fn && loaded.modules[def.module].name == "main")
        .map(|(id, def)| (def.name.clone(), id))
        .collect();
    Analysis {
        sources: loaded.sources,
        project: loaded.project,
        modules: loaded.modules,
        names,
        functions,
        slots,
        cards,
        datasets,
        constants,
        metrics,
        deploys,
        tests,
        records,
        main,
        diagnostics,
    }
}

impl Cx<'_> {
    fn source(&self, file: FileId) -> std::sync::Arc<str> {
        self.sources.get(file).text
    }
}
