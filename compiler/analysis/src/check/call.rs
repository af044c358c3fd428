//! Calls: of functions, slots, built-ins and constructors.

use super::{Checker, Place, Why};
use crate::decl::{ParamInfo, ParamWant};
use crate::hir::{self, ExprKind as H};
use crate::names::{DefId, DefKind};
use crate::ty::{SlotTy, Type};
use mu_base::{Code, Diagnostic, Loc, Span, suggest};
use mu_syntax::ast::{self, Arg, Name};

impl Checker<'_, '_> {
    pub(super) fn call(&mut self, span: Span, callee: &Name, args: &[Arg], want: Option<&Type>) -> hir::Expr {
        match callee.text.as_str() {
            "some" | "ok" | "err" => return self.constructor(span, callee, args, want),
            "file" => return self.file(span, callee, args, want),
            "infer" => return self.infer(span, callee, args),
            _ => {}
        }
        if self.place == Place::Metric
            && let Some(value) = self.aggregate(span, callee, args)
        {
            return value;
        }
        if let (Some(local), crate::names::Found::Nothing) =
            (self.find_local(&callee.text), self.cx.names.find(self.at.module, &callee.text))
        {
            args.iter().for_each(|a| drop(self.expr(&a.value, None)));
            self.locals[local as usize].used = true;
            let (loc, first) = (self.loc(callee.span), self.loc(self.locals[local as usize].span));
            self.report(
                Diagnostic::error(Code::NotCallable, format!("`{}` is a value and cannot be called", callee.text))
                    .at(loc, "called here")
                    .because(first, "named here"),
            );
            return self.error(span);
        }
        let Some(id) = self.cx.resolve(self.at, callee) else {
            args.iter().for_each(|a| drop(self.expr(&a.value, None)));
            return self.error(span);
        };
        let kind = self.cx.names.get(id).kind;
        match kind {
            DefKind::Builtin => self.builtin(span, callee, id, args),
            DefKind::Fn => self.function(span, callee, id, args),
            DefKind::Slot => self.slot(span, callee, id, args),
            _ => {
                args.iter().for_each(|a| drop(self.expr(&a.value, None)));
                if kind != DefKind::Broken {
                    let loc = self.loc(callee.span);
                    let declared = self.cx.name_loc(id);
                    let help = match kind {
                        DefKind::Model => "call a slot: the compiler chooses the model that fills it",
                        DefKind::Task => "declare a slot of this task, and call the slot",
                        DefKind::Record => "a record is written `Name { field: value }`",
                        _ => "functions, slots and built-in functions can be called",
                    };
                    self.report(
                        Diagnostic::error(
                            Code::NotCallable,
                            format!("`{}` is {} and cannot be called", callee.text, kind.noun()),
                        )
                        .at(loc, "called here")
                        .because(declared, "declared here")
                        .help(help),
                    );
                }
                self.error(span)
            }
        }
    }

    fn constructor(&mut self, span: Span, callee: &Name, args: &[Arg], want: Option<&Type>) -> hir::Expr {
        let [Arg { name: None, value }] = args else {
            let loc = self.loc(span);
            let message = format!("`{}` takes one value", callee.text);
            self.report(Diagnostic::error(Code::WrongArguments, message).at(loc, "here"));
            args.iter().for_each(|a| drop(self.expr(&a.value, None)));
            return self.error(span);
        };
        let inner = match want.map(|w| self.table.resolve(w)) {
            Some(Type::Option(inner) | Type::Result(inner)) => Some(*inner),
            _ => None,
        };
        match callee.text.as_str() {
            "err" => {
                let value = self.check(value, &Type::Text, Why::NONE);
                let inner = inner.unwrap_or_else(|| self.open());
                hir::Expr { ty: Type::Result(Box::new(inner)), span, kind: H::Err(Box::new(value)) }
            }
            constructor => {
                let value = self.expr(value, inner.as_ref());
                let ty = match inner {
                    // A narrower value takes the place's type, so that both branches of an `if` agree.
                    Some(inner) if self.table.fit(&value.ty, &inner).is_ok() => inner,
                    _ => value.ty.clone(),
                };
                if value.ty.is_error() {
                    return self.error(span);
                }
                if constructor == "some" {
                    hir::Expr { ty: Type::Option(Box::new(ty)), span, kind: H::Some(Box::new(value)) }
                } else {
                    hir::Expr { ty: Type::Result(Box::new(ty)), span, kind: H::Ok(Box::new(value)) }
                }
            }
        }
    }

