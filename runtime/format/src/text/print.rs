//! Prints a program in the text form.

use super::lex::is_plain;
use super::literal;
use crate::buffers;
use crate::ir::{Attr, Block, Function, Inst, Kind, Program, ValueId};
use crate::types::{Dim, Type};
use std::fmt::{Display, Formatter, Write};

/// A text in double quotes with the escapes of JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A name as it stands after `@` and in record types: bare where possible.
fn name(name: &str) -> String {
    if is_plain(name) { name.to_string() } else { quoted(name) }
}

/// The items with `, ` between them.
pub(super) fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

impl Display for Dim {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Dim::Is(n) => write!(f, "{n}"),
            Dim::UpTo(n) => write!(f, "<= {n}"),
            Dim::Any => write!(f, "_"),
        }
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Text => write!(f, "text"),
            Type::Bytes => write!(f, "bytes"),
            Type::Image => write!(f, "image"),
            Type::Audio => write!(f, "audio"),
            Type::Label(set) => write!(f, "label<{set}>"),
            Type::Ranking(set) => write!(f, "ranking<{set}>"),
            Type::Option(inner) => write!(f, "option<{inner}>"),
            Type::Result(inner) => write!(f, "result<{inner}>"),
            Type::List(element, bound) => write!(f, "list<{element}, {bound}>"),
            Type::Record(fields) => {
                let fields = fields.iter().map(|(field, ty)| format!("{}: {ty}", name(field)));
                write!(f, "{{{}}}", listed(fields))
            }
            Type::Tensor(dtype, dims) if dims.is_empty() => write!(f, "{}", dtype.name()),
            Type::Tensor(dtype, dims) => write!(f, "{}[{}]", dtype.name(), listed(dims)),
        }
    }
}

impl Display for Attr {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Attr::Int(n) => write!(f, "{n}"),
            Attr::Float(x) => write!(f, "{}", literal::f64_text(*x)),
            Attr::Text(text) => write!(f, "{}", quoted(text)),
            Attr::Ints(list) => write!(f, "[{}]", listed(list)),
            Attr::Asset(id) => write!(f, "asset {id}"),
            Attr::Classes(order) => write!(f, "classes[{}]", listed(order)),
        }
    }
}

/// The text form of a whole program. The buffers of each function stand in comments.
pub fn print(program: &Program) -> String {
    let mut out = Printer { program, out: String::new() };
    out.program();
    out.out
}

/// One instruction on one line, without the blocks inside; for messages.
pub fn instruction(program: &Program, function: &Function, inst: &Inst) -> String {
    let mut out = Printer { program, out: String::new() };
    out.head(function, inst);
    out.out
}

struct Printer<'a> {
    program: &'a Program,
    out: String,
}

fn values(ids: &[ValueId]) -> String {
    listed(ids.iter().map(|id| format!("%{id}")))
}

fn typed(function: &Function, id: ValueId) -> String {
    match function.type_of(id) {
        Some(ty) => format!("%{id}: {ty}"),
        None => format!("%{id}: ?"),
    }
}

