//! Cards: the net against its file, the classes against the labels, the adapter against both.

use crate::check::{Adapter, Place, check_body};
use crate::cx::{At, Cx};
use crate::decl::task::{missing, task_ref, vector};
use crate::decl::types::{Scope, convert};
use crate::decl::{GenericInfo, Kind, TraitUnit};
use crate::hir::{self, Card, Claim, Net, Port, TaskRef};
use crate::names::{DefId, DefKind};
use crate::ty::{DType, Dim, Elem, LabelSet, Type};
use mu_base::decimal::Decimal;
use mu_base::{Code, Diagnostic, Loc, suggest};
use mu_syntax::ast::{self, DimKind, ItemKind, TypeKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Checks all cards. Selections and locks speak of them by name, so a name stands for one card in a whole project.
pub fn check_all(cx: &mut Cx) {
    let names = cx.names;
    let mut first: BTreeMap<&str, DefId> = BTreeMap::new();
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Model) {
        match first.get(def.name.as_str()) {
            // Twice in one module is reported with the names.
            Some(other) if names.get(*other).module != def.module => {
                let (loc, other) = (cx.name_loc(id), cx.name_loc(*other));
                cx.report(
                    Diagnostic::error(Code::DuplicateName, format!("two cards are called `{}`", def.name))
                        .at(loc, "the second one")
                        .because(other, "the first one")
                        .help("give one of them another name: the lock and the reports name cards by it"),
                );
            }
            Some(_) => {}
            None => {
                first.insert(&def.name, id);
            }
        }
    }
    for (id, def) in names.iter().filter(|(_, d)| d.kind == DefKind::Model) {
        let at = At { module: def.module, item: def.item };
        let tree = cx.modules[at.module].parsed.items[at.item].tree.clone();
        let ItemKind::Model(model) = &tree.kind else { continue };
        if let Some(card) = card(cx, id, at, model) {
            cx.cards.insert(id, card);
        }
    }
}

/// What the file says of itself, as far as adapters need it.
#[derive(Default)]
struct FileFacts {
    path: Option<String>,
    softmaxes: Vec<String>,
    traits: Vec<(String, f64)>,
}

fn card(cx: &mut Cx, id: DefId, at: At, model: &ast::Model) -> Option<Card> {
    let name = model.name.span;
    let task = task_ref(cx, at, &model.task)?;
    let errors = cx.diagnostics.len();
    let license = match &model.license {
        Some(license) => {
            crate::requires::license(cx, at, license);
            license.text.clone()
        }
        None => {
            missing(cx, at, name, "license", "`license MIT`, or whatever SPDX expression holds");
            String::new()
        }
    };
    let Some(net) = &model.net else {
        missing(cx, at, name, "net", "`net \"FILE.onnx\" sha256 \"...\" (INPUTS) -> (OUTPUTS)`");
        return None;
    };
    let net_loc = cx.loc(at, net.span);
    let (inputs, outputs, dims) = ports(cx, at, net);
    let before = cx.diagnostics.len();
    let facts = file(cx, at, net, &inputs, &outputs);
    let net_wrong = cx.diagnostics[before..].iter().any(|d| d.code == Code::NetMismatch);
    let classes = classes(cx, at, model, &task);
    let mut claims: Vec<Claim> = Vec::new();
    for written in &model.claims {
        let Some(read) = claim(cx, at, written, &task) else { continue };
        match claims.iter().find(|c| c.path == read.path && c.dataset == read.dataset) {
            Some(first) => {
                let diagnostic = Diagnostic::error(Code::DuplicateSetting, format!("`{}` is claimed twice", read.path))
                    .at(read.loc, "a second time here")
                    .because(first.loc, "first here");
                cx.report(diagnostic);
            }
            None => claims.push(read),
        }
    }
    if net_wrong {
        // An adapter written for the file would be judged against a net that is not the file's.
        return None;
    }
    let Some(adapt) = &model.adapt else {
        missing(cx, at, name, "adapt", "`adapt { ... }`: from the task's types to the net's tensors and back");
        return None;
    };
    let params: Vec<_> = task.params.iter().map(|(n, ty)| (n.clone(), ty.clone(), name)).collect();
    let adapter = Adapter {
        inputs: inputs.clone(),
        outputs: outputs.clone(),
        dims: dims.clone(),
        net: net_loc,
        classes_wrong: model.classes.is_some() && classes.is_none(),
        classes,
        softmaxes: facts.softmaxes,
    };
    let task_loc = cx.loc(at, model.task.span);
    let want = if task.gives_embedding() { None } else { Some((&task.result, task_loc)) };
    let checked = check_body(cx, id, at, Place::Adapter(adapter), &params, adapt, want);
    if task.gives_embedding() && !is_vector(&checked.body.result) {
        let (loc, shown) = (cx.loc(at, checked.body.block.value.span), checked.body.result.show(cx));
        let wanted = vector(Dim::Var(0)).show(cx);
        cx.report(
            Diagnostic::error(Code::AdapterMismatch, format!("`{wanted}` is needed, but this is `{shown}`"))
                .at(loc, "an embedding is a vector of f32 whose length is known")
                .because(task_loc, "the task is stated here"),
        );
    }
    if cx.diagnostics[errors..].iter().any(|d| d.is_error()) {
        return None;
    }
    let sha256 = net.sha256.as_ref().map(|s| s.text.to_lowercase()).unwrap_or_default();
    let net =
        Net { path: facts.path, sha256, inputs, outputs, dims, traits: facts.traits, used: checked.used, loc: net_loc };
    let loc = cx.loc(at, name);
    Some(Card { name: model.name.text.clone(), task, net, license, claims, adapter: checked.body, loc })
}

