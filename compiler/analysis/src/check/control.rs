//! Branches and loops.

use super::{Checker, Why};
use crate::decl::Kind;
use crate::hir::{self, ExprKind as H};
use crate::ty::{Dim, Type};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Span};
use mu_syntax::ast::{self, Arm, Name, Pattern};

impl Checker<'_, '_> {
    pub(super) fn if_expr(
        &mut self,
        span: Span,
        condition: &ast::Expr,
        expect: Option<Decimal>,
        then: &ast::Block,
        otherwise: &ast::Block,
        want: Option<&Type>,
    ) -> hir::Expr {
        let condition = self.check(condition, &Type::bool(), Why::NONE);
        let (then, ty) = self.first_branch(then, want);
        let why = Why { loc: Some(self.loc(then.value.span)), text: "the other branch gives this", code: None };
        let otherwise = self.block(otherwise, Some(&ty), why);
        let ty = if ty.is_error() { otherwise.value.ty.clone() } else { ty };
        hir::Expr { ty, span, kind: H::If { condition: Box::new(condition), expect, then, otherwise } }
    }

    /// The first branch decides the type, but what the place wants guides it.
    fn first_branch(&mut self, block: &ast::Block, want: Option<&Type>) -> (hir::Block, Type) {
        let block = match want {
            Some(want) => {
                let block = self.guided(block, want);
                // The place's type serves both branches, so that one may be narrower than the other.
                match self.table.fit(&block.value.ty, want) {
                    Ok(()) => return (block, want.clone()),
                    Err(_) => block,
                }
            }
            None => self.block(block, None, Why::NONE),
        };
        let ty = block.value.ty.clone();
        (block, ty)
    }

    /// A block whose value is guided by a type, but not held to it.
    fn guided(&mut self, block: &ast::Block, want: &Type) -> hir::Block {
        match block.stmts.as_slice() {
            [ast::Stmt::Expr(expr)] => {
                let value = self.expr(expr, Some(want));
                hir::Block { lets: Vec::new(), nexts: Vec::new(), value: Box::new(value) }
            }
            _ => self.block(block, Some(want), Why::NONE),
        }
    }

    pub(super) fn match_expr(
        &mut self,
        span: Span,
        subject: &ast::Expr,
        arms: &[Arm],
        want: Option<&Type>,
    ) -> hir::Expr {
        let subject = self.expr(subject, None);
        let ty = self.table.resolve(&subject.ty);
        match &ty {
            Type::Option(inner) => self.match_wrap(span, subject, inner, None, arms, want),
            Type::Result(inner) => self.match_wrap(span, subject, inner, Some(Type::Text), arms, want),
            Type::Label(_) | Type::Text => self.match_text(span, subject, &ty, arms, want),
            Type::Error => {
                for arm in arms {
                    let mark = self.scope.len();
                    if let Pattern::Wrap { name, .. } = &arm.pattern {
                        let id = self.bind(&name.text, Type::Error, name.span, false);
                        self.locals[id as usize].used = true;
                    }
                    self.expr(&arm.value, want);
                    self.leave(mark);
                }
                self.error(span)
            }
            _ => {
                let (loc, shown) = (self.loc(subject.span), self.show(&ty));
                self.report(
                    Diagnostic::error(Code::TypeMismatch, format!("`{shown}` cannot be matched"))
                        .at(loc, "neither an option, a result, a label nor a text")
                        .help("use `if`"),
                );
                self.error(span)
            }
        }
    }

