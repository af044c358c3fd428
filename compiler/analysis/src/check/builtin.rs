//! Calls of built-in functions: their signatures have variables, solved from the arguments.

use super::subst;
use super::table::Solution;
use super::{Checker, Place, Why};
use crate::decl::signature::{ConstWant, Measure};
use crate::decl::{ParamWant, Signature};
use crate::hir::{self, Const, ExprKind as H};
use crate::names::{DefId, Found};
use crate::ty::{Dim, Elem, Labels, Type};
use mu_base::{Code, Diagnostic, Loc, Span};
use mu_syntax::ast::{self, Arg, Name};
use std::rc::Rc;

/// How pictures are resized.
const FILTERS: [&str; 3] = ["nearest", "bilinear", "bicubic"];

impl Checker<'_, '_> {
    pub(super) fn builtin(&mut self, span: Span, callee: &Name, id: DefId, args: &[Arg]) -> hir::Expr {
        let Some(signature) = self.cx.signatures.get(&id).cloned() else { return self.error(span) };
        let declared = self.cx.name_loc(id);
        let base = self.instantiate(&signature);
        let split = signature.params.iter().position(|p| matches!(p.want, ParamWant::Dims(_)));
        let (args, rest) = match split {
            Some(place) => args.split_at(place.min(args.len())),
            None => (args, &[][..]),
        };
        let bound = self.bind_args(span, &callee.text, declared, &signature.params, args);
        let mut consts = Vec::new();
        let mut values = Vec::new();
        let mut wrong = false;
        for (param, value) in signature.params.iter().zip(bound) {
            let value = value.or(param.default.as_ref());
            match &param.want {
                ParamWant::Value(ty) => {
                    let ty = subst::shifted(ty, base);
                    values.push(self.argument(value, &ty, &param.name, declared, span));
                }
                ParamWant::Dim(var) => {
                    let Some(n) = value.and_then(|v| self.constant_int(v)) else {
                        wrong = true;
                        continue;
                    };
                    let _ = self.table.fit_dim(&Dim::Is(n as u64), &Dim::Var(base + var));
                    consts.push(Const::Int(n));
                }
                ParamWant::Dims(var) => {
                    let sizes: Vec<i64> = rest.iter().filter_map(|a| self.constant_int(&a.value)).collect();
                    wrong |= sizes.len() != rest.len();
                    let dims = sizes.iter().map(|n| Dim::Is(*n as u64)).collect();
                    self.table.solve(base + var, Solution::Dims(dims));
                    consts.push(Const::Ints(sizes));
                }
                ParamWant::Const(kind) => match value.and_then(|v| self.constant(v, *kind)) {
                    Some(constant) => consts.push(constant),
                    None => return self.error(span),
                },
            }
        }
        wrong |= !self.in_range(span, &callee.text, &consts);
        if wrong || values.iter().any(|v| v.ty.is_error()) {
            return self.error(span);
        }
        if !self.wheres(span, &signature, base, declared) {
            return self.error(span);
        }
        let mut ty = self.table.resolve(&subst::shifted(&signature.result, base));
        if matches!(callee.text.as_str(), "rank" | "class") {
            match self.classes(span, callee, &mut ty, &values) {
                Some(classes) => consts.push(Const::Classes(classes)),
                None => return self.error(span),
            }
        }
        if callee.text == "features" {
            self.features(span, &values);
        }
        if callee.text == "softmax" {
            self.double_softmax(callee.span, &values);
        }
        hir::Expr { ty, span, kind: H::Builtin { name: callee.text.clone(), consts, args: values } }
    }

    /// What a declaration cannot say of its constants.
    fn in_range(&mut self, span: Span, name: &str, consts: &[Const]) -> bool {
        let wrong = match (name, consts) {
            ("resize", [_, _, Const::Text(filter)]) if !FILTERS.contains(&filter.as_str()) => {
                let near = mu_base::suggest::nearest(filter, FILTERS);
                let known = crate::cx::list(&FILTERS);
                let help = near.map_or(format!("there are {known}"), |near| format!("did you mean `{near}`?"));
                Some((format!("`{filter}` is no filter"), help))
            }
            ("center_crop", [Const::Float(part)]) if !(*part > 0.0 && *part <= 1.0) => {
                let help = "as `0.875`, which leaves out an eighth".to_string();
                Some(("the part lies between 0 and 1, and is more than 0".to_string(), help))
            }
            _ => None,
        };
        let Some((message, help)) = wrong else { return true };
        let loc = self.loc(span);
        self.report(Diagnostic::error(Code::WrongArguments, message).at(loc, "in this call").help(help));
        false
    }