fn is_vector(ty: &Type) -> bool {
    match ty {
        Type::Error => true,
        Type::Tensor(Elem::Is(DType::F32), _, shape) => matches!(shape.as_slice(), [Dim::Is(_)]),
        _ => false,
    }
}

type Dims = Vec<(String, Option<u64>)>;

/// The net's inputs and outputs, with its free dimensions numbered in the order in which they first stand.
fn ports(cx: &mut Cx, at: At, net: &ast::Net) -> (Vec<Port>, Vec<Port>, Dims) {
    let mut dims: Dims = Vec::new();
    for port in net.inputs.iter().chain(&net.outputs) {
        let TypeKind::Named { shape: Some(shape), .. } = &port.ty.kind else { continue };
        for dim in shape {
            let (name, bound) = match &dim.kind {
                DimKind::Name(name) => (&name.text, None),
                DimKind::Bounded(name, bound) => (&name.text, Some(*bound)),
                _ => continue,
            };
            match dims.iter_mut().find(|(n, _)| n == name) {
                Some((_, known)) => *known = known.or(bound),
                None => dims.push((name.clone(), bound)),
            }
        }
    }
    let generics: Vec<GenericInfo> =
        dims.iter().map(|(name, _)| GenericInfo { name: name.clone(), kind: Kind::Dim }).collect();
    let scope = Scope { at, generics: &generics, net: true };
    let mut read = |list: &[ast::Port]| -> Vec<Port> {
        let mut out: Vec<Port> = Vec::new();
        for port in list {
            let ty = convert(cx, scope, &port.ty);
            if !matches!(ty, Type::Tensor(..) | Type::Error) {
                let loc = cx.loc(at, port.ty.span);
                cx.report(
                    Diagnostic::error(Code::NotAType, format!("`{}` is no tensor", port.name.text))
                        .at(loc, "nets take and give tensors")
                        .help("as `f32[N, 1, 28, 28]`"),
                );
            }
            if out.iter().any(|p| p.name == port.name.text) {
                let loc = cx.loc(at, port.name.span);
                let message = format!("`{}` stands twice", port.name.text);
                cx.report(Diagnostic::error(Code::DuplicateName, message).at(loc, "a second time here"));
            }
            let onnx = port.onnx.as_ref().map_or(port.name.text.clone(), |s| s.text.clone());
            out.push(Port { name: port.name.text.clone(), onnx, ty });
        }
        out
    };
    let inputs = read(&net.inputs);
    let outputs = read(&net.outputs);
    (inputs, outputs, dims)
}