impl Printer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn program(&mut self) {
        let program = self.program;
        for (i, labels) in program.labels.iter().enumerate() {
            self.line(&format!("labels {i} = [{}]", listed(labels.iter().map(|l| quoted(l)))));
        }
        for (i, asset) in program.assets.iter().enumerate() {
            self.line(&format!("asset {i} = {} sha256 {}", quoted(&asset.name), quoted(&asset.sha256)));
        }
        for (i, model) in program.models.iter().enumerate() {
            let ports =
                |ports: &[(String, Type)]| listed(ports.iter().map(|(name, ty)| format!("{}: {ty}", quoted(name))));
            let (inputs, outputs) = (ports(&model.inputs), ports(&model.outputs));
            let (name, sha256) = (quoted(&model.name), quoted(&model.sha256));
            self.line(&format!("model {i} = {name} sha256 {sha256} ({inputs}) -> ({outputs})"));
        }
        for (i, constant) in program.constants.iter().enumerate() {
            let value = literal::print(&constant.value);
            self.line(&format!("const {i} = {}: {} = {value}", quoted(&constant.name), constant.ty));
        }
        for (i, decision) in program.decisions.iter().enumerate() {
            let terms = listed(decision.terms.iter().map(|term| quoted(term)));
            let numbers = |list: &[f64]| listed(list.iter().map(|x| literal::f64_text(*x)));
            let options = decision.options.iter().map(|o| format!("{} [{}]", quoted(&o.card), numbers(&o.values)));
            let (slot, options, breaks) = (quoted(&decision.slot), listed(options), numbers(&decision.breaks));
            self.line(&format!("decision {i} = {slot} ({terms}) [{options}] breaks [{breaks}]"));
        }
        for function in &program.functions {
            self.function(function);
        }
        for entry in &program.entries {
            let params = listed(entry.params.iter().map(|p| format!("{}: {}", quoted(&p.name), p.ty)));
            let callee = self.callee(entry.function);
            let docs = if entry.docs.is_empty() { String::new() } else { format!(" {}", quoted(&entry.docs)) };
            self.line(&format!("\nentry {} = {callee}({params}) -> {}{docs}", quoted(&entry.name), entry.result));
        }
    }

    fn callee(&self, function: u32) -> String {
        match self.program.functions.get(function as usize) {
            Some(function) => format!("@{}", name(&function.name)),
            None => format!("@?{function}"),
        }
    }

    fn function(&mut self, function: &Function) {
        let params = listed(function.body.params.iter().map(|id| typed(function, *id)));
        self.line(&format!("\nfunc @{}({params}) -> {} {{", name(&function.name), function.result));
        for (i, buffer) in buffers::plan(function).buffers.iter().enumerate() {
            self.line(&format!("  ; buffer {i}: {} bytes: {}", buffer.bytes, values(&buffer.values)));
        }
        self.block(function, &function.body, 1);
        self.line("}");
    }

    /// The lines inside the braces.
    fn block(&mut self, function: &Function, block: &Block, depth: usize) {
        for inst in &block.insts {
            self.indent(depth);
            self.head(function, inst);
            self.blocks(function, inst, depth);
            if let Some(note) = self.note(&inst.kind) {
                let _ = write!(self.out, "  ; {note}");
            }
            self.out.push('\n');
        }
        self.indent(depth);
        self.line(format!("yield {}", values(&block.yields)).trim_end());
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    /// The name behind a number.
    fn note(&self, kind: &Kind) -> Option<String> {
        let name = match kind {
            Kind::Const(id) => &self.program.constants.get(*id as usize)?.name,
            Kind::Infer { model, .. } => &self.program.models.get(*model as usize)?.name,
            Kind::Dispatch { decision, .. } => &self.program.decisions.get(*decision as usize)?.slot,
            _ => return None,
        };
        Some(name.replace(char::is_control, " "))
    }

    fn head(&mut self, function: &Function, inst: &Inst) {
        let kind = match &inst.kind {
            Kind::Literal(value) => format!("literal {}", literal::print(value)),
            Kind::Const(id) => format!("const {id}"),
            Kind::Op { op, attrs, args } => {
                let attrs = if attrs.is_empty() { String::new() } else { format!("[{}]", listed(attrs)) };
                format!("{}{attrs}({})", op.name(), values(args))
            }
            Kind::Call { function, args } => format!("call {}({})", self.callee(*function), values(args)),
            Kind::Infer { model, args } => format!("infer {model}({})", values(args)),
            Kind::Dispatch { decision, functions, args } => {
                let functions = listed(functions.iter().map(|function| self.callee(*function)));
                format!("dispatch {decision} [{functions}]({})", values(args))
            }
            Kind::Record(parts) => format!("record({})", values(parts)),
            Kind::List(parts) => format!("list({})", values(parts)),
            Kind::Field { record, index } => format!("field %{record} {index}"),
            Kind::Some(value) => format!("some %{value}"),
            Kind::None => "none".to_string(),
            Kind::Ok(value) => format!("ok %{value}"),
            Kind::Err(value) => format!("err %{value}"),
            Kind::If { condition, .. } => format!("if %{condition}"),
            Kind::Match { subject, .. } => format!("match %{subject}"),
            Kind::For { list, .. } => format!("for %{list}"),
            Kind::Scan { list, init, .. } => format!("scan %{list} init({})", values(init)),
        };
        let _ = write!(self.out, "{} = {kind}", typed(function, inst.result));
    }

    fn blocks(&mut self, function: &Function, inst: &Inst, depth: usize) {
        let names: &[&str] = match &inst.kind {
            Kind::If { .. } => &["", "else"],
            Kind::Match { .. } => &["present", "absent"],
            Kind::For { filter: Some(_), .. } => &["where", "do"],
            Kind::For { .. } | Kind::Scan { .. } => &["do"],
            _ => return,
        };
        for (name, block) in names.iter().zip(inst.kind.blocks()) {
            let space = if name.is_empty() { "" } else { " " };
            let _ = write!(self.out, "{space}{name}");
            if !block.params.is_empty() {
                let params = block.params.iter().map(|id| typed(function, *id));
                let _ = write!(self.out, "({})", listed(params));
            }
            self.out.push_str(" {\n");
            self.block(function, block, depth + 1);
            self.indent(depth);
            self.out.push('}');
        }
    }
}
