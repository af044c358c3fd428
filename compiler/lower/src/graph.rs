//! The program graph: which function, slot, card and constant needs which. It finds circles of calls, what an entry
//! reaches, and the order in which everything can be lowered, callees first.

mod cycles;
mod dot;

use crate::typed::Typed;
use crate::visit;
use mu_analysis::hir::{Body, ExprKind};
use mu_analysis::names::DefId;
use mu_analysis::ty::Type;
use mu_base::Loc;
use mu_format::ir::DecisionId;
use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet};

/// A part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    Function(DefId),
    Slot(DefId),
    Card(DefId),
    Constant(DefId),
}

/// Which card fills each slot.
pub type Choice = BTreeMap<DefId, DefId>;

/// What fills each slot: a card, or several among which requests choose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Filling(pub BTreeMap<DefId, Filled>);

impl From<&Choice> for Filling {
    fn from(choice: &Choice) -> Filling {
        Filling(choice.iter().map(|(slot, card)| (*slot, Filled::Card(*card))).collect())
    }
}

/// What fills a slot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filled {
    Card(DefId),
    /// One of the cards, in the order of the options of the program's decision.
    AtRequest {
        decision: DecisionId,
        cards: Vec<DefId>,
    },
}

impl Filled {
    /// All cards that may be called.
    pub fn cards(&self) -> &[DefId] {
        match self {
            Filled::Card(card) => std::slice::from_ref(card),
            Filled::AtRequest { cards, .. } => cards,
        }
    }
}

/// What a body needs: each part once, with the first place that needs it, where that is known.
pub type Uses = BTreeMap<Node, Option<Loc>>;

/// The whole program before any model is chosen: a slot needs every card that may fill it.
pub struct Graph {
    graph: DiGraph<Node, Option<Loc>>,
    index: BTreeMap<Node, NodeIndex>,
    names: BTreeMap<Node, String>,
    /// The slots that each part reaches; empty where there are circles.
    slots: BTreeMap<Node, BTreeSet<DefId>>,
}

impl Graph {
    pub fn new(typed: &Typed) -> Graph {
        let (graph, index, names, below) = (DiGraph::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut out = Graph { graph, index, names, slots: below };
        let functions = typed.functions.iter().map(|(id, f)| (Node::Function(*id), &f.name));
        let slots = typed.slots.iter().map(|(id, s)| (Node::Slot(*id), &s.name));
        let cards = typed.cards.iter().map(|(id, c)| (Node::Card(*id), &c.name));
        let constants = typed.constants.iter().map(|(id, c)| (Node::Constant(*id), &c.name));
        for (node, name) in functions.chain(slots).chain(cards).chain(constants) {
            out.index.insert(node, out.graph.add_node(node));
            out.names.insert(node, name.clone());
        }
        for (id, function) in typed.functions {
            out.connect(Node::Function(*id), &uses(typed, &function.body));
        }
        for (id, card) in typed.cards {
            out.connect(Node::Card(*id), &uses(typed, &card.adapter));
        }
        for (id, constant) in typed.constants {
            out.connect(Node::Constant(*id), &uses(typed, &constant.body));
        }
        for (id, slot) in typed.slots {
            let cards = typed.candidates(slot).into_iter().map(|card| (Node::Card(card), Some(slot.loc)));
            out.connect(Node::Slot(*id), &cards.collect());
        }
        for node in out.order().unwrap_or_default() {
            let below = out.targets(node, None);
            let mut found: BTreeSet<DefId> = below.iter().flat_map(|n| out.slots_below(*n)).copied().collect();
            if let Node::Slot(slot) = node {
                found.insert(slot);
            }
            out.slots.insert(node, found);
        }
        out
    }

    fn connect(&mut self, from: Node, uses: &Uses) {
        for (to, loc) in uses {
            if let (Some(from), Some(to)) = (self.index.get(&from), self.index.get(to)) {
                self.graph.add_edge(*from, *to, *loc);
            }
        }
    }

    /// All parts, callees first; `None` where there are circles.
    pub fn order(&self) -> Option<Vec<Node>> {
        let sorted = toposort(&self.graph, None).ok()?;
        Some(sorted.into_iter().rev().map(|i| self.graph[i]).collect())
    }

    /// What the roots reach, themselves included. A slot leads to the cards that `choice` names, or to every candidate where
    /// there is no choice.
    pub fn reached(&self, roots: impl IntoIterator<Item = Node>, choice: Option<&Filling>) -> BTreeSet<Node> {
        let mut seen = BTreeSet::new();
        let mut todo: Vec<Node> = roots.into_iter().collect();
        while let Some(node) = todo.pop() {
            if seen.insert(node) {
                todo.extend(self.targets(node, choice));
            }
        }
        seen
    }

    /// The slots that the roots reach, whichever cards are chosen.
    pub fn slots(&self, roots: impl IntoIterator<Item = Node>) -> Vec<DefId> {
        let found: BTreeSet<DefId> = roots.into_iter().flat_map(|node| self.slots_below(node)).copied().collect();
        found.into_iter().collect()
    }

    /// The slots that a part reaches.
    pub(crate) fn slots_below(&self, node: Node) -> impl Iterator<Item = &DefId> {
        self.slots.get(&node).into_iter().flatten()
    }

    /// What a part needs directly.
    pub(crate) fn targets(&self, node: Node, choice: Option<&Filling>) -> BTreeSet<Node> {
        match (node, choice) {
            (Node::Slot(slot), Some(choice)) => {
                choice.0.get(&slot).into_iter().flat_map(Filled::cards).map(|card| Node::Card(*card)).collect()
            }
            _ => {
                let from = self.index.get(&node).into_iter();
                from.flat_map(|i| self.graph.edges(*i).map(|e| self.graph[e.target()])).collect()
            }
        }
    }

    fn name(&self, node: Node) -> &str {
        self.names.get(&node).map_or("?", String::as_str)
    }
}

/// What a body needs directly. A slot is needed by a call and by a type that speaks of its vectors.
pub fn uses(typed: &Typed, body: &Body) -> Uses {
    let mut found = Uses::new();
    let mut types: Vec<(&Type, Option<Loc>)> =
        body.locals.iter().map(|local| (&local.ty, typed.facts.place(body.item, local.span))).collect();
    visit::body(body, &mut |e| {
        let loc = typed.facts.place(body.item, e.span);
        let node = match &e.kind {
            ExprKind::Call { function, .. } => Some(Node::Function(*function)),
            ExprKind::Slot { slot, .. } => Some(Node::Slot(*slot)),
            ExprKind::Const(constant) => Some(Node::Constant(*constant)),
            _ => None,
        };
        if let Some(node) = node {
            found.entry(node).or_insert(loc);
        }
        types.push((&e.ty, loc));
    });
    let mut slots = visit::SlotsIn::new(typed.facts);
    for (ty, loc) in types {
        slots.walk(ty, &mut |slot| {
            found.entry(Node::Slot(slot)).or_insert(loc);
        });
    }
    found
}
