//! Constants: checked when first used, since their type may come from their value.

use crate::check::{Place, check_body};
use crate::cx::Cx;
use crate::decl::types::{Scope, convert};
use crate::hir;
use crate::names::{DefId, DefKind};
use crate::ty::Type;
use mu_base::{Code, Diagnostic};
use mu_syntax::ast::{Block, ItemKind, Stmt};

/// The type of a constant; `None` where it has none (which is reported).
pub fn constant_type(cx: &mut Cx, id: DefId) -> Option<Type> {
    if let Some(constant) = cx.constants.get(&id) {
        return (!constant.ty.is_error()).then(|| constant.ty.clone());
    }
    if let Some(from) = cx.checking.iter().position(|c| *c == id) {
        let mut path: Vec<String> = cx.checking[from..].iter().map(|c| cx.names.get(*c).name.clone()).collect();
        path.push(cx.names.get(id).name.clone());
        let loc = cx.name_loc(id);
        cx.report(
            Diagnostic::error(Code::CallCycle, format!("constants need each other: {}", path.join(" -> ")))
                .at(loc, "this one needs itself"),
        );
        return None;
    }
    cx.checking.push(id);
    let at = cx.at(id);
    let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
    if let ItemKind::Const { name, ty, value } = &tree.kind {
        let stated = ty.as_ref().map(|ty| (convert(cx, Scope::plain(at), ty), cx.loc(at, ty.span)));
        let block = Block { stmts: vec![Stmt::Expr(value.clone())], span: value.span };
        let result = stated.as_ref().map(|(ty, loc)| (ty, *loc));
        let body = check_body(cx, id, at, Place::Constant, &[], &block, result).body;
        let ty = stated.map(|(ty, _)| ty).unwrap_or_else(|| body.result.clone());
        let loc = cx.loc(at, name.span);
        cx.constants.insert(id, hir::Constant { name: name.text.clone(), ty, body, loc });
    }
    cx.checking.pop();
    cx.constants.get(&id).filter(|c| !c.ty.is_error()).map(|c| c.ty.clone())
}

/// Checks all constants.
pub fn check_all(cx: &mut Cx) {
    let names = cx.names;
    for (id, _) in names.iter().filter(|(_, d)| d.kind == DefKind::Const) {
        constant_type(cx, id);
    }
}