/// Holds the net against its ONNX file, where the file is at hand.
fn file(cx: &mut Cx, at: At, net: &ast::Net, inputs: &[Port], outputs: &[Port]) -> FileFacts {
    let loc = cx.loc(at, net.file.span);
    let stated = match &net.sha256 {
        Some(sha) => {
            crate::slots::hash(cx, at, sha);
            Some((sha.text.to_lowercase(), cx.loc(at, sha.span)))
        }
        None => {
            missing(
                cx,
                at,
                net.file.span,
                "sha256",
                "`sha256 \"...\"` after the file: a model is never trusted by its name",
            );
            None
        }
    };
    let fetched = |cx: &mut Cx| match &stated {
        Some((sha256, _)) if sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            cx.read_fetched(sha256).ok()
        }
        _ => None,
    };
    let (path, bytes) = match cx.read(at.module, &net.file.text).or_else(|error| fetched(cx).ok_or(error)) {
        Ok(found) => found,
        Err(error) => {
            // The card can be checked without its weights; only a bundle needs them.
            cx.report(
                Diagnostic::warning(Code::FileMissing, format!("`{}` cannot be read: {error}", net.file.text))
                    .at(loc, "the model's file")
                    .help("the card is checked without it, but the model cannot be chosen for a bundle"),
            );
            return FileFacts::default();
        }
    };
    let model = match mu_onnx::read(&bytes, &mu_onnx::Limits::default()) {
        Ok(model) => model,
        Err(error) => {
            let message = format!("`{}` is not an ONNX model: {error}", net.file.text);
            cx.report(Diagnostic::error(Code::NotOnnx, message).at(loc, "the model's file").help(error.help()));
            return FileFacts { path: Some(path), ..FileFacts::default() };
        }
    };
    let found = mu_onnx::sha256(&bytes);
    match stated {
        None => {
            let end = Loc { span: mu_base::Span { start: loc.span.end, end: loc.span.end }, ..loc };
            cx.report(
                Diagnostic::error(Code::MissingSetting, "`sha256` is missing")
                    .at(loc, "a model is never trusted by its name")
                    .help(format!("add `sha256 \"{found}\"` after the file"))
                    .fix("add the file's sha256", end, format!(" sha256 \"{found}\"")),
            );
        }
        Some((stated, sha_loc)) if stated.len() == 64 && found != stated => {
            cx.report(
                Diagnostic::error(Code::FileChanged, format!("`{}` is not the file the card describes", net.file.text))
                    .at(sha_loc, "another sha256 is stated here")
                    .because(loc, format!("the file has {found}"))
                    .help("get the right file, or state the new sha256 once you have looked at what changed"),
            );
        }
        _ => {}
    }
    let unsupported = mu_onnx::unsupported(&model);
    if !unsupported.is_empty() {
        cx.report(
            Diagnostic::error(
                Code::UnsupportedOperator,
                format!("the runtime cannot run {} of `{}`", crate::cx::list(&unsupported), net.file.text),
            )
            .at(loc, "the model's file")
            .help("export the model with other operators, as another opset or without quantisation"),
        );
    }
    let net_loc = cx.loc(at, net.span);
    let misspelt = inputs.iter().any(|p| !model.inputs.iter().any(|f| f.name == p.onnx));
    for port in &model.inputs {
        if !misspelt && !inputs.iter().any(|p| p.onnx == port.name) {
            cx.report(
                Diagnostic::error(Code::NetMismatch, format!("the file's input `{}` is missing in the net", port.name))
                    .at(net_loc, "not among the inputs")
                    .because(loc, format!("the file takes {}", describe(&model.inputs))),
            );
        }
    }
    for (ports, own, what) in [(&model.inputs, inputs, "input"), (&model.outputs, outputs, "output")] {
        for port in own {
            match ports.iter().find(|p| p.name == port.onnx) {
                Some(found) => hold(cx, net_loc, loc, port, found, what),
                None => {
                    let mut diagnostic =
                        Diagnostic::error(Code::NetMismatch, format!("the file has no {what} `{}`", port.onnx))
                            .at(net_loc, "named in the net")
                            .because(loc, format!("the file has {}", describe(ports)));
                    if let Some(near) = suggest::nearest(&port.onnx, ports.iter().map(|p| p.name.as_str())) {
                        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                    }
                    cx.report(diagnostic);
                }
            }
        }
    }
    let external = model.check_external(|location| {
        let folder = path.rsplit_once('/').map(|(f, _)| f).unwrap_or("");
        cx.world.size(&crate::project::join(folder, location)).ok()
    });
    let external = match external {
        Ok(bytes) => bytes,
        Err(error) => {
            cx.report(
                Diagnostic::error(Code::FileMissing, error.to_string()).at(loc, "the model's file").help(error.help()),
            );
            0
        }
    };
    let traits = vec![
        ("size".to_string(), (bytes.len() as u64).saturating_add(external) as f64),
        ("parameters".to_string(), model.parameters as f64),
    ];
    FileFacts { path: Some(path), softmaxes: model.softmax_outputs, traits }
}

