//! Data sets and slots.

use crate::cx::{At, Cx};
use crate::decl::task::{missing, task_ref};
use crate::hir::{self, SlotOf};
use crate::names::{DefId, DefKind};
use crate::requires::{self, Subject};

use mu_base::{Code, Diagnostic};
use mu_syntax::ast::{self, ItemKind};

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