    /// A built-in applied by the checker itself, as for `x[2..5]`.
    pub(super) fn apply(&mut self, name: &str, span: Span, ints: Vec<i64>, args: Vec<hir::Expr>) -> hir::Expr {
        if args.iter().any(|a| a.ty.is_error()) {
            return self.error(span);
        }
        let Found::Def(id) = self.cx.names.find(self.at.module, name) else { return self.error(span) };
        let Some(signature) = self.cx.signatures.get(&id).cloned() else { return self.error(span) };
        let declared = self.cx.name_loc(id);
        let base = self.instantiate(&signature);
        let (mut consts, mut values) = (ints.into_iter(), args.into_iter());
        let (mut const_args, mut value_args) = (Vec::new(), Vec::new());
        for param in &signature.params {
            match &param.want {
                ParamWant::Dim(var) => {
                    let n = consts.next().unwrap_or(0);
                    let _ = self.table.fit_dim(&Dim::Is(n as u64), &Dim::Var(base + var));
                    const_args.push(Const::Int(n));
                }
                ParamWant::Value(ty) => {
                    let Some(value) = values.next() else { return self.error(span) };
                    let ty = subst::shifted(ty, base);
                    let why = Why { loc: Some(declared), text: "needed by this operation", code: None };
                    value_args.push(self.demand(value, &ty, why));
                }
                _ => {}
            }
        }
        if value_args.iter().any(|a| a.ty.is_error()) || !self.wheres(span, &signature, base, declared) {
            return self.error(span);
        }
        let ty = self.table.resolve(&subst::shifted(&signature.result, base));
        hir::Expr { ty, span, kind: H::Builtin { name: name.to_string(), consts: const_args, args: value_args } }
    }

    /// Fresh variables for a signature's generics; the number of the first.
    fn instantiate(&mut self, signature: &Rc<Signature>) -> u32 {
        let base = self.table.len();
        for generic in &signature.generics {
            self.table.fresh(generic.kind);
        }
        base
    }

    fn constant(&mut self, value: &ast::Expr, kind: ConstWant) -> Option<Const> {
        let loc = self.loc(value.span);
        match (kind, &value.kind) {
            (ConstWant::Text, ast::ExprKind::Text(text)) => Some(Const::Text(text.clone())),
            (ConstWant::File, ast::ExprKind::Text(path)) => match self.cx.find_file(self.at.module, path) {
                Ok(path) => Some(Const::File(path)),
                Err(error) => {
                    self.cx.file_missing(loc, path, &error);
                    None
                }
            },
            (ConstWant::Int, _) => self.constant_int(value).map(Const::Int),
            (ConstWant::Float, _) => {
                let checked = self.check(value, &Type::scalar(crate::ty::DType::F64), Why::NONE);
                let number = super::literal::literal_value(&checked);
                match number.and_then(|n| n.to_string().parse().ok()) {
                    Some(number) => Some(Const::Float(number)),
                    None => {
                        if !checked.ty.is_error() {
                            self.not_literal(loc, "a number");
                        }
                        None
                    }
                }
            }
            _ => {
                self.not_literal(loc, "a text in quotes");
                None
            }
        }
    }

    fn not_literal(&mut self, loc: Loc, what: &str) {
        self.report(
            Diagnostic::error(Code::NotConstant, format!("{what} known at compile time is needed here"))
                .at(loc, "not a literal"),
        );
    }

    fn wheres(&mut self, span: Span, signature: &Signature, base: u32, declared: Loc) -> bool {
        for clause in &signature.wheres {
            let left = self.measure(&clause.left, base);
            let right = self.measure(&clause.right, base);
            let holds = match (&left, &right) {
                (Some(Dim::Is(a)), Some(Dim::Is(b))) if clause.equal => a == b,
                (Some(Dim::Is(a)), Some(Dim::Is(b))) => a <= b,
                // Known only at run time: the operation checks it there.
                (Some(_), Some(Dim::Any | Dim::UpTo(_))) if !clause.equal => true,
                (Some(Dim::Var(id)), Some(n)) | (Some(n), Some(Dim::Var(id))) if clause.equal => {
                    self.table.solve(*id, Solution::Dim(n.clone()));
                    true
                }
                _ => false,
            };
            if !holds {
                let text =
                    |d: &Option<Dim>| d.as_ref().map_or("a size known only at run time".to_string(), crate::show::dim);
                let message = if clause.equal {
                    format!(
                        "`{}` needs as many elements before as after: {} is not {}",
                        signature.name,
                        text(&left),
                        text(&right)
                    )
                } else if signature.name.starts_with("slice") {
                    format!("the range goes beyond the end: {} is over {}", text(&left), text(&right))
                } else {
                    format!("`{}` does not take such sizes: {} is over {}", signature.name, text(&left), text(&right))
                };
                let loc = self.loc(span);
                self.report(
                    Diagnostic::error(Code::ShapeMismatch, message).at(loc, "here").because(declared, "declared here"),
                );
                return false;
            }
        }
        // A range that ends before it starts has no size.
        if matches!(signature.name.as_str(), "slice" | "slice_last") {
            let (from, to) = match self.range(signature, base) {
                Some(range) => range,
                None => return true,
            };
            if from > to {
                let loc = self.loc(span);
                let message = format!("the range {from}..{to} ends before it starts");
                self.report(Diagnostic::error(Code::ShapeMismatch, message).at(loc, "here"));
                return false;
            }
        }
        true
    }

