//! Data sets, slots and entries (`deploy`).

use crate::cx::{At, Cx};
use crate::decl::task::{missing, task_ref};
use crate::hir::{self, ExprKind as H, Setting, SlotOf};
use crate::names::{DefId, DefKind};
use crate::requires::{self, Subject};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, suggest};
use mu_syntax::ast::{self, ItemKind, SettingValue};
use std::collections::BTreeSet;

/// Reads all data sets, then what task each slot is of.
pub fn collect(cx: &mut Cx) {
    let names = cx.names;
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Dataset) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Dataset(dataset) = &tree.kind else { continue };
        let Some(task) = task_ref(cx, at, &dataset.task) else { continue };
        if let Some(license) = &dataset.license {
            requires::license(cx, at, license);
        }
        let sha256 = match &dataset.sha256 {
            Some(sha) => {
                hash(cx, at, sha);
                sha.text.to_lowercase()
            }
            None => {
                missing(
                    cx,
                    at,
                    dataset.name.span,
                    "sha256",
                    "the sha256 of the data, so that figures on it can be compared",
                );
                String::new()
            }
        };
        let revision = dataset.revision.as_ref().map(|r| r.text.clone()).unwrap_or_default();
        let loc = cx.loc(at, dataset.name.span);
        let file = dataset.file.as_ref().and_then(|file| cx.find_file(at.module, &file.text).ok());
        cx.datasets.insert(id, hir::Dataset { name: def.name.clone(), task, file, sha256, revision, loc });
    }
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Slot) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Slot(slot) = &tree.kind else { continue };
        let Some(task) = task_ref(cx, at, &slot.task) else { continue };
        let loc = cx.loc(at, slot.name.span);
        let (requires, objective) = (Vec::new(), Vec::new());
        let slot = hir::Slot { name: def.name.clone(), task, requires, objective, at_request: None, loc };
        cx.slots.insert(id, slot);
    }
}

/// Reports a sha256 that is none.
pub fn hash(cx: &mut Cx, at: At, sha: &ast::Str) {
    let good = sha.text.len() == 64 && sha.text.bytes().all(|b| b.is_ascii_hexdigit());
    if !good {
        let loc = cx.loc(at, sha.span);
        cx.report(
            Diagnostic::error(Code::BadSetting, "a sha256 has 64 hexadecimal digits")
                .at(loc, format!("this has {} characters", sha.text.chars().count()))
                .help("`sha256sum FILE` prints it"),
        );
    }
}

/// Reads the requirements of all slots: they may name each other's traits.
pub fn requirements(cx: &mut Cx) {
    let ids: Vec<DefId> = cx.slots.keys().copied().collect();
    for id in ids {
        let at = cx.at(id);
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Slot(slot) = &tree.kind else { continue };
        let subject = Subject { at, slot: SlotOf::Slot(id), reach: vec![id], ranks: false };
        let requires: Vec<_> = slot.requires.iter().filter_map(|r| requires::requirement(cx, &subject, r)).collect();
        let objective = requires::objective(cx, &subject, &slot.objective);
        let at_request = requires::at_request(cx, &subject, id, slot);
        if let Some(known) = cx.slots.get_mut(&id) {
            known.requires = requires;
            known.objective = objective;
            known.at_request = at_request;
        }
    }
}

/// What kind of value a setting has.
enum Want {
    Word(&'static [&'static str]),
    Text,
    /// In a dimension's base unit, within limits.
    Quantity(&'static str, i64, i64),
    Count(i64, i64),
    /// From 0% to 100%.
    Share,
}

/// The settings of a `deploy`. Limits of AWS Lambda: developer guide, "Lambda quotas", November 2026.
const SETTINGS: [(&str, Want); 11] = [
    ("target", Want::Word(&["local", "lambda"])),
    ("region", Want::Text),
    ("arch", Want::Word(&["x86_64", "aarch64"])),
    ("memory", Want::Quantity("byte", 128_000_000, 10_240 * 1_048_576)),
    ("timeout", Want::Quantity("s", 1, 900)),
    ("role", Want::Text),
    ("log_retention", Want::Quantity("s", 86_400, 3653 * 86_400)),
    ("ephemeral", Want::Quantity("byte", 512_000_000, 10_240 * 1_048_576)),
    ("concurrency", Want::Count(0, 1_000_000)),
    ("auth", Want::Word(&["iam", "public"])),
    ("cold_rate", Want::Share),
];

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
            let settings = settings(cx, at, deploy);
            let subject = Subject { at, slot: SlotOf::Program, reach: reached(cx, function), ranks: false };
            let budgets = deploy.budgets.iter().filter_map(|b| requires::requirement(cx, &subject, b)).collect();
            let objective = requires::objective(cx, &subject, &deploy.objective);
            out.push(hir::Deploy { function, settings, budgets, objective, loc });
        }
    }
    out
}