fn describe(ports: &[mu_onnx::Port]) -> String {
    let names: Vec<&str> = ports.iter().map(|p| p.name.as_str()).collect();
    crate::cx::list(&names)
}

/// One tensor of the net against the file's.
fn hold(cx: &mut Cx, net: Loc, file: Loc, port: &Port, found: &mu_onnx::Port, what: &str) {
    let Type::Tensor(Elem::Is(dtype), _, shape) = &port.ty else { return };
    let in_file = match &found.dims {
        Some(dims) => {
            let dims: Vec<String> = dims.iter().map(|d| d.to_string()).collect();
            format!("{}[{}]", found.dtype, dims.join(", "))
        }
        None => format!("{} of a shape that the file does not state", found.dtype),
    };
    let agrees = dtype.name() == found.dtype.to_string()
        && found.dims.as_ref().is_none_or(|dims| {
            dims.len() == shape.len()
                && shape.iter().zip(dims).all(|(own, theirs)| match (own, theirs) {
                    (Dim::Is(a), mu_onnx::Dim::Is(b)) => a == b,
                    // The card may fix what the file leaves free, but not free what the file fixes.
                    (Dim::Var(_) | Dim::UpTo(_), mu_onnx::Dim::Is(_)) => false,
                    _ => true,
                })
        });
    if !agrees {
        let own = port.ty.show(cx);
        cx.report(
            Diagnostic::error(
                Code::NetMismatch,
                format!("the {what} `{}` is `{own}` in the net, but `{in_file}` in the file", port.onnx),
            )
            .at(net, "stated here")
            .because(file, format!("the file says `{in_file}`")),
        );
    }
}

/// The label of each class; every label of the task must be one exactly once.
fn classes(cx: &mut Cx, at: At, model: &ast::Model, task: &TaskRef) -> Option<(Arc<LabelSet>, Vec<u32>)> {
    let source = model.classes.as_ref()?;
    let span = match source {
        ast::LabelSource::Inline(list) => match (list.first(), list.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => model.name.span,
        },
        ast::LabelSource::File(path) => path.span,
    };
    let loc = cx.loc(at, span);
    let Some(set) = task.labels() else {
        let message = format!("`{}` has no labels, so the card has no classes", task.show(cx));
        cx.report(Diagnostic::error(Code::ClassesMismatch, message).at(loc, "stated here"));
        return None;
    };
    let classes = crate::decl::labels::read(cx, at, source)?;
    let unknown: Vec<&String> = classes.iter().filter(|c| set.index(c).is_none()).take(3).collect();
    let missing: Vec<&String> = set.labels.iter().filter(|l| !classes.contains(l)).take(3).collect();
    if !unknown.is_empty() || !missing.is_empty() {
        let mut parts = Vec::new();
        if !unknown.is_empty() {
            parts.push(format!("{} no label of `{}`", verb(&unknown), set.name));
        }
        if !missing.is_empty() {
            parts.push(format!("{} missing", verb(&missing)));
        }
        let mut diagnostic =
            Diagnostic::error(Code::ClassesMismatch, format!("the classes are not the labels of `{}`", set.name))
                .at(loc, parts.join(", "));
        if let Some(near) = unknown.first().and_then(|u| suggest::nearest(u, set.labels.iter().map(String::as_str))) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        cx.report(diagnostic);
        return None;
    }
    let order = classes.iter().filter_map(|c| set.index(c)).collect();
    Some((set, order))
}

fn verb(names: &[&String]) -> String {
    format!("{} {}", crate::cx::list(names), if names.len() == 1 { "is" } else { "are" })
}

