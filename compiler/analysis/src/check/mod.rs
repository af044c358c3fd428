//! Bodies: functions, adapters, constants, tests and metrics to typed trees.

mod builtin;
mod call;
mod control;
mod expr;
mod finish;
mod fit;
mod literal;
mod metric;
mod operator;
pub mod subst;
mod table;

pub use metric::{check_metrics, metrics};

use crate::cx::{At, Cx};
use crate::hir::{self, LocalId};
use crate::names::DefId;
use crate::show::Named;
use crate::ty::{LabelSet, Type};
use fit::Clash;
use mu_base::{Code, Diagnostic, Loc, Span};
use mu_syntax::ast::{self, Stmt};
use std::collections::BTreeMap;
use std::sync::Arc;
use table::Table;

/// What kind of body it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    Function,
    Test,
    Metric,
    Constant,
    Adapter(Adapter),
}

/// What an adapter may use of its card.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    pub inputs: Vec<hir::Port>,
    pub outputs: Vec<hir::Port>,
    pub dims: Vec<(String, Option<u64>)>,
    /// Where the net stands.
    pub net: Loc,
    /// The label of each class, and the set they are of.
    pub classes: Option<(Arc<LabelSet>, Vec<u32>)>,
    /// The card's classes are wrong, which is reported already.
    pub classes_wrong: bool,
    /// The outputs that are softmaxes already, by their names in the file.
    pub softmaxes: Vec<String>,
}

/// A body's statements, checked.
pub struct Checked {
    pub body: hir::Body,
    /// For tests: each assert, with how many `let`s stand before it.
    pub asserts: Vec<(hir::Expr, Span, usize)>,
    /// For adapters: the types of each `infer`.
    pub used: Vec<(Vec<Type>, Vec<Type>)>,
}

struct LocalInfo {
    name: String,
    ty: Type,
    span: Span,
    used: bool,
    /// A `let` or a loop name may be reported as unused; a parameter may not.
    check: bool,
}

pub struct Checker<'c, 'w> {
    cx: &'c mut Cx<'w>,
    at: At,
    item: DefId,
    place: Place,
    table: Table,
    locals: Vec<LocalInfo>,
    /// The locals in scope, and those of each name, innermost last.
    scope: Vec<LocalId>,
    by_name: BTreeMap<String, Vec<LocalId>>,
    used: Vec<(Vec<Type>, Vec<Type>)>,
    asserts: Vec<(hir::Expr, Span, usize)>,
    /// The scans around, innermost last.
    scans: Vec<Scan>,
    /// How many blocks are open.
    depth: u32,
    /// How many diagnostics there were before this body.
    errors_before: usize,
}

/// A scan whose body is being checked: how deep that body is, and the states with the next values given so far.
struct Scan {
    depth: u32,
    states: Vec<(LocalId, Option<hir::Expr>)>,
}

/// Why a place needs what it needs.
#[derive(Clone, Copy)]
struct Why<'a> {
    loc: Option<Loc>,
    text: &'a str,
    /// The code where the shapes or types clash; adapters have their own.
    code: Option<Code>,
}

impl Why<'_> {
    const NONE: Why<'static> = Why { loc: None, text: "", code: None };
}

/// Checks a body. `result` is what it must give, with the place that says so.
pub fn check_body(
    cx: &mut Cx,
    item: DefId,
    at: At,
    place: Place,
    params: &[(String, Type, Span)],
    block: &ast::Block,
    result: Option<(&Type, Loc)>,
) -> Checked {
    let errors_before = cx.diagnostics.len();
    let mut checker = Checker {
        errors_before,
        cx,
        at,
        item,
        place,
        table: Table::default(),
        locals: Vec::new(),
        scope: Vec::new(),
        by_name: BTreeMap::new(),
        used: Vec::new(),
        asserts: Vec::new(),
        scans: Vec::new(),
        depth: 0,
    };
    let params: Vec<LocalId> =
        params.iter().map(|(name, ty, span)| checker.bind(name, ty.clone(), *span, false)).collect();
    let is_test = checker.place == Place::Test;
    let block = match result {
        _ if is_test => checker.test(block),
        Some((ty, loc)) => {
            let why = Why { loc: Some(loc), text: "the result is declared here", code: None };
            checker.block(block, Some(ty), why)
        }
        None => checker.block(block, None, Why::NONE),
    };
    checker.finish(params, block)
}