    fn match_wrap(
        &mut self,
        span: Span,
        subject: hir::Expr,
        inner: &Type,
        error: Option<Type>,
        arms: &[Arm],
        want: Option<&Type>,
    ) -> hir::Expr {
        let (good, bad) = if error.is_some() { ("ok(x)", "err(e)") } else { ("some(x)", "none") };
        let mut present: Option<(u32, hir::Expr)> = None;
        let mut absent: Option<(Option<u32>, hir::Expr)> = None;
        let mut foreign = false;
        let mut ty: Option<Type> = want.cloned();
        for arm in arms {
            let mark = self.scope.len();
            let (is_good, name) = match &arm.pattern {
                Pattern::Wrap { constructor, name } if good.starts_with(&format!("{}(", constructor.text)) => {
                    (true, Some(name))
                }
                Pattern::Wrap { constructor, name } if bad.starts_with(&format!("{}(", constructor.text)) => {
                    (false, Some(name))
                }
                Pattern::None(_) if error.is_none() => (false, None),
                Pattern::Any(_) => (present.is_none() && absent.is_some(), None),
                _ if foreign => continue,
                _ => {
                    foreign = true;
                    let loc = self.loc(arm.span);
                    let shown = self.show(&subject.ty);
                    self.report(
                        Diagnostic::error(Code::MatchNotTotal, format!("this case does not belong to `{shown}`"))
                            .at(loc, "never matches")
                            .help(format!("its cases are `{good}` and `{bad}`")),
                    );
                    continue;
                }
            };
            let inside = if is_good { inner.clone() } else { error.clone().unwrap_or(Type::Error) };
            let id = match name {
                Some(name) => Some(self.bind(&name.text, inside, name.span, name.text != "_")),
                None if is_good || error.is_some() => Some(self.bind("_", inside, arm.span, false)),
                None => None,
            };
            let value = self.arm(&arm.value, &mut ty);
            self.leave(mark);
            if matches!(arm.pattern, Pattern::Any(_)) && present.is_none() && absent.is_none() {
                // Covers both cases: what is inside has no name here, so one value serves both.
                let unnamed = self.bind("_", inner.clone(), arm.span, false);
                self.leave(mark);
                present = Some((unnamed, value.clone()));
            }
            let twice = if is_good {
                present.replace((id.unwrap_or_default(), value)).is_some()
            } else {
                absent.replace((id, value)).is_some()
            };
            if twice {
                self.covered_twice(arm);
            }
        }
        let (Some((name, present)), Some((error, absent))) = (present, absent) else {
            if foreign {
                return self.error(span);
            }
            let loc = self.loc(span);
            self.report(
                Diagnostic::error(Code::MatchNotTotal, "the match leaves out a case")
                    .at(loc, format!("it needs `{good}` and `{bad}`")),
            );
            return self.error(span);
        };
        let ty = ty.unwrap_or(Type::Error);
        let (present, absent) = (Box::new(present), Box::new(absent));
        hir::Expr { ty, span, kind: H::Match { subject: Box::new(subject), name, present, error, absent } }
    }

    /// One arm: the first decides the type where the place does not.
    fn arm(&mut self, value: &ast::Expr, ty: &mut Option<Type>) -> hir::Expr {
        let checked = match &*ty {
            Some(want) => self.check(value, &want.clone(), Why { loc: None, text: "", code: None }),
            None => self.expr(value, None),
        };
        if ty.is_none() && !checked.ty.is_error() {
            *ty = Some(checked.ty.clone());
        }
        checked
    }

    fn covered_twice(&mut self, arm: &Arm) {
        let loc = self.loc(arm.span);
        self.report(Diagnostic::error(Code::MatchNotTotal, "this case is covered already").at(loc, "never reached"));
    }

    fn match_text(
        &mut self,
        span: Span,
        subject: hir::Expr,
        of: &Type,
        arms: &[Arm],
        want: Option<&Type>,
    ) -> hir::Expr {
        let mut cases: Vec<(hir::Expr, hir::Expr)> = Vec::new();
        let mut otherwise: Option<hir::Expr> = None;
        let mut wrong = false;
        let mut ty: Option<Type> = want.cloned();
        for arm in arms {
            match &arm.pattern {
                Pattern::Text(text) => {
                    let key = self.text(text.span, &text.text, Some(of));
                    let value = self.arm(&arm.value, &mut ty);
                    wrong |= key.ty.is_error();
                    if otherwise.is_some() || cases.iter().any(|(k, _)| k.kind == key.kind && !k.ty.is_error()) {
                        self.covered_twice(arm);
                        wrong = true;
                    } else {
                        cases.push((key, value));
                    }
                }
                Pattern::Any(_) => {
                    let value = self.arm(&arm.value, &mut ty);
                    if otherwise.replace(value).is_some() {
                        self.covered_twice(arm);
                    }
                }
                _ => {
                    let loc = self.loc(arm.span);
                    let shown = self.show(of);
                    self.report(
                        Diagnostic::error(Code::MatchNotTotal, format!("this case does not belong to `{shown}`"))
                            .at(loc, "never matches")
                            .help("its cases are texts in quotes and `_`"),
                    );
                }
            }
        }
        if otherwise.is_none() {
            // Every label named is a match that leaves nothing out: the last one then needs no test.
            let all = match of {
                Type::Label(crate::ty::Labels::Is(set)) => cases.len() == set.labels.len(),
                _ => false,
            };
            if all && let Some((_, value)) = cases.pop() {
                otherwise = Some(value);
            }
        }
        let Some(otherwise) = otherwise else {
            if wrong {
                return self.error(span);
            }
            let loc = self.loc(span);
            let missing = match of {
                Type::Label(crate::ty::Labels::Is(set)) => {
                    let named: Vec<&hir::ExprKind> = cases.iter().map(|(k, _)| &k.kind).collect();
                    let left: Vec<&String> = (0..set.labels.len())
                        .filter(|i| !named.contains(&&H::Label(*i as u32)))
                        .map(|i| &set.labels[i])
                        .take(3)
                        .collect();
                    format!("no case for {}", crate::cx::list(&left))
                }
                _ => "other texts have no case".to_string(),
            };
            self.report(
                Diagnostic::error(Code::MatchNotTotal, "the match leaves out a case")
                    .at(loc, missing)
                    .help("add `_ -> ...` for all others"),
            );
            return self.error(span);
        };
        let ty = ty.unwrap_or(Type::Error);
        let kind = H::Choose { subject: Box::new(subject), arms: cases, otherwise: Box::new(otherwise) };
        hir::Expr { ty, span, kind }
    }

