//! What the whole check shares: the modules, what is known of each declaration, and the diagnostics so far.

use crate::decl::{RecordInfo, Signature, TaskInfo, TraitInfo};
use crate::hir;
use crate::names::{DefId, DefKind, Found, Names};
use crate::project::{FETCHED, Module, Project, join};
use crate::ty::LabelSet;
use crate::units::Unit;
use mu_base::{Code, Diagnostic, Loc, Sources, Span, World, WorldError, suggest};
use mu_syntax::ast::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// An item: its module and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    pub module: usize,
    pub item: usize,
}

pub struct Cx<'w> {
    pub world: &'w dyn World,
    pub project: &'w Project,
    pub modules: &'w [Module],
    pub sources: &'w Sources,
    pub names: &'w Names,
    pub diagnostics: Vec<Diagnostic>,
    /// Units by name, with `%`.
    pub units: BTreeMap<String, Unit>,
    /// Units whose declaration is wrong: their uses are no further errors.
    pub broken_units: BTreeSet<String>,
    /// The base unit of each dimension.
    pub dimensions: BTreeMap<String, String>,
    pub traits: BTreeMap<String, TraitInfo>,
    pub labels: BTreeMap<DefId, Arc<LabelSet>>,
    pub records: BTreeMap<DefId, RecordInfo>,
    pub signatures: BTreeMap<DefId, Rc<Signature>>,
    pub tasks: BTreeMap<DefId, Rc<TaskInfo>>,
    pub datasets: BTreeMap<DefId, hir::Dataset>,
    pub slots: BTreeMap<DefId, hir::Slot>,
    pub cards: BTreeMap<DefId, hir::Card>,
    pub functions: BTreeMap<DefId, hir::Function>,
    pub constants: BTreeMap<DefId, hir::Constant>,
    /// How many more unknown names are compared with the known ones.
    pub suggestions: u32,
    /// Constants whose check is under way, innermost last.
    pub checking: Vec<DefId>,
}

impl Cx<'_> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub fn loc(&self, at: At, span: Span) -> Loc {
        self.modules[at.module].loc(at.item, span)
    }

    pub fn at(&self, id: DefId) -> At {
        let def = self.names.get(id);
        At { module: def.module, item: def.item }
    }

    /// Where a declaration's name stands.
    pub fn name_loc(&self, id: DefId) -> Loc {
        self.names.loc(self.modules, id)
    }

    /// What a name means here; an unknown one is reported, with the nearest known one.
    pub fn resolve(&mut self, at: At, name: &Name) -> Option<DefId> {
        match self.names.find(at.module, &name.text) {
            Found::Def(id) => Some(id),
            Found::Ambiguous(ids) => {
                let loc = self.loc(at, name.span);
                let modules: Vec<&str> =
                    ids.iter().map(|id| self.modules[self.names.get(*id).module].name.as_str()).collect();
                let mut diagnostic = Diagnostic::error(
                    Code::AmbiguousName,
                    format!("`{}` is declared in {}", name.text, list(&modules)),
                )
                .at(loc, "which one?")
                .help("rename one, or use only one of the modules");
                for id in &ids {
                    diagnostic = diagnostic.because(self.name_loc(*id), "one is declared here");
                }
                self.report(diagnostic);
                None
            }
            Found::Nothing => {
                self.unknown(at, name, &[]);
                None
            }
        }
    }

    /// Reports an unknown name; `more` are names that would do too, as locals.
    pub fn unknown(&mut self, at: At, name: &Name, more: &[&str]) {
        if self.names.is_incomplete(at.module) {
            return;
        }
        let loc = self.loc(at, name.span);
        let mut diagnostic =
            Diagnostic::error(Code::UnknownName, format!("`{}` is not declared", name.text)).at(loc, "not found");
        let start = Loc { file: loc.file, span: Span::new(0, 0) };
        let from = |module: &str| format!("it is declared in `{module}`: add `use {module}`");
        if let Some(module) = self.names.standard_module(self.modules, &name.text) {
            diagnostic =
                diagnostic.help(from(&module)).fix(format!("add `use {module}`"), start, format!("use {module}\n"));
        } else if self.suggestions > 0 {
            // Looking for the nearest name takes a look at all of them, so a file full of mistakes is not helped for ever.
            self.suggestions -= 1;
            let known = self.names.visible(at.module).into_iter().chain(more.iter().copied());
            if let Some(near) = suggest::nearest(&name.text, known) {
                diagnostic =
                    diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), loc, near);
            } else if let Some(near) = suggest::nearest(&name.text, self.names.standard()) {
                let module = self.names.standard_module(self.modules, near).unwrap_or_default();
                diagnostic = diagnostic.help(format!("did you mean `{near}`? {}", from(&module)));
            }
        }
        self.report(diagnostic);
    }

    /// A name that must mean a declaration of one kind.
    pub fn resolve_kind(&mut self, at: At, name: &Name, kind: DefKind) -> Option<DefId> {
        let id = self.resolve(at, name)?;
        let found = self.names.get(id).kind;
        if found == kind {
            return Some(id);
        }
        if found != DefKind::Broken {
            let loc = self.loc(at, name.span);
            let declared = self.name_loc(id);
            self.report(
                Diagnostic::error(
                    Code::UnknownName,
                    format!("`{}` is {}, not {}", name.text, found.noun(), kind.noun()),
                )
                .at(loc, format!("{} is needed here", kind.noun()))
                .because(declared, "declared here"),
            );
        }
        None
    }

    /// The path of a file named in a module, and its bytes. Cards also look into the folders of weights.
    pub fn read(&mut self, module: usize, path: &str) -> Result<(String, Vec<u8>), WorldError> {
        let path = self.find_file(module, path)?;
        Ok((path.clone(), self.world.read(&path)?))
    }

    /// The path from the project's folder of a file named in a module, where there is one.
    pub fn find_file(&self, module: usize, path: &str) -> Result<String, WorldError> {
        let module = &self.modules[module];
        let direct = join(&module.folder, path);
        let error = match self.world.size(&direct) {
            Ok(_) => return Ok(direct),
            Err(error) => error,
        };
        let base = path.rsplit('/').next().unwrap_or(path);
        for folder in &self.project.weights {
            let other = join(folder, base);
            if self.world.size(&other).is_ok() {
                return Ok(other);
            }
        }
        Err(error)
    }

    /// As [`Cx::read`], for a file that was fetched from a store and lies in the cache under its sha256.
    pub fn read_fetched(&mut self, sha256: &str) -> Result<(String, Vec<u8>), WorldError> {
        let path = format!("{FETCHED}/{sha256}");
        Ok((path.clone(), self.world.read(&path)?))
    }

    /// Reports a file that cannot be read.
    pub fn file_missing(&mut self, loc: Loc, path: &str, error: &WorldError) {
        self.report(
            Diagnostic::error(Code::FileMissing, format!("`{path}` cannot be read: {error}"))
                .at(loc, "named here")
                .help("paths are relative to the file they stand in"),
        );
    }
}

/// `a`, `a and b`, `a, b and c`, each in backticks.
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
