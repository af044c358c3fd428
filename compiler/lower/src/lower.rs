//! From typed bodies to the IR: one function for each function of the program, each chosen card's adapter, each constant and
//! each assertion. Where two entries chose different cards for a slot, what reaches that slot is lowered for each of them.

mod body;
mod branch;
mod metric;
mod operation;
mod types;

pub use metric::{Metric, Over, Part};

use crate::data;
use crate::error::Error;
use crate::graph::{Filling, Graph, Node, uses};
use crate::typed::Typed;
use body::Builder;
use mu_analysis::hir::{Body, Card};
use mu_analysis::names::DefId;
use mu_analysis::ty::{self, LabelSet};
use mu_base::{Code, Diagnostic, FileId, Loc, Span, World};
use mu_format::MAX_DEPTH;
use mu_format::decision::Decision;
use mu_format::ir::{
    Asset, AssetId, Block, ConstId, Constant, DecisionId, Entry, FuncId, Function, Kind, Model, ModelId, Param, Program,
};
use mu_format::types::Type;
use mu_format::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A constant whose value is still to be computed.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub constant: ConstId,
    pub function: FuncId,
    pub name: String,
    pub loc: Loc,
}

/// A file that operations read at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFile {
    /// From the project's folder.
    pub path: String,
    pub sha256: String,
    pub bytes: Arc<Vec<u8>>,
}

/// A program in the making.
pub struct Lowering<'a> {
    typed: Typed<'a>,
    graph: &'a Graph,
    world: &'a dyn World,
    /// All parts, callees first.
    order: Vec<Node>,
    sets: Vec<Arc<LabelSet>>,
    program: Program,
    functions: BTreeMap<(Node, Filling), FuncId>,
    /// By lowered function: how deep it nests.
    depths: Vec<u32>,
    constants: BTreeMap<(DefId, Filling), ConstId>,
    files: BTreeMap<(String, String), ConstId>,
    assets: Vec<AssetFile>,
    pending: Vec<Pending>,
    names: BTreeSet<String>,
    /// The vectors of the model that a metric judges.
    itself: Option<ty::Type>,
    around: Loc,
}

