//! Small typed programs, built by hand, and a world of files in memory.

use mu_analysis::hir::*;
use mu_analysis::names::DefId;
use mu_analysis::ty::{Arg, DType, Dim, Elem, LabelSet, Labels, Type, UnitTy};
use mu_analysis::units::Unit;
use mu_base::decimal::Decimal;
use mu_base::{FileId, Loc, Span, World, WorldError};
use mu_format::value::Value;
use mu_interp::{Limits, Machine, NoModels};
use mu_lower::{Choice, Error, Facts, Graph, Lowered, Lowering, Typed};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything a test declares. Ids are numbers that the test chooses.
#[derive(Default)]
pub struct Program {
    pub functions: BTreeMap<DefId, Function>,
    pub slots: BTreeMap<DefId, Slot>,
    pub cards: BTreeMap<DefId, Card>,
    pub constants: BTreeMap<DefId, Constant>,
    pub records: BTreeMap<DefId, Vec<(String, Type)>>,
    pub files: Files,
}

#[derive(Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl World for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, WorldError> {
        self.0.get(path).cloned().ok_or(WorldError::NotFound)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.0.keys().filter(|path| path.starts_with(folder)).cloned().collect()
    }

    fn size(&self, path: &str) -> Result<u64, WorldError> {
        self.read(path).map(|bytes| bytes.len() as u64)
    }
}