    fn file(&mut self, span: Span, callee: &Name, args: &[Arg], want: Option<&Type>) -> hir::Expr {
        let loc = self.loc(span);
        let [Arg { name: None, value: ast::Expr { kind: ast::ExprKind::Text(path), span: path_span } }] = args else {
            self.report(
                Diagnostic::error(Code::NotConstant, "`file` takes the path of a file, in quotes")
                    .at(self.loc(callee.span), "here"),
            );
            return self.error(span);
        };
        let ty = match want.map(|w| self.table.resolve(w)) {
            Some(ty) if !matches!(ty, Type::Var(_)) => ty,
            _ => {
                self.report(
                    Diagnostic::error(Code::CannotInfer, "what this file holds is not determined")
                        .at(loc, "of which type?")
                        .help("state the type: `const faq: List<Faq, 500> = file(\"faq.csv\")`, `let x: Image = file(\"x.png\")`"),
                );
                return self.error(span);
            }
        };
        if let Type::Option(_) | Type::Result(_) | Type::Ranking(_) | Type::Embedding(_) | Type::Outputs(_) = ty {
            let shown = self.show(&ty);
            self.report(
                Diagnostic::error(Code::TypeMismatch, format!("a file cannot hold `{shown}`"))
                    .at(loc, "needed here")
                    .help("pictures, sound, texts, bytes, tensors, records and lists come from files"),
            );
            return self.error(span);
        }
        match self.cx.find_file(self.at.module, path) {
            Ok(found) => hir::Expr { ty, span, kind: H::File(found) },
            Err(error) => {
                let loc = self.loc(*path_span);
                self.cx.file_missing(loc, path, &error);
                hir::Expr { ty, span, kind: H::Error }
            }
        }
    }

    fn function(&mut self, span: Span, callee: &Name, id: DefId, args: &[Arg]) -> hir::Expr {
        let Some(signature) = self.cx.signatures.get(&id).cloned() else { return self.error(span) };
        let declared = self.cx.name_loc(id);
        let bound = self.bind_args(span, &callee.text, declared, &signature.params, args);
        let mut values = Vec::new();
        for (param, value) in signature.params.iter().zip(bound) {
            let ParamWant::Value(ty) = &param.want else { continue };
            values.push(self.argument(value, ty, &param.name, declared, span));
        }
        hir::Expr { ty: signature.result.clone(), span, kind: H::Call { function: id, args: values } }
    }

    fn slot(&mut self, span: Span, callee: &Name, id: DefId, args: &[Arg]) -> hir::Expr {
        let Some(slot) = self.cx.slots.get(&id).cloned() else {
            args.iter().for_each(|a| drop(self.expr(&a.value, None)));
            return self.error(span);
        };
        if matches!(self.place, Place::Adapter(_)) {
            let loc = self.loc(callee.span);
            self.report(
                Diagnostic::error(Code::NotCallable, "an adapter calls no slots")
                    .at(loc, "called here")
                    .help("an adapter serves one model; put programs of several models into functions"),
            );
        }
        let declared = self.cx.name_loc(id);
        let params: Vec<ParamInfo> = slot
            .task
            .params
            .iter()
            .map(|(name, ty)| ParamInfo { name: name.clone(), want: ParamWant::Value(ty.clone()), default: None })
            .collect();
        let bound = self.bind_args(span, &callee.text, declared, &params, args);
        let mut values = Vec::new();
        for ((name, ty), value) in slot.task.params.iter().zip(bound) {
            values.push(self.argument(value, ty, name, declared, span));
        }
        let ty = match &slot.task.result {
            Type::Embedding(SlotTy::Itself) => Type::Embedding(SlotTy::Is(id)),
            other => other.clone(),
        };
        hir::Expr { ty, span, kind: H::Slot { slot: id, args: values } }
    }

