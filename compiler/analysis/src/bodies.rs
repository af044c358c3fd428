//! Functions and tests.

use crate::check::{Place, check_body};
use crate::cx::{At, Cx};
use crate::hir;
use crate::names::{DefId, DefKind};
use crate::ty::Type;
use mu_base::{Code, Diagnostic};
use mu_syntax::ast::ItemKind;

/// Checks the bodies of all functions.
pub fn functions(cx: &mut Cx) {
    let names = cx.names;
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Fn) {
        let at = At { module: def.module, item: def.item };
        let item = &cx.modules[at.module].parsed.items[at.item];
        let (tree, docs) = (item.tree.clone(), item.docs.clone());
        let ItemKind::Fn(function) = &tree.kind else { continue };
        let Some(signature) = cx.signatures.get(&id).cloned() else { continue };
        let spans = function.signature.params.iter().map(|p| p.name.span);
        let params: Vec<(String, Type, mu_base::Span)> =
            signature.values().into_iter().zip(spans).map(|((name, ty), span)| (name, ty, span)).collect();
        let loc = cx.loc(at, function.signature.result.span);
        let checked = check_body(cx, id, at, Place::Function, &params, &function.body, Some((&signature.result, loc)));
        let function = hir::Function {
            name: def.name.clone(),
            docs,
            params: signature.values(),
            result: signature.result.clone(),
            body: checked.body,
        };
        cx.functions.insert(id, function);
    }
}

/// Checks all tests of the project (not those of the standard library).
pub fn tests(cx: &mut Cx) -> Vec<hir::Test> {
    let mut out: Vec<hir::Test> = Vec::new();
    let modules = cx.modules;
    for (m, module) in modules.iter().enumerate() {
        for (i, item) in module.parsed.items.iter().enumerate() {
            let ItemKind::Test { name, body } = &item.tree.kind else { continue };
            let at = At { module: m, item: i };
            // A test declares no name; its spans are those of its item, which any id serves to find.
            let checked = check_body(cx, DefId(u32::MAX), at, Place::Test, &[], body, None);
            let asserts = checked
                .asserts
                .into_iter()
                .map(|(value, span, lets)| {
                    let loc = cx.loc(at, span);
                    let source = cx.source(loc.file);
                    let text = source.get(loc.span.start as usize..loc.span.end as usize).unwrap_or_default();
                    let mut body = checked.body.clone();
                    body.block.lets.truncate(lets);
                    body.result = value.ty.clone();
                    body.block.value = Box::new(value);
                    hir::Assert { text: text.trim_start_matches("assert").trim().to_string(), loc, body }
                })
                .collect();
            let loc = cx.loc(at, name.span);
            if !body.stmts.iter().any(|s| matches!(s, mu_syntax::ast::Stmt::Assert { .. })) {
                cx.report(
                    Diagnostic::error(Code::MissingSetting, "a test asserts something")
                        .at(loc, "this one does not")
                        .help("add a line `assert ...`"),
                );
            }
            if let Some(other) = out.iter().find(|t| t.name == name.text && t.loc.file == loc.file) {
                let first = other.loc;
                cx.report(
                    Diagnostic::error(Code::DuplicateName, format!("two tests are called `{}`", name.text))
                        .at(loc, "the second one")
                        .because(first, "the first one"),
                );
            }
            out.push(hir::Test { name: name.text.clone(), asserts, loc });
        }
    }
    out
}