impl Facts for Program {
    fn fields(&self, record: &Type) -> Vec<(String, Type)> {
        match record {
            Type::Record(id, _) => self.records.get(id).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn place(&self, item: DefId, span: Span) -> Option<Loc> {
        Some(Loc { file: FileId(item.0), span })
    }
}

impl Program {
    pub fn typed(&self) -> Typed<'_> {
        Typed {
            functions: &self.functions,
            slots: &self.slots,
            cards: &self.cards,
            constants: &self.constants,
            facts: self,
        }
    }

    pub fn graph(&self) -> Graph {
        Graph::new(&self.typed())
    }

    /// `fn NAME(PARAMS) -> RESULT { VALUE }`; the parameters are locals 0, 1 and so on, `more` are those after them.
    pub fn function(&mut self, id: u32, name: &str, params: &[Type], more: &[Type], value: Expr) {
        let body = body(id, params, more, value);
        let named = params.iter().enumerate().map(|(i, ty)| (format!("p{i}"), ty.clone())).collect();
        let result = body.result.clone();
        let function = Function { name: name.to_string(), docs: String::new(), params: named, result, body };
        self.functions.insert(DefId(id), function);
    }

    /// A constant whose value has no locals.
    pub fn constant(&mut self, id: u32, name: &str, value: Expr) {
        let body = body(id, &[], &[], value);
        let constant = Constant { name: name.to_string(), ty: body.result.clone(), body, loc: loc(id) };
        self.constants.insert(DefId(id), constant);
    }

    /// A slot for a task of one parameter.
    pub fn slot(&mut self, id: u32, name: &str, task: u32, param: Type, result: Type) {
        let (requires, objective, at_request) = Default::default();
        let task = self::task(task, param, result);
        self.slots
            .insert(DefId(id), Slot { name: name.to_string(), task, requires, objective, at_request, loc: loc(id) });
    }

    /// A card whose adapter is `value` over the task's parameter, local 0.
    pub fn card(&mut self, id: u32, name: &str, task: u32, param: Type, value: Expr) {
        let adapter = body(id, std::slice::from_ref(&param), &[], value);
        let port = |name: &str| Port { name: name.into(), onnx: format!("{name}:0"), ty: vector(2) };
        let net = Net {
            path: Some(format!("{name}.onnx")),
            sha256: "ab".repeat(32),
            inputs: vec![port("x")],
            outputs: vec![port("y")],
            dims: Vec::new(),
            traits: Vec::new(),
            used: Vec::new(),
            loc: loc(id),
        };
        let task = self::task(task, param, adapter.result.clone());
        let (license, claims) = ("MIT".to_string(), Vec::new());
        self.cards
            .insert(DefId(id), Card { name: name.to_string(), task, net, license, claims, adapter, loc: loc(id) });
    }

    /// Lowers one entry and evaluates constants without models.
    pub fn lower(&self, entry: u32, choice: &[(u32, u32)]) -> Result<Lowered, Error> {
        let graph = self.graph();
        let mut lowering = Lowering::new(self.typed(), &graph, &self.files)?;
        lowering.entry(DefId(entry), &chosen(choice))?;
        lowering.finish(&mut |program, _, function| run(program, function, Vec::new()))
    }

    /// Lowers a function that reaches no slot and calls it.
    pub fn call(&self, entry: u32, args: Vec<Value>) -> Result<Value, String> {
        let lowered = self.lower(entry, &[]).map_err(|error| error.to_string())?;
        run(&lowered.program, lowered.program.entries[0].function, args)
    }
}

pub fn run(program: &mu_format::ir::Program, function: u32, args: Vec<Value>) -> Result<Value, String> {
    let machine = Machine::new(Arc::new(program.clone()), Vec::new(), Limits::default()).map_err(|e| e.to_string())?;
    machine.call(function, args, &mut NoModels).map_err(|e| e.message)
}

pub fn chosen(choice: &[(u32, u32)]) -> Choice {
    choice.iter().map(|(slot, card)| (DefId(*slot), DefId(*card))).collect()
}

pub fn loc(id: u32) -> Loc {
    Loc { file: FileId(id), span: Span::default() }
}

fn task(task: u32, param: Type, result: Type) -> TaskRef {
    TaskRef {
        task: DefId(task),
        name: format!("task{task}"),
        args: Vec::<Arg>::new(),
        params: vec![("input".to_string(), param)],
        result,
    }
}

pub fn body(item: u32, params: &[Type], more: &[Type], value: Expr) -> Body {
    let local = |(i, ty): (usize, &Type)| Local { name: format!("v{i}"), ty: ty.clone(), span: Span::default() };
    Body {
        item: DefId(item),
        locals: params.iter().chain(more).enumerate().map(local).collect(),
        params: (0..params.len() as u32).collect(),
        result: value.ty.clone(),
        block: block(value),
    }
}

pub fn block(value: Expr) -> Block {
    Block { lets: Vec::new(), nexts: Vec::new(), value: Box::new(value) }
}

pub fn expr(ty: Type, kind: ExprKind) -> Expr {
    Expr { ty, span: Span::default(), kind }
}

pub fn local(id: u32, ty: Type) -> Expr {
    expr(ty, ExprKind::Local(id))
}

pub fn call(function: u32, ty: Type, args: Vec<Expr>) -> Expr {
    expr(ty, ExprKind::Call { function: DefId(function), args })
}

pub fn slot(slot: u32, ty: Type, args: Vec<Expr>) -> Expr {
    expr(ty, ExprKind::Slot { slot: DefId(slot), args })
}

pub fn op(name: &str, ty: Type, args: Vec<Expr>) -> Expr {
    expr(ty, ExprKind::Builtin { name: name.to_string(), consts: Vec::new(), args })
}

pub fn either(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    let (then, otherwise) = (block(then), block(otherwise));
    expr(then.value.ty.clone(), ExprKind::If { condition: Box::new(condition), expect: None, then, otherwise })
}

pub fn truth(value: bool) -> Expr {
    expr(Type::bool(), ExprKind::Bool(value))
}

pub fn int(value: i64) -> Expr {
    expr(i64(), ExprKind::Number(Decimal::from(value)))
}

pub fn text(value: &str) -> Expr {
    expr(Type::Text, ExprKind::Text(value.to_string()))
}

pub fn i64() -> Type {
    Type::scalar(DType::I64)
}

pub fn vector(n: u64) -> Type {
    Type::Tensor(Elem::Is(DType::F32), UnitTy::Is(Unit::one()), vec![Dim::Is(n)])
}

pub fn list(element: Type, bound: u64) -> Type {
    Type::List(Box::new(element), Dim::Is(bound))
}

pub fn labels(names: &[&str]) -> Labels {
    Labels::Is(Arc::new(LabelSet::new("Set", names.iter().map(|name| name.to_string()).collect())))
}
