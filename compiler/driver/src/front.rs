//! The front half: the checked program, its graph and its entries.

use crate::Input;
use crate::pin::LOCK;
use mu_analysis::hir::{Deploy, Test};
use mu_analysis::names::DefId;
use mu_analysis::{Analysis, Cache, analyse};
use mu_base::{Diagnostic, FileId, WorldError};
use mu_lower::{Graph, Node, Typed, graph};
use std::sync::Arc;

/// A checked program.
pub(crate) struct Front {
    pub analysis: Analysis,
    pub graph: Graph,
    pub diagnostics: Vec<Diagnostic>,
    /// What `mu.lock` says, where there is one.
    pub lock: Option<Result<(FileId, Arc<str>), WorldError>>,
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
        Front { analysis, graph, diagnostics, lock }
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

fn typed(analysis: &Analysis) -> Typed<'_> {
    Typed {
        functions: &analysis.functions,
        slots: &analysis.slots,
        cards: &analysis.cards,
        constants: &analysis.constants,
        facts: analysis,
    }
}