impl<'c, 'w> Checker<'c, 'w> {
    fn loc(&self, span: Span) -> Loc {
        self.cx.loc(self.at, span)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.cx.report(diagnostic);
    }

    fn show(&self, ty: &Type) -> String {
        self.table.resolve(ty).show(self.cx)
    }

    fn error(&self, span: Span) -> hir::Expr {
        hir::Expr { ty: Type::Error, span, kind: hir::ExprKind::Error }
    }

    /// A new local. Two locals of one name may not be in scope together.
    fn bind(&mut self, name: &str, ty: Type, span: Span, check: bool) -> LocalId {
        let id = self.locals.len() as LocalId;
        if name != "_"
            && let Some(other) = self.find_local(name)
        {
            let first = self.loc(self.locals[other as usize].span);
            let loc = self.loc(span);
            self.report(
                Diagnostic::error(Code::DuplicateName, format!("`{name}` already names a value here"))
                    .at(loc, "named again here")
                    .because(first, "first named here")
                    .help("give it another name: nothing is ever overwritten"),
            );
        }
        if let Some(item) = self.cx.names.own(self.at.module, name) {
            let (first, loc) = (self.cx.name_loc(item), self.loc(span));
            let noun = self.cx.names.get(item).kind.noun();
            self.report(
                Diagnostic::error(Code::DuplicateName, format!("`{name}` already names {noun} of this module"))
                    .at(loc, "named again here")
                    .because(first, "first named here")
                    .help("give it another name"),
            );
        }
        self.locals.push(LocalInfo { name: name.to_string(), ty, span, used: false, check });
        self.scope.push(id);
        self.by_name.entry(name.to_string()).or_default().push(id);
        id
    }

    fn find_local(&self, name: &str) -> Option<LocalId> {
        self.by_name.get(name)?.last().copied()
    }

    /// Ends a scope: the locals since `mark` are no longer seen.
    fn leave(&mut self, mark: usize) {
        for id in self.scope.drain(mark..) {
            if let Some(ids) = self.by_name.get_mut(&self.locals[id as usize].name) {
                ids.pop();
            }
        }
    }

    /// The statements of a block; its value must fit `want`.
    fn block(&mut self, block: &ast::Block, want: Option<&Type>, why: Why) -> hir::Block {
        let mark = self.scope.len();
        self.depth += 1;
        let mut lets = Vec::new();
        let mut value = None;
        for (i, stmt) in block.stmts.iter().enumerate() {
            let last = i + 1 == block.stmts.len();
            match stmt {
                Stmt::Let { name, ty, value } => lets.push(self.let_stmt(name, ty.as_ref(), value)),
                Stmt::Next { name, value } => self.next_stmt(name, value),
                Stmt::Assert { span, .. } => {
                    let loc = self.loc(*span);
                    self.report(
                        Diagnostic::error(Code::SyntaxError, "`assert` stands in tests only").at(loc, "not here"),
                    );
                }
                Stmt::Expr(expr) if last => {
                    value = Some(match want {
                        Some(want) => self.check(expr, want, why),
                        None => self.expr(expr, None),
                    });
                }
                Stmt::Expr(expr) => {
                    self.expr(expr, None);
                    let loc = self.loc(expr.span);
                    self.report(
                        Diagnostic::error(Code::SyntaxError, "the value of this line is not used")
                            .at(loc, "only the last line of a block is its value")
                            .help("name it with `let`, or remove it"),
                    );
                }
            }
        }
        self.leave(mark);
        self.depth -= 1;
        let value = value.unwrap_or_else(|| {
            let end = Span { start: block.span.end.saturating_sub(1), end: block.span.end };
            let loc = self.loc(end);
            let broken = matches!(want, Some(Type::Error));
            if !broken {
                let needed = want.map(|w| format!("`{}` is needed", self.show(w)));
                self.report(
                    Diagnostic::error(Code::TypeMismatch, "the block has no value")
                        .at(loc, needed.unwrap_or_else(|| "its last line must be an expression".to_string()))
                        .help("the last line of a block is its value"),
                );
            }
            self.error(block.span)
        });
        hir::Block { lets, nexts: Vec::new(), value: Box::new(value) }
    }