    pub(super) fn argument(
        &mut self,
        value: Option<&ast::Expr>,
        ty: &Type,
        name: &str,
        declared: Loc,
        span: Span,
    ) -> hir::Expr {
        let Some(value) = value else { return self.error(span) };
        let text = format!("for the parameter `{name}`, declared here");
        let why = Why { loc: Some(declared), text: &text, code: None };
        self.check(value, ty, why)
    }

    /// Which argument belongs to which parameter: positional ones in order, then named ones. A parameter that takes all
    /// constants that follow (`dims`) gets none here.
    pub(super) fn bind_args<'a>(
        &mut self,
        span: Span,
        callee: &str,
        declared: Loc,
        params: &[ParamInfo],
        args: &'a [Arg],
    ) -> Vec<Option<&'a ast::Expr>> {
        let mut bound: Vec<Option<&ast::Expr>> = params.iter().map(|_| None).collect();
        let mut wrong = false;
        for (i, arg) in args.iter().enumerate() {
            let place = match &arg.name {
                None => (i < params.len()).then_some(i),
                Some(name) => params.iter().position(|p| p.name == name.text),
            };
            match (place, &arg.name) {
                (Some(place), _) if bound[place].is_none() => bound[place] = Some(&arg.value),
                (Some(_), Some(name)) => {
                    wrong = true;
                    let loc = self.loc(name.span);
                    let message = format!("`{}` is given twice", name.text);
                    self.report(Diagnostic::error(Code::WrongArguments, message).at(loc, "a second time here"));
                }
                (None, Some(name)) => {
                    wrong = true;
                    let loc = self.loc(name.span);
                    let message = format!("`{callee}` has no parameter `{}`", name.text);
                    let mut diagnostic = Diagnostic::error(Code::WrongArguments, message)
                        .at(loc, "not found")
                        .because(declared, "declared here");
                    if let Some(near) = suggest::nearest(&name.text, params.iter().map(|p| p.name.as_str())) {
                        diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(
                            format!("write `{near}`"),
                            loc,
                            near,
                        );
                    }
                    self.report(diagnostic);
                }
                _ => {
                    wrong = true;
                    let loc = self.loc(arg.value.span);
                    let message = format!("`{callee}` takes {}, not {}", count(params.len()), args.len());
                    self.report(
                        Diagnostic::error(Code::WrongArguments, message)
                            .at(loc, "too many")
                            .because(declared, "declared here"),
                    );
                    break;
                }
            }
        }
        let missing: Vec<&str> = params
            .iter()
            .zip(&bound)
            .filter(|(p, b)| b.is_none() && p.default.is_none() && !matches!(p.want, ParamWant::Dims(_)))
            .map(|(p, _)| p.name.as_str())
            .collect();
        if !missing.is_empty() && !wrong {
            let loc = self.loc(span);
            let message = format!("`{callee}` needs {}", crate::cx::list(&missing));
            self.report(
                Diagnostic::error(Code::WrongArguments, message)
                    .at(loc, "not given")
                    .because(declared, "declared here"),
            );
        }
        bound
    }

    fn infer(&mut self, span: Span, callee: &Name, args: &[Arg]) -> hir::Expr {
        let Place::Adapter(adapter) = self.place.clone() else {
            let loc = self.loc(callee.span);
            self.report(
                Diagnostic::error(Code::NotCallable, "`infer` stands in adapters only")
                    .at(loc, "called here")
                    .help("call a slot: the adapter of its model runs the net"),
            );
            return self.error(span);
        };
        let base = self.table.len();
        for _ in &adapter.dims {
            self.table.fresh(crate::decl::Kind::Dim);
        }
        let shifted = |ports: &[hir::Port]| -> Vec<(String, Type)> {
            ports.iter().map(|p| (p.name.clone(), super::subst::shifted(&p.ty, base))).collect()
        };
        let (inputs, outputs) = (shifted(&adapter.inputs), shifted(&adapter.outputs));
        let params: Vec<ParamInfo> = inputs
            .iter()
            .map(|(name, ty)| ParamInfo { name: name.clone(), want: ParamWant::Value(ty.clone()), default: None })
            .collect();
        let bound = self.bind_args(span, "infer", adapter.net, &params, args);
        let mut values = Vec::new();
        for (i, value) in bound.into_iter().enumerate() {
            let Some(value) = value else {
                values.push(self.error(span));
                continue;
            };
            let port = &adapter.inputs[i];
            let text = format!("the net's input `{}` (`{}` in the file)", port.name, port.onnx);
            let why = Why { loc: Some(adapter.net), text: &text, code: Some(Code::AdapterMismatch) };
            values.push(self.check(value, &inputs[i].1, why));
        }
        if values.iter().any(|v| v.ty.is_error()) {
            return self.error(span);
        }
        self.bounds(span, base, &adapter);
        let resolve = |this: &Self, ports: &[(String, Type)]| -> Vec<Type> {
            ports.iter().map(|(_, ty)| this.table.resolve(ty)).collect()
        };
        let used = (resolve(self, &inputs), resolve(self, &outputs));
        self.used.push(used);
        let ty = Type::Outputs(outputs.iter().map(|(n, ty)| (n.clone(), self.table.resolve(ty))).collect());
        hir::Expr { ty, span, kind: H::Infer { args: values } }
    }

    /// The free dimensions of a net have a size, or one that is at most their bound.
    fn bounds(&mut self, span: Span, base: u32, adapter: &super::Adapter) {
        use crate::ty::Dim;
        for (i, (name, bound)) in adapter.dims.iter().enumerate() {
            let id = base + i as u32;
            let loc = self.loc(span);
            match (self.table.resolve_dim(&Dim::Var(id)), bound) {
                (Dim::Is(n), Some(bound)) if n > *bound => self.report(
                    Diagnostic::error(
                        Code::AdapterMismatch,
                        format!("`{name}` is {n} here, over its bound of {bound}"),
                    )
                    .at(loc, "in this call")
                    .because(adapter.net, "the bound is stated here"),
                ),
                (Dim::UpTo(n), bound) => {
                    let size = match *n {
                        Dim::Is(n) => Some(n),
                        _ => None,
                    };
                    match (size, bound) {
                        (Some(n), Some(bound)) if n <= *bound => {}
                        (_, Some(bound)) => self.report(
                            Diagnostic::error(
                                Code::AdapterMismatch,
                                format!("`{name}` may be over its bound of {bound}"),
                            )
                            .at(loc, "in this call")
                            .because(adapter.net, "the bound is stated here"),
                        ),
                        (Some(n), None) => self.report(
                            Diagnostic::error(Code::UnboundedDimension, format!("the dimension `{name}` has no bound"))
                                .at(adapter.net, "in this net")
                                .because(loc, "its size is known only at run time here")
                                .help(format!("write `{name} <= {n}` in the net's inputs")),
                        ),
                        (None, None) => {}
                    }
                }
                (Dim::Any, _) => self.report(
                    Diagnostic::error(Code::UnboundedDimension, format!("the dimension `{name}` is not bounded"))
                        .at(loc, "known only at run time here")
                        .because(adapter.net, "in this net")
                        .help("`resize` or `fit` gives a picture a size that is known or bounded"),
                ),
                (Dim::Var(_), Some(bound)) => {
                    let solution = super::table::Solution::Dim(Dim::UpTo(Box::new(Dim::Is(*bound))));
                    self.table.solve(id, solution);
                }
                (Dim::Var(_), None) => {
                    self.report(
                        Diagnostic::error(Code::UnboundedDimension, format!("the dimension `{name}` has no bound"))
                            .at(adapter.net, "in this net")
                            .help(format!("no input decides it: write `{name} <= 1000`, or its size")),
                    );
                    self.table.solve(id, super::table::Solution::Dim(Dim::Is(1)));
                }
                _ => {}
            }
        }
    }
}

fn count(n: usize) -> String {
    match n {
        0 => "no arguments".to_string(),
        1 => "1 argument".to_string(),
        n => format!("{n} arguments"),
    }
}
