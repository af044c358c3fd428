//! Entries (`deploy`): what is deployed, with which settings, and whether AWS Lambda can hold it.

mod names;
mod payload;
mod rules;
mod settings;

pub use names::{Rule, function_name, rule};
pub use settings::{Stated, merged};

use crate::cx::{At, Cx};
use crate::hir::{self, ExprKind as H, Setting, SlotOf};
use crate::lambda::Lambda;
use crate::names::{DefId, DefKind};
use crate::requires::{self, Subject};
use mu_base::{Code, Diagnostic};
use mu_syntax::ast::ItemKind;
use std::collections::BTreeSet;

/// Checks all `deploy` blocks, after the functions.
pub fn deploys(cx: &mut Cx) -> Vec<hir::Deploy> {
    let mut out: Vec<hir::Deploy> = Vec::new();
    let modules = cx.modules;
    for (m, module) in modules.iter().enumerate() {
        for (i, item) in module.parsed.items.iter().enumerate() {
            let ItemKind::Deploy(deploy) = &item.tree.kind else { continue };
            let at = At { module: m, item: i };
            let Some(function) = cx.resolve_kind(at, &deploy.function, DefKind::Fn) else { continue };
            let loc = cx.loc(at, deploy.function.span);
            if let Some(other) = out.iter().find(|d| d.function == function) {
                let first = other.loc;
                let message = format!("`{}` is deployed twice", deploy.function.text);
                cx.report(
                    Diagnostic::error(Code::DuplicateSetting, message)
                        .at(loc, "a second time here")
                        .because(first, "first here"),
                );
                continue;
            }
            let settings = match Lambda::get() {
                Ok(lambda) => checked(cx, lambda, at, deploy, function),
                Err(fault) => {
                    cx.report(Diagnostic::error(Code::LambdaLimit, fault).at(loc, "its limits are not known"));
                    Vec::new()
                }
            };
            let subject = Subject { at, slot: SlotOf::Program, reach: reached(cx, function), ranks: false };
            let budgets = deploy.budgets.iter().filter_map(|b| requires::requirement(cx, &subject, b)).collect();
            let objective = requires::objective(cx, &subject, &deploy.objective);
            out.push(hir::Deploy { function, settings, budgets, objective, loc });
        }
    }
    out
}

/// The settings of a block, after they were checked one by one and together, as they stand and as each environment has them.
fn checked(cx: &mut Cx, lambda: &Lambda, at: At, deploy: &mu_syntax::ast::Deploy, function: DefId) -> Vec<Stated> {
    let settings = settings::read(cx, lambda, at, deploy);
    let loc = cx.loc(at, deploy.function.span);
    let project = cx.project;
    let deployed = rules::Deployed { lambda, function: &deploy.function.text, loc, env: None };
    rules::check(cx, &deployed, &settings);
    for env in &project.envs {
        rules::check(cx, &rules::Deployed { env: Some(env), ..deployed }, &merged(&settings, env));
    }
    let on_lambda = settings.iter().any(|s| s.name == "target" && s.value == Setting::Word("lambda".to_owned()));
    if on_lambda {
        payload::check(cx, lambda, function, loc);
    }
    settings
}

/// The slots a function reaches, through functions and constants.
fn reached(cx: &Cx, function: DefId) -> Vec<DefId> {
    let mut seen = BTreeSet::from([function]);
    let mut next = vec![function];
    let mut slots = BTreeSet::new();
    while let Some(id) = next.pop() {
        let body = match (cx.functions.get(&id), cx.constants.get(&id)) {
            (Some(function), _) => &function.body,
            (_, Some(constant)) => &constant.body,
            _ => continue,
        };
        let mut found = Vec::new();
        crate::hir_walk::block(&body.block, &mut |expr| match &expr.kind {
            H::Call { function, .. } => found.push(*function),
            H::Const(id) => found.push(*id),
            H::Slot { slot, .. } => {
                slots.insert(*slot);
            }
            _ => {}
        });
        next.extend(found.into_iter().filter(|id| seen.insert(*id)));
    }
    slots.into_iter().collect()
}