    fn let_stmt(&mut self, name: &ast::Name, ty: Option<&ast::TypeExpr>, value: &ast::Expr) -> (LocalId, hir::Expr) {
        let value = match ty {
            Some(ty) => {
                let scope = crate::decl::types::Scope::plain(self.at);
                let want = crate::decl::types::convert(self.cx, scope, ty);
                let why = Why { loc: Some(self.loc(ty.span)), text: "the type is stated here", code: None };
                let mut value = self.check(value, &want, why);
                if !value.ty.is_error() {
                    value.ty = want;
                }
                value
            }
            None => self.expr(value, None),
        };
        let mut ty = self.table.resolve(&value.ty);
        if crate::decl::signature::too_large(self.cx, &ty) {
            let loc = self.loc(name.span);
            self.report(
                Diagnostic::error(Code::NotAType, format!("the type of `{}` is too large", name.text))
                    .at(loc, format!("it has more than {} parts", crate::decl::signature::MAX_PARTS)),
            );
            ty = Type::Error;
        }
        let id = self.bind(&name.text, ty, name.span, true);
        (id, value)
    }

    fn next_stmt(&mut self, name: &ast::Name, value: &ast::Expr) {
        let found = self.scans.last().and_then(|scan| {
            let place = scan.states.iter().position(|(id, _)| self.locals[*id as usize].name == name.text)?;
            Some((place, scan.states[place].0, scan.states[place].1.is_some(), scan.depth == self.depth))
        });
        let loc = self.loc(name.span);
        let Some((place, id, given, direct)) = found else {
            let help = if self.scans.is_empty() {
                "`next` stands in the body of a `scan`, and names a state that follows `with`"
            } else {
                "the states are those that follow `with`"
            };
            self.report(
                Diagnostic::error(Code::ScanState, format!("`{}` is no state of a scan here", name.text))
                    .at(loc, "not a state")
                    .help(help),
            );
            self.expr(value, None);
            return;
        };
        if !direct {
            self.report(
                Diagnostic::error(Code::ScanState, "`next` stands directly in the body of its scan")
                    .at(loc, "in a block of its own here")
                    .help(format!("compute the value first, then write `next {} = ...` in the body", name.text)),
            );
        }
        let ty = self.locals[id as usize].ty.clone();
        let why = Why { loc: Some(self.loc(self.locals[id as usize].span)), text: "the state starts here", code: None };
        let value = self.check(value, &ty, why);
        if given {
            self.report(
                Diagnostic::error(Code::ScanState, format!("the state `{}` has two next values", name.text))
                    .at(loc, "a second one here"),
            );
        }
        let value = if direct { value } else { self.error(name.span) };
        if let Some(scan) = self.scans.last_mut() {
            scan.states[place].1 = Some(value);
        }
    }