fn settings(cx: &mut Cx, at: At, deploy: &ast::Deploy) -> Vec<(String, Setting)> {
    let mut out: Vec<(String, Setting)> = Vec::new();
    for setting in &deploy.settings {
        let name = setting.name.text.as_str();
        let loc = cx.loc(at, setting.name.span);
        let Some((_, want)) = SETTINGS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> =
                SETTINGS.iter().map(|(n, _)| *n).chain(["budget", "minimize", "maximize", "prefer"]).collect();
            let mut diagnostic = Diagnostic::error(Code::UnknownSetting, format!("`deploy` has no setting `{name}`"))
                .at(loc, "not known");
            diagnostic = match suggest::nearest(name, known.iter().copied()) {
                Some(near) => {
                    diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), loc, near)
                }
                None => diagnostic.help(format!("there are {}", crate::cx::list(&known))),
            };
            cx.report(diagnostic);
            continue;
        };
        if out.iter().any(|(n, _)| n == name) {
            let message = format!("`{name}` stands twice");
            cx.report(Diagnostic::error(Code::DuplicateSetting, message).at(loc, "a second time here"));
            continue;
        }
        if let Some(value) = setting_value(cx, at, setting, want) {
            out.push((name.to_string(), value));
        }
    }
    out
}

fn setting_value(cx: &mut Cx, at: At, setting: &ast::Setting, want: &Want) -> Option<Setting> {
    let name = &setting.name.text;
    let wrong = |cx: &mut Cx, needed: String| {
        let loc = cx.loc(at, setting.span);
        cx.report(Diagnostic::error(Code::BadSetting, format!("`{name}` needs {needed}")).at(loc, "not this"));
        None
    };
    match (want, &setting.value) {
        (Want::Text, SettingValue::Text(text)) => Some(Setting::Text(text.text.clone())),
        (Want::Text, _) => wrong(cx, "a text in quotes".to_string()),
        (Want::Word(words), SettingValue::Word(word)) if words.contains(&word.text.as_str()) => {
            Some(Setting::Word(word.text.clone()))
        }
        (Want::Word(words), _) => {
            let needed = words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" or ");
            wrong(cx, needed)
        }
        (Want::Count(low, high), SettingValue::Quantity(q)) if q.unit.terms.is_empty() => {
            if (Decimal::from(*low)..=Decimal::from(*high)).contains(&q.value) && q.value.fract().is_zero() {
                return Some(Setting::Quantity(q.value));
            }
            wrong(cx, format!("a whole number from {low} to {high}"))
        }
        (Want::Count(..), _) => wrong(cx, "a whole number".to_string()),
        (Want::Share, SettingValue::Quantity(q)) => match requires::share(q) {
            Some(share) if share <= Decimal::ONE => Some(Setting::Quantity(share)),
            _ => wrong(cx, "a share from 0% to 100%".to_string()),
        },
        (Want::Share, _) => wrong(cx, "a share, as `1%`".to_string()),
        (Want::Quantity(base, low, high), SettingValue::Quantity(q)) => {
            let unit = crate::decl::units::resolve(cx, at, &q.unit)?;
            let fits = unit.exponents.len() == 1 && unit.exponents.get(*base) == Some(&1);
            if !fits {
                let kind = if *base == "s" { "a time, as `10 s`" } else { "a size, as `512 MB`" };
                return wrong(cx, kind.to_string());
            }
            let value = q.value.checked_mul(unit.factor)?;
            if !(Decimal::from(*low)..=Decimal::from(*high)).contains(&value) {
                let loc = cx.loc(at, setting.span);
                let range = if *base == "s" {
                    format!("{low} s to {high} s")
                } else {
                    format!("{} MB to {} MiB", low / 1_000_000, high / 1_048_576)
                };
                cx.report(
                    Diagnostic::error(Code::LambdaLimit, format!("`{name}` lies from {range}"))
                        .at(loc, "outside of what AWS Lambda gives"),
                );
                return None;
            }
            Some(Setting::Quantity(value))
        }
        (Want::Quantity(base, ..), _) => {
            wrong(cx, if *base == "s" { "a time, as `10 s`" } else { "a size, as `512 MB`" }.to_string())
        }
    }
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