    /// The element type and the bound of a list.
    fn listed(&mut self, list: &ast::Expr) -> (hir::Expr, Type, Dim) {
        let list = self.expr(list, None);
        match self.table.resolve(&list.ty) {
            Type::List(element, bound) => (list, *element, bound),
            Type::Error => (list, Type::Error, Dim::Is(0)),
            other => {
                let (loc, shown) = (self.loc(list.span), self.show(&other));
                let mut diagnostic =
                    Diagnostic::error(Code::TypeMismatch, format!("a list is needed, but this is `{shown}`"))
                        .at(loc, "no list");
                if matches!(other, Type::Tensor(..)) {
                    diagnostic = diagnostic.help("`elements` makes a list of a vector");
                }
                self.report(diagnostic);
                (list, Type::Error, Dim::Is(0))
            }
        }
    }

    /// What the elements of a list must be, where its place says so.
    fn element_wanted(&self, want: Option<&Type>) -> Option<Type> {
        match self.table.resolve(want?) {
            Type::List(element, _) if !matches!(*element, Type::Var(_)) => Some(*element),
            _ => None,
        }
    }

    pub(super) fn for_expr(
        &mut self,
        span: Span,
        name: &Name,
        list: &ast::Expr,
        filter: Option<&ast::Expr>,
        body: &ast::Block,
        want: Option<&Type>,
    ) -> hir::Expr {
        let guide = self.element_wanted(want);
        let (list, element, bound) = self.listed(list);
        let mark = self.scope.len();
        let local = self.bind(&name.text, element, name.span, true);
        let filter = filter.map(|f| Box::new(self.check(f, &Type::bool(), Why::NONE)));
        let body = self.block(body, guide.as_ref(), Why::NONE);
        self.leave(mark);
        let ty = Type::List(Box::new(guide.unwrap_or_else(|| body.value.ty.clone())), bound);
        hir::Expr { ty, span, kind: H::For { name: local, list: Box::new(list), filter, body } }
    }

    pub(super) fn scan_expr(
        &mut self,
        span: Span,
        name: &Name,
        list: &ast::Expr,
        states: &[(Name, ast::Expr)],
        body: &ast::Block,
        want: Option<&Type>,
    ) -> hir::Expr {
        let guide = self.element_wanted(want);
        let (list, element, bound) = self.listed(list);
        let mut init = Vec::new();
        for (_, value) in states {
            init.push(self.expr(value, None));
        }
        let mark = self.scope.len();
        let local = self.bind(&name.text, element, name.span, true);
        let ids: Vec<u32> = states
            .iter()
            .zip(&init)
            .map(|((name, _), value)| self.bind(&name.text, value.ty.clone(), name.span, true))
            .collect();
        let states_of = ids.iter().map(|id| (*id, None)).collect();
        self.scans.push(super::Scan { depth: self.depth + 1, states: states_of });
        let mut body = self.block(body, guide.as_ref(), Why::NONE);
        let given = self.scans.pop().map(|scan| scan.states).unwrap_or_default();
        self.leave(mark);
        for (id, next) in given {
            match next {
                Some(next) => body.nexts.push(next),
                None => {
                    let info = &self.locals[id as usize];
                    let (name, at) = (info.name.clone(), info.span);
                    let loc = self.loc(at);
                    self.report(
                        Diagnostic::error(Code::ScanState, format!("the state `{name}` has no next value"))
                            .at(loc, "declared here")
                            .help(format!("write `next {name} = ...` in the body")),
                    );
                    body.nexts.push(self.error(span));
                }
            }
        }
        let ty = Type::List(Box::new(guide.unwrap_or_else(|| body.value.ty.clone())), bound);
        let states = ids.into_iter().zip(init).collect();
        hir::Expr { ty, span, kind: H::Scan { name: local, list: Box::new(list), states, body } }
    }

    /// A type variable for what is not known yet.
    pub(super) fn open(&mut self) -> Type {
        Type::Var(self.table.fresh(Kind::Type))
    }
}
