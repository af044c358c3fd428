//! The printed form of a file's trees: source text in one layout, every operation in parentheses, so that it shows what was
//! understood. Parsing it gives the same trees again, places apart.

mod expr;
mod types;

use crate::File;
use crate::ast::{Field, ItemKind, LabelSource, Model, Port, Signature, Task};
use std::fmt::{Display, Write};

/// All items of a file, each with its place in bytes.
pub fn dump(file: &File) -> String {
    let mut out = Printer { text: String::new(), indent: 0 };
    for item in &file.items {
        let _ = writeln!(out.text, "// {}..{}", item.offset, item.range.end);
        out.docs(&item.docs);
        out.item(&item.tree.kind);
        out.text.push('\n');
    }
    out.text
}

struct Printer {
    text: String,
    indent: usize,
}

impl Printer {
    fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.text, "{:1$}{line}", "", self.indent);
    }

    fn docs(&mut self, docs: &str) {
        if !docs.is_empty() {
            docs.split('\n').for_each(|line| self.line(format_args!("/// {line}")));
        }
    }

    /// Lines in braces after `head`.
    fn braces(&mut self, head: impl Display, body: impl FnOnce(&mut Self)) {
        self.line(format_args!("{head} {{"));
        self.indent += 4;
        body(self);
        self.indent -= 4;
        self.line("}");
    }

    fn item(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Use { path } => self.line(format_args!("use {}", types::path(path))),
            ItemKind::Labels { name, source } => {
                self.line(format_args!("labels {} = {}", name.text, labels(source)));
            }
            ItemKind::Dimension { name, unit } => self.line(format_args!("dimension {}: {}", name.text, unit.text)),
            ItemKind::Unit { name, factor, unit } => {
                self.line(format_args!("unit {} = {factor} {}", name.text, types::unit(unit)));
            }
            ItemKind::Record { name, generics, fields } => {
                let head = format!("record {}{}", name.text, types::generics(generics));
                self.braces(head, |out| fields.iter().for_each(|field| out.field(field)));
            }
            ItemKind::Trait(decl) => {
                let direction = decl.direction.map(|d| format!(", {}", types::direction(d))).unwrap_or_default();
                let (path, unit) = (types::path(&decl.path), types::terms(&decl.unit.terms));
                self.line(format_args!("trait {path}: {unit}{direction} from {}", decl.source.text));
            }
            ItemKind::Task(task) => self.task(task),
            ItemKind::Builtin(signature) => {
                let wheres = signature.wheres.iter().map(types::condition).collect::<Vec<_>>().join(", ");
                let wheres = if wheres.is_empty() { wheres } else { format!(" where {wheres}") };
                self.line(format_args!("builtin fn {}{wheres}", header(signature)));
            }
            ItemKind::Dataset(dataset) => {
                self.braces(format!("dataset {}: {}", dataset.name.text, types::ty(&dataset.task)), |out| {
                    let entries =
                        [("file", &dataset.file), ("sha256", &dataset.sha256), ("revision", &dataset.revision)];
                    for (word, value) in entries {
                        if let Some(value) = value {
                            out.line(format_args!("{word} {}", expr::quoted(&value.text)));
                        }
                    }
                    if let Some(license) = &dataset.license {
                        out.line(format_args!("license {}", license.text));
                    }
                });
            }
            ItemKind::Model(model) => self.model(model),
            ItemKind::Slot(slot) => {
                self.braces(format!("slot {}: {}", slot.name.text, types::ty(&slot.task)), |out| {
                    slot.requires.iter().for_each(|r| out.line(format_args!("require {}", types::requirement(r))));
                    slot.objective.iter().for_each(|o| out.line(types::objective(o)));
                    slot.at_request.iter().for_each(|choice| out.line(types::at_request(choice)));
                });
            }
            ItemKind::Const { name, ty, value } => {
                let ty = ty.as_ref().map(|ty| format!(": {}", types::ty(ty))).unwrap_or_default();
                self.value(&format!("const {}{ty} = ", name.text), value);
            }
            ItemKind::Fn(function) => {
                self.block_after(&format!("fn {}", header(&function.signature)), &function.body);
            }
            ItemKind::Deploy(deploy) => self.braces(format!("deploy {}", deploy.function.text), |out| {
                deploy.settings.iter().for_each(|s| out.line(types::setting(s)));
                deploy.budgets.iter().for_each(|b| out.line(format_args!("budget {}", types::requirement(b))));
                deploy.objective.iter().for_each(|o| out.line(types::objective(o)));
            }),
            ItemKind::Test { name, body } => self.block_after(&format!("test {}", expr::quoted(&name.text)), body),
            ItemKind::Broken { name } => {
                let name = name.as_ref().map(|name| name.text.as_str()).unwrap_or("without a name");
                self.line(format_args!("// broken: {name}"));
            }
        }
    }

    fn field(&mut self, field: &Field) {
        self.docs(&field.docs);
        self.line(format_args!("{}: {}", field.name.text, types::ty(&field.ty)));
    }

    fn task(&mut self, task: &Task) {
        self.braces(format!("task {}", header(&task.signature)), |out| {
            if let Some(hub) = &task.hub {
                out.line(format_args!("hub {}", expr::quoted(&hub.text)));
            }
            if let Some(truth) = &task.truth {
                out.line(format_args!("truth {}", types::ty(truth)));
            }
            for metric in &task.metrics {
                out.docs(&metric.docs);
                let (unit, direction) = (types::terms(&metric.unit.terms), types::direction(metric.direction));
                out.value(&format!("metric {}: {unit}, {direction} = ", metric.name.text), &metric.value);
            }
        });
    }

    fn model(&mut self, model: &Model) {
        self.braces(format!("model {}: {}", model.name.text, types::ty(&model.task)), |out| {
            if let Some(net) = &model.net {
                let sha256 = net.sha256.as_ref().map(|s| format!(" sha256 {}", expr::quoted(&s.text)));
                let (file, sha256) = (expr::quoted(&net.file.text), sha256.unwrap_or_default());
                out.line(format_args!("net {file}{sha256} {} -> {}", ports(&net.inputs), ports(&net.outputs)));
            }
            if let Some(classes) = &model.classes {
                out.line(format_args!("classes {}", labels(classes)));
            }
            if let Some(license) = &model.license {
                out.line(format_args!("license {}", license.text));
            }
            if let Some(origin) = &model.origin {
                out.line(format_args!("origin {}", expr::quoted(&origin.text)));
            }
            for claim in &model.claims {
                let samples = claim.samples.map(|n| format!(" (n {n})")).unwrap_or_default();
                let (metric, value) = (types::trait_ref(&claim.metric), types::quantity(&claim.value));
                out.line(format_args!("claim {metric} = {value}{samples}"));
            }
            if let Some(adapt) = &model.adapt {
                out.block_after("adapt", adapt);
            }
        });
    }
}

fn labels(source: &LabelSource) -> String {
    match source {
        LabelSource::Inline(labels) => labels.iter().map(|l| expr::quoted(&l.text)).collect::<Vec<_>>().join(", "),
        LabelSource::File(file) => format!("file({})", expr::quoted(&file.text)),
    }
}

fn ports(ports: &[Port]) -> String {
    let ports = ports.iter().map(|port| {
        let onnx = port.onnx.as_ref().map(|onnx| format!(" {}", expr::quoted(&onnx.text))).unwrap_or_default();
        format!("{}{onnx}: {}", port.name.text, types::ty(&port.ty))
    });
    format!("({})", ports.collect::<Vec<_>>().join(", "))
}

fn header(signature: &Signature) -> String {
    let params = signature.params.iter().map(|param| {
        let default = param.default.as_ref().map(|value| format!(" = {}", expr::inline(value))).unwrap_or_default();
        format!("{}: {}{default}", param.name.text, types::param(&param.kind))
    });
    let params = params.collect::<Vec<_>>().join(", ");
    let generics = types::generics(&signature.generics);
    format!("{}{generics}({params}) -> {}", signature.name.text, types::ty(&signature.result))
}
