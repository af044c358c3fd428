//! Types, dimensions, generics and signatures.

use super::{Builder, P, name, span};
use crate::ast::{
    DimExpr, DimKind, Field, Generic, Param, ParamKind, Signature, TypeArg, TypeExpr, TypeKind, Where, WhereTerm,
};
use crate::grammar::Rule;
use mu_base::{Code, Diagnostic, Span};

impl Builder<'_> {
    pub(super) fn type_expr(&mut self, pair: P<'_>) -> Option<TypeExpr> {
        let whole = span(&pair);
        let mut named = None;
        let mut args = Vec::new();
        let mut shape = None;
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::name => named = Some(name(&kid)),
                Rule::type_args => {
                    let inner = kid.into_inner().filter(|k| k.as_rule() == Rule::type_arg);
                    args = inner.map(|arg| self.type_arg(arg)).collect::<Option<_>>()?;
                }
                Rule::shape => {
                    let inner = kid.into_inner().filter(|k| k.as_rule() == Rule::dim);
                    shape = Some(inner.map(|dim| self.dim(dim)).collect::<Option<_>>()?);
                }
                Rule::tuple => {
                    let fields = self.fields(kid)?.into_iter().map(|field| (field.name, field.ty)).collect();
                    return Some(TypeExpr { kind: TypeKind::Tuple(fields), span: whole });
                }
                _ => {}
            }
        }
        Some(TypeExpr { kind: TypeKind::Named { name: named?, args, shape }, span: whole })
    }

    fn type_arg(&mut self, pair: P<'_>) -> Option<TypeArg> {
        let kid = pair.into_inner().next()?;
        Some(match kid.as_rule() {
            Rule::unit_arg => TypeArg::Unit(self.unit(&kid)),
            Rule::dim_arg => TypeArg::Dim(self.dim_sum(kid)?),
            Rule::integer => TypeArg::Dim(self.dim_atom(&kid)),
            _ => TypeArg::Type(self.type_expr(kid)?),
        })
    }

    fn dim(&mut self, pair: P<'_>) -> Option<DimExpr> {
        let kid = pair.into_inner().next()?;
        let whole = span(&kid);
        let kind = match kid.as_rule() {
            Rule::rest => DimKind::Rest(name(&find(kid, Rule::name)?)),
            Rule::any => DimKind::Any,
            Rule::up_to => DimKind::UpTo(Box::new(self.dim_atom(&kid.into_inner().last()?))),
            Rule::bounded => {
                let mut kids = kid.into_inner();
                DimKind::Bounded(name(&kids.next()?), self.whole(&kids.last()?))
            }
            _ => return self.dim_sum(kid),
        };
        Some(DimExpr { kind, span: whole })
    }

    fn dim_atom(&mut self, pair: &P<'_>) -> DimExpr {
        let kind = match pair.as_rule() {
            Rule::integer => DimKind::Is(self.whole(pair)),
            _ => DimKind::Name(name(pair)),
        };
        DimExpr { kind, span: span(pair) }
    }

    fn dim_sum(&mut self, pair: P<'_>) -> Option<DimExpr> {
        self.nest(|this| {
            let mut kids = pair.into_inner();
            let mut left = this.dim_atom(&kids.next()?);
            while let (Some(op), Some(right)) = (kids.next(), kids.next()) {
                let right = this.dim_atom(&right);
                let whole = left.span.to(right.span);
                if !this.grow(whole) {
                    break;
                }
                let (left_box, right_box) = (Box::new(left), Box::new(right));
                let kind = match op.as_str() {
                    "+" => DimKind::Add(left_box, right_box),
                    _ => DimKind::Sub(left_box, right_box),
                };
                left = DimExpr { kind, span: whole };
            }
            Some(left)
        })
    }

    /// The `field`s below a pair.
    pub(super) fn fields(&mut self, pair: P<'_>) -> Option<Vec<Field>> {
        pair.into_inner().filter(|kid| kid.as_rule() == Rule::field).map(|kid| self.field(kid)).collect()
    }

    fn field(&mut self, pair: P<'_>) -> Option<Field> {
        let docs = self.docs_before(span(&pair));
        let mut kids = pair.into_inner();
        let name = name(&kids.next()?);
        Some(Field { docs, name, ty: self.type_expr(kids.last()?)? })
    }

    pub(super) fn generics(&self, pair: P<'_>) -> Option<Vec<Generic>> {
        let inner = pair.into_inner().filter(|kid| kid.as_rule() == Rule::generic);
        inner
            .map(|generic| {
                let mut kids = generic.into_inner();
                Some(Generic { name: name(&kids.next()?), kind: name(&kids.last()?) })
            })
            .collect()
    }

    /// What `fn`, `task` and `builtin fn` share. A parameter of a function is used by its name, so it cannot be reserved; that
    /// of a built-in only labels an argument.
    pub(super) fn signature(&mut self, pair: P<'_>, builtin: bool) -> Option<Signature> {
        let mut kids = pair.into_inner();
        let mut signature = Signature {
            name: name(&kids.next()?),
            generics: Vec::new(),
            params: Vec::new(),
            result: TypeExpr { kind: TypeKind::Tuple(Vec::new()), span: Span::default() },
            wheres: Vec::new(),
        };
        for kid in kids {
            match kid.as_rule() {
                Rule::generics => signature.generics = self.generics(kid)?,
                Rule::param => {
                    let param = self.param(kid)?;
                    if !builtin {
                        self.check_param(&param);
                    }
                    signature.params.push(param);
                }
                Rule::type_expr => signature.result = self.type_expr(kid)?,
                _ => {}
            }
        }
        Some(signature)
    }

    fn check_param(&mut self, param: &Param) {
        let Param { name, default, .. } = param;
        if super::RESERVED.contains(&name.text.as_str()) {
            let message = format!("`{}` is a reserved word and cannot name a parameter", name.text);
            self.error(Code::SyntaxError, message, name.span, "choose another name");
        }
        if let Some(default) = default {
            let message = "only built-in operations have parameters with a default";
            let diagnostic = Diagnostic::error(Code::SyntaxError, message).at(super::here(default.span), "not here");
            self.diagnostics.push(diagnostic.help("write a second function that calls this one"));
        }
    }

    fn param(&mut self, pair: P<'_>) -> Option<Param> {
        let mut kids = pair.into_inner();
        let name = name(&kids.next()?);
        let mut kind = None;
        let mut default = None;
        for kid in kids {
            match kid.as_rule() {
                Rule::dim_param => kind = Some(ParamKind::Dim(super::name(&find(kid, Rule::name)?))),
                Rule::dims_param => kind = Some(ParamKind::Dims(super::name(&find(kid, Rule::name)?))),
                Rule::const_param => kind = Some(ParamKind::Const(self.type_expr(find(kid, Rule::type_expr)?)?)),
                Rule::type_expr => kind = Some(ParamKind::Value(self.type_expr(kid)?)),
                Rule::expr => default = Some(self.expr(kid)?),
                _ => {}
            }
        }
        Some(Param { name, kind: kind?, default })
    }

    pub(super) fn condition(&mut self, pair: P<'_>) -> Option<Where> {
        let whole = span(&pair);
        let mut kids = pair.into_inner();
        let left = self.measure(kids.next()?)?;
        let equal = kids.next()?.as_rule() == Rule::eqeq;
        Some(Where { left, equal, right: self.measure(kids.next()?)?, span: whole })
    }

    fn measure(&mut self, pair: P<'_>) -> Option<WhereTerm> {
        let kid = pair.into_inner().next()?;
        Some(match kid.as_rule() {
            Rule::size_of => WhereTerm::Size(name(&find(kid, Rule::name)?)),
            Rule::fields_of => WhereTerm::Fields(name(&find(kid, Rule::name)?)),
            _ => WhereTerm::Dim(self.dim_sum(kid)?),
        })
    }
}

/// The first part of a pair that is of the rule.
pub(super) fn find<'i>(pair: P<'i>, rule: Rule) -> Option<P<'i>> {
    pair.into_inner().find(|kid| kid.as_rule() == rule)
}