fn claim(cx: &mut Cx, at: At, claim: &ast::Claim, task: &TaskRef) -> Option<Claim> {
    let path: Vec<&str> = claim.metric.path.iter().map(|n| n.text.as_str()).collect();
    let path = path.join(".");
    let loc = cx.loc(at, claim.span);
    let Some(info) = task.trait_info(cx, &path) else {
        let known = task.trait_names(cx);
        let at_loc = cx.loc(at, claim.metric.span);
        let mut diagnostic =
            Diagnostic::error(Code::UnknownTrait, format!("`{path}` is no trait of `{}`", task.show(cx)))
                .at(at_loc, "not known");
        diagnostic = match suggest::nearest(&path, known.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("there are {}", crate::cx::list(&known))),
        };
        cx.report(diagnostic);
        return None;
    };
    if info.source != "evidence" {
        let message = format!("`{path}` is not claimed: it comes from the {}", info.source);
        cx.report(Diagnostic::error(Code::UnknownTrait, message).at(loc, "remove this"));
        return None;
    }
    let metric = task.is_metric(cx, &path);
    let dataset = match (&claim.metric.dataset, metric) {
        (Some(name), true) => {
            let id = cx.resolve_kind(at, name, DefKind::Dataset)?;
            let dataset = cx.datasets.get(&id)?.clone();
            if !dataset.task.same(task) {
                let name_loc = cx.loc(at, name.span);
                let (of, need) = (dataset.task.show(cx), task.show(cx));
                cx.report(
                    Diagnostic::error(Code::DatasetMismatch, format!("`{}` is a data set of `{of}`", name.text))
                        .at(name_loc, format!("one of `{need}` is needed"))
                        .because(dataset.loc, "declared here"),
                );
                return None;
            }
            Some(id)
        }
        (None, true) => {
            cx.report(
                Diagnostic::error(Code::MetricNeedsDataset, format!("on which data is `{path}` claimed?"))
                    .at(loc, "a metric needs its data set")
                    .help(format!("write `claim {path} on DATASET = ...`")),
            );
            return None;
        }
        (_, false) => None,
    };
    let value = claim_value(cx, at, claim, &info.unit)?;
    if !metric && value < Decimal::ZERO || claim.samples == Some(0) {
        let what = if claim.samples == Some(0) { "a claim on no samples" } else { "less than nothing" };
        cx.report(Diagnostic::error(Code::BadSetting, format!("`{path}` cannot be claimed so")).at(loc, what));
        return None;
    }
    Some(Claim { path, dataset, value, samples: claim.samples, loc })
}

/// The claimed value in base units.
fn claim_value(cx: &mut Cx, at: At, claim: &ast::Claim, unit: &TraitUnit) -> Option<Decimal> {
    let loc = cx.loc(at, claim.value.span);
    let written = crate::decl::units::resolve(cx, at, &claim.value.unit)?;
    let value = claim.value.value.checked_mul(written.factor)?;
    let percent = !claim.value.unit.terms.is_empty() && written.exponents.is_empty();
    let help = match unit {
        TraitUnit::Ratio if written.exponents.is_empty() => {
            if (Decimal::ZERO..=Decimal::ONE).contains(&value) {
                return Some(value);
            }
            "a ratio lies between 0% and 100%"
        }
        TraitUnit::Count | TraitUnit::Generic(_) if written.exponents.is_empty() && !percent => return Some(value),
        TraitUnit::Unit(exponents) if *exponents == written.exponents => return Some(value),
        TraitUnit::Ratio => "a ratio is written `97%`",
        TraitUnit::Unit(_) => "another unit is needed",
        _ => "a plain number is needed",
    };
    cx.report(Diagnostic::error(Code::UnitMismatch, "the claimed value does not fit its trait").at(loc, help));
    None
}

/// Whether two data sets of one name are the same data: a requirement on one is not met by a claim on the other.
pub fn dataset_conflicts(cx: &mut Cx) {
    let sets: Vec<hir::Dataset> = cx.datasets.values().cloned().collect();
    for (i, a) in sets.iter().enumerate() {
        for b in &sets[i + 1..] {
            let same = a.sha256 == b.sha256 && a.revision == b.revision;
            if a.name == b.name && a.task.same(&b.task) && !same {
                cx.report(
                    Diagnostic::error(
                        Code::DatasetMismatch,
                        format!("`{}` is declared as two different data sets", a.name),
                    )
                    .at(b.loc, "this one has another sha256 or revision")
                    .because(a.loc, "than this one")
                    .help("figures on different data cannot be compared: `use` the one declaration, or rename"),
                );
            }
        }
    }
}