    fn range(&self, signature: &Signature, base: u32) -> Option<(u64, u64)> {
        let mut ends = signature.params.iter().filter_map(|p| match &p.want {
            ParamWant::Dim(var) => match self.table.resolve_dim(&Dim::Var(base + var)) {
                Dim::Is(n) => Some(n),
                _ => None,
            },
            _ => None,
        });
        Some((ends.next()?, ends.next()?))
    }

    fn measure(&self, measure: &Measure, base: u32) -> Option<Dim> {
        match measure {
            Measure::Dim(dim) => Some(self.table.resolve_dim(&subst::shifted_dim(dim, base))),
            Measure::Size(id) => {
                let dims = self.table.resolve_dims(&[Dim::Rest(base + id)]);
                let mut size: u64 = 1;
                for dim in dims {
                    let Dim::Is(n) = dim else { return None };
                    size = size.checked_mul(n)?;
                }
                Some(Dim::Is(size))
            }
            Measure::Fields(id) => match self.table.resolve(&Type::Var(base + id)) {
                Type::Record(def, _) => self.cx.records.get(&def).map(|r| Dim::Is(r.fields.len() as u64)),
                _ => None,
            },
        }
    }

    /// The card's classes for `rank` and `class`; the result is of the card's label set.
    fn classes(&mut self, span: Span, callee: &Name, ty: &mut Type, args: &[hir::Expr]) -> Option<Vec<u32>> {
        let loc = self.loc(callee.span);
        let Place::Adapter(adapter) = self.place.clone() else {
            self.report(
                Diagnostic::error(Code::WrongArguments, format!("`{}` needs the classes of a card", callee.text))
                    .at(loc, "not in an adapter")
                    .help("only adapters turn scores into labels; call a slot"),
            );
            return None;
        };
        let Some((set, classes)) = adapter.classes else {
            if adapter.classes_wrong {
                return None;
            }
            self.report(
                Diagnostic::error(Code::ClassesMismatch, format!("`{}` needs the card's `classes`", callee.text))
                    .at(loc, "used here")
                    .help("add `classes \"...\", \"...\"` to the card, in the order of the net's output"),
            );
            return None;
        };
        let labels = Labels::Is(set);
        let wanted = match ty {
            Type::Ranking(_) => Type::Ranking(labels),
            _ => Type::Option(Box::new(Type::Label(labels))),
        };
        let _ = self.table.fit(ty, &wanted);
        *ty = wanted;
        if callee.text == "rank"
            && let Some(Type::Tensor(_, _, shape)) = args.first().map(|a| self.table.resolve(&a.ty))
            && let [Dim::Is(n)] = shape.as_slice()
            && *n != classes.len() as u64
        {
            let loc = self.loc(span);
            self.report(
                Diagnostic::error(
                    Code::ClassesMismatch,
                    format!("{n} scores are ranked, but the card has {} classes", classes.len()),
                )
                .at(loc, "ranked here")
                .because(adapter.net, "the net stands here"),
            );
            return None;
        }
        Some(classes)
    }

    /// The fields of a record that becomes a vector are numbers.
    fn features(&mut self, span: Span, args: &[hir::Expr]) {
        let Some(Type::Record(id, targs)) = args.first().map(|a| self.table.resolve(&a.ty)) else { return };
        let Some(info) = self.cx.records.get(&id).cloned() else { return };
        for (name, ty) in info.fields_with(&targs) {
            let number = matches!(&ty, Type::Tensor(elem, _, shape)
                if shape.is_empty() && *elem != Elem::Is(crate::ty::DType::Bool));
            if !number && !ty.is_error() {
                let (loc, shown) = (self.loc(span), self.show(&ty));
                let declared = self.cx.name_loc(id);
                self.report(
                    Diagnostic::error(Code::TypeMismatch, format!("the field `{name}` is `{shown}`, no number"))
                        .at(loc, "`features` takes records of numbers")
                        .because(declared, "declared here"),
                );
            }
        }
    }

    /// A softmax over an output that already is one is most often a mistake.
    fn double_softmax(&mut self, span: Span, args: &[hir::Expr]) {
        let Place::Adapter(adapter) = self.place.clone() else { return };
        let Some(mut value) = args.first() else { return };
        loop {
            match &value.kind {
                H::Builtin { args, .. } => match args.first() {
                    Some(inner) => value = inner,
                    None => return,
                },
                H::Field { value: inner, index } if matches!(inner.ty, Type::Outputs(_)) => {
                    let Some(port) = adapter.outputs.get(*index) else { return };
                    if adapter.softmaxes.contains(&port.onnx) {
                        let loc = self.loc(span);
                        self.report(
                            Diagnostic::warning(Code::DoubleSoftmax, format!("`{}` already is a softmax", port.name))
                                .at(loc, "applied a second time here")
                                .because(adapter.net, "the net ends with one")
                                .help("remove this `softmax`"),
                        );
                    }
                    return;
                }
                _ => return,
            }
        }
    }
}