impl<'a> Lowering<'a> {
    /// Starts with an empty program. The graph must have no circles.
    pub fn new(typed: Typed<'a>, graph: &'a Graph, world: &'a dyn World) -> Result<Lowering<'a>, Error> {
        let order = graph.order().ok_or_else(|| Error::internal("calls go in a circle"))?;
        Ok(Lowering {
            typed,
            graph,
            world,
            order,
            sets: Vec::new(),
            program: Program::default(),
            functions: BTreeMap::new(),
            depths: Vec::new(),
            constants: BTreeMap::new(),
            files: BTreeMap::new(),
            assets: Vec::new(),
            pending: Vec::new(),
            names: BTreeSet::new(),
            itself: None,
            around: Loc { file: FileId(0), span: Span::default() },
        })
    }

    /// Makes a function callable from outside under its name, with the chosen cards.
    pub fn entry(&mut self, function: DefId, choice: impl Into<Filling>) -> Result<(), Error> {
        let choice = &choice.into();
        let node = Node::Function(function);
        self.below([node], choice)?;
        let id = self.function(node, choice)?;
        let typed =
            self.typed.functions.get(&function).ok_or_else(|| Error::internal("an entry without a function"))?;
        let params = typed.params.iter().map(|(name, ty)| Ok(Param { name: name.clone(), ty: self.ty(ty, choice)? }));
        let params = params.collect::<Result<_, Error>>()?;
        let result = self.ty(&typed.result, choice)?;
        let (name, docs) = (typed.name.clone(), typed.docs.clone());
        self.program.entries.push(Entry { name, function: id, params, result, docs });
        Ok(())
    }

    /// Makes a card's adapter callable under the card's name, with the inputs of its task.
    pub fn card(&mut self, id: DefId) -> Result<(), Error> {
        let choice = Filling::default();
        let node = Node::Card(id);
        self.below([node], &choice)?;
        let function = self.function(node, &choice)?;
        let card = self.typed.cards.get(&id).ok_or_else(|| Error::internal("an entry without a card"))?;
        let params = card.task.params.iter();
        let params = params.map(|(name, ty)| Ok(Param { name: name.clone(), ty: self.ty(ty, &choice)? }));
        let params = params.collect::<Result<_, Error>>()?;
        let result = self.ty(&card.adapter.result, &choice)?;
        let name = card.name.clone();
        self.program.entries.push(Entry { name, function, params, result, docs: String::new() });
        Ok(())
    }

    /// Lowers a body that stands by itself, as a function and an entry without parameters. `loc` is the place of what has
    /// none of its own.
    pub fn body(&mut self, name: &str, body: &Body, loc: Loc, choice: impl Into<Filling>) -> Result<(), Error> {
        let choice = &choice.into();
        self.around = loc;
        self.below(uses(&self.typed, body).into_keys(), choice)?;
        let function = self.lower(name, body, &body.result, None, choice)?;
        let result = self.ty(&body.result, choice)?;
        let name = name.to_string();
        self.program.entries.push(Entry { name, function, params: Vec::new(), result, docs: String::new() });
        Ok(())
    }

    /// The place of a choice that requests make, for [`Filled::AtRequest`]; equal ones are one.
    pub fn decision(&mut self, decision: Decision) -> DecisionId {
        let known = self.program.decisions.iter().position(|other| *other == decision);
        let place = known.unwrap_or_else(|| {
            self.program.decisions.push(decision);
            self.program.decisions.len() - 1
        });
        place as DecisionId
    }

    /// The program so far, constants still without values.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The program, constants still without values.
    pub(crate) fn parts(mut self) -> (Program, Vec<Pending>, Vec<AssetFile>) {
        self.program.labels = self.sets.iter().map(|set| set.labels.clone()).collect();
        (self.program, self.pending, self.assets)
    }

    /// Lowers all that the roots reach.
    fn below(&mut self, roots: impl IntoIterator<Item = Node>, choice: &Filling) -> Result<(), Error> {
        let reached = self.graph.reached(roots, Some(choice));
        let order: Vec<Node> = self.order.iter().filter(|node| reached.contains(node)).copied().collect();
        for node in order {
            let under = self.under(node, choice);
            match node {
                Node::Function(id) if !self.functions.contains_key(&(node, under.clone())) => {
                    let Some(function) = self.typed.functions.get(&id) else { continue };
                    let lowered = self.lower(&function.name, &function.body, &function.result, None, &under)?;
                    self.functions.insert((node, under), lowered);
                }
                Node::Card(id) if !self.functions.contains_key(&(node, under.clone())) => {
                    let Some(card) = self.typed.cards.get(&id) else { continue };
                    let name = format!("card.{}", card.name);
                    let lowered = self.lower(&name, &card.adapter, &card.adapter.result, Some(card), &under)?;
                    self.functions.insert((node, under), lowered);
                }
                Node::Constant(id) if !self.constants.contains_key(&(id, under.clone())) => self.pend(id, under)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn pend(&mut self, id: DefId, choice: Filling) -> Result<(), Error> {
        let Some(constant) = self.typed.constants.get(&id) else { return Ok(()) };
        let function = self.lower(&format!("const.{}", constant.name), &constant.body, &constant.ty, None, &choice)?;
        let ty = self.ty(&constant.ty, &choice)?;
        let place = self.add_constant(&constant.name, ty, Value::Bool(false));
        let name = constant.name.clone();
        self.pending.push(Pending { constant: place, function, name, loc: constant.loc });
        self.constants.insert((id, choice), place);
        Ok(())
    }

    /// The part of a choice that matters to a part of the program.
    fn under(&self, node: Node, choice: &Filling) -> Filling {
        Filling(self.graph.slots_below(node).filter_map(|slot| Some((*slot, choice.0.get(slot)?.clone()))).collect())
    }

    fn function(&self, node: Node, choice: &Filling) -> Result<FuncId, Error> {
        let found = self.functions.get(&(node, self.under(node, choice)));
        found.copied().ok_or_else(|| Error::internal(format!("{node:?} is called before it is lowered")))
    }

    fn constant(&self, id: DefId, choice: &Filling) -> Result<ConstId, Error> {
        let found = self.constants.get(&(id, self.under(Node::Constant(id), choice)));
        found.copied().ok_or_else(|| Error::internal(format!("constant {} is used before it is lowered", id.0)))
    }

    fn lower(
        &mut self,
        name: &str,
        body: &Body,
        result: &ty::Type,
        card: Option<&'a Card>,
        choice: &Filling,
    ) -> Result<FuncId, Error> {
        let result = self.ty(result, choice)?;
        let (values, block) = Builder::new(self, choice, body.item, card).body(body)?;
        let depth = self.deepest(&block, 1);
        if depth > MAX_DEPTH {
            let message = format!("`{name}` nests calls and blocks {depth} deep, more than {MAX_DEPTH}");
            let loc = self.typed.facts.place(body.item, Span::default()).unwrap_or(self.around);
            return Err(Diagnostic::error(Code::NestingTooDeep, message)
                .at(loc, "in this item")
                .help("let one function do several steps, or make nested `if`s one `match`")
                .into());
        }
        self.depths.push(depth);
        let mut name = name.to_string();
        let base = name.len();
        let mut copy = 1;
        while !self.names.insert(name.clone()) {
            copy += 1;
            name.truncate(base);
            name.push_str(&format!(".{copy}"));
        }
        self.program.functions.push(Function { name, result, values, body: block });
        Ok(self.program.functions.len() as FuncId - 1)
    }

    /// How deep blocks and calls nest, the limit that the verifier holds too.
    fn deepest(&self, block: &Block, depth: u32) -> u32 {
        let inside = block.insts.iter().map(|inst| {
            let callees = match &inst.kind {
                Kind::Call { function, .. } => std::slice::from_ref(function),
                Kind::Dispatch { functions, .. } => functions,
                _ => &[],
            };
            let callee = callees.iter().filter_map(|function| self.depths.get(*function as usize)).max();
            let callee = callee.copied().unwrap_or_default();
            let blocks = inst.kind.blocks().map(|inner| self.deepest(inner, depth + 1));
            blocks.max().unwrap_or(depth).max(depth + callee)
        });
        inside.max().unwrap_or(depth)
    }

    fn add_constant(&mut self, name: &str, ty: Type, value: Value) -> ConstId {
        self.program.constants.push(Constant { name: name.to_string(), ty, value });
        self.program.constants.len() as ConstId - 1
    }

    /// The content of a file as a constant.
    fn file(&mut self, path: &str, ty: &Type, loc: Loc) -> Result<ConstId, Error> {
        let key = (path.to_string(), ty.to_string());
        if let Some(known) = self.files.get(&key) {
            return Ok(*known);
        }
        let bytes = self.read(path, loc)?;
        let labels: Vec<Vec<String>> = self.sets.iter().map(|set| set.labels.clone()).collect();
        let value = data::value(path, bytes, ty, &labels).map_err(|problem| {
            Diagnostic::error(Code::BadData, problem.message).at(loc, problem.label).help(problem.help)
        })?;
        let place = self.add_constant(path, ty.clone(), value);
        self.files.insert(key, place);
        Ok(place)
    }

    /// A file that operations read at run time.
    fn asset(&mut self, path: &str, loc: Loc) -> Result<AssetId, Error> {
        if let Some(known) = self.assets.iter().position(|asset| asset.path == path) {
            return Ok(known as AssetId);
        }
        let bytes = self.read(path, loc)?;
        let sha256 = mu_format::bundle::sha256(&bytes);
        self.program.assets.push(Asset { name: path.to_string(), sha256: sha256.clone() });
        self.assets.push(AssetFile { path: path.to_string(), sha256, bytes: Arc::new(bytes) });
        Ok(self.assets.len() as AssetId - 1)
    }

    fn read(&self, path: &str, loc: Loc) -> Result<Vec<u8>, Error> {
        self.world.read(path).map_err(|error| {
            let message = format!("`{path}` cannot be read");
            Diagnostic::error(Code::FileMissing, message).at(loc, error.to_string()).into()
        })
    }

    /// A card's net under the types with which `infer` is called.
    fn model(&mut self, card: &Card, inputs: Vec<Type>, outputs: Vec<Type>) -> Result<ModelId, Error> {
        let ports = |ports: &[mu_analysis::hir::Port], types: Vec<Type>| {
            let same = ports.len() == types.len();
            let named = ports.iter().zip(types).map(|(port, ty)| (port.onnx.clone(), ty)).collect::<Vec<_>>();
            same.then_some(named).ok_or_else(|| Error::internal(format!("`infer` does not fit `{}`", card.name)))
        };
        let (inputs, outputs) = (ports(&card.net.inputs, inputs)?, ports(&card.net.outputs, outputs)?);
        let model = Model { name: card.name.clone(), sha256: card.net.sha256.clone(), inputs, outputs };
        let known = self.program.models.iter().position(|other| *other == model);
        let place = known.unwrap_or_else(|| {
            self.program.models.push(model);
            self.program.models.len() - 1
        });
        Ok(place as ModelId)
    }
}