    fn test(&mut self, block: &ast::Block) -> hir::Block {
        let mut lets = Vec::new();
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { name, ty, value } => lets.push(self.let_stmt(name, ty.as_ref(), value)),
                Stmt::Assert { value, span } => {
                    let value = self.check(value, &Type::bool(), Why::NONE);
                    self.asserts.push((value, *span, lets.len()));
                }
                Stmt::Next { name, value } => self.next_stmt(name, value),
                Stmt::Expr(expr) => {
                    self.expr(expr, None);
                    let loc = self.loc(expr.span);
                    self.report(
                        Diagnostic::error(Code::SyntaxError, "the value of this line is not used")
                            .at(loc, "a test asserts")
                            .help("write `assert` before it"),
                    );
                }
            }
        }
        let value = hir::Expr { ty: Type::bool(), span: block.span, kind: hir::ExprKind::Bool(true) };
        hir::Block { lets, nexts: Vec::new(), value: Box::new(value) }
    }

    /// An expression that must fit a type.
    fn check(&mut self, expr: &ast::Expr, want: &Type, why: Why) -> hir::Expr {
        let value = self.expr(expr, Some(want));
        self.demand(value, want, why)
    }

    /// A value that must fit a type; what does not becomes an error expression.
    fn demand(&mut self, value: hir::Expr, want: &Type, why: Why) -> hir::Expr {
        match self.table.fit(&value.ty, want) {
            Ok(()) => value,
            Err(clash) => {
                self.clash(value.span, &value.ty, want, clash, why);
                self.error(value.span)
            }
        }
    }

    /// Reports that a value does not fit its place.
    fn clash(&mut self, span: Span, found: &Type, want: &Type, clash: Clash, why: Why) {
        let (found_text, want_text) = (self.show(found), self.show(want));
        let loc = self.loc(span);
        let longer = match (self.table.resolve(found), self.table.resolve(want)) {
            (Type::List(_, crate::ty::Dim::Is(n)), Type::List(_, crate::ty::Dim::Is(m))) => n > m,
            _ => false,
        };
        let code = why.code.unwrap_or(match clash {
            Clash::Shape if longer => Code::ListTooLong,
            Clash::Unit => Code::UnitMismatch,
            Clash::Shape => Code::ShapeMismatch,
            Clash::Type => Code::TypeMismatch,
        });
        let mut diagnostic = Diagnostic::error(code, format!("`{want_text}` is needed, but this is `{found_text}`"))
            .at(loc, format!("this is `{found_text}`"));
        if let Some(because) = why.loc {
            diagnostic = diagnostic.because(because, why.text);
        }
        if let Some(help) = self.advice(&self.table.resolve(found), &self.table.resolve(want), clash) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// The usual way from one type to another, where there is one.
    fn advice(&self, found: &Type, want: &Type, clash: Clash) -> Option<String> {
        let names: &dyn Named = self.cx;
        Some(match (found, want, clash) {
            (
                Type::Tensor(_, crate::ty::UnitTy::Is(f), _),
                Type::Tensor(_, crate::ty::UnitTy::Is(w), _),
                Clash::Unit,
            ) if f.same_dimension(w) => {
                format!("write `in {}` after it to convert", w.show())
            }
            (Type::Tensor(..), Type::Tensor(_, crate::ty::UnitTy::Is(w), _), Clash::Unit) if w.is_one() => {
                "divide by `1` of its unit to make it a plain number".to_string()
            }
            (Type::Tensor(f, _, _), Type::Tensor(crate::ty::Elem::Is(w), _, _), Clash::Type)
                if *f != crate::ty::Elem::Is(crate::ty::DType::Bool) && *w != crate::ty::DType::Bool =>
            {
                format!("`to_{}` converts", w.name())
            }
            (Type::Option(inner), other, _) if inner.as_ref() == other => {
                "take the value out with `otherwise(default)` or `match`".to_string()
            }
            (other, Type::Option(inner), _) if inner.as_ref() == other => "write `some(...)` around it".to_string(),
            (Type::Ranking(_), Type::Label(_), _) => "`(... |> top).label` is the best label".to_string(),
            (Type::Record(..), Type::Label(_), _) if found.show(names).starts_with("Scored<") => {
                "take its `.label`".to_string()
            }
            _ => return None,
        })
    }
}
