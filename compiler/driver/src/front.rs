//! The front half: the checked program, its graph and its entries.

use crate::Input;
use crate::lock::LOCK;
use mu_analysis::hir::{Deploy, Test};
use mu_analysis::names::DefId;
use mu_analysis::{Analysis, Cache, analyse};
use mu_base::{Code, Diagnostic, FileId, Loc, Span, WorldError};
use mu_evidence::Store;
use mu_evidence::store::Fault;
use mu_lower::{Graph, Node, Typed, graph};
use std::cell::RefCell;
use std::sync::Arc;

/// A checked program.
pub(crate) struct Front {
    pub analysis: Analysis,
    pub graph: Graph,
    pub diagnostics: Vec<Diagnostic>,
    /// What `mu.lock` says, where there is one.
    pub lock: Option<Result<(FileId, Arc<str>), WorldError>>,
    /// What was measured of the catalog's models.
    pub evidence: Store,
    /// What was said after the front half was done.
    said: RefCell<Vec<Diagnostic>>,
}

/// A function that can be called from outside.
#[derive(Debug, Clone)]
pub(crate) struct EntryPoint {
    pub name: String,
    pub function: DefId,
    /// Its place among the deployments, where it is deployed.
    pub deploy: Option<usize>,
    /// What it reaches.
    pub slots: Vec<DefId>,
}

impl Front {
    /// Reads and checks everything but the selection.
    pub fn read(input: &Input) -> Front {
        let mut analysis = analyse(input.world, input.lone, &mut Cache::default());
        let mut diagnostics = std::mem::take(&mut analysis.diagnostics);
        let graph = Graph::new(&typed(&analysis));
        diagnostics.extend(graph.cycles());
        let lock = match input.lone {
            Some(_) => Err(WorldError::NotFound),
            None => input.world.read(LOCK),
        };
        let lock = match lock {
            Err(WorldError::NotFound) => None,
            Err(error) => Some(Err(error)),
            Ok(bytes) => {
                let text: Arc<str> = String::from_utf8_lossy(&bytes).into();
                Some(Ok((analysis.sources.add(LOCK, text.clone()), text)))
            }
        };
        let evidence = match input.lone {
            Some(_) => Store::default(),
            None => Store::read(input.world, &analysis.project.catalog),
        };
        diagnostics.extend(evidence.faults.iter().map(|fault| bad_evidence(fault, &mut analysis)));
        Front { analysis, graph, diagnostics, lock, evidence, said: RefCell::default() }
    }

    /// Adds warnings on what is made of the program.
    pub fn say(&self, diagnostics: Vec<Diagnostic>) {
        self.said.borrow_mut().extend(diagnostics);
    }

    /// What was said with [`Front::say`].
    pub fn said(&self) -> Vec<Diagnostic> {
        self.said.borrow().clone()
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    pub fn typed(&self) -> Typed<'_> {
        typed(&self.analysis)
    }

    pub fn deploy(&self, entry: &EntryPoint) -> Option<&Deploy> {
        self.analysis.deploys.get(entry.deploy?)
    }

    /// All functions of the main module, by name.
    pub fn functions(&self) -> Vec<EntryPoint> {
        let main = self.analysis.main.iter();
        main.map(|(name, id)| EntryPoint {
            name: name.clone(),
            function: *id,
            deploy: self.analysis.deploys.iter().position(|deploy| deploy.function == *id),
            slots: self.graph.slots([Node::Function(*id)]),
        })
        .collect()
    }

    /// What a bundle of the project can be asked: its deployed functions in the order of the source; where there are none,
    /// the functions of the main module that reach a slot; where there are none of these either, all of them.
    pub fn entries(&self) -> Vec<EntryPoint> {
        let functions = self.functions();
        let mut deployed: Vec<EntryPoint> = functions.iter().filter(|f| f.deploy.is_some()).cloned().collect();
        deployed.sort_by_key(|f| f.deploy);
        let reaching = || functions.iter().filter(|f| !f.slots.is_empty()).cloned().collect::<Vec<_>>();
        [deployed, reaching()].into_iter().find(|list| !list.is_empty()).unwrap_or(functions)
    }

    /// The slots that a test reaches.
    pub fn slots_of(&self, test: &Test) -> Vec<DefId> {
        let bodies = test.asserts.iter().map(|assert| &assert.body);
        self.graph.slots(bodies.flat_map(|body| graph::uses(&self.typed(), body).into_keys()))
    }
}

/// The model counts as unmeasured then, which is said rather than refused: what does not need the figure is not in the way of it.
fn bad_evidence(fault: &Fault, analysis: &mut Analysis) -> Diagnostic {
    let file = analysis.sources.add(fault.path.as_str(), fault.text.as_str());
    let span = fault.at().map_or(Span::default(), |at| Span::new(at.start, at.end));
    Diagnostic::warning(Code::BadEvidence, format!("`{}` is left out: {}", fault.path, fault.message()))
        .at(Loc { file, span }, "this does not count")
        .help("delete it and measure again with `mulc models evaluate` and `mulc models measure`")
}

fn typed(analysis: &Analysis) -> Typed<'_> {
    Typed {
        functions: &analysis.functions,
        slots: &analysis.slots,
        cards: &analysis.cards,
        constants: &analysis.constants,
        facts: analysis,
    }
}
